// What a durable credit costs beyond the disk: the engine's whole credit of a weighed bag and a counted one against one bare
// commit of the very rows it wrote.

import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { qiongjie } from '../../county/schemes/qiongjie.ts';
import { migrations } from '../../db/migrate.ts';
import { findResident } from '../../db/reference.ts';
import type { WritableDatabase } from '../../db/sqlite.ts';
import { points } from '../../db/model/amounts.ts';
import { type RecyclingRules, piecesMax } from '../../db/model/recycling.ts';
import { scan } from '../../electron/engine/cart.ts';
import { credit } from '../../electron/engine/credit.ts';
import { creditDigest, currentCreditQuote } from '../../electron/engine/desk-quote.ts';
import { goTo } from '../../electron/engine/desk.ts';
import { type Engine, currentDay } from '../../electron/engine/till.ts';
import { counted } from '../support/credit.ts';
import { aScale, checked, onScale } from '../support/recycling.ts';
import { benchCard, firstResident, makeBenchHome, openBenchTill } from './bench-till.ts';
import { type Bench, figuresOf, timed } from './measure.ts';

const residents = 200;

/** The largest amount of a county's file. */
const mostPoints = points(100_000_000);

/** No caps that matter, or the bench would reach them: they are asked all the same. Equal bags are the rule here. */
const rules: RecyclingRules = {
  ...qiongjie.scheme.recycling!, // its desk takes six materials
  materials: qiongjie.scheme.recycling!.materials.map((each) => ({ ...each, dayCap: mostPoints })),
  accountDayCap: mostPoints,
  operatorDayCap: mostPoints,
  kioskDayCap: mostPoints,
  approvalAbove: mostPoints,
  typeTwiceAbove: piecesMax,
  sameBag: { minutes: 0, grams: 0 },
};

export const durableCredit: Bench = {
  name: 'durable-credit',
  async run({ quick, scratch }) {
    await makeBenchHome(join(scratch, 'home'), { residents, recycling: rules });
    const engine = await openBenchTill(join(scratch, 'home'));
    goTo(engine, { place: 'desk' });
    const scaleSetId = aScale(engine.book!);
    checked(engine.book!, scaleSetId, {}, currentDay(engine));
    const bare = openBare(join(scratch, 'bare.db'));
    const [ours, theirs]: [number[], number[]] = [[], []];
    const samples = quick ? 200 : 1_000; // more than a desk gives in a day, whose sums the caps ask for each time
    let rows: CreditRows | null = null;
    for (let i = -50; i < samples; i += 1) {
      const args = bringBags(engine, (i + residents) % residents, scaleSetId);
      const before = engine.book!.head().seq;
      // Turn by turn also in who comes first: a disk that was just asked to flush answers the next one sooner.
      const isBareFirst = i % 2 === 0 && rows !== null;
      const first = isBareFirst ? timed(() => bare.write(rows!)) : null; // the rows of the credit before, asked just above
      const given = timed(() => giveNow(engine, args));
      const second = isBareFirst || rows === null ? null : timed(() => bare.write(rows!));
      rows = rowsAfter(engine.book!.db, before);
      const committed = first ?? second;
      if (i < 0 || committed === null) continue; // until the code is compiled and the pages are there
      ours.push(given);
      theirs.push(committed);
    }
    engine.book!.close();
    bare.close();
    return [
      {
        kind: 'measured',
        name: 'durable-credit',
        measures: 'credit to durable commit ÷ a bare FULL commit of the same rows',
        unit: 'ms',
        figures: figuresOf(ours),
        against: figuresOf(theirs),
        goals: [{ of: 'p50', is: 'ratio', atMost: 1.5 }],
      },
    ];
  },
};

type CreditArgs = Parameters<typeof credit>[1];

/** Puts a resident's card, a weighed bag and a counted one on the desk; returns what the operator's confirm would send. */
function bringBags(engine: Engine, residentIndex: number, scaleSetId: string): CreditArgs {
  scan(engine, benchCard(residentIndex));
  const { accountId } = findResident(engine.book!.db, String(firstResident + residentIndex))!; // makeBenchHome brought it
  const sack = { by: 'container', id: 'sack', grams: 120 } as const;
  const bags = [onScale(engine.book!, scaleSetId, 'plastic-bottle', 1_354, sack), counted('battery', 40)];
  engine.desk = { ...engine.desk, bags: bags.map((bag) => ({ ...bag, id: randomUUID(), otherFor: accountId })) as Engine['desk']['bags'] }; // a bag on the desk is one of a credit, and whose it is
  const quote = currentCreditQuote(engine, rules);
  return { creditId: engine.desk.creditId, shown: { points: quote.points, digest: creditDigest(engine, quote) } };
}

/** Credits; a bench that gives nothing measures nothing. */
function giveNow(engine: Engine, args: CreditArgs): void {
  const given = credit(engine, args);
  if (!given.ok) throw new Error(`not credited: ${given.code}`);
}

type Values = readonly unknown[];

/** Everything one credit wrote, as it lies in the book. */
interface CreditRows {
  readonly desk: Values;
  readonly counter: Values;
  readonly event: Values;
  readonly postings: readonly Values[];
  readonly balances: readonly Values[];
  readonly credit: Values;
  readonly lines: readonly Values[];
  readonly job: Values;
}

function rowsAfter(db: WritableDatabase, before: number): CreditRows {
  const seq = before + 1;
  const all = (sql: string): readonly Values[] => db.prepare(sql).raw().all(seq) as readonly Values[]; // raw() gives arrays
  const one = (sql: string): Values => all(sql)[0]!; // each row was just written
  return {
    desk: db.prepare('SELECT body FROM desk_draft').raw().get() as Values, // likewise
    counter: one('SELECT credited, counter.account_id FROM counter JOIN credit USING (account_id) WHERE seq = ?'),
    event: one('SELECT seq, id, kind, line, leaf, sig FROM event WHERE seq = ?'),
    postings: all('SELECT seq, n, account, holder, commodity, amount FROM posting WHERE seq = ?'),
    balances: all(
      'SELECT balance.amount, account, holder, commodity FROM posting JOIN balance USING (account, holder, commodity) WHERE seq = ?',
    ),
    credit: one('SELECT seq, credit_id, ticket_number, day, at, account_id, operator_id, points FROM credit WHERE seq = ?'),
    lines: all('SELECT seq, n, material_id, units, points FROM credit_line WHERE seq = ?'),
    job: one('SELECT job_id, act_seq, copy, state FROM print_job WHERE act_seq = ?'),
  };
}

/** The same tables, indexes and checks, without triggers; the same pragmas; every statement prepared. */
function openBare(path: string): { write(rows: CreditRows): void; close(): void } {
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
    'INSERT INTO counter (credited, account_id) VALUES (?, ?) ON CONFLICT DO UPDATE SET credited = excluded.credited',
  );
  const given = db.prepare(
    'INSERT INTO credit (seq, credit_id, ticket_number, day, at, account_id, operator_id, points) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
  );
  const line = db.prepare('INSERT INTO credit_line (seq, n, material_id, units, points) VALUES (?, ?, ?, ?, ?)');
  const job = db.prepare('INSERT INTO print_job (job_id, act_seq, copy, state) VALUES (?, ?, ?, ?)');
  const desk = db.prepare('INSERT INTO desk_draft (id, body) VALUES (1, ?) ON CONFLICT DO UPDATE SET body = excluded.body');
  return {
    write(rows) {
      begin.run();
      event.run(...rows.event);
      for (const row of rows.postings) posting.run(...row);
      for (const row of rows.balances) balance.run(...row);
      counter.run(...rows.counter);
      given.run(...rows.credit);
      for (const row of rows.lines) line.run(...row);
      job.run(...rows.job);
      desk.run(...rows.desk);
      commit.run();
    },
    close: () => void db.close(),
  };
}
