// Opens the till on its book: checks it, takes up the cart, the shift and the print jobs that a stop left behind.

import type { Home } from '../../db/home.ts';
import { type OpenedBook, openBook } from '../../db/open-book.ts';
import { leftAtWork } from '../../db/operators.ts';
import { doubtUnfinishedJobs } from '../../db/print-jobs.ts';
import { readDeskDraft } from '../../db/credits.ts';
import { readDraft } from '../../db/sales.ts';
import { deskDraftOf } from './desk-draft.ts';
import { draftOf, machineBoot } from './draft.ts';
import { operatorView } from './session.ts';
import { software } from './software.ts';
import { type Engine, loadReference, stop, stopOnFault } from './till.ts';

/** An engine that came back within this time after the last touch keeps its operator: a crash is not a sign-out. */
const resumeMs = 3 * 60 * 1000; // the idle lock of experience.md U18

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
    engine.draft = draftOf(readDraft(book.db), now);
    engine.desk = deskDraftOf(readDeskDraft(book.db), now);
    const idleMs = now - engine.draft.touchedAt;
    const left = leftAtWork(book.db);
    const operator = engine.reference?.operators.find((each) => each.id === left?.operator && each.active);
    if (operator !== undefined && engine.draft.boot === machineBoot && idleMs >= 0 && idleMs < resumeMs) {
      engine.operator = operatorView(operator);
      engine.shift = left?.shift ?? null;
      if (engine.shift !== null && (engine.desk.resident !== null || engine.desk.bags.length > 0)) engine.place = 'desk'; // where the work is
    } else {
      // a card is not left at the till over night
      engine.draft = { ...engine.draft, resident: null, offered: null, chosenPoints: null };
      engine.desk = { ...engine.desk, resident: null };
    }
  } catch (error) {
    stopOnFault(engine, error);
    if (engine.status.kind === 'selling') stop(engine, 'internal', String(error));
  }
  engine.changed();
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
