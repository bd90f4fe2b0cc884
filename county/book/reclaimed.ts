// What became of points that the county reclaimed (reclaims.ts): what is left of a recycling credit, whose till may take it back as well,
// knowing nothing, and what expired before it was taken back; then the account has once more what was taken twice (reconciliation.md R3).
// Proposes and releases nothing.

import type { BookEvent } from '../../db/model/event.ts';
import { businessDate } from '../../db/model/time.ts';
import { type ReadableDatabase, type WritableDatabase, prepared } from '../../db/sqlite.ts';
import type { CountyAct } from './county-book.ts';
import { moved } from './ledger.ts';
import { giveBackWithdrawn } from './rights.ts';

/** The act of each row of awards that are taken back: the list, the account, the number of the taking back, its reason. */
export const takeBackKind = 'take_back';
/** Of each credit that is disallowed: its ticket, the account, the number, its reason. */
export const disallowKind = 'disallow';
/** Of each account of which points expire: the date, the account, the number, its reason. */
export const expireKind = 'expire';
/** Of what had expired and is taken back as well, so that it did not expire: the date, the account, the number of the expiry. */
export const notExpiredKind = 'not_expired';

/** Where a credit stands in its kiosk's row of events. */
export interface CreditPlace {
  readonly kiosk: string;
  readonly inc: number;
  readonly seq: number;
}

/** What is known of a credit; hundredths. */
export interface CreditState {
  readonly account: string;
  readonly points: number;
  /** What its till took back of it. */
  readonly reversed: number;
  /** Of that, what the account kept and the county bears: the rights there were the county's by then, as of an incarnation that ended. */
  readonly borne: number;
  /** What the county took back, less what the account has again because the till did so too. */
  readonly reclaimed: number;
}

/** A credit by its event; where that is lost, by the paper that was entered for it. Null: the book has neither. */
export function creditAt(db: ReadableDatabase, place: CreditPlace): CreditState | null {
  const { kiosk, inc, seq } = place;
  const event = prepared<[string, number, number], { account: string; points: number; reversed: number }>(
    db,
    `SELECT account, amt AS points, ${reversedOf('event')} AS reversed FROM event
      WHERE kiosk = ? AND inc = ? AND seq = ? AND kind = 'CREDIT' AND account IS NOT NULL`,
  ).get(kiosk, inc, seq);
  const paper = prepared<[string, number, number], { account: string; points: number }>(
    db,
    `SELECT account, points FROM lost_paper WHERE kiosk = ? AND inc = ? AND seq = ? AND kind = 'credit' AND NOT EXISTS (
       SELECT 1 FROM lost_paper_found AS found WHERE found.kiosk = lost_paper.kiosk AND found.inc = lost_paper.inc AND found.seq = lost_paper.seq)`,
  );
  const found = event ?? paper.get(kiosk, inc, seq);
  if (found === undefined) return null;
  const { reversed } = { reversed: 0, ...found };
  return { ...found, reversed, borne: reversed === 0 ? 0 : Math.min(reversed, borneOf(db, place)), reclaimed: reclaimedOf(db, place) };
}

/** What may still be taken back of a credit; hundredths. */
export function leftOfCredit({ points, reversed, borne, reclaimed }: CreditState): number {
  return Math.max(0, points - (reversed - borne) - reclaimed);
}

/** What was written off as a till took a credit back, less what of it was not lost, since the county took it back as well; hundredths. */
function borneOf(db: ReadableDatabase, { kiosk, inc, seq }: CreditPlace): number {
  return prepared<[string, number, number, string, number, number], { points: number }>(
    db,
    `SELECT coalesce(-sum(amount), 0) AS points FROM posting WHERE account = 'writeoff' AND commodity = 'PTS' AND entry IN (
       SELECT back.entry FROM event JOIN event AS back ON back.refers = event.id AND back.kind = 'CREDIT_REVERSED'
           AND back.kiosk = event.kiosk AND back.account = event.account
         WHERE event.kiosk = ? AND event.inc = ? AND event.seq = ? AND event.kind = 'CREDIT'
       UNION SELECT entry FROM reclaimed_twice WHERE kiosk = ? AND inc = ? AND seq = ?)`,
  ).get(kiosk, inc, seq, kiosk, inc, seq)!.points; // an aggregate has a row
}

/** What was reclaimed of a credit and is not given back; hundredths. */
export function reclaimedOf(db: ReadableDatabase, { kiosk, inc, seq }: CreditPlace): number {
  return prepared<[string, number, number, string, number, number], { points: number }>(
    db,
    `SELECT coalesce(sum(points), 0) AS points FROM (
       SELECT points FROM reclaimed WHERE kiosk = ? AND inc = ? AND seq = ? AND seq > 0
       UNION ALL SELECT -points FROM reclaimed_twice WHERE kiosk = ? AND inc = ? AND seq = ?) AS parts`,
  ).get(kiosk, inc, seq, kiosk, inc, seq)!.points; // an aggregate has a row
}

/** SQL of what the till took back of a credit, a row of event that `of` names: of two that have one id, which is raised, of the first. */
export function reversedOf(of: string): string {
  return `CASE WHEN EXISTS (SELECT 1 FROM event AS earlier WHERE earlier.id = ${of}.id AND earlier.kind = 'CREDIT'
        AND earlier.kiosk = ${of}.kiosk AND earlier.entry < ${of}.entry) THEN 0
      ELSE (SELECT coalesce(sum(amt), 0) FROM event AS back WHERE back.refers = ${of}.id AND back.kind = 'CREDIT_REVERSED'
        AND back.kiosk = ${of}.kiosk AND back.account = ${of}.account) END`;
}

/**
 * A credit was reclaimed and its till took it back, in either order, each perhaps in parts: what both took is the account's again, as if the
 * county had not; but first it ends what the county bears of it, which the account has kept. Returns what the account has again; hundredths.
 */
export function giveBackTwice(act: CountyAct, place: CreditPlace, entry: number): number {
  const credit = creditAt(act.db, place);
  if (credit === null) return 0;
  const { account, points, reversed, borne, reclaimed } = credit;
  const twice = Math.max(0, Math.min(reclaimed, reversed + reclaimed - points));
  if (twice === 0) return 0;
  const issue = { account: 'recycling_issue', at: place.kiosk } as const;
  const kept = Math.min(twice, borne);
  act.post(moved(issue, { account: 'writeoff', holder: account, at: place.kiosk }, kept));
  giveBackWithdrawn(act, account, { amount: twice - kept, entry, from: issue });
  keepTwice(act.db, { ...place, account, points: twice, entry });
  return twice - kept;
}

/**
 * What was given on a day was taken back of an account, and points of that day or before had expired of it meanwhile: as many of those did not
 * expire, as if it had been taken back first. So nobody owes twice what they had once, whichever comes first. `amount`: what was taken back.
 * Enters an act for each expiry that it undoes in part.
 */
export function giveBackExpired(
  act: CountyAct,
  account: string,
  { amount, givenOn }: { readonly amount: number; readonly givenOn: string },
): void {
  let left = amount;
  for (const { number, through, points } of expiredSince(act.db, account, givenOn)) {
    const back = Math.min(left, points);
    if (back <= 0) continue;
    const entry = act.enter(notExpiredKind, `${through} ${account} ${number}`);
    giveBackWithdrawn(act, account, { amount: back, entry, from: { account: 'issuance' } });
    keepTwice(act.db, { ...placeOfExpiry(number), account, points: back, entry });
    left -= back;
  }
}

/** What expired of an account though it was given on this day or before, less what is given back of it; hundredths. */
export function expiredOf(db: ReadableDatabase, account: string, givenOn: string): number {
  return expiredSince(db, account, givenOn).reduce((sum, { points }) => sum + points, 0);
}

/** What is given back of an expiry is kept by this place, which no credit has. */
function placeOfExpiry(number: number): CreditPlace {
  return { kiosk: '', inc: 0, seq: number };
}

interface ExpiredPart {
  readonly number: number;
  readonly through: string;
  readonly points: number;
}

/** What expired of an account through this day or a later one, less what is given back of it; the oldest date first. Hundredths. */
function expiredSince(db: ReadableDatabase, account: string, day: string): readonly ExpiredPart[] {
  const expired = prepared<[string, string], ExpiredPart>(
    db,
    `SELECT reclaim.number AS number, about AS through, reclaimed.points AS points FROM reclaimed JOIN reclaim ON reclaim.number = reclaimed.number
      WHERE reclaimed.account = ? AND kind = 'expiry' AND about >= ? ORDER BY about, reclaim.number`,
  ).all(account, day);
  if (expired.length === 0) return [];
  // by the account alone: rows that are given back of one expiry may be of all accounts
  const back = prepared<[string], CreditPlace & { readonly points: number }>(
    db,
    'SELECT kiosk, inc, seq, points FROM reclaimed_twice WHERE account = ?',
  ).all(account);
  const backOf = (of: number): number =>
    back.reduce((sum, { kiosk, seq, points }) => sum + (kiosk === placeOfExpiry(of).kiosk && seq === of ? points : 0), 0);
  return expired.map((each) => ({ ...each, points: each.points - backOf(each.number) }));
}

/** The business date of a credit that the book has; of one that was entered by its paper the day of that. */
export function dayOfCredit(db: ReadableDatabase, { kiosk, inc, seq }: CreditPlace): string {
  const event = prepared<[string, number, number], { line: string }>(
    db,
    `SELECT line FROM event WHERE kiosk = ? AND inc = ? AND seq = ? AND kind = 'CREDIT'`,
  ).get(kiosk, inc, seq);
  if (event !== undefined) return (JSON.parse(event.line) as BookEvent).day; // posted as an event
  const paper = prepared<[string, number, number], { at: number }>(
    db,
    'SELECT at FROM lost_paper JOIN act ON act.entry = lost_paper.entry WHERE kiosk = ? AND inc = ? AND seq = ?',
  ).get(kiosk, inc, seq)!; // the one or the other is there
  return businessDate(paper.at);
}

function keepTwice(
  db: WritableDatabase,
  { entry, account, kiosk, inc, seq, points }: CreditPlace & { readonly account: string; readonly points: number; readonly entry: number },
): void {
  prepared(db, 'INSERT INTO reclaimed_twice (entry, account, kiosk, inc, seq, points) VALUES (?, ?, ?, ?, ?, ?)').run(
    entry,
    account,
    kiosk,
    inc,
    seq,
    points,
  );
}

/** The place of the credit that has this id at a kiosk; null: none came. */
export function placeOfCredit(db: ReadableDatabase, kiosk: string, id: string): CreditPlace | null {
  const row = prepared<[string, string], { inc: number; seq: number }>(
    db,
    `SELECT inc, seq FROM event WHERE id = ? AND kiosk = ? AND kind = 'CREDIT' ORDER BY entry LIMIT 1`,
  ).get(id, kiosk);
  return row === undefined ? null : { kiosk, ...row };
}
