// Who works the till: sign-in by name and PIN, sign-out, opening the shift, settings.

import { lastShift, readTries, writeTries } from '../../db/operators.ts';
import type { Operator } from '../../db/model/catalogue.ts';
import { fen } from '../../db/model/amounts.ts';
import { countTry, lockout, noTries, verifyPin } from '../../db/model/pin.ts';
import { type Result, fail, ok } from '../../db/model/result.ts';
import { businessDate } from '../../db/model/time.ts';
import { uuidv7 } from '../../db/uuid.ts';
import type { OperatorView, Settings } from '../ipc/snapshot.ts';
import { writeSettings } from './settings.ts';
import { type Engine, currentDay, selling, whenFree } from './till.ts';

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
  if (engine.book !== book) return { ok: false, code: 'pin_wrong', waitMs: 0 };
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
  engine.draft = { ...engine.draft, touchedAt: now.wallMs };
  engine.changed();
  return { ok: true, operator: engine.operator };
}

/** Signs the operator out; the cart stays for the next one. */
export function signOut(engine: Engine): void {
  const { book } = selling(engine);
  const { operator } = engine;
  if (operator === null) return;
  book.transact(({ append }) => append(signedOut(engine, operator.id)));
  engine.operator = null;
  engine.shift = null;
  engine.lastSale = null; // what a resident spent leaves the screen with the operator
  engine.changed();
}

/** Opens the day's shift with the cash that lies in the drawer. Its business date is kept from here on. */
export function openShift(
  engine: Engine,
  { floatFen }: { readonly floatFen: number },
): Result<{ readonly businessDate: string }, 'shift_open'> {
  const { book } = selling(engine);
  if (engine.shift !== null || engine.operator === null) return fail('shift_open');
  const now = engine.clock.wallMs();
  const day = nextBusinessDate(engine, lastShift(book.db)?.businessDate ?? null);
  const operator = engine.operator.id;
  book.transact(({ append }) =>
    append({ kind: 'SHIFT_OPEN', body: { floatFen: fen(floatFen) }, id: uuidv7(now), day, op: operator, command: { openShift: floatFen } }),
  );
  engine.shift = { businessDate: day, openedAt: now, floatFen: fen(floatFen) };
  engine.changed();
  return ok({ businessDate: day });
}

export function setSettings(engine: Engine, change: { readonly [Name in keyof Settings]?: Settings[Name] | undefined }): void {
  const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
  engine.settings = { ...engine.settings, ...given };
  if (engine.home !== null) writeSettings(engine.home, engine.settings);
  engine.changed();
}

/** The shift that is open today, if any: another date begins another shift. */
export function shiftToResume(engine: Engine): Engine['shift'] {
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
