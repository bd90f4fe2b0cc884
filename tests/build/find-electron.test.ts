// Electron for `npm start`: there, to be had, or not, against a server on this machine and a package of our own.

import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { findElectron } from '../../build/find-electron.ts';

let folder: string;
let server: Server;
let status: number;
const asked: string[] = [];
const said: string[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'electron-package-'));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ version: '45.4.1' }));
  asked.length = 0;
  said.length = 0;
  status = 200;
  server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    response.writeHead(status).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  vi.stubEnv('ELECTRON_MIRROR', `http://${place()}/electron/`);
});
afterEach(() => {
  vi.unstubAllEnvs();
  server.close();
  server.closeAllConnections();
  rmSync(folder, { recursive: true });
});

const place = (): string => `127.0.0.1:${(server.address() as AddressInfo).port}`;
const find = () => findElectron((line) => void said.push(line), folder);

function install(executable: string): void {
  mkdirSync(join(folder, 'dist'));
  writeFileSync(join(folder, 'dist', executable), '');
  writeFileSync(join(folder, 'path.txt'), executable);
}

test('one that is installed is used, and nobody is asked', async () => {
  install('electron');
  expect([await find(), asked, said]).toEqual([{ kind: 'found', executable: join(folder, 'dist/electron') }, [], []]);
});

test('one whose program is gone counts as not installed', async () => {
  install('electron');
  rmSync(join(folder, 'dist/electron'));
  status = 404;
  expect(await find()).toEqual({ kind: 'missing', why: `Electron 45.4.1 is not installed, and ${place()} answers 404` });
  expect([asked, said]).toEqual([['HEAD /electron/v45.4.1/SHASUMS256.txt'], []]);
});

test('a server that cannot be reached is named', async () => {
  const gone = place();
  server.close();
  expect(await find()).toEqual({ kind: 'missing', why: `Electron 45.4.1 is not installed, and ${gone} cannot be reached` });
});

test('one that can be had is downloaded by the script of its package, said before', async () => {
  const script = `const { mkdirSync, writeFileSync } = require('node:fs');
mkdirSync(__dirname + '/dist');
writeFileSync(__dirname + '/dist/electron', '');
writeFileSync(__dirname + '/path.txt', 'electron');`;
  writeFileSync(join(folder, 'install.js'), script);
  expect(await find()).toEqual({ kind: 'found', executable: join(folder, 'dist/electron') });
  expect(said).toEqual([`downloading Electron 45.4.1 from ${place()}, once (110 MB)`]);
});

test('a download that fails is told in its own last words', async () => {
  writeFileSync(join(folder, 'install.js'), `process.stderr.write('one\\ndisk is full\\n'); process.exit(1);`);
  expect(await find()).toEqual({ kind: 'missing', why: 'Electron 45.4.1 could not be downloaded: disk is full' });
});
