// What bags earn: exact to the gram and the bottle, rounded down once a material, within the caps of the day; and rules that
// would credit nothing, or absurdly much, are refused.

import { describe, expect, test } from 'vitest';
import { qiongjie } from '../../county/schemes/qiongjie.ts';
import { tongyu } from '../../county/schemes/tongyu.ts';
import { zhenlai } from '../../county/schemes/zhenlai.ts';
import { points, sumPoints } from '../../db/model/amounts.ts';
import {
  type Bag,
  type CreditInput,
  type Material,
  type Measure,
  type RecyclingRules,
  type ShownTare,
  bagProblem,
  bagsMax,
  checkRecycling,
  type WeighingProof,
  creditMax,
  creditQuote,
  earned,
  gramsMax,
  piecesMax,
} from '../../db/model/recycling.ts';
import { fc } from '../support/property.ts';

const qj = rulesOf(qiongjie);
const ty = rulesOf(tongyu);
const zl = rulesOf(zhenlai);

function rulesOf({ scheme }: { readonly scheme: { readonly recycling: RecyclingRules | null } }): RecyclingRules {
  if (scheme.recycling === null) throw new Error('this county takes nothing in');
  return scheme.recycling;
}

function weighed(materialId: string, readGrams: number, tare: ShownTare = { by: 'none' }, id = 'bag1'): Bag {
  return { id, materialId, measure: { kind: 'weighed', readGrams, tare: tare.by === 'pan' ? { ...tare, proof } : tare, proof } };
}

/** What the scale sent plays no part in what a bag earns. */
const proof: WeighingProof = { scaleSetId: 'set', family: 'st-us', stableBy: 'flag', framesHex: [], weighedAt: 0 };

function counted(materialId: string, pieces: number, isTypedTwice = false, id = 'bag1'): Bag {
  return { id, materialId, measure: { kind: 'counted', pieces, isTypedTwice } };
}

const nothingToday: CreditInput['today'] = {
  account: points(0),
  operator: points(0),
  kiosk: points(0),
  byMaterial: new Map(),
  typedOnce: new Map(),
};

function quote(rules: RecyclingRules, bags: readonly Bag[], today: Partial<CreditInput['today']> = {}) {
  return creditQuote({ rules, bags, today: { ...nothingToday, ...today } });
}

/** The rules of 琼结 with one material changed. */
function withMaterial(change: Partial<Material>): RecyclingRules {
  return { ...qj, materials: qj.materials.map((each, i) => (i === 0 ? { ...each, ...change } : each)) };
}

describe('the scenarios', () => {
  test('a bag of 1.234 kg of bottles in 琼结 earns 18 points, and 34 grams earn nothing', () => {
    const bag = weighed('plastic-bottle', 1_354, { by: 'container', id: 'sack', grams: 120 });
    expect(quote(qj, [bag])).toEqual({
      lines: [
        {
          materialId: 'plastic-bottle',
          zh: '塑料瓶',
          bo: 'འགྱིག་དམ',
          measuredBy: 'weight',
          hazardous: false,
          rate: { points: 15_00, per: 1_000 },
          bags: [bag],
          units: 1_234,
          points: 18_00,
          remainderUnits: 34,
        },
      ],
      points: 18_00,
      left: { account: 500_00, operator: null, kiosk: 20_000_00, materials: [null] },
      needsApproval: false,
      problem: null,
    });
  });

  test('12,700 pesticide bottles in 镇赉 are 12,700 points in one credit, with approval, apart from drink bottles', () => {
    const bags = [counted('pesticide-bottle', 12_700, true), counted('drink-bottle', 43, false, 'bag2')];
    const { lines, ...rest } = quote(zl, bags);
    expect(
      lines.map(({ materialId, hazardous, units, points, remainderUnits }) => [materialId, hazardous, units, points, remainderUnits]),
    ).toEqual([
      ['pesticide-bottle', true, 12_700, 12_700_00, 0],
      ['drink-bottle', false, 43, 10_00, 3],
    ]);
    expect(rest).toEqual({
      points: 12_710_00,
      left: { account: 20_000_00, operator: 30_000_00, kiosk: 40_000_00, materials: [null, null] },
      needsApproval: true,
      problem: null,
    });
    expect(quote(zl, bags.slice(0, 1))).toMatchObject({ points: 12_700_00, needsApproval: true, problem: null });
  });

  test('half points are earned in 通榆: 1.234 kg of bottles at 1.5 points a kilogram', () => {
    expect(quote(ty, [weighed('plastic-bottle', 1_234)])).toMatchObject({
      points: 1_50,
      lines: [{ units: 1_234, points: 1_50, remainderUnits: 234 }],
    });
  });
});

describe('what units earn', () => {
  const rate = fc.record({ points: fc.integer({ min: 1, max: 10_000_00 }).map(points), per: fc.integer({ min: 1, max: gramsMax }) });
  const units = fc.nat(gramsMax * bagsMax);
  const step = fc.constantFrom(1, 50, 100, 1_000).map(points);

  test('is whole steps, the most that the exact ratio covers', () => {
    fc.assert(
      fc.property(rate, units, step, (rate, units, step) => {
        const given = BigInt(earned(rate, units, step).points);
        const exact = BigInt(units) * BigInt(rate.points); // in points times per
        expect(given % BigInt(step)).toBe(0n);
        expect(given * BigInt(rate.per) <= exact).toBe(true);
        expect((given + BigInt(step)) * BigInt(rate.per) > exact).toBe(true);
      }),
    );
  });

  test('needs all but the remainder: what is used earns as much, and a unit less does not', () => {
    fc.assert(
      fc.property(rate, units, step, (rate, units, step) => {
        const { points: given, remainderUnits } = earned(rate, units, step);
        const used = units - remainderUnits;
        expect(remainderUnits).toBeGreaterThanOrEqual(0);
        expect(earned(rate, used, step)).toEqual({ points: given, remainderUnits: 0 });
        if (used > 0) expect(earned(rate, used - 1, step).points).toBeLessThan(given);
      }),
    );
  });

  test('never grows by bringing it in two lots', () => {
    fc.assert(
      fc.property(rate, units, units, step, (rate, a, b, step) => {
        const apart = [earned(rate, a, step).points, earned(rate, b, step).points];
        expect(sumPoints(apart)).toBeLessThanOrEqual(earned(rate, a + b, step).points);
      }),
    );
  });

  test.each([
    [{ points: points(1_00), per: 30 }, 89, { points: 2_00, remainderUnits: 29 }], // a ratio that no decimal fraction holds
    [{ points: points(1_00), per: 30 }, 90, { points: 3_00, remainderUnits: 0 }],
    [{ points: points(12_00), per: 1_000 }, 1_234, { points: 14_00, remainderUnits: 67 }],
    [{ points: points(15_00), per: 1_000 }, 66, { points: 0, remainderUnits: 66 }], // a gram short of a point
    [{ points: points(15_00), per: 1_000 }, 67, { points: 1_00, remainderUnits: 0 }],
    [{ points: points(10_000_00), per: 1 }, 3, { points: 30_000_00, remainderUnits: 0 }],
  ])('at %j, %i units', (rate, units, expected) => {
    expect(earned(rate, units, points(100))).toEqual(expected);
  });

  test('is refused where it is part of a unit, or more than an amount can be', () => {
    expect(() => earned({ points: points(1), per: 1 }, 0.5, points(1))).toThrow(RangeError);
    expect(() => earned({ points: points(Number.MAX_SAFE_INTEGER), per: 1 }, 2, points(1))).toThrow(RangeError);
  });
});

describe('a credit', () => {
  const taken = qj.materials.filter(({ measuredBy }) => measuredBy === 'weight').map(({ id }) => id);
  const someBags = fc
    .array(fc.tuple(fc.constantFrom(...taken), fc.integer({ min: 10, max: 3_000 })), { minLength: 1, maxLength: 12 })
    .map((all) => all.map(([materialId, grams], i) => weighed(materialId, grams, { by: 'none' }, `bag${i}`)));

  test('is the same when a bag is split in two, and in any order of the bags', () => {
    const lines = (bags: readonly Bag[]) =>
      Object.fromEntries(
        quote(qj, bags).lines.map(({ materialId, units, points, remainderUnits }) => [materialId, { units, points, remainderUnits }]),
      );
    fc.assert(
      fc.property(someBags, fc.nat(), fc.integer({ min: 10, max: 2_990 }), (bags, which, part) => {
        const bag = bags[which % bags.length]!;
        const { readGrams } = bag.measure as Measure & { readonly kind: 'weighed' }; // someBags weighs them all
        fc.pre(readGrams - part >= 10);
        const halves = [weighed(bag.materialId, part, undefined, 'half1'), weighed(bag.materialId, readGrams - part, undefined, 'half2')];
        expect(lines([...bags.filter((each) => each !== bag), ...halves].toReversed())).toEqual(lines(bags));
      }),
    );
  });

  test('has each bag once, on the line of its material, and is the sum of its lines', () => {
    fc.assert(
      fc.property(someBags, (bags) => {
        const { lines, points: total } = quote(qj, bags);
        expect(lines.map(({ materialId }) => materialId)).toEqual([...new Set(bags.map(({ materialId }) => materialId))]);
        for (const line of lines) expect(line.bags).toEqual(bags.filter(({ materialId }) => materialId === line.materialId));
        expect(sumPoints(lines.map((line) => line.points))).toBe(total);
      }),
    );
  });

  test('without a problem never takes anybody over a cap of the day', () => {
    const used = fc.integer({ min: 0, max: 600_00 }).map(points);
    const rules = {
      ...withMaterial({ dayCap: points(30_00) }),
      accountDayCap: points(100_00),
      operatorDayCap: points(400_00),
      kioskDayCap: points(500_00),
    };
    fc.assert(
      fc.property(someBags, used, used, used, used, (bags, account, operator, kiosk, material) => {
        const first = rules.materials[0]!.id;
        const given = quote(rules, bags, { account, operator, kiosk, byMaterial: new Map([[first, material]]) });
        const ofFirst = given.lines.find(({ materialId }) => materialId === first)?.points ?? 0;
        const isWithin =
          account + given.points <= 100_00 &&
          operator + given.points <= 400_00 &&
          kiosk + given.points <= 500_00 &&
          (ofFirst === 0 || material + ofFirst <= 30_00);
        expect(given.problem === null).toBe(given.points > 0 && isWithin);
      }),
    );
  });

  const bottles = weighed('plastic-bottle', 10_000); // 150 points
  const batteries = (pieces: number): Bag => counted('battery', pieces, true);
  test.each<readonly [string, readonly Bag[], Partial<CreditInput['today']>, string | null]>([
    ['of no bags', [], {}, 'empty'],
    ['of too little for a point', [weighed('plastic-bottle', 66)], {}, 'nothing_earned'],
    ['up to the cap of the account', [bottles], { account: points(350_00) }, null],
    ['a step over it', [bottles], { account: points(351_00) }, 'account_cap'],
    ['after the cap was lowered under what was given', [bottles], { account: points(900_00) }, 'account_cap'],
    ['up to the cap of the kiosk', [bottles], { kiosk: points(19_850_00) }, null],
    ['a step over it', [bottles], { kiosk: points(19_851_00) }, 'kiosk_cap'],
    ['up to the cap of the material', [batteries(100)], {}, null],
    ['a step over it', [batteries(102)], {}, 'material_cap'],
    ['a step over it with what was given today', [batteries(20)], { byMaterial: new Map([['battery', points(41_00)]]) }, 'material_cap'],
    ['of as many bags as may be', Array.from({ length: bagsMax }, (_, i) => weighed('glass', 100, { by: 'none' }, `bag${i}`)), {}, null],
    ['of one more', Array.from({ length: bagsMax + 1 }, (_, i) => weighed('glass', 100, { by: 'none' }, `bag${i}`)), {}, 'too_many_bags'],
  ])('%s', (_what, bags, today, problem) => {
    expect(quote(qj, bags, today).problem).toBe(problem);
  });

  test('is too large for any rules above a hundred thousand points', () => {
    const uncapped = { ...zl, accountDayCap: null, operatorDayCap: null, kioskDayCap: null };
    const bags = (many: number): readonly Bag[] =>
      Array.from({ length: many }, (_, i) => counted('pesticide-bottle', 20_000, true, `bag${i}`));
    expect(quote(uncapped, bags(5))).toMatchObject({ points: creditMax, problem: null });
    expect(quote(uncapped, [...bags(5), counted('pesticide-bottle', 1, false, 'one more')]).problem).toBe('too_large');
  });

  test('takes no bag twice', () => {
    expect(() => quote(qj, [bottles, bottles])).toThrow('a bag is paid once');
  });

  test('says what is left of each cap, never less than nothing', () => {
    const { left } = quote(qj, [{ ...batteries(2), id: 'bag2' }, bottles], {
      account: points(120_00),
      operator: points(90_00),
      kiosk: points(20_001_00),
      byMaterial: new Map([['battery', points(8_00)]]),
    });
    expect(left).toEqual({ account: 380_00, operator: null, kiosk: 0, materials: [42_00, null] });
  });

  test.each([
    ['at the threshold', [weighed('plastic-bottle', 13_334)], false], // 200 points and 0.1 g
    ['a point above it', [weighed('plastic-bottle', 13_400)], true],
    ['of a large count typed once', [counted('battery', 101)], true],
    ['of a large count typed twice', [counted('battery', 101, true)], false],
    ['of a count that is not large', [counted('battery', 100)], false],
    ['of a large count in two bags, each typed once', [counted('battery', 100), counted('battery', 1, false, 'bag2')], true],
  ])('%s: the owner approves, or need not', (_what, bags, needsApproval) => {
    expect(quote(qj, bags).needsApproval).toBe(needsApproval);
  });

  test.each<readonly [string, readonly Bag[], Partial<CreditInput['today']>, boolean]>([
    ['at the limit with what was credited before', [weighed('plastic-bottle', 6_667)], { account: points(100_00) }, false],
    ['a point above it with what was credited before', [weighed('plastic-bottle', 6_734)], { account: points(100_00) }, true],
    ['above it by others’ credits', [weighed('plastic-bottle', 6_734)], { operator: points(900_00), kiosk: points(900_00) }, false],
    ['of nothing, after many points', [], { account: points(300_00) }, false],
    ['of pieces typed once, with those before at the limit', [counted('battery', 40)], { typedOnce: new Map([['battery', 60]]) }, false],
    ['of pieces typed once, with those before above it', [counted('battery', 41)], { typedOnce: new Map([['battery', 60]]) }, true],
    ['of pieces typed twice, after many typed once', [counted('battery', 41, true)], { typedOnce: new Map([['battery', 100]]) }, false],
    ['of pieces typed once, after others of another material', [counted('battery', 41)], { typedOnce: new Map([['can', 100]]) }, false],
  ])('%s: the day counts, or splitting would spare the owner', (_what, bags, today, needsApproval) => {
    expect(quote(qj, bags, today).needsApproval).toBe(needsApproval);
  });

  test('of a bag that the rules do not take is a fault of the caller', () => {
    expect(() => quote(qj, [weighed('gold', 1_000)])).toThrow('bag bag1 was taken by the rules');
  });
});

describe('a bag', () => {
  test.each<readonly [string, Bag, string | null]>([
    ['of an ordinary weight', weighed('iron', 1_000), null],
    ['of something not in the table', weighed('gold', 1_000), 'material_unknown'],
    ['of something no longer taken', weighed('plastic-bottle', 1_000), 'material_inactive'],
    ['counted where it is weighed', counted('iron', 3), 'measured_otherwise'],
    ['weighed where it is counted', weighed('battery', 30), 'measured_otherwise'],
    ['in a vessel of the list', weighed('iron', 1_120, { by: 'container', id: 'sack', grams: 120 }), null],
    ['in a vessel of another weight', weighed('iron', 1_120, { by: 'container', id: 'sack', grams: 20 }), 'container_unknown'],
    ['in a vessel not in the list', weighed('iron', 1_120, { by: 'container', id: 'lorry', grams: 120 }), 'container_unknown'],
    ['of which the scale took the tare off', weighed('iron', 10, { by: 'scale' }), null],
    ['that weighs less than it must', weighed('iron', 109, { by: 'pan', grams: 100 }), 'too_little'],
    ['with a tare below zero, which would add to it', weighed('iron', 1_000, { by: 'pan', grams: -5_000 }), 'tare_negative'],
    ['lighter than its tare', weighed('iron', 100, { by: 'pan', grams: 101 }), 'too_little'],
    ['on a pan that reads below zero', weighed('iron', -5), 'too_little'],
    ['of no pieces', counted('battery', 0), 'too_little'],
    ['as large as may be', counted('battery', 500), null],
    ['larger', counted('battery', 501), 'too_much'],
  ])('%s', (_what, bag, problem) => {
    expect(bagProblem(withMaterial({ active: false }), bag)).toBe(problem);
  });
});

describe('rules are refused', () => {
  test.each<readonly [string, RecyclingRules, string]>([
    ['that credit in steps of nothing', { ...qj, creditStep: points(0) }, 'the credit step is positive'],
    ['with a rate of nothing', withMaterial({ rate: { points: points(0), per: 1_000 } }), 'plastic-bottle earns something'],
    ['with a rate below nothing', withMaterial({ rate: { points: points(-1), per: 1_000 } }), 'plastic-bottle earns something'],
    ['with a rate for nothing', withMaterial({ rate: { points: points(15_00), per: 0 } }), 'plastic-bottle earns something'],
    ['with a rate for half a gram', withMaterial({ rate: { points: points(15_00), per: 0.5 } }), 'plastic-bottle earns something'],
    [
      'with grams where kilograms were meant',
      withMaterial({ rate: { points: points(15_00), per: 1 } }),
      'the rate of plastic-bottle is not absurd',
    ],
    [
      'whose largest bag earns less than a step',
      withMaterial({ rate: { points: points(1), per: 1_000 }, maximum: 99_999 }),
      'the largest bag of plastic-bottle earns something, and not absurdly much',
    ],
    [
      'whose largest bag earns more than any credit may',
      withMaterial({ rate: { points: points(1_00), per: 1 } }),
      'the largest bag of plastic-bottle earns something, and not absurdly much',
    ],
    ['with a least bag above the largest', withMaterial({ minimum: 200_001 }), 'least and most of a bag of plastic-bottle are in order'],
    ['with a bag of nothing', withMaterial({ minimum: 0 }), 'least and most of a bag of plastic-bottle are in order'],
    ['with a bag beyond any scale', withMaterial({ maximum: gramsMax + 1 }), 'least and most of a bag of plastic-bottle are in order'],
    [
      'with a count beyond five digits',
      withMaterial({ measuredBy: 'count', rate: { points: points(1), per: 1 }, maximum: piecesMax + 1 }),
      'least and most of a bag of plastic-bottle are in order',
    ],
    ['with a cap below one step', { ...qj, kioskDayCap: points(99) }, 'a cap leaves room for one step'],
    ['with a cap of a material below one step', withMaterial({ dayCap: points(99) }), 'a cap leaves room for one step'],
    ['with two materials of one id', withMaterial({ id: 'can' }), 'ids of materials and of containers are unique'],
    [
      'with two vessels of one id',
      { ...qj, containers: [...qj.containers, qj.containers[0]!] },
      'ids of materials and of containers are unique',
    ],
    ['with a vessel of no weight', { ...qj, containers: [{ ...qj.containers[0]!, grams: 0 }] }, 'sack weighs something'],
  ])('%s', (_what, rules, why) => {
    expect(() => checkRecycling(rules)).toThrow(`assertion failed: ${why}`);
  });

  test('only where something is wrong with them', () => {
    for (const rules of [qj, ty, zl]) checkRecycling(rules);
    checkRecycling(withMaterial({ rate: { points: points(1), per: 1_000 }, maximum: 100_000 })); // one point for the largest bag
  });
});
