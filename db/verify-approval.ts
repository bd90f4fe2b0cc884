// Follows the leaves that a second person gave: each is of one act of one operator, and used once, while the engine that heard
// the PIN still runs and no newer leave took its place.

import { commandHash } from './book.ts';
import { type ActToApprove, approversOf } from './model/approval.ts';
import type { Operator } from './model/catalogue.ts';
import type { BookEvent } from './model/event.ts';
import type { RulesInForce } from './verify-county.ts';
import { Lie, counted } from './verify-lie.ts';

export interface Leaves {
  /** The next event of the chain: a leave that is given, or an engine's start, at which the one given before is forgotten. */
  take(event: BookEvent, place: string, inForce: RulesInForce): void;
  /** `event` did this act by the leave it names. Returns who gave it. */
  use(approvalId: string, act: ActToApprove, event: BookEvent, place: string): string;
  report(): string;
}

/** A leave holds for two minutes on the monotonic clock (security.md section 6). */
const leaveMs = 120_000;
/** They begin when the leave is on the disk, which may be slow; its event says when the writing began. */
const slowestCommitMs = 30_000;

/** No leave was given yet. */
export function newLeaves(): Leaves {
  let leave: (BookEvent & { readonly kind: 'APPROVED' }) | null = null;
  let given = 0;
  let used = 0;
  return {
    take(event, place, { operators }) {
      // Engines count from their own start; one that only opened the book again still knows its leaves.
      if (event.kind === 'START' && leave !== null && event.mono < leave.mono) leave = null;
      if (event.kind !== 'APPROVED') return;
      given += 1;
      leave = event;
      const { approver, isSelf } = event.body;
      const active = operators().filter((person) => person.active);
      const fault = leaveFault(active, { approver, isSelf, op: event.op });
      if (fault !== null) throw new Lie('approvals', place, fault);
    },
    use(approvalId, act, event, place) {
      const found = leave;
      if (found === null || found.id !== approvalId)
        throw new Lie('approvals', place, `has no leave ${approvalId}: none, another’s, or used`);
      leave = null;
      used += 1;
      // A leave's digest is of the whole act; the kind is said beside it.
      if (found.body.act !== act.kind || found.body.digest !== commandHash({ ...act }))
        throw new Lie('approvals', place, `has leave for another act than this`);
      if (found.op !== event.op) throw new Lie('approvals', place, `has leave that ${found.op} asked for`);
      if (event.mono - found.mono > leaveMs + slowestCommitMs) throw new Lie('approvals', place, 'has leave that had run out');
      return found.body.approver;
    },
    report: () => `${counted(given, 'leave')} given, ${used} used, each once and for its act`,
  };
}

/** What is wrong with a leave among those who worked in the shop then, or null. */
function leaveFault(
  active: readonly Operator[],
  { approver, isSelf, op }: { readonly approver: string; readonly isSelf: boolean; readonly op: string | null },
): string | null {
  const person = active.find(({ id }) => id === approver);
  if (person === undefined) return `was given by ${approver}, who does not work here`;
  if (isSelf !== (approver === op)) return isSelf ? 'calls another person’s leave their own' : 'hides that it is their own';
  const approvers = approversOf(active, op ?? '');
  if (approvers.includes(person)) return null;
  if (!isSelf) return `was given by ${approver}, who is no owner`;
  return `was given by ${approver} to themselves, where ${approvers.map(({ id }) => id).join(' or ') || 'no owner'} could give it`;
}
