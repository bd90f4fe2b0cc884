// The store that a test's county gets: a SQLite file, or in the project `postgres` a database of its own that only another county was in.

import { countyTables } from '../../county/book/tables.ts';
import { logTables } from '../../county/log/tables.ts';
import type { StoreChoice } from '../../county/store/county-store.ts';
import { connectPostgres } from '../../county/store/postgres.ts';
import { asDatabase } from '../../county/store/store.ts';
import { countyUpgrades } from '../../county/store/upgrades.ts';
import { type WritableDatabase, openMemory } from '../../db/sqlite.ts';
import { shop } from './county.ts';
import { asSuperuser, databaseUrl, makeDatabase } from './postgres-server.ts';

/** Tables of a county's book, sorted by name. */
export const tableNames: readonly string[] = [...(countyTables + logTables + countyUpgrades.join('')).matchAll(/^CREATE TABLE (\w+) /gm)]
  .map(([, name]) => name!)
  .toSorted();

/** A store for one county of one test. Ask for it before the county's own end is asked for, so that the county is closed first. */
export function aStore(onTestFinished: (work: () => Promise<void>) => void): StoreChoice {
  const folder = process.env['COUNTY_TEST_POSTGRES'];
  if (folder === undefined) return {};
  const database = free.pop() ?? newDatabase(folder);
  onTestFinished(async () => {
    asSuperuser(folder, database, ['SET session_replication_role TO replica', emptied]);
    free.push(database);
  });
  return { databaseUrl: databaseUrl(folder, database) };
}

/** The tables of a county without a row. */
export function emptyTables(onTestFinished: (work: () => Promise<void>) => void): WritableDatabase {
  const { databaseUrl: url } = aStore(onTestFinished);
  const db = url === undefined ? openMemory() : asDatabase(connectPostgres(url, shop.county));
  onTestFinished(async () => void db.close());
  if (url === undefined) db.exec(countyTables + logTables + countyUpgrades.join(''));
  return db;
}

const emptied = ['store_mark', ...tableNames].map((table) => `DELETE FROM ${table} WHERE county = '${shop.county}'`).join('; ');

/** Databases of this process that no test is using. */
const free: string[] = [];
let made = 0;

function newDatabase(folder: string): string {
  const database = `county_${process.pid}_${process.env['VITEST_WORKER_ID'] ?? 0}_${Date.now()}_${(made += 1)}`;
  makeDatabase(folder, database);
  return database;
}
