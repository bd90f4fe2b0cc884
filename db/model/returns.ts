// What goes back when goods come back: the share of a sale that some of its pieces are, so that any order of partial returns ends
// exactly at what was paid (reconciliation.md R1, R6 8). Pure: knows no book, and moves nothing.

import { type Fen, type Points, fen, points, sumFen, sumPoints } from './amounts.ts';
import type { ReturnBody, ReturnLine, ReturnedPoints, SaleBody, SaleLine } from './event.ts';
import { pointValueOf } from './figures.ts';
import { type Result, fail, ok } from './result.ts';
import type { Scheme } from './scheme.ts';

/** How many pieces of the sale's line `n` (from 0) come back. */
export interface ChosenLine {
  readonly n: number;
  readonly quantity: number;
}

/** What came back of a sale before: the bodies of its returns, in their order. */
export type EarlierReturns = readonly Pick<ReturnBody, 'lines' | 'redemption' | 'payments'>[];

export interface ReturnInput {
  readonly sale: SaleBody;
  /** Points the sale took in all. */
  readonly used: Points;
  readonly before: EarlierReturns;
  readonly chosen: readonly ChosenLine[];
  /** In force now, whatever it was at the sale. */
  readonly cashRounding: Scheme['cashRounding'];
  /** Roaming of the account that the county has not settled and no return gave back; 0 without an account. */
  readonly unsettled: Points;
}

/** What goes back, as the book writes it; `amt` of its event is `points`. */
export interface ReturnQuote {
  /** By `n`, each once. */
  readonly lines: readonly ReturnLine[];
  readonly totalFen: Fen;
  readonly points: Points;
  readonly redemption: Pick<ReturnedPoints, 'discount' | 'worthFen' | 'pointValueFen' | 'toRights' | 'toRoaming'> | null;
  readonly payments: ReturnBody['payments'];
  readonly roundingFen: Fen;
}

export type ChoiceProblem = 'nothing_chosen' | 'too_many';

/**
 * Every amount is what should be back after this return less what is back already. What should be back is the share of the sale
 * that the pieces are, rounded down: of a line by its pieces, of the points by what they were worth, of the cash by what of the
 * price was paid in money, in the unit that cash is paid in. Where everything is back, that is everything. Loose goods come back
 * whole. Points go first to roaming that the county has not settled, as far as the sale roamed, and the rest to rights.
 */
export function returnQuote({ sale, used, before, chosen, cashRounding, unsettled }: ReturnInput): Result<ReturnQuote, ChoiceProblem> {
  if (chosen.length === 0) return fail('nothing_chosen');
  const earlier = sale.lines.map((_, n) => lineBack(before, n));
  if (new Set(chosen.map(({ n }) => n)).size !== chosen.length || !chosen.every((each) => isThere(sale.lines, earlier, each)))
    return fail('too_many');
  const after = earlier.map((back, n) => {
    const quantity = back.quantity + (chosen.find((each) => each.n === n)?.quantity ?? 0);
    return { ...shareOf(sale.lines[n]!, quantity), quantity };
  });
  const lines = chosen.map(({ n }) => less(n, after[n]!, earlier[n]!)).toSorted((a, b) => a.n - b.n);

  const worthFen = sumFen(lines.map((line) => line.pointsFen));
  const totalFen = sumFen(lines.map((line) => line.totalFen));
  const worthBackFen = sumFen(after.map((back) => back.pointsFen));
  const discount = points(discountBack(sale, used, worthBackFen) - sumPoints(before.map((each) => each.redemption?.discount ?? points(0))));
  const back = sumPoints([discount, ...lines.map((line) => line.points)]);
  const moneyFen = moneyBack({ sale, before, cashRounding, moneyPartFen: fen(sumFen(after.map((each) => each.totalFen)) - worthBackFen) });
  return ok({
    lines,
    totalFen,
    points: back,
    redemption: sale.redemption === null || (back === 0 && worthFen === 0) ? null : redemptionBack(),
    payments: moneyFen === 0 ? [] : [{ kind: sale.payments[0]!.kind, fen: moneyFen }], // money that was paid was paid somehow
    roundingFen: fen(moneyFen + worthFen - totalFen),
  });

  function redemptionBack(): ReturnQuote['redemption'] {
    const roamedBack = sumPoints(before.map((each) => each.redemption?.toRoaming ?? points(0)));
    const toRoaming = points(Math.min(back, unsettled, (sale.redemption?.fromRoaming ?? 0) - roamedBack));
    return { discount, worthFen, pointValueFen: pointValueOf(sale, used), toRights: points(back - toRoaming), toRoaming };
  }
}

/** Pieces of each line of a sale that came back so far. */
export function returnedQuantities(sale: SaleBody, before: EarlierReturns): readonly number[] {
  return sale.lines.map((_, n) => lineBack(before, n).quantity);
}

type Back = Omit<ReturnLine, 'n'>;

/** What came back of one line. */
function lineBack(before: EarlierReturns, n: number): Back {
  const rows = before.flatMap(({ lines }) => lines.filter((line) => line.n === n));
  return {
    quantity: rows.reduce((sum, { quantity }) => sum + quantity, 0),
    totalFen: sumFen(rows.map((row) => row.totalFen)),
    pointsFen: sumFen(rows.map((row) => row.pointsFen)),
    settlementFen: sumFen(rows.map((row) => row.settlementFen)),
    points: sumPoints(rows.map((row) => row.points)),
  };
}

function isThere(lines: readonly SaleLine[], earlier: readonly Back[], { n, quantity }: ChosenLine): boolean {
  const line = lines[n];
  if (line === undefined || !Number.isSafeInteger(quantity) || quantity <= 0) return false;
  return earlier[n]!.quantity + quantity <= line.quantity; // loose goods are one piece a bag, and so come back whole
}

/** The share of a line that so many of its pieces are, each amount rounded down. */
function shareOf(line: SaleLine, quantity: number): Omit<Back, 'quantity'> {
  const share = (amount: number): number => floorShare(amount, quantity, line.quantity);
  return {
    totalFen: fen(share(line.totalFen)),
    pointsFen: fen(share(line.pointsFen)),
    settlementFen: fen(share(line.settlementFen ?? 0)),
    points: points(line.pricedIn === 'points' ? share(line.points) : 0),
  };
}

function less(n: number, after: Back, before: Back): ReturnLine {
  return {
    n,
    quantity: after.quantity - before.quantity,
    totalFen: fen(after.totalFen - before.totalFen),
    pointsFen: fen(after.pointsFen - before.pointsFen),
    settlementFen: fen(after.settlementFen - before.settlementFen),
    points: points(after.points - before.points),
  };
}

/** Points that are back once so much of what they were worth is. */
function discountBack(sale: SaleBody, used: Points, worthBackFen: Fen): Points {
  const pointValueFen = pointValueOf(sale, used);
  return points(pointValueFen === null ? 0 : floorShare(worthBackFen, 100, pointValueFen));
}

/**
 * Money that goes back now. All of it once all that was paid in money is back, whatever else is still out; before, cash in whole
 * units: and never less than nothing where the unit has grown since the last return.
 */
function moneyBack(of: {
  readonly sale: SaleBody;
  readonly before: EarlierReturns;
  readonly cashRounding: Scheme['cashRounding'];
  readonly moneyPartFen: Fen;
}): Fen {
  const { sale, before, cashRounding, moneyPartFen } = of;
  const paidFen = sumFen(sale.payments.map((payment) => payment.fen));
  const dueFen = sale.totalFen - (sale.redemption?.worthFen ?? 0);
  if (dueFen === 0 || paidFen === 0) return fen(0);
  const exact = floorShare(paidFen, moneyPartFen, dueFen);
  const unitFen = sale.payments[0]!.kind === 'cash' && moneyPartFen < dueFen ? cashRounding.unitFen : 1;
  const gone = sumFen(before.flatMap(({ payments }) => payments.map((payment) => payment.fen)));
  return fen(Math.max(0, exact - (exact % unitFen) - gone));
}

/** amount × part ÷ whole, rounded down. Exact beyond 2^53: a product of two sums is. */
function floorShare(amount: number, part: number, whole: number): number {
  return Number((BigInt(amount) * BigInt(part)) / BigInt(whole));
}
