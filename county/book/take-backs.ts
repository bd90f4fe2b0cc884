// Points of a list that took effect are taken back (reclaims.ts): the whole list or some rows, wholly or in part. Decides nothing about where
// the points lie: rights.ts does.

import { type Result, fail, ok } from '../../db/model/result.ts';
import { businessDate } from '../../db/model/time.ts';
import { type ReadableDatabase, prepared } from '../../db/sqlite.ts';
import { releasedAwards } from './awards.ts';
import type { CountyBook } from './county-book.ts';
import { type Column, type List, type ListRefusal, type RowFault, hundredths, readList } from './list-file.ts';
import { giveBackExpired, takeBackKind } from './reclaimed.ts';
import { type ReclaimPreview, outlookOf } from './reclaim-outlook.ts';
import { type ReclaimRow, pointsCell, pointsOfCell } from './reclaim-rows.ts';
import {
  type JudgeRefusal,
  type Reclaim,
  type ReclaimKind,
  type WordRefusal,
  isUnfinished,
  proposeReclaim,
  wordRefusal,
} from './reclaims.ts';
import { withdraw } from './rights.ts';
import type { Tell } from './slices.ts';

type BackColumn = 'account' | 'points';
export const backColumns: readonly Column<BackColumn>[] = [
  { name: 'account', zh: ['账户', '账号', '积分账户'], isNeeded: true },
  { name: 'points', zh: ['积分', '分值', '收回积分'], isNeeded: true },
];

/** Which points of a list: of every row what is left of it, of every row so much (hundredths) or what is left, or as another list says. */
export type Wanted =
  | { readonly is: 'all' }
  | { readonly is: 'each'; readonly points: number }
  | { readonly is: 'list'; readonly list: string | Uint8Array };

/** Awards of a list: one list at a time. */
export const takingBack: ReclaimKind = {
  name: 'awards',
  columns: ['account', 'points'],
  cellsOf: ({ account, points }) => [account, pointsCell(points)],
  rowOf: ({ account = '', points = '' }) => ({ account, points: pointsOfCell(points) }),
  nameOf: () => '',
  sourceOf: ({ account }, about) => `${about} ${account}`,
  givenOn: (db, _row, about) => releasedOn(db, Number(about)),
  async judge(book, about) {
    const batch = Number(about);
    const given = await releasedAwards(book, batch);
    if (!given.ok) return given;
    return ok({ of: (db, rows) => ({ beyond: beyondOf(rows, leftOf(db, batch, given.value)), missing: [] }) });
  },
  post(act, { reclaim: { number, about, reason }, rows }) {
    const givenOn = releasedOn(act.db, Number(about));
    for (const { account, points } of rows) {
      const entry = act.enter(takeBackKind, `${about} ${account} ${number} ${reason}`);
      prepared(act.db, 'INSERT INTO taken_back (number, account, batch, points, entry) VALUES (?, ?, ?, ?, ?)').run(
        number,
        account,
        Number(about),
        points,
        entry,
      );
      withdraw(act, account, { amount: points, entry, to: { account: 'issuance' } });
      giveBackExpired(act, account, { amount: points, givenOn });
    }
  },
  entryOf: ({ number, about, rows, points, sha256 }) => ({ t: 'TAKEN_BACK', number, batch: Number(about), rows, points, sha256 }),
  titleOf: ({ number, about }) => `taking back ${number} of awards ${about}`,
};

/** The day when a list took effect: nothing is taken back of another. */
function releasedOn(db: ReadableDatabase, batch: number): string {
  return businessDate(prepared<[number], { at: number }>(db, 'SELECT at FROM award_release WHERE batch = ?').get(batch)!.at);
}

/** Of these rows those of which less is left than they take. */
function beyondOf(slices: Iterable<readonly ReclaimRow[]>, left: ReadonlyMap<string, number>): readonly string[] {
  const beyond: string[] = [];
  for (const rows of slices) for (const { account, points } of rows) if (points > (left.get(account) ?? 0)) beyond.push(account);
  return beyond;
}

export interface BackPreview extends ReclaimPreview {
  readonly faults: readonly RowFault[];
}

export type BackRefusal = ListRefusal | JudgeRefusal | 'unfinished';

/** What a wish would take back of a list. One with faults is proposed by nobody; one of no row has nothing left to take. */
export async function previewTakeBack(
  book: CountyBook,
  { batch, wanted }: { readonly batch: number; readonly wanted: Wanted },
  tell: Tell = () => {},
): Promise<Result<BackPreview, BackRefusal>> {
  const read = await wantedRows(book, batch, wanted, tell);
  if (!read.ok) return read;
  const { rows, faults } = read.value;
  return ok({ ...(await outlookOf(book, takingBack, { about: String(batch), rows })), faults });
}

/** Keeps a taking back that waits for another person; what waited of the same list before is replaced. Nothing moves. */
export async function proposeTakeBack(
  book: CountyBook,
  { batch, wanted, reason, by }: { readonly batch: number; readonly wanted: Wanted; readonly reason: string; readonly by: string },
): Promise<Result<Reclaim, BackRefusal | 'faulty' | 'nothing' | WordRefusal>> {
  const wrong = wordRefusal({ reason, by });
  if (wrong !== null) return fail(wrong);
  const read = await wantedRows(book, batch, wanted, () => {});
  if (!read.ok) return read;
  const { rows, faults } = read.value;
  return faults.length > 0 ? fail('faulty') : await proposeReclaim(book, takingBack, { about: String(batch), rows, reason, by });
}

async function wantedRows(
  book: CountyBook,
  batch: number,
  wanted: Wanted,
  tell: Tell,
): Promise<Result<{ readonly rows: readonly ReclaimRow[]; readonly faults: readonly RowFault[] }, BackRefusal>> {
  const given = await releasedAwards(book, batch, tell);
  if (!given.ok) return given;
  const list = wanted.is === 'list' ? await readList(wanted.list, backColumns, { tell }) : null;
  if (list?.ok === false) return list;
  return book.read((db) => {
    if (isUnfinished(db, takingBack, String(batch))) return fail('unfinished');
    const left = leftOf(db, batch, given.value);
    if (list !== null) return ok(listedRows(list.value, left));
    const most = wanted.is === 'each' ? wanted.points : Infinity;
    const rows = [...left].map(([account, points]) => ({ account, points: Math.min(points, most) }));
    return ok({ rows: rows.filter(({ points }) => points > 0), faults: [] });
  });
}

/** What each row of a list gave, less what was taken back of it before. */
function leftOf(db: ReadableDatabase, batch: number, given: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
  const taken = prepared<[number], { account: string; points: number }>(
    db,
    'SELECT account, sum(points) AS points FROM taken_back WHERE batch = ? GROUP BY account',
  ).all(batch);
  const left = new Map(given);
  for (const { account, points } of taken) left.set(account, (left.get(account) ?? 0) - points);
  return left;
}

function listedRows(
  { rows, faults: unread }: List<BackColumn>,
  left: ReadonlyMap<string, number>,
): { readonly rows: readonly ReclaimRow[]; readonly faults: readonly RowFault[] } {
  const faults = [...unread];
  const told = new Set(faults.map(({ row }) => row)); // what could not be read is no fault of its account or its points as well
  const seen = new Set<string>();
  for (const { row, cells } of rows) {
    if (!told.has(row)) faults.push(...faultsOf({ row, ...cells }, { left, seen }));
    seen.add(cells.account);
  }
  return faults.length > 0 ? { rows: [], faults } : { rows: rows.map(({ cells }) => takingBack.rowOf(cells)), faults };
}

function faultsOf(
  { row, account, points }: { readonly row: number; readonly account: string; readonly points: string },
  { left, seen }: { readonly left: ReadonlyMap<string, number>; readonly seen: ReadonlySet<string> },
): readonly RowFault[] {
  const most = left.get(account);
  if (most === undefined) return [{ row, what: `${account.slice(0, 40)} is not in this list of awards` }];
  if (seen.has(account)) return [{ row, what: `${account} stands twice in this list` }];
  const amount = hundredths(points);
  if (amount === null || amount === 0) return [{ row, what: `${points.slice(0, 40)} is no amount of points` }];
  return amount > most ? [{ row, what: `${points} points are more than are left of this award: ${most / 100}` }] : [];
}
