// What an account may spend here (reconciliation.md R3): every limit at its edge, never below nothing, and no clock makes
// it more.

import { describe, expect, test } from 'vitest';
import { points } from '../../db/model/amounts.ts';
import { type Allowance, type SpendingInput, allowance, noCounters, takeFrom } from '../../db/model/spending.ts';
import { scheme } from '../support/county.ts';
import { fc } from '../support/property.ts';

interface Figures {
  readonly granted?: number;
  readonly returned?: number;
  readonly spent?: number;
  readonly credited?: number;
  readonly uncredited?: number;
  readonly creditedHereSince?: number;
  readonly roamed?: number;
  readonly roamedSettled?: number;
  /** What returns gave back, and what of it the county settled nevertheless. */
  readonly unspent?: number;
  readonly unroamed?: number;
  readonly overfunded?: number;
  readonly balance?: number;
  readonly spentHereSince?: number;
  readonly roamCap?: number;
  readonly kioskRoaming?: number;
  readonly kioskCap?: number;
  readonly awayCap?: number;
  readonly daysSinceDown?: number;
  readonly spentToday?: number;
  readonly saleCap?: number | null;
  readonly dayCap?: number | null;
}

/** A resident away from home with 300 points in the county and an allowance of 50 here, unless said otherwise. */
function input(figures: Figures = {}): SpendingInput {
  const { granted = 0, returned = 0, spent = 0, credited = 0, uncredited = 0, roamed = 0, roamedSettled = 0 } = figures;
  const capOf = (cap: number | null | undefined) => (cap === null || cap === undefined ? null : points(cap));
  return {
    scheme: {
      ...scheme,
      saleCapPoints: capOf(figures.saleCap),
      dayCapPoints: capOf(figures.dayCap),
      roaming: {
        saleCapPoints: points(figures.awayCap ?? 100_000),
        staleDays: 7,
        halfAfterDays: 3,
        kioskCapPoints: points(figures.kioskCap ?? 1_000_000),
      },
    },
    counters: {
      granted: points(granted),
      returned: points(returned),
      spent: points(spent),
      credited: points(credited),
      uncredited: points(uncredited),
      unspent: points(figures.unspent ?? 0),
      roamed: points(roamed),
      unroamed: points(figures.unroamed ?? 0),
      roamedSettled: points(roamedSettled),
      overfunded: points(figures.overfunded ?? 0),
    },
    county: {
      balance: points(figures.balance ?? 30_000),
      asOf: 0,
      spentHereSince: points(figures.spentHereSince ?? 0),
      creditedHereSince: figures.creditedHereSince ?? 0,
    },
    roamCap: points(figures.roamCap ?? 5_000),
    kioskRoaming: points(figures.kioskRoaming ?? 0),
    daysSinceDown: figures.daysSinceDown ?? 0,
    spentToday: points(figures.spentToday ?? 0),
  };
}

const said = (figures: Figures): Pick<Allowance, 'rights' | 'roaming' | 'usable' | 'limitedBy'> => {
  const { rights, roaming, usable, limitedBy } = allowance(input(figures));
  return { rights, roaming, usable, limitedBy };
};

describe('at the edge of every limit', () => {
  test.each<readonly [string, Figures, number, number, number, Allowance['limitedBy']]>([
    ['nobody knows the account', { balance: 0, roamCap: 0 }, 0, 0, 0, 'balance'],
    ['rights only', { granted: 20_000, balance: 20_000, roamCap: 0 }, 20_000, 0, 20_000, 'balance'],
    [
      'rights returned, spent and credited',
      { granted: 20_000, returned: 5_000, spent: 6_000, credited: 700, balance: 0 },
      9_700,
      0,
      9_700,
      'balance',
    ],
    ['credits taken back', { granted: 100, credited: 700, uncredited: 300, balance: 0 }, 500, 0, 500, 'balance'],
    ['credits alone', { credited: 700, balance: 0, creditedHereSince: 700, roamCap: 0 }, 700, 0, 700, 'balance'],
    ['credits, which are no roaming', { credited: 700, balance: 0, creditedHereSince: 700 }, 700, 0, 700, 'balance'],
    ['credits beside roaming', { credited: 700, balance: 3_000, creditedHereSince: 700 }, 700, 3_000, 3_700, 'roaming'],
    ['a credit taken back that the county had posted', { balance: 5_001, creditedHereSince: -5_000 }, 0, 1, 1, 'roaming'],
    ['more taken back than the county knew of', { balance: 5_000, creditedHereSince: -6_000 }, 0, 0, 0, 'balance'],
    ['rights all spent', { granted: 20_000, spent: 20_000, balance: 0 }, 0, 0, 0, 'balance'],
    ['away from home', {}, 0, 5_000, 5_000, 'roaming'],
    ['rights and allowance together', { granted: 20_000, balance: 30_000 }, 20_000, 5_000, 25_000, 'roaming'],
    ['the county knows of no more than the rights', { granted: 20_000, balance: 20_000 }, 20_000, 0, 20_000, 'balance'],
    ['one hundredth more than the rights', { granted: 20_000, balance: 20_001 }, 20_000, 1, 20_001, 'roaming'],
    ['balance below the rights', { granted: 20_000, balance: 1 }, 20_000, 0, 20_000, 'balance'],
    ['allowance used but for one', { roamed: 4_999 }, 0, 1, 1, 'roaming'],
    ['allowance used', { roamed: 5_000 }, 0, 0, 0, 'balance'],
    ['allowance used and lowered since', { roamed: 5_000, roamCap: 1_000 }, 0, 0, 0, 'balance'],
    ['allowance used and settled', { roamed: 5_000, roamedSettled: 5_000 }, 0, 5_000, 5_000, 'roaming'],
    ['balance spent here since', { balance: 5_001, spentHereSince: 5_000 }, 0, 1, 1, 'roaming'],
    ['more spent here than the county knew of', { balance: 5_000, spentHereSince: 6_000 }, 0, 0, 0, 'balance'],
    ['the kiosk’s roaming full but for one', { kioskCap: 100, kioskRoaming: 99 }, 0, 1, 1, 'roaming'],
    ['the kiosk’s roaming full', { kioskCap: 100, kioskRoaming: 100 }, 0, 0, 0, 'balance'],
    ['the kiosk’s roaming over a cap lowered since', { kioskCap: 100, kioskRoaming: 101 }, 0, 0, 0, 'balance'],
    ['the cap of one sale away from home', { awayCap: 10 }, 0, 10, 10, 'roaming'],
    ['no cap of one sale at home', { granted: 900_000, balance: 900_000, awayCap: 10 }, 900_000, 0, 900_000, 'balance'],
    ['the sale’s cap reached exactly', { granted: 20_000, balance: 0, saleCap: 20_000 }, 20_000, 0, 20_000, 'balance'],
    ['the sale’s cap', { granted: 20_000, balance: 0, saleCap: 19_999 }, 20_000, 0, 19_999, 'sale-cap'],
    ['a sale’s cap of nothing', { granted: 20_000, balance: 0, saleCap: 0 }, 20_000, 0, 0, 'sale-cap'],
    ['the day’s cap', { granted: 20_000, balance: 0, dayCap: 500, spentToday: 499 }, 20_000, 0, 1, 'day-cap'],
    ['the day’s cap used', { granted: 20_000, balance: 0, dayCap: 500, spentToday: 500 }, 20_000, 0, 0, 'day-cap'],
    ['the day’s cap lowered since', { granted: 20_000, balance: 0, dayCap: 500, spentToday: 501 }, 20_000, 0, 0, 'day-cap'],
    ['three days without the county', { daysSinceDown: 3 }, 0, 5_000, 5_000, 'roaming'],
    ['four days without the county', { daysSinceDown: 4 }, 0, 2_500, 2_500, 'roaming'],
    ['half of an odd allowance', { daysSinceDown: 4, roamCap: 5_001 }, 0, 2_500, 2_500, 'roaming'],
    ['half an allowance used before', { daysSinceDown: 4, roamed: 3_000 }, 0, 0, 0, 'balance'],
    ['seven days without the county', { daysSinceDown: 7 }, 0, 2_500, 2_500, 'roaming'],
    ['eight days without the county', { daysSinceDown: 8 }, 0, 0, 0, 'balance'],
    ['ten years without the county, with rights', { daysSinceDown: 3_650, granted: 20_000, balance: 30_000 }, 20_000, 0, 20_000, 'balance'],
    [
      'the largest figures there are',
      { granted: Number.MAX_SAFE_INTEGER, balance: Number.MAX_SAFE_INTEGER, roamCap: Number.MAX_SAFE_INTEGER },
      Number.MAX_SAFE_INTEGER,
      0,
      Number.MAX_SAFE_INTEGER,
      'balance',
    ],
  ])('%s', (_what, figures, rights, roaming, usable, limitedBy) => {
    expect(said(figures)).toEqual({ rights, roaming, usable, limitedBy });
  });

  test('an account without counters has nothing', () => {
    expect(allowance({ ...input({ balance: 0 }), counters: noCounters })).toMatchObject({
      rights: 0,
      roaming: 0,
      usable: 0,
      countyBalance: 0,
    });
  });
});

const amount = fc.oneof(fc.constantFrom(0, 1), fc.nat(50_000));
const anyFigures: fc.Arbitrary<Figures> = fc.record({
  granted: amount,
  returned: amount,
  spent: amount,
  credited: amount,
  uncredited: amount,
  creditedHereSince: fc.integer({ min: -50_000, max: 50_000 }),
  roamed: amount,
  roamedSettled: amount,
  balance: amount,
  spentHereSince: amount,
  roamCap: amount,
  kioskRoaming: amount,
  kioskCap: amount,
  awayCap: amount,
  daysSinceDown: fc.nat(20),
  spentToday: amount,
  saleCap: fc.option(amount, { nil: null }),
  dayCap: fc.option(amount, { nil: null }),
});

describe('whatever the figures', () => {
  test('nothing is below nothing, rights go first, and roaming keeps every one of its limits', () => {
    fc.assert(
      fc.property(anyFigures, fc.double({ min: 0, max: 1, noNaN: true }), (figures, share) => {
        const given = input(figures);
        const { counters } = given;
        const may = allowance(given);
        for (const value of [may.rights, may.roaming, may.usable, may.countyBalance]) expect(value).toBeGreaterThanOrEqual(0);
        expect(may.usable).toBeLessThanOrEqual(may.rights + may.roaming);
        const taken = points(Math.floor(may.usable * share));
        const { fromRights, fromRoaming } = takeFrom(taken, may);
        expect(fromRights + fromRoaming).toBe(taken);
        expect(fromRights).toBe(Math.min(taken, may.rights));
        expect(fromRights).toBeLessThanOrEqual(
          Math.max(0, counters.granted - counters.returned + counters.credited - counters.uncredited - counters.spent),
        );
        if (fromRoaming === 0) return;
        expect(counters.roamed - counters.roamedSettled + fromRoaming).toBeLessThanOrEqual(given.roamCap);
        expect(given.kioskRoaming + fromRoaming).toBeLessThanOrEqual(given.scheme.roaming.kioskCapPoints);
        expect(fromRoaming).toBeLessThanOrEqual(given.scheme.roaming.saleCapPoints);
        expect(fromRights + fromRoaming).toBeLessThanOrEqual(
          given.county.balance + given.county.creditedHereSince - given.county.spentHereSince,
        );
        expect(given.daysSinceDown).toBeLessThanOrEqual(given.scheme.roaming.staleDays);
      }),
      { numRuns: 500 },
    );
  });

  test('more days without the county never let anybody spend more', () => {
    fc.assert(
      fc.property(anyFigures, fc.nat(20), (figures, more) => {
        const sooner = allowance(input(figures));
        const later = allowance(input({ ...figures, daysSinceDown: (figures.daysSinceDown ?? 0) + more }));
        expect(later.usable).toBeLessThanOrEqual(sooner.usable);
        expect(later.rights).toBe(sooner.rights);
      }),
    );
  });

  test('spending it in two halves is never more than spending it at once', () => {
    fc.assert(
      fc.property(anyFigures, fc.double({ min: 0, max: 1, noNaN: true }), (figures, share) => {
        const may = allowance(input(figures));
        const first = points(Math.floor(may.usable * share));
        const { fromRights, fromRoaming } = takeFrom(first, may);
        const of = (name: keyof Figures): number => figures[name] ?? 0;
        const rest = allowance(
          input({
            ...figures,
            spent: of('spent') + fromRights,
            roamed: of('roamed') + fromRoaming,
            spentHereSince: of('spentHereSince') + first,
            kioskRoaming: of('kioskRoaming') + fromRoaming,
            spentToday: of('spentToday') + first,
            // one sale's own caps start anew with the next sale
            saleCap: null,
            awayCap: 1e9,
          }),
        );
        const atOnce = allowance(input({ ...figures, saleCap: null, awayCap: 1e9 }));
        expect(first + rest.usable).toBeLessThanOrEqual(Math.max(atOnce.usable, first));
      }),
    );
  });
});
