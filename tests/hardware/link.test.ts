// The keeper of links: how long it waits, when it starts anew, and that it tells nothing after close. The clock is not real.

import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { fail, ok } from '../../db/model/result.ts';
import { keepLink, within, type Link, type LinkEvents, type LinkFailure } from '../../hardware/link.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A device that can be pulled out and refused. */
function aDevice() {
  let refusal: LinkFailure | null = null;
  let live: LinkEvents | null = null;
  const attemptsAt: number[] = [];
  const start = Date.now();
  return {
    attemptsAt,
    refuse: (code: LinkFailure | null) => (refusal = code),
    say: (text: string) => live?.onBytes(Buffer.from(text)),
    pull: () => {
      live?.onClosed();
      live = null;
    },
    open: async (events: LinkEvents) => {
      attemptsAt.push(Date.now() - start);
      if (refusal !== null) return fail(refusal);
      live = events;
      const link: Link = {
        answers: true,
        write: async () => true,
        close: async () => {
          live = null;
          events.onClosed();
        },
      };
      return ok(link);
    },
  };
}

function aDiary() {
  const entries: string[] = [];
  return {
    entries,
    listener: {
      onUp: () => entries.push('up'),
      onBytes: (bytes: Uint8Array) => entries.push(Buffer.from(bytes).toString()),
      onDown: (code: LinkFailure) => entries.push(code),
    },
  };
}

test('waits 0.5, 1, 2, 5 and then 5 seconds for ever', async () => {
  const device = aDevice();
  device.refuse('missing');
  const { entries, listener } = aDiary();
  const keeper = keepLink((events) => device.open(events), listener);
  await vi.advanceTimersByTimeAsync(20_000);
  expect(device.attemptsAt).toEqual([0, 500, 1_500, 3_500, 8_500, 13_500, 18_500]);
  expect(entries).toEqual(Array.from({ length: 7 }, () => 'missing'));
  await keeper.close();
});

test('comes back after a loss, with the shortest wait when the link had stood', async () => {
  const device = aDevice();
  const { entries, listener } = aDiary();
  const keeper = keepLink((events) => device.open(events), listener);
  await vi.advanceTimersByTimeAsync(6_000);
  device.say('hello');
  device.pull();
  device.refuse('busy');
  await vi.advanceTimersByTimeAsync(500);
  device.refuse(null);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(entries).toEqual(['up', 'hello', 'lost', 'busy', 'up']);
  expect(device.attemptsAt).toEqual([0, 6_500, 7_500]);
  await keeper.close();
});

test('a link that is lost at once is not opened in a hurry', async () => {
  const device = aDevice();
  const { listener } = aDiary();
  const keeper = keepLink((events) => device.open(events), { ...listener, onUp: () => device.pull() });
  await vi.advanceTimersByTimeAsync(9_000);
  expect(device.attemptsAt).toEqual([0, 500, 1_500, 3_500, 8_500]);
  await keeper.close();
});

test('after close nothing is opened and nothing is told', async () => {
  const device = aDevice();
  const { entries, listener } = aDiary();
  const keeper = keepLink((events) => device.open(events), listener);
  await vi.advanceTimersByTimeAsync(0);
  await keeper.close();
  device.say('late');
  await vi.advanceTimersByTimeAsync(60_000);
  expect([entries, device.attemptsAt]).toEqual([['up'], [0]]);
});

test('closing while it waits ends the wait', async () => {
  const device = aDevice();
  device.refuse('missing');
  const keeper = keepLink((events) => device.open(events), aDiary().listener);
  await vi.advanceTimersByTimeAsync(100);
  await keeper.close();
  expect(vi.getTimerCount()).toBe(0);
});

test('a deadline leaves no timer behind', async () => {
  expect(await within(1_000, Promise.resolve('done'), 'late')).toBe('done');
  expect(vi.getTimerCount()).toBe(0);
  const late = within(1_000, new Promise<string>(() => {}), 'late');
  await vi.advanceTimersByTimeAsync(1_000);
  expect(await late).toBe('late');
});
