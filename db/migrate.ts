// Brings a book of an older version to today's: in a copy, checked, swapped in one rename. The old file is kept, and
// the bytes of an event are never rewritten (reconciliation.md D4).

import { createHash } from 'node:crypto';
import { existsSync, linkSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { syncDirectory } from './files.ts';
import { book } from './migrations/001-book.ts';
import { credits } from './migrations/002-credits.ts';
import { closings } from './migrations/003-closings.ts';
import { night } from './migrations/004-night.ts';
import { rights } from './migrations/005-rights.ts';
import { keys } from './migrations/006-keys.ts';
import { assert } from './model/result.ts';
import { type ReadableDatabase, type WritableDatabase, applicationId, openReadable, openWritable, setFull } from './sqlite.ts';

/** Every migration in order; the book's version is how many it has had. */
export const migrations: readonly string[] = [book, credits, closings, night, rights, keys];

/** Version of a book this program writes. */
export const bookVersion = migrations.length;

/** The version written in a file. */
export function versionOf(db: ReadableDatabase): number {
  return Number(db.pragma('user_version', { simple: true }));
}

/** Makes the tables of a new, empty file. */
export function createTables(db: WritableDatabase, steps: readonly string[] = migrations): void {
  assert(versionOf(db) === 0, 'a new book has no tables');
  db.pragma(`application_id = ${applicationId}`);
  runSteps(db, steps);
  setFull(db);
}

/**
 * Migrates the file at `path` to the newest of `steps`. A crash at any moment leaves the old book or the new one at
 * `path`, never none. Throws, leaving the old one, when the copy does not hold the same events afterwards.
 */
export function migrateFile(path: string, steps: readonly string[] = migrations): void {
  const old = openWritable(path, { mustExist: true });
  const from = versionOf(old);
  const copyPath = `${path}.migrating`;
  let before: string;
  try {
    assert(from >= 1 && from < steps.length, 'the book is older than this program');
    rmSync(copyPath, { force: true }); // of a migration that was stopped; SQLite drops a log beside a file that is new
    old.pragma('wal_checkpoint(TRUNCATE)');
    old.prepare('VACUUM INTO ?').run(copyPath);
    before = eventsDigest(old);
  } finally {
    old.close();
  }
  const copy = openWritable(copyPath, { mustExist: true });
  try {
    runSteps(copy, steps);
    assert(copy.pragma('integrity_check', { simple: true }) === 'ok', 'the migrated book is sound');
    // Rows are asked too: a step may drop the table that others name, and what an older program left is carried over.
    assert((copy.pragma('foreign_key_check') as readonly unknown[]).length === 0, 'every row of the migrated book has what it names');
    assert(eventsDigest(copy) === before, 'no event changed in the migration');
    copy.pragma('wal_checkpoint(TRUNCATE)');
    copy.pragma('journal_mode = DELETE'); // so that the rename moves one file
  } finally {
    copy.close();
  }
  const kept = `${path}.v${from}`;
  if (!existsSync(kept)) linkSync(path, kept);
  rmSync(`${path}-wal`, { force: true }); // empty since the checkpoint; must not meet the new file
  rmSync(`${path}-shm`, { force: true });
  renameSync(copyPath, path);
  syncDirectory(dirname(path));
}

function runSteps(db: WritableDatabase, steps: readonly string[]): void {
  for (let version = versionOf(db); version < steps.length; version += 1) {
    db.exec('BEGIN IMMEDIATE');
    try {
      db.exec(steps[version]!);
      db.pragma(`user_version = ${version + 1}`);
      db.exec('COMMIT');
    } catch (error) {
      if (db.inTransaction) db.exec('ROLLBACK');
      throw new Error(`migration ${version + 1} failed`, { cause: error });
    }
  }
}

/** A digest over the stored bytes of every event, in order. */
function eventsDigest(db: ReadableDatabase): string {
  const hash = createHash('sha256');
  // leaf and sig are fixed in size and line cannot hold a NUL, so the joined bytes are unambiguous
  for (const row of db.prepare<[], { line: string; leaf: Buffer; sig: Buffer }>('SELECT line, leaf, sig FROM event ORDER BY seq').iterate())
    hash.update(row.line).update('\0').update(row.leaf).update(row.sig);
  return hash.digest('hex');
}

/** What the tables, indexes and triggers of today's version are called and say: to notice one that was dropped. */
export function schemaOf(db: ReadableDatabase): readonly string[] {
  return db
    .prepare<[], { name: string; sql: string }>(
      `SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY name`,
    )
    .all()
    .map((row) => `${row.name}: ${row.sql}`);
}

/** Whether a file is a book at all, and of which version; never writes. */
export function inspect(path: string): { readonly kind: 'book'; readonly version: number } | { readonly kind: 'foreign' } {
  const db = openReadable(path);
  try {
    return db.pragma('application_id', { simple: true }) === applicationId ? { kind: 'book', version: versionOf(db) } : { kind: 'foreign' };
  } finally {
    db.close();
  }
}
