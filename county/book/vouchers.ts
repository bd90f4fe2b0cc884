// Vouchers (reconciliation.md R3): rights for one account at one kiosk before its next file comes, out of what lies unallocated. Never
// gives what the night would not give that account: what is due and owed comes first.

import { type KeyObject, verify } from 'node:crypto';
import { points } from '../../db/model/amounts.ts';
import { type DrawQuestion, drawText } from '../../db/model/draw.ts';
import { publicKeyFromRaw } from '../../db/model/keys.ts';
import { type Result, assert, fail, ok } from '../../db/model/result.ts';
import { openVoucher, sealVoucher } from '../../db/model/voucher.ts';
import { type ReadableDatabase, prepared } from '../../db/sqlite.ts';
import { advance, unclaimed } from './advances.ts';
import type { CountyAct, CountyBook } from './county-book.ts';
import { everyFileKey, voucherSigner } from './county-keys.ts';
import { hasEveryList } from './down-evidence.ts';
import { balanceOf, moved } from './ledger.ts';
import { schemeOf } from './master.ts';
import { isFirstSincePutBack } from './put-back.ts';
import { frozenBy, homeOf, releaseAsAnswered, unpayWithdrawn } from './rights.ts';

export interface IssuedVoucher {
  readonly number: number;
  /** Hundredths of a point: what was wanted, or as much of it as there was. */
  readonly amount: number;
  /** Of its QR. */
  readonly text: string;
}

export type VoucherRefusal =
  | 'unknown_account'
  /** Nobody of the account may spend. */
  | 'denied_account'
  /** It owes what it roamed and could not pay (R3, Strike). */
  | 'struck'
  | 'nothing'
  | 'unknown_kiosk'
  | 'quarantined'
  /** Its key is revoked. */
  | 'revoked'
  /** It was put back from a backup, and no person has said yet what becomes of its rights (R4). */
  | 'restored';

interface Wanted {
  readonly account: string;
  readonly kiosk: string;
  /** Hundredths of a point, 1 at least. */
  readonly want: number;
  /** Who asks: a clerk's name, or the kiosk. */
  readonly by: string;
}

/** Gives a voucher of what is wanted, or of as much of it as there is. Its rights lie at the kiosk from then on. */
export function issueVoucher(book: CountyBook, wanted: Wanted): Promise<Result<IssuedVoucher, VoucherRefusal>> {
  return book.transact((act) => issue(book, act, wanted));
}

/** A question of a kiosk over the network, but for the county, which is this one. */
export type Question = Omit<DrawQuestion, 'county'>;

/** The county has no key of it yet; not signed with the key that is enrolled; or the kiosk asked something else with the same nonce. */
export type UnheardDraw = 'unknown_kiosk' | 'no_key' | 'bad_signature' | 'nonce_used';

/** What the same question was answered before, or why it is none of that kiosk's. Null: it is new. */
export function heardDraw(
  book: CountyBook,
  db: ReadableDatabase,
  { question, signature }: { readonly question: Question; readonly signature: Uint8Array },
): Result<IssuedVoucher, UnheardDraw> | null {
  const key = keyOf(db, question.kiosk);
  if (key === undefined) return fail('unknown_kiosk');
  const text = drawText({ ...question, county: book.code });
  if (key === null) return fail('no_key');
  if (!verify(null, Buffer.from(text, 'utf8'), key, signature)) return fail('bad_signature');
  return answeredBefore(db, question);
}

/** How much of what is wanted does not lie unallocated beyond what is due; or why nothing is given, whatever lies there. */
export function missingFor(db: ReadableDatabase, question: Question): Result<number, VoucherRefusal> {
  const refusal = refusalOf(db, question);
  if (refusal !== null) return fail(refusal);
  return ok(Math.max(0, wantedBy(db, question) - freeOf(db, question.account)));
}

/** Answers a question that is new, out of what lies unallocated now. A refusal moves nothing and is not written down. */
export function answerDraw(book: CountyBook, act: CountyAct, question: Question): Result<IssuedVoucher, VoucherRefusal> {
  const { kiosk, account, want, nonce } = question;
  const issued = issue(book, act, { account, kiosk, want: wantedBy(act.db, question), by: kiosk });
  if (issued.ok)
    prepared(act.db, 'INSERT INTO draw (kiosk, nonce, account, want, number) VALUES (?, ?, ?, ?, ?)').run(
      kiosk,
      nonce,
      account,
      want,
      issued.value.number,
    );
  return issued;
}

function wantedBy(db: ReadableDatabase, { kiosk, account, want }: Question): number {
  return Math.min(want, mostAtOnce(db, { kiosk, account }));
}

/**
 * A sale takes no more than the scheme lets it, with the network or without (R3, never more permissive than offline). Where a scheme caps no
 * sale, an account of another shop has what a sale may take of it there without the network; its own shop has all of it anyway.
 */
function mostAtOnce(db: ReadableDatabase, { kiosk, account }: Pick<Question, 'kiosk' | 'account'>): number {
  const row = prepared<[string], { sale_cap: number | null }>(db, 'SELECT sale_cap FROM kiosk WHERE kiosk = ?').get(kiosk);
  if (row?.sale_cap != null) return row.sale_cap;
  if (homeOf(db, account) === kiosk) return Number.MAX_SAFE_INTEGER;
  return schemeOf(db, kiosk)?.scheme.roaming.saleCapPoints ?? usualSaleCap;
}

/** R3's TX, for a kiosk that was told no scheme: a hundred points. */
const usualSaleCap = 100_00;

/** What the nonce was answered with; null: it is new. */
function answeredBefore(db: ReadableDatabase, { kiosk, account, want, nonce }: Question): Result<IssuedVoucher, 'nonce_used'> | null {
  const row = prepared<[string, string], IssuedVoucher & { readonly account: string; readonly want: number }>(
    db,
    `SELECT draw.account AS account, want, draw.number AS number, amount, text FROM draw
       JOIN voucher ON voucher.kiosk = draw.kiosk AND voucher.account = draw.account AND voucher.number = draw.number
      WHERE draw.kiosk = ? AND nonce = ?`,
  ).get(kiosk, nonce);
  if (row === undefined) return null;
  if (row.account !== account || row.want !== want) return fail('nonce_used');
  return ok({ number: row.number, amount: row.amount, text: row.text });
}

function issue(book: CountyBook, act: CountyAct, { account, kiosk, want, by }: Wanted): Result<IssuedVoucher, VoucherRefusal> {
  const { db } = act;
  assert(Number.isSafeInteger(want) && want > 0, 'some points are wanted');
  const refusal = refusalOf(db, { account, kiosk });
  if (refusal !== null) return fail(refusal);
  const amount = Math.min(want, freeOf(db, account));
  if (amount <= 0) return fail('nothing');
  const given = prepared<[string, string], { vouchers: number }>(db, 'SELECT vouchers FROM given WHERE kiosk = ? AND account = ?');
  const number = (given.get(kiosk, account)?.vouchers ?? 0) + 1;
  const text = sealVoucher(
    { county: book.code, kiosk, accountId: account, number, amount: points(amount) },
    voucherSigner(book, db, kiosk),
  );
  const entry = act.enter('voucher', `${kiosk} ${account} ${number}`);
  giveVoucher(act, { kiosk, account, number, amount, entry });
  keepVoucher(act, { kiosk, account, number, amount, text, by, entry });
  return ok({ number, amount, text });
}

interface Given {
  readonly kiosk: string;
  readonly account: string;
  readonly number: number;
  readonly amount: number;
  readonly entry: number;
}

function giveVoucher(act: CountyAct, { kiosk, account, number, amount, entry }: Given): void {
  act.post(moved({ account: 'main', holder: account }, { account: 'esc', holder: account, at: kiosk }, amount));
  prepared(
    act.db,
    `INSERT INTO given (kiosk, account, granted, vouchers, changed_entry) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (kiosk, account) DO UPDATE SET granted = given.granted + excluded.granted, vouchers = excluded.vouchers,
       changed_entry = excluded.changed_entry`,
  ).run(kiosk, account, amount, number, entry);
}

function keepVoucher(act: CountyAct, of: Given & { readonly text: string; readonly by: string }): void {
  const { changes } = prepared(
    act.db,
    'INSERT INTO voucher (kiosk, account, number, amount, text, asked_by, entry) VALUES (?, ?, ?, ?, ?, ?, ?)',
  ).run(of.kiosk, of.account, of.number, of.amount, of.text, of.by, of.entry);
  assert(changes === 1, 'a voucher is kept');
}

/**
 * A book that was put back may have lost a voucher that a kiosk took in: its own signature proves it. What its amount was taken from then
 * lies unallocated again, and is taken once more; `missing` is what does not. Where a list that the log names is not in the book, it may stand
 * for that one's awards: what was taken back of others stays paid.
 */
export function issueAgain(
  book: CountyBook,
  act: CountyAct,
  { kiosk, account, number, text }: { readonly kiosk: string; readonly account: string; readonly number: number; readonly text: string },
): { readonly missing: number } | null {
  const { db } = act;
  const isKnown = prepared(db, 'SELECT 1 FROM voucher WHERE kiosk = ? AND account = ? AND number = ?').get(kiosk, account, number);
  const isAccount = prepared(db, 'SELECT 1 FROM account WHERE account = ?').get(account);
  const opened = openVoucher(text, everyFileKey(book, db));
  if (isKnown !== undefined || isAccount === undefined || !opened.ok) return null;
  const { county, kiosk: of, accountId, number: numbered, amount } = opened.value;
  if (county !== book.code || of !== kiosk || accountId !== account || numbered !== number) return null;
  const entry = act.enter('voucher', `${kiosk} ${account} ${number}`);
  const covered = prepared<[string, string], { vouchers: number }>(db, 'SELECT vouchers FROM given WHERE kiosk = ? AND account = ?');
  const isGranted = number <= (covered.get(kiosk, account)?.vouchers ?? 0); // a file that was taken up said so
  const short = isGranted ? 0 : Math.max(0, amount - balanceOf(db, { account: 'main', holder: account }));
  const released = short - releaseAsAnswered(act, account, short);
  const missing = released - (released > 0 && hasEveryList(db) ? unpayWithdrawn(act, account, released) : 0);
  if (missing > 0) advance(act, { account, kiosk, amount: missing });
  if (!isGranted) giveVoucher(act, { kiosk, account, number, amount, entry });
  keepVoucher(act, { kiosk, account, number, amount, text, by: 'put back', entry });
  return { missing };
}

function refusalOf(db: ReadableDatabase, { account, kiosk }: { readonly account: string; readonly kiosk: string }): VoucherRefusal | null {
  const at = prepared<[string], { state: string }>(db, 'SELECT state FROM kiosk WHERE kiosk = ?').get(kiosk);
  if (at === undefined) return 'unknown_kiosk';
  if (at.state === 'quarantined' || at.state === 'revoked') return at.state;
  if (frozenBy(db, kiosk) !== null || isFirstSincePutBack(db, kiosk)) return 'restored';
  const holder = prepared<[string], { is_active: number }>(db, 'SELECT is_active FROM account WHERE account = ?').get(account);
  if (holder === undefined) return 'unknown_account';
  if (holder.is_active === 0) return 'denied_account';
  return owedBy(db, 'overdraft', account) > 0 ? 'struck' : null;
}

/** What lies unallocated beyond what is due: the night funds that first. */
function freeOf(db: ReadableDatabase, account: string): number {
  return unclaimed(db, account) - owedBy(db, 'due', account);
}

function owedBy(db: ReadableDatabase, name: 'due' | 'overdraft', account: string): number {
  return prepared<[string, string], { owed: number }>(
    db,
    `SELECT -coalesce(sum(amount), 0) AS owed FROM balance WHERE account = ? AND holder = ? AND commodity = 'PTS'`,
  ).get(name, account)!.owed; // an aggregate has a row
}

/** Undefined: no such kiosk. Null: none is enrolled. */
function keyOf(db: ReadableDatabase, kiosk: string): KeyObject | null | undefined {
  const row = prepared<[string], { key: string | null }>(db, 'SELECT key FROM kiosk WHERE kiosk = ?').get(kiosk);
  if (row === undefined) return undefined;
  return row.key === null ? null : publicKeyFromRaw(Buffer.from(row.key, 'base64url'));
}
