// Points that residents have are the county's again (reconciliation.md R3: a withdrawal is a RETURN_REQ): awards that were wrong, recycling
// credits that it disallows, points that expire. One person proposes it, and its rows lie beside the book from then on; another, who was
// shown the same rows, releases it. Knows no kind: take-backs.ts, disallowed.ts and expiry.ts say what each is and does; reclaim-rows.ts keeps
// the rows, reclaim-outlook.ts says what they would do.

import { hash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as othersHadTheirTurn } from 'node:timers/promises';
import { z } from 'zod';
import { writeFileDurably } from '../../db/files.ts';
import type { LogEntry } from '../../db/model/log-entry.ts';
import { openNote } from '../../db/model/note.ts';
import { type Result, assert, fail, ok } from '../../db/model/result.ts';
import { type ReadableDatabase, type WritableDatabase, prepared } from '../../db/sqlite.ts';
import { appendEntry, entriesOf } from '../log/log.ts';
import { repayAdvancesByNight } from './advances.ts';
import { personOf } from './awards.ts';
import type { CountyAct, CountyBook } from './county-book.ts';
import { countyNote, everyFileKey } from './county-keys.ts';
import { raiseException, raiseNightFault } from './exceptions.ts';
import type { Place } from './ledger.ts';
import { listBytesMax } from './list-file.ts';
import { writePapers } from './papers.ts';
import { type Outlook, type OutlookForm, type ReclaimShown, outlookOfKept, shownOfKept } from './reclaim-outlook.ts';
import { type KeptRows, type ReclaimRow, keptOf, rowsIn, slicesAfter } from './reclaim-rows.ts';
import { withdraw } from './rights.ts';
import { TooManyWaiting } from './turns.ts';

export type ReclaimName = 'awards' | 'credits' | 'expiry';

/** A resident reads it in the statement. */
export const reclaimReasonMax = 80;

/** What one person proposed. */
export interface ReclaimRecord {
  /** From 1: awards have a row of numbers, all other kinds have one together. */
  readonly number: number;
  /** What it is of, as its kind says: the list of awards, the ticket of a credit, the date through which points expire; '': of nothing alone. */
  readonly about: string;
  /** Of its rows' bytes, base64url. */
  readonly sha256: string;
  readonly rows: number;
  /** Hundredths. */
  readonly points: number;
  readonly reason: string;
  readonly proposedBy: string;
  /** Epoch ms. */
  readonly at: number;
  /** What its kind keeps beside it, of what is not in its rows; '': nothing. */
  readonly leftOut: string;
}

export type ReclaimState =
  | { readonly is: 'waiting' }
  /** Another was proposed of the same since: it is released by nobody. */
  | { readonly is: 'replaced' }
  /** A person took the proposal away: nor is this. */
  | { readonly is: 'withdrawn'; readonly by: string; readonly at: number }
  /** It takes effect, a slice after the other: `rows` did. */
  | { readonly is: 'releasing'; readonly by: string; readonly at: number; readonly rows: number }
  | { readonly is: 'released'; readonly by: string; readonly at: number };

export interface Reclaim extends ReclaimRecord {
  readonly state: ReclaimState;
}

/** Rows that cannot be taken, each by what people know it by. */
export interface Barred {
  /** Less is left than they take. */
  readonly beyond: readonly string[];
  /** The book does not have what they are of. */
  readonly missing: readonly string[];
}

export interface Judge<Row extends ReclaimRow> {
  /** `rows`: in slices. `again`: in a book that was put back, what happened since to the same may have come into the book before. */
  of(db: ReadableDatabase, rows: Iterable<readonly Row[]>, is: 'first' | 'again'): Barred;
}

/** What each of these rows takes now, hundredths: no more than it says, or nothing. */
export type Measure = (db: ReadableDatabase, rows: readonly ReclaimRow[]) => readonly number[];

export type JudgeRefusal = 'unknown' | 'not_released' | 'changed' | 'busy';

/** A kind of points that are reclaimed. */
export interface ReclaimKind<Row extends ReclaimRow = ReclaimRow> extends OutlookForm<Row> {
  readonly name: ReclaimName;
  /** How rows are judged within the act that takes them. */
  judge(book: CountyBook, about: string): Promise<Result<Judge<Row>, JudgeRefusal>>;
  /** Posts some rows, each as an act of its own; n: the place of the first, from 1. */
  post(act: CountyAct, of: { readonly reclaim: ReclaimRecord; readonly rows: readonly Row[]; readonly n: number }): void;
  /** What the log says of it once all rows are posted. */
  entryOf(reclaim: ReclaimRecord): LogEntry;
  /**
   * Where a row may take less than it says: made once, and asked of each slice within the act that posts it. Then the log tells what was taken,
   * and nothing where that is nothing.
   */
  measured?(book: CountyBook, about: string): Promise<Measure>;
  /** What a row takes of, by a name that every reclaim of this kind has for it. None where rows are measured: those take nothing twice. */
  sourceOf?(row: Row, about: string): string;
  /** What an exception calls it. */
  titleOf(reclaim: Pick<ReclaimRecord, 'number' | 'about'>): string;
}

/** The tables and files of kinds that share them. Names that no person gave. */
interface Family {
  readonly table: 'take_back' | 'reclaim';
  /** SQL of what it is about; of what is kept beside it; of the rows of its kind; of what a newer one replaces; of how many rows are posted. */
  readonly about: string;
  readonly leftOut: string;
  readonly isOfKind: string;
  readonly isReplaced: string;
  readonly posted: string;
  readonly ending: string;
  keep(db: WritableDatabase, reclaim: ReclaimRecord): { readonly changes: number };
}

const columnsKept = 'sha256, rows, points, reason, proposed_by, at';

const ofAwards: Family = {
  table: 'take_back',
  about: 'CAST(take_back.batch AS TEXT)',
  leftOut: `''`,
  isOfKind: '1 = 1',
  isReplaced: 'other.batch = take_back.batch',
  posted: '(SELECT count(*) FROM taken_back WHERE taken_back.number = take_back.number)',
  ending: 'taken-back',
  keep: (db, { number, about, sha256, rows, points, reason, proposedBy, at }) =>
    prepared(db, `INSERT INTO take_back (number, batch, ${columnsKept}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`).run(
      number,
      Number(about),
      sha256,
      rows,
      points,
      reason,
      proposedBy,
      at,
    ),
};

function familyOf({ name }: Pick<ReclaimKind, 'name'>): Family {
  if (name === 'awards') return ofAwards;
  return {
    table: 'reclaim',
    about: 'reclaim.about',
    leftOut: 'left_out',
    isOfKind: `reclaim.kind = '${name}'`,
    isReplaced: `other.kind = '${name}'${name === 'expiry' ? '' : ` AND other.about = reclaim.about AND reclaim.about <> ''`}`,
    posted: '(SELECT coalesce(max(n), 0) FROM reclaimed WHERE reclaimed.number = reclaim.number)',
    ending: 'reclaimed',
    keep: (db, { number, about, leftOut, sha256, rows, points, reason, proposedBy, at }) =>
      prepared(db, `INSERT INTO reclaim (number, kind, about, left_out, ${columnsKept}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`).run(
        number,
        name,
        about,
        leftOut,
        sha256,
        rows,
        points,
        reason,
        proposedBy,
        at,
      ),
  };
}

type SelectedRow = ReclaimRecord & {
  readonly releasedBy: string | null;
  readonly releasedAt: number | null;
  readonly withdrawnBy: string | null;
  readonly withdrawnAt: number | null;
  readonly posted: number;
  /** The newest that is of the same; null: none replaces another. */
  readonly newest: number | null;
};

function selectOf(kind: Pick<ReclaimKind, 'name'>): string {
  const { table, about, leftOut, isOfKind, isReplaced, posted } = familyOf(kind);
  return `SELECT ${table}.number AS number, ${about} AS about, sha256, ${table}.rows AS rows, points, reason, proposed_by AS "proposedBy", ${table}.at AS at,
      ${leftOut} AS "leftOut", released_by AS "releasedBy", ${table}_release.at AS "releasedAt", withdrawn_by AS "withdrawnBy", ${table}_withdrawal.at AS "withdrawnAt",
      ${posted} AS posted,
      (SELECT max(other.number) FROM ${table} AS other WHERE ${isReplaced}) AS newest
    FROM ${table} LEFT JOIN ${table}_release ON ${table}_release.number = ${table}.number
      LEFT JOIN ${table}_withdrawal ON ${table}_withdrawal.number = ${table}.number
    WHERE ${isOfKind}`;
}

function reclaimOf({ releasedBy, releasedAt, withdrawnBy, withdrawnAt, posted, newest, ...record }: SelectedRow): Reclaim {
  const state = (): ReclaimState => {
    if (releasedBy !== null && releasedAt !== null)
      return posted < record.rows
        ? { is: 'releasing', by: releasedBy, at: releasedAt, rows: posted }
        : { is: 'released', by: releasedBy, at: releasedAt };
    if (withdrawnBy !== null && withdrawnAt !== null) return { is: 'withdrawn', by: withdrawnBy, at: withdrawnAt };
    return { is: (newest ?? 0) > record.number ? 'replaced' : 'waiting' };
  };
  return { ...record, state: state() };
}

/** What was proposed or took effect of a kind, the newest first; `about`: of that alone. */
export function reclaimsOf(
  db: ReadableDatabase,
  kind: ReclaimKind,
  { about, most = -1 }: { readonly about?: string; readonly most?: number } = {},
): readonly Reclaim[] {
  const { table, about: aboutOf } = familyOf(kind);
  const limit = most < 0 ? '' : ` LIMIT ${Math.trunc(most)}`;
  const order = `ORDER BY ${table}.number DESC${limit}`;
  const rows =
    about === undefined
      ? prepared<[], SelectedRow>(db, `${selectOf(kind)} ${order}`).all()
      : prepared<[string], SelectedRow>(db, `${selectOf(kind)} AND ${aboutOf} = ? ${order}`).all(about);
  return rows.map(reclaimOf);
}

/** What waits for another person, the oldest first. */
export function waitingReclaims(db: ReadableDatabase, kind: ReclaimKind): readonly Reclaim[] {
  return prepared<[], SelectedRow>(
    db,
    `${selectOf(kind)} AND released_by IS NULL AND withdrawn_by IS NULL ORDER BY ${familyOf(kind).table}.number`,
  )
    .all()
    .map(reclaimOf)
    .filter(({ state }) => state.is === 'waiting');
}

/** Whether one is being posted: of a list of awards, of that; of another kind, any. Until its end nothing is known to be left. */
export function isUnfinished(db: ReadableDatabase, kind: ReclaimKind, about: string): boolean {
  const { posted, table } = familyOf(kind);
  return prepared<[], SelectedRow>(db, `${selectOf(kind)} AND released_by IS NOT NULL AND ${posted} < ${table}.rows`)
    .all()
    .some((each) => kind.name !== 'awards' || each.about === about);
}

function recordOf(db: ReadableDatabase, kind: ReclaimKind, number: number): SelectedRow | undefined {
  return prepared<[number], SelectedRow>(db, `${selectOf(kind)} AND ${familyOf(kind).table}.number = ?`).get(number);
}

/** One of this number; null: there is none. */
export function findReclaim(db: ReadableDatabase, kind: ReclaimKind, number: number): Reclaim | null {
  const row = recordOf(db, kind, number);
  return row === undefined ? null : reclaimOf(row);
}

/** outlook: what it would do; null of one that is decided: nobody asks, and a page that shows how far a long one is would ask of all accounts. */
export type SeenReclaim = ReclaimShown & { readonly outlook: Outlook | null };

/** One with its kept rows; 'changed': those are not what was proposed. Null: there is none of this number. */
export async function seeReclaim<Row extends ReclaimRow>(
  book: CountyBook,
  kind: ReclaimKind<Row>,
  number: number,
): Promise<{ readonly reclaim: Reclaim; readonly seen: Result<SeenReclaim, 'changed'> } | null> {
  const row = await book.read((db) => recordOf(db, kind, number));
  if (row === undefined) return null;
  const rows = readKept(book, kind, row);
  const reclaim = reclaimOf(row);
  if (!rows.ok) return { reclaim, seen: rows };
  if (reclaim.state.is !== 'waiting') return { reclaim, seen: ok({ ...(await shownOfKept(book, kind, rows.value)), outlook: null }) };
  return { reclaim, seen: ok(await outlookOfKept(book, kind, { about: row.about, rows: rows.value })) };
}

/** The rows of one as they were proposed. */
function readKept<Row extends ReclaimRow>(
  book: CountyBook,
  kind: ReclaimKind<Row>,
  { number, sha256, rows, points }: Pick<ReclaimRecord, 'number' | 'sha256' | 'rows' | 'points'>,
): Result<KeptRows<Row>, 'changed'> {
  const path = rowsPath(book, kind, number);
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined || !found.isFile() || found.size > listBytesMax) return fail('changed');
  const bytes = readFileSync(path);
  return hash('sha256', bytes, 'base64url') === sha256 ? ok(rowsIn(kind, bytes, { rows, points })) : fail('changed');
}

/**
 * Keeps rows that wait for another person; what waited of the same before is replaced. `reason`: every resident concerned reads it. Nothing
 * moves.
 */
export async function proposeReclaim<Row extends ReclaimRow>(
  book: CountyBook,
  kind: ReclaimKind<Row>,
  of: {
    readonly about: string;
    readonly rows: readonly Row[] | KeptRows<Row>;
    readonly reason: string;
    readonly by: string;
    /** What is not in the rows, as the kind says it. */
    readonly leftOut?: string;
  },
): Promise<Result<Reclaim, 'nothing' | WordRefusal>> {
  const { about, rows, by, leftOut = '' } = of;
  const wrong = wordRefusal(of);
  if (wrong !== null) return fail(wrong);
  const kept = 'bytes' in rows ? rows : keptOf(kind, rows);
  if (kept.rows === 0) return fail('nothing');
  return book.transact(({ db }) => {
    const number = nextNumber(book, db, kind);
    writeFileDurably(rowsPath(book, kind, number), kept.bytes, 0o600);
    const sha256 = hash('sha256', kept.bytes, 'base64url');
    keepRecord(db, kind, {
      number,
      about,
      sha256,
      rows: kept.rows,
      points: kept.points,
      reason: plainReason(of.reason),
      proposedBy: by,
      at: book.wallMs(),
      leftOut,
    });
    return ok(reclaimOf(recordOf(db, kind, number)!)); // kept just now
  });
}

export type WordRefusal = 'nobody' | 'no_reason';

/** Whether nobody proposes it, or says no reason that fits a statement. Null: both are there. */
export function wordRefusal({ reason, by }: { readonly reason: string; readonly by: string }): WordRefusal | null {
  if (personOf(by) === '') return 'nobody';
  const why = plainReason(reason);
  return why === '' || why.length > reclaimReasonMax ? 'no_reason' : null;
}

function plainReason(reason: string): string {
  return reason.replaceAll(/[\p{C}\s]+/gu, ' ').trim();
}

/** A book that was put back may not know of the last, nor its folder. */
function nextNumber(book: CountyBook, db: ReadableDatabase, kind: ReclaimKind): number {
  const { table } = familyOf(kind);
  const { newest } = prepared<[], { newest: number }>(db, `SELECT coalesce(max(number), 0) AS newest FROM ${table}`).get()!; // an aggregate has a row
  const together = kind.name === 'awards' ? (['awards'] as const) : (['credits', 'expiry'] as const); // of one row of numbers
  const logged = together.flatMap((name) => reclaimsByLog(db, { name }));
  return [...keptNumbers(book, kind), ...logged].reduce((most, each) => Math.max(most, each), newest) + 1;
}

function keepRecord(db: WritableDatabase, kind: ReclaimKind, reclaim: ReclaimRecord): void {
  assert(familyOf(kind).keep(db, reclaim).changes === 1, 'what is reclaimed is written down');
}

function keepRelease(
  db: WritableDatabase,
  kind: ReclaimKind,
  { number, by, at }: { readonly number: number; readonly by: string; readonly at: number },
): void {
  const { changes } = prepared(db, `INSERT INTO ${familyOf(kind).table}_release (number, released_by, at) VALUES (?, ?, ?)`).run(
    number,
    by,
    at,
  );
  assert(changes === 1, 'who released it is written down');
}

export type ReclaimRefusal =
  | 'unknown'
  | 'released'
  | 'replaced'
  | 'withdrawn'
  | 'same_person'
  | 'nobody'
  | 'not_shown'
  | 'changed'
  | 'busy'
  | 'unfinished'
  | 'beyond';

interface ReleaseOf {
  readonly number: number;
  readonly by: string;
  /** The digest of what that person saw. */
  readonly shown?: string;
}

/**
 * Another person releases it: every row is the county's again. A long one is decided at once and posted in slices, as a release of awards
 * is; what a server that dies had not posted the next start or night does.
 */
export async function releaseReclaim<Row extends ReclaimRow>(
  book: CountyBook,
  kind: ReclaimKind<Row>,
  of: ReleaseOf,
): Promise<Result<null, ReclaimRefusal>> {
  const begun = await beginReclaim(book, kind, of);
  if (!begun.ok) return begun;
  await begun.value.end;
  return ok(null);
}

/** The same, settled as soon as it is decided; `end`: all rows are posted, or people are told why not. */
export async function beginReclaim<Row extends ReclaimRow>(
  book: CountyBook,
  kind: ReclaimKind<Row>,
  { number, by, shown }: ReleaseOf,
): Promise<Result<{ readonly end: Promise<void> }, ReclaimRefusal>> {
  const row = await book.read((db) => recordOf(db, kind, number));
  if (row === undefined) return fail('unknown');
  const early = refusalOf(row, { by, shown }); // before all accounts are looked at for nothing
  if (early !== null) return fail(early);
  const rows = readKept(book, kind, row);
  const judge = await kind.judge(book, row.about);
  const measure = await kind.measured?.(book, row.about);
  const decided = await book.transact((act) => {
    const { db } = act;
    const refusal = refusalOf(recordOf(db, kind, number)!, { by, shown }); // no row is ever removed
    if (refusal !== null) return fail(refusal);
    if (!rows.ok) return rows;
    if (!judge.ok) return fail(judge.code === 'busy' ? 'busy' : 'changed');
    if (isUnfinished(db, kind, row.about)) return fail('unfinished');
    const { beyond, missing } = judge.value.of(db, rows.value.slices(), 'first');
    if (beyond.length + missing.length > 0) return fail('beyond');
    const at = book.wallMs();
    keepRelease(db, kind, { number, by, at });
    postSlice(act, kind, { reclaim: row, kept: rows.value, measure });
    return ok(paperOf(book, db, kind, { ...row, by, releasedAt: at }));
  });
  if (!decided.ok) return decided;
  writeFileDurably(paperPath(book, kind, number), decided.value, 0o600); // after the book has it: never a release that was not
  return ok({ end: finishReclaims(book, kind) });
}

function refusalOf(
  row: SelectedRow,
  { by, shown }: { readonly by: string; readonly shown: string | undefined },
): 'released' | 'replaced' | 'withdrawn' | 'same_person' | 'nobody' | 'not_shown' | null {
  const { state } = reclaimOf(row);
  if (state.is === 'replaced' || state.is === 'withdrawn') return state.is;
  if (state.is !== 'waiting') return 'released';
  if (personOf(by) === '') return 'nobody';
  if (personOf(by) === personOf(row.proposedBy)) return 'same_person';
  return shown !== undefined && shown !== row.sha256 ? 'not_shown' : null;
}

/** A person takes a proposal away before it is released: it never takes effect. Who did so lies beside it, signed, for a book put back. */
export async function withdrawReclaim(
  book: CountyBook,
  kind: ReclaimKind,
  { number, by }: { readonly number: number; readonly by: string },
): Promise<Result<null, 'unknown' | 'released' | 'withdrawn' | 'nobody'>> {
  const at = book.wallMs();
  const withdrawn = await book.transact(({ db }) => {
    const row = recordOf(db, kind, number);
    if (row === undefined) return fail('unknown');
    if (row.releasedBy !== null || existsSync(paperPath(book, kind, number))) return fail('released'); // a book that was put back may not know of it
    if (row.withdrawnBy !== null) return fail('withdrawn');
    if (personOf(by) === '') return fail('nobody');
    keepWithdrawal(db, kind, { number, by, at });
    return ok(withdrawalOf(book, db, kind, { number, sha256: row.sha256, by, at }));
  });
  if (!withdrawn.ok) return withdrawn;
  writeFileDurably(withdrawalPath(book, kind, number), withdrawn.value, 0o600); // a server that dies before: the next start or night does
  return ok(null);
}

function keepWithdrawal(db: WritableDatabase, kind: ReclaimKind, { number, by, at }: Omit<Withdrawal, 'sha256'>): void {
  const { changes } = prepared(db, `INSERT INTO ${familyOf(kind).table}_withdrawal (number, withdrawn_by, at) VALUES (?, ?, ?)`).run(
    number,
    by,
    at,
  );
  assert(changes === 1, 'who withdrew it is written down');
}

/**
 * In a book that was put back from a copy of before: takes away what waits and of which the county signed that a person took it away. Of what the
 * copy does not know nothing waits.
 */
export function withdrawAgain(book: CountyBook, act: CountyAct, kind: ReclaimKind): void {
  for (const { number, sha256 } of waitingReclaims(act.db, kind)) {
    const said = readWithdrawal(book, act.db, kind, number);
    if (said?.sha256 === sha256) keepWithdrawal(act.db, kind, said);
  }
}

/** One that is released, as it is posted. */
interface Posting<Row extends ReclaimRow> {
  readonly reclaim: ReclaimRecord;
  readonly kept: KeptRows<Row>;
  /** Undefined: every row takes what it says. */
  readonly measure: Measure | undefined;
}

/** Posts the next rows of one that is released; the last of them writes it into the log. Whether all are posted. */
function postSlice<Row extends ReclaimRow>(act: CountyAct, kind: ReclaimKind<Row>, { reclaim, kept, measure }: Posting<Row>): boolean {
  const done = recordOf(act.db, kind, reclaim.number)!.posted; // it was kept when it was proposed
  const slice = kept.after(done).slice(0, postedAtOnce);
  for (const { account } of slice) repayAdvancesByNight(act, account); // comes before everything, and is an act of its own
  const taken = measure?.(act.db, slice);
  const rows = taken === undefined ? slice : slice.map((row, i) => ({ ...row, points: Math.min(row.points, taken[i] ?? 0) }));
  kind.post(act, { reclaim, rows, n: done + 1 });
  if (done + slice.length < kept.rows) return false;
  if (slice.length > 0) tellLog(act.db, kind, reclaim);
  return true;
}

/** Some hundredths of a second of the book's turn: what is withdrawn asks for what is owed. */
export const postedAtOnce = 250;

function tellLog(db: WritableDatabase, kind: ReclaimKind, reclaim: ReclaimRecord): void {
  if (kind.measured === undefined) {
    appendEntry(db, kind.entryOf(reclaim));
    return;
  }
  const taken = takenBy(db, reclaim.number);
  if (taken.rows > 0) appendEntry(db, kind.entryOf({ ...reclaim, ...taken }));
}

/** What one that took effect really took, of another kind than awards: so many rows, and hundredths. */
export function takenBy(db: ReadableDatabase, number: number): { readonly rows: number; readonly points: number } {
  return prepared<[number], { rows: number; points: number }>(
    db,
    'SELECT count(*) AS rows, coalesce(sum(points), 0) AS points FROM reclaimed WHERE number = ? AND points > 0',
  ).get(number)!; // an aggregate has a row
}

/** A row that is posted, and its act; of 0 points where nothing was there any more. */
export interface PostedRow extends ReclaimRow {
  readonly number: number;
  readonly n: number;
  /** Of the credit; '' and 0 where it is of none. */
  readonly kiosk: string;
  readonly inc: number;
  readonly seq: number;
  /** Kind and words of the act. */
  readonly kind: string;
  readonly about: string;
  /** Whose the points are again. */
  readonly to: Place;
}

/** Posts a row of another kind than awards, which have a table of their own. Returns the entry of its act. */
export function postRow(act: CountyAct, { number, n, account, kiosk, inc, seq, points, kind, about, to }: PostedRow): number {
  const entry = act.enter(kind, about);
  const { changes } = prepared(
    act.db,
    'INSERT INTO reclaimed (number, n, account, kiosk, inc, seq, points, entry) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
  ).run(number, n, account, kiosk, inc, seq, points, entry);
  assert(changes === 1, 'a row is posted once');
  withdraw(act, account, { amount: points, entry, to });
  return entry;
}

/**
 * Posts what is left of all of a kind that was released, a slice in a turn, and writes the papers that are not there: a book that is put back
 * believes those. One whose rows are not what was proposed any more is told to people, and tried again by the next night.
 */
export async function finishReclaims<Row extends ReclaimRow>(book: CountyBook, kind: ReclaimKind<Row>): Promise<void> {
  await writeWithdrawals(book, kind);
  const released = await book.read((db) =>
    prepared<[], SelectedRow>(db, `${selectOf(kind)} AND released_by IS NOT NULL ORDER BY ${familyOf(kind).table}.number`).all(),
  );
  for (const row of released)
    try {
      if (row.posted < row.rows) await finishOne(book, kind, row);
      if (existsSync(paperPath(book, kind, row.number))) continue;
      const { releasedBy, releasedAt } = row;
      assert(releasedBy !== null && releasedAt !== null, 'those that are released were asked for');
      const paper = await book.read((db) => paperOf(book, db, kind, { ...row, by: releasedBy, releasedAt }));
      writeFileDurably(paperPath(book, kind, row.number), paper, 0o600);
    } catch (error) {
      if (error instanceof TooManyWaiting) return; // the book is closing, or its people wait: the next start or night goes on
      await raiseReclaimFault(book, kind, row.number, error);
    }
}

async function writeWithdrawals(book: CountyBook, kind: ReclaimKind): Promise<void> {
  const papers = await book.read((db) =>
    prepared<[], SelectedRow>(db, `${selectOf(kind)} AND withdrawn_by IS NOT NULL`)
      .all()
      .filter(({ number }) => !existsSync(withdrawalPath(book, kind, number)))
      .map(({ number, sha256, withdrawnBy, withdrawnAt }) => {
        assert(withdrawnBy !== null && withdrawnAt !== null, 'those that are withdrawn were asked for');
        const note = withdrawalOf(book, db, kind, { number, sha256, by: withdrawnBy, at: withdrawnAt });
        return { path: withdrawalPath(book, kind, number), note };
      }),
  );
  await writePapers(book, papers);
}

/** Tells people what could not be posted; the next night tries it again. */
export async function raiseReclaimFault(
  book: CountyBook,
  { name }: Pick<ReclaimKind, 'name'>,
  number: number,
  error: unknown,
): Promise<void> {
  await raiseNightFault(book, { kiosk: '', what: `${name === 'awards' ? 'take back' : 'reclaim'} ${number}`, error });
}

async function finishOne<Row extends ReclaimRow>(book: CountyBook, kind: ReclaimKind<Row>, reclaim: ReclaimRecord): Promise<void> {
  const rows = readKept(book, kind, reclaim);
  if (!rows.ok) throw new Error(`the rows of ${reclaim.number} are not what was proposed`);
  const posting = { reclaim, kept: rows.value, measure: await kind.measured?.(book, reclaim.about) };
  for (let isDone = false; !isDone;) {
    await othersHadTheirTurn();
    isDone = await book.transact((act) => postSlice(act, kind, posting));
  }
}

/** Who proposed and who released it, beside its rows: what a book that is put back from an older copy goes by. */
type Paper = ReclaimRecord & { readonly by: string; readonly releasedAt: number };

const paperOfAwards = 'civicpos-award-take-back-v1';
const paperOfOthers = 'civicpos-reclaim-v1';
const everyPaper = {
  number: z.int().min(1),
  sha256: z.string(),
  rows: z.int().min(1),
  points: z.int().min(1),
  reason: z.string().min(1),
  proposed_by: z.string().min(1),
  at: z.int(),
  by: z.string().min(1),
  releasedAt: z.int(),
};
const awardsShape = z.strictObject({ ...everyPaper, batch: z.int().min(1) });
const othersShape = z.strictObject({ ...everyPaper, kind: z.enum(['credits', 'expiry']), about: z.string(), left_out: z.string() });

function paperOf(book: CountyBook, db: ReadableDatabase, kind: ReclaimKind, paper: Paper): string {
  const { number, about, sha256, rows, points, reason, proposedBy, at, leftOut, by, releasedAt } = paper;
  const said = { sha256, rows, points, reason, proposed_by: proposedBy, at, by, releasedAt };
  const text =
    kind.name === 'awards'
      ? `${paperOfAwards}\n${book.code}\n${JSON.stringify({ number, batch: Number(about), ...said })}\n`
      : `${paperOfOthers}\n${book.code}\n${JSON.stringify({ number, kind: kind.name, about, left_out: leftOut, ...said })}\n`;
  return countyNote(book, db, text);
}

/** Null: there is none of this kind that the county signed. */
function readPaper(book: CountyBook, db: ReadableDatabase, kind: ReclaimKind, number: number): Paper | null {
  const signed = signedLines(book, db, paperPath(book, kind, number));
  if (signed === null) return null;
  const { format, text } = signed;
  const said = kind.name === 'awards' ? awardsPaper(format, text) : othersPaper(format, text, kind);
  if (said?.number !== number) return null;
  const { proposed_by: proposedBy, left_out: leftOut, about, sha256, rows, points, reason, at, by, releasedAt } = said;
  return { number, about, sha256, rows, points, reason, proposedBy, at, leftOut, by, releasedAt };
}

/** The format and the one line of a paper of this county's. Null: there is none that the county signed. */
function signedLines(book: CountyBook, db: ReadableDatabase, path: string): { readonly format: string; readonly text: string } | null {
  if (!existsSync(path)) return null;
  const opened = openNote(
    readFileSync(path, 'utf8'),
    everyFileKey(book, db).map((publicKey) => ({ name: book.name, publicKey })),
  );
  if (!opened.ok) return null;
  const [format = '', code, text = ''] = opened.value.text.split('\n');
  return code === book.code ? { format, text } : null;
}

type Said = z.infer<z.ZodObject<typeof everyPaper>> & { readonly about: string; readonly left_out: string };

function awardsPaper(format: string, text: string): Said | null {
  const read = format === paperOfAwards ? awardsShape.safeParse(JSON.parse(text)) : null; // the county signed it
  return read?.success === true ? { ...read.data, about: String(read.data.batch), left_out: '' } : null;
}

function othersPaper(format: string, text: string, { name }: ReclaimKind): Said | null {
  const read = format === paperOfOthers ? othersShape.safeParse(JSON.parse(text)) : null;
  return read?.success === true && read.data.kind === name ? read.data : null;
}

const withdrawalFormat = 'civicpos-reclaim-withdrawal-v1';
const withdrawalShape = z.strictObject({
  kind: z.enum(['awards', 'credits', 'expiry']),
  number: z.int().min(1),
  sha256: z.string(),
  by: z.string().min(1),
  at: z.int(),
});
type Withdrawal = Omit<z.infer<typeof withdrawalShape>, 'kind'>;

function withdrawalOf(book: CountyBook, db: ReadableDatabase, { name }: ReclaimKind, said: Withdrawal): string {
  return countyNote(book, db, `${withdrawalFormat}\n${book.code}\n${JSON.stringify({ kind: name, ...said })}\n`);
}

/** Null: there is none of this kind that the county signed. */
function readWithdrawal(book: CountyBook, db: ReadableDatabase, kind: ReclaimKind, number: number): Withdrawal | null {
  const signed = signedLines(book, db, withdrawalPath(book, kind, number));
  const read = signed?.format === withdrawalFormat ? withdrawalShape.safeParse(JSON.parse(signed.text)) : null; // the county signed it
  return read?.success === true && read.data.kind === kind.name && read.data.number === number ? read.data : null;
}

/** Those of a kind whose release is proven by what lies beside the book, the oldest release first. */
export function findReclaims(
  book: CountyBook,
  db: ReadableDatabase,
  kind: ReclaimKind,
): readonly { readonly number: number; readonly at: number }[] {
  return keptNumbers(book, kind)
    .flatMap((number) => readPaper(book, db, kind, number) ?? [])
    .map(({ number, releasedAt: at }) => ({ number, at }))
    .toSorted((a, b) => a.at - b.at || a.number - b.number);
}

/** The entry of the log by which each kind tells what took effect. */
const entryNames = { awards: 'TAKEN_BACK', credits: 'CREDITS_TAKEN_BACK', expiry: 'EXPIRED' } as const satisfies Record<
  ReclaimName,
  string
>;

/** What the log says took effect of a kind: the number of each. */
export function reclaimsByLog(db: ReadableDatabase, { name }: Pick<ReclaimKind, 'name'>): readonly number[] {
  return entriesOf(db, entryNames[name]).map(({ number }) => number);
}

/** By which kind and number an entry of the log tells what took effect; null: it tells something else. */
export function reclaimToldBy(entry: LogEntry): { readonly kind: ReclaimName; readonly number: number } | null {
  const name = (Object.keys(entryNames) as ReclaimName[]).find((each) => entryNames[each] === entry.t); // its own keys
  return name !== undefined && 'number' in entry ? { kind: name, number: entry.number } : null;
}

/** Whether the book has the release of one. */
export function isReleased(db: ReadableDatabase, kind: ReclaimKind, number: number): boolean {
  return recordOf(db, kind, number)?.releasedBy != null;
}

export type AgainRefusal =
  | 'released'
  | 'withdrawn'
  | 'unproven'
  | 'not_released'
  | 'changed'
  | 'busy'
  | 'unfinished'
  | 'beyond'
  | 'anew'
  | 'missing';

/**
 * Takes points once more in a book that was put back from a copy of before: only by the names that were signed then. withdrawn: a person, who
 * did not know of the release, took the proposal away; beyond: others took so much of the same meanwhile that less is left; anew: people
 * proposed some of it again after the loss, whether that waits or took effect; missing: the book does not have yet what they are of. Then
 * nothing is taken, and people are told, of what is missing the `last` time that it is tried for now: the next night tries it again.
 */
export async function reclaimAgain<Row extends ReclaimRow>(
  book: CountyBook,
  kind: ReclaimKind<Row>,
  number: number,
  time: 'first' | 'last' = 'last',
): Promise<Result<null, AgainRefusal>> {
  const paper = await book.read((db) => readPaper(book, db, kind, number));
  if (paper === null || personOf(paper.by) === personOf(paper.proposedBy)) return fail('unproven');
  const rows = readKept(book, kind, paper);
  if (!rows.ok) return rows;
  const judge = await kind.judge(book, paper.about);
  const measure = await kind.measured?.(book, paper.about);
  return book.transact((act) => {
    const { db } = act;
    const known = recordOf(db, kind, number);
    if (known !== undefined && known.posted === known.rows) return fail('released');
    if (known !== undefined && (known.sha256 !== paper.sha256 || known.about !== paper.about)) return fail('changed');
    if (known?.releasedBy === null && known.withdrawnBy !== null) {
      raiseFound(book, db, `${notAgain(kind, paper)}: people withdrew it`, [known.withdrawnBy]);
      return fail('withdrawn');
    }
    if (!judge.ok) return fail(judge.code === 'unknown' ? 'not_released' : judge.code);
    if (known?.releasedBy == null && isUnfinished(db, kind, paper.about)) return fail('unfinished');
    const { beyond, missing } = judge.value.of(db, slicesAfter(rows.value, known?.posted ?? 0), 'again');
    if (missing.length > 0) {
      const said = `${kind.titleOf(paper)} was found and waits: ${missing.length} of its rows are of what is not in the book`;
      if (time === 'last') raiseFound(book, db, said, missing);
      return fail('missing');
    }
    if (beyond.length > 0) {
      raiseFound(book, db, `${notAgain(kind, paper)}: less is left of ${beyond.length} of them than it takes`, beyond);
      return fail('beyond');
    }
    const anew = known?.releasedBy == null ? proposedAnew(book, db, kind, { paper, rows: rows.value }) : [];
    if (anew.length > 0) {
      raiseFound(book, db, `${notAgain(kind, paper)}: people proposed ${anew.length} of them anew after the loss`, anew);
      return fail('anew');
    }
    if (known === undefined) keepRecord(db, kind, paper);
    if (known?.releasedBy == null) keepRelease(db, kind, { number, by: paper.by, at: paper.releasedAt });
    while (!postSlice(act, kind, { reclaim: paper, kept: rows.value, measure }));
    return ok(null);
  });
}

function notAgain(kind: Pick<ReclaimKind, 'titleOf'>, paper: Paper): string {
  return `${kind.titleOf(paper)} was found and not done again`;
}

/**
 * Rows, as people know them, of which others take too that were proposed after the book was put back without this one: people did then what they
 * no longer knew to be done, and by half of what there was it would be done twice. What was proposed before the loss knew of this one.
 */
function proposedAnew<Row extends ReclaimRow>(
  book: CountyBook,
  db: ReadableDatabase,
  kind: ReclaimKind<Row>,
  { paper, rows }: { readonly paper: Paper; readonly rows: KeptRows<Row> },
): readonly string[] {
  const { lostAt } = prepared<[number], { lostAt: number | null }>(
    db,
    `SELECT min(at) AS "lostAt" FROM act WHERE kind = 'put_back' AND at > ?`,
  ).get(paper.releasedAt)!; // an aggregate has a row
  if (lostAt === null || kind.sourceOf === undefined) return [];
  const taken = new Set<string | undefined>();
  for (const other of reclaimsOf(db, kind)) {
    const counts = other.state.is !== 'replaced' && other.state.is !== 'withdrawn';
    const kept = counts && other.number !== paper.number && other.at >= lostAt ? readKept(book, kind, other) : null;
    if (kept?.ok === true) for (const slice of kept.value.slices()) for (const row of slice) taken.add(kind.sourceOf(row, other.about));
  }
  if (taken.size === 0) return [];
  const own = [...rows.slices()].flat();
  return own.filter((row) => taken.has(kind.sourceOf?.(row, paper.about))).map((row) => kind.nameOf(row) || row.account);
}

function raiseFound(book: CountyBook, db: WritableDatabase, said: string, of: readonly string[]): void {
  const names = `${of.slice(0, namesTold).join(', ')}${of.length > namesTold ? ', …' : ''}`;
  raiseException(db, {
    kiosk: '',
    inc: 0,
    fileSeq: 0,
    seq: 0,
    code: 'put_back',
    detail: `${said} (${names})`,
    at: book.wallMs(),
  });
}

const namesTold = 3; // of the longest names that a list has; an exception has 500 letters

/** Numbers of those whose rows lie in the folder, whether the book knows them or not. */
function keptNumbers({ folder }: Pick<CountyBook, 'folder'>, kind: Pick<ReclaimKind, 'name'>): readonly number[] {
  const { ending } = familyOf(kind);
  if (!existsSync(folder.awards)) return [];
  return readdirSync(folder.awards)
    .filter((name) => /^\d{8,}\.[a-z-]+$/.test(name) && name.endsWith(`.${ending}`))
    .map((name) => Number(name.slice(0, -`.${ending}`.length)))
    .toSorted((a, b) => a - b);
}

function rowsPath({ folder }: CountyBook, kind: Pick<ReclaimKind, 'name'>, number: number): string {
  return join(folder.awards, `${String(number).padStart(8, '0')}.${familyOf(kind).ending}`);
}

function paperPath(book: CountyBook, kind: Pick<ReclaimKind, 'name'>, number: number): string {
  return `${rowsPath(book, kind, number)}.released`;
}

function withdrawalPath(book: CountyBook, kind: Pick<ReclaimKind, 'name'>, number: number): string {
  return `${rowsPath(book, kind, number)}.withdrawn`;
}
