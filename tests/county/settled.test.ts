// A settlement's way: signed by the kiosk, agreed by the county's own figures, accepted the next night, paid by the bank's list.

import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { putAdjustment } from '../../county/book/adjustments.ts';
import { openExceptions } from '../../county/book/exceptions.ts';
import { takeIn } from '../../county/book/intake.ts';
import { balanceOf } from '../../county/book/ledger.ts';
import { takePayments } from '../../county/book/payments.ts';
import { night } from '../../county/night.ts';
import { settlementOf } from '../../db/model/settlement.ts';
import { currentScheme } from '../../db/reference.ts';
import { openAdjustments, openClosings, wordsOf } from '../../db/settlements.ts';
import { uuidv7 } from '../../db/uuid.ts';
import { aPair, ackOf, cut, uploadOf } from '../support/county-book.ts';
import { closeDay, openDay } from '../support/closing.ts';
import { apply, shop } from '../support/county.ts';
import { sell, today } from '../support/sell.ts';

test('closed days are settled once, accepted the night after, and paid as the bank says', async () => {
  const { county, kiosk } = await aPair(onTestFinished);
  const { home, book, clock } = kiosk;
  openDay(book, today);
  sell(book, { resident: '1', goods: [['1', 2]], chosenPoints: 10_000 });
  closeDay(book, { day: today });
  const body = settlementOf({
    kiosk: shop.kiosk,
    inc: 1,
    number: 1,
    closings: openClosings(book.db),
    scheme: currentScheme(book.db)!,
    adjustments: openAdjustments(book.db),
    printed: { language: 'zh', operatorName: '次仁', shop: { zh: shop.zh, bo: null, countyZh: shop.countyZh, countyBo: null } },
  });
  book.transact(({ append }) => append({ kind: 'SETTLED', body, id: uuidv7(clock.wallMs()), day: today, op: 'op2', command: 'settle' }));
  const merchant = { account: 'merchant', holder: shop.store } as const;
  const balances = (): Promise<readonly number[]> =>
    county.read((db) => [
      balanceOf(db, { account: 'red', at: shop.kiosk }),
      balanceOf(db, merchant),
      balanceOf(db, merchant, 'CNY'),
      balanceOf(db, { account: 'paid', holder: shop.store }, 'CNY'),
    ]);
  expect(ackOf((await takeIn(county, uploadOf(home, await cut(home, book)))).note)).toMatchObject({ verdict: 'ACCEPTED', exceptions: 0 });
  const points = body.closings[0]!.points;
  expect(await balances()).toEqual([0, points, body.owedFen, 0]);
  const header = 'kiosk,inc,settlement,yuan,day,reference\n';
  const row = ({ inc = '1', yuan = (body.owedFen / 100).toFixed(2), day = '2026-11-25', reference = 'B-77' }): string =>
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
  expect(await takePayments(county, row({ reference: 'B\t77' }))).toEqual(
    faulty('the reference is too long, or has letters that are none'),
  );
  expect(await takePayments(county, row({ inc: '1e0' }))).toEqual(faulty('no accepted settlement 1 of qj-03'));
  expect(await takePayments(county, `${row({ yuan: '6' })}${shop.kiosk},1,1,4.01,2026-11-26,B-79\n`)).toEqual({
    ok: false,
    code: 'faulty',
    faults: [{ row: 2, what: '4.01 yuan are more than is left to pay of settlement 1' }],
  });
  expect(await takePayments(county, list)).toEqual({ ok: true, value: { rows: 1, fen: body.owedFen } });
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
