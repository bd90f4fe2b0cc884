// The float of a shift beside the book's drawer, and who is told what the drawer should hold before they counted.

import { randomUUID } from 'node:crypto';
import { describe, expect, onTestFinished, test } from 'vitest';
import { postingsOf } from '../../../db/model/postings.ts';
import { piecesOf } from '../../support/closing.ts';
import { cashier, cashierPin } from '../../support/county.ts';
import { leaveFor, anOwner, soldAt } from '../../support/returns.ts';
import { type Till, aTill, atWork } from '../../support/till.ts';
import { verdictOn } from '../../support/verify.ts';

/** A cashier at work with 100 yuan in the drawer and 50 more from a sale; `op2` and `boss` are owners. */
async function aShop(): Promise<Till> {
  const owner = { ...(await cashier()), id: 'op2', name: '次仁', role: 'owner' } as const;
  const till = await atWork(await aTill(onTestFinished, [await anOwner(), { t: 'OPERATOR', operator: owner }]));
  await soldAt(till, { goods: [['1', 4]] });
  return till;
}

async function signIn(till: Till, operatorId: 'op1' | 'op2'): Promise<void> {
  expect(await till.call.signIn({ operatorId, pin: cashierPin })).toMatchObject({ ok: true });
}

async function count(till: Till, purpose: 'hand_over' | 'closing', fen: number): Promise<string> {
  const answer = await till.call.countDrawer({ actId: randomUUID(), purpose, counts: [...piecesOf(fen)] });
  if (!answer.ok) throw new Error(answer.code);
  return answer.value.countId;
}

async function handOver(till: Till): Promise<void> {
  const countId = await count(till, 'hand_over', 15_000);
  expect(await till.call.closeShift({ actId: randomUUID(), countId, reason: null })).toEqual({ ok: true, value: null });
}

/** Closed by an owner, and the clock on the next morning. */
async function closed(till: Till): Promise<void> {
  await signIn(till, 'op2');
  const countId = await count(till, 'closing', 15_000);
  expect(await till.call.closeDay({ actId: randomUUID(), countId, reason: null })).toMatchObject({ ok: true });
  till.clock.turn(24 * 60 * 60 * 1000);
}

type More = Partial<Parameters<Till['call']['openShift']>[0]>;
const open = (till: Till, floatFen: number, more: More = {}) =>
  till.call.openShift({ actId: randomUUID(), floatFen, confirmedDate: null, ...more });

/** What the newest shift says, moves and adds to its period, which an owner closes; and that the book is true. */
async function newest(till: Till) {
  await signIn(till, 'op2');
  const view = (await till.call.period({ number: null }))!;
  const names = ['drawer.floatFen', 'drawer.overShortFen', 'exception/cashOut'];
  const figures = Object.fromEntries(names.map((name) => [name, view.figures[name] ?? 0]));
  await till.stop();
  expect(await verdictOn(till.directory)).toEqual({ kind: 'true' });
  const opened = till.events().findLast(({ kind }) => kind === 'SHIFT_OPEN')!;
  const moved = postingsOf(opened).map(({ account, amount }) => [account, amount]);
  return { body: opened.body, moved, figures };
}

describe('a float that is not what the book has', () => {
  test('after a hand-over is over or short, and needs a reason', async () => {
    const till = await aShop();
    await handOver(till);
    await signIn(till, 'op1');
    for (const floatFen of [10_000, 16_000])
      expect(await open(till, floatFen)).toEqual({ ok: false, code: 'reason_needed', bookFen: 15_000 });
    expect(await open(till, 10_000, { reason: 'unknown' })).toMatchObject({ ok: true });
    expect(await newest(till)).toEqual({
      body: { floatFen: 10_000, drawerBeforeFen: 15_000, isDateConfirmed: false, reason: 'unknown', approvalId: null },
      moved: [
        ['cash/drawer', -5_000],
        ['cash/over-short', 5_000],
      ],
      figures: { 'drawer.floatFen': 10_000, 'drawer.overShortFen': -5_000, 'exception/cashOut': 0 },
    });
  });

  test('after a closing takes the owner’s cash out by leave of exactly that, once', async () => {
    const till = await aShop();
    await closed(till);
    await signIn(till, 'op1');
    expect(await open(till, 9_000)).toEqual({ ok: false, code: 'approval_needed', bookFen: 15_000 });
    const approvalId = await leaveFor(till, { kind: 'pay_out', fen: 5_000, reason: 'bank' });
    expect(await open(till, 9_000, { approvalId })).toEqual({ ok: false, code: 'approval_void' });
    const act = { actId: randomUUID(), floatFen: 10_000, confirmedDate: null, approvalId };
    for (const _ of [1, 2]) expect(await till.call.openShift(act)).toMatchObject({ ok: true }); // the answer was lost
    expect(await newest(till)).toEqual({
      body: { floatFen: 10_000, drawerBeforeFen: 15_000, isDateConfirmed: false, reason: null, approvalId },
      moved: [
        ['cash/drawer', -5_000],
        ['cash/owner', 5_000],
      ],
      figures: { 'drawer.floatFen': -5_000, 'drawer.overShortFen': 0, 'exception/cashOut': 1 },
    });
  });

  test.each([
    ['less, where an owner opens', 'op2', 10_000, 1],
    ['more, whoever opens', 'op1', 20_000, 0],
  ] as const)('after a closing is the owner’s: %s', async (_, operatorId, floatFen, cashOut) => {
    const till = await aShop();
    await closed(till);
    await signIn(till, operatorId);
    expect(await open(till, floatFen, { reason: 'other' })).toMatchObject({ ok: true });
    expect(await newest(till)).toMatchObject({
      body: { floatFen, drawerBeforeFen: 15_000, reason: null, approvalId: null },
      figures: { 'drawer.floatFen': floatFen - 15_000, 'drawer.overShortFen': 0, 'exception/cashOut': cashOut },
    });
  });
});

describe('what the drawer should hold', () => {
  test('is told to no cashier by the figures of the open day, and to its owner whole', async () => {
    const till = await aShop();
    const told = (await till.call.period({ number: null }))!;
    expect(told.isDrawerTold).toBe(false);
    expect([...Object.keys(told.figures), ...Object.keys(told.accounts)].filter((name) => /drawer|cash/i.test(name))).toEqual([]);
    expect(told.figures['sale.fen']).toBe(5_000);
    const behind = (figure: string) => till.call.eventsBehind({ number: null, figure, beforeSeq: null });
    for (const figure of ['drawer.saleFen', 'account/cash/drawer/CNY', 'sale.cashFen', 'operator/op1/cashFen'])
      expect(await behind(figure)).toEqual({ events: [], nextBeforeSeq: null });
    await signIn(till, 'op2');
    expect(await till.call.period({ number: null })).toMatchObject({
      isDrawerTold: true,
      figures: { 'drawer.saleFen': 5_000 },
      accounts: { 'cash/drawer/CNY': { opening: 0, closing: 15_000 } },
    });
    expect((await behind('drawer.saleFen')).events).toMatchObject([{ kind: 'SALE', amount: 5_000 }]);
  });

  test('is told by a count in between to an owner only', async () => {
    const till = await aShop();
    const check = () => till.call.countDrawer({ actId: randomUUID(), purpose: 'check', counts: [...piecesOf(0)] });
    expect(await check()).toEqual({ ok: false, code: 'owner_only' });
    await signIn(till, 'op2');
    expect(await check()).toMatchObject({ ok: true, value: { expectedFen: 15_000 } });
    await till.stop();
    expect(await verdictOn(till.directory)).toEqual({ kind: 'true' });
  });

  test('is told by every count for an end, and the end tells of each', async () => {
    const till = await aShop();
    await count(till, 'hand_over', 0); // to learn what should be there
    await count(till, 'closing', 14_900);
    const countId = await count(till, 'closing', 15_000);
    const approvalId = await leaveFor(till, { kind: 'close_day', day: '2026-11-21', countId });
    expect(await till.call.closeDay({ actId: randomUUID(), countId, reason: null, approvalId })).toMatchObject({ ok: true });
    expect(await till.call.period({ number: 1 })).toMatchObject({
      closing: { drawer: { differenceFen: 0, recountsFen: [-15_000, -100] } },
      figures: { 'exception/recount': 2 },
    });
    await till.stop();
    expect(await verdictOn(till.directory)).toEqual({ kind: 'true' });
  });
});
