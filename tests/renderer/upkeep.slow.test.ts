// Upkeep and the simulated devices, in Chromium over the gallery's pretended engine, by hand and keyboard as in a shop.

import { expect, test } from 'vitest';
import { page, show, useGallery } from '../support/gallery-page.ts';

useGallery({ width: 1366 });

async function calls(name: string): Promise<readonly unknown[]> {
  return page.evaluate((of) => window.galleryCalls!.filter((each) => each.name === of).map(({ args }) => args), name);
}

test('the folder of the backups is typed: a touch keeps the focus in the field, and no key of it is a scan, a command or lost', async () => {
  await show('upkeep-never');
  await page.getByRole('button', { name: '选地方' }).click();
  await page.getByRole('button', { name: /技术员用/ }).click();
  const field = page.locator('input');
  await page.getByRole('heading', { level: 1 }).click();
  await field.click();
  await page.keyboard.type('edia/USB-1/jifen 2026'); // at the pace of a scanner
  await page.keyboard.press('Home');
  await page.keyboard.type('/mx', { delay: 60 });
  await page.keyboard.press('Backspace');
  expect(await field.inputValue()).toBe('/media/USB-1/jifen 2026');
  expect(await calls('scan')).toEqual([]);
  await page.getByRole('button', { name: '用这个文件夹' }).click();
  await expect.poll(() => calls('setBackupPlace')).toEqual([{ folder: '/media/USB-1/jifen 2026' }]);
});

test('the simulated devices are reached among the accounts and after the day was closed: there, too, paper runs out', async () => {
  for (const name of ['simulated-office', 'simulated-open-shift']) {
    await show(name);
    await page.getByRole('button', { name: '没纸', exact: true }).click();
    expect(await calls('simulatePrinter')).toEqual([{ fault: 'paper_out' }]);
    await page.locator('main').waitFor(); // beside it
  }
});

test('who works in the shift of another is told so once, and the way leads to the hand-over', async () => {
  await show('till-shift-of-another');
  await page.getByText(/现在是德吉的班/).waitFor();
  await page.getByRole('button', { name: '交班' }).click();
  await page.getByRole('heading', { name: '钱箱' }).waitFor();
  await page.getByRole('button', { name: '返回' }).click();
  await show('till-shift-of-another');
  await page.getByRole('button', { name: '接着卖' }).click();
  expect(await page.getByText(/现在是德吉的班/).count()).toBe(0);
});

test('goods whose card was put away ask for it, until somebody says: without points', async () => {
  await show('till-card-missing');
  await page.getByText('这一单原来有积分卡，请再刷一次卡。').waitFor();
  await page.getByRole('button', { name: '不用积分' }).click();
  await expect.poll(() => calls('dropResident')).toHaveLength(1);
});

test('a stick that has all files waits to be carried, however often they are copied', async () => {
  for (const name of ['upload-stick-copied', 'upload-stick-again']) {
    await show(name);
    await page.getByText('请把 U 盘送到县里。').waitFor();
  }
  await page.getByText('账都在这个 U 盘上了，没有新的要拷。').waitFor(); // and not that none was copied
});
