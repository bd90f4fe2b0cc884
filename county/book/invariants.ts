// The whole county's book against the rules that it must never break (reconciliation.md R6: 1–3, 5, 11, 12, 17–20, 24, 26): each with its
// figures and the first place where it does not hold; or what came since they held. Reads only what is committed, and mends nothing.

import { type ReadableDatabase, prepared } from '../../db/sqlite.ts';
import { type Checked, areBalancesMoved, nothingChecked, sumsThrough } from './checked.ts';
import type { CountyBook } from './county-book.ts';
import { foldsAgain } from './fold-again.ts';
import { isUnanswered } from './unanswered.ts';

/** One rule, looked at over the whole book, or over what came since it held. */
export interface Check {
  /** Its numbers in R6. */
  readonly rule: string;
  readonly name: string;
  readonly figures: string;
  /** Where it breaks first; null: it holds. */
  readonly place: string | null;
}

/**
 * Every check. `tables`: those that the tables alone tell, in seconds for years of a county; `whole`: also those that read every event
 * and every answer again.
 */
export async function checkBook(book: CountyBook, depth: 'tables' | 'whole'): Promise<readonly Check[]> {
  return book.read(async (db) => [...checkTables(db, nothingChecked), ...(depth === 'whole' ? await foldsAgain(db, book) : [])]);
}

/** What the tables tell of the entries since `before`, when they all held; of the whole book where nothing was looked at before. */
export function checkTables(db: ReadableDatabase, before: Checked): readonly Check[] {
  return [
    sumsAreZero(db, before),
    balancesAreSums(db, before),
    withinLimits(db, before),
    linesAreBounded(db),
    prefixesArePosted(db, before),
    eventsArePostedOnce(db, before),
    historiesAreOne(db),
    settledOnce(db, before),
    identity(db, before),
  ];
}

export function checkLine({ rule, name, figures, place }: Check): string {
  return place === null ? `ok    R6 ${rule.padEnd(6)} ${name}: ${figures}` : `BREAK R6 ${rule.padEnd(6)} ${name}: ${place} (${figures})`;
}

/** Hundredths of a point as text for people. */
export function pointsText(hundredths: number): string {
  const text = String(Math.abs(hundredths)).padStart(3, '0');
  return `${hundredths < 0 ? '-' : ''}${text.slice(0, -2)}.${text.slice(-2)}`;
}

function sumsAreZero(db: ReadableDatabase, before: Checked): Check {
  const { rows, entries } = prepared<[number], { rows: number; entries: number }>(
    db,
    'SELECT count(*) AS rows, count(DISTINCT entry) AS entries FROM posting WHERE entry > ?',
  ).get(before.entry)!; // an aggregate has a row
  const entry = prepared<[number], { entry: number; commodity: string; amount: number }>(
    db,
    `SELECT entry, commodity, sum(amount) AS amount FROM posting WHERE entry > ? GROUP BY entry, commodity HAVING sum(amount) <> 0
      ORDER BY entry LIMIT 1`,
  ).get(before.entry);
  const whole = prepared<[], { commodity: string; amount: number }>(
    db,
    'SELECT commodity, sum(amount) AS amount FROM balance GROUP BY commodity HAVING sum(amount) <> 0 LIMIT 1',
  ).get();
  const place =
    entry !== undefined
      ? `the postings of entry ${entry.entry} sum to ${entry.amount} ${entry.commodity}`
      : whole !== undefined
        ? `all balances sum to ${whole.amount} ${whole.commodity}`
        : null;
  return { rule: '1–2', name: 'every entry and the whole book sum to zero', figures: `${entries} entries, ${rows} postings`, place };
}

function balancesAreSums(db: ReadableDatabase, before: Checked): Check {
  const { n } = prepared<[], { n: number }>(db, 'SELECT count(*) AS n FROM balance').get()!;
  const isMoved = before.entry > 0 && areBalancesMoved(db, before);
  const place = isMoved ? null : before.entry > 0 ? `balances are not what was posted since entry ${before.entry}` : unlikeBalance(db);
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
function withinLimits(db: ReadableDatabase, before: Checked): Check {
  const name = 'rights are not negative, roaming stays within its line and its kiosk’s bound, or is raised';
  const negative = prepared<[], { account: string; holder: string; kiosk: string; amount: number }>(
    db,
    `SELECT account, holder, kiosk, amount FROM balance WHERE (account IN ('main', 'esc') AND amount < 0) OR (account IN ('due', 'overdraft') AND amount > 0)
      ORDER BY account, holder, kiosk LIMIT 1`,
  ).get();
  const beyond = before.entry > 0 && !isBeyondOpen(db) ? undefined : beyondAll(db);
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
      : beyond !== undefined
        ? `${beyond.holder} at ${beyond.kiosk}: ${beyond.unsettled} unsettled, no line was ever above ${beyond.cap}`
        : crowded !== undefined
          ? `${crowded.kiosk}: ${crowded.unsettled} unsettled of ${crowded.cap}`
          : null;
  return { rule: '3', name, figures: `${pointsText(unsettled)} points unsettled, ${n} accounts at kiosks`, place };
}

/** SQL, of a row of owed: nobody was told that it went beyond its line. */
const isUnraised = `NOT EXISTS (
  SELECT 1 FROM exception JOIN event ON event.kiosk = exception.kiosk AND event.seq = exception.seq
   WHERE exception.kiosk = owed.kiosk AND code = 'over_roaming_line' AND event.account = owed.holder)`;

/** The first account that owes more at a kiosk than any line that a file ever told there. */
function beyondAll(
  db: ReadableDatabase,
): { readonly holder: string; readonly kiosk: string; readonly unsettled: number; readonly cap: number } | undefined {
  return prepared<[], { holder: string; kiosk: string; unsettled: number; cap: number }>(
    db,
    `SELECT owed.holder AS holder, owed.kiosk AS kiosk, unsettled, coalesce(line.cap, 0) AS cap FROM (${unsettledBy}) AS owed
       LEFT JOIN (SELECT kiosk, account, max(cap) AS cap FROM down_line GROUP BY kiosk, account) AS line ON line.kiosk = owed.kiosk AND line.account = owed.holder
      WHERE unsettled > coalesce(line.cap, 0) + coalesce((${unsentBy} AND lost.account = owed.holder), 0) AND ${isUnraised}
      ORDER BY owed.kiosk, owed.holder LIMIT 1`,
  ).get();
}

/** Whether there is one, by the lines that are open; those of earlier files are asked of the few that owe more, up to the first that is enough. */
function isBeyondOpen(db: ReadableDatabase): boolean {
  const unsent = `coalesce((${unsentBy} AND lost.account = owed.holder), 0)`;
  const line = 'line.kiosk = owed.kiosk AND line.account = owed.holder';
  const row = prepared<[], object>(
    db,
    `SELECT 1 FROM (${unsettledBy}) AS owed WHERE unsettled > coalesce((SELECT max(cap) FROM roam_line AS line WHERE ${line}), 0)
        AND unsettled > ${unsent} AND NOT EXISTS (SELECT 1 FROM down_line AS line WHERE ${line} AND cap >= unsettled - ${unsent})
        AND ${isUnraised} LIMIT 1`,
  ).get();
  return row !== undefined;
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

interface Stretch {
  readonly kiosk: string;
  readonly inc: number;
  readonly base_seq: number;
  readonly to_seq: number;
  readonly n: number;
  readonly low: number;
  readonly high: number;
}

/** A chain whose events are not all there. */
function brokenPrefix(db: ReadableDatabase): Stretch | undefined {
  return prepared<[], Stretch>(
    db,
    `SELECT chain.kiosk AS kiosk, chain.inc AS inc, base_seq, to_seq, count(event.seq) AS n, coalesce(min(event.seq), 0) AS low, coalesce(max(event.seq), 0) AS high
       FROM chain LEFT JOIN event ON event.kiosk = chain.kiosk AND event.inc = chain.inc GROUP BY chain.kiosk, chain.inc, base_seq, to_seq
      HAVING count(event.seq) <> to_seq - base_seq OR (to_seq > base_seq AND (min(event.seq) <> base_seq + 1 OR max(event.seq) <> to_seq))
      ORDER BY chain.kiosk, chain.inc LIMIT 1`,
  ).get();
}

/** A chain whose new events do not go on, without a gap, from those that it had, or that does not end with them. */
function brokenSince(db: ReadableDatabase, { entry }: Checked): Stretch | undefined {
  const news = `SELECT kiosk, inc, count(*) AS n, min(seq) AS low, max(seq) AS high FROM event WHERE entry > ? GROUP BY kiosk, inc`;
  const newest = 'SELECT max(seq) FROM event WHERE event.kiosk = chain.kiosk AND event.inc = chain.inc';
  const before = 'SELECT 1 FROM event WHERE event.kiosk = chain.kiosk AND event.inc = chain.inc AND event.seq = low - 1';
  return prepared<[number], Stretch>(
    db,
    `SELECT chain.kiosk AS kiosk, chain.inc AS inc, base_seq, to_seq, coalesce(n, 0) AS n, coalesce(low, 0) AS low, coalesce(high, 0) AS high
       FROM chain LEFT JOIN (${news}) AS news ON news.kiosk = chain.kiosk AND news.inc = chain.inc
      WHERE to_seq <> coalesce((${newest}), base_seq) OR n <> high - low + 1 OR low <= base_seq OR (low > base_seq + 1 AND NOT EXISTS (${before}))
      ORDER BY chain.kiosk, chain.inc LIMIT 1`,
  ).get(entry);
}

function prefixesArePosted(db: ReadableDatabase, before: Checked): Check {
  const broken = before.entry === 0 ? brokenPrefix(db) : brokenSince(db, before);
  const loose = prepared<[number], { kiosk: string; inc: number; seq: number }>(
    db,
    `SELECT kiosk, inc, min(seq) AS seq FROM event WHERE entry > ?
        AND NOT EXISTS (SELECT 1 FROM chain WHERE chain.kiosk = event.kiosk AND chain.inc = event.inc)
      GROUP BY kiosk, inc ORDER BY kiosk, inc LIMIT 1`,
  ).get(before.entry);
  const other = prepared<[], { kiosk: string; inc: number; file_seq: number; told: number }>(
    db,
    `SELECT chain.kiosk AS kiosk, chain.inc AS inc, chain.file_seq AS file_seq, max(answer.file_seq) AS told FROM chain
       JOIN answer ON answer.kiosk = chain.kiosk AND answer.inc = chain.inc AND verdict = 'ACCEPTED'
      GROUP BY chain.kiosk, chain.inc, chain.file_seq HAVING max(answer.file_seq) <> chain.file_seq ORDER BY chain.kiosk, chain.inc LIMIT 1`,
  ).get();
  const { n, events } = prepared<[], { n: number; events: number }>(
    db,
    'SELECT count(*) AS n, coalesce(sum(to_seq - base_seq), 0) AS events FROM chain',
  ).get()!;
  const place =
    broken !== undefined
      ? `${broken.kiosk}/${broken.inc}: ${broken.n} events ${broken.low}…${broken.high} where ${broken.base_seq + 1}…${broken.to_seq} are posted`
      : loose !== undefined
        ? `${loose.kiosk}/${loose.inc}: event ${loose.seq} belongs to no chain`
        : other !== undefined
          ? `${other.kiosk}/${other.inc}: posted through file ${other.file_seq}, answered through ${other.told}`
          : null;
  return {
    rule: '17',
    name: 'what is posted of each incarnation begins at its beginning and has no gap',
    figures: `${n} incarnations, ${events} events`,
    place,
  };
}

function eventsArePostedOnce(db: ReadableDatabase, { entry }: Checked): Check {
  const entries = `SELECT entry, 'event' AS source FROM event WHERE entry > ? UNION ALL SELECT entry, 'act' AS source FROM act WHERE entry > ?`;
  const twice = prepared<[number, number], { entry: number }>(
    db,
    `SELECT entry FROM (${entries}) AS entries GROUP BY entry HAVING count(*) > 1 ORDER BY entry LIMIT 1`,
  ).get(entry, entry);
  const stray = prepared<[number], { entry: number }>(
    db,
    `SELECT min(entry) AS entry FROM posting WHERE posting.entry > ? AND NOT EXISTS (SELECT 1 FROM event WHERE event.entry = posting.entry)
        AND NOT EXISTS (SELECT 1 FROM act WHERE act.entry = posting.entry) HAVING min(entry) IS NOT NULL`,
  ).get(entry);
  // The same act of a kiosk twice was raised when it came (R6, 6); one that nobody was told of was not posted by us.
  const newIds = `SELECT id FROM event WHERE entry > ${entry} AND kind IN ('SALE', 'CREDIT')`;
  const copied = prepared<[], { id: string; entry: number }>(
    db,
    `SELECT id, max(entry) AS entry FROM event WHERE kind IN ('SALE', 'CREDIT') ${entry === 0 ? '' : `AND id IN (${newIds})`} GROUP BY id
     HAVING count(*) > 1 AND id NOT IN (SELECT detail FROM exception WHERE code = 'id_twice') ORDER BY id LIMIT 1`,
  ).get();
  const { n, highest } = prepared<[number, number], { n: number; highest: number | null }>(
    db,
    `SELECT count(*) AS n, max(entry) AS highest FROM (${entries}) AS entries`,
  ).get(entry, entry)!; // an aggregate has a row
  const place =
    twice !== undefined
      ? `entry ${twice.entry} is two things`
      : stray !== undefined
        ? `postings of entry ${stray.entry}, which is neither an event nor an act`
        : copied !== undefined
          ? `${copied.id} was posted twice, last as entry ${copied.entry}, and not raised`
          : n !== (highest ?? entry) - entry
            ? `${n} entries where the newest is ${highest ?? 0}`
            : null;
  return { rule: '18', name: 'every event is posted once', figures: `${n} entries`, place };
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

/** Points that a kiosk redeemed: what its red account took in, less what it gave back, but for what settlements and county batches took out. */
const redeemedAt = `SELECT kiosk, sum(amount) AS points FROM (
    SELECT posting.kiosk AS kiosk, amount FROM posting JOIN event ON event.entry = posting.entry WHERE posting.account = 'red' AND event.kind <> 'SETTLED'
    UNION ALL SELECT posting.kiosk, amount FROM posting JOIN (SELECT entry FROM lost_paper UNION ALL SELECT entry FROM lost_paper_found) AS paper
      ON paper.entry = posting.entry WHERE posting.account = 'red') AS moves GROUP BY kiosk`;
/** What they took out, by kiosk and merchant. */
const settledBy = `SELECT kiosk, merchant, points FROM settlement UNION ALL SELECT kiosk, merchant, points FROM county_batch`;

/** What left the red accounts since then otherwise than by what was redeemed; and what was settled since. Together with rule 5 it is the same. */
function settledOtherwise(db: ReadableDatabase, { entry }: Checked): string | null {
  const paper = (table: string): string => `EXISTS (SELECT 1 FROM ${table} WHERE ${table}.entry = posting.entry)`;
  const row = prepared<[number, number, number], { kiosk: string; gone: number; settled: number }>(
    db,
    `SELECT kiosk, sum(gone) AS gone, sum(settled) AS settled FROM (
       SELECT kiosk, -amount AS gone, 0 AS settled FROM posting WHERE posting.entry > ? AND account = 'red'
          AND NOT EXISTS (SELECT 1 FROM event WHERE event.entry = posting.entry AND kind <> 'SETTLED')
          AND NOT ${paper('lost_paper')} AND NOT ${paper('lost_paper_found')}
       UNION ALL SELECT settlement.kiosk, 0, points FROM settlement
         JOIN event ON event.kiosk = settlement.kiosk AND event.inc = settlement.inc AND event.seq = settlement.seq WHERE event.entry > ?
       UNION ALL SELECT kiosk, 0, points FROM county_batch WHERE entry > ?) AS moves
      GROUP BY kiosk HAVING sum(gone) <> sum(settled) ORDER BY kiosk LIMIT 1`,
  ).get(entry, entry, entry);
  return row === undefined ? null : `${row.kiosk}: ${row.settled} were settled since entry ${entry}, ${row.gone} went`;
}

function unlikeRedeemed(db: ReadableDatabase): string | null {
  const unlike = prepared<[], { kiosk: string; redeemed: number; settled: number; open: number }>(
    db,
    `SELECT redeemed.kiosk AS kiosk, redeemed.points AS redeemed, coalesce(settled.points, 0) AS settled, coalesce(balance.amount, 0) AS open
       FROM (${redeemedAt}) AS redeemed
       LEFT JOIN (SELECT kiosk, sum(points) AS points FROM (${settledBy}) AS taken GROUP BY kiosk) AS settled ON settled.kiosk = redeemed.kiosk
       LEFT JOIN balance ON balance.account = 'red' AND balance.kiosk = redeemed.kiosk AND balance.commodity = 'PTS' AND balance.holder = ''
      WHERE redeemed.points <> coalesce(settled.points, 0) + coalesce(balance.amount, 0) ORDER BY redeemed.kiosk LIMIT 1`,
  ).get();
  return unlike === undefined
    ? null
    : `${unlike.kiosk}: redeemed ${unlike.redeemed}, of it settled ${unlike.settled} and open ${unlike.open}`;
}

function settledOnce(db: ReadableDatabase, before: Checked): Check {
  const unlike = before.entry === 0 ? unlikeRedeemed(db) : settledOtherwise(db, before);
  const batch = prepared<[], { kiosk: string; inc: number; number: number; points: number; days: number }>(
    db,
    `SELECT s.kiosk AS kiosk, s.inc AS inc, s.number AS number, s.points AS points, coalesce(sum(c.red - coalesce(b.red, 0)), 0) AS days
       FROM settlement AS s
       LEFT JOIN settled_day AS d ON d.kiosk = s.kiosk AND d.inc = s.inc AND d.number = s.number
       LEFT JOIN closing AS c ON c.entry = d.entry AND c.kiosk = s.kiosk AND c.inc = s.inc
       LEFT JOIN closing AS b ON b.kiosk = c.kiosk AND b.inc = c.inc AND b.number = c.number - 1
      GROUP BY s.kiosk, s.inc, s.number, s.points HAVING s.points <> coalesce(sum(c.red - coalesce(b.red, 0)), 0) ORDER BY s.kiosk, s.inc, s.number LIMIT 1`,
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
function identity(db: ReadableDatabase, before: Checked): Check {
  const sumOf = (sql: string): number => prepared<[], { amount: number }>(db, sql).get()!.amount; // an aggregate has a row
  const awarded =
    sumOf('SELECT coalesce(sum(points), 0) AS amount FROM award_batch WHERE id IN (SELECT batch FROM award_release)') +
    sumOf('SELECT coalesce(sum(points), 0) AS amount FROM award_releasing'); // of a long list what is posted so far
  const takenBack = sumOf('SELECT coalesce(sum(points), 0) AS amount FROM taken_back');
  const { others, credited, held } = sumsThrough(db, before);
  const byPaper = sumOf(
    `SELECT coalesce(sum(points), 0) AS amount FROM lost_paper AS paper WHERE kind = 'credit' AND NOT EXISTS (
       SELECT 1 FROM lost_paper_found AS found WHERE found.kiosk = paper.kiosk AND found.inc = paper.inc AND found.seq = paper.seq)`,
  );
  const recycled = credited + byPaper;
  const of = (account: string): number => held[account] ?? 0;
  const left = awarded - takenBack + others + recycled;
  const terms = ['main', 'esc', 'red', 'merchant', 'paid', 'roam', 'due', 'overdraft', 'writeoff', 'suspense'] as const;
  const right = terms.reduce((sum, account) => sum + of(account), 0);
  const signed = terms.map(
    (account, i) => `${of(account) < 0 ? '− ' : i === 0 ? '' : '+ '}${account} ${pointsText(Math.abs(of(account)))}`,
  );
  const back = takenBack === 0 ? '' : ` − taken back ${pointsText(takenBack)}`;
  const figures = `awarded ${pointsText(awarded)}${back} + others ${pointsText(others)} + recycled ${pointsText(recycled)} = ${signed.join(' ')}`;
  const place = left === right ? null : `issued and recycled ${left}, found ${right}`;
  return { rule: identityRule, name: 'points', figures, place };
}
