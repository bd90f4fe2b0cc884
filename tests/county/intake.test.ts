// The rows of reconciliation.md R4's table, with files that the real kiosk cut.

import { expect, onTestFinished, test } from 'vitest';
import { takeIn } from '../../county/book/intake.ts';
import { upLineBytesMax } from '../../db/model/up-file.ts';
import { prepared } from '../../db/sqlite.ts';
import { aPair, ackOf, cut, uploadOf } from '../support/county-book.ts';
import { closeDay, openDay } from '../support/closing.ts';
import { forged } from '../support/forged.ts';
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

test('a file whose lines are as long as a line may be is posted, each as it was signed', async () => {
  const { county, kiosk } = await aPair(onTestFinished);
  const { home, book } = kiosk;
  openDay(book, today);
  const events = 12;
  const pad = 'ༀ'.repeat((upLineBytesMax - 1_000) / 3);
  const upload = forged(onTestFinished, home, uploadOf(home, await cut(home, book)), (all) => {
    for (let n = 0; n < events; n += 1) all.push({ ...all[0]!, id: `long-${n}`, kind: 'REPRINTED', amt: 0, body: { pad } });
  });
  expect(ackOf((await takeIn(county, upload)).note)).toMatchObject({ verdict: 'ACCEPTED', detail: '' });
  const lines = await county.read((db) =>
    prepared<[], { line: string }>(db, `SELECT line FROM event WHERE kind = 'REPRINTED' ORDER BY seq`).all(),
  );
  expect(lines.map(({ line }) => (JSON.parse(line) as { body: { pad: string } }).body.pad === pad)).toEqual(Array(events).fill(true));
});
