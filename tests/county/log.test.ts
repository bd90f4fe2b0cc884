// The county's log: what was entered stays, every root continues the one before, and whoever remembers another history is heard.

import { hash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { loggedAs } from '../../county/book/logged-files.ts';
import { contradictions, isContradictedBy, takeEcho } from '../../county/log/echoes.ts';
import {
  appendEntry,
  giveRoot,
  logConsistency,
  logEntries,
  logInclusion,
  logRootAt,
  logSize,
  newestRoot,
  sealLog,
} from '../../county/log/log.ts';
import { publishRoots, publishedRoots, recoverEntries } from '../../county/log/published.ts';
import { nextCountyRoot } from '../../db/county-roots.ts';
import type { LogEntry } from '../../db/model/log-entry.ts';
import { type LogHead, logOrigin, openLogRoot } from '../../db/model/log-root.ts';
import { rawPublicKey } from '../../db/model/keys.ts';
import { fileNoteText, signNote } from '../../db/model/note.ts';
import { type WritableDatabase, prepared } from '../../db/sqlite.ts';
import { growTree } from '../../db/tree.ts';
import { isConsistent, isIncluded, leafHash } from '../../db/tree-proofs.ts';
import { fileKey, temporary } from '../support/county.ts';
import { emptyTables } from '../support/county-store.ts';

const keys = [rawPublicKey(fileKey)];
const isSigned = (note: string): boolean => openLogRoot(note, '540525', keys).ok;
const logKey = { name: logOrigin('540525'), publicKey: keys[0]! };

function newLog(count = 0, name = 'note'): WritableDatabase {
  const db = emptyTables(onTestFinished);
  grow(db, count, name);
  return db;
}

function grow(db: WritableDatabase, count: number, name = 'note'): void {
  for (let i = 0; i < count; i += 1) appendEntry(db, entry(logSize(db), name));
}

function entry(i: number, name = 'note'): LogEntry {
  return { t: 'FILE', note: `${name} ${i}` };
}

function seal(db: WritableDatabase, day = '2026-11-21') {
  return sealLog(db, { county: '540525', fileKey, day });
}

const bytesOf = ({ size, root }: LogHead) => ({ size, root: Buffer.from(root, 'base64url') });
const hashes = (proof: readonly string[]) => proof.map((each) => Buffer.from(each, 'base64url'));

test('entries are kept in order, their tree is the one that grows leaf by leaf, and one entered again stays where it is', () => {
  const db = newLog();
  const tree = growTree();
  const wrong: number[] = [];
  for (let i = 0; i < 70; i += 1) {
    tree.add(leafHash(Buffer.from(JSON.stringify({ note: `note ${i}`, t: 'FILE' }))));
    if (appendEntry(db, entry(i)) !== i || logRootAt(db, i + 1) !== tree.root().toString('base64url')) wrong.push(i);
  }
  expect(wrong).toEqual([]);
  expect([appendEntry(db, entry(12)), logSize(db)]).toEqual([12, 70]);
  expect(logEntries(db, { from: 2, to: 4 })).toEqual(['{"note":"note 2","t":"FILE"}', '{"note":"note 3","t":"FILE"}']);
});

test('the database refuses to change or forget an entry, a head, a root', () => {
  const db = newLog(4);
  seal(db);
  for (const [table, change] of [
    ['log_leaf', "entry = ''"],
    ['log_node', 'hash = hash'],
    ['log_root', "note = ''"],
  ]) {
    expect(() => db.exec(`DELETE FROM ${table}`)).toThrow('append only');
    expect(() => db.exec(`UPDATE ${table} SET ${change}`)).toThrow('append only');
  }
  const append = db.prepare(`INSERT INTO log_leaf (n, entry, hash) VALUES (9, '', ?)`);
  expect(() => append.run(Buffer.alloc(32))).toThrow('does not follow');
});

test('proofs for whoever asks hold; questions beyond the log or without sense are answered by name', () => {
  const db = newLog(37);
  const root = (size: number) => bytesOf({ size, root: logRootAt(db, size) });
  const inclusion = logInclusion(db, { index: 20, size: 37 });
  const consistency = logConsistency(db, { from: 21, to: 37 });
  expect(
    inclusion.ok &&
      isIncluded({ index: 20, hash: leafHash(Buffer.from(logEntries(db, { from: 20, to: 21 })[0]!)) }, root(37), hashes(inclusion.value)),
  ).toBe(true);
  expect(consistency.ok && isConsistent(root(21), root(37), hashes(consistency.value))).toBe(true);
  expect([
    logInclusion(db, { index: 0, size: 38 }),
    logInclusion(db, { index: 37, size: 37 }),
    logInclusion(db, { index: 0.5, size: 3 }),
    logConsistency(db, { from: 1, to: 38 }),
    logConsistency(db, { from: 0, to: 3 }),
    logConsistency(db, { from: 4, to: 3 }),
    logConsistency(db, { from: Number.NaN, to: 3 }),
  ]).toEqual(
    ['beyond_log', 'malformed', 'malformed', 'beyond_log', 'malformed', 'malformed', 'malformed'].map((code) => ({ ok: false, code })),
  );
});

test('a root is signed where something came, and the same given again where nothing did', () => {
  const db = newLog();
  expect(seal(db)).toBeNull();
  grow(db, 3);
  const first = seal(db);
  expect(first?.note).toMatch(/^civicpos\/540525\/log\n3\n[A-Za-z0-9+/]{43}=\n\n— civicpos\/540525\/log [A-Za-z0-9+/]+=*\n$/);
  expect(seal(db, '2026-11-22')).toEqual(first);
  grow(db, 1);
  expect(seal(db, '2026-11-22')).toMatchObject({ size: 4, root: logRootAt(db, 4) });
  expect(newestRoot(db)).toEqual(seal(db, '2026-11-23'));
});

test('files to a kiosk bring roots that continue one another, also where a file is asked for again or a kiosk begins anew', () => {
  const db = newLog(3);
  expect(giveRoot(db, { kiosk: 'qj-01', inc: 1, downSeq: 1 })).toBeNull();
  let held: LogHead | null = null;
  const sizes: number[] = [];
  const take = (inc: number, downSeq: number): void => {
    const countyRoot = giveRoot(db, { kiosk: 'qj-01', inc, downSeq })!;
    expect(giveRoot(db, { kiosk: 'qj-01', inc, downSeq })).toEqual(countyRoot);
    const next = nextCountyRoot(held, { county: '540525', countyRoot }, keys);
    if (!next.ok) throw new Error(next.code);
    held = next.value;
    sizes.push(held!.size);
  };
  for (const downSeq of [2, 3, 4, 5]) {
    seal(db);
    take(1, downSeq);
    grow(db, downSeq);
  }
  // put back from a backup after file 3: it holds that file's root, and file 4 is written for it anew
  held = { size: 5, root: logRootAt(db, 5) };
  seal(db);
  take(2, 4);
  take(2, 5);
  expect(sizes).toEqual([3, 5, 8, 12, 17, 17]);
  expect(giveRoot(db, { kiosk: 'qj-02', inc: 1, downSeq: 1 })).toMatchObject({ proof: [] });
});

test('a county that lost what it gave proves from the root that the kiosk echoes', () => {
  const db = newLog(5);
  seal(db);
  const held = { size: 5, root: logRootAt(db, 5) };
  takeEcho(db, { kiosk: 'qj-01', inc: 1, fileSeq: 4 }, held);
  grow(db, 4);
  seal(db);
  const countyRoot = giveRoot(db, { kiosk: 'qj-01', inc: 1, downSeq: 9 })!;
  expect(nextCountyRoot(held, { county: '540525', countyRoot }, keys)).toEqual({ ok: true, value: { size: 9, root: logRootAt(db, 9) } });
});

test('a root that was signed after the copy, over entries that the copy has, is where the next proof starts; until one as large is signed nothing is said', () => {
  const db = newLog(5);
  seal(db);
  giveRoot(db, { kiosk: 'qj-01', inc: 1, downSeq: 8 });
  grow(db, 3);
  const held = { size: 8, root: logRootAt(db, 8) };
  takeEcho(db, { kiosk: 'qj-01', inc: 1, fileSeq: -9 }, held); // that a lost file gave it
  takeEcho(db, { kiosk: 'qj-01', inc: 1, fileSeq: 4 }, { size: 5, root: logRootAt(db, 5) }); // of before it
  expect([isContradictedBy(db, 'qj-01'), isContradictedBy(db, 'qj-02')]).toEqual([true, false]);
  grow(db, 4);
  seal(db);
  expect(isContradictedBy(db, 'qj-01')).toBe(false);
  const countyRoot = giveRoot(db, { kiosk: 'qj-01', inc: 1, downSeq: 10 })!;
  expect(nextCountyRoot(held, { county: '540525', countyRoot }, keys)).toEqual({ ok: true, value: { size: 12, root: logRootAt(db, 12) } });
});

test('a county that rewrote its log, or forked it for one kiosk, is refused by the kiosk', () => {
  const log = newLog(5);
  seal(log);
  const honest = nextCountyRoot(null, { county: '540525', countyRoot: giveRoot(log, { kiosk: 'qj-01', inc: 1, downSeq: 1 })! }, keys);
  const rewritten = newLog(2);
  appendEntry(rewritten, entry(2, 'another'));
  grow(rewritten, 2);
  seal(rewritten);
  giveRoot(rewritten, { kiosk: 'qj-01', inc: 1, downSeq: 1 });
  grow(rewritten, 4);
  seal(rewritten);
  const countyRoot = giveRoot(rewritten, { kiosk: 'qj-01', inc: 1, downSeq: 2 })!;
  expect(honest.ok && nextCountyRoot(honest.value, { county: '540525', countyRoot }, keys)).toEqual({ ok: false, code: 'log_forked' });
});

test('a kiosk that holds a root which the log does not have is heard at its file, and again at every start', () => {
  const log = newLog(10);
  const backup = newLog(6);
  const forked = newLog(6);
  appendEntry(forked, entry(6, 'another'));
  grow(forked, 3);
  const folder = temporary((work) => onTestFinished(work));
  const held = { size: 8, root: logRootAt(log, 8) };
  const from = { kiosk: 'qj-01', inc: 1, fileSeq: 4 };
  expect([takeEcho(log, from, held), takeEcho(log, { ...from, fileSeq: 5 }, null), contradictions(log, folder)]).toEqual([null, null, []]);
  const shorter = { code: 'log_shorter', kiosk: 'qj-01', path: null, held, size: 6 };
  expect([takeEcho(backup, from, held), contradictions(backup, folder)]).toEqual([shorter, [shorter]]);
  const other = { code: 'log_other', kiosk: 'qj-01', path: null, held, size: 10 };
  expect([takeEcho(forked, from, held), contradictions(forked, folder)]).toEqual([other, [other]]);
});

test('a log put back from a backup is contradicted at start by the roots that lie beside it', () => {
  const folder = temporary((work) => onTestFinished(work));
  const log = newLog(6);
  seal(log);
  grow(log, 3);
  seal(log);
  publishRoots(log, folder, logKey);
  expect(contradictions(log, folder)).toEqual([]);
  const backup = newLog(7);
  const path = join(folder, '000000000000009.checkpoint');
  expect(contradictions(backup, folder)).toEqual([
    { code: 'log_shorter', kiosk: null, path, held: { size: 9, root: logRootAt(log, 9) }, size: 7 },
  ]);
});

test('a log put back from a backup takes what it lost from the files beside it, and nothing from files that were changed', () => {
  const folder = temporary((work) => onTestFinished(work));
  const log = newLog(6);
  seal(log);
  grow(log, 3);
  seal(log);
  publishRoots(log, folder, logKey);
  const backup = newLog(4);
  expect(recoverEntries(backup, folder, isSigned)).toBe(5);
  expect([logRootAt(backup, 9), newestRoot(backup), contradictions(backup, folder)]).toEqual([logRootAt(log, 9), newestRoot(log), []]);
  expect(recoverEntries(backup, folder, isSigned)).toBe(0);
  const entriesOf = join(folder, '000000000000009.entries');
  writeFileSync(entriesOf, readFileSync(entriesOf, 'utf8').replace('note 7', 'note 0'));
  expect(() => recoverEntries(newLog(4), folder, isSigned)).toThrow('000000000000009.checkpoint');
});

test('published roots are written once, each with the proof from the one before, and never over what lies there', () => {
  const folder = temporary((work) => onTestFinished(work));
  const db = newLog(2);
  seal(db);
  publishRoots(db, folder, logKey);
  const first = join(folder, '000000000000002.checkpoint');
  const bytes = readFileSync(first, 'utf8');
  expect(bytes).toBe(`old 0\n\n${newestRoot(db)!.note}`);
  grow(db, 5);
  seal(db);
  publishRoots(db, folder, logKey);
  const [, second] = publishedRoots(folder);
  expect(second).toMatchObject({ oldSize: 2, note: newestRoot(db)!.note, head: { size: 7, root: logRootAt(db, 7) } });
  expect(isConsistent(bytesOf({ size: 2, root: logRootAt(db, 2) }), bytesOf(second!.head), second!.proof)).toBe(true);
  writeFileSync(first, 'something else');
  publishRoots(db, folder, logKey);
  expect(readFileSync(first, 'utf8')).toBe('something else');
  expect(publishedRoots(folder).map(({ head }) => head.size)).toEqual([7]);
  mkdirSync(join(folder, 'other'));
  expect(readdirSync(folder)).toEqual([
    '000000000000002.checkpoint',
    '000000000000002.entries',
    '000000000000007.checkpoint',
    '000000000000007.entries',
    'committee',
    'county.pub',
    'other',
  ]);
});

test('of a file that a put-back book waits for, the log is asked down to the kiosk’s newest posted one, and no further', () => {
  const db = newLog();
  prepared(db, `INSERT INTO county (id, code, name, server_epoch, is_demo, put_back_entry) VALUES (1, '540525', 'qj', 2, 0, 1)`).run();
  for (const kiosk of ['qj-01', 'qj-02'])
    prepared(db, `INSERT INTO kiosk (kiosk, store, state, key) VALUES (?, 'store', 'active', ?)`).run(kiosk, 'A'.repeat(43));
  const shaOf = (name: string): string => hash('sha256', name, 'base64url');
  const accept = (kiosk: string, fileSeq: number, name: string): void => {
    const of = { direction: 'up', county: '540525', kiosk, inc: 1, fileSeq, sha256: shaOf(name), prevFileSha: shaOf('before') } as const;
    appendEntry(db, { t: 'FILE', note: signNote(fileNoteText(of), { name: kiosk, privateKey: fileKey }) });
  };
  const asked = (kiosk: string, fileSeq: number, name: string): ReturnType<typeof loggedAs> =>
    loggedAs(db, { kiosk, inc: 1, fileSeq, sha256: shaOf(name) });
  accept('qj-01', 4, 'of before'); // stands before the third: the kiosk’s files stand in their order
  accept('qj-01', 3, 'third');
  accept('qj-02', 3, 'fourth');
  accept('qj-02', 4, 'third of another');
  expect([asked('qj-01', 4, 'mine'), asked('qj-02', 4, 'mine'), asked('qj-02', 4, 'third of another')]).toEqual(['other', 'other', 'this']);
  prepared(
    db,
    `INSERT INTO chain (kiosk, inc, base_seq, file_seq, file_sha, to_seq, head_leaf, edge, figures, red) VALUES ('qj-01', 1, 0, 3, ?, 9, '', ?, '{}', 0)`,
  ).run(shaOf('third'), Buffer.alloc(1));
  expect([asked('qj-01', 4, 'mine'), asked('qj-01', 5, 'mine')]).toEqual(['none', 'none']);
  accept('qj-01', 4, 'theirs');
  accept('qj-01', 5, 'theirs, too');
  expect([asked('qj-01', 4, 'mine'), asked('qj-01', 4, 'theirs'), asked('qj-01', 5, 'mine')]).toEqual(['other', 'this', 'other']);
});
