// A kiosk that has lived a little: rights and roaming spent, cash and other payments, a price changed, roaming settled,
// a restart; and where it is asked for, bags credited and taken back. Made once for a test file and copied for each test.

import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Book } from '../../db/book.ts';
import type { CreditEvent } from '../../db/credits.ts';
import { addPrintJob } from '../../db/print-jobs.ts';
import { fen, points } from '../../db/model/amounts.ts';
import type { Bag } from '../../db/model/recycling.ts';
import { uuidv7 } from '../../db/uuid.ts';
import { type Home, readHome } from '../../db/home.ts';
import { apply, enrol, goods, handClock, header, makeKiosk, morning, resident, shop, writeDown } from './county.ts';
import { reopened } from './book.ts';
import { counted } from './credit.ts';
import { aScale, deskLines, handedOver, leaveFor, onScale, recycled, takenBack } from './recycling.ts';
import { type SellOptions, sell, today } from './sell.ts';

export interface UsedKiosk {
  /** A copy of the home with its book closed. */
  copy(): Home;
  remove(): void;
}

/** `withDesk`: after all that, its county takes bottles in, and everything happened at the desk that can. */
export async function usedKiosk({ withDesk = false } = {}): Promise<UsedKiosk> {
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
  const { path, sha256: sha256Of2 } = await writeDown(join(directory, 'from-county'), header(2, sha256, { ackThrough: { ...ack } }), [
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
  if (withDesk) {
    const desk = await writeDown(join(directory, 'from-county'), header(3, sha256Of2, { ackThrough: again.head() }), await deskLines());
    const brought = await apply(home, again, desk.path);
    if (brought.kind !== 'applied') throw new Error(JSON.stringify(brought));
    workAtDesk(again);
  }
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

/** Two credits of one visitor, one of them taken back; one that needs leave and is spent before it is found wrong; a hand-over. */
function workAtDesk(book: Book): void {
  const scale = aScale(book);
  const bottles = (grams: number): Bag => onScale(book, scale, 'plastic-bottle', grams, { by: 'container', id: 'sack', grams: 120 });
  const first = given(recycled(book, { bags: [bottles(1_354), onScale(book, scale, 'can', 800), counted('battery', 20)] }));
  const body = { creditId: uuidv7(morning), materialId: 'battery', units: 7 };
  book.transact(({ append }) => append({ kind: 'BAG_REMOVED', body, id: uuidv7(morning), day: today, op: 'op1', command: 'off' }));
  const large = given(recycled(book, { resident: '3', bags: [bottles(14_120), bottles(2_500)] }));
  const wrong = given(recycled(book, { bags: [bottles(3_000)] }));
  takenBack(book, wrong);
  sold(book, { resident: '3', goods: [['2', 1]] });
  takenBack(book, large);
  handedOver(book, ['plastic-bottle', 'can'], 500);
  takenBack(book, first);
  given(recycled(book, { bags: [bottles(2_120)] }));
  for (const copy of [1, 2]) {
    const approvalId = copy === 1 ? {} : { approvalId: leaveFor(book, { kind: 'reprint', saleId: large.id, copy }) };
    book.transact(({ db, append }) => {
      const id = uuidv7(morning);
      append({ kind: 'REPRINTED', body: { saleId: large.id, copy, ...approvalId }, id, day: today, op: 'op1', command: { copy } });
      addPrintJob(db, { jobId: uuidv7(morning), actId: large.id, copy });
    });
  }
}

function given(credit: ReturnType<typeof recycled>): CreditEvent {
  if (typeof credit === 'string') throw new Error(credit);
  return credit;
}

function sold(book: Book, options: SellOptions = {}): string {
  const sale = sell(book, options);
  if (typeof sale === 'string') throw new Error(sale);
  return sale.id;
}
