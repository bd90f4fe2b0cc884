// Recycling credits that the county disallows: by two persons, no more than is left of each, whatever its till did or does; from where the
// points lie, and what is spent becomes overdraft. take-backs.test.ts has awards, expiry.test.ts what expires, reclaims-put-back.test.ts a
// book that is put back.

import fc from 'fast-check';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { balanceOf, countyBalance, moved } from '../../county/book/ledger.ts';
import { enterPaper } from '../../county/book/lost-papers.ts';
import { answerException, openExceptions } from '../../county/book/exceptions.ts';
import { settleForgotten } from '../../county/book/forgotten.ts';
import { disallowing, previewDisallowing, proposeDisallowing } from '../../county/book/disallowed.ts';
import { releaseReclaim, seeReclaim, waitingReclaims, withdrawReclaim } from '../../county/book/reclaims.ts';
import { nowhere, takeBack } from '../../county/book/rights.ts';
import { takeIn } from '../../county/book/intake.ts';
import { statementOf } from '../../county/book/statement.ts';
import { expiry, proposeExpiry } from '../../county/book/expiry.ts';
import { takingBack } from '../../county/book/take-backs.ts';
import { threeWay } from '../../county/book/three-way.ts';
import { disallowCommands } from '../../county/disallow-command.ts';
import { foundBy, rowName } from '../../county/pages/statement-words.ts';
import { dayMs } from '../../db/model/time.ts';
import { prepared } from '../../db/sqlite.ts';
import { leafOf } from '../../db/book.ts';
import { sendRound } from '../support/county-copies.ts';
import { cut, uploadOf } from '../support/county-book.ts';
import { morning, temporary } from '../support/county.ts';
import { brings, disallowed, one, proposedCredits, reverses, ticketOf, twoDesks } from '../support/disallowing.ts';
import { all, awarded, both, broken, everybody, home, near, proposed } from '../support/take-backs.ts';
import { goOn, lastDay } from '../support/years-end.ts';

test('a credit is disallowed by two persons, in parts, at most what is left of it; the home shop returns it and the resident reads why', async () => {
  const shops = await twoDesks(onTestFinished);
  const { county } = shops;
  const credit = brings(shops, home, '1'); // 10 points
  const ticket = ticketOf(credit);
  await everybody(shops);
  const { number, sha256 } = await proposedCredits(county, one(credit, 400));
  expect(await seeReclaim(county, disallowing, number)).toMatchObject({
    reclaim: { about: ticket, rows: 1, points: 400, state: { is: 'waiting' } },
    seen: {
      ok: true,
      value: { outlook: { unallocated: 0, home: 400, elsewhere: 0, spent: 0 }, first: [{ account: 'a1', reason: ticket }] },
    },
  });
  expect(await releaseReclaim(county, disallowing, { number, by: ' 张三' })).toEqual({ ok: false, code: 'same_person' });
  expect(await releaseReclaim(county, disallowing, { number, by: '李四', shown: 'x' })).toEqual({ ok: false, code: 'not_shown' });
  expect(await releaseReclaim(county, disallowing, { number, by: '李四', shown: sha256 })).toEqual({ ok: true, value: null });
  expect(await withdrawReclaim(county, disallowing, { number, by: '张三' })).toEqual({ ok: false, code: 'released' });
  expect(await shops.at('a1')).toEqual({ main: 0, due: -400, overdraft: 0, rights: { [home]: 1_000 } });
  expect((await threeWay(county)).filter(({ what }) => what === 'points taken back')).toMatchObject([{ countyHas: { points: 400 } }]);
  const other = brings(shops, near, '2');
  for (let rounds = 0; rounds < 2; rounds += 1) await everybody(shops);
  expect(await shops.at('a1')).toEqual({ main: 0, due: 0, overdraft: 0, rights: { [home]: 600 } });
  const faults = await previewDisallowing(county, {
    is: 'list',
    list: `凭条,积分\n${ticket},6.01\n${ticket},6\nqj-03-R000099,1\n${ticketOf(other)},x\n`,
  });
  expect(faults.ok && faults.value.faults.map(({ what }) => what)).toEqual([
    `6.01 points are more than are left of ticket ${ticket}: 6`,
    `${ticket} stands twice in this list`,
    'qj-03-R000099 is no ticket of a credit that the county has',
    'x is no amount of points',
  ]);
  await disallowed(county, { is: 'list', list: `ticket,points\n${ticket},\n${ticketOf(other)},2.5\n` });
  expect(await proposeDisallowing(county, { wanted: one(credit), reason: '称重造假', by: '张三' })).toEqual({ ok: false, code: 'faulty' });
  const read = await county.read((db) => statementOf(db, { account: 'a1' }));
  const rows = read.ok ? read.value.rows.filter(({ kind }) => kind === 'disallow') : [];
  expect(rows.map((row) => [rowName(row), row.moved, foundBy(row)])).toEqual([
    ['收回回收积分', -400, `回收凭条 ${ticket}：称重造假`],
    ['收回回收积分', -600, `回收凭条 ${ticket}：称重造假`],
  ]);
  const leaves = await county.read((db) => prepared(db, `SELECT entry FROM log_leaf WHERE entry LIKE '%CREDITS_TAKEN%' ORDER BY n`).all());
  expect(leaves).toEqual([
    { entry: expect.stringMatching(/^{"number":1,"points":400,"rows":1,"sha256":"[\w-]{43}","t":"CREDITS_TAKEN_BACK"}$/) as string },
    { entry: expect.stringMatching(/^{"number":2,"points":850,"rows":2,/) as string },
  ]);
  expect(await broken(county)).toEqual([]);
});

test('what is spent of a credit becomes overdraft of no more than it; later awards repay it', async () => {
  const shops = await twoDesks(onTestFinished);
  const credit = brings(shops, home, '1');
  expect(shops.spend(home, 'a1', 900)).toEqual({ fromRights: 900, fromRoaming: 0 });
  await everybody(shops);
  await disallowed(shops.county, one(credit));
  for (let rounds = 0; rounds < 2; rounds += 1) await everybody(shops);
  expect(await shops.at('a1')).toEqual({ main: 0, due: 0, overdraft: -900, rights: {} });
  await awarded(shops.county, { a1: 10 });
  await everybody(shops);
  expect(await shops.at('a1')).toMatchObject({ overdraft: 0, rights: { [home]: 100 } });
  expect(await broken(shops.county)).toEqual([]);
});

test('a till that takes a credit back and a county that does so end the same in either order, part by part', async () => {
  const shops = await twoDesks(onTestFinished);
  const { county } = shops;
  await awarded(county, { a1: 500, a2: 500 }); // so that every till may take back
  await everybody(shops);
  const part = fc.integer({ min: 1, max: 9 });
  const plan = fc.record({ before: fc.array(part, { maxLength: 2 }), isReversed: fc.boolean(), after: fc.option(part, { nil: null }) });
  const lives = fc
    .sample(plan, { numRuns: 14, seed: 4_711 })
    .map((life, i) => ({ ...life, credit: brings(shops, home, i % 2 === 0 ? '1' : '2') }));
  await sendRound(shops, home);
  const listOf = (rows: readonly (readonly [string, number])[]): string =>
    ['ticket,points', ...rows.map((row) => row.join(',')), ''].join('\n');
  const left = new Map(lives.map(({ credit }) => [ticketOf(credit), 10]));
  const reclaim = async (rows: readonly (readonly [string, number])[]): Promise<void> => {
    const taken = rows.map(([ticket, points]) => [ticket, Math.min(points, left.get(ticket)!)] as const).filter(([, points]) => points > 0);
    await disallowed(county, { is: 'list', list: listOf(taken) });
    for (const [ticket, points] of taken) left.set(ticket, left.get(ticket)! - points);
  };
  for (const at of [0, 1])
    await reclaim(lives.flatMap(({ credit, before }) => (before[at] === undefined ? [] : [[ticketOf(credit), before[at]] as const])));
  for (const { credit, isReversed } of lives) if (isReversed) reverses(shops, home, credit);
  const beyond = await proposedCredits(county, { is: 'list', list: listOf([...left].filter(([, points]) => points > 0)) });
  await sendRound(shops, home);
  expect(await releaseReclaim(county, disallowing, { number: beyond.number, by: '李四' })).toEqual({ ok: false, code: 'beyond' });
  for (const { credit, isReversed } of lives) if (isReversed) left.set(ticketOf(credit), 0);
  await reclaim(lives.flatMap(({ credit, after }) => (after === null ? [] : [[ticketOf(credit), after] as const])));
  const has = (account: string): Promise<number> => county.read((db) => countyBalance(db, account));
  const kept = (account: string): number =>
    lives.reduce((sum, { credit }) => sum + (credit.body.accountId === account ? left.get(ticketOf(credit))! * 100 : 0), 0);
  expect([await has('a1'), await has('a2')]).toEqual([50_000 + kept('a1'), 50_000 + kept('a2')]);
  expect(await broken(county)).toEqual([]);
  for (let rounds = 0; rounds < 3; rounds += 1) await everybody(shops);
  expect(await shops.at('a1')).toEqual({ main: 0, due: 0, overdraft: 0, rights: { [home]: 50_000 + kept('a1') } });
  expect(await broken(county)).toEqual([]);
});

test('a proposal that waits is withdrawn by a person, of awards as of credits, and another of the same ticket replaces it', async () => {
  const shops = await twoDesks(onTestFinished);
  const { county } = shops;
  const credit = brings(shops, home, '1');
  await everybody(shops);
  const [first, second] = [await proposedCredits(county, one(credit, 400)), await proposedCredits(county, one(credit))];
  expect(await releaseReclaim(county, disallowing, { number: first.number, by: '李四' })).toEqual({ ok: false, code: 'replaced' });
  expect(await withdrawReclaim(county, disallowing, { number: second.number, by: ' ' })).toEqual({ ok: false, code: 'nobody' });
  expect(await withdrawReclaim(county, disallowing, { number: second.number, by: '张三' })).toEqual({ ok: true, value: null });
  expect(await withdrawReclaim(county, disallowing, { number: second.number, by: '张三' })).toEqual({ ok: false, code: 'withdrawn' });
  expect(await releaseReclaim(county, disallowing, { number: second.number, by: '李四' })).toEqual({ ok: false, code: 'withdrawn' });
  const batch = await awarded(county, { a1: 100 });
  const number = await proposed(county, batch, all);
  expect(await withdrawReclaim(county, takingBack, { number, by: '李四' })).toEqual({ ok: true, value: null });
  expect(await releaseReclaim(county, takingBack, { number, by: '李四' })).toEqual({ ok: false, code: 'withdrawn' });
  expect(await county.read((db) => [...waitingReclaims(db, disallowing), ...waitingReclaims(db, takingBack)])).toEqual([]);
});

test('the command shows what it would do, proposes with a name, takes back with another, or withdraws', async () => {
  const shops = await twoDesks(onTestFinished);
  const { county } = shops;
  const ticket = ticketOf(brings(shops, home, '1'));
  await everybody(shops);
  const said: string[] = [];
  const say = (text: string): void => void said.push(text);
  const run = (options: Readonly<Record<string, string>>): Promise<number> =>
    disallowCommands['disallow']!({ ...county }, { ...options, words: [] }, { say, complain: say }); // this one is there
  expect(await run({ paper: ticket, points: '4' })).toBe(0);
  expect(said.splice(0).join('')).toBe(
    `1 recycling credits, 4 points\nby what the county heard: 0 lie at no shop and come back at once, 4 at home shops, 0 at others, 0 are perhaps spent and become overdraft\n  a1  格桑卓玛  4  ${ticket}\n`,
  );
  expect(await run({ paper: ticket, by: '张三' })).toBe(2);
  expect(await run({ paper: ticket, points: '0' })).toBe(2);
  expect(await run({ paper: ticket, points: '11', text: '造假', by: '张三' })).toBe(1);
  expect(said.find((line) => line.startsWith('row '))).toBe(undefined); // it was no list
  expect(await run({ paper: ticket, points: '4', text: '造假', by: '张三' })).toBe(0);
  expect(await run({ release: '1', withdraw: '1', by: '李四' })).toBe(2);
  expect(await run({ withdraw: '1' })).toBe(2);
  expect(await run({ withdraw: '1', by: '张三' })).toBe(0);
  expect(await run({ release: '1', by: '李四' })).toBe(1);
  const path = join(temporary(onTestFinished), 'tickets.csv');
  writeFileSync(path, `凭条\n${ticket}\n`);
  expect(await run({ file: path, text: '造假', by: '张三' })).toBe(0);
  expect(await run({ release: '2', by: '张三' })).toBe(1);
  expect(said.at(-1)).toBe('not released: who proposed it does not release it: another person does\n');
  expect(await run({ release: '2', by: '李四' })).toBe(0);
  expect(said.at(-1)).toBe('2 is done: the next night asks the shops for what lies there\n');
  expect(await run({ paper: ticket })).toBe(1);
  expect(await county.read((db) => statementOf(db, { account: 'a1' }))).toMatchObject({ value: { closing: 0 } });
});

test('what till and county both took of a credit cancels what is owed for that, and not what was roamed', async () => {
  const shops = await twoDesks(onTestFinished);
  const { county } = shops;
  await awarded(county, { a1: 20 });
  await everybody(shops);
  expect(shops.spend(near, 'a1', 2_000)).toEqual({ fromRights: 0, fromRoaming: 2_000 });
  const credit = brings(shops, home, '1');
  for (const kiosk of both) await sendRound(shops, kiosk);
  await disallowed(county, one(credit, 700));
  reverses(shops, home, credit);
  await sendRound(shops, home);
  const owed = (at: string): Promise<number> => county.read((db) => balanceOf(db, { account: 'due', holder: 'a1', at }));
  expect([await owed(near), await owed(nowhere)]).toEqual([-2_000, 0]);
  expect(await county.read((db) => countyBalance(db, 'a1'))).toBe(0);
  expect(await broken(county)).toEqual([]);
});

test('a credit that expired, and that its till took back before it heard so, is not taken twice', async () => {
  let now = morning;
  const shops = await twoDesks(onTestFinished, () => now);
  const { county } = shops;
  const [credit] = [brings(shops, home, '1'), brings(shops, home, '2')];
  now += dayMs;
  for (const kiosk of both) await goOn(shops, kiosk);
  const kept = await proposeExpiry(county, { through: lastDay, reason: '年度到期', by: '张三' });
  expect(kept).toMatchObject({ ok: true, value: { rows: 2, points: 2_000 } });
  expect(await releaseReclaim(county, expiry, { number: 1, by: '李四' })).toEqual({ ok: true, value: null });
  reverses(shops, home, credit);
  await sendRound(shops, home);
  expect(await shops.at('a1')).toEqual({ main: 0, due: 0, overdraft: 0, rights: {} });
  expect(await shops.at('a2')).toEqual({ main: 0, due: -1_000, overdraft: 0, rights: { [home]: 1_000 } });
  expect(await broken(county)).toEqual([]);
});

test.each([
  ['before', [400, 600]],
  ['after', []],
] as const)(
  'what the till of an ended incarnation took back of a credit is the county’s loss no more where that is disallowed, %s it came; the account has it once',
  async (_, first) => {
    const shops = await twoDesks(onTestFinished);
    const { county } = shops;
    const answerRestored = async (): Promise<void> => {
      for (const { number } of await county.read(openExceptions)) await answerException(county, { number, by: '李四', text: 'seen' });
    };
    const credit = brings(shops, home, '1');
    await everybody(shops);
    const image = shops.image(home);
    reverses(shops, home, credit);
    const old = shops.shop(home);
    const disk = uploadOf(old.home, await cut(old.home, old.book));
    shops.restore(home, image);
    await sendRound(shops, home);
    await answerRestored();
    await everybody(shops);
    for (const points of first) await disallowed(county, one(credit, points));
    expect((await takeIn(county, disk)).verdict).toBe('ACCEPTED');
    const lost = (): Promise<number> => county.read((db) => balanceOf(db, { account: 'writeoff', holder: 'a1', at: home }));
    if (first.length === 0) expect([await lost(), await county.read((db) => countyBalance(db, 'a1'))]).toEqual([-1_000, 1_000]);
    if (first.length === 0) for (const points of [400, null]) await disallowed(county, one(credit, points));
    expect([await lost(), await county.read((db) => countyBalance(db, 'a1'))]).toEqual([0, 0]);
    expect(await proposeDisallowing(county, { wanted: one(credit), reason: '称重造假', by: '张三' })).toMatchObject({ code: 'faulty' }); // nothing is left
    for (let rounds = 0; rounds < 2; rounds += 1) await everybody(shops);
    expect(await shops.at('a1')).toEqual({ main: 0, due: 0, overdraft: 0, rights: {} });
    expect(await broken(county)).toEqual([]);
  },
);

test('a credit of before the county knew its account is the account’s once it comes home, and pays for its own disallowing', async () => {
  const shops = await twoDesks(onTestFinished);
  await shops.county.transact((act) => {
    const entry = act.enter('test', '');
    act.post(moved({ account: 'recycling_issue', at: home }, { account: 'suspense', holder: 'a1', at: home }, 1_000));
    takeBack(act, { kiosk: home, account: 'a1' }, { amount: 1_000, asked: 1_000, entry });
  });
  const lying = (account: 'main' | 'suspense'): Promise<number> =>
    shops.county.read((db) => balanceOf(db, { account, holder: 'a1', ...(account === 'main' ? {} : { at: home }) }));
  expect([await lying('main'), await lying('suspense')]).toEqual([1_000, 0]);
});

test('a credit that was entered by its paper is disallowed by its place; when its event comes, nobody has it twice, nor pays it twice', async () => {
  const shops = await twoDesks(onTestFinished);
  const { county } = shops;
  const credit = brings(shops, home, '1');
  const { seq, amt } = credit;
  const line = shops.shop(home).book.db.prepare<[number], { line: string }>('SELECT line FROM event WHERE seq = ?').get(seq)!.line;
  const leaf = leafOf(line).toString('base64url');
  await county.transact((act) => enterPaper(act, { kiosk: home, inc: 1, seq, leaf, kind: 'credit', account: 'a1', points: amt, fen: 0 }));
  await disallowed(county, { is: 'one', ticket: `${home}/1/${seq}`, points: 600 });
  expect(await county.read((db) => countyBalance(db, 'a1'))).toBe(400);
  expect(await broken(county)).toEqual([]);
  await sendRound(shops, home);
  await county.transact((act) => settleForgotten(act, home));
  expect(await county.read((db) => countyBalance(db, 'a1'))).toBe(400);
  await disallowed(county, one(credit));
  expect(await county.read((db) => countyBalance(db, 'a1'))).toBe(0);
  expect(await broken(county)).toEqual([]);
});
