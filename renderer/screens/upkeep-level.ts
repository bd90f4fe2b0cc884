// How well the book is kept, by the engine's facts: fine, soon due, or to be done now. Words and colours follow from it.

import { dayMs } from '../../db/model/time.ts';
import type { UpkeepView } from '../../electron/ipc/day-views.ts';

/** `waits`: nothing is late, and something does not go on by itself just now. */
export type Level = 'good' | 'waits' | 'soon' | 'bad';

/** A backup that is older than this hurts if the machine breaks (issue: told before it hurts). */
export const backupDaysMax = 3;
const checkDaysMax = 7;
/** Days of room below which it is told. */
export const roomDaysMin = 30;
const roomDaysBad = 7;

export function daysSince(at: number, now: number): number {
  return Math.max(0, Math.floor((now - at) / dayMs));
}

export function backupLevel({ backedUpAt, backupFault }: UpkeepView, now: number): Level {
  if (backedUpAt === null || daysSince(backedUpAt, now) >= backupDaysMax) return 'bad';
  return backupFault === null ? 'good' : 'soon';
}

export function checkLevel({ verifiedAt }: UpkeepView, now: number): Level {
  return verifiedAt === null || daysSince(verifiedAt, now) >= checkDaysMax ? 'soon' : 'good';
}

export function roomLevel({ daysLeft, backupFault }: UpkeepView): Level {
  if (backupFault === 'no_room') return 'bad';
  if (daysLeft === null || daysLeft >= roomDaysMin) return 'good';
  return daysLeft < roomDaysBad ? 'bad' : 'soon';
}
