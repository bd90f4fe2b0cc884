// Numbers drawn in order from a seed, so that a run that failed can be repeated. Not for secrets.

export interface Random {
  /** 0 ≤ n < 1. */
  next(): number;
  /** A whole number 0 … below − 1. */
  below(below: number): number;
  pick<Item>(items: readonly Item[]): Item;
}

export function randomFrom(seed: number): Random {
  let state = seed | 0;
  // A step of the golden ratio, then the 32-bit finaliser of MurmurHash3 (public domain).
  const next = (): number => {
    state = (state + 0x9e3779b9) | 0;
    let x = state;
    x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
    x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
    return ((x ^ (x >>> 16)) >>> 0) / 2 ** 32;
  };
  const below = (bound: number): number => Math.floor(next() * bound);
  return { next, below, pick: (items) => items[below(items.length)]! }; // below its length
}
