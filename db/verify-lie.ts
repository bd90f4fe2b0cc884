// What the checks of verify share: how a lie is told, how rows are read beside the chain. Knows no check.

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
