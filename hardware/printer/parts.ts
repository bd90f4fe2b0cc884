// Cuts the picture of a long sheet into parts, which the printer takes and confirms one by one, and puts a band above what is
// printed anew. Every row is in a part, in order. Sends nothing.

import type { Raster } from '../../db/model/receipt.ts';
import { assert } from '../../db/model/result.ts';

/** 75 mm: so much at most is in doubt when paper or power ends, and a pause after it tears no row apart. */
export const partRowsMax = 600;

/** A part ends between two lines of text where there is a white row within so many: no letter is printed in two goes. */
const searchRows = 250; // a QR has none for 180 rows

export interface SheetPart {
  readonly raster: Raster;
  /** Rows of the whole sheet that are on paper when this part is. */
  readonly toRow: number;
}

/** The rows from `fromRow` on in parts, under the band if there is one: it is of the first part. */
export function partsOf(
  sheet: Raster,
  { fromRow, band }: { readonly fromRow: number; readonly band: Raster | null },
): readonly SheetPart[] {
  assert(fromRow >= 0 && fromRow < sheet.height, 'some of the sheet is left to print');
  const parts: SheetPart[] = [];
  for (let from = fromRow; from < sheet.height;) {
    const to = endOf(sheet, from);
    const rows = rowsOf(sheet, from, to);
    parts.push({ raster: band !== null && from === fromRow ? under(band, rows) : rows, toRow: to });
    from = to;
  }
  return parts;
}

function endOf(sheet: Raster, from: number): number {
  const most = from + partRowsMax;
  if (most >= sheet.height) return sheet.height;
  for (let row = most; row > most - searchRows; row -= 1) if (isWhite(sheet, row - 1)) return row;
  return most;
}

function isWhite({ width, bits }: Raster, row: number): boolean {
  const rowBytes = width / 8;
  return bits.subarray(row * rowBytes, (row + 1) * rowBytes).every((byte) => byte === 0);
}

function rowsOf({ width, bits }: Raster, from: number, to: number): Raster {
  const rowBytes = width / 8;
  return { width, height: to - from, bits: bits.subarray(from * rowBytes, to * rowBytes) };
}

function under(band: Raster, rows: Raster): Raster {
  assert(band.width === rows.width, 'a band is as wide as its paper');
  return { width: rows.width, height: band.height + rows.height, bits: Uint8Array.from([...band.bits, ...rows.bits]) };
}
