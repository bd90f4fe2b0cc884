// Goods that came back at a kiosk, in the county's book: the points go back where they came from, and the merchant has the rest.

import { expect, onTestFinished, test } from 'vitest';
import { openExceptions } from '../../county/book/exceptions.ts';
import { takeIn } from '../../county/book/intake.ts';
import { balanceOf } from '../../county/book/ledger.ts';
import { aKiosk } from '../support/book.ts';
import { openDay } from '../support/closing.ts';
import { aCounty, cut, introduce, uploadOf } from '../support/county-book.ts';
import { shop } from '../support/county.ts';
import { deskLines } from '../support/recycling.ts';
import { brought } from '../support/return-sale.ts';
import { sell, today } from '../support/sell.ts';

test('a return is posted: what was paid by rights is rights again', async () => {
  const county = aCounty(onTestFinished);
  const { home, book } = await aKiosk(onTestFinished, await deskLines());
  await introduce(county, home);
  openDay(book, today);
  const sale = sell(book, { resident: '1', goods: [['3', 2]] });
  if (typeof sale === 'string') throw new Error(sale);
  const back = brought(book, sale, [{ n: 0, quantity: 1 }]);
  expect(back).toMatchObject({ kind: 'RETURNED', amt: 1_500 });
  expect((await takeIn(county, uploadOf(home, await cut(home, book)))).verdict).toBe('ACCEPTED');
  expect(
    await county.read((db) => [
      balanceOf(db, { account: 'esc', holder: 'a1', at: shop.kiosk }),
      balanceOf(db, { account: 'red', at: shop.kiosk }),
      openExceptions(db),
    ]),
  ).toEqual([20_000 - 1_500, 1_500, []]);
});
