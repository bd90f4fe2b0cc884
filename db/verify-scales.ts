// Follows every scale through the chain: how it was set up, how it was checked each day, and whether each weighing names a scale
// that was good then, once. What the bytes say is asked of whoever can read them: the book knows no device.

import { hash } from 'node:crypto';
import { join } from 'node:path';
import { canonical } from './model/canonical.ts';
import type { BookEvent, ScaleCheckedBody, ScaleSetBody } from './model/event.ts';
import type { Weighing, WeighingProof } from './model/recycling.ts';
import { isKnownWeight, knownGramsMax, knownGramsMin, toleranceGramsOf } from './model/scale-check.ts';
import { businessDate } from './model/time.ts';
import { openWritable } from './sqlite.ts';
import type { Clock } from './verify-clock.ts';
import { Lie, counted } from './verify-lie.ts';

/** What the bytes of one weighing say; null: no weight at rest. `unit` is that of frames which name none. */
export type DecodeFrames = (kept: {
  readonly family: string;
  readonly unit: string;
  readonly framesHex: readonly string[];
}) => { readonly grams: number; readonly isNet: boolean; readonly stableBy: WeighingProof['stableBy'] } | null;

export interface ScaleChecks {
  /** The next event of the chain: perhaps a scale set up or checked. `isDemo`: the county calls the shop one, then. */
  take(event: BookEvent, place: string, isDemo: boolean): void;
  /** What is wrong with a weighing that `event` names, or null. */
  weighingFault(event: BookEvent, weighing: Pick<Weighing, 'readGrams' | 'tare' | 'proof'>): string | null;
  /** Whether a bag's id is of no bag before it. */
  isNewBag(bagId: string): boolean;
  readonly setUp: (scaleSetId: string) => ScaleSetBody | null;
  report(): string;
  close(): void;
}

interface Checked {
  readonly day: string;
  readonly at: number;
  readonly isGood: boolean;
  /** How often the clock had been seen to go back. */
  readonly setbacks: number;
}

interface FollowedScale {
  readonly body: ScaleSetBody;
  readonly checks: Checked[];
}

/** No scale was set up yet. `scratch` is a folder of ours; `decode` null: nobody here can read the bytes. */
export function scaleChecks({
  clock,
  scratch,
  decode,
}: {
  readonly clock: Clock;
  readonly scratch: string;
  readonly decode: DecodeFrames | null;
}): ScaleChecks {
  const scales = new Map<string, FollowedScale>();
  const seen = openSeen(join(scratch, 'weighed.db'));
  let weighings = 0;

  /** What the bytes say otherwise than the event, or null. */
  const frameFault = (
    { family, unit }: ScaleSetBody,
    framesHex: readonly string[],
    said: { readonly readGrams: number; readonly isNet: boolean; readonly stableBy?: WeighingProof['stableBy'] },
  ): string | null => {
    const told = decode?.({ family, unit, framesHex });
    if (told === undefined) return null;
    if (told === null) return 'its frames say no weight at rest';
    if (told.grams !== said.readGrams) return `was read as ${said.readGrams} g, its frames say ${told.grams} g`;
    if (said.stableBy !== undefined && told.stableBy !== said.stableBy)
      return `says it rested by ${said.stableBy}, its frames by ${told.stableBy}`;
    if (told.isNet === said.isNet) return null;
    return told.isNet ? 'takes another tare off than the scale had' : 'names a tare of the scale that its frames do not';
  };

  /** What is wrong with one reading of a scale, or null. */
  const proofFault = (
    event: BookEvent,
    { scaleSetId, family, framesHex, weighedAt, stableBy }: WeighingProof,
    said: { readonly readGrams: number; readonly isNet: boolean },
  ): string | null => {
    const scale = scales.get(scaleSetId);
    if (scale === undefined) return 'was weighed on a scale that was not set up before';
    if (family !== scale.body.family) return `was understood as ${family}, the scale speaks ${scale.body.family}`;
    if (!areFrames(framesHex)) return 'holds no bytes of its scale';
    if (!clock.isKnown(weighedAt)) return 'was weighed before the book began, or later than it was written';
    return goodFault(scale.checks, { weighedAt, day: event.day, clock }) ?? frameFault(scale.body, framesHex, { ...said, stableBy });
  };

  /** A credit follows a good check of its own date, whenever its bags were weighed. */
  const creditDayFault = ({ kind, day }: BookEvent, scaleSetId: string): string | null => {
    const scale = scales.get(scaleSetId);
    if (kind !== 'CREDIT' || scale === undefined) return null;
    const latest = scale.checks.findLast((check) => check.day === day);
    if (latest?.isGood === true) return null;
    return `its scale was ${latest === undefined ? 'not checked' : 'found bad'} on ${day}`;
  };

  const setUpFault = (body: ScaleSetBody, isDemo: boolean): string | null => {
    const { knownGrams, readGrams, framesHex, isSimulated, address } = body;
    if (isSimulated !== address.startsWith('simulated:')) return `calls ${address} ${isSimulated ? 'simulated' : 'real'}`;
    const fault = demoFault(body, isDemo) ?? knownFault(body);
    if (fault !== null) return fault;
    if (!isKnownWeight(body)) return `was set up by ${readGrams} g where ${knownGrams} g lay`;
    if (isSimulated && framesHex.length === 0) return null; // it sets itself up
    return areFrames(framesHex) ? frameFault(body, framesHex, { readGrams, isNet: false }) : 'holds no bytes of its scale';
  };

  return {
    take(event, place, isDemo) {
      if (event.kind === 'SCALE_SET') {
        const fault = setUpFault(event.body, isDemo);
        if (fault !== null) throw new Lie('scales', place, fault);
        scales.set(event.id, { body: event.body, checks: [] });
      } else if (event.kind === 'SCALE_CHECKED') {
        const scale = scales.get(event.body.scaleSetId);
        if (scale === undefined) throw new Lie('scales', place, 'checks a scale that was not set up before');
        const fault = demoFault(scale.body, isDemo) ?? checkFault(event.body, scale.body);
        if (fault !== null) throw new Lie('scales', place, fault);
        scale.checks.push({ day: event.day, at: event.at, isGood: event.body.isGood, setbacks: clock.setbacks() });
      }
    },
    weighingFault(event, { readGrams, tare, proof }) {
      const fault = creditDayFault(event, proof.scaleSetId) ?? proofFault(event, proof, { readGrams, isNet: tare.by === 'scale' });
      if (fault !== null) return fault;
      // One vessel is taken off many bags, and may have been weighed the day before.
      const tareFault = tare.by === 'pan' ? proofFault(event, tare.proof, { readGrams: tare.grams, isNet: false }) : null;
      if (tareFault !== null) return `its vessel ${tareFault}`;
      weighings += 1;
      const { scaleSetId, framesHex, weighedAt } = proof;
      return seen.add(canonical({ scaleSetId, framesHex, weighedAt })) ? null : 'is a weighing that was used before';
    },
    isNewBag: (bagId) => seen.add(canonical({ bagId })),
    setUp: (scaleSetId) => scales.get(scaleSetId)?.body ?? null,
    report() {
      const used = `${counted(weighings, 'weighing')}, each used once, of a scale found good before it that day`;
      return `${counted(scales.size, 'scale')} set up by a known weight; ${used}; frames ${decode === null ? 'NOT decoded' : 'decoded'}`;
    },
    close: () => seen.close(),
  };
}

/** What a simulated scale weighs is worth nothing, but where nothing is. */
function demoFault({ isSimulated }: ScaleSetBody, isDemo: boolean): string | null {
  return isSimulated && !isDemo ? 'is simulated, and the county calls this shop no demo' : null;
}

/** The known weight and how far a reading may be from it are not for the shop to choose. */
function knownFault({ knownGrams, toleranceGrams }: Pick<ScaleCheckedBody, 'knownGrams' | 'toleranceGrams'>): string | null {
  if (knownGrams < knownGramsMin || knownGrams > knownGramsMax)
    return `was known by ${knownGrams} g, ${knownGramsMin} to ${knownGramsMax} are allowed`;
  const allowed = toleranceGramsOf(knownGrams);
  return toleranceGrams === allowed ? null : `allows ${toleranceGrams} g of error for ${knownGrams} g, ${allowed} is right`;
}

/** A scale is checked by the weight that it was set up with, and called what that says. */
function checkFault(body: ScaleCheckedBody, set: ScaleSetBody): string | null {
  const { knownGrams, readGrams, zeroGrams, isGood } = body;
  if (knownGrams !== set.knownGrams) return `was checked by ${knownGrams} g, it was set up by ${set.knownGrams} g`;
  const isRight = zeroGrams === 0 && isKnownWeight(body);
  return knownFault(body) ?? (isGood === isRight ? null : `calls ${readGrams} g for ${knownGrams} g ${isGood ? 'good' : 'bad'}`);
}

/** Most frames that a proof keeps. */
const framesMax = 16;

function areFrames(framesHex: readonly string[]): boolean {
  return framesHex.length > 0 && framesHex.length <= framesMax && framesHex.every((frame) => /^(?:[0-9a-f]{2})+$/.test(frame));
}

/** A weighing may wait ten seconds for the pan to rest, over midnight, too. */
const weighingMs = 60_000;

/**
 * A weighing follows a good check of its business date, the newest then, made on its calendar date; what was weighed before that
 * date began belongs to the date before. Where the clock went back since a check, nobody can tell which of them came first.
 */
function goodFault(
  checks: readonly Checked[],
  { weighedAt, day, clock }: { readonly weighedAt: number; readonly day: string; readonly clock: Clock },
): string | null {
  const date = clock.isBeforeToday(weighedAt) ? checks.findLast((check) => check.day < day)?.day : day;
  const ofDate = checks.filter((check) => check.day === date);
  const newest = ofDate.findLast(({ at, setbacks }) => setbacks === clock.setbacks() && at <= weighedAt);
  if (newest === undefined) {
    const isPossible = ofDate.some(({ isGood, setbacks }) => isGood && setbacks !== clock.setbacks());
    return isPossible ? null : `was weighed before its scale was found good on ${date ?? day}`;
  }
  if (!newest.isGood) return `was weighed on a scale that was found bad on ${newest.day}`;
  const isOfThatDate = [weighedAt, weighedAt - weighingMs].some((at) => businessDate(at) === businessDate(newest.at));
  return isOfThatDate ? null : `was weighed on ${businessDate(weighedAt)}, its scale was checked on ${businessDate(newest.at)}`;
}

interface Seen {
  /** False where the same was added before. */
  add(what: string): boolean;
  close(): void;
}

/** Sixteen bytes of a hash: among billions no two are the same by chance. */
const seenBytes = 16;

/** What was used, on disk: a book may hold millions of bags. */
function openSeen(path: string): Seen {
  const db = openWritable(path, { mustExist: false });
  db.pragma('synchronous = OFF'); // thrown away at the end
  db.exec('CREATE TABLE seen (hash BLOB PRIMARY KEY) STRICT, WITHOUT ROWID; BEGIN');
  const insert = db.prepare('INSERT OR IGNORE INTO seen (hash) VALUES (?)');
  return {
    add: (what) => insert.run(hash('sha256', what, 'buffer').subarray(0, seenBytes)).changes === 1,
    close: () => db.close(),
  };
}
