// Points of a released list are taken back: by two persons, no more than it gave; from where nothing holds them at once, from shops by a
// request, and what is spent becomes overdraft of at most as much. long-lists.test.ts has long ones, put-back.test.ts and take-backs-put-back.test.ts a book that is put back.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { CountyBook } from '../../county/book/county-book.ts';
import { openExceptions } from '../../county/book/exceptions.ts';
import { takenBackLeft } from '../../county/book/exposure.ts';
import { balanceOf, moved } from '../../county/book/ledger.ts';
import { nowhere, spendUnsent } from '../../county/book/rights.ts';
import { statementOf } from '../../county/book/statement.ts';
import { releaseReclaim, seeReclaim } from '../../county/book/reclaims.ts';
import { previewTakeBack, proposeTakeBack, takingBack } from '../../county/book/take-backs.ts';
import { threeWay } from '../../county/book/three-way.ts';
import { nightPage } from '../../county/pages/night.ts';
import { newSessions } from '../../county/pages/sessions.ts';
import type { DemoNight } from '../../county/serve/demo-night.ts';
import { whatMoved } from '../../county/serve/moved.ts';
import { newPresence } from '../../county/server/presence.ts';
import { takeBackCommands } from '../../county/take-back-command.ts';
import { prepared } from '../../db/sqlite.ts';
import { sendRound } from '../support/county-copies.ts';
import { all, awarded, both, broken, everybody, home, listed, near, proposed, takenBack, twoShops } from '../support/take-backs.ts';

test('what lies at no shop comes back at once, by two persons, no more than it gave; the resident reads why', async () => {
  const { county } = await twoShops(onTestFinished);
  const batch = await awarded(county, { a1: 100, a2: 10 });
  const number = await proposed(county, batch, { is: 'each', points: 9_000 });
  expect(await seeReclaim(county, takingBack, number)).toMatchObject({
    reclaim: { rows: 2, points: 10_000, state: { is: 'waiting' } },
    seen: { ok: true, value: { outlook: { unallocated: 10_000, home: 0, elsewhere: 0, spent: 0 } } },
  });
  expect(await releaseReclaim(county, takingBack, { number, by: ' 张三' })).toEqual({ ok: false, code: 'same_person' });
  expect(await releaseReclaim(county, takingBack, { number, by: '李四', shown: 'x' })).toEqual({ ok: false, code: 'not_shown' });
  const newer = await proposed(county, batch, { is: 'each', points: 9_000 });
  expect(await releaseReclaim(county, takingBack, { number, by: '李四' })).toEqual({ ok: false, code: 'replaced' });
  expect(await releaseReclaim(county, takingBack, { number: newer, by: '李四' })).toEqual({ ok: true, value: null });
  expect(await releaseReclaim(county, takingBack, { number: newer, by: '李四' })).toEqual({ ok: false, code: 'released' });
  const read = await county.read((db) => statementOf(db, { account: 'a1' }));
  expect(read).toMatchObject({
    ok: true,
    value: { closing: 1_000, rows: [{ kind: 'award' }, { kind: 'take_back', moved: -9_000, about: `${batch} a1 ${newer} 多发了` }] },
  });
  expect(await previewTakeBack(county, { batch, wanted: all })).toMatchObject({ ok: true, value: { rows: 1, points: 1_000 } });
  const faults = await previewTakeBack(county, { batch, wanted: listed('a1,10.01\na2,1\na3,1\n') });
  expect(faults.ok && faults.value.faults.map(({ what }) => what)).toEqual([
    '10.01 points are more than are left of this award: 10',
    '1 points are more than are left of this award: 0',
    'a3 is not in this list of awards',
  ]);
  await takenBack(county, batch);
  expect(await proposeTakeBack(county, { batch, wanted: all, reason: '多发了', by: '张三' })).toEqual({ ok: false, code: 'nothing' });
  expect(await proposeTakeBack(county, { batch, wanted: all, reason: '\u200b\u0001', by: '张三' })).toEqual({
    ok: false,
    code: 'no_reason',
  });
  const leaves = await county.read((db) => prepared(db, `SELECT entry FROM log_leaf WHERE entry LIKE '%TAKEN_BACK%' ORDER BY n`).all());
  expect(leaves).toEqual([
    { entry: expect.stringMatching(/^{"batch":1,"number":2,"points":10000,"rows":2,"sha256":"[\w-]{43}","t":"TAKEN_BACK"}$/) as string },
    { entry: expect.stringMatching(/^{"batch":1,"number":3,"points":1000,"rows":1,/) as string },
  ]);
  expect(await broken(county)).toEqual([]);
});

test('rows that are not what was proposed are not taken back, and a book that says more was taken than was given is found', async () => {
  const { county } = await twoShops(onTestFinished);
  const batch = await awarded(county, { a1: 100 });
  const number = await proposed(county, batch);
  const rows = join(county.folder.awards, `${String(number).padStart(8, '0')}.taken-back`);
  const text = readFileSync(rows, 'utf8');
  writeFileSync(rows, text.replace('100', '999'));
  expect(await releaseReclaim(county, takingBack, { number, by: '李四' })).toEqual({ ok: false, code: 'changed' });
  writeFileSync(rows, text);
  await county.transact((act) => {
    const entry = act.enter('test', '');
    prepared(act.db, 'INSERT INTO taken_back (number, account, batch, points, entry) VALUES (?, ?, ?, 1, ?)').run(
      number,
      'x',
      batch,
      entry,
    );
  });
  expect((await broken(county)).map(({ place }) => place)).toEqual([
    'issued and recycled 9999, found 10000',
    `1 were taken back of x in awards ${batch}, which gave 0`,
  ]);
});

function left(county: CountyBook, number: number): Promise<object> {
  return county.read((db) => takenBackLeft(db, { table: 'taken_back', number }));
}

/** The page of a demo's night that is over, of everything since the book began. */
async function nightOf(county: CountyBook): Promise<string> {
  const moved = await county.read((db) => whatMoved(db, { before: 0, night: 0, outcomes: [] }));
  const demoNight: DemoNight = {
    press() {},
    state: () => ({ kind: 'done', at: 0, moved, since: 'start' }),
    online: () => Promise.resolve([]),
    end: () => Promise.resolve(),
  };
  const desk = { book: county, presence: newPresence(() => 0), demoNight, nextNight: () => 0, monoMs: () => 0 };
  const sessions = newSessions(() => 0);
  const session = sessions.find(sessions.begin({ name: '次仁', role: 'clerk' }, ''))!;
  return (await nightPage.show(desk, { session, query: new URLSearchParams() })).body.text;
}

/** Of the row of an account: what it has, what it changed by, where its rights are, what it roamed, what is taken back of it. */
function cellsOf(page: string, account: string): readonly string[] {
  const row = page.split('<tr>').find((each) => each.includes(`账户 ${account}<`))!;
  return [...row.matchAll(/<td[^>]*>([^<]*)<\/td>/g)].map(([, text]) => text!.trim()).slice(1);
}

test('what lies at the home shop is asked for and comes back; nobody owes anything, and nobody’s act is raised', async () => {
  const shops = await twoShops(onTestFinished);
  const batch = await awarded(shops.county, { a1: 100 });
  await everybody(shops);
  expect(await previewTakeBack(shops.county, { batch, wanted: all })).toMatchObject({ value: { outlook: { home: 10_000, spent: 0 } } });
  // that nobody of it may act any more is no reason to ask the shop who did this: the county did
  await shops.county.transact(({ db }) => prepared(db, `UPDATE account SET is_active = 0 WHERE account = 'a1'`).run());
  await takenBack(shops.county, batch, listed('a1,90\n'));
  expect(await shops.at('a1')).toEqual({ main: 0, due: -9_000, overdraft: 0, rights: { [home]: 10_000 } });
  expect(await left(shops.county, 1)).toEqual({ due: 9_000, overdraft: 0, isAlone: true });
  const shown = await nightOf(shops.county);
  expect(cellsOf(shown, 'a1')).toEqual(['10', '+10', '白日社区文明超市 100', '—', '90']);
  expect(shown).toContain('收回待还：');
  expect((await threeWay(shops.county)).filter(({ what }) => what === 'points taken back')).toMatchObject([
    { countyHas: { points: 9_000 }, outcome: { kind: 'differs', cause: 'taken_back' } },
  ]);
  await everybody(shops);
  await everybody(shops);
  expect(await shops.county.read(openExceptions)).toEqual([]);
  expect(await shops.at('a1')).toEqual({ main: 0, due: 0, overdraft: 0, rights: { [home]: 1_000 } });
  expect(shops.spend(home, 'a1', 5_000)).toEqual({ fromRights: 1_000, fromRoaming: 0 });
  expect((await threeWay(shops.county)).filter(({ outcome }) => outcome.kind !== 'agreed')).toEqual([]);
  expect(await broken(shops.county)).toEqual([]);
});

test('what is spent becomes overdraft, at home and on the line; lines close, and the next awards repay roaming first', async () => {
  const shops = await twoShops(onTestFinished);
  const batch = await awarded(shops.county, { a1: 100 });
  await everybody(shops);
  expect(shops.spend(home, 'a1', 7_000)).toEqual({ fromRights: 7_000, fromRoaming: 0 });
  expect(shops.spend(near, 'a1', 2_000)).toEqual({ fromRights: 0, fromRoaming: 2_000 });
  for (const kiosk of both) await sendRound(shops, kiosk);
  expect(await previewTakeBack(shops.county, { batch, wanted: all })).toMatchObject({
    value: { points: 10_000, outlook: { unallocated: 0, home: 1_000, elsewhere: 0, spent: 9_000 } },
  });
  await takenBack(shops.county, batch);
  await everybody(shops);
  await everybody(shops);
  expect(await shops.at('a1')).toEqual({ main: 0, due: 0, overdraft: -9_000, rights: {} });
  expect(await left(shops.county, 1)).toMatchObject({ due: 0, isAlone: true });
  await everybody(shops);
  expect(shops.spend(near, 'a1', 1_000)).toEqual({ fromRights: 0, fromRoaming: 0 });
  expect(await broken(shops.county)).toEqual([]);
  await awarded(shops.county, { a1: 95 });
  await everybody(shops);
  await everybody(shops);
  expect(await shops.at('a1')).toEqual({ main: 0, due: 0, overdraft: 0, rights: { [home]: 500 } });
  expect(shops.spend(near, 'a1', 500)).toEqual({ fromRights: 0, fromRoaming: 500 });
  expect(await broken(shops.county)).toEqual([]);
});

test('the command shows what it would do, proposes with a name, and takes back with another', async () => {
  const { county } = await twoShops(onTestFinished);
  await awarded(county, { a1: 100, a2: 10 });
  const said: string[] = [];
  const say = (text: string): void => void said.push(text);
  const run = (options: Readonly<Record<string, string>>): Promise<number> =>
    takeBackCommands['take-back']!({ ...county }, { ...options, words: [] }, { say, complain: say }); // this one is there
  expect(await run({ number: '1', points: '90' })).toBe(0);
  expect(said.splice(0).join('')).toBe(
    '2 awards, 100 points\nby what the county heard: 100 lie at no shop and come back at once, 0 at home shops, 0 at others, 0 are perhaps spent and become overdraft\n  a1  格桑卓玛  90\n  a2  扎西  10\n',
  );
  expect(await run({ number: '1', account: 'a1', points: '90', by: '张三' })).toBe(2);
  expect(await run({ number: '1', account: 'a1', points: '190', text: '多发了', by: '张三' })).toBe(1);
  expect(await run({ number: '9' })).toBe(1);
  expect(await run({ number: '1', account: 'a1', points: '90', text: '多发了', by: '张三' })).toBe(0);
  expect(await run({ release: '1', by: '张三' })).toBe(1);
  expect(await run({ release: '1', by: '李四' })).toBe(0);
  expect(said.splice(0).at(-1)).toBe('1 is done: the next night asks the shops for what lies there\n');
  expect(await run({ release: '1' })).toBe(0);
  expect(said.join('')).toMatch(/^1 of 张三, of awards 1: 多发了\n1 awards, 90 points\n {2}a1 .+\nit is done: 李四 released it\n$/); // and not what it would do
  expect(await county.read((db) => statementOf(db, { account: 'a1' }))).toMatchObject({ value: { closing: 1_000 } });
});

test('what lies there pays what was roamed and is overdrawn before what is taken back, which is due', async () => {
  const { county } = await twoShops(onTestFinished);
  await county.transact((act) => {
    const [due, overdraft] = (['due', 'overdraft'] as const).map((account) => ({ account, holder: 'a1', at: near }));
    spendUnsent(act, { kiosk: near, account: 'a1' }, { amount: 2_000, entry: act.enter('test', '') });
    act.post(moved(overdraft!, due!, 2_000)); // as of an account whose home has nothing
  });
  await takenBack(county, await awarded(county, { a1: 15 }));
  const owed = (account: 'due' | 'overdraft', at: string): Promise<number> =>
    county.read((db) => balanceOf(db, { account, holder: 'a1', at }));
  expect([await owed('overdraft', near), await owed('due', nowhere)]).toEqual([-500, -1_500]);
});

test('a home that holds enough is asked once for what is overdrawn, too, since that is paid before what is taken back', async () => {
  const shops = await twoShops(onTestFinished);
  const batch = await awarded(shops.county, { a1: 100 });
  await everybody(shops);
  await shops.county.transact((act) => {
    const [due, overdraft] = (['due', 'overdraft'] as const).map((account) => ({ account, holder: 'a1', at: near }));
    spendUnsent(act, { kiosk: near, account: 'a1' }, { amount: 2_000, entry: act.enter('test', '') });
    act.post(moved(overdraft!, due!, 2_000)); // struck before the home got its points
  });
  await takenBack(shops.county, batch, listed('a1,15\n'));
  await everybody(shops); // asks
  await everybody(shops); // hears
  expect(await shops.at('a1')).toEqual({ main: 0, due: 0, overdraft: 0, rights: { [home]: 6_500 } });
});
