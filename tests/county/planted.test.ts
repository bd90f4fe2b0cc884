// What a thief sent ahead under a key that the kiosk gave up since: it takes no number from the kiosk, and keeps it from nothing.

import { createHash } from 'node:crypto';
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import type { CountyBook } from '../../county/book/county-book.ts';
import { openExceptions } from '../../county/book/exceptions.ts';
import { takeIn } from '../../county/book/intake.ts';
import { checkBook } from '../../county/book/invariants.ts';
import { enterPutBack, unheardKiosks } from '../../county/book/put-back.ts';
import { takeAck } from '../../db/acks.ts';
import type { Book } from '../../db/book.ts';
import { type Home, readHome, readSigners } from '../../db/home.ts';
import { ownKeyInForce, rotateOwnKey } from '../../db/kiosk-keys.ts';
import { checkpointOrigin, checkpointText, fileNoteText, signNote } from '../../db/model/note.ts';
import { openRestored } from '../../db/open-book.ts';
import { prepared } from '../../db/sqlite.ts';
import { unpostedUpFiles } from '../../db/up-files.ts';
import { withSignIns } from '../support/at-work.ts';
import { ackOf, aPair, cut, uploadOf } from '../support/county-book.ts';
import { temporary } from '../support/county.ts';
import { sell } from '../support/sell.ts';

/** A kiosk whose first file is posted, and a copy of its computer. */
async function robbed() {
  const { county, kiosk } = await aPair(onTestFinished);
  const { home, clock } = kiosk;
  const book = withSignIns(kiosk.book);
  sell(book, { resident: '1', goods: [['1', 2]], chosenPoints: 10_000 });
  await cut(home, book);
  expect(await send(county, home, book)).toEqual(['1/1 ACCEPTED']);
  const directory = join(temporary(onTestFinished), 'stolen');
  cpSync(home.directory, directory, { recursive: true });
  const stolen = readHome(directory);
  if (!stolen.ok) throw new Error(stolen.detail);
  return { county, home, book, clock, stolen: stolen.home, key: ownKeyInForce(book.db) };
}

/** Sends what waits, takes the answers, and says what they were. */
async function send(county: CountyBook, home: Home, book: Book): Promise<readonly string[]> {
  const verdicts: string[] = [];
  for (const file of unpostedUpFiles(book.db, 10)) {
    const { verdict, note } = await takeIn(county, uploadOf(home, file));
    verdicts.push(`${file.inc}/${file.fileSeq} ${verdict}`);
    takeAck(book, home, file, note);
  }
  return verdicts;
}

/** Sends the bytes of file 1/1 as another file: one that must wait is not read. */
async function plant(county: CountyBook, home: Home, of: { readonly inc: number; readonly fileSeq: number; readonly key: string }) {
  const { inc, fileSeq } = of;
  const { data } = uploadOf(home, { inc: 1, fileSeq: 1 });
  const { privateKey } = readSigners(home).get(of.key)!;
  const name = checkpointOrigin({ county: '540525', kiosk: 'qj-03', inc });
  const sha256 = createHash('sha256')
    .update(gunzipSync(readFileSync(data)))
    .update(fileSeq === 1 ? 'x' : '')
    .digest('base64url');
  const text = fileNoteText({ direction: 'up', county: '540525', kiosk: 'qj-03', inc, fileSeq, sha256, prevFileSha: '' });
  const checkpoint = signNote(checkpointText(name, { size: 1, root: 'A'.repeat(43) }), { name, privateKey });
  const taken = await takeIn(county, { kiosk: 'qj-03', inc, fileSeq, data, note: signNote(text, { name, privateKey }), checkpoint });
  return ackOf(taken.note).verdict;
}

function rotate(book: Book, home: Home): void {
  const done = rotateOwnKey(book, home, 'hand');
  if (!done.ok) throw new Error(done.code);
}

async function sale(home: Home, book: Book): Promise<void> {
  sell(book, { resident: '2', goods: [['1', 1]] });
  await cut(home, book);
}

const answersTo = (county: CountyBook, inc: number, fileSeq: number) =>
  county.read((db) =>
    prepared<[number, number], { key: string; verdict: string }>(
      db,
      'SELECT key, verdict FROM up_file JOIN answer USING (kiosk, inc, file_seq, sha256) WHERE inc = ? AND file_seq = ? ORDER BY answer.number',
    ).all(inc, fileSeq),
  );

test('what waits under the old key is refused when its turn comes, and the kiosk’s own file of that number is posted', async () => {
  const { county, home, book, stolen, key } = await robbed();
  for (const fileSeq of [3, 4, 9]) expect(await plant(county, stolen, { inc: 1, fileSeq, key })).toBe('GAP');
  rotate(book, home);
  await cut(home, book);
  await sale(home, book);
  await sale(home, book);
  expect(await send(county, home, book)).toEqual(['1/2 ACCEPTED', '1/3 ACCEPTED', '1/4 ACCEPTED']);
  for (const fileSeq of [3, 4])
    expect(await answersTo(county, 1, fileSeq)).toEqual([
      { key, verdict: 'GAP' },
      { key, verdict: 'REJECTED' },
      { key: ownKeyInForce(book.db), verdict: 'ACCEPTED' },
    ]);
  expect((await county.read(openExceptions)).map(({ code }) => code)).toEqual(['other_key']);
  // what still lies far ahead of it keeps no file of the county from it
  await county.transact((act) => enterPutBack(act, 'a copy'));
  expect(await county.read(unheardKiosks)).toEqual(['qj-03']);
  await sale(home, book);
  expect(await send(county, home, book)).toEqual(['1/5 ACCEPTED']);
  expect(await county.read(unheardKiosks)).toEqual([]);
  expect((await checkBook(county, 'whole')).filter(({ place }) => place !== null)).toEqual([]);
});

test('a kiosk that was put back past incarnations in which a thief’s files wait goes on in its own', async () => {
  const { county, home, book, clock, stolen, key } = await robbed();
  for (const inc of [2, 3]) expect(await plant(county, stolen, { inc, fileSeq: 2, key })).toBe('GAP');
  rotate(book, home);
  await cut(home, book);
  expect(await send(county, home, book)).toEqual(['1/2 ACCEPTED']);
  book.close();
  const put = openRestored(home, clock, 'x'.repeat(43), 2);
  if (!put.ok) throw new Error(put.detail);
  onTestFinished(() => put.book.close());
  await cut(home, put.book);
  await sale(home, withSignIns(put.book));
  expect(await send(county, home, put.book)).toEqual(['3/1 ACCEPTED', '3/2 ACCEPTED']);
  expect((await checkBook(county, 'whole')).filter(({ place }) => place !== null)).toEqual([]);
});

test('two contents of one key are two histories, and so is a second one of what is posted under any', async () => {
  const { county, home, book, key } = await robbed();
  rotate(book, home);
  await cut(home, book);
  expect(await send(county, home, book)).toEqual(['1/2 ACCEPTED']);
  expect(await plant(county, home, { inc: 1, fileSeq: 2, key: ownKeyInForce(book.db) })).toBe('FORK');
  expect(await plant(county, home, { inc: 1, fileSeq: 5, key })).toBe('REJECTED');
  expect(await answersTo(county, 1, 5)).toEqual([]); // nothing of it is kept
});
