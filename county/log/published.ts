// The roots of the log as files for everybody, in a folder beside the book: each with the proof that it continues the one before, in the
// form in which witnesses are asked (C2SP tlog-witness, add-checkpoint). What a committee signs offline comes back into the same folder.

import { existsSync, mkdirSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { writeFileDurably } from '../../db/files.ts';
import type { Member } from '../../db/model/committee.ts';
import { type LogHead, rootNoteMax } from '../../db/model/log-root.ts';
import { type NoteKey, noteText, openNote, parseCheckpoint, signatureLines } from '../../db/model/note.ts';
import { assert } from '../../db/model/result.ts';
import { type ReadableDatabase, type WritableDatabase, prepared } from '../../db/sqlite.ts';
import { consistencyProof } from '../../db/tree-proofs.ts';
import { parseVerifierKey, verifierKey } from './committee-key.ts';
import { appendText, isRootKnown, keepRootAgain, logEntries, logRootAt, logSize, storedHeads } from './log.ts';

/** A published root: what stands in its file, not yet believed. */
export interface PublishedRoot {
  readonly path: string;
  /** Size of the root before; 0: the first. */
  readonly oldSize: number;
  readonly proof: readonly Buffer[];
  readonly note: string;
  readonly head: LogHead & { readonly origin: string };
}

/** Bytes of the largest file read: a proof of 49 hashes and a note. */
const publishedBytesMax = 8 * 1024 + rootNoteMax;
/** Digits that hold any size, so that names sort. */
const nameDigits = 15;
const names = /^\d{15}\.checkpoint$/;
const cosignatureNames = /^(\d{15})\.[0-9a-f]{8}\.cosignature$/;
const keyNames = /^[A-Za-z0-9._-]{1,100}\.pub$/;

/** Where the county's own key lies in the published folder, as a C2SP verifier key under the log's name. */
export function countyKeyPath(folder: string): string {
  return join(folder, 'county.pub');
}

/** Writes the files of all roots that have none yet, and the key they are signed with; what lies there is never written over. */
export function publishRoots(db: ReadableDatabase, folder: string, logKey: NoteKey): void {
  mkdirSync(join(folder, 'committee'), { recursive: true });
  if (!existsSync(countyKeyPath(folder))) writeFileDurably(countyKeyPath(folder), `${verifierKey(logKey)}\n`);
  const rows = prepared<[], { size: number; note: string }>(db, 'SELECT size, note FROM log_root ORDER BY size').all();
  const headOf = storedHeads(db);
  for (const [i, { size, note }] of rows.entries()) {
    const path = join(folder, `${String(size).padStart(nameDigits, '0')}.checkpoint`);
    if (existsSync(path)) continue;
    const oldSize = rows[i - 1]?.size ?? 0;
    writeFileDurably(entriesPath(path), entriesText(db, oldSize, size)); // before the root, which says that they are there
    const proof = oldSize === 0 ? [] : consistencyProof(headOf, { from: oldSize, to: size });
    writeFileDurably(path, publishedText({ oldSize, proof, note }));
  }
}

/** Beside a root: the entries since the one before, a line each. */
function entriesPath(rootPath: string): string {
  return rootPath.replace(/\.checkpoint$/, '.entries');
}

/** What lies there, not yet believed; nothing where it is missing. */
export function publishedEntries(rootPath: string): readonly string[] {
  const path = entriesPath(rootPath);
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, -1) : [];
}

function entriesText(db: ReadableDatabase, from: number, to: number): string {
  const lines: string[] = [];
  while (from + lines.length < to) lines.push(...logEntries(db, { from: from + lines.length, to }));
  return lines.map((line) => `${line}\n`).join('');
}

/** Whether the county signed a note, and all that stands under it holds. */
export type IsSigned = (note: string) => boolean;

/** Files with the name of a root that the book does not know, and in which none stands that the county signed: damaged, or changed. */
export function spoiltRoots(
  db: ReadableDatabase,
  folder: string,
  isSigned: IsSigned,
): readonly { readonly path: string; readonly size: number }[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => names.test(name))
    .map((name) => ({ path: join(folder, name), size: Number.parseInt(name, 10) }))
    .filter(({ path, size }) => !isRootKnown(db, size) && !isSigned(readPublished(path)?.note ?? ''));
}

/** Whether a root lies in the folder of which the book does not know that it was signed: it was put back, be its log as long as the root or not. */
export function isRootForgotten(db: ReadableDatabase, folder: string): boolean {
  return publishedRoots(folder).some(({ head }) => !isRootKnown(db, head.size));
}

/**
 * Appends what a log that was put back from a backup lost, from the files beside it, and returns how many entries. Only where each root
 * is signed and comes out as it was published: throws NotTheirRoot where one does not, for the caller to roll back.
 */
export function recoverEntries(db: WritableDatabase, folder: string, isSigned: IsSigned): number {
  const before = logSize(db);
  for (const { path, oldSize, head, note } of publishedRoots(folder)) {
    if (head.size <= logSize(db) && isRootKnown(db, head.size)) continue;
    if (!isSigned(note)) throw new NotTheirRoot(`${path} is not signed by the county`);
    const lines = publishedEntries(path);
    for (const [n, line] of lines.entries()) if (oldSize + n >= logSize(db)) appendText(db, line);
    if (head.size > logSize(db) || logRootAt(db, head.size) !== head.root)
      throw new NotTheirRoot(`the entries beside ${path} do not make its root`);
    keepRootAgain(db, { size: head.size, root: head.root, note });
  }
  return logSize(db) - before;
}

/** Published entries that were changed, or follow others than this log has. */
export class NotTheirRoot extends Error {}

function publishedText({ oldSize, proof, note }: Pick<PublishedRoot, 'oldSize' | 'proof' | 'note'>): string {
  return `old ${oldSize}\n${proof.map((each) => `${each.toString('base64')}\n`).join('')}\n${note}`;
}

/** The roots in a folder, the smallest first. A file that cannot be read as one is passed over: whoever asks misses its root. */
export function publishedRoots(folder: string): readonly PublishedRoot[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => names.test(name))
    .toSorted()
    .flatMap((name) => readPublished(join(folder, name)) ?? []);
}

function readPublished(path: string): PublishedRoot | null {
  const text = readBounded(path, publishedBytesMax);
  if (text === null) return null;
  const blank = text.indexOf('\n\n');
  const [old = '', ...hashes] = text.slice(0, blank).split('\n');
  const note = text.slice(blank + 2);
  const checkpoint = parseCheckpoint(noteText(note));
  const size = /^old (0|[1-9]\d{0,14})$/.exec(old)?.[1];
  if (blank === -1 || size === undefined || !checkpoint.ok || checkpoint.value.size !== Number.parseInt(basename(path), 10)) return null;
  return { path, oldSize: Number(size), proof: hashes.map((each) => Buffer.from(each, 'base64')), note, head: checkpoint.value };
}

/** Where the signature of a key on the root of `size` is laid. */
export function cosignaturePath(folder: string, size: number, keyHash: string): string {
  return join(folder, `${String(size).padStart(nameDigits, '0')}.${keyHash}.cosignature`);
}

/** What came of the signatures that lay in the folder. */
export interface TakenCosignatures {
  /** New ones, by who signed and what size. */
  readonly taken: readonly { readonly name: string; readonly size: number }[];
  /** Files that are no signature of the committee on a root of ours. */
  readonly refused: readonly string[];
}

/**
 * Takes in the signatures in `folder` of `members`, whom kiosks were told, and of those whose keys lie in its `committee/` as C2SP verifier
 * keys. A key there that is another than the member's of its name is not believed: kiosks would refuse what it signed.
 */
export function takeCosignatures(db: WritableDatabase, folder: string, members: readonly Member[]): TakenCosignatures {
  const told = members.map(({ name, key }) => ({ name, publicKey: Buffer.from(key, 'base64url') }));
  const others = committeeKeys(folder).filter(({ key }) => members.every(({ name }) => name !== key.name));
  const keys = [...told, ...others.map(({ key }) => key)];
  const taken: { readonly name: string; readonly size: number }[] = [];
  const refused: string[] = [];
  const found = existsSync(folder) ? readdirSync(folder).toSorted() : [];
  for (const name of found) {
    const size = Number(cosignatureNames.exec(name)?.[1]);
    if (Number.isNaN(size)) continue;
    const line = readBounded(join(folder, name), rootNoteMax);
    const root = prepared<[number], { note: string }>(db, 'SELECT note FROM log_root WHERE size = ?').get(size);
    const signer = line === null || root === undefined ? null : signerOf(root.note, line, keys);
    if (signer === null) refused.push(name);
    else if (keepCosignature(db, size, signer, line!)) taken.push({ name: signer, size });
  }
  return { taken, refused };
}

/** False: it was kept before. */
function keepCosignature(db: WritableDatabase, size: number, name: string, line: string): boolean {
  const known = prepared<[number, string], { line: string }>(db, 'SELECT line FROM log_cosignature WHERE size = ? AND name = ?').get(
    size,
    name,
  );
  if (known !== undefined) return false;
  const { changes } = prepared(db, 'INSERT INTO log_cosignature (size, name, line) VALUES (?, ?, ?)').run(size, name, line);
  assert(changes === 1, 'a signature is kept');
  return true;
}

/** Who of the committee signed that note with this one line, or null. */
function signerOf(note: string, line: string, keys: readonly NoteKey[]): string | null {
  if (line.indexOf('\n') !== line.length - 1) return null;
  const opened = openNote(signatureLines(note).above + line, keys);
  return opened.ok ? opened.value.signers[0]! : null; // one at least, or it would not be ok
}

/** Files in `committee/` with the name of a member's key and another key, no more than `strangersMax`: a person is to take them away. */
export function strangersAmong(members: readonly Member[], folder: string): readonly { readonly file: string; readonly name: string }[] {
  const isStranger = ({ name, publicKey }: NoteKey): boolean =>
    members.some((each) => each.name === name && each.key !== Buffer.from(publicKey).toString('base64url'));
  return committeeKeys(folder)
    .filter(({ key }) => isStranger(key))
    .map(({ file, key }) => ({ file, name: key.name }))
    .slice(0, strangersMax);
}

/** Whoever takes these away is told of the next. */
const strangersMax = 20;

function committeeKeys(folder: string): readonly { readonly file: string; readonly key: NoteKey }[] {
  const directory = join(folder, 'committee');
  if (!existsSync(directory)) return [];
  return readdirSync(directory)
    .filter((name) => keyNames.test(name))
    .toSorted()
    .flatMap((file) => {
      const text = readBounded(join(directory, file), 1024);
      const key = text === null ? null : parseVerifierKey(text.trimEnd());
      return key === null ? [] : { file, key };
    });
}

function readBounded(path: string, bytesMax: number): string | null {
  const stats = statSync(path);
  return stats.isFile() && stats.size <= bytesMax ? readFileSync(path, 'utf8') : null;
}
