// Pages of an engine in the same process, for callers faster than any cashier.

import type { Contract } from '../../electron/ipc/contract.ts';
import { type Connection, connect } from '../../electron/ipc/rpc.ts';
import type { Events } from '../../electron/ipc/snapshot.ts';
import { type Wire, wirePair } from '../../electron/ipc/wire.ts';

export type Call = Connection<Contract, Events>['call'];

/** Calls that one page makes before another takes over: the engine lets a page make 120 in a burst, then 40 a second. */
const callsPerPage = 100;

/** Hands out a page to call through, a new one before the engine would find the old one too fast. */
export function freshPages(attach: (wire: Wire) => void): () => Call {
  let calls = callsPerPage;
  let current: { readonly call: Call; close(): void } | null = null;
  return () => {
    calls += 1;
    if (current === null || calls > callsPerPage) {
      current?.close();
      const [engineEnd, pageEnd] = wirePair();
      current = { call: connect<Contract, Events>(pageEnd).call, close: () => engineEnd.close() };
      attach(engineEnd);
      calls = 1;
    }
    return current.call;
  };
}
