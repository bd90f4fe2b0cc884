// Goods that come back, in Chromium over the gallery's pretended engine: what the page asks of the engine, and what it says is to be
// handed over.

import { expect, test } from 'vitest';
import { calls, page, show, useGallery } from '../support/gallery-page.ts';

useGallery();

const anyId: unknown = expect.stringMatching(/^[0-9a-f-]{36}$/); // made for the press
const saleId = '01938f6e-0000-7000-8000-000000000045';

async function acts(...names: readonly string[]): Promise<unknown[]> {
  return (await calls()).filter(({ name }) => names.includes(name)).map(({ args }) => args);
}

async function press(name: string): Promise<void> {
  await page.getByRole('button', { name, exact: true }).first().click();
}

test('a number typed finds the receipt; pieces chosen one by one are quoted; reason and leave make one return', async () => {
  await show('return-empty');
  expect((await acts('findReceipt'))[0]).toEqual({ text: '45' });
  await page.getByText('按“+”选要退几件').waitFor();
  await press('多退一件');
  await page.getByText('66.40').waitFor();
  expect((await acts('quoteReturn')).at(-1)).toEqual({ saleId, lines: [{ n: 0, quantity: 1 }] });
  await press('下一步：为什么退');
  await page.getByRole('button', { name: '东西坏了、有毛病' }).click();
  await page.locator('[data-asks-pin]').waitFor();
  expect(await acts('returnGoods')).toEqual([]);
  for (const digit of '864209') await page.locator('[data-asks-pin]').getByRole('button', { name: digit, exact: true }).click();
  await page.getByText('退 66.40 元现金给顾客').waitFor();
  await page.getByText('596.7 积分已经退回卡里').waitFor();
  expect(await acts('approve', 'returnGoods')).toMatchObject([
    { act: { kind: 'return', saleId, digest: 'gallery', points: 59_670, moneyFen: 6_640 } },
    {
      actId: anyId,
      saleId,
      lines: [{ n: 0, quantity: 1 }],
      reason: 'faulty',
      shown: { points: 59_670, cashFen: 6_640, otherFen: 0, digest: 'gallery' },
      approvalId: anyId,
    },
  ]);
  await press('返回');
  await page.getByText('点一笔，看小票').waitFor();
});

test('a return that was not answered yet is asked for once, and the key waits', async () => {
  await show('return-silent');
  await page.getByText('正在退…').waitFor();
  expect(await acts('returnGoods')).toHaveLength(1);
  expect(await page.locator('main button:disabled').count()).toBe(1);
});

test('begins from the list too, and goods that all came back cannot be chosen again', async () => {
  await show('return-number');
  await press('返回');
  await page.locator('main li button').first().click();
  await press('退货…');
  await page.getByText('都退过了').waitFor();
  expect((await acts('findReceipt'))[0]).toEqual({ saleId: '01938f6e-0000-7000-8000-000000000100' });
  expect(await page.getByRole('button', { name: '多退一件' }).count()).toBe(4);
});

test('a number that is none says so, and stays to be looked at', async () => {
  await show('return-none');
  await page.getByText('没有这张小票。').waitFor();
  await page.getByText('小票号的最后几位是什么？').waitFor();
});

test('a drawer that is short says so, and what was chosen stays', async () => {
  await show('return-drawer-short');
  await page.getByText('钱箱里没有这么多钱。').waitFor();
  await page.getByText('66.40').waitFor();
});

test('with the largest text the lines and what is paid back stand one below the other, and the largest letters rearrange a screen at once', async () => {
  await show('return-all', { language: 'bo', text: '150' });
  const boxes = await page.evaluate(() =>
    [...document.querySelectorAll('main > section, main > div')].map((part) => part.getBoundingClientRect().toJSON() as DOMRect),
  );
  expect(boxes).toHaveLength(2);
  expect(boxes[1]!.top).toBeGreaterThanOrEqual(boxes[0]!.bottom);
  // Chromium asked a container again when its width changed, and not when the letters of the root grew: figures lay under the keys
  await show('hand-over-typed', { language: 'bo', text: '150' });
  const columns = await page.evaluate(() => getComputedStyle(document.querySelector('main li dl')!.parentElement!).gridTemplateColumns);
  expect(columns.split(' ')).toHaveLength(1);
});
