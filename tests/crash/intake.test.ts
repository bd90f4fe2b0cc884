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
  const { acknowledged, verified: _, ...tally } = await kill(12, 1);
  expect(tally).toEqual({ runs: 12, kills: 12, findings: [] });
  expect(acknowledged).toBeGreaterThan(4);
});

test('the loop is alive: a server that says "taken" before the commit is caught', { timeout: 300_000 }, async () => {
  const { findings } = await kill(12, 2, true);
  expect(findings.some(({ kind }) => kind === 'lost')).toBe(true);
});
