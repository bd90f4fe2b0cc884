// `npm start`: builds what is stale, makes the demo the first time, and opens the kiosk in Electron or in a browser, saying which and why.

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { bundle, staleParts } from './bundle.ts';
import { demoHome } from './demo.ts';
import { findElectron } from './find-electron.ts';

const usage = `usage: npm start -- [--home DIR] [--browser] [--kiosk] [--no-open] [--reset-demo]

  --home DIR    the kiosk's home; without it a demo shop is made in .demo/ once
  --browser     do not look for Electron
  --kiosk       the whole screen, as in a shop; without it a window
  --no-open     print the page's address and open nothing (browser host only)
  --reset-demo  throw the demo away and make it anew
`;

const root = fileURLToPath(new URL('..', import.meta.url));
/** A start that follows a kill by hand finds the book free. */
const parentCheckMs = 500;

process.exitCode = await start();

async function start(): Promise<number> {
  const choices = readChoices();
  if (choices === 'help') {
    process.stdout.write(usage);
    return 0;
  }
  if (choices === null) {
    process.stderr.write(usage);
    return 2;
  }
  const { home: given, browser, kiosk, open, reset } = choices;
  if (given !== null && !existsSync(given)) {
    process.stderr.write(`${given} is not there. Make a kiosk with: npm run kiosk -- create --home ${given} --enrolment FILE\n`);
    return 1;
  }
  const home = given ?? (await demoHome({ reset, say }));
  const host = await chooseHost(browser || !open);
  await bundle(staleParts(host.kind === 'electron' ? ['page', 'main', 'preload', 'engine'] : ['page']));
  if (host.kind === 'browser') {
    say(`opening in the browser host: ${host.why}`);
    const flags = [...(kiosk ? ['--kiosk'] : []), ...(open ? [] : ['--no-open'])];
    return follow(process.execPath, [join(root, 'electron/browser/main.ts'), '--home', home, ...flags], true);
  }
  say(`opening in Electron: ${host.executable}`);
  // Chromium cannot sandbox what root runs. A shop's kiosk does not run as root.
  const flags = [...(kiosk ? [] : ['--windowed']), ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])];
  return follow(host.executable, [root, '--home', home, ...flags], false);
}

function readChoices(): { home: string | null; browser: boolean; kiosk: boolean; open: boolean; reset: boolean } | 'help' | null {
  try {
    const { values } = parseArgs({
      options: {
        home: { type: 'string' },
        browser: { type: 'boolean', default: false },
        kiosk: { type: 'boolean', default: false },
        'no-open': { type: 'boolean', default: false },
        'reset-demo': { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) return 'help';
    const { home, browser, kiosk } = values;
    return { home: home === undefined ? null : resolve(home), browser, kiosk, open: !values['no-open'], reset: values['reset-demo'] };
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`); // parseArgs throws nothing else
    return null;
  }
}

type Host = { readonly kind: 'electron'; readonly executable: string } | { readonly kind: 'browser'; readonly why: string };

async function chooseHost(browserAsked: boolean): Promise<Host> {
  if (browserAsked) return { kind: 'browser', why: 'you asked for it' };
  if (process.platform === 'linux' && process.env['DISPLAY'] === undefined && process.env['WAYLAND_DISPLAY'] === undefined)
    return { kind: 'browser', why: 'there is no screen here (DISPLAY is not set)' };
  const electron = await findElectron(say);
  return electron.kind === 'found' ? { kind: 'electron', executable: electron.executable } : { kind: 'browser', why: electron.why };
}

/** Runs the host to its end. Ctrl+C, a system's SIGTERM, a closed terminal and the end of npm reach it, so that it closes the book. */
function follow(command: string, args: readonly string[], hasChannel: boolean): Promise<number> {
  // The channel carries nothing: it closes when this process is gone, however that happened.
  const child = spawn(command, args, { stdio: ['inherit', 'inherit', 'inherit', hasChannel ? 'ipc' : 'ignore'] });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
  // npm passes a signal to its shell, and the shell to nobody.
  const npm = process.ppid;
  const isByNpm = process.env['npm_lifecycle_event'] !== undefined;
  const watch = setInterval(() => {
    if (isByNpm && process.ppid !== npm) child.kill('SIGTERM');
  }, parentCheckMs);
  return new Promise((exited) => {
    const end = (code: number): void => {
      clearInterval(watch);
      exited(code);
    };
    child.on('error', (error) => {
      process.stderr.write(`${command}: ${error.message}\n`);
      end(1);
    });
    child.on('exit', (code) => end(code ?? 1));
  });
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
