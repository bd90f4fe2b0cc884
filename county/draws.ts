// Draws over the network (reconciliation.md R3, "online if reachable"): a voucher of what lies unallocated, and where that is not enough,
// of what the shop that holds the rest gives back when it is called. Gives nothing that would not be there without the network.

import { join } from 'node:path';
import { type Result, fail } from '../db/model/result.ts';
import { type ReadableDatabase, prepared } from '../db/sqlite.ts';
import type { CountyAct, CountyBook } from './book/county-book.ts';
import { askForUse, countersAt, givenTo, homeOf } from './book/rights.ts';
import {
  type IssuedVoucher,
  type Question,
  type UnheardDraw,
  type VoucherRefusal,
  answerDraw,
  heardDraw,
  missingFor,
} from './book/vouchers.ts';
import { publishDownFile } from './down-writer.ts';
import { askedInARow, askingFile } from './night.ts';

export type DrawRefusal =
  | VoucherRefusal
  | UnheardDraw
  /** The rights lie at shops that cannot be called now, or at such as hold too little to be called for it. */
  | 'elsewhere'
  /** The shop that holds them was called, and its answer is not here yet: what comes lies ready for the next question. */
  | 'late'
  /** More was fetched since last night than a shop may ask for, or be asked for. */
  | 'too_often';

/** Questions of kiosks over the network. The same question again has the same voucher, and moves nothing. */
export interface Draws {
  ask(of: { readonly question: Question; readonly signature: Uint8Array }): Promise<Result<IssuedVoucher, DrawRefusal>>;
}

/** Whom the county can call now (server/presence.ts). */
export interface Callable {
  canBeCalled(kiosk: string): boolean;
  ask(kiosks: readonly string[]): void;
  /** True: a file of the kiosk was taken in; false: the time is over, or the server ends. */
  nextFile(kiosk: string, withinMs: number): Promise<boolean>;
}

export interface FetchLimits {
  /** How long a till is kept waiting for another shop; it gives up two seconds later. */
  readonly deadlineMs: number;
  /** Files between two nights that only ask one kiosk: each is a file down and one up that are kept for ever. */
  readonly asksOfKiosk: number;
  /** Fetches for one kiosk between two nights: what a stolen key could draw together is so many times what one sale takes (vouchers.ts). */
  readonly fetchesForKiosk: number;
  /** As many of these from one and the same kiosk: two bad ones do not use up what one home may be asked. */
  readonly fetchesFromOne: number;
  /** How long a kiosk that was called and did not answer is not called for anything new: no till waits for it meanwhile. */
  readonly silentMs: number;
}
const usualLimits: FetchLimits = {
  deadlineMs: 6_000,
  asksOfKiosk: 100,
  fetchesForKiosk: 60,
  fetchesFromOne: 30,
  silentMs: 5 * 60_000,
};
/** Fetches going on at one time. */
const fetchingMax = 100;
/** Shops' unanswered files that are known without a question; of others a new one is made. */
const unansweredMax = 1_000;

/** A shop that was asked for rights and has not answered. */
interface Asked {
  readonly source: string;
  readonly account: string;
  readonly b: number;
}

type Begun =
  | { readonly kind: 'answered'; readonly answer: Result<IssuedVoucher, DrawRefusal> }
  /** `downSeq`: the file that asks; null: one that was made before does. */
  | { readonly kind: 'asked'; readonly asked: Asked; readonly downSeq: number | null };

export function newDraws(
  book: CountyBook,
  of: { readonly callable: Callable; readonly monoMs: () => number; readonly limits?: Partial<FetchLimits> },
): Draws {
  const { callable, monoMs } = of;
  const limits = { ...usualLimits, ...of.limits };
  const turns = new Map<string, Promise<unknown>>(); // by account: two tills that draw at once are served one after the other
  const unanswered = new Map<string, Asked>(); // by source and account
  const silent = new Map<string, { readonly asked: Asked; readonly sinceMs: number }>(); // by who was called
  let fetching = 0;

  const remember = (asked: Asked): void => {
    const [oldest] = unanswered.keys();
    if (oldest !== undefined && unanswered.size >= unansweredMax) unanswered.delete(oldest);
    unanswered.set(keyOf({ kiosk: asked.source, account: asked.account }), asked);
  };

  const mayFetchFor = (db: ReadableDatabase, kiosk: string, source: string): boolean => {
    const { inAll, fromOne } = fetchesSinceNight(db, kiosk, source);
    return fetching < fetchingMax && inAll < limits.fetchesForKiosk && fromOne < limits.fetchesFromOne;
  };

  /** It was called lately and its answer is not here. */
  const isSilent = (db: ReadableDatabase, kiosk: string): boolean => {
    const since = silent.get(kiosk);
    if (since === undefined) return false;
    if (monoMs() - since.sinceMs < limits.silentMs && !isAnswered(db, since.asked)) return true;
    silent.delete(kiosk);
    return false;
  };

  /** An earlier question that asks this holder for as much and is not answered; null: it is to be asked. */
  const askedBefore = (db: ReadableDatabase, { holder, account, missing }: Wanted): Asked | null => {
    const at = { kiosk: holder.kiosk, account };
    const before = unanswered.get(keyOf(at));
    const wanted = countersAt(db, at).b + Math.min(missing, holder.amount);
    return before !== undefined && before.b >= wanted && !isAnswered(db, before) ? before : null;
  };

  const begin = async (act: CountyAct, of: Parameters<Draws['ask']>[0], isLate: boolean): Promise<Begun> => {
    const { question } = of;
    const { db } = act;
    const answered = (answer: Result<IssuedVoucher, DrawRefusal>): Begun => ({ kind: 'answered', answer });
    const heard = heardDraw(book, db, of);
    if (heard !== null) return answered(heard);
    const missing = missingFor(db, question);
    if (!missing.ok) return answered(missing);
    const holders = missing.value === 0 ? [] : holdersOf(db, question);
    const { account } = question;
    // who presses again waits for the same answer; for another, nobody waits where this one did not come
    const mayAsk = (each: Holder): boolean =>
      callable.canBeCalled(each.kiosk) &&
      (!isSilent(db, each.kiosk) || askedBefore(db, { holder: each, account, missing: missing.value }) !== null);
    const holder = isLate ? undefined : worthACall(holders, missing.value).find(mayAsk);
    const withoutFetch = (why: DrawRefusal): Begun => {
      const answer = answerDraw(book, act, question);
      return answered(!answer.ok && answer.code === 'nothing' && holders.length > 0 ? fail(why) : answer);
    };
    if (holder === undefined) return withoutFetch(isLate ? 'late' : 'elsewhere');
    const before = askedBefore(db, { holder, account, missing: missing.value });
    if (before !== null) return { kind: 'asked', asked: before, downSeq: null };
    const at = { kiosk: holder.kiosk, account };
    const amount = Math.min(missing.value, holder.amount);
    const inARow = askedInARow(db, at.kiosk);
    if (inARow === null) return withoutFetch('elsewhere');
    if (inARow >= limits.asksOfKiosk || !mayFetchFor(db, question.kiosk, at.kiosk)) return withoutFetch('too_often');
    const entry = act.enter('fetch', `${at.kiosk} ${at.account} for ${question.kiosk}`);
    prepared(db, 'INSERT INTO fetched (entry, kiosk, source, account) VALUES (?, ?, ?, ?)').run(entry, question.kiosk, at.kiosk, account);
    const b = askForUse(act, at, { amount, entry });
    const downSeq = await askingFile(book, act, { ...at, b, entry });
    return { kind: 'asked', asked: { source: at.kiosk, account: at.account, b }, downSeq };
  };

  /** Waits for the answer of the shop that was asked, until the deadline. */
  const waitFor = async (asked: Asked, untilMs: number): Promise<boolean> => {
    for (let isOver = false; ;) {
      const next = callable.nextFile(asked.source, untilMs - monoMs()); // before it is looked: no file is missed
      if (await book.read((db) => isAnswered(db, asked))) return true;
      if (isOver) return false;
      callable.ask([asked.source]); // again after each file: it may have been on its way before
      isOver = !(await next) || monoMs() >= untilMs;
    }
  };

  const draw = async (of: Parameters<Draws['ask']>[0], untilMs: number): Promise<Result<IssuedVoucher, DrawRefusal>> => {
    const begun = await book.transact((act) => begin(act, of, monoMs() >= untilMs));
    if (begun.kind === 'answered') return begun.answer;
    const { asked, downSeq } = begun;
    if (downSeq !== null) publishDownFile(join(book.folder.down, asked.source), downSeq);
    remember(asked);
    fetching += 1;
    const isThere = await waitFor(asked, untilMs).finally(() => {
      fetching -= 1;
    });
    if (isThere) unanswered.delete(keyOf({ kiosk: asked.source, account: asked.account }));
    else silent.set(asked.source, { asked, sinceMs: monoMs() });
    return book.transact((act) => {
      const heard = heardDraw(book, act.db, of);
      if (heard !== null) return heard;
      const answer = answerDraw(book, act, of.question);
      return !answer.ok && answer.code === 'nothing' && !isThere ? fail('late') : answer;
    });
  };

  return {
    ask(of) {
      const untilMs = monoMs() + limits.deadlineMs;
      const { account } = of.question;
      const turn = (turns.get(account) ?? Promise.resolve()).then(() => draw(of, untilMs));
      const last = turn
        .catch(() => undefined) // told to who asked; the next has its turn all the same
        .finally(() => {
          if (turns.get(account) === last) turns.delete(account);
        });
      turns.set(account, last);
      return turn;
    },
  };
}

function keyOf({ kiosk, account }: { readonly kiosk: string; readonly account: string }): string {
  return `${kiosk} ${account}`;
}

/**
 * How often a kiosk had others asked since a night told it something last, and how often this one. In the book: a restart forgets nothing,
 * and no clock is believed.
 */
function fetchesSinceNight(db: ReadableDatabase, kiosk: string, source: string): { readonly inAll: number; readonly fromOne: number } {
  return prepared<[string, string], { inAll: number; fromOne: number }>(
    db,
    `SELECT count(*) AS "inAll", coalesce(sum(CASE WHEN source = ? THEN 1 ELSE 0 END), 0) AS "fromOne" FROM fetched
      WHERE kiosk = ? AND entry > (SELECT told_entry FROM kiosk WHERE kiosk.kiosk = fetched.kiosk)`,
  ).get(source, kiosk)!; // an aggregate has a row
}

interface Holder {
  readonly kiosk: string;
  readonly amount: number;
  readonly isHome: boolean;
}

interface Wanted {
  readonly holder: Holder;
  readonly account: string;
  /** Hundredths of a point. */
  readonly missing: number;
}

/** Who holds rights of an account beside the kiosk that asks: its home first, then who holds most. */
function holdersOf(db: ReadableDatabase, { kiosk, account }: Question): readonly Holder[] {
  const home = homeOf(db, account);
  return prepared<[string, string, string], Omit<Holder, 'isHome'>>(
    db,
    `SELECT kiosk, amount FROM balance WHERE account = 'esc' AND commodity = 'PTS' AND holder = ? AND kiosk <> ? AND amount > 0
      ORDER BY CASE WHEN kiosk = ? THEN 0 ELSE 1 END, amount DESC, kiosk`,
  )
    .all(account, kiosk, home)
    .map((each) => ({ ...each, isHome: each.kiosk === home }));
}

/**
 * Whom to call, in order. Any shop can credit every account a hundredth of a point, and a till waits for whoever is called: another shop
 * than the home is called only where it holds at least half of what calls could bring, so that who wants to keep the tills waiting pays
 * as much as they take. A home is called for whatever it holds: it can harm none but its own residents.
 */
function worthACall(holders: readonly Holder[], missing: number): readonly Holder[] {
  const all = holders.reduce((sum, { amount }) => sum + amount, 0);
  return holders.filter(({ amount, isHome }) => isHome || amount * 2 >= Math.min(missing, all));
}

/** Whether the shop gave what it was asked for, or all it had. */
function isAnswered(db: ReadableDatabase, { source, account, b }: Asked): boolean {
  const at = { kiosk: source, account };
  return givenTo(db, at).asked === null || countersAt(db, at).b >= b;
}
