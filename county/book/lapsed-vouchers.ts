// Vouchers that no till took (reconciliation.md R3). Their rights lie at the shop that they were signed for, and nobody knows whether it took
// them until it says that it took a file that covers them: no clock ends one. From then on no till takes it, and the shop is asked for
// its rights back; they are at home again the night after it gave them. Signs none.

import { type ReadableDatabase, prepared } from '../../db/sqlite.ts';
import type { CountyAct } from './county-book.ts';
import { balanceOf } from './ledger.ts';
import { askForLapsed } from './rights.ts';

/** A voucher of an account that is not used: `waits`: its till may take it still; else it lapsed, and its rights are on their way home. */
export interface OpenVoucher {
  readonly kiosk: string;
  readonly account: string;
  readonly number: number;
  /** Hundredths of a point. */
  readonly amount: number;
  readonly state: 'waits' | 'lapsed';
}

/** Kiosks where vouchers lapsed since it was looked at last. */
export function kiosksOfLapsed(db: ReadableDatabase): readonly string[] {
  const kiosks = prepared<[], { kiosk: string }>(
    db,
    `SELECT kiosk FROM kiosk WHERE taken_entry > lapsed_entry AND EXISTS (
       SELECT 1 FROM voucher WHERE voucher.kiosk = kiosk.kiosk AND entry > lapsed_entry AND entry < taken_entry) ORDER BY kiosk`,
  ).all();
  return kiosks.map(({ kiosk }) => kiosk);
}

/** Asks a kiosk for the rights of what lapsed there, but of accounts that are at home there. Each voucher is asked for once. */
export function askLapsedBack(act: CountyAct, kiosk: string): void {
  const { db } = act;
  const lapsed = prepared<[string], { account: string; amount: number; first: number; last: number }>(
    db,
    `SELECT voucher.account AS account, sum(voucher.amount) AS amount, min(number) AS first, max(number) AS last FROM voucher
       JOIN kiosk ON kiosk.kiosk = voucher.kiosk JOIN account ON account.account = voucher.account
      WHERE voucher.kiosk = ? AND voucher.entry > lapsed_entry AND voucher.entry < taken_entry AND home <> voucher.kiosk AND ${isUntaken}
      GROUP BY voucher.account ORDER BY voucher.account`,
  ).all(kiosk);
  for (const { account, amount, first, last } of lapsed) {
    const there = Math.min(amount, balanceOf(db, { account: 'esc', holder: account, at: kiosk })); // a kiosk that was put back gave all up
    if (there === 0) continue;
    const entry = act.enter('lapsed', `${kiosk} ${account} ${first}${first === last ? '' : `-${last}`}`);
    askForLapsed(act, { kiosk, account }, { amount: there, entry });
  }
  prepared(db, 'UPDATE kiosk SET lapsed_entry = taken_entry WHERE kiosk = ?').run(kiosk);
}

/** Those of one account, the newest first. */
export function openVouchersOf(db: ReadableDatabase, account: string): readonly OpenVoucher[] {
  return prepared<[string], OpenVoucher>(db, `${selectOpen} AND voucher.account = ? ORDER BY voucher.entry DESC`).all(account);
}

/** All of the county: how many, and of how many hundredths of a point. */
export function openVoucherSums(
  db: ReadableDatabase,
): Readonly<Record<OpenVoucher['state'], { readonly n: number; readonly points: number }>> {
  const rows = prepared<[], { state: OpenVoucher['state']; n: number; points: number }>(
    db,
    `SELECT state, count(*) AS n, sum(amount) AS points FROM (${selectOpen}) AS open_vouchers GROUP BY state`,
  ).all();
  const of = (state: OpenVoucher['state']) => {
    const { n, points } = rows.find((row) => row.state === state) ?? { n: 0, points: 0 };
    return { n, points };
  };
  return { waits: of('waits'), lapsed: of('lapsed') };
}

/** A voucher that any incarnation took is used. */
const isUntaken = `NOT EXISTS (SELECT 1 FROM voucher_taken AS taken
  WHERE taken.kiosk = voucher.kiosk AND taken.account = voucher.account AND taken.number = voucher.number)`;

/** Of those that lapsed: while the shop, which is not the account's own, has not answered what it was asked or is to be asked next night. */
const selectOpen = `SELECT voucher.kiosk AS kiosk, voucher.account AS account, number, voucher.amount AS amount,
    CASE WHEN voucher.entry < taken_entry THEN 'lapsed' ELSE 'waits' END AS state
  FROM kiosk JOIN voucher ON voucher.kiosk = kiosk.kiosk JOIN account ON account.account = voucher.account
    JOIN given ON given.kiosk = voucher.kiosk AND given.account = voucher.account
  WHERE ${isUntaken} AND (voucher.entry >= taken_entry OR (home <> voucher.kiosk AND (voucher.entry > lapsed_entry OR asked IS NOT NULL)))`;
