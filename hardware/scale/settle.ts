// From what each frame says to what may be believed of the pan: a pure fold. Never calls a weight stable on the word of one
// frame that nothing checks.

import type { Family, Frame, Reading } from './reading.ts';

/** The frames so far that agree with the last one. Plain data of constant size. */
export interface Settling {
  /** Frames have a checksum, which finds every flipped bit: one is enough where it says that nothing moves. */
  readonly isChecked: boolean;
  readonly run: {
    readonly grams: number;
    readonly net: boolean;
    readonly motion: 'stable' | 'moving' | 'unflagged';
    /** Monotonic ms of its first frame; null where nobody holds a clock. */
    readonly sinceMs: number | null;
    /** 1, or 2 for more. */
    readonly frames: 1 | 2;
  } | null;
}

/** A display shows the same for this long before we call it stable where the scale has no flag (hardware.md A.0, 2). */
export const settledAfterMs = 1000;

/** Before the first frame of a link. */
export function freshSettling({ check }: Pick<Family, 'check'>): Settling {
  return { isChecked: check === 'checksum', run: null };
}

/**
 * What one more frame makes of it. `atMs` is the time on a monotonic clock, or null for a capture, which has none.
 *
 * A scale's own motion flag is final: what it calls moving is moving. What it calls stable is stable at once where frames have
 * a checksum, else from the second equal frame on. Without a flag, frames must have been equal for a second, or twice where
 * there is no clock. Overload, underload and none begin anew; so must the caller when the link was lost.
 *
 * What remains possible: without a checksum, two frames in a row that were spoilt into the same whole frame; with one, a frame
 * with so many spoilt bits that the check fits again. Neither happens by one flipped bit.
 */
export function settle(
  state: Settling,
  frame: Pick<Frame, 'offset' | 'said'>,
  atMs: number | null,
): { readonly state: Settling; readonly reading: Reading & { readonly offset: number } } {
  const { offset, said } = frame;
  if (said.kind !== 'weight') return { state: { ...state, run: null }, reading: { kind: said.kind, offset } };
  const { grams, net, motion } = said;
  const isSame = state.run !== null && state.run.grams === grams && state.run.net === net && state.run.motion === motion;
  const run = isSame ? { ...state.run, frames: 2 as const } : { grams, net, motion, sinceMs: atMs, frames: 1 as const };
  const isChecked = state.isChecked && said.isUnchecked !== true;
  const kind = grams < 0 ? 'negative' : !isStill(isChecked, run, atMs) ? 'moving' : grams === 0 ? 'zero' : 'stable';
  return { state: { ...state, run }, reading: { kind, grams, net, offset } };
}

function isStill(isChecked: boolean, run: NonNullable<Settling['run']>, atMs: number | null): boolean {
  switch (run.motion) {
    case 'moving':
      return false;
    case 'stable':
      return isChecked || run.frames === 2;
    case 'unflagged':
      return run.frames === 2 && (atMs === null || run.sinceMs === null || atMs - run.sinceMs >= settledAfterMs);
    default:
      return run.motion satisfies never;
  }
}
