// What the county owes for closed days: a hand-made settlement compared whole, shares at their halves, the county's words, and the law
// that settlements and postings are the same money.

import { describe, expect, test } from 'vitest';
import { fen, points, sumFen } from '../../db/model/amounts.ts';
import { capitals } from '../../db/model/capitals.ts';
import type { BookEvent, Figures, SettlementBody } from '../../db/model/event.ts';
import { newFigures } from '../../db/model/figures.ts';
import { postingsOf } from '../../db/model/postings.ts';
import {
  type ClosedDay,
  type SettlementInput,
  type SettlementWord,
  newsOf,
  paymentsOf,
  settledAdjustmentsMax,
  settledClosingsMax,
  settlementOf,
  settlementPrice,
  shareOf,
  stateOf,
} from '../../db/model/settlement.ts';
import { shop as testShop } from '../support/county.ts';
import { fc } from '../support/property.ts';

const printed: SettlementBody['printed'] = {
  language: 'zh',
  operatorName: '卓玛',
  shop: { zh: '白日社区文明超市', bo: null, countyZh: '琼结县', countyBo: null },
};

function settle(closings: readonly ClosedDay[], change: Partial<SettlementInput> = {}): SettlementBody {
  return settlementOf({ kiosk: 'qj-03', inc: 1, number: 7, closings, scheme: {}, adjustments: [], printed, ...change });
}

function closed(number: number, figures: Figures, sharePermille = 0): ClosedDay {
  return { number, day: `2026-11-${String(number).padStart(2, '0')}`, figures, sharePermille };
}

test('a settlement of two days is what was worked out by hand', () => {
  const figuresOfFirst = {
    'redeemed/10/points': 20_000,
    'redeemed/10/fen': 2_000,
    'pointsGoods.points': 3_000,
    'pointsGoods.fen': 1_505,
    'pointsGoods.unpriced': 2,
    'credit.count': 4,
    'credit.points': 5_200,
    'reversal.count': 1,
    'reversal.points': 200,
    'sale.fen': 99_999,
  };
  const figuresOfSecond = {
    'redeemed/10/points': -500,
    'redeemed/10/fen': -50,
    'redeemed/9/points': 100,
    'redeemed/9/fen': 9,
    'pointsGoods.points': -1_000,
    'pointsGoods.fen': -500,
    'pointsGoods.unpriced': -1,
  };
  const [first, second] = [closed(3, figuresOfFirst, 25), closed(4, figuresOfSecond, 25)];
  const adjustments = [
    { id: 'A1', zh: '九月少付', fen: fen(333) },
    { id: 'A2', zh: '重复一笔', fen: fen(-100) },
  ];
  const budget = { zh: '年度经费', yearFen: fen(120_000_000), usedFen: fen(5), asOf: 1 };
  expect(settle([first, second], { scheme: { budget }, adjustments })).toEqual({
    number: 7,
    settlementNumber: 'qj-03-J000007',
    closings: [
      { number: 3, day: '2026-11-03', points: 23_000, fen: 3_505 },
      { number: 4, day: '2026-11-04', points: -1_400, fen: -541 },
    ],
    redeemed: [
      { pointValueFen: 9, points: 100, fen: 9 },
      { pointValueFen: 10, points: 19_500, fen: 1_950 },
    ],
    pointsGoods: { points: 2_000, fen: 1_005, unpriced: 1 },
    grossFen: 2_964,
    shares: [{ permille: 25, grossFen: 2_964, shareFen: 74 }], // 74.1
    shareFen: 74,
    adjustments,
    owedFen: 3_123,
    credited: { count: 3, points: 5_000 },
    budget,
    printed,
  });
});

test('days closed under different shares are settled at their own, a line for each share', () => {
  const day = (number: number, worth: number, permille: number) =>
    closed(number, { 'redeemed/10/points': worth * 10, 'redeemed/10/fen': worth }, permille);
  expect(settle([day(1, 1_000, 0), day(2, 2_020, 25), day(3, 500, 0), day(4, -20, 25)])).toMatchObject({
    grossFen: 3_500,
    shares: [
      { permille: 0, grossFen: 1_500, shareFen: 0 },
      { permille: 25, grossFen: 2_000, shareFen: 50 },
    ],
    shareFen: 50,
    owedFen: 3_450,
  });
});

test('days on which nothing was redeemed are settled with nothing, and a value whose points all came back is not told', () => {
  const gone = [
    closed(1, { 'redeemed/10/points': 100, 'redeemed/10/fen': 10 }),
    closed(2, { 'redeemed/10/points': -100, 'redeemed/10/fen': -10 }),
  ];
  expect(settle(gone)).toMatchObject({ redeemed: [], grossFen: 0, shareFen: 0, owedFen: 0, budget: null });
});

test('what one settlement does not take is left for the next', () => {
  const days = Array.from({ length: settledClosingsMax + 1 }, (_, i) => closed(i + 1, {}));
  const adjustments = Array.from({ length: settledAdjustmentsMax + 1 }, (_, i) => ({ id: `A${i}`, zh: '补', fen: fen(1) }));
  const body = settle(days, { adjustments });
  expect([body.closings.length, body.adjustments.length, body.owedFen]).toEqual([
    settledClosingsMax,
    settledAdjustmentsMax,
    settledAdjustmentsMax,
  ]);
});

test.each([
  [1_000, 25, 25],
  [20, 25, 1], // 0.5 up
  [19, 25, 0], // 0.475
  [-20, 25, -1],
  [-19, 25, 0],
  [0, 1_000, 0],
  [12_345, 0, 0],
  [12_345, 1_000, 12_345],
  [Number.MAX_SAFE_INTEGER, 1_000, Number.MAX_SAFE_INTEGER],
])('of %d fen a share of %d thousandths is %d fen', (amount, permille, share) => {
  expect(Object.is(shareOf(fen(amount), permille), share)).toBe(true); // and never −0
});

test('a share keeps its sign, lies within half a fen, and of the opposite is the opposite', () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), fc.integer({ min: 0, max: 1_000 }), (amount, permille) => {
      const share = shareOf(fen(amount), permille);
      const off = BigInt(share) * 1_000n - BigInt(amount) * BigInt(permille);
      expect(off <= 500n && off >= -500n).toBe(true);
      expect(share + shareOf(fen(amount === 0 ? 0 : -amount), permille)).toBe(0);
    }),
  );
});

test('only pieces priced in points have a settlement price, and only where the county named one', () => {
  const priced = { settlementFen: fen(650) };
  expect([
    settlementPrice(priced, { pricedIn: 'points', quantity: 3 }),
    settlementPrice(priced, { pricedIn: 'yuan', quantity: 3 }),
    settlementPrice({}, { pricedIn: 'points', quantity: 3 }),
  ]).toEqual([1_950, undefined, undefined]);
});

describe('what the county says of a settlement', () => {
  const word = (state: SettlementWord['state'], change: Partial<SettlementWord> = {}): SettlementWord => ({
    inc: 1,
    number: 1,
    state,
    day: '2026-11-22',
    paidFen: state === 'paid' ? fen(500) : null,
    reference: '',
    ...change,
  });

  test('is shown as what each paid: together they are what was paid', () => {
    const words = [
      word('sent'),
      word('paid'),
      word('accepted'),
      word('paid', { paidFen: fen(7_930) }),
      word('paid', { paidFen: fen(7_900) }),
    ];
    expect(paymentsOf(words)).toEqual([null, 500, null, 7_430, -30]);
  });

  test('is news once; what was paid is told as how much more', () => {
    const paid = word('paid');
    expect([
      newsOf(word('sent'), null),
      newsOf(paid, null),
      newsOf(paid, { ...paid }),
      newsOf(word('paid', { paidFen: fen(480), reference: '更正' }), paid),
    ]).toEqual([{ paidFen: 0 }, { paidFen: 500 }, null, { paidFen: -20 }]);
  });

  test('is as far as it ever came; a step back and another amount are doubts', () => {
    const owed = fen(500);
    expect([
      stateOf(owed, []),
      stateOf(owed, [word('sent'), word('accepted')]),
      stateOf(owed, [word('accepted'), word('sent')]),
      stateOf(owed, [word('paid', { paidFen: fen(499) })]),
      stateOf(owed, [word('paid', { paidFen: fen(499) }), word('paid')]),
    ]).toEqual([
      { state: 'prepared', doubts: [] },
      { state: 'accepted', doubts: [] },
      { state: 'accepted', doubts: ['went_back'] },
      { state: 'paid', doubts: ['paid_other'] },
      { state: 'paid', doubts: [] },
    ]);
  });
});

test.each([
  [0, '人民币零元整'],
  [5, '人民币伍分'],
  [50, '人民币伍角整'],
  [55, '人民币伍角伍分'],
  [100, '人民币壹元整'],
  [105, '人民币壹元零伍分'],
  [123_450, '人民币壹仟贰佰叁拾肆元伍角整'],
  [100_405, '人民币壹仟零肆元零伍分'],
  [140_950, '人民币壹仟肆佰零玖元伍角整'],
  [600_714, '人民币陆仟零柒元壹角肆分'],
  [10_700_053, '人民币壹拾万零柒仟元伍角叁分'],
  [1_000_000_00, '人民币壹佰万元整'],
  [1_000_100_00, '人民币壹佰万零壹佰元整'],
  [100_000_001_00, '人民币壹亿零壹元整'],
  [12_345_678_901_23, '人民币壹佰贰拾叁亿肆仟伍佰陆拾柒万捌仟玖佰零壹元贰角叁分'],
  [1_000_000_000_000_00, '人民币壹万亿元整'],
  [-1_234, '人民币负壹拾贰元叁角肆分'],
])('%d fen are written %s', (amount, text) => {
  expect(capitals(fen(amount))).toBe(text);
});

// One kiosk's days of sales and returns, by points as a discount and by goods priced in points; a return may come days after its sale.

interface Act {
  readonly day: number;
  readonly worth: number;
  readonly settled: number;
  /** Comes back so many days later; null: stays sold. */
  readonly backAfter: number | null;
}

const act = fc.record({
  day: fc.integer({ min: 0, max: 5 }),
  worth: fc.integer({ min: 0, max: 5_000 }).map((jiao) => jiao * 10),
  settled: fc.integer({ min: 0, max: 5_000 }),
  backAfter: fc.option(fc.integer({ min: 0, max: 3 })),
});

const envelope = {
  v: 1,
  county: testShop.county,
  store: testShop.store,
  kiosk: testShop.kiosk,
  inc: 1,
  seq: 1,
  id: 'x',
  day: '2026-11-21',
  at: 0,
  mono: 0,
  clk: 'ok',
  op: 'op1',
  res: null,
  cmdHash: '',
  prev: '',
} as const;
const inPoints = 700; // hundredths, of one piece priced in points

function sale({ worth, settled }: Act): BookEvent {
  const line = (pricedIn: 'yuan' | 'points') => ({ goodsId: '1', zh: '水杯', bo: null, size: '', quantity: 1, pricedIn });
  return {
    ...envelope,
    amt: points(worth * 10 + inPoints),
    kind: 'SALE',
    body: {
      receiptNumber: '1',
      accountId: 'a1',
      schemeVersion: 1,
      priceVersion: 1,
      lines: [
        { ...line('yuan'), unitPrice: worth, totalFen: fen(worth), points: points(worth * 10), pointsFen: fen(worth) },
        {
          ...line('points'),
          unitPrice: inPoints,
          totalFen: fen(0),
          points: points(inPoints),
          pointsFen: fen(0),
          settlementFen: fen(settled),
        },
      ],
      totalFen: fen(worth),
      redemption: {
        fromRights: points(worth * 10 + inPoints),
        fromRoaming: points(0),
        worthFen: fen(worth),
        usableBefore: points(0),
        usableAfter: points(0),
        countyAfter: points(0),
        countyAsOf: 0,
      },
      payments: [],
      roundingFen: fen(0),
      printed: { language: 'zh', residentMasked: null, operatorName: '' },
    },
  };
}

function back({ worth, settled }: Act): BookEvent {
  return {
    ...envelope,
    amt: points(worth * 10 + inPoints),
    kind: 'RETURNED',
    body: {
      returnNumber: '1',
      saleId: 'x',
      saleReceiptNumber: '1',
      saleDay: '2026-11-21',
      accountId: 'a1',
      reason: 'faulty',
      approvalId: 'y',
      lines: [
        { n: 0, quantity: 1, totalFen: fen(worth), pointsFen: fen(worth), settlementFen: fen(0), points: points(0) },
        { n: 1, quantity: 1, totalFen: fen(0), pointsFen: fen(0), settlementFen: fen(settled), points: points(inPoints) },
      ],
      totalFen: fen(worth),
      redemption: {
        discount: points(worth * 10),
        worthFen: fen(worth),
        pointValueFen: worth === 0 ? null : 10,
        toRights: points(worth * 10 + inPoints),
        toRoaming: points(0),
        usableBefore: points(0),
        usableAfter: points(0),
        countyAfter: points(0),
        countyAsOf: 0,
      },
      payments: [],
      roundingFen: fen(0),
      printed: { language: 'zh', residentMasked: null, operatorName: '', approverName: '', shop: printed.shop },
    },
  };
}

function receivable(event: BookEvent): number {
  return postingsOf(event).reduce((sum, { account, amount }) => sum + (account === 'cash/county-receivable' ? amount : 0), 0);
}

test('over any days, what is owed is what the postings claim, less the shares, adjusted; also where more comes back than is sold', () => {
  fc.assert(
    fc.property(
      fc.array(act, { maxLength: 30 }),
      fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 9, maxLength: 9 }),
      fc.array(fc.integer({ min: 0, max: 1_000 }), { minLength: 1, maxLength: 3 }),
      fc.array(fc.integer({ min: -100_000, max: 100_000 }), { minLength: 9, maxLength: 9 }),
      (acts, lengths, permilles, adjusted) => {
        const days = Array.from({ length: 9 }, (_, day) => [
          ...acts.filter((each) => each.day === day).map(sale),
          ...acts.filter((each) => each.backAfter !== null && each.day + each.backAfter === day).map(back),
        ]);
        const closings = days.map((events, i) => {
          const sums = newFigures(() => []);
          for (const event of events) sums.add({ event, postings: postingsOf(event) });
          return closed(i + 1, sums.figures(), permilles[i % permilles.length]);
        });
        let claim = days.flat().reduce((sum, event) => sum + receivable(event), 0);
        let owed = 0;
        for (let from = 0, n = 0; from < closings.length; n += 1) {
          const body = settle(closings.slice(from, from + lengths[n]!), {
            number: n + 1,
            adjustments: adjusted[n] === 0 ? [] : [{ id: `A${n}`, zh: '调整', fen: fen(adjusted[n]!) }],
          });
          expect(sumFen(body.closings.map((each) => each.fen))).toBe(body.grossFen);
          expect(sumFen(body.shares.map((each) => each.grossFen))).toBe(body.grossFen);
          expect(sumFen(body.shares.map((each) => each.shareFen))).toBe(body.shareFen);
          claim += receivable({ ...envelope, amt: points(0), kind: 'SETTLED', body });
          owed += body.owedFen;
          from += body.closings.length;
        }
        expect(owed).toBe(claim);
      },
    ),
  );
});
