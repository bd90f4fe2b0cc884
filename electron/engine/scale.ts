// The scale of this kiosk: which one was commissioned, what is on its pan, and the wait for a weight that may be credited or
// sold. Takes no tare and knows no material.

import { newestScaleSet, wasScaleGoodOn } from '../../db/scales.ts';
import type { ScaleSetBody } from '../../db/model/event.ts';
import type { WeighingProof } from '../../db/model/recycling.ts';
import { type Result, fail, ok } from '../../db/model/result.ts';
import { parseDeviceUrl } from '../../hardware/device-url.ts';
import { familyNamed } from '../../hardware/scale/families.ts';
import type { FamilyName, WeightUnit } from '../../hardware/scale/reading.ts';
import { type Scale, type ScaleReading, openScale } from '../../hardware/scale/scale.ts';
import { type VirtualScale, openVirtualScale } from '../../hardware/virtual/scale.ts';
import type { ScaleView, WeightView } from '../ipc/snapshot.ts';
import { type Engine, currentDay, selling } from './till.ts';

/** The scale that kiosk.json names, opened as it was commissioned. */
export interface ScaleDevice {
  readonly address: string;
  /** The simulated one behind it, or null. */
  readonly virtual: VirtualScale | null;
  state(): ScaleView['state'];
  weight(): WeightView;
  /** Tells every reading from now on; the answer ends it. */
  onReading(listener: (reading: ScaleReading) => void): () => void;
  /** Opens it anew as the newest SCALE_SET says, or not at all where there is none. */
  refresh(): Promise<void>;
  close(): Promise<void>;
}

/** Why there is no weight. */
export type WeighRefusal =
  | 'scale_not_set' // it was never commissioned at this address
  | 'scale_check_due' // not checked on this business date
  | 'scale_away' // no link, or nothing understood comes over it
  | 'not_stable' // it did not come to rest in time
  | 'overload'
  | 'underload';

/** A weight at rest that came after it was asked for. */
export interface StableWeight {
  readonly grams: number;
  /** The scale has taken a tare off itself. */
  readonly isNet: boolean;
  readonly proof: WeighingProof;
}

/** A bag swings for seconds; longer, and a person should look. Less than a page waits for an answer (15 s). */
const restWithinMs = 10_000;

const nothing: WeightView = { kind: 'none', grams: null, isNet: false };

/** Opens the scale at `address` for as long as the engine runs. A scale that is not there is shown as such and looked for. */
export function openScaleDevice(engine: Engine, address: string): ScaleDevice {
  const url = parseDeviceUrl(address);
  const isSimulated = url.ok && url.value.kind === 'simulated';
  const virtual = isSimulated ? openVirtualScale({ family: url.value.family ?? 'st-us' }) : null;
  const listeners = new Set<(reading: ScaleReading) => void>();
  let open: Scale | null = null;
  let state: ScaleView['state'] = 'none';
  let shown = nothing;

  const device: ScaleDevice = {
    address,
    virtual,
    state: () => state,
    weight: () => shown,
    onReading(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async refresh() {
      await open?.close();
      open = null;
      state = 'none';
      show(nothing);
      const set = setUpAt(engine, address);
      if (set === null) return engine.changed();
      open = openScale(
        {
          address,
          family: set.body.family as FamilyName, // commissioning took it from the list of families
          unit: set.body.unit as WeightUnit, // likewise
          ...(virtual === null ? {} : { openLink: virtual.openLink }),
        },
        {
          onReading(reading) {
            show(weightOf(reading));
            for (const listener of listeners) listener(reading);
          },
          onState(next) {
            state = next;
            engine.changed();
          },
        },
      );
    },
    async close() {
      await open?.close();
      virtual?.close();
    },
  };
  const show = (weight: WeightView): void => {
    if (weight.kind === shown.kind && weight.grams === shown.grams && weight.isNet === shown.isNet) return;
    shown = weight;
    engine.emit('weight', weight);
  };
  return device;
}

/** What commissioning recorded of the scale at this kiosk's address, or null. */
export function setUpAt(engine: Engine, address: string): { readonly scaleSetId: string; readonly body: ScaleSetBody } | null {
  if (engine.book === null) return null;
  const newest = newestScaleSet(engine.book.db);
  return newest !== null && newest.body.address === address ? newest : null;
}

/** The scale as the page shows it. */
export function scaleView(engine: Engine): ScaleView {
  const device = engine.devices?.scale;
  const address = engine.home?.config.scale ?? '';
  const set = setUpAt(engine, address);
  return {
    address,
    simulated: device?.virtual != null,
    state: device?.state() ?? 'none',
    setUp:
      set === null
        ? null
        : {
            scaleSetId: set.scaleSetId,
            family: set.body.family,
            model: set.body.model,
            serialNumber: set.body.serialNumber,
            verifiedOn: set.body.verifiedOn,
            knownGrams: set.body.knownGrams,
            toleranceGrams: set.body.toleranceGrams,
          },
    isCheckedToday: set !== null && engine.book !== null && wasScaleGoodOn(engine.book.db, set.scaleSetId, currentDay(engine)),
  };
}

/**
 * Waits for a weight at rest that comes after now, at most ten seconds, from a scale that was commissioned and, unless
 * `isUnchecked`, checked on this business date. The engine stays free meanwhile: look again at what may have changed.
 */
export async function weighNow(engine: Engine, { isUnchecked = false } = {}): Promise<Result<StableWeight, WeighRefusal>> {
  const { book } = selling(engine);
  const device = engine.devices?.scale;
  const set = setUpAt(engine, device?.address ?? '');
  if (device === undefined || set === null) return fail('scale_not_set');
  if (!isUnchecked && !wasScaleGoodOn(book.db, set.scaleSetId, currentDay(engine))) return fail('scale_check_due');
  if (device.state() !== 'ready') return fail('scale_away');
  const reading = await nextAtRest(device);
  if (reading === null) return fail(device.state() === 'ready' ? 'not_stable' : 'scale_away');
  const { reading: said, frames, source } = reading;
  if (said.kind === 'overload' || said.kind === 'underload') return fail(said.kind);
  if (!('grams' in said) || source === null) return fail('not_stable');
  return ok({
    grams: said.grams,
    isNet: said.net,
    proof: {
      scaleSetId: set.scaleSetId,
      family: familyNamed(set.body.family as FamilyName).name, // as above
      stableBy: source,
      framesHex: frames.map((frame) => Buffer.from(frame).toString('hex')),
      weighedAt: Math.trunc(engine.clock.wallMs()),
    },
  });
}

/** The next reading at rest, or one that cannot come to rest; null when none came in time or the link fell. */
async function nextAtRest(device: ScaleDevice): Promise<ScaleReading | null> {
  let stop = (): void => {};
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<ScaleReading | null>((resolve) => {
      timer = setTimeout(() => resolve(null), restWithinMs);
      stop = device.onReading((reading) => {
        const { kind } = reading.reading;
        if (kind === 'none') resolve(null);
        else if (kind !== 'moving') resolve(reading);
      });
    });
  } finally {
    clearTimeout(timer);
    stop();
  }
}

function weightOf({ reading }: ScaleReading): WeightView {
  return 'grams' in reading ? { kind: reading.kind, grams: reading.grams, isNet: reading.net } : { ...nothing, kind: reading.kind };
}
