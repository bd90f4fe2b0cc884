// The county's double entry (reconciliation.md R1): postings, balances, and the sum that is zero at every commit (R6, 1 and 2). Knows no
// event: fold.ts says what one does to the accounts.

import { assert } from '../../db/model/result.ts';
import { type ReadableDatabase, type WritableDatabase, prepared } from '../../db/sqlite.ts';
import { addRow, keepRow, rowOf } from '../store/held-rows.ts';
import { accounts, balances, postings } from './held-tables.ts';

export type CountyAccount =
  | 'issuance' // points that the county awarded
  | 'recycling_issue' // points that a kiosk made for what was brought
  | 'main' // a resident's points that lie at no kiosk; never negative
  | 'esc' // rights held at a kiosk; never negative
  | 'roam' // clearing: spent at a kiosk on the roaming line
  | 'due' // roaming spend of a resident that nothing funds yet
  | 'overdraft' // what a resident truly owes
  | 'red' // redeemed at a kiosk and in no settlement yet
  | 'merchant' // settled and not paid
  | 'paid'
  | 'writeoff'
  | 'suspense' // authentic, but beyond what was held: a person decides
  | 'claims'; // the other side of a settlement's money

export interface CountyPosting {
  readonly account: CountyAccount;
  /** A resident's account, or a merchant; '' for none. */
  readonly holder: string;
  readonly kiosk: string;
  readonly commodity: 'PTS' | 'CNY';
  readonly amount: number;
}

/** Whose account: `at` is the kiosk. */
export interface Place {
  readonly account: CountyAccount;
  readonly holder?: string;
  readonly at?: string;
}

/** Two rows that move an amount; none where it is 0; the other way where it is negative. */
export function moved(from: Place, to: Place, amount: number, commodity: CountyPosting['commodity'] = 'PTS'): readonly CountyPosting[] {
  if (amount === 0) return [];
  return [postingOf(from, -amount, commodity), postingOf(to, amount, commodity)];
}

function postingOf({ account, holder = '', at = '' }: Place, amount: number, commodity: CountyPosting['commodity']): CountyPosting {
  return { account, holder, kiosk: at, commodity, amount };
}

/** The balance of one account; 0 where nothing ever moved. */
export function balanceOf(
  db: ReadableDatabase,
  { account, holder = '', at = '' }: Place,
  commodity: CountyPosting['commodity'] = 'PTS',
): number {
  return rowOf(db, balances, [account, holder, at, commodity])?.amount ?? 0;
}

/**
 * Writes the postings of one entry after the other. Those of each sum to zero, and each moves one balance by its amount: so the sum of all
 * balances, zero at the opening of the book (assertBalanced), is zero after every act (R6, 1 and 2).
 */
export interface EntryWriter {
  begin(entry: number): void;
  post(rows: readonly CountyPosting[]): void;
  end(): void;
}

/** `db`: of an act. */
export function newEntry(db: WritableDatabase): EntryWriter {
  let number = 0;
  let n = 0;
  let sums = { PTS: 0, CNY: 0 };
  const checkEntry = (): void => {
    assert(sums.PTS === 0 && sums.CNY === 0, `the postings of entry ${number} sum to zero`);
  };
  return {
    begin(entry) {
      checkEntry();
      number = entry;
      n = 0;
      sums = { PTS: 0, CNY: 0 };
    },
    post(rows) {
      for (const row of rows) {
        const { account, holder, commodity, amount } = row;
        const sum = sums[commodity] + amount;
        if (!Number.isSafeInteger(amount) || !Number.isSafeInteger(sum)) throw new BeyondCounting(`${amount} would be moved`);
        sums[commodity] = sum;
        addRow(db, postings, { entry: number, n: n++, ...row });
        moveBalance(db, row);
        if (isOfResident(account)) touch(db, holder, number);
      }
    },
    end: checkEntry,
  };
}

/** An amount that no county has, and a kiosk's key can sign: whoever posts it has nothing in the book of it. */
export class BeyondCounting extends Error {}

function moveBalance(db: WritableDatabase, { account, holder, kiosk, commodity, amount }: CountyPosting): void {
  const before = rowOf(db, balances, [account, holder, kiosk, commodity])?.amount ?? 0;
  const after = before + amount;
  if (!Number.isSafeInteger(after)) throw new BeyondCounting(`the balance of ${account} would not stay within 2^53`);
  assert(after >= 0 || (account !== 'main' && account !== 'esc'), 'rights and what is not allocated are never negative (R1)');
  keepRow(db, balances, { account, holder, kiosk, commodity, amount: after });
}

/** An account's county-wide balance changed. */
function touch(db: WritableDatabase, account: string, entry: number): void {
  const row = rowOf(db, accounts, [account]);
  if (row !== undefined) keepRow(db, accounts, { ...row, changed_entry: entry });
}

/** Those whose sum is a resident's county-wide balance. */
function isOfResident(account: CountyAccount): boolean {
  return account === 'main' || account === 'esc' || account === 'due' || account === 'overdraft';
}

/** What a resident has in the county: what lies anywhere, less what is owed; may be negative. */
export function countyBalance(db: ReadableDatabase, account: string): number {
  const sum = prepared<[string, string], { amount: number }>(
    db,
    `SELECT coalesce(sum(amount), 0) AS amount FROM balance WHERE account = ? AND holder = ? AND commodity = 'PTS'`,
  );
  return (['main', 'esc', 'due', 'overdraft'] as const).reduce((total, name) => total + sum.get(name, account)!.amount, 0); // an aggregate has a row
}

/** SQL of the same, of the account that a column of another table names: for statements that read many. */
export function countyBalanceOf(column: string): string {
  return `(SELECT coalesce(sum(amount), 0) FROM balance
    WHERE balance.account IN ('main', 'esc', 'due', 'overdraft') AND holder = ${column} AND commodity = 'PTS')`;
}

/** R6, 2: the sum of all balances is zero, asked when a book is opened. Throws where it is not. */
export function assertBalanced(db: ReadableDatabase): void {
  const rows = prepared<[], { commodity: string; amount: number }>(
    db,
    'SELECT commodity, sum(amount) AS amount FROM balance GROUP BY commodity',
  ).all();
  for (const { commodity, amount } of rows) assert(amount === 0, `all balances sum to zero in ${commodity}, not ${amount}`);
}
