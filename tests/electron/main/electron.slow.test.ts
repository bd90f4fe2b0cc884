// The real main and preload in a real Electron window: what a page can do there, and how page and engine come back.

import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { openDisplay } from '../../e2e/harness/display.ts';
import type { Display } from '../../e2e/harness/display.ts';
import { kioskEnvironment, launchKiosk, standInKiosk } from '../../e2e/harness/electron.ts';
import type { Kiosk } from '../../e2e/harness/electron.ts';

let display: Display;
let standIn: { readonly executable: string; remove(): void };
let home: string;
let kiosk: Kiosk | null = null;

beforeAll(async () => {
  display = await openDisplay();
  standIn = await standInKiosk('<!doctype html><title>till</title><script>window.inline = 1</script><p>积分 སྐར་གྲངས</p>');
});
afterAll(() => {
  display.close();
  standIn.remove();
});
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'kiosk-home-'));
});
afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') process.stderr.write(`the log of a failed test:\n${logged().join('\n')}\n`);
  await kiosk?.app.close();
  kiosk = null;
  rmSync(home, { recursive: true, force: true });
});

test('S02: the page is sandboxed and isolated, and knows nothing but its bridge', async () => {
  const { app, page } = await launch();
  const preferences = await app.evaluate(({ BrowserWindow }) => {
    const contents = BrowserWindow.getAllWindows()[0]!.webContents as unknown as { getLastWebPreferences(): Record<string, unknown> };
    const { sandbox, contextIsolation, nodeIntegration, webSecurity, webviewTag } = contents.getLastWebPreferences();
    return { sandbox, contextIsolation, nodeIntegration, webSecurity, webviewTag };
  });
  expect(preferences).toEqual({ sandbox: true, contextIsolation: true, nodeIntegration: false, webSecurity: true, webviewTag: false });
  const seen = await page.evaluate(() => ({
    address: location.href,
    node: ['require', 'process', 'module', 'Buffer', 'global', 'electron', 'ipcRenderer'].filter((name) => name in window),
    bridge: Object.keys((window as unknown as { kiosk: object }).kiosk),
  }));
  expect(seen).toEqual({ address: 'app://kiosk/index.html', node: [], bridge: ['connect'] });
});

test('S03, S04: no text becomes code, and nothing is loaded from elsewhere', async () => {
  const { page } = await launch();
  const tried = await page.evaluate(async () => {
    const outcome = async (act: () => unknown): Promise<string> => {
      try {
        await act();
        return 'done';
      } catch (error) {
        return (error as Error).name;
      }
    };
    // While the debugger evaluates, the policy does not bind: a task of the page's own does.
    const later = (act: () => unknown): Promise<string> => new Promise((resolve) => setTimeout(() => resolve(outcome(act))));
    const violations: string[] = [];
    document.addEventListener('securitypolicyviolation', (event) => violations.push(event.effectiveDirective));
    const tries = {
      evaluated: await later(() => eval('1')), // oxlint-disable-line no-eval -- this is what must not work
      html: await outcome(() => (document.body.innerHTML = '<b>x</b>')),
      fetched: await outcome(() => fetch('https://example.com/')),
      style: await outcome(() => document.head.append(Object.assign(document.createElement('style'), { textContent: 'p{color:red}' }))),
      picture: await outcome(
        () =>
          new Promise((resolve, reject) =>
            Object.assign(new Image(), { onload: resolve, onerror: () => reject(new Error('x')), src: 'https://example.com/a.png' }),
          ),
      ),
    };
    await later(() => undefined); // violations are told in tasks of their own
    return { ...tries, inline: 'inline' in window, violations: [...new Set(violations)].toSorted((a, b) => a.localeCompare(b)) };
  });
  expect(tried).toEqual({
    evaluated: 'EvalError',
    html: 'TypeError',
    fetched: 'TypeError',
    style: 'done', // the element is there, its rules are not
    picture: 'Error',
    inline: false,
    violations: ['connect-src', 'img-src', 'require-trusted-types-for', 'style-src-elem'],
  });
});

test('S05: the protocol handler gives no file beyond the page', async () => {
  const { page } = await launch();
  const statuses = await page.evaluate(async () => {
    const ask = async (path: string, method = 'GET'): Promise<number> => (await fetch(path, { method })).status;
    return [
      await ask('/index.html'),
      await ask('/../../package.json'),
      await ask('/%2e%2e/%2e%2e/package.json'),
      await ask('/..%2f..%2fpackage.json'),
      await ask('/main/main.js'),
      await ask('/index.html', 'POST'),
    ];
  });
  expect(statuses).toEqual([200, 404, 404, 404, 404, 405]);
});

test('S06: the page goes nowhere and opens nothing', async () => {
  const { app, page } = await launch();
  const opened = await page.evaluate(() => [
    window.open('https://example.com/'),
    window.open('app://kiosk/index.html'),
    window.open('about:blank'),
  ]);
  await page.evaluate(() => {
    const link = Object.assign(document.createElement('a'), { href: 'https://example.com/', target: '_blank' });
    document.body.append(link);
    link.click();
    location.href = 'https://example.com/';
  });
  await page.evaluate(() => (location.href = 'file:///etc/passwd')).catch(() => undefined);
  await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 300)));
  expect([opened, page.url(), app.windows().length]).toEqual([[null, null, null], 'app://kiosk/index.html', 1]);
});

test('S06: no page inside the page: the window knows no <webview>, and where one did, it would be refused', async () => {
  const { app, page } = await launch();
  const isKnown = await page.evaluate(() => 'getWebContentsId' in document.body.appendChild(document.createElement('webview')));
  /** A window that was given the tag by mistake: how many pages come to stand inside it. */
  const pagesInside = (guard: 'guarded' | 'unguarded'): Promise<number> =>
    app.evaluate(async ({ BrowserWindow, webContents }, guarding) => {
      const window = new BrowserWindow({ show: false, webPreferences: { webviewTag: true } });
      if (guarding === 'unguarded') window.webContents.removeAllListeners('will-attach-webview');
      await window.loadURL('app://kiosk/index.html');
      await window.webContents.executeJavaScript(
        "document.body.append(Object.assign(document.createElement('webview'), { src: 'app://kiosk/index.html' })), 0",
      );
      const count = () => webContents.getAllWebContents().filter((contents) => contents.getType() === 'webview').length;
      const looks = guarding === 'guarded' ? 15 : 100; // a busy machine may take its time to let one in
      for (let i = 0; i < looks && count() === 0; i += 1) await new Promise((resolve) => setTimeout(resolve, 100));
      const inside = count();
      window.destroy();
      return inside;
    }, guard);
  expect([isKnown, await pagesInside('guarded'), await pagesInside('unguarded')]).toEqual([false, 0, 1]);
});

test('S07: the page is given no permission', async () => {
  const { page } = await launch();
  const answers = await page.evaluate(async () => {
    const outcome = async (act: () => Promise<unknown>): Promise<string> => {
      try {
        const silence = new Promise((_, reject) => setTimeout(() => reject(new DOMException('', 'NoAnswer')), 2_000));
        await Promise.race([act(), silence]);
        return 'given';
      } catch (error) {
        return (error as Error).name;
      }
    };
    return {
      location: (await navigator.permissions.query({ name: 'geolocation' })).state,
      notification: Notification.permission,
      camera: await outcome(() => navigator.mediaDevices.getUserMedia({ video: true })),
      screen: await outcome(() => navigator.mediaDevices.getDisplayMedia()),
      clipboard: await outcome(() => navigator.clipboard.readText()),
      whole: await outcome(() => document.documentElement.requestFullscreen()),
    };
  });
  expect(Object.values(answers).filter((answer) => ['granted', 'given', 'prompt'].includes(answer))).toEqual([]);
});

test.each(['electron', 'node'] as const)(
  'with the engine in %s: a killed engine is told to the page, and the next one answers it',
  async (engine) => {
    const { page } = await launch(engine);
    await connectPage(page);
    const first = await heard(page, 1);
    await page.evaluate(() => (window as unknown as TestWindow).port.send({ ask: '积分' }));
    expect(await heard(page, 2)).toEqual([first[0], { heard: { ask: '积分' } }]);
    const old = (first[0] as { hello: number }).hello;
    process.kill(old, 'SIGKILL');
    await expect.poll(() => page.evaluate(() => (window as unknown as TestWindow).lost), { timeout: 30_000 }).toBe(true);
    await connectPage(page);
    const again = (await heard(page, 1))[0] as { hello: number };
    expect([again.hello === old, isAlive(again.hello)]).toEqual([false, true]);
    expect(logged()).toContainEqual(expect.stringMatching(/^engine ended: .*; start 2 in 500 ms$/));
    await kiosk!.app.close();
    kiosk = null;
    await expect.poll(() => isAlive(again.hello), { timeout: 30_000 }).toBe(false); // ended, it has its number until somebody asks how
    expect(readFileSync(join(home, 'logs/engine.log'), 'utf8')).toContain('closing: the host said so');
  },
);

test('S31: a page that crashes comes back; the third crash shows the safe page, from where the till opens again', async () => {
  const { app } = await launch();
  const crash = (): Promise<void> =>
    app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]!.webContents.forcefullyCrashRenderer());
  const crashes = (): string[] => logged().flatMap((line) => (line.startsWith('the page ended') ? [line.split('; ')[1]!] : []));
  const shown = (): Promise<string> => app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]!.webContents.getTitle());
  for (const [i, title] of ['till', 'till', '积分终端'].entries()) {
    await crash();
    await expect.poll(() => crashes().length, { timeout: 20_000 }).toBe(i + 1);
    await expect.poll(shown, { timeout: 20_000 }).toBe(title);
  }
  expect(crashes()).toEqual(['showing till', 'showing till', 'showing safe']);
  await app.evaluate(({ BrowserWindow }) =>
    BrowserWindow.getAllWindows()[0]!.webContents.executeJavaScript("document.querySelector('a').click()", true),
  );
  await expect.poll(shown, { timeout: 20_000 }).toBe('till');
});

test('S31: a page that hangs is brought back', async () => {
  const { app, page } = await launch();
  await expect.poll(() => app.evaluate(({ ipcMain }) => ipcMain.listenerCount('alive'))).toBe(1);
  const hang = page.evaluate(() => {
    for (;;);
  });
  hang.catch(() => undefined);
  await expect.poll(logged, { timeout: 60_000, interval: 500 }).toContain('the page hangs');
  // A question to the page that is being crashed is never answered: each has its own end, and the next is asked.
  const title = () =>
    Promise.race([
      app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]!.webContents.executeJavaScript('document.title')),
      pause(2_000, 'no answer'),
    ]);
  await expect.poll(title, { timeout: 40_000 }).toBe('till');
});

test('S30: a second start of the same home leaves at once, whatever it says, and the first stays', async () => {
  const { app } = await launch();
  const second = spawn(standIn.executable, ['--no-sandbox', '--home', home, '--windowed', '$(reboot)', '../../..'], {
    env: kioskEnvironment(display, 'electron'),
    stdio: 'ignore',
  });
  expect(await new Promise((resolve) => second.on('exit', resolve))).toBe(0);
  expect(app.windows().length).toBe(1);
});

test('in a shop the window is the whole screen, does not close, and swallows what would reload it', async () => {
  const { app, page } = await launch('electron', []);
  await page.evaluate(() => ((window as unknown as { mark: number }).mark = 1));
  await app.evaluate(({ BrowserWindow }) => {
    const window = BrowserWindow.getAllWindows()[0]!;
    window.close();
    for (const keyCode of ['F5', 'F12']) window.webContents.sendInputEvent({ type: 'keyDown', keyCode });
    window.webContents.sendInputEvent({ type: 'keyDown', keyCode: 'R', modifiers: ['control'] });
  });
  await page.waitForTimeout(300);
  const state = await app.evaluate(({ BrowserWindow }) => {
    const window = BrowserWindow.getAllWindows()[0]!;
    return { kiosk: window.isKiosk(), tools: window.webContents.isDevToolsOpened() };
  });
  expect([state, await page.evaluate(() => (window as unknown as { mark: number }).mark)]).toEqual([{ kiosk: true, tools: false }, 1]);
});

interface TestWindow {
  kiosk: { connect(listener: (message: unknown) => void, onClose: () => void): Promise<{ send(message: unknown): void }> };
  port: { send(message: unknown): void };
  heard: unknown[];
  lost: boolean;
}

async function launch(engine: 'electron' | 'node' = 'electron', args?: readonly string[]): Promise<Kiosk> {
  kiosk = await launchKiosk({ executable: standIn.executable, display, home, engine, ...(args ? { args } : {}) });
  return kiosk;
}

async function connectPage(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const test = window as unknown as TestWindow;
    test.heard = [];
    test.lost = false;
    test.port = await test.kiosk.connect(
      (message) => test.heard.push(message),
      () => (test.lost = true),
    );
  });
}

async function heard(page: Page, count: number): Promise<unknown[]> {
  await expect
    .poll(() => page.evaluate(() => (window as unknown as TestWindow).heard.length), { timeout: 30_000 })
    .toBeGreaterThanOrEqual(count);
  return page.evaluate(() => (window as unknown as TestWindow).heard);
}

function logged(): string[] {
  return readFileSync(join(home, 'logs/host.log'), 'utf8')
    .trim()
    .split('\n')
    .map((text) => (JSON.parse(text) as { line: string }).line);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
