// A kiosk for tests of the book: in a folder of its own, enrolled with the small county, opened again at will.

import { cpSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { Book, Clock } from '../../db/book.ts';
import type { Home } from '../../db/home.ts';
import { type OpenedBook, openBook } from '../../db/open-book.ts';
import type { DownLine } from '../../db/model/down-file.ts';
import { withSignIns } from './at-work.ts';
import { type KioskOptions, enrol, handClock, makeKiosk, temporary } from './county.ts';

export interface TestKiosk {
  readonly directory: string;
  readonly home: Home;
  readonly book: Book;
  readonly clock: ReturnType<typeof handClock>;
  /** Hash of the county's first file. */
  readonly sha256: string;
}

type OnTestFinished = Parameters<typeof temporary>[0];

/** An enrolled kiosk whose book is open; closed and removed when the test ends. */
export async function aKiosk(
  onTestFinished: OnTestFinished,
  more: readonly DownLine[] = [],
  options: KioskOptions = {},
): Promise<TestKiosk> {
  const directory = temporary(onTestFinished);
  const clock = handClock();
  const { home, book } = makeKiosk(directory, clock, options);
  onTestFinished(() => Promise.resolve(closed(book)));
  return { directory, home, book, clock, sha256: await enrol(home, book, more) };
}

function closed(book: Book): void {
  if (book.db.open) book.close();
}

/** Opens the book again. Throws where it is refused. */
export function reopened(home: Home, clock: Clock, { isBare = false }: KioskOptions = {}): Book {
  const opened = openBook(home, clock, 'test');
  if (!opened.ok) throw new Error(`${opened.code}: ${opened.detail}`);
  return isBare ? opened.book : withSignIns(opened.book);
}

/** Opens the book and closes it: what a start would say of it. */
export function tryOpening(home: Home, clock: Clock): 'opens' | (OpenedBook & { readonly ok: false })['code'] {
  const opened = openBook(home, clock, 'test');
  if (!opened.ok) return opened.code;
  opened.book.close();
  return 'opens';
}

/** The home as a power cut leaves it: every file as it lies on the disk while the book is still open. */
export function pulledPlug(directory: string): string {
  const image = join(mkdtempSync(join(tmpdir(), 'jifen-image-')), 'home');
  cpSync(directory, image, { recursive: true });
  return image;
}

/** Every row of every table: two books with the same dump sell alike. */
export function dump(db: Book['db']): string {
  const tables = db.prepare<[], { name: string }>(`SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name`).all();
  return tables
    .map(({ name }) => {
      const rows = db.prepare<[], Record<string, unknown>>(`SELECT * FROM ${name}`).all();
      return `${name}\n${rows.map((row) => JSON.stringify(row)).join('\n')}`;
    })
    .join('\n\n');
}

/** Changes a closed book behind its back, as somebody with a SQLite tool would: the triggers are put back afterwards. */
export function tamper(home: Home, work: (db: Database.Database) => void): void {
  const db = new Database(home.book, { fileMustExist: true });
  try {
    const triggers = db.prepare<[], { name: string; sql: string }>(`SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'`).all();
    for (const { name } of triggers) db.exec(`DROP TRIGGER ${name}`);
    work(db);
    for (const { sql } of triggers) db.exec(sql);
  } finally {
    db.close();
  }
}
