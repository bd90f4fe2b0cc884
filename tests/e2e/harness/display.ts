// A screen for windows on a machine that has none: one Xvfb, ended with the tests.

import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';

export interface Display {
  /** For the environment variable DISPLAY. */
  readonly name: string;
  close(): void;
}

const startDeadlineMs = 10_000;

/** Starts Xvfb on the first free display. Throws when it does not come up. */
export async function openDisplay(size = '1366x820x24'): Promise<Display> {
  const server = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', size, '-nolisten', 'tcp'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  const written = server.stdio[3] as Readable; // the fourth pipe asked for above
  const number = await new Promise<string>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('Xvfb did not start')), startDeadlineMs);
    server.on('error', reject);
    written.once('data', (data: Buffer) => {
      clearTimeout(timer);
      resolve(data.toString().trim());
    });
  });
  return { name: `:${number}`, close: () => void server.kill() };
}
