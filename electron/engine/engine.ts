// The engine: one process that owns the book and the devices. Holds the till's state, tells every page of each change,
// and lets a call through to whoever may make it. Knows no window and no screen.

import type { Clock } from '../../db/book.ts';
import { readHome } from '../../db/home.ts';
import { never } from '../../db/model/result.ts';
import { CallError, type CallLimit, callLimit, serve } from '../ipc/rpc.ts';
import type { Wire } from '../ipc/wire.ts';
import { openDevices } from './devices.ts';
import { startDiskGuard } from './disk-guard.ts';
import { watchPan } from './desk.ts';
import { startExchange } from './exchange.ts';
import { type Who, handlers } from './handlers.ts';
import { personCall, startIdleLock } from './idle-lock.ts';
import { snapshot } from './look.ts';
import { openTill } from './opening.ts';
import { startNight } from './night.ts';
import { signOut } from './session.ts';
import { warmDrawing } from './printing.ts';
import { newEngine } from './new-engine.ts';
import { readSettings } from './settings.ts';
import { type Engine, type Log, stop, stopOnFault, whenFree } from './till.ts';
import { startUpkeep } from './upkeep.ts';

export interface EngineOptions {
  readonly home: string;
  readonly log: Log;
  /** Tests and the simulator bring their own. */
  readonly clock?: Clock;
  /** Tests whose page is faster than any cashier bring their own. */
  readonly callLimit?: CallLimit;
  /** Tests have no stick to plug in. */
  readonly drives?: Engine['drives'];
}

/** Starts the engine on a home. Never throws for a bad book: the till then runs stopped and says why. */
export async function startEngine(options: EngineOptions): Promise<{ attach(wire: Wire): void; close(): Promise<void> }> {
  const pages = new Set<{ emit(name: string, payload: unknown): void }>();
  let told = true;
  const isWithinRate = options.callLimit ?? callLimit();
  const clock = options.clock ?? { wallMs: () => Date.now(), monoMs: () => performance.now() };
  const engine: Engine = newEngine({
    directory: options.home,
    clock,
    log: options.log,
    ...(options.drives === undefined ? {} : { drives: options.drives }),
    emit(name, payload) {
      for (const page of pages) page.emit(name, payload);
    },
    changed() {
      engine.revision += 1;
      if (!told) return;
      told = false;
      queueMicrotask(() => {
        told = true;
        if (pages.size > 0) engine.emit('snapshot', snapshot(engine));
      });
    },
  });
  const found = readHome(options.home);
  if (found.ok) {
    engine.home = found.home;
    engine.settings = readSettings(found.home);
    openTill(engine);
  } else stop(engine, found.code === 'not_enrolled' ? 'not_enrolled' : 'internal', found.detail);
  if (found.ok) engine.devices = await openDevices(engine, found.home);
  watchPan(engine);
  const exchange = startExchange(engine);
  const guard = startDiskGuard(engine);
  const idle = startIdleLock(engine);
  const upkeep = startUpkeep(engine);
  const night = startNight(engine);
  const warming = warmDrawing(engine);

  return {
    attach(wire) {
      const page = serve(wire, (name, args) => dispatch(engine, name, args), options.log, isWithinRate);
      pages.add(page);
      wire.onClose(() => pages.delete(page));
    },
    async close() {
      exchange.stop();
      guard.stop();
      idle.stop();
      warming.stop();
      await upkeep.stop();
      await night.stop();
      await whenFree(engine);
      leave(engine);
      await engine.devices?.close();
      engine.book?.close();
      engine.book = null;
    },
  };
}

async function dispatch(engine: Engine, name: string, args: unknown): Promise<unknown> {
  if (!Object.hasOwn(handlers, name)) throw new CallError('bad_call', name.slice(0, 40));
  const handler = handlers[name as keyof typeof handlers]; // hasOwn was asked
  const parsed = handler.args.safeParse(args);
  if (!parsed.success) throw new CallError('bad_call', name);
  if (name !== 'snapshot' && !(await isFreeSoon(engine))) throw new CallError('busy', name);
  if (!mayCall(engine, handler.who)) throw new CallError('not_allowed', name);
  try {
    const { data } = parsed;
    return await personCall(engine, { name, args: data }, async () => handler.run(engine, data as never)); // the table pairs each shape with its function
  } catch (error) {
    if (!(error instanceof CallError)) stopOnFault(engine, error);
    throw error;
  }
}

/** An engine that ends in order signs its operator out; one that died finds them still at the till. */
function leave(engine: Engine): void {
  if (engine.operator === null || engine.status.kind !== 'selling') return;
  try {
    signOut(engine);
  } catch (error) {
    engine.log('signing out at the end', error); // the next start asks for the PIN after three minutes all the same
  }
}

/** A page gives a call up after 15 s: what it was told is lost must not be obeyed later. */
const freeWithinMs = 10_000;

async function isFreeSoon(engine: Engine): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), freeWithinMs);
  });
  const isFree = await Promise.race([whenFree(engine).then(() => true), late]);
  clearTimeout(timer);
  return isFree && engine.book?.db.inTransaction !== true;
}

function mayCall(engine: Engine, who: Who): boolean {
  switch (who) {
    case 'anyone':
      return true;
    case 'operator':
      return engine.operator !== null && engine.status.kind === 'selling';
    case 'owner':
      return engine.operator?.role === 'owner' && engine.status.kind === 'selling';
    case 'shift':
      return engine.operator !== null && engine.shift !== null && engine.status.kind === 'selling';
    default:
      return never(who);
  }
}
