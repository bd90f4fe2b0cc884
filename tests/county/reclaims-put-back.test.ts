// A book that is put back after recycling credits were disallowed (reclaims.test.ts has the rest). SQLite alone: a book in PostgreSQL is
// copied by its own means.

import { expect, onTestFinished, test } from 'vitest';
import { answerException, openExceptions } from '../../county/book/exceptions.ts';
import { disallowing } from '../../county/book/disallowed.ts';
import { countyBalance } from '../../county/book/ledger.ts';
import { reclaimsOf } from '../../county/book/reclaims.ts';
import { detailInChinese } from '../../county/pages/detail-words.ts';
import { copyOf, putBackFrom } from '../support/county-copies.ts';
import { brings, disallowed, one, proposedCredits, reverses, twoDesks } from '../support/disallowing.ts';
import { both, broken, everybody, home } from '../support/take-backs.ts';

test('credits are disallowed again by their papers, once each, with what tills took back meanwhile', async () => {
  const shops = await twoDesks(onTestFinished);
  const [first, second] = [brings(shops, home, '1'), brings(shops, home, '2')];
  await everybody(shops);
  const copy = await copyOf(onTestFinished, shops);
  await disallowed(shops.county, one(first, 600));
  await disallowed(shops.county, one(second, 300));
  await proposedCredits(shops.county, one(second));
  reverses(shops, home, first);
  for (let rounds = 0; rounds < 2; rounds += 1) await everybody(shops);
  const { shops: back, said } = await putBackFrom(onTestFinished, shops, { copy, kiosks: both });
  expect(said).toContain('2 takings back');
  for (let rounds = 0; rounds < 2; rounds += 1) await everybody(back);
  const { county } = back;
  expect(await county.read((db) => [countyBalance(db, 'a1'), countyBalance(db, 'a2')])).toEqual([0, 700]);
  expect((await county.read((db) => reclaimsOf(db, disallowing))).map(({ number, state }) => [number, state.is])).toEqual([
    [2, 'released'],
    [1, 'released'],
  ]);
  expect((await proposedCredits(county, one(second))).number).toBe(4); // the third lies in the folder
  expect(await broken(county)).toEqual([]);
});

test('a credit that the book does not have yet is disallowed by the night after its shop sent it again, and people are told', async () => {
  const shops = await twoDesks(onTestFinished);
  await everybody(shops);
  const copy = await copyOf(onTestFinished, shops);
  const credit = brings(shops, home, '1');
  await everybody(shops);
  await disallowed(shops.county, one(credit, 600));
  await shops.night(); // publishes the log
  const { shops: back, said } = await putBackFrom(onTestFinished, shops, { copy, kiosks: both, without: ['files'] });
  expect(said).toContain('credits were disallowed by 1, and are not taken up: missing');
  const { county } = back;
  const told = (await county.read(openExceptions)).find(({ detail }) => detail.startsWith('disallowing'));
  expect(told?.detail).toMatch(
    /^disallowing 1 of credits was found and waits: 1 of its rows are of what is not in the book \(qj-03-R\d+\)$/,
  );
  expect(detailInChinese(told!)).toMatch(/^找到了收回回收积分第 1 号，还没有再收：有 1 行说的，县账里还没有（qj-03-R\d+）/);
  for (let rounds = 0; rounds < 3; rounds += 1) await everybody(back);
  for (const { number } of await county.read(openExceptions)) await answerException(county, { number, by: '李四', text: 'seen' });
  for (let rounds = 0; rounds < 2; rounds += 1) await everybody(back);
  expect(await county.read((db) => countyBalance(db, 'a1'))).toBe(400);
  expect(await broken(county)).toEqual([]);
});
