// Loose goods at the till: weighed on a simulated scale, or scanned from a counter scale's label; sold, kept over a power cut,
// and refused wherever the customer or the shop would be cheated.

import { createHash, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import Database from 'better-sqlite3';
import { describe, expect, onTestFinished, test } from 'vitest';
import { fen, points } from '../../../db/model/amounts.ts';
import { readDraft, writeDraft } from '../../../db/drafts.ts';
import { openBook } from '../../../db/open-book.ts';
import { eanCheckDigit } from '../../../db/model/barcode.ts';
import type { Goods } from '../../../db/model/catalogue.ts';
import type { DownLine } from '../../../db/model/down-file.ts';
import type { BookEvent, SaleLine } from '../../../db/model/event.ts';
import type { LabelLayout } from '../../../db/model/sale-label.ts';
import { card, deliver, goods, header, scheme, writeDown } from '../../support/county.ts';
import type { Draft } from '../../../electron/engine/draft.ts';
import { aTillWithDesk, deskRules, put, scaleSetId } from '../../support/desk.ts';
import { type Till, atWork, startTill } from '../../support/till.ts';
import { verdictOn } from '../../support/verify.ts';

const labels: readonly LabelLayout[] = [
  { prefix: '21', embeds: 'grams', goodsDigits: 5, valueDigits: 5 },
  { prefix: '22', embeds: 'fen', goodsDigits: 5, valueDigits: 5 },
];
const barley = goods('10', { zh: '青稞', size: '散装', soldBy: 'weight', priceFen: fen(1200), codes: ['2100010', '2200010'] });
const cheap = goods('11', { zh: '萝卜缨', size: '散装', soldBy: 'weight', priceFen: fen(1), codes: ['2100011'] });
const soap = goods('12', { zh: '肥皂', codes: ['2100012'] });
const labelled = { ...scheme, version: 2, recycling: deskRules, labels };

const withCheck = (digits: string): string => digits + eanCheckDigit(digits);
const gramsLabel = withCheck('210001001250');
const priceLabel = withCheck('220001000960');

async function aShop(options: { readonly isChecked?: boolean; readonly scale?: string | null } = {}): Promise<Till> {
  const more: readonly DownLine[] = [
    { t: 'SCHEME', scheme: labelled },
    ...[barley, cheap, soap].map((each) => ({ t: 'GOODS', goods: each }) as const),
  ];
  return atWork(await aTillWithDesk(onTestFinished, { ...options, more }));
}

/** Chooses the goods, puts so much on the pan, and weighs. */
async function weigh(till: Till, grams: number, { goodsId = '10', lineId = randomUUID() } = {}) {
  await till.call.addGoods({ goodsId });
  await put(till, grams);
  return till.call.weighGoods({ saleId: till.snapshot().cart.saleId, lineId, goodsId });
}

async function clear(till: Till): Promise<void> {
  await put(till, 0);
  await till.until(({ desk }) => desk?.isPanClear === true);
}

const weightsOf = (till: Till) =>
  till.snapshot().cart.quote.lines.map(({ zh, quantity, totalFen, weighed }) => [zh, quantity, totalFen, weighed]);

/** What the book keeps of the lines of the newest sale. */
function soldLines(events: readonly BookEvent[]): readonly SaleLine[] {
  const sale = events.findLast((event) => event.kind === 'SALE');
  return sale?.kind === 'SALE' ? sale.body.lines : [];
}

async function pay(till: Till) {
  const { saleId, quote, digest } = till.snapshot().cart;
  return till.call.pay({
    saleId,
    shown: { totalFen: quote.totalFen, points: quote.points, payFen: quote.dueCashFen, digest },
    payment: { kind: 'cash', tenderedFen: quote.dueCashFen },
  });
}

describe('on the scale', () => {
  test('a touch or the plain code asks for the weight, and the weight becomes a line that is sold with the scale’s bytes', async () => {
    const till = await aShop();
    await till.call.scan({ text: card('1') });
    expect(await till.call.scan({ text: '2100010' })).toMatchObject({ code: 'goods_to_weigh', subject: '青稞' });
    expect(till.snapshot().cart.weighing).toEqual({
      goods: {
        id: '10',
        zh: '青稞',
        bo: null,
        size: '散装',
        category: 'cleaning',
        picture: 'detergent',
        soldBy: 'weight',
        priceFen: 1200,
        pricePoints: null,
      },
      tare: { by: 'none' },
      containers: deskRules.containers,
      isPanClear: true,
    });
    expect(await weigh(till, 512)).toEqual({ ok: true, value: null });
    expect(weightsOf(till)).toEqual([['青稞', 1, 614, { by: 'scale', readGrams: 512, tare: { by: 'none' }, netGrams: 512 }]]);
    expect(till.snapshot().cart.weighing).toBeNull();
    await till.call.addGoods({ goodsId: '1' });
    await till.until(({ cart }) => cart.quote.lines.length === 2);
    expect(await pay(till)).toMatchObject({ ok: true, value: { totalFen: 1864, points: 18_600 } });
    await till.stop();
    const [line] = soldLines(till.events());
    expect(line).toEqual({
      goodsId: '10',
      zh: '青稞',
      bo: null,
      size: '散装',
      quantity: 1,
      pricedIn: 'yuan',
      unitPrice: 1200,
      totalFen: 614,
      points: 6_127,
      pointsFen: 613,
      weighed: {
        by: 'scale',
        readGrams: 512,
        tare: { by: 'none' },
        netGrams: 512,
        proof: {
          scaleSetId,
          family: 'st-us',
          stableBy: 'flag',
          framesHex: expect.arrayContaining(['53542c47532c2b2020302e3531326b67']) as string[], // ST,GS,+  0.512kg

          weighedAt: expect.any(Number) as number,
        },
      },
    });
    expect(await verdictOn(till.directory)).toEqual({ kind: 'true' });
  });

  test('the tare of a vessel is weighed or of the county’s list, never beside the scale’s own', async () => {
    const till = await aShop();
    await till.call.addGoods({ goodsId: '10' });
    await put(till, 120);
    expect(await till.call.setGoodsTare({ goodsId: '10', tare: { by: 'pan' } })).toEqual({ ok: true, value: null });
    await till.until(({ cart }) => cart.weighing?.tare.by === 'pan');
    await put(till, 632);
    const saleId = till.snapshot().cart.saleId;
    expect(await till.call.weighGoods({ saleId, lineId: randomUUID(), goodsId: '10' })).toMatchObject({ ok: true });
    await clear(till);
    await till.call.addGoods({ goodsId: '10' });
    expect(till.snapshot().cart.weighing?.tare).toEqual({ by: 'none' }); // one weighing's vessel is not the next one's
    await till.call.setGoodsTare({ goodsId: '10', tare: { by: 'container', id: 'sack' } });
    await put(till, 620);
    expect(await till.call.weighGoods({ saleId, lineId: randomUUID(), goodsId: '10' })).toMatchObject({ ok: true });
    expect(weightsOf(till).map(([, , totalFen, weighed]) => [totalFen, weighed])).toEqual([
      [614, { by: 'scale', readGrams: 632, tare: { by: 'pan', grams: 120 }, netGrams: 512 }],
      [600, { by: 'scale', readGrams: 620, tare: { by: 'container', id: 'sack', grams: 120 }, netGrams: 500 }],
    ]);
    await clear(till);
    await till.call.addGoods({ goodsId: '10' });
    await till.call.setGoodsTare({ goodsId: '10', tare: { by: 'container', id: 'sack' } });
    await put(till, 120);
    await till.call.weighGoods({ saleId, lineId: randomUUID(), goodsId: '10' }); // at rest, and too light
    await till.call.simulateScale({ act: 'tare' });
    await put(till, 620);
    const lineId = randomUUID();
    expect(await till.call.weighGoods({ saleId, lineId, goodsId: '10' })).toEqual({ ok: false, code: 'double_tare' });
    expect(await till.call.setGoodsTare({ goodsId: '10', tare: { by: 'pan' } })).toEqual({ ok: false, code: 'double_tare' });
    expect(await till.call.setGoodsTare({ goodsId: '10', tare: { by: 'none' } })).toMatchObject({ ok: true });
    expect(await till.call.weighGoods({ saleId, lineId, goodsId: '10' })).toMatchObject({ ok: true });
    await till.until(({ cart }) => cart.quote.lines.length === 3);
    expect(weightsOf(till)[2]).toEqual(['青稞', 1, 600, { by: 'scale', readGrams: 500, tare: { by: 'scale' }, netGrams: 500 }]);
    expect(await pay(till)).toMatchObject({ ok: true });
    await till.stop();
    expect(await verdictOn(till.directory)).toEqual({ kind: 'true' });
  });

  test('one load is one line: the same press again adds nothing, and the pan must have been empty before the next', async () => {
    const till = await aShop();
    const lineId = randomUUID();
    const saleId = till.snapshot().cart.saleId;
    const [first, same] = await Promise.all([
      weigh(till, 512, { lineId }),
      put(till, 512).then(() => till.call.weighGoods({ saleId, lineId, goodsId: '10' })),
    ]);
    expect([first.ok, same.ok]).toEqual([true, true]);
    expect(await till.call.weighGoods({ saleId, lineId, goodsId: '10' })).toEqual({ ok: true, value: null });
    await till.call.addGoods({ goodsId: '10' });
    expect(await till.call.weighGoods({ saleId, lineId: randomUUID(), goodsId: '10' })).toEqual({ ok: false, code: 'pan_not_clear' });
    await clear(till);
    expect(await weigh(till, 512)).toMatchObject({ ok: true });
    await till.until(({ cart }) => cart.quote.lines.length === 2);
    expect(weightsOf(till).map(([, quantity, totalFen]) => [quantity, totalFen])).toEqual([
      [1, 614],
      [1, 614],
    ]);
    expect(await till.call.setQuantity({ lineId, quantity: 2 })).toEqual({ ok: false, code: 'sold_by_weight' });
    await till.call.removeLine({ actId: randomUUID(), lineId });
    await till.stop();
    expect(till.events().filter(({ kind }) => kind === 'LINE_REMOVED')).toMatchObject([{ body: { goodsId: '10', quantity: 1 } }]);
  });

  test.for([
    ['the tare of its vessel', 'the line'],
    ['the line', 'the tare of its vessel'],
    ['a bag at the desk', 'the line'],
    ['the line', 'a bag at the desk'],
  ] as const)('one load is one thing: where %s is asked for first, it is not %s as well', async ([first, second]) => {
    const till = await aShop();
    await till.call.chooseMaterial({ materialId: 'plastic-bottle' });
    await till.call.addGoods({ goodsId: '10' });
    await put(till, 900);
    const { saleId } = till.snapshot().cart;
    const ask = {
      'the line': () => till.call.weighGoods({ saleId, lineId: randomUUID(), goodsId: '10' }),
      'the tare of its vessel': () => till.call.setGoodsTare({ goodsId: '10', tare: { by: 'pan' } }),
      'a bag at the desk': () => till.call.weigh({ bagId: randomUUID(), isOtherBag: false }),
    };
    expect(await Promise.all([ask[first](), ask[second]()])).toEqual([
      { ok: true, value: null },
      { ok: false, code: 'pan_not_clear' },
    ]);
    const { cart, desk } = till.snapshot();
    expect([cart.quote.lines.length, cart.weighing?.tare.by, desk?.bags.length]).toEqual(
      {
        'the line': [1, undefined, 0],
        'the tare of its vessel': [0, 'pan', 0],
        'a bag at the desk': [0, 'none', 1],
      }[first],
    );
  });

  test('what is too light to cost a fen, an empty pan and a pulled plug make no line, and the sale goes on', async () => {
    const till = await aShop();
    expect(await weigh(till, 499, { goodsId: '11' })).toEqual({ ok: false, code: 'too_light' });
    expect(await weigh(till, 0)).toEqual({ ok: false, code: 'too_light' });
    await till.call.simulateScale({ act: 'fault', fault: 'overload' });
    expect(await till.call.weighGoods({ saleId: till.snapshot().cart.saleId, lineId: randomUUID(), goodsId: '10' })).toEqual({
      ok: false,
      code: 'overload',
    });
    await till.call.simulateScale({ act: 'fault', fault: 'unplugged' });
    await till.until(({ scale }) => scale.state !== 'ready');
    expect(await weigh(till, 512)).toEqual({ ok: false, code: 'scale_away' });
    expect(await till.call.addGoods({ goodsId: '1' })).toMatchObject({ code: 'line_added' });
    expect(till.snapshot().cart.quote.lines.map(({ goodsId }) => goodsId)).toEqual(['1']);
  });

  test('goods that are not chosen, another sale and goods that were put away are not weighed', async () => {
    const till = await aShop();
    const { saleId } = till.snapshot().cart;
    const lineId = randomUUID();
    const refused = { ok: false, code: 'not_weighing' };
    expect(await till.call.weighGoods({ saleId, lineId, goodsId: '10' })).toEqual(refused);
    await till.call.addGoods({ goodsId: '10' });
    expect(await till.call.weighGoods({ saleId, lineId, goodsId: '11' })).toEqual(refused);
    expect(await till.call.weighGoods({ saleId: randomUUID(), lineId, goodsId: '10' })).toEqual(refused);
    await put(till, 512);
    const waiting = till.call.weighGoods({ saleId, lineId, goodsId: '10' });
    await till.call.stopWeighing();
    expect(await waiting).toEqual(refused);
    expect(till.snapshot().cart.quote.lines).toEqual([]);
  });

  test('a scale that was not checked today, or is not set up, weighs nothing for sale', async () => {
    const unchecked = await aShop({ isChecked: false });
    expect(await weigh(unchecked, 512)).toEqual({ ok: false, code: 'scale_check_due' });
    const none = await aShop({ scale: null });
    await none.call.addGoods({ goodsId: '10' });
    expect(await none.call.weighGoods({ saleId: none.snapshot().cart.saleId, lineId: randomUUID(), goodsId: '10' })).toEqual({
      ok: false,
      code: 'scale_not_set',
    });
  });

  test('a power cut keeps the weighed line with its bytes, and what was to be weighed', async () => {
    const before = await aShop();
    await weigh(before, 512);
    await before.call.addGoods({ goodsId: '11' });
    const till = await before.powerCut();
    await till.until(({ scale }) => scale.state === 'ready');
    expect(weightsOf(till)).toEqual([['青稞', 1, 614, { by: 'scale', readGrams: 512, tare: { by: 'none' }, netGrams: 512 }]]);
    expect(till.snapshot().cart.weighing?.goods.id).toBe('11');
    expect(await pay(till)).toMatchObject({ ok: true });
    await till.stop();
    expect(soldLines(till.events())[0]?.weighed).toMatchObject({ by: 'scale', proof: { scaleSetId, family: 'st-us' } });
    expect(await verdictOn(till.directory)).toEqual({ kind: 'true' });
  });
});

describe('a stored cart', () => {
  /** What is stored, with the weighed line at a third of its price. */
  function lighter(draft: Draft): object {
    const lines = draft.lines.map((line) =>
      line.weighed?.by === 'scale' ? { ...line, weighed: { ...line.weighed, netGrams: 200 } } : line,
    );
    return { ...draft, lines };
  }

  async function aCart(): Promise<Till> {
    const till = await aShop();
    await till.call.scan({ text: card('1') });
    await till.call.scan({ text: gramsLabel });
    await till.call.addGoods({ goodsId: '1' });
    expect(await weigh(till, 600)).toMatchObject({ ok: true });
    await till.stop();
    return till;
  }

  test('that another hand changed comes back without what the scale said and without its card, to nobody, on record', async () => {
    const till = await aCart();
    const db = new Database(join(till.directory, 'book.db'));
    const { body } = db.prepare<[], { body: string }>('SELECT body FROM draft').get()!;
    db.prepare('UPDATE draft SET body = ?').run(JSON.stringify(lighter(JSON.parse(body) as Draft)));
    db.close();
    const next = await startTill(onTestFinished, till.directory, till.clock);
    const { notice, cart, operator } = next.snapshot();
    expect([notice?.code, notice?.subject, operator, cart.resident]).toEqual(['weighing_unproven', '青稞', null, null]);
    expect(cart.quote.lines.map(({ goodsId, weighed }) => [goodsId, weighed?.by])).toEqual([
      ['10', 'label'],
      ['1', undefined],
    ]);
    await next.stop();
    expect(next.events().filter(({ kind }) => kind === 'LINE_REMOVED')).toMatchObject([{ op: null, body: { goodsId: '10', quantity: 1 } }]);
    expect(await verdictOn(next.directory)).toEqual({ kind: 'true' });
  });

  test('that is sealed and says less than its bytes is not sold: the line is taken off', async () => {
    const till = await aCart();
    const opened = openBook(till.home, till.clock, 'a fault of ours');
    if (!opened.ok) throw new Error(opened.detail);
    opened.book.transact(() => writeDraft(opened.book, lighter(readDraft(opened.book)!.draft as Draft))); // as cart.ts stored it
    opened.book.close();
    const next = await atWork(await startTill(onTestFinished, till.directory, till.clock), { isShiftOpen: true });
    expect(weightsOf(next)[2]).toMatchObject(['青稞', 1, 240, { netGrams: 200 }]);
    expect(await pay(next)).toEqual({ ok: false, code: 'changed' });
    expect(next.snapshot()).toMatchObject({
      notice: { code: 'weighing_unproven', subject: '青稞' },
      cart: { quote: { lines: { length: 2 } } },
    });
    expect(await pay(next)).toMatchObject({ ok: true });
    await next.stop();
    expect(next.events().filter(({ kind }) => kind === 'LINE_REMOVED')).toHaveLength(1);
    expect(await verdictOn(next.directory)).toEqual({ kind: 'true' });
  });
});

describe('a label', () => {
  test('with a weight or with a price is a line of its own, sold and verified', async () => {
    const till = await aShop();
    await till.call.scan({ text: card('1') });
    expect(await till.call.scan({ text: gramsLabel })).toMatchObject({ code: 'line_added', subject: '青稞' });
    expect(await till.call.scan({ text: priceLabel })).toMatchObject({ code: 'line_added' });
    expect(weightsOf(till)).toEqual([
      ['青稞', 1, 1500, { by: 'label', code: gramsLabel, netGrams: 1_250 }],
      ['青稞', 1, 960, { by: 'price-label', code: priceLabel }],
    ]);
    await till.call.setPoints({ points: 10_000 });
    await till.until(({ cart }) => cart.quote.points === 10_000);
    expect(await pay(till)).toMatchObject({ ok: true, value: { totalFen: 2460, worthFen: 1000 } });
    await till.stop();
    expect(
      soldLines(till.events()).map(({ unitPrice, totalFen, pointsFen, weighed }) => [unitPrice, totalFen, pointsFen, weighed]),
    ).toEqual([
      [1200, 1500, 610, { by: 'label', code: gramsLabel, netGrams: 1_250 }],
      [1200, 960, 390, { by: 'price-label', code: priceLabel }],
    ]);
    expect(await verdictOn(till.directory)).toEqual({ kind: 'true' });
  });

  test('scanned a second time is asked about, and only scanned once more straight after is another bag', async () => {
    const till = await aShop();
    const said = async (text: string) => (await till.call.scan({ text })).code;
    expect([await said(gramsLabel), await said(gramsLabel)]).toEqual(['line_added', 'label_again']);
    expect([await said(priceLabel), await said(gramsLabel), await said(gramsLabel)]).toEqual(['line_added', 'label_again', 'line_added']);
    expect(weightsOf(till).map(([, , totalFen]) => totalFen)).toEqual([1500, 960, 1500]);
  });

  test('misread, of nothing, of unknown goods or of goods by the piece adds nothing and says why', async () => {
    const till = await aShop();
    const said = async (text: string) => {
      const { code, subject } = await till.call.scan({ text });
      return [code, subject];
    };
    const misread = gramsLabel.slice(0, -1) + String((Number(gramsLabel.at(-1)) + 1) % 10);
    expect(await said(misread)).toEqual(['label_misread', misread]);
    expect(await said(withCheck('210001000000'))).toEqual(['label_zero', withCheck('210001000000')]);
    expect(await said(withCheck('210001100499'))).toEqual(['label_zero', withCheck('210001100499')]); // weighs, and costs nothing
    expect(await said(withCheck('219999901250'))).toEqual(['goods_unknown', '2199999']);
    expect(await said(withCheck('210001201250'))).toEqual(['label_by_piece', '肥皂']);
    expect(await said(withCheck('250001001250'))).toEqual(['goods_unknown', withCheck('250001001250')]); // no label by these rules
    expect(till.snapshot().cart.quote.lines).toEqual([]);
  });

  test('a county’s file that sells the goods by the piece, or reads labels otherwise, takes the lines off and records them', async () => {
    const till = await aShop();
    await till.call.scan({ text: gramsLabel });
    await till.call.scan({ text: priceLabel });
    await till.call.addGoods({ goodsId: '11' });
    const first = gunzipSync(readFileSync(join(till.directory, 'from-county', '00000001.jsonl.gz')));
    const sha256 = createHash('sha256').update(first).digest('base64url');
    const byPrice: Goods = { ...cheap, soldBy: 'piece', pricePoints: points(100) };
    const { path } = await writeDown(`${till.directory}/from-county`, header(2, sha256), [
      { t: 'SCHEME', scheme: { ...labelled, version: 3, labels: labels.slice(1) } },
      { t: 'GOODS', goods: byPrice },
    ]);
    deliver(till.home, path);
    await till.until(({ exchange }) => exchange.lastDownSeq === 2);
    const { cart } = await till.until(({ notice }) => notice?.code === 'goods_withdrawn');
    expect([cart.weighing, weightsOf(till).map(([, , totalFen]) => totalFen)]).toEqual([null, [960]]);
    await till.stop();
    expect(till.events().filter(({ kind }) => kind === 'LINE_REMOVED')).toMatchObject([{ body: { goodsId: '10', quantity: 1 } }]);
  });
});
