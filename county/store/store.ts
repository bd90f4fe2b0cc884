// What the county's book asks of a database, and how one fails it. better-sqlite3 is one as it is; postgres.ts makes PostgreSQL another, so
// that one body of code keeps the book on both. Runs nothing itself.

import { type WritableDatabase, diskFault } from '../../db/sqlite.ts';
import type { Bulk } from './bulk.ts';

/** Every call that gives no promise blocks until it is done. */
export interface CountyStore {
  prepare(sql: string): StoreStatement;
  /** Statements that give nothing back; BEGIN IMMEDIATE, COMMIT and ROLLBACK too. */
  exec(sql: string): unknown;
  /** Stays true where the connection is lost in the middle, until ROLLBACK is said: nothing after it may pass for the rest of an act. */
  readonly inTransaction: boolean;
  close(): unknown;
  /** Where a statement for each row would be a question for each. */
  readonly bulk?: Bulk;
  /** Where another program does the work: settles when what an act wrote so far is done. Nothing is asked of the store meanwhile. */
  settle?(): Promise<void>;
  /** COMMIT, in the same way. */
  commit?(): Promise<void>;
}

/** Values: text, whole numbers, bytes, null; by place, or named in one record. */
export interface StoreStatement {
  run(...values: unknown[]): { changes: number };
  get(...values: unknown[]): unknown;
  all(...values: unknown[]): unknown[];
  iterate(...values: unknown[]): IterableIterator<unknown>;
}

/** What a store that is not a file does to us. Nothing of the act in which it happens is kept, but where the code says otherwise. */
export type StoreFaultCode =
  | 'store_unreachable' // no server, or the connection broke; the next act connects again
  | 'store_unanswered' // a COMMIT was sent and its answer never came: the act is in the book wholly or not at all
  | 'store_too_slow' // no answer within the deadline
  | 'store_busy' // another server keeps this county's book
  | 'store_refused' // the server lets nobody in, or in a way in which a book is not safe
  | 'store_full'
  | 'store_read_only' // a standby
  | 'store_damaged'
  | 'store_constraint' // a statement that a rule of the tables forbids
  | 'store_statement'; // a statement that the server does not understand

export class StoreFault extends Error {
  readonly code: StoreFaultCode;
  constructor(code: StoreFaultCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Whether somebody else has the county's book open. */
export function isBusy(error: unknown): boolean {
  return error instanceof StoreFault ? error.code === 'store_busy' : diskFault(error) === 'book_busy';
}

/**
 * COMMIT, while the thread is free for what asks nothing of the store: another program writes and waits for the disk. Throws what exec of
 * it throws.
 */
export async function commitAct(db: WritableDatabase): Promise<void> {
  const store = db as unknown as CountyStore; // the driver's has no such function
  if (store.commit === undefined) store.exec('COMMIT');
  else await store.commit();
}

/** The store under the name by which the book's code knows a database: it asks no more of one than CountyStore has. */
export function asDatabase(store: CountyStore): WritableDatabase {
  return store as unknown as WritableDatabase; // only here; the tests hold the other direction
}
