// `to-pay`: what the bank is to pay the shops now, as the list that `paid` takes back. Says what the book says; pays nothing.

import type { CountyBook } from './book/county-book.ts';
import { payables } from './book/payable.ts';
import { paymentColumns } from './book/payments.ts';
import type { Terminal } from './log/commands.ts';
import { shopNames } from './pages/shops.ts';
import type { BookCommand, CommandOptions } from './serve/command.ts';

export const paymentUsage = `       npm run county -- to-pay --data DIR                     what the bank is to pay now, as a list that paid takes back
`;

export const paymentCommands: Readonly<Record<'to-pay', BookCommand>> = { 'to-pay': toPay };

/** The list for the bank; what is held back is said beside it. */
async function toPay(book: CountyBook, _options: CommandOptions, terminal: Terminal): Promise<number> {
  const [rows, names] = await book.read((db) => [payables(db), shopNames(db)] as const);
  const shop = (kiosk: string): string => (names.get(kiosk) ?? kiosk).replaceAll(/[",\r\n]/g, ' ');
  const yuan = (amount: number): string => (amount / 100).toFixed(2);
  terminal.say(`${paymentColumns.map(({ zh: [name] }) => name).join(',')}\n`);
  for (const { kiosk, inc, number, payFen } of rows)
    if (payFen > 0) terminal.say(`${shop(kiosk)},${kiosk},${inc},${number},${yuan(payFen)},,\n`);
  for (const { kiosk, inc, number, heldFen } of rows)
    if (heldFen > 0)
      terminal.complain(
        `${yuan(heldFen)} yuan of ${shop(kiosk)} ${kiosk}/${inc} settlement ${number} waits: its days were paid before the kiosk forgot them\n`,
      );
  return 0;
}
