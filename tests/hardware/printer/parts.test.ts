// A long sheet in parts: every row once and in order, none longer than a part, and none ending within a letter where it need not.

import { expect, test } from 'vitest';
import { periodSamples } from '../../../build/slip-samples.ts';
import type { Raster } from '../../../db/model/receipt.ts';
import { drawBand, drawPeriod } from '../../../hardware/printer/draw-receipt.ts';
import { partRowsMax, partsOf } from '../../../hardware/printer/parts.ts';
import { fc } from '../../support/property.ts';

const sheet = drawPeriod(periodSamples.big('bo'), { dots: 384, copy: 0 });
const band = drawBand('continued', { language: 'bo', number: 'qj-03-1-Z000012', dots: 384 });

function bytes(...rasters: readonly Raster[]): Buffer {
  return Buffer.concat(rasters.map(({ bits }) => bits));
}

test('the parts together are the sheet from that row on, under the band', () => {
  fc.assert(
    fc.property(fc.nat(sheet.height - 1), fc.boolean(), (fromRow, hasBand) => {
      const parts = partsOf(sheet, { fromRow, band: hasBand ? band : null });
      const together = bytes(...parts.map(({ raster }) => raster));
      const expected = Buffer.concat([hasBand ? band.bits : Buffer.alloc(0), sheet.bits.subarray(fromRow * 48)]);
      expect(together.equals(expected)).toBe(true);
      expect(parts.at(-1)!.toRow).toBe(sheet.height);
      const heights = parts.map(({ raster }, n) => raster.height - (n === 0 && hasBand ? band.height : 0));
      expect(Math.max(...heights)).toBeLessThanOrEqual(partRowsMax);
      expect(parts.map(({ toRow }) => toRow)).toEqual(heights.map((_, n) => fromRow + heights.slice(0, n + 1).reduce((a, b) => a + b, 0)));
    }),
    { numRuns: 50 },
  );
});

test('a part of a real sheet ends on white: no letter is printed in two goes', () => {
  const ends = partsOf(sheet, { fromRow: 0, band: null }).slice(0, -1);
  expect(ends.length).toBeGreaterThan(5);
  for (const { toRow } of ends) expect(sheet.bits.subarray((toRow - 1) * 48, toRow * 48).some((byte) => byte !== 0)).toBe(false);
});

test('a sheet without a white row is cut all the same', () => {
  const black: Raster = { width: 384, height: 1_300, bits: new Uint8Array(1_300 * 48).fill(0xff) };
  expect(partsOf(black, { fromRow: 0, band: null }).map(({ toRow }) => toRow)).toEqual([600, 1_200, 1_300]);
});

test.each(['zh', 'bo', 'en'] as const)('the bands in %s differ, and name their paper', (language) => {
  const bands = (['continued', 'again'] as const).flatMap((kind) =>
    ['qj-03-1-Z000012', 'qj-03-1-Z000013'].map((number) => bytes(drawBand(kind, { language, number, dots: 576 })).toString('base64')),
  );
  expect(new Set(bands).size).toBe(4);
});
