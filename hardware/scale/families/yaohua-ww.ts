// The `ww0015.000kg` line of Yaohua A12 and Liden LUW2001 (hardware.md A.1, 3b). Never knows whether the load moves: the line
// does not say.

import { afterNumber, minus } from '../bytes.ts';
import { type Verdict, foldLines, lineEnds, longestLine } from '../framing.ts';
import type { Family } from '../reading.ts';
import { gramsIn, unitIn } from '../weight-text.ts';

export const yaohuaWw: Family = {
  name: 'yaohua-ww',
  models: ['耀华 A12/A12E (format A)', 'Liden LUW2001'],
  line: { baudRate: 9600, frame: '8N1' },
  mode: { kind: 'stream' },
  check: 'none',
  hasMotionFlag: false,
  tellsNet: true,
  unit: 'frame',
  decode: (state, bytes, unit) => foldLines({ ends: lineEnds, longest: longestLine, read }, state, bytes, unit),
};

const letterW = 0x77;
const letterN = 0x6e;

/** `ww` gross, `wn` net, a minus or none, number, unit. `wt` is the tare, which is not what is on the pan. */
function read(text: Uint8Array, from: number, to: number): Verdict {
  const weightKind = text[from + 1];
  if (text[from] !== letterW || (weightKind !== letterW && weightKind !== letterN)) return 'format';
  const isNegative = text[from + 2] === minus;
  const numberAt = isNegative ? from + 3 : from + 2;
  const numberEnd = afterNumber(text, numberAt, to);
  const unit = unitIn(text, numberEnd, to);
  const grams = gramsIn(text, numberAt, numberEnd, unit ?? 'g', isNegative);
  if (grams === null) return 'format';
  return unit === null ? 'unit' : { kind: 'weight', grams, net: weightKind === letterN, motion: 'unflagged' };
}
