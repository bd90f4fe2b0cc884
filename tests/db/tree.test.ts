// The tree's heads are those that RFC 6962 implementations publish, and a tree that goes on from its edge is the same tree.

import { hash } from 'node:crypto';
import { expect, test } from 'vitest';
import { growTree } from '../../db/tree.ts';
import { fc } from '../support/property.ts';

/** The leaves and the heads after each of them, as certificate-transparency and transparency-dev/merkle test with. */
const leaves = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
const heads = [
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

const leafOf = (data: Uint8Array) => hash('sha256', Buffer.concat([Uint8Array.of(0), data]), 'buffer');
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

test('the heads of one to eight leaves are the published ones', () => {
  const tree = growTree();
  expect(hex(tree.root())).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  const found = leaves.map((data) => {
    tree.add(leafOf(Buffer.from(data, 'hex')));
    return hex(tree.root());
  });
  expect(found).toEqual(heads);
});

/** RFC 6962 section 2.1 word for word: a tree of n > 1 leaves splits at the largest power of two below n. */
function headByDefinition(all: readonly Buffer[]): Buffer {
  if (all.length <= 1) return all[0] ?? hash('sha256', '', 'buffer');
  const split = 2 ** Math.floor(Math.log2(all.length - 1));
  return hash(
    'sha256',
    Buffer.concat([Uint8Array.of(1), headByDefinition(all.slice(0, split)), headByDefinition(all.slice(split))]),
    'buffer',
  );
}

test('a tree cut anywhere and grown on from its edge has the head that the definition gives', () => {
  fc.assert(
    fc.property(fc.nat(200), fc.nat(200), (before, more) => {
      const all = Array.from({ length: before + more }, (_, i) => leafOf(Buffer.from(`leaf ${i}`)));
      const first = growTree();
      for (const leaf of all.slice(0, before)) first.add(leaf);
      const second = growTree({ size: first.size(), hashes: first.edge() });
      for (const leaf of all.slice(before)) second.add(leaf);
      expect([second.size(), hex(second.root())]).toEqual([before + more, hex(headByDefinition(all))]);
    }),
  );
});

test.each([
  [1, 0],
  [3, 1],
  [4, 2],
  [0, 1],
])('an edge of %i leaves does not have %i heads', (size, count) => {
  expect(() => growTree({ size, hashes: Buffer.alloc(32 * count) })).toThrow(RangeError);
});
