// Whether an act was done already: its id is made before it starts, so that an answer that was lost and a second press are
// the same act (reconciliation.md R6, 6). Reads only.

import { commandHash } from './book.ts';
import type { Plain } from './model/canonical.ts';
import type { BookEvent } from './model/event.ts';
import { type Result, fail, ok } from './model/result.ts';
import { type ReadableDatabase, prepared } from './sqlite.ts';

/** The event that this act wrote, null where it was not done yet; `other_content` where its id is another act's. */
export function earlierAct(db: ReadableDatabase, actId: string, command: Plain): Result<BookEvent | null, 'other_content'> {
  const row = prepared<[string], { line: string }>(db, 'SELECT line FROM event WHERE id = ?').get(actId);
  if (row === undefined) return ok(null);
  const event = JSON.parse(row.line) as BookEvent; // the book's own line
  return event.cmdHash === commandHash(command) ? ok(event) : fail('other_content');
}
