// A voucher that no till took: its rights wait where it was signed for, are named there, and come home once the shop says that it cannot take
// it any more. One that was taken stays where it is used.

import { expect, onTestFinished, test } from 'vitest';
import { checkBook } from '../../county/book/invariants.ts';
import { openVoucherSums, openVouchersOf } from '../../county/book/lapsed-vouchers.ts';
import { issueVoucher } from '../../county/book/vouchers.ts';
import { openVoucherText } from '../../county/pages/statement-words.ts';
import { takeVoucher } from '../../db/vouchers.ts';
import { type CountyShops, aCountyOfShops } from '../support/county-shops.ts';
import { today } from '../support/sell.ts';
import { verdictOn } from '../support/verify.ts';

const [home, away] = ['qj-03', 'qj-04'];

/** Vouchers of so many points of a1 for the shop away, whose texts they are; 5 more points lie unallocated. */
async function withVouchers(...points: readonly number[]): Promise<{ readonly shops: CountyShops; readonly texts: readonly string[] }> {
  const shops = await aCountyOfShops(onTestFinished, { kiosks: [home, away], homes: { a1: home, a2: away }, roamAt: [], roamCap: 0 });
  await shops.award(
    'a1',
    points.reduce((sum, each) => sum + each, 500),
  );
  const texts: string[] = [];
  for (const want of points) {
    const issued = await issueVoucher(shops.county, { account: 'a1', kiosk: away, want, by: 'li' });
    if (!issued.ok) throw new Error(issued.code);
    texts.push(issued.value.text);
  }
  return { shops, texts };
}

/** A night, and an exchange of both shops. */
async function nightAndDay(shops: CountyShops): Promise<void> {
  await shops.night();
  for (const kiosk of [home, away]) {
    await shops.hear(kiosk);
    await shops.send(kiosk);
  }
}

const open = ({ county }: CountyShops) => county.read((db) => openVouchersOf(db, 'a1'));

test('what no till took waits until the shop has the next file, then it is asked for and is at home again', async () => {
  const { shops, texts } = await withVouchers(3_000, 2_000);
  const waiting = { kiosk: away, account: 'a1', state: 'waits' };
  expect(await open(shops)).toEqual([
    { ...waiting, number: 2, amount: 2_000 },
    { ...waiting, number: 1, amount: 3_000 },
  ]);
  await shops.night(); // it is covered, but the shop may have taken it before it hears of that
  await shops.night();
  expect((await open(shops)).map(({ state }) => state)).toEqual(['waits', 'waits']);
  for (const kiosk of [home, away]) await shops.hear(kiosk);
  for (const kiosk of [home, away]) await shops.send(kiosk);
  expect(takeVoucher(shops.shop(away).book, { text: texts[0]!, by: 'scan', op: 'op1', day: today })).toMatchObject({ ok: false });
  expect(await shops.county.read(openVoucherSums)).toEqual({ waits: { n: 0, points: 0 }, lapsed: { n: 2, points: 5_000 } });
  expect((await shops.at('a1')).rights).toEqual({ [home]: 500, [away]: 5_000 });
  await nightAndDay(shops);
  expect(await open(shops)).toEqual([]);
  expect(await shops.at('a1')).toEqual({ main: 5_000, due: 0, overdraft: 0, rights: { [home]: 500 } });
  await nightAndDay(shops);
  expect((await shops.at('a1')).rights).toEqual({ [home]: 5_500 });
  await nightAndDay(shops);
  expect((await shops.at('a1')).rights).toEqual({ [home]: 5_500 }); // asked for once
  expect(shops.spend(home, 'a1', 5_500)).toEqual({ fromRights: 5_500, fromRoaming: 0 });
  expect((await checkBook(shops.county, 'whole')).filter(({ place, rule }) => place !== null && rule !== '26')).toEqual([]); // awards of no list
  for (const kiosk of [home, away]) {
    shops.shop(kiosk).book.close();
    expect(await verdictOn(shops.shop(kiosk).directory)).toEqual({ kind: 'true' });
  }
});

test('one that was taken stays where it is used, also where the county hears of it after the night', async () => {
  const { shops, texts } = await withVouchers(3_000, 2_000);
  await shops.night();
  expect(takeVoucher(shops.shop(away).book, { text: texts[1]!, by: 'scan', op: 'op1', day: today })).toMatchObject({ ok: true });
  for (let days = 0; days < 3; days += 1) await nightAndDay(shops);
  expect((await shops.at('a1')).rights).toEqual({ [home]: 3_500, [away]: 2_000 });
  expect(await open(shops)).toEqual([]);
});

test('where points wait for a voucher is said in Chinese', () => {
  const voucher = { kiosk: away, account: 'a1', number: 7, amount: 1_250 };
  expect(openVoucherText({ ...voucher, state: 'waits' }, '下水乡店')).toBe(
    '联网取用或积分凭证第 7 号（下水乡店）12.5 积分还没用：留在那家店，等它收下县里的下一份文件才作废',
  );
  expect(openVoucherText({ ...voucher, state: 'lapsed' }, '下水乡店')).toBe(
    '联网取用或积分凭证第 7 号（下水乡店）12.5 积分没用上，已作废：正在向那家店要回，交回后的夜里归到归属店',
  );
});
