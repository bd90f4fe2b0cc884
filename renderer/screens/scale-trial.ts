// A trial of the scale as the page holds it: begun, kept while its screen stands, given back when it is gone.

import { useEffect, useState } from 'react';
import type { Contract } from '../../electron/ipc/contract.ts';
import type { ScaleTrialView } from '../../electron/ipc/snapshot.ts';
import { usePage } from '../page.tsx';

export type Manner = Omit<Contract['tryScale']['args'], 'trialId'>;

/** The engine ends a trial that was not asked for in 30 s. */
const keepEveryMs = 10_000;

export function useScaleTrial() {
  const { run, store } = usePage();
  const [trialId, setTrialId] = useState<string | null>(null);
  const [view, setView] = useState<ScaleTrialView | null>(null);
  // outside world: what the engine tells of the trial, and that it is still looked at
  useEffect(() => {
    if (trialId === null) return undefined;
    const stopHearing = store.onScaleTrial((next) => {
      if (next.trialId === trialId) setView(next);
    });
    const keeping = setInterval(() => {
      store.call.keepScaleTrial({ trialId }).catch(() => undefined); // the engine is away: it ends the trial itself
    }, keepEveryMs);
    return () => {
      stopHearing();
      clearInterval(keeping);
      store.call.stopScaleTrial({ trialId }).catch(() => undefined); // likewise
    };
  }, [trialId, store]);
  const begin = async (ask: (trialId: string) => Promise<unknown>): Promise<void> => {
    const next = crypto.randomUUID();
    setView(null);
    setTrialId(next);
    await ask(next);
  };
  return {
    trialId,
    view,
    listen: (): Promise<void> => begin((next) => run((call) => call.listenToScale({ trialId: next }))),
    tryOut: (manner: Manner): Promise<void> => begin((next) => run((call) => call.tryScale({ trialId: next, ...manner }))),
    /** Gives the port back. */
    end(): void {
      setTrialId(null);
      setView(null);
    },
  };
}
