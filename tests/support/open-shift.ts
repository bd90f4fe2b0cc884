// Opens the shift as a cashier does who says that the date is right when the till asks (the tests' county may be years old) and puts
// into the drawer what the book has where another float needs more than a cashier, and closes the day as one who counts to the fen.

import { uuidv7 } from '../../db/uuid.ts';
import type { Contract } from '../../electron/ipc/contract.ts';
import type { Client } from '../../electron/ipc/rpc.ts';
import { cashierPin } from './county.ts';
import { piecesOf } from './closing.ts';

type Answer = Awaited<ReturnType<Client<Contract>['openShift']>>;

export async function openShiftToday(call: Pick<Client<Contract>, 'openShift'>, floatFen = 10_000): Promise<Answer> {
  const ask = (confirmedDate: string | null, fen = floatFen) => call.openShift({ floatFen: fen, confirmedDate, actId: uuidv7(Date.now()) });
  const first = await ask(null);
  const date = !first.ok && first.code === 'confirm_date' ? first.businessDate : null;
  const second = date === null ? first : await ask(date);
  return !second.ok && 'bookFen' in second ? ask(date, second.bookFen) : second;
}

/** Closes the day that is open or was forgotten, by a count that is right to the fen; approved by who alone works where no owner does. */
export async function closeTheDay(
  call: Pick<Client<Contract>, 'countDrawer' | 'closeDay' | 'approve' | 'closingState'>,
  approver = { operatorId: 'op1', pin: cashierPin },
): Promise<Awaited<ReturnType<Client<Contract>['closeDay']>>> {
  const count = async (counts: readonly number[]) => {
    const answer = await call.countDrawer({ actId: uuidv7(Date.now()), purpose: 'closing', counts: [...counts] });
    if (!answer.ok) throw new Error(answer.code);
    return answer.value;
  };
  const { expectedFen } = await count(piecesOf(0));
  const { countId } = await count(piecesOf(expectedFen));
  const close = (approvalId?: string) => call.closeDay({ actId: uuidv7(Date.now()), countId, reason: null, approvalId });
  const closed = await close();
  if (closed.ok || closed.code !== 'approval_needed') return closed;
  const { day } = await call.closingState();
  const approvalId = uuidv7(Date.now());
  const approved = await call.approve({
    approvalId,
    act: { kind: 'close_day', day: day ?? '', countId },
    ...approver,
  });
  if (!approved.ok) throw new Error(approved.code);
  return close(approvalId);
}
