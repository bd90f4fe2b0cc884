// What the bank said it paid, settlement by settlement: told to the kiosks with the next night's files. Pays nothing itself.

import { type Result, assert, fail, ok } from '../../db/model/result.ts';
import { prepared } from '../../db/sqlite.ts';
import type { CountyBook } from './county-book.ts';
import { moved } from './ledger.ts';
import { type Column, type ListRefusal, type RowFault, hundredths, readList } from './list-file.ts';

type PaymentColumn = 'kiosk' | 'inc' | 'settlement' | 'yuan' | 'day' | 'reference';
export const paymentColumns: readonly Column<PaymentColumn>[] = [
  { name: 'kiosk', zh: ['终端'], isNeeded: true },
  { name: 'inc', zh: ['代次'], isNeeded: true },
  { name: 'settlement', zh: ['结算单'], isNeeded: true },
  { name: 'yuan', zh: ['金额', '金额(元)', '金额（元）'], isNeeded: true },
  { name: 'day', zh: ['日期'], isNeeded: true },
  { name: 'reference', zh: ['流水号', '备注'], isNeeded: true },
];

/** Takes a list of payments, all or none. A settlement that is paid in parts has a row in each list: what was paid adds up. */
export async function takePayments(
  book: CountyBook,
  list: string | Uint8Array,
): Promise<
  | Result<{ readonly rows: number; readonly fen: number }, ListRefusal>
  | { readonly ok: false; readonly code: 'faulty'; readonly faults: readonly RowFault[] }
> {
  const read = await readList(list, paymentColumns);
  if (!read.ok) return read;
  return book.transact((act) => {
    const faults = [...read.value.faults];
    const payments = read.value.rows.map(({ row: number, cells }) => {
      const { kiosk, inc, settlement, yuan, day, reference } = cells;
      const amount = hundredths(yuan);
      const row = prepared<[string, number, number], { merchant: string; points: number; owed_fen: number }>(
        act.db,
        `SELECT merchant, points, owed_fen FROM settlement AS s WHERE kiosk = ? AND inc = ? AND number = ?
            AND EXISTS (SELECT 1 FROM settlement_word AS w WHERE w.kiosk = s.kiosk AND w.inc = s.inc AND w.number = s.number)`,
      ).get(kiosk, Number(inc), Number(settlement));
      if (row === undefined)
        faults.push({ row: number, what: `no accepted settlement ${settlement.slice(0, 20)} of ${kiosk.slice(0, 40)}` });
      if (amount === null || amount === 0) faults.push({ row: number, what: `${yuan.slice(0, 40)} is no amount of yuan` });
      if (!/^\d{4}-\d\d-\d\d$/.test(day) || Number.isNaN(Date.parse(day)))
        faults.push({ row: number, what: `${day.slice(0, 20)} is no day` });
      if (reference.length > 80) faults.push({ row: number, what: 'the reference is too long' });
      return { kiosk, inc: Number(inc), number: Number(settlement), fen: amount ?? 0, day, reference, of: row };
    });
    if (faults.length > 0) return { ok: false, code: 'faulty', faults } as const;
    for (const payment of payments) pay(act, payment);
    return ok({ rows: payments.length, fen: payments.reduce((sum, each) => sum + each.fen, 0) });
  });
}

function pay(
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
  if (before === null) act.post(moved({ account: 'merchant', holder: of.merchant }, { account: 'paid', holder: of.merchant }, of.points));
  const { changes } = prepared(
    act.db,
    `INSERT INTO settlement_word (entry, kiosk, inc, number, state, day, paid_fen, reference) VALUES (?, ?, ?, ?, 'paid', ?, ?, ?)`,
  ).run(entry, kiosk, inc, number, day, (before ?? 0) + payment.fen, reference);
  assert(changes === 1, 'a payment is written down');
}
