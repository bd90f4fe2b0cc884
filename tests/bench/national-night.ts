// A night of the whole country: files of a shop's day taken in by several counties in as many processes as there are cores, as files a
// second, and from that how long the files of 2,800 counties would take. Counties share nothing (reconciliation.md, Load).

import { join } from 'node:path';
import { type DayOfKiosks, filesOfADay } from './county-files.ts';
import { takeAll } from './county-intake.ts';
import { apartAsServed } from './apart.ts';
import { type Bench, type BenchOptions, figuresOf } from './measure.ts';

const counties = 2_800;
/** Of a county, on average. */
const kiosks = 36;
const salesEach = 300;
const processes = 2;
/** A county's night is from closing to opening. */
const nightHours = 10;

export const nationalNight: Bench = {
  name: 'national-night',
  async run({ quick, scratch, cache, say }) {
    const of: DayOfKiosks = { kiosks: quick ? 12 : kiosks, salesEach };
    const each = quick ? 2 : 28;
    await filesOfADay(of, { scratch, cache, say });
    const started = Array.from({ length: processes }, (_, i) =>
      apartAsServed<readonly number[]>(import.meta.filename, 'takeCounties', { of, each, cache, scratch: join(scratch, String(i)) }),
    );
    const done = await Promise.all(started);
    const times = done.flatMap(({ value }) => value);
    const perFile = figuresOf(times.map((ms) => ms / of.kiosks));
    const filesPerSecond = (processes * 1_000) / perFile.p50;
    const files = counties * kiosks;
    const hours = files / filesPerSecond / 3_600;
    say(
      `${times.length} counties of ${of.kiosks} files, ${times.length * of.kiosks} files in ${processes} processes: ${filesPerSecond.toFixed(0)} files a second; ` +
        `${counties.toLocaleString('en')} counties × ${kiosks} = ${files.toLocaleString('en')} files: ${(hours * 60).toFixed(0)} minutes on ${processes} cores, ` +
        `of a night of ${nightHours} hours; a county's own ${kiosks} files: ${((kiosks * perFile.p50) / 1_000).toFixed(1)} s on one`,
    );
    return [
      {
        kind: 'measured',
        name: 'national-night',
        measures: `one of ${files.toLocaleString('en')} files of ${salesEach} sales taken in, ${processes} processes at once (${filesPerSecond.toFixed(0)} files/s: ${(hours * 60).toFixed(0)} min for all on 2 cores)`,
        unit: 'ms',
        figures: perFile,
        against: null,
        // a night on these two cores is enough for every county
        goals: [{ of: 'p50', is: 'figure', atMost: Math.floor((nightHours * 3_600_000 * processes) / files) }],
      },
      {
        kind: 'measured',
        name: 'national-night-memory',
        measures: `peak of a process that takes in the files of ${each} counties`,
        unit: 'MB',
        figures: figuresOf(done.map(({ peakMb }) => peakMb)),
        against: null,
        goals: [{ of: 'p99', is: 'figure', atMost: 400 }],
      },
    ];
  },
};

/** In a process of its own: the ms that each county's files took. */
export async function takeCounties({
  of,
  each,
  cache,
  scratch,
}: Pick<BenchOptions, 'cache' | 'scratch'> & { readonly of: DayOfKiosks; readonly each: number }): Promise<readonly number[]> {
  const files = await filesOfADay(of, { scratch, cache, say: () => {} });
  const times: number[] = [];
  for (let i = 0; i < each; i += 1) {
    const county = await files.open(join(scratch, `county-${i}`));
    const started = performance.now();
    await takeAll(county, files.uploads);
    times.push(performance.now() - started);
    await county.close();
  }
  return times;
}
