// Who works the till: sign-in by name and PIN, sign-out, opening the shift, settings.

import { closedThrough, drawerFen, lastHandOver, lastShift, lockedItselfAt, unclosedShift, writeTries } from '../../db/operators.ts';
import { heldCount } from '../../db/held.ts';
import { lastDown } from '../../db/reference.ts';
import type { Operator } from '../../db/model/catalogue.ts';
import { type Fen, fen } from '../../db/model/amounts.ts';
import type { ShiftOpenBody, SignOutCause } from '../../db/model/event.ts';
import type { DifferenceReason } from '../../db/model/reasons.ts';
import { noTries } from '../../db/model/pin.ts';
import { type Result, fail, ok } from '../../db/model/result.ts';
import { businessDate, dayMs } from '../../db/model/time.ts';
import { uuidv7 } from '../../db/uuid.ts';
import type { LeftView, OperatorView, Settings } from '../ipc/snapshot.ts';
import { useApproval } from './approval.ts';
import { putCardAway } from './cart.ts';
import { forgottenDay, isClockPutForward } from './days.ts';
import { dropDeskResident } from './desk.ts';
import { machineBoot } from './draft.ts';
import { countedDrawer } from './drawer.ts';
import { type PinRefusal, checkPin } from './pin-check.ts';
import { writeSettings } from './settings.ts';
import { type Engine, currentDay, earlierEvent, selling } from './till.ts';

/** Signs an operator in. `waitMs` tells how long until the next try is heard. */
export async function signIn(
  engine: Engine,
  { operatorId, pin }: { readonly operatorId: string; readonly pin: string },
): Promise<{ readonly ok: true; readonly operator: OperatorView } | PinRefusal> {
  const startedAt = engine.clock.wallMs();
  const command = { signIn: operatorId };
  const checked = await checkPin(engine, { operatorId, pin, command });
  if (!checked.ok) return checked;
  engine.shift = shiftToResume(engine);
  selling(engine).book.transact(({ db, append }) => {
    writeTries(db, operatorId, noTries);
    if (engine.operator !== null) append(signedOut(engine, engine.operator.id));
    append({
      kind: 'OPERATOR_IN',
      body: { operator: operatorId },
      id: uuidv7(startedAt),
      day: currentDay(engine),
      op: operatorId,
      command: { ...command, right: true },
    });
  });
  engine.operator = operatorView(checked.operator);
  engine.draft = { ...engine.draft, touchedAt: startedAt, boot: machineBoot };
  engine.changed();
  return { ok: true, operator: engine.operator };
}

/**
 * Signs the operator out; the goods of the cart and the bags of the desk stay for the next one, who begins at the till like
 * everybody: a card scanned right after signing in is never for a screen that another person left.
 */
export function signOut(engine: Engine, cause?: SignOutCause): void {
  const { book } = selling(engine);
  const { operator } = engine;
  if (operator === null) return;
  book.transact(({ append }) => append(signedOut(engine, operator.id, cause)));
  leaveTill(engine);
}

/**
 * Takes over what a file of the county says of who is at the till, once it is in the book: their name and role, by which every act
 * after it is judged. Who works here no more is signed out.
 */
export function followCounty(engine: Engine): void {
  const { operator, reference } = engine;
  if (operator === null || reference === null) return;
  const found = reference.operators.find((each) => each.id === operator.id && each.active);
  if (found === undefined) return signOut(engine, 'removed');
  engine.operator = operatorView(found);
  engine.changed();
}

/** Nobody is at the till from here on: no card and no name of the one before stays on the screen. */
function leaveTill(engine: Engine): void {
  if (engine.draft.resident !== null) putCardAway(engine); // the card is back in its owner's pocket
  if (engine.desk.resident !== null) dropDeskResident(engine);
  engine.place = 'till';
  engine.locksAt = null;
  engine.operator = null;
  engine.shift = null;
  engine.lastCredit = null;
  engine.lastSale = null; // what a resident spent leaves the screen with the operator
  engine.changed();
}

/** Why a shift is not opened now. */
type OpenRefusal =
  | { readonly ok: false; readonly code: 'shift_open' | 'closed_ahead' | 'approval_void' }
  | { readonly ok: false; readonly code: 'confirm_date' | 'day_unclosed'; readonly businessDate: string }
  /** The float is not what the book has in the drawer, which is told now that a person has said what is there. */
  | { readonly ok: false; readonly code: 'reason_needed' | 'approval_needed'; readonly bookFen: Fen };

/**
 * Opens the day's shift with the cash that was counted in the drawer. Its business date is kept from here on and a county
 * settles by it, so a person is asked (`confirm_date`) wherever the machine's date is neither that of the newest shift or
 * county file nor the day after it, and wherever the clock was put forward since that shift: the caps of a day begin anew with
 * it, and whoever made the evening a morning is asked each time, on record. Where a day later than the machine's was closed, only
 * an owner goes on, on the date after it (`closed_ahead` to others): a clock that was once years ahead must not shut the shop.
 *
 * Where the float is not what the book has: after a hand-over of the same date that is over or short, and needs a reason
 * (`reason_needed`); else more is what the owner put in, and less needs the owner's leave (`approval_needed`), or the owner.
 */
export function openShift(
  engine: Engine,
  args: {
    readonly actId: string;
    readonly floatFen: number;
    readonly confirmedDate: string | null;
    readonly reason?: DifferenceReason | null | undefined;
    readonly approvalId?: string | undefined;
  },
): { readonly ok: true; readonly value: { readonly businessDate: string } } | OpenRefusal {
  const { actId, confirmedDate } = args;
  const { book } = selling(engine);
  const floatFen = fen(args.floatFen);
  const command = { openShift: floatFen, confirmedDate, reason: args.reason, approvalId: args.approvalId };
  const earlier = earlierEvent(engine, actId, command);
  if (earlier !== null) return ok({ businessDate: earlier.day });
  const { operator } = engine;
  if (engine.shift !== null || operator === null) return fail('shift_open');
  const now = book.reading();
  const today = businessDate(now.at);
  const forgotten = forgottenDay(engine, today);
  if (forgotten !== null) return { ok: false, code: 'day_unclosed', businessDate: forgotten };
  const last = lastShift(book.db)?.businessDate ?? null;
  const closed = closedThrough(book.db);
  const day = nextBusinessDate(today, last, closed);
  if (closed !== null && closed > today && operator.role !== 'owner') return fail('closed_ahead');
  const isDateConfirmed =
    (closed !== null && closed >= today) || isClockPutForward(book, now) || !isNextTo(today, lastKnownDate(engine, last));
  if (isDateConfirmed && confirmedDate !== day) return { ok: false, code: 'confirm_date', businessDate: day };
  const float = floatOf(engine, { ...args, floatFen, day });
  if (!float.ok) return float;
  const body: ShiftOpenBody = { floatFen, isDateConfirmed, ...float.value };
  book.transact(({ append }) => append({ kind: 'SHIFT_OPEN', body, id: actId, day, op: operator.id, command }), now);
  engine.shift = { businessDate: day, openedAt: now.at, floatFen, openedBy: operator.id };
  engine.changed();
  return ok({ businessDate: day });
}

/** What the shift's event says of a float beside the book's drawer; uses the leave up that it needs. */
function floatOf(
  engine: Engine,
  {
    floatFen,
    day,
    reason = null,
    approvalId,
  }: {
    readonly floatFen: Fen;
    readonly day: string;
    readonly reason?: DifferenceReason | null | undefined;
    readonly approvalId?: string | undefined;
  },
): Result<Pick<ShiftOpenBody, 'drawerBeforeFen' | 'reason' | 'approvalId'>, 'approval_void'> | OpenRefusal {
  const { db } = selling(engine).book;
  const bookFen = drawerFen(db);
  const float = { drawerBeforeFen: bookFen, reason: null, approvalId: null };
  if (floatFen === bookFen) return ok(float);
  if (lastHandOver(db)?.day === day) return reason === null ? { ok: false, code: 'reason_needed', bookFen } : ok({ ...float, reason });
  if (floatFen > bookFen || engine.operator?.role === 'owner') return ok(float);
  if (approvalId === undefined) return { ok: false, code: 'approval_needed', bookFen };
  const used = useApproval(engine, approvalId, { kind: 'pay_out', fen: fen(bookFen - floatFen), reason: 'bank' });
  return used.ok ? ok({ ...float, approvalId }) : used;
}

/** Why a shift cannot be handed over now. */
export type HandOverRefusal = 'count_stale' | 'reason_needed' | 'cart_open' | 'held_carts' | 'desk_open';

/**
 * Hands the till over within the day: books what the counted drawer is over or short by, ends the shift, and signs the operator
 * out. The next one opens a shift of their own on the same date. No goods and no bags are handed over with it.
 */
export function closeShift(
  engine: Engine,
  { actId, countId, reason }: { readonly actId: string; readonly countId: string; readonly reason: DifferenceReason | null },
): Result<null, HandOverRefusal> {
  const { book } = selling(engine);
  const command = { closeShift: countId, reason };
  if (earlierEvent(engine, actId, command) !== null) return ok(null);
  const operator = engine.operator!.id; // the call is for an open shift
  const [open] = openWork(engine);
  if (open !== undefined) return fail(open);
  const drawer = countedDrawer(engine, { countId, purpose: 'hand_over', reason });
  if (!drawer.ok) return drawer;
  const day = currentDay(engine);
  book.transact(({ append }) => {
    append({ kind: 'SHIFT_CLOSED', body: { drawer: drawer.value }, id: actId, day, op: operator, command });
    append(signedOut(engine, operator));
  });
  leaveTill(engine);
  return ok(null);
}

/** What lies in the cart, at the desk, or was put aside: the end of a shift or a day waits for it. */
export function openWork(engine: Engine): readonly ('cart_open' | 'held_carts' | 'desk_open')[] {
  const { draft, desk, book } = engine;
  return [
    ...(draft.lines.length > 0 || draft.weighing !== null ? (['cart_open'] as const) : []),
    ...(book !== null && heldCount(book) > 0 ? (['held_carts'] as const) : []),
    ...(desk.bags.length > 0 ? (['desk_open'] as const) : []),
  ];
}

/** The latest date that does not come from the clock as it is now: the newest shift's, or that of the county's newest file. */
function lastKnownDate(engine: Engine, lastShiftDate: string | null): string {
  const heard = businessDate(lastDown(selling(engine).book.db)?.asOf ?? 0);
  return lastShiftDate !== null && lastShiftDate > heard ? lastShiftDate : heard;
}

function isNextTo(date: string, known: string): boolean {
  return date === known || date === dayAfter(known);
}

function dayAfter(date: string): string {
  return businessDate(Date.parse(`${date}T00:00:00+08:00`) + dayMs);
}

export function setSettings(engine: Engine, change: { readonly [Name in keyof Settings]?: Settings[Name] | undefined }): void {
  const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
  engine.settings = { ...engine.settings, ...given };
  if (engine.home !== null) writeSettings(engine.home, engine.settings);
  engine.changed();
}

/** What whoever signs in next finds; null while somebody is at the till. */
export function leftView(engine: Engine): LeftView | null {
  if (engine.book === null || engine.operator !== null) return null;
  return { shift: shiftToResume(engine), lockedAt: lockedItselfAt(engine.book.db) };
}

/** The shift that is open today, if any: another date begins another shift, and so does what was handed over or closed. */
function shiftToResume(engine: Engine): Engine['shift'] {
  if (engine.book === null) return null;
  const shift = unclosedShift(engine.book.db);
  const today = businessDate(engine.clock.wallMs());
  return shift !== null && shift.businessDate === nextBusinessDate(today, shift.businessDate, null) ? shift : null;
}

/**
 * The date a shift opened now would have: today by the clock, but never before the date of an earlier shift, so that a clock set
 * back cannot reopen a day that is past, and always after the newest closed one.
 */
function nextBusinessDate(today: string, lastDate: string | null, closed: string | null): string {
  const open = lastDate !== null && lastDate > today ? lastDate : today;
  return closed !== null && closed >= open ? dayAfter(closed) : open;
}

/** An operator as a page may know one: never the PIN's hash. */
export function operatorView(operator: Operator): OperatorView {
  return { id: operator.id, name: operator.name, role: operator.role };
}

function signedOut(engine: Engine, operator: string, cause?: SignOutCause) {
  return {
    kind: 'OPERATOR_OUT',
    body: cause === undefined ? { operator } : { operator, cause },
    id: uuidv7(engine.clock.wallMs()),
    day: currentDay(engine),
    op: operator,
    command: { signOut: operator },
  } as const;
}
