// The auditor of the simulator, over a real kiosk's book: silent while all is true, and loud about each thing that is not.

import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type TestKiosk, aKiosk, pulledPlug, reopened, tamper } from '../support/book.ts';
import { openDay } from '../support/closing.ts';
import { firstLines, shop } from '../support/county.ts';
import { counted } from '../support/credit.ts';
import { deskLines, recycled, takenBack } from '../support/recycling.ts';
import { brought } from '../support/return-sale.ts';
import { sell, today } from '../support/sell.ts';
import { type Home, readHome } from '../../db/home.ts';
import type { SaleEvent } from '../../db/sales.ts';
import { type ReadableDatabase, openMemory, openReadable } from '../../db/sqlite.ts';
import { type Auditor, auditor } from './auditor.ts';

const bounds = { lines: 3, cap: 5_000, kioskCap: 1_500_000 };

async function audited(awarded: readonly (readonly [string, number])[]): Promise<{ readonly kiosk: TestKiosk; readonly audit: Auditor }> {
  const kiosk = await aKiosk(onTestFinished);
  const first = new Map([[shop.kiosk, await firstLines()]]);
  openDay(kiosk.book, today);
  return { kiosk, audit: auditor({ kiosks: [shop.kiosk], first, awarded: new Map(awarded), bounds }) };
}

function soldTo({ book }: TestKiosk, of: { readonly resident: string; readonly chosenPoints: number }): SaleEvent {
  const sale = sell(book, { ...of, goods: [['1', 1]] });
  if (typeof sale === 'string') throw new Error(sale);
  return sale;
}

function homeIn(directory: string): Home {
  const found = readHome(directory);
  if (!found.ok) throw new Error(found.detail);
  return found.home;
}

const everything = [
  ['a1', 20_000],
  ['a2', 30_000],
] as const;

test('a book that is true is passed, and what an account has is known', async () => {
  const { kiosk, audit } = await audited(everything);
  sell(kiosk.book, { resident: '1', goods: [['1', 1]], chosenPoints: 10_000 });
  sell(kiosk.book, { resident: '2', goods: [['1', 1]], chosenPoints: 4_000 });
  audit.lookAtKiosk(shop.kiosk, kiosk.book.db);
  expect([audit.balance('a1'), audit.balance('a2'), audit.peaks.unsettled]).toEqual([10_000, 26_000, 4_000]);
});

test('who spends what nobody awarded is found, within the line and beyond it', async () => {
  const { kiosk, audit } = await audited([
    ['a1', 5_000],
    ['a2', 30_000],
  ]);
  sell(kiosk.book, { resident: '1', goods: [['1', 1]], chosenPoints: 10_000 });
  expect(() => audit.lookAtKiosk(shop.kiosk, kiosk.book.db)).toThrow('invariant 14: a1 never had a line, and spent 5000 more than it had');
});

test('what came back before an old image was put back is not spent, though the book has forgotten it', async () => {
  const { kiosk, audit } = await audited(everything);
  const sales = [
    soldTo(kiosk, { resident: '1', chosenPoints: 10_000 }), // of rights
    soldTo(kiosk, { resident: '2', chosenPoints: 4_000 }), // roaming
  ];
  const image = pulledPlug(kiosk.home.directory);
  onTestFinished(() => rmSync(dirname(image), { recursive: true, force: true }));
  for (const sale of sales) brought(kiosk.book, sale, [{ n: 0, quantity: 1 }]);
  audit.lookAtKiosk(shop.kiosk, kiosk.book.db);
  const old = reopened(homeIn(image), kiosk.clock);
  onTestFinished(() => old.close());
  audit.rolledBack(shop.kiosk, old.db);
  audit.lookAtKiosk(shop.kiosk, old.db);
  expect([audit.balance('a1'), audit.balance('a2')]).toEqual([20_000, 30_000]);
});

test('a credit that was taken back after an old image was made can be spent where that is put back', async () => {
  // seed 3026 of 8 kiosks and 15 days: the reversal was lost with the disk, and the county had posted the credit
  const kiosk = await aKiosk(onTestFinished, await deskLines());
  const first = new Map([[shop.kiosk, await firstLines()]]);
  openDay(kiosk.book, today);
  const audit = auditor({ kiosks: [shop.kiosk], first, awarded: new Map([['a1', 20_000]]), bounds });
  const credit = recycled(kiosk.book, { resident: '1', bags: [counted('battery', 30)] });
  if (typeof credit === 'string') throw new Error(credit);
  const image = pulledPlug(kiosk.home.directory);
  onTestFinished(() => rmSync(dirname(image), { recursive: true, force: true }));
  takenBack(kiosk.book, credit);
  audit.lookAtKiosk(shop.kiosk, kiosk.book.db);
  expect(audit.balance('a1')).toBe(20_000);
  const old = reopened(homeIn(image), kiosk.clock);
  onTestFinished(() => old.close());
  audit.rolledBack(shop.kiosk, old.db);
  for (const chosenPoints of [10_000, 10_000, credit.amt])
    expect(sell(old, { resident: '1', goods: [['2', 10]], chosenPoints })).toBeTypeOf('object');
  audit.lookAtKiosk(shop.kiosk, old.db);
});

/** What a county's book says of the events of a kiosk's, all of which one file brought, and of the files that its log names. */
function countyOf(
  db: ReadableDatabase,
  { sha256, logged }: { readonly sha256: string; readonly logged: readonly string[] },
): ReadableDatabase {
  const county = openMemory();
  onTestFinished(() => void county.close());
  county.exec(`CREATE TABLE event (entry INTEGER PRIMARY KEY, kiosk TEXT, seq INTEGER, file_inc INTEGER, file_seq INTEGER, line TEXT, leaf BLOB);
    CREATE TABLE answer (kiosk TEXT, inc INTEGER, file_seq INTEGER, sha256 TEXT, verdict TEXT);
    CREATE TABLE log_leaf (entry TEXT)`);
  const event = county.prepare('INSERT INTO event VALUES (?, ?, ?, 1, 1, ?, ?)');
  for (const row of db.prepare<[], { seq: number; line: string; leaf: Buffer }>('SELECT seq, line, leaf FROM event ORDER BY seq').all())
    event.run(row.seq, shop.kiosk, row.seq, row.line, row.leaf);
  county.prepare(`INSERT INTO answer VALUES (?, 1, 1, ?, 'ACCEPTED')`).run(shop.kiosk, sha256);
  for (const file of logged)
    county
      .prepare('INSERT INTO log_leaf VALUES (?)')
      .run(JSON.stringify({ note: `civicpos-file-v1\nup\n${shop.county}\n${shop.kiosk}\n1\n1\n${file}\n-\n`, t: 'FILE' }));
  return county;
}

test.each([
  ['where its files lay beside the book', 'kept', [], true],
  ['where the log alone names the first', 'lost', ['first', 'second'], true],
  ['but where nothing tells the first any more', 'lost', ['second'], false],
] as const)('a second history that a put-back county posts is found %s', async (_, beside, logged, isFound) => {
  const kiosk = await aKiosk(onTestFinished);
  const first = new Map([[shop.kiosk, await firstLines()]]);
  openDay(kiosk.book, today);
  const audit = auditor({ kiosks: [shop.kiosk], first, awarded: new Map(everything), bounds, isBlind: true });
  const image = pulledPlug(kiosk.home.directory);
  onTestFinished(() => rmSync(dirname(image), { recursive: true, force: true }));
  soldTo(kiosk, { resident: '1', chosenPoints: 10_000 });
  audit.lookAtKiosk(shop.kiosk, kiosk.book.db);
  audit.lookAtCounty(countyOf(kiosk.book.db, { sha256: 'first', logged: [] }));
  const old = reopened(homeIn(image), kiosk.clock);
  onTestFinished(() => old.close());
  audit.rolledBack(shop.kiosk, old.db);
  sell(old, { resident: '1', goods: [['1', 1]], chosenPoints: 4_000 });
  audit.lookAtKiosk(shop.kiosk, old.db);
  audit.countyPutBack(beside);
  const look = expect(() => audit.lookAtCounty(countyOf(old.db, { sha256: 'second', logged })));
  if (isFound) look.toThrow('invariant 20: qj-03: two events 1/5 were posted');
  else look.not.toThrow();
});

test.each([
  ['a counter', 'UPDATE counter SET granted = granted + 100', 'invariant 5: qj-03 a1: g is 20100, by its events 20000'],
  ['a balance', `UPDATE balance SET amount = amount + 100 WHERE account = 'esc'`, 'invariant 2: qj-03: balances do not sum to zero'],
  ['an event', `UPDATE event SET line = replace(line, '"seq":2', '"seq":3') WHERE seq = 2`, 'invariant 4: qj-03: event 2 comes after 1'],
])('%s that was changed behind the book is found', async (_, sql, what) => {
  const { kiosk, audit } = await audited(everything);
  kiosk.book.close();
  tamper(kiosk.home, (db) => void db.exec(sql));
  const db = openReadable(kiosk.home.book);
  onTestFinished(() => Promise.resolve(void db.close()));
  expect(() => audit.lookAtKiosk(shop.kiosk, db)).toThrow(what);
});

test('rights that no file of the county granted are found', async () => {
  const { kiosk } = await audited(everything);
  const first = new Map([[shop.kiosk, (await firstLines()).filter(({ t }) => t !== 'GRANT')]]);
  const audit = auditor({ kiosks: [shop.kiosk], first, awarded: new Map(everything), bounds });
  expect(() => audit.lookAtKiosk(shop.kiosk, kiosk.book.db)).toThrow('invariant 5');
});

test('who roams beyond what was awarded is found where more is settled than was spent', async () => {
  const { kiosk, audit } = await audited([['a2', 1_000]]);
  sell(kiosk.book, { resident: '2', goods: [['1', 1]], chosenPoints: 4_000 });
  expect(() => audit.lookAtKiosk(shop.kiosk, kiosk.book.db)).not.toThrow(); // within the line: the county's risk
  expect(audit.peaks.overspend).toBe(3_000);
});

test('a sale on a line that no file of the county opened is found', async () => {
  const { kiosk } = await audited(everything);
  sell(kiosk.book, { resident: '2', goods: [['1', 1]], chosenPoints: 4_000 });
  const first = new Map([[shop.kiosk, (await firstLines()).filter(({ t }) => t !== 'ROAM')]]);
  const audit = auditor({ kiosks: [shop.kiosk], first, awarded: new Map(everything), bounds });
  expect(() => audit.lookAtKiosk(shop.kiosk, kiosk.book.db)).toThrow('invariant 15: qj-03: sale 5 roams 4000 of 0');
});

test('more lines than the county may open are found', async () => {
  const { kiosk } = await audited(everything);
  const first = new Map([[shop.kiosk, await firstLines()]]);
  const audit = auditor({ kiosks: [shop.kiosk], first, awarded: new Map(everything), bounds: { ...bounds, lines: 0 } });
  expect(() => audit.lookAtKiosk(shop.kiosk, kiosk.book.db)).toThrow('invariant 12: a2 has 1 lines in force, m is 0');
});

test('a sale that the till said is done and that is not in its book is found', async () => {
  const { kiosk, audit } = await audited(everything);
  audit.promised(shop.kiosk, 'never made');
  expect(() => audit.lookAtKiosk(shop.kiosk, kiosk.book.db)).toThrow('invariant 7: qj-03 said that never made is done');
});

test('an entry of a kiosk that does not sum to zero is found, though its balances do', async () => {
  const { kiosk, audit } = await audited(everything);
  soldTo(kiosk, { resident: '1', chosenPoints: 10_000 });
  kiosk.book.close();
  tamper(
    kiosk.home,
    (db) => void db.exec('UPDATE posting SET amount = amount + 1 WHERE seq = 5 AND n = (SELECT min(n) FROM posting WHERE seq = 5)'),
  );
  const db = openReadable(kiosk.home.book);
  onTestFinished(() => Promise.resolve(void db.close()));
  expect(() => audit.lookAtKiosk(shop.kiosk, db)).toThrow('invariant 1: qj-03: the postings of event 5 do not sum to zero');
});
