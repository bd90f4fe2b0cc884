// What is looked at after each night: the rules that the tables tell, over the whole book, and what kiosks told this week in three ways. What
// is not true is the committee's; the county goes on.

import { dayMs } from '../../db/model/time.ts';
import { enterChecked, lastChecked } from './checked.ts';
import type { CountyBook } from './county-book.ts';
import { raiseAgain } from './exceptions.ts';
import { checkLine, identityRule, lookThrough } from './invariants.ts';
import { comparedLine, threeWay } from './three-way.ts';

/** A kiosk that was off for some days is compared when its files come; the whole is compared by `county -- check`. */
const comparedDays = 8;

/**
 * Looks, raises what is not true, and returns what the journal says: the breaks, the identity of the day, the comparison in one line. `until`:
 * once that is aborted, it throws before its next turn of the book, having written nothing.
 */
export async function checkAfterNight(book: CountyBook, until?: AbortSignal): Promise<readonly string[]> {
  const { checks, found } = await lookThrough(book, { kept: await book.read(lastChecked), until });
  const compared = await threeWay(book, { since: book.wallMs() - comparedDays * dayMs });
  const broken = checks.filter(({ place }) => place !== null);
  const unnamed = compared.filter(({ outcome }) => outcome.kind === 'unnamed');
  const details = [
    ...broken.map(({ rule, place }) => ({ kiosk: '', inc: 0, detail: `R6 ${rule}: ${place!}` })), // asked just before
    ...unnamed.map(({ kiosk, inc, what, outcome }) => ({ kiosk, inc, detail: `${what}: ${'why' in outcome ? outcome.why : ''}` })),
  ];
  await book.transact((act) => {
    for (const each of details) raiseAgain(act.db, { ...each, fileSeq: 0, seq: 0, code: 'book_untrue', at: book.wallMs() });
    if (found !== null) enterChecked(act, found);
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
