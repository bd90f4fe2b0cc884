// The clerk's pages in Chromium over the server's own HTTPS, with a real kiosk that exchanges: signed in by the demo's buttons, an award by
// two people, the night at the press of a button. Every page is judged by axe and under its own content policy, at a clerk's size.
// PHOTOGRAPHS=DIR keeps a picture of each.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type Browser, type Page, chromium } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { CountyBook } from '../../county/book/county-book.ts';
import { raiseException } from '../../county/book/exceptions.ts';
import { clerkPages } from '../../county/pages/app.ts';
import { addDemoClerks } from '../../county/pages/clerks.ts';
import { demoNight } from '../../county/serve/demo-night.ts';
import { enterStart } from '../../county/serve/nightly.ts';
import { serverIdentity } from '../../county/server/certificate.ts';
import { newPresence } from '../../county/server/presence.ts';
import { countyServer } from '../../county/server/server.ts';
import { cutUpFile } from '../../db/up-files.ts';
import { runRound } from '../../electron/engine/round.ts';
import { countyLine } from '../../electron/engine/send.ts';
import type { TestKiosk } from '../support/book.ts';
import { closeDay, openDay } from '../support/closing.ts';
import { aPair } from '../support/county-book.ts';
import { shop } from '../support/county.ts';
import { sell, today } from '../support/sell.ts';
import { passOf } from '../support/kiosk-pass.ts';
import { settleDays } from '../support/used-county.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const photographs = process.env['PHOTOGRAPHS'];
let browser: Browser;

beforeAll(async () => {
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
});
afterAll(() => browser.close());

async function served(county: CountyBook): Promise<{ readonly url: string; readonly pin: string; readonly said: readonly string[] }> {
  const said: string[] = [];
  const identity = serverIdentity(county.folder.keys, 'test');
  const monoMs = (): number => performance.now();
  const presence = newPresence(monoMs);
  const button = demoNight(county, { presence, monoMs, log: () => {}, fault: (error) => void said.push(String(error)) });
  onTestFinished(() => button.end());
  await addDemoClerks(county);
  await enterStart(county);
  const complain = (line: string): void => void said.push(line);
  const desk = { book: county, presence, demoNight: button, nextNight: () => county.wallMs() + 3_600_000, monoMs };
  const app = await countyServer(county, { identity, presence, pages: clerkPages(desk, complain), complain });
  onTestFinished(() => app.close());
  await app.listen({ port: 0, host: '127.0.0.1' });
  return { url: `https://127.0.0.1:${(app.server.address() as AddressInfo).port}`, pin: identity.pin, said };
}

/** Cuts and exchanges again and again, as a demo's kiosk does. */
function exchanging({ home, book }: TestKiosk, server: { readonly url: string; readonly pin: string }): { end(): Promise<void> } {
  const idle = (): Promise<void> => new Promise((done) => setImmediate(done));
  const ending = new AbortController();
  const run = async (): Promise<void> => {
    while (!ending.signal.aborted) {
      const line = countyLine({
        server,
        county: shop.county,
        kiosk: shop.kiosk,
        pass: passOf(home, server.pin),
        signal: new AbortController().signal,
      });
      await cutUpFile(book, home, { software: 'test', idle });
      await runRound({ book, home, line, idle });
      line.close();
      await new Promise((done) => setTimeout(done, 300));
    }
  };
  const running = run();
  return {
    async end() {
      ending.abort();
      await running;
    },
  };
}

async function judge(page: Page, name: string): Promise<void> {
  if (photographs !== undefined) await page.screenshot({ path: join(photographs, `${name}.png`), fullPage: true });
  await page.evaluate(axe);
  const violations = await page.evaluate(async () => {
    const run = (window as unknown as { axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> } }).axe; // injected just before
    return (await run.run()).violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ''}`);
  });
  expect([name, violations]).toEqual([name, []]);
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);
}

test('the county’s people do their work on the pages, and see what a night moved', async () => {
  const { county, kiosk } = await aPair(onTestFinished);
  const { book, clock } = kiosk;
  const server = await served(county);
  openDay(book, today);
  sell(book, { resident: '1', goods: [['1', 2]], chosenPoints: 10_000 });
  clock.turn(60_000);
  closeDay(book, { day: today });
  settleDays(kiosk, 1);
  await county.transact(({ db }) => {
    for (const code of ['restored_behind', 'disputed_credit'] as const)
      raiseException(db, { kiosk: 'qj-04', inc: 1, fileSeq: 3, seq: 7, code, detail: '<b>019a</b>', at: county.wallMs() });
  });

  const context = await browser.newContext({ viewport: { width: 1366, height: 768 }, ignoreHTTPSErrors: true });
  onTestFinished(() => context.close());
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const refused: string[] = [];
  page.on('console', (message) => void (message.text().includes('Content Security Policy') && refused.push(message.text())));
  const open = (path: string): Promise<unknown> => page.goto(`${server.url}/clerk/${path}`);
  const signInAs = async (name: string): Promise<void> => {
    await open('sign-in');
    await page.getByRole('button', { name: `以${name}登录` }).click();
    await page.getByRole('heading', { name: '收件', exact: true }).waitFor();
  };

  await open('settlements');
  await page.getByRole('heading', { name: '登录' }).waitFor(); // nobody is signed in
  await judge(page, 'sign-in');
  await signInAs('办事员');
  await judge(page, 'inbox');
  await open('awards');
  const list = (text: string) => ({ name: '十一月.csv', mimeType: 'text/csv', buffer: Buffer.from(text) });
  await page.getByLabel('赋分表').setInputFiles(list('account,points,reason\na9,12,值日\na1,=1,值日\n'));
  await page.getByRole('button', { name: '先看一看' }).click();
  await page.getByText('没有账户 a9').waitFor();
  await judge(page, 'awards-faults');
  await page.getByLabel('赋分表').setInputFiles(list('account,points,reason\na1,120.5,值日\na3,80,卫生评比\n'));
  await page.getByRole('button', { name: '先看一看' }).click();
  await page.getByText('2 户，共 200.5 积分').waitFor();
  await judge(page, 'awards-preview');
  await page.getByRole('button', { name: '提交，等放行' }).click();
  await page.getByText('第 1 批已提交').waitFor();
  await open('exceptions');
  await judge(page, 'exceptions');
  await page.getByLabel('处理结果').fill('核实称重照片，属实');
  await page.getByRole('button', { name: '写明并结束' }).click();
  await page.getByText('第 2 项已处理').waitFor();
  await open('residents?q=1');
  await judge(page, 'residents');

  await signInAs('复核员');
  await open('awards');
  await judge(page, 'awards-waiting');
  await page.getByRole('link', { name: '第 1 批：逐户看，再放行' }).click();
  await page.getByText('卫生评比').waitFor();
  await judge(page, 'awards-release');
  await page.getByRole('button', { name: '放行第 1 批' }).click();
  await page.getByText('第 1 批已放行').waitFor();

  const exchange = exchanging(kiosk, server);
  onTestFinished(() => exchange.end());
  await open('night');
  await page.getByText(`在线的终端：${shop.zh}`).waitFor();
  await judge(page, 'night-before');
  await page.getByRole('button', { name: '现在过夜' }).click();
  await page.getByRole('heading', { name: '这一夜动了什么' }).waitFor();
  await page.waitForTimeout(700);
  await page.reload();
  await judge(page, 'night-done');
  expect(await page.getByRole('region', { name: '最近几夜' }).getByRole('row').last().innerText()).toMatch(
    /^2026-11-21\s+11-21 09:\d\d:\d\d\s+\S+\s+1$/,
  );
  expect(await page.getByRole('img').getAttribute('aria-label')).toContain('1 家店送来文件');
  expect(await page.getByRole('cell', { name: '已取走' }).count()).toBe(1);
  await exchange.end();
  await open('inbox');
  await judge(page, 'inbox-after');
  await open('settlements');
  await judge(page, 'settlements');
  await signInAs('办事员');
  expect(await page.request.get(`${server.url}/clerk/settlements/to-pay.csv`).then((answer) => answer.text())).toContain(
    `,${shop.kiosk},1,1,10.00,,\n`,
  );
  const paid = `kiosk,inc,settlement,yuan,day,reference\n${shop.kiosk},1,1,10.00,2026-11-21,B-77\n`;
  await open('settlements');
  await page.getByLabel('付款表').setInputFiles(list(paid.replace('10.00', '9.00')));
  await page.getByRole('button', { name: '先看一看' }).click();
  await page.getByText('有 1 笔没有付足').waitFor();
  expect(await page.getByRole('row', { name: 'B-77' }).locator('td').last().innerText()).toBe('1.00');
  await judge(page, 'payments-in-part');
  await page.getByRole('button', { name: '不要了' }).click();
  for (const told of ['1 笔，共 10.00 元', '这笔付款已经记过']) {
    await open('settlements');
    await page.getByLabel('付款表').setInputFiles(list(paid));
    await page.getByRole('button', { name: '先看一看' }).click();
    await page.getByText(told).waitFor();
    await judge(page, `payments-${told.length}`);
    if (told === '这笔付款已经记过') continue;
    expect(await page.getByRole('row', { name: '等付款' }).count()).toBe(1); // looked at is not taken
    await page.getByRole('button', { name: '确认入账' }).click();
    await page.getByText('已记下 1 笔付款').waitFor();
  }
  await page.getByText('已付 2026-11-21').waitFor();
  await open('check');
  await page.getByRole('button', { name: '现在核对' }).click();
  await page.getByText('核对完了').waitFor();
  await judge(page, 'check');
  await open('exposure');
  await judge(page, 'exposure');
  await open('residents?account=a1');
  await judge(page, 'statement');
  await open('journal');
  await judge(page, 'journal');
  await open('password');
  await judge(page, 'password');
  expect([refused, server.said]).toEqual([[], []]);
});
