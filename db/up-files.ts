// Cuts the files that a kiosk sends its county (reconciliation.md R4): each once, after the one before, from the book's own bytes. What
// was cut never changes and is never removed. Sends nothing.

import { createHash } from 'node:crypto';
import { createWriteStream, existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { Book } from './book.ts';
import { noLeaf } from './book.ts';
import { type ClosingEvent, treeAfter, findClosing } from './closings.ts';
import { syncDirectory, writeFileDurably } from './files.ts';
import type { Home } from './home.ts';
import { amountMax, points } from './model/amounts.ts';
import { type Plain, canonical } from './model/canonical.ts';
import type { BookEvent } from './model/event.ts';
import { checkpointOrigin, checkpointText, fileNoteText } from './model/note.ts';
import { assert } from './model/result.ts';
import { type UpClosing, type UpCounter, type UpHeader, type UpTrailer, upFormat } from './model/up-file.ts';
import { type ReadableDatabase, prepared } from './sqlite.ts';
import type { Tree } from './tree.ts';

/** A file that was cut, as its row says. */
export interface UpFile {
  readonly inc: number;
  readonly fileSeq: number;
  readonly fromSeq: number;
  readonly toSeq: number;
  /** Of the uncompressed bytes, base64url. */
  readonly sha256: string;
  readonly bytes: number;
  /** Wall clock, epoch ms. */
  readonly cutAt: number;
}

/** What lies under one number: the data, the kiosk's checkpoint over its log, its note, the county's answer. */
export type UpEnding = 'jsonl.gz' | 'checkpoint' | 'note' | 'ack';

/** How much one file holds at most: a year of a large shop. A backlog beyond it goes in several. */
export interface CutLimits {
  readonly events: number;
  /** Of event lines; passed by what the last `eventsPerStep` of them have at most. */
  readonly bytes: number;
}
const limitsOfAFile: CutLimits = { events: 200_000, bytes: 1024 * 1024 * 1024 };
/** Events between two breaths of the till: a few milliseconds of work. */
const eventsPerPiece = 200;
/** Events whose bytes are asked for at once. */
const eventsPerStep = 1_000;

/**
 * Cuts the events since the last file, and answers with its row; null where there are none. `idle` is awaited before every piece: it
 * keeps out of transactions and rejects to end the work. Events that are committed meanwhile go into the next file. A crash at any
 * moment leaves either the row with its bytes, or files that the next cut makes anew; the note is written last (mendUpFile makes one
 * that a crash kept out). A book longer than one file is caught up with by calling again; only a file that reaches the newest event
 * has lines of counters, since those are kept as they stand now.
 */
export async function cutUpFile(
  book: Book,
  home: Home,
  {
    software,
    idle,
    limits = limitsOfAFile,
  }: { readonly software: string; readonly idle: () => Promise<void>; readonly limits?: CutLimits },
): Promise<UpFile | null> {
  await idle();
  const plan = planOf(book, limits);
  if (plan === null) return null;
  const cutAt = Math.max(0, Math.trunc(book.clock.wallMs())); // a clock before 1970 is as wrong as any
  const path = upFilePath(home, plan, 'jsonl.gz');
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const tree = await treeBefore(book.db, plan.fromSeq, idle);
  const written = { sha: createHash('sha256'), bytes: 0 };
  await pipeline(
    bytesOf(linesOf(book, { ...plan, cutAt, software, tree, idle }), written),
    createGzip(),
    createWriteStream(`${path}.part`, { mode: 0o600, flush: true }),
  );
  await idle();
  renameSync(`${path}.part`, path);
  syncDirectory(dirname(path));
  const file: UpFile = {
    inc: plan.inc,
    fileSeq: plan.fileSeq,
    fromSeq: plan.fromSeq,
    toSeq: plan.toSeq,
    sha256: written.sha.digest('base64url'),
    bytes: written.bytes,
    cutAt,
  };
  const origin = checkpointOrigin({ ...book.identity, inc: file.inc });
  const head = { size: tree.size(), root: tree.root().toString('base64url') };
  writeFileDurably(upFilePath(home, file, 'checkpoint'), book.note(checkpointText(origin, head), origin), 0o600);
  book.transact(({ db }) => {
    const { changes } = prepared(
      db,
      'INSERT INTO up_file (inc, file_seq, from_seq, to_seq, sha256, bytes, cut_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
    ).run(file.inc, file.fileSeq, file.fromSeq, file.toSeq, file.sha256, file.bytes, file.cutAt);
    assert(changes === 1, 'a file that was cut has its row');
  });
  mendUpFile(book, home);
  return file;
}

/** Writes the note of the newest file where a power cut came between its row and it: the same bytes, since Ed25519 has no chance in it. */
export function mendUpFile(book: Book, home: Home): void {
  const newest = newestUpFile(book.db);
  if (newest === null) return;
  const path = upFilePath(home, newest, 'note');
  if (existsSync(path) || !existsSync(upFilePath(home, newest, 'jsonl.gz'))) return;
  writeFileDurably(path, book.note(noteTextOf(book, newest), checkpointOrigin({ ...book.identity, inc: newest.inc })), 0o600);
}

function noteTextOf({ db, identity }: Book, { inc, fileSeq, sha256 }: UpFile): string {
  const before = upFile(db, { inc, fileSeq: fileSeq - 1 });
  return fileNoteText({ direction: 'up', ...identity, inc, fileSeq, sha256, prevFileSha: before?.sha256 ?? '' });
}

/** Where a file of that number lies in the home. */
export function upFilePath(home: Pick<Home, 'up'>, { inc, fileSeq }: Pick<UpFile, 'inc' | 'fileSeq'>, ending: UpEnding): string {
  return join(home.up, String(inc), `${fileNumber(fileSeq)}.${ending}`);
}

/** A file's number as its name has it. */
export function fileNumber(fileSeq: number): string {
  return String(fileSeq).padStart(8, '0');
}

/** A row as UpFile. */
export const upColumns = 'inc, file_seq AS fileSeq, from_seq AS fromSeq, to_seq AS toSeq, sha256, bytes, cut_at AS cutAt';

/** The newest file of all; null before the first. */
export function newestUpFile(db: ReadableDatabase): UpFile | null {
  return prepared<[], UpFile>(db, `SELECT ${upColumns} FROM up_file ORDER BY to_seq DESC LIMIT 1`).get() ?? null;
}

/** One file, or null. */
export function upFile(db: ReadableDatabase, { inc, fileSeq }: Pick<UpFile, 'inc' | 'fileSeq'>): UpFile | null {
  return (
    prepared<[number, number], UpFile>(db, `SELECT ${upColumns} FROM up_file WHERE inc = ? AND file_seq = ?`).get(inc, fileSeq) ?? null
  );
}

/** Files that the county has not said to have posted, oldest first, at most `limit`; those from before a restoration, too. */
export function unpostedUpFiles(db: ReadableDatabase, limit: number): readonly UpFile[] {
  return prepared<[number], UpFile>(
    db,
    `SELECT ${upColumns} FROM up_file WHERE NOT EXISTS (
       SELECT 1 FROM ack WHERE ack.inc = up_file.inc AND ack.file_seq = up_file.file_seq AND verdict IN ('ACCEPTED', 'DUPLICATE')
     ) ORDER BY to_seq LIMIT ?`,
  ).all(limit);
}

interface Plan {
  readonly inc: number;
  readonly fileSeq: number;
  readonly prevFileSha: string;
  readonly fromSeq: number;
  readonly toSeq: number;
  /** Of the accounts that these events touched, as they stand after the last; none where the book goes on behind it. */
  readonly counters: readonly UpCounter[];
}

/** What the next file holds, decided in one turn: the counters are those after its last event. */
function planOf(book: Book, limits: CutLimits): Plan | null {
  const { db } = book;
  assert(!db.inTransaction, 'nothing half done is read');
  const { inc, seq: newest } = book.head();
  const fromSeq = (newestUpFile(db)?.toSeq ?? 0) + 1;
  if (fromSeq > newest) return null;
  const before = prepared<[number], { fileSeq: number; sha256: string }>(
    db,
    'SELECT file_seq AS fileSeq, sha256 FROM up_file WHERE inc = ? ORDER BY file_seq DESC LIMIT 1',
  ).get(inc);
  const toSeq = lastThatFits(db, { fromSeq, newest }, limits);
  return {
    inc,
    fileSeq: (before?.fileSeq ?? 0) + 1,
    prevFileSha: before?.sha256 ?? '',
    fromSeq,
    toSeq,
    counters: toSeq === newest ? countersTouched(db, fromSeq, toSeq) : [],
  };
}

function lastThatFits(
  db: ReadableDatabase,
  { fromSeq, newest }: { readonly fromSeq: number; readonly newest: number },
  limits: CutLimits,
): number {
  const last = Math.min(newest, fromSeq + limits.events - 1);
  let bytes = 0;
  for (let seq = fromSeq; seq <= last; seq += eventsPerStep) {
    const end = Math.min(last, seq + eventsPerStep - 1);
    bytes += prepared<[number, number], { bytes: number }>(
      db,
      'SELECT coalesce(sum(octet_length(line)), 0) AS bytes FROM event WHERE seq BETWEEN ? AND ?',
    ).get(seq, end)!.bytes;
    if (bytes > limits.bytes && seq > fromSeq) return seq - 1;
  }
  return last;
}

function countersTouched(db: ReadableDatabase, fromSeq: number, toSeq: number): readonly UpCounter[] {
  const rows = prepared<[{ from: number; to: number }], { readonly a: string } & { readonly [counter: string]: number }>(
    db,
    `SELECT account_id AS a, granted AS g, returned AS b, spent AS s, unspent AS v, credited AS c, uncredited AS u, roamed AS x,
         unroamed AS w, roamed_settled AS xs, overfunded AS f
       FROM counter WHERE account_id IN (
         SELECT account_id FROM sale WHERE points > 0 AND seq BETWEEN :from AND :to
         UNION SELECT account_id FROM credit WHERE seq BETWEEN :from AND :to
         UNION SELECT account_id FROM sale_return WHERE points > 0 AND seq BETWEEN :from AND :to
         UNION SELECT account_id FROM voucher WHERE seq BETWEEN :from AND :to
         UNION SELECT line ->> '$.body.accountId' FROM event WHERE kind = 'RIGHTS_RETURNED' AND seq BETWEEN :from AND :to
         UNION SELECT account_id FROM credit_reversal JOIN credit ON credit.seq = credit_seq WHERE credit_reversal.seq BETWEEN :from AND :to
       ) ORDER BY account_id`,
  ).all({ from: fromSeq, to: toSeq });
  return rows.map((row) => ({ t: 'C', ...row }) as unknown as UpCounter); // the columns are its members, and CHECKs keep their range
}

/** The tree over the events before one, grown from the newest closing before it. */
async function treeBefore(db: ReadableDatabase, fromSeq: number, idle: () => Promise<void>): Promise<Tree> {
  const row = prepared<[number], { number: number }>(db, 'SELECT number FROM closing WHERE seq < ? ORDER BY seq DESC LIMIT 1').get(fromSeq);
  const tree = treeAfter(db, row === undefined ? null : findClosing(db, row.number));
  while (tree.size() < fromSeq - 1) {
    await idle();
    const leaves = prepared<[number, number], { leaf: Buffer }>(db, 'SELECT leaf FROM event WHERE seq BETWEEN ? AND ? ORDER BY seq').all(
      tree.size() + 1,
      Math.min(fromSeq - 1, tree.size() + eventsPerStep),
    );
    for (const { leaf } of leaves) tree.add(leaf);
  }
  return tree;
}

interface Cut extends Plan {
  readonly cutAt: number;
  readonly software: string;
  /** Over the events before the first; over all of them when the lines are read. */
  readonly tree: Tree;
  readonly idle: () => Promise<void>;
}

/** Some lines at a time: waiting for each costs more than making it. */
async function* linesOf(book: Book, cut: Cut): AsyncGenerator<readonly string[]> {
  const { db } = book;
  let lines = 0;
  const counted = (texts: readonly string[]): readonly string[] => {
    lines += texts.length;
    return texts;
  };
  yield counted([canonical(headerOf(book, cut))]);
  const sums = newSums();
  const closings: ClosingEvent[] = [];
  for (let seq = cut.fromSeq; seq <= cut.toSeq; seq += eventsPerPiece) {
    await cut.idle();
    const rows = prepared<[number, number], { line: string; leaf: Buffer; sig: Buffer }>(
      db,
      'SELECT line, leaf, sig FROM event WHERE seq BETWEEN ? AND ? ORDER BY seq',
    ).all(seq, Math.min(cut.toSeq, seq + eventsPerPiece - 1));
    for (const { line, leaf } of rows) {
      const event = JSON.parse(line) as BookEvent; // the book's own line
      sums.add(event);
      cut.tree.add(leaf);
      if (event.kind === 'DAY_CLOSED') closings.push(event);
    }
    yield counted(rows.flatMap(({ line, sig }) => [line, `"${sig.toString('base64url')}"`]));
  }
  yield counted(closings.map((closing) => canonical(closingLine(closing))));
  yield counted(cut.counters.map((counter) => canonical({ ...counter })));
  const trailer: UpTrailer = {
    t: 'T',
    lines,
    ...sums.totals(),
    size: cut.tree.size(),
    root: cut.tree.root().toString('base64url'),
    headLeaf: leafAt(db, cut.toSeq),
  };
  yield [canonical({ ...trailer })];
}

function headerOf({ db, identity }: Book, cut: Cut): Plain {
  const { kioskKey } = prepared<[], { kioskKey: string }>(db, `SELECT value AS kioskKey FROM meta WHERE name = 'kioskKey'`).get()!; // made with the book
  const applied = prepared<[number], { downSeq: number | null }>(
    db,
    'SELECT max(down_seq) AS downSeq FROM down_file WHERE event_seq <= ?',
  ).get(cut.toSeq);
  const root = prepared<[number], { size: number; root: string }>(
    db,
    'SELECT size, root FROM county_root WHERE down_seq <= ? ORDER BY down_seq DESC LIMIT 1',
  ).get(applied?.downSeq ?? 0);
  const header: UpHeader = {
    t: 'H',
    fmt: upFormat,
    ...identity,
    kioskKey,
    inc: cut.inc,
    fileSeq: cut.fileSeq,
    prevFileSha: cut.prevFileSha,
    fromSeq: cut.fromSeq,
    toSeq: cut.toSeq,
    prevLeaf: cut.fromSeq === 1 ? noLeaf : leafAt(db, cut.fromSeq - 1),
    appliedDownSeq: applied?.downSeq ?? 0,
    countyRoot: root ?? null,
    software: cut.software,
    cutAt: cut.cutAt,
  };
  return { ...header };
}

function leafAt(db: ReadableDatabase, seq: number): string {
  const row = prepared<[number], { leaf: Buffer }>(db, 'SELECT leaf FROM event WHERE seq = ?').get(seq);
  assert(row !== undefined, `event ${seq} is in the book`);
  return row.leaf.toString('base64url');
}

/** What a file says of a day that was closed in it. */
export function closingLine({ seq, day, body }: ClosingEvent): Plain {
  const red = body.accounts['red/PTS'] ?? { opening: 0, closing: 0 }; // a kiosk that never took a point has no such account
  const line: UpClosing = {
    t: 'Z',
    number: body.number,
    day,
    seq,
    red: { opening: red.opening, closing: red.closing },
    size: body.checkpoint.size,
    root: body.checkpoint.root,
  };
  return { ...line };
}

/** Bytes of a tag that count in the hash total. */
const tagBytes = 6;

/** What the trailer says of the events. */
export function newSums(): { add(event: BookEvent): void; totals(): Pick<UpTrailer, 'events' | 'kinds' | 'hashTotal'> } {
  const kinds = new Map<string, { count: number; amt: number }>();
  let events = 0;
  let hashTotal = 0;
  return {
    add({ kind, amt, res }) {
      const sum = kinds.get(kind) ?? { count: 0, amt: 0 };
      assert(sum.amt + amt <= amountMax, 'the points of a file can be counted');
      kinds.set(kind, { count: sum.count + 1, amt: sum.amt + amt });
      events += 1;
      if (res !== null) hashTotal = (hashTotal + Buffer.from(res, 'base64url').readUIntBE(0, tagBytes)) % 2 ** 48;
    },
    totals: () => ({
      events,
      kinds: Object.fromEntries(
        [...kinds.keys()].toSorted().map((kind) => [kind, { count: kinds.get(kind)!.count, amt: points(kinds.get(kind)!.amt) }]),
      ),
      hashTotal: String(hashTotal),
    }),
  };
}

/** Lines given to the packer together: one at a time costs more than the packing. */
const chunkCharacters = 64 * 1024;

async function* bytesOf(
  pieces: AsyncIterable<readonly string[]>,
  written: { readonly sha: { update(bytes: Uint8Array): unknown }; bytes: number },
): AsyncGenerator<Uint8Array> {
  let text = '';
  const taken = (): Uint8Array => {
    const bytes = Buffer.from(text);
    written.sha.update(bytes);
    written.bytes += bytes.length;
    text = '';
    return bytes;
  };
  for await (const lines of pieces)
    for (const line of lines) {
      text += `${line}\n`;
      if (text.length >= chunkCharacters) yield taken();
    }
  if (text !== '') yield taken();
}

/** The note of a file and its checkpoint, as they are sent. */
export function readUpText(home: Pick<Home, 'up'>, file: Pick<UpFile, 'inc' | 'fileSeq'>, ending: 'checkpoint' | 'note'): string {
  return readFileSync(upFilePath(home, file, ending), 'utf8');
}
