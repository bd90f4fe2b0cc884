// Awards: a list, CSV or XLSX, is read, shown and kept as a signed batch; it takes effect when a second person, who is shown the kept list,
// releases it (reconciliation.md R1, R5), and never once it is withdrawn. Reaches the kiosks with the next night's files.

import { hash } from 'node:crypto';
import { join } from 'node:path';
import { writeFileDurably } from '../../db/files.ts';
import { openNote } from '../../db/model/note.ts';
import { type Result, assert, fail, ok } from '../../db/model/result.ts';
import { type ReadableDatabase, type WritableDatabase, prepared } from '../../db/sqlite.ts';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { z } from 'zod';
import { appendEntry } from '../log/log.ts';
import { repaidText, repayWrittenOff } from './advances.ts';
import { sayReason } from './award-reasons.ts';
import { type Award, type Twin, givesOf } from './award-twins.ts';
import type { CountyAct, CountyBook } from './county-book.ts';
import { countyNote, everyFileKey } from './county-keys.ts';
import { listsOfLog } from './down-evidence.ts';
import { moved } from './ledger.ts';
import { raiseException, raiseNightFault } from './exceptions.ts';
import { type Column, type List, type ListRefusal, type ListRow, type RowFault, hundredths, listBytesMax, readList } from './list-file.ts';
import { everyKiosk, masterLine } from './master.ts';
import { writePapers } from './papers.ts';
import { type Tell, sliceRows, slicesOf } from './slices.ts';
import { TooManyWaiting } from './turns.ts';

type AwardColumn = 'account' | 'points' | 'reason';
export const awardColumns: readonly Column<AwardColumn>[] = [
  { name: 'account', zh: ['账户', '账号', '积分账户'], isNeeded: true },
  { name: 'points', zh: ['积分', '分值'], isNeeded: true },
  { name: 'reason', zh: ['事由', '原因', '备注'], isNeeded: true },
];
/** More than that for one resident at once is a slip of the pen: a million points. */
const awardMax = 100_000_000;

export interface AwardPreview {
  readonly rows: number;
  /** Hundredths of a point. */
  readonly points: number;
  /** As many of them as people are shown, in the list's order. */
  readonly first: readonly AwardRow[];
  readonly faults: readonly RowFault[];
  /** How the file was read: of GB18030 people must look at the names themselves. */
  readonly format: List<AwardColumn>['format'];
  /** The batch that these very bytes are already; null: none. */
  readonly known: number | null;
  /** Other batches that give the same, newest first. */
  readonly twins: readonly Twin[];
}

/** An award as people judge it. */
export interface AwardRow extends Award {
  /** Of those who may use the account, in full: who releases compares them with the paper; '' where the county knows nobody. */
  readonly names: string;
}

/** More than that nobody looks through on a screen; the list itself has them all. */
const rowsShown = 200;
/** A household's account has several people; so many are named. */
const namesShown = 3;

/** What a list, as text or as the bytes of its file, would award. A list with any fault is proposed by nobody. A long one is looked at in slices. */
export async function previewAwards(
  book: CountyBook,
  list: string | Uint8Array,
  tell: Tell = () => {},
): Promise<Result<AwardPreview, ListRefusal>> {
  const read = await readAwards(book, list, tell);
  if (!read.ok) return read;
  const { awards, faults, format } = read.value;
  const sums = { rows: awards.length, points: sumOf(awards) };
  const sha256 = shaOf(list);
  const known = await book.read((db) => batchOfBytes(db, sha256));
  const twins = faults.length > 0 ? [] : await twinsOf(book, { ...sums, sha256, gives: () => givesOf(awards) });
  return ok({ ...sums, first: await book.read((db) => shownOf(db, awards)), faults, format, known, twins });
}

function shaOf(list: string | Uint8Array): string {
  return hash('sha256', list, 'base64url');
}

function batchOfBytes(db: ReadableDatabase, sha256: string): number | null {
  return prepared<[string], { id: number }>(db, 'SELECT id FROM award_batch WHERE sha256 = ?').get(sha256)?.id ?? null;
}

/** Lists of as many rows and points are read and compared; so many of the newest, which are those that a slip of the hand doubles. */
const comparedMax = 6;

/** Other batches that were not withdrawn and give the same. Few lists have the rows and the points of another: mostly none is read. */
async function twinsOf(
  book: CountyBook,
  { rows, points, sha256, gives }: Pick<Batch, 'rows' | 'points' | 'sha256'> & { readonly gives: () => Promise<string> },
): Promise<readonly Twin[]> {
  const alike = await book.read((db) =>
    prepared<[number, number, string, number], KeptRow>(
      db,
      `${selectBatches} WHERE award_batch.rows = ? AND award_batch.points = ? AND sha256 <> ? ORDER BY id DESC LIMIT ?`,
    ).all(rows, points, sha256, comparedMax),
  );
  if (alike.length === 0) return [];
  const mine = await gives();
  const twins: Twin[] = [];
  for (const row of alike) {
    const { id: batch, proposedBy, at, state } = batchOf(book, row);
    const head = state.is === 'withdrawn' ? null : await headOf(book, row.sha256, () => readKept(book, batch, row.sha256));
    if (head?.ok === true && head.value.gives === mine) twins.push({ batch, proposedBy, at, reason: head.value.first[0]?.reason ?? '' });
  }
  return twins;
}

/** Where a batch stands. `by` is null where only the county's note beside the list says that it was withdrawn. */
export type BatchState =
  | { readonly is: 'waiting' }
  /** It takes effect, a slice after the other: `rows` did. */
  | { readonly is: 'releasing'; readonly by: string; readonly at: number; readonly rows: number }
  | { readonly is: 'released'; readonly by: string; readonly at: number }
  | { readonly is: 'withdrawn'; readonly by: string | null; readonly at: number | null };

export interface Batch {
  readonly id: number;
  /** Of the list's bytes, base64url. */
  readonly sha256: string;
  readonly rows: number;
  /** Hundredths of a point. */
  readonly points: number;
  readonly proposedBy: string;
  readonly at: number;
  readonly state: BatchState;
}

/** The newest batches, newest first. */
export function newestBatches(book: CountyBook, count: number): Promise<readonly Batch[]> {
  return book.read((db) =>
    prepared<[number], KeptRow>(db, `${selectBatches} ORDER BY id DESC LIMIT ?`)
      .all(count)
      .map((row) => batchOf(book, row)),
  );
}

/** A batch without its list. Null: there is none of this number. */
export function findBatch(book: CountyBook, batch: number): Promise<Batch | null> {
  return book.read((db) => {
    const row = prepared<[number], KeptRow>(db, `${selectBatches} WHERE award_batch.id = ?`).get(batch);
    return row === undefined ? null : batchOf(book, row);
  });
}

/**
 * A batch with the first rows of its kept list, which is the very list that was proposed, or 'changed'; its largest award, null without
 * it; and its twins. Null: there is no such batch.
 */
export async function seeBatch(
  book: CountyBook,
  batch: number,
): Promise<{
  readonly batch: Batch;
  readonly first: Result<readonly AwardRow[], 'changed' | 'busy'>;
  readonly largest: AwardRow | null;
  /** Other batches that give the same, newest first. */
  readonly twins: readonly Twin[];
} | null> {
  const seen = await findBatch(book, batch);
  if (seen === null) return null;
  const bytes = readKept(book, batch, seen.sha256);
  const list = bytes === null ? fail('changed') : await headOf(book, seen.sha256, () => bytes);
  if (!list.ok) return { batch: seen, first: list, largest: null, twins: [] };
  const { first, largest, gives } = list.value;
  const twins = await twinsOf(book, { ...seen, gives: () => Promise.resolve(gives) });
  return book.read((db) => ({
    batch: seen,
    first: ok(shownOf(db, first)),
    largest: shownOf(db, largest === null ? [] : [largest])[0] ?? null,
    twins,
  }));
}

/** What people are shown of a list. */
interface ListHead {
  readonly first: readonly Award[];
  readonly largest: Award | null;
  readonly gives: string;
}

/**
 * Of the kept lists that were looked at lately, by their digest: who looks again, or while it is read, waits for no second reading, nor for the
 * disk. `bytesOf`: the list's, null where they are not those of the digest.
 */
const heads = new WeakMap<CountyBook, Map<string, ReturnType<typeof readHead>>>();
const headsMax = 8;

async function headOf(book: CountyBook, sha256: string, bytesOf: () => Uint8Array | null): ReturnType<typeof readHead> {
  const known = heads.get(book) ?? new Map<string, ReturnType<typeof readHead>>();
  heads.set(book, known);
  const before = known.get(sha256);
  if (before !== undefined) return before;
  const bytes = bytesOf();
  if (bytes === null) return fail('changed');
  const [oldest] = known.keys();
  if (oldest !== undefined && known.size >= headsMax) known.delete(oldest);
  const head = readHead(bytes);
  known.set(sha256, head);
  const forget = (): void => void known.delete(sha256);
  head.then(({ ok: isRead }) => isRead || forget(), forget);
  return head;
}

async function readHead(bytes: Uint8Array): Promise<Result<ListHead, 'changed' | 'busy'>> {
  const list = await readList(bytes, awardColumns);
  if (!list.ok) return fail(list.code === 'busy' ? 'busy' : 'changed');
  const awards = awardsOf(list.value);
  const largest = awards.reduce<Award | null>((most, award) => (award.points > (most?.points ?? 0) ? award : most), null);
  return ok({ first: awards.slice(0, rowsShown), largest, gives: await givesOf(awards) });
}

interface KeptRow extends Omit<Batch, 'state'> {
  readonly releasedBy: string | null;
  readonly releasedAt: number | null;
  readonly withdrawnBy: string | null;
  readonly withdrawnAt: number | null;
  readonly releasingBy: string | null;
  readonly releasingAt: number | null;
  readonly releasingRows: number | null;
}

const selectBatches = `SELECT award_batch.id AS id, sha256, award_batch.rows AS rows, award_batch.points AS points, proposed_by AS "proposedBy", award_batch.at AS at,
    award_release.released_by AS "releasedBy", award_release.at AS "releasedAt", withdrawn_by AS "withdrawnBy", award_withdrawal.at AS "withdrawnAt",
    award_releasing.released_by AS "releasingBy", award_releasing.at AS "releasingAt", award_releasing.rows AS "releasingRows"
  FROM award_batch LEFT JOIN award_release ON award_release.batch = award_batch.id
    LEFT JOIN award_withdrawal ON award_withdrawal.batch = award_batch.id
    LEFT JOIN award_releasing ON award_releasing.batch = award_batch.id`;

function batchOf(
  book: CountyBook,
  { releasedBy, releasedAt, withdrawnBy, withdrawnAt, releasingBy, releasingAt, releasingRows, ...batch }: KeptRow,
): Batch {
  if (releasingBy !== null && releasingAt !== null)
    return { ...batch, state: { is: 'releasing', by: releasingBy, at: releasingAt, rows: releasingRows ?? 0 } };
  if (releasedBy !== null && releasedAt !== null) return { ...batch, state: { is: 'released', by: releasedBy, at: releasedAt } };
  if (withdrawnBy !== null || existsSync(withdrawalPath(book, batch.id)))
    return { ...batch, state: { is: 'withdrawn', by: withdrawnBy, at: withdrawnAt } };
  return { ...batch, state: { is: 'waiting' } };
}

/** The bytes of a kept list; null where they are not those that were proposed. */
function readKept(book: CountyBook, batch: number, sha256: string): Uint8Array | null {
  const path = batchPath(book, batch);
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined || !found.isFile() || found.size > listBytesMax) return null;
  const bytes = readFileSync(path);
  return hash('sha256', bytes, 'base64url') === sha256 ? bytes : null;
}

/** As people are shown them: no more than fit a page. */
export function shownOf(db: ReadableDatabase, awards: readonly Award[]): readonly AwardRow[] {
  const residents = prepared<[string, number], { resident: string }>(
    db,
    'SELECT resident FROM resident WHERE account = ? ORDER BY is_active DESC, resident LIMIT ?',
  );
  return awards.slice(0, rowsShown).map((award) => {
    const people = residents.all(award.account, namesShown + 1);
    const names = people.slice(0, namesShown).flatMap(({ resident }) => {
      const line = masterLine(db, { scope: everyKiosk, t: 'RESIDENT', key: resident });
      return line === null ? [] : [line.resident.name];
    });
    return { ...award, names: `${names.join('、')}${people.length > namesShown ? '等' : ''}` };
  });
}

/** What a list that took effect gave each of its accounts, hundredths, in its order. Not released: nothing yet. */
export async function releasedAwards(
  book: CountyBook,
  batch: number,
  tell: Tell = () => {},
): Promise<Result<ReadonlyMap<string, number>, 'unknown' | 'not_released' | 'changed' | 'busy'>> {
  const row = await book.read((db) => prepared<[number], KeptRow>(db, `${selectBatches} WHERE award_batch.id = ?`).get(batch));
  if (row === undefined) return fail('unknown');
  if (batchOf(book, row).state.is !== 'released') return fail('not_released');
  const bytes = readKept(book, batch, row.sha256);
  const list = bytes === null ? fail('changed') : await readList(bytes, awardColumns, { tell });
  if (!list.ok) return fail(list.code === 'busy' ? 'busy' : 'changed');
  return ok(new Map(awardsOf(list.value).map(({ account, points }) => [account, points])));
}

/**
 * Keeps a faultless list as a signed batch that waits for its release. The same list is kept once. `seen`: what previewAwards said of these
 * very bytes, which are not read again then: an account that was there is never gone.
 */
export async function proposeAwards(
  book: CountyBook,
  { text, by, seen }: { readonly text: string | Uint8Array; readonly by: string; readonly seen?: AwardPreview },
): Promise<
  Result<{ readonly batch: number; readonly rows: number; readonly points: number }, ListRefusal | 'faulty' | 'empty' | 'known' | 'nobody'>
> {
  if (personOf(by) === '') return fail('nobody');
  const bytes = typeof text === 'string' ? Buffer.from(text) : text;
  const read = seen === undefined ? await previewAwards(book, bytes) : ok(seen);
  if (!read.ok) return read;
  const { rows, points: sum, faults } = read.value;
  if (faults.length > 0) return fail('faulty');
  if (rows === 0) return fail('empty');
  const sha256 = shaOf(bytes);
  return book.transact(({ db }) => {
    if (batchOfBytes(db, sha256) !== null) return fail('known');
    const { newest } = prepared<[], { newest: number }>(db, 'SELECT coalesce(max(id), 0) AS newest FROM award_batch').get()!; // an aggregate has a row
    const logged = book.serverEpoch === 1 ? [] : listsOfLog(db);
    const batch = Math.max(newest, keptBatches(book).at(-1) ?? 0, ...logged) + 1; // a book that was put back may not know of the last
    const path = batchPath(book, batch);
    writeFileDurably(path, bytes, 0o600);
    writeFileDurably(`${path}.note`, countyNote(book, db, `civicpos-awards-v1\n${book.code}\n${batch}\n${rows}\n${sum}\n${sha256}\n`));
    prepared(db, 'INSERT INTO award_batch (id, sha256, rows, points, proposed_by, at) VALUES (?, ?, ?, ?, ?, ?)').run(
      batch,
      sha256,
      rows,
      sum,
      by,
      book.wallMs(),
    );
    return ok({ batch, rows, points: sum });
  });
}

export type ReleaseRefusal = 'unknown' | 'released' | 'withdrawn' | 'same_person' | 'not_shown' | 'changed' | 'nobody';

interface ReleaseOf {
  readonly batch: number;
  readonly by: string;
  /** Digest of the list that the person was shown; where it is given, no other list is released. */
  readonly shown?: string;
}

/**
 * A second person releases a batch: every row becomes points of its account, all or none. Both names, signed, lie beside the list after. A
 * long list is decided at once and posted in slices, so that kiosks and other clerks have their turns; nothing takes it back, and what a
 * server that dies had not posted the next start or night does (finishReleases).
 */
export async function releaseAwards(book: CountyBook, of: ReleaseOf, tell: Tell = () => {}): Promise<Result<null, ReleaseRefusal>> {
  const begun = await beginRelease(book, of, tell);
  if (!begun.ok) return begun;
  await begun.value.end;
  const isDone = await book.read((db) => prepared(db, 'SELECT 1 FROM award_release WHERE batch = ?').get(of.batch) !== undefined);
  return isDone ? ok(null) : fail('changed'); // the kept list of one that was decided: people are told
}

/** The same, settled as soon as it is decided; `end`: all rows are posted, or people are told why not. */
export async function beginRelease(
  book: CountyBook,
  of: ReleaseOf,
  tell: Tell = () => {},
): Promise<Result<{ readonly end: Promise<void> }, ReleaseRefusal>> {
  const { batch, by } = of;
  const at = book.wallMs();
  const decided = await book.transact(async (act) => {
    const row = releasable(book, act.db, of);
    if (!row.ok) return row;
    const bytes = readKept(book, batch, row.value.sha256);
    if (bytes === null) return fail('changed');
    const release: Release = { ...row.value, batch, by, at };
    const isLong = release.rows > sliceRows;
    if (isLong) beginSlices(act, release);
    else await takeEffect(act, bytes, release);
    return ok({ isLong, note: releaseNote(book, act.db, release) });
  });
  if (!decided.ok) return decided;
  const { isLong, note } = decided.value;
  writeFileDurably(releasePath(book, batch), note, 0o600); // after the book has it: never a release that was not
  return ok({ end: isLong ? finishReleases(book, tell) : Promise.resolve() });
}

function releasable(book: CountyBook, db: ReadableDatabase, { batch, by, shown }: ReleaseOf): Result<BatchRow, ReleaseRefusal> {
  const row = prepared<[number], BatchRow>(db, 'SELECT sha256, proposed_by, rows, points FROM award_batch WHERE id = ?').get(batch);
  if (row === undefined) return fail('unknown');
  if (isDecided(db, batch)) return fail('released');
  if (isWithdrawn(book, db, batch)) return fail('withdrawn');
  if (personOf(by) === '') return fail('nobody');
  if (personOf(row.proposed_by) === personOf(by)) return fail('same_person');
  return shown !== undefined && shown !== row.sha256 ? fail('not_shown') : ok(row);
}

/** It took effect, or does. */
function isDecided(db: ReadableDatabase, batch: number): boolean {
  const rows = prepared(db, 'SELECT batch FROM award_release WHERE batch = ? UNION ALL SELECT batch FROM award_releasing WHERE batch = ?');
  return rows.get(batch, batch) !== undefined;
}

/** One at a time on a book: who comes meanwhile waits for the same. */
const finishing = new WeakMap<CountyBook, Promise<void>>();

/**
 * Posts what is left of the lists that were released, a slice in a turn. One that cannot be gone on with, because its list is not what was
 * proposed any more, is told to people, and tried again by the next night. A server that ends meanwhile goes on at its next start.
 */
export function finishReleases(book: CountyBook, tell: Tell = () => {}): Promise<void> {
  const last = (finishing.get(book) ?? Promise.resolve()).then(() => finishAll(book, tell));
  finishing.set(
    book,
    last.catch(() => {}), // told to who asked; the next has its turn all the same
  );
  return last;
}

async function finishAll(book: CountyBook, tell: Tell): Promise<void> {
  const batches = await book.read((db) => prepared<[], { batch: number }>(db, 'SELECT batch FROM award_releasing ORDER BY batch').all());
  for (const { batch } of batches)
    try {
      await finishRelease(book, batch, tell);
    } catch (error) {
      if (error instanceof TooManyWaiting) return; // the book is closing, or its people wait: the next start or night goes on
      await raiseNightFault(book, { kiosk: '', what: `release ${batch}`, error });
    }
}

type Releasing = Release & { readonly done: number };

const selectReleasing = `SELECT sha256, proposed_by, award_batch.rows AS rows, award_batch.points AS points, batch, released_by AS by,
    award_releasing.at AS at, award_releasing.rows AS done FROM award_releasing JOIN award_batch ON award_batch.id = batch WHERE batch = ?`;

async function finishRelease(book: CountyBook, batch: number, tell: Tell): Promise<void> {
  const begun = await book.read((db) => prepared<[number], Releasing>(db, selectReleasing).get(batch));
  if (begun === undefined) return; // somebody else did
  const { done, ...release } = begun;
  const bytes = readKept(book, batch, release.sha256);
  const list = bytes === null ? null : await readList(bytes, awardColumns, { tell });
  if (list?.ok !== true) throw new Error(`the list of batch ${batch} is not what was proposed`);
  const awards = awardsOf(list.value);
  assert(awards.length === release.rows, 'what was read when it was proposed is read again');
  let posted = done;
  for await (const slice of slicesOf(awards.slice(done))) {
    await book.transact((act) => {
      postAwards(act, batch, slice);
      const { changes } = prepared(
        act.db,
        'UPDATE award_releasing SET rows = rows + ?, points = points + ? WHERE batch = ? AND rows = ?',
      ).run(slice.length, sumOf(slice), batch, posted);
      assert(changes === 1, 'each row is posted once');
      posted += slice.length;
      if (posted === awards.length) endRelease(act, release);
    });
    tell({ step: 'taking', done: posted, of: awards.length });
  }
  await writeMissingPapers(book);
}

/**
 * Writes the papers of releases and withdrawals that are not there, since they found no room or the server died before: a book that is put back
 * believes those papers. Of what finds no room now people are told, and the next night tries again.
 */
export async function writeMissingPapers(book: CountyBook): Promise<void> {
  const missing = await book.read((db) => {
    const released = prepared<[], Release>(
      db,
      `SELECT sha256, proposed_by, award_batch.rows AS rows, award_batch.points AS points, batch, decided.released_by AS by, decided.at AS at
         FROM (SELECT batch, released_by, at FROM award_release UNION ALL SELECT batch, released_by, at FROM award_releasing) AS decided
         JOIN award_batch ON award_batch.id = decided.batch ORDER BY batch`,
    )
      .all()
      .filter(({ batch }) => !existsSync(releasePath(book, batch)))
      .map((release) => ({ path: releasePath(book, release.batch), note: releaseNote(book, db, release) }));
    const withdrawn = prepared<[], Withdrawal>(
      db,
      `SELECT batch, sha256, withdrawn_by AS by, award_withdrawal.at AS at FROM award_withdrawal JOIN award_batch ON award_batch.id = batch ORDER BY batch`,
    )
      .all()
      .filter(({ batch }) => !existsSync(withdrawalPath(book, batch)))
      .map((said) => ({ path: withdrawalPath(book, said.batch), note: withdrawalNote(book, db, said) }));
    return [...released, ...withdrawn];
  });
  await writePapers(book, missing);
}

function releaseNote(book: CountyBook, db: ReadableDatabase, { sha256, proposed_by, rows, points, batch, by, at }: Release): string {
  const release = { sha256, proposed_by, rows, points, batch, by, at, epoch: book.serverEpoch };
  return countyNote(book, db, `${releaseFormat}\n${book.code}\n${JSON.stringify(release)}\n`);
}

/** Takes a batch back before it is released: it never takes effect after. Who did so lies beside the list, signed, for a book put back. */
export async function withdrawAwards(
  book: CountyBook,
  { batch, by }: { readonly batch: number; readonly by: string },
): Promise<Result<null, 'unknown' | 'released' | 'withdrawn' | 'nobody'>> {
  const at = book.wallMs();
  const withdrawn = await book.transact(({ db }) => {
    const row = prepared<[number], { sha256: string }>(db, 'SELECT sha256 FROM award_batch WHERE id = ?').get(batch);
    if (row === undefined) return fail('unknown');
    if (isDecided(db, batch) || existsSync(releasePath(book, batch))) return fail('released'); // a book that was put back may not know of it
    if (isWithdrawn(book, db, batch)) return fail('withdrawn');
    if (personOf(by) === '') return fail('nobody');
    prepared(db, 'INSERT INTO award_withdrawal (batch, withdrawn_by, at) VALUES (?, ?, ?)').run(batch, by, at);
    return ok(withdrawalNote(book, db, { batch, sha256: row.sha256, by, at }));
  });
  if (!withdrawn.ok) return withdrawn;
  writeFileDurably(withdrawalPath(book, batch), withdrawn.value, 0o600); // a server that dies before: the next night does
  return ok(null);
}

interface Withdrawal {
  readonly batch: number;
  readonly sha256: string;
  readonly by: string;
  readonly at: number;
}

function withdrawalNote(book: CountyBook, db: ReadableDatabase, { batch, sha256, by, at }: Withdrawal): string {
  return countyNote(book, db, `civicpos-award-withdrawal-v1\n${book.code}\n${JSON.stringify({ batch, sha256, by, at })}\n`);
}

/** By the book, or by the note beside the list where the book was put back from before. In doubt nothing is released: it is not asked who signed. */
function isWithdrawn(book: CountyBook, db: ReadableDatabase, batch: number): boolean {
  return prepared(db, 'SELECT 1 FROM award_withdrawal WHERE batch = ?').get(batch) !== undefined || existsSync(withdrawalPath(book, batch));
}

interface BatchRow {
  readonly sha256: string;
  readonly proposed_by: string;
  readonly rows: number;
  readonly points: number;
}

type Release = BatchRow & { readonly batch: number; readonly by: string; readonly at: number; readonly epoch?: number | undefined };

async function takeEffect(act: CountyAct, bytes: Uint8Array, release: Release): Promise<void> {
  const list = await readList(bytes, awardColumns);
  assert(list.ok, 'what was read when it was proposed is read again');
  postAwards(act, release.batch, awardsOf(list.value));
  endRelease(act, release);
}

function postAwards(act: CountyAct, batch: number, awards: readonly Award[]): void {
  let said: string | null = null;
  for (const [i, { account, points, reason }] of awards.entries()) {
    if (reason !== said || i % sliceRows === 0) sayReason(act, { batch, reason }); // a book that was put back posts a whole list in one turn
    said = reason;
    act.enter('award', `${batch} ${account}`);
    act.post(moved({ account: 'issuance' }, { account: 'main', holder: account }, points));
  }
}

/** It is decided, and posted in slices. */
function beginSlices({ db }: CountyAct, release: Release): void {
  const { batch, by, at } = release;
  prepared(db, 'INSERT INTO award_releasing (batch, released_by, at, rows, points) VALUES (?, ?, ?, 0, 0)').run(batch, by, at);
  enterList(db, release);
}

/** Its last row is posted. */
function endRelease({ db }: CountyAct, release: Release): void {
  const { batch, by, at } = release;
  prepared(db, 'DELETE FROM award_releasing WHERE batch = ?').run(batch);
  prepared(db, 'INSERT INTO award_release (batch, released_by, at) VALUES (?, ?, ?)').run(batch, by, at);
  enterList(db, release);
}

/** In the log before any of its points is given out: whatever becomes of the list's bytes, outsiders know what was awarded. Once. */
function enterList(db: WritableDatabase, { batch, rows, points, sha256 }: Release): void {
  appendEntry(db, { t: 'AWARDS', batch, rows, points, sha256 });
}

/** Who proposed and who released a batch, and when, beside its list: what a book that is put back from an older copy goes by. */
const releaseFormat = 'civicpos-award-release-v1';
const releaseShape = z.strictObject({
  batch: z.int().min(1),
  sha256: z.string(),
  proposed_by: z.string().min(1),
  rows: z.int().min(1),
  points: z.int().min(1),
  by: z.string().min(1),
  at: z.int(),
  /** How often the book had been put back by then, from 1: what people wrote off later may have been for this list. None: an older paper. */
  epoch: z.int().min(1).optional(),
});

/** The release of a batch as it lies beside the list, where the county signed it; null: there is none. */
function readRelease(book: CountyBook, db: ReadableDatabase, batch: number): Release | null {
  const path = releasePath(book, batch);
  if (!existsSync(path)) return null;
  const trusted = everyFileKey(book, db).map((publicKey) => ({ name: book.name, publicKey }));
  const opened = openNote(readFileSync(path, 'utf8'), trusted);
  if (!opened.ok) return null;
  const [format, code, text = ''] = opened.value.text.split('\n');
  if (format !== releaseFormat || code !== book.code) return null;
  const read = releaseShape.safeParse(JSON.parse(text)); // the county signed it
  return read.success && read.data.batch === batch ? read.data : null;
}

/** Batches whose release is proven by what lies beside the book, the oldest release first. */
export function findReleases(book: CountyBook, db: ReadableDatabase): { readonly batch: number; readonly at: number }[] {
  return keptBatches(book)
    .flatMap((batch) => readRelease(book, db, batch) ?? [])
    .map(({ batch, at }) => ({ batch, at }))
    .toSorted((a, b) => a.at - b.at || a.batch - b.batch);
}

/** Lists in the folder that nobody withdrew. */
export function unwithdrawnBatches(book: CountyBook): readonly number[] {
  return keptBatches(book).filter((batch) => !existsSync(withdrawalPath(book, batch)));
}

/** Lists that lie in the folder, whether the book knows them or not. */
function keptBatches({ folder }: Pick<CountyBook, 'folder'>): readonly number[] {
  if (!existsSync(folder.awards)) return [];
  return readdirSync(folder.awards)
    .filter((name) => /^\d{8,}\.list$/.test(name))
    .map((name) => Number(name.slice(0, -'.list'.length)))
    .toSorted((a, b) => a - b);
}

/** Lets a batch take effect again in a book that was put back from a copy of before: only by the names that were signed then. */
export async function releaseAgain(
  book: CountyBook,
  batch: number,
): Promise<Result<null, 'released' | 'withdrawn' | 'unproven' | 'changed' | 'unknown_account'>> {
  const release = await book.read((db) => readRelease(book, db, batch));
  if (release === null || personOf(release.by) === personOf(release.proposed_by)) return fail('unproven');
  const bytes = readKept(book, batch, release.sha256);
  if (bytes === null) return fail('changed');
  return book.transact(async (act) => {
    const { db } = act;
    if (prepared(db, 'SELECT 1 FROM award_release WHERE batch = ?').get(batch) !== undefined) return fail('released');
    if (isWithdrawn(book, db, batch)) return fail('withdrawn');
    const known = prepared<[number], BatchRow>(db, 'SELECT sha256, proposed_by, rows, points FROM award_batch WHERE id = ?').get(batch);
    if (known !== undefined && (known.sha256 !== release.sha256 || known.proposed_by !== release.proposed_by)) return fail('changed');
    const list = await readList(bytes, awardColumns);
    if (!list.ok) return fail('changed');
    const isAccount = prepared<[string], object>(db, 'SELECT 1 FROM account WHERE account = ?');
    if (awardsOf(list.value).some(({ account }) => isAccount.get(account) === undefined)) return fail('unknown_account');
    if (known === undefined)
      prepared(db, 'INSERT INTO award_batch (id, sha256, rows, points, proposed_by, at) VALUES (?, ?, ?, ?, ?, ?)').run(
        batch,
        release.sha256,
        release.rows,
        release.points,
        release.proposed_by,
        release.at,
      );
    const begun = prepared<[number], { rows: number }>(db, 'SELECT rows FROM award_releasing WHERE batch = ?').get(batch); // when it was copied
    const awards = awardsOf(list.value).slice(begun?.rows ?? 0);
    postAwards(act, batch, awards);
    const repaid = repayWrittenOff(act, awards, release.epoch ?? 1);
    if (repaid.length > 0) {
      const detail = repaidText(batch, repaid);
      raiseException(db, { kiosk: '', inc: 0, fileSeq: 0, seq: 0, code: 'repaid_by_list', detail, at: act.at });
    }
    endRelease(act, release);
    return ok(null);
  });
}

/** Two spellings of one name are one person, also where they differ by what nobody sees. */
export function personOf(name: string): string {
  return name
    .normalize('NFKC')
    .replaceAll(/[\s\p{C}\p{Default_Ignorable_Code_Point}]/gu, '')
    .toLowerCase();
}

/** The bytes as they came: CSV or XLSX, what is hashed and signed. */
function batchPath({ folder }: CountyBook, batch: number): string {
  return join(folder.awards, `${String(batch).padStart(8, '0')}.list`);
}

function releasePath(book: CountyBook, batch: number): string {
  return `${batchPath(book, batch)}.released`;
}

function withdrawalPath(book: CountyBook, batch: number): string {
  return `${batchPath(book, batch)}.withdrawn`;
}

interface AwardList {
  readonly awards: readonly Award[];
  readonly faults: readonly RowFault[];
  readonly format: List<AwardColumn>['format'];
}

async function readAwards(book: CountyBook, list: string | Uint8Array, tell: Tell): Promise<Result<AwardList, ListRefusal>> {
  const read = await readList(list, awardColumns, { tell });
  if (!read.ok) return read;
  const { rows, format } = read.value;
  const faults = [...read.value.faults];
  const seen = new Set<string>();
  const told = new Set(faults.map(({ row }) => row)); // what could not be read is no fault of its account or its points as well
  for await (const slice of slicesOf(rows)) {
    await book.read((db) => {
      for (const each of slice) {
        const more = faultsOf(db, each, seen);
        if (!told.has(each.row)) faults.push(...more);
      }
    });
    tell({ step: 'checking', done: seen.size, of: rows.length });
  }
  return ok({ awards: faults.length === 0 ? awardsOf(read.value) : [], faults: faults.toSorted((a, b) => a.row - b.row), format });
}

/** `seen`: accounts of the rows above. */
function faultsOf(
  db: ReadableDatabase,
  { row, cells: { account, points, reason } }: ListRow<AwardColumn>,
  seen: Set<string>,
): readonly RowFault[] {
  const faults: RowFault[] = [];
  const amount = hundredths(points);
  const isKnown = prepared<[string], object>(db, 'SELECT 1 FROM account WHERE account = ?').get(account) !== undefined;
  if (!isKnown) faults.push({ row, what: `no account ${account.slice(0, 40)}` });
  if (amount === null || amount === 0) faults.push({ row, what: `${points.slice(0, 40)} is no amount of points` });
  else if (amount > awardMax) faults.push({ row, what: `${points} points are too many for one award` });
  if (reason === '') faults.push({ row, what: 'no reason is given' }); // the resident reads it, and so does who releases it
  if (seen.has(account)) faults.push({ row, what: `${account} stands twice in this list` });
  seen.add(account);
  return faults;
}

function awardsOf({ rows }: List<AwardColumn>): readonly Award[] {
  return rows.map(({ cells: { account, points, reason } }) => ({ account, points: hundredths(points) ?? 0, reason }));
}

/** A million rows of a million points stay below 2^53. */
function sumOf(awards: readonly Award[]): number {
  return awards.reduce((sum, { points }) => sum + points, 0);
}
