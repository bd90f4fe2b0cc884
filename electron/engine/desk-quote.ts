// What the bags on the desk earn now, with today's rules and caps. Read anew each time, like the cart's quote; changes nothing.

import { creditDigest as digestOfCredit, creditedOn, creditsSince } from '../../db/credits.ts';
import { findResident } from '../../db/reference.ts';
import { type Bag, type CreditQuote, type RecyclingRules, bagProblem, creditQuote, unitsOf } from '../../db/model/recycling.ts';
import type { DraftBag } from './desk-draft.ts';
import { type Engine, currentDay, selling } from './till.ts';

/** The bags of the desk that the rules take now, as a credit keeps them. */
export function takenBags(engine: Engine, rules: RecyclingRules): readonly Bag[] {
  return engine.desk.bags
    .map(({ id, materialId, measure }) => ({ id, materialId, measure }))
    .filter((bag) => bagProblem(rules, bag) === null);
}

/** What they earn the desk's resident, or anybody while no card was scanned. */
export function currentCreditQuote(engine: Engine, rules: RecyclingRules): CreditQuote {
  const today = creditedOn(selling(engine).book.db, {
    day: currentDay(engine),
    accountId: deskAccount(engine),
    operatorId: engine.operator?.id ?? null,
  });
  return creditQuote({ rules, bags: takenBags(engine, rules), today });
}

/** The account that the desk would credit; null while no card was scanned. */
export function deskAccount({ desk, book }: Engine): string | null {
  return desk.resident === null || book === null ? null : (findResident(book.db, desk.resident.id)?.accountId ?? null);
}

/** Names what a confirm key confirms, and an approval allows: this resident, and these bags at these rates. */
export function creditDigest({ desk }: Engine, { lines }: CreditQuote): string {
  return digestOfCredit({ creditId: desk.creditId, residentId: desk.resident?.id ?? null, lines });
}

/** More credits of one account than this within minutes are not read: the newest tell enough. */
const creditsRead = 20;

/**
 * Whether an account may have been paid for this bag already: a bag of the same material as heavy, on the pan or net, was credited
 * to it so many minutes before this one was weighed, or later. By the wall clock as it is: one that was set back asks more.
 */
export function wasCredited(engine: Engine, rules: RecyclingRules, bag: DraftBag): boolean {
  const accountId = deskAccount(engine);
  if (accountId === null || bag.measure.kind !== 'weighed') return false;
  const since = bag.measure.proof.weighedAt - rules.sameBag.minutes * 60_000;
  const credits = creditsSince(selling(engine).book.db, accountId, since, creditsRead);
  return credits.some(({ body }) => body.lines.some(({ bags }) => bags.some((each) => isAlike(rules, each, bag))));
}

/** The same among the bags that lie on the desk. */
export function isOnDesk({ desk }: Engine, rules: RecyclingRules, bag: Bag): boolean {
  if (bag.measure.kind !== 'weighed') return false;
  const since = bag.measure.proof.weighedAt - rules.sameBag.minutes * 60_000;
  return desk.bags.some((each) => each.measure.kind === 'weighed' && each.measure.proof.weighedAt >= since && isAlike(rules, each, bag));
}

function isAlike({ sameBag }: RecyclingRules, one: Bag, other: Bag): boolean {
  if (one.materialId !== other.materialId || one.measure.kind !== 'weighed' || other.measure.kind !== 'weighed') return false;
  const isNear = (a: number, b: number): boolean => Math.abs(a - b) <= sameBag.grams;
  return isNear(one.measure.readGrams, other.measure.readGrams) || isNear(unitsOf(one.measure), unitsOf(other.measure));
}
