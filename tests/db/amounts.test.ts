// Amounts: whole numbers that add up in any order, parts that sum to the whole, and a refusal of everything else.

import { describe, expect, test } from 'vitest';
import {
  amountMax,
  fen,
  floorToStep,
  points,
  pointsFor,
  splitWhole,
  sumFen,
  sumPoints,
  timesFen,
  timesPoints,
  worthFen,
} from '../../db/model/amounts.ts';
import { fc } from '../support/property.ts';

const none = [0.5, -0.1, NaN, Infinity, -Infinity, 2 ** 53, -(2 ** 53), 1e300];
const anyFen = fc.integer({ min: -1e12, max: 1e12 }).map(fen);
/** Value of a point in fen and the smallest step whose worth is whole: 琼结, 通榆, 兰坪 and a point of three fen. */
const anyScheme = fc.constantFrom([10, 100], [100, 50], [100, 1], [3, 100], [1_000_000, 1]) as fc.Arbitrary<[number, number]>;

test('an amount is a whole number within 2^53, or it is refused', () => {
  for (const value of [0, 1, -1, amountMax, -amountMax]) expect([fen(value), points(value)]).toEqual([value, value]);
  for (const value of none) {
    expect(() => fen(value)).toThrow(RangeError);
    expect(() => points(value)).toThrow(RangeError);
    expect(() => timesFen(fen(1), value)).toThrow(RangeError);
    expect(() => timesPoints(points(1), value)).toThrow(RangeError);
    expect(() => splitWhole(value, [1])).toThrow(RangeError);
    expect(() => splitWhole(1, [value])).toThrow(RangeError);
  }
});

test('a sum is the same in any order, and past 2^53 it is refused instead of rounded', () => {
  fc.assert(
    fc.property(
      fc.array(anyFen).chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }))),
      ([all, shuffled]) => {
        expect(sumFen(shuffled)).toBe(sumFen(all));
        expect(sumPoints(all.map(points))).toBe(sumFen(all));
      },
    ),
  );
  expect(() => sumFen([fen(amountMax), fen(1)])).toThrow(RangeError);
  expect(() => sumPoints([points(-amountMax), points(-1)])).toThrow(RangeError);
  expect(() => timesFen(fen(amountMax), 2)).toThrow(RangeError);
});

describe('splitting', () => {
  const weights = fc.array(fc.oneof(fc.constant(0), fc.nat(1_000), fc.maxSafeNat()), { minLength: 1, maxLength: 20 });

  test('gives parts that sum to the whole, each within one of its exact share, none without a weight', () => {
    fc.assert(
      fc.property(fc.oneof(fc.nat(100), fc.maxSafeNat()), weights, (total, weights) => {
        const parts = splitWhole(total, weights);
        expect(parts.reduce((sum, part) => sum + BigInt(part), 0n)).toBe(BigInt(total));
        const all = weights.reduce((sum, weight) => sum + BigInt(weight), 0n);
        for (const [i, part] of parts.entries()) {
          const exact = BigInt(total) * BigInt(weights[i]!);
          if (all === 0n) expect(part).toBe(i === 0 ? total : 0);
          else expect([exact / all, exact / all + 1n]).toContain(BigInt(part));
          if (all > 0n && weights[i] === 0) expect(part).toBe(0);
        }
      }),
    );
  });

  test('gives no line more than it costs, when the whole is no more than all lines cost', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(1_000_000), { minLength: 1, maxLength: 20 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (prices, share) => {
          const total = Math.floor(prices.reduce((a, b) => a + b, 0) * share);
          for (const [i, part] of splitWhole(total, prices).entries()) expect(part).toBeLessThanOrEqual(total === 0 ? 0 : prices[i]!);
        },
      ),
    );
  });

  test('places what remains on the largest fractions, earlier ones first', () => {
    expect(splitWhole(100, [1, 1, 1])).toEqual([34, 33, 33]);
    expect(splitWhole(5, [1, 2, 2])).toEqual([1, 2, 2]);
    expect(splitWhole(1, [1, 3])).toEqual([0, 1]);
    expect(splitWhole(7, [0, 0])).toEqual([7, 0]);
    expect(splitWhole(0, [])).toEqual([]);
    expect(() => splitWhole(1, [])).toThrow('nothing to split over');
    expect(() => splitWhole(-1, [1])).toThrow('negative');
    expect(() => splitWhole(1, [-1])).toThrow('negative');
  });
});

describe('what points are worth', () => {
  test('is exact in every scheme, and adds up however the points are parted', () => {
    fc.assert(
      fc.property(anyScheme, fc.nat(10_000), fc.nat(10_000), ([value, step], a, b) => {
        const [left, right] = [points(a * step), points(b * step)];
        expect(worthFen(left, value) + worthFen(right, value)).toBe(worthFen(points(left + right), value));
        expect(BigInt(worthFen(left, value)) * 100n).toBe(BigInt(left) * BigInt(value));
      }),
    );
    expect([worthFen(points(50), 100), worthFen(points(100), 10), worthFen(points(0), 7)]).toEqual([50, 10, 0]);
    expect(() => worthFen(points(50), 1)).toThrow('not a whole number of fen');
    expect(() => worthFen(points(amountMax - 91), 1_000_000)).toThrow(RangeError);
  });

  test('never exceeds what is to be paid, and one step more would', () => {
    fc.assert(
      fc.property(anyScheme, fc.integer({ min: 1, max: 1_000_000_000 }), ([value, step], limit) => {
        const most = pointsFor(fen(limit), value, points(step));
        expect(most % step).toBe(0);
        expect(worthFen(most, value)).toBeLessThanOrEqual(limit);
        expect(worthFen(points(most + step), value)).toBeGreaterThan(limit);
      }),
    );
    for (const limit of [0, -1]) expect(pointsFor(fen(limit), 10, points(100))).toBe(0);
  });

  test('is rounded down to whole steps, never below nothing', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e9, max: 1e9 }), fc.integer({ min: 1, max: 10_000 }), (value, step) => {
        const floored = floorToStep(points(value), points(step));
        expect(floored % step).toBe(0);
        expect(floored >= 0 && floored <= Math.max(0, value) && Math.max(0, value) - floored < step).toBe(true);
      }),
    );
  });
});
