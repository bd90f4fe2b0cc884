// The simulated scale speaks as the manuals say, and through the same link and decoders as a real one it is understood, in
// every family and with every fault. The clock is not real.

import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { familyNamed } from '../../../hardware/scale/families.ts';
import type { FamilyName, Reading } from '../../../hardware/scale/reading.ts';
import { openScale, type ScaleReading, type ScaleState } from '../../../hardware/scale/scale.ts';
import { scaleVoices, type Display } from '../../../hardware/virtual/scale-frames.ts';
import { openVirtualScale, virtualScaleFaults, type VirtualScaleOptions } from '../../../hardware/virtual/scale.ts';

const familyNames = Object.keys(scaleVoices) as FamilyName[]; // the keys of a record of families

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(async () => {
  for (const close of open.splice(0)) await close();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});
const open: (() => Promise<void>)[] = [];

const weight = (grams: number, rest: Partial<Extract<Display, { readonly kind: 'weight' }>> = {}): Display => ({
  kind: 'weight',
  grams,
  tareGrams: 0,
  isMoving: false,
  ...rest,
});

test.each([
  ['yaohua-a9', weight(1_234), '02 2B 30 30 31 32 33 34 33 31 43 03'],
  ['yaohua-a9', weight(-200), '02 2D 30 30 30 32 30 30 33 31 43 03'],
  ['stx-block', weight(1_234), '01 02 53 20 30 31 2E 32 33 34 6B 67 65 03 04'],
  ['stx-block', weight(1_234, { isMoving: true }), '01 02 55 20 30 31 2E 32 33 34 6B 67 63 03 04'],
  ['stx-block', weight(-200), '01 02 53 2D 30 30 2E 32 30 30 6B 67 6E 03 04'],
  ['stx-block', { kind: 'overload' }, '01 02 53 46 46 46 46 46 46 46 6B 67 19 03 04'],
  ['toledo-continuous', weight(12_345), '02 2D 30 20 20 31 32 33 34 35 20 20 20 20 20 30 0D 05'],
  ['toledo-continuous', weight(12_345, { isMoving: true }), '02 2D 38 20 20 31 32 33 34 35 20 20 20 20 20 30 0D 7D'],
  ['toledo-continuous', weight(-200, { tareGrams: 200 }), '02 2D 33 20 20 20 20 32 30 30 20 20 20 32 30 30 0D 0D'],
  ['mettler-8217', weight(1_250), '02 30 31 2E 32 35 30 0D'],
  ['mettler-8217', weight(1_250, { tareGrams: 100 }), '02 30 31 2E 32 35 30 4E 0D'],
  ['mettler-8217', weight(1_250, { isMoving: true }), '02 3F 01 0D'],
  ['mettler-8217', { kind: 'overload' }, '02 3F 02 0D'],
  ['mettler-8217', { kind: 'underload' }, '02 3F 04 0D'],
  ['mettler-8217', weight(-100, { tareGrams: 100 }), '02 3F 24 0D'],
  ['ohaus', weight(360), '20 20 20 30 2E 33 36 30 20 6B 67 20 20 20 20 47 0D 0A'],
  ['reversed', weight(6_575), '3D 35 37 35 2E 36 30 30'],
  ['yaohua-ww', weight(15_000), '77 77 30 30 31 35 2E 30 30 30 6B 67 0D 0A'],
  ['dahua', weight(655), '20 20 36 35 35 0A 0D'],
] as const)('%s writes %j as the manual does', (family, display, bytes) => {
  expect(Buffer.from(scaleVoices[family].frame(display)).toString('hex')).toBe(bytes.replaceAll(' ', '').toLowerCase());
});

/** A simulated scale and a till that reads it. */
function aScale(options: VirtualScaleOptions) {
  const virtual = openVirtualScale(options);
  const readings: ScaleReading[] = [];
  const states: ScaleState[] = [];
  const usual = familyNamed(options.family).unit;
  const scale = openScale(
    { address: 'simulated:', family: options.family, unit: usual === 'frame' ? 'kg' : usual.usual, openLink: virtual.openLink },
    { onReading: (reading) => readings.push(reading), onState: (state) => states.push(state) },
  );
  open.push(async () => {
    virtual.close();
    await scale.close();
  });
  const after = async (ms: number): Promise<Reading | undefined> => {
    await vi.advanceTimersByTimeAsync(ms);
    return scale.latest()?.reading;
  };
  return { virtual, scale, readings, states, after };
}

const canSayNegative = (family: FamilyName) => !['dahua', 'mettler-8217', 'nci-ecr'].includes(family);
const canSayNet = (family: FamilyName) => !['stx-block', 'yaohua-a9', 'reversed', 'dahua', 'mt-sics'].includes(family);
const canSayOverload = (family: FamilyName) => !['yaohua-a9', 'yaohua-ww', 'reversed', 'dahua', 'ohaus'].includes(family);
const isUnflagged = (family: FamilyName) => !familyNamed(family).hasMotionFlag;

test.each(familyNames)('%s: what is put on the pan is told, first moving, then stable, with its bytes', async (family) => {
  const { virtual, scale, readings, after } = aScale({ family });
  expect(await after(2_500)).toEqual({ kind: 'zero', grams: 0, net: false });
  readings.length = 0;
  virtual.set(1_234);
  expect(await after(4_000)).toEqual({ kind: 'stable', grams: 1_234, net: false });
  const kinds = readings.map(({ reading }) => reading.kind);
  const restless = kinds.filter((kind) => kind === 'moving' || kind === 'none').length;
  expect(kinds.slice(restless).every((kind) => kind === 'stable')).toBe(true);
  expect(restless).toBeGreaterThan(0);
  const latest = scale.latest()!;
  expect(latest.source).toBe(isUnflagged(family) ? 'inferred' : 'flag');
  expect(latest.frames.length).toBeGreaterThan(0);
  expect(latest.frames.length).toBeLessThanOrEqual(16);
  const sequences = readings.map(({ sequence }) => sequence);
  expect(sequences).toEqual(sequences.map((_, place) => sequences[0]! + place));
});

test.each(familyNames)('%s: the tare key makes net, and an empty pan is then below zero', async (family) => {
  const { virtual, after } = aScale({ family });
  await after(1_000);
  virtual.set(500);
  await after(3_000);
  virtual.pressTare();
  const net = canSayNet(family);
  expect(await after(2_000)).toEqual({ kind: 'zero', grams: 0, net });
  virtual.set(1_700);
  expect(await after(4_000)).toEqual({ kind: 'stable', grams: 1_200, net });
  virtual.set(0);
  expect(await after(4_000)).toEqual(
    canSayNegative(family) ? { kind: 'negative', grams: -500, net } : { kind: family === 'dahua' ? 'none' : 'underload' },
  );
});

test.each(familyNames)('%s: too much is overload, or where the family has no word for it, no reading', async (family) => {
  const { virtual, after } = aScale({ family });
  await after(1_000);
  virtual.set(40_000);
  expect(await after(5_000)).toEqual({ kind: canSayOverload(family) ? 'overload' : 'none' });
  virtual.set(2_000);
  expect(await after(5_000)).toEqual({ kind: 'stable', grams: 2_000, net: false });
  virtual.setFault('underload');
  expect(['underload', 'none']).toContain((await after(5_000))?.kind);
});

test.each(familyNames)(
  '%s: no fault ever gives a stable weight that is not on the pan, and each one mends',
  { timeout: 60_000 },
  async (family) => {
    const { virtual, readings, after } = aScale({ family });
    virtual.set(1_234);
    await after(3_000);
    for (const fault of virtualScaleFaults) {
      virtual.setFault(fault);
      await after(15_000);
      virtual.setFault('none');
      await after(15_000);
      expect([fault, readings.at(-1)?.reading]).toEqual([fault, { kind: 'stable', grams: 1_234, net: false }]);
    }
    const stable = new Set(readings.flatMap(({ reading }) => (reading.kind === 'stable' ? [reading.grams] : [])));
    const inJin = scaleVoices[family].namesUnit ? [] : [2_468]; // nobody can know but who weighs a known mass
    expect(stable).toEqual(new Set([1_234, ...inJin]));
  },
);

test('states follow the age of the last good frame', async () => {
  const { virtual, states, after } = aScale({ family: 'st-us' });
  const told: Record<string, readonly ScaleState[]> = {};
  for (const fault of ['silent', 'garbage', 'unplugged', 'held'] as const) {
    await after(20_000);
    states.length = 0;
    virtual.setFault(fault);
    await after(20_000);
    virtual.setFault('none');
    await after(20_000);
    told[fault] = [...states];
  }
  expect(told).toEqual({
    silent: ['silent', 'ready'],
    garbage: ['garbled', 'ready'],
    unplugged: ['lost', 'ready'],
    held: ['lost', 'busy', 'ready'],
  });
});

test('a frozen scale stays at what it said; only weighing something else shows it', async () => {
  const { virtual, after } = aScale({ family: 'yaohua-a9' });
  virtual.set(800);
  await after(3_000);
  virtual.setFault('frozen');
  virtual.set(2_000);
  expect(await after(5_000)).toEqual({ kind: 'stable', grams: 800, net: false });
});

test('in a draught a flagged scale never rests', async () => {
  const { virtual, readings, after } = aScale({ family: 'st-us' });
  virtual.set(800);
  await after(2_000);
  virtual.setNoise(3);
  await after(300);
  readings.length = 0;
  await after(10_000);
  expect(new Set(readings.map(({ reading }) => reading.kind))).toEqual(new Set(['moving']));
  virtual.setNoise(0);
  expect(await after(1_000)).toEqual({ kind: 'stable', grams: 800, net: false });
});

test('a scale that says a weight only once, on a line that takes the parity off, keeps its weight, which is never stable', async () => {
  const { virtual, readings, after } = aScale({ family: 'mettler-8217', model: 'says_once' });
  virtual.set(1_250);
  expect(await after(3_000)).toEqual({ kind: 'moving', grams: 1_250, net: false });
  expect(await after(20_000)).toEqual({ kind: 'moving', grams: 1_250, net: false });
  virtual.set(600);
  expect(await after(3_000)).toEqual({ kind: 'moving', grams: 600, net: false });
  expect(readings.filter(({ reading }) => reading.kind === 'stable')).toEqual([]);
});

test('the same scale on a line that hands the parity on becomes stable, and its weight is proven by the frame that told it', async () => {
  const { virtual, scale, readings, after } = aScale({ family: 'mettler-8217', model: 'says_once' });
  virtual.setFault('wrong_parity'); // for 8N1, which is the right line here
  for (const grams of [1_250, 600, 1_250]) {
    virtual.set(grams);
    readings.length = 0;
    expect(await after(3_000)).toEqual({ kind: 'stable', grams, net: false });
    expect(readings.flatMap(({ reading }) => (reading.kind === 'stable' && reading.grams !== grams ? [reading] : []))).toEqual([]);
    const [telling, ...unchanged] = scale.latest()!.frames.map((frame) => Buffer.from(frame.map((byte) => byte & 0x7f)).toString('latin1'));
    expect(telling).toBe(`\x02${(grams / 1_000).toFixed(3).padStart(6, '0')}\r`);
    expect(new Set(unchanged)).toEqual(new Set(['\x02?\x00\r']));
  }
});

test('a polled scale is asked five times a second at most, and never twice at once, however slow it answers', async () => {
  const { virtual, readings, after } = aScale({ family: 'nci-ecr' });
  virtual.set(100);
  await after(10_000);
  expect(readings.length).toBeGreaterThan(40);
  expect(readings.length).toBeLessThanOrEqual(50);
  virtual.setFault('slow');
  expect(await after(20_000)).toEqual({ kind: 'stable', grams: 100, net: false });
  expect(virtual.mostRequestsWaiting()).toBe(1);
});

test('one owner: a second link in memory is busy, and can be had after the first is closed', async () => {
  const virtual = openVirtualScale({ family: 'st-us' });
  const events = { onBytes: () => {}, onClosed: () => {} };
  const first = await virtual.openLink(events);
  if (!first.ok) throw new Error(first.code);
  expect(await virtual.openLink(events)).toEqual({ ok: false, code: 'busy' });
  await first.value.close();
  expect((await virtual.openLink(events)).ok).toBe(true);
  virtual.close();
});

test('a weight is whole grams', () => {
  const virtual = openVirtualScale({ family: 'st-us' });
  expect(() => virtual.set(1.5)).toThrow('not whole grams: 1.5');
});
