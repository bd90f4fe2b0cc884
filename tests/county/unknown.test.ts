// An account that the county does not know when a shop sells to it, and knows later: as after its book was put back from an old copy.

import { expect, onTestFinished, test } from 'vitest';
import { openExceptions } from '../../county/book/exceptions.ts';
import { addAccount } from '../../county/book/import-files.ts';
import { takeIn } from '../../county/book/intake.ts';
import { checkBook } from '../../county/book/invariants.ts';
import { threeWay } from '../../county/book/three-way.ts';
import { balanceOf } from '../../county/book/ledger.ts';
import { aPair, cut, uploadOf } from '../support/county-book.ts';
import { openDay } from '../support/closing.ts';
import { shop } from '../support/county.ts';
import { sell, today } from '../support/sell.ts';

test('what an unknown account roams is paid and raised, and keeps no later file of the shop from being posted', async () => {
  const { county, kiosk } = await aPair(onTestFinished);
  const { home, book } = kiosk;
  const send = async (): Promise<string> => (await takeIn(county, uploadOf(home, await cut(home, book)))).verdict;
  const roam = (points: number) => sell(book, { resident: '2', goods: [['2', 1]], chosenPoints: points });
  await county.transact(({ db }) => {
    for (const table of ['roam_line', 'given', 'account']) db.exec(`DELETE FROM ${table} WHERE account = 'a2'`);
  });
  openDay(book, today);
  roam(3_000);
  expect(await send()).toBe('ACCEPTED');
  await county.transact((act) => addAccount(act, { account: 'a2', home: 'qj-04', isActive: true }));
  roam(1_000);
  expect(await send()).toBe('ACCEPTED');
  const balances = await county.read((db) =>
    (['writeoff', 'suspense', 'due'] as const).map((account) => balanceOf(db, { account, holder: 'a2', at: shop.kiosk })),
  );
  expect(balances).toEqual([-3_000, 0, -1_000]);
  expect((await county.read(openExceptions)).map(({ code }) => code)).toEqual(['unknown_account', 'over_roaming_line']);
  expect((await checkBook(county, 'whole')).filter(({ place }) => place !== null)).toEqual([]);
  expect((await threeWay(county)).filter(({ what }) => what === 'roaming').map(({ outcome }) => outcome)).toEqual([
    { kind: 'differs', cause: 'refused', why: '3000 roamed by accounts that the county did not know, by its exceptions' },
  ]);
});
