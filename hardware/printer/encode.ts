// Turns a receipt's picture into the bytes of an ESC/POS printer. Sends nothing, and never emits a command outside
// hardware.md B.1: no text, no code pages, no printer fonts.

import { printer as ThermalPrinter, types } from 'node-thermal-printer';
import type { Raster } from '../../db/model/receipt.ts';

export interface ReceiptOptions {
  /** Printers for 58 mm paper have no cutter: there the paper is only fed to where it tears. */
  readonly cut: boolean;
  /** Rows of empty paper after the picture, 0–255; 8 rows are 1 mm. */
  readonly feed?: number;
  /** More of the same paper follows: neither cut nor fed. */
  readonly more?: boolean;
}

/**
 * A strip is what a clone's buffer surely takes, at most 128 rows (hardware.md B.1, B.4); and at 576 dots 112 rows are
 * 8,064 bytes, fewer than the recovery sends, so that it completes any strip that was broken off.
 */
export const stripRows = 112;

/** A strip broken off after its header is complete after so many bytes, and the printer reads commands again. */
const recoveryBytes = 8_192;

/** From the print line past the tear bar (12 mm), and below the text before the knife (3 mm); common, not measured. */
const feedToTear = 96;
const feedAfterCut = 24;

/** Three metres of paper: no receipt is longer, so a longer picture is a mistake of ours. */
const heightMax = 24_000;

/**
 * The bytes that print a receipt: left margin and width, the picture in strips, feed, cut. Throws on a picture that is not
 * 384 or 576 dots wide or does not hold what it says. The bytes never hold a real-time command (see printable).
 */
export function encodeReceipt(raster: Raster, options: ReceiptOptions): Uint8Array {
  const { width, height, bits } = printable(raster);
  const feed = options.feed ?? (options.cut ? feedAfterCut : feedToTear);
  if (!Number.isInteger(feed) || feed < 0 || feed > 255) throw new RangeError(`feed must be 0 to 255 rows: ${feed}`);
  const rowBytes = width / 8;
  const strips = [];
  for (let row = 0; row < height; row += stripRows) {
    const rows = Math.min(stripRows, height - row);
    strips.push([GS, 0x76, 0x30, 0, rowBytes, 0, rows, 0], bits.subarray(row * rowBytes, (row + rows) * rowBytes));
  }
  return encoded([
    [GS, 0x4c, 0, 0], // left margin
    [GS, 0x57, width & 0xff, width >> 8],
    ...strips,
    ...(options.more === true ? [] : [options.cut ? [GS, 0x56, 0x42, feed] : [ESC, 0x4a, feed]]),
  ]);
}

/** Initialise, which also turns status messages off, and turn them on: a printer that listens answers at once. */
export function encodeHello(): Uint8Array {
  return encoded([
    [ESC, 0x40],
    [GS, 0x61, 0xff],
  ]);
}

/**
 * The picture as it will be on the paper, which may differ from what was drawn by single dots. Many printers obey DLE EOT,
 * DLE ENQ and DLE DC4 wherever they see them: hidden in a picture they open the drawer or empty the buffer (hardware.md B.5).
 * Where such a pair stands, one dot of its second byte is changed. Archive this one, and paper, preview and reprint agree.
 * Doing it twice changes nothing.
 */
export function printable(raster: Raster): Raster {
  const { width, height } = raster;
  if (width !== 384 && width !== 576) throw new RangeError(`paper has 384 or 576 dots, not ${String(width)}`);
  if (!Number.isInteger(height) || height < 1 || height > heightMax)
    throw new RangeError(`a receipt has 1 to ${heightMax} rows: ${height}`);
  if (raster.bits.length !== (width / 8) * height) throw new RangeError('the picture does not have the rows it says');
  const bits = Uint8Array.from(raster.bits);
  for (let at = 1; at < bits.length; at += 1) {
    if (bits[at - 1] === DLE && isRealTime(bits[at]!)) bits[at] = bits[at]! ^ harmlessDot;
  }
  return { width, height, bits };
}

/** Opens the drawer by a pulse of 50 ms; queued behind what is being printed. Pin 2 is the usual one, 5 the second drawer. */
export function encodeDrawerKick(pin: 2 | 5): Uint8Array {
  return Uint8Array.from([ESC, 0x70, pin === 2 ? 0 : 1, 0x19, 0xfa]);
}

/** The same at once, also while paper or cover stop the printer: cash must be given out all the same. */
export function encodeDrawerKickNow(pin: 2 | 5): Uint8Array {
  return Uint8Array.from([DLE, 0x14, 0x01, pin === 2 ? 0 : 1, 0x01]);
}

/** Asks, in order with the printing, to say `id` when all before it is on paper, and to tell the paper sensor. */
export function encodeEndMarker(id: string): Uint8Array {
  if (!/^[0-9A-Z]{4}$/.test(id)) throw new RangeError(`a marker is four letters or digits: ${id}`);
  return Uint8Array.from([GS, 0x28, 0x48, 0x06, 0x00, 0x30, 0x30, ...Buffer.from(id, 'latin1'), ...paperQuestion]);
}

/** Asks for the paper sensor in order with the printing, so that the answer tells that all before it was done. */
export const paperQuestion: readonly number[] = [0x1d, 0x72, 0x01];

/** Asks for status at once, whatever the printer does: 1 printer, 2 why offline, 3 error, 4 paper. */
export function encodeRealTimeQuestion(question: 1 | 2 | 3 | 4): Uint8Array {
  return Uint8Array.from([DLE, 0x04, question]);
}

/** Empties the printer's buffers at once. */
export function encodeClear(): Uint8Array {
  return Uint8Array.from([DLE, 0x05, 0x02]);
}

/** Completes a picture of which only a part arrived; where none is missing, a printer ignores these bytes. */
export function encodeRecovery(): Uint8Array {
  return new Uint8Array(recoveryBytes);
}

const DLE = 0x10;
const ESC = 0x1b;
const GS = 0x1d;

/** 0x04, 0x05 and 0x14 with this dot changed are 0x06, 0x07 and 0x16: none of them again a command. */
const harmlessDot = 0x02;

function isRealTime(byte: number): boolean {
  return byte === 0x04 || byte === 0x05 || byte === 0x14;
}

/** One run of the encoder: without an interface it sends nothing, and it keeps its buffer, so each use is its own. */
function encoded(parts: readonly (Uint8Array | readonly number[])[]): Uint8Array {
  const encoder = new ThermalPrinter({ type: types.EPSON, interface: '' });
  encoder.clear();
  for (const part of parts) encoder.append(Buffer.from(part));
  const bytes = Uint8Array.from(encoder.getBuffer());
  encoder.clear();
  return bytes;
}
