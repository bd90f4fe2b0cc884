// How long the committee has signed no root of the log (reconciliation.md R5), told to people before an outsider finds it: what nobody beside
// the county has signed, the county could still write anew. Stops nothing.

import { businessDate, dayMs } from '../../db/model/time.ts';
import { type ReadableDatabase, prepared } from '../../db/sqlite.ts';
import type { CountyBook } from './county-book.ts';
import { raiseException } from './exceptions.ts';

/** As long as a kiosk may go without the county (R3, D): the committee signs once a week, on the day that it likes. */
export const silenceDays = 7;

export interface Silence {
  /** The day of the newest root that it signed; null: it signed none since it was named. */
  readonly signedDay: string | null;
  /** Since when a root waits for it. */
  readonly sinceDay: string;
  readonly days: number;
}

/** null: there is no committee, or it is not silent, or there is nothing for it to sign. `now`: epoch ms. */
export function committeeSilence(db: ReadableDatabase, now: number): Silence | null {
  if (prepared(db, 'SELECT 1 FROM committee_key').get() === undefined) return null;
  const signed = prepared<[], { day: string; size: number }>(
    db,
    `SELECT day, size FROM log_root WHERE size = (
       SELECT max(size) FROM log_cosignature WHERE name IN (SELECT name FROM committee_key))`,
  ).get();
  const from = signed === undefined ? namedOn(db) : '';
  const waiting = prepared<[number, string], { day: string | null }>(
    db,
    'SELECT min(day) AS day FROM log_root WHERE size > ? AND day >= ?',
  ).get(signed?.size ?? 0, from)!.day; // an aggregate has a row
  if (waiting === null) return null;
  const days = Math.round((timeOf(businessDate(now)) - timeOf(waiting)) / dayMs);
  return days <= silenceDays ? null : { signedDay: signed?.day ?? null, sinceDay: waiting, days };
}

/** The committee's own, once for each time that it falls silent, and again where it is so still as long after people answered. */
export function raiseSilence(book: CountyBook): Promise<void> {
  return book.transact(({ db }) => {
    const now = book.wallMs();
    const silence = committeeSilence(db, now);
    if (silence === null) return;
    const before = prepared<[], { isAnswered: number; at: number | null }>(
      db,
      `SELECT CASE WHEN exception_answer.at IS NULL THEN 0 ELSE 1 END AS "isAnswered", exception_answer.at AS at FROM exception
         LEFT JOIN exception_answer ON exception_answer.exception = exception.number WHERE code = 'committee_silent'
        ORDER BY exception.number DESC LIMIT 1`,
    ).get();
    if (before !== undefined && (before.isAnswered === 0 || now - (before.at ?? 0) < silenceDays * dayMs)) return;
    const { signedDay, sinceDay, days } = silence;
    const detail = `the committee signed ${signedDay === null ? 'no root yet' : `last the root of ${signedDay}`}; for ${days} days one of ${sinceDay} waits`;
    raiseException(db, { kiosk: '', inc: 0, fileSeq: 0, seq: 0, code: 'committee_silent', detail, at: now });
  });
}

/** What was logged before there was a committee is no silence of it. '': a book that was put back may not know. */
function namedOn(db: ReadableDatabase): string {
  const { at } = prepared<[], { at: number | null }>(
    db,
    `SELECT min(at) AS at FROM act WHERE kind = 'keys' AND about LIKE 'committee %'`,
  ).get()!; // an aggregate has a row
  return at === null ? '' : businessDate(at);
}

/** Of two such days the difference is whole days. */
function timeOf(day: string): number {
  return Date.parse(`${day}T00:00:00Z`);
}
