// The simulator lets a file wait for ever only where what it builds on is lost on both sides, its kiosk goes on without it, and a person
// was told.

import { hash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { openMemory } from '../../db/sqlite.ts';
import { temporary } from '../support/county.ts';
import { filesParked } from './forlorn.ts';

const kiosk = 'qj-01';
const lost = '{"t":"H"}\n';
const lostSha = hash('sha256', lost, 'base64url');

/** A county that waits for files 4 and 5 of incarnation 1, of which 4 applied what is lost. */
function aCounty(of: { readonly newestInc: number; readonly toldOf: number }): {
  readonly parked: () => number;
  readonly folders: readonly [county: string, kiosk: string];
} {
  const directory = temporary(onTestFinished);
  const kiosksOwn = temporary(onTestFinished);
  const countys = join(directory, 'down', kiosk);
  const kiosksDown = join(kiosksOwn, 'down');
  for (const folder of [countys, kiosksDown]) mkdirSync(folder, { recursive: true });
  const db = openMemory();
  onTestFinished(() => void db.close());
  db.exec(`CREATE TABLE up_file (kiosk, inc, file_seq, sha256, path);
    CREATE TABLE answer (kiosk, inc, file_seq, sha256, verdict);
    CREATE TABLE chain (kiosk, inc);
    CREATE TABLE exception (kiosk, inc, file_seq, code);
    CREATE TABLE down_file (kiosk, sha256);
    INSERT INTO up_file VALUES ('${kiosk}', 1, 3, 'c', 'c'), ('${kiosk}', 1, 4, 'd', 'd'), ('${kiosk}', 1, 5, 'e', 'e');
    INSERT INTO answer VALUES ('${kiosk}', 1, 3, 'c', 'ACCEPTED'), ('${kiosk}', 1, 4, 'd', 'GAP'), ('${kiosk}', 1, 5, 'e', 'GAP');
    INSERT INTO chain VALUES ('${kiosk}', ${of.newestInc});
    INSERT INTO exception VALUES ('${kiosk}', 1, ${of.toldOf}, 'unknown_down_file')`);
  writeFileSync(join(directory, 'd'), gzipSync(`${JSON.stringify({ kind: 'DOWN_APPLIED', body: { sha256: lostSha } })}\n`));
  writeFileSync(join(directory, 'e'), gzipSync(''));
  return { parked: () => filesParked(db, { directory, homeOf: () => kiosksOwn, came: () => false }), folders: [countys, kiosksDown] };
}

test('files that build on what both sides have lost wait for ever, and are no work that is left', () => {
  expect(aCounty({ newestInc: 2, toldOf: 4 }).parked()).toBe(0);
});

test.each([
  ['the kiosk goes on in that incarnation', { newestInc: 1, toldOf: 4 }],
  ['a person was told of another file alone', { newestInc: 2, toldOf: 3 }],
])('where %s they are to come', (_, of) => {
  expect(aCounty(of).parked()).toBe(2);
});

test.each([
  ['county', 0],
  ['kiosk', 1],
] as const)('what the %s has still can be brought, whatever its number', (_, side) => {
  const { parked, folders } = aCounty({ newestInc: 2, toldOf: 4 });
  writeFileSync(join(folders[side], '00000009.jsonl.gz'), gzipSync(lost));
  expect(parked()).toBe(2);
});

/** A county that has file 2 of incarnation 1 posted, and 4 and 5 waiting: 3 was lost on its way. */
function withoutThird(of: { readonly inc: number; readonly code: string; readonly came?: boolean }): {
  readonly parked: () => number;
  readonly home: string;
} {
  const home = temporary(onTestFinished);
  const db = openMemory();
  onTestFinished(() => void db.close());
  db.exec(`CREATE TABLE up_file (kiosk, inc, file_seq, sha256, path);
    CREATE TABLE answer (kiosk, inc, file_seq, sha256, verdict);
    CREATE TABLE chain (kiosk, inc);
    CREATE TABLE exception (kiosk, inc, file_seq, code);
    INSERT INTO up_file VALUES ('${kiosk}', 1, 2, 'b', 'b'), ('${kiosk}', 1, 4, 'd', 'd'), ('${kiosk}', 1, 5, 'e', 'e');
    INSERT INTO answer VALUES ('${kiosk}', 1, 2, 'b', 'ACCEPTED'), ('${kiosk}', 1, 4, 'd', 'GAP'), ('${kiosk}', 1, 5, 'e', 'GAP');
    INSERT INTO chain VALUES ('${kiosk}', 2);
    INSERT INTO exception VALUES ('${kiosk}', ${of.inc}, 1, '${of.code}')`);
  const came = ({ fileSeq }: { readonly fileSeq: number }): boolean => fileSeq === 3 && of.came === true;
  return { parked: () => filesParked(db, { directory: home, homeOf: () => home, came }), home };
}

test('files wait for ever for one that was lost on its way, where its kiosk was restored since and has it no more', () => {
  const { parked, home } = withoutThird({ inc: 2, code: 'restored' });
  expect(parked()).toBe(0);
  mkdirSync(join(home, 'up', '1'), { recursive: true });
  writeFileSync(join(home, 'up', '1', '00000003.jsonl.gz'), '');
  expect(parked()).toBe(2);
  expect(withoutThird({ inc: 2, code: 'other_key' }).parked()).toBe(2); // nobody was told
});

test('a book that forgot a file is not excused for it: the network saw it come', () => {
  expect(withoutThird({ inc: 2, code: 'restored', came: true }).parked()).toBe(2);
});
