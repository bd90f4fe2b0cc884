// How tests look at paper: its rows as text, its code as a phone reads it, its dots beside the golden picture's.

import { readFileSync } from 'node:fs';
import jsQR from 'jsqr';
import { expect } from 'vitest';
import type { Raster } from '../../db/model/receipt.ts';
import type { Block } from '../../hardware/printer/layout.ts';
import { pngToRaster } from '../../hardware/printer/png.ts';

/** The text of a receipt or ticket, row by row, as it stands on paper before lines are cut. */
export function rowsOf(blocks: readonly Block[]): string[] {
  return blocks.flatMap((block) => blockRows(block)).map((row) => row.replaceAll('\u00a0', ' '));
}

function blockRows(block: Block): string[] {
  if (block.kind === 'text' || block.kind === 'fitted') return [block.text];
  if (block.kind === 'pair') return [`${block.label} | ${block.value}`];
  if (block.kind === 'row') {
    const parts = block.parts.map(({ text }) => text).join(' · ');
    return [block.end === null ? parts : `${parts} | ${block.end.text}`];
  }
  if (block.kind === 'frame') return block.blocks.flatMap((inner) => blockRows(inner));
  return block.kind === 'code' ? ['[code]'] : [];
}

/** A word, or what it makes of such values. */
export function wordText(word: string | ((...values: never[]) => string), ...values: readonly unknown[]): string {
  return typeof word === 'string' ? word : ['', word(...(values as never[]))].join(''); // each language's list knows what it takes
}

/** What a phone reads that is held over the lower end of the paper. */
export function scan(raster: Raster): string | undefined {
  const { width } = raster;
  const height = Math.min(raster.height, 480);
  const bits = raster.bits.subarray(-(width / 8) * height);
  const pixels = new Uint8ClampedArray(width * height * 4);
  for (let i = 0; i < width * height; i++) pixels.fill((bits[i >> 3]! & (0x80 >> (i & 7))) === 0 ? 255 : 0, i * 4, i * 4 + 3);
  return jsQR.default(pixels, width, height)?.data;
}

/** The same dots as the picture of that name, drawn by build/receipt-gallery.ts and looked at. */
export function expectGolden(drawn: Raster, name: string): void {
  const golden = pngToRaster(readFileSync(new URL(`../hardware/receipt/golden/${name}.png`, import.meta.url)));
  expect({ width: drawn.width, height: drawn.height }).toEqual({ width: golden.width, height: golden.height });
  // Another machine smooths edges otherwise; one digit that differs is one or two per mille of a receipt.
  expect(differentDots(drawn, golden) / blackDots(golden)).toBeLessThan(0.001);
}

export function differentDots(one: Raster, other: Raster): number {
  return blackDots({ bits: one.bits.map((byte, i) => byte ^ other.bits[i]!) });
}

export function blackDots({ bits }: Pick<Raster, 'bits'>): number {
  return bits.reduce((sum, byte) => sum + (byte.toString(2).match(/1/g)?.length ?? 0), 0);
}
