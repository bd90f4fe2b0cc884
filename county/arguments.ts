// Reads the words of the county's command into choices, or says which of them is wrong. Touches nothing.

import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { DemoChoices } from './demo.ts';
import { goodsMax } from './goods/make-goods.ts';
import { dataUsage } from './data-commands.ts';
import { logUsage } from './log/commands.ts';
import { residentsPerStoreMin, storesMax } from './roster.ts';
import { isPlanName, plans } from './schemes/by-name.ts';

/** What the command was asked to do. */
export interface Command {
  readonly out: string;
  readonly choices: DemoChoices;
  /** Another program makes the demo, and says itself how it goes on. */
  readonly isQuiet: boolean;
}

/** What was typed: a command, a question for the usage (null), or not understood; the reason is a sentence for who typed it. */
export type Reading = { readonly ok: true; readonly command: Command | null } | { readonly ok: false; readonly reason: string };

/** Reads the words after the program's name. */
export function readWords(words: readonly string[]): Reading {
  try {
    return { ok: true, command: parse(words) };
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return { ok: false, reason: error.message };
  }
}

/** Account numbers have six digits, and no county has more people (schemes.md, targets: 800,000). */
const residentsMax = 999_999;
/** So that a demo without a date is the same bytes on every day. */
const defaultAsOf = '2026-11-01';

export const usage = `usage: npm run county -- demo --out DIR [options]
${logUsage}${dataUsage}
  options of demo:
  --scheme NAME      ${Object.keys(plans).join(', ')} (qiongjie)
  --stores N         shops, one kiosk each (25)
  --residents N      people on the roster (19000)
  --goods N          goods of the catalogue, at most ${goodsMax()} (300)
  --seed N           another seed is another county (1)
  --as-of DATE       day of the newest file, YYYY-MM-DD (${defaultAsOf})
  --cards WHICH      samples, or all: a sheet to print for every shop (samples)
  --quiet            do not say what to do with it
`;

/** Leaves this file as a value. */
class UsageError extends Error {}

function parse(words: readonly string[]): Command | null {
  const [name = 'demo'] = words; // every other command was looked for before
  if (name !== 'demo' && !name.startsWith('-')) throw new UsageError(`没有“${name}”这个命令 / there is no command ${name}`);
  const { values, positionals } = parsedWords(words);
  if (values.help) return null;
  if (positionals.length !== 1 || positionals[0] !== 'demo') throw new UsageError('say what to make: demo');
  if (values.out === undefined || values.out === '') throw new UsageError('--out DIR is missing');
  if (!isPlanName(values.scheme)) throw new UsageError(`no such scheme: ${values.scheme}`);
  if (values.cards !== 'samples' && values.cards !== 'all') throw new UsageError(`--cards is samples or all, not ${values.cards}`);
  if (!isDate(values['as-of'])) throw new UsageError(`--as-of is a date like ${defaultAsOf}, not ${values['as-of']}`);
  const stores = whole('--stores', values.stores, 1, storesMax);
  return {
    out: resolve(values.out),
    isQuiet: values.quiet,
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
        quiet: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
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
