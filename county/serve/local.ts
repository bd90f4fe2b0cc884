// The line between a county's server and its commands on the same machine: a socket in the data folder that only its owner may use. A
// command typed while the server runs is run by the server, which has the book open. Knows no command.

import { createHash } from 'node:crypto';
import { chmodSync, rmSync } from 'node:fs';
import { type Server, type Socket, connect, createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { z } from 'zod';
import { type Result, fail, ok } from '../../db/model/result.ts';
import { isFull } from '../book/full-disk.ts';
import type { Terminal } from '../log/commands.ts';

/** What is asked: the words as typed, and the folder they were typed in. */
export interface Asked {
  readonly words: readonly string[];
  readonly workingDirectory: string;
}

/** Runs what is asked and returns its exit code. */
export type Run = (asked: Asked, terminal: Terminal) => Promise<number>;

/** Exit code of a command that failed by a fault of ours. */
export const faultCode = 70; // EX_SOFTWARE of sysexits.h

const fullText = 'the disk is full, and what did not fit was not done: make room, and type it again; the server goes on\n';

/** A request holds the words of a command, which the system bounds, too. */
const requestBytesMax = 256 * 1024;
/** Commands are typed by people; more at once is a mistake somewhere. */
const atOnceMax = 16;
/** A command's words are written in one go; who holds a place and asks nothing keeps others out. */
const usualAskingMs = 10_000;
/** Whoever does not read what a command said: a terminal that was stopped is given a while, then its place. */
const unreadMs = 60_000;
const unreadBytesMax = 64 * 1024 * 1024;
const ownerOnly = 0o600;
/** The least of what systems allow for a socket's path (macOS), with its closing zero. */
const pathBytesMax = 103;

const askedShape = z.strictObject({ words: z.array(z.string()).min(1).max(10_000), workingDirectory: z.string().min(1) });
const answerShape = z.union([
  z.strictObject({ say: z.string() }),
  z.strictObject({ complain: z.string() }),
  z.strictObject({ exit: z.number().int() }),
]);

/** Where the server of a data folder is asked. Windows has named pipes, which are open to their owner and to administrators. */
export function localPath(directory: string): string {
  if (process.platform !== 'win32') return join(directory, 'serve.sock');
  return `\\\\.\\pipe\\civicpos-${createHash('sha256').update(directory).digest('hex').slice(0, 32)}`;
}

/**
 * Answers commands until it is closed. Only for who holds the folder's book: a socket that lies there is then one that a killed server
 * left. `fault`: what a command threw, for the journal; the server goes on. `askingMs`: within which who connects must have asked.
 */
export async function answerLocally(
  directory: string,
  run: Run,
  fault: (error: unknown) => void,
  askingMs = usualAskingMs,
): Promise<Result<{ close(): Promise<void> }, 'path_too_long'>> {
  const path = localPath(directory);
  const isSocketFile = process.platform !== 'win32';
  if (isSocketFile && Buffer.byteLength(path) > pathBytesMax) return fail('path_too_long');
  if (isSocketFile) rmSync(path, { force: true });
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    socket.on('error', () => {}); // who asked went away; the command goes on to its end
    void answerOne(socket, { run, fault, askingMs });
  });
  server.maxConnections = atOnceMax;
  await listening(server, path, isSocketFile);
  return ok({
    close: () =>
      new Promise<void>((done) => {
        server.close(() => done());
        for (const socket of open) socket.destroySoon();
      }),
  });
}

/** The socket is its owner's from its first moment: with the mask before, and not by a change after. */
function listening(server: Server, path: string, isSocketFile: boolean): Promise<void> {
  return new Promise((done, failed) => {
    server.once('error', failed);
    const before = isSocketFile ? process.umask(0o777 & ~ownerOnly) : null;
    try {
      server.listen(path, () => done());
    } finally {
      if (before !== null) process.umask(before);
    }
    if (isSocketFile) chmodSync(path, ownerOnly);
  });
}

async function answerOne(
  socket: Socket,
  { run, fault, askingMs }: { readonly run: Run; readonly fault: (error: unknown) => void; readonly askingMs: number },
): Promise<void> {
  const tell = (answer: z.infer<typeof answerShape>): void => {
    if (socket.writableLength > unreadBytesMax) socket.destroy();
    if (!socket.destroyed) socket.write(`${JSON.stringify(answer)}\n`);
  };
  try {
    const asked = askedShape.parse(JSON.parse(await firstLine(socket, askingMs)));
    const exit = await run(asked, { say: (say) => tell({ say }), complain: (complain) => tell({ complain }) });
    tell({ exit });
  } catch (error) {
    fault(error);
    const hasNoRoom = isFull(error);
    tell({
      complain: hasNoRoom ? fullText : 'the command failed by a fault of the program; the server goes on, and its journal says more\n',
    });
    tell({ exit: hasNoRoom ? 1 : faultCode });
  }
  socket.end();
  const timer = setTimeout(() => socket.destroy(), unreadMs).unref();
  socket.once('close', () => clearTimeout(timer));
}

function firstLine(socket: Readable, withinMs: number): Promise<string> {
  return new Promise((done, failed) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const timer = setTimeout(() => end(() => failed(new Error('nothing was asked in time'))), withinMs);
    const end = (act: () => void): void => {
      clearTimeout(timer);
      socket.off('data', take).off('end', broken).off('error', broken);
      act();
    };
    const broken = (): void => end(() => failed(new Error('a command broke off before it was asked')));
    const take = (chunk: Buffer): void => {
      bytes += chunk.length;
      chunks.push(chunk);
      const at = chunk.indexOf(0x0a);
      if (at !== -1)
        end(() =>
          done(
            Buffer.concat(chunks)
              .subarray(0, bytes - chunk.length + at)
              .toString('utf8'),
          ),
        );
      else if (bytes > requestBytesMax) end(() => failed(new Error('a command is too long')));
    };
    socket.on('data', take).on('end', broken).on('error', broken);
  });
}

/** Has a folder's running server run a command; null: no server runs there. Its exit code otherwise. */
export async function askServer(directory: string, asked: Asked, terminal: Terminal): Promise<number | null> {
  const socket = await reached(localPath(directory));
  if (socket === null) return null;
  socket.on('error', () => {}); // the end of its lines says the same
  socket.write(`${JSON.stringify(asked)}\n`);
  for await (const line of createInterface({ input: socket, crlfDelay: Infinity })) {
    const answer = answerShape.parse(JSON.parse(line));
    if ('say' in answer) terminal.say(answer.say);
    else if ('complain' in answer) terminal.complain(answer.complain);
    else {
      socket.destroy();
      return answer.exit;
    }
  }
  terminal.complain('the server ended before the command did: see what was done before you ask again\n');
  return faultCode;
}

/** Null where nobody listens: no socket, or the one of a server that was killed. */
function reached(path: string): Promise<Socket | null> {
  return new Promise((done, failed) => {
    const socket = connect(path);
    socket.once('connect', () => done(socket));
    socket.once('error', (error: NodeJS.ErrnoException) => {
      socket.destroy();
      if (error.code === 'ENOENT' || error.code === 'ECONNREFUSED' || error.code === 'EINVAL') done(null);
      else failed(error);
    });
  });
}
