// A book for tests that act without a till: before an act of an operator it writes what the till would have written, that this one
// signed in and, before the first act of a business date, that a shift was opened. It opens no shift where one was ended.

import type { Book, Entry, Transaction } from '../../db/book.ts';
import { closedThrough, drawerFen, lastShift, wasClockPutForward } from '../../db/operators.ts';
import type { BookEvent } from '../../db/model/event.ts';
import { businessDate, dayMs } from '../../db/model/time.ts';
import { allOperators, lastDown } from '../../db/reference.ts';
import type { ReadableDatabase } from '../../db/sqlite.ts';
import { uuidv7 } from '../../db/uuid.ts';

/** The same book, whose acts are of somebody who signed in. Strangers to the county stay strangers. */
export function withSignIns(book: Book): Book {
  let atWork: string | null | undefined;
  let day: string | null = null;
  const wrapped = (transaction: Transaction): Transaction => ({
    ...transaction,
    append(entry) {
      if (atWork === undefined) atWork = newestSignIn(book.db);
      if (entry.op !== null && entry.op !== atWork && isKnown(book, entry.op)) {
        for (const each of signIns(book, entry, atWork)) transaction.append(each);
        atWork = entry.op;
      }
      if (entry.op === atWork && entry.day !== day && inShift.has(entry.kind)) {
        for (const each of shiftFor(book, entry)) transaction.append(each);
        day = entry.day; // a date never comes again
      }
      if (entry.kind === 'OPERATOR_OUT') atWork = null;
      return transaction.append(entry);
    },
  });
  return {
    ...book,
    transact(work, ...now) {
      try {
        return book.transact((transaction) => work(wrapped(transaction)), ...now);
      } catch (error) {
        atWork = undefined; // nothing of it happened
        day = null;
        throw error;
      }
    },
  };
}

function isKnown({ db }: Book, op: string | null): boolean {
  return allOperators(db).some(({ id, active }) => id === op && active);
}

function signIns(book: Book, { kind, op, day }: Entry, atWork: string | null): readonly Entry[] {
  if (op === null || kind === 'OPERATOR_IN' || kind === 'OPERATOR_OUT') return [];
  const id = (): string => uuidv7(book.clock.wallMs());
  const out: readonly Entry[] =
    atWork === null ? [] : [{ kind: 'OPERATOR_OUT', body: { operator: atWork }, id: id(), day, op: atWork, command: { signOut: atWork } }];
  return [...out, { kind: 'OPERATOR_IN', body: { operator: op }, id: id(), day, op, command: { signIn: op } }];
}

const inShift: ReadonlySet<BookEvent['kind']> = new Set([
  'SALE',
  'CREDIT',
  'CREDIT_REVERSED',
  'CREDIT_DISPUTED',
  'RETURNED',
  'CASH_MOVED',
  'NO_SALE',
  'HANDED_OVER',
  'REPORT_PRINTED',
  'VOUCHER_IN',
]);

function shiftFor(book: Book, { op, day }: Entry): readonly Entry[] {
  const { db, clock } = book;
  const last = lastShift(db)?.businessDate ?? '';
  if (day <= last || day <= (closedThrough(db) ?? '')) return [];
  const held = drawerFen(db);
  const body = { floatFen: held, drawerBeforeFen: held, reason: null, approvalId: null, isDateConfirmed: isDateAsked(book, day) };
  return [{ kind: 'SHIFT_OPEN', body, id: uuidv7(clock.wallMs()), day, op, command: { open: day } }];
}

/** Whether the till would have asked if that is the date (electron/engine/session.ts). */
export function isDateAsked(book: Book, day: string): boolean {
  const { db, clock } = book;
  const step = book.clockStep(book.reading());
  if ((step !== null && step.to > step.from) || wasClockPutForward(db)) return true;
  const heard = businessDate(lastDown(db)?.asOf ?? 0);
  const last = lastShift(db)?.businessDate ?? '';
  const known = last > heard ? last : heard;
  const next = businessDate(Date.parse(`${known}T00:00:00+08:00`) + dayMs);
  const today = businessDate(clock.wallMs());
  return day !== today || (today !== known && today !== next) || (closedThrough(db) ?? '') >= today;
}

function newestSignIn(db: ReadableDatabase): string | null {
  const row = db
    .prepare<[], { line: string }>(`SELECT line FROM event WHERE kind IN ('OPERATOR_IN', 'OPERATOR_OUT') ORDER BY seq DESC LIMIT 1`)
    .get();
  const event = row === undefined ? null : (JSON.parse(row.line) as BookEvent); // the book's own line
  return event?.kind === 'OPERATOR_IN' ? event.op : null;
}
