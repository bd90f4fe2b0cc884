// Toledo 8217, the protocol of counter scales: Ariva, Viva, Diva, Magellan (hardware.md A.1, 5a). Never blocks on the bits that
// are normal: net, centre of zero, outside the zero range.

import { afterBlanks, afterNumber, carriageReturn, dot, startOfText } from '../bytes.ts';
import { type Step, type Verdict, foldBlocks } from '../framing.ts';
import type { DecoderState, Family, WeightUnit } from '../reading.ts';
import { gramsIn } from '../weight-text.ts';

export const mettler8217: Family = {
  name: 'mettler-8217',
  models: ['Mettler Toledo Ariva/Viva/Diva (8217)', 'PSC/Datalogic Magellan', 'ER-A520'],
  line: { baudRate: 9600, frame: '7E1' },
  mode: { kind: 'poll', request: Buffer.from('W'), everyMs: 200, timeoutMs: 1000 },
  check: 'parity',
  hasMotionFlag: true,
  unit: { usual: 'kg' },
  decode: (state, bytes, unit) =>
    retold(state.told, foldBlocks({ starts: [startOfText], longest: longestFrame, lengthAt, read }, state, bytes, unit)),
};

/** STX, blanks and up to three digits, point, three digits, N, CR. */
const longestFrame = 16;
const statusLength = 4;
const questionMark = 0x3f;
const letterN = 0x4e;

const inMotion = 0x01;
const overCapacity = 0x02;
const underZero = 0x04;

/** A status ends after four bytes whatever they are: the third may be a CR. A weight ends with the first CR. */
function lengthAt(text: Uint8Array, from: number, to: number): number {
  if (text[from + 1] === questionMark) return statusLength;
  const limit = Math.min(to, from + longestFrame);
  for (let at = from + 1; at < limit; at += 1) if (text[at] === carriageReturn) return at + 1 - from;
  return to - from < longestFrame ? 0 : longestFrame + 1;
}

/** The scale sends a weight only while nothing moves. Otherwise a status, of which only three bits keep it from weighing. */
function read(text: Uint8Array, from: number, to: number, unit: WeightUnit): Verdict {
  const end = to - 1;
  if (text[end] !== carriageReturn) return 'format';
  if (text[from + 1] === questionMark) return limitOf(text[from + 2]!);
  const at = afterBlanks(text, from + 1, end);
  const numberEnd = afterNumber(text, at, end);
  const net = text[numberEnd] === letterN;
  if ((net ? numberEnd + 1 : numberEnd) !== end || !hasTwoOrThreeDecimals(text, at, numberEnd)) return 'format';
  const grams = gramsIn(text, at, numberEnd, unit, false);
  return grams === null ? 'format' : { kind: 'weight', grams, net, motion: 'stable' };
}

function limitOf(status: number): Verdict {
  if ((status & overCapacity) !== 0) return { kind: 'overload' };
  if ((status & underZero) !== 0) return { kind: 'underload' };
  return { kind: 'none' };
}

/** With at least one digit before the point: a number without one is no weight of this family. */
function hasTwoOrThreeDecimals(text: Uint8Array, from: number, to: number): boolean {
  return (to - 3 > from && text[to - 3] === dot) || (to - 4 > from && text[to - 4] === dot);
}

type Told = NonNullable<DecoderState['told']>;

/**
 * Some scales tell a weight once, and then a status with nothing against it until the weight changes (hardware.md A.4): it is
 * the weight told last. It proves nothing about that weight, so it is as stable only where the weight was told twice. What was
 * rejected in between may have been another weight, after which nothing is known.
 */
function retold(before: Told | null, { state, decoded }: Step): Step {
  let told: Pick<Told, 'grams' | 'net'> | null = before;
  let isTwice = before?.isTwice === true;
  for (let i = 0; i < decoded.length; i += 1) {
    const one = decoded[i]!;
    if ('rejected' in one || one.said.kind === 'overload' || one.said.kind === 'underload') {
      told = null;
    } else if (one.said.kind === 'weight') {
      isTwice = told?.grams === one.said.grams && told.net === one.said.net;
      told = one.said;
    } else if (told === null || !isUnchanged(one.raw)) {
      told = null;
    } else {
      decoded[i] = { ...one, said: { kind: 'weight', grams: told.grams, net: told.net, motion: isTwice ? 'stable' : 'moving' } };
    }
  }
  return { state: { ...state, told: told === null ? null : { grams: told.grams, net: told.net, isTwice } }, decoded };
}

function isUnchanged(status: Uint8Array): boolean {
  return (status[2]! & inMotion) === 0;
}
