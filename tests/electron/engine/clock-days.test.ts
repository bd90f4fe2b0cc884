// Days that exist because somebody moved the clock: who may close them, who goes on after them, and midnight between two readings.

import { randomUUID } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import type { Clock } from '../../../db/book.ts';
import { dayMs } from '../../../db/model/time.ts';
import { piecesOf } from '../../support/closing.ts';
import { cashier, cashierPin } from '../../support/county.ts';
import { anOwner, leaveFor, soldAt } from '../../support/returns.ts';
import { type Till, aTill, atWork, startTill } from '../../support/till.ts';
import { verdictOn } from '../../support/verify.ts';

async function aShop(): Promise<Till> {
  const owner = { ...(await cashier()), id: 'op2', name: '次仁', role: 'owner' } as const;
  return aTill(onTestFinished, [await anOwner(), { t: 'OPERATOR', operator: owner }]);
}

async function counted(till: Till): Promise<string> {
  const answer = await till.call.countDrawer({ actId: randomUUID(), purpose: 'closing', counts: [...piecesOf(11_250)] });
  if (!answer.ok) throw new Error(answer.code);
  return answer.value.countId;
}

test('a day that is past because the clock was put forward is not a cashier’s to close alone', async () => {
  const till = await atWork(await aShop());
  await soldAt(till, { goods: [['1', 1]] });
  till.clock.set(till.clock.wallMs() + dayMs); // the monotonic clock stands still
  const countId = await counted(till);
  const close = (approvalId?: string) => till.call.closeDay({ actId: randomUUID(), countId, reason: null, approvalId });
  expect(await close()).toEqual({ ok: false, code: 'approval_needed' });
  const approvalId = await leaveFor(till, { kind: 'close_day', day: '2026-11-21', countId });
  expect(await close(approvalId)).toMatchObject({ ok: true });
  await till.stop();
  expect(await verdictOn(till.directory)).toEqual({ kind: 'true' });
});

test('a day that a night made past is closed by whoever comes first', async () => {
  const till = await atWork(await aShop());
  await soldAt(till, { goods: [['1', 1]] });
  await till.stop();
  till.clock.set(till.clock.wallMs() + dayMs); // the machine was off
  const again = await startTill(onTestFinished, till.directory, till.clock);
  await again.call.signIn({ operatorId: 'op1', pin: cashierPin });
  const countId = await counted(again);
  expect(await again.call.closeDay({ actId: randomUUID(), countId, reason: null })).toMatchObject({ ok: true });
  await again.stop();
  expect(await verdictOn(till.directory)).toEqual({ kind: 'true' });
});

test('a clock that was ten years ahead and is put right shuts the shop to cashiers, and an owner goes on after it', async () => {
  const till = await aShop();
  const now = till.clock.wallMs();
  till.clock.set(Date.parse('2036-11-21T09:00:00+08:00'));
  await till.call.signIn({ operatorId: 'op2', pin: cashierPin });
  const open = (confirmedDate: string | null, floatFen = 11_250) => till.call.openShift({ actId: randomUUID(), floatFen, confirmedDate });
  expect(await open('2036-11-21', 10_000)).toMatchObject({ ok: true });
  await soldAt(till, { goods: [['1', 1]] });
  expect(await till.call.closeDay({ actId: randomUUID(), countId: await counted(till), reason: null })).toMatchObject({ ok: true });
  till.clock.set(now + dayMs);
  await till.call.signIn({ operatorId: 'op1', pin: cashierPin });
  for (const date of [null, '2036-11-22']) expect(await open(date)).toEqual({ ok: false, code: 'closed_ahead' });
  await till.call.signIn({ operatorId: 'op2', pin: cashierPin });
  for (const date of [null, '2036-11-23'])
    expect(await open(date)).toEqual({ ok: false, code: 'confirm_date', businessDate: '2036-11-22' });
  expect(await open('2036-11-22')).toEqual({ ok: true, value: { businessDate: '2036-11-22' } });
  await soldAt(till, { goods: [['1', 1]] });
  const view = (await till.call.period({ number: null }))!;
  expect(view.figures['exception/dateConfirmed']).toBe(1);
  await till.stop();
  expect(await verdictOn(till.directory)).toEqual({ kind: 'true' });
});

test('a closing is late or not by the very time it is booked at, also where midnight passes between two readings', async () => {
  const midnight = Date.parse('2026-11-22T00:00:00+08:00');
  for (const before of [1, 3, 5]) {
    const till = await aShop();
    await till.call.signIn({ operatorId: 'op2', pin: cashierPin });
    expect(await till.call.openShift({ actId: randomUUID(), floatFen: 11_250, confirmedDate: null })).toMatchObject({ ok: true });
    till.clock.turn(midnight - 2_000 - till.clock.wallMs());
    const countId = await counted(till);
    const clock: { wallMs: Clock['wallMs'] } = till.clock;
    const wall = clock.wallMs;
    let next = midnight - before;
    clock.wallMs = () => next++; // each reading a millisecond later
    expect(await till.call.closeDay({ actId: randomUUID(), countId, reason: null })).toMatchObject({ ok: true });
    clock.wallMs = wall;
    till.clock.set(next);
    await till.stop();
    const closing = till.events().find(({ kind }) => kind === 'DAY_CLOSED')!;
    expect(closing.body).toMatchObject({ isForgotten: closing.at >= midnight });
    expect(await verdictOn(till.directory)).toEqual({ kind: 'true' });
  }
});
