// The kiosk in Electron: locks the app down, starts the engine, shows the page, and brings either back. Knows no sale.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { app, crashReporter } from 'electron';
import type { BrowserWindow } from 'electron';
import { openLog } from '../ipc/log.ts';
import { readCommandLine, refusedSwitch } from './command-line.ts';
import { runEngine } from './engine.ts';
import { watchGraphics } from './graphics.ts';
import { lockPages, lockSession } from './lockdown.ts';
import { registerScheme, servePage } from './protocol.ts';
import { checkSender, watchPage } from './watch-page.ts';
import { makeWindow } from './window.ts';

// Chromium cannot sandbox what root runs, so tests start with --no-sandbox; a packaged app refuses that switch.
if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox();
const built = join(import.meta.dirname, '..'); // dist/, beside this bundle
const { home, windowed } = readCommandLine(process.argv.slice(1), process.cwd());
const kiosk = !windowed;
const devTools = !app.isPackaged;
const directory = home ?? join(app.getPath('userData'), 'home');
const log = openLog(directory, 'host');

if (setUpProcess()) void app.whenReady().then(open);

/** What must be said before the app is ready. False: this process is to end. */
function setUpProcess(): boolean {
  const refused = refusedSwitch((name) => app.commandLine.hasSwitch(name), app.isPackaged);
  if (refused !== null) {
    log(`not started: --${refused} is not allowed`);
    app.exit(1);
    return false;
  }
  if (home !== null) {
    const data = join(home, 'electron');
    mkdirSync(data, { recursive: true });
    app.setPath('userData', data);
  }
  // A second start of the same home only brings the first to the front; nothing it says is read (S30).
  if (!app.requestSingleInstanceLock()) {
    app.exit(0);
    return false;
  }
  crashReporter.start({ uploadToServer: false });
  registerScheme();
  watchGraphics(app.getPath('userData'), log);
  lockPages({ kiosk, log });
  process.on('uncaughtException', (error) => {
    log('uncaught exception', error);
    app.exit(1); // The system starts the kiosk again; the book is the engine's and is safe.
  });
  return true;
}

function open(): void {
  lockSession({ devTools });
  servePage(join(built, 'renderer'));
  const windows = new Set<number>();
  const mayUse = checkSender(windows, log);
  const engine = runEngine({ entry: join(built, 'engine', 'main.js'), home: directory, node: testNode(), log, mayUse });
  const window = makeWindow({ preload: join(built, 'preload', 'preload.cjs'), kiosk, devTools });
  windows.add(window.webContents.id);
  const stopWatching = watchPage(window, { log, mayUse });
  app.on('second-instance', () => focus(window));
  leaveInOrder(window, async () => {
    stopWatching();
    await engine.stop();
  });
}

/** An Electron too old for SQLite runs the engine in this Node instead: in tests only, never in a shop's app. */
function testNode(): string | null {
  return app.isPackaged ? null : (process.env['JIFEN_ENGINE_NODE'] ?? null);
}

function focus(window: BrowserWindow): void {
  if (window.isMinimized()) window.restore();
  window.focus();
}

/** A kiosk's window closes only when the system ends the app; then the engine closes the book first. */
function leaveInOrder(window: BrowserWindow, stop: () => Promise<void>): void {
  let leaving: 'no' | 'asked' | 'stopped' = 'no';
  window.on('close', (event) => {
    if (kiosk && leaving === 'no') event.preventDefault();
  });
  app.on('before-quit', () => {
    if (leaving === 'no') leaving = 'asked';
  });
  app.on('window-all-closed', () => app.quit());
  app.on('will-quit', (event) => {
    if (leaving === 'stopped') return;
    event.preventDefault();
    void stop().then(() => {
      leaving = 'stopped';
      app.quit();
    });
  });
}
