// Checks the signatures of a file beside its posting, on threads of their own: they are most of the work, and on the threads that read and
// write files every other upload would wait behind them. Knows no event.

import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { CheckedList, SignedList } from './signature-worker.ts';

export interface Signatures {
  /** The next one, and the line it stands in. */
  add(line: number, text: string, signature: string): void;
  /** Waits until not too many are on their way. */
  room(): Promise<void>;
  /** All are checked. Returns the lowest line whose signature is wrong, or null. */
  end(): Promise<number | null>;
}

/** Handed over at once: some milliseconds of work. */
const listLength = 128;
/** Lists of a file that may be on their way while more is read. */
const waitingMax = 8;

/** `key`: Ed25519, raw in base64url. */
export function signaturesOf(key: string): Signatures {
  let signed: (readonly [text: string, signature: string])[] = [];
  let lines: number[] = [];
  let firstWrong: number | null = null;
  const waiting: Promise<void>[] = [];
  const handOver = (): void => {
    const of = lines;
    const checked = check(key, signed).then((wrong) => {
      if (wrong !== null) firstWrong = Math.min(firstWrong ?? Infinity, of[wrong]!); // a place in the list
    });
    checked.catch(() => {}); // told by whoever waits for it
    waiting.push(checked);
    signed = [];
    lines = [];
  };
  return {
    add(line, text, signature) {
      lines.push(line);
      signed.push([text, signature]);
      if (signed.length === listLength) handOver();
    },
    async room() {
      while (waiting.length > waitingMax) await waiting.shift();
    },
    async end() {
      if (signed.length > 0) handOver();
      await Promise.all(waiting);
      return firstWrong;
    },
  };
}

interface Checker {
  readonly port: Worker;
  readonly waiting: Map<number, { readonly resolve: (firstWrong: number | null) => void; readonly reject: (fault: Error) => void }>;
}

/** Of this process: as many as there are cores, started when there is something to do. They keep no program running that waits for nothing. */
let checkers: readonly Checker[] = [];
let lists = 0;

function check(key: string, signed: SignedList['signed']): Promise<number | null> {
  if (checkers.length === 0) checkers = Array.from({ length: availableParallelism() }, newChecker);
  const idlest = checkers.reduce((least, each) => (each.waiting.size < least.waiting.size ? each : least));
  return new Promise((resolve, reject) => {
    const list: SignedList = { number: (lists += 1), key, signed };
    const { port, waiting } = idlest;
    if (waiting.size === 0) port.ref();
    waiting.set(list.number, { resolve, reject });
    port.postMessage(list);
  });
}

function newChecker(): Checker {
  const worker = new Worker(new URL('./signature-worker.ts', import.meta.url));
  const waiting: Checker['waiting'] = new Map();
  worker.on('message', ({ number, firstWrong }: CheckedList) => {
    waiting.get(number)?.resolve(firstWrong);
    waiting.delete(number);
    if (waiting.size === 0) worker.unref();
  });
  worker.on('error', (fault) => {
    checkers = []; // the next file starts others
    for (const { reject } of waiting.values()) reject(fault);
    waiting.clear();
  });
  worker.unref(); // after it is listened to, which holds the program
  return { port: worker, waiting };
}
