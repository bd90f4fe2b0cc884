// What the county says on paper because its files cannot: another key of a committee that lost its own, a file whose word on the committee is
// false. A person of the shop compares the number printed there with the one shown here; only then it is taken. Never takes anything by itself.

import { createHash } from 'node:crypto';
import type { Book } from './book.ts';
import { nextWatched, takenNotices, watched } from './county-roots.ts';
import { lookAtDueFile } from './down.ts';
import type { Home } from './home.ts';
import type { CountyNotice } from './model/event.ts';
import { type Result, assert, fail, ok } from './model/result.ts';
import { businessDate } from './model/time.ts';
import type { ReadableDatabase } from './sqlite.ts';
import { uuidv7 } from './uuid.ts';

/** A notice that waits for a person. */
export type OpenNotice = CountyNotice & {
  /** What is compared with the paper: six groups of five digits. */
  readonly number: string;
};

/** The notices that a person may take now, read from the book and from the file that is due in the inbox. */
export async function openNotices({ db, identity }: Pick<Book, 'db' | 'identity'>, home: Home): Promise<readonly OpenNotice[]> {
  const known = watched(db);
  const committee = committeeNotice(db);
  const notices: CountyNotice[] = committee === null ? [] : [committee];
  const due = await lookAtDueFile(db, home);
  if (due !== null) {
    const { note, header, fileKeys } = due;
    const isFalse = !nextWatched(known, header, fileKeys).ok && nextWatched(known, header, fileKeys, true).ok;
    const isTaken = takenNotices(db).some((each) => each.about === 'file' && each.sha256 === note.sha256);
    if (isFalse && !isTaken) notices.push({ about: 'file', downSeq: note.fileSeq, sha256: note.sha256 });
  }
  return notices.map((notice) => ({ ...notice, number: noticeNumber(identity, notice) }));
}

/** The notice of a committee's key that no earlier one named, which waits for a person; null: there is none. */
export function committeeNotice(db: ReadableDatabase): (CountyNotice & { readonly about: 'committee' }) | null {
  const newest = watched(db).members.at(-1);
  if (newest === undefined || newest.isBelieved) return null;
  return { about: 'committee', name: newest.name, key: newest.key };
}

/**
 * The number of a notice: 30 decimal digits of SHA-256, 99 bits, over the lines that docs/files.md B5 names. Nobody finds another key or
 * file of the same number, and a person can compare it aloud.
 */
export function noticeNumber({ county, kiosk }: { readonly county: string; readonly kiosk: string }, notice: CountyNotice): string {
  const lines =
    notice.about === 'committee' ? ['committee', notice.name, notice.key] : ['file', kiosk, String(notice.downSeq), notice.sha256];
  const hash = createHash('sha256')
    .update(['civicpos-notice-v1', county, ...lines, ''].join('\n'))
    .digest('hex');
  const digits = String(BigInt(`0x${hash}`) % 10n ** BigInt(noticeDigits)).padStart(noticeDigits, '0');
  return digits.match(/\d{5}/g)!.join(' '); // a multiple of five
}
const noticeDigits = 30;

/**
 * Takes the notice whose number a person typed from the paper; blanks between its digits do not matter. `by` is who compared it. A key of
 * the committee counts from the next file on; a file is applied by the next look into the inbox.
 */
export async function takeNotice(
  book: Book,
  home: Home,
  { number, by }: { readonly number: string; readonly by: string },
): Promise<Result<OpenNotice, 'unknown_number'>> {
  const digits = (text: string): string => text.replaceAll(/\s/g, '');
  const open = (await openNotices(book, home)).find((each) => digits(each.number) === digits(number));
  if (open === undefined) return fail('unknown_number');
  const name = by.normalize('NFC').trim();
  assert(name !== '', 'somebody compared it');
  const { number: _, ...notice } = open;
  const now = book.clock.wallMs();
  book.transact(({ append }) =>
    append({
      kind: 'NOTICE_TAKEN',
      body: { ...notice, by: name.slice(0, nameMax) },
      id: uuidv7(now),
      day: businessDate(Math.max(now, book.lastAt())),
      op: null,
      command: { notice: open.number },
    }),
  );
  return ok(open);
}
const nameMax = 40;
