// Rows of one table written, or found by their keys, many at a time. What a row means is not its business.

import { assert } from '../../db/model/result.ts';
import { type WritableDatabase, prepared } from '../../db/sqlite.ts';

export type ColumnType = 'integer' | 'text' | 'bytes';
export type StoreValue = string | number | Uint8Array | null;
/** By column. */
export type StoreRow = Readonly<Record<string, StoreValue>>;

/** A table, as far as its rows are written or found many at a time. */
export interface BulkTable {
  readonly name: string;
  readonly columns: Readonly<Record<string, ColumnType>>;
  readonly key: readonly string[];
  /** What a row that is there takes over from a new one of its key; none: no row of its key is there. */
  readonly changing: readonly string[];
}

/** How a store does it. */
export interface Bulk {
  /** Writes them all, at least one, in their order, or throws. No two of them have one key. */
  insert(table: BulkTable, rows: readonly StoreRow[]): void;
  /** Of each table those that are there: all are asked for at once. */
  find(wanted: readonly Wanted[]): readonly (readonly StoreRow[])[];
}

/** Rows of one table, by their keys. */
export interface Wanted {
  readonly table: BulkTable;
  readonly keys: readonly (readonly StoreValue[])[];
}

/** Of the store that this database is: its own way, or a statement for each row. */
export function bulkOf(db: WritableDatabase): Bulk {
  return (db as { readonly bulk?: Bulk }).bulk ?? oneByOne(db); // store.ts: PostgreSQL's has one
}

/** Where asking costs nothing, a statement for each row is as fast as one for all. */
function oneByOne(db: WritableDatabase): Bulk {
  return {
    insert(table, rows) {
      const names = Object.keys(table.columns);
      const insert = prepared(
        db,
        `INSERT INTO ${table.name} (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})${conflictText(table)}`,
      );
      for (const row of rows) assert(insert.run(...names.map((name) => row[name])).changes === 1, 'a row is written');
    },
    find: (wanted) =>
      wanted.map(({ table, keys }) => {
        const select = prepared<StoreValue[], StoreRow>(db, selectText(table));
        return keys.map((key) => select.get(...key)).filter((row) => row !== undefined);
      }),
  };
}

/** The row of one key. */
export function selectText({ name, columns, key }: BulkTable): string {
  return `SELECT ${Object.keys(columns).join(', ')} FROM ${name} WHERE ${key.map((column) => `${column} = ?`).join(' AND ')}`;
}

/** What follows the values. `first`: a column that leads every key of the store. */
export function conflictText({ key, changing }: BulkTable, first: readonly string[] = []): string {
  if (changing.length === 0) return '';
  return ` ON CONFLICT (${[...first, ...key].join(', ')}) DO UPDATE SET ${changing.map((name) => `${name} = excluded.${name}`).join(', ')}`;
}
