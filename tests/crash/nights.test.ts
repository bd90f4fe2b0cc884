import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { nightLoop } from './nights.ts';

async function kill(runs: number, seed: number, acknowledgeEarly = false) {
  const directory = mkdtempSync(join(tmpdir(), 'jifen-crash-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return nightLoop({ directory, runs, seed, acknowledgeEarly, report: () => {} });
}

test(
  'a server killed 4 times in its night never shows a file that the book has not, nor two of one number',
  { timeout: 300_000 },
  async () => {
    const { acknowledged, ...tally } = await kill(4, 1);
    expect(tally).toEqual({ runs: 4, kills: 4, findings: [], verified: 4 });
    expect(acknowledged).toBeGreaterThan(0); // the first kill comes after a night; how many came after that is chance
  },
);

test('the loop is alive: a server that says so before the file is there is caught', { timeout: 300_000 }, async () => {
  let lost = 0;
  // on a machine short of time a kill may come after the file that it should come before
  for (let seed = 2; seed <= 6 && lost === 0; seed += 1) {
    const { findings } = await kill(2, seed, true);
    lost = findings.filter((finding) => finding.kind === 'lost').length;
  }
  expect(lost).toBeGreaterThan(0);
});
