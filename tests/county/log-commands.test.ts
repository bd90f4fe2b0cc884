// The committee's commands, as typed: a key that nothing writes over, a signature or a sentence that says why there is none.

import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { runLogCommand } from '../../county/log/commands.ts';
import { parseSecretKey, parseVerifierKey } from '../../county/log/committee-key.ts';
import { appendEntry, sealLog } from '../../county/log/log.ts';
import { publishRoots } from '../../county/log/published.ts';
import { logTables } from '../../county/log/tables.ts';
import { logOrigin } from '../../db/model/log-root.ts';
import { rawPublicKey } from '../../db/model/keys.ts';
import { openMemory } from '../../db/sqlite.ts';
import { fileKey, temporary } from '../support/county.ts';

function run(...words: readonly string[]): { readonly code: number | null; readonly said: string; readonly complained: string } {
  let said = '';
  let complained = '';
  const code = runLogCommand(words, { say: (text) => void (said += text), complain: (text) => void (complained += text) });
  return { code, said, complained };
}

test('a key is made once, readable by its owner only, and never written over', () => {
  const path = join(
    temporary((work) => onTestFinished(work)),
    'stick',
    'key',
  );
  expect(run('committee-key', '--out', path, '--name', 'qiongjie/committee').code).toBe(0);
  const secret = readFileSync(path, 'utf8');
  expect([parseSecretKey(secret.trimEnd())?.name, parseVerifierKey(readFileSync(`${path}.pub`, 'utf8').trimEnd())?.name]).toEqual([
    'qiongjie/committee',
    'qiongjie/committee',
  ]);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(run('committee-key', '--out', path)).toMatchObject({ code: 1, said: '' });
  expect(readFileSync(path, 'utf8')).toBe(secret);
});

test.each(['穷结县监督委员会', 'ཁྲིམས་རྟོག', 'qiongjie_2026'])('a key may be of the name %s', (name) => {
  const path = join(temporary(onTestFinished), 'key');
  expect(run('committee-key', '--out', path, '--name', name).code).toBe(0);
  expect(parseSecretKey(readFileSync(path, 'utf8').trimEnd())?.name).toBe(name);
});

test('signs the folder of a county, and says what stands in the way', () => {
  const directory = temporary((work) => onTestFinished(work));
  const key = join(directory, 'key');
  const data = join(directory, 'county');
  mkdirSync(data);
  run('committee-key', '--out', key);
  expect(run('cosign', '--data', data, '--key', key)).toEqual({
    code: 1,
    said: '',
    complained: 'nothing was signed: there is no root in the folder log\n',
  });
  const db = openMemory();
  onTestFinished(() => void db.close());
  db.exec(logTables);
  appendEntry(db, { t: 'FILE', note: 'one' });
  const root = sealLog(db, { county: '540525', fileKey, day: '2026-11-21' })!;
  publishRoots(db, join(data, 'log'), { name: logOrigin('540525'), publicKey: rawPublicKey(fileKey) });
  expect(run('cosign', '--data', data, '--key', key)).toEqual({
    code: 0,
    said: `civicpos/540525/log, log of 1, root ${root.root}\n1 root checked, each continues the one before; signed\n`,
    complained: '',
  });
});

test.each([
  [['cosign', '--data', 'x'], 2],
  [['cosign', '--key', 'x'], 2],
  [['cosign', '--other'], 2],
  [['committee-key'], 2],
  [['committee-key', '--out', 'x', '--name', 'no name'], 2],
  [['committee-key', '--out', 'x', '--name', '监督+委员会'], 2],
  [['demo'], null],
  [[], null],
])('%j ends with %j and touches nothing', (words, code) => {
  expect(run(...words).code).toBe(code);
});
