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
  const row = prepared<[string, string], { good: number }>(
    db,
    'SELECT is_good AS good FROM scale_check WHERE scale_set_id = ? AND day = ? ORDER BY seq DESC LIMIT 1',
  ).get(scaleSetId, day);
  return row?.good === 1;
}
