// `npm run crash`: kills a till at random moments of an act, and says whether anything acknowledged was lost or doubled.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { closing } from './closing.ts';
import { credit } from './credit.ts';
import { intakeLoop } from './intake.ts';
import { type Act, type Tally, crashLoop } from './loop.ts';
import { nightLoop } from './nights.ts';
import { sale } from './sale.ts';

/** Acts that can be killed. */
const acts: { readonly [name: string]: Act } = { sale, credit, closing };

/** The county's server: its book is no kiosk's, so each of its acts has a loop of its own. */
const countyActs: { readonly [name: string]: { readonly things: string; readonly loop: typeof intakeLoop } } = {
  intake: { things: 'files', loop: intakeLoop },
  night: { things: 'nights', loop: nightLoop },
};

const usage = `usage: npm run crash -- [--act ${[...Object.keys(acts), ...Object.keys(countyActs)].join('|')}] [--runs N] [--seed S] [--keep] [--control]

  --act NAME  what is done while it is killed; sale
  --runs N    kills; 200
  --seed S    draws the moments and the deeds; another one each time
  --keep      keep the kiosk's home also when all is well
  --control   the process says "done" before it is so: the loop must find losses, and end with 1

ends with 1 where anything was lost or doubled, a book is not true, or nothing was acknowledged that could have been lost`;

async function main(): Promise<number> {
  const values = readOptions();
  if (values?.help === true) {
    console.log(usage);
    return 0;
  }
  const [runs, seed] = [Number(values?.runs), Number(values?.seed)];
  if (
    values === null ||
    (!Object.hasOwn(acts, values.act) && !Object.hasOwn(countyActs, values.act)) ||
    !Number.isSafeInteger(runs) ||
    runs < 1 ||
    !Number.isSafeInteger(seed)
  ) {
    console.error(usage);
    return 2;
  }
  const directory = mkdtempSync(join(tmpdir(), 'jifen-crash-'));
  const started = performance.now();
  console.log(`act ${values.act}, seed ${seed}`);
  const options = { directory, runs, seed, acknowledgeEarly: values.control, report: (line: string) => console.log(line) };
  const act = acts[values.act];
  const ofCounty = countyActs[values.act];
  const tally = await (act === undefined ? ofCounty!.loop(options) : crashLoop(act, options)); // one of the two: it was asked above
  const isWell = tally.findings.length === 0 && isVerified(tally) && tally.acknowledged > 0;
  if (isWell && !values.keep) rmSync(directory, { recursive: true });
  else console.log(`kept in ${directory}`);
  console.log(`${((performance.now() - started) / 1000 / runs).toFixed(2)} s a run`);
  const things = act?.things ?? ofCounty!.things;
  console.log(tallyLine(things, tally));
  if (tally.acknowledged === 0)
    console.log(`no ${things} were acknowledged: nothing could be lost, and nothing is proven; more runs are needed`);
  return isWell ? 0 : 1;
}

/** What was asked for, or null where it is not understood. */
function readOptions() {
  try {
    return parseArgs({
      options: {
        act: { type: 'string', default: 'sale' },
        runs: { type: 'string', default: '200' },
        seed: { type: 'string', default: String(Date.now() % 1_000_000) },
        keep: { type: 'boolean', default: false },
        control: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch {
    return null; // a word that is no option: the usage says which are
  }
}

/** Whether a book that was left was looked at whole, and each of them was true. */
function isVerified({ findings, verified }: Tally): boolean {
  return verified > 0 && !findings.some((finding) => finding.text.startsWith('verify:'));
}

function tallyLine(things: string, tally: Tally): string {
  const { runs, kills, acknowledged, findings } = tally;
  const count = (kind: string): number => findings.filter((finding) => finding.kind === kind).length;
  const whole = (n: number): string => n.toLocaleString('en');
  const others = count('other') === 0 ? '' : `, ${whole(count('other'))} other faults`;
  return `${whole(runs)} runs, ${whole(kills)} kills, ${whole(acknowledged)} ${things} acknowledged, ${whole(count('lost'))} lost, ${whole(count('doubled'))} doubled${others}, verify ${isVerified(tally) ? 'passed' : 'failed'}`;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error);
  process.exitCode = 2;
}
