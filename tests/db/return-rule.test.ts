// The rule of what goes back, over any sale and any order of partial returns.

import { describe, expect, test } from 'vitest';
import { type Points, fen, points } from '../../db/model/amounts.ts';
import { quote } from '../../db/model/checkout.ts';
import type { BookEvent, ReturnBody, SaleBody } from '../../db/model/event.ts';
import { postingsOf } from '../../db/model/postings.ts';
import { type ReturnQuote, returnQuote } from '../../db/model/returns.ts';
import type { Scheme } from '../../db/model/scheme.ts';
import { goods, scheme } from '../support/county.ts';
import { fc } from '../support/property.ts';

interface Sold {
  readonly body: SaleBody;
  readonly used: Points;
  readonly scheme: Scheme;
}

const anySold: fc.Arbitrary<Sold> = fc
  .record({
    pointValueFen: fc.constantFrom(null, 1, 7, 10, 100, 250),
    unitFen: fc.constantFrom(1, 10, 100),
    mode: fc.constantFrom('down', 'nearest'),
    lines: fc.array(
      fc.record({
        quantity: fc.integer({ min: 1, max: 9 }),
        priceFen: fc.integer({ min: 1, max: 20_000 }),
        pricePoints: fc.option(fc.integer({ min: 1, max: 50 }), { freq: 3 }),
        pointsAllowed: fc.boolean(),
        settlementFen: fc.option(fc.integer({ min: 1, max: 900 })),
      }),
      { minLength: 1, maxLength: 5 },
    ),
    usable: fc.option(fc.integer({ min: 100_000, max: 9_000_000 })),
    roamed: fc.integer({ min: 0, max: 1_000 }),
    chosen: fc.option(fc.integer({ min: 0, max: 1_000_000 })),
    pay: fc.constantFrom('cash', 'other'),
  })
  .map(({ pointValueFen, unitFen, mode, lines, usable, roamed, chosen, pay }) => {
    const rules: Scheme = { ...scheme, pointValueFen, cashRounding: { unitFen: fen(unitFen), mode } };
    const quoted = quote({
      scheme: rules,
      usable: usable === null ? null : points(usable),
      chosenPoints: chosen === null ? null : points(chosen),
      lines: lines.map(({ quantity, priceFen, pricePoints, pointsAllowed }, i) => {
        const inPoints = pricePoints !== null && usable !== null;
        const price = inPoints
          ? { priceFen: null, pricePoints: points(pricePoints * 100) }
          : { priceFen: fen(priceFen), pricePoints: null };
        return { lineId: `l${i}`, goods: goods(String(i), { ...price, pointsAllowed }), quantity, pricedIn: inPoints ? 'points' : 'yuan' };
      }),
    });
    const payFen = pay === 'cash' ? quoted.dueCashFen : quoted.dueFen;
    const fromRoaming = points(Math.floor((quoted.points * roamed) / 1_000));
    const body: SaleBody = {
      receiptNumber: 'qj-03-000001',
      accountId: usable === null ? null : 'a1',
      schemeVersion: 1,
      priceVersion: 1,
      lines: quoted.lines.map((line, i) => ({
        ...(line as Omit<typeof line, 'weighed'>), // none is weighed here
        ...(line.pricedIn === 'points' && lines[i]!.settlementFen !== null
          ? { settlementFen: fen(lines[i]!.settlementFen * line.quantity) }
          : {}),
      })),
      totalFen: quoted.totalFen,
      redemption:
        quoted.points === 0
          ? null
          : {
              fromRights: points(quoted.points - fromRoaming),
              fromRoaming,
              worthFen: quoted.worthFen,
              usableBefore: points(0),
              usableAfter: points(0),
              countyAfter: points(0),
              countyAsOf: 0,
            },
      payments:
        payFen === 0
          ? []
          : [pay === 'cash' ? { kind: 'cash', fen: payFen, tenderedFen: payFen, changeFen: fen(0) } : { kind: 'other', fen: payFen }],
      roundingFen: pay === 'cash' ? quoted.roundingFen : fen(0),
      printed: { language: 'zh', residentMasked: null, operatorName: '卓玛' },
    };
    return { body, used: quoted.points, scheme: rules };
  });

/** Picks by which pieces come back, one after the other and some together. */
const anyOrder = fc.array(fc.record({ at: fc.nat(), together: fc.integer({ min: 1, max: 4 }) }), { minLength: 60, maxLength: 60 });

/** Returns everything in some order. Checks each step, and gives the returns. */
function allBack(
  { body, used, scheme: rules }: Sold,
  order: readonly { readonly at: number; readonly together: number }[],
  unsettledAt: (step: number, roamingOut: number) => number = (_, roamingOut) => roamingOut,
): readonly ReturnQuote[] {
  const left = body.lines.flatMap((line, n) => Array.from({ length: line.quantity }, () => n));
  const made: ReturnQuote[] = [];
  let roamingOut: number = body.redemption?.fromRoaming ?? 0;
  while (left.length > 0) {
    const { at, together } = order[made.length % order.length]!;
    const picked = Array.from({ length: Math.min(together, left.length) }, () => left.splice(at % left.length, 1)[0]!);
    const chosen = [...new Set(picked)].map((n) => ({ n, quantity: picked.filter((each) => each === n).length }));
    const unsettled = points(Math.max(0, unsettledAt(made.length, roamingOut)));
    const quoted = returnQuote({ sale: body, used, before: made.map(bodyOf), chosen, cashRounding: rules.cashRounding, unsettled });
    if (!quoted.ok) throw new Error(quoted.code);
    postingsOf(eventOf(body, quoted.value)); // asserts that it balances
    roamingOut -= quoted.value.redemption?.toRoaming ?? 0;
    made.push(quoted.value);
  }
  return made;
}

function bodyOf(made: ReturnQuote): Pick<ReturnBody, 'lines' | 'redemption' | 'payments'> {
  const { redemption } = made;
  const figures = { usableBefore: points(0), usableAfter: points(0), countyAfter: points(0), countyAsOf: 0 };
  return { lines: made.lines, payments: made.payments, redemption: redemption === null ? null : { ...redemption, ...figures } };
}

function eventOf({ accountId }: SaleBody, made: ReturnQuote): BookEvent {
  return {
    kind: 'RETURNED',
    amt: made.points,
    body: { ...bodyOf(made), accountId, totalFen: made.totalFen, roundingFen: made.roundingFen },
  } as BookEvent; // what postings are made of
}

const sum = (amounts: readonly number[]): number => amounts.reduce((total, amount) => total + amount, 0);

describe('any order of partial returns', () => {
  test('ends at exactly what was paid, in what it was paid in; its postings undo those of the sale', () => {
    fc.assert(
      fc.property(anySold, anyOrder, (sold, order) => {
        const made = allBack(sold, order);
        const { body, used } = sold;
        expect({
          points: sum(made.map((each) => each.points)),
          toRoaming: sum(made.map((each) => each.redemption?.toRoaming ?? 0)),
          moneyFen: sum(made.flatMap((each) => each.payments.map((payment) => payment.fen))),
          roundingFen: sum(made.map((each) => each.roundingFen)),
          settlementFen: sum(made.flatMap((each) => each.lines.map((line) => line.settlementFen))),
        }).toEqual({
          points: used,
          toRoaming: body.redemption?.fromRoaming ?? 0,
          moneyFen: sum(body.payments.map((payment) => payment.fen)),
          roundingFen: body.roundingFen,
          settlementFen: sum(body.lines.map((line) => line.settlementFen ?? 0)),
        });
        const saleEvent = { kind: 'SALE', amt: used, body } as unknown as BookEvent; // what postings are made of
        const moved = new Map<string, number>();
        for (const { account, holder, commodity, amount } of [saleEvent, ...made.map((each) => eventOf(body, each))].flatMap(postingsOf))
          moved.set(`${account} ${holder} ${commodity}`, (moved.get(`${account} ${holder} ${commodity}`) ?? 0) + amount);
        expect([...moved].filter(([, amount]) => amount !== 0)).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  test('never gives back more than was paid so far, nor points as cash, nor cash below the unit', () => {
    fc.assert(
      fc.property(anySold, anyOrder, (sold, order) => {
        const made = allBack(sold, order);
        const { body, scheme: rules } = sold;
        const paidFen = sum(body.payments.map((payment) => payment.fen));
        let moneyFen = 0;
        for (const [i, { payments, points: back, lines }] of made.entries()) {
          for (const payment of payments) {
            expect(payment.kind).toBe(body.payments[0]!.kind);
            expect(payment.fen > 0).toBe(true);
            moneyFen += payment.fen;
          }
          expect(back >= 0 && lines.every((line) => line.pointsFen <= line.totalFen && line.pointsFen >= 0)).toBe(true);
          const isLast = moneyFen === paidFen;
          if (body.payments[0]?.kind === 'cash' && !isLast) expect(moneyFen % rules.cashRounding.unitFen).toBe(0);
          expect(moneyFen <= paidFen).toBe(true);
          expect(i < made.length - 1 || isLast).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('gives rights for what the county settled meanwhile, and in all no less than was spent', () => {
    fc.assert(
      fc.property(anySold, anyOrder, fc.nat({ max: 5 }), (sold, order, settledAfter) => {
        const made = allBack(sold, order, (step, roamingOut) => (step < settledAfter ? roamingOut : 0));
        expect(sum(made.slice(settledAfter).map((each) => each.redemption?.toRoaming ?? 0))).toBe(0);
        expect(sum(made.map(({ redemption }) => (redemption?.toRights ?? 0) + (redemption?.toRoaming ?? 0)))).toBe(sold.used);
      }),
      { numRuns: 200 },
    );
  });

  test('is refused where a piece would come back twice, whatever came back before', () => {
    fc.assert(
      fc.property(anySold, anyOrder, fc.nat(), (sold, order, pick) => {
        const made = allBack(sold, order);
        const some = made.slice(0, pick % (made.length + 1));
        for (const [n, line] of sold.body.lines.entries()) {
          const back = sum(some.flatMap((each) => each.lines.filter((row) => row.n === n).map((row) => row.quantity)));
          const chosen = [{ n, quantity: line.quantity - back + 1 }];
          const input = { sale: sold.body, used: sold.used, before: some.map(bodyOf), cashRounding: sold.scheme.cashRounding };
          expect(returnQuote({ ...input, chosen, unsettled: points(0) })).toEqual({ ok: false, code: 'too_many' });
        }
      }),
      { numRuns: 100 },
    );
  });
});
