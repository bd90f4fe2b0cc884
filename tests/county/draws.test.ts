// What a draw takes from the shop that holds the rights, when two draw at once, when that shop is lost in the middle, when the server is:
// never more than the resident has, nothing lost, and the night goes on as ever. Real books of kiosks; only the call is made by hand.

import { sign } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import { everyKiosk, putMaster, schemeOf } from '../../county/book/master.ts';
import { checkBook } from '../../county/book/invariants.ts';
import { type Callable, type Draws, type FetchLimits, newDraws } from '../../county/draws.ts';
import { fen, points } from '../../db/model/amounts.ts';
import { drawText } from '../../db/model/draw.ts';
import { readSigner } from '../../db/home.ts';
import { prepared } from '../../db/sqlite.ts';
import { lastDown } from '../../db/reference.ts';
import { takeVoucher } from '../../db/vouchers.ts';
import { verdictsOn } from '../outsider/both.ts';
import { goods, scheme, temporary } from '../support/county.ts';
import { layOut } from '../support/outsider-folder.ts';
import { today } from '../support/sell.ts';
import { type CountyShops, aCountyOfShops } from '../support/county-shops.ts';

const [home, shop, other] = ['qj-03', 'qj-04', 'qj-05'];

interface Market {
  readonly shops: CountyShops;
  readonly draws: Draws;
  /** How the shops that are called answer; those that are not there cannot be called. */
  readonly answers: Map<string, () => Promise<void>>;
  readonly draw: (kiosk: string, want: number, nonce?: string) => ReturnType<Draws['ask']>;
  readonly restart: () => void;
}

/** Account a1 has 100 points at home; whoever is called exchanges at once. */
async function aMarket(limits: Partial<FetchLimits> = {}): Promise<Market> {
  const kiosks = [home, shop, other];
  const shops = await aCountyOfShops(onTestFinished, { homes: { a1: home, a2: shop }, roamAt: [other], roamCap: 2_000, kiosks });
  await shops.award('a1', 10_000);
  await shops.night();
  for (const kiosk of kiosks) await shops.hear(kiosk);
  const answers = new Map<string, () => Promise<void>>();
  for (const kiosk of [home, shop]) {
    let last = Promise.resolve(); // called while it is at an exchange, a kiosk begins the next one after it
    answers.set(kiosk, () => (last = last.then(() => exchanged(shops, kiosk))));
  }
  const taken = new Map<string, (() => void)[]>();
  const callable: Callable = {
    canBeCalled: (kiosk) => answers.has(kiosk),
    ask([kiosk = '']) {
      void answers
        .get(kiosk)?.()
        .then(() =>
          taken
            .get(kiosk)
            ?.splice(0)
            .forEach((settle) => settle()),
        );
    },
    nextFile: (kiosk, withinMs) =>
      new Promise((resolve) => {
        const timer = setTimeout(() => resolve(false), Math.max(0, withinMs));
        const settle = (): void => {
          clearTimeout(timer);
          resolve(true);
        };
        taken.set(kiosk, [...(taken.get(kiosk) ?? []), settle]);
      }),
  };
  let draws: Draws;
  const restart = (): void => {
    draws = newDraws(shops.county, {
      callable,
      monoMs: () => performance.now(),
      limits: { deadlineMs: 30_000, asksOfKiosk: 100, fetchesForKiosk: 60, ...limits },
    });
  };
  restart();
  let made = 0;
  const ask: Draws['ask'] = (of) => draws.ask(of);
  return {
    shops,
    draws: { ask },
    answers,
    restart,
    draw(kiosk, want, nonce = `nonce-${String((made += 1)).padStart(12, '0')}`) {
      const question = { kiosk, account: 'a1', want, nonce };
      const text = drawText({ ...question, county: '540525' });
      const { privateKey } = readSigner(shops.shop(kiosk).home)!;
      return ask({ question, signature: sign(null, Buffer.from(text), privateKey) });
    },
  };
}

async function exchanged(shops: CountyShops, kiosk: string): Promise<void> {
  if ((await shops.hear(kiosk)) > 0) await shops.send(kiosk);
}

function given({ county }: CountyShops, kiosk: string): Promise<readonly { readonly text: string }[]> {
  return county.read((db) =>
    prepared<[string], { text: string }>(db, 'SELECT text FROM voucher WHERE kiosk = ? ORDER BY number').all(kiosk),
  );
}

async function downFiles({ county }: CountyShops, kiosk: string): Promise<number> {
  return county.read(
    (db) => prepared<[string], { n: number }>(db, 'SELECT max(down_seq) AS n FROM down_file WHERE kiosk = ?').get(kiosk)!.n,
  );
}

async function isTrue({ county }: CountyShops): Promise<void> {
  expect((await checkBook(county, 'whole')).filter(({ place, rule }) => place !== null && rule !== '26')).toEqual([]); // awards of no list
}

test('what is missing comes from home, no more than is asked, and dues are paid first', async () => {
  const { shops, draw } = await aMarket();
  expect(shops.spend(other, 'a1', 1_500)).toEqual({ fromRights: 0, fromRoaming: 1_500 });
  await shops.send(other);
  expect(await draw(shop, 3_000)).toMatchObject({ ok: true, value: { amount: 3_000, number: 1 } });
  expect(await shops.at('a1')).toEqual({ main: 0, due: 0, overdraft: 0, rights: { [home]: 5_500, [shop]: 3_000 } });
  expect(await draw(shop, 99_000)).toMatchObject({ ok: true, value: { amount: 5_500, number: 2 } });
  expect(await draw(shop, 1)).toEqual({ ok: false, code: 'nothing' });
  expect(await draw(home, 1)).toEqual({ ok: false, code: 'nothing' }); // the vouchers are on their way: their rights are not there yet
  // where they are, they are missed at home, and come back the same way
  for (const { text } of await given(shops, shop))
    expect(takeVoucher(shops.shop(shop).book, { text, by: 'network', op: 'op1', day: today }).ok).toBe(true);
  expect(await draw(home, 2_000)).toMatchObject({ ok: true, value: { amount: 2_000 } });
  expect(await shops.at('a1')).toEqual({ main: 0, due: 0, overdraft: 0, rights: { [home]: 2_000, [shop]: 6_500 } });
  await isTrue(shops);
});

test('a question is answered once, and what comes too late is there for the same question', async () => {
  const { shops, draw, answers } = await aMarket({ deadlineMs: 300 });
  answers.set(home, () => new Promise(() => {})); // it was called, and the line is dead
  expect(await draw(shop, 3_000, 'a'.repeat(16))).toEqual({ ok: false, code: 'late' });
  expect(await draw(shop, 3_000, 'b'.repeat(16))).toEqual({ ok: false, code: 'late' });
  expect(await downFiles(shops, home)).toBe(3); // one file asks for both
  await exchanged(shops, home);
  expect((await shops.at('a1')).main).toBe(3_000);
  const late = await draw(shop, 3_000, 'a'.repeat(16));
  expect(late).toMatchObject({ ok: true, value: { amount: 3_000, number: 1 } });
  expect(await draw(shop, 3_000, 'a'.repeat(16))).toEqual(late);
  expect(await draw(shop, 2_999, 'a'.repeat(16))).toEqual({ ok: false, code: 'nonce_used' });
  await isTrue(shops);
});

test('two shops that draw at once share what there is; one that draws while home sells has what home left', async () => {
  const { shops, draw } = await aMarket();
  const amounts = await Promise.all([draw(shop, 7_000), draw(other, 7_000), draw(shop, 1_000)]);
  expect(amounts.map((each) => (each.ok ? each.value.amount : each.code))).toEqual([7_000, 3_000, 'elsewhere']); // nobody can call the other shop
  expect(await shops.at('a1')).toEqual({ main: 0, due: 0, overdraft: 0, rights: { [shop]: 7_000, [other]: 3_000 } });
  const market = await aMarket();
  expect(market.shops.spend(home, 'a1', 9_000)).toEqual({ fromRights: 9_000, fromRoaming: 0 });
  expect(await market.draw(shop, 5_000)).toMatchObject({ ok: true, value: { amount: 1_000 } });
  for (const each of [shops, market.shops]) await isTrue(each);
});

test('home is lost in the middle, the server too: the night asks again, and every right is at home once more', async () => {
  const { shops, draw, answers, restart } = await aMarket({ deadlineMs: 300 });
  answers.set(home, async () => void (await shops.hear(home))); // it gave them back, and its file never came
  expect(await draw(shop, 4_000)).toEqual({ ok: false, code: 'late' });
  restart();
  answers.delete(home);
  expect(await draw(shop, 4_000)).toEqual({ ok: false, code: 'elsewhere' });
  await shops.night(); // knows nothing of the answer yet, and asks again
  expect(await shops.newest(home)).toContainEqual({ t: 'RETURN_REQ', a: 'a1', b: 4_000 });
  await shops.hear(home);
  await shops.send(home);
  expect(await shops.at('a1')).toEqual({ main: 4_000, due: 0, overdraft: 0, rights: { [home]: 6_000 } });
  await shops.night();
  await shops.hear(home);
  expect(shops.spend(home, 'a1', 10_000)).toEqual({ fromRights: 10_000, fromRoaming: 0 });
  await isTrue(shops);
  await shops.send(home);
  const outside = temporary(onTestFinished);
  await layOut(outside, shops.county, shops.shop(home).home);
  expect(await verdictsOn([outside])).toMatchObject([{ ours: { kind: 'true' }, python: { kind: 'true' } }]);
});

test('files that only ask tell nothing: prices, balances and words wait for the night, the thirtieth file, too, and the news is as old as before', async () => {
  const { shops, draw, answers } = await aMarket({ deadlineMs: 20, silentMs: 0 });
  answers.set(home, () => new Promise(() => {}));
  const asOf = () => lastDown(shops.shop(home).book.db)!.asOf;
  const before = asOf();
  await shops.county.transact((act) => {
    const entry = act.enter('goods', 'test');
    putMaster(act, { t: 'GOODS', goods: goods('1', { priceFen: fen(9_900) }) }, { scope: everyKiosk, entry });
  });
  let want = 0;
  for (; (await downFiles(shops, home)) < 30; want += 100) expect(await draw(shop, want + 100)).toEqual({ ok: false, code: 'late' });
  expect(await shops.newest(home)).toEqual([{ t: 'RETURN_REQ', a: 'a1', b: want }]);
  await exchanged(shops, home);
  expect(asOf()).toBe(before);
  expect(await draw(shop, want)).toMatchObject({ ok: true, value: { amount: want } });
  await shops.night();
  const lines = await shops.newest(home);
  expect(lines.map(({ t }) => t)).toEqual(expect.arrayContaining(['SCHEME', 'RESIDENT', 'KEY', 'GRANT'])); // all there is
  expect(lines).toContainEqual({ t: 'GOODS', goods: goods('1', { priceFen: fen(9_900) }) });
  await shops.hear(home);
  expect((await shops.at('a1')).rights).toEqual({ [home]: 10_000 - want, [shop]: want });
  await isTrue(shops);
});

test('between two nights a shop is asked so often and no more, and a shop asks so often', async () => {
  const { shops, draw } = await aMarket({ asksOfKiosk: 2 });
  const codes = async (kiosk: string) => {
    const drawn = await draw(kiosk, 100);
    return drawn.ok ? drawn.value.amount : drawn.code;
  };
  expect([await codes(shop), await codes(other), await codes(other)]).toEqual([100, 100, 'too_often']);
  await shops.night();
  expect(await codes(other)).toBe(100);
  const own = await aMarket({ fetchesForKiosk: 1 });
  const ask = async (kiosk: string) => (await own.draw(kiosk, 100)).ok;
  expect([await ask(shop), await ask(shop), await ask(other)]).toEqual([true, false, true]);
  const ofOne = await aMarket({ fetchesFromOne: 1 });
  const asked = async (kiosk: string) => (await ofOne.draw(kiosk, 100)).ok;
  expect([await asked(shop), await asked(shop), await asked(other)]).toEqual([true, false, true]); // one shop leaves others their part of a home
});

test('how often a shop asked is in the book: a restart forgets none of it, and the next night begins anew', async () => {
  const { shops, draw, restart } = await aMarket({ fetchesForKiosk: 2 });
  const ask = async (): Promise<boolean> => (await draw(shop, 100)).ok;
  expect([await ask(), await ask()]).toEqual([true, true]);
  restart();
  expect(await draw(shop, 100)).toEqual({ ok: false, code: 'too_often' });
  await shops.night();
  expect(await ask()).toBe(true);
});

test('where the scheme caps no sale, a fetch takes of another shop’s account what a sale there takes without the network', async () => {
  const { shops, draw } = await aMarket();
  const { scheme: told } = (await shops.county.read((db) => schemeOf(db, shop))) ?? { scheme };
  const roaming = { ...told.roaming, saleCapPoints: points(4_000) };
  await shops.county.transact((act) =>
    putMaster(
      act,
      { t: 'SCHEME', scheme: { ...told, groups: [...told.groups], version: 2, saleCapPoints: null, roaming } },
      { scope: shop, entry: act.enter('scheme', 'test') },
    ),
  );
  expect(await draw(shop, 9_000)).toMatchObject({ ok: true, value: { amount: 4_000 } });
  await shops.award('a1', 7_000);
  expect(await draw(home, 7_000)).toMatchObject({ ok: true, value: { amount: 7_000 } }); // its own shop would have all of it tomorrow
  await isTrue(shops);
});

test('while home is away, another shop is called where it holds at least half of what is missing, and never for less', async () => {
  const { shops, draw, answers } = await aMarket();
  const taken = async (amount: number) => {
    const drawn = await draw(shop, amount);
    if (!drawn.ok) expect.fail(drawn.code);
    expect(takeVoucher(shops.shop(shop).book, { text: drawn.value.text, by: 'network', op: 'op1', day: today }).ok).toBe(true);
  };
  await taken(1);
  const atHome = answers.get(home)!;
  answers.delete(home);
  expect(await draw(other, 3_000)).toEqual({ ok: false, code: 'elsewhere' });
  expect(await downFiles(shops, shop)).toBe(2); // it was not even asked
  answers.set(home, atHome);
  await taken(1_499);
  answers.delete(home);
  expect(await draw(other, 3_001)).toEqual({ ok: false, code: 'elsewhere' });
  expect(await draw(other, 3_000)).toMatchObject({ ok: true, value: { amount: 1_500 } });
  expect(await shops.at('a1')).toEqual({ main: 0, due: 0, overdraft: 0, rights: { [home]: 8_500, [other]: 1_500 } });
  await isTrue(shops);
});

test('a shop that was called and did not answer is not called for more until its answer is here', async () => {
  const { shops, draw, answers } = await aMarket({ deadlineMs: 300 });
  const atHome = answers.get(home)!;
  answers.set(home, () => new Promise(() => {}));
  expect(await draw(shop, 3_000, 'a'.repeat(16))).toEqual({ ok: false, code: 'late' });
  expect(await draw(other, 5_000)).toEqual({ ok: false, code: 'elsewhere' });
  expect(await downFiles(shops, home)).toBe(3); // the first question's
  expect(await draw(shop, 3_000, 'a'.repeat(16))).toEqual({ ok: false, code: 'late' }); // who presses again waits for the same answer
  await exchanged(shops, home);
  answers.set(home, atHome);
  expect(await draw(other, 5_000)).toMatchObject({ ok: true });
  expect(await downFiles(shops, home)).toBe(4);
  await isTrue(shops);
});

test.each([
  ['quarantined', `UPDATE kiosk SET state = 'quarantined' WHERE kiosk = '${home}'`],
  [
    'put back, and nobody has said what it forgot',
    `INSERT INTO exception (kiosk, inc, file_seq, seq, code, detail, owner, raised_at) VALUES ('${home}', 2, 1, 9, 'restored', '', 'clerk', 0)`,
  ],
])('nothing is asked of a home that is %s', async (_, sql) => {
  const { shops, draw } = await aMarket();
  await shops.county.transact(({ db }) => void db.exec(sql));
  expect(await draw(shop, 100)).toEqual({ ok: false, code: 'elsewhere' });
  expect(await downFiles(shops, home)).toBe(2);
});
