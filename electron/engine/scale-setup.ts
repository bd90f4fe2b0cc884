// Commissioning: the owner finds out what the scale speaks, sees its bytes, and proves it with an empty pan and a known weight.
// Nothing that is read here can be credited, and nothing is sent that acts on a scale (hardware.md A.5).

import { writeDeskDraft } from '../../db/drafts.ts';
import { isKnownWeight, toleranceGramsOf, verificationOf } from '../../db/model/scale-check.ts';
import { type Result, fail, never, ok } from '../../db/model/result.ts';
import { businessDate } from '../../db/model/time.ts';
import { uuidv7 } from '../../db/uuid.ts';
import { families } from '../../hardware/scale/families.ts';
import { listenForScale } from '../../hardware/scale/listen.ts';
import type { FamilyName, WeightUnit } from '../../hardware/scale/reading.ts';
import { type ScaleReading, openScale } from '../../hardware/scale/scale.ts';
import { sniff } from '../../hardware/scale/sniff.ts';
import type { LineView, ScaleFamilyView, ScaleTrialDoing, ScaleTrialView } from '../ipc/snapshot.ts';
import { type Borrower, type ScaleDevice, type WeighRefusal, nextAtRest, noWeight, scaleOptions, weightOf } from './scale.ts';
import { type Engine, currentDay, earlierEvent, selling, whenFree } from './till.ts';

/** `no_scale`: kiosk.json names none. `scale_simulated`: it names a simulated one, and this shop is no demo. */
type TrialRefusal = 'no_scale' | 'scale_simulated';

/** Why a weight could not be taken on trial. `trial_over`: another trial runs, or the page was away too long. */
type ReadRefusal = Exclude<WeighRefusal, 'scale_simulated' | 'scale_not_set' | 'scale_check_due'> | 'trial_over' | 'scale_tared';

/** How a scale is tried. */
interface Manner {
  readonly family: FamilyName;
  /** Of frames that name none. */
  readonly unit: WeightUnit;
  /** Null: as the address says, or the family's usual line. */
  readonly line: LineView | null;
}

/** Makers, models and what they speak, in the order in which hardware.md recommends them. */
export function scaleFamilies(): readonly ScaleFamilyView[] {
  return [...families.values()].map(({ name, models, unit, line }) => ({
    family: name,
    models,
    unit: unit === 'frame' ? unit : unit.usual,
    line,
  }));
}

/** Finds out what speaks at the address of kiosk.json. Half a minute at most; what comes of it is told by `scaleTrial`. */
export async function listenToScale(engine: Engine, { trialId }: { readonly trialId: string }): Promise<Result<null, TrialRefusal>> {
  return begin(engine, trialId, (device, teller) => {
    const stopping = new AbortController();
    const listening = listenForScale(device.address, {
      signal: stopping.signal,
      onProgress: ({ step, steps, line, question }) =>
        teller.doing({ kind: 'listening', step, steps, line, question: question && visible(question) }),
      onBytes: (bytes) => teller.bytes(bytes),
      ...(device.virtual === null ? {} : { openLink: device.virtual.openLink }),
    }).then((heard) => {
      if (heard.ok) {
        const { candidates, line, suggests7E1, tail } = heard.value;
        teller.doing({
          kind: 'heard',
          candidates: candidates.map(({ family, frames, rejects, said }) => ({
            family,
            frames,
            rejects,
            grams: said.kind === 'weight' ? said.grams : null,
          })),
          line,
          suggests7E1,
          hasBytes: tail.length > 0,
        });
      } else if (heard.code !== 'cancelled') teller.doing({ kind: 'unheard', code: heard.code });
    });
    return {
      candidate: null,
      async end() {
        stopping.abort();
        await listening;
      },
    };
  });
}

/** Reads the scale as one of a family, beside the till: its weight and its bytes are told by `scaleTrial`. */
export async function tryScale(
  engine: Engine,
  { trialId, ...manner }: Manner & { readonly trialId: string },
): Promise<Result<null, TrialRefusal>> {
  return begin(engine, trialId, (device, teller) => {
    const listeners = new Set<(reading: ScaleReading) => void>();
    let doing: Extract<ScaleTrialDoing, { readonly kind: 'trying' }> = {
      kind: 'trying',
      state: 'connecting',
      weight: noWeight,
      rejects: {},
      isEmptySeen: false,
      suggests7E1: false,
    };
    const become = (change: Partial<typeof doing>): void => {
      doing = { ...doing, ...change };
      teller.doing(doing);
    };
    const scale = openScale(scaleOptions(device, manner), {
      onReading(reading) {
        become({ weight: weightOf(reading) });
        for (const listener of listeners) listener(reading);
      },
      // what was plugged in anew may be another scale
      onState: (state) => become(state === 'ready' ? { state } : { state, isEmptySeen: false }),
      onRejects: (rejects) => become({ rejects }),
      onBytes: (bytes) => teller.bytes(bytes),
    });
    return {
      candidate: {
        manner,
        isEmptySeen: () => doing.isEmptySeen,
        seeEmpty: () => become({ isEmptySeen: true }),
        state: () => scale.state(),
        onReading(listener) {
          listeners.add(listener);
          return () => listeners.delete(listener);
        },
      },
      async end() {
        for (const listener of listeners)
          listener({ reading: { kind: 'none' }, frames: [], receivedAtMs: performance.now(), sequence: 0, source: null });
        await scale.close();
      },
    };
  });
}

/** The page still shows this trial. A trial that no page shows ends by itself, and the till has its scale again. */
export function keepScaleTrial(engine: Engine, { trialId }: { readonly trialId: string }): Result<null, 'trial_over'> {
  const trial = trialOf(engine, trialId);
  if (trial === null) return fail('trial_over');
  trial.keep();
  return ok(null);
}

/** Ends a trial; the scale is opened again as it was commissioned. */
export async function stopScaleTrial(engine: Engine, { trialId }: { readonly trialId: string }): Promise<void> {
  await trialOf(engine, trialId)?.stop();
}

/** Waits for the empty pan to rest at zero. What it reads instead is told: the owner empties the pan, or presses the scale's zero key. */
export async function readEmptyPan(
  engine: Engine,
  { trialId }: { readonly trialId: string },
): Promise<Result<null, ReadRefusal> | NotZero> {
  const read = await readAtRest(engine, trialId);
  if (!read.ok) return read;
  if (read.value.grams !== 0) return { ok: false, code: 'not_zero', readGrams: read.value.grams };
  read.value.candidate.seeEmpty();
  return ok(null);
}

interface NotZero {
  readonly ok: false;
  readonly code: 'not_zero';
  readonly readGrams: number;
}

interface SetScale {
  readonly actId: string;
  readonly trialId: string;
  readonly model: string;
  readonly serialNumber: string;
  readonly verifiedOn: string;
  readonly knownGrams: number;
}

/**
 * Commissions the scale on trial: with the known weight on a pan that was seen empty before, it must read that weight within
 * toleranceGramsOf. What was read then is also this day's check. The till then has the scale again.
 */
export async function setScale(
  engine: Engine,
  request: SetScale,
): Promise<
  | Result<null, ReadRefusal | 'empty_first' | 'verified_in_future'>
  | { readonly ok: false; readonly code: 'known_wrong'; readonly readGrams: number; readonly toleranceGrams: number }
> {
  const { actId, trialId, model, serialNumber, verifiedOn, knownGrams } = request;
  const command = { setScale: trialId, model, serialNumber, verifiedOn, knownGrams };
  if (earlierEvent(engine, actId, command) !== null) return ok(null);
  if (verificationOf(verifiedOn, businessDate(engine.clock.wallMs())) === 'future') return fail('verified_in_future');
  const seen = trialOf(engine, trialId)?.candidate;
  if (seen != null && !seen.isEmptySeen()) return fail('empty_first');
  const ownerId = engine.operator?.id;
  const read = await readAtRest(engine, trialId);
  await whenFree(engine);
  // meanwhile: the same press again, another operator, another trial
  if (earlierEvent(engine, actId, command) !== null) return ok(null);
  if (!read.ok) return read;
  const { grams: readGrams, framesHex, candidate } = read.value;
  if (engine.operator?.id !== ownerId || trialOf(engine, trialId)?.candidate !== candidate) return fail('trial_over');
  if (!candidate.isEmptySeen()) return fail('empty_first');
  const toleranceGrams = toleranceGramsOf(knownGrams);
  if (!isKnownWeight({ knownGrams, readGrams })) return { ok: false, code: 'known_wrong', readGrams, toleranceGrams };
  const device = deviceOf(engine);
  if (device === null) return fail('trial_over');
  const { family, unit, line } = candidate.manner;
  const verdict = { knownGrams, readGrams, toleranceGrams };
  const mark = { model, serialNumber, verifiedOn };
  const { address } = device;
  const when = { day: currentDay(engine), op: ownerId ?? null };
  const isSimulated = device.virtual !== null;
  const desk = { ...engine.desk, isPanClear: false }; // the known weight is on it, and is no bag
  const { book } = selling(engine);
  book.transact(({ append }) => {
    const body = { address, line, family, unit, ...mark, ...verdict, framesHex, isSimulated };
    append({ kind: 'SCALE_SET', body, id: actId, ...when, command });
    const checked = { scaleSetId: actId, zeroGrams: 0, ...verdict, isGood: true };
    append({ kind: 'SCALE_CHECKED', body: checked, id: uuidv7(engine.clock.wallMs()), ...when, command: { checkedBy: actId } });
    writeDeskDraft(book, desk);
  });
  engine.desk = desk;
  await device.refresh();
  return ok(null);
}

/** What is on trial, as a weighing sees it. */
interface Candidate extends Pick<ScaleDevice, 'onReading' | 'state'> {
  readonly manner: Manner;
  readonly isEmptySeen: () => boolean;
  readonly seeEmpty: () => void;
}

/** What a trial does with the port. */
interface Use {
  /** Null while it only listens. */
  readonly candidate: Candidate | null;
  end(): Promise<void>;
}

interface Trial {
  readonly trialId: string;
  readonly candidate: Candidate | null;
  keep(): void;
  stop(): Promise<void>;
}

/** The trial that has the port now. */
const trials = new WeakMap<ScaleDevice, Trial>();

/** A page asks for its trial every ten seconds; one that missed two is gone, and the desk waits for its scale. */
const unaskedMs = 30_000;

async function begin(
  engine: Engine,
  trialId: string,
  use: (device: ScaleDevice, teller: Teller) => Use,
): Promise<Result<null, TrialRefusal>> {
  const device = deviceOf(engine);
  if (device === null) return fail('no_scale');
  if (device.isForbidden) return fail('scale_simulated');
  const teller = openTeller(engine, trialId);
  let used: Use | null = null;
  const giveBack = (): Promise<void> => device.takeBack(borrower);
  let unasked: NodeJS.Timeout | undefined;
  const borrower: Borrower = {
    begin() {
      used = use(device, teller);
      unasked = setTimeout(() => void giveBack(), unaskedMs);
      trials.set(device, { trialId, candidate: used.candidate, keep: () => unasked?.refresh(), stop: giveBack });
      engine.changed();
    },
    async end() {
      clearTimeout(unasked);
      trials.delete(device);
      await used?.end();
      teller.close();
    },
  };
  await device.lend(borrower);
  return ok(null);
}

function deviceOf(engine: Engine): ScaleDevice | null {
  const device = engine.devices?.scale;
  return device === undefined || device.address === '' ? null : device;
}

/** Whether a scale is being set up or tried: a person looks at it. */
export function isTrialRunning(engine: Engine): boolean {
  const device = deviceOf(engine);
  return device !== null && trials.has(device);
}

function trialOf(engine: Engine, trialId: string): Trial | null {
  const device = deviceOf(engine);
  const trial = device === null ? undefined : trials.get(device);
  return trial?.trialId === trialId ? trial : null;
}

/** What the scale on trial reads at rest, gross. */
async function readAtRest(
  engine: Engine,
  trialId: string,
): Promise<Result<{ readonly grams: number; readonly framesHex: readonly string[]; readonly candidate: Candidate }, ReadRefusal>> {
  const trial = trialOf(engine, trialId);
  if (trial === null || trial.candidate === null) return fail('trial_over');
  const { candidate } = trial;
  trial.keep();
  if (candidate.state() !== 'ready') return fail('scale_away');
  const found = await nextAtRest(candidate);
  if (trialOf(engine, trialId) !== trial) return fail('trial_over');
  if (found === null) return fail(candidate.state() === 'ready' ? 'not_stable' : 'scale_away');
  const { reading, frames } = found;
  switch (reading.kind) {
    case 'overload':
    case 'underload':
      return fail(reading.kind);
    case 'moving':
    case 'none':
      return fail('not_stable');
    case 'stable':
    case 'negative':
    case 'zero':
      if (reading.net) return fail('scale_tared');
      return ok({ grams: reading.grams, framesHex: frames.map((frame) => Buffer.from(frame).toString('hex')), candidate });
    default:
      return never(reading);
  }
}

/** Tells the pages what a trial does and hears. */
interface Teller {
  bytes(bytes: Uint8Array): void;
  doing(doing: ScaleTrialDoing): void;
  close(): void;
}

const tellEveryMs = 250;

/** Sixteen rows. */
const shownBytesMax = 128;

/** Some seconds of a usual scale, enough to see its parity. */
const keptBytesMax = 1_024;

const bytesPerRow = 8;

function openTeller(engine: Engine, trialId: string): Teller {
  let kept: Uint8Array = new Uint8Array();
  let doing: ScaleTrialDoing = { kind: 'opening' };
  let telling: NodeJS.Timeout | undefined;
  const tell = (): void => {
    clearTimeout(telling);
    telling = undefined;
    const shown = doing.kind === 'trying' ? { ...doing, suggests7E1: sniff(kept).suggests7E1 } : doing;
    engine.emit('scaleTrial', { trialId, doing: shown, rows: rowsOf(kept.subarray(-shownBytesMax)) });
  };
  const tellSoon = (): void => {
    telling ??= setTimeout(tell, tellEveryMs);
  };
  return {
    bytes(bytes) {
      kept = Buffer.concat([kept, bytes.subarray(-keptBytesMax)]).subarray(-keptBytesMax);
      tellSoon();
    },
    doing(next) {
      doing = next;
      tellSoon();
    },
    close() {
      doing = { kind: 'over' };
      tell();
    },
  };
}

function rowsOf(bytes: Uint8Array): ScaleTrialView['rows'] {
  return Array.from({ length: Math.ceil(bytes.length / bytesPerRow) }, (_, row) => {
    const slice = bytes.subarray(row * bytesPerRow, (row + 1) * bytesPerRow);
    return { hex: [...slice].map((byte) => byte.toString(16).padStart(2, '0')).join(' '), text: visible(slice) };
  });
}

/** Seven bits a byte, and a dot for what has no shape. */
function visible(bytes: Uint8Array): string {
  return [...bytes].map((byte) => ((byte & 0x7f) >= 0x20 && (byte & 0x7f) < 0x7f ? String.fromCharCode(byte & 0x7f) : '.')).join('');
}
