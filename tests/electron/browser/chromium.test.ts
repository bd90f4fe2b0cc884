import { expect, test } from 'vitest';
import { chromiumSwitches, findChromium } from '../../../electron/browser/chromium.ts';

const url = 'http://127.0.0.1:4711/#token=x';

test('the first browser on the path is taken', () => {
  const there = new Set(['/usr/bin/google-chrome', '/opt/chromium']);
  expect([
    findChromium({ PATH: '/bin:/usr/bin:/opt' }, 'linux', (file) => there.has(file)),
    findChromium({ PATH: '/bin' }, 'linux', (file) => there.has(file)),
    findChromium({}, 'linux', (file) => there.has(file)),
  ]).toEqual(['/usr/bin/google-chrome', null, null]);
});

test('in Windows, Edge is found where its installer puts it', () => {
  const edge = 'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe';
  expect(findChromium({ 'ProgramFiles(x86)': 'C:\\Program Files (x86)' }, 'win32', (file) => file === edge)).toBe(edge);
});

test('a shop gets a kiosk, a desk gets a window, and only root goes without sandbox', () => {
  const shop = chromiumSwitches({ url, profile: '/home/till/browser', kiosk: true, isRoot: false });
  const desk = chromiumSwitches({ url, profile: '/home/till/browser', kiosk: false, isRoot: true });
  expect([shop.slice(0, 3), shop.includes('--no-sandbox'), desk.slice(0, 3), desk.includes('--no-sandbox')]).toEqual([
    ['--kiosk', url, '--user-data-dir=/home/till/browser'],
    false,
    [`--app=${url}`, '--window-size=1366,820', '--user-data-dir=/home/till/browser'],
    true,
  ]);
});
