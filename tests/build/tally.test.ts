import { expect, test } from 'vitest';
import { tallyOf } from '../../build/tally.ts';

const file = (status: string, tests: readonly string[]): object => ({ status, assertionResults: tests.map((status) => ({ status })) });
const report = (passed: number, total: number, files: readonly object[]): string =>
  JSON.stringify({ numPassedTests: passed, numTotalTests: total, testResults: files });

test.each([
  ['all passed', report(2, 2, [file('passed', ['passed', 'passed'])]), 0, { passed: 2, failed: 0 }],
  ['one failed', report(1, 2, [file('failed', ['passed', 'failed'])]), 1, { passed: 1, failed: 1 }],
  ['one skipped counts as failed', report(1, 2, [file('passed', ['passed', 'skipped'])]), 0, { passed: 1, failed: 1 }],
  ['a file that could not be loaded', report(1, 1, [file('passed', ['passed']), file('failed', [])]), 1, { passed: 1, failed: 1 }],
  ['an exit code that no test explains', report(1, 1, [file('passed', ['passed'])]), 1, { passed: 1, failed: 1 }],
  ['a run that was killed', report(1, 1, [file('passed', ['passed'])]), null, { passed: 1, failed: 1 }],
  ['no test at all', report(0, 0, []), 0, { passed: 0, failed: 1 }],
  ['no report', null, 0, { passed: 0, failed: 1 }],
])('%s', (_, text, exitCode, tally) => {
  expect(tallyOf(text, exitCode)).toEqual(tally);
});
