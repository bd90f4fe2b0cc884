// Turns a book of today into one that an older program wrote: that version's tables with the same events, and the rows that it knew.
// For tests of migrations; never for a book that holds what that version could not.

import { renameSync, rmSync } from 'node:fs';
import Database from 'better-sqlite3';
import { createTables, migrations } from '../../db/migrate.ts';
import { openWritable } from '../../db/sqlite.ts';

/** Where an older version called a column otherwise. */
const formerly: Readonly<Record<string, Readonly<Record<string, string>>>> = { print_job: { sale_seq: 'act_seq' } };

/** Rewrites the closed book at `path` as that version. */
export function toVersion(version: number, path: string): void {
  const oldPath = `${path}.old`;
  const fresh = openWritable(oldPath, { mustExist: false });
  createTables(fresh, migrations.slice(0, version));
  fresh.close();
  const old = new Database(oldPath);
  try {
    old.pragma('journal_mode = DELETE'); // so that the rename moves one file
    old.pragma('foreign_keys = OFF'); // tables are filled in the order of their names
    const triggers = old.prepare<[], { name: string; sql: string }>(`SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'`).all();
    const tables = old.prepare<[], { name: string }>(`SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name`).all();
    for (const { name } of triggers) old.exec(`DROP TRIGGER ${name}`);
    old.prepare('ATTACH ? AS today').run(path);
    for (const { name } of tables) {
      const columns = (old.pragma(`main.table_info(${name})`) as readonly { readonly name: string }[]).map((each) => each.name); // as SQLite documents
      const today = columns.map((column) => formerly[name]?.[column] ?? column);
      old.exec(`INSERT INTO main.${name} (${columns.join(', ')}) SELECT ${today.join(', ')} FROM today.${name}`);
    }
    for (const { sql } of triggers) old.exec(sql);
    old.exec('DETACH today');
  } finally {
    old.close();
  }
  for (const suffix of ['-wal', '-shm']) rmSync(path + suffix, { force: true });
  renameSync(oldPath, path);
}
