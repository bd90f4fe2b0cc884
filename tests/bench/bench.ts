// `npm run bench`: one table of figures taken in one run on this machine, each beside its goal. Judges nothing else: it
// ends with 0 also where a goal is missed, and says which.

import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Bench, type Goal, type Row, isMet, ratio } from './measure.ts';
import { durableCredit } from './durable-credit.ts';
import { durableSale } from './durable-sale.ts';
import { saleOfAMillion } from './sale-1m.ts';
import { cardOf800k } from './card-800k.ts';
import { searchOf20k } from './search-20k.ts';
import { receiptOfForty } from './receipt-40.ts';
import { sheetOfTwoHundred } from './sheet-200.ts';
import { scanPainted } from './scan-painted.ts';
import { weightPainted } from './weight-painted.ts';
import { languageSwitch } from './language-switch.ts';
import { electronColdStart } from './electron-cold-start.ts';
import { memory } from './memory.ts';
import { scaleDecode } from './scale-decode.ts';
import { closing10k } from './closing-10k.ts';
import { verify365k } from './verify-365k.ts';
import { ownerMonth } from './owner-month.ts';
import { countyLog100k } from './county-log-100k.ts';
import { countyIntake } from './county-intake.ts';
import { countyIntakePostgres } from './county-intake-postgres.ts';
import { countyBacklog } from './county-backlog.ts';
import { nationalNight } from './national-night.ts';
import { upFile30d, upFiles1m } from './up-file-30d.ts';
import { down800k } from './down-800k.ts';

const benches: readonly Bench[] = [
  durableSale,
  durableCredit,
  saleOfAMillion,
  cardOf800k,
  searchOf20k,
  receiptOfForty,
  sheetOfTwoHundred,
  scanPainted,
  weightPainted,
  languageSwitch,
  electronColdStart,
  memory,
  scaleDecode,
  closing10k,
  verify365k,
  ownerMonth,
  countyLog100k,
  countyIntake,
  countyIntakePostgres,
  countyBacklog,
  nationalNight,
  upFile30d,
  upFiles1m,
  down800k,
];

const root = join(import.meta.dirname, '..', '..');
const cacheDirectory = join(root, '.cache', 'bench');

const usage = `usage: npm run bench [-- --json] [-- --only NAME] [-- --quick]

  --json       one object a line
  --only NAME  ${benches.map((bench) => bench.name).join(', ')}
  --quick      fewer samples: a look, not a figure; what is not in .cache/bench yet is skipped`;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { json: { type: 'boolean', default: false }, only: { type: 'string' }, quick: { type: 'boolean', default: false } },
  });
  const chosen = benches.filter((bench) => values.only === undefined || bench.name === values.only);
  if (chosen.length === 0) {
    console.error(usage);
    return 2;
  }
  mkdirSync(cacheDirectory, { recursive: true });
  if (!values.json) console.log(heading(values.quick));
  for (const bench of chosen)
    for (const row of await runOne(bench, values.quick)) console.log(values.json ? JSON.stringify(plain(row)) : tableLine(row));
  return Number(process.exitCode ?? 0);
}

async function runOne(bench: Bench, quick: boolean): Promise<readonly Row[]> {
  const scratch = mkdtempSync(join(cacheDirectory, 'run-'));
  try {
    return await bench.run({ quick, scratch, cache: cacheDirectory, say: (line) => console.error(`${bench.name}: ${line}`) });
  } catch (error) {
    // One bench that broke is told in its row and at the end; the others still have their say.
    console.error(error);
    process.exitCode = 1;
    return [{ kind: 'skipped', name: bench.name, why: `broke: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}` }];
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Where and when: a figure without them says nothing. */
function heading(quick: boolean): string {
  const version = (name: string): string =>
    (JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8')) as { readonly version: string }).version; // npm's own file
  const [processor] = cpus();
  const gib = Math.round(totalmem() / 2 ** 30);
  const load = loadavg()[0]!;
  return [
    `${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC, ${cpus().length} × ${processor?.model ?? 'unknown processor'}, ${gib} GiB, ${process.platform} ${release()}`,
    `node ${process.versions.node}, better-sqlite3 ${version('better-sqlite3')}, @napi-rs/canvas ${version('@napi-rs/canvas')}${quick ? '; quick: few samples' : ''}`,
    `load of the machine when this began: ${load.toFixed(1)}${load > cpus().length / 2 ? ' — others were at work: figures are too high' : ''}`,
    '',
    '| name | measures | p50 | p99 | ratio p50 | ratio p99 | goal | met |',
    '|---|---|--:|--:|--:|--:|---|---|',
  ].join('\n');
}

function tableLine(row: Row): string {
  if (row.kind === 'skipped') return `| ${row.name} | skipped: ${row.why} | | | | | | |`;
  const { figures, unit } = row;
  const times = (of: Goal['of']): string => ratio(row, of)?.toFixed(2) ?? '';
  const tail = row.goals.some((goal) => goal.of === 'p95') ? `${number(figures.p95)} ${unit} (p95)` : `${number(figures.p99)} ${unit}`;
  return `| ${row.name} | ${row.measures} | ${number(figures.p50)} ${unit} | ${figures.samples > 1 ? tail : ''} | ${times('p50')} | ${figures.samples > 1 ? times('p99') : ''} | ${goalText(row)} | ${isAllMet(row) ? 'yes' : 'NO'} |`;
}

function plain(row: Row): object {
  if (row.kind === 'skipped') return { name: row.name, skipped: row.why };
  const { name, measures, unit, figures } = row;
  const { samples, p50, p95, p99 } = figures;
  return {
    name,
    measures,
    unit,
    samples,
    p50: rounded(p50),
    p95: rounded(p95),
    p99: rounded(p99),
    ratio: rounded(ratio(row, 'p50')),
    ratioP99: rounded(ratio(row, 'p99')),
    goal: goalText(row),
    pass: isAllMet(row),
  };
}

function goalText({ goals, unit }: Row & { readonly kind: 'measured' }): string {
  return goals.map(({ of, is, atMost }) => `≤ ${atMost}${is === 'ratio' ? '×' : ` ${unit}`} ${of}`).join(', ');
}

function isAllMet(row: Row & { readonly kind: 'measured' }): boolean {
  return row.goals.every((goal) => isMet(row, goal));
}

function number(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

function rounded(value: number | null): number | null {
  return value === null ? null : Number(value.toPrecision(4));
}

process.exitCode = await main();
