import { describe, expect, onTestFinished, test } from 'vitest';
import { points } from '../../../db/model/amounts.ts';
import { tamper } from '../../support/book.ts';
import { card, cashierPin, morning } from '../../support/county.ts';
import { type Till, aTill, atWork, startTill } from '../../support/till.ts';

const detergent = '2000000000001';
const barley = '2000000000002';
const cup = '2000000000003';

/** What the cashier sees, as the page sends it back with the confirm key. */
function shown(till: Till, kind: 'cash' | 'other' = 'cash') {
  const { quote, digest } = till.snapshot().cart;
  return { totalFen: quote.totalFen, points: quote.points, payFen: kind === 'cash' ? quote.dueCashFen : quote.dueFen, digest };
}

async function payCash(till: Till, tenderedFen: number) {
  return till.call.pay({ saleId: till.snapshot().cart.saleId, shown: shown(till), payment: { kind: 'cash', tenderedFen } });
}

describe('a redemption at a discounted checkout', () => {
  test('200 points take 20 yuan off, as in 琼结, and the rest is cash with change', async () => {
    const till = await atWork(await aTill(onTestFinished));
    await till.call.scan({ text: card('1') });
    await till.call.scan({ text: detergent });
    await till.call.scan({ text: barley });
    await till.until(({ cart }) => cart.quote.lines.length === 2);

    const paid = await payCash(till, 5_000);

    expect(paid).toMatchObject({
      ok: true,
      value: {
        receiptNumber: 'qj-03-000001',
        totalFen: 4_250,
        points: 20_000,
        worthFen: 2_000,
        usableAfter: 0,
        payments: [{ kind: 'cash', fen: 2_250, tenderedFen: 5_000, changeFen: 2_750 }],
      },
    });
    expect(till.snapshot().lastSale).toMatchObject({ receiptNumber: 'qj-03-000001' });
    expect(till.snapshot().cart.quote.lines).toEqual([]);
    await till.until(({ lastSale }) => lastSale?.print.kind === 'printed');
    await till.stop();
    const sale = till.events().find((event) => event.kind === 'SALE');
    expect(sale).toMatchObject({
      op: 'op1',
      res: 'tag00000001',
      amt: 20_000,
      day: '2026-11-21',
      body: { accountId: 'a1', redemption: { fromRights: 20_000, fromRoaming: 0, usableBefore: 20_000 } },
    });
    expect(till.events().map((event) => event.kind)).toContain('DRAWER_OPENED');
  });

  test('a second press of confirm is the same sale', async () => {
    const till = await atWork(await aTill(onTestFinished));
    await till.call.scan({ text: detergent });
    const args = { saleId: till.snapshot().cart.saleId, shown: shown(till), payment: { kind: 'cash', tenderedFen: 1_250 } } as const;
    const [first, second] = await Promise.all([till.call.pay(args), till.call.pay(args)]);
    expect(second).toMatchObject({ ok: true, value: { receiptNumber: 'qj-03-000001' } });
    expect(first.ok && first.value.saleId).toBe(second.ok && second.value.saleId);
    expect(await till.call.pay({ ...args, payment: { kind: 'cash', tenderedFen: 2_000 } })).toEqual({ ok: false, code: 'other_content' });
    await till.stop();
    expect(till.events().filter((event) => event.kind === 'SALE')).toHaveLength(1);
  });

  test('what the page claims to have shown is compared and never used', async () => {
    const till = await atWork(await aTill(onTestFinished));
    await till.call.scan({ text: detergent });
    const { saleId } = till.snapshot().cart;
    for (const lie of [{ totalFen: 1 }, { payFen: 1 }, { points: 1 }])
      expect(await till.call.pay({ saleId, shown: { ...shown(till), ...lie }, payment: { kind: 'cash', tenderedFen: 1_250 } })).toEqual({
        ok: false,
        code: 'changed',
      });
    expect(await payCash(till, 1_249)).toEqual({ ok: false, code: 'tendered_short' });
    expect(await payCash(till, 1_250 + 10_001)).toEqual({ ok: false, code: 'change_too_large' });
    await till.stop();
    expect(till.events().some((event) => event.kind === 'SALE')).toBe(false);
  });

  test('fewer points by choice, more cash; more than the rules allow is refused', async () => {
    const till = await atWork(await aTill(onTestFinished));
    await till.call.scan({ text: card('1') });
    await till.call.scan({ text: barley });
    expect(await till.call.setPoints({ points: 20_100 })).toEqual({ ok: false, code: 'points_too_many' });
    expect(await till.call.setPoints({ points: 5_000 })).toMatchObject({ ok: true });
    await till.until(({ cart }) => cart.quote.points === 5_000);
    expect(await payCash(till, 2_500)).toMatchObject({ ok: true, value: { points: 5_000, worthFen: 500, usableAfter: 15_000 } });
  });

  test('goods priced in points need a card, and cannot be had for cash', async () => {
    const till = await atWork(await aTill(onTestFinished));
    await till.call.scan({ text: cup });
    expect(await payCash(till, 0)).toEqual({ ok: false, code: 'resident_needed' });
    await till.call.scan({ text: card('1') });
    await till.until(({ cart }) => cart.resident !== null);
    expect(await payCash(till, 0)).toMatchObject({ ok: true, value: { totalFen: 0, points: 1_500, payments: [] } });
  });

  test('away from home the allowance binds, and the book says it was roaming', async () => {
    const till = await atWork(await aTill(onTestFinished));
    await till.call.scan({ text: card('2') });
    await till.call.scan({ text: barley });
    const { cart } = await till.until((snapshot) => snapshot.cart.quote.lines.length === 1);
    expect(cart.resident).toMatchObject({ isHome: false, allowance: { rights: 0, roaming: 5_000, usable: 5_000, countyBalance: 30_000 } });
    await payCash(till, 2_500);
    await till.call.scan({ text: card('2') });
    expect(till.snapshot().cart.resident?.allowance.usable).toBe(0);
    await till.stop();
    expect(till.events().find((event) => event.kind === 'SALE')).toMatchObject({
      body: { redemption: { fromRights: 0, fromRoaming: 5_000 } },
    });
  });

  test('a clock set back ten years stops roaming and keeps the business date', async () => {
    const till = await atWork(await aTill(onTestFinished));
    till.clock.set(Date.parse('2016-11-21T09:00:00+08:00'));
    await till.call.scan({ text: card('2') });
    expect(till.snapshot().cart.resident?.allowance).toMatchObject({ roaming: 0, usable: 0 });
    await till.call.scan({ text: card('1') });
    await till.call.scan({ text: barley });
    await till.until(({ cart }) => cart.quote.points === 20_000);
    await payCash(till, 1_000);
    await till.stop();
    const events = till.events();
    expect(events.find((event) => event.kind === 'SALE')?.day).toBe('2026-11-21');
    expect(events.some((event) => event.kind === 'CLOCK_STEP')).toBe(true);
  });

  test('mobile payment is recorded to the fen, without rounding', async () => {
    const till = await atWork(await aTill(onTestFinished));
    await till.call.scan({ text: detergent });
    expect(
      await till.call.pay({ saleId: till.snapshot().cart.saleId, shown: shown(till, 'other'), payment: { kind: 'other' } }),
    ).toMatchObject({ ok: true, value: { payments: [{ kind: 'other', fen: 1_250 }] } });
  });

  test('confirm is for the resident that was shown: another payer meanwhile sells nothing', async () => {
    const till = await atWork(await aTill(onTestFinished, [{ t: 'GRANT', a: 'a2', g: points(30_000) }]));
    await till.call.scan({ text: card('1') });
    await till.call.scan({ text: detergent });
    await till.until(({ cart }) => cart.quote.points === 12_500);
    const seen = { saleId: till.snapshot().cart.saleId, shown: shown(till), payment: { kind: 'cash', tenderedFen: 0 } } as const;
    expect(await till.call.scan({ text: card('2') })).toMatchObject({ code: 'card_other' });
    const { offered } = (await till.until(({ cart }) => cart.offered !== null)).cart;
    expect(await till.call.answerOffer({ offerId: offered!.offerId, answer: 'change' })).toMatchObject({ ok: true });
    expect(await till.call.pay(seen)).toEqual({ ok: false, code: 'changed' });
    await till.until(({ cart }) => cart.resident?.masked === '扎*');
    expect(await till.call.pay({ ...seen, shown: shown(till) })).toMatchObject({ ok: true });
  });

  test('a clock set back a little does not revive roaming', async () => {
    const till = await atWork(await aTill(onTestFinished));
    till.clock.turn(9 * 24 * 60 * 60 * 1000);
    await till.call.scan({ text: card('2') });
    expect(till.snapshot().cart.resident?.allowance.roaming).toBe(0);
    await till.call.scan({ text: card('99') }); // any act: the book knows the time from now on
    till.clock.set(morning + 60_000);
    await till.call.scan({ text: card('2') });
    expect(till.snapshot().cart.resident?.allowance.roaming).toBe(0);
  });

  test('a card that expired while its cart lay there is refused at the payment', async () => {
    const till = await atWork(await aTill(onTestFinished));
    await till.call.scan({ text: card('1', { expiresOn: '2026-11-21' }) });
    await till.call.scan({ text: detergent });
    await till.until(({ cart }) => cart.quote.points > 0);
    till.clock.turn(24 * 60 * 60 * 1000);
    expect(await payCash(till, 0)).toEqual({ ok: false, code: 'resident_refused' });
    expect(till.snapshot().notice?.code).toBe('card_expired');
  });

  test('on rights that the book itself contradicts is never begun: the till does not open (R6, 5)', async () => {
    const till = await atWork(await aTill(onTestFinished));
    await till.stop();
    tamper(till.home, (db) => db.exec(`UPDATE counter SET granted = granted + 100000 WHERE account_id = 'a1'`));
    const again = await startTill(onTestFinished, till.directory, till.clock);
    expect(again.snapshot().status).toEqual({
      kind: 'stopped',
      code: 'book_damaged',
      detail: 'the rights of account a1 are not what its counters make',
    });
    await expect(again.call.signIn({ operatorId: 'op1', pin: cashierPin })).rejects.toMatchObject({ code: 'not_allowed' });
    await again.stop();
    expect(again.events().filter((event) => event.kind === 'SALE')).toEqual([]);
  });
});
