// What `npm start` refuses before it opens or makes anything.

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');

test('a kiosk of one’s own is opened alone: words about the demo’s shops beside it are refused, not passed over', () => {
  const start = (...words: readonly string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'build/start.ts'), '--home', '/none', ...words], {
      encoding: 'utf8',
      timeout: 30_000,
    });
    return [status, stdout, stderr.split('\n')[0]];
  };
  const refused = (word: string): string =>
    `--home opens that one kiosk, without the demo's county: ${word} is for the demo's own shops. Leave one of them out.`;
  expect(start('--shops', '2')).toEqual([2, '', refused('--shops')]);
  expect(start('--reset-demo')).toEqual([2, '', refused('--reset-demo')]);
});
