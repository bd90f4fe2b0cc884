// Settlements, what the county said of them, and what no settlement holds yet: closings and adjustments. Reads, and writes only what
// a file of the county says.

import { type Fen, fen } from './model/amounts.ts';
import type { BookEvent, SettlementBody } from './model/event.ts';
import {
  type ClosedDay,
  type SettledEvent,
  type SettlementWord,
  newsOf,
  settledAdjustmentsMax,
  settledClosingsMax,
} from './model/settlement.ts';
import { assert } from './model/result.ts';
import { type ReadableDatabase, type WritableDatabase, prepared } from './sqlite.ts';

/** Of the newest settlement; 0 before the first. */
export function lastSettlementNumber(db: ReadableDatabase): number {
  return prepared<[], { number: number }>(db, 'SELECT coalesce(max(number), 0) AS number FROM settlement').get()!.number;
}

/** The closings that no settlement covers, in order; no more than one settlement takes. */
export function openClosings(db: ReadableDatabase): readonly ClosedDay[] {
  const rows = prepared<[number], { number: number; day: string; line: string }>(
    db,
    `SELECT number, day, line FROM closing JOIN event USING (seq)
      WHERE number > (SELECT coalesce(max(through_closing), 0) FROM settlement) ORDER BY number LIMIT ?`,
  ).all(settledClosingsMax);
  return rows.map(({ number, day, line }) => {
    const { figures, sharePermille } = (JSON.parse(line) as BookEvent & { readonly kind: 'DAY_CLOSED' }).body; // the row is of such an event
    return { number, day, figures, sharePermille };
  });
}

/** How many those are, beyond what one settlement takes. */
export function countOpenClosings(db: ReadableDatabase): number {
  return prepared<[], { n: number }>(
    db,
    'SELECT count(*) AS n FROM closing WHERE number > (SELECT coalesce(max(through_closing), 0) FROM settlement)',
  ).get()!.n;
}

/** What the county put right and no settlement holds, as its files told it; within a file by id. No more than one settlement takes. */
export function openAdjustments(db: ReadableDatabase): SettlementBody['adjustments'] {
  return prepared<[number], { id: string; zh: string; fen: number }>(
    db,
    `SELECT id, zh, fen FROM adjustment WHERE id NOT IN (SELECT adjustment_id FROM settled_adjustment) ORDER BY down_seq, id LIMIT ?`,
  )
    .all(settledAdjustmentsMax)
    .map((row) => ({ ...row, fen: fen(row.fen) }));
}

/** A settlement as it was written, with the chain's word for it. */
export interface StoredSettlement {
  readonly event: SettledEvent;
  /** base64url. */
  readonly leaf: string;
}

/** The settlement of a number, or null. */
export function findSettlement(db: ReadableDatabase, number: number): StoredSettlement | null {
  return settlementsBefore(db, number + 1, 1).find(({ event }) => event.body.number === number) ?? null;
}

/** The newest settlements below `beforeNumber`, newest first. */
export function settlementsBefore(db: ReadableDatabase, beforeNumber: number, limit: number): readonly StoredSettlement[] {
  return prepared<[number, number], { line: string; leaf: Buffer }>(
    db,
    'SELECT line, leaf FROM settlement JOIN event USING (seq) WHERE number < ? ORDER BY number DESC LIMIT ?',
  )
    .all(beforeNumber, limit)
    .map((row) => ({ event: JSON.parse(row.line) as SettledEvent, leaf: row.leaf.toString('base64url') })); // the row is of such an event
}

/**
 * Where a word of the county fits a settlement of this book: of that number in that incarnation, and made when the word came. One that
 * came before can only mean another, of a book that was lost; it stays stray, whatever gets its number later.
 */
const fits = `settlement.number = settlement_state.number AND settlement.seq < down_file.event_seq
  AND (SELECT line ->> '$.inc' FROM event WHERE event.seq = settlement.seq) = settlement_state.inc`;

/** What the county said of a settlement, oldest first. */
export function wordsOf(db: ReadableDatabase, number: number): readonly SettlementWord[] {
  return prepared<[number], SettlementWord>(
    db,
    `SELECT settlement_state.inc, settlement_state.number, state, settlement_state.day, paid_fen AS paidFen, reference
       FROM settlement_state JOIN down_file USING (down_seq) JOIN settlement ON ${fits}
      WHERE settlement_state.number = ? ORDER BY n`,
  ).all(number);
}

/** The newest that it said of settlements which this book did not have then; at most `limit`. */
export function strayWords(db: ReadableDatabase, limit: number): readonly SettlementWord[] {
  return prepared<[number], SettlementWord>(
    db,
    `SELECT inc, number, state, day, paid_fen AS paidFen, reference FROM settlement_state JOIN down_file USING (down_seq)
      WHERE NOT EXISTS (SELECT 1 FROM settlement WHERE ${fits}) ORDER BY n DESC LIMIT ?`,
  ).all(limit);
}

/** Keeps a word of the county's file `downSeq`. Returns how much more was paid by it, or null where it says nothing new. */
export function keepWord(db: WritableDatabase, word: SettlementWord, downSeq: number): Fen | null {
  const { inc, number, state, day, paidFen, reference } = word;
  const before = prepared<[number, number, string], SettlementWord>(
    db,
    `SELECT inc, number, state, day, paid_fen AS paidFen, reference FROM settlement_state
      WHERE inc = ? AND number = ? AND state = ? ORDER BY n DESC LIMIT 1`,
  ).get(inc, number, state);
  const news = newsOf(word, before ?? null);
  if (news === null) return null;
  prepared<[number, number, string, string, number | null, string, number]>(
    db,
    'INSERT INTO settlement_state (inc, number, state, day, paid_fen, reference, down_seq) VALUES (?, ?, ?, ?, ?, ?, ?)',
  ).run(inc, number, state, day, paidFen, reference, downSeq);
  return news.paidFen;
}

/** Keeps an adjustment once: said again it changes nothing. False where it is known with another amount. */
export function keepAdjustment(db: WritableDatabase, said: SettlementBody['adjustments'][number], downSeq: number): boolean {
  const known = prepared<[string], { fen: number }>(db, 'SELECT fen FROM adjustment WHERE id = ?').get(said.id);
  if (known !== undefined) return known.fen === said.fen;
  prepared<[string, string, number, number]>(db, 'INSERT INTO adjustment (id, zh, fen, down_seq) VALUES (?, ?, ?, ?)').run(
    said.id,
    said.zh,
    said.fen,
    downSeq,
  );
  return true;
}

/** The day checkpoint of a closing that is in the book. */
export function closingCheckpoint(db: ReadableDatabase, number: number): { readonly size: number; readonly root: string } {
  const row = prepared<[number], { line: string }>(db, 'SELECT line FROM closing JOIN event USING (seq) WHERE number = ?').get(number);
  assert(row !== undefined, `closing ${number} is in the book`);
  return (JSON.parse(row.line) as BookEvent & { readonly kind: 'DAY_CLOSED' }).body.checkpoint; // the row is of such an event
}
