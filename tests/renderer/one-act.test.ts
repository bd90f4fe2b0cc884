import { afterEach, expect, test, vi } from 'vitest';
import { asOneAct } from '../../renderer/parts/one-act.ts';

afterEach(() => vi.useRealTimers());

/** What is asked with, in order; answers what it is told to. */
function anEngine(...answers: readonly (string | null)[]) {
  const asked: string[] = [];
  const ask = (actId: string) => Promise.resolve(answers[asked.push(actId) - 1] ?? null);
  return { asked, ask };
}

test('a press that was not answered, pressed again, is the same act; after an answer it is another', async () => {
  const { asked, ask } = anEngine(null, 'printed', 'printed');
  expect([await asOneAct('a', ask), await asOneAct('a', ask), await asOneAct('a', ask)]).toEqual([null, 'printed', 'printed']);
  expect(asked[0]).toMatch(/^[0-9a-f-]{36}$/);
  expect([asked[1] === asked[0], asked[2] === asked[0]]).toEqual([true, false]);
});

test('two presses before the first answer are one act', async () => {
  const { asked, ask } = anEngine('printed', 'printed');
  await Promise.all([asOneAct('b', ask), asOneAct('b', ask)]);
  expect(asked[1]).toBe(asked[0]);
});

test('another intent is another act, and so is the same one two minutes later', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  const { asked, ask } = anEngine();
  await asOneAct('c', ask);
  await asOneAct('d', ask);
  vi.advanceTimersByTime(2 * 60 * 1000 + 1);
  await asOneAct('c', ask);
  expect(new Set(asked).size).toBe(3);
});
