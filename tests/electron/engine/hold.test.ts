import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { fen, points } from '../../../db/model/amounts.ts';
import { openReadable } from '../../../db/sqlite.ts';
import { card, deliver, goods, header, writeDown } from '../../support/county.ts';
import { type Till, aTill, atWork, startTill } from '../../support/till.ts';

const detergent = '2000000000001';

/** A second kind of goods. */
const soap = { t: 'GOODS', goods: goods('2', { priceFen: fen(300) }) } as const;

async function holding(till: Till): Promise<string> {
  const heldId = randomUUID();
  expect(await till.call.holdSale({ heldId })).toEqual({ ok: true, value: null });
  return heldId;
}

describe('a cart put aside', () => {
  test('leaves an empty cart, is shown by its first goods, and comes back as the same sale without its payer', async () => {
    const till = await atWork(await aTill(onTestFinished, [soap]));
    await till.call.scan({ text: card('1') });
    await till.call.scan({ text: detergent });
    await till.call.scan({ text: detergent });
    const { saleId, quote } = till.snapshot().cart;
    const heldId = await holding(till);
    expect(till.snapshot().cart).toMatchObject({ resident: null, quote: { lines: [] } });
    const [held] = till.snapshot().held;
    expect(held).toMatchObject({ heldId, lines: 1, totalFen: quote.totalFen, requiredPoints: points(0) });
    expect(await till.call.resumeSale({ heldId })).toEqual({ ok: true, value: null });
    expect(till.snapshot().held).toEqual([]);
    expect(till.snapshot().cart).toMatchObject({ saleId, resident: null, quote: { totalFen: quote.totalFen } });
  });

  test('remembers that there was a card, not whose, until a card is scanned or somebody says: without points', async () => {
    const till = await atWork(await aTill(onTestFinished, [soap]));
    const isCardMissing = (): boolean => till.snapshot().cart.isCardMissing;
    const heldWithCard = async (): Promise<void> => {
      await till.call.scan({ text: card('1') });
      await till.call.scan({ text: detergent });
      const heldId = await holding(till);
      expect(isCardMissing()).toBe(false); // the empty cart is another customer's
      await till.call.resumeSale({ heldId });
    };
    await heldWithCard();
    expect(till.snapshot().cart).toMatchObject({ resident: null, isCardMissing: true });
    const again = await holding(till);
    await till.call.resumeSale({ heldId: again });
    expect(isCardMissing()).toBe(true); // held twice, it is still so
    await till.call.scan({ text: card('1') });
    expect(isCardMissing()).toBe(false);
    await till.call.clearCart();

    await heldWithCard();
    await till.call.dropResident();
    expect(isCardMissing()).toBe(false);
    await till.call.clearCart();

    await heldWithCard();
    const [line] = till.snapshot().cart.quote.lines;
    await till.call.removeLine({ actId: randomUUID(), lineId: line!.lineId });
    await till.call.scan({ text: detergent });
    expect(isCardMissing()).toBe(false); // other goods
  });

  test('outlives a power cut, a sign-out and another shift, to the line', async () => {
    const till = await atWork(await aTill(onTestFinished, [soap]));
    await till.call.scan({ text: detergent });
    const heldId = await holding(till);
    till.clock.turn(1_000);
    await till.call.addGoods({ goodsId: '2' });
    await holding(till);
    const shown = till.snapshot().held;
    const again = await till.powerCut();
    await again.call.signOut();
    expect(again.snapshot().held).toEqual(shown);
    await again.call.signIn({ operatorId: 'op1', pin: '258036' });
    expect(await again.call.resumeSale({ heldId })).toEqual({ ok: true, value: null });
    expect(again.snapshot().cart.quote.lines).toMatchObject([{ goodsId: '1', quantity: 1 }]);
  });

  test('comes back only into an empty cart; a card that was scanned first pays', async () => {
    const till = await atWork(await aTill(onTestFinished, [soap]));
    await till.call.scan({ text: detergent });
    const heldId = await holding(till);
    await till.call.scan({ text: detergent });
    expect(await till.call.resumeSale({ heldId })).toEqual({ ok: false, code: 'cart_open' });
    await till.call.clearCart();
    await till.call.scan({ text: card('1') });
    expect(await till.call.resumeSale({ heldId })).toEqual({ ok: true, value: null });
    expect(till.snapshot().cart.resident).not.toBeNull();
    expect(await till.call.resumeSale({ heldId })).toEqual({ ok: false, code: 'held_unknown' });
  });

  test('touches no balance and writes no event; given up, its lines are on record once', async () => {
    const till = await atWork(await aTill(onTestFinished, [soap]));
    await till.call.scan({ text: detergent });
    await till.call.addGoods({ goodsId: '2' });
    const { saleId } = till.snapshot().cart;
    const heldId = await holding(till);
    const actId = randomUUID();
    for (const _ of [1, 2]) expect(await till.call.dropHeld({ actId, heldId })).toEqual({ ok: true, value: null });
    expect(await till.call.dropHeld({ actId: randomUUID(), heldId })).toEqual({ ok: false, code: 'held_unknown' });
    await till.stop();
    const after = till.events().slice(till.events().findIndex(({ kind }) => kind === 'SHIFT_OPEN') + 1);
    expect(after.map(({ kind, body }) => [kind, body])).toEqual([
      ['LINE_REMOVED', { saleId, goodsId: '1', quantity: 1 }],
      ['LINE_REMOVED', { saleId, goodsId: '2', quantity: 1 }],
      ['OPERATOR_OUT', { operator: 'op1' }],
    ]);
  });

  test('the same press again is the same cart; an empty one and an eleventh are refused', async () => {
    const till = await atWork(await aTill(onTestFinished, [soap]));
    expect(await till.call.holdSale({ heldId: randomUUID() })).toEqual({ ok: false, code: 'empty' });
    for (let i = 0; i < 10; i += 1) {
      await till.call.scan({ text: detergent });
      const heldId = await holding(till);
      expect(await till.call.holdSale({ heldId })).toEqual({ ok: true, value: null });
    }
    expect(till.snapshot().held).toHaveLength(10);
    await till.call.scan({ text: detergent });
    expect(await till.call.holdSale({ heldId: randomUUID() })).toEqual({ ok: false, code: 'too_many_held' });
    expect(till.snapshot().cart.quote.lines).toHaveLength(1);
  });

  test('that another hand changed is not believed where a scale weighed', async () => {
    const till = await atWork(await aTill(onTestFinished, [soap]));
    await till.call.scan({ text: detergent });
    const heldId = await holding(till);
    await till.stop();
    const db = new Database(join(till.directory, 'book.db'));
    const row = db.prepare<[], { body: string }>('SELECT body FROM held_cart').get()!;
    const draft = JSON.parse(row.body) as { lines: object[] };
    const weighed = {
      by: 'scale',
      readGrams: 5,
      tare: { by: 'none' },
      netGrams: 5,
      proof: { scaleSetId: randomUUID(), family: 'st-us', stableBy: 'flag', framesHex: ['00'], weighedAt: 1 },
    };
    draft.lines.push({ lineId: randomUUID(), goodsId: '1', quantity: 1, pricedIn: 'yuan', weighed });
    db.prepare('UPDATE held_cart SET body = ?').run(JSON.stringify(draft));
    db.close();
    const again = await startTill(onTestFinished, till.directory, till.clock);
    await again.call.signIn({ operatorId: 'op1', pin: '258036' });
    expect(await again.call.resumeSale({ heldId })).toEqual({ ok: true, value: null });
    expect(again.snapshot().cart.quote.lines).toMatchObject([{ goodsId: '1', quantity: 1 }]);
    expect(again.snapshot().notice).toMatchObject({ code: 'weighing_unproven' });
    await again.stop();
    expect(again.events().filter(({ kind }) => kind === 'LINE_REMOVED')).toHaveLength(1);
  });
});

test('goods and prices that the county changed meanwhile are today’s; what it withdrew comes off on record', async () => {
  const fresh = await aTill(onTestFinished, [soap]);
  await fresh.stop();
  const db = openReadable(join(fresh.directory, 'book.db'));
  const { sha256 } = db.prepare<[], { sha256: string }>('SELECT sha256 FROM down_file').get()!;
  db.close();
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const till = await atWork(await startTill(onTestFinished, fresh.directory, fresh.clock));
  await till.call.addGoods({ goodsId: '1' });
  await till.call.addGoods({ goodsId: '2' });
  const { saleId } = till.snapshot().cart;
  const heldId = await holding(till);
  const change = [
    { t: 'GOODS', goods: goods('1', { priceFen: fen(9_99) }) },
    { t: 'GOODS', goods: goods('2', { onSale: false }) },
  ] as const;
  deliver(till.home, (await writeDown(join(till.directory, 'from-county'), header(2, sha256), change)).path);
  vi.advanceTimersByTime(5_000);
  await till.until(({ exchange }) => exchange.lastDownSeq === 2);
  expect(till.snapshot().held).toMatchObject([{ heldId, lines: 2, totalFen: null }]);
  expect(await till.call.resumeSale({ heldId })).toEqual({ ok: true, value: null });
  expect(till.snapshot().cart.quote).toMatchObject({ lines: [{ goodsId: '1', unitPrice: 9_99 }], totalFen: 9_99 });
  expect(till.snapshot().notice).toMatchObject({ code: 'goods_withdrawn' });
  await till.stop();
  expect(till.events().flatMap((event) => (event.kind === 'LINE_REMOVED' ? [event.body] : []))).toEqual([
    { saleId, goodsId: '2', quantity: 1 },
  ]);
});
