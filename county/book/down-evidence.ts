// Files to kiosks that a book which was put back does not know: from the county's folder, by its own signature, with what they granted
// (reconciliation.md R4; R6, 21). Makes no file, and takes none before what it acknowledges is posted.

import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type DownHeader, type DownLine, downHeader, downLine } from '../../db/model/down-file.ts';
import { type NoteKey, noteSigners, noteText, openNote, parseCheckpoint, parseFileNote, signatureLines } from '../../db/model/note.ts';
import { logOrigin } from '../../db/model/log-root.ts';
import { type Result, assert, fail, ok } from '../../db/model/result.ts';
import { type ReadableDatabase, prepared } from '../../db/sqlite.ts';
import { fileNumber } from '../../db/up-files.ts';
import { takeEcho } from '../log/echoes.ts';
import { appendEntry, entriesOf, keepRootAgain, logRootAt, logSize } from '../log/log.ts';
import { type Advance, advance, advancedText } from './advances.ts';
import { findChain, newestChain } from './chains.ts';
import { everyFileKey } from './county-keys.ts';
import { rememberCommittee } from './committee.ts';
import { takeAdjustment } from './adjustments.ts';
import type { CountyAct, CountyBook } from './county-book.ts';
import { voidFiles } from './down-void.ts';
import { raiseException } from './exceptions.ts';
import { addAccount, isOfOneShop, keepDownFile, keepGrant, keepRoam } from './import-files.ts';
import { balanceOf, moved } from './ledger.ts';
import { type MasterLine, everyKiosk, isMasterLine, masterKey, masterLine, putMaster } from './master.ts';
import { pay } from './payments.ts';
import {
  type At,
  type IsThere,
  countersAt,
  expectAsAnswered,
  fund,
  fundedFor,
  givenTo,
  lyingInClearing,
  newestIncarnation,
  releaseAsAnswered,
  unpayWithdrawn,
} from './rights.ts';
import { keepTaken, paidBy } from './settlement-words.ts';
import { entryTold, takenUpKind } from './taken-up.ts';
import { unpackDown } from './unpack.ts';

/** A file to a kiosk as it lies in a folder. */
export interface FoundDown {
  readonly path: string;
  readonly note: string;
  readonly sha256: string;
  readonly header: DownHeader;
  readonly lines: readonly DownLine[];
}

/** The keys that files of the county may bear, by what the book knows now. */
export function downFileKeys(book: CountyBook, db: ReadableDatabase): NoteKey[] {
  return everyFileKey(book, db).map((publicKey) => ({ name: book.name, publicKey }));
}

/**
 * Takes up the next files of a kiosk that lie in the folder and the book does not know. False: one lies there whose time has not come,
 * because it acknowledges what the kiosk has not sent again. What its incarnation before did is not waited for: the kiosk was put back to
 * before that, as its own event says, and has no file of it to send.
 */
export function takeLeftFiles(book: CountyBook, act: CountyAct, kiosk: string): boolean {
  const lost: string[] = [];
  let outcome: ReturnType<typeof takeDownFile> | 'none' = 'none';
  do {
    const newest = prepared<[string], { last: number; inc: number }>(
      act.db,
      'SELECT down_seq AS last, inc FROM down_file WHERE kiosk = ? ORDER BY inc DESC, down_seq DESC LIMIT 1', // each incarnation goes on with its own
    ).get(kiosk);
    const path = downPath(book, kiosk, (newest?.last ?? 0) + 1);
    const read = existsSync(path) ? readDownFile(downFileKeys(book, act.db), kiosk, path) : null;
    const isOfRow = read?.ok === true && (read.value.header.inc ?? 1) >= (newest?.inc ?? 1); // else one to the incarnation before, which lies there still
    outcome = isOfRow
      ? takeDownFile(act, read.value, lost, { sources: 'advanced', isOfEnded: isAckOfEnded(act.db, read.value.header) })
      : 'none';
  } while (outcome === 'taken');
  for (const detail of lost) raisePutBack(book, act, kiosk, detail);
  return outcome !== 'waits';
}

/**
 * Takes up the file that a kiosk says it applied where the book, since it was put back, made another of that number: the kiosk never takes
 * ours, which are void from there on; or where the incarnation before was told one of that number, and no more follows it. False: it does not
 * lie in the folder, or is not the county's, or does not follow: nothing of the act may stay then, nor where the kiosk's own file, which says
 * so, turns out to be wrong (intake.ts).
 */
export function takeInstead(
  book: CountyBook,
  act: CountyAct,
  { kiosk, downSeq, sha256 }: { readonly kiosk: string; readonly downSeq: number; readonly sha256: string },
): boolean {
  const path = downPath(book, kiosk, downSeq);
  const read = existsSync(path) ? readDownFile(downFileKeys(book, act.db), kiosk, path) : null;
  if (read?.ok !== true || read.value.sha256 !== sha256) return false;
  const files = voidFiles(act, { kiosk, downSeq, inc: read.value.header.inc ?? 1 });
  const lost =
    files.length === 0 ? [] : [`${files.length} files to ${kiosk} from ${downSeq} on are void: it had applied another of that number`];
  if (takeDownFile(act, read.value, lost) !== 'taken') return false;
  for (const detail of lost) raisePutBack(book, act, kiosk, detail);
  return true;
}

/** Whether a file acknowledges an incarnation that the kiosk has gone on from since. */
function isAckOfEnded(db: ReadableDatabase, { kiosk, ackThrough }: DownHeader): boolean {
  return ackThrough !== null && ackThrough.inc < (newestChain(db, kiosk)?.inc ?? 0);
}

function downPath({ folder }: CountyBook, kiosk: string, downSeq: number): string {
  return join(folder.down, kiosk, `${fileNumber(downSeq)}.jsonl.gz`);
}

function raisePutBack(book: CountyBook, { db }: CountyAct, kiosk: string, detail: string): void {
  raiseException(db, { kiosk, inc: 0, fileSeq: 0, seq: 0, code: 'put_back', detail, at: book.wallMs() });
}

/** What it granted or funded is not there yet: others may bring it. Nothing of its act may stay. */
export class FundsMissing extends Error {}

/**
 * Where points may come from that a file gave: out of what lies unallocated or was given up; also where only a file which is not taken up yet
 * proves that a person answered for that; out of dues, too, that this book paid and no file that it has tells; in the end the county advances
 * them.
 */
export type Sources = 'there' | 'answered' | 'unpaid' | 'advanced';

/**
 * waits: what it acknowledges is not posted, unless that is `isOfEnded`, and never comes. astray: the file before it is not there. Throws
 * FundsMissing where what it gave comes from none of the sources.
 */
export function takeDownFile(
  act: CountyAct,
  { header, lines, note, sha256 }: Omit<FoundDown, 'path'>,
  lost: string[],
  { sources, isThere, isOfEnded }: { readonly sources: Sources; readonly isThere?: IsThere; readonly isOfEnded?: boolean } = {
    sources: 'advanced',
  },
): 'taken' | 'waits' | 'astray' {
  const { db } = act;
  const { kiosk, downSeq, inc = 1, ackThrough } = header;
  const isPosted = ackThrough === null || (findChain(db, kiosk, ackThrough.inc)?.toSeq ?? 0) >= ackThrough.seq;
  if (!isPosted && isOfEnded !== true) return 'waits';
  if (header.prevDownSha !== '' && !hasDownFile(db, kiosk, header.prevDownSha)) return 'astray';
  const told = toldThrough(db, header);
  for (const line of lines) if (line.t === 'GRANT') addAccount(act, { account: line.a, home: kiosk, isActive: true });
  for (const line of lines) if (line.t === 'SETTLEMENT') sayAgain(act, kiosk, line, lost);
  const entry = act.enter(takenUpKind, `${kiosk} ${downSeq}`);
  const of = { kiosk, downSeq, inc, entry };
  expectAsAnswered(act, { kiosk, inc }, entry);
  const tells = !asksOnly(lines);
  const paidFen = paidBy(db, { kiosk, downSeq, inc, told }, lines.flatMap(paidIn)); // not what the book says by now: the bank may have paid since
  keepDownFile(act, { ...of, sha256, asOf: header.asOf, paidFen, tells }); // first: it proves an answer (rights.ts)
  const advanced: Advance[] = [];
  const cover = { advanced, sources, ...(sources === 'there' ? {} : { isThere }) };
  for (const line of lines) if (line.t === 'ROAM') takeRoam(act, of, line, cover); // first: what it tells was paid then, as before a night grants
  for (const line of lines) takeLine(act, of, line, cover);
  for (const line of lines) if (line.t === 'SETTLEMENT' || line.t === 'ADJUST') keepTaken(act, of, line);
  if (advanced.length > 0) {
    const detail = advancedText({ kiosk, downSeq }, advanced);
    lost.push(detail);
    raiseException(db, { kiosk, inc: 0, fileSeq: 0, seq: 0, code: 'put_back', detail, at: act.at });
  }
  keepRootOf(act, header);
  appendEntry(db, { t: 'FILE', note });
  return 'taken';
}

/** Whether a file was made between two nights to ask for rights (night.ts): it told no word that the book has. A night's may be empty. */
export function asksOnly(lines: readonly DownLine[]): boolean {
  return lines.length > 0 && lines.every(({ t }) => t === 'RETURN_REQ');
}

/** Whether the book has a file of that hash to a kiosk. */
export function hasDownFile(db: ReadableDatabase, kiosk: string, sha256: string): boolean {
  return prepared(db, 'SELECT 1 FROM down_file WHERE kiosk = ? AND sha256 = ?').get(kiosk, sha256) !== undefined;
}

/** Hash of the file of that number in the book, null: it has none. */
export function knownSha(db: ReadableDatabase, { kiosk, downSeq, inc = 1 }: DownHeader): string | null {
  const row = prepared<[string, number, number], { sha256: string }>(
    db,
    'SELECT sha256 FROM down_file WHERE kiosk = ? AND down_seq = ? AND inc = ?',
  ).get(kiosk, downSeq, inc);
  return row?.sha256 ?? null;
}

/** No note of ours has more (note.ts). */
const noteBytesMax = 64 * 1024;

/** Reads one, and asks whether the county signed it: first of all, for anybody may have laid there what costs much to unpack. */
export function readDownFile(
  trusted: readonly NoteKey[],
  kiosk: string,
  path: string,
): Result<Omit<FoundDown, 'path'>, 'unreadable' | 'not signed by this county'> {
  try {
    const beside = path.replace(/jsonl\.gz$/, 'note');
    if (statSync(beside).size > noteBytesMax) return fail('not signed by this county');
    const note = readFileSync(beside, 'utf8');
    const opened = openNote(note, trusted);
    const said = opened.ok ? parseFileNote(opened.value.text) : opened;
    if (!said.ok || said.value.kiosk !== kiosk || said.value.direction !== 'down') return fail('not signed by this county');
    const { sha256 } = said.value;
    const bytes = unpackDown(path, sha256);
    if (bytes === null) return fail('not signed by this county');
    const [first, ...texts] = bytes.toString('utf8').split('\n').slice(0, -2);
    const lines = texts.map((text) => downLine.parse(JSON.parse(text)));
    return ok({ note, sha256, header: downHeader.parse(JSON.parse(first ?? '')), lines });
  } catch {
    return fail('unreadable'); // not there, not whole, or not of the form
  }
}

/**
 * Files of a folder that the county signed, in the order of their numbers. A key that one brings is among the trusted from the next on: a file
 * signed with it comes after. `leave` hears of every other, and why.
 */
export function* downFilesIn(
  directory: string,
  of: { readonly kiosk: string; readonly trusted: NoteKey[]; readonly leave?: (path: string, why: string) => void },
): Generator<FoundDown> {
  const { kiosk, trusted, leave } = of;
  for (const file of readdirSync(directory).toSorted()) {
    if (!/^\d{8,}\.jsonl\.gz$/.test(file)) continue;
    const path = join(directory, file);
    const read = readDownFile(trusted, kiosk, path);
    if (!read.ok) {
      leave?.(path, read.code);
      continue;
    }
    const { name } = trusted[0]!; // one of them signed it
    for (const line of read.value.lines)
      if (line.t === 'KEY' && line.use === 'file') trusted.push({ name, publicKey: Buffer.from(line.key, 'base64url') });
    yield { path, ...read.value };
  }
}

/**
 * What was said up to this entry the kiosk knew before the file. The first to a restored one follows the last that it had before its backup:
 * what it was told since is told again.
 */
function toldThrough(db: ReadableDatabase, { kiosk, inc = 1, prevDownSha }: DownHeader): number {
  const before = prepared<[string, string], { inc: number; downSeq: number }>(
    db,
    'SELECT inc, down_seq AS "downSeq" FROM down_file WHERE kiosk = ? AND sha256 = ?',
  ).get(kiosk, prevDownSha);
  const by = before === undefined ? 0 : entryTold(db, { kiosk, ...before });
  if (before === undefined || before.inc < inc) return by;
  const { told } = prepared<[string], { told: number }>(db, 'SELECT told_entry AS told FROM kiosk WHERE kiosk = ?').get(kiosk)!; // a kiosk is never removed
  return Math.max(told, by);
}

interface Cover {
  readonly advanced: Advance[];
  readonly sources: Sources;
  readonly isThere?: IsThere | undefined;
}

function takeLine(act: CountyAct, of: Parameters<typeof keepGrant>[1], line: DownLine, cover: Cover): void {
  const { db } = act;
  const { kiosk, entry } = of;
  if (isMasterLine(line)) takeMaster(act, of, line);
  else if (line.t === 'ADJUST') takeAdjustment(act, { kiosk, id: line.id, fen: line.fen, zh: line.zh, entry });
  else if (line.t === 'GRANT') {
    takeGrant(act, { kiosk, account: line.a }, { granted: line.g, vouchers: line.v ?? 0, entry, cover });
    keepGrant(act, of, { account: line.a, granted: line.g, vouchers: line.v ?? 0 });
  } else if (line.t === 'RETURN_REQ' && line.b > countersAt(db, { kiosk, account: line.a }).b)
    prepared(
      db,
      `INSERT INTO given (kiosk, account, asked, changed_entry) VALUES (?, ?, ?, ?)
       ON CONFLICT (kiosk, account) DO UPDATE SET asked = excluded.asked WHERE given.asked IS NULL OR given.asked < excluded.asked`,
    ).run(kiosk, line.a, line.b, entry);
}

function takeRoam(
  act: CountyAct,
  of: Parameters<typeof keepGrant>[1],
  { a: account, c: cap, xs: settled }: Extract<DownLine, { t: 'ROAM' }>,
  cover: Cover,
): void {
  const { kiosk, inc, entry } = of;
  takeFunding(act, { kiosk, account }, { funded: fundedFor(act.db, { kiosk, account, inc }, settled), entry, cover });
  prepared(
    act.db,
    `INSERT INTO given (kiosk, account, cap, changed_entry) VALUES (?, ?, ?, ?)
     ON CONFLICT (kiosk, account) DO UPDATE SET cap = coalesce(given.cap, excluded.cap)`,
  ).run(kiosk, account, cap, entry);
  keepRoam(act, of, { account, cap, settled });
}

/** A line of the whole county stays one; a new one of a shop is that shop's. */
function takeMaster(act: CountyAct, { kiosk, entry }: Parameters<typeof keepGrant>[1], line: MasterLine): void {
  const of = { t: line.t, key: masterKey(line) };
  const isShops = masterLine(act.db, { ...of, scope: kiosk }) !== null;
  const isCountys = !isShops && masterLine(act.db, { ...of, scope: everyKiosk }) !== null;
  putMaster(act, line, { scope: isShops || (!isCountys && isOfOneShop(line)) ? kiosk : everyKiosk, entry });
}

/**
 * G is what the file said. It comes out of what lies unallocated; what is not there was awarded or brought back by something that is
 * lost, and is the county's loss until a person has looked: the resident was told, and may have spent it.
 */
function takeGrant(
  act: CountyAct,
  at: At,
  of: { readonly granted: number; readonly vouchers: number; readonly entry: number; readonly cover: Cover },
): void {
  const step = of.granted - givenTo(act.db, at).granted;
  if (step > 0) {
    coverFrom(act, at, { ...of.cover, amount: step, entry: of.entry });
    act.post(moved({ account: 'main', holder: at.account }, { account: 'esc', holder: at.account, at: at.kiosk }, step));
  }
  prepared(
    act.db,
    `INSERT INTO given (kiosk, account, granted, vouchers, changed_entry) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (kiosk, account) DO UPDATE SET granted = CASE WHEN given.granted < excluded.granted THEN excluded.granted ELSE given.granted END,
       vouchers = CASE WHEN given.vouchers < excluded.vouchers THEN excluded.vouchers ELSE given.vouchers END`,
  ).run(at.kiosk, at.account, of.granted, of.vouchers, of.entry);
}

/** `funded` is what the Xs of the file stands for: it pays what is owed there, and what nobody owes yet waits in clearing. */
function takeFunding(act: CountyAct, at: At, of: { readonly funded: number; readonly entry: number; readonly cover: Cover }): void {
  const step = of.funded - givenTo(act.db, at).funded;
  if (step <= 0) return;
  coverFrom(act, at, { ...of.cover, amount: step, entry: of.entry, isTold: true });
  let left = step;
  for (const account of ['due', 'overdraft'] as const) {
    const owed = { account, holder: at.account, at: at.kiosk };
    const paid = Math.min(left, -balanceOf(act.db, owed));
    act.post(moved({ account: 'main', holder: at.account }, owed, paid));
    left -= paid;
  }
  act.post(moved({ account: 'main', holder: at.account }, { account: 'roam', at: at.kiosk }, left));
  fund(act, at, { funded: step, entry: of.entry });
}

/**
 * What is to be there lies unallocated, or paid here what was not paid then; else the county takes it upon itself. `isTold`: what was paid at
 * this kiosk is told it now.
 */
function coverFrom(act: CountyAct, at: At, of: Cover & { readonly amount: number; readonly entry: number; readonly isTold?: true }): void {
  const { kiosk, account } = at;
  const short = of.amount - balanceOf(act.db, { account: 'main', holder: account });
  if (short <= 0) return;
  const released = short - releaseAsAnswered(act, account, short, of.isThere);
  if (released > 0 && (of.sources === 'there' || of.sources === 'answered'))
    throw new FundsMissing(`${released} of ${account} at ${kiosk}`);
  const missing = released - unpayUntold(act, account, { most: released, entry: of.entry, toldTo: of.isTold === true ? kiosk : null });
  if (missing <= 0) return;
  if (of.sources !== 'advanced') throw new FundsMissing(`${missing} of ${account} at ${kiosk}`);
  advance(act, { account, kiosk, amount: missing });
  of.advanced.push({ account, kiosk, amount: missing });
}

/**
 * What a book that is put back paid of an account's dues in another order than then, and told nobody, is due again, first of what was taken
 * back of awards, since no kiosk is ever told that: the points are needed
 * for what a kiosk was told. Only where every list that the log names is in the book: else they may stand for an award that is lost, and
 * the resident would bear that. Nor at the kiosk that is told of its funding now, `toldTo`. Returns how much.
 */
function unpayUntold(
  act: CountyAct,
  account: string,
  { most, entry, toldTo }: { readonly most: number; readonly entry: number; readonly toldTo: string | null },
): number {
  const { db } = act;
  if (most <= 0 || !hasEveryList(db)) return 0;
  const paid = prepared<[string], { kiosk: string; untold: number }>(
    db,
    `SELECT kiosk, funded - told_funded AS untold FROM given WHERE account = ? AND funded > told_funded ORDER BY kiosk`,
  ).all(account);
  let back = unpayWithdrawn(act, account, most);
  for (const { kiosk, untold } of paid) {
    const at = { kiosk, account };
    if (kiosk === toldTo) continue;
    if (lyingInClearing(db, at, newestIncarnation(db, kiosk)) > 0) continue; // goods came back meanwhile: some of it is nobody's debt
    const step = Math.min(untold, most - back, givenTo(db, at).funded - toldFunding(db, at));
    if (step <= 0) continue;
    act.post(moved({ account: 'due', holder: account, at: kiosk }, { account: 'main', holder: account }, step));
    const { changes } = prepared(db, 'UPDATE given SET funded = funded - ?, changed_entry = ? WHERE kiosk = ? AND account = ?').run(
      step,
      entry,
      kiosk,
      account,
    );
    assert(changes === 1, 'what was funded has its row');
    back += step;
  }
  return back;
}

/** What the highest Xs stands for that a kiosk was ever told, or says that it was. */
function toldFunding(db: ReadableDatabase, at: At): number {
  const rows = prepared<[string, string], { inc: number; settled: number }>(
    db,
    'SELECT inc, max(settled) AS settled FROM down_line WHERE kiosk = ? AND account = ? AND settled IS NOT NULL GROUP BY inc',
  ).all(at.kiosk, at.account);
  return Math.max(countersAt(db, at).xs, ...rows.map(({ inc, settled }) => fundedFor(db, { ...at, inc }, settled)));
}

/** Whether every list that the log says took effect is in the book. */
export function hasEveryList(db: ReadableDatabase): boolean {
  const released = prepared<[number], object>(db, 'SELECT 1 FROM award_release WHERE batch = ?');
  return listsOfLog(db).every((batch) => released.get(batch) !== undefined);
}

/** Batches of awards that the log says took effect. */
export function listsOfLog(db: ReadableDatabase): readonly number[] {
  return entriesOf(db, 'AWARDS').map(({ batch }) => batch);
}

/** A word about a settlement that a file of then told, and the payment that it stands for. */
function sayAgain(act: CountyAct, kiosk: string, line: Extract<DownLine, { t: 'SETTLEMENT' }>, lost: string[]): void {
  const { db } = act;
  const { inc = 1, number, state, day, paidFen, reference } = line;
  const of = prepared<[string, number, number], { merchant: string; points: number; owed_fen: number; through_closing: number }>(
    db,
    'SELECT merchant, points, owed_fen, through_closing FROM settlement WHERE kiosk = ? AND inc = ? AND number = ?',
  ).get(kiosk, inc, number);
  if (of === undefined) {
    lost.push(`settlement ${number} of ${kiosk} was ${state}${paidFen === null ? '' : ` ${paidFen} fen`}, and is not in the book`);
    return;
  }
  const { known } = prepared<[string, number, number, string], { known: number | null }>(
    db,
    'SELECT max(coalesce(paid_fen, 0)) AS known FROM settlement_word WHERE kiosk = ? AND inc = ? AND number = ? AND state = ?',
  ).get(kiosk, inc, number, state)!; // an aggregate has a row
  if (known !== null && known >= (paidFen ?? 0)) return;
  if (state === 'paid') return pay(act, { kiosk, inc, number, fen: (paidFen ?? 0) - (known ?? 0), day, reference, of });
  const entry = act.enter('accept', `${kiosk} ${inc} ${number}`);
  prepared(
    db,
    `INSERT INTO settlement_word (entry, kiosk, inc, number, state, day, paid_fen, reference) VALUES (?, ?, ?, ?, 'accepted', ?, NULL, ?)`,
  ).run(entry, kiosk, inc, number, day, reference);
  const { merchant, points, owed_fen: owedFen, through_closing: throughClosing } = of;
  if (throughClosing > 0) appendEntry(db, { t: 'SETTLEMENT', kiosk, number, merchant, throughClosing, points, owedFen });
}

function paidIn(line: DownLine): Parameters<typeof paidBy>[2] {
  return line.t === 'SETTLEMENT' ? [{ inc: line.inc ?? 1, number: line.number, paid_fen: line.paidFen }] : [];
}

/** The root that the file gave is where the next proof starts; one that the log does not have is held against it, as an echo is. */
function keepRootOf(act: CountyAct, header: DownHeader): void {
  const { db } = act;
  const { kiosk, inc = 1, downSeq, countyRoot, committee } = header;
  rememberCommittee(act, { committee });
  if (countyRoot === undefined) return;
  const { note, proof } = countyRoot;
  const head = parseCheckpoint(noteText(note));
  if (!head.ok) return; // the county signed the file: it wrote one
  const { size, root } = head.value;
  if (size > logSize(db) || logRootAt(db, size) !== root) takeEcho(db, { kiosk, inc, fileSeq: -downSeq }, { size, root });
  else {
    keepRootAgain(db, { size, root, note: withoutCosignatures(note, header.county) }); // the book may be of between its last entry and its signing
    prepared(db, 'INSERT INTO log_given (kiosk, down_seq, inc, size, note, proof) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING').run(
      kiosk,
      downSeq,
      inc,
      size,
      note,
      JSON.stringify(proof),
    );
  }
}

/** A root with the county's signatures alone: what the committee signed is kept beside it, and told with it. */
function withoutCosignatures(note: string, county: string): string {
  const { above, lines } = signatureLines(note);
  return above + lines.filter((line) => noteSigners(above + line)?.[0] === logOrigin(county)).join('');
}
