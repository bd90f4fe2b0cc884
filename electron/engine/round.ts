// One round with the county's server: every file that it has not posted goes up in order, its answers are held against the book, and
// its files for this kiosk come into the inbox. Applies none of them, and changes no event.

import { createHash } from 'node:crypto';
import { createReadStream, existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { activeAlarm, isPosted, takeAck } from '../../db/acks.ts';
import type { Book } from '../../db/book.ts';
import { notePathOf } from '../../db/down.ts';
import { syncDirectory, writeFileDurably } from '../../db/files.ts';
import type { Home } from '../../db/home.ts';
import { parseFileNote } from '../../db/model/note.ts';
import { lastDown } from '../../db/reference.ts';
import { type UpFile, fileNumber, readUpText, unpostedUpFiles, upFile, upFilePath } from '../../db/up-files.ts';
import type { UpFault } from '../ipc/snapshot.ts';
import { type CountyLine, SendError } from './send.ts';

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
  if (alarm !== null) return askAlarmed(round, alarm);
  let queue = unpostedUpFiles(book.db, filesAtOnce);
  let lowestWanted = Number.POSITIVE_INFINITY;
  while (queue.length > 0) {
    const [file, ...rest] = queue as [UpFile, ...UpFile[]];
    const outcome = await sendFile(round, file);
    if (typeof outcome === 'object') {
      // a county that was put back from an older copy wants again what it had: the very bytes of then, and those after them
      const { want } = outcome;
      if (want >= Math.min(file.fileSeq, lowestWanted)) return { fault: 'not_posted', detail: `file ${file.fileSeq}: wants ${want}` };
      lowestWanted = want;
      queue = filesFrom(book, { inc: file.inc, fileSeq: want });
      continue;
    }
    if (outcome !== 'posted') return { fault: outcome, detail: `file ${file.inc}/${file.fileSeq}` };
    queue = rest.length > 0 ? rest : unpostedUpFiles(book.db, filesAtOnce);
  }
  return null;
}

/** Sends one file and takes the answer. */
async function sendFile(
  round: Round,
  file: UpFile,
): Promise<'posted' | 'not_posted' | 'bad_answer' | 'file_missing' | { readonly want: number }> {
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
  if (outcome.kind === 'refused') return 'bad_answer';
  if (outcome.kind === 'alarm') return 'not_posted';
  if (isPosted(outcome.ack.verdict)) return 'posted';
  return outcome.ack.want === null ? 'not_posted' : { want: outcome.ack.want };
}

/**
 * While an alarm stands only its own file is spoken of: the county may have put right what it said. One that posted nothing and called
 * this kiosk two may have let it send again since: it is given the same bytes, and answers anew.
 */
async function askAlarmed(round: Round, alarm: Pick<UpFile, 'inc' | 'fileSeq'> & { readonly toSeq?: number | null }): Promise<RoundEnd> {
  const { book, home, line, idle } = round;
  const stands = { fault: 'not_posted', detail: 'an alarm stands' } as const;
  const file = upFile(book.db, alarm);
  if (file === null) return stands;
  if (alarm.toSeq === null) return (await sendFile(round, file)) === 'posted' ? null : stands;
  const answer = await line.ackOf(file);
  if (answer === null) return stands;
  await idle();
  const outcome = takeAck(book, home, file, answer);
  return outcome.kind === 'taken' && isPosted(outcome.ack.verdict) ? null : stands;
}

/** A file and those after it in its incarnation. */
function filesFrom({ db }: Book, { inc, fileSeq }: Pick<UpFile, 'inc' | 'fileSeq'>): readonly UpFile[] {
  const files: UpFile[] = [];
  for (let file = upFile(db, { inc, fileSeq }); file !== null; file = upFile(db, { inc, fileSeq: file.fileSeq + 1 })) files.push(file);
  return files;
}

/** Puts the county's next files into the inbox, data first and the note last: as a hand would. */
async function fetchFiles({ book, home, line, idle }: Round): Promise<RoundEnd> {
  await idle();
  mkdirSync(home.inbox, { recursive: true, mode: 0o700 });
  const due = (lastDown(book.db)?.downSeq ?? 0) + 1;
  for (let downSeq = due; downSeq < due + downFilesMax; downSeq += 1) {
    const note = await line.downNote(downSeq);
    if (note === null) return null;
    const path = join(home.inbox, `${fileNumber(downSeq)}.jsonl.gz`);
    const isThere = existsSync(path) && readOrNull(notePathOf(path)) === note;
    // it waits for those before it, or was refused; a stick may have brought the one that is due damaged
    if (isThere && (downSeq > due || (await isAsNoted(path, note)))) continue;
    await line.downData(downSeq, `${path}.part`);
    await idle();
    renameSync(`${path}.part`, path);
    syncDirectory(home.inbox);
    writeFileDurably(notePathOf(path), note, 0o600);
  }
  return null;
}

/** Whether a packed file is the one that a note speaks of. Whoever applies it asks who signed that. */
async function isAsNoted(path: string, note: string): Promise<boolean> {
  const said = parseFileNote(note.slice(0, note.indexOf('\n\n') + 1));
  const sha = createHash('sha256');
  try {
    await pipeline(createReadStream(path), createGunzip(), sha);
  } catch {
    return false; // what cannot be unpacked is fetched anew; a disk that does not give it says so then
  }
  return said.ok && said.value.sha256 === sha.digest('base64url');
}

function readOrNull(path: string): string | null {
  return existsSync(path) ? readFileSync(path, 'utf8') : null;
}
