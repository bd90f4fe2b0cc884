// Files to kiosks that a server which died had made and not given their names: those that the book has are finished, the others are nobody's
// and go. Makes no file.

import { existsSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseFileNote, noteText } from '../db/model/note.ts';
import { type ReadableDatabase, prepared } from '../db/sqlite.ts';
import type { CountyBook } from './book/county-book.ts';
import { setVoidAside } from './book/down-void.ts';
import { raiseNightFault } from './book/exceptions.ts';
import { publishDownFile, stagedPaths } from './down-writer.ts';

/** A kiosk whose folder is out of order. */
export interface Unfinished {
  readonly kiosk: string;
  readonly why: string;
}

/**
 * In the book's own turn, so that no act is making one meanwhile. A kiosk whose folder is out of order stands in no other's way: it is told
 * as the night's faults are, and the next start or night tries again.
 */
export async function finishDownFiles(book: CountyBook): Promise<readonly Unfinished[]> {
  const broken = await book.read((db) => {
    const kiosks = prepared<[], { kiosk: string }>(db, 'SELECT kiosk FROM kiosk ORDER BY kiosk').all();
    return kiosks.flatMap(({ kiosk }) => {
      try {
        finishFilesTo(book, db, kiosk);
        return [];
      } catch (error) {
        return [{ kiosk, error }];
      }
    });
  });
  const told: Unfinished[] = [];
  for (const { kiosk, error } of broken) told.push({ kiosk, why: await raiseNightFault(book, { kiosk, what: 'finish', error }) });
  return told;
}

function finishFilesTo(book: CountyBook, db: ReadableDatabase, kiosk: string): void {
  setVoidAside(book, db, kiosk);
  const directory = join(book.folder.down, kiosk);
  if (existsSync(directory)) for (const downSeq of stagedIn(directory)) finish(db, { directory, kiosk, downSeq });
}

function stagedIn(directory: string): ReadonlySet<number> {
  const numbers = readdirSync(directory).flatMap((name) => /^(\d{8,})\.(?:jsonl\.gz|note)\.part$/.exec(name)?.[1] ?? []);
  return new Set(numbers.map(Number));
}

function finish(
  db: ReadableDatabase,
  { directory, kiosk, downSeq }: { readonly directory: string; readonly kiosk: string; readonly downSeq: number },
): void {
  const staged = stagedPaths(directory, downSeq);
  const sha256 = shaOf(staged.note);
  const row = prepared<[string, number, string], object>(db, 'SELECT 1 FROM down_file WHERE kiosk = ? AND down_seq = ? AND sha256 = ?').get(
    kiosk,
    downSeq,
    sha256,
  );
  if (row !== undefined) return publishDownFile(directory, downSeq);
  for (const path of [staged.note, staged.data]) rmSync(path, { force: true });
}

/** What a staged note speaks of; '': there is none, or it is not whole. */
function shaOf(path: string): string {
  if (!existsSync(path)) return '';
  const note = readFileSync(path, 'utf8');
  const said = parseFileNote(noteText(note));
  return said.ok ? said.value.sha256 : '';
}
