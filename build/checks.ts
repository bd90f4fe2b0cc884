// The checks that read the source and run nothing of it: types, lint with the import rule, security, format, dead code.

import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from './run.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

const checks = [
  { name: 'types', command: 'tsc', args: [] },
  { name: 'lint', command: 'oxlint', args: ['-c', 'build/oxlint.json', '--type-aware', '--deny-warnings'] },
  { name: 'security', command: 'node', args: ['build/check-security.ts'] },
  // Patterns of oxfmt.json are matched from build/, so what is not to be formatted is said here.
  {
    name: 'format',
    command: 'oxfmt',
    args: ['-c', 'build/oxfmt.json', '--check', '.', '!**/*.md', '!tests/vectors/golden*/**', '!county/server/openapi.json'],
  },
  { name: 'dead code', command: 'knip', args: ['-c', 'build/knip.json'] },
] as const;

/** Each takes seconds, minutes on a machine that does much else; one that hangs must not hold CI. */
const deadlineMs = 6 * 60_000;

/** Runs all checks, says how each went, shows the words of those that failed. Returns how many passed and failed. */
export async function runChecks(say: (line: string) => void): Promise<{ readonly passed: number; readonly failed: number }> {
  let passed = 0;
  const width = Math.max(1, Math.min(availableParallelism(), checks.length));
  const waiting = [...checks];
  const worker = async (): Promise<void> => {
    for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) {
      const started = performance.now();
      const { code, output } = await run(join(root, 'node_modules/.bin', check.command), check.args, { deadlineMs, cwd: root });
      if (code === 0) passed += 1;
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      say(`${code === 0 ? 'ok    ' : 'FAILED'} ${check.name} (${seconds} s)${code === 0 ? '' : `\n${output}`}`);
    }
  };
  await Promise.all(Array.from({ length: width }, worker));
  return { passed, failed: checks.length - passed };
}

if (import.meta.main) {
  const { failed } = await runChecks((line) => process.stdout.write(`${line}\n`));
  process.exitCode = failed === 0 ? 0 : 1;
}
