import { randomUUID } from 'node:crypto';
import { describe, expect, onTestFinished, test } from 'vitest';
import { denominations } from '../../../db/model/event.ts';
import { postingsOf } from '../../../db/model/postings.ts';
import { cashierPin } from '../../support/county.ts';
import { piecesOf } from '../../support/closing.ts';
import { closeTheDay } from '../../support/open-shift.ts';
import { type Till, aTill, atWork } from '../../support/till.ts';
import { verdictOn } from '../../support/verify.ts';
import { fc } from '../../support/property.ts';

type Reason = 'bank' | 'change' | 'other';

async function sell(till: Till, times = 1): Promise<void> {
  await till.call.addGoods({ goodsId: '1' });
  const [line] = till.snapshot().cart.quote.lines;
  if (times > 1) await till.call.setQuantity({ lineId: line!.lineId, quantity: times });
  const { saleId, quote, digest } = till.snapshot().cart;
  const shown = { totalFen: quote.totalFen, points: quote.points, payFen: quote.dueCashFen, digest };
  expect(await till.call.pay({ saleId, shown, payment: { kind: 'cash', tenderedFen: quote.dueCashFen } })).toMatchObject({ ok: true });
}

async function leave(till: Till, fen: number, reason: Reason): Promise<string> {
  const approvalId = randomUUID();
  const act = { kind: 'pay_out', fen, reason } as const;
  expect(await till.call.approve({ approvalId, act, operatorId: 'op1', pin: cashierPin })).toMatchObject({ ok: true });
  return approvalId;
}

const move = (till: Till, direction: 'in' | 'out', fen: number, reason: Reason, approvalId?: string) =>
  till.call.moveCash({ actId: randomUUID(), direction, fen, reason, note: '', approvalId });

async function count(till: Till, countedFen: number, purpose: 'check' | 'hand_over' | 'closing' = 'hand_over') {
  const answer = await till.call.countDrawer({ actId: randomUUID(), purpose, counts: [...piecesOf(countedFen)] });
  if (!answer.ok) throw new Error(answer.code);
  return answer.value;
}

const handOver = (till: Till, countId: string, reason: 'miscount' | null = null) =>
  till.call.closeShift({ actId: randomUUID(), countId, reason });

const done = { ok: true, value: null };

describe('cash that is no sale', () => {
  test('goes in for a reason, and out by leave of exactly that amount and reason, once', async () => {
    const till = await atWork(await aTill(onTestFinished));
    expect(await move(till, 'in', 5_000, 'change')).toEqual(done);
    expect(await move(till, 'in', 5_000, 'bank')).toEqual({ ok: false, code: 'bad_reason' });
    expect(await move(till, 'out', 15_001, 'bank')).toEqual({ ok: false, code: 'approval_needed' }); // or anybody could ask until they know
    expect(await move(till, 'out', 15_001, 'bank', randomUUID())).toEqual({ ok: false, code: 'approval_void' });
    expect(await move(till, 'out', 15_001, 'bank', await leave(till, 15_001, 'bank'))).toEqual({ ok: false, code: 'drawer_short' });
    expect(await move(till, 'out', 8_000, 'bank')).toEqual({ ok: false, code: 'approval_needed' });
    const approvalId = await leave(till, 8_000, 'bank');
    expect(await move(till, 'out', 8_001, 'bank', approvalId)).toEqual({ ok: false, code: 'approval_void' });
    expect(await move(till, 'out', 8_000, 'other', approvalId)).toEqual({ ok: false, code: 'approval_void' });
    const act = { actId: randomUUID(), direction: 'out', fen: 8_000, reason: 'bank', note: '存款', approvalId } as const;
    for (const _ of [1, 2]) expect(await till.call.moveCash(act)).toEqual(done); // the answer was lost
    expect(await move(till, 'out', 1_000, 'bank', approvalId)).toEqual({ ok: false, code: 'approval_void' });
    expect(await count(till, 7_000)).toMatchObject({ expectedFen: 7_000, differenceFen: 0 });
    await till.stop();
    expect(till.events().flatMap((event) => (event.kind === 'CASH_MOVED' ? [event.body] : []))).toEqual([
      { direction: 'in', fen: 5_000, reason: 'change', note: '', approvalId: null },
      { direction: 'out', fen: 8_000, reason: 'bank', note: '存款', approvalId },
    ]);
    expect(await verdictOn(till.directory)).toEqual({ kind: 'true' });
  });

  test('a no-sale opens the drawer once, moves nothing, and is on record with its reason', async () => {
    const till = await atWork(await aTill(onTestFinished));
    const act = { actId: randomUUID(), reason: 'change' } as const;
    for (const _ of [1, 2]) expect(await till.call.noSale(act)).toEqual(done);
    await expect(till.call.noSale({ ...act, reason: 'check' })).rejects.toMatchObject({ code: 'bad_call' });
    const opened = async () => (await till.call.period({ number: null }))?.figures['kind/DRAWER_OPENED'];
    await expect.poll(opened, { interval: 20 }).toBe(1);
    await till.stop();
    const events = till.events();
    expect(events.filter(({ kind }) => kind === 'NO_SALE').map(({ body }) => body)).toEqual([{ reason: 'change' }]);
    expect(events.filter(({ kind }) => kind === 'DRAWER_OPENED').map(({ body }) => body)).toEqual([{ saleId: act.actId }]);
  });
});

describe('a count', () => {
  test('tells what should be there only in its answer, and is the same count when it is asked again', async () => {
    const till = await atWork(await aTill(onTestFinished));
    await sell(till);
    expect(JSON.stringify(till.snapshot())).not.toContain('11250');
    const act = { actId: randomUUID(), purpose: 'hand_over', counts: [1, 0, 0, 0, 0, 12, 0, 0] } as const;
    const first = await till.call.countDrawer({ ...act, counts: [...act.counts] });
    expect(first).toEqual({
      ok: true,
      value: { countId: act.actId, countedFen: 11_200, expectedFen: 11_250, differenceFen: -50 },
    });
    await sell(till);
    expect(await till.call.countDrawer({ ...act, counts: [...act.counts] })).toEqual(first);
    await expect(till.call.countDrawer({ ...act, counts: [2, 0, 0, 0, 0, 12, 0, 0] })).rejects.toMatchObject({ code: 'bad_call' });
  });

  test.each([
    ['negative', [-1, 0, 0, 0, 0, 0, 0, 0]],
    ['huge', [1e9, 0, 0, 0, 0, 0, 0, 0]],
    ['halves', [0.5, 0, 0, 0, 0, 0, 0, 0]],
    ['letters', ['1', 0, 0, 0, 0, 0, 0, 0]],
    ['of seven kinds', [1, 0, 0, 0, 0, 0, 0]],
    ['of nine kinds', [1, 0, 0, 0, 0, 0, 0, 0, 0]],
  ])('of %s is no call', async (_, counts) => {
    const till = await atWork(await aTill(onTestFinished));
    const ask = till.call.countDrawer({ actId: randomUUID(), purpose: 'check', counts: counts as number[] });
    await expect(ask).rejects.toMatchObject({ code: 'bad_call' });
  });

  test('of nothing at all is a count; without an open shift there is nothing to count', async () => {
    const till = await atWork(await aTill(onTestFinished), { isShiftOpen: true });
    const ask = (purpose: 'hand_over' | 'closing') => till.call.countDrawer({ actId: randomUUID(), purpose, counts: [...piecesOf(0)] });
    for (const purpose of ['hand_over', 'closing'] as const) expect(await ask(purpose)).toEqual({ ok: false, code: 'nothing_open' });
    await atWork(till);
    expect(await ask('hand_over')).toMatchObject({ ok: true, value: { countedFen: 0, expectedFen: 10_000, differenceFen: -10_000 } });
  });
});

describe('handing over', () => {
  test('books the difference with its reason, signs out, and offers what was counted to the next on the same date', async () => {
    const till = await atWork(await aTill(onTestFinished));
    await sell(till);
    const counted = await count(till, 11_300);
    expect(counted).toMatchObject({ differenceFen: 50 });
    expect(await handOver(till, counted.countId)).toEqual({ ok: false, code: 'reason_needed' });
    expect(await handOver(till, counted.countId, 'miscount')).toEqual(done);
    expect(till.snapshot()).toMatchObject({
      operator: null,
      shift: null,
      days: { forgotten: null, handedOver: { businessDate: '2026-11-21', countedFen: 11_300 } },
    });
    await till.call.signIn({ operatorId: 'op1', pin: cashierPin });
    expect(till.snapshot().shift).toBeNull();
    expect(await till.call.openShift({ actId: randomUUID(), floatFen: 11_300, confirmedDate: null })).toEqual({
      ok: true,
      value: { businessDate: '2026-11-21' },
    });
    expect(till.snapshot().days.handedOver).toBeNull();
    await sell(till);
    expect(await closeTheDay(till.call)).toMatchObject({ ok: true, value: { number: 1 } });
    await till.stop();
    const ends = till.events().filter(({ kind }) => kind === 'SHIFT_CLOSED');
    expect(ends.map(postingsOf)).toEqual([
      [
        { account: 'cash/over-short', holder: '', commodity: 'CNY', amount: -50 },
        { account: 'cash/drawer', holder: '', commodity: 'CNY', amount: 50 },
      ],
    ]);
    expect(await verdictOn(till.directory)).toEqual({ kind: 'true' });
  });

  test('waits for goods in the cart, carts put aside and bags; a power cut does not bring a shift back that is over', async () => {
    const till = await atWork(await aTill(onTestFinished));
    const { countId } = await count(till, 10_000);
    await till.call.addGoods({ goodsId: '1' });
    expect(await handOver(till, countId)).toEqual({ ok: false, code: 'cart_open' });
    const heldId = randomUUID();
    await till.call.holdSale({ heldId });
    expect(await handOver(till, countId)).toEqual({ ok: false, code: 'held_carts' });
    await till.call.dropHeld({ actId: randomUUID(), heldId });
    expect(await handOver(till, countId)).toEqual(done);
    const again = await till.powerCut();
    expect(again.snapshot()).toMatchObject({ operator: null, shift: null });
    await again.call.signIn({ operatorId: 'op1', pin: cashierPin });
    expect(again.snapshot().shift).toBeNull();
    const cut = await again.powerCut(); // still signed in, and no shift came back with the sign-in
    expect(cut.snapshot()).toMatchObject({ operator: { id: 'op1' }, shift: null });
  });

  test.each([
    ['a sale since', async (till: Till): Promise<unknown> => sell(till)],
    ['cash put in since', async (till: Till): Promise<unknown> => move(till, 'in', 100, 'change')],
    ['another count since', async (till: Till): Promise<unknown> => count(till, 10_000)],
  ] as const)('needs a count that stands: not with %s', async (_, spoil) => {
    const till = await atWork(await aTill(onTestFinished));
    const { countId } = await count(till, 10_000);
    await spoil(till);
    expect(await handOver(till, countId)).toEqual({ ok: false, code: 'count_stale' });
  });

  test('a count for another end, of the shift before, or of nobody does not stand', async () => {
    const till = await atWork(await aTill(onTestFinished));
    const toClose = await count(till, 10_000, 'closing');
    const first = await count(till, 10_000);
    expect(await handOver(till, toClose.countId)).toEqual({ ok: false, code: 'count_stale' });
    expect(await handOver(till, randomUUID())).toEqual({ ok: false, code: 'count_stale' });
    expect(await handOver(till, first.countId)).toEqual(done);
    await atWork(till);
    expect(await handOver(till, first.countId)).toEqual({ ok: false, code: 'count_stale' });
  });
});

describe('dates that were closed', () => {
  test('a shift after the closing is booked on the next date, which is asked; a second day ahead is refused', async () => {
    const till = await atWork(await aTill(onTestFinished));
    expect(await closeTheDay(till.call)).toMatchObject({ ok: true });
    const open = (confirmedDate: string | null) => till.call.openShift({ actId: randomUUID(), floatFen: 10_000, confirmedDate });
    expect(await open(null)).toEqual({ ok: false, code: 'confirm_date', businessDate: '2026-11-22' });
    expect(await open('2026-11-22')).toEqual({ ok: true, value: { businessDate: '2026-11-22' } });
    await sell(till);
    expect(await closeTheDay(till.call)).toMatchObject({ ok: true, value: { number: 2 } });
    expect(await open('2026-11-23')).toEqual({ ok: false, code: 'closed_ahead' });
    till.clock.turn(24 * 60 * 60 * 1000);
    await till.call.signOut();
    await till.call.signIn({ operatorId: 'op1', pin: cashierPin });
    expect(await open(null)).toMatchObject({ ok: false, code: 'confirm_date', businessDate: '2026-11-23' });
    await till.stop();
    expect(await verdictOn(till.directory)).toEqual({ kind: 'true' });
  });

  test('a closed shift does not come back after a power cut, nor at the next sign-in', async () => {
    const till = await atWork(await aTill(onTestFinished));
    expect(await closeTheDay(till.call)).toMatchObject({ ok: true });
    const again = await till.powerCut();
    expect(again.snapshot()).toMatchObject({ shift: null, days: { forgotten: null, closedThrough: '2026-11-21' } });
    await again.call.signOut().catch(() => undefined);
    await again.call.signIn({ operatorId: 'op1', pin: cashierPin });
    expect(again.snapshot().shift).toBeNull();
  });
});

/** One act at random, and what it adds to the drawer. */
const anyAct = fc.oneof(
  fc.record({ kind: fc.constant('sell' as const), times: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ kind: fc.constant('in' as const), jiao: fc.integer({ min: 1, max: 400 }) }),
  fc.record({ kind: fc.constant('out' as const), jiao: fc.integer({ min: 1, max: 400 }) }),
  fc.record({ kind: fc.constant('no_sale' as const) }),
  fc.record({ kind: fc.constant('hand_over' as const), offJiao: fc.integer({ min: -20, max: 20 }), floatJiao: fc.nat(3_000) }),
);

test('whatever is done, the drawer holds the sum of its postings and nothing else, and verify agrees', { timeout: 60_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyAct, { minLength: 4, maxLength: 14 }), async (acts) => {
      const till = await atWork(await aTill(onTestFinished));
      let drawer = 10_000;
      for (const act of acts) {
        if (act.kind === 'sell') {
          await sell(till, act.times);
          drawer += till.snapshot().lastSale!.payments.reduce((sum, payment) => sum + payment.fen, 0);
        } else if (act.kind === 'no_sale') await till.call.noSale({ actId: randomUUID(), reason: 'check' });
        else if (act.kind === 'in') {
          expect(await move(till, 'in', act.jiao * 10, 'change')).toEqual(done);
          drawer += act.jiao * 10;
        } else if (act.kind === 'out') {
          const fen = act.jiao * 10;
          const answer = await move(till, 'out', fen, 'bank');
          expect(answer).toEqual({ ok: false, code: 'approval_needed' });
          const isShort = fen > drawer;
          const allowed = await move(till, 'out', fen, 'bank', await leave(till, fen, 'bank'));
          expect(allowed).toEqual(isShort ? { ok: false, code: 'drawer_short' } : done);
          if (!isShort) drawer -= fen;
        } else {
          const counted = Math.max(0, drawer + act.offJiao * 10);
          const { countId, expectedFen } = await count(till, counted);
          expect(expectedFen).toBe(drawer);
          expect(await handOver(till, countId, 'miscount')).toEqual(done);
          await till.call.signIn({ operatorId: 'op1', pin: cashierPin });
          drawer = act.floatJiao * 10;
          const shift = { actId: randomUUID(), floatFen: drawer, confirmedDate: null, reason: 'miscount' } as const;
          expect(await till.call.openShift(shift)).toMatchObject({ ok: true });
        }
      }
      expect(await count(till, 0)).toMatchObject({ expectedFen: drawer });
      await till.stop();
      const sum = till
        .events()
        .flatMap(postingsOf)
        .reduce((total, { account, amount }) => total + (account === 'cash/drawer' ? amount : 0), 0);
      expect(sum).toBe(drawer);
      expect(await verdictOn(till.directory)).toEqual({ kind: 'true' });
    }),
    { numRuns: 6 },
  );
});

test('every kind of cash is counted at its worth', () => {
  expect(denominations.map((worth) => piecesOf(worth).indexOf(1))).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
});
