// Which business dates are open, forgotten and closed: what selling waits for, and what a page shows of it. Closes nothing.

import { prepared } from '../../db/sqlite.ts';
import type { DaysView } from '../ipc/day-views.ts';
import type { Engine } from './till.ts';

/** How the days stand. */
export function daysView(engine: Engine): DaysView {
  if (engine.book === null) return { forgotten: null, closedThrough: null };
  const newest = prepared<[], { day: string }>(engine.book.db, 'SELECT day FROM closing ORDER BY seq DESC LIMIT 1').get();
  return { forgotten: null, closedThrough: newest?.day ?? null };
}
