// Points expire by two persons: what nobody used, once, and nothing that was spent before. expiring.test.ts has the rule itself.

import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import type { CountyBook } from '../../county/book/county-book.ts';
import { expiry, leftOutOf, previewExpiry, proposeExpiry } from '../../county/book/expiry.ts';
import { takenBackLeft } from '../../county/book/exposure.ts';
import { addAccount } from '../../county/book/import-files.ts';
import { countyBalance } from '../../county/book/ledger.ts';
import { enterPaper } from '../../county/book/lost-papers.ts';
import { previewTakeBack } from '../../county/book/take-backs.ts';
import { postedAtOnce, releaseReclaim, seeReclaim, takenBy } from '../../county/book/reclaims.ts';
import { spendUnsent } from '../../county/book/rights.ts';
import { statementOf } from '../../county/book/statement.ts';
import { TooManyWaiting } from '../../county/book/turns.ts';
import { threeWay } from '../../county/book/three-way.ts';
import { expireCommands } from '../../county/expire-command.ts';
import { prepared } from '../../db/sqlite.ts';
import { verdictsOn } from '../outsider/both.ts';
import { sendRound } from '../support/county-copies.ts';
import type { CountyShops } from '../support/county-shops.ts';
import { temporary } from '../support/county.ts';
import { layOutCounty } from '../support/outsider-folder.ts';
import { disallowed } from '../support/disallowing.ts';
import { awarded, both, broken, everybody, home, listed, near, takenBack } from '../support/take-backs.ts';
import { aYearsEnd, lastDay as through, nextDay } from '../support/years-end.ts';

async function proposed({ county }: CountyShops): Promise<number> {
  const kept = await proposeExpiry(county, { through, reason: '年度到期', by: '张三' });
  if (!kept.ok) throw new Error(kept.code);
  return kept.value.number;
}

test('what was not used of the year expires once, wherever it lies; what was given since stays, and nobody owes', async () => {
  const { shops, newYear } = await aYearsEnd(onTestFinished);
  const { county } = shops;
  await awarded(county, { a1: 100, a2: 50 });
  await everybody(shops);
  expect(shops.spend(home, 'a1', 3_000)).toEqual({ fromRights: 3_000, fromRoaming: 0 });
  expect(await previewExpiry(county, through)).toEqual({ ok: false, code: 'not_over' });
  await newYear(...both);
  await awarded(county, { a1: 20, a3: 5 });
  const number = await proposed(shops);
  expect(await seeReclaim(county, expiry, number)).toMatchObject({
    reclaim: { about: through, rows: 2, points: 12_000, state: { is: 'waiting' } },
    seen: { value: { outlook: { unallocated: 2_000, home: 10_000, elsewhere: 0, spent: 0 } } },
  });
  expect(await releaseReclaim(county, expiry, { number, by: '张三' })).toEqual({ ok: false, code: 'same_person' });
  const newer = await proposed(shops);
  expect(await releaseReclaim(county, expiry, { number, by: '李四' })).toEqual({ ok: false, code: 'replaced' });
  expect(await releaseReclaim(county, expiry, { number: newer, by: '李四' })).toEqual({ ok: true, value: null });
  expect(await proposeExpiry(county, { through, reason: '年度到期', by: '张三' })).toEqual({ ok: false, code: 'nothing' });
  expect(await county.read((db) => statementOf(db, { account: 'a1' }))).toMatchObject({
    value: {
      closing: 2_000,
      rows: expect.arrayContaining([
        expect.objectContaining({ kind: 'expire', moved: -7_000, about: `${through} a1 ${newer} 年度到期` }),
      ]) as unknown,
    },
  });
  expect(await broken(county)).toEqual([]);
  await everybody(shops);
  await everybody(shops);
  await everybody(shops);
  expect([await shops.at('a1'), await shops.at('a2'), await shops.at('a3')]).toEqual([
    { main: 0, due: 0, overdraft: 0, rights: { [home]: 2_000 } },
    { main: 0, due: 0, overdraft: 0, rights: {} },
    { main: 0, due: 0, overdraft: 0, rights: { [home]: 500 } },
  ]);
  const leaves = await county.read((db) => prepared(db, `SELECT entry FROM log_leaf WHERE entry LIKE '%EXPIRED%'`).all());
  expect(leaves).toEqual([
    {
      entry: expect.stringMatching(
        /^{"number":2,"points":12000,"rows":2,"sha256":"[\w-]{43}","t":"EXPIRED","through":"2026-11-21"}$/,
      ) as string,
    },
  ]);
  expect((await threeWay(county)).filter(({ what, outcome }) => outcome.kind !== 'agreed' && !what.startsWith('day 1'))).toEqual([]); // in no settlement yet
  expect(await broken(county)).toEqual([]);
  const place = temporary(onTestFinished);
  await layOutCounty(place, county);
  const isTrue = { kind: 'true', place: '' };
  expect(await verdictsOn([place])).toEqual([{ ours: isTrue, python: isTrue }]);
});

test('who may have spent at a shop that was not heard is left out, with the shop, until it was', async () => {
  const { shops, newYear } = await aYearsEnd(onTestFinished);
  const { county } = shops;
  await awarded(county, { a1: 100 });
  await everybody(shops);
  await everybody(shops);
  await newYear(home);
  expect(await previewExpiry(county, through)).toMatchObject({
    value: { rows: 0, leftOut: { accounts: 1, points: 10_000, shops: [{ kiosk: near, accounts: 1 }] }, unheard: [near] },
  });
  expect(shops.spend(near, 'a1', 4_000)).toEqual({ fromRights: 0, fromRoaming: 4_000 }); // still of the old year
  await newYear(near);
  const number = await proposed(shops);
  expect(leftOutOf((await seeReclaim(county, expiry, number))!.reclaim)).toEqual({ accounts: 0, points: 0, shops: [] });
  expect(await releaseReclaim(county, expiry, { number, by: '李四' })).toEqual({ ok: true, value: null });
  for (let nights = 0; nights < 3; nights += 1) await everybody(shops);
  expect(await shops.at('a1')).toEqual({ main: 0, due: 0, overdraft: 0, rights: {} });
  expect(await broken(county)).toEqual([]);
});

test('what was spent between proposal and release does not expire; after it, before the home shop heard, at most that is owed', async () => {
  const { shops, newYear } = await aYearsEnd(onTestFinished);
  const { county } = shops;
  const batch = await awarded(county, { a1: 50, a2: 10 });
  await everybody(shops);
  await newYear(...both);
  const number = await proposed(shops);
  expect(shops.spend(home, 'a1', 500, nextDay)).toEqual({ fromRights: 500, fromRoaming: 0 });
  expect(shops.spend(home, 'a2', 1_000, nextDay)).toEqual({ fromRights: 1_000, fromRoaming: 0 });
  await sendRound(shops, home);
  expect(await releaseReclaim(county, expiry, { number, by: '李四' })).toEqual({ ok: true, value: null });
  expect(await county.read((db) => takenBy(db, number))).toEqual({ rows: 1, points: 4_500 });
  expect(await county.read((db) => prepared(db, `SELECT entry FROM log_leaf WHERE entry LIKE '%EXPIRED%'`).all())).toEqual([
    { entry: expect.stringContaining('"points":4500,"rows":1,') as string },
  ]);
  expect(await broken(county)).toEqual([]);
  expect(shops.spend(home, 'a1', 2_000, nextDay)).toEqual({ fromRights: 2_000, fromRoaming: 0 });
  for (let nights = 0; nights < 3; nights += 1) await everybody(shops);
  expect([await shops.at('a1'), await shops.at('a2')]).toEqual([
    { main: 0, due: 0, overdraft: -2_000, rights: {} },
    { main: 0, due: 0, overdraft: 0, rights: {} },
  ]);
  expect(await proposeExpiry(county, { through, reason: '年度到期', by: '张三' })).toEqual({ ok: false, code: 'nothing' });
  await takenBack(county, batch, listed('a2,4\n')); // of whom nothing expired
  for (let nights = 0; nights < 3; nights += 1) await everybody(shops);
  expect(await county.read((db) => takenBackLeft(db, { table: 'reclaimed', number }))).toEqual({ due: 0, overdraft: 2_000, isAlone: true });
  await awarded(county, { a1: 30 });
  for (let nights = 0; nights < 2; nights += 1) await everybody(shops);
  expect(await shops.at('a1')).toEqual({ main: 0, due: 0, overdraft: 0, rights: { [home]: 1_000 } });
  expect(await broken(county)).toEqual([]);
});

test('what is taken back before it expires or after ends the same, of lists as of credits: nobody owes twice what they had once', async () => {
  const { shops, newYear } = await aYearsEnd(onTestFinished);
  const { county } = shops;
  const points = fc.integer({ min: 1, max: 9 });
  const life = fc.record({ first: points, second: points, spent: fc.integer({ min: 0, max: 20 }), since: points, back: points });
  const lives = fc.sample(life, { numRuns: 8, seed: 2_026 }).map((each) => ({ ...each, back: Math.min(each.back, each.first) }));
  const named = ['before', 'after'].map((when) => lives.map((each, i) => ({ ...each, account: `${when}${i}` })));
  const everyone = named.flat();
  const paper = { kiosk: home, inc: 1, leaf: 'x', fen: 0 };
  await county.transact((act) => {
    for (const { account } of everyone) addAccount(act, { account, home: near, isActive: true });
    for (const seq of [98, 99]) enterPaper(act, { ...paper, seq, kind: 'credit', account: 'a2', points: 1_000 });
  });
  const give = (of: 'first' | 'second' | 'since'): Promise<number> =>
    awarded(county, Object.fromEntries(everyone.map((each) => [each.account, each[of]])));
  const batch = await give('first');
  await give('second');
  await county.transact((act) => {
    for (const [i, { account, spent }] of everyone.entries())
      if (spent > 0) enterPaper(act, { ...paper, seq: 100 + i, kind: 'sale', account, points: spent * 100 });
  });
  const [before, after] = named.map((some) => listed(some.map(({ account, back }) => `${account},${back}\n`).join('')));
  const disallow = (seq: number, half: number): Promise<void> =>
    disallowed(county, { is: 'one', ticket: `${home}/1/${seq}`, points: half });
  await takenBack(county, batch, before);
  await disallow(98, 400);
  await newYear(...both);
  await give('since');
  expect(await releaseReclaim(county, expiry, { number: await proposed(shops), by: '李四' })).toEqual({ ok: true, value: null });
  expect(await broken(county)).toEqual([]);
  const asked = lives.reduce((sum, { back }) => sum + back * 100, 0);
  const lostTwice = lives.reduce(
    (sum, { first, second, spent, back }) => sum + 100 * Math.min(back, Math.max(0, first + second - spent)),
    0,
  );
  expect(await previewTakeBack(county, { batch, wanted: after! })).toMatchObject({
    value: { points: asked, outlook: { expired: lostTwice } },
  });
  await takenBack(county, batch, after);
  for (const seq of [98, 99]) await disallow(seq, 600);
  const has = await county.read((db) => everyone.map(({ account }) => countyBalance(db, account)));
  const isLeft = lives.map(({ first, second, spent, since, back }) => {
    const old = first + second - back - spent;
    return 100 * (old - Math.max(0, old) + since);
  });
  expect(has).toEqual([...isLeft, ...isLeft]);
  expect(await county.read((db) => countyBalance(db, 'a2'))).toBe(0);
  expect(await proposeExpiry(county, { through, reason: '年度到期', by: '张三' })).toEqual({ ok: false, code: 'nothing' });
  expect(await broken(county)).toEqual([]);
  await county.transact((act) => {
    const entry = act.enter('test', '');
    prepared(act.db, `INSERT INTO reclaimed_twice (entry, account, kiosk, inc, seq, points) VALUES (?, 'a2', '', 0, 2, 401)`).run(entry);
  });
  expect((await broken(county)).map(({ place }) => place)).toContain('1601 of a2 are given back of what expired by 2, which was 1600');
});

test('a server that dies while a long one is posted goes on at the next night: each row once, and what was spent meanwhile stays', async () => {
  const { shops, newYear } = await aYearsEnd(onTestFinished);
  const { county } = shops;
  const others = Array.from({ length: 2 * postedAtOnce }, (_, i) => `h${String(i).padStart(3, '0')}`);
  await county.transact((act) => {
    for (const account of others) addAccount(act, { account, home: near, isActive: true });
  });
  await awarded(county, { a1: 100, ...Object.fromEntries(others.map((account) => [account, 1])) });
  await newYear(...both);
  const number = await proposed(shops);
  let turns = 0;
  const dying: CountyBook = {
    ...county,
    transact: (work) => ((turns += 1) === 2 ? Promise.reject(new TooManyWaiting('the power went')) : county.transact(work)),
  };
  expect(await releaseReclaim(dying, expiry, { number, by: '李四' })).toEqual({ ok: true, value: null });
  expect(await county.read((db) => takenBy(db, number))).toEqual({ rows: postedAtOnce, points: 9_900 + 100 * postedAtOnce });
  expect(await proposeExpiry(county, { through, reason: '年度到期', by: '张三' })).toEqual({ ok: false, code: 'unfinished' });
  expect(await broken(county)).toEqual([]);
  await county.transact((act) => {
    const entry = act.enter('test', '');
    spendUnsent(act, { kiosk: near, account: 'h499' }, { amount: 60, entry });
  });
  await shops.night();
  expect(await county.read((db) => takenBy(db, number))).toEqual({ rows: others.length + 1, points: 10_000 + 100 * others.length - 60 });
  expect(await proposeExpiry(county, { through, reason: '年度到期', by: '张三' })).toEqual({ ok: false, code: 'nothing' });
});

test('the command shows what would expire and who is left out, proposes with a name, and lets it expire with another', async () => {
  const { shops, newYear } = await aYearsEnd(onTestFinished);
  const { county } = shops;
  await awarded(county, { a1: 100, a2: 10 });
  await everybody(shops);
  await newYear(home);
  const said: string[] = [];
  const say = (text: string): void => void said.push(text);
  const run = async (options: Readonly<Record<string, string>>): Promise<[code: number, text: string]> => {
    const code = await expireCommands['expire']!({ ...county }, { ...options, words: [] }, { say, complain: say }); // this one is there
    return [code, said.splice(0).join('')];
  };
  await everybody(shops); // the line of the other shop is told
  const owe =
    'what the county has heard of by the release does not expire; who spends what it has not heard of, until the home shop has given it back, may come to owe: at most what expired of the account\n';
  expect(await run({ through })).toEqual([
    0,
    `0 accounts, 0 points\nby what the county heard: 0 lie at no shop and come back at once, 0 at home shops, 0 at others, 0 are perhaps spent and become overdraft\nleft out: 2 accounts with 110 points, for these shops were not heard since: ${near} (2); propose it again when they were; one that does not come back: release-kiosk\n${owe}`,
  ]);
  expect(await run({ through, text: '年度到期', by: '张三' })).toEqual([
    1,
    `nothing expires through ${through} by now\nleft out: 2 accounts with 110 points, for these shops were not heard since: ${near} (2); propose it again when they were; one that does not come back: release-kiosk\n`,
  ]);
  await newYear(near);
  expect(await run({ through: nextDay })).toEqual([1, '--through is a day, YYYY-MM-DD, that is over\n']);
  expect((await run({ through, by: '张三' }))[0]).toBe(2);
  expect(await run({ through, text: '年度到期', by: '张三' })).toEqual([
    0,
    `2 accounts, 110 points\nnobody is left out\n1 waits for another person's --release 1\n`,
  ]);
  expect((await run({ release: '1' }))[1]).toContain(`through ${through}: 年度到期\n2 accounts, 110 points\n`);
  expect((await run({ release: '1', by: '张三' }))[0]).toBe(1);
  expect((await run({ release: '1', by: '李四' }))[0]).toBe(0);
  expect(await run({ through })).toEqual([0, expect.stringContaining('0 accounts, 0 points\n') as string]);
  expect(await run({ withdraw: '1', by: '张三' })).toEqual([1, 'not withdrawn: it is done already\n']);
});
