// What the scale's link makes of time and of losses, with a device that says exactly what it is told. The clock is not real.

import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ok } from '../../../db/model/result.ts';
import type { LinkEvents, OpenLink } from '../../../hardware/link.ts';
import { familyNamed } from '../../../hardware/scale/families.ts';
import type { FamilyName } from '../../../hardware/scale/reading.ts';
import { openScale, type RejectCounts, type Scale } from '../../../hardware/scale/scale.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(async () => {
  await close?.();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});
let close: (() => Promise<void>) | null = null;

/** A till, and the device at its other end. `told` holds readings as `kind grams` and states in brackets. */
async function aTill(family: FamilyName, onQuestion: (say: (text: string) => void) => void = () => {}) {
  let line: LinkEvents | null = null;
  let openings = 0;
  const questionsAt: number[] = [];
  const start = performance.now();
  const say = (text: string) => line?.onBytes(Buffer.from(text, 'latin1'));
  const pull = () => {
    const before = line;
    line = null;
    before?.onClosed();
  };
  const openLink: OpenLink = async (events) => {
    openings += 1;
    line = events;
    return ok({
      answers: true,
      async write() {
        questionsAt.push(performance.now() - start);
        onQuestion(say);
        return true;
      },
      close: async () => pull(),
    });
  };
  const told: string[] = [];
  let rejects: RejectCounts = {};
  const { unit } = familyNamed(family);
  const scale: Scale = openScale(
    { address: 'simulated:', family, unit: unit === 'frame' ? 'kg' : unit.usual, openLink },
    {
      onReading: ({ reading }) => told.push('grams' in reading ? `${reading.kind} ${reading.grams}` : reading.kind),
      onState: (state) => told.push(`[${state}]`),
      onRejects: (counts) => {
        rejects = counts;
      },
    },
  );
  close = () => scale.close();
  await vi.advanceTimersByTimeAsync(0);
  const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
  return { told, scale, say, pull, questionsAt, openings: () => openings, rejects: () => rejects, pass };
}

const kilogram = '\x02+001000319\x03'; // yaohua-a9

test('equal frames prove a second only where they follow each other', async () => {
  const { told, say, pass } = await aTill('yaohua-a9');
  for (const waitMs of [1_500, 1_100, 400, 400, 400]) {
    say(kilogram);
    await pass(waitMs);
  }
  expect(told).toEqual(['[connecting]', '[ready]', 'moving 1000', 'moving 1000', 'moving 1000', 'moving 1000', 'moving 1000']);
  say(kilogram);
  expect(told.at(-1)).toBe('stable 1000');
});

test('what one link said proves nothing on the next: neither a frame nor half of one', async () => {
  const { told, say, pull, pass } = await aTill('st-us');
  say('ST,GS,+  1.000kg\r\nST,GS,+  2.0');
  pull();
  await pass(600);
  say('00kg\r\nST,GS,+  1.000kg\r\n');
  expect(told).toEqual(['[connecting]', '[ready]', 'moving 1000', 'none', '[lost]', '[ready]', 'moving 1000']);
  say('ST,GS,+  1.000kg\r\n');
  expect(told.at(-1)).toBe('stable 1000');
});

test('a scale that is off is opened anew every ten seconds, and told as silent once', async () => {
  const { told, openings, say, pass } = await aTill('st-us');
  await pass(35_000);
  expect([told, openings()]).toEqual([['[connecting]', '[silent]'], 4]);
  say('ST,GS,+  1.000kg\r\n');
  expect(told.slice(2)).toEqual(['[ready]', 'moving 1000']);
});

test('bytes of another family are told as garbled, and the link is opened anew all the same', async () => {
  const { told, openings, say, pass } = await aTill('st-us');
  for (let passed = 0; passed < 35_000; passed += 100) {
    say(kilogram);
    await pass(100);
  }
  expect([told, openings()]).toEqual([['[connecting]', '[garbled]'], 4]);
});

test('a busy scale has answered: it is asked again after its period, not given up', async () => {
  const { told, questionsAt, openings, pass } = await aTill('mt-sics', (say) => say('S I\r\n'));
  await pass(1_000);
  expect(questionsAt).toEqual([0, 200, 400, 600, 800, 1_000]);
  expect([told, openings()]).toEqual([['[connecting]'], 1]);
});

test('without an answer it asks again after a second, and after three of them opens the link anew', async () => {
  const { questionsAt, openings, pass } = await aTill('mt-sics');
  await pass(3_400);
  expect([questionsAt, openings()]).toEqual([[0, 1_000, 2_000], 1]);
  await pass(2_000);
  expect([questionsAt.length, openings()]).toEqual([5, 2]);
});

test('questions lost now and then are no reason to open the link anew: only three in a row are', async () => {
  let asked = 0;
  const { told, openings, pass } = await aTill('mt-sics', (say) => {
    asked += 1;
    if (asked % 3 === 0) say('S S      1.000 kg\r\n');
  });
  await pass(8_000);
  expect([told.filter((one) => one.startsWith('[')), openings()]).toEqual([
    ['[connecting]', '[silent]', '[ready]', '[silent]', '[ready]', '[silent]', '[ready]'],
    1,
  ]);
});

// An 8217 that tells a weight once, its parity bits handed on, and then that nothing changed.
const [told1250, unchanged] = ['\x82\x30\xb1\x2e\xb2\x35\x30\x8d', '\x82\x3f\xc0\x8d'];

test('a weight called unchanged is nothing any more after a question without an answer, before it is told again', async () => {
  const answers = [told1250, unchanged, unchanged, unchanged, '', unchanged, unchanged, told1250, told1250];
  const { told, pass } = await aTill('mettler-8217', (say) => say(answers.shift()!));
  await pass(2_500);
  const heard = [...Array<string>(3).fill('moving 1250'), 'stable 1250', 'none', 'none', 'moving 1250', 'stable 1250'];
  expect(told).toEqual(['[connecting]', '[ready]', ...heard]);
});

test('a weight called unchanged is nothing any more after more than a second without a good frame', async () => {
  const { told, say, pass } = await aTill('mettler-8217');
  for (const [answer, waitMs] of [
    [told1250, 200],
    [unchanged, 200],
    [unchanged, 200],
    [unchanged, 1_001],
    [unchanged, 200],
  ] as const) {
    say(answer);
    await pass(waitMs);
  }
  expect(told).toEqual(['[connecting]', '[ready]', 'moving 1250', 'moving 1250', 'moving 1250', 'stable 1250', 'none']);
});

test('what proves a weight that is called unchanged begins with the frame that told it, however long ago', async () => {
  let isTold = false;
  const { scale, pass } = await aTill('mettler-8217', (say) => {
    say(isTold ? unchanged : told1250);
    isTold = true;
  });
  await pass(600);
  const latin1 = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1');
  expect(scale.latest()!.frames.map(latin1)).toEqual([told1250, unchanged, unchanged]);
  await pass(10_000);
  expect(scale.latest()).toMatchObject({ reading: { kind: 'stable', grams: 1250, net: false }, source: 'flag' });
  expect(scale.latest()!.frames.map(latin1)).toEqual([told1250, ...Array<string>(15).fill(unchanged)]);
});

test('noise without an end is counted, and is no answer', async () => {
  const { told, questionsAt, openings, pass, rejects } = await aTill('mt-sics', (say) => say('x'.repeat(5_000)));
  await pass(2_500);
  expect([told, questionsAt, openings()]).toEqual([['[connecting]', '[garbled]'], [0, 1_000, 2_000], 1]);
  expect(rejects()).toEqual({ too_long: 10 });
});

test('a reading has its end after two seconds, and the next one goes on counting', async () => {
  const { told, scale, say, pass } = await aTill('st-us');
  say('OL,GS,+       kg\r\n');
  await pass(1_999);
  expect(told).toEqual(['[connecting]', '[ready]', 'overload']);
  await pass(5_000);
  expect(told).toEqual(['[connecting]', '[ready]', 'overload', 'none', '[silent]']);
  say('OL,GS,+       kg\r\n');
  expect(scale.latest()).toMatchObject({ sequence: 3, reading: { kind: 'overload' }, source: null });
});
