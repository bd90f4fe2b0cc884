// Where one print job stands after its first byte was sent: the state machine of hardware.md B.3, steps 3 to 6. Pure: it
// sends nothing and knows no clock.

import { createHash } from 'node:crypto';
import type { PrintFailure, PrintState } from '../../db/model/receipt.ts';
import { never } from '../../db/model/result.ts';
import { failureOf, type Message } from './status.ts';

export type Job = RunningJob | EndedJob;

export interface RunningJob {
  readonly kind: 'running';
  /** What the printer says when this job is on paper. */
  readonly marker: string;
  /** This printer is known to say markers, so that the weaker sign, the answer to GS r, does not count. */
  readonly saysMarkers: boolean;
  /** Nothing will ever be heard: the job ends as `sent`. */
  readonly isOneWay: boolean;
  /** `marking`: the end marker is on its way, so an answer to it may come. */
  readonly handedOver: 'part' | 'marking' | 'all';
  /** Why the printer stands still; its buffer may hold the job, and print it when this is mended. */
  readonly cause: PrintFailure | null;
  /** It answered GS r behind the job: printed, unless it turns out to say markers too, or to stand still. */
  readonly paperAnswered: boolean;
}

export interface EndedJob {
  readonly kind: 'ended';
  readonly state: PrintState;
  /** False: the printer may still print it, and answer for it. */
  readonly isSettled: boolean;
}

export type JobEvent =
  | { readonly kind: 'message'; readonly message: Message }
  | { readonly kind: 'marking' }
  | { readonly kind: 'handed_over' }
  /** A while after the answer to GS r in which no marker came. */
  | { readonly kind: 'no_marker' }
  | { readonly kind: 'overdue' }
  | { readonly kind: 'link_lost' }
  | { readonly kind: 'cancelled' };

/** A job whose first byte is about to be sent. */
export function startJob(id: string, options: { readonly saysMarkers: boolean; readonly isOneWay: boolean }): RunningJob {
  return { kind: 'running', marker: markerOf(id), ...options, handedOver: 'part', cause: null, paperAnswered: false };
}

/** The job after something happened. An ended job stays as it ended. */
export function stepJob(job: Job, event: JobEvent): Job {
  if (job.kind === 'ended') return job;
  switch (event.kind) {
    case 'message':
      return hear(job, event.message);
    case 'marking':
      return { ...job, handedOver: 'marking' };
    case 'handed_over':
      return job.isOneWay ? { kind: 'ended', state: { kind: 'sent' }, isSettled: true } : { ...job, handedOver: 'all' };
    case 'no_marker':
      return job.paperAnswered ? printed : job;
    case 'overdue':
    case 'link_lost':
      return { kind: 'ended', state: { kind: 'unknown' }, isSettled: false };
    case 'cancelled':
      return { kind: 'ended', state: { kind: 'given_up' }, isSettled: false };
    default:
      return never(event);
  }
}

/** What is told of the job. A running job that says `failed` may still end as printed, when its cause is mended. */
export function stateOf(job: Job): PrintState {
  if (job.kind === 'ended') return job.state;
  if (job.cause !== null) return { kind: 'failed', cause: job.cause };
  return { kind: job.handedOver === 'all' ? 'sent' : 'sending' };
}

/** Four letters or digits that stand for the job's id on the wire; two jobs share one once in 1.6 million. */
export function markerOf(id: string): string {
  const number = createHash('sha256').update(id).digest().readUInt32BE(0) % 36 ** 4;
  return number.toString(36).toUpperCase().padStart(4, '0');
}

const printed: EndedJob = { kind: 'ended', state: { kind: 'printed' }, isSettled: true };

function hear(job: RunningJob, message: Message): Job {
  switch (message.kind) {
    case 'printed':
      return message.id === job.marker ? printed : job;
    case 'status': {
      const cause = failureOf(message.status);
      return cause === null ? { ...job, cause } : { ...job, cause, paperAnswered: false };
    }
    case 'paper':
      if (job.handedOver === 'part' || job.saysMarkers) return job;
      if (message.paperOut) return { ...job, cause: 'paper_out', paperAnswered: false };
      return { ...job, paperAnswered: job.cause === null };
    case 'real_time':
    case 'name':
      return job;
    default:
      return never(message);
  }
}
