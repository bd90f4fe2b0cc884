// The bytes that are hashed and signed: one spelling for each record (RFC 8785), and nothing that has two.

import { expect, test } from 'vitest';
import { type Plain, canonical, isCanonical } from '../../db/model/canonical.ts';
import { fc } from '../support/property.ts';

const text = fc.string({ unit: 'grapheme', maxLength: 12 }).map((value) => value.normalize('NFC'));
const { plain } = fc.letrec<{ plain: Plain }>((tie) => ({
  plain: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(null, true, false),
    fc.maxSafeInteger(),
    text,
    fc.array(tie('plain'), { maxLength: 4 }),
    fc.dictionary(text, tie('plain'), { maxKeys: 5, noNullPrototype: true }),
  ),
}));

test('members are ordered by UTF-16 code units, as the example of RFC 8785 section 3.2.3', () => {
  const record = {
    '\u20ac': 'Euro Sign',
    '\r': 'Carriage Return',
    '\u05d3': 'Hebrew Letter Dalet',
    '1': 'One',
    '\ud83d\ude00': 'Emoji: Grinning Face',
    '\u0080': 'Control',
    '\u00f6': 'Latin Small Letter O With Diaeresis',
  };
  expect(canonical(record)).toBe(
    '{"\\r":"Carriage Return","1":"One","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis","\u05d3":"Hebrew Letter Dalet","\u20ac":"Euro Sign","\ud83d\ude00":"Emoji: Grinning Face"}',
  );
});

test('a sale line has these bytes for ever', () => {
  const line = { zh: '洗洁精 "大"', bo: 'གྲོང་མི།', size: '', quantity: 2, points: -0, list: [1, null, [true, {}]], gone: undefined };
  expect(canonical(line)).toBe('{"bo":"གྲོང་མི།","list":[1,null,[true,{}]],"points":0,"quantity":2,"size":"","zh":"洗洁精 \\"大\\""}');
  expect(canonical('\u0000\u001f\u007f\u2028/\\')).toBe('"\\u0000\\u001f\u007f\u2028/\\\\"');
});

test('every character is spelled as JSON spells it, beside a letter and alone, or refused where it is not NFC', () => {
  for (let code = 0; code <= 0xffff; code += 1) {
    const letter = String.fromCharCode(code);
    for (const text of [letter, `a${letter}`, `一${letter}"`]) {
      const isRight = text.isWellFormed() && text.normalize('NFC') === text;
      if (isRight !== isWritten(text)) expect.fail(`U+${code.toString(16)} in ${JSON.stringify(text)}`);
      if (isRight && canonical(text) !== JSON.stringify(text)) expect.fail(`U+${code.toString(16)}: ${canonical(text)}`);
    }
  }
});

test('members are in order however many there are, and of names that were never seen before and ever again', () => {
  const names = Array.from({ length: 3_000 }, (_, i) => `${((i * 7_919) % 3_000).toString(36)}${'长'.repeat(i % 100)}`); // a prime: in no order
  const record = Object.fromEntries(names.map((name, i) => [name, i]));
  const line = `{${names
    .toSorted((a, b) => (a < b ? -1 : 1))
    .map((name) => `"${name}":${record[name]}`)
    .join(',')}}`;
  expect([canonical(record), canonical(record)]).toStrictEqual([line, line]);
  for (let from = 0; from < names.length; from += 30) {
    const few = names.slice(from, from + 30);
    const members = few.toSorted((a, b) => (a < b ? -1 : 1)).map((name) => `"${name}":"${name}"`);
    expect(canonical(Object.fromEntries(few.map((name) => [name, name])))).toBe(`{${members.join(',')}}`);
  }
});

test('what is written is read back the same, and has one spelling whatever order it was made in', () => {
  fc.assert(
    fc.property(plain, (value) => {
      const line = canonical(value);
      expect(canonical(JSON.parse(line) as Plain)).toBe(line);
      expect(line).not.toContain('\n');
      expect(canonical(reversed(value))).toBe(line);
    }),
  );
});

test('two records that differ have different bytes', () => {
  fc.assert(
    fc.property(plain, plain, (a, b) => {
      expect(canonical(a) === canonical(b)).toBe(JSON.stringify(sorted(a)) === JSON.stringify(sorted(b)));
    }),
  );
});

test.each([
  ['a fraction', 0.5],
  ['not a number', NaN],
  ['infinity', -Infinity],
  ['a number past 2^53', 2 ** 53],
  ['text that is not NFC', 'e\u0301'],
  ['Tibetan that is not NFC', '\u0f43'],
  ['half a character', 'a\ud83d'],
  ['a name that is not NFC', { 'e\u0301': 1 }],
  ['nothing in a list', [undefined]],
  ['a hole in a list', Array(2)],
  ['a date', new Date(0)],
  ['bytes', Buffer.from('x')],
  ['a function', () => 1],
  ['a big integer', 1n],
  ['a symbol', Symbol('x')],
  ['a map', new Map()],
])('%s is not a record', (_what, value) => {
  for (const each of [value, [value], { a: { b: value } }]) expect(() => canonical(each as Plain)).toThrow(TypeError);
});

function isWritten(text: string): boolean {
  try {
    canonical(text);
    return true;
  } catch {
    return false;
  }
}

function reversed(value: Plain): Plain {
  if (Array.isArray(value)) return value.map((item: Plain) => reversed(item));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value as Record<string, Plain>)
      .toReversed()
      .map(([name, item]) => [name, reversed(item)]),
  );
}

/** The same record with its members in one order, an object told from a list of pairs. */
function sorted(value: Plain): unknown {
  if (Array.isArray(value)) return value.map((item: Plain) => sorted(item));
  if (value === null || typeof value !== 'object') return Object.is(value, -0) ? 0 : value;
  const members = Object.entries(value as Record<string, Plain>).map(([name, item]) => [name, sorted(item)] as const);
  return { members: members.toSorted(([a], [b]) => (a < b ? -1 : 1)) };
}

test('a line is the canonical one of its record, whichever way that is found', () => {
  fc.assert(
    fc.property(plain, (value) => {
      const line = canonical(value);
      expect(isCanonical(JSON.parse(line) as Plain, line)).toBe(true);
      for (const other of [JSON.stringify(reversed(value)), JSON.stringify(value, null, 1), ` ${line}`])
        expect(isCanonical(JSON.parse(other) as Plain, other)).toBe(other === line);
    }),
  );
});

test('no other spelling of a record is its canonical line', () => {
  const canonicals = [
    '{"10":1,"9":2}',
    '{"__proto__":1}',
    '{"a":{"b":[1,{"c":"洗"}]},"z":-5}',
    '{"a":"\\""}',
    '[]',
    '""',
    '9007199254740991',
  ];
  for (const line of canonicals) expect([line, isCanonical(JSON.parse(line) as Plain, line)]).toStrictEqual([line, true]);
  const others = [
    '{"9":2,"10":1}', '{"b":1,"a":2}', '[{"b":1,"a":2}]', '{"a":1,"a":1}', '{"a": 1}', '{"a":1e3}', '{"a":1.0}', '{"a":1.5}', '{"a":-0}', '[9007199254740993]',
    '9007199254740992', '1e400', '"\\u0061"', '"\\ud800"', '"e\u0301"', '"\\u0301"', '"\\/"', `${'['.repeat(100_000)}${']'.repeat(100_000)}`,
  ]; // prettier-ignore
  for (const line of others)
    expect([line.slice(0, 40), isCanonical(JSON.parse(line) as Plain, line)]).toStrictEqual([line.slice(0, 40), false]);
});
