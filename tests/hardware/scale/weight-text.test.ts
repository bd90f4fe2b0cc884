// Digits of a frame to grams: exact for every unit, half a gram up, and nothing that is no number.

import { expect, test } from 'vitest';
import type { WeightUnit } from '../../../hardware/scale/reading.ts';
import { countIn, gramsIn, gramsOf, unitIn } from '../../../hardware/scale/weight-text.ts';
import { fc } from '../../support/property.ts';

const grams = (text: string, unit: WeightUnit, isNegative = false) => gramsIn(Buffer.from(text), 0, text.length, unit, isNegative);

test.each([
  ['0.250', 'kg', 250],
  ['   245.6', 'g', 246],
  ['245.5', 'g', 246],
  ['245.4', 'g', 245],
  ['0001.510', 'kg', 1510],
  ['00000118', 'g', 118],
  ['1.2345', 'kg', 1235],
  ['0.00012', 't', 120],
  ['2.5', 'jin', 1250],
  ['1.001', 'jin', 501],
  ['1', 'lb', 454],
  ['2.5', 'lb', 1134],
  ['100000.00', 'lb', 45_359_237],
  ['99999999', 't', 99_999_999_000_000],
] as const)('%s %s is %i g', (text, unit, expected) => {
  expect(grams(text, unit)).toBe(expected);
});

test('half a gram rounds up, which below zero is towards zero; zero has no sign', () => {
  expect([grams('0.5', 'g', true), grams('1.5', 'g', true), grams('1.6', 'g', true), grams('0.000', 'kg', true)]).toEqual([0, -1, -2, 0]);
});

test.each(['', '   ', '.', '5.', '   5.', '1.2.3', '1 2', '12-', '+1', '0x10', '1e3', '123456789', '1.234567', '１'])(
  '%j is no number',
  (text) => {
    expect(gramsIn(Buffer.from(text), 0, Buffer.byteLength(text), 'kg', false)).toBeNull();
  },
);

test('a count is digits and nothing else', () => {
  const count = (text: string) => countIn(Buffer.from(text), 0, text.length);
  expect(['00655', '  655', '    0', '     ', '6 55', '65.5', '-655', ''].map(count)).toEqual([655, 655, 0, null, null, null, null, null]);
});

test('units are known in either case, others are none', () => {
  const unit = (text: string) => unitIn(Buffer.from(text), 0, text.length);
  expect(['kg', 'KG', 'g', 'G', 'lb', 'LB', 't', 'T'].map(unit)).toEqual(['kg', 'kg', 'g', 'g', 'lb', 'lb', 't', 't']);
  expect(['', 'k', 'oz', 'pcs', '%', 'kgs', 'K'].map(unit)).toEqual([null, null, null, null, null, null, null]);
});

test('for every count, unit and sign the grams are those of exact arithmetic', () => {
  const gramsPerUnit: Record<WeightUnit, bigint> = {
    g: 100_000n,
    kg: 100_000_000n,
    t: 100_000_000_000n,
    jin: 50_000_000n,
    lb: 45_359_237n,
  };
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 99_999_999 }),
      fc.integer({ min: 0, max: 5 }),
      fc.constantFrom<WeightUnit>('g', 'kg', 't', 'jin', 'lb'),
      fc.boolean(),
      (count, decimals, unit, isNegative) => {
        // In 10^-10 g; half up is the floor of the double and one, halved.
        const scale = 10n ** 10n;
        const exact = BigInt(isNegative ? -count : count) * gramsPerUnit[unit] * 10n ** BigInt(5 - decimals);
        const doubled = 2n * exact + scale;
        const floor = doubled / (2n * scale) - (doubled < 0n && doubled % (2n * scale) !== 0n ? 1n : 0n);
        expect(gramsOf(count, decimals, unit, isNegative)).toBe(Number(floor));
      },
    ),
    { numRuns: 2000 },
  );
});
