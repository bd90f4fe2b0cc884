// Finding goods as a cashier does: by the initials of their pinyin, a part of their name, the start of their code.

import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { DownLine } from '../../../db/model/down-file.ts';
import { goods } from '../../support/county.ts';
import { type Till, aTill, atWork } from '../../support/till.ts';

/** Beside 洗洁精 (1), 青稞 5kg (2) and 水杯 (3) of the small county. */
const shelf: readonly DownLine[] = [
  { t: 'GOODS', goods: goods('4', { zh: '洗衣粉', bo: 'གོས་བཀྲུ་ཕྱེ་མ', size: '1kg', initials: 'xyf', codes: ['6901234567892'] }) },
  { t: 'GOODS', goods: goods('5', { zh: '洗手液', size: '5kg', initials: 'xsy', onSale: false }) },
  { t: 'GOODS', goods: goods('6', { zh: '新洗洁布', size: '', initials: 'xxjb', category: 'kitchen', picture: 'towel' }) },
  { t: 'GOODS', goods: goods('7', { zh: '大米', size: '10kg', initials: 'dm', pinyin: 'da mi', category: 'grain', picture: 'rice' }) },
  { t: 'GOODS', goods: goods('8', { zh: '长粒香米', size: '', initials: 'clxm', pinyin: 'chang li xiang mi', category: 'grain' }) },
  { t: 'GOODS', goods: goods('9', { zh: '绿茶', size: '', initials: 'lc', pinyin: 'lv cha', category: 'drink', picture: 'tea' }) },
];

/** One till for what only looks. */
let till: Till;
const ends: (() => Promise<void>)[] = [];
beforeAll(async () => {
  till = await atWork(await aTill((end) => ends.push(end), shelf));
});
afterAll(async () => {
  for (const end of ends.toReversed()) await end();
});

test.each<readonly [string, string, 'cleaning' | null, readonly string[]]>([
  ['initials', 'xjj', null, ['1']],
  ['the beginning of initials, then what only contains them', 'xj', null, ['1', '6']],
  ['initials in capitals', 'XYF', null, ['4']],
  ['one letter', 'q', null, ['2']],
  ['a part of the Chinese name, those that begin with it first', '洗', null, ['1', '4', '6']],
  ['a syllable of the Tibetan name', 'བཀྲུ', null, ['4']],
  ['the beginning of a code', '690123', null, ['4']],
  ['a whole code', '2000000000002', null, ['2']],
  ['two digits, which are a size and no code', '20', null, []],
  ['a size', '5kg', null, ['2']],
  ['nothing, in a category', '', 'cleaning', ['1', '4']],
  ['initials, in a category', 'x', 'cleaning', ['1', '4']],
  ['pinyin spelled out', 'dami', null, ['7']],
  ['the beginning of it, with the spaces that some type', 'Chang li x', null, ['8']],
  ['a later syllable, but not from within one', 'mi', null, ['7', '8']],
  ['letters from within a syllable', 'ang', null, []],
  ['pinyin with ü, as it is typed', 'lv', null, ['9']],
  ['and as it is written', 'lücha', null, ['9']],
  ['nothing at all', '', null, ['1', '2', '3', '4', '6', '7', '8', '9']],
  ['what nobody sells', '飞机', null, []],
  ['a pattern of another language', '%', null, []],
])('by %s', async (_what, query, category, wanted) => {
  const { tiles, total } = await till.call.searchGoods({ query, category, offset: 0 });
  expect({ ids: tiles.map(({ id }) => id), total }).toEqual({ ids: wanted, total: wanted.length });
});

test('what was found is added as it is, by its picture', async () => {
  const { tiles } = await till.call.searchGoods({ query: 'qk', category: null, offset: 0 });
  expect(tiles).toEqual([
    {
      id: '2',
      zh: '青稞',
      bo: null,
      size: '5kg',
      category: 'grain',
      picture: 'barley',
      soldBy: 'piece',
      priceFen: 3_000,
      pricePoints: null,
    },
  ]);
  expect(await till.call.addGoods({ goodsId: tiles[0]!.id })).toMatchObject({ code: 'line_added', subject: '青稞' });
  await till.until(({ cart }) => cart.quote.totalFen === 3_000);
});

test('more than a screen holds comes in pages, each goods once', async () => {
  const many = Array.from({ length: 130 }, (_, i): DownLine => ({ t: 'GOODS', goods: goods(String(100 + i), { initials: 'zzz' }) }));
  const till = await atWork(await aTill(onTestFinished, many));
  const ids: string[] = [];
  for (const offset of [0, 60, 120, 180]) {
    const { tiles, total } = await till.call.searchGoods({ query: 'zzz', category: null, offset });
    expect(total).toBe(130);
    ids.push(...tiles.map(({ id }) => id));
  }
  expect([ids.length, new Set(ids).size]).toEqual([130, 130]);
});
