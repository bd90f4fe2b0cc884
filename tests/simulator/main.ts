// npm run simulate: kiosks and their county over virtual weeks, many seeds, with everything going wrong that may; a table and a picture of
// what came of it. A seed that broke an invariant is printed with its last steps, and fails the command.

import { rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runCrew } from './crew.ts';
import { type FaultName, faultNames } from './faults.ts';
import { memoryFolder } from './folder.ts';
import { makeWorld } from './machines.ts';
import { type PlantName, plantNames } from './plants.ts';
import { type Progress, progressOf } from './progress.ts';
import { randomOf } from './random.ts';
import { pictureOf, tableOf } from './report.ts';
import { type RunReport, run } from './run.ts';
import { makeTemplate } from './template.ts';

const usage = `usage: npm run simulate -- [--kiosks 3] [--days 12] [--seeds 200] [--from-seed 1] [--faults all|none|NAME,NAME] [--picture FILE.svg]
       npm run simulate -- --seed N [--trace] [--kiosks 3] [--days 12] [--faults …]     one seed, again
faults: ${faultNames.join(', ')}; unless they are named each seed turns on its own
bugs on purpose, which the auditor must find: --plant ${plantNames.join(' | ')}
`;

const options = {
  kiosks: { type: 'string', default: '3' },
  days: { type: 'string', default: '12' },
  seeds: { type: 'string', default: '200' },
  'from-seed': { type: 'string', default: '1' },
  seed: { type: 'string' },
  trace: { type: 'boolean', default: false },
  faults: { type: 'string' },
  plant: { type: 'string' },
  picture: { type: 'string' },
} as const;

process.exitCode = await main(process.argv.slice(2));

async function main(words: readonly string[]): Promise<number> {
  const asked = asksFor(words);
  if (asked === null) {
    process.stderr.write(usage);
    return 2;
  }
  const { kiosks, days, faults, plant } = asked;
  if (asked.seed !== null) return await runOne(asked.seed, asked);
  const seeds = Array.from({ length: asked.seeds }, (_, n) => asked.fromSeed + n);
  const progress = progressTo(seeds.length, days);
  const heard = (report: RunReport): boolean => {
    if (report.violation !== null) process.stdout.write(wordsOf(report));
    progress.seedOver();
    return true;
  };
  const dayOver = (): void => progress.dayOver();
  const stopping = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stopping.abort()); // npm and a terminal both send it
  const stop = stopping.signal;
  const reports = await runCrew({ kiosks, days, faults, plant, seeds, workers: availableParallelism(), heard, dayOver, stop });
  process.stdout.write(tableOf(reports));
  if (asked.picture !== null) writeFileSync(asked.picture, pictureOf(reports));
  const failed = reports.filter(({ violation }) => violation !== null);
  if (failed.length > 0) process.stdout.write(`seeds to keep in tests/simulator/seeds.ts: ${failed.map(({ seed }) => seed).join(', ')}\n`);
  if (stop.aborted) process.stdout.write(restOf(seeds, reports));
  return failed.length > 0 ? 1 : stop.aborted ? 130 : 0;
}

/** What a run that was stopped has not done, as the words that do it. Seeds are begun in their order. */
function restOf(seeds: readonly number[], reports: readonly RunReport[]): string {
  const done = new Set(reports.map(({ seed }) => seed));
  const first = seeds.find((seed) => !done.has(seed));
  if (first === undefined) return '';
  return `stopped: the rest, from the first that was not lived to its end: --from-seed ${first} --seeds ${seeds.at(-1)! - first + 1}\n`; // a seed at least
}

async function runOne(seed: number, { kiosks, days, faults, plant, trace }: Asked): Promise<number> {
  const base = memoryFolder();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
  process.once('exit', () => rmSync(base, { recursive: true, force: true })); // also where it is stopped
  try {
    const setChance = makeWorld();
    const template = await makeTemplate(join(base, 'template'), kiosks);
    setChance(randomOf(`ids of ${seed}`));
    const progress = trace ? null : progressTo(1, days);
    const report = await run(template, {
      seed,
      days,
      faults: faults === null ? null : new Set(faults),
      plant,
      directory: join(base, 'run'),
      trace: trace ? (line) => process.stdout.write(`${line}\n`) : null,
      dayOver: () => progress?.dayOver(),
    });
    progress?.seedOver();
    process.stdout.write(report.violation === null ? tableOf([report]) : wordsOf(report));
    return report.violation === null ? 0 : 1;
  } finally {
    rmSync(base, { recursive: true, force: true });
  }
}

function progressTo(seeds: number, daysOfOne: number): Progress {
  return progressOf({ seeds, daysOfOne, nowMs: () => performance.now(), say: (line) => process.stderr.write(`${line}\n`) });
}

function wordsOf({ seed, faults, violation }: RunReport): string {
  return `seed ${seed} (${faults.join(', ')}) at step ${violation?.step}: ${violation?.what}\n\n`;
}

interface Asked {
  readonly kiosks: number;
  readonly days: number;
  readonly seeds: number;
  readonly fromSeed: number;
  readonly seed: number | null;
  readonly trace: boolean;
  readonly faults: readonly FaultName[] | null;
  readonly plant: PlantName | null;
  readonly picture: string | null;
}

function asksFor(words: readonly string[]): Asked | null {
  try {
    const { values } = parseArgs({ args: [...words], options });
    const whole = (text: string): number => {
      if (!/^\d{1,9}$/.test(text)) throw new Error(`${text} is no whole number`);
      return Number(text);
    };
    return {
      kiosks: whole(values.kiosks),
      days: whole(values.days),
      seeds: whole(values.seeds),
      fromSeed: whole(values['from-seed']),
      seed: values.seed === undefined ? null : whole(values.seed),
      trace: values.trace,
      faults: faultsOf(values.faults),
      plant: plantOf(values.plant),
      picture: values.picture ?? null,
    };
  } catch {
    return null; // the usage says what there is
  }
}

function plantOf(text: string | undefined): PlantName | null {
  if (text === undefined) return null;
  const found = plantNames.find((each) => each === text);
  if (found === undefined) throw new Error(`${text} is no bug that can be planted`);
  return found;
}

function faultsOf(text: string | undefined): readonly FaultName[] | null {
  if (text === undefined) return null;
  if (text === 'all') return faultNames;
  if (text === 'none') return [];
  return text.split(',').map((name) => {
    const found = faultNames.find((each) => each === name);
    if (found === undefined) throw new Error(`${name} is no fault`);
    return found;
  });
}
