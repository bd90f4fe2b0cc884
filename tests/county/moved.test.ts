// What the page of a night shows: the points that were asked back of a home, and those that it gave back.

import { expect, onTestFinished, test } from 'vitest';
import { percent } from '../../county/pages/exposure.ts';
import { downWords, movesPoints, upWords } from '../../county/pages/night-picture.ts';
import { type Moved, whatMoved } from '../../county/serve/moved.ts';
import { prepared, type ReadableDatabase } from '../../db/sqlite.ts';
import { type CountyShops, aCountyOfShops } from '../support/county-shops.ts';

const [home, near] = ['qj-03', 'qj-04'] as const;

test('roaming at another shop is asked back of the home in one night, and the home gives it back in the next', async () => {
  const shops = await aCountyOfShops(onTestFinished, { kiosks: [home, near], homes: { a1: home }, roamAt: [near], roamCap: 5_000 });
  await shops.award('a1', 12_000);
  await nightOf(shops, [home, near]);
  for (const kiosk of [home, near]) await shops.hear(kiosk);
  expect(shops.spend(near, 'a1', 300)).toEqual({ fromRights: 0, fromRoaming: 300 });
  expect(wordsOf(await nightOf(shops, [near]))).toEqual({
    up: [[near, ['1 笔销售，兑换 3 积分']]],
    down: [
      [home, ['要求 1 户还回额度 3 积分']],
      [near, ['没有动积分']],
    ],
  });
  await shops.hear(home);
  expect(wordsOf(await nightOf(shops, [home]))).toEqual({
    up: [[home, ['还回额度 3 积分']]],
    down: [
      [home, ['没有动积分']],
      [near, ['漫游结清 3 积分']],
    ],
  });
  const last = await nightOf(shops, []);
  expect(last.down.filter(movesPoints)).toEqual([]); // what was answered is not asked again
});

test('a share below one in a hundred is neither nothing nor one', () => {
  expect([percent(0, 420_000), percent(320, 420_000), percent(4_200, 420_000), percent(4_201, 420_000), percent(0, 0)]).toEqual([
    '0%',
    '不到 1%',
    '1%',
    '2%',
    '0%',
  ]);
});

/** Some send, the county makes its files; nobody hears yet. */
async function nightOf(shops: CountyShops, senders: readonly string[]): Promise<Moved> {
  const before = await shops.county.read(newestEntry);
  for (const kiosk of senders) expect(await shops.send(kiosk)).toMatchObject({ verdict: 'ACCEPTED' });
  const night = await shops.county.read(newestEntry);
  const outcomes = await shops.night();
  return shops.county.read((db) => whatMoved(db, { before, night, outcomes }));
}

const newestEntry = (db: ReadableDatabase): number =>
  prepared<[], { entry: number }>(
    db,
    'SELECT max(entry) AS entry FROM (SELECT entry FROM act UNION ALL SELECT entry FROM event) AS every',
  ).get()!.entry;

function wordsOf({ up, down }: Moved) {
  return { up: up.map((each) => [each.kiosk, upWords(each)]), down: down.map((each) => [each.kiosk, downWords(each)]) };
}
