// Lines end where readers of the language end them, nothing is cut short, and no ink leaves the paper.

import { describe, expect, test } from 'vitest';
import type { Raster } from '../../../db/model/receipt.ts';
import { type TextStyle, measureLine, missingCharacters } from '../../../hardware/printer/fonts.ts';
import { drawBlocks, wrapText } from '../../../hardware/printer/layout.ts';
import { fc } from '../../support/property.ts';

const body: TextStyle = { px: 26, weight: 'regular' };

describe('lines', () => {
  test('Tibetan ends after tsheg and shad, and at spaces', () => {
    expect(wrapText('བོད་ལྗོངས་ཀྱི་ཐོན་སྐྱེད་མཐོ་སྒང་། གཡག་གི་འོ་མ།', body, 200)).toEqual(['བོད་ལྗོངས་ཀྱི་ཐོན་', 'སྐྱེད་མཐོ་སྒང་།', 'གཡག་གི་འོ་མ།']);
  });

  test('U+0F0C keeps a name together', () => {
    const name = 'བསྒྲུབས༌སྐྱེས༌རྒྱལ།';
    expect(wrapText(`རྩམ་པ་ ${name}`, body, measureLine(name, body).width + 2)).toEqual(['རྩམ་པ་', name]);
  });

  test('Chinese ends anywhere but before a closing mark or after an opening one', () => {
    expect(wrapText('纯牦牛奶茶（咸）', body, 26 * 6)).toEqual(['纯牦牛奶茶', '（咸）']);
  });

  test('a size is not cut from its unit', () => {
    expect(wrapText('立白洗洁精 500ml', body, 26 * 6)).toEqual(['立白洗洁精', '500ml']);
  });

  test('a word wider than the paper is cut, and all of it is there', () => {
    const word = 'W'.repeat(60);
    const lines = wrapText(word, body, 380);
    expect(lines.length).toBeGreaterThan(1);
    expect(lines.join('')).toBe(word);
  });

  const textOf = (words: readonly string[]) => fc.array(fc.constantFrom(...words), { maxLength: 40 }).map((parts) => parts.join(''));
  const syllables = ['བོད་', 'བསྒྲུབས་', 'རྒྱལ། ', 'ཧཱུྃ་', '青稞', '（咸）', '洗洁精，', ' 500ml ', ' 12.50'];
  const scraps = [...syllables, 'ཧཱུྃ', '༌', '། །', '（', '）', '，', '-', ' ', 'kg'];
  const widths = fc.integer({ min: 150, max: 572 });

  test('no text is lost and no line is too wide, whatever was typed', () => {
    fc.assert(
      fc.property(textOf(scraps), widths, (text, width) => {
        const lines = wrapText(text, body, width);
        expect(lines.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''));
        for (const line of lines) expect(measureLine(line, body).width).toBeLessThanOrEqual(width);
      }),
    );
  });

  test('no line starts with what belongs to the line before, even where a word is wider than the paper', () => {
    fc.assert(
      fc.property(textOf(syllables), widths, (text, width) => {
        for (const line of wrapText(text, body, width)) expect(line).not.toMatch(/^[་།），]/);
      }),
    );
  });
});

describe('ink', () => {
  test.each(['ཧྐླྀ་བསྒྲུབས་སྐྱེས་རྒྱལ་ཧཱུྃ་སྤྱི།', 'སྐྲོད་ཧྥྲྀཿ་བཀྲ་ཤིས།', 'Ågjpq 琼结'])('all of %s is on the paper, however tall', (text) => {
    const alone = drawBlocks([{ kind: 'text', text, style: body, align: 'start' }], 384);
    const roomy = drawBlocks(
      [
        { kind: 'gap', dots: 100 },
        { kind: 'frame', dots: 0, blocks: [{ kind: 'text', text, style: body, align: 'start' }] },
        { kind: 'gap', dots: 100 },
      ],
      576,
    );
    expect(blackDots(alone)).toBe(blackDots(roomy));
    expect(alone.bits.subarray(-48).every((byte) => byte === 0)).toBe(true); // the leading under it is white
  });

  test('the lines of a stack do not touch the lines under it', () => {
    const one = (text: string): Raster => drawBlocks([{ kind: 'text', text, style: body, align: 'start' }], 384);
    const both = drawBlocks(
      ['ཧྐླྀ་བསྒྲུབས།', 'ཧཱུྃ་སྐྱེས།'].map((text) => ({ kind: 'text', text, style: body, align: 'start' })),
      384,
    );
    expect(blackDots(both)).toBe(blackDots(one('ཧྐླྀ་བསྒྲུབས།')) + blackDots(one('ཧཱུྃ་སྐྱེས།')));
  });

  test('figures end at the right edge, whatever their width', () => {
    const edges = ['1.00', '12,345.67', '¥0.05'].map((value) => {
      const raster = drawBlocks([{ kind: 'pair', label: '合计', value, style: body }], 384);
      return rightmostBlack(raster);
    });
    for (const edge of edges) expect(384 - edge).toBeLessThanOrEqual(6);
  });

  test('a figure without room beside its label stands under it, whole', () => {
    const label = 'བེད་སྤྱད་སྐར་གྲངས།';
    const tight = drawBlocks([{ kind: 'pair', label, value: '90,071,992,547,409.91', style: body }], 384);
    const roomy = drawBlocks([{ kind: 'pair', label, value: '90,071,992,547,409.91', style: body }], 576);
    expect(tight.height).toBeGreaterThan(roomy.height);
    expect(blackDots(tight)).toBe(blackDots(roomy));
  });

  test('a line drawn again is the same dots', () => {
    const blocks = Array.from({ length: 60 }, () => ({ kind: 'text', text: 'བསྒྲུབས 积分', style: body, align: 'start' }) as const);
    const one = drawBlocks(blocks.slice(0, 1), 384);
    const many = drawBlocks(blocks, 384);
    expect(many).toEqual({ width: 384, height: one.height * 60, bits: new Uint8Array(blocks.flatMap(() => [...one.bits])) });
  });
});

describe('characters', () => {
  test('surnames outside the common file are drawn; what no bundled font holds is told', () => {
    expect(missingCharacters('仉钭亶瑥匙卮 བསྒྲུབས 琼结 500ml')).toEqual([]);
    expect(missingCharacters('㙍a㙍\u{20bb7}')).toEqual(['㙍', '\u{20bb7}']);
  });

  test('a missing character leaves its mark', () => {
    const style = body;
    expect(drawBlocks([{ kind: 'text', text: '㙍', style, align: 'start' }], 384)).toEqual(
      drawBlocks([{ kind: 'text', text: '〓', style, align: 'start' }], 384),
    );
  });

  test('line breaks and characters that only steer do not reach the paper', () => {
    expect(wrapText('洗\u202e洁\u200b精\n500ml', body, 380)).toEqual(['洗洁精 500ml']);
  });
});

function blackDots(raster: Raster): number {
  return raster.bits.reduce((sum, byte) => sum + (byte.toString(2).match(/1/g)?.length ?? 0), 0);
}

function rightmostBlack({ width, height, bits }: Raster): number {
  for (let x = width - 1; x >= 0; x--) {
    for (let y = 0; y < height; y++) if ((bits[(y * width + x) >> 3]! & (0x80 >> (x & 7))) !== 0) return x;
  }
  return -1;
}

describe('a row', () => {
  const part = (text: string) => ({ text, style: body });
  const heightOf = (texts: readonly string[], end: string | null) =>
    drawBlocks([{ kind: 'row', parts: texts.map(part), end: end === null ? null : part(end), align: 'start' }], 384).height;
  const one = heightOf(['青稞'], null);

  test('takes as few lines as its texts need, the end keeping its room on the first', () => {
    const half = '青'.repeat(6); // 156 dots and the white between: two of them on a line, and no end
    expect([[half], [half, half], [half, half, half]].map((texts) => heightOf(texts, null) / one)).toEqual([1, 1, 2]);
    expect([[half], [half, half], [half, half, half]].map((texts) => heightOf(texts, '1234') / one)).toEqual([1, 2, 2]);
  });

  test('whose first text leaves no room has its end beside the next, or alone where there is none', () => {
    const whole = '青'.repeat(14);
    expect([[whole, '青稞'], [whole]].map((texts) => heightOf(texts, '1234') / one)).toEqual([2, 2]);
  });
});
