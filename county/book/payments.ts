// What the bank said it paid, settlement by settlement: told to the kiosks with the next night's files. Pays nothing itself.

import { downLine } from '../../db/model/down-file.ts';
import type { BookEvent } from '../../db/model/event.ts';
import { type Result, assert, ok } from '../../db/model/result.ts';
import { businessDate } from '../../db/model/time.ts';
import { type ReadableDatabase, prepared } from '../../db/sqlite.ts';
import type { CountyBook } from './county-book.ts';
import { countysOwn, lastAdjustments } from './adjustments.ts';
import { moved } from './ledger.ts';
import { payablesOf } from './payable.ts';
import { type Column, type ListRefusal, type RowFault, hundredths, readList } from './list-file.ts';

type PaymentColumn = 'shop' | 'kiosk' | 'inc' | 'settlement' | 'yuan' | 'day' | 'reference';
export const paymentColumns: readonly Column<PaymentColumn>[] = [
  { name: 'shop', zh: ['店', '店名'], isNeeded: false }, // for people: the list for the bank has it, and comes back with it
  { name: 'kiosk', zh: ['终端'], isNeeded: true },
  { name: 'inc', zh: ['代次'], isNeeded: true },
  { name: 'settlement', zh: ['结算单'], isNeeded: true },
  { name: 'yuan', zh: ['金额（元）', '金额', '金额(元)'], isNeeded: true },
  { name: 'day', zh: ['日期'], isNeeded: true },
  { name: 'reference', zh: ['流水号', '备注'], isNeeded: true },
];

/** Years of payments of a large county; they are taken in one act, all or none. */
const paymentsMax = 5_000;

/** One row that was taken. */
export interface TakenPayment {
  readonly kiosk: string;
  readonly inc: number;
  readonly number: number;
  readonly fen: number;
  /** Of the settlement, still to pay after it; 0: it is paid. */
  readonly leftFen: number;
  readonly day: string;
  readonly reference: string;
}

/** A list that was taken, row by row. */
export interface TakenPayments {
  readonly rows: number;
  readonly fen: number;
  readonly payments: readonly TakenPayment[];
}

/**
 * Takes a list of payments, all or none. A settlement that is paid in parts has a row in each list: what was paid adds up. A row that was
 * taken before, and more than is owed, are faults: they are a list that came twice, or a slip of the pen. So is a day that is still to
 * come by the county's clock, and more than is to be paid now (payable.ts): the rest was paid with a settlement that the kiosk forgot.
 */
export async function takePayments(
  book: CountyBook,
  list: string | Uint8Array,
): Promise<Result<TakenPayments, ListRefusal> | { readonly ok: false; readonly code: 'faulty'; readonly faults: readonly RowFault[] }> {
  const read = await readList(list, paymentColumns, { rowsMax: paymentsMax });
  if (!read.ok) return read;
  return book.transact((act) => {
    const faults = [...read.value.faults];
    const paid = new Map<string, Paid>(); // by settlement, with the rows above
    const left = new Map<string, number>(); // by kiosk, of what may be paid now, less the rows above
    const payments = read.value.rows.map(({ row: number, cells }) => {
      const { kiosk, settlement, yuan, day, reference } = cells;
      const inc = ordinal(cells.inc);
      const amount = hundredths(yuan);
      const row = acceptedSettlement(act.db, { kiosk, inc, number: ordinal(settlement) });
      if (row === undefined)
        faults.push({ row: number, what: `no accepted settlement ${settlement.slice(0, 20)} of ${kiosk.slice(0, 40)}` });
      if (amount === null || amount === 0) faults.push({ row: number, what: `${yuan.slice(0, 40)} is no amount of yuan` });
      faults.push(...faultsOfWord({ row: number, day, reference, today: businessDate(act.at) }));
      const payment = { kiosk, inc, number: ordinal(settlement), fen: amount ?? 0, day, reference, of: row };
      if (row === undefined) return { ...payment, leftFen: 0 };
      const key = JSON.stringify([kiosk, inc, payment.number]);
      const before = paid.get(key) ?? paidBefore(act.db, payment);
      const again = JSON.stringify([payment.fen, day, reference]);
      if (before.rows.has(again)) faults.push({ row: number, what: 'this payment was taken before' });
      else if (before.fen + payment.fen > row.owed_fen)
        faults.push({ row: number, what: `${yuan.slice(0, 40)} yuan are more than is left to pay of settlement ${payment.number}` });
      else if (payment.fen > (left.get(kiosk) ?? payableFen(act.db, kiosk)))
        faults.push({ row: number, what: `${yuan.slice(0, 40)} yuan are more than is to be paid to ${kiosk} now: the rest is held back` });
      left.set(kiosk, (left.get(kiosk) ?? payableFen(act.db, kiosk)) - payment.fen);
      paid.set(key, { fen: before.fen + payment.fen, rows: new Set([...before.rows, again]) });
      return { ...payment, leftFen: row.owed_fen - before.fen - payment.fen };
    });
    if (faults.length > 0) return { ok: false, code: 'faulty', faults } as const;
    for (const payment of payments) pay(act, payment);
    return ok({
      rows: payments.length,
      fen: payments.reduce((sum, each) => sum + each.fen, 0),
      payments: payments.map(({ kiosk, inc, number, fen, leftFen, day, reference }) => ({
        kiosk,
        inc,
        number,
        fen,
        leftFen,
        day,
        reference,
      })),
    });
  });
}

function payableFen(db: ReadableDatabase, kiosk: string): number {
  return payablesOf(db, kiosk).reduce((sum, { payFen }) => sum + payFen, 0);
}

interface Settlement {
  readonly kiosk: string;
  readonly inc: number;
  readonly number: number;
}

/** A number of a list; −1, which nothing has, where it is none. */
function ordinal(text: string): number {
  return /^\d{1,9}$/.test(text) ? Number(text) : -1;
}

function acceptedSettlement(
  db: ReadableDatabase,
  { kiosk, inc, number }: Settlement,
): { readonly merchant: string; readonly points: number; readonly owed_fen: number } | undefined {
  return prepared<[string, number, number], { merchant: string; points: number; owed_fen: number }>(
    db,
    `SELECT merchant, points, owed_fen FROM settlement AS s WHERE kiosk = ? AND inc = ? AND number = ?
        AND EXISTS (SELECT 1 FROM settlement_word AS w WHERE w.kiosk = s.kiosk AND w.inc = s.inc AND w.number = s.number)`,
  ).get(kiosk, inc, number);
}

/** The kiosk is told day and reference word for word: one of a form that it does not know would keep it from that file, and from all after. */
function faultsOfWord(of: { readonly row: number; readonly day: string; readonly reference: string; readonly today: string }): RowFault[] {
  const { row, day, reference, today } = of;
  const line = downLine.safeParse({ t: 'SETTLEMENT', number: 1, state: 'paid', day, paidFen: 1, reference });
  if (line.success && day > today) return [{ row, what: `${day} is still to come` }];
  return (line.error?.issues ?? []).map(({ path }) => ({
    row,
    what: path[0] === 'day' ? `${day.slice(0, 20)} is no day` : 'the reference is too long, or has letters that are none',
  }));
}

/** What was paid of a settlement, and each payment of it. */
interface Paid {
  readonly fen: number;
  readonly rows: ReadonlySet<string>;
}

function paidBefore(db: ReadableDatabase, { kiosk, inc, number }: Settlement): Paid {
  const words = prepared<[string, number, number], { paid_fen: number; day: string; reference: string }>(
    db,
    `SELECT paid_fen, day, reference FROM settlement_word WHERE kiosk = ? AND inc = ? AND number = ? AND state = 'paid' ORDER BY entry`,
  ).all(kiosk, inc, number);
  const rows = words.map(({ paid_fen, day, reference }, i) => JSON.stringify([paid_fen - (words[i - 1]?.paid_fen ?? 0), day, reference]));
  return { fen: words.at(-1)?.paid_fen ?? 0, rows: new Set(rows) };
}

/** Posts one payment of an accepted settlement. */
export function pay(
  act: Parameters<Parameters<CountyBook['transact']>[0]>[0],
  payment: {
    readonly kiosk: string;
    readonly inc: number;
    readonly number: number;
    readonly fen: number;
    readonly day: string;
    readonly reference: string;
    readonly of: { readonly merchant: string; readonly points: number; readonly owed_fen: number } | undefined;
  },
): void {
  const { kiosk, inc, number, day, reference, of } = payment;
  assert(of !== undefined, 'a payment is of a settlement');
  const before = prepared<[string, number, number], { paid: number | null }>(
    act.db,
    `SELECT max(paid_fen) AS paid FROM settlement_word WHERE kiosk = ? AND inc = ? AND number = ? AND state = 'paid'`,
  ).get(kiosk, inc, number)!.paid; // an aggregate has a row
  const entry = act.enter('pay', `${kiosk} ${inc} ${number}`);
  act.post(moved({ account: 'merchant', holder: of.merchant }, { account: 'paid', holder: of.merchant }, payment.fen, 'CNY'));
  // The points of a settlement are paid with its first payment: what money is left open is said in money.
  if (before === null) {
    const points = of.points + batchedPoints(act.db, { kiosk, inc, number });
    act.post(moved({ account: 'merchant', holder: of.merchant }, { account: 'paid', holder: of.merchant }, points));
  }
  const { changes } = prepared(
    act.db,
    `INSERT INTO settlement_word (entry, kiosk, inc, number, state, day, paid_fen, reference) VALUES (?, ?, ?, ?, 'paid', ?, ?, ?)`,
  ).run(entry, kiosk, inc, number, day, (before ?? 0) + payment.fen, reference);
  assert(changes === 1, 'a payment is written down');
}

/** Points of county batches whose money the settlement holds as its adjustments (forgotten.ts). */
function batchedPoints(
  db: ReadableDatabase,
  { kiosk, inc, number }: { readonly kiosk: string; readonly inc: number; readonly number: number },
): number {
  const batch = prepared<[string, string], { points: number }>(db, 'SELECT points FROM county_batch WHERE kiosk = ? AND adjustment = ?');
  const ids = inc === countysOwn.inc ? lastAdjustments(db, kiosk) : namedIn(db, { kiosk, inc, number });
  return ids.reduce((sum, id) => sum + (batch.get(kiosk, id)?.points ?? 0), 0);
}

function namedIn(db: ReadableDatabase, { kiosk, inc, number }: Settlement): readonly string[] {
  const row = prepared<[string, number, number], { line: string }>(
    db,
    `SELECT line FROM settlement JOIN event ON event.kiosk = settlement.kiosk AND event.inc = settlement.inc AND event.seq = settlement.seq
      WHERE settlement.kiosk = ? AND settlement.inc = ? AND number = ?`,
  ).get(kiosk, inc, number);
  assert(row !== undefined, 'a settlement is an event of its kiosk');
  const { body } = JSON.parse(row.line) as BookEvent & { readonly kind: 'SETTLED' }; // the row is of such an event
  return body.adjustments.map(({ id }) => id);
}
