// Files of kiosks that the log names and a book which was put back has lost: a shop whose old disk was put back meanwhile may send others of
// their numbers (reconciliation.md R6, 20 and 28). Asks the log alone.

import type { LogEntry } from '../../db/model/log-entry.ts';
import { type FileNote, noteText, parseFileNote } from '../../db/model/note.ts';
import { type ReadableDatabase, prepared } from '../../db/sqlite.ts';
import { logSize } from '../log/log.ts';
import { findChain } from './chains.ts';
import { kiosksWithMoreToSend } from './put-back.ts';

interface File {
  readonly kiosk: string;
  readonly inc: number;
  readonly fileSeq: number;
  readonly sha256: string;
}

/**
 * Whether the county accepted this content of a kiosk's file, as its log says, or another and not this one; none: the log names none of that
 * number, or a number that is posted. Asked while the kiosk may send what was lost, and no longer: it reads the log down to the file that the
 * kiosk's newest posted one was.
 */
export function loggedAs(db: ReadableDatabase, file: File): 'this' | 'other' | 'none' {
  if (!kiosksWithMoreToSend(db).includes(file.kiosk)) return 'none';
  const logged = loggedShas(db, file);
  if (logged.includes(file.sha256)) return 'this';
  return logged.length > 0 ? 'other' : 'none';
}

/** A kiosk's files were accepted in their order, and stand in the log so: none after the newest posted one stands before it. */
function loggedShas(db: ReadableDatabase, { kiosk, inc, fileSeq }: File): readonly string[] {
  const posted = findChain(db, kiosk, inc);
  const shas: string[] = [];
  for (let to = logSize(db); to > 0; to -= entriesAtOnce)
    for (const said of filesBetween(db, { kiosk, inc, from: to - entriesAtOnce, to })) {
      if (said.fileSeq === posted?.fileSeq && said.sha256 === posted.fileSha) return shas;
      if (said.fileSeq === fileSeq) shas.push(said.sha256);
    }
  return shas;
}

/** Some hundredths of a second of the book's turn; mostly the first has the posted one. */
const entriesAtOnce = 10_000;

/** Files of an incarnation that the log names from one entry up to another, the newest first. */
function filesBetween(
  db: ReadableDatabase,
  { kiosk, inc, from, to }: { readonly kiosk: string; readonly inc: number; readonly from: number; readonly to: number },
): readonly FileNote[] {
  const rows = prepared<[number, number, string], { entry: string }>(
    db,
    'SELECT entry FROM log_leaf WHERE n >= ? AND n < ? AND entry LIKE ? ORDER BY n DESC',
  ).all(from, to, `%_nup_n%_n${kiosk}_n${inc}_n%"t":"FILE"%`); // its line ends are two letters in JSON, of which PostgreSQL takes the first for its own
  return rows.flatMap(({ entry }) => {
    const said = parseFileNote(noteText((JSON.parse(entry) as LogEntry & { readonly t: 'FILE' }).note)); // appendEntry wrote it
    return said.ok && said.value.direction === 'up' && said.value.kiosk === kiosk && said.value.inc === inc ? [said.value] : [];
  });
}
