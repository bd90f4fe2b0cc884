// One line of text as black dots, drawn once and kept as long as its measure is. Knows no place on the paper.

import type { SKRSContext2D } from '@napi-rs/canvas';
import { drawingLibrary } from './drawing-library.ts';
import type { MeasuredLine } from './fonts.ts';

/** The dots of a line: rows of whole bytes, most significant bit left, 1 = black. Its baseline is `ascent` rows down. */
export interface Ink {
  readonly rowBytes: number;
  readonly rows: number;
  readonly bits: Uint8Array;
}

/** The dots of a measured line, all of them: the canvas is as large as the measure says. */
export function inkOf(line: MeasuredLine): Ink {
  const known = inks.get(line);
  if (known !== undefined) return known;
  const ink = drawInk(line);
  inks.set(line, ink);
  return ink;
}

/** Labels, units and names come again on every receipt; what measureLine forgets is forgotten here too. */
const inks = new WeakMap<MeasuredLine, Ink>();

/** Darker than this becomes black: Noto survives it from 20 dots up (hardware.md F). */
const blackBelow = 150;

function drawInk(line: MeasuredLine): Ink {
  const rowBytes = Math.ceil(line.width / 8);
  const rows = line.ascent + line.descent;
  const pen = cleanPen(rowBytes * 8, rows);
  for (const run of line.runs) {
    pen.font = run.font;
    pen.fillText(run.text, run.x, line.ascent);
  }
  // Line by line, since reading a large picture costs fresh memory each time: 10 ms for each 1,000 rows.
  const pixels = pen.getImageData(0, 0, Math.max(8, rowBytes * 8), rows).data;
  const bits = new Uint8Array(rowBytes * rows);
  for (let i = 0, pixel = 0; i < bits.length; i++) {
    let byte = 0;
    for (let bit = 0x80; bit > 0; bit >>= 1, pixel += 4) if (pixels[pixel]! < blackBelow) byte |= bit;
    bits[i] = byte;
  }
  return { rowBytes, rows, bits };
}

let canvasPen: SKRSContext2D | null = null;

/** A pen on a white canvas of at least this size; one for all lines but the rare giant. */
function cleanPen(width: number, rows: number): SKRSContext2D {
  if (canvasPen === null || canvasPen.canvas.width < width || canvasPen.canvas.height < rows) {
    canvasPen = drawingLibrary().createCanvas(Math.max(width, usualWidth), Math.max(rows, usualRows)).getContext('2d');
  }
  canvasPen.fillStyle = '#ffffff';
  canvasPen.fillRect(0, 0, canvasPen.canvas.width, canvasPen.canvas.height);
  canvasPen.fillStyle = '#000000';
  return canvasPen;
}

/** Covers every line of a receipt: paper of 80 mm, and a tall stack in the largest letters. */
const usualWidth = 576;
const usualRows = 128;
