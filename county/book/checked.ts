// How far the rules were found to hold, and the sums as they stood then: the night looks at what came since, and the whole book once a week,
// or the look would take longer with every year of a county. Kept as an act of the county; believed only where what came since fits it.

import { createHash } from 'node:crypto';
import { z } from 'zod';
import { dayMs } from '../../db/model/time.ts';
import { type ReadableDatabase, prepared } from '../../db/sqlite.ts';
import type { CountyAct } from './county-book.ts';
import { takeBackKind } from './take-backs.ts';

const whole = z.int().nonnegative();
const checkedShape = z.strictObject({
  entry: whole,
  wholeAt: whole,
  others: z.int(),
  credited: z.int(),
  held: z.record(z.string(), z.int()),
  print: z.string().regex(/^-?\d+$/),
});

/** A book whose rules all held. Amounts are hundredths of a point. */
export interface Checked {
  /** The newest entry then. */
  readonly entry: number;
  /** When every row was looked at last, epoch ms. */
  readonly wholeAt: number;
  /** Issued otherwise than by awards, and by what is taken back of them. */
  readonly others: number;
  /** By events, less what was taken back. */
  readonly credited: number;
  /** Of each account, over all holders, by the postings. */
  readonly held: Readonly<Record<string, number>>;
  /** Of all balances (printOf). */
  readonly print: string;
}

export type Sums = Pick<Checked, 'others' | 'credited' | 'held'>;

export const nothingChecked: Checked = { entry: 0, wholeAt: 0, others: 0, credited: 0, held: {}, print: '0' };

const kind = 'checked';
const wholeEveryMs = 7 * dayMs;

/** What tonight's look begins from: nothing where none is kept, or where the whole book is due. `now`: epoch ms. */
export function checkedBefore(db: ReadableDatabase, now: number): Checked {
  const row = prepared<[string], { about: string }>(db, 'SELECT about FROM act WHERE kind = ? ORDER BY entry DESC LIMIT 1').get(kind);
  const kept = row === undefined ? null : readChecked(row.about);
  const isDue = kept === null || now < kept.wholeAt || now - kept.wholeAt >= wholeEveryMs;
  return isDue ? nothingChecked : kept;
}

/** Null: not of our form. */
function readChecked(about: string): Checked | null {
  try {
    return checkedShape.parse(JSON.parse(about));
  } catch {
    return null; // then the whole book is looked at
  }
}

/** How the book stands now, every rule holding: what came since `before` is added to that. */
export function checkedNow(db: ReadableDatabase, before: Checked, now: number): Checked {
  const { entry } = prepared<[], { entry: number }>(
    db,
    'SELECT coalesce(max(entry), 0) AS entry FROM (SELECT max(entry) AS entry FROM event UNION ALL SELECT max(entry) FROM act) AS newest',
  ).get()!; // an aggregate has a row
  const wholeAt = before.entry === 0 ? now : before.wholeAt;
  return { entry, wholeAt, ...sumsThrough(db, before), print: String(printOfBalances(db)) };
}

export function enterChecked(act: CountyAct, checked: Checked): void {
  act.enter(kind, JSON.stringify(checked));
}

/** Over the whole book: what was kept, and what was posted since. */
export function sumsThrough(db: ReadableDatabase, before: Checked): Sums {
  const sumOf = (sql: string): number => prepared<[number], { amount: number }>(db, sql).get(before.entry)!.amount; // an aggregate has a row
  const others = -sumOf(
    `SELECT coalesce(sum(amount), 0) AS amount FROM posting
      WHERE posting.entry > ? AND account = 'issuance' AND NOT EXISTS (SELECT 1 FROM act WHERE act.entry = posting.entry AND kind IN ('award', '${takeBackKind}'))`,
  );
  const credited = sumOf(
    `SELECT coalesce(sum(CASE WHEN kind = 'CREDIT' THEN amt ELSE -amt END), 0) AS amount FROM event
      WHERE entry > ? AND kind IN ('CREDIT', 'CREDIT_REVERSED')`,
  );
  const held = new Map(Object.entries(before.held));
  const since = prepared<[number], { account: string; amount: number }>(
    db,
    `SELECT account, sum(amount) AS amount FROM posting WHERE entry > ? AND commodity = 'PTS' GROUP BY account`,
  ).all(before.entry);
  for (const { account, amount } of since) held.set(account, (held.get(account) ?? 0) + amount);
  return { others: before.others + others, credited: before.credited + credited, held: Object.fromEntries(held) };
}

/** Whether every balance is what it was, and what was posted since. */
export function areBalancesMoved(db: ReadableDatabase, before: Checked): boolean {
  return BigInt(before.print) + printOfPostings(db, before.entry) === printOfBalances(db);
}

interface Amount {
  readonly account: string;
  readonly holder: string;
  readonly kiosk: string;
  readonly commodity: string;
  readonly amount: number;
}

const columns = 'account, holder, kiosk, commodity';

/**
 * A sum in which each place has a weight of its own, made of its name: balances that differ at any place have the same one by chance only,
 * once in 2^48. Prints of parts add up.
 */
function printOf(rows: Iterable<Amount>): bigint {
  let print = 0n;
  for (const { account, holder, kiosk, commodity, amount } of rows) {
    const name = createHash('sha256').update(`${account}\n${holder}\n${kiosk}\n${commodity}`).digest();
    print += BigInt(name.readUIntBE(0, 6)) * BigInt(amount);
  }
  return print;
}

function printOfPostings(db: ReadableDatabase, after: number): bigint {
  return printOf(
    prepared<[number], Amount>(db, `SELECT ${columns}, sum(amount) AS amount FROM posting WHERE entry > ? GROUP BY ${columns}`).all(after),
  );
}

function printOfBalances(db: ReadableDatabase): bigint {
  return printOf(balances(db));
}

const pageRows = 1_000;

function* balances(db: ReadableDatabase): Generator<Amount> {
  const page = prepared<[string, string, string, string, number], Amount>(
    db,
    `SELECT ${columns}, amount FROM balance WHERE (${columns}) > (?, ?, ?, ?) ORDER BY ${columns} LIMIT ?`,
  );
  for (let last: Omit<Amount, 'amount'> = { account: '', holder: '', kiosk: '', commodity: '' }; ;) {
    const rows = page.all(last.account, last.holder, last.kiosk, last.commodity, pageRows);
    yield* rows;
    if (rows.length < pageRows) return;
    last = rows.at(-1)!; // a full page has one
  }
}
