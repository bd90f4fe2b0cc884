// What a kiosk knew when a day began is told by the newest file that told it something, however many only asked it for rights since.

import { expect, onTestFinished, test } from 'vitest';
import { untoldWorth } from '../../county/book/told-worth.ts';
import { prepared } from '../../db/sqlite.ts';
import { emptyTables } from '../support/county-store.ts';

const kiosk = 'qj-03';
const inc = 1;

/** The county changed a share from 150 to 200 thousandths between a file that told 150 and the one that the kiosk took on the day after. */
function countyOf(asked: number) {
  const db = emptyTables(onTestFinished);
  const insert = (table: string, row: Readonly<Record<string, unknown>>): void => {
    const names = Object.keys(row);
    prepared(db, `INSERT INTO ${table} (${names.join(', ')}) VALUES (${names.map((name) => `@${name}`).join(', ')})`).run(row);
  };
  const take = (downSeq: number, tells: number): void => {
    const sha256 = `sha-${downSeq}`;
    insert('down_file', { kiosk, down_seq: downSeq, inc, sha256, as_of: 0, paid_fen: 0, entry: downSeq, tells });
    const [line, leaf, sig] = [JSON.stringify({ body: { downSeq, sha256 } }), Buffer.alloc(32), Buffer.alloc(64)];
    const of = { kiosk, inc, seq: downSeq, file_inc: inc, file_seq: 1, id: `id-${downSeq}`, kind: 'DOWN_APPLIED', amt: 0 };
    insert('event', { entry: downSeq, ...of, line, leaf, sig });
  };
  take(1, 1);
  for (let n = 0; n < asked; n += 1) take(2 + n, 0);
  const fromSeq = 2 + asked;
  insert('rate_before', { scope: '', t: 'SHOP', key: kiosk, rate: 150, until: fromSeq });
  take(fromSeq, 1);
  const day = { day: '2026-11-22', fromSeq, seq: fromSeq };
  return (sharePermille: number) => untoldWorth(db, { kiosk, inc, share_permille: 200 }, [{ ...day, sharePermille }]);
}

test.each([[0], [20], [130]])('a share that was in force when the day began is told, also behind %d files that only asked', (asked) => {
  const untold = countyOf(asked);
  expect([untold(150), untold(200), untold(170)]).toEqual([null, null, 'share 170 of 2026-11-22']);
});
