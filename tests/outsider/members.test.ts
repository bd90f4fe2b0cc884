// Another vendor writes either side from docs/files.md alone: whatever member a schema of the files has, its section Y names under its kind.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { downHeader, downLine, downTrailer } from '../../db/model/down-file.ts';
import { logEntry } from '../../db/model/log-entry.ts';
import { upClosing, upCounter, upHeader, upTrailer } from '../../db/model/up-file.ts';

const root = join(import.meta.dirname, '../..');

/** Words in backticks of each row of section Y, by the table's title and the first column; a shape that a row names adds its own. */
function documented(): ReadonlyMap<string, ReadonlySet<string>> {
  const text = readFileSync(join(root, 'docs/files.md'), 'utf8');
  const section = text.slice(text.indexOf('\n## Y. '), text.indexOf('\n## V. '));
  const found = new Map<string, { readonly words: Set<string>; readonly shapes: Set<string> }>();
  let [title, name] = ['', ''];
  for (const line of section.split('\n')) {
    title = /^### (.+)$/.exec(line)?.[1] ?? title;
    const [, first = '', ...cells] = line.split(/(?<!\\)\|/).map((cell) => cell.trim());
    if (cells.length < 3) continue;
    name = /^\*\*(.+)\*\*$/.exec(first)?.[1] ?? name;
    const key = `${title} ${name}`;
    const of = found.get(key) ?? { words: new Set<string>(), shapes: new Set<string>() };
    for (const [, words = ''] of cells.join(' ').matchAll(/`([^`]+)`/g))
      for (const word of words.split(/[^A-Za-z0-9]+/)) of.words.add(word);
    for (const [, shape = ''] of cells.join(' ').matchAll(/\*\*([^*]+)\*\*/g)) of.shapes.add(shape);
    found.set(key, of);
  }
  const all = (key: string): readonly string[] => {
    const { words = [], shapes = [] } = found.get(key) ?? {};
    return [...words, ...[...shapes].flatMap((shape) => all(`Shapes ${shape}`))];
  };
  return new Map([...found.keys()].map((key) => [key, new Set(all(key))]));
}

/** Names of all members of a schema, however deep. */
function membersOf(schema: z.core.$ZodType): readonly string[] {
  if (schema instanceof z.ZodObject)
    return Object.entries(schema.shape).flatMap(([name, of]) => [name, ...membersOf(of as z.core.$ZodType)]); // that is what a shape has
  if (schema instanceof z.ZodArray) return membersOf(schema.element);
  if (schema instanceof z.ZodPipe) return membersOf(schema.in);
  if (schema instanceof z.ZodRecord) return membersOf(schema.valueType);
  if (schema instanceof z.ZodUnion) return schema.options.flatMap((option) => membersOf(option));
  const isWrapped =
    schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodDefault || schema instanceof z.ZodReadonly;
  return isWrapped ? membersOf(schema.unwrap()) : [];
}

const model = ['event', 'recycling', 'catalogue'];

/** The types of events, as their source writes them: there is no schema of them that runs. */
function declared(): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const file of model) {
    const source = readFileSync(join(root, `db/model/${file}.ts`), 'utf8').replaceAll(/\/\*\*[^]*?\*\//g, '');
    for (const [, name = '', body = ''] of source.matchAll(/^export (?:interface|type) (\w+)([^]*?)(?=^\S*export |^function |^const )/gm))
      found.set(name, body);
  }
  return found;
}

/** Names of all members that the text of a type has, itself and in the types that it names. */
function membersOfType(text: string, types: ReadonlyMap<string, string>): readonly string[] {
  const own = [...text.matchAll(/readonly (\w+)\??:/g)].map(([, name = '']) => name);
  const picked = [...text.matchAll(/Pick<\w+, ([^>]+)>/g)].flatMap(([, names = '']) =>
    [...names.matchAll(/'(\w+)'/g)].map(([, name = '']) => name),
  );
  const named = [...text.replaceAll(/Pick<[^>]+>/g, '').matchAll(/\b[A-Z]\w+\b/g)].flatMap(([name]) => types.get(name) ?? []);
  return [...own, ...picked, ...named.flatMap((each) => membersOfType(each, types))];
}

function lacking(key: string, members: readonly string[], document: ReadonlyMap<string, ReadonlySet<string>>): readonly string[] {
  return [...new Set(members)].filter((name) => document.get(key)?.has(name) !== true).map((name) => `${key}: ${name}`);
}

test('section Y names every member of every event', () => {
  const types = declared();
  const union = types.get('EventKind')!; // the record is declared there
  const kinds = [...union.matchAll(/kind: '([A-Z_]+)'; readonly body: (.+) \};?$/gm)];
  expect(kinds).toHaveLength(union.split("kind: '").length - 1);
  const document = documented();
  expect(kinds.flatMap(([, kind = '', body = '']) => lacking(`Events ${kind}`, membersOfType(body, types), document))).toEqual([]);
  expect(membersOfType(kinds.find(([, kind]) => kind === 'SALE')![2]!, types)).toEqual(
    expect.arrayContaining(['settlementFen', 'framesHex', 'countyBo', 'tenderedFen']),
  );
});

test('section Y names every member of every line, up and down, and of every entry of the log', () => {
  const document = documented();
  const named = (title: string, options: readonly z.core.$ZodType[]) =>
    options.flatMap((option) => {
      const { t } = (option as z.ZodObject).shape as { t: z.ZodLiteral<string> }; // each begins with it
      const members = membersOf(option).filter((name) => name !== 't'); // what every line has is said once
      return lacking(`${title} ${t.value}`, members, document);
    });
  expect([
    ...named('Lines up', [upHeader, upClosing, upCounter, upTrailer]),
    ...named('Lines down', [downHeader, downTrailer, ...downLine.options]),
    ...named('Entries of the log', logEntry.options),
  ]).toEqual([]);
  expect(membersOf(downLine)).toEqual(expect.arrayContaining(['halfAfterDays', 'sameBag', 'grams', 'reference']));
});
