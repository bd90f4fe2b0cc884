// What the QR of one of our papers says: which act of this kiosk it is of, if the kiosk signed exactly that. Trusts nothing that it
// does not find in the book.

import { verify } from 'node:crypto';
import type { Book } from '../../db/book.ts';
import { ownKeyAt, ownKeys } from '../../db/kiosk-keys.ts';
import { publicKeyFromRaw } from '../../db/model/keys.ts';
import { type Result, fail, ok } from '../../db/model/result.ts';
import { findSale } from '../../db/sales.ts';
import { prepared } from '../../db/sqlite.ts';
import type { Notice } from '../ipc/snapshot.ts';
import { type Engine, notify, selling } from './till.ts';

/** Why a text names no sale of this book. */
export type ReceiptProblem =
  | 'receipt_unknown'
  | 'receipt_malformed'
  | 'receipt_forged' // names this kiosk, which did not sign it
  | 'receipt_key_unknown' // names this kiosk and a time that a restoration undid, in which it may have had another key
  | 'receipt_other_shop'
  | 'receipt_lost' // signed here, and not in this book: a backup was put back since
  | 'receipt_not_sale'; // a ticket's, a return's or a closing's

/** Whether a scan means to be the code of a receipt, whole or not: no barcode and no card begins so. */
export function isReceiptCode(text: string): boolean {
  return text.trim().toUpperCase().startsWith('CP1|');
}

/** CP1|county|kiosk|inc|seq|at|resTag|amt|leaf|prev8|sig (event.ts, signedText; design.md). */
const fields = 11;
const signatureBytes = 64;

/** A receipt under the scanner buys nothing: the notice says whose it is, or why it is none, and where goods come back. */
export function scanReceipt(engine: Engine, code: string): Notice {
  const read = readReceipt(engine, code);
  if (!read.ok) return notify(engine, read.code);
  const sale = findSale(selling(engine).book.db, read.value);
  return notify(engine, 'receipt_scanned', sale?.event.body.receiptNumber);
}

/** The id of the sale that the code is of. */
export function readReceipt(engine: Engine, code: string): Result<string, Exclude<ReceiptProblem, 'receipt_unknown'>> {
  const { book } = selling(engine);
  const parts = code.trim().split('|');
  const [mark, county, kiosk, inc, seq, , , , leaf] = parts;
  const signature = Buffer.from(parts.at(-1) ?? '', 'base64url');
  const isWhole = parts.length === fields && mark === 'CP1' && signature.length === signatureBytes && isCount(inc) && isCount(seq);
  if (!isWhole) return fail('receipt_malformed');
  if (county !== book.identity.county || kiosk !== book.identity.kiosk) return fail('receipt_other_shop');
  const signed = Buffer.from(parts.slice(0, -1).join('|'));
  const isSignedBy = (key: string): boolean => verify(null, signed, publicKeyFromRaw(Buffer.from(key, 'base64url')), signature);
  const row = prepared<[number], { id: string; kind: string; leaf: Buffer }>(book.db, 'SELECT id, kind, leaf FROM event WHERE seq = ?').get(
    Number(seq),
  );
  if (!isSignedBy(ownKeyAt(book.db, Number(seq)))) {
    const isHere = row?.leaf.toString('base64url') === leaf;
    if (isHere || isOnlyHere(book, { inc: Number(inc), seq: Number(seq) })) return fail('receipt_forged');
    return fail(ownKeys(book.db).some(({ key }) => isSignedBy(key)) ? 'receipt_lost' : 'receipt_key_unknown');
  }
  if (row === undefined || row.leaf.toString('base64url') !== leaf) return fail('receipt_lost'); // the leaf binds its incarnation, too
  return row.kind === 'SALE' ? ok(row.id) : fail('receipt_not_sale');
}

function isCount(text: string | undefined): boolean {
  return text !== undefined && /^[1-9]\d{0,14}$/.test(text);
}

/**
 * Whether event `seq` of an incarnation can have been made nowhere but in this book's own life: before the first backup that was put back, or
 * none was. What came after it another machine may have done, with a key that this book never heard of.
 */
function isOnlyHere(book: Book, { inc, seq }: { readonly inc: number; readonly seq: number }): boolean {
  if (inc > book.head().inc) return false; // this is the machine that a backup was taken of
  const { first } = prepared<[], { first: number | null }>(book.db, `SELECT min(seq) AS first FROM event WHERE kind = 'RESTORED'`).get()!; // an aggregate has a row
  return first === null || (inc === 1 && seq < first);
}
