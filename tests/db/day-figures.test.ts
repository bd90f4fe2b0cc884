// The rows of a day against the figures of its closing, which come by another way from the same events.

import { expect, test } from 'vitest';
import { type DayFigure, newDayFigures } from '../../db/model/day-figures.ts';
import type { BookEvent, CreditBody } from '../../db/model/event.ts';
import { newFigures } from '../../db/model/figures.ts';
import { fc } from '../support/property.ts';

const amount = fc.integer({ min: 0, max: 1_000_000 });
const few = { minLength: 1, maxLength: 4 };
const payments = fc.array(fc.record({ kind: fc.constantFrom('cash', 'other'), fen: amount }), { maxLength: 1 });
const creditLines = fc.array(fc.record({ materialId: fc.constantFrom('pet', 'paper'), units: amount, points: amount }), few);

/** Of a sale, as far as a figure reads it. */
const saleBody = fc.record({
  totalFen: amount,
  roundingFen: fc.constant(0),
  payments,
  redemption: fc.constant(null),
  lines: fc.array(
    fc.record({
      goodsId: fc.constantFrom('1', '2', 'a/b'),
      quantity: fc.integer({ min: 1, max: 9 }),
      totalFen: amount,
      pricedIn: fc.constantFrom('yuan', 'points'),
      points: amount,
    }),
    few,
  ),
});
const returnBody = fc.record({
  saleId: fc.constant('sale'),
  totalFen: amount,
  roundingFen: fc.constant(0),
  payments,
  redemption: fc.option(fc.record({ worthFen: amount, discount: amount, pointValueFen: fc.constant(null) })),
  lines: fc.array(
    fc.record({ n: fc.nat(2), quantity: fc.integer({ min: 1, max: 9 }), totalFen: amount, points: amount, settlementFen: amount }),
    few,
  ),
});
const anyEvent = fc
  .oneof(
    fc.record({ kind: fc.constant('SALE'), body: saleBody }),
    fc.record({ kind: fc.constant('RETURNED'), body: returnBody }),
    fc.record({ kind: fc.constant('CREDIT'), body: fc.record({ lines: creditLines }) }),
    fc.record({ kind: fc.constant('CREDIT_REVERSED'), body: fc.constant({ creditId: 'credit' }) }),
    fc.record({ kind: fc.constant('NO_SALE'), body: fc.constant({ reason: 'change' }) }),
  )
  .chain(
    (own) =>
      fc
        .record({ at: fc.integer({ min: 0, max: 1_900_000_000_000 }), op: fc.constantFrom('op1', 'op2', null), amt: amount })
        .map((envelope) => ({ ...own, ...envelope }) as unknown as BookEvent), // the members that figures read
  );
const takenBack = [{ materialId: 'pet', units: 40, points: 4 }] as unknown as CreditBody['lines'];
const lookups = { linesOfCredit: () => takenBack, goodsOfSale: () => ['1', '2', 'a/b'] };

test('the rows of a day come to the figures of its closing', () => {
  fc.assert(
    fc.property(fc.array(anyEvent, { maxLength: 30 }), (events) => {
      const [rows, sums] = [newDayFigures(lookups), newFigures(lookups.linesOfCredit)];
      for (const event of events) {
        rows.add(event);
        sums.add({ event, postings: [] });
      }
      const figures = sums.figures();
      const figure = (name: string): number => figures[name] ?? 0;
      const told = rows.rows();
      for (const dimension of ['day', 'hour', 'operator'] as const) {
        const of = (what: string) => total(told, dimension, what);
        expect([of('sale').count, of('sale').fen, of('sale').points]).toEqual(['sale.count', 'sale.fen', 'sale.points'].map(figure));
        expect([of('return').count, of('return').fen, of('return').points]).toEqual(
          ['return.count', 'return.fen', 'return.points'].map(figure),
        );
        expect([of('credit').count, of('credit').points, of('reversal').count, of('reversal').points]).toEqual(
          ['credit.count', 'credit.points', 'reversal.count', 'reversal.points'].map(figure),
        );
      }
      for (const what of ['sale', 'return'] as const)
        expect([total(told, 'payment', `${what}/cash`).fen, total(told, 'payment', `${what}/other`).fen]).toEqual(
          [`${what}.cashFen`, `${what}.otherFen`].map(figure),
        );
      for (const op of ['op1', 'op2', ''])
        expect([
          total(told, 'operator', `sale/${op}`).fen,
          total(told, 'operator', `return/${op}`).fen,
          total(told, 'operator', `credit/${op}`).points,
        ]).toEqual([`operator/${op}/saleFen`, `operator/${op}/returnFen`, `operator/${op}/creditPoints`].map(figure));
      for (const id of ['pet', 'paper']) {
        const [given, back] = [total(told, 'material', `credit/${id}`), total(told, 'material', `reversal/${id}`)];
        expect([given.count - back.count, given.units - back.units, given.points - back.points]).toEqual(
          ['count', 'units', 'points'].map((name) => figure(`material/${id}/${name}`)),
        );
      }
      expect(total(told, 'goods', 'sale').units).toBe(total(told, 'day', 'sale').units);
      expect(total(told, 'goods', 'return').units).toBe(total(told, 'day', 'return').units);
    }),
  );
});

/** Of the rows of one key, or of all that begin so. */
function total(rows: readonly DayFigure[], dimension: DayFigure['dimension'], key: string) {
  const own = rows.filter((row) => row.dimension === dimension && (row.key === key || row.key.startsWith(`${key}/`)));
  const sum = (name: 'count' | 'units' | 'fen' | 'points') => own.reduce((all, row) => all + row[name], 0);
  return { count: sum('count'), units: sum('units'), fen: sum('fen'), points: sum('points') };
}
