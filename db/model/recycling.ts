// What a bag of bottles earns: the county's table of materials, and the rule that turns grams or pieces into points. Pure;
// knows no scale and no book.

import { type Points, floorToStep, onePoint, points, sumPoints } from './amounts.ts';
import { assert } from './result.ts';

/** Something the desk takes in (schemes.md R14, R15). */
export interface Material {
  readonly id: string;
  readonly zh: string;
  readonly bo: string | null;
  /** Which picture the page draws, named as goods name theirs. */
  readonly picture: string;
  readonly measuredBy: 'weight' | 'count';
  readonly rate: Rate;
  /** Kept and handed over apart: pesticide bottles, batteries. */
  readonly hazardous: boolean;
  /** Least and most of one bag, in grams or pieces. */
  readonly minimum: number;
  readonly maximum: number;
  /** Most one account is credited for this material on one business date; null: no cap of its own. */
  readonly dayCap: Points | null;
  /** A material no longer taken stays in the list, for the totals and tickets that name it. */
  readonly active: boolean;
}

/** `points` for every `per` grams or pieces. A ratio, so that one point for 30 bottles is exact. */
export interface Rate {
  readonly points: Points;
  readonly per: number;
}

/** A sack or basket of known weight: tare without weighing it again. */
export interface Container {
  readonly id: string;
  readonly zh: string;
  readonly bo: string | null;
  readonly grams: number;
}

/** A county's rules for the recycling desk; part of its scheme, and signed with it. */
export interface RecyclingRules {
  readonly materials: readonly Material[];
  readonly containers: readonly Container[];
  /** The smallest amount credited for a material; what is below it earns nothing and is shown. */
  readonly creditStep: Points;
  /** Most credited on one business date to an account, by an operator, at a kiosk (reconciliation.md R3); null: no cap. */
  readonly accountDayCap: Points | null;
  readonly operatorDayCap: Points | null;
  readonly kioskDayCap: Points | null;
  /** More than this to an account, in one credit or over a business date, needs the owner. */
  readonly approvalAbove: Points;
  /** More pieces of a material than this, in one credit or over an account's business date, are typed twice or need the owner. */
  readonly typeTwiceAbove: number;
  /** A second bag of a material for the same account, so soon and so alike in weight, asks whether it is the same bag. */
  readonly sameBag: { readonly minutes: number; readonly grams: number };
}

/** Most pieces of one count: what the desk's five digits can say. */
export const piecesMax = 99_999;
/** Most grams of one weighing: three tonnes, a village weigh-bridge. */
export const gramsMax = 3_000_000;
/** Most bags of one credit: more than anybody carries in, and few enough for one event to name them all. */
export const bagsMax = 100;
/** Most points of one credit: eight times the largest that is known, 12,700 (schemes.md R15). */
export const creditMax = points(100_000 * onePoint);
/**
 * Most points for one gram and for one piece. Copper, the dearest that people bring, is about 0.06 yuan a gram, 0.6 points
 * where points are smallest: a rate above this was written for grams where kilograms were meant.
 */
const rateMax = { weight: points(onePoint), count: points(10_000 * onePoint) } as const;

/** Throws where rules would credit nothing for ever, or absurdly much; called by checkScheme. */
export function checkRecycling(rules: RecyclingRules): void {
  const { materials, containers, creditStep, accountDayCap, operatorDayCap, kioskDayCap } = rules;
  assert(creditStep > 0, 'the credit step is positive');
  for (const list of [materials, containers])
    assert(new Set(list.map(({ id }) => id)).size === list.length, 'ids of materials and of containers are unique');
  for (const cap of [accountDayCap, operatorDayCap, kioskDayCap, ...materials.map(({ dayCap }) => dayCap)])
    assert(cap === null || cap >= creditStep, 'a cap leaves room for one step');
  for (const { id, rate, measuredBy, minimum, maximum } of materials) {
    assert(rate.points > 0 && Number.isSafeInteger(rate.per) && rate.per > 0, `${id} earns something`);
    assert(rate.points <= rateMax[measuredBy] * rate.per, `the rate of ${id} is not absurd`);
    const most = measuredBy === 'count' ? piecesMax : gramsMax;
    assert(minimum >= 1 && minimum <= maximum && maximum <= most, `least and most of a bag of ${id} are in order`);
    const largest = earned(rate, maximum, creditStep).points;
    assert(largest > 0 && largest <= creditMax, `the largest bag of ${id} earns something, and not absurdly much`);
  }
  for (const { id, grams } of containers) assert(grams > 0 && grams <= gramsMax, `${id} weighs something`);
}

/** What was measured of one bag. */
export type Measure = Weighing | Count;

/** One stable reading of the scale, and what was taken off it. */
export interface Weighing {
  readonly kind: 'weighed';
  /** What the scale said: net where it had taken a tare off itself. */
  readonly readGrams: number;
  readonly tare: Tare;
  readonly proof: WeighingProof;
}

/** What the scale sent, and how it was understood: kept with every weighing that points or money came of. */
export interface WeighingProof {
  /** The SCALE_SET event whose scale it was. */
  readonly scaleSetId: string;
  readonly family: string;
  /** The scale said so itself, or its frames stayed equal for a second. */
  readonly stableBy: 'flag' | 'inferred';
  /** The bytes of the equal frames in a row, hexadecimal, the newest last; at most 16. */
  readonly framesHex: readonly string[];
  /** Epoch ms. */
  readonly weighedAt: number;
}

export interface Count {
  readonly kind: 'counted';
  readonly pieces: number;
  readonly isTypedTwice: boolean;
}

/** Who took what off the reading. One of them, so that the scale's tare and ours are never both taken. */
export type Tare =
  | Exclude<ShownTare, { by: 'pan' }>
  /** The empty pan or the visitor's own vessel, weighed here before, with the bytes that said so. */
  | (Extract<ShownTare, { by: 'pan' }> & { readonly proof: WeighingProof });

/** A tare without its bytes, for who looks at it. */
export type ShownTare =
  | { readonly by: 'none' }
  | { readonly by: 'scale' }
  | { readonly by: 'pan'; readonly grams: number }
  | { readonly by: 'container'; readonly id: string; readonly grams: number };

export interface Bag {
  readonly id: string;
  readonly materialId: string;
  readonly measure: Measure;
}

/** Why a bag cannot be taken. */
export type BagProblem =
  | 'material_unknown'
  | 'material_inactive'
  | 'measured_otherwise'
  | 'container_unknown'
  | 'tare_negative'
  | 'too_little'
  | 'too_much';

/** Whether the rules take a bag as it was measured; null: they do. */
export function bagProblem(rules: RecyclingRules, bag: Bag): BagProblem | null {
  const material = rules.materials.find(({ id }) => id === bag.materialId);
  if (material === undefined) return 'material_unknown';
  if (!material.active) return 'material_inactive';
  const { measure } = bag;
  if ((measure.kind === 'counted') !== (material.measuredBy === 'count')) return 'measured_otherwise';
  if (measure.kind === 'weighed' && measure.tare.by === 'container') {
    const { tare } = measure;
    if (!rules.containers.some(({ id, grams }) => id === tare.id && grams === tare.grams)) return 'container_unknown';
  }
  if (measure.kind === 'weighed' && measure.tare.by === 'pan' && measure.tare.grams < 0) return 'tare_negative';
  const units = unitsOf(measure);
  if (units < material.minimum) return 'too_little';
  return units > material.maximum ? 'too_much' : null;
}

/** One material of a credit, with the rate that was applied and every bag that went into it. */
export interface CreditLine {
  readonly materialId: string;
  readonly zh: string;
  readonly bo: string | null;
  readonly measuredBy: 'weight' | 'count';
  readonly hazardous: boolean;
  readonly rate: Rate;
  readonly bags: readonly Bag[];
  /** Grams or pieces of all bags. */
  readonly units: number;
  readonly points: Points;
  /** Grams or pieces that earned nothing because the next step was not reached. */
  readonly remainderUnits: number;
}

/** Why a credit cannot be given as it stands. */
export type CreditProblem =
  | 'empty'
  | 'too_many_bags'
  | 'nothing_earned'
  | 'too_large'
  | 'material_cap'
  | 'account_cap'
  | 'operator_cap'
  | 'kiosk_cap';

export interface CreditQuote {
  /** In the order in which the materials first came. */
  readonly lines: readonly CreditLine[];
  readonly points: Points;
  /** Left of each cap before this credit; null: no cap. `materials` are those of the lines, in their order. */
  readonly left: {
    readonly account: Points | null;
    readonly operator: Points | null;
    readonly kiosk: Points | null;
    readonly materials: readonly (Points | null)[];
  };
  readonly needsApproval: boolean;
  /** The first that holds. A credit over a cap is not cut down to it: the bags would be taken and not paid for. */
  readonly problem: CreditProblem | null;
}

export interface CreditInput {
  readonly rules: RecyclingRules;
  /** Bags without a bagProblem. */
  readonly bags: readonly Bag[];
  /** Credited on this business date, less what of it was reversed. */
  readonly today: {
    readonly account: Points;
    readonly operator: Points;
    readonly kiosk: Points;
    /** To the account, by material id. */
    readonly byMaterial: ReadonlyMap<string, Points>;
    /** Pieces to the account that were typed once, by material id. */
    readonly typedOnce: ReadonlyMap<string, number>;
  };
}

/** Prices bags, one line a material. Points are rounded down once a line, never a bag. Throws on a bag the rules do not take. */
export function creditQuote({ rules, bags, today }: CreditInput): CreditQuote {
  assert(new Set(bags.map(({ id }) => id)).size === bags.length, 'a bag is paid once');
  for (const bag of bags) assert(bagProblem(rules, bag) === null, `bag ${bag.id} was taken by the rules`);
  const materials = [...new Set(bags.map(({ materialId }) => materialId))].map(
    (materialId) => rules.materials.find(({ id }) => id === materialId)!, // bagProblem found it
  );
  const lines = materials.map((material) => creditLine(material, bags, rules.creditStep));
  const total = sumPoints(lines.map((line) => line.points));
  const left = {
    account: leftOf(rules.accountDayCap, today.account),
    operator: leftOf(rules.operatorDayCap, today.operator),
    kiosk: leftOf(rules.kioskDayCap, today.kiosk),
    materials: materials.map(({ id, dayCap }) => leftOf(dayCap, today.byMaterial.get(id) ?? points(0))),
  };
  const needsApproval =
    (total > 0 && today.account + total > rules.approvalAbove) ||
    materials.some(({ id }) => isUnsure(bags, id, today.typedOnce.get(id) ?? 0, rules));
  return { lines, points: total, left, needsApproval, problem: creditProblem(bags, lines, total, left) };
}

/**
 * What so many grams or pieces earn at a rate, in whole steps, rounded down; and how many of them were not needed for it.
 * Throws RangeError on more points than an amount can be.
 */
export function earned(rate: Rate, units: number, step: Points): { readonly points: Points; readonly remainderUnits: number } {
  const [rated, per] = [BigInt(rate.points), BigInt(rate.per)];
  const given = floorToStep(points(Number((BigInt(units) * rated) / per)), step);
  const needed = (BigInt(given) * per + rated - 1n) / rated; // rounded up: the least that earns as much
  return { points: given, remainderUnits: units - Number(needed) };
}

/** A tare without its bytes. */
export function shownTare<Any extends Tare>(tare: Any): Exclude<Any, { by: 'pan' }> | Extract<ShownTare, { by: 'pan' }> {
  return tare.by === 'pan' ? { by: 'pan', grams: tare.grams } : (tare as Exclude<Any, { by: 'pan' }>); // it was just asked
}

/** Grams or pieces that a bag counts for: the net weight. */
export function unitsOf(measure: Measure): number {
  if (measure.kind === 'counted') return measure.pieces;
  const { tare } = measure;
  return measure.readGrams - (tare.by === 'pan' || tare.by === 'container' ? tare.grams : 0);
}

function creditLine(material: Material, bags: readonly Bag[], step: Points): CreditLine {
  const { id, zh, bo, measuredBy, hazardous, rate } = material;
  const own = bags.filter((bag) => bag.materialId === id);
  const units = own.reduce((sum, bag) => sum + unitsOf(bag.measure), 0);
  return { materialId: id, zh, bo, measuredBy, hazardous, rate, bags: own, units, ...earned(rate, units, step) };
}

function creditProblem(bags: readonly Bag[], lines: readonly CreditLine[], total: Points, left: CreditQuote['left']): CreditProblem | null {
  if (bags.length === 0) return 'empty';
  if (bags.length > bagsMax) return 'too_many_bags';
  if (total === 0) return 'nothing_earned';
  if (total > creditMax) return 'too_large';
  if (lines.some((line, i) => isOver(left.materials[i]!, line.points))) return 'material_cap'; // one for each line
  if (isOver(left.account, total)) return 'account_cap';
  if (isOver(left.operator, total)) return 'operator_cap';
  return isOver(left.kiosk, total) ? 'kiosk_cap' : null;
}

/**
 * Whether more pieces than are typed once were typed once: over all bags of a material, and with what was typed once for the
 * account on this date before, or a large count would be split into bags or into credits.
 */
function isUnsure(bags: readonly Bag[], materialId: string, before: number, { typeTwiceAbove }: RecyclingRules): boolean {
  const typedOnce = bags.reduce((sum, bag) => sum + (bag.materialId === materialId ? piecesTypedOnce(bag) : 0), 0);
  return typedOnce > 0 && before + typedOnce > typeTwiceAbove;
}

/** Pieces of a bag that nobody typed a second time. */
function piecesTypedOnce({ measure }: Bag): number {
  return measure.kind === 'counted' && !measure.isTypedTwice ? measure.pieces : 0;
}

function leftOf(cap: Points | null, used: Points): Points | null {
  return cap === null ? null : points(Math.max(0, cap - used));
}

function isOver(left: Points | null, amount: Points): boolean {
  return left !== null && amount > left;
}
