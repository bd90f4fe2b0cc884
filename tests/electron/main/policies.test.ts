// The decisions of Electron's main, as tables: permissions, senders, keys, crashes, command line.

import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { readCommandLine, refusedSwitch, refusedSwitches } from '../../../electron/main/command-line.ts';
import { afterCrash, isGpuTrouble, look, missedWhileLoading } from '../../../electron/main/crashes.ts';
import { isSwallowed } from '../../../electron/main/keys.ts';
import { isPermitted } from '../../../electron/main/permissions.ts';
import { maySend } from '../../../electron/main/senders.ts';
import { fc } from '../../support/property.ts';

test('S07: every permission is refused, known or not', () => {
  const known = (
    'clipboard-read clipboard-sanitized-write display-capture fullscreen geolocation idle-detection media mediaKeySystem midi midiSysex ' +
    'notifications pointerLock keyboardLock openExternal speaker-selection storage-access top-level-storage-access window-management ' +
    'fileSystem hid serial usb accessibility-events'
  ).split(' ');
  expect(known.filter(isPermitted)).toEqual([]);
  fc.assert(fc.property(fc.string(), (permission) => !isPermitted(permission)));
});

const till = { url: 'app://kiosk/index.html', isMain: true };
test.each([
  ['the till asks for its wire', 'wire', { webContentsId: 1, frame: till }, true],
  ['the till says that it lives', 'alive', { webContentsId: 1, frame: till }, true],
  ['the safe page lives', 'alive', { webContentsId: 1, frame: { ...till, url: 'app://kiosk/safe.html' } }, true],
  ['the safe page has no wire', 'wire', { webContentsId: 1, frame: { ...till, url: 'app://kiosk/safe.html' } }, false],
  ['a frame that is gone', 'wire', { webContentsId: 1, frame: null }, false],
  ['a frame in the page', 'wire', { webContentsId: 1, frame: { ...till, isMain: false } }, false],
  ['a window that is not ours', 'wire', { webContentsId: 2, frame: till }, false],
  ['another origin', 'wire', { webContentsId: 1, frame: { ...till, url: 'app://kiosk.evil.com/index.html' } }, false],
  ['an empty page', 'wire', { webContentsId: 1, frame: { ...till, url: 'about:blank' } }, false],
] as const)('S08: %s', (_, channel, sender, allowed) => {
  expect(maySend(channel, sender, new Set([1]))).toBe(allowed);
});

test('keys that reload, zoom, print, close or look inside are swallowed; what a cashier or a scanner types is not', () => {
  const key = (name: string): { code: string; control: boolean; meta: boolean; alt: boolean } => {
    const parts = name.split('+');
    return { code: parts.at(-1)!, control: parts.includes('Ctrl'), meta: parts.includes('Meta'), alt: parts.includes('Alt') };
  };
  const swallowed = ['F5', 'F11', 'F12', 'Ctrl+KeyR', 'Ctrl+KeyW', 'Ctrl+KeyP', 'Ctrl+Equal', 'Ctrl+Digit0', 'Meta+KeyR', 'Alt+ArrowLeft'];
  const free = ['Enter', 'KeyR', 'Digit0', 'Escape', 'Ctrl+KeyJ', 'Ctrl+KeyM', 'ArrowLeft', 'F2', 'Backspace', 'F4'];
  expect([swallowed.filter((name) => !isSwallowed(key(name), false)), free.filter((name) => isSwallowed(key(name), true))]).toEqual([
    [],
    [],
  ]);
  expect([isSwallowed(key('Alt+F4'), true), isSwallowed(key('Alt+F4'), false)]).toEqual([true, false]);
});

test('S31: the page comes back twice in five minutes; the third crash shows the safe page', () => {
  const shown = (times: readonly number[]): string[] => {
    let crashesAt: readonly number[] = [];
    return times.map((at) => {
      const next = afterCrash(crashesAt, at);
      crashesAt = next.crashesAt;
      return next.show;
    });
  };
  expect([shown([0, 1_000, 299_999]), shown([0, 1_000, 300_000, 300_500, 301_000])]).toEqual([
    ['till', 'till', 'safe'],
    ['till', 'till', 'till', 'safe', 'safe'],
  ]);
});

test('S31: crashes that are far apart never show the safe page, and are forgotten', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(1_000_000)), (gaps) => {
      let crashesAt: readonly number[] = [];
      let now = 0;
      for (const gap of gaps) {
        now += 150_001 + gap;
        const next = afterCrash(crashesAt, now);
        crashesAt = next.crashesAt;
        expect([next.show, crashesAt.length <= 2]).toEqual(['till', true]);
      }
    }),
  );
});

test('S31: five missed heartbeats in a row are a hang, one heard in between is none, loading has twice the time', () => {
  const hangs = (heard: readonly boolean[], from = 0): number => {
    let missed = from;
    return heard.findIndex((beat) => {
      const next = look(missed, beat);
      missed = next.missed;
      return next.hangs;
    });
  };
  const silence = Array<boolean>(20).fill(false);
  expect([
    hangs(silence),
    hangs([false, false, false, false, true, false, false, false, false]),
    hangs(silence, missedWhileLoading),
  ]).toEqual([4, -1, 9]);
});

test('two crashes of the graphics process turn it off', () => {
  expect([0, 1, 2, 3].map(isGpuTrouble)).toEqual([false, false, true, true]);
});

test('the home is read however it is written, beside the switches of Chromium', () => {
  expect([
    readCommandLine(['--home', 'shop'], '/srv'),
    readCommandLine(['--inspect=0', '--remote-debugging-port=0', '/app', '--home=/srv/shop', '--windowed'], '/'),
    readCommandLine([], '/srv'),
  ]).toEqual([
    { home: resolve('/srv/shop'), windowed: false },
    { home: '/srv/shop', windowed: true },
    { home: null, windowed: false },
  ]);
});

test('S30: no command line throws, and a home that is no path is none', () => {
  expect(
    [['--home'], ['--home='], ['--home', '--windowed'], ['--home', 'a\0b'], ['--home=--x'], ['--no-home']].map(
      (args) => readCommandLine(args, '/').home,
    ),
  ).toEqual(Array(6).fill(null));
  fc.assert(
    fc.property(fc.array(fc.string()), (args) => {
      const { home } = readCommandLine(args, '/srv');
      expect(home === null || resolve(home) === home).toBe(true);
    }),
  );
});

test('a packaged app does not start with a switch that opens it; in development it does', () => {
  expect([
    refusedSwitches.map((name) => refusedSwitch((given) => given === name, true)),
    refusedSwitch(() => true, false),
    refusedSwitch(() => false, true),
  ]).toEqual([[...refusedSwitches], null, null]);
});
