// A cashier types a few letters: how long until the tiles are there, among 20,000 goods, by way of the wire.

import { join } from 'node:path';
import { makeGoods, goodsMax } from '../../county/goods/make-goods.ts';
import { qiongjie } from '../../county/schemes/qiongjie.ts';
import type { Goods } from '../../db/model/catalogue.ts';
import { startEngine } from '../../electron/engine/engine.ts';
import { cashierPin } from '../support/county.ts';
import { noLimit, openPage } from '../support/pages.ts';
import { makeBenchHome } from './bench-till.ts';
import { type Bench, figuresOf, timedAsync } from './measure.ts';

const wanted = 20_000;

export const searchOf20k: Bench = {
  name: 'search-20k',
  async run({ quick, scratch }) {
    const catalogue = manyGoods();
    await makeBenchHome(join(scratch, 'home'), { residents: 1, more: catalogue });
    const engine = await startEngine({ home: join(scratch, 'home'), log: () => {}, callLimit: noLimit });
    const page = openPage((wire) => engine.attach(wire));
    await page.signIn({ operatorId: 'op1', pin: cashierPin });
    const ms: number[] = [];
    const samples = quick ? 200 : 1_000;
    for (let i = -50; i < samples; i += 1) {
      const { initials, pinyin = '', zh } = catalogue[(Math.abs(i) * 7_919) % catalogue.length]!; // a prime: goods of all shelves
      // as it is typed: initials, spelled out, and one in Chinese
      const query = [
        initials.slice(0, 1 + (Math.abs(i) % 3)),
        pinyin.replaceAll(' ', '').slice(0, 3 + (Math.abs(i) % 6)),
        initials,
        zh.slice(0, 2),
      ][Math.abs(i) % 4]!;
      const answered = await timedAsync(async () => {
        const { total } = await page.searchGoods({ query, category: null, offset: 0 });
        if (total === 0) throw new Error(`nothing is called ${query}`);
      });
      if (i >= 0) ms.push(answered);
    }
    await engine.close();
    return [
      {
        kind: 'measured',
        name: 'search-20k',
        measures: 'pinyin search in 20,000 goods, call to answer',
        unit: 'ms',
        figures: figuresOf(ms),
        against: null,
        goals: [{ of: 'p99', is: 'figure', atMost: 5 }],
      },
    ];
  },
};

/** The county's own catalogue, and again under other numbers until there are enough. */
function manyGoods(): readonly Goods[] {
  const made = makeGoods(Math.min(wanted, goodsMax()), qiongjie);
  return Array.from({ length: wanted }, (_, i) => {
    const like = made[i % made.length]!;
    return { ...like, id: `b${i}`, codes: [`21${String(i).padStart(11, '0')}`] };
  });
}
