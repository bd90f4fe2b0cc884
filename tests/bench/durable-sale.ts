// What a durable sale costs beyond the disk: the engine's whole payment against one bare commit of the very rows it wrote.

import { join } from 'node:path';
import type Database from 'better-sqlite3';
import type { WritableDatabase } from '../../db/sqlite.ts';
import { type ActRows, type Values, actRows, besideBare, openBareBook, rowsOf } from './bare-book.ts';
import { makeBenchHome, openBenchTill, payNow, ringUp } from './bench-till.ts';
import { type Bench, figuresOf } from './measure.ts';

const residents = 200;

export const durableSale: Bench = {
  name: 'durable-sale',
  async run({ quick, scratch }) {
    await makeBenchHome(join(scratch, 'home'), { residents });
    const engine = await openBenchTill(join(scratch, 'home'));
    const bare = openBareBook<SaleRows>(join(scratch, 'bare.db'), ownRows);
    const { db } = engine.book!;
    const { ours, theirs } = besideBare(db, bare, {
      samples: quick ? 200 : 1_500,
      prepare(i) {
        const args = ringUp(engine, i % residents);
        return () => payNow(engine, args);
      },
      rowsOfAct: (seq) => rowsOfSale(db, seq),
    });
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

/** Everything one sale wrote, as it lies in the book. */
interface SaleRows extends ActRows {
  readonly counter: Values;
  readonly sale: Values;
  readonly draft: Values;
}

function rowsOfSale(db: WritableDatabase, seq: number): SaleRows {
  const sale = rowsOf(db, 'SELECT seq, sale_id, receipt_number, day, account_id, points, total_fen FROM sale WHERE seq = ?', seq)[0]!; // just written
  return {
    ...actRows(db, seq),
    counter: rowsOf(db, 'SELECT spent, roamed, account_id FROM counter WHERE account_id = ?', sale[4])[0]!, // likewise
    sale,
    draft: rowsOf(db, 'SELECT body FROM draft WHERE id = ?', 1)[0]!, // likewise
  };
}

function ownRows(db: Database.Database): (rows: SaleRows) => void {
  const counter = db.prepare(
    'INSERT INTO counter (spent, roamed, account_id, granted) VALUES (?, ?, ?, 9007199254740991) ON CONFLICT DO UPDATE SET spent = excluded.spent',
  );
  const sale = db.prepare(
    'INSERT INTO sale (seq, sale_id, receipt_number, day, account_id, points, total_fen) VALUES (?, ?, ?, ?, ?, ?, ?)',
  );
  const draft = db.prepare('INSERT INTO draft (id, body) VALUES (1, ?) ON CONFLICT DO UPDATE SET body = excluded.body');
  return (rows) => {
    counter.run(...rows.counter);
    sale.run(...rows.sale);
    draft.run(...rows.draft);
  };
}
