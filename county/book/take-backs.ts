// Points of a list that took effect are taken back (reconciliation.md R3: a withdrawal is a RETURN_REQ): the whole list or some rows, wholly
// or in part. One person proposes it, another releases it. Decides nothing about where the points lie: rights.ts does.

import { hash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { writeFileDurably } from '../../db/files.ts';
import { openNote } from '../../db/model/note.ts';
import { type Result, assert, fail, ok } from '../../db/model/result.ts';
import { type ReadableDatabase, prepared } from '../../db/sqlite.ts';
import { appendEntry } from '../log/log.ts';
import { repayAdvancesByNight, unclaimed } from './advances.ts';
import { type AwardRow, personOf, releasedAwards, shownOf } from './awards.ts';
import type { CountyAct, CountyBook } from './county-book.ts';
import { countyNote, everyFileKey } from './county-keys.ts';
import { raiseException, raiseNightFault } from './exceptions.ts';
import { balanceOf } from './ledger.ts';
import { type Column, type List, type ListRefusal, type RowFault, hundredths, listBytesMax, readList } from './list-file.ts';
import { homeOf, withdrawAwarded } from './rights.ts';
import { type Tell, sliceRows, slicesOf } from './slices.ts';
import { TooManyWaiting } from './turns.ts';

type BackColumn = 'account' | 'points';
export const backColumns: readonly Column<BackColumn>[] = [
  { name: 'account', zh: ['账户', '账号', '积分账户'], isNeeded: true },
  { name: 'points', zh: ['积分', '分值', '收回积分'], isNeeded: true },
];
/** A resident reads it in the statement. */
export const backReasonMax = 80;

/** Which points of a list: of every row what is left of it, of every row so much (hundredths) or what is left, or as another list says. */
export type Wanted =
  | { readonly is: 'all' }
  | { readonly is: 'each'; readonly points: number }
  | { readonly is: 'list'; readonly list: string | Uint8Array };

/** An account, and what is taken back of it, hundredths. */
interface BackRow {
  readonly account: string;
  readonly points: number;
}

/** What taking points back will do by what the book says now; hundredths. */
export interface Outlook {
  /** Lies at no shop: comes back at once. */
  readonly unallocated: number;
  /** The home shops hold it: they are asked for it by the next night. */
  readonly home: number;
  /** Other shops do: they are asked when the home shop has no more. */
  readonly elsewhere: number;
  /** Nobody holds it any more, as far as the county heard: it becomes overdraft, and later awards repay it. */
  readonly spent: number;
}

export interface BackPreview {
  readonly rows: number;
  readonly points: number;
  readonly outlook: Outlook;
  /** As many as people are shown. */
  readonly first: readonly AwardRow[];
  readonly faults: readonly RowFault[];
}

export type BackRefusal = ListRefusal | 'unknown' | 'not_released' | 'changed' | 'unfinished';

/** What a wish would take back of a list. One with faults is proposed by nobody; one of no row has nothing left to take. */
export async function previewTakeBack(
  book: CountyBook,
  { batch, wanted }: { readonly batch: number; readonly wanted: Wanted },
  tell: Tell = () => {},
): Promise<Result<BackPreview, BackRefusal>> {
  const read = await wantedRows(book, batch, wanted, tell);
  if (!read.ok) return read;
  const { rows, faults } = read.value;
  return ok({ ...(await outlookOf(book, rows)), faults });
}

async function outlookOf(book: CountyBook, rows: readonly BackRow[]): Promise<Omit<BackPreview, 'faults'>> {
  const sum = { unallocated: 0, home: 0, elsewhere: 0, spent: 0 };
  for await (const slice of slicesOf(rows))
    await book.read((db) => {
      for (const row of slice) {
        const at = liesAt(db, row);
        sum.unallocated += at.unallocated;
        sum.home += at.home;
        sum.elsewhere += at.elsewhere;
        sum.spent += at.spent;
      }
    });
  const first = await book.read((db) =>
    shownOf(
      db,
      rows.map((row) => ({ ...row, reason: '' })),
    ),
  );
  return { rows: rows.length, points: sumOf(rows), outlook: sum, first };
}

/** Where points of an account would come from: what it owes already takes its part first, in the same order. */
function liesAt(db: ReadableDatabase, { account, points }: BackRow): Outlook {
  const sumOf = (condition: string): number =>
    prepared<[string], { amount: number }>(
      db,
      `SELECT coalesce(sum(amount), 0) AS amount FROM balance WHERE account ${condition} AND holder = ? AND commodity = 'PTS'`,
    ).get(account)!.amount; // an aggregate has a row
  const atHome = balanceOf(db, { account: 'esc', holder: account, at: homeOf(db, account) });
  let owed = -sumOf(`IN ('due', 'overdraft')`);
  let left = points;
  const [unallocated, home, elsewhere] = [unclaimed(db, account), atHome, sumOf(`= 'esc'`) - atHome].map((lying) => {
    const before = Math.min(owed, lying);
    const taken = Math.min(left, lying - before);
    owed -= before;
    left -= taken;
    return taken;
  }) as [number, number, number];
  return { unallocated, home, elsewhere, spent: left };
}

async function wantedRows(
  book: CountyBook,
  batch: number,
  wanted: Wanted,
  tell: Tell,
): Promise<Result<{ readonly rows: readonly BackRow[]; readonly faults: readonly RowFault[] }, BackRefusal>> {
  const given = await releasedAwards(book, batch, tell);
  if (!given.ok) return given;
  const list = wanted.is === 'list' ? await readList(wanted.list, backColumns, { tell }) : null;
  if (list?.ok === false) return list;
  return book.read((db) => {
    if (isUnfinished(db, batch)) return fail('unfinished');
    const left = leftOf(db, batch, given.value);
    if (list !== null) return ok(listedRows(list.value, left));
    const most = wanted.is === 'each' ? wanted.points : Infinity;
    const rows = [...left].map(([account, points]) => ({ account, points: Math.min(points, most) }));
    return ok({ rows: rows.filter(({ points }) => points > 0), faults: [] });
  });
}

/** What each row of a list gave, less what was taken back of it before. */
function leftOf(db: ReadableDatabase, batch: number, given: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
  const taken = prepared<[number], { account: string; points: number }>(
    db,
    'SELECT account, sum(points) AS points FROM taken_back WHERE batch = ? GROUP BY account',
  ).all(batch);
  const left = new Map(given);
  for (const { account, points } of taken) left.set(account, (left.get(account) ?? 0) - points);
  return left;
}

function listedRows(
  { rows, faults: unread }: List<BackColumn>,
  left: ReadonlyMap<string, number>,
): { readonly rows: readonly BackRow[]; readonly faults: readonly RowFault[] } {
  const faults = [...unread];
  const told = new Set(faults.map(({ row }) => row)); // what could not be read is no fault of its account or its points as well
  const seen = new Set<string>();
  for (const { row, cells } of rows) {
    if (!told.has(row)) faults.push(...faultsOf({ row, ...cells }, { left, seen }));
    seen.add(cells.account);
  }
  return faults.length > 0 ? { rows: [], faults } : { rows: rowsOf({ rows }), faults };
}

function faultsOf(
  { row, account, points }: { readonly row: number; readonly account: string; readonly points: string },
  { left, seen }: { readonly left: ReadonlyMap<string, number>; readonly seen: ReadonlySet<string> },
): readonly RowFault[] {
  const most = left.get(account);
  if (most === undefined) return [{ row, what: `${account.slice(0, 40)} is not in this list of awards` }];
  if (seen.has(account)) return [{ row, what: `${account} stands twice in this list` }];
  const amount = hundredths(points);
  if (amount === null || amount === 0) return [{ row, what: `${points.slice(0, 40)} is no amount of points` }];
  return amount > most ? [{ row, what: `${points} points are more than are left of this award: ${most / 100}` }] : [];
}

function rowsOf({ rows }: Pick<List<BackColumn>, 'rows'>): readonly BackRow[] {
  return rows.map(({ cells: { account, points } }) => ({ account, points: hundredths(points) ?? 0 }));
}

function sumOf(rows: readonly BackRow[]): number {
  return rows.reduce((sum, { points }) => sum + points, 0);
}

export type BackState =
  | { readonly is: 'waiting' }
  /** Another was proposed of the same list since: it is released by nobody. */
  | { readonly is: 'replaced' }
  /** It takes effect, a slice after the other: `rows` did. */
  | { readonly is: 'releasing'; readonly by: string; readonly at: number; readonly rows: number }
  | { readonly is: 'released'; readonly by: string; readonly at: number };

/** As the table has it. */
interface BackRecord {
  readonly number: number;
  readonly batch: number;
  /** Of its rows' bytes, base64url. */
  readonly sha256: string;
  readonly rows: number;
  /** Hundredths. */
  readonly points: number;
  readonly reason: string;
  readonly proposed_by: string;
  readonly at: number;
}

/** One taking back of a list. */
export interface TakeBack extends Omit<BackRecord, 'proposed_by'> {
  readonly proposedBy: string;
  readonly state: BackState;
}

type SelectedRow = BackRecord & {
  readonly releasedBy: string | null;
  readonly releasedAt: number | null;
  readonly posted: number;
  readonly newest: number;
};

const selectBacks = `SELECT take_back.number AS number, batch, sha256, take_back.rows AS rows, points, reason, proposed_by, take_back.at AS at,
    released_by AS "releasedBy", take_back_release.at AS "releasedAt",
    (SELECT count(*) FROM taken_back WHERE taken_back.number = take_back.number) AS posted,
    (SELECT max(other.number) FROM take_back AS other WHERE other.batch = take_back.batch) AS newest
  FROM take_back LEFT JOIN take_back_release ON take_back_release.number = take_back.number`;

function backOf({ proposed_by: proposedBy, releasedBy, releasedAt, posted, newest, ...row }: SelectedRow): TakeBack {
  const state = (): BackState => {
    if (releasedBy === null || releasedAt === null) return { is: newest > row.number ? 'replaced' : 'waiting' };
    return posted < row.rows
      ? { is: 'releasing', by: releasedBy, at: releasedAt, rows: posted }
      : { is: 'released', by: releasedBy, at: releasedAt };
  };
  return { ...row, proposedBy, state: state() };
}

/** What was proposed or taken back of a list, the newest first. */
export function takeBacksOf(db: ReadableDatabase, batch: number): readonly TakeBack[] {
  return prepared<[number], SelectedRow>(db, `${selectBacks} WHERE batch = ? ORDER BY take_back.number DESC`).all(batch).map(backOf);
}

/** What waits for another person, over all lists, the oldest first. */
export function waitingTakeBacks(db: ReadableDatabase): readonly TakeBack[] {
  return prepared<[], SelectedRow>(db, `${selectBacks} WHERE released_by IS NULL ORDER BY take_back.number`)
    .all()
    .map(backOf)
    .filter(({ state }) => state.is === 'waiting');
}

/** One with what it would do, or did, by its kept rows; 'changed': those are not what was proposed. Null: there is none of this number. */
export async function seeTakeBack(
  book: CountyBook,
  number: number,
): Promise<{ readonly back: TakeBack; readonly seen: Result<Omit<BackPreview, 'faults'>, 'changed' | 'busy'> } | null> {
  const row = await book.read((db) => recordOf(db, number));
  if (row === undefined) return null;
  const rows = await readKept(book, row);
  return { back: backOf(row), seen: rows.ok ? ok(await outlookOf(book, rows.value)) : rows };
}

function recordOf(db: ReadableDatabase, number: number): SelectedRow | undefined {
  return prepared<[number], SelectedRow>(db, `${selectBacks} WHERE take_back.number = ?`).get(number);
}

/** The rows of one as they were proposed. */
async function readKept(
  book: CountyBook,
  { number, sha256, rows, points }: Pick<BackRecord, 'number' | 'sha256' | 'rows' | 'points'>,
): Promise<Result<readonly BackRow[], 'changed' | 'busy'>> {
  const path = rowsPath(book, number);
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined || !found.isFile() || found.size > listBytesMax) return fail('changed');
  const bytes = readFileSync(path);
  if (hash('sha256', bytes, 'base64url') !== sha256) return fail('changed');
  const list = await readList(bytes, backColumns);
  if (!list.ok) return fail(list.code === 'busy' ? 'busy' : 'changed');
  const read = rowsOf(list.value);
  assert(read.length === rows && sumOf(read) === points, 'what was kept when it was proposed is read again');
  return ok(read);
}

/**
 * Keeps a taking back that waits for another person; what waited of the same list before is replaced. `reason`: every resident concerned reads
 * it. Nothing moves.
 */
export async function proposeTakeBack(
  book: CountyBook,
  { batch, wanted, reason, by }: { readonly batch: number; readonly wanted: Wanted; readonly reason: string; readonly by: string },
): Promise<Result<TakeBack, BackRefusal | 'faulty' | 'nothing' | 'nobody' | 'no_reason'>> {
  const why = reason.trim().replaceAll(/[\p{C}\s]+/gu, ' ');
  if (personOf(by) === '') return fail('nobody');
  if (why === '' || why.length > backReasonMax) return fail('no_reason');
  const read = await wantedRows(book, batch, wanted, () => {});
  if (!read.ok) return read;
  const { rows, faults } = read.value;
  if (faults.length > 0) return fail('faulty');
  if (rows.length === 0) return fail('nothing');
  const bytes = Buffer.from(['account,points', ...rows.map(({ account, points }) => `${account},${textOf(points)}`), ''].join('\n'));
  return book.transact(({ db }) => {
    const { newest } = prepared<[], { newest: number }>(db, 'SELECT coalesce(max(number), 0) AS newest FROM take_back').get()!; // an aggregate has a row
    // a book that was put back may not know of the last, nor its folder
    const number = [...keptNumbers(book), ...takenBackByLog(db)].reduce((most, each) => Math.max(most, each), newest) + 1;
    writeFileDurably(rowsPath(book, number), bytes, 0o600);
    const sha256 = hash('sha256', bytes, 'base64url');
    keepRecord(db, { number, batch, sha256, rows: rows.length, points: sumOf(rows), reason: why, proposed_by: by, at: book.wallMs() });
    return ok(backOf(recordOf(db, number)!)); // kept just now
  });
}

function keepRecord(db: CountyAct['db'], { number, batch, sha256, rows, points, reason, proposed_by, at }: BackRecord): void {
  const { changes } = prepared(
    db,
    'INSERT INTO take_back (number, batch, sha256, rows, points, reason, proposed_by, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
  ).run(number, batch, sha256, rows, points, reason, proposed_by, at);
  assert(changes === 1, 'what is taken back is written down');
}

/** Hundredths as a list says points. */
function textOf(points: number): string {
  return `${Math.trunc(points / 100)}.${String(points % 100).padStart(2, '0')}`;
}

export type BackReleaseRefusal =
  | 'unknown'
  | 'released'
  | 'replaced'
  | 'same_person'
  | 'nobody'
  | 'not_shown'
  | 'changed'
  | 'busy'
  | 'unfinished'
  | 'beyond';

/**
 * Another person releases it: every row is the county's again. A long one is decided at once and posted in slices, as a release is; what a
 * server that dies had not posted the next start or night does. `shown`: the digest of what that person saw.
 */
export async function releaseTakeBack(
  book: CountyBook,
  { number, by, shown }: { readonly number: number; readonly by: string; readonly shown?: string },
): Promise<Result<null, BackReleaseRefusal>> {
  const row = await book.read((db) => recordOf(db, number));
  if (row === undefined) return fail('unknown');
  const rows = await readKept(book, row);
  const given = await releasedAwards(book, row.batch);
  const decided = await book.transact((act) => {
    const { db } = act;
    const refusal = refusalOf(recordOf(db, number)!, { by, shown }); // no row is ever removed
    if (refusal !== null) return fail(refusal);
    if (!rows.ok) return rows;
    if (!given.ok) return fail(given.code === 'busy' ? 'busy' : 'changed');
    if (isUnfinished(db, row.batch)) return fail('unfinished');
    const left = leftOf(db, row.batch, given.value);
    if (beyondOf(rows.value, left).length > 0) return fail('beyond');
    const at = book.wallMs();
    prepared(db, 'INSERT INTO take_back_release (number, released_by, at) VALUES (?, ?, ?)').run(number, by, at);
    postSlice(act, row, rows.value);
    return ok(paperOf(book, db, { ...row, by, releasedAt: at }));
  });
  if (!decided.ok) return decided;
  writeFileDurably(paperPath(book, number), decided.value, 0o600); // after the book has it: never a release that was not
  await finishTakeBacks(book);
  return ok(null);
}

function refusalOf(
  row: SelectedRow,
  { by, shown }: { readonly by: string; readonly shown: string | undefined },
): 'released' | 'replaced' | 'same_person' | 'nobody' | 'not_shown' | null {
  const { state } = backOf(row);
  if (state.is === 'replaced') return 'replaced';
  if (state.is !== 'waiting') return 'released';
  if (personOf(by) === '') return 'nobody';
  if (personOf(by) === personOf(row.proposed_by)) return 'same_person';
  return shown !== undefined && shown !== row.sha256 ? 'not_shown' : null;
}

function isUnfinished(db: ReadableDatabase, batch: number): boolean {
  return takeBacksOf(db, batch).some(({ state }) => state.is === 'releasing');
}

/** Posts the next rows of one that is released; the last of them writes it into the log. Whether all are posted. */
function postSlice(act: CountyAct, { number, batch, reason, sha256, points }: BackRecord, rows: readonly BackRow[]): boolean {
  const { db } = act;
  const { done } = prepared<[number], { done: number }>(db, 'SELECT count(*) AS done FROM taken_back WHERE number = ?').get(number)!; // an aggregate has a row
  const slice = rows.slice(done, done + sliceRows);
  for (const row of slice) {
    repayAdvancesByNight(act, row.account); // comes before everything, and is an act of its own
    const entry = act.enter(takeBackKind, `${batch} ${row.account} ${number} ${reason}`);
    prepared(db, 'INSERT INTO taken_back (number, account, batch, points, entry) VALUES (?, ?, ?, ?, ?)').run(
      number,
      row.account,
      batch,
      row.points,
      entry,
    );
    withdrawAwarded(act, row.account, { amount: row.points, entry });
  }
  if (done + slice.length < rows.length) return false;
  if (slice.length > 0) appendEntry(db, { t: 'TAKEN_BACK', number, batch, rows: rows.length, points, sha256 });
  return true;
}

/** The act of each row: the list, the account, the number of the taking back, its reason. */
export const takeBackKind = 'take_back';

/**
 * Posts what is left of all that was released, a slice in a turn, and writes the papers that found no room: a book that is put back believes
 * those. One whose rows are not what was proposed any more is told to people, and tried again by the next night.
 */
export async function finishTakeBacks(book: CountyBook): Promise<void> {
  const released = await book.read((db) =>
    prepared<[], SelectedRow>(db, `${selectBacks} WHERE released_by IS NOT NULL ORDER BY take_back.number`).all(),
  );
  for (const row of released)
    try {
      if (row.posted < row.rows) await finishOne(book, row);
      if (existsSync(paperPath(book, row.number))) continue;
      const { releasedBy, releasedAt } = row;
      assert(releasedBy !== null && releasedAt !== null, 'those that are released were asked for');
      const paper = await book.read((db) => paperOf(book, db, { ...row, by: releasedBy, releasedAt }));
      writeFileDurably(paperPath(book, row.number), paper, 0o600);
    } catch (error) {
      if (error instanceof TooManyWaiting) return; // the book is closing, or its people wait: the next start or night goes on
      await raiseNightFault(book, { kiosk: '', what: `take back ${row.number}`, error });
    }
}

async function finishOne(book: CountyBook, row: BackRecord): Promise<void> {
  const rows = await readKept(book, row);
  if (!rows.ok) throw new Error(`the rows of ${row.number} are not what was proposed`);
  for (let isDone = false; !isDone;) isDone = await book.transact((act) => postSlice(act, row, rows.value));
}

/** Who proposed and who released it, beside its rows: what a book that is put back from an older copy goes by. */
const paperFormat = 'civicpos-award-take-back-v1';
const paperShape = z.strictObject({
  number: z.int().min(1),
  batch: z.int().min(1),
  sha256: z.string(),
  rows: z.int().min(1),
  points: z.int().min(1),
  reason: z.string().min(1),
  proposed_by: z.string().min(1),
  at: z.int(),
  by: z.string().min(1),
  releasedAt: z.int(),
});
type Paper = z.infer<typeof paperShape>;

function paperOf(
  book: CountyBook,
  db: ReadableDatabase,
  { number, batch, sha256, rows, points, reason, proposed_by, at, by, releasedAt }: Paper,
): string {
  const said: Paper = { number, batch, sha256, rows, points, reason, proposed_by, at, by, releasedAt };
  return countyNote(book, db, `${paperFormat}\n${book.code}\n${JSON.stringify(said)}\n`);
}

/** Null: there is none that the county signed. */
function readPaper(book: CountyBook, db: ReadableDatabase, number: number): Paper | null {
  const path = paperPath(book, number);
  if (!existsSync(path)) return null;
  const opened = openNote(
    readFileSync(path, 'utf8'),
    everyFileKey(book, db).map((publicKey) => ({ name: book.name, publicKey })),
  );
  if (!opened.ok) return null;
  const [format, code, text = ''] = opened.value.text.split('\n');
  if (format !== paperFormat || code !== book.code) return null;
  const read = paperShape.safeParse(JSON.parse(text)); // the county signed it
  return read.success && read.data.number === number ? read.data : null;
}

/** Those whose release is proven by what lies beside the book, the oldest release first. */
export function findTakeBacks(book: CountyBook, db: ReadableDatabase): readonly { readonly number: number; readonly at: number }[] {
  return keptNumbers(book)
    .flatMap((number) => readPaper(book, db, number) ?? [])
    .map(({ number, releasedAt: at }) => ({ number, at }))
    .toSorted((a, b) => a.at - b.at || a.number - b.number);
}

/** What the log says was taken back: the number of each. */
export function takenBackByLog(db: ReadableDatabase): readonly number[] {
  return prepared<[], { entry: string }>(db, `SELECT entry FROM log_leaf WHERE entry LIKE '%"t":"TAKEN_BACK"%'`)
    .all()
    .map(({ entry }) => (JSON.parse(entry) as { readonly number: number }).number); // appendEntry wrote it
}

/**
 * Takes points back once more in a book that was put back from a copy of before: only by the names that were signed then. beyond: others took
 * so much of the same awards meanwhile that less is left; nothing is taken, and people are told.
 */
export async function takeBackAgain(
  book: CountyBook,
  number: number,
): Promise<Result<null, 'released' | 'unproven' | 'changed' | 'busy' | 'not_released' | 'unfinished' | 'beyond'>> {
  const paper = await book.read((db) => readPaper(book, db, number));
  if (paper === null || personOf(paper.by) === personOf(paper.proposed_by)) return fail('unproven');
  const rows = await readKept(book, paper);
  if (!rows.ok) return rows;
  const given = await releasedAwards(book, paper.batch);
  return book.transact((act) => {
    const { db } = act;
    const known = recordOf(db, number);
    if (known !== undefined && known.posted === known.rows) return fail('released');
    if (known !== undefined && (known.sha256 !== paper.sha256 || known.batch !== paper.batch)) return fail('changed');
    if (!given.ok) return fail(given.code === 'unknown' ? 'not_released' : given.code);
    if (known?.releasedBy == null && isUnfinished(db, paper.batch)) return fail('unfinished');
    const beyond = beyondOf(rows.value.slice(known?.posted ?? 0), leftOf(db, paper.batch, given.value));
    if (beyond.length > 0) {
      raiseBeyond(book, db, { ...paper, beyond });
      return fail('beyond');
    }
    if (known === undefined) keepRecord(db, paper);
    if (known?.releasedBy == null)
      prepared(db, 'INSERT INTO take_back_release (number, released_by, at) VALUES (?, ?, ?)').run(number, paper.by, paper.releasedAt);
    while (!postSlice(act, paper, rows.value));
    return ok(null);
  });
}

/** Of these rows those of which less is left than they take. */
function beyondOf(rows: readonly BackRow[], left: ReadonlyMap<string, number>): readonly BackRow[] {
  return rows.filter(({ account, points }) => points > (left.get(account) ?? 0));
}

function raiseBeyond(
  book: CountyBook,
  db: CountyAct['db'],
  { number, batch, beyond }: { readonly number: number; readonly batch: number; readonly beyond: readonly BackRow[] },
): void {
  const named = beyond.slice(0, accountsNamed).map(({ account }) => account);
  const names = `${named.join(', ')}${beyond.length > accountsNamed ? ', …' : ''}`;
  const detail = `taking back ${number} of awards ${batch} was found and not done again: less is left of ${beyond.length} of them than it takes (${names})`;
  raiseException(db, { kiosk: '', inc: 0, fileSeq: 0, seq: 0, code: 'put_back', detail, at: book.wallMs() });
}

const accountsNamed = 3; // of the longest names that a list has; an exception has 500 letters

/** Numbers of those whose rows lie in the folder, whether the book knows them or not. */
function keptNumbers({ folder }: Pick<CountyBook, 'folder'>): readonly number[] {
  if (!existsSync(folder.awards)) return [];
  return readdirSync(folder.awards)
    .filter((name) => /^\d{8,}\.taken-back$/.test(name))
    .map((name) => Number(name.slice(0, -'.taken-back'.length)))
    .toSorted((a, b) => a - b);
}

function rowsPath({ folder }: CountyBook, number: number): string {
  return join(folder.awards, `${String(number).padStart(8, '0')}.taken-back`);
}

function paperPath(book: CountyBook, number: number): string {
  return `${rowsPath(book, number)}.released`;
}
