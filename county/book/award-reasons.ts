// Why an award was given, in the words of its list: an act before each run of awards of one reason, of a slice at most, as a list is posted. So
// the resident's statement says it without the list, which may have a million rows. Books from before this have none.

import { type ReadableDatabase, prepared } from '../../db/sqlite.ts';
import type { CountyAct } from './county-book.ts';
import { sliceRows } from './slices.ts';

/** No row of the book's hangs on it, and it moves nothing. */
const reasonKind = 'award_reason';

/** Says the reason of the awards that are posted next, in the same turn of the book: of a slice of them at most, for reasonOf looks no further. */
export function sayReason(act: CountyAct, { batch, reason }: { readonly batch: number; readonly reason: string }): void {
  act.enter(reasonKind, `${batch} ${reason}`);
}

/** The reason of the award that was posted as `entry`; '' where the book does not have it. */
export function reasonOf(db: ReadableDatabase, { batch, entry }: { readonly batch: string; readonly entry: number }): string {
  const said = prepared<[string, number, number], { about: string }>(
    db,
    'SELECT about FROM act WHERE kind = ? AND entry BETWEEN ? AND ? ORDER BY entry DESC LIMIT 1',
  ).get(reasonKind, entry - sliceRows, entry)?.about;
  return said?.startsWith(`${batch} `) === true ? said.slice(batch.length + 1) : '';
}
