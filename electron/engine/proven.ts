// Whether the bytes kept with a weighing say the weight that it names, as commissioning found its scale to speak: asked once more
// before points or money come of it. Weighs nothing.

import { findScaleSet } from '../../db/scales.ts';
import type { SaleWeight } from '../../db/model/event.ts';
import { type Tare, type Weighing, type WeighingProof, unitsOf } from '../../db/model/recycling.ts';
import { readKeptFrames } from '../../hardware/scale/kept-frames.ts';
import { type Engine, selling } from './till.ts';

/** Whether a bag weighs what it says, and the vessel that was taken off it. */
export function isProven(engine: Engine, { readGrams, tare, proof }: Pick<Weighing, 'readGrams' | 'tare' | 'proof'>): boolean {
  return says(engine, proof, { grams: readGrams, isNet: tare.by === 'scale' }) && isProvenTare(engine, tare);
}

/** The same of loose goods on the scale, and that no more is sold than was weighed. What labels say is read anew at every price. */
export function isProvenSale(engine: Engine, weighed: SaleWeight | undefined): boolean {
  if (weighed?.by !== 'scale') return true;
  return isProven(engine, weighed) && weighed.netGrams === unitsOf({ kind: 'weighed', ...weighed });
}

/** Only what was weighed here can be unproven: a container's weight is the county's. */
export function isProvenTare(engine: Engine, tare: Tare): boolean {
  return tare.by !== 'pan' || says(engine, tare.proof, { grams: tare.grams, isNet: false });
}

function says(
  engine: Engine,
  { scaleSetId, family, stableBy, framesHex }: WeighingProof,
  weight: { readonly grams: number; readonly isNet: boolean },
): boolean {
  const set = findScaleSet(selling(engine).book.db, scaleSetId);
  if (set === null || set.family !== family) return false;
  const kept = readKeptFrames({ family, unit: set.unit, framesHex });
  return kept !== null && kept.grams === weight.grams && kept.isNet === weight.isNet && kept.stableBy === stableBy;
}
