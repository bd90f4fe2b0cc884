// Checks that every act with a paper has its job of printing and every copy the act that asked for it, in their order. What the printer
// did with them is its own word: no state of a job is evidence.

import { freeCopies } from './model/approval.ts';
import type { BookEvent } from './model/event.ts';
import { type PaperEvent, hasPaper, numberOnPaper } from './model/paper-number.ts';
import { paperNumbers } from './print-jobs.ts';
import { type ReadableDatabase, prepared } from './sqlite.ts';
import type { Leaves } from './verify-approval.ts';
import { Lie, counted, rowsOf } from './verify-lie.ts';

export interface PaperChecks {
  /** The next event of the chain. */
  take(event: BookEvent, place: string): void;
  /** Every job is of an act in the chain, and every copy was asked for. */
  end(): void;
  close(): void;
  report(): string;
}

interface JobRow {
  readonly id: number;
  readonly seq: number;
  readonly number: string;
  readonly copy: number;
}

/** Of one paper: how many jobs it has, and which is asked for next. */
interface Copies {
  readonly jobs: number;
  /** The number of the next one. The first paper, 0, is no copy: nobody's act asks for it. */
  next: number;
}

/** Nothing was printed yet. `leaves` are the approvals. */
export function paperChecks(db: ReadableDatabase, leaves: Leaves): PaperChecks {
  const rows = rowsOf<JobRow>(db, 'SELECT rowid AS id, act_seq AS seq, number, copy FROM print_job ORDER BY act_seq, copy');
  let row = rows.next();
  /** Papers with further copies, by their act: few of them are. */
  const copied = new Map<string, Copies>();
  let papers = 0;
  let jobs = 0;

  const lie: (place: string, what: string) => never = (place, what) => {
    throw new Lie('print jobs', place, what);
  };
  const takePaper = (event: PaperEvent, place: string): void => {
    papers += 1;
    let copy = 0;
    for (; row !== null && row.seq === event.seq; row = rows.next(), copy += 1) {
      const here = `table print_job, row ${row.id}`;
      if (row.copy !== copy) lie(here, `is copy ${row.copy} of ${place} where ${copy} was due`);
      if (row.number !== numberOnPaper(event)) lie(here, `has another number than ${place}`);
    }
    if (copy === 0 && event.kind !== 'SETTLED') lie(place, 'has a paper and no job of printing it'); // a settlement's is printed on request
    jobs += copy;
    if (copy > 1) copied.set(event.id, { jobs: copy, next: 1 });
  };
  const takeCopy = (event: BookEvent & { readonly kind: 'REPRINTED' }, place: string): void => {
    const { saleId, copy, approvalId } = event.body;
    if (!isPaperBefore(db, saleId, event.seq)) return lie(place, 'copies the paper of no act before it');
    if (approvalId !== undefined) leaves.use(approvalId, { kind: 'reprint', saleId, copy }, event, place);
    else if (copy > freeCopies) lie(place, `is copy ${copy} without leave`);
    const paper = copied.get(saleId);
    if (paper === undefined || paper.next === paper.jobs) return lie(place, 'has no job of printing it');
    if (copy !== paper.next) lie(place, `is copy ${copy} where ${paper.next} was due`);
    paper.next += 1;
  };

  return {
    take(event, place) {
      if (row !== null && row.seq < event.seq) lie(`table print_job, row ${row.id}`, 'belongs to no act that has a paper');
      if (hasPaper(event)) takePaper(event, place);
      else if (event.kind === 'REPRINTED') takeCopy(event, place);
    },
    end() {
      if (row !== null) lie(`table print_job, row ${row.id}`, 'belongs to no act that has a paper');
      for (const [id, { jobs: made, next }] of copied)
        if (next !== made) lie('table print_job', `has copy ${next} of the paper of act ${id}, and nobody asked for it`);
    },
    close: () => rows.close(),
    report: () =>
      `${counted(jobs, 'job')} of ${counted(papers, 'paper')}, each copy asked for, from the second on with leave; whether they printed is not evidence`,
  };
}

function isPaperBefore(db: ReadableDatabase, id: string, seq: number): boolean {
  const row = prepared<[string, number], { kind: string }>(db, 'SELECT kind FROM event WHERE id = ? AND seq < ?').get(id, seq);
  return row !== undefined && Object.hasOwn(paperNumbers, row.kind);
}
