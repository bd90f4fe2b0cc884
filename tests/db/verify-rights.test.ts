// What verify says of a book whose program gave back other rights than it was asked for, or took vouchers that are none: each lie is
// signed and adds up, and the event is named.

import { describe, expect, onTestFinished, test } from 'vitest';
import { type Points, amountMax, points } from '../../db/model/amounts.ts';
import type { Book, Entry } from '../../db/book.ts';
import type { DownLine } from '../../db/model/down-file.ts';
import { privateKeyFromSeed } from '../../db/model/keys.ts';
import { openRestored } from '../../db/open-book.ts';
import { type TestKiosk, aKiosk, tamper, tryOpening } from '../support/book.ts';
import { withSignIns } from '../support/at-work.ts';
import { resident } from '../support/county.ts';
import { type VoucherOptions, aVoucher, scanned, told } from '../support/rights.ts';
import { sell, today } from '../support/sell.ts';
import { verdictOn } from '../support/verify.ts';

const asked: readonly DownLine[] = [
  { t: 'RETURN_REQ', a: 'a1', b: points(500) },
  { t: 'RETURN_REQ', a: 'a2', b: points(amountMax) },
];

/** The same kiosk with a program that writes other entries than it should; null: leaves one out. */
function lying(kiosk: TestKiosk, change: (entry: Entry) => Entry | null): Pick<TestKiosk, 'home' | 'book'> {
  const { book } = kiosk;
  const transactLong: Book['transactLong'] = (work) =>
    book.transactLong((transaction, pause) =>
      work(
        {
          ...transaction,
          append(entry) {
            const told = change(entry);
            return told === null ? transaction.append({ ...entry, ...quiet }) : transaction.append(told);
          },
        },
        pause,
      ),
    );
  return { ...kiosk, book: { ...book, transactLong } };
}

/** An event that moves nothing and is of nobody. */
const quiet = { kind: 'REFUSED', body: { code: 'points_short' }, amt: points(0) } as const;

async function lieIn({ book, directory }: TestKiosk) {
  book.close();
  const verdict = await verdictOn(directory);
  return verdict.kind === 'lie' ? `${verdict.check}: ${verdict.place}: ${verdict.what}` : verdict.kind;
}

/** Writes an entry that only a program gone wrong would. */
function append({ book }: TestKiosk, entry: Pick<Entry, 'kind' | 'body' | 'op'> & { readonly amt: Points }): void {
  book.transact((transaction) => transaction.append({ ...entry, id: `false-${book.head().seq}`, day: today, command: 'false' } as Entry));
}

function appendVoucher(kiosk: TestKiosk, text: string, { accountId = 'a2', number = 1, amount = 1_000 }: VoucherOptions = {}): void {
  append(kiosk, { kind: 'VOUCHER_IN', body: { accountId, number, text, by: 'scan' }, op: 'op1', amt: points(amount) });
}

describe('rights that a file asked back', () => {
  test.each<readonly [string, (entry: Entry) => Entry | null, string]>([
    [
      'and that went in part',
      (entry) => (isAnswer(entry, 'a1') ? { ...entry, amt: points(499) } : entry),
      'gives back 499 where 500 was due of 20000 held',
    ],
    [
      'and that stayed',
      (entry) => (isAnswer(entry, 'a1') ? { ...entry, amt: points(0) } : entry),
      'gives back 0 where 500 was due of 20000 held',
    ],
    [
      'and whose answer was left out',
      (entry) => (isAnswer(entry, 'a1') ? null : entry),
      'stands where the answer to file 2 was due, which asks for rights of a1',
    ],
    [
      'and whose answer is to another file',
      (entry) => (entry.kind === 'RIGHTS_RETURNED' && isAnswer(entry, 'a1') ? { ...entry, body: { ...entry.body, downSeq: 1 } } : entry),
      'is no answer to file 2, which asks for 500 of a1 here',
    ],
    [
      'and that went from another account',
      (entry) =>
        entry.kind === 'RIGHTS_RETURNED' && isAnswer(entry, 'a1')
          ? { ...entry, body: { ...entry.body, accountId: 'a3' }, amt: points(0) }
          : entry,
      'is no answer to file 2, which asks for 500 of a1 here',
    ],
  ])('%s are found out', async (_what, change, what) => {
    const kiosk = await aKiosk(onTestFinished);
    const { seq } = kiosk.book.head();
    expect(await told(lying(kiosk, change), asked)).toMatchObject({ kind: 'applied' });
    expect(await lieIn(kiosk)).toBe(`returned rights: event ${seq + 2}: ${what}`);
  });

  test('and whose answer was cut off the end of the book are found out', async () => {
    const kiosk = await aKiosk(onTestFinished);
    await told(kiosk, asked);
    const { seq } = kiosk.book.head();
    kiosk.book.close();
    tamper(kiosk.home, (db) => {
      db.exec(`DELETE FROM posting WHERE seq = ${seq}; DELETE FROM event WHERE seq = ${seq}; DELETE FROM counter WHERE account_id = 'a2'`);
    });
    expect(await lieIn(kiosk)).toBe('returned rights: file 2 of the county: asks for rights of a2, and no event answers');
  });

  test('and that nobody asked for are found out', async () => {
    const kiosk = await aKiosk(onTestFinished);
    append(kiosk, { kind: 'RIGHTS_RETURNED', body: { accountId: 'a1', asked: points(100), downSeq: 1 }, op: null, amt: points(100) });
    const { seq } = kiosk.book.head();
    expect(await lieIn(kiosk)).toBe(`returned rights: event ${seq}: gives back rights of a1 that no file asked for`);
  });

  test('are the program’s to give: an operator’s name on them is a lie', async () => {
    const kiosk = await aKiosk(onTestFinished);
    sell(kiosk.book);
    const { seq } = kiosk.book.head();
    await told(
      lying(kiosk, (entry) => (isAnswer(entry, 'a1') ? { ...entry, op: 'op1' } : entry)),
      asked,
    );
    expect(await lieIn(kiosk)).toBe(`operators: event ${seq + 2}: says that op1 did what the program does by itself`);
  });
});

function isAnswer(entry: Entry, accountId: string): boolean {
  return entry.kind === 'RIGHTS_RETURNED' && entry.body.accountId === accountId;
}

describe('a voucher', () => {
  test.each<readonly [string, string, VoucherOptions, string]>([
    [
      'that nobody signed',
      aVoucher({ key: privateKeyFromSeed(Buffer.alloc(32, 9)) }),
      {},
      'takes a text that is no voucher signed by the county',
    ],
    ['with a blank behind it', `${aVoucher()} `, {}, 'takes a text that is no voucher signed by the county'],
    ['for another kiosk', aVoucher({ kiosk: 'qj-04' }), {}, 'takes a voucher for 540525/qj-04'],
    ['of another amount', aVoucher(), { amount: 2_000 }, 'is not what its voucher says: 1000 for a2, number 1'],
    ['of another account', aVoucher(), { accountId: 'a1' }, 'is not what its voucher says: 1000 for a2, number 1'],
    ['under another number', aVoucher(), { number: 2 }, 'is not what its voucher says: 1000 for a2, number 1'],
    ['of a stranger', aVoucher({ accountId: 'a77' }), { accountId: 'a77' }, 'takes a voucher of a77, whom the county does not know here'],
  ])('%s that was taken is found out', async (_what, text, options, what) => {
    const kiosk = await aKiosk(onTestFinished);
    appendVoucher(kiosk, text, options);
    const { seq } = kiosk.book.head();
    expect(await lieIn(kiosk)).toBe(`vouchers: event ${seq}: ${what}`);
  });

  test('taken by nobody who was at work is found out', async () => {
    const kiosk = await aKiosk(onTestFinished, [], { isBare: true });
    appendVoucher(kiosk, aVoucher());
    const { seq } = kiosk.book.head();
    expect(await lieIn(kiosk)).toBe(`operators: event ${seq}: is an act of op1, while nobody was signed in`);
  });

  test('is taken by no program twice, nor after a GRANT counted it: the book throws', async () => {
    const kiosk = await aKiosk(onTestFinished, [{ t: 'GRANT', a: 'a2', g: points(1_000), v: 1 }]);
    expect(() => appendVoucher(kiosk, aVoucher())).toThrow('voucher 1 of a2 is not within what was granted: 1');
    appendVoucher(kiosk, aVoucher({ number: 2 }), { number: 2 });
    expect(() => appendVoucher(kiosk, aVoucher({ number: 2 }), { number: 2 })).toThrow(/UNIQUE/);
    expect(await lieIn(kiosk)).toBe('true');
  });

  test('taken before the county granted anew to a book that was put back is found out', async () => {
    const kiosk = await aKiosk(onTestFinished, [{ t: 'GRANT', a: 'a2', g: points(100) }]);
    kiosk.book.close();
    const opened = openRestored(kiosk.home, kiosk.clock, 'A'.repeat(43));
    if (!opened.ok) throw new Error(opened.detail);
    const back: TestKiosk = { ...kiosk, book: withSignIns(opened.book) };
    appendVoucher(back, aVoucher());
    const { seq } = back.book.head();
    expect(await lieIn(back)).toBe(
      `vouchers: event ${seq}: takes a voucher of a2, whose rights the county has not told since a backup was put back`,
    );
  });
});

describe('rows beside the chain that somebody changed', () => {
  test.each([
    ['a voucher’s amount', 'UPDATE voucher SET amount = amount + 1', 'vouchers: table voucher, row'],
    ['a voucher’s number', 'UPDATE voucher SET number = 9 WHERE number = 2', 'vouchers: table voucher, row'],
    ['a voucher that is gone', 'DELETE FROM voucher WHERE number = 3', 'vouchers: table voucher, row'],
    ['through which voucher grants count', 'UPDATE counter SET covered = 0', 'vouchers: table counter, a3, covered: says 0'],
    [
      'by which file they count',
      'UPDATE counter SET granted_in = 1 WHERE granted_in = 2',
      'vouchers: table counter, a3, granted_in: says 1',
    ],
    [
      'what went back',
      `UPDATE counter SET returned = returned - 1 WHERE account_id = 'a1'`,
      'counters: table counter, a1, returned: says 499',
    ],
  ])('%s: verify names the table', async (_what, sql, place) => {
    const kiosk = await aKiosk(onTestFinished, [{ t: 'RESIDENT', resident: resident('3') }]);
    for (const number of [1, 2, 3]) scanned(kiosk, aVoucher({ accountId: 'a3', number, amount: 100 }));
    await told(kiosk, [{ t: 'GRANT', a: 'a3', g: points(200), v: 2 }, ...asked]);
    kiosk.book.close();
    tamper(kiosk.home, (db) => db.exec(`PRAGMA ignore_check_constraints = ON; ${sql}`));
    expect(await lieIn(kiosk)).toContain(place);
  });

  test('rights that are not what the counters make refuse the opening', async () => {
    const kiosk = await aKiosk(onTestFinished);
    await told(kiosk, asked);
    kiosk.book.close();
    tamper(kiosk.home, (db) => db.exec(`UPDATE counter SET returned = returned - 1 WHERE account_id = 'a1'`));
    expect(tryOpening(kiosk.home, kiosk.clock)).toBe('book_damaged');
  });
});
