// Words about settlements that a file tells its kiosk: accepted, paid. Says none itself.

import { type ReadableDatabase, prepared } from '../../db/sqlite.ts';

/** A kiosk, and the entry up to which it was told everything before the file. */
export interface Told {
  readonly kiosk: string;
  readonly told: number;
}

export interface Word {
  readonly inc: number;
  readonly number: number;
  readonly state: 'accepted' | 'paid';
  readonly day: string;
  readonly paid_fen: number | null;
  readonly reference: string;
}

/** Words about the kiosk's settlements since the file before. */
export function words(db: ReadableDatabase, { kiosk, told }: Told): readonly Word[] {
  return prepared<[string, number], Word>(
    db,
    'SELECT inc, number, state, day, paid_fen, reference FROM settlement_word WHERE kiosk = ? AND entry > ? ORDER BY entry',
  ).all(kiosk, told);
}

/** What a word says of money: all that was paid of a settlement by then; null: nothing. */
type Paid = Pick<Word, 'inc' | 'number' | 'paid_fen'>;

/** The word `paid` says all that was paid of a settlement, and the kiosk books what is more than the word before said. */
export function paidBetween(db: ReadableDatabase, file: Told): number {
  return paidBy(db, file, words(db, file));
}

/** The same, of the words that a file says: one that a book which was put back takes up again may say less than the book does by now. */
export function paidBy(db: ReadableDatabase, file: Told, said: readonly Paid[]): number {
  const before = new Map<string, number>();
  let sum = 0;
  for (const { inc, number, paid_fen } of said) {
    if (paid_fen === null) continue;
    const key = `${inc} ${number}`;
    const told =
      before.get(key) ??
      prepared<[string, number, number, number], { paid: number | null }>(
        db,
        `SELECT max(paid_fen) AS paid FROM settlement_word WHERE kiosk = ? AND inc = ? AND number = ? AND state = 'paid' AND entry <= ?`,
      ).get(file.kiosk, inc, number, file.told)?.paid ??
      0;
    sum += paid_fen - told;
    before.set(key, paid_fen);
  }
  return sum;
}
