import { randomUUID } from 'node:crypto';
import { describe, expect, onTestFinished, test } from 'vitest';
import { postingsOf } from '../../../db/model/postings.ts';
import { handlers } from '../../../electron/engine/handlers.ts';
import { morning } from '../../support/county.ts';
import { closeTheDay } from '../../support/open-shift.ts';
import { type Till, aTill, atWork, startTill } from '../../support/till.ts';

describe('signing in', () => {
  test('five wrong PINs lock the name for half a minute, also after a restart', async () => {
    const till = await aTill(onTestFinished);
    for (let i = 0; i < 4; i += 1)
      expect(await till.call.signIn({ operatorId: 'op1', pin: '000001' })).toEqual({ ok: false, code: 'pin_wrong', waitMs: 0 });
    expect(await till.call.signIn({ operatorId: 'op1', pin: '000001' })).toMatchObject({ ok: false, code: 'pin_locked', waitMs: 30_000 });
    expect(await till.call.signIn({ operatorId: 'op1', pin: '258036' })).toMatchObject({ ok: false, code: 'pin_locked' });
    const again = await till.powerCut();
    expect(await again.call.signIn({ operatorId: 'op1', pin: '258036' })).toMatchObject({ ok: false, code: 'pin_locked' });
    again.clock.turn(31_000);
    expect(await again.call.signIn({ operatorId: 'op1', pin: '258036' })).toMatchObject({
      ok: true,
      operator: { id: 'op1', role: 'cashier' },
    });
    await again.stop();
    expect(again.events().filter((event) => event.kind === 'PIN_REFUSED')).toHaveLength(5);
  });

  test('never tells the page a PIN’s hash', async () => {
    const till = await aTill(onTestFinished);
    expect(JSON.stringify(till.snapshot())).not.toContain('scrypt');
    expect(till.snapshot().operators).toEqual([{ id: 'op1', name: '卓玛', role: 'cashier' }]);
  });

  test('signing out takes the last customer off the screen and keeps the cart', async () => {
    const till = await atWork(await aTill(onTestFinished));
    await till.call.addGoods({ goodsId: '1' });
    await till.call.signOut();
    expect(till.snapshot()).toMatchObject({ operator: null, shift: null, lastSale: null });
    expect(till.snapshot().cart.quote.lines).toHaveLength(1);
  });
});

describe('opening the shift', () => {
  test('counts the cash of yesterday once: only the difference is moved', async () => {
    const till = await atWork(await aTill(onTestFinished));
    await till.call.addGoods({ goodsId: '1' });
    const { saleId, quote, digest } = till.snapshot().cart;
    await till.call.pay({
      saleId,
      shown: { totalFen: 1_250, points: 0, payFen: quote.dueCashFen, digest },
      payment: { kind: 'cash', tenderedFen: 1_250 },
    });
    till.clock.turn(24 * 60 * 60 * 1000);
    await till.call.signOut();
    await till.call.signIn({ operatorId: 'op1', pin: '258036' });
    expect(await till.call.openShift({ actId: randomUUID(), floatFen: 11_250, confirmedDate: null })).toEqual({
      ok: false,
      code: 'day_unclosed',
      businessDate: '2026-11-21',
    });
    expect(await closeTheDay(till.call)).toMatchObject({ ok: true });
    expect(await till.call.openShift({ actId: randomUUID(), floatFen: 11_250, confirmedDate: null })).toMatchObject({ ok: true });
    await till.stop();
    const opened = till.events().filter((event) => event.kind === 'SHIFT_OPEN');
    expect(opened.map(({ body }) => body)).toMatchObject([
      { floatFen: 10_000, drawerBeforeFen: 0 },
      { floatFen: 11_250, drawerBeforeFen: 11_250 },
    ]);
    expect(postingsOf(opened[1]!)).toEqual([]);
  });

  const day = 24 * 60 * 60 * 1000;
  const open = (till: Till, change: { readonly confirmedDate?: string; readonly actId?: string; readonly floatFen?: number } = {}) =>
    till.call.openShift({ actId: randomUUID(), floatFen: 0, confirmedDate: null, ...change });

  test.each([
    ['the day of the county’s file', -day, null],
    ['the day after it', 0, null],
    ['two days after it', day, '2026-11-22'],
    ['ten days after it', 9 * day, '2026-11-30'],
    ['the day before it', -2 * day, '2026-11-19'],
  ] as const)('the first shift, on %s, is asked about only where the date is not next to a known one', async (_, ahead, asked) => {
    const till = await aTill(onTestFinished);
    till.clock.set(morning + ahead);
    await till.call.signIn({ operatorId: 'op1', pin: '258036' });
    expect(await open(till)).toMatchObject(asked === null ? { ok: true } : { ok: false, code: 'confirm_date', businessDate: asked });
  });

  test.each([
    ['on the next morning opens', day, { ok: true, value: { businessDate: '2026-11-22' } }],
    ['after a day of rest asks', 2 * day, { ok: false, code: 'confirm_date', businessDate: '2026-11-23' }],
  ] as const)('the second shift %s', async (_, ahead, answer) => {
    const till = await atWork(await aTill(onTestFinished));
    expect(await closeTheDay(till.call)).toMatchObject({ ok: true });
    await till.stop();
    till.clock.set(morning + ahead);
    const again = await startTill(onTestFinished, till.directory, till.clock);
    await again.call.signIn({ operatorId: 'op1', pin: '258036' });
    expect(await open(again, { floatFen: 10_000 })).toEqual(answer);
  });

  test('asks before it takes a date that is days ahead, and records the answer', async () => {
    const till = await aTill(onTestFinished);
    till.clock.turn(9 * day);
    await till.call.signIn({ operatorId: 'op1', pin: '258036' });
    expect(await open(till)).toEqual({ ok: false, code: 'confirm_date', businessDate: '2026-11-30' });
    expect(await open(till, { confirmedDate: '2026-11-29' })).toMatchObject({ code: 'confirm_date' });
    expect(await open(till, { confirmedDate: '2026-11-30' })).toMatchObject({ ok: true });
    await till.stop();
    expect(till.events().find((event) => event.kind === 'SHIFT_OPEN')).toMatchObject({
      day: '2026-11-30',
      body: { isDateConfirmed: true },
    });
  });

  test('asks for each next day that the clock was put forward to, on record; a night that passed asks nothing', async () => {
    const till = await atWork(await aTill(onTestFinished));
    for (const next of ['2026-11-22', '2026-11-23']) {
      expect(await closeTheDay(till.call)).toMatchObject({ ok: true });
      await till.call.signOut();
      till.clock.set(till.clock.wallMs() + day); // the monotonic clock stands still
      await till.call.signIn({ operatorId: 'op1', pin: '258036' });
      expect(await open(till)).toEqual({ ok: false, code: 'confirm_date', businessDate: next });
      expect(await open(till, { confirmedDate: next, floatFen: 10_000 })).toEqual({ ok: true, value: { businessDate: next } });
    }
    await till.call.signOut();
    till.clock.turn(day);
    await till.call.signIn({ operatorId: 'op1', pin: '258036' });
    // nothing was booked on the day before: there is nothing to close
    expect(await open(till, { floatFen: 10_000 })).toEqual({ ok: true, value: { businessDate: '2026-11-24' } });
    await till.stop();
    const asked = till.events().flatMap((event) => (event.kind === 'SHIFT_OPEN' ? [event.body.isDateConfirmed] : []));
    expect(asked).toEqual([false, true, true, false]);
  });

  test('asks also where the clock was put forward after the sign-in, though no event says so yet', async () => {
    const till = await aTill(onTestFinished);
    await till.call.signIn({ operatorId: 'op1', pin: '258036' });
    till.clock.set(morning + 60 * 60 * 1000);
    expect(await open(till)).toEqual({ ok: false, code: 'confirm_date', businessDate: '2026-11-21' });
  });

  test('asked twice with one id is one shift, also after the engine died; with another id it is open already', async () => {
    const till = await aTill(onTestFinished);
    await till.call.signIn({ operatorId: 'op1', pin: '258036' });
    const act = { actId: randomUUID(), floatFen: 5_000 };
    const answer = { ok: true, value: { businessDate: '2026-11-21' } };
    expect(await open(till, act)).toEqual(answer);
    expect(await open(till, act)).toEqual(answer);
    const again = await till.powerCut();
    expect(await open(again, act)).toEqual(answer);
    expect(await open(again)).toEqual({ ok: false, code: 'shift_open' });
    await expect(open(again, { ...act, floatFen: 0 })).rejects.toMatchObject({ code: 'bad_call' });
    await again.stop();
    expect(again.events().filter((event) => event.kind === 'SHIFT_OPEN')).toMatchObject([{ id: act.actId, body: { floatFen: 5_000 } }]);
  });
});

test('an engine that ends in order signs its operator out', async () => {
  const till = await atWork(await aTill(onTestFinished));
  await till.stop();
  expect(till.events().at(-1)).toMatchObject({ kind: 'OPERATOR_OUT', body: { operator: 'op1' } });
});

// Every call of the table stands in one of these lists: a new call must be placed here on purpose (security.md S18).
const whoMayCall = {
  anyone: ['snapshot', 'setSettings', 'signIn', 'scan', 'simulatedThings', 'simulateScan', 'simulatePrinter', 'simulateScale'],
  operator: [
    'countDrawer',
    'stillHere',
    'closingState',
    'closeDay',
    'closings',
    'period',
    'eventsBehind',
    'signOut',
    'openShift',
    'searchGoods',
    'recentSales',
    'receiptPicture',
    'reprint',
    'approve',
    'answerPrint',
    'checkScale',
    'goTo',
    'recentCredits',
    'collected',
    'settlements',
    'exportSettlement',
    'findReceipt',
    'sendUpNow',
    'sticks',
    'copyToStick',
  ],
  owner: [
    'prepareSettlement',
    'backUpNow',
    'checkNow',
    'backupPlaces',
    'setBackupPlace',
    'recoveryCode',
    'keepRecoveryCode',
    'ownerReport',
    'scaleFamilies',
    'listenToScale',
    'tryScale',
    'keepScaleTrial',
    'stopScaleTrial',
    'readEmptyPan',
    'setScale',
  ],
  shift: [
    'closeShift',
    'moveCash',
    'noSale',
    'dropHeld',
    'resumeSale',
    'holdSale',
    'printReport',
    'addGoods',
    'setQuantity',
    'removeLine',
    'weighGoods',
    'setGoodsTare',
    'stopWeighing',
    'setPricing',
    'setPoints',
    'dropResident',
    'drawPoints',
    'answerOffer',
    'clearCart',
    'nextCustomer',
    'pay',
    'chooseMaterial',
    'setTare',
    'weigh',
    'countBag',
    'removeBag',
    'clearDesk',
    'dropDeskResident',
    'credit',
    'reverseCredit',
    'handOver',
    'quoteReturn',
    'returnGoods',
  ],
};

test('every call says who may make it', () => {
  const listed = Object.fromEntries(Object.entries(whoMayCall).flatMap(([who, names]) => names.map((name) => [name, who])));
  expect(Object.fromEntries(Object.entries(handlers).map(([name, { who }]) => [name, who]))).toEqual(listed);
});

test('calls for an operator are refused to a page where nobody signed in', async () => {
  const till = await aTill(onTestFinished);
  await expect(till.call.addGoods({ goodsId: '1' })).rejects.toMatchObject({ code: 'not_allowed' });
  await expect(till.call.recentSales({ beforeSeq: null })).rejects.toMatchObject({ code: 'not_allowed' });
  await till.call.signIn({ operatorId: 'op1', pin: '258036' });
  await expect(till.call.addGoods({ goodsId: '1' })).rejects.toMatchObject({ code: 'not_allowed' });
});
