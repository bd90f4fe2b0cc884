// What the county last told this kiosk, and what its accounts may do: reading only, except upserts of a down-file.

import { type Points, points } from './model/amounts.ts';
import type { Goods, Language, Operator, Resident, Shop } from './model/catalogue.ts';
import type { Scheme } from './model/scheme.ts';
import { type Counters, noCounters } from './model/spending.ts';
import { type ReadableDatabase, prepared } from './sqlite.ts';

/** The scheme in force: the highest version received. */
export function currentScheme(db: ReadableDatabase): Scheme | null {
  const row = prepared<[], { doc: string }>(db, 'SELECT doc FROM scheme ORDER BY version DESC LIMIT 1').get();
  return row === undefined ? null : storedScheme(row.doc);
}

/** The scheme of a stored document. Those stored before there was a recycling desk, or labels, say nothing of them. */
export function storedScheme(doc: string): Scheme {
  return { recycling: null, labels: [], ...(JSON.parse(doc) as Omit<Scheme, 'recycling' | 'labels'>) }; // written by applyDownFile, which checked it
}

export function currentShop(db: ReadableDatabase): Shop | null {
  const row = prepared<[], { doc: string }>(db, 'SELECT doc FROM shop').get();
  return row === undefined ? null : (JSON.parse(row.doc) as Shop); // written by applyDownFile, which checked it
}

export function allOperators(db: ReadableDatabase): readonly Operator[] {
  return prepared<[], { doc: string }>(db, 'SELECT doc FROM operator ORDER BY id')
    .all()
    .map((row) => JSON.parse(row.doc) as Operator); // written by applyDownFile, which checked it
}

export function allGoods(db: ReadableDatabase): readonly Goods[] {
  return prepared<[], { doc: string }>(db, 'SELECT doc FROM goods ORDER BY id')
    .all()
    .map((row) => JSON.parse(row.doc) as Goods); // written by applyDownFile, which checked it
}

/** Which goods a barcode means: the county's newest word on it. */
export function goodsCodes(db: ReadableDatabase): ReadonlyMap<string, string> {
  const rows = prepared<[], { code: string; goods_id: string }>(db, 'SELECT code, goods_id FROM goods_code').all();
  return new Map(rows.map((row) => [row.code, row.goods_id]));
}

/** Raw public keys by use and number; only active ones. */
export function activeKeys(db: ReadableDatabase, use: 'card' | 'file'): ReadonlyMap<number, Uint8Array> {
  const rows = prepared<[string], { kid: number; key: string }>(db, 'SELECT kid, key FROM county_key WHERE use = ? AND active = 1').all(
    use,
  );
  return new Map(rows.map((row) => [row.kid, Buffer.from(row.key, 'base64url')]));
}

/** A card may name ids up to 2^64; a roster holds those below 2^53, so larger ones are simply unknown. */
export function findResident(db: ReadableDatabase, id: string): Resident | null {
  if (!Number.isSafeInteger(Number(id))) return null;
  const row = prepared<
    [number],
    { account_id: string; name: string; group_id: string; village: string; language: string; tag: string; active: number }
  >(db, 'SELECT account_id, name, group_id, village, language, tag, active FROM resident WHERE id = ?').get(Number(id));
  if (row === undefined) return null;
  return {
    id,
    accountId: row.account_id,
    name: row.name,
    group: row.group_id,
    village: row.village,
    language: row.language as Language, // checked when the down-file came
    tag: row.tag,
    active: row.active === 1,
  };
}

/** Cards of a resident up to this issue number are refused; −1: none. */
export function deniedIssue(db: ReadableDatabase, residentId: string): number {
  return (
    prepared<[number], { issue: number }>(db, 'SELECT issue FROM denied_card WHERE resident_id = ?').get(Number(residentId))?.issue ?? -1
  );
}

/** Everything the rule of spending asks of one account (model/spending.ts). */
export interface AccountState {
  readonly counters: Counters;
  readonly balance: Points;
  /** Epoch ms of the county's book; null where it never spoke of this account. */
  readonly balanceAsOf: number | null;
  /** Spent here, less what returns gave back, that the county's balance does not yet know of; negative after a late return. */
  readonly spentHereSince: Points;
  /** Credited here less what was taken back, that the county's balance does not yet know of; negative after a late reversal. */
  readonly creditedHereSince: number;
  readonly spentToday: Points;
  readonly roamCap: Points;
  /** Σ unsettled roaming at this kiosk, over all accounts. */
  readonly kioskRoaming: Points;
}

export function accountState(db: ReadableDatabase, accountId: string, businessDate: string): AccountState {
  const counter = prepared<
    [string],
    {
      granted: number;
      returned: number;
      spent: number;
      unspent: number;
      credited: number;
      uncredited: number;
      roamed: number;
      unroamed: number;
      roamed_settled: number;
      overfunded: number;
    }
  >(db, 'SELECT * FROM counter WHERE account_id = ?').get(accountId);
  const county = prepared<[string], { balance: number; as_of: number; ack_seq: number }>(
    db,
    'SELECT balance, as_of, ack_seq FROM county_balance JOIN down_file USING (down_seq) WHERE account_id = +?',
  ).get(accountId);
  const since = prepared<[string, number], { used: number }>(
    db,
    'SELECT coalesce(sum(points), 0) AS used FROM sale WHERE account_id = ? AND seq > ?',
  ).get(accountId, county?.ack_seq ?? 0)!;
  const credited = prepared<[string, number], { given: number }>(
    db,
    'SELECT coalesce(sum(points), 0) AS given FROM credit WHERE account_id = ? AND seq > ?',
  ).get(accountId, county?.ack_seq ?? 0)!;
  const takenBack = prepared<[string, number], { given: number }>(
    db,
    `SELECT coalesce(sum(points), 0) AS given FROM credit JOIN credit_reversal ON credit_seq = credit.seq
      WHERE account_id = +? AND credit_reversal.seq > +?`,
  ).get(accountId, county?.ack_seq ?? 0)!;
  const cameBack = prepared<[string, number], { points: number }>(
    db,
    'SELECT coalesce(sum(points), 0) AS points FROM sale_return WHERE account_id = ? AND seq > ?',
  ).get(accountId, county?.ack_seq ?? 0)!;
  const today = prepared<[string, string], { used: number }>(
    db,
    'SELECT coalesce(sum(points), 0) AS used FROM sale WHERE account_id = ? AND day = ?',
  ).get(accountId, businessDate)!;
  const cameBackOfToday = prepared<[string, string], { points: number }>(
    db,
    `SELECT coalesce(sum(sale_return.points), 0) AS points FROM sale_return JOIN sale ON sale.seq = sale_seq
      WHERE sale_return.account_id = +? AND sale.day = +?`,
  ).get(accountId, businessDate)!;
  return {
    counters:
      counter === undefined
        ? noCounters
        : {
            granted: points(counter.granted),
            returned: points(counter.returned),
            spent: points(counter.spent),
            unspent: points(counter.unspent),
            credited: points(counter.credited),
            uncredited: points(counter.uncredited),
            roamed: points(counter.roamed),
            unroamed: points(counter.unroamed),
            roamedSettled: points(counter.roamed_settled),
            overfunded: points(counter.overfunded),
          },
    balance: points(county?.balance ?? 0),
    balanceAsOf: county?.as_of ?? null,
    spentHereSince: points(since.used - cameBack.points),
    creditedHereSince: credited.given - takenBack.given,
    spentToday: points(today.used - cameBackOfToday.points),
    roamCap: roamCapOf(db, accountId),
    kioskRoaming: unsettledRoaming(db),
  };
}

/**
 * What an account may have unsettled here: as the county's files said, and since a backup was put back only those that came after it.
 * What was spent on an older allowance is perhaps not in this book.
 */
export function roamCapOf(db: ReadableDatabase, accountId: string): Points {
  const row = prepared<[string, number], { cap: number }>(
    db,
    'SELECT cap FROM roaming JOIN down_file USING (down_seq) WHERE account_id = +? AND event_seq > +?',
  ).get(accountId, restoredSeq(db));
  return points(row?.cap ?? 0);
}

/** The roaming clearing account: what was spent here on allowances and is not settled. */
function unsettledRoaming(db: ReadableDatabase): Points {
  const row = prepared<[], { amount: number }>(db, `SELECT coalesce(sum(amount), 0) AS amount FROM balance WHERE account = 'roam'`).get()!;
  return points(0 - row.amount); // never −0
}

/**
 * Whether a backup was put back and the county has not spoken since: its files name the incarnation they speak to, and those for
 * another are refused (down.ts).
 */
export function isFrozen(db: ReadableDatabase): boolean {
  const { told } = prepared<[], { told: number | null }>(db, 'SELECT max(event_seq) AS told FROM down_file').get()!; // an aggregate has a row
  return restoredSeq(db) > (told ?? 0);
}

/** The event by which a backup was last put back; 0: none ever was. What came before it may be other than this book says. */
export function restoredSeq(db: ReadableDatabase): number {
  return prepared<[], { seq: number }>(db, `SELECT coalesce(max(seq), 0) AS seq FROM event WHERE kind = 'RESTORED'`).get()!.seq; // likewise
}

/** Leaf of that event, base64url: it names the incarnation, of which two that were put back from one backup have the same number. */
export function incarnationLeaf(db: ReadableDatabase): string | undefined {
  const row = prepared<[], { leaf: Buffer }>(db, `SELECT leaf FROM event WHERE kind = 'RESTORED' ORDER BY seq DESC LIMIT 1`).get();
  return row?.leaf.toString('base64url');
}

/** The newest down-file applied. */
export function lastDown(
  db: ReadableDatabase,
): { readonly downSeq: number; readonly sha256: string; readonly asOf: number; readonly ackSeq: number } | null {
  const row = prepared<[], { down_seq: number; sha256: string; as_of: number; ack_seq: number }>(
    db,
    'SELECT * FROM down_file ORDER BY down_seq DESC LIMIT 1',
  ).get();
  return row === undefined ? null : { downSeq: row.down_seq, sha256: row.sha256, asOf: row.as_of, ackSeq: row.ack_seq };
}
