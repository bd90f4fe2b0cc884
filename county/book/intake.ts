// Takes one file of a kiosk into the county's book: in one transaction, wholly or not at all, every leaf, signature, total and counter
// made again by the county (reconciliation.md R4, R6 17–22). Answers each of R4's cases; never refuses what an authentic kiosk did.

import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { copyFile, open, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { noLeaf } from '../../db/book.ts';
import { ackDetail, ackText } from '../../db/model/ack.ts';
import { type Plain, canonical } from '../../db/model/canonical.ts';
import type { BookEvent } from '../../db/model/event.ts';
import { accountsAfter, perpetualAfter } from '../../db/model/figures.ts';
import { rotationFault } from '../../db/model/kiosk-key.ts';
import { type FileNote, checkpointOrigin, checkpointText, openNote, parseFileNote } from '../../db/model/note.ts';
import { type Posting, counterStepOf } from '../../db/model/postings.ts';
import { assert } from '../../db/model/result.ts';
import {
  type Ack,
  type UpClosing,
  type UpHeader,
  type UpTrailer,
  type Verdict,
  upClosing,
  upCounter,
  upHeader,
  upTrailer,
} from '../../db/model/up-file.ts';
import { type ReadableDatabase, prepared } from '../../db/sqlite.ts';
import { newSums } from '../../db/up-files.ts';
import {
  type Chain,
  type Growth,
  findChain,
  firstChain,
  grow,
  growthOf,
  keepChain,
  newestChain,
  storedEvent,
  toldInc,
  treeThrough,
} from './chains.ts';
import { contradictionText, logUpFile } from '../log/steps.ts';
import { addRow, rowOf } from '../store/held-rows.ts';
import type { CountyAct, CountyBook } from './county-book.ts';
import { BeyondCounting } from './ledger.ts';
import { growthThrough } from './growth-through.ts';
import { counters, events } from './held-tables.ts';
import { issueAgain } from './vouchers.ts';
import { answerAgain, answerNote } from './county-keys.ts';
import { takeInstead, takeLeftFiles } from './down-evidence.ts';
import { setVoidAside } from './down-void.ts';
import { type RaisedCode, raiseException } from './exceptions.ts';
import { isStolen, keyAfter, keyDue, kioskKeys, takeNewKey } from './kiosk-keys.ts';
import { type ExceptionCode, type Folding, type KioskRow, checkTouched, foldEvent, readAccounts, standingOf } from './fold.ts';
import { BadFile, type UpLines, readUpLines, shapedLine } from './read-up.ts';
import { unpack } from './unpack.ts';
import { type ReadEvent, type UpAhead, readUpAhead } from './up-ahead.ts';

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
    const { verdict } = await takeOne(book, upload);
    if (verdict !== 'ACCEPTED' && verdict !== 'REJECTED') return; // a refused one has its answer now, and may lie at the number of another
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
  /** What the checkpoint says. */
  readonly checkpoint: string;
  /** The key that signed both, raw in base64url. */
  readonly key: string;
}

async function takeOne(book: CountyBook, upload: Upload): Promise<Taken> {
  const unpacked = join(book.folder.incoming, `${randomUUID()}.unpacked`);
  mkdirSync(book.folder.incoming, { recursive: true });
  let sha256 = nothingHashed;
  let judging: Judging | null = null;
  try {
    const kiosk = await book.read((db) => findKiosk(db, upload.kiosk));
    if (kiosk === null) throw new BadFile('REJECTED', 'unknown kiosk');
    const { key } = kiosk;
    if (key === null && !book.isDemo) throw new BadFile('REJECTED', 'no key of this kiosk is enrolled'); // nothing of it is unpacked
    const known = key === null ? null : signedByOne(book, upload, kiosk, await book.read((db) => kioskKeys(db, { ...kiosk, key })));
    sha256 = known?.note.sha256 ?? sha256;
    const before = known === null ? null : await book.read((db) => duplicateOf(book, db, upload, sha256));
    if (before !== null) return before;
    if (known !== null) await book.read((db) => mustBeDue(db, known, kiosk));
    const unpackedSha = await unpack(upload.data, unpacked);
    const signed = known ?? signedBy(book, upload, kiosk, firstKey(unpacked));
    sha256 = signed.note.sha256;
    if (unpackedSha !== sha256) throw new BadFile('REJECTED', 'the content is not what was signed');
    judging = signed;
    const path = await keepFile(book, upload, sha256);
    const ahead = await readUpAhead(unpacked, { kiosk: upload.kiosk, key: signed.key });
    try {
      const taken = await book.transact((act) => judge(act, signed, { ahead, path }));
      if (book.serverEpoch > 1) await book.read((db) => setVoidAside(book, db, upload.kiosk)); // whoever dies before: the next night does
      return taken;
    } finally {
      ahead.close();
    }
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
function firstKey(unpacked: string): string {
  const lines = readUpLines(unpacked);
  try {
    return shapedLine(upHeader, lines.next(), 'line 1').kioskKey;
  } finally {
    lines.close();
  }
}

/** The same by the key among those that the kiosk ever had which signed it. */
function signedByOne(book: CountyBook, upload: Upload, kiosk: KioskRow, keys: readonly string[]): Judging {
  const name = checkpointOrigin({ county: book.code, kiosk: upload.kiosk, inc: upload.inc });
  const isBy = (key: string): boolean => openNote(upload.note, [{ name, publicKey: Buffer.from(key, 'base64url') }]).ok;
  const key = keys.length === 1 ? undefined : keys.find(isBy); // most had one
  return signedBy(book, upload, kiosk, key ?? keys[0]!); // the one in force, whose refusal is told
}

/** A kiosk's file is believed by the key that is due where it goes on, and by none that it gave up, has not taken yet, or was robbed of. */
function mustBeDue(db: ReadableDatabase, { upload: { kiosk, inc }, key }: Judging, { key: inForce }: KioskRow): void {
  if (isStolen(db, { kiosk, key })) throw new OtherKey('REJECTED', `signed with a key that was stolen: ${key.slice(0, 8)}`);
  if (keyDue(db, { kiosk, inc, inForce: inForce ?? key }) !== key)
    throw new OtherKey('REJECTED', `signed with another key than is due: ${key.slice(0, 8)}`);
}

/**
 * Of the kiosk once, or of who stole what it was: nothing of it is kept, or somebody could stand in the way of the kiosk's own file. One that
 * waited since its key was the due one is refused, and stands in nobody's way either.
 */
class OtherKey extends BadFile {}

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
  const checkpoint = openNote(upload.checkpoint, trusted);
  if (!checkpoint.ok) throw new BadFile('REJECTED', 'checkpoint: no trusted signature');
  return { book, upload, note: read.value, checkpoint: checkpoint.value.text, kiosk, key };
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

/** The bytes as they came, on the disk before the book names them. Returns their path within the county's folder. */
async function keepFile(book: CountyBook, upload: Upload, sha256: string): Promise<string> {
  const path = keptPath(book, upload, sha256);
  if (path !== upload.data) {
    mkdirSync(dirname(path), { recursive: true });
    const { notePath, checkpointPath } = notesBeside(path);
    // All are awaited: while the disk is at one file, others are read and posted.
    const parts = await allOrNone([
      syncedPart(path, (part) => copyFile(upload.data, part)),
      syncedPart(checkpointPath, (part) => writeFile(part, upload.checkpoint)),
      syncedPart(notePath, (part) => writeFile(part, upload.note)),
    ]);
    for (const { part, to } of parts) await rename(part, to);
    if (process.platform !== 'win32') await sync(dirname(path), 'r'); // Windows has no such call and needs none
  }
  return relative(book.folder.directory, path);
}

interface Part {
  readonly part: string;
  readonly to: string;
}

/** Written under a name of its own, since the same file may come twice at once. */
async function syncedPart(to: string, write: (part: string) => Promise<void>): Promise<Part> {
  const part = `${to}.${randomUUID()}.part`;
  try {
    await write(part);
    await sync(part, 'r+');
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
  return { part, to };
}

/** Where one finds no room none stays: a kiosk sends again and again, and a full disk is filled by what nobody reads. */
async function allOrNone(writing: readonly Promise<Part>[]): Promise<readonly Part[]> {
  const written = await Promise.allSettled(writing);
  const parts = written.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  if (parts.length < written.length) for (const { part } of parts) await rm(part, { force: true });
  for (const each of written) if (each.status === 'rejected') throw each.reason;
  return parts;
}

async function sync(path: string, flags: 'r' | 'r+'): Promise<void> {
  const file = await open(path, flags);
  await file.sync().finally(() => file.close());
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
async function judge(act: CountyAct, judging: Judging, at: { readonly ahead: UpAhead; readonly path: string }): Promise<Taken> {
  const { book, upload, note } = judging;
  const { db } = act;
  const kiosk = findKiosk(db, upload.kiosk);
  assert(kiosk !== null, 'a kiosk is never removed');
  const before = duplicateOf(book, db, upload, note.sha256); // two uploads of one file at once: this is the second
  if (before !== null) return before;
  if (kiosk.key !== null) mustBeDue(db, judging, kiosk); // another file may have been posted since it was asked
  keepUpFile(act, judging, at.path);
  const others = prepared<[string, number, number, string, string], { n: number }>(
    db,
    // what another key signed may be a thief's, put there before the kiosk changed its key
    'SELECT count(*) AS n FROM up_file WHERE kiosk = ? AND inc = ? AND file_seq = ? AND sha256 <> ? AND (key IS NULL OR key = ?)',
  ).get(upload.kiosk, upload.inc, upload.fileSeq, note.sha256, judging.key)!.n; // an aggregate has a row
  const chain = findChain(db, upload.kiosk, upload.inc);
  const next = (chain?.fileSeq ?? 0) + 1;
  if (kiosk.state === 'revoked') throw new BadFile('REJECTED', revoked);
  if (others > 0 || upload.fileSeq < next) throw new BadFile('FORK', `file ${upload.fileSeq} came with other content before`);
  if (kiosk.state === 'quarantined') throw new BadFile('FORK', 'quarantined');
  if (upload.fileSeq > next) throw new BadFile('GAP', `file ${next} must come first`, next);
  if (note.prevFileSha !== (chain?.fileSha ?? '')) throw new BadFile('FORK', 'does not follow the file that was posted before it');
  if (kiosk.key === null)
    prepared(db, `UPDATE kiosk SET key = ?, state = 'active', code_hash = NULL WHERE kiosk = ? AND key IS NULL`).run(
      judging.key,
      kiosk.kiosk,
    );
  const { posted, exceptions } = await postFile(act, { ...judging, kiosk: { ...kiosk, key: judging.key } }, at.ahead);
  const doubts = kiosk.key === null || kiosk.key === judging.key ? 0 : raiseEndedKey(act, judging);
  const answer = answerText(book, db, upload, {
    sha256: note.sha256,
    verdict: 'ACCEPTED',
    posted,
    want: null,
    exceptions: exceptions + doubts,
    detail: '',
  });
  keepAnswer(act, upload, { sha256: note.sha256, verdict: 'ACCEPTED', note: answer, at: book.wallMs() });
  return { verdict: 'ACCEPTED', note: answer };
}

/** A late file of a machine that is the kiosk no more: posted, since its goods were given, and paid once a person says whose it is. */
function raiseEndedKey({ db }: CountyAct, { book, upload, key }: Judging): number {
  const detail = `signed with a key that is not in force: ${key.slice(0, 8)}`;
  raiseException(db, { ...upload, seq: 0, code: 'ended_key', detail, at: book.wallMs() });
  return 1;
}

function keepUpFile({ db }: CountyAct, { book, upload, note, key }: Judging, path: string): void {
  const { kiosk, inc, fileSeq } = upload;
  const { size } = statSync(join(book.folder.directory, path));
  prepared(
    db,
    'INSERT INTO up_file (kiosk, inc, file_seq, sha256, path, bytes, received_at, key) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
  ).run(kiosk, inc, fileSeq, note.sha256, path, size, book.wallMs(), key);
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
  if (error instanceof OtherKey)
    await book.transact((act) => {
      raiseOtherKey(book, act, upload, message);
      if (isKept(act.db, upload, sha256) && answerOf(act.db, upload, sha256, verdict) === null)
        keepAnswer(act, upload, { sha256, verdict, note, at: book.wallMs() }); // it waits no more
    });
  if (judging === null || error instanceof OtherKey) return { verdict, note }; // nothing of it can be believed: nothing is kept
  const path = relative(book.folder.directory, keptPath(book, upload, sha256));
  await book.transact((act) => {
    if (isKept(act.db, upload, sha256) || waitingFiles(act.db, judging) < parkedMax) {
      keepUpFile(act, judging, path);
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

/** Once for a key and an incarnation: a kiosk that was put back from before it changed its key sends again and again, and so may a thief. */
function raiseOtherKey(book: CountyBook, { db }: CountyAct, { kiosk, inc }: Upload, detail: string): void {
  const next = (newestChain(db, kiosk)?.inc ?? 0) + 1;
  raiseException(db, { kiosk, inc: Math.min(inc, next), fileSeq: 0, seq: 0, code: 'other_key', detail, at: book.wallMs() });
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

function isKept(db: ReadableDatabase, { kiosk, inc, fileSeq }: Upload, sha256: string): boolean {
  const row = prepared(db, 'SELECT 1 FROM up_file WHERE kiosk = ? AND inc = ? AND file_seq = ? AND sha256 = ?');
  return row.get(kiosk, inc, fileSeq, sha256) !== undefined;
}

/** Files of a kiosk that its same key signed, and that are kept and not posted: who stole another takes no room of them. */
function waitingFiles(db: ReadableDatabase, { kiosk: { kiosk }, key }: Judging): number {
  return prepared<[string, string], { n: number }>(
    db,
    `SELECT count(*) AS n FROM up_file WHERE kiosk = ? AND (key IS NULL OR key = ?) AND NOT EXISTS (
       SELECT 1 FROM answer WHERE answer.kiosk = up_file.kiosk AND answer.inc = up_file.inc AND answer.file_seq = up_file.file_seq
         AND answer.sha256 = up_file.sha256 AND verdict = 'ACCEPTED')`,
  ).get(kiosk, key)!.n; // an aggregate has a row
}

/** Posts the file, line for line. Throws BadFile at the first line that is not as it must be: nothing stays. */
async function postFile(
  act: CountyAct,
  { book, upload, note, checkpoint, kiosk }: Judging,
  ahead: UpAhead,
): Promise<{ readonly posted: { readonly toSeq: number; readonly headLeaf: string }; readonly exceptions: number }> {
  const header = ahead.header();
  checkHeader(header, { note, kiosk });
  let exceptions = 0;
  let rotated: (BookEvent & { readonly kind: 'KEY_ROTATED' }) | null = null;
  const raise = (seq: number, code: ExceptionCode, detail: string): void => {
    exceptions += 1;
    raiseException(act.db, { ...upload, seq, code, detail, at: book.wallMs() });
  };
  const walk = newWalk({ act, kiosk, fileSeq: upload.fileSeq, raise }, header);
  let seq = header.fromSeq - 1;
  for (let part = await ahead.next(); part.length > 0; part = await ahead.next()) {
    readFor({ act, kiosk, inc: header.inc }, part);
    for (const [i, one] of part.entries()) {
      const { event, place } = one;
      seq += 1;
      if (event.county !== book.code || event.kiosk !== kiosk.kiosk) throw new BadFile('OUT_OF_BALANCE', `${place}: of another kiosk`);
      if (event.seq !== seq) throw new BadFile('OUT_OF_BALANCE', `${place}: event ${event.seq} where ${seq} is next`);
      if (event.kind === 'KEY_ROTATED') {
        const fault = seq < header.toSeq ? 'goes past its new key' : rotationFault(event, header.kioskKey);
        if (fault !== null) throw new BadFile('OUT_OF_BALANCE', `${place}: ${fault}`);
        rotated = event;
      }
      walk.begin(event, place); // what is before the file is asked for first: a lost file of the county may be taken up once it is posted
      if (event.kind === 'DOWN_APPLIED' && book.serverEpoch > 1) mustKnowDownFile(book, act, upload, event.body);
      if (event.kind === 'VOUCHER_IN' && book.serverEpoch > 1) mustKnowVoucher(book, act, upload.kiosk, event.body);
      walk.take(event, one);
      if (event.kind === 'DOWN_APPLIED') readFor({ act, kiosk, inc: header.inc }, part.slice(i)); // it may have changed any counter
    }
  }
  const totals = walk.end();
  await readEnd(act.db, ahead.after(), { header, walk: totals, kiosk });
  const wrong = await ahead.wrongSignature();
  if (wrong !== null) throw new BadFile('REJECTED', `line ${wrong}: the signature is not this kiosk's`);
  const origin = checkpointOrigin({ county: book.code, kiosk: kiosk.kiosk, inc: upload.inc });
  if (checkpoint !== checkpointText(origin, totals)) throw new BadFile('OUT_OF_BALANCE', 'checkpoint: another tree head');
  keepChain(act.db, kiosk.kiosk, { ...totals.chain, fileSeq: upload.fileSeq, fileSha: note.sha256 }, totals.growth);
  if (rotated !== null && !takeNewKey(book, act, rotated).ok) throw new BadFile('OUT_OF_BALANCE', 'its new key was known before');
  const contradiction = logUpFile(act.db, upload, header.countyRoot);
  if (contradiction !== null)
    raiseException(act.db, { ...upload, seq: 0, code: 'log_contradicted', detail: contradictionText(contradiction), at: book.wallMs() });
  return { posted: { toSeq: header.toSeq, headLeaf: totals.headLeaf }, exceptions };
}

/** What these events ask for of their accounts, all at once. */
function readFor(of: Parameters<typeof readAccounts>[0], part: readonly ReadEvent[]): void {
  readAccounts(of, [...new Set(part.flatMap(({ event }) => concerns(event).account ?? []))]);
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
  if (!isKnown() && !takeInstead(book, act, { kiosk, downSeq, sha256 }))
    throw new LostDownFile('GAP', `county file ${downSeq} is lost, bring it from folder down of ${kiosk}`, fileSeq);
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

interface Walk {
  /** Finds where the first event goes on; of later ones, nothing. Throws BadFile where that is not posted. */
  begin(event: BookEvent, place: string): void;
  take(event: BookEvent, of: ReadEvent): void;
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

  const mustFollow = (event: BookEvent, place: string): void => {
    if (event.prev !== headLeaf) throw new BadFile('OUT_OF_BALANCE', `${place}: does not follow the event before it`);
  };

  const beginningOf = (event: BookEvent): Chain => {
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
    const due = keyAfter(db, { kiosk: kiosk.kiosk, chain: found, seq: header.fromSeq - 1, inForce: header.kioskKey });
    if (due !== header.kioskKey) throw new BadFile('REJECTED', 'line 1: not the key that is due after the event before');
    if (header.fromSeq > found.toSeq) growth = growthOf(db, kiosk.kiosk, found);
    else overlap = treeThrough(db, kiosk.kiosk, found, header.fromSeq - 1);
    return found;
  };

  /** Under which number an incarnation that begins is written down: its own; one that another had is passed over, and holds nothing. */
  const freeInc = (inc: number): number | null => [inc, -inc].find((each) => findChain(db, kiosk.kiosk, each) === null) ?? null;

  const restore = (event: BookEvent & { readonly kind: 'RESTORED' }, from: Chain, place: string): Chain => {
    const { fromInc, throughSeq, leaf } = event.body;
    if (fromInc !== toldInc(from) || event.inc <= fromInc || event.inc > header.inc || throughSeq !== event.seq - 1 || leaf !== headLeaf)
      throw new BadFile('OUT_OF_BALANCE', `${place}: goes on from another event than the one before it`);
    const inc = freeInc(event.inc);
    if (inc === null || (inc < 0 && event.inc === header.inc))
      throw new BadFile('FORK', `${place}: a second beginning of incarnation ${event.inc}`);
    if (growth === null) {
      growth = growthThrough(foldingOf(inc), from, throughSeq);
      raise(
        event.seq,
        'restored_behind',
        `${from.toSeq - throughSeq} events after ${throughSeq} are in the county's book and not in the kiosk's`,
      );
    } else {
      const known = findChain(db, kiosk.kiosk, from.inc);
      if (known === null || known.toSeq < throughSeq) keepChain(db, kiosk.kiosk, { ...from, toSeq: throughSeq, headLeaf }, growth);
      copyIncarnation(act, kiosk.kiosk, { from: from.inc, to: inc });
      if (inc > 0) raise(event.seq, 'restored', `incarnation ${event.inc} goes on after event ${throughSeq}`);
      else raise(event.seq, 'restored_behind', `a second incarnation ${event.inc}, which held nothing, goes on after event ${throughSeq}`);
    }
    overlap = null;
    return { inc, baseInc: from.inc, baseSeq: throughSeq, fileSeq: 0, fileSha: '', toSeq: throughSeq, headLeaf };
  };

  const post = (event: BookEvent, into: Folding, grown: Growth, of: Parameters<Walk['take']>[1]): void => {
    const entry = act.nextEntry();
    insertEvent(act, event, { ...of, entry, inc: into.inc, fileInc: header.inc, fileSeq: header.fileSeq });
    const postings = folded(into, event, { entry, place: of.place });
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
    begin(event, place) {
      if (chain !== null) return;
      mustFollow(event, place);
      chain = beginningOf(event);
    },
    take(event, of) {
      mustFollow(event, of.place);
      assert(chain !== null, 'a walk has begun');
      folding ??= foldingOf(chain.inc);
      if (event.kind === 'RESTORED') {
        checkTouched(folding); // by what stood before it
        chain = restore(event, chain, of.place);
        folding = foldingOf(chain.inc);
      } else if (chain.inc < 0) throw new BadFile('FORK', `${of.place}: a second history of incarnation ${toldInc(chain)}`);
      if (event.inc !== toldInc(chain))
        throw new BadFile('OUT_OF_BALANCE', `${of.place}: of incarnation ${event.inc}, not ${toldInc(chain)}`);
      try {
        sums.add(event);
      } catch {
        throw new BadFile('OUT_OF_BALANCE', `${of.place}: the points of the file are beyond 2^53`);
      }
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
      if (chain.inc !== header.inc) throw new BadFile('OUT_OF_BALANCE', `ends in incarnation ${toldInc(chain)}, not ${header.inc}`);
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

/** What the event posts, in the kiosk's own chart. */
function folded(into: Folding, event: BookEvent, { entry, place }: { readonly entry: number; readonly place: string }): readonly Posting[] {
  try {
    return foldEvent(into, event, entry) ?? [];
  } catch (error) {
    if (error instanceof BeyondCounting) throw new BadFile('OUT_OF_BALANCE', `${place}: ${error.message}`);
    throw error;
  }
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
  of: ReadEvent & { readonly entry: number; readonly inc: number; readonly fileInc: number; readonly fileSeq: number },
): void {
  const { kiosk, seq, id, kind, amt } = event;
  const { account, refers } = concerns(event);
  addRow(db, events, {
    entry: of.entry,
    kiosk,
    inc: of.inc,
    seq,
    file_inc: of.fileInc,
    file_seq: of.fileSeq,
    id,
    kind,
    account,
    refers,
    amt,
    line: of.text,
    leaf: of.leaf,
    sig: of.sig,
  });
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
  const isSame = (a: object, b: object): boolean => {
    try {
      return canonical(a as Plain) === canonical(b as Plain);
    } catch {
      return false; // made of a body that no kiosk of ours writes, it is no record of whole numbers
    }
  };
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

/** Counters that are read at once: between two of these, others have their turn. */
const countersAtOnce = 500;

/** The lines after the events: closings, counters, trailer, and nothing more. */
async function readEnd(
  db: ReadableDatabase,
  lines: UpLines,
  { header, walk, kiosk }: { readonly header: UpHeader; readonly walk: Totals; readonly kiosk: KioskRow },
): Promise<void> {
  for (const closing of walk.closings) {
    const found = shapedLine(upClosing, lines.next(), `line ${lines.number()}`);
    if (canonical({ ...found }) !== canonical({ ...closing }))
      throw new BadFile('OUT_OF_BALANCE', `line ${lines.number()}: not closing ${closing.number}`);
  }
  const untold = new Set(walk.touched);
  let told = 0;
  for (;;) {
    const text = lines.next();
    const place = `line ${lines.number()}`;
    if (!text.startsWith('{"a"')) {
      // Counters stand in a file that reaches the newest event (db/up-files.ts), and then all of them.
      const [missing] = untold;
      if (told > 0 && missing !== undefined) throw new BadFile('OUT_OF_BALANCE', `${place}: no counters of ${missing}`);
      checkTrailer(shapedLine(upTrailer, text, place), { header, walk, line: lines.number() });
      if (!lines.isAtEnd()) throw new BadFile('OUT_OF_BALANCE', `line ${lines.number() + 1}: after the trailer`);
      return;
    }
    const { t: _, a, ...theirs } = shapedLine(upCounter, text, place);
    told += 1;
    if (told % countersAtOnce === 0) await setImmediate(); // a file may hold GBs of them
    untold.delete(a);
    if (!walk.isWhole) continue; // an old file sent late: its counters have grown since
    const ours = rowOf(db, counters, [kiosk.kiosk, walk.chain.inc, a]);
    const isSame = ours !== undefined && (Object.keys(theirs) as (keyof typeof theirs)[]).every((name) => ours[name] === theirs[name]); // its members
    if (!isSame) throw new BadFile('OUT_OF_BALANCE', `${place}: counters of ${a}`);
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
