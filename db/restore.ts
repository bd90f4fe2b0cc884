// Puts a backup back as a kiosk's home: made beside, checked from its stored bytes, given a new incarnation, and only then named.
// Never writes into a home that is there, and never goes on silently where an older book ended (reconciliation.md R4).

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, rmdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type Head, readAnchor } from './anchor.ts';
import { unpacked } from './archive.ts';
import { isFolder, unzipped } from './backup.ts';
import type { Clock } from './book.ts';
import { syncDirectory, writeFileDurably } from './files.ts';
import { type Home, readHome } from './home.ts';
import { bookVersion, inspect, migrateFile } from './migrate.ts';
import type { BookEvent } from './model/event.ts';
import { openRestored } from './open-book.ts';
import { type BackupFacts, SealError, type SealFault, readFacts } from './sealed-file.ts';
import { diskFault, openReadable } from './sqlite.ts';
import { type Verdict, verifyHome } from './verify.ts';
import type { DecodeFrames } from './verify-scales.ts';

export type RestoreFailure = SealFault | 'file_missing' | 'home_exists' | 'no_room' | 'book_newer' | 'book_false';

/** What was put back, for telling people. */
export interface Restored {
  readonly facts: BackupFacts;
  /** The incarnation that begins now, and the leaf (base64url) of the event that begins it: the county's files name both. */
  readonly inc: number;
  readonly incLeaf: string;
  /** The newest event of the backup. */
  readonly newest: { readonly seq: number; readonly at: number; readonly day: string };
  /** The newest closing in it, or null. */
  readonly closing: { readonly number: string; readonly day: string } | null;
  /** Newest receipt, ticket and return number that are in it; null: none. */
  readonly lastReceipt: string | null;
  /** What the anchor outside the home remembers beyond it: so many events are lost. Null: nothing is known of them. */
  readonly lostEvents: number | null;
}

export type RestoreOutcome =
  | { readonly ok: true; readonly value: Restored }
  | { readonly ok: false; readonly code: RestoreFailure; readonly detail: string };

/**
 * Makes the home `directory` of the backup `from`. `report` hears each check that holds. What fails leaves nothing behind; a cut in
 * between leaves a folder `….restoring`, which the next try removes.
 */
export async function restoreHome(input: {
  readonly from: string;
  readonly directory: string;
  /** The recovery code, as parseRecoveryCode gives it. */
  readonly code: string;
  readonly clock: Clock;
  readonly decode: DecodeFrames | null;
  /** An incarnation that the county has already of the same backup: this one is later. Absent: none. */
  readonly past?: number;
  readonly report: (line: string) => void;
}): Promise<RestoreOutcome> {
  const { from, directory, code } = input;
  if (existsSync(directory) && !(isFolder(directory) && readdirSync(directory).length === 0))
    return refuse('home_exists', `${directory} exists: a backup is put back into a new folder only`);
  if (!existsSync(from)) return refuse('file_missing', `${from} is not there`);
  const making = join(dirname(directory), `.${basename(directory)}.restoring`);
  rmSync(making, { recursive: true, force: true });
  try {
    mkdirSync(making, { recursive: true, mode: 0o700 });
    const facts = readFacts(from);
    const sum = createHash('sha256');
    await unpacked(
      unzipped(from, code, (bytes) => sum.update(bytes)),
      making,
    );
    const restored = await bringToLife(making, { ...input, facts, sha256: sum.digest('base64url') });
    if (!restored.ok) return restored;
    if (existsSync(directory)) rmdirSync(directory); // an empty folder: Windows renames onto none
    renameSync(making, directory);
    syncDirectory(dirname(directory));
    return restored;
  } catch (error) {
    if (error instanceof SealError) return refuse(error.code, `${from} ${error.message}`);
    if (diskFault(error) === 'disk_full') return refuse('no_room', String(error));
    throw error;
  } finally {
    rmSync(making, { recursive: true, force: true });
  }
}

type Input = Parameters<typeof restoreHome>[0] & { readonly facts: BackupFacts; readonly sha256: string };

/** The files are there: checks them as the verifier does, and writes the first event of the new incarnation. */
async function bringToLife(making: string, { code, clock, decode, report, facts, sha256, past }: Input): Promise<RestoreOutcome> {
  const found = readHome(making);
  if (!found.ok) return refuse('damaged', found.detail);
  const { home } = found;
  for (const folder of [home.inbox, home.down, home.receipts]) mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (!existsSync(home.recoveryCode)) writeFileDurably(home.recoveryCode, `${code}\n`, 0o600);
  const file = inspect(home.book);
  if (file.kind === 'book' && file.version > bookVersion)
    return refuse('book_newer', `the book has version ${file.version}, this program knows ${bookVersion}`);
  if (file.kind === 'book' && file.version >= 1 && file.version < bookVersion) migrateFile(home.book);
  const verdict = await verifyHome(making, report, decode, { isCopy: true });
  if (verdict.kind !== 'true') return refuse('book_false', wordsOf(verdict));
  const { enrolment } = home.config;
  const inside = insideOf(home);
  if (facts.kiosk !== enrolment.kiosk || facts.county !== enrolment.county || facts.throughSeq !== inside.newest.seq)
    return refuse('damaged', 'the header speaks of another book than is inside');
  const lost = lostEvents(home, inside.head);
  const opened = openRestored(home, clock, sha256, past);
  if (!opened.ok) return refuse('book_false', `${opened.code}: ${opened.detail}`);
  const { inc, leaf: incLeaf } = opened.book.head();
  opened.book.close();
  syncDirectory(making);
  const { newest, closing, lastReceipt } = inside;
  return { ok: true, value: { facts, inc, incLeaf, newest, closing, lastReceipt, lostEvents: lost } };
}

function insideOf(home: Home): Pick<Restored, 'newest' | 'closing' | 'lastReceipt'> & { readonly head: Head } {
  const db = openReadable(home.book);
  try {
    const row = db.prepare<[], { line: string; leaf: Buffer }>('SELECT line, leaf FROM event ORDER BY seq DESC LIMIT 1').get()!; // verified
    const event = JSON.parse(row.line) as BookEvent; // likewise
    const closed = db.prepare<[], { line: string }>('SELECT line FROM closing JOIN event USING (seq) ORDER BY seq DESC LIMIT 1').get();
    const closing = closed === undefined ? null : (JSON.parse(closed.line) as BookEvent); // likewise
    const sale = db.prepare<[], { number: string }>('SELECT receipt_number AS number FROM sale ORDER BY seq DESC LIMIT 1').get();
    return {
      head: { inc: event.inc, seq: event.seq, leaf: row.leaf.toString('base64url') },
      newest: { seq: event.seq, at: event.at, day: event.day },
      closing: closing?.kind === 'DAY_CLOSED' ? { number: closing.body.closingNumber, day: closing.day } : null,
      lastReceipt: sale?.number ?? null,
    };
  } finally {
    db.close();
  }
}

/** An anchor on another disk has outlived the kiosk and says how far the book once was. */
function lostEvents(home: Home, head: Head): number | null {
  const anchor = readAnchor(home.anchor);
  if (anchor === null || anchor.inc !== head.inc) return null;
  return Math.max(0, anchor.seq - head.seq);
}

function wordsOf(verdict: Exclude<Verdict, { kind: 'true' }>): string {
  return verdict.kind === 'lie' ? `${verdict.check}: ${verdict.place}: ${verdict.what}` : verdict.what;
}

function refuse(code: RestoreFailure, detail: string): RestoreOutcome & { readonly ok: false } {
  return { ok: false, code, detail };
}
