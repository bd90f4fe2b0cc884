// Closing the day, its figures and settlements, in Chromium over the gallery's pretended engine: what each press asks of the engine, and
// what it does not.

import { expect, test } from 'vitest';
import { exceptionNames, fixedFigures } from '../../db/model/figures.ts';
import { exceptionFigure } from '../../renderer/screens/period-figures.ts';
import { calls, page, show, useGallery } from '../support/gallery-page.ts';

useGallery();

const looks = new Set(['snapshot', 'closingState', 'period', 'closings', 'settlements', 'eventsBehind', 'receiptPicture', 'searchGoods']);
const anyId: unknown = expect.stringMatching(/^[0-9a-f-]{36}$/); // made for the press

/** Everything but looking. */
async function acts(): Promise<{ readonly name: string; readonly args: unknown }[]> {
  return (await calls()).filter(({ name }) => !looks.has(name));
}

async function press(name: string): Promise<void> {
  await page.getByRole('button', { name, exact: true }).click();
}

const countId = '01938f6e-0000-7000-8000-000000000410';

/** Three hundreds and twelve tens. */
async function count(): Promise<void> {
  await press('3');
  await page.getByRole('button', { name: '10.00 元 × 0' }).click();
  await press('1');
  await press('2');
}

const counted = { name: 'countDrawer', args: { actId: anyId, purpose: 'closing', counts: [3, 0, 0, 12, 0, 0, 0, 0] } };

test('a day is closed by a count that is blind, a reason where it is short, and one call; what came of it is told', async () => {
  await show('closing-short');
  await press('再数一次');
  await press('清空');
  await count();
  expect(await page.getByText('账上应有').count()).toBe(0);
  await press('数好了');
  await page.getByText('少了').waitFor();
  const close = page.getByRole('button', { name: '日结', exact: true });
  expect(await close.isDisabled()).toBe(true);
  await press('找错了零钱');
  await close.click();
  await page.getByText('日结好了').waitFor();
  expect((await acts()).slice(1)).toEqual([counted, { name: 'closeDay', args: { actId: anyId, countId, reason: 'wrong_change' } }]);
  expect(await page.locator('main dd').allInnerTexts()).toEqual([
    '琼结-03-Z000042',
    '3,039.45 元',
    expect.stringContaining('42,865.50 元'),
    expect.stringContaining('其中积分商品（减退货） 2,360 积分'),
    expect.stringContaining('退货 5 次'),
    '32,845.00 元',
    expect.stringContaining('少了'),
  ]);
});

test('who is no owner closes with an owner’s leave for this day and this count', async () => {
  await show('closing-approval');
  await page.locator('[data-asks-pin]').waitFor();
  for (const digit of '864209') await page.locator('[data-asks-pin]').getByRole('button', { name: digit, exact: true }).click();
  await expect.poll(async () => (await acts()).length).toBe(4);
  const made = await acts();
  const { approvalId } = made[2]!.args as { readonly approvalId: string };
  expect(made.slice(1)).toEqual([
    { name: 'closeDay', args: { actId: anyId, countId, reason: null } },
    {
      name: 'approve',
      args: { approvalId: anyId, act: { kind: 'close_day', day: '2026-11-21', countId }, operatorId: 'o3', pin: '864209' },
    },
    { name: 'closeDay', args: { actId: anyId, countId, reason: null, approvalId } },
  ]);
});

test('while a day is being closed nothing else can be pressed, and it is not closed twice', async () => {
  await show('closing-working');
  await page.getByText('正在日结', { exact: false }).waitFor();
  await page.keyboard.press('Enter');
  const disabled = await page.locator('main button').evaluateAll((all) => all.map((each) => (each as HTMLButtonElement).disabled));
  expect([disabled.every(Boolean), (await acts()).filter(({ name }) => name === 'closeDay').length]).toEqual([true, 1]);
});

test('each thing in the way is told with a key that leads to it', async () => {
  const led: unknown[] = [];
  for (const key of ['去收银台', '去回收台', '去看挂单']) {
    await show('closing-obstacles');
    await press(key);
    led.push(...(await acts()));
  }
  expect(led).toEqual(['till', 'desk', 'till'].map((place) => ({ name: 'goTo', args: { place } })));
});

test('a forgotten day stands before a new shift, with its date, and nothing leads around it', async () => {
  await show('closing-forgotten');
  expect([
    await page.locator('main').getByText('2026年11月20日').count(),
    await page.getByRole('button', { name: '返回' }).count(),
  ]).toEqual([1, 0]);
  await press('帮助');
  await press('帮助');
  await page.getByText('这一天忘了日结').waitFor();
  await press('数钱箱');
  await count();
  await press('数好了');
  await expect.poll(acts).toEqual([counted]);
});

test('every fixed figure and every exception leads to the events behind it', async () => {
  await show('period');
  const opened: string[] = [];
  const sections = await page.locator('main nav button').count();
  for (let section = 0; section < sections; section++) {
    await page.locator('main nav button').nth(section).click();
    const figures = await page.locator('main li button').count();
    for (let i = 0; i < figures; i++) {
      const key = page.locator('main li button').nth(i);
      const name = await key.locator('[data-figure]').getAttribute('data-figure');
      await key.click();
      await page.getByText('报表上').waitFor();
      const asked = (await calls()).findLast((call) => call.name === 'eventsBehind');
      expect(asked?.args).toEqual({ number: null, figure: name, beforeSeq: null });
      opened.push(name!);
      await press('返回');
    }
  }
  const wanted = [...fixedFigures, ...exceptionNames.map(exceptionFigure)];
  expect(wanted.filter((name) => !opened.includes(name))).toEqual([]);
  expect(opened.length).toBe(new Set(opened).size);
});

test('the events behind a figure add up to it, once all are listed, and each leads to its paper', async () => {
  await show('period');
  await page.locator('main li button').nth(2).click();
  await page.getByRole('button', { name: '全部列出' }).waitFor();
  const sums = () => page.locator('[class*="sums"] p').allInnerTexts();
  const seen = [(await sums()).map((text) => text.replaceAll(/\s+/g, ' '))];
  await press('全部列出');
  await page.getByText('和报表上一样').waitFor();
  seen.push((await sums()).map((text) => text.replaceAll(/\s+/g, ' ')));
  expect(seen).toEqual([
    ['报表上 31,200 积分', '列出 30 条，加起来 23,400 积分'],
    ['报表上 31,200 积分', '列出 40 条，加起来 31,200 积分', '✓ 和报表上一样'],
  ]);
  await page.locator('main li button').first().click();
  await page.getByText('这张的图还没有画好', { exact: false }).waitFor();
  await page.locator('main li button').nth(8).click();
  await page.getByText('这件事没有小票。').waitFor();
  const pictures = (await calls()).filter(({ name }) => name === 'receiptPicture');
  expect(pictures).toEqual([{ name: 'receiptPicture', args: { saleId: '01938f6e-0000-7000-8000-000000034000' } }]);
});

test('where the events do not come to the figure, the page says so', async () => {
  await show('period-disagrees');
  expect(await page.getByRole('alert').innerText()).toBe('! 和报表对不上，请打电话给县里');
});

test('a closing of the list is opened as it was closed, with its proof', async () => {
  await show('closings');
  await press('看报表');
  await press('凭证');
  expect((await calls()).findLast(({ name }) => name === 'period')?.args).toEqual({ number: 42 });
  expect(await page.locator('main dd').allInnerTexts()).toEqual([
    'བསྟན་འཛིན་བློ་གྲོས་རྒྱ་མཚོ།，店主',
    '-1.00 · 0.00',
    '812 条',
    '34871 条',
    '9183 5334 2411',
    'q0mXlJ5cD8vWm3rQv8Yp2oZs1nT6uF4hE7gK9aB0cLM',
  ]);
});

test('a settlement is printed, saved where it is asked, and says where its files lie', async () => {
  await show('settlements');
  await page.locator('main').getByRole('button', { name: '打印' }).click();
  await press('存到 U 盘');
  await page.getByText('/media/usb/积分结算/琼结-03').waitFor();
  expect(await acts()).toEqual([
    { name: 'reprint', args: { actId: anyId, saleId: '01938f6e-0000-7000-8000-000000000700' } },
    { name: 'exportSettlement', args: { number: 42, place: 'stick' } },
  ]);
});

test('each payment of a settlement is told as what was paid by it, with all that was paid beside it', async () => {
  await show('settlements-month');
  const told = page.locator('[class*="beside"]');
  await told.getByText('3,039.45').waitFor();
  const rows = (await told.innerText()).replaceAll(/\s+/g, ' ');
  expect(rows).toContain('县里付了 3,039.45 元');
  expect(rows).toContain('编号 B0002 县里付了 1,000.00 元 一共付了 4,039.45 元');
});

test('the settlement of open days is made by the owner, by one act', async () => {
  await show('settlements');
  await press('出结算单…');
  await page.getByText('2026年11月19日 到 2026年11月21日，日结过的 3 天').waitFor();
  expect(await acts()).toEqual([]); // it asks first
  await press('先不出');
  await press('出结算单…');
  await press('出这张结算单');
  await expect.poll(acts).toEqual([{ name: 'prepareSettlement', args: { actId: anyId } }]);
});
