// Opens SQLite the one way we trust it, and names its faults. The only file that imports the driver.

import Database from 'better-sqlite3';
import { assert } from './model/result.ts';

/** A handle that may only read: a signature says whether a function can change money. */
export type ReadableDatabase = Database.Database & { readonly readable: never };
/** The one handle that may write; it lives in the engine. */
export type WritableDatabase = ReadableDatabase & { readonly writable: never };

/** ASCII of "CPOS": a file with another id is not a book. */
export const applicationId = 0x43504f53;

/** What the disk did to us. Selling stops; the book is closed, reopened and checked (reconciliation.md D2, 7). */
export type DiskFault = 'disk_full' | 'disk_read_only' | 'book_damaged' | 'book_busy' | 'book_foreign';

/** Opens a file for writing, alone, with every commit on the disk before it returns. */
export function openWritable(path: string, options: { readonly mustExist: boolean }): WritableDatabase {
  const db = new Database(path, { fileMustExist: options.mustExist, timeout: 500 }) as unknown as WritableDatabase; // the brand is given here only
  try {
    db.pragma('locking_mode = EXCLUSIVE'); // first: keeps the WAL index in memory, and a second process out
    db.pragma('journal_mode = WAL');
    db.pragma('foreign_keys = ON');
    db.pragma('recursive_triggers = ON'); // or INSERT OR REPLACE deletes rows past the triggers (D2, 2)
    db.pragma('trusted_schema = OFF');
    db.pragma('cell_size_check = ON');
    db.pragma('mmap_size = 0');
    db.pragma('journal_size_limit = 67108864'); // a county's file may grow the WAL to its own size: given back at the next checkpoint
    setFull(db);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Opens a file for reading only. */
export function openReadable(path: string): ReadableDatabase {
  return new Database(path, { readonly: true, fileMustExist: true, timeout: 500 }) as unknown as ReadableDatabase; // the brand is given here only
}

/** A throw-away database in memory with our settings, for comparing schemas. */
export function openMemory(): WritableDatabase {
  return new Database(':memory:') as unknown as WritableDatabase; // the brand is given here only
}

/**
 * A statement, prepared once for each handle and text: preparing costs as much as running. Only for texts written in the
 * code, since they are kept as long as the handle; and only to run, get or all, never to iterate or switch to raw. Where it joins
 * tables or asks one within another, values are compared as +?: SQLite (STAT4) would else plan it anew for each, and that takes
 * five times as long as the reading.
 */
export function prepared<Parameters extends unknown[] = unknown[], Row = unknown>(
  db: ReadableDatabase,
  sql: string,
): Database.Statement<Parameters, Row> {
  let known = statements.get(db);
  if (known === undefined) statements.set(db, (known = new Map()));
  let statement = known.get(sql);
  if (statement === undefined) known.set(sql, (statement = db.prepare(sql)));
  return statement as Database.Statement<Parameters, Row>; // what the caller says of its own text, as with db.prepare
}

const statements = new WeakMap<ReadableDatabase, Map<string, Database.Statement>>();

/**
 * FULL survives a power cut; the driver's default in WAL is NORMAL, and the pragma reads back FULL until the first
 * write (D2, 1). So it is set again after a write, and asserted.
 */
export function setFull(db: WritableDatabase): void {
  db.pragma('synchronous = FULL');
  assert(db.pragma('synchronous', { simple: true }) === 2, 'synchronous is FULL');
}

/** The fault behind an error thrown by SQLite or the file system, or null where it is not the disk's. */
export function diskFault(error: unknown): DiskFault | null {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'SQLITE_FULL' || code === 'ENOSPC' || code === 'EDQUOT') return 'disk_full';
  if (code.startsWith('SQLITE_READONLY') || code === 'EROFS' || code === 'EACCES' || code === 'EPERM' || code.startsWith('SQLITE_CANTOPEN'))
    return 'disk_read_only';
  if (code === 'SQLITE_NOTADB') return 'book_foreign';
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) return 'book_busy';
  if (code.startsWith('SQLITE_CORRUPT') || code.startsWith('SQLITE_IOERR') || code === 'EIO') return 'book_damaged';
  return null;
}
