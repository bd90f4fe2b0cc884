import { expect, test } from 'vitest';
import { pictureKeys } from '../../db/model/picture-keys.ts';
import { keepPixelsPerMm, pixelsPerMm } from '../../renderer/parts/screen-size.ts';
import { isPictureKey } from '../../renderer/parts/pictogram.tsx';
import { exchangeLateness } from '../../renderer/screens/top-bar.tsx';
import { uploadLevel } from '../../renderer/screens/upload.tsx';

const hourMs = 3_600_000;
const now = 1_000 * 24 * hourMs;

test.each([
  ['never', null, null],
  ['fresh', now - 9 * hourMs, now - 2 * hourMs],
  ['fresh', now - 24 * hourMs, null],
  ['late', now - 25 * hourMs, null],
  ['late', now - hourMs, now - 25 * hourMs],
  ['veryLate', now - 8 * 24 * hourMs, null],
  ['veryLate', now - hourMs, now - 8 * 24 * hourMs],
  ['fresh', now + hourMs, null],
] as const)('the exchange is %s', (lateness, lastDownAsOf, oldestUnsentAt) => {
  expect(exchangeLateness({ lastDownAsOf, oldestUnsentAt }, now)).toBe(lateness);
});

test.each([
  ['good', null, now - hourMs],
  ['waits', 'unreachable', now - hourMs],
  ['waits', 'unreachable', null],
  ['soon', 'unreachable', now - 25 * hourMs],
  ['soon', 'not_posted', now - hourMs],
  ['soon', 'refused', now - hourMs], // a stopped till's owner must call: nothing ends by itself
  ['bad', null, now - 8 * 24 * hourMs],
] as const)('what goes up is %s beside %s', (level, fault, oldestUnsentAt) => {
  expect(uploadLevel(told({ oldestUnsentAt }, { fault }), now)).toBe(level);
});

test('a till that the county never heard waits, and a county file that was refused asks for a person', () => {
  expect(uploadLevel(told({ oldestUnsentAt: now - hourMs }, { lastAnswer: null }), now)).toBe('waits');
  expect(uploadLevel(told({ refused: { file: '00000008.jsonl.gz', code: 'fork' } }), now)).toBe('soon');
});

function told(
  change: Partial<Parameters<typeof uploadLevel>[0]>,
  up: Partial<Parameters<typeof uploadLevel>[0]['up']> = {},
): Parameters<typeof uploadLevel>[0] {
  return {
    oldestUnsentAt: null,
    refused: null,
    notice: null,
    ...change,
    up: {
      running: null,
      filesWaiting: 0,
      waitingSince: null,
      lastAnswer: { fileSeq: 1, verdict: 'ACCEPTED', at: now - hourMs },
      fault: null,
      alarmAt: null,
      hasServer: true,
      stick: null,
      ...up,
    },
  };
}

test('a screen that was measured is remembered, and no measure leaves the page unusable', () => {
  const kept = new Map<string, string>();
  const storage = { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => void kept.set(key, value) };
  const usual = pixelsPerMm(storage);
  expect([keepPixelsPerMm(storage, 5.5), pixelsPerMm(storage)]).toEqual([5.5, 5.5]);
  expect([keepPixelsPerMm(storage, 0.01), keepPixelsPerMm(storage, 900)]).toEqual([2.4, 9]);
  kept.set('pixels-per-mm', 'nonsense');
  expect(pixelsPerMm(storage)).toBe(usual);
});

test('every picture the county may name can be drawn; an unknown name is told apart', () => {
  expect(pictureKeys.filter((name) => !isPictureKey(name))).toEqual([]);
  expect(isPictureKey('toString')).toBe(false);
});
