// What a bank is to pay each shop now: accepted settlements less what is paid, less what the county takes back of days that a kiosk
// forgot and settled again (forgotten.ts). Pays nothing, and changes no paper that a kiosk signed.

import { type ReadableDatabase, prepared } from '../../db/sqlite.ts';
import { settledAdjustments } from './adjustments.ts';

export interface Payable {
  readonly kiosk: string;
  readonly inc: number;
  readonly number: number;
  readonly merchant: string;
  /** Of the settlement, and not paid yet. */
  readonly leftFen: number;
  /** To be paid now. */
  readonly payFen: number;
  /** Waits: the kiosk's next settlement takes it off, and then nothing of it is left to pay. */
  readonly heldFen: number;
}

/** Every accepted settlement of which something is left, by kiosk, the oldest first: what is held back is of the newest. */
export function payables(db: ReadableDatabase): readonly Payable[] {
  const kiosks = prepared<[], { kiosk: string }>(
    db,
    'SELECT kiosk FROM kiosk WHERE EXISTS (SELECT 1 FROM settlement WHERE settlement.kiosk = kiosk.kiosk) ORDER BY kiosk',
  ).all();
  return kiosks.flatMap(({ kiosk }) => payablesOf(db, kiosk));
}

/** The same of one kiosk. */
export function payablesOf(db: ReadableDatabase, kiosk: string): readonly Payable[] {
  const open = openSettlements(db, kiosk);
  let left = open.reduce((sum, { leftFen }) => sum + leftFen, 0) - takenBackFen(db, kiosk);
  return open
    .filter(({ leftFen }) => leftFen > 0)
    .map((each) => {
      const payFen = Math.max(0, Math.min(each.leftFen, left));
      left -= payFen;
      return { kiosk, ...each, payFen, heldFen: each.leftFen - payFen };
    });
}

/** Accepted and not paid; one of less than nothing is what the shop owes. */
function openSettlements(db: ReadableDatabase, kiosk: string): readonly Omit<Payable, 'kiosk' | 'payFen' | 'heldFen'>[] {
  return prepared<[string], Omit<Payable, 'kiosk' | 'payFen' | 'heldFen'>>(
    db,
    `SELECT inc, number, merchant, owed_fen - paid AS "leftFen" FROM (
       SELECT s.inc AS inc, s.number AS number, s.merchant AS merchant, s.owed_fen AS owed_fen, coalesce(max(w.paid_fen), 0) AS paid
         FROM settlement AS s JOIN settlement_word AS w ON w.kiosk = s.kiosk AND w.inc = s.inc AND w.number = s.number
        WHERE s.kiosk = ? GROUP BY s.inc, s.number, s.merchant, s.owed_fen) AS accepted
      WHERE owed_fen <> paid ORDER BY inc, number`,
  ).all(kiosk);
}

/** What county batches take back and no accepted settlement has taken off yet; 0 where they give as much. */
function takenBackFen(db: ReadableDatabase, kiosk: string): number {
  const batches = prepared<[string], { id: string; fen: number }>(
    db,
    `SELECT adjustment AS id, owed_fen AS fen FROM county_batch WHERE kiosk = ? AND adjustment <> ''`,
  ).all(kiosk);
  if (batches.every(({ fen }) => fen >= 0)) return 0;
  const taken = settledAdjustments(db, kiosk);
  const untold = batches.filter(({ id }) => !taken.has(id));
  return Math.max(0, -untold.reduce((sum, { fen }) => sum + fen, 0));
}
