// A settlement's way: signed by the kiosk, agreed by the county's own figures, accepted the next night, paid by the bank's list.

import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { putAdjustment } from '../../county/book/adjustments.ts';
import { answerException, openExceptions } from '../../county/book/exceptions.ts';
import { takeIn } from '../../county/book/intake.ts';
import { balanceOf } from '../../county/book/ledger.ts';
import { type MasterLine, everyKiosk, masterLine, putMaster, schemeOf } from '../../county/book/master.ts';
import { payables } from '../../county/book/payable.ts';
import { takePayments } from '../../county/book/payments.ts';
import { proposeRepair, releaseRepair } from '../../county/book/repairs.ts';
import { revokeKiosk } from '../../county/book/revoke.ts';
import type { CountyBook } from '../../county/book/county-book.ts';
import { night } from '../../county/night.ts';
import { detailInChinese } from '../../county/pages/detail-words.ts';
import { fen, points } from '../../db/model/amounts.ts';
import type { BookEvent, SaleBody } from '../../db/model/event.ts';
import { settlementOf } from '../../db/model/settlement.ts';
import { currentScheme } from '../../db/reference.ts';
import { openAdjustments, openClosings, wordsOf } from '../../db/settlements.ts';
import { uuidv7 } from '../../db/uuid.ts';
import type { TestKiosk } from '../support/book.ts';
import { aPair, ackOf, cut, uploadOf } from '../support/county-book.ts';
import { closeDay, openDay } from '../support/closing.ts';
import { apply, shop } from '../support/county.ts';
import { sell, today } from '../support/sell.ts';
import { settleDays } from '../support/used-county.ts';

test('closed days are settled once, accepted the night after, and paid as the bank says', async () => {
  const { county, kiosk } = await aPair(onTestFinished);
  const { home, book, clock } = kiosk;
  openDay(book, today);
  sell(book, { resident: '1', goods: [['1', 2]], chosenPoints: 10_000 });
  closeDay(book, { day: today });
  const body = settleDays(kiosk, 1);
  const merchant = { account: 'merchant', holder: shop.store } as const;
  const balances = (): Promise<readonly number[]> =>
    county.read((db) => [
      balanceOf(db, { account: 'red', at: shop.kiosk }),
      balanceOf(db, merchant),
      balanceOf(db, merchant, 'CNY'),
      balanceOf(db, { account: 'paid', holder: shop.store }, 'CNY'),
    ]);
  expect(ackOf((await takeIn(county, uploadOf(home, await cut(home, book)))).note)).toMatchObject({ verdict: 'ACCEPTED', exceptions: 0 });
  const redeemed = body.closings[0]!.points;
  expect(await balances()).toEqual([0, redeemed, body.owedFen, 0]);
  const header = 'kiosk,inc,settlement,yuan,day,reference\n';
  const row = ({ inc = '1', yuan = (body.owedFen / 100).toFixed(2), day = '2026-11-21', reference = 'B-77' }): string =>
    `${header}${shop.kiosk},${inc},1,${yuan},${day},${reference}\n`;
  const faulty = (...whats: readonly string[]): object => ({ ok: false, code: 'faulty', faults: whats.map((what) => ({ row: 1, what })) });
  const list = row({});
  expect(await takePayments(county, list)).toEqual(faulty('no accepted settlement 1 of qj-03')); // not yet
  const next = async (downSeq: number): Promise<void> => {
    await night(county);
    clock.turn(60_000);
    const path = join(county.folder.down, shop.kiosk, `0000000${downSeq}.jsonl.gz`);
    expect(await apply(home, book, path)).toEqual({ kind: 'applied', downSeq });
  };
  await next(2);
  // what a kiosk could not read in its file, or the book not find
  expect(await takePayments(county, row({ day: '2026-02-31' }))).toEqual(faulty('2026-02-31 is no day'));
  expect(await takePayments(county, row({ day: '2031-01-01' }))).toEqual(faulty('2031-01-01 is still to come'));
  expect(await takePayments(county, row({ reference: 'B\t77' }))).toEqual(
    faulty('the reference is too long, or has letters that are none'),
  );
  expect(await takePayments(county, row({ inc: '1e0' }))).toEqual(faulty('no accepted settlement 1 of qj-03'));
  expect(await takePayments(county, `${row({ yuan: '6' })}${shop.kiosk},1,1,4.01,2026-11-21,B-79\n`)).toEqual({
    ok: false,
    code: 'faulty',
    faults: [{ row: 2, what: '4.01 yuan are more than is left to pay of settlement 1' }],
  });
  const payment = { kiosk: shop.kiosk, inc: 1, number: 1, fen: body.owedFen, leftFen: 0, day: '2026-11-21', reference: 'B-77' };
  expect(await takePayments(county, list)).toEqual({ ok: true, value: { rows: 1, fen: body.owedFen, payments: [payment] } });
  expect(await takePayments(county, `${list}\n`)).toEqual(faulty('this payment was taken before'));
  expect(await takePayments(county, row({ reference: 'B-78' }))).toEqual(faulty('10.00 yuan are more than is left to pay of settlement 1'));
  await next(3);
  expect(wordsOf(book.db, 1).map(({ state, paidFen }) => [state, paidFen])).toEqual([
    ['accepted', null],
    ['paid', body.owedFen],
  ]);
  expect(await balances()).toEqual([0, 0, 0, body.owedFen]);
  expect((await takeIn(county, uploadOf(home, await cut(home, book)))).verdict).toBe('ACCEPTED');
  expect(await county.read(openExceptions)).toEqual([]);
});

test('an adjustment is owed once: a program that was changed and settles it again is not agreed with', async () => {
  const { county, kiosk } = await aPair(onTestFinished);
  const { home, book, clock } = kiosk;
  await county.transact((act) => {
    const entry = act.enter('adjust', 'a test');
    putAdjustment(act, { kiosk: shop.kiosk, id: 'adj-1', fen: 500, zh: '补付', entry });
  });
  await night(county);
  clock.turn(60_000);
  await apply(home, book, join(county.folder.down, shop.kiosk, '00000002.jsonl.gz'));
  const adjustments = openAdjustments(book.db);
  for (const [number, day] of [
    [1, today],
    [2, '2026-11-22'],
  ] as const) {
    openDay(book, day);
    sell(book, { resident: '1', goods: [['1', 2]], chosenPoints: 1_000, day });
    closeDay(book, { day });
    const body = settlementOf({
      kiosk: shop.kiosk,
      inc: 1,
      number,
      closings: openClosings(book.db),
      scheme: currentScheme(book.db)!,
      adjustments,
      printed: { language: 'zh', operatorName: '次仁', shop: { zh: shop.zh, bo: null, countyZh: shop.countyZh, countyBo: null } },
    });
    book.transact(({ append }) => append({ kind: 'SETTLED', body, id: uuidv7(clock.wallMs()), day, op: 'op2', command: number }));
    book.db.exec('DROP TRIGGER IF EXISTS settled_adjustment_no_delete; DELETE FROM settled_adjustment');
    clock.turn(24 * 60 * 60_000);
  }
  expect((await takeIn(county, uploadOf(home, await cut(home, book)))).verdict).toBe('ACCEPTED');
  expect(await county.read((db) => db.prepare('SELECT number, is_agreed FROM settlement ORDER BY number').all())).toEqual([
    { number: 1, is_agreed: 1 },
    { number: 2, is_agreed: 0 },
  ]);
  expect((await county.read(openExceptions)).map(({ code, detail }) => [code, detail])).toEqual([['settlement_differs', '2']]);
});

function aDay(
  kiosk: TestKiosk,
  { number, day, goods = '1' }: { readonly number: number; readonly day: string; readonly goods?: string },
): void {
  openDay(kiosk.book, day);
  sell(kiosk.book, { resident: '1', goods: [[goods, 2]], chosenPoints: goods === '1' ? 1_000 : 0, day });
  closeDay(kiosk.book, { day });
  settleDays(kiosk, number, day);
}

/** What is raised once the kiosk's file is in, and what the bank would be told to pay the night after. */
async function taken(county: CountyBook, { home, book }: TestKiosk): Promise<readonly [details: readonly string[], payFen: number]> {
  expect((await takeIn(county, uploadOf(home, await cut(home, book)))).verdict).toBe('ACCEPTED');
  return toldAfter(county);
}

async function toldAfter(county: CountyBook): Promise<readonly [details: readonly string[], payFen: number]> {
  await night(county);
  const open = await county.read(openExceptions);
  expect(open.every(({ code }) => code === 'settlement_differs')).toBe(true);
  const pay = await county.read(payables);
  return [open.map(({ detail }) => detail), pay.reduce((sum, { payFen }) => sum + payFen, 0)];
}

/** As if the kiosk's first file had told it so. */
async function hadSaid(county: CountyBook, line: (was: CountyBook) => Promise<MasterLine>): Promise<void> {
  const said = await line(county);
  await county.transact((act) => {
    const { scope, entry } = act.db
      .prepare<[string], { scope: string; entry: number }>('SELECT scope, entry FROM master WHERE t = ? ORDER BY entry')
      .get(said.t)!;
    putMaster(act, said, { scope, entry });
  });
}

/** The county's word from now on: the kiosk hears of it by its next file. */
function says(county: CountyBook, line: MasterLine, scope: string): Promise<boolean> {
  return county.transact((act) => putMaster(act, line, { scope, entry: act.enter('test', line.t) }));
}

const shopLine = (county: CountyBook, merchantSharePermille: number): Promise<MasterLine> =>
  county.read((db) => ({
    t: 'SHOP',
    shop: { ...masterLine(db, { scope: shop.kiosk, t: 'SHOP', key: shop.kiosk })!.shop, merchantSharePermille },
  }));
const goodsLine = (county: CountyBook, settlementFen: number): Promise<MasterLine> =>
  county.read((db) => ({
    t: 'GOODS',
    goods: { ...masterLine(db, { scope: everyKiosk, t: 'GOODS', key: '3' })!.goods, settlementFen: fen(settlementFen) },
  }));
const schemeLine = (county: CountyBook, version: number, pointValueFen: number): Promise<MasterLine> =>
  county.read((db) => ({ t: 'SCHEME', scheme: { ...schemeOf(db, shop.kiosk)!.scheme, version, pointValueFen } }));

test.each<[what: string, line: (county: CountyBook) => Promise<MasterLine>, detail: RegExp, words: RegExp]>([
  [
    'a point',
    (county) => schemeLine(county, 1, 1),
    /^1: event \d+ of 2026-11-21$/,
    /^结算单第 1 号：2026-11-21 第 \d+ 条凭证的折价或结算价，不是/,
  ],
  ['its share', (county) => shopLine(county, 500), /^1: share 0 of 2026-11-21$/, /^结算单第 1 号：2026-11-21 的让利按千分之 0 算，不是/],
])('%s that a machine reckons otherwise than it was told waits for a person, and then is paid', async (_, line, detail, words) => {
  const { county, kiosk } = await aPair(onTestFinished);
  await hadSaid(county, line);
  aDay(kiosk, { number: 1, day: today });
  const [details, payFen] = await taken(county, kiosk);
  expect([details, payFen]).toEqual([[expect.stringMatching(detail)], 0]);
  expect(detailInChinese({ code: 'settlement_differs', detail: details[0]! })).toMatch(words);
  for (const { number } of await county.read(openExceptions)) await answerException(county, { number, by: 'li', text: '按此付' });
  expect(await toldAfter(county)).toEqual([[], 100]);
});

test('the last days of a withdrawn key are paid, as they were reckoned otherwise than it was told, once a person has said so; a share that is none is the shop’s', async () => {
  const { county, kiosk } = await aPair(onTestFinished);
  const last = { kind: 'last_days', kiosk: shop.kiosk } as const;
  await hadSaid(county, (was) => schemeLine(was, 1, 1));
  await hadSaid(county, (was) => shopLine(was, 100));
  openDay(kiosk.book, today);
  sell(kiosk.book, { resident: '1', goods: [['1', 2]], chosenPoints: 1_000 });
  closeDay(kiosk.book, { day: today, lie: (body) => ({ ...body, sharePermille: 'half' as unknown as number }) });
  openDay(kiosk.book, '2026-11-22');
  sell(kiosk.book, { resident: '1', goods: [['1', 1]], chosenPoints: 300, day: '2026-11-22' });
  expect(await taken(county, kiosk)).toEqual([[], 0]);
  await revokeKiosk(county, { kiosk: shop.kiosk, by: 'li', reason: '机器被偷' });
  for (let times = 0; times < 2; times += 1)
    expect(await proposeRepair(county, { repair: last, by: 'li' })).toEqual({ ok: false, code: 'differs' });
  const [asked, ...others] = await county.read(openExceptions);
  expect([asked, others]).toEqual([
    expect.objectContaining({
      code: 'settlement_differs',
      detail: expect.stringMatching(
        /^last days: 3 otherwise than told, 1300 hundredths and 130 fen: share half of 2026-11-21, event \d+ of 2026-11-21, event \d+$/,
      ) as string,
    }),
    [],
  ]);
  expect(detailInChinese(asked!)).toMatch(
    /^没有结算的营业日：3 处不是按县里告诉这台终端的算的，涉及 13 积分、1.30 元：2026-11-21 的让利（按千分之 half）、2026-11-21 第 \d+ 条凭证的折价或结算价、第 \d+ 条凭证的折价或结算价$/,
  );
  // as books of before say it
  expect(detailInChinese({ code: 'settlement_differs', detail: 'last days: share 5 of 2026-11-21' })).toMatch(
    /^没有结算的营业日：2026-11-21 的让利/,
  );
  expect(detailInChinese({ code: 'settlement_differs', detail: 'last days: event 9' })).toMatch(/^没有结算的营业日：第 9 条凭证的折价/);
  await answerException(county, { number: asked!.number, by: 'li', text: '按此付' });
  const proposed = await proposeRepair(county, { repair: last, by: 'li' });
  if (!proposed.ok) throw new Error(proposed.code);
  expect(await releaseRepair(county, { number: proposed.value, kind: last.kind, by: 'wang' })).toMatchObject({ ok: true });
  expect(await toldAfter(county)).toEqual([[], 117]); // 1.30 yuan, less the shop's tenth
});

test('the last days of a withdrawn key that were reckoned as it was told are asked of nobody', async () => {
  const { county, kiosk } = await aPair(onTestFinished);
  openDay(kiosk.book, today);
  sell(kiosk.book, { resident: '1', goods: [['1', 2]], chosenPoints: 1_000 });
  expect(await taken(county, kiosk)).toEqual([[], 0]);
  await revokeKiosk(county, { kiosk: shop.kiosk, by: 'li', reason: '火灾' });
  expect(await proposeRepair(county, { repair: { kind: 'last_days', kiosk: shop.kiosk }, by: 'li' })).toMatchObject({ ok: true });
});

test('prices and shares that a shop goes by until it hears of others are agreed with; once it has heard, they are not', async () => {
  const { county, kiosk } = await aPair(onTestFinished);
  const hears = async (downSeq: number): Promise<void> => {
    await night(county);
    kiosk.clock.turn(24 * 60 * 60_000);
    const path = join(county.folder.down, shop.kiosk, `0000000${downSeq}.jsonl.gz`);
    expect(await apply(kiosk.home, kiosk.book, path)).toEqual({ kind: 'applied', downSeq });
  };
  await says(county, await goodsLine(county, 700), everyKiosk);
  await hears(2);
  await says(county, await goodsLine(county, 800), everyKiosk);
  await says(county, await shopLine(county, 200), shop.kiosk);
  await says(county, await schemeLine(county, 2, 20), everyKiosk);
  // it sells on by what it knew, sends late, and hears of all three at once
  openDay(kiosk.book, '2026-11-22');
  sell(kiosk.book, { resident: '1', goods: [['3', 1]], day: '2026-11-22' });
  sell(kiosk.book, { resident: '1', goods: [['1', 1]], chosenPoints: 500, day: '2026-11-22' });
  await hears(3);
  sell(kiosk.book, { resident: '1', goods: [['3', 1]], day: '2026-11-22' });
  sell(kiosk.book, { resident: '1', goods: [['1', 1]], chosenPoints: 500, day: '2026-11-22' });
  closeDay(kiosk.book, { day: '2026-11-22' });
  settleDays(kiosk, 1, '2026-11-22');
  expect((await taken(county, kiosk))[0]).toEqual([]);
  // who had heard, and a machine that was made to forget it
  openDay(kiosk.book, '2026-11-23');
  const { line } = kiosk.book.db.prepare<[], { line: string }>(`SELECT line FROM event WHERE kind = 'SALE' ORDER BY seq LIMIT 1`).get()!;
  expect((JSON.parse(line) as BookEvent & { readonly kind: 'SALE' }).body.lines).toMatchObject([{ goodsId: '3', settlementFen: 700 }]);
  kiosk.book.db.exec(`UPDATE goods SET doc = replace(doc, '"settlementFen":800', '"settlementFen":700') WHERE id = '3'`);
  sell(kiosk.book, { resident: '1', goods: [['3', 1]], day: '2026-11-23' });
  closeDay(kiosk.book, { day: '2026-11-23' });
  settleDays(kiosk, 2, '2026-11-23');
  expect((await taken(county, kiosk))[0]).toEqual([expect.stringMatching(/^2: event \d+ of 2026-11-23$/)]);
});

test.each<[what: string, lines: (line: SaleBody['lines'][number]) => SaleBody['lines'], worthFen: number]>([
  [
    'goods priced in points that are dearer than they are',
    (line) => [line, { ...line, ...ofNothing, goodsId: '3', settlementFen: fen(100_000) }],
    100,
  ],
  ['goods without a price in points that are paid for', (line) => [{ ...line, settlementFen: fen(100_000) }], 100],
  [
    'a line of less than no points, by which another is worth more than was spent',
    (line) => [
      { ...line, points: points(line.points + 5_000) },
      { ...line, ...ofNothing, points: points(-5_000) },
    ],
    600,
  ],
])('a day with %s is not agreed with', async (_, lines, worthFen) => {
  const { county, kiosk } = await aPair(onTestFinished);
  const { book, clock } = kiosk;
  openDay(book, today);
  sell(book, { resident: '1', goods: [['1', 2]], chosenPoints: 1_000 });
  const { line } = book.db.prepare<[], { line: string }>(`SELECT line FROM event WHERE kind = 'SALE'`).get()!;
  const { amt, body: sold, res } = JSON.parse(line) as BookEvent & { readonly kind: 'SALE' };
  const [payment] = sold.payments;
  const paidFen = fen(payment!.fen + 100 - worthFen);
  const body: SaleBody = {
    ...sold,
    receiptNumber: sold.receiptNumber.replace(/1$/, '2'),
    lines: lines(sold.lines[0]!),
    redemption: { ...sold.redemption!, worthFen: fen(worthFen) },
    payments: [{ kind: 'cash', fen: paidFen, tenderedFen: paidFen, changeFen: fen(0) }],
  };
  book.transact(({ append }) =>
    append({ kind: 'SALE', body, id: uuidv7(clock.wallMs()), day: today, op: 'op1', amt, res, command: 'a program that was changed' }),
  );
  closeDay(book, { day: today });
  settleDays(kiosk, 1, today);
  expect(await taken(county, kiosk)).toEqual([[expect.stringMatching(/^1: event \d+ of 2026-11-21$/)], 0]);
});

const ofNothing = { pricedIn: 'points', totalFen: fen(0), pointsFen: fen(0), points: points(0) } as const;
