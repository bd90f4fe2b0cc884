// Setting up a scale, its daily check, and the simulated one: a real engine and book, a real link over TCP or in memory, and
// a simulated scale at its other end.

import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { DownLine } from '../../../db/model/down-file.ts';
import type { BookEvent } from '../../../db/model/event.ts';
import { toleranceGramsOf, verificationOf } from '../../../db/model/scale-check.ts';
import { dayMs } from '../../../db/model/time.ts';
import type { ScaleTrialDoing, ScaleTrialView } from '../../../electron/ipc/snapshot.ts';
import type { FamilyName, WeightUnit } from '../../../hardware/scale/reading.ts';
import { openVirtualScale } from '../../../hardware/virtual/scale.ts';
import { serveVirtualScale } from '../../../hardware/virtual/serve-scale.ts';
import {
  card,
  cashier,
  deliver,
  enrol,
  firstLines,
  handClock,
  header,
  makeKiosk,
  shop,
  temporary,
  writeDown,
} from '../../support/county.ts';
import { aDesk as aDeskToCheck, clearPan, put } from '../../support/desk.ts';
import { type Till, atWork, startTill } from '../../support/till.ts';
import { verdictOn } from '../../support/verify.ts';

/** The test county's cashier, whose PIN is known, as the shop's owner. */
async function owned(): Promise<DownLine> {
  return { t: 'OPERATOR', operator: { ...(await cashier()), role: 'owner' } };
}

/** A till of an owner at work, whose kiosk.json names this scale. */
async function aTillWith(scale: string | null, { isOwner = true, more = [] as readonly DownLine[] } = {}): Promise<Till> {
  const directory = temporary(onTestFinished);
  const clock = handClock();
  const { home, book } = makeKiosk(directory, clock);
  await enrol(home, book, [...(isOwner ? [await owned()] : []), ...more]);
  book.close();
  nameScale(directory, scale);
  return atWork(await startTill(onTestFinished, directory, clock));
}

function nameScale(directory: string, scale: string | null): void {
  const file = join(directory, 'kiosk.json');
  writeFileSync(file, JSON.stringify({ ...(JSON.parse(readFileSync(file, 'utf8')) as object), scale }));
}

/** A scale of some family behind a TCP port. */
async function aScale(family: FamilyName) {
  const virtual = openVirtualScale({ family });
  const served = await serveVirtualScale(virtual);
  onTestFinished(async () => {
    virtual.close();
    await served.close();
  });
  return { virtual, address: served.address };
}

/** What the page is told of a trial, until it is what is wanted. */
function watchTrial(till: Till) {
  let newest: ScaleTrialView | null = null;
  const looks = new Set<() => void>();
  onTestFinished(
    till.on('scaleTrial', (view) => {
      newest = view;
      for (const look of looks) look();
    }),
  );
  return {
    until<Kind extends ScaleTrialDoing['kind']>(
      kind: Kind,
      wanted: (doing: Extract<ScaleTrialDoing, { readonly kind: Kind }>, view: ScaleTrialView) => boolean = () => true,
    ): Promise<ScaleTrialView> {
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`never ${kind}: ${JSON.stringify(newest)}`)), 15_000);
        const look = (): void => {
          const { doing } = newest ?? {};
          if (newest === null || doing?.kind !== kind || !wanted(doing as Extract<ScaleTrialDoing, { readonly kind: Kind }>, newest))
            return;
          clearTimeout(timer);
          looks.delete(look);
          resolve(newest);
        };
        looks.add(look);
        look();
      });
    },
  };
}

interface Manner {
  readonly family: FamilyName;
  readonly unit?: WeightUnit;
}

/** Begins a trial and waits until the scale is understood. */
async function tried(till: Till, { family, unit = 'kg' }: Manner): Promise<string> {
  const trialId = randomUUID();
  const trial = watchTrial(till);
  expect(await till.call.tryScale({ trialId, family, unit, line: null })).toEqual({ ok: true, value: null });
  await trial.until('trying', (doing, view) => view.trialId === trialId && doing.state === 'ready');
  return trialId;
}

const plate = { model: 'ACS-30', serialNumber: '№ 2011-88', verifiedOn: '2026-03-01' };

function setScale(
  till: Till,
  trialId: string,
  change: { readonly actId?: string; readonly knownGrams?: number; readonly verifiedOn?: string } = {},
) {
  return till.call.setScale({ actId: randomUUID(), trialId, ...plate, knownGrams: 5_000, ...change });
}

/** Empty pan, then the known weight, all right. */
async function commissioned(till: Till, virtual: Awaited<ReturnType<typeof aScale>>['virtual'], manner: Manner): Promise<string> {
  const trialId = await tried(till, manner);
  expect(await till.call.readEmptyPan({ trialId })).toEqual({ ok: true, value: null });
  virtual.set(5_000);
  const actId = randomUUID();
  expect(await setScale(till, trialId, { actId })).toEqual({ ok: true, value: null });
  return actId;
}

function scaleEvents(till: Till): readonly BookEvent[] {
  return till.events().filter(({ kind }) => kind === 'SCALE_SET' || kind === 'SCALE_CHECKED');
}

describe('setting up', () => {
  test('a scale that reads an empty pan and a known weight right is set up and checked for the day, with its bytes', async () => {
    const { virtual, address } = await aScale('st-us');
    const till = await aTillWith(address);
    expect(till.snapshot().scale).toEqual({
      address,
      simulated: false,
      isForbidden: false,
      state: 'none',
      setUpElsewhere: null,
      setUp: null,
      isCheckedToday: false,
    });
    const scaleSetId = await commissioned(till, virtual, { family: 'st-us' });
    const { scale } = await till.until((seen) => seen.scale.state === 'ready');
    const { verifiedOn, ...names } = plate;
    const setUp = { scaleSetId, family: 'st-us', tellsNet: true, ...names, verifiedOn, knownGrams: 5_000, toleranceGrams: 10 };
    expect(scale).toEqual({
      address,
      simulated: false,
      isForbidden: false,
      state: 'ready',
      setUpElsewhere: null,
      setUp,
      isCheckedToday: true,
    });
    await till.stop();
    const [set, check] = scaleEvents(till);
    const { framesHex, ...body } = (set as BookEvent & { readonly kind: 'SCALE_SET' }).body;
    const verdict = { knownGrams: 5_000, readGrams: 5_000, toleranceGrams: 10 };
    expect(body).toEqual({ address, line: null, family: 'st-us', unit: 'kg', ...plate, ...verdict, isSimulated: false });
    expect([...new Set(framesHex.map((hex) => Buffer.from(hex, 'hex').toString('latin1')))]).toEqual(['ST,GS,+  5.000kg']);
    expect(check?.body).toEqual({ scaleSetId, zeroGrams: 0, ...verdict, isGood: true });
    expect([set?.op, check?.op]).toEqual(['op1', 'op1']);
    expect(await verdictOn(till.directory)).toEqual({ kind: 'true' });
  });

  test('a full pan is no empty one, a wrong weight is told with its figure, and neither sets anything up', async () => {
    const { virtual, address } = await aScale('st-us');
    const till = await aTillWith(address);
    const trialId = await tried(till, { family: 'st-us' });
    virtual.set(40);
    expect(await till.call.readEmptyPan({ trialId })).toEqual({ ok: false, code: 'not_zero', readGrams: 40 });
    expect(await setScale(till, trialId)).toEqual({ ok: false, code: 'empty_first' });
    virtual.set(0);
    expect(await till.call.readEmptyPan({ trialId })).toEqual({ ok: true, value: null });
    virtual.set(5_011);
    expect(await setScale(till, trialId)).toEqual({ ok: false, code: 'known_wrong', readGrams: 5_011, toleranceGrams: 10 });
    virtual.set(5_010);
    virtual.setNoise(50);
    expect(await setScale(till, trialId)).toEqual({ ok: false, code: 'not_stable' });
    virtual.setNoise(0);
    virtual.setFault('overload');
    expect(await setScale(till, trialId)).toEqual({ ok: false, code: 'overload' });
    virtual.setFault('none');
    expect(await setScale(till, trialId, { verifiedOn: '2026-11-22' })).toEqual({ ok: false, code: 'verified_in_future' });
    await till.call.stopScaleTrial({ trialId });
    await till.stop();
    expect(scaleEvents(till)).toEqual([]);
  });

  test('its own tare must be off: a net zero is no empty pan', async () => {
    const { virtual, address } = await aScale('st-us');
    const till = await aTillWith(address);
    const trialId = await tried(till, { family: 'st-us' });
    virtual.set(300);
    await expect.poll(() => virtual.display(), { timeout: 15_000 }).toMatchObject({ isMoving: false });
    virtual.pressTare();
    expect(await till.call.readEmptyPan({ trialId })).toEqual({ ok: false, code: 'scale_tared' });
  });

  test('the wrong unit of frames that name none is caught by the known weight', async () => {
    const { virtual, address } = await aScale('yaohua-a9');
    virtual.setFault('in_jin');
    const till = await aTillWith(address);
    const asKilograms = await tried(till, { family: 'yaohua-a9', unit: 'kg' });
    expect(await till.call.readEmptyPan({ trialId: asKilograms })).toEqual({ ok: true, value: null });
    virtual.set(5_000);
    expect(await setScale(till, asKilograms)).toEqual({ ok: false, code: 'known_wrong', readGrams: 10_000, toleranceGrams: 10 });
    virtual.set(0);
    await commissioned(till, virtual, { family: 'yaohua-a9', unit: 'jin' });
    virtual.set(1_234);
    await till.until((seen) => seen.scale.state === 'ready');
    await expect.poll(() => till.weight(), { timeout: 15_000 }).toEqual({ kind: 'stable', grams: 1_234, isNet: false });
  });

  test.each(['mettler-8217', 'mt-sics', 'dahua'] as const)('%s is set up like the others', async (family) => {
    const { virtual, address } = await aScale(family);
    const till = await aTillWith(address);
    await commissioned(till, virtual, { family, unit: family === 'dahua' ? 'g' : 'kg' });
    expect((await till.until((seen) => seen.scale.state === 'ready')).scale.setUp).toMatchObject({ family });
  });

  test('the wrong family is never ready, its bytes are shown in hex and text, and the till has its scale again', async () => {
    const { virtual, address } = await aScale('st-us');
    const till = await aTillWith(address);
    await commissioned(till, virtual, { family: 'st-us' });
    await till.until((seen) => seen.scale.state === 'ready');
    const trialId = randomUUID();
    const trial = watchTrial(till);
    await till.call.tryScale({ trialId, family: 'toledo-continuous', unit: 'kg', line: null });
    const view = await trial.until('trying', (doing, { rows }) => doing.state === 'garbled' && rows.length > 2);
    expect(view.rows.map(({ text }) => text).join('')).toContain('ST,GS,+  5.000kg');
    expect(view.rows.map(({ hex }) => hex).join(' ')).toContain('53 54 2c 47 53');
    expect(await till.call.readEmptyPan({ trialId })).toEqual({ ok: false, code: 'scale_away' });
    expect(till.snapshot().scale.state).toBe('connecting');
    await till.call.stopScaleTrial({ trialId });
    await till.until((seen) => seen.scale.state === 'ready');
    expect(await setScale(till, trialId)).toEqual({ ok: false, code: 'trial_over' });
  });

  test('unplugged between the empty pan and the known weight, it begins again: it may be another scale', async () => {
    const { virtual, address } = await aScale('st-us');
    const till = await aTillWith(address);
    const trialId = await tried(till, { family: 'st-us' });
    const trial = watchTrial(till);
    expect(await till.call.readEmptyPan({ trialId })).toEqual({ ok: true, value: null });
    await trial.until('trying', ({ isEmptySeen }) => isEmptySeen);
    virtual.setFault('unplugged');
    await trial.until('trying', ({ state, isEmptySeen }) => state === 'lost' && !isEmptySeen);
    virtual.setFault('none');
    await trial.until('trying', ({ state }) => state === 'ready');
    virtual.set(5_000);
    expect(await setScale(till, trialId)).toEqual({ ok: false, code: 'empty_first' });
  });

  test('even parity in bit 7 is pointed out, though seven bits are understood', async () => {
    const { virtual, address } = await aScale('st-us');
    virtual.setFault('wrong_parity');
    const till = await aTillWith(address);
    const trialId = await tried(till, { family: 'st-us' });
    const trial = watchTrial(till);
    await trial.until('trying', ({ suggests7E1 }, view) => suggests7E1 && view.trialId === trialId);
    await till.call.stopScaleTrial({ trialId });
  });

  test('garbage and an endless stream are shown as they come, a few times a second and no more bytes than fit the screen', async () => {
    const { virtual, address } = await aScale('st-us');
    virtual.setFault('garbage');
    const till = await aTillWith(address);
    let views = 0;
    onTestFinished(till.on('scaleTrial', () => (views += 1)));
    const trial = watchTrial(till);
    await till.call.tryScale({ trialId: randomUUID(), family: 'cas-22', unit: 'kg', line: null });
    await trial.until('trying', ({ state, rejects }) => state === 'garbled' && Object.keys(rejects).length > 0);
    virtual.setFault('endless');
    const since = views;
    const { rows } = await trial.until('trying', (_, view) => view.rows.length === 16 && view.rows.every(({ text }) => /^\d+$/.test(text)));
    expect([rows.length, views - since < 40]).toEqual([16, true]);
  });

  test('what is listened for is found, and its questions and guesses are told', async () => {
    const { virtual, address } = await aScale('mettler-8217');
    virtual.set(1_250);
    const till = await aTillWith(address);
    const trialId = randomUUID();
    const trial = watchTrial(till);
    expect(await till.call.listenToScale({ trialId })).toEqual({ ok: true, value: null });
    await trial.until('listening', ({ step, steps, question }) => step === 1 && steps === 7 && question === null);
    const { doing } = await trial.until('heard');
    expect(doing).toMatchObject({ suggests7E1: false, hasBytes: true, candidates: [{ family: 'mettler-8217', grams: 1_250 }] });
    expect(await till.call.keepScaleTrial({ trialId })).toEqual({ ok: true, value: null });
    const next = await tried(till, { family: 'mettler-8217' });
    expect(await till.call.keepScaleTrial({ trialId })).toEqual({ ok: false, code: 'trial_over' });
    expect(await till.call.keepScaleTrial({ trialId: next })).toEqual({ ok: true, value: null });
  });

  test('nobody at the address is told, and no scale in kiosk.json is refused', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo; // a TCP server's
    server.close();
    const till = await aTillWith(`tcp://127.0.0.1:${port}`);
    const trial = watchTrial(till);
    await till.call.listenToScale({ trialId: randomUUID() });
    expect((await trial.until('unheard')).doing).toEqual({ kind: 'unheard', code: 'missing' });
    const without = await aTillWith(null);
    expect(await without.call.listenToScale({ trialId: randomUUID() })).toEqual({ ok: false, code: 'no_scale' });
    expect(await without.call.tryScale({ trialId: randomUUID(), family: 'st-us', unit: 'kg', line: null })).toEqual({
      ok: false,
      code: 'no_scale',
    });
  });

  test('a trial that no page asks for any more ends by itself, and the till has its scale again', async () => {
    const till = await aTillWith('simulated:');
    await till.until((seen) => seen.scale.state === 'ready');
    const trialId = randomUUID();
    const trial = watchTrial(till);
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    await till.call.tryScale({ trialId, family: 'st-us', unit: 'kg', line: null });
    await vi.advanceTimersByTimeAsync(29_000);
    expect(await till.call.keepScaleTrial({ trialId })).toEqual({ ok: true, value: null });
    await vi.advanceTimersByTimeAsync(29_000);
    expect(till.snapshot().scale.state).toBe('connecting');
    await vi.advanceTimersByTimeAsync(1_000);
    vi.useRealTimers();
    await trial.until('over', (_, view) => view.trialId === trialId);
    await till.until((seen) => seen.scale.state === 'ready');
  });

  test('a cashier sets up nothing, and may check', async () => {
    const { address } = await aScale('st-us');
    const till = await aTillWith(address, { isOwner: false });
    const trialId = randomUUID();
    await expect(till.call.tryScale({ trialId, family: 'st-us', unit: 'kg', line: null })).rejects.toMatchObject({ code: 'not_allowed' });
    await expect(setScale(till, trialId)).rejects.toMatchObject({ code: 'not_allowed' });
    expect(await till.call.checkScale({ actId: randomUUID(), step: 'empty' })).toEqual({ ok: false, code: 'scale_not_set' });
  });

  test('a power cut after it was set up keeps it; another address in kiosk.json is another scale, and says so', async () => {
    const { virtual, address } = await aScale('st-us');
    const till = await aTillWith(address);
    const scaleSetId = await commissioned(till, virtual, { family: 'st-us' });
    const after = await till.powerCut();
    const { scale } = await after.until((seen) => seen.scale.state === 'ready');
    expect([scale.setUp?.scaleSetId, scale.isCheckedToday]).toEqual([scaleSetId, true]);
    await after.stop();
    nameScale(after.directory, 'tcp://127.0.0.1:9');
    const moved = await startTill(onTestFinished, after.directory, after.clock);
    expect(moved.snapshot().scale).toEqual({
      address: 'tcp://127.0.0.1:9',
      simulated: false,
      isForbidden: false,
      state: 'none',
      setUpElsewhere: address,
      setUp: null,
      isCheckedToday: false,
    });
  });

  test('the same press again sets it up once', async () => {
    const { virtual, address } = await aScale('st-us');
    const till = await aTillWith(address);
    const trialId = await tried(till, { family: 'st-us' });
    await till.call.readEmptyPan({ trialId });
    virtual.set(5_000);
    const actId = randomUUID();
    const both = await Promise.all([setScale(till, trialId, { actId }), setScale(till, trialId, { actId })]);
    expect([...both, await setScale(till, trialId, { actId })]).toEqual(Array.from({ length: 3 }, () => ({ ok: true, value: null })));
    await till.stop();
    expect(scaleEvents(till).map(({ kind }) => kind)).toEqual(['SCALE_SET', 'SCALE_CHECKED']);
  });
});

describe('the simulated scale', () => {
  test('is set up by itself, once, as one that weighs nothing; the daily check is asked all the same', async () => {
    const till = await aTillWith('simulated:?family=yaohua-a9');
    const { scale } = await till.until((seen) => seen.scale.state === 'ready');
    expect(scale).toMatchObject({
      simulated: true,
      isCheckedToday: false,
      setUp: { family: 'yaohua-a9', model: '模拟', serialNumber: '模拟' },
    });
    await till.stop();
    const again = await startTill(onTestFinished, till.directory, till.clock);
    await again.stop();
    expect(scaleEvents(again).map((event) => event.kind === 'SCALE_SET' && event.body.isSimulated)).toEqual([true]);
    expect(await verdictOn(till.directory)).toEqual({ kind: 'true' });
  });

  test('shows what is put on it, and its faults; a real one is not simulated', async () => {
    const till = await aTillWith('simulated:');
    await till.until((seen) => seen.scale.state === 'ready');
    await till.call.simulateScale({ act: 'load', grams: 2_500 });
    await expect.poll(() => till.weight(), { timeout: 15_000 }).toEqual({ kind: 'stable', grams: 2_500, isNet: false });
    expect(await till.call.simulateScale({ act: 'tare' })).toEqual({
      display: { kind: 'weight', grams: 0, tareGrams: 2_500, isMoving: false },
      fault: 'none',
    });
    expect(await till.call.simulateScale({ act: 'fault', fault: 'overload' })).toEqual({
      display: { kind: 'overload' },
      fault: 'overload',
    });
    await till.call.simulateScale({ act: 'fault', fault: 'unplugged' });
    await till.until((seen) => seen.scale.state === 'lost');
    expect(till.weight()).toEqual({ kind: 'none', grams: null, isNet: false });
    const real = await aTillWith(null);
    expect(await real.call.simulateScale({ act: 'look' })).toBe(null);
    await expect(real.call.simulateScale({ act: 'tare' })).rejects.toMatchObject({ code: 'not_allowed' });
  });
});

describe('a simulated scale in a shop that its county does not call a demo', () => {
  const { isDemo: _, ...realShop } = shop;
  const forbidden = { simulated: false, isForbidden: true, state: 'none', setUpElsewhere: null, setUp: null, isCheckedToday: false };
  const refused = { ok: false, code: 'scale_simulated' };

  test('is as if there were none: it sets nothing up, weighs nothing, is tried by nobody, has no knob, and the page can say why', async () => {
    const till = await aTillWith('simulated:?family=cas-22', { more: [{ t: 'SHOP', shop: realShop }] });
    expect(till.snapshot().scale).toEqual({ address: 'simulated:?family=cas-22', ...forbidden });
    const trialId = randomUUID();
    expect([
      await till.call.checkScale({ actId: randomUUID(), step: 'empty' }),
      await till.call.listenToScale({ trialId }),
      await till.call.tryScale({ trialId, family: 'cas-22', unit: 'kg', line: null }),
      await till.call.simulateScale({ act: 'look' }),
    ]).toEqual([refused, refused, refused, null]);
    await expect(till.call.simulateScale({ act: 'load', grams: 13_000 })).rejects.toMatchObject({ code: 'not_allowed' });
    await till.stop();
    expect(scaleEvents(till)).toEqual([]);
  });

  test('a real one that was set up keeps its place when kiosk.json names a simulated one for a while', async () => {
    const { virtual, address } = await aScale('st-us');
    const till = await aTillWith(address, { more: [{ t: 'SHOP', shop: realShop }] });
    const scaleSetId = await commissioned(till, virtual, { family: 'st-us' });
    await till.stop();
    nameScale(till.directory, 'simulated:?family=cas-22');
    const edited = await startTill(onTestFinished, till.directory, till.clock);
    expect(edited.snapshot().scale).toEqual({ ...forbidden, address: 'simulated:?family=cas-22', setUpElsewhere: address });
    await edited.stop();
    nameScale(till.directory, address);
    const mended = await startTill(onTestFinished, till.directory, till.clock);
    expect((await mended.until(({ scale }) => scale.state === 'ready')).scale.setUp?.scaleSetId).toBe(scaleSetId);
    await mended.stop();
    expect(scaleEvents(mended).map(({ kind }) => kind)).toEqual(['SCALE_SET', 'SCALE_CHECKED']);
  });

  test('is opened by the county’s file that calls the shop a demo, and shut by the one that does not', async () => {
    const directory = temporary(onTestFinished);
    const clock = handClock();
    const { home, book } = makeKiosk(directory, clock);
    book.close();
    nameScale(directory, 'simulated:');
    const till = await startTill(onTestFinished, directory, clock);
    expect(till.snapshot()).toMatchObject({ status: { code: 'not_enrolled' }, scale: forbidden });
    const first = await writeDown(join(directory, 'from-county'), header(1, ''), await firstLines());
    deliver(home, first.path);
    const noticed = { timeout: 10_000 }; // the inbox is looked at every five seconds
    await expect.poll(() => till.snapshot().scale, noticed).toMatchObject({ simulated: true, isForbidden: false, state: 'ready' });
    const next = await writeDown(join(directory, 'from-county'), header(2, first.sha256), [{ t: 'SHOP', shop: realShop }]);
    deliver(home, next.path);
    await expect.poll(() => till.snapshot().scale, noticed).toEqual({ address: 'simulated:', ...forbidden });
  });
});

describe('the daily check', () => {
  /** A simulated scale at work, and a hand at its knob. */
  async function aDesk() {
    const till = await aTillWith('simulated:', { isOwner: false });
    await till.until((seen) => seen.scale.state === 'ready');
    const load = (grams: number) => till.call.simulateScale({ act: 'load', grams });
    const step = (name: 'empty' | 'known', actId = randomUUID()) => till.call.checkScale({ actId, step: name });
    return { till, load, step };
  }
  const verdict = { knownGrams: 1_000, toleranceGrams: 10 }; // of a simulated scale's set-up

  test('first the empty pan, then the known weight, good for this business date', async () => {
    const { till, load, step } = await aDesk();
    expect(await step('known')).toEqual({ ok: false, code: 'empty_first' });
    await load(7);
    expect(await step('empty')).toEqual({ ok: false, code: 'not_zero', readGrams: 7 });
    await load(0);
    expect(await step('empty')).toEqual({ ok: true, value: null });
    await load(990);
    const actId = randomUUID();
    const good = { ok: true, value: { isGood: true, readGrams: 990, ...verdict } };
    expect(await step('known', actId)).toEqual(good);
    await till.until((seen) => seen.scale.isCheckedToday);
    await load(0);
    expect(await step('known', actId)).toEqual(good); // the same press again
    await till.stop();
    expect(scaleEvents(till).map(({ kind }) => kind)).toEqual(['SCALE_SET', 'SCALE_CHECKED']);
    till.clock.turn(dayMs);
    const tomorrow = await startTill(onTestFinished, till.directory, till.clock);
    expect(tomorrow.snapshot().scale.isCheckedToday).toBe(false);
  });

  test('is over at midnight though the shift is still open, and when the clock is set back to a day that had one', async () => {
    const { till, load, step } = await aDesk();
    const check = async () => {
      await load(0);
      await step('empty');
      await load(1_000);
      return step('known');
    };
    const due = { ok: false, code: 'scale_check_due' };
    const weigh = () => till.call.setTare({ tare: { by: 'pan' } });
    await check();
    expect(await weigh()).toEqual({ ok: true, value: null });
    till.clock.turn(3 * dayMs);
    expect(await weigh()).toEqual(due);
    await till.until((seen) => !seen.scale.isCheckedToday); // and the page is told
    expect(await check()).toMatchObject({ ok: true, value: { isGood: true } });
    await till.until((seen) => seen.scale.isCheckedToday);
    till.clock.set(till.clock.wallMs() - 3 * dayMs);
    expect(await weigh()).toEqual(due);
  }, 60_000);

  test('the known weight is the one of the set-up: what is on the pan is not right by its own figure', async () => {
    const { load, step, till } = await aDesk();
    await step('empty');
    await load(7_777);
    expect(await step('known')).toEqual({ ok: true, value: { isGood: false, readGrams: 7_777, ...verdict } });
    const typed = { actId: randomUUID(), step: 'known', knownGrams: 7_777 } as const;
    await expect(till.call.checkScale(typed)).rejects.toMatchObject({ code: 'bad_call' });
  });

  test('its weight is no bag: the pan must be seen empty before anything is weighed', async () => {
    const till = await aDeskToCheck(onTestFinished, { isChecked: false });
    await till.call.chooseMaterial({ materialId: 'plastic-bottle' });
    await till.until(({ scale, desk }) => scale.state === 'ready' && desk?.isPanClear === true);
    await till.call.checkScale({ actId: randomUUID(), step: 'empty' });
    await put(till, 1_000);
    expect(await till.call.checkScale({ actId: randomUUID(), step: 'known' })).toMatchObject({ ok: true, value: { isGood: true } });
    const press = () => till.call.weigh({ bagId: randomUUID(), isOtherBag: false });
    expect(await press()).toEqual({ ok: false, code: 'pan_not_clear' });
    await clearPan(till);
    await put(till, 1_500);
    expect(await press()).toEqual({ ok: true, value: null });
  });

  test('a bad one is written, and the scale waits for a good one', async () => {
    const { till, load, step } = await aDesk();
    await step('empty');
    await load(1_011);
    expect(await step('known')).toEqual({ ok: true, value: { isGood: false, readGrams: 1_011, ...verdict } });
    expect(till.snapshot().scale.isCheckedToday).toBe(false);
    await load(1_000);
    expect(await step('known')).toMatchObject({ ok: true, value: { isGood: true } });
    await till.until((seen) => seen.scale.isCheckedToday);
    await step('empty');
    await load(900);
    expect(await step('known')).toMatchObject({ ok: true, value: { isGood: false } });
    await till.until((seen) => !seen.scale.isCheckedToday);
    await till.stop();
    expect(scaleEvents(till).map((event) => event.kind === 'SCALE_CHECKED' && event.body.isGood)).toEqual([false, false, true, false]);
  });

  test('an empty pan of two minutes ago says nothing any more', async () => {
    const { till, load, step } = await aDesk();
    await step('empty');
    await load(1_000);
    till.clock.turn(120_000);
    expect(await step('known')).toEqual({ ok: false, code: 'empty_first' });
  });
});

describe('a scale whose frames do not say that its own tare is on', () => {
  /** A desk whose scale speaks this family since the last start; a sack was chosen as tare before. */
  async function aDeskOf(family: FamilyName): Promise<Till> {
    const before = await aDeskToCheck(onTestFinished);
    await before.call.scan({ text: card('1') });
    await before.call.chooseMaterial({ materialId: 'plastic-bottle' });
    expect(await before.call.setTare({ tare: { by: 'container', id: 'sack' } })).toEqual({ ok: true, value: null });
    await before.call.signOut();
    await before.stop();
    nameScale(before.directory, `simulated:?family=${family}`);
    const till = await startTill(onTestFinished, before.directory, before.clock);
    await till.until(({ scale }) => scale.state === 'ready');
    await atWork(till, { isShiftOpen: true });
    await till.call.goTo({ place: 'desk' });
    return till;
  }
  const untold = { ok: false, code: 'tare_untold' };

  test.each(['reversed', 'dahua', 'mt-sics', 'stx-block', 'yaohua-a9', 'nci-ecr', 'kunhong'] as const)(
    '%s: the till takes no tare of its own, and the page can say why',
    async (family) => {
      const till = await aDeskOf(family);
      expect(till.snapshot().scale.setUp).toMatchObject({ family, tellsNet: false });
      expect([
        await till.call.setTare({ tare: { by: 'pan' } }),
        await till.call.setTare({ tare: { by: 'container', id: 'sack' } }),
        await till.call.setTare({ tare: { by: 'none' } }),
      ]).toEqual([untold, untold, { ok: true, value: null }]);
    },
  );

  test('a tare that was chosen before is not taken off either; the scale’s own key takes the vessel off, once', async () => {
    const till = await aDeskOf('dahua');
    await till.call.checkScale({ actId: randomUUID(), step: 'empty' });
    await put(till, 1_000);
    expect(await till.call.checkScale({ actId: randomUUID(), step: 'known' })).toMatchObject({ ok: true, value: { isGood: true } });
    await clearPan(till);
    await put(till, 120);
    await expect.poll(() => till.weight(), { timeout: 15_000 }).toEqual({ kind: 'stable', grams: 120, isNet: false });
    await till.call.simulateScale({ act: 'tare' });
    await put(till, 1_120);
    const press = () => till.call.weigh({ bagId: randomUUID(), isOtherBag: false });
    expect(await press()).toEqual(untold);
    await till.call.setTare({ tare: { by: 'none' } });
    expect(await press()).toEqual({ ok: true, value: null });
    const { desk } = await till.until((seen) => seen.desk?.bags.length === 1);
    expect(desk?.bags[0]).toMatchObject({ units: 1_000, readGrams: 1_000, tareGrams: 0 });
  });
});

test.each([
  [500, 10],
  [5_000, 10],
  [5_500, 11],
  [20_000, 40],
])('%d g may be read %d g off', (knownGrams, toleranceGrams) => {
  expect(toleranceGramsOf(knownGrams)).toBe(toleranceGrams);
});

test.each([
  ['2026-11-22', 'future'],
  ['2026-11-21', 'valid'],
  ['2025-11-21', 'valid'],
  ['2025-11-20', 'overdue'],
  ['2024-02-29', 'overdue'],
] as const)('a mark of %s is %s on 2026-11-21', (verifiedOn, state) => {
  expect(verificationOf(verifiedOn, '2026-11-21')).toBe(state);
});
