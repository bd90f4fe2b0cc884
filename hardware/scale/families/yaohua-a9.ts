// The block of Yaohua XK3190-A9/A6 and Keli D2008 with a checksum and no unit (hardware.md A.1, 3a). Never knows whether the
// load moves: the frame does not say.

import { endOfText, exclusiveOr, isDigit, minus, plus, startOfText } from '../bytes.ts';
import { type Verdict, foldBlocks } from '../framing.ts';
import type { Family, WeightUnit } from '../reading.ts';
import { countIn, gramsOf } from '../weight-text.ts';

export const yaohuaA9: Family = {
  name: 'yaohua-a9',
  models: ['耀华 XK3190-A9/A6', '柯力 D2008 (tF=0)'],
  line: { baudRate: 9600, frame: '8N1' },
  mode: { kind: 'stream' },
  check: 'checksum',
  hasMotionFlag: false,
  tellsNet: false,
  unit: { usual: 'kg' },
  decode: (state, bytes, unit) =>
    foldBlocks({ starts: [startOfText], longest: frameLength, lengthAt: () => frameLength, read }, state, bytes, unit),
};

/** STX, sign, six digits, how many of them are decimals, two hexadecimal digits, ETX. */
const frameLength = 12;

/** The check is the exclusive or of sign, digits and decimals. */
function read(text: Uint8Array, from: number, to: number, unit: WeightUnit): Verdict {
  const sign = text[from + 1];
  const decimals = text[from + 8]! - 0x30;
  if ((sign !== plus && sign !== minus) || decimals < 0 || decimals > 4 || text[to - 1] !== endOfText) return 'format';
  const count = countIn(text, from + 2, from + 8);
  if (count === null || !isDigit(text[from + 2]!)) return 'format';
  const check = exclusiveOr(text, from + 1, from + 9);
  if (text[from + 9] !== hexDigit(check >> 4) || text[from + 10] !== hexDigit(check & 15)) return 'checksum';
  const grams = gramsOf(count, decimals, unit, sign === minus);
  return grams === null ? 'format' : { kind: 'weight', grams, net: false, motion: 'unflagged' };
}

function hexDigit(value: number): number {
  return value > 9 ? 0x37 + value : 0x30 + value;
}
