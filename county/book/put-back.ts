// A book that was put back from an older copy: which kiosks must be heard before they are told anything, for they may have applied files
// and hold roots that this book does not know (reconciliation.md R4; R6, 21 and 29). Puts nothing back itself: county/evidence.ts does.

import { assert } from '../../db/model/result.ts';
import { type ReadableDatabase, prepared } from '../../db/sqlite.ts';
import { findChain } from './chains.ts';
import type { CountyAct } from './county-book.ts';
import { keyDue } from './kiosk-keys.ts';
import { newestIncarnation } from './rights.ts';
import { takenUpKind } from './taken-up.ts';
import { isUnanswered } from './unanswered.ts';

/** From here on kiosks are heard anew: what lay beside the book is in it. */
export function enterPutBack(act: CountyAct, about: string): void {
  const entry = act.enter('put_back', about);
  assert(prepared(act.db, 'UPDATE county SET put_back_entry = ?').run(entry).changes === 1, 'a county’s book says whose it is');
}

/** Whether what lies beside the book is being taken up, as enterPutBack says: what paid for what then, the files that were made then tell. */
export function isTakingUp(db: ReadableDatabase): boolean {
  const row = prepared<[], { about: string }>(db, 'SELECT about FROM act JOIN county ON county.put_back_entry = act.entry').get();
  return row?.about.endsWith(begun) === true;
}

/** How the act ends by which that begins. */
export const begun = ' begun';

/**
 * Whether a kiosk may have what this book does not know: it had files of the county before the book was put back, and since then either
 * sent nothing, or sent a file that waits for others. The first file that is made for it ends that.
 */
export function isUnheard(db: ReadableDatabase, kiosk: string): boolean {
  const since = putBackEntry(db);
  if (!isFirstSincePutBack(db, kiosk)) return false;
  const said = prepared<[number, string], object>(db, 'SELECT 1 FROM event WHERE entry > ? AND kiosk = ? LIMIT 1').get(since, kiosk);
  return said === undefined || hasWaitingFile(db, kiosk);
}

/** Whether the next file to a kiosk is the first since the book was put back: it says all there is. */
export function isFirstSincePutBack(db: ReadableDatabase, kiosk: string): boolean {
  const since = putBackEntry(db);
  if (since === 0) return false;
  if (prepared(db, 'SELECT 1 FROM down_file WHERE kiosk = ? LIMIT 1').get(kiosk) === undefined) return false;
  const made = prepared<[string, number, string], object>(
    db,
    'SELECT 1 FROM down_file JOIN act ON act.entry = down_file.entry WHERE kiosk = ? AND down_file.entry > ? AND act.kind <> ? LIMIT 1',
  ).get(kiosk, since, takenUpKind);
  return made === undefined;
}

/** Kiosks that were not heard since the book was put back. */
export function unheardKiosks(db: ReadableDatabase): readonly string[] {
  if (putBackEntry(db) === 0) return [];
  return prepared<[], { kiosk: string }>(db, 'SELECT kiosk FROM kiosk ORDER BY kiosk')
    .all()
    .map(({ kiosk }) => kiosk)
    .filter((kiosk) => isUnheard(db, kiosk));
}

/**
 * Kiosks that may still have files of before the book was put back, of which nothing says how many: their own event does not say yet that they
 * applied a file made since. All that a kiosk did before that event is posted before it, whatever of it the log, or files to it, name. None in
 * a book that was never put back.
 */
export function kiosksWithMoreToSend(db: ReadableDatabase): readonly string[] {
  const since = putBackEntry(db);
  if (since === 0) return [];
  return prepared<[string, number, number, string], { kiosk: string }>(
    db,
    `SELECT kiosk FROM kiosk
      WHERE NOT EXISTS (SELECT 1 FROM act WHERE act.entry = taken_entry AND act.kind <> ? AND act.entry > ?)
        AND (key IS NOT NULL OR EXISTS (SELECT 1 FROM up_file WHERE up_file.kiosk = kiosk.kiosk)
          OR EXISTS (SELECT 1 FROM down_file JOIN act ON act.entry = down_file.entry
            WHERE down_file.kiosk = kiosk.kiosk AND (act.entry <= ? OR act.kind = ?)))
      ORDER BY kiosk`,
  )
    .all(takenUpKind, since, since, takenUpKind)
    .map(({ kiosk }) => kiosk);
}

/** No root is signed while a kiosk that was not heard may hold a longer log, unless the committee has said that it does not wait for it. */
export function mayLogBeLonger(db: ReadableDatabase): boolean {
  if (putBackEntry(db) === 0) return false;
  const open = prepared<[], object>(db, `SELECT 1 FROM exception WHERE code = 'put_back' AND ${isUnanswered}`).get();
  return open !== undefined && unheardKiosks(db).length > 0;
}

/** How often the book was put back, from 1. One that is lost with all that it told, and put back from an older copy, has the same again. */
export function serverEpoch(db: ReadableDatabase): number {
  return prepared<[], { epoch: number }>(db, 'SELECT server_epoch AS epoch FROM county').get()!.epoch; // one row
}

function putBackEntry(db: ReadableDatabase): number {
  return prepared<[], { entry: number }>(db, 'SELECT put_back_entry AS entry FROM county').get()!.entry; // one row
}

/** A file of its newest incarnation, or of a later one, that is kept and not posted, of the key that is due there: another's never will be. */
function hasWaitingFile(db: ReadableDatabase, kiosk: string): boolean {
  const inc = newestIncarnation(db, kiosk);
  const posted = findChain(db, kiosk, inc)?.fileSeq ?? 0;
  const inForce = prepared<[string], { key: string | null }>(db, 'SELECT key FROM kiosk WHERE kiosk = ?').get(kiosk)?.key ?? null;
  const waiting = prepared<[string, number, number, number], { inc: number; key: string | null }>(
    db,
    `SELECT DISTINCT inc, key FROM up_file WHERE kiosk = ? AND (inc > ? OR (inc = ? AND file_seq > ?)) AND NOT EXISTS (
       SELECT 1 FROM answer WHERE answer.kiosk = up_file.kiosk AND answer.inc = up_file.inc AND answer.file_seq = up_file.file_seq
         AND answer.sha256 = up_file.sha256 AND verdict = 'ACCEPTED')`,
  ).all(kiosk, inc, inc, posted);
  return waiting.some(({ inc: of, key }) => key === null || inForce === null || keyDue(db, { kiosk, inc: of, inForce }) === key);
}
