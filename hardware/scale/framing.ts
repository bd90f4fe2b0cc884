// How frames are found in a stream, whatever the family: lines that end with a byte, and blocks that begin with one. Never
// looks inside a frame, and never keeps more than one unfinished frame.

import { acknowledge, carriageReturn, endOfTransmission, lineFeed, startOfHeading } from './bytes.ts';
import { type Decoded, type DecoderState, type Frame, type RejectCode, type Step, type WeightUnit, freshDecoder } from './reading.ts';

export type Said = Frame['said'];

/** What a family makes of one whole frame. */
export type Verdict = Said | RejectCode;

/** A family whose frames end with a byte that is nowhere else in them. */
export interface Lines {
  readonly ends: readonly [number, number];
  readonly longest: number;
  /** Reads `text[from, to)`, seven bits a byte, without its end. `isInStep`: a frame ended right before it. */
  readonly read: (text: Uint8Array, from: number, to: number, unit: WeightUnit, isInStep: boolean) => Verdict;
}

/** A family whose frames begin with a byte that may be in them, too, and have a length. */
export interface Blocks {
  readonly starts: readonly number[];
  readonly longest: number;
  /** The length of the frame that begins at `from`; 0 where more bytes must come before that can be said. */
  readonly lengthAt: (text: Uint8Array, from: number, to: number) => number;
  /** Reads `text[from, to)`, seven bits a byte, as long as `lengthAt` said. */
  readonly read: (text: Uint8Array, from: number, to: number, unit: WeightUnit) => Verdict;
}

/** Bytes; no family's line has half of it (hardware.md A.5). */
export const longestLine = 64;

/** Bytes, of which 9600 baud bring one such number in about a second: so often noise without an end is told again. */
const noiseStep = 1024;

export const lineEnds = [carriageReturn, lineFeed] as const;

/**
 * Every line is a frame or rejected, also one that cannot end any more, which is told again at every 1024th byte of the stream
 * until it ends. What comes first may be the tail of a line: it counts as a frame where it is a whole one, which no tail is, and
 * as nothing otherwise.
 */
export function foldLines({ ends, longest, read }: Lines, state: DecoderState, bytes: Uint8Array, unit: WeightUnit): Step {
  const raw = joined(state.pending, bytes);
  const text = sevenBit(raw);
  const [end, otherEnd] = ends;
  const decoded: Decoded[] = [];
  let { place } = state;
  let from = 0;
  for (let at = endAt(text, state.pending.length, end, otherEnd); at < text.length; at = endAt(text, from, end, otherEnd)) {
    const offset = state.offset + from;
    if (place === 'lost') tellNoise(decoded, offset, state.offset + at);
    else if (at - from > longest) tellEndless(decoded, offset, longest, state.offset + at);
    else if (at > from) {
      const verdict = read(text, from, at, unit, place === 'step');
      if (typeof verdict !== 'string') decoded.push({ offset, length: at - from, said: verdict });
      else if (verdict !== 'format' || place !== 'start') decoded.push({ offset, rejected: verdict });
    }
    place = 'step';
    from = at + 1;
  }
  const [offset, heard] = [state.offset + from, state.offset + text.length];
  if (place === 'lost') {
    tellNoise(decoded, offset, heard);
    from = text.length;
  } else if (text.length - from > longest) {
    tellEndless(decoded, offset, longest, heard);
    place = 'lost';
    from = text.length;
  }
  const next = { ...state, pending: rest(raw, from), offset: state.offset + from, place };
  return { state: next, decoded, heard: raw, heardFrom: state.offset };
}

/**
 * Where a frame begins it is read or rejected; after a rejected one the next is looked for from its second byte on, since what
 * looked like a beginning may have been in the midst of one. Other bytes between frames are told once, as `format`, and again at
 * every 1024th byte of the stream until a frame begins. What comes first may be the tail of a frame, which is no fault, but is
 * shorter than a frame.
 */
export function foldBlocks({ starts, longest, lengthAt, read }: Blocks, state: DecoderState, bytes: Uint8Array, unit: WeightUnit): Step {
  const raw = joined(state.pending, bytes);
  const text = sevenBit(raw);
  const decoded: Decoded[] = [];
  let { place } = state;
  let at = 0;
  for (;;) {
    const start = startAt(text, at, starts);
    if (place === 'lost') tellNoise(decoded, state.offset + at, state.offset + start);
    else {
      const stray = strayAt(text, place === 'step' ? at : Math.max(at, longest - state.offset), start);
      if (stray < start) {
        decoded.push({ offset: state.offset + stray, rejected: 'format' });
        tellNoise(decoded, state.offset + stray + 1, state.offset + start);
        place = 'lost';
      }
    }
    at = start;
    if (at === text.length) break;
    const length = lengthAt(text, at, text.length);
    if (length === 0 || length > text.length - at) break;
    const offset = state.offset + at;
    const verdict = length > longest ? 'too_long' : read(text, at, at + length, unit);
    if (typeof verdict === 'string') {
      const mayBeTail = place === 'start' && verdict === 'format' && offset < longest;
      if (!mayBeTail) {
        decoded.push({ offset, rejected: verdict });
        place = 'lost';
      }
      at += 1;
    } else {
      decoded.push({ offset, length, said: verdict });
      place = 'step';
      at += length;
    }
  }
  const next = { ...state, pending: rest(raw, at), offset: state.offset + at, place };
  return { state: next, decoded, heard: raw, heardFrom: state.offset };
}

/** A frame that has more bytes than any has: told where it begins, and then as noise. */
function tellEndless(decoded: Decoded[], offset: number, longest: number, to: number): void {
  decoded.push({ offset, rejected: 'too_long' });
  tellNoise(decoded, offset + longest + 1, to);
}

/** Of the bytes from offset `from` to `to`, which belong to nothing: those that tell of the others. */
function tellNoise(decoded: Decoded[], from: number, to: number): void {
  for (let offset = Math.ceil(from / noiseStep) * noiseStep; offset < to; offset += noiseStep)
    decoded.push({ offset, rejected: 'too_long' });
}

/** The first place from `from` on of one of two bytes; the length where there is none. */
function endAt(text: Uint8Array, from: number, end: number, otherEnd: number): number {
  let at = from;
  while (at < text.length && text[at] !== end && text[at] !== otherEnd) at += 1;
  return at;
}

/** The first place from `from` on where a frame may begin; the length where there is none. */
function startAt(text: Uint8Array, from: number, starts: readonly number[]): number {
  let at = from;
  while (at < text.length && !isOneOf(starts, text[at]!)) at += 1;
  return at;
}

/** `includes`, which costs a call of its own for every frame. */
function isOneOf(few: readonly number[], byte: number): boolean {
  for (let i = 0; i < few.length; i += 1) if (few[i] === byte) return true;
  return false;
}

/** The first place that is none of what scales send around their blocks, which is no part of them and no fault; or `to`. */
function strayAt(text: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to && isFiller(text[at]!)) at += 1;
  return at;
}

function isFiller(byte: number): boolean {
  return byte === startOfHeading || byte === endOfTransmission || byte === acknowledge || byte === carriageReturn || byte === lineFeed;
}

/** A copy of our own: frames are places in it, and whoever reads the line may use its buffer again. */
function joined(pending: Uint8Array, bytes: Uint8Array): Uint8Array {
  const all = new Uint8Array(pending.length + bytes.length);
  all.set(pending);
  all.set(bytes, pending.length);
  return all;
}

/** A copy, so that what waits for the next chunk does not keep this one. */
function rest(raw: Uint8Array, from: number): Uint8Array {
  return from === raw.length ? freshDecoder.pending : raw.slice(from);
}

/** Without the eighth bit, which is parity where a 7E1 scale is read as 8N1 (hardware.md A.5). Four bytes at a time. */
function sevenBit(bytes: Uint8Array): Uint8Array {
  const words = new Uint32Array(Math.ceil(bytes.length / 4));
  const seven = new Uint8Array(words.buffer, 0, bytes.length);
  seven.set(bytes);
  for (let i = 0; i < words.length; i += 1) words[i]! &= 0x7f7f7f7f;
  return seven;
}
