// Toledo 8217, the protocol of counter scales: Ariva, Viva, Diva, Magellan (hardware.md A.1, 5a). Never blocks on the bits that
// are normal: net, centre of zero, outside the zero range.

import { carriageReturn, dot, isDigit, isEven, startOfText } from '../bytes.ts';
import { type Verdict, foldBlocks } from '../framing.ts';
import { type Family, type Frame, type Step, type Told, type WeightUnit, bytesOf } from '../reading.ts';
import { gramsIn } from '../weight-text.ts';

export const mettler8217: Family = {
  name: 'mettler-8217',
  models: ['Mettler Toledo Ariva/Viva/Diva (8217)', 'PSC/Datalogic Magellan', 'ER-A520'],
  line: { baudRate: 9600, frame: '7E1' },
  mode: { kind: 'poll', request: Buffer.from('W'), everyMs: 200, timeoutMs: 1000 },
  check: 'parity',
  hasMotionFlag: true,
  tellsNet: true,
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
  const net = text[end - 1] === letterN;
  const numberEnd = net ? end - 1 : end;
  const pointAt = text[numberEnd - 3] === dot ? numberEnd - 3 : numberEnd - 4; // two or three decimals
  if (text[pointAt] !== dot || !isDigit(text[pointAt - 1]!)) return 'format';
  const grams = gramsIn(text, from + 1, numberEnd, unit, false);
  return grams === null ? 'format' : { kind: 'weight', grams, net, motion: 'stable' };
}

function limitOf(status: number): Verdict {
  if ((status & overCapacity) !== 0) return { kind: 'overload' };
  if ((status & underZero) !== 0) return { kind: 'underload' };
  return { kind: 'none' };
}

/**
 * Some scales tell a weight once, and then a status with nothing against it until the weight changes (hardware.md A.4): it is
 * the weight told last. But that weight stood in one frame, and a status that says "moving" is one flipped bit away from one
 * that says nothing. So such a weight is stable only
 * - where the parity bits of the frame that told it have reached us and fit, and
 * - nothing has moved since, and
 * - two statuses in a row, with parity that fits, call it unchanged.
 * Else it is told as moving. The usual line, 7E1, takes the parity off and does not say whether it fitted, so on it a scale that
 * says a weight only once never rests: commission it with `frame=8N1`, which hands the parity on. No other rule would do on
 * 7E1: the weight is told no second time, and taken off and put on again it may be another bag.
 *
 * What was rejected may have been another weight, after which nothing is known; so is it after an answer that did not come,
 * which only the link can see.
 */
function retold(before: Told | null, step: Step): Step {
  const decoded = [...step.decoded];
  let told = before;
  let newest: Frame | null = null; // a weight not looked at yet: most are followed by the next, not by a status
  for (let i = 0; i < decoded.length; i += 1) {
    const one = decoded[i]!;
    const isWeight = 'said' in one && one.said.kind === 'weight';
    if (isWeight && newest !== null && !hasFittingParity(step, newest)) {
      newest = one;
      continue;
    }
    told = toldBy(step, newest) ?? told;
    newest = null;
    if ('rejected' in one || one.said.kind === 'overload' || one.said.kind === 'underload') {
      told = null;
    } else if (told?.isProven === true && !hasFittingParity(step, one)) {
      decoded[i] = { offset: one.offset, rejected: 'checksum' };
      told = null;
    } else if (isWeight) {
      newest = one;
    } else if (told !== null) {
      const isUnchanged = (bytesOf(step, one)[2]! & inMotion) === 0;
      if (isUnchanged) decoded[i] = unchanged(one, told);
      told = { ...told, isProven: told.isProven && isUnchanged, isUnchanged };
    }
  }
  return { ...step, state: { ...step.state, told: toldBy(step, newest) ?? told }, decoded };
}

function toldBy(step: Step, frame: Frame | null): Told | null {
  if (frame?.said.kind !== 'weight') return null;
  const { grams, net } = frame.said;
  return { grams, net, telling: bytesOf(step, frame), isProven: hasFittingParity(step, frame), isUnchanged: false };
}

function unchanged({ offset, length }: Frame, { grams, net, telling, isProven, isUnchanged }: Told): Frame {
  return { offset, length, telling, said: { kind: 'weight', grams, net, motion: isProven && isUnchanged ? 'stable' : 'moving' } };
}

/** Never where parity was taken off: STX alone has an odd number of ones. */
function hasFittingParity({ heard, heardFrom }: Step, { offset, length }: Frame): boolean {
  const from = offset - heardFrom;
  for (let at = from; at < from + length; at += 1) if (!isEven(heard[at]!)) return false;
  return true;
}
