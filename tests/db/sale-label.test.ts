// Loose goods: what a weight costs, to the fen, and what the digits of a counter scale's label say.

import { describe, expect, test } from 'vitest';
import { fen, points } from '../../db/model/amounts.ts';
import { eanCheckDigit } from '../../db/model/barcode.ts';
import { type CartLine, priceOfWeight, quote } from '../../db/model/checkout.ts';
import { downLine } from '../../db/model/down-file.ts';
import { gramsMax } from '../../db/model/recycling.ts';
import { type LabelLayout, readLabel } from '../../db/model/sale-label.ts';
import { checkScheme } from '../../db/model/scheme.ts';
import { goods, scheme } from '../support/county.ts';
import { fc } from '../support/property.ts';

const layouts: readonly LabelLayout[] = [
  { prefix: '21', embeds: 'grams', goodsDigits: 5, valueDigits: 5 },
  { prefix: '22', embeds: 'fen', goodsDigits: 4, valueDigits: 6 },
];
const withCheck = (digits: string): string => digits + eanCheckDigit(digits);

describe('a weight costs', () => {
  const price = fc.integer({ min: 1, max: 100_000_000 });
  const grams = fc.integer({ min: 0, max: gramsMax });

  test('the nearest fen, half a fen up', () => {
    expect([priceOfWeight(fen(1200), 512), priceOfWeight(fen(1), 499), priceOfWeight(fen(1), 500), priceOfWeight(fen(5), 1_100)]).toEqual([
      614, 0, 1, 6,
    ]);
    fc.assert(
      fc.property(price, grams, (perKilogram, weight) => {
        const off = BigInt(priceOfWeight(fen(perKilogram), weight)) * 1000n - BigInt(perKilogram) * BigInt(weight);
        expect(off > -500n && off <= 500n).toBe(true);
      }),
    );
  });

  test('no less where it is more, and a kilogram exactly its price', () => {
    fc.assert(
      fc.property(price, grams, grams, (perKilogram, one, other) => {
        const [light, heavy] = [Math.min(one, other), Math.max(one, other)];
        expect(priceOfWeight(fen(perKilogram), light)).toBeLessThanOrEqual(priceOfWeight(fen(perKilogram), heavy));
        expect(priceOfWeight(fen(perKilogram), 1000)).toBe(perKilogram);
      }),
    );
  });

  test('the same in two bags, but for a fen', () => {
    fc.assert(
      fc.property(price, grams, grams, (perKilogram, one, other) => {
        const apart = priceOfWeight(fen(perKilogram), one) + priceOfWeight(fen(perKilogram), other);
        expect(Math.abs(apart - priceOfWeight(fen(perKilogram), one + other))).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe('a label', () => {
  test('says goods and grams, or goods and fen, as the layout of its prefix is', () => {
    expect(readLabel(layouts, withCheck('211234500512'))).toEqual({ embeds: 'grams', goodsCode: '2112345', value: 512 });
    expect(readLabel(layouts, withCheck('221234009960'))).toEqual({ embeds: 'fen', goodsCode: '221234', value: 9_960 });
  });

  test('with another check digit is misread, and of nothing is refused', () => {
    const whole = withCheck('211234500512');
    const wrong = whole.slice(0, -1) + String((Number(whole.at(-1)) + 1) % 10);
    expect([readLabel(layouts, wrong), readLabel(layouts, withCheck('211234500000'))]).toEqual(['label_misread', 'label_zero']);
  });

  test('is only what has a declared prefix and thirteen digits: the rest are ordinary codes', () => {
    for (const code of [withCheck('201234500512'), '2112345', '211234500512', `${withCheck('211234500512')}0`, '21A2345005124', ''])
      expect(readLabel(layouts, code)).toBeNull();
    expect(readLabel([], withCheck('211234500512'))).toBeNull();
  });

  test('one digit misread never becomes another label', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^2[12]\d{10}$/), fc.nat(12), fc.integer({ min: 1, max: 9 }), (digits, at, by) => {
        const whole = withCheck(digits);
        const misread = whole.slice(0, at) + String((Number(whole[at]) + by) % 10) + whole.slice(at + 1);
        expect([null, 'label_misread']).toContainEqual(readLabel(layouts, misread));
      }),
    );
  });
});

describe('a county’s file', () => {
  const takes = (line: unknown): boolean => downLine.safeParse(line).success;

  test('brings loose goods with a price in yuan, and none with a price in points', () => {
    const loose = goods('7', { soldBy: 'weight', codes: ['2112345'] });
    expect(downLine.parse({ t: 'GOODS', goods: loose })).toEqual({ t: 'GOODS', goods: loose });
    expect([
      takes({ t: 'GOODS', goods: { ...loose, pricePoints: 100 } }),
      takes({ t: 'GOODS', goods: { ...loose, priceFen: null, pricePoints: 100 } }),
      takes({ t: 'GOODS', goods: { ...loose, soldBy: 'litre' } }),
    ]).toEqual([false, false, false]);
  });

  test('brings layouts that read one way only', () => {
    const wrong: readonly (readonly LabelLayout[])[] = [
      [layouts[0]!, { ...layouts[1]!, prefix: '21' }],
      [{ ...layouts[0]!, prefix: '69' }],
      [{ ...layouts[0]!, goodsDigits: 6 }],
      [{ ...layouts[0]!, goodsDigits: 10, valueDigits: 0 }],
    ];
    expect(() => checkScheme({ ...scheme, labels: layouts })).not.toThrow();
    for (const labels of wrong) expect(() => checkScheme({ ...scheme, labels })).toThrow();
    expect(takes({ t: 'SCHEME', scheme: { ...scheme, labels: layouts } })).toBe(true);
    expect(takes({ t: 'SCHEME', scheme: { ...scheme, labels: [{ ...layouts[0], embeds: 'points' }] } })).toBe(false);
  });
});

test('weighed lines share points and caps with the others, each for what it costs', () => {
  const code = withCheck('221234009960');
  const loose = goods('7', { priceFen: fen(1200), soldBy: 'weight' });
  const lines: readonly CartLine[] = [
    {
      lineId: 'a',
      goods: loose,
      quantity: 1,
      pricedIn: 'yuan',
      weighed: { by: 'scale', readGrams: 632, tare: { by: 'pan', grams: 120 }, netGrams: 512 },
    },
    { lineId: 'b', goods: loose, quantity: 1, pricedIn: 'yuan', weighed: { by: 'price-label', code } },
    { lineId: 'c', goods: goods('1'), quantity: 2, pricedIn: 'yuan' },
  ];
  const answer = quote({ scheme: { ...scheme, labels: layouts }, lines, usable: points(1_000_00), chosenPoints: points(300_00) });
  expect(
    answer.lines.map(({ lineId, unitPrice, totalFen, pointsFen, weighed }) => [lineId, unitPrice, totalFen, pointsFen, weighed]),
  ).toEqual([
    ['a', 1200, 614, 141, lines[0]!.weighed],
    ['b', 1200, 9_960, 2_285, { by: 'price-label', code }],
    ['c', 1250, 2_500, 574, undefined],
  ]);
  expect([answer.totalFen, answer.worthFen, answer.problem]).toEqual([13_074, 3_000, null]);
});
