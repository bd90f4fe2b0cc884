// The polled ST/US line of Kunhong with a check (hardware.md A.1, 1c). Its continuous mode, which has neither flag nor check,
// is never read.

import { afterBlanks, comma, exclusiveOr, upper } from '../bytes.ts';
import { type Verdict, foldLines, lineEnds, longestLine } from '../framing.ts';
import type { Family } from '../reading.ts';
import { readStUs } from './st-us.ts';

export const kunhong: Family = {
  name: 'kunhong',
  models: ['苏州坤宏 Kunhong'],
  line: { baudRate: 9600, frame: '8N1' },
  mode: { kind: 'poll', request: Buffer.from('RG15\r\n'), everyMs: 200, timeoutMs: 1000 },
  check: 'checksum',
  hasMotionFlag: true,
  tellsNet: false, // the frames that its source shows say GS alone
  unit: 'frame',
  decode: (state, bytes, unit) => foldLines({ ends: lineEnds, longest: longestLine, read }, state, bytes, unit),
};

/** `@01, ST,GS,0.480,kg` or the same without address, and the exclusive or of all that in two hexadecimal digits. */
function read(text: Uint8Array, from: number, to: number): Verdict {
  const checkAt = to - 2;
  const verdict = readStUs(text, afterAddress(text, from, checkAt), checkAt);
  if (verdict === 'format') return verdict;
  return exclusiveOr(text, from, checkAt) === hexValue(text[checkAt]!) * 16 + hexValue(text[checkAt + 1]!) ? verdict : 'checksum';
}

function afterAddress(text: Uint8Array, from: number, to: number): number {
  if (text[from] !== at) return from;
  const end = text.subarray(from, to).indexOf(comma);
  return end < 0 ? to : afterBlanks(text, from + end + 1, to);
}

const at = 0x40;

function hexValue(digit: number): number {
  if (digit >= 0x30 && digit <= 0x39) return digit - 0x30;
  return upper(digit) >= 0x41 && upper(digit) <= 0x46 ? upper(digit) - 0x37 : Number.NaN;
}
