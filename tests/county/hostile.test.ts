// Files of somebody who has a kiosk's key (reconciliation.md R8 4), and of somebody who has none: each is answered, nothing that cannot be
// added up is posted, and the county's night goes on for everybody else (R4; R7 T6).

import { appendFileSync, copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import type { CountyBook } from '../../county/book/county-book.ts';
import { openExceptions } from '../../county/book/exceptions.ts';
import { type Upload, takeIn } from '../../county/book/intake.ts';
import { checkBook } from '../../county/book/invariants.ts';
import { night } from '../../county/night.ts';
import type { Home } from '../../db/home.ts';
import { aPair, ackOf, cut, dumpCounty, uploadOf } from '../support/county-book.ts';
import { closeDay, openDay } from '../support/closing.ts';
import { temporary } from '../support/county.ts';
import { type Loose, forged } from '../support/forged.ts';
import { sell, today } from '../support/sell.ts';

interface Attacked {
  readonly county: CountyBook;
  readonly home: Home;
  /** The kiosk's next file, true. */
  readonly upload: Upload;
}

/** A county that has a file of a kiosk, and the kiosk's next one: a sale on rights, one on roaming, a day closed. */
async function attacked(): Promise<Attacked> {
  const { county, kiosk } = await aPair(onTestFinished);
  const { home, book } = kiosk;
  openDay(book, today);
  await takeIn(county, uploadOf(home, await cut(home, book)));
  sell(book, { resident: '1', goods: [['1', 2]], chosenPoints: 10_000 });
  sell(book, { resident: '2', goods: [['2', 1]], chosenPoints: 3_000 });
  closeDay(book, { day: today, op: 'op1' });
  return { county, home, upload: uploadOf(home, await cut(home, book)) };
}

/** What is wrong with the book; nothing. */
async function faults(county: CountyBook): Promise<unknown> {
  return (await checkBook(county, 'whole')).filter(({ place }) => place !== null);
}

const isSale = ({ kind }: Loose): boolean => kind === 'SALE';
const most = Number.MAX_SAFE_INTEGER;

/** Ends the file before its closing, whose figures would tell. */
function withoutClosing(events: Loose[]): void {
  events.splice(events.findIndex(({ kind }) => kind === 'DRAWER_COUNTED' || kind === 'DAY_CLOSED' || kind === 'APPROVED'));
}

/** A credit out of nothing, made of the first sale. */
function credit(events: Loose[], account: string, amt: number): void {
  const sale = events.find(isSale)!;
  events.push({
    ...sale,
    id: `forged-${account}-${events.length}`,
    kind: 'CREDIT',
    amt,
    body: { accountId: account, lines: [{ materialId: 'pet', units: 1, points: amt }] },
  });
}

test.each<[what: string, tell: (events: Loose[]) => void, verdict: string]>([
  ['a sale of more points than can be counted', (all) => spends(all, most), 'OUT_OF_BALANCE'],
  ['a credit of more than ten billion points', (all) => (withoutClosing(all), credit(all, 'a2', 10 ** 12 + 1)), 'OUT_OF_BALANCE'],
  ['rights that come back to a sale without end', (all) => (withoutClosing(all), givesBack(all, most)), 'OUT_OF_BALANCE'],
  ['rights given back without end, twice', (all) => (withoutClosing(all), counted(all)), 'OUT_OF_BALANCE'],
  ['a drawer whose recounts are a number', (all) => closed(all, 'drawer', { recountsFen: 7 }), 'OUT_OF_BALANCE'],
  ['a closing whose figures are texts', (all) => closed(all, 'figures', { 'sale.count': '2' }), 'OUT_OF_BALANCE'],
  ['a price that is a text', (all) => void (all.find(isSale)!.body['totalFen'] = 'A'), 'OUT_OF_BALANCE'],
  ['an event of another kiosk', (all) => void (all.find(isSale)!['kiosk'] = 'qj-04'), 'OUT_OF_BALANCE'],
  ['an event of another county', (all) => void (all.find(isSale)!['county'] = '540526'), 'OUT_OF_BALANCE'],
  ['an event of a later incarnation', (all) => void (all.find(isSale)!['inc'] = 2), 'GAP'],
  ['a kind that is no text', (all) => void ((all.find(isSale) as { kind: unknown }).kind = ['SALE']), 'OUT_OF_BALANCE'],
  ['more spent than there is', (all) => (spends(all, 50_000), withoutClosing(all)), 'ACCEPTED'],
  ['a credit for an account called __proto__', (all) => (withoutClosing(all), credit(all, '__proto__', 500)), 'ACCEPTED'],
  ['a credit for one called constructor', (all) => (withoutClosing(all), credit(all, 'constructor', 500)), 'ACCEPTED'],
  ['a sale of an account that nobody has', (all) => ((all.find(isSale)!.body['accountId'] = 'nobody'), withoutClosing(all)), 'ACCEPTED'],
  ['one sale twice', (all) => (withoutClosing(all), all.push({ ...all.find(isSale)! })), 'ACCEPTED'],
])('%s: answered, the book is true, and the night goes on', { timeout: 60_000 }, async (_, tell, verdict) => {
  const { county, home, upload } = await attacked();
  const before = await dumpCounty(county);
  const answer = ackOf((await takeIn(county, forged(onTestFinished, home, upload, tell))).note);
  expect(answer).toMatchObject({
    verdict,
    detail: verdict === 'OUT_OF_BALANCE' ? expect.stringMatching(/^line \d+: /) : expect.any(String),
  });
  expect(await faults(county)).toEqual([]);
  if (verdict === 'ACCEPTED') expect((await county.read(openExceptions)).length).toBeGreaterThan(0);
  else expect(posted(await dumpCounty(county))).toEqual(posted(before));
  expect((await night(county)).map(({ kind }) => kind)).toContain('written');
  expect(await faults(county)).toEqual([]);
});

/** The first sale comes back for so many points. */
function givesBack(events: Loose[], amt: number): void {
  const sale = events.find(isSale)!;
  const { id, body } = sale;
  const redemption = { toRights: amt, toRoaming: 0, discount: amt, worthFen: 0 };
  events.push({
    ...sale,
    id: 'forged-return',
    kind: 'RETURNED',
    amt,
    body: { accountId: body['accountId']!, saleId: id!, redemption, lines: [], payments: [] },
  });
}

/** Rights given back that nobody asked for: together more than a number holds. */
function counted(events: Loose[]): void {
  const sale = events.find(isSale)!;
  for (let n = 0; n < 2; n += 1)
    events.push({ ...sale, id: `forged-${n}`, kind: 'RIGHTS_RETURNED', amt: most, body: { accountId: 'a1', asked: most, downSeq: 1 } });
}

/** The first sale spends so much of rights. */
function spends(events: Loose[], amt: number): void {
  const sale = events.find(isSale)!;
  sale['amt'] = amt;
  sale.body['redemption'] = { ...(sale.body['redemption'] as object), fromRights: amt, fromRoaming: 0 };
}

function closed(events: Loose[], member: string, change: object): void {
  const { body } = events.find(({ kind }) => kind === 'DAY_CLOSED')!;
  body[member] = { ...(body[member] as object), ...change };
}

/** The events and postings in a dump. */
function posted(dump: string): readonly string[] {
  return dump.split('\n\n').filter((table) => /^(event|posting|balance|counter|chain)\n/.test(table));
}

/** Takes in a file whose packed bytes somebody on the way changed: what the kiosk signed is in them still. */
test.each<[what: string, change: (path: string) => void]>([
  ['something behind its end', (path) => appendFileSync(path, 'more')],
  [
    'a name in its head, as other packers write',
    (path) => {
      const whole = readFileSync(path);
      whole[3] = 8; // FNAME
      writeFileSync(path, Buffer.concat([whole.subarray(0, 10), Buffer.from('x\0'), whole.subarray(10)]));
    },
  ],
  [
    'a time in its head',
    (path) => {
      const whole = readFileSync(path);
      whole[4] = 1;
      writeFileSync(path, whole);
    },
  ],
  ['its last bytes gone', (path) => writeFileSync(path, readFileSync(path).subarray(0, -3))],
  ['its content packed as nothing', (path) => writeFileSync(path, gzipSync(Buffer.alloc(0)))],
])('a packed file with %s is refused as a check would refuse it, and the true one is taken after it', async (_, change) => {
  const { county, upload } = await attacked();
  const data = join(temporary(onTestFinished), 'data.gz');
  copyFileSync(upload.data, data);
  change(data);
  const before = await dumpCounty(county);
  expect((await takeIn(county, { ...upload, data })).verdict).toBe('REJECTED');
  expect(await dumpCounty(county)).toBe(before);
  expect((await takeIn(county, upload)).verdict).toBe('ACCEPTED');
  const row = await county.read((db) => db.prepare<[], { path: string }>('SELECT path FROM up_file WHERE file_seq = 2').get()!);
  expect(gunzipSync(readFileSync(join(county.folder.directory, row.path)))).toEqual(gunzipSync(readFileSync(upload.data)));
});
