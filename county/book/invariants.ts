// The whole county's book against the rules that it must never break (reconciliation.md R6: 1–3, 5, 11, 12, 17–20, 24, 26): each with its
// figures and the first place where it does not hold. In many short turns of the book, since others come between. Reads only what is
// committed, and mends nothing.

import { setImmediate as othersHadTheirTurn } from 'node:timers/promises';
import { type ReadableDatabase, prepared } from '../../db/sqlite.ts';
import {
  type BalancesPage,
  type Checked,
  type Place,
  type Posted,
  addStretch,
  balancesAt,
  newestPosted,
  noPlace,
  nothingPosted,
} from './checked.ts';
import { personOf } from './awards.ts';
import type { CountyBook } from './county-book.ts';
import { foldsAgain } from './fold-again.ts';
import { isUnanswered } from './unanswered.ts';

/** One rule, looked at over the whole book. */
export interface Check {
  /** Its numbers in R6. */
  readonly rule: string;
  readonly name: string;
  readonly figures: string;
  /** Where it breaks first; null: it holds. */
  readonly place: string | null;
}

/**
 * Every check. `tables`: those that the tables alone tell, some seconds for each year of a county; `whole`: also those that read every event
 * and every answer again, in one turn of the book.
 */
export async function checkBook(book: CountyBook, depth: 'tables' | 'whole'): Promise<readonly Check[]> {
  const { checks } = await lookThrough(book);
  return depth === 'tables' ? checks : [...checks, ...(await book.read((db) => foldsAgain(db, book)))];
}

/** Does some work in a turn of the book. */
type InTurn = <Value>(work: (db: ReadableDatabase) => Value) => Promise<Value>;

/**
 * What all tables tell, in turns of some tenths of a second; what comes meanwhile is looked at by this look or the next. `kept`: how the book
 * was found before, when all held. `until`: once that is aborted, it throws between two turns. `rows`: how many are read in one. `found`: how
 * the book was found now; null: a rule does not hold. What agrees with itself and is another than before is told once.
 */
export async function lookThrough(
  book: CountyBook,
  {
    kept = null,
    until,
    rows = turnRows,
  }: { readonly kept?: Checked | null; readonly until?: AbortSignal | undefined; readonly rows?: number } = {},
): Promise<{ readonly checks: readonly Check[]; readonly found: Checked | null }> {
  const inTurn: InTurn = async (work) => {
    await othersHadTheirTurn();
    until?.throwIfAborted();
    return book.read(work);
  };
  const posted = nothingPosted();
  let altered: string | null = null;
  let standing: Standing | null = null;
  while (standing === null) {
    standing = await inTurn((db) => nextStretch(db, posted, { stop: kept?.entry ?? 0, rows }));
    if (posted.through === kept?.entry && String(posted.print) !== kept.print)
      altered = `what is posted up to entry ${kept.entry} is not what it was when every rule held`;
  }
  const balances = await balancesAreSums(inTurn, posted, rows);
  const checks = [
    sumsAreZero(posted, standing.total),
    balances,
    { ...standing.limits, place: standing.limits.place ?? (await beyondLine(inTurn)) },
    standing.lines,
    await prefixesArePosted(inTurn, posted, standing.chains),
    await eventsArePostedOnce(inTurn, posted, rows),
    standing.histories,
    standing.settlements,
    standing.identity,
  ];
  const isSound = checks.every(({ place }) => place === null);
  return {
    checks: checks.map((each) => (each === balances ? { ...each, place: each.place ?? altered } : each)),
    found: isSound ? { entry: posted.through, print: String(posted.print) } : null,
  };
}

/** Entries, or rows of another table, that are read in one turn: some hundredths of a second, and tenths where the disk is cold. */
const turnRows = 10_000;

/** What is looked at in one turn with the last entries: these tables are bounded by residents, shops and days, and must agree with each other. */
interface Standing {
  readonly total: string | null;
  readonly limits: Check;
  readonly lines: Check;
  readonly chains: Chains;
  readonly histories: Check;
  readonly settlements: Check;
  readonly identity: Check;
}

/** Null: there are entries after this stretch. `stop`: an entry with which a stretch ends. */
function nextStretch(
  db: ReadableDatabase,
  posted: Posted,
  { stop, rows }: { readonly stop: number; readonly rows: number },
): Standing | null {
  const newest = newestPosted(db);
  const end = Math.min(posted.through + rows, newest);
  addStretch(db, posted, posted.through < stop && stop < end ? stop : end);
  if (posted.through < newest) return null;
  return {
    total: unlikeTotal(db),
    limits: withinLimits(db),
    lines: linesAreBounded(db),
    chains: chainsAsAnswered(db),
    histories: historiesAreOne(db),
    settlements: settledOnce(db, posted),
    identity: identity(db, posted),
  };
}

export function checkLine({ rule, name, figures, place }: Check): string {
  return place === null ? `ok    R6 ${rule.padEnd(6)} ${name}: ${figures}` : `BREAK R6 ${rule.padEnd(6)} ${name}: ${place} (${figures})`;
}

/** Hundredths of a point as text for people. */
export function pointsText(hundredths: number): string {
  const text = String(Math.abs(hundredths)).padStart(3, '0');
  return `${hundredths < 0 ? '-' : ''}${text.slice(0, -2)}.${text.slice(-2)}`;
}

function sumsAreZero({ entries, rows, unbalanced }: Posted, total: string | null): Check {
  const figures = `${entries} entries, ${rows} postings`;
  return { rule: '1–2', name: 'every entry and the whole book sum to zero', figures, place: unbalanced ?? total };
}

function unlikeTotal(db: ReadableDatabase): string | null {
  const whole = prepared<[], { commodity: string; amount: number }>(
    db,
    'SELECT commodity, sum(amount) AS amount FROM balance GROUP BY commodity HAVING sum(amount) <> 0 LIMIT 1',
  ).get();
  return whole === undefined ? null : `all balances sum to ${whole.amount} ${whole.commodity}`;
}

/** By their prints; where those differ, for the place, in one turn by each balance itself. */
async function balancesAreSums(inTurn: InTurn, posted: Posted, rowsMax: number): Promise<Check> {
  let [n, print] = [0, 0n];
  for (let after: Place | null = noPlace; after !== null;) {
    const from: Place = after;
    const page: BalancesPage = await inTurn((db) => balancesAt(db, from, { entry: posted.through, rowsMax }));
    n += page.rows;
    print += page.print;
    after = page.last;
  }
  const place =
    print === posted.print ? null : ((await inTurn(unlikeBalance)) ?? `not of what is posted from entry 1 to ${posted.through}`);
  return { rule: '5', name: 'every balance is the sum of its postings', figures: `${n} balances`, place };
}

function unlikeBalance(db: ReadableDatabase): string | null {
  const unlike = prepared<[], { account: string; holder: string; kiosk: string; commodity: string; stored: number; summed: number }>(
    db,
    `SELECT account, holder, kiosk, commodity, sum(stored) AS stored, sum(summed) AS summed FROM (
         SELECT account, holder, kiosk, commodity, amount AS stored, 0 AS summed FROM balance
         UNION ALL SELECT account, holder, kiosk, commodity, 0 AS stored, amount AS summed FROM posting) AS both_of
      GROUP BY account, holder, kiosk, commodity HAVING sum(stored) <> sum(summed) ORDER BY account, holder, kiosk LIMIT 1`,
  ).get();
  return unlike === undefined ? null : `${placeText(unlike)} is ${unlike.stored}, its postings sum to ${unlike.summed}`;
}

function placeText({ account, holder, kiosk }: { readonly account: string; readonly holder: string; readonly kiosk: string }): string {
  return [account, holder, kiosk].filter((each) => each !== '').join(':');
}

/** What is owed by roaming at a kiosk and nothing funded yet: due, or overdraft after a strike. At no kiosk is what was taken back of awards. */
const unsettledBy = `SELECT holder, kiosk, -sum(amount) AS unsettled FROM balance
  WHERE account IN ('due', 'overdraft') AND kiosk <> '' AND commodity = 'PTS' GROUP BY holder, kiosk`;

/** Used beyond what was held, by papers of events that were never sent: due, and on no line. */
const unsentBy = 'SELECT sum(roamed) FROM lost_paper AS lost WHERE lost.kiosk = owed.kiosk';

/** Roaming beyond a line or a bound is posted all the same and raised: then a person knows, and it is no break. */
function withinLimits(db: ReadableDatabase): Check {
  const name = 'rights are not negative, roaming stays within its line and its kiosk’s bound, or is raised';
  const negative = prepared<[], { account: string; holder: string; kiosk: string; amount: number }>(
    db,
    `SELECT account, holder, kiosk, amount FROM balance WHERE (account IN ('main', 'esc') AND amount < 0) OR (account IN ('due', 'overdraft') AND amount > 0)
      ORDER BY account, holder, kiosk LIMIT 1`,
  ).get();
  const crowded = prepared<[], { kiosk: string; unsettled: number; unsent: number; cap: number }>(
    db,
    `SELECT owed.kiosk AS kiosk, sum(unsettled) AS unsettled, coalesce((${unsentBy}), 0) AS unsent, roaming_cap AS cap
       FROM (${unsettledBy}) AS owed JOIN kiosk ON kiosk.kiosk = owed.kiosk
      WHERE roaming_cap IS NOT NULL GROUP BY owed.kiosk, roaming_cap HAVING sum(unsettled) > roaming_cap ORDER BY owed.kiosk`,
  )
    .all()
    .find((each) => each.unsettled > Math.max(each.cap, raisedRoaming(db, each.kiosk)) + each.unsent);
  const { n, unsettled } = prepared<[], { n: number; unsettled: number }>(
    db,
    `SELECT count(*) AS n, coalesce(sum(unsettled), 0) AS unsettled FROM (${unsettledBy}) AS owed WHERE unsettled > 0`,
  ).get()!;
  const place =
    negative !== undefined
      ? `${placeText(negative)} is ${negative.amount}`
      : crowded !== undefined
        ? `${crowded.kiosk}: ${crowded.unsettled} unsettled of ${crowded.cap}`
        : null;
  return { rule: '3', name, figures: `${pointsText(unsettled)} points unsettled, ${n} accounts at kiosks`, place };
}

/** SQL, of a row of owed: nobody was told that it went beyond its line. */
const isUnraised = `NOT EXISTS (
  SELECT 1 FROM exception JOIN event ON event.kiosk = exception.kiosk AND event.seq = exception.seq
   WHERE exception.kiosk = owed.kiosk AND code = 'over_roaming_line' AND event.account = owed.holder)`;

/** The first account that owes more at a kiosk than any line that a file ever told there, by kiosks: a year has a million lines. */
async function beyondLine(inTurn: InTurn): Promise<string | null> {
  const kiosks = await inTurn((db) => prepared<[], { kiosk: string }>(db, 'SELECT kiosk FROM kiosk ORDER BY kiosk').all());
  for (const { kiosk } of kiosks) {
    const beyond = await inTurn((db) =>
      prepared<[string, string], { holder: string; unsettled: number; cap: number }>(
        db,
        `SELECT owed.holder AS holder, unsettled, coalesce(line.cap, 0) AS cap FROM (SELECT * FROM (${unsettledBy}) AS every WHERE kiosk = ?) AS owed
           LEFT JOIN (SELECT account, max(cap) AS cap FROM down_line WHERE kiosk = ? GROUP BY account) AS line ON line.account = owed.holder
          WHERE unsettled > coalesce(line.cap, 0) + coalesce((${unsentBy} AND lost.account = owed.holder), 0) AND ${isUnraised}
          ORDER BY owed.holder LIMIT 1`,
      ).get(kiosk, kiosk),
    );
    if (beyond !== undefined) return `${beyond.holder} at ${kiosk}: ${beyond.unsettled} unsettled, no line was ever above ${beyond.cap}`;
  }
  return null;
}

/** Unsettled roaming at a kiosk when it was last beyond its bound, as people were told (fold.ts): more than that nobody was. 0: never. */
function raisedRoaming(db: ReadableDatabase, kiosk: string): number {
  const row = prepared<[string], { detail: string }>(
    db,
    `SELECT detail FROM exception WHERE kiosk = ? AND code = 'over_kiosk_roaming' ORDER BY number DESC LIMIT 1`,
  ).get(kiosk);
  return row === undefined ? 0 : Number(/^\d+/.exec(row.detail)?.[0] ?? 0);
}

/** A line counts until the kiosk's own event says that it is closed (R3): county/book/rights.ts keeps roam_line so. */
function linesAreBounded(db: ReadableDatabase): Check {
  const open = 'SELECT kiosk, account, max(cap) AS cap FROM roam_line GROUP BY kiosk, account HAVING max(cap) > 0';
  const { m } = prepared<[], { m: number }>(db, 'SELECT roam_lines AS m FROM county').get()!; // a county's book has its row
  const many = prepared<[number], { account: string; n: number }>(
    db,
    `SELECT account, count(*) AS n FROM (${open}) AS line GROUP BY account HAVING count(*) > ? ORDER BY account LIMIT 1`,
  ).get(m);
  const { n, cap } = prepared<[], { n: number; cap: number }>(
    db,
    `SELECT count(*) AS n, coalesce(sum(cap), 0) AS cap FROM (${open}) AS line`,
  ).get()!;
  return {
    rule: '12',
    name: `no account has more than ${m} roaming lines open`,
    figures: `${n} lines of ${pointsText(cap)} points together`,
    place: many === undefined ? null : `${many.account} has ${many.n} open lines`,
  };
}

/** Incarnations, and how many events they have. */
interface Chains {
  readonly all: readonly { readonly kiosk: string; readonly inc: number }[];
  readonly events: number;
  /** The first that is not posted as it was answered. */
  readonly unlike: string | null;
}

function chainsAsAnswered(db: ReadableDatabase): Chains {
  const all = prepared<[], { kiosk: string; inc: number; events: number }>(
    db,
    'SELECT kiosk, inc, to_seq - base_seq AS events FROM chain ORDER BY kiosk, inc',
  ).all();
  return { all, events: all.reduce((sum, { events }) => sum + events, 0), unlike: goesRound(db) ?? otherwiseAnswered(db) };
}

function goesRound(db: ReadableDatabase): string | null {
  const row = prepared<[], { kiosk: string; inc: number; base_inc: number }>(
    db,
    'SELECT kiosk, inc, base_inc FROM chain WHERE abs(base_inc) >= abs(inc) ORDER BY kiosk, inc LIMIT 1',
  ).get();
  return row === undefined ? null : `${row.kiosk}/${row.inc} goes on from incarnation ${row.base_inc}, which is not before it`;
}

function otherwiseAnswered(db: ReadableDatabase): string | null {
  const row = prepared<[], { kiosk: string; inc: number; file_seq: number; told: number }>(
    db,
    `SELECT chain.kiosk AS kiosk, chain.inc AS inc, chain.file_seq AS file_seq, max(answer.file_seq) AS told FROM chain
       JOIN answer ON answer.kiosk = chain.kiosk AND answer.inc = chain.inc AND verdict = 'ACCEPTED'
      GROUP BY chain.kiosk, chain.inc, chain.file_seq HAVING max(answer.file_seq) <> chain.file_seq ORDER BY chain.kiosk, chain.inc LIMIT 1`,
  ).get();
  return row === undefined ? null : `${row.kiosk}/${row.inc}: posted through file ${row.file_seq}, answered through ${row.told}`;
}

async function prefixesArePosted(inTurn: InTurn, posted: Posted, { all, events, unlike }: Chains): Promise<Check> {
  let broken: string | null = null;
  for (const chain of all) broken ??= await inTurn((db) => brokenPrefix(db, chain));
  return {
    rule: '17',
    name: 'what is posted of each incarnation begins at its beginning and has no gap',
    figures: `${all.length} incarnations, ${events} events`,
    place: broken ?? posted.loose ?? unlike,
  };
}

/** Whether the events of a chain are all there. */
function brokenPrefix(db: ReadableDatabase, { kiosk, inc }: { readonly kiosk: string; readonly inc: number }): string | null {
  const row = prepared<[string, number], { base_seq: number; to_seq: number; n: number; low: number; high: number }>(
    db,
    `SELECT base_seq, to_seq, count(event.seq) AS n, coalesce(min(event.seq), 0) AS low, coalesce(max(event.seq), 0) AS high
       FROM chain LEFT JOIN event ON event.kiosk = chain.kiosk AND event.inc = chain.inc WHERE chain.kiosk = ? AND chain.inc = ?
      GROUP BY chain.kiosk, chain.inc, base_seq, to_seq
      HAVING count(event.seq) <> to_seq - base_seq OR (to_seq > base_seq AND (min(event.seq) <> base_seq + 1 OR max(event.seq) <> to_seq))`,
  ).get(kiosk, inc);
  if (row === undefined) return null;
  return `${kiosk}/${inc}: ${row.n} events ${row.low}…${row.high} where ${row.base_seq + 1}…${row.to_seq} are posted`;
}

async function eventsArePostedOnce(inTurn: InTurn, posted: Posted, rowsMax: number): Promise<Check> {
  let copied: string | null = null;
  for (let after: string | null = ''; after !== null && copied === null;) {
    const from: string = after;
    const page: CopiedPage = await inTurn((db) => copiedAfter(db, from, rowsMax));
    copied = page.copied;
    after = page.last;
  }
  const place = posted.astray ?? copied;
  return { rule: '18', name: 'every event is posted once', figures: `${posted.through} entries`, place };
}

interface CopiedPage {
  readonly copied: string | null;
  /** After which the next page begins; null: this was the last. */
  readonly last: string | null;
}

/** The same act of a kiosk twice was raised when it came (R6, 6); one that nobody was told of was not posted by us. Of some acts, by their names. */
function copiedAfter(db: ReadableDatabase, after: string, rowsMax: number): CopiedPage {
  const page = prepared<[string, number], { n: number; last: string | null }>(
    db,
    `SELECT count(*) AS n, max(id) AS last FROM (SELECT id FROM event WHERE kind IN ('SALE', 'CREDIT') AND id > ? ORDER BY id LIMIT ?) AS page`,
  ).get(after, rowsMax)!; // an aggregate has a row
  if (page.last === null) return { copied: null, last: null };
  const twice = prepared<[string, string], { id: string; entry: number }>(
    db,
    `SELECT id, max(entry) AS entry FROM event WHERE kind IN ('SALE', 'CREDIT') AND id > ? AND id <= ? GROUP BY id
     HAVING count(*) > 1 AND id NOT IN (SELECT detail FROM exception WHERE code = 'id_twice') ORDER BY id LIMIT 1`,
  ).get(after, page.last);
  return {
    copied: twice === undefined ? null : `${twice.id} was posted twice, last as entry ${twice.entry}, and not raised`,
    last: page.n < rowsMax ? null : page.last,
  };
}

function historiesAreOne(db: ReadableDatabase): Check {
  // two that different keys signed are of two machines, and the other's is refused
  const contents = `SELECT one.kiosk AS kiosk, one.inc AS inc, one.file_seq AS file_seq FROM up_file AS one JOIN up_file AS other
      ON other.kiosk = one.kiosk AND other.inc = one.inc AND other.file_seq = one.file_seq AND other.sha256 > one.sha256
     WHERE one.key IS NULL OR other.key IS NULL OR one.key = other.key`;
  const unraised = prepared<[], { kiosk: string; inc: number; file_seq: number }>(
    db,
    `SELECT kiosk, inc, file_seq FROM (${contents}) AS twice WHERE NOT EXISTS (
         SELECT 1 FROM exception WHERE exception.kiosk = twice.kiosk AND exception.inc = twice.inc AND code IN ('fork', 'out_of_balance', 'rejected'))
      ORDER BY kiosk, inc, file_seq LIMIT 1`,
  ).get();
  const accepted = prepared<[], { kiosk: string; inc: number; file_seq: number }>(
    db,
    `SELECT kiosk, inc, file_seq FROM answer WHERE verdict = 'ACCEPTED' GROUP BY kiosk, inc, file_seq HAVING count(*) > 1 LIMIT 1`,
  ).get();
  const selling = prepared<[], { kiosk: string }>(
    db,
    `SELECT kiosk FROM kiosk WHERE state NOT IN ('quarantined', 'revoked') AND EXISTS (SELECT 1 FROM exception WHERE exception.kiosk = kiosk.kiosk AND code = 'fork'
        AND ${isUnanswered}) ORDER BY kiosk LIMIT 1`,
  ).get();
  const { n } = prepared<[], { n: number }>(db, `SELECT count(*) AS n FROM exception WHERE code = 'fork'`).get()!;
  const place =
    accepted !== undefined
      ? `two contents of ${accepted.kiosk}/${accepted.inc}/${accepted.file_seq} are posted`
      : unraised !== undefined
        ? `two contents of ${unraised.kiosk}/${unraised.inc}/${unraised.file_seq} came and nobody was told`
        : selling !== undefined
          ? `${selling.kiosk} has two histories that nobody answered, and is not in quarantine`
          : null;
  return { rule: '20', name: 'no kiosk has two histories in the book', figures: `${n} forks seen`, place };
}

/** What settlements and county batches took out of red accounts, by kiosk and merchant. */
const settledBy = `SELECT kiosk, merchant, points FROM settlement UNION ALL SELECT kiosk, merchant, points FROM county_batch`;

function unlikeRedeemed(db: ReadableDatabase, { redeemed }: Posted): string | null {
  const rows = prepared<[], { kiosk: string; settled: number; open: number }>(
    db,
    `SELECT kiosk, sum(settled) AS settled, sum(open) AS open FROM (
       SELECT kiosk, points AS settled, 0 AS open FROM (${settledBy}) AS taken
       UNION ALL SELECT kiosk, 0, amount FROM balance WHERE account = 'red' AND holder = '' AND commodity = 'PTS') AS parts GROUP BY kiosk`,
  ).all();
  const byKiosk = new Map(rows.map((row) => [row.kiosk, row]));
  for (const kiosk of [...new Set([...byKiosk.keys(), ...redeemed.keys()])].toSorted()) {
    const { settled, open } = byKiosk.get(kiosk) ?? { settled: 0, open: 0 };
    const points = redeemed.get(kiosk) ?? 0;
    if (points !== settled + open) return `${kiosk}: redeemed ${points}, of it settled ${settled} and open ${open}`;
  }
  return null;
}

function settledOnce(db: ReadableDatabase, posted: Posted): Check {
  const unlike = unlikeRedeemed(db, posted);
  const batch = prepared<[], { kiosk: string; inc: number; number: number; points: number; days: number }>(
    db,
    `SELECT s.kiosk AS kiosk, s.inc AS inc, s.number AS number, s.points AS points, coalesce(day.red, 0) AS days FROM settlement AS s
       LEFT JOIN (SELECT d.kiosk AS kiosk, d.inc AS inc, d.number AS number, sum(c.red - coalesce(b.red, 0)) AS red FROM closing AS c
           JOIN settled_day AS d ON d.entry = c.entry AND d.kiosk = c.kiosk AND d.inc = c.inc
           LEFT JOIN closing AS b ON b.kiosk = c.kiosk AND b.inc = c.inc AND b.number = c.number - 1
          GROUP BY d.kiosk, d.inc, d.number) AS day ON day.kiosk = s.kiosk AND day.inc = s.inc AND day.number = s.number
      WHERE s.points <> coalesce(day.red, 0) ORDER BY s.kiosk, s.inc, s.number LIMIT 1`,
  ).get();
  const merchant = prepared<[], { merchant: string; settled: number; held: number }>(
    db,
    `SELECT shop.merchant AS merchant, shop.points AS settled, coalesce(sum(balance.amount), 0) AS held
       FROM (SELECT merchant, sum(points) AS points FROM (${settledBy}) AS taken GROUP BY merchant) AS shop
       LEFT JOIN balance ON balance.holder = shop.merchant AND balance.account IN ('merchant', 'paid') AND balance.commodity = 'PTS'
      GROUP BY shop.merchant, shop.points HAVING shop.points <> coalesce(sum(balance.amount), 0) ORDER BY shop.merchant LIMIT 1`,
  ).get();
  const money = prepared<[], { merchant: string; owed: number; held: number }>(
    db,
    `SELECT shop.merchant AS merchant, shop.owed AS owed, coalesce(sum(balance.amount), 0) AS held
       FROM (SELECT merchant, sum(owed_fen) AS owed FROM settlement GROUP BY merchant) AS shop
       LEFT JOIN balance ON balance.holder = shop.merchant AND balance.account IN ('merchant', 'paid') AND balance.commodity = 'CNY'
      GROUP BY shop.merchant, shop.owed HAVING shop.owed <> coalesce(sum(balance.amount), 0) ORDER BY shop.merchant LIMIT 1`,
  ).get();
  const paid = prepared<[], { merchant: string; told: number; held: number }>(
    db,
    `SELECT merchant, sum(told) AS told, sum(held) AS held FROM (
       SELECT merchant, max(paid_fen) AS told, 0 AS held FROM settlement_word AS w
         JOIN settlement AS s ON s.kiosk = w.kiosk AND s.inc = w.inc AND s.number = w.number WHERE state = 'paid' GROUP BY merchant, w.kiosk, w.inc, w.number
       UNION ALL SELECT holder, 0, amount FROM balance WHERE account = 'paid' AND commodity = 'CNY') AS parts
      GROUP BY merchant HAVING sum(told) <> sum(held) ORDER BY merchant LIMIT 1`,
  ).get();
  const byHand = prepared<[], { number: number; points: number; owed: number; lines: number; worth: number; told: number }>(
    db,
    `SELECT b.number AS number, b.points AS points, b.owed_fen AS owed, l.points AS lines, l.fen - b.share_fen AS worth, coalesce(a.fen, 0) AS told
       FROM county_batch AS b
       JOIN (SELECT batch, sum(points) AS points, sum(fen) AS fen FROM county_batch_line GROUP BY batch) AS l ON l.batch = b.number
       LEFT JOIN adjustment AS a ON a.kiosk = b.kiosk AND a.id = b.adjustment
      WHERE b.points <> l.points OR b.owed_fen <> l.fen - b.share_fen OR b.owed_fen <> coalesce(a.fen, 0) ORDER BY b.number LIMIT 1`,
  ).get();
  const { n, points } = prepared<[], { n: number; points: number }>(
    db,
    `SELECT count(*) AS n, coalesce(sum(points), 0) AS points FROM (${settledBy}) AS taken`,
  ).get()!;
  const place =
    unlike !== null
      ? unlike
      : batch !== undefined
        ? `settlement ${batch.kiosk}/${batch.inc}/${batch.number} is of ${batch.points}, its days of ${batch.days}`
        : merchant !== undefined
          ? `merchant ${merchant.merchant}: ${merchant.settled} points settled, ${merchant.held} owed and paid`
          : money !== undefined
            ? `merchant ${money.merchant}: ${money.owed} fen settled, ${money.held} owed and paid`
            : paid !== undefined
              ? `merchant ${paid.merchant}: paid ${paid.held} fen by the postings, ${paid.told} by the words about its settlements`
              : byHand !== undefined
                ? `county batch ${byHand.number} is of ${byHand.points} points and ${byHand.owed} fen, its lines of ${byHand.lines} and ${byHand.worth}, told ${byHand.told}`
                : null;
  return {
    rule: '24',
    name: 'what was redeemed is in one settlement, or open',
    figures: `${n} settlements, ${pointsText(points)} points`,
    place,
  };
}

/** The rule that is printed every day, whether it holds or not. */
export const identityRule = '26';

/**
 * What was issued and recycled, by the awards and the events, is what lies in every account, by the postings (R6, 26). Both sides come
 * from other rows: an award or a credit without its points, or the other way round, breaks it.
 */
function identity(db: ReadableDatabase, { others, credited, held }: Posted): Check {
  const sumOf = (sql: string): number => prepared<[], { amount: number }>(db, sql).get()!.amount; // an aggregate has a row
  const awarded =
    sumOf('SELECT coalesce(sum(points), 0) AS amount FROM award_batch WHERE id IN (SELECT batch FROM award_release)') +
    sumOf('SELECT coalesce(sum(points), 0) AS amount FROM award_releasing'); // of a long list what is posted so far
  const takenBack = sumOf('SELECT coalesce(sum(points), 0) AS amount FROM taken_back');
  const reclaimed = (kind: string): number =>
    sumOf(
      `SELECT coalesce(sum(reclaimed.points), 0) AS amount FROM reclaimed JOIN reclaim ON reclaim.number = reclaimed.number WHERE kind = '${kind}'`,
    );
  const twice = (of: string): number => sumOf(`SELECT coalesce(sum(points), 0) AS amount FROM reclaimed_twice WHERE kiosk ${of} ''`);
  const expired = reclaimed('expiry') - twice('=');
  const disallowed = reclaimed('credits') - twice('<>');
  const byPaper = sumOf(
    `SELECT coalesce(sum(points), 0) AS amount FROM lost_paper AS paper WHERE kind = 'credit' AND NOT EXISTS (
       SELECT 1 FROM lost_paper_found AS found WHERE found.kiosk = paper.kiosk AND found.inc = paper.inc AND found.seq = paper.seq)`,
  );
  const recycled = credited + byPaper;
  const of = (account: string): number => held.get(account) ?? 0;
  const left = awarded - takenBack - expired + others + recycled - disallowed;
  const terms = ['main', 'esc', 'red', 'merchant', 'paid', 'roam', 'due', 'overdraft', 'writeoff', 'suspense'] as const;
  const right = terms.reduce((sum, account) => sum + of(account), 0);
  const signed = terms.map(
    (account, i) => `${of(account) < 0 ? '− ' : i === 0 ? '' : '+ '}${account} ${pointsText(Math.abs(of(account)))}`,
  );
  const less = (name: string, points: number): string => (points === 0 ? '' : ` − ${name} ${pointsText(points)}`);
  const issued = `awarded ${pointsText(awarded)}${less('taken back', takenBack)}${less('expired', expired)}`;
  const made = `recycled ${pointsText(recycled)}${less('disallowed', disallowed)}`;
  const figures = `${issued} + others ${pointsText(others)} + ${made} = ${signed.join(' ')}`;
  const place = left === right ? (unreleased(db) ?? byOnePerson(db)) : `issued and recycled ${left}, found ${right}`;
  return { rule: identityRule, name: 'points', figures, place };
}

/** What was taken of residents without the release of a second person. */
function unreleased(db: ReadableDatabase): string | null {
  const row = prepared<[], { what: string; number: number }>(
    db,
    `SELECT 'taking back' AS what, number FROM taken_back WHERE number NOT IN (SELECT number FROM take_back_release)
     UNION ALL SELECT 'reclaim', number FROM reclaimed WHERE number NOT IN (SELECT number FROM reclaim_release) ORDER BY what, number LIMIT 1`,
  ).get();
  return row === undefined ? null : `${row.what} ${row.number} took effect, and nobody released it`;
}

/** What one person both proposed and released: lists of awards, what is reclaimed, repairs. */
function byOnePerson(db: ReadableDatabase): string | null {
  const released = prepared<[], { what: string; number: number; by: string; releasedBy: string }>(
    db,
    `SELECT 'list' AS what, id AS number, proposed_by AS by, released_by AS "releasedBy" FROM award_batch JOIN award_release ON batch = id
     UNION ALL SELECT 'taking back', number, proposed_by, released_by FROM take_back JOIN take_back_release USING (number)
     UNION ALL SELECT 'reclaim', number, proposed_by, released_by FROM reclaim JOIN reclaim_release USING (number)
     UNION ALL SELECT 'repair', number, proposed_by, released_by FROM repair JOIN repair_release USING (number) ORDER BY what, number`,
  ).all();
  const row = released.find(({ by, releasedBy }) => personOf(by) === personOf(releasedBy));
  return row === undefined ? null : `${row.what} ${row.number} was proposed and released by ${row.by} alone`;
}
