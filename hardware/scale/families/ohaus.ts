// The line of Ohaus Defender and Ranger (hardware.md A.1, below the table). Never slides along the line: columns are fixed, or
// the tail of a line would be one, without its minus.

import { afterBlanks, beforeBlanks, blank, minus } from '../bytes.ts';
import { type Verdict, foldLines, lineEnds, longestLine } from '../framing.ts';
import type { Family } from '../reading.ts';
import { gramsIn, unitIn } from '../weight-text.ts';

export const ohaus: Family = {
  name: 'ohaus',
  models: ['Ohaus Defender 3000/5000', 'Ohaus Ranger'],
  line: { baudRate: 9600, frame: '8N1' },
  mode: { kind: 'stream' },
  check: 'none',
  hasMotionFlag: true,
  tellsNet: true,
  unit: 'frame',
  decode: (state, bytes, unit) => foldLines({ ends: lineEnds, longest: longestLine, read }, state, bytes, unit),
};

const questionMark = 0x3f;
const letterG = 0x47;
const letterN = 0x4e;

/** `-  1.640 kg   ?N`: sign, seven of weight, blank, five of unit, `?` where it moves, G or N. */
function read(text: Uint8Array, from: number, to: number): Verdict {
  const weightEnd = from + 8;
  const unitEnd = from + 14;
  const isNegative = text[from] === minus;
  if (to <= weightEnd || (!isNegative && text[from] !== blank) || text[weightEnd] !== blank || beforeBlanks(text, from, to) > from + 16)
    return 'format';
  const motion = unitEnd < to ? text[unitEnd] : blank;
  const legend = unitEnd + 1 < to ? text[unitEnd + 1] : blank;
  if ((motion !== questionMark && motion !== blank) || (legend !== letterG && legend !== letterN && legend !== blank)) return 'format';

  const unitAt = afterBlanks(text, weightEnd, Math.min(unitEnd, to));
  const unit = unitIn(text, unitAt, beforeBlanks(text, unitAt, Math.min(unitEnd, to)));
  const grams = gramsIn(text, from + 1, weightEnd, unit ?? 'g', isNegative);
  if (grams === null) return 'format';
  return unit === null ? 'unit' : { kind: 'weight', grams, net: legend === letterN, motion: motion === blank ? 'stable' : 'moving' };
}
