// Credits in the book: usable at once, known county-wide until the county knows them itself, taken back whole and once.

import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Book } from '../../db/book.ts';
import {
  type CreditEvent,
  creditedOn,
  creditsBefore,
  creditsSince,
  lastTicketCounter,
  newestCreditOf,
  rightsOf,
} from '../../db/credits.ts';
import { points } from '../../db/model/amounts.ts';
import type { Bag } from '../../db/model/recycling.ts';
import { allowance } from '../../db/model/spending.ts';
import { accountState } from '../../db/reference.ts';
import { uuidv7 } from '../../db/uuid.ts';
import { type TestKiosk, aKiosk, dump, reopened } from '../support/book.ts';
import { apply, header, morning, writeDown } from '../support/county.ts';
import { counted } from '../support/credit.ts';
import { aScale, deskLines, onScale, recycled, takenBack } from '../support/recycling.ts';
import { sell, spendingOf, today } from '../support/sell.ts';

async function aDesk(): Promise<TestKiosk & { readonly bottles: (grams: number) => Bag }> {
  const kiosk = await aKiosk(onTestFinished, await deskLines());
  const scale = aScale(kiosk.book);
  return { ...kiosk, bottles: (grams) => onScale(kiosk.book, scale, 'plastic-bottle', grams) };
}

function given(credit: ReturnType<typeof recycled>): CreditEvent {
  if (typeof credit === 'string') throw new Error(credit);
  return credit;
}

/** Rights here, and the county-wide balance, as the till shows them. */
function shown(book: Book, accountId: string): { readonly rights: number; readonly county: number } {
  const { rights, countyBalance } = allowance(spendingOf(book, accountId));
  return { rights, county: countyBalance };
}

/** The county's next file: it has posted the book up to `ackThrough`, and says what the account then has. */
async function countyFile(
  kiosk: TestKiosk,
  file: { readonly downSeq: number; readonly before: string; readonly ackThrough: ReturnType<Book['head']>; readonly balance: number },
): Promise<string> {
  const { downSeq, before, ackThrough, balance } = file;
  const lines = [{ t: 'BAL', a: 'a1', balance: points(balance) }] as const;
  const { path, sha256 } = await writeDown(join(kiosk.directory, 'from-county'), header(downSeq, before, { ackThrough }), lines);
  expect(await apply(kiosk.home, kiosk.book, path)).toEqual({ kind: 'applied', downSeq });
  return sha256;
}

test('what was brought is usable here at once, and is counted once before and after the county knows of it', async () => {
  const kiosk = await aDesk();
  const { book, bottles, sha256 } = kiosk;
  expect(shown(book, 'a1')).toEqual({ rights: 20_000, county: 20_000 });
  const first = given(recycled(book, { bags: [bottles(2_000)] }));
  expect(first.body).toMatchObject({ usableBefore: 20_000, usableAfter: 23_000, countyAfter: 23_000 });
  expect(shown(book, 'a1')).toEqual({ rights: 23_000, county: 23_000 });
  const known = book.head();
  const second = given(recycled(book, { bags: [bottles(4_000)] }));
  expect(shown(book, 'a1')).toEqual({ rights: 29_000, county: 29_000 });

  const next = await countyFile(kiosk, { downSeq: 2, before: sha256, ackThrough: known, balance: 23_000 });
  expect(accountState(book.db, 'a1', today).creditedHereSince).toBe(6_000); // the second alone
  expect(shown(book, 'a1')).toEqual({ rights: 29_000, county: 29_000 });

  await countyFile(kiosk, { downSeq: 3, before: next, ackThrough: book.head(), balance: 29_000 });
  expect(accountState(book.db, 'a1', today).creditedHereSince).toBe(0);
  expect(takenBack(book, second)).toBe('reversed');
  expect(accountState(book.db, 'a1', today).creditedHereSince).toBe(-6_000); // late: the county has posted it
  expect(shown(book, 'a1')).toEqual({ rights: 23_000, county: 23_000 });
  expect(takenBack(book, first)).toBe('reversed');
  expect(shown(book, 'a1')).toEqual({ rights: 20_000, county: 20_000 });
  expect(accountState(book.db, 'a1', today).counters).toMatchObject({ granted: 20_000, credited: 9_000, uncredited: 9_000, spent: 0 });
});

test('who holds nothing else spends what was brought, and what is spent is not taken back', async () => {
  const { book, bottles } = await aDesk();
  const credit = given(recycled(book, { resident: '2', bags: [bottles(4_000)] }));
  expect(rightsOf(book.db, 'a2')).toBe(6_000);
  expect(sell(book, { resident: '2', goods: [['2', 1]], chosenPoints: 7_000 })).toMatchObject({
    body: { redemption: { fromRights: 6_000, fromRoaming: 1_000 } },
  });
  const rights = rightsOf(book.db, 'a2');
  expect(takenBack(book, credit)).toBe('disputed');
  expect(rightsOf(book.db, 'a2')).toBe(rights);
});

test('a reversal that would leave rights below nothing is refused by the table, whoever writes it', async () => {
  const { book, bottles } = await aDesk();
  const credit = given(recycled(book, { resident: '2', bags: [bottles(4_000)] }));
  sell(book, { resident: '2', goods: [['2', 1]], chosenPoints: 100 });
  const before = dump(book.db);
  expect(() => reverse(book, credit, {})).toThrow(/CHECK/);
  expect(dump(book.db)).toBe(before);
});

test.each([
  ['of a part of a credit', { amt: points(2_900) }, 'a credit of 3000 is taken back whole, not 2900 of it'],
  ['from another account', { accountId: 'a2' }, 'a credit of a1 is not taken back from a2'],
  ['of a credit that was not given', { creditId: 'x' }, 'a reversal names a credit, not x'],
])('a reversal %s is not committed (R6, 8)', async (_what, claim, words) => {
  const { book, bottles } = await aDesk();
  given(recycled(book, { resident: '2', bags: [bottles(4_000)] }));
  const credit = given(recycled(book, { bags: [bottles(2_000)] }));
  const before = dump(book.db);
  expect(() => reverse(book, credit, claim)).toThrow(words);
  expect(dump(book.db)).toBe(before);
});

test('a credit is taken back once (R6, 8)', async () => {
  const { book, bottles } = await aDesk();
  given(recycled(book, { bags: [bottles(2_000)] }));
  const credit = given(recycled(book, { bags: [bottles(2_000)] }));
  reverse(book, credit, {});
  const before = dump(book.db);
  expect(() => reverse(book, credit, {})).toThrow(/UNIQUE/);
  expect(dump(book.db)).toBe(before);
});

test('the same credit id again books nothing', async () => {
  const { book, bottles } = await aDesk();
  const id = uuidv7(morning);
  given(recycled(book, { id, bags: [bottles(2_000)] }));
  const before = dump(book.db);
  expect(() => recycled(book, { id, resident: '2', bags: [bottles(3_000)] })).toThrow(/UNIQUE/);
  expect(dump(book.db)).toBe(before);
});

test('lists, caps and ticket numbers say what stands, after a restart as before', async () => {
  const kiosk = await aDesk();
  const { book, bottles } = kiosk;
  const first = given(recycled(book, { bags: [bottles(2_000), counted('battery', 10)] }));
  const second = given(recycled(book, { bags: [bottles(1_000)] }));
  const other = given(recycled(book, { resident: '2', bags: [bottles(3_000)] }));
  takenBack(book, second);
  const tomorrow = given(recycled(book, { day: '2026-11-22', bags: [bottles(5_000)] }));
  const said = (db: Book['db']): unknown => ({
    day: creditedOn(db, { day: today, accountId: 'a1', operatorId: 'op1' }),
    stranger: creditedOn(db, { day: today, accountId: null, operatorId: 'op9' }),
    tickets: lastTicketCounter(db),
    newest: [newestCreditOf(db, 'a1'), newestCreditOf(db, 'a2'), newestCreditOf(db, 'a3')],
    list: creditsBefore(db, other.seq + 1, 10).map(({ creditId, isReversed, copies }) => [creditId, isReversed, copies]),
    since: creditsSince(db, 'a1', 0, 10).map(({ id }) => id),
  });
  const expected = {
    day: {
      account: 3_500,
      operator: 8_000,
      kiosk: 8_000,
      byMaterial: new Map([
        ['battery', 500],
        ['plastic-bottle', 3_000],
      ]),
      typedOnce: new Map([['battery', 10]]),
    },
    stranger: { account: 0, operator: 0, kiosk: 8_000, byMaterial: new Map(), typedOnce: new Map() },
    tickets: 4,
    newest: [tomorrow.id, other.id, null],
    list: [
      [other.id, 0, 0],
      [second.id, 1, 0],
      [first.id, 0, 0],
    ],
    since: [tomorrow.id, first.id],
  };
  expect(said(book.db)).toEqual(expected);
  book.close();
  const again = reopened(kiosk.home, kiosk.clock);
  expect(said(again.db)).toEqual(expected);
  again.close();
});

/** Writes a reversal of this credit, but for what `claim` says otherwise. */
function reverse(
  book: Book,
  { id, amt, res, body }: CreditEvent,
  claim: { readonly amt?: CreditEvent['amt']; readonly accountId?: string; readonly creditId?: string },
): void {
  const about = {
    creditId: claim.creditId ?? id,
    accountId: claim.accountId ?? body.accountId,
    reason: 'wrong_amount',
    approvalId: 'x',
  } as const;
  const entry = { id: uuidv7(morning), day: today, op: 'op1', res, amt: claim.amt ?? amt, command: 'reverse' };
  book.transact(({ append }) => append({ ...entry, kind: 'CREDIT_REVERSED', body: about }));
}
