// The county's command: `node county/main.ts demo --out DIR` makes a county to try the kiosk with; `committee-key` and
// `cosign` are the supervision committee's; `serve`, `night` and the clerk's others work on a county's data folder.

import { relative } from 'node:path';
import { readWords, usage } from './arguments.ts';
import { runDataCommand } from './data-commands.ts';
import { makeDemo } from './demo.ts';
import { type Terminal, runLogCommand } from './log/commands.ts';
import { progressOn } from './progress.ts';
import { townStore } from './roster.ts';
import { plans } from './schemes/by-name.ts';
import { StoreFault } from './store/store.ts';

// who reads no more, as `| head` does, is told no more; what was begun goes on
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});
process.exitCode = await run(process.argv.slice(2));

async function run(words: readonly string[]): Promise<number> {
  const terminal = { say: (text: string) => process.stdout.write(text), complain: (text: string) => process.stderr.write(text) };
  const ofLog = runLogCommand(words, terminal) ?? (await runOnBook(words, terminal));
  if (ofLog !== null) return ofLog;
  const read = readWords(words);
  if (!read.ok) {
    process.stderr.write(`${read.reason}\n\n${usage}`);
    return 2;
  }
  if (read.command === null) {
    process.stdout.write(usage);
    return 0;
  }
  const { out, choices, isQuiet } = read.command;
  const started = performance.now();
  const made = await makeDemo(out, choices, progressOn(process.stderr));
  if (!made.ok) {
    process.stderr.write(`${out} is not empty and holds no earlier demo: nothing was touched. Name another folder.\n`);
    return 1;
  }
  if (isQuiet) return 0;
  const { kiosks, linesEach, operators } = made.value;
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const memory = Math.round(process.resourceUsage().maxRSS / 1024);
  const here = relative(process.cwd(), out) || '.';
  const shop = `${here}/kiosks/${kiosks[1] ?? kiosks[townStore]}`; // the first village, where one is: smaller than the town
  const pins = [...new Set(operators.map(({ operator, pin }) => `${operator.role} ${pin}`))].join(', ');
  process.stdout
    .write(`${plans[choices.scheme].zh}: ${kiosks.length} kiosks, ${choices.residents} residents, ${choices.goods} goods, as of ${choices.asOf}
${linesEach} lines in the largest file; ${seconds} s, at most ${memory} MiB of memory
PINs: ${pins}
Its keys are worthless: whoever has this program can make them.

Read ${here}/README.txt, or open a shop of it:
  npm run kiosk -- create --home ${here}/home --enrolment ${shop}/enrolment.json --down ${shop}/down --simulated ${shop}/simulated.json
  npm start -- --home ${here}/home
`);
  return 0;
}

/** DATABASE_URL names the PostgreSQL that keeps the book; without it a county's folder has its own. */
async function runOnBook(words: readonly string[], terminal: Terminal): Promise<number | null> {
  try {
    return await runDataCommand(words, terminal, { databaseUrl: process.env['DATABASE_URL'] });
  } catch (error) {
    if (!(error instanceof StoreFault)) throw error;
    terminal.complain(`${error.message}\n`);
    return 1;
  }
}
