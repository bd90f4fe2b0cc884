// The county's command: `node county/main.ts demo --out DIR` makes a county to try the kiosk with. Reads no network.

import { parseArgs } from 'node:util';
import { relative, resolve } from 'node:path';
import { type DemoChoices, makeDemo } from './demo.ts';
import { goodsMax } from './goods/make-goods.ts';
import { progressOn } from './progress.ts';
import { residentsPerStoreMin, storesMax, townStore } from './roster.ts';
import { isPlanName, plans } from './schemes/by-name.ts';

/** Most residents that the ids of the demo have digits for, and that a down-file is meant to hold (schemes.md, targets). */
const residentsMax = 2_000_000;
/** So that a demo without a date is the same bytes on every day. */
const defaultAsOf = '2026-11-01';

const usage = `usage: npm run county -- demo --out DIR [options]
  --scheme NAME      ${Object.keys(plans).join(', ')} (qiongjie)
  --stores N         shops, one kiosk each (25)
  --residents N      people on the roster (19000)
  --goods N          goods of the catalogue, at most ${goodsMax()} (300)
  --seed N           another seed is another county (1)
  --as-of DATE       day of the newest file, YYYY-MM-DD (${defaultAsOf})
  --cards WHICH      samples, or all: a sheet to print for every shop (samples)
`;

/** Wrong words on the command line: told with the usage, exit 2. */
class UsageError extends Error {}

try {
  process.exitCode = await run(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`${error.message}\n\n${usage}`);
  process.exitCode = 2;
}

async function run(words: readonly string[]): Promise<number> {
  const { out, choices } = parse(words);
  const started = performance.now();
  const made = await makeDemo(out, choices, progressOn(process.stderr));
  if (!made.ok) {
    process.stderr.write(`${out} is not empty and holds no earlier demo: nothing was touched. Name another folder.\n`);
    return 1;
  }
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

function parse(words: readonly string[]): { readonly out: string; readonly choices: DemoChoices } {
  const { values, positionals } = parsedWords(words);
  if (positionals.length !== 1 || positionals[0] !== 'demo') throw new UsageError('say what to make: demo');
  if (values.out === undefined || values.out === '') throw new UsageError('--out DIR is missing');
  if (!isPlanName(values.scheme)) throw new UsageError(`no such scheme: ${values.scheme}`);
  if (values.cards !== 'samples' && values.cards !== 'all') throw new UsageError(`--cards is samples or all, not ${values.cards}`);
  if (!isDate(values['as-of'])) throw new UsageError(`--as-of is a date like ${defaultAsOf}, not ${values['as-of']}`);
  const stores = whole('--stores', values.stores, 1, storesMax);
  return {
    out: resolve(values.out),
    choices: {
      scheme: values.scheme,
      stores,
      residents: whole('--residents', values.residents, stores * residentsPerStoreMin, residentsMax),
      goods: whole('--goods', values.goods, 1, goodsMax()),
      seed: whole('--seed', values.seed, 0, 2 ** 32 - 1),
      asOf: values['as-of'],
      cards: values.cards,
    },
  };
}

function parsedWords(words: readonly string[]) {
  const text = (standard: string) => ({ type: 'string', default: standard }) as const;
  try {
    return parseArgs({
      args: [...words],
      allowPositionals: true,
      options: {
        out: { type: 'string' },
        scheme: text('qiongjie'),
        stores: text('25'),
        residents: text('19000'),
        goods: text('300'),
        seed: text('1'),
        'as-of': text(defaultAsOf),
        cards: text('samples'),
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function whole(name: string, text: string, least: number, most: number): number {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : NaN;
  if (!(value >= least && value <= most)) throw new UsageError(`${name} is a whole number ${least} to ${most}, not ${text}`);
  return value;
}

/** A day that exists, within what a card's expiry can hold (db/model/card.ts). */
function isDate(text: string): boolean {
  if (!/^20(2\d|[3-9]\d)-\d\d-\d\d$/.test(text)) return false;
  const at = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(text) && text >= '2020-03-01';
}
