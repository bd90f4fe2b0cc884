// What taking points would do by what the book says now (reclaims.ts): how much lies at no shop, at the home shops, at others, and how much
// was spent, or expired before. Looked at in slices; moves nothing.

import { setImmediate as othersHadTheirTurn } from 'node:timers/promises';
import { type ReadableDatabase, prepared } from '../../db/sqlite.ts';
import { advancedBetween, unclaimed } from './advances.ts';
import { type AwardRow, shownOf } from './awards.ts';
import type { CountyBook } from './county-book.ts';
import { balanceOf } from './ledger.ts';
import { type KeptRows, type ReclaimRow, type RowForm, keptOf } from './reclaim-rows.ts';
import { expiredOf } from './reclaimed.ts';
import { homeOf } from './rights.ts';
import { sliceRows } from './slices.ts';

/** What taking points will do by what the book says now; hundredths. */
export interface Outlook {
  /** Lies at no shop: comes back at once. */
  readonly unallocated: number;
  /** The home shops hold it: they are asked for it by the next night. */
  readonly home: number;
  /** Other shops do: they are asked when the home shop has no more. */
  readonly elsewhere: number;
  /** Nobody holds it any more, as far as the county heard: it becomes overdraft, and later awards repay it. */
  readonly spent: number;
  /** Expired before: it is taken from nobody a second time (reclaimed.ts, giveBackExpired). */
  readonly expired: number;
}

/** A kind of rows, as their outlook asks of it. */
export interface OutlookForm<Row extends ReclaimRow> extends RowForm<Row> {
  /** The business date of which what a row takes was given. None of what expires. */
  givenOn?(db: ReadableDatabase, row: Row, about: string): string;
}

/** Rows that take points, and of what: `about` as their record has it. */
interface Looked<Rows> {
  readonly about: string;
  readonly rows: Rows;
}

export interface ReclaimShown {
  readonly rows: number;
  readonly points: number;
  /** As many as people are shown; reason: by what people know the row. */
  readonly first: readonly AwardRow[];
}

export interface ReclaimPreview extends ReclaimShown {
  readonly outlook: Outlook;
}

/** Of rows, what they would do; hundredths. Looked at in slices. */
export function outlookOf<Row extends ReclaimRow>(
  book: CountyBook,
  form: OutlookForm<Row>,
  { about, rows }: Looked<readonly Row[]>,
): Promise<ReclaimPreview> {
  return outlookOfKept(book, form, { about, rows: keptOf(form, rows) });
}

export async function outlookOfKept<Row extends ReclaimRow>(
  book: CountyBook,
  form: OutlookForm<Row>,
  looked: Looked<KeptRows<Row>>,
): Promise<ReclaimPreview> {
  const kept = looked.rows;
  const expired = await expiredOfRows(book, form, looked);
  const sum = { unallocated: 0, home: 0, elsewhere: 0, spent: 0, expired: [...expired.values()].reduce((all, points) => all + points, 0) };
  for (const slice of form.isDense === true ? kept.slices() : accountSlices(kept.slices(), expired)) {
    await othersHadTheirTurn();
    for (const at of await book.read((db) => (form.isDense === true ? lieInRange(db, slice) : slice.map((row) => liesAt(db, row))))) {
      sum.unallocated += at.unallocated;
      sum.home += at.home;
      sum.elsewhere += at.elsewhere;
      sum.spent += at.spent;
    }
  }
  return { ...(await shownOfKept(book, form, kept)), outlook: sum };
}

/** Rows as people are shown them, without what they would do. */
export async function shownOfKept<Row extends ReclaimRow>(
  book: CountyBook,
  form: RowForm<Row>,
  kept: KeptRows<Row>,
): Promise<ReclaimShown> {
  const first = await book.read((db) =>
    shownOf(
      db,
      kept.after(0).map((row) => ({ account: row.account, points: row.points, reason: form.nameOf(row) })), // no fewer than people are shown
    ),
  );
  return { rows: kept.rows, points: kept.points, first };
}

/** Of each account of which something expired what its rows take of that. */
async function expiredOfRows<Row extends ReclaimRow>(
  book: CountyBook,
  form: OutlookForm<Row>,
  { about, rows }: Looked<KeptRows<Row>>,
): Promise<ReadonlyMap<string, number>> {
  const expired = new Map<string, number>();
  const givenOn = form.givenOn?.bind(form);
  if (givenOn === undefined || !(await book.read(everExpired))) return expired;
  for (const slice of rows.slices()) {
    await othersHadTheirTurn();
    await book.read((db) => {
      for (const row of slice) {
        const before = expired.get(row.account) ?? 0;
        const points = Math.min(row.points, expiredOf(db, row.account, givenOn(db, row, about)) - before);
        if (points > 0) expired.set(row.account, before + points);
      }
    });
  }
  return expired;
}

function everExpired(db: ReadableDatabase): boolean {
  return prepared(db, `SELECT 1 FROM reclaim WHERE kind = 'expiry' LIMIT 1`).get() !== undefined;
}

/** Each account once, with what its rows take, less what expired of it: one may have several rows. */
function* accountSlices(slices: Iterable<readonly ReclaimRow[]>, expired: ReadonlyMap<string, number>): Generator<readonly ReclaimRow[]> {
  const accounts = new Map([...expired].map(([account, points]) => [account, -points] as const));
  for (const slice of slices) for (const { account, points } of slice) accounts.set(account, (accounts.get(account) ?? 0) + points);
  const rows = [...accounts].map(([account, points]) => ({ account, points }));
  for (let at = 0; at < rows.length; at += sliceRows) yield rows.slice(at, at + sliceRows);
}

/** Where points come from that did not expire. */
type ComingFrom = Omit<Outlook, 'expired'>;

/** Where points of an account would come from. */
function liesAt(db: ReadableDatabase, row: ReclaimRow): ComingFrom {
  const { account } = row;
  const sumOf = (condition: string): number =>
    prepared<[string], { amount: number }>(
      db,
      `SELECT coalesce(sum(amount), 0) AS amount FROM balance WHERE account ${condition} AND holder = ? AND commodity = 'PTS'`,
    ).get(account)!.amount; // an aggregate has a row
  const atHome = balanceOf(db, { account: 'esc', holder: account, at: homeOf(db, account) });
  const owed = -sumOf(`IN ('due', 'overdraft')`);
  return comingFrom(row, { owed, lying: [unclaimed(db, account), atHome, sumOf(`= 'esc'`) - atHome] });
}

/** The same of rows that are most of the accounts between the first and the last. */
function lieInRange(db: ReadableDatabase, rows: readonly ReclaimRow[]): readonly ComingFrom[] {
  const [first, last] = [rows[0], rows.at(-1)];
  if (first === undefined || last === undefined) return [];
  const range = [first.account, last.account] as const;
  const homes = new Map(
    prepared<[string, string], { account: string; home: string }>(db, 'SELECT account, home FROM account WHERE account BETWEEN ? AND ?')
      .all(...range)
      .map(({ account, home }) => [account, home] as const),
  );
  const parts = prepared<[string, string], { account: string; holder: string; kiosk: string; amount: number }>(
    db,
    `SELECT account, holder, kiosk, amount FROM balance
      WHERE account IN ('main', 'esc', 'due', 'overdraft') AND commodity = 'PTS' AND holder BETWEEN ? AND ?`,
  ).all(...range);
  const advanced = advancedBetween(db, { first: first.account, last: last.account });
  const found = new Map<string, { owed: number; main: number; home: number; elsewhere: number }>();
  for (const { account, holder, kiosk, amount } of parts) {
    const at = found.get(holder) ?? { owed: 0, main: 0, home: 0, elsewhere: 0 };
    found.set(holder, at);
    if (account === 'main') at.main += amount;
    else if (account !== 'esc') at.owed -= amount;
    else if (kiosk === homes.get(holder)) at.home += amount;
    else at.elsewhere += amount;
  }
  return rows.map((row) => {
    const { owed, main, home, elsewhere } = found.get(row.account) ?? { owed: 0, main: 0, home: 0, elsewhere: 0 };
    return comingFrom(row, { owed, lying: [Math.max(0, main - (advanced.get(row.account) ?? 0)), home, elsewhere] });
  });
}

/** What an account owes already takes its part first, in the same order. `lying`: unallocated, at the home shop, elsewhere. */
function comingFrom({ points }: ReclaimRow, has: { readonly owed: number; readonly lying: readonly [number, number, number] }): ComingFrom {
  let { owed } = has;
  let left = points;
  const [unallocated, home, elsewhere] = has.lying.map((lying) => {
    const before = Math.min(owed, lying);
    const taken = Math.min(left, lying - before);
    owed -= before;
    left -= taken;
    return taken;
  }) as [number, number, number];
  return { unallocated, home, elsewhere, spent: left };
}
