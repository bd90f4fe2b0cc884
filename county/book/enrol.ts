// How a kiosk becomes known: the county expects it, and its public key comes by a one-time code or by hand. Never takes a key of its own
// accord where there is one: the next comes by the kiosk's own event (kiosk-keys.ts).

import { hash, randomInt, timingSafeEqual } from 'node:crypto';
import { isWeakKey } from '../../db/model/keys.ts';
import { type Result, assert, fail, ok } from '../../db/model/result.ts';
import { dayMs } from '../../db/model/time.ts';
import { type ReadableDatabase, prepared } from '../../db/sqlite.ts';
import type { CountyAct, CountyBook } from './county-book.ts';
import { expectKiosk } from './import-files.ts';
import { kioskKeys, putInForce, putStolen } from './kiosk-keys.ts';

/** Letters and digits that are not taken for one another; sixteen of them are beyond guessing at five a minute. */
const codeLetters = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789';
const codeLength = 16;
const codeDays = 14;

/** Expects a kiosk and makes its one-time code, which replaces an unused one. Kept as a hash: it is shown once. */
export function expectByCode(
  book: CountyBook,
  { kiosk, store }: { readonly kiosk: string; readonly store: string },
): Promise<Result<{ readonly code: string }, 'enrolled'>> {
  return book.transact((act) => {
    expectKiosk(act, { kiosk, store });
    const code = newCode();
    const { changes } = prepared(
      act.db,
      `UPDATE kiosk SET code_hash = ?, code_until = ? WHERE kiosk = ? AND key IS NULL AND state <> 'revoked'`,
    ).run(hash('sha256', code, 'hex'), book.wallMs() + codeDays * dayMs, kiosk);
    return changes === 1 ? ok({ code }) : fail('enrolled');
  });
}

/**
 * Registers the key of who knows the code, once; the same key again changes nothing. Whoever asks learns no more than that it was refused.
 */
export function enrolByCode(
  book: CountyBook,
  { kiosk, code, key }: { readonly kiosk: string; readonly code: string; readonly key: string },
): Promise<Result<null, 'refused'>> {
  return book.transact((act) => {
    const { db } = act;
    const row = prepared<[string], { code_hash: string | null; code_until: number | null; code_stolen: number; key: string | null }>(
      db,
      `SELECT code_hash, code_until, code_stolen, key FROM kiosk WHERE kiosk = ? AND state <> 'revoked'`,
    ).get(kiosk);
    if (!isGoodKey(key)) return fail('refused');
    if (row?.key === key && row.code_stolen === 0) return ok(null); // it was registered, and the answer was lost on the way
    const expected = Buffer.from(row?.code_hash ?? '', 'hex');
    const given = hash('sha256', code.toUpperCase(), 'buffer');
    const isRight = expected.length === given.length && timingSafeEqual(expected, given) && (row?.code_until ?? 0) > book.wallMs();
    if (!isRight || row === undefined || isWithdrawn(db, key)) return fail('refused');
    if (row.key !== null) return enrolAgain(book, act, { kiosk, from: row.key, to: key, isStolen: row.code_stolen === 1 });
    prepared(db, `UPDATE kiosk SET key = ?, state = 'active', code_hash = NULL, code_until = NULL WHERE kiosk = ?`).run(key, kiosk);
    return ok(null);
  });
}

/** A kiosk that was put back from before it changed its key is believed by that one again: by none that it never had. */
function enrolAgain(
  book: CountyBook,
  act: CountyAct,
  { kiosk, from, to, isStolen }: { readonly kiosk: string; readonly from: string; readonly to: string; readonly isStolen: boolean },
): Result<null, 'refused'> {
  if (!kioskKeys(act.db, { kiosk, key: from }).includes(to)) return fail('refused');
  prepared(act.db, 'UPDATE kiosk SET code_hash = NULL, code_until = NULL, code_stolen = 0 WHERE kiosk = ?').run(kiosk);
  if (from !== to) putInForce(book, act, { kiosk, from, to });
  if (isStolen) {
    putStolen(act, { kiosk, key: to });
    prepared(act.db, 'UPDATE kiosk SET key_asked = key WHERE kiosk = ?').run(kiosk); // that machine had this key once: the shop goes on to one that it never had
  }
  return ok(null);
}

/**
 * A person gives a kiosk leave to go back to a key that it had: the backup that was put back is older than its newest one. Makes a
 * one-time code for who stands before that machine. `no_older`: it never had another.
 *
 * `isStolen`: the other machine was not lost by accident. Once the code is used, nothing that its keys sign is believed; else what it still
 * sends is posted, since its shop gave those goods, and paid once a person has answered for it. It may be said later, with a code that the
 * machine in force uses.
 */
export function allowAgain(
  book: CountyBook,
  { kiosk, by, isStolen = false }: { readonly kiosk: string; readonly by: string; readonly isStolen?: boolean },
): Promise<Result<{ readonly code: string }, 'unknown_kiosk' | 'revoked' | 'no_older'>> {
  return book.transact((act) => {
    const row = prepared<[string], { key: string | null; state: string }>(act.db, 'SELECT key, state FROM kiosk WHERE kiosk = ?').get(
      kiosk,
    );
    if (row === undefined) return fail('unknown_kiosk');
    if (row.state === 'revoked') return fail('revoked');
    if (row.key === null || kioskKeys(act.db, { kiosk, key: row.key }).length === 1) return fail('no_older');
    act.enter('keys', `${kiosk} may go back to a key that it had${isStolen ? ', the other machine was stolen' : ''}, by ${by}`);
    const code = newCode();
    const { changes } = prepared(act.db, 'UPDATE kiosk SET code_hash = ?, code_until = ?, code_stolen = ? WHERE kiosk = ?').run(
      hash('sha256', code, 'hex'),
      book.wallMs() + codeDays * dayMs,
      Number(isStolen),
      kiosk,
    );
    assert(changes === 1, 'the code is kept');
    return ok({ code });
  });
}

function newCode(): string {
  return Array.from({ length: codeLength }, () => codeLetters[randomInt(codeLetters.length)]).join('');
}

/** Registers a key that was brought by hand. */
export function enrolByKey(
  book: CountyBook,
  { kiosk, store, key }: { readonly kiosk: string; readonly store: string; readonly key: string },
): Promise<Result<null, 'enrolled' | 'no_key'>> {
  return book.transact((act) => {
    if (!isGoodKey(key)) return fail('no_key');
    if (isWithdrawn(act.db, key)) return fail('enrolled');
    expectKiosk(act, { kiosk, store });
    const { changes } = prepared(
      act.db,
      `UPDATE kiosk SET key = ?, state = 'active', code_hash = NULL, code_until = NULL WHERE kiosk = ? AND key IS NULL AND state <> 'revoked'`,
    ).run(key, kiosk);
    return changes === 1 ? ok(null) : fail('enrolled');
  });
}

/**
 * The text that its bytes encode to, and no weak key (docs/files.md, F8): keys are compared as texts, and 43 letters hold two bits that decode
 * to nothing.
 */
function isGoodKey(key: string): boolean {
  const raw = Buffer.from(key, 'base64url');
  return raw.length === keyBytes && raw.toString('base64url') === key && !isWeakKey(raw);
}

const keyBytes = 32;

/** Whether a kiosk with that key was revoked, or the key was stolen: it comes back under no name. */
function isWithdrawn(db: ReadableDatabase, key: string): boolean {
  return (
    prepared(
      db,
      `SELECT 1 FROM kiosk WHERE state = 'revoked'
          AND (key = ? OR EXISTS (SELECT 1 FROM kiosk_key WHERE kiosk_key.kiosk = kiosk.kiosk AND ? IN (old_key, new_key)))
        UNION ALL SELECT 1 FROM stolen_key WHERE key = ?`,
    ).get(key, key, key) !== undefined
  );
}
