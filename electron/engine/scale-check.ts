// The daily check: before the first weighing of a day the empty pan reads zero and the known weight of the commissioning reads
// right. A bad check keeps the scale from crediting until a good one, or until it was set up anew.

import { writeDeskDraft } from '../../db/drafts.ts';
import { isKnownWeight, toleranceGramsOf } from '../../db/model/scale-check.ts';
import { type Result, fail, ok } from '../../db/model/result.ts';
import type { ScaleCheckedBody } from '../../db/model/event.ts';
import { type ScaleDevice, type WeighRefusal, setUpAt, weighNow } from './scale.ts';
import { type Engine, currentDay, earlierEvent, selling, whenFree } from './till.ts';

type Checked = Pick<ScaleCheckedBody, 'isGood' | 'knownGrams' | 'readGrams' | 'toleranceGrams'>;

type CheckRefusal = Exclude<WeighRefusal, 'scale_check_due'> | 'scale_tared' | 'empty_first';

/**
 * One step of the check. `empty` waits for the empty pan to rest at zero; `known`, within two minutes after it, for the known
 * weight, and writes what it read, good or bad. A pan that is not at zero is no bad check: somebody empties it and asks again.
 * The weight is the one that the owner proved the scale with, and nobody types another: any object would be right by the figure
 * that the display shows. A shop that lost it has its scale set up anew.
 */
export async function checkScale(
  engine: Engine,
  request: { readonly actId: string; readonly step: 'empty' | 'known' },
): Promise<Result<Checked | null, CheckRefusal> | { readonly ok: false; readonly code: 'not_zero'; readonly readGrams: number }> {
  const command = { checkScale: request.step };
  const earlier = checkedBefore(engine, request.actId, command);
  if (earlier !== null) return ok(earlier);
  const device = engine.devices?.scale;
  if (device?.isForbidden === true) return fail('scale_simulated');
  const set = setUpAt(engine, device?.address ?? '');
  if (device === undefined || set === null) return fail('scale_not_set');
  if (request.step === 'known' && !wasEmptyJustNow(engine, device, set.scaleSetId)) return fail('empty_first');
  const operatorId = engine.operator?.id;
  const weighed = await weighNow(engine, { isUnchecked: true });
  await whenFree(engine);
  // meanwhile: the same press again, another operator, a scale set up anew
  const answered = checkedBefore(engine, request.actId, command);
  if (answered !== null) return ok(answered);
  if (!weighed.ok) return weighed.code === 'scale_check_due' ? fail('not_stable') : fail(weighed.code);
  const { grams: readGrams, isNet } = weighed.value;
  if (engine.operator?.id !== operatorId || setUpAt(engine, device.address)?.scaleSetId !== set.scaleSetId) return fail('scale_away');
  if (isNet) return fail('scale_tared');
  if (request.step === 'empty') {
    if (readGrams !== 0) return { ok: false, code: 'not_zero', readGrams };
    emptySeen.set(device, { scaleSetId: set.scaleSetId, untilMs: engine.clock.monoMs() + emptyHoldsMs });
    return ok(null);
  }
  const { knownGrams } = set.body;
  const toleranceGrams = toleranceGramsOf(knownGrams);
  const isGood = isKnownWeight({ knownGrams, readGrams });
  const body = { scaleSetId: set.scaleSetId, zeroGrams: 0, knownGrams, readGrams, toleranceGrams, isGood };
  const desk = { ...engine.desk, isPanClear: false }; // the known weight is on it, and is no bag
  const { book } = selling(engine);
  book.transact(({ append }) => {
    append({ kind: 'SCALE_CHECKED', body, id: request.actId, day: currentDay(engine), op: operatorId ?? null, command });
    writeDeskDraft(book, desk);
  });
  engine.desk = desk;
  engine.changed();
  return ok({ isGood, knownGrams, readGrams, toleranceGrams });
}

/** Long enough to fetch a weight from the shelf. */
const emptyHoldsMs = 120_000;

/** Which scale was seen empty, and until when that counts, on the monotonic clock. */
const emptySeen = new WeakMap<ScaleDevice, { readonly scaleSetId: string; readonly untilMs: number }>();

function wasEmptyJustNow(engine: Engine, device: ScaleDevice, scaleSetId: string): boolean {
  const seen = emptySeen.get(device);
  return seen !== undefined && seen.scaleSetId === scaleSetId && engine.clock.monoMs() < seen.untilMs;
}

/** What this press wrote before, or null. */
function checkedBefore(engine: Engine, actId: string, command: Parameters<typeof earlierEvent>[2]): Checked | null {
  const event = earlierEvent(engine, actId, command);
  if (event === null || event.kind !== 'SCALE_CHECKED') return null;
  const { isGood, knownGrams, readGrams, toleranceGrams } = event.body;
  return { isGood, knownGrams, readGrams, toleranceGrams };
}
