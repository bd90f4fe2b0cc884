// Migrations: from the version before, with rows in it; a crash at any moment leaves a book that opens and says the same.

import { createHash } from 'node:crypto';
import fs, { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { basename, dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { bookVersion, createTables, inspect, migrateFile, migrations, schemaOf } from '../../db/migrate.ts';
import { points } from '../../db/model/amounts.ts';
import { openRestored } from '../../db/open-book.ts';
import { openMemory, openReadable } from '../../db/sqlite.ts';
import { withSignIns } from '../support/at-work.ts';
import { aKiosk, reopened, tamper, tryOpening } from '../support/book.ts';
import { handClock, morning, temporary } from '../support/county.ts';
import { toVersion } from '../support/old-book.ts';
import { aVoucher, scanned, told } from '../support/rights.ts';
import { sell } from '../support/sell.ts';
import { type UsedKiosk, usedKiosk } from '../support/used-kiosk.ts';
import { verdictOn } from '../support/verify.ts';

let used: UsedKiosk;
beforeAll(async () => {
  used = await usedKiosk();
});
afterAll(() => used.remove());

/** A version to come: a column more, and a table filled from the events. */
const next = `
ALTER TABLE sale ADD COLUMN remark TEXT;
CREATE TABLE later (seq INTEGER PRIMARY KEY REFERENCES event (seq), kind TEXT NOT NULL) STRICT;
INSERT INTO later SELECT seq, kind FROM event;
`;
const steps = [...migrations, next];

interface Contents {
  readonly version: number;
  readonly events: string;
  readonly rows: string;
}

/** What a book says, read in a copy so that looking changes nothing. */
function contents(path: string): Contents {
  const aside = `${path}-looked-at`;
  for (const suffix of ['', '-wal']) if (existsSync(path + suffix)) cpSync(path + suffix, aside + suffix);
  const db = new Database(aside);
  try {
    const rows = (sql: string): string =>
      createHash('sha256')
        .update(JSON.stringify(db.prepare(sql).all()))
        .digest('hex');
    return {
      version: Number(db.pragma('user_version', { simple: true })),
      events: rows('SELECT * FROM event ORDER BY seq'),
      rows: ['posting', 'balance', 'counter', 'goods', 'resident', 'print_job'].map((table) => rows(`SELECT * FROM ${table}`)).join(),
    };
  } finally {
    db.close();
    for (const suffix of ['', '-wal', '-shm']) rmSync(aside + suffix, { force: true });
  }
}

function copyOfBook(): string {
  const { book } = used.copy();
  for (const suffix of ['-wal', '-shm']) rmSync(book + suffix, { force: true });
  return book;
}

test('a book of the version before is brought to the newest with every event and row, and the old one is kept', () => {
  const path = copyOfBook();
  const before = contents(path);
  migrateFile(path, steps);
  expect(contents(path)).toEqual({ ...before, version: bookVersion + 1 });
  expect(contents(`${path}.v${bookVersion}`)).toEqual(before);
  const db = new Database(path);
  expect(db.prepare('SELECT count(*) AS n FROM later').get()).toEqual({ n: 14 });
  expect(db.prepare('SELECT count(*) AS n FROM sale WHERE remark IS NULL').get()).toEqual({ n: 7 });
  db.close();
  expect(readdirSync(dirname(path)).filter((name) => name.includes('migrating'))).toEqual([]);
});

test('a book that was migrated has the tables of one that is new', () => {
  const path = copyOfBook();
  migrateFile(path, steps);
  const fresh = openMemory();
  createTables(fresh);
  fresh.exec(next);
  const db = new Database(path);
  expect(schemaOf(db as unknown as Parameters<typeof schemaOf>[0])).toEqual(schemaOf(fresh));
  db.close();
  fresh.close();
});

describe('a book of version 1', () => {
  const every = (path: string, sql: string): readonly unknown[] => {
    const db = new Database(path, { readonly: true });
    try {
      return db.prepare(sql).all();
    } finally {
      db.close();
    }
  };
  const unchanged = ['meta', 'event', 'posting', 'balance', 'sale', 'down_file', 'goods', 'goods_code', 'resident', 'county_balance'];
  const counters = 'account_id, granted, returned, spent, credited, roamed, roamed_settled';
  const jobs = 'job_id, act_seq, copy, state, cause';

  test('that was sold from is opened by this program with the same events, rights, counters and print jobs, and verify says yes', async () => {
    const home = used.copy();
    toVersion(1, home.book);
    const before = {
      rows: unchanged.map((table) => every(home.book, `SELECT * FROM ${table}`)),
      counters: every(home.book, `SELECT ${counters}, 0 AS uncredited FROM counter`),
      jobs: every(home.book, `SELECT ${jobs.replace('act_seq', 'sale_seq AS act_seq')} FROM print_job ORDER BY sale_seq, copy`),
    };
    expect({ version: inspect(home.book), jobs: before.jobs.length, accounts: before.counters.length }).toEqual({
      version: { kind: 'book', version: 1 },
      jobs: 8,
      accounts: 3,
    });
    migrateFile(home.book);
    expect({
      rows: unchanged.map((table) => every(home.book, `SELECT * FROM ${table}`)),
      counters: every(home.book, `SELECT ${counters}, uncredited FROM counter`),
      jobs: every(home.book, `SELECT ${jobs} FROM print_job ORDER BY act_seq, copy`),
    }).toEqual(before);
    expect(await verdictOn(home.directory)).toEqual({ kind: 'true' });
    const book = reopened(home, handClock(morning + 300_000));
    expect(sell(book, { resident: '1' })).toMatchObject({ kind: 'SALE' });
    book.close();
    expect(await verdictOn(home.directory)).toEqual({ kind: 'true' });
  });

  test('has the tables, indexes and triggers of a new one afterwards', () => {
    const { book } = used.copy();
    toVersion(1, book);
    migrateFile(book);
    const fresh = openMemory();
    createTables(fresh);
    const db = openReadable(book);
    expect(schemaOf(db)).toEqual(schemaOf(fresh));
    db.close();
    fresh.close();
  });

  test('is migrated at its next start', () => {
    const home = used.copy();
    toVersion(1, home.book);
    expect(tryOpening(home, handClock(morning + 300_000))).toBe('opens');
    expect(inspect(home.book)).toEqual({ kind: 'book', version: bookVersion });
    expect(inspect(`${home.book}.v1`)).toEqual({ kind: 'book', version: 1 });
  });

  test('in which a row names what is not there is left as it was', () => {
    const home = used.copy();
    toVersion(1, home.book);
    tamper(home, (db) => db.exec(`PRAGMA foreign_keys = OFF; INSERT INTO down_file VALUES (9, 'x', 1, 0, 99)`));
    const before = contents(home.book);
    expect(() => migrateFile(home.book)).toThrow('every row of the migrated book has what it names');
    expect(contents(home.book)).toEqual(before);
  });
});

test('a book of version 4 keeps its counters, takes vouchers, and after a backup was put back none before the county grants anew', async () => {
  const kiosk = await aKiosk(onTestFinished, [{ t: 'GRANT', a: 'a2', g: points(700) }]);
  const { home, clock } = kiosk;
  kiosk.book.close();
  const sql = 'SELECT * FROM counter ORDER BY account_id';
  toVersion(4, home.book);
  const old = openReadable(home.book);
  const before = old.prepare<[], object>(sql).all();
  old.close();
  const book = reopened(home, clock);
  expect(before.every((row) => !('covered' in row))).toBe(true);
  expect(book.db.prepare(sql).all()).toEqual(before.map((row) => ({ ...row, covered: 0, granted_in: null })));
  expect(scanned({ book }, aVoucher({ number: 1 }))).toMatchObject({ ok: true });
  book.close();
  const opened = openRestored(home, clock, 'A'.repeat(43));
  if (!opened.ok) throw new Error(opened.detail);
  const back = { home, book: withSignIns(opened.book) };
  expect(scanned(back, aVoucher({ number: 2 }))).toEqual({ ok: false, code: 'voucher_waits' });
  await told(back, [{ t: 'GRANT', a: 'a2', g: points(1_700), v: 1 }]);
  expect(scanned(back, aVoucher({ number: 2 }))).toMatchObject({ ok: true });
  back.book.close();
  expect(inspect(home.book)).toEqual({ kind: 'book', version: bookVersion });
  expect(await verdictOn(kiosk.directory)).toEqual({ kind: 'true' });
});

test('a book of today is not migrated, and one of tomorrow is not opened', () => {
  const path = copyOfBook();
  expect(() => migrateFile(path)).toThrow('the book is older than this program');
  expect(inspect(path)).toEqual({ kind: 'book', version: bookVersion });
  const home = used.copy();
  migrateFile(home.book, steps);
  expect(tryOpening(home, handClock(morning + 300_000))).toBe('book_newer');
});

describe('a step that', () => {
  test.each([
    ['fails halfway', `${next} INSERT INTO nowhere VALUES (1);`, new RegExp(`migration ${bookVersion + 1} failed`)],
    [
      'changes the bytes of an event',
      `DROP TRIGGER event_no_update; UPDATE event SET line = line || ' ' WHERE seq = 3;`,
      /no event changed/,
    ],
    ['loses an event', 'DROP TRIGGER event_no_delete; DELETE FROM event WHERE seq = 3;', /no event changed/],
    [
      'breaks a rule of the tables',
      `UPDATE balance SET amount = -1 WHERE account = 'esc';`,
      new RegExp(`migration ${bookVersion + 1} failed`),
    ],
  ])('%s leaves the old book as it was', (_what, step, message) => {
    const path = copyOfBook();
    const before = contents(path);
    expect(() => migrateFile(path, [...migrations, step])).toThrow(message);
    expect(contents(path)).toEqual(before);
    expect(existsSync(`${path}.v${bookVersion}`)).toBe(false);
    migrateFile(path, steps);
    expect(contents(path)).toEqual({ ...before, version: bookVersion + 1 });
  });
});

test('a crash at any call to the disk or the database leaves a book that migrates to the same', () => {
  const path = copyOfBook();
  const before = contents(path);
  const images = imagesOf(dirname(path), () => migrateFile(path, steps));
  const stages = new Set<string>();
  for (const image of images) {
    const book = join(image, basename(path));
    const found = contents(book);
    stages.add(`version ${found.version}: ${readdirSync(image).toSorted().join(' ')}`);
    expect(found).toEqual({ ...before, version: found.version });
    if (found.version === bookVersion) migrateFile(book, steps);
    expect(contents(book)).toEqual({ ...before, version: bookVersion + 1 });
    expect(contents(`${book}.v${bookVersion}`)).toEqual(before);
    const db = new Database(book);
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
    expect(db.prepare('SELECT count(*) AS n FROM later').get()).toEqual({ n: 14 });
    db.close();
  }
  const [here, kept] = [`version ${bookVersion}:`, `book.db.v${bookVersion}`];
  expect([...stages]).toEqual([
    `${here} book.db`,
    `${here} book.db book.db-wal`,
    `${here} book.db book.db-wal book.db.migrating`,
    `${here} book.db book.db.migrating`,
    `${here} book.db book.db.migrating book.db.migrating-wal`,
    `${here} book.db book.db.migrating book.db.migrating-journal`,
    `${here} book.db book.db.migrating ${kept}`,
    `version ${bookVersion + 1}: book.db ${kept}`,
  ]);
});

/** The folder as a crash would leave it, before every call that `work` makes to the disk or the database; no two alike. */
function imagesOf(directory: string, work: () => void): readonly string[] {
  const target = temporary(onTestFinished);
  const images = new Map<string, string>();
  const copy = (): void => {
    const names = readdirSync(directory).filter((name) => name.startsWith('book.db'));
    const digest = createHash('sha256');
    for (const name of names) digest.update(name).update(readFileSync(join(directory, name)));
    const key = digest.digest('hex');
    if (images.has(key)) return;
    const image = join(target, String(images.size));
    images.set(key, image);
    mkdirSync(image);
    for (const name of names) cpSync(join(directory, name), join(image, name));
  };
  const restore = [
    ...(['exec', 'pragma', 'prepare', 'close'] as const).map((name) => watched(Database.prototype, name, copy)),
    ...(['rmSync', 'linkSync', 'renameSync', 'openSync', 'fsyncSync'] as const).map((name) => watched(fs, name, copy)),
  ];
  syncBuiltinESMExports();
  try {
    work();
  } finally {
    for (const put of restore) put();
    syncBuiltinESMExports();
  }
  copy();
  return [...images.values()];
}

/** Calls `before` ahead of each call of a method; its own calls are not watched. Returns what puts the method back. */
function watched<Name extends string>(
  object: { [Member in Name]: (...args: never[]) => unknown },
  name: Name,
  before: () => void,
): () => void {
  const real = object[name];
  let isInside = false;
  object[name] = function (this: unknown, ...args: never[]) {
    if (!isInside) {
      isInside = true;
      before();
      isInside = false;
    }
    return Reflect.apply(real, this, args) as unknown;
  };
  return () => {
    object[name] = real;
  };
}
