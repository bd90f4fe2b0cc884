// Whether the projections still say what the events say (reconciliation.md R6, 5), as far as an opening has time for it:
// the postings of the newest events, and every account's rights. The whole fold is `npm run verify`.

import { points } from './model/amounts.ts';
import type { BookEvent } from './model/event.ts';
import { type Posting, givenUpPostings, postingsOf } from './model/postings.ts';
import { type ReadableDatabase, prepared } from './sqlite.ts';

/** What the stored postings of one event say otherwise than the event does, or null. Grants come from a file, and are not asked. */
export function misposted(db: ReadableDatabase, event: BookEvent): string | null {
  if (event.kind === 'DOWN_APPLIED') return null;
  if (event.kind === 'RESTORED') return misgivenUp(db, event.seq);
  const stored = prepared<[number], Posting>(db, 'SELECT account, holder, commodity, amount FROM posting WHERE seq = ? ORDER BY n').all(
    event.seq,
  );
  const told = foldOf(event);
  if (told === null) return 'its sums do not add up';
  const isSame = stored.length === told.length && told.every((posting, n) => isSamePosting(posting, stored[n]!));
  return isSame ? null : 'its postings are not what it says';
}

/** An account whose rights are not what its counters make (R6, 3 and 5), or null. Milliseconds for 20,000 accounts. */
export function misheld(db: ReadableDatabase): string | null {
  const unequal = prepared<[], { id: string }>(
    db,
    `SELECT account_id AS id FROM counter LEFT JOIN balance ON account = 'esc' AND commodity = 'PTS' AND holder = account_id
      WHERE granted - returned + credited - uncredited - spent + unspent + overfunded <> coalesce(amount, 0) LIMIT 1`,
  ).get();
  const uncounted = prepared<[], { id: string }>(
    db,
    `SELECT holder AS id FROM balance LEFT JOIN counter ON account_id = holder WHERE account = 'esc' AND account_id IS NULL LIMIT 1`,
  ).get();
  const found = unequal ?? uncounted;
  return found === undefined ? null : `the rights of account ${found.id} are not what its counters make`;
}

/**
 * A restored kiosk gave up all rights, each account's in two rows. So what an account holds is what came since: that asks the rows of
 * one incarnation, not of five years.
 */
function misgivenUp(db: ReadableDatabase, seq: number): string | null {
  const rows = prepared<[number], Posting>(db, 'SELECT account, holder, commodity, amount FROM posting WHERE seq = ? ORDER BY n').all(seq);
  const holders = rows.filter(({ account }) => account === 'esc');
  const told = holders.flatMap(({ holder, amount }) => givenUpPostings(holder, points(Math.abs(amount))));
  const isPaired = rows.length === told.length && told.every((posting, n) => isSamePosting(posting, rows[n]!));
  if (!isPaired || holders.some(({ holder }, n) => n > 0 && holder <= holders[n - 1]!.holder)) return 'its postings give up no rights';
  const kept = prepared<[number], { holder: string }>(
    db,
    `SELECT balance.holder FROM balance LEFT JOIN (
         SELECT holder, sum(amount) AS since FROM posting WHERE seq > ? AND account = 'esc' GROUP BY holder
       ) AS moved ON moved.holder = balance.holder
      WHERE account = 'esc' AND amount <> coalesce(since, 0) LIMIT 1`,
  ).get(seq);
  return kept === undefined ? null : `account ${kept.holder} has rights from before it`;
}

/** Null where the event contradicts itself: postingsOf asserts what a sale must add up to. */
function foldOf(event: BookEvent): readonly Posting[] | null {
  try {
    return postingsOf(event);
  } catch {
    return null; // its bytes are signed, so the program that wrote it was wrong: the book is refused and says where
  }
}

function isSamePosting(a: Posting, b: Posting): boolean {
  return a.account === b.account && a.holder === b.holder && a.commodity === b.commodity && a.amount === b.amount;
}
