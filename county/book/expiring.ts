// Which points of which accounts expire for a date (reconciliation.md R3; R22 of schemes.md): first in, first out, what was given until the
// end of that date and is not used yet. Only reckons: nothing moves, and nobody is asked. An account whose spending may still be on its way
// is left out, for nobody pays for a shop that is late.

import { setImmediate as othersHadTheirTurn } from 'node:timers/promises';
import type { BookEvent } from '../../db/model/event.ts';
import { businessDate, dayMs } from '../../db/model/time.ts';
import { type ReadableDatabase, prepared } from '../../db/sqlite.ts';
import { advancedBetween } from './advances.ts';
import type { CountyBook } from './county-book.ts';
import { isUnanswered } from './unanswered.ts';

/** What the reckoning for a date goes by and that stays as it is while a long one is reckoned: asked once. */
export interface Reckoning {
  /** The last business date whose points expire, YYYY-MM-DD. */
  readonly through: string;
  /** The first moment after it, epoch ms. */
  readonly since: number;
  /** No credit with a later date was posted up to this entry. */
  readonly creditsAfter: number;
  /** No act of the county that was entered since is up to this entry. */
  readonly actsAfter: number;
  /** Acts by which files of after the date were brought in, of before there was a book. */
  readonly imports: readonly number[];
  /** The first act since by which the county advanced points that it had told of, in a book that was put back; null: none. */
  readonly advancedFrom: number | null;
  /** Shops that people gave up and that were not heard again: nobody waits for a line there. */
  readonly givenUp: ReadonlySet<string>;
}

/** An account with points that would expire, in hundredths. `waitsFor`: shops that were not heard, while it has anything there; none: they do. */
export interface Expiring {
  readonly account: string;
  readonly points: number;
  readonly waitsFor: readonly string[];
}

/** Reads what a reckoning for a date goes by, in slices. `through`: a business date that is over (isOver). */
export async function reckonThrough(book: Pick<CountyBook, 'read'>, through: string): Promise<Reckoning> {
  const since = Date.parse(`${through}T00:00:00+08:00`) + dayMs;
  const acts = await lookThroughActs(book, since);
  return book.read((db) => ({
    through,
    since,
    creditsAfter: creditsAfter(db, through),
    actsAfter: acts.after,
    imports: acts.imports,
    advancedFrom: acts.advancedFrom,
    givenUp: givenUpSince(db, acts.givenUp),
  }));
}

/** What the county's own acts tell: `after` as actsAfter; the acts by which shops were given up. */
interface ActsFound {
  after: number;
  advancedFrom: number | null;
  readonly imports: number[];
  readonly givenUp: { readonly entry: number; readonly about: string }[];
}

/** They have no index but their numbers, and each row of a list is one: a county of years has millions. */
async function lookThroughActs(book: Pick<CountyBook, 'read'>, since: number): Promise<ActsFound> {
  const newest = await book.read(
    (db) => prepared<[], { entry: number | null }>(db, 'SELECT max(entry) AS entry FROM act').get()!.entry ?? 0,
  ); // an aggregate has a row
  const found: ActsFound = { after: newest, advancedFrom: null, imports: [], givenUp: [] };
  for (let from = 0; from < newest; from += actsAtOnce) {
    await othersHadTheirTurn();
    await book.read((db) => lookAtActs(db, found, { from, through: from + actsAtOnce, since }));
  }
  return found;
}

function lookAtActs(
  db: ReadableDatabase,
  found: ActsFound,
  { from, through, since }: { readonly from: number; readonly through: number; readonly since: number },
): void {
  if (found.after >= from) {
    const { first } = prepared<[number, number, number], { first: number | null }>(
      db,
      'SELECT min(entry) AS first FROM act WHERE entry > ? AND entry <= ? AND at >= ?',
    ).get(from, through, since - clockSlackMs)!; // an aggregate has a row
    if (first !== null) found.after = Math.min(found.after, first - 1);
  }
  const told = prepared<[number, number], { entry: number; kind: string; about: string; at: number; asOf: number | null }>(
    db,
    `SELECT act.entry AS entry, kind, about, at, as_of AS "asOf" FROM act LEFT JOIN down_file ON kind = 'import' AND down_file.entry = act.entry
      WHERE act.entry > ? AND act.entry <= ? AND kind IN ('import', 'advanced', 'release') ORDER BY act.entry`,
  ).all(from, through);
  for (const { entry, kind, about, at, asOf } of told)
    if (kind === 'release') found.givenUp.push({ entry, about });
    else if (kind === 'import' && asOf !== null && asOf >= since) found.imports.push(entry);
    else if (kind === 'advanced' && at >= since) found.advancedFrom ??= entry;
}

/** A hundredth of a second or two of the book's turn. */
const actsAtOnce = 50_000;

/** The accounts after one of this name, in the order of the book, `most` of them. */
export function accountsAfter(db: ReadableDatabase, after: string, most: number): readonly string[] {
  return prepared<[string, number], { account: string }>(db, 'SELECT account FROM account WHERE account > ? ORDER BY account LIMIT ?')
    .all(after, most)
    .map(({ account }) => account);
}

/** SQL of postings of a range of accounts. The index of postings by accounts has no other: SQLite must be told that these are among them. */
const inRange = `holder <> '' AND holder BETWEEN ? AND ?`;

/** Accounts between two names, both inclusive. */
export interface Range {
  readonly first: string;
  readonly last: string;
}

/**
 * What expires of the accounts in a range, as the book stands now, in order; accounts of which nothing does are left out. First in, first out:
 * of what an account has, all that is more than it was given since. What was spent, came back with goods or is owed counts with the oldest.
 */
export function expiringOf(db: ReadableDatabase, reckoning: Reckoning, range: Range): readonly Expiring[] {
  const has = heldBy(db, range);
  if (has.length === 0) return [];
  const given = givenSince(db, reckoning, range);
  const waits = waitsFor(db, reckoning, range);
  return has.flatMap(({ account, points }) => {
    const old = points - (given.get(account) ?? 0);
    return old > 0 ? [{ account, points: old, waitsFor: waits.get(account) ?? [] }] : [];
  });
}

/** All that an account has in the county, less what it owes; those that have anything. */
function heldBy(db: ReadableDatabase, { first, last }: Range): readonly { readonly account: string; readonly points: number }[] {
  return prepared<[string, string], { account: string; points: number }>(
    db,
    `SELECT holder AS account, sum(amount) AS points FROM balance
      WHERE account IN ('main', 'esc', 'due', 'overdraft') AND commodity = 'PTS' AND holder BETWEEN ? AND ?
      GROUP BY holder HAVING sum(amount) > 0 ORDER BY holder`,
  ).all(first, last);
}

/** What each account of a range was given after the date, less what was taken back of it. */
function givenSince(db: ReadableDatabase, reckoning: Reckoning, range: Range): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  const parts = [...awardedSince(db, reckoning, range), ...creditedSince(db, reckoning, range), ...otherwiseSince(db, reckoning, range)];
  for (const { account, points } of parts) sums.set(account, (sums.get(account) ?? 0) + Math.max(0, points));
  return sums;
}

interface Part {
  readonly account: string;
  readonly points: number;
}

/** Lists that were released since, whenever their rows were posted: in a book that was put back one is posted again long after. */
function awardedSince(db: ReadableDatabase, { since, actsAfter }: Reckoning, { first, last }: Range): readonly Part[] {
  const batches = prepared<[number, number], { batch: number }>(
    db,
    'SELECT batch FROM award_release WHERE at >= ? UNION SELECT batch FROM award_releasing WHERE at >= ?',
  ).all(since, since);
  if (batches.length === 0) return [];
  const isSince = new Set(batches.map(({ batch }) => String(batch)));
  const given = prepared<[string, string, number], Part & { about: string }>(
    db,
    `SELECT holder AS account, about, amount AS points FROM posting JOIN act ON act.entry = posting.entry
      WHERE ${inRange} AND posting.entry > ? AND posting.account = 'main' AND commodity = 'PTS' AND amount > 0 AND act.kind = 'award'`,
  ).all(first, last, actsAfter);
  const taken = new Map<string, number>(
    prepared<[string, string], Part & { batch: number }>(
      db,
      'SELECT account, batch, sum(points) AS points FROM taken_back WHERE account BETWEEN ? AND ? GROUP BY account, batch',
    )
      .all(first, last)
      .map(({ account, batch, points }) => [`${batch} ${account}`, points] as const),
  );
  return given
    .filter(({ about }) => isSince.has(about.slice(0, about.indexOf(' '))))
    .map(({ account, about, points }) => ({ account, points: points - (taken.get(about) ?? 0) }));
}

/** A clock that was put right while a list was posted: its rows may be dated before its release. */
const clockSlackMs = 7 * dayMs;

/** Credits by their own business dates, less what their tills reversed and what the county disallowed. */
function creditedSince(db: ReadableDatabase, { through, creditsAfter: after }: Reckoning, range: Range): readonly Part[] {
  const { first, last } = range;
  const ofRange = `posting JOIN event ON event.entry = posting.entry
      WHERE ${inRange} AND posting.entry > ? AND posting.account IN ('main', 'esc') AND commodity = 'PTS' AND amount > 0
        AND event.kind = 'CREDIT'`;
  const credits = prepared<[string, string, number], Part & { id: string; place: string; line: string }>(
    db,
    `SELECT holder AS account, amount AS points, event.id AS id, ${placeOf('event')} AS place, line FROM ${ofRange}`,
  ).all(first, last, after);
  const later = credits.filter(({ line }) => (JSON.parse(line) as BookEvent).day > through); // posted as an event
  if (later.length === 0) return [];
  const reversed = new Map(
    prepared<[string, string, number], { id: string; points: number }>(
      db,
      `SELECT credit.id AS id, sum(back.amt) AS points FROM (SELECT event.id AS id FROM ${ofRange}) AS credit
         JOIN event AS back ON back.refers = credit.id AND back.kind = 'CREDIT_REVERSED' GROUP BY credit.id`,
    )
      .all(first, last, after)
      .map(({ id, points }) => [id, points] as const),
  );
  const disallowed = disallowedOf(db, range);
  return later.map(({ account, points, id, place }) => ({
    account,
    points: points - (reversed.get(id) ?? 0) - (disallowed.get(place) ?? 0),
  }));
}

/** SQL: where a credit stands. */
function placeOf(of: string): string {
  return `${of}.kiosk || '/' || ${of}.inc || '/' || ${of}.seq`;
}

/** Of credits by their places what the county took back of them, less what their tills took back as well. */
function disallowedOf(db: ReadableDatabase, { first, last }: Range): ReadonlyMap<string, number> {
  const rows = prepared<[string, string, string, string], { place: string; points: number }>(
    db,
    `SELECT place, sum(points) AS points FROM (
       SELECT ${placeOf('reclaimed')} AS place, points FROM reclaimed WHERE account BETWEEN ? AND ? AND seq > 0
       UNION ALL SELECT ${placeOf('reclaimed_twice')}, -points FROM reclaimed_twice WHERE account BETWEEN ? AND ?) AS parts GROUP BY place`,
  ).all(first, last, first, last);
  return new Map(rows.map(({ place, points }) => [place, points] as const));
}

/**
 * Papers of credits whose events were lost, of the day when they were entered, for what is later does nobody harm; files of before there was a
 * book, as they are dated; and what the county advanced when its book was put back.
 */
function otherwiseSince(db: ReadableDatabase, { since, actsAfter, imports, advancedFrom: from }: Reckoning, range: Range): readonly Part[] {
  const { first, last } = range;
  const papers = prepared<[string, string, number, number], Part & { place: string }>(
    db,
    `SELECT lost_paper.account AS account, points, ${placeOf('lost_paper')} AS place FROM posting JOIN lost_paper ON lost_paper.entry = posting.entry JOIN act ON act.entry = posting.entry
      WHERE ${inRange} AND posting.entry > ? AND posting.account = 'main' AND lost_paper.kind = 'credit' AND act.at >= ?
        AND NOT EXISTS (SELECT 1 FROM lost_paper_found AS found
          WHERE found.kiosk = lost_paper.kiosk AND found.inc = lost_paper.inc AND found.seq = lost_paper.seq)`,
  );
  const imported = prepared<[number, string, string], Part>(
    db,
    `SELECT holder AS account, amount AS points FROM posting
      WHERE entry = ? AND account = 'main' AND commodity = 'PTS' AND amount > 0 AND holder BETWEEN ? AND ?`,
  );
  const entered = papers.all(first, last, actsAfter, since);
  const disallowed = entered.length === 0 ? new Map<string, number>() : disallowedOf(db, range);
  return [
    ...entered.map(({ account, points, place }) => ({ account, points: points - (disallowed.get(place) ?? 0) })),
    ...imports.flatMap((entry) => imported.all(entry, first, last)),
    ...advancedNow(db, from, range),
  ];
}

/**
 * What nothing has repaid yet is no resident's to lose, whenever it was advanced: it is asked home together with what expires and paid first, so
 * that they would owe as much.
 */
function advancedNow(db: ReadableDatabase, from: number | null, range: Range): readonly Part[] {
  const points = new Map(advancedBetween(db, range));
  for (const each of from === null ? [] : advancedSince(db, from, range))
    points.set(each.account, Math.max(each.points, points.get(each.account) ?? 0));
  return [...points].map(([account, amount]) => ({ account, points: amount }));
}

/** Less what repaid it; what people wrote off stays the residents'. */
function advancedSince(db: ReadableDatabase, from: number, { first, last }: Range): readonly Part[] {
  return prepared<[string, string, number], Part>(
    db,
    `SELECT q.holder AS account, sum(CASE WHEN p.account = 'writeoff' THEN q.amount ELSE -q.amount END) AS points
       FROM posting AS p JOIN posting AS q ON q.entry = p.entry AND q.n = p.n + 1 AND q.amount = -p.amount AND p.n % 2 = 0
      WHERE p.holder <> '' AND p.holder BETWEEN ? AND ? AND p.entry >= ? AND p.commodity = 'PTS' AND p.holder = q.holder
        AND ((p.account = 'writeoff' AND q.account = 'main') OR (p.account = 'main' AND q.account = 'writeoff'))
      GROUP BY q.holder`,
  ).all(first, last, from);
}

/**
 * Shops by account that were not heard since the date, and where the account has rights, something that nobody decided yet, or a line that
 * may be in force: it may have spent there before the date was over. What a voucher gave lies there as rights until it is spent or comes home.
 */
function waitsFor(db: ReadableDatabase, reckoning: Reckoning, { first, last }: Range): ReadonlyMap<string, readonly string[]> {
  const waits = new Map<string, string[]>();
  const unheard = unheardShops(db, reckoning);
  if (unheard.size === 0) return waits;
  const places = prepared<[string, string, string, string], { account: string; kiosk: string; isLine: number }>(
    db,
    `SELECT account, kiosk, min(is_line) AS "isLine" FROM (
       SELECT holder AS account, kiosk, 0 AS is_line FROM balance
        WHERE account IN ('esc', 'suspense') AND commodity = 'PTS' AND holder BETWEEN ? AND ? AND amount <> 0
       UNION ALL SELECT account, kiosk, 1 FROM roam_line WHERE account BETWEEN ? AND ? AND cap > 0
     ) AS places GROUP BY account, kiosk ORDER BY account, kiosk`,
  ).all(first, last, first, last);
  for (const { account, kiosk, isLine } of places) {
    if (!unheard.has(kiosk) || (isLine === 1 && reckoning.givenUp.has(kiosk))) continue;
    const of = waits.get(account) ?? [];
    waits.set(account, of);
    of.push(kiosk);
  }
  return waits;
}

/**
 * Shops whose newest event is not of a later business date than the one that expires, or came before that was over, since a till's clock may run
 * ahead, and those that were put back while no person has said what they forgot: what was done there until that date may not be in the book.
 */
export function unheardShops(db: ReadableDatabase, { through }: Pick<Reckoning, 'through'>): ReadonlySet<string> {
  const unheard = newestHeard(db).filter(({ day, came }) => day === null || day <= through || (came !== null && came <= through));
  const frozen = prepared<[], { kiosk: string }>(
    db,
    `SELECT DISTINCT kiosk FROM exception WHERE code IN ('restored', 'restored_behind') AND ${isUnanswered}`,
  ).all();
  return new Set([...unheard, ...frozen].map(({ kiosk }) => kiosk));
}

/**
 * Of every shop its newest posted event: whose business date, and which entry; null: nothing of it was ever posted. `came`: the date of the
 * county's own clock when the file with it was posted; null: no answer says so.
 */
interface Heard {
  readonly kiosk: string;
  readonly day: string | null;
  readonly came: string | null;
  readonly entry: number;
}

function newestHeard(db: ReadableDatabase): readonly Heard[] {
  const rows = prepared<[], { kiosk: string; entry: number | null; line: string | null; at: number | null }>(
    db,
    `SELECT kiosk.kiosk AS kiosk, event.entry AS entry, line, answer.at AS at FROM kiosk
       LEFT JOIN chain ON chain.kiosk = kiosk.kiosk AND chain.inc = (SELECT max(inc) FROM chain AS other WHERE other.kiosk = kiosk.kiosk)
       LEFT JOIN event ON event.kiosk = chain.kiosk AND event.inc = chain.inc AND event.seq = chain.to_seq
       LEFT JOIN answer ON answer.kiosk = event.kiosk AND answer.inc = event.file_inc AND answer.file_seq = event.file_seq
         AND verdict = 'ACCEPTED'
      ORDER BY kiosk.kiosk`,
  ).all();
  return rows.map(({ kiosk, entry, line, at }) => ({
    kiosk,
    came: at === null ? null : businessDate(at),
    day: line === null ? null : (JSON.parse(line) as BookEvent).day, // posted as an event
    entry: entry ?? 0,
  }));
}

/** Those that people gave up (rights.ts, releaseKiosk) and of which nothing was posted after that. */
function givenUpSince(db: ReadableDatabase, acts: ActsFound['givenUp']): ReadonlySet<string> {
  if (acts.length === 0) return new Set();
  const isGone = ({ kiosk, entry: heard }: Heard): boolean =>
    acts.some(({ about, entry }) => entry > heard && about.startsWith(`${kiosk} by `));
  return new Set(
    newestHeard(db)
      .filter(isGone)
      .map(({ kiosk }) => kiosk),
  );
}

/**
 * A kiosk opens no business date that it closed, nor one before it (db/verify-session.ts): what it did before its last closing of the date or
 * earlier is not later. Of one that has closed none since, every event is asked. Where the newest is not later, its credits are looked at: what
 * a kiosk does with no shift open goes by its clock, which may have fallen back.
 */
function creditsAfter(db: ReadableDatabase, through: string): number {
  const chains = prepared<[string], ChainOnDate>(
    db,
    `SELECT chain.kiosk AS kiosk, chain.inc AS inc,
        (SELECT max(entry) FROM closing WHERE closing.kiosk = chain.kiosk AND closing.inc = chain.inc AND day <= ?) AS closed,
        (SELECT entry FROM event AS first WHERE first.kiosk = chain.kiosk AND first.inc = chain.inc ORDER BY seq LIMIT 1) AS first, line
       FROM chain LEFT JOIN event ON event.kiosk = chain.kiosk AND event.inc = chain.inc AND event.seq = chain.to_seq`,
  ).all(through);
  const newest = prepared<[], { entry: number | null }>(db, 'SELECT max(entry) AS entry FROM event').get()!.entry ?? 0; // an aggregate has a row
  const bounds = chains.map((chain) => {
    if (chain.line === null) return newest;
    const bound = chain.closed ?? (chain.first ?? 1) - 1;
    return isLater(chain.line, through) || hasLaterCredit(db, chain, through) ? bound : newest;
  });
  return Math.min(newest, ...bounds);
}

interface ChainOnDate {
  readonly kiosk: string;
  readonly inc: number;
  /** Entry of its last closing of the date or earlier; null: none. */
  readonly closed: number | null;
  /** Of its first event. */
  readonly first: number | null;
  /** Its newest event; null: none. */
  readonly line: string | null;
}

function isLater(line: string, through: string): boolean {
  return (JSON.parse(line) as BookEvent).day > through; // posted as an event
}

function hasLaterCredit(db: ReadableDatabase, { kiosk, inc, closed }: ChainOnDate, through: string): boolean {
  const credits = prepared<[string, number, number], { line: string }>(
    db,
    `SELECT line FROM event WHERE kiosk = ? AND inc = ? AND kind = 'CREDIT'
        AND seq > (SELECT coalesce(max(seq), 0) FROM event AS last WHERE last.entry = ?)`,
  );
  return credits.all(kiosk, inc, closed ?? 0).some(({ line }) => isLater(line, through));
}

/** Whether a date is one whose points may expire: it exists, and is over by the county's clock. */
export function isOver(through: string, now: number): boolean {
  const at = Date.parse(`${through}T00:00:00+08:00`);
  return /^\d{4}-\d\d-\d\d$/.test(through) && Number.isFinite(at) && businessDate(at) === through && through < businessDate(now);
}
