// What the printer still owes a person: jobs of every act that has a paper, and how far long ones are. Their state is not money.

import type { BookEvent } from './model/event.ts';
import { type PaperKind, hasPaper, numberOnPaper } from './model/paper-number.ts';
import type { PrintFailure, PrintState } from './model/receipt.ts';
import { assert } from './model/result.ts';
import { type ReadableDatabase, type WritableDatabase, prepared } from './sqlite.ts';

export interface PrintJob {
  readonly jobId: string;
  /** The act whose paper it is. */
  readonly actId: string;
  /** On that paper. */
  readonly number: string;
  readonly copy: number;
  readonly state: PrintState;
  /** How much of a long sheet is known to be on paper; null: not begun, or printed in one piece. */
  readonly progress: PrintProgress | null;
}

/** Rows of dots of a long sheet that was begun, and of those the rows that the printer said are on paper. */
export interface PrintProgress {
  readonly rows: number;
  readonly rowsDone: number;
}

/** Acts that have a paper of their own, and the SQL by which its number is read from the event's line. */
export const paperNumbers = {
  SALE: `line ->> '$.body.receiptNumber'`,
  CREDIT: `line ->> '$.body.ticketNumber'`,
  RETURNED: `line ->> '$.body.returnNumber'`,
  DAY_CLOSED: `line ->> '$.body.closingNumber'`,
  SETTLED: `line ->> '$.body.settlementNumber'`,
  REPORT_PRINTED: `'X' || seq`, // has no number of its own
} as const satisfies { readonly [kind in PaperKind]: string };

const numberOfLine = `CASE kind ${Object.entries(paperNumbers)
  .map(([kind, number]) => `WHEN '${kind}' THEN ${number}`)
  .join(' ')} END`;
const paperKinds = Object.keys(paperNumbers)
  .map((kind) => `'${kind}'`)
  .join(', ');

/** An act's id is its event's. */
const jobs = `SELECT job_id AS jobId, id AS actId, number, copy, state, cause, "rows", rows_done AS rowsDone FROM print_job JOIN event ON event.seq = act_seq`;

interface JobRow {
  readonly jobId: string;
  readonly actId: string;
  readonly number: string;
  readonly copy: number;
  readonly state: string;
  readonly cause: string | null;
  readonly rows: number | null;
  readonly rowsDone: number;
}

/** Adds the job to print the paper of an act that was just written: copy 0; commits with the act. Throws where it has no paper. */
export function addFirstPrintJob(db: WritableDatabase, { jobId, act }: { readonly jobId: string; readonly act: BookEvent }): void {
  assert(hasPaper(act), `an act of kind ${act.kind} has a paper`);
  const { changes } = prepared(db, `INSERT INTO print_job (job_id, act_seq, number, copy, state) VALUES (?, ?, ?, 0, 'queued')`).run(
    jobId,
    act.seq,
    numberOnPaper(act),
  );
  assert(changes === 1, 'the job was stored');
}

/** Adds a job to print copy `copy` of an earlier act's paper; commits with the act that wants it. */
export function addPrintJob(db: WritableDatabase, job: { readonly jobId: string; readonly actId: string; readonly copy: number }): void {
  const { changes } = prepared(
    db,
    `INSERT INTO print_job (job_id, act_seq, number, copy, state)
      SELECT ?, seq, ${numberOfLine}, ?, 'queued' FROM event WHERE id = ? AND kind IN (${paperKinds})`,
  ).run(job.jobId, job.copy, job.actId);
  assert(changes === 1, 'the job belongs to an act that has a paper');
}

/**
 * A failure on the way: the printer still holds the job and may print it when there is paper. Stored as `sending` with its
 * cause, so that a crash now leaves a job in doubt and not one that seems never to have been sent.
 */
export function holdPrintJob(db: WritableDatabase, jobId: string, cause: PrintFailure): void {
  const { changes } = prepared(db, `UPDATE print_job SET state = 'sending', cause = ? WHERE job_id = ?`).run(cause, jobId);
  assert(changes === 1, 'the job exists');
}

export function setPrintState(db: WritableDatabase, jobId: string, state: PrintState): void {
  const { changes } = prepared(db, 'UPDATE print_job SET state = ?, cause = ? WHERE job_id = ?').run(
    state.kind,
    state.kind === 'failed' ? state.cause : null,
    jobId,
  );
  assert(changes === 1, 'the job exists');
}

/** How far a long sheet is; null: nothing of it was sent after all. */
export function setPrintProgress(db: WritableDatabase, jobId: string, progress: PrintProgress | null): void {
  const { changes } = prepared(db, 'UPDATE print_job SET "rows" = ?, rows_done = ? WHERE job_id = ?').run(
    progress?.rows ?? null,
    progress?.rowsDone ?? 0,
    jobId,
  );
  assert(changes === 1, 'the job exists');
}

export function findPrintJob(db: ReadableDatabase, jobId: string): PrintJob | null {
  const row = prepared<[string], JobRow>(db, `${jobs} WHERE job_id = ?`).get(jobId);
  return row === undefined ? null : jobOf(row);
}

/** Jobs that need a person: in doubt, failed, or held by the printer. Oldest first. */
export function askedPrintJobs(db: ReadableDatabase): readonly PrintJob[] {
  return prepared<[], JobRow>(
    db,
    `${jobs}
     WHERE state NOT IN ('printed', 'sent', 'given_up') AND (state IN ('unknown', 'failed') OR cause IS NOT NULL)
     ORDER BY act_seq, copy LIMIT 50`,
  )
    .all()
    .map(jobOf);
}

/** The newest job of an act. */
export function newestPrintJob(db: ReadableDatabase, actId: string): PrintJob | null {
  const row = prepared<[string], JobRow>(db, `${jobs} WHERE id = ? ORDER BY copy DESC LIMIT 1`).get(actId);
  return row === undefined ? null : jobOf(row);
}

/** The job of one copy of an act's paper, which its REPRINTED event speaks of. */
export function jobOfCopy(
  db: ReadableDatabase,
  { saleId, copy }: { readonly saleId: string; readonly copy: number }, // as the event names them
): { readonly jobId: string; readonly copy: number } {
  const row = prepared<[string, number], { jobId: string }>(
    db,
    'SELECT job_id AS jobId FROM print_job JOIN event ON event.seq = act_seq WHERE id = ? AND copy = ?',
  ).get(saleId, copy);
  assert(row !== undefined, 'a copy was written with its job');
  return { jobId: row.jobId, copy };
}

/** Jobs a stopped engine left: nobody can know whether they printed, so a person is asked and nothing is resent. */
export function doubtUnfinishedJobs(db: WritableDatabase): void {
  prepared(db, `UPDATE print_job SET state = 'unknown', cause = NULL WHERE state IN ('queued', 'sending')`).run();
}

function jobOf(row: JobRow): PrintJob {
  const { jobId, actId, number, copy, rows, rowsDone } = row;
  const kind = row.state as PrintState['kind']; // the CHECK of the table lists the same words
  const state: PrintState =
    row.cause !== null ? { kind: 'failed', cause: row.cause as PrintFailure } : kind === 'failed' ? { kind, cause: 'error' } : { kind }; // causes are written by setPrintState and holdPrintJob
  return { jobId, actId, number, copy, state, progress: rows === null ? null : { rows, rowsDone } };
}
