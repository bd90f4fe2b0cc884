// A page of an engine in the same process, for callers faster than any cashier: their engine has to be started with `noLimit`.

import type { Contract } from '../../electron/ipc/contract.ts';
import { type CallLimit, type Connection, connect } from '../../electron/ipc/rpc.ts';
import type { Events } from '../../electron/ipc/snapshot.ts';
import { type Wire, wirePair } from '../../electron/ipc/wire.ts';

export type Call = Connection<Contract, Events>['call'];

/** Holds no call back. */
export const noLimit: CallLimit = () => true;

/** A page that stays as long as its engine. */
export function openPage(attach: (wire: Wire) => void): Call {
  const [engineEnd, pageEnd] = wirePair();
  const { call } = connect<Contract, Events>(pageEnd);
  attach(engineEnd);
  return call;
}
