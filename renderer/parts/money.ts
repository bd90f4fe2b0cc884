// Amounts of cash that hands deal in: the denominations, and what a customer is likely to hold out. Pure.

import { type Fen, fen, sumFen, timesFen } from '../../db/model/amounts.ts';

/** Notes and coins in use, largest first, in fen. */
export const denominations: readonly Fen[] = [10_000, 5_000, 2_000, 1_000, 500, 100, 50, 10].map(fen);

/** Most pieces of one denomination: a drawer holds no more. */
export const piecesMax = 999;

/** What counted pieces come to; `pieces` in the order of denominations. */
export function countedFen(pieces: readonly number[]): Fen {
  return sumFen(denominations.map((value, i) => timesFen(value, pieces[i] ?? 0)));
}

/** Round amounts just above what is due, as people pay: 23.40 → 25, 30, 40, 50, 100. At most five, rising. */
export function likelyTenders(due: Fen): readonly Fen[] {
  const steps = [500, 1_000, 2_000, 5_000, 10_000];
  const sums = steps.map((step) => Math.ceil((due + 1) / step) * step);
  return [...new Set(sums)].toSorted((a, b) => a - b).map(fen);
}
