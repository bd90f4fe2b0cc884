// What lies beside a book that was put back from an older copy, and is not in it: files of kiosks are taken in again, files to kiosks are
// taken up with what they granted, awards are released and taken back again where both names are proven (reconciliation.md R4). Makes no
// file for a kiosk.

import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { LogEntry } from '../db/model/log-entry.ts';
import { parseFileNote, noteText } from '../db/model/note.ts';
import type { Verdict } from '../db/model/up-file.ts';
import { type ReadableDatabase, prepared } from '../db/sqlite.ts';
import { findReleases, releaseAgain, unwithdrawnBatches } from './book/awards.ts';
import { findChain } from './book/chains.ts';
import type { CountyAct, CountyBook } from './book/county-book.ts';
import {
  FundsMissing,
  type FoundDown,
  type Sources,
  asksOnly,
  downFileKeys,
  downFilesIn,
  hasDownFile,
  knownSha,
  listsOfLog,
  takeDownFile,
} from './book/down-evidence.ts';
import { raiseException } from './book/exceptions.ts';
import { takeIn } from './book/intake.ts';
import { type FoundReclaim, findEveryReclaim, reclaimFound, unprovenReclaims, withdrawEveryFound } from './book/reclaim-kinds.ts';
import { reclaimToldBy } from './book/reclaims.ts';
import { dropWaitingRepairs, droppedRepairs } from './book/repairs.ts';
import { begun, enterPutBack } from './book/put-back.ts';
import type { IsThere } from './book/rights.ts';
import { logEntries, logSize } from './log/log.ts';
import { startLog } from './log/steps.ts';

export interface TakenUp {
  readonly upFiles: number;
  readonly downFiles: number;
  readonly awards: number;
  /** What was reclaimed: of awards, of credits, or expired. */
  readonly takeBacks: number;
  /** What people must look at or do again, a sentence each. */
  readonly lost: readonly string[];
}

/**
 * Takes up everything in the county's folder that its book does not have, as it was: in the order of the county's log as far as that goes,
 * since what came first paid what was owed then. What the log does not name: files of kiosks before the night that knew of them, awards
 * before the night that gave them out. Ends with an exception for the committee that says what is lost. Cut short, it goes on
 * where it stopped when it is called again.
 */
export async function takeEvidence(book: CountyBook): Promise<TakenUp> {
  const epoch = `epoch ${book.serverEpoch}`;
  const isDone = await book.transact((act) => {
    if (!isEntered(act.db, `${epoch}${begun}`)) {
      enterPutBack(act, `${epoch}${begun}`);
      dropWaitingRepairs(act, book.serverEpoch);
    }
    withdrawEveryFound(book, act);
    return isEntered(act.db, epoch);
  });
  const dropped = isDone ? [] : await book.read((db) => droppedRepairs(db, book.serverEpoch));
  const lost = dropped.map(({ number, repair: { kind, kiosk } }) => `${kind} ${number} of ${kiosk} waited: propose it again`);
  await startLog(book);
  const downs = await findDownFiles(book, lost);
  const awards = await book.read((db) => foundAwards(book, db));
  const ups = await findUpFiles(book);
  const taken = { upFiles: 0, downFiles: 0, awards: 0, takeBacks: 0 };
  /** Kiosks of which a file waits for what it gave: what they sent names that file, and waits, too. */
  const short = new Set<string>();
  const isThere: IsThere = (kiosk, inc) => downs.some(({ header }) => header.kiosk === kiosk && (header.inc ?? 1) >= inc);
  const takeDown = async (file: FoundDown, sources: Sources): ReturnType<typeof takeFound> => {
    const outcome = await takeFound(book, file, { lost, sources, isThere });
    if (outcome === 'short') short.add(file.header.kiosk);
    if (outcome !== 'taken' && outcome !== 'known') return outcome;
    short.delete(file.header.kiosk);
    downs.splice(downs.indexOf(file), 1);
    taken.downFiles += 1; // known: with a file of its kiosk that named it
    return outcome;
  };
  const takeUps = async (kiosk: string, through: { readonly inc: number; readonly seq: number } | null): Promise<void> => {
    if (!short.has(kiosk)) taken.upFiles += await takeUpFiles(book, ups, kiosk, through);
  };
  /** Reclaimed of what files may bring that are not taken in yet. */
  const waiting: FoundAward[] = [];
  const takeList = async (award: FoundAward): Promise<void> => {
    awards.splice(awards.indexOf(award), 1);
    const outcome = await takeAwards(book, award, lost, 'first');
    if (outcome === 'waits') waiting.push(award);
    if (outcome === 'taken') taken[award.is === 'released' ? 'awards' : 'takeBacks'] += 1;
  };
  for (const of of await inLogOrder(book, { downs, awards, ups })) {
    if (of.is === 'award') await takeList(of.award);
    else if (of.is === 'down') await takeDown(of.file, 'there');
    else if (!short.has(of.file.kiosk) && (await takeUpFile(book, ups, of.file)) === 'ACCEPTED') taken.upFiles += 1;
  }
  for (const night of nightsOf(downs)) {
    const until = night.at(-1)!.header.asOf; // a night has a file
    while (awards.length > 0 && awards[0]!.at <= until) await takeList(awards[0]!);
    for (const { header } of night) if (header.ackThrough !== null) await takeUps(header.kiosk, header.ackThrough);
    for (const file of night) await takeDown(file, 'there');
  }
  while (awards.length > 0) await takeList(awards[0]!);
  // what one file gave others may bring, until nothing moves; only then what was given up is given by two files that wait for each other, then
  // dues are unpaid that none told, and in the end the county takes upon itself what is short, a file at a time
  for (let isMoving = true; isMoving;) {
    const before = ups.length + downs.length;
    for (const kiosk of new Set(ups.map((each) => each.kiosk))) await takeUps(kiosk, null);
    const unfunded: FoundDown[] = [];
    for (const file of downs.slice()) if ((await takeDown(file, 'there')) === 'short') unfunded.push(file);
    isMoving = ups.length + downs.length < before;
    for (const sources of ['answered', 'unpaid'] as const)
      for (const file of unfunded) if (!isMoving) isMoving = (await takeDown(file, sources)) === 'taken';
    if (!isMoving && unfunded[0] !== undefined) isMoving = (await takeDown(unfunded[0], 'advanced')) === 'taken';
  }
  for (const award of waiting) if ((await takeAwards(book, award, lost, 'last')) === 'taken') taken.takeBacks += 1;
  for (const file of downs.slice())
    if ((await takeDown(file, 'there')) === 'astray')
      lost.push(`${file.path} follows a file that is lost: bring it from the folder down of ${file.header.kiosk}`);
  // those behind one that waits were not asked: the book knows all that it keeps
  const seconds: FoundUp[] = [];
  for (const file of ups.slice())
    if ((await book.read((db) => standingOf(db, file))) === 'second') seconds.push(file);
    else await takeUpFile(book, ups, file);
  for (const file of seconds) await takeUpFile(book, ups, file);
  for (const { kiosk, inc, fileSeq } of ups) lost.push(`${kiosk}/${inc}/${fileSeq} waits for a file before it`);
  lost.push(...(await book.read((db) => unprovenAwards(db, book))));
  await startLog(book); // roots that the files named
  if (!isDone || lost.length > 0)
    await book.transact((act) => {
      if (!isDone) enterPutBack(act, epoch);
      const detail = `${epoch}: ${taken.upFiles} files of kiosks, ${taken.downFiles} to them and ${taken.awards} lists of awards${taken.takeBacks === 0 ? '' : ` and ${taken.takeBacks} takings back`} were taken up; ${lost.length} things are lost. Words of the clerk that reached no file are lost, too`;
      raiseException(act.db, { kiosk: '', inc: 0, fileSeq: 0, seq: 0, code: 'put_back', detail, at: book.wallMs() });
    });
  return { ...taken, lost };
}

type Found =
  | { readonly is: 'up'; readonly file: FoundUp }
  | { readonly is: 'down'; readonly file: FoundDown }
  | { readonly is: 'award'; readonly award: FoundAward };

/** A list that was released, or points that were reclaimed. */
type FoundAward = { readonly at: number } & (
  | { readonly is: 'released'; readonly batch: number }
  | ({ readonly is: 'reclaimed' } & FoundReclaim)
);

function foundAwards(book: CountyBook, db: ReadableDatabase): FoundAward[] {
  const released = findReleases(book, db).map((each) => ({ is: 'released', ...each }) as const);
  const back = findEveryReclaim(book, db).map((each) => ({ is: 'reclaimed', ...each }) as const);
  return [...released, ...back].toSorted((a, b) => a.at - b.at); // what was released in the same moment comes first
}

/** What was found and the log names, in its order. The log is read a page at a time. */
async function inLogOrder(
  book: CountyBook,
  found: { readonly downs: readonly FoundDown[]; readonly awards: readonly FoundAward[]; readonly ups: readonly FoundUp[] },
): Promise<readonly Found[]> {
  const named = new Map<string, Found>([
    ...found.ups.map((file): [string, Found] => [`up ${file.kiosk} ${file.inc} ${file.fileSeq} ${file.sha256}`, { is: 'up', file }]),
    ...found.downs.map((file): [string, Found] => [`down ${file.sha256}`, { is: 'down', file }]),
    ...found.awards.map((award): [string, Found] => [
      award.is === 'released' ? `award ${award.batch}` : `reclaimed ${award.kind} ${award.number}`,
      { is: 'award', award },
    ]),
  ]);
  const ordered: Found[] = [];
  if (named.size === 0) return ordered;
  const size = await book.read(logSize);
  for (let from = 0; from < size;) {
    const page = await book.read((db) => logEntries(db, { from, to: size }));
    for (const entry of page) {
      const of = named.get(nameOf(JSON.parse(entry) as LogEntry)); // appendEntry wrote it
      if (of !== undefined) ordered.push(of);
    }
    from += page.length;
  }
  return ordered;
}

/** By what a file or a list is found that an entry of the log speaks of; '' for all others. */
function nameOf(entry: LogEntry): string {
  if (entry.t === 'AWARDS') return `award ${entry.batch}`;
  const reclaimed = reclaimToldBy(entry);
  if (reclaimed !== null) return `reclaimed ${reclaimed.kind} ${reclaimed.number}`;
  if (entry.t !== 'FILE') return '';
  const said = parseFileNote(noteText(entry.note));
  if (!said.ok) return '';
  const { direction, kiosk, inc, fileSeq, sha256 } = said.value;
  return direction === 'down' ? `down ${sha256}` : `up ${kiosk} ${inc} ${fileSeq} ${sha256}`;
}

/** A book that goes on under a later server epoch: what was put back and taken up under the one before is so under it, and nobody is heard anew. */
export function goOnAs(act: CountyAct, { was, is }: { readonly was: number; readonly is: number }): void {
  for (const ending of [begun, '']) if (isEntered(act.db, `epoch ${was}${ending}`)) act.enter('put_back', `epoch ${is}${ending}`);
}

function isEntered(db: ReadableDatabase, about: string): boolean {
  return prepared<[string], object>(db, `SELECT 1 FROM act WHERE kind = 'put_back' AND about = ?`).get(about) !== undefined;
}

interface FoundUp {
  readonly kiosk: string;
  readonly inc: number;
  readonly fileSeq: number;
  readonly sha256: string;
  readonly path: string;
  readonly cameAt: number;
}

/**
 * Files of kiosks that the book has no last word about, in the order in which one builds on another; of two histories the first. What lies
 * there says the order: the disk's clock decides between two histories alone, so that what was copied is taken up as it was before.
 */
async function findUpFiles(book: CountyBook): Promise<FoundUp[]> {
  const { files } = book.folder;
  const found: FoundUp[] = [];
  for (const kiosk of foldersIn(files))
    for (const inc of foldersIn(join(files, kiosk)).filter((name) => /^\d{1,9}$/.test(name)))
      for (const name of readdirSync(join(files, kiosk, inc))) {
        const [, number, sha256] = /^(\d{8,})-([A-Za-z0-9_-]{43})\.jsonl\.gz$/.exec(name) ?? [];
        if (number === undefined || sha256 === undefined) continue;
        const path = join(files, kiosk, inc, name);
        if (!existsSync(besides(path, 'note')) || !existsSync(besides(path, 'checkpoint'))) continue; // cut short when it came: it is sent again
        const of = { kiosk, inc: Number(inc), fileSeq: Number(number), sha256 };
        const isJudged = await book.read((db) => hasWord(db, of));
        if (!isJudged) found.push({ ...of, path, cameAt: statSync(path).mtimeMs });
      }
  const inText = (a: string, b: string): number => (a < b ? -1 : Number(a > b));
  return found.toSorted(
    (a, b) => a.inc - b.inc || a.fileSeq - b.fileSeq || inText(a.kiosk, b.kiosk) || a.cameAt - b.cameAt || inText(a.sha256, b.sha256),
  );
}

function hasWord(db: ReadableDatabase, of: Pick<FoundUp, 'kiosk' | 'inc' | 'fileSeq' | 'sha256'>): boolean {
  const row = prepared<[string, number, number, string], object>(
    db,
    `SELECT 1 FROM answer WHERE kiosk = ? AND inc = ? AND file_seq = ? AND sha256 = ? AND verdict <> 'GAP'`,
  ).get(of.kiosk, of.inc, of.fileSeq, of.sha256);
  return row !== undefined;
}

/**
 * Takes in files of a kiosk through an event, null: all that continue what is posted, and removes them from the list. How many were
 * posted.
 */
async function takeUpFiles(
  book: CountyBook,
  ups: FoundUp[],
  kiosk: string,
  through: { readonly inc: number; readonly seq: number } | null,
): Promise<number> {
  let posted = 0;
  for (;;) {
    if (through !== null && (await book.read((db) => findChain(db, kiosk, through.inc)?.toSeq ?? 0)) >= through.seq) return posted;
    const next = await nextUp(book, ups, kiosk, through?.inc ?? Number.POSITIVE_INFINITY);
    if (next === null) return posted;
    const verdict = await takeUpFile(book, ups, next);
    if (verdict === 'GAP') return posted;
    if (verdict === 'ACCEPTED') posted += 1;
  }
}

async function nextUp(book: CountyBook, ups: readonly FoundUp[], kiosk: string, incMax: number): Promise<FoundUp | null> {
  for (const file of ups)
    if (file.kiosk === kiosk && file.inc <= incMax && (await book.read((db) => standingOf(db, file))) === 'next') return file;
  return null;
}

/**
 * next: it continues what is posted. waits: for one before it, which a later incarnation may go on without. second: it has a number that was
 * posted of another, or follows another: of a second history, which stops the kiosk. Whatever continues the first comes before it, since
 * nothing but the log says which of that the county had accepted by the time it came.
 */
function standingOf(db: ReadableDatabase, { kiosk, inc, fileSeq, path }: FoundUp): 'next' | 'waits' | 'second' {
  const chain = findChain(db, kiosk, inc);
  const next = (chain?.fileSeq ?? 0) + 1;
  if (fileSeq !== next) return fileSeq > next ? 'waits' : 'second';
  const said = parseFileNote(noteText(readFileSync(besides(path, 'note'), 'utf8')));
  return said.ok && said.value.prevFileSha !== (chain?.fileSha ?? '') ? 'second' : 'next';
}

/** Takes one in, and removes it from the list. GAP: another before it, or a file of the county, must come first; it stays there. */
async function takeUpFile(book: CountyBook, ups: FoundUp[], file: FoundUp): Promise<Verdict> {
  const { kiosk, inc, fileSeq, path } = file;
  const notes = { note: readFileSync(besides(path, 'note'), 'utf8'), checkpoint: readFileSync(besides(path, 'checkpoint'), 'utf8') };
  const { verdict } = await takeIn(book, { kiosk, inc, fileSeq, data: path, ...notes });
  if (verdict !== 'GAP') ups.splice(ups.indexOf(file), 1);
  return verdict;
}

/** Files to kiosks that the book does not know and the county signed, the oldest first. */
async function findDownFiles(book: CountyBook, lost: string[]): Promise<FoundDown[]> {
  const found: FoundDown[] = [];
  for (const kiosk of foldersIn(book.folder.down)) {
    const isKnown = await book.read((db) => prepared(db, 'SELECT 1 FROM kiosk WHERE kiosk = ?').get(kiosk) !== undefined);
    if (!isKnown) {
      lost.push(`${kiosk} is not in the book: enrol it again, then take up what lies in its folder`);
      continue;
    }
    const trusted = await book.read((db) => downFileKeys(book, db));
    const leave = (path: string, why: string): void => void lost.push(`${path} is ${why}: it was left where it lies`);
    for (const file of downFilesIn(join(book.folder.down, kiosk), { kiosk, trusted, leave })) {
      const same = await book.read((db) => knownSha(db, file.header));
      if (same !== null && same !== file.sha256) lost.push(`${file.path} is another file than the one of its number in the book`);
      if (same === null) found.push(file);
    }
    // to incarnations that ended: what the kiosk did before it was put back names them
    for (const directory of endedFolders(book, kiosk))
      for (const file of downFilesIn(directory, { kiosk, trusted, leave }))
        if (await book.read((db) => isMissing(db, file, found))) found.push(file);
  }
  return found.toSorted(
    (a, b) => a.header.asOf - b.header.asOf || a.header.downSeq - b.header.downSeq || (a.header.kiosk < b.header.kiosk ? -1 : 1),
  );
}

/** Where files lie that gave their numbers to those of a later incarnation (night.ts), and void ones; the oldest incarnation first. */
function endedFolders({ folder }: CountyBook, kiosk: string): readonly string[] {
  const aside = join(folder.superseded, kiosk);
  const incs = foldersIn(aside).filter((name) => /^\d{1,9}$/.test(name));
  return incs.toSorted((a, b) => Number(a) - Number(b)).map((inc) => join(aside, inc));
}

/** Whether the book lacks a file that was set aside. Of a void one another has the place, or it follows none that has one. */
function isMissing(db: ReadableDatabase, { header }: FoundDown, found: readonly FoundDown[]): boolean {
  const { kiosk, downSeq, inc = 1, prevDownSha } = header;
  const isPlaceTaken = found.some(({ header: other }) => other.kiosk === kiosk && other.downSeq === downSeq && (other.inc ?? 1) === inc);
  if (isPlaceTaken || knownSha(db, header) !== null) return false;
  return prevDownSha === '' || found.some(({ sha256 }) => sha256 === prevDownSha) || hasDownFile(db, kiosk, prevDownSha);
}

/** Longest between two files of one night; nights are hours apart. */
const betweenFilesMaxMs = 30 * 60 * 1000;

/**
 * Files that were made together: a night makes one for each kiosk that it has something to tell. What was posted before any of them is
 * taken up before all of them, since what one shop gave back is what another was told to be funded. A file between two nights, which only
 * asks one kiosk, is alone, and comes before the night that it was made before.
 */
function nightsOf(downs: readonly FoundDown[]): readonly (readonly FoundDown[])[] {
  const nights: FoundDown[][] = [];
  for (const file of downs.filter(({ lines }) => !asksOnly(lines))) {
    const night = nights.at(-1);
    const isNext =
      night === undefined ||
      file.header.asOf - night.at(-1)!.header.asOf > betweenFilesMaxMs || // a night has a file
      night.some(({ header }) => header.kiosk === file.header.kiosk);
    if (isNext) nights.push([file]);
    else night.push(file);
  }
  const asking = new Set(downs.filter(({ lines }) => asksOnly(lines)));
  const ordered: (readonly FoundDown[])[] = [];
  for (const night of nights) {
    for (const file of asking)
      if (night.some(({ header }) => header.kiosk === file.header.kiosk && header.downSeq > file.header.downSeq)) {
        asking.delete(file);
        ordered.push([file]);
      }
    ordered.push(night);
  }
  return [...ordered, ...[...asking].map((file) => [file])];
}

/**
 * One that waits is taken up with the file of its kiosk that names it (intake.ts), or before the next is made. known: so it was. short: what
 * it gave is not there yet.
 */
async function takeFound(
  book: CountyBook,
  file: FoundDown,
  { lost, ...from }: { readonly lost: string[]; readonly sources: Sources; readonly isThere: IsThere },
): Promise<'taken' | 'known' | 'waits' | 'astray' | 'short'> {
  const said: string[] = [];
  try {
    const outcome = await book.transact((act) =>
      knownSha(act.db, file.header) === file.sha256 ? 'known' : takeDownFile(act, file, said, from),
    );
    lost.push(...said);
    return outcome;
  } catch (error) {
    if (!(error instanceof FundsMissing)) throw error;
    return 'short';
  }
}

/** One that took effect. */
function reclaimedText({ kind, number }: Pick<FoundReclaim, 'kind' | 'number'>): string {
  if (kind === 'awards') return `awards were taken back by ${number}`;
  return kind === 'credits' ? `credits were disallowed by ${number}` : `points expired by ${number}`;
}

/** waits: for what the book does not have yet; of the last time that it is tried here people are told, and the next night tries again. */
async function takeAwards(book: CountyBook, award: FoundAward, lost: string[], time: 'first' | 'last'): Promise<'taken' | 'not' | 'waits'> {
  const said = award.is === 'reclaimed' ? reclaimedText(award) : `awards ${award.batch} were released`;
  const done = award.is === 'reclaimed' ? await reclaimFound(book, award, time) : await releaseAgain(book, award.batch);
  if (done.ok) return 'taken';
  if (done.code === 'missing' && time === 'first') return 'waits';
  if (done.code !== 'released') lost.push(`${said}${award.is === 'reclaimed' ? ',' : ''} and are not taken up: ${done.code}`);
  return 'not';
}

/** Lists that were proposed, released or taken back, and of which the book has no release. */
function unprovenAwards(db: ReadableDatabase, book: CountyBook): readonly string[] {
  const released = prepared<[number], object>(db, 'SELECT 1 FROM award_release WHERE batch = ?');
  const proposed = prepared<[number], object>(db, 'SELECT 1 FROM award_batch WHERE id = ?');
  const ofLog = listsOfLog(db).filter((batch) => released.get(batch) === undefined);
  const ofFolder = unwithdrawnBatches(book).filter((batch) => proposed.get(batch) === undefined);
  return [
    ...ofLog.map((batch) => `awards ${batch} were released by the log, and who released them is not proven`),
    ...ofFolder.filter((batch) => !ofLog.includes(batch)).map((batch) => `awards ${batch} were proposed: propose them again`),
    ...unprovenReclaims(book, db).map((each) => `${reclaimedText(each)} of the log, and who did so is not proven: propose it again`),
  ];
}

function besides(path: string, ending: 'note' | 'checkpoint'): string {
  return path.replace(/jsonl\.gz$/, ending);
}

function foldersIn(directory: string): readonly string[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { withFileTypes: true })
    .filter((each) => each.isDirectory())
    .map(({ name }) => name)
    .toSorted();
}
