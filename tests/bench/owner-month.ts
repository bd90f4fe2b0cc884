// The owner looks at the months of two years: 730 closed days of 300 sales as their closings' rows, and an open day of 300 sales.

import { join } from 'node:path';
import type { Book } from '../../db/book.ts';
import { fen } from '../../db/model/amounts.ts';
import { dayAfter, stepsUntil } from '../../db/model/calendar.ts';
import type { DayFigure } from '../../db/model/day-figures.ts';
import type { ClosingBody } from '../../db/model/event.ts';
import { businessDate } from '../../db/model/time.ts';
import { uuidv7 } from '../../db/uuid.ts';
import { ownerReport } from '../../electron/engine/owner-report.ts';
import type { OwnerFilter } from '../../electron/ipc/owner-views.ts';
import { clock, makeBenchHome, openBenchTill, payNow, ringUp } from './bench-till.ts';
import { shop } from '../support/county.ts';
import { type Bench, figuresOf, timed } from './measure.ts';

const closedDays = 730;
const salesOfDay = 300;
const residents = 200;
/** Different goods that a shop sells in a day, of the county's 300. */
const goodsOfDay = 150;

export const ownerMonth: Bench = {
  name: 'owner-month',
  async run({ quick, scratch }) {
    await makeBenchHome(join(scratch, 'home'), { residents });
    const engine = await openBenchTill(join(scratch, 'home'));
    const today = businessDate(clock.wallMs());
    writeDays(engine.book!, today);
    for (let i = 0; i < salesOfDay; i += 1) payNow(engine, ringUp(engine, i % residents));
    const look = (by: 'week' | 'month', count: number, filter: OwnerFilter): number =>
      timed(() => {
        const answer = ownerReport(engine, { ...stepsUntil(today, by, count), by, filter });
        if (answer.kind !== 'report' || answer.report.since !== dayAfter(today, -closedDays)) throw new Error('not the two years');
      });
    const all: OwnerFilter = { kind: 'all' };
    const samples = Array.from({ length: quick ? 10 : 60 }, (_, i) => i);
    const months = samples.map(() => look('month', 24, all)); // the first reads the open day
    const others = samples.map((i) =>
      look(
        'week',
        104,
        [
          all,
          { kind: 'operator', id: 'op1' } as const,
          { kind: 'category', category: 'cleaning' } as const,
          { kind: 'payment', payment: 'points' } as const,
        ][i % 4]!,
      ),
    );
    engine.book!.close();
    return [
      {
        kind: 'measured',
        name: 'owner-month',
        measures: 'the months of 2 years (730 closed days, an open one of 300 sales), call to answer',
        unit: 'ms',
        figures: figuresOf(months),
        against: null,
        goals: [{ of: 'p99', is: 'figure', atMost: 300 }],
      },
      {
        kind: 'measured',
        name: 'owner-week',
        measures: 'the weeks of 2 years with each filter in turn, call to answer',
        unit: 'ms',
        figures: figuresOf(others),
        against: null,
        goals: [{ of: 'p99', is: 'figure', atMost: 1_000 }],
      },
    ];
  },
};

/** Closed days before today: each its closing and its rows. The sales behind them are left out, since nothing here reads them. */
function writeDays(book: Book, today: string): void {
  const rows = rowsOfDay();
  const drawer = { counts: [], countedFen: fen(0), expectedFen: fen(0), differenceFen: fen(0), reason: null, recountsFen: [] };
  const printed = { language: 'zh', operatorName: '卓玛', shop, operators: [], materials: [] } as const;
  book.transact(({ db, append }) => {
    const figure = db.prepare(
      'INSERT INTO day_figure (closing_seq, dimension, key, count, units, fen, points) VALUES (?, ?, ?, ?, ?, ?, ?)',
    );
    for (let number = 1; number <= closedDays; number += 1) {
      const id = uuidv7(clock.wallMs());
      const body: ClosingBody = {
        number,
        closingNumber: `Z${number}`,
        fromSeq: 1,
        figures: {},
        accounts: {},
        perpetual: {},
        sharePermille: 0,
        printed,
        isForgotten: false,
        isByOwner: true,
        approvalId: null,
        drawer: { ...drawer, countId: id },
        checkpoint: { size: 1, root: '' },
      };
      const day = dayAfter(today, number - closedDays - 1);
      const { seq } = append({ kind: 'DAY_CLOSED', body, id, day, op: 'op1', command: { close: number } });
      for (const { dimension, key, count, units, fen, points } of rows) figure.run(seq, dimension, key, count, units, fen, points);
    }
  });
}

function rowsOfDay(): readonly DayFigure[] {
  const row = (dimension: DayFigure['dimension'], key: string, count: number): DayFigure => ({
    dimension,
    key,
    count,
    units: count * 3,
    fen: count * 4_250,
    points: count * 3_000,
  });
  const [hours, goods, materials] = [
    Array.from({ length: 12 }, (_, i) => String(i + 8).padStart(2, '0')),
    Array.from({ length: goodsOfDay }, (_, i) => String(i + 1)),
    ['plastic-bottle', 'paper', 'can', 'glass', 'iron', 'battery'],
  ];
  return [
    row('day', 'sale', salesOfDay),
    row('day', 'return', 3),
    row('day', 'credit', 40),
    row('day', 'reversal', 1),
    ...hours.flatMap((hour) => [row('hour', `sale/${hour}`, salesOfDay / 12), row('hour', `credit/${hour}`, 3)]),
    ...goods.map((id) => row('goods', `sale/${id}`, 6)),
    row('goods', 'return/1', 2),
    row('goods', 'return/2', 1),
    ...materials.map((id) => row('material', `credit/${id}`, 7)),
    ...['op1', 'op2', 'op3'].flatMap((id) => [row('operator', `sale/${id}`, 100), row('operator', `credit/${id}`, 13)]),
    ...['sale/cash', 'sale/points', 'sale/other', 'return/cash'].map((key) => row('payment', key, 100)),
  ];
}
