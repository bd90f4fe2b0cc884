// The credit being prepared at the recycling desk: stored at every change, so that bags which were weighed outlive a crash or
// a power cut. Knows no rule.

import { z } from 'zod';
import { bagsMax, piecesMax } from '../../db/model/recycling.ts';
import { uuidv7 } from '../../db/uuid.ts';
import { heldCard } from './draft.ts';
import { gramsShape, ourTareShape, proofShape, tareShape } from './weighing-shape.ts';

const measure = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('weighed'),
    readGrams: gramsShape,
    tare: tareShape,
    proof: proofShape,
  }),
  z.object({ kind: z.literal('counted'), pieces: z.int().min(1).max(piecesMax), isTypedTwice: z.boolean() }),
]);

const shape = z.object({
  creditId: z.uuid(),
  resident: heldCard.nullable(),
  materialId: z.string().nullable(),
  tare: ourTareShape,
  bags: z
    .array(
      z.object({
        id: z.uuid(),
        /** The page's id of the press that brought it: the same press again is the same bag. The book has ours, which no page chooses. */
        pressId: z.uuid().nullable().default(null), // a bag of an older program: its press is long over
        materialId: z.string(),
        measure,
        /** The account for which the operator said that it is another bag than one before; null: that was not asked. */
        otherFor: z.string().nullable(),
      }),
    )
    .max(bagsMax),
  /** The pan was seen empty since the last bag. */
  isPanClear: z.boolean(),
});

export type DeskDraft = z.infer<typeof shape>;
export type DraftBag = DeskDraft['bags'][number];

/** A new credit: its id is made before it starts. What lies on the pan is not over with the credit before it. */
export function emptyDeskDraft(nowMs: number, { isPanClear = true } = {}): DeskDraft {
  return { creditId: uuidv7(nowMs), resident: null, materialId: null, tare: { by: 'none' }, bags: [], isPanClear };
}

/** The stored draft, or a new one where none is stored or an older version's cannot be read. */
export function deskDraftOf(stored: unknown, nowMs: number): DeskDraft {
  const parsed = shape.safeParse(stored);
  return parsed.success ? parsed.data : emptyDeskDraft(nowMs);
}
