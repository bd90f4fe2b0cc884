// The Merkle tree over the book's leaves (RFC 6962): its root is the day checkpoint. Grows by its right-hand edge alone, so that a
// day costs only its own events. Reads no table and knows no event.

import { sha256 } from './sha256.ts';

/** A tree that only grows. Leaves are the events' own: SHA-256 of 0x00 and the line (book.ts). */
export interface Tree {
  add(leaf: Uint8Array): void;
  size(): number;
  /** The tree head; of no leaves the hash of nothing, as the RFC says. */
  root(): Buffer;
  /** The heads of the whole subtrees that stand side by side, the largest first: with the size all that the next leaf needs. */
  edge(): Buffer;
}

const hashBytes = 32;

/** An empty tree, or one that goes on from a stored edge. Throws RangeError where the edge is not one of so many leaves. */
export function growTree(from: { readonly size: number; readonly hashes: Uint8Array } = { size: 0, hashes: new Uint8Array() }): Tree {
  let { size } = from;
  const heads = headsOf(from.hashes);
  if (from.hashes.length !== subtreesOf(size) * hashBytes) throw new RangeError(`no edge of a tree of ${size} leaves`);
  return {
    add(leaf) {
      let head = leaf;
      // As many subtrees as the size has ones at its end are now whole with this one: each pair becomes one of twice the size.
      for (let rest = size; rest % 2 === 1; rest = (rest - 1) / 2) head = parent(heads.pop()!, head);
      heads.push(head);
      size += 1;
    },
    size: () => size,
    root: () => (heads.length === 0 ? sha256('') : Buffer.from(heads.reduceRight((right, left) => parent(left, right)))),
    edge: () => Buffer.concat(heads),
  };
}

/** The head over two subtrees side by side (RFC 6962, 2.1). */
export function parent(left: Uint8Array, right: Uint8Array): Buffer {
  const both = Buffer.allocUnsafe(1 + 2 * hashBytes);
  both[0] = 0x01;
  both.set(left, 1);
  both.set(right, 1 + hashBytes);
  return sha256(both);
}

function headsOf(hashes: Uint8Array): Uint8Array[] {
  const heads: Uint8Array[] = [];
  for (let at = 0; at < hashes.length; at += hashBytes) heads.push(hashes.slice(at, at + hashBytes));
  return heads;
}

/** As many as the number has ones in binary. */
function subtreesOf(size: number): number {
  let count = 0;
  for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) count += rest % 2;
  return count;
}
