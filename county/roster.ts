// The shops, accounts and residents of a demo county, made row by row from its seed. Keeps no list: a county of 800,000 takes
// no more memory than one of ten.

import type { KeyObject } from 'node:crypto';
import { type Points, onePoint, points } from '../db/model/amounts.ts';
import type { Resident, Shop } from '../db/model/catalogue.ts';
import { assert } from '../db/model/result.ts';
import type { Scheme } from '../db/model/scheme.ts';
import { draw, lot } from './lots.ts';
import { residentTag } from './keys.ts';
import { personName } from './people.ts';
import type { CountyPlan } from './schemes/county-plan.ts';

/** A county of the demo and its size. */
export interface County {
  readonly plan: CountyPlan;
  readonly seed: number;
  readonly stores: number;
  readonly residents: number;
  readonly tagKey: KeyObject;
}

/**
 * The first residents of every shop stand for what a cashier meets; the demo's sample cards are theirs. The numbers are
 * their places in the shop's roster.
 */
export const standIn = {
  top: 0,
  elder: 1,
  half: 2,
  poor: 3,
  reissued: 4,
  expired: 5,
  inactive: 6,
  cadre: 7,
  lost: 8,
  awarded: 9,
  visitor: 10,
} as const;
const standIns = Object.keys(standIn).length;

/** Fewer would leave a shop without its stand-ins. */
export const residentsPerStoreMin = 20;
/** Past this many shops their numbers would not fit the words of the demo. */
export const storesMax = 999;

/** The town store, where everyone of the county may roam (reconciliation.md R3). */
export const townStore = 0;

/** The shop's master data; one kiosk a shop, and both bear the same number. */
export function shopOf(county: County, store: number): Shop {
  const { plan } = county;
  const number = String(store + 1).padStart(2, '0');
  return {
    county: plan.code,
    countyZh: plan.zh,
    countyBo: plan.bo,
    store: `${plan.prefix}-S${number}`,
    zh: placeOf(plan, store) + (isMarket(store) ? plan.shopZh.market : plan.shopZh.village),
    bo: plan.shopBo === null ? null : `${plan.shopBo} ${number}`,
    kiosk: `${plan.prefix}-${number}`,
    isDemo: true, // this program makes no other
    ...(isMarket(store) && plan.marketSharePermille !== undefined ? { merchantSharePermille: plan.marketSharePermille } : {}),
  };
}

/** The scheme as one shop gets it: the town store may carry more roaming than the others (G_k). */
export function schemeAt(plan: CountyPlan, store: number): Scheme {
  if (store !== townStore) return plan.scheme;
  return { ...plan.scheme, roaming: { ...plan.scheme.roaming, kioskCapPoints: plan.townKioskCap } };
}

/** The shops away from home where an account may spend: the town store and the two neighbours, at most m = 3. */
export function roamingStores(stores: number, home: number): readonly number[] {
  const near = [townStore, (home + stores - 1) % stores, (home + 1) % stores];
  return [...new Set(near)].filter((store) => store !== home);
}

/** The homes whose accounts may roam at `store`, in order. */
export function homesRoamingAt(stores: number, store: number): readonly number[] {
  return Array.from({ length: stores }, (_, home) => home).filter((home) => roamingStores(stores, home).includes(store));
}

/** Which residents are a shop's own: numbers `first` … `first + count − 1` of the county. */
export function rangeOf(county: County, store: number): { readonly first: number; readonly count: number } {
  const first = startOf(county, store);
  return { first, count: startOf(county, store + 1) - first };
}

/** An account and what it holds on the first night. */
export interface Account {
  readonly id: string;
  readonly home: number;
  /** Place in its shop's list. */
  readonly ordinal: number;
  readonly balance: Points;
}

/** The accounts whose home is `store`, in order. */
export function* accountsOf(county: County, store: number): Generator<Account> {
  const count = accountCount(county, store);
  for (let ordinal = 0; ordinal < count; ordinal += 1) yield accountAt(county, store, ordinal);
}

/** One account by its place. */
export function accountAt(county: County, store: number, ordinal: number): Account {
  const balance = ordinal < standIns ? standInBalance(county.plan, store, ordinal) : drawnBalance(county, store, ordinal);
  return { id: accountId(county.plan, store, ordinal), home: store, ordinal, balance };
}

/** The account of a resident, by place in a shop's roster. */
export function accountFor(county: County, store: number, offset: number): Account {
  return accountAt(county, store, accountOrdinal(county.plan, offset));
}

/** The residents whose home is `store`, in order. */
export function* residentsOf(county: County, store: number): Generator<Resident> {
  const { count } = rangeOf(county, store);
  for (let offset = 0; offset < count; offset += 1) yield residentAt(county, store, offset);
}

/** One resident by place in a shop's roster. */
export function residentAt(county: County, store: number, offset: number): Resident {
  const { plan, seed } = county;
  const number = rangeOf(county, store).first + offset;
  return {
    id: residentId(plan, number),
    accountId: accountId(plan, store, accountOrdinal(plan, offset)),
    name: personName(plan.people.names, seed, number),
    group: groupOf(county, number, offset),
    village: placeOf(plan, store),
    language: languageOf(county, number, offset),
    tag: residentTag(county.tagKey, residentId(plan, number)),
    active: offset < standIns ? offset !== standIn.inactive : draw(seed, lot.active, number, 300) !== 0,
  };
}

/** The one who moved to the town after the first night: known from the second file on. */
export function newcomer(county: County): { readonly resident: Resident; readonly account: Account } {
  const number = county.residents;
  const ordinal = accountCount(county, townStore);
  const id = residentId(county.plan, number);
  const account = { id: accountId(county.plan, townStore, ordinal), home: townStore, ordinal, balance: points(0) };
  const resident: Resident = {
    id,
    accountId: account.id,
    name: personName(county.plan.people.names, county.seed, number),
    group: county.plan.scheme.groups[0]!.id, // a scheme has at least one
    village: placeOf(county.plan, townStore),
    language: 'zh',
    tag: residentTag(county.tagKey, id),
    active: true,
  };
  return { resident, account };
}

/** A well-formed id that the county never gave. */
export function strangerId(plan: CountyPlan): string {
  return residentId(plan, 99_999_998);
}

/** Whether the resident's first card was lost before the first night: it is denied, and the second is good. */
export function hasLostCard(county: County, store: number, offset: number): boolean {
  if (offset < standIns) return offset === standIn.reissued;
  return draw(county.seed, lot.denied, rangeOf(county, store).first + offset, 500) === 0;
}

/** Whether the account earned points between the two nights. */
export function isAwarded(county: County, account: Account): boolean {
  if (account.ordinal < standIns) return account.ordinal === standIn.awarded;
  return draw(county.seed, lot.award, lotIndex(account.home, account.ordinal), 40) === 0;
}

const residentDigits = 8;

function residentId(plan: CountyPlan, number: number): string {
  return plan.code + String(number + 1).padStart(residentDigits, '0');
}

function accountId(plan: CountyPlan, store: number, ordinal: number): string {
  return `${plan.prefix}-${String(store + 1).padStart(2, '0')}-${String(ordinal + 1).padStart(6, '0')}`;
}

/** People to a household, in hundredths: 79.6万人 in 22.4万户 (schemes.md, figures). */
const householdHundredths = 355;

/** Which account of the shop a resident uses. A stand-in's is nobody else's, so that its balance stays what it says. */
function accountOrdinal(plan: CountyPlan, offset: number): number {
  if (plan.scheme.accountKind === 'person' || offset < standIns) return offset;
  return standIns + Math.floor(((offset - standIns) * 100) / householdHundredths);
}

function accountCount(county: County, store: number): number {
  return accountOrdinal(county.plan, rangeOf(county, store).count - 1) + 1;
}

/** Every fifth shop stands in a town, as 5 of 25 do in 琼结 (R18), and serves twice as many. */
const marketEvery = 5;

function isMarket(store: number): boolean {
  return store % marketEvery === townStore;
}

function startOf(county: County, store: number): number {
  const weight = (stores: number): number => stores + Math.ceil(stores / marketEvery);
  return Math.floor((county.residents * weight(store)) / weight(county.stores));
}

/** Where a shop stands. A county with more shops than names begins again with a second one in each place. */
function placeOf(plan: CountyPlan, store: number): string {
  const markets = Math.ceil(store / marketEvery);
  const [names, index] = isMarket(store) ? [plan.markets, markets] : [plan.villages, store - markets];
  const round = Math.floor(index / names.length);
  return names[index % names.length]! + (round === 0 ? '' : `${round + 1}号点`); // a remainder of its length
}

function standInBalance({ balances }: CountyPlan, store: number, place: number): Points {
  const whole = Math.floor(balances.award / onePoint) * onePoint;
  const of: { readonly [place: number]: number } = {
    [standIn.top]: store === townStore ? balances.top : balances.topElsewhere,
    [standIn.elder]: whole * 20,
    [standIn.half]: whole * 3 + onePoint / 2,
    [standIn.poor]: 3 * onePoint,
    [standIn.cadre]: 0, // earns nothing: R11
    [standIn.visitor]: whole * 30,
  };
  return points(of[place] ?? whole * 10);
}

function drawnBalance(county: County, store: number, ordinal: number): Points {
  const { seed, plan } = county;
  const index = lotIndex(store, ordinal);
  let share = draw(seed, lot.band, index, 1000);
  const band = plan.balances.bands.find((candidate) => (share -= candidate.permille) < 0);
  assert(band !== undefined, 'the bands share a thousand');
  const whole = band.from + draw(seed, lot.balance, index, band.to - band.from + 1);
  const half = draw(seed, lot.half, index, 1000) < plan.balances.halfPermille ? onePoint / 2 : 0;
  return points(whole * onePoint + half);
}

/** One number for an account, so that lots of different shops differ. */
function lotIndex(store: number, ordinal: number): number {
  return store * 1_000_000 + ordinal; // fewer than a million accounts a shop
}

function groupOf(county: County, number: number, offset: number): string {
  const { groups } = county.plan.scheme;
  const { groupPermille } = county.plan.people;
  if (offset === standIn.cadre) return (groups.find((group) => !group.mayRedeem) ?? groups[0]!).id; // at least one
  if (offset < standIns) return groups[0]!.id;
  let share = draw(county.seed, lot.group, number, 1000);
  const index = groupPermille.findIndex((permille) => (share -= permille) < 0);
  assert(groups[index] !== undefined, 'the groups share a thousand');
  return groups[index].id;
}

function languageOf(county: County, number: number, offset: number): 'zh' | 'bo' {
  const { tibetanPermille } = county.plan.people;
  if (offset === standIn.elder) return tibetanPermille > 0 ? 'bo' : 'zh';
  if (offset === standIn.top) return 'zh';
  return draw(county.seed, lot.language, number, 1000) < tibetanPermille ? 'bo' : 'zh';
}
