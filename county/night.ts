// The county's night: gives out what was awarded, funds what was roamed, asks back what is due, and makes the next file for each kiosk
// from the book (reconciliation.md R3 and R4). A kiosk that is quarantined, or was put back and not answered for, gets none.

import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { fen, points } from '../db/model/amounts.ts';
import { type DownHeader, type DownLine, downFormat } from '../db/model/down-file.ts';
import type { BookEvent } from '../db/model/event.ts';
import { assert } from '../db/model/result.ts';
import { businessDate } from '../db/model/time.ts';
import { type ReadableDatabase, prepared } from '../db/sqlite.ts';
import { writeMissingReleases } from './book/awards.ts';
import { type Chain, findChain, newestChain, storedEvent } from './book/chains.ts';
import type { CountyAct, CountyBook } from './book/county-book.ts';
import { downSigners, rootFor } from './book/county-keys.ts';
import { adjustmentLines } from './book/adjustments.ts';
import { settleForgotten } from './book/forgotten.ts';
import { takeLeftFiles } from './book/down-evidence.ts';
import { keepDownFile, keepGrant, keepRoam } from './book/import-files.ts';
import { countyBalance } from './book/ledger.ts';
import { masterLines, putDueSchemes } from './book/master.ts';
import { isFirstSincePutBack, isUnheard } from './book/put-back.ts';
import { isRevoked } from './book/revoke.ts';
import { type Word, paidBetween, words } from './book/settlement-words.ts';
import { askForDues, frozenBy, grantUnallocated, homeOf, lineFor, payDebts, settledFor } from './book/rights.ts';
import { writeDownFile } from './down-writer.ts';
import { isContradictedBy } from './log/echoes.ts';
import { appendEntry, giveRoot } from './log/log.ts';
import { sealDay } from './log/steps.ts';

/** What became of one kiosk's file. */
export type NightOutcome =
  | { readonly kind: 'written'; readonly kiosk: string; readonly downSeq: number; readonly lines: number }
  /** A person must answer first; put_back: or the kiosk be heard, or log_contradicted: the log be made whole. */
  | { readonly kind: 'held'; readonly kiosk: string; readonly why: HeldBy }
  /** It is not enrolled, or the county has no shop and no rules to tell it. */
  | { readonly kind: 'not_begun'; readonly kiosk: string };

type HeldBy = 'quarantined' | 'revoked' | 'restored' | 'restored_behind' | 'put_back' | 'log_contradicted';

/** Makes the night's files; each with what it says in one transaction, so that a night cut short goes on where it stopped. */
export async function night(book: CountyBook): Promise<readonly NightOutcome[]> {
  await writeMissingReleases(book);
  await book.transact((act) => {
    putDueSchemes(act, businessDate(book.wallMs()));
    settleLate(act);
    allocate(act);
    askBack(act);
  });
  await sealDay(book, businessDate(book.wallMs())); // a log that somebody contradicts is not signed: the exception says so
  const kiosks = await book.read((db) => prepared<[], { kiosk: string }>(db, 'SELECT kiosk FROM kiosk ORDER BY kiosk').all());
  const outcomes: NightOutcome[] = [];
  for (const { kiosk } of kiosks) outcomes.push(await book.transact((act) => fileFor(book, act, kiosk)));
  return outcomes;
}

/** Kiosks that were put back and answered for may have files of their old disk, or papers, that came since. */
function settleLate(act: CountyAct): void {
  const kiosks = prepared<[], { kiosk: string }>(
    act.db,
    'SELECT DISTINCT kiosk FROM chain WHERE base_inc IS NOT NULL ORDER BY kiosk',
  ).all();
  for (const { kiosk } of kiosks) if (frozenBy(act.db, kiosk) === null) settleForgotten(act, kiosk);
}

/** What lies unallocated first pays what is due and owed, and goes to the home kiosk, which holds 100 % (R3). */
function allocate(act: CountyAct): void {
  for (const account of holders(act.db, `account = 'main' AND amount > 0`)) {
    const entry = act.enter('allocate', account);
    payDebts(act, account, entry);
    const kiosk = homeOf(act.db, account);
    if (!isRevoked(act.db, kiosk)) grantUnallocated(act, { kiosk, account }, entry); // else it lies until the account has another home
  }
}

/** Every due becomes a return request to the home kiosk (R3). */
function askBack(act: CountyAct): void {
  for (const account of holders(act.db, `account = 'due' AND amount < 0`)) {
    const entry = act.enter('ask', account);
    askForDues(act, { kiosk: homeOf(act.db, account), account }, entry);
  }
}

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
  const state = prepared<[string], { state: string; told_entry: number }>(db, 'SELECT state, told_entry FROM kiosk WHERE kiosk = ?').get(
    kiosk,
  );
  assert(state !== undefined, 'a kiosk is never removed');
  if (state.state === 'quarantined' || state.state === 'revoked') return { kind: 'held', kiosk, why: state.state };
  const why = heldBy(db, kiosk);
  if (why !== null) return { kind: 'held', kiosk, why };
  if (isFirstSincePutBack(db, kiosk) && !takeLeftFiles(book, act, kiosk)) return { kind: 'held', kiosk, why: 'put_back' };
  const chain = newestChain(db, kiosk);
  const inc = chain?.inc ?? 1;
  const last = lastFile(db, kiosk, chain);
  const canTellAll = hasWholeMaster(db, kiosk);
  if (last === null && (state.state !== 'active' || !canTellAll)) return { kind: 'not_begun', kiosk };
  const downSeq = (last?.down_seq ?? 0) + 1;
  const isFirst = last === null || last.inc < inc; // of its incarnation
  const isSnapshot = canTellAll && (isFirst || downSeq % snapshotEvery === 0 || isFirstSincePutBack(db, kiosk));
  acceptSettlements(book, act, kiosk); // before the file's own entry: up to that the kiosk was told
  const entry = act.enter('down', `${kiosk} ${downSeq}`);
  const told = isFirst ? (last?.entry ?? 0) : Math.max(state.told_entry, last.entry);
  const file: NextFile = { kiosk, downSeq, inc, entry, told, isWhole: isFirst || isSnapshot };
  const begun = chain?.baseInc == null ? null : storedEvent(db, kiosk, chain, chain.baseSeq + 1);
  const root = giveRoot(db, { kiosk, inc, downSeq });
  const [signer, ...also] = downSigners(book, db, told);
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
    asOf: Math.max(book.wallMs(), last?.as_of ?? 0),
    snapshot: isSnapshot,
    ackThrough: chain === null ? null : { inc: chain.inc, seq: chain.toSeq, leaf: chain.headLeaf },
    ...(root === null ? {} : { countyRoot: rootFor(book, root, signer) }),
  };
  const directory = join(book.folder.down, kiosk);
  mkdirSync(directory, { recursive: true });
  setAside(book, act.db, { kiosk, inc, downSeq });
  const { sha256, lines } = await writeDownFile(directory, header, linesOf(act, file, isSnapshot), {
    name: book.name,
    privateKey: signer,
    also,
  });
  keepDownFile(act, { kiosk, downSeq, inc, entry, sha256, asOf: header.asOf, paidFen: paidBetween(db, file) });
  appendEntry(db, { t: 'FILE', note: readFileSync(join(directory, `${String(downSeq).padStart(8, '0')}.note`), 'utf8') });
  prepared(db, 'UPDATE kiosk SET told_entry = ? WHERE kiosk = ?').run(entry, kiosk);
  return { kind: 'written', kiosk, downSeq, lines };
}

/** Why nothing may be said to a kiosk now; null: it may. */
function heldBy(db: ReadableDatabase, kiosk: string): HeldBy | null {
  if (isUnheard(db, kiosk)) return 'put_back'; // it may have a file of that number, and a longer log
  if (isContradictedBy(db, kiosk)) return 'log_contradicted'; // no root of ours continues the one that it holds
  return frozenBy(db, kiosk);
}

/**
 * The newest file of the kiosk's incarnation. The first one of an incarnation follows the newest that took effect before: files that were
 * made for the incarnation before and never did are no part of the row any more.
 */
function lastFile(db: ReadableDatabase, kiosk: string, chain: Chain | null): LastFile | null {
  const columns = 'down_seq, inc, sha256, as_of, entry';
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
    for (const ending of ['note', 'jsonl.gz']) {
      const name = `${String(file.down_seq).padStart(8, '0')}.${ending}`;
      const [from, to] = [join(folder.down, kiosk, name), join(aside, name)];
      if (existsSync(from) && !existsSync(to)) renameSync(from, to); // else a night cut short did so: what lies there is its own
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

/** A settlement that agrees with the county's book, or about which a person answered, is accepted the night after it came. */
function acceptSettlements(book: CountyBook, act: CountyAct, kiosk: string): void {
  const { db } = act;
  const rows = prepared<
    [string],
    { inc: number; number: number; merchant: string; through_closing: number; points: number; owed_fen: number }
  >(
    db,
    `SELECT inc, number, merchant, through_closing, points, owed_fen FROM settlement AS s WHERE kiosk = ?
        AND NOT EXISTS (SELECT 1 FROM settlement_word AS w WHERE w.kiosk = s.kiosk AND w.inc = s.inc AND w.number = s.number)
        AND (is_agreed = 1 OR EXISTS (SELECT 1 FROM exception JOIN exception_answer ON exception = exception.number
              WHERE exception.kiosk = s.kiosk AND code = 'settlement_differs' AND exception.inc = s.inc AND exception.seq = s.seq))
      ORDER BY inc, number`,
  ).all(kiosk);
  for (const { inc, number, merchant, through_closing, points, owed_fen } of rows) {
    const entry = act.enter('accept', `${kiosk} ${inc} ${number}`);
    prepared(
      db,
      `INSERT INTO settlement_word (entry, kiosk, inc, number, state, day, paid_fen, reference) VALUES (?, ?, ?, ?, 'accepted', ?, NULL, '')`,
    ).run(entry, kiosk, inc, number, businessDate(book.wallMs()));
    if (through_closing > 0)
      appendEntry(db, { t: 'SETTLEMENT', kiosk, number, merchant, throughClosing: through_closing, points, owedFen: owed_fen });
  }
}

/** Everything that the file says, read a page at a time; what it says of rights is written down as it goes out. */
function* linesOf(act: CountyAct, file: NextFile, isSnapshot: boolean): Generator<DownLine> {
  yield* masterLines(act.db, { kiosk: file.kiosk, afterEntry: file.told, isWhole: isSnapshot });
  yield* balanceLines(act.db, file);
  yield* rightsLines(act, file);
  yield* adjustmentLines(act.db, file);
  yield* words(act.db, file).map(wordLine);
}

/** Balances of everybody: any of them may come to this shop. */
function* balanceLines(db: ReadableDatabase, { told, isWhole }: NextFile): Generator<DownLine> {
  const page = prepared<[number, string, number], { account: string }>(
    db,
    'SELECT account FROM account WHERE changed_entry > ? AND account > ? ORDER BY account LIMIT ?',
  );
  for (let last = ''; ;) {
    const rows = page.all(isWhole ? -1 : told, last, pageRows);
    for (const { account } of rows) yield { t: 'BAL', a: account, balance: points(Math.max(0, countyBalance(db, account))) };
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
  const settled = settledFor(act.db, { kiosk: file.kiosk, account: a });
  const isNew = cap !== (row.told_cap ?? 0) || settled !== row.told_funded;
  if (isNew || (file.isWhole && (row.told_cap !== null || cap > 0))) {
    keepRoam(act, file, { account: a, cap, settled });
    yield { t: 'ROAM', a, c: points(cap), xs: points(settled) };
  }
  if (asked !== null) yield { t: 'RETURN_REQ', a, b: points(asked) };
}

function wordLine({ inc, paid_fen, number, state, day, reference }: Word): DownLine {
  const paidFen = paid_fen === null ? null : fen(paid_fen);
  return { t: 'SETTLEMENT', ...(inc > 1 ? { inc } : {}), number, state, day, paidFen, reference };
}
