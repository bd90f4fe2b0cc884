// `npm run scale -- decode` as a technician runs it: a capture in, readings and counts out, and plain words where it cannot.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';

const cli = join(import.meta.dirname, '../../../hardware/scale/cli.ts');

async function scale(args: readonly string[], capture: string | Uint8Array = '') {
  const child = spawn(process.execPath, [cli, ...args]);
  child.stdin.on('error', () => {}); // it may end before it has read all, as it must where its arguments are wrong
  child.stdin.end(capture);
  const [out, error, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { lines: out.split('\n').slice(0, -1), error, code: code as unknown };
}

test('a capture becomes one reading a line and a line of counts', async () => {
  const capture =
    'kg\r\nST,GS,+  1.234kg\r\nST,GS,+  1.234kg\r\nUS,NT,-  0.200kg\r\nOL,GS,        kg\r\nnoise\r\nST,GS,+  1.234\r\nUL,GS\r\nST,GS,+  0.000kg\r\nST,GS,+  0.000kg\r\nST,GS';
  expect(await scale(['decode', '--family', 'st-us'], capture)).toEqual({
    lines: [
      '{"kind":"moving","grams":1234,"net":false,"offset":4}',
      '{"kind":"stable","grams":1234,"net":false,"offset":22}',
      '{"kind":"negative","grams":-200,"net":true,"offset":40}',
      '{"kind":"overload","offset":58}',
      '{"kind":"underload","offset":99}',
      '{"kind":"moving","grams":0,"net":false,"offset":106}',
      '{"kind":"zero","grams":0,"net":false,"offset":124}',
      `{"accepted":7,"rejected":{"format":1,"unit":1},"bytes":${capture.length},"unit":null}`,
    ],
    error: '',
    code: 0,
  });
});

test('numbers without a unit are counts of the usual one, or of what is asked; the last line says which', async () => {
  const capture = '\x02+00123431C\x03'.repeat(2);
  expect((await scale(['decode', '--family', 'yaohua-a9'], capture)).lines).toEqual([
    '{"kind":"moving","grams":1234,"net":false,"offset":0}',
    '{"kind":"stable","grams":1234,"net":false,"offset":12}',
    '{"accepted":2,"rejected":{},"bytes":24,"unit":"kg"}',
  ]);
  expect((await scale(['decode', '--family', 'yaohua-a9', '--unit', 'jin'], capture)).lines.slice(1)).toEqual([
    '{"kind":"stable","grams":617,"net":false,"offset":12}',
    '{"accepted":2,"rejected":{},"bytes":24,"unit":"jin"}',
  ]);
});

test('an empty capture has no readings', async () => {
  expect(await scale(['decode', '--family', 'dahua'])).toEqual({
    lines: ['{"accepted":0,"rejected":{},"bytes":0,"unit":"g"}'],
    error: '',
    code: 0,
  });
});

test.each([
  [['decode', '--family', 'toledo'], 'There is no family toledo. There are: st-us, cas-22, kunhong, stx-block, yaohua-a9, '],
  [['decode'], 'Name the family of the scale, one of: st-us, '],
  [['decode', '--family', 'dahua', '--unit', 'oz'], 'There is no unit oz. There are: g, kg, jin, lb, t.'],
  [['decode', '--famly', 'dahua'], "Unknown option '--famly'"],
  [['dance'], 'usage: npm run scale -- decode --family NAME'],
  [[], 'usage: npm run scale -- decode --family NAME'],
])('%j is answered in plain words, and nothing is decoded', async (args, sentence) => {
  const { lines, error, code } = await scale(args, 'ST,GS,+  1.234kg\r\n');
  expect({ lines, code, begins: error.slice(0, sentence.length) }).toEqual({ lines: [], code: 2, begins: sentence });
});

test('ten megabytes of noise and as many of nothing are counted, and every frame behind them is still read', async () => {
  const noise = new Uint8Array(10_000_000);
  for (let i = 0, seed = 1; i < noise.length; i += 1) {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) | 0;
    noise[i] = seed >>> 24;
  }
  const frames = '\r\nST,GS,+  1.234kg\r\nST,GS,+  1.234kg\r\n';
  const capture = Buffer.concat([noise, new Uint8Array(10_000_000), Buffer.from(frames)]);
  const { lines, code } = await scale(['decode', '--family', 'st-us'], capture);
  expect(lines.at(-2)).toBe('{"kind":"stable","grams":1234,"net":false,"offset":20000020}');
  expect(JSON.parse(lines.at(-1)!)).toMatchObject({ bytes: capture.length, unit: null });
  expect(code).toBe(0);
});

test('whoever stops reading ends it', async () => {
  const child = spawn(process.execPath, [cli, 'decode', '--family', 'dahua']);
  child.stdin.on('error', () => {}); // it ends before it has read all
  child.stdin.end('  655\r\n'.repeat(500_000));
  await once(child.stdout, 'data');
  child.stdout.destroy();
  const [error, [code]] = await Promise.all([text(child.stderr), once(child, 'close')]);
  expect({ error, code: code as unknown }).toEqual({ error: '', code: 0 });
});
