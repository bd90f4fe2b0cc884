// What verify says of the drawer: what was done holds, and a count, an end or a movement that says otherwise than the postings and the
// leaves do is named, though the kiosk itself signed it.

import { expect, onTestFinished, test } from 'vitest';
import type { Entry } from '../../db/book.ts';
import { drawerFen } from '../../db/operators.ts';
import { fen } from '../../db/model/amounts.ts';
import type { CountedDrawer, DrawerCountedBody, EventKind, ShiftOpenBody } from '../../db/model/event.ts';
import { uuidv7 } from '../../db/uuid.ts';
import { type TestKiosk, aKiosk } from '../support/book.ts';
import { closeDay, openDay, piecesOf } from '../support/closing.ts';
import { deskLines, leaveFor } from '../support/recycling.ts';
import { sell, today } from '../support/sell.ts';
import { verdictOn } from '../support/verify.ts';

/** A shop with a shift open and 12.50 in the drawer. */
async function aShop(): Promise<TestKiosk> {
  const kiosk = await aKiosk(onTestFinished, await deskLines());
  openDay(kiosk.book, today);
  sell(kiosk.book, { goods: [['1', 1]] });
  return kiosk;
}

function write({ book }: TestKiosk, act: EventKind, change: Partial<Entry> = {}): string {
  const id = uuidv7(book.clock.wallMs());
  book.transact(({ append }) => append({ id, day: today, op: 'op1', command: { id }, ...act, ...change } as Entry)); // one act and its body
  return id;
}

function count(kiosk: TestKiosk, change: Partial<DrawerCountedBody> = {}): CountedDrawer {
  const expectedFen = drawerFen(kiosk.book.db);
  const body = { purpose: 'hand_over', counts: piecesOf(expectedFen), countedFen: expectedFen, expectedFen, ...change } as const;
  const countId = write(kiosk, { kind: 'DRAWER_COUNTED', body });
  const { purpose: _, ...counted } = body;
  return { countId, ...counted, differenceFen: fen(counted.countedFen - counted.expectedFen), reason: null, recountsFen: [] };
}

const handOver = (kiosk: TestKiosk, drawer: CountedDrawer): string => write(kiosk, { kind: 'SHIFT_CLOSED', body: { drawer } });

async function verdict({ book, directory }: TestKiosk) {
  book.close();
  return verdictOn(directory);
}

test('cash moved, opened, counted, handed over and closed holds', async () => {
  const kiosk = await aShop();
  write(kiosk, { kind: 'CASH_MOVED', body: { direction: 'in', fen: fen(5_000), reason: 'change', note: '零钱', approvalId: null } });
  const approvalId = leaveFor(kiosk.book, { kind: 'pay_out', fen: 2_000, reason: 'bank' });
  write(kiosk, { kind: 'CASH_MOVED', body: { direction: 'out', fen: fen(2_000), reason: 'bank', note: '', approvalId } });
  write(kiosk, { kind: 'NO_SALE', body: { reason: 'check' } });
  handOver(kiosk, count(kiosk));
  openDay(kiosk.book, today);
  closeDay(kiosk.book, { day: today });
  expect(await verdict(kiosk)).toEqual({ kind: 'true' });
});

const paidOut = (approvalId: string | null, change = {}) =>
  ({ kind: 'CASH_MOVED', body: { direction: 'out', fen: fen(1_000), reason: 'bank', note: '', approvalId, ...change } }) as const;

const lies: readonly (readonly [what: string, lie: (kiosk: TestKiosk) => unknown, told: RegExp])[] = [
  [
    'a count that expects less than there is',
    (k) => count(k, { expectedFen: fen(1_240) }),
    /expects 1240, the postings of the drawer sum to 1250/,
  ],
  ['a count that says more than its pieces', (k) => count(k, { countedFen: fen(1_260) }), /says 1260, its pieces are worth 1250/],
  ['a count of seven kinds', (k) => count(k, { counts: [0, 0, 0, 1, 0, 2, 1] }), /its pieces are worth NaN/],
  ['a negative count', (k) => count(k, { counts: [0, 0, 0, 1, 1, -3, 1, 0], countedFen: fen(1_250) }), /its pieces are worth NaN/],
  ['a hand-over by no count', (k) => handOver(k, { ...count(k), countId: uuidv7(1) }), /which does not stand for it/],
  ['a hand-over by a count to close', (k) => handOver(k, count(k, { purpose: 'closing' })), /which does not stand for it/],
  [
    'a hand-over by a count before a sale',
    (k) => {
      const drawer = count(k);
      sell(k.book, { goods: [['1', 1]] });
      handOver(k, drawer);
    },
    /which does not stand for it/,
  ],
  [
    'a hand-over by an older count',
    (k) => {
      const drawer = count(k);
      count(k);
      handOver(k, drawer);
    },
    /which does not stand for it/,
  ],
  [
    'a hand-over that counts otherwise',
    (k) => handOver(k, { ...count(k), countedFen: fen(1_240), differenceFen: fen(-10), reason: 'unknown' }),
    /says another count/,
  ],
  ['no reason for a difference', (k) => handOver(k, count(k, { counts: piecesOf(1_240), countedFen: fen(1_240) })), /gives no reason/],
  ['a reason for none', (k) => handOver(k, { ...count(k), reason: 'miscount' }), /gives a reason for no difference/],
  ['cash out without leave', (k) => write(k, paidOut(null)), /takes cash out without leave/],
  ['cash out by nobody’s leave', (k) => write(k, paidOut(uuidv7(1))), /has no leave/],
  [
    'cash out by leave of less',
    (k) => write(k, paidOut(leaveFor(k.book, { kind: 'pay_out', fen: 999, reason: 'bank' }))),
    /leave for another act/,
  ],
  [
    'cash out by a leave used before',
    (k) => {
      const approvalId = leaveFor(k.book, { kind: 'pay_out', fen: 1_000, reason: 'bank' });
      write(k, paidOut(approvalId));
      write(k, { kind: 'CASH_MOVED', body: { direction: 'in', fen: fen(1_000), reason: 'change', note: '', approvalId: null } });
      write(k, paidOut(approvalId));
    },
    /has no leave/,
  ],
  [
    'more out than there was',
    (k) => write(k, paidOut(leaveFor(k.book, { kind: 'pay_out', fen: 1_251, reason: 'bank' }), { fen: fen(1_251) })),
    /leaves -1 in the drawer/,
  ],
  [
    'a reason that nobody may give',
    (k) => write(k, { kind: 'CASH_MOVED', body: { direction: 'in', fen: fen(100), reason: 'bank', note: '', approvalId: null } }),
    /has the reason bank/,
  ],
  [
    'a sale after the hand-over',
    (k) => {
      handOver(k, count(k));
      sell(k.book, { goods: [['1', 1]] });
    },
    /is of no open shift/,
  ],
  [
    'a shift on a date that was closed',
    (k) => {
      closeDay(k.book, { day: today });
      openDay(k.book, today);
    },
    /which was closed before|was due by its clock/,
  ],
  [
    'a shift that found another drawer',
    (k) => {
      const body = { floatFen: fen(1_250), drawerBeforeFen: fen(1_200), isDateConfirmed: false };
      write(k, { kind: 'SHIFT_OPEN', body });
    },
    /says 1200 was in the drawer, it had 1250/,
  ],
  [
    'a float that is short after a hand-over, and gives no reason',
    (k) => {
      handOver(k, count(k));
      opened(k, { floatFen: fen(1_000) });
    },
    /gives no reason for what its float is over or short by/,
  ],
  [
    'the owner’s cash taken out by a float without leave',
    (k) => {
      closeDay(k.book, { day: today });
      opened(k, { floatFen: fen(1_000), isDateConfirmed: true }, '2026-11-22');
    },
    /takes cash out without leave/,
  ],
  [
    'a float that does not say whose it is, after one that did',
    (k) => {
      handOver(k, count(k));
      write(k, { kind: 'SHIFT_OPEN', body: { floatFen: fen(1_250), drawerBeforeFen: fen(1_250), isDateConfirmed: false } });
    },
    /does not say whose its float is/,
  ],
  [
    'an end that keeps a count before it to itself',
    (k) => {
      count(k, { counts: piecesOf(0), countedFen: fen(0) });
      handOver(k, count(k));
    },
    /does not tell of every count before the one it names/,
  ],
  ['a count in between by one who is not the owner', (k) => void count(k, { purpose: 'check' }), /tells another than the owner/],
];

/** A shift of a drawer that the book has 1250 fen in. */
function opened(kiosk: TestKiosk, change: Partial<ShiftOpenBody>, day = today): void {
  const held = drawerFen(kiosk.book.db);
  const body = { floatFen: held, drawerBeforeFen: held, isDateConfirmed: false, reason: null, approvalId: null, ...change };
  write(kiosk, { kind: 'SHIFT_OPEN', body }, { day });
}

test.each(lies)('%s is named', async (_, lie, told) => {
  const kiosk = await aShop();
  lie(kiosk);
  const found = await verdict(kiosk);
  expect(found.kind === 'lie' ? `${found.check}: ${found.what}` : found.kind).toMatch(told);
});
