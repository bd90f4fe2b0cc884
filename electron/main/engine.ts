// Keeps the engine's process running and gives its ports to pages. Reads no message of theirs.

import { MessageChannelMain, ipcMain, utilityProcess } from 'electron';
import type { MessagePortMain, WebContents } from 'electron';
import { forkEngine } from '../ipc/fork-engine.ts';
import type { Log } from '../ipc/log.ts';
import { join, once, portWire } from '../ipc/relay.ts';
import type { EngineFrame, HostFrame } from '../ipc/relay.ts';
import { supervise } from '../ipc/supervise.ts';
import type { EngineChild } from '../ipc/supervise.ts';
import type { CheckSender } from './watch-page.ts';

interface Engine extends EngineChild {
  readonly pid: number | undefined;
  takePort(port: MessagePortMain): void;
}

/** Starts the engine and hands a port to every page that asks: at once, or when the engine is there. */
export function runEngine(options: {
  readonly entry: string;
  readonly home: string;
  /** A Node 24 binary to run the engine with; null: Electron's own Node. */
  readonly node: string | null;
  readonly log: Log;
  readonly mayUse: CheckSender;
}): { stop(): Promise<void> } {
  const { entry, home, node, log, mayUse } = options;
  const waiting = new Set<WebContents>();
  const served = new Set<WebContents>();
  let engine: Engine | null = null;

  const handOver = (to: Engine, page: WebContents): void => {
    if (page.isDestroyed()) return;
    const { port1, port2 } = new MessageChannelMain();
    to.takePort(port1);
    page.postMessage('wire', null, [port2]);
    served.add(page);
  };
  ipcMain.on('wire', (event) => {
    if (!mayUse('wire', event)) return;
    if (engine) handOver(engine, event.sender);
    else waiting.add(event.sender);
  });
  return supervise({
    start: () => (node === null ? engineInElectron(entry, home) : engineInNode(node, entry, home)),
    log,
    onUp(child) {
      engine = child;
      log(`engine ready, process ${child.pid}`);
      for (const page of waiting) handOver(child, page);
      waiting.clear();
    },
    onDown() {
      engine = null;
      // Its ports close with it, but not every Chromium tells the page so (130 does not): main says it.
      for (const page of served) if (!page.isDestroyed()) page.send('gone');
      served.clear();
    },
  });
}

/** What shops run: the page's port goes to the engine's process, and main is out of the conversation. */
function engineInElectron(entry: string, home: string): Engine {
  const child = utilityProcess.fork(entry, ['--home', home], { serviceName: 'kiosk engine', stdio: 'inherit' });
  const ready = once();
  const exited = once<string>();
  const pongs: (() => void)[] = [];
  let nextPage = 1;
  const send = (frame: HostFrame, ports: MessagePortMain[] = []): void => child.postMessage(frame, ports);
  child.on('message', (raw) => {
    const frame = raw as EngineFrame; // the engine is ours
    if (frame.kind === 'ready') ready.happen();
    if (frame.kind === 'pong') for (const listener of pongs) listener();
  });
  child.on('exit', (code) => exited.happen(`exit code ${code}`));
  return {
    get pid() {
      return child.pid;
    },
    takePort: (port) => send({ kind: 'open', page: nextPage++ }, [port]),
    onReady: ready.listen,
    onExit: exited.listen,
    onPong: (listener) => void pongs.push(listener),
    ping: () => send({ kind: 'ping' }),
    stop: () => send({ kind: 'stop' }),
    kill() {
      // child.kill() sends SIGTERM, which an engine that hangs never hears.
      if (child.pid !== undefined) process.kill(child.pid, 'SIGKILL');
    },
  };
}

/** For an Electron whose Node is too old for SQLite (design.md): main relays between the page's port and the child. */
function engineInNode(node: string, entry: string, home: string): Engine {
  const child = forkEngine({ node, entry, home });
  return {
    ...child,
    takePort(port) {
      const wire = child.openPage();
      if (wire === null) port.close();
      else join(portWire(port), wire);
    },
  };
}
