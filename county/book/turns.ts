// One at a time on one connection: nobody reads what another has not committed. Knows no database.

/** Thrown to who comes while too many wait: the server says so and when to come again. */
export class TooManyWaiting extends Error {}

export interface Turns {
  /** Does the work when those before are done. Throws TooManyWaiting, and what the work throws. */
  take<Value>(work: () => Value | Promise<Value>): Promise<Value>;
  /** No more turns; settles when those that wait are done. */
  end(): Promise<void>;
}

/** A county's kiosks come within one night: all at once wait for a few minutes at most. */
const waitingMax = 1_000;

export function newTurns(): Turns {
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  let isEnding = false;
  return {
    take(work) {
      if (isEnding || waiting >= waitingMax) return Promise.reject(new TooManyWaiting('too many wait for the book'));
      waiting += 1;
      const turn = last.then(work).finally(() => {
        waiting -= 1;
      });
      last = turn.catch(() => {}); // told to who asked; the next has its turn all the same
      return turn;
    },
    async end() {
      isEnding = true;
      await last;
    },
  };
}
