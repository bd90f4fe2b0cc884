// The window's side of the keyboard wedge in a real Chromium: real keys, real fields, a real focus; only the clock is fake,
// so that the pace of keys is exact on a busy machine.

import { readFile } from 'node:fs/promises';
import { stripTypeScriptTypes } from 'node:module';
import { type Browser, type Page, chromium } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';

const bottle = '6901028075831';
const card =
  'AEAQACCGCEAAAAAAAAAEUOALNEAZEMQ64Y5E6Q775ZYWWTJ42ENAIQDXZ7N2QA3TIMIRBSOFTX5O4TVS6KBQYGVVG3MBTCSOO2BTINLHURIUEHYY3Z27L36TX6WKPFRDAY';
const home = 'http://kiosk.test/';
const root = new URL('../../', import.meta.url);

let browser: Browser;
let page: Page;

beforeAll(async () => {
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
});
afterAll(async () => {
  await browser.close();
});

/** A page with a button, two fields, and a listener for keys as the till's own. */
const html = `<!doctype html><meta charset="utf-8"><button id="pay">pay</button><input id="field" value="ab"><textarea id="area"></textarea>
<script type="module">
  import { listenForScans } from '/renderer/parts/wedge.ts';
  const heard = (window.heard = []);
  listenForScans(window, (text) => heard.push('scan ' + text), () => heard.push('alt'));
  window.addEventListener('keydown', (event) => { if (!event.defaultPrevented) heard.push(event.code); });
  document.querySelector('#pay').addEventListener('click', () => heard.push('click'));
  window.isReady = true;
</script>`;

beforeEach(async () => {
  page = await browser.newPage();
  await page.route(`${home}**`, async (route) => {
    const { pathname } = new URL(route.request().url());
    if (pathname === '/') return route.fulfill({ contentType: 'text/html', body: html });
    const source = await readFile(new URL(`.${pathname}`, root), 'utf8');
    return route.fulfill({ contentType: 'text/javascript', body: stripTypeScriptTypes(source) });
  });
  await page.clock.install({ time: 1_790_000_000_000 });
  await page.goto(home);
  await page.waitForFunction('window.isReady');
  await page.clock.pauseAt(1_790_000_100_000);
});
afterEach(async () => {
  await page.close();
});

/** The keys of a code, with Shift for capitals as scanners do. */
const keysOf = (code: string) => code.split('').map((character) => (/[A-Z]/.test(character) ? `Shift+${character}` : character));

/** Strikes keys a given time apart, then waits longer than any moment a key may be held. */
async function strike(keys: readonly string[], gapMs: number): Promise<void> {
  for (const key of keys) {
    await page.keyboard.press(key);
    await page.clock.runFor(gapMs);
  }
  await page.clock.runFor(500);
}

const heard = () => page.evaluate<readonly string[]>('window.heard');
const value = (id: string) => page.locator(id).inputValue();

test.each([10, 90])('a card scanned at %i ms a key presses no button and leaves nothing in a field', async (gapMs) => {
  for (const focus of ['#pay', '#field', '#area']) {
    await page.focus(focus);
    await strike([...keysOf(card), 'Enter'], gapMs);
  }
  const told = await heard(); // Shift alone is let through
  expect(told.filter((code) => !code.startsWith('Shift'))).toEqual([`scan ${card}`, `scan ${card}`, `scan ${card}`]);
  expect([await value('#field'), await value('#area')]).toEqual(['ab', '']);
});

test('a person types into a field as ever, only a moment later', async () => {
  await page.focus('#field');
  await page.keyboard.press('End');
  await strike(['1', 'x', 'Backspace', 'Shift+Q', ' ', '2'], 130);
  expect(await value('#field')).toBe('ab1Q 2');
  await strike(['7', '8', '9'], 60);
  expect(await value('#field')).toBe('ab1Q 2789');
  expect((await heard()).filter((told) => told.startsWith('scan'))).toEqual([]);
});

test('digits struck over a button reach the page, Enter presses the button after them', async () => {
  await page.focus('#pay');
  await strike(['2', '7', 'Enter'], 50);
  expect(await heard()).toEqual(['Digit2', 'Digit7', 'Enter', 'click']);
});

test('what a slow scanner leaked after a fast one is taken out of the field again', async () => {
  await page.focus('#field');
  await strike([...keysOf(bottle), 'Enter'], 10);
  await strike([...keysOf('96385074'), 'Enter'], 90);
  expect((await heard()).filter((told) => told.startsWith('scan'))).toEqual([`scan ${bottle}`, 'scan 96385074']);
  expect(await value('#field')).toBe('ab');
});

test('an input method that took the keys of a scan is left without them', async () => {
  await page.focus('#area');
  const cdp = await page.context().newCDPSession(page);
  const letters = card.toLowerCase().split('');
  for (const [index, letter] of letters.entries()) {
    const code = /[a-z]/.test(letter) ? `Key${letter.toUpperCase()}` : `Digit${letter}`;
    await cdp.send('Input.dispatchKeyEvent', { type: 'rawKeyDown', code, key: 'Process', windowsVirtualKeyCode: 229 });
    const text = letters.slice(0, index + 1).join('');
    await cdp.send('Input.imeSetComposition', { text, selectionStart: text.length, selectionEnd: text.length });
    await page.clock.runFor(10);
  }
  expect(await value('#area')).toBe(card.toLowerCase());
  await strike(['Enter'], 10);
  expect((await heard()).filter((told) => told.startsWith('scan'))).toEqual([`scan ${card.toLowerCase()}`]);
  expect(await value('#area')).toBe('');
});

test('a PIN typed as fast as a scanner types is heard key by key where one is asked for, and only there', async () => {
  const pin = [...keysOf('258036')];
  await strike([...pin, 'Enter'], 8);
  await page.evaluate(`document.querySelector('#pay').dataset.asksPin = ''`);
  await strike([...pin, 'Enter'], 8);
  expect(await page.evaluate('heard')).toEqual(['scan 258036', ...pin.map((digit) => `Digit${digit}`), 'Enter']);
});
