// Cuts the files that a kiosk sends its county (reconciliation.md R4): each once, after the one before, from the book's own bytes. What
// was cut never changes and is never removed. Sends nothing.

import { createHash } from 'node:crypto';
import { createWriteStream, existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { Book } from './book.ts';
import { noLeaf } from './book.ts';
import { type ClosingEvent, treeAfter, findClosing } from './closings.ts';
import { syncDirectory, writeFileDurably } from './files.ts';
import type { Home } from './home.ts';
import { ownKeyAt } from './kiosk-keys.ts';
import { amountMax, points } from './model/amounts.ts';
import { type Plain, canonical } from './model/canonical.ts';
import type { BookEvent } from './model/event.ts';
import { checkpointOrigin, checkpointText, fileNoteText } from './model/note.ts';
import { assert } from './model/result.ts';
import { type UpClosing, type UpCounter, type UpHeader, type UpTrailer, upFormat } from './model/up-file.ts';
import { type ReadableDatabase, prepared } from './sqlite.ts';
import { type Tree, growTree } from './tree.ts';

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
    // read ahead, so that the lines are made while those before them are packed
    Readable.from(bytesOf(linesOf(book, { ...plan, cutAt, software, tree, idle }), written), { highWaterMark: chunksAhead }),
    createGzip({ memLevel: packerMemory }),
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
  writeFileDurably(upFilePath(home, file, 'checkpoint'), book.note(checkpointText(origin, head), origin, plan.key), 0o600);
  book.transact(({ db }) => {
    const { changes } = prepared(
      db,
      'INSERT INTO up_file (inc, file_seq, from_seq, to_seq, sha256, bytes, cut_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
    ).run(file.inc, file.fileSeq, file.fromSeq, file.toSeq, file.sha256, file.bytes, file.cutAt);
    assert(changes === 1, 'a file that was cut has its row');
  });
  edges.set(book.db, { size: tree.size(), hashes: tree.edge() });
  mendUpFile(book, home);
  return file;
}

/** Writes the note of the newest file where a power cut came between its row and it: the same bytes, since Ed25519 has no chance in it. */
export function mendUpFile(book: Book, home: Home): void {
  const newest = newestUpFile(book.db);
  if (newest === null) return;
  const path = upFilePath(home, newest, 'note');
  if (existsSync(path) || !existsSync(upFilePath(home, newest, 'jsonl.gz'))) return;
  const origin = checkpointOrigin({ ...book.identity, inc: newest.inc });
  writeFileDurably(path, book.note(noteTextOf(book, newest), origin, ownKeyAt(book.db, newest.toSeq)), 0o600);
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

/** The file whose events come before those of another, of an earlier incarnation where that one is the first of its own; null: none does. */
export function upFileBefore(db: ReadableDatabase, { fromSeq }: Pick<UpFile, 'fromSeq'>): UpFile | null {
  return (
    prepared<[number], UpFile>(db, `SELECT ${upColumns} FROM up_file WHERE to_seq < ? ORDER BY to_seq DESC LIMIT 1`).get(fromSeq) ?? null
  );
}

/** A file and all after it, oldest first, those of later incarnations, too. */
export function upFilesFrom(db: ReadableDatabase, { fromSeq }: Pick<UpFile, 'fromSeq'>): readonly UpFile[] {
  return prepared<[number], UpFile>(db, `SELECT ${upColumns} FROM up_file WHERE from_seq >= ? ORDER BY to_seq`).all(fromSeq);
}

/**
 * Of table up_file: files whose events the county has not said to have posted. It has those of a file that it refused, too, once it took one of
 * a later incarnation: it goes on from them, so that the machine before the restoration has sent them.
 */
export const isUnposted = `NOT EXISTS (
    SELECT 1 FROM ack WHERE ack.inc = up_file.inc AND ack.file_seq = up_file.file_seq AND verdict IN ('ACCEPTED', 'DUPLICATE'))
  AND NOT (EXISTS (SELECT 1 FROM ack WHERE ack.inc = up_file.inc AND ack.file_seq = up_file.file_seq AND verdict = 'REJECTED')
    AND EXISTS (SELECT 1 FROM ack WHERE ack.inc > up_file.inc AND verdict IN ('ACCEPTED', 'DUPLICATE')))`;

/** Those after event `after`, oldest first, at most `limit`; those from before a restoration, too. */
export function unpostedUpFiles(db: ReadableDatabase, limit: number, after = 0): readonly UpFile[] {
  return prepared<[number, number], UpFile>(
    db,
    `SELECT ${upColumns} FROM up_file WHERE to_seq > ? AND ${isUnposted} ORDER BY to_seq LIMIT ?`,
  ).all(after, limit);
}

interface Plan {
  readonly inc: number;
  readonly fileSeq: number;
  readonly prevFileSha: string;
  readonly fromSeq: number;
  readonly toSeq: number;
  /** What signs all of it, raw in base64url. */
  readonly key: string;
  /** Of the accounts that these events touched, as they stand after the last; none where the book goes on behind it. */
  readonly counters: readonly UpCounter[];
}

/** What the next file holds, decided in one turn: the counters are those after its last event. */
function planOf(book: Book, limits: CutLimits): Plan | null {
  const { db } = book;
  assert(!db.inTransaction, 'nothing half done is read');
  const { seq: newest } = book.head();
  const fromSeq = (newestUpFile(db)?.toSeq ?? 0) + 1;
  if (fromSeq > newest) return null;
  const toSeq = lastOfFile(db, { fromSeq, newest }, limits);
  const inc = incAt(db, toSeq); // not the newest, where a backup was put back with more than a file of events that none had
  const before = prepared<[number], { fileSeq: number; sha256: string }>(
    db,
    'SELECT file_seq AS fileSeq, sha256 FROM up_file WHERE inc = ? ORDER BY file_seq DESC LIMIT 1',
  ).get(inc);
  return {
    inc,
    fileSeq: (before?.fileSeq ?? 0) + 1,
    prevFileSha: before?.sha256 ?? '',
    fromSeq,
    toSeq,
    key: ownKeyAt(db, toSeq),
    counters: toSeq === newest ? countersTouched(db, fromSeq, toSeq) : [],
  };
}

/** A file ends with a KEY_ROTATED, so that it has one key. */
function lastOfFile(db: ReadableDatabase, of: { readonly fromSeq: number; readonly newest: number }, limits: CutLimits): number {
  const rotated = prepared<[number], { seq: number | null }>(
    db,
    `SELECT min(seq) AS seq FROM event WHERE kind = 'KEY_ROTATED' AND seq >= ?`,
  ).get(of.fromSeq)!.seq; // an aggregate has a row
  return lastThatFits(db, { ...of, newest: rotated ?? of.newest }, limits);
}

function incAt(db: ReadableDatabase, seq: number): number {
  const row = prepared<[number], { line: string }>(db, 'SELECT line FROM event WHERE seq = ?').get(seq);
  assert(row !== undefined, `event ${seq} is in the book`);
  return (JSON.parse(row.line) as BookEvent).inc; // the book's own line
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

/** The edge of the tree after the newest file that was cut of an open book: the next one goes on from there. */
const edges = new WeakMap<ReadableDatabase, { readonly size: number; readonly hashes: Uint8Array }>();

/** The tree over the events before one, grown from the file that was cut just before, or from the newest closing. */
async function treeBefore(db: ReadableDatabase, fromSeq: number, idle: () => Promise<void>): Promise<Tree> {
  const edge = edges.get(db);
  if (edge?.size === fromSeq - 1) return growTree(edge);
  const row = prepared<[number], { number: number }>(db, 'SELECT number FROM closing WHERE seq < ? ORDER BY seq DESC LIMIT 1').get(fromSeq);
  const tree = treeAfter(db, row === undefined ? null : findClosing(db, row.number));
  while (tree.size() < fromSeq - 1) {
    await idle();
    const leaves = prepared<[number, number], { leaf: Buffer }>(db, 'SELECT leaf FROM event WHERE seq BETWEEN ? AND ? ORDER BY seq');
    const through = Math.min(fromSeq - 1, tree.size() + eventsPerStep);
    // one at a time: a thousand of them held together make V8's heap grow, and it keeps what it has
    for (const { leaf } of leaves.iterate(tree.size() + 1, through)) tree.add(leaf);
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

/** A line without its end: of an event the book's own bytes, which are never read into a string. */
type Line = string | Buffer;

/** Some lines at a time: waiting for each costs more than making it. */
async function* linesOf(book: Book, cut: Cut): AsyncGenerator<readonly Line[]> {
  const { db } = book;
  let lines = 0;
  const counted = (texts: readonly Line[]): readonly Line[] => {
    lines += texts.length;
    return texts;
  };
  yield counted([canonical(headerOf(book, cut))]);
  const sums = newSums();
  const closings: ClosingEvent[] = [];
  for (let seq = cut.fromSeq; seq <= cut.toSeq; seq += eventsPerPiece) {
    await cut.idle();
    const rows = prepared<[number, number], { line: Buffer; leaf: Buffer; sig: Buffer }>(
      db,
      'SELECT CAST(line AS BLOB) AS line, leaf, sig FROM event WHERE seq BETWEEN ? AND ? ORDER BY seq',
    ).all(seq, Math.min(cut.toSeq, seq + eventsPerPiece - 1));
    const piece: Line[] = [];
    for (const { line, leaf, sig } of rows) {
      const event = summedOf(line);
      sums.add(event);
      cut.tree.add(leaf);
      if (event.kind === 'DAY_CLOSED') closings.push(JSON.parse(line.toString('utf8')) as ClosingEvent); // the book's own line
      piece.push(line, `"${sig.toString('base64url')}"`);
    }
    yield counted(piece);
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

/**
 * The three members of an event that are summed, from the bytes of its canonical line: `amt` is its first member, and after its body stand
 * `kind` and `res` as the last of these names, since no quote within a text is bare. In a third of the time of JSON.parse or of SQLite's.
 */
function summedOf(line: Buffer): Summed {
  const amt = line.toString('latin1', amtStart.length, line.indexOf(comma, amtStart.length));
  const kindAt = line.lastIndexOf(kindStart) + kindStart.length;
  const resAt = line.lastIndexOf(resStart) + resStart.length;
  const isNull = line[resAt] === letterN;
  return {
    amt: points(Number(amt)),
    kind: line.toString('latin1', kindAt, line.indexOf(quote, kindAt)) as BookEvent['kind'], // the book's own line
    res: isNull ? null : line.toString('latin1', resAt + 1, line.indexOf(quote, resAt + 1)),
  };
}
const [amtStart, kindStart, resStart] = ['{"amt":', ',"kind":"', ',"res":'] as const;
const [comma, quote, letterN] = [0x2c, 0x22, 0x6e] as const;

function headerOf({ db, identity }: Book, cut: Cut): Plain {
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
    kioskKey: cut.key,
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

/** What of an event is summed. */
type Summed = Pick<BookEvent, 'kind' | 'amt' | 'res'>;

/** What the trailer says of the events. */
export function newSums(): { add(event: Summed): void; totals(): Pick<UpTrailer, 'events' | 'kinds' | 'hashTotal'> } {
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
const chunkBytes = 64 * 1024;
/** Bytes of one UTF-16 unit in UTF-8, at most. */
const unitBytesMax = 3;
/** The most that zlib takes, a quarter of a megabyte: packed in six sevenths of the time, and a little smaller. */
const packerMemory = 9;
/** Chunks that may wait for the packer: half a megabyte. */
const chunksAhead = 8;

async function* bytesOf(
  pieces: AsyncIterable<readonly Line[]>,
  written: { readonly sha: { update(bytes: Uint8Array): unknown }; bytes: number },
): AsyncGenerator<Uint8Array> {
  let chunk = Buffer.allocUnsafe(chunkBytes);
  let used = 0;
  const taken = (next: number): Uint8Array => {
    const bytes = chunk.subarray(0, used);
    written.sha.update(bytes);
    written.bytes += bytes.length;
    chunk = Buffer.allocUnsafe(Math.max(chunkBytes, next));
    used = 0;
    return bytes;
  };
  for await (const lines of pieces)
    for (const line of lines) {
      const most = typeof line === 'string' ? (line.length + 1) * unitBytesMax : line.length + 1;
      if (used + most > chunk.length) yield taken(most);
      used += typeof line === 'string' ? chunk.write(line, used) : line.copy(chunk, used);
      chunk[used] = newline;
      used += 1;
    }
  yield taken(0);
}
const newline = 10;

/** The note of a file and its checkpoint, as they are sent. */
export function readUpText(home: Pick<Home, 'up'>, file: Pick<UpFile, 'inc' | 'fileSeq'>, ending: 'checkpoint' | 'note'): string {
  return readFileSync(upFilePath(home, file, ending), 'utf8');
}
