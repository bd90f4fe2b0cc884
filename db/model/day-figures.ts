// What a closed day is kept as, so that two years are read at once: the rows of table day_figure. One function says what one event
// adds to which row; the closing writes the sums, verify makes them again, and the open day is summed by the same. Reads no table.

import type { BookEvent, CreditBody, ReturnBody, SaleBody } from './event.ts';
import type { LinesOfCredit } from './figures.ts';
import { businessHour } from './time.ts';

export const dayDimensions = ['day', 'hour', 'goods', 'material', 'operator', 'payment'] as const;
export type DayDimension = (typeof dayDimensions)[number];

/** Never negative: what came back and what was taken back have rows of their own. */
export interface DayAmounts {
  /** Sales, returns, credits or reversals; of goods, lines. */
  readonly count: number;
  /** Pieces of goods; grams or pieces of a material; 0 for payments. */
  readonly units: number;
  readonly fen: number;
  /** Hundredths of a point. Of goods: those of lines priced in points. */
  readonly points: number;
}

/**
 * One row of a day. The key is what happened (sale, return, credit, reversal), and but for `day` a `/` and of which: `sale`,
 * `sale/09` (the hour), `return/g17`, `credit/pet`, `sale/OP1`, `sale/cash`. Points as a payment: `fen` is what they were worth.
 */
export interface DayFigure extends DayAmounts {
  readonly dimension: DayDimension;
  readonly key: string;
}

/** What a return names but does not hold: the goods of the sale's lines, in their order. */
type GoodsOfSale = (saleId: string) => readonly string[];

export interface Lookups {
  readonly linesOfCredit: LinesOfCredit;
  readonly goodsOfSale: GoodsOfSale;
}

/** Sums a period as its events come. */
export interface DayFigureSums {
  add(event: BookEvent): void;
  /** Rows that are not all 0, by dimension and key in code order. */
  rows(): readonly DayFigure[];
}

export function newDayFigures(lookups: Lookups): DayFigureSums {
  const sums = new Map<string, DayFigure>();
  return {
    add(event) {
      for (const each of dayFiguresOf(event, lookups)) {
        const name = `${each.dimension} ${each.key}`;
        const before = sums.get(name);
        sums.set(name, before === undefined ? each : { ...each, ...plus(before, each) });
      }
    },
    rows() {
      const told = [...sums].filter(([, { count, units, fen, points }]) => count !== 0 || units !== 0 || fen !== 0 || points !== 0);
      return told.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, figure]) => figure);
    },
  };
}

export function plus(a: DayAmounts, b: DayAmounts): DayAmounts {
  return { count: a.count + b.count, units: a.units + b.units, fen: a.fen + b.fen, points: a.points + b.points };
}

/** What one event adds to the rows of its day. */
export function dayFiguresOf(event: BookEvent, { linesOfCredit, goodsOfSale }: Lookups): readonly DayFigure[] {
  const operator = event.op ?? '';
  const hour = businessHour(event.at);
  switch (event.kind) {
    case 'SALE':
      return [
        ...inAll('sale', { hour, operator }, saleAmounts(event.body, event.amt)),
        ...event.body.lines.map(({ goodsId, quantity, totalFen, pricedIn, points }) =>
          row('goods', `sale/${goodsId}`, { count: 1, units: quantity, fen: totalFen, points: pricedIn === 'points' ? points : 0 }),
        ),
        ...paid('sale', event.body.payments, event.body.redemption?.worthFen ?? 0, event.amt),
      ];
    case 'RETURNED': {
      const goods = goodsOfSale(event.body.saleId);
      return [
        ...inAll('return', { hour, operator }, returnAmounts(event.body, event.amt)),
        ...event.body.lines.map(({ n, quantity, totalFen, points }) =>
          row('goods', `return/${goods[n] ?? ''}`, { count: 1, units: quantity, fen: totalFen, points }),
        ),
        ...paid('return', event.body.payments, event.body.redemption?.worthFen ?? 0, event.amt),
      ];
    }
    case 'CREDIT':
      return [
        ...inAll('credit', { hour, operator }, { count: 1, units: 0, fen: 0, points: event.amt }),
        ...ofMaterials('credit', event.body.lines),
      ];
    case 'CREDIT_REVERSED':
      return [
        ...inAll('reversal', { hour, operator }, { count: 1, units: 0, fen: 0, points: event.amt }),
        ...ofMaterials('reversal', linesOfCredit(event.body.creditId)),
      ];
    default:
      return [];
  }
}

function inAll(
  what: string,
  { hour, operator }: { readonly hour: string; readonly operator: string },
  amounts: DayAmounts,
): readonly DayFigure[] {
  return [row('day', what, amounts), row('hour', `${what}/${hour}`, amounts), row('operator', `${what}/${operator}`, amounts)];
}

function saleAmounts({ lines, totalFen }: SaleBody, points: number): DayAmounts {
  return { count: 1, units: pieces(lines), fen: totalFen, points };
}

function returnAmounts({ lines, totalFen }: ReturnBody, points: number): DayAmounts {
  return { count: 1, units: pieces(lines), fen: totalFen, points };
}

/** A sale in cash and points is one of cash and one of points. */
function paid(what: string, payments: ReturnBody['payments'], worthFen: number, points: number): readonly DayFigure[] {
  return [
    ...payments.map(({ kind, fen }) => row('payment', `${what}/${kind}`, { count: 1, units: 0, fen, points: 0 })),
    ...(points === 0 ? [] : [row('payment', `${what}/points`, { count: 1, units: 0, fen: worthFen, points })]),
  ];
}

function ofMaterials(what: string, lines: CreditBody['lines']): readonly DayFigure[] {
  return lines.map(({ materialId, units, points }) => row('material', `${what}/${materialId}`, { count: 1, units, fen: 0, points }));
}

function row(dimension: DayDimension, key: string, { count, units, fen, points }: DayAmounts): DayFigure {
  return { dimension, key, count, units, fen, points };
}

function pieces(lines: readonly { readonly quantity: number }[]): number {
  return lines.reduce((sum, { quantity }) => sum + quantity, 0);
}
