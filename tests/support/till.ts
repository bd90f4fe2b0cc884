// A whole till for tests: real engine, real book, simulated devices, a page on a wire. Only the clock is made by hand.

import { type EngineOptions, startEngine } from '../../electron/engine/engine.ts';
import type { Contract } from '../../electron/ipc/contract.ts';
import { type Connection, connect } from '../../electron/ipc/rpc.ts';
import type { Events, Snapshot, WeightView } from '../../electron/ipc/snapshot.ts';
import { wirePair } from '../../electron/ipc/wire.ts';
import type { BookEvent } from '../../db/model/event.ts';
import type { DownLine } from '../../db/model/down-file.ts';
import { openReadable } from '../../db/sqlite.ts';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { type Home, readHome } from '../../db/home.ts';
import { cashierPin, enrol, handClock, makeKiosk, temporary } from './county.ts';
import { openShiftToday } from './open-shift.ts';

export interface Till {
  readonly directory: string;
  readonly home: Home;
  readonly clock: ReturnType<typeof handClock>;
  readonly call: Connection<Contract, Events>['call'];
  readonly on: Connection<Contract, Events>['on'];
  /** The newest state the page was told. */
  snapshot(): Snapshot;
  /** What is on the pan, as the page was told last. */
  weight(): WeightView;
  /** Waits until the page's state satisfies; fails after `untilMs` with what it was. */
  until(wanted: (snapshot: Snapshot) => boolean): Promise<Snapshot>;
  /** Ends the engine as a crash would leave it to the next one, but with its files closed. */
  stop(): Promise<void>;
  /** Starts another engine on the disk as it was when the power went: nothing was closed, nobody signed out. */
  powerCut(): Promise<Till>;
  /** Every event of the book, in order; only while the engine is stopped. */
  events(): readonly BookEvent[];
  readonly log: readonly string[];
}

/** Far longer than a busy machine needs: only what never comes takes it. */
const untilMs = 20_000;

type Cleanup = (work: () => Promise<void>) => void;

/** A till that knows the test county; `more` lines are added to the county's first file. */
export async function aTill(onTestFinished: Cleanup, more: readonly DownLine[] = []): Promise<Till> {
  const directory = temporary(onTestFinished);
  const clock = handClock();
  const { home, book } = makeKiosk(directory, clock);
  await enrol(home, book, more);
  book.close();
  return startTill(onTestFinished, directory, clock);
}

/** Starts the engine on a home that is there; `options` where a test wants other calls a second than a page may make. */
export async function startTill(
  onTestFinished: Cleanup,
  directory: string,
  clock = handClock(),
  options: Pick<EngineOptions, 'callLimit' | 'drives'> = {},
): Promise<Till> {
  const log: string[] = [];
  const engine = await startEngine({
    callLimit: () => true, // a test presses faster than any page; calls.test.ts has the limit itself
    ...options,
    home: directory,
    clock,
    log: (line, error) => log.push(error === undefined ? line : `${line}: ${inspect(error)}`),
  });
  const [engineEnd, pageEnd] = wirePair();
  const page = connect<Contract, Events>(pageEnd);
  engine.attach(engineEnd);
  let weight: WeightView = { kind: 'none', grams: null, isNet: false };
  page.on('weight', (next) => {
    weight = next;
  });
  let snapshot = await page.call.snapshot();
  const waiting = new Set<() => void>();
  page.on('snapshot', (next) => {
    snapshot = next;
    for (const wake of waiting) wake();
  });
  let isStopped = false;
  const stop = async (): Promise<void> => {
    if (isStopped) return;
    isStopped = true;
    engineEnd.close();
    await engine.close();
  };
  onTestFinished(stop);
  const found = readHome(directory);
  if (!found.ok) throw new Error(found.detail);
  return {
    directory,
    home: found.home,
    clock,
    call: page.call,
    on: page.on.bind(page),
    log,
    snapshot: () => snapshot,
    weight: () => weight,
    until(wanted) {
      return new Promise((resolve, reject) => {
        const look = (): void => {
          if (!wanted(snapshot)) return;
          waiting.delete(look);
          clearTimeout(timer);
          resolve(snapshot);
        };
        const timer = setTimeout(() => {
          waiting.delete(look);
          reject(new Error(`never: ${wanted.toString()}\n${JSON.stringify(snapshot, null, 1).slice(0, 3000)}\n${log.join('\n')}`));
        }, untilMs);
        waiting.add(look);
        look();
      });
    },
    stop,
    async powerCut() {
      const image = temporary(onTestFinished);
      cpSync(directory, image, { recursive: true });
      await stop();
      return startTill(onTestFinished, image, clock);
    },
    events() {
      const db = openReadable(join(directory, 'book.db'));
      try {
        return db
          .prepare<[], { line: string }>('SELECT line FROM event ORDER BY seq')
          .all()
          .map((row) => JSON.parse(row.line) as BookEvent);
      } finally {
        db.close();
      }
    },
  };
}

/** Signs the cashier in and opens the shift with 100 yuan in the drawer. */
export async function atWork(till: Till, { isShiftOpen = false } = {}): Promise<Till> {
  await till.until(({ printer }) => !printer.simulated || printer.state !== 'connecting'); // no cashier is there sooner
  const signed = await till.call.signIn({ operatorId: 'op1', pin: cashierPin });
  if (!signed.ok) throw new Error(JSON.stringify(signed));
  if (isShiftOpen) return till;
  const opened = await openShiftToday(till.call);
  if (!opened.ok) throw new Error(JSON.stringify(opened));
  return till;
}
