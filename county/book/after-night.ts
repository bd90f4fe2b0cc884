// What is looked at after each night: the rules that the tables tell of what came since they were looked at last, once a week of the whole
// book, and what kiosks told this week in three ways. What is not true is the committee's; the county goes on.

import { dayMs } from '../../db/model/time.ts';
import type { ReadableDatabase } from '../../db/sqlite.ts';
import { type Checked, checkedBefore, checkedNow, enterChecked, nothingChecked } from './checked.ts';
import type { CountyBook } from './county-book.ts';
import { raiseAgain } from './exceptions.ts';
import { type Check, checkLine, checkTables, identityRule } from './invariants.ts';
import { comparedLine, threeWay } from './three-way.ts';

/** A kiosk that was off for some days is compared when its files come; the whole is compared by `county -- check`. */
const comparedDays = 8;

/** Looks, raises what is not true, and returns what the journal says: the breaks, the identity of the day, the comparison in one line. */
export async function checkAfterNight(book: CountyBook): Promise<readonly string[]> {
  const { checks, checked } = await book.read((db) => lookTonight(db, book.wallMs()));
  const compared = await threeWay(book, { since: book.wallMs() - comparedDays * dayMs });
  const broken = checks.filter(({ place }) => place !== null);
  const unnamed = compared.filter(({ outcome }) => outcome.kind === 'unnamed');
  const details = [
    ...broken.map(({ rule, place }) => ({ kiosk: '', inc: 0, detail: `R6 ${rule}: ${place!}` })), // asked just before
    ...unnamed.map(({ kiosk, inc, what, outcome }) => ({ kiosk, inc, detail: `${what}: ${'why' in outcome ? outcome.why : ''}` })),
  ];
  await book.transact((act) => {
    for (const each of details) raiseAgain(act.db, { ...each, fileSeq: 0, seq: 0, code: 'book_untrue', at: book.wallMs() });
    if (checked !== null) enterChecked(act, checked);
  });
  const outcomes = new Map<string, number>();
  for (const { outcome } of compared) {
    const name = outcome.kind === 'differs' ? outcome.cause : outcome.kind;
    outcomes.set(name, (outcomes.get(name) ?? 0) + 1);
  }
  return [
    ...broken.map(checkLine),
    ...unnamed.map(comparedLine),
    ...checks.filter((each) => each.rule === identityRule && each.place === null).map(checkLine),
    `compared in three ways: ${[...outcomes].map(([name, n]) => `${n} ${name}`).join(', ') || 'nothing'}`,
  ];
}

const holds = ({ place }: Check): boolean => place === null;

/**
 * Where what came since does not hold, all of the book is looked at, for the place. If that holds, what was there before is another than it
 * was. `checked`: how the book stands, where it holds.
 */
function lookTonight(db: ReadableDatabase, now: number): { readonly checks: readonly Check[]; readonly checked: Checked | null } {
  const before = checkedBefore(db, now);
  const since = checkTables(db, before);
  if (since.every(holds)) return { checks: since, checked: checkedNow(db, before, now) };
  if (before.entry === 0) return { checks: since, checked: null };
  const all = checkTables(db, nothingChecked);
  return all.every(holds) ? { checks: since, checked: checkedNow(db, nothingChecked, now) } : { checks: all, checked: null };
}
