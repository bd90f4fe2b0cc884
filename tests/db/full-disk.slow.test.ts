// A county's file on a real file system of 32 MB that fills: refused in a word, the book as it was, applied when there is room.

import { readFileSync, rmSync, statSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { points } from '../../db/model/amounts.ts';
import type { DownLine } from '../../db/model/down-file.ts';
import { dump } from '../support/book.ts';
import { apply, enrol, handClock, header, makeKiosk, resident, temporary, writeDown } from '../support/county.ts';
import { smallDisk } from '../support/small-disk.ts';
import { verdictOn } from '../support/verify.ts';

/** Takes all room but so much. */
function fill(path: string, leftBytes: number): void {
  const { bavail, bsize } = statfsSync(join(path, '..'));
  writeFileSync(path, Buffer.alloc(Math.max(0, Math.floor(bavail * bsize - leftBytes))));
}

/** Residents and their points: some megabytes, in the file and in the book. */
const lines: readonly DownLine[] = Array.from({ length: 12_000 }, (_, i): readonly DownLine[] => [
  { t: 'RESIDENT', resident: resident(String(1_000 + i), { name: '格桑卓玛'.repeat(5), village: '白日社区'.repeat(6) }) },
  { t: 'GRANT', a: `a${1_000 + i}`, g: points(100) },
]).flat();

test.each<readonly [string, (packed: number, unpacked: number) => number]>([
  ['to be copied', (packed) => packed / 2],
  ['to be unpacked', (packed, unpacked) => packed + unpacked / 2],
  ['in the book, once it was copied and unpacked', (packed, unpacked) => packed + unpacked + 500_000],
])('no room for it %s', async (_when, leftBytes) => {
  const disk = smallDisk(32);
  const directory = join(disk, 'home');
  const { home, book } = makeKiosk(directory, handClock());
  onTestFinished(async () => book.close());
  const sha256 = await enrol(home, book);
  const elsewhere = temporary(onTestFinished);
  const { path } = await writeDown(elsewhere, header(2, sha256), lines);
  const before = { rows: dump(book.db), head: book.head() };
  fill(join(disk, 'filler'), leftBytes(statSync(path).size, gunzipSync(readFileSync(path)).length));
  expect(await apply(home, book, path)).toMatchObject({ kind: 'refused', code: 'disk_full' });
  expect({ rows: dump(book.db), head: book.head() }).toEqual(before);
  rmSync(join(disk, 'filler'));
  expect(await apply(home, book, path)).toEqual({ kind: 'applied', downSeq: 2 });
  book.close();
  expect(await verdictOn(directory)).toEqual({ kind: 'true' });
});
