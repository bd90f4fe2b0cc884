// The catalogue: codes that scan, names that can be found, prices in each county's way.

import { describe, expect, test } from 'vitest';
import { goodsMax, makeGoods } from '../../county/goods/make-goods.ts';
import { pictureKeys } from '../../db/model/picture-keys.ts';
import { shelves } from '../../county/goods/products.ts';
import { plans } from '../../county/schemes/by-name.ts';
import { isEan } from '../../db/model/barcode.ts';
import type { Goods } from '../../db/model/catalogue.ts';
import { downLine } from '../../db/model/down-file.ts';

const names = Object.keys(plans) as readonly (keyof typeof plans)[];

test('twenty thousand goods have codes of their own, each a whole in-store EAN-13', () => {
  const goods = makeGoods(20_000, plans.qiongjie);
  const codes = goods.flatMap((each) => (each.soldBy === 'weight' ? [] : each.codes));
  expect(codes.filter((code) => !(isEan(code) && /^2\d{12}$/.test(code)))).toEqual([]);
  expect(new Set(codes).size).toBe(codes.length);
  expect(new Set(goods.map((each) => each.id)).size).toBe(20_000);
  expect(new Set(goods.map((each) => `${each.zh} ${each.size}`)).size).toBe(20_000);
});

test('goods rows are what a kiosk takes, from the first to the last that the shelves make', () => {
  const all = makeGoods(goodsMax(), plans.tongyu);
  const looked = [...all.slice(0, 1_000), ...all.slice(-1_000)];
  const refused = looked.filter((goods) => !downLine.safeParse({ t: 'GOODS', goods }).success);
  expect(refused).toEqual([]);
});

test('a larger catalogue only adds to a smaller', () => {
  expect(makeGoods(900, plans.lanping).slice(0, 300)).toEqual(makeGoods(300, plans.lanping));
});

test('more goods than the shelves make is refused', () => {
  expect(() => makeGoods(goodsMax() + 1, plans.qiongjie)).toThrow(RangeError);
});

test('goods are found by the initials of their name', () => {
  const goods = makeGoods(300, plans.qiongjie);
  const initials = Object.fromEntries(
    ['洗洁精', '大米', '青稞', '砖茶', '暖水瓶', '长粒香米'].map((zh) => [zh, goods.find((each) => each.zh === zh)?.initials]),
  );
  expect(initials).toEqual({ 洗洁精: 'xjj', 大米: 'dm', 青稞: 'qk', 砖茶: 'zc', 暖水瓶: 'nsp', 长粒香米: 'clxm' });
});

test('goods are found by the pinyin of their name, spelled as it is typed and in the reading of the word', () => {
  const goods = makeGoods(2_000, plans.qiongjie);
  const pinyin = Object.fromEntries(['洗洁精', '大米', '长粒香米', '绿茶'].map((zh) => [zh, goods.find((each) => each.zh === zh)?.pinyin]));
  expect(pinyin).toEqual({ 洗洁精: 'xi jie jing', 大米: 'da mi', 长粒香米: 'chang li xiang mi', 绿茶: 'lv cha' });
  const apart = goods.filter(
    (each) =>
      each.pinyin
        ?.split(' ')
        .map((syllable) => syllable[0])
        .join('') !== each.initials,
  );
  expect(apart.map(({ zh, initials, pinyin }) => [zh, initials, pinyin])).toEqual([]);
});

test('Tibetan names are NFC, in Tibetan letters, and end without a mark', () => {
  const tibetan = shelves.flatMap((shelf) => shelf.products.flatMap(([, bo]) => (bo === null ? [] : [bo])));
  expect(tibetan.length).toBeGreaterThan(90);
  expect(tibetan.filter((bo) => bo.normalize('NFC') !== bo || !/^[\u0f40-\u0fbc\u0f0b]*[\u0f40-\u0fbc]$/.test(bo))).toEqual([]);
});

test('every picture key is on some shelf or is taken in at some desk', () => {
  const used = new Set(shelves.flatMap((shelf) => shelf.products.map(([, , picture]) => picture)));
  const taken = Object.values(plans).flatMap(({ scheme }) => scheme.recycling?.materials.map(({ picture }) => picture) ?? []);
  expect(pictureKeys.filter((key) => !used.has(key) && !taken.includes(key))).toEqual([]);
});

describe.each(names)('in %s', (name) => {
  const goods = makeGoods(300, plans[name]);
  const find = (zh: string): Goods => goods.find((each) => each.zh === zh)!;

  test('tobacco and alcohol are for money alone', () => {
    for (const zh of ['香烟', '啤酒', '白酒', '青稞酒', '葡萄酒'])
      expect(find(zh)).toMatchObject({ pointsAllowed: false, pricePoints: null, priceFen: expect.any(Number) as number });
    expect(goods.filter((each) => !each.pointsAllowed).every((each) => ['liquor', 'tobacco'].includes(each.picture))).toBe(true);
  });

  test('what can be had for points has a settlement price, and nothing else has', () => {
    for (const each of goods) expect([each.id, each.settlementFen === undefined]).toEqual([each.id, each.pricePoints === null]);
  });

  test('a price in points is whole steps of the scheme', () => {
    expect(goods.filter(({ pricePoints }) => pricePoints !== null && pricePoints % plans[name].scheme.pointsStep !== 0)).toEqual([]);
  });

  test('there are goods of every way of pricing, and one that is withdrawn', () => {
    const ways = new Set(
      goods.map(({ priceFen, pricePoints }) => [priceFen !== null && 'yuan', pricePoints !== null && 'points'].filter(Boolean).join('+')),
    );
    expect([...ways].toSorted()).toEqual(['points', 'yuan', 'yuan+points']);
    expect(goods.filter((each) => !each.onSale).map((each) => each.zh)).toEqual(['塑料袋']);
  });
});

test('loose goods are priced in yuan for a kilogram, and known by the number of every label layout', () => {
  const loose = names.map((name) => [
    name,
    ...makeGoods(300, plans[name]).flatMap(({ zh, bo, size, soldBy, priceFen, pricePoints, pointsAllowed, codes }) =>
      soldBy === 'weight' ? [[zh, bo, size, priceFen, pricePoints, pointsAllowed, codes]] : [],
    ),
  ]);
  const in_ = (...codes: readonly (readonly string[])[]) => [
    ['青稞', 'ནས', '散装', 680, null, true, codes[0] ?? []],
    ['土豆', 'ཞོག་ཁོག', '散装', 430, null, true, codes[1] ?? []],
    ['白菜', 'པད་ཚལ', '散装', 380, null, true, codes[2] ?? []],
  ];
  expect(loose).toEqual([
    ['qiongjie', ...in_(['2100039', '2200039'], ['2100086', '2200086'], ['2100088', '2200088'])],
    ['tongyu', ...in_(['230039'], ['230086'], ['230088'])],
    ['lanping', ...in_()],
    ['changyuan', ...in_()],
    ['zhenlai', ...in_()],
  ]);
});

test('the same towel costs what each county says', () => {
  const towel = names.map((name) => {
    const { priceFen, pricePoints } = makeGoods(300, plans[name]).find((each) => each.zh === '毛巾')!;
    return [name, priceFen, pricePoints];
  });
  expect(towel).toEqual([
    ['qiongjie', 790, 7900],
    ['tongyu', 790, 750],
    ['lanping', 790, 700],
    ['changyuan', 790, 3100],
    ['zhenlai', 790, 3900],
  ]);
});
