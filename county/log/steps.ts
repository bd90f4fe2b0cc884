// What the county does with its log: at its start, with each file of a kiosk, at night. The acts of the book call these, so that what is
// entered and what is posted are one transaction.

import { enterBeyondAwards } from '../book/beyond-awards.ts';
import type { CountyBook } from '../book/county-book.ts';
import { everyFileKey, signersInForce } from '../book/county-keys.ts';
import { committeeTold } from '../book/committee.ts';
import { raiseAgain, raiseException } from '../book/exceptions.ts';
import { mayLogBeLonger } from '../book/put-back.ts';
import { rawPublicKey } from '../../db/model/keys.ts';
import { signatureLines } from '../../db/model/note.ts';
import { type LogHead, logOrigin, openLogRoot } from '../../db/model/log-root.ts';
import { type Result, fail, ok } from '../../db/model/result.ts';
import type { ReadableDatabase, WritableDatabase } from '../../db/sqlite.ts';
import { type Contradiction, contradictions, heldText, isAsked, takeEcho } from './echoes.ts';
import { type SignedRoot, appendEntry, logSize, sealLog } from './log.ts';
import {
  type IsSigned,
  NotTheirRoot,
  isRootForgotten,
  publishRoots,
  recoverEntries,
  spoiltRoots,
  strangersAmong,
  takeCosignatures,
} from './published.ts';

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
export function contradictionText(found: Contradiction): string {
  const { code, path, size } = found;
  if (code === 'log_spoilt') return `${path} is damaged or changed: the book does not know which root was signed there`;
  return `${heldText(found)}; ${code === 'log_shorter' ? `the log ends at ${size}` : 'the log has another root there'}`;
}

/**
 * At the county's start, before any file is taken: a log put back from a backup takes what it lost from the files beside it. Returns what
 * still contradicts it; each is an exception from then on.
 */
export async function startLog(book: CountyBook): Promise<readonly Contradiction[]> {
  const { log } = book.folder;
  if (await book.read((db) => isRootForgotten(db, log))) await recover(book);
  return await book.transact(({ db }) => {
    const found = contradictionsIn(book, db);
    tell(book, db, found);
    return found;
  });
}

/** Each once, until people have answered: the log may have grown since, and a longer one is contradicted in other words. */
function tell(book: CountyBook, db: WritableDatabase, found: readonly Contradiction[]): void {
  for (const each of found) {
    if (isAsked(db, each)) continue;
    const detail = contradictionText(each);
    raiseException(db, { kiosk: each.kiosk ?? '', inc: 0, fileSeq: 0, seq: 0, code: 'log_contradicted', detail, at: book.wallMs() });
  }
}

/** Whoever contradicts the log, and files of roots that cannot be asked whether they do. */
function contradictionsIn(book: CountyBook, db: ReadableDatabase): readonly Contradiction[] {
  const { log } = book.folder;
  const size = logSize(db);
  const spoilt = spoiltRoots(db, log, signedBy(book, db));
  return [
    ...contradictions(db, log),
    ...spoilt.map((each) => ({ code: 'log_spoilt', kiosk: null, path: each.path, held: { size: each.size, root: '' }, size }) as const),
  ];
}

/** Under a root that the county publishes stand signatures of its keys, none twice and nobody else's. */
function signedBy(book: CountyBook, db: ReadableDatabase): IsSigned {
  const keys = everyFileKey(book, db);
  return (note) => {
    const { above, lines } = signatureLines(note);
    return new Set(lines).size === lines.length && lines.every((line) => openLogRoot(above + line, book.code, keys).ok);
  };
}

async function recover(book: CountyBook): Promise<void> {
  try {
    await book.transact(({ db }) => recoverEntries(db, book.folder.log, signedBy(book, db)));
  } catch (error) {
    if (!(error instanceof NotTheirRoot)) throw error; // nothing of it was taken
  }
}

/** Signs the day's root and publishes it, after taking in what the committee signed. A log that somebody contradicts, or may, is not signed. */
export async function sealDay(book: CountyBook, day: string): Promise<Result<SignedRoot | null, 'contradicted'>> {
  const { log } = book.folder;
  const name = logOrigin(book.code);
  const sealed = await book.transact(({ db }) => {
    const found = contradictionsIn(book, db);
    tell(book, db, found);
    if (found.length > 0 || mayLogBeLonger(db)) return fail('contradicted');
    const members = committeeTold(db) ?? [];
    takeCosignatures(db, log, members);
    for (const { file, name } of strangersAmong(members, log)) {
      const detail = `log/committee/${file} is another key than the committee's of the name ${name}`;
      raiseAgain(db, { kiosk: '', inc: 0, fileSeq: 0, seq: 0, code: 'committee_key', detail, at: book.wallMs() });
    }
    enterBeyondAwards(db);
    const [fileKey, ...also] = signersInForce(book, db);
    return ok(sealLog(db, { county: book.code, fileKey, also, day }));
  });
  if (sealed.ok) await book.read((db) => publishRoots(db, log, { name, publicKey: rawPublicKey(book.signer) }));
  return sealed;
}
