// What the bar says is unsent (experience.md U16): what the shop did, and nothing that the till writes of itself.

import { expect, onTestFinished, test } from 'vitest';
import { aTillWithDesk } from '../../support/desk.ts';
import { type Till, aTill, atWork } from '../../support/till.ts';

const unsent = (till: Till) => till.snapshot().exchange.unsentEvents;

test('a till that started, took a file of the county, set its simulated scale up and signed somebody in has nothing to send', async () => {
  const till = await atWork(await aTillWithDesk(onTestFinished, { isChecked: false }), { isShiftOpen: true });
  expect(till.snapshot().exchange).toMatchObject({ unsentEvents: 0, oldestUnsentAt: null });
});

test('a shift, a sale in cash and its drawer are two acts; the oldest is told; a restart counts the same', async () => {
  const till = await atWork(await aTill(onTestFinished));
  expect(till.snapshot().exchange).toMatchObject({ unsentEvents: 1, oldestUnsentAt: till.clock.wallMs() });
  await till.call.addGoods({ goodsId: '1' });
  const { saleId, quote, digest } = till.snapshot().cart;
  const shown = { totalFen: quote.totalFen, points: quote.points, payFen: quote.dueCashFen, digest };
  await till.call.pay({ saleId, shown, payment: { kind: 'cash', tenderedFen: quote.dueCashFen } });
  const opened = async () => (await till.call.period({ number: null }))?.figures['kind/DRAWER_OPENED'];
  await expect.poll(opened, { interval: 20 }).toBe(1);
  expect(unsent(till)).toBe(2);
  expect(unsent(await till.powerCut())).toBe(2);
});
