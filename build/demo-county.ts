// Runs the server of the demo county beside `npm start`, on this machine only, and ends it with it. Knows no kiosk.

import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { CountyServer } from '../db/home.ts';
import { serverFolder, serverJournal } from './demo.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
/** The one of README's commands; another where it is taken. */
const usualPort = 8443;
const startMs = 60_000;
/** What is going on, a file that is taken in or a night, is finished first. */
const endMs = 15_000;

export interface DemoCounty {
  readonly server: CountyServer;
  /** Ends it, and waits until it has ended. */
  stop(): Promise<void>;
}

/** Starts it and waits until it takes files; null, with its own words on the terminal, where it does not: a shop opens without. */
export async function startCounty(say: (line: string) => void): Promise<DemoCounty | null> {
  const port = (await isFree(usualPort)) ? usualPort : 0;
  const args = ['serve', '--data', serverFolder, '--host', '127.0.0.1', '--port', String(port)];
  // The channel carries nothing: it closes when this process is gone, however that happened, and the server ends.
  const child = spawn(process.execPath, [join(root, 'county/main.ts'), ...args], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
  const ended = new Promise<void>((resolve) => {
    child.on('exit', () => resolve());
    child.on('error', () => resolve());
  });
  const journal = createWriteStream(serverJournal, { flags: 'a' });
  journal.on('error', () => {}); // a full disk: the server's work is in its book
  let isEnding = false;
  const stop = async (): Promise<void> => {
    isEnding = true;
    const killing = setTimeout(() => child.kill('SIGKILL'), endMs);
    if (child.connected) child.disconnect();
    await ended;
    clearTimeout(killing);
    journal.end();
  };
  const found = await new Promise<CountyServer | null>((resolve) => {
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
  if (found !== null) {
    void ended.then(() => {
      if (!isEnding) say('the county’s server has ended: the shops go on selling, and keep what they have to send');
    });
    return { server: found, stop };
  }
  await stop();
  return null;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}
