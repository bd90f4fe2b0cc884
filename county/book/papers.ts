// Papers beside lists: who released or withdrew what, signed, for a book that is put back. Says nothing of what stands in them.

import { writeFileDurably } from '../../db/files.ts';
import type { CountyBook } from './county-book.ts';
import { raiseNightFault } from './exceptions.ts';

/** Writes papers that were found missing. One that finds no place is told to people and stops nothing else: the next night tries it again. */
export async function writePapers(book: CountyBook, papers: readonly { readonly path: string; readonly note: string }[]): Promise<void> {
  try {
    for (const { path, note } of papers) writeFileDurably(path, note, 0o600);
  } catch (error) {
    await raiseNightFault(book, { kiosk: '', what: 'papers', error });
  }
}
