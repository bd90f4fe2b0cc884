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
}

/** The newest shift opened, or null. */
export function lastShift(db: ReadableDatabase): OpenShift | null {
  const event = newest(db, ['SHIFT_OPEN']);
  return event?.kind === 'SHIFT_OPEN' ? { businessDate: event.day, openedAt: event.at, floatFen: event.body.floatFen } : null;
}

/** Whether the wall clock was seen to jump forward since the newest shift was opened. */
export function wasClockPutForward(db: ReadableDatabase): boolean {
  const steps = prepared<[], { line: string }>(
    db,
    `SELECT line FROM event
     WHERE kind = 'CLOCK_STEP'
       AND seq > coalesce((SELECT seq FROM event WHERE kind = 'SHIFT_OPEN' ORDER BY seq DESC LIMIT 1), 0)`,
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
  const shift = lastShift(db);
  // Opened after the sign-in, or gone on with at the sign-in, which is then booked on its date: whatever day it is by now.
  const isOpen = shift !== null && (newest(db, ['OPERATOR_IN', 'SHIFT_OPEN'])?.kind === 'SHIFT_OPEN' || event.day === shift.businessDate);
  return { operator: event.body.operator, shift: isOpen ? shift : null };
}

function newest(db: ReadableDatabase, kinds: readonly BookEvent['kind'][]): BookEvent | null {
  const row = prepared<unknown[], { line: string }>(
    db,
    `SELECT line FROM event WHERE kind IN (${kinds.map(() => '?').join(', ')}) ORDER BY seq DESC LIMIT 1`,
  ).get(...kinds);
  return row === undefined ? null : (JSON.parse(row.line) as BookEvent); // the book's own line
}
