// What a broken or hostile page and a broken scanner can send a till: every answer is a word, nothing of it moves money.

import { expect, onTestFinished, test } from 'vitest';
import { startEngine } from '../../../electron/engine/engine.ts';
import { handlers } from '../../../electron/engine/handlers.ts';
import type { Snapshot } from '../../../electron/ipc/snapshot.ts';
import { qiongjie } from '../../../county/schemes/qiongjie.ts';
import { saleMax } from '../../../db/model/checkout.ts';
import type { BookEvent } from '../../../db/model/event.ts';
import { openReadable } from '../../../db/sqlite.ts';
import { card, cashierPin, enrol, handClock, makeKiosk, scheme, temporary } from '../../support/county.ts';
import { noLimit, openPage } from '../../support/pages.ts';
import { verdictOn } from '../../support/verify.ts';
import { fc } from '../../support/property.ts';

type AnyCall = { readonly [name: string]: (args: unknown) => Promise<unknown> };

/** An engine at work, and a page that may call as often as it likes. */
async function aTillAtWork() {
  const directory = temporary(onTestFinished);
  const clock = handClock();
  const { home, book } = makeKiosk(directory, clock);
  await enrol(home, book, [{ t: 'SCHEME', scheme: { ...scheme, recycling: qiongjie.scheme.recycling } }]);
  book.close();
  const engine = await startEngine({ home: directory, clock, log: () => {}, callLimit: noLimit });
  let isOpen = true;
  const stop = async (): Promise<void> => {
    if (isOpen) await engine.close();
    isOpen = false;
  };
  onTestFinished(stop);
  const call = openPage((wire) => engine.attach(wire)) as unknown as AnyCall; // as a hostile page calls
  /** The answer as a value: what was refused is its code. */
  const ask = async (name: string, args: unknown): Promise<unknown> =>
    call[name]!(args).catch((error: { code: string }) => ({ refused: error.code }));
  await ask('signIn', { operatorId: 'op1', pin: cashierPin });
  await ask('openShift', { actId: actIdOf(0), floatFen: 10_000, confirmedDate: null });
  return {
    clock,
    ask,
    look: () => ask('snapshot', undefined) as Promise<Snapshot>,
    stop,
    async events(): Promise<readonly BookEvent[]> {
      await stop();
      const db = openReadable(home.book);
      const lines = db.prepare<[], { line: string }>('SELECT line FROM event ORDER BY seq').all();
      db.close();
      return lines.map(({ line }) => JSON.parse(line) as BookEvent);
    },
    verdict: () => verdictOn(directory),
  };
}

const nasty = fc.constantFrom(
  '',
  '__proto__',
  'constructor',
  `1' OR '1'='1`,
  '\0',
  '\ud800',
  'e\u0301', // not composed
  '\u0f43', // a letter of Tibetan that is never composed
  '=cmd|1',
  '<img src=x onerror=alert(1)>',
  '9'.repeat(40),
  'x'.repeat(600),
);
const anyText = fc.oneof(nasty, fc.string({ maxLength: 60 }));
const anyNumber = fc.constantFrom(0, -0, 1, -1, 0.5, 999, 100_00, saleMax, saleMax + 1, 2 ** 53, -(2 ** 53), 1e308, NaN, Infinity, 1n);
const anyPieces = fc.oneof({ arbitrary: fc.integer({ min: 1, max: 60 }), weight: 3 }, anyNumber);
const anyGoods = fc.oneof(fc.constantFrom('1', '1', '2', '3'), anyText);
/** Stands for a line, a sale or a job that is there, until the call is made. */
const real = fc.constantFrom('(line)', '(sale)', '(paid)', '(bag)', '(credit)', '(credited)', '00000000-0000-7000-8000-000000000000');

/** New, one of a few that come again with other content, or another act's. */
const anyActId = fc.oneof(fc.uuid(), fc.integer({ min: 0, max: 3 }).map(actIdOf), real);

function actIdOf(i: number): string {
  return `00000000-0000-4000-8000-00000000000${i}`;
}

/** Arguments of every call: of its shape, nearly, or of values that no cashier has. A new call must be placed here. */
const anyLinesBack = fc.array(fc.record({ n: fc.oneof(fc.constantFrom(0, 1), anyNumber), quantity: fc.oneof(fc.constant(1), anyNumber) }), {
  maxLength: 3,
});

const anyDate = fc.oneof(fc.constantFrom('2026-11-01', '2026-11-21', '2026-12-31', '2999-12-31', '2026-02-30'), anyText);

const anyArgs = {
  snapshot: fc.jsonValue(),
  setSettings: fc.record(
    {
      language: fc.oneof(fc.constantFrom('zh', 'bo', 'en'), anyText),
      paperDots: anyNumber,
      theme: fc.oneof(fc.constant('sunlight'), anyText),
    },
    { requiredKeys: [] },
  ),
  signIn: fc.record({ operatorId: anyText, pin: fc.oneof(fc.constantFrom('000000', '12345', '１２３４５６'), anyText) }),
  signOut: fc.record({ operatorId: anyText }),
  stillHere: fc.constantFrom(undefined, {}),
  noSale: fc.record({ actId: anyActId, reason: fc.constantFrom('change', 'check', 'greed') }),
  moveCash: fc.record(
    {
      actId: anyActId,
      direction: fc.constantFrom('in', 'out', 'away'),
      fen: anyNumber,
      reason: fc.constantFrom('change', 'bank', 'other', 'greed'),
      note: fc.oneof(fc.constant(''), anyText),
      approvalId: anyActId,
    },
    { requiredKeys: ['actId', 'direction', 'fen', 'reason', 'note'] },
  ),
  countDrawer: fc.record({
    actId: anyActId,
    purpose: fc.constantFrom('check', 'hand_over', 'closing', 'audit'),
    counts: fc.oneof(
      fc.array(fc.nat(120), { minLength: 8, maxLength: 8 }),
      fc.array(fc.oneof(anyNumber, anyText), { minLength: 7, maxLength: 9 }),
      anyText,
    ),
  }),
  closeShift: fc.record({ actId: anyActId, countId: anyActId, reason: fc.option(fc.constantFrom('miscount', 'greed')) }),
  holdSale: fc.record({ heldId: anyActId }),
  resumeSale: fc.record({ heldId: anyActId }),
  dropHeld: fc.record({ actId: anyActId, heldId: anyActId }),
  openShift: fc.record({ actId: anyActId, floatFen: anyNumber, confirmedDate: fc.option(anyText) }),
  scan: fc.record({ text: fc.oneof(anyText, fc.constantFrom(card('1'), card('2'), card('77'), '2000000000001')) }),
  addGoods: fc.record({ goodsId: anyGoods }),
  setQuantity: fc.record({ lineId: real, quantity: anyNumber }),
  removeLine: fc.record({ actId: anyActId, lineId: real }),
  setPricing: fc.record({ lineId: real, pricedIn: fc.constantFrom('yuan', 'points', 'gold') }),
  setPoints: fc.record({ points: fc.option(anyNumber) }),
  dropResident: fc.constantFrom(undefined, null),
  drawPoints: fc.constantFrom(undefined, {}),
  ownerReport: fc.record({
    from: anyDate,
    to: anyDate,
    by: fc.constantFrom('day', 'week', 'month', 'year'),
    filter: fc.oneof(
      fc.constantFrom(
        { kind: 'all' },
        { kind: 'operator', id: 'op1' },
        { kind: 'category', category: 'grain' },
        { kind: 'payment', payment: 'points' },
      ),
      fc.record({ kind: anyText, id: anyText }),
    ),
  }),
  answerOffer: fc.record({ offerId: real, answer: fc.constantFrom('keep', 'change', 'both') }),
  clearCart: fc.constantFrom(undefined, 0),
  nextCustomer: fc.constantFrom(undefined, {}),
  pay: fc.record({
    saleId: fc.oneof({ arbitrary: fc.constant('(sale)'), weight: 2 }, real),
    shown: fc.oneof(
      fc.constant('(shown)'),
      fc.record({ totalFen: anyNumber, points: anyNumber, payFen: anyNumber, digest: fc.oneof(fc.constant('(digest)'), anyText) }),
    ),
    payment: fc.oneof(
      fc.record({ kind: fc.constant('cash'), tenderedFen: fc.oneof(fc.constant('(due)'), anyNumber) }),
      fc.constant({ kind: 'other' }),
      fc.constant({ kind: 'points', points: 1 }),
    ),
  }),
  weighGoods: fc.record({ saleId: anyActId, lineId: anyActId, goodsId: anyGoods }),
  setGoodsTare: fc.record({
    goodsId: anyGoods,
    tare: fc.oneof(
      fc.record({ by: fc.constantFrom('none', 'pan', 'scale'), grams: anyNumber }, { requiredKeys: ['by'] }),
      fc.record({ by: fc.constant('container'), id: fc.oneof(fc.constant('sack'), anyText) }),
    ),
  }),
  stopWeighing: fc.constantFrom(undefined, {}),
  goTo: fc.record({ place: fc.constantFrom('till', 'desk', 'desk', 'cellar') }),
  chooseMaterial: fc.record({ materialId: fc.oneof(fc.constantFrom('battery', 'battery', 'plastic-bottle', 'uranium'), anyText) }),
  setTare: fc.record({
    tare: fc.oneof(
      fc.record({ by: fc.constantFrom('none', 'pan', 'scale'), grams: anyNumber }, { requiredKeys: ['by'] }),
      fc.record({ by: fc.constant('container'), id: fc.oneof(fc.constant('sack'), anyText) }),
    ),
  }),
  weigh: fc.record({ bagId: anyActId, isOtherBag: fc.boolean() }),
  countBag: fc.record({ bagId: anyActId, pieces: anyPieces, again: fc.option(anyPieces) }),
  removeBag: fc.record({ actId: anyActId, bagId: real }),
  clearDesk: fc.constantFrom(undefined, []),
  dropDeskResident: fc.constantFrom(undefined, 'now'),
  credit: fc.record(
    {
      creditId: fc.oneof({ arbitrary: fc.constant('(credit)'), weight: 2 }, real),
      shown: fc.oneof(fc.constant('(earned)'), fc.record({ points: anyNumber, digest: anyText })),
      approvalId: anyActId,
    },
    { requiredKeys: ['creditId', 'shown'] },
  ),
  findReceipt: fc.oneof(
    fc.record({
      text: fc.oneof(anyText, fc.constantFrom('1', '000001', 'qj-03-000001', 'xx-01-000001', 'CP1|540525|qj-03|1|5|0||0|x|x|x')),
    }),
    fc.record({ saleId: real }),
  ),
  quoteReturn: fc.record({ saleId: real, lines: anyLinesBack }),
  returnGoods: fc.record(
    {
      actId: anyActId,
      saleId: real,
      lines: anyLinesBack,
      reason: fc.constantFrom('faulty', 'regret'),
      shown: fc.record({ points: anyNumber, cashFen: anyNumber, otherFen: anyNumber, digest: anyText }),
      approvalId: anyActId,
    },
    { requiredKeys: ['actId', 'saleId', 'lines', 'reason', 'shown'] },
  ),
  recentCredits: fc.record({ beforeSeq: fc.option(anyNumber) }),
  reverseCredit: fc.record({
    actId: anyActId,
    creditId: real,
    reason: fc.constantFrom('wrong_material', 'regret'),
    approvalId: anyActId,
  }),
  collected: fc.record({ month: fc.option(fc.oneof(fc.constant('2026-11'), anyText)) }),
  handOver: fc.record({
    actId: anyActId,
    hauler: anyText,
    lines: fc.array(
      fc.record({
        materialId: fc.oneof(fc.constant('battery'), anyText),
        bookUnits: anyNumber,
        hauledUnits: anyNumber,
        leftUnits: anyNumber,
      }),
    ),
  }),
  searchGoods: fc.record({ query: anyText, category: fc.constantFrom(null, 'cleaning', 'weapons'), offset: anyNumber }),
  recentSales: fc.record({ beforeSeq: fc.option(anyNumber) }),
  receiptPicture: fc.record({ saleId: real }),
  reprint: fc.record({ actId: anyActId, saleId: real, approvalId: anyActId }, { requiredKeys: ['actId', 'saleId'] }),
  approve: fc.record({
    approvalId: anyActId,
    act: fc.oneof(fc.record({ kind: fc.constantFrom('reprint', 'burn'), saleId: real, copy: anyNumber }), anyText),
    operatorId: fc.oneof(fc.constant('op1'), anyText),
    pin: fc.oneof(fc.constantFrom(cashierPin, '000000', '12345'), anyText),
  }),
  answerPrint: fc.record({ jobId: real, answer: fc.constantFrom('it_printed', 'print_again', 'continue', 'give_up', 'burn') }),
  closingState: fc.constantFrom(undefined, 'Z'),
  closeDay: fc.record(
    { actId: anyActId, countId: anyActId, reason: fc.option(fc.constantFrom('miscount', 'theft')), approvalId: anyActId },
    { requiredKeys: ['actId', 'countId', 'reason'] },
  ),
  closings: fc.record({ beforeNumber: fc.option(anyNumber) }),
  period: fc.record({ number: fc.option(anyNumber) }),
  eventsBehind: fc.record({
    number: fc.option(anyNumber),
    figure: fc.oneof(fc.constantFrom('sale.count', 'account/cash/drawer/CNY'), anyText),
    beforeSeq: fc.option(anyNumber),
  }),
  printReport: fc.record({ actId: anyActId }),
  settlements: fc.record({ beforeNumber: fc.option(anyNumber) }),
  prepareSettlement: fc.record({ actId: anyActId }),
  exportSettlement: fc.record({ number: anyNumber, place: fc.constantFrom('home', 'stick', 'cloud') }),
  scaleFamilies: fc.constantFrom(undefined, 'all'),
  listenToScale: fc.record({ trialId: anyActId }),
  tryScale: fc.record({
    trialId: anyActId,
    family: fc.oneof(fc.constantFrom('st-us', 'dahua'), anyText),
    unit: fc.constantFrom('kg', 'jin', 'stone'),
    line: fc.option(fc.record({ baudRate: anyNumber, frame: fc.constantFrom('8N1', '9X9') })),
  }),
  keepScaleTrial: fc.record({ trialId: anyActId }),
  stopScaleTrial: fc.record({ trialId: anyActId }),
  readEmptyPan: fc.record({ trialId: anyActId }),
  setScale: fc.record({
    actId: anyActId,
    trialId: anyActId,
    model: anyText,
    serialNumber: anyText,
    verifiedOn: fc.oneof(fc.constantFrom('2026-03-01', '9999-12-31'), anyText),
    knownGrams: anyNumber,
  }),
  checkScale: fc.record({ actId: anyActId, step: fc.constantFrom('empty', 'known', 'both') }),
  backUpNow: fc.constantFrom(undefined, '/'),
  checkNow: fc.constantFrom(undefined, true),
  backupPlaces: fc.constantFrom(undefined, '/dev'),
  setBackupPlace: fc.record({ folder: fc.oneof(fc.constantFrom('/nowhere/at/all', '', 'here', '/proc/jifen'), anyText) }),
  recoveryCode: fc.record({ pin: fc.oneof(fc.constantFrom('000000', '12345'), anyText) }),
  keepRecoveryCode: fc.constantFrom(undefined, 'lost'),
  sendUpNow: fc.constantFrom(undefined, 1),
  sticks: fc.constantFrom(undefined, '/'),
  copyToStick: fc.record({ folder: fc.oneof(fc.constantFrom('/nowhere/at/all', '', 'here', '/proc'), anyText) }),
  simulatedThings: fc.constantFrom(undefined, []),
  simulateScan: fc.record({ text: fc.oneof(anyText, fc.constant('2000000000002')) }),
  simulatePrinter: fc.record({ fault: fc.constantFrom('none', 'on_fire') }),
  simulateScale: fc.record(
    { act: fc.constantFrom('look', 'load', 'tare', 'fault', 'melt'), grams: anyNumber, fault: fc.constantFrom('frozen', 'on_fire') },
    { requiredKeys: ['act'] },
  ),
} satisfies { readonly [Name in keyof typeof handlers]: fc.Arbitrary<unknown> };

/** Puts what is there now in place of the words that stand for it. */
function filled(args: unknown, seen: Snapshot): unknown {
  const { cart, desk, lastSale } = seen;
  const { quote } = cart;
  const now: { readonly [word: string]: unknown } = {
    '(line)': quote.lines[0]?.lineId ?? cart.saleId,
    '(sale)': cart.saleId,
    '(paid)': lastSale?.saleId ?? cart.saleId,
    '(digest)': cart.digest,
    '(bag)': desk?.bags[0]?.bagId ?? cart.saleId,
    '(credit)': desk?.creditId,
    '(credited)': desk?.lastCredit?.creditId ?? cart.saleId,
    '(earned)': { points: desk?.quote.points, digest: desk?.digest },
    '(due)': quote.dueCashFen,
    '(shown)': { totalFen: quote.totalFen, points: quote.points, payFen: quote.dueCashFen, digest: cart.digest },
  };
  if (typeof args === 'string' && Object.hasOwn(now, args)) return now[args];
  if (typeof args !== 'object' || args === null || Array.isArray(args)) return args;
  return Object.fromEntries(Object.entries(args).map(([name, value]) => [name, filled(value, seen)]));
}

function isRefused(answer: unknown): boolean {
  return typeof answer === 'object' && answer !== null && 'refused' in answer;
}

/** What a sale and a credit are made of comes often, and what undoes them seldom: else most runs would make neither. */
function weightOf(name: string): number {
  if (['pay', 'addGoods', 'scan', 'chooseMaterial', 'countBag', 'credit'].includes(name)) return 20;
  if (['signIn', 'openShift'].includes(name)) return 12; // a day that was closed, or a person who left, would idle the rest
  return ['signOut', 'closeShift', 'closeDay', 'approve', 'clearDesk', 'dropDeskResident'].includes(name) ? 1 : 2;
}

const anyCall = fc.oneof(
  ...Object.entries(anyArgs).map(([name, args]) => ({
    arbitrary: (args as fc.Arbitrary<unknown>).map((value) => ({ name, args: value })),
    weight: weightOf(name),
  })),
);

test('whatever a page asks, of whatever shape, is answered; only what the county priced is sold, and the book verifies', async () => {
  const till = await aTillAtWork();
  const obeyed = new Set<string>();
  await fc.assert(
    fc.asyncProperty(anyCall, async ({ name, args }) => {
      till.clock.turn(1_000);
      const answer = await till.ask(name, filled(args, await till.look()));
      expect(answer).not.toEqual({ refused: 'failed' });
      if (!isRefused(answer)) obeyed.add(name);
    }),
    { numRuns: 1_500 },
  );
  expect((await till.look()).status).toEqual({ kind: 'selling' });
  const events = await till.events();
  const sales = events.filter((event) => event.kind === 'SALE');
  const given = events.flatMap((event) => (event.kind === 'CREDIT' ? event.body.lines : []));
  expect(given.length > 0).toBe(true);
  expect(given.filter(({ materialId, units, points }) => materialId !== 'battery' || points !== Math.floor(units / 2) * 100)).toEqual([]);
  expect([sales.length > 0, obeyed.size > 15]).toEqual([true, true]); // or nothing was tried
  const prices = new Set(sales.flatMap(({ body }) => body.lines.map((line) => `${line.goodsId} ${line.pricedIn} ${line.unitPrice}`)));
  expect([...prices].filter((price) => !['1 yuan 1250', '2 yuan 3000', '3 points 1500'].includes(price))).toEqual([]);
  expect(await till.verdict()).toEqual({ kind: 'true' });
});

test.each([
  ['composes what was typed apart', 'e\u0301tienne', '\u00e9tienne'],
  ['keeps Tibetan letters as the book writes them', '\u0f43', '\u0f42\u0fb7'],
  ['takes blanks off the ends', '  C12345 ', 'C12345'],
  ['refuses half a character', 'a\ud800b', null],
  ['refuses a control character', 'a\u0000b', null],
  ['refuses the end of a line', 'a\nb', null],
  ['refuses a mark that turns the direction of writing', 'a\u202eb', null],
  ['refuses nothing but blanks', '   ', null],
] as const)('the name of a hauler and the plate of a scale: %s', async (_, typed, kept) => {
  const till = await aTillAtWork();
  const lines = [{ materialId: 'battery', bookUnits: 0, hauledUnits: 50, leftUnits: 0 }];
  const answer = await till.ask('handOver', { actId: actIdOf(2), hauler: typed, lines });
  expect(answer).toEqual(kept === null ? { refused: 'bad_call' } : { ok: true, value: null });
  for (const name of ['model', 'serialNumber']) {
    const whole = {
      model: 'ACS-30',
      serialNumber: '1',
      actId: actIdOf(3),
      trialId: actIdOf(4),
      verifiedOn: '2026-03-01',
      knownGrams: 1_000,
    };
    const parsed = handlers.setScale.args.safeParse({ ...whole, [name]: typed });
    expect(parsed.success ? parsed.data : null).toEqual(kept === null ? null : { ...whole, [name]: kept });
  }
  expect((await till.look()).status).toEqual({ kind: 'selling' });
  const haulers = (await till.events()).flatMap((event) => (event.kind === 'HANDED_OVER' ? [event.body.hauler] : []));
  expect(haulers).toEqual(kept === null ? [] : [kept]);
});

test('S10: a call that brings a price, a time, an operator or points of its own is no call, and nothing happens', async () => {
  const till = await aTillAtWork();
  await till.ask('addGoods', { goodsId: '1' });
  await till.ask('scan', { text: card('1') });
  const before = await till.look();
  const shown = filled('(shown)', before) as object;
  const payment = { kind: 'cash', tenderedFen: before.cart.quote.dueCashFen };
  const { saleId } = before.cart;
  const { lineId } = before.cart.quote.lines[0]!;
  const forbidden = { unitPrice: 1, priceFen: 1, usable: 1_000_000, at: 0, day: '2020-01-01', op: 'op2', operatorId: 'op2', amt: 1 };
  const attempts = Object.entries(forbidden).flatMap(([name, value]): readonly (readonly [string, unknown])[] => [
    ['pay', { saleId, shown, payment, [name]: value }],
    ['pay', { saleId, shown: { ...shown, [name]: value }, payment }],
    ['pay', { saleId, shown, payment: { ...payment, [name]: value } }],
    ['addGoods', { goodsId: '1', [name]: value }],
    ['scan', { text: '2000000000001', [name]: value }],
    ['setQuantity', { lineId, quantity: 2, [name]: value }],
    ['setPoints', { points: 100, [name]: value }],
    ['countBag', { bagId: actIdOf(2), pieces: 10, again: null, [name]: value }],
    ['credit', { creditId: before.desk?.creditId, shown: { points: 0, digest: '' }, [name]: value }],
    ['openShift', { actId: actIdOf(1), floatFen: 0, confirmedDate: null, [name]: value }],
  ]);
  const answers = new Set<string>();
  for (const [name, args] of attempts) answers.add(JSON.stringify(await till.ask(name, args)));
  for (const name of ['setPrice', 'sell', '__proto__', 'constructor', 'toString'])
    answers.add(JSON.stringify(await till.ask(name, undefined)));
  expect([...answers]).toEqual(['{"refused":"bad_call"}']);
  expect((await till.look()).cart).toEqual(before.cart);
  expect((await till.events()).map(({ kind }) => kind)).toEqual([
    'START',
    'DOWN_APPLIED',
    'START',
    'OPERATOR_IN',
    'SHIFT_OPEN',
    'OPERATOR_OUT',
  ]);
});

test('strings dressed as cards: each has its word, none becomes a resident, and nothing but the refusal is written', async () => {
  const till = await aTillAtWork();
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.split('');
  const good = card('1');
  const dressed = fc.oneof(
    fc.string({ unit: fc.constantFrom(...letters), minLength: 130, maxLength: 130 }),
    fc.tuple(fc.nat(129), fc.constantFrom(...letters)).map(([at, letter]) => good.slice(0, at) + letter + good.slice(at + 1)),
    fc.nat(129).map((length) => good.slice(0, length)),
  );
  await fc.assert(
    fc.asyncProperty(dressed, async (text) => {
      fc.pre(text !== good && text !== '');
      const notice = (await till.ask('scan', { text })) as { readonly code: string };
      expect(['card_malformed', 'card_forged', 'card_foreign', 'card_key_unknown', 'goods_unknown']).toContain(notice.code);
    }),
    { numRuns: 500 },
  );
  expect((await till.look()).cart).toMatchObject({ resident: null, quote: { lines: [] } });
  const kinds = new Set((await till.events()).slice(5).map(({ kind }) => kind));
  expect([...kinds].toSorted()).toEqual(['OPERATOR_OUT', 'REFUSED']);
  expect(await till.verdict()).toEqual({ kind: 'true' });
});
