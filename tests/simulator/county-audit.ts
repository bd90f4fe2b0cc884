// The county's half of the auditor: folds postings, settlements and the log by its own lines, what is new since the last look, and holds the
// county's tables against that. Shares no rule with what it checks; auditor.ts says which invariant is checked where.

import { createHash } from 'node:crypto';
import type { BookEvent } from '../../db/model/event.ts';
import { type ReadableDatabase, prepared } from '../../db/sqlite.ts';
import { Violation } from './violation.ts';

export interface CountyAudit {
  /** After every step of the county. */
  look(db: ReadableDatabase): void;
  /** The book is an older copy now, what lay beside it `kept` or not: everything in it is folded anew. What others hold of its log stays. */
  putBack(beside: 'kept' | 'lost'): void;
  /** At the end, when every shop has closed its day, settled, and was heard. */
  atRest(db: ReadableDatabase): void;
  /** A kiosk took a root of the county's log, and keeps it for ever. */
  rootHeld(kiosk: string, held: { readonly size: number; readonly root: string }): void;
  /** Points awarded to an account, by the county's own postings. */
  awarded(account: string): number;
  /** Of those what was taken back again. */
  takenBack(account: string): number;
  /** What was taken back of recycling credits. */
  disallowed(account: string): number;
  /** What expired. */
  expired(account: string): number;
  /** Of that what the account has again, since a till took it back as well. */
  givenBack(account: string): number;
  /** What the county took upon itself for an account, since its book was put back and nothing in it says why a shop was told so. */
  covered(account: string): number;
}

/** A redemption of a kiosk, or what took some of it back. */
interface Redemption {
  readonly kiosk: string;
  readonly inc: number;
  readonly seq: number;
  readonly points: number;
}

/** A redemption or a closing, where it stands. */
interface Placed {
  readonly entry: number;
  readonly inc: number;
  readonly seq: number;
  readonly isClosing: boolean;
}

interface Incarnation {
  readonly baseInc: number | null;
  readonly baseSeq: number;
}

/** What was folded of a book. */
interface Folded {
  /** account/holder/kiosk/commodity to amount, by the postings. */
  readonly amounts: Map<string, number>;
  readonly awards: Map<string, number>;
  readonly takenBack: Map<string, number>;
  readonly disallowed: Map<string, number>;
  readonly expired: Map<string, number>;
  readonly givenBack: Map<string, number>;
  /** By kiosk/inc/seq; reversed: what tills took back of the credit of that id. */
  readonly credits: Map<string, { readonly id: string; readonly account: string; readonly points: number }>;
  readonly reversed: Map<string, number>;
  readonly covers: Map<string, number>;
  /** Credits less those taken back, by kiosk. */
  readonly recycled: Map<string, number>;
  /** By entry. */
  readonly redemptions: Map<number, Redemption>;
  /** Sum of them by kiosk: what its shop is owed, was told of, or was paid. */
  readonly redeemed: Map<string, number>;
  readonly stores: Map<string, string>;
  /** kiosk/inc to how it began. */
  readonly begun: Map<string, Incarnation>;
  /** kiosk/inc/number of a SETTLED event, by its entry; kiosk/inc of a day's closing, by its entry. */
  readonly settled: Map<number, { readonly kiosk: string; readonly inc: number; readonly number: number }>;
  readonly closed: Map<number, { readonly kiosk: string; readonly inc: number; readonly seq: number }>;
  /** Both of these by kiosk. */
  readonly placed: Map<string, Placed[]>;
  /** The redemptions of each day that was closed, by the entry of its closing. */
  readonly days: Map<number, readonly number[]>;
  entry: number;
  answers: number;
  /** How many rows there were when they were looked at last. */
  batches: string;
}

export function countyAudit(of: {
  readonly awarded: ReadonlyMap<string, number>;
  /** Leaf of an event as its kiosk had it, ever. */
  readonly isLeaf: (kiosk: string, inc: number, seq: number, leaf: string) => boolean;
}): CountyAudit {
  let folded = nothingFolded(of.awarded);
  const logs: Log[] = [newLog()];
  const held = new Map<string, Held>();
  /** Roots of entries that came since the county was looked at: its night enters some itself, and a kiosk has their root before the night is over. */
  const unseen: Held[] = [];
  const hold = (taken: Held): void => {
    for (const other of held.values()) checkRoots(logs, taken, other);
    checkRoots(logs, taken, taken);
    held.set(`${taken.size} ${taken.root}`, taken);
  };
  /** Whatever kiosks and the county ever sent each other lies beside the book: all that a file granted has its reason there. */
  let wasAllKept = true;

  return {
    look(db) {
      foldPostings(db, folded);
      if (wasAllKept) checkNothingAdvanced(db);
      checkBalances(db, folded);
      foldEvents(db, folded);
      checkDisallowed(db, folded);
      checkMerchants(folded);
      checkAnswers(db, folded, of.isLeaf);
      checkBatches(db, folded);
      checkLists(db);
      foldLog(db, logs.at(-1)!); // one at least
      for (const taken of unseen.splice(0)) hold(taken);
    },
    putBack(beside) {
      folded = nothingFolded(of.awarded);
      wasAllKept &&= beside === 'kept';
      logs.push(newLog(logs.at(-1)));
    },
    atRest(db) {
      const covers = coverOf(db, folded);
      for (const [entry, { kiosk, inc, seq, points }] of folded.redemptions)
        if (points !== 0 && covers.get(entry) !== 1)
          throw new Violation(24, `${kiosk}/${inc}/${seq}: redeemed ${points} are in ${covers.get(entry) ?? 0} batches`);
      const open = prepared<[], { kiosk: string; amount: number }>(
        db,
        `SELECT kiosk, amount FROM balance WHERE account = 'red' AND amount <> 0`,
      ).all();
      for (const { kiosk, amount } of open) throw new Violation(24, `${kiosk}: ${amount} are in no batch`);
      const owners = prepared<[], { number: number; owner: string }>(
        db,
        `SELECT number, owner FROM exception WHERE owner NOT IN ('clerk', 'committee')`,
      ).all();
      for (const { number } of owners) throw new Violation(23, `exception ${number} is nobody's`);
    },
    rootHeld(kiosk, root) {
      if (held.has(`${root.size} ${root.root}`)) return;
      const taken = { kiosk, ...root };
      if (logs.every(({ roots }) => roots.length <= root.size)) unseen.push(taken);
      else hold(taken);
    },
    awarded: (account) => folded.awards.get(account) ?? 0,
    takenBack: (account) => folded.takenBack.get(account) ?? 0,
    disallowed: (account) => folded.disallowed.get(account) ?? 0,
    expired: (account) => folded.expired.get(account) ?? 0,
    givenBack: (account) => folded.givenBack.get(account) ?? 0,
    covered: (account) => Math.max(0, folded.covers.get(account) ?? 0),
  };
}

function nothingFolded(awarded: ReadonlyMap<string, number>): Folded {
  return {
    amounts: new Map(),
    awards: new Map([...awarded].map(([account]) => [account, 0])),
    takenBack: new Map(),
    disallowed: new Map(),
    expired: new Map(),
    givenBack: new Map(),
    credits: new Map(),
    reversed: new Map(),
    covers: new Map(),
    recycled: new Map(),
    redemptions: new Map(),
    redeemed: new Map(),
    stores: new Map(),
    begun: new Map(),
    settled: new Map(),
    closed: new Map(),
    placed: new Map(),
    days: new Map(),
    entry: 0,
    answers: 0,
    batches: '',
  };
}

function add(to: Map<string, number>, name: string, amount: number): void {
  to.set(name, (to.get(name) ?? 0) + amount);
}

/** Σ of every entry is zero, of whole hundredths that JavaScript can count (1); the sums of each account. */
function foldPostings(db: ReadableDatabase, folded: Folded): void {
  const rows = prepared<
    [number],
    { entry: number; account: string; holder: string; kiosk: string; commodity: string; amount: number; kind: string | null }
  >(
    db,
    `SELECT posting.entry AS entry, account, holder, kiosk, commodity, amount, act.kind AS kind FROM posting
       LEFT JOIN act ON act.entry = posting.entry WHERE posting.entry > ? ORDER BY posting.entry, n`,
  ).all(folded.entry);
  const sums = new Map<string, number>();
  for (const { entry, account, holder, kiosk, commodity, amount, kind } of rows) {
    if (!Number.isSafeInteger(amount) || amount === 0) throw new Violation(1, `county: entry ${entry} posts ${amount}`);
    add(sums, `${entry} ${commodity}`, amount);
    add(folded.amounts, `${account}/${holder}/${kiosk}/${commodity}`, amount);
    if (account === 'writeoff') add(folded.covers, holder, -amount);
    const isGiven = kind === 'award' || kind === 'import';
    if (account === 'main' && amount > 0 && isGiven) add(folded.awards, holder, amount);
    if (account === 'due' && kiosk === '' && amount < 0 && kind === 'take_back') add(folded.takenBack, holder, -amount);
    if (account === 'due' && kiosk === '' && amount < 0 && kind === 'disallow') add(folded.disallowed, holder, -amount);
    if (account === 'due' && kiosk === '' && amount < 0 && kind === 'expire') add(folded.expired, holder, -amount);
    if (holder !== '' && amount > 0 && kind === 'not_expired') add(folded.expired, holder, -amount);
    if (account === 'recycling_issue' && amount > 0 && kind === 'disallow') add(folded.recycled, kiosk, -amount);
  }
  foldGivenBack(db, folded);
  for (const [entry, sum] of sums) if (sum !== 0) throw new Violation(1, `county: entry ${entry} sums to ${sum}`);
}

/** What left a kiosk's recycling for the account with what took a credit back: by the postings, as pairs. */
function foldGivenBack(db: ReadableDatabase, folded: Folded): void {
  const rows = prepared<[number], { kiosk: string; holder: string; amount: number }>(
    db,
    `SELECT p.kiosk AS kiosk, q.holder AS holder, q.amount AS amount FROM reclaimed_twice AS twice
       JOIN posting AS p ON p.entry = twice.entry AND p.account = 'recycling_issue' AND p.amount < 0
       JOIN posting AS q ON q.entry = p.entry AND q.n = p.n + 1 AND q.holder = twice.account WHERE twice.entry > ?`,
  ).all(folded.entry);
  for (const { kiosk, holder, amount } of rows) {
    add(folded.givenBack, holder, amount);
    add(folded.recycled, kiosk, amount);
  }
}

/** Of no credit is more taken back than it was, and what county and till both took the account has again, no more (26). */
function checkDisallowed(db: ReadableDatabase, { credits, reversed, givenBack, disallowed }: Folded): void {
  const rows = prepared<[], { kiosk: string; inc: number; seq: number; account: string; points: number }>(
    db,
    'SELECT kiosk, inc, seq, account, sum(points) AS points FROM reclaimed WHERE seq > 0 GROUP BY kiosk, inc, seq, account',
  ).all();
  const twice = new Map<string, number>();
  const taken = new Map<string, number>();
  for (const { kiosk, inc, seq, account, points } of rows) {
    const place = `${kiosk}/${inc}/${seq}`;
    const credit = credits.get(place);
    if (credit?.account !== account || points > credit.points)
      throw new Violation(26, `county: ${points} of ${account} are taken back of credit ${place}, which gave ${credit?.points ?? 0}`);
    const both = points + (reversed.get(credit.id) ?? 0) - credit.points;
    add(twice, account, Math.max(0, Math.min(points, both)));
    add(taken, account, points);
  }
  for (const [account, points] of taken)
    if (disallowed.get(account) !== points)
      throw new Violation(26, `county: ${points} are taken back of credits of ${account}, ${disallowed.get(account) ?? 0} were posted`);
  for (const [account, points] of twice)
    if ((givenBack.get(account) ?? 0) !== points)
      throw new Violation(26, `county: ${points} were taken twice of ${account}, ${givenBack.get(account) ?? 0} are given back`);
}

/** Points that a kiosk was told of came from somewhere: where nothing of the evidence is lost, the county takes none of them upon itself (26). */
function checkNothingAdvanced(db: ReadableDatabase): void {
  const row = prepared<[], { detail: string }>(
    db,
    `SELECT detail FROM exception WHERE code = 'put_back' AND detail LIKE 'file % told %'`,
  ).get();
  if (row !== undefined) throw new Violation(26, `the county advanced points that its evidence explains: ${row.detail}`);
}

/** Every balance is the sum of its postings (5), and all of them sum to zero (2). */
function checkBalances(db: ReadableDatabase, { amounts }: Folded): void {
  const rows = prepared<[], { account: string; holder: string; kiosk: string; commodity: string; amount: number }>(
    db,
    'SELECT account, holder, kiosk, commodity, amount FROM balance',
  ).all();
  let sum = 0;
  let found = 0;
  for (const { account, holder, kiosk, commodity, amount } of rows) {
    const name = `${account}/${holder}/${kiosk}/${commodity}`;
    const posted = amounts.get(name) ?? 0;
    if (amount !== posted) throw new Violation(5, `county: ${name} is ${amount}, its postings sum to ${posted}`);
    if (amount !== 0) found += 1;
    sum += amount;
  }
  if (sum !== 0) throw new Violation(2, `county: balances sum to ${sum}`);
  let wanted = 0;
  for (const amount of amounts.values()) if (amount !== 0) wanted += 1;
  if (found !== wanted) throw new Violation(5, `county: ${wanted} accounts by the postings, ${found} balances`);
}

function foldEvents(db: ReadableDatabase, folded: Folded): void {
  const rows = prepared<[number], { entry: number; kiosk: string; inc: number; seq: number; line: string }>(
    db,
    `SELECT entry, kiosk, inc, seq, line FROM event
      WHERE entry > ? AND kind IN ('SALE', 'RETURNED', 'CREDIT', 'CREDIT_REVERSED', 'RESTORED', 'DAY_CLOSED', 'SETTLED', 'START') ORDER BY entry`,
  ).all(folded.entry);
  for (const { entry, kiosk, inc, seq, line } of rows) {
    const event = JSON.parse(line) as BookEvent; // auditor.ts holds it against the kiosk's own
    folded.stores.set(kiosk, event.store);
    const place = (isClosing: boolean): void => {
      const placed = folded.placed.get(kiosk) ?? [];
      folded.placed.set(kiosk, placed);
      placed.push({ entry, inc, seq, isClosing });
    };
    const redeem = (points: number): void => {
      folded.redemptions.set(entry, { kiosk, inc, seq, points });
      place(false);
      add(folded.redeemed, kiosk, points);
    };
    if (event.kind === 'SALE') redeem(event.amt);
    else if (event.kind === 'RETURNED') redeem(-event.amt);
    else if (event.kind === 'CREDIT') {
      add(folded.recycled, kiosk, event.amt);
      folded.credits.set(`${kiosk}/${inc}/${seq}`, { id: event.id, account: event.body.accountId, points: event.amt });
    } else if (event.kind === 'CREDIT_REVERSED') {
      add(folded.recycled, kiosk, -event.amt);
      add(folded.reversed, event.body.creditId, event.amt);
    } else if (event.kind === 'RESTORED')
      folded.begun.set(`${kiosk}/${inc}`, { baseInc: event.body.fromInc, baseSeq: event.body.throughSeq });
    else if (event.kind === 'DAY_CLOSED') {
      folded.closed.set(entry, { kiosk, inc, seq });
      place(true);
    } else if (event.kind === 'SETTLED') folded.settled.set(entry, { kiosk, inc, number: event.body.number });
  }
  folded.entry = prepared<[number, number, number], { entry: number }>(
    db,
    `SELECT max(entry) AS entry FROM (SELECT ? AS entry UNION ALL SELECT entry FROM (SELECT max(entry) AS entry FROM event WHERE entry > ?) AS e
       UNION ALL SELECT entry FROM (SELECT max(entry) AS entry FROM act WHERE entry > ?) AS a) AS newest`,
  ).get(folded.entry, folded.entry, folded.entry)!.entry; // one at least
}

/**
 * What a shop is owed, was told of and was paid in points is what was redeemed there, whoever could pay it (25); points that are issued are
 * those that were awarded, and recycled points those that were credited (26).
 */
function checkMerchants({ amounts, awards, takenBack, expired, redeemed, recycled, stores }: Folded): void {
  const awarded = [...awards.values()].reduce((sum, points) => sum + points, 0);
  const back = [...takenBack.values()].reduce((sum, points) => sum + points, 0);
  const old = [...expired.values()].reduce((sum, points) => sum + points, 0);
  const issued = -(amounts.get('issuance///PTS') ?? 0);
  if (issued !== awarded - back - old)
    throw new Violation(26, `county: ${awarded} were awarded, ${back} taken back, ${old} expired, and ${issued} are issued`);
  const at = (account: string, holder: string, kiosk: string): number => amounts.get(`${account}/${holder}/${kiosk}/PTS`) ?? 0;
  for (const [kiosk, store] of stores) {
    const held = at('red', '', kiosk) + at('merchant', store, '') + at('paid', store, '');
    const points = redeemed.get(kiosk) ?? 0;
    if (held !== points) throw new Violation(25, `county: ${points} were redeemed at ${kiosk}, its merchant has ${held}`);
    const credited = recycled.get(kiosk) ?? 0;
    const recycling = -at('recycling_issue', '', kiosk);
    if (recycling !== credited) throw new Violation(26, `county: ${credited} were credited at ${kiosk}, ${recycling} are issued`);
  }
}

/** An answer names the kiosk's own leaf (19), and its file is posted to the last event (22). */
function checkAnswers(
  db: ReadableDatabase,
  folded: Folded,
  isLeaf: (kiosk: string, inc: number, seq: number, leaf: string) => boolean,
): void {
  const rows = prepared<[number], { number: number; kiosk: string; inc: number; fileSeq: number; note: string }>(
    db,
    `SELECT number, kiosk, inc, file_seq AS fileSeq, note FROM answer WHERE number > ? AND verdict = 'ACCEPTED' ORDER BY number`,
  ).all(folded.answers);
  for (const { number, kiosk, inc, fileSeq, note } of rows) {
    folded.answers = number;
    const lines = note.split('\n'); // docs/files.md: the eighth and ninth line of an answer
    const [toSeq, leaf] = [Number(lines[7]), lines[8] ?? ''];
    if (!isLeaf(kiosk, inc, toSeq, leaf))
      throw new Violation(19, `the answer to ${kiosk}/${inc}/${fileSeq} names a leaf that it never had at ${toSeq}`);
    const posted = prepared<[string, number, number], { seq: number | null }>(
      db,
      'SELECT max(seq) AS seq FROM event WHERE kiosk = ? AND file_inc = ? AND file_seq <= ?',
    ).get(kiosk, inc, fileSeq)!.seq; // an aggregate has a row
    if (posted !== toSeq) throw new Violation(22, `${kiosk}/${inc}/${fileSeq} is posted through ${posted}, its answer says ${toSeq}`);
  }
}

/** Whenever a day, a settlement or a batch came: none of a redemption is in two (24), and each is of what it covers. */
function checkBatches(db: ReadableDatabase, folded: Folded): void {
  const counted = prepared<[], { days: number; settlements: number; batches: number }>(
    db,
    `SELECT (SELECT count(*) FROM settled_day) AS days, (SELECT count(*) FROM settlement) AS settlements, (SELECT count(*) FROM county_batch_line) AS batches`,
  ).get()!; // aggregates have a row
  const name = JSON.stringify(counted);
  if (name === folded.batches) return;
  folded.batches = name;
  for (const [entry, times] of coverOf(db, folded)) {
    const { kiosk, inc, seq } = folded.redemptions.get(entry)!; // coverOf names these
    // a settlement that a restored kiosk forgot may come late, by hand: the next night takes it back, and at rest all are in one
    const isLate = keptOf(folded, kiosk).size > 1;
    if (times < 0 || (times > 1 && !isLate)) throw new Violation(24, `${kiosk}/${inc}/${seq} is in ${times} batches`);
  }
  const merchants = prepared<[], { merchant: string; points: number }>(
    db,
    `SELECT merchant, sum(points) AS points FROM (SELECT merchant, points FROM settlement UNION ALL SELECT merchant, points FROM county_batch) AS both_of
      GROUP BY merchant`,
  ).all();
  for (const { merchant, points } of merchants) {
    const held = (folded.amounts.get(`merchant/${merchant}//PTS`) ?? 0) + (folded.amounts.get(`paid/${merchant}//PTS`) ?? 0);
    if (held !== points) throw new Violation(24, `${merchant}: its batches are of ${points}, owed and paid are ${held}`);
  }
}

/** What took effect is withdrawn by nobody, and what was withdrawn never takes effect (27). */
function checkLists(db: ReadableDatabase): void {
  const both = prepared<[], { batch: number }>(
    db,
    'SELECT award_release.batch AS batch FROM award_release JOIN award_withdrawal ON award_withdrawal.batch = award_release.batch LIMIT 1',
  ).get();
  if (both !== undefined) throw new Violation(27, `awards ${both.batch} took effect and are withdrawn`);
}

/** How many batches each redemption is in: of a settlement by its day, of the county by itself; taken back with a settlement that was forgotten. */
function coverOf(db: ReadableDatabase, folded: Folded): ReadonlyMap<number, number> {
  const covers = new Map<number, number>();
  const cover = (entry: number, times: number): void => void covers.set(entry, (covers.get(entry) ?? 0) + times);
  const ofDay = daysOf(folded);
  const days = prepared<[], { entry: number; kiosk: string; inc: number; number: number }>(
    db,
    'SELECT entry, kiosk, inc, number FROM settled_day',
  ).all();
  const points = new Map<string, number>();
  for (const { entry, kiosk, inc, number } of days)
    for (const redemption of ofDay.get(entry) ?? []) {
      cover(redemption, 1);
      add(points, `${kiosk}/${inc}/${number}`, folded.redemptions.get(redemption)!.points); // a day is of these
    }
  for (const row of prepared<[], { kiosk: string; inc: number; number: number; points: number }>(
    db,
    'SELECT kiosk, inc, number, points FROM settlement',
  ).all()) {
    const covered = points.get(`${row.kiosk}/${row.inc}/${row.number}`) ?? 0;
    if (covered !== row.points)
      throw new Violation(24, `settlement ${row.kiosk}/${row.inc}/${row.number} is of ${row.points}, its days of ${covered}`);
  }
  for (const { entry, points: given } of prepared<[], { entry: number; points: number }>(
    db,
    'SELECT entry, points FROM county_batch_line',
  ).all()) {
    const settled = folded.settled.get(entry);
    if (settled === undefined) {
      cover(entry, 1);
      const own = folded.redemptions.get(entry)?.points;
      if (own !== given) throw new Violation(24, `a county batch has ${given} of entry ${entry}, which redeemed ${own ?? 'nothing'}`);
      continue;
    }
    let back = 0;
    const keptThrough = keptOf(folded, settled.kiosk);
    for (const day of days) {
      if (day.kiosk !== settled.kiosk || day.inc !== settled.inc || day.number !== settled.number) continue;
      const closing = folded.closed.get(day.entry)!; // a settled day was closed
      if (closing.seq <= (keptThrough.get(closing.inc) ?? 0)) continue; // the kiosk still has that day
      for (const redemption of ofDay.get(day.entry) ?? []) {
        cover(redemption, -1);
        back -= folded.redemptions.get(redemption)!.points; // a day is of these
      }
    }
    if (back !== given) throw new Violation(24, `a county batch takes ${given} of a settlement back, its forgotten days are of ${-back}`);
  }
  return covers;
}

/** The redemptions of each closed day, by the entry of its closing: those since the closing before in the same history. What is closed stays. */
function daysOf(folded: Folded): ReadonlyMap<number, readonly number[]> {
  const news = [...folded.closed].filter(([entry]) => !folded.days.has(entry));
  for (const [entry, closing] of news) {
    const kept = historyOf(folded, closing.kiosk, closing.inc, closing.seq);
    const before = folded.placed
      .get(closing.kiosk)! // the closing is among them
      .filter(({ inc, seq }) => seq < closing.seq && seq <= (kept.get(inc) ?? 0) && seq > bottomOf(folded, closing.kiosk, inc))
      .toSorted((a, b) => b.seq - a.seq);
    const end = before.findIndex(({ isClosing }) => isClosing);
    folded.days.set(
      entry,
      (end === -1 ? before : before.slice(0, end)).map((each) => each.entry),
    );
  }
  return folded.days;
}

/** Through which event another incarnation is the beginning of one. */
function bottomOf(folded: Folded, kiosk: string, inc: number): number {
  return folded.begun.get(`${kiosk}/${inc}`)?.baseSeq ?? 0;
}

/** Through which event each incarnation is the history of one, up to an event of it. */
function historyOf({ begun }: Folded, kiosk: string, of: number, through: number): ReadonlyMap<number, number> {
  const kept = new Map([[of, through]]);
  let last = through;
  for (let at = begun.get(`${kiosk}/${of}`); at !== undefined && at.baseInc !== null; at = begun.get(`${kiosk}/${at.baseInc}`)) {
    last = Math.min(last, at.baseSeq);
    kept.set(at.baseInc, last);
  }
  return kept;
}

/** What the newest incarnation of a kiosk still has of the others. */
function keptOf(folded: Folded, kiosk: string): ReadonlyMap<number, number> {
  const incs = [...folded.begun.keys()].filter((name) => name.startsWith(`${kiosk}/`)).map((name) => Number(name.slice(kiosk.length + 1)));
  return historyOf(folded, kiosk, Math.max(1, ...incs), Number.MAX_SAFE_INTEGER);
}

/** A root of the log, and who took it first. */
interface Held {
  readonly kiosk: string;
  readonly size: number;
  readonly root: string;
}

/** One log of the county, as far as it was seen: the root of every size. */
interface Log {
  readonly roots: string[];
  /** Those of the log before the book was put back: the same texts are kept once. */
  readonly before: readonly string[];
  /** Heads of whole subtrees, the largest first (RFC 6962). */
  edge: { readonly level: number; readonly hash: Buffer }[];
  signed: number;
}

function newLog(before?: Log): Log {
  return { roots: [''], before: before?.roots ?? [], edge: [], signed: 0 };
}

/** Takes new entries, and holds the roots that the county signed against its own entries (29). */
function foldLog(db: ReadableDatabase, log: Log): void {
  const rows = prepared<[number], { n: number; entry: string; hash: Buffer }>(
    db,
    'SELECT n, entry, hash FROM log_leaf WHERE n >= ? ORDER BY n',
  ).all(log.roots.length - 1);
  for (const { n, entry, hash } of rows) {
    const leaf = createHash('sha256').update(`\0${entry}`).digest();
    if (n !== log.roots.length - 1 || !leaf.equals(hash)) throw new Violation(29, `the county's log: entry ${n} is not of its place`);
    let head: { readonly level: number; readonly hash: Buffer } = { level: 0, hash: leaf };
    while (log.edge.at(-1)?.level === head.level) head = { level: head.level + 1, hash: nodeOf(log.edge.pop()!.hash, head.hash) }; // asked just before
    log.edge.push(head);
    const root = log.edge
      .toReversed()
      .reduce<Buffer | null>((right, { hash: left }) => (right === null ? left : nodeOf(left, right)), null);
    const text = root!.toString('base64url'); // an edge has one at least
    const known = log.before[log.roots.length];
    log.roots.push(known === text ? known : text);
  }
  const signed = prepared<[number], { size: number; root: string }>(db, 'SELECT size, root FROM log_root WHERE size > ? ORDER BY size').all(
    log.signed,
  );
  for (const { size, root } of signed) {
    log.signed = size;
    if (log.roots[size] !== root) throw new Violation(29, `the county signed a root of ${size} entries that its own log does not have`);
  }
}

function nodeOf(left: Buffer, right: Buffer): Buffer {
  return createHash('sha256').update('\x01').update(left).update(right).digest();
}

/** Two roots that kiosks hold are of one log that the county has, or had (29). */
function checkRoots(logs: readonly Log[], one: Held, other: Held): void {
  if (logs.some(({ roots }) => roots[one.size] === one.root && roots[other.size] === other.root)) return;
  throw new Violation(
    29,
    `${one.kiosk} holds a root of ${one.size} entries and ${other.kiosk} one of ${other.size}: no log of the county has both`,
  );
}
