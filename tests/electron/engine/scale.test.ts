// Setting up a scale, its daily check, and the simulated one: a real engine and book, a real link over TCP or in memory, and
// a simulated scale at its other end.

import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { DownLine } from '../../../db/model/down-file.ts';
import type { BookEvent } from '../../../db/model/event.ts';
import { toleranceGramsOf, verificationOf } from '../../../db/model/scale-check.ts';
import { dayMs } from '../../../db/model/time.ts';
import type { ScaleTrialDoing, ScaleTrialView } from '../../../electron/ipc/snapshot.ts';
import type { FamilyName, WeightUnit } from '../../../hardware/scale/reading.ts';
import { openVirtualScale } from '../../../hardware/virtual/scale.ts';
import { serveVirtualScale } from '../../../hardware/virtual/serve-scale.ts';
import { cashier, enrol, handClock, makeKiosk, temporary } from '../../support/county.ts';
import { type Till, atWork, startTill } from '../../support/till.ts';
import { verdictOn } from '../../support/verify.ts';

/** The test county's cashier, whose PIN is known, as the shop's owner. */
async function owned(): Promise<DownLine> {
  return { t: 'OPERATOR', operator: { ...(await cashier()), role: 'owner' } };
}

/** A till of an owner at work, whose kiosk.json names this scale. */
async function aTillWith(scale: string | null, { isOwner = true } = {}): Promise<Till> {
  const directory = temporary(onTestFinished);
  const clock = handClock();
  const { home, book } = makeKiosk(directory, clock);
  await enrol(home, book, isOwner ? [await owned()] : []);
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

async function checked(till: Till, virtual: { set(grams: number): void }, grams = 5_000) {
  virtual.set(0);
  expect(await till.call.checkScale({ actId: randomUUID(), step: 'empty' })).toEqual({ ok: true, value: null });
  virtual.set(grams);
  return till.call.checkScale({ actId: randomUUID(), step: 'known', knownGrams: 5_000 });
}

function scaleEvents(till: Till): readonly BookEvent[] {
  return till.events().filter(({ kind }) => kind === 'SCALE_SET' || kind === 'SCALE_CHECKED');
}

const good = { ok: true, value: { isGood: true, knownGrams: 5_000, readGrams: 5_000, toleranceGrams: 10 } };

describe('setting up', () => {
  test('a scale that reads an empty pan and a known weight right is set up and checked for the day, with its bytes', async () => {
    const { virtual, address } = await aScale('st-us');
    const till = await aTillWith(address);
    expect(till.snapshot().scale).toEqual({
      address,
      simulated: false,
      state: 'none',
      setUpElsewhere: null,
      setUp: null,
      isCheckedToday: false,
    });
    const scaleSetId = await commissioned(till, virtual, { family: 'st-us' });
    const { scale } = await till.until((seen) => seen.scale.state === 'ready');
    const { verifiedOn, ...names } = plate;
    const setUp = { scaleSetId, family: 'st-us', ...names, verifiedOn, knownGrams: 5_000, toleranceGrams: 10 };
    expect(scale).toEqual({ address, simulated: false, state: 'ready', setUpElsewhere: null, setUp, isCheckedToday: true });
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
});
