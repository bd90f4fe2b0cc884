// What one event of a kiosk does to the county's accounts and to the kiosk's counters (reconciliation.md R1 and R3). What breaks a rule
// but is authentic is posted all the same and raised: it happened, and the merchant handed out goods. Checks no signature.

import type { BookEvent } from '../../db/model/event.ts';
import { type Posting, counterStepOf, postingsOf } from '../../db/model/postings.ts';
import { assert } from '../../db/model/result.ts';
import { type ReadableDatabase, prepared } from '../../db/sqlite.ts';
import type { Wanted } from '../store/bulk.ts';
import { keepRow, readAhead, rowOf } from '../store/held-rows.ts';
import { unclaimed } from './advances.ts';
import type { CountyAct } from './county-book.ts';
import { type Credits, checkCredits, countCredit, noCredits, uncountCredit } from './credit-caps.ts';
import { type AccountRow, accounts, balances, counters, givens } from './held-tables.ts';
import { BeyondCounting, type Place, balanceOf, moved } from './ledger.ts';
import { isTakingUp } from './put-back.ts';
import { dayOfCredit, giveBackExpired, giveBackTwice, placeOfCredit } from './reclaimed.ts';
import {
  assertRights,
  countersAt,
  dropLines,
  frozenBy,
  fund,
  givenTo,
  lyingInClearing,
  newestIncarnation,
  openLine,
  takeBack,
  unroam,
} from './rights.ts';
import { settle } from './settling.ts';

/** Why an event that was posted must be looked at. */
export type ExceptionCode =
  | 'unknown_account'
  | 'denied_account'
  | 'beyond_rights'
  | 'unknown_voucher'
  | 'after_restoration'
  | 'over_sale_cap'
  | 'over_roaming_line'
  | 'over_kiosk_roaming'
  | 'does_not_add_up'
  | 'id_twice'
  | 'return_without_sale'
  | 'return_beyond_sale'
  | 'reversal_without_credit'
  | 'over_credit_cap'
  | 'disputed_credit'
  | 'unknown_down_file'
  | 'other_key'
  | 'restored'
  | 'restored_behind'
  | 'settlement_differs';

export interface KioskRow {
  readonly kiosk: string;
  readonly store: string;
  readonly key: string | null;
  readonly state: 'expected' | 'active' | 'quarantined' | 'revoked';
  readonly sale_cap: number | null;
  readonly roaming_cap: number | null;
  readonly share_permille: number;
}

/** The kiosk whose file is being posted. */
export interface Folding {
  readonly act: CountyAct;
  readonly kiosk: KioskRow;
  readonly inc: number;
  readonly fileSeq: number;
  readonly raise: (seq: number, code: ExceptionCode, detail: string) => void;
  readonly standing: Standing;
}

/** What stays as it is from one event of an incarnation to the next, so that it is asked once; and what is checked after all of them. */
export interface Standing {
  /** An incarnation came after this one. */
  readonly isOld: boolean;
  /** It gave up its rights by a restoration, and a person has released them since: what it did besides is the county's loss. */
  readonly isEnded: boolean;
  /** It is taken up beside a book that was put back: what its roaming was funded with then, the county's files tell (down-evidence.ts). */
  readonly isTakenUp: boolean;
  /** Accounts whose rights moved. */
  readonly touched: Set<string>;
  /** What was credited for what was brought, by date. */
  readonly credits: Credits;
  /** Entries of the first and the last sale or credit whose id was not looked for yet. */
  uncheckedIds: { readonly first: number; readonly last: number } | null;
}

type CounterStep = NonNullable<ReturnType<typeof counterStepOf>>;

/** How an incarnation of a kiosk stands now. Asked again once events of another are posted. */
export function standingOf(db: ReadableDatabase, kiosk: string, inc: number): Standing {
  const isOld = inc < newestIncarnation(db, kiosk);
  return {
    isOld,
    isEnded: isOld && frozenBy(db, kiosk) === null,
    isTakenUp: isTakingUp(db),
    touched: new Set(),
    credits: noCredits(),
    uncheckedIds: null,
  };
}

/** Ids that were there before are raised, and credits over a cap; and R6, 11 is asked of all that the events touched: of the incarnation that holds the rights, and of accounts that the county knows. */
export function checkTouched(folding: Folding): void {
  const { act, kiosk, inc, standing } = folding;
  const { db } = act;
  checkTwice(folding);
  checkCredits(folding);
  if (standing.isOld || frozenBy(db, kiosk.kiosk) !== null) return; // what it gave up is not taken back yet
  const touched = [...standing.touched];
  for (let at = 0; at < touched.length; at += checkedAtOnce) {
    const some = touched.slice(at, at + checkedAtOnce);
    readAhead(
      db,
      ...ofAccounts(folding, some),
      { table: givens, keys: some.map((account) => [kiosk.kiosk, account]) },
      { table: balances, keys: some.map((account) => ['suspense', account, kiosk.kiosk, 'PTS']) },
    );
    for (const account of some) if (accountRow(folding, account) !== undefined) assertRights(db, { kiosk: kiosk.kiosk, account }, inc);
  }
  standing.touched.clear();
}

/** Accounts whose rows are read together. */
const checkedAtOnce = 500;

/** What events of these accounts ask for is read at once, with what all of them move: what is redeemed here. */
export function readAccounts(of: Pick<Folding, 'act' | 'kiosk' | 'inc'>, named: readonly string[]): void {
  readAhead(of.act.db, ...ofAccounts(of, named), { table: balances, keys: [['red', '', of.kiosk.kiosk, 'PTS']] });
}

function ofAccounts({ kiosk: { kiosk }, inc }: Pick<Folding, 'kiosk' | 'inc'>, named: readonly string[]): readonly Wanted[] {
  return [
    { table: accounts, keys: named.map((account) => [account]) },
    { table: balances, keys: named.map((account) => ['esc', account, kiosk, 'PTS']) },
    { table: counters, keys: named.map((account) => [kiosk, inc, account]) },
  ];
}

/**
 * Posts one event. Returns its postings in the kiosk's own chart, with those of an applied file, for the figures of its day; null
 * where its amounts do not add up.
 */
export function foldEvent(folding: Folding, event: BookEvent, entry: number): readonly Posting[] | null {
  const { act, kiosk, raise, standing } = folding;
  const { own, overfunded, applied } = foldKiosk(folding, event);
  if (own === null) raise(event.seq, 'does_not_add_up', event.kind);
  for (const { account, amount } of overfunded) {
    act.post(moved({ account: 'roam', at: kiosk.kiosk }, rightsOf(folding, account), amount));
    standing.touched.add(account);
  }
  switch (event.kind) {
    case 'DOWN_APPLIED':
      if (applied !== null && !standing.isEnded) dropLines(act, applied, entry);
      if (applied?.tells === 1) keepTaken(folding, applied);
      break;
    case 'RIGHTS_RETURNED':
      postRightsReturned(folding, event, entry);
      break;
    case 'VOUCHER_IN':
      checkVoucher(folding, event);
      break;
    case 'SALE':
      noteUncheckedId(standing, entry);
      postSale(folding, event, entry);
      break;
    case 'CREDIT':
      noteUncheckedId(standing, entry);
      act.post(moved({ account: 'recycling_issue', at: kiosk.kiosk }, rightsPlace(folding, event.seq, event.body.accountId), event.amt));
      countCredit(folding, event);
      break;
    case 'CREDIT_REVERSED':
      postReversal(folding, event, entry);
      break;
    case 'CREDIT_DISPUTED':
      raise(event.seq, 'disputed_credit', event.body.creditId);
      break;
    case 'RETURNED':
      postReturn(folding, event, entry);
      break;
    case 'SETTLED':
      act.post(settle(folding, event));
      break;
    case 'START':
      if (event.body.kioskKey !== kiosk.key) raise(event.seq, 'other_key', event.body.kioskKey);
      break;
    default: // moves nothing of the county's
  }
  const touched = counterStepOf(event)?.accountId;
  if (touched !== undefined) standing.touched.add(touched);
  return own;
}

/** What an event does to the kiosk's own books, as the kiosk folds them: its postings and its counters. Moves nothing of the county's. */
export function foldKiosk(
  folding: Folding,
  event: BookEvent,
): { readonly own: readonly Posting[] | null; readonly overfunded: readonly Overfunded[]; readonly applied: AppliedFile | null } {
  const own = ownPostings(event);
  const step = counterStepOf(event);
  if (step !== null) moveCounter(folding, step);
  if (event.kind === 'VOUCHER_IN') keepVoucherTaken(folding, event);
  if (event.kind === 'RESTORED') return { own: giveUp(folding), overfunded: [], applied: null };
  if (event.kind !== 'DOWN_APPLIED') return { own, overfunded: [], applied: null };
  const { postings, overfunded, file } = applyDown(folding, event.seq, event.body);
  return { own: postings, overfunded, applied: file };
}

/** One of the county's files, as its row names it: the incarnation is the one that it speaks to. */
interface AppliedFile {
  readonly kiosk: string;
  readonly downSeq: number;
  readonly inc: number;
  readonly entry: number;
  /** 0: it only asked for rights, and told no rules. */
  readonly tells: number;
}

/** By which rules the kiosk credits from here on: those that the county had put by then. An incarnation that ended has none to come. */
function keepTaken({ act: { db }, standing }: Folding, { kiosk, entry }: AppliedFile): void {
  standing.credits.rules = undefined;
  if (!standing.isOld) prepared(db, 'UPDATE kiosk SET taken_entry = ? WHERE kiosk = ?').run(entry, kiosk);
}

/**
 * A restored kiosk gave up every right it had: B rises by as much. What the county holds for its accounts there stays until a person
 * has answered (rights.ts, releaseRestored).
 */
function giveUp({ act: { db }, kiosk, inc }: Folding): readonly Posting[] {
  const { held } = prepared<[string, number], { held: number | null }>(
    db,
    'SELECT sum(g - b + c - u - s + v + f) AS held FROM counter WHERE kiosk = ? AND inc = ?',
  ).get(kiosk.kiosk, inc)!; // an aggregate has a row
  if (held !== null && !Number.isSafeInteger(held)) throw new BeyondCounting('the rights that are given up are beyond 2^53');
  prepared(db, 'UPDATE counter SET b = g + c - u - s + v + f WHERE kiosk = ? AND inc = ?').run(kiosk.kiosk, inc);
  return [
    { account: 'esc', holder: '', commodity: 'PTS' as const, amount: -(held ?? 0) },
    { account: 'issuance', holder: '', commodity: 'PTS' as const, amount: held ?? 0 },
  ].filter(({ amount }) => amount !== 0) as readonly Posting[]; // accounts of the kiosk's chart
}

/** Roaming that had come back before the kiosk heard that it was funded: rights there from then on (counter F). */
interface Overfunded {
  readonly account: string;
  readonly amount: number;
}

/** The kiosk's own postings; null where its amounts do not add up, which a kiosk of ours never signs. */
function ownPostings(event: BookEvent): readonly Posting[] | null {
  try {
    return postingsOf(event);
  } catch {
    return null;
  }
}

function postSale(folding: Folding, event: BookEvent & { readonly kind: 'SALE' }, entry: number): void {
  const { act, kiosk, raise } = folding;
  const { redemption, accountId } = event.body;
  if (redemption === null) return;
  const { seq } = event;
  const red: Place = { account: 'red', at: kiosk.kiosk };
  if (kiosk.sale_cap !== null && event.amt > kiosk.sale_cap) raise(seq, 'over_sale_cap', `${event.amt} of ${kiosk.sale_cap}`);
  const holder = knownAccount(folding, seq, accountId);
  if (holder === null) {
    act.post(moved(suspense(kiosk, accountId ?? ''), red, redemption.fromRights));
    return act.post(moved(writeoff(kiosk, accountId ?? ''), red, redemption.fromRoaming));
  }
  takeRights(folding, { seq, holder, amount: redemption.fromRights, to: red });
  const roamed = redemption.fromRoaming;
  if (roamed === 0) return;
  const roam: Place = { account: 'roam', at: kiosk.kiosk };
  act.post(moved(roam, red, roamed));
  const at = { kiosk: kiosk.kiosk, account: holder };
  // What was funded and came back lies in clearing until the kiosk has heard so: it pays first.
  const owed = roamed - Math.min(roamed, lyingInClearing(act.db, at, folding.inc));
  checkRoaming({ act, kiosk, raise }, seq, holder, owed);
  // What lies unallocated funds the rest at once; what is left is due until an award or a return of rights does (R3, re-arm rule).
  const funded = folding.standing.isTakenUp ? 0 : Math.min(owed, unclaimed(act.db, holder));
  act.post(moved({ account: 'main', holder }, roam, funded));
  act.post(moved({ account: 'due', holder, at: kiosk.kiosk }, roam, owed - funded));
  prepared(
    act.db,
    `INSERT INTO given (kiosk, account, roamed, changed_entry) VALUES (?, ?, ?, ?)
     ON CONFLICT (kiosk, account) DO UPDATE SET roamed = given.roamed + excluded.roamed`,
  ).run(kiosk.kiosk, holder, roamed, entry);
  fund(act, at, { funded, entry });
}

/**
 * What was spent beyond the rights held here is paid to the merchant all the same (R3, Liability) and waits in suspense; where the county
 * has given them away already, by a person's leave, it is written off. Returns what was held.
 */
function takeRights(
  folding: Folding,
  { seq, holder, amount, to }: { readonly seq: number; readonly holder: string; readonly amount: number; readonly to: Place },
): number {
  const { act, kiosk, raise } = folding;
  if (amount === 0) return 0;
  if (folding.standing.isEnded) {
    act.post(moved(writeoff(kiosk, holder), to, amount));
    raise(seq, 'after_restoration', `${amount} of ${holder}`);
    return 0;
  }
  const esc: Place = { account: 'esc', holder, at: kiosk.kiosk };
  const held = Math.min(amount, balanceOf(act.db, esc));
  act.post(moved(esc, to, held));
  if (amount === held) return held;
  const astray = Math.min(amount - held, givenTo(act.db, { kiosk: kiosk.kiosk, account: holder }).astray);
  act.post(moved(writeoff(kiosk, holder), to, astray));
  prepared(act.db, 'UPDATE given SET astray = astray - ? WHERE kiosk = ? AND account = ?').run(astray, kiosk.kiosk, holder);
  act.post(moved(suspense(kiosk, holder), to, amount - held - astray));
  raise(seq, 'beyond_rights', `${amount - held} of ${holder}`);
  return held;
}

/** Unsettled roaming within the line of the account and the bound of the kiosk (R6, 3 and 12). */
function checkRoaming({ act, kiosk, raise }: Pick<Folding, 'act' | 'kiosk' | 'raise'>, seq: number, holder: string, roamed: number): void {
  const line = openLine(act.db, { kiosk: kiosk.kiosk, account: holder });
  const owed = (name: 'due' | 'overdraft'): number => -balanceOf(act.db, { account: name, holder, at: kiosk.kiosk });
  const due = owed('due') + owed('overdraft') + roamed;
  if (due > line) raise(seq, 'over_roaming_line', `${due} of ${line}`);
  if (kiosk.roaming_cap === null) return;
  const all = prepared<[string], { amount: number | null }>(
    act.db,
    `SELECT -sum(amount) AS amount FROM balance WHERE account IN ('due', 'overdraft') AND kiosk = ?`,
  ).get(kiosk.kiosk)!.amount; // an aggregate has a row
  if ((all ?? 0) + roamed > kiosk.roaming_cap) raise(seq, 'over_kiosk_roaming', `${(all ?? 0) + roamed} of ${kiosk.roaming_cap}`);
}

function postReturn(folding: Folding, event: BookEvent & { readonly kind: 'RETURNED' }, entry: number): void {
  const { act, kiosk, raise } = folding;
  const { seq, body, amt } = event;
  const sale = prepared<[number, string, string], { account: string | null; amt: number; back: number }>(
    act.db,
    `SELECT account, amt, (SELECT coalesce(sum(amt), 0) FROM event AS other WHERE other.refers = event.id AND other.kiosk = event.kiosk AND other.entry < ?) AS back
       FROM event WHERE id = ? AND kind = 'SALE' AND kiosk = ?`,
  ).get(entry, body.saleId, kiosk.kiosk);
  if (sale === undefined) raise(seq, 'return_without_sale', body.saleId);
  else if (sale.account !== body.accountId || sale.back + amt > sale.amt) raise(seq, 'return_beyond_sale', body.saleId);
  if (body.redemption === null) return;
  const { toRights, toRoaming } = body.redemption;
  const red: Place = { account: 'red', at: kiosk.kiosk };
  const holder = knownAccount(folding, seq, body.accountId);
  if (holder === null) {
    act.post(moved(red, suspense(kiosk, body.accountId ?? ''), toRights));
    return act.post(moved(red, writeoff(kiosk, body.accountId ?? ''), toRoaming));
  }
  act.post(moved(red, rightsOf(folding, holder), toRights));
  const roam: Place = { account: 'roam', at: kiosk.kiosk };
  act.post(moved(red, roam, toRoaming));
  // What was funded before it came back stays in clearing until the kiosk has heard so: then it is rights there (counter F).
  unroam(act, { kiosk: kiosk.kiosk, account: holder }, { amount: toRoaming, entry });
}

function postReversal(folding: Folding, event: BookEvent & { readonly kind: 'CREDIT_REVERSED' }, entry: number): void {
  const { act, kiosk, raise } = folding;
  const { seq, body, amt } = event;
  const credit = prepared<[string, string], { account: string | null; amt: number; line: string; back: number }>(
    act.db,
    `SELECT account, amt, line, (SELECT count(*) FROM event AS other WHERE other.refers = event.id) AS back
       FROM event WHERE id = ? AND kind = 'CREDIT' AND kiosk = ?`,
  ).get(body.creditId, kiosk.kiosk);
  if (credit?.account !== body.accountId || credit.amt !== amt || credit.back > 1) raise(seq, 'reversal_without_credit', body.creditId);
  else uncountCredit(folding, JSON.parse(credit.line) as BookEvent & { readonly kind: 'CREDIT' }); // the kind was asked for
  const issue: Place = { account: 'recycling_issue', at: kiosk.kiosk };
  const holder = knownAccount(folding, seq, body.accountId);
  if (holder === null) return act.post(moved(suspense(kiosk, body.accountId), issue, amt));
  const taken = takeRights(folding, { seq, holder, amount: amt, to: issue });
  const place = placeOfCredit(act.db, kiosk.kiosk, body.creditId);
  if (place === null) return;
  const twice = giveBackTwice(act, place, entry); // the county disallowed it, and the till did not know
  giveBackExpired(act, holder, { amount: taken - twice, givenOn: dayOfCredit(act.db, place) }); // nor that it expired: the last of the event's, for it enters acts
}

/** Rights that went back to the county pay what is due, or wait for the night (rights.ts, takeBack). */
function postRightsReturned(folding: Folding, event: BookEvent & { readonly kind: 'RIGHTS_RETURNED' }, entry: number): void {
  const { act, kiosk, raise } = folding;
  const { seq, body, amt } = event;
  const holder = knownAccount(folding, seq, body.accountId, 'county');
  if (holder === null) return act.post(moved(suspense(kiosk, body.accountId), { account: 'issuance' }, amt));
  if (folding.standing.isEnded) return raise(seq, 'after_restoration', `${amt} of ${holder}`); // the release took them back before
  const beyond = takeBack(act, { kiosk: kiosk.kiosk, account: holder }, { amount: amt, asked: body.asked, entry });
  if (beyond > 0) raise(seq, 'beyond_rights', `${beyond} of ${holder}`);
}

/** Its rights lie at the kiosk since the county gave it: only what the county never gave, or gave once, is to be looked at. */
function checkVoucher(folding: Folding, event: BookEvent & { readonly kind: 'VOUCHER_IN' }): void {
  const { act, kiosk, inc, raise } = folding;
  const { accountId, number } = event.body;
  if (knownAccount(folding, event.seq, accountId) === null) return;
  const given = prepared<[string, string, number], { amount: number }>(
    act.db,
    'SELECT amount FROM voucher WHERE kiosk = ? AND account = ? AND number = ?',
  ).get(kiosk.kiosk, accountId, number);
  const taken = prepared<[string, number, string, number], { amount: number }>(
    act.db,
    'SELECT amount FROM voucher_taken WHERE kiosk = ? AND inc = ? AND account = ? AND number = ?',
  ).get(kiosk.kiosk, inc, accountId, number);
  assert(taken !== undefined, 'a voucher that was taken is written down');
  if (given?.amount !== event.amt || taken.amount !== event.amt)
    raise(event.seq, 'unknown_voucher', `${accountId} ${number} of ${event.amt}`);
}

/** Counts in G beside the GRANT lines that do not cover it yet. One number twice, which no kiosk of ours takes, is added up. */
function keepVoucherTaken({ act, kiosk, inc }: Folding, event: BookEvent & { readonly kind: 'VOUCHER_IN' }): void {
  prepared(
    act.db,
    `INSERT INTO voucher_taken (kiosk, inc, account, number, amount) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (kiosk, inc, account, number) DO UPDATE SET amount = voucher_taken.amount + excluded.amount`,
  ).run(kiosk.kiosk, inc, event.body.accountId, event.body.number, event.amt);
}

/** Where a credit goes: rights here, or suspense where the county knows no such account. */
function rightsPlace(folding: Folding, seq: number, account: string): Place {
  const holder = knownAccount(folding, seq, account);
  return holder === null ? suspense(folding.kiosk, account) : rightsOf(folding, holder);
}

/** Where rights come to: to the kiosk; of an incarnation that ended, to what lies unallocated, for the kiosk does not know of them. */
function rightsOf(folding: Folding, holder: string): Place {
  return folding.standing.isEnded ? { account: 'main', holder } : { account: 'esc', holder, at: folding.kiosk.kiosk };
}

/** Of rights alone, as their counters say: what an unknown account roamed is nobody's debt. */
function suspense({ kiosk }: Pick<KioskRow, 'kiosk'>, holder: string): Place {
  return { account: 'suspense', holder, at: kiosk };
}

function writeoff({ kiosk }: Pick<KioskRow, 'kiosk'>, holder: string): Place {
  return { account: 'writeoff', holder, at: kiosk };
}

/**
 * The account where the county has it; null: raised as unknown. Where somebody did something in its name, that is raised, too, if nobody of
 * it may act; what the county itself asked for is nobody's doing.
 */
function knownAccount(folding: Folding, seq: number, account: string | null, doneBy: 'people' | 'county' = 'people'): string | null {
  const { raise } = folding;
  const row = account === null ? undefined : accountRow(folding, account);
  if (row === undefined) {
    raise(seq, 'unknown_account', account ?? 'none');
    return null;
  }
  if (row.is_active === 0 && doneBy === 'people') raise(seq, 'denied_account', account!); // it has a row
  return account;
}

function accountRow({ act: { db } }: Folding, account: string): AccountRow | undefined {
  return rowOf(db, accounts, [account]);
}

function noteUncheckedId(standing: Standing, entry: number): void {
  standing.uncheckedIds = { first: standing.uncheckedIds?.first ?? entry, last: entry };
}

/** One id is one act of the whole county (R6, 6): ids are made at random, so a second one was copied. Asked of all events at once. */
function checkTwice({ act: { db }, raise, standing }: Folding): void {
  if (standing.uncheckedIds === null) return;
  const { first, last } = standing.uncheckedIds;
  // Not by EXISTS: PostgreSQL, who does not know how few these are, would look at every event of the county.
  const twice = prepared<[number, number], { seq: number; id: string }>(
    db,
    `SELECT seq, id FROM event WHERE entry BETWEEN ? AND ? AND kind IN ('SALE', 'CREDIT') AND 0 < (
       SELECT count(*) FROM event AS other WHERE other.id = event.id AND other.kind IN ('SALE', 'CREDIT') AND other.entry < event.entry) ORDER BY entry`,
  ).all(first, last);
  for (const { seq, id } of twice) raise(seq, 'id_twice', id);
  standing.uncheckedIds = null;
}

function moveCounter({ act: { db }, kiosk: { kiosk }, inc }: Folding, step: CounterStep): void {
  const { accountId: account, granted, returned, spent, unspent, credited, uncredited, roamed, unroamed } = step;
  const { g, b, s, v, c, u, x, w, xs, f } = countersAt(db, { kiosk, account }, inc);
  keepRow(db, counters, {
    kiosk,
    inc,
    account,
    g: counted(g, granted),
    b: counted(b, returned),
    s: counted(s, spent),
    v: counted(v, unspent),
    c: counted(c, credited),
    u: counted(u, uncredited),
    x: counted(x, roamed),
    w: counted(w, unroamed),
    xs,
    f,
  });
}

/** A counter after a step. One that is beyond what any account ever comes to is of a key that signs anything, and is not posted. */
function counted(before: number, step: number): number {
  if (step > 0 && before + step > countedMax) throw new BeyondCounting(`a counter would be ${before} and ${step}`);
  return before + step;
}

/** Of one account at one kiosk: 5,600,000,000,000 points. What adds the ten counters of an account up stays within 2^53 (R6, 11). */
const countedMax = 2 ** 49;

/**
 * The kiosk has taken a file of ours: its G is what the file said and the vouchers that it took beyond, its Xs what the file said. What
 * had come back of the roaming before it heard that it was funded is rights there now.
 */
function applyDown(
  { act, kiosk, inc, raise }: Folding,
  seq: number,
  { downSeq, sha256 }: { readonly downSeq: number; readonly sha256: string },
): { readonly postings: readonly Posting[]; readonly overfunded: readonly Overfunded[]; readonly file: AppliedFile | null } {
  const { db } = act;
  const sent = prepared<[string, number, string], { inc: number; paid_fen: number; entry: number; tells: number }>(
    db,
    'SELECT inc, paid_fen, entry, tells FROM down_file WHERE kiosk = ? AND down_seq = ? AND sha256 = ?',
  ).get(kiosk.kiosk, downSeq, sha256);
  if (sent === undefined) {
    raise(seq, 'unknown_down_file', `${downSeq} ${sha256}`);
    return { postings: [], overfunded: [], file: null };
  }
  const ofFile = [kiosk.kiosk, downSeq, sent.inc] as const;
  const sums = prepared<
    [number, number, number, string, number, number],
    { granted: number | null; settled: number | null; highest: number | null }
  >(
    db,
    `SELECT sum(coalesce(granted + (${takenBeyond}) - coalesce(g, 0), 0)) AS granted, sum(coalesce(settled - coalesce(xs, 0), 0)) AS settled,
        max(granted + (${takenBeyond})) AS highest
       FROM down_line LEFT JOIN counter ON counter.kiosk = down_line.kiosk AND counter.inc = ? AND counter.account = down_line.account
      WHERE down_line.kiosk = ? AND down_line.down_seq = ? AND down_line.inc = ?`,
  ).get(inc, inc, inc, ...ofFile)!; // an aggregate has a row
  for (const sum of [sums.granted, sums.settled, sums.highest])
    if (sum !== null && !Number.isSafeInteger(sum)) throw new BeyondCounting('what the file grants with the vouchers taken is beyond 2^53');
  const over = prepared<[number, string, number, number], Overfunded>(
    db,
    `SELECT counter.account AS account, settled - x + w - f AS amount
       FROM down_line JOIN counter ON counter.kiosk = down_line.kiosk AND counter.inc = ? AND counter.account = down_line.account
      WHERE down_line.kiosk = ? AND down_line.down_seq = ? AND down_line.inc = ? AND settled > xs AND settled - x + w - f > 0`,
  ).all(inc, ...ofFile);
  prepared(
    db,
    `INSERT INTO counter (kiosk, inc, account, g) SELECT kiosk, CAST(? AS INTEGER), account, granted + (${takenBeyond}) FROM down_line
      WHERE kiosk = ? AND down_seq = ? AND inc = ? AND granted IS NOT NULL
      ON CONFLICT (kiosk, inc, account) DO UPDATE SET g = excluded.g`,
  ).run(inc, inc, ...ofFile);
  for (const { account, amount } of over)
    prepared(db, 'UPDATE counter SET f = f + ? WHERE kiosk = ? AND inc = ? AND account = ?').run(amount, kiosk.kiosk, inc, account);
  prepared(
    db,
    `UPDATE counter SET xs = line.settled FROM down_line AS line
      WHERE counter.kiosk = ? AND counter.inc = ? AND line.kiosk = ? AND line.down_seq = ? AND line.inc = ? AND line.account = counter.account
        AND line.settled IS NOT NULL`,
  ).run(kiosk.kiosk, inc, ...ofFile);
  const overfunded = over.reduce((sum, { amount }) => sum + amount, 0);
  const postings = kioskPostings({ granted: sums.granted ?? 0, settled: sums.settled ?? 0, overfunded, paidFen: sent.paid_fen });
  return { postings, overfunded: over, file: { kiosk: kiosk.kiosk, downSeq, inc: sent.inc, entry: sent.entry, tells: sent.tells } };
}

/** Σ of the vouchers of a GRANT line's account that an incarnation (the parameter) took and the line does not cover. */
const takenBeyond = `SELECT coalesce(sum(amount), 0) FROM voucher_taken
  WHERE voucher_taken.kiosk = down_line.kiosk AND voucher_taken.inc = ? AND voucher_taken.account = down_line.account
    AND voucher_taken.number > down_line.vouchers`;

/** What an applied file moves in the kiosk's own chart, over all holders: what its day's figures add up. */
function kioskPostings(of: {
  readonly granted: number;
  readonly settled: number;
  readonly overfunded: number;
  readonly paidFen: number;
}): Posting[] {
  const row = (account: Posting['account'], amount: number, commodity: Posting['commodity'] = 'PTS'): Posting[] =>
    amount === 0 ? [] : [{ account, holder: '', commodity, amount }];
  return [
    ...row('issuance', -(of.granted + of.settled)),
    ...row('esc', of.granted + of.overfunded),
    ...row('roam', of.settled - of.overfunded),
    ...row('cash/county-receivable', -of.paidFen, 'CNY'),
    ...row('cash/county-paid', of.paidFen, 'CNY'),
  ];
}
