// Toledo's continuous output with its checksum or, where that is switched off, without (hardware.md A.1, 5c). Never splits at a
// CR or an STX, which the checksum may be itself, and never takes a spoilt checksum for none.

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
  tellsNet: true,
  unit: 'frame',
  decode: (state, bytes, unit) => foldBlocks({ starts: [startOfText], longest: longFrame, lengthAt, read }, state, bytes, unit),
};

/** STX, status A, B and C, six of weight, six of tare, CR, check; the short one has no tare. */
const longFrame = 18;
const shortFrame = 12;

/**
 * Whether there is a checksum is not said, but where there is none the next frame is: an STX, and where that frame ends, a CR.
 * So a frame without is told when the next one has come. After a checksum that was spoilt, or is STX in a spoilt frame, a digit
 * is in the place of that CR.
 */
function lengthAt(text: Uint8Array, from: number, to: number): number {
  const length = text[from + shortFrame - 2] === carriageReturn ? shortFrame : longFrame;
  const checkAt = from + length - 1;
  const nextEnd = checkAt + length - 2;
  if (checkAt >= to) return 0;
  if (text[checkAt] !== startOfText || checkOf(text, from, checkAt) === startOfText) return length;
  if (nextEnd >= to) return 0;
  return text[nextEnd] === carriageReturn ? length - 1 : length;
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

/**
 * A checksum that fits but is STX proves nothing: it may be the beginning of the next frame, which is then lost as a frame, since
 * no frame begins behind it. The one after that is read.
 */
function read(text: Uint8Array, from: number, to: number): Verdict {
  const hasCheck = to - from === longFrame || to - from === shortFrame;
  const end = hasCheck ? to - 1 : to;
  const a = text[from + 1]!;
  const b = text[from + 2]!;
  const c = text[from + 3]!;
  if ((a & b & c & printable) === 0 || !isPrintable(text, from + 4, end - 1) || text[end - 1] !== carriageReturn) return 'format';
  if (hasCheck && checkOf(text, from, end) !== text[end]) return 'checksum';
  if ((b & isPoweredUp) !== 0) return { kind: 'none' }; // not zeroed since it was switched on
  if ((b & isOutOfRange) !== 0) return { kind: (b & isBelowZero) === 0 ? 'overload' : 'underload' };
  // With the expanded digit on, the place of the point is one that no manual at hand tells.
  if ((c & isExpanded) !== 0) return 'format';
  const unit = unitOf(b, c);
  if (unit === null) return 'unit';
  const count = countIn(text, from + 4, from + 10);
  const grams = count === null ? null : gramsOfPoint(count, (a & 7) - 2, unit, (b & isBelowZero) !== 0);
  if (grams === null) return 'format';
  const said = { kind: 'weight', grams, net: (b & isNet) !== 0, motion: (b & isMoving) === 0 ? 'stable' : 'moving' } as const;
  return hasCheck && text[end] !== startOfText ? said : { ...said, isUnchecked: true };
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
