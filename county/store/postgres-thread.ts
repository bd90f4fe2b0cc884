// The thread that talks to PostgreSQL (postgres-worker.ts), as the one that waits for it sees it: questions go in at once, their answers
// come in the same order, to who blocks for them or to who lets others have their turn meanwhile. Knows no statement.

import { MessageChannel, Worker, receiveMessageOnPort } from 'node:worker_threads';
import { assert } from '../../db/model/result.ts';
import type { Answer, Question, WorkerStart } from './postgres-worker.ts';

/** One session's thread. */
export interface Thread {
  /** Asks, and waits for nothing. */
  tell(question: DistributiveOmit<Question, 'number'>): void;
  /** Blocks until everything that was asked is answered; gives every answer that nobody took yet. Null: not in time. */
  answers(deadlineMs: number): readonly Answer[] | null;
  /** The same without blocking; one at a time, and nobody asks meanwhile. */
  answersLater(deadlineMs: number): Promise<readonly Answer[] | null>;
  end(): void;
}

type DistributiveOmit<Of, Names extends string> = Of extends unknown ? Omit<Of, Names> : never;

/** Starts one, or takes the one that was kept. */
export function takeThread(): Thread {
  const thread = spare ?? newThread();
  spare = null;
  return thread;
}

/** Keeps the thread of a session that ended for the next one, which is faster than starting one. False: one is kept already. */
export function keepThread(thread: Thread): boolean {
  if (spare !== null) return false;
  spare = thread;
  return true;
}

let spare: Thread | null = null;

function newThread(): Thread {
  const { port1: port, port2 } = new MessageChannel();
  const answered = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const start: WorkerStart = { port: port2, answered };
  const worker = new Worker(new URL('./postgres-worker.ts', import.meta.url), { workerData: start, transferList: [port2] });
  worker.unref();
  worker.on('error', () => {}); // a worker that fell does not answer, and the deadline says so
  let asked = 0;
  let came = 0;
  let untaken: Answer[] = [];
  let whenOneComes: (() => void) | null = null;
  const keep = (answer: Answer): void => {
    came += 1;
    untaken.push(answer);
  };
  port.on('message', (answer: Answer) => {
    keep(answer); // the worker sends nothing else
    whenOneComes?.();
  });
  port.unref(); // after it is listened to, which holds the program
  const take = (): readonly Answer[] => {
    const taken = untaken;
    untaken = [];
    return taken;
  };
  return {
    tell(question) {
      asked += 1;
      port.postMessage({ ...question, number: asked });
    },
    answers(deadlineMs) {
      const until = performance.now() + deadlineMs;
      for (let done = Atomics.load(answered, 0); done !== asked; done = Atomics.load(answered, 0)) {
        const left = until - performance.now();
        if (left <= 0 || Atomics.wait(answered, 0, done, left) === 'timed-out') return null;
      }
      for (let each = receiveMessageOnPort(port); each !== undefined; each = receiveMessageOnPort(port)) keep(each.message as Answer);
      assert(came === asked, 'an answer is there before it is told');
      return take();
    },
    answersLater(deadlineMs) {
      assert(whenOneComes === null, 'one waits at a time');
      return new Promise((resolve) => {
        const end = (answers: readonly Answer[] | null): void => {
          clearTimeout(late);
          whenOneComes = null;
          port.unref();
          resolve(answers);
        };
        const late = setTimeout(() => end(null), deadlineMs);
        whenOneComes = () => {
          if (came === asked) end(take());
        };
        port.ref();
        whenOneComes();
      });
    },
    end() {
      port.close();
      void worker.terminate();
    },
  };
}
