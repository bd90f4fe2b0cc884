import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { once } from '../../../electron/ipc/relay.ts';
import { nextRestart, supervise } from '../../../electron/ipc/supervise.ts';
import type { EngineChild } from '../../../electron/ipc/supervise.ts';
import { fc } from '../../support/property.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

test('pauses grow from half a second to ten, and start over after a healthy minute', () => {
  let failures = 0;
  const pauses = [0, 0, 200, 59_999, 0, 0, 60_000, 0].map((readyMs) => {
    const next = nextRestart(failures, readyMs);
    failures = next.failures;
    return next.pauseMs;
  });
  expect(pauses).toEqual([500, 1_000, 2_000, 5_000, 10_000, 10_000, 500, 1_000]);
});

test('whatever happens, an engine is started at most once in half a second', () => {
  fc.assert(
    fc.property(fc.nat(50), fc.nat(200_000), (failures, readyMs) => {
      const next = nextRestart(failures, readyMs);
      expect(next.pauseMs).toBeGreaterThanOrEqual(500);
      expect(next.failures).toBeGreaterThanOrEqual(1);
    }),
  );
});

test('an engine that ends comes back, with its reason in the log', () => {
  const till = watch();
  till.engine().ready();
  vi.advanceTimersByTime(1_000);
  till.engine().exit('killed by SIGKILL');
  vi.advanceTimersByTime(499);
  expect(till.engines.length).toBe(1);
  vi.advanceTimersByTime(1);
  till.engine().ready();
  expect(till.seen).toEqual(['up 1', 'down: killed by SIGKILL', 'engine ended: killed by SIGKILL; start 2 in 500 ms', 'up 2']);
});

test('an engine that is not ready in two minutes is killed and started again', () => {
  const till = watch();
  vi.advanceTimersByTime(120_500);
  expect([till.engines[0]!.said, till.engines.length, till.seen[1]]).toEqual([['kill'], 2, 'down: was not ready in 120000 ms, killed']);
});

test('an engine that answers pings lives on; one that falls silent for two minutes is killed', () => {
  const till = watch();
  till.engine().ready();
  for (let minute = 0; minute < 10; minute++) {
    vi.advanceTimersByTime(60_000);
    till.engine().pong();
  }
  expect(till.engine().said.filter((word) => word !== 'ping')).toEqual([]);
  vi.advanceTimersByTime(120_000);
  expect(till.engines[0]!.said.at(-1)).toBe('kill');
});

test('a healthy engine that ends after an hour is back in half a second', () => {
  const till = watch();
  for (let i = 0; i < 6; i++) {
    till.engine().exit('exit code 1');
    vi.advanceTimersByTime(10_000);
  }
  till.engine().ready();
  for (let i = 0; i < 60; i++) {
    vi.advanceTimersByTime(60_000);
    till.engine().pong();
  }
  till.engine().exit('exit code 1');
  vi.advanceTimersByTime(500);
  expect(till.engines.length).toBe(8);
});

test('a stop is asked for, waited for, and ends in a kill when it takes too long', async () => {
  const till = watch();
  till.engine().ready();
  till.engine().deaf = true;
  const stopped = till.supervisor.stop();
  await vi.advanceTimersByTimeAsync(8_000);
  await stopped;
  await vi.advanceTimersByTimeAsync(60_000);
  expect([till.engine().said.filter((word) => word !== 'ping'), till.engines.length]).toEqual([['stop', 'kill'], 1]);
});

test('a stop while the engine pauses starts no other', async () => {
  const till = watch();
  till.engine().exit('exit code 1');
  await till.supervisor.stop();
  vi.advanceTimersByTime(60_000);
  expect(till.engines.length).toBe(1);
});

test('an engine that cannot even be started is tried again', () => {
  const till = watch({ failures: 2 });
  vi.advanceTimersByTime(1_500);
  expect([till.engines.length, till.seen[0]]).toEqual([1, 'down: could not be started: Error: no such file']);
});

interface FakeEngine extends EngineChild {
  readonly said: string[];
  deaf: boolean;
  ready(): void;
  pong(): void;
  exit(reason: string): void;
}

function watch({ failures = 0 } = {}): {
  readonly supervisor: { stop(): Promise<void> };
  readonly engines: FakeEngine[];
  readonly seen: string[];
  engine(): FakeEngine;
} {
  const engines: FakeEngine[] = [];
  const seen: string[] = [];
  let toFail = failures;
  const supervisor = supervise({
    start() {
      if (toFail-- > 0) throw new Error('no such file');
      const engine = fakeEngine();
      engines.push(engine);
      return engine;
    },
    log: (line) => seen.push(line),
    onUp: () => seen.push(`up ${engines.length}`),
    onDown: (reason) => seen.push(`down: ${reason}`),
  });
  return { supervisor, engines, seen, engine: () => engines.at(-1)! };
}

function fakeEngine(): FakeEngine {
  const ready = once();
  const exited = once<string>();
  const pongs: (() => void)[] = [];
  const said: string[] = [];
  const engine: FakeEngine = {
    said,
    deaf: false,
    ready: () => ready.happen(),
    pong: () => pongs.forEach((listener) => listener()),
    exit: exited.happen,
    onReady: ready.listen,
    onExit: exited.listen,
    onPong: (listener) => void pongs.push(listener),
    ping: () => void said.push('ping'),
    stop() {
      said.push('stop');
      if (!engine.deaf) engine.exit('exit code 0');
    },
    kill() {
      said.push('kill');
      engine.exit('killed');
    },
  };
  return engine;
}
