// The credit: the one moment in which the kiosk makes points. All of it is in the book when this returns, or none of it is.

import type { ReversalReason } from '../../db/model/event.ts';
import type { CreditProblem } from '../../db/model/recycling.ts';
import type { Result } from '../../db/model/result.ts';
import { CallError } from '../ipc/rpc.ts';
import type { CreditedView } from '../ipc/snapshot.ts';
import type { Engine } from './till.ts';

/** Why nothing was credited. */
export type CreditRefusal =
  | CreditProblem
  | 'credit_unknown' // another credit is open by now
  | 'other_content' // this credit was already given, with other content
  | 'changed' // a rate, a cap or a bag changed since the operator looked
  | 'resident_needed'
  | 'resident_refused' // the notice says why
  | 'approval_needed'
  | 'approval_void';

/**
 * Credits the bags of the desk to its resident. The same credit id again gives the first answer and credits nothing (R6, 6).
 * What the page says it saw is compared and never used.
 */
export function credit(
  engine: Engine,
  args: {
    readonly creditId: string;
    readonly shown: { readonly points: number; readonly digest: string };
    readonly approvalId?: string | undefined;
  },
): Result<CreditedView, CreditRefusal> {
  throw new CallError('bad_call', `${engine.place} ${args.creditId}`);
}

/** The newest 20 credits before an event number (null: the newest of all), newest first. */
export function recentCredits(
  engine: Engine,
  { beforeSeq }: { readonly beforeSeq: number | null },
): { readonly credits: readonly CreditedView[]; readonly nextBeforeSeq: number | null } {
  throw new CallError('bad_call', `${engine.place} ${beforeSeq}`);
}

/**
 * Takes back the account's newest credit while its points are still here; one that is spent, or older, becomes an exception
 * of the county's: `disputed`, and nothing moves. Needs a reason and an approval.
 */
export function reverseCredit(
  engine: Engine,
  args: { readonly actId: string; readonly creditId: string; readonly reason: ReversalReason; readonly approvalId?: string | undefined },
): Result<'reversed' | 'disputed', 'credit_unknown' | 'already_reversed' | 'approval_needed' | 'approval_void'> {
  throw new CallError('bad_call', `${engine.place} ${args.actId}`);
}
