// Starts the engine as a child process of plain Node, for a host that has no utilityProcess. Only moves frames.

import { fork } from 'node:child_process';
import { once, relayToEngine } from './relay.ts';
import type { EngineFrame, HostFrame } from './relay.ts';
import type { EngineChild } from './supervise.ts';
import type { Wire } from './wire.ts';

/** An engine process that takes pages over its IPC channel. */
export interface ForkedEngine extends EngineChild {
  readonly pid: number | undefined;
  /** A wire for one more page; null when there are too many. Closed when the process ends. */
  openPage(): Wire | null;
}

/** Frames that the engine has not taken yet: 64 calls of each of 8 pages, twice. */
const unsentMax = 1_024;

/**
 * Left to itself V8 gives new objects as much room as the machine's memory allows, 128 MB on a PC with 24 GB, and some
 * hundred sales fill it. Neither a sale nor a county's file takes longer in this.
 */
const semiSpaceMegabytes = 8;

/** Starts `entry` (electron/engine/main.ts or its bundle) with the given Node 24 binary. */
export function forkEngine(options: { readonly node: string; readonly entry: string; readonly home: string }): ForkedEngine {
  // Electron's own switches must not reach a plain Node; the engine needs nothing from them.
  const execArgv = [`--max-semi-space-size=${semiSpaceMegabytes}`];
  const child = fork(options.entry, ['--home', options.home], { execPath: options.node, execArgv });
  let unsent = 0;
  const send = (frame: HostFrame): boolean => {
    if (!child.connected || unsent >= unsentMax) return false;
    unsent += 1;
    child.send(frame, () => {
      unsent -= 1;
    });
    return true;
  };
  const relay = relayToEngine(send);
  const ready = once();
  const exited = once<string>();
  const end = (text: string): void => {
    relay.closeAll();
    exited.happen(text);
  };
  const pongs: (() => void)[] = [];
  child.on('message', (raw) => {
    const frame = raw as EngineFrame; // the engine is ours
    if (frame.kind === 'ready') ready.happen();
    else if (frame.kind === 'pong') for (const listener of pongs) listener();
    else relay.receive(frame);
  });
  child.on('error', (error) => {
    if (child.pid === undefined) end(`could not be started: ${error.message}`);
  });
  child.on('exit', (code, signal) => end(signal === null ? `exit code ${code}` : `killed by ${signal}`));

  return {
    pid: child.pid,
    openPage: () => relay.open(),
    onReady: ready.listen,
    onExit: exited.listen,
    onPong: (listener) => void pongs.push(listener),
    ping: () => void send({ kind: 'ping' }),
    stop: () => void send({ kind: 'stop' }),
    kill: () => void child.kill('SIGKILL'),
  };
}
