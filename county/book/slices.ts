// Long work in pieces that give way: between two of them the process answers others, and whoever waits for the book has a turn. Knows no work.

import { setImmediate as othersHadTheirTurn } from 'node:timers/promises';

/** Some hundredths of a second of the book's turn, also on PostgreSQL. */
export const sliceRows = 1_000;

/** How far a long list is. */
export interface Progress {
  readonly step: 'reading' | 'checking' | 'taking';
  readonly done: number;
  readonly of: number;
}
/** Told after each piece. */
export type Tell = (progress: Progress) => void;

/** The items, so many at a time. */
export async function* slicesOf<Item>(items: readonly Item[]): AsyncGenerator<readonly Item[]> {
  for (let at = 0; at < items.length; at += sliceRows) {
    if (at > 0) await othersHadTheirTurn();
    yield items.slice(at, at + sliceRows);
  }
}
