// One round with the county's server: every file that it has not posted goes up in order, its answers are held against the book, and
// its files for this kiosk come into the inbox. Applies none of them, and changes no event.

import { createHash } from 'node:crypto';
import { createReadStream, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { activeAlarm, isPosted, takeAck } from '../../db/acks.ts';
import type { Book } from '../../db/book.ts';
import { notePathOf } from '../../db/down.ts';
import { syncDirectory, writeFileDurably } from '../../db/files.ts';
import type { Home } from '../../db/home.ts';
import { parseAck } from '../../db/model/ack.ts';
import { downFileBytesMax } from '../../db/model/down-file.ts';
import { parseFileNote, noteText } from '../../db/model/note.ts';
import { beginsAsOurs, endsAsOurs, unpackedBytesMax } from '../../db/packed.ts';
import { lastDown } from '../../db/reference.ts';
import { type UpFile, fileNumber, readUpText, unpostedUpFiles, upFile, upFileBefore, upFilePath, upFilesFrom } from '../../db/up-files.ts';
import type { UpFault } from '../ipc/snapshot.ts';
import { type CountyLine, SendError, downBytesMax } from './send.ts';

/** What came of a round: null, or why it ended before its end. */
export type RoundEnd = { readonly fault: UpFault; readonly detail: string } | null;

interface Round {
  readonly book: Book;
  readonly home: Home;
  readonly line: CountyLine;
  /** Keeps out of transactions; rejects when all must end. */
  readonly idle: () => Promise<void>;
}

/** Files looked at together; more follow. */
const filesAtOnce = 50;
/** Files fetched in one round at most: a kiosk that was away for a year has one a day. */
const downFilesMax = 400;

/** Runs one. What the network does ends it with a fault; faults of the book and of this machine's disk are thrown. */
export async function runRound(round: Round): Promise<RoundEnd> {
  try {
    const sent = await sendFiles(round);
    const fetched = await fetchFiles(round);
    return sent ?? fetched;
  } catch (error) {
    if (error instanceof SendError) return { fault: error.code, detail: error.message };
    throw error;
  }
}

async function sendFiles(round: Round): Promise<RoundEnd> {
  const { book, home } = round;
  await round.idle();
  const alarm = activeAlarm(home);
  if (alarm !== null && alarm.toSeq !== null) return askAlarmed(round, alarm);
  const called = alarm === null ? null : upFile(book.db, alarm); // what the county called a second history it may take by now
  if (alarm !== null && called === null) return alarmStands;
  let queue = called === null ? unpostedUpFiles(book.db, filesAtOnce) : [called];
  let sentFrom = Number.POSITIVE_INFINITY; // the event that the county was sent files again from: it only goes back, so that this ends
  let refused: UpFile | null = null;
  while (queue.length > 0) {
    const [file, ...rest] = queue as [UpFile, ...UpFile[]];
    const sent = await sendFile(round, file);
    // a county that was put back from an older copy wants again what it had: the very bytes of then, and those after them
    const wanted = typeof sent === 'object' ? wantedFile(book, file, sent.want) : null;
    if (wanted !== null && wanted.fromSeq < Math.min(file.fromSeq, sentFrom)) {
      sentFrom = wanted.fromSeq;
      queue = upFilesFrom(book.db, wanted);
      continue;
    }
    if (typeof sent === 'object' && sent.isHeard) return { fault: 'not_posted', detail: `file ${file.fileSeq}: wants ${sent.want}` };
    const outcome = typeof sent === 'object' ? 'unheard' : sent;
    const isRefused = outcome === 'rejected' || outcome === 'bad_answer'; // of notes that it cannot trust the county names no file
    const lost = isRefused ? await lostBefore(round, file) : null;
    if (lost !== null && lost.fromSeq < Math.min(file.fromSeq, sentFrom)) {
      sentFrom = lost.fromSeq;
      queue = upFilesFrom(book.db, lost);
      continue;
    }
    // the machine before the restoration may have sent these very events, and the county gone over to the key that they name
    if (outcome === 'rejected' && file.inc < book.head().inc) refused ??= file;
    else if (outcome !== 'posted' && outcome !== 'unheard') return activeAlarm(home) === null ? notPosted(outcome, file) : alarmStands;
    queue = rest.length > 0 ? rest : unpostedUpFiles(book.db, filesAtOnce, file.toSeq);
  }
  const [left] = refused === null ? [] : unpostedUpFiles(book.db, 1);
  return left === undefined ? null : notPosted('rejected', left);
}

/**
 * The file before one that the county refused, where it was posted once and the county does not say so any more: put back from an older copy,
 * it may have lost that file, and with it the key that signs the next. Null: it is not for that.
 */
async function lostBefore({ book, line, idle }: Round, file: UpFile): Promise<UpFile | null> {
  const before = upFileBefore(book.db, file);
  if (before === null) return null;
  const note = await line.ackOf(before);
  await idle();
  const ack = note === null ? null : parseAck(noteText(note)); // who signed it matters not: at worst a file is sent again
  return ack?.ok === true && isPosted(ack.value.verdict) ? null : before;
}

function notPosted(outcome: 'rejected' | 'not_posted' | 'bad_answer' | 'file_missing', { inc, fileSeq }: UpFile): RoundEnd {
  return { fault: outcome === 'rejected' ? 'not_posted' : outcome, detail: `file ${inc}/${fileSeq}` };
}

type Sent = 'posted' | 'unheard' | 'rejected' | 'not_posted' | 'bad_answer' | 'file_missing' | Wanting;
/** The county lacks another file before this one. `isHeard`: no alarm about another stands. */
interface Wanting {
  readonly want: number;
  readonly isHeard: boolean;
}

/**
 * Sends one file and takes the answer. unheard: an alarm about another stands, and what the county says of this one waits for its end; but
 * not what it lacks, which may be why it does not take the alarm's own file.
 */
async function sendFile(round: Round, file: UpFile): Promise<Sent> {
  const { home, line, idle, book } = round;
  const known = await line.ackOf(file); // the answer to an earlier try may have been lost on its way
  await idle();
  if (known !== null) {
    const outcome = takeAck(book, home, file, known);
    if (outcome.kind === 'alarm' && activeAlarm(home)?.toSeq !== null) return 'not_posted';
    if (outcome.kind === 'taken' && isPosted(outcome.ack.verdict)) return 'posted';
  }
  const dataPath = upFilePath(home, file, 'jsonl.gz');
  if (!existsSync(dataPath) || !existsSync(upFilePath(home, file, 'note'))) return 'file_missing';
  const answer = await line.upload(file, {
    dataPath,
    checkpoint: readUpText(home, file, 'checkpoint'),
    note: readUpText(home, file, 'note'),
  });
  await idle();
  const outcome = takeAck(book, home, file, answer);
  if (outcome.kind === 'refused' && outcome.code !== 'alarmed') return 'bad_answer';
  if (outcome.kind === 'refused') return outcome.want === null ? 'unheard' : { want: outcome.want, isHeard: false };
  if (outcome.kind === 'alarm') return 'not_posted';
  if (isPosted(outcome.ack.verdict)) return 'posted';
  if (outcome.ack.verdict === 'REJECTED') return 'rejected';
  return outcome.ack.want === null ? 'not_posted' : { want: outcome.ack.want, isHeard: true };
}

/**
 * While an alarm stands only its own file is spoken of: the county may have put right what it said. One that posted nothing and called this
 * kiosk two may have let it send again since: it is given the same bytes, and answers anew; those before them, where it asks for these.
 */
async function askAlarmed({ book, home, line, idle }: Round, alarm: Pick<UpFile, 'inc' | 'fileSeq'>): Promise<RoundEnd> {
  const file = upFile(book.db, alarm);
  const answer = file === null ? null : await line.ackOf(file);
  if (file === null || answer === null) return alarmStands;
  await idle();
  const outcome = takeAck(book, home, file, answer);
  return outcome.kind === 'taken' && isPosted(outcome.ack.verdict) ? null : alarmStands;
}

const alarmStands = { fault: 'not_posted', detail: 'an alarm stands' } as const;

/**
 * Which file is to be sent again before this one. The number is one of its incarnation; before the first of an incarnation that is the last
 * of the one that it goes on from, about which the county then says itself what it lacks (files.md).
 */
function wantedFile({ db }: Book, file: UpFile, want: number): UpFile | null {
  return file.fileSeq === 1 ? upFileBefore(db, file) : upFile(db, { inc: file.inc, fileSeq: want });
}

/** Puts the county's next files into the inbox, data first and the note last: as a hand would. */
async function fetchFiles({ book, home, line, idle }: Round): Promise<RoundEnd> {
  await idle();
  mkdirSync(home.inbox, { recursive: true, mode: 0o700 });
  const due = (lastDown(book.db)?.downSeq ?? 0) + 1;
  dropOldParts(home.inbox, due);
  for (let downSeq = due; downSeq < due + downFilesMax; downSeq += 1) {
    const note = await line.downNote(downSeq);
    if (note === null) return null;
    const path = join(home.inbox, `${fileNumber(downSeq)}.jsonl.gz`);
    const isThere = existsSync(path) && readOrNull(notePathOf(path)) === note;
    // it waits for those before it, or was refused; a stick may have brought the one that is due damaged
    if (isThere && (downSeq > due || (await isAsNoted(path, note)))) continue;
    await line.downData(downSeq, `${path}.part`, (part) => isAsNoted(part, note));
    await idle();
    renameSync(`${path}.part`, path);
    syncDirectory(home.inbox);
    writeFileDurably(notePathOf(path), note, 0o600);
  }
  return null;
}

/** What broke off of a file that came another way since. */
function dropOldParts(inbox: string, due: number): void {
  for (const name of readdirSync(inbox))
    if (/^\d{8}\.jsonl\.gz\.part/.test(name) && Number(name.slice(0, 8)) < due) rmSync(join(inbox, name), { force: true });
}

/** Whether a packed file is the one that a note speaks of, packed as the county packs it. Whoever applies it asks who signed that: this gives up where no file of ours goes on. */
async function isAsNoted(path: string, note: string): Promise<boolean> {
  const said = parseFileNote(noteText(note));
  const packed = statSync(path).size;
  if (!said.ok || packed > downBytesMax) return false;
  const sha = createHash('sha256');
  const gunzip = createGunzip();
  let left = unpackedBytesMax(packed, downFileBytesMax);
  const measure = new Writable({
    write(chunk: Buffer, _encoding, done) {
      left -= chunk.length;
      if (left < 0) return done(new Error('more than comes out of any of ours'));
      sha.update(chunk);
      done();
    },
  });
  try {
    await pipeline(createReadStream(path), gunzip, measure);
    if (!beginsAsOurs(path) || !endsAsOurs(path, gunzip.bytesWritten)) return false;
  } catch {
    return false; // what cannot be unpacked is fetched anew; a disk that does not give it says so then
  }
  return said.value.sha256 === sha.digest('base64url');
}

function readOrNull(path: string): string | null {
  return existsSync(path) ? readFileSync(path, 'utf8') : null;
}
