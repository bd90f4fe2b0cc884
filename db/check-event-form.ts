// The form of what the rules read of an event (docs/files.md, E1 and Y): a kiosk's key may have signed anything as one, and what has another
// form would be added up as something that it does not say. What no rule reads is not asked.

import { z } from 'zod';
import { hashForm } from './model/base64url.ts';
import type { BookEvent, EventKind } from './model/event.ts';

const id = z.string().regex(/^[A-Za-z0-9._-]{1,40}$/);
const eventId = z.string().min(1);
const whole = z.int();
const count = z.int().min(0);
const one = z.int().min(1);
const hash = z.string().regex(hashForm);

const payment = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('cash'), fen: count, tenderedFen: count, changeFen: count }),
  z.object({ kind: z.literal('other'), fen: count }),
]);
const backPayment = z.object({ kind: z.enum(['cash', 'other']), fen: count });
const drawer = z.object({ countedFen: whole, expectedFen: whole, differenceFen: whole, recountsFen: z.array(whole) });

const bodies: { readonly [Kind in EventKind['kind']]?: z.ZodType } = {
  START: z.object({ kioskKey: hash }),
  DOWN_APPLIED: z.object({ downSeq: one, sha256: hash, asOf: count, lines: count }),
  OPERATOR_OUT: z.object({ cause: z.string().optional() }),
  SHIFT_OPEN: z.object({ floatFen: count, drawerBeforeFen: whole, reason: z.string().nullish(), isDateConfirmed: z.boolean() }),
  SALE: z.object({
    accountId: id.nullable(),
    lines: z.array(
      z.object({
        goodsId: id,
        quantity: one,
        pricedIn: z.enum(['yuan', 'points']),
        totalFen: count,
        points: count,
        pointsFen: count,
        settlementFen: count.optional(),
      }),
    ),
    totalFen: count,
    redemption: z.object({ fromRights: count, fromRoaming: count, worthFen: count }).nullable(),
    payments: z.array(payment),
    roundingFen: whole,
  }),
  RETURNED: z.object({
    saleId: eventId,
    accountId: id.nullable(),
    lines: z.array(z.object({ n: count, quantity: one, totalFen: count, pointsFen: count, settlementFen: count, points: count })),
    totalFen: count,
    redemption: z
      .object({ discount: count, worthFen: count, pointValueFen: count.nullable(), toRights: count, toRoaming: count })
      .nullable(),
    payments: z.array(backPayment),
    roundingFen: whole,
  }),
  CREDIT: z.object({ accountId: id, lines: z.array(z.object({ materialId: id, units: count, points: count })) }),
  CREDIT_REVERSED: z.object({ creditId: eventId, accountId: id }),
  APPROVED: z.object({ isSelf: z.boolean() }),
  CASH_MOVED: z.object({ direction: z.enum(['in', 'out']), fen: one }),
  SHIFT_CLOSED: z.object({ drawer }),
  DAY_CLOSED: z.object({ drawer }),
  RESTORED: z.object({ fromInc: one, throughSeq: one, leaf: hash }),
  RIGHTS_RETURNED: z.object({ accountId: id, asked: count, downSeq: one }),
  VOUCHER_IN: z.object({ accountId: id, number: one, text: z.string() }),
  KEY_ROTATED: z.object({ oldKey: hash, newKey: hash, proof: z.string() }),
  NOTICE_TAKEN: z.discriminatedUnion('about', [
    z.object({ about: z.literal('committee'), name: z.string(), key: hash }),
    z.object({ about: z.literal('file'), downSeq: one, sha256: hash }),
  ]),
};

const members = 'amt at body clk cmdHash county day id inc kind kiosk mono op prev res seq store v';

/** What of an event has another form; null: it has its own. Its members are known to be an event's (check-files-chain.ts). */
export function otherForm(event: BookEvent): string | null {
  const found = Object.keys(event).toSorted().join(' ');
  if (found !== members) return `has the members ${found.slice(0, 200)}`;
  if (!Number.isSafeInteger(event.mono) || typeof event.cmdHash !== 'string') return 'has another mono or cmdHash than an event';
  if (isDeep(event, depthMax)) return `is nested deeper than ${depthMax}`;
  const read = Object.hasOwn(bodies, event.kind) ? bodies[event.kind]?.safeParse(event.body) : undefined; // a key may sign any kind
  if (read === undefined || read.success) return null;
  return read.error.message.replaceAll(/\s+/g, ' ').slice(0, 300);
}

/** Ours have a third of it: whoever reads them needs no deep stack. */
const depthMax = 32;

function isDeep(value: unknown, most: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return most === 0 || Object.values(value).some((each) => isDeep(each, most - 1));
}
