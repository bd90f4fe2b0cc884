// Carts that are put aside and taken up again: a held cart touches no balance, and outlives a restart. Knows no payer, only
// that there was one: the card is asked for again.

import type { Book } from '../../db/book.ts';
import { writeDraft } from '../../db/drafts.ts';
import { deleteHeld, readHeld, writeHeld } from '../../db/held.ts';
import { points } from '../../db/model/amounts.ts';
import { quote } from '../../db/model/checkout.ts';
import { type Result, fail, ok } from '../../db/model/result.ts';
import type { HeldCartView } from '../ipc/day-views.ts';
import { lineRemoved } from './cart.ts';
import { type Draft, draftOf, emptyDraft, machineBoot, withoutCard } from './draft.ts';
import { currentLines, stillStands } from './quote.ts';
import { type Engine, earlierEvent, notify, selling } from './till.ts';

/** More customers than this do not wait at one till: older ones were forgotten. */
const heldMax = 10;

/** Puts the cart aside, without its payer: that there was one is kept. The same `heldId` again is the same press. */
export function holdSale(engine: Engine, { heldId }: { readonly heldId: string }): Result<null, 'empty' | 'too_many_held'> {
  const { book } = selling(engine);
  const held = heldCarts(engine, book);
  if (held.some((each) => each.heldId === heldId)) return ok(null);
  const { draft } = engine;
  if (draft.lines.length === 0) return fail('empty');
  if (held.length >= heldMax) return fail('too_many_held');
  const at = engine.clock.wallMs();
  const next = emptyDraft(at);
  book.transact(() => {
    writeHeld(book, { heldId, at: Math.trunc(at), draft: withoutCard({ ...draft, weighing: null }) });
    writeDraft(book, next);
  });
  carts.delete(book);
  engine.draft = next;
  engine.notice = null;
  engine.changed();
  return ok(null);
}

/**
 * Takes a cart up again, at today's prices, for the resident whose card was scanned since, if any. As when a file of the county
 * comes, goods that cannot be sold any more are taken off and recorded; so is what was weighed, where the row is not as this
 * kiosk stored it.
 */
export function resumeSale(engine: Engine, { heldId }: { readonly heldId: string }): Result<null, 'held_unknown' | 'cart_open'> {
  const { book } = selling(engine);
  const held = heldCarts(engine, book).find((each) => each.heldId === heldId);
  if (held === undefined) return fail('held_unknown');
  if (engine.draft.lines.length > 0 || engine.draft.weighing !== null) return fail('cart_open');
  const { resident } = engine.draft;
  const isBelieved = (line: Draft['lines'][number]): boolean => held.isSealed || line.weighed?.by !== 'scale';
  const lines = held.draft.lines.filter((line) => isBelieved(line) && stillStands(engine, line));
  const gone = held.draft.lines.filter((line) => !lines.includes(line));
  const hadCard = resident === null && held.draft.hadCard;
  const next: Draft = { ...withoutCard(held.draft), resident, hadCard, lines, touchedAt: engine.clock.wallMs(), boot: machineBoot };
  book.transact(({ append }) => {
    for (const line of gone) append(lineRemoved(engine, line, held.draft.saleId));
    deleteHeld(book, heldId);
    writeDraft(book, next);
  });
  carts.delete(book);
  engine.draft = next;
  engine.lastSale = null;
  engine.notice = null;
  const first = gone[0];
  if (first !== undefined) notify(engine, isBelieved(first) ? 'goods_withdrawn' : 'weighing_unproven', nameOf(engine, first.goodsId));
  engine.changed();
  return ok(null);
}

/** Gives a cart that was put aside up: its lines are recorded as removed, like those of a cart that is emptied. */
export function dropHeld(
  engine: Engine,
  { actId, heldId }: { readonly actId: string; readonly heldId: string },
): Result<null, 'held_unknown'> {
  const { book } = selling(engine);
  const command = { dropHeld: heldId };
  if (earlierEvent(engine, actId, command) !== null) return ok(null);
  const held = heldCarts(engine, book).find((each) => each.heldId === heldId);
  if (held === undefined) return fail('held_unknown');
  const { lines, saleId } = held.draft;
  book.transact(({ append }) => {
    for (const [i, line] of lines.entries()) {
      const removed = lineRemoved(engine, line, saleId);
      append(i === 0 ? { ...removed, id: actId, command } : removed); // by its id the same press is known again
    }
    deleteHeld(book, heldId);
  });
  carts.delete(book);
  engine.changed();
  return ok(null);
}

/** The carts that are put aside, oldest first, at today's prices. */
export function heldViews(engine: Engine): readonly HeldCartView[] {
  if (engine.book === null || engine.reference === null) return [];
  const { scheme, goods } = engine.reference;
  return heldCarts(engine, engine.book).map(({ heldId, at, draft }) => {
    const lines = currentLines(engine, draft.lines);
    const now = quote({ scheme, lines, usable: null, chosenPoints: null });
    const isAsBefore = lines.length > 0 && lines.length === draft.lines.length && now.problem !== 'too_large';
    const first = goods.get(draft.lines[0]?.goodsId ?? '');
    return {
      heldId,
      at,
      lines: draft.lines.length,
      totalFen: isAsBefore ? now.totalFen : null,
      requiredPoints: isAsBefore ? now.requiredPoints : points(0),
      zh: first?.zh ?? '',
      bo: first?.bo ?? null,
      picture: first?.picture ?? '',
    };
  });
}

interface HeldCart {
  readonly heldId: string;
  readonly at: number;
  readonly draft: Draft;
  readonly isSealed: boolean;
}

/** Read once for a book, and again after each change: only this file changes them. */
const carts = new WeakMap<Book, readonly HeldCart[]>();

function heldCarts(engine: Engine, book: Book): readonly HeldCart[] {
  const read = carts.get(book);
  if (read !== undefined) return read;
  const now = engine.clock.wallMs();
  const held = readHeld(book).map(({ draft, ...each }) => ({ ...each, draft: draftOf(draft, now) })); // one that cannot be read is shown empty, to be given up
  carts.set(book, held);
  return held;
}

function nameOf(engine: Engine, goodsId: string): string {
  return selling(engine).reference.goods.get(goodsId)?.zh ?? goodsId;
}
