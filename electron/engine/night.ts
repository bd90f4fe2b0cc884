// The night: cuts what the county has not been given, after each closing and at the kiosk's own hour, and sends it as long as it takes.
// Never keeps a sale waiting, never gives up, never removes anything (reconciliation.md R4).

import { createHash } from 'node:crypto';
import { relative } from 'node:path';
import { activeAlarm, newestAck } from '../../db/acks.ts';
import type { Book } from '../../db/book.ts';
import { type CountyServer, type Home, countyServerOf } from '../../db/home.ts';
import { isNewKeyAsked } from '../../db/down.ts';
import { dropOldKeys, passFor, rotateOwnKey } from '../../db/kiosk-keys.ts';
import type { BookEvent } from '../../db/model/event.ts';
import { type Result, fail, ok } from '../../db/model/result.ts';
import { dayMs } from '../../db/model/time.ts';
import { type ReadableDatabase, prepared } from '../../db/sqlite.ts';
import { cutUpFile, isUnposted, mendUpFile, newestUpFile } from '../../db/up-files.ts';
import type { UpFault, UpView } from '../ipc/snapshot.ts';
import { lookAtInbox } from './exchange.ts';
import { type RoundEnd, runRound } from './round.ts';
import { countyLine } from './send.ts';
import { readSeenDrives, writeSeenDrives } from './seen-drives.ts';
import { software } from './software.ts';
import { type Copied, copyToStick, offeredStick, sticksNow } from './stick.ts';
import { type Engine, stopOnFault, whenFree } from './till.ts';
import { startWaiting } from './wait.ts';
import { upkeepView } from './upkeep.ts';

interface Night {
  running: UpView['running'];
  fault: UpFault | null;
  stick: UpView['stick'];
  /** Tops of the drives that were in at the start, as when the till last ran, and ever since. Null: nobody has looked. */
  drivesAlways: ReadonlySet<string> | null;
  work: Promise<void> | null;
  readonly ending: AbortController;
  /** Tries that failed since the last that did not. */
  failures: number;
  /** Monotonic times: from which the server is asked again, and of the newest cut. */
  againAt: number;
  cutAt: number | null;
  /** A person pressed here: cut and send at once. */
  isWanted: boolean;
  /** The county called: fetch its files at once, and send what answers them. */
  isCalled: boolean;
  /** The county wants another key, and somebody was at work when it was due: it is as soon as nobody is. */
  isKeyPutOff: boolean;
}

const tills = new WeakMap<Engine, Night>();

/** How often it is asked whether anything is due. */
const lookMs = 15_000;
/** A start has better things to do; and after a closing its slip is printed and the book copied first. */
const soonMs = 10_000;
/** A round may take this long, whatever the line does. */
const roundMs = 2 * 60 * 60 * 1000;
/** The server is asked for news about this often when nothing waits. */
const askMs = 30 * 60 * 1000;
/** Files cut one after the other where the county keeps asking; the next round goes on. */
const answersMax = 5;
/** In a demo somebody sits before it, who presses 过夜 and watches. */
const demoAskMs = 3_000;
/** A timer may fire this much before its time by the other clock, and then nothing would be due. */
const timerEarlyMs = 10;
/** Full jitter between zero and a step that doubles: a county's kiosks do not all come back at once (AWS, "Exponential Backoff And Jitter"). */
const backOffMs = 30_000;
const backOffMaxMs = 60 * 60 * 1000;
const backOffMinMs = 2_000;

/** Kiosks cut between 01:00 and 04:00 in China, each at a minute of its own. */
const nightBeginsMs = 1 * 60 * 60 * 1000;
const nightLastsMs = 3 * 60 * 60 * 1000;
/** UTC+8 without summer time. */
const chinaMs = 8 * 60 * 60 * 1000;

/** Begins to look. Never throws: a till that cannot send sells, and says what waits. */
export function startNight(engine: Engine): { stop(): Promise<void> } {
  const night: Night = {
    running: null,
    fault: null,
    stick: null,
    drivesAlways: null,
    work: null,
    ending: new AbortController(),
    failures: 0,
    againAt: 0,
    cutAt: null,
    isWanted: false,
    isCalled: false,
    isKeyPutOff: false,
  };
  tills.set(engine, night);
  if (engine.home === null) return { stop: () => Promise.resolve() };
  void lookForStick(engine, night);
  const first = setTimeout(() => look(engine, night), isDemo(engine) ? demoAskMs : soonMs);
  const timer = setInterval(() => look(engine, night), lookMs);
  const waiting = startWaiting(engine, {
    called: () => answerCall(engine, night),
    pass: passOf,
    pauseMs: (failures) => backOff(failures, Math.random()),
  });
  return {
    async stop() {
      clearTimeout(first);
      clearInterval(timer);
      night.ending.abort();
      await waiting.stop();
      await night.work;
    },
  };
}

/** What is sent and what waits, in facts. */
export function upView(engine: Engine): UpView {
  const night = tills.get(engine);
  const { home, book } = engine;
  const waiting = book === null ? { files: 0, since: null } : waitingFiles(book.db);
  return {
    running: night?.running ?? null,
    filesWaiting: waiting.files,
    waitingSince: waiting.since,
    lastAnswer: book === null ? null : newestAck(book.db),
    fault: night?.fault ?? null,
    alarmAt: home === null ? null : (activeAlarm(home)?.at ?? null),
    hasServer: home !== null && countyServerOf(home) !== null,
    stick: night?.stick ?? null,
  };
}

/** A day was closed: its events go up soon. Called after the closing's commit. */
export function nightSoon(engine: Engine): void {
  const night = tills.get(engine);
  if (night === undefined) return;
  night.againAt = 0;
  lookIn(engine, night, soonMs);
}

function lookIn(engine: Engine, night: Night, ms: number): void {
  const timer = setTimeout(() => {
    night.ending.signal.removeEventListener('abort', forget);
    look(engine, night);
  }, ms);
  const forget = (): void => clearTimeout(timer);
  night.ending.signal.addEventListener('abort', forget, { once: true });
}

/**
 * The county wants this kiosk to exchange now. Settles when that is over: another call would find nothing new before. Returns whether it
 * was done without a fault.
 */
async function answerCall(engine: Engine, night: Night): Promise<boolean> {
  while (night.work !== null) await night.work;
  night.isCalled = true;
  look(engine, night);
  const work = night.work as Night['work']; // look began it, or could not
  await work;
  return work !== null && night.fault === null;
}

/** The county's signed file calls this shop a demo. */
function isDemo({ reference }: Engine): boolean {
  return reference?.shop.isDemo === true;
}

/** A person's press: cuts and sends at once. The answer is that it began; the snapshot tells how it goes. */
export function sendNow(engine: Engine): Result<null, 'up_running'> {
  const night = tills.get(engine);
  if (night === undefined || night.running !== null) return fail('up_running');
  night.isWanted = true; // also while the county is only being asked for news: then it follows at once
  night.againAt = 0;
  look(engine, night);
  return ok(null);
}

/** A person's press: cuts, copies what the county has not posted to a stick, and takes from it what the county put there. */
export async function copyNow(engine: Engine, { folder }: { readonly folder: string }): Promise<Result<Copied, 'up_running'>> {
  const night = tills.get(engine);
  const { home, book } = engine;
  if (night === undefined || home === null || book === null || night.work !== null) return fail('up_running');
  const nothing = { files: 0, answers: 0, countyFiles: 0 };
  const work = (async (): Promise<Copied> => {
    try {
      if (!(await mayTake(engine, folder))) return { ...nothing, fault: 'stick_missing' };
      await cutAll(engine, night, book);
      tell(engine, night, 'copying');
      const copied = await copyToStick({ book, home, folder, idle: idleOf(engine, night, book) });
      night.fault = copied.fault;
      return copied;
    } catch (error) {
      return { ...nothing, fault: failed(engine, night, book, error) };
    }
  })();
  night.work = work.then(() => undefined);
  try {
    return ok(await work);
  } finally {
    night.work = null;
    night.running = null;
    engine.changed();
  }
}

/** A drive that is in the machine; and any folder but the kiosk's own that an owner names. */
async function mayTake(engine: Engine, folder: string): Promise<boolean> {
  if (!relative(engine.directory, folder).startsWith('..')) return false;
  return engine.operator?.role === 'owner' || (await sticksNow(engine)).some((stick) => stick.folder === folder);
}

/** The minute at which a kiosk cuts, in ms after midnight in China: its own, always the same. */
export function hourOf(kiosk: string): number {
  return nightBeginsMs + (createHash('sha256').update(kiosk).digest().readUInt32BE(0) % nightLastsMs);
}

/**
 * Whether the kiosk's hour has passed since a file was cut, both epoch ms. A clock that stands before the cut was set back, or the one
 * then was wrong: no hour can be asked of it, and `sinceMs`, by the other clock, decides. Null: none was cut since this start.
 */
export function isHourPast(
  kiosk: string,
  { now, cutAt, sinceMs }: { readonly now: number; readonly cutAt: number; readonly sinceMs: number | null },
): boolean {
  if (sinceMs !== null && sinceMs >= dayMs) return true;
  if (now < cutAt) return sinceMs === null;
  const shift = chinaMs - hourOf(kiosk);
  return Math.floor((now + shift) / dayMs) > Math.floor((cutAt + shift) / dayMs);
}

/** How long until the next try after so many that failed. `random` in [0, 1). */
export function backOff(failures: number, random: number): number {
  return backOffMinMs + Math.floor(random * Math.min(backOffMaxMs, backOffMs * 2 ** Math.min(failures, 20)));
}

function look(engine: Engine, night: Night): void {
  const { home, book } = engine;
  void lookForStick(engine, night);
  if (home === null || book === null || night.work !== null || night.ending.signal.aborted || book.db.inTransaction) return;
  const isCutDue = night.isWanted || (night.isKeyPutOff && engine.operator === null) || isDue(engine, night, book);
  const isSendDue = countyServerOf(home) !== null && (night.isCalled || engine.clock.monoMs() >= night.againAt);
  if (!isCutDue && !isSendDue) return;
  const { isCalled } = night;
  night.isWanted = false;
  night.isCalled = false;
  const before = night.fault;
  night.work = run(engine, night, book, { isCutDue, isCalled })
    .catch((error: unknown) => void failed(engine, night, book, error))
    .finally(() => {
      const isNews = night.running !== null || night.fault !== before;
      night.work = null;
      night.running = null;
      if (isNews) engine.changed();
      if (night.isWanted || night.isCalled) look(engine, night);
    });
}

/** Also while a line says nothing for hours: that is when somebody fetches a stick. */
async function lookForStick(engine: Engine, night: Night): Promise<void> {
  const drives = await sticksNow(engine);
  if (night.ending.signal.aborted) return; // the till has ended, and its home may be gone
  const tops = drives.map(({ folder }) => folder);
  night.drivesAlways ??= engine.home === null ? null : readSeenDrives(engine.home);
  night.drivesAlways = new Set(tops.filter((folder) => night.drivesAlways?.has(folder) ?? true));
  remember(engine, tops);
  const stick = offeredStick(drives, night.drivesAlways);
  if (stick?.folder === night.stick?.folder) return;
  night.stick = stick;
  engine.changed();
}

function remember({ home, log }: Engine, tops: readonly string[]): void {
  try {
    if (home !== null) writeSeenDrives(home, tops);
  } catch (error) {
    log(`drives are not remembered: ${String(error)}`); // the till sells, and offers one that was always in after its next start
  }
}

function isDue(engine: Engine, night: Night, { db, identity }: Book): boolean {
  if (isClosingUncut(db)) return true; // also one that a power cut kept from going
  const newest = newestUpFile(db);
  const sinceMs = night.cutAt === null ? null : engine.clock.monoMs() - night.cutAt;
  return isHourPast(identity.kiosk, { now: engine.clock.wallMs(), cutAt: newest?.cutAt ?? firstAt(db), sinceMs });
}

/** A day was closed that no file has. */
function isClosingUncut(db: ReadableDatabase): boolean {
  const closed = prepared<[], { seq: number }>(db, 'SELECT coalesce(max(seq), 0) AS seq FROM closing').get()!.seq; // an aggregate has a row
  return closed > (newestUpFile(db)?.toSeq ?? 0);
}

/** Wall time of the first event: the book's first night is the one after it. */
function firstAt(db: ReadableDatabase): number {
  const row = prepared<[], { line: string }>(db, 'SELECT line FROM event WHERE seq = 1').get();
  return row === undefined ? 0 : (JSON.parse(row.line) as BookEvent).at; // the book's own line
}

async function run(
  engine: Engine,
  night: Night,
  book: Book,
  { isCutDue, isCalled }: { readonly isCutDue: boolean; readonly isCalled: boolean },
): Promise<void> {
  const { home } = engine;
  if (home === null) return;
  if (isCutDue) {
    await changeKey(engine, night, book, home);
    await cutAll(engine, night, book);
  } else mendUpFile(book, home);
  const server = countyServerOf(home);
  if (server === null) {
    night.fault = null;
    return;
  }
  const { county, kiosk } = book.identity;
  const signal = AbortSignal.any([night.ending.signal, AbortSignal.timeout(roundMs)]);
  const line = countyLine({ server, county, kiosk, pass: passOf(book, home, server), signal });
  const round = async (): Promise<RoundEnd> => {
    // to ask for news, every few seconds in a demo, is nothing to tell
    if (waitingFiles(book.db).files > 0 || !isDemo(engine)) tell(engine, night, 'sending');
    const end = await runRound({ book, home, line, idle: idleOf(engine, night, book) });
    await lookAtInbox(engine);
    return end;
  };
  const mustAnswer = (answers: number): boolean =>
    (answers === 0 && line.isAskedNow() && !isCutDue) || (isCalled && answers < answersMax && hasUnsentAnswer(book.db));
  try {
    let end = await round();
    for (let answers = 0; end === null && mustAnswer(answers); answers += 1) {
      await changeKey(engine, night, book, home);
      await cutAll(engine, night, book);
      end = await round();
    }
    if (night.ending.signal.aborted) return;
    if (end !== null) engine.log(`the exchange ended: ${end.fault} ${end.detail}`);
    settle(engine, night, end?.fault ?? null);
  } finally {
    line.close();
  }
}

/**
 * Another key where the county wants one and nobody is at work; and the old one goes when the county knows the new. Who closed the day and
 * stays signed in is not at work until the next shift: the machine may be switched off before anybody signs out, every evening.
 */
async function changeKey(engine: Engine, night: Night, book: Book, home: Home): Promise<void> {
  const isAsked = await isNewKeyAsked(book.db, home);
  await whenFree(engine);
  if (engine.book !== book) return;
  if (upkeepView(engine).running === null) dropOldKeys(book, home); // a copy of the book may be on its way into a backup, with the keys of then
  const isAtWork = engine.operator !== null && (engine.shift !== null || !isClosingUncut(book.db));
  night.isKeyPutOff = isAsked && isAtWork;
  if (!isAsked || isAtWork) return;
  const changed = rotateOwnKey(book, home, 'county');
  engine.log(
    changed.ok ? `the key of this kiosk is ${changed.value.newKey}` : 'the county wants another key, and does not know the newest yet',
  );
}

/** Whether rights were given back that no file has told the county of. */
function hasUnsentAnswer(db: ReadableDatabase): boolean {
  const row = prepared<[number], object>(db, `SELECT 1 FROM event WHERE seq > ? AND kind = 'RIGHTS_RETURNED' LIMIT 1`);
  return row.get(newestUpFile(db)?.toSeq ?? 0) !== undefined;
}

function passOf(book: Book, home: Home, { pin }: CountyServer): string {
  return passFor(book, home, pin);
}

/** Cuts up to the newest event: one file, or a few where years of a book were never given. */
async function cutAll(engine: Engine, night: Night, book: Book): Promise<void> {
  const { home } = engine;
  if (home === null) return;
  tell(engine, night, 'cutting');
  mendUpFile(book, home);
  const { seq } = book.head();
  for (let through = 0; through < seq;) {
    const file = await cutUpFile(book, home, { software, idle: idleOf(engine, night, book) });
    night.cutAt = engine.clock.monoMs();
    if (file === null) return;
    through = file.toSeq;
  }
}

/** Lets the till go first; ends the work where the engine ends or the book was closed under it. */
function idleOf(engine: Engine, night: Night, book: Book): () => Promise<void> {
  return async () => {
    await whenFree(engine);
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    await whenFree(engine);
    night.ending.signal.throwIfAborted();
    if (engine.book !== book) throw new GoneError('the book was closed');
  };
}

/** The till stopped, for its own reason. */
class GoneError extends Error {}

function settle(engine: Engine, night: Night, fault: UpFault | null): void {
  night.fault = fault;
  night.failures = fault === null ? 0 : night.failures + 1;
  const calmMs = isDemo(engine) ? demoAskMs : askMs / 2 + Math.floor((Math.random() * askMs) / 2);
  const waitMs = fault === null ? calmMs : backOff(night.failures - 1, Math.random());
  night.againAt = engine.clock.monoMs() + waitMs;
  if (waitMs < lookMs) lookIn(engine, night, waitMs + timerEarlyMs);
}

/** A fault of the book stops the till; any other is told, and tried again. */
function failed(engine: Engine, night: Night, book: Book, error: unknown): UpFault {
  if (night.ending.signal.aborted || error instanceof GoneError) return 'failed';
  engine.log('the night', error);
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const fault = code === 'ENOSPC' || code === 'EDQUOT' ? 'disk_full' : 'failed';
  if (engine.book === book && (code.startsWith('SQLITE') || String(error).includes('assertion failed'))) stopOnFault(engine, error);
  settle(engine, night, fault);
  return fault;
}

function tell(engine: Engine, night: Night, running: UpView['running']): void {
  night.running = running;
  engine.changed();
}

function waitingFiles(db: ReadableDatabase): { readonly files: number; readonly since: number | null } {
  return prepared<[], { files: number; since: number | null }>(
    db,
    `SELECT count(*) AS files, min(cut_at) AS since FROM up_file WHERE ${isUnposted}`,
  ).get()!;
}
