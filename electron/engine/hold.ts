// Carts that are put aside and taken up again: a held cart touches no balance.

import type { HeldCartView } from '../ipc/day-views.ts';
import type { Engine } from './till.ts';

/** The carts that are put aside, oldest first. */
export function heldViews(engine: Engine): readonly HeldCartView[] {
  return engine.book === null ? [] : [];
}
