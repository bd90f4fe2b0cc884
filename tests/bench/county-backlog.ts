// A night in which every kiosk of a county sends the files of many days at once, since its line was away (reconciliation.md R7 T9): as ms a
// file, and against a day's files of the same kiosks, taken in the same process just before. What a county holds already must not make the
// next file dearer.

import { join } from 'node:path';
import type { CountyBook } from '../../county/book/county-book.ts';
import type { Upload } from '../../county/book/intake.ts';
import { apartAsServed } from './apart.ts';
import { filesOfADay } from './county-files.ts';
import { processMb, takeAll } from './county-intake.ts';
import { type Bench, type BenchOptions, figuresOf, timedAsync } from './measure.ts';

const backlog = { kiosks: 36, days: 60, salesEach: 300 };
const quickBacklog = { kiosks: 6, days: 20, salesEach: 300 };
/** Kiosks that send at one time: each its files one after the other. */
const atOnce = 4;
/** Days taken in before the backlog: the first warms the process up. */
const daysBefore = 4;

export const countyBacklog: Bench = {
  name: 'county-backlog',
  async run({ quick, scratch, cache, say }) {
    const of = quick ? quickBacklog : backlog;
    await filesOfADay(of, { scratch, cache, say });
    const { value, peakMb } = await apartAsServed<TookMs>(import.meta.filename, 'takeBacklog', { of, cache, scratch });
    const files = of.kiosks * of.days;
    const what = `${of.kiosks} kiosks with the files of ${of.days} days of ${of.salesEach} sales`;
    const perSecond = (1_000 / value.backlog).toFixed(1);
    say(`${what}: ${files} files, ${perSecond} a second, ${((value.backlog * files) / 60_000).toFixed(1)} minutes`);
    return [
      {
        kind: 'measured',
        name: 'county-backlog',
        measures: `each file of ${what}, all in one night (${perSecond} files/s) ÷ each of one day's files`,
        unit: 'ms',
        figures: figuresOf([value.backlog]),
        against: figuresOf(value.days),
        goals: [{ of: 'p50', is: 'ratio', atMost: 1.2 }],
      },
      {
        kind: 'measured',
        name: 'county-backlog-memory',
        measures: `peak of the county's process in that night`,
        unit: 'MB',
        figures: figuresOf([peakMb]),
        against: null,
        goals: [{ of: 'p99', is: 'figure', atMost: processMb }],
      },
    ];
  },
};

/** Ms a file. */
interface TookMs {
  readonly backlog: number;
  /** Of one day's files, several times. */
  readonly days: readonly number[];
}

/** In a process of its own. */
export async function takeBacklog({
  of,
  cache,
  scratch,
}: Pick<BenchOptions, 'cache' | 'scratch'> & { readonly of: typeof backlog }): Promise<TookMs> {
  const files = await filesOfADay(of, { cache, scratch, say: () => {} });
  const firsts = files.uploads.filter(({ fileSeq }) => fileSeq === 1);
  const days: number[] = [];
  for (let i = 0; i < daysBefore; i += 1) {
    const county = await files.open(join(scratch, `day-${i}`));
    days.push((await timedAsync(() => takeAll(county, firsts))) / firsts.length);
    await county.close();
  }
  const county = await files.open(join(scratch, 'backlog'));
  const took = await timedAsync(() => takeKiosks(county, files.uploads));
  await county.close();
  return { backlog: took / files.uploads.length, days: days.slice(1) };
}

/** Takes each kiosk's files in their order, some kiosks at one time. */
async function takeKiosks(county: CountyBook, uploads: readonly Upload[]): Promise<void> {
  const byKiosk = [...Map.groupBy(uploads, ({ kiosk }) => kiosk).values()];
  const takeNext = async (): Promise<void> => {
    for (let own = byKiosk.shift(); own !== undefined; own = byKiosk.shift()) await takeAll(county, own, 1);
  };
  await Promise.all(Array.from({ length: atOnce }, takeNext));
}
