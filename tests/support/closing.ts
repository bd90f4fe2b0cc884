// Closes a day as the engine does (electron/engine/closing.ts), without a till: counts what the book has in the drawer, and closes by
// that count. A test may say how the closing lies.

import type { Book, Transaction } from '../../db/book.ts';
import { type ClosingEvent, type OpenPeriod, openPeriod } from '../../db/closings.ts';
import { recountsFen } from '../../db/counts.ts';
import { drawerFen } from '../../db/operators.ts';
import { addPrintJob } from '../../db/print-jobs.ts';
import { fen } from '../../db/model/amounts.ts';
import { type CashCount, type ClosingBody, type CountedDrawer, type PeriodNames, denominations } from '../../db/model/event.ts';
import { allOperators, currentScheme, currentShop } from '../../db/reference.ts';
import { paperNumber } from '../../db/model/paper-number.ts';
import { businessDate } from '../../db/model/time.ts';
import { uuidv7 } from '../../db/uuid.ts';
import { isDateAsked } from './at-work.ts';

export interface CloseOptions {
  readonly day: string;
  /** An owner, unless the date is past. */
  readonly op?: string;
  readonly approvalId?: string;
  /** What was counted; the book's own figure unless said otherwise. */
  readonly countedFen?: number;
  /** Changes what the closing says. */
  readonly lie?: (body: ClosingBody) => ClosingBody;
  /** Writes the rows beside it; as the period makes them unless said otherwise. */
  readonly writeRows?: (period: OpenPeriod, transaction: Transaction, seq: number) => void;
}

/** Opens a shift with what is in the drawer. */
export function openDay(book: Book, day: string, op = 'op1'): void {
  const held = drawerFen(book.db);
  const body = { floatFen: held, drawerBeforeFen: held, isDateConfirmed: isDateAsked(book, day), reason: null, approvalId: null };
  book.transact(({ append }) => append({ kind: 'SHIFT_OPEN', body, id: uuidv7(book.clock.wallMs()), day, op, command: { open: day } }));
}

/** Closes the open period on `day`. */
export function closeDay(book: Book, options: CloseOptions): ClosingEvent {
  const { day, op = 'op2' } = options;
  const drawer = countDrawer(book, options);
  const period = openPeriod(book.db);
  const number = (period.before?.body.number ?? 0) + 1;
  return book.transact((transaction) => {
    period.sumRest();
    const sums = period.close(drawer);
    const body: ClosingBody = {
      number,
      closingNumber: paperNumber({ ...book.identity, inc: book.head().inc }, 'Z', number),
      fromSeq: period.fromSeq,
      isForgotten: businessDate(book.clock.wallMs()) > day,
      approvalId: options.approvalId ?? null,
      isByOwner: allOperators(book.db).some(({ id, role }) => id === op && role === 'owner'),
      drawer,
      sharePermille: currentShop(book.db)?.merchantSharePermille ?? 0,
      ...sums,
      printed: namesOf(book, op, sums.figures),
    };
    const id = uuidv7(book.clock.wallMs());
    const event = transaction.append({
      kind: 'DAY_CLOSED',
      body: options.lie?.(body) ?? body,
      id,
      day,
      op,
      command: { close: day },
    });
    if (options.writeRows === undefined) period.writeRows(transaction.db, event.seq);
    else options.writeRows(period, transaction, event.seq);
    addPrintJob(transaction.db, { jobId: uuidv7(book.clock.wallMs()), actId: id, copy: 0 });
    return event as ClosingEvent; // appended just above as one
  });
}

function countDrawer(book: Book, { day, op = 'op2', countedFen }: CloseOptions): CountedDrawer {
  const expectedFen = drawerFen(book.db);
  const counts = piecesOf(countedFen ?? expectedFen);
  const countId = uuidv7(book.clock.wallMs());
  const count = { counts, countedFen: fen(countedFen ?? expectedFen), expectedFen };
  book.transact(({ append }) =>
    append({ kind: 'DRAWER_COUNTED', body: { purpose: 'closing', ...count }, id: countId, day, op, command: { count: countId } }),
  );
  const differenceFen = fen(count.countedFen - expectedFen);
  return { countId, ...count, differenceFen, reason: differenceFen === 0 ? null : 'miscount', recountsFen: recountsFen(book.db, countId) };
}

/** An amount of whole jiao in the fewest pieces. */
export function piecesOf(amountFen: number): CashCount {
  let left = amountFen;
  const counts = denominations.map((worth) => {
    const pieces = Math.floor(left / worth);
    left -= pieces * worth;
    return pieces;
  });
  if (left !== 0) throw new Error(`${amountFen} fen is no amount of cash`);
  return counts;
}

function namesOf(book: Book, op: string, figures: ClosingBody['figures']): PeriodNames {
  const { zh, bo, countyZh, countyBo } = currentShop(book.db)!;
  const idsOf = (family: string): readonly string[] => [
    ...new Set(
      Object.keys(figures).flatMap((name) => (name.startsWith(`${family}/`) ? [name.slice(family.length + 1, name.lastIndexOf('/'))] : [])),
    ),
  ];
  const nameOf = (id: string): string => allOperators(book.db).find((each) => each.id === id)?.name ?? id;
  const materials = currentScheme(book.db)?.recycling?.materials ?? [];
  return {
    language: 'zh',
    operatorName: nameOf(op),
    shop: { zh, bo, countyZh, countyBo },
    operators: idsOf('operator').map((id) => ({ id, name: nameOf(id) })),
    materials: idsOf('material').map((id) => {
      const found = materials.find((each) => each.id === id)!;
      return { id, zh: found.zh, bo: found.bo, measuredBy: found.measuredBy };
    }),
  };
}
