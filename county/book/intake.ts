// Takes one file of a kiosk into the county's book: in one transaction, wholly or not at all, every leaf, signature, total and counter
// made again by the county (reconciliation.md R4, R6 17–22). Answers each of R4's cases; never refuses what an authentic kiosk did.

import { type KeyObject, createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream, mkdirSync, readFileSync, statSync } from 'node:fs';
import { copyFile, open, rename, rm } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { leafOf, noLeaf } from '../../db/book.ts';
import { syncDirectory, writeFileDurably } from '../../db/files.ts';
import { ackDetail, ackText } from '../../db/model/ack.ts';
import { type Plain, canonical } from '../../db/model/canonical.ts';
import { type BookEvent, signedText } from '../../db/model/event.ts';
import { accountsAfter, perpetualAfter } from '../../db/model/figures.ts';
import { publicKeyFromRaw } from '../../db/model/keys.ts';
import { type FileNote, checkpointOrigin, checkpointText, openNote, parseFileNote } from '../../db/model/note.ts';
import { counterStepOf } from '../../db/model/postings.ts';
import { assert } from '../../db/model/result.ts';
import {
  type Ack,
  type UpClosing,
  type UpHeader,
  type UpTrailer,
  type Verdict,
  upClosing,
  upCounter,
  upFileBytesMax,
  upHeader,
  upSignature,
  upTrailer,
} from '../../db/model/up-file.ts';
import { type ReadableDatabase, prepared } from '../../db/sqlite.ts';
import { newSums } from '../../db/up-files.ts';
import { signaturesOf } from '../../db/verify-signatures.ts';
import {
  type Chain,
  type Growth,
  findChain,
  firstChain,
  grow,
  growthOf,
  growthThrough,
  keepChain,
  newestChain,
  storedEvent,
  treeThrough,
} from './chains.ts';
import { contradictionText, logUpFile } from '../log/steps.ts';
import type { CountyAct, CountyBook } from './county-book.ts';
import { issueAgain } from './vouchers.ts';
import { answerAgain, answerNote } from './county-keys.ts';
import { takeLeftFiles } from './down-evidence.ts';
import { type RaisedCode, raiseException } from './exceptions.ts';
import { type ExceptionCode, type Folding, type KioskRow, checkTouched, foldEvent, standingOf } from './fold.ts';
import { BadFile, type UpLines, eventOfLine, readUpLines, shapedLine } from './read-up.ts';

/** A whole upload: where its bytes lie for now, and its two notes as they came. */
export interface Upload {
  readonly kiosk: string;
  readonly inc: number;
  readonly fileSeq: number;
  /** Path of the gzip file; stays where it is. */
  readonly data: string;
  readonly note: string;
  readonly checkpoint: string;
}

export interface Taken {
  readonly verdict: Verdict;
  /** The county's signed answer. DUPLICATE: the first answer's bytes. */
  readonly note: string;
}

/** Files of one kiosk that wait for one that is missing; more are asked for again later. */
const parkedMax = 64;
/** JSON of events packs to a fifth; what packs to a fiftieth, and is large, is a bomb. */
const packingMax = 50;
const bombBytesMin = 64 * 1024 * 1024;

/** Takes a file in, and after it those that waited for it. Throws what the disk says: nothing of it is then in the book. */
export async function takeIn(book: CountyBook, upload: Upload): Promise<Taken> {
  const taken = await takeOne(book, upload);
  if (taken.verdict === 'ACCEPTED') await takeParked(book, upload.kiosk);
  return taken;
}

/** Each in a transaction of its own; the kiosk hears of it when it asks again. */
async function takeParked(book: CountyBook, kiosk: string): Promise<void> {
  for (;;) {
    const next = await book.read((db) => nextParked(db, kiosk));
    if (next === null) return;
    const path = join(book.folder.directory, next.path);
    const upload = { kiosk, inc: next.inc, fileSeq: next.fileSeq, data: path, ...keptNotes(path) };
    if ((await takeOne(book, upload)).verdict !== 'ACCEPTED') return;
  }
}

/** A kept file that is the next of its incarnation and has no answer but that it waits. */
function nextParked(db: ReadableDatabase, kiosk: string): { readonly inc: number; readonly fileSeq: number; readonly path: string } | null {
  return (
    prepared<[string], { inc: number; fileSeq: number; path: string }>(
      db,
      `SELECT up_file.inc AS inc, up_file.file_seq AS fileSeq, path FROM up_file
        WHERE kiosk = ? AND file_seq = 1 + coalesce((SELECT chain.file_seq FROM chain WHERE chain.kiosk = up_file.kiosk AND chain.inc = up_file.inc), 0)
          AND EXISTS (SELECT 1 FROM answer WHERE answer.kiosk = up_file.kiosk AND answer.inc = up_file.inc AND answer.file_seq = up_file.file_seq
            AND answer.sha256 = up_file.sha256)
          AND NOT EXISTS (SELECT 1 FROM answer WHERE answer.kiosk = up_file.kiosk AND answer.inc = up_file.inc AND answer.file_seq = up_file.file_seq
            AND answer.sha256 = up_file.sha256 AND verdict <> 'GAP')
        ORDER BY up_file.inc, up_file.file_seq LIMIT 1`,
    ).get(kiosk) ?? null
  );
}

interface Judging {
  readonly book: CountyBook;
  readonly upload: Upload;
  readonly note: FileNote;
  readonly kiosk: KioskRow;
  /** The key that signed the notes, raw in base64url. */
  readonly key: string;
  readonly publicKey: KeyObject;
}

async function takeOne(book: CountyBook, upload: Upload): Promise<Taken> {
  const unpacked = join(book.folder.incoming, `${randomUUID()}.unpacked`);
  mkdirSync(book.folder.incoming, { recursive: true });
  let sha256 = nothingHashed;
  let judging: Judging | null = null;
  try {
    const kiosk = await book.read((db) => findKiosk(db, upload.kiosk));
    if (kiosk === null) throw new BadFile('REJECTED', 'unknown kiosk');
    const known = kiosk.key === null ? null : signedBy(book, upload, kiosk, kiosk.key);
    sha256 = known?.note.sha256 ?? sha256;
    const before = known === null ? null : await book.read((db) => duplicateOf(book, db, upload, sha256));
    if (before !== null) return before;
    const unpackedSha = await unpack(upload.data, unpacked);
    const signed = known ?? signedBy(book, upload, kiosk, firstKey(book, unpacked));
    sha256 = signed.note.sha256;
    if (unpackedSha !== sha256) throw new BadFile('REJECTED', 'the content is not what was signed');
    judging = signed;
    const path = await keepFile(book, upload, sha256);
    return await book.transact((act) => judge(act, signed, { unpacked, path }));
  } catch (error) {
    if (!(error instanceof BadFile)) throw error;
    return await answerBad(book, upload, { error, judging, sha256 });
  } finally {
    await rm(unpacked, { force: true });
  }
}

/** Stands in the answer to a file whose note said nothing that can be believed. */
const nothingHashed = Buffer.alloc(32).toString('base64url');

export function findKiosk(db: ReadableDatabase, kiosk: string): KioskRow | null {
  return (
    prepared<[string], KioskRow>(
      db,
      'SELECT kiosk, store, key, state, sale_cap, roaming_cap, share_permille FROM kiosk WHERE kiosk = ?',
    ).get(kiosk) ?? null
  );
}

/** A demo's kiosks make their keys at random when they are tried out, so its county takes the first it sees; another county, never. */
function firstKey(book: CountyBook, unpacked: string): string {
  if (!book.isDemo) throw new BadFile('REJECTED', 'no key of this kiosk is enrolled');
  const lines = readUpLines(unpacked);
  try {
    return shapedLine(upHeader, lines.next(), 'line 1').kioskKey;
  } finally {
    lines.close();
  }
}

/** Both notes, signed by this kiosk and speaking of this file. */
function signedBy(book: CountyBook, upload: Upload, kiosk: KioskRow, key: string): Judging {
  const name = checkpointOrigin({ county: book.code, kiosk: upload.kiosk, inc: upload.inc });
  const raw = Buffer.from(key, 'base64url');
  const trusted = [{ name, publicKey: raw }];
  const opened = openNote(upload.note, trusted);
  if (!opened.ok) throw new BadFile('REJECTED', `note: ${opened.code}`);
  const read = parseFileNote(opened.value.text);
  if (!read.ok) throw new BadFile('REJECTED', 'note: malformed');
  const { direction, county, kiosk: of, inc, fileSeq } = read.value;
  if (direction !== 'up' || county !== book.code || of !== upload.kiosk || inc !== upload.inc || fileSeq !== upload.fileSeq)
    throw new BadFile('REJECTED', 'note: of another file');
  if (!openNote(upload.checkpoint, trusted).ok) throw new BadFile('REJECTED', 'checkpoint: no trusted signature');
  return { book, upload, note: read.value, kiosk, key, publicKey: publicKeyFromRaw(raw) };
}

/** The first answer again, where the very file was posted before. */
function duplicateOf(book: CountyBook, db: ReadableDatabase, upload: Upload, sha256: string): Taken | null {
  const note = answerOf(db, upload, sha256, 'ACCEPTED');
  return note === null ? null : { verdict: 'DUPLICATE', note: answerAgain(book, db, note) };
}

function answerOf(db: ReadableDatabase, { kiosk, inc, fileSeq }: Upload, sha256: string, verdict: Verdict): string | null {
  const row = prepared<[string, number, number, string, string], { note: string }>(
    db,
    'SELECT note FROM answer WHERE kiosk = ? AND inc = ? AND file_seq = ? AND sha256 = ? AND verdict = ? ORDER BY number DESC LIMIT 1',
  ).get(kiosk, inc, fileSeq, sha256, verdict);
  return row?.note ?? null;
}

/** Unpacks with bounds on size and packing; the hash of what came out. */
async function unpack(from: string, to: string): Promise<string> {
  const sha = createHash('sha256');
  const packed = statSync(from).size;
  let bytes = 0;
  const measure = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      const isBomb = bytes > bombBytesMin && bytes > packed * packingMax;
      if (isBomb || bytes > upFileBytesMax) return done(new BadFile('REJECTED', 'oversized'));
      sha.update(chunk);
      done(null, chunk);
    },
  });
  try {
    await pipeline(createReadStream(from), createGunzip(), measure, createWriteStream(to, { mode: 0o600 }));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (code.startsWith('Z_')) throw new BadFile('REJECTED', 'not a whole gzip file');
    throw error;
  }
  return sha.digest('base64url');
}

/** The bytes as they came, on the disk before the book names them. Returns their path within the county's folder. */
async function keepFile(book: CountyBook, upload: Upload, sha256: string): Promise<string> {
  const path = keptPath(book, upload, sha256);
  if (path !== upload.data) {
    mkdirSync(dirname(path), { recursive: true });
    const part = `${path}.${randomUUID()}.part`; // the same file may come twice at once
    await copyFile(upload.data, part);
    const copy = await open(part, 'r+');
    await copy.sync().finally(() => copy.close());
    await rename(part, path);
    const { notePath, checkpointPath } = notesBeside(path);
    writeFileDurably(checkpointPath, upload.checkpoint);
    writeFileDurably(notePath, upload.note);
    syncDirectory(dirname(path));
  }
  return relative(book.folder.directory, path);
}

function notesBeside(path: string): { readonly notePath: string; readonly checkpointPath: string } {
  const base = path.slice(0, -'.jsonl.gz'.length);
  return { notePath: `${base}.note`, checkpointPath: `${base}.checkpoint` };
}

function keptNotes(path: string): Pick<Upload, 'note' | 'checkpoint'> {
  const { notePath, checkpointPath } = notesBeside(path);
  return { note: readFileSync(notePath, 'utf8'), checkpoint: readFileSync(checkpointPath, 'utf8') };
}

/** Inside the transaction: where the file stands, then its content. Throws BadFile where nothing is to be posted. */
async function judge(act: CountyAct, judging: Judging, at: { readonly unpacked: string; readonly path: string }): Promise<Taken> {
  const { book, upload, note } = judging;
  const { db } = act;
  const kiosk = findKiosk(db, upload.kiosk);
  assert(kiosk !== null, 'a kiosk is never removed');
  const before = duplicateOf(book, db, upload, note.sha256); // two uploads of one file at once: this is the second
  if (before !== null) return before;
  keepRow(act, judging, at.path);
  const others = prepared<[string, number, number, string], { n: number }>(
    db,
    'SELECT count(*) AS n FROM up_file WHERE kiosk = ? AND inc = ? AND file_seq = ? AND sha256 <> ?',
  ).get(upload.kiosk, upload.inc, upload.fileSeq, note.sha256)!.n; // an aggregate has a row
  if (kiosk.state === 'revoked') throw new BadFile('REJECTED', revoked);
  if (others > 0) throw new BadFile('FORK', `file ${upload.fileSeq} came with other content before`);
  if (kiosk.state === 'quarantined') throw new BadFile('FORK', 'quarantined');
  const chain = findChain(db, upload.kiosk, upload.inc);
  const next = (chain?.fileSeq ?? 0) + 1;
  if (upload.fileSeq > next) throw new BadFile('GAP', `file ${next} must come first`, next);
  assert(upload.fileSeq === next, 'an earlier file was posted, and is a duplicate or a fork');
  if (note.prevFileSha !== (chain?.fileSha ?? '')) throw new BadFile('FORK', 'does not follow the file that was posted before it');
  if (kiosk.key === null)
    prepared(db, `UPDATE kiosk SET key = ?, state = 'active', code_hash = NULL WHERE kiosk = ? AND key IS NULL`).run(
      judging.key,
      kiosk.kiosk,
    );
  const posted = await postFile(act, { ...judging, kiosk: { ...kiosk, key: judging.key } }, at.unpacked);
  const answer = answerText(book, db, upload, { sha256: note.sha256, verdict: 'ACCEPTED', ...posted, want: null, detail: '' });
  keepAnswer(act, upload, { sha256: note.sha256, verdict: 'ACCEPTED', note: answer, at: book.wallMs() });
  return { verdict: 'ACCEPTED', note: answer };
}

function keepRow({ db }: CountyAct, { book, upload, note }: Judging, path: string): void {
  prepared(
    db,
    'INSERT INTO up_file (kiosk, inc, file_seq, sha256, path, bytes, received_at) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
  ).run(upload.kiosk, upload.inc, upload.fileSeq, note.sha256, path, statSync(join(book.folder.directory, path)).size, book.wallMs());
}

function keepAnswer(
  { db }: CountyAct,
  { kiosk, inc, fileSeq }: Upload,
  answer: { readonly sha256: string; readonly verdict: Verdict; readonly note: string; readonly at: number },
): void {
  const { changes } = prepared(db, 'INSERT INTO answer (kiosk, inc, file_seq, sha256, verdict, note, at) VALUES (?, ?, ?, ?, ?, ?, ?)').run(
    kiosk,
    inc,
    fileSeq,
    answer.sha256,
    answer.verdict,
    answer.note,
    answer.at,
  );
  assert(changes === 1, 'an answer is kept');
}

function answerText(
  book: CountyBook,
  db: ReadableDatabase,
  { kiosk, inc, fileSeq }: Upload,
  answer: Omit<Ack, 'county' | 'kiosk' | 'inc' | 'fileSeq'>,
): string {
  const { sha256, verdict, posted, want, exceptions, detail } = answer;
  const text = ackText({ county: book.code, kiosk, inc, fileSeq, sha256, verdict, posted, want, exceptions, detail: ackDetail(detail) });
  return answerNote(book, db, { kiosk, text });
}

/** Says the answer to whatever comes under a key that was withdrawn: only the committee can tell what of it happened. */
const revoked = 'the key of this kiosk is revoked';

/** What was not posted is answered, too; what an enrolled kiosk signed is kept with its answer, and a fork stops it until a person looked. */
async function answerBad(
  book: CountyBook,
  upload: Upload,
  { error, judging, sha256 }: { readonly error: BadFile; readonly judging: Judging | null; readonly sha256: string },
): Promise<Taken> {
  const { verdict, message, want } = error;
  const note = await book.read((db) =>
    answerText(book, db, upload, { sha256, verdict, posted: null, want, exceptions: 0, detail: message }),
  );
  if (judging === null) return { verdict, note }; // nothing of it can be believed: nothing is kept
  const path = relative(book.folder.directory, keptPath(book, upload, sha256));
  await book.transact((act) => {
    const isKnown = prepared<[string, number, number, string], object>(
      act.db,
      'SELECT 1 FROM up_file WHERE kiosk = ? AND inc = ? AND file_seq = ? AND sha256 = ?',
    ).get(upload.kiosk, upload.inc, upload.fileSeq, sha256);
    if (isKnown !== undefined || waitingFiles(act.db, upload.kiosk) < parkedMax) {
      keepRow(act, judging, path);
      if (answerOf(act.db, upload, sha256, verdict) !== note) keepAnswer(act, upload, { sha256, verdict, note, at: book.wallMs() });
    } // else it is asked for again later; a fork is raised all the same
    if (verdict === 'GAP' && !(error instanceof LostDownFile)) return;
    const isFork = verdict === 'FORK';
    // a late copy of what people have answered for would stop the kiosk with nothing open that lets it send again
    const detail = isFork ? `${message}: ${sha256}` : message;
    if (isFork && (message === 'quarantined' || isForkAnswered(act.db, upload, detail))) return;
    if (isFork) prepared(act.db, `UPDATE kiosk SET state = 'quarantined' WHERE kiosk = ? AND state <> 'revoked'`).run(upload.kiosk);
    raiseException(act.db, {
      ...upload,
      seq: 0,
      code: raisedBy(verdict, message),
      detail,
      at: book.wallMs(),
    });
  });
  return { verdict, note };
}

/** Whether people have answered for this very fork. */
function isForkAnswered(db: ReadableDatabase, { kiosk, inc, fileSeq }: Upload, detail: string): boolean {
  const row = prepared<[string, number, number, string], object>(
    db,
    `SELECT 1 FROM exception JOIN exception_answer ON exception_answer.exception = exception.number
      WHERE kiosk = ? AND inc = ? AND file_seq = ? AND code = 'fork' AND detail = ?`,
  ).get(kiosk, inc, fileSeq, detail);
  return row !== undefined;
}

/** What a person is asked about a file that was not posted. A GAP that is told of is one that no file of the kiosk closes. */
function raisedBy(verdict: Verdict, message: string): RaisedCode {
  if (verdict === 'FORK') return 'fork';
  if (verdict === 'GAP') return 'unknown_down_file';
  if (verdict === 'OUT_OF_BALANCE') return 'out_of_balance';
  return message === revoked ? 'revoked' : 'rejected';
}

function keptPath({ folder }: CountyBook, { kiosk, inc, fileSeq }: Upload, sha256: string): string {
  return join(folder.files, kiosk, String(inc), `${String(fileSeq).padStart(8, '0')}-${sha256}.jsonl.gz`);
}

/** Files of a kiosk that are kept and not posted. */
function waitingFiles(db: ReadableDatabase, kiosk: string): number {
  return prepared<[string], { n: number }>(
    db,
    `SELECT count(*) AS n FROM up_file WHERE kiosk = ? AND NOT EXISTS (
       SELECT 1 FROM answer WHERE answer.kiosk = up_file.kiosk AND answer.inc = up_file.inc AND answer.file_seq = up_file.file_seq
         AND answer.sha256 = up_file.sha256 AND verdict = 'ACCEPTED')`,
  ).get(kiosk)!.n; // an aggregate has a row
}

/** Events between two breaths of the server. */
const eventsPerBreath = 500;

/** Posts the file, line for line. Throws BadFile at the first line that is not as it must be: nothing stays. */
async function postFile(
  act: CountyAct,
  { book, upload, note, kiosk, publicKey }: Judging,
  unpacked: string,
): Promise<{ readonly posted: { readonly toSeq: number; readonly headLeaf: string }; readonly exceptions: number }> {
  const lines = readUpLines(unpacked);
  try {
    const header = shapedLine(upHeader, lines.next(), 'line 1');
    checkHeader(header, { note, kiosk });
    const signatures = signaturesOf(publicKey);
    let exceptions = 0;
    const raise = (seq: number, code: ExceptionCode, detail: string): void => {
      exceptions += 1;
      raiseException(act.db, { ...upload, seq, code, detail, at: book.wallMs() });
    };
    act.hold();
    const walk = newWalk({ act, kiosk, fileSeq: upload.fileSeq, raise }, header);
    for (let seq = header.fromSeq; seq <= header.toSeq; seq += 1) {
      const text = lines.next();
      const place = `line ${lines.number()}`;
      const event = eventOfLine(text, place);
      const signature = shapedLine(upSignature, lines.next(), `line ${lines.number()}`);
      const leaf = leafOf(text);
      const leafText = leaf.toString('base64url');
      if (event.county !== book.code || event.kiosk !== kiosk.kiosk) throw new BadFile('OUT_OF_BALANCE', `${place}: of another kiosk`);
      if (event.seq !== seq) throw new BadFile('OUT_OF_BALANCE', `${place}: event ${event.seq} where ${seq} is next`);
      if (event.kind === 'DOWN_APPLIED' && book.serverEpoch > 1) mustKnowDownFile(book, act, upload, event.body);
      if (event.kind === 'VOUCHER_IN' && book.serverEpoch > 1) mustKnowVoucher(book, act, upload.kiosk, event.body);
      const sig = Buffer.from(signature, 'base64url');
      const wait = signatures.add(lines.number(), Buffer.from(signedText(event, leafText)), sig);
      walk.take(event, { text, leaf, leafText, sig, place });
      if (wait !== null) await wait;
      else if (seq % eventsPerBreath === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    const totals = walk.end();
    readEnd(act.db, lines, { header, walk: totals, kiosk });
    const wrong = await signatures.end();
    if (wrong !== null) throw new BadFile('REJECTED', `line ${wrong}: the signature is not this kiosk's`);
    const origin = checkpointOrigin({ county: book.code, kiosk: kiosk.kiosk, inc: upload.inc });
    const opened = openNote(upload.checkpoint, [{ name: origin, publicKey: rawOf(kiosk) }]);
    if (!opened.ok || opened.value.text !== checkpointText(origin, totals))
      throw new BadFile('OUT_OF_BALANCE', 'checkpoint: another tree head');
    keepChain(act.db, kiosk.kiosk, { ...totals.chain, fileSeq: upload.fileSeq, fileSha: note.sha256 }, totals.growth);
    const contradiction = logUpFile(act.db, upload, header.countyRoot);
    if (contradiction !== null)
      raiseException(act.db, { ...upload, seq: 0, code: 'log_contradicted', detail: contradictionText(contradiction), at: book.wallMs() });
    return { posted: { toSeq: header.toSeq, headLeaf: totals.headLeaf }, exceptions };
  } finally {
    lines.close();
  }
}

/**
 * A book that was put back may have lost a file that the kiosk took. What that granted is not known, so that no counter after it would come
 * out: the kiosk's file waits until the lost one is brought (county/evidence.ts).
 */
function mustKnowDownFile(
  book: CountyBook,
  act: CountyAct,
  { kiosk, fileSeq }: Upload,
  { downSeq, sha256 }: { readonly downSeq: number; readonly sha256: string },
): void {
  const isKnown = (): boolean =>
    prepared(act.db, 'SELECT 1 FROM down_file WHERE kiosk = ? AND down_seq = ? AND sha256 = ?').get(kiosk, downSeq, sha256) !== undefined;
  if (isKnown()) return;
  takeLeftFiles(book, act, kiosk);
  if (!isKnown()) throw new LostDownFile('GAP', `county file ${downSeq} is lost, bring it from folder down of ${kiosk}`, fileSeq);
}

/** One that was lost and is genuine is given again: the kiosk counts it among its rights. */
function mustKnowVoucher(
  book: CountyBook,
  act: CountyAct,
  kiosk: string,
  { accountId: account, number, text }: { readonly accountId: string; readonly number: number; readonly text: string },
): void {
  const given = issueAgain(book, act, { kiosk, account, number, text });
  if (given === null || given.missing === 0) return;
  const detail = `voucher ${number} of ${account} was of ${given.missing} hundredths more than lie unallocated`;
  raiseException(act.db, { kiosk, inc: 0, fileSeq: 0, seq: 0, code: 'put_back', detail, at: book.wallMs() });
}

/** It is wanted again itself, once the county has what it builds on. */
class LostDownFile extends BadFile {}

function rawOf({ key }: KioskRow): Buffer {
  assert(key !== null, 'a kiosk whose file is posted has a key');
  return Buffer.from(key, 'base64url');
}

function checkHeader(header: UpHeader, { note, kiosk }: Pick<Judging, 'note' | 'kiosk'>): void {
  const isSame =
    header.county === note.county &&
    header.kiosk === note.kiosk &&
    header.inc === note.inc &&
    header.fileSeq === note.fileSeq &&
    header.prevFileSha === note.prevFileSha;
  if (!isSame) throw new BadFile('OUT_OF_BALANCE', 'line 1: not the file that the note speaks of');
  if (header.kioskKey !== kiosk.key) throw new BadFile('REJECTED', 'line 1: not the key of this kiosk');
  if (header.toSeq < header.fromSeq) throw new BadFile('OUT_OF_BALANCE', 'line 1: no events');
}

interface Totals {
  readonly chain: Chain;
  readonly growth: Growth;
  readonly headLeaf: string;
  readonly size: number;
  readonly root: string;
  readonly sums: Pick<UpTrailer, 'events' | 'kinds' | 'hashTotal'>;
  readonly closings: readonly UpClosing[];
  /** Accounts that events of the file moved. */
  readonly touched: ReadonlySet<string>;
  /** Whether the file ends where the chain does, so that its counters are the chain's. */
  readonly isWhole: boolean;
}

/** An event as it came: its line, its leaf also as text, its signature. */
interface EventBytes {
  readonly text: string;
  readonly leaf: Buffer;
  readonly leafText: string;
  readonly sig: Buffer;
}

interface Walk {
  take(event: BookEvent, of: EventBytes & { readonly place: string }): void;
  end(): Totals;
}

/**
 * Goes along the events of a file. Those that were posted before (a restored kiosk sends some again, and late files of an incarnation
 * that ended may) must be the very same, or two histories are told; the others are posted.
 */
function newWalk(file: Omit<Folding, 'inc' | 'standing'>, header: UpHeader): Walk {
  const { act, kiosk, raise } = file;
  const { db } = act;
  const sums = newSums();
  const closings: UpClosing[] = [];
  const touched = new Set<string>();
  let headLeaf = header.prevLeaf;
  let chain: Chain | null = null;
  let folding: Folding | null = null;
  let growth: Growth | null = null;
  let tree = { size: 0, root: '' };
  let overlap: ReturnType<typeof treeThrough> | null = null;

  const foldingOf = (inc: number): Folding => ({ ...file, inc, standing: standingOf(db, kiosk.kiosk, inc) });

  const begin = (event: BookEvent): Chain => {
    const inc = event.kind === 'RESTORED' ? event.body.fromInc : event.inc;
    const found = findChain(db, kiosk.kiosk, inc) ?? (header.fromSeq === 1 ? firstChain(inc) : null);
    if (found === null || header.fromSeq > found.toSeq + 1)
      throw new BadFile(
        'GAP',
        `events before ${header.fromSeq} of incarnation ${inc} are missing`,
        ((found ?? newestChain(db, kiosk.kiosk))?.fileSeq ?? 0) + 1,
      );
    const before = header.fromSeq === 1 ? noLeaf : storedEvent(db, kiosk.kiosk, found, header.fromSeq - 1)?.leaf.toString('base64url');
    if (before !== header.prevLeaf) throw new BadFile('FORK', `event ${header.fromSeq - 1} is another than the one that was posted`);
    if (header.fromSeq > found.toSeq) growth = growthOf(db, kiosk.kiosk, found);
    else overlap = treeThrough(db, kiosk.kiosk, found, header.fromSeq - 1);
    return found;
  };

  const restore = (event: BookEvent & { readonly kind: 'RESTORED' }, from: Chain, place: string): Chain => {
    const { fromInc, throughSeq, leaf } = event.body;
    if (fromInc !== from.inc || event.inc <= from.inc || event.inc !== header.inc || throughSeq !== event.seq - 1 || leaf !== headLeaf)
      throw new BadFile('OUT_OF_BALANCE', `${place}: goes on from another event than the one before it`);
    if (findChain(db, kiosk.kiosk, event.inc) !== null)
      throw new BadFile('FORK', `${place}: a second beginning of incarnation ${event.inc}`);
    if (growth === null) {
      growth = growthThrough(foldingOf(event.inc), from, throughSeq);
      raise(
        event.seq,
        'restored_behind',
        `${from.toSeq - throughSeq} events after ${throughSeq} are in the county's book and not in the kiosk's`,
      );
    } else {
      const known = findChain(db, kiosk.kiosk, from.inc);
      if (known === null || known.toSeq < throughSeq) keepChain(db, kiosk.kiosk, { ...from, toSeq: throughSeq, headLeaf }, growth);
      copyIncarnation(act, kiosk.kiosk, { from: from.inc, to: event.inc });
      raise(event.seq, 'restored', `incarnation ${event.inc} goes on after event ${throughSeq}`);
    }
    overlap = null;
    return { inc: event.inc, baseInc: from.inc, baseSeq: throughSeq, fileSeq: 0, fileSha: '', toSeq: throughSeq, headLeaf };
  };

  const post = (event: BookEvent, into: Folding, grown: Growth, of: Parameters<Walk['take']>[1]): void => {
    const entry = act.nextEntry();
    insertEvent(act, event, { ...of, entry, fileInc: header.inc, fileSeq: header.fileSeq });
    const postings = foldEvent(into, event, entry) ?? [];
    const head = event.kind === 'DAY_CLOSED' ? { size: grown.tree.size(), root: grown.tree.root().toString('base64url') } : null;
    try {
      grow(grown, event, of.leaf, postings);
    } catch (error) {
      // a body that no kiosk of ours writes, in a part that only the day's figures read
      throw new BadFile('OUT_OF_BALANCE', `${of.place}: ${event.kind} has no figures: ${String(error)}`);
    }
    if (event.kind === 'DAY_CLOSED') closeDay(act, event, { entry, inc: into.inc, growth: grown, head: head!, place: of.place });
  };

  return {
    take(event, of) {
      if (event.prev !== headLeaf) throw new BadFile('OUT_OF_BALANCE', `${of.place}: does not follow the event before it`);
      chain ??= begin(event);
      folding ??= foldingOf(chain.inc);
      if (event.kind === 'RESTORED') {
        checkTouched(folding); // by what stood before it
        chain = restore(event, chain, of.place);
        folding = foldingOf(chain.inc);
      }
      if (event.inc !== chain.inc) throw new BadFile('OUT_OF_BALANCE', `${of.place}: of incarnation ${event.inc}, not ${chain.inc}`);
      sums.add(event);
      const step = counterStepOf(event);
      if (step !== null && event.amt > 0) touched.add(step.accountId);
      if (event.kind === 'DAY_CLOSED') closings.push(closingLine(event));
      if (growth === null) {
        const stored = storedEvent(db, kiosk.kiosk, chain, event.seq);
        if (stored?.leaf.equals(of.leaf) !== true) throw new BadFile('FORK', `${of.place}: another event ${event.seq} was posted before`);
        assert(overlap !== null, 'events posted before have their tree');
        overlap.add(of.leaf);
        if (event.seq === chain.toSeq) growth = growthOf(db, kiosk.kiosk, chain);
      } else {
        post(event, folding, growth, of);
        chain = { ...chain, toSeq: event.seq, headLeaf: of.leafText };
      }
      headLeaf = of.leafText;
    },
    end() {
      assert(chain !== null && folding !== null, 'a file has an event');
      checkTouched(folding);
      const isWhole = growth !== null;
      const over = growth?.tree ?? overlap;
      assert(over !== null, 'a walk has a tree');
      tree = { size: over.size(), root: over.root().toString('base64url') };
      growth ??= growthOf(db, kiosk.kiosk, chain);
      return { chain, growth, headLeaf, ...tree, sums: sums.totals(), closings, touched, isWhole };
    },
  };
}

function closingLine({ seq, day, body }: BookEvent & { readonly kind: 'DAY_CLOSED' }): UpClosing {
  const red = body.accounts['red/PTS'] ?? { opening: 0, closing: 0 };
  return {
    t: 'Z',
    number: body.number,
    day,
    seq,
    red: { opening: red.opening, closing: red.closing },
    size: body.checkpoint.size,
    root: body.checkpoint.root,
  };
}

function insertEvent(
  { db }: CountyAct,
  event: BookEvent,
  of: EventBytes & { readonly entry: number; readonly fileInc: number; readonly fileSeq: number },
): void {
  const { kiosk, inc, seq, id, kind, amt } = event;
  const { account, refers } = concerns(event);
  const { changes } = prepared(
    db,
    `INSERT INTO event (entry, kiosk, inc, seq, file_inc, file_seq, id, kind, account, refers, amt, line, leaf, sig)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  ).run(of.entry, kiosk, inc, seq, of.fileInc, of.fileSeq, id, kind, account, refers, amt, of.text, of.leaf, of.sig);
  assert(changes === 1, 'an event is posted once (R6, 18)');
}

function concerns(event: BookEvent): { readonly account: string | null; readonly refers: string | null } {
  switch (event.kind) {
    case 'SALE':
    case 'CREDIT':
    case 'RIGHTS_RETURNED':
    case 'VOUCHER_IN':
      return { account: event.body.accountId, refers: null };
    case 'RETURNED':
      return { account: event.body.accountId, refers: event.body.saleId };
    case 'CREDIT_REVERSED':
      return { account: event.body.accountId, refers: event.body.creditId };
    default:
      return { account: null, refers: null };
  }
}

/** The day as the county makes it from the events: its figures, accounts, totals and tree head are those of the slip (R6, 22). */
function closeDay(
  { db }: CountyAct,
  event: BookEvent & { readonly kind: 'DAY_CLOSED' },
  of: {
    readonly entry: number;
    readonly inc: number;
    readonly growth: Growth;
    readonly head: { readonly size: number; readonly root: string };
    readonly place: string;
  },
): void {
  const { body, kiosk } = event;
  const bad = (what: string): never => {
    throw new BadFile('OUT_OF_BALANCE', `${of.place}: closing ${body.number}: ${what}`);
  };
  const last = prepared<[string, number], { number: number; line: string }>(
    db,
    'SELECT number, line FROM closing JOIN event USING (entry) WHERE closing.kiosk = ? AND closing.inc = ? ORDER BY number DESC LIMIT 1',
  ).get(kiosk, of.inc);
  const before = last === undefined ? null : (JSON.parse(last.line) as BookEvent & { readonly kind: 'DAY_CLOSED' }); // posted as one
  if (body.number !== (last?.number ?? 0) + 1) bad(`${(last?.number ?? 0) + 1} is next`);
  if (body.fromSeq !== (before?.seq ?? 0) + 1) bad('begins with another event than its day');
  if (body.checkpoint.size !== of.head.size || body.checkpoint.root !== of.head.root) bad('another tree head');
  const figures = of.growth.period.figures();
  const accounts = accountsAfter(before?.body.accounts ?? {}, figures);
  const isSame = (a: object, b: object): boolean => canonical(a as Plain) === canonical(b as Plain); // records of whole numbers
  if (!isSame(body.figures, figures)) bad(`figures: ${otherName(body.figures, figures)}`);
  if (!isSame(body.accounts, accounts)) bad('accounts');
  if (!isSame(body.perpetual, perpetualAfter(before?.body.perpetual ?? {}, figures))) bad('perpetual totals');
  if ((accounts['red/PTS']?.closing ?? 0) !== of.growth.red) bad('redeemed');
  const { changes } = prepared(db, 'INSERT INTO closing (kiosk, inc, number, day, entry, red) VALUES (?, ?, ?, ?, ?, ?)').run(
    kiosk,
    of.inc,
    body.number,
    event.day,
    of.entry,
    of.growth.red,
  );
  assert(changes === 1, 'a closing is written down');
  of.growth.period.restart();
}

function otherName(a: Readonly<Record<string, number>>, b: Readonly<Record<string, number>>): string {
  return [...Object.keys(a), ...Object.keys(b)].find((name) => a[name] !== b[name]) ?? '';
}

/** A restored kiosk goes on where the county is: its counters and closed days are those of the incarnation before. */
function copyIncarnation({ db }: CountyAct, kiosk: string, of: { readonly from: number; readonly to: number }): void {
  prepared(
    db,
    `INSERT INTO counter (kiosk, inc, account, g, b, s, v, c, u, x, w, xs, f)
     SELECT kiosk, ?, account, g, b, s, v, c, u, x, w, xs, f FROM counter WHERE kiosk = ? AND inc = ?`,
  ).run(of.to, kiosk, of.from);
  prepared(
    db,
    `INSERT INTO voucher_taken (kiosk, inc, account, number, amount)
     SELECT kiosk, CAST(? AS INTEGER), account, number, amount FROM voucher_taken WHERE kiosk = ? AND inc = ?`,
  ).run(of.to, kiosk, of.from);
  prepared(
    db,
    'INSERT INTO closing (kiosk, inc, number, day, entry, red) SELECT kiosk, ?, number, day, entry, red FROM closing WHERE kiosk = ? AND inc = ?',
  ).run(of.to, kiosk, of.from);
}

/** The lines after the events: closings, counters, trailer, and nothing more. */
function readEnd(
  db: ReadableDatabase,
  lines: UpLines,
  { header, walk, kiosk }: { readonly header: UpHeader; readonly walk: Totals; readonly kiosk: KioskRow },
): void {
  for (const closing of walk.closings) {
    const found = shapedLine(upClosing, lines.next(), `line ${lines.number()}`);
    if (canonical({ ...found }) !== canonical({ ...closing }))
      throw new BadFile('OUT_OF_BALANCE', `line ${lines.number()}: not closing ${closing.number}`);
  }
  const untold = new Set(walk.touched);
  let counters = 0;
  for (;;) {
    const text = lines.next();
    const place = `line ${lines.number()}`;
    if (!text.startsWith('{"a"')) {
      // Counters stand in a file that reaches the newest event (db/up-files.ts), and then all of them.
      const [missing] = untold;
      if (counters > 0 && missing !== undefined) throw new BadFile('OUT_OF_BALANCE', `${place}: no counters of ${missing}`);
      checkTrailer(shapedLine(upTrailer, text, place), { header, walk, line: lines.number() });
      if (!lines.isAtEnd()) throw new BadFile('OUT_OF_BALANCE', `line ${lines.number() + 1}: after the trailer`);
      return;
    }
    const { t: _, a, ...told } = shapedLine(upCounter, text, place);
    counters += 1;
    untold.delete(a);
    if (!walk.isWhole) continue; // an old file sent late: its counters have grown since
    const ours = prepared<[string, number, string], typeof told>(
      db,
      'SELECT g, b, s, v, c, u, x, w, xs, f FROM counter WHERE kiosk = ? AND inc = ? AND account = ?',
    ).get(kiosk.kiosk, walk.chain.inc, a);
    if (ours === undefined || canonical({ ...ours }) !== canonical(told)) throw new BadFile('OUT_OF_BALANCE', `${place}: counters of ${a}`);
  }
}

function checkTrailer(
  trailer: UpTrailer,
  { header, walk, line }: { readonly header: UpHeader; readonly walk: Totals; readonly line: number },
): void {
  const { events, kinds, hashTotal } = walk.sums;
  const ours: UpTrailer = { t: 'T', lines: line - 1, events, kinds, hashTotal, size: walk.size, root: walk.root, headLeaf: walk.headLeaf };
  const wrong = (Object.keys(ours) as (keyof UpTrailer)[]).find((name) => canonical(ours[name]) !== canonical(trailer[name])); // its members
  if (wrong !== undefined) throw new BadFile('OUT_OF_BALANCE', `line ${line}: ${wrong}`);
  assert(walk.size === header.toSeq, 'the tree is over every event through the last');
}
