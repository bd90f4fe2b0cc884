// Follows the kiosk's clock and business dates through the chain: how often it jumped, when it went back, and that no date comes
// a second time. Judges no act but by its time.

import type { BookEvent } from './model/event.ts';
import { Lie, counted } from './verify-lie.ts';

export interface Clock {
  /** The next event of the chain. */
  take(event: BookEvent, place: string): void;
  /** How often the clock was seen to go back: between two equal answers what came later says so. */
  setbacks(): number;
  /** Whether this time lies within the book, up to its newest event. */
  isKnown(atMs: number): boolean;
  /** Whether the business date of the newest act began after this time. False where the clock went back since: nobody can tell. */
  isBeforeToday(atMs: number): boolean;
  report(): string;
}

/** A clock that goes back by less between two starts of the engine leaves no trace (book.ts records what is more). */
const unseenMs = 10 * 60 * 1000;

/** Both clocks are read one after the other, in whole milliseconds; a weighing takes longer than this. */
export const readingMs = 250;

/** Before the first event. */
export function newClock(): Clock {
  let last: BookEvent | null = null;
  let [earliest, latest] = [Infinity, -Infinity];
  let steps = 0;
  let setbacks = 0;
  let newest = { date: '', beganAt: 0, setbacks: 0 };
  let today = newest;

  return {
    take(event, place) {
      const { kind, at, day } = event;
      if (kind === 'CLOCK_STEP') steps += 1;
      if (isSetback(event, last)) setbacks += 1;
      last = event;
      earliest = Math.min(earliest, at);
      latest = Math.max(latest, at);
      if (day > newest.date) newest = { date: day, beganAt: at, setbacks };
      // Of what is done outside a shift the date is the clock's; a shift's never goes back, and limits of a day are asked of it.
      if (kind !== 'SHIFT_OPEN' && kind !== 'SALE' && kind !== 'CREDIT') return;
      if (day < today.date) throw new Lie('business dates', place, `is of ${day}, after acts of ${today.date}`);
      if (day > today.date) today = day === newest.date ? newest : { date: day, beganAt: at, setbacks };
    },
    setbacks: () => setbacks,
    isKnown: (atMs) => atMs >= earliest - unseenMs && atMs <= latest + unseenMs,
    isBeforeToday: (atMs) => setbacks === today.setbacks && atMs < today.beganAt,
    report: () => `none comes again after a later one; ${counted(steps, 'clock step')} of more than ten minutes`,
  };
}

/** Within one life of the engine the monotonic clock tells; a new life is told by the wall clock of the event before it. */
function isSetback(event: BookEvent, last: BookEvent | null): boolean {
  if (event.clk === 'back' || (event.kind === 'CLOCK_STEP' && event.body.to < event.body.from)) return true;
  if (last === null || event.kind === 'START') return false;
  return event.at - event.mono < last.at - last.mono - readingMs;
}
