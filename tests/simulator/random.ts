// Chance that a seed decides: one generator for each actor, split by its name, so that what one draws never moves what another does.

import { hash } from 'node:crypto';

export interface Random {
  /** In [0, 1). */
  next(): number;
  /** A whole number in [0, below). */
  below(below: number): number;
  /** A whole number from `from` to `to`, both included. */
  between(from: number, to: number): number;
  chance(probability: number): boolean;
  pick<Value>(from: readonly Value[]): Value;
  /** The generator of an actor: the same name gives the same one, however much was drawn here. */
  split(name: string): Random;
}

/** The generator of a seed. */
export function randomOf(seed: number | string): Random {
  const words = new Uint32Array(Uint8Array.from(hash('sha256', `simulator ${seed}`, 'buffer')).buffer);
  let [a, b, c, count] = words as unknown as [number, number, number, number]; // 32 bytes are eight words
  /** sfc32 (Doty-Humphrey, PractRand): 128 bits of state, and a counter that gives it no short cycle. */
  const word = (): number => {
    const sum = (((a + b) | 0) + count) | 0;
    count = (count + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  };
  const next = (): number => word() / 2 ** 32;
  const below = (limit: number): number => Math.floor(next() * limit);
  return {
    next,
    below,
    between: (from, to) => from + below(to - from + 1),
    chance: (probability) => next() < probability,
    pick(from) {
      if (from.length === 0) throw new Error('nothing to pick from');
      return from[below(from.length)]!; // below its length
    },
    split: (name) => randomOf(`${seed}/${name}`),
  };
}
