// The caps on what a recycling desk credits on one business date, asked of what was posted of a kiosk (reconciliation.md R3, R4 and R8 4):
// the desk's own program keeps to them, a key that was stolen need not: also not to one date after the other. Refuses nothing: what is over
// a cap, or on a date that a desk cannot have, is raised.

import { amountMax } from '../../db/model/amounts.ts';
import type { BookEvent } from '../../db/model/event.ts';
import { type RecyclingRules, creditMax } from '../../db/model/recycling.ts';
import { businessDate, dayMs } from '../../db/model/time.ts';
import { type ReadableDatabase, prepared } from '../../db/sqlite.ts';
import { keepRow, readAhead, rowOf } from '../store/held-rows.ts';
import type { Folding } from './fold.ts';
import { creditedRows } from './held-tables.ts';
import { type MasterLine, everyKiosk } from './master.ts';
import { isUnanswered } from './unanswered.ts';

/** Kinds of caps, in the order in which they are raised; credit: one alone. */
const caps = ['credit', 'material', 'account', 'operator', 'kiosk'] as const;
type Cap = (typeof caps)[number];

/** What the events of an incarnation credited so far, and the rules that they are held against. */
export interface Credits {
  readonly sums: Map<string, Sum>;
  /** What is odd about each date, asked once. */
  readonly dates: Map<string, Oddness | null>;
  /** Credits on odd dates. */
  readonly odd: Map<Oddness, OddCredits>;
  /** Undefined: not asked for since the kiosk last took a file. */
  rules: RecyclingRules | 'none' | 'unknown' | undefined;
}

/**
 * Why a desk cannot credit on a date: its kiosk had closed it, or one after it; or it has closed none yet, and its county first wrote to it
 * later; or the county's own day is not that far.
 */
type Oddness = 'closed' | 'early' | 'ahead';

interface OddCredits {
  readonly dates: Set<string>;
  points: number;
  seq: number;
}

/** What is credited beside what was posted before: read once at the end, so that an event costs no question. */
interface Sum {
  readonly day: string;
  readonly cap: Cap;
  /** An account, an operator, an account and a material; '': the kiosk. */
  readonly holder: string;
  /** Less what was taken back. */
  net: number;
  /** Where it came closest to its cap, or furthest beyond. */
  worst: { readonly net: number; readonly limit: number; readonly seq: number } | null;
}

export function noCredits(): Credits {
  return { sums: new Map(), dates: new Map(), odd: new Map(), rules: undefined };
}

/** Counts a credit that is being posted. */
export function countCredit(folding: Folding, event: BookEvent & { readonly kind: 'CREDIT' }): void {
  const {
    act: { db },
    kiosk,
    standing: { credits },
  } = folding;
  countDate(folding, event);
  credits.rules ??= rulesInForce(db, kiosk.kiosk);
  for (const { cap, holder, amount, limit } of partsOf(credits.rules, event)) {
    const sum = sumOf(credits, { day: dateOf(event), cap, holder });
    if (cap !== 'credit') sum.net += amount;
    const net = cap === 'credit' ? amount : sum.net;
    if (sum.worst === null || net - limit > sum.worst.net - sum.worst.limit) sum.worst = { net, limit, seq: event.seq };
  }
}

/**
 * Every date has caps of its own, and an event names its date itself: who may name any has no caps. A kiosk opens no date that it closed, and
 * none before it (db/verify-session.ts). Of one whose clock is wrong people hear so, and that is all (R6, 30).
 */
function countDate(folding: Folding, event: BookEvent & { readonly kind: 'CREDIT' }): void {
  const { dates, odd } = folding.standing.credits;
  const day = dateOf(event);
  if (!dates.has(day)) dates.set(day, oddnessOf(folding, day));
  const oddness = dates.get(day);
  if (oddness == null) return;
  const sum = odd.get(oddness) ?? { dates: new Set(), points: 0, seq: event.seq };
  odd.set(oddness, sum);
  sum.dates.add(day);
  sum.points = Math.min(amountMax, sum.points + event.amt);
  sum.seq = event.seq;
}

function oddnessOf({ act: { db, at }, kiosk: { kiosk }, inc }: Folding, day: string): Oddness | null {
  const told = prepared<[string], { first: number | null; last: number | null }>(
    db,
    'SELECT min(as_of) AS first, max(as_of) AS last FROM down_file WHERE kiosk = ?',
  ).get(kiosk)!; // an aggregate has a row
  // A day more: two clocks around midnight. The county's own may have gone back since it wrote.
  if (day > businessDate(Math.max(at, told.last ?? at) + dayMs)) return 'ahead';
  const closed = prepared<[string, number], { day: string }>(
    db,
    'SELECT day FROM closing WHERE kiosk = ? AND inc = ? ORDER BY number DESC LIMIT 1',
  ).get(kiosk, inc);
  if (closed !== undefined) return day <= closed.day ? 'closed' : null;
  return told.first !== null && day < businessDate(told.first - dayMs) ? 'early' : null;
}

/** A credit was taken back: there is as much room again on its own date, as its kiosk counts it (db/credits.ts). */
export function uncountCredit(
  { act: { db }, kiosk, standing: { credits } }: Folding,
  event: BookEvent & { readonly kind: 'CREDIT' },
): void {
  credits.rules ??= rulesInForce(db, kiosk.kiosk);
  for (const { cap, holder, amount } of partsOf(credits.rules, event))
    if (cap !== 'credit') sumOf(credits, { day: dateOf(event), cap, holder }).net -= amount;
}

/**
 * Writes down what was counted, and raises what is over a cap: of a kiosk, a date and a kind of cap one is open at a time. So is one of all
 * credits on dates that were closed, one on dates before its first, and one on dates to come.
 */
export function checkCredits(folding: Folding): void {
  const {
    act: { db },
    kiosk: { kiosk },
    raise,
    standing: { credits },
  } = folding;
  raiseDates(folding);
  const over = new Map<string, Over>();
  const sums = [...credits.sums.values()];
  for (let at = 0; at < sums.length; at += keptAtOnce) {
    const some = sums.slice(at, at + keptAtOnce);
    readAhead(db, { table: creditedRows, keys: some.map(({ day, cap, holder }) => [kiosk, day, cap, holder]) });
    for (const sum of some) {
      const { day, cap, holder, net } = sum;
      const before = rowOf(db, creditedRows, [kiosk, day, cap, holder])?.points ?? 0;
      addOver(over, sum, before);
      if (net !== 0) keepRow(db, creditedRows, { kiosk, day, cap, holder, points: Math.min(amountMax, Math.max(0, before + net)) });
    }
  }
  credits.sums.clear();
  const raised = [...over.values()].toSorted((a, b) => caps.indexOf(a.cap) - caps.indexOf(b.cap)).slice(0, raisedMax);
  for (const { day, cap, beyond, most, seq } of raised)
    if (!isOpen(db, kiosk, `${day} ${cap}: `)) raise(seq, 'over_credit_cap', `${day} ${cap}: ${beyond} beyond, ${most.text}`);
}

function raiseDates({ act: { db, at }, kiosk: { kiosk }, raise, standing: { credits } }: Folding): void {
  for (const [oddness, { dates, points, seq }] of credits.odd) {
    const days = [...dates].toSorted();
    const which = `dates ${oddness}: `;
    if (isOpen(db, kiosk, which)) continue;
    raise(seq, 'over_credit_cap', `${which}${points} on ${days.length}, ${days[0]} to ${days.at(-1)}, told on ${businessDate(at)}`);
  }
  credits.odd.clear();
  credits.dates.clear(); // a closing may come before the next
}

/** Sums that are read and written together. */
const keptAtOnce = 500;
/** Of one file: a week's dates and some. A key that signs more dates than that is told of by these. */
const raisedMax = 50;

/** All that is over one kind of cap on one date, with the one that is most so. */
interface Over {
  readonly day: string;
  readonly cap: Cap;
  readonly seq: number;
  readonly beyond: number;
  readonly most: { readonly by: number; readonly text: string };
}

function addOver(over: Map<string, Over>, { day, cap, holder, worst }: Sum, before: number): void {
  if (worst === null) return;
  const sum = before + worst.net;
  const by = sum - worst.limit; // as the desk asks before it: more than what is left of the cap
  if (by <= 0) return;
  const name = `${day} ${cap}`;
  const found = over.get(name);
  const text = `most ${sum} of ${worst.limit}${holder === '' ? '' : ` by ${holder}`}`;
  over.set(name, {
    day,
    cap,
    seq: Math.max(found?.seq ?? 0, worst.seq),
    beyond: Math.min(amountMax, (found?.beyond ?? 0) + by),
    most: found === undefined || by > found.most.by ? { by, text } : found.most,
  });
}

function isOpen(db: ReadableDatabase, kiosk: string, beginning: string): boolean {
  const row = prepared<[string, string], object>(
    db,
    `SELECT 1 FROM exception WHERE kiosk = ? AND code = 'over_credit_cap' AND detail LIKE ?
        AND ${isUnanswered} LIMIT 1`,
  ).get(kiosk, `${beginning}%`);
  return row !== undefined;
}

interface Part {
  readonly cap: Cap;
  readonly holder: string;
  readonly amount: number;
  readonly limit: number;
}

/** A credit as each cap counts it that is in force. What its lines say is believed as far as it is an amount within the credit. */
function partsOf(rules: RecyclingRules | 'none' | 'unknown', { amt, op, body }: BookEvent & { readonly kind: 'CREDIT' }): readonly Part[] {
  if (rules === 'unknown') return [];
  const part = (cap: Cap, holder: string, limit: number | null, amount = amt): readonly Part[] =>
    limit === null ? [] : [{ cap, holder, amount, limit }];
  if (rules === 'none') return part('kiosk', '', 0); // it takes nothing in
  const { accountId } = body;
  const ofMaterials = body.lines.flatMap(({ materialId, points }) => {
    const material = rules.materials.find(({ id }) => id === materialId);
    const isAmount = Number.isSafeInteger(points) && points > 0 && points <= amt;
    return material === undefined || !isAmount ? [] : part('material', `${accountId} ${material.id}`, material.dayCap, points);
  });
  return [
    ...part('credit', accountId, creditMax),
    ...ofMaterials,
    ...part('account', accountId, rules.accountDayCap),
    ...part('operator', operatorName.test(String(op)) ? String(op) : '?', rules.operatorDayCap), // a key may have signed anything as one
    ...part('kiosk', '', rules.kioskDayCap),
  ];
}

/** Anything else that a key signed as an operator is one who has no name. */
const operatorName = /^[A-Za-z0-9._-]{1,40}$/;

/** As with operators: whatever else a key signed as a date is one and the same. */
function dateOf({ day }: { readonly day: unknown }): string {
  return typeof day === 'string' && /^\d{4}-\d\d-\d\d$/.test(day) ? day : '?';
}

function sumOf({ sums }: Credits, { day, cap, holder }: Pick<Sum, 'day' | 'cap' | 'holder'>): Sum {
  const name = `${day} ${cap} ${holder}`;
  let sum = sums.get(name);
  if (sum === undefined) sums.set(name, (sum = { day, cap, holder, net: 0, worst: null }));
  return sum;
}

/**
 * The rules of the newest scheme that the kiosk has taken; 'none': its desk takes nothing in; 'unknown': it was never told a scheme. Of a
 * kiosk that has taken no file since its county began to write down which: of the newest that there is.
 */
function rulesInForce(db: ReadableDatabase, kiosk: string): Exclude<Credits['rules'], undefined> {
  const taken = prepared<[string], { entry: number }>(db, 'SELECT taken_entry AS entry FROM kiosk WHERE kiosk = ?').get(kiosk)?.entry ?? 0;
  const told = prepared<[string, string], { line: string; entry: number }>(
    db,
    `SELECT line, entry FROM master WHERE scope IN (?, ?) AND t = 'SCHEME'`,
  )
    .all(everyKiosk, kiosk)
    .map(({ line, entry }) => ({ entry, scheme: (JSON.parse(line) as Extract<MasterLine, { t: 'SCHEME' }>).scheme })); // putMaster wrote it
  const known = told.filter(({ entry }) => entry <= taken);
  const newest = (known.length === 0 ? told : known).toSorted((a, b) => b.scheme.version - a.scheme.version)[0];
  return newest === undefined ? 'unknown' : (newest.scheme.recycling ?? 'none');
}
