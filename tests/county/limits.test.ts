// What is beyond a bound and was told to a person is no break of the book; what goes beyond that is, whatever was answered before.

import { expect, onTestFinished, test } from 'vitest';
import { checkAfterNight } from '../../county/book/after-night.ts';
import { answerException, openExceptions } from '../../county/book/exceptions.ts';
import { takeIn } from '../../county/book/intake.ts';
import { checkBook } from '../../county/book/invariants.ts';
import type { CountyBook } from '../../county/book/county-book.ts';
import { aPair, cut, uploadOf } from '../support/county-book.ts';
import { openDay } from '../support/closing.ts';
import { sell, today } from '../support/sell.ts';

async function rule3(county: CountyBook): Promise<string | null | undefined> {
  return (await checkBook(county, 'tables')).find(({ rule }) => rule === '3')?.place;
}

function details(county: CountyBook): Promise<readonly string[]> {
  return county.read((db) => openExceptions(db).map(({ detail }) => detail));
}

async function answerAll(county: CountyBook): Promise<void> {
  for (const { number } of await county.read(openExceptions)) await answerException(county, { number, by: 'li', text: 'seen' });
}

test('roaming beyond the bound of a kiosk that was raised, and answered, excuses that and no more', async () => {
  const { county, kiosk } = await aPair(onTestFinished);
  const { home, book } = kiosk;
  await county.transact(({ db }) => void db.exec('UPDATE kiosk SET roaming_cap = 1000'));
  openDay(book, today);
  for (const points of [3_000, 500]) {
    sell(book, { resident: '2', goods: [['2', 1]], chosenPoints: points });
    expect((await takeIn(county, uploadOf(home, await cut(home, book)))).verdict).toBe('ACCEPTED');
  }
  expect(await details(county)).toEqual(['3000 of 1000', '3500 of 1000']);
  await answerAll(county);
  expect(await rule3(county)).toBeNull();
  await county.transact(({ db }) => void db.exec(`UPDATE balance SET amount = amount - 1 WHERE account = 'due'`));
  expect(await rule3(county)).toBe('qj-03: 3501 unsettled of 1000');
});

test('a break that people answered and that is there still is raised again, one at a time', async () => {
  const { county } = await aPair(onTestFinished);
  await county.transact(({ db }) => void db.exec(`UPDATE balance SET amount = amount + 1 WHERE account = 'esc' AND holder = 'a1'`));
  for (let n = 0; n < 2; n += 1) await checkAfterNight(county);
  const first = await details(county);
  await answerAll(county);
  for (let n = 0; n < 2; n += 1) await checkAfterNight(county);
  const second = await details(county);
  await answerAll(county);
  await checkAfterNight(county);
  expect(first.length).toBeGreaterThan(0);
  expect(second).toEqual(first.map((detail) => `${detail}; still so, answered before: 1`));
  expect(await details(county)).toEqual(first.map((detail) => `${detail}; still so, answered before: 2`));
});
