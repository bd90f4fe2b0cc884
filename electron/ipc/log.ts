// Writes what happened as lines of JSON to stderr and to a file that never grows past its bound. Never throws, never logs arguments of a call.

import { appendFileSync, existsSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** One line of the log, with the error that caused it. */
export type Log = (line: string, error?: unknown) => void;

/** security.md 8: five files of 2 MB. */
const fileBytesMax = 2 * 1024 * 1024;
const filesMax = 5;

/** A log in HOME/logs/NAME.log. Where the home is missing or cannot be written, stderr alone has it. */
export function openLog(home: string, name: 'engine' | 'host', echo: (text: string) => void = (text) => process.stderr.write(text)): Log {
  const file = join(home, 'logs', `${name}.log`);
  return (line, error) => {
    const text = `${JSON.stringify({ at: new Date().toISOString(), from: name, pid: process.pid, line, ...cause(error) })}\n`;
    try {
      echo(text);
    } catch {
      // A terminal that was closed: the file still has the line.
    }
    try {
      if (!existsSync(home)) return;
      mkdirSync(join(home, 'logs'), { recursive: true });
      rotate(file);
      appendFileSync(file, text);
    } catch {
      // A full or read-only disk: stderr has the line, and the engine reports the disk by itself.
    }
  };
}

function cause(error: unknown): { readonly error?: string } {
  if (error === undefined || error === null) return {};
  if (!(error instanceof Error)) return { error: typeof error === 'string' ? error : JSON.stringify(error) };
  const reasons = error.cause === undefined ? '' : `\ncaused by: ${cause(error.cause).error ?? ''}`;
  return { error: `${error.stack ?? error.message}${reasons}` };
}

function rotate(file: string): void {
  if (!existsSync(file) || statSync(file).size < fileBytesMax) return;
  for (let i = filesMax - 1; i >= 1; i--) {
    const from = i === 1 ? file : `${file}.${i - 1}`;
    if (existsSync(from)) renameSync(from, `${file}.${i}`);
  }
}
