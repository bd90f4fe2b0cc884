// PostgreSQL as a CountyStore: one session of one county, each call blocking until the server answered, or its deadline passed. Keeps no
// pool and repeats no statement; a session that was lost is made anew by the next act.

import { MessageChannel, Worker, receiveMessageOnPort } from 'node:worker_threads';
import { assert } from '../../db/model/result.ts';
import type { Answer, Question, Rows, Statement, Value, WorkerStart } from './postgres-worker.ts';
import type { StoreRow } from './bulk.ts';
import { type BulkStatement, findStatement, insertStatement } from './postgres-bulk.ts';
import { type CountyStore, StoreFault, type StoreFaultCode, type StoreStatement } from './store.ts';
import { type Translated, type ValueKind, textFor, translate } from './translate.ts';

/** How long a server may take. */
export interface Deadlines {
  readonly connectMs: number;
  /** Of a statement, by the server's own clock. */
  readonly statementMs: number;
  /** How much longer we wait, for its answer that it gave up. */
  readonly graceMs: number;
  /** How long a new session waits for the county's lock: a server notices in that time that the session before it is gone. */
  readonly lockMs: number;
}

/** A night's longest statement reads a county's balances in under a second; a busy province's server takes its time. */
const usualDeadlines: Deadlines = { connectMs: 5_000, statementMs: 60_000, graceMs: 5_000, lockMs: 3_000 };
/** Where an act waits so long between two statements, the server that began it is gone. */
const idleInActMs = 10 * 60_000;
/** Statements that are sent together; bounded by what a socket takes without stalling. */
const heldMax = 100;
/** Letters and bytes of their values: they wait in memory until they are sent, and are there once more on the thread that sends them. */
const heldSizeMax = 4 * 1024 * 1024;
/** Rows that iterate fetches at once. */
const fetchedRows = 500;

/** Connects as one county, alone. Throws StoreFault. */
export function connectPostgres(url: string, county: string, deadlines: Deadlines = usualDeadlines): CountyStore {
  const session = newSession(url, county, deadlines);
  const statements = new Map<string, StoreStatement>();
  const named = ({ text, values }: BulkStatement): Statement => ({ name: session.nameOf(text), text, values });
  session.connect();
  return {
    prepare(sql) {
      let statement = statements.get(sql);
      if (statement === undefined) statements.set(sql, (statement = newStatement(session, translate(sql))));
      return statement;
    },
    exec(sql) {
      const words = /^\s*(BEGIN|COMMIT|ROLLBACK)\b/.exec(sql)?.[1];
      const translated = translate(sql);
      assert(translated.parameters.length === 0, 'exec has no parameters');
      const plain = { name: null, text: textFor(translated, []), values: [] };
      if (words === 'BEGIN') session.begin(plain);
      else if (words === 'COMMIT') session.commit(plain);
      else if (words === 'ROLLBACK') session.rollback(plain);
      else session.ask(plain);
    },
    get inTransaction() {
      return session.inTransaction();
    },
    close: () => session.close(),
    bulk: {
      insert: (table, rows) => void session.hold(named(insertStatement(table, rows))),
      find: (wanted) => session.askAll(wanted.map(({ table, keys }) => named(findStatement(table, keys)))).map(recordsOf) as StoreRow[][], // their columns
    },
  };
}

interface Held {
  /** Asks where nobody has yet. */
  changes(): number;
}

interface Session {
  connect(): void;
  ask(statement: Statement): Rows;
  /** All at once, and each one's rows. */
  askAll(statements: readonly Statement[]): readonly Rows[];
  /** Inside an act: sent with the next statement whose answer somebody needs. A failure is then the act's all the same. */
  hold(statement: Statement): Held;
  begin(statement: Statement): void;
  commit(statement: Statement): void;
  rollback(statement: Statement): void;
  inTransaction(): boolean;
  nextCursor(): string;
  /** The name under which the session keeps a text prepared. */
  nameOf(text: string): string;
  close(): void;
}

const nothingMore: Statement = { name: null, text: 'SELECT', values: [] };

function newSession(url: string, county: string, deadlines: Deadlines): Session {
  const { connectMs, statementMs, graceMs, lockMs } = deadlines;
  let thread: Thread | null = null;
  let isUp = false;
  let inTransaction = false;
  let cursors = 0;
  let held: { readonly statement: Statement; answered(changes: number): void }[] = [];
  let heldSize = 0;
  const names = new Map<string, string>();

  const connect = (): void => {
    thread ??= takeSpare() ?? newThread();
    const said = thread.ask({ kind: 'connect', url, connectMs, setup: setupOf(county, deadlines) }, connectMs + lockMs + graceMs);
    if (said === null || !said.ok) drop();
    if (said === null) throw new StoreFault('store_unreachable', `PostgreSQL did not answer within ${connectMs} ms`);
    if (!said.ok) throw said.state === lockNotAvailable ? busy(county) : faultOf(said, 'store_unreachable');
    isUp = true;
  };

  /** Ends the thread: whatever it still does, the session goes with it, and the server rolls back. */
  const drop = (): void => {
    isUp = false;
    held = [];
    heldSize = 0;
    thread?.end();
    thread = null;
  };

  const askAll = (asked: readonly Statement[], whenLost: StoreFaultCode = 'store_unreachable'): readonly Rows[] => {
    if (!isUp && inTransaction)
      throw new StoreFault('store_unreachable', 'the connection was lost in the middle of this act: nothing of it is kept');
    if (!isUp) connect();
    const before = held;
    const statements = [...before.map((each) => each.statement), ...asked];
    held = [];
    heldSize = 0;
    const said = thread!.ask({ kind: 'ask', statements }, statementMs + graceMs); // connect made it
    if (said === null) {
      drop();
      const code = whenLost === 'store_unanswered' ? whenLost : 'store_too_slow';
      throw new StoreFault(code, `PostgreSQL did not answer within ${statementMs} ms`);
    }
    if (said.ok) {
      for (const [i, each] of before.entries()) each.answered(said.results[i]!.changes); // one for each
      return said.results.slice(before.length);
    }
    if (said.isLost) drop();
    throw faultOf(said, whenLost);
  };

  const ask = (statement: Statement, whenLost?: StoreFaultCode): Rows => askAll([statement], whenLost)[0]!; // one was asked

  return {
    connect,
    ask,
    askAll,
    hold(statement) {
      assert(inTransaction, 'only what an act writes waits');
      let known: number | null = null;
      held.push({ statement, answered: (changes) => (known = changes) });
      heldSize += statement.values.reduce((size, value) => size + (value?.length ?? 0), 0);
      const changes = (): number => {
        if (known === null) ask(nothingMore);
        assert(known !== null, 'what an act wrote before it was lost is not told');
        return known;
      };
      if (held.length >= heldMax || heldSize >= heldSizeMax) changes();
      return { changes };
    },
    begin(statement) {
      assert(!inTransaction, 'one act at a time');
      if (!isUp) connect();
      inTransaction = true;
      held.push({ statement, answered: () => {} }); // sent with the first statement of the act
    },
    commit(statement) {
      assert(inTransaction, 'an act was begun');
      const { command } = ask(statement, 'store_unanswered');
      inTransaction = false;
      if (command !== 'COMMIT')
        throw new StoreFault('store_statement', 'a statement of this act had failed: PostgreSQL keeps nothing of it');
    },
    rollback(statement) {
      assert(inTransaction, 'an act was begun');
      held = [];
      heldSize = 0;
      inTransaction = false;
      if (isUp) ask(statement);
    },
    inTransaction: () => inTransaction,
    nextCursor: () => `rows_${(cursors += 1)}`,
    nameOf(text) {
      let name = names.get(text);
      if (name === undefined) names.set(text, (name = `s${names.size}`));
      return name;
    },
    close() {
      if (isUp && thread?.ask({ kind: 'end' }, graceMs)?.ok === true && spare === null) {
        spare = thread;
        thread = null;
      }
      drop();
    },
  };
}

/**
 * What each session is told first: whose rows it sees; that a commit is on the disk before it is answered; that the county is its own.
 * Plans are made once: every statement finds its rows by a key, whatever the values.
 */
function setupOf(county: string, { statementMs, lockMs }: Deadlines): readonly Statement[] {
  const plain = (text: string, ...values: readonly string[]): Statement => ({ name: null, text, values });
  return [
    plain(`SELECT set_config('civicpos.county', $1, false)`, county),
    plain(`SET search_path TO civicpos`),
    plain(`SET plan_cache_mode TO force_generic_plan`),
    plain(`SET idle_in_transaction_session_timeout TO ${idleInActMs}`),
    plain(`SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') IN ('off', 'local')`),
    plain(`SET statement_timeout TO ${lockMs}`),
    plain(`SELECT pg_advisory_lock(hashtextextended('civicpos ' || $1::text, 0))`, county),
    plain(`SET statement_timeout TO ${statementMs}`),
  ];
}

/** PostgreSQL's words for a wait that was cut short. */
const lockNotAvailable = '57014';

function busy(county: string): StoreFault {
  return new StoreFault('store_busy', `another server keeps the book of ${county}`);
}

function faultOf({ state, message, isLost }: Extract<Answer, { ok: false }>, whenLost: StoreFaultCode): StoreFault {
  const code = codeOf(state, isLost ? whenLost : 'store_statement');
  return new StoreFault(code, state === '' ? message : `${message} (${state})`);
}

/** Of PostgreSQL's list of error codes, appendix A; of TLS, Node's. */
function codeOf(state: string, otherwise: StoreFaultCode): StoreFaultCode {
  if (state === '53100') return 'store_full';
  if (state === '57014') return 'store_too_slow';
  if (state === '25006') return 'store_read_only';
  if (state.startsWith('23')) return 'store_constraint';
  if (state.startsWith('28') || state === '3D000' || state === '42501') return 'store_refused';
  if (state.startsWith('XX') || state.startsWith('58')) return 'store_damaged';
  if (/CERT|SIGNATURE/.test(state)) return 'store_refused'; // of Node: no authority that we trust says that it is this server
  return otherwise;
}

function newStatement(session: Session, translated: Translated): StoreStatement & { pluck(): StoreStatement } {
  const prepare = (values: readonly unknown[]): Statement => {
    const { bound, kinds } = bind(translated, values);
    const text = textFor(translated, kinds);
    return { name: session.nameOf(text), text, values: bound };
  };
  const all = (values: readonly unknown[]): unknown[] => recordsOf(session.ask(prepare(values)));
  return {
    run(...values) {
      const statement = prepare(values);
      if (!session.inTransaction()) return { changes: session.ask(statement).changes };
      const held = session.hold(statement);
      if (translated.isPlainInsert) return { changes: 1 };
      return {
        get changes() {
          return held.changes();
        },
      };
    },
    get: (...values) => all(values)[0],
    all: (...values) => all(values),
    *iterate(...values) {
      const { text, values: bound } = prepare(values);
      const cursor = session.nextCursor();
      // Its rows are those of this moment, whatever is written while they are read.
      const hold = session.inTransaction() ? '' : ' WITH HOLD';
      session.ask({ name: null, text: `DECLARE ${cursor} NO SCROLL CURSOR${hold} FOR ${text}`, values: bound });
      try {
        for (;;) {
          const rows = recordsOf(session.ask({ name: null, text: `FETCH ${fetchedRows} FROM ${cursor}`, values: [] }));
          yield* rows;
          if (rows.length < fetchedRows) return;
        }
      } finally {
        session.ask({ name: null, text: `CLOSE ${cursor}`, values: [] });
      }
    },
    /** The first column alone. */
    pluck() {
      const first = (row: unknown): unknown => (row === undefined ? undefined : Object.values(row as object)[0]);
      return {
        ...newStatement(session, translated),
        get: (...values) => first(all(values)[0]),
        all: (...values) => all(values).map(first),
      };
    },
  };
}

function recordsOf({ columns, rows }: Rows): unknown[] {
  return rows.map((row) => Object.fromEntries(columns.map((column, i) => [column, valueOf(row[i])])));
}

/** A message between threads carries a Buffer as the array beneath it. */
function valueOf(value: unknown): unknown {
  return value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : value;
}

function bind(
  { parameters }: Translated,
  given: readonly unknown[],
): { readonly bound: readonly Value[]; readonly kinds: readonly ValueKind[] } {
  const named = parameters.some((each) => typeof each === 'string') ? (given[0] as Readonly<Record<string, unknown>>) : null; // as the driver of SQLite takes them
  assert(named !== null || given.length === parameters.length, `${parameters.length} values are given, not ${given.length}`);
  const each = parameters.map((parameter) =>
    bindOne(named === null || typeof parameter === 'number' ? given[Number(parameter)] : named[parameter]),
  );
  return { bound: each.map(({ value }) => value), kinds: each.map(({ kind }) => kind) };
}

function bindOne(value: unknown): { readonly value: Value; readonly kind: ValueKind } {
  if (value === null) return { value, kind: 'null' };
  if (typeof value === 'string') return { value, kind: 'text' };
  if (value instanceof Uint8Array) return { value, kind: 'bytes' };
  if (typeof value === 'bigint') return { value: String(value), kind: 'integer' };
  if (typeof value === 'number') {
    assert(Number.isSafeInteger(value), `${value} is a whole number within 2^53`);
    return { value: String(value), kind: 'integer' };
  }
  throw new TypeError(`a book takes text, whole numbers, bytes and null, not ${typeof value}`);
}

/** A thread whose session ended, for the next one: starting one takes longer than connecting. */
let spare: Thread | null = null;

function takeSpare(): Thread | null {
  const thread = spare;
  spare = null;
  return thread;
}

interface Thread {
  /** Blocks until it answers; null: it did not in time. */
  ask(question: DistributiveOmit<Question, 'number'>, deadlineMs: number): Answer | null;
  end(): void;
}

type DistributiveOmit<Of, Names extends string> = Of extends unknown ? Omit<Of, Names> : never;

function newThread(): Thread {
  const { port1: port, port2 } = new MessageChannel();
  const answered = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const start: WorkerStart = { port: port2, answered };
  const worker = new Worker(new URL('./postgres-worker.ts', import.meta.url), { workerData: start, transferList: [port2] });
  worker.unref();
  port.unref();
  worker.on('error', () => {}); // a worker that fell does not answer, and the deadline says so
  let number = 0;
  return {
    ask(question, deadlineMs) {
      number += 1;
      port.postMessage({ ...question, number });
      const until = performance.now() + deadlineMs;
      for (let done = Atomics.load(answered, 0); done !== number; done = Atomics.load(answered, 0)) {
        const left = until - performance.now();
        if (left <= 0 || Atomics.wait(answered, 0, done, left) === 'timed-out') return null;
      }
      const received = receiveMessageOnPort(port);
      assert(received !== undefined, 'an answer is there before it is told');
      return received.message as Answer; // the worker sends nothing else
    },
    end() {
      port.close();
      void worker.terminate();
    },
  };
}
