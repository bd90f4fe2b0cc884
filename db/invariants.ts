// What every commit must leave true (reconciliation.md R6, 1–3 and 8), asserted inside the transaction that would break it. Mends
// nothing: a belief that does not hold stops the till.

import type { BookEvent } from './model/event.ts';
import type { Commodity, CounterStep, Posting } from './model/postings.ts';
import { assert } from './model/result.ts';
import { currentScheme, restoredSeq, roamCapOf } from './reference.ts';
import { type ReadableDatabase, prepared } from './sqlite.ts';

/** Sums the postings of one event as they are written. */
export interface EventSums {
  add(posting: Posting): void;
  /**
   * The event is whole: its postings sum to zero in each commodity (R6, 1), so the sum of all balances, zero at the opening
   * (open-book.ts asks), is zero after it (R6, 2). Throws where it is not.
   */
  end(): void;
  /** The event was undone. */
  forget(): void;
}

export function newEventSums(): EventSums {
  let sums: Record<Commodity, number> = { PTS: 0, CNY: 0 };
  const forget = (): void => {
    sums = { PTS: 0, CNY: 0 };
  };
  return {
    forget,
    add({ amount, commodity }) {
      assert(Number.isSafeInteger(amount) && amount !== 0, `a posting moves a whole amount, not ${amount}`);
      const sum = sums[commodity] + amount;
      assert(Number.isSafeInteger(sum), `the postings of an event stay within 2^53, not ${sum}`);
      sums[commodity] = sum;
    },
    end() {
      for (const commodity of ['PTS', 'CNY'] as const)
        assert(sums[commodity] === 0, `an event’s postings sum to zero in ${commodity}, not ${sums[commodity]}`);
      forget();
    },
  };
}

/**
 * What an account may have spent, once its step was written (R6, 3): rights are not negative; roaming is what the county has
 * not settled, and no more than the allowance and the kiosk's bound. Those two are asked of a step that roams: a county may
 * lower either below what was spent before, and that is no fault of the kiosk. Throws where it does not hold.
 */
export function assertWithinLimits(db: ReadableDatabase, step: CounterStep): void {
  const { accountId } = step;
  const rights =
    prepared<[string], { amount: number }>(db, `SELECT amount FROM balance WHERE account = 'esc' AND holder = ? AND commodity = 'PTS'`).get(
      accountId,
    )?.amount ?? 0;
  assert(rights >= 0, `the rights of ${accountId} are not negative: ${rights}`);
  const account = prepared<[string], { unsettled: number }>(
    db,
    'SELECT roamed - unroamed - roamed_settled + overfunded AS unsettled FROM counter WHERE account_id = ?',
  ).get(accountId);
  assert(account !== undefined, `the counters of ${accountId} were written`);
  const { unsettled } = account;
  assert(unsettled >= 0, `no more is settled of ${accountId} than was spent: ${unsettled}`);
  if (step.roamed === 0) return;
  const cap = roamCapOf(db, accountId);
  assert(unsettled <= cap, `roaming of ${accountId} is within its allowance: ${unsettled} of ${cap}`);
  const kiosk = prepared<[], { amount: number }>(db, `SELECT -sum(amount) AS amount FROM balance WHERE account = 'roam'`).get()!.amount;
  const kioskCap = currentScheme(db)?.roaming.kioskCapPoints ?? 0;
  assert(kiosk <= kioskCap, `roaming at this kiosk is within its bound: ${kiosk} of ${kioskCap}`);
}

/**
 * What a reversal takes back is one whole credit of the same account, once (R6, 8); that once is asked by the table, which takes
 * no second reversal of a credit. One from before a backup was put back is the county's: it may have been taken back in the time that
 * was lost. Throws where it does not hold.
 */
export function assertReverses(db: ReadableDatabase, { amt, body }: BookEvent & { readonly kind: 'CREDIT_REVERSED' }): void {
  const credit = prepared<[string], { seq: number; accountId: string; points: number }>(
    db,
    'SELECT seq, account_id AS accountId, points FROM credit WHERE credit_id = ?',
  ).get(body.creditId);
  assert(credit !== undefined, `a reversal names a credit, not ${body.creditId}`);
  assert(credit.accountId === body.accountId, `a credit of ${credit.accountId} is not taken back from ${body.accountId}`);
  assert(credit.seq > restoredSeq(db), 'what was given before a backup was put back is not taken back here');
  assert(credit.points === amt, `a credit of ${credit.points} is taken back whole, not ${amt} of it`);
}

/** A voucher is of a number that no GRANT had yet; that it is taken once is asked by the table (R6, 16). Throws where it is not. */
export function assertBeyondGrants(db: ReadableDatabase, { body }: BookEvent & { readonly kind: 'VOUCHER_IN' }): void {
  const { covered } = prepared<[string], { covered: number }>(db, 'SELECT covered FROM counter WHERE account_id = ?').get(body.accountId)!; // written just before
  assert(body.number > covered, `voucher ${body.number} of ${body.accountId} is not within what was granted: ${covered}`);
}

/** No more goes back than the county asked for since the beginning (R3). Throws where it does. */
export function assertAsked(db: ReadableDatabase, { amt, body }: BookEvent & { readonly kind: 'RIGHTS_RETURNED' }): void {
  const { returned } = prepared<[string], { returned: number }>(db, 'SELECT returned FROM counter WHERE account_id = ?').get(
    body.accountId,
  )!; // likewise
  assert(amt === 0 || returned <= body.asked, `of ${body.accountId} no more goes back than was asked: ${returned} of ${body.asked}`);
}

/**
 * What comes back is part of a sale of the same account, and with what came back before no more than was bought (R6, 8): of each
 * line no more pieces, money or points. What was sold before a backup was put back is not returned here: it may have come back in the
 * time that was lost. Throws where it does not hold.
 */
export function assertReturns(db: ReadableDatabase, { body }: BookEvent & { readonly kind: 'RETURNED' }): void {
  const row = prepared<[string], { seq: number; line: string }>(db, `SELECT seq, line FROM event WHERE id = ? AND kind = 'SALE'`).get(
    body.saleId,
  );
  assert(row !== undefined, `a return names a sale, not ${body.saleId}`);
  assert(row.seq > restoredSeq(db), 'what was sold before a backup was put back is not returned here');
  const sale = JSON.parse(row.line) as BookEvent & { readonly kind: 'SALE' }; // the kind was asked for
  assert(sale.body.accountId === body.accountId, `what ${sale.body.accountId} bought is not returned to ${body.accountId}`);
  const seen = new Set<number>();
  for (const { n, ...back } of body.lines) {
    assert(!seen.has(n) && back.quantity > 0, `line ${n} comes back once in a return, with some pieces`);
    seen.add(n);
    const line = sale.body.lines[n];
    assert(line !== undefined, `a sale of ${sale.body.lines.length} lines has no line ${n}`);
    const before = prepared<[number, number], { quantity: number; total: number; paid: number; settled: number; points: number }>(
      db,
      `SELECT coalesce(sum(quantity), 0) AS quantity, coalesce(sum(return_line.total_fen), 0) AS total, coalesce(sum(points_fen), 0) AS paid,
          coalesce(sum(settlement_fen), 0) AS settled, coalesce(sum(return_line.points), 0) AS points
         FROM return_line JOIN sale_return USING (seq) WHERE sale_seq = ? AND n = ?`,
    ).get(row.seq, n)!;
    const isWithin =
      before.quantity + back.quantity <= line.quantity &&
      before.total + back.totalFen <= line.totalFen &&
      before.paid + back.pointsFen <= line.pointsFen &&
      before.settled + back.settlementFen <= (line.settlementFen ?? 0) &&
      before.points + back.points <= (line.pricedIn === 'points' ? line.points : 0);
    assert(isWithin, `no more of line ${n} comes back than was bought`);
  }
}
