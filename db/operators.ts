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

/** The newest shift opened, or null. */
export function lastShift(
  db: ReadableDatabase,
): { readonly businessDate: string; readonly openedAt: number; readonly floatFen: Fen } | null {
  const event = newest(db, ['SHIFT_OPEN']);
  return event?.kind === 'SHIFT_OPEN' ? { businessDate: event.day, openedAt: event.at, floatFen: event.body.floatFen } : null;
}

/** What the book has in the drawer. */
export function drawerFen(db: ReadableDatabase): Fen {
  const row = prepared<[], { amount: number }>(
    db,
    `SELECT amount FROM balance WHERE account = 'cash/drawer' AND holder = '' AND commodity = 'CNY'`,
  ).get();
  return fen(row?.amount ?? 0);
}

/** The operator whose sign-in has no sign-out after it, or null. */
export function operatorLeftIn(db: ReadableDatabase): string | null {
  const event = newest(db, ['OPERATOR_IN', 'OPERATOR_OUT']);
  return event?.kind === 'OPERATOR_IN' ? event.body.operator : null;
}

function newest(db: ReadableDatabase, kinds: readonly BookEvent['kind'][]): BookEvent | null {
  const row = prepared<unknown[], { line: string }>(
    db,
    `SELECT line FROM event WHERE kind IN (${kinds.map(() => '?').join(', ')}) ORDER BY seq DESC LIMIT 1`,
  ).get(...kinds);
  return row === undefined ? null : (JSON.parse(row.line) as BookEvent); // the book's own line
}
