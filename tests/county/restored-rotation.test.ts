// A backup that holds a change of key which no file had yet is put back, after the lost machine told the county of that change.

import { expect, onTestFinished, test } from 'vitest';
import { proposeAwards, releaseAwards } from '../../county/book/awards.ts';
import { allowAgain, enrolByCode } from '../../county/book/enrol.ts';
import { answerException, openExceptions } from '../../county/book/exceptions.ts';
import { takeIn } from '../../county/book/intake.ts';
import { checkBook } from '../../county/book/invariants.ts';
import { ownKeyInForce, rotateOwnKey } from '../../db/kiosk-keys.ts';
import { cutUpFile, unpostedUpFiles } from '../../db/up-files.ts';
import { type RoundEnd, runRound } from '../../electron/engine/round.ts';
import { type CountyShops, aCountyOfShops } from '../support/county-shops.ts';
import { ackOf } from '../support/county-book.ts';
import { verdictOn } from '../support/verify.ts';

const kiosk = 'qj-03';
const posted = `SELECT note FROM answer WHERE inc = ? AND file_seq = ? AND verdict = 'ACCEPTED'`; // of the one kiosk
const idle = (): Promise<void> => Promise.resolve();

/** A shop with 100 points of a1 that spent ten, changed its key, and was copied before it cut a file of that. */
async function copiedAfterTheChange(): Promise<{ readonly shops: CountyShops; readonly image: string }> {
  const shops = await aCountyOfShops(onTestFinished, { kiosks: [kiosk], homes: { a1: kiosk }, roamAt: [], roamCap: 0 });
  const { county } = shops;
  const proposed = await proposeAwards(county, { text: 'account,points,reason\na1,100,case 1\n', by: 'wang' });
  if (!proposed.ok) throw new Error(proposed.code);
  expect(await releaseAwards(county, { batch: proposed.value.batch, by: 'li' })).toEqual({ ok: true, value: null });
  expect(await round(shops)).toEqual([['1/1 ACCEPTED'], null]);
  await shops.night();
  await shops.hear(kiosk);
  expect(await round(shops)).toEqual([['1/2 ACCEPTED'], null]);
  shops.spend(kiosk, 'a1', 1_000);
  rotate(shops);
  return { shops, image: shops.image(kiosk) };
}

function rotate(shops: CountyShops): void {
  const { book, home } = shops.shop(kiosk);
  const done = rotateOwnKey(book, home, 'hand');
  if (!done.ok) throw new Error(done.code);
}

/** All is cut, and the kiosk's own round sends it: what was sent, how it was answered, how the round ended. */
async function round(shops: CountyShops): Promise<readonly [readonly string[], RoundEnd]> {
  const { home, book } = shops.shop(kiosk);
  while ((await cutUpFile(book, home, { software: 'test', idle })) !== null);
  const sent: string[] = [];
  const end = await runRound({
    book,
    home,
    idle,
    line: {
      ackOf: ({ inc, fileSeq }) =>
        shops.county.read((db) => db.prepare<[number, number], { note: string }>(posted).get(inc, fileSeq)?.note ?? null),
      async upload({ inc, fileSeq }, { dataPath: data, checkpoint, note }) {
        const taken = await takeIn(shops.county, { kiosk, inc, fileSeq, data, checkpoint, note });
        sent.push(`${inc}/${fileSeq} ${ackOf(taken.note).verdict}`);
        return taken.note;
      },
      downNote: () => Promise.resolve(null),
      downData: () => Promise.reject(new Error('no file')),
      close: () => undefined,
    },
  });
  return [sent, end];
}

/** People answer for the restoration, the night runs, and the shop sells for points again. */
async function sellsAgain(shops: CountyShops): Promise<void> {
  const { county } = shops;
  for (const { number } of await county.read(openExceptions)) await answerException(county, { number, by: 'li', text: 'as it was' });
  await shops.night();
  expect(await shops.hear(kiosk)).toBe(1);
  expect(shops.spend(kiosk, 'a1', 2_000)).toEqual({ fromRights: 2_000, fromRoaming: 0 });
  expect(await round(shops)).toEqual([['2/2 ACCEPTED'], null]);
  const { home, book } = shops.shop(kiosk);
  expect(unpostedUpFiles(book.db, 10)).toEqual([]);
  book.close();
  expect(await verdictOn(home.directory)).toEqual({ kind: 'true' });
  expect((await checkBook(county, 'whole')).filter(({ place }) => place !== null)).toEqual([]);
}

test('its own file of what the county has is refused, kept and passed over; the next is taken, and the kiosk sells for points again', async () => {
  const { shops, image } = await copiedAfterTheChange();
  expect((await round(shops))[1]).toBeNull();
  shops.restore(kiosk, image);
  expect(await round(shops)).toEqual([['1/3 REJECTED', '2/1 ACCEPTED'], null]);
  expect(await round(shops)).toEqual([[], null]);
  await sellsAgain(shops);
});

test('where the lost machine changed its key once more, the code of a person lets it send', async () => {
  const { shops, image } = await copiedAfterTheChange();
  expect((await round(shops))[1]).toBeNull();
  rotate(shops);
  expect((await round(shops))[1]).toBeNull();
  shops.restore(kiosk, image);
  const refused = [['1/3 REJECTED', '2/1 REJECTED'], { fault: 'not_posted', detail: 'file 2/1' }];
  expect(await round(shops)).toEqual(refused);
  expect((await round(shops))[0]).toEqual(refused[0]);
  const lost = { kiosk, by: 'li', isStolen: false };
  const leave = await allowAgain(shops.county, lost);
  if (!leave.ok) throw new Error(leave.code);
  const key = ownKeyInForce(shops.shop(kiosk).book.db);
  expect(await enrolByCode(shops.county, { kiosk, code: leave.value.code, key })).toEqual({ ok: true, value: null });
  expect(await round(shops)).toEqual([['1/3 REJECTED', '2/1 ACCEPTED'], null]);
  await sellsAgain(shops);
});
