// Kiosk, county and merchant: the same to the fen, or a difference that has a name. Files of the real kiosk, taken in by the real county;
// what was changed behind somebody's back has no name, and the bytes to look at are told.

import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { checkCommands } from '../../county/check-command.ts';
import { answerException, openExceptions } from '../../county/book/exceptions.ts';
import { exposureOf } from '../../county/book/exposure.ts';
import { checkBook } from '../../county/book/invariants.ts';
import { takeIn } from '../../county/book/intake.ts';
import { readMerchantSheet } from '../../county/book/merchant-sheet.ts';
import { type Compared, threeWay } from '../../county/book/three-way.ts';
import { takePayments } from '../../county/book/payments.ts';
import { night } from '../../county/night.ts';
import { readHome } from '../../db/home.ts';
import { fen } from '../../db/model/amounts.ts';
import { closingCheckpoint, findSettlement, openClosings, wordsOf } from '../../db/settlements.ts';
import { settlementOf, stateOf } from '../../db/model/settlement.ts';
import { openRestored } from '../../db/open-book.ts';
import { currentScheme } from '../../db/reference.ts';
import { prepared } from '../../db/sqlite.ts';
import { uuidv7 } from '../../db/uuid.ts';
import { sheetCsv, sheetWorkbook } from '../../hardware/sheet/write-table.ts';
import type { Sheet } from '../../hardware/sheet/sheet.ts';
import { type TestKiosk, aKiosk, reopened } from '../support/book.ts';
import { closeDay, openDay } from '../support/closing.ts';
import { morning, shop } from '../support/county.ts';
import { type Pair, aCounty, aPair, cut, introduce, uploadOf } from '../support/county-book.ts';
import { sell, today } from '../support/sell.ts';
import { aUsedPair, award, send, settleDays } from '../support/used-county.ts';

const cleanings: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const clean of cleanings.toReversed()) await clean();
});
const used = aUsedPair((work) => void cleanings.push(work));

/** What is compared and how it came out: without the sides. */
function outcomes(compared: readonly Compared[]): readonly string[] {
  return compared.map(({ what, outcome }) =>
    [what, outcome.kind === 'differs' ? outcome.cause : outcome.kind, 'why' in outcome ? outcome.why : ''].join(' | '),
  );
}

/** The settlement as the shop's owner exports it (electron/engine/exports.ts). */
function sheetOf({ book }: TestKiosk, number: number): Sheet {
  const { event, leaf } = findSettlement(book.db, number)!;
  const states = wordsOf(book.db, number);
  return {
    body: event.body,
    county: event.county,
    kiosk: event.kiosk,
    at: event.at,
    state: stateOf(event.body.owedFen, states).state,
    states,
    head: { seq: event.seq, leaf },
    checkpoint: closingCheckpoint(book.db, event.body.closings.at(-1)!.number),
  };
}

async function comparedWith(pair: Pair, given: Uint8Array): Promise<readonly string[]> {
  const sheet = await readMerchantSheet(given);
  if (!sheet.ok) throw new Error(sheet.code);
  return outcomes(await threeWay(pair.county, { sheet: sheet.value })).filter((each) => each.startsWith('settlement'));
}

test('a settled and paid day is the same on all three sides; one that is not settled yet says so', async () => {
  const { county } = await used;
  const compared = await threeWay(county);
  expect(outcomes(compared)).toEqual([
    'day 1 of 2026-11-21 | agreed | ',
    'day 2 of 2026-11-22 | not_settled | in no settlement yet',
    'settlement 1 | agreed | ',
    'rights of residents | agreed | ',
    'roaming | agreed | ',
  ]);
  expect(compared[0]).toMatchObject({
    kioskSays: { points: 13_000, fen: 1_300 },
    countyHas: { points: 13_000, fen: 1_300 },
    merchantHas: { points: 13_000, fen: 1_300 },
  });
});

test('the shop’s own sheet, as CSV and as a workbook, is the settlement to the fen and by its leaf', async () => {
  const { county, kiosk } = await used;
  const sheet = sheetOf(kiosk, 1);
  expect(await comparedWith({ county, kiosk }, Buffer.from(sheetCsv(sheet)))).toEqual(['settlement 1 | agreed | ']);
  expect(await comparedWith({ county, kiosk }, await sheetWorkbook(sheet))).toEqual(['settlement 1 | agreed | ']);
});

test('a sheet that says other figures has no excuse', async () => {
  const { county, kiosk } = await used;
  const sheet = sheetOf(kiosk, 1);
  const found: (readonly string[])[] = [];
  for (const body of [
    { ...sheet.body, owedFen: fen(sheet.body.owedFen + 1) },
    { ...sheet.body, owedFen: fen(Number.MAX_SAFE_INTEGER) },
    { ...sheet.body, closings: sheet.body.closings.map((each) => ({ ...each, fen: fen(each.fen + 1) })) },
  ])
    found.push(await comparedWith({ county, kiosk }, Buffer.from(sheetCsv({ ...sheet, body }))));
  found.push(await comparedWith({ county, kiosk }, Buffer.from(sheetCsv({ ...sheet, head: { ...sheet.head, leaf: 'A'.repeat(43) } }))));
  expect(found).toEqual([
    ["settlement 1 | unnamed | the shop's sheet has 1301 fen owed, not 1300"],
    ["settlement 1 | unnamed | the shop's sheet has 9007199254740991 fen owed, not 1300"],
    ["settlement 1 | unnamed | the shop's sheet has other figures of day 1"],
    [`settlement 1 | unnamed | the shop's sheet has another head of the book: ${sheet.head.seq} ${'A'.repeat(43)}`],
  ]);
});

test('a sheet of a settlement that the kiosk has not sent is unsent, and one of another shop is nobody’s', async () => {
  const { county, kiosk } = await aPair(onTestFinished);
  openDay(kiosk.book, today);
  sell(kiosk.book, { resident: '1', goods: [['1', 2]], chosenPoints: 10_000 });
  await send(county, kiosk);
  closeDay(kiosk.book, { day: today });
  settleDays(kiosk, 1);
  const sheet = sheetOf(kiosk, 1);
  expect(await comparedWith({ county, kiosk }, Buffer.from(sheetCsv(sheet)))).toEqual([
    "settlement qj-03-J000001 | unsent | the shop's sheet is of event 8, the kiosk sent 5 so far",
  ]);
  expect(await comparedWith({ county, kiosk }, Buffer.from(sheetCsv({ ...sheet, kiosk: 'qj-99' })))).toEqual([
    'settlement qj-03-J000001 | unnamed | no such kiosk',
  ]);
});

test('what is no sheet of a shop is refused by its code', async () => {
  const { kiosk } = await used;
  const csv = sheetCsv(sheetOf(kiosk, 1));
  const code = async (text: string): Promise<string | null> => {
    const read = await readMerchantSheet(Buffer.from(text));
    return read.ok ? null : read.code;
  };
  expect(await code(csv)).toBeNull();
  expect(csv).toContain('金额（元）,金额（人民币分）');
  expect(await code(csv.replace('金额（人民币分）', '金额（分）'))).toBeNull(); // of a till of before
  expect(await code(csv.replace('琼结县', '=HYPERLINK(1)'))).toBe('formula');
  expect(await code(csv.replace(/,1300\r\n/g, ',9007199254740993\r\n'))).toBe('not_a_sheet');
  expect(await code('account,points\n')).toBe('not_a_list');
});

test('files that wait, were refused, or tell a second history name why their days are not here', async () => {
  const { county, kiosk } = await aPair(onTestFinished);
  const { home, book } = kiosk;
  openDay(book, today);
  sell(book, { resident: '1', goods: [['2', 1]], chosenPoints: 1_000 });
  const first = uploadOf(home, await cut(home, book));
  closeDay(book, { day: today });
  const second = uploadOf(home, await cut(home, book));
  await takeIn(county, second);
  expect(outcomes(await threeWay(county))).toEqual([
    'day 1 of 2026-11-21 | unsent | file 1/2 waits for one before it: file 1 must come first',
  ]);
  await takeIn(county, first);
  expect(outcomes(await threeWay(county))).toEqual([
    'day 1 of 2026-11-21 | not_settled | in no settlement yet',
    'rights of residents | agreed | ',
    'roaming | agreed | ',
  ]);
  await county.transact(({ db }) => void db.exec(`UPDATE kiosk SET state = 'quarantined'`));
  openDay(book, '2026-11-22');
  closeDay(book, { day: '2026-11-22' });
  await takeIn(county, uploadOf(home, await cut(home, book)));
  expect(outcomes(await threeWay(county))).toEqual([
    'day 1 of 2026-11-21 | not_settled | in no settlement yet',
    'day 2 of 2026-11-22 | quarantined | file 1/3 waits: two histories of this kiosk came',
    'rights of residents | agreed | ',
    'roaming | agreed | ',
    'everything since | quarantined | two histories of this kiosk came; the committee answers the exception',
  ]);
});

test('a settlement is not paid until the bank has paid all of it, and says how much it has', async () => {
  const { county, kiosk } = await aPair(onTestFinished);
  openDay(kiosk.book, today);
  sell(kiosk.book, { resident: '1', goods: [['1', 2]], chosenPoints: 10_000 });
  closeDay(kiosk.book, { day: today });
  settleDays(kiosk, 1);
  await send(county, kiosk);
  const settlement = async (): Promise<Compared> => (await threeWay(county)).find(({ what }) => what === 'settlement 1')!;
  const pay = async (yuan: string, reference: string): Promise<void> => {
    const list = `kiosk,inc,settlement,yuan,day,reference\n${shop.kiosk},1,1,${yuan},2026-11-21,${reference}\n`;
    expect(await takePayments(county, list)).toMatchObject({ ok: true });
  };
  expect(outcomes([await settlement()])).toEqual([
    'settlement 1 | not_settled | not accepted yet: the night after it came does, or a person',
  ]);
  await night(county);
  const sides = { points: 10_000, fen: 1_000 };
  expect(await settlement()).toMatchObject({
    kioskSays: sides,
    countyHas: sides,
    merchantHas: sides,
    outcome: { kind: 'differs', cause: 'not_paid', why: '0 of 1000 fen are paid' },
  });
  await pay('9.99', 'B-1');
  expect(outcomes([await settlement()])).toEqual(['settlement 1 | not_paid | 999 of 1000 fen are paid']);
  await pay('0.01', 'B-2');
  expect(outcomes([await settlement()])).toEqual(['settlement 1 | agreed | ']);
});

test('a day that a copy of the kiosk closed is a duplicate, and the kiosk’s own day of that number counts', async () => {
  const { county, kiosk } = await aPair(onTestFinished);
  const { home, book, clock, directory } = kiosk;
  openDay(book, today);
  book.db.pragma('wal_checkpoint(TRUNCATE)');
  const copy = `${directory}-copy`;
  cpSync(home.directory, copy, { recursive: true });
  onTestFinished(() => rmSync(copy, { recursive: true }));
  sell(book, { resident: '1', goods: [['2', 1]], chosenPoints: 1_000 });
  await send(county, kiosk);
  const found = readHome(copy);
  if (!found.ok) throw new Error(found.code);
  const other = reopened(found.home, clock);
  sell(other, { resident: '1', goods: [['2', 1]], chosenPoints: 2_500 });
  closeDay(other, { day: today });
  const theirs = uploadOf(found.home, await cut(found.home, other));
  other.close();
  expect((await takeIn(county, theirs)).verdict).toBe('FORK');
  const [raised] = await county.read(openExceptions);
  await answerException(county, { number: raised!.number, by: '监督委员会', text: 'the copy was taken away' });
  const day = async (): Promise<Compared> => (await threeWay(county)).find(({ what }) => what.startsWith('day'))!;
  expect(await day()).toMatchObject({
    kioskSays: { points: 2_500, fen: 250 },
    countyHas: null,
    merchantHas: null,
    outcome: { kind: 'differs', cause: 'duplicate', why: 'file 1/1: file 1 came with other content before' },
  });
  closeDay(book, { day: today });
  await send(county, kiosk);
  expect(await day()).toMatchObject({
    kioskSays: { points: 1_000, fen: 100 },
    countyHas: { points: 1_000, fen: 100 },
    outcome: { kind: 'differs', cause: 'not_settled' },
  });
  expect((await threeWay(county)).filter(({ what }) => what.startsWith('day'))).toHaveLength(1);
});

/** Settlement 2 of what is open and of days that are in settlement 1, as a program would make it that was changed. */
function settleAgain({ book, clock }: TestKiosk, before: ReturnType<typeof openClosings>): void {
  const body = settlementOf({
    kiosk: shop.kiosk,
    inc: 1,
    number: 2,
    closings: [...before, ...openClosings(book.db)],
    scheme: currentScheme(book.db)!,
    adjustments: [],
    printed: { language: 'zh', operatorName: '次仁', shop: { zh: shop.zh, bo: null, countyZh: shop.countyZh, countyBo: null } },
  });
  book.transact(({ append }) =>
    append({ kind: 'SETTLED', body, id: uuidv7(clock.wallMs()), day: '2026-11-22', op: 'op2', command: 'settle 2' }),
  );
}

test('a day in two settlements is counted once, and the second is a duplicate of it', async () => {
  const { county, kiosk } = await aPair(onTestFinished);
  openDay(kiosk.book, today);
  sell(kiosk.book, { resident: '1', goods: [['1', 2]], chosenPoints: 10_000 });
  closeDay(kiosk.book, { day: today });
  const before = openClosings(kiosk.book.db);
  settleDays(kiosk, 1);
  openDay(kiosk.book, '2026-11-22');
  sell(kiosk.book, { resident: '1', goods: [['2', 1]], chosenPoints: 1_000, day: '2026-11-22' });
  closeDay(kiosk.book, { day: '2026-11-22' });
  settleAgain(kiosk, before);
  await send(county, kiosk);
  await night(county);
  const [, second] = (await threeWay(county)).filter(({ what }) => what.startsWith('settlement'));
  expect(second).toMatchObject({
    what: 'settlement 2',
    kioskSays: { points: 11_000, fen: 1_100 },
    countyHas: { points: 1_000, fen: 100 },
    outcome: {
      kind: 'differs',
      cause: 'duplicate',
      why: "the county's own days make 1000 points and 100 fen; raised as settlement_differs",
    },
  });
  expect((await county.read(openExceptions)).map(({ code, detail }) => [code, detail])).toEqual([['settlement_differs', '2']]);
});

test('a closing that does not add up is refused with its file, and says which line', async () => {
  const { county, kiosk } = await aPair(onTestFinished);
  const { home, book } = kiosk;
  openDay(book, today);
  closeDay(book, { day: today, lie: (body) => ({ ...body, checkpoint: { ...body.checkpoint, size: 1 } }) });
  expect((await takeIn(county, uploadOf(home, await cut(home, book)))).verdict).toBe('OUT_OF_BALANCE');
  expect(outcomes(await threeWay(county))).toEqual(['day 1 of 2026-11-21 | refused | file 1/1: line 12: closing 1: another tree head']);
});

test('what is granted and funded and not heard of yet is on its way, by its name', async () => {
  const { county, kiosk } = await aPair(onTestFinished);
  openDay(kiosk.book, today);
  sell(kiosk.book, { resident: '2', goods: [['2', 1]], chosenPoints: 3_000 });
  await send(county, kiosk);
  await award(county, 'a1,5\na2,30\n');
  await night(county);
  expect(outcomes(await threeWay(county))).toEqual([
    'rights of residents | unsent | 500 by files and vouchers that it has not applied',
    'roaming | roaming_due | 3000 funded that it has not heard of, 0 came back after',
  ]);
});

test('a day by a wrong clock, and a settlement with what the county put right otherwise, are named', async () => {
  const county = aCounty(onTestFinished);
  const kiosk = await aKiosk(onTestFinished, [{ t: 'ADJUST', id: 'x-1', zh: '多付', fen: fen(500) }]);
  await introduce(county, kiosk.home);
  await county.transact(({ db }) => void db.exec('DROP TRIGGER adjustment_no_update; UPDATE adjustment SET fen = 400'));
  const { book, clock } = kiosk;
  openDay(book, today);
  sell(book, { resident: '1', goods: [['2', 1]], chosenPoints: 1_000 });
  clock.set(morning + 400 * 24 * 60 * 60 * 1000);
  closeDay(book, { day: today });
  settleDays(kiosk, 1);
  await send(county, kiosk);
  expect(outcomes(await threeWay(county))).toEqual([
    "day 1 of 2026-11-21 | clock | closed at 2027-12-26 by the kiosk's clock",
    "settlement 1 | adjusted | the county's own days make 1000 points and 500 fen; raised as settlement_differs",
    'rights of residents | agreed | ',
    'roaming | agreed | ',
  ]);
});

test('days that a kiosk forgot when it was put back are its old history’s, by name', async () => {
  const { county, kiosk } = await aPair(onTestFinished);
  const { home, book, clock, directory } = kiosk;
  openDay(book, today);
  sell(book, { resident: '1', goods: [['2', 1]], chosenPoints: 1_000 });
  await send(county, kiosk);
  book.db.pragma('wal_checkpoint(TRUNCATE)');
  const backup = `${directory}-backup`;
  cpSync(home.directory, backup, { recursive: true });
  onTestFinished(() => rmSync(backup, { recursive: true }));
  closeDay(book, { day: today });
  await send(county, kiosk);
  book.close();
  const found = readHome(backup);
  if (!found.ok) throw new Error(found.code);
  const opened = openRestored(found.home, clock, 'A'.repeat(43));
  if (!opened.ok) throw new Error(opened.code);
  onTestFinished(() => Promise.resolve(opened.book.close()));
  await takeIn(county, uploadOf(found.home, await cut(found.home, opened.book)));
  expect(outcomes(await threeWay(county))).toEqual([
    'day 1 of 2026-11-21 | restored | incarnation 2 goes on from before this closing',
    'rights of residents | restored | it gave up its rights, and nobody has answered what it forgot',
    'roaming | agreed | ',
  ]);
  const [raised] = await county.read(openExceptions);
  await answerException(county, { number: raised!.number, by: 'li', text: 'papers were compared' });
  expect(outcomes(await threeWay(county))).toEqual([
    'day 1 of 2026-11-21 | restored | incarnation 2 goes on from before this closing',
    'rights of residents | agreed | ',
    'roaming | agreed | ',
  ]);
  expect((await checkBook(county, 'whole')).filter(({ place }) => place !== null)).toEqual([]);
});

test.each<readonly [string, string, readonly string[]]>([
  [
    'points of a sale',
    `UPDATE posting SET amount = amount + 100 WHERE account = 'red' AND amount > 0 AND entry = (SELECT min(entry) FROM event WHERE kind = 'SALE')`,
    [
      "day 1 of 2026-11-21 | unnamed | redeemed by the county's postings 13100, by the kiosk's slip 13000",
      'settlement 1 | unnamed | its days were of 13100 points, the county moved 13000',
    ],
  ],
  [
    'the worth of a sale',
    `UPDATE event SET line = replace(line, '"worthFen":1000', '"worthFen":1001') WHERE kind = 'SALE'`,
    [
      "day 1 of 2026-11-21 | unnamed | worth by the county's events 1301 fen, by the kiosk's slip 1300",
      "settlement 1 | unnamed | the county's own days make 13000 points and 1301 fen",
    ],
  ],
  [
    'a closing',
    `UPDATE event SET leaf = zeroblob(32) WHERE kind = 'DAY_CLOSED' AND seq < 10`,
    ['day 1 of 2026-11-21 | unnamed | the county has another closing of this day'],
  ],
  [
    'a settlement',
    `UPDATE settlement SET owed_fen = owed_fen + 1`,
    ['settlement 1 | unnamed | the kiosk signed 1300 fen, the county owes 1301'],
  ],
  [
    'a payment',
    `UPDATE settlement_word SET paid_fen = paid_fen + 1 WHERE state = 'paid'`,
    ['settlement 1 | unnamed | 1301 fen are paid of 1300'],
  ],
  [
    'a counter',
    `UPDATE counter SET s = s + 1 WHERE account = 'a1'`,
    ['rights of residents | unnamed | they are not what was given and used'],
  ],
  [
    'a day that is gone',
    `DELETE FROM closing WHERE number = 2`,
    ['day 2 of 2026-11-22 | unnamed | file 1/2 was posted, and this is not in the book'],
  ],
  [
    'a file that is gone',
    `DELETE FROM up_file WHERE file_seq = 2`,
    ['day 2 of 2026-11-22 | unnamed | the book has it and no file of the kiosk does'],
  ],
])('%s changed in the county’s book has no name', async (_, sql, found) => {
  const { county } = await used;
  const before = outcomes(await threeWay(county));
  await county.read((db) => {
    db.exec('BEGIN; PRAGMA defer_foreign_keys = ON');
    for (const { name } of prepared<[], { name: string }>(db, `SELECT name FROM sqlite_schema WHERE type = 'trigger'`).all())
      db.exec(`DROP TRIGGER ${name}`);
    db.exec(sql);
  });
  try {
    const after = outcomes(await threeWay(county));
    expect(after.filter((each) => !before.includes(each))).toEqual(found);
  } finally {
    await county.read((db) => db.exec('ROLLBACK'));
  }
});

test('a kept file whose bytes changed says nothing, and is the place to look at', async () => {
  const { county } = await used;
  const { path } = await county.read((db) => prepared<[], { path: string }>(db, 'SELECT path FROM up_file WHERE file_seq = 1').get()!);
  const file = join(county.folder.directory, path);
  const bytes = readFileSync(file);
  try {
    writeFileSync(file, gzipSync(gunzipSync(bytes).toString('utf8').replace('"software":"test"', '"software":"tset"')));
    const [fault] = await threeWay(county);
    expect(fault).toMatchObject({ outcome: { kind: 'unnamed', why: 'its bytes are not those that were signed: changed', bytes: path } });
  } finally {
    writeFileSync(file, bytes);
  }
});

test('exposure: what nothing funds, the bound of the open lines, and rights where nobody hears from', async () => {
  const { county, kiosk } = await aPair(onTestFinished);
  const at = (days: number) => county.read((db) => exposureOf(db, morning + days * 24 * 60 * 60 * 1000));
  openDay(kiosk.book, today);
  sell(kiosk.book, { resident: '2', goods: [['2', 1]], chosenPoints: 3_000 });
  await send(county, kiosk);
  expect(await at(1)).toMatchInlineSnapshot(`
    {
      "bound": 5000,
      "due": 3000,
      "kiosks": [
        {
          "bound": 5000,
          "due": 3000,
          "heardAt": 1795222800000,
          "isSilent": false,
          "kiosk": "qj-03",
          "lineSum": 5000,
          "lines": 1,
          "overdraft": 0,
          "rights": 20000,
          "roamingCap": 1500000,
          "state": "active",
          "store": "baire",
          "unsettled": 3000,
        },
        {
          "bound": 0,
          "due": 0,
          "heardAt": null,
          "isSilent": false,
          "kiosk": "qj-04",
          "lineSum": 0,
          "lines": 0,
          "overdraft": 0,
          "rights": 0,
          "roamingCap": null,
          "state": "expected",
          "store": "elsewhere",
          "unsettled": 0,
        },
      ],
      "lineCap": 5000,
      "linesMax": 3,
      "oldestSilent": {
        "heardAt": 1795222800000,
        "kiosk": "qj-03",
      },
      "overdraft": 0,
      "strandedRights": 0,
      "takenBack": {
        "due": 0,
        "overdraft": 0,
      },
      "unsettled": 3000,
    }
  `);
  expect(await at(9)).toMatchObject({ strandedRights: 20_000, oldestSilent: { kiosk: shop.kiosk, heardAt: morning } });
});

test('the commands: check says whether the book is true, voucher gives one with its picture', async () => {
  const { county, kiosk } = await aPair(onTestFinished);
  openDay(kiosk.book, today);
  await send(county, kiosk);
  await award(county, 'a2,30\n');
  const said: string[] = [];
  const terminal = { say: (text: string) => void said.push(text), complain: (text: string) => void said.push(text) };
  const out = join(mkdtempSync(join(tmpdir(), 'jifen-voucher-')), 'voucher.png');
  onTestFinished(() => rmSync(join(out, '..'), { recursive: true }));
  const give = (points: string, account = 'a2') =>
    checkCommands.voucher(county, { account, kiosk: shop.kiosk, points, by: 'li', out, words: [] }, terminal);
  expect([await give('0'), await give('=1+1'), await give('9007199254740992'), await give('1', 'a9')]).toEqual([2, 2, 2, 1]);
  expect(await give('12.5')).toBe(0);
  expect(said.at(-1)).toMatch(/^voucher 1 of a2 at qj-03: 12\.50 points\nCV1\|540525\|qj-03\|a2\|1\|1250\|/);
  expect(readFileSync(out).subarray(1, 4).toString()).toBe('PNG');
  expect(await checkCommands.check(county, { words: [] }, terminal)).toBe(0);
  expect(said.at(-1)).toMatch(/the book is true\n$/);
  expect(await checkCommands.check(county, { words: [], merchant: out }, terminal)).toBe(2);
});
