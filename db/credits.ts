// Credits of the recycling desk as they stand in the book: by account, operator and day, what was taken back, what was
// collected and hauled away. Reads only; book.ts writes the rows.

import { hash } from 'node:crypto';
import { points, sumPoints } from './model/amounts.ts';
import type { BookEvent } from './model/event.ts';
import { type CreditInput, type CreditLine, unitsOf } from './model/recycling.ts';
import { type ReadableDatabase, prepared } from './sqlite.ts';

export type CreditEvent = BookEvent & { readonly kind: 'CREDIT' };

/** A credit as it was written: the event and what its ticket's QR signs. */
export interface StoredCredit {
  readonly event: CreditEvent;
  /** base64url. */
  readonly leaf: string;
  readonly signature: string;
}

/** Names what a confirm key confirms, and an approval allows: this resident, and these bags at these rates. SHA-256, base64url. */
export function creditDigest(of: {
  readonly creditId: string;
  readonly residentId: string | null;
  readonly lines: readonly Pick<CreditLine, 'materialId' | 'rate' | 'points' | 'bags'>[];
}): string {
  const lines = of.lines.map(({ materialId, rate, points, bags }) => [
    materialId,
    rate.points,
    rate.per,
    points,
    bags.map(({ id, measure }) => [id, unitsOf(measure)]),
  ]);
  return hash('sha256', JSON.stringify([of.creditId, of.residentId, lines]), 'base64url');
}

/** A credit by its id, or null. */
export function findCredit(db: ReadableDatabase, creditId: string): StoredCredit | null {
  const row = prepared<[string], { line: string; leaf: Buffer; sig: Buffer }>(
    db,
    `SELECT line, leaf, sig FROM event WHERE id = ? AND kind = 'CREDIT'`,
  ).get(creditId);
  if (row === undefined) return null;
  return { event: JSON.parse(row.line) as CreditEvent, leaf: row.leaf.toString('base64url'), signature: row.sig.toString('base64url') }; // the kind was asked for
}

/** The local counter of the newest ticket; 0 before the first. */
export function lastTicketCounter(db: ReadableDatabase): number {
  const row = prepared<[], { ticket_number: string }>(db, 'SELECT ticket_number FROM credit ORDER BY seq DESC LIMIT 1').get();
  return row === undefined ? 0 : Number(row.ticket_number.split('-R').at(-1));
}

/** Credited on a business date, less what of it was taken back: what the caps of reconciliation.md R3 and approvals are held against. */
export function creditedOn(
  db: ReadableDatabase,
  { day, accountId, operatorId }: { readonly day: string; readonly accountId: string | null; readonly operatorId: string | null },
): CreditInput['today'] {
  const sums = prepared<[string | null, string], { kiosk: number; operator: number }>(
    db,
    `SELECT coalesce(sum(points), 0) AS kiosk, coalesce(sum(points) FILTER (WHERE operator_id = ?), 0) AS operator
       FROM credit WHERE day = ? AND seq NOT IN (SELECT credit_seq FROM credit_reversal)`,
  ).get(operatorId, day)!; // an aggregate has a row
  const materials = prepared<[string, string | null], { id: string; given: number }>(
    db,
    `SELECT material_id AS id, sum(credit_line.points) AS given FROM credit JOIN credit_line USING (seq)
      WHERE day = +? AND account_id = +? AND seq NOT IN (SELECT credit_seq FROM credit_reversal) GROUP BY material_id`,
  ).all(day, accountId);
  const typed = prepared<[string, string | null], { materialId: string; pieces: number }>(
    db,
    `SELECT taken.value ->> 'materialId' AS materialId, sum(bag.value ->> '$.measure.pieces') AS pieces
       FROM credit JOIN event USING (seq), json_each(event.line, '$.body.lines') AS taken, json_each(taken.value, '$.bags') AS bag
      WHERE credit.day = +? AND account_id = +? AND seq NOT IN (SELECT credit_seq FROM credit_reversal)
        AND bag.value ->> '$.measure.isTypedTwice' = 0 GROUP BY materialId`,
  ).all(day, accountId);
  return {
    account: sumPoints(materials.map(({ given }) => points(given))), // the points of a credit are those of its lines
    operator: points(sums.operator),
    kiosk: points(sums.kiosk),
    byMaterial: new Map(materials.map(({ id, given }) => [id, points(given)])),
    typedOnce: new Map(typed.map(({ materialId, pieces }) => [materialId, pieces])),
  };
}

export interface CreditRow {
  readonly seq: number;
  readonly creditId: string;
  readonly line: string;
  readonly isReversed: 0 | 1;
  readonly copies: number;
}

/** The newest credits before `beforeSeq`, newest first. */
export function creditsBefore(db: ReadableDatabase, beforeSeq: number, limit: number): readonly CreditRow[] {
  return prepared<[number, number], CreditRow>(
    db,
    `SELECT credit.seq, credit_id AS creditId, line,
        EXISTS (SELECT 1 FROM credit_reversal WHERE credit_seq = credit.seq) AS isReversed,
        (SELECT max(copy) FROM print_job WHERE act_seq = credit.seq) AS copies
       FROM credit JOIN event USING (seq) WHERE credit.seq < ? ORDER BY credit.seq DESC LIMIT ?`,
  ).all(beforeSeq, limit);
}

/** Credits of an account since a wall time, newest first, without those taken back: where the same bag may have been before. */
export function creditsSince(db: ReadableDatabase, accountId: string, sinceMs: number, limit: number): readonly CreditEvent[] {
  return prepared<[string, number, number], { line: string }>(
    db,
    `SELECT line FROM credit JOIN event USING (seq)
      WHERE account_id = +? AND at >= +? AND seq NOT IN (SELECT credit_seq FROM credit_reversal) ORDER BY seq DESC LIMIT ?`,
  )
    .all(accountId, sinceMs, limit)
    .map(({ line }) => JSON.parse(line) as CreditEvent); // the book's own line
}

/** The account's newest credit that was not taken back, by id; null: none. */
export function newestCreditOf(db: ReadableDatabase, accountId: string): string | null {
  const row = prepared<[string], { creditId: string }>(
    db,
    `SELECT credit_id AS creditId FROM credit
      WHERE account_id = ? AND seq NOT IN (SELECT credit_seq FROM credit_reversal) ORDER BY seq DESC LIMIT 1`,
  ).get(accountId);
  return row?.creditId ?? null;
}

export function isReversed(db: ReadableDatabase, creditId: string): boolean {
  const row = prepared<[string], { n: number }>(
    db,
    'SELECT count(*) AS n FROM credit_reversal JOIN credit ON credit.seq = credit_seq WHERE credit_id = ?',
  ).get(creditId);
  return row!.n > 0;
}

/** Whether this credit was left to the county to decide. Looks only at what came after it. */
export function isDisputed(db: ReadableDatabase, { id, seq }: CreditEvent): boolean {
  return disputedAfter(db, seq).has(id);
}

/** Credits left to the county by events after `seq`, by id. Reads all of these events: such are few, and have no table. */
export function disputedAfter(db: ReadableDatabase, seq: number): ReadonlySet<string> {
  const rows = prepared<[number], { creditId: string }>(
    db,
    `SELECT json_extract(line, '$.body.creditId') AS creditId FROM event WHERE seq > ? AND kind = 'CREDIT_DISPUTED'`,
  ).all(seq);
  return new Set(rows.map(({ creditId }) => creditId));
}

/** Rights an account holds at this kiosk. */
export function rightsOf(db: ReadableDatabase, accountId: string): number {
  const row = prepared<[string], { amount: number }>(
    db,
    `SELECT amount FROM balance WHERE account = 'esc' AND holder = ? AND commodity = 'PTS'`,
  ).get(accountId);
  return row?.amount ?? 0;
}
