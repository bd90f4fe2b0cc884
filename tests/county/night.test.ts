// A whole round: the kiosk's file goes up, the county's night comes back, the kiosk applies it and its next file says the same counters.

import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { proposeAwards, previewAwards, releaseAwards } from '../../county/book/awards.ts';
import { balanceOf } from '../../county/book/ledger.ts';
import { openExceptions } from '../../county/book/exceptions.ts';
import { takeIn } from '../../county/book/intake.ts';
import { night } from '../../county/night.ts';
import { aPair, ackOf, cut, uploadOf } from '../support/county-book.ts';
import { apply } from '../support/county.ts';
import { openDay } from '../support/closing.ts';
import { sell, today } from '../support/sell.ts';

test('an award reaches the home kiosk the next morning and funds what was roamed elsewhere', async () => {
  const { county, kiosk } = await aPair(onTestFinished);
  const { home, book } = kiosk;
  openDay(book, today);
  sell(book, { resident: '2', goods: [['2', 1]], chosenPoints: 3_000 });
  expect((await takeIn(county, uploadOf(home, await cut(home, book)))).verdict).toBe('ACCEPTED');
  const due = (): Promise<number> => county.read((db) => balanceOf(db, { account: 'due', holder: 'a2', at: 'qj-03' }));
  expect(await due()).toBe(-3_000);

  const text = 'account,points,reason\na1,50,help\na2,100.5,help\n';
  expect(await previewAwards(county, text)).toEqual({ ok: true, value: { rows: 2, points: 15_050, faults: [], format: 'UTF-8' } });
  expect(await proposeAwards(county, { text, by: 'zhang' })).toEqual({ ok: true, value: { batch: 1, rows: 2, points: 15_050 } });
  expect(await releaseAwards(county, { batch: 1, by: 'zhang' })).toEqual({ ok: false, code: 'same_person' });
  expect(await releaseAwards(county, { batch: 1, by: 'li' })).toEqual({ ok: true, value: null });
  expect(await releaseAwards(county, { batch: 1, by: 'li' })).toEqual({ ok: false, code: 'released' });

  expect(await night(county)).toEqual([
    { kind: 'written', kiosk: 'qj-03', downSeq: 2, lines: 4 },
    { kind: 'not_begun', kiosk: 'qj-04' },
  ]);
  expect(await due()).toBe(0);
  kiosk.clock.turn(60_000);
  expect(await apply(home, book, join(county.folder.down, 'qj-03', '00000002.jsonl.gz'))).toEqual({ kind: 'applied', downSeq: 2 });
  sell(book, { resident: '2', goods: [['2', 1]], chosenPoints: 1_000 });
  sell(book, { resident: '1', goods: [['1', 2]], chosenPoints: 2_000 });
  const taken = await takeIn(county, uploadOf(home, await cut(home, book)));
  expect(ackOf(taken.note)).toMatchObject({ verdict: 'ACCEPTED', exceptions: 0, detail: '' });
  expect(await county.read(openExceptions)).toEqual([]);
});
