// Scales as the book knows them: which one was commissioned last, and whether it was checked. Reads only.

import type { BookEvent, ScaleSetBody } from './model/event.ts';
import { type ReadableDatabase, prepared } from './sqlite.ts';

/** The newest commissioning of a scale, or null. */
export function newestScaleSet(db: ReadableDatabase): { readonly scaleSetId: string; readonly body: ScaleSetBody } | null {
  const row = prepared<[], { id: string; line: string }>(
    db,
    'SELECT id, line FROM scale_set JOIN event USING (seq) ORDER BY seq DESC LIMIT 1',
  ).get();
  if (row === undefined) return null;
  const event = JSON.parse(row.line) as BookEvent & { readonly kind: 'SCALE_SET' }; // the book's own line, of this table's kind
  return { scaleSetId: row.id, body: event.body };
}

/** What a commissioning recorded, by its event's id; null: there was none. */
export function findScaleSet(db: ReadableDatabase, scaleSetId: string): ScaleSetBody | null {
  const row = prepared<[string], { line: string }>(db, `SELECT line FROM event WHERE id = ? AND kind = 'SCALE_SET'`).get(scaleSetId);
  return row === undefined ? null : (JSON.parse(row.line) as { readonly body: ScaleSetBody }).body; // the book's own line, of this kind
}

/** Whether the newest check of this scale on a business date was good. */
export function wasScaleGoodOn(db: ReadableDatabase, scaleSetId: string, day: string): boolean {
  return newestScaleCheck(db, scaleSetId, day)?.isGood === true;
}

/**
 * The newest check of this scale on a business date, with when it was made (epoch ms), or null. It is read from its event, which
 * the chain and the signature cover; the row beside it only finds it.
 */
export function newestScaleCheck(
  db: ReadableDatabase,
  scaleSetId: string,
  day: string,
): { readonly isGood: boolean; readonly checkedAt: number } | null {
  const row = prepared<[string, string], { line: string }>(
    db,
    'SELECT line FROM event WHERE seq = (SELECT max(seq) FROM scale_check WHERE scale_set_id = +? AND day = +?)',
  ).get(scaleSetId, day);
  if (row === undefined) return null;
  const event = JSON.parse(row.line) as BookEvent; // the book's own line
  if (event.kind !== 'SCALE_CHECKED' || event.body.scaleSetId !== scaleSetId || event.day !== day) return null;
  return { isGood: event.body.isGood, checkedAt: event.at };
}
