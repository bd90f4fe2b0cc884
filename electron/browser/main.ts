// Starts the browser host from the command line and opens a browser on it, or prints addresses. Ends with
// the browser's window, or with the program that started it.

import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { openLog } from '../ipc/log.ts';
import { chromiumSwitches, findChromium } from './chromium.ts';
import { startBrowserHost } from './host.ts';
import type { BrowserHost } from './host.ts';

const { home, page, engine, kiosk, open, name } = parseArgs({
  allowNegative: true,
  options: {
    home: { type: 'string' },
    page: { type: 'string', default: fileURLToPath(new URL('../../dist/renderer', import.meta.url)) },
    engine: { type: 'string', default: fileURLToPath(new URL('../engine/main.ts', import.meta.url)) },
    kiosk: { type: 'boolean', default: false },
    open: { type: 'boolean', default: true },
    name: { type: 'string', default: '' },
  },
}).values;
if (home === undefined) {
  process.stderr.write('usage: node electron/browser/main.ts --home DIR [--page DIR] [--kiosk] [--no-open] [--name NAME]\n');
  process.exit(2);
}

/** A browser that crashes at once must not be started a hundred times a second. */
const reopenAfterMs = 1_000;

const log = openLog(home, 'host');
const host = await startBrowserHost({ home, page, engine, log });
let ending = false;
let window: ChildProcess | null = null;
const end = async (why: string): Promise<void> => {
  if (ending) return;
  ending = true;
  log(`host closes: ${why}`);
  window?.kill();
  await host.close();
  process.exit(0);
};
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => void end(signal));
process.on('disconnect', () => void end('the program that started it is gone')); // only where that one opened a channel
await host.engineReady;
const chromium = open ? findChromium() : null;
if (ending) {
  // it ends by itself; no address would open anything
} else if (chromium === null || (process.platform === 'linux' && !hasDisplay())) {
  offerAddresses(host);
} else {
  showPage(host, chromium, join(home, 'browser'));
}

/** An address lets one window in. Whoever closed that window asks here for the next one. */
function offerAddresses(host: BrowserHost): void {
  const offer = (): void => void process.stdout.write(`${host.invite()}\n`);
  const asking = [
    ...(process.stdin.isTTY ? ['press Enter here'] : []),
    ...(process.platform === 'win32' ? [] : [`run: kill -USR1 ${process.pid}`]),
  ];
  process.stdout.write(
    `${name === '' ? '' : `${name}: `}Open this address in a browser on this machine; it works once.${asking.length === 0 ? '' : ` For a new one ${asking.join(', or ')}`}\n`,
  );
  offer();
  if (process.stdin.isTTY) process.stdin.on('data', offer);
  if (process.platform !== 'win32') process.on('SIGUSR1', offer);
}

/** In a shop the window comes back when it is closed; elsewhere its end is the host's end. */
function showPage(host: BrowserHost, chromium: string, profile: string): void {
  const switches = chromiumSwitches({ url: host.invite(), profile, kiosk, isRoot: process.getuid?.() === 0 });
  window = spawn(chromium, switches, { stdio: 'ignore' });
  window.on('error', (error) => void end(`${chromium} could not be started: ${error.message}`));
  window.on('exit', (code) => {
    log(`the browser's window closed with ${code}`);
    if (kiosk && !ending) setTimeout(() => showPage(host, chromium, profile), reopenAfterMs);
    else void end("the browser's window was closed");
  });
}

function hasDisplay(): boolean {
  return process.env['DISPLAY'] !== undefined || process.env['WAYLAND_DISPLAY'] !== undefined;
}
