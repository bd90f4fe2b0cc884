// A book that is put back after recycling credits were disallowed (reclaims.test.ts has the rest). SQLite alone: a book in PostgreSQL is
// copied by its own means.

import { cpSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { answerException, openExceptions } from '../../county/book/exceptions.ts';
import { disallowing } from '../../county/book/disallowed.ts';
import { countyBalance } from '../../county/book/ledger.ts';
import { expiry, proposeExpiry } from '../../county/book/expiry.ts';
import { reclaimsOf, releaseReclaim, takenBy, waitingReclaims, withdrawReclaim } from '../../county/book/reclaims.ts';
import { finishEveryReclaim } from '../../county/book/reclaim-kinds.ts';
import { takingBack } from '../../county/book/take-backs.ts';
import { detailInChinese } from '../../county/pages/detail-words.ts';
import { layOutForOutsiders } from '../../county/outsiders-folder.ts';
import { verdictsOn } from '../outsider/both.ts';
import { copyOf, putBackFrom } from '../support/county-copies.ts';
import { temporary } from '../support/county.ts';
import { brings, disallowed, one, proposedCredits, reverses, twoDesks } from '../support/disallowing.ts';
import { awarded, both, broken, everybody, home, proposed } from '../support/take-backs.ts';
import { aYearsEnd, lastDay } from '../support/years-end.ts';

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
  const outside = temporary(onTestFinished);
  expect(await layOutForOutsiders(county, outside)).toMatchObject({ ok: true });
  expect(await verdictsOn([outside])).toMatchObject([{ ours: { kind: 'true' }, python: { kind: 'true' } }]);
});

test('what a person withdrew since the copy waits for nobody in the book that is put back, of awards as of credits; what nobody did does', async () => {
  const shops = await twoDesks(onTestFinished);
  const { county } = shops;
  const credits = [brings(shops, home, '1'), brings(shops, home, '2')];
  await everybody(shops);
  const batch = await awarded(county, { a1: 100 });
  for (const credit of credits) await proposedCredits(county, one(credit, 300));
  const number = await proposed(county, batch);
  const copy = await copyOf(onTestFinished, shops);
  expect(await withdrawReclaim(county, disallowing, { number: 1, by: '王五' })).toEqual({ ok: true, value: null });
  expect(await withdrawReclaim(county, takingBack, { number, by: '王五' })).toEqual({ ok: true, value: null });
  const paper = join(county.folder.awards, '00000001.reclaimed.withdrawn');
  const signed = readFileSync(paper, 'utf8');
  rmSync(paper);
  await finishEveryReclaim(county); // as after a server that died before it wrote it
  expect(readFileSync(paper, 'utf8')).toBe(signed);
  cpSync(paper, join(county.folder.awards, '00000002.reclaimed.withdrawn')); // says that it is of another
  const { shops: back } = await putBackFrom(onTestFinished, shops, { copy, kiosks: both });
  const waiting = await back.county.read((db) => [waitingReclaims(db, disallowing), waitingReclaims(db, takingBack)]);
  expect(waiting.map((each) => each.map((of) => of.number))).toEqual([[2], []]);
  expect(await releaseReclaim(back.county, disallowing, { number: 1, by: '李四' })).toEqual({ ok: false, code: 'withdrawn' });
  expect(await releaseReclaim(back.county, takingBack, { number, by: '李四' })).toEqual({ ok: false, code: 'withdrawn' });
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

test('points expire again by their paper, and wait for shops that have to send once more what they did until then', async () => {
  const { shops, newYear } = await aYearsEnd(onTestFinished);
  await awarded(shops.county, { a1: 100, a2: 50 });
  await everybody(shops);
  const before = await copyOf(onTestFinished, shops);
  expect(shops.spend(home, 'a1', 3_000)).toEqual({ fromRights: 3_000, fromRoaming: 0 });
  await newYear(...both);
  await awarded(shops.county, { a1: 20 });
  const kept = await proposeExpiry(shops.county, { through: lastDay, reason: '年度到期', by: '张三' });
  if (!kept.ok) throw new Error(kept.code);
  expect(await releaseReclaim(shops.county, expiry, { number: kept.value.number, by: '李四' })).toEqual({ ok: true, value: null });
  for (let rounds = 0; rounds < 2; rounds += 1) await everybody(shops);
  const { shops: back, said } = await putBackFrom(onTestFinished, shops, { copy: before, kiosks: both, without: ['files'] });
  expect(said).toContain('points expired by 1, and are not taken up: missing');
  const { county } = back;
  const told = (await county.read(openExceptions)).find(({ detail }) => detail.startsWith('expiry'));
  expect(detailInChinese(told!)).toBe(
    '找到了积分到期第 1 号（截至 2026-11-21），还没有再收：有 2 行说的，县账里还没有（a1、a2）。等店里的文件补来，之后的夜里自己接着收；不要另提一次',
  );
  for (let rounds = 0; rounds < 3; rounds += 1) await everybody(back);
  for (const { number } of await county.read(openExceptions)) await answerException(county, { number, by: '李四', text: 'seen' });
  for (let rounds = 0; rounds < 2; rounds += 1) await everybody(back);
  expect(await county.read((db) => takenBy(db, 1))).toEqual({ rows: 2, points: 12_000 });
  expect(await county.read((db) => [countyBalance(db, 'a1'), countyBalance(db, 'a2')])).toEqual([2_000, 0]);
  expect(await proposeExpiry(county, { through: lastDay, reason: '年度到期', by: '张三' })).toEqual({ ok: false, code: 'nothing' });
  expect(await broken(county)).toEqual([]);
});
