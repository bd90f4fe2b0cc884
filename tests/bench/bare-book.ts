// A bare book for benches: the rows of an act written by prepared statements and one FULL commit, which is what the engine's
// whole act is measured against. Proves nothing of what it writes.

import Database from 'better-sqlite3';
import { migrations } from '../../db/migrate.ts';
import type { WritableDatabase } from '../../db/sqlite.ts';
import { timed } from './measure.ts';

export type Values = readonly unknown[];

/** What every act with a paper writes. */
export interface ActRows {
  readonly event: Values;
  readonly postings: readonly Values[];
  readonly balances: readonly Values[];
  readonly job: Values;
}

/** The same tables, indexes and checks as a book's, without triggers; the same pragmas. `own` prepares what this kind of act adds. */
export function openBareBook<Rows extends ActRows>(
  path: string,
  own: (db: Database.Database) => (rows: Rows) => void,
): { write(rows: Rows): void; close(): void } {
  const db = new Database(path);
  for (const pragma of ['locking_mode = EXCLUSIVE', 'journal_mode = WAL', 'foreign_keys = ON', 'mmap_size = 0']) db.pragma(pragma);
  for (const step of migrations) db.exec(step);
  const triggers = db.prepare<[], { name: string }>(`SELECT name FROM sqlite_schema WHERE type = 'trigger'`).all();
  for (const { name } of triggers) db.exec(`DROP TRIGGER ${name}`);
  db.pragma('synchronous = FULL'); // after the first write: the driver forgets it there (reconciliation.md D2, 1)
  const begin = db.prepare('BEGIN IMMEDIATE');
  const commit = db.prepare('COMMIT');
  const event = db.prepare('INSERT INTO event (seq, id, kind, line, leaf, sig) VALUES (?, ?, ?, ?, ?, ?)');
  const posting = db.prepare('INSERT INTO posting (seq, n, account, holder, commodity, amount) VALUES (?, ?, ?, ?, ?, ?)');
  const balance = db.prepare(
    'INSERT INTO balance (amount, account, holder, commodity) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET amount = excluded.amount',
  );
  const job = db.prepare('INSERT INTO print_job (job_id, act_seq, number, copy, state) VALUES (?, ?, ?, ?, ?)');
  const writeOwn = own(db);
  return {
    write(rows) {
      begin.run();
      event.run(...rows.event);
      for (const row of rows.postings) posting.run(...row);
      for (const row of rows.balances) balance.run(...row);
      writeOwn(rows);
      job.run(...rows.job);
      commit.run();
    },
    close: () => void db.close(),
  };
}

/** The rows that answer a query of one event's number. */
export function rowsOf(db: WritableDatabase, sql: string, seq: unknown): readonly Values[] {
  return db.prepare(sql).raw().all(seq) as readonly Values[]; // raw() gives arrays
}

/**
 * Times acts and the bare commits of the very rows they wrote, turn by turn also in who comes first: a disk that was just asked
 * to flush answers the next one sooner. `prepare` makes the next act ready and answers with what does it; `rowsOfAct` reads what
 * it wrote, by the number of the event before it.
 */
export function besideBare<Rows extends ActRows>(
  db: WritableDatabase,
  bare: { write(rows: Rows): void },
  {
    samples,
    prepare,
    rowsOfAct,
  }: { readonly samples: number; readonly prepare: (i: number) => () => void; readonly rowsOfAct: (seq: number) => Rows },
): { readonly ours: readonly number[]; readonly theirs: readonly number[] } {
  const [ours, theirs]: [number[], number[]] = [[], []];
  let rows: Rows | null = null;
  for (let i = -unmeasured; i < samples; i += 1) {
    const act = prepare(i + unmeasured);
    const before = db.prepare<[], { seq: number }>('SELECT max(seq) AS seq FROM event').get()!.seq; // a book has its START
    const isBareFirst = i % 2 === 0 && rows !== null;
    const first = isBareFirst ? timed(() => bare.write(rows!)) : null; // the rows of the act before, asked just above
    const own = timed(act);
    const second = isBareFirst || rows === null ? null : timed(() => bare.write(rows!));
    rows = rowsOfAct(before + 1);
    const committed = first ?? second;
    if (i < 0 || committed === null) continue;
    ours.push(own);
    theirs.push(committed);
  }
  return { ours, theirs };
}

/** Until the code is compiled and the pages are there. */
const unmeasured = 50;

/** What event `seq`, just written, has of the rows that every act has. */
export function actRows(db: WritableDatabase, seq: number): ActRows {
  const one = (sql: string): Values => rowsOf(db, sql, seq)[0]!; // it was just written
  return {
    event: one('SELECT seq, id, kind, line, leaf, sig FROM event WHERE seq = ?'),
    postings: rowsOf(db, 'SELECT seq, n, account, holder, commodity, amount FROM posting WHERE seq = ?', seq),
    balances: rowsOf(
      db,
      'SELECT balance.amount, account, holder, commodity FROM posting JOIN balance USING (account, holder, commodity) WHERE seq = ?',
      seq,
    ),
    job: one('SELECT job_id, act_seq, number, copy, state FROM print_job WHERE act_seq = ?'),
  };
}
