// Files that a book which was put back made to a kiosk that had applied others of those numbers already: the kiosk takes none of them, so
// they are no part of the book's row any more (reconciliation.md R4; R6, 21). Takes up none: down-evidence.ts does.

import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { noteText, parseFileNote } from '../../db/model/note.ts';
import { assert } from '../../db/model/result.ts';
import { type ReadableDatabase, type WritableDatabase, prepared } from '../../db/sqlite.ts';
import { fileNumber } from '../../db/up-files.ts';
import type { CountyAct, CountyBook } from './county-book.ts';
import { entryTold } from './taken-up.ts';

/** A file of ours, by its place in the row of its kiosk. */
interface Place {
  readonly kiosk: string;
  readonly downSeq: number;
  readonly inc: number;
}

export interface VoidFile extends Place {
  readonly sha256: string;
}

/**
 * Makes ours of that number void, and those that follow it, as if the kiosk had never been told by them: what they granted and funded stays
 * there and is told by the next. The caller has the kiosk's own signed event that it applied another of that number. None: there is none in
 * the row, or the kiosk's posted events say that it took ours.
 */
export function voidFiles(act: CountyAct, { kiosk, downSeq, inc }: Place): readonly VoidFile[] {
  const { db } = act;
  const files = prepared<[string, number, number], { downSeq: number; sha256: string; told: number }>(
    db,
    'SELECT down_seq AS "downSeq", sha256, entry AS told FROM down_file WHERE kiosk = ? AND inc = ? AND down_seq >= ? ORDER BY down_seq',
  ).all(kiosk, inc, downSeq);
  if (files[0]?.downSeq !== downSeq || wasTaken(db, kiosk, files[0].sha256)) return [];
  const entry = act.enter('void', `${kiosk} ${downSeq}`);
  prepared(
    db,
    `UPDATE given SET changed_entry = ? WHERE kiosk = ?
        AND account IN (SELECT account FROM down_line WHERE kiosk = ? AND inc = ? AND down_seq >= ?)`,
  ).run(entry, kiosk, kiosk, inc, downSeq);
  for (const file of files) removeFile(db, { kiosk, inc, ...file, entry });
  tellAsBefore(db, kiosk, entry);
  prepared(db, 'UPDATE kiosk SET told_entry = ? WHERE kiosk = ?').run(entryTold(db, { kiosk, downSeq, inc }), kiosk);
  return files.map((file) => ({ kiosk, inc, downSeq: file.downSeq, sha256: file.sha256 }));
}

/**
 * Their bytes keep a place beside those of files that were superseded: the log names them. What lies elsewhere already is left there. For
 * when the act that made them void is done, and again at each start and night: whoever died in between had not come to it.
 */
export function setVoidAside({ folder, serverEpoch }: CountyBook, db: ReadableDatabase, kiosk: string): void {
  if (serverEpoch === 1) return; // never put back
  const files = prepared<[string], { downSeq: number; inc: number; sha256: string }>(
    db,
    'SELECT down_seq AS "downSeq", inc, sha256 FROM down_void WHERE kiosk = ? ORDER BY entry, down_seq',
  ).all(kiosk);
  for (const { downSeq, inc, sha256 } of files) {
    const name = fileNumber(downSeq);
    const [from, aside] = [join(folder.down, kiosk, name), join(folder.superseded, kiosk, String(inc))];
    if (shaSaidBy(`${from}.note`) !== sha256) continue;
    mkdirSync(aside, { recursive: true });
    for (const ending of ['jsonl.gz', 'note'])
      if (existsSync(`${from}.${ending}`)) renameSync(`${from}.${ending}`, join(aside, `${name}.${ending}`));
  }
}

/** Whether a file of that place was made void: another may have it since. */
export function isVoided(db: ReadableDatabase, { kiosk, downSeq, inc }: Place): boolean {
  return (
    prepared<[string, number, number], object>(db, 'SELECT 1 FROM down_void WHERE kiosk = ? AND down_seq = ? AND inc = ?').get(
      kiosk,
      downSeq,
      inc,
    ) !== undefined
  );
}

/** The hash that a note in a folder speaks of; '': there is none, or it says none. */
export function shaSaidBy(path: string): string {
  if (!existsSync(path)) return '';
  const said = parseFileNote(noteText(readFileSync(path, 'utf8')));
  return said.ok ? said.value.sha256 : '';
}

/** By the events that the county has: no others may stand against a file that it made. */
function wasTaken(db: ReadableDatabase, kiosk: string, sha256: string): boolean {
  const row = prepared<[string, string], object>(
    db,
    `SELECT 1 FROM event WHERE kiosk = ? AND kind = 'DOWN_APPLIED' AND line LIKE ? LIMIT 1`,
  ).get(kiosk, `%"${sha256}"%`);
  return row !== undefined;
}

/** The file's own row goes first: while it stands, nothing of it does. A line that no kiosk was told is in force nowhere. */
function removeFile(db: WritableDatabase, file: VoidFile & { readonly told: number; readonly entry: number }): void {
  const { kiosk, downSeq, inc, sha256, told, entry } = file;
  prepared(db, 'INSERT INTO down_void (kiosk, down_seq, inc, sha256, entry) VALUES (?, ?, ?, ?, ?)').run(
    kiosk,
    downSeq,
    inc,
    sha256,
    entry,
  );
  const { changes } = prepared(db, 'DELETE FROM down_file WHERE kiosk = ? AND down_seq = ? AND inc = ?').run(kiosk, downSeq, inc);
  assert(changes === 1, 'a void file was one');
  for (const table of ['down_line', 'log_given', 'taken_word'])
    prepared(db, `DELETE FROM ${table} WHERE kiosk = ? AND down_seq = ? AND inc = ?`).run(kiosk, downSeq, inc);
  prepared(db, 'DELETE FROM roam_line WHERE kiosk = ? AND entry = ?').run(kiosk, told);
}

interface ToldRow {
  readonly account: string;
  readonly granted: number | null;
  readonly settled: number | null;
  /** The newest file with a line of its roaming. */
  readonly roamed: number | null;
}

/** What the kiosk was told is what the files that are left say. `entry`: the act that changed its accounts last. */
function tellAsBefore(db: WritableDatabase, kiosk: string, entry: number): void {
  const left = prepared<[string, number], ToldRow>(
    db,
    `SELECT given.account AS account, max(line.granted) AS granted, max(settled) AS settled,
        max(CASE WHEN settled IS NULL THEN NULL ELSE down_seq END) AS roamed
       FROM given LEFT JOIN down_line AS line ON line.kiosk = given.kiosk AND line.account = given.account
      WHERE given.kiosk = ? AND given.changed_entry = ? GROUP BY given.account`,
  ).all(kiosk, entry);
  const capOf = prepared<[string, number, string], { cap: number }>(
    db,
    'SELECT cap FROM down_line WHERE kiosk = ? AND down_seq = ? AND account = ? AND settled IS NOT NULL ORDER BY inc DESC LIMIT 1',
  );
  const tell = prepared(db, 'UPDATE given SET told_granted = ?, told_cap = ?, told_funded = ? WHERE kiosk = ? AND account = ?');
  for (const { account, granted, settled, roamed } of left) {
    const cap = roamed === null ? null : (capOf.get(kiosk, roamed, account)?.cap ?? null);
    tell.run(granted ?? 0, cap, settled ?? 0, kiosk, account);
  }
}
