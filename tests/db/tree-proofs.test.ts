// Proofs are those that RFC 6962 implementations publish, hold between every two sizes, and hold for nothing else.

import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { growTree } from '../../db/tree.ts';
import {
  type HeadOf,
  consistencyProof,
  headAt,
  inclusionProof,
  isConsistent,
  isIncluded,
  leafHash,
  proofHashesMax,
} from '../../db/tree-proofs.ts';
import { fc } from '../support/property.ts';

/** The leaves that certificate-transparency and transparency-dev/merkle test with. */
const published = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'].map((leaf) =>
  leafHash(Buffer.from(leaf, 'hex')),
);
const sizeMax = 70;
const many = Array.from({ length: sizeMax }, (_, i) => leafHash(Buffer.from(`leaf ${i}`)));

/** Heads as the definition of RFC 6962 2.1 gives them. */
function headsOf(leaves: readonly Buffer[]): HeadOf {
  return (level, index) => {
    if (level === 0) return leaves[index]!;
    const headOf = headsOf(leaves);
    return createHash('sha256')
      .update(Uint8Array.of(1))
      .update(headOf(level - 1, 2 * index))
      .update(headOf(level - 1, 2 * index + 1))
      .digest();
  };
}

const hex = (proof: readonly Uint8Array[]) => proof.map((each) => Buffer.from(each).toString('hex'));
const flipped = (bytes: Uint8Array, bit: number) => {
  const other = Buffer.from(bytes);
  other[bit >> 3]! ^= 1 << (bit & 7);
  return other;
};

test.each([
  [0, 1, []],
  [0, 2, ['96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7']],
  [1, 2, ['6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d']],
  [2, 3, ['fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125']],
  [
    1,
    5,
    [
      '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
    ],
  ],
  [
    0,
    8,
    [
      '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
    ],
  ],
  [
    5,
    8,
    [
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ],
  ],
])('leaf %i is in the published tree of %i by the published proof', (index, size, proof) => {
  const headOf = headsOf(published);
  expect(hex(inclusionProof(headOf, { index, size }))).toEqual(proof);
  const told = proof.map((each) => Buffer.from(each, 'hex'));
  expect(isIncluded({ index, hash: published[index]! }, { size, root: headAt(headOf, size) }, told)).toBe(true);
});

test.each([
  [1, 1, []],
  [
    1,
    8,
    [
      '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
    ],
  ],
  [
    2,
    5,
    [
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
    ],
  ],
  [
    6,
    8,
    [
      '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ],
  ],
])('the published tree of %i begins that of %i by the published proof', (from, to, proof) => {
  const headOf = headsOf(published);
  expect(hex(consistencyProof(headOf, { from, to }))).toEqual(proof);
  const told = proof.map((each) => Buffer.from(each, 'hex'));
  expect(isConsistent({ size: from, root: headAt(headOf, from) }, { size: to, root: headAt(headOf, to) }, told)).toBe(true);
});

test('the head of every size is the one of a tree that grew', () => {
  const tree = growTree();
  const headOf = headsOf(many);
  const grown = [tree.root().toString('hex')];
  for (const leaf of many) {
    tree.add(leaf);
    grown.push(tree.root().toString('hex'));
  }
  expect(Array.from({ length: sizeMax + 1 }, (_, size) => headAt(headOf, size).toString('hex'))).toEqual(grown);
});

test('between every two sizes up to 70 the proof holds, and no other pair of roots, no proof shorter or longer', () => {
  const headOf = headsOf(many);
  const heads = many.map((_, i) => ({ size: i + 1, root: headAt(headOf, i + 1) }));
  const wrong: string[] = [];
  for (const older of heads)
    for (const newer of heads.slice(older.size - 1)) {
      const proof = consistencyProof(headOf, { from: older.size, to: newer.size });
      const other = flipped(newer.root, (older.size * 7) % 256);
      const holds = [
        isConsistent(older, newer, proof),
        isConsistent({ ...older, root: other }, newer, proof),
        isConsistent(older, { ...newer, root: other }, proof),
        isConsistent(older, newer, [...proof, other]),
        proof.length > 0 && isConsistent(older, newer, proof.slice(1)),
        proof.length > 0 && isConsistent(older, newer, proof.slice(0, -1)),
        older.size < newer.size && isConsistent(newer, older, proof),
      ];
      if (holds.join() !== 'true,false,false,false,false,false,false') wrong.push(`${older.size} ${newer.size}: ${holds.join()}`);
    }
  expect(wrong).toEqual([]);
});

test('every leaf of every size up to 70 is included, at its own place and no other', () => {
  const headOf = headsOf(many);
  const wrong: string[] = [];
  for (let size = 1; size <= sizeMax; size += 1) {
    const tree = { size, root: headAt(headOf, size) };
    for (let index = 0; index < size; index += 1) {
      const proof = inclusionProof(headOf, { index, size });
      const leaf = { index, hash: many[index]! };
      const holds = [
        isIncluded(leaf, tree, proof),
        isIncluded({ ...leaf, index: index + 1 }, tree, proof),
        isIncluded({ ...leaf, hash: many[(index + 1) % sizeMax]! }, tree, proof),
        isIncluded(leaf, tree, [...proof, leaf.hash]),
        proof.length > 0 && isIncluded(leaf, tree, proof.slice(1)),
      ];
      if (holds.join() !== 'true,false,false,false,false') wrong.push(`${index} of ${size}: ${holds.join()}`);
    }
  }
  expect(wrong).toEqual([]);
});

test('a proof with any one bit flipped refuses', () => {
  const headOf = headsOf(many);
  const pairs = [
    [1, 2],
    [3, 7],
    [4, 8],
    [6, 70],
    [32, 33],
    [64, 70],
    [69, 70],
  ] as const;
  for (const [from, to] of pairs) {
    const older = { size: from, root: headAt(headOf, from) };
    const newer = { size: to, root: headAt(headOf, to) };
    const consistency = consistencyProof(headOf, { from, to });
    const inclusion = inclusionProof(headOf, { index: from, size: to });
    const passed: string[] = [];
    for (let bit = 0; bit < 256; bit += 1) {
      for (const i of consistency.keys())
        if (isConsistent(older, newer, consistency.with(i, flipped(consistency[i]!, bit)))) passed.push(`${from} ${to} ${i} ${bit}`);
      for (const i of inclusion.keys())
        if (isIncluded({ index: from, hash: many[from]! }, newer, inclusion.with(i, flipped(inclusion[i]!, bit))))
          passed.push(`leaf ${from} ${to} ${i} ${bit}`);
      if (isIncluded({ index: from, hash: flipped(many[from]!, bit) }, newer, inclusion)) passed.push(`leaf ${from} ${bit}`);
    }
    expect(passed).toEqual([]);
  }
});

test('whatever a stranger sends is answered, and never by true', () => {
  const anySize = fc.oneof(fc.nat(80), fc.double(), fc.constantFrom(-1, 2 ** 31, 2 ** 48, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY));
  const anyHash = fc.uint8Array({ maxLength: 33 });
  const proofs = fc.array(fc.oneof(anyHash, fc.uint8Array({ minLength: 32, maxLength: 32 })), { maxLength: proofHashesMax + 5 });
  const fixed = Buffer.alloc(32, 7);
  fc.assert(
    fc.property(anySize, anySize, proofs, (first, second, proof) => {
      expect(isConsistent({ size: first, root: fixed }, { size: second, root: flipped(fixed, 3) }, proof)).toBe(false);
      expect(isIncluded({ index: first, hash: fixed }, { size: second, root: flipped(fixed, 3) }, proof)).toBe(false);
    }),
  );
});

test('no proof is made that cannot be: of a leaf beyond the end, from an empty tree, backwards', () => {
  const headOf = headsOf(many);
  expect(() => inclusionProof(headOf, { index: 5, size: 5 })).toThrow(RangeError);
  expect(() => consistencyProof(headOf, { from: 0, to: 5 })).toThrow(RangeError);
  expect(() => consistencyProof(headOf, { from: 6, to: 5 })).toThrow(RangeError);
  expect(() => headAt(headOf, 2 ** 50)).toThrow(RangeError);
});
