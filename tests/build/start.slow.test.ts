// `npm start` in a tree as it was cloned: a demo county, a shop, and a sale as README tells it, by hand on the screen alone.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, readFileSync, readdirSync, symlinkSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { expect, onTestFinished, test } from 'vitest';
import { pngToRaster } from '../../hardware/printer/png.ts';
import { temporary } from '../support/county.ts';
import { verdictOn } from '../support/verify.ts';

const root = join(import.meta.dirname, '../..');
/** A whole demo county is made, and its book, by two processors that other tests use, too. */
const demoMs = 300_000;
/** What a start needs; what an earlier start made (dist, .demo) stays behind. */
const parts = ['build', 'county', 'db', 'electron', 'hardware', 'renderer', 'package.json', 'tsconfig.json'];

function freshTree(): string {
  const tree = temporary(onTestFinished);
  for (const part of parts) cpSync(join(root, part), join(tree, part), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(tree, 'node_modules'));
  return tree;
}

/** Starts the kiosk where there is no screen, and waits for what it says first and the address it offers. */
async function started(tree: string): Promise<{ readonly said: string; readonly address: string; stop(): Promise<number | null> }> {
  const env = { ...process.env, DISPLAY: undefined, WAYLAND_DISPLAY: undefined };
  const child: ChildProcess = spawn(process.execPath, [join(tree, 'build/start.ts')], {
    cwd: tree,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout!, child.stderr!]) stream.on('data', (text: Buffer) => (said += text.toString()));
  const ended = once(child, 'exit').then(([code]) => code as number | null); // its first argument is the exit code
  const stop = (): Promise<number | null> => {
    child.kill('SIGTERM');
    return ended;
  };
  onTestFinished(async () => void (await stop()));
  await expect.poll(() => said, { timeout: 150_000, interval: 200 }).toMatch(/#token=\S+\n/);
  return { said, address: /http:\S+/.exec(said)![0], stop };
}

/** Whether somebody takes connections there. */
function answers({ hostname, port }: URL): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

test(
  'makes the demo once, runs its county, says which host and why, and a first sale is made within the steps of README',
  async () => {
    const tree = freshTree();
    const first = await started(tree);
    expect(first.said.split('\n')).toEqual(
      expect.arrayContaining([
        'making a demo county, once: 25 shops, 19,000 residents',
        'opening in the browser host: there is no screen here (DISPLAY is not set)',
      ]),
    );
    expect(readdirSync(join(tree, '.demo/county/kiosks'))).toHaveLength(25);
    const county = new URL(/the county: (\S+)/.exec(first.said)![1]!);
    expect([county.hostname, county.pathname, await answers(county)]).toEqual(['127.0.0.1', '/clerk', true]);

    const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
    onTestFinished(() => browser.close());
    const page = await browser.newPage({ viewport: { width: 1366, height: 768 } });
    page.setDefaultTimeout(15_000);
    await page.goto(first.address);
    const pin = /258036/.exec(readFileSync(join(root, 'README.md'), 'utf8'))![0];
    await page
      .getByRole('button', { name: /收银员/ })
      .first()
      .click();
    for (const digit of pin) await page.getByRole('button', { name: digit, exact: true }).click();
    await page.getByRole('button', { name: '开班' }).click();
    await page.getByRole('button', { name: '模拟设备' }).click();
    await page.getByRole('button', { name: '积分很少的居民' }).click();
    await page.getByText('本店可用').waitFor();
    await page
      .getByRole('button', { name: /洗洁精/ })
      .last()
      .click();
    await page.getByRole('button', { name: /^(收款|用积分付清)/ }).click();
    await page.getByRole('button', { name: /确认/ }).click();
    const paper = page.locator('img[src^="data:image/png"]').first();
    const picture = (await paper.getAttribute('src'))!;
    expect(pngToRaster(Buffer.from(picture.split(',')[1]!, 'base64')).height).toBeGreaterThan(400);
    expect(await first.stop()).toBe(0);
    expect([await answers(county), readFileSync(join(tree, '.demo/county-server.log'), 'utf8').endsWith(' ended\n')]).toEqual([
      false,
      true,
    ]);
    expect(await verdictOn(join(tree, '.demo/home'))).toEqual({ kind: 'true' });

    const again = await started(tree);
    expect(again.said).not.toContain('making a demo');
    expect(await again.stop()).toBe(0);
  },
  demoMs,
);
