// Runs one command with a deadline, for the scripts of this folder. Never through a shell.

import { spawn } from 'node:child_process';

export interface Outcome {
  /** 0: it did what it should. A command that was not found or took too long has none. */
  readonly code: number | null;
  /** Both outputs, in the order they came; empty where they were shown. */
  readonly output: string;
}

/** Runs to the end or the deadline. `show` passes its output through, otherwise it is kept (its last 200,000 characters). */
export function run(
  command: string,
  args: readonly string[],
  options: {
    readonly deadlineMs: number;
    readonly show?: boolean;
    readonly cwd?: string;
    readonly env?: { readonly [name: string]: string };
  },
): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ['ignore', options.show ? 'inherit' : 'pipe', options.show ? 'inherit' : 'pipe'],
    });
    let output = '';
    const keep = (data: Buffer): void => {
      output = (output + data.toString()).slice(-200_000);
    };
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
    const timer = setTimeout(() => {
      output += `\n${command} took longer than ${options.deadlineMs / 1000} s and was ended\n`;
      child.kill('SIGKILL');
    }, options.deadlineMs);
    const end = (code: number | null): void => {
      clearTimeout(timer);
      resolve({ code, output });
    };
    child.on('error', (error) => {
      output += `${command}: ${error.message}\n`;
      end(null);
    });
    child.on('close', (code) => end(code));
  });
}
