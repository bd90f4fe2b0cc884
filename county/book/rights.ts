// Where a resident's rights lie: dues are asked back from the home kiosk, what it cannot return becomes overdraft, lines open within the
// bound, homes change, restored and dead kiosks are released (reconciliation.md R3 and R4). Lets nothing that a kiosk was given fall.

import { amountMax } from '../../db/model/amounts.ts';
import { type Result, assert, fail, ok } from '../../db/model/result.ts';
import { type ReadableDatabase, prepared } from '../../db/sqlite.ts';
import { rowOf } from '../store/held-rows.ts';
import { advancedTo, repayAdvances, unclaimed } from './advances.ts';
import { inClearing } from './clearing.ts';
import type { CountyAct, CountyBook } from './county-book.ts';
import { counters, givens } from './held-tables.ts';
import { type Place, balanceOf, moved } from './ledger.ts';
import { isUnanswered } from './unanswered.ts';

/** An account at a kiosk. */
export interface At {
  readonly kiosk: string;
  readonly account: string;
}

/** What the county gave an account at a kiosk; zeros where it gave nothing. */
export interface Given {
  /** G, vouchers included. */
  readonly granted: number;
  readonly vouchers: number;
  /** The line that the account is to have there, while nothing speaks against it. */
  readonly cap: number | null;
  readonly funded: number;
  readonly roamed: number;
  /** What B is to become, by a request that is not answered. */
  readonly asked: number | null;
  readonly astray: number;
}

const nothingGiven: Given = { granted: 0, vouchers: 0, cap: null, funded: 0, roamed: 0, asked: null, astray: 0 };

export function givenTo(db: ReadableDatabase, { kiosk, account }: At): Given {
  return rowOf(db, givens, [kiosk, account]) ?? nothingGiven;
}

/** A kiosk's own counters of an account, as posted of its newest incarnation. */
export interface PostedCounters {
  readonly g: number;
  readonly b: number;
  readonly s: number;
  readonly v: number;
  readonly c: number;
  readonly u: number;
  readonly x: number;
  readonly w: number;
  readonly xs: number;
  readonly f: number;
}

const nothingCounted: PostedCounters = { g: 0, b: 0, s: 0, v: 0, c: 0, u: 0, x: 0, w: 0, xs: 0, f: 0 };

export function countersAt(db: ReadableDatabase, { kiosk, account }: At, inc = newestIncarnation(db, kiosk)): PostedCounters {
  return rowOf(db, counters, [kiosk, inc, account]) ?? nothingCounted;
}

/** The newest incarnation that anything was posted of; 1 before the first file. */
export function newestIncarnation(db: ReadableDatabase, kiosk: string): number {
  return prepared<[string], { inc: number | null }>(db, 'SELECT max(inc) AS inc FROM chain WHERE kiosk = ?').get(kiosk)!.inc ?? 1; // an aggregate has a row
}

/** Why a kiosk that was put back hears nothing of the county: no person has said yet what it forgot (R4). Null: it does hear. */
export function frozenBy(db: ReadableDatabase, kiosk: string): 'restored' | 'restored_behind' | null {
  const row = prepared<[string], { code: 'restored' | 'restored_behind' }>(
    db,
    `SELECT code FROM exception WHERE kiosk = ? AND code IN ('restored', 'restored_behind')
        AND ${isUnanswered} ORDER BY code DESC LIMIT 1`,
  ).get(kiosk);
  return row?.code ?? null;
}

/**
 * Rights that the kiosk holds or will hold once it has every file, by what the county granted and by the kiosk's own events (R6, 11):
 * `esc`, what is in suspense and what is astray make up the same.
 */
function rightsByCounters(db: ReadableDatabase, at: At, inc?: number): number {
  const { b, s, v, c, u, f } = countersAt(db, at, inc);
  return givenTo(db, at).granted - b + c - u - s + v + f;
}

/** R6, 11 for one account at a kiosk that is not frozen, after the postings that touched it. Throws where it does not hold. */
export function assertRights(db: ReadableDatabase, { kiosk, account }: At, inc: number): void {
  const esc = balanceOf(db, { account: 'esc', holder: account, at: kiosk });
  const suspense = balanceOf(db, { account: 'suspense', holder: account, at: kiosk });
  const { astray } = givenTo(db, { kiosk, account });
  const counted = rightsByCounters(db, { kiosk, account }, inc);
  assert(
    esc + suspense + astray === counted,
    `the rights of ${account} at ${kiosk} are ${esc}, in suspense ${suspense}, astray ${astray}; its counters say ${counted}`,
  );
}

/** Writes down that a row must be looked at when the next file is made. */
function touch({ db }: CountyAct, account: string, entry: number): void {
  prepared(db, 'UPDATE given SET changed_entry = ? WHERE account = ?').run(entry, account);
}

/** Raises how much of an account's roaming at a kiosk is funded: what the kiosk is next told as Xs. */
export function fund(act: CountyAct, { kiosk, account }: At, { funded, entry }: { readonly funded: number; readonly entry: number }): void {
  if (funded === 0) return;
  prepared(
    act.db,
    `INSERT INTO given (kiosk, account, funded, changed_entry) VALUES (?, ?, ?, ?)
     ON CONFLICT (kiosk, account) DO UPDATE SET funded = given.funded + excluded.funded`,
  ).run(kiosk, account, funded, entry);
  touch(act, account, entry); // a line that waited for its place may open
}

type DebtName = 'due' | 'overdraft';

interface Owed {
  readonly kiosk: string;
  readonly amount: number;
}

/** Where what was withdrawn of an account is owed: at no kiosk, and no kiosk is told when it is paid. */
export const nowhere = '';

/** What an account owes, by the kiosk that it was spent at; what was withdrawn of it at none. */
function owedBy(db: ReadableDatabase, name: DebtName, account: string): readonly Owed[] {
  return prepared<[string, string], Owed>(
    db,
    `SELECT kiosk, -amount AS amount FROM balance WHERE account = ? AND holder = ? AND commodity = 'PTS' AND amount < 0 ORDER BY kiosk`,
  ).all(name, account);
}

/** All that an account owes in the order in which it is paid: what was roamed, due before overdrawn, and then what was withdrawn. */
function debtsOf(db: ReadableDatabase, account: string): readonly (Owed & { readonly name: DebtName })[] {
  const debts = (['due', 'overdraft'] as const).flatMap((name) => owedBy(db, name, account).map((owed) => ({ ...owed, name })));
  const isRoamed = ({ kiosk }: Owed): boolean => kiosk !== nowhere;
  return [...debts.filter(isRoamed), ...debts.filter((owed) => !isRoamed(owed))];
}

function sumOf(owed: readonly Owed[]): number {
  return owed.reduce((sum, { amount }) => sum + amount, 0);
}

/**
 * Pays what an account owes out of what lies unallocated, part by part; that kiosk's Xs rises by each. What was roamed comes before what was
 * withdrawn, overdrawn or due: it closes lines at shops, and the county bears it. What was advanced comes before all: the kiosks
 * have it already.
 */
export function payDebts(act: CountyAct, account: string, entry: number): void {
  repayAdvances(act, account);
  for (const { name, kiosk, amount } of debtsOf(act.db, account)) {
    const funded = Math.min(amount, balanceOf(act.db, { account: 'main', holder: account }));
    act.post(moved({ account: 'main', holder: account }, { account: name, holder: account, at: kiosk }, funded));
    if (kiosk !== nowhere) fund(act, { kiosk, account }, { funded, entry });
    else if (funded > 0 && name === 'overdraft') touch(act, account, entry); // a line that it closed may open
  }
}

/**
 * Points that an account was given are the county's again (R3: a withdrawal is a RETURN_REQ): all of them are due, at no kiosk. What lies
 * unallocated pays at once; the next night asks the home kiosk for the rest, and what nobody can return becomes overdraft: no more than
 * `amount`. `to`: whose issue they were.
 */
export function withdraw(
  act: CountyAct,
  account: string,
  { amount, entry, to }: { readonly amount: number; readonly entry: number; readonly to: Place },
): void {
  act.post(moved({ account: 'due', holder: account, at: nowhere }, to, amount));
  payDebts(act, account, entry);
}

/**
 * What was withdrawn of an account was not its to lose: that is nothing that it owes, and what was paid of it lies unallocated again. `from`:
 * whose issue they were made again. So the account never owes more than was withdrawn of it and not given back (R3, theorem).
 */
export function giveBackWithdrawn(
  act: CountyAct,
  account: string,
  { amount, entry, from }: { readonly amount: number; readonly entry: number; readonly from: Place },
): void {
  let left = amount;
  for (const name of ['due', 'overdraft'] as const) {
    const owed: Place = { account: name, holder: account, at: nowhere };
    const step = Math.min(left, -balanceOf(act.db, owed));
    act.post(moved(from, owed, step));
    left -= step;
  }
  act.post(moved(from, { account: 'main', holder: account }, left));
  touch(act, account, entry); // a line that the overdraft closed may open
}

/**
 * Points that are needed once more had paid for what was withdrawn of the account: that is due again. In a book that is put back they are
 * needed for what a kiosk was told, and the withdrawal came after that. Returns how much, at most `most`.
 */
export function unpayWithdrawn(act: CountyAct, account: string, most: number): number {
  const { taken } = prepared<[string, string, string], { taken: number }>(
    act.db,
    `SELECT coalesce(sum(points), 0) AS taken FROM (SELECT points FROM taken_back WHERE account = ?
       UNION ALL SELECT points FROM reclaimed WHERE account = ? UNION ALL SELECT -points FROM reclaimed_twice WHERE account = ?) AS parts`,
  ).get(account, account, account)!; // an aggregate has a row
  const owed = (name: 'due' | 'overdraft'): number => -balanceOf(act.db, { account: name, holder: account, at: nowhere });
  const back = Math.min(most, taken - owed('due') - owed('overdraft'));
  if (back <= 0) return 0;
  act.post(moved({ account: 'due', holder: account, at: nowhere }, { account: 'main', holder: account }, back));
  return back;
}

/**
 * Of an account's roaming at a kiosk, what was funded and came back with goods before the kiosk heard that it was funded. Asked before
 * what is being posted is among what was roamed.
 */
export function lyingInClearing(db: ReadableDatabase, at: At, inc: number): number {
  const { funded, roamed } = givenTo(db, at);
  const { w, f } = countersAt(db, at, inc);
  return Math.max(0, funded - roamed + w - f);
}

/**
 * Points that were used at a kiosk beyond what the county has there for them, by a paper of an event that was never sent: what lies
 * unallocated pays, and the rest is due, as of a roaming line (R3, re-arm rule). The kiosk knows nothing of it.
 */
export function spendUnsent(
  act: CountyAct,
  { kiosk, account }: At,
  { amount, entry }: { readonly amount: number; readonly entry: number },
): void {
  if (amount === 0) return;
  const roam: Place = { account: 'roam', at: kiosk };
  act.post(moved(roam, { account: 'red', at: kiosk }, amount));
  const funded = Math.min(amount, unclaimed(act.db, account));
  act.post(moved({ account: 'main', holder: account }, roam, funded));
  act.post(moved({ account: 'due', holder: account, at: kiosk }, roam, amount - funded));
  prepared(
    act.db,
    `INSERT INTO given (kiosk, account, roamed, changed_entry) VALUES (?, ?, ?, ?)
     ON CONFLICT (kiosk, account) DO UPDATE SET roamed = given.roamed + excluded.roamed`,
  ).run(kiosk, account, amount, entry);
  fund(act, { kiosk, account }, { funded, entry });
}

/** Roaming came back with goods: less of it is due, or overdrawn. What was funded before is nobody's debt, and stays in clearing. */
export function unroam(
  act: CountyAct,
  { kiosk, account }: At,
  { amount, entry }: { readonly amount: number; readonly entry: number },
): void {
  let left = amount;
  for (const name of ['due', 'overdraft'] as const) {
    const owed: Place = { account: name, holder: account, at: kiosk };
    const back = Math.min(left, -balanceOf(act.db, owed));
    act.post(moved({ account: 'roam', at: kiosk }, owed, back));
    left -= back;
  }
  touch(act, account, entry); // a line that the overdraft closed may open
}

/**
 * What lies unallocated becomes rights at a kiosk: at the home, which holds 100 % (R3). `most`: of G; what is beyond lies on, for a kiosk
 * that heard of it could not count it, nor could who lives off its figures.
 */
export function grantUnallocated(act: CountyAct, { kiosk, account }: At, entry: number, most = amountMax): void {
  const held = balanceOf(act.db, { account: 'esc', holder: account, at: kiosk });
  const room = Math.min(most - givenTo(act.db, { kiosk, account }).granted, amountMax - held);
  const rest = Math.min(room, balanceOf(act.db, { account: 'main', holder: account }));
  if (rest <= 0) return;
  act.post(moved({ account: 'main', holder: account }, { account: 'esc', holder: account, at: kiosk }, rest));
  prepared(
    act.db,
    `INSERT INTO given (kiosk, account, granted, changed_entry) VALUES (?, ?, ?, ?)
     ON CONFLICT (kiosk, account) DO UPDATE SET granted = given.granted + excluded.granted, changed_entry = excluded.changed_entry`,
  ).run(kiosk, account, rest, entry);
}

/**
 * Asks the home kiosk for what is due. While another kiosk has rights and has not answered what it was asked, nothing: what comes from
 * there pays the dues first, and a home that is empty for that reason is not exhausted.
 */
export function askForDues(act: CountyAct, { kiosk, account }: At, entry: number): void {
  const due = wantedFor(act.db, account);
  if (due === 0 || isAskedElsewhere(act.db, { kiosk, account })) return;
  ask(act, { kiosk, account }, { returned: countersAt(act.db, { kiosk, account }).b + due, entry });
}

/**
 * What has to come home so that nothing of an account is due any more, with what is paid before it: what was advanced to it, and before points
 * that were taken back what it roamed and is overdrawn. 0: nothing is due.
 */
function wantedFor(db: ReadableDatabase, account: string): number {
  const debts = debtsOf(db, account);
  const lastDue = debts.findLastIndex(({ name }) => name === 'due');
  return lastDue < 0 ? 0 : sumOf(debts.slice(0, lastDue + 1)) + advancedTo(db, account);
}

function isAskedElsewhere(db: ReadableDatabase, { kiosk, account }: At): boolean {
  const row = prepared<[string, string], object>(
    db,
    `SELECT 1 FROM given JOIN balance ON balance.account = 'esc' AND holder = given.account AND balance.kiosk = given.kiosk AND amount > 0
      WHERE given.account = ? AND given.kiosk <> ? AND asked IS NOT NULL`,
  ).get(account, kiosk);
  return row !== undefined;
}

/**
 * Asks a kiosk for rights that somebody wants to use elsewhere now (R3, "online if reachable"). Returns what B is to become: more, where
 * something was asked before that is not answered.
 */
export function askForUse(
  act: CountyAct,
  { kiosk, account }: At,
  { amount, entry }: { readonly amount: number; readonly entry: number },
): number {
  ask(act, { kiosk, account }, { returned: countersAt(act.db, { kiosk, account }).b + amount, entry });
  const { asked } = givenTo(act.db, { kiosk, account });
  assert(asked !== null, 'it was asked just now');
  return asked;
}

/** Asks a kiosk for rights that nobody used there, beside whatever else it is asked for. */
export function askForLapsed(
  act: CountyAct,
  { kiosk, account }: At,
  { amount, entry }: { readonly amount: number; readonly entry: number },
): void {
  const before = Math.max(countersAt(act.db, { kiosk, account }).b, givenTo(act.db, { kiosk, account }).asked ?? 0);
  ask(act, { kiosk, account }, { returned: before + amount, entry });
}

/** Asks that B become `returned`; never less than what was asked and is not answered. */
function ask(act: CountyAct, { kiosk, account }: At, { returned, entry }: { readonly returned: number; readonly entry: number }): void {
  prepared(
    act.db,
    `INSERT INTO given (kiosk, account, asked, changed_entry) VALUES (?, ?, ?, ?)
     ON CONFLICT (kiosk, account) DO UPDATE SET asked = excluded.asked, changed_entry = excluded.changed_entry
       WHERE given.asked IS NULL OR given.asked < excluded.asked`,
  ).run(kiosk, account, Math.min(returned, amountMax), entry);
}

/**
 * A kiosk gave rights back: they pay what is due at once, and what is left waits for the night. A home that gave less than it was asked
 * for holds nothing more, and where no other shop has rights either, what is still due is overdrawn, and no line of the account is open
 * until that is repaid (R3, Strike). The counter B has moved already. Returns what the kiosk gave back that the county did not have there.
 */
export function takeBack(
  act: CountyAct,
  { kiosk, account }: At,
  { amount, asked, entry }: { readonly amount: number; readonly asked: number; readonly entry: number },
): number {
  const { db } = act;
  const found = Math.min(amount, givenTo(db, { kiosk, account }).astray);
  if (found > 0) prepared(db, 'UPDATE given SET astray = astray - ? WHERE kiosk = ? AND account = ?').run(found, kiosk, account);
  const esc: Place = { account: 'esc', holder: account, at: kiosk };
  const back = Math.min(amount - found, balanceOf(db, esc));
  act.post(moved(esc, { account: 'main', holder: account }, back));
  // What the account brought there before the county knew it lies in suspense, and is its own.
  const suspended = Math.max(0, Math.min(amount - found - back, balanceOf(db, { account: 'suspense', holder: account, at: kiosk })));
  act.post(moved({ account: 'suspense', holder: account, at: kiosk }, { account: 'main', holder: account }, suspended));
  const beyond = amount - found - back - suspended;
  act.post(moved({ account: 'suspense', holder: account, at: kiosk }, { account: 'issuance' }, beyond));
  prepared(db, 'UPDATE given SET asked = NULL WHERE kiosk = ? AND account = ? AND asked <= ?').run(kiosk, account, asked);
  payDebts(act, account, entry);
  const { b } = countersAt(db, { kiosk, account });
  const isEmpty = b < asked && balanceOf(db, esc) === 0; // files on their way to it may grant more
  if (isEmpty && homeOf(db, account) === kiosk && !askElsewhere(act, { kiosk, account }, entry)) strike(act, account, entry);
  return beyond;
}

/**
 * Rights at other shops, of a voucher or for what was brought there, pay before anybody is struck: those shops are asked for what is due.
 * Whether any has some.
 */
function askElsewhere(act: CountyAct, { kiosk, account }: At, entry: number): boolean {
  const shops = prepared<[string, string], { kiosk: string; amount: number }>(
    act.db,
    `SELECT kiosk, amount FROM balance WHERE account = 'esc' AND commodity = 'PTS' AND holder = ? AND kiosk <> ? AND amount > 0 ORDER BY kiosk`,
  ).all(account, kiosk);
  let due = wantedFor(act.db, account);
  for (const shop of shops) {
    const wanted = Math.min(due, shop.amount);
    if (wanted > 0)
      ask(act, { kiosk: shop.kiosk, account }, { returned: countersAt(act.db, { kiosk: shop.kiosk, account }).b + wanted, entry });
    due -= wanted;
  }
  return shops.length > 0;
}

function strike(act: CountyAct, account: string, entry: number): void {
  for (const { kiosk, amount } of owedBy(act.db, 'due', account))
    act.post(moved({ account: 'overdraft', holder: account, at: kiosk }, { account: 'due', holder: account, at: kiosk }, amount));
  touch(act, account, entry);
}

/** Home kiosk of an account that the county knows. */
export function homeOf(db: ReadableDatabase, account: string): string {
  const row = prepared<[string], { home: string }>(db, 'SELECT home FROM account WHERE account = ?').get(account);
  assert(row !== undefined, `account ${account} is known`);
  return row.home;
}

/** A line that a file tells may be in force from now on. */
export function keepRoamLine(
  act: CountyAct,
  { kiosk, account }: At,
  { cap, entry }: { readonly cap: number; readonly entry: number },
): void {
  const { changes } = prepared(act.db, 'INSERT INTO roam_line (kiosk, account, entry, cap) VALUES (?, ?, ?, ?)').run(
    kiosk,
    account,
    entry,
    cap,
  );
  assert(changes === 1, 'a line is written down');
}

/**
 * The kiosk says that a file took effect: the lines that were in force before its own are not any more. What waited for the place of
 * one is looked at again.
 */
export function dropLines(
  act: CountyAct,
  file: { readonly kiosk: string; readonly downSeq: number; readonly inc: number },
  entry: number,
): void {
  const { db } = act;
  const { kiosk, downSeq, inc } = file;
  const told = prepared<[string, number, number], { entry: number }>(
    db,
    'SELECT entry FROM down_file WHERE kiosk = ? AND down_seq = ? AND inc = ?',
  ).get(kiosk, downSeq, inc);
  assert(told !== undefined, 'an applied file has its row');
  const ofFile = 'SELECT account FROM down_line WHERE kiosk = ? AND down_seq = ? AND inc = ? AND settled IS NOT NULL';
  const { changes } = prepared(db, `DELETE FROM roam_line WHERE kiosk = ? AND entry < ? AND account IN (${ofFile})`).run(
    kiosk,
    told.entry,
    kiosk,
    downSeq,
    inc,
  );
  if (changes === 0) return;
  prepared(
    db,
    `UPDATE given SET changed_entry = ? WHERE cap > 0 AND coalesce(told_cap, 0) = 0
        AND account IN (SELECT account FROM down_line WHERE kiosk = ? AND down_seq = ? AND inc = ? AND settled IS NOT NULL AND cap = 0)`,
  ).run(entry, kiosk, downSeq, inc);
}

/** The greatest line of an account that may be in force at a kiosk; 0: none. */
export function openLine(db: ReadableDatabase, { kiosk, account }: At): number {
  return (
    prepared<[string, string], { cap: number | null }>(db, 'SELECT max(cap) AS cap FROM roam_line WHERE kiosk = ? AND account = ?').get(
      kiosk,
      account,
    )!.cap ?? 0 // an aggregate has a row
  );
}

/**
 * The line c that an account is told to have at a kiosk from now on: none at its home, none while it is overdrawn, and none beyond the
 * county's bound (R6, 12), in which a line counts until the kiosk's own event says that it is closed, and what was spent on it until
 * it is funded.
 */
export function lineFor(db: ReadableDatabase, { kiosk, account }: At): number {
  const county = prepared<[], { roam_lines: number; roam_cap: number }>(db, 'SELECT roam_lines, roam_cap FROM county').get();
  assert(county !== undefined, 'a county’s book says whose it is');
  const cap = Math.min(givenTo(db, { kiosk, account }).cap ?? 0, county.roam_cap);
  if (cap === 0 || homeOf(db, account) === kiosk || owedBy(db, 'overdraft', account).length > 0) return 0;
  const elsewhere = prepared<[string, string, string, string], { n: number }>(
    db,
    `SELECT count(*) AS n FROM (
       SELECT kiosk FROM roam_line WHERE account = ? AND kiosk <> ? AND cap > 0
       UNION SELECT kiosk FROM balance WHERE account = 'due' AND holder = ? AND kiosk NOT IN (?, '${nowhere}') AND amount < 0) AS open_elsewhere`,
  ).get(account, kiosk, account, kiosk)!.n; // an aggregate has a row
  return elsewhere < county.roam_lines ? Math.max(0, cap - forgottenRoaming(db, { kiosk, account })) : 0;
}

/**
 * Xs as a kiosk is told it: what is funded. One that was put back behind the county's book does not know of some that it roamed: that is
 * taken to be funded last, for it takes no Xs beyond its own X.
 */
export function settledFor(db: ReadableDatabase, at: At): number {
  const { funded, roamed } = givenTo(db, at);
  const { x, xs } = countersAt(db, at);
  return Math.max(xs, funded - Math.max(0, roamed - x));
}

/**
 * How much was funded for an incarnation to be told that Xs: settledFor the other way round. What the kiosk says that it knows, and what one
 * that ended was told, stands for no more than itself.
 */
export function fundedFor(db: ReadableDatabase, at: At & { readonly inc: number }, settled: number): number {
  const { x, xs } = countersAt(db, at);
  if (settled <= xs || at.inc < newestIncarnation(db, at.kiosk)) return settled;
  return settled + Math.max(0, givenTo(db, at).roamed - x);
}

/** What is due of an account's roaming at a kiosk and the kiosk does not know of. */
function forgottenRoaming(db: ReadableDatabase, { kiosk, account }: At): number {
  const due = -balanceOf(db, { account: 'due', holder: account, at: kiosk });
  const { x, w, xs, f } = countersAt(db, { kiosk, account });
  return Math.max(0, due - (x - w - xs + f));
}

/**
 * Moves an account to another home: the old one is asked for all that it holds, and what comes back is granted at the new one by the
 * night after. The new home needs no line; the old one may have one, as soon as the county's bound lets it.
 */
export function moveHome(
  book: CountyBook,
  of: { readonly account: string; readonly to: string; readonly by: string },
): Promise<Result<null, 'unknown_account' | 'unknown_kiosk' | 'is_home'>> {
  return book.transact((act) => moveOne(act, of));
}

function moveOne(
  act: CountyAct,
  { account, to, by }: { readonly account: string; readonly to: string; readonly by: string },
): Result<null, 'unknown_account' | 'unknown_kiosk' | 'is_home'> {
  const { db } = act;
  const from = prepared<[string], { home: string }>(db, 'SELECT home FROM account WHERE account = ?').get(account)?.home;
  if (from === undefined) return fail('unknown_account');
  if (prepared(db, 'SELECT 1 FROM kiosk WHERE kiosk = ?').get(to) === undefined) return fail('unknown_kiosk');
  if (from === to) return fail('is_home');
  const entry = act.enter('home', `${account} ${from} ${to} by ${by}`);
  assert(prepared(db, 'UPDATE account SET home = ? WHERE account = ?').run(to, account).changes === 1, 'an account moved');
  if (givenTo(db, { kiosk: from, account }).granted > 0 || rightsByCounters(db, { kiosk: from, account }) > 0)
    ask(act, { kiosk: from, account }, { returned: amountMax, entry });
  prepared(
    db,
    `INSERT INTO given (kiosk, account, cap, changed_entry) SELECT ?, ?, roam_cap, ? FROM county WHERE roam_cap > 0
     ON CONFLICT (kiosk, account) DO UPDATE SET cap = coalesce(given.cap, excluded.cap)`,
  ).run(from, account, entry);
  touch(act, account, entry);
  return ok(null);
}

/**
 * A person has said what a kiosk that was put back forgot: what it gave up with its RESTORED event lies unallocated again, and the next
 * night grants it anew. Where it will hold more than the county has there, because it forgot some that was spent, the rest is asked
 * back in the same file that brings it.
 */
export function releaseRestored(act: CountyAct, kiosk: string): void {
  const { db } = act;
  const entry = act.enter('release', kiosk);
  for (const account of accountsAt(db, kiosk)) releaseOne(act, { kiosk, account }, entry);
}

/** Accounts that were ever given anything at a kiosk, or have anything there. */
function accountsAt(db: ReadableDatabase, kiosk: string): readonly string[] {
  return prepared<[string, string], { account: string }>(
    db,
    `SELECT account FROM given WHERE kiosk = ?
     UNION SELECT holder FROM balance WHERE account IN ('esc', 'suspense') AND kiosk = ? AND amount <> 0 AND holder IN (SELECT account FROM account)`,
  )
    .all(kiosk, kiosk)
    .map(({ account }) => account);
}

function releaseOne(act: CountyAct, { kiosk, account }: At, entry: number): void {
  const { db } = act;
  const suspense: Place = { account: 'suspense', holder: account, at: kiosk };
  act.post(moved({ account: 'writeoff', holder: account, at: kiosk }, suspense, -balanceOf(db, suspense)));
  const esc: Place = { account: 'esc', holder: account, at: kiosk };
  const surplus = balanceOf(db, esc) - Math.max(0, rightsByCounters(db, { kiosk, account }));
  const kept = putInClearing(act, { kiosk, account }, Math.max(0, surplus));
  act.post(moved(esc, { account: 'main', holder: account }, Math.max(0, surplus) - kept));
  const astray = Math.max(0, -surplus);
  prepared(
    db,
    `INSERT INTO given (kiosk, account, astray, changed_entry) VALUES (?, ?, ?, ?)
     ON CONFLICT (kiosk, account) DO UPDATE SET astray = excluded.astray, asked = NULL, changed_entry = excluded.changed_entry`,
  ).run(kiosk, account, astray, entry);
  const { b } = countersAt(db, { kiosk, account });
  const isElsewhere = homeOf(db, account) !== kiosk;
  const left = balanceOf(db, esc) + astray;
  if (left > 0 && (astray > 0 || isElsewhere)) ask(act, { kiosk, account }, { returned: isElsewhere ? amountMax : b + astray, entry });
}

/**
 * A restored kiosk that forgot that roaming was funded, which had come back by then, makes rights of it once more when it hears so again. What
 * it will have lies in clearing until then: out of what it gave up, and what is spent of that already is the county's loss. Returns how much
 * it took of `surplus`, what was given up.
 */
function putInClearing(act: CountyAct, { kiosk, account }: At, surplus: number): number {
  const { db } = act;
  const { funded, roamed } = givenTo(db, { kiosk, account });
  if (funded === 0) return 0;
  const wanted = lyingInClearing(db, { kiosk, account }, newestIncarnation(db, kiosk));
  const missing = Math.max(0, wanted - inClearing(db, { kiosk, account, funded, roamed }));
  const kept = Math.min(surplus, missing);
  const roam: Place = { account: 'roam', at: kiosk };
  act.post(moved({ account: 'esc', holder: account, at: kiosk }, roam, kept));
  act.post(moved({ account: 'writeoff', holder: account, at: kiosk }, roam, missing - kept));
  return kept;
}

/**
 * Of what the county has of an account at a restored kiosk, what that gave up with its RESTORED event and no person has released since.
 * 0: the kiosk was not restored, or somebody answered for it.
 */
export function givenUp(db: ReadableDatabase, { kiosk, account }: At): number {
  if (frozenBy(db, kiosk) === null) return 0;
  return Math.max(0, balanceOf(db, { account: 'esc', holder: account, at: kiosk }) - Math.max(0, rightsByCounters(db, { kiosk, account })));
}

/** Whether a file to an incarnation of a kiosk, or to a later one, lies there that the book does not have yet. */
export type IsThere = (kiosk: string, inc: number) => boolean;

/**
 * A book that was put back to before a person answered for a restored kiosk: a file to that incarnation, which none gets before, proves the
 * answer, in the book or where it `isThere`. What was given up there lies unallocated again as far as it was given out since; the rest waits
 * for the answer, which comes once more. Returns how much, at most `most`.
 */
export function releaseAsAnswered(act: CountyAct, account: string, most: number, isThere: IsThere = () => false): number {
  const { db } = act;
  const hasFile = prepared<[string, number], object>(db, 'SELECT 1 FROM down_file WHERE kiosk = ? AND inc >= ? LIMIT 1');
  const answered = prepared<[], { kiosk: string; inc: number }>(
    db,
    `SELECT kiosk, inc FROM exception WHERE code IN ('restored', 'restored_behind') AND ${isUnanswered} ORDER BY kiosk, inc`,
  )
    .all()
    .filter(({ kiosk, inc }) => hasFile.get(kiosk, inc) !== undefined || isThere(kiosk, inc));
  let back = 0;
  for (const kiosk of new Set(answered.map((each) => each.kiosk))) {
    const step = Math.min(most - back, givenUp(db, { kiosk, account }));
    if (step <= 0) continue;
    act.post(moved({ account: 'esc', holder: account, at: kiosk }, { account: 'main', holder: account }, step));
    back += step;
  }
  return back;
}

/**
 * The first file to an incarnation that a book which was put back knows of no answer for: what that answer found the kiosk to hold beyond
 * what the county has there is expected back again, as then. What was given up beyond that waits (releaseAsAnswered).
 */
export function expectAsAnswered(act: CountyAct, { kiosk, inc }: { readonly kiosk: string; readonly inc: number }, entry: number): void {
  const { db } = act;
  const isFirst =
    prepared<[string, number], object>(db, 'SELECT 1 FROM down_file WHERE kiosk = ? AND inc = ?').get(kiosk, inc) === undefined;
  if (frozenBy(db, kiosk) === null || !isFirst || inc !== newestIncarnation(db, kiosk)) return;
  for (const account of accountsAt(db, kiosk)) if (givenUp(db, { kiosk, account }) === 0) releaseOne(act, { kiosk, account }, entry);
}

/**
 * Gives an account a line at a kiosk: it is told as far as the county's bound lets it, and stays a right until the kiosk's own event says
 * otherwise. 0: the line is to be closed.
 */
export function allowRoaming(
  act: CountyAct,
  { kiosk, account }: At,
  { cap, entry }: { readonly cap: number; readonly entry: number },
): void {
  prepared(
    act.db,
    `INSERT INTO given (kiosk, account, cap, changed_entry) VALUES (?, ?, ?, ?)
     ON CONFLICT (kiosk, account) DO UPDATE SET cap = excluded.cap, changed_entry = excluded.changed_entry`,
  ).run(kiosk, account, cap, entry);
}

/**
 * A person gives up a kiosk that does not come back (R8, 6): who is at home there moves to another, and the rights that lie there are
 * granted anew by the next night. Should it come back and have spent some of them, that is written off; what it still holds it is asked
 * for. Its lines stay counted: only its own word closes them.
 */
export function releaseKiosk(
  book: CountyBook,
  { kiosk, to, by }: { readonly kiosk: string; readonly to: string; readonly by: string },
): Promise<Result<{ readonly accounts: number; readonly points: number }, 'unknown_kiosk' | 'is_home'>> {
  return book.transact((act) => releaseKioskIn(act, { kiosk, to, by }));
}

/** The same, within an act. */
export function releaseKioskIn(
  act: CountyAct,
  { kiosk, to, by }: { readonly kiosk: string; readonly to: string; readonly by: string },
): Result<{ readonly accounts: number; readonly points: number }, 'unknown_kiosk' | 'is_home'> {
  const { db } = act;
  const checked = checkRelease(db, { kiosk, to });
  if (!checked.ok) return checked;
  const residents = prepared<[string], { account: string }>(db, 'SELECT account FROM account WHERE home = ? ORDER BY account').all(kiosk);
  for (const { account } of residents) assert(moveOne(act, { account, to, by }).ok, 'both kiosks are there and are two');
  const entry = act.enter('release', `${kiosk} by ${by}`);
  const held = prepared<[string], { account: string; amount: number }>(
    db,
    `SELECT holder AS account, amount FROM balance WHERE account = 'esc' AND kiosk = ? AND amount > 0 ORDER BY holder`,
  ).all(kiosk);
  for (const { account, amount } of held) {
    act.post(moved({ account: 'esc', holder: account, at: kiosk }, { account: 'main', holder: account }, amount));
    ask(act, { kiosk, account }, { returned: amountMax, entry });
    prepared(db, 'UPDATE given SET astray = astray + ? WHERE kiosk = ? AND account = ?').run(amount, kiosk, account);
    if (frozenBy(db, kiosk) === null) assertRights(db, { kiosk, account }, newestIncarnation(db, kiosk)); // else what it gave up is not taken back yet
  }
  return ok({ accounts: held.length, points: held.reduce((sum, { amount }) => sum + amount, 0) });
}

/** Whether people gave a kiosk up. It may come back all the same. */
export function isGivenUp(db: ReadableDatabase, kiosk: string): boolean {
  return givenUpAmong(db, [kiosk]).length > 0;
}

/** Which of these kiosks people gave up. Reads every act of the county once, which has no index of their kinds. */
export function givenUpAmong(db: ReadableDatabase, kiosks: readonly string[]): readonly string[] {
  if (kiosks.length === 0) return [];
  const released = prepared<[], { about: string }>(db, `SELECT about FROM act WHERE kind = 'release'`).all();
  return kiosks.filter((kiosk) => released.some(({ about }) => about.startsWith(`${kiosk} by `)));
}

/** Whether a kiosk can be given up to another. */
export function checkRelease(
  db: ReadableDatabase,
  { kiosk, to }: { readonly kiosk: string; readonly to: string },
): Result<null, 'unknown_kiosk' | 'is_home'> {
  const isThere = prepared<[string], object>(db, 'SELECT 1 FROM kiosk WHERE kiosk = ?');
  if (isThere.get(kiosk) === undefined || isThere.get(to) === undefined) return fail('unknown_kiosk');
  return kiosk === to ? fail('is_home') : ok(null);
}
