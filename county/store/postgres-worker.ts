// The thread that talks to PostgreSQL for a thread that waits for it: one session, its questions in order. Decides nothing: what is lost
// stays lost until it is asked to connect again.

import { type MessagePort, workerData } from 'node:worker_threads';
import { Client, DatabaseError, type QueryResult } from 'pg';

/** What the waiting thread shares with this one. */
export interface WorkerStart {
  readonly port: MessagePort;
  /** Number of the newest question that was answered: the other thread sleeps on it. */
  readonly answered: Int32Array;
}

export type Value = string | Uint8Array | null;

/** One statement. `name`: under which the server keeps it prepared; null: it is asked once, and may be several where it has no values. */
export interface Statement {
  readonly name: string | null;
  readonly text: string;
  readonly values: readonly Value[];
}

export type Question =
  | {
      readonly kind: 'connect';
      readonly number: number;
      readonly url: string;
      readonly connectMs: number;
      readonly setup: readonly Statement[];
    }
  /** Sent at once, one behind the other; the answer is that of each, or the first failure. */
  | { readonly kind: 'ask'; readonly number: number; readonly statements: readonly Statement[] }
  | { readonly kind: 'end'; readonly number: number };

export interface Rows {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
  /** Rows that the statement changed. */
  readonly changes: number;
  /** What the server says it did: COMMIT, and ROLLBACK where COMMIT was asked of an act that had failed. */
  readonly command: string;
}

export type Answer =
  /** Of each statement. */
  | { readonly ok: true; readonly results: readonly Rows[] }
  /** state: PostgreSQL's five letters, or Node's code, or ''. isLost: the session is gone. */
  | { readonly ok: false; readonly state: string; readonly message: string; readonly isLost: boolean };

// Of PostgreSQL's pg_type.
const boolType = 16;
const byteaType = 17;
const integerTypes = new Set([20, 21, 23, 1700]); // bigint, smallint, integer; numeric: what sum() of bigint is

const { port, answered } = workerData as WorkerStart; // postgres.ts gives it
let client: Client | null = null;

let before: Promise<void> = Promise.resolve();

port.on('message', (question: Question) => {
  const said = answer(question); // sent now, behind the questions before it
  before = before.then(async () => {
    port.postMessage(await said);
    Atomics.store(answered, 0, question.number);
    Atomics.notify(answered, 0);
  });
});

async function answer(question: Question): Promise<Answer> {
  try {
    if (question.kind === 'ask') return await ask(question.statements);
    if (question.kind === 'connect') return await connect(question);
    await client?.end();
    client = null;
    return { ok: true, results: [] };
  } catch (error) {
    return failureOf(error);
  }
}

async function connect({ url, connectMs, setup }: Question & { readonly kind: 'connect' }): Promise<Answer> {
  drop();
  const fresh = new Client({
    connectionString: url,
    connectionTimeoutMillis: connectMs,
    keepAlive: true,
    application_name: 'civicpos',
    pipeline: true,
    types: { getTypeParser: parserOf },
  });
  fresh.on('error', () => drop(fresh)); // told with the next question
  client = fresh;
  await fresh.connect();
  return await ask(setup);
}

async function ask(statements: readonly Statement[]): Promise<Answer> {
  const session = client;
  if (session === null) return { ok: false, state: '', message: 'the connection is lost', isLost: true };
  const results = await Promise.allSettled(statements.map((statement) => send(session, statement)));
  const failed = results.find((each) => each.status === 'rejected');
  if (failed !== undefined) return failureOf(failed.reason);
  return { ok: true, results: results.map((each) => rowsOf((each as PromiseFulfilledResult<Result | readonly Result[]>).value)) }; // none failed
}

type Result = QueryResult<unknown[]>;

/** Of several plain statements in one text, the last one's. */
function rowsOf(result: Result | readonly Result[]): Rows {
  const { fields, rows, rowCount, command } = 'fields' in result ? result : result.at(-1)!; // none is empty
  return { columns: fields.map(({ name }) => name), rows, command, changes: rowCount ?? 0 };
}

function send(session: Client, { name, text, values }: Statement): Promise<Result> {
  const query = { text, rowMode: 'array' as const };
  if (name !== null) return session.query<unknown[]>({ ...query, name, values: [...values] });
  return session.query<unknown[]>(values.length === 0 ? query : { ...query, values: [...values] });
}

function failureOf(error: unknown): Answer {
  const state = error instanceof Error && 'code' in error ? String(error.code) : '';
  const message = error instanceof Error ? error.message : String(error);
  // The server ends the session itself, after saying so, where it is shut down or ends idle ones (class 57P); a fault that is not the
  // server's is the connection's. A number beyond what we count in is neither.
  const isLost = error instanceof DatabaseError ? /^(?:57P|08)/.test(state) || error.severity === 'FATAL' : !(error instanceof RangeError);
  if (isLost) drop();
  return { ok: false, state, message, isLost };
}

/** Only where it is still this one. */
function drop(of: Client | null = client): void {
  if (of === null || of !== client) return;
  client = null;
  of.connection.stream.destroy(); // the server rolls back what was open
}

function parserOf(type: number): (text: string) => unknown {
  if (type === boolType) return (text) => Number(text === 't'); // as SQLite has it
  if (type === byteaType) return (text) => Buffer.from(text.slice(2), 'hex'); // \x…
  if (integerTypes.has(type)) return wholeNumber;
  return (text) => text;
}

function wholeNumber(text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number)) throw new RangeError(`${text} is no whole number within 2^53`);
  return number;
}
