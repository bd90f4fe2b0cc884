// Which business dates are open, forgotten and closed: what selling waits for, and what a page shows of it. Closes nothing.

import type { Book, Reading } from '../../db/book.ts';
import { closedThrough, lastHandOver, unclosedDay, wasClockPutForward } from '../../db/operators.ts';
import { businessDate } from '../../db/model/time.ts';
import type { DaysView } from '../ipc/day-views.ts';
import type { Engine } from './till.ts';

/** How the days stand. */
export function daysView(engine: Engine): DaysView {
  if (engine.book === null) return { forgotten: null, closedThrough: null, summingPercent: null, handedOver: null };
  const { db } = engine.book;
  const handOver = engine.shift === null ? lastHandOver(db) : null;
  return {
    forgotten: forgottenDay(engine, businessDate(engine.clock.wallMs())),
    closedThrough: closedThrough(db),
    summingPercent: engine.summingPercent,
    handedOver: handOver === null ? null : { businessDate: handOver.day, at: handOver.at, countedFen: handOver.body.drawer.countedFen },
  };
}

/**
 * The business date that a closing now would be of, or null where no shift was opened since the newest closing. Forgotten: it is
 * past at that time, whether or not somebody still works on it. Certain: no clock that was put forward since its shift made it so.
 */
export function openDay(
  book: Book,
  now: Reading,
): { readonly businessDate: string; readonly isForgotten: boolean; readonly isCertain: boolean } | null {
  const day = unclosedDay(book.db);
  if (day === null) return null;
  return { businessDate: day.businessDate, isForgotten: day.businessDate < businessDate(now.at), isCertain: !isClockPutForward(book, now) };
}

/** Since the newest shift, as the book says, or since its newest event, which is about to be written. */
export function isClockPutForward(book: Book, now: Reading): boolean {
  const step = book.clockStep(now);
  return (step !== null && step.to > step.from) || wasClockPutForward(book.db);
}

/**
 * A date that is past, on which something was booked, and which nobody closed; null while its shift is at work: a shop may sell
 * past midnight.
 */
export function forgottenDay(engine: Engine, today: string): string | null {
  if (engine.book === null || engine.shift !== null) return null;
  const day = unclosedDay(engine.book.db);
  return day !== null && day.businessDate < today && day.isBooked() ? day.businessDate : null;
}
