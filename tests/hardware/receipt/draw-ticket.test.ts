// What a ticket shows: every bag, what it earned and what earned nothing, the total above all, and nobody's name.

import { describe, expect, test } from 'vitest';
import { type TicketSampleName, ticketSamples } from '../../../build/ticket-samples.ts';
import { points, sumPoints } from '../../../db/model/amounts.ts';
import { languages } from '../../../db/model/catalogue.ts';
import type { Ticket } from '../../../db/model/receipt.ts';
import { type CreditLine, bagsMax, creditMax, unitsOf } from '../../../db/model/recycling.ts';
import { drawTicket } from '../../../hardware/printer/draw-receipt.ts';
import { measureLine, missingCharacters } from '../../../hardware/printer/fonts.ts';
import { drawBlocks } from '../../../hardware/printer/layout.ts';
import type { Block } from '../../../hardware/printer/layout.ts';
import { ticketBlocks } from '../../../hardware/printer/ticket-blocks.ts';
import { ticketWords } from '../../../hardware/printer/ticket-text.ts';
import { blackDots, differentDots, expectGolden, rowsOf, scan, wordText } from '../../support/paper.ts';
import { fc } from '../../support/property.ts';

const widths = [384, 576] as const;
const names = Object.keys(ticketSamples) as TicketSampleName[];
const everywhere = widths.flatMap((dots) => languages.map((language) => [dots, language] as const));

describe('the picture', () => {
  // Drawn by build/receipt-gallery.ts and looked at; a change of fonts, words or layout must be looked at again.
  test.each([
    ['zh', 576, 'pesticide', 0],
    ['bo', 384, 'bottles', 0],
    ['en', 384, 'thirty', 1],
  ] as const)('%s %i %s is the golden one', (language, dots, name, copy) => {
    expectGolden(drawTicket(ticketSamples[name](language), { dots, copy }), `ticket-${language}-${dots}-${name}-${copy}`);
  });

  test('shows each figure: one gram, one point or one day more is another picture', () => {
    const ticket = ticketSamples.bottles('zh');
    const drawn = drawTicket(ticket, { dots: 384, copy: 0 });
    const changes: readonly Partial<Ticket>[] = [
      { lines: ticket.lines.map((line) => ({ ...line, remainderUnits: line.remainderUnits + 1 })) },
      { points: points(ticket.points + 1_00) },
      { usableAfter: points(ticket.usableAfter + 1_00) },
      { scale: { ...ticket.scale!, verifiedOn: '2026-03-02' } },
    ];
    for (const change of changes)
      expect(differentDots(drawTicket({ ...ticket, ...change }, { dots: 384, copy: 0 }), drawn)).toBeGreaterThan(10); // a digit
  });

  test.each(languages)('a copy in %s is the original under a band that says which', (language) => {
    const ticket = ticketSamples.bottles(language);
    const [first, second] = [0, 2].map((copy) => drawTicket(ticket, { dots: 384, copy }));
    const band = second!.height - first!.height;
    const top = 8 * 48; // the white above the band
    expect(band).toBeGreaterThan(50);
    expect(second!.bits.subarray(band * 48 + top)).toEqual(first!.bits.subarray(top));
    expect(drawTicket(ticket, { dots: 384, copy: 3 })).not.toEqual(second);
  });

  test.each(everywhere)('on %i dots in %s has a code that reads back as the signed text', (dots, language) => {
    const ticket = ticketSamples.bottles(language);
    expect(scan(drawTicket(ticket, { dots, copy: 0 }))).toBe(ticket.qr);
  });

  test.each(everywhere)('on %i dots in %s has the total on one line, in the largest letters of the paper', (dots, language) => {
    const room = dots - 50; // edges, frame, and the white within it
    const largest = { ...ticketSamples.bottles(language), points: points(creditMax - 50) }; // with a decimal: wider than the most
    for (const ticket of [ticketSamples.bottles(language), ticketSamples.pesticide(language), largest]) {
      const blocks = flat(ticketBlocks(ticket, { dots, copy: 1 }));
      const [total, ...others] = blocks.filter((block) => block.kind === 'fitted');
      const px = total!.styles.find((style) => measureLine(total!.text, style).width <= room)?.px ?? 0;
      expect([others, px > Math.max(...blocks.map((block) => ('style' in block ? block.style.px : 0)))]).toEqual([[], true]);
    }
  });

  test.each(widths)('on %i dots cuts no Tibetan, above or below, in the largest letters', (dots) => {
    const word = 'སྐར་གྲངས་བསྒྲུབས་ཧཱུྃ';
    const styles = [{ px: 72, weight: 'bold' }] as const;
    const [drawn, roomy] = [0, 40].map((dotsAround) =>
      drawBlocks(
        [
          { kind: 'gap', dots: dotsAround },
          { kind: 'fitted', text: word, styles },
          { kind: 'gap', dots: dotsAround },
        ],
        dots,
      ),
    );
    expect(blackDots(roomy!)).toBe(blackDots(drawn!));
  });
});

describe('the words', () => {
  test('of a sack of bottles, in Chinese, whole', () => {
    expect(rows(ticketSamples.bottles('zh'))).toEqual([
      '琼结县 · 幸福积分超市',
      'འཕྱོངས་རྒྱས་རྫོང་། · བདེ་སྐྱིད་སྐར་གྲངས་ཚོང་ཁང་།',
      '回收积分单 · 2026-11-21 00:05 · 凭条号 琼结-03-R000123 · 操作员 次仁卓玛 · 居民 格***',
      '塑料瓶 · 每公斤 15 积分 · 1.354 − 0.120 编织袋 = 1.234 公斤 · 零头 0.034 公斤 | 18 积分',
      '本次积分',
      '18 积分',
      '本店可用积分 · 之前可用 125 | 143',
      '全县积分余额 | 1,183',
      '县里到 2026-11-20，本店到本单',
      '秤 XK3190-20517 · 检定 2026-03-01',
      '[code]',
      '扫码可核对本凭条',
    ]);
  });

  test('of the same in Tibetan: its name over the Chinese one', () => {
    expect(rows(ticketSamples.bottles('bo')).slice(2)).toEqual([
      'ཕྱིར་བསྡུའི་འཛིན་བྱང་། · 2026-11-21 00:05 · འཛིན་བྱང་ཨང་། 琼结-03-R000123 · བཀོལ་སྤྱོད་པ། 次仁卓玛 · སྡོད་དམངས། 格***',
      'འགྱིག་དམ · 塑料瓶 · སྤྱི་རྒྱ་རེར་ སྐར་གྲངས་ 15 · 1.354 − 0.120 ཕད་ཚེ = 1.234 kg · ལྷག་མ། 0.034 kg | སྐར་གྲངས་ 18',
      'ད་ཐེངས་ཐོབ་པ།',
      'སྐར་གྲངས་ 18',
      'འདིར་སྤྱོད་ཆོག་པའི་སྐར་གྲངས། · འདིའི་གོང་། 125 | 143',
      'རྫོང་ཡོངས་ཀྱི་ལྷག་གྲངས། | 1,183',
      'རྫོང་། 2026-11-20 བར། འདིར་ད་ལྟ།',
      'རྒྱ་མ། XK3190-20517 · ཚད་བཤེར། 2026-03-01',
      '[code]',
      'བཤེར་ནས་ཞིབ་བཤེར་བྱས་ཆོག',
    ]);
  });

  test('of a vessel that the scheme no longer names: a container, its grams as they were', () => {
    expect(rows({ ...ticketSamples.bottles('zh'), containers: [] })).toContain(
      '塑料瓶 · 每公斤 15 积分 · 1.354 − 0.120 容器 = 1.234 公斤 · 零头 0.034 公斤 | 18 积分',
    );
  });

  test('of 12,700 pesticide bottles past midnight: hazardous, approved, counted, no scale', () => {
    const said = rows(ticketSamples.pesticide('zh'));
    expect(said.slice(2, 5)).toEqual([
      '回收积分单 · 2026-11-21 00:05 · 营业日 2026-11-20 · 凭条号 琼结-03-R000123 · 操作员 次仁卓玛 · 居民 格***',
      '本单经过批准',
      '农药瓶 · ⚠ 有害垃圾 · 每个 1 积分 · 12,700 个 | 12,700 积分',
    ]);
    expect(said.filter((row) => row.startsWith('秤'))).toEqual([]);
  });

  test('of several materials on a simulated scale: who took which vessel off, and plainly that nothing was weighed', () => {
    expect(rows(ticketSamples.mixed('en')).slice(3)).toEqual([
      '塑料瓶 · 15 points per kg · 2 bags, 2.959 kg · left over 0.025 kg | 44 points',
      '1) 2.404 − 0.085 tare = 2.319',
      '2) 0.640',
      '易拉罐 · 60 points per kg · 0.731 kg (tare taken off by the scale) · left over 0.014 kg | 43 points',
      '废铁 · 15 points per kg · 2 bags, 1.103 kg · left over 0.036 kg | 16 points',
      '1) 0.012',
      '2) 1.091',
      '废电池 · ⚠ Hazardous · 1 point per 2 pieces · 7 pieces · left over 1 piece | 3 points',
      '纸板和废纸 · 8 points per kg · 13.206 − 1.500 背篓 = 11.706 kg · left over 0.081 kg | 93 points',
      'Points given',
      '199 points',
      'Points usable in this shop · Before 125 | 324',
      'Points county-wide | 1,364',
      'to 2026-11-20, this shop to now',
      'SIMULATED SCALE, nothing weighed',
      'Scale XK3190-20517 · verified 2026-03-01',
      '[code]',
      'Scan to check this ticket',
    ]);
  });

  test('of a point for thirty that was taken back since: rate, half points and remainder, under both bands', () => {
    const copy = rowsOf(ticketBlocks(ticketSamples.thirty('zh'), { dots: 384, copy: 1 }));
    expect([copy.slice(0, 3), copy.slice(5, 8)]).toEqual([
      ['补打 1', '本单积分已收回', '琼结县 · 幸福积分超市'],
      ['饮料瓶 · 每 30 个 1 积分 · 110 个 · 零头 5 个 | 3.5 积分', '本次积分', '3.5 积分'],
    ]);
  });

  test('of a credit taken back say so in Chinese too, which the clerk reads', () => {
    const copies = (['bo', 'en'] as const).map((language) => rowsOf(ticketBlocks(ticketSamples.thirty(language), { dots: 384, copy: 1 })));
    expect(copies.map((copy) => copy.slice(1, 3))).toEqual([
      ['སྐར་གྲངས་འདི་ཕྱིར་བསྡུས་ཟིན།', '本单积分已收回'],
      ['These points were taken back', '本单积分已收回'],
    ]);
  });

  test('of a hundred bags of two materials: eight rows each, the other bags in one, and their sum', () => {
    expect(rows(ticketSamples.hundred('zh')).slice(13, 23)).toEqual([
      '塑料瓶 · 每公斤 15 积分 · 66 袋共 178.959 公斤 · 零头 0.025 公斤 | 2,684 积分',
      '1) 1.037 − 0.120 编织袋 = 0.917',
      '2) 1.074 − 0.120 编织袋 = 0.954',
      '3) 1.148 − 0.120 编织袋 = 1.028',
      '4) 1.185 − 0.120 编织袋 = 1.065',
      '5) 1.259 − 0.120 编织袋 = 1.139',
      '6) 1.296 − 0.120 编织袋 = 1.176',
      '7) 1.370 − 0.120 编织袋 = 1.250',
      '8) 1.407 − 0.120 编织袋 = 1.287',
      '其余 58 袋共 170.143 公斤',
    ]);
  });

  test('of eighteen bags name each, of nineteen seventeen', () => {
    const [line] = ticketSamples.hundred('en').lines;
    const bagRows = (count: number): readonly string[] => {
      const bags = line!.bags.slice(0, count);
      return rows({ ...ticketSamples.bottles('en'), lines: [{ ...line!, bags }] }).filter((row) => /^\d+(\)| more)/.test(row));
    };
    expect([bagRows(18), bagRows(19)].map((said) => [said.length, said.at(-1)])).toEqual([
      [18, '18) 2.887 − 0.120 编织袋 = 2.767'],
      [18, '2 more bags, 5.645 kg'],
    ]);
  });

  test.each(languages)('in %s are all there, each its own, and can be drawn', (language) => {
    const said = Object.values(ticketWords[language]).map((word) => wordText(word, 12_345, '12,345'));
    expect(missingCharacters(said.join(''))).toEqual([]);
    expect(new Set(said).size).toBe(said.length);
  });

  test('in Tibetan are written with tsheg or shad, and without Chinese marks', () => {
    const labels = Object.values(ticketWords.bo).filter((word) => typeof word === 'string');
    for (const label of labels) expect(label).toMatch(/^[\u0f00-\u0fff ]*[\u0f0b\u0f0d][\u0f00-\u0fff ]*$/);
  });
});

test.each(everywhere)('a hundred bags of nine materials on %i dots in %s are less than a metre of paper', (dots, language) => {
  const { lines } = ticketSamples.hundred(language);
  const bags = lines.flatMap((line) => line.bags);
  expect(bags.length).toBe(bagsMax);
  const nine = Array.from({ length: 9 }, (_, n): CreditLine => ({
    ...lines[0]!,
    hazardous: true,
    bags: bags.filter((_bag, i) => i % 9 === n),
  }));
  expect(drawTicket({ ...ticketSamples.hundred(language), lines: nine }, { dots, copy: 1 }).height).toBeLessThan(8 * 1_000); // 8 dots a mm
});

test.each(languages)('four materials in %s are a short paper: a quarter metre at the most on the wide one', (language) => {
  expect(drawTicket(ticketSamples.four(language), { dots: 576, copy: 0 }).height).toBeLessThan(8 * 250); // 8 dots a mm
});

test('the samples agree in their sums', () => {
  for (const name of names) {
    const { lines, points: total, usableBefore, usableAfter } = ticketSamples[name]('zh');
    expect([name, sumPoints(lines.map((line) => line.points)), usableAfter - usableBefore]).toEqual([name, total, total]);
    for (const line of lines) expect(line.bags.reduce((sum, bag) => sum + unitsOf(bag.measure), 0)).toBe(line.units);
  }
});

describe('any ticket', () => {
  const name = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 30 }),
    fc.constantFrom('བསྒྲུབས་'.repeat(30), '青'.repeat(200), 'W'.repeat(200)),
  );
  const amount = fc.integer({ min: 0, max: 1_000_000_000 });

  test('is drawn, whatever its names and figures', () => {
    fc.assert(
      fc.property(fc.constantFrom(...languages), fc.constantFrom(...widths), name, amount, (language, dots, text, value) => {
        const ticket = ticketSamples.mixed(language);
        const odd: Ticket = {
          ...ticket,
          ticketNumber: text,
          operatorName: text,
          residentMasked: text,
          shop: { ...ticket.shop, zh: text, bo: text },
          lines: ticket.lines.map((line) => ({ ...line, zh: text, bo: text, units: value, points: points(value), remainderUnits: value })),
          points: points(value),
          scale: { serialNumber: text, verifiedOn: text, isSimulated: true },
        };
        const drawn = drawTicket(odd, { dots, copy: 0 });
        expect(drawn.bits.length).toBe((dots / 8) * drawn.height);
        expect(scan(drawn)).toBe(ticket.qr);
      }),
      { numRuns: 10 },
    );
  });
});

function rows(ticket: Ticket): string[] {
  return rowsOf(ticketBlocks(ticket, { dots: 384, copy: 0 }));
}

/** The blocks without their frames. */
function flat(blocks: readonly Block[]): readonly Block[] {
  return blocks.flatMap((block) => (block.kind === 'frame' ? flat(block.blocks) : [block]));
}
