// Adds up what the events of a kiosk and the county's files make: balances, counters, the period that is open. Reads no table and
// trusts no sum that it did not make itself.

import { points } from './model/amounts.ts';
import { type DayFigure, newDayFigures } from './model/day-figures.ts';
import type { DownLine } from './model/down-file.ts';
import type { AccountFigures, BookEvent, Figures } from './model/event.ts';
import { accountsAfter, newFigures, perpetualAfter } from './model/figures.ts';
import {
  type Posting,
  counterStepOf,
  givenUpPostings,
  grantPostings,
  paidPostings,
  postingsOf,
  settlementPostings,
} from './model/postings.ts';
import { type SettlementWord, newsOf } from './model/settlement.ts';
import type { UpCounter } from './model/up-file.ts';
import { Lie } from './verify-lie.ts';

/** Cumulative counters of an account under the names of the files' `C` lines. */
export type Counter = Omit<UpCounter, 't' | 'a'>;

/** What an act names but does not hold. */
export interface Acts {
  readonly sale: (id: string) => (BookEvent & { readonly kind: 'SALE' }) | null;
  readonly credit: (id: string) => (BookEvent & { readonly kind: 'CREDIT' }) | null;
}

export interface FilesFold {
  /** Postings and counters of an event itself. */
  take(event: BookEvent, place: string): void;
  /** What a line of a county file does, when the event that applied it is taken; the `g` of a GRANT with the vouchers beyond it. */
  takeCounty(line: DownLine, place: string): void;
  /** After the county's lines, if any: the event is summed into its period. */
  endEvent(event: BookEvent): void;
  /** The period that an event ends; then the next one begins. */
  endPeriod(): {
    readonly figures: Figures;
    readonly accounts: AccountFigures;
    readonly perpetual: Figures;
    readonly rows: readonly DayFigure[];
  };
  /** The same without ending it. */
  report(): { readonly figures: Figures; readonly accounts: AccountFigures };
  unsettled(accountId: string): number;
  counter(accountId: string): Counter | null;
  /** Points that the county ever gave: counters g and xs of all accounts; hundredths. */
  given(): number;
  /** Points that events gave back because the county asked for them, not what a restored kiosk gave up; hundredths. */
  cameHome(): number;
  /** `esc a1 PTS` → amount, in code order; those of nothing are left out. */
  balances(): { readonly [name: string]: number };
  counters(): { readonly [accountId: string]: Counter };
}

const nothingCounted: Counter = {
  g: points(0),
  b: points(0),
  s: points(0),
  v: points(0),
  c: points(0),
  u: points(0),
  x: points(0),
  w: points(0),
  xs: points(0),
  f: points(0),
};

/** Before the first event. `acts` finds the sales and credits that later events name. */
export function newFilesFold(acts: Acts): FilesFold {
  const balances = new Map<string, number>();
  const counters = new Map<string, Counter>();
  let [given, cameHome] = [0, 0];
  const words = new Map<string, SettlementWord>();
  let moved = new Map<string, { account: Posting['account']; holder: ''; commodity: Posting['commodity']; amount: number }>();
  let closed: { accounts: AccountFigures; perpetual: Figures } = { accounts: {}, perpetual: {} };
  const linesOfCredit = (id: string) => acts.credit(id)?.body.lines ?? [];
  const goodsOfSale = (id: string) => acts.sale(id)?.body.lines.map(({ goodsId }) => goodsId) ?? [];
  const newPeriod = () => ({ figures: newFigures(linesOfCredit), days: newDayFigures({ linesOfCredit, goodsOfSale }) });
  let period = newPeriod();

  const post = ({ account, holder, commodity, amount }: Posting, place: string): void => {
    const name = `${account} ${holder} ${commodity}`;
    const balance = points((balances.get(name) ?? 0) + amount);
    if (account === 'esc' && balance < 0) throw new Lie('balances', place, `the rights of ${holder} fall below zero`);
    balances.set(name, balance);
    // the period asks for sums over all holders: a county's file moves the rights of thousands
    const total = `${account} ${commodity}`;
    const before = moved.get(total);
    if (before === undefined) moved.set(total, { account, holder: '', commodity, amount });
    else before.amount += amount;
  };
  const set = (accountId: string, change: Partial<Counter>, place: string): void => {
    const before = counters.get(accountId) ?? nothingCounted;
    const of = { ...before, ...change };
    const rights = of.g - of.b + of.c - of.u - of.s + of.v + of.f;
    const unsettled = of.x - of.w - of.xs + of.f;
    // what was roamed and is settled comes back as rights: only altogether no more comes back than went
    const isBack = of.u <= of.c && of.v + of.w <= of.s + of.x && of.w <= of.x;
    const isRight = rights >= 0 && unsettled >= 0 && isBack && of.xs <= of.x;
    if (!isRight) throw new Lie('counters', place, `account ${accountId} used more than it had, or more came back than went`);
    counters.set(accountId, of);
    given = counted(given + (of.g - before.g) + (of.xs - before.xs), place);
  };
  const of = (accountId: string): Counter => counters.get(accountId) ?? nothingCounted;

  const settle = (accountId: string, settled: number, place: string): void => {
    const before = of(accountId);
    const step = settled - before.xs;
    if (step < 0) throw new Lie('counters', place, `what is settled of ${accountId} fell`);
    if (step === 0) return;
    const overfunded = points(Math.max(0, step - (before.x - before.w - before.xs + before.f)));
    set(accountId, { xs: points(settled), f: points(before.f + overfunded) }, place);
    for (const posting of settlementPostings(accountId, points(step), overfunded)) post(posting, place);
  };
  const grant = (accountId: string, granted: number, place: string): void => {
    const step = granted - of(accountId).g;
    if (step < 0) throw new Lie('counters', place, `the rights granted to ${accountId} fell`);
    set(accountId, { g: points(granted) }, place);
    for (const posting of grantPostings(accountId, points(step))) post(posting, place);
  };
  const giveUp = (place: string): void => {
    for (const accountId of [...counters.keys()].toSorted()) {
      const held = points(balances.get(`esc ${accountId} PTS`) ?? 0);
      set(accountId, { b: points(of(accountId).b + held) }, place);
      for (const posting of givenUpPostings(accountId, held)) post(posting, place);
    }
  };
  const hear = (word: SettlementWord, place: string): void => {
    const key = `${word.inc} ${word.number} ${word.state}`;
    const news = newsOf(word, words.get(key) ?? null);
    if (news === null) return;
    words.set(key, word);
    for (const posting of paidPostings(news.paidFen)) post(posting, place);
  };
  const report = () => {
    const figures = period.figures.figures();
    return { figures, accounts: accountsAfter(closed.accounts, figures) };
  };

  return {
    take(event, place) {
      for (const posting of postingsOf(event)) post(posting, place);
      if (event.kind === 'RESTORED') giveUp(place);
      if (event.kind === 'RIGHTS_RETURNED') cameHome = counted(cameHome + event.amt, place);
      const step = counterStepOf(event);
      if (step === null) return;
      const { accountId, spent, unspent, credited, uncredited, roamed, unroamed, returned, granted } = step;
      const { g, b, s, v, c, u, x, w } = of(accountId);
      const moves = [spent, unspent, credited, uncredited, roamed, unroamed, returned, granted];
      if (moves.some((each) => each < 0)) throw new Lie('counters', place, 'a counter falls');
      const change = {
        g: points(g + granted),
        b: points(b + returned),
        s: points(s + spent),
        v: points(v + unspent),
        c: points(c + credited),
        u: points(u + uncredited),
        x: points(x + roamed),
        w: points(w + unroamed),
      };
      set(accountId, change, place);
    },
    takeCounty(line, place) {
      if (line.t === 'GRANT') grant(line.a, line.g, place);
      else if (line.t === 'ROAM') settle(line.a, line.xs, place);
      else if (line.t === 'SETTLEMENT') {
        const { t: _, inc = 1, ...word } = line;
        hear({ inc, ...word }, place);
      }
    },
    endEvent(event) {
      period.figures.add({ event, postings: [...moved.values()] });
      period.days.add(event);
      moved = new Map();
    },
    report,
    endPeriod() {
      const { figures, accounts } = report();
      const perpetual = perpetualAfter(closed.perpetual, figures);
      const rows = period.days.rows();
      closed = { accounts, perpetual };
      period = newPeriod();
      return { figures, accounts, perpetual, rows };
    },
    unsettled(accountId) {
      const { x, w, xs, f } = of(accountId);
      return x - w - xs + f;
    },
    counter: (accountId) => counters.get(accountId) ?? null,
    given: () => given,
    cameHome: () => cameHome,
    balances: () => sorted([...balances].filter(([, amount]) => amount !== 0)),
    counters: () => sorted([...counters]),
  };
}

/** Sums over all accounts, which no county of ours comes to: a key may have signed any number. */
function counted(sum: number, place: string): number {
  if (!Number.isSafeInteger(sum)) throw new Lie('counters', place, 'is beyond counting');
  return sum;
}

function sorted<Value>(entries: readonly (readonly [string, Value])[]): { readonly [name: string]: Value } {
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
