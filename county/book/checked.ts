// All that is posted, looked through a stretch of entries at a time, so that others have the book's turn between two: what of a stretch does
// not hold by itself, and the sums that the rest of the book must agree with (invariants.ts). What is posted never changes: a later night
// must find the same sums, so that what somebody altered together with its balances is found, too.

import { createHash } from 'node:crypto';
import { z } from 'zod';
import { type ReadableDatabase, prepared } from '../../db/sqlite.ts';
import type { CountyAct } from './county-book.ts';
import { expireKind, notExpiredKind, takeBackKind } from './reclaimed.ts';

/** As a night found the book whose rules all held. */
export interface Checked {
  /** The newest entry then. */
  readonly entry: number;
  /** Of all that was posted (printOf). */
  readonly print: string;
}

const kind = 'checked';
const checkedShape = z.object({ entry: z.int().nonnegative(), print: z.string().regex(/^-?\d+$/) }); // older nights wrote down more

/** What the newest night kept in which all held; null: none did. */
export function lastChecked(db: ReadableDatabase): Checked | null {
  const row = prepared<[string], { about: string }>(db, 'SELECT about FROM act WHERE kind = ? ORDER BY entry DESC LIMIT 1').get(kind);
  try {
    return row === undefined ? null : checkedShape.parse(JSON.parse(row.about));
  } catch {
    return null; // not of our form
  }
}

/** Keeps how the book was found. */
export function enterChecked(act: CountyAct, checked: Checked): void {
  act.enter(kind, JSON.stringify(checked));
}

/** Entries after one, up to another. */
export interface Stretch {
  readonly after: number;
  readonly through: number;
}

/** Everything that is posted up to an entry. Amounts are hundredths of a point. */
export interface Posted {
  through: number;
  /** Entries with postings, and those. */
  entries: number;
  rows: number;
  /** The first entry whose postings do not sum to zero. */
  unbalanced: string | null;
  /** The first thing that is not one entry of one event or act. */
  astray: string | null;
  /** The first event of no chain. */
  loose: string | null;
  /** Issued otherwise than by awards, what is taken back of them, and what expires. */
  others: number;
  /** By events, less what was taken back. */
  credited: number;
  /** Of each account, over all holders. */
  readonly held: Map<string, number>;
  /** By kiosk: what its red account took in, less what it gave back, but for what settlements and county batches took out. */
  readonly redeemed: Map<string, number>;
  /** Of all of it (printOf). */
  print: bigint;
}

export function nothingPosted(): Posted {
  return {
    through: 0,
    entries: 0,
    rows: 0,
    unbalanced: null,
    astray: null,
    loose: null,
    others: 0,
    credited: 0,
    held: new Map(),
    redeemed: new Map(),
    print: 0n,
  };
}

/** The newest entry, also of what is posted and no event and no act. */
export function newestPosted(db: ReadableDatabase): number {
  const { entry } = prepared<[], { entry: number }>(
    db,
    `SELECT coalesce(max(entry), 0) AS entry FROM (
       SELECT max(entry) AS entry FROM event UNION ALL SELECT max(entry) FROM act UNION ALL SELECT max(entry) FROM posting) AS newest`,
  ).get()!; // an aggregate has a row
  return entry;
}

/** Goes on with the stretch after what it has, up to `through`. */
export function addStretch(db: ReadableDatabase, posted: Posted, through: number): void {
  const stretch: Stretch = { after: posted.through, through };
  addPostings(db, posted, stretch);
  addSources(db, posted, stretch);
  posted.unbalanced ??= unbalancedIn(db, stretch);
  if (stretch.after === 0) posted.astray ??= beforeAll(db);
  posted.astray ??= astrayIn(db, stretch);
  posted.loose ??= looseIn(db, stretch);
  posted.through = through;
}

function addPostings(db: ReadableDatabase, posted: Posted, stretch: Stretch): void {
  const { rows, entries } = prepared<[Stretch], { rows: number; entries: number }>(
    db,
    'SELECT count(*) AS rows, count(DISTINCT entry) AS entries FROM posting WHERE entry > @after AND entry <= @through',
  ).get(stretch)!; // an aggregate has a row
  posted.rows += rows;
  posted.entries += entries;
  const moves = movesIn(db, stretch);
  posted.print += printOf(moves);
  for (const { account, commodity, amount } of moves) if (commodity === 'PTS') addTo(posted.held, account, amount);
  const redeemed = prepared<[Stretch], { kiosk: string; points: number }>(
    db,
    `SELECT kiosk, sum(amount) AS points FROM posting WHERE entry > @after AND entry <= @through AND account = 'red' AND (
         EXISTS (SELECT 1 FROM event WHERE event.entry = posting.entry AND event.kind <> 'SETTLED')
         OR EXISTS (SELECT 1 FROM lost_paper AS paper WHERE paper.entry = posting.entry)
         OR EXISTS (SELECT 1 FROM lost_paper_found AS found WHERE found.entry = posting.entry))
      GROUP BY kiosk`,
  ).all(stretch);
  for (const { kiosk, points } of redeemed) addTo(posted.redeemed, kiosk, points);
}

/** What points come from. */
function addSources(db: ReadableDatabase, posted: Posted, stretch: Stretch): void {
  const sumOf = (sql: string): number => prepared<[Stretch], { amount: number }>(db, sql).get(stretch)!.amount; // an aggregate has a row
  posted.others -= sumOf(
    `SELECT coalesce(sum(amount), 0) AS amount FROM posting
      WHERE posting.entry > @after AND posting.entry <= @through AND account = 'issuance'
        AND NOT EXISTS (SELECT 1 FROM act WHERE act.entry = posting.entry AND kind IN ('award', '${takeBackKind}', '${expireKind}', '${notExpiredKind}'))`,
  );
  posted.credited += sumOf(
    `SELECT coalesce(sum(CASE WHEN kind = 'CREDIT' THEN amt ELSE -amt END), 0) AS amount FROM event
      WHERE entry > @after AND entry <= @through AND kind IN ('CREDIT', 'CREDIT_REVERSED')`,
  );
}

function addTo(sums: Map<string, number>, name: string, amount: number): void {
  sums.set(name, (sums.get(name) ?? 0) + amount);
}

function unbalancedIn(db: ReadableDatabase, stretch: Stretch): string | null {
  const sum = (commodity: string): string => `sum(CASE WHEN commodity = '${commodity}' THEN amount ELSE 0 END)`;
  const row = prepared<[Stretch], { entry: number; pts: number; cny: number }>(
    db,
    `SELECT entry, ${sum('PTS')} AS pts, ${sum('CNY')} AS cny FROM posting WHERE entry > @after AND entry <= @through
      GROUP BY entry HAVING ${sum('PTS')} <> 0 OR ${sum('CNY')} <> 0 ORDER BY entry LIMIT 1`,
  ).get(stretch);
  if (row === undefined) return null;
  return `the postings of entry ${row.entry} sum to ${row.pts === 0 ? `${row.cny} CNY` : `${row.pts} PTS`}`;
}

/** Entries count from 1: no stretch comes by one before that. */
function beforeAll(db: ReadableDatabase): string | null {
  const { entry } = prepared<[], { entry: number | null }>(
    db,
    `SELECT min(entry) AS entry FROM (
       SELECT min(entry) AS entry FROM event UNION ALL SELECT min(entry) FROM act UNION ALL SELECT min(entry) FROM posting) AS oldest`,
  ).get()!; // an aggregate has a row
  return entry !== null && entry < 1 ? `entry ${entry} is before the first` : null;
}

function astrayIn(db: ReadableDatabase, stretch: Stretch): string | null {
  const inStretch = 'entry > @after AND entry <= @through';
  const twice = prepared<[Stretch], { entry: number | null }>(
    db,
    `SELECT min(entry) AS entry FROM event WHERE ${inStretch} AND EXISTS (SELECT 1 FROM act WHERE act.entry = event.entry)`,
  ).get(stretch)!; // an aggregate has a row
  if (twice.entry !== null) return `entry ${twice.entry} is two things`;
  const stray = prepared<[Stretch], { entry: number | null }>(
    db,
    `SELECT min(entry) AS entry FROM posting WHERE ${inStretch} AND NOT EXISTS (SELECT 1 FROM event WHERE event.entry = posting.entry)
        AND NOT EXISTS (SELECT 1 FROM act WHERE act.entry = posting.entry)`,
  ).get(stretch)!;
  if (stray.entry !== null) return `postings of entry ${stray.entry}, which is neither an event nor an act`;
  const { n } = prepared<[Stretch], { n: number }>(
    db,
    `SELECT (SELECT count(*) FROM event WHERE ${inStretch}) + (SELECT count(*) FROM act WHERE ${inStretch}) AS n`,
  ).get(stretch)!;
  const { after, through } = stretch;
  return n === through - after ? null : `${n} entries where ${after + 1}…${through} are posted`;
}

function looseIn(db: ReadableDatabase, stretch: Stretch): string | null {
  const row = prepared<[Stretch], { kiosk: string; inc: number; seq: number }>(
    db,
    `SELECT kiosk, inc, min(seq) AS seq FROM event WHERE entry > @after AND entry <= @through
        AND NOT EXISTS (SELECT 1 FROM chain WHERE chain.kiosk = event.kiosk AND chain.inc = event.inc)
      GROUP BY kiosk, inc ORDER BY kiosk, inc LIMIT 1`,
  ).get(stretch);
  return row === undefined ? null : `${row.kiosk}/${row.inc}: event ${row.seq} belongs to no chain`;
}

/** Where amounts lie. */
export interface Place {
  readonly account: string;
  readonly holder: string;
  readonly kiosk: string;
  readonly commodity: string;
}

interface Amount extends Place {
  readonly amount: number;
}

const columns = 'account, holder, kiosk, commodity';

function movesIn(db: ReadableDatabase, stretch: Stretch): readonly Amount[] {
  return prepared<[Stretch], Amount>(
    db,
    `SELECT ${columns}, sum(amount) AS amount FROM posting WHERE entry > @after AND entry <= @through GROUP BY ${columns}`,
  ).all(stretch);
}

/**
 * A sum in which each place has a weight of its own, made of its name: amounts that differ at any place have the same one by chance only,
 * once in 2^48. Prints of parts add up.
 */
function printOf(rows: readonly Amount[]): bigint {
  let print = 0n;
  for (const { account, holder, kiosk, commodity, amount } of rows) {
    const name = createHash('sha256').update(`${account}\n${holder}\n${kiosk}\n${commodity}`).digest();
    print += BigInt(name.readUIntBE(0, 6)) * BigInt(amount);
  }
  return print;
}

/** Before every place. */
export const noPlace: Place = { account: '', holder: '', kiosk: '', commodity: '' };

/** Some balances in the order of their places, as they were at an entry. */
export interface BalancesPage {
  readonly rows: number;
  readonly print: bigint;
  /** After which the next page begins; null: this was the last. */
  readonly last: Place | null;
}

/** The next balances after a place, less what was posted there after `entry`. */
export function balancesAt(
  db: ReadableDatabase,
  after: Place,
  { entry, rowsMax }: { readonly entry: number; readonly rowsMax: number },
): BalancesPage {
  const rows = prepared<[Place & { readonly rowsMax: number }], Amount>(
    db,
    `SELECT ${columns}, amount FROM balance WHERE (${columns}) > (@account, @holder, @kiosk, @commodity) ORDER BY ${columns} LIMIT @rowsMax`,
  ).all({ ...after, rowsMax });
  const last = rows.length < rowsMax ? null : rows.at(-1)!; // a full page has one
  const news = [
    ...newsAfter(db, after, entry),
    ...(last === null ? [] : newsAfter(db, last, entry).map((each) => ({ ...each, amount: -each.amount }))),
  ];
  return { rows: rows.length, print: printOf(rows) - printOf(news), last };
}

/** What was posted after an entry to the places after one. */
function newsAfter(db: ReadableDatabase, { account, holder, kiosk, commodity }: Place, entry: number): readonly Amount[] {
  return prepared<[Place & { readonly entry: number }], Amount>(
    db,
    `SELECT ${columns}, sum(amount) AS amount FROM posting WHERE entry > @entry AND (${columns}) > (@account, @holder, @kiosk, @commodity)
      GROUP BY ${columns}`,
  ).all({ account, holder, kiosk, commodity, entry });
}
