// Whether the time on the county's own clock can be: what a file to a kiosk says of time stays said, so that a clock years ahead for one
// night would end every card and every roaming line for years (reconciliation.md R6, 30). Sets no clock.

import { type Result, fail, ok } from '../../db/model/result.ts';
import { businessDate, dayMs } from '../../db/model/time.ts';
import { type ReadableDatabase, prepared } from '../../db/sqlite.ts';
import { personOf } from './awards.ts';
import type { CountyBook } from './county-book.ts';
import { raiseException } from './exceptions.ts';
import { isUnanswered } from './unanswered.ts';

/** Days by which the clock may be ahead of everything that the book knows before a person is asked: a server that was off for a holiday. */
export const leapDaysMax = 7;

/** What the clock says, and the newest day that the book knows of. */
export interface ClockLeap {
  readonly day: string;
  readonly known: string;
}

/**
 * How far the county's clock is ahead of what the book knows: its own newest files, what kiosks told of their own time, and what a person
 * has confirmed. Null: not too far. One kiosk alone is not believed: its clock may be wrong as well. A demo's files are of the day that it
 * was made for, and a county without a file has told nothing yet: neither is asked about.
 */
export function clockLeap(book: CountyBook, db: ReadableDatabase): ClockLeap | null {
  if (book.isDemo) return null;
  const now = book.wallMs();
  const reach = leapDaysMax * dayMs;
  const told = newestFiles(db);
  if (told.length === 0) return null;
  const known = Math.max(...told);
  if (now <= known + reach) return null;
  const believed = Math.max(known, secondNewest(kioskTimes(db)), confirmedTime(db));
  return now <= believed + reach ? null : { day: businessDate(now), known: businessDate(believed) };
}

function newestFiles(db: ReadableDatabase): readonly number[] {
  return prepared<[], { at: number | null }>(
    db,
    'SELECT (SELECT max(as_of) FROM down_file WHERE down_file.kiosk = kiosk.kiosk) AS at FROM kiosk',
  )
    .all()
    .flatMap(({ at }) => at ?? []);
}

/** When each kiosk did what it told last, by its own clock. */
function kioskTimes(db: ReadableDatabase): readonly number[] {
  return prepared<[], { line: string }>(
    db,
    `SELECT line FROM chain JOIN event ON event.kiosk = chain.kiosk AND event.inc = chain.inc AND event.seq = chain.to_seq
      WHERE chain.inc = (SELECT max(inc) FROM chain AS other WHERE other.kiosk = chain.kiosk)`,
  )
    .all()
    .map(({ line }) => (JSON.parse(line) as { readonly at: number }).at); // posted as an event
}

function secondNewest(times: readonly number[]): number {
  return times.toSorted((a, b) => b - a)[1] ?? 0;
}

const confirmedKind = 'clock';

function confirmedTime(db: ReadableDatabase): number {
  const days = prepared<[string], { about: string }>(db, 'SELECT about FROM act WHERE kind = ?')
    .all(confirmedKind)
    .map(({ about }) => Date.parse(`${about.slice(0, 'YYYY-MM-DD'.length)}T00:00:00+08:00`));
  return Math.max(0, ...days);
}

/** The clerk hears of it, once for each time that it is found so. */
export function raiseLeap(book: CountyBook, { day, known }: ClockLeap): Promise<void> {
  return book.transact(({ db }) => {
    const isOpen = prepared<[], object>(db, `SELECT 1 FROM exception WHERE code = 'clock' AND ${isUnanswered}`).get();
    if (isOpen !== undefined) return;
    const detail = `the server's clock says ${day}, and nothing that it knows is later than ${known}: no night runs`;
    raiseException(db, { kiosk: '', inc: 0, fileSeq: 0, seq: 0, code: 'clock', detail, at: book.wallMs() });
  });
}

/** A person has looked at a calendar: the day that they type must be the one that the clock says. */
export function confirmClock(
  book: CountyBook,
  { day, by }: { readonly day: string; readonly by: string },
): Promise<Result<null, 'nobody' | 'other_day'>> {
  return book.transact((act) => {
    if (personOf(by) === '') return fail('nobody');
    if (day !== businessDate(book.wallMs())) return fail('other_day');
    act.enter(confirmedKind, `${day} by ${by}`);
    return ok(null);
  });
}
