// Reads every posted event and every answer again and folds them anew: leaves, chains, counters, rights and what was answered must be what
// the tables say (reconciliation.md R6, 4, 5, 11, 17 and 19). A second telling of the fold, from its rules and not from its code: shares
// no statement with fold.ts.

import { leafOf, noLeaf } from '../../db/book.ts';
import { parseAck } from '../../db/model/ack.ts';
import { canonical } from '../../db/model/canonical.ts';
import { type BookEvent, signedText } from '../../db/model/event.ts';
import { openNote } from '../../db/model/note.ts';
import { openVoucher } from '../../db/model/voucher.ts';
import { counterStepOf } from '../../db/model/postings.ts';
import { type ReadableDatabase, prepared } from '../../db/sqlite.ts';
import { type Chain, findChain, storedEvent, toldInc } from './chains.ts';
import type { CountyBook } from './county-book.ts';
import { everyFileKey } from './county-keys.ts';
import { endOfPage } from './event-pages.ts';
import type { Check } from './invariants.ts';
import { concerns } from './intake-walk.ts';
import { kioskKeys } from './kiosk-keys.ts';
import { frozenBy, newestIncarnation } from './rights.ts';
import { verifierOf } from './verify-signatures.ts';

export async function foldsAgain(db: ReadableDatabase, book: CountyBook): Promise<readonly Check[]> {
  const found: Found = { events: 0, chains: 0, counters: 0, broken: null, unlike: null, rights: new Map(), roamed: new Map() };
  const kiosks = prepared<[], { kiosk: string; inc: number }>(db, 'SELECT kiosk, inc FROM chain ORDER BY kiosk, inc').all();
  for (const { kiosk, inc } of kiosks) await foldChain(db, { kiosk, chain: findChain(db, kiosk, inc)!, found }); // listed just above
  return [
    {
      rule: '4, 17',
      name: 'every event is the bytes of its leaf, of its own columns, and follows the one before',
      figures: `${found.events} events`,
      place: found.broken,
    },
    { rule: '5', name: 'every counter is the fold of its events', figures: `${found.counters} counters`, place: found.unlike },
    found.broken === null ? rightsAre(db, found) : unjudged('11', 'rights and roaming are what was given and used'),
    withdrawnIs(db),
    answersAre(db, book),
    vouchersAre(db, book),
  ];
}

function unjudged(rule: string, name: string): Check {
  return { rule, name, figures: 'not judged', place: 'the events it would be made from are not whole' };
}

interface Found {
  events: number;
  chains: number;
  counters: number;
  /** First event that is not as it was posted. */
  broken: string | null;
  /** First counter that is not what its events make. */
  unlike: string | null;
  /** By account and kiosk: rights that the newest incarnation's counters make without G: C − U − S + V + F − B. */
  readonly rights: Map<string, number>;
  /** By account and kiosk, over all events that were ever posted: X, and W. */
  readonly roamed: Map<string, Roamed>;
}

interface Roamed {
  readonly spent: number;
  readonly back: number;
}

interface Counters {
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

/** Vouchers and answers read at a time: some hundred bytes each, and a note 16 KiB at most. */
const pageRows = 1_000;

interface Row {
  readonly entry: number;
  readonly seq: number;
  readonly id: string;
  readonly kind: string;
  readonly account: string | null;
  readonly refers: string | null;
  readonly amt: number;
  readonly file_inc: number;
  readonly line: string;
  readonly leaf: Buffer;
}

/** An incarnation from its kiosk's first event on: what it goes on from was looked at with its own, and is folded here once more. */
async function foldChain(
  db: ReadableDatabase,
  of: { readonly kiosk: string; readonly chain: Chain; readonly found: Found },
): Promise<void> {
  const { kiosk, chain, found } = of;
  const counters = new Map<string, Counters>();
  const taken = new Map<string, { readonly number: number; readonly amount: number }[]>();
  let prev = noLeaf;
  for (const part of partsOf(db, kiosk, chain)) {
    for (let after = part.after; after < part.through;) {
      const end = endOfPage(db, { kiosk, inc: part.inc, after, through: part.through });
      if (end === null) break; // rule 17 of the tables says where one is missing
      const rows = prepared<[string, number, number, number], Row>(
        db,
        'SELECT entry, seq, id, kind, account, refers, amt, file_inc, line, leaf FROM event WHERE kiosk = ? AND inc = ? AND seq > ? AND seq <= ? ORDER BY seq',
      ).all(kiosk, part.inc, after, end);
      for (const row of rows) {
        const event = wholeEvent(row, { kiosk, inc: part.inc, prev });
        if (typeof event === 'string') {
          found.broken ??= `${kiosk}/${part.inc} event ${row.seq}: ${event}`;
          return;
        }
        prev = row.leaf.toString('base64url');
        foldCounters(db, { kiosk, counters, taken }, event);
        if (part.inc !== chain.inc) continue;
        found.events += 1;
        countRoamed(db, found.roamed, event, row);
      }
      after = end;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  if (prev !== chain.headLeaf) found.broken ??= `${kiosk}/${chain.inc}: event ${chain.toSeq} is not its newest leaf`;
  else if (!isNewestSigned(db, kiosk, chain)) found.broken ??= `${kiosk}/${chain.inc} event ${chain.toSeq}: no key of the kiosk signed it`;
  found.chains += 1;
  if (chain.inc === newestIncarnation(db, kiosk))
    for (const [account, { b, s, v, c, u, f }] of counters) found.rights.set(`${account} ${kiosk}`, c - u - s + v + f - b);
  found.unlike ??= unlikeCounter(db, { kiosk, inc: chain.inc, counters, found });
}

/**
 * What the kiosk signed of its newest event holds the leaf of that, and so the bytes of every event before it. Each one's own signature was
 * checked when it came, and is not here: a county's year has millions, some minutes of every core.
 */
function isNewestSigned(db: ReadableDatabase, kiosk: string, { inc, toSeq }: Chain): boolean {
  const key = prepared<[string], { key: string | null }>(db, 'SELECT key FROM kiosk WHERE kiosk = ?').get(kiosk)?.key ?? null;
  const row = prepared<[string, number, number], Pick<Row, 'line' | 'leaf'> & { readonly sig: Buffer }>(
    db,
    'SELECT line, leaf, sig FROM event WHERE kiosk = ? AND inc = ? AND seq = ?',
  ).get(kiosk, inc, toSeq);
  if (row === undefined) return true; // it has none of its own: those that it goes on from are looked at with theirs
  const text = Buffer.from(signedText(JSON.parse(row.line) as BookEvent, row.leaf.toString('base64url'))); // its bytes were those of its leaf
  return key !== null && kioskKeys(db, { kiosk, key }).some((each) => verifierOf(Buffer.from(each, 'base64url'))(text, row.sig));
}

/** The incarnations that a chain is made of, oldest first, each with the events of it that count. */
function partsOf(
  db: ReadableDatabase,
  kiosk: string,
  chain: Chain,
): readonly { readonly inc: number; readonly after: number; readonly through: number }[] {
  const parts = [{ inc: chain.inc, after: chain.baseSeq, through: chain.toSeq }];
  for (let of: Chain | null = chain; of !== null && of.baseInc !== null;) {
    const base: Chain | null = findChain(db, kiosk, of.baseInc);
    if (base !== null) parts.unshift({ inc: base.inc, after: base.baseSeq, through: Math.min(of.baseSeq, base.toSeq) });
    of = base;
  }
  return parts.filter(({ after, through }) => through > after);
}

/** The event, or what of it is not as it was posted. */
function wholeEvent(row: Row, of: { readonly kiosk: string; readonly inc: number; readonly prev: string }): BookEvent | string {
  if (!leafOf(row.line).equals(row.leaf)) return 'its bytes are not those of its leaf';
  const event = JSON.parse(row.line) as BookEvent; // its bytes are those that were checked when it was posted
  if (event.prev !== of.prev) return 'it does not follow the event before it';
  const { account, refers } = concerns(event);
  const isSame =
    account === row.account &&
    refers === row.refers &&
    event.kiosk === of.kiosk &&
    event.inc === toldInc(of) &&
    event.seq === row.seq &&
    event.id === row.id &&
    event.kind === row.kind &&
    event.amt === row.amt;
  return isSame ? event : 'its columns are not what its bytes say';
}

interface Fold {
  readonly kiosk: string;
  readonly counters: Map<string, Counters>;
  readonly taken: Map<string, { readonly number: number; readonly amount: number }[]>;
}

/** The kiosk's own counters (R3), by what each event and each applied file says. */
function foldCounters(db: ReadableDatabase, { kiosk, counters, taken }: Fold, event: BookEvent): void {
  const of = (account: string): Counters => {
    const known = counters.get(account) ?? { g: 0, b: 0, s: 0, v: 0, c: 0, u: 0, x: 0, w: 0, xs: 0, f: 0 };
    counters.set(account, known);
    return known;
  };
  const step = counterStepOf(event);
  if (step !== null) {
    const row = of(step.accountId);
    row.g += step.granted;
    row.b += step.returned;
    row.s += step.spent;
    row.v += step.unspent;
    row.c += step.credited;
    row.u += step.uncredited;
    row.x += step.roamed;
    row.w += step.unroamed;
  }
  if (event.kind === 'VOUCHER_IN')
    taken.set(event.body.accountId, [...(taken.get(event.body.accountId) ?? []), { number: event.body.number, amount: event.amt }]);
  // a kiosk that was put back gave up every right that it held
  if (event.kind === 'RESTORED') for (const row of counters.values()) row.b = row.g + row.c - row.u - row.s + row.v + row.f;
  if (event.kind !== 'DOWN_APPLIED') return;
  const lines = prepared<[string, number, string], { account: string; granted: number | null; vouchers: number; settled: number | null }>(
    db,
    `SELECT account, granted, vouchers, settled FROM down_line JOIN down_file
         ON down_file.kiosk = down_line.kiosk AND down_file.down_seq = down_line.down_seq AND down_file.inc = down_line.inc
      WHERE down_file.kiosk = ? AND down_file.down_seq = ? AND sha256 = ?`,
  ).all(kiosk, event.body.downSeq, event.body.sha256);
  for (const { account, granted, vouchers, settled } of lines) {
    const row = of(account);
    if (granted !== null) {
      const beyond = (taken.get(account) ?? []).filter(({ number }) => number > vouchers);
      row.g = granted + beyond.reduce((sum, { amount }) => sum + amount, 0);
    }
    if (settled === null) continue;
    if (settled > row.xs) row.f += Math.max(0, settled - row.x + row.w - row.f);
    row.xs = settled;
  }
}

const counterNames = ['g', 'b', 's', 'v', 'c', 'u', 'x', 'w', 'xs', 'f'] as const;

function unlikeCounter(
  db: ReadableDatabase,
  of: { readonly kiosk: string; readonly inc: number; readonly counters: ReadonlyMap<string, Counters>; readonly found: Found },
): string | null {
  const { kiosk, inc, counters, found } = of;
  const stored = new Map(
    prepared<[string, number], Counters & { account: string }>(
      db,
      'SELECT account, g, b, s, v, c, u, x, w, xs, f FROM counter WHERE kiosk = ? AND inc = ?',
    )
      .all(kiosk, inc)
      .map((row) => [row.account, row] as const),
  );
  found.counters += stored.size;
  for (const account of [...new Set([...stored.keys(), ...counters.keys()])].toSorted())
    for (const name of counterNames) {
      const [is, folded] = [stored.get(account)?.[name] ?? 0, counters.get(account)?.[name] ?? 0];
      // of an account that never moved here the county keeps no row, and a file may say that nothing of it is settled
      if (is !== folded && (stored.has(account) || name !== 'xs'))
        return `${name} of ${account} at ${kiosk}/${inc} is ${is}, its events make ${folded}`;
    }
  return null;
}

/** Of an account that the county did not know then, what it roamed is written off, and owed by nobody. */
function countRoamed(db: ReadableDatabase, roamed: Map<string, Roamed>, event: BookEvent, { file_inc }: Row): void {
  const step = counterStepOf(event);
  if (step === null || step.roamed + step.unroamed === 0) return;
  const unknown = prepared<[string, number, number], object>(
    db,
    `SELECT 1 FROM exception WHERE kiosk = ? AND inc = ? AND seq = ? AND code = 'unknown_account'`,
  ).get(event.kiosk, file_inc, event.seq);
  if (unknown !== undefined) return;
  const key = `${step.accountId} ${event.kiosk}`;
  const { spent, back } = roamed.get(key) ?? { spent: 0, back: 0 };
  roamed.set(key, { spent: spent + step.roamed, back: back + step.unroamed });
}

/** An account at a kiosk, by the tables. */
interface Standing {
  readonly account: string;
  readonly kiosk: string;
  /** What lies there, is in suspense there, and is astray. */
  readonly held: number;
  readonly unsettled: number;
  readonly granted: number;
  readonly funded: number;
  readonly roamed: number;
  /** What the postings moved from `main`: to rights there, and to what was roamed there. */
  readonly placed: number;
  readonly paid: number;
  /** Funded before there was a book: as the files that were brought in say. */
  readonly before: number;
  /** What had come back of roaming that was funded, and became rights again; less what waits for a restored kiosk that forgot so. */
  readonly overfunded: number;
}

const nothing = { held: 0, unsettled: 0, granted: 0, funded: 0, roamed: 0, placed: 0, paid: 0, before: 0, overfunded: 0 };

/**
 * R6, 11: what was granted left `main`, and with the kiosk's counters makes the rights there; what was roamed is funded, out of `main`,
 * or unsettled, or came back. A kiosk that was put back, until a person has answered, holds rights by neither.
 */
function rightsAre(db: ReadableDatabase, found: Found): Check {
  const standings = standingOf(db);
  const unsent = prepared<[], { account: string; kiosk: string; roamed: number }>(
    db,
    'SELECT account, kiosk, sum(roamed) AS roamed FROM lost_paper GROUP BY account, kiosk HAVING sum(roamed) > 0',
  ).all();
  for (const { account, kiosk, roamed } of unsent) {
    const { spent, back } = found.roamed.get(`${account} ${kiosk}`) ?? { spent: 0, back: 0 };
    found.roamed.set(`${account} ${kiosk}`, { spent: spent + roamed, back });
  }
  const keys = [...new Set([...standings.keys(), ...found.rights.keys(), ...found.roamed.keys()])].toSorted();
  const check = (place: string | null): Check => ({
    rule: '11',
    name: 'rights and roaming are what was given and used',
    figures: `${keys.length} accounts at kiosks`,
    place,
  });
  const clearing = new Map<string, number>();
  for (const key of keys) {
    const [account = '', kiosk = ''] = key.split(' ');
    const is = standings.get(key) ?? nothing;
    const at = `${account} at ${kiosk}`;
    const rights = is.granted + (found.rights.get(key) ?? 0);
    if (is.held !== rights && frozenBy(db, kiosk) === null) return check(`${at} holds ${is.held}, its events and files make ${rights}`);
    if (is.placed !== is.granted) return check(`${at} was granted ${is.granted}, and ${is.placed} left main for it`);
    if (is.paid + is.before !== is.funded) return check(`${at} has ${is.funded} funded, and ${is.paid + is.before} left main for it`);
    const { spent, back } = found.roamed.get(key) ?? { spent: 0, back: 0 };
    if (spent !== is.roamed) return check(`${at} roamed ${is.roamed}, its events make ${spent}`);
    const cleared = is.unsettled - (spent - back - is.funded) - is.overfunded;
    if (cleared < 0) return check(`${at} has ${is.unsettled} unsettled, of ${spent} roamed, ${back} come back and ${is.funded} funded`);
    clearing.set(kiosk, (clearing.get(kiosk) ?? 0) + cleared);
  }
  const roam = prepared<[], { kiosk: string; amount: number }>(
    db,
    `SELECT kiosk, amount FROM balance WHERE account = 'roam' AND commodity = 'PTS' ORDER BY kiosk`,
  ).all();
  const unclear = roam.find(({ kiosk, amount }) => amount !== (clearing.get(kiosk) ?? 0));
  return check(
    unclear === undefined
      ? null
      : `${unclear.amount} is in clearing at ${unclear.kiosk}, where ${clearing.get(unclear.kiosk) ?? 0} came back after it was funded`,
  );
}

/** Every posting is half of a pair, one after the other (ledger.ts, moved): so where it went is known. */
const pairs = 'posting AS p JOIN posting AS q ON q.entry = p.entry AND q.n = p.n + 1 AND q.amount = -p.amount AND p.n % 2 = 0';

function standingOf(db: ReadableDatabase): ReadonlyMap<string, Standing> {
  const rows = prepared<[], Standing>(
    db,
    `SELECT account, kiosk, sum(held) AS held, sum(unsettled) AS unsettled, sum(granted) AS granted, sum(funded) AS funded, sum(roamed) AS roamed,
        sum(placed) AS placed, sum(paid) AS paid, sum(earlier) AS before, sum(overfunded) AS overfunded FROM (
       SELECT holder AS account, kiosk, amount AS held, 0 AS unsettled, 0 AS granted, 0 AS funded, 0 AS roamed, 0 AS placed, 0 AS paid, 0 AS earlier, 0 AS overfunded
         FROM balance WHERE account IN ('esc', 'suspense')
       UNION ALL SELECT holder, kiosk, 0, -amount, 0, 0, 0, 0, 0, 0, 0 FROM balance WHERE account IN ('due', 'overdraft')
       UNION ALL SELECT account, kiosk, astray, 0, granted, funded, roamed, 0, 0, 0, 0 FROM given
       UNION ALL SELECT q.holder, q.kiosk, 0, 0, 0, 0, 0, q.amount, 0, 0, 0 FROM ${pairs} WHERE p.account = 'main' AND q.account = 'esc'
       UNION ALL SELECT p.holder, q.kiosk, 0, 0, 0, 0, 0, 0, q.amount, 0, 0 FROM ${pairs}
         WHERE p.account = 'main' AND q.account IN ('roam', 'due', 'overdraft')
       UNION ALL SELECT q.holder, p.kiosk, 0, 0, 0, 0, 0, 0, -q.amount, 0, 0 FROM ${pairs} WHERE p.account = 'due' AND q.account = 'main'
       UNION ALL SELECT account, down_line.kiosk, 0, 0, 0, 0, 0, 0, 0, max(settled), 0 FROM down_line
         JOIN down_file ON down_file.kiosk = down_line.kiosk AND down_file.down_seq = down_line.down_seq AND down_file.inc = down_line.inc
         JOIN act ON act.entry = down_file.entry WHERE act.kind = 'import' AND settled > 0 GROUP BY account, down_line.kiosk
       UNION ALL SELECT q.holder, p.kiosk, 0, 0, 0, 0, 0, 0, 0, 0, q.amount FROM ${pairs} WHERE p.account = 'roam' AND q.account IN ('esc', 'main')
       UNION ALL SELECT p.holder, q.kiosk, 0, 0, 0, 0, 0, 0, 0, 0, p.amount FROM ${pairs}
         WHERE p.account IN ('esc', 'writeoff') AND p.holder <> '' AND q.account = 'roam'
     ) AS parts WHERE kiosk <> '' GROUP BY account, kiosk`, // at no kiosk is what was withdrawn
  ).all();
  return new Map(rows.map((row) => [`${row.account} ${row.kiosk}`, row]));
}

/**
 * R6, 11 at no kiosk, and the theorem of R3: what was withdrawn is no more than each award and each credit gave, left to the issue that it
 * came from, and is paid out of `main` or owed. So an account owes no more than was withdrawn of it.
 */
function withdrawnIs(db: ReadableDatabase): Check {
  const { n, points } = prepared<[], { n: number; points: number }>(
    db,
    `SELECT count(*) AS n, coalesce(sum(points), 0) AS points FROM (
       SELECT points FROM taken_back UNION ALL SELECT points FROM reclaimed) AS parts`,
  ).get()!; // an aggregate has a row
  return {
    rule: '11',
    name: 'what was taken back of awards and credits, or expired, is paid or owed',
    figures: `${n} rows, ${pointsOf(points)} points`,
    place: beyondAward(db) ?? beyondCredit(db) ?? beyondExpiry(db) ?? unpostedRow(db) ?? unpaidAccount(db),
  };
}

function beyondAward(db: ReadableDatabase): string | null {
  const beyond = prepared<[], { batch: number; account: string; back: number; given: number }>(
    db,
    `SELECT back.batch AS batch, back.account AS account, back.points AS back, coalesce(given.points, 0) AS given
       FROM (SELECT batch, account, sum(points) AS points FROM taken_back GROUP BY batch, account) AS back
       LEFT JOIN (SELECT about, sum(amount) AS points FROM act JOIN posting ON posting.entry = act.entry AND posting.account = 'main'
         WHERE kind = 'award' GROUP BY about) AS given ON given.about = back.batch || ' ' || back.account
      WHERE back.points > coalesce(given.points, 0) ORDER BY back.batch, back.account LIMIT 1`,
  ).get();
  return beyond === undefined
    ? null
    : `${beyond.back} were taken back of ${beyond.account} in awards ${beyond.batch}, which gave ${beyond.given}`;
}

/** Of a credit, of which its till took back some as well, what was taken twice is given back, and no more. */
function beyondCredit(db: ReadableDatabase): string | null {
  const rows = prepared<[], { place: string; taken: number; twice: number; given: number; reversed: number }>(
    db,
    `SELECT back.kiosk || '/' || back.inc || '/' || back.seq AS place, back.taken AS taken, back.twice AS twice, coalesce(event.amt, 0) +
        (SELECT coalesce(sum(points), 0) FROM lost_paper AS paper WHERE paper.kiosk = back.kiosk AND paper.inc = back.inc
          AND paper.seq = back.seq AND paper.kind = 'credit' AND event.entry IS NULL) AS given,
        coalesce((SELECT sum(amt) FROM event AS undone WHERE undone.refers = event.id AND undone.kind = 'CREDIT_REVERSED'
          AND undone.kiosk = event.kiosk AND undone.account = event.account), 0) AS reversed
       FROM (SELECT kiosk, inc, seq, sum(taken) AS taken, sum(twice) AS twice FROM (
           SELECT kiosk, inc, seq, points AS taken, 0 AS twice FROM reclaimed WHERE seq > 0
           UNION ALL SELECT kiosk, inc, seq, 0, points FROM reclaimed_twice WHERE kiosk <> '') AS parts GROUP BY kiosk, inc, seq) AS back
       LEFT JOIN event ON event.kiosk = back.kiosk AND event.inc = back.inc AND event.seq = back.seq AND event.kind = 'CREDIT'
         AND NOT EXISTS (SELECT 1 FROM event AS first WHERE first.id = event.id AND first.kind = 'CREDIT' AND first.kiosk = event.kiosk
           AND first.entry < event.entry) ORDER BY back.kiosk, back.inc, back.seq`,
  ).all();
  for (const { place, taken, twice, given, reversed } of rows) {
    if (taken > given) return `${taken} were taken back of credit ${place}, which gave ${given}`;
    const both = Math.max(0, Math.min(taken, taken + reversed - given));
    if (twice !== both) return `${both} of credit ${place} were taken back twice, ${twice} were given back`;
  }
  return null;
}

/** Of what expired no more is given back, since it was taken back as well, than did. */
function beyondExpiry(db: ReadableDatabase): string | null {
  const beyond = prepared<[], { number: number; account: string; back: number; points: number }>(
    db,
    `SELECT number, account, back, points FROM (
       SELECT seq AS number, account, sum(points) AS back,
          (SELECT coalesce(sum(points), 0) FROM reclaimed WHERE reclaimed.number = twice.seq AND reclaimed.account = twice.account) AS points
         FROM reclaimed_twice AS twice WHERE kiosk = '' GROUP BY seq, account) AS parts
      WHERE back > points ORDER BY number, account LIMIT 1`,
  ).get();
  return beyond === undefined
    ? null
    : `${beyond.back} of ${beyond.account} are given back of what expired by ${beyond.number}, which was ${beyond.points}`;
}

function unpostedRow(db: ReadableDatabase): string | null {
  const leaving = (account: string, kiosk: string): string =>
    `(SELECT coalesce(sum(p.amount), 0) FROM posting AS p JOIN posting AS q ON q.entry = p.entry AND q.n = p.n - 1 AND p.n % 2 = 1 AND q.account = 'due'
       WHERE p.entry = rows.entry AND p.account = ${account} AND p.kiosk = ${kiosk})`;
  const row = prepared<[], { number: number; account: string; points: number }>(
    db,
    `SELECT number, account, points FROM (SELECT number, account, points, entry, '' AS kiosk FROM taken_back
         UNION ALL SELECT number, account, points, entry, kiosk FROM reclaimed) AS rows
      WHERE points <> ${leaving(`CASE WHEN rows.kiosk = '' THEN 'issuance' ELSE 'recycling_issue' END`, 'rows.kiosk')}
      ORDER BY number, account LIMIT 1`,
  ).get();
  if (row !== undefined) return `${row.points} of ${row.account} were taken back by ${row.number}, and did not leave it`;
  const back = prepared<[], { entry: number; account: string; points: number }>(
    db,
    `SELECT entry, account, points FROM reclaimed_twice WHERE points <> (
       SELECT coalesce(sum(p.amount), 0) FROM posting AS p JOIN posting AS q ON q.entry = p.entry AND q.n = p.n - 1 AND p.n % 2 = 1
        WHERE p.entry = reclaimed_twice.entry AND p.account IN ('main', 'due', 'overdraft', 'writeoff') AND p.holder = reclaimed_twice.account
          AND q.account = CASE WHEN reclaimed_twice.kiosk = '' THEN 'issuance' ELSE 'recycling_issue' END AND q.kiosk = reclaimed_twice.kiosk) ORDER BY entry LIMIT 1`,
  ).get();
  return back === undefined ? null : `${back.points} of ${back.account} are given back by entry ${back.entry}, and did not come`;
}

function unpaidAccount(db: ReadableDatabase): string | null {
  const unlike = prepared<[], { account: string; taken: number; paid: number; owed: number }>(
    db,
    `SELECT account, sum(taken) AS taken, sum(paid) AS paid, sum(owed) AS owed FROM (
       SELECT account, points AS taken, 0 AS paid, 0 AS owed FROM taken_back
       UNION ALL SELECT account, points, 0, 0 FROM reclaimed
       UNION ALL SELECT q.holder, 0, q.amount, 0 FROM ${pairs}
         WHERE p.account IN ('recycling_issue', 'issuance') AND q.account IN ('due', 'overdraft') AND q.kiosk = '' AND q.amount > 0
       UNION ALL SELECT p.holder, 0, q.amount, 0 FROM ${pairs} WHERE p.account = 'main' AND q.account IN ('due', 'overdraft') AND q.kiosk = ''
       UNION ALL SELECT q.holder, 0, -q.amount, 0 FROM ${pairs} WHERE p.account = 'due' AND p.kiosk = '' AND q.account = 'main'
       UNION ALL SELECT holder, 0, 0, -amount FROM balance WHERE account IN ('due', 'overdraft') AND kiosk = ''
     ) AS parts GROUP BY account HAVING sum(taken) <> sum(paid) + sum(owed) ORDER BY account LIMIT 1`,
  ).get();
  return unlike === undefined ? null : `${unlike.taken} were taken back of ${unlike.account}: ${unlike.paid} paid, ${unlike.owed} owed`;
}

function pointsOf(hundredths: number): string {
  return (hundredths / 100).toFixed(2);
}

/** R6, 16: vouchers of an account at a kiosk are numbered without a gap, signed as they stand, and those that came in were given. */
function vouchersAre(db: ReadableDatabase, book: CountyBook): Check {
  const keys = everyFileKey(book, db);
  let vouchers = 0;
  const check = (place: string | null): Check => ({
    rule: '16',
    name: 'every voucher is numbered, signed and counted once',
    figures: `${vouchers} vouchers`,
    place,
  });
  for (const { kiosk, account, number, amount, text } of allVouchers(db)) {
    vouchers += 1;
    const said = openVoucher(text, keys);
    const isSame = said.ok && canonical({ ...said.value }) === canonical({ county: book.code, kiosk, accountId: account, number, amount });
    if (!isSame) return check(`voucher ${number} of ${account} at ${kiosk} is not what was signed`);
  }
  const missing = prepared<[], { kiosk: string; account: string; vouchers: number; n: number }>(
    db,
    `SELECT kiosk, account, sum(vouchers) AS vouchers, sum(n) AS n FROM (
       SELECT kiosk, account, vouchers, 0 AS n FROM given WHERE vouchers > 0
       UNION ALL SELECT kiosk, account, 0, count(*) FROM voucher GROUP BY kiosk, account
       UNION ALL SELECT line.kiosk, account, 0, max(line.vouchers) FROM down_line AS line
         JOIN down_file ON down_file.kiosk = line.kiosk AND down_file.down_seq = line.down_seq AND down_file.inc = line.inc
         JOIN act ON act.entry = down_file.entry WHERE act.kind = 'import' GROUP BY line.kiosk, account
     ) AS parts GROUP BY kiosk, account HAVING sum(vouchers) <> sum(n) ORDER BY kiosk, account LIMIT 1`,
  ).get();
  if (missing !== undefined)
    return check(`${missing.vouchers} vouchers of ${missing.account} at ${missing.kiosk} are within its rights, ${missing.n} are kept`);
  const strange = prepared<[], { kiosk: string; account: string; number: number }>(
    db,
    `SELECT kiosk, account, number FROM voucher_taken AS taken WHERE NOT EXISTS (
         SELECT 1 FROM voucher WHERE voucher.kiosk = taken.kiosk AND voucher.account = taken.account AND voucher.number = taken.number AND voucher.amount = taken.amount)
       AND NOT EXISTS (SELECT 1 FROM exception WHERE exception.kiosk = taken.kiosk AND code IN ('unknown_voucher', 'unknown_account'))
      ORDER BY kiosk, account, number LIMIT 1`,
  ).get();
  return check(strange === undefined ? null : `${strange.kiosk} took voucher ${strange.number} of ${strange.account}, which nobody gave`);
}

interface VoucherRow {
  readonly kiosk: string;
  readonly account: string;
  readonly number: number;
  readonly amount: number;
  readonly text: string;
}

function* allVouchers(db: ReadableDatabase): Generator<VoucherRow> {
  const page = prepared<[string, string, number, number], VoucherRow>(
    db,
    `SELECT kiosk, account, number, amount, text FROM voucher WHERE (kiosk, account, number) > (?, ?, ?)
      ORDER BY kiosk, account, number LIMIT ?`,
  );
  for (let last: Pick<VoucherRow, 'kiosk' | 'account' | 'number'> = { kiosk: '', account: '', number: 0 }; ;) {
    const rows = page.all(last.kiosk, last.account, last.number, pageRows);
    yield* rows;
    if (rows.length < pageRows) return;
    last = rows.at(-1)!; // a full page has one
  }
}

/** R6, 19: what the county answered is what it has: signed by its key, of the leaf that stands at that event. */
function answersAre(db: ReadableDatabase, book: CountyBook): Check {
  const trusted = everyFileKey(book, db).map((publicKey) => ({ name: book.name, publicKey }));
  let answers = 0;
  const check = (place: string | null): Check => ({
    rule: '19',
    name: 'what was answered is what is posted',
    figures: `${answers} answers`,
    place,
  });
  for (let after = 0; ;) {
    const rows = prepared<[number, number], { number: number; kiosk: string; inc: number; file_seq: number; sha256: string; note: string }>(
      db,
      `SELECT number, kiosk, inc, file_seq, sha256, note FROM answer WHERE verdict = 'ACCEPTED' AND number > ? ORDER BY number LIMIT ?`,
    ).all(after, pageRows);
    for (const row of rows) {
      answers += 1;
      const place = `answer ${row.number} to ${row.kiosk}/${row.inc}/${row.file_seq}`;
      const opened = openNote(row.note, trusted);
      if (!opened.ok) return check(`${place}: not signed by this county`);
      const ack = parseAck(opened.value.text);
      if (!ack.ok || ack.value.posted === null || ack.value.sha256 !== row.sha256) return check(`${place}: its text is of another file`);
      const chain = findChain(db, row.kiosk, row.inc);
      const at = chain === null ? null : storedEvent(db, row.kiosk, chain, ack.value.posted.toSeq);
      if (at?.leaf.toString('base64url') !== ack.value.posted.headLeaf)
        return check(`${place}: event ${ack.value.posted.toSeq} is another than was answered`);
    }
    if (rows.length === 0) return check(null);
    after = rows.at(-1)!.number;
  }
}
