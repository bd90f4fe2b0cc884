// The cart being prepared, finished sales, and what the printer still owes: rows beside the chain.

import type { BookEvent } from './model/event.ts';
import type { PrintFailure, PrintState } from './model/receipt.ts';
import { assert } from './model/result.ts';
import { type ReadableDatabase, type WritableDatabase, prepared } from './sqlite.ts';

export type SaleEvent = BookEvent & { readonly kind: 'SALE' };

/** A sale as it was written: the event and what its receipt's QR signs. */
export interface StoredSale {
  readonly event: SaleEvent;
  /** base64url. */
  readonly leaf: string;
  readonly signature: string;
}

/** The stored cart, or null. Its shape is the engine's business. */
export function readDraft(db: ReadableDatabase): unknown {
  const row = prepared<[], { body: string }>(db, 'SELECT body FROM draft WHERE id = 1').get();
  return row === undefined ? null : JSON.parse(row.body);
}

export function writeDraft(db: WritableDatabase, draft: unknown): void {
  const { changes } = prepared(db, 'INSERT INTO draft (id, body) VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET body = excluded.body').run(
    JSON.stringify(draft),
  );
  assert(changes === 1, 'the cart was stored');
}

/** A finished sale by its id, or null. */
export function findSale(db: ReadableDatabase, saleId: string): StoredSale | null {
  const row = prepared<[string], { line: string; leaf: Buffer; sig: Buffer }>(
    db,
    `SELECT line, leaf, sig FROM event WHERE id = ? AND kind = 'SALE'`,
  ).get(saleId);
  if (row === undefined) return null;
  return { event: JSON.parse(row.line) as SaleEvent, leaf: row.leaf.toString('base64url'), signature: row.sig.toString('base64url') }; // the kind was asked for
}

/** The local counter of the newest receipt; 0 before the first. */
export function lastReceiptCounter(db: ReadableDatabase): number {
  const row = prepared<[], { receipt_number: string }>(db, 'SELECT receipt_number FROM sale ORDER BY seq DESC LIMIT 1').get();
  return row === undefined ? 0 : Number(row.receipt_number.split('-').at(-1));
}

export interface SaleRow {
  readonly seq: number;
  readonly saleId: string;
  readonly receiptNumber: string;
  readonly points: number;
  readonly totalFen: number;
  readonly line: string;
  readonly copies: number;
}

/** The newest sales before `beforeSeq`, newest first. */
export function salesBefore(db: ReadableDatabase, beforeSeq: number, limit: number): readonly SaleRow[] {
  return prepared<[number, number], SaleRow>(
    db,
    `SELECT sale.seq, sale_id AS saleId, receipt_number AS receiptNumber, points, total_fen AS totalFen, line,
        (SELECT max(copy) FROM print_job WHERE sale_seq = sale.seq) AS copies
       FROM sale JOIN event USING (seq) WHERE sale.seq < ? ORDER BY sale.seq DESC LIMIT ?`,
  ).all(beforeSeq, limit);
}

export interface PrintJob {
  readonly jobId: string;
  readonly saleId: string;
  readonly receiptNumber: string;
  readonly copy: number;
  readonly state: PrintState;
}

const jobColumns = 'job_id AS jobId, sale_id AS saleId, receipt_number AS receiptNumber, copy, state, cause';
interface JobRow {
  readonly jobId: string;
  readonly saleId: string;
  readonly receiptNumber: string;
  readonly copy: number;
  readonly state: string;
  readonly cause: string | null;
}

/** Adds a job to print copy `copy` of a sale; commits with the act that wants it. */
export function addPrintJob(db: WritableDatabase, job: { readonly jobId: string; readonly saleId: string; readonly copy: number }): void {
  const { changes } = prepared(
    db,
    `INSERT INTO print_job (job_id, sale_seq, copy, state) SELECT ?, seq, ?, 'queued' FROM sale WHERE sale_id = ?`,
  ).run(job.jobId, job.copy, job.saleId);
  assert(changes === 1, 'the job belongs to a sale');
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

export function findPrintJob(db: ReadableDatabase, jobId: string): PrintJob | null {
  const row = prepared<[string], JobRow>(db, `SELECT ${jobColumns} FROM print_job JOIN sale ON seq = sale_seq WHERE job_id = ?`).get(jobId);
  return row === undefined ? null : jobOf(row);
}

/** Jobs that need a person: in doubt, failed, or held by the printer. Oldest first. */
export function askedPrintJobs(db: ReadableDatabase): readonly PrintJob[] {
  return prepared<[], JobRow>(
    db,
    `SELECT ${jobColumns} FROM print_job JOIN sale ON seq = sale_seq
     WHERE state NOT IN ('printed', 'sent', 'given_up') AND (state IN ('unknown', 'failed') OR cause IS NOT NULL)
     ORDER BY sale_seq, copy LIMIT 50`,
  )
    .all()
    .map(jobOf);
}

/** The newest job of a sale. */
export function newestPrintJob(db: ReadableDatabase, saleId: string): PrintJob | null {
  const row = prepared<[string], JobRow>(
    db,
    `SELECT ${jobColumns} FROM print_job JOIN sale ON seq = sale_seq WHERE sale_id = ? ORDER BY copy DESC LIMIT 1`,
  ).get(saleId);
  return row === undefined ? null : jobOf(row);
}

/** The job of one copy of a sale, which its REPRINTED event speaks of. */
export function jobOfCopy(
  db: ReadableDatabase,
  { saleId, copy }: { readonly saleId: string; readonly copy: number },
): { readonly jobId: string; readonly copy: number } {
  const row = prepared<[string, number], { jobId: string }>(
    db,
    'SELECT job_id AS jobId FROM print_job JOIN sale ON seq = sale_seq WHERE sale_id = ? AND copy = ?',
  ).get(saleId, copy);
  assert(row !== undefined, 'a copy was written with its job');
  return { jobId: row.jobId, copy };
}

/** Jobs a stopped engine left: nobody can know whether they printed, so a person is asked and nothing is resent. */
export function doubtUnfinishedJobs(db: WritableDatabase): void {
  prepared(db, `UPDATE print_job SET state = 'unknown', cause = NULL WHERE state IN ('queued', 'sending')`).run();
}

function jobOf(row: JobRow): PrintJob {
  const { jobId, saleId, receiptNumber, copy } = row;
  const kind = row.state as PrintState['kind']; // the CHECK of the table lists the same words
  const state: PrintState =
    row.cause !== null ? { kind: 'failed', cause: row.cause as PrintFailure } : kind === 'failed' ? { kind, cause: 'error' } : { kind }; // causes are written by setPrintState and holdPrintJob
  return { jobId, saleId, receiptNumber, copy, state };
}
