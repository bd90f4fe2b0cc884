// Many lives of a small county, with everything going wrong that may: no invariant of reconciliation.md R6 breaks, and R3's theorem holds.
// And the proof that the auditor sees: bugs that are planted are found.

import { expect, test } from 'vitest';
import { runCrew } from './crew.ts';
import type { FaultName } from './faults.ts';
import { type PlantName, plantNames } from './plants.ts';
import type { RunReport } from './run.ts';
import { keptSeeds } from './seeds.ts';

/** Four kiosks: a home and m = 3 shops to roam in. Six days, in which what is not heard of the county comes to half its line. */
const county = { kiosks: 4, days: 6, faults: null, plant: null } as const;
const cores = 2;

/** What must have gone wrong somewhere in two hundred lives, as the report names it; that a file key ends is rarer. */
const wantedFaults = [
  'lose',
  'truncate',
  'flip',
  'repeat',
  'stick',
  'days offline',
  'power cut',
  'no room',
  'backup put back',
  'image put back',
  'county put back, beside it kept',
  'county put back, beside it lost',
  'home moved',
  'file key changed',
  'card key changed',
  'card key ended',
  'kiosk key changed',
  'clock wrong',
  'county clock wrong',
  'voucher given',
  'drawn over the network',
  'paid by the bank',
  'awards taken back',
  'credit disallowed',
  'points expired',
  'forged voucher',
  'cheated: forged_list',
  'cheated: one_person',
  'cheated: other_list',
  'cheated: withdrawn_list',
  'cheated: twice_released',
  'cheated: withdrawn_late',
];

const goOn = (): boolean => true;
const seedsFrom = (from: number, count: number): readonly number[] => Array.from({ length: count }, (_, n) => from + n);
const broken = (reports: readonly RunReport[]): readonly object[] =>
  reports.flatMap(({ seed, faults, violation }) => (violation === null ? [] : [{ seed, faults, ...violation }]));

test('two hundred seeds and those kept break no invariant, come to rest, and were given every fault', { timeout: 300_000 }, async () => {
  const seeds = [...new Set([...keptSeeds.map(({ seed }) => seed), ...seedsFrom(1_000, 200)])];
  const reports = await runCrew({ ...county, seeds, workers: cores, heard: goOn });
  expect(broken(reports)).toEqual([]);
  const suffered = new Set(reports.flatMap(({ injected }) => Object.keys(injected)));
  expect(wantedFaults.filter((name) => !suffered.has(name))).toEqual([]);
});

test('one seed is one life: again, in another process, it is the same to the last figure', { timeout: 60_000 }, async () => {
  const life = (): Promise<readonly RunReport[]> => runCrew({ ...county, seeds: [7], workers: 1, heard: goOn });
  const [once, again] = await Promise.all([life(), life()]);
  expect(again).toEqual(once);
});

test('a run that is stopped in the middle of a life ends with the lives that were lived', { timeout: 60_000 }, async () => {
  const stopping = new AbortController();
  let days = 0;
  const dayOver = (): void => {
    days += 1;
    if (days > county.days) stopping.abort(); // the second life has begun
  };
  const reports = await runCrew({ ...county, seeds: [1, 2, 3], workers: 1, heard: goOn, dayOver, stop: stopping.signal });
  expect(reports.map(({ seed }) => seed)).toEqual([1]);
});

/** Which invariant sees which bug, and what must go wrong besides: the theorem alone sees a line that is armed too early. */
const seenBy: { readonly [Name in PlantName]: { readonly invariants: readonly number[]; readonly faults: readonly FaultName[] } } = {
  rearm: { invariants: [0, 12], faults: [] },
  twice: { invariants: [5], faults: [] },
  liar: { invariants: [7], faults: ['crash'] },
  unpaid: { invariants: [25], faults: [] },
  unbatched: { invariants: [24], faults: [] },
  unawarded: { invariants: [26], faults: [] },
  overcharged: { invariants: [26], faults: [] },
  rewritten: { invariants: [29], faults: [] },
  forgetful: { invariants: [23], faults: [] },
  unkept: { invariants: [23], faults: [] },
};

// two at once (build/vitest.config.ts), since each of them keeps one core busy
test.concurrent.each(plantNames)('a planted bug, %s, is found within ten seeds', { timeout: 120_000 }, async (plant) => {
  const { invariants, faults } = seenBy[plant];
  const reports = await runCrew({
    ...county,
    plant,
    faults,
    seeds: seedsFrom(1, 10),
    workers: 1, // most are found with the first seed
    heard: ({ violation }) => violation === null,
  });
  expect(invariants).toContain(reports.find(({ violation }) => violation !== null)?.violation?.invariant);
});
