// Why an award was given, in the words of its list: an act before each run of awards of one reason, as a list is posted. So the resident's
// statement says it without the list, which may have a million rows. Books from before this have none.

import { type ReadableDatabase, prepared } from '../../db/sqlite.ts';
import type { CountyAct } from './county-book.ts';
import { sliceRows } from './slices.ts';

/** No row of the book's hangs on it, and it moves nothing. */
const reasonKind = 'award_reason';

/** Says the reason of the awards that are posted next, in the same turn of the book. */
export function sayReason(act: CountyAct, { batch, reason }: { readonly batch: number; readonly reason: string }): void {
  act.enter(reasonKind, `${batch} ${reason}`);
}

/** A turn posts a slice, and says a reason before each row at most. */
const furthest = 2 * sliceRows;

/** The reason of the award that was posted as `entry`; '' where the book does not have it. */
export function reasonOf(db: ReadableDatabase, { batch, entry }: { readonly batch: string; readonly entry: number }): string {
  const said = prepared<[string, number, number], { about: string }>(
    db,
    'SELECT about FROM act WHERE kind = ? AND entry BETWEEN ? AND ? ORDER BY entry DESC LIMIT 1',
  ).get(reasonKind, entry - furthest, entry)?.about;
  return said?.startsWith(`${batch} `) === true ? said.slice(batch.length + 1) : '';
}
