// How a kiosk becomes known: the county expects it, and its public key comes by a one-time code or by hand. Never takes a second key.

import { hash, randomInt, timingSafeEqual } from 'node:crypto';
import { type Result, fail, ok } from '../../db/model/result.ts';
import { dayMs } from '../../db/model/time.ts';
import { type ReadableDatabase, prepared } from '../../db/sqlite.ts';
import type { CountyBook } from './county-book.ts';
import { expectKiosk } from './import-files.ts';

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
    const code = Array.from({ length: codeLength }, () => codeLetters[randomInt(codeLetters.length)]).join('');
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
  return book.transact(({ db }) => {
    const row = prepared<[string], { code_hash: string | null; code_until: number | null; key: string | null }>(
      db,
      `SELECT code_hash, code_until, key FROM kiosk WHERE kiosk = ? AND state <> 'revoked'`,
    ).get(kiosk);
    if (row?.key === key) return ok(null); // it was registered, and the answer was lost on the way
    const expected = Buffer.from(row?.code_hash ?? '', 'hex');
    const given = hash('sha256', code.toUpperCase(), 'buffer');
    const isRight = expected.length === given.length && timingSafeEqual(expected, given) && (row?.code_until ?? 0) > book.wallMs();
    if (!isRight || row?.key !== null || isWithdrawn(db, key)) return fail('refused');
    prepared(db, `UPDATE kiosk SET key = ?, state = 'active', code_hash = NULL, code_until = NULL WHERE kiosk = ?`).run(key, kiosk);
    return ok(null);
  });
}

/** Registers a key that was brought by hand. */
export function enrolByKey(
  book: CountyBook,
  { kiosk, store, key }: { readonly kiosk: string; readonly store: string; readonly key: string },
): Promise<Result<null, 'enrolled'>> {
  return book.transact((act) => {
    if (isWithdrawn(act.db, key)) return fail('enrolled');
    expectKiosk(act, { kiosk, store });
    const { changes } = prepared(
      act.db,
      `UPDATE kiosk SET key = ?, state = 'active', code_hash = NULL, code_until = NULL WHERE kiosk = ? AND key IS NULL AND state <> 'revoked'`,
    ).run(key, kiosk);
    return changes === 1 ? ok(null) : fail('enrolled');
  });
}

/** Whether a kiosk with that key was revoked: it comes back under no other name. */
function isWithdrawn(db: ReadableDatabase, key: string): boolean {
  return prepared(db, `SELECT 1 FROM kiosk WHERE key = ? AND state = 'revoked'`).get(key) !== undefined;
}
