import { join } from 'node:path';
import { type Browser, type Page, chromium } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, afterEach, describe, expect, onTestFinished, test } from 'vitest';
import { bundle, staleParts } from '../../build/bundle.ts';
import { type BrowserHost, startBrowserHost } from '../../electron/browser/host.ts';
import type { Home } from '../../db/home.ts';
import { card, temporary } from '../support/county.ts';
import { sameScanMs } from '../../db/model/barcode.ts';
import { openShift, payInCash, readReceiptBack, scan, scanTheBasket, shopIn, signIn } from './steps.ts';
import { verdictOn } from '../support/verify.ts';

const root = join(import.meta.dirname, '../..');
let browser: Browser;

beforeAll(async () => {
  await bundle(staleParts(['page']));
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
});
afterAll(() => browser.close());

describe('a shop in the browser host', () => {
  let home: Home;
  let host: BrowserHost;
  let page: Page;

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

  test('signs in, scans a card and goods, pays with points and cash, and the receipt reads back', async () => {
    await scanTheBasket(page);
    await payInCash(page);
    const fields = await readReceiptBack(page, home);
    expect(fields.slice(0, 3)).toEqual(['CP1', '540525', 'qj-03']);
    expect(fields[6]).toBe('tag00000001');
    expect(fields[7]).toBe('20000');
    await host.close();
    expect(await verdictOn(home.directory)).toEqual({ kind: 'true' });
  });

  test('the engine is killed with a cart open: the page says so, and the same cart comes back and can be paid', async () => {
    await scanTheBasket(page);
    process.kill(host.enginePid()!, 'SIGKILL');
    await page.getByText('正在恢复').waitFor();
    await page.getByText('格***').waitFor();
    await page.getByText('正在恢复').waitFor({ state: 'detached' });
    await payInCash(page);
  });

  test('a scan is heard on every screen and in every field, and a confirm pressed twice sells once', async () => {
    for (const name of ['设置', '帮助', '卖过的']) {
      await page.getByRole('button', { name, exact: true }).click();
      await page.waitForTimeout(sameScanMs); // sooner it would be the same scan read twice
      await scan(page, '2000000000001');
      await page.getByRole('button', { name: /^收款/ }).waitFor(); // a scan is a customer: the till comes back by itself
    }
    await page.getByText('37.50').first().waitFor();
    await page.getByRole('button', { name: /^收款/ }).click();
    const confirm = page.getByRole('button', { name: /确认/ });
    await confirm.evaluate((button: HTMLElement) => {
      button.click();
      button.click();
    });
    await page.getByText('qj-03-000001').first().waitFor();
    await scan(page, card('1'));
    await page.getByText('格***').waitFor();
    await page.getByRole('button', { name: '卖过的' }).click();
    await page.getByText('qj-03-000001').first().waitFor();
    expect(await page.getByText(/qj-03-00000\d/).allInnerTexts()).toEqual(['qj-03-000001']);
  });
});
