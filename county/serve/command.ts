// What a command of the county is: a function over an open book, which runs the same in a process of its own and within the server. Knows
// no command itself.

import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type Result, fail, ok } from '../../db/model/result.ts';
import type { CountyBook } from '../book/county-book.ts';
import type { Terminal } from '../log/commands.ts';

/** Every option that any command takes; each has a text, but those of `flags`, which are said or not. Those of `paths` name files and are whole paths before a command sees them. */
const names = [
  'account', 'amount', 'bo', 'by', 'card', 'county', 'data', 'day', 'exception', 'file', 'from', 'home', 'host', 'json', 'key', 'keys', 'kiosk', 'kind', 'lost',
  'merchant', 'name', 'night', 'number', 'operator', 'out', 'paper', 'pin', 'points', 'port', 'release', 'resident', 'role', 'scheme', 'scope', 'share', 'stolen', 'store', 'text',
  'through', 'to', 'until', 'withdraw', 'yuan', 'zh',
] as const; // prettier-ignore
const flags: ReadonlySet<string> = new Set<OptionName>(['json', 'lost', 'stolen']);
const paths: ReadonlySet<string> = new Set<OptionName>(['data', 'file', 'merchant', 'out']);

export type OptionName = (typeof names)[number];

/** The options that were given, and the words that belong to none. */
export type CommandOptions = { readonly [Name in OptionName]?: string } & { readonly words: readonly string[] };

/** Says what it did and returns the exit code: 0 done, 1 refused, 2 asked wrongly. */
export type BookCommand = (book: CountyBook, options: CommandOptions, terminal: Terminal) => Promise<number>;

/** The number of a thing as an option, a form or an address says it; 0, which nothing has, where that is no number. */
export function numberSaid(text: string): number {
  return /^\d{1,9}$/.test(text) ? Number(text) : 0;
}

/** Reads what follows a command's name. Paths are taken from the folder that the command was typed in. */
export function readOptions(words: readonly string[], workingDirectory: string): Result<CommandOptions, 'usage'> {
  try {
    const options = Object.fromEntries(names.map((name) => [name, { type: flags.has(name) ? 'boolean' : 'string' } as const]));
    const { values, positionals } = parseArgs({ args: [...words], allowPositionals: true, options });
    const given = Object.entries(values).map(([name, value]) => [
      name,
      paths.has(name) && typeof value === 'string' ? resolve(workingDirectory, value) : String(value),
    ]);
    return ok({ ...Object.fromEntries(given), words: positionals }); // every value is a text: so the options were declared
  } catch {
    return fail('usage');
  }
}
