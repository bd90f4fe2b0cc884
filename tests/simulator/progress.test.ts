// The simulator says how long it will take from the days that it has lived.

import { expect, test } from 'vitest';
import { durationText, progressOf } from './progress.ts';

test('the time left is that of the days left, said now and then and at the end', () => {
  const lines: string[] = [];
  let now = 5_000;
  const progress = progressOf({ seeds: 2, daysOfOne: 10, nowMs: () => now, say: (line) => lines.push(line) });
  for (let day = 1; day <= 20; day += 1) {
    now += 4_000;
    progress.dayOver();
    if (day % 10 === 0) progress.seedOver();
  }
  expect(lines).toEqual([
    '0 of 2 seeds, 3 of 20 days, 12 s, about 68 s left',
    '0 of 2 seeds, 6 of 20 days, 24 s, about 56 s left',
    '0 of 2 seeds, 9 of 20 days, 36 s, about 44 s left',
    '1 of 2 seeds, 12 of 20 days, 48 s, about 32 s left',
    '1 of 2 seeds, 15 of 20 days, 60 s, about 20 s left',
    '1 of 2 seeds, 18 of 20 days, 72 s, about 8 s left',
    '2 of 2 seeds, 20 of 20 days, 80 s, about 0 s left',
  ]);
});

test('a life that broke off has no more days', () => {
  const lines: string[] = [];
  let now = 0;
  const progress = progressOf({ seeds: 2, daysOfOne: 10, nowMs: () => now, say: (line) => lines.push(line) });
  now = 20_000;
  progress.seedOver();
  expect(lines).toEqual(['1 of 2 seeds, 10 of 20 days, 20 s, about 20 s left']);
});

test('a duration is said in the two units that matter', () => {
  expect([45_000, 12 * 60_000, 185 * 60_000, 98 * 3_600_000].map(durationText)).toEqual(['45 s', '12 min', '3 h 5 min', '4 d 2 h']);
});
