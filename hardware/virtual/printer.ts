// A simulated receipt printer behind a real TCP socket on this machine: for the demo, for training and for tests. It knows
// no till; a till cannot tell it from a real one.

import { createServer, type Socket } from 'node:net';
import type { PaperDots, Raster } from '../../db/model/receipt.ts';
import { never } from '../../db/model/result.ts';
import { fineCondition, makePrinterMechanism, receiveBufferBytes, type Condition } from './printer-mechanism.ts';

/** What a simulated printer can be made to do. */
export const virtualPrinterFaults = [
  'none',
  'paper_out', // keeps what it receives, and prints it when there is paper
  'near_end',
  'cover_open', // the same, until it is closed
  'slow',
  'silent', // prints, and never answers
  'one_client', // a second connection is accepted and not served
  'cut_off', // drops the connection while it prints
  'offline', // switched off: nobody listens, and its memory is lost
] as const;

export type VirtualPrinterFault = (typeof virtualPrinterFaults)[number];

export interface VirtualPrinter {
  /** tcp://127.0.0.1:port, the same for as long as it lives. */
  readonly address: string;
  /** Makes it fail, now or after so many more printed rows; 'none' mends all. Resolves when it is so, or is set to be. */
  setFault(fault: VirtualPrinterFault, options?: { readonly afterRows?: number }): Promise<void>;
  fault(): VirtualPrinterFault;
  /** Everything it printed, also what hangs out uncut. */
  paper(): Raster;
  /** Calls with every strip that was cut, or fed to where it tears, until the returned function is called. */
  onPaper(listener: (strip: Raster) => void): () => void;
  drawerKicks(): number;
  /** Bytes that it printed as text. */
  strayBytes(): number;
  close(): Promise<void>;
}

/** A fifth of a usual printer: slow enough to watch, fast enough for the deadlines of a job. */
const slowBytesPerSecond = 12_000;

/** Starts it, on any free port unless one is named. */
export async function startVirtualPrinter(options: {
  readonly dots: PaperDots;
  readonly port?: number;
  readonly model?: 'epson' | 'clone';
  /** What 'slow' means; 12,000 unless told. */
  readonly slowBytesPerSecond?: number;
}): Promise<VirtualPrinter> {
  let fault: VirtualPrinterFault = 'none';
  let planned: { readonly fault: VirtualPrinterFault; rowsLeft: number } | null = null;
  const listeners = new Set<(strip: Raster) => void>();
  /** In the order of their coming; the first is served, the others too unless `one_client`. */
  const clients = new Set<Socket>();

  const mechanism = makePrinterMechanism({
    dots: options.dots,
    model: options.model ?? 'epson',
    onAnswer(bytes) {
      for (const client of served()) client.write(bytes);
    },
    onStrip(strip) {
      for (const listener of listeners) listener(strip);
    },
    onRow() {
      if (planned === null) return;
      planned.rowsLeft -= 1;
      if (planned.rowsLeft > 0) return;
      const due = planned.fault;
      planned = null;
      void take(due);
    },
  });

  const served = () => (fault === 'one_client' ? [...clients].slice(0, 1) : [...clients]);
  const flow = () => {
    const isFull = mechanism.waiting() > receiveBufferBytes;
    const now = new Set(isFull ? [] : served());
    for (const client of clients) {
      if (now.has(client)) client.resume();
      else client.pause();
    }
  };
  const flowing = setInterval(flow, flowMs);

  const server = createServer((client) => {
    clients.add(client);
    client.setNoDelay(true);
    client.on('error', () => {}); // a till that went away
    client.on('close', () => {
      clients.delete(client);
      flow();
    });
    client.on('data', (bytes) => {
      mechanism.receive(bytes);
      flow();
    });
    flow();
  });
  const listen = (port: number) =>
    new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host: '127.0.0.1', port }, () => {
        server.off('error', reject);
        resolve();
      });
    });
  const switchOff = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      for (const client of clients) client.destroy();
    });

  await listen(options.port ?? 0);
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('a TCP server has a port');
  const { port } = bound;

  /** Faults come one after the other, so that listening and not listening do not cross. */
  let taking = Promise.resolve();
  const take = (next: VirtualPrinterFault): Promise<void> => {
    if (next === 'cut_off') for (const client of clients) client.destroy();
    fault = next;
    mechanism.setCondition(conditionOf(next, options.slowBytesPerSecond ?? slowBytesPerSecond));
    flow();
    taking = taking.then(async () => {
      if (next === 'offline' && server.listening) {
        mechanism.restart();
        await switchOff();
      }
      if (next !== 'offline' && !server.listening) await listen(port);
    });
    return taking;
  };

  return {
    address: `tcp://127.0.0.1:${port}`,
    async setFault(next, { afterRows } = {}) {
      planned = null;
      const rowsLeft = afterRows ?? (next === 'cut_off' ? 1 : 0);
      if (rowsLeft > 0) planned = { fault: next, rowsLeft };
      else await take(next);
    },
    fault: () => planned?.fault ?? fault,
    paper: () => mechanism.paper(),
    onPaper(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    drawerKicks: () => mechanism.drawerKicks(),
    strayBytes: () => mechanism.strayBytes(),
    async close() {
      clearInterval(flowing);
      mechanism.stop();
      await taking;
      if (server.listening) await switchOff();
    },
  };
}

/** How often a full printer looks whether it can take more. */
const flowMs = 20;

function conditionOf(fault: VirtualPrinterFault, bytesPerSecond: number): Condition {
  switch (fault) {
    case 'paper_out':
      return { ...fineCondition, paper: 'out' };
    case 'near_end':
      return { ...fineCondition, paper: 'near_end' };
    case 'cover_open':
      return { ...fineCondition, coverOpen: true };
    case 'silent':
      return { ...fineCondition, isMute: true };
    case 'offline':
      return { ...fineCondition, isOff: true };
    case 'slow':
      return { ...fineCondition, bytesPerSecond };
    case 'none':
    case 'one_client':
    case 'cut_off':
      return fineCondition;
    default:
      return never(fault);
  }
}
