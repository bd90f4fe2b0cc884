// Two commands that save a county's book from the loss of its disk: `backup` copies it while the server goes on, `put-back` makes an old
// copy the book again and takes up what lies beside it. Where the book lies in PostgreSQL, neither: that has its own tools.

import { createHash } from 'node:crypto';
import {
  copyFileSync,
  createReadStream,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, isAbsolute, join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { syncDirectory, writeFileDurably } from '../db/files.ts';
import { type NoteKey, noteSigners, openNote } from '../db/model/note.ts';
import { type Result, fail, ok } from '../db/model/result.ts';
import { businessDate } from '../db/model/time.ts';
import { type ReadableDatabase, openReadable, openWritable, prepared } from '../db/sqlite.ts';
import { type Advance, openAdvances } from './book/advances.ts';
import { type CountyBook, type CountyFolder, countyFolder, openCounty } from './book/county-book.ts';
import { countyKeys, countyNote, folderFileKeys } from './book/county-keys.ts';
import { downFilesIn } from './book/down-evidence.ts';
import { pointsText } from './book/invariants.ts';
import { goOnAs, takeEvidence } from './evidence.ts';
import type { Terminal } from './log/commands.ts';
import { detailInChinese } from './pages/detail-words.ts';
import { journalPutBack } from './pages/put-back-journal.ts';
import type { CommandOptions } from './serve/command.ts';
import { isCountyBook, openStore } from './store/county-store.ts';
import { isBusy } from './store/store.ts';

export const backupUsage = `       npm run county -- backup --data DIR --to /PLACE [--keys too]
       npm run county -- put-back --data DIR [--from FILE]
`;

/** Copies the book as it is between two acts, reads the copy back and only then gives it its name. */
export async function backup(book: CountyBook, { to, keys }: CommandOptions, terminal: Terminal): Promise<number> {
  if (to === undefined || !isAbsolute(to) || (keys !== undefined && keys !== 'too')) {
    terminal.complain(`--to names a folder by its whole path\nusage:\n${backupUsage}`);
    return 2;
  }
  if (!existsSync(book.folder.book)) {
    terminal.complain('this book lies in PostgreSQL: back it up with pg_dump or a standby, and keep store.json and keys with it\n');
    return 1;
  }
  if (!existsSync(to)) {
    terminal.complain(`${to} is not there: nothing was copied\n`);
    return 1;
  }
  const { copy, entry } = await copied(book, to);
  terminal.say(`${copy}: the book through entry ${entry}, read back\n`);
  if (keys === 'too') {
    const place = `${copy.slice(0, -ending.length)}-keys`;
    mkdirSync(place, { recursive: true, mode: 0o700 });
    for (const name of readdirSync(book.folder.keys)) copyFileSync(join(book.folder.keys, name), join(place, name));
    syncDirectory(place);
    terminal.say(`${place}: the private keys; whoever has them is the county\n`);
  } else terminal.say(`without the private keys, which lie in ${book.folder.keys}: keep a copy of those under lock and key (--keys too)\n`);
  terminal.say('files, down, superseded, awards and log are not in it: copy those folders, too, and what came after it can be taken up\n');
  return 0;
}

const ending = '.countybook';

async function copied(book: CountyBook, place: string): Promise<{ readonly copy: string; readonly entry: number }> {
  const part = join(place, `${book.code}${ending}.part`);
  for (const left of [part, `${part}-wal`, `${part}-shm`]) rmSync(left, { force: true });
  try {
    const entry = await book.read(async (db) => {
      await db.backup(part); // acts wait: no page of half an act is in it
      return newestEntryOf(db);
    });
    const checked = checkCopy(part);
    if (!checked.ok || checked.value.code !== book.code || checked.value.entry !== entry)
      throw new Error(`the copy in ${place} reads other than the book: ${checked.ok ? 'another entry' : checked.code}`);
    const copy = join(place, `${book.code}-${businessDate(book.wallMs())}-${String(entry).padStart(9, '0')}${ending}`);
    const sha256 = await hashOf(part);
    rmSync(notePath(copy), { force: true }); // of the same moment, copied before
    renameSync(part, copy);
    writeFileDurably(notePath(copy), await book.read((db) => countyNote(book, db, copyText(book.code, sha256))), 0o600);
    syncDirectory(place);
    return { copy, entry };
  } catch (error) {
    rmSync(part, { force: true });
    throw error;
  }
}

/** Beside a copy: that the county made it, and its bytes. SQLite does not see a byte changed within a value. */
function notePath(copy: string): string {
  return `${copy}.note`;
}

function copyText(code: string, sha256: string): string {
  return `civicpos-backup-v1\n${code}\n${sha256}\n`;
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('base64url');
}

/** Whether the copy is as the county wrote it; null: no note lies beside it. */
async function isAsWritten(folder: CountyFolder, copy: string): Promise<boolean | null> {
  if (!existsSync(notePath(copy))) return null;
  const note = readFileSync(notePath(copy), 'utf8');
  const trusted = folderFileKeys(folder).flatMap((publicKey) => (noteSigners(note) ?? []).map((name) => ({ name, publicKey })));
  const opened = openNote(note, trusted);
  const [, code = ''] = note.split('\n');
  return opened.ok && opened.value.text === copyText(code, await hashOf(copy));
}

interface Copy {
  readonly code: string;
  readonly epoch: number;
  readonly entry: number;
}

/** Whether a file is a whole book of a county, and whose. Leaves it as one file that nobody has open. */
function checkCopy(path: string): Result<Copy, 'no_book' | 'damaged'> {
  try {
    const db = openWritable(path, { mustExist: true });
    try {
      if (!isCountyBook(db)) return fail('no_book');
      if (db.pragma('integrity_check', { simple: true }) !== 'ok') return fail('damaged');
      db.pragma('journal_mode = DELETE');
      const row = prepared<[], { code: string; epoch: number }>(db, 'SELECT code, server_epoch AS epoch FROM county').get();
      return row === undefined ? fail('no_book') : ok({ ...row, entry: newestEntryOf(db) });
    } finally {
      db.close();
    }
  } catch {
    return fail('damaged'); // SQLite does not know it as a file of its own
  }
}

function newestEntryOf(db: ReturnType<typeof openReadable>): number {
  const newest = (table: 'act' | 'event'): number =>
    prepared<[], { entry: number | null }>(db, `SELECT max(entry) AS entry FROM ${table}`).get()!.entry ?? 0; // an aggregate has a row
  return Math.max(newest('act'), newest('event'));
}

/**
 * Makes a copy the book of a folder again, under the next server epoch, and takes up what lies beside it; the book that was there is kept
 * under another name. Without `from` only what lies beside it is taken up, as after files were brought from a kiosk.
 */
export async function putBack(data: string, { from }: CommandOptions, terminal: Terminal, clock: { wallMs(): number }): Promise<number> {
  let copy: { readonly name: string; readonly entry: number } | null = null;
  if (from !== undefined) {
    const isKnown = existsSync(join(countyFolder(data).keys, 'file.pem')) ? await isAsWritten(countyFolder(data), resolve(from)) : null;
    const put = isKnown === false ? fail('changed') : putCopy(data, resolve(from), clock);
    if (!put.ok) {
      terminal.complain(`${refusals[put.code]}: nothing was changed\n`);
      return 1;
    }
    copy = { name: basename(from), entry: put.value.entry };
    terminal.say(`the book of entry ${put.value.entry} is put back, server epoch ${put.value.epoch}\n`);
    if (isKnown === null) terminal.say(`${notePath(from)} is not there: nothing says whether the copy is as it was written\n`);
  }
  let opened = openCounty(data, clock);
  if (opened.ok && (await isRaised(opened.value))) opened = openCounty(data, clock);
  if (!opened.ok) {
    terminal.complain(opened.code === 'elsewhere' ? `${refusals.elsewhere}\n` : `${data} ${openReasons[opened.code]}\n`);
    return 1;
  }
  const book = opened.value;
  try {
    const { upFiles, downFiles, awards, takeBacks, lost } = await takeEvidence(book);
    const taken = `taken up: ${upFiles} files of kiosks, ${downFiles} files to kiosks, ${awards} lists of awards${takeBacks === 0 ? '' : `, ${takeBacks} takings back of awards`}\n`;
    terminal.say(taken);
    const report = join(data, `put-back-${book.serverEpoch}.txt`);
    const advances = await book.read(openAdvances);
    writeFileSync(report, `${taken}${lost.length === 0 ? 'no file is missing\n' : ''}${reportOf(lost, advances)}`, {
      flag: 'a',
      mode: 0o600,
    });
    await journalPutBack(book, { copy, upFiles, downFiles, awards, takeBacks, lost, advances, report: basename(report) });
    for (const each of lost.slice(0, lostShown)) terminal.say(`lost: ${inPoints(each)}\n`);
    if (lost.length > lostShown) terminal.say(`lost: and ${lost.length - lostShown} more\n`);
    if (advances.length > 0)
      terminal.say(
        `advanced: ${pointsText(advances.reduce((sum, { amount }) => sum + amount, 0))} points of ${advances.length} accounts; award them nothing for it: what gave them repays this once it is done again\n`,
      );
    terminal.say(`${report} has all of it. What the clerk typed since the copy and no file told is lost, and nothing says what it was.
If the committee has later roots than lie in ${book.folder.log}, copy its folder there and put the same copy back once more, before the server
starts: what is entered in a shorter log cannot be taken out of it. Then a kiosk hears from the county again once it has sent a file.\n`);
    return 0;
  } finally {
    await book.close();
  }
}

/** Of what is lost, so many are shown; the report has all. */
const lostShown = 20;

/** For whoever prints it: each in Chinese, where there are words for it, and as the program says it; then every account by itself. */
function reportOf(lost: readonly string[], advances: readonly Advance[]): string {
  const said = lost.flatMap((detail) => {
    const told = detailInChinese({ code: 'put_back', detail });
    return told === detail ? [detail] : [told, inPoints(detail)];
  });
  const each = advances.map(({ account, kiosk, amount }) => `县里先垫：账户 ${account}，终端 ${kiosk}，${pointsText(amount)} 积分`);
  return [...said, ...each].map((line) => `${line}\n`).join('');
}

/** What was advanced is kept as a sentence in hundredths, in older books too: people are told points. */
function inPoints(detail: string): string {
  return detail.replace(/ (\d+) hundredths (?:for|of) \d+ accounts .*?\(([^)]*)\)/, (text, sum: string, names: string) =>
    text.replace(`${sum} hundredths`, `${pointsText(Number(sum))} points`).replace(names, namesInPoints(names)),
  );
}

function namesInPoints(names: string): string {
  return names.replaceAll(/ (\d+)(?=,|$)/g, (_, amount: string) => ` ${pointsText(Number(amount))}`);
}

/** Why the book of a folder is not opened; after the folder's name. */
export const openReasons = {
  no_county: 'holds no county’s book: create makes one, import-demo one of a demo',
  foreign: 'holds a book.db that is no county’s',
  other_version: 'holds a book of a newer program than this one',
} as const;

const refusals = {
  elsewhere: 'this county’s book lies in PostgreSQL: put it back with pg_restore, and raise server_epoch there',
  busy: 'a server has this book open: end it first',
  no_keys: 'the folder has no keys/file.pem: put the county’s keys there first',
  no_book: 'the file is no book of a county',
  damaged: 'the file is damaged',
  changed: 'the file is not as the county wrote it, by the note beside it: take another copy',
  other_county: 'the folder holds the book of another county',
};

function putCopy(data: string, from: string, clock: { wallMs(): number }): Result<Copy, keyof typeof refusals> {
  const folder = countyFolder(data);
  if (existsSync(join(data, 'store.json'))) return fail('elsewhere');
  if (!existsSync(join(folder.keys, 'file.pem'))) return fail('no_keys');
  if (!existsSync(from)) return fail('no_book');
  const part = `${folder.book}.part`;
  for (const left of [part, `${part}-wal`, `${part}-shm`]) rmSync(left, { force: true });
  copyFileSync(from, part);
  const copy = checkCopy(part);
  if (!copy.ok) return copy;
  const replaced = existsSync(folder.book) ? lastOf(data) : null;
  if (replaced === 'busy') return fail('busy');
  if (replaced !== null && replaced.code !== '' && replaced.code !== copy.value.code) return fail('other_county');
  const db = openWritable(part, { mustExist: true });
  const epoch = 1 + newestEpoch([copy.value.epoch, replaced?.epoch ?? 0, ...epochsTold(folder, db)]); // a kiosk takes no file of an earlier one
  prepared(db, 'UPDATE county SET server_epoch = ?').run(epoch);
  db.pragma('journal_mode = DELETE');
  db.close();
  for (const each of [folder.files, folder.incoming, folder.down, folder.awards]) mkdirSync(each, { recursive: true }); // some may be lost, too
  const aside = join(data, `book-replaced-${epoch}-${clock.wallMs()}.db`);
  for (const end of ['', '-wal', '-shm']) if (existsSync(folder.book + end)) renameSync(folder.book + end, aside + end);
  renameSync(part, folder.book);
  syncDirectory(data);
  return ok({ ...copy.value, epoch });
}

/**
 * Where files to kiosks were brought that a later epoch made, which the copy and the disk that it was put on knew nothing of, the book goes
 * on under one after that, and is closed: a kiosk takes no file of an earlier one.
 */
async function isRaised(book: CountyBook): Promise<boolean> {
  const told = newestEpoch(await book.read((db) => epochsTold(book.folder, db)));
  if (told <= book.serverEpoch) return false;
  await book.transact((act) => {
    goOnAs(act, { was: book.serverEpoch, is: told + 1 });
    prepared(act.db, 'UPDATE county SET server_epoch = ?').run(told + 1);
  });
  await book.close();
  return true;
}

/** No county is put back so often: a book that says more is damaged, and no kiosk has a file of it. Far below 2^53, past which no file can be read. */
const epochMax = 1_000_000;

function newestEpoch(epochs: readonly number[]): number {
  return Math.max(0, ...epochs.filter((epoch) => Number.isSafeInteger(epoch) && epoch <= epochMax));
}

/**
 * The epochs that files to kiosks speak of, of kiosks that the book does not know, too. One that the county did not sign speaks of none:
 * whoever can lay a file there must not say which epoch comes next. What is taken up of them, and what is not, is said later (evidence.ts).
 */
function epochsTold(folder: CountyFolder, db: ReadableDatabase): readonly number[] {
  const { name } = prepared<[], { name: string }>(db, 'SELECT name FROM county').get()!; // one row
  const told = countyKeys(db, 'file').map(({ key }) => Buffer.from(key, 'base64url'));
  const trusted = [...folderFileKeys(folder), ...told].map((publicKey): NoteKey => ({ name, publicKey }));
  const kiosks = existsSync(folder.down) ? readdirSync(folder.down, { withFileTypes: true }).filter((each) => each.isDirectory()) : [];
  return kiosks.flatMap(({ name: kiosk }) =>
    Array.from(downFilesIn(join(folder.down, kiosk), { kiosk, trusted: [...trusted] }), ({ header }) => header.serverEpoch),
  );
}

/** Whose book lies in the folder, and its epoch; a damaged one says neither. */
function lastOf(data: string): { readonly code: string; readonly epoch: number } | 'busy' {
  try {
    const opened = openStore(data, {});
    if (!opened.ok) return { code: '', epoch: 0 };
    try {
      return prepared<[], { code: string; epoch: number }>(opened.value, 'SELECT code, server_epoch AS epoch FROM county').get()!; // one row
    } finally {
      opened.value.close();
    }
  } catch (error) {
    return isBusy(error) ? 'busy' : { code: '', epoch: 0 };
  }
}
