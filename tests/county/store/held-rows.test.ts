// Rows that an act keeps at hand, over both stores: nobody who asks the act's database can tell them from rows that are written, and at its
// end they are.

import { expect, onTestFinished, test } from 'vitest';
import { acts, balances, events } from '../../../county/book/held-tables.ts';
import type { CountyPosting } from '../../../county/book/ledger.ts';
import { addRow, holdRows, keepRow, readAhead, rowOf } from '../../../county/store/held-rows.ts';
import { type WritableDatabase, prepared } from '../../../db/sqlite.ts';
import { asDatabase } from '../../../county/store/store.ts';
import { emptyTables } from '../../support/county-store.ts';
import { fc } from '../../support/property.ts';

function balance(at: string, amount: number): CountyPosting {
  return { account: 'due', holder: 'a1', kiosk: at, commodity: 'PTS', amount };
}

function keyOf(at: string): readonly string[] {
  return ['due', 'a1', at, 'PTS'];
}

function amounts(db: WritableDatabase): unknown {
  return prepared(db, 'SELECT kiosk, amount FROM balance ORDER BY kiosk').all();
}

const kiosk = fc.constantFrom('qj-01', 'qj-02', 'qj-03', 'qj-04');
const amount = fc.integer({ min: -1_000, max: 1_000 });
const step = fc.oneof(
  fc.record({ kind: fc.constant('keep' as const), kiosk, amount }),
  fc.record({ kind: fc.constant('ask' as const), kiosk }),
  fc.record({ kind: fc.constant('ask ahead' as const), kiosks: fc.array(kiosk) }),
  fc.record({ kind: fc.constant('raise by a statement' as const), kiosk, amount }),
  fc.record({ kind: fc.constant('write by a statement' as const), kiosk, amount }),
  fc.record({ kind: fc.constant('sum' as const) }),
);

test('whatever is kept, asked and written by statements in whatever order, everybody sees the newest', () => {
  const db = emptyTables(onTestFinished);
  const held = holdRows(db);
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      db.exec('BEGIN IMMEDIATE');
      try {
        held.begin();
        const model = new Map<string, number>();
        for (const one of steps) {
          if (one.kind === 'keep') {
            keepRow(held.db, balances, balance(one.kiosk, one.amount));
            model.set(one.kiosk, one.amount);
          } else if (one.kind === 'ask') {
            const known = model.get(one.kiosk);
            expect(rowOf(held.db, balances, keyOf(one.kiosk))).toEqual(known === undefined ? undefined : balance(one.kiosk, known));
          } else if (one.kind === 'ask ahead') {
            readAhead(held.db, { table: balances, keys: one.kiosks.map(keyOf) });
          } else if (one.kind === 'raise by a statement') {
            prepared(held.db, 'UPDATE balance SET amount = amount + ? WHERE kiosk = ?').run(one.amount, one.kiosk);
            if (model.has(one.kiosk)) model.set(one.kiosk, model.get(one.kiosk)! + one.amount);
          } else if (one.kind === 'write by a statement') {
            prepared(
              held.db,
              `INSERT INTO balance (account, holder, kiosk, commodity, amount) VALUES ('due', 'a1', ?, 'PTS', ?)
               ON CONFLICT (account, holder, kiosk, commodity) DO UPDATE SET amount = excluded.amount`,
            ).run(one.kiosk, one.amount);
            model.set(one.kiosk, one.amount);
          } else {
            const sum = [...model.values()].reduce((all, each) => all + each, 0);
            expect(prepared(held.db, 'SELECT coalesce(sum(amount), 0) AS sum FROM balance').get()).toEqual({ sum });
          }
        }
        held.end();
        expect(amounts(db)).toEqual([...model].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([at, now]) => ({ kiosk: at, amount: now })));
      } finally {
        db.exec('ROLLBACK');
      }
    }),
    { numRuns: 40 },
  );
});

test('an act that failed leaves nothing for the next one', () => {
  const db = emptyTables(onTestFinished);
  const held = holdRows(db);
  db.exec('BEGIN IMMEDIATE');
  held.begin();
  keepRow(held.db, balances, balance('qj-01', 5));
  addRow(held.db, acts, { entry: 1, kind: 'award', about: 'a1', at: 0 });
  db.exec('ROLLBACK');
  db.exec('BEGIN IMMEDIATE');
  held.begin();
  expect(rowOf(held.db, balances, keyOf('qj-01'))).toBeUndefined();
  held.end();
  db.exec('COMMIT');
  expect([amounts(db), prepared(db, 'SELECT entry FROM act').all()]).toEqual([[], []]);
});

test('more rows than an act holds are written on the way, and read again when they are asked for', () => {
  const db = emptyTables(onTestFinished);
  const held = holdRows(db);
  const rows = 12_000;
  db.exec('BEGIN IMMEDIATE');
  held.begin();
  for (let i = 0; i < rows; i += 1) keepRow(held.db, balances, balance(`k${i}`, i));
  expect(prepared(db, 'SELECT count(*) >= 10000 AS many FROM balance').get()).toEqual({ many: 1 });
  expect(rowOf(held.db, balances, keyOf('k7'))).toEqual(balance('k7', 7));
  keepRow(held.db, balances, balance('k7', 8));
  held.end();
  expect(prepared(db, 'SELECT count(*) AS n, sum(amount) AS sum FROM balance').get()).toEqual({
    n: rows,
    sum: (rows * (rows - 1)) / 2 + 1,
  });
  db.exec('ROLLBACK');
});

test('texts, bytes and nulls come back as they were, one row or many', () => {
  const db = emptyTables(onTestFinished);
  const held = holdRows(db);
  const texts = ['', 'a', '"quoted", {braced} \\n', '洗洁精 ༄༅ 😀', 'NULL', 'a\u001fb', '\u001e', 'two\nlines'];
  const write = (count: number): readonly object[] => {
    db.exec('BEGIN IMMEDIATE');
    held.begin();
    const rows = texts.slice(0, count).map((text, i) => ({
      entry: i + 1, kiosk: 'qj-01', inc: 1, seq: i + 1, file_inc: 1, file_seq: 1, id: `id${i}`, kind: 'SALE', account: i % 2 === 0 ? null : 'a1',
      refers: null, amt: Number.MAX_SAFE_INTEGER - i, line: text, leaf: Buffer.alloc(32, i), sig: Buffer.alloc(64, 255 - i),
    })); // prettier-ignore
    for (const row of rows) addRow(held.db, events, row);
    const read = prepared(held.db, `SELECT ${Object.keys(events.columns).join(', ')} FROM event ORDER BY entry`).all();
    db.exec('ROLLBACK');
    expect(read).toEqual(rows);
    return rows;
  };
  for (let count = 0; count <= texts.length; count += 1) expect(write(count)).toHaveLength(count);
});

test('rows are found by keys of any text, however large or small their numbers', () => {
  const db = emptyTables(onTestFinished);
  const held = holdRows(db);
  const holders = ['', 'a1', 'a\u001fb', '\u001e', 'NULL', '{"a"}', '洗洁精 ༄༅ 😀', 'x'.repeat(100)];
  const rows = holders.map((holder, i) => ({
    ...balance('qj-01', [-1, 0, 2 ** 32, -(2 ** 32), 2 ** 53 - 1, 1 - 2 ** 53, 7, -7][i]!),
    holder,
  }));
  db.exec('BEGIN IMMEDIATE');
  held.begin();
  for (const row of rows) keepRow(held.db, balances, row);
  held.end();
  held.begin();
  const keys = [...holders, 'nobody'].map((holder) => ['due', holder, 'qj-01', 'PTS']);
  readAhead(held.db, { table: balances, keys }, { table: acts, keys: [[1]] });
  expect(keys.map((key) => rowOf(held.db, balances, key))).toEqual([...rows, undefined]);
  db.exec('ROLLBACK');
});

test('long rows are told to the store a few MB at a time', () => {
  const db = emptyTables(onTestFinished);
  const told: number[] = [];
  const bulk = { insert: (_: unknown, rows: readonly object[]) => void told.push(rows.length), find: () => [] };
  const held = holdRows(
    asDatabase({ prepare: (sql) => db.prepare(sql) as never, exec: (sql) => db.exec(sql), inTransaction: true, close: () => {}, bulk }),
  );
  held.begin();
  const line = 'x'.repeat(1024 * 1024);
  for (let i = 1; i <= 10; i += 1)
    addRow(held.db, events, {
      entry: i, kiosk: 'qj-01', inc: 1, seq: i, file_inc: 1, file_seq: 1, id: `id${i}`, kind: 'SALE', account: null, refers: null, amt: 0, line,
      leaf: Buffer.alloc(32), sig: Buffer.alloc(64),
    }); // prettier-ignore
  held.end();
  expect(told).toEqual([4, 4, 2]);
});
