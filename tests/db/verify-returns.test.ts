// Returns in the book: what they do to rights and roaming, and that verify derives each again from its sale.

import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { fen, points } from '../../db/model/amounts.ts';
import type { DownLine } from '../../db/model/down-file.ts';
import type { ReturnBody } from '../../db/model/event.ts';
import { accountState } from '../../db/reference.ts';
import type { SaleEvent } from '../../db/sales.ts';
import { type TestKiosk, aKiosk, reopened, tamper } from '../support/book.ts';
import { apply, header, scheme, writeDown } from '../support/county.ts';
import { leaveFor } from '../support/recycling.ts';
import { type BringOptions, brought } from '../support/return-sale.ts';
import { anOwner, balancesIn } from '../support/returns.ts';
import { type SellOptions, sell, today } from '../support/sell.ts';
import { verdictOn } from '../support/verify.ts';

const more = async (): Promise<readonly DownLine[]> => [await anOwner({ id: 'op2' })];

async function aShop(extra: readonly DownLine[] = []): Promise<TestKiosk> {
  return aKiosk(onTestFinished, [...(await more()), ...extra]);
}

function sold({ book }: TestKiosk, options: SellOptions): SaleEvent {
  const sale = sell(book, options);
  if (typeof sale === 'string') throw new Error(sale);
  return sale;
}

async function verdict({ book, directory }: TestKiosk) {
  book.close();
  return verdictOn(directory);
}

/** The county's second file, after it has heard everything. */
async function told({ home, book, directory, sha256 }: TestKiosk, lines: readonly DownLine[]) {
  const { path } = await writeDown(join(directory, 'from-county'), header(2, sha256, { ackThrough: book.head() }), lines);
  return apply(home, book, path);
}

const mixed = {
  resident: '1',
  goods: [
    ['1', 3],
    ['3', 2],
  ],
  chosenPoints: 10_000,
} as const satisfies SellOptions;

describe('what comes back', () => {
  test('in parts, by several sales in between, leaves every balance as it was and makes room under the day’s cap', async () => {
    const kiosk = await aShop([{ t: 'SCHEME', scheme: { ...scheme, version: 2, dayCapPoints: points(10_000) } }]);
    const { book } = kiosk;
    const first = sold(kiosk, mixed);
    expect(sell(book, { resident: '1', goods: [['3', 1]] })).toBe('points_short');
    brought(book, first, [{ n: 0, quantity: 2 }]);
    brought(book, first, [{ n: 1, quantity: 1 }]);
    expect(accountState(book.db, 'a1', today)).toMatchObject({ spentToday: 3_840, spentHereSince: 3_840 });
    const second = sold(kiosk, { resident: '1', goods: [['3', 1]] });
    brought(book, first, [
      { n: 0, quantity: 1 },
      { n: 1, quantity: 1 },
    ]);
    brought(book, second, [{ n: 0, quantity: 1 }]);
    expect(balancesIn(book.db)).toEqual({ 'esc a1 PTS': 20_000, 'issuance  PTS': -20_000 });
    expect(await verdict(kiosk)).toEqual({ kind: 'true' });
  });

  test('on a later date is booked on it, and does not make room under its cap', async () => {
    const kiosk = await aShop();
    const sale = sold(kiosk, mixed);
    kiosk.clock.turn(24 * 3_600_000);
    const late = brought(kiosk.book, sale, [{ n: 1, quantity: 2 }], { day: '2026-11-22' });
    expect(late).toMatchObject({ day: '2026-11-22', amt: 3_000, body: { saleDay: today, saleReceiptNumber: 'qj-03-000001' } });
    expect(accountState(kiosk.book.db, 'a1', '2026-11-22')).toMatchObject({ spentToday: 0, spentHereSince: 7_000 });
    expect(await verdict(kiosk)).toEqual({ kind: 'true' });
  });

  test('of roaming goes off what the county has not settled; what it settles nevertheless becomes rights', async () => {
    const kiosk = await aShop();
    const { book } = kiosk;
    const sale = sold(kiosk, { resident: '2', goods: [['2', 2]], chosenPoints: 4_000 });
    expect(brought(book, sale, [{ n: 0, quantity: 1 }])).toMatchObject({ body: { redemption: { toRights: 0, toRoaming: 2_000 } } });
    expect(accountState(book.db, 'a2', today)).toMatchObject({ kioskRoaming: 2_000, counters: { roamed: 4_000, unroamed: 2_000 } });
    expect(await told(kiosk, [{ t: 'ROAM', a: 'a2', c: points(5_000), xs: points(4_000) }])).toMatchObject({ kind: 'applied' });
    expect(accountState(book.db, 'a2', today)).toMatchObject({
      kioskRoaming: 0,
      counters: { roamed: 4_000, unroamed: 2_000, roamedSettled: 4_000, overfunded: 2_000 },
    });
    expect(balancesIn(book.db)).toMatchObject({ 'esc a2 PTS': 2_000, 'red  PTS': 2_000 });
    // the rest comes back after it was settled: as rights here
    expect(brought(book, sale, [{ n: 0, quantity: 1 }])).toMatchObject({ body: { redemption: { toRights: 2_000, toRoaming: 0 } } });
    expect(balancesIn(book.db)).toEqual({ 'esc a1 PTS': 20_000, 'esc a2 PTS': 4_000, 'issuance  PTS': -24_000 });
    book.close();
    const again = reopened(kiosk.home, kiosk.clock);
    expect(sell(again, { resident: '2', goods: [['3', 1]] })).toMatchObject({
      body: { redemption: { fromRights: 1_500, fromRoaming: 0 } },
    });
    again.close();
    expect(await verdictOn(kiosk.directory)).toEqual({ kind: 'true' });
  });
});

type Lie = NonNullable<BringOptions['lie']>;
const inBody =
  (change: (body: ReturnBody) => Partial<ReturnBody>): Lie =>
  ({ body, amt }) => ({ body: { ...body, ...change(body) }, amt });
const inPoints = (change: Partial<NonNullable<ReturnBody['redemption']>>): Lie =>
  inBody(({ redemption }) => ({ redemption: { ...redemption!, ...change } }));

describe('a return that lies', () => {
  test.each<readonly [string, Lie, string]>([
    ['in its number', inBody(() => ({ returnNumber: 'qj-03-T000009' })), 'has number qj-03-T000009, not qj-03-T000001'],
    [
      'in the receipt',
      inBody(() => ({ saleReceiptNumber: 'qj-03-000007' })),
      'names receipt qj-03-000007 of 2026-11-21; it was qj-03-000001 of 2026-11-21',
    ],
    [
      'in the day of the sale',
      inBody(() => ({ saleDay: '2026-11-20' })),
      'names receipt qj-03-000001 of 2026-11-20; it was qj-03-000001 of 2026-11-21',
    ],
    ['in whose it was', inBody(({ printed }) => ({ printed: { ...printed, residentMasked: '扎**' } })), 'prints another than who bought'],
    [
      'in the cash: a jiao less',
      inBody(({ payments, roundingFen }) => ({
        payments: [{ ...payments[0]!, fen: fen(payments[0]!.fen - 10) }],
        roundingFen: fen(roundingFen - 10),
      })),
      'gives back other than the share of the sale that the pieces are',
    ],
    [
      'in what cash is: by phone instead',
      inBody(({ payments }) => ({ payments: [{ ...payments[0]!, kind: 'other' }] })),
      'gives back other than the share of the sale that the pieces are',
    ],
    [
      'in what can be used before',
      inPoints({ usableBefore: points(1) }),
      'prints 1 usable before and 13830 after, 13830 in the county; it was 10000, 13830, 13830',
    ],
    [
      'in what can be used after',
      inPoints({ usableAfter: points(99) }),
      'prints 10000 usable before and 99 after, 13830 in the county; it was 10000, 13830, 13830',
    ],
    [
      'in the worth of a point',
      inPoints({ pointValueFen: 11 }),
      'gives back 3830 points, 0 of them to roaming; it should be 3830, 0 of them',
    ],
    [
      'in its points: some of another line',
      ({ body, amt }) => ({
        body: {
          ...body,
          redemption: {
            ...body.redemption!,
            discount: points(body.redemption!.discount - 100),
            toRights: points(body.redemption!.toRights - 100),
          },
        },
        amt: amt - 100,
      }),
      'gives back 3730 points, 0 of them to roaming; it should be 3830, 0 of them',
    ],
  ])('%s is named', async (_what, lie, what) => {
    const kiosk = await aShop();
    const sale = sold(kiosk, mixed);
    const event = brought(
      kiosk.book,
      sale,
      [
        { n: 0, quantity: 1 },
        { n: 1, quantity: 1 },
      ],
      { lie },
    );
    if (typeof event === 'string') throw new Error(event);
    expect(await verdict(kiosk)).toEqual({ kind: 'lie', check: 'returns', place: `event ${event.seq}`, what });
  });

  test('of more than was bought, or of what is no sale, is not taken by the book', async () => {
    const kiosk = await aShop();
    const sale = sold(kiosk, mixed);
    const twice = inBody(({ lines }) => ({ lines: lines.map((line) => ({ ...line, quantity: 9 })) }));
    expect(() => brought(kiosk.book, sale, [{ n: 0, quantity: 1 }], { lie: twice })).toThrow(
      'no more of line 0 comes back than was bought',
    );
    const back = brought(kiosk.book, sale, [{ n: 0, quantity: 1 }]);
    if (typeof back === 'string') throw new Error(back);
    const ofReturn = inBody(() => ({ saleId: back.id }));
    expect(() => brought(kiosk.book, sale, [{ n: 0, quantity: 1 }], { lie: ofReturn })).toThrow('a return names a sale');
    expect(await verdict(kiosk)).toEqual({ kind: 'true' });
  });

  test('without a leave for exactly this is named', async () => {
    const kiosk = await aShop();
    const sale = sold(kiosk, mixed);
    const approvalId = leaveFor(kiosk.book, { kind: 'return', saleId: sale.id, digest: 'other', points: 1, moneyFen: 1 });
    const event = brought(kiosk.book, sale, [{ n: 0, quantity: 1 }], { approvalId });
    if (typeof event === 'string') throw new Error(event);
    const lie = { kind: 'lie', check: 'approvals', place: `event ${event.seq}`, what: 'has leave for another act than this' };
    expect(await verdict(kiosk)).toEqual(lie);
  });

  test.each([
    ['sale_return', 'points = points + 1'],
    ['sale_return', `day = '2026-11-20'`],
    ['sale_return', `return_number = 'qj-03-T000002'`],
    ['return_line', 'quantity = 2'],
    ['return_line', 'points_fen = 0'],
    ['return_line', 'settlement_fen = 1'],
  ])('in table %s, %s, is found', async (table, change) => {
    const kiosk = await aShop();
    brought(kiosk.book, sold(kiosk, mixed), [{ n: 0, quantity: 1 }]);
    kiosk.book.close();
    tamper(kiosk.home, (db) => db.exec(`UPDATE ${table} SET ${change}`));
    expect(await verdictOn(kiosk.directory)).toMatchObject({ kind: 'lie', place: expect.stringMatching(new RegExp(`^table ${table},`)) });
  });

  test.each(['unspent', 'unroamed', 'overfunded'])('in counter %s is found', async (column) => {
    const kiosk = await aShop();
    const sale = sold(kiosk, { resident: '2', goods: [['2', 1]], chosenPoints: 3_000 });
    brought(kiosk.book, sale, [{ n: 0, quantity: 1 }]);
    await told(kiosk, [{ t: 'ROAM', a: 'a2', c: points(5_000), xs: points(3_000) }]);
    kiosk.book.close();
    tamper(kiosk.home, (db) => {
      db.pragma('ignore_check_constraints = ON');
      db.exec(`UPDATE counter SET ${column} = ${column} + 1`);
    });
    expect(await verdictOn(kiosk.directory)).toMatchObject({ kind: 'lie', check: expect.stringMatching(/^(counters|integrity)$/) });
  });
});
