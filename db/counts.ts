// Counts of the drawer as they stand in the book, and whether one still says what is in it. Writes nothing.

import { type Fen, fen } from './model/amounts.ts';
import type { BookEvent, DrawerCountedBody } from './model/event.ts';
import { type ReadableDatabase, prepared } from './sqlite.ts';

export type CountEvent = BookEvent & { readonly kind: 'DRAWER_COUNTED' };

/**
 * The count, where an end of that purpose may rely on it: it is the newest of its purpose, no shift or day began or ended and no
 * cash moved since. Else null.
 */
export function standingCount(
  db: ReadableDatabase,
  { countId, purpose }: { readonly countId: string; readonly purpose: DrawerCountedBody['purpose'] },
): CountEvent | null {
  const row = prepared<[string], { line: string }>(db, `SELECT line FROM event WHERE id = ? AND kind = 'DRAWER_COUNTED'`).get(countId);
  if (row === undefined) return null;
  const count = JSON.parse(row.line) as CountEvent; // the book's own line, of that kind
  if (count.body.purpose !== purpose) return null;
  const since = prepared<[number, number], { n: number }>(
    db,
    `SELECT EXISTS (SELECT 1 FROM event WHERE kind IN ('SHIFT_OPEN', 'SHIFT_CLOSED', 'DAY_CLOSED') AND seq > ?)
       OR EXISTS (SELECT 1 FROM posting WHERE seq > ? AND account = 'cash/drawer') AS n`,
  ).get(count.seq, count.seq)!; // a row always comes
  if (since.n !== 0) return null;
  const later = prepared<[number], { line: string }>(db, `SELECT line FROM event WHERE seq > ? AND kind = 'DRAWER_COUNTED'`);
  for (const { line } of later.iterate(count.seq)) if ((JSON.parse(line) as CountEvent).body.purpose === purpose) return null; // as above
  return count;
}

/** What the counts for an end other than this one were over or short by, oldest first, since the end before. */
export function recountsFen(db: ReadableDatabase, countId: string): readonly Fen[] {
  return prepared<[string], { line: string }>(
    db,
    `SELECT line FROM event WHERE kind = 'DRAWER_COUNTED' AND id <> ? AND seq > coalesce(
       (SELECT max(seq) FROM event WHERE kind IN ('SHIFT_OPEN', 'SHIFT_CLOSED', 'DAY_CLOSED') AND kind <> 'SHIFT_OPEN'), 0) ORDER BY seq`,
  )
    .all(countId)
    .map(({ line }) => (JSON.parse(line) as CountEvent).body) // the book's own line, of that kind
    .flatMap(({ purpose, countedFen, expectedFen }) => (purpose === 'check' ? [] : [fen(countedFen - expectedFen)]));
}
