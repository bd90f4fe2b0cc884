// The 22 bytes of CAS NT-200, PDS, CI-600D and Caston (hardware.md A.1, 1b). Never takes its lamp byte for text: that may hold
// the bits of a line end.

import {
  afterBlanks,
  afterNumber,
  beforeBlanks,
  blank,
  carriageReturn,
  comma,
  isPrintable,
  lineFeed,
  minus,
  pair,
  pairAt,
  plus,
} from '../bytes.ts';
import { type Verdict, foldBlocks } from '../framing.ts';
import type { Family } from '../reading.ts';
import { gramsIn, unitIn } from '../weight-text.ts';

export const cas22: Family = {
  name: 'cas-22',
  models: ['CAS NT-200/PDS/CI-600D', 'Caston'],
  line: { baudRate: 9600, frame: '8N1' },
  mode: { kind: 'stream' },
  check: 'none',
  hasMotionFlag: true,
  tellsNet: true,
  unit: 'frame',
  decode: (state, bytes, unit) => foldBlocks({ starts, longest: frameLength, lengthAt: () => frameLength, read }, state, bytes, unit),
};

/** `ST,GS,` identity, lamps, `,` eight of weight, blank, two of unit, CR LF. */
const frameLength = 22;

const stable = pair('ST');
const unstable = pair('US');
const overload = pair('OL');
const underload = pair('UL');
const gross = pair('GS');
const net = pair('NT');

/** The first letters of ST, US, UL and OL. */
const starts = [0x53, 0x55, 0x4f];

/** The lamps repeat what the panel shows; what counts is said in letters, which one flipped bit cannot change into others. */
function read(text: Uint8Array, from: number, to: number): Verdict {
  const head = pairAt(text, from);
  const weightKind = pairAt(text, from + 3);
  const weightEnd = from + 17;
  const areCommas = text[from + 2] === comma && text[from + 5] === comma && text[from + 8] === comma;
  if (
    !areCommas ||
    !isPrintable(text, from + 9, weightEnd) ||
    text[weightEnd] !== blank ||
    text[to - 2] !== carriageReturn ||
    text[to - 1] !== lineFeed
  )
    return 'format';
  if (weightKind !== gross && weightKind !== net) return 'format';
  if (head === overload) return { kind: 'overload' };
  if (head === underload) return { kind: 'underload' };
  if (head !== stable && head !== unstable) return 'format';

  let at = afterBlanks(text, from + 9, weightEnd);
  const isNegative = text[at] === minus;
  if (isNegative || text[at] === plus) at = afterBlanks(text, at + 1, weightEnd);
  const numberEnd = afterNumber(text, at, weightEnd);
  if (beforeBlanks(text, numberEnd, weightEnd) !== numberEnd) return 'format';
  const unitAt = afterBlanks(text, weightEnd, to - 2);
  const unit = unitIn(text, unitAt, beforeBlanks(text, unitAt, to - 2));
  const grams = gramsIn(text, at, numberEnd, unit ?? 'g', isNegative);
  if (grams === null) return 'format';
  return unit === null ? 'unit' : { kind: 'weight', grams, net: weightKind === net, motion: head === stable ? 'stable' : 'moving' };
}
