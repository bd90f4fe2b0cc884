// Lets several actors of a run go on at once, one of them at a time: at each await of real code chance says who goes on. Knows no actor; the
// same chance is the same order.

import { giveWay, isRunning, setGate } from './machines.ts';
import type { Random } from './random.ts';

export interface Gates {
  /** Passed where real code awaits: others may go on meanwhile, and the machine may die. Rejects with PowerCut where it did. */
  pass(): Promise<void>;
  /** Waits at the gate for one of so many places, and does the work there: real code that waits for another's place would stop everybody. */
  inPlace<Value>(places: Places, work: () => Promise<Value>): Promise<Value>;
  /** Does all of it at once, and settles when all has ended. Rejects with the first that failed. */
  together(works: readonly (() => Promise<void>)[]): Promise<void>;
}

/** How many may be somewhere at once, and how many are. */
export interface Places {
  readonly most: number;
  taken: number;
}

/** Between two gates real code works for milliseconds; for seconds on a machine that others use, too. */
const stuckMs = 120_000;

/** The gates of a run. Those of an earlier run of this process are passed no more. */
export function newGates(random: Random): Gates {
  /** Who waits to go on; null: one goes on alone. */
  let waiting: (() => void)[] | null = null;
  let gaveWay = (): void => {};

  const turn = (queue: (() => void)[]): Promise<void> =>
    new Promise((resolve) => {
      queue.push(resolve);
      gaveWay();
    });
  const pass = (): Promise<void> => {
    if (!isRunning()) return Promise.resolve(); // the auditor's own reading
    return giveWay(waiting === null ? Promise.resolve() : turn(waiting));
  };
  setGate(pass);

  return {
    pass,
    async inPlace(places, work) {
      while (places.taken >= places.most) await pass();
      places.taken += 1;
      try {
        return await work();
      } finally {
        places.taken -= 1;
      }
    },
    async together(works) {
      if (waiting !== null) throw new Error('who goes on beside others begins no others');
      const queue: (() => void)[] = [];
      waiting = queue;
      const failures: unknown[] = [];
      const going = new Set(works);
      const all = works.map(async (work) => {
        await turn(queue);
        try {
          await work();
        } catch (error) {
          failures.push(error);
        }
        going.delete(work);
        gaveWay();
      });
      while (going.size > 0) {
        const [next] = queue.splice(random.below(queue.length), 1);
        let deadline: NodeJS.Timeout | undefined;
        const given = new Promise<void>((resolve, reject) => {
          gaveWay = resolve;
          deadline = setTimeout(() => reject(new Error('whoever goes on waits for what another has, who waits at a gate')), stuckMs);
        });
        next!(); // whoever goes on waits here, since nobody else runs
        await given.finally(() => clearTimeout(deadline));
      }
      await Promise.all(all);
      waiting = null;
      if (failures.length > 0) throw failures[0];
    },
  };
}
