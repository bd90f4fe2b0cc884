// What every business date came to: closed ones from the rows that their closings wrote, the others by summing their events, a
// piece at a time. Writes nothing.

import type { Span } from './model/calendar.ts';
import type { BookEvent, CreditBody, SaleBody } from './model/event.ts';
import { type DayAmounts, type DayDimension, type DayFigure, type Lookups, dayFiguresOf, plus } from './model/day-figures.ts';
import { assert } from './model/result.ts';
import { type ReadableDatabase, prepared } from './sqlite.ts';

/** A row of a business date. */
export interface DatedFigure extends DayFigure {
  readonly day: string;
}

/** What a book's days came to. Only true once `sumSome` said that it is done, in the same turn. */
export interface Days {
  /**
   * Sums at most so many of the events that no row tells of, up to the book's head, and says how far that is. What was summed is
   * kept: a day of three hundred sales is read once, and then its new sales only.
   */
  sumSome(to: { readonly headSeq: number; readonly eventsMax: number }): Progress;
  /** Rows of each business date; only those of some keys where a few are wanted of many. */
  figures(span: Span, dimension: DayDimension, keys?: readonly string[]): readonly DatedFigure[];
  /** Rows added up by key: two years of goods are a hundred thousand rows, and a few hundred sums. */
  sums(span: Span, dimension: DayDimension): readonly DayFigure[];
  /** The first and the last business date with anything to tell; null: there is none. */
  dates(): Span | null;
}

interface Progress {
  readonly isDone: boolean;
  /** 0 to 100. */
  readonly percent: number;
}

export function openDays(db: ReadableDatabase): Days {
  /** The newest closing, by its event; 0: none; null: not looked yet. */
  let closedSeq: number | null = null;
  let open = sumsAfter(0);
  const old = sumsAfter(0);
  let oldThrough = 0;
  const look = (): void => {
    const newest = prepared<[], { seq: number }>(db, 'SELECT seq FROM closing ORDER BY seq DESC LIMIT 1').get()?.seq ?? 0;
    if (newest === closedSeq) return;
    closedSeq = newest;
    open = sumsAfter(newest); // a day was closed: its rows have it now
    oldThrough = closingOfSeveralDates(db) ?? 0;
  };
  const live = (span: Span, dimension: DayDimension): readonly DatedFigure[] =>
    [...old.rows(), ...open.rows()].filter((each) => each.dimension === dimension && each.day >= span.from && each.day <= span.to);
  type Asked = [oldThrough: number, from: string, to: string, dimension: DayDimension];
  return {
    sumSome({ headSeq, eventsMax }) {
      look();
      const lookups = lookupsOf(db);
      const read = old.sum(db, { through: oldThrough, eventsMax, lookups });
      if (read < eventsMax) open.sum(db, { through: headSeq, eventsMax: eventsMax - read, lookups });
      const done = old.through() + open.through() - closedSeq!;
      const all = oldThrough + headSeq - closedSeq!; // look() set it
      return { isDone: done === all, percent: all === 0 ? 100 : Math.floor((100 * done) / all) };
    },
    figures(span, dimension, keys) {
      const wanted = keys === undefined ? null : JSON.stringify(keys);
      const rows = prepared<[...Asked, string | null, string | null], DatedFigure>(
        db,
        `SELECT day, dimension, key, count, units, fen, points FROM closing JOIN day_figure ON closing_seq = seq
          WHERE seq > ? AND day BETWEEN ? AND ? AND dimension = ? AND (? IS NULL OR key IN (SELECT value FROM json_each(?)))`,
      ).all(oldThrough, span.from, span.to, dimension, wanted, wanted);
      return [...rows, ...live(span, dimension).filter(({ key }) => keys?.includes(key) ?? true)];
    },
    sums(span, dimension) {
      const rows = prepared<Asked, DayFigure>(
        db,
        `SELECT dimension, key, sum(count) AS count, sum(units) AS units, sum(fen) AS fen, sum(points) AS points
           FROM closing JOIN day_figure ON closing_seq = seq
          WHERE seq > ? AND day BETWEEN ? AND ? AND dimension = ? GROUP BY key`,
      ).all(oldThrough, span.from, span.to, dimension);
      return addedByKey([...rows, ...live(span, dimension)]);
    },
    dates() {
      const row = prepared<[number], { first: string | null; last: string | null }>(
        db,
        'SELECT min(day) AS first, max(day) AS last FROM closing WHERE seq > ?',
      ).get(oldThrough);
      const days = [row?.first, row?.last, ...[...old.rows(), ...open.rows()].map(({ day }) => day)].flatMap((day) => day ?? []).toSorted();
      return days.length === 0 ? null : { from: days[0]!, to: days.at(-1)! };
    },
  };
}

/** Closings of the business dates of a span. */
export function closingsOf(db: ReadableDatabase, { from, to }: Span): readonly { readonly number: number; readonly day: string }[] {
  return prepared<[string, string], { number: number; day: string }>(
    db,
    'SELECT number, day FROM closing WHERE day BETWEEN ? AND ? ORDER BY day',
  ).all(from, to);
}

/** What the rows of a day look up of acts that it names and does not hold. */
export function lookupsOf(db: ReadableDatabase): Lookups {
  const bodyOf = (id: string, kind: 'SALE' | 'CREDIT'): unknown => {
    const found = prepared<[string, string], { line: string }>(db, 'SELECT line FROM event WHERE id = ? AND kind = ?').get(id, kind);
    assert(found !== undefined, `the ${kind} ${id} is in the book`);
    return (JSON.parse(found.line) as BookEvent).body; // the book's own line
  };
  return {
    linesOfCredit: (creditId) => (bodyOf(creditId, 'CREDIT') as CreditBody).lines, // of the kind that was asked for
    goodsOfSale: (saleId) => (bodyOf(saleId, 'SALE') as SaleBody).lines.map(({ goodsId }) => goodsId), // likewise
  };
}

/** Sums of the events after one, each on its own business date. */
interface EventSums {
  /** Sums at most so many more, and says how many it read. */
  sum(db: ReadableDatabase, to: { readonly through: number; readonly eventsMax: number; readonly lookups: Lookups }): number;
  /** Up to which event it is summed. */
  through(): number;
  rows(): Iterable<DatedFigure>;
}

function sumsAfter(after: number): EventSums {
  const sums = new Map<string, DatedFigure>();
  let summed = after;
  return {
    sum(db, { through, eventsMax, lookups }) {
      const events = prepared<[number, number, number], { seq: number; line: string }>(
        db,
        `SELECT seq, line FROM event
          WHERE seq > ? AND seq <= ? AND kind IN ('SALE', 'RETURNED', 'CREDIT', 'CREDIT_REVERSED') ORDER BY seq LIMIT ?`,
      ).all(summed, through, eventsMax);
      for (const { line } of events) {
        const event = JSON.parse(line) as BookEvent; // the book's own line
        for (const each of dayFiguresOf(event, lookups))
          addTo(sums, `${event.day} ${each.dimension} ${each.key}`, { day: event.day, ...each });
      }
      summed = events.length < eventsMax ? through : events.at(-1)!.seq; // as many as asked for: at least one
      return events.length;
    },
    through: () => summed,
    rows: () => sums.values(),
  };
}

/**
 * A book that was begun before there were closings: its first closing has every date until then in one, so that its events are
 * summed instead of its rows. Later ones have one date each: no shift is opened over an unclosed day.
 */
function closingOfSeveralDates(db: ReadableDatabase): number | null {
  const row = prepared<[], { seq: number }>(
    db,
    `SELECT seq FROM closing WHERE number = 1 AND (
        (SELECT sale.day FROM sale WHERE sale.seq < closing.seq ORDER BY sale.seq LIMIT 1) <> closing.day
        OR (SELECT credit.day FROM credit WHERE credit.seq < closing.seq ORDER BY credit.seq LIMIT 1) <> closing.day)`,
  ).get();
  return row?.seq ?? null;
}

function addedByKey(rows: readonly DayFigure[]): readonly DayFigure[] {
  const sums = new Map<string, DayFigure>();
  for (const { dimension, key, count, units, fen, points } of rows) addTo(sums, key, { dimension, key, count, units, fen, points });
  return [...sums.values()];
}

function addTo<Figure extends DayAmounts>(sums: Map<string, Figure>, name: string, figure: Figure): void {
  const before = sums.get(name);
  sums.set(name, before === undefined ? figure : { ...figure, ...plus(before, figure) });
}
