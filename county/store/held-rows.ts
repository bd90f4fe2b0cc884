// Rows that an act keeps at hand: each is read once, and what changed is written together, at the end or as soon as a statement asks for
// it. Nobody who asks the database of an act can tell that a row is not written yet. Knows no table's meaning.

import { assert } from '../../db/model/result.ts';
import { type ReadableDatabase, type WritableDatabase, prepared } from '../../db/sqlite.ts';
import { type Bulk, type BulkTable, type ColumnType, type StoreRow, type StoreValue, type Wanted, bulkOf, selectText } from './bulk.ts';
import { type CountyStore, type StoreStatement, asDatabase } from './store.ts';

/** A table whose rows may be held. */
export interface HeldTable<Row extends object> extends BulkTable {
  readonly columns: Readonly<Record<keyof Row & string, ColumnType>>;
}

/** The database of an act, and the ends of one. */
export interface HeldRows {
  readonly db: WritableDatabase;
  /** Of what an act before this one held and did not write, because it failed, nothing is left. */
  begin(): void;
  /** Everything is written. */
  end(): void;
}

/** Of a table: rows in memory, a MB or two. */
const rowsMax = 10_000;
/** Rows that wait to be added: events are some kilobytes each, and a store that is another program writes them while the act goes on. */
const addedMax = 125;
/** Letters and bytes in them: an event may be a MB, and what a store is told at once is one message, in PostgreSQL's words one text. */
const addedSizeMax = 4 * 1024 * 1024;

/** The row of a key; undefined: there is none. Of an act's database, with what the act changed; of another, as it is written. */
export function rowOf<Row extends object>(db: ReadableDatabase, table: HeldTable<Row>, key: readonly (string | number)[]): Row | undefined {
  const found = heldByDatabase.get(db)?.find(table, key) ?? null;
  if (found !== null) return found.row as Row | undefined; // of this table
  return prepared<StoreValue[], Row>(db, selectText(table)).get(...key);
}

/** The row of its key is this from now on. */
export function keepRow<Row extends object>(db: WritableDatabase, table: HeldTable<Row>, row: Row): void {
  heldOf(db).keep(table, row as StoreRow); // its columns are of the table
}

/** One more row, whose key nobody asks for in this act by rowOf. */
export function addRow<Row extends object>(db: WritableDatabase, table: HeldTable<Row>, row: Row): void {
  heldOf(db).add(table, row as StoreRow); // its columns are of the table
}

/** Reads rows ahead, of all tables at once: they will be asked for, and are no more than an act holds. */
export function readAhead(db: WritableDatabase, ...wanted: readonly Wanted[]): void {
  heldOf(db).readAhead(wanted);
}

/**
 * What the act wrote so far is written, and a store that is another program has done it: the thread is free meanwhile for what asks nothing
 * of the store. Nothing more is to be asked of the act until it settles.
 */
export async function settleRows(db: WritableDatabase): Promise<void> {
  await heldOf(db).settle();
}

interface Held {
  settle(): Promise<void>;
  find(table: BulkTable, key: readonly StoreValue[]): { readonly row: StoreRow | undefined };
  keep(table: BulkTable, row: StoreRow): void;
  add(table: BulkTable, row: StoreRow): void;
  readAhead(wanted: readonly Wanted[]): void;
}

/** By the database of the act. */
const heldByDatabase = new WeakMap<ReadableDatabase, Held>();

function heldOf(db: WritableDatabase): Held {
  const held = heldByDatabase.get(db);
  assert(held !== undefined, 'rows are held in an act');
  return held;
}

/** Of one table, by the name of a key: rows (null: there is none), which of them changed, and rows to be added. */
interface Rows {
  readonly table: BulkTable;
  readonly known: Map<string, StoreRow | null>;
  readonly changed: Set<string>;
  added: StoreRow[];
  addedSize: number;
}

export function holdRows(db: WritableDatabase): HeldRows {
  const bulk = bulkOf(db);
  const all = new Map<string, Rows>();
  const rowsOf = (table: BulkTable): Rows => {
    let rows = all.get(table.name);
    if (rows === undefined) all.set(table.name, (rows = { table, known: new Map(), changed: new Set(), added: [], addedSize: 0 }));
    return rows;
  };
  const know = (rows: Rows, name: string, row: StoreRow | null): void => {
    if (rows.known.size >= rowsMax) {
      write(bulk, rows);
      rows.known.clear();
    }
    rows.known.set(name, row);
  };
  const writeAll = (): void => {
    for (const rows of all.values()) write(bulk, rows);
  };
  const held: Held = {
    async settle() {
      const store = db as unknown as CountyStore; // the driver's has no such function
      if (store.settle === undefined) return; // what waits is written when it is asked for
      writeAll();
      await store.settle();
    },
    find(table, key) {
      const rows = rowsOf(table);
      const name = nameOf(key);
      let row = rows.known.get(name);
      if (row === undefined) {
        row = prepared<StoreValue[], StoreRow>(db, selectText(table)).get(...key) ?? null;
        know(rows, name, row);
      }
      return { row: row ?? undefined };
    },
    keep(table, row) {
      const rows = rowsOf(table);
      const name = nameOf(keyOf(table, row));
      know(rows, name, row);
      rows.changed.add(name);
    },
    add(table, row) {
      const rows = rowsOf(table);
      rows.added.push(row);
      rows.addedSize += sizeOf(row);
      if (rows.added.length >= addedMax || rows.addedSize >= addedSizeMax) write(bulk, rows);
    },
    readAhead(wanted) {
      const missing = wanted.map(({ table, keys }) => {
        const { known } = rowsOf(table);
        return { table, keys: new Map(keys.map((key) => [nameOf(key), key] as const).filter(([name]) => !known.has(name))) };
      });
      const asked = missing.filter(({ keys }) => keys.size > 0);
      if (asked.length === 0) return;
      const answers = bulk.find(asked.map(({ table, keys }) => ({ table, keys: [...keys.values()] })));
      for (const [i, { table, keys }] of asked.entries()) {
        const rows = rowsOf(table);
        const found = new Map(answers[i]!.map((row) => [nameOf(keyOf(table, row)), row])); // an answer for each
        for (const name of keys.keys()) know(rows, name, found.get(name) ?? null);
      }
    },
  };
  /** Before a statement runs, what it may see is written; after one that writes, its table is read again. */
  const prepare = (sql: string): StoreStatement => {
    const isRead = !/\b(?:INSERT|UPDATE|DELETE)\b/.test(sql);
    const named = [...sql.matchAll(/\b(?:FROM|JOIN|INTO|UPDATE)\s+(\w+)/g)].map(([, table]) => table!);
    const before = (): void => {
      if (!isRead) return writeAll(); // its rows may refer to some that wait
      for (const name of named) {
        const rows = all.get(name);
        if (rows !== undefined) write(bulk, rows);
      }
    };
    const after = (): void => {
      if (!isRead) all.get(named[0]!)?.known.clear(); // the table that it writes is named first
    };
    const statement = db.prepare(sql) as unknown as StoreStatement; // that is what it is asked for here
    const through = <Value>(work: () => Value): Value => {
      before();
      try {
        return work();
      } finally {
        after();
      }
    };
    return {
      run: (...values) => through(() => statement.run(...values)),
      get: (...values) => through(() => statement.get(...values)),
      all: (...values) => through(() => statement.all(...values)),
      iterate: (...values) => through(() => statement.iterate(...values)),
    };
  };
  const store: CountyStore = {
    prepare,
    exec(sql) {
      writeAll();
      all.clear();
      return db.exec(sql);
    },
    get inTransaction() {
      return db.inTransaction;
    },
    close() {
      throw new Error('an act does not close its book');
    },
  };
  const acts = asDatabase(store);
  heldByDatabase.set(acts, held);
  return {
    db: acts,
    begin: () => all.clear(),
    end() {
      writeAll();
      all.clear();
    },
  };
}

function write(bulk: Bulk, rows: Rows): void {
  const { table, known, changed, added } = rows;
  if (added.length > 0) {
    rows.added = [];
    rows.addedSize = 0;
    bulk.insert(table, added);
  }
  if (changed.size > 0) {
    const now = [...changed].map((name) => known.get(name)!); // what changed is known
    changed.clear();
    bulk.insert(table, now);
  }
}

function sizeOf(row: StoreRow): number {
  return Object.values(row).reduce<number>((size, value) => size + (value === null || typeof value === 'number' ? 0 : value.length), 0);
}

function keyOf({ key }: BulkTable, row: StoreRow): readonly StoreValue[] {
  return key.map((column) => row[column]!); // a key has no nulls
}

/** No text of a key has a line's end in it. */
function nameOf(key: readonly StoreValue[]): string {
  return key.join('\n');
}
