import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { forkEngine } from '../../../electron/ipc/fork-engine.ts';
import type { ForkedEngine } from '../../../electron/ipc/fork-engine.ts';
import { pagesMax } from '../../../electron/ipc/relay.ts';
import type { Wire } from '../../../electron/ipc/wire.ts';

const entry = join(import.meta.dirname, 'stand-in-engine.ts');
let home: string;
let engine: ForkedEngine | null = null;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'kiosk-host-'));
});
afterEach(async () => {
  if (engine) await killed(engine);
  engine = null;
  rmSync(home, { recursive: true });
});

test('several pages talk to one engine, each hears its own answers', async () => {
  await start();
  const one = listen(engine!.openPage()!);
  const two = listen(engine!.openPage()!);
  one.wire.send({ call: 1, name: '洗衣粉' });
  two.wire.send(['second', null, 1.5]);
  expect([await one.take(), await one.take(), await two.take(), await two.take()]).toEqual([
    { hello: engine!.pid },
    { heard: { call: 1, name: '洗衣粉' } },
    { hello: engine!.pid },
    { heard: ['second', null, 1.5] },
  ]);
});

test('a page that the engine closes is closed at the host, and makes room for another', async () => {
  await start();
  const pages = Array.from({ length: pagesMax }, () => engine!.openPage());
  expect([pages.every((wire) => wire !== null), engine!.openPage()]).toEqual([true, null]);
  const first = listen(pages[0]!);
  first.wire.send('close');
  await first.closed;
  expect(engine!.openPage()).not.toBeNull();
});

test('a killed engine closes every page and tells the signal', async () => {
  await start();
  const page = listen(engine!.openPage()!);
  const reason = exit(engine!);
  process.kill(engine!.pid!, 'SIGKILL');
  await page.closed;
  expect(await reason).toBe('killed by SIGKILL');
});

test('a clean stop closes the engine first and exits with 0', async () => {
  await start();
  const reason = exit(engine!);
  engine!.stop();
  expect([await reason, logged()]).toEqual(['exit code 0', ['closing: the host said so']]);
});

test('SIGTERM is a clean stop', async () => {
  await start();
  const reason = exit(engine!);
  process.kill(engine!.pid!, 'SIGTERM');
  expect([await reason, logged()]).toEqual(['exit code 0', ['closing: SIGTERM']]);
});

test.each([
  ['throw', 'uncaught exception', 'broken on purpose'],
  ['reject', 'unhandled rejection', 'rejected on purpose'],
])('what nobody caught (%s) is logged with its cause and ends the process', async (message, line, cause) => {
  await start();
  const reason = exit(engine!);
  engine!.openPage()!.send(message);
  expect([await reason, logged()]).toEqual(['exit code 1', [line]]);
  expect(readFileSync(join(home, 'logs', 'engine.log'), 'utf8')).toContain(cause);
});

test('an engine that cannot start exits with 1 and never says ready', async () => {
  process.env['STAND_IN'] = 'start-fails';
  engine = forkEngine({ node: process.execPath, entry, home });
  delete process.env['STAND_IN'];
  let ready = false;
  engine.onReady(() => (ready = true));
  expect([await exit(engine), ready, logged()]).toEqual(['exit code 1', false, ['the engine could not start']]);
});

test('an engine answers a ping', async () => {
  await start();
  const pong = new Promise<string>((resolve) => engine!.onPong(() => resolve('pong')));
  engine!.ping();
  expect(await pong).toBe('pong');
});

test('an engine keeps new objects in little room, whatever memory the machine has', async () => {
  await start();
  const page = listen(engine!.openPage()!);
  page.wire.send('churn');
  expect(await page.take()).toEqual({ hello: engine!.pid });
  const { youngMegabytes } = (await page.take()) as { readonly youngMegabytes: number };
  expect(youngMegabytes).toBeLessThanOrEqual(24); // V8 counts three of its half spaces at most
});

test('an engine whose host is gone closes by itself', async () => {
  const { spawn } = await import('node:child_process');
  const source = `
    import { forkEngine } from ${JSON.stringify(join(import.meta.dirname, '../../../electron/ipc/fork-engine.ts'))};
    const engine = forkEngine({ node: process.execPath, entry: ${JSON.stringify(entry)}, home: ${JSON.stringify(home)} });
    engine.onReady(() => console.log(engine.pid));`;
  const host = spawn(process.execPath, ['--input-type=module', '-e', source], { stdio: ['ignore', 'pipe', 'inherit'] });
  const pid = Number(await new Promise((resolve) => host.stdout.once('data', resolve)));
  host.kill('SIGKILL');
  await expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false);
  expect(logged()).toEqual(['closing: the host is gone']);
});

test('a Node that is not there is a reason, not an exception', async () => {
  const missing = forkEngine({ node: join(home, 'no-node'), entry, home });
  expect(await exit(missing)).toMatch(/^could not be started: .*ENOENT/);
});

async function start(): Promise<void> {
  engine = forkEngine({ node: process.execPath, entry, home });
  const started = engine;
  await new Promise<void>((resolve) => started.onReady(resolve));
}

function exit(child: ForkedEngine): Promise<string> {
  return new Promise((resolve) => child.onExit(resolve));
}

async function killed(child: ForkedEngine): Promise<void> {
  const gone = exit(child);
  child.kill();
  await gone;
}

function listen(wire: Wire): { readonly wire: Wire; readonly closed: Promise<void>; take(): Promise<unknown> } {
  const arrived: unknown[] = [];
  wire.onMessage((message) => arrived.push(message));
  const closed = new Promise<void>((resolve) => wire.onClose(resolve));
  return {
    wire,
    closed,
    async take() {
      await expect.poll(() => arrived.length).toBeGreaterThan(0);
      return arrived.shift();
    },
  };
}

function logged(): string[] {
  return readFileSync(join(home, 'logs', 'engine.log'), 'utf8')
    .trim()
    .split('\n')
    .map((text) => (JSON.parse(text) as { line: string }).line);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
