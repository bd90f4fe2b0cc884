// Checks the signatures of a chain beside the walk over it: on the other threads of the process, since they are most of the work.
// Knows no event; which was first to be wrong is told in the order of the chain.

import { type KeyObject, verify } from 'node:crypto';

export interface Signatures {
  /** The next one: `text` is what was signed. To be awaited where it is a promise: too many are on their way. */
  add(seq: number, text: Uint8Array, signature: Uint8Array): Promise<void> | null;
  /** Those after the last one added are of another key. */
  turnTo(key: KeyObject): void;
  /** All are checked. Returns the lowest number whose signature is wrong, or null. */
  end(): Promise<number | null>;
}

/** Handed over at once: each hand-over wakes a thread, which on a busy machine takes the walk's turn. */
const batchLength = 128;
/** On their way at most. */
const waitingMax = 8 * batchLength;

interface Signed {
  readonly seq: number;
  readonly text: Uint8Array;
  readonly signature: Uint8Array;
}

export function signaturesOf(first: KeyObject): Signatures {
  let key = first;
  let batch: Signed[] = [];
  let firstWrong: number | null = null;
  let fault: Error | null = null;
  let waiting = 0;
  let wake = (): void => {};
  const fewerThan = (most: number): Promise<void> =>
    new Promise((resolve, reject) => {
      wake = () => {
        if (fault !== null) reject(fault);
        else if (waiting < most) resolve();
      };
      wake();
    });
  const handOver = (): void => {
    for (const { seq, text, signature } of batch)
      verify(null, text, key, signature, (error, isRight) => {
        waiting -= 1;
        fault ??= error;
        if (!isRight && (firstWrong === null || seq < firstWrong)) firstWrong = seq;
        wake();
      });
    waiting += batch.length;
    batch = [];
  };
  return {
    add(seq, text, signature) {
      batch.push({ seq, text, signature });
      if (batch.length < batchLength) return null;
      handOver();
      return waiting < waitingMax ? null : fewerThan(waitingMax / 2);
    },
    turnTo(next) {
      handOver();
      key = next;
    },
    async end() {
      handOver();
      await fewerThan(1);
      return firstWrong;
    },
  };
}
