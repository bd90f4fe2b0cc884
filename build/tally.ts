// How many tests passed and failed, from vitest's JSON report and its exit code. Believes neither alone.

export interface Tally {
  readonly passed: number;
  readonly failed: number;
}

/** What is used of the report. */
interface Report {
  readonly numPassedTests: number;
  readonly numTotalTests: number;
  readonly testResults: readonly { readonly status: string; readonly assertionResults: readonly { readonly status: string }[] }[];
}

/** Skipped and unfinished tests are failed ones; so is a file that ran none, a missing report, and an exit code that nothing explains. */
export function tallyOf(report: string | null, exitCode: number | null): Tally {
  if (report === null) return { passed: 0, failed: 1 };
  const { numPassedTests, numTotalTests, testResults } = JSON.parse(report) as Report; // vitest wrote it
  const emptyFiles = testResults.filter(({ status, assertionResults }) => status !== 'passed' && assertionResults.length === 0).length;
  const failed = numTotalTests - numPassedTests + emptyFiles;
  const isUnexplained = failed === 0 && (exitCode !== 0 || numTotalTests === 0);
  return { passed: numPassedTests, failed: isUnexplained ? 1 : failed };
}
