// Who is signed in, which shift is open, and wrong PINs: read from the newest events and one table of tries.

import type { BookEvent } from './model/event.ts';
import { type Tries, noTries } from './model/pin.ts';
import { type Fen, fen } from './model/amounts.ts';
import { type ReadableDatabase, type WritableDatabase, prepared } from './sqlite.ts';

/** Tries with wrong PINs, as pin.ts counts them. */
export function readTries(db: ReadableDatabase, operatorId: string): Tries {
  const row = prepared<[string], { doc: string }>(db, 'SELECT doc FROM pin_lockout WHERE operator_id = ?').get(operatorId);
  return row === undefined ? noTries : (JSON.parse(row.doc) as Tries); // written by writeTries
}

export function writeTries(db: WritableDatabase, operatorId: string, tries: Tries): void {
  prepared(db, 'INSERT INTO pin_lockout (operator_id, doc) VALUES (?, ?) ON CONFLICT (operator_id) DO UPDATE SET doc = excluded.doc').run(
    operatorId,
    JSON.stringify(tries),
  );
}

export interface OpenShift {
  readonly businessDate: string;
  readonly openedAt: number;
  readonly floatFen: Fen;
  /** The operator who opened it; another may work in it, and each act names its own. */
  readonly openedBy: string | null;
}

/** The newest shift opened, whether or not it is over, or null. */
export function lastShift(db: ReadableDatabase): OpenShift | null {
  const event = newestOfShifts(db, 'SHIFT_OPEN');
  return event?.kind === 'SHIFT_OPEN' ? shiftOf(event) : null;
}

/** The shift that was opened last and neither handed over nor closed with its day, or null. */
export function unclosedShift(db: ReadableDatabase): OpenShift | null {
  const event = newestOfShifts(db);
  return event?.kind === 'SHIFT_OPEN' ? shiftOf(event) : null;
}

/** The hand-over after which no shift was opened yet, or null. */
export function lastHandOver(db: ReadableDatabase): (BookEvent & { readonly kind: 'SHIFT_CLOSED' }) | null {
  const event = newestOfShifts(db);
  return event?.kind === 'SHIFT_CLOSED' ? event : null;
}

/** The date of the newest closing, or null. */
export function closedThrough(db: ReadableDatabase): string | null {
  return prepared<[], { day: string }>(db, 'SELECT day FROM closing ORDER BY seq DESC LIMIT 1').get()?.day ?? null;
}

/**
 * The business date that a shift was opened on since the newest closing, or null. `isBooked`: money or points moved on it, so that
 * it needs a closing of its own.
 */
export function unclosedDay(db: ReadableDatabase): { readonly businessDate: string; readonly isBooked: () => boolean } | null {
  const closing = prepared<[], { seq: number }>(db, 'SELECT seq FROM closing ORDER BY seq DESC LIMIT 1').get()?.seq ?? 0;
  const shift = prepared<[number], { line: string }>(
    db,
    `SELECT line FROM event WHERE ${ofShifts} AND kind = 'SHIFT_OPEN' AND seq > ? ORDER BY seq DESC LIMIT 1`,
  ).get(closing);
  if (shift === undefined) return null;
  const first = prepared<[number], { seq: number }>(
    db,
    `SELECT seq FROM event WHERE ${ofShifts} AND kind = 'SHIFT_OPEN' AND seq > ? ORDER BY seq LIMIT 1`,
  ).get(closing)!; // there is the newest
  return {
    businessDate: (JSON.parse(shift.line) as BookEvent).day, // the book's own line
    isBooked: () =>
      prepared<[number], { seq: number }>(
        db,
        `SELECT seq FROM event WHERE seq >= ? AND kind <> 'DOWN_APPLIED'
           AND EXISTS (SELECT 1 FROM posting WHERE posting.seq = event.seq) ORDER BY seq LIMIT 1`,
      ).get(first.seq) !== undefined,
  };
}

/** As the index of the table says it, word for word, or SQLite would read the whole chain. */
const ofShifts = `kind IN ('SHIFT_OPEN', 'SHIFT_CLOSED', 'DAY_CLOSED')`;

function newestOfShifts(db: ReadableDatabase, kind?: 'SHIFT_OPEN'): BookEvent | null {
  const only = kind === undefined ? '' : ` AND kind = '${kind}'`;
  const row = prepared<[], { line: string }>(db, `SELECT line FROM event WHERE ${ofShifts}${only} ORDER BY seq DESC LIMIT 1`).get();
  return row === undefined ? null : (JSON.parse(row.line) as BookEvent); // the book's own line
}

function shiftOf({ day, at, op, body }: BookEvent & { readonly kind: 'SHIFT_OPEN' }): OpenShift {
  return { businessDate: day, openedAt: at, floatFen: body.floatFen, openedBy: op };
}

/** Whether the wall clock was seen to jump forward since the newest shift was opened. */
export function wasClockPutForward(db: ReadableDatabase): boolean {
  const steps = prepared<[], { line: string }>(
    db,
    `SELECT line FROM event
     WHERE kind = 'CLOCK_STEP'
       AND seq > coalesce((SELECT seq FROM event WHERE ${ofShifts} AND kind = 'SHIFT_OPEN' ORDER BY seq DESC LIMIT 1), 0)`,
  );
  for (const { line } of steps.iterate()) {
    const { body } = JSON.parse(line) as BookEvent & { readonly kind: 'CLOCK_STEP' }; // the book's own line, of this kind
    if (body.to > body.from) return true;
  }
  return false;
}

/** What the book has in the drawer. */
export function drawerFen(db: ReadableDatabase): Fen {
  const row = prepared<[], { amount: number }>(
    db,
    `SELECT amount FROM balance WHERE account = 'cash/drawer' AND holder = '' AND commodity = 'CNY'`,
  ).get();
  return fen(row?.amount ?? 0);
}

/** Who was at the till when it stopped, with the shift that was open then, or null where nobody was signed in. */
export function leftAtWork(db: ReadableDatabase): { readonly operator: string; readonly shift: OpenShift | null } | null {
  const event = newest(db, ['OPERATOR_IN', 'OPERATOR_OUT']);
  if (event?.kind !== 'OPERATOR_IN') return null;
  const shift = unclosedShift(db);
  // Opened after the sign-in, or gone on with at the sign-in, which is then booked on its date: whatever day it is by now.
  const isOpen = shift !== null && (newest(db, ['OPERATOR_IN', 'SHIFT_OPEN'])?.kind === 'SHIFT_OPEN' || event.day === shift.businessDate);
  return { operator: event.body.operator, shift: isOpen ? shift : null };
}

/** When the till locked itself, where nobody has signed in since; else null. Epoch ms. */
export function lockedItselfAt(db: ReadableDatabase): number | null {
  const event = newest(db, ['OPERATOR_IN', 'OPERATOR_OUT']);
  return event?.kind === 'OPERATOR_OUT' && event.body.cause === 'idle' ? event.at : null;
}

function newest(db: ReadableDatabase, kinds: readonly BookEvent['kind'][]): BookEvent | null {
  const row = prepared<unknown[], { line: string }>(
    db,
    `SELECT line FROM event WHERE kind IN (${kinds.map(() => '?').join(', ')}) ORDER BY seq DESC LIMIT 1`,
  ).get(...kinds);
  return row === undefined ? null : (JSON.parse(row.line) as BookEvent); // the book's own line
}
