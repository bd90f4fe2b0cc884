// Whether a book was put back from an older copy, and of its files to kiosks which it took up again and what those that it made told. Knows
// nothing of what they say.

import { type ReadableDatabase, prepared } from '../../db/sqlite.ts';
import { findChain } from './chains.ts';

/** Whether the book was ever put back from an older copy. */
export function wasPutBack(db: ReadableDatabase): boolean {
  return prepared<[], object>(db, 'SELECT 1 FROM county WHERE put_back_entry > 0').get() !== undefined;
}

/** The act of a file that became again what the county made before the loss. */
export const takenUpKind = 'taken_up';

/** Files of one incarnation that are of a row: from one number through another. */
interface Part {
  readonly inc: number;
  readonly from: number;
  readonly through: number;
}

/**
 * The row of files that a kiosk of an incarnation had through a number, the newest part first: each incarnation went on with its own files from
 * where its backup was, and what was made for those before it from there on is no part of the row.
 */
export function rowThrough(
  db: ReadableDatabase,
  { kiosk, downSeq, inc }: { readonly kiosk: string; readonly downSeq: number; readonly inc: number },
): readonly Part[] {
  const first = prepared<[string, number, number], { n: number | null }>(
    db,
    'SELECT min(down_seq) AS n FROM down_file WHERE kiosk = ? AND inc = ? AND down_seq <= ?',
  );
  const parts: Part[] = [];
  let through = downSeq;
  for (let at: number | null = inc; at !== null; at = findChain(db, kiosk, at)?.baseInc ?? null) {
    const from = first.get(kiosk, at, through)!.n; // an aggregate has a row
    if (from === null) continue;
    parts.push({ inc: at, from, through });
    through = from - 1;
  }
  return parts;
}

/**
 * What was said up to this entry a kiosk knows by a file and those before it in its row; 0: none told it anything. One that was taken up knew
 * nothing of what the book says by then: what it told counts by itself (settlement-words.ts).
 */
export function entryTold(db: ReadableDatabase, file: { readonly kiosk: string; readonly downSeq: number; readonly inc: number }): number {
  const newest = prepared<[string, number, number, number, string], { entry: number }>(
    db,
    `SELECT down_file.entry AS entry FROM down_file JOIN act ON act.entry = down_file.entry
      WHERE down_file.kiosk = ? AND inc = ? AND down_seq BETWEEN ? AND ? AND tells = 1 AND act.kind <> ? ORDER BY down_seq DESC LIMIT 1`,
  );
  for (const { inc, from, through } of rowThrough(db, file)) {
    const told = newest.get(file.kiosk, inc, from, through, takenUpKind);
    if (told !== undefined) return told.entry;
  }
  return 0;
}
