// A night in which something cannot be done: the others have their files, people are told of it once, and the next night tries again.

import { mkdirSync, readdirSync, renameSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { proposeAwards, releaseAwards, withdrawAwards } from '../../county/book/awards.ts';
import { openExceptions } from '../../county/book/exceptions.ts';
import { balanceOf } from '../../county/book/ledger.ts';
import { withdrawReclaim } from '../../county/book/reclaims.ts';
import { proposeTakeBack, takingBack } from '../../county/book/take-backs.ts';
import { nightLine } from '../../county/serve/nightly.ts';
import { aCountyOfShops } from '../support/county-shops.ts';

const kiosks = ['qj-03', 'qj-04'];

test('one file that cannot be made stops no other; it is told once, and made as soon as it can be', async () => {
  const shops = await aCountyOfShops(onTestFinished, { kiosks, homes: { a1: 'qj-03', a2: 'qj-04' }, roamAt: [], roamCap: 0 });
  const { county } = shops;
  const told = `INSERT INTO master (scope, t, key, line, entry) VALUES ('qj-03', 'OPERATOR', 'op9', 'no JSON', 1000000)`;
  await county.transact(({ db }) => db.exec(told));
  const failed = [
    { kind: 'failed', kiosk: 'qj-03', why: expect.stringMatching(/^file: /) as string },
    expect.objectContaining({ kind: 'written', kiosk: 'qj-04' }) as object,
  ];
  const outcomes = await shops.night();
  expect(outcomes).toEqual(failed);
  expect(nightLine(outcomes)).toMatch(/^1 files, \d+ lines, 1 failed$/);
  expect(await shops.night()).toEqual(failed);
  expect((await county.read(openExceptions)).map(({ kiosk, code, owner }) => [kiosk, code, owner])).toEqual([
    ['qj-03', 'night_failed', 'clerk'],
  ]);
  await county.transact(({ db }) => db.exec(`DELETE FROM master WHERE key = 'op9'`));
  expect((await shops.night()).map(({ kind }) => kind)).toEqual(['written', 'written']);
});

test('an account whose points cannot be given out waits; the others have theirs', async () => {
  const shops = await aCountyOfShops(onTestFinished, { kiosks, homes: { a1: 'qj-03', a2: 'qj-04' }, roamAt: [], roamCap: 0 });
  const { county } = shops;
  await shops.award('a1', 500);
  await shops.award('a2', 700);
  await county.transact(({ db }) => {
    for (const table of ['resident', 'given', 'account']) db.exec(`DELETE FROM ${table} WHERE account = 'a1'`);
  });
  for (let n = 0; n < 2; n += 1) expect((await shops.night()).map(({ kind }) => kind)).toEqual(['written', 'written']);
  const held = await county.read((db) => [
    balanceOf(db, { account: 'main', holder: 'a1' }),
    balanceOf(db, { account: 'esc', holder: 'a2', at: 'qj-04' }),
  ]);
  expect(held).toEqual([500, 700]);
  expect((await county.read(openExceptions)).map(({ code, detail }) => [code, detail])).toEqual([
    ['night_failed', 'allocate a1: assertion failed: account a1 is known'],
  ]);
});

test('papers of what was released and withdrawn that find no place stop no file; the next night that has one writes them', async () => {
  const shops = await aCountyOfShops(onTestFinished, { kiosks, homes: { a1: 'qj-03', a2: 'qj-04' }, roamAt: [], roamCap: 0 });
  const { county } = shops;
  const { awards } = county.folder;
  for (const points of [5, 7]) await proposeAwards(county, { text: `account,points,reason\na1,${points},x\n`, by: '张三' });
  await releaseAwards(county, { batch: 1, by: '李四' });
  await withdrawAwards(county, { batch: 2, by: '李四' });
  await proposeTakeBack(county, { batch: 1, wanted: { is: 'all' }, reason: 'x', by: '张三' });
  await withdrawReclaim(county, takingBack, { number: 1, by: '李四' });
  const papers = ['00000001.list.released', '00000001.taken-back.withdrawn', '00000002.list.withdrawn'];
  expect(readdirSync(awards)).toEqual(expect.arrayContaining(papers));
  renameSync(awards, `${awards}-gone`);
  for (let n = 0; n < 2; n += 1) expect((await shops.night()).map(({ kind }) => kind)).toEqual(['written', 'written']);
  const told = await county.read(openExceptions);
  expect(told.map(({ code, detail }) => [code, detail.replace(/:.*/, '')])).toEqual([
    ['night_failed', 'papers'],
    ['night_failed', 'papers'],
  ]);
  mkdirSync(awards); // as after a server that died before it wrote any
  await shops.night();
  expect(readdirSync(awards).toSorted()).toEqual(papers);
});
