// Closed days and the batches that kiosks make of them, compared with what the county posted (reconciliation.md R4 "Settlement", R6 24).
// A merchant's claim never depends on a resident's solvency (R6, 25).

import { type Fen, fen, sumFen } from '../../db/model/amounts.ts';
import { canonical } from '../../db/model/canonical.ts';
import type { BookEvent, Figures, SettlementBody } from '../../db/model/event.ts';
import { assert } from '../../db/model/result.ts';
import { shareOf } from '../../db/model/settlement.ts';
import { type ReadableDatabase, prepared } from '../../db/sqlite.ts';
import type { Folding } from './fold.ts';
import { type CountyPosting, moved } from './ledger.ts';
import { untoldWorth } from './told-worth.ts';

/**
 * Writes down a settlement and says what it moves: the points of its days from what was redeemed to what is owed. Figures that are not
 * the county's own are raised, and those that are by a worth, a price or a share that it never told the kiosk; then the county's points are
 * moved and its money waits for a person.
 */
export function settle({ act, kiosk, inc, raise }: Folding, event: BookEvent & { readonly kind: 'SETTLED' }): readonly CountyPosting[] {
  const { db } = act;
  const { body, seq } = event;
  const named = new Set(body.closings.map(({ number }) => number));
  const open = openDays(db, kiosk.kiosk, inc);
  const days = open.filter(({ number }) => named.has(number));
  const isWhole = days.length === body.closings.length && days.every((day, i) => day === open[i]);
  const untold = untoldWorth(db, { ...kiosk, inc }, days);
  const isAgreed = untold === null && isWhole && isAgreedWith(db, kiosk, body, days);
  if (!isAgreed) raise(seq, 'settlement_differs', untold === null ? String(body.number) : `${body.number}: ${untold}`);
  if (prepared(db, 'SELECT 1 FROM settlement WHERE kiosk = ? AND inc = ? AND number = ?').get(kiosk.kiosk, inc, body.number) !== undefined)
    return [];
  const unsettled = days.filter(({ again }) => again === 0);
  const points = unsettled.reduce((sum, { red, before }) => sum + red - before, 0);
  const { changes } = prepared(
    db,
    'INSERT INTO settlement (kiosk, number, merchant, inc, seq, through_closing, points, owed_fen, is_agreed) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
  ).run(kiosk.kiosk, body.number, kiosk.store, inc, seq, days.at(-1)?.number ?? 0, points, body.owedFen, Number(isAgreed));
  assert(changes === 1, 'a settlement is written down');
  for (const { entry } of unsettled)
    prepared(db, 'INSERT INTO settled_day (entry, kiosk, inc, number) VALUES (?, ?, ?, ?)').run(entry, kiosk.kiosk, inc, body.number);
  return [
    ...moved({ account: 'red', at: kiosk.kiosk }, { account: 'merchant', holder: kiosk.store }, points),
    ...moved({ account: 'claims' }, { account: 'merchant', holder: kiosk.store }, body.owedFen, 'CNY'),
  ];
}

export interface Day {
  readonly entry: number;
  readonly number: number;
  readonly day: string;
  /** Redeemed at the kiosk since its beginning, when the day ended, and when the day before did. */
  readonly red: number;
  readonly before: number;
  readonly figures: Figures;
  /** Its first event, and its closing. */
  readonly fromSeq: number;
  readonly seq: number;
  /** 1: a settlement has it that the kiosk forgot, and its money was taken back; its points stay there. */
  readonly again: number;
  /** Share of the merchant that was in force when it was closed, where its closing says one. */
  readonly sharePermille?: number;
}

/**
 * Closed days that are in no settlement, as the county recomputed them, oldest first; and those of one that the kiosk forgot, from when a
 * county batch has taken its money back (forgotten.ts) until the kiosk has settled them again.
 */
export function openDays(db: ReadableDatabase, kiosk: string, inc: number): readonly Day[] {
  const rows = prepared<[string, number], Omit<Day, 'figures' | 'fromSeq' | 'seq' | 'sharePermille'> & { readonly line: string }>(
    db,
    `SELECT closing.entry AS entry, number, day, red, line,
         coalesce((SELECT other.red FROM closing AS other WHERE other.kiosk = closing.kiosk AND other.inc = closing.inc AND other.number = closing.number - 1), 0) AS before,
         CASE WHEN closing.entry IN (SELECT entry FROM settled_day) THEN 1 ELSE 0 END AS again
       FROM closing JOIN event USING (entry)
      WHERE closing.kiosk = ? AND closing.inc = ? AND (closing.entry NOT IN (SELECT entry FROM settled_day) OR closing.entry IN (${takenBackDays}))
      ORDER BY number`,
  ).all(kiosk, inc);
  const again = rows.some((row) => row.again === 1) ? namedBy(db, kiosk, inc) : new Set();
  return rows
    .filter((row) => row.again === 0 || !again.has(row.number))
    .map(({ line, ...day }) => {
      const { seq, body } = JSON.parse(line) as { seq: number; body: Pick<Day, 'figures' | 'fromSeq' | 'sharePermille'> }; // recomputed when it was posted
      const { figures, fromSeq } = body;
      return { ...day, figures, fromSeq, seq, ...(body.sharePermille === undefined ? {} : { sharePermille: body.sharePermille }) };
    });
}

/** Days that the incarnation's own settlements name. */
function namedBy(db: ReadableDatabase, kiosk: string, inc: number): ReadonlySet<number> {
  const rows = prepared<[string, number], { line: string }>(
    db,
    `SELECT line FROM settlement JOIN event ON event.kiosk = settlement.kiosk AND event.inc = settlement.inc AND event.seq = settlement.seq
      WHERE settlement.kiosk = ? AND settlement.inc = ?`,
  ).all(kiosk, inc);
  const closings = rows.flatMap(({ line }) => (JSON.parse(line) as BookEvent & { readonly kind: 'SETTLED' }).body.closings); // a settlement's event
  return new Set(closings.map(({ number }) => number));
}

/** Entries of days whose settlement was forgotten, and is in a county batch. */
const takenBackDays = `SELECT settled_day.entry FROM settled_day
  JOIN settlement ON settlement.kiosk = settled_day.kiosk AND settlement.inc = settled_day.inc AND settlement.number = settled_day.number
  JOIN event AS made ON made.kiosk = settlement.kiosk AND made.inc = settlement.inc AND made.seq = settlement.seq
  JOIN county_batch_line ON county_batch_line.entry = made.entry`;

/** Every day as the county has it, by its own figures and by what its own book says was redeemed; the share and what was put right, too. */
function isAgreedWith(db: ReadableDatabase, kiosk: Folding['kiosk'], body: SettlementBody, days: readonly Day[]): boolean {
  const told = prepared<[string, string], { fen: number }>(db, 'SELECT fen FROM adjustment WHERE kiosk = ? AND id = ?');
  const ours = days.map(({ number, day, red, before, figures }) => ({ number, day, points: red - before, fen: worthOf(figures) }));
  const grossFen = sumFen(ours.map((each) => each.fen));
  const shareFen = shareOver(days, kiosk.share_permille);
  const adjustedFen = sumFen(body.adjustments.map((each) => each.fen));
  return (
    canonical(ours) === canonical(body.closings.map(({ number, day, points, fen }) => ({ number, day, points, fen }))) &&
    body.adjustments.every((each) => told.get(kiosk.kiosk, each.id)?.fen === each.fen) &&
    !isAdjustedBefore(db, kiosk.kiosk, body) &&
    body.grossFen === grossFen &&
    body.shareFen === shareFen &&
    body.owedFen === grossFen - shareFen + adjustedFen
  );
}

/** Whether an adjustment is in two settlements, or twice in this one. Of one that was forgotten and taken back (forgotten.ts) it is owed again. */
function isAdjustedBefore(db: ReadableDatabase, kiosk: string, { adjustments }: SettlementBody): boolean {
  if (adjustments.length === 0) return false;
  const before = prepared<[string], { line: string }>(
    db,
    `SELECT line FROM settlement JOIN event ON event.kiosk = settlement.kiosk AND event.inc = settlement.inc AND event.seq = settlement.seq
      WHERE settlement.kiosk = ? AND event.entry NOT IN (SELECT entry FROM county_batch_line)`,
  )
    .all(kiosk)
    .flatMap(({ line }) => (JSON.parse(line) as BookEvent & { readonly kind: 'SETTLED' }).body.adjustments.map(({ id }) => id)); // a settlement's event
  const ids = adjustments.map(({ id }) => id);
  return new Set([...before, ...ids]).size < new Set(before).size + ids.length;
}

/** What the county pays the shop for a sale: points off the price, and goods priced in points at their settlement price. */
export function worthOfAct(event: BookEvent): number {
  if (event.kind !== 'SALE' && event.kind !== 'RETURNED') return 0;
  const { redemption, lines } = event.body;
  const worth =
    (redemption?.worthFen ?? 0) +
    (lines as readonly { readonly settlementFen?: number }[]).reduce((sum, { settlementFen = 0 }) => sum + settlementFen, 0);
  return event.kind === 'SALE' ? worth : -worth;
}

/** What points took off prices that day, and goods priced in points at their settlement price, less what came back (db/model/figures.ts). */
export function worthOf(figures: Figures): Fen {
  const amounts = Object.entries(figures).filter(([name]) => name === 'pointsGoods.fen' || /^redeemed\/\d+\/fen$/.test(name));
  return sumFen(amounts.map(([, amount]) => fen(amount)));
}

/** The merchant's share (schemes.md R28): of all days that were closed under the same one together. */
function shareOver(days: readonly Day[], inForce: number): Fen {
  const gross = new Map<number, Fen[]>();
  for (const { figures, sharePermille = inForce } of days)
    gross.set(sharePermille, [...(gross.get(sharePermille) ?? []), worthOf(figures)]);
  return sumFen([...gross].map(([permille, amounts]) => shareOf(sumFen(amounts), permille)));
}
