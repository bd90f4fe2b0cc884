// `npm start`: builds what is stale, makes the demo the first time, runs the demo county's server, and opens the kiosk in Electron or in a
// browser, saying which and why. Nothing that it started goes on after it.

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { bundle, staleParts } from './bundle.ts';
import { startCounty } from './demo-county.ts';
import { type DemoShop, demoShops, nameCounty, serverJournal, shopsMax } from './demo.ts';
import { findElectron } from './find-electron.ts';

const usage = `usage: npm start -- [--home DIR] [--browser] [--kiosk] [--no-open] [--shops 2] [--no-county] [--reset-demo]

  --home DIR    the kiosk's home, alone: no other shop and no county; without it a demo shop is made in .demo/ once
  --browser     do not look for Electron
  --kiosk       the whole screen, as in a shop; without it a window
  --no-open     print the page's address and open nothing (browser host only)
  --shops 2     open the shop of the next village, too
  --no-county   without the demo county's server: files go by stick
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
  const { home: given, browser, kiosk, open, reset, shops: count, withCounty } = choices;
  if (given !== null && !existsSync(given)) {
    process.stderr.write(`${given} is not there. Make a kiosk with: npm run kiosk -- create --home ${given} --enrolment FILE\n`);
    return 1;
  }
  const shops = given === null ? await demoShops({ reset, shops: count, withServer: withCounty, say }) : [{ home: given, kiosk: '' }];
  const [county, host] = await Promise.all([given === null ? openCounty(shops, withCounty) : null, chooseHost(browser || !open)]);
  try {
    await bundle(staleParts(host.kind === 'electron' ? ['page', 'main', 'preload', 'engine'] : ['page']));
    return await follow(shops.map((shop, i) => programOf(host, { ...shop, kiosk: shops.length === 1 ? '' : shop.kiosk }, i === 0)));
  } finally {
    await county?.stop();
  }

  function programOf(host: Host, shop: DemoShop, isFirst: boolean): Program {
    const name = shop.kiosk === '' ? '' : `${shop.kiosk} `;
    if (host.kind === 'browser') {
      say(`opening ${name}in the browser host: ${host.why}`);
      const flags = [...(kiosk ? ['--kiosk'] : []), ...(open ? [] : ['--no-open']), ...(shop.kiosk === '' ? [] : ['--name', shop.kiosk])];
      const args = [join(root, 'electron/browser/main.ts'), '--home', shop.home, ...flags];
      return { command: process.execPath, args, hasChannel: true, hasInput: isFirst };
    }
    say(`opening ${name}in Electron: ${host.executable}`);
    // Chromium cannot sandbox what root runs. A shop's kiosk does not run as root.
    const flags = [...(kiosk ? [] : ['--windowed']), ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])];
    return { command: host.executable, args: [root, '--home', shop.home, ...flags], hasChannel: false, hasInput: isFirst };
  }
}

/** The demo county's server, named in its shops; null where it is not wanted, or did not start. */
async function openCounty(shops: readonly DemoShop[], isWanted: boolean): ReturnType<typeof startCounty> {
  const county = isWanted ? await startCounty(say) : null;
  if (isWanted && county === null) {
    say('the county’s server did not start: the shop opens without it, and keeps what it has to send');
    return null;
  }
  for (const shop of shops) nameCounty(shop, county?.server ?? null);
  if (county !== null) {
    say(
      `the county: ${county.server.url}/clerk in a browser, which warns because the certificate is the county’s own; 过夜 there is the night`,
    );
    say(`its journal: ${relative(root, serverJournal)}; its commands: npm run county -- … --data .demo/county-server`);
  }
  return county;
}

interface Choices {
  readonly home: string | null;
  readonly browser: boolean;
  readonly kiosk: boolean;
  readonly open: boolean;
  readonly reset: boolean;
  readonly shops: number;
  readonly withCounty: boolean;
}

function readChoices(): Choices | 'help' | null {
  try {
    const { values } = parseArgs({
      options: {
        home: { type: 'string' },
        browser: { type: 'boolean', default: false },
        kiosk: { type: 'boolean', default: false },
        'no-open': { type: 'boolean', default: false },
        shops: { type: 'string' },
        'no-county': { type: 'boolean', default: false },
        'reset-demo': { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) return 'help';
    const { home, browser, kiosk } = values;
    if (home !== undefined && (values.shops !== undefined || values['reset-demo'])) {
      process.stderr.write(
        `--home opens that one kiosk, without the demo's county: ${values.shops === undefined ? '--reset-demo' : '--shops'} is for the demo's own shops. Leave one of them out.\n`,
      );
      return null;
    }
    const shops = Number(values.shops ?? 1);
    if (!Number.isInteger(shops) || shops < 1 || shops > shopsMax) {
      process.stderr.write(`--shops is 1 or ${shopsMax}\n`);
      return null;
    }
    return {
      home: home === undefined ? null : resolve(home),
      browser,
      kiosk,
      open: !values['no-open'],
      reset: values['reset-demo'],
      shops,
      withCounty: !values['no-county'],
    };
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

/** A host of one shop. */
interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly hasChannel: boolean;
  /** The terminal's keys are this one's: two that read it would each get half. */
  readonly hasInput: boolean;
}

/** Runs the hosts to their end. Ctrl+C, a system's SIGTERM, a closed terminal and the end of npm reach them, so that they close their books. */
async function follow(programs: readonly Program[]): Promise<number> {
  const children = programs.map(({ command, args, hasChannel, hasInput }) =>
    // The channel carries nothing: it closes when this process is gone, however that happened.
    spawn(command, args, { stdio: [hasInput ? 'inherit' : 'ignore', 'inherit', 'inherit', hasChannel ? 'ipc' : 'ignore'] }),
  );
  const tellAll = (signal: NodeJS.Signals): void => {
    for (const child of children) child.kill(signal);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => tellAll(signal));
  // npm passes a signal to its shell, and the shell to nobody.
  const npm = process.ppid;
  const isByNpm = process.env['npm_lifecycle_event'] !== undefined;
  const watch = setInterval(() => {
    if (isByNpm && process.ppid !== npm) tellAll('SIGTERM');
  }, parentCheckMs);
  const codes = await Promise.all(children.map(ended));
  clearInterval(watch);
  return Math.max(...codes);
}

function ended(child: ChildProcess): Promise<number> {
  return new Promise((exited) => {
    child.on('error', (error) => {
      process.stderr.write(`${child.spawnfile}: ${error.message}\n`);
      exited(1);
    });
    child.on('exit', (code) => exited(code ?? 1));
  });
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
