// When the county's night is due: once a day at its hour in China, and at once where that hour passed while the server was off. Runs
// nothing itself.

import { dayMs } from '../../db/model/time.ts';

/** UTC+8, no daylight saving (db/model/time.ts). */
const chinaOffsetMs = 8 * 60 * 60 * 1000;
const minuteMs = 60_000;

/** `04:30` as ms after midnight in China; null where it is no time of a day. */
export function nightHour(text: string): number | null {
  const match = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(text);
  return match === null ? null : (Number(match[1]) * 60 + Number(match[2])) * minuteMs;
}

/** The newest moment, at or before `now`, at which a night was to run. Epoch ms. */
export function lastDue(now: number, hourMs: number): number {
  const today = Math.floor((now + chinaOffsetMs) / dayMs) * dayMs - chinaOffsetMs + hourMs;
  return today <= now ? today : today - dayMs;
}

/**
 * Whether a night is owed. `ran`: when the newest one ran, or the county's first start; null: neither yet. One that is dated more than a
 * day ahead ran under a wrong clock and counts as none.
 */
export function isNightDue({ now, hourMs, ran }: { readonly now: number; readonly hourMs: number; readonly ran: number | null }): boolean {
  if (ran === null) return false;
  return ran < lastDue(now, hourMs) || ran > now + dayMs;
}
