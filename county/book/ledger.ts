// The county's double entry (reconciliation.md R1): postings, balances, and the sum that is zero at every commit (R6, 1 and 2). Knows no
// event: fold.ts says what one does to the accounts.

import { assert } from '../../db/model/result.ts';
import { type ReadableDatabase, type WritableDatabase, prepared } from '../../db/sqlite.ts';

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
  return [rowOf(from, -amount, commodity), rowOf(to, amount, commodity)];
}

function rowOf({ account, holder = '', at = '' }: Place, amount: number, commodity: CountyPosting['commodity']): CountyPosting {
  return { account, holder, kiosk: at, commodity, amount };
}

/** The balance of one account; 0 where nothing ever moved. */
export function balanceOf(
  db: ReadableDatabase,
  { account, holder = '', at = '' }: Place,
  commodity: CountyPosting['commodity'] = 'PTS',
): number {
  return (
    prepared<[string, string, string, string], { amount: number }>(
      db,
      'SELECT amount FROM balance WHERE account = ? AND holder = ? AND kiosk = ? AND commodity = ?',
    ).get(account, holder, at, commodity)?.amount ?? 0
  );
}

/**
 * Writes the postings of one entry after the other. Those of each sum to zero, and each moves one balance by its amount: so the sum of all
 * balances, zero at the opening of the book (assertBalanced), is zero after every act (R6, 1 and 2).
 */
export interface EntryWriter {
  begin(entry: number): void;
  post(rows: readonly CountyPosting[]): void;
  /** From here to the end nobody asks what a kiosk redeemed or made, nor who changed: that is written at the end, once for each. */
  hold(): void;
  end(): void;
}

export function newEntry(db: WritableDatabase): EntryWriter {
  const insert = prepared(db, 'INSERT INTO posting (entry, n, account, holder, kiosk, commodity, amount) VALUES (?, ?, ?, ?, ?, ?, ?)');
  // Update, then insert: an upsert checks the row it would insert, and a step alone may be negative.
  const move = prepared(db, 'UPDATE balance SET amount = amount + ? WHERE account = ? AND holder = ? AND kiosk = ? AND commodity = ?');
  const first = prepared(db, 'INSERT INTO balance (amount, account, holder, kiosk, commodity) VALUES (?, ?, ?, ?, ?)');
  const touch = prepared(db, 'UPDATE account SET changed_entry = ? WHERE account = ?');
  const moveBalance = ({ account, holder, kiosk, commodity }: CountyPosting, amount: number): void => {
    const { changes } = move.run(amount, account, holder, kiosk, commodity);
    if (changes === 0) assert(first.run(amount, account, holder, kiosk, commodity).changes === 1, 'a posting moves a balance');
    else assert(changes === 1, 'a posting moves one balance');
  };
  let number = 0;
  let n = 0;
  let sums = { PTS: 0, CNY: 0 };
  let isHolding = false;
  const held = new Map<string, { readonly of: CountyPosting; amount: number }>();
  const changed = new Map<string, number>();
  const holdBalance = (of: CountyPosting): void => {
    const name = `${of.account}/${of.kiosk}`;
    const before = held.get(name);
    if (before === undefined) held.set(name, { of, amount: of.amount });
    else before.amount += of.amount;
  };
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
        const { account, holder, kiosk, commodity, amount } = row;
        const sum = sums[commodity] + amount;
        assert(Number.isSafeInteger(amount) && Number.isSafeInteger(sum), 'a posting moves a whole amount within 2^53');
        sums[commodity] = sum;
        assert(insert.run(number, n++, account, holder, kiosk, commodity, amount).changes === 1, 'a posting is written');
        if (isHolding && isOfKiosk(row)) holdBalance(row);
        else moveBalance(row, amount);
        if (!isOfResident(account)) continue;
        if (isHolding) changed.set(holder, number);
        else touch.run(number, holder);
      }
    },
    hold() {
      isHolding = true;
    },
    end() {
      checkEntry();
      for (const { of, amount } of held.values()) {
        assert(Number.isSafeInteger(amount), 'what a file moves is within 2^53');
        moveBalance(of, amount);
      }
      for (const [holder, entry] of changed) touch.run(entry, holder);
    },
  };
}

/** What every sale and credit at a kiosk moves, and nothing that is posted after it reads. */
function isOfKiosk({ account, holder, commodity }: CountyPosting): boolean {
  return (account === 'red' || account === 'recycling_issue') && holder === '' && commodity === 'PTS';
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

/** R6, 2: the sum of all balances is zero, asked when a book is opened. Throws where it is not. */
export function assertBalanced(db: ReadableDatabase): void {
  const rows = prepared<[], { commodity: string; amount: number }>(
    db,
    'SELECT commodity, sum(amount) AS amount FROM balance GROUP BY commodity',
  ).all();
  for (const { commodity, amount } of rows) assert(amount === 0, `all balances sum to zero in ${commodity}, not ${amount}`);
}
