// What the county does with its log: at its start, with each file of a kiosk, at night. The acts of the book call these, so that what is
// entered and what is posted are one transaction.

import type { CountyBook } from '../book/county-book.ts';
import { signersInForce } from '../book/county-keys.ts';
import { raiseException } from '../book/exceptions.ts';
import { mayLogBeLonger } from '../book/put-back.ts';
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
export function contradictionText({ code, kiosk, path, held, size }: Contradiction): string {
  const here = code === 'log_shorter' ? `the log ends at ${size}` : 'the log has another root there';
  return `${kiosk ?? path} holds root ${held.root} of ${held.size} entries; ${here}`;
}

/**
 * At the county's start, before any file is taken: a log put back from a backup takes what it lost from the files beside it. Returns what
 * still contradicts it; each is an exception from then on.
 */
export async function startLog(book: CountyBook): Promise<readonly Contradiction[]> {
  const { log } = book.folder;
  const isShorter = (await book.read((db) => contradictions(db, log))).some(({ code }) => code === 'log_shorter');
  if (isShorter) await recover(book);
  return await book.transact(({ db }) => {
    const found = contradictions(db, log);
    for (const each of found) {
      const detail = contradictionText(each);
      raiseException(db, { kiosk: each.kiosk ?? '', inc: 0, fileSeq: 0, seq: 0, code: 'log_contradicted', detail, at: book.wallMs() });
    }
    return found;
  });
}

async function recover(book: CountyBook): Promise<void> {
  try {
    await book.transact(({ db }) => recoverEntries(db, book.folder.log));
  } catch (error) {
    if (!(error instanceof NotTheirRoot)) throw error; // nothing of it was taken
  }
}

/** Signs the day's root and publishes it, after taking in what the committee signed. A log that somebody contradicts, or may, is not signed. */
export async function sealDay(book: CountyBook, day: string): Promise<Result<SignedRoot | null, 'contradicted'>> {
  const { log } = book.folder;
  const name = logOrigin(book.code);
  const sealed = await book.transact(({ db }) => {
    if (contradictions(db, log).length > 0 || mayLogBeLonger(db)) return fail('contradicted');
    takeCosignatures(db, log);
    const [fileKey, ...also] = signersInForce(book, db);
    return ok(sealLog(db, { county: book.code, fileKey, also, day }));
  });
  if (sealed.ok) await book.read((db) => publishRoots(db, log, { name, publicKey: rawPublicKey(book.signer) }));
  return sealed;
}
