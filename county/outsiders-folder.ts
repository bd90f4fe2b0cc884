// Lays a county's files, its log and every public key where an outsider finds them (docs/files.md, S), beside a server at work, and adds only
// what is new where that was done before. Copies what the book names and nothing more: no private key, no award list, no line of the book.

import { createHash } from 'node:crypto';
import {
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  statSync,
} from 'node:fs';
import { rename } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { syncDirectory, writeFileDurably } from '../db/files.ts';
import { type ReadableDatabase, prepared } from '../db/sqlite.ts';
import { fileNumber } from '../db/up-files.ts';
import { firstChain } from './book/chains.ts';
import type { CountyBook } from './book/county-book.ts';
import { everyFileKey } from './book/county-keys.ts';
import { shaSaidBy } from './book/down-void.ts';
import { keyAfter } from './book/kiosk-keys.ts';
import { finishDownFiles } from './down-finish.ts';

/** What came of it. */
export interface LaidOut {
  /** Files that were not there, and those that were, byte for byte. */
  readonly added: number;
  readonly kept: number;
  readonly kiosks: number;
  /** Kiosks that have no key yet, before they sent anything: there are only the county's files to them, if any. */
  readonly withoutKey: readonly string[];
}

export type LayOutCode =
  /** It is there with other bytes: somebody changed it, or the county has another now. */
  | 'differs'
  /** The book names it, and it does not lie in the county's folder, or not as its note says. */
  | 'lost'
  /** The place holds another county's files, or a kiosk of it had another key. */
  | 'other_keys'
  /** It lies in the county's own folder, or there is nothing to make it in. */
  | 'no_place'
  /** Another export writes there. */
  | 'busy';

/** What was laid out, or which file stands in the way. */
export type LayOutResult =
  | { readonly ok: true; readonly value: LaidOut }
  | { readonly ok: false; readonly code: LayOutCode; readonly path: string };

/** keys.json: who may have signed what (docs/files.md, S). */
interface OutsiderKeys {
  readonly county: string;
  readonly countyKeyName: string;
  readonly countyKeys: readonly string[];
  readonly kiosks: { readonly [kiosk: string]: readonly string[] };
}

/**
 * Makes `place`, whose parent must be there, or adds to it. What the book names is asked in one turn, so a night meanwhile tears nothing:
 * it only adds. While files are copied there is no keys.json; it is written last, and without it nobody verifies half a folder. Throws what
 * the disk says; then the same again goes on.
 */
export async function layOutForOutsiders(book: CountyBook, place: string): Promise<LayOutResult> {
  const directory = placeFor(book, place);
  if (directory === null) return { ok: false, code: 'no_place', path: place };
  if (atWork.has(directory)) return { ok: false, code: 'busy', path: place };
  atWork.add(directory);
  try {
    return await copyAll(book, directory);
  } catch (error) {
    if (error instanceof Stopped) return { ok: false, code: error.code, path: error.path };
    throw error;
  } finally {
    atWork.delete(directory);
  }
}

/** Where an export of this process is writing. */
const atWork = new Set<string>();

/** Leaves this file as a value. */
class Stopped extends Error {
  readonly code: LayOutCode;
  readonly path: string;
  constructor(code: LayOutCode, path: string) {
    super(`${code}: ${path}`);
    this.code = code;
    this.path = path;
  }
}

/** Names and hashes of PINs are in it: its owner's only, as the county's own folder. */
const ownersOnly = 0o700;

function placeFor({ folder }: CountyBook, place: string): string | null {
  if (!existsSync(place)) {
    if (!existsSync(dirname(place))) return null;
    mkdirSync(place, { mode: ownersOnly });
  }
  const directory = realpathSync(place);
  const way = relative(realpathSync(folder.directory), directory);
  return isAbsolute(way) || way.split(sep)[0] === '..' ? directory : null; // absolute: on another drive of Windows
}

interface UpRow {
  readonly kiosk: string;
  readonly inc: number;
  readonly fileSeq: number;
  /** From the county's folder. */
  readonly path: string;
  readonly number: number;
}

/** A file that the county answered and did not post, once for each answer. */
interface RefusedRow extends UpRow {
  readonly sha256: string;
  readonly note: string;
}

interface DownRow {
  readonly kiosk: string;
  readonly downSeq: number;
  readonly inc: number;
  readonly sha256: string;
  readonly isVoid: boolean;
}

/** What the book names at one moment. */
interface Named {
  readonly keys: OutsiderKeys;
  readonly withoutKey: readonly string[];
  readonly up: readonly UpRow[];
  readonly refused: readonly RefusedRow[];
  readonly down: readonly DownRow[];
}

function namedBy(book: CountyBook, db: ReadableDatabase): Named {
  const kiosks = prepared<[], { kiosk: string; key: string | null }>(db, 'SELECT kiosk, key FROM kiosk ORDER BY kiosk').all();
  const down = [...downRows(db, 'down_void'), ...downRows(db, 'down_file')]; // first: what is in force takes its place
  const isTold = new Set(down.map(({ kiosk }) => kiosk));
  const first = kiosks.flatMap(({ kiosk, key }): (readonly [string, readonly string[]])[] => {
    if (key === null) return isTold.has(kiosk) ? [[kiosk, []]] : [];
    return [[kiosk, [keyAfter(db, { kiosk, chain: firstChain(1), seq: 0, inForce: key })]]];
  });
  return {
    keys: {
      county: book.code,
      countyKeyName: book.name,
      countyKeys: everyFileKey(book, db).map((key) => Buffer.from(key).toString('base64url')),
      kiosks: Object.fromEntries(first),
    },
    withoutKey: kiosks.filter(({ key }) => key === null).map(({ kiosk }) => kiosk),
    up: prepared<[], UpRow>(
      db,
      `SELECT up_file.kiosk AS kiosk, up_file.inc AS inc, up_file.file_seq AS "fileSeq", path, number FROM up_file
        JOIN answer ON answer.kiosk = up_file.kiosk AND answer.inc = up_file.inc AND answer.file_seq = up_file.file_seq
          AND answer.sha256 = up_file.sha256 WHERE verdict = 'ACCEPTED' ORDER BY up_file.kiosk, up_file.inc, up_file.file_seq`,
    ).all(),
    refused: prepared<[], RefusedRow>(
      db,
      `SELECT up_file.kiosk AS kiosk, up_file.inc AS inc, up_file.file_seq AS "fileSeq", path, number, up_file.sha256 AS sha256, note FROM up_file
        JOIN answer ON answer.kiosk = up_file.kiosk AND answer.inc = up_file.inc AND answer.file_seq = up_file.file_seq
          AND answer.sha256 = up_file.sha256 WHERE verdict IN ('FORK', 'OUT_OF_BALANCE', 'REJECTED') ORDER BY number`,
    ).all(),
    down,
  };
}

function downRows(db: ReadableDatabase, table: 'down_file' | 'down_void'): readonly DownRow[] {
  return prepared<[], Omit<DownRow, 'isVoid'>>(
    db,
    `SELECT kiosk, down_seq AS "downSeq", inc, sha256 FROM ${table} ORDER BY kiosk, down_seq, inc`,
  )
    .all()
    .map((row) => ({ ...row, isVoid: table === 'down_void' }));
}

async function copyAll(book: CountyBook, directory: string): Promise<LayOutResult> {
  const { keys, withoutKey, up, refused, down } = await book.read((db) => namedBy(book, db));
  await finishDownFiles(book); // what the book had just committed has its names, too
  const root = join(directory, 'civicpos', book.code);
  const keysPath = join(directory, 'keys.json');
  const setAside = `${keysPath}.part`; // under which a cut export left the keys of the one before
  const before = readKeys(keysPath) ?? readKeys(setAside);
  if (before !== null && !goesOn(before, keys)) throw new Stopped('other_keys', keysPath);
  if (existsSync(keysPath)) await rename(keysPath, setAside);
  syncDirectory(directory);
  const tally = { added: 0, kept: 0 };
  const voids = new Set(down.filter(({ isVoid }) => isVoid).map(({ sha256 }) => sha256));
  for (const row of down) await copyDown(book, root, row, { voids, tally });
  for (const row of up) await copyUp(book, root, row, tally);
  for (const row of refused) await copyRefused(book, root, row, tally);
  for (const name of logFiles(book.folder.log)) await copyFile(join(book.folder.log, name), join(directory, 'log', name), tally);
  writeFileDurably(keysPath, `${JSON.stringify(keys, null, 2)}\n`);
  return { ok: true, value: { ...tally, kiosks: Object.keys(keys.kiosks).length, withoutKey } };
}

function readKeys(path: string): OutsiderKeys | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as OutsiderKeys; // written by this file; goesOn asks what it needs
  } catch {
    return null; // not there, or cut: then nothing is said against the new ones
  }
}

/** Whoever was known by a key is known by the same one: the followers of a first key are told by the files. */
function goesOn(before: Partial<OutsiderKeys>, now: OutsiderKeys): boolean {
  return (
    before.county === now.county &&
    before.countyKeyName === now.countyKeyName &&
    (before.countyKeys ?? []).every((key) => now.countyKeys.includes(key)) &&
    Object.entries(before.kiosks ?? {}).every(([kiosk, [first]]) => first === undefined || now.kiosks[kiosk]?.[0] === first)
  );
}

/**
 * Both files of a number, the note last. One that was superseded since the last export gives its place to the one that follows, if any does; a
 * void one to the one that was in force.
 */
async function copyDown(
  book: CountyBook,
  root: string,
  row: DownRow,
  { voids, tally }: { readonly voids: ReadonlySet<string>; readonly tally: Tally },
): Promise<void> {
  const { kiosk, downSeq, inc, sha256 } = row;
  const name = fileNumber(downSeq);
  const aside = join(book.folder.superseded, kiosk, String(inc), name);
  const inForce = join(book.folder.down, kiosk, name);
  const from = shaSaidBy(`${aside}.note`) === sha256 ? aside : inForce;
  const isLost = shaSaidBy(`${from}.note`) !== sha256;
  if (isLost && !row.isVoid) throw new Stopped('lost', `${from}.note`);
  const there = join(root, 'down', kiosk, name);
  if (isLost || from !== inForce) giveUpPlace(there, sha256);
  if (isLost) return; // the other was brought over it, or set aside in its place
  const to = from === inForce ? there : join(root, 'superseded', kiosk, String(inc), name);
  const lying = shaSaidBy(`${to}.note`);
  if (lying !== sha256 && voids.has(lying)) giveUpPlace(to, lying);
  await copySigned({ from, to, sha256 }, ['jsonl.gz', 'note'], tally);
}

/** The note goes last: whoever is cut short knows the file by it. One of which the note alone is gone was left so by a program of before. */
function giveUpPlace(place: string, sha256: string): void {
  const note = `${place}.note`;
  if (existsSync(note) && shaSaidBy(note) !== sha256) return;
  for (const path of [`${place}.jsonl.gz`, note]) rmSync(path, { force: true });
}

async function copyUp(book: CountyBook, root: string, { kiosk, inc, fileSeq, path, number }: UpRow, tally: Tally): Promise<void> {
  const name = join(kiosk, String(inc), fileNumber(fileSeq));
  const from = join(book.folder.directory, path.replace(/\.jsonl\.gz$/, ''));
  if (!existsSync(`${from}.note`)) throw new Stopped('lost', `${from}.note`);
  const sha256 = shaSaidBy(`${from}.note`);
  await copySigned({ from, to: join(root, 'up', name), sha256 }, ['jsonl.gz', 'checkpoint', 'note'], tally);
  const { note } = await book.read(
    (db) => prepared<[number], { note: string }>(db, 'SELECT note FROM answer WHERE number = ?').get(number)!, // never removed
  );
  writeAnswer(join(root, 'ack', `${name}.ack`), note, tally);
}

/** What the county refused is no part of any figure, and evidence all the same: of two histories, or of an answer that was not due. */
async function copyRefused(book: CountyBook, root: string, row: RefusedRow, tally: Tally): Promise<void> {
  const { kiosk, inc, fileSeq, sha256, path, number, note } = row;
  const from = join(book.folder.directory, path.replace(/\.jsonl\.gz$/, ''));
  const to = join(root, 'refused', kiosk, String(inc), `${fileNumber(fileSeq)}-${sha256}`);
  if (!existsSync(`${from}.note`)) throw new Stopped('lost', `${from}.note`);
  await copySigned({ from, to, sha256 }, ['jsonl.gz', 'checkpoint', 'note'], tally);
  writeAnswer(`${to}.${number}.ack`, note, tally);
}

function writeAnswer(path: string, note: string, tally: Tally): void {
  if (!existsSync(path)) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileDurably(path, note);
    tally.added += 1;
  } else if (readFileSync(path, 'utf8') === note) tally.kept += 1;
  else throw new Stopped('differs', path);
}

interface Tally {
  added: number;
  kept: number;
}

/** Copies a file with what stands beside it; `endings`: the note last. Without its note what lies there is no file yet. */
async function copySigned(
  { from, to, sha256 }: { readonly from: string; readonly to: string; readonly sha256: string },
  endings: readonly ['jsonl.gz', ...string[]],
  tally: Tally,
): Promise<void> {
  if (!existsSync(`${to}.note`)) for (const ending of endings) rmSync(`${to}.${ending}`, { force: true });
  for (const ending of endings) await copyFile(`${from}.${ending}`, `${to}.${ending}`, tally, ending === 'jsonl.gz' ? sha256 : undefined);
}

/**
 * Copies one file that is not there, in little memory, beside its name; of one that is there compares every byte. `unpackedSha`: hash of what
 * it unpacks to (base64url), which is asked of what was copied.
 */
async function copyFile(from: string, to: string, tally: Tally, unpackedSha?: string): Promise<void> {
  if (!existsSync(from)) throw new Stopped('lost', from);
  if (existsSync(to)) {
    if (statSync(from).size !== statSync(to).size || (await hashOf(from)) !== (await hashOf(to))) throw new Stopped('differs', to);
    tally.kept += 1;
    return;
  }
  mkdirSync(dirname(to), { recursive: true });
  const part = `${to}.part`;
  await pipeline(createReadStream(from), createWriteStream(part, { flush: true }));
  if (unpackedSha !== undefined && (await unpackedHash(part)) !== unpackedSha) {
    rmSync(part);
    throw new Stopped('lost', from);
  }
  await rename(part, to);
  syncDirectory(dirname(to));
  tally.added += 1;
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('base64url');
}

/** '': it is no whole packed file. */
async function unpackedHash(path: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(path), createGunzip(), hash);
  } catch (error) {
    if (isOfPacking(error)) return '';
    throw error;
  }
  return hash.digest('base64url');
}

function isOfPacking(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('Z_');
}

/** What lies in the log's folder for everybody (county/log/published.ts): entries before the root that says they are there. */
function logFiles(folder: string): readonly string[] {
  const list = (directory: string, pattern: RegExp): string[] =>
    existsSync(directory)
      ? readdirSync(directory, { withFileTypes: true }).flatMap((each) => (each.isFile() && pattern.test(each.name) ? [each.name] : []))
      : [];
  const ofRoots = ['entries', 'checkpoint', String.raw`[0-9a-f]{8}\.cosignature`].flatMap((ending) =>
    list(folder, new RegExp(String.raw`^\d{15}\.${ending}$`)).toSorted(),
  );
  const keys = list(join(folder, 'committee'), /^[A-Za-z0-9._-]{1,100}\.pub$/).toSorted();
  return [...list(folder, /^county\.pub$/), ...ofRoots, ...keys.map((name) => join('committee', name))];
}
