// Whether this machine draws Tibetan stacks and Chinese as the machine of the golden picture did. A receipt whose letters
// are boxes or fall apart must not be printed (hardware.md F). Knows no receipt.

import type { Raster } from '../../db/model/receipt.ts';
import { drawBlocks } from './layout.ts';
import { pngToRaster } from './png.ts';

/** Draws the words once, at first use, and throws where they do not look as they must; costs nothing afterwards. */
export function checkDrawing(): void {
  if (isChecked) return;
  const drawn = drawBlocks([{ kind: 'text', text: checkWords, style: { px: 26, weight: 'regular' }, align: 'start' }], 384);
  const { stray, absent } = compareInk(drawn, pngToRaster(Buffer.from(golden, 'base64')));
  if (stray > strayDotsMax || absent > strayDotsMax) {
    throw new Error(`letters are not drawn as they must be: ${stray} dots too many, ${absent} missing`);
  }
  isChecked = true;
}

/**
 * Dots of `drawn` with no ink of `expected` on them or beside them, and the reverse. Another machine's smoothing or
 * hinting moves edges by less than a dot and counts nothing; a box, a blank or a stack that fell apart counts tens.
 */
export function compareInk(drawn: Raster, expected: Raster): { readonly stray: number; readonly absent: number } {
  return { stray: inkFarFrom(drawn, expected), absent: inkFarFrom(expected, drawn) };
}

let isChecked = false;

/** A stack of four with prefix and suffixes, and two characters. */
const checkWords = 'བསྒྲུབས 积分';
/** Measured: 0 for half a dot of shift, another weight or lighter ink; 73 and more where a vowel is misplaced. */
const strayDotsMax = 20;

function inkFarFrom(one: Raster, other: Raster): number {
  let far = 0;
  for (let y = 0; y < one.height; y++) {
    for (let x = 0; x < one.width; x++) {
      if (isBlack(one, x, y) && !isBlackNear(other, x, y)) far += 1;
    }
  }
  return far;
}

function isBlackNear(raster: Raster, x: number, y: number): boolean {
  for (let dy = -1; dy <= 1; dy++) {
    for (let dx = -1; dx <= 1; dx++) if (isBlack(raster, x + dx, y + dy)) return true;
  }
  return false;
}

function isBlack({ width, height, bits }: Raster, x: number, y: number): boolean {
  return x >= 0 && y >= 0 && x < width && y < height && (bits[(y * width + x) >> 3]! & (0x80 >> (x & 7))) !== 0;
}

/** The words as they must look, drawn with the pinned fonts: PNG as rasterToPng writes it. */
const golden =
  'iVBORw0KGgoAAAANSUhEUgAAAYAAAAA1AQAAAABgzAFgAAABk0lEQVR4nO3UsWojMRAG4DEL2e62SBtWpV/hCmMF7gHyGGld2hAyyxXn5vC2gYTVo1xCICr9CHHi4lr53GhB6D+vOXPgQGZFmitOoE6fRjPMiJC46EPgEfCtBBzl9HlKeXWmfUaq9TIoDsApUpvAPcB0B2jEMFqtYw9QhS7CHph11AJoUd9cTWHvr/fAQglgg3pczmC/jxlKmxq1ALZYqE8z2GbMbqBNgbkM8m8zWF12oFH4IgBX1NnrJLdq0T2pIRoKYJUtX9xkYPMnRqHVOUlVWg2W3k/IZk8cc1KRJeBoiTCly4dXjlkfAH9REYeh+8XhFAgyiEVFjDx49re9AAragXn03JofHCCDugMWgTemYd8HmFEHIm9NqVux+YBlB34CDKPUpgeAuvszA402j31A9hfUc3Hiun0Ad7wo7nuAqjxEAPTq/fN7EEvh1mMAafA/DKrrVJCaQ3WSmsPXVOASgZHa4RjUqcB6oUOPwdoLH/AxcKnAs0kDQT+ngVgkRgAl5oAqsayQ5vgNSFn/wb8BfgPQUC1zSIkknAAAAABJRU5ErkJggg==';
