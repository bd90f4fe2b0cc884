// The county's night: gives out what was awarded, funds what was roamed, asks back what is due, and makes the next file for each kiosk
// from the book (reconciliation.md R3 and R4). A kiosk that is quarantined, or was put back and not answered for, gets none.

import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { type Points, amountMax, fen, points } from '../db/model/amounts.ts';
import { type DownHeader, type DownLine, downFormat } from '../db/model/down-file.ts';
import type { BookEvent } from '../db/model/event.ts';
import { assert } from '../db/model/result.ts';
import { businessDate } from '../db/model/time.ts';
import { type ReadableDatabase, prepared } from '../db/sqlite.ts';
import { acceptSettlements } from './book/acceptance.ts';
import { finishReleases, writeMissingPapers } from './book/awards.ts';
import { finishEveryReclaim } from './book/reclaim-kinds.ts';
import { type Chain, findChain, newestChain, storedEvent } from './book/chains.ts';
import { clockLeap, raiseLeap } from './book/clock.ts';
import type { CountyAct, CountyBook } from './book/county-book.ts';
import { downSigners, rootFor } from './book/county-keys.ts';
import { adjustmentLines } from './book/adjustments.ts';
import { repayAdvancesByNight } from './book/advances.ts';
import { settleForgotten, settleHeard } from './book/forgotten.ts';
import { takeLeftFiles } from './book/down-evidence.ts';
import { isVoided } from './book/down-void.ts';
import { asKiosksTake, committeeTold, cosignedBeside } from './book/committee.ts';
import { raiseSilence } from './book/committee-silence.ts';
import { raiseNightFault } from './book/exceptions.ts';
import { keyAsked } from './book/kiosk-keys.ts';
import { keepDownFile, keepGrant, keepRoam } from './book/import-files.ts';
import { askLapsedBack, kiosksOfLapsed } from './book/lapsed-vouchers.ts';
import { countyBalanceOf } from './book/ledger.ts';
import { masterLines, putDueSchemes } from './book/master.ts';
import { isFirstSincePutBack, isUnheard } from './book/put-back.ts';
import { isRevoked } from './book/revoke.ts';
import { entryTold, rowThrough } from './book/taken-up.ts';
import { type Word, paidBetween, words } from './book/settlement-words.ts';
import { askForDues, frozenBy, grantUnallocated, homeOf, lineFor, payDebts, settledFor } from './book/rights.ts';
import { publishDownFile, stageDownFile } from './down-writer.ts';
import { finishDownFiles } from './down-finish.ts';
import { isContradictedBy } from './log/echoes.ts';
import { appendEntry, giveRoot } from './log/log.ts';
import { sealDay } from './log/steps.ts';

/** What became of one kiosk's file. */
export type NightOutcome =
  | { readonly kind: 'written'; readonly kiosk: string; readonly downSeq: number; readonly lines: number }
  /** A person must answer first; put_back: or the kiosk be heard, or log_contradicted: the log be made whole, or clock: the clock be put right. */
  | { readonly kind: 'held'; readonly kiosk: string; readonly why: HeldBy }
  /** It is not enrolled, or the county has no shop and no rules to tell it. */
  | { readonly kind: 'not_begun'; readonly kiosk: string }
  /** Its file could not be made: people are told, the others have theirs, and the next night tries again. */
  | { readonly kind: 'failed'; readonly kiosk: string; readonly why: string };

export type HeldBy = 'quarantined' | 'revoked' | 'restored' | 'restored_behind' | 'put_back' | 'log_contradicted' | 'clock';

/** Makes the night's files; each with what it says in one transaction, so that a night cut short goes on where it stopped. */
export async function night(book: CountyBook): Promise<readonly NightOutcome[]> {
  const unfinished = new Map((await finishDownFiles(book)).map(({ kiosk, why }) => [kiosk, why]));
  const kiosks = await book.read((db) => prepared<[], { kiosk: string }>(db, 'SELECT kiosk FROM kiosk ORDER BY kiosk').all());
  const leap = await book.read((db) => clockLeap(book, db));
  if (leap !== null) {
    await raiseLeap(book, leap);
    return kiosks.map(({ kiosk }) => ({ kind: 'held', kiosk, why: 'clock' }));
  }
  await finishReleases(book);
  await writeMissingPapers(book);
  await finishEveryReclaim(book);
  await book.transact((act) => putDueSchemes(act, businessDate(book.wallMs())));
  for (const step of steps) await takeStep(book, step);
  await sealDay(book, businessDate(book.wallMs())); // a log that somebody contradicts is not signed: the exception says so
  await raiseSilence(book);
  const outcomes: NightOutcome[] = [];
  for (const { kiosk } of kiosks) {
    const why = unfinished.get(kiosk);
    outcomes.push(why === undefined ? await fileOrFault(book, kiosk) : { kind: 'failed', kiosk, why });
  }
  return outcomes;
}

/** The file of one kiosk; what is wrong with that is told to people, and stands in no other's way. Throws where the book itself is out of reach. */
async function fileOrFault(book: CountyBook, kiosk: string): Promise<NightOutcome> {
  try {
    return await nextFileFor(book, kiosk);
  } catch (error) {
    return { kind: 'failed', kiosk, why: await raiseNightFault(book, { kiosk, what: 'file', error }) };
  }
}

/** Something that the night does for kiosks or accounts, one after the other. */
interface Step {
  readonly name: string;
  of(db: ReadableDatabase): Iterable<string>;
  take(act: CountyAct, of: string): void;
}

/** All of a step in one act. Where that fails each is an act of its own: who cannot be done is told of, and waits for the next night alone. */
async function takeStep(book: CountyBook, step: Step): Promise<void> {
  try {
    return await book.transact((act) => {
      for (const of of step.of(act.db)) step.take(act, of);
    });
  } catch {
    // which of them it is shows below; a book that is out of reach says so there once more
  }
  for (const of of await book.read((db) => [...step.of(db)]))
    try {
      await book.transact((act) => step.take(act, of));
    } catch (error) {
      await raiseNightFault(book, { kiosk: '', what: `${step.name} ${of}`, error });
    }
}

/**
 * Makes the next file of one kiosk from what the book says now, and gives it its names once the book has it. Between the two the file is
 * nobody's: a server that dies there finishes it at its next start (down-finish.ts).
 */
export async function nextFileFor(book: CountyBook, kiosk: string): Promise<NightOutcome> {
  const outcome = await book.transact((act) => fileFor(book, act, kiosk));
  if (outcome.kind === 'written') publishDownFile(join(book.folder.down, kiosk), outcome.downSeq);
  return outcome;
}

const steps: readonly Step[] = [
  { name: 'settle', of: lateKiosks, take: settleForgotten },
  { name: 'allocate', of: (db) => holders(db, `account = 'main' AND amount > 0`), take: allocate },
  { name: 'ask', of: (db) => holders(db, `account = 'due' AND amount < 0`), take: askBack },
  { name: 'lapsed', of: kiosksOfLapsed, take: askLapsedBack },
];

/** Kiosks that were put back and answered for, or given up, may have files of their old disk, or papers, that came since. */
function lateKiosks(db: ReadableDatabase): readonly string[] {
  const kiosks = prepared<[], { kiosk: string }>(
    db,
    'SELECT kiosk FROM chain WHERE base_inc IS NOT NULL UNION SELECT kiosk FROM lost_paper ORDER BY kiosk',
  ).all();
  return kiosks.map(({ kiosk }) => kiosk).filter((kiosk) => frozenBy(db, kiosk) === null);
}

/** What lies unallocated first repays what was advanced, pays what is due and owed, and goes to the home kiosk, which holds 100 % (R3). */
function allocate(act: CountyAct, account: string): void {
  repayAdvancesByNight(act, account);
  const entry = act.enter('allocate', account);
  payDebts(act, account, entry);
  const kiosk = homeOf(act.db, account);
  if (!isRevoked(act.db, kiosk)) grantUnallocated(act, { kiosk, account }, entry, grantedMax); // else it lies until the account has another home
}

/** Every due becomes a return request to the home kiosk (R3). */
function askBack(act: CountyAct, account: string): void {
  const entry = act.enter('ask', account);
  askForDues(act, { kiosk: homeOf(act.db, account), account }, entry);
}

/** Most that one account is ever granted at a kiosk: ninety billion points, so that a kiosk adds those of a thousand accounts up within 2^53. */
const grantedMax = 9 * 10 ** 12;

/** Residents' accounts with such balances, each once, a page at a time: between pages the same transaction writes. */
function* holders(db: ReadableDatabase, condition: `account = '${'main' | 'due'}' AND amount ${'<' | '>'} 0`): Generator<string> {
  const page = prepared<[string, number], { holder: string }>(
    db,
    `SELECT DISTINCT holder FROM balance WHERE ${condition} AND commodity = 'PTS' AND holder > ? ORDER BY holder LIMIT ?`,
  );
  for (let last = ''; ;) {
    const rows = page.all(last, pageRows);
    for (const { holder } of rows) yield holder;
    if (rows.length < pageRows) return;
    last = rows.at(-1)!.holder; // a full page has one
  }
}

const pageRows = 1_000;
/** Every so many files one that says all there is: what a kiosk ever missed or mistook does not stay. */
const snapshotEvery = 30;

/** The file that the next one follows. */
interface LastFile {
  readonly down_seq: number;
  readonly inc: number;
  readonly sha256: string;
  readonly as_of: number;
  readonly entry: number;
  /** 0: it only asked (askingFile), and told nothing. */
  readonly tells: number;
}

/** Where the row of files to a kiosk stands. */
interface Row {
  readonly kiosk: string;
  readonly chain: Chain | null;
  readonly inc: number;
  readonly last: LastFile | null;
  readonly downSeq: number;
  /** The next one is the first of its incarnation. */
  readonly isFirst: boolean;
  /** The newest that told the kiosk what the book said then; null: none did. */
  readonly newest: Pick<LastFile, 'down_seq' | 'entry'> | null;
  /** What was said up to this entry the kiosk knows. */
  readonly told: number;
}

/** The next file of a kiosk, before it is written. */
interface NextFile {
  readonly kiosk: string;
  readonly downSeq: number;
  readonly inc: number;
  readonly entry: number;
  /** What was said up to this entry the kiosk knows. */
  readonly told: number;
  /** Rights, lines and balances in absolute values for every account, not only what changed. */
  readonly isWhole: boolean;
}

async function fileFor(book: CountyBook, act: CountyAct, kiosk: string): Promise<NightOutcome> {
  const { db } = act;
  const why = heldBy(db, kiosk);
  if (why === 'log_contradicted') acceptSettlements(act, { kiosk, at: book.wallMs() }); // what a shop sold is owed whatever becomes of the log (R6, 25)
  if (why !== null) return { kind: 'held', kiosk, why };
  if (isFirstSincePutBack(db, kiosk)) {
    if (!takeLeftFiles(book, act, kiosk)) return { kind: 'held', kiosk, why: 'put_back' };
    settleHeard(act, kiosk); // what the night's step left to this
  }
  const row = rowTo(db, kiosk);
  const { inc, last, downSeq, isFirst, told } = row;
  const canTellAll = hasWholeMaster(db, kiosk);
  if (last === null && (stateOf(db, kiosk) !== 'active' || !canTellAll)) return { kind: 'not_begun', kiosk };
  const isSnapshot = canTellAll && (isFirst || isSnapshotDue(row) || isFirstSincePutBack(db, kiosk));
  acceptSettlements(act, { kiosk, at: book.wallMs() }); // before the file's own entry: up to that the kiosk was told
  const entry = act.enter('down', `${kiosk} ${downSeq}`);
  const file: NextFile = { kiosk, downSeq, inc, entry, told, isWhole: isFirst || isSnapshot };
  const lines = await stageFile(book, act, row, {
    entry,
    asOf: Math.max(book.wallMs(), last?.as_of ?? 0),
    isSnapshot,
    paidFen: paidBetween(db, file),
    tells: true,
    lines: linesOf(act, file, isSnapshot),
  });
  prepared(db, 'UPDATE kiosk SET told_entry = ? WHERE kiosk = ?').run(entry, kiosk);
  return { kind: 'written', kiosk, downSeq, lines };
}

/**
 * A file between two nights, that only asks a kiosk for rights of an account: B is to become `b`. Prices, people, balances and words about
 * settlements wait for the night, and with them `asOf`, by which the kiosk judges how old its news is. To be published once the act is in
 * the book. askedInARow says whether anything may be said to the kiosk. Returns its number.
 */
export async function askingFile(
  book: CountyBook,
  act: CountyAct,
  { kiosk, account, b, entry }: { readonly kiosk: string; readonly account: string; readonly b: number; readonly entry: number },
): Promise<number> {
  const row = rowTo(act.db, kiosk);
  assert(row.last !== null && !row.isFirst, 'the night begins a row of files');
  const lines: readonly DownLine[] = [{ t: 'RETURN_REQ', a: account, b: points(b) }];
  await stageFile(book, act, row, { entry, asOf: row.last.as_of, isSnapshot: false, paidFen: 0, tells: false, lines });
  return row.downSeq;
}

/** How many files in a row only asked a kiosk, since one told it something. Null: nothing may be said to it now, or the night begins. */
export function askedInARow(db: ReadableDatabase, kiosk: string): number | null {
  if (stateOf(db, kiosk) !== 'active' || heldBy(db, kiosk) !== null || isFirstSincePutBack(db, kiosk)) return null;
  const { last, newest, isFirst } = rowTo(db, kiosk);
  return last === null || isFirst ? null : last.down_seq - (newest?.down_seq ?? 0);
}

function stateOf(db: ReadableDatabase, kiosk: string): string {
  const row = prepared<[string], { state: string }>(db, 'SELECT state FROM kiosk WHERE kiosk = ?').get(kiosk);
  assert(row !== undefined, 'a kiosk is never removed');
  return row.state;
}

function rowTo(db: ReadableDatabase, kiosk: string): Row {
  const chain = newestChain(db, kiosk);
  const inc = chain?.inc ?? 1;
  const last = lastFile(db, kiosk, chain);
  const newest = last === null || last.tells === 1 ? last : newestTelling(db, kiosk, last);
  const isFirst = last === null || last.inc < inc;
  const { told } = prepared<[string], { told: number }>(db, 'SELECT told_entry AS told FROM kiosk WHERE kiosk = ?').get(kiosk)!; // stateOf asked
  const toldBy = last === null ? 0 : entryTold(db, { kiosk, downSeq: last.down_seq, inc: last.inc });
  return { kiosk, chain, inc, last, downSeq: (last?.down_seq ?? 0) + 1, isFirst, newest, told: isFirst ? toldBy : Math.max(told, toldBy) };
}

/** The newest of the row before a file that only asked. */
function newestTelling(db: ReadableDatabase, kiosk: string, { down_seq, inc }: LastFile): Pick<LastFile, 'down_seq' | 'entry'> | null {
  const newest = prepared<[string, number, number, number], Pick<LastFile, 'down_seq' | 'entry'>>(
    db,
    `SELECT down_seq, entry FROM down_file WHERE kiosk = ? AND inc = ? AND down_seq BETWEEN ? AND ? AND tells = 1 ORDER BY down_seq DESC LIMIT 1`,
  );
  for (const part of rowThrough(db, { kiosk, downSeq: down_seq - 1, inc })) {
    const row = newest.get(kiosk, part.inc, part.from, part.through);
    if (row !== undefined) return row;
  }
  return null;
}

/** One of thirty that tell: a number that only asked is made up for by the next. */
function isSnapshotDue({ downSeq, newest }: Row): boolean {
  return Math.floor(downSeq / snapshotEvery) > Math.floor((newest?.down_seq ?? 0) / snapshotEvery);
}

/** Writes the next file of a row beside its name, and down that it did. How many lines it has. */
async function stageFile(
  book: CountyBook,
  act: CountyAct,
  { kiosk, chain, inc, last, downSeq, told }: Row,
  of: {
    readonly entry: number;
    readonly asOf: number;
    readonly isSnapshot: boolean;
    readonly paidFen: number;
    readonly tells: boolean;
    readonly lines: Iterable<DownLine>;
  },
): Promise<number> {
  const { db } = act;
  const { entry, asOf, paidFen, tells } = of;
  const begun = chain?.baseInc == null ? null : storedEvent(db, kiosk, chain, chain.baseSeq + 1);
  const given = giveRoot(db, { kiosk, inc, downSeq });
  const committee = committeeTold(db);
  const signers = downSigners(book, db, { told, isFirstAgain: isFirstSincePutBack(db, kiosk) });
  const watchers = { county: book.code, members: committee ?? [], signers: signers.length };
  const root = given === null ? null : asKiosksTake(given, watchers);
  const cosigned = root === null || committee === null ? null : cosignedBeside(db, root, watchers);
  const newKeyFor = keyAsked(db, kiosk);
  const [signer, ...also] = signers;
  const header: DownHeader = {
    t: 'H',
    fmt: downFormat,
    county: book.code,
    kiosk,
    ...(inc > 1 ? { inc } : {}),
    // Which of two incarnations of one number it speaks to, where a backup was put back twice.
    ...(begun === null ? {} : { incLeaf: begun.leaf.toString('base64url') }),
    downSeq,
    prevDownSha: last?.sha256 ?? '',
    serverEpoch: book.serverEpoch,
    asOf,
    snapshot: of.isSnapshot,
    ackThrough: chain === null ? null : { inc: chain.inc, seq: chain.toSeq, leaf: chain.headLeaf },
    ...(root === null ? {} : { countyRoot: rootFor(book, root, signers) }),
    ...(committee === null ? {} : { committee }),
    ...(cosigned === null ? {} : { cosigned: rootFor(book, cosigned, signers) }),
    ...(newKeyFor === null ? {} : { newKeyFor }),
  };
  const directory = join(book.folder.down, kiosk);
  mkdirSync(directory, { recursive: true });
  setAside(book, db, { kiosk, inc, downSeq });
  const { sha256, lines, note } = await stageDownFile(directory, header, of.lines, { name: book.name, privateKey: signer, also });
  keepDownFile(act, { kiosk, downSeq, inc, entry, sha256, asOf, paidFen, tells });
  appendEntry(db, { t: 'FILE', note });
  return lines;
}

/** Why nothing may be said to a kiosk now; null: it may. */
export function heldBy(db: ReadableDatabase, kiosk: string): HeldBy | null {
  const state = stateOf(db, kiosk);
  if (state === 'quarantined' || state === 'revoked') return state;
  if (isUnheard(db, kiosk)) return 'put_back'; // it may have a file of that number, and a longer log
  if (isContradictedBy(db, kiosk)) return 'log_contradicted'; // no root of ours continues the one that it holds
  return frozenBy(db, kiosk);
}

/**
 * The newest file of the kiosk's incarnation. The first one of an incarnation follows the newest that took effect before: files that were
 * made for the incarnation before and never did are no part of the row any more.
 */
function lastFile(db: ReadableDatabase, kiosk: string, chain: Chain | null): LastFile | null {
  const columns = 'down_seq, inc, sha256, as_of, entry, tells';
  const own = prepared<[string, number], LastFile>(
    db,
    `SELECT ${columns} FROM down_file WHERE kiosk = ? AND inc = ? ORDER BY down_seq DESC LIMIT 1`,
  ).get(kiosk, chain?.inc ?? 1);
  if (own !== undefined) return own;
  let through = chain?.toSeq ?? 0;
  for (let of = chain; of !== null; of = of.baseInc === null ? null : findChain(db, kiosk, of.baseInc)) {
    const applied = prepared<[string, number, number], { line: string }>(
      db,
      `SELECT line FROM event WHERE kiosk = ? AND inc = ? AND seq <= ? AND kind = 'DOWN_APPLIED' ORDER BY seq DESC LIMIT 1`,
    ).get(kiosk, of.inc, through);
    through = of.baseSeq;
    if (applied === undefined) continue;
    const { body } = JSON.parse(applied.line) as BookEvent & { readonly kind: 'DOWN_APPLIED' }; // the kind was asked for
    const row = prepared<[string, number, string], LastFile>(
      db,
      `SELECT ${columns} FROM down_file WHERE kiosk = ? AND down_seq = ? AND sha256 = ?`,
    ).get(kiosk, body.downSeq, body.sha256);
    return row ?? null;
  }
  return null;
}

/** Files from this number on that were made for an incarnation that ended keep their bytes elsewhere: they are no part of the row any more. */
function setAside(
  { folder }: CountyBook,
  db: ReadableDatabase,
  { kiosk, inc, downSeq }: { readonly kiosk: string; readonly inc: number; readonly downSeq: number },
): void {
  const ended = prepared<[string, number, number], { down_seq: number; inc: number }>(
    db,
    'SELECT down_seq, max(inc) AS inc FROM down_file WHERE kiosk = ? AND down_seq >= ? AND inc < ? GROUP BY down_seq',
  ).all(kiosk, downSeq, inc);
  for (const file of ended) {
    const aside = join(folder.superseded, kiosk, String(file.inc));
    mkdirSync(aside, { recursive: true });
    const wasVoid = isVoided(db, { kiosk, downSeq: file.down_seq, inc: file.inc }); // what was in force takes the place of what never was
    for (const ending of ['note', 'jsonl.gz']) {
      const name = `${String(file.down_seq).padStart(8, '0')}.${ending}`;
      const [from, to] = [join(folder.down, kiosk, name), join(aside, name)];
      if (existsSync(from) && (!existsSync(to) || wasVoid)) renameSync(from, to); // else a night cut short did so
    }
  }
}

/** A snapshot without one of these is no file that a kiosk takes (db/down.ts). */
function hasWholeMaster(db: ReadableDatabase, kiosk: string): boolean {
  const { n } = prepared<[string], { n: number }>(
    db,
    `SELECT count(DISTINCT t) AS n FROM master WHERE scope IN ('', ?) AND t IN ('SCHEME', 'SHOP', 'OPERATOR', 'KEY')`,
  ).get(kiosk)!; // an aggregate has a row
  return n === 4;
}

/** Everything that the file says, read a page at a time; what it says of rights is written down as it goes out. */
function* linesOf(act: CountyAct, file: NextFile, isSnapshot: boolean): Generator<DownLine> {
  yield* masterLines(act.db, { kiosk: file.kiosk, afterEntry: file.told, isWhole: isSnapshot });
  yield* balanceLines(act.db, file);
  yield* rightsLines(act, file);
  yield* adjustmentLines(act.db, file);
  yield* words(act.db, file).map(wordLine);
}

/** What people are shown: never below zero, and of credits that a stolen key signed never more than can be said. */
function shown(balance: number): Points {
  return points(Math.min(amountMax, Math.max(0, balance)));
}

/** Balances of everybody: any of them may come to this shop. */
function* balanceLines(db: ReadableDatabase, { told, isWhole }: NextFile): Generator<DownLine> {
  const page = prepared<[number, string, number], { account: string; balance: number }>(
    db,
    `SELECT a.account AS account, ${countyBalanceOf('a.account')} AS balance
       FROM account AS a WHERE a.changed_entry > ? AND a.account > ? ORDER BY a.account LIMIT ?`,
  );
  for (let last = ''; ;) {
    const rows = page.all(isWhole ? -1 : told, last, pageRows);
    for (const { account, balance } of rows) yield { t: 'BAL', a: account, balance: shown(balance) };
    if (rows.length < pageRows) return;
    last = rows.at(-1)!.account; // a full page has one
  }
}

interface GivenRow {
  readonly account: string;
  readonly granted: number;
  readonly vouchers: number;
  readonly cap: number | null;
  readonly funded: number;
  readonly asked: number | null;
  readonly told_granted: number;
  readonly told_cap: number | null;
  readonly told_funded: number;
}

function* rightsLines(act: CountyAct, file: NextFile): Generator<DownLine> {
  const { kiosk, told, isWhole } = file;
  const page = prepared<[string, number, string, number], GivenRow>(
    act.db,
    `SELECT account, granted, vouchers, cap, funded, asked, told_granted, told_cap, told_funded FROM given
      WHERE kiosk = ? AND changed_entry > ? AND account > ? ORDER BY account LIMIT ?`,
  );
  for (let last = ''; ;) {
    const rows = page.all(kiosk, isWhole ? -1 : told, last, pageRows);
    for (const row of rows) yield* rightsOf(act, file, row);
    if (rows.length < pageRows) return;
    last = rows.at(-1)!.account; // a full page has one
  }
}

/** Rights, the roaming line, and what is asked back, of one account: cumulative values, so that saying one again says nothing new. */
function* rightsOf(act: CountyAct, file: NextFile, row: GivenRow): Generator<DownLine> {
  const { account: a, granted, vouchers, asked } = row;
  if (file.isWhole ? granted > 0 : granted > row.told_granted) {
    keepGrant(act, file, { account: a, granted, vouchers });
    yield { t: 'GRANT', a, g: points(granted), ...(vouchers > 0 ? { v: vouchers } : {}) };
  }
  const cap = lineFor(act.db, { kiosk: file.kiosk, account: a });
  const reckoned = settledFor(act.db, { kiosk: file.kiosk, account: a });
  const settled = reckoned < row.told_funded ? Math.max(reckoned, settledTold(act.db, file, a)) : reckoned;
  const isNew = cap !== (row.told_cap ?? 0) || settled !== row.told_funded;
  if (isNew || (file.isWhole && (row.told_cap !== null || cap > 0))) {
    keepRoam(act, file, { account: a, cap, settled });
    yield { t: 'ROAM', a, c: points(cap), xs: points(settled) };
  }
  if (asked !== null) yield { t: 'RETURN_REQ', a, b: points(asked) };
}

/**
 * The highest Xs that this incarnation was told: no file says less, or the kiosk takes none any more (R6, 10). Reckoned by what is posted it
 * may be less, until the kiosk's own file says that it heard.
 */
function settledTold(db: ReadableDatabase, { kiosk, inc }: NextFile, account: string): number {
  return prepared<[string, number, string], { told: number }>(
    db,
    'SELECT coalesce(max(settled), 0) AS told FROM down_line WHERE kiosk = ? AND inc = ? AND account = ?',
  ).get(kiosk, inc, account)!.told; // an aggregate has a row
}

function wordLine({ inc, paid_fen, number, state, day, reference }: Word): DownLine {
  const paidFen = paid_fen === null ? null : fen(paid_fen);
  return { t: 'SETTLEMENT', ...(inc > 1 ? { inc } : {}), number, state, day, paidFen, reference };
}
