// What the county puts right of a shop's money: told to its kiosk by the next file, and part of what the kiosk's next settlement owes
// (schemes.md R28). Pays nothing itself: payments.ts pays settlements.

import { fen } from '../../db/model/amounts.ts';
import { type DownLine, downLine } from '../../db/model/down-file.ts';
import { type Result, assert, fail, ok } from '../../db/model/result.ts';
import { type ReadableDatabase, prepared } from '../../db/sqlite.ts';
import type { CountyAct } from './county-book.ts';

export interface Adjustment {
  readonly kiosk: string;
  readonly id: string;
  /** What is owed more; less where negative. */
  readonly fen: number;
  /** What the shop's paper calls it. */
  readonly zh: string;
  /** Of the act that it belongs to. */
  readonly entry: number;
}

/** Writes one down for the next file. Returns its id. Throws where no file could tell it. */
export function putAdjustment({ db }: CountyAct, { kiosk, id, fen: amount, zh, entry }: Adjustment): string {
  assert(isTellable(lineOf({ id, zh, fen: amount })), 'an adjustment is one that a file can tell');
  const { changes } = prepared(db, 'INSERT INTO adjustment (kiosk, id, fen, zh, entry) VALUES (?, ?, ?, ?, ?)').run(
    kiosk,
    id,
    amount,
    zh,
    entry,
  );
  assert(changes === 1, 'an adjustment is written down');
  return id;
}

/** Those that were put right after an entry: a kiosk that was put back hears again what it forgot. */
export function adjustmentLines(
  db: ReadableDatabase,
  { kiosk, told }: { readonly kiosk: string; readonly told: number },
): readonly DownLine[] {
  return prepared<[string, number], { id: string; zh: string; fen: number }>(
    db,
    'SELECT id, zh, fen FROM adjustment WHERE kiosk = ? AND entry > ? ORDER BY entry, id',
  )
    .all(kiosk, told)
    .map(lineOf);
}

export interface AdjustmentGiven {
  readonly kiosk: string;
  readonly fen: number;
  readonly zh: string;
}

export type AdjustmentRefusal = 'unknown_kiosk' | 'untellable';

/** Whether a clerk's own words and amount can be told to a kiosk of ours. */
export function checkAdjustment(db: ReadableDatabase, { kiosk, fen: amount, zh }: AdjustmentGiven): Result<null, AdjustmentRefusal> {
  if (prepared(db, 'SELECT 1 FROM kiosk WHERE kiosk = ?').get(kiosk) === undefined) return fail('unknown_kiosk');
  return isTellable({ t: 'ADJUST', id: 'county-0', zh, fen: amount }) ? ok(null) : fail('untellable');
}

function lineOf({ id, zh, fen: amount }: Pick<Adjustment, 'id' | 'zh' | 'fen'>): DownLine {
  return { t: 'ADJUST', id, zh, fen: fen(amount) };
}

function isTellable(line: unknown): boolean {
  return downLine.safeParse(line).success;
}
