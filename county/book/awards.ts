// Awards: a list is read, shown and kept as a signed batch; it takes effect when a second person releases it (reconciliation.md R1, R5).
// Reaches the kiosks with the next night's files.

import { hash } from 'node:crypto';
import { join } from 'node:path';
import { writeFileDurably } from '../../db/files.ts';
import { type Result, fail, ok } from '../../db/model/result.ts';
import { prepared } from '../../db/sqlite.ts';
import { readFileSync } from 'node:fs';
import { appendEntry } from '../log/log.ts';
import type { CountyBook } from './county-book.ts';
import { type RowFault, hundredths, readTable } from './csv.ts';
import { moved } from './ledger.ts';

const columns = ['account', 'points', 'reason'] as const;
/** More than that for one resident at once is a slip of the pen: a million points. */
const awardMax = 100_000_000;

export interface AwardPreview {
  readonly rows: number;
  /** Hundredths of a point. */
  readonly points: number;
  readonly faults: readonly RowFault[];
}

interface Award {
  readonly account: string;
  readonly points: number;
}

/** What a list would award. A list with any fault is proposed by nobody. */
export async function previewAwards(book: CountyBook, text: string): Promise<Result<AwardPreview, 'not_a_list'>> {
  const read = await readAwards(book, text);
  if (read === null) return fail('not_a_list');
  return ok({ rows: read.awards.length, points: sumOf(read.awards), faults: read.faults });
}

/** Keeps a faultless list as a signed batch that waits for its release. The same list is kept once. */
export async function proposeAwards(
  book: CountyBook,
  { text, by }: { readonly text: string; readonly by: string },
): Promise<
  Result<{ readonly batch: number; readonly rows: number; readonly points: number }, 'not_a_list' | 'faulty' | 'empty' | 'known'>
> {
  const read = await readAwards(book, text);
  if (read === null) return fail('not_a_list');
  if (read.faults.length > 0) return fail('faulty');
  if (read.awards.length === 0) return fail('empty');
  const sha256 = hash('sha256', text, 'base64url');
  const sum = sumOf(read.awards);
  return book.transact(({ db }) => {
    if (prepared(db, 'SELECT 1 FROM award_batch WHERE sha256 = ?').get(sha256) !== undefined) return fail('known');
    const batch = prepared<[], { next: number }>(db, 'SELECT coalesce(max(id), 0) + 1 AS next FROM award_batch').get()!.next; // an aggregate has a row
    const path = batchPath(book, batch);
    writeFileDurably(path, text, 0o600);
    writeFileDurably(`${path}.note`, book.note(`civicpos-awards-v1\n${book.code}\n${batch}\n${read.awards.length}\n${sum}\n${sha256}\n`));
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

/** A second person releases a batch: every row becomes points of its account, all or none. */
export async function releaseAwards(
  book: CountyBook,
  { batch, by }: { readonly batch: number; readonly by: string },
): Promise<Result<null, 'unknown' | 'released' | 'same_person' | 'changed'>> {
  return book.transact((act) => {
    const { db } = act;
    const row = prepared<[number], { sha256: string; proposed_by: string; rows: number; points: number }>(
      db,
      'SELECT sha256, proposed_by, rows, points FROM award_batch WHERE id = ?',
    ).get(batch);
    if (row === undefined) return fail('unknown');
    if (prepared(db, 'SELECT 1 FROM award_release WHERE batch = ?').get(batch) !== undefined) return fail('released');
    if (row.proposed_by === by) return fail('same_person');
    const text = readFileSync(batchPath(book, batch), 'utf8');
    if (hash('sha256', text, 'base64url') !== row.sha256) return fail('changed');
    for (const { account, points } of awardsOf(readTable(text, columns)?.rows ?? [])) {
      act.enter('award', `${batch} ${account}`);
      act.post(moved({ account: 'issuance' }, { account: 'main', holder: account }, points));
    }
    prepared(db, 'INSERT INTO award_release (batch, released_by, at) VALUES (?, ?, ?)').run(batch, by, book.wallMs());
    appendEntry(db, { t: 'AWARDS', batch, rows: row.rows, points: row.points, sha256: row.sha256 });
    return ok(null);
  });
}

function batchPath({ folder }: CountyBook, batch: number): string {
  return join(folder.awards, `${String(batch).padStart(8, '0')}.csv`);
}

async function readAwards(
  book: CountyBook,
  text: string,
): Promise<{ readonly awards: readonly Award[]; readonly faults: readonly RowFault[] } | null> {
  const table = readTable(text, columns);
  if (table === null) return null;
  const faults = [...table.faults];
  const seen = new Set<string>();
  await book.read((db) => {
    const known = prepared<[string], object>(db, 'SELECT 1 FROM account WHERE account = ?');
    for (const [i, [account = '', points = '']] of table.rows.entries()) {
      const amount = hundredths(points);
      if (known.get(account) === undefined) faults.push({ row: i + 1, what: `no account ${account.slice(0, 40)}` });
      if (amount === null || amount === 0) faults.push({ row: i + 1, what: `${points.slice(0, 40)} is no amount of points` });
      else if (amount > awardMax) faults.push({ row: i + 1, what: `${points} points are too many for one award` });
      if (seen.has(account)) faults.push({ row: i + 1, what: `${account} stands twice in this list` });
      seen.add(account);
    }
  });
  return { awards: faults.length === 0 ? awardsOf(table.rows) : [], faults: faults.toSorted((a, b) => a.row - b.row) };
}

function awardsOf(rows: readonly (readonly string[])[]): readonly Award[] {
  return rows.map(([account = '', points = '']) => ({ account, points: hundredths(points) ?? 0 }));
}

/** A million rows of a million points stay below 2^53. */
function sumOf(awards: readonly Award[]): number {
  return awards.reduce((sum, { points }) => sum + points, 0);
}
