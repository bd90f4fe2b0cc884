import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { closing } from './closing.ts';
import { type Finding, type Tally, crashLoop } from './loop.ts';

/** A home that disagreed is left for whoever asks why. */
async function kill(runs: number, seed: number, acknowledgeEarly = false): Promise<Tally> {
  const directory = mkdtempSync(join(tmpdir(), 'jifen-crash-'));
  const report: string[] = [];
  const isEnough = ({ kind }: Finding): boolean => acknowledgeEarly && kind === 'lost';
  const tally = await crashLoop(closing, { directory, runs, seed, acknowledgeEarly, isEnough, report: (line) => void report.push(line) });
  if (tally.findings.length === 0 || acknowledgeEarly) onTestFinished(() => rm(directory, { recursive: true, force: true }));
  else console.log(`kept in ${directory}\n${report.join('\n')}`);
  return tally;
}

test('a till killed 16 times while days are closed and settled has one closing of each number and date', { timeout: 900_000 }, async () => {
  const { acknowledged, ...tally } = await kill(16, 1);
  expect(tally).toEqual({ runs: 16, kills: 16, findings: [], verified: 1 });
  expect(acknowledged).toBeGreaterThan(8);
});

test('the loop is alive: a till that says "closed" before the commit is caught', { timeout: 600_000 }, async () => {
  let lost = 0;
  for (let seed = 1; seed <= 5 && lost === 0; seed += 1) {
    const { findings } = await kill(20, seed, true);
    lost = findings.filter((finding) => finding.kind === 'lost').length;
  }
  expect(lost).toBeGreaterThan(0);
});
