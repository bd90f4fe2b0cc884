// A county's book in PostgreSQL that was put back from an older copy by the server's own tools: what it made to a shop that has another of
// that number is void there, too, once the other is brought.

import { cpSync, mkdirSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type CountyBook, openCounty } from '../../../county/book/county-book.ts';
import { exposureOf } from '../../../county/book/exposure.ts';
import { checkBook } from '../../../county/book/invariants.ts';
import { takeIn } from '../../../county/book/intake.ts';
import { kiosksWithMoreToSend } from '../../../county/book/put-back.ts';
import { takeEvidence } from '../../../county/evidence.ts';
import { whyUnsigned } from '../../../county/log/unsigned.ts';
import { heldKiosks } from '../../../county/pages/held-shops.ts';
import { pastNights } from '../../../county/pages/past-nights.ts';
import { runNight } from '../../../county/serve/nightly.ts';
import { prepared } from '../../../db/sqlite.ts';
import { cut, uploadOf } from '../../support/county-book.ts';
import { sendRound } from '../../support/county-copies.ts';
import { CountyShops, aCountyOfShops } from '../../support/county-shops.ts';
import { spendingOf } from '../../support/sell.ts';
import { award } from '../../support/used-county.ts';
import { asSuperuser, databaseUrl, makeDatabase } from '../../support/postgres-server.ts';

const folder = process.env['COUNTY_TEST_POSTGRES']!; // these tests run in the project `postgres` alone
const home = 'qj-03';

async function databaseOf(county: CountyBook): Promise<string> {
  return (await county.read((db) => prepared<[], { name: string }>(db, 'SELECT current_database() AS name').get()!)).name; // it has one
}

function over(shops: CountyShops, county: CountyBook): CountyShops {
  return new CountyShops(county, new Map([[home, shops.shop(home)]]));
}

/** The same folder over that database, once nobody has the book open. */
async function openedOver(shops: CountyShops, database: string): Promise<CountyShops> {
  const { directory } = shops.county.folder;
  await shops.county.close();
  let now = shops.county.wallMs();
  const opened = openCounty(directory, { wallMs: () => (now += 1_000) }, { databaseUrl: databaseUrl(folder, database) });
  if (!opened.ok) throw new Error(opened.code);
  onTestFinished(() => opened.value.close());
  return over(shops, opened.value);
}

/** As pg_restore makes it, and docs/postgresql.md says how it goes on: under the next epoch, and with what lies beside it. */
async function putBack(shops: CountyShops, copy: string): Promise<CountyShops> {
  const { down, directory } = shops.county.folder;
  renameSync(down, join(directory, 'lost-down'));
  mkdirSync(down);
  const older = await openedOver(shops, copy);
  await older.county.transact(({ db }) => void prepared(db, 'UPDATE county SET server_epoch = server_epoch + 1').run());
  const again = await openedOver(older, copy);
  await takeEvidence(again.county);
  return again;
}

test('a file that the book made of a number that its shop has is void once the shop’s is brought, and those after it', async () => {
  const first = await aCountyOfShops(onTestFinished, { kiosks: [home], homes: { a1: home, a2: home }, roamAt: [], roamCap: 0 });
  await award(first.county, 'a1,100\n');
  await first.night();
  await first.hear(home);
  const database = await databaseOf(first.county);
  const copy = `${database}_copy`;
  await first.county.close();
  makeDatabase(folder, copy, database);
  onTestFinished(() => asSuperuser(folder, 'postgres', [`DROP DATABASE IF EXISTS ${copy} WITH (FORCE)`]));
  const before = await openedOver(first, database);
  await award(before.county, 'a1,10\n');
  const { home: place, book } = before.shop(home);
  before.spend(home, 'a1', 1_000);
  const onStick = await cut(place, book);
  await before.night();
  expect(await before.hear(home)).toBe(1); // file 3, which the book forgets
  const shops = await putBack(before, copy);
  await runNight(shops.county);
  expect(await shops.county.read((db) => [pastNights(db).map(({ is }) => is), [...heldKiosks(db)], whyUnsigned(db)])).toEqual([
    ['night', 'put_back'],
    [[home, 'put_back']],
    { why: 'put_back', kiosks: [home] },
  ]); // as the page says
  expect(await shops.county.read((db) => exposureOf(db, shops.county.wallMs()))).toMatchObject({ due: 0, overdraft: 0, unsettled: 0 });
  expect(await takeIn(shops.county, uploadOf(place, onStick))).toMatchObject({ verdict: 'ACCEPTED' });
  await award(shops.county, 'a2,20\n');
  for (const downSeq of [3, 4])
    expect(await shops.night()).toContainEqual(expect.objectContaining({ kind: 'written', kiosk: home, downSeq }));
  expect(shops.spend(home, 'a1', 10_000)).toEqual({ fromRights: 10_000, fromRoaming: 0 }); // with what the forgotten file gave
  expect((await sendRound(shops, home)).at(-1)).toBe('not_posted');
  const { down, superseded } = shops.county.folder;
  mkdirSync(join(superseded, home, '1'), { recursive: true }); // as the page says
  for (const ending of ['note', 'jsonl.gz'])
    renameSync(join(down, home, `00000003.${ending}`), join(superseded, home, '1', `00000003.${ending}`));
  cpSync(place.down, join(down, home), { recursive: true });
  expect((await sendRound(shops, home)).at(-1)).toMatch(/ACCEPTED$/);
  const voided = 'SELECT down_seq AS seq FROM down_void WHERE kiosk = ? ORDER BY down_seq';
  expect(await shops.county.read((db) => prepared(db, voided).all(home))).toEqual([{ seq: 3 }, { seq: 4 }]);
  expect(readdirSync(join(superseded, home, '1'))).toHaveLength(4);
  expect((await checkBook(shops.county, 'whole')).filter(({ place: where }) => where !== null)).toEqual([]);
  await shops.night();
  expect(await shops.county.read(kiosksWithMoreToSend)).toEqual([home]);
  expect(await shops.hear(home)).toBe(1); // file 4 as it was made anew
  await sendRound(shops, home);
  expect(await shops.county.read(kiosksWithMoreToSend)).toEqual([]);
  expect(spendingOf(book, 'a2').counters.granted).toBe(2_000); // which a void file told
});
