// Which families could have sent these bytes: all of them are tried. Pure, and never picks one where several fit: formats
// collide (hardware.md A.5), and only a known weight on the pan tells them apart.

import { isEven } from './bytes.ts';
import { families } from './families.ts';
import { type Family, type FamilyName, type Frame, freshDecoder } from './reading.ts';

/** A family that the bytes fit. */
export interface Candidate {
  readonly family: FamilyName;
  /** Whole frames of it. */
  readonly frames: number;
  /** What was none; that the scale is busy or has a fault is of the family, too, and not counted here. */
  readonly rejects: number;
  /** What its last frame says; bare numbers are read in the unit that is usual in the family. */
  readonly said: Frame['said'];
}

export interface Sniffed {
  /** The best first: the most frames, less what was rejected. Empty where nothing fits. */
  readonly candidates: readonly Candidate[];
  /** Bit 7 of nearly every byte is even parity: the line should be 7E1 (hardware.md A.5). */
  readonly suggests7E1: boolean;
}

/** Scores a capture. It may begin and end in the midst of a frame. */
export function sniff(bytes: Uint8Array): Sniffed {
  const candidates = [...families.values()]
    .flatMap((family) => candidate(family, bytes) ?? [])
    .sort((one, other) => other.frames - other.rejects - (one.frames - one.rejects));
  return { candidates, suggests7E1: hasEvenParity(bytes) };
}

/** Fewer bytes may have even parity by chance: one in 2,000 such captures of eight-bit text. */
const parityBytesMin = 16;

/** Noise on the line spoils some. */
const parityShare = 0.9;

/** Null where less than half of what is told of the bytes is a frame. */
function candidate(family: Family, bytes: Uint8Array): Candidate | null {
  const { decoded } = family.decode(freshDecoder, bytes, family.unit === 'frame' ? 'kg' : family.unit.usual);
  const frames = decoded.flatMap((one) => ('rejected' in one ? [] : [one]));
  const last = frames.at(-1);
  const rejects = decoded.filter((one) => 'rejected' in one && one.rejected !== 'busy' && one.rejected !== 'error').length;
  if (last === undefined || rejects >= frames.length) return null;
  return { family: family.name, frames: frames.length, rejects, said: last.said };
}

/** A scale that sends no parity leaves bit 7 alone, and half of its characters are even by themselves. */
function hasEvenParity(bytes: Uint8Array): boolean {
  if (bytes.length < parityBytesMin || bytes.every((byte) => byte < 0x80)) return false;
  const even = bytes.reduce((count, byte) => count + (isEven(byte) ? 1 : 0), 0);
  return even >= bytes.length * parityShare;
}
