// Runs the built kiosk, or a stand-in of its page and engine, in the Electron for tests under Xvfb.

import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { _electron } from 'playwright-core';
import type { ElectronApplication, Page } from 'playwright-core';
import { build } from 'vite';
import { bundle, nodeConfig, staleParts } from '../../../build/bundle.ts';
import { electronFor } from '../../../build/electron-runtime.ts';
import type { Display } from './display.ts';

const root = join(import.meta.dirname, '../../..');

export interface Kiosk {
  readonly app: ElectronApplication;
  readonly page: Page;
}

const launchDeadlineMs = 60_000;

interface Launch {
  readonly executable: string;
  readonly display: Display;
  readonly home: string;
  /** In Electron itself, or in this Node (the real book needs it). */
  readonly engine: 'electron' | 'node';
  readonly args?: readonly string[];
}

/**
 * Starts the kiosk and waits for its window. Where the renderer of the Electron for tests crashes while it begins, which it did once on a
 * busy machine, the kiosk is started once more: a fault of ours would do it again.
 */
export async function launchKiosk(options: Launch): Promise<Kiosk> {
  try {
    return await launchOnce(options);
  } catch (error) {
    if (!String(error).includes('page crashed')) throw error;
    return await launchOnce(options);
  }
}

async function launchOnce(options: Launch): Promise<Kiosk> {
  const app = await _electron.launch({
    executablePath: options.executable,
    args: ['--no-sandbox', '--home', options.home, ...(options.args ?? ['--windowed'])],
    env: kioskEnvironment(options.display, options.engine),
    timeout: launchDeadlineMs,
  });
  try {
    const page = await app.firstWindow({ timeout: launchDeadlineMs });
    await page.waitForLoadState();
    return { app, page };
  } catch (error) {
    await app.close();
    throw error;
  }
}

/** The environment of a kiosk under test. */
export function kioskEnvironment(display: Display, engine: 'electron' | 'node'): { [name: string]: string } {
  const { PATH = '', HOME = '/root' } = process.env;
  return { PATH, HOME, DISPLAY: display.name, ...(engine === 'node' ? { JIFEN_ENGINE_NODE: process.execPath } : {}) };
}

/** The whole kiosk of this tree, built where it is stale: an executable. */
export async function realKiosk(): Promise<string> {
  await bundle(staleParts(['page', 'main', 'preload', 'engine']));
  return electronFor(root, 'kiosk');
}

/** The real main and preload around a page of one line and an engine that repeats what it hears. */
export async function standInKiosk(html: string): Promise<{ readonly executable: string; remove(): void }> {
  await bundle(staleParts(['main', 'preload']));
  const folder = mkdtempSync(join(tmpdir(), 'kiosk-app-'));
  for (const part of ['main', 'preload']) cpSync(join(root, 'dist', part), join(folder, 'dist', part), { recursive: true });
  mkdirSync(join(folder, 'dist/renderer'), { recursive: true });
  writeFileSync(join(folder, 'dist/renderer/index.html'), html);
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'stand-in', type: 'module', main: 'dist/main/main.js' }));
  await build(nodeConfig('tests/electron/host/stand-in-engine.ts', join(folder, 'dist/engine'), 'main.js', 'es'));
  const executable = await electronFor(folder, `stand-in-${process.pid}`);
  return {
    executable,
    remove() {
      for (const made of [folder, dirname(executable)]) rmSync(made, { recursive: true });
    },
  };
}
