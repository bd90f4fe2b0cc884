// PostgreSQL under a county's book: the same answers as SQLite, one county's rows for one session, and what becomes of an act when the
// server does not go on.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type CountyBook, makeCounty, openCounty } from '../../../county/book/county-book.ts';
import { openExceptions, raiseException } from '../../../county/book/exceptions.ts';
import { addAccount, expectKiosk } from '../../../county/book/import-files.ts';
import { countyTables } from '../../../county/book/tables.ts';
import { logTables } from '../../../county/log/tables.ts';
import type { StoreChoice } from '../../../county/store/county-store.ts';
import { type Deadlines, connectPostgres } from '../../../county/store/postgres.ts';
import { type CountyStore, StoreFault, type StoreFaultCode } from '../../../county/store/store.ts';
import { countyUpgrades } from '../../../county/store/upgrades.ts';
import { openMemory } from '../../../db/sqlite.ts';
import { countyName, fileKey, morning, shop, temporary } from '../../support/county.ts';
import { aStore } from '../../support/county-store.ts';
import { asSuperuser, databaseUrl } from '../../support/postgres-server.ts';

const quick: Deadlines = { connectMs: 5_000, statementMs: 500, graceMs: 500, lockMs: 300 };
const largest = Number.MAX_SAFE_INTEGER;

function aUrl(): string {
  return aStore(onTestFinished).databaseUrl!; // these tests run in the project `postgres` alone
}

function sessionOn(url: string, county: string, deadlines?: Deadlines): CountyStore {
  const store = connectPostgres(url, county, deadlines);
  onTestFinished(() => void store.close());
  return store;
}

function aSession(): CountyStore {
  return sessionOn(aUrl(), shop.county);
}

function onSqlite(): CountyStore {
  const db = openMemory();
  onTestFinished(() => void db.close());
  db.exec(countyTables + logTables + countyUpgrades.join(''));
  return db;
}

/** The code of what is thrown. */
function faultOf(work: () => unknown): StoreFaultCode | null {
  try {
    work();
    return null;
  } catch (error) {
    if (!(error instanceof StoreFault)) throw error;
    return error.code;
  }
}

function pidOf(store: CountyStore): number {
  return (store.prepare('SELECT pg_backend_pid() AS pid').get() as { readonly pid: number }).pid;
}

/** What a book might do, and every answer that it gets. */
function answersOf(store: CountyStore): unknown {
  const said: unknown[] = [];
  const run = (sql: string, ...values: unknown[]): void => void said.push(store.prepare(sql).run(...values).changes);
  const all = (sql: string, ...values: unknown[]): void => void said.push(store.prepare(sql).all(...values));
  store.exec('BEGIN IMMEDIATE');
  run(`INSERT INTO kiosk (kiosk, store, state, sale_cap) VALUES (?, ?, 'expected', ?)`, 'b', 'བཀྲ་ཤིས། 店 “’', largest);
  run(`INSERT INTO kiosk (kiosk, store, state, sale_cap) VALUES (@kiosk, @store, 'expected', @cap)`, { store: '', kiosk: 'B', cap: null });
  run(`INSERT INTO kiosk (kiosk, store, state) VALUES (?, 'x', 'expected') ON CONFLICT (kiosk) DO NOTHING`, 'b');
  run(`INSERT INTO kiosk (kiosk, store, state) VALUES (?, 'é', 'expected') ON CONFLICT (kiosk) DO UPDATE SET store = excluded.store`, 'b');
  run(`UPDATE kiosk SET told_entry = ? WHERE kiosk = ?`, 2 ** 40, 'nobody');
  run(`UPDATE kiosk SET told_entry = told_entry + ?`, 2 ** 40);
  all('SELECT kiosk, store, sale_cap AS saleCap, told_entry FROM kiosk ORDER BY kiosk');
  all('SELECT kiosk FROM kiosk WHERE sale_cap IS ? ORDER BY kiosk', null);
  all('SELECT kiosk FROM kiosk WHERE sale_cap IS NOT ? ORDER BY kiosk', null);
  all(`SELECT count(*) AS n, sum(told_entry) AS sum, max(sale_cap) AS largest, coalesce(min(key), ?) AS none FROM kiosk`, 'none');
  all(
    `SELECT state = 'expected' AS isExpected, EXISTS (SELECT 1 FROM kiosk WHERE kiosk = 'c') AS isThere FROM kiosk WHERE kiosk IN (?, ?)`,
    'b',
    'c',
  );
  run('INSERT INTO log_leaf (n, entry, hash) VALUES (?, ?, ?)', 0, '{"t":"FILE"}', Buffer.alloc(32, 0xfe));
  said.push(store.prepare('SELECT n, hash FROM log_leaf WHERE hash = ?').get(Buffer.alloc(32, 0xfe)));
  said.push(store.prepare('SELECT n FROM log_leaf WHERE n = ?').get(7));
  for (const sha of ['a', 'b'])
    run(`INSERT INTO answer (kiosk, inc, file_seq, sha256, verdict, note, at) VALUES ('b', 1, 1, ?, 'GAP', '', -5)`, sha);
  all('SELECT number, sha256, at FROM answer ORDER BY number DESC LIMIT ?', 1);
  run(`INSERT INTO balance (account, holder, kiosk, commodity, amount) VALUES ('due', 'a1', 'b', 'PTS', ?)`, -largest);
  run(`INSERT INTO balance (account, holder, kiosk, commodity, amount) SELECT 'roam', '', kiosk, ?, -amount FROM balance`, 'PTS');
  all('SELECT account, amount FROM balance ORDER BY amount');
  all('SELECT commodity, sum(amount) AS amount FROM balance GROUP BY commodity');
  store.exec('COMMIT');
  said.push(store.inTransaction);
  return said;
}

test('a book gets the same answers as from SQLite: texts, whole numbers to 2^53, bytes, nulls, truth values, order, next numbers', () => {
  expect(answersOf(aSession())).toEqual(answersOf(onSqlite()));
});

test('a number beyond 2^53 is refused both ways, and a fraction, and what is no value; the session goes on', () => {
  const store = aSession();
  const add = store.prepare(`INSERT INTO balance (account, holder, kiosk, commodity, amount) VALUES ('red', ?, '', 'PTS', ?)`);
  for (const holder of ['a', 'b']) add.run(holder, largest);
  expect(() => store.prepare('SELECT sum(amount) AS amount FROM balance').get()).toThrow('no whole number within 2^53');
  expect(() => add.run('c', 2 ** 53)).toThrow('whole number within 2^53');
  expect(() => add.run('c', 0.5)).toThrow('whole number within 2^53');
  expect(() => add.run('c', true)).toThrow('not boolean');
  expect(() => add.run('c')).toThrow('2 values are given, not 1');
  expect(store.prepare('SELECT count(*) AS n FROM balance').get()).toEqual({ n: 2 });
});

test('what was rolled back is not there, and an act that met a refusal is kept in no part, whoever swallowed it', () => {
  const store = aSession();
  const add = store.prepare(`INSERT INTO act (entry, kind, about, at) VALUES (?, 'test', '', 0)`);
  const count = () => store.prepare('SELECT count(*) AS n FROM act').get();
  store.exec('BEGIN IMMEDIATE');
  add.run(1);
  store.exec('ROLLBACK');
  expect(count()).toEqual({ n: 0 });
  store.exec('BEGIN IMMEDIATE');
  add.run(1);
  add.run(1);
  expect(faultOf(count)).toBe('store_constraint'); // told by the next question
  expect(faultOf(() => store.exec('COMMIT'))).toBe('store_statement');
  expect([store.inTransaction, count()]).toEqual([false, { n: 0 }]);
  store.exec('BEGIN IMMEDIATE');
  add.run(1);
  add.run(1);
  expect(faultOf(() => store.exec('COMMIT'))).toBe('store_constraint');
  store.exec('ROLLBACK');
  expect([store.inTransaction, count()]).toEqual([false, { n: 0 }]);
});

test('rows that are read one by one are those of the moment, whatever is written meanwhile', () => {
  const store = aSession();
  const add = store.prepare(`INSERT INTO act (entry, kind, about, at) VALUES (?, 'test', '', 0)`);
  const rows = store.prepare('SELECT entry FROM act WHERE entry > ? ORDER BY entry');
  store.exec('BEGIN IMMEDIATE');
  for (let i = 1; i <= 1_200; i += 1) add.run(i);
  let next = 1_200;
  const seen: unknown[] = [];
  for (const row of rows.iterate(100)) {
    seen.push(row);
    add.run((next += 1));
  }
  store.exec('COMMIT');
  expect(seen).toEqual(Array.from({ length: 1_100 }, (_, i) => ({ entry: 101 + i })));
  expect(store.prepare('SELECT count(*) AS n FROM act').get()).toEqual({ n: 2_300 });
  for (const row of rows.iterate(2_298)) expect(row).toEqual({ entry: 2_299 + Number((row as { entry: number }).entry === 2_300) }); // outside an act, too
});

test('a record is not changed, taken away or emptied; a rule of the tables names itself; nonsense is told as such', () => {
  const store = aSession();
  store.prepare(`INSERT INTO act (entry, kind, about, at) VALUES (1, 'test', '', 0)`).run();
  for (const sql of ['DELETE FROM act', `UPDATE act SET kind = 'other'`]) expect(() => store.exec(sql)).toThrow('act: append only');
  for (const table of ['act', 'act_p0', 'balance', 'balance_p7'])
    expect(faultOf(() => store.exec(`TRUNCATE ${table} CASCADE`))).toBe('store_refused');
  expect(() => store.prepare(`INSERT INTO account (account, home, is_active) VALUES ('a', 'nowhere', 1)`).run()).toThrow(
    'account_county_home_fkey',
  );
  expect(faultOf(() => store.exec(`INSERT INTO act (entry, kind, about, at) VALUES (1, '', '', 0)`))).toBe('store_constraint');
  expect(faultOf(() => store.exec('SELECT nothing FROM nowhere'))).toBe('store_statement');
});

test('no county ever sees, changes or makes a row of another, by whatever name it asks', () => {
  const url = aUrl();
  const [ours, theirs] = [sessionOn(url, shop.county), sessionOn(url, '999999')];
  for (const store of [ours, theirs]) expect(store.prepare('SELECT count(*) AS n FROM act').get()).toEqual({ n: 0 });
  ours.prepare(`INSERT INTO kiosk (kiosk, store, state) VALUES ('k', 'ours', 'expected')`).run();
  // the same keys again, of the other county; put back below, since it is in every database of these tests
  theirs.exec('BEGIN IMMEDIATE');
  theirs.prepare(`INSERT INTO kiosk (kiosk, store, state) VALUES ('k', 'theirs', 'expected')`).run();
  expect(theirs.prepare('SELECT county, store FROM kiosk').all()).toEqual([{ county: '999999', store: 'theirs' }]);
  theirs.prepare(`UPDATE kiosk SET state = 'quarantined'`).run();
  expect(theirs.prepare(`UPDATE kiosk SET store = 'stolen' WHERE county = ?`).run(shop.county).changes).toBe(0);
  expect(theirs.prepare(`DELETE FROM kiosk WHERE county = ?`).run(shop.county).changes).toBe(0);
  const partitions = Array.from({ length: 8 }, (_, i) => theirs.prepare(`SELECT store FROM kiosk_p${i}`).all());
  expect(partitions.flat()).toEqual([]);
  expect(() =>
    theirs.prepare(`INSERT INTO kiosk (county, kiosk, store, state) VALUES (?, 'x', '', 'expected')`).run(shop.county),
  ).not.toThrow();
  expect(() => theirs.exec('COMMIT')).toThrow('row-level security');
  theirs.exec('ROLLBACK');
  expect(() => theirs.prepare(`UPDATE kiosk SET county = ?`).run(shop.county)).not.toThrow(); // it has no row to move
  expect(ours.prepare('SELECT county, store, state FROM kiosk').all()).toEqual([{ county: shop.county, store: 'ours', state: 'expected' }]);
});

interface Opened {
  readonly directory: string;
  readonly choice: StoreChoice;
  readonly book: CountyBook;
}

const settings = {
  code: shop.county,
  name: countyName,
  isDemo: true,
  fileKeyPem: fileKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
};
const clock = { wallMs: () => morning };

function aBook(): Opened {
  const choice = { databaseUrl: aUrl(), deadlines: quick };
  const directory = join(temporary(onTestFinished, 'jifen-county-'), 'county');
  expect(makeCounty(directory, settings, choice)).toEqual({ ok: true, value: null });
  const opened = openCounty(directory, clock, choice);
  if (!opened.ok) throw new Error(opened.code);
  onTestFinished(() => opened.value.close());
  return { directory, choice, book: opened.value };
}

const kiosks = (book: CountyBook) => book.read((db) => db.prepare('SELECT kiosk FROM kiosk ORDER BY kiosk').all());

test('an act that is taken back after many writes tells its own fault and leaves nothing, also where one of them failed', () => {
  const store = aSession();
  for (const different of [150, 90]) {
    store.exec('BEGIN IMMEDIATE');
    store.prepare('SELECT 1 AS a').get();
    for (let i = 0; i < 150; i += 1)
      // enough to leave before anybody asks
      store.prepare("INSERT INTO kiosk (kiosk, store, state) VALUES (?, 'x', 'expected')").run(`k${i % different}`);
    store.exec('ROLLBACK');
    expect(store.prepare('SELECT count(*) AS n FROM kiosk').get()).toEqual({ n: 0 });
  }
});

test('a county has one server, one book, one folder; the wrong ones are told apart', async () => {
  const { directory, choice, book } = aBook();
  expect(faultOf(() => openCounty(directory, clock, choice))).toBe('store_busy');
  await book.close();
  expect(makeCounty(directory, settings, choice)).toEqual({ ok: false, code: 'exists' });
  const elsewhere = join(temporary(onTestFinished, 'jifen-county-'), 'county');
  expect(makeCounty(elsewhere, settings, choice)).toEqual({ ok: false, code: 'exists' });
  expect(openCounty(elsewhere, clock, choice)).toEqual({ ok: false, code: 'no_county' });
  expect(openCounty(directory, clock)).toEqual({ ok: false, code: 'elsewhere' });
  mkdirSync(elsewhere, { recursive: true });
  const mark = { store: 'postgresql', county: shop.county, book: '00000000-0000-4000-8000-000000000000' };
  writeFileSync(join(elsewhere, 'store.json'), JSON.stringify(mark));
  expect(openCounty(elsewhere, clock, choice)).toEqual({ ok: false, code: 'foreign' });
  const reopened = openCounty(directory, clock, choice);
  expect(reopened.ok).toBe(true);
  if (reopened.ok) await reopened.value.close();
});

test('what is raised may quote anything: it is kept in letters that a book takes, and once', async () => {
  const { book } = aBook();
  const detail = `\u0000\ud800店${'x\n'.repeat(9_000)}`;
  for (const at of [1, 2])
    await book.transact(({ db }) => raiseException(db, { kiosk: 'k', inc: 1, fileSeq: 1, seq: 0, code: 'rejected', detail, at }));
  const raised = await book.read(openExceptions);
  expect(raised.map((each) => each.detail)).toEqual([` \ufffd店${'x '.repeat(248)}x`]);
});

test('a role that sees every county is refused, and a server that is not there is told', () => {
  const folder = process.env['COUNTY_TEST_POSTGRES']!;
  const directory = join(temporary(onTestFinished, 'jifen-county-'), 'county');
  const { databaseUrl: url } = aStore(onTestFinished);
  const database = new URL(url!).pathname.slice(1);
  expect(faultOf(() => makeCounty(directory, settings, { databaseUrl: databaseUrl(folder, database, 'postgres') }))).toBe('store_refused');
  expect(faultOf(() => makeCounty(directory, settings, { databaseUrl: databaseUrl(folder, database, 'nobody') }))).toBe('store_refused');
  expect(faultOf(() => makeCounty(directory, settings, { databaseUrl: databaseUrl(folder, 'no_database') }))).toBe('store_refused');
  expect(faultOf(() => makeCounty(directory, settings, { databaseUrl: databaseUrl(`${folder}-none`, database) }))).toBe(
    'store_unreachable',
  );
});

test('a server that ends the session in the middle of an act keeps nothing of it; the next act connects again', async () => {
  const { book, choice } = aBook();
  const database = new URL(choice.databaseUrl!).pathname.slice(1);
  const lost = book.transact((act) => {
    expectKiosk(act, { kiosk: 'k1', store: 's' });
    const pid = pidOf(act.db);
    asSuperuser(process.env['COUNTY_TEST_POSTGRES']!, database, [`SELECT pg_terminate_backend(${pid})`]);
    try {
      addAccount(act, { account: 'a1', home: 'k1', isActive: true });
      kioskCount(act.db);
    } catch {
      // an act that goes on all the same writes nothing, on no other session
    }
    addAccount(act, { account: 'a2', home: 'k1', isActive: true });
    kioskCount(act.db);
  });
  await expect(lost).rejects.toMatchObject({ code: 'store_unreachable' });
  expect(await kiosks(book)).toEqual([]);
  await book.transact((act) => expectKiosk(act, { kiosk: 'k2', store: 's' }));
  expect(await kiosks(book)).toEqual([{ kiosk: 'k2' }]);
});

test('a server that comes back from a backup without what this process kept is not written to', async () => {
  const { book, choice } = aBook();
  await book.transact((act) => act.enter('test', ''));
  const database = new URL(choice.databaseUrl!).pathname.slice(1);
  asSuperuser(process.env['COUNTY_TEST_POSTGRES']!, database, [
    'SET session_replication_role TO replica',
    `DELETE FROM act WHERE county = '${shop.county}'`,
  ]);
  await expect(book.transact((act) => act.enter('test', ''))).rejects.toThrow('every entry that it kept before');
  expect(await book.read((db) => db.prepare('SELECT entry FROM act').all())).toEqual([]);
});

function kioskCount(db: CountyStore): unknown {
  return db.prepare('SELECT count(*) AS n FROM kiosk').get();
}

test('a server that hangs is given up at the deadline, nothing half written; meanwhile the county is busy, then it goes on', async () => {
  const { book } = aBook();
  let pid = 0;
  const hung = book.transact((act) => {
    expectKiosk(act, { kiosk: 'k1', store: 's' });
    pid = pidOf(act.db);
    process.kill(pid, 'SIGSTOP');
    kioskCount(act.db);
  });
  await expect(hung).rejects.toMatchObject({ code: 'store_too_slow' });
  await expect(kiosks(book)).rejects.toMatchObject({ code: 'store_busy' }); // the hung session has the county's lock
  process.kill(pid, 'SIGCONT');
  await expect.poll(() => kiosks(book).catch(() => null), { timeout: 10_000 }).toEqual([]);
});

test('a COMMIT whose answer never came is told as such: the act is in the book wholly or not at all', async () => {
  const url = aUrl();
  const store = sessionOn(url, shop.county, quick);
  store.exec('BEGIN IMMEDIATE');
  for (const entry of [1, 2]) store.prepare(`INSERT INTO act (entry, kind, about, at) VALUES (?, 'test', '', 0)`).run(entry);
  const pid = pidOf(store);
  process.kill(pid, 'SIGSTOP');
  expect(faultOf(() => store.exec('COMMIT'))).toBe('store_unanswered');
  process.kill(pid, 'SIGCONT');
  store.exec('ROLLBACK');
  const there = () => store.prepare('SELECT entry FROM act ORDER BY entry').all();
  await expect.poll(() => faultOf(there), { timeout: 10_000 }).toBeNull();
  expect([[], [{ entry: 1 }, { entry: 2 }]]).toContainEqual(there());
});
