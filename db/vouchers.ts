// Takes vouchers into the book (reconciliation.md R3, R6 16): each counts once, whether it was scanned or a file of the county had it
// already. Signs none.

import type { Book } from './book.ts';
import { amountMax } from './model/amounts.ts';
import type { VoucherInBody } from './model/event.ts';
import { type Result, fail, ok } from './model/result.ts';
import { type Voucher, openVoucher } from './model/voucher.ts';
import { activeKeys, restoredSeq } from './reference.ts';
import { type ReadableDatabase, prepared } from './sqlite.ts';
import { uuidv7 } from './uuid.ts';

/**
 * `elsewhere`: for another kiosk or county; `used`: of a number that counted already, scanned or by a GRANT; `waits`: a backup was put
 * back and no GRANT of the account came since, so whether it counted nobody here knows: the next files say.
 */
export type VoucherRefusalCode =
  | 'voucher_malformed'
  | 'voucher_forged'
  | 'voucher_elsewhere'
  | 'voucher_used'
  | 'voucher_waits'
  | 'voucher_unknown_account';

export interface TakenVoucher {
  readonly accountId: string;
  readonly amount: Voucher['amount'];
  readonly number: number;
  /** Of its event. */
  readonly seq: number;
}

/** Takes a voucher, whole in one transaction; one that was taken is refused as used, however often it comes. */
export function takeVoucher(
  book: Book,
  { text, by, op, day }: { readonly text: string; readonly by: VoucherInBody['by']; readonly op: string; readonly day: string },
): Result<TakenVoucher, VoucherRefusalCode> {
  return book.transact(({ db, append }) => {
    const opened = openVoucher(text, [...activeKeys(db, 'file').values()]);
    if (!opened.ok) return opened;
    const { accountId, number, amount } = opened.value;
    const refusal = refusalOf(book, opened.value);
    if (refusal !== null) return fail(refusal);
    const { seq } = append({
      kind: 'VOUCHER_IN',
      body: { accountId, number, text: text.trim(), by },
      id: uuidv7(book.clock.wallMs()),
      day,
      op,
      amt: amount,
      command: { voucher: text.trim() },
    });
    return ok({ accountId, amount, number, seq });
  });
}

/** Σ of the vouchers of an account that were taken and are of numbers beyond `covered`. */
export function takenBeyond(db: ReadableDatabase, accountId: string, covered: number): number {
  return prepared<[string, number], { amount: number }>(
    db,
    'SELECT coalesce(sum(amount), 0) AS amount FROM voucher WHERE account_id = ? AND number > ?',
  ).get(accountId, covered)!.amount; // an aggregate has a row
}

function refusalOf({ db, identity }: Book, { county, kiosk, accountId, number, amount }: Voucher): VoucherRefusalCode | null {
  if (county !== identity.county || kiosk !== identity.kiosk) return 'voucher_elsewhere';
  if (!isRostered(db, accountId)) return 'voucher_unknown_account';
  const counter = prepared<[string], { granted: number; covered: number; grantedIn: number | null }>(
    db,
    'SELECT granted, covered, granted_in AS grantedIn FROM counter WHERE account_id = ?',
  ).get(accountId) ?? { granted: 0, covered: 0, grantedIn: null };
  if (number <= counter.covered || isTaken(db, accountId, number)) return 'voucher_used';
  if (isOlderThan(db, counter.grantedIn, restoredSeq(db))) return 'voucher_waits';
  // beyond what a book can hold: signed, and still no voucher
  const isTooMuch = counter.granted + amount > amountMax || issued(db) + amount > amountMax;
  return isTooMuch ? 'voucher_malformed' : null;
}

/** Whether somebody of the roster has that account. */
function isRostered(db: ReadableDatabase, accountId: string): boolean {
  return prepared<[string], { id: number }>(db, 'SELECT id FROM resident WHERE account_id = ? LIMIT 1').get(accountId) !== undefined;
}

function isTaken(db: ReadableDatabase, accountId: string, number: number): boolean {
  return (
    prepared<[string, number], { seq: number }>(db, 'SELECT seq FROM voucher WHERE account_id = ? AND number = ?').get(
      accountId,
      number,
    ) !== undefined
  );
}

/** Whether the file of the newest GRANT, if there was any, took effect before event `seq`. */
function isOlderThan(db: ReadableDatabase, grantedIn: number | null, seq: number): boolean {
  if (seq === 0) return false;
  const row = prepared<[number | null], { eventSeq: number }>(db, 'SELECT event_seq AS eventSeq FROM down_file WHERE down_seq = ?').get(
    grantedIn,
  );
  return (row?.eventSeq ?? 0) < seq;
}

/** What the county gave out through this kiosk and has not back. */
function issued(db: ReadableDatabase): number {
  const row = prepared<[], { amount: number }>(db, `SELECT amount FROM balance WHERE account = 'issuance' AND commodity = 'PTS'`).get();
  return -(row?.amount ?? 0);
}
