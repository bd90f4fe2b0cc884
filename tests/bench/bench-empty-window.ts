// An Electron window with one word in it: what any kiosk in Electron costs before it is a kiosk.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ElectronApplication, _electron } from 'playwright-core';
import { electronFor } from '../../build/electron-runtime.ts';
import type { Display } from '../e2e/harness/display.ts';
import { kioskEnvironment } from '../e2e/harness/electron.ts';

const deadlineMs = 60_000;

/** Makes it in an empty folder; returns the executable, whose folder is to be removed. */
export async function emptyElectron(folder: string): Promise<string> {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'empty-window', version: '1.0.0', type: 'module', main: 'main.js' }));
  writeFileSync(
    join(folder, 'main.js'),
    `import { BrowserWindow, app } from 'electron';
void app.whenReady().then(() => new BrowserWindow({ width: 1366, height: 768 }).loadURL('data:text/html,<p>empty</p>'));
`,
  );
  return electronFor(folder, `bench-empty-${process.pid}`);
}

/** Starts it and waits for the word. */
export async function launchEmpty(executable: string, display: Display): Promise<ElectronApplication> {
  const app = await _electron.launch({
    executablePath: executable,
    args: ['--no-sandbox'],
    env: kioskEnvironment(display, 'node'),
    timeout: deadlineMs,
  });
  const page = await app.firstWindow({ timeout: deadlineMs });
  await page.getByText('empty').first().waitFor({ timeout: deadlineMs });
  return app;
}
