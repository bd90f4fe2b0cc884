// Lots drawn by number: the same seed, purpose and index give the same value in any order, so that a county of any size is
// made row by row and nothing is kept. Not for secrets: keys come from keys.ts.

/** What a lot is drawn for; two purposes never share a lot. The numbers are part of every demo made so far. */
export const lot = {
  name: 1,
  given: 2,
  group: 3,
  language: 4,
  active: 5,
  band: 6,
  balance: 7,
  half: 8,
  denied: 9,
  award: 10,
  operator: 11,
} as const;

/** A whole number 0 … below−1. `below` is at most 2^32, and small against it, so that the bias of % does not matter. */
export function draw(seed: number, purpose: number, index: number, below: number): number {
  return mix(mix(mix(seed ^ 0x9e3779b9) + purpose) + index) % below;
}

/** The item of a list that the lot falls on. */
export function drawFrom<Item>(list: readonly Item[], seed: number, purpose: number, index: number): Item {
  return list[draw(seed, purpose, index, list.length)]!; // below its length
}

/** The 32-bit finaliser of MurmurHash3 (public domain): every input bit moves every output bit. */
function mix(value: number): number {
  let x = value | 0;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}
