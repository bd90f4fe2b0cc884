// Watches the inbox for the county's files and applies them in order. A file starts between two calls, a cart may be open;
// calls that write wait until it is done. Refuses in words, and removes only what home/down has.

import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type DownRefusalCode, applyDownFile, notePathOf, removeFromInbox } from '../../db/down.ts';
import { committeeNotice, openNotices } from '../../db/notices.ts';
import { lastDown } from '../../db/reference.ts';
import { diskFault } from '../../db/sqlite.ts';
import type { ExchangeView } from '../ipc/snapshot.ts';
import { dropGoneLines } from './cart.ts';
import { dropRefusedBags } from './desk.ts';
import { followCounty } from './session.ts';
import { type Engine, currentDay, loadReference, stop, stopOnFault } from './till.ts';

/** How often the inbox is looked at; a stick or a copied file is noticed within this. */
const lookMs = 5_000;
/** A file that found no room is tried again after this: room can come without the file changing. */
const roomAgainMs = 10 * 60 * 1000;

/** What came of a file that still lies in the inbox. It is not read again until it or its note changes. */
interface Verdict {
  readonly stamp: string;
  /** Null: applied, but it could not be removed. */
  readonly code: DownRefusalCode | null;
  /** Monotonic time from which it is tried again although nothing changed. */
  readonly againAt: number;
}

const lookers = new WeakMap<Engine, () => Promise<void>>();

/** A file of the county was just put into the inbox: it is looked at now rather than within five seconds. Settles when it was. */
export async function lookAtInbox(engine: Engine): Promise<void> {
  await lookers.get(engine)?.();
}

/** Starts watching. Calls wait while a file is being applied, not while one that was refused lies there. */
export function startExchange(engine: Engine): { stop(): void } {
  const verdicts = new Map<string, Verdict>();
  let isLooking = false;
  let lastFault = '';
  const look = async (): Promise<void> => {
    isLooking = true;
    try {
      await applyInbox(engine, verdicts);
      lastFault = '';
    } catch (error) {
      if (String(error) !== lastFault) engine.log('the inbox', error);
      lastFault = String(error);
    } finally {
      isLooking = false;
    }
  };
  let last = look();
  const looking = setInterval(() => {
    if (!isLooking) last = look();
  }, lookMs);
  lookers.set(engine, () => {
    last = last.then(look); // one that goes on may have passed the file's place already
    return last;
  });
  return {
    stop() {
      clearInterval(looking);
      lookers.delete(engine);
    },
  };
}

/** Applies what lies in the inbox, lowest number first, each file once at most, and tells which refused one lies there. */
async function applyInbox(engine: Engine, verdicts: Map<string, Verdict>): Promise<void> {
  const tried = new Set<string>();
  for (let next = nextFile(engine, verdicts, tried); next !== null; next = nextFile(engine, verdicts, tried)) {
    tried.add(next);
    const work = apply(engine, next, verdicts);
    engine.busy = work.then(
      () => {},
      () => {},
    );
    await work;
  }
  await tellRefused(engine, verdicts);
}

async function apply(engine: Engine, file: string, verdicts: Map<string, Verdict>): Promise<void> {
  const { book, home } = engine;
  if (book === null || home === null) return;
  const path = join(home.inbox, file);
  const stamp = stampOf(path); // before it is read: what changes meanwhile is tried again
  const remember = (code: DownRefusalCode | null): void => {
    const againAt = code === 'disk_full' ? engine.clock.monoMs() + roomAgainMs : Number.POSITIVE_INFINITY;
    verdicts.set(file, { stamp, code, againAt });
  };
  let isApplied = false;
  try {
    const outcome = await applyDownFile(book, home, path, currentDay(engine), (percent) => {
      engine.exchange = { ...engine.exchange, applyingPercent: percent };
      engine.changed();
    });
    engine.log(`county file ${file}: ${outcome.kind}${outcome.kind === 'refused' ? ` ${outcome.code} ${outcome.detail}` : ''}`);
    if (outcome.kind === 'refused') return remember(outcome.code);
    isApplied = true;
    if (outcome.kind === 'applied') {
      const wasForbidden = engine.devices?.scale.isForbidden;
      loadReference(engine, book);
      followCounty(engine);
      if (engine.devices?.scale.isForbidden !== wasForbidden) await engine.devices?.scale.refresh();
      dropGoneLines(engine);
      dropRefusedBags(engine);
    }
    remember(null);
    await removeFromInbox(home, path, outcome.downSeq).catch((error: unknown) =>
      engine.log(`county file ${file} stays in the inbox`, error),
    );
  } catch (error) {
    if (engine.book !== book) return engine.log(`county file ${file}`, error); // the till was stopped meanwhile, for its own reason
    if (diskFault(error) === null && !isApplied) remember('malformed'); // or a file we cannot digest would stop the till after every opening
    stopOnFault(engine, error);
    if (engine.book !== null) stop(engine, 'internal', String(error));
  } finally {
    engine.exchange = { ...engine.exchange, applyingPercent: null };
    engine.changed();
  }
}

/** The next file to read: any that came before the one that is due, then that one. Those beyond it wait. */
function nextFile(engine: Engine, verdicts: ReadonlyMap<string, Verdict>, tried: ReadonlySet<string>): string | null {
  const { book, home } = engine;
  if (book === null || home === null) return null;
  const due = dueNumber(book);
  const isNews = (file: string): boolean => {
    const verdict = verdicts.get(file);
    return verdict === undefined || engine.clock.monoMs() >= verdict.againAt || verdict.stamp !== stampOf(join(home.inbox, file));
  };
  return filesOf(home.inbox).find((file) => numberOf(file) <= due && !tried.has(file) && isNews(file)) ?? null;
}

/**
 * Shows the refusal that matters most while its file lies there: of the due file, of one too early, of one passed over; and what a printed
 * notice of the county can settle.
 */
async function tellRefused(engine: Engine, verdicts: Map<string, Verdict>): Promise<void> {
  const { book, home } = engine;
  if (book === null || home === null) return;
  const files = filesOf(home.inbox);
  for (const file of verdicts.keys()) if (!files.includes(file)) verdicts.delete(file);
  const { refused: before, notice: noticeBefore } = engine.exchange;
  const refused = refusedOf(files, dueNumber(book), verdicts);
  // only a file that is refused for its word on the county's log can be settled by a notice: no other is opened again
  const open = refused?.code === 'log_forked' ? (await openNotices(book, home))[0] : committeeNotice(book.db);
  if (engine.book !== book) return;
  const notice = open?.about ?? null;
  if (refused?.file === before?.file && refused?.code === before?.code && notice === noticeBefore) return;
  engine.exchange = { ...engine.exchange, refused, notice };
  engine.changed();
}

function refusedOf(files: readonly string[], due: number, verdicts: ReadonlyMap<string, Verdict>): ExchangeView['refused'] {
  const refusals = files.flatMap((file) => {
    const code = verdicts.get(file)?.code ?? null;
    return code === null ? [] : [{ file, code }];
  });
  const ofDue = refusals.find(({ file }) => numberOf(file) === due);
  if (ofDue !== undefined) return ofDue;
  const early = files.find((file) => numberOf(file) > due);
  if (early !== undefined) return { file: early, code: 'gap' };
  return refusals[0] ?? null;
}

function dueNumber(book: NonNullable<Engine['book']>): number {
  return (lastDown(book.db)?.downSeq ?? 0) + 1;
}

function numberOf(file: string): number {
  return Number(file.slice(0, 8));
}

/** Data files of the inbox that have their note, in the order of their numbers. */
function filesOf(inbox: string): readonly string[] {
  const names = new Set(readdirSync(inbox));
  return [...names].filter((name) => /^\d{8}\.jsonl\.gz$/.test(name) && names.has(notePathOf(name))).toSorted();
}

/** Changes whenever the file or its note was written, replaced or given other rights. */
function stampOf(path: string): string {
  return [path, notePathOf(path)]
    .map((each) => {
      try {
        const { size, mtimeMs, ctimeMs } = statSync(each);
        return `${size} ${mtimeMs} ${ctimeMs}`;
      } catch (error) {
        return String(error); // reading it will say the same
      }
    })
    .join(' ');
}
