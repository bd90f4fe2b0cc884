// Postings: whatever is sold and however it is paid, each commodity sums to zero, and a body that does not add up books
// nothing.

import { describe, expect, test } from 'vitest';
import { fen, points } from '../../db/model/amounts.ts';
import type { BookEvent, CreditBody, EventKind, SaleBody } from '../../db/model/event.ts';
import { type Posting, counterStepOf, grantPostings, postingsOf, settlementPostings } from '../../db/model/postings.ts';
import { fc } from '../support/property.ts';

function event(kind: EventKind, amt = 0): BookEvent {
  return {
    v: 1,
    county: '540525',
    store: 'baire',
    kiosk: 'qj-03',
    inc: 1,
    seq: 7,
    id: 'x',
    day: '2026-11-21',
    at: 0,
    mono: 0,
    clk: 'ok',
    op: null,
    res: null,
    amt: points(amt),
    cmdHash: '',
    prev: '',
    ...kind,
  };
}

/** One line of goods for `total` fen, of which points pay `worth`; the rest in cash with `rounding`. */
function body(figures: { total: number; rights: number; roaming: number; worth: number; rounding: number; cash: boolean }): SaleBody {
  const { total, rights, roaming, worth, rounding, cash } = figures;
  const paid = fen(total - worth + rounding);
  const used = points(rights + roaming);
  return {
    receiptNumber: 'qj-03-000001',
    accountId: 'a1',
    schemeVersion: 1,
    priceVersion: 1,
    lines: [
      {
        goodsId: '1',
        zh: '洗洁精',
        bo: null,
        size: '500g',
        quantity: 1,
        pricedIn: 'yuan',
        unitPrice: total,
        totalFen: fen(total),
        points: used,
        pointsFen: fen(worth),
      },
    ],
    totalFen: fen(total),
    redemption:
      used === 0
        ? null
        : {
            fromRights: points(rights),
            fromRoaming: points(roaming),
            worthFen: fen(worth),
            usableBefore: used,
            usableAfter: points(0),
            countyAfter: points(0),
            countyAsOf: 0,
          },
    payments:
      paid === 0 ? [] : [cash ? { kind: 'cash', fen: paid, tenderedFen: fen(paid + 7), changeFen: fen(7) } : { kind: 'other', fen: paid }],
    roundingFen: fen(rounding),
    printed: { language: 'zh', residentMasked: '格***', operatorName: '卓玛' },
  };
}

/** Counters that do not move. */
const noStep = { spent: 0, roamed: 0, credited: 0, uncredited: 0, unspent: 0, unroamed: 0, returned: 0, granted: 0 };

const sums = (rows: readonly Posting[]): Record<string, number> => {
  const totals: Record<string, number> = { PTS: 0, CNY: 0 };
  for (const row of rows) totals[row.commodity]! += row.amount;
  return totals;
};

const anySale = fc
  .record({
    total: fc.integer({ min: 1, max: 1e9 }),
    rights: fc.nat(1e9),
    roaming: fc.nat(1e6),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
    rounding: fc.integer({ min: -99, max: 99 }),
    cash: fc.boolean(),
  })
  .map(({ total, share, rights, roaming, rounding, cash }) => {
    const worth = rights + roaming === 0 ? 0 : Math.floor(total * share);
    return { total, rights, roaming, worth, rounding: cash ? Math.max(rounding, worth - total) : 0, cash };
  });

describe('a sale', () => {
  test('sums to zero in points and in money, with no row of nothing', () => {
    fc.assert(
      fc.property(anySale, (figures) => {
        const used = figures.rights + figures.roaming;
        const rows = postingsOf(event({ kind: 'SALE', body: body(figures) }, used));
        expect(sums(rows)).toEqual({ PTS: 0, CNY: 0 });
        expect(rows.every((row) => row.amount !== 0 && (row.holder === 'a1') === (row.account === 'esc'))).toBe(true);
        const of = (account: Posting['account']): number =>
          rows.filter((row) => row.account === account).reduce((sum, row) => sum + row.amount, 0);
        expect({ esc: of('esc'), roam: of('roam'), red: of('red') }).toEqual({
          esc: 0 - figures.rights,
          roam: 0 - figures.roaming,
          red: used,
        });
        expect(of('cash/sales')).toBe(-figures.total);
        expect(of('cash/drawer') + of('cash/other-payments')).toBe(figures.total - figures.worth + figures.rounding);
        expect(of('cash/county-receivable')).toBe(figures.worth);
      }),
      { numRuns: 500 },
    );
  });

  test('moves the counters of its account and of nobody else', () => {
    const sale = event({ kind: 'SALE', body: body({ total: 100, rights: 30, roaming: 20, worth: 5, rounding: 0, cash: true }) }, 50);
    expect(counterStepOf(sale)).toEqual({ ...noStep, accountId: 'a1', spent: 30, roamed: 20 });
    expect(
      counterStepOf(event({ kind: 'SALE', body: body({ total: 100, rights: 0, roaming: 0, worth: 0, rounding: 0, cash: true }) })),
    ).toBeNull();
    expect(
      counterStepOf(event({ kind: 'SHIFT_OPEN', body: { floatFen: fen(5), drawerBeforeFen: fen(0), isDateConfirmed: false } })),
    ).toBeNull();
  });

  const right = body({ total: 1_000, rights: 30, roaming: 20, worth: 5, rounding: -5, cash: true });
  const [cash] = right.payments;
  const [first] = right.lines;
  test.each<readonly [string, Partial<SaleBody>, number]>([
    ['a fen too little paid', { payments: [{ ...cash!, fen: fen(989), changeFen: fen(8) } as SaleBody['payments'][number]] }, 50],
    [
      'change that is not what was tendered less what was paid',
      { payments: [{ kind: 'cash', fen: fen(990), tenderedFen: fen(1_000), changeFen: fen(11) }] },
      50,
    ],
    ['nothing paid', { payments: [] }, 50],
    ['rounding that nobody paid', { roundingFen: fen(0) }, 50],
    [
      'a total that is not its lines’',
      { totalFen: fen(1_001), payments: [{ kind: 'cash', fen: fen(991), tenderedFen: fen(991), changeFen: fen(0) }] },
      50,
    ],
    ['points that are not its lines’', { lines: [{ ...first!, points: points(49) }] }, 50],
    ['points that are not its redemption’s', {}, 51],
    ['points without a redemption', { redemption: null }, 50],
    ['points of nobody', { accountId: null }, 50],
    ['points that flow back', { redemption: { ...right.redemption!, fromRights: points(-30), fromRoaming: points(80) } }, 50],
    [
      'a payment below nothing',
      {
        payments: [
          { kind: 'other', fen: fen(-10) },
          { kind: 'other', fen: fen(1_000) },
        ],
      },
      50,
    ],
  ])('with %s is refused', (_what, change, amt) => {
    expect(() => postingsOf(event({ kind: 'SALE', body: { ...right, ...change } }, amt))).toThrow('assertion failed');
  });
});

describe('a credit', () => {
  const line = (earned: number): CreditBody['lines'][number] => ({
    materialId: 'battery',
    zh: '废电池',
    bo: null,
    measuredBy: 'count',
    hazardous: true,
    rate: { points: points(100), per: 2 },
    bags: [],
    units: 2,
    points: points(earned),
    remainderUnits: 0,
  });
  const credit = (...earned: readonly number[]): CreditBody => ({
    ticketNumber: 'qj-03-R000001',
    accountId: 'a1',
    schemeVersion: 1,
    ruleVersion: 1,
    lines: earned.map(line),
    usableBefore: points(0),
    usableAfter: points(0),
    countyAfter: points(0),
    countyAsOf: 0,
    approvalId: null,
    printed: {
      language: 'zh',
      residentMasked: '格***',
      operatorName: '卓玛',
      shop: { zh: '', bo: null, countyZh: '', countyBo: null },
      scale: null,
    },
  });
  const reversal = (amt: number): BookEvent =>
    event({ kind: 'CREDIT_REVERSED', body: { creditId: 'x', accountId: 'a1', reason: 'wrong_amount', approvalId: 'y' } }, amt);
  const anyLines = fc.array(fc.integer({ min: 0, max: 1e9 }), { minLength: 1, maxLength: 5 }).filter((each) => each.some((one) => one > 0));

  test('makes rights of its account, and what takes it back is its mirror', () => {
    fc.assert(
      fc.property(anyLines, (earned) => {
        const given = earned.reduce((sum, each) => sum + each, 0);
        const rows = postingsOf(event({ kind: 'CREDIT', body: credit(...earned) }, given));
        expect(rows).toEqual([
          { account: 'recycling_issue', holder: '', commodity: 'PTS', amount: -given },
          { account: 'esc', holder: 'a1', commodity: 'PTS', amount: given },
        ]);
        const back = postingsOf(reversal(given));
        expect(sums([...rows, ...back])).toEqual({ PTS: 0, CNY: 0 });
        for (const account of ['esc', 'recycling_issue'])
          expect(sums([...rows, ...back].filter((row) => row.account === account))).toEqual({ PTS: 0, CNY: 0 });
      }),
    );
  });

  test('moves one counter, and what takes it back another, so that neither falls', () => {
    expect(counterStepOf(event({ kind: 'CREDIT', body: credit(300, 200) }, 500))).toEqual({ ...noStep, accountId: 'a1', credited: 500 });
    expect(counterStepOf(reversal(500))).toEqual({ ...noStep, accountId: 'a1', uncredited: 500 });
  });

  test('of nothing, or of other points than its lines’, is refused', () => {
    expect(() => postingsOf(event({ kind: 'CREDIT', body: credit(0) }, 0))).toThrow('gives something');
    expect(() => postingsOf(event({ kind: 'CREDIT', body: credit(300) }, 301))).toThrow('sum to the credit');
    expect(() => postingsOf(event({ kind: 'CREDIT', body: credit(-300) }, -300))).toThrow('assertion failed');
    expect(() => postingsOf(reversal(-5))).toThrow('assertion failed');
  });
});

test('a shift’s float comes from the owner, and other acts move nothing', () => {
  expect(
    postingsOf(event({ kind: 'SHIFT_OPEN', body: { floatFen: fen(20_000), drawerBeforeFen: fen(0), isDateConfirmed: false } })),
  ).toEqual([
    { account: 'cash/owner', holder: '', commodity: 'CNY', amount: -20_000 },
    { account: 'cash/drawer', holder: '', commodity: 'CNY', amount: 20_000 },
  ]);
  expect(postingsOf(event({ kind: 'SHIFT_OPEN', body: { floatFen: fen(0), drawerBeforeFen: fen(0), isDateConfirmed: false } }))).toEqual(
    [],
  );
  expect(() =>
    postingsOf(event({ kind: 'SHIFT_OPEN', body: { floatFen: fen(-1), drawerBeforeFen: fen(0), isDateConfirmed: false } })),
  ).toThrow('not negative');
  const quiet: readonly EventKind[] = [
    { kind: 'START', body: { software: '', kioskKey: '', countyKey: '' } },
    { kind: 'DOWN_APPLIED', body: { downSeq: 1, sha256: '', asOf: 0, lines: 0 } },
    { kind: 'OPERATOR_IN', body: { operator: 'op1' } },
    { kind: 'OPERATOR_OUT', body: { operator: 'op1' } },
    { kind: 'PIN_REFUSED', body: { operator: 'op1', failures: 1 } },
    { kind: 'LINE_REMOVED', body: { saleId: '', goodsId: '', quantity: 1 } },
    { kind: 'REFUSED', body: { code: '' } },
    { kind: 'DRAWER_OPENED', body: { saleId: '' } },
    { kind: 'REPRINTED', body: { saleId: '', copy: 1 } },
    { kind: 'APPROVED', body: { act: 'reprint', digest: '', approver: 'op2', isSelf: false } },
    { kind: 'CLOCK_STEP', body: { from: 0, to: 1 } },
    { kind: 'CREDIT_DISPUTED', body: { creditId: '', accountId: 'a1', reason: 'wrong_amount', approvalId: '', heldPoints: points(1) } },
    { kind: 'BAG_REMOVED', body: { creditId: '', materialId: '', units: 1 } },
    {
      kind: 'SCALE_CHECKED',
      body: { scaleSetId: '', zeroGrams: 0, knownGrams: 1_000, readGrams: 1_000, toleranceGrams: 10, isGood: true },
    },
    { kind: 'HANDED_OVER', body: { hauler: '', lines: [] } },
  ];
  expect(quiet.flatMap((kind) => postingsOf(event(kind)))).toEqual([]);
  expect(() => postingsOf(event({ kind: 'VOUCHER' } as unknown as EventKind))).toThrow('unexpected value');
});

test('rights that go back and those of a voucher move between the county and the account, and one counter each', () => {
  const returned = event({ kind: 'RIGHTS_RETURNED', body: { accountId: 'a1', asked: points(90), downSeq: 3 } }, 70);
  const voucher = event({ kind: 'VOUCHER_IN', body: { accountId: 'a1', number: 1, text: '', by: 'scan' } }, 70);
  expect([postingsOf(returned), counterStepOf(returned), postingsOf(voucher), counterStepOf(voucher)]).toEqual([
    [
      { account: 'esc', holder: 'a1', commodity: 'PTS', amount: -70 },
      { account: 'issuance', holder: '', commodity: 'PTS', amount: 70 },
    ],
    { ...noStep, accountId: 'a1', returned: 70 },
    [
      { account: 'issuance', holder: '', commodity: 'PTS', amount: -70 },
      { account: 'esc', holder: 'a1', commodity: 'PTS', amount: 70 },
    ],
    { ...noStep, accountId: 'a1', granted: 70 },
  ]);
});

test('grants and settlements sum to zero and only grow', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), (step) => {
      expect(sums(grantPostings('a1', points(step)))).toEqual({ PTS: 0, CNY: 0 });
      expect(sums(settlementPostings('a1', points(step), points(0)))).toEqual({ PTS: 0, CNY: 0 });
    }),
  );
  expect(grantPostings('a1', points(0))).toEqual([]);
  for (const make of [() => grantPostings('a1', points(-1)), () => settlementPostings('a1', points(-1), points(0))])
    expect(make).toThrow('only grows');
});
