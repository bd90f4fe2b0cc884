// What a person must look at: raised with an owner, answered once, with a name (reconciliation.md R6, 23). Decides nothing itself.

import { type Result, fail, ok } from '../../db/model/result.ts';
import { type ReadableDatabase, type WritableDatabase, prepared } from '../../db/sqlite.ts';
import type { CountyBook } from './county-book.ts';
import type { ExceptionCode } from './fold.ts';
import { settleForgotten } from './forgotten.ts';
import { frozenBy, releaseRestored } from './rights.ts';

/** Codes of single events, and of whole files. */
export type RaisedCode =
  | ExceptionCode
  | 'fork'
  | 'out_of_balance'
  | 'rejected'
  | 'log_contradicted'
  | 'book_untrue'
  | 'put_back'
  | 'revoked';

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
  'log_contradicted',
  'unknown_voucher',
  'book_untrue',
  'put_back',
  'revoked',
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
      WHERE number NOT IN (SELECT exception FROM exception_answer) ORDER BY number`,
  ).all();
}

/**
 * Answers one. The last fork of a kiosk that is answered lets it send again. A kiosk that was put back from a backup hears from the county
 * again, the rights that it gave up are granted anew by the next night, and the shop is paid for what the kiosk forgot (forgotten.ts).
 */
export function answerException(
  book: CountyBook,
  { number, by, text }: { readonly number: number; readonly by: string; readonly text: string },
): Promise<Result<null, 'unknown' | 'answered'>> {
  return book.transact((act) => {
    const { db } = act;
    const raised = prepared<[number], { kiosk: string; code: RaisedCode }>(db, 'SELECT kiosk, code FROM exception WHERE number = ?').get(
      number,
    );
    if (raised === undefined) return fail('unknown');
    if (prepared(db, 'SELECT 1 FROM exception_answer WHERE exception = ?').get(number) !== undefined) return fail('answered');
    prepared(db, 'INSERT INTO exception_answer (exception, by, text, at) VALUES (?, ?, ?, ?)').run(number, by, text, book.wallMs());
    const isLastFork = raised.code === 'fork' && !openExceptions(db).some((each) => each.kiosk === raised.kiosk && each.code === 'fork');
    if (isLastFork) prepared(db, `UPDATE kiosk SET state = 'active' WHERE kiosk = ? AND state = 'quarantined'`).run(raised.kiosk);
    const wasRestored = raised.code === 'restored' || raised.code === 'restored_behind';
    if (wasRestored && frozenBy(db, raised.kiosk) === null) {
      releaseRestored(act, raised.kiosk);
      settleForgotten(act, raised.kiosk);
    }
    return ok(null);
  });
}
