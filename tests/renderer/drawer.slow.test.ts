// The drawer and the carts put aside, in Chromium over the gallery's pretended engine: what the page asks of the engine, what it shows
// before a count and after it, and that a hand on the screen is told to a till about to lock itself.

import { expect, test } from 'vitest';
import { calls, page, show, useGallery } from '../support/gallery-page.ts';

useGallery();

const looks = new Set(['snapshot', 'searchGoods', 'receiptPicture']);
const anyId: unknown = expect.stringMatching(/^[0-9a-f-]{36}$/); // made for the press

async function acts(): Promise<readonly { readonly name: string; readonly args: unknown }[]> {
  return (await calls()).filter(({ name }) => !looks.has(name));
}

const press = (name: string): Promise<void> => page.getByRole('button', { name, exact: true }).click();

test('a no-sale is one touch for its reason, and is said to be on record', async () => {
  await show('drawer-no-sale');
  await press('换零钱');
  await page.getByText('钱箱开过了，已经记下。').waitFor();
  expect(await acts()).toEqual([{ name: 'noSale', args: { actId: anyId, reason: 'change' } }]);
});

test('cash goes out only for an amount and a reason, and then asks who allows exactly that', async () => {
  await show('drawer-out');
  const confirm = page.getByRole('button', { name: '取出 99,999.50 元' });
  expect(await confirm.isDisabled()).toBe(true);
  await press('存银行');
  await confirm.click();
  await page.locator('[data-asks-pin]').waitFor();
  expect(await acts()).toEqual([
    { name: 'moveCash', args: { actId: anyId, direction: 'out', fen: 9_999_950, reason: 'bank', note: '', approvalId: undefined } },
  ]);
});

test('a count is blind: the pieces go to the engine, and only then the page shows what should be there', async () => {
  await show('drawer-count');
  expect(await page.getByText('账上应有').count()).toBe(0);
  await press('多一张 5.00 元');
  await press('数完了');
  await page.getByText('账上应有').waitFor();
  expect(await acts()).toEqual([{ name: 'countDrawer', args: { actId: anyId, purpose: 'check', counts: [12, 3, 0, 0, 1, 0, 0, 0] } }]);
});

test('a hand-over with a difference waits for its reason, then is one call that names the count', async () => {
  await show('drawer-hand-over');
  const done = page.getByRole('button', { name: '交班，退出' });
  expect(await done.isDisabled()).toBe(true);
  await press('找错了零钱');
  await done.click();
  await expect.poll(async () => (await acts()).length).toBe(2);
  expect((await acts())[1]).toEqual({
    name: 'closeShift',
    args: { actId: anyId, countId: '01938f6e-0000-7000-8000-000000000051', reason: 'wrong_change' },
  });
});

test('a cart is put aside by its key, taken up by a touch, and given up by two', async () => {
  await show('till-held');
  await page.keyboard.press('Insert');
  await expect.poll(acts).toEqual([{ name: 'holdSale', args: { heldId: anyId } }]);
  await show('till-held-empty');
  await page.getByRole('button', { name: /洗洁精.*取回/ }).click();
  const drop = page.getByRole('button', { name: '删掉' }).first();
  await drop.click();
  expect((await acts()).map(({ name }) => name)).toEqual(['resumeSale']);
  await page.getByRole('button', { name: '再按一次' }).click();
  await expect.poll(async () => (await acts()).map(({ name }) => name)).toEqual(['resumeSale', 'dropHeld']);
});

test('a till about to lock itself counts the seconds, and any touch says that somebody is there', async () => {
  await show('till-locks');
  await page.getByText(/秒后自动锁上/).waitFor();
  await press('我还在');
  await expect.poll(acts).toEqual([{ name: 'stillHere', args: undefined }]);
});

test('a float beyond all change money is asked about once', async () => {
  await show('open-shift-large'); // 9,900 yuan, and Enter was struck
  expect(await acts()).toEqual([]);
  await press('是 9,900.00 元，开班');
  await expect.poll(acts).toMatchObject([{ name: 'openShift', args: { floatFen: 990_000 } }]);
});

test('after a hand-over what was counted is the float in one touch', async () => {
  await show('open-shift-handed-over');
  await press('就用 1,112.50 元');
  await press('开班');
  await expect
    .poll(acts)
    .toEqual([{ name: 'openShift', args: { actId: anyId, floatFen: 111_250, confirmedDate: null, reason: null, approvalId: undefined } }]);
});
