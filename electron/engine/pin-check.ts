// Whether a PIN is an operator's, for everything that asks for one: the same count of tries and the same wait. Keeps no PIN.

import { readTries, writeTries } from '../../db/operators.ts';
import type { Plain } from '../../db/model/canonical.ts';
import type { Operator } from '../../db/model/catalogue.ts';
import { countTry, lockout, verifyPin } from '../../db/model/pin.ts';
import { uuidv7 } from '../../db/uuid.ts';
import { type Engine, currentDay, selling, whenFree } from './till.ts';

export interface PinRefusal {
  readonly ok: false;
  readonly code: 'pin_wrong' | 'pin_locked';
  /** Until the next try is heard, ms. */
  readonly waitMs: number;
}

/**
 * Counts the try, durably, before the PIN is looked at, so that neither a crash nor ten calls at once give a free one
 * (security.md section 6). A wrong PIN is written as PIN_REFUSED of `command`. After a right one the caller writes noTries
 * in the transaction of what the PIN was asked for; nothing long holds the book then.
 */
export async function checkPin(
  engine: Engine,
  { operatorId, pin, command }: { readonly operatorId: string; readonly pin: string; readonly command: { readonly [name: string]: Plain } },
): Promise<{ readonly ok: true; readonly operator: Operator } | PinRefusal> {
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
  if (right) return { ok: true, operator };
  book.transact(({ append }) =>
    append({
      kind: 'PIN_REFUSED',
      body: { operator: operatorId, failures: tries.count },
      id: uuidv7(now.wallMs),
      day: currentDay(engine),
      op: engine.operator?.id ?? null,
      command: { ...command, right },
    }),
  );
  const wait = lockout(tries, { ...now, monoMs: engine.clock.monoMs() });
  engine.changed();
  return wait > 0 ? { ok: false, code: 'pin_locked', waitMs: wait } : { ok: false, code: 'pin_wrong', waitMs: 0 };
}

function isStillHere(engine: Engine, { id, role, pinHash }: Operator): boolean {
  return (
    engine.reference?.operators.some((each) => each.id === id && each.active && each.role === role && each.pinHash === pinHash) === true
  );
}
