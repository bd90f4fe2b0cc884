// Runs the server of the demo county beside `npm start`, on this machine only, starts it again where it dies, and ends it with it. Knows no
// kiosk.

import { spawn } from 'node:child_process';
import { type WriteStream, createWriteStream } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { countyNodeArguments } from '../county/node-arguments.ts';
import type { CountyServer } from '../db/home.ts';
import { serverFolder, serverJournal } from './demo.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
/** The one of README's commands; another where it is taken. */
const usualPort = 8443;
const startMs = 60_000;
/** What is going on, a file that is taken in or a night, is finished first. */
const endMs = 15_000;
/** A server that dies again and again has a reason that no start mends; one that ran for so long died of something new. */
const restartsMax = 3;
const steadyMs = 10 * 60_000;

export interface DemoCounty {
  readonly server: CountyServer;
  /** Ends it, and waits until it has ended. */
  stop(): Promise<void>;
}

/** What is run, at a port, and where what it says is written down. */
export interface ServerProgram {
  readonly args: (port: number) => readonly string[];
  readonly journal: string;
}

const demoServer: ServerProgram = {
  args: (port) => {
    const words = ['serve', '--data', serverFolder, '--host', '127.0.0.1', '--port', String(port)];
    return [...countyNodeArguments, join(root, 'county/main.ts'), ...words];
  },
  journal: serverJournal,
};

/**
 * Starts it and waits until it takes files; null, with its own words on the terminal, where it does not: a shop opens without. Where it dies
 * later it is started again at the same address, some times at most, and that is said.
 */
export async function startCounty(say: (line: string) => void, program: ServerProgram = demoServer): Promise<DemoCounty | null> {
  const journal = createWriteStream(program.journal, { flags: 'a' });
  journal.on('error', () => {}); // a full disk: the server's work is in its book
  let running = runServer(program, (await isFree(usualPort)) ? usualPort : 0, journal);
  const server = await running.found;
  if (server === null) {
    await running.stop();
    journal.end();
    return null;
  }
  let isEnding = false;
  const keepUp = async (): Promise<void> => {
    for (let restarts = 0; ;) {
      const sinceMs = performance.now();
      await running.ended;
      if (isEnding) return;
      restarts = performance.now() - sinceMs > steadyMs ? 1 : restarts + 1;
      if (restarts > restartsMax)
        return say(
          'the county’s server has ended again: the shops go on selling, and keep what they have to send until the next npm start',
        );
      say(`the county’s server has ended: it is started again (${restarts} of ${restartsMax})`);
      running = runServer(program, Number(new URL(server.url).port), journal);
      if ((await running.found) !== null) say('the county’s server takes files again');
      else await running.stop();
    }
  };
  const kept = keepUp();
  return {
    server,
    async stop() {
      isEnding = true;
      await running.stop();
      await kept;
      journal.end();
    },
  };
}

/** One run of it. */
interface Running {
  /** Null: it ended, or took too long, before it took files. */
  readonly found: Promise<CountyServer | null>;
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

function runServer(program: ServerProgram, port: number, journal: WriteStream): Running {
  // The channel carries nothing: it closes when this process is gone, however that happened, and the server ends.
  const child = spawn(process.execPath, program.args(port), { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
  const ended = new Promise<void>((resolve) => {
    child.on('exit', () => resolve());
    child.on('error', () => resolve());
  });
  const found = new Promise<CountyServer | null>((resolve) => {
    const late = setTimeout(() => resolve(null), startMs);
    void ended.then(() => resolve(null)).finally(() => clearTimeout(late));
    createInterface({ input: child.stdout! }).on('line', (line) => {
      journal.write(`${line}\n`);
      const [, url, pin] = /"url": "(https:[^"]+)", "pin": "([A-Za-z0-9_-]{43})"/.exec(line) ?? [];
      if (url === undefined || pin === undefined) return;
      clearTimeout(late);
      resolve({ url, pin });
    });
  });
  const stop = async (): Promise<void> => {
    const killing = setTimeout(() => child.kill('SIGKILL'), endMs);
    if (child.connected) child.disconnect();
    await ended;
    clearTimeout(killing);
  };
  return { found, ended, stop };
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}
