import { randomUUID } from 'node:crypto';
import { describe, expect, onTestFinished, test } from 'vitest';
import { privateKeyFromSeed } from '../../../db/model/keys.ts';
import { sealCard } from '../../../db/model/card.ts';
import { fen, points } from '../../../db/model/amounts.ts';
import { card, goods, resident } from '../../support/county.ts';
import { closeTheDay, openShiftToday } from '../../support/open-shift.ts';
import { type Till, aTill, atWork } from '../../support/till.ts';

const detergent = '2000000000001';

describe('a scan', () => {
  test('of goods adds a line, and of the same goods again raises its quantity', async () => {
    const till = await atWork(await aTill(onTestFinished));
    expect(await till.call.scan({ text: detergent })).toMatchObject({ code: 'line_added', subject: '洗洁精' });
    await till.call.scan({ text: detergent });
    const { cart } = await till.until((snapshot) => snapshot.cart.quote.totalFen === 2_500);
    expect(cart.quote.lines).toMatchObject([{ goodsId: '1', quantity: 2, totalFen: 2_500 }]);
  });

  test('from the scanner on the desk does the same as one from the keyboard', async () => {
    const till = await atWork(await aTill(onTestFinished));
    await till.call.simulateScan({ text: detergent });
    await till.until(({ cart }) => cart.quote.lines.length === 1);
    await till.call.simulateScan({ text: '' });
    await till.until(({ notice }) => notice?.code === 'scan_garbled');
  });

  test('of something unknown says so and leaves the cart alone', async () => {
    const till = await atWork(await aTill(onTestFinished, [{ t: 'GOODS', goods: goods('4', { zh: '旧货', onSale: false }) }]));
    await till.call.scan({ text: detergent });
    expect(await till.call.scan({ text: '6901234567892' })).toMatchObject({ code: 'goods_unknown', subject: '6901234567892' });
    expect(await till.call.scan({ text: '2000000000004' })).toMatchObject({ code: 'goods_withdrawn' });
    expect(till.snapshot().cart.quote.lines).toHaveLength(1);
  });

  test('before signing in, and before the shift, is answered in words', async () => {
    const till = await aTill(onTestFinished);
    expect(await till.call.scan({ text: detergent })).toMatchObject({ code: 'not_signed_in' });
    await till.call.signIn({ operatorId: 'op1', pin: '258036' });
    expect(await till.call.scan({ text: detergent })).toMatchObject({ code: 'no_shift' });
  });
});

describe('a card', () => {
  const stranger = privateKeyFromSeed(Buffer.alloc(32, 9));
  const cards = {
    card_malformed: card('1').slice(0, 100),
    card_forged: sealCard({ kid: 1, county: '540525', residentId: '1', issue: 1, expiresOn: '2030-12-31' }, stranger),
    card_foreign: sealCard({ kid: 1, county: '220822', residentId: '1', issue: 1, expiresOn: '2030-12-31' }, stranger),
    card_key_unknown: sealCard({ kid: 7, county: '540525', residentId: '1', issue: 1, expiresOn: '2030-12-31' }, stranger),
    card_expired: card('1', { expiresOn: '2026-11-20' }),
    card_denied: card('3'),
    card_unknown: card('99'),
    card_inactive: card('4'),
    card_ineligible: card('5'),
  } as const;

  test.each(Object.entries(cards))('%s has a notice of its own, an event, and changes no cart', async (code, text) => {
    const till = await atWork(
      await aTill(onTestFinished, [
        { t: 'RESIDENT', resident: resident('3') },
        { t: 'DENY', resident: '3', issue: 1 },
        { t: 'RESIDENT', resident: resident('4', { active: false }) },
        { t: 'RESIDENT', resident: resident('5', { group: 'cadre' }) },
      ]),
    );
    expect(await till.call.scan({ text })).toMatchObject({ code });
    expect(till.snapshot().cart.resident).toBeNull();
    await till.stop();
    expect(till.events().at(-2)).toMatchObject({ kind: 'REFUSED', body: { code } }); // the last is the sign-out
  });

  test('shows a masked name and two balances, and a replaced card works again', async () => {
    const till = await atWork(await aTill(onTestFinished, [{ t: 'DENY', resident: '1', issue: 1 }]));
    expect(await till.call.scan({ text: card('1', { issue: 2 }) })).toMatchObject({ code: 'card_accepted' });
    expect(till.snapshot().cart.resident).toMatchObject({
      masked: '格***',
      village: '白日社区',
      isHome: true,
      allowance: { usable: 20_000, countyBalance: 20_000 },
    });
  });
});

describe('another resident’s card', () => {
  const withPayerAndGoods = async () => {
    const till = await atWork(await aTill(onTestFinished));
    await till.call.scan({ text: card('1') });
    await till.call.scan({ text: detergent });
    return till;
  };
  const asked = async (till: Till) => (await till.until(({ cart }) => cart.offered !== null)).cart.offered!;

  test('takes the first one’s place at once where there are no goods yet', async () => {
    const till = await atWork(await aTill(onTestFinished));
    await till.call.scan({ text: card('1') });
    expect(await till.call.scan({ text: card('2') })).toMatchObject({ code: 'card_replaced' });
    expect(till.snapshot().cart).toMatchObject({ resident: { masked: '扎*' }, offered: null });
  });

  test('over goods is asked about, and the first one stays until it is answered, whatever is scanned', async () => {
    const till = await withPayerAndGoods();
    const before = till.snapshot().cart;
    expect(await till.call.scan({ text: card('2') })).toMatchObject({ code: 'card_other' });
    const offered = await asked(till);
    expect(offered).toEqual({ offerId: offered.offerId, masked: '扎*', group: { zh: '村民', bo: 'གྲོང་མི།' }, village: '白日社区' });
    expect(till.snapshot().cart).toEqual({ ...before, offered });
    await till.call.scan({ text: detergent });
    await till.until(({ cart }) => cart.quote.totalFen === 2_500);
    expect(till.snapshot().cart).toMatchObject({ resident: before.resident, offered });
  });

  test('is kept out or let in by the answer, once', async () => {
    const till = await withPayerAndGoods();
    await till.call.scan({ text: card('2') });
    const { offerId: first } = await asked(till);
    expect(await till.call.answerOffer({ offerId: first, answer: 'keep' })).toMatchObject({ ok: true });
    await till.until(({ cart, notice }) => cart.offered === null && cart.resident?.masked === '格***' && notice === null);
    expect(await till.call.answerOffer({ offerId: first, answer: 'change' })).toEqual({ ok: false, code: 'offer_gone' });
    await till.call.scan({ text: card('2') });
    const { offerId: second } = await asked(till);
    expect(await till.call.answerOffer({ offerId: second, answer: 'change' })).toMatchObject({ ok: true });
    await till.until(({ cart, notice }) => cart.resident?.masked === '扎*' && cart.offered === null && notice?.code === 'card_replaced');
  });

  test('that the county denied since the question does not come in', async () => {
    const till = await withPayerAndGoods();
    await till.call.scan({ text: card('2', { expiresOn: '2026-11-21' }) });
    const { offerId } = await asked(till);
    till.clock.turn(24 * 60 * 60 * 1000);
    expect(await till.call.answerOffer({ offerId, answer: 'change' })).toEqual({ ok: false, code: 'resident_refused' });
    await till.until(({ cart, notice }) => cart.offered === null && cart.resident?.masked === '格***' && notice?.code === 'card_expired');
  });

  test('is asked about no more when the first one scans again, or once the cart was paid or emptied', async () => {
    const till = await withPayerAndGoods();
    await till.call.scan({ text: card('2') });
    expect(await till.call.scan({ text: card('1') })).toMatchObject({ code: 'card_accepted' });
    await till.until(({ cart }) => cart.offered === null && cart.resident?.masked === '格***');
    await till.call.scan({ text: card('2') });
    await till.call.clearCart();
    await till.until(({ cart }) => cart.offered === null && cart.resident === null);
  });

  test('is still asked about after a power cut', async () => {
    const till = await withPayerAndGoods();
    await till.call.scan({ text: card('2') });
    const offered = await asked(till);
    const again = await till.powerCut();
    expect(again.snapshot().cart).toMatchObject({ resident: { masked: '格***' }, offered });
  });
});

describe('the cart', () => {
  test('is the same after the engine died, with its operator still there', async () => {
    const till = await atWork(await aTill(onTestFinished));
    await till.call.scan({ text: card('1') });
    await till.call.scan({ text: detergent });
    const before = till.snapshot();
    const again = await till.powerCut();
    expect(again.snapshot().cart).toEqual(before.cart);
    expect(again.snapshot()).toMatchObject({ operator: { id: 'op1' }, shift: before.shift });
  });

  test('goes on in the same shift when the power failed just after midnight', async () => {
    const till = await aTill(onTestFinished);
    till.clock.set(Date.parse('2026-11-21T23:58:00+08:00'));
    await atWork(till);
    till.clock.turn(4 * 60 * 1000);
    await till.call.scan({ text: detergent });
    const again = await till.powerCut();
    expect(again.snapshot()).toMatchObject({ operator: { id: 'op1' }, shift: { businessDate: '2026-11-21' } });
  });

  test('survives a night, but its operator does not', async () => {
    const till = await atWork(await aTill(onTestFinished));
    await till.call.scan({ text: detergent });
    till.clock.turn(24 * 60 * 60 * 1000);
    const again = await till.powerCut();
    expect(again.snapshot()).toMatchObject({ operator: null, shift: null });
    expect(again.snapshot().cart.quote.lines).toHaveLength(1);
    await again.call.signIn({ operatorId: 'op1', pin: '258036' });
    expect(again.snapshot().shift).toBeNull();
    expect(await closeTheDay(again.call)).toMatchObject({ ok: true });
    expect(await openShiftToday(again.call)).toMatchObject({
      ok: true,
      value: { businessDate: '2026-11-22' },
    });
  });

  test('records what is taken off again', async () => {
    const till = await atWork(await aTill(onTestFinished));
    await till.call.scan({ text: detergent });
    const [line] = till.snapshot().cart.quote.lines;
    expect(await till.call.setQuantity({ lineId: line!.lineId, quantity: 3 })).toMatchObject({ ok: true });
    const act = { actId: randomUUID(), lineId: line!.lineId };
    expect(await till.call.removeLine(act)).toMatchObject({ ok: true });
    expect(await till.call.removeLine(act)).toMatchObject({ ok: true }); // the first answer was lost: it is told again
    expect(await till.call.removeLine({ ...act, actId: randomUUID() })).toEqual({ ok: false, code: 'line_gone' });
    await till.stop();
    const removed = till.events().filter((event) => event.kind === 'LINE_REMOVED');
    expect(removed).toMatchObject([{ id: act.actId, body: { goodsId: '1', quantity: 3 } }]);
  });

  test('records fewer pieces as it does a line: fifty rung up and one paid for is the same trick', async () => {
    const till = await atWork(await aTill(onTestFinished));
    await till.call.scan({ text: detergent });
    const [line] = till.snapshot().cart.quote.lines;
    for (const quantity of [50, 50, 1, 2]) await till.call.setQuantity({ lineId: line!.lineId, quantity });
    const { saleId } = till.snapshot().cart;
    await till.stop();
    const removed = till.events().filter((event) => event.kind === 'LINE_REMOVED');
    expect(removed.map(({ body }) => body)).toEqual([{ saleId, goodsId: '1', quantity: 49 }]);
  });

  test('an id that another act has is no call: a sale’s, or that of another line', async () => {
    const till = await atWork(await aTill(onTestFinished));
    await till.call.scan({ text: detergent });
    await till.call.addGoods({ goodsId: '2' });
    const { saleId, quote } = (await till.until(({ cart }) => cart.quote.lines.length === 2)).cart;
    const [first, second] = quote.lines.map(({ lineId }) => lineId) as [string, string];
    const actId = randomUUID();
    await till.call.removeLine({ actId, lineId: first });
    await expect(till.call.removeLine({ actId, lineId: second })).rejects.toMatchObject({ code: 'bad_call' });
    await expect(till.call.removeLine({ actId: saleId, lineId: second })).rejects.toMatchObject({ code: 'bad_call' });
    expect(till.snapshot()).toMatchObject({ status: { kind: 'selling' }, cart: { quote: { lines: [{ lineId: second }] } } });
  });

  test('goods with two prices are switched between them', async () => {
    const till = await atWork(
      await aTill(onTestFinished, [{ t: 'GOODS', goods: goods('6', { priceFen: fen(2_000), pricePoints: points(12_000) }) }]),
    );
    await till.call.addGoods({ goodsId: '6' });
    const { cart } = await till.until((snapshot) => snapshot.cart.switchable.length === 1);
    expect(await till.call.setPricing({ lineId: cart.switchable[0]!, pricedIn: 'points' })).toMatchObject({ ok: true });
    await till.until((snapshot) => snapshot.cart.quote.requiredPoints === 12_000);
    await till.call.addGoods({ goodsId: '1' });
    const plain = till.snapshot().cart.quote.lines.find((line) => line.goodsId === '1');
    expect(await till.call.setPricing({ lineId: plain!.lineId, pricedIn: 'points' })).toEqual({ ok: false, code: 'no_such_price' });
  });

  test('a line that would make it too dear is refused, and the cart stays as it was', async () => {
    const till = await atWork(await aTill(onTestFinished, [{ t: 'GOODS', goods: goods('7', { priceFen: fen(90_000_000) }) }]));
    await till.call.addGoods({ goodsId: '7' });
    const [line] = till.snapshot().cart.quote.lines;
    expect(await till.call.setQuantity({ lineId: line!.lineId, quantity: 9_999 })).toEqual({ ok: false, code: 'too_large' });
    expect(till.snapshot()).toMatchObject({ notice: { code: 'cart_too_large' }, cart: { quote: { problem: null, totalFen: 90_000_000 } } });
  });

  test('does not keep a resident’s card when its operator leaves', async () => {
    const till = await atWork(await aTill(onTestFinished));
    await till.call.scan({ text: card('1') });
    await till.call.scan({ text: detergent });
    await till.call.signOut();
    expect(till.snapshot().cart).toMatchObject({ resident: null, quote: { points: 0 } });
    expect(till.snapshot().cart.quote.lines).toHaveLength(1);
  });
});
