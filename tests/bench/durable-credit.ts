// What a durable credit costs beyond the disk: the engine's whole credit of a weighed bag and a counted one against one bare
// commit of the very rows it wrote.

import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type Database from 'better-sqlite3';
import { qiongjie } from '../../county/schemes/qiongjie.ts';
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
import { type ActRows, type Values, actRows, besideBare, openBareBook, rowsOf } from './bare-book.ts';
import { benchCard, firstResident, makeBenchHome, openBenchTill } from './bench-till.ts';
import { type Bench, figuresOf } from './measure.ts';

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
    const bare = openBareBook<CreditRows>(join(scratch, 'bare.db'), ownRows);
    const { db } = engine.book!;
    const { ours, theirs } = besideBare(db, bare, {
      samples: quick ? 200 : 1_000, // more than a desk gives in a day, whose sums the caps ask for each time
      prepare(i) {
        const args = bringBags(engine, i % residents, scaleSetId);
        return () => giveNow(engine, args);
      },
      rowsOfAct: (seq) => rowsOfCredit(db, seq),
    });
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

/** Everything one credit wrote, as it lies in the book. */
interface CreditRows extends ActRows {
  readonly desk: Values;
  readonly counter: Values;
  readonly credit: Values;
  readonly lines: readonly Values[];
}

function rowsOfCredit(db: WritableDatabase, seq: number): CreditRows {
  const one = (sql: string): Values => rowsOf(db, sql, seq)[0]!; // it was just written
  return {
    ...actRows(db, seq),
    desk: rowsOf(db, 'SELECT body FROM desk_draft WHERE id = ?', 1)[0]!, // likewise
    counter: one('SELECT credited, counter.account_id FROM counter JOIN credit USING (account_id) WHERE seq = ?'),
    credit: one('SELECT seq, credit_id, ticket_number, day, at, account_id, operator_id, points FROM credit WHERE seq = ?'),
    lines: rowsOf(db, 'SELECT seq, n, material_id, units, points FROM credit_line WHERE seq = ?', seq),
  };
}

function ownRows(db: Database.Database): (rows: CreditRows) => void {
  const counter = db.prepare(
    'INSERT INTO counter (credited, account_id) VALUES (?, ?) ON CONFLICT DO UPDATE SET credited = excluded.credited',
  );
  const given = db.prepare(
    'INSERT INTO credit (seq, credit_id, ticket_number, day, at, account_id, operator_id, points) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
  );
  const line = db.prepare('INSERT INTO credit_line (seq, n, material_id, units, points) VALUES (?, ?, ?, ?, ?)');
  const desk = db.prepare('INSERT INTO desk_draft (id, body) VALUES (1, ?) ON CONFLICT DO UPDATE SET body = excluded.body');
  return (rows) => {
    counter.run(...rows.counter);
    given.run(...rows.credit);
    for (const row of rows.lines) line.run(...row);
    desk.run(...rows.desk);
  };
}
