// Awards: a list, CSV or XLSX, is read, shown and kept as a signed batch; it takes effect when a second person releases it
// (reconciliation.md R1, R5). Reaches the kiosks with the next night's files.

import { hash } from 'node:crypto';
import { join } from 'node:path';
import { writeFileDurably } from '../../db/files.ts';
import { openNote } from '../../db/model/note.ts';
import { type Result, assert, fail, ok } from '../../db/model/result.ts';
import { type ReadableDatabase, prepared } from '../../db/sqlite.ts';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { z } from 'zod';
import { appendEntry } from '../log/log.ts';
import type { CountyAct, CountyBook } from './county-book.ts';
import { countyNote, everyFileKey } from './county-keys.ts';
import { moved } from './ledger.ts';
import { type Column, type List, type ListRefusal, type RowFault, hundredths, readList } from './list-file.ts';

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
  readonly faults: readonly RowFault[];
  /** How the file was read: of GB18030 people must look at the names themselves. */
  readonly format: List<AwardColumn>['format'];
}

interface Award {
  readonly account: string;
  readonly points: number;
}

/** What a list, as text or as the bytes of its file, would award. A list with any fault is proposed by nobody. */
export async function previewAwards(book: CountyBook, list: string | Uint8Array): Promise<Result<AwardPreview, ListRefusal>> {
  const read = await readAwards(book, list);
  if (!read.ok) return read;
  const { awards, faults, format } = read.value;
  return ok({ rows: awards.length, points: sumOf(awards), faults, format });
}

/** Keeps a faultless list as a signed batch that waits for its release. The same list is kept once. */
export async function proposeAwards(
  book: CountyBook,
  { text, by }: { readonly text: string | Uint8Array; readonly by: string },
): Promise<
  Result<{ readonly batch: number; readonly rows: number; readonly points: number }, ListRefusal | 'faulty' | 'empty' | 'known' | 'nobody'>
> {
  if (personOf(by) === '') return fail('nobody');
  const bytes = typeof text === 'string' ? Buffer.from(text) : text;
  const list = await readAwards(book, bytes);
  if (!list.ok) return list;
  const read = list.value;
  if (read.faults.length > 0) return fail('faulty');
  if (read.awards.length === 0) return fail('empty');
  const sha256 = hash('sha256', bytes, 'base64url');
  const sum = sumOf(read.awards);
  return book.transact(({ db }) => {
    if (prepared(db, 'SELECT 1 FROM award_batch WHERE sha256 = ?').get(sha256) !== undefined) return fail('known');
    const { newest } = prepared<[], { newest: number }>(db, 'SELECT coalesce(max(id), 0) AS newest FROM award_batch').get()!; // an aggregate has a row
    const batch = Math.max(newest, keptBatches(book).at(-1) ?? 0) + 1; // a book that was put back may not know of the last
    const path = batchPath(book, batch);
    writeFileDurably(path, bytes, 0o600);
    writeFileDurably(
      `${path}.note`,
      countyNote(book, db, `civicpos-awards-v1\n${book.code}\n${batch}\n${read.awards.length}\n${sum}\n${sha256}\n`),
    );
    prepared(db, 'INSERT INTO award_batch (id, sha256, rows, points, proposed_by, at) VALUES (?, ?, ?, ?, ?, ?)').run(
      batch,
      sha256,
      read.awards.length,
      sum,
      by,
      book.wallMs(),
    );
    return ok({ batch, rows: read.awards.length, points: sum });
  });
}

/** A second person releases a batch: every row becomes points of its account, all or none. Both names, signed, lie beside the list after. */
export async function releaseAwards(
  book: CountyBook,
  { batch, by }: { readonly batch: number; readonly by: string },
): Promise<Result<null, 'unknown' | 'released' | 'same_person' | 'changed' | 'nobody'>> {
  const at = book.wallMs();
  const effected = await book.transact(async (act) => {
    const { db } = act;
    const row = prepared<[number], BatchRow>(db, 'SELECT sha256, proposed_by, rows, points FROM award_batch WHERE id = ?').get(batch);
    if (row === undefined) return fail('unknown');
    if (prepared(db, 'SELECT 1 FROM award_release WHERE batch = ?').get(batch) !== undefined) return fail('released');
    if (personOf(by) === '') return fail('nobody');
    if (personOf(row.proposed_by) === personOf(by)) return fail('same_person');
    const bytes = readFileSync(batchPath(book, batch));
    if (hash('sha256', bytes, 'base64url') !== row.sha256) return fail('changed');
    const release: Release = { ...row, batch, by, at };
    await takeEffect(act, bytes, release);
    return ok(countyNote(book, db, `${releaseFormat}\n${book.code}\n${JSON.stringify(release)}\n`));
  });
  if (!effected.ok) return effected;
  writeFileDurably(releasePath(book, batch), effected.value, 0o600); // after the book has it: never a release that was not
  return ok(null);
}

interface BatchRow {
  readonly sha256: string;
  readonly proposed_by: string;
  readonly rows: number;
  readonly points: number;
}

type Release = BatchRow & { readonly batch: number; readonly by: string; readonly at: number };

async function takeEffect(act: CountyAct, bytes: Uint8Array, { batch, by, at, rows, points: sum, sha256 }: Release): Promise<void> {
  const list = await readList(bytes, awardColumns);
  assert(list.ok, 'what was read when it was proposed is read again');
  for (const { account, points } of awardsOf(list.value)) {
    act.enter('award', `${batch} ${account}`);
    act.post(moved({ account: 'issuance' }, { account: 'main', holder: account }, points));
  }
  prepared(act.db, 'INSERT INTO award_release (batch, released_by, at) VALUES (?, ?, ?)').run(batch, by, at);
  appendEntry(act.db, { t: 'AWARDS', batch, rows, points: sum, sha256 });
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

/** Lists that lie in the folder, whether the book knows them or not. */
export function keptBatches({ folder }: Pick<CountyBook, 'folder'>): readonly number[] {
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
): Promise<Result<null, 'released' | 'unproven' | 'changed' | 'unknown_account'>> {
  const release = await book.read((db) => readRelease(book, db, batch));
  if (release === null || personOf(release.by) === personOf(release.proposed_by)) return fail('unproven');
  const bytes = readFileSync(batchPath(book, batch));
  if (hash('sha256', bytes, 'base64url') !== release.sha256) return fail('changed');
  return book.transact(async (act) => {
    const { db } = act;
    if (prepared(db, 'SELECT 1 FROM award_release WHERE batch = ?').get(batch) !== undefined) return fail('released');
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
    await takeEffect(act, bytes, release);
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

interface AwardList {
  readonly awards: readonly Award[];
  readonly faults: readonly RowFault[];
  readonly format: List<AwardColumn>['format'];
}

async function readAwards(book: CountyBook, list: string | Uint8Array): Promise<Result<AwardList, ListRefusal>> {
  const read = await readList(list, awardColumns);
  if (!read.ok) return read;
  const { rows, format } = read.value;
  const faults = [...read.value.faults];
  const seen = new Set<string>();
  await book.read((db) => {
    const known = prepared<[string], object>(db, 'SELECT 1 FROM account WHERE account = ?');
    for (const { row, cells } of rows) {
      const { account, points } = cells;
      const amount = hundredths(points);
      if (known.get(account) === undefined) faults.push({ row, what: `no account ${account.slice(0, 40)}` });
      if (amount === null || amount === 0) faults.push({ row, what: `${points.slice(0, 40)} is no amount of points` });
      else if (amount > awardMax) faults.push({ row, what: `${points} points are too many for one award` });
      if (seen.has(account)) faults.push({ row, what: `${account} stands twice in this list` });
      seen.add(account);
    }
  });
  return ok({ awards: faults.length === 0 ? awardsOf(read.value) : [], faults: faults.toSorted((a, b) => a.row - b.row), format });
}

function awardsOf({ rows }: List<AwardColumn>): readonly Award[] {
  return rows.map(({ cells: { account, points } }) => ({ account, points: hundredths(points) ?? 0 }));
}

/** A million rows of a million points stay below 2^53. */
function sumOf(awards: readonly Award[]): number {
  return awards.reduce((sum, { points }) => sum + points, 0);
}
