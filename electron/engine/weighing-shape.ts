// Weighings as drafts store them, of bags at the desk and of loose goods in the cart: the check of what is read back. Knows no
// rule.

import { z } from 'zod';
import { gramsMax } from '../../db/model/recycling.ts';

export const gramsShape = z.int().min(-gramsMax).max(gramsMax);

export const proofShape = z.object({
  scaleSetId: z.string(),
  family: z.string(),
  stableBy: z.enum(['flag', 'inferred']),
  framesHex: z.array(z.string()).readonly(),
  weighedAt: z.int(),
});

/** A tare that we take off, chosen before the weighing; the scale's own it says itself. */
export const ourTareShape = z.discriminatedUnion('by', [
  z.object({ by: z.literal('none') }),
  z.object({ by: z.literal('pan'), grams: gramsShape, proof: proofShape }),
  z.object({ by: z.literal('container'), id: z.string(), grams: gramsShape }),
]);

export const tareShape = z.union([ourTareShape, z.object({ by: z.literal('scale') })]);
