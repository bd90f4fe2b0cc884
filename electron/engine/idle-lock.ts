// The idle lock (experience.md U18): a till that nobody touched for three minutes signs its operator out. The goods and the bags
// stay. Never while something runs that a person waits for, and never without having said so half a minute before.

import { isTrialRunning } from './scale-setup.ts';
import { signOut } from './session.ts';
import { type Engine, stopOnFault } from './till.ts';

/** Without a touch: long enough to fetch a sack from the back, short enough for who leaves the counter. */
export const idleMs = 3 * 60 * 1000;

/** Told before: somebody who reads the screen has time to say that they are there. */
const warnedMs = 30_000;

const lookEveryMs = 1_000;

/** Calls that a page makes by itself. */
const unattended: ReadonlySet<string> = new Set(['snapshot', 'keepScaleTrial']);

interface Idle {
  /** Monotonic ms. */
  touchedAt: number;
  /** Since when the page says that the till will lock itself, or null. */
  warnedAt: number | null;
  /** Calls of a person that are not answered yet. */
  inFlight: number;
}

const tills = new WeakMap<Engine, Idle>();

/** Begins to watch, from the last touch of the cart where a crash brought its operator back (opening.ts); a touch of the scanner is told by `touchTill`, a call of the page by `personCall`. */
export function startIdleLock(engine: Engine): { stop(): void } {
  const goneMs = engine.operator === null ? 0 : engine.clock.wallMs() - engine.draft.touchedAt; // none of it negative: opening.ts looked
  const touchedAt = engine.clock.monoMs() - Math.min(goneMs, idleMs - warnedMs);
  tills.set(engine, { touchedAt, warnedAt: null, inFlight: 0 });
  const timer = setInterval(() => lookForIdle(engine), lookEveryMs);
  return { stop: () => clearInterval(timer) };
}

/** A person did something at the till. */
export function touchTill(engine: Engine): void {
  const idle = tills.get(engine);
  if (idle === undefined) return;
  idle.touchedAt = engine.clock.monoMs();
  unwarn(engine, idle);
}

/** Runs a call of the page: one that a person made is a touch, and until it is answered nothing locks. */
export async function personCall<Value>(
  engine: Engine,
  { name, args }: { readonly name: string; readonly args: unknown },
  run: () => Promise<Value>,
): Promise<Value> {
  const idle = tills.get(engine);
  if (idle === undefined || isUnattended(name, args)) return run();
  touchTill(engine);
  idle.inFlight += 1;
  try {
    return await run();
  } finally {
    idle.inFlight -= 1;
    idle.touchedAt = engine.clock.monoMs();
  }
}

function isUnattended(name: string, args: unknown): boolean {
  return unattended.has(name) || (name === 'simulateScale' && (args as { readonly act: string }).act === 'look'); // its shape was checked
}

function lookForIdle(engine: Engine): void {
  const idle = tills.get(engine)!; // made by startIdleLock
  const now = engine.clock.monoMs();
  if (engine.operator === null || engine.status.kind !== 'selling') {
    idle.touchedAt = now;
    return unwarn(engine, idle);
  }
  if (isBusy(engine, idle)) {
    idle.touchedAt = Math.max(idle.touchedAt, now - (idleMs - warnedMs)); // half a minute is left when it is over
    return unwarn(engine, idle);
  }
  if (idle.warnedAt === null) {
    if (now - idle.touchedAt < idleMs - warnedMs) return;
    idle.warnedAt = now;
    engine.locksAt = engine.clock.wallMs() + warnedMs;
    return engine.changed();
  }
  if (now - idle.warnedAt < warnedMs) return;
  unwarn(engine, idle);
  try {
    signOut(engine, 'idle');
  } catch (error) {
    stopOnFault(engine, error); // the disk: nothing can be written, and nothing is sold either
  }
}

/** Paying, weighing and everything else that was asked and is not answered; a scale on trial; a file of the county. */
function isBusy(engine: Engine, { inFlight }: Idle): boolean {
  return (
    inFlight > 0 ||
    isTrialRunning(engine) ||
    engine.exchange.applyingPercent !== null ||
    engine.book === null ||
    engine.book.db.inTransaction
  );
}

function unwarn(engine: Engine, idle: Idle): void {
  idle.warnedAt = null;
  if (engine.locksAt === null) return;
  engine.locksAt = null;
  engine.changed();
}
