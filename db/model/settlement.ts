// What the county owes a shop for closed days, made from the figures of their closings (schemes.md R26–R28, reconciliation.md R4
// "Settlement"). Reads no table and knows no paper.

import { type Fen, type Points, fen, points, sumFen, sumPoints, timesFen } from './amounts.ts';
import type { Goods } from './catalogue.ts';
import type { BookEvent, Figures, SaleLine, SettledClosing, SettledShare, SettlementBody } from './event.ts';
import { paperNumber } from './paper-number.ts';
import type { Scheme } from './scheme.ts';

/** Of a closing, what a settlement is made from. */
export interface ClosedDay {
  readonly number: number;
  readonly day: string;
  readonly figures: Figures;
  /** The merchant's share when it was closed: a share that the county sets later is of later days. */
  readonly sharePermille: number;
}

export interface SettlementInput {
  readonly kiosk: string;
  /** Incarnation of its event. */
  readonly inc: number;
  /** Of this settlement: the one before and one. */
  readonly number: number;
  /** In order, without a gap, none of them settled before; at least one. */
  readonly closings: readonly ClosedDay[];
  /** As the county's newest files say. */
  readonly scheme: Pick<Scheme, 'budget'>;
  /** Told by the county and in no settlement before, in the order they were told. */
  readonly adjustments: SettlementBody['adjustments'];
  readonly printed: SettlementBody['printed'];
}

/** Most closings, and most adjustments, of one settlement: what is left over goes into the next. */
export const settledClosingsMax = 400;
export const settledAdjustmentsMax = 200;

/** The settlement of these days. Throws where an amount leaves 2^53. */
export function settlementOf(input: SettlementInput): SettlementBody {
  const closings = input.closings.slice(0, settledClosingsMax);
  const adjustments = input.adjustments.slice(0, settledAdjustmentsMax);
  const sum = (name: string): number => closings.reduce((total, { figures }) => total + (figures[name] ?? 0), 0);
  const redeemed = redeemedBy(closings);
  const pointsGoods = {
    points: points(sum('pointsGoods.points')),
    fen: fen(sum('pointsGoods.fen')),
    unpriced: sum('pointsGoods.unpriced'),
  };
  const grossFen = sumFen([...redeemed.map((each) => each.fen), pointsGoods.fen]);
  const settled = closings.map(settledClosing);
  const shares = sharesOf(closings, settled);
  const shareFen = sumFen(shares.map((each) => each.shareFen));
  return {
    number: input.number,
    settlementNumber: paperNumber(input, 'J', input.number),
    closings: settled,
    redeemed,
    pointsGoods,
    grossFen,
    shares,
    shareFen,
    adjustments,
    owedFen: sumFen([grossFen, fen(-shareFen), ...adjustments.map((each) => each.fen)]),
    credited: {
      count: sum('credit.count') - sum('reversal.count'),
      points: points(sum('credit.points') - sum('reversal.points')),
    },
    budget: input.scheme.budget ?? null,
    printed: input.printed,
  };
}

/** What the county pays for a line of a sale: the goods' settlement price for each piece priced in points; absent where it named none. */
export function settlementPrice(goods: Pick<Goods, 'settlementFen'>, line: Pick<SaleLine, 'pricedIn' | 'quantity'>): Fen | undefined {
  return line.pricedIn === 'points' && goods.settlementFen !== undefined ? timesFen(goods.settlementFen, line.quantity) : undefined;
}

/** The event of a settlement. */
export type SettledEvent = BookEvent & { readonly kind: 'SETTLED' };

/** A part of an amount in thousandths, to the nearest fen, half a fen up in amount; a negative amount has a negative share. */
export function shareOf(amount: Fen, permille: number): Fen {
  const twice = BigInt(Math.abs(amount)) * BigInt(permille) * 2n;
  const share = Number((twice + 1_000n) / 2_000n);
  return fen(amount < 0 && share !== 0 ? -share : share); // never −0, which is no amount
}

function sharesOf(closings: readonly ClosedDay[], settled: readonly SettledClosing[]): readonly SettledShare[] {
  const gross = new Map<number, Fen[]>();
  for (const [i, { sharePermille }] of closings.entries()) gross.set(sharePermille, [...(gross.get(sharePermille) ?? []), settled[i]!.fen]);
  return [...gross].map(([permille, amounts]) => {
    const grossFen = sumFen(amounts);
    return { permille, grossFen, shareFen: shareOf(grossFen, permille) };
  });
}

function settledClosing({ number, day, figures }: ClosedDay): SettledClosing {
  const redeemed = redeemedBy([{ figures }]);
  return {
    number,
    day,
    points: sumPoints([...redeemed.map((each) => each.points), points(figures['pointsGoods.points'] ?? 0)]),
    fen: sumFen([...redeemed.map((each) => each.fen), fen(figures['pointsGoods.fen'] ?? 0)]),
  };
}

/** Points used as a discount, by what a point was worth then; values whose points all came back are not told. */
function redeemedBy(closings: readonly { readonly figures: Figures }[]): SettlementBody['redeemed'] {
  const byValue = new Map<number, { points: Points; fen: Fen }>();
  for (const { figures } of closings)
    for (const [name, amount] of Object.entries(figures)) {
      const found = redeemedFigure.exec(name);
      if (found === null) continue;
      const value = Number(found[1]);
      const of = byValue.get(value) ?? { points: points(0), fen: fen(0) };
      if (found[2] === 'points') of.points = points(of.points + amount);
      else of.fen = fen(of.fen + amount);
      byValue.set(value, of);
    }
  return [...byValue]
    .filter(([, of]) => of.points !== 0 || of.fen !== 0)
    .toSorted(([a], [b]) => a - b)
    .map(([pointValueFen, of]) => ({ pointValueFen, ...of }));
}

/** As figures.ts names them. */
const redeemedFigure = /^redeemed\/(\d+)\/(points|fen)$/;

/** What a county's file says of a settlement (down-file.ts, SETTLEMENT). */
export interface SettlementWord {
  /** The incarnation whose settlement has that number: a lost one may have made others of the same. */
  readonly inc: number;
  readonly number: number;
  readonly state: 'sent' | 'accepted' | 'paid';
  readonly day: string;
  /** All that was paid of it until then; null unless `paid`. */
  readonly paidFen: Fen | null;
  readonly reference: string;
}

/**
 * What such a word adds to the one before it of the same settlement and state (null: none): null where it says the same again,
 * as a snapshot does; else how much more was paid, 0 where the word is not of money. The county may put its word right, so that
 * may be negative.
 */
export function newsOf(word: SettlementWord, before: SettlementWord | null): { readonly paidFen: Fen } | null {
  if (before !== null && before.day === word.day && before.paidFen === word.paidFen && before.reference === word.reference) return null;
  return { paidFen: fen((word.paidFen ?? 0) - (before?.paidFen ?? 0)) };
}

/**
 * What was paid by each word itself, of words of one settlement, oldest first: they tell all that was paid until then, and a list that
 * shows those sums to people would be added up. Null where a word is not of money.
 */
export function paymentsOf(words: readonly Pick<SettlementWord, 'paidFen'>[]): readonly (Fen | null)[] {
  let before = 0;
  return words.map(({ paidFen }) => {
    if (paidFen === null) return null;
    const payment = fen(paidFen - before);
    before = paidFen;
    return payment;
  });
}

export type SettlementState = 'prepared' | SettlementWord['state'];
/** What a person must look at: the county paid other than was owed, or said an earlier state after a later one. */
export type SettlementDoubt = 'paid_other' | 'went_back';

/** How far a settlement came by the county's words, oldest first: the furthest state, whatever was said after it. */
export function stateOf(
  owedFen: Fen,
  words: readonly SettlementWord[],
): { readonly state: SettlementState; readonly doubts: readonly SettlementDoubt[] } {
  let furthest = 0;
  let wentBack = false;
  for (const { state } of words) {
    const rank = states.indexOf(state);
    if (rank < furthest) wentBack = true;
    furthest = Math.max(furthest, rank);
  }
  const paid = words.findLast(({ state }) => state === 'paid');
  const doubts: SettlementDoubt[] = [];
  if (paid !== undefined && paid.paidFen !== owedFen) doubts.push('paid_other');
  if (wentBack) doubts.push('went_back');
  return { state: states[furthest]!, doubts };
}

const states = ['prepared', 'sent', 'accepted', 'paid'] as const satisfies readonly SettlementState[];
