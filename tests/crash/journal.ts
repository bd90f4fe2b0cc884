// What a process writes down while it works: the one witness that survives the kill, since each entry is handed to the kernel
// before it goes on. And what a seller writes.

import { existsSync, openSync, readFileSync, writeSync } from 'node:fs';
import type { FaultEntry } from './at-work.ts';
import type { PayArgs } from '../../electron/engine/pay.ts';

/** One thing the seller asks of the engine, in a sale. */
export type Deed =
  | { readonly do: 'card'; readonly saleId: string; readonly residentId: string }
  | { readonly do: 'goods'; readonly saleId: string; readonly goodsId: string }
  | { readonly do: 'remove'; readonly saleId: string; readonly goodsId: string }
  | { readonly do: 'pay'; readonly saleId: string; readonly args: PayArgs };

/** A cart as the page is shown it, without figures. */
export interface CartSeen {
  readonly saleId: string;
  readonly hasResident: boolean;
  readonly quantities: Quantities;
}

export type Quantities = { readonly [goodsId: string]: number };

export type Entry =
  /** The engine opened its book and sells; this is the cart it brought back. */
  | { readonly kind: 'opened'; readonly cart: CartSeen }
  | { readonly kind: 'doing'; readonly deed: Deed }
  | { readonly kind: 'done'; readonly deed: Deed; readonly receiptNumber?: string }
  /** A payment that was refused because something changed meanwhile: nothing was sold, and it is asked anew. */
  | { readonly kind: 'refused'; readonly deed: Deed }
  | FaultEntry;

/** Opens a journal for writing; an entry is safe from a kill when the call returns. */
export function openJournal(path: string): (entry: object) => void {
  const file = openSync(path, 'a');
  return (entry) => void writeSync(file, `${JSON.stringify(entry)}\n`);
}

/** Every whole entry, in order. A last line that was cut off was never acted on. */
export function readJournal(path: string): readonly unknown[] {
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as unknown); // written by openJournal
}
