// A hundred thousand events go into one file while the till goes on selling: memory stays flat, and the counters are those of the cut.

import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createGunzip } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { uuidv7 } from '../../db/uuid.ts';
import { cutUpFile, upFilePath } from '../../db/up-files.ts';
import { aKiosk } from '../support/book.ts';
import { openDay } from '../support/closing.ts';
import { sell, today } from '../support/sell.ts';

const events = 100_000;
/** The file has some seventy megabytes: an eighth of it, kept, would not fit. What is kept moves by one. */
const growthMaxBytes = 8 * 1024 * 1024;
/** One is a collection of the whole heap; some twenty of them. */
const breathsPerSample = 25;

test('a hundred thousand events are cut in flat memory while sales are made', async () => {
  const { book, home } = await aKiosk(onTestFinished);
  openDay(book, today);
  book.transact(({ append }) => {
    for (let n = 0; n < events; n += 1)
      append({ kind: 'NO_SALE', body: { reason: 'change' }, id: uuidv7(book.clock.wallMs()), day: today, op: 'op1', command: { n } });
  });
  const toSeq = book.head().seq;
  // What is not collected yet says how busy the machine is, and not what the cut keeps.
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void; // there since the line above
  const kept = (): number => {
    collect();
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };
  const samples: number[] = [];
  let breaths = 0;
  const idle = async (): Promise<void> => {
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    breaths += 1;
    if (breaths % 50 === 0) sell(book);
    if (breaths % breathsPerSample === 0) samples.push(kept());
  };
  const file = await cutUpFile(book, home, { software: 'test', idle });
  expect(file).toMatchObject({ fromSeq: 1, toSeq });
  expect(book.head().seq).toBeGreaterThan(toSeq);
  expect(samples.length).toBeGreaterThan(10);
  expect(Math.max(...samples) - Math.min(...samples)).toBeLessThan(growthMaxBytes);
  let lines = 0;
  for await (const _ of createInterface({ input: createReadStream(upFilePath(home, file!, 'jsonl.gz')).pipe(createGunzip()) })) lines += 1;
  expect(lines).toBe(2 + 2 * toSeq);
});
