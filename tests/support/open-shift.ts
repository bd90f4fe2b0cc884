// Opens the shift as a cashier does who says that the date is right when the till asks: the tests' county may be years old.

import { uuidv7 } from '../../db/uuid.ts';
import type { Contract } from '../../electron/ipc/contract.ts';
import type { Client } from '../../electron/ipc/rpc.ts';

type Answer = Awaited<ReturnType<Client<Contract>['openShift']>>;

export async function openShiftToday(call: Pick<Client<Contract>, 'openShift'>, floatFen = 10_000): Promise<Answer> {
  const ask = (confirmedDate: string | null) => call.openShift({ floatFen, confirmedDate, actId: uuidv7(Date.now()) });
  const first = await ask(null);
  return !first.ok && first.code === 'confirm_date' ? ask(first.businessDate) : first;
}
