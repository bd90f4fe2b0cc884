// A machine that cannot draw Tibetan finds out before it prints; one that only smooths letters otherwise prints.

import { expect, test } from 'vitest';
import type { Raster } from '../../../db/model/receipt.ts';
import { checkDrawing, compareInk } from '../../../hardware/printer/drawing-check.ts';
import { drawBlocks } from '../../../hardware/printer/layout.ts';

function word(text: string): Raster {
  return drawBlocks([{ kind: 'text', text, style: { px: 26, weight: 'regular' }, align: 'start' }], 384);
}

/** The picture a dot further right, as another machine's rounding might place it. */
function shifted(raster: Raster): Raster {
  const bits = raster.bits.map((byte, i) => (byte >> 1) | (i % 48 === 0 ? 0 : (raster.bits[i - 1]! & 1) << 7));
  return { ...raster, bits };
}

test('this machine draws as it must', () => {
  expect(() => checkDrawing()).not.toThrow();
});

test('a dot of shift is nothing', () => {
  const drawn = word('བསྒྲུབས 积分');
  expect(compareInk(shifted(drawn), drawn)).toEqual({ stray: 0, absent: 0 });
});

test.each([
  ['one vowel gone', 'བསྒྲབས 积分'],
  ['a stack fallen apart', 'བསགརུབས 积分'],
  ['boxes for Chinese', 'བསྒྲུབས 〓〓'],
  ['nothing drawn', ' '],
])('%s is seen', (_, text) => {
  const { stray, absent } = compareInk(word(text), word('བསྒྲུབས 积分'));
  expect(Math.max(stray, absent)).toBeGreaterThan(20);
});
