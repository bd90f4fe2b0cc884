// A kiosk's key is withdrawn: it was stolen, or the machine is gone for good. What comes under it later is kept and not posted; what its
// residents hold there stays at risk until a person releases it. Never undone: the shop begins anew under a new kiosk id.

import { logOrigin } from '../../db/model/log-root.ts';
import { keyWordText } from '../../db/model/key-word.ts';
import { signNote } from '../../db/model/note.ts';
import { type Result, fail, ok } from '../../db/model/result.ts';
import { type ReadableDatabase, prepared } from '../../db/sqlite.ts';
import { appendEntry } from '../log/log.ts';
import type { CountyBook } from './county-book.ts';
import { signersInForce } from './county-keys.ts';

export interface Revoked {
  /** Rights of residents that lie there, hundredths of a point. */
  readonly rights: number;
  /** Accounts that are at home there, and want another home. */
  readonly accounts: number;
}

/** Withdraws a kiosk's key, or the leave to enrol one. An act of the book, and where there was a key an entry of the log. */
export function revokeKiosk(
  book: CountyBook,
  { kiosk, by, reason }: { readonly kiosk: string; readonly by: string; readonly reason: string },
): Promise<Result<Revoked, 'unknown_kiosk' | 'revoked'>> {
  return book.transact((act) => {
    const { db } = act;
    const row = prepared<[string], { key: string | null; state: string }>(db, 'SELECT key, state FROM kiosk WHERE kiosk = ?').get(kiosk);
    if (row === undefined) return fail('unknown_kiosk');
    if (row.state === 'revoked') return fail('revoked');
    act.enter('revoke', `${kiosk} by ${by}: ${reason}`);
    prepared(db, `UPDATE kiosk SET state = 'revoked', code_hash = NULL, code_until = NULL WHERE kiosk = ?`).run(kiosk);
    if (row.key !== null) {
      const text = keyWordText({ county: book.code, whose: kiosk, kid: 0, key: row.key, what: 'ends' });
      const [privateKey] = signersInForce(book, db);
      appendEntry(db, { t: 'KEY', note: signNote(text, { name: logOrigin(book.code), privateKey }) });
    }
    return ok(atRisk(db, kiosk));
  });
}

/** What a person should know before and after. */
export function atRisk(db: ReadableDatabase, kiosk: string): Revoked {
  const { rights } = prepared<[string], { rights: number }>(
    db,
    `SELECT coalesce(sum(amount), 0) AS rights FROM balance WHERE account = 'esc' AND kiosk = ? AND commodity = 'PTS'`,
  ).get(kiosk)!; // an aggregate has a row
  const { accounts } = prepared<[string], { accounts: number }>(db, 'SELECT count(*) AS accounts FROM account WHERE home = ?').get(kiosk)!;
  return { rights, accounts };
}

/** Whether its key was withdrawn. */
export function isRevoked(db: ReadableDatabase, kiosk: string): boolean {
  return prepared(db, `SELECT 1 FROM kiosk WHERE kiosk = ? AND state = 'revoked'`).get(kiosk) !== undefined;
}
