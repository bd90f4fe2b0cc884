// Files on a stick: the same bytes as over the network, for shops that have none (reconciliation.md R4). Copies and takes; believes
// nothing of what it takes, and never removes anything from a stick.

import { existsSync, readdirSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { ackBytesMax, takeAck } from '../../db/acks.ts';
import { type PlaceFault, isFolder, placeFault } from '../../db/backup.ts';
import type { Book } from '../../db/book.ts';
import { SizeError, carriedFolder, copyWhole, isSameSize, isSameText, makeFolder, readBounded } from '../../db/carried-files.ts';
import { notePathOf } from '../../db/down.ts';
import type { Home } from '../../db/home.ts';
import { lastDown } from '../../db/reference.ts';
import { type UpEnding, fileNumber, unpostedUpFiles, upFilePath } from '../../db/up-files.ts';
import type { UpFault, UpView } from '../ipc/snapshot.ts';
import type { Engine } from './till.ts';

/** Files that one copying takes: a kiosk that was away for years comes again. */
const filesMax = 1_000;
/** Data files of the county taken at once; the inbox applies one after another. */
const downFilesMax = 400;
const dataBytesMax = 512 * 1024 * 1024;

/** A drive that is in the machine: its top, and the name that a person reads. */
interface Drive {
  readonly folder: string;
  readonly name: string;
  readonly freeBytes: number;
  /** Of the book's own disk: no stick. */
  readonly isSameDisk: boolean;
}

/** Drives that are in the machine now, with our folder on them or without. */
export async function sticksNow({ drives }: Pick<Engine, 'drives'>): Promise<readonly Drive[]> {
  return (await drives()).map((place) => ({ ...place, folder: dirname(place.folder) }));
}

/**
 * What is offered by itself to carry files: a drive with our folder on it, else one that was put in since the till last ran, as every shop's
 * first stick is. `always` are the tops of those that have been in all the time, a reader of cards or a second disk: of them nothing is said.
 */
export function offeredStick(now: readonly Drive[], always: ReadonlySet<string>): UpView['stick'] {
  const ours = now.find(({ folder }) => isFolder(join(folder, carriedFolder)));
  const put = now.find(({ folder, isSameDisk, freeBytes }) => !always.has(folder) && !isSameDisk && freeBytes > 0);
  const found = ours ?? put;
  return found === undefined ? null : { folder: found.folder, name: found.name };
}

/**
 * Copies every file that the county has not posted to the stick that `folder` is the top of, and takes the county's answers and files
 * for this kiosk from it. A file that is there whole is not copied again; each is written beside, synced and renamed, its note last. A
 * stick that is pulled out leaves nothing half under a good name. Faults of the book and of this machine's disk are thrown.
 */
export async function copyToStick({
  book,
  home,
  folder,
  idle,
}: {
  readonly book: Book;
  readonly home: Home;
  readonly folder: string;
  readonly idle: () => Promise<void>;
}): Promise<Copied> {
  const done = { files: 0, answers: 0, countyFiles: 0 };
  if (!isAbsolute(folder) || !isFolder(folder)) return { ...done, fault: 'stick_missing' };
  const { county, kiosk } = book.identity;
  const root = join(folder, carriedFolder, county);
  const stick: Stick = { book, home, root, idle };
  try {
    done.answers = await takeAnswers(stick);
    for (const file of unpostedUpFiles(book.db, filesMax)) {
      const to = join(root, 'up', kiosk, String(file.inc));
      if (!existsSync(upFilePath(home, file, 'note'))) return { ...done, fault: 'file_missing' };
      const copied = (ending: UpEnding): string => join(to, `${fileNumber(file.fileSeq)}.${ending}`);
      const isThere = (ending: UpEnding): boolean => isSameText(upFilePath(home, file, ending), copied(ending), ackBytesMax);
      if (isThere('note') && isThere('checkpoint') && isSameSize(upFilePath(home, file, 'jsonl.gz'), copied('jsonl.gz'))) continue;
      makeFolder(folder, to);
      for (const ending of ['jsonl.gz', 'checkpoint', 'note'] as const) {
        await idle();
        await copyWhole(upFilePath(home, file, ending), copied(ending), Number.POSITIVE_INFINITY);
      }
      done.files += 1;
    }
    done.countyFiles = await takeCountyFiles(stick);
    return { ...done, fault: null };
  } catch (error) {
    if (isOurs(error, home)) throw error;
    return { ...done, fault: stickFaults[placeFault(error, folder) ?? 'failed'] };
  }
}

const stickFaults = {
  place_missing: 'stick_missing',
  place_full: 'stick_full',
  place_read_only: 'stick_read_only',
  failed: 'failed',
} as const satisfies { readonly [fault in PlaceFault]: UpFault };

/** What a copying did: files put on the stick, answers and files of the county taken from it. */
export interface Copied {
  readonly files: number;
  readonly answers: number;
  readonly countyFiles: number;
  /** Why it ended before its end; null: it did not. */
  readonly fault: UpFault | null;
}

interface Stick {
  readonly book: Book;
  readonly home: Home;
  readonly root: string;
  readonly idle: () => Promise<void>;
}

async function takeAnswers({ book, home, root, idle }: Stick): Promise<number> {
  let taken = 0;
  for (const file of unpostedUpFiles(book.db, filesMax)) {
    const path = join(root, 'ack', book.identity.kiosk, String(file.inc), `${fileNumber(file.fileSeq)}.ack`);
    const note = readBounded(path, ackBytesMax);
    if (note === null) continue;
    await idle();
    const outcome = takeAck(book, home, file, note);
    if (outcome.kind === 'taken') taken += 1;
    if (outcome.kind === 'alarm') return taken;
  }
  return taken;
}

/** The county's files that are due, into the inbox: data first, the note last. */
async function takeCountyFiles({ book, home, root, idle }: Stick): Promise<number> {
  const from = join(root, 'down', book.identity.kiosk);
  if (!isFolder(from)) return 0;
  const due = (lastDown(book.db)?.downSeq ?? 0) + 1;
  const names = new Set(readdirSync(from));
  let taken = 0;
  for (let downSeq = due; downSeq < due + downFilesMax; downSeq += 1) {
    const name = `${fileNumber(downSeq)}.jsonl.gz`;
    if (!names.has(name) || !names.has(notePathOf(name))) break;
    const [data, note] = [join(home.inbox, name), join(home.inbox, notePathOf(name))];
    if (isSameText(join(from, notePathOf(name)), note, ackBytesMax) && isSameSize(join(from, name), data)) continue;
    await idle();
    await copyWhole(join(from, name), data, dataBytesMax);
    await copyWhole(join(from, notePathOf(name)), note, ackBytesMax);
    taken += 1;
  }
  return taken;
}

/** Of this machine's disk or the book, or the end of the engine: what names no file is not the stick's. */
function isOurs(error: unknown, home: Home): boolean {
  const path = error instanceof Error && 'path' in error ? error.path : null;
  return !(error instanceof SizeError) && (typeof path !== 'string' || path.startsWith(home.directory)) && !isOfDisk(error);
}

/** Reading and writing itself names no file. */
function isOfDisk(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return ['ENOSPC', 'EDQUOT', 'EIO', 'ENODEV', 'ENXIO', 'ESTALE'].includes(code);
}
