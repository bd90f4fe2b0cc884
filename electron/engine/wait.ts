// Keeps one question open at the county's server, so that the county can call this kiosk: for its files, or for rights that a resident
// wants to use at another shop now (reconciliation.md R3). Moves nothing itself; a till that cannot be called sells all the same.

import { setTimeout as after } from 'node:timers/promises';
import type { Book } from '../../db/book.ts';
import { type CountyServer, type Home, countyServerOf } from '../../db/home.ts';
import { SendError, countyLine } from './send.ts';
import type { Engine } from './till.ts';

/** The server answers within fifty seconds; a line that is quiet for longer is dead. */
const patience = { quietMs: 60_000, bytesPerSecond: 1_000, connectMs: 10_000 };
/** An empty answer that comes sooner is none: something else at the county answers, or another machine asks in this kiosk's name. */
const soonMs = 20_000;
/** Between two questions, at random: kiosks that the server let go at one time do not come back at one time. */
const spreadMs = 1_000;
/** A till that knows no server, or has no book open, looks again. */
const lookMs = 15_000;

export interface WaitOptions {
  /** Does the exchange and settles when it is over: whether it was one without a fault. Does not reject. */
  readonly called: () => Promise<boolean>;
  /** What shows that this kiosk asks. */
  readonly pass: (book: Book, home: Home, server: CountyServer) => string;
  /** How long until the next try after so many that failed. */
  readonly pauseMs: (failures: number) => number;
}

/** Begins to wait. */
export function startWaiting(engine: Engine, options: WaitOptions): { stop(): Promise<void> } {
  const ending = new AbortController();
  const work = keepWaiting(engine, options, ending.signal).catch((error: unknown) => {
    if (!ending.signal.aborted) engine.log('waiting for the county ended', error);
  });
  return {
    async stop() {
      ending.abort();
      await work;
    },
  };
}

async function keepWaiting(engine: Engine, options: WaitOptions, signal: AbortSignal): Promise<void> {
  for (let failures = 0; !signal.aborted;) {
    await after(Math.random() * spreadMs, undefined, { signal });
    let outcome = await waitOnce(engine, options, signal);
    // who called is not answered by an exchange that fails, and calls again at once
    if (outcome === 'called') outcome = (await options.called()) ? 'nothing' : 'failed';
    switch (outcome) {
      case 'nothing':
        failures = 0;
        break;
      case 'failed':
        failures += 1;
        await after(options.pauseMs(failures - 1), undefined, { signal });
        break;
      case 'nobody':
        await after(lookMs, undefined, { signal });
    }
  }
}

async function waitOnce(
  { home, book, log }: Engine,
  { pass }: WaitOptions,
  signal: AbortSignal,
): Promise<'called' | 'nothing' | 'failed' | 'nobody'> {
  const server = home === null ? null : countyServerOf(home);
  if (home === null || book === null || server === null) return 'nobody';
  const { county, kiosk } = book.identity;
  const askedMs = performance.now();
  let line: ReturnType<typeof countyLine> | null = null;
  try {
    line = countyLine({ server, county, kiosk, pass: pass(book, home, server), signal, patience });
    if (await line.wait()) return 'called';
    return performance.now() - askedMs < soonMs ? 'failed' : 'nothing';
  } catch (error) {
    if (!(error instanceof SendError)) log('waiting for the county', error);
    return 'failed'; // the exchange tells people what the line is like
  } finally {
    line?.close();
  }
}
