// What the county does with its log: at its start, with each file of a kiosk, at night. The acts of the book call these, so that what is
// entered and what is posted are one transaction.

import type { CountyBook } from '../book/county-book.ts';
import { rawPublicKey } from '../../db/model/keys.ts';
import { type LogHead, logOrigin } from '../../db/model/log-root.ts';
import { type Result, fail, ok } from '../../db/model/result.ts';
import type { WritableDatabase } from '../../db/sqlite.ts';
import { type Contradiction, contradictions, takeEcho } from './echoes.ts';
import { type SignedRoot, appendEntry, sealLog } from './log.ts';
import { NotTheirRoot, publishRoots, recoverEntries, takeCosignatures } from './published.ts';

/** Enters an accepted up-file, once by its checkpoint and once by its note, and hears which root its kiosk holds. */
export function logUpFile(
  db: WritableDatabase,
  file: { readonly kiosk: string; readonly inc: number; readonly fileSeq: number; readonly note: string; readonly checkpoint: string },
  held: LogHead | null,
): Contradiction | null {
  const contradiction = takeEcho(db, file, held);
  appendEntry(db, { t: 'CHECKPOINT', note: file.checkpoint });
  appendEntry(db, { t: 'FILE', note: file.note });
  return contradiction;
}

/** In words, for the exception: who holds what, and what this log has. */
export function contradictionText({ code, holder, held, size }: Contradiction): string {
  const here = code === 'log_shorter' ? `the log ends at ${size}` : 'the log has another root there';
  return `${holder} holds root ${held.root} of ${held.size} entries; ${here}`;
}

/**
 * At the county's start, before any file is taken: a log put back from a backup takes what it lost from the files beside it. Returns what
 * still contradicts it, which a person must look at.
 */
export async function startLog(book: CountyBook, logFolder: string): Promise<readonly Contradiction[]> {
  const before = await book.read((db) => contradictions(db, logFolder));
  if (before.some(({ code }) => code === 'log_other') || before.length === 0) return before;
  try {
    await book.transact(({ db }) => recoverEntries(db, logFolder));
  } catch (error) {
    if (error instanceof NotTheirRoot) return before; // nothing of it was taken
    throw error;
  }
  return await book.read((db) => contradictions(db, logFolder));
}

/** Signs the day's root and publishes it, after taking in what the committee signed. A log that somebody contradicts is not signed. */
export async function sealDay(book: CountyBook, logFolder: string, day: string): Promise<Result<SignedRoot | null, 'contradicted'>> {
  const origin = logOrigin(book.code);
  const sealed = await book.transact(({ db }) => {
    if (contradictions(db, logFolder).length > 0) return fail('contradicted');
    takeCosignatures(db, logFolder);
    return ok(sealLog(db, { county: book.code, fileKey: book.signer, day }));
  });
  if (sealed.ok) await book.read((db) => publishRoots(db, logFolder, { name: origin, publicKey: rawPublicKey(book.signer) }));
  return sealed;
}
