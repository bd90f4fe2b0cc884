// What the bank is to pay the shops now, as the list that comes back with its days and references (book/payments.ts). Pays nothing.

import type { ReadableDatabase } from '../db/sqlite.ts';
import { payables } from './book/payable.ts';
import { paymentColumns } from './book/payments.ts';
import { shopNames } from './pages/shops.ts';

/** CSV in yuan, a settlement a row; `held`: what waits, in lines for people. */
export function bankList(db: ReadableDatabase): { readonly csv: string; readonly rows: number; readonly held: string } {
  const [all, names] = [payables(db), shopNames(db)];
  const due = all.filter(({ payFen }) => payFen > 0);
  const waiting = all.filter(({ heldFen }) => heldFen > 0);
  const shop = (kiosk: string): string => cellOf(names.get(kiosk) ?? kiosk);
  const head = paymentColumns.map(({ zh: [name] }) => name).join(',');
  const lines = due.map(({ kiosk, inc, number, payFen }) => `${shop(kiosk)},${kiosk},${inc},${number},${yuanOf(payFen)},,`);
  const held = waiting.map(
    ({ kiosk, inc, number, heldFen }) =>
      `${yuanOf(heldFen)} yuan of ${shop(kiosk)} ${kiosk}/${inc} settlement ${number} waits: its days were paid before the kiosk forgot them\n`,
  );
  return { csv: [head, ...lines, ''].join('\n'), rows: due.length, held: held.join('') };
}

function yuanOf(fen: number): string {
  return (fen / 100).toFixed(2);
}

/** A name that divides no cells, and that no spreadsheet takes for a formula. */
function cellOf(name: string): string {
  return name.replaceAll(/[",\r\n]/g, ' ').replace(/^[\s=+@-]+/, '');
}
