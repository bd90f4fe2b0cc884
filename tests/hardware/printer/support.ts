// Builders for the printer's tests: receipts, short deadlines, states in the order they were told, ptys.

import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { PaperDots, PrintState, Raster } from '../../../db/model/receipt.ts';
import { openPrinter, type Printer, type PrinterCondition, type PrinterTiming, type PrintJob } from '../../../hardware/printer/printer.ts';
import { startVirtualPrinter, type VirtualPrinter } from '../../../hardware/virtual/printer.ts';

/** The deadlines of a busy test machine: only what is waited for in vain should reach them. */
const patient: Partial<PrinterTiming> = {
  answerMs: 1_000,
  helloMs: 1_000,
  recoveredMs: 2_000,
  printMs: 3_000,
  heldMs: 10_000,
  markerMs: 100,
  quietMs: 50,
  pollMs: 100,
  backOffMs: [50, 100],
};

/** For printers that stay silent: how it ends is the test, not when. */
export const impatient: Partial<PrinterTiming> = { answerMs: 150, helloMs: 150, recoveredMs: 150, printMs: 300, bytesPerSecond: 100_000 };

/** A picture with a pattern that shows a lost or doubled row. */
export function aRaster(rows = 250, width: PaperDots = 576): Raster {
  const rowBytes = width / 8;
  return { width, height: rows, bits: Uint8Array.from({ length: rowBytes * rows }, (_, at) => 0x20 | (Math.floor(at / rowBytes) & 0x0f)) };
}

export function aJob(overrides: Partial<PrintJob> = {}): PrintJob {
  return { id: 'job-1', raster: aRaster(), cut: true, ...overrides };
}

/** The rows of a paper that hold ink. */
export function inked(paper: Raster): Raster {
  const rowBytes = paper.width / 8;
  const rows = Array.from({ length: paper.height }, (_, row) => paper.bits.subarray(row * rowBytes, (row + 1) * rowBytes)).filter((row) =>
    row.some((byte) => byte !== 0),
  );
  return { width: paper.width, height: rows.length, bits: Uint8Array.from(Buffer.concat(rows)) };
}

/** As the paper's inked rows when these were printed, one after the other. */
export function rastersInARow(...rasters: readonly Raster[]): Raster {
  return {
    width: rasters[0]!.width,
    height: rasters.reduce((sum, raster) => sum + raster.height, 0),
    bits: Uint8Array.from(Buffer.concat(rasters.map((raster) => raster.bits))),
  };
}

export function opened(address: string, timing: Partial<PrinterTiming> = {}): Printer {
  const printer = openPrinter(address, { timing: { ...patient, ...timing } });
  onTestFinished(() => printer.close());
  return printer;
}

export async function aVirtualPrinter(options: Partial<Parameters<typeof startVirtualPrinter>[0]> = {}): Promise<VirtualPrinter> {
  const virtual = await startVirtualPrinter({ dots: 576, ...options });
  onTestFinished(() => virtual.close());
  return virtual;
}

export interface Printing {
  /** Everything told so far; failures with their cause. */
  readonly told: string[];
  readonly ended: Promise<PrintState>;
  /** Resolves when the state was told, now or before. */
  until(state: string): Promise<void>;
}

/** Prints and keeps what is told. */
export function printing(printer: Printer, job: PrintJob): Printing {
  const told: string[] = [];
  const waiting = new Map<string, () => void>();
  const ended = printer.print(job, (state) => {
    const name = nameOf(state);
    told.push(name);
    waiting.get(name)?.();
  });
  return {
    told,
    ended,
    until: (state) =>
      new Promise((resolve) => {
        if (told.includes(state)) resolve();
        else waiting.set(state, resolve);
      }),
  };
}

/** Prints to the end: what was told, the last of it being how it ended. */
export async function printed(printer: Printer, job: PrintJob): Promise<readonly string[]> {
  const { told, ended } = printing(printer, job);
  const end = nameOf(await ended);
  if (told.at(-1) !== end) throw new Error(`told ${told.at(-1)} last, ended as ${end}`);
  return told;
}

function nameOf(state: PrintState): string {
  return state.kind === 'failed' ? `failed: ${state.cause}` : state.kind;
}

export async function untilCondition(printer: Printer, wanted: PrinterCondition): Promise<void> {
  if (printer.condition() === wanted) return;
  await new Promise<void>((resolve) => {
    const stop = printer.onCondition((condition) => {
      if (condition !== wanted) return;
      stop();
      resolve();
    });
  });
}

/** A server that plays a printer of our own making. */
export async function aScriptedPrinter(onClient: (client: Socket) => void): Promise<{ readonly address: string; close(): Promise<void> }> {
  const clients = new Set<Socket>();
  const server = createServer((client) => {
    clients.add(client);
    client.setNoDelay(true);
    client.on('error', () => {});
    onClient(client);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('a TCP server has a port');
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      for (const client of clients) client.destroy();
    });
  onTestFinished(async () => {
    if (server.listening) await close();
  });
  return { address: `tcp://127.0.0.1:${bound.port}`, close };
}

/** Two ends of a cable: what is written to one is read from the other. */
export interface Cable {
  readonly till: string;
  readonly device: string;
  unplug(): Promise<void>;
  plug(): Promise<void>;
}

export async function aPtyPair(): Promise<Cable> {
  const folder = mkdtempSync(join(tmpdir(), 'pty-'));
  const [till, device] = [join(folder, 'till'), join(folder, 'device')];
  let socat: ChildProcess;
  const plug = async () => {
    const child = spawn('socat', ['-d', '-d', `pty,raw,echo=0,link=${till}`, `pty,raw,echo=0,link=${device}`], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    socat = child;
    await new Promise<void>((resolve) => {
      child.stderr.on('data', (text: Buffer) => {
        if (text.includes('starting data transfer')) resolve();
      });
    });
  };
  await plug();
  onTestFinished(async () => {
    await ended(socat);
    rmSync(folder, { recursive: true, force: true });
  });
  return { till, device, plug, unplug: () => ended(socat) };
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
  });
  child.kill();
  await exit;
}

/** What a scripted printer says to each question; fine where nothing is said here. */
export interface Answers {
  readonly realTime?: (question: number) => readonly number[];
  readonly hello?: () => readonly number[];
  readonly marker?: (id: Uint8Array) => readonly number[];
  readonly picture?: () => void;
}

/**
 * Answers the questions it finds in what a client sends, with no idea of the rest. 'not yet': the caller hands it the bytes.
 */
export function anAnsweringMachine(
  client: Socket,
  answers: Answers,
  how: 'at once' | 'byte by byte' | 'not yet' = 'at once',
): (bytes: Uint8Array) => void {
  let text = '';
  const say = (bytes: readonly number[]) => {
    if (how !== 'byte by byte') client.write(Uint8Array.from(bytes));
    else for (const byte of bytes) client.write(Uint8Array.of(byte));
  };
  const hear = (bytes: Uint8Array) => {
    text += Buffer.from(bytes).toString('latin1');
    for (;;) {
      const found = /\x10\x04([\x01-\x04])|\x1d\x61\xff|\x1d\x28H\x06\x0000(....)\x1d\x72\x01|\x1d\x76\x30/.exec(text); // oxlint-disable-line no-control-regex -- bytes
      if (found === null) break;
      const [whole, question, id] = found;
      if (question !== undefined) say((answers.realTime ?? (() => [0x12]))(question.charCodeAt(0)));
      else if (id !== undefined) say((answers.marker ?? ((bytes) => [0x37, 0x22, ...bytes, 0x00, 0x00]))(Buffer.from(id, 'latin1')));
      else if (whole === '\x1d\x61\xff') say((answers.hello ?? (() => [0x10, 0, 0, 0]))());
      else answers.picture?.();
      text = text.slice(found.index + whole.length);
    }
    text = text.slice(-20); // a question may be cut in two
  };
  if (how !== 'not yet') client.on('data', hear);
  return hear;
}

/** A named pipe that somebody reads. */
export function aReadPipe(path: string): void {
  const socat = spawn('socat', ['-u', `pipe:${path}`, '-'], { stdio: 'ignore' });
  onTestFinished(() => ended(socat));
}
