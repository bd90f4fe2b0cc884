// Points that expire (expiring.ts says which): one person proposes it for a date, another releases it (reclaims.ts). What an account spent
// until its row is posted is not taken of it a second time. Tells which accounts were left out, and why.

import { setImmediate as othersHadTheirTurn } from 'node:timers/promises';
import { z } from 'zod';
import { type Result, fail, ok } from '../../db/model/result.ts';
import { type ReadableDatabase, prepared } from '../../db/sqlite.ts';
import type { CountyBook } from './county-book.ts';
import { type Expiring, type Reckoning, accountsAfter, expiringOf, isOver, reckonThrough, unheardShops } from './expiring.ts';
import { expireKind } from './reclaimed.ts';
import { type ReclaimPreview, outlookOfKept } from './reclaim-outlook.ts';
import { type KeptRows, type ReclaimRow, pointsCell, pointsOfCell, rowsToKeep } from './reclaim-rows.ts';
import {
  type Judge,
  type Measure,
  type Reclaim,
  type ReclaimKind,
  type WordRefusal,
  isUnfinished,
  postRow,
  proposeReclaim,
  wordRefusal,
} from './reclaims.ts';
import { type Tell, sliceRows } from './slices.ts';
import { wasPutBack } from './taken-up.ts';

/** Points that expire through a date, which `about` of it says. */
export const expiry: ReclaimKind = {
  name: 'expiry',
  columns: ['account', 'points'],
  cellsOf: ({ account, points }) => [account, pointsCell(points)],
  rowOf: ({ account = '', points = '' }) => ({ account, points: pointsOfCell(points) }),
  nameOf: () => '',
  judge: judgeThrough,
  measured: measureThrough,
  isDense: true,
  post(act, { reclaim: { number, about: through, reason }, rows, n }) {
    for (const [i, { account, points }] of rows.entries()) {
      const about = `${through} ${account} ${number} ${reason}`;
      const of = { number, n: n + i, account, points, kiosk: '', inc: 0, seq: 0 };
      postRow(act, { ...of, kind: expireKind, about, to: { account: 'issuance' } });
    }
  },
  entryOf: ({ number, about: through, rows, points, sha256 }) => ({ t: 'EXPIRED', number, through, rows, points, sha256 }),
  titleOf: ({ number, about }) => `expiry ${number} through ${about}`,
};

/** What was spent, or came to be waited for, since it was proposed does not expire. */
async function measureThrough(book: CountyBook, through: string): Promise<Measure> {
  const reckoning = await reckonThrough(book, through);
  return (db, rows) => {
    const [first, last] = [rows[0], rows.at(-1)];
    if (first === undefined || last === undefined) return [];
    const now = expiringOf(db, reckoning, { first: first.account, last: last.account });
    const points = new Map(now.filter(({ waitsFor }) => waitsFor.length === 0).map((each) => [each.account, each.points] as const));
    return rows.map(({ account }) => points.get(account) ?? 0);
  };
}

/** Nothing bars a first one: what its rows take is measured. */
async function judgeThrough(book: CountyBook, through: string): Promise<Result<Judge<ReclaimRow>, never>> {
  const reckoning = (await book.read(wasPutBack)) ? await reckonThrough(book, through) : null;
  return ok({
    of: (db, slices, is) => ({ beyond: [], missing: is === 'first' || reckoning === null ? [] : missingOf(db, reckoning, slices) }),
  });
}

/** Accounts that the book does not know, or not all of: shops that were heard when it was proposed will send that once more. */
function missingOf(db: ReadableDatabase, reckoning: Reckoning, slices: Iterable<readonly ReclaimRow[]>): readonly string[] {
  const known = prepared<[string, string], { account: string }>(db, 'SELECT account FROM account WHERE account BETWEEN ? AND ?');
  const missing: string[] = [];
  for (const rows of slices) {
    const [first, last] = [rows[0], rows.at(-1)];
    if (first === undefined || last === undefined) continue;
    const isKnown = new Set(known.all(first.account, last.account).map(({ account }) => account));
    const waiting = expiringOf(db, reckoning, { first: first.account, last: last.account }).filter(({ waitsFor }) => waitsFor.length > 0);
    const waits = new Set(waiting.map(({ account }) => account));
    missing.push(...rows.filter(({ account }) => !isKnown.has(account) || waits.has(account)).map(({ account }) => account));
  }
  return missing;
}

/** Whose points would expire, and do not yet: a shop was not heard since the date. Points: hundredths. */
export interface LeftOut {
  readonly accounts: number;
  readonly points: number;
  /** For how many accounts each shop is waited for. */
  readonly shops: readonly { readonly kiosk: string; readonly accounts: number }[];
}

const leftOutShape = z.object({
  accounts: z.int().min(0),
  points: z.int().min(0),
  shops: z.array(z.object({ kiosk: z.string(), accounts: z.int().min(1) })),
});

/** What was left out when it was proposed. */
export function leftOutOf({ leftOut }: Pick<Reclaim, 'leftOut'>): LeftOut {
  return leftOutShape.parse(JSON.parse(leftOut)); // proposeExpiry wrote it
}

export interface ExpiryPreview extends ReclaimPreview {
  readonly leftOut: LeftOut;
  /** All shops that were not heard since the date, whether anybody waits for them or not. */
  readonly unheard: readonly string[];
}

/** not_over: there is no such date, or it is not over by the county's clock. */
export type ExpiryRefusal = 'not_over' | 'unfinished';

/** What would expire through a date, and who would be left out. Nothing is kept. */
export async function previewExpiry(
  book: CountyBook,
  through: string,
  tell: Tell = () => {},
): Promise<Result<ExpiryPreview, ExpiryRefusal>> {
  const reckoned = await reckonAll(book, through, tell);
  if (!reckoned.ok) return reckoned;
  const { kept, leftOut, unheard } = reckoned.value;
  return ok({ ...(await outlookOfKept(book, expiry, { about: through, rows: kept })), leftOut, unheard });
}

/** Nothing can be proposed now; but these have points of then, and expire once the shops were heard. */
export interface OnlyLeftOut {
  readonly ok: false;
  readonly code: 'left_out';
  readonly leftOut: LeftOut;
}

/** Keeps what would expire through a date until another person releases it; any expiry that waited is replaced. Nothing moves. */
export async function proposeExpiry(
  book: CountyBook,
  { through, reason, by }: { readonly through: string; readonly reason: string; readonly by: string },
  tell: Tell = () => {},
): Promise<Result<Reclaim, ExpiryRefusal | 'nothing' | WordRefusal> | OnlyLeftOut> {
  const wrong = wordRefusal({ reason, by });
  if (wrong !== null) return fail(wrong);
  const reckoned = await reckonAll(book, through, tell);
  if (!reckoned.ok) return reckoned;
  const { kept, leftOut } = reckoned.value;
  const proposed = await proposeReclaim(book, expiry, { about: through, rows: kept, reason, by, leftOut: JSON.stringify(leftOut) });
  const isWaiting = !proposed.ok && proposed.code === 'nothing' && leftOut.accounts > 0;
  return isWaiting ? { ok: false, code: 'left_out', leftOut } : proposed;
}

interface Reckoned {
  readonly kept: KeptRows<ReclaimRow>;
  readonly leftOut: LeftOut;
  readonly unheard: readonly string[];
}

async function reckonAll(book: CountyBook, through: string, tell: Tell): Promise<Result<Reckoned, ExpiryRefusal>> {
  if (!isOver(through, book.wallMs())) return fail('not_over');
  if (await book.read((db) => isUnfinished(db, expiry, through))) return fail('unfinished');
  const reckoning = await reckonThrough(book, through);
  const of = await book.read((db) => prepared<[], { n: number }>(db, 'SELECT count(*) AS n FROM account').get()!.n); // an aggregate has a row
  const keeping = rowsToKeep(expiry);
  const out = { accounts: 0, points: 0, shops: new Map<string, number>() };
  for (let after: string | undefined = '', done = 0; after !== undefined;) {
    const from: string = after;
    const { accounts, expiring } = await book.read((db) => {
      const some = accountsAfter(db, from, sliceRows);
      const [first, last] = [some[0], some.at(-1)];
      return { accounts: some, expiring: first === undefined || last === undefined ? [] : expiringOf(db, reckoning, { first, last }) };
    });
    keeping.add(expiring.filter(({ waitsFor }) => waitsFor.length === 0).map(({ account, points }) => ({ account, points })));
    for (const each of expiring) if (each.waitsFor.length > 0) leaveOut(out, each);
    tell({ step: 'checking', done: (done += accounts.length), of });
    after = accounts.at(-1);
    await othersHadTheirTurn();
  }
  const shops = [...out.shops].map(([kiosk, accounts]) => ({ kiosk, accounts })).toSorted((a, b) => (a.kiosk < b.kiosk ? -1 : 1));
  const unheard = await book.read((db) => unheardShops(db, reckoning));
  return ok({ kept: keeping.end(), leftOut: { ...out, shops }, unheard: [...unheard].toSorted() });
}

function leaveOut(
  out: { accounts: number; points: number; readonly shops: Map<string, number> },
  { points, waitsFor }: Pick<Expiring, 'points' | 'waitsFor'>,
): void {
  out.accounts += 1;
  out.points += points;
  for (const kiosk of waitsFor) out.shops.set(kiosk, (out.shops.get(kiosk) ?? 0) + 1);
}

/** Shops that were not heard since the date, as of now. */
export function unheardNow(book: CountyBook, through: string): Promise<readonly string[]> {
  return book.read((db) => [...unheardShops(db, { through })].toSorted());
}
