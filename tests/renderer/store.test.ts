import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { CallError, serve } from '../../electron/ipc/rpc.ts';
import type { Snapshot } from '../../electron/ipc/snapshot.ts';
import { type Wire, wirePair } from '../../electron/ipc/wire.ts';
import { galleryCases } from '../../renderer/gallery-cases.ts';
import { openStore } from '../../renderer/store.ts';

const base = galleryCases['till-full']!.snapshot!;
const snapshotOf = (revision: number): Snapshot => ({ ...base, revision });

/** An engine that can be killed and started again, over the real wire. */
function anEngine() {
  let alive: { readonly engine: Wire; readonly emit: (name: string, payload: unknown) => void } | null = null;
  let revision = 1;
  let tries = 0;
  let isUp = true;
  return {
    open: (): Promise<Wire> => {
      tries += 1;
      if (!isUp) return Promise.reject(new Error('nobody answers'));
      const [page, engine] = wirePair();
      const served = serve(
        engine,
        (name) => (name === 'snapshot' ? snapshotOf(revision) : name === 'signOut' ? null : Promise.reject(new Error('unexpected call'))),
        () => undefined,
      );
      alive = { engine, emit: (name, payload) => served.emit(name, payload) };
      return Promise.resolve(page);
    },
    emit: (name: string, payload: unknown) => alive!.emit(name, payload),
    kill: () => {
      isUp = false;
      alive!.engine.close();
    },
    start: (firstRevision: number) => {
      isUp = true;
      revision = firstRevision;
    },
    tries: () => tries,
  };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0);

test('the first snapshot is asked for, later ones are pushed, older ones are ignored', async () => {
  const engine = anEngine();
  const store = openStore(engine.open);
  expect(store.current()).toEqual({ link: 'connecting', snapshot: null });
  await settle();
  expect(store.current()).toEqual({ link: 'connected', snapshot: snapshotOf(1) });
  engine.emit('snapshot', snapshotOf(3));
  await settle();
  engine.emit('snapshot', snapshotOf(2));
  await settle();
  expect(store.current()).toEqual({ link: 'connected', snapshot: snapshotOf(3) });
});

test('while the engine is away the last snapshot stays, calls fail as lost, and a restarted engine counts from the beginning', async () => {
  const engine = anEngine();
  const store = openStore(engine.open);
  await settle();
  engine.emit('snapshot', snapshotOf(9));
  await settle();
  engine.kill();
  await settle();
  expect(store.current()).toEqual({ link: 'lost', snapshot: snapshotOf(9) });
  await expect(store.call.signOut()).rejects.toEqual(new CallError('lost', 'signOut'));
  engine.start(1);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(store.current()).toEqual({ link: 'connected', snapshot: snapshotOf(1) });
  await expect(store.call.signOut()).resolves.toBeNull();
});

test('it tries again for ever, less and less often, at most five seconds apart', async () => {
  const engine = anEngine();
  const store = openStore(engine.open);
  await settle();
  engine.kill();
  await settle();
  const before = engine.tries();
  await vi.advanceTimersByTimeAsync(60_000);
  const inFirstMinute = engine.tries() - before;
  await vi.advanceTimersByTimeAsync(60_000);
  const inSecondMinute = engine.tries() - before - inFirstMinute;
  expect({ inFirstMinute, inSecondMinute, link: store.current().link }).toEqual({ inFirstMinute: 15, inSecondMinute: 12, link: 'lost' });
});

test('the paper of the simulated printer reaches who listens, until they stop', async () => {
  const engine = anEngine();
  const store = openStore(engine.open);
  await settle();
  const heard: string[] = [];
  const stop = store.onPaper(({ png }) => heard.push(png));
  engine.emit('paper', { png: 'first' });
  await settle();
  stop();
  engine.emit('paper', { png: 'second' });
  await settle();
  expect(heard).toEqual(['first']);
});

test('the newest weight is kept for whoever looks, and none once the engine is gone', async () => {
  const engine = anEngine();
  const store = openStore(engine.open);
  await settle();
  const seen = [store.weight.current()];
  const stop = store.weight.subscribe(() => seen.push(store.weight.current()));
  engine.emit('weight', { kind: 'moving', grams: 4_870, isNet: false });
  engine.emit('weight', { kind: 'stable', grams: 5_320, isNet: false });
  await settle();
  engine.kill();
  await settle();
  stop();
  expect(seen.map(({ kind, grams }) => [kind, grams])).toEqual([
    ['none', null],
    ['moving', 4_870],
    ['stable', 5_320],
    ['none', null],
  ]);
});
