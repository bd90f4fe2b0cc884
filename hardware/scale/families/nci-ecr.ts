// NCI, also called ECR or SCP-01: CAS PD-II, Brecknell, Aviator, Adam MDW (hardware.md A.1, 6). Never takes the second half of a
// frame, which begins like a whole one, for an answer.

import { beforeBlanks, carriageReturn, endOfText, isDigit, dot, lineFeed, minus } from '../bytes.ts';
import { type Verdict, foldLines, longestLine } from '../framing.ts';
import type { Family, WeightUnit } from '../reading.ts';
import { gramsIn, unitIn } from '../weight-text.ts';

export const nciEcr: Family = {
  name: 'nci-ecr',
  models: ['CAS PD-II (ECR)', 'Brecknell', 'Weigh-Tronix', 'Ohaus Aviator (NCI)', 'Adam MDW'],
  line: { baudRate: 9600, frame: '7E1' },
  mode: { kind: 'poll', request: Buffer.from('W\r'), everyMs: 200, timeoutMs: 1000 },
  check: 'parity',
  hasMotionFlag: true,
  tellsNet: false, // the byte with the flag is optional
  unit: 'frame',
  decode: (state, bytes, unit) => foldLines({ ends: [endOfText, endOfText], longest: longestLine, read }, state, bytes, unit),
};

const letterS = 0x53;
const questionMark = 0x3f;
const caret = 0x5e;
const underscore = 0x5f;

/** LF, weight, unit, CR, LF, status, CR; or without the weight LF, status, CR, where the scale has none to tell. */
function read(text: Uint8Array, from: number, to: number, _unit: WeightUnit, isInStep: boolean): Verdict {
  const end = to - 1;
  if (text[from] !== lineFeed || text[end] !== carriageReturn || end === from) return 'format';
  if (end - from === 2 && text[from + 1] === questionMark) return 'error'; // it does not know the command
  const weightEnd = text.indexOf(carriageReturn, from);
  const isStatusAlone = weightEnd === end;
  if (isStatusAlone ? !isInStep : text[weightEnd + 1] !== lineFeed) return 'format';
  const status = statusIn(text, isStatusAlone ? from + 1 : weightEnd + 2, end);
  if (status === null) return 'format';
  if ((status & isFaulty) !== 0) return 'error';
  if ((status & isOver) !== 0) return { kind: 'overload' };
  if ((status & isUnder) !== 0) return { kind: 'underload' };
  return isStatusAlone ? { kind: 'none' } : weightIn(text, from + 1, weightEnd, status);
}

const isMoving = 0x01;

const isUnder = 0x01 << 8;
const isOver = 0x02 << 8;
const isFaulty = 0x0c << 8; // its program or its calibration

const isNet = 0x04 << 16;

/** After an S or none, two bytes, or as many more as bit 6 of each from the second on announces; the first is the lowest. */
function statusIn(text: Uint8Array, from: number, to: number): number | null {
  const first = text[from] === letterS ? from + 1 : from;
  if (to - first < 2 || to - first > 4) return null;
  let status = 0;
  for (let at = first; at < to; at += 1) {
    const isFollowed = (text[at]! & 0x40) !== 0;
    if ((text[at]! & 0x30) !== 0x30 || (at > first && isFollowed !== at + 1 < to)) return null;
    status |= text[at]! << (8 * (at - first));
  }
  return status;
}

/** In the place of digits: `^` over, `_` under, `-` that it cannot find its zero. */
function weightIn(text: Uint8Array, from: number, to: number, status: number): Verdict {
  switch (text[from]) {
    case caret:
      return { kind: 'overload' };
    case underscore:
      return { kind: 'underload' };
    case minus:
      return text[from + 1] === minus ? 'error' : 'format';
    default:
  }
  let unitAt = from;
  while (unitAt < to && (isDigit(text[unitAt]!) || text[unitAt] === dot || text[unitAt] === 0x20)) unitAt += 1;
  const unit = unitIn(text, unitAt, beforeBlanks(text, unitAt, to));
  const grams = gramsIn(text, from, beforeBlanks(text, from, unitAt), unit ?? 'g', false);
  if (grams === null) return 'format';
  return unit === null
    ? 'unit'
    : { kind: 'weight', grams, net: (status & isNet) !== 0, motion: (status & isMoving) === 0 ? 'stable' : 'moving' };
}
