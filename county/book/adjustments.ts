// What the county puts right of a shop's money: told to its kiosk by the next file, and part of what the kiosk's next settlement owes
// (schemes.md R28). Pays nothing itself: payments.ts pays settlements.

import { fen } from '../../db/model/amounts.ts';
import { type DownLine, downLine } from '../../db/model/down-file.ts';
import type { BookEvent } from '../../db/model/event.ts';
import { type Result, assert, fail, ok } from '../../db/model/result.ts';
import { type ReadableDatabase, prepared } from '../../db/sqlite.ts';
import type { CountyAct } from './county-book.ts';
import { type Told, takenWords } from './settlement-words.ts';

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

/** One that a file told, once: of a book that did not know it. */
export function takeAdjustment({ db }: CountyAct, { kiosk, id, fen: amount, zh, entry }: Adjustment): void {
  prepared(db, 'INSERT INTO adjustment (kiosk, id, fen, zh, entry) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING').run(
    kiosk,
    id,
    amount,
    zh,
    entry,
  );
}

/**
 * Those that were put right since the file before: a kiosk that was put back hears again what it forgot. Not those of a file that was taken up
 * again: the book may have given the id to another meanwhile, and the kiosk takes no other.
 */
export function adjustmentLines(db: ReadableDatabase, file: Told): readonly DownLine[] {
  const { kiosk, told } = file;
  const known = takenWords(db, file);
  return prepared<[string, number], { id: string; zh: string; fen: number }>(
    db,
    'SELECT id, zh, fen FROM adjustment WHERE kiosk = ? AND entry > ? ORDER BY entry, id',
  )
    .all(kiosk, told)
    .filter(({ id }) => !known.isAdjusted(id))
    .map(lineOf);
}

/** Adjustments in accepted settlements of the kiosk that stand: those that it forgot, and the county took back, do not. */
export function settledAdjustments(db: ReadableDatabase, kiosk: string): ReadonlySet<string> {
  const lines = prepared<[string], { line: string }>(
    db,
    `SELECT line FROM settlement AS s JOIN event ON event.kiosk = s.kiosk AND event.inc = s.inc AND event.seq = s.seq
      WHERE s.kiosk = ? AND event.entry NOT IN (SELECT entry FROM county_batch_line)
        AND EXISTS (SELECT 1 FROM settlement_word AS w WHERE w.kiosk = s.kiosk AND w.inc = s.inc AND w.number = s.number)`,
  ).all(kiosk);
  const bodies = lines.map(({ line }) => (JSON.parse(line) as BookEvent & { readonly kind: 'SETTLED' }).body); // a settlement's event
  return new Set([...bodies.flatMap(({ adjustments }) => adjustments.map(({ id }) => id)), ...lastAdjustments(db, kiosk)]);
}

/** Those in the county's own statement of a kiosk that does not come back (last-days.ts). */
export function lastAdjustments(db: ReadableDatabase, kiosk: string): readonly string[] {
  return prepared<[string], { id: string }>(db, 'SELECT id FROM last_adjustment WHERE kiosk = ? ORDER BY id')
    .all(kiosk)
    .map(({ id }) => id);
}

/** The county's own statement of a kiosk that does not come back stands beside the kiosk's, under an incarnation that no kiosk has. */
export const countysOwn = { inc: 0, number: 1 } as const;

/** Whether that statement was made: it is the kiosk's last. */
export function areLastDaysClosed(db: ReadableDatabase, kiosk: string): boolean {
  return (
    prepared<[string, number], object>(db, 'SELECT 1 FROM settlement WHERE kiosk = ? AND inc = ?').get(kiosk, countysOwn.inc) !== undefined
  );
}

export interface AdjustmentGiven {
  readonly kiosk: string;
  readonly fen: number;
  readonly zh: string;
}

export type AdjustmentRefusal = 'unknown_kiosk' | 'untellable' | 'no_more_settlements';

/** Whether a clerk's own words and amount can be told to a kiosk of ours, and a settlement can still have them. */
export function checkAdjustment(db: ReadableDatabase, { kiosk, fen: amount, zh }: AdjustmentGiven): Result<null, AdjustmentRefusal> {
  if (prepared(db, 'SELECT 1 FROM kiosk WHERE kiosk = ?').get(kiosk) === undefined) return fail('unknown_kiosk');
  if (areLastDaysClosed(db, kiosk)) return fail('no_more_settlements');
  return isTellable({ t: 'ADJUST', id: 'county-0', zh, fen: amount }) ? ok(null) : fail('untellable');
}

function lineOf({ id, zh, fen: amount }: Pick<Adjustment, 'id' | 'zh' | 'fen'>): DownLine {
  return { t: 'ADJUST', id, zh, fen: fen(amount) };
}

function isTellable(line: unknown): boolean {
  return downLine.safeParse(line).success;
}
