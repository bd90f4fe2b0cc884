// The browser host over real sockets, with an engine process that answers what it hears.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { startBrowserHost } from '../../../electron/browser/host.ts';
import type { BrowserHost } from '../../../electron/browser/host.ts';

const home = mkdtempSync(join(tmpdir(), 'kiosk-browser-'));
const page = mkdtempSync(join(tmpdir(), 'kiosk-page-'));
writeFileSync(join(page, 'index.html'), '<!doctype html><title>till</title>');
const lines: string[] = [];
let host: BrowserHost;

beforeAll(async () => {
  const engine = join(import.meta.dirname, '../host/stand-in-engine.ts');
  host = await startBrowserHost({ home, page, engine, log: (line) => lines.push(line) });
  await host.engineReady;
});
afterAll(async () => {
  await host.close();
  for (const folder of [home, page]) rmSync(folder, { recursive: true });
});

test('the page comes with its policy, other paths and methods with nothing', async () => {
  const base = `http://127.0.0.1:${host.port}`;
  const index = await fetch(`${base}/`);
  expect([index.status, index.headers.get('x-content-type-options'), await index.text()]).toEqual([
    200,
    'nosniff',
    '<!doctype html><title>till</title>',
  ]);
  expect(index.headers.get('content-security-policy')).toContain(`connect-src 'self' ws://127.0.0.1:${host.port};`);
  expect([
    await status('GET /../package.json'),
    await status('GET /%2e%2e/package.json'),
    await status('GET //etc/passwd'),
    await status('POST /'),
    await status('GET // HTTP/1.1\r\nConnection: upgrade\r\nUpgrade: websocket\r\nX: '),
    await status('GET /', 'kiosk.example'),
    await status('GET /', `localhost:${host.port}`),
  ]).toEqual([404, 404, 404, 405, 404, 403, 403]);
});

test('one token, one page: its cookie lets it come back, nobody else comes in', async () => {
  const token = newToken();
  const first = await open({ token });
  const session = first.cookie!.split(';')[0]!;
  expect(first.cookie!.replace(/=[\w-]{43};/, '=SECRET;')).toBe(`kiosk-${host.port}=SECRET; Path=/wire; HttpOnly; SameSite=Strict`);
  first.socket.send(JSON.stringify({ ask: '积分' }));
  expect([await first.take(), await first.take()]).toEqual([{ hello: host.enginePid() }, { heard: { ask: '积分' } }]);
  first.socket.close();
  expect([await refusal({ token }), await refusal({ cookie: `kiosk-${host.port}=guess` }), await refusal({})]).toEqual([403, 403, 403]);
  const again = await open({ token, cookie: session });
  expect([await again.take(), again.cookie]).toEqual([{ hello: host.enginePid() }, null]);
  again.socket.close();
});

test('a page whose address was used is told so, and told of in the log once', async () => {
  const token = newToken();
  const told = async (): Promise<number> => (await fetch(`http://127.0.0.1:${host.port}/wire?token=${token}`)).status;
  const before = await told();
  (await open({ token })).socket.close();
  const count = (): number => lines.filter((line) => line === 'a page was refused: not_invited').length;
  const logged = count();
  expect([before, await told(), await refusal({ token }), await refusal({ token }), count() - logged]).toEqual([204, 403, 403, 403, 1]);
  expect(await status(`GET /wire?token=${token}`, 'kiosk.example')).toBe(403);
});

test('a foreign origin or host is refused, and leaves the token good', async () => {
  const token = newToken();
  expect([
    await refusal({ token, origin: 'https://example.com' }),
    await refusal({ token, host: 'kiosk.example' }),
    await refusal({ token, path: '/other' }),
  ]).toEqual([403, 403, 404]);
  (await open({ token })).socket.close();
});

test.each([
  ['a message over 256 KB', 'x'.repeat(256 * 1024 + 1), 1009],
  ['text that is not JSON', '{"type":', 1006],
  ['bytes', Buffer.from([1, 2, 3]), 1006],
])('%s ends the wire of that page alone', async (_, data, code) => {
  const bad = await open({ token: newToken() });
  const good = await open({ token: newToken() });
  await bad.take();
  await good.take();
  bad.socket.send(data);
  expect(await bad.closed).toBe(code);
  good.socket.send('1');
  expect(await good.take()).toEqual({ heard: 1 });
  good.socket.close();
});

test('a killed engine closes the page, refuses it while it is away, and the page comes back with its cookie', async () => {
  const before = await open({ token: newToken() });
  const cookie = before.cookie!.split(';')[0]!;
  const old = host.enginePid()!;
  process.kill(old, 'SIGKILL');
  expect(await before.closed).toBe(1012);
  expect(await refusal({ cookie })).toBe(503);
  await expect.poll(() => host.enginePid(), { timeout: 10_000 }).not.toBeNull();
  const after = await open({ cookie });
  const hello = (await after.take()) as { hello: number };
  expect([hello.hello === host.enginePid(), hello.hello === old]).toEqual([true, false]);
  expect(lines).toContain('engine ended: killed by SIGKILL; start 2 in 500 ms');
  after.socket.close();
});

function newToken(): string {
  return new URL(host.invite()).hash.slice('#token='.length);
}

interface Knock {
  readonly token?: string;
  readonly cookie?: string;
  readonly origin?: string;
  readonly host?: string;
  readonly path?: string;
}

function knock({ token, cookie, origin = `http://127.0.0.1:${host.port}`, host: name, path = '/wire' }: Knock): WebSocket {
  const query = token === undefined ? '' : `?token=${token}`;
  return new WebSocket(`ws://127.0.0.1:${host.port}${path}${query}`, {
    headers: { origin, ...(cookie === undefined ? {} : { cookie }), ...(name === undefined ? {} : { host: name }) },
  });
}

async function open(how: Knock): Promise<{
  readonly socket: WebSocket;
  readonly cookie: string | null;
  readonly closed: Promise<number>;
  take(): Promise<unknown>;
}> {
  const socket = knock(how);
  const arrived: unknown[] = [];
  socket.on('message', (data: Buffer) => arrived.push(JSON.parse(data.toString())));
  let cookie: string | null = null;
  socket.on('upgrade', (response) => (cookie = response.headers['set-cookie']?.[0] ?? null));
  const closed = new Promise<number>((resolve) => socket.on('close', resolve));
  await new Promise((resolve, reject) => {
    socket.on('open', resolve);
    socket.on('error', reject);
  });
  return {
    socket,
    cookie,
    closed,
    async take() {
      await expect.poll(() => arrived.length).toBeGreaterThan(0);
      return arrived.shift();
    },
  };
}

async function refusal(how: Knock): Promise<number> {
  const socket = knock(how);
  return new Promise((resolve, reject) => {
    socket.on('unexpected-response', (request, response) => {
      request.destroy();
      resolve(response.statusCode ?? 0);
    });
    socket.on('open', () => reject(new Error('was let in')));
    socket.on('error', () => undefined);
  });
}

/** The status of a request whose path is sent as it is: fetch would tidy it up. */
async function status(line: string, name = `127.0.0.1:${host.port}`): Promise<number> {
  const socket = connect(host.port, '127.0.0.1');
  socket.end(`${line} HTTP/1.1\r\nHost: ${name}\r\nConnection: close\r\n\r\n`);
  const text = await new Promise<string>((resolve) => socket.once('data', (data) => resolve(data.toString())));
  socket.destroy();
  return Number(text.split(' ')[1]);
}
