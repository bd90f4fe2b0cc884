// Files that are read ahead of their posting: how much of them lies in memory, and who waits.

import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { once } from 'node:events';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, onTestFinished, test } from 'vitest';
import { TooManyWaiting } from '../../county/book/turns.ts';
import { type UpAhead, readUpAhead } from '../../county/book/up-ahead.ts';
import { canonical } from '../../db/model/canonical.ts';
import { upLineBytesMax } from '../../db/model/up-file.ts';
import { temporary } from '../support/county.ts';

const hash = 'A'.repeat(43);
const key = Buffer.alloc(32, 1).toString('base64url');
const mebibyte = 1024 * 1024;

/** A file of so many events whose lines are as long as a line may be; its signatures are of the form and no more. */
async function aFileOfLongLines(events: number): Promise<string> {
  const path = join(temporary(onTestFinished), 'long.jsonl');
  const file = createWriteStream(path);
  const header = {
    t: 'H', fmt: 'civicpos-up-v1', county: '540525', store: 'baire', kiosk: 'qj-03', kioskKey: hash, inc: 1, fileSeq: 2, prevFileSha: hash,
    fromSeq: 10, toSeq: 9 + events, prevLeaf: hash, appliedDownSeq: 0, countyRoot: null, software: 'test', cutAt: 1,
  }; // prettier-ignore
  const pad = 'x'.repeat(upLineBytesMax - 1_000);
  file.write(`${canonical(header)}\n`);
  for (let i = 0; i < events; i += 1) {
    const event = {
      v: 1, county: '540525', store: 'baire', kiosk: 'qj-03', inc: 1, seq: 10 + i, id: `e${i}`, day: '2026-11-21', at: 1, amt: 0, res: null,
      prev: hash, kind: 'REPRINTED', body: { pad },
    }; // prettier-ignore
    file.write(`${canonical(event)}\n"${'A'.repeat(86)}"\n`);
  }
  file.end();
  await once(file, 'finish');
  return path;
}

/**
 * MiB of heap and of buffers that are in use, once what is garbage was given back: of buffers that is done on another thread, some time after
 * the collection. Right after it 67 and, on a starved machine, 105 were counted where 36 are held.
 */
async function heldMiB(): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  let least = Number.POSITIVE_INFINITY;
  for (let same = 0; same < 3;) {
    collect();
    await setTimeout(10);
    const { heapUsed, external } = process.memoryUsage();
    const now = (heapUsed + external) / mebibyte;
    same = now < least - 1 ? 0 : same + 1;
    least = Math.min(least, now);
  }
  return least;
}

/** Settled, after everybody who can has begun. */
async function begun(files: readonly Promise<UpAhead>[]): Promise<number> {
  let count = 0;
  for (const file of files) void file.then(() => (count += 1));
  for (let turn = 0; turn < 10; turn += 1) await setImmediate();
  return count;
}

test('however many files of the longest lines wait, a few MB of some of them lie in memory', async () => {
  const path = await aFileOfLongLines(20);
  const before = await heldMiB();
  const kiosks = Array.from({ length: 12 }, (_, i) => `qj-${i}`);
  const files = kiosks.map((kiosk) => readUpAhead(path, { kiosk, key }));
  expect(await begun(files)).toBe(4);
  // what is held stays held, so that the least of all readings is it; all of them: 240 and more
  await expect.poll(async () => (await heldMiB()) - before).toBeLessThan(60);
  for (const file of files) {
    const ahead = await file;
    expect(ahead.header().toSeq).toBe(29);
    ahead.close();
  }
});

test('a part is some MB, and between two of them others have their turn', async () => {
  const ahead = await readUpAhead(await aFileOfLongLines(12), { kiosk: 'qj-03', key });
  let turns = 0;
  const count = (): void => {
    turns += 1;
    timer = globalThis.setImmediate(count);
  };
  let timer = globalThis.setImmediate(count);
  const parts: (readonly [events: number, turned: boolean])[] = [];
  for (;;) {
    const turnsBefore = turns;
    const part = await ahead.next();
    if (part.length === 0) break;
    parts.push([part.length, turns > turnsBefore]);
  }
  clearImmediate(timer);
  ahead.close();
  expect(parts).toEqual([[5, true], [5, true], [2, true]]); // prettier-ignore
});

test('one file of a kiosk is read at a time, those behind it keep no other kiosk out, and so many may wait', async () => {
  const path = await aFileOfLongLines(1);
  const own = Array.from({ length: 9 }, () => readUpAhead(path, { kiosk: 'qj-03', key }));
  const other = readUpAhead(path, { kiosk: 'qj-04', key });
  expect([await begun(own), await begun([other])]).toEqual([1, 1]);
  await expect(readUpAhead(path, { kiosk: 'qj-03', key })).rejects.toThrow(TooManyWaiting);
  (await other).close();
  for (const [i, file] of own.entries()) {
    (await file).close();
    expect(await begun(own)).toBe(Math.min(i + 2, 9));
  }
});

test('a file that is not there leaves its place', async () => {
  await expect(readUpAhead(join(temporary(onTestFinished), 'none'), { kiosk: 'qj-03', key })).rejects.toThrow('ENOENT');
  const ahead = await readUpAhead(await aFileOfLongLines(1), { kiosk: 'qj-03', key });
  ahead.close();
});
