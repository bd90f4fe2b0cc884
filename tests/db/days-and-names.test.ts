// The business date of China, and a name as paper may show it.

import { expect, test } from 'vitest';
import { maskName } from '../../db/model/catalogue.ts';
import { isRedemptionOpen } from '../../db/model/scheme.ts';
import { businessDate, dayMs, localMinute } from '../../db/model/time.ts';
import { scheme } from '../support/county.ts';
import { fc } from '../support/property.ts';

test('a day begins at midnight in Shanghai, wherever the computer thinks it is', () => {
  expect(businessDate(Date.parse('2026-11-20T15:59:59.999Z'))).toBe('2026-11-20');
  expect(businessDate(Date.parse('2026-11-20T16:00:00Z'))).toBe('2026-11-21');
  expect(businessDate(Date.parse('2028-02-29T12:00:00+08:00'))).toBe('2028-02-29');
  expect(businessDate(0)).toBe('1970-01-01');
  expect(localMinute(Date.parse('2026-12-31T23:59:59+08:00'))).toBe('2026-12-31 23:59');
});

test('dates never go back as time goes on, and a day later is another date', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4e12 }), fc.nat(10 * dayMs), (at, more) => {
      expect(businessDate(at) <= businessDate(at + more)).toBe(true);
      expect(businessDate(at)).not.toBe(businessDate(at + dayMs));
      expect(businessDate(at)).toBe(new Intl.DateTimeFormat('sv-SE', { timeZone: 'Etc/GMT-8', dateStyle: 'short' }).format(at));
    }),
  );
});

test('a redemption window includes its ends and may span the new year', () => {
  const open = (from: string, to: string, day: string): boolean => isRedemptionOpen({ ...scheme, redemptionWindow: { from, to } }, day);
  expect(['2026-05-31', '2026-06-01', '2026-08-31', '2026-09-01'].map((day) => open('06-01', '08-31', day))).toEqual([
    false,
    true,
    true,
    false,
  ]);
  expect(['2026-11-30', '2026-12-01', '2027-01-15', '2027-02-01'].map((day) => open('12-01', '01-31', day))).toEqual([
    false,
    true,
    true,
    false,
  ]);
  expect(isRedemptionOpen(scheme, '2026-02-29')).toBe(true);
});

test.each([
  ['张三', '张*'],
  ['格桑卓玛', '格***'],
  ['欧阳', '欧*'],
  ['李', '李*'],
  ['阿卜杜拉·买买提', '阿***'],
  ['བཀྲ་ཤིས', 'བ***'],
  ['👩‍👧张', '👩‍👧*'],
  ['', ''],
])('%s is shown as %s', (name, shown) => {
  expect(maskName(name)).toBe(shown);
});

test('a masked name says no more than the first character and that there are others', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }), (name) => {
      const first = [...new Intl.Segmenter('zh').segment(name)][0]!.segment;
      expect(maskName(name)).toMatch(new RegExp(`^[\\s\\S]{${first.length}}\\*{1,3}$`));
      expect(maskName(name).startsWith(first)).toBe(true);
    }),
  );
});
