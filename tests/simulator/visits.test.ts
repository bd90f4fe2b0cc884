// People of a county with a town shop where reconciliation.md A5 says; of a small one, anybody anywhere.

import { expect, test } from 'vitest';
import { randomOf } from './random.ts';
import { newVisits } from './visits.ts';

const kiosks = Array.from({ length: 10 }, (_, i) => `qj-${i}`);
const residents = kiosks.map((home, i) => ({ id: String(i), account: `a${i}`, home, lines: [] }));
const resident = residents[5]!;

test('of a hundred visits some 85 are at home, 10 in the town, 3 at a neighbour; after a move, of the new home', () => {
  const visits = newVisits({ kiosks, town: 'qj-0', residents }, randomOf('visits'));
  const drawn = (): readonly number[] => {
    const seen = Array.from({ length: 2_000 }, () => visits.shopOf(resident));
    return kiosks.map((kiosk) => Math.round((100 * seen.filter((each) => each === kiosk).length) / seen.length));
  };
  expect(drawn()).toMatchInlineSnapshot(`
    [
      11,
      0,
      0,
      0,
      2,
      85,
      2,
      0,
      0,
      0,
    ]
  `);
  visits.moved('a5', 'qj-8');
  expect(drawn()[8]).toBeGreaterThan(80);
  const visitors = Array.from({ length: 2_000 }, () => visits.visitorOf('qj-8').account);
  expect(new Set(visitors).size).toBe(10);
  expect(visitors.filter((each) => each === 'a5' || each === 'a8').length).toBeGreaterThan(1_600);
});

test('without a town whoever comes to a shop is anybody', () => {
  const visits = newVisits({ kiosks, town: null, residents }, randomOf('visits'));
  expect(visits.isByHome).toBe(false);
  expect(new Set(Array.from({ length: 200 }, () => visits.visitorOf('qj-8').account)).size).toBe(10);
});
