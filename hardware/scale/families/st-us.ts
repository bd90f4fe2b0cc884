// The ST/US line of T-Scale, Excell, A&D and most scales with a serial port (hardware.md A.1, 1a). Never reads a line without
// a unit.

import { afterBlanks, afterNumber, beforeBlanks, blank, comma, isPrintable, minus, pair, pairAt, plus } from '../bytes.ts';
import { type Verdict, foldLines, lineEnds, longestLine } from '../framing.ts';
import type { Family } from '../reading.ts';
import { gramsIn, unitIn } from '../weight-text.ts';

export const stUs: Family = {
  name: 'st-us',
  models: ['台衡 T-Scale QHW/NHB/JSC', '英展 Excell XK3150W', '宝衡/博途 BT418', 'A&D', 'Dini Argeo', 'ACS-xx RS232'],
  line: { baudRate: 9600, frame: '8N1' },
  mode: { kind: 'stream' },
  check: 'none',
  hasMotionFlag: true,
  tellsNet: true,
  unit: 'frame',
  decode: (state, bytes, unit) => foldLines({ ends: lineEnds, longest: longestLine, read: readStUs }, state, bytes, unit),
};

/**
 * `ST,GS,+ 0.250kg`: ST stable or US moving; gross or net, or neither; a number; its unit. Blanks and commas are where each
 * maker puts them. OL and OV are overload, UL is underload, whatever follows. Kunhong's lines are of this form, too.
 */
export function readStUs(text: Uint8Array, from: number, to: number): Verdict {
  const head = pairAt(text, from);
  if (to - from < 2 || (to - from > 2 && !isSeparator(text[from + 2]!))) return 'format';
  if (head === overload || head === overloadToo) return isPrintable(text, from, to) ? { kind: 'overload' } : 'format';
  if (head === underload) return isPrintable(text, from, to) ? { kind: 'underload' } : 'format';
  if (head === quantity) return 'unit'; // pieces are no weight
  if (head !== stable && head !== unstable) return 'format';

  let at = afterSeparators(text, from + 2, to);
  const weightKind = afterLetters(text, at, to);
  const net = isNet(text, at, weightKind);
  if (net === null) return 'format';
  at = afterSeparators(text, weightKind, to);

  const isNegative = text[at] === minus;
  if (isNegative || text[at] === plus) at = afterBlanks(text, at + 1, to);
  const numberEnd = afterNumber(text, at, to);
  const unitAt = afterSeparators(text, numberEnd, to);
  const unit = unitIn(text, unitAt, beforeBlanks(text, unitAt, to));
  const grams = gramsIn(text, at, numberEnd, unit ?? 'g', isNegative);
  if (grams === null) return 'format';
  return unit === null ? 'unit' : { kind: 'weight', grams, net, motion: head === stable ? 'stable' : 'moving' };
}

const stable = pair('ST');
const unstable = pair('US');
const overload = pair('OL');
const overloadToo = pair('OV');
const underload = pair('UL');
const quantity = pair('QT');
const gross = pair('GS');
const grossWeight = pair('GW');
const net = pair('NT');
const netWeight = pair('NW');

/** Null where it is neither gross nor net: the weight of the tare (TR) is not what is on the pan. */
function isNet(text: Uint8Array, from: number, to: number): boolean | null {
  switch (to - from) {
    case 0:
      return false;
    case 1:
      return text[from] === 0x47 ? false : text[from] === 0x4e ? true : null;
    case 2:
      return isNetPair(pairAt(text, from));
    default:
      return null;
  }
}

function isNetPair(letters: number): boolean | null {
  if (letters === gross || letters === grossWeight) return false;
  return letters === net || letters === netWeight ? true : null;
}

function afterLetters(text: Uint8Array, at: number, to: number): number {
  let next = at;
  while (next < to && text[next]! >= 0x41) next += 1;
  return next;
}

function isSeparator(byte: number): boolean {
  return byte === blank || byte === comma;
}

function afterSeparators(text: Uint8Array, at: number, to: number): number {
  let next = at;
  while (next < to && isSeparator(text[next]!)) next += 1;
  return next;
}
