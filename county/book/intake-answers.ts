// The county's answers to files of kiosks (reconciliation.md R4): each is signed, kept beside the file, and given again as it was. What is
// not posted waits or is raised. Posts nothing itself.

import { statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { ackDetail, ackText } from '../../db/model/ack.ts';
import { assert } from '../../db/model/result.ts';
import type { Ack, Verdict } from '../../db/model/up-file.ts';
import { type ReadableDatabase, prepared } from '../../db/sqlite.ts';
import { newestChain } from './chains.ts';
import type { CountyAct, CountyBook } from './county-book.ts';
import { answerAgain, answerNote } from './county-keys.ts';
import { type RaisedCode, raiseException } from './exceptions.ts';
import { BadFile } from './read-up.ts';
import { type Upload, dropFile, keptPath } from './intake-files.ts';
import { type Judging, OtherKey } from './intake-signed.ts';

/** What became of an upload. */
export interface Taken {
  readonly verdict: Verdict;
  /** The county's signed answer. DUPLICATE: the first answer's bytes. */
  readonly note: string;
}

/** Files of one kiosk that wait for one that is missing; more are asked for again later. */
const parkedMax = 64;

/** A kept file that is the next of its incarnation and has no answer but that it waits. */
export function nextParked(
  db: ReadableDatabase,
  kiosk: string,
): { readonly inc: number; readonly fileSeq: number; readonly path: string } | null {
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

/** The first answer again, where the very file was posted before. */
export function duplicateOf(book: CountyBook, db: ReadableDatabase, upload: Upload, sha256: string): Taken | null {
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

/** Writes down that the file is kept; one that is known stays as it is. `path`: within the county's folder. */
export function keepUpFile({ db }: CountyAct, { book, upload, note, key }: Judging, path: string): void {
  const { kiosk, inc, fileSeq } = upload;
  const { size } = statSync(join(book.folder.directory, path));
  prepared(
    db,
    'INSERT INTO up_file (kiosk, inc, file_seq, sha256, path, bytes, received_at, key) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
  ).run(kiosk, inc, fileSeq, note.sha256, path, size, book.wallMs(), key);
}

/** Writes down an answer that the kiosk is given. */
export function keepAnswer(
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

/** The answer as a signed note (docs/files.md). */
export function answerText(
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
export const revoked = 'the key of this kiosk is revoked';

/** It is wanted again itself, once the county has what it builds on. */
export class LostDownFile extends BadFile {}

/** What was not posted is answered, too; what an enrolled kiosk signed is kept with its answer, and a fork stops it until a person looked. */
export async function answerBad(
  book: CountyBook,
  upload: Upload,
  of: {
    readonly error: BadFile;
    readonly judging: Judging | null;
    readonly sha256: string;
    /** Whether it was not in the county's folder before it came now. */
    readonly isNew: boolean;
  },
): Promise<Taken> {
  const { error, judging, sha256, isNew } = of;
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
    } else if (isNew && verdict === 'GAP') dropFile(book, upload, sha256); // it is asked for again later; a fork is raised all the same
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
