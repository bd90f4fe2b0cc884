// MT-SICS, the command language of Mettler Toledo and of many others' indicators (hardware.md A.1, 5b). Never knows gross from
// net: its answers do not say.

import { afterBlanks, afterNumber, blank, minus, plus } from '../bytes.ts';
import { type Verdict, foldLines, lineEnds, longestLine } from '../framing.ts';
import type { Family } from '../reading.ts';
import { gramsIn, unitIn } from '../weight-text.ts';

export const mtSics: Family = {
  name: 'mt-sics',
  models: ['Mettler Toledo ICS/BBA/IND', 'Ohaus Ranger (PSI)'],
  line: { baudRate: 9600, frame: '8N1' },
  // Answered at once, in motion too; `S` would wait for the weight to be stable.
  mode: { kind: 'poll', request: Buffer.from('SI\r\n'), everyMs: 200, timeoutMs: 1000 },
  check: 'none',
  hasMotionFlag: true,
  tellsNet: false,
  unit: 'frame',
  decode: (state, bytes, unit) => foldLines({ ends: lineEnds, longest: longestLine, read }, state, bytes, unit),
};

const letterS = 0x53;
const letterD = 0x44;
const letterE = 0x45;
const letterI = 0x49;
const letterL = 0x4c;
const letterT = 0x54;

/** `S S     12.345 kg` stable, `S D` dynamic; `S I` busy, `S +` over, `S -` under; `ES`, `ET` and `EL` are faults. */
function read(text: Uint8Array, from: number, to: number): Verdict {
  const status = text[from + 2];
  if (to - from === 2 && text[from] === letterE && isFault(text[from + 1]!)) return 'error';
  if (text[from] !== letterS || text[from + 1] !== blank) return 'format';
  if (to - from === 3) return limitOf(status);
  if ((status !== letterS && status !== letterD) || text[from + 3] !== blank) return 'format';

  const signAt = afterBlanks(text, from + 3, to);
  const isNegative = text[signAt] === minus;
  const numberAt = isNegative ? signAt + 1 : signAt;
  const numberEnd = afterNumber(text, numberAt, to);
  const unit = unitIn(text, afterBlanks(text, numberEnd, to), to);
  const grams = gramsIn(text, numberAt, numberEnd, unit ?? 'g', isNegative);
  if (grams === null) return 'format';
  return unit === null ? 'unit' : { kind: 'weight', grams, net: false, motion: status === letterS ? 'stable' : 'moving' };
}

function isFault(byte: number): boolean {
  return byte === letterS || byte === letterT || byte === letterL;
}

function limitOf(status: number | undefined): Verdict {
  if (status === plus) return { kind: 'overload' };
  if (status === minus) return { kind: 'underload' };
  return status === letterI ? 'busy' : 'format';
}
