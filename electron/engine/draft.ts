// The sale being prepared: stored at every change, so that a crash or a power cut brings the same cart back.

import { readFileSync } from 'node:fs';
import { uptime } from 'node:os';
import { z } from 'zod';
import { quantityMax } from '../../db/model/checkout.ts';
import type { SaleWeight } from '../../db/model/event.ts';
import { gramsMax } from '../../db/model/recycling.ts';
import { points } from '../../db/model/amounts.ts';
import { uuidv7 } from '../../db/uuid.ts';
import { gramsShape, ourTareShape, proofShape, tareShape } from './weighing-shape.ts';

/** A card that was scanned: whose, and what may make it void later. */
export const heldCard = z.object({ id: z.string(), issue: z.int(), expiresOn: z.string() });

const netGrams = z.int().min(1).max(gramsMax);
const saleWeight = z.discriminatedUnion('by', [
  z.object({ by: z.literal('scale'), readGrams: gramsShape, tare: tareShape, netGrams, proof: proofShape }),
  z.object({ by: z.literal('label'), code: z.string(), netGrams }),
  z.object({ by: z.literal('price-label'), code: z.string() }),
]) satisfies z.ZodType<SaleWeight>;

const shape = z.object({
  saleId: z.uuid(),
  resident: heldCard.nullable(),
  /** There was a card, and it went without the resident's saying so: put aside, locked. Whose is not kept. */
  hadCard: z.boolean().default(false),
  /** Another resident's card, scanned over a cart that has a payer and goods: asked about, and nothing until it is answered. */
  offered: heldCard.extend({ offerId: z.uuid() }).nullable().default(null),
  lines: z.array(
    z.object({
      lineId: z.uuid(),
      goodsId: z.string(),
      quantity: z.int().min(1).max(quantityMax),
      pricedIn: z.enum(['yuan', 'points']),
      weighed: saleWeight.optional(),
    }),
  ),
  /** Loose goods that are to be put on the scale, and what is taken off for the vessel; null: none. */
  weighing: z.object({ goodsId: z.string(), tare: ourTareShape }).nullable().default(null),
  /** Points chosen by the cashier; null: the most the rules allow. */
  chosenPoints: z.int().min(0).transform(points).nullable(),
  /** Wall time of the last touch, and the machine's start it was in: only together do they tell a crash from an absence. */
  touchedAt: z.int(),
  boot: z.string(),
});

/** Which start of the machine this is. Linux names it; elsewhere the time of the start, to two minutes, has to do. */
export const machineBoot = readBoot();

function readBoot(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return `since ${Math.round((Date.now() - uptime() * 1000) / 120_000)}`;
  }
}

export type Draft = z.infer<typeof shape>;
export type DraftLine = Draft['lines'][number];

/** A new sale: its id is made before it starts. */
export function emptyDraft(nowMs: number): Draft {
  return {
    saleId: uuidv7(nowMs),
    resident: null,
    hadCard: false,
    offered: null,
    lines: [],
    weighing: null,
    chosenPoints: null,
    touchedAt: nowMs,
    boot: machineBoot,
  };
}

/** The draft without its payer, who did not ask for that: while goods lie in it, it is remembered that there was a card. */
export function withoutCard(draft: Draft): Draft {
  const hasGoods = draft.lines.length > 0 || draft.weighing !== null;
  return { ...draft, resident: null, offered: null, chosenPoints: null, hadCard: hasGoods && (draft.resident !== null || draft.hadCard) };
}

/** The stored cart, or a new one where none is stored or an older version's cannot be read. */
export function draftOf(stored: unknown, nowMs: number): Draft {
  const parsed = shape.safeParse(stored);
  return parsed.success ? parsed.data : emptyDraft(nowMs);
}
