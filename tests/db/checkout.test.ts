// The quote: never more points than may be used, lines that sum, the same answer twice, every fen accounted for.

import { describe, expect, test } from 'vitest';
import { fen, points, sumFen, sumPoints, worthFen } from '../../db/model/amounts.ts';
import type { Goods } from '../../db/model/catalogue.ts';
import { type CartLine, type QuoteInput, defaultPricing, linesMax, quantityMax, quote, saleMax } from '../../db/model/checkout.ts';
import type { Scheme } from '../../db/model/scheme.ts';
import { checkScheme } from '../../db/model/scheme.ts';
import { goods, scheme } from '../support/county.ts';
import { fc } from '../support/property.ts';

const line = (change: Partial<Goods> = {}, quantity = 1, pricedIn: 'yuan' | 'points' = 'yuan'): CartLine => ({
  lineId: 'l1',
  goods: goods('1', change),
  quantity,
  pricedIn,
});

function ask(lines: readonly CartLine[], change: Partial<QuoteInput> = {}): ReturnType<typeof quote> {
  return quote({ scheme, lines, usable: null, chosenPoints: null, ...change });
}

/** The schemes of 琼结, 通榆 (half points), 兰坪 (no value in money) and one with an odd value. */
const schemes: readonly Pick<Scheme, 'pointValueFen' | 'pointsStep'>[] = [
  { pointValueFen: 10, pointsStep: points(100) },
  { pointValueFen: 100, pointsStep: points(50) },
  { pointValueFen: null, pointsStep: points(1) },
  { pointValueFen: 25, pointsStep: points(200) },
];
const anyScheme: fc.Arbitrary<Scheme> = fc
  .record({
    rules: fc.constantFrom(...schemes),
    cashRounding: fc.record({ unitFen: fc.constantFrom(1, 10, 50, 100).map(fen), mode: fc.constantFrom('down', 'nearest') }),
  })
  .map(({ rules, cashRounding }) => ({ ...scheme, ...rules, cashRounding }));
const price = fc.oneof(fc.constantFrom(1, 99, 1250), fc.integer({ min: 1, max: 1_000_000 }));
const anyLine: fc.Arbitrary<CartLine> = fc
  .record({
    priceFen: fc.option(price),
    pricePoints: fc.option(price),
    pointsAllowed: fc.boolean(),
    quantity: fc.integer({ min: 1, max: 12 }),
    yuan: fc.boolean(),
    id: fc.nat(9),
  })
  .filter(({ priceFen, pricePoints }) => priceFen !== null || pricePoints !== null)
  .map(({ priceFen, pricePoints, pointsAllowed, quantity, yuan, id }) => ({
    lineId: `l${id}`,
    goods: goods(String(id), {
      priceFen: priceFen === null ? null : fen(priceFen),
      pricePoints: pricePoints === null ? null : points(pricePoints),
      pointsAllowed,
    }),
    quantity,
    pricedIn: pricePoints === null || (yuan && priceFen !== null) ? 'yuan' : 'points',
  }));
const anyInput: fc.Arbitrary<QuoteInput> = fc.record({
  scheme: anyScheme,
  lines: fc.array(anyLine, { maxLength: 12 }),
  usable: fc.option(fc.oneof(fc.constant(0), fc.nat(2_000_000)).map(points)),
  chosenPoints: fc.option(fc.oneof(fc.constantFrom(0, 1, 2 ** 53 - 1), fc.nat(2_000_000)).map(points)),
});

describe('any cart', () => {
  test('that can be paid uses no more points than may be used, nor than were chosen beyond what is needed, in whole steps', () => {
    fc.assert(
      fc.property(anyInput, (input) => {
        const answer = quote(input);
        if (answer.problem !== null) return;
        const discount = answer.points - answer.requiredPoints;
        expect(answer.points).toBeLessThanOrEqual(answer.maxPoints);
        if (answer.points > 0) expect(answer.points).toBeLessThanOrEqual(input.usable ?? 0);
        expect(discount % input.scheme.pointsStep).toBe(0);
        if (input.chosenPoints !== null) expect(answer.points).toBeLessThanOrEqual(Math.max(input.chosenPoints, answer.requiredPoints));
        if (input.chosenPoints === null) expect(answer.points).toBe(answer.maxPoints);
        if (input.scheme.pointValueFen === null) expect(discount).toBe(0);
      }),
      { numRuns: 500 },
    );
  });

  test('sums: lines to totals, points to worth, price to what is left to pay', () => {
    fc.assert(
      fc.property(anyInput, (input) => {
        const answer = quote(input);
        const { scheme } = input;
        if (answer.problem === 'too_large') return;
        expect(sumFen(answer.lines.map((each) => each.totalFen))).toBe(answer.totalFen);
        expect(sumPoints(answer.lines.map((each) => each.points))).toBe(answer.points);
        expect(sumFen(answer.lines.map((each) => each.pointsFen))).toBe(answer.worthFen);
        expect(answer.worthFen).toBe(
          scheme.pointValueFen === null ? 0 : worthFen(points(answer.points - answer.requiredPoints), scheme.pointValueFen),
        );
        expect(answer.totalFen - answer.worthFen).toBe(answer.dueFen);
        expect(answer.dueFen + answer.roundingFen).toBe(answer.dueCashFen);
        expect(answer.dueCashFen % scheme.cashRounding.unitFen === 0 && answer.dueCashFen >= 0).toBe(true);
        if (scheme.cashRounding.mode === 'down')
          expect(answer.roundingFen <= 0 && -answer.roundingFen < scheme.cashRounding.unitFen).toBe(true);
        else expect(Math.abs(answer.roundingFen) * 2).toBeLessThanOrEqual(scheme.cashRounding.unitFen);
        for (const [i, each] of answer.lines.entries()) {
          const { goods, quantity } = input.lines[i]!;
          expect(each.pointsFen >= 0 && each.pointsFen <= each.totalFen && each.points >= 0).toBe(true);
          if (each.pricedIn === 'points') expect([each.totalFen, each.points]).toEqual([0, quantity * each.unitPrice]);
          else if (!goods.pointsAllowed) expect([each.points, each.pointsFen]).toEqual([0, 0]);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('is quoted the same twice, and the points it answered with, chosen, are answered again', () => {
    fc.assert(
      fc.property(anyInput, (input) => {
        const answer = quote(input);
        expect(quote(input)).toEqual(answer);
        if (answer.problem === null) expect(quote({ ...input, chosenPoints: answer.points })).toEqual(answer);
      }),
    );
  });

  test('costs the same in whatever order it was put together', () => {
    fc.assert(
      fc.property(anyInput, (input) => {
        const { lines: _, ...answer } = quote(input);
        const { lines: __, ...turned } = quote({ ...input, lines: input.lines.toReversed() });
        expect(turned).toEqual(answer);
      }),
    );
  });
});

describe('a bottle of detergent for 12.50', () => {
  test('takes points as a discount, down to the last whole step', () => {
    expect(ask([line()], { usable: points(20_000) })).toMatchObject({
      points: 12_500,
      worthFen: 1250,
      dueFen: 0,
      dueCashFen: 0,
      problem: null,
    });
    expect(ask([line()], { usable: points(199) })).toMatchObject({ points: 100, worthFen: 10, dueFen: 1240 });
    expect(ask([line({ priceFen: fen(1255) })], { usable: points(20_000) })).toMatchObject({
      points: 12_500,
      dueFen: 5,
      dueCashFen: 0,
      roundingFen: -5,
    });
    expect(ask([line()], { usable: points(20_000), chosenPoints: points(0) })).toMatchObject({
      points: 0,
      maxPoints: 12_500,
      dueFen: 1250,
    });
    expect(ask([line()], { usable: points(20_000), chosenPoints: points(1_050) })).toMatchObject({ points: 1_000 });
    expect(ask([line()])).toMatchObject({ points: 0, maxPoints: 0, dueFen: 1250, problem: null });
    expect(ask([line({ pointsAllowed: false })], { usable: points(20_000) })).toMatchObject({ maxPoints: 0, dueFen: 1250 });
  });

  test('priced in points needs a resident who has them', () => {
    const cup = line({ priceFen: null, pricePoints: points(1_500) }, 2, 'points');
    expect(ask([cup])).toMatchObject({ requiredPoints: 3_000, problem: 'resident_needed' });
    expect(ask([cup], { usable: points(2_999) })).toMatchObject({ problem: 'points_short' });
    expect(ask([cup], { usable: points(3_000) })).toMatchObject({ points: 3_000, dueFen: 0, problem: null });
    expect(ask([cup, line()], { usable: points(3_250) })).toMatchObject({
      requiredPoints: 3_000,
      points: 3_200,
      worthFen: 20,
      dueFen: 1_230,
    });
    expect(ask([cup, line()], { usable: points(9_000), chosenPoints: points(1) })).toMatchObject({ points: 3_000 });
  });

  test('is priced in what the goods and the scheme allow', () => {
    const both = goods('1', { pricePoints: points(100) });
    const valueless = { ...scheme, pointValueFen: null };
    expect([defaultPricing(goods('1'), valueless), defaultPricing(both, scheme), defaultPricing(both, valueless)]).toEqual([
      'yuan',
      'yuan',
      'points',
    ]);
    expect(defaultPricing(goods('1', { priceFen: null, pricePoints: points(1) }), scheme)).toBe('points');
  });
});

describe('too large', () => {
  const tooLarge = (lines: readonly CartLine[]): boolean => ask(lines, { usable: points(saleMax) }).problem === 'too_large';

  test('a sale is at its limits taken and one beyond refused', () => {
    expect(tooLarge([line({ priceFen: fen(saleMax) })])).toBe(false);
    expect(tooLarge([line({ priceFen: fen(saleMax) }), line({ priceFen: fen(1) })])).toBe(true);
    expect(tooLarge([line({ priceFen: fen(100_000) }, quantityMax)])).toBe(false);
    expect(tooLarge([line({ priceFen: fen(100_000_000) }, quantityMax)])).toBe(true);
    expect(tooLarge(Array.from({ length: linesMax }, () => line({ priceFen: fen(1) })))).toBe(false);
    expect(tooLarge(Array.from({ length: linesMax + 1 }, () => line({ priceFen: fen(1) })))).toBe(true);
    expect(tooLarge([line({ priceFen: fen(Number.MAX_SAFE_INTEGER) }, quantityMax)])).toBe(true);
    expect(tooLarge([line({ priceFen: null, pricePoints: points(Number.MAX_SAFE_INTEGER) }, 1, 'points')])).toBe(true);
    expect(tooLarge([line({ priceFen: null }, 1)])).toBe(true);
  });

  test('an empty cart costs nothing and cannot be paid', () => {
    expect(ask([], { usable: points(100) })).toMatchObject({ totalFen: 0, points: 0, dueCashFen: 0, problem: 'empty' });
  });
});

test('a scheme in which a fen could appear is refused before anything is sold by it', () => {
  for (const change of [
    { pointsStep: points(0) },
    { pointsStep: points(1) },
    { pointValueFen: 0 },
    { pointValueFen: -10 },
    { cashRounding: { unitFen: fen(0), mode: 'down' as const } },
  ])
    expect(() => checkScheme({ ...scheme, ...change })).toThrow();
  for (const rules of schemes) expect(() => checkScheme({ ...scheme, ...rules })).not.toThrow();
});
