// Who signed a kiosk's file: of the keys that the kiosk ever had the one that is due, or the file is refused. Reads nothing of its events.

import { type FileNote, checkpointOrigin, openNote, parseFileNote } from '../../db/model/note.ts';
import { upHeader } from '../../db/model/up-file.ts';
import { type ReadableDatabase, prepared } from '../../db/sqlite.ts';
import type { CountyBook } from './county-book.ts';
import { isStolen, keyDue } from './kiosk-keys.ts';
import type { KioskRow } from './fold.ts';
import { BadFile, readUpLines, shapedLine } from './read-up.ts';
import type { Upload } from './intake-files.ts';

/** A file that a key of its kiosk signed, before it is posted. */
export interface Judging {
  readonly book: CountyBook;
  readonly upload: Upload;
  readonly note: FileNote;
  readonly kiosk: KioskRow;
  /** What the checkpoint says. */
  readonly checkpoint: string;
  /** The key that signed both, raw in base64url. */
  readonly key: string;
}

/** The kiosk of that name; null: the county has none. */
export function findKiosk(db: ReadableDatabase, kiosk: string): KioskRow | null {
  return (
    prepared<[string], KioskRow>(
      db,
      'SELECT kiosk, store, key, state, sale_cap, roaming_cap, share_permille FROM kiosk WHERE kiosk = ?',
    ).get(kiosk) ?? null
  );
}

/** A demo's kiosks make their keys at random when they are tried out, so its county takes the first it sees; another county, never. */
export function firstKey(unpacked: string): string {
  const lines = readUpLines(unpacked);
  try {
    return shapedLine(upHeader, lines.next(), 'line 1').kioskKey;
  } finally {
    lines.close();
  }
}

/** The same by the key among those that the kiosk ever had which signed it. */
export function signedByOne(book: CountyBook, upload: Upload, kiosk: KioskRow, keys: readonly string[]): Judging {
  const name = checkpointOrigin({ county: book.code, kiosk: upload.kiosk, inc: upload.inc });
  const isBy = (key: string): boolean => openNote(upload.note, [{ name, publicKey: Buffer.from(key, 'base64url') }]).ok;
  const key = keys.length === 1 ? undefined : keys.find(isBy); // most had one
  return signedBy(book, upload, kiosk, key ?? keys[0]!); // the one in force, whose refusal is told
}

/** A kiosk's file is believed by the key that is due where it goes on, and by none that it gave up, has not taken yet, or was robbed of. */
export function mustBeDue(db: ReadableDatabase, { upload: { kiosk, inc }, key }: Judging, { key: inForce }: KioskRow): void {
  if (isStolen(db, { kiosk, key })) throw new OtherKey('REJECTED', `signed with a key that was stolen: ${key.slice(0, 8)}`);
  if (keyDue(db, { kiosk, inc, inForce: inForce ?? key }) !== key)
    throw new OtherKey('REJECTED', `signed with another key than is due: ${key.slice(0, 8)}`);
}

/**
 * Of the kiosk once, or of who stole what it was: nothing of it is kept, or somebody could stand in the way of the kiosk's own file. One that
 * waited since its key was the due one is refused, and stands in nobody's way either.
 */
export class OtherKey extends BadFile {}

/** Both notes, signed by this kiosk and speaking of this file. */
export function signedBy(book: CountyBook, upload: Upload, kiosk: KioskRow, key: string): Judging {
  const name = checkpointOrigin({ county: book.code, kiosk: upload.kiosk, inc: upload.inc });
  const raw = Buffer.from(key, 'base64url');
  const trusted = [{ name, publicKey: raw }];
  const opened = openNote(upload.note, trusted);
  if (!opened.ok) throw new BadFile('REJECTED', `note: ${opened.code}`);
  const read = parseFileNote(opened.value.text);
  if (!read.ok) throw new BadFile('REJECTED', 'note: malformed');
  const { direction, county, kiosk: of, inc, fileSeq } = read.value;
  if (direction !== 'up' || county !== book.code || of !== upload.kiosk || inc !== upload.inc || fileSeq !== upload.fileSeq)
    throw new BadFile('REJECTED', 'note: of another file');
  const checkpoint = openNote(upload.checkpoint, trusted);
  if (!checkpoint.ok) throw new BadFile('REJECTED', 'checkpoint: no trusted signature');
  return { book, upload, note: read.value, checkpoint: checkpoint.value.text, kiosk, key };
}
