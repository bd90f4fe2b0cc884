// Files of kiosks that the log names and a book which was put back has lost: a shop whose old disk was put back meanwhile may send others of
// their numbers (reconciliation.md R6, 20 and 28). Asks the log alone.

import type { LogEntry } from '../../db/model/log-entry.ts';
import { noteText, parseFileNote } from '../../db/model/note.ts';
import { type ReadableDatabase, prepared } from '../../db/sqlite.ts';
import { kiosksWithMoreToSend } from './put-back.ts';

/**
 * Whether the county accepted another content of a kiosk's file, as its log says, and not this one. Asked while the kiosk may send what was
 * lost, and no longer: it reads the whole log.
 */
export function isOtherLogged(
  db: ReadableDatabase,
  file: { readonly kiosk: string; readonly inc: number; readonly fileSeq: number; readonly sha256: string },
): boolean {
  if (!kiosksWithMoreToSend(db).includes(file.kiosk)) return false;
  const logged = loggedShas(db, file);
  return logged.length > 0 && !logged.includes(file.sha256);
}

function loggedShas(
  db: ReadableDatabase,
  { kiosk, inc, fileSeq }: { readonly kiosk: string; readonly inc: number; readonly fileSeq: number },
): readonly string[] {
  const rows = prepared<[string], { entry: string }>(db, 'SELECT entry FROM log_leaf WHERE entry LIKE ?').all(
    `%_nup_n%_n${kiosk}_n${inc}_n${fileSeq}_n%"t":"FILE"%`, // its line ends are two letters in JSON, of which PostgreSQL takes the first for its own
  );
  return rows.flatMap(({ entry }) => {
    const said = parseFileNote(noteText((JSON.parse(entry) as LogEntry & { readonly t: 'FILE' }).note)); // appendEntry wrote it
    if (!said.ok || said.value.direction !== 'up') return [];
    const isIt = said.value.kiosk === kiosk && said.value.inc === inc && said.value.fileSeq === fileSeq;
    return isIt ? [said.value.sha256] : [];
  });
}
