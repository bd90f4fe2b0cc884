// What a cart costs and how it may be paid. One pure function computes it for the screen, the book and the receipt.

import {
  type Fen,
  type Points,
  amountMax,
  fen,
  floorToStep,
  points,
  pointsFor,
  splitWhole,
  sumFen,
  sumPoints,
  timesFen,
  timesPoints,
  worthFen,
} from './amounts.ts';
import type { Goods } from './catalogue.ts';
import type { SaleLine, SaleWeight } from './event.ts';
import type { ShownTare } from './recycling.ts';
import { assert } from './result.ts';
import { readLabel } from './sale-label.ts';
import type { Scheme } from './scheme.ts';

/** Most kinds of goods in one sale, and most pieces of one kind: beyond these a finger slipped. */
export const linesMax = 200;
export const quantityMax = 9_999;
/** Most a sale may cost, in fen or hundredths: ten million yuan, so that no sum of a day can leave 2^53. */
export const saleMax = 1_000_000_000;

/** One kind of goods in the cart, with the goods as the county last sent them. */
export interface CartLine {
  readonly lineId: string;
  readonly goods: Goods;
  readonly quantity: number;
  readonly pricedIn: 'yuan' | 'points';
  /** Of loose goods, which are one line a bag: `quantity` is 1. */
  readonly weighed?: CartWeight | undefined;
}

/** How loose goods were weighed, as the cart knows it: the scale's bytes stay in the draft until the sale. */
export type CartWeight = WithoutProof<SaleWeight>;
type WithoutProof<Weight> = Weight extends { by: 'scale' } ? Omit<Weight, 'proof' | 'tare'> & { readonly tare: ShownTare } : Weight;

export interface QuoteInput {
  readonly scheme: Scheme;
  readonly lines: readonly CartLine[];
  /** What the resident may spend here; null without a resident. */
  readonly usable: Points | null;
  /** Points the cashier chose; null: the most the rules allow. */
  readonly chosenPoints: Points | null;
}

export interface QuotedLine extends Omit<SaleLine, 'weighed'> {
  readonly lineId: string;
  readonly weighed?: CartWeight;
}

/** Why a cart cannot be paid as it stands. */
export type QuoteProblem = 'empty' | 'resident_needed' | 'points_short' | 'too_large';

export interface Quote {
  readonly lines: readonly QuotedLine[];
  /** Price in yuan of what is priced so, before points. */
  readonly totalFen: Fen;
  /** Price in points of what is priced so: cannot be paid otherwise. */
  readonly requiredPoints: Points;
  /** The most points the rules allow, required ones included. */
  readonly maxPoints: Points;
  /** Points this sale uses: chosen, else the most. */
  readonly points: Points;
  /** What the discount points take off totalFen. */
  readonly worthFen: Fen;
  /** Left to pay with anything but cash: exact. */
  readonly dueFen: Fen;
  /** Left to pay in cash: dueFen rounded as the scheme says. */
  readonly dueCashFen: Fen;
  /** dueCashFen − dueFen: a row of its own in the book. */
  readonly roundingFen: Fen;
  readonly problem: QuoteProblem | null;
}

/**
 * What so many grams cost at a price for a kilogram, to the nearest fen, half a fen up: a till that always rounded down
 * would be asked why it differs from the counter scale's label. Exact for every price and weight.
 */
export function priceOfWeight(perKilogram: Fen, grams: number): Fen {
  return fen(Number((BigInt(perKilogram) * BigInt(grams) + halfKilogram) / (2n * halfKilogram)));
}

/** In grams. */
const halfKilogram = 500n;

/**
 * Whether the rules take goods as they were weighed, or were not: goods by the piece have no weight, a label says of these goods
 * what the line says, and a container weighs what the county's list says.
 */
export function takesWeight(scheme: Scheme, goods: Goods, weighed: CartWeight | undefined): boolean {
  if ((goods.soldBy === 'weight') !== (weighed !== undefined)) return false;
  if (weighed === undefined) return true;
  if (weighed.by === 'scale') return takesTare(scheme, weighed.tare);
  const label = readLabel(scheme.labels, weighed.code);
  if (label === null || typeof label === 'string' || !goods.codes.includes(label.goodsCode)) return false;
  return weighed.by === 'price-label' ? label.embeds === 'fen' : label.embeds === 'grams' && label.value === weighed.netGrams;
}

/** Whether a container, if it is one, is of the county's list and weighs what the list says. */
export function takesTare({ recycling }: Scheme, tare: ShownTare): boolean {
  return tare.by !== 'container' || (recycling?.containers ?? []).some(({ id, grams }) => id === tare.id && grams === tare.grams);
}

/** How a line is priced when it is added: in yuan where points discount money, else as the goods allow. */
export function defaultPricing(goods: Goods, scheme: Scheme): 'yuan' | 'points' {
  if (goods.priceFen === null) return 'points';
  if (goods.pricePoints === null) return 'yuan';
  return scheme.pointValueFen === null ? 'points' : 'yuan';
}

/**
 * Prices a cart. Chosen points are brought into what the rules allow, in whole steps; points are taken first by goods
 * priced in points and then as a discount, shared over the lines by their price with the remainder placed by
 * splitWhole. Never throws on a cart that the engine built.
 */
export function quote(input: QuoteInput): Quote {
  const { scheme, lines } = input;
  const priced = lines.map((line) => priceLine(line, scheme));
  if (priced.some((line) => line === null) || isTooLarge(priced as readonly PricedLine[])) return quoteOfNothing('too_large');
  const all = priced as readonly PricedLine[]; // nulls were handled above
  const totalFen = sumFen(all.map((line) => line.totalFen));
  const requiredPoints = sumPoints(all.map((line) => line.pricePoints));
  const discountableFen = sumFen(all.map((line) => (line.goods.pointsAllowed ? line.totalFen : fen(0))));
  const usable = input.usable ?? points(0);
  const value = scheme.pointValueFen;
  const discountMax =
    value === null || usable <= requiredPoints
      ? points(0)
      : points(
          Math.min(pointsFor(discountableFen, value, scheme.pointsStep), floorToStep(points(usable - requiredPoints), scheme.pointsStep)),
        );
  const wanted = input.chosenPoints === null ? discountMax : points(Math.max(0, input.chosenPoints - requiredPoints));
  const discount = points(Math.min(floorToStep(wanted, scheme.pointsStep), discountMax));
  const worth = value === null ? fen(0) : worthFen(discount, value);
  const dueFen = fen(totalFen - worth);
  const dueCashFen = roundCash(dueFen, scheme.cashRounding);
  return {
    lines: shareDiscount(all, discount, worth),
    totalFen,
    requiredPoints,
    maxPoints: points(requiredPoints + discountMax),
    points: points(requiredPoints + discount),
    worthFen: worth,
    dueFen,
    dueCashFen,
    roundingFen: fen(dueCashFen - dueFen),
    problem: problemOf(lines, requiredPoints, input.usable),
  };
}

interface PricedLine extends CartLine {
  readonly unitPrice: number;
  readonly totalFen: Fen;
  readonly pricePoints: Points;
}

/** The line with its price, or null where it would leave the range of a sale. */
function priceLine(line: CartLine, scheme: Scheme): PricedLine | null {
  const unitPrice = line.pricedIn === 'yuan' ? line.goods.priceFen : line.goods.pricePoints;
  if (unitPrice === null || unitPrice > amountMax / quantityMax) return null;
  return {
    ...line,
    unitPrice,
    totalFen: line.pricedIn === 'yuan' ? yuanOf(line, fen(unitPrice), scheme) : fen(0),
    pricePoints: line.pricedIn === 'points' ? timesPoints(points(unitPrice), line.quantity) : points(0),
  };
}

function yuanOf({ weighed, quantity }: CartLine, unitPrice: Fen, { labels }: Scheme): Fen {
  if (weighed === undefined) return timesFen(unitPrice, quantity);
  return weighed.by === 'price-label' ? labelPrice(labels, weighed.code) : priceOfWeight(unitPrice, weighed.netGrams);
}

/** The price on a label that says one. Throws on any other code: ask takesWeight before. */
export function labelPrice(labels: Scheme['labels'], code: string): Fen {
  const label = readLabel(labels, code);
  assert(label !== null && typeof label !== 'string' && label.embeds === 'fen', `${code} is a label with a price`);
  return fen(label.value);
}

function isTooLarge(lines: readonly PricedLine[]): boolean {
  return lines.length > linesMax || lines.reduce((sum, line) => sum + line.totalFen + line.pricePoints, 0) > saleMax;
}

function shareDiscount(lines: readonly PricedLine[], discount: Points, worth: Fen): readonly QuotedLine[] {
  const weights = lines.map((line) => (line.goods.pointsAllowed ? line.totalFen : 0));
  const pointShares = splitWhole(discount, weights);
  const fenShares = splitWhole(worth, weights);
  return lines.map((line, i) => ({
    lineId: line.lineId,
    goodsId: line.goods.id,
    zh: line.goods.zh,
    bo: line.goods.bo,
    size: line.goods.size,
    quantity: line.quantity,
    pricedIn: line.pricedIn,
    unitPrice: line.unitPrice,
    totalFen: line.totalFen,
    points: points(line.pricePoints + pointShares[i]!),
    pointsFen: fen(fenShares[i]!),
    ...(line.weighed === undefined ? {} : { weighed: line.weighed }),
  }));
}

/** What is paid in cash of what is due (schemes.md R7). */
export function roundCash(due: Fen, rounding: Scheme['cashRounding']): Fen {
  const over = due % rounding.unitFen;
  if (over === 0) return due;
  return rounding.mode === 'nearest' && over * 2 >= rounding.unitFen ? fen(due - over + rounding.unitFen) : fen(due - over);
}

function problemOf(lines: readonly CartLine[], required: Points, usable: Points | null): QuoteProblem | null {
  if (lines.length === 0) return 'empty';
  if (required > 0 && usable === null) return 'resident_needed';
  if (usable !== null && required > usable) return 'points_short';
  return null;
}

/** A quote of nothing, with the reason. */
export function quoteOfNothing(problem: QuoteProblem): Quote {
  return {
    lines: [],
    totalFen: fen(0),
    requiredPoints: points(0),
    maxPoints: points(0),
    points: points(0),
    worthFen: fen(0),
    dueFen: fen(0),
    dueCashFen: fen(0),
    roundingFen: fen(0),
    problem,
  };
}
