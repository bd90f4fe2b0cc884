// Proofs about a Merkle tree (RFC 6962 2.1, RFC 9162 2.1.3 and 2.1.4): that a leaf is in it, that an older one is its beginning. Makes
// them of stored heads and checks them of nothing but what it is given; keeps no tree and reads no file.

import { sha256 } from './sha256.ts';
import { parent } from './tree.ts';

/** A tree as whoever holds it says it is. */
export interface TreeHead {
  readonly size: number;
  readonly root: Uint8Array;
}

/** The head of the whole subtree of 2^level leaves that begins at leaf index · 2^level. Level 0 are the leaves' own hashes. */
export type HeadOf = (level: number, index: number) => Uint8Array;

/** No tree needs more: one a level, and the one where the two trees part. */
export const proofHashesMax = 49;

/** The hash of a leaf's bytes: of 0x00 and them, so that no leaf can be taken for a pair. */
export function leafHash(bytes: Uint8Array): Buffer {
  return sha256(Buffer.concat([Uint8Array.of(0x00), bytes]));
}

/** The head of the first `size` leaves, from at most log2(size) stored heads. */
export function headAt(headOf: HeadOf, size: number): Buffer {
  checkSize(size);
  return size === 0 ? sha256('') : rangeHead(headOf, 0, size);
}

/** The proof that leaf `index` is in the tree of `size` leaves, the leaf's neighbour first. Throws RangeError where it is not. */
export function inclusionProof(headOf: HeadOf, { index, size }: { readonly index: number; readonly size: number }): Buffer[] {
  checkSize(size);
  if (!Number.isSafeInteger(index) || index < 0 || index >= size) throw new RangeError(`no leaf ${index} in a tree of ${size}`);
  const proof: Buffer[] = [];
  for (let start = 0, end = size; end - start > 1;) {
    const middle = start + leftOf(end - start);
    if (index < middle) {
      proof.push(rangeHead(headOf, middle, end));
      end = middle;
    } else {
      proof.push(rangeHead(headOf, start, middle));
      start = middle;
    }
  }
  return proof.toReversed();
}

/** The proof that the first `from` leaves are the beginning of the tree of `to`. Throws RangeError but for 1 ≤ from ≤ to. */
export function consistencyProof(headOf: HeadOf, { from, to }: { readonly from: number; readonly to: number }): Buffer[] {
  checkSize(to);
  if (!Number.isSafeInteger(from) || from < 1 || from > to) throw new RangeError(`no tree of ${from} begins one of ${to}`);
  const proof: Buffer[] = [];
  let start = 0;
  for (let end = to; end !== from;) {
    const middle = start + leftOf(end - start);
    if (from <= middle) {
      proof.push(rangeHead(headOf, middle, end));
      end = middle;
    } else {
      proof.push(rangeHead(headOf, start, middle));
      start = middle;
    }
  }
  if (start > 0) proof.push(rangeHead(headOf, start, from)); // else the older root, which who checks has
  return proof.toReversed();
}

/** Whether the leaf of this hash is leaf `index` of the tree (RFC 9162, 2.1.3.2). Takes anything and throws nothing. */
export function isIncluded(
  leaf: { readonly index: number; readonly hash: Uint8Array },
  tree: TreeHead,
  proof: readonly Uint8Array[],
): boolean {
  if (!isSize(tree.size) || !isSize(leaf.index) || leaf.index >= tree.size || !areHashes([leaf.hash, tree.root, ...proof])) return false;
  let at = leaf.index;
  let last = tree.size - 1;
  let head = leaf.hash;
  for (const beside of proof) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      head = parent(beside, head);
      [at, last] = upToRight(at, last);
    } else head = parent(head, beside);
    at = half(at);
    last = half(last);
  }
  return last === 0 && isSame(head, tree.root);
}

/** Whether `older` is the beginning of `newer` (RFC 9162, 2.1.4.2). Takes anything and throws nothing; no proof begins with an empty tree. */
export function isConsistent(older: TreeHead, newer: TreeHead, proof: readonly Uint8Array[]): boolean {
  if (!isSize(older.size) || !isSize(newer.size) || older.size < 1 || older.size > newer.size) return false;
  if (!areHashes([older.root, newer.root, ...proof])) return false;
  if (older.size === newer.size) return proof.length === 0 && isSame(older.root, newer.root);
  let at = older.size - 1;
  let last = newer.size - 1;
  while (at % 2 === 1) {
    at = half(at);
    last = half(last);
  }
  // all ones: the older tree is one whole subtree, whose head need not be told
  const [first, ...rest] = at === 0 ? [older.root, ...proof] : proof;
  if (first === undefined) return false;
  let olderHead = first;
  let newerHead = first;
  for (const beside of rest) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      olderHead = parent(beside, olderHead);
      newerHead = parent(beside, newerHead);
      [at, last] = upToRight(at, last);
    } else newerHead = parent(newerHead, beside);
    at = half(at);
    last = half(last);
  }
  return last === 0 && isSame(olderHead, older.root) && isSame(newerHead, newer.root);
}

/** Up to where the subtree is a right one: a last one without a neighbour is carried up as it is. */
function upToRight(at: number, last: number): [number, number] {
  while (at % 2 === 0 && at !== 0) {
    at = half(at);
    last = half(last);
  }
  return [at, last];
}

/** The head of leaves `start` to `end`, where `start` is a multiple of the power of two that `end - start` fits in. */
function rangeHead(headOf: HeadOf, start: number, end: number): Buffer {
  const heads: Uint8Array[] = [];
  for (let at = start; at < end;) {
    const level = Math.floor(Math.log2(end - at));
    heads.push(headOf(level, at / 2 ** level));
    at += 2 ** level;
  }
  return Buffer.from(heads.reduceRight((right, left) => parent(left, right)));
}

/** Leaves of the left subtree of so many, more than one: the largest power of two below. */
function leftOf(count: number): number {
  return 2 ** Math.floor(Math.log2(count - 1));
}

/** Sizes may exceed the 32 bits of a shift. */
function half(value: number): number {
  return Math.floor(value / 2);
}

/** Beyond this, log2 of a number one below a power of two rounds up to it. */
const sizeMax = 2 ** 48;

function isSize(size: number): boolean {
  return Number.isSafeInteger(size) && size >= 0 && size <= sizeMax;
}

function checkSize(size: number): void {
  if (!isSize(size)) throw new RangeError(`no tree has ${size} leaves`);
}

const hashBytes = 32;

function areHashes(hashes: readonly Uint8Array[]): boolean {
  return hashes.length <= proofHashesMax + 2 && hashes.every((each) => each.length === hashBytes);
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
