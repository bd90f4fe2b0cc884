// The page that tells how to check a settlement by hand is typed as it stands, and prints what it says; over a fen too many it does not.

import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, expect, test } from 'vitest';
import { copies } from './both.ts';

const repository = join(import.meta.dirname, '../..');
const page = readFileSync(join(repository, 'docs/check-a-settlement.md'), 'utf8');
const { make, remove } = copies();
afterAll(remove);

/** All blocks of a kind, in the order of the page. */
function blocksOf(kind: 'sh' | 'text'): string {
  return [...page.matchAll(new RegExp(`\`\`\`${kind}\\n(.*?)\`\`\``, 'gs'))].map((match) => match[1]).join('');
}

/** What the page's commands print, typed at a shell of the repository; `golden` is where the folder of files is. */
async function typed(golden: string): Promise<string> {
  const commands = blocksOf('sh').replace('cd tests/vectors/golden', `cd '${golden}'`);
  const { stdout } = await promisify(execFile)('bash', ['-c', commands], { cwd: repository });
  return stdout;
}

test('the commands of the page print what it says', { timeout: 180_000 }, async () => {
  expect(await typed('tests/vectors/golden')).toBe(blocksOf('text'));
});

test('a fen more in the settlement is seen by its file, its chain, its signature and its sum', { timeout: 180_000 }, async () => {
  const directory = make();
  const path = join(directory, 'civicpos/540525/up/qj-03/1/00000002.jsonl.gz');
  const text = gunzipSync(readFileSync(path)).toString('utf8');
  writeFileSync(path, gzipSync(text.replace('"owedFen":558', '"owedFen":559')));
  const printed = await typed(directory);
  expect(printed).toContain('OTHER BYTES: civicpos/540525/up/qj-03/1/00000002.note');
  expect(printed).toContain('BROKEN before');
  expect(printed).toContain('Signature Verification Failure');
  expect(printed).toContain('OTHER\n');
});
