import { describe, expect, test } from 'vitest';
import { fen } from '../../db/model/amounts.ts';
import { hundredthsOf, typeKey } from '../../renderer/parts/digits.ts';
import { countedFen, denominations, likelyTenders } from '../../renderer/parts/money.ts';
import type { PadKey } from '../../renderer/parts/number-pad.tsx';
import { fc } from '../support/property.ts';

const typed = (keys: string, rules: { readonly lengthMax: number; readonly decimals: 0 | 2 }): string =>
  keys.split(' ').reduce((text, key) => typeKey(text, key as PadKey, rules), '');

describe('what the pad types', () => {
  const money = { lengthMax: 6, decimals: 2 } as const;
  test.each([
    ['1 2 . 5', '12.5', 1_250],
    ['. 5', '0.5', 50],
    ['0 0 7', '7', 700],
    ['1 . 2 3 4', '1.23', 123],
    ['1 . . 5', '1.5', 150],
    ['1 00 00 00 00', '100000', 10_000_000],
    ['1 2 delete', '1', 100],
    ['1 2 clear', '', null],
  ])('%s is %s', (keys, text, hundredths) => {
    expect({ text: typed(keys, money), hundredths: hundredthsOf(typed(keys, money)) }).toEqual({ text, hundredths });
  });

  test('pieces have no point', () => {
    expect(typed('1 . 2', { lengthMax: 4, decimals: 0 })).toBe('12');
  });

  test('whatever is typed is a whole number of hundredths within the pad, or nothing', () => {
    const keys = fc.array(fc.constantFrom<PadKey>('0', '1', '5', '9', '00', '.', 'delete', 'clear'));
    fc.assert(
      fc.property(keys, (keys) => {
        const value = hundredthsOf(keys.reduce((text, key) => typeKey(text, key, money), ''));
        expect(value === null || (Number.isSafeInteger(value) && value >= 0 && value < 100_000_000)).toBe(true);
      }),
    );
  });
});

describe('cash', () => {
  test('counted pieces come to their sum', () => {
    expect(countedFen([1, 0, 2, 0, 0, 3, 0, 5])).toBe(10_000 + 2 * 2_000 + 3 * 100 + 5 * 10);
    expect(countedFen(denominations.map(() => 0))).toBe(0);
  });

  test('a customer holds out a round amount above what is due', () => {
    expect(likelyTenders(fen(2_340))).toEqual([2_500, 3_000, 4_000, 5_000, 10_000]);
    expect(likelyTenders(fen(10_000))).toEqual([10_500, 11_000, 12_000, 15_000, 20_000]);
  });

  test('every amount offered is more than what is due, and none is offered twice', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1_000_000_000 }), (due) => {
        const offered = likelyTenders(fen(due));
        expect(offered.every((amount, i) => amount > due && amount > (offered[i - 1] ?? 0))).toBe(true);
      }),
    );
  });
});
