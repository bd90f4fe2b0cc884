// A gzip bomb: one megabyte that unpacks to more than a gigabyte is stopped at the limit and leaves nothing behind.

import { createWriteStream, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { notePathOf } from '../../db/down.ts';
import { downFileBytesMax } from '../../db/model/down-file.ts';
import { fileNoteText, signNote } from '../../db/model/note.ts';
import { aKiosk, dump } from '../support/book.ts';
import { apply, countyName, fileKey, shop } from '../support/county.ts';

test('a file that unpacks beyond the limit is refused as oversized, and its gigabyte is gone again', async () => {
  const kiosk = await aKiosk(onTestFinished);
  const path = join(kiosk.directory, '00000002.jsonl.gz');
  const zeros = Buffer.alloc(64 * 1024 * 1024);
  const content = Readable.from(Array.from({ length: downFileBytesMax / zeros.length + 1 }, () => zeros));
  await pipeline(content, createGzip(), createWriteStream(path));
  expect(statSync(path).size).toBeLessThan(2 * 1024 * 1024);
  const note = fileNoteText({
    direction: 'down',
    county: shop.county,
    kiosk: shop.kiosk,
    inc: 1,
    fileSeq: 2,
    sha256: 'A'.repeat(43),
    prevFileSha: kiosk.sha256,
  });
  writeFileSync(notePathOf(path), signNote(note, { name: countyName, privateKey: fileKey }));
  const before = dump(kiosk.book.db);
  expect(await apply(kiosk.home, kiosk.book, path)).toEqual({
    kind: 'refused',
    code: 'oversized',
    detail: `more than ${downFileBytesMax} bytes`,
  });
  expect(dump(kiosk.book.db)).toBe(before);
  expect(readdirSync(kiosk.home.down).toSorted()).toEqual(['00000001.jsonl.gz', '00000001.note']);
});
