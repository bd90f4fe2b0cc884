// When a weight may be believed: after frames that agree, by the scale's own flag, or after a second of the same.

import { expect, test } from 'vitest';
import type { Frame, Reading } from '../../../hardware/scale/reading.ts';
import { type Settling, freshSettling, settle, settledAfterMs } from '../../../hardware/scale/settle.ts';

type Said = Frame['said'];
const weight = (grams: number, motion: 'stable' | 'moving' | 'unflagged', net = false): Said => ({ kind: 'weight', grams, net, motion });

/** The readings of frames that come at these times, or without a clock. */
function settled(
  check: 'checksum' | 'parity' | 'none',
  frames: readonly (Said | readonly [Said, number])[],
): readonly (Reading & { offset: number })[] {
  let state: Settling = freshSettling({ check });
  return frames.map((frame, offset) => {
    const [said, atMs] = 'kind' in frame ? [frame, null] : frame;
    const step = settle(state, { offset, said }, atMs);
    state = step.state;
    return step.reading;
  });
}
const kinds = (...args: Parameters<typeof settled>) => settled(...args).map(({ kind }) => kind);

test('a reading has its kind, grams, net and the place of its frame', () => {
  expect(settled('checksum', [weight(1234, 'stable', true), { kind: 'overload' }])).toEqual([
    { kind: 'stable', grams: 1234, net: true, offset: 0 },
    { kind: 'overload', offset: 1 },
  ]);
});

test('without a checksum a second equal frame must confirm what the first called stable; with one, one frame is enough', () => {
  const frames = [weight(500, 'stable'), weight(500, 'stable'), weight(500, 'stable')];
  expect(kinds('none', frames)).toEqual(['moving', 'stable', 'stable']);
  expect(kinds('parity', frames)).toEqual(['moving', 'stable', 'stable']);
  expect(kinds('checksum', frames)).toEqual(['stable', 'stable', 'stable']);
});

test('in a family with a checksum, a frame that came without needs a second one all the same', () => {
  const unchecked: Said = { kind: 'weight', grams: 500, net: false, motion: 'stable', isUnchecked: true };
  expect(kinds('checksum', [unchecked, unchecked, weight(700, 'stable')])).toEqual(['moving', 'stable', 'stable']);
});

test('frames are equal where grams, net and motion are: a spoilt flag confirms nothing', () => {
  expect(kinds('none', [weight(500, 'stable'), weight(501, 'stable'), weight(501, 'stable', true)])).toEqual([
    'moving',
    'moving',
    'moving',
  ]);
  expect(kinds('none', [weight(500, 'moving'), weight(500, 'stable'), weight(500, 'moving'), weight(500, 'stable')])).toEqual([
    'moving',
    'moving',
    'moving',
    'moving',
  ]);
});

test('what the scale calls moving is moving however often it says the same', () => {
  expect(kinds('checksum', [weight(500, 'moving'), weight(500, 'moving'), weight(0, 'moving')])).toEqual(['moving', 'moving', 'moving']);
});

test('zero is zero where it would be stable; below zero is negative whatever moves', () => {
  expect(kinds('none', [weight(0, 'stable'), weight(0, 'stable'), weight(-5, 'moving'), weight(-5, 'stable')])).toEqual([
    'moving',
    'zero',
    'negative',
    'negative',
  ]);
});

test('without a flag the same must stand for a second by the clock, whether frames have a checksum or not', () => {
  for (const check of ['none', 'checksum'] as const) {
    const at = (grams: number, ms: number) => [weight(grams, 'unflagged'), ms] as const;
    expect(
      kinds(check, [
        at(700, 5000),
        at(700, 5500),
        at(700, 5000 + settledAfterMs - 1),
        at(700, 5000 + settledAfterMs),
        at(701, 6100),
        at(701, 7099),
        at(701, 7100),
      ]),
    ).toEqual(['moving', 'moving', 'moving', 'stable', 'moving', 'moving', 'stable']);
  }
});

test('without a flag and without a clock, as in a capture, two equal frames stand for a second', () => {
  for (const check of ['none', 'checksum'] as const)
    expect(kinds(check, [weight(700, 'unflagged'), weight(700, 'unflagged'), weight(0, 'unflagged'), weight(0, 'unflagged')])).toEqual([
      'moving',
      'stable',
      'moving',
      'zero',
    ]);
});

test.each(['overload', 'underload', 'none'] as const)('%s passes through, and what follows must be confirmed anew', (kind) => {
  expect(kinds('none', [weight(500, 'stable'), { kind }, weight(500, 'stable'), weight(500, 'stable')])).toEqual([
    'moving',
    kind,
    'moving',
    'stable',
  ]);
});
