// Toledo's continuous output with its checksum (hardware.md A.1, 5c). Never splits at a CR, and never reads a frame without
// checksum: the checksum may be CR or STX itself, and so could not be told from the next frame.

import { carriageReturn, isPrintable, startOfText } from '../bytes.ts';
import { type Verdict, foldBlocks } from '../framing.ts';
import type { Family, WeightUnit } from '../reading.ts';
import { countIn, gramsOf } from '../weight-text.ts';

export const toledoContinuous: Family = {
  name: 'toledo-continuous',
  models: ['Mettler Toledo 8142/8530/IND/Jaguar', '柯力 Keli (tF)', 'Liden', 'Vector'],
  line: { baudRate: 9600, frame: '7E1' },
  mode: { kind: 'stream' },
  check: 'checksum',
  hasMotionFlag: true,
  unit: 'frame',
  decode: (state, bytes, unit) => foldBlocks({ starts: [startOfText], longest: longFrame, lengthAt, read }, state, bytes, unit),
};

/** STX, status A, B and C, six of weight, six of tare, CR, check; the short one has no tare. */
const longFrame = 18;
const shortFrame = 12;

function lengthAt(text: Uint8Array, from: number, to: number): number {
  const afterWeight = from + 10;
  if (afterWeight >= to) return 0;
  return text[afterWeight] === carriageReturn ? shortFrame : longFrame;
}

/** Status bytes have bit 5 set, to be printable. */
const printable = 0x20;

const isNet = 0x01;
const isBelowZero = 0x02;
const isOutOfRange = 0x04;
const isMoving = 0x08;
const isKilograms = 0x10;
const isPoweredUp = 0x40;

const isExpanded = 0x10;

function read(text: Uint8Array, from: number, to: number): Verdict {
  const a = text[from + 1]!;
  const b = text[from + 2]!;
  const c = text[from + 3]!;
  if ((a & b & c & printable) === 0 || !isPrintable(text, from + 4, to - 2) || text[to - 2] !== carriageReturn) return 'format';
  if (checkOf(text, from, to - 1) !== text[to - 1]) return 'checksum';
  if ((b & isPoweredUp) !== 0) return { kind: 'none' }; // not zeroed since it was switched on
  if ((b & isOutOfRange) !== 0) return { kind: (b & isBelowZero) === 0 ? 'overload' : 'underload' };
  // With the expanded digit on, the place of the point is one that no manual at hand tells.
  if ((c & isExpanded) !== 0) return 'format';
  const unit = unitOf(b, c);
  if (unit === null) return 'unit';
  const count = countIn(text, from + 4, from + 10);
  const grams = count === null ? null : gramsOfPoint(count, (a & 7) - 2, unit, (b & isBelowZero) !== 0);
  if (grams === null) return 'format';
  return { kind: 'weight', grams, net: (b & isNet) !== 0, motion: (b & isMoving) === 0 ? 'stable' : 'moving' };
}

/** Below zero decimals the display leaves off one or two zeros. */
function gramsOfPoint(count: number, decimals: number, unit: WeightUnit, isNegative: boolean): number | null {
  return decimals < 0 ? gramsOf(count * 10 ** -decimals, 0, unit, isNegative) : gramsOf(count, decimals, unit, isNegative);
}

/** What makes the sum of all bytes, seven bits each, zero. */
function checkOf(text: Uint8Array, from: number, to: number): number {
  let sum = 0;
  for (let at = from; at < to; at += 1) sum += text[at]!;
  return -sum & 0x7f;
}

/** Bits 0 to 2 of C name the unit; 0 leaves it to B, 1 is grams, 2 tonnes; the others are ounces and the like. */
function unitOf(b: number, c: number): WeightUnit | null {
  switch (c & 7) {
    case 0:
      return (b & isKilograms) === 0 ? 'lb' : 'kg';
    case 1:
      return 'g';
    case 2:
      return 't';
    default:
      return null;
  }
}
