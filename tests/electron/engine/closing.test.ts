// The day's end through the engine: a hand-made day whose figures were worked out by hand, who may close, what stands in the way, and
// what becomes of days that were forgotten, closed twice, or put wrong by the clock.

import { randomUUID } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import { qiongjie } from '../../../county/schemes/qiongjie.ts';
import { denominations } from '../../../db/model/event.ts';
import type { DownLine } from '../../../db/model/down-file.ts';
import type { ClosingBody } from '../../../db/model/event.ts';
import { dayMs } from '../../../db/model/time.ts';
import { card, cashier, cashierPin, scheme } from '../../support/county.ts';
import { type Till, aTill, atWork } from '../../support/till.ts';
import { verdictOn } from '../../support/verify.ts';

const more = async (): Promise<readonly DownLine[]> => [
  { t: 'SCHEME', scheme: { ...scheme, version: 2, recycling: qiongjie.scheme.recycling } },
  { t: 'OPERATOR', operator: { ...(await cashier()), id: 'op2', name: '次仁', role: 'owner' } },
];

async function aShop(): Promise<Till> {
  return atWork(await aTill(onTestFinished, await more()));
}

/** Counts so much for an end, in the fewest pieces. */
async function counted(till: Till, fen: number, purpose: 'closing' | 'hand_over' = 'closing'): Promise<string> {
  let left = fen;
  const counts = denominations.map((worth) => {
    const pieces = Math.floor(left / worth);
    left -= pieces * worth;
    return pieces;
  });
  const actId = randomUUID();
  const told = await till.call.countDrawer({ actId, purpose, counts });
  if (!told.ok) throw new Error(told.code);
  return actId;
}

async function sell(till: Till, goodsIds: readonly string[], { resident }: { readonly resident?: string } = {}): Promise<string> {
  if (resident !== undefined) await till.call.scan({ text: card(resident) });
  for (const goodsId of goodsIds) await till.call.addGoods({ goodsId });
  const { saleId, quote, digest } = till.snapshot().cart;
  const { totalFen, points, dueCashFen } = quote;
  const paid = await till.call.pay({
    saleId,
    shown: { totalFen, points, payFen: dueCashFen, digest },
    payment: { kind: 'cash', tenderedFen: dueCashFen },
  });
  if (!paid.ok) throw new Error(paid.code);
  await till.call.nextCustomer();
  return saleId;
}

async function asOwner(till: Till): Promise<Till> {
  await till.call.signOut();
  const signed = await till.call.signIn({ operatorId: 'op2', pin: cashierPin });
  if (!signed.ok) throw new Error(signed.code);
  return till;
}

function closingsOf(till: Till): readonly ClosingBody[] {
  return till.events().flatMap((event) => (event.kind === 'DAY_CLOSED' ? [event.body] : []));
}

test('a hand-made day closes with the figures that were worked out by hand', async () => {
  const till = await aShop(); // 100 yuan in the drawer
  await sell(till, ['1', '1']); // 25 yuan in cash
  await sell(till, ['2'], { resident: '1' }); // 30 yuan: the 200 points of the account take 20 off
  await till.call.goTo({ place: 'desk' });
  await till.call.scan({ text: card('1') });
  await till.call.chooseMaterial({ materialId: 'battery' });
  await till.call.countBag({ bagId: randomUUID(), pieces: 40, again: null }); // 20 points
  const { creditId, quote, digest } = till.snapshot().desk!;
  expect(await till.call.credit({ creditId, shown: { points: quote.points, digest } })).toMatchObject({ ok: true });
  await till.call.goTo({ place: 'till' });
  await sell(till, ['3'], { resident: '1' }); // a cup for 15 of them, which the county has named no price for
  await till.call.addGoods({ goodsId: '1' });
  const [line] = till.snapshot().cart.quote.lines;
  await till.call.removeLine({ actId: randomUUID(), lineId: line!.lineId });
  await till.call.noSale({ actId: randomUUID(), reason: 'change' });
  await till.call.moveCash({ actId: randomUUID(), direction: 'in', fen: 2_000, reason: 'change', note: '' });
  till.clock.turn(60_000);
  await asOwner(till);
  const open = await till.call.period({ number: null });
  const countId = await counted(till, 15_450); // 155 yuan should be there
  const closed = await till.call.closeDay({ actId: randomUUID(), countId, reason: 'wrong_change' });
  expect(closed).toEqual({ ok: true, value: { closingNumber: 'qj-03-Z000001', number: 1, settlementNumber: null } });
  expect(till.snapshot()).toMatchObject({ operator: { id: 'op2' }, shift: null, days: { forgotten: null, closedThrough: '2026-11-21' } });

  const view = (await till.call.period({ number: 1 }))!;
  const figures = {
    'sale.count': 3,
    'sale.fen': 5_500,
    'sale.points': 21_500,
    'sale.worthFen': 2_000,
    'sale.cashFen': 3_500,
    'sale.otherFen': 0,
    'sale.roundingFen': 0,
    'return.count': 0,
    'return.fen': 0,
    'return.points': 0,
    'return.worthFen': 0,
    'return.cashFen': 0,
    'return.otherFen': 0,
    'return.roundingFen': 0,
    'credit.count': 1,
    'credit.points': 2_000,
    'reversal.count': 0,
    'reversal.points': 0,
    'pointsGoods.points': 1_500,
    'pointsGoods.fen': 0,
    'pointsGoods.unpriced': 1,
    'drawer.floatFen': 10_000,
    'drawer.saleFen': 3_500,
    'drawer.returnFen': 0,
    'drawer.inFen': 2_000,
    'drawer.outFen': 0,
    'drawer.overShortFen': -50,
    'redeemed/10/points': 20_000,
    'redeemed/10/fen': 2_000,
    'operator/op1/saleCount': 3,
    'operator/op1/saleFen': 5_500,
    'operator/op1/salePoints': 21_500,
    'operator/op1/cashFen': 3_500,
    'operator/op1/creditCount': 1,
    'operator/op1/creditPoints': 2_000,
    'material/battery/count': 1,
    'material/battery/units': 40,
    'material/battery/points': 2_000,
    'account/issuance/PTS': -20_000,
    'account/recycling_issue/PTS': -2_000,
    'account/esc/PTS': 500,
    'account/red/PTS': 21_500,
    'account/cash/drawer/CNY': 15_450,
    'account/cash/owner/CNY': -12_000,
    'account/cash/sales/CNY': -5_500,
    'account/cash/county-receivable/CNY': 2_000,
    'account/cash/over-short/CNY': 50,
    'exception/restart': 2,
    'exception/lineRemoved': 1,
    'exception/noSale': 1,
    'kind/START': 2,
    'kind/DOWN_APPLIED': 1,
    'kind/OPERATOR_IN': 2,
    'kind/OPERATOR_OUT': 1,
    'kind/SHIFT_OPEN': 1,
    'kind/SALE': 3,
    'kind/CREDIT': 1,
    'kind/LINE_REMOVED': 1,
    'kind/NO_SALE': 1,
    'kind/CASH_MOVED': 1,
    'kind/DRAWER_COUNTED': 1,
    'kind/DAY_CLOSED': 1,
  };
  const { 'kind/DRAWER_OPENED': _, ...told } = view.figures; // on a slow machine the printer is ready first, and opens the drawer
  expect(told).toEqual(figures);
  expect(view.accounts).toEqual(
    Object.fromEntries(
      Object.entries(figures).flatMap(([name, closing]) =>
        name.startsWith('account/') ? [[name.slice('account/'.length), { opening: 0, closing }]] : [],
      ),
    ),
  );
  expect(view).toMatchObject({
    day: '2026-11-21',
    closing: { number: 1, isForgotten: false, isByOwner: true, drawer: { countedFen: 15_450, expectedFen: 15_500, differenceFen: -50 } },
    names: { operatorName: '次仁', operators: [{ id: 'op1', name: '卓玛' }], materials: [{ id: 'battery' }] },
  });
  expect(open).toMatchObject({ closing: null, actId: null, figures: { 'sale.count': 3, 'drawer.overShortFen': 0 } });
  await till.stop();
  expect(await verdictOn(till.directory)).toEqual({ kind: 'true' });
});

/** A day with one sale in cash and 100 yuan to begin with, whoever is at the till. */
async function aDay(): Promise<Till> {
  const till = await aShop();
  await sell(till, ['1']);
  return till;
}

test('the same act twice, at once and later, is one closing; another finds nothing open', async () => {
  const till = await asOwner(await aDay());
  const countId = await counted(till, 11_250);
  const act = { actId: randomUUID(), countId, reason: null };
  const other = { ...act, actId: randomUUID() };
  const answers = await Promise.all([till.call.closeDay(act), till.call.closeDay(act), till.call.closeDay(other)]);
  const first = { ok: true, value: { closingNumber: 'qj-03-Z000001', number: 1, settlementNumber: null } };
  expect(answers).toEqual([first, first, { ok: false, code: 'nothing_open' }]);
  const again = await till.powerCut();
  await again.call.signIn({ operatorId: 'op2', pin: cashierPin });
  expect(await again.call.closeDay(act)).toEqual(first);
  expect(again.snapshot().shift).toBe(null);
  await again.stop();
  expect(closingsOf(again)).toHaveLength(1);
  expect(await verdictOn(again.directory)).toEqual({ kind: 'true' });
});

test('a cart, bags and a sale since the count stand in the way until they are finished', async () => {
  const till = await asOwner(await aDay());
  const countId = await counted(till, 11_250);
  const close = () => till.call.closeDay({ actId: randomUUID(), countId, reason: null });
  await till.call.addGoods({ goodsId: '1' });
  expect(await till.call.closingState()).toMatchObject({ day: '2026-11-21', isForgotten: false, obstacles: ['cart_open'], sales: 1 });
  expect(await close()).toEqual({ ok: false, code: 'cart_open' });
  const { saleId, quote, digest } = till.snapshot().cart;
  const shown = { totalFen: 1_250, points: 0, payFen: quote.dueCashFen, digest };
  // a sale in flight: whichever comes first, nothing is lost between the two
  const [paid, closed] = await Promise.all([
    till.call.pay({ saleId, shown, payment: { kind: 'cash', tenderedFen: 1_250 } }),
    till.call.closeDay({ actId: randomUUID(), countId, reason: null }),
  ]);
  expect([paid.ok, closed]).toEqual([true, { ok: false, code: 'count_stale' }]);
  await till.call.goTo({ place: 'desk' });
  await till.call.chooseMaterial({ materialId: 'battery' });
  await till.call.countBag({ bagId: randomUUID(), pieces: 2, again: null });
  expect(await close()).toEqual({ ok: false, code: 'desk_open' });
  await till.call.clearDesk();
  const recounted = await counted(till, 12_500);
  expect(await till.call.closeDay({ actId: randomUUID(), countId: recounted, reason: null })).toMatchObject({ ok: true });
  await till.stop();
  expect(closingsOf(till).map(({ figures }) => figures['sale.count'])).toEqual([2]);
  expect(await verdictOn(till.directory)).toEqual({ kind: 'true' });
});

test('a difference needs a reason, and a cashier the leave of an owner for this date and count', async () => {
  const till = await aDay();
  const countId = await counted(till, 11_000);
  const close = (change: { readonly reason?: 'miscount'; readonly approvalId?: string } = {}) =>
    till.call.closeDay({ actId: randomUUID(), countId, reason: null, ...change });
  expect(await close()).toEqual({ ok: false, code: 'reason_needed' });
  expect(await close({ reason: 'miscount' })).toEqual({ ok: false, code: 'approval_needed' });
  expect(await close({ reason: 'miscount', approvalId: randomUUID() })).toEqual({ ok: false, code: 'approval_void' });
  const approvalId = randomUUID();
  const act = { kind: 'close_day', day: '2026-11-21', countId } as const;
  expect(await till.call.approve({ approvalId, act, operatorId: 'op2', pin: cashierPin })).toMatchObject({ ok: true });
  expect(await close({ reason: 'miscount', approvalId })).toMatchObject({ ok: true });
  await till.stop();
  expect(closingsOf(till)).toMatchObject([{ isByOwner: false, approvalId, drawer: { differenceFen: -250, reason: 'miscount' } }]);
  expect(await verdictOn(till.directory)).toEqual({ kind: 'true' });
});

test('a forgotten day is closed first, by a cashier alone, on its own date; its cart is there for the next', async () => {
  const till = await aDay();
  await till.call.addGoods({ goodsId: '2' });
  till.clock.turn(dayMs);
  await till.call.signOut();
  await till.call.signIn({ operatorId: 'op1', pin: cashierPin });
  expect(till.snapshot()).toMatchObject({ shift: null, days: { forgotten: '2026-11-21' } });
  const open = (confirmedDate: string | null = null) => till.call.openShift({ actId: randomUUID(), floatFen: 11_250, confirmedDate });
  expect(await open()).toEqual({ ok: false, code: 'day_unclosed', businessDate: '2026-11-21' });
  expect(await till.call.closingState()).toMatchObject({ day: '2026-11-21', isForgotten: true, obstacles: [] });
  const countId = await counted(till, 11_250);
  expect(await till.call.closeDay({ actId: randomUUID(), countId, reason: null })).toMatchObject({ ok: true, value: { number: 1 } });
  expect(await open()).toMatchObject({ ok: true, value: { businessDate: '2026-11-22' } });
  expect(till.snapshot().cart.quote.lines).toHaveLength(1);
  await till.stop();
  expect(till.events().findLast(({ kind }) => kind === 'DAY_CLOSED')).toMatchObject({
    day: '2026-11-21',
    body: { number: 1, isForgotten: true, isByOwner: false, approvalId: null },
  });
  expect(await verdictOn(till.directory)).toEqual({ kind: 'true' });
});

test('a clock that jumps while the day is counted is written down before the closing, and counted in it', async () => {
  const till = await asOwner(await aDay());
  const countId = await counted(till, 11_250);
  till.clock.set(till.clock.wallMs() + 3 * 60 * 60 * 1000);
  expect(await till.call.closeDay({ actId: randomUUID(), countId, reason: null })).toMatchObject({ ok: true });
  const jumped = (await till.call.period({ number: 1 }))!;
  expect(jumped.figures['exception/clockStep']).toBe(1);
  await till.stop();
  const events = till.events();
  const closing = events.find(({ kind }) => kind === 'DAY_CLOSED')!;
  expect(events[closing.seq - 2]).toMatchObject({ kind: 'CLOCK_STEP', id: `${closing.id}-clock` });
  expect(closing).toMatchObject({ body: { checkpoint: { size: closing.seq - 1 } } });
  expect(await verdictOn(till.directory)).toEqual({ kind: 'true' });
});

test('the next day opens with what this one closed with, and perpetual totals go on', async () => {
  const till = await asOwner(await aDay());
  const close = async (fen: number) => {
    const countId = await counted(till, fen);
    expect(await till.call.closeDay({ actId: randomUUID(), countId, reason: fen % 100 === 50 ? null : 'unknown' })).toMatchObject({
      ok: true,
    });
  };
  await close(11_250);
  till.clock.turn(dayMs);
  expect(await till.call.openShift({ actId: randomUUID(), floatFen: 10_000, confirmedDate: null })).toMatchObject({ ok: true });
  await sell(till, ['2']);
  const x = await till.call.printReport({ actId: randomUUID() });
  expect(x).toMatchObject({ ok: true });
  await close(13_100);
  await till.stop();
  const [first, second] = closingsOf(till) as [ClosingBody, ClosingBody];
  const ends = (body: ClosingBody) => Object.fromEntries(Object.entries(body.accounts).map(([name, { closing }]) => [name, closing]));
  const begins = Object.entries(second.accounts).map(([name, { opening }]) => [name, opening]);
  expect(Object.fromEntries(begins)).toEqual({ ...Object.fromEntries(begins.map(([name]) => [name, 0])), ...ends(first) });
  expect(second.accounts['cash/drawer/CNY']).toEqual({ opening: 11_250, closing: 13_100 });
  expect([first.perpetual['sale.fen'], second.perpetual['sale.fen'], second.figures['sale.fen']]).toEqual([1_250, 4_250, 3_000]);
  expect(second.fromSeq).toBe(first.checkpoint.size + 2);
  expect(await verdictOn(till.directory)).toEqual({ kind: 'true' });
});

test('the events behind a figure add up to it, of the open and of a closed period, page by page', async () => {
  const till = await aShop();
  for (let i = 0; i < 33; i += 1) await sell(till, [i % 3 === 0 ? '2' : '1']);
  await asOwner(till);
  const behind = async (number: number | null, figure: string) => {
    const pages = [];
    let beforeSeq: number | null = null;
    do {
      const page: Awaited<ReturnType<typeof till.call.eventsBehind>> = await till.call.eventsBehind({ number, figure, beforeSeq });
      pages.push(page.events);
      beforeSeq = page.nextBeforeSeq;
    } while (beforeSeq !== null);
    return pages;
  };
  const asked = ['sale.fen', 'sale.points', 'drawer.overShortFen', 'account/cash/drawer/CNY', 'kind/DAY_CLOSED', 'operator/op1/saleFen'];
  const sumsOf = async (number: number | null) => {
    const { figures } = (await till.call.period({ number }))!;
    const sums: Record<string, number> = {};
    for (const name of asked) sums[name] = (await behind(number, name)).flat().reduce((sum, { amount }) => sum + amount, 0);
    return { sums, figures: Object.fromEntries(asked.map((name) => [name, figures[name] ?? 0])) };
  };
  const open = await sumsOf(null);
  expect(open.sums).toEqual(open.figures);
  const countId = await counted(till, 69_750);
  expect(await till.call.closeDay({ actId: randomUUID(), countId, reason: 'unknown' })).toMatchObject({ ok: true });
  const closed = await sumsOf(1);
  expect(closed.sums).toEqual(closed.figures);
  const pages = await behind(1, 'sale.fen');
  expect(pages.map((page) => page.length)).toEqual([30, 3]);
  expect(pages[1]!.at(-1)).toMatchObject({ kind: 'SALE', number: 'qj-03-000001', amount: 3_000, operatorName: '卓玛', hasPaper: true });
  expect(await behind(7, 'sale.fen')).toEqual([[]]);
  expect(await till.call.period({ number: 7 })).toBe(null);
  expect(await till.call.closings({ beforeNumber: null })).toMatchObject({
    closings: [{ number: 1, closingNumber: 'qj-03-Z000001', day: '2026-11-21', sales: 33, totalFen: 60_500, settlementNumber: null }],
    nextBeforeNumber: null,
  });
});
