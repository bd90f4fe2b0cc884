// The scale of this kiosk: which one was commissioned, what is on its pan, and the wait for a weight that may be credited or
// sold. Takes no tare and knows no material.

import { newestScaleCheck, newestScaleSet } from '../../db/scales.ts';
import type { ScaleSetBody } from '../../db/model/event.ts';
import { toleranceGramsOf } from '../../db/model/scale-check.ts';
import type { WeighingProof } from '../../db/model/recycling.ts';
import { type Result, fail, ok } from '../../db/model/result.ts';
import { businessDate } from '../../db/model/time.ts';
import { uuidv7 } from '../../db/uuid.ts';
import { parseDeviceUrl } from '../../hardware/device-url.ts';
import { familyNamed } from '../../hardware/scale/families.ts';
import type { FamilyName, WeightUnit } from '../../hardware/scale/reading.ts';
import { type Scale, type ScaleOptions, type ScaleReading, openScale } from '../../hardware/scale/scale.ts';
import { type VirtualScale, openVirtualScale } from '../../hardware/virtual/scale.ts';
import type { LineView, ScaleView, WeightView } from '../ipc/snapshot.ts';
import { type Engine, currentDay, selling, stopOnFault } from './till.ts';

/** The scale that kiosk.json names, opened as it was commissioned. */
export interface ScaleDevice {
  readonly address: string;
  /** The simulated one behind it, or null: the scale is real, or nobody may weigh on it here. */
  readonly virtual: VirtualScale | null;
  /** A simulated scale in a shop that its county does not call a demo: it is as if there were none. */
  readonly isForbidden: boolean;
  state(): ScaleView['state'];
  weight(): WeightView;
  /** Tells every reading from now on; the answer ends it. */
  onReading(listener: (reading: ScaleReading) => void): () => void;
  /** Opens it anew as the newest SCALE_SET says, or not at all where there is none. Whoever has borrowed the port is ended. */
  refresh(): Promise<void>;
  /** Closes the scale and gives its port, which has one owner, to `borrower`; whoever had borrowed it before is ended. */
  lend(borrower: Borrower): Promise<void>;
  /** Opens the scale again, unless another has borrowed the port since. */
  takeBack(borrower: Borrower): Promise<void>;
  close(): Promise<void>;
}

/** Who uses the scale's port for a while instead of the till. */
export interface Borrower {
  /** The port is free now. */
  begin(): void;
  /** Resolves when it is free again; called once, also when the engine ends. */
  end(): Promise<void>;
}

/** Why there is no weight. */
export type WeighRefusal =
  | 'scale_simulated' // and this shop is no demo
  | 'scale_not_set' // it was never commissioned at this address
  | 'scale_check_due' // not checked today
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

/** Nothing is known of the pan. */
export const noWeight: WeightView = { kind: 'none', grams: null, isNet: false };

/**
 * Opens the scale at `address` for as long as the engine runs. A scale that is not there is shown as such and looked for. A
 * simulated one is opened only where the county's signed file says that the shop is a demo: whoever can write kiosk.json must
 * not get points from a knob.
 */
export function openScaleDevice(engine: Engine, address: string): ScaleDevice {
  const url = parseDeviceUrl(address);
  const knob = url.ok && url.value.kind === 'simulated' ? openVirtualScale({ family: url.value.family ?? 'st-us' }) : null;
  const listeners = new Set<(reading: ScaleReading) => void>();
  let open: Scale | null = null;
  let state: ScaleView['state'] = 'none';
  let shown = noWeight;

  let borrower: Borrower | null = null;
  let last = Promise.resolve();
  /** One opening or closing after another, whoever asks. */
  const inTurn = (work: () => Promise<void>): Promise<void> => {
    last = last.then(work, work);
    return last;
  };

  const closeAll = async (): Promise<void> => {
    const ending = borrower;
    borrower = null;
    await ending?.end();
    await open?.close();
    open = null;
    state = 'none';
    // who waits for a weight must not wait for one of another link
    for (const listener of listeners) listener({ ...ranOut, receivedAtMs: performance.now() });
    show(noWeight);
    engine.changed();
  };
  /** A book that cannot be read stops the till, which then has no scale either. */
  const setUpNow = (): ReturnType<typeof setUpAt> => {
    try {
      setUpSimulated(engine, device);
      return setUpAt(engine, address);
    } catch (error) {
      stopOnFault(engine, error);
      return null;
    }
  };
  const openAnew = async (): Promise<void> => {
    await closeAll();
    if (device.isForbidden) return;
    const set = setUpNow();
    if (set === null) return;
    const family = set.body.family as FamilyName; // commissioning took it from the list of families
    const unit = set.body.unit as WeightUnit; // likewise
    open = openScale(scaleOptions(device, { family, unit, line: set.body.line }), {
      onReading(reading) {
        show(weightOf(reading));
        for (const listener of listeners) listener(reading);
      },
      onState(next) {
        state = next;
        engine.changed();
      },
    });
  };

  const device: ScaleDevice = {
    address,
    get virtual() {
      return device.isForbidden ? null : knob;
    },
    get isForbidden() {
      return isForbiddenAt(engine, address);
    },
    state: () => state,
    weight: () => shown,
    onReading(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    refresh: () => inTurn(openAnew),
    lend: (next) =>
      inTurn(async () => {
        await closeAll();
        state = 'connecting';
        borrower = next;
        next.begin();
      }),
    takeBack: (from) =>
      inTurn(async () => {
        if (borrower === from) await openAnew();
      }),
    close: () =>
      inTurn(async () => {
        await closeAll();
        knob?.close();
      }),
  };
  const show = (weight: WeightView): void => {
    if (weight.kind === shown.kind && weight.grams === shown.grams && weight.isNet === shown.isNet) return;
    shown = weight;
    engine.emit('weight', weight);
  };
  return device;
}

/** A reading that says that there is none any more. */
const ranOut: Omit<ScaleReading, 'receivedAtMs'> = { reading: { kind: 'none' }, frames: [], sequence: 0, source: null };

/** What openScale needs for this device, spoken to in one way. */
export function scaleOptions(
  { address, virtual }: Pick<ScaleDevice, 'address' | 'virtual'>,
  { family, unit, line }: { readonly family: FamilyName; readonly unit: WeightUnit; readonly line: LineView | null },
): ScaleOptions {
  return { address: addressAs(address, family, line), family, unit, ...(virtual === null ? {} : { openLink: virtual.openLink }) };
}

/** The address with a family's usual line where it names none, or with the line that was found. */
function addressAs(address: string, family: FamilyName, line: LineView | null): string {
  const [place = '', query] = address.split('?', 2);
  if (!place.startsWith('serial:')) return address;
  const said = new URLSearchParams(query);
  said.set('family', family);
  if (line !== null) {
    said.set('baud', String(line.baudRate));
    said.set('frame', line.frame);
  }
  return `${place}?${said}`;
}

/**
 * Writes that a simulated scale is set up, once for its address: nobody has to weigh a known weight on a knob. The book and the
 * county see that it weighs nothing.
 */
function setUpSimulated(engine: Engine, { address, virtual }: ScaleDevice): void {
  if (virtual === null || engine.book === null || setUpAt(engine, address) !== null) return;
  const { unit } = familyNamed(virtual.family);
  const body: ScaleSetBody = {
    address,
    line: null,
    family: virtual.family,
    unit: unit === 'frame' ? 'kg' : unit.usual,
    model: '模拟',
    serialNumber: '模拟',
    verifiedOn: currentDay(engine),
    knownGrams: simulatedKnownGrams,
    readGrams: simulatedKnownGrams,
    toleranceGrams: toleranceGramsOf(simulatedKnownGrams),
    framesHex: [],
    isSimulated: true,
  };
  const id = uuidv7(engine.clock.wallMs());
  engine.book.transact(({ append }) =>
    append({ kind: 'SCALE_SET', body, id, day: currentDay(engine), op: null, command: { setUpSimulated: address } }),
  );
}

/** A weight that every shop could have. */
const simulatedKnownGrams = 1_000;

/** Whether a simulated scale is named where the county's file does not call the shop a demo. */
function isForbiddenAt(engine: Engine, address: string): boolean {
  const url = parseDeviceUrl(address);
  return url.ok && url.value.kind === 'simulated' && engine.reference?.shop.isDemo !== true;
}

/** What commissioning recorded of the scale at this kiosk's address, or null: also where that one may not weigh here. */
export function setUpAt(engine: Engine, address: string): ScaleSet | null {
  return engine.book === null ? null : setUpOf(engine, newestScaleSet(engine.book.db), address);
}

type ScaleSet = { readonly scaleSetId: string; readonly body: ScaleSetBody };

/** The newest commissioning, if it is of this address and may weigh here. */
function setUpOf(engine: Engine, newest: ScaleSet | null, address: string): ScaleSet | null {
  return newest !== null && newest.body.address === address && !isForbiddenAt(engine, address) ? newest : null;
}

/** The scale as the page shows it. */
export function scaleView(engine: Engine): ScaleView {
  const device = engine.devices?.scale;
  const address = engine.home?.config.scale ?? '';
  const newest = engine.book === null ? null : newestScaleSet(engine.book.db);
  const set = setUpOf(engine, newest, address); // read once: every scan at the till shows the scale, too
  return {
    address,
    simulated: device?.virtual != null,
    isForbidden: device?.isForbidden === true,
    state: device?.state() ?? 'none',
    setUpElsewhere: address !== '' && newest !== null && newest.body.address !== address ? newest.body.address : null,
    setUp:
      set === null
        ? null
        : {
            scaleSetId: set.scaleSetId,
            family: set.body.family,
            tellsNet: tellsNet(set),
            model: set.body.model,
            serialNumber: set.body.serialNumber,
            verifiedOn: set.body.verifiedOn,
            knownGrams: set.body.knownGrams,
            toleranceGrams: set.body.toleranceGrams,
          },
    isCheckedToday: set !== null && isCheckedToday(engine, set.scaleSetId),
  };
}

/**
 * Whether the newest check on this business date was good and made on this calendar date. Neither date does alone: a shift that
 * is left open keeps its business date for days, and a clock set back has a date again on which the scale was checked once. So
 * midnight asks again, and a wrong clock can only ask too often, or find the day and shift of a good check again.
 */
function isCheckedToday(engine: Engine, scaleSetId: string): boolean {
  const check = engine.book === null ? null : newestScaleCheck(engine.book.db, scaleSetId, currentDay(engine));
  return check?.isGood === true && businessDate(check.checkedAt) === businessDate(engine.clock.wallMs());
}

/**
 * Waits for a weight at rest that comes after now, at most ten seconds, from a scale that was commissioned and, unless
 * `isUnchecked`, checked today. The engine stays free meanwhile: look again at what may have changed.
 */
export async function weighNow(engine: Engine, { isUnchecked = false } = {}): Promise<Result<StableWeight, WeighRefusal>> {
  selling(engine); // throws where the till is stopped
  const device = engine.devices?.scale;
  if (device?.isForbidden === true) return fail('scale_simulated');
  const set = setUpAt(engine, device?.address ?? '');
  if (device === undefined || set === null) return fail('scale_not_set');
  if (!isUnchecked && !isCheckedToday(engine, set.scaleSetId)) {
    engine.changed(); // midnight tells no page that yesterday's check is over
    return fail('scale_check_due');
  }
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

/**
 * Whether the till may take a tare off what this scale reads. Not where its frames do not say that its own tare is on: both
 * would be taken off the same bag, and nothing the till can look at would show it (a scale that was tared and emptied reads
 * below zero, but one whose vessel is still on it reads zero, and 大华's has no minus at all). Such a scale's own key takes the
 * vessel off; every one of them has it, so the desk works on, and what it reads is then the net weight, once.
 */
export function takesOurTare(engine: Engine): boolean {
  const set = setUpAt(engine, engine.devices?.scale.address ?? '');
  return set === null || tellsNet(set); // without a scale another refusal says so
}

function tellsNet({ body }: ScaleSet): boolean {
  return familyNamed(body.family as FamilyName).tellsNet; // commissioning took it from the list of families
}

/** The next reading at rest, or one that cannot come to rest; null when none came in time or the link fell. */
export async function nextAtRest(device: Pick<ScaleDevice, 'onReading'>): Promise<ScaleReading | null> {
  let stop = (): void => {};
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<ScaleReading | null>((resolve) => {
      timer = setTimeout(() => resolve(null), restWithinMs);
      stop = device.onReading((reading) => {
        const { kind } = reading.reading;
        if (kind === 'none' && reading.frames.length > 0) return; // the scale itself cannot tell now: an 8217 in motion
        if (kind === 'none') resolve(null);
        else if (kind !== 'moving') resolve(reading);
      });
    });
  } finally {
    clearTimeout(timer);
    stop();
  }
}

/** A reading as the page shows it. */
export function weightOf({ reading }: ScaleReading): WeightView {
  return 'grams' in reading ? { kind: reading.kind, grams: reading.grams, isNet: reading.net } : { ...noWeight, kind: reading.kind };
}
