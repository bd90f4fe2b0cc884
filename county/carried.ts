// A stick or an SFTP drop at the county, the same bytes as over the network for shops that have none (reconciliation.md R4; docs/files.md, S):
// takes in what kiosks put there, puts the county's answers and its files to those kiosks beside it. Believes nothing of what it reads:
// intake.ts asks the signatures. Removes nothing there.

import { createReadStream, createWriteStream, existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ackBytesMax } from '../db/acks.ts';
import { isFolder } from '../db/backup.ts';
import { carriedFolder, copyWhole, isSameSize, isSameText, makeFolder, readBounded } from '../db/carried-files.ts';
import type { BookEvent } from '../db/model/event.ts';
import { writeFileDurably } from '../db/files.ts';
import { type Result, fail, ok } from '../db/model/result.ts';
import type { Verdict } from '../db/model/up-file.ts';
import { type ReadableDatabase, prepared } from '../db/sqlite.ts';
import { fileNumber } from '../db/up-files.ts';
import type { CountyBook } from './book/county-book.ts';
import { findKiosk, takeIn } from './book/intake.ts';
import { packedBytesMax } from './server/uploads.ts';

/** Files of one kiosk that one carrying takes, and gives: one that was away for years comes again. */
const filesMax = 1_000;
const idShape = /^[A-Za-z0-9._-]{1,40}$/;
const noteName = /^(\d{8,15})\.note$/;

/** What was carried for one kiosk. */
export interface CarriedKiosk {
  readonly kiosk: string;
  /** How the county answered each file, in order; an answer lies beside each. */
  readonly verdicts: readonly Verdict[];
  /** Files of it that are there and could not be read as ours: too large, or without their checkpoint. */
  readonly unreadable: readonly string[];
  /** Files of the county that were put there now. */
  readonly given: number;
}

export interface Carried {
  readonly kiosks: readonly CarriedKiosk[];
  /** Folders there that belong to no kiosk of this county. */
  readonly strangers: readonly string[];
}

/**
 * Takes in every file under `place` that has its note, in order, and gives answers and files: to the kiosks that have a folder there, and to
 * `only`, which need have none. Again on the same place it changes nothing. `told` hears what is being done. Throws what the disk or the
 * stick says; what was taken is taken, and the same again goes on.
 */
export async function carry(
  book: CountyBook,
  { place, only, told }: { readonly place: string; readonly only: string | null; readonly told: (kiosk: string) => void },
): Promise<Result<Carried, 'no_place' | 'nothing_there' | 'unknown_kiosk' | 'busy'>> {
  if (!isAbsolute(place) || !isFolder(place)) return fail('no_place');
  if (only !== null && (await book.read((db) => findKiosk(db, only))) === null) return fail('unknown_kiosk');
  const root = join(place, carriedFolder, book.code);
  const names = new Set([...foldersIn(join(root, 'up')), ...foldersIn(join(root, 'down')), ...(only === null ? [] : [only])]);
  if (names.size === 0) return fail('nothing_there');
  if (atWork.has(book.folder.directory)) return fail('busy');
  atWork.add(book.folder.directory);
  try {
    const kiosks: CarriedKiosk[] = [];
    const strangers: string[] = [];
    for (const kiosk of [...names].toSorted()) {
      if ((await book.read((db) => findKiosk(db, kiosk))) === null) {
        strangers.push(kiosk);
        continue;
      }
      told(kiosk);
      const taken = await takeFrom(book, place, kiosk);
      kiosks.push({ kiosk, ...taken, given: await giveTo(book, place, kiosk) });
    }
    return ok({ kiosks, strangers });
  } finally {
    atWork.delete(book.folder.directory);
  }
}

/** Counties whose stick is being read: each copies to one name. */
const atWork = new Set<string>();

async function takeFrom(book: CountyBook, place: string, kiosk: string): Promise<Pick<CarriedKiosk, 'verdicts' | 'unreadable'>> {
  const verdicts: Verdict[] = [];
  const unreadable: string[] = [];
  const root = join(place, carriedFolder, book.code);
  const incs = foldersIn(join(root, 'up', kiosk)).filter((name) => /^[1-9]\d{0,8}$/.test(name));
  for (const inc of incs.map(Number).toSorted((a, b) => a - b)) {
    const from = join(root, 'up', kiosk, String(inc));
    const numbers = readdirSync(from).flatMap((name) => noteName.exec(name)?.[1] ?? []);
    for (const fileSeq of numbers.map(Number).toSorted((a, b) => a - b)) {
      if (verdicts.length === filesMax) return { verdicts, unreadable };
      const at = (ending: string): string => join(from, `${fileNumber(fileSeq)}.${ending}`);
      const [note, checkpoint] = [readBounded(at('note'), ackBytesMax), readBounded(at('checkpoint'), ackBytesMax)];
      const data = at('jsonl.gz');
      if (note === null || checkpoint === null || !existsSync(data) || statSync(data).size > packedBytesMax) {
        unreadable.push(`${inc}/${fileNumber(fileSeq)}`);
        continue;
      }
      const answer = await takeOne(book, { kiosk, inc, fileSeq, data, note, checkpoint });
      verdicts.push(answer.verdict);
      giveText(place, join(root, 'ack', kiosk, String(inc), `${fileNumber(fileSeq)}.ack`), answer.note);
    }
  }
  return { verdicts, unreadable };
}

/** Copied first: what is judged must be what is kept, whoever writes on the stick meanwhile. */
async function takeOne(book: CountyBook, upload: Parameters<typeof takeIn>[1]): ReturnType<typeof takeIn> {
  mkdirSync(book.folder.incoming, { recursive: true });
  const data = join(book.folder.incoming, 'carried.jsonl.gz');
  try {
    await pipeline(createReadStream(upload.data), createWriteStream(data, { mode: 0o600 }));
    return await takeIn(book, { ...upload, data });
  } finally {
    rmSync(data, { force: true });
  }
}

/** The files that the kiosk has not said it has, from the oldest, as many as one carrying gives; returns how many were not there. */
async function giveTo(book: CountyBook, place: string, kiosk: string): Promise<number> {
  const from = join(book.folder.down, kiosk);
  const to = join(place, carriedFolder, book.code, 'down', kiosk);
  const newest = Math.max(0, ...(isFolder(from) ? readdirSync(from) : []).flatMap((name) => noteName.exec(name)?.[1] ?? []).map(Number));
  const due = (await book.read((db) => lastApplied(db, kiosk))) + 1;
  // a machine that was put back asks again for files that it had: the newest go with it in any case
  const first = Math.min(due, Math.max(1, newest - filesMax + 1));
  let given = 0;
  for (let downSeq = first; downSeq <= newest && downSeq < first + filesMax; downSeq += 1) {
    const [data, note] = (['jsonl.gz', 'note'] as const).map((ending) => `${fileNumber(downSeq)}.${ending}`) as [string, string];
    if (!existsSync(join(from, note))) continue;
    if (isSameText(join(from, note), join(to, note), ackBytesMax) && isSameSize(join(from, data), join(to, data))) continue;
    makeFolder(place, to);
    await copyWhole(join(from, data), join(to, data), Number.POSITIVE_INFINITY);
    await copyWhole(join(from, note), join(to, note), ackBytesMax);
    given += 1;
  }
  return given;
}

/** Number of the newest file that the kiosk said it applied; 0: none. */
function lastApplied(db: ReadableDatabase, kiosk: string): number {
  const line = prepared<[string], { line: string }>(
    db,
    `SELECT line FROM event WHERE kiosk = ? AND kind = 'DOWN_APPLIED' ORDER BY inc DESC, seq DESC LIMIT 1`,
  ).get(kiosk)?.line;
  if (line === undefined) return 0;
  return (JSON.parse(line) as BookEvent & { readonly kind: 'DOWN_APPLIED' }).body.downSeq; // the kind was asked for
}

function giveText(place: string, path: string, text: string): void {
  if (readBounded(path, ackBytesMax) === text) return;
  makeFolder(place, dirname(path));
  writeFileDurably(path, text);
}

function foldersIn(path: string): readonly string[] {
  if (!isFolder(path)) return [];
  return readdirSync(path, { withFileTypes: true }).flatMap((each) => (each.isDirectory() && idShape.test(each.name) ? [each.name] : []));
}
