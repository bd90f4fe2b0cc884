// Whether a book was put back from an older copy, and of its files to kiosks which it took up again and what those that it made told. Knows
// nothing of what they say.

import { type ReadableDatabase, prepared } from '../../db/sqlite.ts';

/** Whether the book was ever put back from an older copy. */
export function wasPutBack(db: ReadableDatabase): boolean {
  return prepared<[], object>(db, 'SELECT 1 FROM county WHERE put_back_entry > 0').get() !== undefined;
}

/** The act of a file that became again what the county made before the loss. */
export const takenUpKind = 'taken_up';

/**
 * What was said up to this entry a kiosk knows by a file and those before it in its row; 0: none told it anything. One that was taken up knew
 * nothing of what the book says by then: what it told counts by itself (settlement-words.ts).
 */
export function entryTold(
  db: ReadableDatabase,
  { kiosk, downSeq, inc }: { readonly kiosk: string; readonly downSeq: number; readonly inc: number },
): number {
  const row = prepared<[string, number, number, string], { entry: number }>(
    db,
    `SELECT down_file.entry AS entry FROM down_file JOIN act ON act.entry = down_file.entry
      WHERE down_file.kiosk = ? AND tells = 1 AND down_seq <= ? AND inc <= ? AND act.kind <> ? ORDER BY down_seq DESC, inc DESC LIMIT 1`,
  ).get(kiosk, downSeq, inc, takenUpKind);
  return row?.entry ?? 0;
}
