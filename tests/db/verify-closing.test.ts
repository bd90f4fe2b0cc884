// What verify says of closings: true ones hold, and every figure, name, row and root that says otherwise than the acts do is named.

import { describe, expect, onTestFinished, test } from 'vitest';
import { behindSome, findClosing, openPeriod, signedCheckpoint, spanOf } from '../../db/closings.ts';
import type { ClosingBody, Figures } from '../../db/model/event.ts';
import { openNote } from '../../db/model/note.ts';
import { rawPublicKey } from '../../db/model/keys.ts';
import { dayMs } from '../../db/model/time.ts';
import { readSigner } from '../../db/home.ts';
import { type TestKiosk, aKiosk, tamper } from '../support/book.ts';
import { type CloseOptions, closeDay, openDay } from '../support/closing.ts';
import { counted } from '../support/credit.ts';
import { deskLines, leaveFor, recycled } from '../support/recycling.ts';
import { sell, today } from '../support/sell.ts';
import { verdictOn } from '../support/verify.ts';
import { fc } from '../support/property.ts';

const tomorrow = '2026-11-22';

async function aShop(): Promise<TestKiosk> {
  const kiosk = await aKiosk(onTestFinished, await deskLines());
  openDay(kiosk.book, today);
  return kiosk;
}

/** A first day with a sale in points, one in cash and a credit, closed; and a second one, open. */
async function twoDays(): Promise<TestKiosk> {
  const kiosk = await aShop();
  const { book } = kiosk;
  sell(book, { resident: '1', goods: [['2', 1]], chosenPoints: 7_000 });
  sell(book, { goods: [['1', 2]] });
  recycled(book, { bags: [counted('battery', 20)] });
  closeDay(book, { day: today });
  kiosk.clock.turn(dayMs);
  openDay(book, tomorrow);
  sell(book, { goods: [['1', 1]], day: tomorrow });
  return kiosk;
}

async function verdict({ book, directory }: TestKiosk) {
  book.close();
  return verdictOn(directory);
}

test('two closed days and an open one hold', async () => {
  const kiosk = await twoDays();
  closeDay(kiosk.book, { day: tomorrow, countedFen: 2_000 });
  expect(await verdict(kiosk)).toEqual({ kind: 'true' });
});

/** Every member of a closing that says a little otherwise, and what verify says of it. */
const lies: readonly (readonly [what: string, lie: (body: ClosingBody) => ClosingBody, told: RegExp])[] = [
  ['a number left out', (body) => ({ ...body, number: body.number + 1 }), /has number 3, and 2 is the next/],
  ['the number of before', (body) => ({ ...body, number: 1 }), /UNIQUE|has number/],
  ['another closing number', (body) => ({ ...body, closingNumber: 'qj-03-Z000009' }), /is called/],
  ['a later beginning', (body) => ({ ...body, fromSeq: body.fromSeq + 1 }), /begins with event/],
  ['forgotten', (body) => ({ ...body, isForgotten: true }), /was past/],
  ['by no owner', (body) => ({ ...body, isByOwner: false }), /whether that is an owner/],
  ['a leave', (body) => ({ ...body, approvalId: '00000000-0000-4000-8000-000000000000' }), /does not need/],
  ['one fen more sold', (body) => ({ ...body, figures: plusOne(body.figures, 'sale.fen') }), /says sale\.fen 1251; its period makes 1250/],
  ['a figure left out', (body) => ({ ...body, figures: without(body.figures, 'kind/SALE') }), /says kind\/SALE nothing/],
  ['a figure too many', (body) => ({ ...body, figures: { ...body.figures, 'exception/return': 1 } }), /says exception\/return 1/],
  [
    'another opening',
    (body) => ({ ...body, accounts: { ...body.accounts, 'esc/PTS': { opening: 0, closing: body.accounts['esc/PTS']!.closing } } }),
    /says other of account esc\/PTS/,
  ],
  [
    'another end',
    (body) => ({ ...body, accounts: { ...body.accounts, 'red/PTS': { opening: 7_000, closing: 7_001 } } }),
    /says other of account red\/PTS/,
  ],
  ['a total begun anew', (body) => ({ ...body, perpetual: body.figures }), /since the beginning/],
  ['a total too high', (body) => ({ ...body, perpetual: plusOne(body.perpetual, 'sale.points') }), /of sale\.points since the beginning/],
  ['another root', (body) => ({ ...body, checkpoint: { ...body.checkpoint, root: 'A'.repeat(43) } }), /another checkpoint/],
  ['another size', (body) => ({ ...body, checkpoint: { ...body.checkpoint, size: body.checkpoint.size - 1 } }), /another checkpoint/],
  ['another shop', (body) => ({ ...body, printed: { ...body.printed, shop: { ...body.printed.shop, zh: '别家' } } }), /another shop/],
  ['another name', (body) => ({ ...body, printed: { ...body.printed, operatorName: '扎西' } }), /names 扎西/],
  ['nobody named', (body) => ({ ...body, printed: { ...body.printed, operators: [] } }), /names op1 otherwise/],
];

function plusOne(figures: Figures, name: string): Figures {
  return { ...figures, [name]: figures[name]! + 1 };
}

function without(figures: Figures, name: string): Figures {
  return Object.fromEntries(Object.entries(figures).filter(([each]) => each !== name));
}

test.each(lies)('a closing that says %s is named', async (_, lie, told) => {
  const kiosk = await twoDays();
  const said = closedOrTold(kiosk, { day: tomorrow, lie });
  if (said !== null) return expect(said).toMatch(told); // the tables themselves refuse it
  expect(await verdict(kiosk)).toMatchObject({ kind: 'lie', check: 'closings', what: expect.stringMatching(told) as string });
});

/** Closes, or says what the tables refuse. */
function closedOrTold({ book }: TestKiosk, options: CloseOptions): string | null {
  try {
    closeDay(book, options);
    return null;
  } catch (error) {
    return String(error);
  }
}

describe('rows beside a closing that somebody changed', () => {
  test.each([
    [
      'day_figure',
      `UPDATE day_figure SET fen = fen + 1 WHERE dimension = 'goods' AND key = 'sale/1'`,
      /day_figure, closing \d+, goods sale\/1/,
    ],
    ['a lost day_figure', `DELETE FROM day_figure WHERE dimension = 'day' AND key = 'credit'`, /day_figure/],
    [
      'a day_figure too many',
      `INSERT INTO day_figure SELECT max(seq), 'payment', 'sale/zzz', 1, 0, 1, 0 FROM closing`,
      /day_figure, closing \d+, payment sale\/zzz/,
    ],
    ['the edge of the tree', `UPDATE tree_edge SET hashes = zeroblob(length(hashes))`, /tree_edge/],
    ['its size', `UPDATE tree_edge SET size = size - 1`, /tree_edge/],
    ['a lost edge', `DELETE FROM tree_edge`, /tree_edge/],
    ['the date', `UPDATE closing SET day = '2026-11-20'`, /table closing/],
    ['the number', `UPDATE closing SET number = 2`, /table closing/],
    ['the beginning', `UPDATE closing SET from_seq = 2`, /table closing/],
  ])('%s', async (_, sql, place) => {
    const kiosk = await aShop();
    sell(kiosk.book, { goods: [['1', 2]] });
    recycled(kiosk.book, { bags: [counted('battery', 20)] });
    closeDay(kiosk.book, { day: today });
    kiosk.book.close();
    tamper(kiosk.home, (db) => db.exec(sql));
    expect(await verdictOn(kiosk.directory)).toMatchObject({
      kind: 'lie',
      check: 'closings',
      place: expect.stringMatching(place) as string,
    });
  });
});

test('a cashier needs the leave of an owner, of this date and count; a date that was forgotten does not', async () => {
  const kiosk = await aShop();
  closeDay(kiosk.book, { day: today, op: 'op1' });
  expect(await verdict(kiosk)).toMatchObject({ kind: 'lie', check: 'closings', what: 'has no leave of an owner' });

  const late = await aShop();
  late.clock.turn(dayMs);
  closeDay(late.book, { day: today, op: 'op1' });
  expect(await verdict(late)).toEqual({ kind: 'true' });

  const other = await aShop();
  const approvalId = leaveFor(other.book, { kind: 'close_day', day: today, countId: '00000000-0000-4000-8000-000000000000' });
  closeDay(other.book, { day: today, op: 'op1', approvalId });
  expect(await verdict(other)).toMatchObject({ kind: 'lie', check: 'approvals', what: 'has leave for another act than this' });
});

test('two dates in one period are named, but for a book that is older than closings', async () => {
  const old = await aShop();
  old.clock.turn(dayMs);
  sell(old.book, { goods: [['1', 1]] });
  openDay(old.book, tomorrow);
  sell(old.book, { goods: [['1', 1]], day: tomorrow });
  closeDay(old.book, { day: tomorrow });
  old.clock.turn(dayMs);
  openDay(old.book, '2026-11-23');
  sell(old.book, { goods: [['1', 1]], day: '2026-11-23' });
  old.clock.turn(dayMs);
  openDay(old.book, '2026-11-24');
  sell(old.book, { goods: [['1', 1]], day: '2026-11-24' });
  expect(await verdict(old)).toMatchObject({
    kind: 'lie',
    check: 'closings',
    what: 'is booked on 2026-11-24, while 2026-11-23 was not closed',
  });
});

test('the slip’s checkpoint is a C2SP note that the kiosk’s key opens, the same each time', async () => {
  const { book, home } = await twoDays();
  const event = findClosing(book.db, 1)!;
  const origin = 'civicpos/540525/qj-03/1';
  const text = `${origin}\n${event.seq - 1}\n${Buffer.from(event.body.checkpoint.root, 'base64url').toString('base64')}\n`;
  const note = signedCheckpoint(book, event);
  const publicKey = rawPublicKey(readSigner(home)!.privateKey);
  expect(openNote(note, [{ name: origin, publicKey }])).toEqual({ ok: true, value: { text, signers: [origin] } });
  expect(signedCheckpoint(book, event)).toBe(note);
  expect(note.length).toBeLessThan(300); // one code of a slip
});

const anyAct = fc.oneof(
  fc.record({
    do: fc.constant('sell' as const),
    resident: fc.constantFrom(undefined, '1', '2'),
    goods: fc.array(fc.tuple(fc.constantFrom('1', '2', '3'), fc.integer({ min: 1, max: 3 })), { minLength: 1, maxLength: 3 }),
    chosenPoints: fc.constantFrom(0, 700, 100_000),
    pay: fc.constantFrom('cash' as const, 'other' as const),
  }),
  fc.record({ do: fc.constant('recycle' as const), pieces: fc.integer({ min: 2, max: 40 }) }),
  fc.record({ do: fc.constant('close' as const), overJiao: fc.integer({ min: -5, max: 5 }) }),
);

test('any days: figures are sums of postings, accounts go on from day to day, and the events behind each figure add up to it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyAct, { minLength: 3, maxLength: 14 }), async (acts) => {
      const kiosk = await aShop();
      const { book, clock } = kiosk;
      let date = 0;
      const day = (): string => new Date(Date.UTC(2026, 10, 21 + date)).toISOString().slice(0, 10);
      for (const act of [...acts, { do: 'close', overJiao: 1 } as const]) {
        clock.turn(1_000);
        if (act.do === 'recycle') recycled(book, { bags: [counted('battery', act.pieces)], day: day() });
        else if (act.do === 'sell') {
          const { resident, goods, chosenPoints, pay } = act;
          sell(book, { ...(resident === undefined ? {} : { resident }), goods, chosenPoints, pay, day: day() });
        } else {
          const held =
            book.db.prepare<[], { amount: number }>(`SELECT amount FROM balance WHERE account = 'cash/drawer'`).get()?.amount ?? 0;
          closeDay(book, { day: day(), countedFen: Math.max(0, held + 10 * act.overJiao) });
          date += 1;
          clock.turn(dayMs);
          openDay(book, day());
        }
      }
      let before: ClosingBody['accounts'] = {};
      for (let number = 1; number <= date; number += 1) {
        const { body, seq } = findClosing(book.db, number)!;
        const rows = book.db
          .prepare<[number, number], { name: string; amount: number }>(
            `SELECT 'account/' || account || '/' || commodity AS name, sum(amount) AS amount FROM posting
              WHERE seq BETWEEN ? AND ? GROUP BY name HAVING sum(amount) <> 0 ORDER BY name`,
          )
          .all(body.fromSeq, seq);
        const accounts = Object.entries(body.figures).filter(([name]) => name.startsWith('account/'));
        expect(accounts).toEqual(rows.map(({ name, amount }) => [name, amount]));
        for (const [name, { opening, closing }] of Object.entries(body.accounts)) {
          expect(opening).toBe(before[name]?.closing ?? 0);
          expect(closing).toBe(opening + (body.figures[`account/${name}`] ?? 0));
        }
        before = body.accounts;
        const { 'drawer.floatFen': float, ...figures } = body.figures;
        const drawer = Object.entries(figures).reduce((sum, [name, amount]) => (name.startsWith('drawer.') ? sum + amount : sum), float!);
        expect(drawer).toBe(body.figures['account/cash/drawer/CNY'] ?? 0);
        for (const [figure, amount] of Object.entries(body.figures)) {
          const { found } = behindSome(book.db, { figure, span: spanOf(book.db, number)!, eventsMax: 1_000 });
          expect([figure, found.reduce((sum, each) => sum + each.amount, 0)]).toEqual([figure, amount]);
        }
      }
      const open = openPeriod(book.db);
      open.sumRest();
      expect(open.report().accounts['esc/PTS']?.opening ?? 0).toBe(before['esc/PTS']?.closing ?? 0);
      expect(await verdict(kiosk)).toEqual({ kind: 'true' });
    }),
    { numRuns: 12 },
  );
});
