// Carts that were put aside: sealed rows beside the chain, like the cart itself. They touch no balance.

import { type Sealing, type StoredDraft, sealed, unsealed } from './drafts.ts';
import { assert } from './model/result.ts';
import { type ReadableDatabase, prepared } from './sqlite.ts';

/** A cart put aside, as it was read. */
export interface StoredHeld extends StoredDraft {
  readonly heldId: string;
  /** Epoch ms. */
  readonly at: number;
}

/** All of them, oldest first. */
export function readHeld(book: Sealing): readonly StoredHeld[] {
  const rows = prepared<[], { held_id: string; at: number; body: string }>(
    book.db,
    'SELECT held_id, at, body FROM held_cart ORDER BY at, held_id',
  ).all();
  return rows.map((row) => ({ heldId: row.held_id, at: row.at, ...unsealed(book, placeOf(row.held_id, row.at), row)! })); // there is a row
}

export function heldCount({ db }: { readonly db: ReadableDatabase }): number {
  return prepared<[], { n: number }>(db, 'SELECT count(*) AS n FROM held_cart').get()!.n;
}

export function writeHeld(
  book: Sealing,
  { heldId, at, draft }: { readonly heldId: string; readonly at: number; readonly draft: object },
): void {
  const write = prepared(book.db, 'INSERT INTO held_cart (held_id, at, body) VALUES (?, ?, ?)');
  assert(write.run(heldId, at, sealed(book, placeOf(heldId, at), draft)).changes === 1, 'the cart was put aside');
}

export function deleteHeld(book: Sealing, heldId: string): void {
  assert(prepared(book.db, 'DELETE FROM held_cart WHERE held_id = ?').run(heldId).changes === 1, 'the cart was there');
}

/** The seal is of this row, its name and its time. */
function placeOf(heldId: string, at: number): string {
  return `held_cart ${heldId} ${at}`;
}
