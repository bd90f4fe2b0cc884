// Acts of the drawer that are no sale: opened for a reason, cash put in or taken out, counted before anyone is told what should
// be there. Books no difference: that does the end of a shift or day.

import { recountsFen, standingCount } from '../../db/counts.ts';
import { drawerFen, unclosedDay } from '../../db/operators.ts';
import { type Fen, fen, sumFen } from '../../db/model/amounts.ts';
import { type CashCount, type CountedDrawer, type DrawerCountedBody, denominations } from '../../db/model/event.ts';
import { type CashReason, type DifferenceReason, type NoSaleReason, cashReasons } from '../../db/model/reasons.ts';
import { type Result, assert, fail, ok } from '../../db/model/result.ts';
import type { CountedView } from '../ipc/day-views.ts';
import { useApproval } from './approval.ts';
import { kickDrawer } from './printing.ts';
import { type Engine, currentDay, earlierEvent, selling } from './till.ts';

/** Opens the drawer for a reason, and nothing is sold. The book has the press, whether or not a drawer heard of it. */
export function noSale(engine: Engine, { actId, reason }: { readonly actId: string; readonly reason: NoSaleReason }): Result<null, never> {
  const command = { noSale: reason };
  if (earlierEvent(engine, actId, command) !== null) return ok(null);
  selling(engine).book.transact(({ append }) => append({ kind: 'NO_SALE', body: { reason }, ...act(engine, actId), command }));
  void kickDrawer(engine, actId);
  return ok(null);
}

/** Puts cash of the owner's into the drawer, or takes some out by a second person's leave (`approval_needed`). */
export function moveCash(
  engine: Engine,
  move: {
    readonly actId: string;
    readonly direction: 'in' | 'out';
    readonly fen: number;
    readonly reason: CashReason;
    readonly note: string;
    readonly approvalId?: string | undefined;
  },
): Result<null, 'drawer_short' | 'approval_needed' | 'approval_void' | 'bad_reason'> {
  const { actId, direction, reason, note, approvalId } = move;
  const { book } = selling(engine);
  const amount = fen(move.fen);
  const command = { moveCash: direction, fen: amount, reason, note, approvalId };
  if (earlierEvent(engine, actId, command) !== null) return ok(null);
  const allowed: readonly CashReason[] = cashReasons[direction];
  if (!allowed.includes(reason)) return fail('bad_reason');
  if (direction === 'out') {
    if (approvalId === undefined) return fail('approval_needed');
    const used = useApproval(engine, approvalId, { kind: 'pay_out', fen: amount, reason });
    if (!used.ok) return used;
    if (drawerFen(book.db) < amount) return fail('drawer_short'); // told to nobody without leave, who could ask until it is known
  }
  const body = { direction, fen: amount, reason, note, approvalId: direction === 'out' ? approvalId! : null }; // asked above
  book.transact(({ append }) => append({ kind: 'CASH_MOVED', body, ...act(engine, actId), command }));
  engine.changed();
  void kickDrawer(engine, actId);
  return ok(null);
}

/**
 * Writes down what a person counted, and only then tells what should be there. A hand-over and a check are of the open shift; a
 * closing's count is of a day that is not closed, forgotten or not. An end tells of every count before the one it relies on, and a
 * check leads to none: only an owner makes it.
 */
export function countDrawer(
  engine: Engine,
  { actId, purpose, counts }: { readonly actId: string; readonly purpose: DrawerCountedBody['purpose']; readonly counts: CashCount },
): Result<CountedView, 'nothing_open' | 'owner_only'> {
  const { book } = selling(engine);
  const command = { countDrawer: purpose, counts };
  const earlier = earlierEvent(engine, actId, command);
  if (earlier?.kind === 'DRAWER_COUNTED') return ok(countedView(earlier.id, earlier.body));
  if (purpose === 'check' && engine.operator?.role !== 'owner') return fail('owner_only');
  const day = engine.shift?.businessDate ?? (purpose === 'closing' ? unclosedDay(book.db)?.businessDate : undefined);
  if (day === undefined) return fail('nothing_open');
  const body = { purpose, counts, countedFen: sumOfCounts(counts), expectedFen: drawerFen(book.db) };
  book.transact(({ append }) => append({ kind: 'DRAWER_COUNTED', body, ...act(engine, actId), day, command }));
  engine.changed();
  return ok(countedView(actId, body));
}

/** The count that an end names, with its difference: it must still stand, and a difference needs a reason. */
export function countedDrawer(
  engine: Engine,
  request: {
    readonly countId: string;
    readonly purpose: DrawerCountedBody['purpose'];
    readonly reason: DifferenceReason | null;
  },
): Result<CountedDrawer, 'count_stale' | 'reason_needed'> {
  const { db } = selling(engine).book;
  const count = standingCount(db, request);
  if (count === null) return fail('count_stale');
  const { counts, countedFen, expectedFen } = count.body;
  assert(expectedFen === drawerFen(db), 'the drawer is as it was when it was counted');
  const differenceFen = fen(countedFen - expectedFen);
  if (differenceFen !== 0 && request.reason === null) return fail('reason_needed');
  const reason = differenceFen === 0 ? null : request.reason;
  return ok({ countId: count.id, counts, countedFen, expectedFen, differenceFen, reason, recountsFen: recountsFen(db, count.id) });
}

/** Worth of the counted pieces. */
function sumOfCounts(counts: CashCount): Fen {
  assert(counts.length === denominations.length, 'a count for each kind');
  return sumFen(denominations.map((worth, i) => fen(worth * counts[i]!)));
}

function countedView(countId: string, { countedFen, expectedFen }: DrawerCountedBody): CountedView {
  return { countId, countedFen, expectedFen, differenceFen: fen(countedFen - expectedFen) };
}

function act(engine: Engine, actId: string) {
  return { id: actId, day: currentDay(engine), op: engine.operator?.id ?? null } as const;
}
