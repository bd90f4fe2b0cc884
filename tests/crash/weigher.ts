// An operator at the recycling desk who weighs, counts and credits as fast as the engine answers, until killed: the process of
// `--act credit`.

import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { ActToApprove } from '../../db/model/approval.ts';
import type { DeskView, Snapshot } from '../../electron/ipc/snapshot.ts';
import { cashierPin } from '../support/county.ts';
import type { Call } from '../support/pages.ts';
import { type FaultEntry, type WorkOrder, demand, mark, obey, openTill, startWork } from './at-work.ts';
import { type Random, randomFrom } from './random.ts';

export interface WeigherOrder extends WorkOrder {
  /** The credit that was in flight when the process before was killed. */
  readonly inFlight: CreditArgs | null;
  readonly cards: readonly { readonly residentId: string; readonly text: string }[];
  readonly byWeight: readonly string[];
  readonly byCount: readonly string[];
  /** Who gives leave, with the cashier's own PIN. */
  readonly ownerId: string;
}

export type CreditArgs = Parameters<Call['credit']>[0];

/** One thing the operator asks of the engine. */
export type DeskDeed =
  | { readonly do: 'card'; readonly creditId: string; readonly residentId: string }
  | { readonly do: 'bag'; readonly creditId: string; readonly bagId: string; readonly units: number }
  | { readonly do: 'remove'; readonly creditId: string; readonly bagId: string }
  | { readonly do: 'credit'; readonly creditId: string; readonly args: CreditArgs };

/** The desk as the page is shown it, without figures. */
export interface DeskSeen {
  readonly creditId: string;
  readonly hasResident: boolean;
  readonly bags: BagUnits;
}

/** Grams or pieces by bag. */
export type BagUnits = { readonly [bagId: string]: number };

export type DeskEntry =
  | { readonly kind: 'opened'; readonly desk: DeskSeen }
  | { readonly kind: 'doing'; readonly deed: DeskDeed }
  | { readonly kind: 'done'; readonly deed: DeskDeed; readonly ticketNumber?: string }
  /** A credit that was refused because something changed meanwhile, or because its leave was of the process before. */
  | { readonly kind: 'refused'; readonly deed: DeskDeed }
  | FaultEntry;

/** Moments that a killer may wait for. */
export type DeskMark = 'opened' | 'working' | 'weighing' | 'crediting' | 'credited';

type Note = (entry: DeskEntry) => void;

async function creditForEver(order: WeigherOrder, note: Note): Promise<never> {
  const { page } = await openTill(order.home);
  note({ kind: 'opened', desk: seen(await deskOf(page)) });
  say('opened');
  await startWork(page, order);
  demand((await page.goTo({ place: 'desk' })).ok, 'go to the desk');
  const random = randomFrom(order.seed);
  if (order.inFlight !== null) await credit(page, order, note, order.inFlight);
  say('working');
  for (;;) {
    await fillDesk(page, order, note, random);
    await credit(page, order, note, argsOf(await deskOf(page)));
    say('credited');
  }
}

/** Adds to what is on the desk, which a process before may have left there. The card comes first, or last. */
async function fillDesk(page: Call, order: WeigherOrder, note: Note, random: Random): Promise<void> {
  const { creditId, hasResident } = seen(await deskOf(page));
  const { residentId, text } = random.pick(order.cards);
  const showCard = async (): Promise<void> => {
    const deed: DeskDeed = { do: 'card', creditId, residentId };
    note({ kind: 'doing', deed });
    const { code } = await page.scan({ text });
    demand(code === 'card_accepted', `card: ${code}`);
    note({ kind: 'done', deed });
  };
  const isCardFirst = random.below(2) === 0;
  if (!hasResident && isCardFirst) await showCard();
  for (let i = 1 + random.below(3); i > 0; i -= 1) {
    if (random.below(3) === 0) await weigh(page, order, note, random, creditId);
    else await count(page, order, note, random, creditId);
  }
  const { bags } = await deskOf(page);
  if (bags.length > 1 && random.below(4) === 0) {
    const { bagId } = random.pick(bags);
    const deed: DeskDeed = { do: 'remove', creditId, bagId };
    note({ kind: 'doing', deed });
    demand((await page.removeBag({ actId: randomUUID(), bagId })).ok, `remove ${bagId}`);
    note({ kind: 'done', deed });
  }
  if (!hasResident && !isCardFirst) await showCard();
}

async function weigh(page: Call, { byWeight }: WeigherOrder, note: Note, random: Random, creditId: string): Promise<void> {
  const materialId = random.pick(byWeight);
  demand((await page.chooseMaterial({ materialId })).ok, `choose ${materialId}`);
  await page.simulateScale({ act: 'load', grams: 0 });
  await until(page, 'the scale is there and its pan empty', ({ scale, desk }) => scale.state === 'ready' && desk?.isPanClear === true);
  const grams = 200 + 5 * random.below(1_500);
  await page.simulateScale({ act: 'load', grams });
  const deed: DeskDeed = { do: 'bag', creditId, bagId: randomUUID(), units: grams };
  note({ kind: 'doing', deed });
  say('weighing');
  const weighed = await page.weigh({ bagId: deed.bagId, isOtherBag: true });
  demand(weighed.ok, `weigh: ${JSON.stringify(weighed)}`);
  note({ kind: 'done', deed });
}

/** Looks again and again, at most for ten seconds. */
async function until(page: Call, what: string, wanted: (seen: Snapshot) => boolean): Promise<void> {
  for (let tries = 0; !wanted(await page.snapshot()); tries += 1) {
    demand(tries < 2_000, `never: ${what}`);
    await pause(5);
  }
}

async function count(page: Call, { byCount }: WeigherOrder, note: Note, random: Random, creditId: string): Promise<void> {
  const materialId = random.pick(byCount);
  demand((await page.chooseMaterial({ materialId })).ok, `choose ${materialId}`);
  const pieces = 2 + random.below(90);
  const deed: DeskDeed = { do: 'bag', creditId, bagId: randomUUID(), units: pieces };
  note({ kind: 'doing', deed });
  const counted = await page.countBag({ bagId: deed.bagId, pieces, again: null });
  demand(counted.ok, `count: ${JSON.stringify(counted)}`);
  note({ kind: 'done', deed });
}

/** Asks for one credit until it is given. The same id is never credited twice, whoever asked before. */
async function credit(page: Call, order: WeigherOrder, note: Note, args: CreditArgs): Promise<void> {
  const deed: DeskDeed = { do: 'credit', creditId: args.creditId, args };
  note({ kind: 'doing', deed });
  say('crediting');
  if (order.acknowledgeEarly) note({ kind: 'done', deed, ticketNumber: 'claimed' });
  const given = await page.credit(args);
  if (given.ok) return note({ kind: 'done', deed, ticketNumber: given.value.ticketNumber });
  demand(['changed', 'approval_needed', 'approval_void'].includes(given.code), `credit ${args.creditId}: ${given.code}`);
  note({ kind: 'refused', deed });
  const desk = await deskOf(page);
  demand(desk.creditId === args.creditId, 'a refused credit is still on the desk');
  const next = argsOf(desk);
  await credit(page, order, note, desk.quote.needsApproval ? { ...next, approvalId: await leaveOf(page, order, next) } : next);
}

async function leaveOf(page: Call, { ownerId }: WeigherOrder, { creditId, shown }: CreditArgs): Promise<string> {
  const approvalId = randomUUID();
  const act: ActToApprove = { kind: 'credit', creditId, ...shown };
  const given = await page.approve({ approvalId, act, operatorId: ownerId, pin: cashierPin });
  demand(given.ok, `leave: ${JSON.stringify(given)}`);
  return approvalId;
}

function argsOf({ creditId, quote, digest }: DeskView): CreditArgs {
  return { creditId, shown: { points: quote.points, digest } };
}

function seen({ creditId, resident, bags }: DeskView): DeskSeen {
  return { creditId, hasResident: resident !== null, bags: Object.fromEntries(bags.map(({ bagId, units }) => [bagId, units])) };
}

async function deskOf(page: Call): Promise<DeskView> {
  const { desk } = await page.snapshot();
  demand(desk !== null, 'this county takes bottles in');
  return desk;
}

function say(name: DeskMark): void {
  mark(name);
}

await obey((order, note) => creditForEver(order as WeigherOrder, note)); // credit.ts wrote it
