// Opens the till on its book: checks it, takes up the cart, the shift and the print jobs that a stop left behind.

import type { Home } from '../../db/home.ts';
import type { Book } from '../../db/book.ts';
import { type OpenedBook, openBook } from '../../db/open-book.ts';
import { leftAtWork } from '../../db/operators.ts';
import { doubtUnfinishedJobs } from '../../db/print-jobs.ts';
import { readDeskDraft, readDraft, writeDeskDraft, writeDraft } from '../../db/drafts.ts';
import { lineRemoved } from './cart.ts';
import { bagRemoved } from './desk.ts';
import { deskDraftOf } from './desk-draft.ts';
import { draftOf, machineBoot, withoutCard } from './draft.ts';
import { idleMs } from './idle-lock.ts';
import { operatorView } from './session.ts';
import { software } from './software.ts';
import { type Engine, loadReference, notify, stop, stopOnFault } from './till.ts';

/** Opens the book in the home and everything that depends on it, or stops the till with the reason. */
export function openTill(engine: Engine): void {
  if (engine.home === null) return;
  const opened = tryOpen(engine, engine.home);
  if (!opened.ok) return stop(engine, opened.code, opened.detail);
  const { book } = opened;
  engine.book = book;
  if (book.anchorFault() !== null) engine.log(`the anchor cannot be written: ${book.anchorFault()}`);
  try {
    book.transact(({ db }) => doubtUnfinishedJobs(db));
    loadReference(engine, book);
    const now = engine.clock.wallMs();
    const [cart, desk] = [readDraft(book), readDeskDraft(book)];
    engine.draft = draftOf(cart?.draft, now);
    engine.desk = deskDraftOf(desk?.draft, now);
    // A crash is not a sign-out: a queue does not wait for a PIN because the engine ended. Whoever stands here could have done as much
    // without it, since it is the same start of the machine, within the time of the idle lock, whose time runs on (idle-lock.ts). After a
    // power cut the machine starts anew and anybody may stand at it: the PIN is asked for, and the goods are still there.
    const goneMs = now - engine.draft.touchedAt;
    const left = leftAtWork(book.db);
    const operator = engine.reference?.operators.find((each) => each.id === left?.operator && each.active);
    if (operator !== undefined && cart?.isSealed !== false && engine.draft.boot === machineBoot && goneMs >= 0 && goneMs < idleMs) {
      engine.operator = operatorView(operator);
      engine.shift = left?.shift ?? null;
      if (engine.shift !== null && (engine.desk.resident !== null || engine.desk.bags.length > 0)) engine.place = 'desk'; // where the work is
    } else {
      // a card is not left at the till over night
      engine.draft = withoutCard(engine.draft);
      engine.desk = { ...engine.desk, resident: null };
    }
    if (cart?.isSealed === false) distrustCart(engine, book);
    if (desk?.isSealed === false) distrustDesk(engine, book);
  } catch (error) {
    stopOnFault(engine, error);
    if (engine.status.kind === 'selling') stop(engine, 'internal', String(error));
  }
  engine.changed();
}

/**
 * The stored cart is not as this kiosk stored it: whoever can write the file would choose what was weighed, and whose points pay.
 * What the scale said is taken off and recorded, and the card is asked for again; what only has to be scanned again stays. Who
 * was at work is not believed of it either, and its last touch stays as it is: nobody has touched it now.
 */
function distrustCart(engine: Engine, book: Book): void {
  const { lines, weighing } = engine.draft;
  const weighed = lines.filter((line) => line.weighed?.by === 'scale');
  const draft = {
    ...withoutCard(engine.draft),
    lines: lines.filter((line) => !weighed.includes(line)),
    weighing: weighing === null ? null : { ...weighing, tare: { by: 'none' } as const },
  };
  book.transact(({ append }) => {
    for (const line of weighed) append(lineRemoved(engine, line));
    writeDraft(book, draft);
  });
  engine.draft = draft;
  engine.log(`the stored cart is not this kiosk’s: ${weighed.length} weighed lines were taken off`);
  const first = weighed[0]?.goodsId;
  if (first !== undefined) notify(engine, 'weighing_unproven', engine.reference?.goods.get(first)?.zh ?? first);
}

/** The same of the credit. What was counted stays, to be looked at, but that it was typed twice is not believed. */
function distrustDesk(engine: Engine, book: Book): void {
  const { bags } = engine.desk;
  const weighed = bags.filter(({ measure }) => measure.kind === 'weighed');
  const desk = {
    ...engine.desk,
    resident: null,
    tare: { by: 'none' } as const,
    bags: bags.flatMap((bag) => (bag.measure.kind === 'counted' ? [{ ...bag, measure: { ...bag.measure, isTypedTwice: false } }] : [])),
    isPanClear: false,
  };
  book.transact(({ append }) => {
    for (const bag of weighed) append(bagRemoved(engine, { bag }));
    writeDeskDraft(book, desk);
  });
  engine.desk = desk;
  engine.log(`the stored credit is not this kiosk’s: ${weighed.length} weighed bags were taken off`);
  const first = weighed[0]?.materialId;
  const materials = engine.reference?.scheme.recycling?.materials;
  if (first !== undefined) notify(engine, 'weighing_unproven', materials?.find(({ id }) => id === first)?.zh ?? first);
}

/** A migration that fails must stop the till in words, not end the engine again and again. */
function tryOpen(engine: Engine, home: Home): OpenedBook | { readonly ok: false; readonly code: 'internal'; readonly detail: string } {
  try {
    return openBook(home, engine.clock, software);
  } catch (error) {
    engine.log('opening the book', error);
    return { ok: false, code: 'internal', detail: String(error) };
  }
}
