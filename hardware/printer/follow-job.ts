// Follows one running job to its end: feeds it what happens, holds its deadlines, tells what changed. Sends nothing.

import type { PrintState } from '../../db/model/receipt.ts';
import { stateOf, stepJob, type Job, type JobEvent, type RunningJob } from './job.ts';

export interface JobDeadlines {
  /** For sending and printing the whole job, and again after a standstill was mended. */
  readonly printMs: number;
  /** For mending a standstill: paper, cover. */
  readonly heldMs: number;
  /** For the marker, after the weaker sign came. */
  readonly markerMs: number;
}

export interface FollowedJob {
  step(event: JobEvent): void;
  /** Aborted when the job ended: nothing more of it may be sent. */
  readonly over: AbortSignal;
  readonly ended: Promise<{ readonly state: PrintState; readonly isSettled: boolean; readonly isWhole: boolean }>;
}

/** Tells the job's state at once, and whenever it changes. An exception of the listener at the start is the caller's. */
export function followJob(start: RunningJob, deadlines: JobDeadlines, onState: (state: PrintState) => void): FollowedJob {
  const over = new AbortController();
  let job: Job = start;
  let resolveEnd: (end: Awaited<FollowedJob['ended']>) => void = () => {};
  const ended: FollowedJob['ended'] = new Promise((resolve) => {
    resolveEnd = resolve;
  });

  const step = (event: JobEvent) => {
    const before = job;
    job = stepJob(before, event);
    if (before.kind === 'ended' || job === before) return;
    clearTimeout(markerTimer);
    if (job.kind === 'ended') {
      clearTimeout(deadlineTimer);
      over.abort();
      resolveEnd({ ...job, isWhole: before.handedOver === 'all' });
    } else {
      if (job.cause !== before.cause) deadlineTimer = deadlineOf(job, deadlineTimer);
      if (job.paperAnswered) markerTimer = setTimeout(step, deadlines.markerMs, { kind: 'no_marker' });
    }
    const state = stateOf(job);
    if (!isSame(state, stateOf(before))) onState(state);
  };

  const deadlineOf = (running: RunningJob, earlier: NodeJS.Timeout | undefined) => {
    clearTimeout(earlier);
    return setTimeout(step, running.cause === null ? deadlines.printMs : deadlines.heldMs, { kind: 'overdue' });
  };

  onState(stateOf(job));
  let markerTimer: NodeJS.Timeout | undefined;
  let deadlineTimer: NodeJS.Timeout | undefined = deadlineOf(start, undefined);
  return { step, over: over.signal, ended };
}

function isSame(a: PrintState, b: PrintState): boolean {
  return a.kind === b.kind && (a.kind !== 'failed' || b.kind !== 'failed' || a.cause === b.cause);
}
