// A county's rules as data: what a point is worth, in what steps it is spent, who may spend, and how much.

import { assert } from './result.ts';
import { type Fen, type Points, worthFen } from './amounts.ts';
import { type RecyclingRules, checkRecycling } from './recycling.ts';
import { type LabelLayout, checkLabels } from './sale-label.ts';

/** A group of residents with rules of its own (schemes.md R11, R12). */
export interface Group {
  readonly id: string;
  readonly zh: string;
  readonly bo: string | null;
  /** Cadres of 机关 are outside some schemes: their cards are refused at the till. */
  readonly mayRedeem: boolean;
}

/** The rules of one county, in force from the down-file that brought them. */
export interface Scheme {
  readonly id: string;
  readonly version: number;
  readonly zh: string;
  readonly bo: string | null;
  /** Fen for one whole point (10 in 琼结, 100 in 通榆); null where goods are priced in points only. */
  readonly pointValueFen: number | null;
  /** The smallest amount of points that can be spent; its worth is a whole number of fen. */
  readonly pointsStep: Points;
  /** Cash is rounded in the customer's favour (down) or to the nearest unit; the difference is a row of its own. */
  readonly cashRounding: { readonly unitFen: Fen; readonly mode: 'down' | 'nearest' };
  /** Most points in one sale; null: no cap. */
  readonly saleCapPoints: Points | null;
  /** Most points one account may spend at one kiosk on one business date; null: no cap. */
  readonly dayCapPoints: Points | null;
  /** Who holds the points (schemes.md R20). */
  readonly accountKind: 'person' | 'household';
  /** Months and days, inclusive, in which points may be redeemed (schemes.md R22); null: all year. */
  readonly redemptionWindow: { readonly from: string; readonly to: string } | null;
  readonly groups: readonly Group[];
  /** Spending away from home (reconciliation.md R3). */
  readonly roaming: {
    /** TX: most points in one sale of a resident who is away from home. */
    readonly saleCapPoints: Points;
    /** D: days without a down-file after which roaming stops. */
    readonly staleDays: number;
    /** Days without a down-file after which the allowance is halved. */
    readonly halfAfterDays: number;
    /** G_k: most unsettled roaming at this kiosk, over all accounts. */
    readonly kioskCapPoints: Points;
  };
  /** What the recycling desk takes in and credits (schemes.md R14, R15); null: this county has no such desk. */
  readonly recycling: RecyclingRules | null;
  /** How the labels of this county's counter scales read; none: every in-store code is an ordinary one. */
  readonly labels: readonly LabelLayout[];
  /** How often the county settles with its shops (R26): with every closing, or when the owner prepares it. Absent: the latter. */
  readonly settlement?: { readonly cycle: 'day' | 'month' } | undefined;
  /** What the county spends on the scheme in a year, and how much of that is used, as of epoch ms (R29). Told, and limits nothing here. */
  readonly budget?: SchemeBudget | undefined;
}

export interface SchemeBudget {
  readonly zh: string;
  readonly yearFen: Fen;
  readonly usedFen: Fen;
  readonly asOf: number;
}

/** Throws where a scheme would let a fen appear or vanish, or recycling earn absurdly; called when a down-file brings one. */
export function checkScheme(scheme: Scheme): void {
  assert(scheme.pointsStep > 0, 'the points step is positive');
  assert(scheme.cashRounding.unitFen > 0 && scheme.cashRounding.unitFen <= 100, 'cash is rounded to a yuan at most');
  if (scheme.pointValueFen !== null) {
    assert(scheme.pointValueFen > 0, 'a point is worth something or nothing is said of its worth');
    worthFen(scheme.pointsStep, scheme.pointValueFen);
  }
  const ids = new Set(scheme.groups.map((group) => group.id));
  assert(ids.size === scheme.groups.length, 'group ids are unique');
  if (scheme.recycling !== null) checkRecycling(scheme.recycling);
  checkLabels(scheme.labels);
}

/** Whether `businessDate` (YYYY-MM-DD) lies in the scheme's redemption window; windows may span the new year. */
export function isRedemptionOpen(scheme: Scheme, businessDate: string): boolean {
  const window = scheme.redemptionWindow;
  if (window === null) return true;
  const day = businessDate.slice(5);
  return window.from <= window.to ? window.from <= day && day <= window.to : window.from <= day || day <= window.to;
}
