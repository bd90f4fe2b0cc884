// What was kept of a weighing says its weight again, whatever the scale spoke; and nothing where it does not say one weight at rest.

import { expect, test } from 'vitest';
import { families, familyNamed } from '../../../hardware/scale/families.ts';
import { readKeptFrames } from '../../../hardware/scale/kept-frames.ts';
import { type FamilyName, bytesOf, freshDecoder } from '../../../hardware/scale/reading.ts';
import { scaleVoices } from '../../../hardware/virtual/scale-frames.ts';

const names = [...families.keys()];

function unitOf(name: FamilyName): string {
  const { unit } = familyNamed(name);
  return unit === 'frame' ? 'kg' : unit.usual;
}

/** What scale.ts keeps of these bytes, said `times` times. */
function kept(name: FamilyName, bytes: Uint8Array, times = 2): readonly string[] {
  const step = familyNamed(name).decode(freshDecoder, Buffer.concat(Array<Uint8Array>(times + 1).fill(bytes)), unitOf(name) as 'kg'); // of the list
  const frames = step.decoded.flatMap((each) => ('said' in each ? [each] : []));
  return frames.slice(0, times).map((frame) => Buffer.from(bytesOf(step, frame)).toString('hex'));
}

const shown = (name: FamilyName, grams: number, { isMoving = false, tareGrams = 0 } = {}) =>
  scaleVoices[name].frame({ kind: 'weight', grams, tareGrams, isMoving });

const read = (name: FamilyName, framesHex: readonly string[]) => readKeptFrames({ family: name, unit: unitOf(name), framesHex });

test.each(names)('%s: two equal frames say their weight again', (name) => {
  expect(read(name, kept(name, shown(name, 2_468)))).toMatchObject({ grams: 2_468, isNet: false });
  expect(read(name, [])).toBeNull();
  expect(read(name, [...kept(name, shown(name, 2_468), 1), ...kept(name, shown(name, 2_470), 1)])).toBeNull();
});

test('how it is known that the pan rested is what the frames say: by the scale’s flag, or by equal frames', () => {
  expect(read('st-us', kept('st-us', shown('st-us', 500)))).toEqual({ grams: 500, isNet: false, stableBy: 'flag' });
  expect(read('dahua', kept('dahua', shown('dahua', 500)))).toEqual({ grams: 500, isNet: false, stableBy: 'inferred' });
});

test('a scale’s own tare is said again', () => {
  expect(read('ohaus', kept('ohaus', shown('ohaus', 500, { tareGrams: 120 })))).toMatchObject({ grams: 500, isNet: true });
});

test('frames that move say no weight at rest, and one frame without a checksum does not prove one', () => {
  expect(read('st-us', kept('st-us', shown('st-us', 500, { isMoving: true })))).toBeNull();
  expect(read('st-us', kept('st-us', shown('st-us', 500), 1))).toBeNull();
  expect(read('kunhong', kept('kunhong', shown('kunhong', 500), 1))).toMatchObject({ grams: 500 }); // has one
});

test('a Toledo scale without its checksum says its weight again', () => {
  expect(read('toledo-continuous', kept('toledo-continuous', shown('toledo-continuous', 500).slice(0, -1)))).toMatchObject({ grams: 500 });
});

test('a weight that was told once and then only called unchanged is said again', () => {
  const withParity = (text: string): string =>
    [...Buffer.from(text, 'latin1')]
      .map((byte) => (byte.toString(2).replaceAll('0', '').length % 2 === 0 ? byte : byte | 0x80))
      .map((byte) => byte.toString(16).padStart(2, '0'))
      .join('');
  const unchanged = withParity('\x02?@\r');
  expect(read('mettler-8217', [withParity('\x0201.250\r'), unchanged, unchanged])).toEqual({
    grams: 1_250,
    isNet: false,
    stableBy: 'flag',
  });
  expect(read('mettler-8217', [withParity('\x0201.250\r'), unchanged])).toBeNull();
  expect(read('mettler-8217', [unchanged, unchanged])).toBeNull();
});

test('another family, no family and no unit say nothing', () => {
  const framesHex = kept('st-us', shown('st-us', 500));
  expect(read('dahua', framesHex)).toBeNull();
  expect(readKeptFrames({ family: 'abacus', unit: 'kg', framesHex })).toBeNull();
  expect(readKeptFrames({ family: 'st-us', unit: 'toString', framesHex })).toBeNull();
});
