// A kiosk of 2026-11-22 (book version 5): sales, returns of credits, a closed and settled day, a file that was cut. Every later program
// finds it true, opens it, sells on it and cuts the file that follows.

import { expect, onTestFinished, test } from 'vitest';
import { bookVersion } from '../../db/migrate.ts';
import { readHome } from '../../db/home.ts';
import { reopened } from '../support/book.ts';
import { closeDay, openDay } from '../support/closing.ts';
import { handClock } from '../support/county.ts';
import { cut } from '../support/county-book.ts';
import { sell } from '../support/sell.ts';
import { shipped } from '../support/shipped.ts';
import { verdictOn } from '../support/verify.ts';

test('a kiosk that was shipped opens, goes on, and is true before and after', async () => {
  const directory = shipped(onTestFinished, 'kiosk-5');
  const found = readHome(directory);
  if (!found.ok) throw new Error(found.code);
  const clock = handClock();
  clock.turn(3_600_000);
  const book = reopened(found.home, clock);
  expect(book.db.pragma('user_version', { simple: true })).toBe(bookVersion);
  const day = '2026-11-22';
  openDay(book, day);
  expect(sell(book, { resident: '1', goods: [['1', 1]], chosenPoints: 1_000, day })).toMatchObject({ kind: 'SALE' });
  closeDay(book, { day });
  const file = await cut(found.home, book);
  expect({ inc: file.inc, fileSeq: file.fileSeq }).toEqual({ inc: 1, fileSeq: 2 });
  book.close();
  expect(await verdictOn(directory)).toEqual({ kind: 'true' });
});

test('a kiosk that was shipped is true as it lies', async () => {
  expect(await verdictOn(shipped(onTestFinished, 'kiosk-5'))).toEqual({ kind: 'true' });
});
