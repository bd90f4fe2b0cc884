// The roster made row by row: whole, without doubles, shaped like the reports.

import { describe, expect, test } from 'vitest';
import { demoTagKey } from '../../county/keys.ts';
import { type County, accountsOf, homesRoamingAt, rangeOf, residentsOf, roamingStores, shopOf } from '../../county/roster.ts';
import { plans } from '../../county/schemes/by-name.ts';
import type { PlanName } from '../../county/schemes/by-name.ts';

function aCounty(name: PlanName, stores = 25, residents = 5_000): County {
  const plan = plans[name];
  return { plan, seed: 1, stores, residents, tagKey: demoTagKey(plan.code, 1) };
}

const everyStore = (county: County): readonly number[] => Array.from({ length: county.stores }, (_, store) => store);

describe.each(Object.keys(plans) as readonly PlanName[])('the roster of %s', (name) => {
  const county = aCounty(name);
  const residents = everyStore(county).flatMap((store) => [...residentsOf(county, store)]);
  const accounts = everyStore(county).flatMap((store) => [...accountsOf(county, store)]);

  test('has as many people as were asked for, each with an id, a tag and an account that exists', () => {
    const ids = new Set(accounts.map((account) => account.id));
    expect([residents.length, new Set(residents.map(({ id }) => id)).size, new Set(residents.map(({ tag }) => tag)).size]).toEqual([
      5_000, 5_000, 5_000,
    ]);
    expect(residents.filter(({ accountId }) => !ids.has(accountId))).toEqual([]);
    expect(new Set(residents.map(({ accountId }) => accountId)).size).toBe(accounts.length);
  });

  test('holds its points by the person or by the household', () => {
    const perAccount = residents.length / accounts.length;
    if (county.plan.scheme.accountKind === 'person') expect(perAccount).toBe(1);
    else expect(perAccount).toBeGreaterThan(2);
  });

  test('has one account at the top and most between nothing and a thousand points', () => {
    const balances = accounts.map(({ balance }) => balance).toSorted((a, b) => b - a);
    expect(balances[0]).toBe(county.plan.balances.top);
    expect(balances.filter((balance) => balance <= 100_000).length / balances.length).toBeGreaterThan(0.8);
  });
});

test('half points are common in 通榆 and rare in 琼结', () => {
  const share = (name: PlanName): number => {
    const county = aCounty(name);
    const accounts = everyStore(county).flatMap((store) => [...accountsOf(county, store)]);
    return accounts.filter(({ balance }) => balance % 100 !== 0).length / accounts.length;
  };
  expect(share('tongyu')).toBeGreaterThan(0.3);
  expect(share('qiongjie')).toBeLessThan(0.1);
});

test('琼结 has five supermarkets and twenty villages, each kiosk with a number of its own', () => {
  const county = aCounty('qiongjie');
  const shops = everyStore(county).map((store) => shopOf(county, store));
  expect(shops.filter((shop) => shop.zh.endsWith('文明超市'))).toHaveLength(5);
  expect(new Set(shops.map((shop) => shop.zh)).size).toBe(25);
  expect(shops.slice(0, 2)).toEqual([
    {
      county: '540525',
      countyZh: '琼结县',
      countyBo: 'འཕྱོངས་རྒྱས་རྫོང',
      store: 'QJ-S01',
      zh: '琼结镇白日社区文明超市',
      bo: 'འཕྱོངས་རྒྱས་རྫོང་ཚོང་ཁང་ཨང 01',
      kiosk: 'QJ-01',
      isDemo: true,
      merchantSharePermille: 20,
    },
    {
      county: '540525',
      countyZh: '琼结县',
      countyBo: 'འཕྱོངས་རྒྱས་རྫོང',
      store: 'QJ-S02',
      zh: '加麻乡昌嘎村文明积分兑换点',
      bo: 'འཕྱོངས་རྒྱས་རྫོང་ཚོང་ཁང་ཨང 02',
      kiosk: 'QJ-02',
      isDemo: true,
    },
  ]);
});

test.each([1, 2, 3, 4, 25, 107])(
  'in a county of %i shops an account roams at no more than three, never at home, and always in the town',
  (stores) => {
    for (let home = 0; home < stores; home += 1) {
      const roams = roamingStores(stores, home);
      expect(roams.length).toBeLessThanOrEqual(3);
      expect(roams).not.toContain(home);
      if (home !== 0) expect(roams).toContain(0);
      for (const store of roams) expect(homesRoamingAt(stores, store)).toContain(home);
    }
  },
);

test.each([
  [1, 20],
  [25, 500],
  [350, 796_000],
])('%i shops share %i people without a gap', (stores, residents) => {
  const county = aCounty('qiongjie', stores, residents);
  const ranges = everyStore(county).map((store) => rangeOf(county, store));
  expect(ranges.reduce((next, { first, count }) => (first === next ? next + count : NaN), 0)).toBe(residents);
  expect(Math.min(...ranges.map(({ count }) => count))).toBeGreaterThanOrEqual(11);
});

test('another seed is other people', () => {
  const names = (seed: number): readonly string[] => [...residentsOf({ ...aCounty('qiongjie'), seed }, 0)].map(({ name }) => name);
  expect(names(1)).toEqual(names(1));
  expect(names(1)).not.toEqual(names(2));
});
