// A till with a recycling desk for tests: 琼结's rules, a simulated scale that was set up and checked this morning, and an owner
// who approves. What is on the pan really goes through frames and decoders, so it takes its seconds.

import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { qiongjie } from '../../county/schemes/qiongjie.ts';
import type { ActToApprove } from '../../db/model/approval.ts';
import type { DownLine } from '../../db/model/down-file.ts';
import type { ScaleSetBody } from '../../db/model/event.ts';
import type { RecyclingRules } from '../../db/model/recycling.ts';
import { dayMs } from '../../db/model/time.ts';
import type { Book } from '../../db/book.ts';
import type { DeskView } from '../../electron/ipc/snapshot.ts';
import { cheapHash } from './cheap-pin.ts';
import { enrol, handClock, makeKiosk, scheme, temporary } from './county.ts';
import { closeTheDay } from './open-shift.ts';
import { today } from './sell.ts';
import { type Till, atWork, startTill } from './till.ts';

export const deskRules: RecyclingRules = qiongjie.scheme.recycling!; // its desk takes six materials
export const ownerPin = '864209';
export const scaleSetId = '00000000-0000-7000-8000-0000000000c1';

const scaleSet: ScaleSetBody = {
  address: 'simulated:?family=st-us',
  line: null,
  family: 'st-us',
  unit: 'kg',
  model: 'ACS-30',
  serialNumber: 'XK3190-20517',
  verifiedOn: '2026-03-01',
  knownGrams: 1_000,
  readGrams: 1_000,
  toleranceGrams: 10,
  framesHex: [],
  isSimulated: true,
};

/** An ST/US scale at rest with the known weight on it. */
const knownOnSt = Buffer.from('ST,GS,+0001.000kg').toString('hex');

const ownerHash = cheapHash(ownerPin);

export interface DeskOptions {
  /** Null: a county that takes nothing in. */
  readonly rules?: RecyclingRules | null;
  /** Added to the county's first file. */
  readonly more?: readonly DownLine[];
  /** The scale that kiosk.json names; null: none. */
  readonly scale?: string | null;
  readonly isChecked?: boolean;
}

type Cleanup = (work: () => Promise<void>) => void;

/** An operator at the desk, with an open shift. Owner `boss` approves with ownerPin. */
export async function aDesk(onTestFinished: Cleanup, options: DeskOptions = {}): Promise<Till> {
  const till = await atWork(await aTillWithDesk(onTestFinished, options));
  if (options.rules !== null) await till.call.goTo({ place: 'desk' });
  return till;
}

/** The same before anybody signed in. */
export async function aTillWithDesk(
  onTestFinished: Cleanup,
  { rules = deskRules, more = [], scale = scaleSet.address, isChecked = true }: DeskOptions = {},
): Promise<Till> {
  const directory = temporary(onTestFinished);
  const clock = handClock();
  const { home, book } = makeKiosk(directory, clock);
  const owner = { id: 'boss', name: '央金', role: 'owner', pinHash: ownerHash, active: true } as const;
  await enrol(home, book, [{ t: 'SCHEME', scheme: { ...scheme, recycling: rules } }, { t: 'OPERATOR', operator: owner }, ...more]);
  if (scale !== null) setUpScale(book, { address: scale, day: today, isChecked });
  book.close();
  nameScale(directory, scale);
  const till = await startTill(onTestFinished, directory, clock);
  if (scale !== null) await till.until((seen) => seen.scale.state === 'ready');
  return till;
}

/** Writes in the book that the scale at this address was set up, and perhaps that it was checked on a business date. */
export function setUpScale(
  book: Book,
  { address, day, isChecked }: { readonly address: string; readonly day: string; readonly isChecked: boolean },
): void {
  const checked = { scaleSetId, zeroGrams: 0, knownGrams: 1_000, readGrams: 1_000, toleranceGrams: 10, isGood: true };
  const isSimulated = address.startsWith('simulated:');
  const command = { test: 'scale' };
  const body = { ...scaleSet, address, isSimulated, framesHex: isSimulated ? [] : [knownOnSt, knownOnSt] };
  book.transact(({ append }) => {
    append({ kind: 'SCALE_SET', body, id: scaleSetId, day, op: isSimulated ? null : 'boss', command }); // a simulated one sets itself up
    if (isChecked) append({ kind: 'SCALE_CHECKED', body: checked, id: randomUUID(), day, op: 'op1', command });
  });
}

/** Names the scale in kiosk.json; null: this kiosk has none. */
export function nameScale(directory: string, scale: string | null): void {
  const file = join(directory, 'kiosk.json');
  writeFileSync(file, JSON.stringify({ ...(JSON.parse(readFileSync(file, 'utf8')) as object), scale }));
}

/** The desk as the page was told last. */
export function deskOf(till: Till): DeskView {
  const { desk } = till.snapshot();
  if (desk === null) throw new Error('this county takes nothing in');
  return desk;
}

/** So many grams lie on the pan in all. */
export async function put(till: Till, grams: number): Promise<void> {
  await till.call.simulateScale({ act: 'load', grams });
}

/** Takes everything off the pan and waits until the desk has seen it. */
export async function clearPan(till: Till): Promise<void> {
  await put(till, 0);
  await till.until(({ desk }) => desk?.isPanClear === true);
}

type Weighed = Awaited<ReturnType<Till['call']['weigh']>>;

/** Puts a bag on the empty pan and weighs it. */
export async function weigh(
  till: Till,
  grams: number,
  { bagId = randomUUID(), isOtherBag = false }: { readonly bagId?: string; readonly isOtherBag?: boolean } = {},
): Promise<Weighed> {
  await clearPan(till);
  await put(till, grams);
  return till.call.weigh({ bagId, isOtherBag });
}

/** Chooses a material and counts a bag of it, typed twice. */
export async function count(till: Till, materialId: string, pieces: number): Promise<Awaited<ReturnType<Till['call']['countBag']>>> {
  await till.call.chooseMaterial({ materialId });
  return till.call.countBag({ bagId: randomUUID(), pieces, again: pieces });
}

/** What the operator sees, as the page sends it back with the confirm key. */
export function creditArgs(till: Till): {
  readonly creditId: string;
  readonly shown: { readonly points: number; readonly digest: string };
} {
  const { creditId, quote, digest } = deskOf(till);
  return { creditId, shown: { points: quote.points, digest } };
}

/** What has to be approved of the credit on the desk. */
export function creditAct(till: Till): ActToApprove {
  const { creditId, shown } = creditArgs(till);
  return { kind: 'credit', creditId, ...shown };
}

/** Closes the day with the owner's leave, and begins the next one at the desk, a day of the clock later. */
export async function nextDay(till: Till): Promise<void> {
  const closed = await closeTheDay(till.call, { operatorId: 'boss', pin: ownerPin });
  if (!closed.ok) throw new Error(JSON.stringify(closed));
  till.clock.turn(dayMs);
  await till.call.signOut();
  await atWork(till);
  await till.call.goTo({ place: 'desk' });
}

/** The owner's leave for an act; the answer is its id. */
export async function approved(till: Till, act: ActToApprove): Promise<string> {
  const approvalId = randomUUID();
  const answer = await till.call.approve({ approvalId, act, operatorId: 'boss', pin: ownerPin });
  if (!answer.ok) throw new Error(JSON.stringify(answer));
  return approvalId;
}
