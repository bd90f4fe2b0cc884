// Who works the till: sign-in by name and PIN, sign-out, opening the shift, settings.

import { drawerFen, lastShift, readTries, writeTries } from '../../db/operators.ts';
import { lastDown } from '../../db/reference.ts';
import type { Operator } from '../../db/model/catalogue.ts';
import { fen } from '../../db/model/amounts.ts';
import { countTry, lockout, noTries, verifyPin } from '../../db/model/pin.ts';
import { type Result, fail, ok } from '../../db/model/result.ts';
import { businessDate, dayMs } from '../../db/model/time.ts';
import { uuidv7 } from '../../db/uuid.ts';
import type { OperatorView, Settings } from '../ipc/snapshot.ts';
import { dropResident } from './cart.ts';
import { machineBoot } from './draft.ts';
import { writeSettings } from './settings.ts';
import { type Engine, currentDay, earlierEvent, selling, whenFree } from './till.ts';

/**
 * Signs an operator in. The try is counted, durably, before the PIN is looked at, so that neither a crash nor ten calls
 * at once give a free one (security.md section 6). `waitMs` tells how long until the next try is heard.
 */
export async function signIn(
  engine: Engine,
  { operatorId, pin }: { readonly operatorId: string; readonly pin: string },
): Promise<
  | { readonly ok: true; readonly operator: OperatorView }
  | { readonly ok: false; readonly code: 'pin_wrong' | 'pin_locked'; readonly waitMs: number }
> {
  const { book, reference } = selling(engine);
  const operator = reference.operators.find((each) => each.id === operatorId && each.active);
  const now = { wallMs: engine.clock.wallMs(), monoMs: engine.clock.monoMs(), bootId: engine.bootId };
  const before = readTries(book.db, operatorId);
  const waitMs = lockout(before, now);
  if (waitMs > 0) return { ok: false, code: 'pin_locked', waitMs };
  if (operator === undefined) return { ok: false, code: 'pin_wrong', waitMs: 0 };
  const tries = countTry(before, now);
  book.transact(({ db }) => writeTries(db, operatorId, tries));
  const { ok: right } = await verifyPin(pin, operator.pinHash);
  await whenFree(engine);
  // Meanwhile the till may have stopped, or a file of the county have taken this operator away.
  if (engine.book !== book || !isStillHere(engine, operator)) return { ok: false, code: 'pin_wrong', waitMs: 0 };
  const command = { signIn: operatorId, right };
  if (!right) {
    book.transact(({ append }) =>
      append({
        kind: 'PIN_REFUSED',
        body: { operator: operatorId, failures: tries.count },
        id: uuidv7(now.wallMs),
        day: currentDay(engine),
        op: null,
        command,
      }),
    );
    const wait = lockout(tries, { ...now, monoMs: engine.clock.monoMs() });
    engine.changed();
    return wait > 0 ? { ok: false, code: 'pin_locked', waitMs: wait } : { ok: false, code: 'pin_wrong', waitMs: 0 };
  }
  engine.shift = shiftToResume(engine);
  book.transact(({ db, append }) => {
    writeTries(db, operatorId, noTries);
    if (engine.operator !== null) append(signedOut(engine, engine.operator.id));
    append({
      kind: 'OPERATOR_IN',
      body: { operator: operatorId },
      id: uuidv7(now.wallMs),
      day: currentDay(engine),
      op: operatorId,
      command,
    });
  });
  engine.operator = operatorView(operator);
  engine.draft = { ...engine.draft, touchedAt: now.wallMs, boot: machineBoot };
  engine.changed();
  return { ok: true, operator: engine.operator };
}

function isStillHere(engine: Engine, operator: Operator): boolean {
  return engine.reference?.operators.some((each) => each.id === operator.id && each.active && each.pinHash === operator.pinHash) === true;
}

/** Signs the operator out; the goods of the cart stay for the next one. */
export function signOut(engine: Engine): void {
  const { book } = selling(engine);
  const { operator } = engine;
  if (operator === null) return;
  book.transact(({ append }) => append(signedOut(engine, operator.id)));
  if (engine.draft.resident !== null) dropResident(engine); // the card is back in its owner's pocket
  engine.operator = null;
  engine.shift = null;
  engine.lastSale = null; // what a resident spent leaves the screen with the operator
  engine.changed();
}

/**
 * Opens the day's shift with the cash that was counted in the drawer. Its business date is kept from here on and a county
 * settles by it, so a person is asked (`confirm_date`) wherever the machine's date is neither that of the newest shift or
 * county file nor the day after it.
 */
export function openShift(
  engine: Engine,
  { actId, floatFen, confirmedDate }: { readonly actId: string; readonly floatFen: number; readonly confirmedDate: string | null },
):
  | Result<{ readonly businessDate: string }, 'shift_open'>
  | { readonly ok: false; readonly code: 'confirm_date'; readonly businessDate: string } {
  const { book } = selling(engine);
  const command = { openShift: floatFen, confirmedDate };
  const earlier = earlierEvent(engine, actId, command);
  if (earlier !== null) return ok({ businessDate: earlier.day });
  if (engine.shift !== null || engine.operator === null) return fail('shift_open');
  const now = engine.clock.wallMs();
  const last = lastShift(book.db)?.businessDate ?? null;
  const day = nextBusinessDate(engine, last);
  const isAsked = !isNextTo(businessDate(now), lastKnownDate(engine, last));
  if (isAsked && confirmedDate !== day) return { ok: false, code: 'confirm_date', businessDate: day };
  const operator = engine.operator.id;
  const body = { floatFen: fen(floatFen), drawerBeforeFen: drawerFen(book.db), isDateConfirmed: isAsked };
  book.transact(({ append }) => append({ kind: 'SHIFT_OPEN', body, id: actId, day, op: operator, command }));
  engine.shift = { businessDate: day, openedAt: now, floatFen: fen(floatFen) };
  engine.changed();
  return ok({ businessDate: day });
}

/** The latest date that does not come from the clock as it is now: the newest shift's, or that of the county's newest file. */
function lastKnownDate(engine: Engine, lastShiftDate: string | null): string {
  const heard = businessDate(lastDown(selling(engine).book.db)?.asOf ?? 0);
  return lastShiftDate !== null && lastShiftDate > heard ? lastShiftDate : heard;
}

function isNextTo(date: string, known: string): boolean {
  return date === known || date === businessDate(Date.parse(`${known}T00:00:00+08:00`) + dayMs);
}

export function setSettings(engine: Engine, change: { readonly [Name in keyof Settings]?: Settings[Name] | undefined }): void {
  const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
  engine.settings = { ...engine.settings, ...given };
  if (engine.home !== null) writeSettings(engine.home, engine.settings);
  engine.changed();
}

/** The shift that is open today, if any: another date begins another shift. */
function shiftToResume(engine: Engine): Engine['shift'] {
  if (engine.book === null) return null;
  const shift = lastShift(engine.book.db);
  return shift !== null && shift.businessDate === nextBusinessDate(engine, shift.businessDate) ? shift : null;
}

/**
 * The date a shift opened now would have: today by the clock, but never before the date of an earlier shift, so that a
 * clock set back cannot reopen a day that is past.
 */
function nextBusinessDate(engine: Engine, lastDate: string | null): string {
  const today = businessDate(engine.clock.wallMs());
  return lastDate !== null && lastDate > today ? lastDate : today;
}

/** An operator as a page may know one: never the PIN's hash. */
export function operatorView(operator: Operator): OperatorView {
  return { id: operator.id, name: operator.name, role: operator.role };
}

function signedOut(engine: Engine, operator: string) {
  return {
    kind: 'OPERATOR_OUT',
    body: { operator },
    id: uuidv7(engine.clock.wallMs()),
    day: currentDay(engine),
    op: operator,
    command: { signOut: operator },
  } as const;
}
