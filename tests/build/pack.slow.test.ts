// Packs the kiosk for Linux around the Electron for tests, and looks into the package: what is in it, and what is not.

import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FuseState, FuseV1Options, getCurrentFuseWire } from '@electron/fuses';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bundle, staleParts } from '../../build/bundle.ts';
import { electronRuntime } from '../../build/electron-runtime.ts';
import { pack } from '../../build/pack.ts';
import { forkEngine } from '../../electron/ipc/fork-engine.ts';
import { extractArchive, listArchive } from './asar.ts';

const output = mkdtempSync(join(tmpdir(), 'kiosk-packed-'));
const packed = join(output, 'linux-unpacked');
const archive = join(packed, 'resources/app.asar');

beforeAll(async () => {
  await bundle(staleParts(['page', 'main', 'preload', 'engine']));
  await pack({ target: 'dir', output, electronDist: await electronRuntime() });
});
afterAll(() => rmSync(output, { recursive: true }));

test('S13: the fuses are exactly ours', async () => {
  const wire = await getCurrentFuseWire(join(packed, 'jifen-kiosk'));
  const on = Object.entries(FuseV1Options).flatMap(([name, fuse]) =>
    typeof fuse === 'number' && wire[fuse] === FuseState.ENABLE ? [name] : [],
  );
  expect(on).toEqual(['EnableCookieEncryption', 'EnableEmbeddedAsarIntegrityValidation', 'OnlyLoadAppFromAsar']);
});

test('the package holds the five bundles, the page, and the packages with native code: no source, no map, no test, no demo', () => {
  const files = [...listArchive(archive).keys()];
  const ours = files.filter((file) => !file.startsWith('node_modules/') && !file.startsWith('dist/renderer/assets/'));
  expect(new Set(ours)).toEqual(
    new Set([
      'LICENSE',
      'package.json',
      'dist/main/main.js',
      'dist/preload/preload.cjs',
      'dist/engine/main.js',
      'dist/engine/upkeep-worker.js',
      'dist/renderer/index.html',
    ]),
  );
  const packages = new Set(files.flatMap((file) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? []));
  expect(
    [...packages]
      .filter((name) => !/^(?:@serialport|@napi-rs|@fontsource|@fontsource-variable)\//.test(name))
      .toSorted((a, b) => a.localeCompare(b)),
  ).toEqual(['better-sqlite3', 'debug', 'ms', 'node-gyp-build', 'serialport']);
  expect(files.filter((file) => /\.(?:ts|tsx|map|md)$|\.test\.|\.demo|gallery/.test(file))).toEqual([]);
});

test('three native files, all for this system, lie beside the archive', () => {
  const native = [...listArchive(archive)].filter(([file]) => file.endsWith('.node'));
  expect(new Map(native.map(([file, { isUnpacked }]) => [file, isUnpacked]))).toEqual(
    new Map([
      ['node_modules/@napi-rs/canvas-linux-x64-gnu/skia.linux-x64-gnu.node', true],
      ['node_modules/@serialport/bindings-cpp/prebuilds/linux-x64/@serialport+bindings-cpp.glibc.node', true],
      ['node_modules/better-sqlite3/prebuilds/linux-x64.node', true],
    ]),
  );
});

test('S02: the preload is one CommonJS file that requires electron and nothing else', () => {
  const text = listArchive(archive).get('dist/preload/preload.cjs')!.read().toString();
  expect([
    [...text.matchAll(/require\(["']([^"']+)["']\)/g)].map(([, name]) => name),
    /^\s*(?:import|export)\s/m.test(text),
    /\bimport\s*\(/.test(text),
  ]).toEqual([['electron'], false, false]);
  expect(readdirSync(join(import.meta.dirname, '../../dist/preload'))).toEqual(['preload.cjs']);
});

test('main starts no engine that an environment names, and knows no file of this tree', () => {
  const main = listArchive(archive).get('dist/main/main.js')!.read().toString();
  expect([main.includes('app.isPackaged ? null'), main.includes(join(import.meta.dirname, '../..'))]).toEqual([true, false]);
});

test('what the engine needs is all inside: laid out elsewhere, it starts and says why it does not sell', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'kiosk-laid-out-'));
  extractArchive(archive, folder);
  const home = join(folder, 'no-home');
  const engine = forkEngine({ node: process.execPath, entry: join(folder, 'dist/engine/main.js'), home });
  const outcome = await new Promise<string>((resolve) => {
    engine.onReady(() => resolve('ready'));
    engine.onExit(resolve);
  });
  const ended = new Promise((resolve) => engine.onExit(resolve));
  engine.stop();
  expect([outcome, await ended, existsSync(home)]).toEqual(['ready', 'exit code 0', false]);
  rmSync(folder, { recursive: true });
});

test('everything besides Electron is at most 80 MB', () => {
  const size = (folder: string): number =>
    readdirSync(folder, { recursive: true, withFileTypes: true }).reduce(
      (sum, entry) => sum + (entry.isFile() ? statSync(join(entry.parentPath, entry.name)).size : 0),
      0,
    );
  expect(size(join(packed, 'resources')) / 1e6).toBeLessThan(80);
  expect(JSON.parse(listArchive(archive).get('package.json')!.read().toString())).toMatchObject({
    name: 'jifen-kiosk',
    version: (JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')) as { version: string }).version,
    main: 'dist/main/main.js',
  });
});
