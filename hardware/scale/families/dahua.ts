// The five digits of 大华 Dahua ACS and 宝华 (hardware.md A.1, 4). Never knows whether the load moves, nor anything below zero
// or above the limit: the line has nothing but digits.

import { type Verdict, foldLines, lineEnds, longestLine } from '../framing.ts';
import type { Family, WeightUnit } from '../reading.ts';
import { countIn, gramsOf } from '../weight-text.ts';

export const dahua: Family = {
  name: 'dahua',
  models: ['大华 Dahua ACS-A/ACS-15Ab', '宝华'],
  line: { baudRate: 9600, frame: '8N1' },
  mode: { kind: 'stream' },
  check: 'none',
  hasMotionFlag: false,
  tellsNet: false,
  unit: { usual: 'g' },
  // Dahua ends lines with LF CR, 宝华 with CR LF; either byte ends one.
  decode: (state, bytes, unit) => foldLines({ ends: lineEnds, longest: longestLine, read }, state, bytes, unit),
};

const digits = 5;

/** Exactly five, blanks first: fewer are the tail of a line. */
function read(text: Uint8Array, from: number, to: number, unit: WeightUnit): Verdict {
  const count = to - from === digits ? countIn(text, from, to) : null;
  const grams = count === null ? null : gramsOf(count, 0, unit, false);
  return grams === null ? 'format' : { kind: 'weight', grams, net: false, motion: 'unflagged' };
}
