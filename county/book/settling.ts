// Closed days and the batches that kiosks make of them, compared with what the county posted (reconciliation.md R4 "Settlement", R6 24).
// A merchant's claim never depends on a resident's solvency (R6, 25).

import type { BookEvent, Figures } from '../../db/model/event.ts';
import { canonical, type Plain } from '../../db/model/canonical.ts';
import { settlementOf } from '../../db/model/settlement.ts';
import { assert } from '../../db/model/result.ts';
import { type ReadableDatabase, prepared } from '../../db/sqlite.ts';
import type { Folding } from './fold.ts';
import { type CountyPosting, moved } from './ledger.ts';

/**
 * Writes down a settlement and says what it moves: the points of its days from what was redeemed to what is owed. Figures that are not
 * the county's own are raised; then the county's points are moved and its money waits for a person.
 */
export function settle({ act, kiosk, inc, raise }: Folding, event: BookEvent & { readonly kind: 'SETTLED' }): readonly CountyPosting[] {
  const { db } = act;
  const { body, seq } = event;
  const last = prepared<[string], { number: number | null; through: number | null }>(
    db,
    'SELECT max(number) AS number, max(through_closing) AS through FROM settlement WHERE kiosk = ?',
  ).get(kiosk.kiosk)!; // an aggregate has a row
  const from = last.through ?? 0;
  const days = closedDays(db, { kiosk: kiosk.kiosk, inc, after: from, through: body.closings.at(-1)?.number ?? from });
  const through = days.at(-1)?.number ?? from;
  const isNext = body.number === (last.number ?? 0) + 1 && days.length === body.closings.length && days[0]?.number === from + 1;
  const isAgreed = isNext && isKnown(db, kiosk, event) && isSameAs(event, days);
  if (!isAgreed) raise(seq, 'settlement_differs', `${body.number}`);
  if (prepared(db, 'SELECT 1 FROM settlement WHERE kiosk = ? AND number = ?').get(kiosk.kiosk, body.number) !== undefined) return [];
  const points = days.reduce((sum, { red, before }) => sum + red - before, 0);
  const { changes } = prepared(
    db,
    `INSERT INTO settlement (kiosk, number, merchant, inc, seq, through_closing, points, owed_fen, is_agreed) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  ).run(kiosk.kiosk, body.number, kiosk.store, inc, seq, through, points, body.owedFen, Number(isAgreed));
  assert(changes === 1, 'a settlement is written down');
  return [
    ...moved({ account: 'red', at: kiosk.kiosk }, { account: 'merchant', holder: kiosk.store }, points),
    ...moved({ account: 'claims' }, { account: 'merchant', holder: kiosk.store }, body.owedFen, 'CNY'),
  ];
}

interface Day {
  readonly number: number;
  readonly day: string;
  /** Redeemed at the kiosk since its beginning, when the day ended, and when the day before did. */
  readonly red: number;
  readonly before: number;
  readonly figures: Figures;
}

/** Days of this incarnation and of those it goes on from, as the county recomputed them. */
function closedDays(
  db: ReadableDatabase,
  { kiosk, inc, after, through }: { readonly kiosk: string; readonly inc: number; readonly after: number; readonly through: number },
): readonly Day[] {
  const rows = prepared<[string, number, number, number], { number: number; day: string; red: number; line: string }>(
    db,
    `SELECT number, day, red, line FROM closing JOIN event USING (entry)
      WHERE closing.kiosk = ? AND closing.inc = ? AND number > ? AND number <= ? ORDER BY number`,
  ).all(kiosk, inc, after, through);
  let before =
    prepared<[string, number, number], { red: number }>(db, 'SELECT red FROM closing WHERE kiosk = ? AND inc = ? AND number = ?').get(
      kiosk,
      inc,
      after,
    )?.red ?? 0;
  return rows.map(({ number, day, red, line }) => {
    const opened = before;
    before = red;
    const { figures } = (JSON.parse(line) as BookEvent & { readonly kind: 'DAY_CLOSED' }).body; // recomputed when it was posted
    return { number, day, red, before: opened, figures };
  });
}

/** Its share is the one the county set, and what was put right is what the county told. */
function isKnown(db: ReadableDatabase, kiosk: Folding['kiosk'], { body }: BookEvent & { readonly kind: 'SETTLED' }): boolean {
  const told = prepared<[string, string], { fen: number }>(db, 'SELECT fen FROM adjustment WHERE kiosk = ? AND id = ?');
  return body.sharePermille === kiosk.share_permille && body.adjustments.every((each) => told.get(kiosk.kiosk, each.id)?.fen === each.fen);
}

/** The settlement that these days make is the one that was signed; what the paper calls things is not compared. */
function isSameAs({ body, kiosk, inc }: BookEvent & { readonly kind: 'SETTLED' }, days: readonly Day[]): boolean {
  if (days.length === 0) return false;
  const ours = settlementOf({
    kiosk,
    inc,
    number: body.number,
    closings: days,
    shop: { merchantSharePermille: body.sharePermille },
    scheme: body.budget === null ? {} : { budget: body.budget },
    adjustments: body.adjustments,
    printed: body.printed,
  });
  return canonical(ours as unknown as Plain) === canonical(body as unknown as Plain); // plain data by their type
}
