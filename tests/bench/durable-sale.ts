// What a durable sale costs beyond the disk: the engine's whole payment against one bare commit of the very rows it wrote.

import { join } from 'node:path';
import Database from 'better-sqlite3';
import { migrations } from '../../db/migrate.ts';
import type { WritableDatabase } from '../../db/sqlite.ts';
import { makeBenchHome, openBenchTill, payNow, ringUp } from './bench-till.ts';
import { type Bench, figuresOf, timed } from './measure.ts';

const residents = 200;

export const durableSale: Bench = {
  name: 'durable-sale',
  async run({ quick, scratch }) {
    await makeBenchHome(join(scratch, 'home'), { residents });
    const engine = await openBenchTill(join(scratch, 'home'));
    const bare = openBare(join(scratch, 'bare.db'));
    const [ours, theirs]: [number[], number[]] = [[], []];
    const samples = quick ? 200 : 1_500;
    let rows: SaleRows | null = null;
    for (let i = -50; i < samples; i += 1) {
      const args = ringUp(engine, (i + residents) % residents);
      const before = engine.book!.head().seq;
      // Turn by turn also in who comes first: a disk that was just asked to flush answers the next one sooner.
      const isBareFirst = i % 2 === 0 && rows !== null;
      const first = isBareFirst ? timed(() => bare.write(rows!)) : null; // the rows of the sale before, asked just above
      const paid = timed(() => payNow(engine, args));
      const second = isBareFirst || rows === null ? null : timed(() => bare.write(rows!));
      rows = rowsAfter(engine.book!.db, before);
      const committed = first ?? second;
      if (i < 0 || committed === null) continue; // until the code is compiled and the pages are there
      ours.push(paid);
      theirs.push(committed);
    }
    engine.book!.close();
    bare.close();
    return [
      {
        kind: 'measured',
        name: 'durable-sale',
        measures: 'payment to durable commit ÷ a bare FULL commit of the same rows',
        unit: 'ms',
        figures: figuresOf(ours),
        against: figuresOf(theirs),
        goals: [
          { of: 'p50', is: 'ratio', atMost: 1.5 },
          { of: 'p99', is: 'ratio', atMost: 2 },
        ],
      },
    ];
  },
};

type Values = readonly unknown[];

/** Everything one sale wrote, as it lies in the book. */
interface SaleRows {
  readonly event: Values;
  readonly postings: readonly Values[];
  readonly balances: readonly Values[];
  readonly counter: Values;
  readonly sale: Values;
  readonly job: Values;
  readonly draft: Values;
}

function rowsAfter(db: WritableDatabase, before: number): SaleRows {
  const seq = before + 1;
  const one = (sql: string, ...given: unknown[]): Values =>
    db
      .prepare(sql)
      .raw()
      .get(...given) as Values; // each row was just written
  const all = (sql: string): readonly Values[] => db.prepare(sql).raw().all(seq) as readonly Values[]; // raw() gives arrays
  const sale = one('SELECT seq, sale_id, receipt_number, day, account_id, points, total_fen FROM sale WHERE seq = ?', seq);
  return {
    event: one('SELECT seq, id, kind, line, leaf, sig FROM event WHERE seq = ?', seq),
    postings: all('SELECT seq, n, account, holder, commodity, amount FROM posting WHERE seq = ?'),
    balances: all(
      'SELECT balance.amount, account, holder, commodity FROM posting JOIN balance USING (account, holder, commodity) WHERE seq = ?',
    ),
    counter: one('SELECT spent, roamed, account_id FROM counter WHERE account_id = ?', sale[4]),
    sale,
    job: one('SELECT job_id, act_seq, copy, state FROM print_job WHERE act_seq = ?', seq),
    draft: one('SELECT body FROM draft'),
  };
}

/** The same tables, indexes and checks, without triggers; the same pragmas; every statement prepared. */
function openBare(path: string): { write(rows: SaleRows): void; close(): void } {
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
  const counter = db.prepare(
    'INSERT INTO counter (spent, roamed, account_id, granted) VALUES (?, ?, ?, 9007199254740991) ON CONFLICT DO UPDATE SET spent = excluded.spent',
  );
  const sale = db.prepare(
    'INSERT INTO sale (seq, sale_id, receipt_number, day, account_id, points, total_fen) VALUES (?, ?, ?, ?, ?, ?, ?)',
  );
  const job = db.prepare('INSERT INTO print_job (job_id, act_seq, copy, state) VALUES (?, ?, ?, ?)');
  const draft = db.prepare('INSERT INTO draft (id, body) VALUES (1, ?) ON CONFLICT DO UPDATE SET body = excluded.body');
  return {
    write(rows) {
      begin.run();
      event.run(...rows.event);
      for (const row of rows.postings) posting.run(...row);
      for (const row of rows.balances) balance.run(...row);
      counter.run(...rows.counter);
      sale.run(...rows.sale);
      job.run(...rows.job);
      draft.run(...rows.draft);
      commit.run();
    },
    close: () => void db.close(),
  };
}
