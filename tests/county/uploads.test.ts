// Uploads that are not whole yet: they go on where they broke off, or begin anew.

import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { expect, onTestFinished, test } from 'vitest';
import { dropLeftParts } from '../../county/serve/left-parts.ts';
import { uploadsIn } from '../../county/server/uploads.ts';
import { temporary } from '../support/county.ts';

const name = { kiosk: 'qj-03', inc: 1, fileSeq: 2 };
const body = (text: string): Readable => Readable.from([Buffer.from(text)]);

test('an upload goes on where it broke off; one that begins anew has nothing of what was there', async () => {
  const uploads = uploadsIn(temporary(onTestFinished));
  expect(await uploads.take(name, { from: 0, total: 10 }, body('01234567'))).toEqual({ ok: true, value: 8 });
  expect(await uploads.take(name, { from: 5, total: 10 }, body('56789'))).toEqual({ ok: false, code: 'other_offset' });
  expect(await uploads.take(name, { from: 8, total: 10 }, body('89'))).toEqual({ ok: true, value: 10 });
  expect(await uploads.take(name, { from: 0, total: 3 }, body('abc'))).toEqual({ ok: true, value: 3 });
  await uploads.keepCheckpoint(name, 'checkpoint');
  expect(readFileSync(uploads.whole(name)!.data, 'utf8')).toBe('abc');
});

test('bytes of strangers keep no kiosk out, and what has no data is not kept', async () => {
  const directory = temporary(onTestFinished);
  const uploads = uploadsIn(directory);
  expect(await uploads.keepCheckpoint(name, 'of no data')).toBe(false);
  for (let fileSeq = 100; fileSeq < 110; fileSeq += 1) {
    expect(await uploads.take({ ...name, fileSeq }, { from: 0, total: 10 }, body('junk'))).toEqual({ ok: true, value: 4 });
    expect(await uploads.keepCheckpoint({ ...name, fileSeq }, 'junk')).toBe(true);
  }
  expect(await uploads.take(name, { from: 0, total: 3 }, body('abc'))).toEqual({ ok: true, value: 3 });
  expect(readdirSync(directory)).toHaveLength(8 + 7); // the newest eight; the last has no checkpoint yet
});

test('parts that a killed server left are removed once nobody can be writing them; whole files, and what can be gone on with, stay', async () => {
  const directory = temporary(onTestFinished);
  const folder = join(directory, 'files', 'qj-03', '1');
  mkdirSync(folder, { recursive: true });
  const whole = `00000002-${'A'.repeat(43)}.jsonl.gz`;
  const [left, fresh] = [`${whole}.${randomUUID()}.part`, `${whole.replace('.jsonl.gz', '.note')}.${randomUUID()}.part`];
  const others = [whole, fresh, 'of-somebody-else.part'];
  for (const each of [left, ...others]) writeFileSync(join(folder, each), 'x');
  const uploads = uploadsIn(join(directory, 'incoming'));
  await uploads.take(name, { from: 0, total: 10 }, body('01234567'));
  const hourAgo = Date.now() / 1000 - 3_601;
  for (const each of [whole, left, 'of-somebody-else.part']) utimesSync(join(folder, each), hourAgo, hourAgo);
  expect(await dropLeftParts(join(directory, 'files'), Date.now())).toBe(1);
  expect(readdirSync(folder).toSorted()).toEqual(others.toSorted());
  expect(uploadsIn(join(directory, 'incoming')).offset(name)).toBe(8); // a restart goes on with it
});
