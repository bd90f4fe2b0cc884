// What is not posted, or posted with an exception: the other rows of reconciliation.md R4's table, and tampers refused by place (T6).

import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { hash, sign } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import { openExceptions, answerException } from '../../county/book/exceptions.ts';
import { type Upload, takeIn } from '../../county/book/intake.ts';
import type { CountyBook } from '../../county/book/county-book.ts';
import { layOutForOutsiders } from '../../county/outsiders-folder.ts';
import { checkFiles } from '../../db/check-files.ts';
import { type Home, readHome, readSigner } from '../../db/home.ts';
import { checkpointOrigin, fileNoteText, signNote } from '../../db/model/note.ts';
import { verdictsOn } from '../outsider/both.ts';
import { aCounty, aPair, ackOf, cut, dumpCounty, introduce, uploadOf } from '../support/county-book.ts';
import { reopened } from '../support/book.ts';
import { openDay } from '../support/closing.ts';
import { sell, today } from '../support/sell.ts';

/** A pair whose kiosk has cut `count` files, a sale in each. */
async function withFiles(
  count: number,
): Promise<{ readonly county: CountyBook; readonly home: Home; readonly uploads: readonly Upload[] }> {
  const { county, kiosk } = await aPair(onTestFinished);
  const { home, book } = kiosk;
  openDay(book, today);
  const uploads: Upload[] = [];
  for (let i = 0; i < count; i += 1) {
    sell(book, { resident: '1', goods: [['2', 1]], chosenPoints: 1_000 });
    uploads.push(uploadOf(home, await cut(home, book)));
  }
  return { county, home, uploads };
}

/** The same file with other content, signed again by the kiosk itself where `resign`. */
function changed(home: Home, upload: Upload, change: (text: string) => string, resign = true): Upload {
  const text = change(gunzipSync(readFileSync(upload.data)).toString('utf8'));
  const data = join(mkdtempSync(join(tmpdir(), 'jifen-changed-')), 'data.gz');
  writeFileSync(data, gzipSync(text));
  if (!resign) return { ...upload, data };
  const { kiosk, inc, fileSeq } = upload;
  const header = JSON.parse(text.slice(0, text.indexOf('\n'))) as { readonly prevFileSha: string };
  const sha256 = hash('sha256', text, 'base64url');
  const name = checkpointOrigin({ county: '540525', kiosk, inc });
  const note = signNote(fileNoteText({ direction: 'up', county: '540525', kiosk, inc, fileSeq, sha256, prevFileSha: header.prevFileSha }), {
    name,
    privateKey: readSigner(home)!.privateKey,
  });
  return { ...upload, data, note };
}

async function verdictOf(county: CountyBook, upload: Upload): Promise<readonly [verdict: string, detail: string, want: number | null]> {
  const { verdict, note } = await takeIn(county, upload);
  const ack = ackOf(note);
  return [verdict, ack.detail, ack.want];
}

test('a file that comes again gets the first answer’s bytes, and nothing is posted twice', async () => {
  const { county, uploads } = await withFiles(1);
  const first = await takeIn(county, uploads[0]!);
  const before = await dumpCounty(county);
  expect(await takeIn(county, uploads[0]!)).toEqual({ verdict: 'DUPLICATE', note: first.note });
  expect(await dumpCounty(county)).toBe(before);
});

test('two uploads of one file at once: one is posted, the other is its duplicate', async () => {
  const { county, uploads } = await withFiles(1);
  const both = await Promise.all([takeIn(county, uploads[0]!), takeIn(county, uploads[0]!)]);
  expect(both.map(({ verdict }) => verdict).toSorted()).toEqual(['ACCEPTED', 'DUPLICATE']);
  expect(both[0].note).toBe(both[1].note);
});

test('files that come before a missing one wait, and are posted when it comes', async () => {
  const { county, uploads } = await withFiles(3);
  expect(await verdictOf(county, uploads[2]!)).toEqual(['GAP', 'file 1 must come first', 1]);
  expect(await verdictOf(county, uploads[1]!)).toEqual(['GAP', 'file 1 must come first', 1]);
  expect((await takeIn(county, uploads[0]!)).verdict).toBe('ACCEPTED');
  expect((await takeIn(county, uploads[2]!)).verdict).toBe('DUPLICATE');
  expect(await county.read((db) => db.prepare('SELECT file_seq FROM chain').pluck().all())).toEqual([3]);
});

test('of files that come too early 64 wait; one more is told the same, is not kept, and is taken when it comes again', async () => {
  const { county, home, uploads } = await withFiles(3);
  const kept = (): Promise<unknown> => county.read((db) => db.prepare('SELECT count(*) FROM up_file').pluck().get());
  const early: readonly [string, string, number] = ['GAP', 'file 1 must come first', 1];
  expect(await verdictOf(county, uploads[2]!)).toEqual(early);
  // a place in the order is all that is read of a file that comes too early; the fourth is missing, so that none of these is ever posted
  for (let fileSeq = 5; fileSeq < 5 + 63; fileSeq += 1)
    expect(
      await verdictOf(
        county,
        changed(home, { ...uploads[2]!, fileSeq }, (text) => text),
      ),
    ).toEqual(early);
  expect(await kept()).toBe(64);
  expect(await verdictOf(county, uploads[1]!)).toEqual(early);
  expect([await kept(), readdirSync(join(county.folder.files, 'qj-03', '1')).some((name) => name.startsWith('00000002'))]).toEqual([
    64,
    false,
  ]);
  const posted = (): Promise<unknown> => county.read((db) => db.prepare('SELECT file_seq FROM chain').pluck().all());
  expect([(await takeIn(county, uploads[0]!)).verdict, await posted()]).toEqual(['ACCEPTED', [1]]);
  expect([(await takeIn(county, uploads[1]!)).verdict, await posted()]).toEqual(['ACCEPTED', [3]]);
});

test('another content of a number is a fork: both are kept, and the kiosk waits for the committee', async () => {
  const { county, home, uploads } = await withFiles(2);
  await takeIn(county, uploads[0]!);
  const other = changed(home, uploads[0]!, (text) => text.replace('"software":"test"', '"software":"tset"'));
  expect(await verdictOf(county, other)).toEqual(['FORK', 'file 1 came with other content before', null]);
  expect(await verdictOf(county, uploads[1]!)).toEqual(['FORK', 'quarantined', null]);
  expect(await county.read((db) => db.prepare('SELECT count(*) FROM up_file').pluck().get())).toBe(3);
  const [fork] = await county.read(openExceptions);
  expect(fork).toMatchObject({ code: 'fork', owner: 'committee', fileSeq: 1 });
  expect(await answerException(county, { number: fork!.number, by: '监督委员会', text: '两台电脑' })).toEqual({ ok: true, value: null });
  expect((await takeIn(county, uploads[1]!)).verdict).toBe('ACCEPTED');
  const state = (): Promise<unknown> => county.read((db) => db.prepare('SELECT state FROM kiosk WHERE kiosk = ?').pluck().get('qj-03'));
  expect((await takeIn(county, other)).verdict).toBe('FORK'); // a late copy of what was answered for
  expect([await state(), await county.read(openExceptions)]).toEqual(['active', []]);
  const third = changed(home, uploads[0]!, (text) => text.replace('"software":"test"', '"software":"stet"'));
  expect((await takeIn(county, third)).verdict).toBe('FORK');
  expect([await state(), await county.read(openExceptions)]).toEqual([
    'quarantined',
    [expect.objectContaining({ code: 'fork', fileSeq: 1 })],
  ]);
  // an outsider is given every history of which the county has a file, and told what the county said
  const place = mkdtempSync(join(tmpdir(), 'jifen-refused-'));
  onTestFinished(() => rmSync(place, { recursive: true }));
  expect(await layOutForOutsiders(county, place)).toMatchObject({ ok: true });
  expect(await layOutForOutsiders(county, place)).toMatchObject({ ok: true, value: { added: 0 } });
  const refused = readdirSync(join(place, `civicpos/${county.code}/refused/qj-03/1`)).filter((name) => name.endsWith('.note'));
  expect(refused.map((name) => name.slice(0, 8)).toSorted()).toEqual(['00000001', '00000001', '00000002']);
  const lines: string[] = [];
  expect(await checkFiles(place, join(place, 'keys.json'), (line) => void lines.push(line))).toMatchObject({ kind: 'true' });
  const told = lines.filter((line) => line.startsWith('not checked  refused: '));
  expect(told.map((line) => line.replace(/^.*: the county says /, '')).toSorted()).toEqual([
    'FORK file 1 came with other content before',
    'FORK file 1 came with other content before',
    'FORK quarantined',
  ]);
  expect((await verdictsOn([place]))[0]!.python).toEqual({ kind: 'true', place: '' });
});

test('a change that the kiosk itself signs is refused by the line it is in, and posts nothing', async () => {
  const { county, home, uploads } = await withFiles(1);
  const [upload] = uploads;
  const lines = gunzipSync(readFileSync(upload!.data)).toString('utf8').split('\n');
  const lineOf = (found: (line: string) => boolean): number => lines.findIndex(found);
  const sale = lineOf((line) => line.includes('"kind":"SALE"'));
  const counter = lineOf((line) => line.startsWith('{"a"'));
  const trailer = lines.length - 2;
  const without = (n: number, count: number) => (text: string) => text.split('\n').toSpliced(n, count).join('\n');
  const said: (readonly [string, string])[] = [];
  for (const change of [
    (text: string) => text.replace('"amt":1000', '"amt":1001'),
    without(sale, 2),
    without(sale + 1, 1),
    (text: string) => text.replace(lines[sale + 1]!, `"${'A'.repeat(86)}"`),
    (text: string) => text.replace(lines[counter]!, lines[counter]!.replace('"s":1000', '"s":999')),
    (text: string) => text.replace(lines[trailer]!, lines[trailer]!.replace(/"hashTotal":"\d+"/, '"hashTotal":"7"')),
    without(trailer, 1),
    (text: string) => `${text}{}\n`,
  ]) {
    await inCountyLike(home, async (fresh) => {
      const [verdict, detail] = await verdictOf(fresh, changed(home, upload!, change));
      said.push([verdict, detail]);
      expect(await fresh.read((db) => db.prepare('SELECT count(*) FROM event').pluck().get())).toBe(0);
    });
  }
  const at = (n: number): string => `line ${n + 1}`;
  expect(said).toEqual([
    ['OUT_OF_BALANCE', expect.stringContaining(at(trailer))],
    ['OUT_OF_BALANCE', expect.stringContaining('line')],
    ['OUT_OF_BALANCE', expect.stringContaining(at(sale + 1))],
    ['REJECTED', `${at(sale + 1)}: the signature is not this kiosk's`],
    ['OUT_OF_BALANCE', `${at(counter)}: counters of a1`],
    ['OUT_OF_BALANCE', `${at(trailer)}: hashTotal`],
    ['OUT_OF_BALANCE', `${at(trailer)}: the file ends`],
    ['OUT_OF_BALANCE', `${at(trailer + 1)}: after the trailer`],
  ]);
  expect((await takeIn(county, upload!)).verdict).toBe('ACCEPTED');
});

/** In a county of its own, which is gone afterwards. */
async function inCountyLike(home: Home, use: (county: CountyBook) => Promise<void>): Promise<void> {
  const afterwards: (() => Promise<void>)[] = [];
  const county = aCounty((work) => void afterwards.push(work));
  try {
    await introduce(county, home);
    await use(county);
  } finally {
    for (const work of afterwards.toReversed()) await work();
  }
}

test('what no enrolled key signed is rejected, and nothing of it is kept', async () => {
  const { county, home, uploads } = await withFiles(1);
  const [upload] = uploads;
  const torn = changed(home, upload!, (text) => text.slice(0, -40), false);
  expect(await verdictOf(county, torn)).toEqual(['REJECTED', 'the content is not what was signed', null]);
  expect(await verdictOf(county, { ...upload!, kiosk: 'nobody' })).toEqual(['REJECTED', 'unknown kiosk', null]);
  await takeIn(county, upload!);
  const forged = sign(null, Buffer.from('x'), readSigner(home)!.privateKey).toString('base64');
  expect(await verdictOf(county, { ...upload!, note: upload!.note.replace(/[^ ]+\n$/, `${forged}\n`) })).toEqual([
    'REJECTED',
    'note: no_trusted_signature',
    null,
  ]);
  const bomb = join(mkdtempSync(join(tmpdir(), 'jifen-bomb-')), 'data.gz');
  writeFileSync(bomb, gzipSync(Buffer.alloc(100 * 1024 * 1024)));
  await inCountyLike(home, async (fresh) => {
    expect(await verdictOf(fresh, { ...upload!, data: bomb })).toEqual(['REJECTED', 'oversized', null]);
    expect(await fresh.read((db) => db.prepare('SELECT count(*) FROM up_file').pluck().get())).toBe(0);
  });
});

test('what breaks a rule but is authentic is posted, and somebody must look at it', async () => {
  const { county, uploads } = await withFiles(1);
  await county.transact(({ db }) => db.exec(`UPDATE kiosk SET sale_cap = 900; UPDATE account SET is_active = 0 WHERE account = 'a1'`));
  const ack = ackOf((await takeIn(county, uploads[0]!)).note);
  expect([ack.verdict, ack.exceptions]).toEqual(['ACCEPTED', 2]);
  expect((await county.read(openExceptions)).map(({ code, owner }) => [code, owner])).toEqual([
    ['over_sale_cap', 'clerk'],
    ['denied_account', 'clerk'],
  ]);
  const red = await county.read((db) => db.prepare(`SELECT amount FROM balance WHERE account = 'red'`).pluck().get());
  expect(red).toBe(1_000);
});

test('a copy of a home that went on by itself is a fork at the event where the two part', async () => {
  const { county, kiosk } = await aPair(onTestFinished);
  const { home, book, clock, directory } = kiosk;
  openDay(book, today);
  const first = await cut(home, book);
  await takeIn(county, uploadOf(home, first));
  book.close();
  const twin = `${directory}-twin`;
  cpSync(home.directory, twin, { recursive: true });
  const here = reopened(home, clock);
  sell(here, { resident: '1', goods: [['2', 1]], chosenPoints: 1_000 });
  expect((await takeIn(county, uploadOf(home, await cut(home, here)))).verdict).toBe('ACCEPTED');
  here.close();
  const found = readHome(twin);
  if (!found.ok) throw new Error(found.code);
  const there = reopened(found.home, clock);
  sell(there, { resident: '1', goods: [['2', 2]], chosenPoints: 2_000 });
  const other = uploadOf(found.home, await cut(found.home, there));
  there.close();
  expect(await verdictOf(county, other)).toEqual(['FORK', 'file 2 came with other content before', null]);
});
