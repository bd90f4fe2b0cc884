// What the bytes kept with a weighing say, read again long after it. Opens no scale and holds no clock.

import { families } from './families.ts';
import { type Family, type Frame, type WeightUnit, freshDecoder } from './reading.ts';

/** A weight at rest, as a proof's bytes say it. */
export interface KeptWeight {
  readonly grams: number;
  /** The scale had taken a tare off itself. */
  readonly isNet: boolean;
  readonly stableBy: 'flag' | 'inferred';
}

/**
 * The one weight at rest that all these frames say; null where they say none, several, or one that moves, and for a family or
 * unit that there is not. `unit` is that of frames which name none. That unflagged frames lasted a second they cannot show.
 */
export function readKeptFrames(kept: {
  readonly family: string;
  readonly unit: string;
  readonly framesHex: readonly string[];
}): KeptWeight | null {
  const family = [...families.values()].find(({ name }) => name === kept.family);
  if (family === undefined || !isUnit(kept.unit)) return null;
  const frames = framesOf(family, kept.unit, kept.framesHex);
  const newest = frames.at(-1);
  if (frames.length < kept.framesHex.length || newest?.said.kind !== 'weight') return null;
  const { grams, net, motion } = newest.said;
  // Of a weight that was only called unchanged (mettler-8217) the first such answer is not believed yet, and says that it moves.
  const isOne = frames.every(
    ({ said, telling }) =>
      said.kind === 'weight' && said.grams === grams && said.net === net && (said.motion === motion || telling !== undefined),
  );
  const isChecked = family.check === 'checksum' && newest.said.isUnchecked !== true;
  const isAtRest = motion !== 'moving' && (isChecked || frames.length > 1); // as settle.ts believes
  return isOne && isAtRest ? { grams, isNet: net, stableBy: motion === 'unflagged' ? 'inferred' : 'flag' } : null;
}

/** Frames are kept without what ended their line: with most that is CR LF, with NCI an ETX, and with others the next frame. */
const ends = [Buffer.from('\r\n'), Buffer.from('\x03')];

/** A frame for each of them that says anything. */
function framesOf(family: Family, unit: WeightUnit, framesHex: readonly string[]): readonly Frame[] {
  let { told } = freshDecoder;
  return framesHex.flatMap((hex) => {
    const bytes = Buffer.from(hex, 'hex');
    for (const end of [...ends, bytes]) {
      const { state, decoded } = family.decode({ ...freshDecoder, told }, Buffer.concat([bytes, end]), unit);
      const frame = decoded.find((each): each is Frame => 'said' in each);
      if (frame === undefined) continue;
      told = state.told;
      return [frame];
    }
    return [];
  });
}

const units: Readonly<Record<WeightUnit, true>> = { g: true, kg: true, jin: true, lb: true, t: true };

function isUnit(unit: string): unit is WeightUnit {
  return Object.hasOwn(units, unit);
}
