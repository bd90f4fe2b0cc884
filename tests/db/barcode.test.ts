// Check digits of EAN-13 and EAN-8, against printed codes and against GS1's own rule stated another way.

import { expect, test } from 'vitest';
import { eanCheckDigit, isEan } from '../../db/model/barcode.ts';
import { fc } from '../support/property.ts';

test('codes printed on goods are whole', () => {
  expect(['6901028075831', '6920152400777', '4006381333931', '9780201379624', '96385074', '73513537'].map(isEan)).toEqual(
    Array(6).fill(true),
  );
});

test('anything else is not', () => {
  const wrong = [
    '',
    '6901028075832',
    '690102807583',
    ' 6901028075831',
    '6901028075831\n',
    '６９０１０２８０７５８３１',
    '4006381333913',
    'ABCDEFGH',
  ];
  expect(wrong.filter(isEan)).toEqual([]);
});

test('the check digit makes a whole code, and one wrong digit anywhere breaks it', () => {
  const first = fc.oneof(fc.stringMatching(/^\d{12}$/), fc.stringMatching(/^\d{7}$/));
  fc.assert(
    fc.property(first, fc.nat(12), fc.integer({ min: 1, max: 9 }), (digits, place, step) => {
      const code = digits + eanCheckDigit(digits);
      expect(isEan(code)).toBe(true);
      const weighed = code
        .padStart(14, '0')
        .split('')
        .map((digit, index) => Number(digit) * (index % 2 === 0 ? 3 : 1));
      expect(weighed.reduce((sum, value) => sum + value) % 10).toBe(0);
      const at = place % code.length;
      expect(isEan(code.slice(0, at) + ((Number(code[at]) + step) % 10) + code.slice(at + 1))).toBe(false);
    }),
  );
});

test('a check digit of another number of digits is our fault', () => {
  for (const digits of ['', '123456', '1234567890123', '12345678901a']) expect(() => eanCheckDigit(digits)).toThrow();
});
