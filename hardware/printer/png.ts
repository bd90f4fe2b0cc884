// A one-bit picture as PNG and back: the archive of receipts. Reads only what it wrote itself; anything else is an error.

import { crc32, deflateSync, inflateSync } from 'node:zlib';
import type { PaperDots, Raster } from '../../db/model/receipt.ts';

/** Tallest picture kept: 200 kinds of goods with long Tibetan names, and room to spare. Bounds what a broken file can inflate to. */
export const rasterHeightMax = 200_000;

/** The raster as PNG: grey, one bit a dot, no filter. The same raster always gives the same bytes. */
export function rasterToPng(raster: Raster): Uint8Array {
  const { width, height, bits } = raster;
  const rowBytes = width / 8;
  if (height < 1 || height > rasterHeightMax) throw new RangeError(`a picture ${height} dots high`);
  if (bits.length !== rowBytes * height) throw new RangeError(`${bits.length} bytes for ${width} × ${height} dots`);
  const rows = Buffer.alloc((rowBytes + 1) * height); // each row after its filter byte, 0
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < rowBytes; x++) rows[y * (rowBytes + 1) + 1 + x] = ~bits[y * rowBytes + x]!; // PNG says 1 for white
  }
  return Buffer.concat([signature, chunk('IHDR', header(width, height)), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))]);
}

/** The raster of a PNG that rasterToPng wrote. Throws on any other file, and on a damaged one. */
export function pngToRaster(png: Uint8Array): Raster {
  const file = Buffer.from(png.buffer, png.byteOffset, png.byteLength);
  if (!file.subarray(0, signature.length).equals(signature)) throw new Error('not a PNG');
  const head = readChunk(file, signature.length, 'IHDR');
  const picture = readChunk(file, head.end, 'IDAT');
  const tail = readChunk(file, picture.end, 'IEND');
  if (tail.end !== file.length) throw new Error('a PNG with something after its end');
  const width = paperDots(head.data.readUInt32BE(0));
  const height = head.data.readUInt32BE(4);
  if (height < 1 || height > rasterHeightMax || !head.data.equals(header(width, height))) throw new Error('not a PNG of ours');
  const rowBytes = width / 8;
  const rows = inflateSync(picture.data, { maxOutputLength: (rowBytes + 1) * height });
  if (rows.length !== (rowBytes + 1) * height) throw new Error('a PNG with rows missing');
  const bits = new Uint8Array(rowBytes * height);
  for (let y = 0; y < height; y++) {
    if (rows[y * (rowBytes + 1)] !== 0) throw new Error('a PNG with filters');
    for (let x = 0; x < rowBytes; x++) bits[y * rowBytes + x] = ~rows[y * (rowBytes + 1) + 1 + x]!;
  }
  return { width, height, bits };
}

const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');

/** Width, height, 1 bit, grey, and the only compression, filtering and order there are. */
function header(width: number, height: number): Buffer {
  const data = Buffer.alloc(13);
  data.writeUInt32BE(width, 0);
  data.writeUInt32BE(height, 4);
  data[8] = 1;
  return data;
}

function chunk(type: string, data: Buffer): Buffer {
  const whole = Buffer.alloc(data.length + 12);
  whole.writeUInt32BE(data.length, 0);
  whole.write(type, 4, 'latin1');
  data.copy(whole, 8);
  whole.writeUInt32BE(crc32(whole.subarray(4, data.length + 8)), data.length + 8);
  return whole;
}

function readChunk(file: Buffer, start: number, type: string): { readonly data: Buffer; readonly end: number } {
  if (start + 12 > file.length) throw new Error('a PNG cut short');
  const end = start + 12 + file.readUInt32BE(start);
  if (end > file.length) throw new Error('a PNG cut short');
  if (file.toString('latin1', start + 4, start + 8) !== type) throw new Error(`a PNG without ${type} where we write it`);
  if (crc32(file.subarray(start + 4, end - 4)) !== file.readUInt32BE(end - 4)) throw new Error('a damaged PNG');
  return { data: file.subarray(start + 8, end - 4), end };
}

function paperDots(width: number): PaperDots {
  if (width !== 384 && width !== 576) throw new Error(`a picture ${width} dots wide`);
  return width;
}
