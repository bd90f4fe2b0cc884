// What makes one county different from another in the demo: its rules, its shops, its people. Data only, no drawing of lots.

import type { Points } from '../../db/model/amounts.ts';
import type { Scheme, SchemeBudget } from '../../db/model/scheme.ts';

/** One county of the demo. The scheme is what a real county would sign; the rest is the stage it plays on. */
export interface CountyPlan {
  /** Administrative division code, GB/T 2260. */
  readonly code: string;
  readonly zh: string;
  readonly bo: string | null;
  /** Starts every store and kiosk code: QJ-03. */
  readonly prefix: string;
  readonly scheme: Scheme;
  /** What the county spends on the scheme in a year, and what of it is used (schemes.md R29); absent where nothing is told of it. */
  readonly budget?: Omit<SchemeBudget, 'asOf'>;
  /** What partner shops, those in towns, leave to the scheme of every settlement, in thousandths (R28); absent: nothing. */
  readonly marketSharePermille?: number;
  /** Roaming allowance c of an account at each of its three shops away from home (reconciliation.md R3). */
  readonly roamCap: Points;
  /** G_k of the town store; the scheme carries that of every other shop. */
  readonly townKioskCap: Points;
  /** What goods cost: in yuan with points as a discount, or in points at so many a yuan of cost. */
  readonly pricing: { readonly in: 'yuan' | 'points'; readonly pointsPerYuan: number };
  /** Shops in towns and in villages; a county with more shops than names numbers them. */
  readonly markets: readonly string[];
  readonly villages: readonly string[];
  /** What a shop is called, after its place. */
  readonly shopZh: { readonly market: string; readonly village: string };
  /** The Tibetan word for a shop, before its number; null where nobody reads Tibetan. */
  readonly shopBo: string | null;
  readonly people: {
    readonly names: 'tibetan' | 'han';
    /** Of a thousand residents, how many want Tibetan receipts. */
    readonly tibetanPermille: number;
    /** Of a thousand residents, how many are in each group, in the order of the scheme's groups; sums to 1000. */
    readonly groupPermille: readonly number[];
  };
  readonly balances: {
    /** Shares of accounts and the whole points they hold; permille sums to 1000. */
    readonly bands: readonly { readonly permille: number; readonly from: number; readonly to: number }[];
    /** Of a thousand accounts, how many hold half a point besides (schemes.md R4). */
    readonly halfPermille: number;
    /** The largest balance, held by one account of the town store, and the largest of any other shop. */
    readonly top: Points;
    readonly topElsewhere: Points;
    /** What one act earns in the second night's awards. */
    readonly award: Points;
  };
}
