// A kiosk that has lived a little: rights and roaming spent, cash and other payments, a price changed, roaming settled,
// a restart. Made once for a test file and copied for each test.

import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Book } from '../../db/book.ts';
import { addPrintJob } from '../../db/print-jobs.ts';
import { fen, points } from '../../db/model/amounts.ts';
import { uuidv7 } from '../../db/uuid.ts';
import { type Home, readHome } from '../../db/home.ts';
import { apply, enrol, goods, handClock, header, makeKiosk, morning, resident, shop, writeDown } from './county.ts';
import { reopened } from './book.ts';
import { type SellOptions, sell, today } from './sell.ts';

export interface UsedKiosk {
  /** A copy of the home with its book closed. */
  copy(): Home;
  remove(): void;
}

export async function usedKiosk(): Promise<UsedKiosk> {
  const root = mkdtempSync(join(tmpdir(), 'jifen-used-'));
  const directory = join(root, 'home');
  const clock = handClock();
  const { home, book } = makeKiosk(directory, clock);
  const sha256 = await enrol(home, book);
  book.transact(({ append }) =>
    append({
      kind: 'SHIFT_OPEN',
      body: { floatFen: fen(20_000), drawerBeforeFen: fen(0), isDateConfirmed: false },
      id: uuidv7(morning),
      day: today,
      op: 'op1',
      command: 'open',
    }),
  );
  sold(book);
  const first = sold(book, { resident: '1', goods: [['1', 2]], chosenPoints: 10_000 });
  sold(book, { resident: '2', goods: [['2', 1]], chosenPoints: 3_000 });
  sold(book, {
    resident: '1',
    goods: [
      ['3', 1],
      ['1', 1],
    ],
    pay: 'other',
  });
  book.transact(({ db, append }) => {
    append({ kind: 'REPRINTED', body: { saleId: first, copy: 1 }, id: uuidv7(morning), day: today, op: 'op1', command: 'again' });
    addPrintJob(db, { jobId: uuidv7(morning), actId: first, copy: 1 });
  });
  clock.turn(60_000);
  const ack = book.head();
  const { path } = await writeDown(join(directory, 'from-county'), header(2, sha256, { ackThrough: { ...ack } }), [
    { t: 'GOODS', goods: goods('1', { priceFen: fen(1300), codes: ['2000000000017', '2000000000024'] }) },
    { t: 'RESIDENT', resident: resident('3', { name: '央金' }) },
    { t: 'GRANT', a: 'a3', g: points(700) },
    { t: 'BAL', a: 'a3', balance: points(700) },
    { t: 'BAL', a: 'a2', balance: points(27_000) },
    { t: 'GRANT', a: 'a1', g: points(25_000) },
    { t: 'ROAM', a: 'a2', c: points(5_000), xs: points(2_000) },
    { t: 'DENY', resident: '2', issue: 1 },
  ]);
  const outcome = await apply(home, book, path);
  if (outcome.kind !== 'applied') throw new Error(JSON.stringify(outcome));
  sold(book, { resident: '3' });
  sold(book, { resident: '2', chosenPoints: 1_000 });
  book.close();
  clock.turn(60_000);
  const again = reopened(home, clock);
  sold(again, { resident: '1', goods: [['2', 1]] });
  again.close();
  let copies = 0;
  return {
    copy() {
      copies += 1;
      const target = join(root, `copy${copies}`);
      cpSync(directory, target, { recursive: true });
      const found = readHome(target);
      if (!found.ok) throw new Error(`${found.code} in a copy of ${shop.kiosk}`);
      return found.home;
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

function sold(book: Book, options: SellOptions = {}): string {
  const sale = sell(book, options);
  if (typeof sale === 'string') throw new Error(sale);
  return sale.id;
}
