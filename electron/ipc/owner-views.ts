// What the owner's screen is shown: what days, weeks and months came to. The page derives words and heights, never a sum.

import type { Fen, Points } from '../../db/model/amounts.ts';
import type { Span, Step } from '../../db/model/calendar.ts';
import type { GoodsCategory } from '../../db/model/catalogue.ts';

/** What is left of all. One at a time: a day keeps what each came to, and not each with each. */
export type OwnerFilter =
  | { readonly kind: 'all' }
  | { readonly kind: 'operator'; readonly id: string }
  | { readonly kind: 'category'; readonly category: GoodsCategory }
  | { readonly kind: 'payment'; readonly payment: OwnerPayment };

export const ownerPayments = ['cash', 'points', 'other'] as const;
type OwnerPayment = (typeof ownerPayments)[number];

/** What a span came to. Null: not told of what the filter left. */
export interface OwnerFigures {
  readonly sales: number | null;
  readonly pieces: number | null;
  /** Sold, before anything came back. */
  readonly soldFen: Fen;
  readonly returns: number | null;
  readonly returnedFen: Fen;
  /** Sold less what came back; the next three are how it was paid, but for cash rounding. */
  readonly netFen: Fen;
  readonly worthFen: Fen | null;
  readonly cashFen: Fen | null;
  readonly otherFen: Fen | null;
  /** Used less those given back, with those of goods priced in points. */
  readonly points: Points | null;
  /** Of netFen, in thousandths, what points paid; null also where nothing was sold. */
  readonly pointsPermille: number | null;
  readonly credits: number | null;
  /** Given at the desk, less those taken back. */
  readonly creditPoints: Points | null;
}

/** A bar of the chart and a row of its table: a day, a week or a month, cut to the span that was asked for. */
export interface OwnerBucket extends Span {
  readonly figures: OwnerFigures;
  /** Of a day that was closed: where to look further. */
  readonly closing: number | null;
  /** Something in it is not closed yet. */
  readonly isOpen: boolean;
}

export interface OwnerReport extends Span {
  readonly by: Step;
  readonly filter: OwnerFilter;
  /** The business date that acts are booked on now. */
  readonly today: string;
  /** Whatever the filter and the span; null: the same weekday a week before is not known. */
  readonly ofToday: OwnerFigures;
  readonly weekAgo: OwnerFigures | null;
  readonly buckets: readonly OwnerBucket[];
  readonly total: OwnerFigures;
  /** The same span before, cut to as much as there is of this one; null where the book does not reach back to its beginning. */
  readonly before: (Span & { readonly figures: OwnerFigures }) | null;
  /** Hours with anything in them, rising; null where the filter leaves none to tell. */
  readonly hours: readonly OwnerHour[] | null;
  /** Those that came to most, most first; null likewise, as below. */
  readonly goods: readonly OwnerGoods[] | null;
  readonly materials: readonly OwnerMaterial[] | null;
  readonly operators: readonly OwnerOperator[] | null;
  /** Whom and what the filter can be set to: who did anything in the span. */
  readonly choices: { readonly operators: readonly OwnerName[]; readonly categories: readonly GoodsCategory[] };
  /** The first date that the book tells of; null: nothing happened yet. */
  readonly since: string | null;
}

export interface OwnerHour {
  /** 0 to 23. */
  readonly hour: number;
  readonly sales: number;
  readonly soldFen: Fen;
  readonly credits: number;
}

export interface OwnerGoods {
  readonly goodsId: string;
  /** Null where the county no longer names it. */
  readonly name: { readonly zh: string; readonly bo: string | null; readonly size: string; readonly picture: string } | null;
  /** Less what came back, as the next two. */
  readonly pieces: number;
  readonly fen: Fen;
  /** Of lines priced in points. */
  readonly points: Points;
  /** Both, with points at what one is worth today: what the list is ordered by. */
  readonly comesToFen: Fen;
}

export interface OwnerMaterial {
  readonly materialId: string;
  readonly name: {
    readonly zh: string;
    readonly bo: string | null;
    readonly picture: string;
    readonly measuredBy: 'weight' | 'count';
  } | null;
  /** Grams or pieces, less what was taken back, as the points. */
  readonly units: number;
  readonly points: Points;
}

interface OwnerName {
  readonly id: string;
  readonly name: string;
}

export interface OwnerOperator extends OwnerName {
  readonly sales: number;
  readonly soldFen: Fen;
  readonly returns: number;
  readonly returnedFen: Fen;
  readonly credits: number;
  readonly creditPoints: Points;
}

/** `counting`: the book is read a piece at a time; ask again, or do not: nothing goes on by itself. */
export type OwnerAnswer =
  | { readonly kind: 'counting'; readonly percent: number }
  | { readonly kind: 'report'; readonly report: OwnerReport };
