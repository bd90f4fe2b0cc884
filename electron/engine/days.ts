// Which business dates are open, forgotten and closed: what selling waits for, and what a page shows of it. Closes nothing.

import { closedThrough, lastHandOver, unclosedDay } from '../../db/operators.ts';
import { businessDate } from '../../db/model/time.ts';
import type { DaysView } from '../ipc/day-views.ts';
import type { Engine } from './till.ts';

/** How the days stand. */
export function daysView(engine: Engine): DaysView {
  if (engine.book === null) return { forgotten: null, closedThrough: null, summingPercent: null, handedOver: null };
  const { db } = engine.book;
  const handOver = engine.shift === null ? lastHandOver(db) : null;
  return {
    forgotten: forgottenDay(engine),
    closedThrough: closedThrough(db),
    summingPercent: engine.summingPercent,
    handedOver: handOver === null ? null : { businessDate: handOver.day, at: handOver.at, countedFen: handOver.body.drawer.countedFen },
  };
}

/**
 * The business date that a closing now would be of, or null where no shift was opened since the newest closing. Forgotten: it is
 * past, whether or not somebody still works on it.
 */
export function openDay(engine: Engine): { readonly businessDate: string; readonly isForgotten: boolean } | null {
  const day = engine.book === null ? null : unclosedDay(engine.book.db);
  return day === null ? null : { businessDate: day.businessDate, isForgotten: day.businessDate < businessDate(engine.clock.wallMs()) };
}

/**
 * A date that is past, on which something was booked, and which nobody closed; null while its shift is at work: a shop may sell
 * past midnight.
 */
export function forgottenDay(engine: Engine): string | null {
  if (engine.book === null || engine.shift !== null) return null;
  const day = unclosedDay(engine.book.db);
  return day !== null && day.businessDate < businessDate(engine.clock.wallMs()) && day.isBooked() ? day.businessDate : null;
}
