// `npm test`: everything CI runs. Its last line is "N passed, N failed", counted from what ran; a skipped test counts as failed.

import { accessSync, chmodSync, constants, existsSync, mkdtempSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle } from './bundle.ts';
import { runChecks } from './checks.ts';
import { run } from './run.ts';
import { ensureSystem } from './system.ts';
import { type Tally, tallyOf } from './tally.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
/** CI has thirty minutes for everything. */
const testsDeadlineMs = 27 * 60_000;
/** For the folders of all tests that run at once, and as much for their programs: chosen with room to spare, not measured. */
const memoryBytesMin = 6 * 2 ** 30;

const total = await testAll();
process.exitCode = total.failed === 0 ? 0 : 1;
// Written last, and alone on its line, whatever a tool left on the terminal.
process.stdout.write(`\n${total.passed} passed, ${total.failed} failed\n`);

async function testAll(): Promise<Tally> {
  const system = await ensureSystem({ install: process.getuid?.() === 0, say });
  if (!system.ok) {
    say(system.why);
    return { passed: 0, failed: 1 };
  }
  const checks = await runChecks(say);
  const built = await build();
  const tests = built.failed === 0 ? await runTests() : { passed: 0, failed: 0 };
  return { passed: checks.passed + built.passed + tests.passed, failed: checks.failed + built.failed + tests.failed };
}

async function build(): Promise<Tally> {
  try {
    await bundle();
    say('ok     build');
    return { passed: 1, failed: 0 };
  } catch (error) {
    say(`FAILED build\n${error instanceof Error ? error.message : String(error)}`);
    return { passed: 0, failed: 1 };
  }
}

async function runTests(): Promise<Tally> {
  const folder = testsFolder();
  const report = join(folder, 'report.json');
  const vitest = join(root, 'node_modules/.bin/vitest');
  const args = ['run', '--config', 'build/vitest.config.ts', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const { code } = await run(vitest, args, {
    deadlineMs: testsDeadlineMs,
    show: true,
    cwd: root,
    env: { TMPDIR: folder },
  });
  const text = existsSync(report) ? readFileSync(report, 'utf8') : null;
  rmSync(folder, { recursive: true, force: true });
  return tallyOf(text, code);
}

/**
 * Where the tests have their folders: on memory where it has room. Small books by the thousand are synced at every commit, and there a sync
 * costs nothing. That syncs are asked for is tested by settings and calls (tests/db/book.test.ts, migrate.test.ts), which are the same there;
 * tests of a disk that fills make themselves a real file system (tests/support/small-disk.ts).
 */
function testsFolder(): string {
  const memory = '/dev/shm';
  const hasRoom = existsSync(memory) && bytesFree(memory) >= memoryBytesMin && process.availableMemory() >= memoryBytesMin;
  const folder = mkdtempSync(join(hasRoom && canExecuteIn(memory) ? memory : tmpdir(), 'kiosk-'));
  chmodSync(folder, 0o755); // PostgreSQL runs as another user
  return folder;
}

function bytesFree(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

/** Tests unpack programs; a container may mount its memory without leave to run any. */
function canExecuteIn(folder: string): boolean {
  const program = join(folder, `kiosk-program-${process.pid}`);
  try {
    writeFileSync(program, '', { mode: 0o700 });
    accessSync(program, constants.X_OK);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(program, { force: true });
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
