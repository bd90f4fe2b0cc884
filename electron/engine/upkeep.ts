// What is done to keep the book: checking the whole of it, an encrypted copy on a second place, and telling in time.

import { isFrozen } from '../../db/reference.ts';
import type { UpkeepView } from '../ipc/day-views.ts';
import type { Engine } from './till.ts';

/** Backup, checking and room, in facts. */
export function upkeepView(engine: Engine): UpkeepView {
  return {
    running: null,
    place: null,
    backedUpAt: null,
    backupFault: engine.book === null ? null : 'no_place',
    verifiedAt: null,
    freeBytes: 0,
    daysLeft: null,
    isCodeKept: false,
    isFrozen: engine.book !== null && isFrozen(engine.book.db),
  };
}

/** A day was closed: the book is checked and backed up as soon as nobody waits for the till. Called after the closing's commit. */
export function upkeepSoon(engine: Engine): void {
  engine.log('upkeep after the closing');
}
