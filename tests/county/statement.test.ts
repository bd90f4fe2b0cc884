// A resident's statement: every act is found by the paper that the resident holds, on the page and by the command.

import { expect, onTestFinished, test } from 'vitest';
import { takeIn } from '../../county/book/intake.ts';
import { moved } from '../../county/book/ledger.ts';
import { type StatementRow, actOfEvent, findPaper, statementOf } from '../../county/book/statement.ts';
import { foundBy, rowName } from '../../county/pages/statement-words.ts';
import { businessDate, dayMs } from '../../db/model/time.ts';
import { aKiosk } from '../support/book.ts';
import { closeDay, openDay } from '../support/closing.ts';
import { aCounty, aPair, cut, introduce, uploadOf } from '../support/county-book.ts';
import { shop } from '../support/county.ts';
import { counted } from '../support/credit.ts';
import { deskLines, recycled, takenBack } from '../support/recycling.ts';
import { brought } from '../support/return-sale.ts';
import { sell, today } from '../support/sell.ts';

test('a sale, a return, a credit and its taking back stand by the numbers on their papers, and each number finds its act', async () => {
  const county = aCounty(onTestFinished);
  const { home, book } = await aKiosk(onTestFinished, await deskLines());
  await introduce(county, home);
  openDay(book, today);
  const sale = sell(book, { resident: '1', goods: [['3', 2]] });
  if (typeof sale === 'string') throw new Error(sale);
  brought(book, sale, [{ n: 0, quantity: 1 }]);
  const credit = recycled(book, { resident: '1', bags: [counted('battery', 20)] });
  if (typeof credit === 'string') throw new Error(credit);
  takenBack(book, credit);
  sell(book, { resident: '1', goods: [['1', 1]], chosenPoints: 0 });
  sell(book, { goods: [['1', 1]] });
  expect((await takeIn(county, uploadOf(home, await cut(home, book)))).verdict).toBe('ACCEPTED');

  const statement = await county.read((db) => statementOf(db, { account: 'a1' }));
  if (!statement.ok) throw new Error(statement.code);
  const acts = statement.value.rows.filter(({ at }) => at !== null);
  expect(acts.map((row) => [rowName(row), row.paper, foundBy(row)])).toEqual([
    ['兑换', 'qj-03-000001', '小票 qj-03-000001'],
    ['退货', 'qj-03-T000001', '退货单 qj-03-T000001'],
    ['回收积分', 'qj-03-R000001', '回收凭条 qj-03-R000001'],
    ['冲回回收积分', 'qj-03-R000001', '回收凭条 qj-03-R000001'],
    ['购物，没有用积分', 'qj-03-000002', '小票 qj-03-000002'],
  ]);

  const found = (number: string) => county.read((db) => findPaper(db, number));
  const of = { day: today, kiosk: shop.kiosk };
  expect(await found('qj-03-000001')).toMatchObject({ ...of, number: 'qj-03-000001', kind: 'SALE', account: 'a1' });
  expect(await found('qj-03-T000001')).toMatchObject({ ...of, number: 'qj-03-T000001', kind: 'RETURNED', account: 'a1' });
  expect(await found('qj-03-R000001')).toMatchObject({ ...of, number: 'qj-03-R000001', kind: 'CREDIT', account: 'a1' });
  expect(await found('qj-03-000003')).toMatchObject({ ...of, number: 'qj-03-000003', kind: 'SALE', account: null });
  for (const none of ['qj-03-000004', 'qj-03.2-000001', 'qj-04-000001', '%-000001', 'qj-03-Z000001', '000001', '', '"-000001'])
    expect([none, await found(none)]).toEqual([none, null]);

  const behind = (seq: number) => county.read((db) => actOfEvent(db, { kiosk: shop.kiosk, inc: 1, seq }));
  expect(await behind(sale.seq)).toEqual({ kind: 'SALE', day: today, paper: 'qj-03-000001', account: 'a1' });
  expect(await behind(9_999)).toBeNull();
});

test('acts stand in the order of their doing: a sale after the closing, of the next business date, after what the county did before', async () => {
  const { county, kiosk } = await aPair(onTestFinished);
  const { home, book, clock } = kiosk;
  openDay(book, today);
  closeDay(book, { day: today });
  const next = businessDate(Date.parse(today) + dayMs);
  openDay(book, next);
  clock.turn(60_000);
  const soldAt = clock.wallMs();
  sell(book, { resident: '1', goods: [['1', 1]], chosenPoints: 1_000, day: next });
  expect((await takeIn(county, uploadOf(home, await cut(home, book)))).verdict).toBe('ACCEPTED');
  await county.transact((act) => {
    act.enter('award', '1 a1');
    act.post(moved({ account: 'issuance' }, { account: 'main', holder: 'a1' }, 700));
  });
  const read = await county.read((db) => statementOf(db, { account: 'a1' }));
  if (!read.ok) throw new Error(read.code);
  const rows = read.value.rows.map((row) => [row.kind, row.day, row.doneAt, row.balance]);
  expect(rows).toEqual([
    ['import', today, county.wallMs(), 20_000],
    ['award', today, county.wallMs(), 20_700],
    ['SALE', next, soldAt, 19_700],
  ]);
  expect([businessDate(soldAt), read.value.closing]).toEqual([today, 19_700]);
});

test('an act of the county is named by what stands on its own paper: the batch, the voucher, the shops, the lost receipt', () => {
  const row = { paper: null, at: null, moved: 0, isDrawn: null } as Omit<StatementRow, 'kind' | 'about'>;
  const acts = [
    ['award', '12 a1'],
    ['voucher', 'qj-03 a1 7'],
    ['home', 'a1 qj-03 qj-04 by 张三'],
    ['lost_paper', 'qj-03/1/17 sale'],
    ['allocate', 'a1'],
  ] as const;
  expect(acts.map(([kind, about]) => [rowName({ ...row, kind, about }), foundBy({ ...row, kind, about })])).toEqual([
    ['赋分', '第 12 批'],
    ['联网取用或发积分凭证', '第 7 号'],
    ['改归属店', 'qj-03 → qj-04'],
    ['凭小票补录', 'qj-03 第 1 代第 17 条凭证'],
    ['分配额度', ''],
  ]);
  const drawn = (['voucher', 'VOUCHER_IN'] as const).flatMap((kind) =>
    [true, false].map((isDrawn) => rowName({ ...row, kind, isDrawn, about: '' })),
  );
  expect(drawn).toEqual(['联网取用', '发积分凭证', '取用入账', '积分凭证入账']);
});
