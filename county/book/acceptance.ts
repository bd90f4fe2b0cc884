// Which settlements of a kiosk the county accepts: the bank may pay them then. Pays nothing, and judges no figure: settling.ts did.

import { businessDate } from '../../db/model/time.ts';
import { prepared } from '../../db/sqlite.ts';
import { appendEntry } from '../log/log.ts';
import type { CountyAct } from './county-book.ts';
import { isInDoubt } from './kiosk-keys.ts';

/** A settlement that agrees with the county's book, or about which a person answered, is accepted the night after it came; not while its file is in doubt. */
export function acceptSettlements(act: CountyAct, { kiosk, at }: { readonly kiosk: string; readonly at: number }): void {
  const { db } = act;
  const rows = prepared<
    [string],
    { inc: number; number: number; merchant: string; through_closing: number; points: number; owed_fen: number }
  >(
    db,
    `SELECT inc, number, merchant, through_closing, points, owed_fen FROM settlement AS s WHERE kiosk = ?
        AND NOT EXISTS (SELECT 1 FROM settlement_word AS w WHERE w.kiosk = s.kiosk AND w.inc = s.inc AND w.number = s.number)
        AND (is_agreed = 1 OR EXISTS (SELECT 1 FROM exception JOIN exception_answer ON exception = exception.number
              WHERE exception.kiosk = s.kiosk AND code = 'settlement_differs' AND exception.inc = s.inc AND exception.seq = s.seq))
        AND NOT EXISTS (SELECT 1 FROM event WHERE event.kiosk = s.kiosk AND event.inc = s.inc AND event.seq = s.seq AND ${isInDoubt})
      ORDER BY inc, number`,
  ).all(kiosk);
  for (const { inc, number, merchant, through_closing, points, owed_fen } of rows) {
    const entry = act.enter('accept', `${kiosk} ${inc} ${number}`);
    prepared(
      db,
      `INSERT INTO settlement_word (entry, kiosk, inc, number, state, day, paid_fen, reference) VALUES (?, ?, ?, ?, 'accepted', ?, NULL, '')`,
    ).run(entry, kiosk, inc, number, businessDate(at));
    if (through_closing > 0)
      appendEntry(db, { t: 'SETTLEMENT', kiosk, number, merchant, throughClosing: through_closing, points, owedFen: owed_fen });
  }
}
