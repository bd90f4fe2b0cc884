// A whole round: the kiosk's file goes up, the county's night comes back, the kiosk applies it and its next file says the same counters.

import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { checkAfterNight } from '../../county/book/after-night.ts';
import { proposeAwards, previewAwards, releaseAwards } from '../../county/book/awards.ts';
import { lastChecked } from '../../county/book/checked.ts';
import { addAccount } from '../../county/book/import-files.ts';
import { balanceOf } from '../../county/book/ledger.ts';
import { openExceptions } from '../../county/book/exceptions.ts';
import { takeIn } from '../../county/book/intake.ts';
import { lookThrough } from '../../county/book/invariants.ts';
import { night } from '../../county/night.ts';
import { rawPublicKey } from '../../db/model/keys.ts';
import { aPair, ackOf, cut, uploadOf } from '../support/county-book.ts';
import { aCountyOfShops } from '../support/county-shops.ts';
import { apply, countyName, fileKey, shop } from '../support/county.ts';
import { openDay } from '../support/closing.ts';
import { sell, spendingOf, today } from '../support/sell.ts';
import { aUsedPair, award } from '../support/used-county.ts';
import { readDown } from './read-down.ts';

test('an award reaches the home kiosk the next morning and funds what was roamed elsewhere', async () => {
  const { county, kiosk } = await aPair(onTestFinished);
  const { home, book } = kiosk;
  openDay(book, today);
  sell(book, { resident: '2', goods: [['2', 1]], chosenPoints: 3_000 });
  expect((await takeIn(county, uploadOf(home, await cut(home, book)))).verdict).toBe('ACCEPTED');
  const due = (): Promise<number> => county.read((db) => balanceOf(db, { account: 'due', holder: 'a2', at: 'qj-03' }));
  expect(await due()).toBe(-3_000);

  const text = 'account,points,reason\na1,50,help\na2,100.5,help\n';
  expect(await previewAwards(county, text)).toMatchObject({ ok: true, value: { rows: 2, points: 15_050, faults: [], format: 'UTF-8' } });
  expect(await proposeAwards(county, { text, by: 'zhang' })).toEqual({ ok: true, value: { batch: 1, rows: 2, points: 15_050 } });
  for (const by of ['zhang', ' Ｚhang', 'zha\u200bng', 'zhang\ufe0f'])
    expect(await releaseAwards(county, { batch: 1, by })).toEqual({ ok: false, code: 'same_person' });
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

test('every thirtieth file says all there is, in absolute values, and the kiosk that takes it in holds what it held', async () => {
  const home = 'qj-03';
  const shops = await aCountyOfShops(onTestFinished, { kiosks: [home], homes: { a1: home, a2: 'qj-04' }, roamAt: [home], roamCap: 5_000 });
  await shops.award('a1', 7_000);
  for (let n = 2; n <= 29; n += 1) await shops.night();
  await shops.hear(home);
  shops.spend(home, 'a1', 1_000);
  await shops.send(home);
  const before = ['a1', 'a2'].map((account) => spendingOf(shops.shop(home).book, account));
  await shops.night();
  const told = await shops.newest(home);
  expect(told.map(({ t }) => t).join(' ')).toBe('SCHEME SHOP KEY KEY OPERATOR GOODS GOODS GOODS RESIDENT RESIDENT BAL BAL GRANT ROAM');
  expect(await shops.hear(home)).toBe(1);
  const after = ['a1', 'a2'].map((account) => spendingOf(shops.shop(home).book, account));
  expect(after.map(({ counters, roamCap }) => ({ counters, roamCap }))).toEqual(
    before.map(({ counters, roamCap }) => ({ counters, roamCap })),
  );
  expect(await shops.send(home)).toMatchObject({ verdict: 'ACCEPTED', exceptions: 0, detail: '' });
});

test('a new account may roam where its neighbours may', async () => {
  const { county } = await aPair(onTestFinished); // a2 of qj-04 may roam at qj-03
  await county.transact((act) => addAccount(act, { account: 'a9', home: 'qj-04', isActive: true }));
  await night(county);
  const { county: code, store, kiosk } = shop;
  const countyKey = Buffer.from(rawPublicKey(fileKey)).toString('base64url');
  const enrolment = { county: code, store, kiosk, countyKey, countyKeyName: countyName };
  const { lines } = readDown(join(county.folder.down, 'qj-03'), enrolment, 2);
  expect(lines).toContainEqual({ t: 'ROAM', a: 'a9', c: 5_000, xs: 0 });
});

test('after a night the whole book is looked at, in turns of any length, and a balance that is not its postings is found', async () => {
  const { county } = await aUsedPair(onTestFinished);
  await checkAfterNight(county);
  await award(county, 'a1,7\na2,9\n');
  const kept = await county.read(lastChecked);
  const whole = await lookThrough(county, { kept });
  expect([kept === null, whole.checks.filter(({ place }) => place !== null)]).toEqual([false, []]);
  expect(whole.checks.at(-1)?.figures).toContain('awarded 166.50 + others 200.00');
  expect(await lookThrough(county, { kept, rows: 5 })).toEqual(whole);
  await county.transact(({ db }) => void db.exec(`UPDATE balance SET amount = amount + 1 WHERE account = 'esc' AND holder = 'a1'`));
  const { checks, found } = await lookThrough(county, { kept, rows: 5 });
  expect([checks.flatMap(({ rule, place }) => (place === null ? [] : [rule])), found]).toEqual([['1–2', '5'], null]);
});
