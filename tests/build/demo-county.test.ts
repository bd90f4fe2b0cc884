// The demo county's server beside `npm start`: where it dies it is started again at its address, and no more often than makes sense.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type DemoCounty, startCounty } from '../../build/demo-county.ts';
import { countyNodeArguments } from '../../county/node-arguments.ts';
import { temporary } from '../support/county.ts';

/** Says where it is as the server does, with its process; ends with its channel. The second that is started fails at once. */
const standIn = `
const { readFileSync, writeFileSync } = require('node:fs');
const [count, port] = process.argv.slice(2);
const starts = Number(readFileSync(count, 'utf8')) + 1;
writeFileSync(count, String(starts));
if (starts === 2) process.exit(1);
console.log('pid ' + process.pid + ' at ' + port);
console.log('"url": "https://127.0.0.1:' + (port === '0' ? 7 : port) + '", "pin": "${'A'.repeat(43)}"');
process.on('disconnect', () => process.exit(0));
`;

interface Stand {
  readonly county: DemoCounty;
  readonly said: readonly string[];
  /** Each that got so far as to say where it is, `pid 7 at 8443`. */
  readonly lives: () => readonly string[];
  readonly starts: () => number;
}

async function started(before: number): Promise<Stand> {
  const folder = temporary(onTestFinished);
  const [script, count, journal] = [join(folder, 'server.cjs'), join(folder, 'count'), join(folder, 'journal')];
  writeFileSync(script, standIn);
  writeFileSync(count, String(before));
  const said: string[] = [];
  const county = await startCounty((line) => void said.push(line), { args: (port) => [script, count, String(port)], journal });
  if (county === null) throw new Error('it did not start');
  onTestFinished(() => county.stop());
  return {
    county,
    said,
    lives: () => readFileSync(journal, 'utf8').match(/pid \d+ at \d+/g) ?? [],
    starts: () => Number(readFileSync(count, 'utf8')),
  };
}

const aMinute = { timeout: 60_000 };

test('a server that dies is started again at its address, three times in a row at most, and each is said', async () => {
  const { county, said, lives } = await started(0);
  for (let life = 1; life <= 3; life += 1) {
    await expect.poll(() => lives().length, aMinute).toBe(life); // four were started, and the second had none
    process.kill(Number(lives().at(-1)!.split(' ')[1]), 'SIGKILL');
  }
  await expect.poll(() => said.at(-1), aMinute).toMatch(/ended again: the shops go on selling/);
  expect(said.filter((line) => line.includes('started again'))).toEqual(
    [1, 2, 3].map((n) => `the county’s server has ended: it is started again (${n} of 3)`),
  );
  const { port } = new URL(county.server.url);
  expect(lives().map((life) => life.split(' at ')[1])).toEqual([expect.any(String), port, port]);
});

test('a server that is told to end is not started again', async () => {
  const { county, said, starts } = await started(5);
  await county.stop();
  expect([said, starts()]).toEqual([[], 6]);
});

test('npm run county starts Node as npm start does, with a bound on what V8 keeps for new objects', () => {
  const { scripts } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    readonly scripts: Readonly<Record<string, string>>;
  };
  expect(countyNodeArguments).not.toEqual([]);
  expect(scripts['county']).toBe(['node', ...countyNodeArguments, 'county/main.ts'].join(' '));
});
