// The server as a process, and commands typed while it runs: the same words do the same, with it and without it.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { makeCounty, openCounty } from '../../county/book/county-book.ts';
import { runDataCommand } from '../../county/data-commands.ts';
import { localPath } from '../../county/serve/local.ts';
import { enterStart, lastNight } from '../../county/serve/nightly.ts';
import { dayMs } from '../../db/model/time.ts';
import { countyName, fileKey, shop, temporary } from '../support/county.ts';

const main = new URL('../../county/main.ts', import.meta.url).pathname;

interface Running {
  readonly process: ChildProcess;
  readonly said: () => string;
}

function start(words: readonly string[]): Running {
  const child = spawn(process.execPath, [main, ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => said.push(chunk.toString()));
  return { process: child, said: () => said.join('') };
}

/** What main.ts does with these words; a process of its own for each takes a second. */
async function typed(words: readonly string[]): Promise<readonly [number | null, string]> {
  const said: string[] = [];
  const hear = (text: string): void => void said.push(text);
  return [await runDataCommand(words, { say: hear, complain: hear }), said.join('')];
}

async function until(running: Running, text: string): Promise<void> {
  for (const deadline = performance.now() + 60_000; !running.said().includes(text);) {
    if (performance.now() > deadline) throw new Error(`never said ${text}, but: ${running.said()}`);
    await new Promise((done) => setTimeout(done, 20));
  }
}

function aFolder(): string {
  const directory = join(temporary(onTestFinished, 'jifen-serve-'), 'data');
  const fileKeyPem = fileKey.export({ format: 'pem', type: 'pkcs8' }).toString();
  expect(makeCounty(directory, { code: shop.county, name: countyName, isDemo: true, fileKeyPem }).ok).toBe(true);
  return directory;
}

test('every command works while the server runs, and after it was killed', async () => {
  const data = aFolder();
  const serve = ['serve', '--data', data, '--port', '0', '--host', '127.0.0.1'];
  const server = start(serve);
  await until(server, 'serving');
  expect(server.said()).toMatch(
    /^https:\/\/127\.0\.0\.1:\d+\nkiosks know this server by its key: "countyServer": \{ "url": "https:[^"]+", "pin": "[\w-]{43}" \}\n/,
  );
  expect(statSync(localPath(data)).mode & 0o777).toBe(0o600);
  const [code, said] = await typed(['enrol', '--data', data, '--store', 'S1', '--kiosk', 'k-1']);
  expect([code, said]).toEqual([0, expect.stringMatching(/^one-time code of k-1, good for 14 days: [A-Z2-9]{16}\n$/)]);
  expect(await typed(['night', '--data', data])).toEqual([0, expect.stringMatching(/^k-1: no file, it never had its first\n/)]);
  writeFileSync(join(data, 'awards.csv'), 'account,points,reason\nnobody,1,值日\n');
  const list = relative(process.cwd(), join(data, 'awards.csv'));
  expect(await typed(['award', '--data', data, '--file', list])).toEqual([
    1,
    'row 2: no account nobody\nnothing was taken: mend the list and give it again\n',
  ]);
  const place = join(data, '..', 'committee');
  expect(await typed(['export', '--data', data, '--to', 'committee'])).toEqual([
    2,
    expect.stringMatching(/^--to names a folder by its whole path\n/),
  ]);
  expect(await typed(['export', '--data', data, '--to', place])).toEqual([
    0,
    expect.stringContaining(`npm run verify -- --files ${place} --keys ${place}/keys.json\n`),
  ]);
  expect(JSON.parse(readFileSync(join(place, 'keys.json'), 'utf8'))).toMatchObject({
    county: shop.county,
    countyKeyName: countyName,
    kiosks: {},
  });
  expect((await typed(serve))[1]).toContain('another program has the book');
  await until(server, 'command award exit 1\n');
  expect(server.said()).toMatch(/command enrol done\n[^]*command night done\n[^]*command award exit 1\n/);
  server.process.kill('SIGKILL');
  await once(server.process, 'close');
  expect(existsSync(localPath(data))).toBe(true);
  expect(await typed(['exceptions', '--data', data])).toEqual([0, '']); // its socket is nobody's: the book is opened here
  const again = start(serve);
  await until(again, 'serving');
  expect(await typed(['exceptions', '--data', data])).toEqual([0, '']);
  again.process.kill('SIGTERM');
  await once(again.process, 'close');
  expect([again.process.exitCode, existsSync(localPath(data))]).toEqual([0, false]);
  expect(again.said()).toMatch(/ending\n[^]*ended\n$/);
});

test('a night that was missed while the power was off runs at the start', async () => {
  const data = aFolder();
  let wallMs = Date.now() - 3 * dayMs;
  const before = openCounty(data, { wallMs: () => wallMs });
  if (!before.ok) throw new Error(before.code);
  await enterStart(before.value);
  await before.value.close();
  wallMs = Date.now();
  const server = start(['serve', '--data', data, '--port', '0', '--host', '127.0.0.1', '--night', '00:00']);
  await until(server, 'night: 0 files, 0 lines\n');
  await until(server, 'compared in three ways: nothing\n'); // the look at the whole book after it
  server.process.kill('SIGTERM');
  await once(server.process, 'close');
  const after = openCounty(data, { wallMs: () => wallMs });
  if (!after.ok) throw new Error(after.code);
  expect(await after.value.read(lastNight)).toBeGreaterThan(wallMs);
  await after.value.close();
});
