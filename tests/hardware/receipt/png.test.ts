// The archive of receipts keeps every dot: what is read back is what was drawn, or an error, never something near it.

import { loadImage, createCanvas } from '@napi-rs/canvas';
import { expect, test } from 'vitest';
import type { Raster } from '../../../db/model/receipt.ts';
import { pngToRaster, rasterToPng } from '../../../hardware/printer/png.ts';
import { fc } from '../../support/property.ts';

const raster: fc.Arbitrary<Raster> = fc
  .tuple(fc.constantFrom(384, 576), fc.integer({ min: 1, max: 12 }))
  .chain(([width, height]) =>
    fc.uint8Array({ minLength: (width / 8) * height, maxLength: (width / 8) * height }).map((bits) => ({ width, height, bits })),
  );

test('a picture written and read back is the same, dot for dot', () => {
  fc.assert(
    fc.property(raster, (drawn) => {
      expect(pngToRaster(rasterToPng(drawn))).toEqual(drawn);
    }),
  );
});

test('a damaged, shortened or lengthened file is an error', () => {
  fc.assert(
    fc.property(raster, fc.nat(), fc.integer({ min: 1, max: 255 }), (drawn, place, flip) => {
      const png = rasterToPng(drawn);
      const damaged = Uint8Array.from(png);
      damaged[place % png.length]! ^= flip;
      expect(() => pngToRaster(damaged)).toThrow();
      expect(() => pngToRaster(png.subarray(0, place % png.length))).toThrow();
      expect(() => pngToRaster(Uint8Array.of(...png, flip))).toThrow();
    }),
  );
});

test('a raster whose bytes do not fill its size is refused', () => {
  expect(() => rasterToPng({ width: 384, height: 2, bits: new Uint8Array(95) })).toThrow(RangeError);
  expect(() => rasterToPng({ width: 384, height: 0, bits: new Uint8Array(0) })).toThrow(RangeError);
});

test('other programs see the same picture', async () => {
  const bits = new Uint8Array(48 * 2);
  bits[0] = 0b1010_0000;
  bits[95] = 0b0000_0001;
  const image = await loadImage(Buffer.from(rasterToPng({ width: 384, height: 2, bits })));
  const context = createCanvas(384, 2).getContext('2d');
  context.drawImage(image, 0, 0);
  const { data } = context.getImageData(0, 0, 384, 2);
  const black = Array.from({ length: 384 * 2 }, (_, i) => i).filter((i) => data[i * 4] === 0);
  expect(black).toEqual([0, 2, 767]);
});
