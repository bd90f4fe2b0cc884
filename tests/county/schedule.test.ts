// When a night is due: at its hour in China, once, and after a power cut at once.

import { expect, test } from 'vitest';
import { isNightDue, lastDue, nightHour } from '../../county/serve/schedule.ts';

const at = (text: string): number => Date.parse(`${text}+08:00`);
const hourMs = nightHour('04:30')!;

test.each([
  ['00:00', 0],
  ['04:30', 16_200_000],
  ['23:59', 86_340_000],
  ['24:00', null],
  ['4:30', null],
  ['04:60', null],
])('%s is %s ms after midnight', (text, ms) => expect(nightHour(text)).toBe(ms));

test.each([
  ['2026-11-22T04:29:59', '2026-11-21T04:30:00'],
  ['2026-11-22T04:30:00', '2026-11-22T04:30:00'],
  ['2026-11-22T23:59:59', '2026-11-22T04:30:00'],
  ['2027-01-01T00:00:00', '2026-12-31T04:30:00'],
])('at %s the newest night was due at %s', (now, due) => expect(lastDue(at(now), hourMs)).toBe(at(due)));

test.each([
  ['ran on time', '2026-11-22T04:30:05', '2026-11-22T04:31:00', false],
  ['its hour comes', '2026-11-21T04:30:05', '2026-11-22T04:30:00', true],
  ['off for three days', '2026-11-19T04:30:05', '2026-11-22T11:00:00', true],
  ['off over midnight, not over the hour', '2026-11-21T04:30:05', '2026-11-22T02:00:00', false],
  ['the newest is dated ten years ahead by a wrong clock', '2036-11-22T04:30:00', '2026-11-22T04:31:00', true],
])('%s: due %#', (_name, ran, now, isDue) => expect(isNightDue({ now: at(now), hourMs, ran: at(ran) })).toBe(isDue));

test('a county that never started misses nothing', () =>
  expect(isNightDue({ now: at('2026-11-22T11:00:00'), hourMs, ran: null })).toBe(false));
