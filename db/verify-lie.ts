// What the checks of verify share: how a lie is told, how rows are read beside the chain. Knows no check.

import { canonical, type Plain } from './model/canonical.ts';
import type { ReadableDatabase } from './sqlite.ts';

/** The first thing that is not as it should be. */
export class Lie extends Error {
  readonly check: string;
  readonly place: string;
  readonly what: string;
  constructor(check: string, place: string, what: string) {
    super(`${check}: ${place}: ${what}`);
    this.check = check;
    this.place = place;
    this.what = what;
  }
}

export interface Rows<Row> {
  next(): Row | null;
  /** Lets go of the database before the last row was read. */
  close(): void;
}

/** Rows of a query one at a time, so that memory does not grow with the table; null after the last. */
export function rowsOf<Row>(db: ReadableDatabase, sql: string): Rows<Row> {
  const rows = db.prepare<[], Row>(sql).iterate();
  return {
    next() {
      const step = rows.next();
      return step.done === true ? null : step.value;
    },
    close: () => void rows.return?.(),
  };
}

/** `1,234 events`, `1 event`. */
export function counted(count: number, what: string): string {
  return `${count.toLocaleString('en')} ${what}${count === 1 ? '' : 's'}`;
}

/** A table that events of the chain filled. */
export interface BesideChain {
  /** The next row of the table is this one. */
  next(expected: Readonly<Record<string, Plain>> & { readonly seq: number }, place: string): void;
  end(): void;
  close(): void;
}

/** Such a table, read beside the chain row by row; lies are of `check`. */
export function besideChain(db: ReadableDatabase, check: string, table: string, columns: string): BesideChain {
  const order = columns.startsWith('seq, n,') ? 'seq, n' : 'seq';
  const rows = rowsOf<Readonly<Record<string, Plain>> & { readonly seq: number }>(db, `SELECT ${columns} FROM ${table} ORDER BY ${order}`);
  return {
    next(expected, place) {
      const row = rows.next();
      if (row === null || canonical({ ...row }) !== canonical(expected))
        throw new Lie(check, `table ${table}, row ${row?.seq ?? expected.seq}`, `is not what ${place} says`);
    },
    end() {
      const extra = rows.next();
      if (extra !== null) throw new Lie(check, `table ${table}, row ${extra.seq}`, 'is of no act in the chain');
    },
    close: () => rows.close(),
  };
}
