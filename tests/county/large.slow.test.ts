// A county far larger than any kiosk's: made in bounded memory, since its roster is never held.

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { emptyFolder, readEnrolment } from './a-demo.ts';
import { readDown } from './read-down.ts';

const main = new URL('../../county/main.ts', import.meta.url).pathname;
const residents = 200_000;
/** 800,000 residents must fit 1 GiB. Four times fewer within a third of it leaves no room for memory that grows with them. */
const memoryMiBMax = 340;

test('two hundred thousand residents take no more memory than a few', () => {
  const out = emptyFolder(onTestFinished);
  const made = spawnSync(process.execPath, [main, 'demo', '--out', out, '--stores', '2', '--residents', String(residents)], {
    encoding: 'utf8',
    timeout: 150_000,
  });
  expect(made.status).toBe(0);
  expect(Number(/at most (\d+) MiB/.exec(made.stdout)?.[1])).toBeLessThan(memoryMiBMax);
  const enrolment = readEnrolment(out, 'QJ-02');
  const { lines } = readDown(join(out, 'kiosks', 'QJ-02', 'down'), enrolment, 1);
  expect(lines.filter((line) => line.t === 'RESIDENT')).toHaveLength(residents);
});
