// What a person must look at: raised with an owner, answered once, with a name (reconciliation.md R6, 23). Decides nothing itself.

import { type Result, fail, ok } from '../../db/model/result.ts';
import { type ReadableDatabase, type WritableDatabase, prepared } from '../../db/sqlite.ts';
import type { CountyBook } from './county-book.ts';
import type { ExceptionCode } from './fold.ts';
import { settleForgotten } from './forgotten.ts';
import { isUnheard } from './put-back.ts';
import { isRevoked } from './revoke.ts';
import { frozenBy, isGivenUp, releaseRestored } from './rights.ts';
import { isUnanswered } from './unanswered.ts';

/** Codes of single events, and of whole files. */
export type RaisedCode =
  | ExceptionCode
  | 'fork'
  | 'out_of_balance'
  | 'rejected'
  | 'log_contradicted'
  | 'book_untrue'
  | 'put_back'
  | 'revoked'
  | 'ended_key'
  | 'committee_key'
  | 'committee_silent'
  | 'night_failed'
  | 'disk_full'
  | 'repaid_by_list'
  | 'clock';

export interface CountyException {
  readonly number: number;
  readonly kiosk: string;
  readonly inc: number;
  readonly fileSeq: number;
  /** The event; 0: the whole file. */
  readonly seq: number;
  readonly code: RaisedCode;
  readonly detail: string;
  readonly owner: string;
}

/** Two histories of one kiosk, and rights that nobody gave, are the committee's; the rest is the clerk's. */
const committees: readonly RaisedCode[] = [
  'fork',
  'restored_behind',
  'after_restoration',
  'other_key',
  'ended_key',
  'log_contradicted',
  'unknown_voucher',
  'book_untrue',
  'put_back',
  'revoked',
  'committee_silent',
];

function ownerOf(code: RaisedCode): string {
  return committees.includes(code) ? 'committee' : 'clerk';
}

/** Raises one; the same of the same event once. */
export function raiseException(db: WritableDatabase, of: Omit<CountyException, 'number' | 'owner'> & { readonly at: number }): void {
  prepared(
    db,
    `INSERT INTO exception (kiosk, inc, file_seq, seq, code, detail, owner, raised_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
  ).run(of.kiosk, of.inc, of.fileSeq, of.seq, of.code, plainDetail(of.detail), ownerOf(of.code), of.at);
}

/**
 * Raises what is found so each time that it is looked at: one is open at a time, and once that is answered, the next that finds it so still
 * raises it again and says how often people have answered it.
 */
export function raiseAgain(db: WritableDatabase, of: Omit<CountyException, 'number' | 'owner'> & { readonly at: number }): void {
  const detail = plainDetail(of.detail)
    .slice(0, detailMax - againMax)
    .toWellFormed();
  const before = prepared<[string, number, string], { detail: string; isAnswered: number }>(
    db,
    `SELECT detail, CASE WHEN ${isUnanswered} THEN 0 ELSE 1 END AS "isAnswered" FROM exception
      WHERE kiosk = ? AND inc = ? AND code = ?`,
  )
    .all(of.kiosk, of.inc, of.code)
    .filter((each) => each.detail === detail || each.detail.startsWith(`${detail}${again}`));
  if (before.some(({ isAnswered }) => isAnswered === 0)) return;
  raiseException(db, { ...of, detail: before.length === 0 ? detail : `${detail}${again}${before.length}` });
}

/** What the night could not do at a kiosk, or at none (''): told once, and tried again by the next. Returns what was told. */
export async function raiseNightFault(
  book: CountyBook,
  { kiosk, what, error }: { readonly kiosk: string; readonly what: string; readonly error: unknown },
): Promise<string> {
  const detail = `${what}: ${error instanceof Error ? error.message : String(error)}`;
  await book.transact(({ db }) => raiseAgain(db, { kiosk, inc: 0, fileSeq: 0, seq: 0, code: 'night_failed', detail, at: book.wallMs() }));
  return detail;
}

const again = '; still so, answered before: ';
/** Of letters: the words above and a number. */
const againMax = 40;

/** It may quote a kiosk: no store has to take a letter that is none, or more than a key of it holds. */
function plainDetail(detail: string): string {
  return detail
    .replace(/\p{Cc}+/gu, ' ')
    .slice(0, detailMax)
    .toWellFormed();
}

const detailMax = 500;

/** Those that nobody answered, oldest first. */
export function openExceptions(db: ReadableDatabase): readonly CountyException[] {
  return prepared<[], CountyException>(
    db,
    `SELECT number, kiosk, inc, file_seq AS fileSeq, seq, code, detail, owner FROM exception
      WHERE ${isUnanswered} ORDER BY number`,
  ).all();
}

/**
 * Answers one. The last fork of a kiosk that is answered lets it send again. A kiosk that was put back from a backup hears from the county
 * again, the rights that it gave up are granted anew by the next night, and the shop is paid for what the kiosk forgot (forgotten.ts).
 * unheard: the county's own book was put back since, and the kiosk may have had them granted already by a file that is lost.
 */
export function answerException(
  book: CountyBook,
  { number, by, text }: { readonly number: number; readonly by: string; readonly text: string },
): Promise<Result<null, 'unknown' | 'answered' | 'unheard'>> {
  return book.transact((act) => {
    const { db } = act;
    const raised = prepared<[number], { kiosk: string; code: RaisedCode }>(db, 'SELECT kiosk, code FROM exception WHERE number = ?').get(
      number,
    );
    if (raised === undefined) return fail('unknown');
    if (prepared(db, 'SELECT 1 FROM exception_answer WHERE exception = ?').get(number) !== undefined) return fail('answered');
    const wasRestored = raised.code === 'restored' || raised.code === 'restored_behind';
    if (wasRestored && mayHaveMore(db, raised.kiosk)) return fail('unheard');
    prepared(db, 'INSERT INTO exception_answer (exception, by, text, at) VALUES (?, ?, ?, ?)').run(number, by, text, book.wallMs());
    const isLastFork = raised.code === 'fork' && !openExceptions(db).some((each) => each.kiosk === raised.kiosk && each.code === 'fork');
    if (isLastFork) prepared(db, `UPDATE kiosk SET state = 'active' WHERE kiosk = ? AND state = 'quarantined'`).run(raised.kiosk);
    if (wasRestored && frozenBy(db, raised.kiosk) === null) {
      releaseRestored(act, raised.kiosk);
      settleForgotten(act, raised.kiosk);
    }
    return ok(null);
  });
}

/** Of a kiosk that people gave up, or whose key is withdrawn, nothing comes that could be waited for. */
function mayHaveMore(db: ReadableDatabase, kiosk: string): boolean {
  return isUnheard(db, kiosk) && !isRevoked(db, kiosk) && !isGivenUp(db, kiosk);
}
