// The `=575.600` of Yaohua D2+ and 彩信 XK315A, which is 6.575: the number comes last digit first, without unit (hardware.md
// A.1, 3c). Never knows whether the load moves: the frame does not say.

import { blank, dot, isDigit, minus } from '../bytes.ts';
import { type Verdict, foldBlocks } from '../framing.ts';
import type { Family, WeightUnit } from '../reading.ts';
import { gramsOf } from '../weight-text.ts';

export const reversed: Family = {
  name: 'reversed',
  models: ['耀华 XK3190-D2+', '彩信 XK315A', '耀华 A12 (=)'],
  line: { baudRate: 9600, frame: '8N1' },
  mode: { kind: 'stream' },
  check: 'none',
  hasMotionFlag: false,
  tellsNet: false,
  unit: { usual: 'kg' },
  decode: (state, bytes, unit) =>
    foldBlocks({ starts: [equals], longest: frameLength, lengthAt: () => frameLength, read }, state, bytes, unit),
};

/** `=` and seven of number. */
const frameLength = 8;
const equals = 0x3d;

/** From its last byte to its first: blanks, minus or none, digits with at most one point, which a digit must follow. */
function read(text: Uint8Array, from: number, to: number, unit: WeightUnit): Verdict {
  let at = to - 1;
  while (at > from && text[at] === blank) at -= 1;
  const isNegative = text[at] === minus;
  if (isNegative) at -= 1;
  let count = 0;
  let digits = 0;
  let pointAt = -1;
  for (; at > from; at -= 1) {
    if (isDigit(text[at]!)) {
      count = count * 10 + text[at]! - 0x30;
      digits += 1;
    } else if (text[at] === dot && pointAt < 0) {
      pointAt = digits;
    } else {
      return 'format';
    }
  }
  const grams = digits === 0 || digits === pointAt ? null : gramsOf(count, pointAt < 0 ? 0 : digits - pointAt, unit, isNegative);
  return grams === null ? 'format' : { kind: 'weight', grams, net: false, motion: 'unflagged' };
}
