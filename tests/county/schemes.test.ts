// The five schemes: whole, exact, and as their reports say.

import { describe, expect, test } from 'vitest';
import { makeGoods } from '../../county/goods/make-goods.ts';
import { plans } from '../../county/schemes/by-name.ts';
import { points, worthFen } from '../../db/model/amounts.ts';
import { downLine, downLineBytesMax } from '../../db/model/down-file.ts';
import { checkScheme } from '../../db/model/scheme.ts';

describe.each(Object.entries(plans))('the scheme of %s', (name, plan) => {
  test('is whole, and named as it is asked for', () => {
    checkScheme(plan.scheme);
    expect(plan.scheme.id).toBe(name);
  });

  test('comes to a kiosk as it was written', () => {
    const line = { t: 'SCHEME', scheme: plan.scheme };
    expect(downLine.parse(JSON.parse(JSON.stringify(line)))).toEqual(line);
    expect(Buffer.byteLength(JSON.stringify(line))).toBeLessThan(downLineBytesMax);
  });

  test('has shares that make a thousand', () => {
    const sum = (shares: readonly number[]): number => shares.reduce((total, share) => total + share, 0);
    expect([sum(plan.people.groupPermille), sum(plan.balances.bands.map((band) => band.permille))]).toEqual([1000, 1000]);
    expect(plan.people.groupPermille).toHaveLength(plan.scheme.groups.length);
  });

  test('has 25 places that differ', () => {
    const places = [...plan.markets, ...plan.villages];
    expect([plan.markets.length, plan.villages.length, new Set(places).size]).toEqual([5, 20, 25]);
  });
});

test('a point is worth what its report says, and a step of points is whole fen', () => {
  const worth = Object.fromEntries(
    Object.entries(plans).map(([name, { scheme }]) => [
      name,
      scheme.pointValueFen === null
        ? null
        : { point: worthFen(points(100), scheme.pointValueFen), step: worthFen(scheme.pointsStep, scheme.pointValueFen) },
    ]),
  );
  expect(worth).toEqual({
    qiongjie: { point: 10, step: 10 },
    tongyu: { point: 100, step: 50 },
    lanping: null,
    changyuan: null,
    zhenlai: null,
  });
});

test('roaming limits are those of a one-yuan point, scaled to what a point is worth (reconciliation.md R3)', () => {
  const inYuan = (name: 'qiongjie' | 'tongyu', value: number): readonly number[] => {
    const { scheme, roamCap, townKioskCap } = plans[name];
    return [roamCap, scheme.roaming.saleCapPoints, scheme.roaming.kioskCapPoints, townKioskCap].map((amount) => (amount / 100) * value);
  };
  expect(inYuan('qiongjie', 0.1)).toEqual([50, 100, 1500, 6000]);
  expect(inYuan('tongyu', 1)).toEqual([50, 100, 1500, 6000]);
});

test('each county settles as its report says, and the budget of 琼结 is the one it tells (schemes.md R26, R29)', () => {
  const told = Object.fromEntries(
    Object.entries(plans).map(([name, plan]) => [
      name,
      [plan.scheme.settlement?.cycle ?? null, 'budget' in plan ? plan.budget.yearFen : null],
    ]),
  );
  expect(told).toEqual({
    qiongjie: ['month', 120_000_000],
    tongyu: ['day', null],
    lanping: [null, null],
    changyuan: [null, null],
    zhenlai: ['month', null],
  });
});

test('only the cadres of 琼结 are outside their scheme (schemes.md R11)', () => {
  const outside = Object.values(plans).flatMap(({ scheme }) => scheme.groups.filter((group) => !group.mayRedeem).map((group) => group.zh));
  expect(outside).toEqual(['机关干部']);
});

test('what a day of recycling may earn is 50 yuan a resident and 2,000 yuan a kiosk (reconciliation.md R3), but in 镇赉', () => {
  const caps = Object.entries(plans).map(([name, { scheme }]) => [name, scheme.recycling?.accountDayCap, scheme.recycling?.kioskDayCap]);
  expect(caps).toEqual([
    ['qiongjie', 500_00, 20_000_00],
    ['tongyu', 50_00, 2_000_00],
    ['lanping', undefined, undefined],
    ['changyuan', undefined, undefined],
    ['zhenlai', 20_000_00, 40_000_00], // R15: 12,700 points in one credit
  ]);
});

test('12,700 points buy a freezer and a rice cooker in 镇赉 (schemes.md R3)', () => {
  const goods = makeGoods(1_000, plans.zhenlai);
  const price = (zh: string): number => goods.find((each) => each.zh === zh)!.pricePoints!;
  expect(price('冰柜') + price('电饭煲')).toBeLessThanOrEqual(12_700_00);
});
