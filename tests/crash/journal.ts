// What a seller writes down while it sells, and what must then be true of its cart. The one witness that survives the
// kill: each entry is handed to the kernel before the seller goes on.

import { existsSync, openSync, readFileSync, writeSync } from 'node:fs';
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
  /** The engine answered what it must not: the seller stops. */
  | { readonly kind: 'fault'; readonly detail: string };

/** Opens a journal for writing; an entry is safe from a kill when the call returns. */
export function openJournal(path: string): (entry: Entry) => void {
  const file = openSync(path, 'a');
  return (entry) => void writeSync(file, `${JSON.stringify(entry)}\n`);
}

/** Every whole entry, in order. A last line that was cut off was never acted on. */
export function readJournal(path: string): readonly Entry[] {
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Entry); // written by openJournal
}
