// The county of the simulator: its real book and folder, and the server's routes as far as kiosks call them, without sockets. Answers
// nothing by itself.

import { hash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { proposeAwards, releaseAwards } from '../../county/book/awards.ts';
import { type CountyBook, openCounty } from '../../county/book/county-book.ts';
import { answerException, openExceptions } from '../../county/book/exceptions.ts';
import { takeIn } from '../../county/book/intake.ts';
import { moveHome } from '../../county/book/rights.ts';
import { issueVoucher } from '../../county/book/vouchers.ts';
import { startLog } from '../../county/log/steps.ts';
import { type NightOutcome, night } from '../../county/night.ts';
import { type Uploads, uploadsIn } from '../../county/server/uploads.ts';
import { prepared } from '../../db/sqlite.ts';
import { type UpFile, fileNumber } from '../../db/up-files.ts';
import type { MachineClock } from './clock.ts';

export interface County {
  readonly book: CountyBook;
  readonly uploads: Uploads;
}

/** Opens the county's folder, as its server does at a start. */
export async function startCounty(directory: string, clock: MachineClock): Promise<County> {
  clock.restart();
  const opened = openCounty(directory, clock);
  if (!opened.ok) throw new Error(`the county does not open: ${opened.code}`);
  await startLog(opened.value);
  return { book: opened.value, uploads: uploadsIn(opened.value.folder.incoming) };
}

type Name = Pick<UpFile, 'inc' | 'fileSeq'> & { readonly kiosk: string };

/** GET …/up/{inc}/{file}/ack. */
export function ackOf({ book }: County, { kiosk, inc, fileSeq }: Name): Promise<string | null> {
  return book.read(
    (db) =>
      prepared<[string, number, number], { note: string }>(
        db,
        `SELECT note FROM answer WHERE kiosk = ? AND inc = ? AND file_seq = ? ORDER BY verdict = 'ACCEPTED' DESC, number DESC LIMIT 1`,
      ).get(kiosk, inc, fileSeq)?.note ?? null,
  );
}

/** PUT …/data: bytes from an offset on; how many are here then, or why none of them is taken. */
export async function putData({ uploads }: County, name: Name, from: number, total: number, bytes: Buffer): Promise<number | string> {
  const taken = await uploads.take(name, { from, total }, Readable.from([bytes]));
  return taken.ok ? taken.value : taken.code;
}

/** PUT …/checkpoint and …/note: the county's signed answer, or null where the data is not here. */
export async function putNotes(
  { book, uploads }: County,
  name: Name,
  texts: { readonly checkpoint: string; readonly note: string },
): Promise<string | null> {
  await uploads.keepCheckpoint(name, texts.checkpoint);
  const whole = uploads.whole(name);
  if (whole === null) return null;
  const { note } = await takeIn(book, { ...name, ...whole, note: texts.note });
  uploads.forget(name);
  return note;
}

/** GET …/down/{n}/{ending}; null where there is none. */
export async function downPart({ book }: County, kiosk: string, downSeq: number, ending: 'note' | 'jsonl.gz'): Promise<Buffer | null> {
  const row = await book.read((db) => prepared(db, 'SELECT 1 FROM down_file WHERE kiosk = ? AND down_seq = ?').get(kiosk, downSeq));
  const path = join(book.folder.down, kiosk, `${fileNumber(downSeq)}.${ending}`);
  return row !== undefined && existsSync(path) ? readFileSync(path) : null;
}

export function runNight({ book }: County): Promise<readonly NightOutcome[]> {
  return night(book);
}

type AwardRows = readonly (readonly [account: string, points: number])[];

/** Two clerks award points; false where the list was known. */
export async function award({ book }: County, rows: AwardRows, reason: string): Promise<boolean> {
  const proposed = await proposeAwards(book, { text: listOf(rows, reason), by: 'li' });
  if (!proposed.ok) return false;
  const released = await releaseAwards(book, { batch: proposed.value.batch, by: 'wang' });
  return released.ok;
}

/** Whether a list took effect though its clerks heard that something failed: its paper is written after the book has it. */
export function isAwarded({ book }: County, rows: AwardRows, reason: string): Promise<boolean> {
  const sha256 = hash('sha256', listOf(rows, reason), 'base64url');
  const select = 'SELECT 1 FROM award_release JOIN award_batch ON award_batch.id = batch WHERE sha256 = ?';
  return book.read((db) => prepared<[string], object>(db, select).get(sha256) !== undefined);
}

function listOf(rows: AwardRows, reason: string): string {
  return ['account,points,reason', ...rows.map(([account, points]) => `${account},${points / 100},${reason}`), ''].join('\n');
}

/** A person answers everything that is open. How many there were. */
export async function answerAll({ book }: County): Promise<number> {
  const open = await book.read(openExceptions);
  for (const { number } of open) await answerException(book, { number, by: 'li', text: 'looked into' });
  return open.length;
}

/** A voucher of what lies unallocated, or why there is none. */
export async function giveVoucher(
  { book }: County,
  of: { readonly account: string; readonly kiosk: string; readonly want: number },
): Promise<{ readonly number: number; readonly amount: number; readonly text: string } | string> {
  const given = await issueVoucher(book, { ...of, by: 'li' });
  return given.ok ? given.value : given.code;
}

/** Moves a resident's home. */
export async function moveAway({ book }: County, account: string, to: string): Promise<string> {
  const moved = await moveHome(book, { account, to, by: 'li' });
  return moved.ok ? 'moved' : moved.code;
}

/** Proposes a list, lets somebody change it on the disk, and releases it. What was said of that. */
export async function proposedAndForged({ book }: County, account: string, forge: (path: string, text: string) => void): Promise<string> {
  const text = `account,points,reason\n${account},1,forged ${book.wallMs()}\n`;
  const proposed = await proposeAwards(book, { text, by: 'li' });
  if (!proposed.ok) return proposed.code;
  const { batch } = proposed.value;
  forge(join(book.folder.awards, `${fileNumber(batch)}.list`), text);
  const released = await releaseAwards(book, { batch, by: 'wang' });
  return released.ok ? 'released' : released.code;
}
