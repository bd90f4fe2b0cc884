// What verify says of who did what: every act is of the one who was signed in, whom the county let do it, on a date that the till
// would have opened, under the names of that day, and with its paper; though the kiosk itself signed the lie.

import { randomUUID } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import type { Entry } from '../../db/book.ts';
import { drawerFen } from '../../db/operators.ts';
import { addPrintJob } from '../../db/print-jobs.ts';
import { fen } from '../../db/model/amounts.ts';
import type { EventKind, SaleBody } from '../../db/model/event.ts';
import type { SaleEvent } from '../../db/sales.ts';
import { readHome } from '../../db/home.ts';
import { openBook } from '../../db/open-book.ts';
import { dayMs } from '../../db/model/time.ts';
import { type TestKiosk, aKiosk, tamper } from '../support/book.ts';
import { closeDay, openDay } from '../support/closing.ts';
import { cashier, handClock, morning } from '../support/county.ts';
import { deskLines } from '../support/recycling.ts';
import { brought } from '../support/return-sale.ts';
import { sell, today } from '../support/sell.ts';
import { verdictOn } from '../support/verify.ts';

interface Shop extends TestKiosk {
  readonly sale: SaleEvent;
}

/** A cashier op1 at work, an owner op2, one who left, and one sale. */
async function aShop(): Promise<Shop> {
  const gone = { ...(await cashier()), id: 'gone', name: '旺堆', active: false };
  const kiosk = await aKiosk(onTestFinished, [...(await deskLines()), { t: 'OPERATOR', operator: gone }]);
  openDay(kiosk.book, today);
  const sale = sell(kiosk.book, { resident: '1', goods: [['1', 2]], chosenPoints: 10_000 });
  if (typeof sale === 'string') throw new Error(sale);
  return { ...kiosk, sale };
}

/** Writes an act as it stands, whoever is signed in: the book that the program itself has. */
function write({ book, directory }: TestKiosk, act: EventKind, change: Partial<Entry> = {}, withJob = false): void {
  const clock = handClock(book.clock.wallMs());
  book.close();
  const home = readHome(directory);
  const opened = home.ok ? openBook(home.home, clock, 'test') : home;
  if (!opened.ok) throw new Error(opened.code);
  const id = randomUUID();
  opened.book.transact(({ db, append }) => {
    append({ id, day: today, op: 'op1', command: { id }, ...act, ...change } as Entry); // one act and its body
    if (withJob) addPrintJob(db, { jobId: randomUUID(), actId: id, copy: 0 });
  });
  opened.book.close();
}

const noSale = { kind: 'NO_SALE', body: { reason: 'change' } } as const;
const count = { purpose: 'closing', counts: [0, 0, 0, 0, 0, 0, 0, 0], countedFen: fen(0) } as const;
const opens = { kind: 'SHIFT_OPEN', body: { floatFen: fen(1_500), drawerBeforeFen: fen(1_500), reason: null, approvalId: null, isDateConfirmed: false } } as const; // prettier-ignore
const again = (shop: Shop, copy: number) => ({ kind: 'REPRINTED', body: { saleId: shop.sale.id, copy } }) as const;

/** A second sale of the same goods that prints something else. */
function soldUnder(shop: Shop, printed: Partial<SaleBody['printed']>): void {
  const { redemption: _, ...body } = shop.sale.body;
  const line = { ...body.lines[0]!, points: 0, pointsFen: fen(0) };
  const lie = {
    ...body,
    receiptNumber: 'qj-03-000002',
    accountId: null,
    redemption: null,
    lines: [line],
    payments: [{ kind: 'other', fen: body.totalFen }],
    roundingFen: fen(0),
    printed: { ...body.printed, residentMasked: null, ...printed },
  } as unknown as SaleBody; // its points are no points
  write(shop, { kind: 'SALE', body: lie }, {}, true);
}

const lies: readonly (readonly [what: string, lie: (shop: Shop) => unknown, told: RegExp])[] = [
  ['a drawer opened by nobody', (s) => write(s, noSale, { op: null }), /operators: is an act of nobody, who does not work here/],
  ['a drawer opened by a stranger', (s) => write(s, noSale, { op: 'ghost' }), /operators: is an act of ghost, who does not work here/],
  ['a drawer opened by who left', (s) => write(s, noSale, { op: 'gone' }), /operators: is an act of gone, who does not work here/],
  [
    'a drawer opened by who is not signed in',
    (s) => write(s, noSale, { op: 'op2' }),
    /operators: is an act of op2, while op1 was signed in/,
  ],
  [
    'cash put in by a stranger',
    (s) =>
      write(
        s,
        { kind: 'CASH_MOVED', body: { direction: 'in', fen: fen(5_000), reason: 'change', note: '', approvalId: null } },
        { op: 'ghost' },
      ),
    /operators: is an act of ghost/,
  ],
  [
    'a count by a stranger',
    (s) => write(s, { kind: 'DRAWER_COUNTED', body: { ...count, expectedFen: drawerFen(s.book.db) } }, { op: 'ghost' }),
    /operators: is an act of ghost/,
  ],
  [
    'a refusal to a card by who is not signed in',
    (s) => write(s, { kind: 'REFUSED', body: { code: 'x' } }, { op: 'op2' }),
    /while op1 was/,
  ],
  ['a start by somebody', (s) => write(s, { kind: 'OPERATOR_IN', body: { operator: 'op2' } }, { op: 'op1' }), /signs op2 in by op1/],
  ['a sign-in of who left', (s) => write(s, { kind: 'OPERATOR_IN', body: { operator: 'gone' } }, { op: 'gone' }), /does not work here/],
  ['a sign-out of another', (s) => write(s, { kind: 'OPERATOR_OUT', body: { operator: 'op2' } }, { op: 'op2' }), /while op1 was signed in/],
  ['an act of another date than its shift', (s) => write(s, noSale, { day: '2026-11-22' }), /operators: is of no open shift/],
  [
    'a shift ten years ahead',
    (s) => {
      closeDay(s.book, { day: today });
      write(s, opens, { op: 'op2', day: '2036-11-22' });
    },
    /opens 2036-11-22, and 2026-11-22 was due/,
  ],
  [
    'a shift of the next date on the same day that nobody confirmed',
    (s) => {
      closeDay(s.book, { day: today });
      write(s, opens, { op: 'op2', day: '2026-11-22' });
    },
    /opens 2026-11-22 after 2026-11-21, and nobody said that it is right/,
  ],
  [
    'a shift a week later that nobody confirmed',
    (s) => {
      closeDay(s.book, { day: today });
      s.clock.turn(7 * dayMs);
      write(s, opens, { op: 'op2', day: '2026-11-28' });
    },
    /opens 2026-11-28 after 2026-11-21, and nobody said that it is right/,
  ],
  [
    'days that are closed ahead of the clock by a cashier',
    (s) => {
      closeDay(s.book, { day: today });
      for (const day of ['2026-11-22', '2026-11-23']) {
        openDay(s.book, day);
        closeDay(s.book, { day });
      }
    },
    /while 2026-11-22 is closed: only an owner may/,
  ],
  ['a receipt that names another', (s) => soldUnder(s, { operatorName: '某人' }), /operators: names 某人 where 卓玛 was at work/],
  [
    'a receipt of another shop',
    (s) => soldUnder(s, { shop: { zh: '别的店', bo: null, countyZh: '琼结县', countyBo: null } }),
    /operators: names another shop/,
  ],
  [
    'a return that names another approver',
    (s) => brought(s.book, s.sale, [{ n: 0, quantity: 1 }], { lie: ({ body, amt }) => ({ amt, body: { ...body, printed: { ...body.printed, approverName: '某人' } } }) }), // prettier-ignore
    /returns: names 某人 where op2 gave leave/,
  ],
  [
    'a return for a reason of no list',
    (s) =>
      brought(s.book, s.sale, [{ n: 0, quantity: 1 }], {
        lie: ({ body, amt }) => ({ amt, body: { ...body, reason: 'gift' as 'faulty' } }),
      }),
    /returns: has the reason gift/,
  ],
  ['a copy out of turn', (s) => write(s, again(s, 9)), /print jobs: is copy 9 without leave/],
  ['a copy without a job', (s) => write(s, again(s, 1)), /print jobs: has no job of printing it/],
  [
    'a copy that nobody asked for',
    (s) => s.book.transact(({ db }) => addPrintJob(db, { jobId: randomUUID(), actId: s.sale.id, copy: 1 })),
    /print jobs: has copy 1 of the paper of act .+, and nobody asked for it/,
  ],
  ['a paper without a job', (s) => change(s, 'DELETE FROM print_job'), /print jobs: has a paper and no job of printing it/],
  ['a job of another number', (s) => change(s, `UPDATE print_job SET number = 'qj-03-000009'`), /print jobs: has another number/],
  ['a job of another copy', (s) => change(s, 'UPDATE print_job SET copy = 7'), /print jobs: is copy 7 of event \d+ where 0 was due/],
  [
    'a backup that is no file',
    (s) => {
      const { seq, leaf } = s.book.head();
      write(s, { kind: 'BACKED_UP', body: { throughSeq: seq, leaf, place: '/x', file: 'y', bytes: 1, sha256: 'z' } }, { op: null });
    },
    /upkeep: describes no file that a backup can be/,
  ],
];

function change({ book, home }: Shop, sql: string): void {
  book.close();
  tamper(home, (db) => db.exec(sql));
}

test.each(lies)('%s is named', async (_what, lie, told) => {
  const shop = await aShop();
  lie(shop);
  if (shop.book.db.open) shop.book.close();
  const verdict = await verdictOn(shop.directory);
  expect(verdict.kind === 'lie' ? `${verdict.check}: ${verdict.what}` : verdict.kind).toMatch(told);
});

test('who comes and goes, closes ahead as an owner, and is confirmed on a later date holds', async () => {
  const shop = await aShop();
  closeDay(shop.book, { day: today });
  openDay(shop.book, '2026-11-22', 'op2');
  closeDay(shop.book, { day: '2026-11-22' });
  openDay(shop.book, '2026-11-23', 'op2');
  closeDay(shop.book, { day: '2026-11-23' });
  shop.clock.set(morning + 30 * dayMs);
  openDay(shop.book, '2026-12-21');
  sell(shop.book, { day: '2026-12-21' });
  shop.book.close();
  expect(await verdictOn(shop.directory)).toEqual({ kind: 'true' });
});
