// The auditor: knows what truly happened at every kiosk and what the county truly signed, and checks the invariants of reconciliation.md R6
// and the theorem of R3 after every step. Folds events by its own lines: it shares no rule with what it checks.

import { createHash } from 'node:crypto';
import { type ReadableDatabase, prepared } from '../../db/sqlite.ts';
import type { DownLine } from '../../db/model/down-file.ts';
import type { BookEvent } from '../../db/model/event.ts';

/** An invariant that did not hold. Its number is that of R6; 0: the theorem of R3. */
export class Violation extends Error {
  readonly invariant: number;
  constructor(invariant: number, what: string) {
    super(`invariant ${invariant}: ${what}`);
    this.invariant = invariant;
  }
}

/** An account's counters at a kiosk, as R3 names them. */
interface Counted {
  g: number;
  b: number;
  s: number;
  v: number;
  c: number;
  u: number;
  x: number;
  w: number;
  xs: number;
  f: number;
}

const letters = ['g', 'b', 's', 'v', 'c', 'u', 'x', 'w', 'xs', 'f'] as const;
const columns = `granted AS g, returned AS b, spent AS s, unspent AS v, credited AS c, uncredited AS u, roamed AS x, unroamed AS w,
  roamed_settled AS xs, overfunded AS f`;

/** Leaves, counters: what one log came to, up to its newest event. */
interface Folded {
  readonly counters: Map<string, Counted>;
  /** Each `inc/seq/leaf` that ever was; `inc/seq` of the county's. */
  readonly leaves: Set<string>;
  seq: number;
  inc: number;
  leaf: string;
  /** Newest file of the county in it. */
  downSeq: number;
  /** Vouchers that were taken and are in no G of a file yet: account and number to amount. */
  readonly vouchers: Map<string, Map<number, number>>;
}

/** What the county signed, as the auditor saw it. */
interface Signed {
  linesOf(kiosk: string, downSeq: number, sha256: string): readonly DownLine[];
  voucherOf(kiosk: string, account: string, number: number): number | undefined;
}

interface Row {
  readonly seq: number;
  readonly line: string;
  readonly leaf: string;
}

export interface Bounds {
  /** m. */
  readonly lines: number;
  /** c. */
  readonly cap: number;
  /** G_k. */
  readonly kioskCap: number;
}

/** The largest that was seen of each: against the bounds, for the report. */
export interface Peaks {
  /** Largest overspend of one account, and of all accounts together, hundredths of a point. */
  overspend: number;
  countyOverspend: number;
  /** Largest unsettled roaming of an account over all kiosks, and of one kiosk over all accounts. */
  unsettled: number;
  kioskUnsettled: number;
}

export interface Auditor {
  readonly peaks: Peaks;
  awarded(account: string, points: number): void;
  /** The county signed a file for a kiosk. */
  signed(kiosk: string, downSeq: number, sha256: string, lines: readonly DownLine[]): void;
  /** After a step of a kiosk, with its book open. */
  lookAtKiosk(kiosk: string, db: ReadableDatabase): void;
  /** After the county took something in, or had its night. */
  lookAtCounty(db: ReadableDatabase): void;
  /** The county gave a voucher. */
  issued(kiosk: string, voucher: { readonly account: string; readonly number: number; readonly amount: number }): void;
  /** A kiosk's disk is now one of earlier, its book open: what it did since is lost to it, and stays true. */
  rolledBack(kiosk: string, db: ReadableDatabase): void;
  /** At the end, when everything was exchanged: both sides say the same of a kiosk. */
  atRest(kiosk: string, db: ReadableDatabase): void;
  /** What an account could still spend if it were everywhere at once. */
  balance(account: string): number;
  readonly events: () => number;
}

export function auditor(of: {
  readonly kiosks: readonly string[];
  readonly first: ReadonlyMap<string, readonly DownLine[]>;
  readonly awarded: ReadonlyMap<string, number>;
  readonly bounds: Bounds;
  /** Looks at nothing but what was spent and earned: whether the theorem alone sees a bug. */
  readonly isBlind?: boolean;
}): Auditor {
  const { bounds, isBlind = false } = of;
  const given = new Map(of.awarded);
  const kiosks = new Map(of.kiosks.map((kiosk) => [kiosk, nothingFolded()]));
  const posted = new Map(of.kiosks.map((kiosk) => [kiosk, nothingFolded()]));
  const files = new Map<string, readonly DownLine[]>();
  /** Of kiosks that were put back: each event that the county posted, by `inc/seq`. */
  const bodies = new Map<string, Map<string, Row>>(of.kiosks.map((kiosk) => [kiosk, new Map<string, Row>()]));
  /**
   * Spent less what came back, and credited, in events that a rollback took from a kiosk's book: true all the same. Spent may be negative:
   * goods that came back since of a sale from before.
   */
  const lost = new Map<string, number>();
  const lostCredits = new Map<string, number>();
  /** What a rollback lets an account spend again: what it had spent since, and what it had given back (R8, 3). */
  const again = new Map<string, number>();
  const rolled = new Set<string>();
  const peaks: Peaks = { overspend: 0, countyOverspend: 0, unsettled: 0, kioskUnsettled: 0 };
  let countyEntry = 0;
  let events = 0;

  const vouchers = new Map<string, number>();
  const signed: Signed = {
    linesOf(kiosk, downSeq, sha256) {
      if (downSeq === 1) return of.first.get(kiosk) ?? [];
      const lines = files.get(`${kiosk}/${downSeq}/${sha256}`);
      if (lines === undefined) throw new Violation(10, `${kiosk} applied file ${downSeq} that the county never signed`);
      return lines;
    },
    voucherOf: (kiosk, account, number) => vouchers.get(`${kiosk}/${account}/${number}`),
  };

  const sum = (of_: (counted: Counted) => number, account: string): number =>
    [...kiosks.values()].reduce((total, { counters }) => total + of_(counters.get(account) ?? nothingCounted()), 0);
  const spent = (account: string): number => sum(({ s, v, x, w }) => s - v + x - w, account) + (lost.get(account) ?? 0);
  const earned = (account: string): number =>
    (given.get(account) ?? 0) + (lostCredits.get(account) ?? 0) + sum(({ c, u }) => c - u, account);

  /** All that is known of an account, for people. */
  const story = (account: string): string =>
    JSON.stringify({
      given: given.get(account),
      lost: lost.get(account) ?? 0,
      lostCredits: lostCredits.get(account) ?? 0,
      again: again.get(account) ?? 0,
      ...Object.fromEntries([...kiosks].map(([kiosk, { counters }]) => [kiosk, counters.get(account)])),
    });

  const checkBounds = (): void => {
    let county = 0;
    for (const account of given.keys()) {
      const over = spent(account) - earned(account);
      const unsettled = sum(unsettledOf, account);
      const excuse = again.get(account) ?? 0;
      peaks.overspend = Math.max(peaks.overspend, over - excuse);
      peaks.unsettled = Math.max(peaks.unsettled, unsettled);
      county += Math.max(0, over - excuse);
      if (over > unsettled + excuse)
        throw new Violation(0, `${account} spent ${over} more than it had, and ${unsettled} is unsettled: ${story(account)}`);
      if (unsettled > bounds.lines * bounds.cap + excuse)
        throw new Violation(12, `${account} has ${unsettled} unsettled, over ${bounds.lines} lines of ${bounds.cap}`);
    }
    peaks.countyOverspend = Math.max(peaks.countyOverspend, county);
  };

  return {
    peaks,
    events: () => events,
    balance: (account) => earned(account) - spent(account),
    awarded(account, points) {
      given.set(account, (given.get(account) ?? 0) + points);
    },
    signed(kiosk, downSeq, sha256, lines) {
      files.set(`${kiosk}/${downSeq}/${sha256}`, lines);
    },
    issued(kiosk, { account, number, amount }) {
      vouchers.set(`${kiosk}/${account}/${number}`, amount);
    },
    lookAtKiosk(kiosk, db) {
      const truth = kiosks.get(kiosk)!; // of this county
      const rows = prepared<[number], { seq: number; line: string; leaf: Buffer }>(
        db,
        'SELECT seq, line, leaf FROM event WHERE seq > ? ORDER BY seq',
      ).all(truth.seq);
      const head = prepared<[number], { leaf: Buffer }>(db, 'SELECT leaf FROM event WHERE seq = ?').get(truth.seq);
      if (truth.seq > 0 && head?.leaf.toString('base64url') !== truth.leaf)
        throw new Violation(4, `${kiosk} has another event ${truth.seq} than it had`);
      for (const { seq, line, leaf } of rows) {
        foldInto(truth, kiosk, { seq, line, leaf: leaf.toString('base64url') }, signed);
        events += 1;
      }
      checkKiosk(kiosk, db, truth, bounds, peaks);
      checkBounds();
    },
    lookAtCounty(db) {
      const rows = prepared<[number], { entry: number; kiosk: string; seq: number; line: string; leaf: Buffer }>(
        db,
        'SELECT entry, kiosk, seq, line, leaf FROM event WHERE entry > ? ORDER BY entry',
      ).all(countyEntry);
      for (const { entry, kiosk, seq, line, leaf } of rows) {
        const own = kiosks.get(kiosk);
        const at = posted.get(kiosk);
        if (own === undefined || at === undefined) throw new Violation(17, `${kiosk} is no kiosk`);
        const event = JSON.parse(line) as BookEvent; // checked below to be the kiosk's own line
        const name = `${event.inc}/${seq}`;
        const row = { seq, line, leaf: leaf.toString('base64url') };
        if (!own.leaves.has(`${name}/${row.leaf}`)) throw new Violation(17, `${kiosk} never had the event ${name} that the county posted`);
        const known = bodies.get(kiosk)!; // as posted
        if (known.has(name)) throw new Violation(18, `${kiosk}: event ${name} is posted twice`);
        known.set(name, row);
        if (event.kind === 'RESTORED') posted.set(kiosk, foldChain(kiosk, known, row, signed));
        else if (event.inc >= at.inc) foldInto(at, kiosk, row, signed); // else a late file of an incarnation that ended
        countyEntry = entry;
      }
      if (!isBlind) checkCounty(db, { posted, given, rolled });
    },
    rolledBack(kiosk, db) {
      const before = kiosks.get(kiosk)!; // of this county
      const kept = nothingFolded();
      for (const leaf of before.leaves) kept.leaves.add(leaf);
      rolled.add(kiosk);
      kiosks.set(kiosk, kept);
      const rows = prepared<[], { seq: number; line: string; leaf: Buffer }>(db, 'SELECT seq, line, leaf FROM event ORDER BY seq').all();
      const fold = ({ seq, line, leaf }: (typeof rows)[number]): void =>
        foldInto(kept, kiosk, { seq, line, leaf: leaf.toString('base64url') }, signed);
      const known = rows.findIndex(({ line, leaf }) => {
        const { inc, seq } = JSON.parse(line) as BookEvent;
        return !before.leaves.has(`${inc}/${seq}/${leaf.toString('base64url')}`);
      });
      const news = rows.splice(known === -1 ? rows.length : known);
      for (const row of rows) fold(row);
      for (const [account, { s, v, x, w, c, u, b }] of before.counters) {
        const now = kept.counters.get(account) ?? nothingCounted();
        const add = (to: Map<string, number>, points: number): void => void to.set(account, (to.get(account) ?? 0) + points);
        add(lost, s - v + x - w - (now.s - now.v + now.x - now.w));
        add(lostCredits, c - u - now.c + now.u);
        add(again, s + x + b - now.s - now.x - now.b);
      }
      for (const row of news) fold(row); // where it is a restoration, it gives up every right
    },
    atRest(kiosk, db) {
      const own = kiosks.get(kiosk)!; // of this county
      const at = posted.get(kiosk)!;
      if (rolled.has(kiosk)) return;
      if (own.seq !== at.seq) throw new Violation(23, `${kiosk} is at event ${own.seq}, the county has it to ${at.seq}`);
      for (const [account, counted] of own.counters) {
        const row = prepared<[string, string], Counted>(
          db,
          `SELECT g, b, s, v, c, u, x, w, xs, f FROM counter WHERE kiosk = ? AND account = ? ORDER BY inc DESC LIMIT 1`,
        ).get(kiosk, account);
        for (const letter of letters)
          if (counted[letter] !== (row?.[letter] ?? 0))
            throw new Violation(23, `${kiosk} ${account}: ${letter} is ${counted[letter]} here and ${row?.[letter] ?? 0} in the county`);
      }
    },
  };
}

/** What an incarnation came to that goes on from another: as posted, from the first event of all. */
function foldChain(kiosk: string, known: ReadonlyMap<string, Row>, restored: Row, signed: Signed): Folded {
  const rows: Row[] = [];
  for (let at: Row | undefined = restored; at !== undefined;) {
    rows.push(at);
    const event = JSON.parse(at.line) as BookEvent; // the kiosk's own
    const inc = event.kind === 'RESTORED' ? event.body.fromInc : event.inc;
    at = known.get(`${inc}/${at.seq - 1}`);
  }
  const folded = nothingFolded();
  for (const row of rows.toReversed()) foldInto(folded, kiosk, row, signed);
  return folded;
}

function nothingFolded(): Folded {
  return { counters: new Map(), leaves: new Set(), seq: 0, inc: 0, leaf: '', downSeq: 0, vouchers: new Map() };
}

function nothingCounted(): Counted {
  return { g: 0, b: 0, s: 0, v: 0, c: 0, u: 0, x: 0, w: 0, xs: 0, f: 0 };
}

function rightsOf({ g, b, c, u, s, v, f }: Counted): number {
  return g - b + c - u - s + v + f;
}

function unsettledOf({ x, w, xs, f }: Counted): number {
  return x - w - xs + f;
}

/** Takes one event: its place in the chain (4), and what it does to the counters (10). */
function foldInto(at: Folded, kiosk: string, { seq, line, leaf }: Row, signed: Signed): void {
  const event = JSON.parse(line) as BookEvent;
  if (seq !== at.seq + 1 || event.seq !== seq) throw new Violation(4, `${kiosk}: event ${seq} comes after ${at.seq}`);
  if (createHash('sha256').update(`\0${line}`).digest('base64url') !== leaf)
    throw new Violation(4, `${kiosk}: the leaf of ${seq} is not of its line`);
  if (at.seq > 0 && event.prev !== at.leaf) throw new Violation(4, `${kiosk}: event ${seq} does not follow ${at.seq}`);
  at.leaves.add(`${event.inc}/${seq}/${leaf}`);
  Object.assign(at, { seq, leaf, inc: event.inc });
  const of = (account: string): Counted => {
    const found = at.counters.get(account) ?? nothingCounted();
    at.counters.set(account, found);
    return found;
  };
  switch (event.kind) {
    case 'SALE': {
      const { accountId, redemption } = event.body;
      if (accountId === null || redemption === null) return;
      if (redemption.fromRights + redemption.fromRoaming !== event.amt)
        throw new Violation(9, `${kiosk}: sale ${seq} takes other points than it says`);
      if (event.body.lines.reduce((sum, each) => sum + each.points, 0) !== event.amt)
        throw new Violation(9, `${kiosk}: the lines of sale ${seq} sum to other points`);
      of(accountId).s += redemption.fromRights;
      of(accountId).x += redemption.fromRoaming;
      return;
    }
    case 'CREDIT':
      of(event.body.accountId).c += event.amt;
      return;
    case 'CREDIT_REVERSED':
      of(event.body.accountId).u += event.amt;
      return;
    case 'RETURNED': {
      const { accountId, redemption } = event.body;
      if (accountId === null || redemption === null) return;
      of(accountId).v += redemption.toRights;
      of(accountId).w += redemption.toRoaming;
      return;
    }
    case 'RIGHTS_RETURNED':
      of(event.body.accountId).b += event.amt;
      return;
    case 'VOUCHER_IN': {
      const { accountId, number } = event.body;
      const taken = at.vouchers.get(accountId) ?? new Map<number, number>();
      if (signed.voucherOf(kiosk, accountId, number) !== event.amt)
        throw new Violation(16, `${kiosk} took a voucher ${number} of ${accountId} that nobody gave`);
      if (taken.has(number)) throw new Violation(16, `${kiosk} took voucher ${number} of ${accountId} twice`);
      at.vouchers.set(accountId, taken.set(number, event.amt));
      of(accountId).g += event.amt;
      return;
    }
    case 'RESTORED':
      for (const counted of at.counters.values()) counted.b += rightsOf(counted);
      return;
    case 'DOWN_APPLIED': {
      const { downSeq, sha256 } = event.body;
      if (downSeq !== at.downSeq + 1) throw new Violation(21, `${kiosk}: file ${downSeq} takes effect after ${at.downSeq}`);
      at.downSeq = downSeq;
      for (const told of signed.linesOf(kiosk, downSeq, sha256)) takeLine(kiosk, at, of, told);
      return;
    }
    default: // moves no counter
  }
}

/** What a line of the county's does to the counters. */
function takeLine(kiosk: string, at: Folded, of: (account: string) => Counted, told: DownLine): void {
  if (told.t === 'GRANT') {
    const counted = of(told.a);
    const beyond = [...(at.vouchers.get(told.a) ?? [])].reduce((sum, [number, amount]) => sum + (number > (told.v ?? 0) ? amount : 0), 0);
    if (told.g + beyond < counted.g) throw new Violation(10, `${kiosk} ${told.a}: G falls from ${counted.g} to ${told.g + beyond}`);
    counted.g = told.g + beyond;
  }
  if (told.t === 'ROAM') {
    const counted = of(told.a);
    if (told.xs < counted.xs) throw new Violation(10, `${kiosk} ${told.a}: Xs falls from ${counted.xs} to ${told.xs}`);
    // what had come back by the time it was funded is rights here
    if (told.xs > counted.xs) counted.f += Math.max(0, told.xs - counted.x + counted.w - counted.f);
    counted.xs = told.xs;
  }
}

function checkKiosk(kiosk: string, db: ReadableDatabase, truth: Folded, bounds: Bounds, peaks: Peaks): void {
  const rows = prepared<[], Counted & { account: string }>(db, `SELECT account_id AS account, ${columns} FROM counter`).all();
  const here = new Map(rows.map((row) => [row.account, row]));
  let roaming = 0;
  for (const [account, counted] of truth.counters) {
    const row = here.get(account);
    for (const letter of letters)
      if (counted[letter] !== (row?.[letter] ?? 0))
        throw new Violation(5, `${kiosk} ${account}: ${letter} is ${row?.[letter] ?? 0}, by its events ${counted[letter]}`);
    if (rightsOf(counted) < 0) throw new Violation(3, `${kiosk} ${account} holds ${rightsOf(counted)}`);
    const unsettled = unsettledOf(counted);
    if (unsettled < 0 || unsettled > bounds.cap) throw new Violation(3, `${kiosk} ${account} has ${unsettled} unsettled of ${bounds.cap}`);
    roaming += unsettled;
  }
  peaks.kioskUnsettled = Math.max(peaks.kioskUnsettled, roaming);
  if (roaming > bounds.kioskCap) throw new Violation(3, `${kiosk} has ${roaming} unsettled of ${bounds.kioskCap}`);
  const sums = prepared<[], { amount: number }>(
    db,
    'SELECT sum(amount) AS amount FROM balance GROUP BY commodity HAVING sum(amount) <> 0',
  ).all();
  if (sums.length > 0) throw new Violation(2, `${kiosk}: balances do not sum to zero`);
  const held = prepared<[], { account: string; amount: number }>(
    db,
    `SELECT holder AS account, amount FROM balance WHERE account = 'esc' AND commodity = 'PTS'`,
  ).all();
  for (const { account, amount } of held)
    if (amount !== rightsOf(truth.counters.get(account) ?? nothingCounted()))
      throw new Violation(5, `${kiosk} ${account}: the balance says ${amount}`);
}

function checkCounty(
  db: ReadableDatabase,
  of: { readonly posted: ReadonlyMap<string, Folded>; readonly given: ReadonlyMap<string, number>; readonly rolled: ReadonlySet<string> },
): void {
  const { posted, given, rolled } = of;
  const balances = new Map<string, number>();
  let sum = 0;
  let redeemed = 0;
  const rows = prepared<[], { account: string; holder: string; kiosk: string; amount: number }>(
    db,
    `SELECT account, holder, kiosk, amount FROM balance WHERE commodity = 'PTS'`,
  ).all();
  for (const { account, holder, kiosk, amount } of rows) {
    balances.set(`${account}/${holder}/${kiosk}`, amount);
    sum += amount;
    if (account === 'red' || account === 'merchant' || account === 'paid') redeemed += amount;
    if ((account === 'main' || account === 'esc') && amount < 0) throw new Violation(3, `county: ${account} of ${holder} is ${amount}`);
    if ((account === 'due' || account === 'overdraft') && amount > 0)
      throw new Violation(11, `county: ${account} of ${holder} is ${amount}`);
    if (account === 'suspense' && amount !== 0 && rolled.size === 0) throw new Violation(11, `county: ${amount} of ${holder} in suspense`);
  }
  if (sum !== 0) throw new Violation(2, `county: balances sum to ${sum}`);
  const at = (account: string, holder = '', kiosk = ''): number => balances.get(`${account}/${holder}/${kiosk}`) ?? 0;
  const frozen = new Set(
    prepared<[], { kiosk: string }>(
      db,
      `SELECT kiosk FROM exception WHERE code IN ('restored', 'restored_behind') AND number NOT IN (SELECT exception FROM exception_answer)`,
    )
      .all()
      .map(({ kiosk }) => kiosk),
  );
  const rightsRows = prepared<[], { kiosk: string; account: string; granted: number; funded: number; astray: number }>(
    db,
    'SELECT kiosk, account, granted, funded, astray FROM given ORDER BY kiosk, account',
  ).all();
  const issued = new Map<string, { granted: number; funded: number }>();
  for (const { kiosk, account, granted, funded, astray } of rightsRows) {
    const counted = posted.get(kiosk)?.counters.get(account) ?? nothingCounted();
    const { b, c, u, s, v, f, x, w } = counted;
    const esc = at('esc', account, kiosk) + at('suspense', account, kiosk) + astray;
    const rights = granted - b + c - u - s + v + f;
    if (!frozen.has(kiosk) && esc !== rights) throw new Violation(11, `county: rights of ${account} at ${kiosk} are ${esc}, not ${rights}`);
    const due = Math.max(0, x - w - funded + f);
    const owed = -at('due', account, kiosk) - at('overdraft', account, kiosk);
    if (!rolled.has(kiosk) && owed !== due) throw new Violation(11, `county: ${owed} is due of ${account} at ${kiosk}, not ${due}`);
    const all = issued.get(account) ?? { granted: 0, funded: 0 };
    issued.set(account, { granted: all.granted + granted - b, funded: all.funded + funded });
  }
  if (rolled.size > 0) return; // what a restored kiosk forgot is in writeoff and astray by people's word
  let taken = 0;
  for (const { counters } of posted.values()) for (const { s, v, x, w } of counters.values()) taken += s - v + x - w;
  if (taken !== redeemed) throw new Violation(25, `county: ${taken} was redeemed, merchants have ${redeemed}`);
  for (const [account, points] of given) {
    const { granted = 0, funded = 0 } = issued.get(account) ?? {};
    const main = points - granted - funded;
    if (at('main', account) !== main) throw new Violation(11, `county: main of ${account} is ${at('main', account)}, not ${main}`);
  }
}
