// What came back of an account's roaming at a kiosk after it was funded: it lies in `roam` until the kiosk has heard that it was funded, and is
// rights there from then on (reconciliation.md R1, R3). Counted from all that was ever posted, also of what a restored kiosk has forgotten.

import type { BookEvent } from '../../db/model/event.ts';
import { counterStepOf } from '../../db/model/postings.ts';
import { type ReadableDatabase, prepared } from '../../db/sqlite.ts';
import { balanceOf } from './ledger.ts';

/**
 * How much of an account lies in clearing at a kiosk by the postings. `funded`, `roamed`: as the county has them. Below zero where the kiosk
 * made rights of it twice.
 */
export function inClearing(
  db: ReadableDatabase,
  {
    kiosk,
    account,
    funded,
    roamed,
  }: { readonly kiosk: string; readonly account: string; readonly funded: number; readonly roamed: number },
): number {
  const owed =
    -balanceOf(db, { account: 'due', holder: account, at: kiosk }) - balanceOf(db, { account: 'overdraft', holder: account, at: kiosk });
  return owed + funded + cameBack(db, kiosk, account) - roamed - becameRights(db, kiosk, account);
}

/** Roaming that came back with goods, in any incarnation, while the county knew the account. */
function cameBack(db: ReadableDatabase, kiosk: string, account: string): number {
  const rows = prepared<[string, string], { line: string }>(
    db,
    `SELECT line FROM event WHERE account = ? AND kiosk = ? AND kind = 'RETURNED' AND NOT EXISTS (
       SELECT 1 FROM exception WHERE exception.kiosk = event.kiosk AND exception.inc = event.file_inc AND exception.seq = event.seq
          AND code = 'unknown_account')`,
  ).all(account, kiosk);
  return rows.reduce((sum, { line }) => sum + (counterStepOf(JSON.parse(line) as BookEvent)?.unroamed ?? 0), 0); // posted as one
}

/** What left clearing for rights, less what a person's answer put back there. Postings stand in pairs (ledger.ts, moved). */
function becameRights(db: ReadableDatabase, kiosk: string, account: string): number {
  const row = prepared<[string, string, string, string], { amount: number }>(
    db,
    `SELECT coalesce(sum(amount), 0) AS amount FROM (
       SELECT q.amount AS amount FROM posting AS q JOIN posting AS p ON p.entry = q.entry AND p.n = q.n - 1
        WHERE q.holder = ? AND q.holder <> '' AND q.n % 2 = 1 AND q.account IN ('esc', 'main') AND p.account = 'roam' AND p.kiosk = ?
       UNION ALL SELECT p.amount FROM posting AS p JOIN posting AS q ON q.entry = p.entry AND q.n = p.n + 1
        WHERE p.holder = ? AND p.holder <> '' AND p.n % 2 = 0 AND p.account IN ('esc', 'writeoff') AND q.account = 'roam' AND q.kiosk = ?) AS moves`,
  ).get(account, kiosk, account, kiosk)!; // an aggregate has a row
  return row.amount;
}
