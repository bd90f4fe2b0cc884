// `to-pay`: what the bank is to pay the shops now, as the list that `paid` takes back. Says what the book says; pays nothing.

import { bankList } from './bank-list.ts';
import type { CountyBook } from './book/county-book.ts';
import type { Terminal } from './log/commands.ts';
import type { BookCommand, CommandOptions } from './serve/command.ts';

export const paymentUsage = `       npm run county -- to-pay --data DIR                     what the bank is to pay now, as a list that paid takes back
`;

export const paymentCommands: Readonly<Record<'to-pay', BookCommand>> = { 'to-pay': toPay };

/** The list for the bank; what is held back is said beside it. */
async function toPay(book: CountyBook, _options: CommandOptions, terminal: Terminal): Promise<number> {
  const { csv, held } = await book.read(bankList);
  terminal.say(csv);
  if (held !== '') terminal.complain(held);
  return 0;
}
