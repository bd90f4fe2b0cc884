// The committee signs what continues what it signed before, and nothing else, whatever the county's folder says.

import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { makeCommitteeKey, parseSecretKey, parseVerifierKey } from '../../county/log/committee-key.ts';
import { cosign } from '../../county/log/cosign.ts';
import { appendEntry, giveRoot, logRootAt, logSize, newestRoot, sealLog } from '../../county/log/log.ts';
import { publishRoots, takeCosignatures } from '../../county/log/published.ts';
import { logTables } from '../../county/log/tables.ts';
import { logOrigin } from '../../db/model/log-root.ts';
import { privateKeyFromSeed, rawPublicKey } from '../../db/model/keys.ts';
import { openNote, noteText } from '../../db/model/note.ts';
import { type WritableDatabase, openMemory } from '../../db/sqlite.ts';
import { fileKey, temporary } from '../support/county.ts';

const origin = logOrigin('540525');
let directory = '';
let keyFile = '';
let verifier = '';

beforeEach(() => {
  directory = temporary((work) => onTestFinished(work));
  keyFile = join(directory, 'committee.key');
  const made = makeCommitteeKey('committee');
  writeFileSync(keyFile, `${made.secret}\n`);
  verifier = made.verifier;
});

/** A county whose log had so many entries on each of its days, published in a folder of that name. */
function aCounty(
  name: string,
  days: readonly (readonly string[])[],
  key = fileKey,
): { readonly db: WritableDatabase; readonly folder: string } {
  const db = openMemory();
  onTestFinished(() => void db.close());
  db.exec(logTables);
  const folder = join(directory, name);
  for (const day of days) live(db, folder, day, key);
  writeFileSync(join(folder, 'committee', 'committee.pub'), `${verifier}\n`);
  return { db, folder };
}

function live(db: WritableDatabase, folder: string, day: readonly string[], key = fileKey): void {
  for (const note of day) appendEntry(db, { t: 'FILE', note });
  sealLog(db, { county: '540525', fileKey: key, day: '2026-11-21' });
  publishRoots(db, folder, { name: origin, publicKey: rawPublicKey(key) });
}

const first = ['a', 'b', 'c'];
const second = ['d', 'e'];

test('signs the newest root after checking every one since the last, and the county takes the signature into its note', () => {
  const { db, folder } = aCounty('log', [first, second]);
  const root = logRootAt(db, 5);
  expect(cosign(folder, keyFile)).toEqual({ ok: true, value: { size: 5, root, origin, checked: 2, isNew: true } });
  expect(cosign(folder, keyFile)).toEqual({ ok: true, value: { size: 5, root, origin, checked: 1, isNew: false } });
  expect(takeCosignatures(db, folder, [])).toEqual({ taken: [{ name: 'committee', size: 5 }], refused: [] });
  expect(takeCosignatures(db, folder, [])).toEqual({ taken: [], refused: [] });
  const note = newestRoot(db)!.note;
  expect(openNote(note, [parseVerifierKey(verifier)!])).toEqual({
    ok: true,
    value: { text: noteText(note), signers: ['committee'] },
  });
  live(db, folder, ['f']);
  expect(cosign(folder, keyFile)).toMatchObject({ ok: true, value: { size: 6, checked: 2, isNew: true } });
});

test('kiosks are given the newest root that the committee signed, and the newest of all where they have that', () => {
  const { db, folder } = aCounty('log', [first]);
  cosign(folder, keyFile);
  live(db, folder, second);
  takeCosignatures(db, folder, []);
  const given = [1, 2, 3].map((downSeq) => giveRoot(db, { kiosk: 'qj-01', inc: 1, downSeq })!.note);
  expect(given.map((note) => [note.split('\n')[1], note.split('\n').filter((line) => line.startsWith('— ')).length])).toEqual([
    ['3', 2],
    ['5', 1],
    ['5', 1],
  ]);
});

test.each<readonly [string, () => string, string]>([
  ['a history rewritten before what was signed', () => aCounty('other', [['a', 'B', 'c'], second]).folder, 'log_forked'],
  [
    'a history rewritten since the last that was signed',
    () => {
      const { folder } = aCounty('other', [first, second]);
      const { folder: another } = aCounty('another', [
        [...first, 'x'],
        ['y', 'z'],
      ]);
      cpSync(join(another, '000000000000006.checkpoint'), join(folder, '000000000000006.checkpoint'));
      return folder;
    },
    'log_forked',
  ],
  ['a log that ends before what was signed', () => aCounty('other', [['a']]).folder, 'log_shorter'],
  [
    'a folder from which the signed root was taken',
    () => {
      const { folder } = aCounty('other', [first, second]);
      rmSync(join(folder, '000000000000003.checkpoint'));
      return folder;
    },
    'log_shorter',
  ],
  [
    'a folder from which a root in between was taken',
    () => {
      const { folder } = aCounty('other', [first, second, ['f']]);
      rmSync(join(folder, '000000000000005.checkpoint'));
      return folder;
    },
    'log_forked',
  ],
  [
    'a county with another key',
    () => aCounty('other', [first, second], privateKeyFromSeed(Buffer.alloc(32, 9))).folder,
    'other_county_key',
  ],
  [
    'a root that the county did not sign',
    () => {
      const { folder } = aCounty('other', [first, second]);
      const path = join(folder, '000000000000005.checkpoint');
      writeFileSync(path, readFileSync(path, 'utf8').replace(/(— \S+ )(.{20})/, '$1AAAAAAAAAAAAAAAAAAAA'));
      return folder;
    },
    'signature',
  ],
  ['an empty folder', () => join(directory, 'nothing'), 'no_roots'],
])('refuses %s, and remembers what it signed', (_, folder, code) => {
  const { folder: mine } = aCounty('log', [first]);
  expect(cosign(mine, keyFile)).toMatchObject({ ok: true, value: { size: 3 } });
  const memory = readFileSync(`${keyFile}.signed`, 'utf8');
  expect(cosign(folder(), keyFile)).toEqual({ ok: false, code });
  expect(readFileSync(`${keyFile}.signed`, 'utf8')).toBe(memory);
});

test('signs nothing where its memory or its key is damaged', () => {
  const { folder } = aCounty('log', [first]);
  writeFileSync(`${keyFile}.signed`, '{');
  expect(cosign(folder, keyFile)).toEqual({ ok: false, code: 'no_memory' });
  writeFileSync(keyFile, readFileSync(keyFile, 'utf8').replace('committee', 'somebody'));
  expect(cosign(folder, keyFile)).toEqual({ ok: false, code: 'no_key' });
});

test('a signature of somebody else, of another root or changed on the way is refused by its file, and the note stays as it was', () => {
  const { db, folder } = aCounty('log', [first]);
  cosign(folder, keyFile);
  const name = `000000000000003.${parseSecretKey(readFileSync(keyFile, 'utf8').trimEnd())!.hash}.cosignature`;
  const good = readFileSync(join(folder, name), 'utf8');
  const before = newestRoot(db)!.note;
  const bad = [good.replace('committee', 'somebody'), `${good}${good}`, good.replace(/.(?==*\n$)/, ''), ''];
  const { folder: other } = aCounty('other', [['x', 'y', 'z']]);
  rmSync(`${keyFile}.signed`);
  cosign(other, keyFile);
  bad.push(readFileSync(join(other, name), 'utf8'));
  for (const text of bad) {
    writeFileSync(join(folder, name), text);
    expect(takeCosignatures(db, folder, [])).toEqual({ taken: [], refused: [name] });
  }
  expect([newestRoot(db)!.note, logSize(db)]).toEqual([before, 3]);
});
