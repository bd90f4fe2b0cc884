// The auditor of the simulator, over a real kiosk's book: silent while all is true, and loud about each thing that is not.

import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type TestKiosk, aKiosk, pulledPlug, reopened, tamper } from '../support/book.ts';
import { openDay } from '../support/closing.ts';
import { firstLines, shop } from '../support/county.ts';
import { brought } from '../support/return-sale.ts';
import { sell, today } from '../support/sell.ts';
import { type Home, readHome } from '../../db/home.ts';
import type { SaleEvent } from '../../db/sales.ts';
import { openReadable } from '../../db/sqlite.ts';
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
  expect(() => audit.lookAtKiosk(shop.kiosk, kiosk.book.db)).toThrow('invariant 0: a1 spent 5000 more than it had');
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
