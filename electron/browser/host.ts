// The browser host: one engine process, one page server, joined. What a machine without Electron runs. Knows no sale.

import { forkEngine } from '../ipc/fork-engine.ts';
import type { ForkedEngine } from '../ipc/fork-engine.ts';
import type { Log } from '../ipc/log.ts';
import { listAssets } from '../ipc/page-assets.ts';
import { once } from '../ipc/relay.ts';
import { supervise } from '../ipc/supervise.ts';
import { servePage } from './serve-page.ts';

export interface BrowserHost {
  readonly port: number;
  /** A new address of the page; it opens one page. */
  invite(): string;
  /** The engine's process now, for tests that kill it; null while there is none. */
  enginePid(): number | null;
  /** Resolves when the engine took pages for the first time. */
  readonly engineReady: Promise<void>;
  close(): Promise<void>;
}

/** Starts engine and page server. Throws when the page was not built. */
export async function startBrowserHost(options: {
  readonly home: string;
  /** The built page, dist/renderer. */
  readonly page: string;
  /** electron/engine/main.ts, or its bundle. */
  readonly engine: string;
  readonly log: Log;
}): Promise<BrowserHost> {
  const { home, page, engine: entry, log } = options;
  const assets = listAssets(page);
  let engine: ForkedEngine | null = null;
  const ready = once();
  const server = await servePage({ assets, openWire: () => engine?.openPage() ?? null, log });
  const supervisor = supervise({
    start: () => forkEngine({ node: process.execPath, entry, home }),
    log,
    onUp(child) {
      engine = child;
      log(`engine ready, process ${child.pid}`);
      ready.happen();
    },
    onDown() {
      engine = null;
    },
  });
  return {
    port: server.port,
    invite: () => server.invite(),
    enginePid: () => engine?.pid ?? null,
    engineReady: new Promise((resolve) => ready.listen(resolve)),
    async close() {
      await server.close();
      await supervisor.stop();
    },
  };
}
