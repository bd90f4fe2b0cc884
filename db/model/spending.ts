// What an account may spend at this kiosk, offline: rights held here first, then a capped roaming allowance
// (reconciliation.md R3). Pure, so that the till, the simulator and the auditor run the same rule.

import { type Points, points } from './amounts.ts';
import type { Scheme } from './scheme.ts';

/** An account's counters at this kiosk: all cumulative, none ever decreases. */
export interface Counters {
  /** G */ readonly granted: Points;
  /** B */ readonly returned: Points;
  /** S */ readonly spent: Points;
  /** C */ readonly credited: Points;
  /** U: credits taken back; a counter of its own, so that C never decreases. */ readonly uncredited: Points;
  /** V: spent rights that returns gave back. */ readonly unspent: Points;
  /** X */ readonly roamed: Points;
  /** W: roaming that returns gave back before the county had settled it. */ readonly unroamed: Points;
  /** Xs: roaming the county has settled. */ readonly roamedSettled: Points;
  /** F: of Xs, what had come back by then: the county funded it, and so it is rights here. */ readonly overfunded: Points;
}

/** No rights and no use: an account this kiosk has never been told of. */
export const noCounters: Counters = {
  granted: points(0),
  returned: points(0),
  spent: points(0),
  unspent: points(0),
  credited: points(0),
  uncredited: points(0),
  roamed: points(0),
  unroamed: points(0),
  roamedSettled: points(0),
  overfunded: points(0),
};

/** Rights held here by the counters alone: G − B + C − U − S + V + F. */
function rightsByCounters(of: Counters): number {
  return of.granted - of.returned + of.credited - of.uncredited - of.spent + of.unspent + of.overfunded;
}

/** Roaming that the county has not settled and no return gave back: X − W − Xs + F. */
export function unsettledRoaming(of: Pick<Counters, 'roamed' | 'unroamed' | 'roamedSettled' | 'overfunded'>): Points {
  return points(of.roamed - of.unroamed - of.roamedSettled + of.overfunded);
}

/** What the county last said of an account, and what happened here since. */
export interface CountyBalance {
  readonly balance: Points;
  /** Epoch ms of the county's book when it said so. */
  readonly asOf: number;
  /** Spent here (rights and roaming), less what returns gave back, that the balance does not yet know of; may be negative. */
  readonly spentHereSince: Points;
  /** Credited here for what was brought, less what was taken back, that the balance does not yet know of; may be negative. */
  readonly creditedHereSince: number;
}

export interface SpendingInput {
  readonly scheme: Scheme;
  readonly counters: Counters;
  readonly county: CountyBalance;
  /** c: the allowance of this account at this kiosk; 0 where it has none. */
  readonly roamCap: Points;
  /** Σ unsettled roaming here, over all accounts. */
  readonly kioskRoaming: Points;
  /** Whole days since the county's last file; a clock set back never makes this smaller (R6, 30). */
  readonly daysSinceDown: number;
  /** Spent by this account at this kiosk on this business date, less what of it came back. */
  readonly spentToday: Points;
  /** A backup was put back, and what was spent after it may be lost: nothing goes before the county has spoken (R4). Absent: false. */
  readonly isFrozen?: boolean;
}

/** What may be spent now, and which limit binds first. */
export interface Allowance {
  /** From rights held here. */
  readonly rights: Points;
  /** From the roaming allowance. */
  readonly roaming: Points;
  /** Rights and roaming within every cap: 本店可用. */
  readonly usable: Points;
  readonly limitedBy: 'balance' | 'sale-cap' | 'day-cap' | 'roaming' | 'frozen';
  /** County-wide balance less what was spent here since: 全县余额. */
  readonly countyBalance: Points;
}

/** The rule of R3: sell iff the amount is within rights, roaming and the scheme's caps. Never negative. */
export function allowance(input: SpendingInput): Allowance {
  const { scheme, counters, county } = input;
  const rights = atLeastZero(rightsByCounters(counters));
  const countyBalance = atLeastZero(county.balance + county.creditedHereSince - county.spentHereSince);
  const roaming = roamingLeft(input, atLeastZero(countyBalance - rights));
  const held = points(rights + roaming);
  const dayLeft = scheme.dayCapPoints === null ? held : atLeastZero(scheme.dayCapPoints - input.spentToday);
  const caps: { readonly cap: Points; readonly by: Allowance['limitedBy'] }[] = [
    { cap: held, by: roaming > 0 ? 'roaming' : 'balance' },
    { cap: scheme.saleCapPoints ?? held, by: 'sale-cap' },
    { cap: dayLeft, by: 'day-cap' },
    ...(input.isFrozen === true ? [{ cap: points(0), by: 'frozen' } as const] : []),
  ];
  const least = caps.reduce((a, b) => (b.cap < a.cap || b.by === 'frozen' ? b : a));
  return { rights, roaming, usable: least.cap, limitedBy: least.by, countyBalance };
}

/** How an amount is taken: rights first. The caller has checked that it is allowed. */
export function takeFrom(amount: Points, allowed: Allowance): { readonly fromRights: Points; readonly fromRoaming: Points } {
  const fromRights = points(Math.min(amount, allowed.rights));
  return { fromRights, fromRoaming: points(amount - fromRights) };
}

function roamingLeft(input: SpendingInput, known: Points): Points {
  const { scheme, counters, daysSinceDown } = input;
  const { roaming } = scheme;
  if (daysSinceDown > roaming.staleDays) return points(0);
  const cap = daysSinceDown > roaming.halfAfterDays ? Math.floor(input.roamCap / 2) : input.roamCap;
  return atLeastZero(Math.min(cap - unsettledRoaming(counters), known, roaming.saleCapPoints, roaming.kioskCapPoints - input.kioskRoaming));
}

function atLeastZero(value: number): Points {
  return points(Math.max(0, value));
}
