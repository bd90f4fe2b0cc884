// A demo's night at the press of a button: asks the kiosks that are there to exchange, waits for them a little, runs the night, and keeps
// what moved to look at. Only of a demo's county: a real one has its night at its hour.

import { checkAfterNight } from '../book/after-night.ts';
import type { CountyBook } from '../book/county-book.ts';
import { prepared, type ReadableDatabase } from '../../db/sqlite.ts';
import type { Presence } from '../server/presence.ts';
import { type Moved, whatMoved } from './moved.ts';
import { nightLine, runNight } from './nightly.ts';

export type DemoNightState =
  | { readonly kind: 'waiting'; readonly kiosks: readonly { readonly kiosk: string; readonly hasSent: boolean }[] }
  | { readonly kind: 'running' }
  /** `since`: what the picture begins after. */
  | { readonly kind: 'done'; readonly at: number; readonly moved: Moved; readonly since: Since }
  | { readonly kind: 'failed' };

export interface DemoNight {
  /** Begins a night; nothing while one is going on. */
  press(): void;
  /** Null: none yet. */
  state(): DemoNightState | null;
  /** Kiosks that asked the server within the last moments. */
  online(): Promise<readonly string[]>;
  end(): Promise<void>;
}

/** In a demo a kiosk asks every three seconds. */
const onlineMs = 12_000;
/** As long as people look at a page on which nothing happens; what comes later is of the next night. */
const waitMaxMs = 30_000;
/** A kiosk that was told and sends nothing has nothing to send: it cuts and sends within this. */
const quietMs = 4_000;
const lookMs = 250;

export function demoNight(
  book: CountyBook,
  {
    presence,
    monoMs,
    log,
    fault,
  }: {
    readonly presence: Presence;
    readonly monoMs: () => number;
    readonly log: (line: string) => void;
    readonly fault: (error: unknown) => void;
  },
): DemoNight {
  let state: DemoNightState | null = null;
  let running: Promise<void> | null = null;
  let isEnding = false;
  const online = async (): Promise<readonly string[]> => {
    const kiosks = await book.read((db) => prepared<[], { kiosk: string }>(db, 'SELECT kiosk FROM kiosk ORDER BY kiosk').all());
    return kiosks.map(({ kiosk }) => kiosk).filter((kiosk) => monoMs() - (presence.of(kiosk)?.atMs ?? -Infinity) < onlineMs);
  };
  const waitFor = async (kiosks: readonly string[]): Promise<void> => {
    const askedMs = monoMs();
    presence.ask(kiosks);
    for (;;) {
      const waited = monoMs() - askedMs;
      const seen = kiosks.map((kiosk) => {
        const of = presence.of(kiosk);
        const hasSent = (of?.sentAtMs ?? -Infinity) >= askedMs;
        return { kiosk, hasSent, isDone: hasSent || (of !== null && of.toldAtMs !== null && monoMs() - of.toldAtMs > quietMs) };
      });
      state = { kind: 'waiting', kiosks: seen.map(({ kiosk, hasSent }) => ({ kiosk, hasSent })) };
      if (isEnding || waited > waitMaxMs || seen.every(({ isDone }) => isDone)) return;
      await new Promise((done) => setTimeout(done, lookMs));
    }
  };
  const run = async (): Promise<void> => {
    try {
      const { entry: before, since } = await book.read(pictureFrom);
      await waitFor(await online());
      if (isEnding) return;
      state = { kind: 'running' };
      const night = await book.read(newestEntry);
      const outcomes = await runNight(book);
      log(`night, by the demo's button: ${nightLine(outcomes)}`);
      for (const line of await checkAfterNight(book)) log(line);
      state = { kind: 'done', at: book.wallMs(), moved: await book.read((db) => whatMoved(db, { before, night, outcomes })), since };
    } catch (error) {
      state = { kind: 'failed' };
      fault(error);
    }
  };
  return {
    press() {
      if (running !== null || isEnding) return;
      state = { kind: 'waiting', kiosks: [] };
      running = run().finally(() => {
        running = null;
      });
    },
    state: () => state,
    online,
    async end() {
      isEnding = true;
      await running;
    },
  };
}

function newestEntry(db: ReadableDatabase): number {
  return (
    prepared<[], { entry: number | null }>(
      db,
      'SELECT max(entry) AS entry FROM (SELECT max(entry) AS entry FROM event UNION ALL SELECT max(entry) FROM act) AS newest',
    ).get()!.entry ?? 0 // an aggregate has a row
  );
}

/** A put-back takes up what nights before it had taken in: what comes after it is new. */
export type Since = 'night' | 'put_back' | 'start';

/** The end of the night before, or of a put-back since; where neither was, the first start: what came after it is shown. */
function pictureFrom(db: ReadableDatabase): { readonly entry: number; readonly since: Since } {
  const end = prepared<[], { entry: number; kind: 'night' | 'put_back' }>(
    db,
    `SELECT entry, kind FROM act WHERE kind IN ('night', 'put_back') ORDER BY entry DESC LIMIT 1`,
  ).get();
  if (end !== undefined) return { entry: end.entry, since: end.kind };
  const start = prepared<[], { entry: number | null }>(db, `SELECT min(entry) AS entry FROM act WHERE kind = 'start'`).get()!.entry; // an aggregate has a row
  return { entry: start ?? newestEntry(db), since: 'start' };
}
