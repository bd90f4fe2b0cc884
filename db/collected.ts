// What the desk collected by material, what the hauler took, and what is on hand. Reads only; book.ts writes the rows.

import { type ReadableDatabase, prepared } from './sqlite.ts';

/** Grams or pieces, and the points that were credited for them. */
export interface Collected {
  readonly units: number;
  readonly points: number;
}

/** Collected on the business dates `from` to `to`, inclusive, by material id; credits that were taken back are left out. */
export function collectedBetween(db: ReadableDatabase, from: string, to: string): ReadonlyMap<string, Collected> {
  const rows = prepared<[string, string], Collected & { readonly id: string }>(
    db,
    `SELECT material_id AS id, sum(units) AS units, sum(credit_line.points) AS points
       FROM credit JOIN credit_line USING (seq)
      WHERE day BETWEEN ? AND ? AND seq NOT IN (SELECT credit_seq FROM credit_reversal) GROUP BY material_id`,
  ).all(from, to);
  return new Map(rows.map(({ id, units, points }) => [id, { units, points }]));
}

/** The newest hand-over of one material. */
export interface LastHandOver {
  readonly seq: number;
  readonly day: string;
  readonly hauler: string;
  readonly bookUnits: number;
  readonly hauledUnits: number;
  readonly leftUnits: number;
}

export function lastHandOver(db: ReadableDatabase, materialId: string): LastHandOver | null {
  const row = prepared<[string], Omit<LastHandOver, 'day' | 'hauler'> & { readonly line: string }>(
    db,
    `SELECT handed_over_line.seq, book_units AS bookUnits, hauled_units AS hauledUnits, left_units AS leftUnits, line
       FROM handed_over_line JOIN event USING (seq) WHERE material_id = ? ORDER BY handed_over_line.seq DESC LIMIT 1`,
  ).get(materialId);
  if (row === undefined) return null;
  const { line, ...units } = row;
  const { day, body } = JSON.parse(line) as { day: string; body: { hauler: string } }; // the book's own line, a HANDED_OVER
  return { ...units, day, hauler: body.hauler };
}

/**
 * Grams or pieces on hand by the book: what was left at the last hand-over, and what came since. A credit of before that is
 * taken back later comes off: what was brought is credited anew to whom it belongs, and would count twice.
 */
export function onHand(db: ReadableDatabase, materialId: string): number {
  const last = lastHandOver(db, materialId);
  const since = last?.seq ?? 0;
  const came = prepared<[string, number], { units: number }>(
    db,
    `SELECT coalesce(sum(units), 0) AS units FROM credit_line
      WHERE material_id = ? AND seq > ? AND seq NOT IN (SELECT credit_seq FROM credit_reversal)`,
  ).get(materialId, since)!;
  const takenBack = prepared<[string, number, number], { units: number }>(
    db,
    `SELECT coalesce(sum(units), 0) AS units FROM credit_line JOIN credit_reversal ON credit_seq = credit_line.seq
      WHERE material_id = ? AND credit_line.seq <= ? AND credit_reversal.seq > ?`,
  ).get(materialId, since, since)!;
  return (last?.leftUnits ?? 0) + came.units - takenBack.units;
}
