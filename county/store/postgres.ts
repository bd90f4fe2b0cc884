// PostgreSQL as a CountyStore: one session of one county. Who asks is answered, or the deadline passed; what an act writes is on its way
// meanwhile, and a failure of it is told to whoever asks next. Keeps no pool and repeats no statement; a session that was lost is made
// anew by the next act.

import { assert } from '../../db/model/result.ts';
import type { Answer, Rows, Statement, Value } from './postgres-worker.ts';
import { type Thread, keepThread, takeThread } from './postgres-thread.ts';
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
/** Statements that wait to be sent together with the next one that asks. */
const heldMax = 100;
/** Letters and bytes of their values, from which on they are sent at once: the server works while the act goes on. */
const heldSizeMax = 16 * 1024;
/** Of what is on its way: it is in memory here, on the thread that sends it and in the server. */
const toldSizeMax = 4 * 1024 * 1024;
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
    settle: () => session.settle(),
    commit: () => session.commitLater(),
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
  /** Inside an act: sent with the next statement whose answer somebody needs, or before. A failure is then the act's all the same. */
  hold(statement: Statement): Held;
  /** Inside an act: sends what waits; settles when it is done, and throws where it failed. Nobody asks meanwhile. */
  settle(): Promise<void>;
  begin(statement: Statement): void;
  commit(statement: Statement): void;
  /** COMMIT without blocking. Nobody asks meanwhile. */
  commitLater(): Promise<void>;
  rollback(statement: Statement): void;
  inTransaction(): boolean;
  nextCursor(): string;
  /** The name under which the session keeps a text prepared. */
  nameOf(text: string): string;
  close(): void;
}

/** A statement that an act does not wait for. */
interface Writing {
  readonly statement: Statement;
  answered(changes: number): void;
}

const nothingMore: Statement = { name: null, text: 'SELECT', values: [] };
const commit: Statement = { name: null, text: 'COMMIT', values: [] };

function newSession(url: string, county: string, deadlines: Deadlines): Session {
  const { connectMs, statementMs, graceMs, lockMs } = deadlines;
  let thread: Thread | null = null;
  let isUp = false;
  let inTransaction = false;
  let cursors = 0;
  let held: Writing[] = [];
  let heldSize = 0;
  /** Of each question that is on its way. */
  let told: (readonly Writing[])[] = [];
  let toldSize = 0;
  let isAwaited = false;
  const names = new Map<string, string>();

  const connect = (): void => {
    thread ??= takeThread();
    thread.tell({ kind: 'connect', url, connectMs, setup: setupOf(county, deadlines) });
    const said = thread.answers(connectMs + lockMs + graceMs)?.at(-1) ?? null;
    if (said === null || !said.ok) drop();
    if (said === null) throw new StoreFault('store_unreachable', `PostgreSQL did not answer within ${connectMs} ms`);
    if (!said.ok) throw said.state === lockNotAvailable ? busy(county) : faultOf(said, 'store_unreachable');
    isUp = true;
  };

  const forget = (): void => {
    held = [];
    heldSize = 0;
    told = [];
    toldSize = 0;
  };

  /** Ends the thread: whatever it still does, the session goes with it, and the server rolls back. */
  const drop = (): void => {
    isUp = false;
    forget();
    thread?.end();
    thread = null;
  };

  /** Sends what waits and what is asked, and waits for nothing. */
  const tell = (asked: readonly Statement[]): void => {
    assert(!isAwaited, 'nobody asks while another waits');
    if (!isUp && inTransaction)
      throw new StoreFault('store_unreachable', 'the connection was lost in the middle of this act: nothing of it is kept');
    if (!isUp) connect();
    thread!.tell({ kind: 'ask', statements: [...held.map((each) => each.statement), ...asked] }); // connect made it
    told.push(held);
    toldSize += heldSize;
    held = [];
    heldSize = 0;
  };

  /** The rows of the newest question's last statements, so many. Throws the first failure of all that was on its way. */
  const heard = (said: readonly Answer[] | null, asked: number, whenLost: StoreFaultCode): readonly Rows[] => {
    if (said === null) {
      drop();
      const code = whenLost === 'store_unanswered' ? whenLost : 'store_too_slow';
      throw new StoreFault(code, `PostgreSQL did not answer within ${statementMs} ms`);
    }
    const writings = told;
    told = [];
    toldSize = 0;
    let rows: readonly Rows[] = [];
    for (const [i, answer] of said.entries()) {
      if (!answer.ok) {
        if (said.some((each) => !each.ok && each.isLost)) drop();
        throw faultOf(answer, whenLost);
      }
      for (const [n, each] of writings[i]!.entries()) each.answered(answer.results[n]!.changes); // one for each
      rows = answer.results;
    }
    return rows.slice(rows.length - asked);
  };

  const blocked = (): readonly Answer[] | null => thread!.answers(statementMs + graceMs); // something was told

  const awaited = async (): Promise<readonly Answer[] | null> => {
    isAwaited = true;
    try {
      return await thread!.answersLater(statementMs + graceMs); // something was told
    } finally {
      isAwaited = false;
    }
  };

  const askAll = (asked: readonly Statement[], whenLost: StoreFaultCode = 'store_unreachable'): readonly Rows[] => {
    tell(asked);
    return heard(blocked(), asked.length, whenLost);
  };

  const ask = (statement: Statement, whenLost?: StoreFaultCode): Rows => askAll([statement], whenLost)[0]!; // one was asked

  const committed = ({ command }: Rows): void => {
    inTransaction = false;
    if (command !== 'COMMIT') throw new StoreFault('store_statement', 'a statement of this act had failed: PostgreSQL keeps nothing of it');
  };

  return {
    connect,
    ask,
    askAll,
    hold(statement) {
      assert(inTransaction, 'only what an act writes waits');
      let known: number | null = null;
      held.push({ statement, answered: (changes) => (known = changes) });
      heldSize += statement.values.reduce((size, value) => size + (value?.length ?? 0), 0);
      if (toldSize + heldSize >= toldSizeMax) ask(nothingMore);
      else if (held.length >= heldMax || heldSize >= heldSizeMax) tell([]);
      return {
        changes() {
          if (known === null) ask(nothingMore);
          assert(known !== null, 'what an act wrote before it was lost is not told');
          return known;
        },
      };
    },
    async settle() {
      assert(inTransaction, 'only what an act writes waits');
      if (held.length > 0) tell([]);
      if (told.length > 0) heard(await awaited(), 0, 'store_unreachable');
    },
    begin(statement) {
      assert(!inTransaction, 'one act at a time');
      if (!isUp) connect();
      inTransaction = true;
      held.push({ statement, answered: () => {} }); // sent with the first statement of the act
    },
    commit(statement) {
      assert(inTransaction, 'an act was begun');
      committed(ask(statement, 'store_unanswered'));
    },
    async commitLater() {
      assert(inTransaction, 'an act was begun');
      tell([commit]);
      committed(heard(await awaited(), 1, 'store_unanswered')[0]!); // one was asked
    },
    rollback(statement) {
      assert(inTransaction, 'an act was begun');
      held = [];
      heldSize = 0;
      told = []; // nobody asks any more what they wrote
      toldSize = 0;
      if (isUp) tell([statement]);
      inTransaction = false;
      if (!isUp) return;
      const said = blocked();
      const last = said?.at(-1); // those before it failed, or are rolled back
      if (last?.ok === false && last.isLost) return drop(); // nothing of it is kept
      heard(last === undefined ? null : [last], 1, 'store_unreachable');
    },
    inTransaction: () => inTransaction,
    nextCursor: () => `rows_${(cursors += 1)}`,
    nameOf(text) {
      let name = names.get(text);
      if (name === undefined) names.set(text, (name = `s${names.size}`));
      return name;
    },
    close() {
      if (isUp && thread !== null) {
        thread.tell({ kind: 'end' });
        const isEnded = thread.answers(graceMs)?.at(-1)?.ok === true;
        if (isEnded && keepThread(thread)) thread = null;
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
