// Amounts and dates as people read them: exact to the last fen, whatever the size, and the same without any Intl data.

import { describe, expect, test } from 'vitest';
import { amountMax, fen, points } from '../../db/model/amounts.ts';
import { languages } from '../../db/model/catalogue.ts';
import { clockText, countText, dateText, kilogramsText, minuteText, pointsText, tibetanDigits, yuanText } from '../../db/model/format.ts';
import { fc } from '../support/property.ts';

const amount = fc.oneof(fc.maxSafeInteger(), fc.integer({ min: -100_000, max: 100_000 }));

/** Reads a written amount back in exact arithmetic. */
function hundredths(text: string): bigint {
  const [units = '', decimals = ''] = text.replaceAll(',', '').replace('-', '').split('.');
  return BigInt(`${text.startsWith('-') ? '-' : ''}${units}${decimals.padEnd(2, '0')}`);
}

describe('amounts', () => {
  test('yuan has both decimals and groups of three', () => {
    expect([0, 5, -5, 100, 123_450, -100_000_000, amountMax, -amountMax].map((value) => yuanText(fen(value)))).toEqual([
      '0.00',
      '0.05',
      '-0.05',
      '1.00',
      '1,234.50',
      '-1,000,000.00',
      '90,071,992,547,409.91',
      '-90,071,992,547,409.91',
    ]);
  });

  test('points show only the decimals they have', () => {
    expect([0, 25, 50, 1_250, 20_000, 100_000, 123_456, -50, amountMax].map((value) => pointsText(points(value)))).toEqual([
      '0',
      '0.25',
      '0.5',
      '12.5',
      '200',
      '1,000',
      '1,234.56',
      '-0.5',
      '90,071,992,547,409.91',
    ]);
  });

  test('kilograms show every gram', () => {
    expect([0, 4, -34, 1_234, 200_000, 12_345_678, Number.MAX_SAFE_INTEGER].map((value) => kilogramsText(value))).toEqual([
      '0.000',
      '0.004',
      '-0.034',
      '1.234',
      '200.000',
      '12,345.678',
      '9,007,199,254,740.991',
    ]);
  });

  test('pieces are whole, in groups of three', () => {
    expect([0, 7, 999, 12_700, 99_999].map((value) => countText(value))).toEqual(['0', '7', '999', '12,700', '99,999']);
  });

  test.each([0.5, Number.NaN, Infinity, 2 ** 53])('%d grams, or pieces, cannot be written', (value) => {
    expect(() => kilogramsText(value)).toThrow(RangeError);
    expect(() => countText(value)).toThrow(RangeError);
  });

  test('a zero with a sign is written as zero', () => {
    expect([yuanText(fen(-0)), pointsText(points(-0))]).toEqual(['0.00', '0']);
  });

  test('what is written reads back as the same amount', () => {
    fc.assert(
      fc.property(amount, (value) => {
        expect(hundredths(yuanText(fen(value)))).toBe(BigInt(value));
        expect(hundredths(pointsText(points(value)))).toBe(BigInt(value));
      }),
    );
  });

  test('what is written has the one shape', () => {
    fc.assert(
      fc.property(amount, (value) => {
        expect(yuanText(fen(value))).toMatch(/^-?\d{1,3}(,\d{3})*\.\d{2}$/);
        expect(pointsText(points(value))).toMatch(/^-?\d{1,3}(,\d{3})*(\.\d?[1-9])?$/);
      }),
    );
  });

  test('a fraction of a fen is refused, not rounded', () => {
    expect(() => yuanText(0.5 as never)).toThrow(RangeError);
    expect(() => pointsText(Number.NaN as never)).toThrow(RangeError);
  });
});

describe('dates', () => {
  const lateEvening = Date.UTC(2026, 10, 20, 16, 5); // five past midnight in China, the day after

  test('a moment and its business date are written alike, in China', () => {
    const written = languages.map((language) => [dateText(lateEvening, language), dateText('2026-11-21', language)]);
    expect(written).toEqual([
      ['2026年11月21日', '2026年11月21日'],
      ['2026ལོའི་ཟླ་11པའི་ཚེས་21ཉིན།', '2026ལོའི་ཟླ་11པའི་ཚེས་21ཉིན།'],
      ['21 November 2026', '21 November 2026'],
    ]);
  });

  test('a minute carries the time of day', () => {
    expect(languages.map((language) => minuteText(lateEvening, language))).toEqual([
      '2026年11月21日 00:05',
      '2026ལོའི་ཟླ་11པའི་ཚེས་21ཉིན། 00:05',
      '21 November 2026 00:05',
    ]);
  });

  test('what is no date is refused', () => {
    expect(() => dateText('21.11.2026', 'zh')).toThrow(RangeError);
    expect(() => dateText('2026-13-01', 'en')).toThrow(RangeError);
  });
});

test("a time of today is the clock's, any other has its date, by the day in China", () => {
  const at = Date.parse('2026-11-22T00:10:00+08:00');
  const minute = 60_000;
  const moments = [at, at - 11 * minute, at + 30 * minute, at + 24 * 60 * minute];
  expect(moments.map((now) => clockText(at, now))).toEqual(['00:10', '2026-11-22 00:10', '00:10', '2026-11-22 00:10']);
});

test('Tibetan digits replace each digit and nothing else', () => {
  expect(tibetanDigits('1,234.50 སྒོར། 6789')).toBe('༡,༢༣༤.༥༠ སྒོར། ༦༧༨༩');
});
