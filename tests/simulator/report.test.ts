// The table and the picture of many runs say what the runs came to, each figure beside its bound.

import { expect, test } from 'vitest';
import { pictureOf, tableOf } from './report.ts';
import type { RunReport } from './run.ts';

const calm: RunReport = {
  seed: 5,
  kiosks: 10,
  faults: [],
  steps: 100,
  events: 40,
  peaks: { overspend: 9_000, countyOverspend: 41_000, unsettled: 12_000, kioskUnsettled: 5_000 },
  sales: 20,
  honest: { served: 38, declined: 2 },
  quietAfter: 3,
  verdicts: { ACCEPTED: 9 },
  injected: { lose: 1 },
  exceptions: {},
  violation: null,
  digest: '',
};
const other: RunReport = {
  ...calm,
  seed: 6,
  peaks: { ...calm.peaks, overspend: -500, countyOverspend: 0 },
  honest: { served: 10, declined: 10 },
  quietAfter: 1,
  injected: { lose: 2, flip: 1 },
};
const broken: RunReport = {
  ...calm,
  seed: 7,
  peaks: { ...calm.peaks, overspend: 16_000 },
  honest: { served: 0, declined: 0 },
  quietAfter: null,
  violation: { invariant: 12, step: 7, what: 'R6 12' },
};

test('the table has overspends beside their bounds, declines of those who had the points, and days to rest', () => {
  expect(tableOf([calm, other])).toBe(`runs                                     2, of which 0 broke an invariant
steps, events, sales                     200, 80, 40
largest overspend of a resident          90 of m·c = 150 points
largest overspend of a county            410 of ΣG_k = 2000 points
largest unsettled roaming of a resident  120 points
declined though the points were there    12 of 60 (20.0 %)
days to rest, a night in each            2.0 in the mean, 3 at most
fault flip                               1
fault lose                               3
answer ACCEPTED                          18
`);
  expect(tableOf([calm, other, broken])).toContain('2.0 in the mean, 3 at most; 1 never were');
});

test('the picture has a dot of each run in each of its panels, and what broke is red and above its line', () => {
  const svg = pictureOf([calm, other, broken]);
  for (const text of ['bound m·c = 150', 'bound ΣG_k = 2000, of 10 kiosks', 'Declined', 'Days to rest', 'seeds 5 to 7'])
    expect(svg).toContain(text);
  const [overspend, county, declines, days] = svg.split('<g ').slice(1).map(dotsOf);
  expect(overspend!.map(({ told }) => told)).toEqual(['seed 5: 90', 'seed 6: 0', 'seed 7: 160']);
  expect(county!.map(({ told }) => told)).toEqual(['seed 5: 410', 'seed 6: 0', 'seed 7: 410']);
  expect(declines!.map(({ told }) => told)).toEqual(['seed 5: 5.0', 'seed 6: 50.0', 'seed 7: 0.0']);
  expect(days!.map(({ told }) => told)).toEqual(['seed 5: 3', 'seed 6: 1']); // the third never rested
  const bound = Number(/y1="([\d.]+)" y2="[\d.]+" stroke="#c0392b"/.exec(svg)![1]);
  expect(overspend!.map(({ y, fill }) => [y < bound, fill])).toEqual([
    [false, '#2f6f8f'],
    [false, '#2f6f8f'],
    [true, '#c0392b'],
  ]);
});

test('no runs at all have a table and a picture, too', () => {
  expect(tableOf([])).toContain('0 of 0 (0.0 %)');
  expect(pictureOf([])).not.toContain('NaN');
});

function dotsOf(text: string): readonly { readonly y: number; readonly fill: string; readonly told: string }[] {
  return [...text.matchAll(/cy="([\d.]+)" r="3" fill="(#\w+)"><title>([^<]*)/g)].map(([, y, fill, told]) => ({
    y: Number(y),
    fill: fill!, // both are in the pattern
    told: told!,
  }));
}
