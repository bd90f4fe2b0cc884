// Finished sales as they stand in the book. Reads only; book.ts writes the rows.

import type { BookEvent } from './model/event.ts';
import { type ReadableDatabase, prepared } from './sqlite.ts';

export type SaleEvent = BookEvent & { readonly kind: 'SALE' };

/** A sale as it was written: the event and what its receipt's QR signs. */
export interface StoredSale {
  readonly event: SaleEvent;
  /** base64url. */
  readonly leaf: string;
  readonly signature: string;
}

/** A finished sale by its id, or null. */
export function findSale(db: ReadableDatabase, saleId: string): StoredSale | null {
  const row = prepared<[string], { line: string; leaf: Buffer; sig: Buffer }>(
    db,
    `SELECT line, leaf, sig FROM event WHERE id = ? AND kind = 'SALE'`,
  ).get(saleId);
  if (row === undefined) return null;
  return { event: JSON.parse(row.line) as SaleEvent, leaf: row.leaf.toString('base64url'), signature: row.sig.toString('base64url') }; // the kind was asked for
}

/** The local counter of the newest receipt; 0 before the first. */
export function lastReceiptCounter(db: ReadableDatabase): number {
  const row = prepared<[], { receipt_number: string }>(db, 'SELECT receipt_number FROM sale ORDER BY seq DESC LIMIT 1').get();
  return row === undefined ? 0 : Number(row.receipt_number.split('-').at(-1));
}

export interface SaleRow {
  readonly seq: number;
  readonly saleId: string;
  readonly receiptNumber: string;
  readonly points: number;
  readonly totalFen: number;
  readonly line: string;
  readonly copies: number;
}

/** The newest sales before `beforeSeq`, newest first. */
export function salesBefore(db: ReadableDatabase, beforeSeq: number, limit: number): readonly SaleRow[] {
  return prepared<[number, number], SaleRow>(
    db,
    `SELECT sale.seq, sale_id AS saleId, receipt_number AS receiptNumber, points, total_fen AS totalFen, line,
        (SELECT max(copy) FROM print_job WHERE act_seq = sale.seq) AS copies
       FROM sale JOIN event USING (seq) WHERE sale.seq < ? ORDER BY sale.seq DESC LIMIT ?`,
  ).all(beforeSeq, limit);
}
