// The rows of reconciliation.md R4's table, with files that the real kiosk cut.

import { expect, onTestFinished, test } from 'vitest';
import { takeIn } from '../../county/book/intake.ts';
import { aPair, ackOf, cut, uploadOf } from '../support/county-book.ts';
import { closeDay, openDay } from '../support/closing.ts';
import { sell, today } from '../support/sell.ts';

test('a file that is next and true is posted and answered with the leaf it ends in', async () => {
  const { county, kiosk } = await aPair(onTestFinished);
  const { home, book } = kiosk;
  openDay(book, today);
  sell(book, { resident: '1', goods: [['1', 2]], chosenPoints: 10_000 });
  sell(book, { resident: '2', goods: [['2', 1]], chosenPoints: 3_000 });
  closeDay(book, { day: today });
  const file = await cut(home, book);
  const taken = await takeIn(county, uploadOf(home, file));
  expect(ackOf(taken.note)).toEqual({
    county: '540525',
    kiosk: 'qj-03',
    inc: 1,
    fileSeq: 1,
    sha256: file.sha256,
    verdict: 'ACCEPTED',
    posted: { toSeq: book.head().seq, headLeaf: book.head().leaf },
    want: null,
    exceptions: 0,
    detail: '',
  });
});
