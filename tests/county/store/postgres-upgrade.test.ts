// Tables of the version before, in PostgreSQL with another county's rows in them, become those of today when a county is opened.

import { hash } from 'node:crypto';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { makeCounty, openCounty } from '../../../county/book/county-book.ts';
import { countyTables } from '../../../county/book/tables.ts';
import { logTables } from '../../../county/log/tables.ts';
import { postgresSchema } from '../../../county/store/postgres-schema.ts';
import { type CountyStore } from '../../../county/store/store.ts';
import { connectPostgres } from '../../../county/store/postgres.ts';
import { countyName, fileKey, morning, shop, temporary } from '../../support/county.ts';
import { aStore } from '../../support/county-store.ts';
import { asSuperuser, databaseUrl } from '../../support/postgres-server.ts';

const folder = process.env['COUNTY_TEST_POSTGRES']!; // these tests run in the project `postgres` alone

/** As the program of version 1 made them, its own table of marks first. */
const firstTables = `CREATE TABLE store_mark (id INTEGER PRIMARY KEY CHECK (id = 1), book TEXT NOT NULL) STRICT;\n${countyTables}${logTables}`;

function sessionOn(url: string): CountyStore {
  const store = connectPostgres(url, shop.county);
  onTestFinished(() => void store.close());
  return store;
}

function columnsOf(store: CountyStore): unknown {
  return store
    .prepare(
      `SELECT table_name AS made, column_name AS named, data_type AS kind, is_nullable AS may_lack, column_default AS otherwise
         FROM information_schema.columns WHERE table_schema = 'civicpos' ORDER BY table_name, column_name`,
    )
    .all();
}

test('tables of version 1 become those of today, and the county in them opens', async () => {
  const name = `version_1_${process.pid}`;
  asSuperuser(folder, 'postgres', [`CREATE DATABASE ${name} OWNER county`]);
  const url = databaseUrl(folder, name);
  const store = connectPostgres(url, shop.county);
  store.exec('CREATE SCHEMA civicpos');
  for (const statement of postgresSchema(firstTables)) store.exec(statement);
  store.exec('CREATE TABLE tables_made (sha256 TEXT NOT NULL)');
  store.prepare('INSERT INTO tables_made (sha256) VALUES (?)').run(hash('sha256', firstTables));
  store.close();
  const directory = join(temporary(onTestFinished, 'jifen-county-'), 'county');
  const fileKeyPem = fileKey.export({ format: 'pem', type: 'pkcs8' }).toString();
  expect(makeCounty(directory, { code: shop.county, name: countyName, isDemo: true, fileKeyPem }, { databaseUrl: url })).toEqual({
    ok: true,
    value: null,
  });
  const county = openCounty(directory, { wallMs: () => morning }, { databaseUrl: url });
  if (!county.ok) throw new Error(county.code);
  await county.value.close();
  expect(columnsOf(sessionOn(url))).toEqual(columnsOf(sessionOn(aStore(onTestFinished).databaseUrl!)));
});
