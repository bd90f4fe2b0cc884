// The long part of upkeep, in a thread of its own: checks a copy of the book and packs it into a backup. Never opens the book that
// is sold from, and writes nothing into it.

import { existsSync, linkSync, copyFileSync, mkdirSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { type MadeBackup, type PlaceFault, makeBackup, upFilesIn } from '../../db/backup.ts';
import { leafOf } from '../../db/book.ts';
import { type Home, keyFilesIn, readHome } from '../../db/home.ts';
import type { BookEvent } from '../../db/model/event.ts';
import { type Result } from '../../db/model/result.ts';
import { assert } from '../../db/model/result.ts';
import { recoveryCodeOf } from '../../db/recovery-code.ts';
import { openReadable } from '../../db/sqlite.ts';
import { type Verdict, verifyHome } from '../../db/verify.ts';
import { readKeptFrames } from '../../hardware/scale/kept-frames.ts';
import type { UpkeepView } from '../ipc/day-views.ts';
import { software } from './software.ts';

/** What the engine asks for. */
export interface UpkeepTask {
  readonly home: string;
  /** Folder with a copy of the book that nobody writes; null: the till is stopped, and its own files are checked. */
  readonly copy: string | null;
  readonly check: boolean;
  /** Folder of the backups; null: none is made. */
  readonly place: string | null;
  readonly at: number;
}

/** The newest event of the copy: what was checked or packed reaches to it. */
export interface Reached {
  readonly throughSeq: number;
  readonly leaf: string;
}

/** What the engine hears, in this order. */
export type UpkeepWord =
  | { readonly kind: 'progress'; readonly running: NonNullable<UpkeepView['running']> }
  | { readonly kind: 'checked'; readonly verdict: Verdict; readonly reached: Reached }
  | { readonly kind: 'backed_up'; readonly outcome: Result<MadeBackup, PlaceFault>; readonly reached: Reached };

const port = parentPort;
if (port !== null) await work(workerData as UpkeepTask, (word) => port.postMessage(word)); // the engine is ours

async function work({ home: directory, copy, check, place, at }: UpkeepTask, say: (word: UpkeepWord) => void): Promise<void> {
  const found = readHome(directory);
  assert(found.ok, 'an engine that runs has its home');
  const { home } = found;
  const tell = (step: 'checking' | 'backing_up') => tellOfHundreds((percent) => say({ kind: 'progress', running: { step, percent } }));
  if (copy !== null) layOut(home, copy);
  const bookCopy = copy === null ? home.book : join(copy, 'book.db');
  if (check) {
    const verdict = await verifyHome(copy ?? directory, () => undefined, readKeptFrames, {
      isCopy: copy !== null,
      progress: tell('checking'),
    });
    say({ kind: 'checked', verdict, reached: newestOf(bookCopy) });
    if (verdict.kind !== 'true') return;
  }
  if (place === null || copy === null) return;
  const newest = newestOf(bookCopy);
  const { county, store, kiosk } = home.config.enrolment;
  const { inc, throughSeq, leaf } = newest;
  const facts = { county, store, kiosk, inc, throughSeq, leaf, at, software };
  const outcome = await makeBackup({ home, bookCopy, place, code: recoveryCodeOf(home), facts, progress: tell('backing_up') });
  say({ kind: 'backed_up', outcome, reached: { throughSeq, leaf } });
}

/** Whole hundredths, each told once. */
function tellOfHundreds(tell: (percent: number) => void): (part: number) => void {
  let told = -1;
  return (part) => {
    const percent = Math.floor(part * 100);
    if (percent > told) tell((told = percent));
  };
}

/** A home around the copy of the book: the county's kept files are shared, not copied, where the disk can. */
function layOut(home: Home, copy: string): void {
  const down = join(copy, 'down');
  mkdirSync(down, { recursive: true, mode: 0o700 });
  mkdirSync(join(copy, 'keys'), { recursive: true, mode: 0o700 });
  share(join(home.directory, 'kiosk.json'), join(copy, 'kiosk.json'));
  for (const { name, path } of keyFilesIn(home)) share(path, join(copy, name));
  for (const name of existsSync(home.down) ? readdirSync(home.down) : [])
    if (/^\d{8}\.(?:jsonl\.gz|note)$/.test(name)) share(join(home.down, name), join(down, name));
  for (const { name, path } of upFilesIn(home)) {
    mkdirSync(dirname(join(copy, name)), { recursive: true, mode: 0o700 });
    share(path, join(copy, name));
  }
}

function share(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to); // a file system without links
  }
}

function newestOf(book: string): Reached & { readonly inc: number } {
  const db = openReadable(book);
  try {
    const row = db.prepare<[], { line: string }>('SELECT line FROM event ORDER BY seq DESC LIMIT 1').get();
    assert(row !== undefined, 'a book has its START');
    const event = JSON.parse(row.line) as BookEvent; // the book's own line
    return { throughSeq: event.seq, leaf: leafOf(row.line).toString('base64url'), inc: event.inc };
  } finally {
    db.close();
  }
}
