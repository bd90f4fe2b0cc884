// The county's signed answers to this kiosk's files: what they say is held against the book's own leaves before anything is believed
// (reconciliation.md R4, R6 19). Nothing here asks for one, and no answer ever changes an event.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Book } from './book.ts';
import { writeFileDurably } from './files.ts';
import type { Home } from './home.ts';
import { parseAck } from './model/ack.ts';
import { type NoteKey, openNote } from './model/note.ts';
import type { Ack, Verdict } from './model/up-file.ts';
import { activeKeys } from './reference.ts';
import { type ReadableDatabase, prepared } from './sqlite.ts';
import { type UpFile, upFilePath } from './up-files.ts';

export type AckOutcome =
  /** Signed, of this file, and in harmony with the book; kept. The same again is kept once. */
  | { readonly kind: 'taken'; readonly ack: Ack }
  /** The county has other events than this book, or says so: kept as an alarm. */
  | { readonly kind: 'alarm' }
  /** Nothing to be believed: passed over. */
  | { readonly kind: 'refused'; readonly code: AckRefusal }
  /** An alarm stands: only the answer to its own file is kept. `want`: the file that the county lacks before this one. */
  | { readonly kind: 'refused'; readonly code: 'alarmed'; readonly want: number | null };

export type AckRefusal =
  | 'signature'
  | 'malformed'
  /** Of another kiosk, number or content. */
  | 'other_file';

/** A signed answer that contradicts the book. People look into it; the till goes on selling. */
export type Alarm = z.infer<typeof alarmShape>;
const alarmShape = z.strictObject({
  at: z.int(),
  inc: z.int(),
  fileSeq: z.int(),
  /** What the county says to have, and what this book has there; null: nothing. */
  toSeq: z.int().nullable(),
  county: z.string().nullable(),
  own: z.string().nullable(),
  /** The county's words as signed: the evidence. */
  note: z.string(),
  /** The county answered otherwise later, and rightly; null: the alarm stands. */
  endedAt: z.int().nullable(),
});

/** Largest note taken; ours have a few hundred bytes. */
export const ackBytesMax = 8 * 1024;

/** Takes the county's answer to `file`. Call outside of transactions. Throws what the disk says. */
export function takeAck(book: Book, home: Home, file: UpFile, note: string): AckOutcome {
  const read = readAck(book, home, file, note);
  if (!read.ok) return { kind: 'refused', code: read.code };
  const { ack } = read;
  const standing = activeAlarm(home);
  if (standing !== null && (standing.inc !== file.inc || standing.fileSeq !== file.fileSeq))
    return { kind: 'refused', code: 'alarmed', want: ack.want };
  const own = ack.posted === null ? null : ownLeaf(book.db, ack.posted.toSeq);
  if (!isInHarmony(ack, file, own)) {
    if (standing?.note !== note) keepAlarm(book, home, { file, ack, own, note });
    return { kind: 'alarm' };
  }
  if (isPosted(ack.verdict)) writeFileDurably(upFilePath(home, file, 'ack'), note, 0o600);
  book.transact(({ db }) => {
    prepared(
      db,
      `INSERT INTO ack (inc, file_seq, verdict, to_seq, head_leaf, note, at) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (note) DO NOTHING`,
    ).run(
      ack.inc,
      ack.fileSeq,
      ack.verdict,
      ack.posted?.toSeq ?? null,
      ack.posted?.headLeaf ?? null,
      note,
      Math.max(0, Math.trunc(book.clock.wallMs())),
    );
  });
  if (standing !== null && isPosted(ack.verdict)) writeAlarm(home, { ...standing, endedAt: Math.trunc(book.clock.wallMs()) });
  return { kind: 'taken', ack };
}

/** The alarm that stands, or null. One that cannot be read stands: nobody may end it by damaging a file. */
export function activeAlarm(home: Pick<Home, 'up'>): (Pick<Alarm, 'at' | 'inc' | 'fileSeq' | 'note'> & Partial<Alarm>) | null {
  const path = alarmPath(home);
  if (!existsSync(path)) return null;
  try {
    const alarm = alarmShape.parse(JSON.parse(readFileSync(path, 'utf8')));
    return alarm.endedAt === null ? alarm : null;
  } catch {
    return { at: 0, inc: 0, fileSeq: 0, note: '' }; // of no file: no answer ends it
  }
}

/** The newest answer of all, or of one file: what the screen tells. */
export function newestAck(db: ReadableDatabase): { readonly verdict: Verdict; readonly fileSeq: number; readonly at: number } | null {
  return (
    prepared<[], { verdict: Verdict; fileSeq: number; at: number }>(
      db,
      'SELECT verdict, file_seq AS fileSeq, at FROM ack ORDER BY n DESC LIMIT 1',
    ).get() ?? null
  );
}

/** Newest event that the county said to have posted, in an answer; its files say so, too (down_file.ack_seq). */
export function postedThrough(db: ReadableDatabase): number {
  return prepared<[], { seq: number }>(db, `SELECT coalesce(max(to_seq), 0) AS seq FROM ack`).get()!.seq;
}

/** Whether the county has the file in its book. */
export function isPosted(verdict: Verdict): boolean {
  return verdict === 'ACCEPTED' || verdict === 'DUPLICATE';
}

function readAck(
  { db, identity }: Book,
  home: Home,
  file: UpFile,
  note: string,
): { readonly ok: true; readonly ack: Ack } | { readonly ok: false; readonly code: AckRefusal } {
  if (note.length > ackBytesMax) return { ok: false, code: 'malformed' };
  const opened = openNote(note, countyKeys(db, home));
  if (!opened.ok) return { ok: false, code: opened.code === 'malformed' ? 'malformed' : 'signature' };
  const parsed = parseAck(opened.value.text);
  if (!parsed.ok) return parsed;
  const ack = parsed.value;
  const isOurs =
    ack.county === identity.county &&
    ack.kiosk === identity.kiosk &&
    ack.inc === file.inc &&
    ack.fileSeq === file.fileSeq &&
    ack.sha256 === file.sha256;
  return isOurs ? { ok: true, ack } : { ok: false, code: 'other_file' };
}

/** The keys that the county signs files with: those of its newest file, before the first the enrolment's. */
function countyKeys(db: ReadableDatabase, home: Home): readonly NoteKey[] {
  const { countyKey, countyKeyName: name } = home.config.enrolment;
  const keys = [...activeKeys(db, 'file').values()];
  return (keys.length > 0 ? keys : [Buffer.from(countyKey, 'base64url')]).map((publicKey) => ({ name, publicKey }));
}

function ownLeaf(db: ReadableDatabase, seq: number): string | null {
  return prepared<[number], { leaf: Buffer }>(db, 'SELECT leaf FROM event WHERE seq = ?').get(seq)?.leaf.toString('base64url') ?? null;
}

/** What it has posted is what this book says, the file it posted wholly; and it did not call this kiosk two. */
function isInHarmony({ verdict, posted }: Ack, file: UpFile, own: string | null): boolean {
  if (verdict === 'FORK') return false;
  if (posted !== null && posted.headLeaf !== own) return false;
  return !isPosted(verdict) || (posted !== null && posted.toSeq >= file.toSeq);
}

function keepAlarm(
  book: Book,
  home: Home,
  { file, ack, own, note }: { readonly file: UpFile; readonly ack: Ack; readonly own: string | null; readonly note: string },
): void {
  const { inc, fileSeq } = file;
  const at = Math.trunc(book.clock.wallMs());
  const { toSeq = null, headLeaf = null } = ack.posted ?? {};
  writeAlarm(home, { at, inc, fileSeq, toSeq, county: headLeaf, own, note, endedAt: null });
}

function writeAlarm(home: Pick<Home, 'up'>, alarm: Pick<Alarm, 'at' | 'inc' | 'fileSeq' | 'note'> & Partial<Alarm>): void {
  writeFileDurably(alarmPath(home), `${JSON.stringify(alarm)}\n`, 0o600);
}

function alarmPath(home: Pick<Home, 'up'>): string {
  return join(home.up, 'alarm.json');
}
