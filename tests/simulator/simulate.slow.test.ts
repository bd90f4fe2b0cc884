// Many lives of a small county, with everything going wrong that may: no invariant of reconciliation.md R6 breaks, and R3's theorem holds.
// And the proof that the auditor sees: bugs that are planted are found.

import { expect, test } from 'vitest';
import { runCrew } from './crew.ts';
import { type PlantName, plantNames } from './plants.ts';
import type { RunReport } from './run.ts';
import { keptSeeds } from './seeds.ts';

/** Four kiosks: a home and m = 3 shops to roam in. Six days, in which what is not heard of the county comes to half its line. */
const county = { kiosks: 4, days: 6, faults: null, plant: null } as const;
const cores = 2;

const goOn = (): boolean => true;
const seedsFrom = (from: number, count: number): readonly number[] => Array.from({ length: count }, (_, n) => from + n);
const broken = (reports: readonly RunReport[]): readonly object[] =>
  reports.flatMap(({ seed, faults, violation }) => (violation === null ? [] : [{ seed, faults, ...violation }]));

test('two hundred seeds and those kept break no invariant, come to rest, and were given every fault', { timeout: 300_000 }, async () => {
  const seeds = [...new Set([...keptSeeds.map(({ seed }) => seed), ...seedsFrom(1_000, 200)])];
  const reports = await runCrew({ ...county, seeds, workers: cores, heard: goOn });
  expect(broken(reports)).toEqual([]);
  const suffered = new Set(reports.flatMap(({ injected }) => Object.keys(injected)));
  const wanted = ['lose', 'truncate', 'flip', 'repeat', 'stick', 'power cut', 'no room', 'backup put back', 'image put back', 'home moved'];
  expect(wanted.filter((name) => !suffered.has(name))).toEqual([]);
});

test('one seed is one life: again, in another process, it is the same to the last figure', { timeout: 60_000 }, async () => {
  const once = await runCrew({ ...county, seeds: [7], workers: 1, heard: goOn });
  expect(await runCrew({ ...county, seeds: [7], workers: 1, heard: goOn })).toEqual(once);
});

/** Which invariant sees which bug: the theorem alone sees a line that is armed too early. */
const seenBy: { readonly [Name in PlantName]: readonly number[] } = { rearm: [0, 12], twice: [5] };

test.each(plantNames)('a planted bug, %s, is found within ten seeds', { timeout: 60_000 }, async (plant) => {
  const reports = await runCrew({
    ...county,
    plant,
    faults: [],
    seeds: seedsFrom(1, 10),
    workers: cores,
    heard: ({ violation }) => violation === null,
  });
  expect(seenBy[plant]).toContain(reports.find(({ violation }) => violation !== null)?.violation?.invariant);
});
