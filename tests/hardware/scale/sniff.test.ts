// From a capture to the families that could have sent it.

import { expect, test } from 'vitest';
import { families } from '../../../hardware/scale/families.ts';
import type { FamilyName } from '../../../hardware/scale/reading.ts';
import { sniff } from '../../../hardware/scale/sniff.ts';
import { scaleVoices } from '../../../hardware/virtual/scale-frames.ts';
import { fc } from '../../support/property.ts';

const familyNames = [...families.keys()];

/** A stream of equal frames that begins and ends in the midst of one. */
function aCapture(family: FamilyName, grams: number, map = (byte: number) => byte): Uint8Array {
  const frame = scaleVoices[family].frame({ kind: 'weight', grams, tareGrams: 0, isMoving: false });
  const stream = Uint8Array.from(Array.from({ length: 12 }, () => [...frame]).flat());
  return stream.subarray(5, stream.length - 3).map(map);
}

const withEvenParity = (byte: number) => byte | (byte.toString(2).replaceAll('0', '').length % 2 === 1 ? 0x80 : 0);

test.each(familyNames)('%s is among the candidates for its own frames, and names the weight', (family) => {
  const { candidates, suggests7E1 } = sniff(aCapture(family, 1_234));
  const found = candidates.find((one) => one.family === family);
  expect(found).toMatchObject({ rejects: 0, said: { kind: 'weight', grams: 1_234, net: false } });
  expect(found!.frames).toBeGreaterThanOrEqual(10);
  expect(suggests7E1).toBe(false);
});

test('which families look like each other', () => {
  const alike = Object.fromEntries(
    familyNames.map((family) => [family, sniff(aCapture(family, 1_234)).candidates.map((one) => one.family)]),
  );
  expect(alike).toEqual(Object.fromEntries(familyNames.map((family) => [family, [family]])));
});

test.each(familyNames)('%s heard without its parity bit taken off is known all the same, with the hint that it is 7E1', (family) => {
  const { candidates, suggests7E1 } = sniff(aCapture(family, 1_234, withEvenParity));
  expect([candidates.map((one) => one.family), suggests7E1]).toEqual([[family], true]);
});

test.each([
  ['nothing', new Uint8Array()],
  ['NUL', new Uint8Array(5_000)],
  ['0xff', new Uint8Array(5_000).fill(0xff)],
  ['digits without an end', new Uint8Array(5_000).fill(0x38)],
  ['ends without digits', new Uint8Array(5_000).fill(0x0d)],
])('%s fits no family', (_, bytes) => {
  expect(sniff(bytes).candidates).toEqual([]);
});

test('random bytes fit no family, and suggest no parity', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 0, maxLength: 3_000 }), (bytes) => {
      const { candidates, suggests7E1 } = sniff(bytes);
      // A single frame can be hit by chance; a stream of them cannot.
      expect(candidates.filter((one) => one.frames > 2)).toEqual([]);
      expect(suggests7E1 && bytes.length > 200).toBe(false);
    }),
  );
});
