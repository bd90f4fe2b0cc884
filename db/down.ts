// Applies the county's signed files: whole or not at all, strictly in order, once (reconciliation.md R4, R6 10 and 21).

import { createHash } from 'node:crypto';
import {
  closeSync,
  copyFileSync,
  createReadStream,
  createWriteStream,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import type { Statement } from 'better-sqlite3';
import type { Book, Transaction } from './book.ts';
import { syncDirectory, writeFileDurably } from './files.ts';
import type { Home } from './home.ts';
import { type Points, points } from './model/amounts.ts';
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
import { type FileNote, type NoteKey, openNote, parseFileNote } from './model/note.ts';
import { grantPostings, settlementPostings } from './model/postings.ts';
import { assert, never } from './model/result.ts';
import { checkScheme } from './model/scheme.ts';
import { activeKeys, lastDown } from './reference.ts';
import { diskFault, type WritableDatabase } from './sqlite.ts';
import { uuidv7 } from './uuid.ts';

export type DownRefusalCode =
  | 'signature'
  | 'other_kiosk'
  | 'gap'
  | 'fork'
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
/** Lines between two breaths of the engine: about 30 ms of work. */
const linesPerBreath = 2_000;

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
 * hears 0–100. What fails to apply changes nothing. Rethrows faults of the disk other than lack of room.
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
    mkdirSync(home.down, { recursive: true });
    const { note, noteText } = readNote(book.db, home, dataPath);
    const known = standing(book.db, note);
    if (known !== null) return known;
    copyFileSync(dataPath, copied); // what is checked is what is kept, whatever happens to the inbox meanwhile
    const { bytes, lines } = await unpack(copied, unpacked, note.sha256);
    keepFile(home, copied, noteText, note.fileSeq); // before the commit: a book that names a file must find it
    await book.transactLong((transaction, pause) =>
      applyLines(transaction, { note, day, unpacked, bytes, lines, pause, progress, now: book.clock.wallMs() }),
    );
    return { kind: 'applied', downSeq: note.fileSeq };
  } catch (error) {
    if (error instanceof Refusal) return { kind: 'refused', code: error.code, detail: error.message };
    if (isOutOfRange(error)) return { kind: 'refused', code: 'out_of_balance', detail: String(error) };
    if (diskFault(error) === 'disk_full') return { kind: 'refused', code: 'disk_full', detail: String(error) };
    throw error;
  } finally {
    rmSync(copied, { force: true });
    rmSync(unpacked, { force: true });
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

function readNote(db: WritableDatabase, home: Home, dataPath: string): { readonly note: FileNote; readonly noteText: string } {
  const notePath = notePathOf(dataPath);
  for (const each of [notePath, dataPath])
    if (!existsSync(each) || !statSync(each).isFile()) throw new Refusal('truncated', 'the file or its note is missing');
  if (statSync(notePath).size > noteBytesMax || statSync(dataPath).size > compressedBytesMax)
    throw new Refusal('oversized', basename(dataPath));
  const { countyKey, countyKeyName, county, kiosk } = home.config.enrolment;
  const keys: NoteKey[] = [...activeKeys(db, 'file').values()].map((publicKey) => ({ name: countyKeyName, publicKey }));
  if (keys.length === 0) keys.push({ name: countyKeyName, publicKey: Buffer.from(countyKey, 'base64url') });
  const noteText = readFileSync(notePath, 'utf8');
  const opened = openNote(noteText, keys);
  if (!opened.ok) throw new Refusal('signature', `note: ${opened.code}`);
  const note = parseFileNote(opened.value.text);
  if (!note.ok) throw new Refusal('malformed', 'the note is not a file note');
  if (note.value.direction !== 'down' || note.value.county !== county || note.value.kiosk !== kiosk)
    throw new Refusal('other_kiosk', `${note.value.direction} ${note.value.county}/${note.value.kiosk}`);
  return { note: note.value, noteText };
}

/** Null when the file is the next one; else why there is nothing to do, or a refusal. */
function standing(db: WritableDatabase, note: FileNote): DownOutcome | null {
  const last = lastDown(db);
  if (last !== null && note.fileSeq <= last.downSeq) {
    const row = db.prepare<[number], { sha256: string }>('SELECT sha256 FROM down_file WHERE down_seq = ?').get(note.fileSeq);
    if (row?.sha256 === note.sha256) return { kind: 'known', downSeq: note.fileSeq };
    throw new Refusal('fork', `file ${note.fileSeq} was applied with other content`);
  }
  const next = (last?.downSeq ?? 0) + 1;
  if (note.fileSeq !== next) throw new Refusal('gap', `file ${next} must come before file ${note.fileSeq}`);
  if (note.prevFileSha !== (last?.sha256 ?? ''))
    throw new Refusal('fork', `file ${note.fileSeq} does not follow the one applied before it`);
  return null;
}

/** Unpacks with a bound on size and checks the hash that the note signed. */
async function unpack(from: string, to: string, sha256: string): Promise<{ readonly bytes: number; readonly lines: number }> {
  const hash = createHash('sha256');
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
    await pipeline(createReadStream(from), createGunzip(), measure, createWriteStream(to, { mode: 0o600 }));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (code.startsWith('Z_')) throw new Refusal('truncated', `not a whole gzip file: ${code}`);
    throw error;
  }
  if (hash.digest('base64url') !== sha256) throw new Refusal('signature', 'the content is not what the county signed');
  return { bytes, lines };
}

function keepFile(home: Home, copied: string, noteText: string, downSeq: number): void {
  const kept = keptDownFile(home, downSeq);
  writeFileDurably(notePathOf(kept), noteText);
  const file = openSync(copied, 'r+');
  fsyncSync(file);
  closeSync(file);
  renameSync(copied, kept);
  syncDirectory(home.down);
}

interface Work {
  readonly note: FileNote;
  readonly day: string;
  readonly unpacked: string;
  readonly bytes: number;
  readonly lines: number;
  readonly pause: () => Promise<void>;
  readonly progress: (percent: number) => void;
  readonly now: number;
}

async function applyLines(transaction: Transaction, work: Work): Promise<void> {
  const reader = readLines(work.unpacked);
  const header = parse(downHeader, reader.next().value, 1);
  checkHeader(header, work.note, transaction.db);
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
  const write = lineWriter(transaction, header.downSeq);
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
}

function checkHeader(header: DownHeader, note: FileNote, db: WritableDatabase): void {
  if (header.county !== note.county || header.kiosk !== note.kiosk) throw new Refusal('other_kiosk', `${header.county}/${header.kiosk}`);
  if (header.downSeq !== note.fileSeq || header.prevDownSha !== note.prevFileSha)
    throw new Refusal('malformed', 'the header is not the one the note speaks of');
  const before = lastDown(db);
  if (before !== null && header.asOf < before.asOf) throw new Refusal('out_of_balance', 'as of an earlier time than the file before it');
}

/** Up to which event the county has posted; it must speak of the very event this book holds (R6, 19). */
function ackOf(header: DownHeader, db: WritableDatabase): number {
  if (header.ackThrough === null) return 0; // a county put back from an old copy has posted nothing: its balances know of no sale
  const { seq, leaf } = header.ackThrough;
  const row = db.prepare<[number], { leaf: Buffer }>('SELECT leaf FROM event WHERE seq = ?').get(seq);
  if (row === undefined || row.leaf.toString('base64url') !== leaf)
    throw new Refusal('fork', `the county acknowledges an event ${seq} that is not in this book`);
  return seq;
}

/** One upsert per line kind, prepared once. */
function lineWriter(transaction: Transaction, downSeq: number): (line: DownLine) => void {
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
  const granted = db.prepare<[string], { granted: number }>('SELECT granted FROM counter WHERE account_id = ?');
  const grant = db.prepare(
    'INSERT INTO counter (account_id, granted) VALUES (?, ?) ON CONFLICT (account_id) DO UPDATE SET granted = excluded.granted',
  );
  const settled = db.prepare<[string], { roamed: number; roamed_settled: number }>(
    'SELECT roamed, roamed_settled FROM counter WHERE account_id = ?',
  );
  const settle = db.prepare('UPDATE counter SET roamed_settled = ? WHERE account_id = ?');

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
      case 'GRANT': {
        const step = line.g - (granted.get(line.a)?.granted ?? 0);
        if (step < 0) throw new Refusal('out_of_balance', `the rights of ${line.a} fell`);
        inserted(grant.run(line.a, line.g));
        return transaction.post(grantPostings(line.a, points(step)));
      }
      case 'ROAM': {
        inserted(roaming.run(line.a, line.c, downSeq));
        return settleRoaming(line.a, line.xs);
      }
      case 'DENY':
        return inserted(denied.run(Number(line.resident), line.issue, downSeq));
      default:
        return never(line);
    }
  };

  function settleRoaming(accountId: string, xs: Points): void {
    const before = settled.get(accountId) ?? { roamed: 0, roamed_settled: 0 };
    const step = xs - before.roamed_settled;
    if (step < 0) throw new Refusal('out_of_balance', `what is settled of ${accountId} fell`);
    if (xs > before.roamed) throw new Refusal('out_of_balance', `more settled of ${accountId} than was spent here`);
    if (step === 0) return;
    inserted(settle.run(xs, accountId));
    transaction.post(settlementPostings(points(step)));
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
