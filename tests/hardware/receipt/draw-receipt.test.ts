// What a receipt shows: the same dots as the golden pictures, a code that scans, every label, and nobody's name.

import { describe, expect, test } from 'vitest';
import { type SampleName, samples } from '../../../build/receipt-samples.ts';
import { fen, points } from '../../../db/model/amounts.ts';
import { type Language, languages } from '../../../db/model/catalogue.ts';
import type { PaperDots, Receipt } from '../../../db/model/receipt.ts';
import { DrawingError, drawReceipt, missingOnReceipt } from '../../../hardware/printer/draw-receipt.ts';
import { missingCharacters } from '../../../hardware/printer/fonts.ts';
import { receiptBlocks } from '../../../hardware/printer/receipt-blocks.ts';
import { receiptWords } from '../../../hardware/printer/receipt-text.ts';
import { blackDots, differentDots, expectGolden, rowsOf, scan, wordText } from '../../support/paper.ts';
import { fc } from '../../support/property.ts';

const widths = [384, 576] as const;

describe('the picture', () => {
  // Drawn by build/receipt-gallery.ts and looked at; a change of fonts, words or layout must be looked at again.
  test.each([
    ['zh', 384, 'mixed', 0],
    ['bo', 384, 'long', 0],
    ['bo', 576, 'points', 2],
    ['en', 384, 'phone', 1],
  ] as const)('%s %i %s is the golden one', (language, dots, name, copy) => {
    expectGolden(drawReceipt(samples[name](language), { dots, copy }), `${language}-${dots}-${name}-${copy}`);
  });

  test('is the same each time it is drawn', () => {
    const receipt = samples.mixed('bo');
    expect(drawReceipt(receipt, { dots: 384, copy: 0 })).toEqual(drawReceipt(receipt, { dots: 384, copy: 0 }));
  });

  test('shows each figure: one fen more is another picture', () => {
    const receipt = samples.mixed('zh');
    const dearer = { ...receipt, totalFen: fen(receipt.totalFen + 1) };
    const drawn = drawReceipt(receipt, { dots: 384, copy: 0 });
    expect(differentDots(drawReceipt(dearer, { dots: 384, copy: 0 }), drawn) / blackDots(drawn)).toBeGreaterThan(0.001);
  });

  test.each(languages)('a copy in %s is the original under a band that says which', (language) => {
    const receipt = samples.cash(language);
    const [first, second] = [0, 2].map((copy) => drawReceipt(receipt, { dots: 384, copy }));
    const band = second!.height - first!.height;
    const top = 8 * 48; // the white above the band
    expect(band).toBeGreaterThan(50);
    expect(second!.bits.subarray(band * 48 + top)).toEqual(first!.bits.subarray(top));
    expect(drawReceipt(receipt, { dots: 384, copy: 3 })).not.toEqual(second);
  });
});

describe('the code', () => {
  const everywhere = widths.flatMap((dots) => languages.map((language) => [dots, language] as const));

  test.each(everywhere)('on %i dots in %s reads back as the signed text', (dots, language) => {
    const receipt = samples.mixed(language);
    expect(scan(drawReceipt(receipt, { dots, copy: 0 }))).toBe(receipt.qr);
  });

  test('of the longest signed text still fits the narrow paper', () => {
    const longest = { ...samples.cash('zh'), qr: 'x'.repeat(400) };
    expect(scan(drawReceipt(longest, { dots: 384, copy: 0 }))).toBe(longest.qr);
  });

  test('that cannot fit is an error, not a picture', () => {
    const tooLong = { ...samples.cash('zh'), qr: 'x'.repeat(2_000) };
    expect(() => drawReceipt(tooLong, { dots: 384, copy: 0 })).toThrow(DrawingError);
    expect(() => drawReceipt({ ...tooLong, qr: 'x'.repeat(4_000) }, { dots: 384, copy: 0 })).toThrow(DrawingError);
  });
});

describe('the words', () => {
  test('of a sale by points and cash, in order', () => {
    expect(rows(samples.mixed('zh'))).toEqual([
      '琼结县 · 幸福积分超市',
      'འཕྱོངས་རྒྱས་རྫོང་། · བདེ་སྐྱིད་སྐར་གྲངས་ཚོང་ཁང་།',
      '2026-11-21 00:05 · 小票号 琼结-03-000123 · 操作员 次仁卓玛 · 居民 格***',
      '立白柠檬洗洁精 500ml',
      '1 × 9.90 | 9.90 元',
      '用 22.25 积分 | -2.23 元',
      '康砖茶 500g',
      '2 × 18.80 | 37.60 元',
      '用 84.5 积分 | -8.45 元',
      '加碘食盐 400g',
      '4 × 2.03 | 8.12 元',
      '用 18.25 积分 | -1.82 元',
      '件数 | 7',
      '合计 | 55.62 元',
      '使用积分 | 125 积分',
      '积分抵扣 | -12.50 元',
      '现金抹零 | -0.02 元',
      '应付 | 43.10 元',
      '收现金 | 50.00 元',
      '找零 | 6.90 元',
      '本店可用积分',
      '使用前 | 125',
      '本次使用 | -125',
      '现在可用 | 0',
      '全县积分余额 | 1,040',
      '县里到 2026-11-20，本店到本单',
      '[code]',
      '扫码可核对本单',
    ]);
  });

  test('of a sale in cash without a resident: nothing of points', () => {
    const said = rows(samples.cash('en')).slice(2);
    expect(said).toEqual([
      '2026-11-21 00:05 · Receipt 琼结-03-000123 · Operator 次仁卓玛',
      '立白柠檬洗洁精 500ml',
      '2 × 9.90 | ¥19.80',
      '康师傅红烧牛肉面 5连包',
      '3 × 15.50 | ¥46.50',
      'Items | 5',
      'Total | ¥66.30',
      'Cash received | ¥100.00',
      'Change | ¥33.70',
      '[code]',
      'Scan to check this receipt',
    ]);
  });

  test('of a Tibetan receipt in points: Tibetan names over the Chinese of the shelf, half points whole', () => {
    expect(rows(samples.points('bo')).slice(3, 11)).toEqual([
      'ཨ་ཅོར།',
      '纯棉毛巾 34×74cm',
      '1 × སྐར་གྲངས་ 50.5 | སྐར་གྲངས་ 50.5',
      'གླང་རྩི།',
      '舒肤佳香皂 115g',
      '3 × སྐར་གྲངས་ 25.25 | སྐར་གྲངས་ 75.75',
      'ཅ་དངོས་གྲངས། | 4',
      'ཁྱོན་བསྡོམས། | སྐར་གྲངས་ 126.25',
    ]);
  });

  test('of goods priced in points beside a discount: each total its own, and the discount only its own points', () => {
    expect(rows(samples.both('zh')).slice(3, -2)).toEqual([
      '舒肤佳香皂 115g',
      '2 × 25.25 积分 | 50.5 积分',
      '立白柠檬洗洁精 500ml',
      '1 × 9.90 | 9.90 元',
      '用 79 积分 | -7.90 元',
      '件数 | 3',
      '合计 | 9.90 元',
      '积分商品合计 | 50.5 积分',
      '抵扣用积分 | 79 积分',
      '积分抵扣 | -7.90 元',
      '应付 | 2.00 元',
      '收现金 | 10.00 元',
      '找零 | 8.00 元',
      '本店可用积分',
      '使用前 | 129.5',
      '本次使用 | -129.5',
      '现在可用 | 0',
      '全县积分余额 | 1,040',
      '县里到 2026-11-20，本店到本单',
    ]);
  });

  test('of loose goods: the net weight and the price of a kilogram, or that the price is the label’s', () => {
    expect(rows(samples.loose('zh')).slice(3, 12)).toEqual([
      '青稞 散装',
      '0.512 公斤 × 12.00 元/公斤 | 6.14 元',
      '用 13.26 积分 | -1.33 元',
      '土豆 散装',
      '1.250 公斤 × 4.30 元/公斤 | 5.38 元',
      '用 11.62 积分 | -1.16 元',
      '白菜 散装',
      '按标签价（3.80 元/公斤） | 9.60 元',
      '用 20.73 积分 | -2.07 元',
    ]);
    expect(rows(samples.loose('bo')).slice(3, 6)).toEqual(['ནས།', '青稞 散装', 'སྤྱི་རྒྱ་ 0.512 × སྒོར་ 12.00 | སྒོར་ 6.14']);
  });

  test('a sale past midnight says its business date as well', () => {
    expect(rows(samples.phone('zh'))[2]).toBe(
      '2026-11-21 00:05 · 营业日 2026-11-20 · 小票号 琼结-03-000123 · 操作员 次仁卓玛 · 居民 格***',
    );
  });

  test('goods without a Tibetan name keep their Chinese one', () => {
    expect(rows(samples.long('bo'))).toContain('海尔卧式冷柜 200L');
  });

  test.each(languages)('in %s are all there, each its own, and can be drawn', (language) => {
    const said = Object.values(receiptWords[language]).map((word) => wordText(word, 12_345, 12_345)); // amounts, counts or texts
    expect(missingCharacters(said.join(''))).toEqual([]);
    expect(new Set(said.filter((word) => word.trim() !== '')).size).toBe(said.length);
  });

  test('in Tibetan are written with tsheg or shad, and without Chinese marks', () => {
    const labels = Object.values(receiptWords.bo).filter((word) => typeof word === 'string');
    for (const label of labels) expect(label).toMatch(/^[\u0f00-\u0fff ]*[\u0f0b\u0f0d][\u0f00-\u0fff ]*$/);
  });
});

describe('any receipt', () => {
  const amount = fc.integer({ min: -1_000_000_000, max: 1_000_000_000 });
  const name = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 30 }),
    fc.constantFrom('བསྒྲུབས་'.repeat(30), '青'.repeat(200), 'W'.repeat(200)),
  );

  test('is drawn, whatever its names and figures', () => {
    fc.assert(
      fc.property(fc.constantFrom(...languages), fc.constantFrom(...widths), name, amount, (language, dots, text, value) => {
        const receipt = samples.mixed(language);
        const odd: Receipt = {
          ...receipt,
          operatorName: text,
          residentMasked: text,
          shop: { ...receipt.shop, zh: text, bo: text },
          lines: receipt.lines.map((line) => ({ ...line, zh: text, bo: text, size: text, totalFen: fen(value), points: points(value) })),
          totalFen: fen(value),
          points: value,
        };
        const drawn = drawReceipt(odd, { dots, copy: 0 });
        expect(drawn.bits.length).toBe((dots / 8) * drawn.height);
        expect(scan(drawn)).toBe(receipt.qr);
      }),
      { numRuns: 15 },
    );
  });

  test('tells the characters it could not draw', () => {
    const receipt = samples.cash('zh');
    expect(missingOnReceipt(receipt)).toEqual([]);
    expect(missingOnReceipt({ ...receipt, operatorName: '㙍晋鹏', residentMasked: '\u{20bb7}**' })).toEqual(['㙍', '\u{20bb7}']);
  });
});

test('every sample can be drawn in every language and width', () => {
  for (const name of Object.keys(samples) as SampleName[]) {
    for (const language of languages) {
      for (const dots of widths) expect(drawnHeight(name, language, dots)).toBeGreaterThan(400);
    }
  }
});

function drawnHeight(name: SampleName, language: Language, dots: PaperDots): number {
  return drawReceipt(samples[name](language), { dots, copy: 1 }).height;
}

function rows(receipt: Receipt): string[] {
  return rowsOf(receiptBlocks(receipt, { dots: 384, copy: 0 }));
}
