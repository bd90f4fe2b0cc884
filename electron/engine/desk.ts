// The credit being prepared: resident, material, tare, bags. Every change is stored before the page sees it.

import type { BagProblem } from '../../db/model/recycling.ts';
import type { Result } from '../../db/model/result.ts';
import { CallError } from '../ipc/rpc.ts';
import type { DeskView, Place } from '../ipc/snapshot.ts';
import type { WeighRefusal } from './scale.ts';
import type { Engine } from './till.ts';

export type DeskRefusal =
  | BagProblem
  | 'no_material' // chosen for the next bag
  | 'too_many_bags'
  | 'other_credit'; // another credit is open by now

/** Goes to the till or to the desk: what a scanned card is for. The cart and the bags stay where they are. */
export function goTo(engine: Engine, { place }: { readonly place: Place }): Result<null, 'no_desk'> {
  throw new CallError('bad_call', `${engine.place} ${place}`);
}

/** Chooses what the next bag is of. */
export function chooseMaterial(engine: Engine, { materialId }: { readonly materialId: string }): Result<null, BagProblem> {
  throw new CallError('bad_call', `${engine.place} ${materialId}`);
}

/** What to take off the next weighing: nothing, a container of the county's list, or what is on the pan now. */
export async function setTare(
  engine: Engine,
  { tare }: { readonly tare: { readonly by: 'none' } | { readonly by: 'pan' } | { readonly by: 'container'; readonly id: string } },
): Promise<Result<null, WeighRefusal | 'container_unknown' | 'double_tare' | 'not_by_weight'>> {
  throw new CallError('bad_call', `${engine.place} ${tare.by}`);
}

/**
 * Weighs a bag: waits for a weight at rest that comes after this call, at most ten seconds. The same bag id again is the same
 * bag. `same_bag` asks whether it was weighed before; `isOtherBag` answers that it is another.
 */
export async function weigh(
  engine: Engine,
  { bagId, isOtherBag }: { readonly bagId: string; readonly isOtherBag: boolean },
): Promise<Result<null, DeskRefusal | WeighRefusal | 'not_by_weight' | 'pan_not_clear' | 'double_tare' | 'same_bag'>> {
  throw new CallError('bad_call', `${engine.place} ${bagId} ${isOtherBag}`);
}

/** Adds a counted bag. A count above the county's limit is typed twice: `again` is the second, null where it was typed once. */
export function countBag(
  engine: Engine,
  { bagId, pieces, again }: { readonly bagId: string; readonly pieces: number; readonly again: number | null },
): Result<null, DeskRefusal | 'not_by_count' | 'typed_otherwise'> {
  throw new CallError('bad_call', `${engine.place} ${bagId} ${pieces} ${again}`);
}

/** Takes a bag off; the book records it. */
export function removeBag(engine: Engine, { actId, bagId }: { readonly actId: string; readonly bagId: string }): Result<null, 'bag_gone'> {
  throw new CallError('bad_call', `${engine.place} ${actId} ${bagId}`);
}

/** Empties the desk for another visitor; every bag is recorded as removed. */
export function clearDesk(engine: Engine): void {
  throw new CallError('bad_call', engine.place);
}

export function dropDeskResident(engine: Engine): void {
  throw new CallError('bad_call', engine.place);
}

/** The desk as the page shows it; null where the county takes nothing in or nobody may work. */
export function deskView(_engine: Engine): DeskView | null {
  return null;
}
