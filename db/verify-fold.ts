// Adds up the postings and counters that the events make, and compares them with the tables row for row. Trusts no sum
// that it did not make itself.

import { type Points, points } from './model/amounts.ts';
import type { BookEvent } from './model/event.ts';
import { type Commodity, type CounterStep, type Posting, givenUpPostings } from './model/postings.ts';
import type { ReadableDatabase } from './sqlite.ts';
import { Lie, counted, rowsOf } from './verify-lie.ts';

/** The cumulative counters of one account (reconciliation.md R3). */
interface CounterFold {
  granted: number;
  returned: number;
  spent: number;
  credited: number;
  uncredited: number;
  roamed: number;
  roamedSettled: number;
  /** What returns gave back of what was spent and roamed, and what the county settled although it had come back. */
  unspent: number;
  unroamed: number;
  overfunded: number;
}

export interface Fold {
  /** One posting that event `seq` makes: must be the next row of the table. */
  post(seq: number, posting: Posting): void;
  /** How far an event of this kiosk moves the counters of an account, after its postings. */
  step(step: CounterStep, place: string): void;
  /** Sets G, the rights granted so far, vouchers among them. Returns how far it rose. */
  grant(accountId: string, granted: Points, place: string): Points;
  /** Sets Xs, the roaming settled so far. Returns how far it rose, and how much of that had come back before. */
  settle(accountId: string, settled: Points, place: string): { readonly step: Points; readonly overfunded: Points };
  /** A restored kiosk gave up every right it had: its postings are the next rows, and B rises by as much. */
  giveUp(seq: number, place: string): void;
  /** X − W − Xs + F of an account, and over all accounts. */
  unsettled(accountId: string): { readonly account: number; readonly kiosk: number };
  /** Rights that an account holds here. */
  rights(accountId: string): number;
  /** Fen in the drawer. */
  drawer(): number;
  /** What the event before endEvent moved so far, added up by account: a county's file moves the rights of thousands. */
  moved(): readonly Posting[];
  /** Sum over all holders of an account, named as in figures.ts: `esc/PTS`. */
  total(name: string): number;
  totalNames(): readonly string[];
  /** After the last posting of an event: it summed to zero and the table has no more of it. */
  endEvent(event: BookEvent): void;
  end(): void;
  close(): void;
  postings(): number;
  readonly balances: ReadonlyMap<string, number>;
  readonly counters: ReadonlyMap<string, Readonly<CounterFold>>;
}

const nothingCounted: Readonly<CounterFold> = {
  granted: 0,
  returned: 0,
  spent: 0,
  credited: 0,
  uncredited: 0,
  roamed: 0,
  roamedSettled: 0,
  unspent: 0,
  unroamed: 0,
  overfunded: 0,
};

function unsettledOf({ roamed, unroamed, roamedSettled, overfunded }: Readonly<CounterFold>): number {
  return roamed - unroamed - roamedSettled + overfunded;
}

interface PostingRow extends Posting {
  readonly seq: number;
  readonly n: number;
}

/** An empty fold over the posting table of `db`. */
export function newFold(db: ReadableDatabase): Fold {
  const rows = rowsOf<PostingRow>(db, 'SELECT seq, n, account, holder, commodity, amount FROM posting ORDER BY seq, n');
  const balances = new Map<string, number>();
  const counters = new Map<string, CounterFold>();
  let sums: Record<Commodity, number> = { PTS: 0, CNY: 0 };
  const totals = new Map<string, number>();
  let moved: { account: Posting['account']; holder: ''; commodity: Commodity; amount: number }[] = [];
  let n = 0;
  let postings = 0;
  let roaming = 0;
  let row = rows.next();

  const counter = (accountId: string): CounterFold => {
    const found = counters.get(accountId);
    if (found !== undefined) return found;
    const made = { ...nothingCounted };
    counters.set(accountId, made);
    return made;
  };
  const rise = (before: number, after: number, what: string, place: string): Points => {
    if (after < before) throw new Lie('counters', place, `${what} fell`);
    return points(after - before);
  };
  const check = (accountId: string, place: string): void => {
    const of = counter(accountId);
    const { granted, returned, spent, unspent, credited, uncredited, roamed, unroamed, roamedSettled, overfunded } = of;
    if (uncredited > credited) throw new Lie('counters', place, `more was taken back from account ${accountId} than was credited`);
    if (unspent + unroamed > spent + roamed) throw new Lie('counters', place, `more came back to account ${accountId} than it spent`);
    if (granted - returned + credited - uncredited - spent + unspent + overfunded < 0)
      throw new Lie('counters', place, `account ${accountId} spent rights it had not`);
    if (roamed < roamedSettled) throw new Lie('counters', place, `more is settled of account ${accountId} than it spent`);
    if (unsettledOf(of) < 0) throw new Lie('counters', place, `more roaming came back to account ${accountId} than was not settled`);
  };

  const rights = (accountId: string): Points => points(balances.get(balanceKey('esc', accountId, 'PTS')) ?? 0);
  const post = (seq: number, posting: Posting): void => {
    const { account, holder, commodity, amount } = posting;
    const same =
      row !== null &&
      row.seq === seq &&
      row.n === n &&
      row.account === account &&
      row.holder === holder &&
      row.commodity === commodity &&
      row.amount === amount;
    if (!same) throw new Lie('postings', placeOf(seq, n), `should say ${account} ${holder} ${amount} ${commodity}`);
    const key = balanceKey(account, holder, commodity);
    const balance = points((balances.get(key) ?? 0) + amount);
    if (account === 'esc' && balance < 0) throw new Lie('balances', placeOf(seq, n), `rights of ${holder} fall below zero`);
    balances.set(key, balance);
    const name = `${account}/${commodity}`;
    totals.set(name, points((totals.get(name) ?? 0) + amount));
    const known = moved.find((each) => each.account === account && each.commodity === commodity);
    if (known === undefined) moved.push({ account, holder: '', commodity, amount });
    else known.amount += amount;
    sums[commodity] = points(sums[commodity] + amount);
    n += 1;
    postings += 1;
    row = rows.next();
  };

  return {
    balances,
    counters,
    postings: () => postings,
    post,
    step(step, place) {
      const of = counter(step.accountId);
      for (const name of ['spent', 'roamed', 'credited', 'uncredited', 'unspent', 'unroamed', 'returned', 'granted'] as const) {
        if (step[name] < 0) throw new Lie('counters', place, `${name} falls`);
        of[name] = points(of[name] + step[name]);
      }
      roaming += step.roamed - step.unroamed;
      check(step.accountId, place);
    },
    grant(accountId, granted, place) {
      const of = counter(accountId);
      const step = rise(of.granted, granted, `the rights of ${accountId}`, place);
      of.granted = granted;
      check(accountId, place);
      return step;
    },
    settle(accountId, settled, place) {
      const before = counters.get(accountId) ?? nothingCounted;
      const step = rise(before.roamedSettled, settled, `what is settled of ${accountId}`, place);
      const overfunded = points(Math.max(0, step - unsettledOf(before)));
      if (step === 0) return { step, overfunded };
      const of = counter(accountId);
      of.roamedSettled = settled;
      of.overfunded = points(of.overfunded + overfunded);
      roaming -= step - overfunded;
      check(accountId, place);
      return { step, overfunded };
    },
    giveUp(seq, place) {
      for (const accountId of [...counters.keys()].toSorted()) {
        const held = rights(accountId);
        if (held === 0) continue;
        for (const posting of givenUpPostings(accountId, held)) post(seq, posting);
        const of = counter(accountId);
        of.returned = points(of.returned + held);
        check(accountId, place);
      }
    },
    unsettled(accountId) {
      const of = counters.get(accountId);
      return { account: of === undefined ? 0 : unsettledOf(of), kiosk: roaming };
    },
    rights,
    drawer: () => balances.get(drawerKey) ?? 0,
    moved: () => moved,
    total: (name) => totals.get(name) ?? 0,
    totalNames: () => [...totals.keys()],
    endEvent(event) {
      for (const commodity of ['PTS', 'CNY'] as const)
        if (sums[commodity] !== 0) throw new Lie('postings', `event ${event.seq}`, `does not sum to zero in ${commodity}`);
      if (row !== null && row.seq <= event.seq) throw new Lie('postings', placeOf(row.seq, row.n), 'is of no act of its event');
      sums = { PTS: 0, CNY: 0 };
      moved = [];
      n = 0;
    },
    end() {
      if (row !== null) throw new Lie('postings', placeOf(row.seq, row.n), 'is of no event in the chain');
    },
    close: () => rows.close(),
  };
}

/** The table of balances is the sum of the postings, no row more and none less. */
export function compareBalances(db: ReadableDatabase, fold: Fold): string {
  const rows = db.prepare<[], Posting>('SELECT account, holder, commodity, amount FROM balance').iterate();
  let count = 0;
  for (const row of rows) {
    count += 1;
    const sum = fold.balances.get(balanceKey(row.account, row.holder, row.commodity));
    if (sum !== row.amount)
      throw new Lie(
        'balances',
        `table balance, ${row.account} ${row.holder} ${row.commodity}`,
        `says ${row.amount}, its postings sum to ${sum ?? 'nothing'}`,
      );
  }
  if (count !== fold.balances.size)
    throw new Lie('balances', 'table balance', `has ${count} rows, the postings make ${fold.balances.size}`);
  return `${counted(count, 'row')}, each the sum of its postings; no rights below zero at any event`;
}

/** The table of counters is the fold, no row more and none less. */
export function compareCounters(db: ReadableDatabase, fold: Fold): string {
  const rows = db
    .prepare<[], CounterFold & { readonly accountId: string }>(
      `SELECT account_id AS accountId, granted, returned, spent, unspent, credited, uncredited, roamed, unroamed,
        roamed_settled AS roamedSettled, overfunded FROM counter`,
    )
    .iterate();
  let count = 0;
  for (const row of rows) {
    count += 1;
    const { accountId, ...found } = row;
    const sums = fold.counters.get(accountId);
    for (const name of Object.keys(found) as (keyof CounterFold)[])
      // the members of a literal type
      if (found[name] !== sums?.[name])
        throw new Lie(
          'counters',
          `table counter, ${accountId}, ${name}`,
          `says ${found[name]}, the events make ${sums?.[name] ?? 'nothing'}`,
        );
  }
  if (count !== fold.counters.size) throw new Lie('counters', 'table counter', `has ${count} rows, the events make ${fold.counters.size}`);
  return `${counted(count, 'account')}, each what grants, vouchers, sales, credits, returns and settlements make; none ever fell`;
}

/** Account codes and commodities hold no space, account ids neither (model/down-file.ts). */
function balanceKey(account: string, holder: string, commodity: string): string {
  return `${account} ${holder} ${commodity}`;
}

const drawerKey = balanceKey('cash/drawer', '', 'CNY');

function placeOf(seq: number, n: number): string {
  return `table posting, event ${seq}, row ${n}`;
}
