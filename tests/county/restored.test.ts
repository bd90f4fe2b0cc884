// A kiosk that was put back from a backup: its new incarnation goes on in the county's book, and what it forgot is asked of a person.

import { cpSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { answerException, openExceptions } from '../../county/book/exceptions.ts';
import { takeIn } from '../../county/book/intake.ts';
import { night } from '../../county/night.ts';
import { readHome } from '../../db/home.ts';
import { openRestored } from '../../db/open-book.ts';
import { aPair, ackOf, cut, uploadOf } from '../support/county-book.ts';
import { openDay } from '../support/closing.ts';
import { sell, today } from '../support/sell.ts';

test.each([
  ['had sent everything', 0, 'restored'],
  ['lost a sale that the county has', 1, 'restored_behind'],
] as const)('a restored kiosk that %s goes on', async (_, lostSales, code) => {
  const { county, kiosk } = await aPair(onTestFinished);
  const { home, book, clock, directory } = kiosk;
  openDay(book, today);
  sell(book, { resident: '1', goods: [['2', 1]], chosenPoints: 1_000 });
  expect((await takeIn(county, uploadOf(home, await cut(home, book)))).verdict).toBe('ACCEPTED');
  book.db.pragma('wal_checkpoint(TRUNCATE)');
  const backup = `${directory}-backup`;
  cpSync(home.directory, backup, { recursive: true });
  for (let n = 0; n < lostSales; n += 1) {
    sell(book, { resident: '1', goods: [['2', 1]], chosenPoints: 500 });
    expect((await takeIn(county, uploadOf(home, await cut(home, book)))).verdict).toBe('ACCEPTED');
  }
  book.close();
  const found = readHome(backup);
  if (!found.ok) throw new Error(found.code);
  const opened = openRestored(found.home, clock, 'A'.repeat(43));
  if (!opened.ok) throw new Error(`${opened.code} ${opened.detail}`);
  onTestFinished(() => Promise.resolve(opened.book.close()));
  const ack = ackOf((await takeIn(county, uploadOf(found.home, await cut(found.home, opened.book)))).note);
  expect(ack).toMatchObject({ verdict: 'ACCEPTED', inc: 2, detail: '', posted: { headLeaf: opened.book.head().leaf } });
  const [raised] = await county.read(openExceptions);
  expect(raised?.code).toBe(code);
  const first = await night(county);
  expect(first[0]).toEqual({ kind: 'held', kiosk: 'qj-03', why: code });
  await answerException(county, { number: raised!.number, by: 'li', text: 'paper receipts were compared' });
  expect((await night(county))[0]?.kind).toBe('written');
});
