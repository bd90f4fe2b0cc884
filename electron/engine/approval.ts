// A second person's leave for one act: given with their PIN, written in the book, used once within two minutes, for that
// act only. Decides nothing about which acts need it.

import { createHash } from 'node:crypto';
import { writeTries } from '../../db/operators.ts';
import { type ActToApprove, approversOf } from '../../db/model/approval.ts';
import { canonical } from '../../db/model/canonical.ts';
import { noTries } from '../../db/model/pin.ts';
import { type Result, fail, ok } from '../../db/model/result.ts';
import { type PinRefusal, checkPin } from './pin-check.ts';
import { type Engine, currentDay, earlierEvent, selling } from './till.ts';

/** From the PIN to the act, on the monotonic clock (security.md section 6). */
const approvalMs = 120_000;

/** The leave that was given and not used yet. One at a time: a newer one takes its place. */
export interface Approval {
  readonly approvalId: string;
  /** Of the act it is for. */
  readonly digest: string;
  /** Who was at the till and may use it. */
  readonly operatorId: string;
  /** Monotonic ms. */
  readonly deadline: number;
}

/**
 * Approves one act with the PIN of `operatorId`, who must be another owner of the shop, or the one who approves alone
 * (approversOf says who). Asked again with the same id it gives no new leave: it says whether the first still holds.
 */
export async function approve(
  engine: Engine,
  request: { readonly approvalId: string; readonly act: ActToApprove; readonly operatorId: string; readonly pin: string },
): Promise<Result<null, 'not_owner' | 'self_approval' | 'approval_void'> | PinRefusal> {
  const { approvalId, act, operatorId, pin } = request;
  const command = { approve: act, approver: operatorId };
  const digest = digestOf(act);
  const atTill = engine.operator;
  if (atTill === null) return fail('approval_void');
  const refusal = refusalOf(engine, operatorId, atTill.id);
  if (refusal !== null) return fail(refusal);
  if (earlierEvent(engine, approvalId, command) !== null) return holds(engine, approvalId, digest) ? ok(null) : fail('approval_void');
  const checked = await checkPin(engine, { operatorId, pin, command });
  if (!checked.ok) return checked;
  // While the PIN was looked at: the same press again, another cashier, or a county file that names another owner.
  if (earlierEvent(engine, approvalId, command) !== null) return holds(engine, approvalId, digest) ? ok(null) : fail('approval_void');
  if (engine.operator?.id !== atTill.id || refusalOf(engine, operatorId, atTill.id) !== null) return fail('approval_void');
  selling(engine).book.transact(({ db, append }) => {
    writeTries(db, operatorId, noTries);
    append({
      kind: 'APPROVED',
      body: { act: act.kind, digest, approver: operatorId, isSelf: operatorId === atTill.id },
      id: approvalId,
      day: currentDay(engine),
      op: atTill.id,
      command,
    });
  });
  engine.approval = { approvalId, digest, operatorId: atTill.id, deadline: engine.clock.monoMs() + approvalMs };
  engine.changed();
  return ok(null);
}

/** Uses a leave up for this act, in the turn that does the act. Used, too old, of another act or cashier: `approval_void`. */
export function useApproval(engine: Engine, approvalId: string, act: ActToApprove): Result<null, 'approval_void'> {
  if (!holds(engine, approvalId, digestOf(act))) return fail('approval_void');
  engine.approval = null;
  return ok(null);
}

function refusalOf(engine: Engine, approverId: string, operatorId: string): 'not_owner' | 'self_approval' | null {
  const active = selling(engine).reference.operators.filter((each) => each.active);
  if (approversOf(active, operatorId).some((each) => each.id === approverId)) return null;
  const isOwner = active.some((each) => each.id === approverId && each.role === 'owner');
  return isOwner ? 'self_approval' : 'not_owner';
}

function holds({ approval, operator, clock }: Engine, approvalId: string, digest: string): boolean {
  return (
    approval !== null &&
    approval.approvalId === approvalId &&
    approval.digest === digest &&
    approval.operatorId === operator?.id &&
    clock.monoMs() < approval.deadline
  );
}

/** SHA-256 of the canonical act, base64url. */
function digestOf(act: ActToApprove): string {
  return createHash('sha256').update(canonical(act)).digest('base64url');
}
