// What a sale costs a cashier in touches and keys, on the real page and engine in Chromium (experience.md U8, U14, U17, U19).

import { join } from 'node:path';
import { type Browser, type Page, chromium } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { bundle, staleParts } from '../../build/bundle.ts';
import { openReadable } from '../../db/sqlite.ts';
import type { BookEvent } from '../../db/model/event.ts';
import { type BrowserHost, startBrowserHost } from '../../electron/browser/host.ts';
import type { Home } from '../../db/home.ts';
import { card, temporary } from '../support/county.ts';
import { openShift, scan, scanTheBasket, shopIn, signIn } from './steps.ts';

const root = join(import.meta.dirname, '../..');
let browser: Browser;
let home: Home;
let host: BrowserHost;
let page: Page;

beforeAll(async () => {
  await bundle(staleParts(['page']));
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
});
afterAll(() => browser.close());
beforeEach(async () => {
  home = await shopIn(temporary(onTestFinished));
  host = await startBrowserHost({
    home: home.directory,
    page: join(root, 'dist/renderer'),
    engine: join(root, 'electron/engine/main.ts'),
    log: () => {},
  });
  await host.engineReady;
  page = await browser.newPage({ viewport: { width: 1366, height: 768 } });
  page.setDefaultTimeout(15_000);
  await page.goto(host.invite());
  await signIn(page);
  await openShift(page);
});
afterEach(async () => {
  await page.close();
  await host.close();
});

/** A person's Enter: one that follows a scan at once is the scanner's. */
async function enter(): Promise<void> {
  await page.waitForTimeout(300);
  await page.keyboard.press('Enter');
}

/** The sales in the book; the host is closed for it. */
async function sales(): Promise<readonly (BookEvent & { readonly kind: 'SALE' })[]> {
  await host.close();
  const db = openReadable(home.book);
  const lines = db.prepare<[], { line: string }>(`SELECT line FROM event WHERE kind = 'SALE' ORDER BY seq`).all();
  db.close();
  return lines.map(({ line }) => JSON.parse(line) as BookEvent & { readonly kind: 'SALE' }); // the statement asks for no other
}

test('U8: a card, n scans and two presses of one key are a sale, without a dialog', async () => {
  let inputs = 0;
  const scanned = async (code: string, shows: string): Promise<void> => {
    await scan(page, code);
    inputs += 1;
    await page.getByText(shows).first().waitFor();
  };
  const pressed = async (shows: string): Promise<void> => {
    await enter();
    inputs += 1;
    await page.getByText(shows).first().waitFor();
  };
  page.on('dialog', () => expect.unreachable('a dialog'));
  await scanned(card('1'), '格***');
  await scanned('2000000000001', '洗洁精');
  await scanned('2000000000002', '青稞');
  await pressed('确认收款');
  await pressed('qj-03-000001');
  expect({ inputs, sales: (await sales()).map(({ body }) => body.lines.length) }).toEqual({ inputs: 1 + 2 + 2, sales: [2] });
});

test('U14: the last line comes off with one key, and the sale is of the others', async () => {
  await scanTheBasket(page);
  await page.keyboard.press('F8');
  await page.getByText('22.50').first().waitFor({ state: 'detached' });
  await enter();
  await enter();
  await page.getByText('qj-03-000001').first().waitFor();
  expect((await sales()).map(({ body }) => body.lines.map((line) => line.goodsId))).toEqual([['1']]);
});

test('U17: without paper the sale is done and the receipt waits; with paper one touch prints it, and one more a marked copy', async () => {
  const simulate = async (fault: string): Promise<void> => {
    await page.getByRole('button', { name: '模拟设备' }).click();
    await page.getByRole('button', { name: fault, exact: true }).click();
    await page.getByRole('button', { name: '模拟设备' }).click();
  };
  await simulate('没纸');
  await scanTheBasket(page);
  await enter();
  await enter();
  await page.getByText('qj-03-000001').first().waitFor();
  const again = page.getByRole('button', { name: '再打一张' });
  await again.waitFor();
  await simulate('修好');
  await again.click();
  await page.getByText('小票打好了').waitFor();
  await page.getByRole('button', { name: '补打小票' }).click();
  await page.getByRole('button', { name: '模拟设备' }).click();
  await expect.poll(() => page.locator('img[src^="data:image/png"]').count(), { timeout: 10_000 }).toBe(2);
  expect(await sales()).toHaveLength(1);
});

test('U19: the language changes at one touch without a new page, and the cart stays; a receipt is in its resident’s own', async () => {
  await scan(page, card('2'));
  await page.getByText('扎*').waitFor();
  await scan(page, '2000000000002');
  await page.getByText('青稞').first().waitFor();
  await page.evaluate(() => Object.assign(window, { isSamePage: true }));
  for (const [button, lang] of [
    ['English', 'en'],
    ['中文', 'zh-Hans'],
  ] as const) {
    await page.getByRole('button', { name: button, exact: true }).click();
    await page.waitForFunction((wanted) => document.documentElement.lang === wanted, lang);
    await page.getByText('青稞').first().waitFor();
  }
  expect(await page.evaluate(() => 'isSamePage' in window)).toBe(true);
  await enter();
  await enter();
  await page.getByText('qj-03-000001').first().waitFor();
  expect((await sales()).map(({ body }) => body.printed.language)).toEqual(['bo']);
});
