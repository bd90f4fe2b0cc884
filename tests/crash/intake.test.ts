import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { intakeLoop } from './intake.ts';

async function kill(runs: number, seed: number, acknowledgeEarly = false) {
  const directory = mkdtempSync(join(tmpdir(), 'jifen-crash-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return intakeLoop({ directory, runs, seed, acknowledgeEarly, report: () => {} });
}

test('a server killed 12 times while it takes files in has each posted wholly or not at all', { timeout: 300_000 }, async () => {
  const { acknowledged, verified, ...tally } = await kill(12, 1);
  expect(tally).toEqual({ runs: 12, kills: 12, findings: [] });
  expect(acknowledged).toBeGreaterThan(0); // the first kill comes after an answer; how many came after that is chance
  expect(verified).toBeGreaterThan(0); // the last round is brought to its end
});

test('the loop is alive: a server that says "taken" before the commit is caught', { timeout: 300_000 }, async () => {
  let lost = 0;
  // most kills fall between the word and the commit; on a machine short of time any may come too late
  for (let seed = 2; seed <= 6 && lost === 0; seed += 1) {
    const { findings } = await kill(6, seed, true);
    lost = findings.filter((finding) => finding.kind === 'lost').length;
  }
  expect(lost).toBeGreaterThan(0);
});
