// What a demo county tells its kiosks on two nights: first everything, then what the day changed. Draws no keys, writes no file.

import { type Fen, type Points, fen, points } from '../db/model/amounts.ts';
import type { Goods } from '../db/model/catalogue.ts';
import type { DownLine } from '../db/model/down-file.ts';
import { keyIds } from './keys.ts';
import type { DemoOperator } from './operators.ts';
import {
  type Account,
  type County,
  accountsOf,
  hasLostCard,
  homesRoamingAt,
  isAwarded,
  newcomer,
  rangeOf,
  residentAt,
  residentsOf,
  roamingStores,
  schemeAt,
  shopOf,
  standIn,
  townStore,
} from './roster.ts';

/** Public keys as KEY lines carry them. */
export interface CountyKeys {
  readonly card: string;
  readonly cardRetired: string;
  readonly file: string;
}

/** First night, at one shop, before what all shops share: its rules, itself, the keys, its operators. */
export function* openingLines(
  county: County,
  store: number,
  { keys, operators, asOf }: { readonly keys: CountyKeys; readonly operators: readonly DemoOperator[]; readonly asOf: number },
): Generator<DownLine> {
  yield { t: 'SCHEME', scheme: schemeOf(county, store, asOf) };
  yield { t: 'SHOP', shop: shopOf(county, store) };
  yield { t: 'KEY', kid: keyIds.card, use: 'card', key: keys.card, active: true };
  yield { t: 'KEY', kid: keyIds.cardRetired, use: 'card', key: keys.cardRetired, active: false };
  yield { t: 'KEY', kid: keyIds.file, use: 'file', key: keys.file, active: true };
  for (const { operator } of operators) yield { t: 'OPERATOR', operator };
}

/** First night, alike for all shops: goods, everyone of the county, what each account holds, cards that are denied. */
export function* countyLines(county: County, goods: readonly Goods[]): Generator<DownLine> {
  for (const each of goods) yield { t: 'GOODS', goods: { ...each, codes: [...each.codes] } };
  for (let store = 0; store < county.stores; store += 1)
    for (const resident of residentsOf(county, store)) yield { t: 'RESIDENT', resident };
  for (let store = 0; store < county.stores; store += 1)
    for (const { id, balance } of accountsOf(county, store)) yield { t: 'BAL', a: id, balance };
  for (let store = 0; store < county.stores; store += 1) yield* lostCards(county, store);
}

/**
 * First night, at one shop, after what all share: the home kiosk holds every point of its accounts, and accounts of other
 * homes get the small allowance (reconciliation.md R3). An empty account is granted 0, so that the shop knows it as its own.
 */
export function* rightsLines(county: County, store: number): Generator<DownLine> {
  for (const { id, balance } of accountsOf(county, store)) yield { t: 'GRANT', a: id, g: balance };
  for (const home of homesRoamingAt(county.stores, store)) for (const { id } of accountsOf(county, home)) yield roamLine(county, id);
}

/** Second night, alike for all shops: a new price, someone new, awards, cards lost that day. */
export function* countyChanges(county: County, goods: readonly Goods[]): Generator<DownLine> {
  const changed = changedGoods(goods);
  yield { t: 'GOODS', goods: { ...changed, codes: [...changed.codes] } };
  const moved = newcomer(county);
  yield { t: 'RESIDENT', resident: moved.resident };
  for (const account of allAwarded(county)) yield { t: 'BAL', a: account.id, balance: awardedBalance(county, account) };
  for (let store = 0; store < county.stores; store += 1)
    yield { t: 'DENY', resident: residentAt(county, store, standIn.lost).id, issue: firstIssue };
}

/** Second night, at one shop: the awards of its own accounts, and the newcomer's rights or allowance. */
export function* rightsChanges(county: County, store: number): Generator<DownLine> {
  for (const account of awardedAt(county, store)) yield { t: 'GRANT', a: account.id, g: awardedBalance(county, account) };
  if (roamingStores(county.stores, townStore).includes(store)) yield roamLine(county, newcomer(county).account.id);
}

/** What an account holds from the second night on. */
export function latestBalance(county: County, account: Account): Points {
  const isNew = account.id === newcomer(county).account.id;
  return isNew || isAwarded(county, account) ? awardedBalance(county, account) : account.balance;
}

/** A resident's first card; a lost one is replaced by the next number. */
export const firstIssue = 1;

/** The goods as the second night leaves them. */
export function latestGoods(goods: readonly Goods[]): readonly Goods[] {
  const changed = changedGoods(goods);
  return goods.map((each) => (each.id === changed.id ? changed : each));
}

/** With the budget as the county's book has it at `asOf`. */
function schemeOf({ plan }: County, store: number, asOf: number): Extract<DownLine, { t: 'SCHEME' }>['scheme'] {
  const scheme = schemeAt(plan, store);
  return { ...scheme, groups: [...scheme.groups], ...(plan.budget === undefined ? {} : { budget: { ...plan.budget, asOf } }) };
}

function* lostCards(county: County, store: number): Generator<DownLine> {
  const { count } = rangeOf(county, store);
  for (let offset = 0; offset < count; offset += 1)
    if (hasLostCard(county, store, offset)) yield { t: 'DENY', resident: residentAt(county, store, offset).id, issue: firstIssue };
}

function roamLine(county: County, account: string): DownLine {
  return { t: 'ROAM', a: account, c: county.plan.roamCap, xs: points(0) };
}

function* allAwarded(county: County): Generator<Account> {
  for (let store = 0; store < county.stores; store += 1) yield* awardedAt(county, store);
}

function* awardedAt(county: County, store: number): Generator<Account> {
  for (const account of accountsOf(county, store)) if (isAwarded(county, account)) yield account;
  if (store === townStore) yield newcomer(county).account;
}

function awardedBalance(county: County, { balance }: Account): Points {
  return points(balance + county.plan.balances.award);
}

/** The first goods cost a tenth more from the second night on, in whole jiao or whole steps of points. */
function changedGoods(goods: readonly Goods[]): Goods {
  const first = goods[0];
  if (first === undefined) throw new RangeError('a shop has goods');
  const jiao = 10;
  const onePoint = 100;
  const dearer = (price: number, unit: number): number => Math.ceil((price * 11) / 10 / unit) * unit;
  const priceFen: Fen | null = first.priceFen === null ? null : fen(dearer(first.priceFen, jiao));
  const pricePoints: Points | null = first.pricePoints === null ? null : points(dearer(first.pricePoints, onePoint));
  const settlementFen = first.settlementFen === undefined ? {} : { settlementFen: fen(dearer(first.settlementFen, jiao)) };
  return { ...first, priceFen, pricePoints, ...settlementFen };
}
