// Applies the county's signed files: whole or not at all, strictly in order, once (reconciliation.md R4, R6 10 and 21).

import { createHash } from 'node:crypto';
import { closeSync, constants, createReadStream, createWriteStream, openSync, readSync } from 'node:fs';
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants as zlib, createGunzip, gunzipSync } from 'node:zlib';
import type { Statement } from 'better-sqlite3';
import type { Book, Transaction } from './book.ts';
import { keepCountyRoot } from './county-roots.ts';
import { rightsOf } from './credits.ts';
import { syncDirectory, writeFileDurably } from './files.ts';
import type { Home } from './home.ts';
import { ownKeyInForce } from './kiosk-keys.ts';
import { type Points, amountMax, fen, points } from './model/amounts.ts';
import {
  type DownHeader,
  type DownLine,
  type DownTrailer,
  downFileBytesMax,
  downHeader,
  downLine,
  downLineBytesMax,
  downTrailer,
} from './model/down-file.ts';
import type { BookEvent } from './model/event.ts';
import { type FileNote, type NoteKey, openNote, parseFileNote } from './model/note.ts';
import { grantPostings, paidPostings, settlementPostings } from './model/postings.ts';
import { assert, never } from './model/result.ts';
import { checkScheme } from './model/scheme.ts';
import { beginsAsOurs, endsAsOurs } from './packed.ts';
import { activeKeys, incarnationLeaf, lastDown } from './reference.ts';
import { keepAdjustment, keepWord } from './settlements.ts';
import { type ReadableDatabase, type WritableDatabase, diskFault } from './sqlite.ts';
import { takenBeyond } from './vouchers.ts';
import { uuidv7 } from './uuid.ts';

export type DownRefusalCode =
  | 'signature'
  | 'other_kiosk'
  | 'other_incarnation'
  | 'gap'
  | 'fork'
  | 'log_forked'
  | 'truncated'
  | 'oversized'
  | 'malformed'
  | 'newer_format'
  | 'out_of_balance'
  | 'disk_full';

export type DownOutcome =
  | { readonly kind: 'applied'; readonly downSeq: number }
  /** The same file again: nothing to do (R6, 21). */
  | { readonly kind: 'known'; readonly downSeq: number }
  | { readonly kind: 'refused'; readonly code: DownRefusalCode; readonly detail: string };

/** Largest compressed file read at all; a bomb is stopped by downFileBytesMax as it unpacks. */
const compressedBytesMax = 512 * 1024 * 1024;
const noteBytesMax = 8 * 1024;
/** Read from the inbox at one time: a slow stick gives this much within a second. */
const copyChunkBytes = 1024 * 1024;
/** Compressed bytes that hold the whole header line: fewer than 600, two roots with their proofs and 20 keys of the committee. */
const headerBytesMax = 64 * 1024;
/** Lines between two breaths of the engine: about 30 ms of work. */
const linesPerBreath = 2_000;
/** Events between two: each is signed. */
const eventsPerBreath = 100;

/** Thrown inside the transaction so that nothing of a bad file stays; never leaves this file. */
class Refusal extends Error {
  readonly code: DownRefusalCode;
  constructor(code: DownRefusalCode, detail: string) {
    super(detail);
    this.code = code;
  }
}

/**
 * Applies one file of the inbox: `dataPath` is …jsonl.gz and its note lies beside it. Yields while it works; `progress`
 * hears 0–100. What fails to apply changes nothing. A file that the inbox does not give whole is refused like a bad one;
 * faults of the book and of home/down other than lack of room are rethrown.
 */
export async function applyDownFile(
  book: Book,
  home: Home,
  dataPath: string,
  day: string,
  progress: (percent: number) => void,
): Promise<DownOutcome> {
  const copied = join(home.down, 'copied.part');
  const unpacked = join(home.down, 'unpacked.part');
  try {
    await mkdir(home.down, { recursive: true });
    const { note, noteText } = await readNote(book.db, home, dataPath);
    const known = standing(book.db, note, book.head().inc);
    if (known !== null) return known;
    await copyFromInbox(dataPath, copied); // what is checked is what is kept, whatever happens to the inbox meanwhile
    const { bytes, lines } = await unpack(copied, unpacked, note.sha256);
    const epochMin = (await headerOf(keptDownFile(home, note.fileSeq - 1)))?.serverEpoch ?? 0;
    await keepFile(home, copied, noteText, note.fileSeq); // before the commit: a book that names a file must find it
    await book.transactLong((transaction, pause) =>
      applyLines(transaction, {
        note,
        day,
        unpacked,
        bytes,
        lines,
        epochMin,
        pause,
        progress,
        now: book.clock.wallMs(),
        inc: book.head().inc,
        enrolledKey: home.config.enrolment.countyKey,
      }),
    );
    return { kind: 'applied', downSeq: note.fileSeq };
  } catch (error) {
    if (error instanceof Refusal) return { kind: 'refused', code: error.code, detail: error.message };
    if (isOutOfRange(error)) return { kind: 'refused', code: 'out_of_balance', detail: String(error) };
    if (diskFault(error) === 'disk_full') return { kind: 'refused', code: 'disk_full', detail: String(error) };
    throw error;
  } finally {
    for (const part of [copied, unpacked]) await rm(part, { force: true });
  }
}

/** Where applied file number `downSeq` is kept. */
export function keptDownFile(home: Pick<Home, 'down'>, downSeq: number): string {
  return join(home.down, `${String(downSeq).padStart(8, '0')}.jsonl.gz`);
}

/** The note that lies beside a data file. */
export function notePathOf(dataPath: string): string {
  return dataPath.replace(/\.jsonl\.gz$/, '.note');
}

/**
 * Removes an applied file and its note from the inbox, once home/down has both and on the disk. Throws what the disk says,
 * or that a kept file is missing; the inbox then stays as it is.
 */
export async function removeFromInbox(home: Pick<Home, 'down'>, dataPath: string, downSeq: number): Promise<void> {
  const kept = keptDownFile(home, downSeq);
  for (const each of [kept, notePathOf(kept)]) await syncFile(each);
  syncDirectory(home.down);
  for (const each of [dataPath, notePathOf(dataPath)]) await rm(each, { force: true }); // a note alone is never looked at
}

async function syncFile(path: string): Promise<void> {
  const file = await open(path, process.platform === 'win32' ? 'r+' : 'r'); // Windows syncs only what it could write
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** The note beside a file of the inbox, as the county signed it. Throws Refusal. */
async function readNote(
  db: ReadableDatabase,
  home: Home,
  dataPath: string,
): Promise<{ readonly note: FileNote; readonly noteText: string }> {
  const parts: Buffer[] = [];
  await readInbox(notePathOf(dataPath), noteBytesMax, async (chunk) => void parts.push(Buffer.from(chunk)));
  const { countyKey, countyKeyName, county, kiosk } = home.config.enrolment;
  const keys: readonly NoteKey[] = fileKeys(db, countyKey).map((publicKey) => ({ name: countyKeyName, publicKey }));
  const noteText = Buffer.concat(parts).toString('utf8');
  const opened = openNote(noteText, keys);
  if (!opened.ok) throw new Refusal('signature', `note: ${opened.code}`);
  const note = parseFileNote(opened.value.text);
  if (!note.ok) throw new Refusal('malformed', 'the note is not a file note');
  if (note.value.direction !== 'down' || note.value.county !== county || note.value.kiosk !== kiosk)
    throw new Refusal('other_kiosk', `${note.value.direction} ${note.value.county}/${note.value.kiosk}`);
  return { note: note.value, noteText };
}

/** The county's keys as it last said, or the one of the enrolment until it has. */
function fileKeys(db: ReadableDatabase, enrolledKey: string): readonly Uint8Array[] {
  const told = [...activeKeys(db, 'file').values()];
  return told.length > 0 ? told : [Buffer.from(enrolledKey, 'base64url')];
}

async function copyFromInbox(from: string, to: string): Promise<void> {
  const target = await open(to, 'w', 0o600);
  try {
    await readInbox(from, compressedBytesMax, (chunk) => target.writeFile(chunk));
    await target.sync();
  } finally {
    await target.close();
  }
}

/** Reads a file of the inbox chunk by chunk, no more than `bytesMax`. Only faults of `take` are thrown as what they are. */
async function readInbox(path: string, bytesMax: number, take: (chunk: Buffer) => Promise<void>): Promise<void> {
  const file = await ofInbox(path, open(path, constants.O_RDONLY | constants.O_NONBLOCK)); // a pipe must not keep us waiting
  try {
    const stats = await ofInbox(path, file.stat());
    if (!stats.isFile()) throw new Refusal('truncated', `${basename(path)} is not a file`);
    if (stats.size > bytesMax) throw new Refusal('oversized', basename(path));
    const chunk = Buffer.alloc(Math.min(bytesMax + 1, copyChunkBytes));
    for (let bytes = 0; ;) {
      const { bytesRead } = await ofInbox(path, file.read(chunk, 0, chunk.length, null));
      if (bytesRead === 0) return;
      bytes += bytesRead;
      if (bytes > bytesMax) throw new Refusal('oversized', basename(path));
      await take(chunk.subarray(0, bytesRead));
    }
  } finally {
    await closeQuietly(file);
  }
}

/** What the inbox does not give speaks of that file or the stick it came on, never of the book or its disk. */
async function ofInbox<Value>(path: string, asked: Promise<Value>): Promise<Value> {
  try {
    return await asked;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new Refusal('truncated', `${basename(path)} cannot be read: ${code}`); // its words tell to copy it again
  }
}

async function closeQuietly(file: FileHandle): Promise<void> {
  try {
    await file.close();
  } catch {
    // only read from: nothing can be lost
  }
}

/** Null when the file is the next one; else why there is nothing to do, or a refusal. */
function standing(db: WritableDatabase, note: FileNote, inc: number): DownOutcome | null {
  const last = lastDown(db);
  // a stick may bring what was made before a backup was put back: no second history of the county
  const otherOf = (incs: readonly number[], what: string): Refusal =>
    note.inc < inc && !incs.includes(note.inc)
      ? new Refusal('other_incarnation', `file ${note.fileSeq} is for incarnation ${note.inc} of this kiosk, which is ${inc}`)
      : new Refusal('fork', `file ${note.fileSeq} ${what}`);
  if (last !== null && note.fileSeq <= last.downSeq) {
    const applied = appliedFile(db, note.fileSeq);
    if (applied?.sha256 === note.sha256) return { kind: 'known', downSeq: note.fileSeq };
    throw otherOf(applied === null ? [] : [applied.inc], 'was applied with other content');
  }
  const next = (last?.downSeq ?? 0) + 1;
  if (note.fileSeq !== next) throw new Refusal('gap', `file ${next} must come before file ${note.fileSeq}`);
  if (note.prevFileSha !== (last?.sha256 ?? '')) throw otherOf([], 'does not follow the one applied before it');
  return null;
}

/** What was applied under a number, and in which incarnation: the county numbers on from what a backup still had. Null: no file has that one. */
function appliedFile(db: WritableDatabase, downSeq: number): { readonly sha256: string; readonly inc: number } | null {
  const row = db
    .prepare<[number], { sha256: string; line: string }>(
      'SELECT sha256, line FROM down_file JOIN event ON event.seq = down_file.event_seq WHERE down_seq = ?',
    )
    .get(downSeq);
  return row === undefined ? null : { sha256: row.sha256, inc: (JSON.parse(row.line) as BookEvent).inc }; // the book's own line
}

/** Unpacks with a bound on size and checks the hash that the note signed. */
async function unpack(from: string, to: string, sha256: string): Promise<{ readonly bytes: number; readonly lines: number }> {
  if (!beginsAsOurs(from)) throw new Refusal('truncated', 'not a gzip file of ours');
  const hash = createHash('sha256');
  const gunzip = createGunzip();
  let bytes = 0;
  let lines = 0;
  const measure = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes > downFileBytesMax) return done(new Refusal('oversized', `more than ${downFileBytesMax} bytes`));
      hash.update(chunk);
      for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) lines += 1;
      done(null, chunk);
    },
  });
  try {
    const written = createWriteStream(to, { mode: 0o600 }); // first: where this throws no reader is left that opens a file which is removed
    await pipeline(createReadStream(from), gunzip, measure, written);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (code.startsWith('Z_')) throw new Refusal('truncated', `not a whole gzip file: ${code}`);
    throw error;
  }
  if (!endsAsOurs(from, gunzip.bytesWritten)) throw new Refusal('truncated', 'goes on after its end');
  if (hash.digest('base64url') !== sha256) throw new Refusal('signature', 'the content is not what the county signed');
  return { bytes, lines };
}

/**
 * What the file that is due says in its header, and the keys that sign it, where it lies in the inbox with a note of the county; null where it
 * does not, or cannot be read. Looked at only: whether its bytes are what the note signs is asked when it is applied.
 */
export async function lookAtDueFile(
  db: ReadableDatabase,
  home: Home,
): Promise<{ readonly note: FileNote; readonly header: DownHeader; readonly fileKeys: readonly Uint8Array[] } | null> {
  const due = (lastDown(db)?.downSeq ?? 0) + 1;
  const path = join(home.inbox, basename(keptDownFile(home, due)));
  try {
    const { note } = await readNote(db, home, path);
    const header = await headerOf(path);
    return header === null || note.fileSeq !== due ? null : { note, header, fileKeys: fileKeys(db, home.config.enrolment.countyKey) };
  } catch (error) {
    if (error instanceof Refusal || (error instanceof Error && 'syscall' in error)) return null; // a stick that was pulled out, too
    throw error;
  }
}

/** Whether the county's newest file wants the key in force to be replaced. What a lost or changed file wanted nobody knows. */
export async function isNewKeyAsked(db: ReadableDatabase, home: Pick<Home, 'down'>): Promise<boolean> {
  const last = lastDown(db);
  if (last === null) return false;
  const header = await headerOf(keptDownFile(home, last.downSeq));
  return header?.newKeyFor === ownKeyInForce(db);
}

/** The header of a kept file, from its first bytes; null where they do not say: the verifier tells of a lost or changed one. */
async function headerOf(kept: string): Promise<DownHeader | null> {
  let file: FileHandle;
  try {
    file = await open(kept, 'r');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(headerBytesMax), 0, headerBytesMax, 0);
    const start = gunzipSync(buffer.subarray(0, bytesRead), { finishFlush: zlib.Z_SYNC_FLUSH }).toString('utf8');
    const header = downHeader.safeParse(JSON.parse(start.slice(0, start.indexOf('\n'))));
    return header.success ? header.data : null;
  } catch (error) {
    if (error instanceof SyntaxError || (error instanceof Error && 'code' in error && String(error.code).startsWith('Z_'))) return null;
    throw error;
  } finally {
    await file.close();
  }
}

/** The copy is on the disk already. */
async function keepFile(home: Home, copied: string, noteText: string, downSeq: number): Promise<void> {
  const kept = keptDownFile(home, downSeq);
  writeFileDurably(notePathOf(kept), noteText);
  await rename(copied, kept);
  syncDirectory(home.down);
}

interface Work {
  readonly note: FileNote;
  readonly day: string;
  readonly unpacked: string;
  readonly bytes: number;
  readonly lines: number;
  /** The server epoch of the file before: a county never goes back behind it. */
  readonly epochMin: number;
  /** Incarnation of the book. */
  readonly inc: number;
  /** The county's key by the enrolment, base64url. */
  readonly enrolledKey: string;
  readonly pause: () => Promise<void>;
  readonly progress: (percent: number) => void;
  readonly now: number;
}

async function applyLines(transaction: Transaction, work: Work): Promise<void> {
  const reader = readLines(work.unpacked);
  const header = parse(downHeader, reader.next().value, 1);
  checkHeader(header, work.note, work, transaction.db);
  const event = transaction.append({
    kind: 'DOWN_APPLIED',
    body: { downSeq: header.downSeq, sha256: work.note.sha256, asOf: header.asOf, lines: work.lines - 2 },
    id: uuidv7(work.now),
    day: work.day,
    op: null,
    command: { down: header.downSeq, sha256: work.note.sha256 },
  });
  const ackSeq = ackOf(header, transaction.db);
  inserted(
    transaction.db
      .prepare('INSERT INTO down_file (down_seq, sha256, as_of, ack_seq, event_seq) VALUES (?, ?, ?, ?, ?)')
      .run(header.downSeq, work.note.sha256, header.asOf, ackSeq, event.seq),
  );
  keepRoot(header, transaction.db, work);
  const asked = new Map<string, Points>();
  const write = lineWriter(transaction, header.downSeq, asked);
  const sums = { lines: 0, granted: 0n, balance: 0n };
  let trailer: DownTrailer | null = null;
  let done = 0;
  for (const text of reader) {
    if (trailer !== null) throw new Refusal('malformed', 'lines after the trailer');
    done += text.length;
    if (sums.lines === work.lines - 2) {
      trailer = parse(downTrailer, text, sums.lines + 2);
      continue;
    }
    const line = parse(downLine, text, sums.lines + 2);
    sums.lines += 1;
    if (line.t === 'SHOP' && line.shop.kiosk !== header.kiosk) throw new Refusal('other_kiosk', `the shop of ${line.shop.kiosk}`);
    if (line.t === 'GRANT') sums.granted += BigInt(line.g);
    if (line.t === 'BAL') sums.balance += BigInt(line.balance);
    write(line);
    if (sums.lines % linesPerBreath === 0) {
      work.progress(Math.floor((done / work.bytes) * 100));
      await work.pause();
    }
  }
  if (trailer === null) throw new Refusal('truncated', 'no trailer');
  if (trailer.lines !== sums.lines || BigInt(trailer.sumGranted) !== sums.granted || BigInt(trailer.sumBalance) !== sums.balance)
    throw new Refusal('out_of_balance', 'the lines do not add up to the trailer');
  if (header.snapshot) forgetWhatSnapshotLacks(transaction.db, header.downSeq);
  checkWhole(transaction.db);
  await returnRights(transaction, asked, { ...work, downSeq: header.downSeq });
}

/**
 * Answers each line that asks rights back with one event, in the order of the lines and after all of them took effect: with what is
 * asked beyond B, or all that is held, or nothing, which tells the county that nothing is left (reconciliation.md R3).
 */
async function returnRights(
  { db, append }: Transaction,
  asked: ReadonlyMap<string, Points>,
  { day, now, pause, downSeq }: Pick<Work, 'day' | 'now' | 'pause'> & { readonly downSeq: number },
): Promise<void> {
  const returned = db.prepare<[string], { returned: number }>('SELECT returned FROM counter WHERE account_id = ?');
  let answers = 0;
  for (const [accountId, b] of asked) {
    const missing = b - (returned.get(accountId)?.returned ?? 0);
    append({
      kind: 'RIGHTS_RETURNED',
      body: { accountId, asked: b, downSeq },
      id: uuidv7(now),
      day,
      op: null,
      amt: points(Math.max(0, Math.min(missing, rightsOf(db, accountId)))),
      command: { down: downSeq, account: accountId, asked: b },
    });
    answers += 1;
    if (answers % eventsPerBreath === 0) await pause();
  }
}

function checkHeader(header: DownHeader, note: FileNote, { epochMin, inc }: Work, db: WritableDatabase): void {
  if (header.county !== note.county || header.kiosk !== note.kiosk) throw new Refusal('other_kiosk', `${header.county}/${header.kiosk}`);
  const speaksTo = header.inc ?? 1;
  if (speaksTo !== inc) throw new Refusal('other_incarnation', `for incarnation ${speaksTo} of this kiosk, which is ${inc}`);
  const named = header.incLeaf;
  const leaf = incarnationLeaf(db);
  if (named !== leaf)
    throw new Refusal('other_incarnation', `for the incarnation ${inc} of ${named ?? 'no restoration'}, this one is of ${leaf ?? 'none'}`);
  if (header.downSeq !== note.fileSeq || header.prevDownSha !== note.prevFileSha)
    throw new Refusal('malformed', 'the header is not the one the note speaks of');
  if (header.serverEpoch < epochMin) throw new Refusal('fork', `server epoch ${header.serverEpoch} after ${epochMin}`);
  const before = lastDown(db);
  if (before !== null && header.asOf < before.asOf) throw new Refusal('out_of_balance', 'as of an earlier time than the file before it');
}

/** Before the lines: a key that this file brings signs no root of it. */
function keepRoot(header: DownHeader, db: WritableDatabase, { enrolledKey, note }: Pick<Work, 'enrolledKey' | 'note'>): void {
  const kept = keepCountyRoot(db, header, { fileKeys: fileKeys(db, enrolledKey), sha256: note.sha256 });
  if (!kept.ok) throw new Refusal(kept.code === 'committee' ? 'log_forked' : kept.code, `the root of the county's log: ${kept.code}`);
}

/** Up to which event the county has posted; it must speak of the very event this book holds (R6, 19). */
function ackOf(header: DownHeader, db: WritableDatabase): number {
  if (header.ackThrough === null) return 0; // a county put back from an old copy has posted nothing: its balances know of no sale
  const { inc, seq, leaf } = header.ackThrough;
  const row = db.prepare<[number], { leaf: Buffer; line: string }>('SELECT leaf, line FROM event WHERE seq = ?').get(seq);
  const isOurs = row?.leaf.toString('base64url') === leaf && (JSON.parse(row.line) as BookEvent).inc === inc; // the book's own line
  if (!isOurs) throw new Refusal('fork', `the county acknowledges an event ${seq} that is not in this book`);
  return seq;
}

/** One upsert per line kind, prepared once. What is asked back is only noted: rights go when all lines took effect. */
function lineWriter(transaction: Transaction, downSeq: number, asked: Map<string, Points>): (line: DownLine) => void {
  const { db } = transaction;
  const put = (table: string, columns: readonly string[], key: readonly string[]): Statement =>
    db.prepare(
      `INSERT INTO ${table} (${[...columns, 'down_seq'].join(', ')}) VALUES (${[...columns, ''].map(() => '?').join(', ')})
       ON CONFLICT (${key.join(', ')}) DO UPDATE SET ${[...columns.filter((column) => !key.includes(column)), 'down_seq'].map((column) => `${column} = excluded.${column}`).join(', ')}`,
    );
  const scheme = put('scheme', ['version', 'doc'], ['version']);
  const shop = put('shop', ['id', 'doc'], ['id']);
  const key = put('county_key', ['kid', 'use', 'key', 'active'], ['use', 'kid']);
  const operator = put('operator', ['id', 'doc'], ['id']);
  const resident = put('resident', ['id', 'account_id', 'name', 'group_id', 'village', 'language', 'tag', 'active'], ['id']);
  const goods = put('goods', ['id', 'doc'], ['id']);
  const dropCodes = db.prepare('DELETE FROM goods_code WHERE goods_id = ?');
  const code = db.prepare(
    'INSERT INTO goods_code (code, goods_id) VALUES (?, ?) ON CONFLICT (code) DO UPDATE SET goods_id = excluded.goods_id',
  );
  const balance = put('county_balance', ['account_id', 'balance'], ['account_id']);
  const roaming = put('roaming', ['account_id', 'cap'], ['account_id']);
  const denied = put('denied_card', ['resident_id', 'issue'], ['resident_id']);
  const granted = db.prepare<[string], { granted: number; covered: number }>('SELECT granted, covered FROM counter WHERE account_id = ?');
  const grant = db.prepare(
    `INSERT INTO counter (account_id, granted, covered, granted_in) VALUES (?, ?, ?, ?)
     ON CONFLICT (account_id) DO UPDATE SET granted = excluded.granted, covered = excluded.covered, granted_in = excluded.granted_in`,
  );
  const settled = db.prepare<[string], { roamed: number; roamed_settled: number; unsettled: number }>(
    'SELECT roamed, roamed_settled, roamed - unroamed - roamed_settled + overfunded AS unsettled FROM counter WHERE account_id = ?',
  );
  const settle = db.prepare('UPDATE counter SET roamed_settled = ?, overfunded = overfunded + ? WHERE account_id = ?');

  return (line) => {
    switch (line.t) {
      case 'SCHEME':
        wellFormed(() => checkScheme(line.scheme));
        return inserted(scheme.run(line.scheme.version, JSON.stringify(line.scheme), downSeq));
      case 'SHOP':
        return inserted(shop.run(1, JSON.stringify(line.shop), downSeq));
      case 'KEY':
        return inserted(key.run(line.kid, line.use, line.key, Number(line.active), downSeq));
      case 'OPERATOR':
        return inserted(operator.run(line.operator.id, JSON.stringify(line.operator), downSeq));
      case 'RESIDENT': {
        const { id, accountId, name, group, village, language, tag, active } = line.resident;
        return inserted(resident.run(Number(id), accountId, name, group, village, language, tag, Number(active), downSeq));
      }
      case 'GOODS':
        inserted(goods.run(line.goods.id, JSON.stringify(line.goods), downSeq));
        dropCodes.run(line.goods.id);
        for (const each of line.goods.codes) inserted(code.run(each, line.goods.id));
        return;
      case 'BAL':
        return inserted(balance.run(line.a, line.balance, downSeq));
      case 'GRANT':
        return takeGrant(line.a, line.g, line.v ?? 0);
      case 'RETURN_REQ':
        if (asked.has(line.a)) throw new Refusal('malformed', `rights of ${line.a} are asked back twice`);
        asked.set(line.a, line.b);
        return;
      case 'ROAM': {
        inserted(roaming.run(line.a, line.c, downSeq));
        return settleRoaming(line.a, line.xs);
      }
      case 'DENY':
        return inserted(denied.run(Number(line.resident), line.issue, downSeq));
      case 'SETTLEMENT': {
        // also of a number that is not here, or other than is owed: it is the county's signed word, and people are shown it
        const { t: _, inc = 1, ...word } = line;
        return transaction.post(paidPostings(keepWord(db, { inc, ...word }, downSeq) ?? fen(0)));
      }
      case 'ADJUST':
        if (!keepAdjustment(db, { id: line.id, zh: line.zh, fen: line.fen }, downSeq))
          throw new Refusal('out_of_balance', `adjustment ${line.id} was of another amount`);
        return;
      default:
        return never(line);
    }
  };

  /** G is what the line says and every voucher that was taken and is not in it yet. */
  function takeGrant(accountId: string, g: Points, covered: number): void {
    const before = granted.get(accountId);
    if (covered < (before?.covered ?? 0)) throw new Refusal('out_of_balance', `the vouchers of ${accountId} that were granted fell`);
    const after = g + (before === undefined ? 0 : takenBeyond(db, accountId, covered));
    if (after > amountMax) throw new Refusal('out_of_balance', `the rights of ${accountId} are beyond counting`);
    const step = after - (before?.granted ?? 0);
    if (step < 0) throw new Refusal('out_of_balance', `the rights of ${accountId} fell`);
    inserted(grant.run(accountId, after, covered, downSeq));
    transaction.post(grantPostings(accountId, points(step)));
  }

  /** What the county settles beyond what is still to be settled had come back before it knew: it is the account's, as rights here. */
  function settleRoaming(accountId: string, xs: Points): void {
    const before = settled.get(accountId) ?? { roamed: 0, roamed_settled: 0, unsettled: 0 };
    const step = xs - before.roamed_settled;
    if (step < 0) throw new Refusal('out_of_balance', `what is settled of ${accountId} fell`);
    if (xs > before.roamed) throw new Refusal('out_of_balance', `more settled of ${accountId} than was spent here`);
    if (step === 0) return;
    const overfunded = points(Math.max(0, step - before.unsettled));
    inserted(settle.run(xs, overfunded, accountId));
    transaction.post(settlementPostings(accountId, points(step), overfunded));
  }
}

/** A snapshot says all there is: what it did not name is gone. Counters and schemes are not reference data and stay. */
function forgetWhatSnapshotLacks(db: WritableDatabase, downSeq: number): void {
  for (const table of ['county_key', 'operator', 'resident', 'goods', 'county_balance', 'roaming', 'denied_card'])
    db.prepare(`DELETE FROM ${table} WHERE down_seq <> ?`).run(downSeq);
  db.prepare('DELETE FROM goods_code WHERE goods_id NOT IN (SELECT id FROM goods)').run();
}

/** After a file the kiosk can sell: it knows its shop, its rules and at least one key of each use that is in force. */
function checkWhole(db: WritableDatabase): void {
  for (const table of ['scheme', 'shop', 'operator'])
    if (db.prepare<[], { n: number }>(`SELECT count(*) AS n FROM ${table}`).get()!.n === 0) throw new Refusal('malformed', `no ${table}`);
  // without a file key the enrolment's would be believed again, which the county may have withdrawn for cause
  for (const use of ['card', 'file'] as const) if (activeKeys(db, use).size === 0) throw new Refusal('malformed', `no ${use} key`);
}

function parse<T>(
  shape: { safeParse(value: unknown): { readonly success: true; readonly data: T } | { readonly success: false; readonly error: Error } },
  text: string | undefined,
  line: number,
): T {
  if (text === undefined) throw new Refusal('truncated', 'the file is empty');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Refusal('malformed', `line ${line} is not JSON`);
  }
  const parsed = shape.safeParse(value);
  if (parsed.success) return parsed.data;
  const isNewer =
    line === 1 &&
    typeof value === 'object' &&
    value !== null &&
    'fmt' in value &&
    String(value.fmt).startsWith('civicpos-down-') &&
    value.fmt !== 'civicpos-down-v1';
  throw new Refusal(isNewer ? 'newer_format' : 'malformed', `line ${line}: ${parsed.error.message.slice(0, 300)}`);
}

/** A CHECK of the tables said no: rights of all accounts together beyond 2^53, for one. */
function isOutOfRange(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'SQLITE_CONSTRAINT_CHECK';
}

function wellFormed(check: () => void): void {
  try {
    check();
  } catch (error) {
    throw new Refusal('malformed', error instanceof Error ? error.message : String(error));
  }
}

/** Lines of a file, one at a time, each bounded. */
function* readLines(path: string): Generator<string, undefined, undefined> {
  const file = openSync(path, 'r');
  try {
    const chunk = Buffer.alloc(256 * 1024);
    let rest = Buffer.alloc(0);
    for (let read = readSync(file, chunk); read > 0; read = readSync(file, chunk)) {
      let buffer = Buffer.concat([rest, chunk.subarray(0, read)]);
      for (let end = buffer.indexOf(10); end !== -1; end = buffer.indexOf(10)) {
        if (end > downLineBytesMax) throw new Refusal('oversized', 'a line is too long');
        yield buffer.toString('utf8', 0, end);
        buffer = buffer.subarray(end + 1);
      }
      if (buffer.length > downLineBytesMax) throw new Refusal('oversized', 'a line is too long');
      rest = Buffer.from(buffer);
    }
    if (rest.length > 0) throw new Refusal('truncated', 'the last line has no end');
  } finally {
    closeSync(file);
  }
}

function inserted(result: { readonly changes: number }): void {
  assert(result.changes === 1, 'one row was written');
}
