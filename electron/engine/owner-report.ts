// The owner's figures: what days, weeks and months came to, beside the span before. Sums rows of days; scans no closed day's
// events and changes nothing.

import type { Book } from '../../db/book.ts';
import { type DatedFigure, type Days, closingsOf, openDays } from '../../db/day-figures.ts';
import { type Fen, type Points, fen, onePoint, points } from '../../db/model/amounts.ts';
import { type Span, type Step, cut, dayAfter, spanBefore } from '../../db/model/calendar.ts';
import { type GoodsCategory, goodsCategories } from '../../db/model/catalogue.ts';
import { type DayAmounts, type DayDimension, type DayFigure, plus } from '../../db/model/day-figures.ts';
import { never } from '../../db/model/result.ts';
import type {
  OwnerAnswer,
  OwnerBucket,
  OwnerFigures,
  OwnerFilter,
  OwnerGoods,
  OwnerHour,
  OwnerMaterial,
  OwnerOperator,
  OwnerReport,
} from '../ipc/owner-views.ts';
import { daysView } from './days.ts';
import { type Engine, type Reference, currentDay, selling } from './till.ts';

/** Events that one answer sums where no row tells of them: a few hundredths of a second, so that the till sells on between. */
const eventsMax = 2_000;
/** Goods that are told: what an owner reads. */
const goodsMax = 20;

export interface OwnerAsked extends Span {
  readonly by: Step;
  readonly filter: OwnerFilter;
}

const daysOfBook = new WeakMap<Book, Days>();

/** What the span came to, or how far the book was read where that takes longer: then the page asks again. */
export function ownerReport(engine: Engine, { from, to, by, filter }: OwnerAsked): OwnerAnswer {
  const { book, reference } = selling(engine);
  const days = daysOfBook.get(book) ?? openDays(book.db);
  daysOfBook.set(book, days);
  const { isDone, percent } = days.sumSome({ headSeq: book.head().seq, eventsMax });
  if (!isDone) return { kind: 'counting', percent };

  const today = currentDay(engine);
  const [all, span] = [{ kind: 'all' } as const, { from, to }];
  const categoryOf = (goodsId: string) => reference.goods.get(goodsId)?.category ?? null;
  const sumsOf = (span: Span, filter: OwnerFilter): OwnerFigures =>
    figuresOf(
      filter,
      dimensionsOf(filter).flatMap((dimension) => days.sums(span, dimension)),
      categoryOf,
    );
  const since = days.dates()?.from ?? null;
  const isKnown = ({ from }: Span): boolean => since !== null && since <= from;
  const before = spanBefore(span, today);
  const weekBefore = { from: dayAfter(today, -7), to: dayAfter(today, -7) };
  const isAll = filter.kind === 'all';
  const [goods, operators] = [days.sums(span, 'goods'), days.sums(span, 'operator')];
  return {
    kind: 'report',
    report: {
      from,
      to,
      by,
      filter,
      today,
      ofToday: sumsOf({ from: today, to: today }, all),
      weekAgo: isKnown(weekBefore) ? sumsOf(weekBefore, all) : null,
      buckets: bucketsOf(engine, { span, by, filter }, days),
      total: sumsOf(span, filter),
      before: isKnown(before) ? { ...before, figures: sumsOf(before, filter) } : null,
      hours: isAll ? hoursOf(days.sums(span, 'hour')) : null,
      goods: isAll || filter.kind === 'category' ? goodsOf(goods, filter, reference) : null,
      materials: isAll ? materialsOf(days.sums(span, 'material'), reference) : null,
      operators: isAll ? operatorsOf(operators, reference) : null,
      choices: choicesOf(goods, operators, reference),
      since,
    },
  };
}

function bucketsOf(
  engine: Engine,
  { span, by, filter }: { readonly span: Span; readonly by: Step; readonly filter: OwnerFilter },
  days: Days,
): readonly OwnerBucket[] {
  const { book, reference } = selling(engine);
  const keys = filter.kind === 'category' ? goodsKeysOf(filter.category, reference) : undefined;
  const rows = dimensionsOf(filter).flatMap((dimension) => days.figures(span, dimension, keys));
  const byDay = Map.groupBy(rows, ({ day }: DatedFigure) => day);
  const { closedThrough } = daysView(engine);
  const closings = new Map(closingsOf(book.db, span).map(({ day, number }) => [day, number]));
  return cut(span, by).map((part) => {
    const dates = cut(part, 'day').map(({ from }) => from);
    const ofPart = dates.flatMap((day) => byDay.get(day) ?? []);
    return {
      ...part,
      figures: figuresOf(filter, ofPart, (goodsId) => reference.goods.get(goodsId)?.category ?? null),
      closing: by === 'day' ? (closings.get(part.from) ?? null) : null,
      isOpen: dates.some((day) => byDay.has(day) && (closedThrough === null || day > closedThrough)),
    };
  });
}

/** Of goods that are still in the county's file: nothing says of others what they were. */
function goodsKeysOf(category: GoodsCategory, { goods }: Reference): readonly string[] {
  return [...goods.values()].filter((each) => each.category === category).flatMap(({ id }) => [`sale/${id}`, `return/${id}`]);
}

type CategoryOf = (goodsId: string) => GoodsCategory | null;

/** Which rows of a day tell of what a filter leaves. */
function dimensionsOf(filter: OwnerFilter): readonly DayDimension[] {
  switch (filter.kind) {
    case 'all':
      return ['day', 'payment'];
    case 'operator':
      return ['operator'];
    case 'category':
      return ['goods'];
    case 'payment':
      return ['payment'];
    default:
      return never(filter);
  }
}

function figuresOf(filter: OwnerFilter, rows: readonly DayFigure[], categoryOf: CategoryOf): OwnerFigures {
  switch (filter.kind) {
    case 'all': {
      const ofDay = (what: What): DayAmounts => total(rows, (row) => row.dimension === 'day' && row.key === what);
      const paid = (kind: string): DayAmounts => net(rows, (key) => key.of === kind && key.dimension === 'payment');
      return told({
        ...basic(ofDay('sale'), ofDay('return')),
        worthFen: paid('points').fen,
        cashFen: paid('cash').fen,
        otherFen: paid('other').fen,
        points: paid('points').points,
        credits: ofDay('credit').count,
        creditPoints: ofDay('credit').points - ofDay('reversal').points,
      });
    }
    case 'operator': {
      const own = (what: What): DayAmounts => ofWhat(rows, what, (key) => key.of === filter.id);
      return told({
        ...basic(own('sale'), own('return')),
        points: own('sale').points - own('return').points,
        credits: own('credit').count,
        creditPoints: own('credit').points - own('reversal').points,
      });
    }
    case 'category': {
      const own = (what: What): DayAmounts => ofWhat(rows, what, (key) => categoryOf(key.of) === filter.category);
      // a line is no sale: two of one category may be in one
      return told({ ...basic(own('sale'), own('return')), sales: null, returns: null, points: own('sale').points - own('return').points });
    }
    case 'payment': {
      const own = (what: What): DayAmounts => ofWhat(rows, what, (key) => key.of === filter.payment);
      const isPoints = filter.payment === 'points';
      return told({
        ...basic(own('sale'), own('return')),
        pieces: null,
        ...(isPoints && { points: own('sale').points - own('return').points }),
      });
    }
    default:
      return never(filter);
  }
}

type What = 'sale' | 'return' | 'credit' | 'reversal';

interface Key {
  readonly dimension: DayDimension;
  readonly what: What;
  readonly of: string;
}

/** The parts of a row's key, as db/model/day-figures.ts writes it. */
function keyOf({ dimension, key }: DayFigure): Key {
  const at = key.indexOf('/');
  return at < 0 ? { dimension, what: key as What, of: '' } : { dimension, what: key.slice(0, at) as What, of: key.slice(at + 1) }; // what stands before the slash
}

const nothing: DayAmounts = { count: 0, units: 0, fen: 0, points: 0 };

function total(rows: readonly DayFigure[], isWanted: (row: DayFigure) => boolean): DayAmounts {
  return rows.filter(isWanted).reduce<DayAmounts>(plus, nothing);
}

function ofWhat(rows: readonly DayFigure[], what: What, isWanted: (key: Key) => boolean): DayAmounts {
  return total(rows, (row) => {
    const key = keyOf(row);
    return key.what === what && isWanted(key);
  });
}

/** Sold less come back, or given less taken back. */
function net(rows: readonly DayFigure[], isWanted: (key: Key) => boolean): DayAmounts {
  const [gave, took] = [ofWhat(rows, 'sale', isWanted), ofWhat(rows, 'return', isWanted)];
  const [credited, reversed] = [ofWhat(rows, 'credit', isWanted), ofWhat(rows, 'reversal', isWanted)];
  return minus(plus(gave, credited), plus(took, reversed));
}

function minus(a: DayAmounts, b: DayAmounts): DayAmounts {
  return { count: a.count - b.count, units: a.units - b.units, fen: a.fen - b.fen, points: a.points - b.points };
}

/** Plain numbers of OwnerFigures; what is left out is not told. */
type Said = { readonly [Name in Exclude<keyof OwnerFigures, 'netFen' | 'pointsPermille'>]?: number | null } & {
  readonly soldFen: number;
  readonly returnedFen: number;
};

function basic(sale: DayAmounts, returned: DayAmounts): Said {
  return { sales: sale.count, pieces: sale.units, soldFen: sale.fen, returns: returned.count, returnedFen: returned.fen };
}

function told({ sales = null, pieces = null, returns = null, credits = null, soldFen, returnedFen, ...said }: Said): OwnerFigures {
  const netFen = fen(soldFen - returnedFen);
  const worthFen = fenOrNull(said.worthFen);
  return {
    sales,
    pieces,
    soldFen: fen(soldFen),
    returns,
    returnedFen: fen(returnedFen),
    netFen,
    worthFen,
    cashFen: fenOrNull(said.cashFen),
    otherFen: fenOrNull(said.otherFen),
    points: pointsOrNull(said.points),
    // a day on which more came back than was sold has no share of anything
    pointsPermille: worthFen === null || netFen <= 0 ? null : Math.round((worthFen * 1000) / netFen),
    credits,
    creditPoints: pointsOrNull(said.creditPoints),
  };
}

function fenOrNull(value: number | null = null): Fen | null {
  return value === null ? null : fen(value);
}

function pointsOrNull(value: number | null = null): Points | null {
  return value === null ? null : points(value);
}

function hoursOf(rows: readonly DayFigure[]): readonly OwnerHour[] {
  return namesIn(rows)
    .map((hour) => {
      const own = (what: What): DayAmounts => ofWhat(rows, what, (key) => key.of === hour);
      return { hour: Number(hour), sales: own('sale').count, soldFen: fen(own('sale').fen), credits: own('credit').count };
    })
    .filter(({ sales, credits }) => sales > 0 || credits > 0)
    .toSorted((a, b) => a.hour - b.hour);
}

/** Most first. */
function goodsOf(rows: readonly DayFigure[], filter: OwnerFilter, { goods, scheme }: Reference): readonly OwnerGoods[] {
  return netByName(rows)
    .filter(([goodsId]) => filter.kind !== 'category' || goods.get(goodsId)?.category === filter.category)
    .filter(([, sum]) => sum.units > 0 || sum.fen > 0 || sum.points > 0)
    .map(([goodsId, sum]): OwnerGoods => {
      const named = goods.get(goodsId);
      return {
        goodsId,
        name: named === undefined ? null : { zh: named.zh, bo: named.bo, size: named.size, picture: named.picture },
        pieces: sum.units,
        fen: fen(sum.fen),
        points: points(sum.points),
        comesToFen: fen(sum.fen + Math.floor((sum.points * (scheme.pointValueFen ?? 0)) / onePoint)),
      };
    })
    .toSorted((a, b) => b.comesToFen - a.comesToFen || b.pieces - a.pieces || (a.goodsId < b.goodsId ? -1 : 1))
    .slice(0, goodsMax);
}

function materialsOf(rows: readonly DayFigure[], { scheme }: Reference): readonly OwnerMaterial[] {
  const named = new Map(scheme.recycling?.materials.map((each) => [each.id, each]));
  return netByName(rows)
    .map(([materialId, amounts]): OwnerMaterial => {
      const material = named.get(materialId);
      return {
        materialId,
        name:
          material === undefined ? null : { zh: material.zh, bo: material.bo, picture: material.picture, measuredBy: material.measuredBy },
        units: amounts.units,
        points: points(amounts.points),
      };
    })
    .filter(({ units, points }) => units !== 0 || points !== 0)
    .toSorted((a, b) => b.points - a.points || (a.materialId < b.materialId ? -1 : 1));
}

function operatorsOf(rows: readonly DayFigure[], reference: Reference): readonly OwnerOperator[] {
  return namesIn(rows)
    .map((id): OwnerOperator => {
      const own = (what: What): DayAmounts => ofWhat(rows, what, (key) => key.of === id);
      return {
        id,
        name: nameOf(id, reference),
        sales: own('sale').count,
        soldFen: fen(own('sale').fen),
        returns: own('return').count,
        returnedFen: fen(own('return').fen),
        credits: own('credit').count,
        creditPoints: points(own('credit').points - own('reversal').points),
      };
    })
    .toSorted((a, b) => b.soldFen - a.soldFen || b.creditPoints - a.creditPoints || (a.id < b.id ? -1 : 1));
}

function choicesOf(goods: readonly DayFigure[], operators: readonly DayFigure[], reference: Reference): OwnerReport['choices'] {
  const sold = new Set(namesIn(goods).map((id) => reference.goods.get(id)?.category));
  return {
    operators: namesIn(operators)
      .map((id) => ({ id, name: nameOf(id, reference) }))
      .toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    categories: goodsCategories.filter((category) => sold.has(category)),
  };
}

/** Who no longer works here is told by number. */
function nameOf(id: string, { operators }: Reference): string {
  return operators.find((each) => each.id === id)?.name ?? id;
}

/** What the rows are of, each once. */
function namesIn(rows: readonly DayFigure[]): readonly string[] {
  return [...new Set(rows.map((row) => keyOf(row).of))];
}

/** For what there are hundreds of. */
function netByName(rows: readonly DayFigure[]): readonly (readonly [name: string, amounts: DayAmounts])[] {
  return [...Map.groupBy(rows, (row) => keyOf(row).of)].map(([name, own]) => [name, net(own, () => true)]);
}
