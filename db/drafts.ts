// The cart and the credit being prepared: rows beside the chain, which no signature covers. The kiosk's seal lies in each, so
// that a weighing can be believed when it is read again. Their shape is the engine's business.

import type { Book } from './book.ts';
import { assert } from './model/result.ts';
import { prepared } from './sqlite.ts';

/** A draft as it was read. */
export interface StoredDraft {
  readonly draft: unknown;
  /** This kiosk wrote it, exactly so. */
  readonly isSealed: boolean;
}

/** What a sealed row needs of the book. */
export type Sealing = Pick<Book, 'db' | 'seal'>;

/** The stored cart, or null. */
export function readDraft(book: Sealing): StoredDraft | null {
  return unsealed(book, 'draft', prepared<[], { body: string }>(book.db, 'SELECT body FROM draft WHERE id = 1').get());
}

export function writeDraft(book: Sealing, draft: object): void {
  const write = prepared(book.db, 'INSERT INTO draft (id, body) VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET body = excluded.body');
  assert(write.run(sealed(book, 'draft', draft)).changes === 1, 'the cart was stored');
}

/** The stored draft of a credit, or null. */
export function readDeskDraft(book: Sealing): StoredDraft | null {
  return unsealed(book, 'desk_draft', prepared<[], { body: string }>(book.db, 'SELECT body FROM desk_draft WHERE id = 1').get());
}

export function writeDeskDraft(book: Sealing, draft: object): void {
  const write = prepared(book.db, 'INSERT INTO desk_draft (id, body) VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET body = excluded.body');
  assert(write.run(sealed(book, 'desk_draft', draft)).changes === 1, 'the draft was stored');
}

/** The draft as text with the kiosk's seal; `table` names where it lies, so that it is worth nothing elsewhere. */
export function sealed(book: Sealing, table: string, draft: object): string {
  return JSON.stringify({ ...draft, seal: book.seal(`${table} ${JSON.stringify(draft)}`) });
}

/** JSON keeps the order of its names, so what was sealed is what is left without the seal. */
export function unsealed(book: Sealing, table: string, row: { readonly body: string } | undefined): StoredDraft | null {
  if (row === undefined) return null;
  const { seal, ...draft } = { seal: null, ...(JSON.parse(row.body) as object) }; // the column holds what sealed() made, or what others did
  return { draft, isSealed: seal === book.seal(`${table} ${JSON.stringify(draft)}`) };
}
