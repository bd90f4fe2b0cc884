// A book that is put back after points of a list were taken back, and papers of it that are found later (take-backs.test.ts has the rest).
// SQLite alone: a book in PostgreSQL is copied by its own means.

import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openAdvances } from '../../county/book/advances.ts';
import { answerException, openExceptions } from '../../county/book/exceptions.ts';
import { countyBalance } from '../../county/book/ledger.ts';
import { releaseReclaim, withdrawReclaim } from '../../county/book/reclaims.ts';
import { previewTakeBack, takingBack } from '../../county/book/take-backs.ts';
import { issueVoucher } from '../../county/book/vouchers.ts';
import { newestActs } from '../../county/pages/clerks.ts';
import { takeVoucher } from '../../db/vouchers.ts';
import { copyOf, putBackFrom } from '../support/county-copies.ts';
import type { CountyShops } from '../support/county-shops.ts';
import { temporary } from '../support/county.ts';
import { today } from '../support/sell.ts';
import { all, awarded, both, broken, everybody, home, listed, near, proposed, takenBack, twoShops } from '../support/take-backs.ts';

/** The folder's papers of a taking back, each to where `away` has them or back. */
function movePapers(
  { county }: CountyShops,
  {
    number,
    away,
    isBack = false,
    endings = ['', '.released'],
  }: { readonly number: number; readonly away: string; readonly isBack?: boolean; readonly endings?: readonly string[] },
): void {
  for (const ending of endings) {
    const name = `${String(number).padStart(8, '0')}.taken-back${ending}`;
    const [from, to] = isBack ? [away, county.folder.awards] : [county.folder.awards, away];
    renameSync(join(from, name), join(to, name));
  }
}

test('the journal of a put-back counts what was taken back once more', async () => {
  const shops = await twoShops(onTestFinished);
  const batch = await awarded(shops.county, { a1: 100 });
  const copy = await copyOf(onTestFinished, shops);
  await takenBack(shops.county, batch);
  const { shops: back } = await putBackFrom(onTestFinished, shops, { copy, kiosks: both });
  const took = (await back.county.read((db) => newestActs(db, 5))).find(({ what }) => what === 'took_up');
  expect([took?.name, took?.about]).toEqual(['命令 put-back', '终端文件 0 份、下行文件 0 份、赋分表 0 份、收回 1 次']);
  expect(await broken(back.county)).toEqual([]);
});

test('papers that are found after it was proposed again charge nobody twice, and people are told', async () => {
  const shops = await twoShops(onTestFinished);
  const batch = await awarded(shops.county, { a1: 100, a2: 10 });
  await everybody(shops);
  const copy = await copyOf(onTestFinished, shops);
  await takenBack(shops.county, batch);
  await everybody(shops); // publishes the log
  await everybody(shops);
  const away = temporary(onTestFinished);
  movePapers(shops, { number: 1, away });
  const lost = await putBackFrom(onTestFinished, shops, { copy, kiosks: both });
  expect(lost.said).toContain('propose it again');
  for (let rounds = 0; rounds < 2; rounds += 1) await everybody(lost.shops);
  await takenBack(lost.shops.county, batch, listed('a1,100\n'));
  for (let rounds = 0; rounds < 2; rounds += 1) await everybody(lost.shops);
  movePapers(lost.shops, { number: 1, away, isBack: true });
  const { shops: found, said } = await putBackFrom(onTestFinished, lost.shops, { kiosks: both });
  expect(said).toContain('awards were taken back by 1, and are not taken up: beyond');
  expect(said).not.toContain('propose it again');
  await everybody(found);
  expect([await found.at('a1'), await found.at('a2')]).toEqual([
    { main: 0, due: 0, overdraft: 0, rights: {} },
    { main: 0, due: 0, overdraft: 0, rights: { [home]: 1_000 } },
  ]);
  expect(await found.county.read(openAdvances)).toEqual([]);
  expect((await found.county.read(openExceptions)).map(({ detail }) => detail)).toContain(
    'taking back 1 of awards 1 was found and not done again: less is left of 1 of them than it takes (a1)',
  );
  expect(await previewTakeBack(found.county, { batch, wanted: all })).toMatchObject({ ok: true, value: { rows: 1, points: 1_000 } });
  expect(await broken(found.county)).toEqual([]);
});

test('a paper that is found after people withdrew it, or proposed some of it anew, takes nothing, not the other half either; the night goes on', async () => {
  const shops = await twoShops(onTestFinished);
  const [first, second] = [await awarded(shops.county, { a1: 100 }), await awarded(shops.county, { a2: 100 })];
  const numbers = [await proposed(shops.county, first, listed('a1,50\n')), await proposed(shops.county, second, listed('a2,50\n'))];
  const copy = await copyOf(onTestFinished, shops);
  for (const number of numbers)
    expect(await releaseReclaim(shops.county, takingBack, { number, by: '李四' })).toEqual({ ok: true, value: null });
  const away = temporary(onTestFinished);
  const endings = ['.released'];
  for (const number of numbers) movePapers(shops, { number, away, endings });
  const { shops: back } = await putBackFrom(onTestFinished, shops, { copy, kiosks: both });
  const { county } = back;
  const anew = await proposed(county, first, listed('a1,50\n'));
  expect(await withdrawReclaim(county, takingBack, { number: 2, by: '张三' })).toEqual({ ok: true, value: null });
  for (const number of numbers) movePapers(back, { number, away, endings, isBack: true });
  await back.night();
  expect(await releaseReclaim(county, takingBack, { number: anew, by: '李四' })).toEqual({ ok: true, value: null });
  await back.night();
  expect(await county.read((db) => [countyBalance(db, 'a1'), countyBalance(db, 'a2')])).toEqual([5_000, 10_000]);
  const told = (await county.read(openExceptions)).map(({ detail }) => detail).filter((detail) => detail.startsWith('taking'));
  expect(told).toEqual([
    'taking back 1 of awards 1 was found and not done again: people proposed 1 of them anew after the loss (a1)',
    'taking back 2 of awards 2 was found and not done again: people withdrew it (张三)',
  ]);
  expect(await broken(county)).toEqual([]);
});

test('a voucher out of a lost list is the county’s, and undoes nothing that was taken back of another', async () => {
  const shops = await twoShops(onTestFinished);
  await awarded(shops.county, { a1: 100 });
  await everybody(shops);
  await takenBack(shops.county, await awarded(shops.county, { a1: 40 })); // paid at once out of what lies
  for (let rounds = 0; rounds < 2; rounds += 1) await everybody(shops);
  const copy = await copyOf(onTestFinished, shops);
  await awarded(shops.county, { a1: 50 }); // this list is lost
  const issued = await issueVoucher(shops.county, { account: 'a1', kiosk: near, want: 5_000, by: '李四' });
  const text = issued.ok ? issued.value.text : issued.code;
  expect(takeVoucher(shops.shop(near).book, { text, by: 'scan', op: 'op1', day: today })).toMatchObject({ ok: true });
  for (let rounds = 0; rounds < 2; rounds += 1) await everybody(shops);
  const { shops: back } = await putBackFrom(onTestFinished, shops, { copy, kiosks: both, without: ['awards', 'files'] });
  for (let rounds = 0; rounds < 3; rounds += 1) await everybody(back);
  for (const { number } of await back.county.read(openExceptions)) await answerException(back.county, { number, by: '李四', text: 'seen' });
  for (let rounds = 0; rounds < 3; rounds += 1) await everybody(back);
  expect(await back.county.read(openAdvances)).toEqual([{ account: 'a1', kiosk: near, amount: 5_000 }]);
  expect(await back.at('a1')).toEqual({ main: 0, due: 0, overdraft: 0, rights: { [home]: 10_000, [near]: 5_000 } });
  expect(await broken(back.county)).toEqual([]);
});
