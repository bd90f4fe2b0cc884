// The engine's process: takes pages from the host that started it, and ends cleanly. Knows no sale, no device.

import { once, portWire, relayToHost } from './relay.ts';
import type { EngineFrame, HostFrame, PortLike } from './relay.ts';
import type { Log } from './log.ts';
import type { Wire } from './wire.ts';

/** What electron/engine/engine.ts starts. */
export interface RunningEngine {
  attach(wire: Wire): void;
  close(): Promise<void>;
}

/** Exit codes that a person may find in the log. */
export const exitCodes = { clean: 0, failed: 1, usage: 2 } as const;

/** Closing the book takes a second; the host kills after eight. */
const closeDeadlineMs = 6_000;
/** Frames that the host has not taken yet; it reads at once, so more means that it hangs. */
const unsentMax = 1_000;

/** Runs the engine in this process until the host says stop, goes away, or something breaks: then the process ends. */
export async function runEngine(start: () => Promise<RunningEngine>, log: Log): Promise<void> {
  const broken = (what: string) => (error: unknown) => {
    log(what, error);
    process.exit(exitCodes.failed); // The state is unknown: the book is safe on disk, and the host starts a clean process.
  };
  process.on('uncaughtException', broken('uncaught exception'));
  process.on('unhandledRejection', broken('unhandled rejection'));

  let engine: RunningEngine | null = null;
  const stopping = once<string>();
  const stop = stopping.happen;
  stopping.listen((why) => {
    log(`closing: ${why}`);
    setTimeout(() => broken('closing took too long')(null), closeDeadlineMs);
    void (engine?.close() ?? Promise.resolve()).then(() => process.exit(exitCodes.clean));
  });
  process.on('SIGTERM', () => stop('SIGTERM'));
  process.on('SIGINT', () => stop('SIGINT'));

  const host = openHost(
    (wire) => engine?.attach(wire),
    () => stop('the host said so'),
    () => stop('the host is gone'),
  );
  try {
    engine = await start();
  } catch (error) {
    return broken('the engine could not start')(error);
  }
  host.send({ kind: 'ready' });
}

/** What Electron gives a utilityProcess; its types are not imported, for the engine runs under plain Node as well. */
interface ParentPort {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (event: { readonly data: unknown; readonly ports: readonly PortLike[] }) => void): void;
}

function openHost(attach: (wire: Wire) => void, stop: () => void, gone: () => void): { send(frame: EngineFrame): void } {
  const port = (process as { readonly parentPort?: ParentPort }).parentPort; // Electron adds it to `process`
  return port ? hostByPort(port, attach, stop) : hostByFork(attach, stop, gone);
}

function hostByPort(port: ParentPort, attach: (wire: Wire) => void, stop: () => void): { send(frame: EngineFrame): void } {
  const send = (frame: EngineFrame): void => port.postMessage(frame);
  port.on('message', ({ data, ports }) => {
    const frame = data as HostFrame; // the host is ours
    if (frame.kind === 'open' && ports[0]) attach(portWire(ports[0]));
    if (frame.kind === 'ping') send({ kind: 'pong' });
    if (frame.kind === 'stop') stop();
  });
  return { send };
}

function hostByFork(attach: (wire: Wire) => void, stop: () => void, gone: () => void): { send(frame: EngineFrame): void } {
  let unsent = 0;
  const send = (frame: EngineFrame): boolean => {
    if (!process.connected || unsent >= unsentMax) return false;
    unsent += 1;
    process.send?.(frame, undefined, undefined, () => {
      unsent -= 1;
    });
    return true;
  };
  const relay = relayToHost(send, attach);
  process.on('message', (raw) => {
    const frame = raw as HostFrame; // the host is ours
    if (frame.kind === 'ping') send({ kind: 'pong' });
    else if (frame.kind === 'stop') stop();
    else relay.receive(frame);
  });
  process.on('disconnect', () => {
    relay.closeAll();
    gone();
  });
  return { send };
}
