// The S/U block of Aclas, CAS PD-II type 6 and AP-1, and Ohaus Aviator, with a check (hardware.md A.1, 2). Never ends a frame at
// the first ETX: the check before it may be one.

import { blank, endOfText, exclusiveOr, minus, startOfText } from '../bytes.ts';
import { type Verdict, foldBlocks } from '../framing.ts';
import type { Family } from '../reading.ts';
import { gramsIn, unitIn } from '../weight-text.ts';

export const stxBlock: Family = {
  name: 'stx-block',
  models: ['顶尖 Aclas ACS-OS2X', 'CAS PD-II (type 6)', 'CAS AP-1', 'Ohaus Aviator', 'Samsung ER-670'],
  line: { baudRate: 9600, frame: '8N1' },
  mode: { kind: 'stream' },
  check: 'checksum',
  hasMotionFlag: true,
  tellsNet: false,
  unit: 'frame',
  decode: (state, bytes, unit) =>
    foldBlocks({ starts: [startOfText], longest: frameLength, lengthAt: () => frameLength, read }, state, bytes, unit),
};

/** STX, S or U, sign, six of weight, two of unit, check, ETX. */
const frameLength = 13;

const stable = 0x53;
const unstable = 0x55;
const full = 0x46; // F: in the place of the sign or of the weight

/** The check is the exclusive or of all between STX and itself. */
function read(text: Uint8Array, from: number, to: number): Verdict {
  const motion = text[from + 1];
  const sign = text[from + 2];
  if ((motion !== stable && motion !== unstable) || (sign !== blank && sign !== minus && sign !== full) || text[to - 1] !== endOfText)
    return 'format';
  const unitAt = from + 9;
  const checkAt = from + 11;
  if (exclusiveOr(text, from + 1, checkAt) !== text[checkAt]) return 'checksum';
  if (sign === full || isFull(text, from + 3, unitAt)) return { kind: 'overload' };
  const unit = unitIn(text, unitAt, checkAt);
  const grams = gramsIn(text, from + 3, unitAt, unit ?? 'g', sign === minus);
  if (grams === null) return 'format';
  return unit === null ? 'unit' : { kind: 'weight', grams, net: false, motion: motion === stable ? 'stable' : 'moving' };
}

function isFull(text: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at += 1) if (text[at] !== full) return false;
  return true;
}
