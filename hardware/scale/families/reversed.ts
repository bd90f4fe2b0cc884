// The `=575.600` of Yaohua D2+ and 彩信 XK315A, which is 6.575: the number comes last digit first, without unit (hardware.md
// A.1, 3c). Never knows whether the load moves: the frame does not say.

import { afterBlanks, minus } from '../bytes.ts';
import { type Verdict, foldBlocks } from '../framing.ts';
import type { Family, WeightUnit } from '../reading.ts';
import { gramsIn } from '../weight-text.ts';

export const reversed: Family = {
  name: 'reversed',
  models: ['耀华 XK3190-D2+', '彩信 XK315A', '耀华 A12 (=)'],
  line: { baudRate: 9600, frame: '8N1' },
  mode: { kind: 'stream' },
  check: 'none',
  hasMotionFlag: false,
  unit: { usual: 'kg' },
  decode: (state, bytes, unit) =>
    foldBlocks({ starts: [equals], longest: frameLength, lengthAt: () => frameLength, read }, state, bytes, unit),
};

/** `=` and seven of number. */
const frameLength = 8;
const equals = 0x3d;

function read(text: Uint8Array, from: number, to: number, unit: WeightUnit): Verdict {
  const number = text.subarray(from + 1, to).toReversed();
  const signAt = afterBlanks(number, 0, number.length);
  const isNegative = number[signAt] === minus;
  const grams = gramsIn(number, isNegative ? signAt + 1 : signAt, number.length, unit, isNegative);
  return grams === null ? 'format' : { kind: 'weight', grams, net: false, motion: 'unflagged' };
}
