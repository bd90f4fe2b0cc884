// What is done to keep the book: checking the whole of it, an encrypted copy on a second place, and telling in time. Selling goes
// on meanwhile; only a lie in the book stops it.

import { closeSync, fsync, mkdirSync, openSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { isFolder } from '../../db/backup.ts';
import type { Book } from '../../db/book.ts';
import type { BookEvent, EventKind } from '../../db/model/event.ts';
import { noTries } from '../../db/model/pin.ts';
import { type Result, fail, never, ok } from '../../db/model/result.ts';
import { businessDate } from '../../db/model/time.ts';
import { writeTries } from '../../db/operators.ts';
import { recoveryCodeOf } from '../../db/recovery-code.ts';
import { isFrozen } from '../../db/reference.ts';
import { type ReadableDatabase, prepared } from '../../db/sqlite.ts';
import { uuidv7 } from '../../db/uuid.ts';
import type { Verdict } from '../../db/verify.ts';
import type { BackupPlaceView, BadBackupPlace, UpkeepView } from '../ipc/day-views.ts';
import { backupPlaces, freeBytesAt, isSameDisk, preparePlace } from './backup-place.ts';
import { openTill } from './opening.ts';
import { type PinRefusal, checkPin } from './pin-check.ts';
import { type Engine, selling, stop, whenFree, writeWhenFree } from './till.ts';
import { type UpkeepFile, daysLeft, readUpkeep, withToday, writeUpkeep } from './upkeep-file.ts';
import type { UpkeepTask, UpkeepWord } from './upkeep-worker.ts';

interface Upkeep {
  file: UpkeepFile;
  running: UpkeepView['running'];
  /** Of the newest try, or what is wrong with the place now. */
  fault: UpkeepView['backupFault'];
  isSameDisk: boolean;
  freeBytes: number;
  /** What runs now, and what stops it. */
  work: Promise<void> | null;
  readonly ending: AbortController;
  /** Monotonic time from which what failed is tried again by itself. */
  againAt: number;
}

const tills = new WeakMap<Engine, Upkeep>();

/** How often the disk and the place are looked at. */
const lookMs = 60_000;
/** The slip of a closing is printed first; and a start has better things to do. */
const soonMs = 5_000;
const afterStartMs = 10_000;
/** What failed is tried again by itself after this; at once where a stick is back. */
const retryMs = 30 * 60 * 1000;
/** Of a book of five years the slowest PC checks and packs in a tenth of this. */
const workDeadlineMs = 60 * 60 * 1000;

/** Begins to look after the book. Never throws: a till without upkeep sells, and says what is missing. */
export function startUpkeep(engine: Engine): { stop(): Promise<void> } {
  const upkeep: Upkeep = {
    file: readUpkeep(engine.home),
    running: null,
    fault: null,
    isSameDisk: false,
    freeBytes: 0,
    work: null,
    ending: new AbortController(),
    againAt: 0,
  };
  tills.set(engine, upkeep);
  if (engine.home === null) return { stop: () => Promise.resolve() };
  try {
    recoveryCodeOf(engine.home); // homes from before there were backups have none
  } catch (error) {
    engine.log('the recovery code', error);
  }
  lookAround(engine, upkeep);
  const lie = engine.book === null ? null : newestLie(engine.book.db);
  if (lie !== null) upkeep.work = checkStopped(engine, upkeep, lie);
  const first = setTimeout(() => catchUp(engine), afterStartMs);
  const timer = setInterval(() => catchUp(engine), lookMs);
  return {
    async stop() {
      clearTimeout(first);
      clearInterval(timer);
      upkeep.ending.abort();
      await upkeep.work;
    },
  };
}

/** Backup, checking and room, in facts. */
export function upkeepView(engine: Engine): UpkeepView {
  const upkeep = tills.get(engine);
  const { home, book } = engine;
  const place = placeOf(engine);
  const file = upkeep?.file ?? readUpkeep(null);
  const freeBytes = upkeep?.freeBytes ?? 0;
  const reserveBytes = home?.config.diskReserveBytes ?? 0;
  return {
    running: upkeep?.running ?? null,
    place,
    backedUpAt: book === null ? null : (newest(book.db, 'BACKED_UP')?.at ?? null),
    backupFault: place === null ? 'no_place' : (upkeep?.fault ?? (upkeep?.isSameDisk === true ? 'same_disk' : null)),
    verifiedAt: book === null ? null : (newest(book.db, 'VERIFIED')?.at ?? null),
    freeBytes,
    daysLeft: daysLeft(file, { at: engine.clock.wallMs(), freeBytes, reserveBytes }),
    isCodeKept: file.isCodeKept,
    isFrozen: book !== null && isFrozen(book.db),
  };
}

/** A day was closed: the book is checked and backed up once its slip had time to print. Called after the closing's commit. */
export function upkeepSoon(engine: Engine): void {
  const upkeep = tills.get(engine);
  if (upkeep === undefined) return;
  upkeep.againAt = 0;
  const timer = setTimeout(() => catchUp(engine), soonMs);
  upkeep.ending.signal.addEventListener('abort', () => clearTimeout(timer));
}

/** The owner's press: checks and backs up at once. The answer is that it began; the snapshot tells how it goes. */
export function backUpNow(engine: Engine): Result<null, 'upkeep_running' | 'no_backup_place'> {
  const place = placeOf(engine);
  return place === null ? fail('no_backup_place') : begin(engine, { check: true, place });
}

/** The owner's press: only checks. */
export function checkNow(engine: Engine): Result<null, 'upkeep_running'> {
  return begin(engine, { check: true, place: null });
}

/** Sticks and drives that are in the machine now. */
export async function placesNow(engine: Engine): Promise<readonly BackupPlaceView[]> {
  return backupPlaces(engine.directory);
}

/** The owner chose where backups go; a folder of our own is made there. */
export function setBackupPlace(engine: Engine, { folder }: { readonly folder: string }): Result<null, BadBackupPlace> {
  const { home } = engine;
  const upkeep = tills.get(engine);
  if (home === null || upkeep === undefined) return fail('place_missing');
  const prepared = preparePlace(folder, home.directory);
  if (!prepared.ok) return prepared;
  keepFile(engine, upkeep, { ...upkeep.file, place: folder });
  upkeep.fault = null;
  upkeep.againAt = 0;
  lookAround(engine, upkeep);
  engine.changed();
  return ok(null);
}

/** Shows the owner the recovery code, after their PIN: whoever has it and a backup has everything. */
export async function showRecoveryCode(
  engine: Engine,
  { pin }: { readonly pin: string },
): Promise<{ readonly ok: true; readonly value: { readonly code: string } } | PinRefusal> {
  const operatorId = engine.operator?.id ?? '';
  const checked = await checkPin(engine, { operatorId, pin, command: { recoveryCode: operatorId } });
  if (!checked.ok) return checked;
  selling(engine).book.transact(({ db }) => writeTries(db, operatorId, noTries));
  return { ok: true, value: { code: recoveryCodeOf(engine.home!) } }; // a till that sells has its home
}

/** The owner says to have the code on paper. */
export function keepRecoveryCode(engine: Engine): null {
  const upkeep = tills.get(engine);
  if (upkeep !== undefined) keepFile(engine, upkeep, { ...upkeep.file, isCodeKept: true });
  engine.changed();
  return null;
}

function placeOf(engine: Engine): string | null {
  return tills.get(engine)?.file.place ?? engine.home?.config.backup ?? null;
}

function keepFile(engine: Engine, upkeep: Upkeep, file: UpkeepFile): void {
  upkeep.file = file;
  try {
    if (engine.home !== null) writeUpkeep(engine.home, file);
  } catch (error) {
    engine.log('upkeep.json', error); // a full disk stops the till by itself; the choice is made again
  }
}

/** Looks at the disk and the place, and does what the newest closing still wants. */
function catchUp(engine: Engine): void {
  const upkeep = tills.get(engine);
  if (upkeep === undefined || upkeep.ending.signal.aborted || engine.book?.db.inTransaction === true) return;
  lookAround(engine, upkeep);
  const due = dueTask(engine);
  if (due === null || upkeep.work !== null || engine.clock.monoMs() < upkeep.againAt) return;
  begin(engine, due);
}

/** Room, and whether the place is there: a stick that is back is tried at once. */
function lookAround(engine: Engine, upkeep: Upkeep): void {
  const { directory, clock } = engine;
  const before = `${upkeep.fault} ${upkeep.isSameDisk} ${upkeep.freeBytes >> 26}`; // told again when it moved by 64 MB
  upkeep.freeBytes = freeBytesAt(directory);
  const file = withToday(upkeep.file, { at: clock.wallMs(), freeBytes: upkeep.freeBytes });
  if (file !== upkeep.file) keepFile(engine, upkeep, file);
  const place = placeOf(engine);
  const isThere = place !== null && isFolder(place);
  upkeep.isSameDisk = isThere && isSameDisk(place, directory);
  if (upkeep.work === null && place !== null) {
    if (!isThere) upkeep.fault = 'place_missing';
    else if (upkeep.fault === 'place_missing') {
      upkeep.fault = null;
      upkeep.againAt = 0;
    }
  }
  if (before !== `${upkeep.fault} ${upkeep.isSameDisk} ${upkeep.freeBytes >> 26}`) engine.changed();
}

/** What the newest closing has not had yet, also where the power went before it could; null: nothing. */
function dueTask(engine: Engine): Pick<UpkeepTask, 'check' | 'place'> | null {
  const { book } = engine;
  if (book === null) return null;
  const closing = prepared<[], { seq: number | null }>(book.db, 'SELECT max(seq) AS seq FROM closing').get()?.seq ?? 0;
  const place = placeOf(engine);
  const isUnchecked = closing > (newest(book.db, 'VERIFIED')?.body.throughSeq ?? 0);
  const isUnsaved = place !== null && isFolder(place) && closing > (newest(book.db, 'BACKED_UP')?.body.throughSeq ?? 0);
  if (closing === 0 || (!isUnchecked && !isUnsaved)) return null;
  return { check: true, place: isUnsaved ? place : null };
}

function begin(engine: Engine, task: Pick<UpkeepTask, 'check' | 'place'>): Result<null, 'upkeep_running'> {
  const upkeep = tills.get(engine);
  if (upkeep === undefined || upkeep.work !== null) return fail('upkeep_running');
  upkeep.running = { step: 'copying', percent: 0 };
  upkeep.work = run(engine, upkeep, task)
    .catch((error: unknown) => {
      if (upkeep.ending.signal.aborted) return;
      engine.log('upkeep', error);
      if (task.place !== null) upkeep.fault = 'failed';
      upkeep.againAt = engine.clock.monoMs() + retryMs;
    })
    .finally(() => {
      upkeep.running = null;
      upkeep.work = null;
      if (engine.home !== null) rmSync(engine.home.work, { recursive: true, force: true });
      lookAround(engine, upkeep);
      engine.changed();
    });
  engine.changed();
  return ok(null);
}

async function run(engine: Engine, upkeep: Upkeep, task: Pick<UpkeepTask, 'check' | 'place'>): Promise<void> {
  await whenFree(engine);
  const { home, book } = engine;
  if (home === null || book === null) return;
  if (freeBytesAt(home.directory) < statSync(home.book).size * roomForCopy + home.config.diskReserveBytes) {
    upkeep.fault = 'no_room';
    upkeep.againAt = engine.clock.monoMs() + retryMs;
    return;
  }
  rmSync(home.work, { recursive: true, force: true });
  mkdirSync(home.work, { mode: 0o700 });
  await copyBook(engine, book, join(home.work, 'book.db'), upkeep);
  const words: Promise<void>[] = [];
  await inThread(
    { ...task, home: home.directory, copy: home.work, at: engine.clock.wallMs() },
    upkeep.ending.signal,
    (word) => void words.push(hear(engine, upkeep, task, word)),
  );
  await Promise.all(words);
}

/** The copy, and the scratch of the check beside it. */
const roomForCopy = 1.5;

/**
 * A consistent copy while the till sells: the newest pages are given on as they are written, a few at a time, and the copy is put
 * on the disk by another thread as it grows, so that its end does not keep anybody waiting.
 */
async function copyBook(engine: Engine, book: Book, to: string, upkeep: Upkeep): Promise<void> {
  book.db.pragma('wal_checkpoint(TRUNCATE)');
  let file: number | null = null;
  let syncing: Promise<void> | null = null;
  const { signal } = upkeep.ending;
  try {
    await book.db.backup(to, {
      progress: ({ totalPages, remainingPages }) => {
        signal.throwIfAborted();
        if (book.db.inTransaction) return 0; // a file of the county is being applied
        tell(engine, upkeep, { step: 'copying', percent: Math.floor(((totalPages - remainingPages) / Math.max(1, totalPages)) * 100) });
        file ??= openSync(to, 'r+');
        syncing ??= synced(file).then(() => {
          syncing = null;
        });
        return pagesAtOnce;
      },
    });
  } finally {
    await (syncing as Promise<void> | null); // set by the progress above, which the compiler does not follow
    if (file !== null) closeSync(file);
  }
}

/** By another thread; that it failed the copy's own end will say. */
function synced(file: number): Promise<void> {
  return new Promise((resolve) => {
    fsync(file, () => resolve());
  });
}

/** Half a megabyte: less than a millisecond of the engine. */
const pagesAtOnce = 128;

/** What came of the check or the backup is an event of the book; a lie stops the till. */
async function hear(engine: Engine, upkeep: Upkeep, task: Pick<UpkeepTask, 'check' | 'place'>, word: UpkeepWord): Promise<void> {
  switch (word.kind) {
    case 'progress':
      return tell(engine, upkeep, word.running);
    case 'checked': {
      const { verdict, reached } = word;
      if (verdict.kind === 'unchecked') throw new Error(`not checked: ${verdict.what}`);
      await append(engine, { kind: 'VERIFIED', body: { ...reached, lie: lieOf(verdict) } });
      if (verdict.kind === 'lie') stop(engine, 'book_damaged', wordsOf(verdict));
      return;
    }
    case 'backed_up': {
      const { outcome, reached } = word;
      upkeep.fault = outcome.ok ? null : outcome.code;
      if (!outcome.ok) upkeep.againAt = engine.clock.monoMs() + retryMs;
      else await append(engine, { kind: 'BACKED_UP', body: { ...reached, place: task.place!.normalize('NFC'), ...outcome.value } }); // made only where there is one
      return;
    }
    default:
      return never(word);
  }
}

function tell(engine: Engine, upkeep: Upkeep, running: NonNullable<UpkeepView['running']>): void {
  if (upkeep.running?.step === running.step && upkeep.running.percent === running.percent) return;
  upkeep.running = running;
  engine.changed();
}

async function append(engine: Engine, kind: EventKind & { readonly kind: 'VERIFIED' | 'BACKED_UP' }): Promise<void> {
  await writeWhenFree(engine, (book) => {
    const now = engine.clock.wallMs();
    book.transact((transaction) =>
      transaction.append({
        ...kind,
        id: uuidv7(now),
        day: businessDate(Math.max(now, book.lastAt())),
        op: engine.operator?.id ?? null,
        command: { upkeep: kind.kind, through: kind.body.throughSeq },
      }),
    );
  });
}

/**
 * A book that was found untrue sells no more, also after a start: it is checked once more first, for a newer program may know
 * better, and opened where every check holds.
 */
async function checkStopped(engine: Engine, upkeep: Upkeep, lie: Exclude<Verdict, { kind: 'true' | 'unchecked' }>): Promise<void> {
  stop(engine, 'book_damaged', wordsOf(lie));
  const words: UpkeepWord[] = [];
  try {
    const task = { home: engine.directory, copy: null, check: true, place: null, at: engine.clock.wallMs() };
    await inThread(task, upkeep.ending.signal, (word) => void words.push(word));
  } catch (error) {
    if (!upkeep.ending.signal.aborted) engine.log('checking the stopped book', error);
  }
  upkeep.work = null;
  const checked = words.find((word) => word.kind === 'checked');
  if (checked?.verdict.kind !== 'true' || upkeep.ending.signal.aborted) return;
  openTill(engine);
  await append(engine, { kind: 'VERIFIED', body: { ...checked.reached, lie: null } });
  engine.changed();
}

function inThread(task: UpkeepTask, signal: AbortSignal, hear: (word: UpkeepWord) => void): Promise<void> {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return new Promise((resolve, reject) => {
    const worker = new Worker(join(import.meta.dirname, `upkeep-worker.${extension}`), { workerData: task });
    const end = (): void => void worker.terminate();
    const timer = setTimeout(end, workDeadlineMs);
    signal.addEventListener('abort', end);
    worker.on('message', hear); // the thread is ours
    worker.on('error', reject);
    worker.on('exit', (code) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      if (code === 0) resolve();
      else reject(new Error(`the thread of upkeep ended with ${code}`));
    });
  });
}

type EventOf<Kind extends BookEvent['kind']> = BookEvent & { readonly kind: Kind };

/** The newest of a kind; asked at every look, so by its own index. */
function newest<Kind extends 'VERIFIED' | 'BACKED_UP'>(db: ReadableDatabase, kind: Kind): EventOf<Kind> | null {
  const sql = {
    VERIFIED: `SELECT line FROM event WHERE kind = 'VERIFIED' ORDER BY seq DESC LIMIT 1`,
    BACKED_UP: `SELECT line FROM event WHERE kind = 'BACKED_UP' ORDER BY seq DESC LIMIT 1`,
  }[kind];
  const row = prepared<[], { line: string }>(db, sql).get();
  return row === undefined ? null : (JSON.parse(row.line) as EventOf<Kind>); // the book's own line
}

function newestLie(db: ReadableDatabase): Exclude<Verdict, { kind: 'true' | 'unchecked' }> | null {
  const lie = newest(db, 'VERIFIED')?.body.lie ?? null;
  return lie === null ? null : { kind: 'lie', ...lie };
}

function lieOf(verdict: Verdict): { readonly check: string; readonly place: string; readonly what: string } | null {
  if (verdict.kind !== 'lie') return null;
  const plain = (text: string): string => text.normalize('NFC').slice(0, 300);
  return { check: plain(verdict.check), place: plain(verdict.place), what: plain(verdict.what) };
}

function wordsOf({ check, place, what }: { readonly check: string; readonly place: string; readonly what: string }): string {
  return `${check}: ${place}: ${what}`;
}
