// What was collected today and this month, what is on hand, and handing it over to the hauler. Moves no points.

import { collectedBetween, lastHandOver, onHand } from '../../db/collected.ts';
import { points } from '../../db/model/amounts.ts';
import type { HandedOverBody } from '../../db/model/event.ts';
import type { Material } from '../../db/model/recycling.ts';
import { type Result, fail, ok } from '../../db/model/result.ts';
import type { CollectedView, MaterialTotals } from '../ipc/snapshot.ts';
import { type Engine, currentDay, earlierEvent, selling } from './till.ts';

/** Totals by material of the shift's date and of one month (YYYY-MM; null: this one), and what is on hand now. */
export function collected(engine: Engine, { month }: { readonly month: string | null }): CollectedView {
  const { book, reference } = selling(engine);
  const day = currentDay(engine);
  const shown = month ?? day.slice(0, 7);
  const ofDay = collectedBetween(book.db, day, day);
  const ofMonth = collectedBetween(book.db, `${shown}-01`, `${shown}-31`); // dates compare as text: no day is after the 31st
  const totals = (reference.scheme.recycling?.materials ?? []).map((material): MaterialTotals => {
    const { id, zh, bo, picture, measuredBy, hazardous } = material;
    const [today, inMonth] = [ofDay.get(id), ofMonth.get(id)];
    const last = lastHandOver(book.db, id);
    return {
      materialId: id,
      zh,
      bo,
      picture,
      measuredBy,
      hazardous,
      dayUnits: today?.units ?? 0,
      dayPoints: points(today?.points ?? 0),
      monthUnits: inMonth?.units ?? 0,
      monthPoints: points(inMonth?.points ?? 0),
      onHandUnits: onHand(book.db, id),
      lastHandOver:
        last === null
          ? null
          : {
              day: last.day,
              hauler: last.hauler,
              hauledUnits: last.hauledUnits,
              missingUnits: last.bookUnits - last.hauledUnits - last.leftUnits,
            },
    };
  });
  return { day, month: shown, materials: totals.filter((each, i) => isShown(reference.scheme.recycling!.materials[i]!, each)) };
}

/** What the hauler took, as the page names it; `bookUnits` is what it showed as on hand. */
export interface HandOverArgs {
  readonly actId: string;
  readonly hauler: string;
  readonly lines: HandedOverBody['lines'];
}

/**
 * Records that the hauler took materials away, with the weigh-bridge's figures beside the book's. The difference is kept, and
 * what was left is on hand from here on. `on_hand_changed`: something came in since the page looked, and nothing is recorded.
 */
export function handOver(
  engine: Engine,
  { actId, hauler, lines }: HandOverArgs,
): Result<null, 'on_hand_changed' | 'nothing_hauled' | 'material_unknown' | 'material_twice'> {
  const { book, reference } = selling(engine);
  const command = { handOver: hauler, lines: lines.map((line) => ({ ...line })) };
  if (earlierEvent(engine, actId, command) !== null) return ok(null);
  if (!lines.some((line) => line.hauledUnits > 0)) return fail('nothing_hauled');
  if (new Set(lines.map((line) => line.materialId)).size !== lines.length) return fail('material_twice');
  const known = new Set(reference.scheme.recycling?.materials.map(({ id }) => id));
  if (lines.some((line) => !known.has(line.materialId))) return fail('material_unknown');
  if (lines.some((line) => onHand(book.db, line.materialId) !== line.bookUnits)) return fail('on_hand_changed');
  book.transact(({ append }) =>
    append({ kind: 'HANDED_OVER', body: { hauler, lines }, id: actId, day: currentDay(engine), op: engine.operator?.id ?? null, command }),
  );
  engine.changed();
  return ok(null);
}

/** A material that is no longer taken stays while something of it is to be told. */
function isShown(material: Material, totals: MaterialTotals): boolean {
  return material.active || totals.monthUnits > 0 || totals.onHandUnits !== 0;
}
