// The county of the simulator: its real book and folder, and the server's routes as far as kiosks call them, without sockets. Answers
// nothing by itself.

import { hash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { backup } from '../../county/backup-commands.ts';
import { proposeAwards, releaseAwards, withdrawAwards } from '../../county/book/awards.ts';
import { type CountyBook, openCounty } from '../../county/book/county-book.ts';
import { allowAgain, enrolByCode } from '../../county/book/enrol.ts';
import { answerException, openExceptions } from '../../county/book/exceptions.ts';
import { type Upload, takeIn } from '../../county/book/intake.ts';
import { disallowing, proposeDisallowing } from '../../county/book/disallowed.ts';
import { expiry, proposeExpiry } from '../../county/book/expiry.ts';
import { type KeyUse, countyKeys } from '../../county/book/county-keys.ts';
import { type Payable, payables } from '../../county/book/payable.ts';
import { takePayments } from '../../county/book/payments.ts';
import { countyBalance } from '../../county/book/ledger.ts';
import { unheardKiosks } from '../../county/book/put-back.ts';
import { moveHome, newestIncarnation } from '../../county/book/rights.ts';
import { retireKey, rotateKey } from '../../county/book/rotation.ts';
import { releaseReclaim } from '../../county/book/reclaims.ts';
import { type Wanted, proposeTakeBack, takingBack } from '../../county/book/take-backs.ts';
import { issueVoucher } from '../../county/book/vouchers.ts';
import { type Callable, type Draws, newDraws } from '../../county/draws.ts';
import { startLog } from '../../county/log/steps.ts';
import { type NightOutcome, night } from '../../county/night.ts';
import { type Uploads, uploadsIn } from '../../county/server/uploads.ts';
import { type ReadableDatabase, prepared } from '../../db/sqlite.ts';
import { type UpFile, fileNumber } from '../../db/up-files.ts';
import { businessDate, dayMs } from '../../db/model/time.ts';
import type { MachineClock } from './clock.ts';
import type { Gates, Places } from './gates.ts';
import { Violation } from './violation.ts';

export interface County {
  readonly book: CountyBook;
  readonly uploads: Uploads;
  readonly draws: Draws;
  /** Takes a file in, once there is room to read one. */
  readonly takeIn: (upload: Upload) => ReturnType<typeof takeIn>;
}

/** Opens the county's folder, as its server does at a start. */
export async function startCounty(directory: string, clock: MachineClock): Promise<CountyBook> {
  clock.restart();
  const opened = openCounty(directory, clock);
  if (!opened.ok) throw new Error(`the county does not open: ${opened.code}`);
  await startLog(opened.value);
  return opened.value;
}

/** What its server has beside the book. */
export function countyOver(
  book: CountyBook,
  of: { readonly callable: Callable; readonly clock: MachineClock; readonly gates: Gates },
): County {
  const { callable, clock, gates } = of;
  const draws = newDraws(book, { callable, monoMs: () => clock.monoMs() });
  const drawing = new Map<string, Places>(); // by account: of two tills that draw at once the county serves one after the other (draws.ts)
  return {
    book,
    uploads: uploadsIn(book.folder.incoming),
    draws: {
      ask(of) {
        const { account } = of.question;
        const places = drawing.get(account) ?? { most: 1, taken: 0 };
        drawing.set(account, places);
        return gates.inPlace(places, () => draws.ask(of));
      },
    },
    takeIn: (upload) => gates.inPlace(reading, () => takeIn(book, upload)),
  };
}

/** Files that are read at one time (county/book/up-ahead.ts): who came there beyond these would wait for others who wait for their turn. */
const reading: Places = { most: 4, taken: 0 };

/** A file of a kiosk. */
export type UpName = Pick<UpFile, 'inc' | 'fileSeq'> & { readonly kiosk: string };

/** GET …/up/{inc}/{file}/ack. */
export function ackOf({ book }: County, { kiosk, inc, fileSeq }: UpName): Promise<string | null> {
  return book.read(
    (db) =>
      prepared<[string, number, number], { note: string }>(
        db,
        `SELECT note FROM answer WHERE kiosk = ? AND inc = ? AND file_seq = ? ORDER BY verdict = 'ACCEPTED' DESC, number DESC LIMIT 1`,
      ).get(kiosk, inc, fileSeq)?.note ?? null,
  );
}

/** PUT …/data: bytes from an offset on; how many are here then, or why none of them is taken. */
export async function putData({ uploads }: County, name: UpName, from: number, total: number, bytes: Buffer): Promise<number | string> {
  const taken = await uploads.take(name, { from, total }, Readable.from([bytes]));
  return taken.ok ? taken.value : taken.code;
}

/** PUT …/checkpoint and …/note: the county's signed answer, or null where the data is not here. */
export async function putNotes(
  { uploads, takeIn: take }: County,
  name: UpName,
  texts: { readonly checkpoint: string; readonly note: string },
): Promise<string | null> {
  await uploads.keepCheckpoint(name, texts.checkpoint);
  const whole = uploads.whole(name);
  if (whole === null) return null;
  const { note } = await take({ ...name, ...whole, note: texts.note });
  uploads.forget(name);
  return note;
}

/** GET …/down/{n}/{ending}; null where there is none. */
export async function downPart({ book }: County, kiosk: string, downSeq: number, ending: 'note' | 'jsonl.gz'): Promise<Buffer | null> {
  const row = await book.read((db) =>
    prepared<[string, number, number], object>(db, 'SELECT 1 FROM down_file WHERE kiosk = ? AND down_seq = ? AND inc = ?').get(
      kiosk,
      downSeq,
      newestIncarnation(db, kiosk), // as the server's route
    ),
  );
  const path = join(book.folder.down, kiosk, `${fileNumber(downSeq)}.${ending}`);
  return row !== undefined && existsSync(path) ? readFileSync(path) : null;
}

export function runNight({ book }: County): Promise<readonly NightOutcome[]> {
  return night(book);
}

export type AwardRows = readonly (readonly [account: string, points: number])[];

/** Two clerks award points; false where the list was known. */
export async function award({ book }: County, rows: AwardRows, reason: string): Promise<boolean> {
  const proposed = await proposeAwards(book, { text: listOf(rows, reason), by: 'li' });
  if (!proposed.ok) return false;
  const released = await releaseAwards(book, { batch: proposed.value.batch, by: 'wang' });
  return released.ok;
}

/** Two clerks take back points of a list that took effect, by its digest: what of each account, or why nothing. */
export async function takeAwardBack(
  { book }: County,
  { sha256, wanted, reason }: { readonly sha256: string; readonly wanted: Wanted; readonly reason: string },
): Promise<ReadonlyMap<string, number> | string> {
  const list = await book.read((db) => listInBook(db, sha256));
  if (list === null) return 'unknown';
  const proposed = await proposeTakeBack(book, { batch: list.batch, wanted, reason, by: 'li' });
  if (!proposed.ok) return proposed.code;
  const { number } = proposed.value;
  const alone = await releaseReclaim(book, takingBack, { number, by: '\u3000ＬＩ ' });
  if (alone.ok || alone.code !== 'same_person') throw new Error(`one person takes back alone: ${alone.ok ? 'done' : alone.code}`);
  const released = await releaseReclaim(book, takingBack, { number, by: 'wang' });
  if (!released.ok) return released.code;
  const rows = await book.read((db) =>
    prepared<[number], { account: string; points: number }>(db, 'SELECT account, points FROM taken_back WHERE number = ?').all(number),
  );
  return new Map(rows.map(({ account, points }) => [account, points]));
}

/** Two clerks disallow a credit, by the ticket of its event, wholly or of so many points: what of whom, or why nothing. */
export async function disallowCredit(
  { book }: County,
  { id, points, reason }: { readonly id: string; readonly points: number | null; readonly reason: string },
): Promise<{ readonly account: string; readonly points: number } | string> {
  const ticket = await book.read((db) => ticketOf(db, id));
  if (ticket === null) return 'not heard';
  const proposed = await proposeDisallowing(book, { wanted: { is: 'one', ticket, points }, reason, by: 'li' });
  if (!proposed.ok) return proposed.code;
  const { number } = proposed.value;
  const alone = await releaseReclaim(book, disallowing, { number, by: '\u3000ＬＩ ' });
  if (alone.ok || alone.code !== 'same_person') throw new Error(`one person disallows alone: ${alone.ok ? 'done' : alone.code}`);
  const released = await releaseReclaim(book, disallowing, { number, by: 'wang' });
  if (!released.ok) return released.code;
  return book.read(
    (db) =>
      prepared<[number], { account: string; points: number }>(db, 'SELECT account, points FROM reclaimed WHERE number = ?').get(number)!, // it is posted
  );
}

function ticketOf(db: ReadableDatabase, id: string): string | null {
  const row = prepared<[string], { line: string }>(db, `SELECT line FROM event WHERE id = ? AND kind = 'CREDIT'`).get(id);
  return row === undefined ? null : (JSON.parse(row.line) as { readonly body: { readonly ticketNumber: string } }).body.ticketNumber;
}

/**
 * Two clerks let points of so many days ago and before expire: of how many accounts, or why of none. Nobody had anything, when they did, at a
 * shop whose newest event was of that day or before: what that shop sends after that and before anybody looks here, a credit at a shop where the
 * account had nothing, is no fault (seed 17019 of 5 kiosks and 9 days with county, restore and image), and a later day is no excuse. Where nothing
 * else was posted meanwhile nobody owes by it either, and the same once more takes nothing: goods that come back between proposal and release
 * bring points that are not in it, and who buys before the home shop heard may owe them (R3).
 */
export async function expirePoints(
  { book }: County,
  { days, reason }: { readonly days: number; readonly reason: string },
): Promise<number | string> {
  const through = businessDate(book.wallMs() - days * dayMs);
  const before = await book.read(newestEntry);
  const proposed = await proposeExpiry(book, { through, reason, by: 'li' });
  if (!proposed.ok) return proposed.code;
  const { number } = proposed.value;
  const alone = await releaseReclaim(book, expiry, { number, by: '\u3000ＬＩ ' });
  if (alone.ok || alone.code !== 'same_person') throw new Error(`one person lets points expire alone: ${alone.ok ? 'done' : alone.code}`);
  const released = await releaseReclaim(book, expiry, { number, by: 'wang' });
  if (!released.ok) return released.code;
  const again = await proposeExpiry(book, { through, reason, by: 'li' });
  return book.read((db) => {
    const isAlone = onlyExpired(db, before);
    if (isAlone && (again.ok || !['nothing', 'left_out'].includes(again.code)))
      throw new Violation(26, `county: what expired through ${through} expires twice`);
    const rows = prepared<[number], { account: string; entry: number }>(
      db,
      'SELECT account, entry FROM reclaimed WHERE number = ? AND points > 0',
    ).all(number);
    for (const { account, entry } of rows) {
      const balance = countyBalance(db, account);
      if (isAlone && balance < 0) throw new Violation(26, `county: ${account} owes ${-balance} by what expired of it`);
      const late = placesOf(db, account, entry).find((kiosk) => (newestDay(db, kiosk, entry) ?? '') <= through);
      if (late !== undefined) throw new Violation(26, `county: points of ${account} expired through ${through}, and ${late} was not heard`);
    }
    return rows.length;
  });
}

function newestEntry(db: ReadableDatabase): number {
  return prepared<[], { entry: number | null }>(db, 'SELECT max(entry) AS entry FROM posting').get()!.entry ?? 0; // an aggregate has a row
}

/** Whether all that was posted after an entry are points that expired. */
function onlyExpired(db: ReadableDatabase, entry: number): boolean {
  const other = prepared<[number], object>(
    db,
    `SELECT 1 FROM posting LEFT JOIN act ON act.entry = posting.entry WHERE posting.entry > ? AND (act.kind IS NULL OR act.kind <> 'expire') LIMIT 1`,
  );
  return other.get(entry) === undefined;
}

/** Shops where an account had rights before an entry, or a line that may be in force since. */
function placesOf(db: ReadableDatabase, account: string, before: number): readonly string[] {
  return prepared<[string, number, string, number], { kiosk: string }>(
    db,
    `SELECT kiosk FROM posting WHERE account = 'esc' AND holder = ? AND entry < ? AND commodity = 'PTS' GROUP BY kiosk HAVING sum(amount) > 0
     UNION SELECT kiosk FROM roam_line WHERE account = ? AND entry < ? AND cap > 0`,
  )
    .all(account, before, account, before)
    .map(({ kiosk }) => kiosk);
}

/** Of the newest event of a kiosk that was posted before an entry; null: none was. */
function newestDay(db: ReadableDatabase, kiosk: string, before: number): string | null {
  const row = prepared<[string, number], { line: string }>(
    db,
    'SELECT line FROM event WHERE kiosk = ? AND entry < ? ORDER BY inc DESC, seq DESC LIMIT 1',
  ).get(kiosk, before);
  return row === undefined ? null : (JSON.parse(row.line) as { readonly day: string }).day;
}

/** What a list is known by in the book. */
export function listSha(rows: AwardRows, reason: string): string {
  return hash('sha256', listOf(rows, reason), 'base64url');
}

/** The batch of a list, and whether it took effect; null: the book knows no such list. */
export function listInBook(db: ReadableDatabase, sha256: string): { readonly batch: number; readonly isReleased: boolean } | null {
  const row = prepared<[string], { batch: number; released: number | null }>(
    db,
    'SELECT id AS batch, award_release.batch AS released FROM award_batch LEFT JOIN award_release ON award_release.batch = id WHERE sha256 = ?',
  ).get(sha256);
  return row === undefined ? null : { batch: row.batch, isReleased: row.released !== null };
}

function listOf(rows: AwardRows, reason: string): string {
  return ['account,points,reason', ...rows.map(([account, points]) => `${account},${points / 100},${reason}`), ''].join('\n');
}

/** A person answers what is open, but that the book was put back while a kiosk is not heard: it may hold a longer log. How many there were. */
export async function answerAll({ book }: County): Promise<number> {
  const open = await book.read((db) => {
    const isWaiting = unheardKiosks(db).length > 0;
    return openExceptions(db).filter(({ code }) => code !== 'put_back' || !isWaiting);
  });
  for (const { number } of open) await answerException(book, { number, by: 'li', text: 'looked into' });
  return open.length;
}

/** Where the county heard a kiosk by a key that is not due: the committee's leave, and the code at that machine. `believed`, or why not. */
export async function allowOldKey({ book }: County, kiosk: string, key: string): Promise<string> {
  const isAsked = await book.read((db) => isAskedOf(db, kiosk, key));
  if (!isAsked) return 'not asked';
  const allowed = await allowAgain(book, { kiosk, by: 'wang' });
  if (!allowed.ok) return allowed.code;
  const done = await enrolByCode(book, { kiosk, code: allowed.value.code, key });
  return done.ok ? 'believed' : done.code;
}

/** It is asked once: who answered, and left it at that, hears from the shop that it still stands. */
function isAskedOf(db: ReadableDatabase, kiosk: string, key: string): boolean {
  if (openExceptions(db).some((each) => each.kiosk === kiosk && each.code === 'other_key')) return true;
  const answered = prepared<[string, string, string], object>(
    db,
    `SELECT 1 FROM exception JOIN kiosk ON kiosk.kiosk = exception.kiosk
      WHERE exception.kiosk = ? AND exception.code = 'other_key' AND exception.detail LIKE ? AND kiosk.key <> ?`,
  ).get(kiosk, `%: ${key.slice(0, 8)}`, key);
  return answered !== undefined;
}

/** Whether the county answered to a kiosk's file that it is of a second history. */
export function isCalledFork({ book }: County, kiosk: string, { inc, fileSeq, sha256 }: UpFile): Promise<boolean> {
  return book.read((db) => {
    const said = prepared<[string, number, number, string], object>(
      db,
      `SELECT 1 FROM answer WHERE kiosk = ? AND inc = ? AND file_seq = ? AND sha256 = ? AND verdict = 'FORK'`,
    );
    return said.get(kiosk, inc, fileSeq, sha256) !== undefined;
  });
}

/** A voucher of what lies unallocated, or why there is none. */
export async function giveVoucher(
  { book }: County,
  of: { readonly account: string; readonly kiosk: string; readonly want: number },
): Promise<{ readonly number: number; readonly amount: number; readonly text: string } | string> {
  const given = await issueVoucher(book, { ...of, by: 'li' });
  return given.ok ? given.value : given.code;
}

/** Moves a resident's home. */
export async function moveAway({ book }: County, account: string, to: string): Promise<string> {
  const moved = await moveHome(book, { account, to, by: 'li' });
  return moved.ok ? 'moved' : moved.code;
}

/** The ways of a clerk who cheats; each is answered with a refusal of its own. */
export const cheats = {
  /** Changes a list on the disk after it was signed. */
  forged_list: 'changed',
  /** Proposes and releases alone, under another spelling of the same name. */
  one_person: 'same_person',
  /** Has somebody release another list than was shown. */
  other_list: 'not_shown',
  /** Releases what was withdrawn. */
  withdrawn_list: 'withdrawn',
  /** Releases once more what took effect. */
  twice_released: 'released',
  /** Withdraws what took effect, and a list of another day that did: points that residents were told of. */
  withdrawn_late: 'released',
} as const;
export type Cheat = keyof typeof cheats;

/** The ways in which the list itself takes effect, rightly, before the clerk goes on. */
export const rightlyReleased: readonly Cheat[] = ['twice_released', 'withdrawn_late'];

/** A clerk cheats with a list that awards a friend; what the county said of the last step. `earlier`: digest of a list of another day. */
export async function cheat(
  { book }: County,
  of: {
    readonly how: Cheat;
    readonly rows: AwardRows;
    readonly reason: string;
    readonly forge: (path: string, text: string) => void;
    readonly earlier: string | null;
  },
): Promise<string> {
  const text = listOf(of.rows, of.reason);
  const proposed = await proposeAwards(book, { text, by: 'li' });
  if (!proposed.ok) return proposed.code;
  const { batch } = proposed.value;
  const release = async (by: string, shown?: string): Promise<string> => {
    const released = await releaseAwards(book, { batch, by, ...(shown === undefined ? {} : { shown }) });
    return released.ok ? 'effected' : released.code;
  };
  switch (of.how) {
    case 'forged_list':
      of.forge(join(book.folder.awards, `${fileNumber(batch)}.list`), text);
      return await release('wang');
    case 'one_person':
      return await release('\u3000ＬＩ ');
    case 'other_list':
      return await release('wang', hash('sha256', `${text} `, 'base64url'));
    case 'withdrawn_list': {
      const withdrawn = await withdrawAwards(book, { batch, by: 'li' });
      return withdrawn.ok ? await release('wang') : withdrawn.code;
    }
    case 'twice_released': {
      const once = await release('wang');
      return once === 'effected' ? await release('zhao') : once;
    }
    case 'withdrawn_late': {
      const once = await release('wang');
      if (once !== 'effected') return once;
      const { earlier } = of;
      const other = earlier === null ? null : await book.read((db) => listInBook(db, earlier));
      for (const late of [batch, ...(other?.isReleased === true ? [other.batch] : [])]) {
        const withdrawn = await withdrawAwards(book, { batch: late, by: 'li' });
        if (withdrawn.ok || withdrawn.code !== 'released') return withdrawn.ok ? 'withdrawn' : withdrawn.code;
      }
      return 'released';
    }
    default:
      return of.how satisfies never;
  }
}

/** A new key of a use; its number, or why there is none. */
export async function rotate({ book }: County, use: KeyUse): Promise<number | string> {
  const made = await rotateKey(book, { use, by: 'li' });
  return made.ok ? made.value.kid : made.code;
}

/** Ends the oldest key in force of a use: `ended`, or why not. */
export async function retire({ book }: County, use: KeyUse): Promise<string> {
  const oldest = await book.read((db) => countyKeys(db, use).find(({ ended }) => ended === null));
  if (oldest === undefined) return 'none';
  const ended = await retireKey(book, { use, kid: oldest.kid, by: 'li' });
  return ended.ok ? 'ended' : ended.code;
}

type Payment = Pick<Payable, 'kiosk' | 'inc' | 'number'> & { readonly fen: number };

/** What the bank still has to pay. */
export function payable({ book }: County): Promise<readonly Payment[]> {
  return book.read((db) =>
    payables(db).flatMap(({ kiosk, inc, number, payFen }) => (payFen > 0 ? [{ kiosk, inc, number, fen: payFen }] : [])),
  );
}

/** The bank's answer: `taken`, `held back` where less is to be paid by now, or what else is wrong with it. */
export async function bankSays({ book }: County, rows: readonly Payment[], reference: string): Promise<string> {
  const day = businessDate(book.wallMs()); // a day to come by the county's clock, right or wrong, is refused
  const text = [
    'kiosk,inc,settlement,yuan,day,reference',
    ...rows.map(({ kiosk, inc, number, fen }) => `${kiosk},${inc},${number},${(fen / 100).toFixed(2)},${day},${reference}`),
    '',
  ].join('\n');
  const taken = await takePayments(book, text);
  if (taken.ok) return 'taken';
  if (!('faults' in taken)) return taken.code;
  if (taken.faults.every(({ what }) => what.endsWith('the rest is held back'))) return 'held back';
  return taken.faults.map(({ what }) => what).join('; ');
}

/** The clerk copies the book into a folder: the path of the copy. */
export async function copyBook({ book }: County, to: string): Promise<string> {
  const said: string[] = [];
  const say = (text: string): void => void said.push(text);
  const code = await backup(book, { to, words: [] }, { say, complain: say });
  if (code !== 0) throw new Error(`the county's backup: ${said.join('')}`);
  return join(
    to,
    readdirSync(to).find((name) => name.endsWith('.countybook'))!,
  ); // it was said to be there
}
