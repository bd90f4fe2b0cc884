// Where a county's book lies: in a SQLite file of its folder, or in PostgreSQL with those of other counties. Makes the tables, and opens
// only what it made. What is in the book is not its business.

import { hash, randomUUID } from 'node:crypto';
import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { syncDirectory, writeFileDurably } from '../../db/files.ts';
import { type Result, fail, ok } from '../../db/model/result.ts';
import { type ReadableDatabase, type WritableDatabase, openWritable, prepared, setFull } from '../../db/sqlite.ts';
import { countyTables } from '../book/tables.ts';
import { logTables } from '../log/tables.ts';
import { postgresSchema, postgresUpgrade } from './postgres-schema.ts';
import { type Deadlines, connectPostgres } from './postgres.ts';
import { type CountyStore, StoreFault, asDatabase } from './store.ts';
import { countyBookVersion, countyUpgrades } from './upgrades.ts';

/** Without a URL: SQLite in the county's folder. */
export interface StoreChoice {
  /** postgres://USER:PASSWORD@HOST/DATABASE */
  readonly databaseUrl?: string | undefined;
  readonly deadlines?: Deadlines;
}

/** Why a folder's book is not opened. elsewhere: it lies in PostgreSQL and no URL was given, or the other way round. */
export type OpenRefusal = 'no_county' | 'foreign' | 'other_version' | 'elsewhere';

interface Made {
  readonly directory: string;
  readonly code: string;
  /** Once nothing is there already, before the tables. */
  readonly prepare: () => void;
  /** The first rows, in the transaction that makes them. */
  readonly fill: (db: WritableDatabase) => void;
}

const tables = countyTables + logTables;
/** ASCII of "CPCO": a file with another id is no county's book. */
const countyApplicationId = 0x4350434f;

/** Makes the store of a new county. Throws what the disk or the server says. */
export function makeStore(made: Made, choice: StoreChoice): Result<null, 'exists'> {
  if (existsSync(bookPath(made.directory))) return fail('exists');
  return choice.databaseUrl === undefined ? makeSqlite(made) : makePostgres(made, choice.databaseUrl, choice);
}

/** Opens the store of a county's folder, alone. Throws what the disk or the server says: a second server of the same county is busy. */
export function openStore(directory: string, choice: StoreChoice): Result<WritableDatabase, OpenRefusal> {
  const isFile = existsSync(bookPath(directory));
  const isMarked = existsSync(markPath(directory));
  if (!isFile && !isMarked) return fail('no_county');
  if (choice.databaseUrl === undefined) return isFile ? openSqlite(directory) : fail('elsewhere');
  return isMarked ? openPostgres(directory, choice.databaseUrl, choice) : fail('elsewhere');
}

/** SQLite's file in a county's folder. */
export function bookPath(directory: string): string {
  return join(directory, 'book.db');
}

function makeSqlite({ directory, prepare, fill }: Made): Result<null, 'exists'> {
  if (existsSync(markPath(directory))) return fail('exists');
  prepare();
  const db = openWritable(bookPath(directory), { mustExist: false });
  try {
    db.exec('BEGIN IMMEDIATE');
    db.exec(tables + countyUpgrades.join(''));
    fill(db);
    db.pragma(`application_id = ${countyApplicationId}`);
    db.pragma(`user_version = ${countyBookVersion}`);
    db.exec('COMMIT');
    setFull(db);
  } finally {
    db.close();
  }
  return ok(null);
}

/** Whether a SQLite file is a county's book of this version, or of one before it. */
export function isCountyBook(db: ReadableDatabase): boolean {
  return db.pragma('application_id', { simple: true }) === countyApplicationId && isKnownVersion(sqliteVersion(db));
}

function sqliteVersion(db: ReadableDatabase): number {
  return Number(db.pragma('user_version', { simple: true }));
}

function isKnownVersion(version: number): boolean {
  return version >= 1 && version <= countyBookVersion;
}

/**
 * A night's files touch the same pages again and again: 32 MB of them are kept at hand (SQLite: 2), and go back into the file once for each
 * 16 MB of log (SQLite: 4), which waits for the disk.
 */
const roomyPragmas = ['cache_size = -32768', 'wal_autocheckpoint = 4096'];

function openSqlite(directory: string): Result<WritableDatabase, OpenRefusal> {
  const db = openWritable(bookPath(directory), { mustExist: true });
  try {
    const refusal =
      db.pragma('application_id', { simple: true }) !== countyApplicationId
        ? 'foreign'
        : isKnownVersion(sqliteVersion(db))
          ? null
          : 'other_version';
    if (refusal === null) {
      setFull(db);
      for (const pragma of roomyPragmas) db.pragma(pragma);
      upgradeSqlite(db, directory);
      return ok(db);
    }
    db.close();
    return fail(refusal);
  } catch (error) {
    db.close();
    throw error;
  }
}

/** A book of a version before this one gets its tables, in one transaction; as it was, it stays beside it. */
function upgradeSqlite(db: WritableDatabase, directory: string): void {
  const version = sqliteVersion(db);
  if (version === countyBookVersion) return;
  keepCopy(db, `${bookPath(directory)}.version-${version}`);
  db.exec('BEGIN IMMEDIATE');
  db.exec(countyUpgrades.slice(version - 1).join(''));
  db.pragma(`user_version = ${countyBookVersion}`);
  db.exec('COMMIT');
}

/** A start that was cut short made none, or a whole one of the same book: what lies there is not written over. */
function keepCopy(db: WritableDatabase, path: string): void {
  if (existsSync(path)) return;
  const part = `${path}.part`;
  rmSync(part, { force: true });
  prepared(db, 'VACUUM INTO ?').run(part);
  renameSync(part, path);
  syncDirectory(dirname(path));
}

/** In the county's folder: which rows of the server are its book. Another county's folder, or an old copy of the server, has another id. */
const markShape = z.strictObject({ store: z.literal('postgresql'), county: z.string(), book: z.uuid() });

function markPath(directory: string): string {
  return join(directory, 'store.json');
}

function readMark(directory: string): z.infer<typeof markShape> {
  return markShape.parse(JSON.parse(readFileSync(markPath(directory), 'utf8')));
}

/** Which folder's book the rows of a county are. One row a county. */
const markTable = 'CREATE TABLE store_mark (id INTEGER PRIMARY KEY CHECK (id = 1), book TEXT NOT NULL) STRICT;\n';

function makePostgres({ directory, code, prepare, fill }: Made, url: string, { deadlines }: StoreChoice): Result<null, 'exists'> {
  const store = connectPostgres(url, code, deadlines);
  try {
    assertSafe(store);
    makeSchema(store);
    const db = asDatabase(store);
    if (prepared(db, 'SELECT 1 FROM store_mark').get() !== undefined) return fail('exists');
    prepare();
    // The file before the rows: a start cut short between them is made again under the same id.
    if (!existsSync(markPath(directory)))
      writeFileDurably(markPath(directory), `${JSON.stringify({ store: 'postgresql', county: code, book: randomUUID() })}\n`);
    store.exec('BEGIN IMMEDIATE');
    fill(db);
    prepared(db, 'INSERT INTO store_mark (id, book) VALUES (1, ?)').run(readMark(directory).book);
    store.exec('COMMIT');
    return ok(null);
  } finally {
    store.close();
  }
}

function openPostgres(directory: string, url: string, { deadlines }: StoreChoice): Result<WritableDatabase, OpenRefusal> {
  const mark = readMark(directory);
  const store = connectPostgres(url, mark.county, deadlines);
  try {
    assertSafe(store);
    if (schemaVersion(store) !== 'none') makeSchema(store);
    const refusal = refusalOf(store, mark.book);
    if (refusal === null) return ok(asDatabase(store));
    store.close();
    return fail(refusal);
  } catch (error) {
    store.close();
    throw error;
  }
}

function refusalOf(store: CountyStore, book: string): OpenRefusal | null {
  const version = schemaVersion(store);
  if (version === 'none') return 'no_county';
  if (version !== countyBookVersion) return 'other_version';
  const row = store.prepare('SELECT book FROM store_mark').get() as { readonly book: string } | undefined; // its only column
  if (row === undefined) return 'no_county';
  return row.book === book ? null : 'foreign';
}

/** The county's rows are kept apart by the server, and its commits outlive a power cut: where either is switched off, no book is kept. */
function assertSafe(store: CountyStore): void {
  const { bypasses, fsync, pages } = store
    .prepare(
      `SELECT (SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user) AS bypasses,
         current_setting('fsync') AS fsync, current_setting('full_page_writes') AS pages`,
    )
    .get() as { readonly bypasses: number; readonly fsync: string; readonly pages: string }; // just so
  if (bypasses === 1)
    throw new StoreFault('store_refused', 'this role sees the rows of every county: use one that is no superuser and has no BYPASSRLS');
  if (fsync !== 'on' || pages !== 'on')
    throw new StoreFault('store_refused', 'fsync or full_page_writes is off: a power cut would lose the book');
}

/** What tables_made says of each version, the first one first. */
const tablesHashes: readonly string[] = Array.from({ length: countyBookVersion }, (_, i) =>
  hash('sha256', [markTable + tables, ...countyUpgrades.slice(0, i)].join('')),
);

/** Makes the tables of all counties where the database has none, and what the newer versions add to older ones. */
function makeSchema(store: CountyStore): void {
  store.exec('BEGIN IMMEDIATE');
  try {
    store.prepare(`SELECT pg_advisory_xact_lock(hashtextextended('civicpos tables', 0))`).get(); // two counties may come at once
    const version = schemaVersion(store);
    if (version === 'none') {
      store.exec('CREATE SCHEMA IF NOT EXISTS civicpos');
      for (const statement of postgresSchema(markTable + tables)) store.exec(statement);
      store.exec('CREATE TABLE tables_made (sha256 TEXT NOT NULL)');
      store.prepare('INSERT INTO tables_made (sha256) VALUES (?)').run(tablesHashes[0]!);
    }
    if (version !== 'unknown') upgradePostgres(store, version === 'none' ? 1 : version);
    store.exec('COMMIT');
  } catch (error) {
    if (store.inTransaction) store.exec('ROLLBACK');
    throw error;
  }
}

function upgradePostgres(store: CountyStore, version: number): void {
  if (version === countyBookVersion) return;
  for (const upgrade of countyUpgrades.slice(version - 1)) for (const statement of postgresUpgrade(upgrade)) store.exec(statement);
  store.prepare('UPDATE tables_made SET sha256 = ?').run(tablesHashes.at(-1)!);
}

/** none: there are no tables. unknown: another program made them. */
function schemaVersion(store: CountyStore): number | 'none' | 'unknown' {
  const found = store.prepare(`SELECT to_regclass('civicpos.tables_made') IS NOT NULL AS found`).get() as { readonly found: number }; // just so
  if (found.found === 0) return 'none';
  const { sha256 } = store.prepare('SELECT sha256 FROM tables_made').get() as { readonly sha256: string }; // one row
  const at = tablesHashes.indexOf(sha256);
  return at === -1 ? 'unknown' : at + 1;
}
