// Roaming and rights with real kiosks and a real county: what was spent on a line is funded from the home, and only then the line is armed
// again; what the home cannot return is owed, and closes every line.

import { expect, onTestFinished, test } from 'vitest';
import { openExceptions } from '../../county/book/exceptions.ts';
import { type Upload, takeIn } from '../../county/book/intake.ts';
import { allowRoaming, moveHome } from '../../county/book/rights.ts';
import { issueVoucher } from '../../county/book/vouchers.ts';
import { points } from '../../db/model/amounts.ts';
import { sealVoucher } from '../../db/model/voucher.ts';
import { takeVoucher } from '../../db/vouchers.ts';
import { cut, dumpCounty, uploadOf } from '../support/county-book.ts';
import { fileKey } from '../support/county.ts';
import { type CountyShops, aCountyOfShops } from '../support/county-shops.ts';
import { spendingOf, today } from '../support/sell.ts';

const [home, near, town] = ['qj-03', 'qj-04', 'qj-05'] as const;

/** Account a1 is at home at qj-03 with some points, and may roam at two shops, up to 50 points at each. */
async function shopsWith(awarded: number): Promise<CountyShops> {
  const shops = await aCountyOfShops(onTestFinished, {
    kiosks: [home, near, town],
    homes: { a1: home },
    roamAt: [near, town],
    roamCap: 5_000,
  });
  await shops.award('a1', awarded);
  await exchange(shops, [home, near, town]);
  return shops;
}

const nothing = { fromRights: 0, fromRoaming: 0 };

/** A night: every kiosk named sends, the county makes its files, each hears its own. */
async function exchange(shops: CountyShops, kiosks: readonly string[]): Promise<void> {
  for (const kiosk of kiosks) expect(await shops.send(kiosk)).toMatchObject({ verdict: 'ACCEPTED', exceptions: 0, detail: '' });
  await shops.night();
  for (const kiosk of kiosks) await shops.hear(kiosk);
}

test('what was roamed at two shops is asked back at home, funded, and only then the lines are armed again', async () => {
  const shops = await shopsWith(12_000);
  expect([shops.spend(near, 'a1', 5_000), shops.spend(town, 'a1', 4_000)]).toEqual([
    { fromRights: 0, fromRoaming: 5_000 },
    { fromRights: 0, fromRoaming: 4_000 },
  ]);
  expect(shops.spend(near, 'a1', 100)).toEqual(nothing);
  await exchange(shops, [near, town]);
  expect(await shops.at('a1')).toEqual({ main: 0, due: -9_000, overdraft: 0, rights: { [home]: 12_000 } });
  expect(shops.spend(near, 'a1', 100)).toEqual(nothing); // its file came, but nothing is funded yet
  await shops.night();
  await shops.hear(home); // asks for 90 points
  expect(spendingOf(shops.shop(home).book, 'a1').counters).toMatchObject({ granted: 12_000, returned: 9_000 });
  await exchange(shops, [home]);
  expect(await shops.at('a1')).toEqual({ main: 0, due: 0, overdraft: 0, rights: { [home]: 3_000 } });
  await exchange(shops, [near, town]);
  expect(await shops.county.read(openExceptions)).toEqual([]);
  expect(shops.spend(near, 'a1', 3_000)).toEqual({ fromRights: 0, fromRoaming: 3_000 });
});

test('what the home cannot return is owed: every line closes, and the next awards pay it part by part before they open again', async () => {
  const shops = await shopsWith(8_000);
  shops.spend(near, 'a1', 5_000);
  shops.spend(town, 'a1', 3_000); // the county's balance that town was told lets no more
  shops.spend(home, 'a1', 6_000);
  await exchange(shops, [near, town, home]);
  await exchange(shops, [home]);
  expect(await shops.at('a1')).toEqual({ main: 0, due: 0, overdraft: -6_000, rights: {} });
  await exchange(shops, [home, near, town]);
  expect(shops.spend(town, 'a1', 100)).toEqual(nothing);
  await shops.award('a1', 4_000);
  await exchange(shops, [home, near, town]);
  expect(await shops.at('a1')).toEqual({ main: 0, due: 0, overdraft: -2_000, rights: {} });
  expect(spendingOf(shops.shop(town).book, 'a1').roamCap).toBe(0);
  await shops.award('a1', 5_000);
  await exchange(shops, [home, near, town]);
  expect(await shops.at('a1')).toEqual({ main: 0, due: 0, overdraft: 0, rights: { [home]: 3_000 } });
  expect([near, town].map((kiosk) => spendingOf(shops.shop(kiosk).book, 'a1').roamCap)).toEqual([5_000, 5_000]);
  expect(shops.spend(town, 'a1', 1_000)).toEqual({ fromRights: 0, fromRoaming: 1_000 });
});

test('rights of a voucher at another shop pay what is due before anybody is struck', async () => {
  const shops = await shopsWith(2_000);
  await shops.award('a1', 4_000);
  const signed = await issueVoucher(shops.county, { account: 'a1', kiosk: town, want: 4_000, by: 'li' });
  if (!signed.ok) throw new Error(signed.code);
  const taken = takeVoucher(shops.shop(town).book, { text: signed.value.text, by: 'scan', op: 'op1', day: today });
  expect(taken).toMatchObject({ ok: true }); // one that no till took goes home by itself (lapsed-vouchers.test.ts)
  await exchange(shops, [home, near, town]);
  expect([shops.spend(home, 'a1', 2_000), shops.spend(near, 'a1', 1_500)]).toEqual([
    { fromRights: 2_000, fromRoaming: 0 },
    { fromRights: 0, fromRoaming: 1_500 },
  ]);
  await exchange(shops, [home, near]); // what is due is asked back at home
  await exchange(shops, [home]); // which has nothing: the shop of the voucher is asked
  await exchange(shops, [town]);
  await exchange(shops, [town]);
  expect(await shops.at('a1')).toEqual({ main: 0, due: 0, overdraft: 0, rights: { [town]: 2_500 } });
  await exchange(shops, [near]);
  expect(shops.spend(near, 'a1', 500)).toEqual({ fromRights: 0, fromRoaming: 500 });
});

test('a move takes the rights along when the old home has returned them, and until then nothing is struck for the empty new one', async () => {
  const shops = await shopsWith(8_000);
  expect(await moveHome(shops.county, { account: 'a1', to: near, by: 'li' })).toEqual({ ok: true, value: null });
  expect(await moveHome(shops.county, { account: 'a1', to: near, by: 'li' })).toEqual({ ok: false, code: 'is_home' });
  shops.spend(town, 'a1', 2_000);
  await exchange(shops, [near, town]);
  await exchange(shops, [near, town]); // the old home is offline: the due waits for it
  expect(await shops.at('a1')).toEqual({ main: 0, due: -2_000, overdraft: 0, rights: { [home]: 8_000 } });
  expect(spendingOf(shops.shop(near).book, 'a1').roamCap).toBe(0);
  shops.spend(home, 'a1', 1_000); // what it was not asked for yet is still there
  await exchange(shops, [home]); // it hears of everything, and gives back
  await exchange(shops, [home, near, town]);
  expect(await shops.at('a1')).toEqual({ main: 0, due: 0, overdraft: 0, rights: { [near]: 5_000 } });
  await exchange(shops, [near, town, home]);
  expect(shops.spend(near, 'a1', 5_000)).toEqual({ fromRights: 5_000, fromRoaming: 0 });
  expect(spendingOf(shops.shop(home).book, 'a1').roamCap).toBe(5_000);
  expect(await shops.county.read(openExceptions)).toEqual([]);
});

test('a line keeps its place in the bound until its own kiosk says that it is closed, and what was spent on it until that is funded', async () => {
  const shops = await shopsWith(12_000);
  await shops.county.transact(({ db }) => void db.exec('UPDATE county SET roam_lines = 1'));
  const cap = (kiosk: string): number => spendingOf(shops.shop(kiosk).book, 'a1').roamCap;
  const setLine = (kiosk: string, to: number): Promise<void> =>
    shops.county.transact((act) => allowRoaming(act, { kiosk, account: 'a1' }, { cap: to, entry: act.enter('line', kiosk) }));
  await setLine(town, 0);
  await exchange(shops, [home, near, town]);
  await shops.send(town); // its line is closed, and its word is here
  await setLine(town, 5_000);
  await setLine(near, 0);
  expect(shops.spend(near, 'a1', 3_000)).toEqual({ fromRights: 0, fromRoaming: 3_000 });
  await shops.night();
  await shops.hear(town);
  expect([cap(near), cap(town)]).toEqual([5_000, 0]); // near is offline and may still roam
  await shops.hear(near);
  expect(shops.spend(near, 'a1', 100)).toEqual(nothing);
  await exchange(shops, [near, town]);
  expect(cap(town)).toBe(0); // 30 points are not funded: the home is offline
  await shops.hear(home);
  await exchange(shops, [home, town]);
  expect([cap(near), cap(town)]).toEqual([0, 5_000]);
  expect(await shops.county.read(openExceptions)).toEqual([]);
});

test('files that come again, and before their turn, change nothing that they did not change the first time', async () => {
  const shops = await shopsWith(12_000);
  const { home: place, book } = shops.shop(near);
  const before = await dumpBooks(shops);
  const files = [];
  for (const amount of [1_000, 2_000]) {
    shops.spend(near, 'a1', amount);
    files.push(uploadOf(place, await cut(place, book)));
  }
  const [first, second] = files as [Upload, Upload];
  expect((await takeIn(shops.county, second)).verdict).toBe('GAP');
  expect(await dumpBooks(shops)).toBe(before);
  expect((await takeIn(shops.county, first)).verdict).toBe('ACCEPTED'); // and the one that waited with it
  const after = await dumpBooks(shops);
  for (const again of [second, first, second, first]) expect((await takeIn(shops.county, again)).verdict).toBe('DUPLICATE');
  expect(await dumpBooks(shops)).toBe(after);
  expect(await shops.at('a1')).toMatchObject({ due: -3_000 });
});

test('a voucher is rights at its kiosk from the moment it was given: scanned or not it counts once, and one that nobody gave is asked about', async () => {
  const shops = await shopsWith(2_000);
  const { book } = shops.shop(town);
  await shops.award('a1', 3_000);
  const give = async (want: number): Promise<string> => {
    const given = await issueVoucher(shops.county, { account: 'a1', kiosk: town, want, by: 'li' });
    if (!given.ok) throw new Error(given.code);
    return given.value.text;
  };
  const [scanned, kept] = [await give(1_000), await give(500)];
  const scan = (text: string) => takeVoucher(book, { text, by: 'scan', op: 'op1', day: today });
  expect(scan(scanned)).toMatchObject({ ok: true });
  expect(shops.spend(town, 'a1', 1_000)).toEqual({ fromRights: 1_000, fromRoaming: 0 });
  await exchange(shops, [town]);
  expect(await shops.newest(town)).toContainEqual({ t: 'GRANT', a: 'a1', g: 1_500, v: 2 });
  expect([scan(scanned), scan(kept)].map((outcome) => !outcome.ok && outcome.code)).toEqual(['voucher_used', 'voucher_used']);
  expect(shops.spend(town, 'a1', 500)).toEqual({ fromRights: 500, fromRoaming: 0 });
  const said = { county: '540525', kiosk: town, accountId: 'a1', number: 3, amount: points(700) };
  expect(scan(sealVoucher(said, fileKey))).toMatchObject({ ok: true });
  expect(await shops.send(town)).toMatchObject({ verdict: 'ACCEPTED', exceptions: 1 });
  expect(await shops.county.read(openExceptions)).toMatchObject([{ code: 'unknown_voucher', detail: 'a1 3 of 700', owner: 'committee' }]);
});

/** Everything but which files came and how they were answered. */
async function dumpBooks({ county }: CountyShops): Promise<string> {
  const parts = (await dumpCounty(county)).split('\n\n');
  return parts.filter((part) => !/^\n?(up_file|answer)\n/.test(part)).join('\n\n');
}
