// The settlement through the engine: with every closing where the county settles daily, else when the owner prepares it; what the
// county's files say of it; exports; and verify, which believes none of it without its acts.

import { randomUUID } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type Home, readHome } from '../../../db/home.ts';
import { type SettlementBody, denominations } from '../../../db/model/event.ts';
import { settlementOf } from '../../../db/model/settlement.ts';
import { openClosings } from '../../../db/settlements.ts';
import { fen, points } from '../../../db/model/amounts.ts';
import type { DownLine } from '../../../db/model/down-file.ts';
import type { Scheme } from '../../../db/model/scheme.ts';
import { dayMs } from '../../../db/model/time.ts';
import { lastDown } from '../../../db/reference.ts';
import { reopened, tamper } from '../../support/book.ts';
import { apply, card, cashier, cashierPin, goods, header, scheme, shop, temporary, writeDown } from '../../support/county.ts';
import { type Till, aTill, startTill } from '../../support/till.ts';
import { verdictOn } from '../../support/verify.ts';

const budget = { zh: '年度经费', yearFen: fen(120_000_000), usedFen: fen(500), asOf: Date.parse('2026-11-20T20:00:00+08:00') };

/** A partner shop that leaves 2.5 %, and cups that the county pays 6.50 yuan for. */
async function more(cycle: 'day' | 'month'): Promise<readonly DownLine[]> {
  const rules: Scheme = { ...scheme, version: 2, settlement: { cycle }, budget };
  return [
    { t: 'SCHEME', scheme: { ...rules, groups: [...rules.groups] } },
    { t: 'SHOP', shop: { ...shop, merchantSharePermille: 25 } },
    { t: 'OPERATOR', operator: { ...(await cashier()), id: 'op2', name: '次仁', role: 'owner' } },
    { t: 'GOODS', goods: goods('5', { zh: '碗', priceFen: null, pricePoints: points(1_000), settlementFen: fen(650) }) },
  ];
}

async function aShop(cycle: 'day' | 'month', extra: readonly DownLine[] = []): Promise<Till> {
  return asOwner(await aTill(onTestFinished, [...(await more(cycle)), ...extra]));
}

async function asOwner(till: Till): Promise<Till> {
  const signed = await till.call.signIn({ operatorId: 'op2', pin: cashierPin });
  if (!signed.ok) throw new Error(signed.code);
  const opened = await till.call.openShift({ actId: randomUUID(), floatFen: 10_000, confirmedDate: null });
  if (!opened.ok) throw new Error(opened.code);
  return till;
}

async function sell(till: Till, goodsIds: readonly string[]): Promise<void> {
  await till.call.scan({ text: card('1') });
  for (const goodsId of goodsIds) await till.call.addGoods({ goodsId });
  const { saleId, quote, digest } = till.snapshot().cart;
  const { totalFen, points: used, dueCashFen } = quote;
  const shown = { totalFen, points: used, payFen: dueCashFen, digest };
  const paid = await till.call.pay({ saleId, shown, payment: { kind: 'cash', tenderedFen: dueCashFen } });
  if (!paid.ok) throw new Error(paid.code);
  await till.call.nextCustomer();
}

/** Counts what is there and closes the day; returns the settlement's number or null. */
async function close(till: Till, drawerFen: number): Promise<number | null> {
  let left = drawerFen;
  const counts = denominations.map((worth) => {
    const pieces = Math.floor(left / worth);
    left -= pieces * worth;
    return pieces;
  });
  const countId = randomUUID();
  await till.call.countDrawer({ actId: countId, purpose: 'closing', counts });
  const closed = await till.call.closeDay({ actId: randomUUID(), countId, reason: null });
  if (!closed.ok) throw new Error(closed.code);
  return closed.value.settlementNumber;
}

async function nextDay(till: Till): Promise<void> {
  till.clock.turn(dayMs);
  const opened = await till.call.openShift({ actId: randomUUID(), floatFen: 10_000, confirmedDate: null });
  if (!opened.ok) throw new Error(opened.code);
}

/** Between two starts of the till the county's next file is applied; the owner signs in again. */
async function countySays(till: Till, lines: readonly DownLine[]): Promise<Till> {
  await till.stop();
  const book = reopened(till.home, till.clock);
  const last = lastDown(book.db)!; // the county's first file came with the till
  const { path } = await writeDown(join(till.directory, 'from-county'), header(last.downSeq + 1, last.sha256), lines);
  expect(await apply(till.home, book, path)).toEqual({ kind: 'applied', downSeq: last.downSeq + 1 });
  book.close();
  const again = await startTill(onTestFinished, till.directory, till.clock);
  const signed = await again.call.signIn({ operatorId: 'op2', pin: cashierPin });
  if (!signed.ok) throw new Error(signed.code);
  return again;
}

const word = (number: number, state: 'sent' | 'accepted' | 'paid', paidFen: number | null = null, reference = ''): DownLine => ({
  t: 'SETTLEMENT',
  number,
  state,
  day: '2026-11-23',
  paidFen: paidFen === null ? null : fen(paidFen),
  reference,
});

test('where the county settles daily, every closing is settled with it, and verify makes the settlement again', async () => {
  const till = await aShop('day');
  await sell(till, ['1', '5', '5']); // 12.50 yuan by 125 points, two bowls for 20: 12.50 + 13.00
  expect(await close(till, 10_000)).toBe(1);
  const { settlements, ...list } = await till.call.settlements({ beforeNumber: null });
  expect(list).toEqual({ openClosings: 0, open: null, cycle: 'day', strayWords: [], nextBeforeNumber: null });
  expect(settlements).toEqual([
    {
      number: 1,
      settlementNumber: 'qj-03-J000001',
      closings: [{ number: 1, day: '2026-11-21', points: 14_500, fen: 2_550 }],
      redeemed: [{ pointValueFen: 10, points: 12_500, fen: 1_250 }],
      pointsGoods: { points: 2_000, fen: 1_300, unpriced: 0 },
      grossFen: 2_550,
      shares: [{ permille: 25, grossFen: 2_550, shareFen: 64 }], // 63.75
      shareFen: 64,
      adjustments: [],
      owedFen: 2_486,
      credited: { count: 0, points: 0 },
      budget,
      printed: { language: 'zh', operatorName: '次仁', shop: { zh: shop.zh, bo: null, countyZh: '琼结县', countyBo: null } },
      actId: expect.any(String) as string,
      at: till.clock.wallMs(),
      isPrinted: false,
      state: 'prepared',
      doubts: [],
      states: [],
    },
  ]);
  expect(await till.call.prepareSettlement({ actId: randomUUID() })).toEqual({ ok: false, code: 'nothing_to_settle' });
  await till.stop();
  expect(
    till
      .events()
      .slice(-3)
      .map(({ kind }) => kind),
  ).toContain('SETTLED');
  expect(await verdictOn(till.directory)).toEqual({ kind: 'true' });
});

test('where it settles monthly, the owner prepares one settlement of all days that are left, once', async () => {
  const till = await aShop('month');
  expect(await till.call.prepareSettlement({ actId: randomUUID() })).toEqual({ ok: false, code: 'nothing_to_settle' });
  await sell(till, ['1']);
  expect(await close(till, 10_000)).toBeNull();
  await nextDay(till);
  expect(await close(till, 10_000)).toBeNull();
  expect(await till.call.settlements({ beforeNumber: null })).toMatchObject({
    settlements: [],
    openClosings: 2,
    open: { closings: 2, fromDay: '2026-11-21', toDay: '2026-11-22', owedFen: 1_219 }, // 12.50 less 2.5 %
    cycle: 'month',
  });
  const actId = randomUUID();
  const once = await Promise.all([till.call.prepareSettlement({ actId }), till.call.prepareSettlement({ actId })]);
  expect(once).toEqual([
    { ok: true, value: { number: 1 } },
    { ok: true, value: { number: 1 } },
  ]);
  const { settlements, openClosings } = await till.call.settlements({ beforeNumber: null });
  expect([settlements.map(({ closings }) => closings.map(({ day }) => day)), openClosings]).toEqual([[['2026-11-21', '2026-11-22']], 0]);
  await till.stop();
  expect(await verdictOn(till.directory)).toEqual({ kind: 'true' });
});

test('what the county says of a settlement is taken as it says it, and shown where it is strange', async () => {
  let till = await aShop('day');
  await sell(till, ['1']); // 12.50 less 31 fen
  await close(till, 10_000);
  const state = async (): Promise<object> => {
    const { settlements, strayWords } = await till.call.settlements({ beforeNumber: null });
    const [{ owedFen, state: here, doubts, states }] = settlements as readonly [(typeof settlements)[number]];
    return {
      owedFen,
      state: here,
      doubts,
      said: states.map((each) => [each.state, each.paidFen, each.reference]),
      stray: strayWords.map((each) => each.number),
    };
  };
  till = await countySays(till, [word(1, 'accepted', null, 'GK-1'), word(9, 'paid', 300)]);
  expect(await state()).toEqual({ owedFen: 1_219, state: 'accepted', doubts: [], said: [['accepted', null, 'GK-1']], stray: [9] });
  till = await countySays(till, [word(1, 'sent'), word(1, 'paid', 1_200, 'GK-2'), word(1, 'paid', 1_200, 'GK-2')]); // late, short, and twice
  expect(await state()).toMatchObject({ state: 'paid', doubts: ['paid_other', 'went_back'] });
  till = await countySays(till, [word(1, 'paid', 1_219, 'GK-3')]); // put right: 19 fen more
  till = await countySays(till, [word(1, 'paid', 1_219, 'GK-3'), word(1, 'sent'), word(1, 'accepted', null, 'GK-1')]); // said again: nothing
  expect(await state()).toEqual({
    owedFen: 1_219,
    state: 'paid',
    doubts: ['went_back'],
    said: [
      ['accepted', null, 'GK-1'],
      ['sent', null, ''],
      ['paid', 1_200, 'GK-2'],
      ['paid', 1_219, 'GK-3'],
    ],
    stray: [9],
  });
  await till.stop();
  expect(till.log.filter((line) => line.includes('failed'))).toEqual([]);
  tamper(till.home, (db) => {
    const paid = db.prepare(`SELECT amount FROM balance WHERE account = 'cash/county-paid'`).get();
    const open = db.prepare(`SELECT amount FROM balance WHERE account = 'cash/county-receivable'`).get();
    expect([paid, open]).toEqual([{ amount: 1_519 }, { amount: -300 }]); // number 9 was paid, and is not in this book
  });
  expect(await verdictOn(till.directory)).toEqual({ kind: 'true' });
});

test('what the county put right goes into the next settlement, once', async () => {
  const adjust = (id: string, amount: number): DownLine => ({ t: 'ADJUST', id, zh: '补发', fen: fen(amount) });
  let till = await aShop('day', [adjust('B', 100), adjust('A', -30)]);
  await close(till, 10_000);
  till = await countySays(till, [adjust('A', -30), adjust('C', 7)]);
  await nextDay(till);
  await close(till, 10_000);
  await nextDay(till);
  await close(till, 10_000);
  const { settlements } = await till.call.settlements({ beforeNumber: null });
  expect(settlements.map(({ number, adjustments, owedFen }) => [number, adjustments.map(({ id }) => id), owedFen])).toEqual([
    [3, [], 0],
    [2, ['C'], 7],
    [1, ['A', 'B'], 70],
  ]);
  await till.stop();
  expect(await verdictOn(till.directory)).toEqual({ kind: 'true' });
});

test('the sheet is written as PDF, workbook and CSV into the home, again whenever it is asked for', async () => {
  let till = await aShop('day');
  await sell(till, ['1']);
  await close(till, 10_000);
  expect(await till.call.exportSettlement({ number: 2, place: 'home' })).toEqual({ ok: false, code: 'settlement_unknown' });
  expect(await till.call.exportSettlement({ number: 1, place: 'stick' })).toEqual({ ok: false, code: 'no_place' });
  const folder = join(till.directory, 'exports');
  const files = ['pdf', 'xlsx', 'csv'].map((ending) => `结算单-qj-03-J000001.${ending}`);
  for (let turn = 0; turn < 2; turn += 1) {
    expect(await till.call.exportSettlement({ number: 1, place: 'home' })).toEqual({ ok: true, value: { folder, files } });
    expect(readdirSync(folder).toSorted()).toEqual(files.toSorted());
  }
  const [pdf, xlsx, csv] = files.map((name) => readFileSync(join(folder, name)));
  expect([pdf!.subarray(0, 5).toString(), xlsx!.subarray(0, 2).toString()]).toEqual(['%PDF-', 'PK']);
  expect(csv!.toString()).toContain('owed,县应付店铺,,,,,12.19,1219\r\n');
  expect(csv!.toString()).toContain('state,状态,暂定,');
  till = await countySays(till, [word(1, 'accepted', null, 'GK-1')]);
  await till.call.exportSettlement({ number: 1, place: 'home' });
  expect(readFileSync(join(folder, files[2]!)).toString()).toContain('state,状态,县已受理,');
});

test('beside the backups it is written only where that place is there now', async () => {
  let till = await aShop('day');
  await close(till, 10_000);
  await till.stop();
  const stick = join(temporary(onTestFinished), 'stick');
  const config = join(till.directory, 'kiosk.json');
  writeFileSync(config, JSON.stringify({ ...(JSON.parse(readFileSync(config, 'utf8')) as object), backup: stick }));
  till = await countySays(till, []);
  expect(await till.call.exportSettlement({ number: 1, place: 'stick' })).toEqual({ ok: false, code: 'no_place' });
  expect(existsSync(stick)).toBe(false);
  mkdirSync(stick);
  expect(await till.call.exportSettlement({ number: 1, place: 'stick' })).toMatchObject({
    ok: true,
    value: { folder: join(stick, 'exports') },
  });
  expect(readdirSync(join(stick, 'exports'))).toHaveLength(3);
});

test('an export that cannot be written is told, and leaves no half', async () => {
  const till = await aShop('day');
  await close(till, 10_000);
  writeFileSync(join(till.directory, 'exports'), 'in the way');
  expect(await till.call.exportSettlement({ number: 1, place: 'home' })).toEqual({ ok: false, code: 'failed' });
  expect(existsSync(join(till.directory, 'exports', '结算单-qj-03-J000001.pdf'))).toBe(false);
  expect(till.snapshot().status).toEqual({ kind: 'selling' });
});

/** What verify says of copies of a home, each changed in its own way. */
async function verdicts(directory: string, changes: readonly ((copy: Home) => void)[]): Promise<readonly string[]> {
  const found: string[] = [];
  for (const change of changes) {
    const copy = temporary(onTestFinished);
    cpSync(directory, copy, { recursive: true });
    const home = readHome(copy);
    if (!home.ok) throw new Error(home.detail);
    change(home.home);
    const verdict = await verdictOn(copy);
    found.push(verdict.kind === 'lie' ? `${verdict.check}: ${verdict.what}` : verdict.kind);
  }
  return found;
}

test('verify finds every row that is not what the chain and the county say', async () => {
  let till = await aShop('day', [{ t: 'ADJUST', id: 'A', zh: '补发', fen: fen(100) }]);
  await sell(till, ['1']);
  await close(till, 10_000);
  till = await countySays(till, [word(1, 'accepted', null, 'GK-1')]);
  await till.stop();
  const altered = (sql: string) => (home: Home) => tamper(home, (db) => db.exec(sql));
  const told = await verdicts(till.directory, [
    () => {},
    altered(`UPDATE settlement_state SET state = 'sent'`),
    altered('DELETE FROM settlement_state'),
    altered('UPDATE adjustment SET fen = fen + 1'),
    altered('UPDATE settlement SET owed_fen = owed_fen + 1'),
    altered('DELETE FROM settled_adjustment; DELETE FROM settlement'),
    altered('DELETE FROM settled_adjustment'),
  ]);
  expect(told.map((text) => text.replace(/event \d+/, 'event N'))).toEqual([
    'true',
    'reference: is not what the county said',
    "reference: has 0 rows, the county's files make 1",
    'reference: is not what the county said',
    'settlements: is not what event N says',
    'settlements: is not what event N says',
    'settlements: is not what event N says',
  ]);
});

test('a share that the county sets after a day was closed is not of that day', async () => {
  let till = await aShop('month');
  await sell(till, ['1', '5']);
  await close(till, 10_000);
  till = await countySays(till, [{ t: 'SHOP', shop: { ...shop, merchantSharePermille: 500 } }]);
  await nextDay(till);
  await close(till, 10_000);
  expect(await till.call.prepareSettlement({ actId: randomUUID() })).toEqual({ ok: true, value: { number: 1 } });
  const { settlements } = await till.call.settlements({ beforeNumber: null });
  const { grossFen, shares, shareFen } = settlements[0]!;
  expect({ grossFen, shares, shareFen }).toEqual({
    grossFen: 1_900,
    shares: [
      { permille: 25, grossFen: 1_900, shareFen: 48 }, // 47.5
      { permille: 500, grossFen: 0, shareFen: 0 },
    ],
    shareFen: 48,
  });
  await till.stop();
  expect(await verdictOn(till.directory)).toEqual({ kind: 'true' });
});

test('verify believes no settlement that its days do not make, though the kiosk signed it', async () => {
  const till = await aShop('month');
  await sell(till, ['1', '5']);
  await close(till, 10_000);
  await nextDay(till);
  await close(till, 10_000);
  await till.stop();
  const settles =
    (change: (body: SettlementBody) => Partial<SettlementBody>, op = 'op2') =>
    (home: Home) => {
      const book = reopened(home, till.clock);
      const body = settlementOf({
        kiosk: shop.kiosk,
        inc: 1,
        number: 1,
        closings: openClosings(book.db),
        scheme: { budget },
        adjustments: [],
        printed: {
          language: 'bo',
          operatorName: op === 'op2' ? '次仁' : '卓玛',
          shop: { zh: shop.zh, bo: null, countyZh: '琼结县', countyBo: null },
        },
      });
      book.transact(({ append }) =>
        append({
          kind: 'SETTLED',
          body: { ...body, ...change(body) },
          id: randomUUID(),
          day: '2026-11-22',
          op,
          command: { settle: 'prepared' },
        }),
      );
      book.close();
    };
  const less = (amount: number, by: number) => fen(amount - by);
  expect(
    await verdicts(till.directory, [
      settles(() => ({})),
      settles(() => ({}), 'op1'),
      settles((body) => ({ shareFen: less(body.shareFen, 1), owedFen: less(body.owedFen, -1) })),
      settles((body) => ({ grossFen: less(body.grossFen, -100), owedFen: less(body.owedFen, -100) })),
      settles((body) => ({ closings: body.closings.slice(1) })),
      settles(() => ({ number: 2, settlementNumber: 'qj-03-J000002' })),
      settles((body) => ({ pointsGoods: { ...body.pointsGoods, fen: less(body.pointsGoods.fen, 1) } })),
      settles(() => ({ budget: null })),
    ]),
  ).toEqual([
    'true',
    'settlements: was prepared by op1, who is not an owner',
    "settlements: has other owedFen than its days and the county's files make",
    "settlements: has other grossFen than its days and the county's files make",
    "settlements: has other closings than its days and the county's files make",
    "settlements: has other number than its days and the county's files make",
    "settlements: has other pointsGoods than its days and the county's files make",
    "settlements: has other budget than its days and the county's files make",
  ]);
});
