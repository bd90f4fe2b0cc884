// Goods that come back, through the real engine: found by their receipt, given back the way they were paid for, once.

import { createPrivateKey, randomUUID, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, onTestFinished, test } from 'vitest';
import { anOwner, askedBack, balancesOf, broughtBack, codeOf, leaveFor, soldAt } from '../../support/returns.ts';
import { type Till, aTill, atWork } from '../../support/till.ts';
import { verdictOn } from '../../support/verify.ts';

async function aShop(): Promise<Till> {
  return atWork(await aTill(onTestFinished, [await anOwner()]));
}

/** Everything stopped, verified. */
async function isTrue(till: Till): Promise<void> {
  await till.stop();
  expect(await verdictOn(till.directory)).toEqual({ kind: 'true' });
}

describe('a receipt', () => {
  test('is found by its code, its number, the last digits of it, and its sale’s id', async () => {
    const till = await aShop();
    const first = await soldAt(till, { goods: [['1', 1]] });
    const second = await soldAt(till, { resident: '1', goods: [['1', 2]], points: 10_000 });
    const expected = {
      ok: true,
      value: {
        saleId: second,
        receiptNumber: 'qj-03-000002',
        day: '2026-11-21',
        at: expect.any(Number),
        operatorName: '卓玛',
        residentMasked: '格***',
        totalFen: 2_500,
        points: 10_000,
        cashFen: 1_500,
        otherFen: 0,
        lines: [
          {
            n: 0,
            zh: '洗洁精',
            bo: null,
            size: '500g',
            picture: 'detergent',
            pricedIn: 'yuan',
            unitPrice: 1_250,
            totalFen: 2_500,
            points: 10_000,
            quantity: 2,
            returned: 0,
            netGrams: null,
          },
        ],
        isBeforeRestore: false,
        returns: [],
      },
    };
    for (const text of [codeOf(till, second), ` ${codeOf(till, second)}\n`, 'qj-03-000002', '2', '02', '0000002'])
      expect(await till.call.findReceipt({ text })).toEqual(expected);
    expect(await till.call.findReceipt({ saleId: second })).toEqual(expected);
    expect(await till.call.findReceipt({ text: '1' })).toMatchObject({ ok: true, value: { saleId: first } });
  });

  test('that is none of this book is refused by what it is', async () => {
    const till = await aShop();
    const saleId = await soldAt(till, { goods: [['1', 2]] });
    const returned = await broughtBack(till, saleId, [{ n: 0, quantity: 1 }]);
    if (!returned.ok) throw new Error(returned.code);
    const code = codeOf(till, saleId);
    const fields = code.split('|');
    const changed = (at: number, value: string): string => fields.map((field, i) => (i === at ? value : field)).join('|');
    const signedAnew = (at: number, value: string): string => {
      const text = changed(at, value).split('|').slice(0, -1).join('|');
      const key = createPrivateKey(readFileSync(till.home.key, 'utf8'));
      return `${text}|${sign(null, Buffer.from(text), key).toString('base64url')}`;
    };
    const asked: readonly (readonly [string, string])[] = [
      ['qj-03-000009', 'receipt_unknown'],
      ['7', 'receipt_unknown'],
      ['0', 'receipt_unknown'],
      ['999999999999', 'receipt_unknown'],
      ['大米', 'receipt_malformed'],
      ['CP1|', 'receipt_malformed'],
      [code.slice(0, -9), 'receipt_malformed'],
      [changed(4, '1e3'), 'receipt_malformed'],
      [changed(7, '99999'), 'receipt_forged'],
      [changed(8, 'A'.repeat(43)), 'receipt_forged'],
      [changed(2, 'qj-04'), 'receipt_other_shop'],
      [changed(1, '540526'), 'receipt_other_shop'],
      ['qj-04-000001', 'receipt_other_shop'],
      [signedAnew(8, 'A'.repeat(43)), 'receipt_lost'],
      [signedAnew(4, '4000'), 'receipt_lost'],
      [codeOf(till, returned.value.returnId), 'receipt_not_sale'],
      [returned.value.returnNumber, 'receipt_not_sale'],
      ['qj-03-R000001', 'receipt_not_sale'],
    ];
    const answers: unknown[] = [];
    for (const [text] of asked) answers.push([text, await till.call.findReceipt({ text })]);
    expect(answers).toEqual(asked.map(([text, wanted]) => [text, { ok: false, code: wanted }]));
    expect(await till.call.findReceipt({ saleId: returned.value.returnId })).toEqual({ ok: false, code: 'receipt_unknown' });
    expect(await till.call.quoteReturn({ saleId: returned.value.returnId, lines: [{ n: 0, quantity: 1 }] })).toEqual({
      ok: false,
      code: 'sale_unknown',
    });
    await isTrue(till);
  });

  test('under the scanner at the till, or at the desk, is called a receipt and buys nothing', async () => {
    const till = await aShop();
    const saleId = await soldAt(till, { goods: [['1', 1]] });
    const code = codeOf(till, saleId);
    expect(await till.call.scan({ text: code })).toMatchObject({ code: 'receipt_scanned', subject: 'qj-03-000001' });
    expect(await till.call.scan({ text: code.replace('|qj-03|', '|qj-04|') })).toMatchObject({ code: 'receipt_other_shop', subject: '' });
    expect((await till.call.snapshot()).cart.quote.lines).toEqual([]);
  });
});

describe('goods that come back', () => {
  test('give cash back as cash and points as points, in parts that end at the whole', async () => {
    const till = await aShop();
    const start = balancesOf(till);
    const saleId = await soldAt(till, {
      resident: '1',
      goods: [
        ['1', 3],
        ['3', 2],
      ],
      points: 10_000,
    });
    const answers: unknown[] = [];
    for (const lines of [
      [{ n: 0, quantity: 1 }],
      [{ n: 1, quantity: 1 }],
      [
        { n: 1, quantity: 1 },
        { n: 0, quantity: 2 },
      ],
    ])
      answers.push(await broughtBack(till, saleId, lines));
    expect(answers).toMatchObject([
      { ok: true, value: { returnNumber: 'qj-03-T000001', points: 2_330, cashFen: 1_010, otherFen: 0, usableAfter: 12_330 } },
      { ok: true, value: { returnNumber: 'qj-03-T000002', points: 1_500, cashFen: 0, otherFen: 0, usableAfter: 13_830 } },
      { ok: true, value: { returnNumber: 'qj-03-T000003', points: 6_170, cashFen: 2_040, otherFen: 0, usableAfter: 20_000 } },
    ]);
    expect(await till.call.quoteReturn({ saleId, lines: [{ n: 0, quantity: 1 }] })).toEqual({ ok: false, code: 'too_many' });
    expect(await till.call.findReceipt({ saleId })).toMatchObject({
      value: { lines: [{ returned: 3 }, { returned: 2 }], returns: [{ returnNumber: 'qj-03-T000001' }, {}, { day: '2026-11-21' }] },
    });
    expect(balancesOf(till)).toEqual(start);
    const timesOpened = async () => (await till.call.period({ number: null }))?.figures['kind/DRAWER_OPENED'];
    await expect.poll(timesOpened, { interval: 20 }).toBe(3); // the drawer is told behind the paper
    await isTrue(till);
    const opened = till.events().flatMap((event) => (event.kind === 'DRAWER_OPENED' ? [event.body.saleId] : []));
    const cashBack = till.events().find(({ kind }) => kind === 'RETURNED')!.id;
    expect(opened.slice(0, 2)).toEqual([saleId, cashBack]);
  });

  test('that another device was paid for go back there, to the fen', async () => {
    const till = await aShop();
    const saleId = await soldAt(till, { goods: [['1', 2]], pay: 'other' });
    expect(await broughtBack(till, saleId, [{ n: 0, quantity: 1 }])).toMatchObject({
      ok: true,
      value: { cashFen: 0, otherFen: 1_250, points: 0 },
    });
    expect(balancesOf(till)).toMatchObject({ 'cash/drawer  CNY': 10_000, 'cash/other-payments  CNY': 1_250 });
    await isTrue(till);
  });

  test('the same press again is the same return; other content with its id is refused', async () => {
    const till = await aShop();
    const saleId = await soldAt(till, { goods: [['1', 2]] });
    const act = await askedBack(till, saleId, [{ n: 0, quantity: 1 }]);
    const first = await till.call.returnGoods(act);
    expect(first).toMatchObject({ ok: true, value: { cashFen: 1_250 } });
    const again = await till.call.returnGoods(act);
    expect(again).toMatchObject({ ok: true, value: { returnNumber: 'qj-03-T000001' } });
    expect(await till.call.returnGoods({ ...act, reason: 'changed_mind' })).toEqual({ ok: false, code: 'other_content' });
    expect(await till.call.returnGoods({ ...act, actId: till.snapshot().cart.saleId })).toEqual({ ok: false, code: 'other_content' });
    await isTrue(till);
    expect(till.events().filter(({ kind }) => kind === 'RETURNED')).toHaveLength(1);
  });

  test.each([
    ['nothing_chosen', []],
    ['too_many', [{ n: 0, quantity: 3 }]],
    ['too_many', [{ n: 1, quantity: 1 }]],
    [
      'too_many',
      [
        { n: 0, quantity: 1 },
        { n: 0, quantity: 1 },
      ],
    ],
  ] as const)('are refused as %s: %j', async (code, lines) => {
    const till = await aShop();
    const saleId = await soldAt(till, { goods: [['1', 2]] });
    expect(await till.call.quoteReturn({ saleId, lines: [...lines] })).toEqual({ ok: false, code });
    const shown = { points: 0, cashFen: 0, otherFen: 0, digest: '' };
    expect(await till.call.returnGoods({ actId: randomUUID(), saleId, lines: [...lines], reason: 'faulty', shown })).toEqual({
      ok: false,
      code,
    });
  });

  test('need the owner’s leave for exactly this; what changed since is looked at again', async () => {
    const till = await aShop();
    const saleId = await soldAt(till, { goods: [['1', 3]] });
    const one = await askedBack(till, saleId, [{ n: 0, quantity: 1 }]);
    const ask = (change: object) => till.call.returnGoods({ ...one, actId: randomUUID(), ...change });
    expect(await ask({ approvalId: undefined })).toEqual({ ok: false, code: 'approval_needed' });
    expect(await ask({ approvalId: randomUUID() })).toEqual({ ok: false, code: 'approval_void' });
    expect(await ask({ shown: { ...one.shown, cashFen: 1_300 } })).toEqual({ ok: false, code: 'changed' });
    expect(await ask({ lines: [{ n: 0, quantity: 2 }] })).toEqual({ ok: false, code: 'changed' });
    expect(await ask({ saleId: randomUUID() })).toEqual({ ok: false, code: 'sale_unknown' });
    expect(await ask({})).toMatchObject({ ok: true });
    expect(await ask({})).toEqual({ ok: false, code: 'changed' }); // one is back by now: another digest
    await isTrue(till);
  });

  test('wait for the leave as long as it holds: two minutes', async () => {
    const till = await aShop();
    const saleId = await soldAt(till, { goods: [['1', 1]] });
    const act = await askedBack(till, saleId, [{ n: 0, quantity: 1 }]);
    till.clock.turn(120_001);
    expect(await till.call.returnGoods(act)).toEqual({ ok: false, code: 'approval_void' });
  });

  test('need the cash in the drawer, and the leave is not used up where it is short', async () => {
    const till = await aShop();
    const saleId = await soldAt(till, { goods: [['2', 1]] });
    const out = await leaveFor(till, { kind: 'pay_out', fen: 12_500, reason: 'bank' });
    expect(
      await till.call.moveCash({ actId: randomUUID(), direction: 'out', fen: 12_500, reason: 'bank', note: '', approvalId: out }),
    ).toMatchObject({ ok: true });
    const act = await askedBack(till, saleId, [{ n: 0, quantity: 1 }]);
    expect(await till.call.returnGoods(act)).toEqual({ ok: false, code: 'drawer_short' });
    expect(await till.call.moveCash({ actId: randomUUID(), direction: 'in', fen: 2_500, reason: 'change', note: '' })).toMatchObject({
      ok: true,
    });
    expect(await till.call.returnGoods(act)).toMatchObject({ ok: true, value: { cashFen: 3_000 } });
    expect(balancesOf(till)['cash/drawer  CNY']).toBeUndefined();
    await isTrue(till);
  });
});
