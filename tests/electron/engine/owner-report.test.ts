// The owner's figures over a real book whose days were sold, credited, returned and closed by hand, against sums made by hand.

import { expect, onTestFinished, test } from 'vitest';
import type { Book } from '../../../db/book.ts';
import { openDays } from '../../../db/day-figures.ts';
import { fen, points } from '../../../db/model/amounts.ts';
import { type Span, type Step, dayAfter } from '../../../db/model/calendar.ts';
import { type DayFigure, dayDimensions } from '../../../db/model/day-figures.ts';
import type { ReturnBody } from '../../../db/model/event.ts';
import { fixedFigures } from '../../../db/model/figures.ts';
import type { SaleEvent } from '../../../db/sales.ts';
import { uuidv7 } from '../../../db/uuid.ts';
import type { OwnerFilter, OwnerReport } from '../../../electron/ipc/owner-views.ts';
import { type TestKiosk, aKiosk } from '../../support/book.ts';
import { closeDay } from '../../support/closing.ts';
import { cashierPin, shop } from '../../support/county.ts';
import { aScale, checked, deskLines, onScale, recycled, takenBack } from '../../support/recycling.ts';
import { type SellOptions, sell } from '../../support/sell.ts';
import { type Till, startTill } from '../../support/till.ts';
import { fc } from '../../support/property.ts';

const all: OwnerFilter = { kind: 'all' };
const thisWeek = { from: '2026-11-16', to: '2026-11-22' };
/** What nothing comes to. */
const none = {
  sales: 0,
  pieces: 0,
  soldFen: 0,
  returns: 0,
  returnedFen: 0,
  netFen: 0,
  worthFen: 0,
  cashFen: 0,
  otherFen: 0,
  points: 0,
  pointsPermille: null,
  credits: 0,
  creditPoints: 0,
};
const notTold = { sales: null, pieces: null, returns: null, worthFen: null, cashFen: null, otherFen: null, points: null, credits: null };

function sold(book: Book, options: SellOptions): SaleEvent {
  const sale = sell(book, options);
  if (typeof sale === 'string') throw new Error(sale);
  return sale;
}

/** Brings a whole sale back, as the engine books it. */
function broughtBack(book: Book, { id, res, amt, body }: SaleEvent, day: string): void {
  const { redemption } = body;
  const returned: ReturnBody = {
    returnNumber: `${shop.kiosk}-T${id}`,
    saleId: id,
    saleReceiptNumber: body.receiptNumber,
    saleDay: day,
    accountId: body.accountId,
    reason: 'changed_mind',
    approvalId: uuidv7(0),
    lines: body.lines.map(({ quantity, totalFen, pointsFen, pricedIn, points: price }, n) => ({
      n,
      quantity,
      totalFen,
      pointsFen,
      settlementFen: fen(0),
      points: points(pricedIn === 'points' ? price : 0),
    })),
    totalFen: body.totalFen,
    redemption:
      redemption === null
        ? null
        : {
            discount: amt,
            worthFen: redemption.worthFen,
            pointValueFen: 10,
            toRights: amt,
            toRoaming: points(0),
            usableBefore: points(0),
            usableAfter: points(0),
            countyAfter: points(0),
            countyAsOf: 0,
          },
    payments: body.payments.map(({ kind, fen }) => ({ kind, fen })),
    roundingFen: body.roundingFen,
    printed: { language: 'zh', residentMasked: null, operatorName: '卓玛', approverName: '次仁', shop },
  };
  const entry = { kind: 'RETURNED', body: returned, id: uuidv7(book.clock.wallMs()), day, op: 'op1', res, amt } as const;
  book.transact(({ append }) => append({ ...entry, command: { returns: id } }));
}

/**
 * Friday 13th: two pieces for 25.00 in cash, and barley for 30.00 of which 100 points pay 10.00. Monday 16th: 2 kg of bottles for
 * 30 points, and the two pieces come back. Saturday 21st, open: a piece for 12.50 on a telephone, a cup for 15 points.
 */
async function aShop(): Promise<TestKiosk> {
  const kiosk = await aKiosk(onTestFinished, await deskLines());
  const { book, clock } = kiosk;
  const scale = aScale(book);
  const [friday, monday] = ['2026-11-13', '2026-11-16'];
  clock.set(Date.parse('2026-11-13T10:30:00+08:00'));
  const twoPieces = sold(book, { day: friday, goods: [['1', 2]] });
  sold(book, { day: friday, resident: '1', goods: [['2', 1]], chosenPoints: 10_000 });
  closeDay(book, { day: friday });
  clock.set(Date.parse('2026-11-16T15:59:00+08:00'));
  checked(book, scale, {}, monday);
  recycled(book, { day: monday, bags: [onScale(book, scale, 'plastic-bottle', 2_000)] });
  broughtBack(book, twoPieces, monday);
  closeDay(book, { day: monday });
  clock.set(Date.parse('2026-11-21T09:00:00+08:00'));
  sold(book, { goods: [['1', 1]], pay: 'other' });
  sold(book, { resident: '1', goods: [['3', 1]] });
  return kiosk;
}

/** A till on a kiosk's book, with its owner at it. */
async function owned({ book, directory, clock }: TestKiosk): Promise<Till> {
  book.close();
  const till = await startTill(onTestFinished, directory, clock);
  expect(await till.call.signIn({ operatorId: 'op2', pin: cashierPin })).toMatchObject({ ok: true });
  return till;
}

async function reported(till: Till, span: Span, by: Step = 'day', filter = all): Promise<OwnerReport> {
  const answer = await till.call.ownerReport({ ...span, by, filter });
  if (answer.kind !== 'report') throw new Error('a book of a few events is read at once');
  return answer.report;
}

test('a week is told as its sums made by hand, beside the part of the week before that is as long', async () => {
  const report = await reported(await owned(await aShop()), thisWeek);
  const monday = { ...none, returns: 1, returnedFen: 2_500, netFen: -2_500, cashFen: -2_500, credits: 1, creditPoints: 3_000 };
  const today = { ...none, sales: 2, pieces: 2, soldFen: 1_250, netFen: 1_250, otherFen: 1_250, points: 1_500, pointsPermille: 0 };
  const friday = { ...none, sales: 2, pieces: 3, soldFen: 5_500, netFen: 5_500, worthFen: 1_000, cashFen: 4_500, points: 10_000 };
  expect(report).toEqual({
    ...thisWeek,
    by: 'day',
    filter: all,
    today: '2026-11-21',
    ofToday: today,
    weekAgo: none,
    buckets: [
      { from: '2026-11-16', to: '2026-11-16', figures: monday, closing: 2, isOpen: false },
      ...['2026-11-17', '2026-11-18', '2026-11-19', '2026-11-20'].map((day) => quiet(day)),
      { from: '2026-11-21', to: '2026-11-21', figures: today, closing: null, isOpen: true },
      quiet('2026-11-22'),
    ],
    total: {
      ...none,
      sales: 2,
      pieces: 2,
      soldFen: 1_250,
      returns: 1,
      returnedFen: 2_500,
      netFen: -1_250,
      cashFen: -2_500,
      otherFen: 1_250,
      points: 1_500,
      credits: 1,
      creditPoints: 3_000,
    },
    before: null, // the book begins on the Friday of that week
    hours: [
      { hour: 9, sales: 2, soldFen: 1_250, credits: 0 },
      { hour: 15, sales: 0, soldFen: 0, credits: 1 },
    ],
    goods: [{ goodsId: '3', name: { zh: '水杯', bo: null, size: '', picture: 'cup' }, pieces: 1, fen: 0, points: 1_500, comesToFen: 150 }],
    materials: [expect.objectContaining({ materialId: 'plastic-bottle', units: 2_000, points: 3_000 })],
    operators: [{ id: 'op1', name: '卓玛', sales: 2, soldFen: 1_250, returns: 1, returnedFen: 2_500, credits: 1, creditPoints: 3_000 }],
    choices: { operators: [{ id: 'op1', name: '卓玛' }], categories: ['cleaning', 'kitchen'] },
    since: '2026-11-13',
  });
  const later = await reported(await owned(await aShop()), { from: '2026-11-14', to: '2026-11-14' });
  expect(later.before).toEqual({ from: '2026-11-13', to: '2026-11-13', figures: { ...friday, pointsPermille: 182 } });
});

function quiet(day: string) {
  return { from: day, to: day, figures: none, closing: null, isOpen: false };
}

test('weeks and months hold the days that they are of', async () => {
  const till = await owned(await aShop());
  const span = { from: '2026-10-01', to: '2026-11-30' };
  const weeks = await reported(till, { from: '2026-11-09', to: '2026-11-22' }, 'week');
  const months = await reported(till, span, 'month');
  const told = ({ buckets }: OwnerReport) => buckets.map(({ from, to, figures, isOpen }) => [from, to, figures.netFen, isOpen]);
  expect([told(weeks), told(months)]).toEqual([
    [
      ['2026-11-09', '2026-11-15', 5_500, false],
      ['2026-11-16', '2026-11-22', -1_250, true],
    ],
    [
      ['2026-10-01', '2026-10-31', 0, false],
      ['2026-11-01', '2026-11-30', 4_250, true],
    ],
  ]);
});

test('what a filter leaves is told, and what the days do not keep of it is not', async () => {
  const till = await owned(await aShop());
  const span = { from: '2026-11-13', to: '2026-11-21' };
  const totalOf = async (filter: OwnerFilter) => (await reported(till, span, 'day', filter)).total;
  const nobody = { ...none, worthFen: null, cashFen: null, otherFen: null };
  expect({
    op1: await totalOf({ kind: 'operator', id: 'op1' }),
    nobody: await totalOf({ kind: 'operator', id: 'op9' }),
    cleaning: await totalOf({ kind: 'category', category: 'cleaning' }),
    cash: await totalOf({ kind: 'payment', payment: 'cash' }),
    points: await totalOf({ kind: 'payment', payment: 'points' }),
  }).toEqual({
    op1: {
      ...nobody,
      sales: 4,
      pieces: 5,
      soldFen: 6_750,
      returns: 1,
      returnedFen: 2_500,
      netFen: 4_250,
      points: 11_500,
      credits: 1,
      creditPoints: 3_000,
    },
    nobody: { ...nobody, pointsPermille: null },
    cleaning: {
      ...none,
      ...notTold,
      pieces: 3,
      soldFen: 3_750,
      returnedFen: 2_500,
      netFen: 1_250,
      points: 0,
      creditPoints: null,
    },
    cash: { ...none, ...notTold, sales: 2, soldFen: 4_500, returns: 1, returnedFen: 2_500, netFen: 2_000, creditPoints: null },
    points: {
      ...none,
      ...notTold,
      sales: 2,
      soldFen: 1_000,
      returns: 0,
      netFen: 1_000,
      points: 11_500,
      creditPoints: null,
    },
  });
});

test('the open day is told the same before and after it is closed, and counts once', async () => {
  const kiosk = await aShop();
  const days = openDays(kiosk.book.db);
  const look = () => {
    expect(days.sumSome({ headSeq: kiosk.book.head().seq, eventsMax: 1_000 })).toEqual({ isDone: true, percent: 100 });
    return byName(dayDimensions.flatMap((dimension) => days.sums({ from: '2026-11-01', to: '2026-11-30' }, dimension)));
  };
  const before = look();
  closeDay(kiosk.book, { day: '2026-11-21' });
  expect(look()).toEqual(before);
  sold(kiosk.book, { day: '2026-11-22', goods: [['1', 1]] });
  look();
  const till = await owned(kiosk);
  expect((await reported(till, thisWeek)).buckets.slice(-2)).toMatchObject([
    { closing: 3, isOpen: false, figures: { sales: 2 } },
    { closing: null, isOpen: true, figures: { sales: 1, soldFen: 1_250 } },
  ]);
});

test('a book that is older than closings tells every date of its first one', async () => {
  const { book } = await aKiosk(onTestFinished, await deskLines());
  for (const day of ['2026-11-18', '2026-11-19', '2026-11-20']) sold(book, { day, goods: [['1', 1]] });
  const days = openDays(book.db);
  const look = () => {
    days.sumSome({ headSeq: book.head().seq, eventsMax: 1_000 });
    const rows = days.figures({ from: '2026-11-01', to: '2026-11-30' }, 'day').toSorted((a, b) => (a.day < b.day ? -1 : 1));
    return rows.map(({ day, count, fen }) => [day, count, fen]);
  };
  const told = [
    ['2026-11-18', 1, 1_250],
    ['2026-11-19', 1, 1_250],
    ['2026-11-20', 1, 1_250],
  ];
  expect(look()).toEqual(told);
  closeDay(book, { day: '2026-11-20' });
  expect([look(), days.dates()]).toEqual([told, { from: '2026-11-18', to: '2026-11-20' }]);
  sold(book, { day: '2026-11-21', goods: [['1', 2]] });
  closeDay(book, { day: '2026-11-21' });
  expect(look()).toEqual([...told, ['2026-11-21', 1, 2_500]]);
});

test('many events that no row tells of are read a piece at a time, and nothing twice', async () => {
  const { book } = await aKiosk(onTestFinished);
  for (let i = 0; i < 25; i += 1) sold(book, { goods: [['1', 1]] });
  const days = openDays(book.db);
  const seen: boolean[] = [];
  for (let isDone = false; !isDone; seen.push(isDone)) ({ isDone } = days.sumSome({ headSeq: book.head().seq, eventsMax: 10 }));
  expect(seen).toEqual([false, false, true]);
  expect(days.figures({ from: '2026-11-21', to: '2026-11-21' }, 'day')).toMatchObject([{ key: 'sale', count: 25, fen: 31_250 }]);
});

test('the rows of any days come to the figures of their closings', async () => {
  const { book } = await aKiosk(onTestFinished, await deskLines());
  const scale = aScale(book);
  const dates = Array.from({ length: 8 }, (_, i) => dayAfter('2026-11-13', i));
  for (const [i, day] of dates.entries()) {
    checked(book, scale, {}, day);
    for (let n = 0; n < (i % 3) + 1; n += 1) sold(book, { day, goods: [['1', n + 1]], pay: i % 2 === 0 ? 'cash' : 'other' });
    const last = sold(book, { day, resident: '1', goods: [['2', 1]], chosenPoints: 100 * i });
    const credit = recycled(book, { day, bags: [onScale(book, scale, 'plastic-bottle', 1_000 + i)] });
    if (i % 4 === 1) broughtBack(book, last, day);
    if (i % 4 === 2 && typeof credit !== 'string') takenBack(book, credit, day);
    closeDay(book, { day: day });
  }
  const closings = book.db
    .prepare<[], { line: string }>('SELECT line FROM closing JOIN event USING (seq) ORDER BY seq')
    .all()
    .map(({ line }) => JSON.parse(line) as { day: string; body: { figures: Record<string, number> } });
  const days = openDays(book.db);
  days.sumSome({ headSeq: book.head().seq, eventsMax: 1_000 });
  fc.assert(
    fc.property(fc.nat(7), fc.nat(7), (a, b) => {
      const span = { from: dates[Math.min(a, b)]!, to: dates[Math.max(a, b)]! };
      const own = closings.filter(({ day }) => day >= span.from && day <= span.to);
      const wanted = (name: (typeof fixedFigures)[number]): number => own.reduce((sum, { body }) => sum + (body.figures[name] ?? 0), 0);
      const rows = new Map([...days.sums(span, 'day'), ...days.sums(span, 'payment')].map((row) => [row.key, row]));
      const told = ['sale', 'return'].flatMap((what) => [
        [`${what}.count`, rows.get(what)?.count],
        [`${what}.fen`, rows.get(what)?.fen],
        [`${what}.points`, rows.get(what)?.points],
        [`${what}.cashFen`, rows.get(`${what}/cash`)?.fen],
        [`${what}.otherFen`, rows.get(`${what}/other`)?.fen],
        [`${what}.worthFen`, rows.get(`${what}/points`)?.fen],
      ]);
      const given = ['credit', 'reversal'].flatMap((what) => [
        [`${what}.count`, rows.get(what)?.count],
        [`${what}.points`, rows.get(what)?.points],
      ]);
      const names = [...told, ...given].map(([name]) => name as (typeof fixedFigures)[number]); // made of those names
      expect(names.filter((name) => !fixedFigures.includes(name))).toEqual([]);
      expect([...told, ...given].map(([, value]) => value ?? 0)).toEqual(names.map(wanted));
    }),
  );
});

function byName(rows: readonly DayFigure[]): ReadonlyMap<string, DayFigure> {
  return new Map(rows.map((row) => [`${row.dimension} ${row.key}`, row]));
}

test('who does not own the shop is not told', async () => {
  const { book, directory, clock } = await aShop();
  book.close();
  const till = await startTill(onTestFinished, directory, clock);
  await till.call.signIn({ operatorId: 'op1', pin: cashierPin });
  await expect(till.call.ownerReport({ ...thisWeek, by: 'day', filter: all })).rejects.toMatchObject({ code: 'not_allowed' });
});

test.each([
  ['days that come before they begin', { from: '2026-11-22', to: '2026-11-16' }, 'day'],
  ['more days than a chart holds', { from: '2026-01-01', to: '2026-06-01' }, 'day'],
  ['more than two years', { from: '2020-01-01', to: '2026-01-01' }, 'month'],
  ['a date that is none', { from: '2026-02-30', to: '2026-03-01' }, 'day'],
] as const)('%s are refused', async (_, span, by) => {
  const till = await owned(await aKiosk(onTestFinished, await deskLines()));
  await expect(till.call.ownerReport({ ...span, by, filter: all })).rejects.toMatchObject({ code: 'bad_call' });
});
