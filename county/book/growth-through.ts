// What a restored kiosk's new incarnation builds on, made again from the stored events of the one before (reconciliation.md R2 and R4). Raises
// nothing: that was done when they were posted.

import type { BookEvent } from '../../db/model/event.ts';
import { assert } from '../../db/model/result.ts';
import { prepared } from '../../db/sqlite.ts';
import { growTree } from '../../db/tree.ts';
import { type Chain, type Growth, grow, newPeriod, storedEvent } from './chains.ts';
import { type Folding, foldKiosk } from './fold.ts';

/**
 * A restored kiosk goes on from event `throughSeq` of an incarnation whose later events the county has: what its new incarnation builds
 * on is made again from the events up to there, its counters too. Slow, and rare.
 */
export function growthThrough(folding: Folding, base: Chain, throughSeq: number): Growth {
  const { db } = folding.act;
  const { kiosk } = folding.kiosk;
  const growth: Growth = { tree: growTree(), period: newPeriod(db), red: 0 };
  const quiet: Folding = { ...folding, raise: () => {} }; // raised when it was posted
  for (let seq = 1; seq <= throughSeq; seq += 1) {
    const stored = storedEvent(db, kiosk, base, seq);
    assert(stored !== null, 'a chain has no gap');
    const event = JSON.parse(stored.line) as BookEvent; // checked when it was posted
    grow(growth, event, stored.leaf, foldKiosk(quiet, event).own ?? []);
    if (event.kind === 'DAY_CLOSED') {
      growth.period.restart();
      prepared(db, 'INSERT INTO closing (kiosk, inc, number, day, entry, red) VALUES (?, ?, ?, ?, ?, ?)').run(
        kiosk,
        folding.inc,
        event.body.number,
        event.day,
        stored.entry,
        growth.red,
      );
    }
  }
  return growth;
}
