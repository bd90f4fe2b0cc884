// Returns as they stand in the book, and the sales that they are of. Reads only; book.ts writes the rows.

import { hash } from 'node:crypto';
import type { BookEvent } from './model/event.ts';
import type { ChosenLine, EarlierReturns } from './model/returns.ts';
import { type ReadableDatabase, prepared } from './sqlite.ts';

export type ReturnEvent = BookEvent & { readonly kind: 'RETURNED' };

/** The returns of a sale, in their order; those before event `beforeSeq` where one is named. */
export function returnsOf(db: ReadableDatabase, saleId: string, beforeSeq = Number.MAX_SAFE_INTEGER): readonly ReturnEvent[] {
  return prepared<[string, number], { line: string }>(
    db,
    `SELECT line FROM sale JOIN sale_return ON sale_seq = sale.seq JOIN event ON event.seq = sale_return.seq
      WHERE sale_id = ? AND sale_return.seq < ? ORDER BY sale_return.seq`,
  )
    .all(saleId, beforeSeq)
    .map(({ line }) => JSON.parse(line) as ReturnEvent); // the table has rows of returns only
}

/** The local counter of the newest return; 0 before the first. */
export function lastReturnCounter(db: ReadableDatabase): number {
  const row = prepared<[], { returnNumber: string }>(
    db,
    'SELECT return_number AS returnNumber FROM sale_return ORDER BY seq DESC LIMIT 1',
  ).get();
  return row === undefined ? 0 : Number(row.returnNumber.split('-T').at(-1));
}

/** Names what a confirm key confirms and an approval allows: this sale, these pieces, after those returns. SHA-256, base64url. */
export function returnDigest(saleId: string, chosen: readonly ChosenLine[], before: EarlierReturns): string {
  const lines = chosen.map(({ n, quantity }) => [n, quantity]).toSorted(([a], [b]) => a! - b!);
  const gone = before.map((each) => each.lines.map(({ n, quantity }) => [n, quantity]));
  return hash('sha256', JSON.stringify([saleId, lines, gone]), 'base64url');
}

/** The id of the sale with this number on its receipt, or null. */
export function saleOfNumber(db: ReadableDatabase, receiptNumber: string): string | null {
  return (
    prepared<[string], { saleId: string }>(db, 'SELECT sale_id AS saleId FROM sale WHERE receipt_number = ?').get(receiptNumber)?.saleId ??
    null
  );
}
