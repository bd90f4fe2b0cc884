// The page's one store: the engine's last snapshot, and whether the engine is there. Holds nothing the engine does not
// say, and keeps the last snapshot on screen while the engine is away.

import type { Contract } from '../electron/ipc/contract.ts';
import { CallError, type Client, connect } from '../electron/ipc/rpc.ts';
import type { Events, Snapshot, WeightView } from '../electron/ipc/snapshot.ts';
import type { Wire } from '../electron/ipc/wire.ts';
import { NotInvited } from './host.ts';

/** What the page knows. */
export interface Known {
  /** Whether calls reach the engine now. */
  readonly link: 'connecting' | 'connected' | 'lost' | 'not_invited';
  readonly snapshot: Snapshot | null;
}

export interface Store {
  /** For useSyncExternalStore; returns the function that stops. */
  readonly subscribe: (listener: () => void) => () => void;
  readonly current: () => Known;
  /** Every call of the engine. While the engine is away each fails with CallError `lost`. */
  readonly call: Client<Contract>;
  /** Pictures of the simulated printer's paper, newest strip each. Returns the function that stops. */
  readonly onPaper: (listener: (payload: Events['paper']) => void) => () => void;
  /** What the owner's trial of a scale shows. Returns the function that stops. */
  readonly onScaleTrial: (listener: (payload: Events['scaleTrial']) => void) => () => void;
  /** What is on the pan now: `none` while the engine is away. Apart from `current`, since it changes ten times a second. */
  readonly weight: { readonly subscribe: (listener: () => void) => () => void; readonly current: () => WeightView };
}

/** First wait before a new try, and the longest: the engine restarts in under a second, a broken one in minutes. */
const retryFirstMs = 300;
const retryMaxMs = 5_000;

const nothing: WeightView = { kind: 'none', grams: null, isNet: false };

/** Connects, and reconnects for ever with back-off. */
export function openStore(openWire: () => Promise<Wire>): Store {
  const listeners = new Set<() => void>();
  const paperListeners = new Set<(payload: Events['paper']) => void>();
  const trialListeners = new Set<(payload: Events['scaleTrial']) => void>();
  const weightListeners = new Set<() => void>();
  let weight = nothing;
  let known: Known = { link: 'connecting', snapshot: null };
  let client: Client<Contract> | null = null;

  const become = (next: Known): void => {
    known = next;
    for (const listener of listeners) listener();
  };
  const weigh = (next: WeightView): void => {
    weight = next;
    for (const listener of weightListeners) listener();
  };
  const take = (snapshot: Snapshot, isFirst: boolean): void => {
    // a restarted engine counts its revisions from the beginning
    if (isFirst || known.snapshot === null || snapshot.revision >= known.snapshot.revision) become({ link: 'connected', snapshot });
  };

  /** One connection, from opening to its end. Rejects when it could not be made. */
  const attempt = async (): Promise<void> => {
    const wire = await openWire();
    const connection = connect<Contract, Events>(wire);
    const closed = new Promise<void>((resolve) => connection.onClose(resolve));
    connection.on('snapshot', (snapshot) => {
      if (client === connection.call) take(snapshot, false); // before the first answer there is only something older
    });
    connection.on('paper', (payload) => {
      for (const listener of paperListeners) listener(payload);
    });
    connection.on('weight', weigh);
    connection.on('scaleTrial', (payload) => {
      for (const listener of trialListeners) listener(payload);
    });
    try {
      const first = await connection.call.snapshot();
      client = connection.call;
      take(first, true);
    } catch (error) {
      wire.close();
      throw error;
    }
    await closed;
  };

  const keep = async (): Promise<never> => {
    let isRefused = false;
    for (let waitMs = retryFirstMs; ; waitMs = Math.min(waitMs * 2, retryMaxMs)) {
      try {
        await attempt();
        waitMs = retryFirstMs;
        isRefused = false;
      } catch (error) {
        isRefused = error instanceof NotInvited; // or nobody answers: told below by `link`, and tried again
      }
      client = null;
      weigh(nothing);
      const link = known.snapshot !== null ? 'lost' : isRefused ? 'not_invited' : 'connecting';
      if (known.link !== link) become({ link, snapshot: known.snapshot });
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
  };
  void keep();

  return {
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    current: () => known,
    call: new Proxy({} as Client<Contract>, {
      get: (_, name: keyof Client<Contract>) => client?.[name] ?? (() => Promise.reject(new CallError('lost', name))),
    }),
    onPaper(listener) {
      paperListeners.add(listener);
      return () => paperListeners.delete(listener);
    },
    onScaleTrial(listener) {
      trialListeners.add(listener);
      return () => trialListeners.delete(listener);
    },
    weight: {
      subscribe(listener) {
        weightListeners.add(listener);
        return () => weightListeners.delete(listener);
      },
      current: () => weight,
    },
  };
}
