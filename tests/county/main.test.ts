// The command as typed: what it prints, and how it refuses.

import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { readWords } from '../../county/arguments.ts';
import { emptyFolder } from './a-demo.ts';

const main = new URL('../../county/main.ts', import.meta.url).pathname;

function county(...words: readonly string[]): { readonly status: number | null; readonly stdout: string; readonly stderr: string } {
  return spawnSync(process.execPath, [main, ...words], { encoding: 'utf8', timeout: 20_000 });
}

describe('wrong words are answered with the reason', () => {
  test.each([
    [['demo'], '--out DIR is missing'],
    [['--out', 'x'], 'say what to make: demo'],
    [['sale', '--out', 'x'], 'there is no command sale'],
    [['operatrs', '--data', 'x'], '没有“operatrs”这个命令'],
    [['demo', '--out', 'x', '--scheme', 'beijing'], 'no such scheme: beijing'],
    [['demo', '--out', 'x', '--scheme', 'constructor'], 'no such scheme: constructor'],
    [['demo', '--out', 'x', '--stores', '0'], '--stores is a whole number 1 to 999, not 0'],
    [['demo', '--out', 'x', '--residents', '499'], '--residents is a whole number 500 to 999999, not 499'],
    [['demo', '--out', 'x', '--goods', '1e3'], '--goods is a whole number 1 to 29056, not 1e3'],
    [['demo', '--out', 'x', '--as-of', '2026-02-30'], '--as-of is a date like 2026-11-01, not 2026-02-30'],
    [['demo', '--out', 'x', '--cards', 'none'], '--cards is samples or all, not none'],
    [['demo', '--out', 'x', '--colour', 'red'], "Unknown option '--colour'"],
  ])('%j', (words, reason) => {
    const read = readWords(words);
    expect(read.ok ? 'understood' : read.reason).toContain(reason);
  });
});

test('who reads no more of what it says is told no more, and no stack', () => {
  const { status, stderr } = spawnSync('sh', ['-c', `'${process.execPath}' '${main}' --help | true`], {
    encoding: 'utf8',
    timeout: 20_000,
  });
  expect([status, stderr]).toEqual([0, '']);
});

test('without choices it is 琼结 as its report has it', () => {
  expect(readWords(['demo', '--out', '/somewhere'])).toEqual({
    ok: true,
    command: {
      out: '/somewhere',
      isQuiet: false,
      choices: { scheme: 'qiongjie', stores: 25, residents: 19_000, goods: 300, seed: 1, asOf: '2026-11-01', cards: 'samples' },
    },
  });
});

test.each([[['--help']], [['demo', '--help']]])('%j prints the usage', (words) => {
  const { status, stdout, stderr } = county(...words);
  expect([status, stdout.split('\n')[0], stderr]).toEqual([0, 'usage: npm run county -- demo --out DIR [options]', '']);
});

test('wrong words exit 2 with the usage on stderr', () => {
  const { status, stdout, stderr } = county('demo');
  expect([status, stdout]).toEqual([2, '']);
  expect(stderr).toContain('--out DIR is missing\n\nusage: npm run county -- demo --out DIR');
});

test('a small county is made, and the next command is said', () => {
  const out = join(emptyFolder(onTestFinished), 'new', 'folder');
  const { status, stdout, stderr } = county('demo', '--out', out, '--stores', '2', '--residents', '60', '--goods', '40');
  expect(status).toBe(0);
  expect(stdout).toContain('琼结县: 2 kiosks, 60 residents, 40 goods, as of 2026-11-01');
  expect(stdout).toContain('PINs: cashier 258036, staff 407192, owner 864209');
  expect(stdout).toContain('npm run kiosk -- create --home');
  expect(stderr).toContain('files of 2 kiosks\n'); // plain lines where there is no terminal
  expect(stderr).not.toContain('\r');
});

test('a folder that holds other things exits 1 and says that nothing was touched', () => {
  const out = emptyFolder(onTestFinished);
  writeFileSync(join(out, 'thesis.txt'), 'years of work');
  const { status, stderr } = county('demo', '--out', out);
  expect(status).toBe(1);
  expect(stderr).toContain('nothing was touched');
});
