// Canned answers for the gallery: closing a day, its figures, closings before it and settlements. Not real data: every figure is there,
// so that each can be seen and touched.

import { fen, points } from '../db/model/amounts.ts';
import type { AccountFigures, Figures } from '../db/model/event.ts';
import { exceptionNames, perpetualFigures, tellsDrawer } from '../db/model/figures.ts';
import { businessDate } from '../db/model/time.ts';
import type {
  ClosingStateView,
  ClosingSummary,
  CountedView,
  EventBehind,
  OpenSettlementView,
  PeriodView,
  SettlementView,
  StraySettlementWord,
} from '../electron/ipc/day-views.ts';
import type { Snapshot } from '../electron/ipc/snapshot.ts';
import type { GalleryCase } from './gallery-cases.ts';

/** The pages, over a snapshot of the till. */
export function closingCases(till: Snapshot): { readonly [name: string]: GalleryCase } {
  const owner = till.operators.find(({ role }) => role === 'owner')!; // the gallery's shop has one
  const atOwner: Snapshot = { ...till, operator: owner };
  const closing: GalleryCase = { snapshot: atOwner, beginning: { view: 'closing' }, answers: dayAnswers };
  const counted = (differenceFen: number): { readonly [call: string]: unknown } => ({
    ...dayAnswers,
    countDrawer: { ok: true, value: countedBy(differenceFen) },
  });
  const standing = (change: Partial<ClosingStateView>): GalleryCase => ({
    ...closing,
    answers: { ...dayAnswers, closingState: { ...clear, ...change } },
  });
  const period: GalleryCase = { snapshot: atOwner, beginning: { view: 'period' }, answers: dayAnswers };
  const section = (n: number): GalleryCase => ({ ...period, touch: `main nav button:nth-child(${n})` });
  const settlements: GalleryCase = { snapshot: atOwner, beginning: { view: 'settlements' }, answers: dayAnswers };
  return {
    office: { snapshot: atOwner, beginning: { view: 'office' } },
    'office-cashier': { snapshot: till, beginning: { view: 'office' } },
    'closing-count': closing,
    'closing-obstacles': {
      ...standing({ obstacles: ['cart_open', 'desk_open', 'held_carts'], openPrintJobs: 2 }),
      snapshot: { ...atOwner, held: [heldCart, { ...heldCart, heldId: uuid(402) }] },
    },
    'closing-broken-off': standing({ isBrokenOff: true }),
    'closing-prints': standing({ openPrintJobs: 2 }),
    'closing-forgotten': {
      ...standing({ day: '2026-11-20', isForgotten: true }),
      snapshot: { ...till, shift: null, days: { ...till.days, forgotten: '2026-11-20' } },
      beginning: {},
    },
    'closing-nothing': standing({ day: null, obstacles: ['nothing_open'] }),
    'closing-even': { ...closing, presses: ['Enter'] },
    'closing-short': { ...closing, answers: counted(-35_50), presses: ['Digit3', 'Enter'] },
    'closing-over-forgotten': {
      ...standing({ day: '2026-11-20', isForgotten: true }),
      answers: { ...counted(1_234_567_80), closingState: { ...clear, day: '2026-11-20', isForgotten: true } },
      snapshot: { ...atOwner, shift: null },
      touch: 'main button[class*="main"]',
      presses: ['Enter'],
    },
    'closing-working': { ...closing, engine: 'silent', presses: ['Enter', 'Enter'] },
    'closing-working-long': {
      ...closing,
      snapshot: { ...atOwner, days: { ...atOwner.days, summingPercent: 40 } },
      engine: 'silent',
      presses: ['Enter', 'Enter'],
    },
    'closing-approval': {
      ...closing,
      snapshot: till,
      answers: { ...dayAnswers, closeDay: { ok: false, code: 'approval_needed' }, approve: { ok: true, value: null } },
      presses: ['Enter', 'Enter'],
    },
    'closing-done': { ...closing, presses: ['Enter', 'Enter'] },
    'closing-done-monthly': {
      ...closing,
      snapshot: {
        ...atOwner,
        printer: { ...atOwner.printer, state: 'paper_out' },
        upkeep: { ...atOwner.upkeep, running: { step: 'backing_up', percent: 60 } },
      },
      answers: { ...dayAnswers, closeDay: { ok: true, value: { closingNumber: '琼结-03-Z000042', number: 42, settlementNumber: null } } },
      presses: ['Enter', 'Enter'],
    },
    period,
    'period-returns': section(2),
    'period-points': section(3),
    'period-recycling': section(4),
    'period-operators': section(5),
    'period-drawer': section(6),
    'period-exceptions': section(7),
    'period-accounts': section(8),
    'period-kinds': section(9),
    'period-ahead': { ...period, answers: { ...dayAnswers, period: { ...soFar, day: businessDate(now + 1_440 * minuteMs) } } },
    'period-proof': { ...section(11), answers: { ...dayAnswers, period: closedDay(42) } },
    'period-quiet': { ...section(7), answers: { ...dayAnswers, period: { ...soFar, figures: {}, accounts: {} } } },
    'period-drawer-hidden': {
      ...section(6),
      snapshot: till,
      answers: { ...dayAnswers, period: { ...soFar, isDrawerTold: false, figures: withoutDrawer(figures), accounts: {} } },
    },
    'period-none': { ...period, answers: { ...dayAnswers, period: null } },
    'period-events': { ...period, touch: 'main ul li:nth-child(3) button' },
    'period-disagrees': {
      ...period,
      answers: { ...dayAnswers, eventsBehind: { events: eventsOf('sale.points', 3), nextBeforeSeq: null } },
      touch: 'main ul li:nth-child(3) button',
    },
    closings: { snapshot: atOwner, beginning: { view: 'closings' }, answers: dayAnswers, touch: 'main li button' },
    'closings-none': {
      snapshot: atOwner,
      beginning: { view: 'closings' },
      answers: { closings: { closings: [], nextBeforeNumber: null } },
    },
    settlements,
    'settlements-paid': { ...settlements, touch: 'main li:nth-child(4) button' },
    'settlements-doubt': { ...settlements, touch: 'main li:nth-child(3) button' },
    'settlements-month': { ...settlements, touch: 'main li:nth-child(5) button' },
    'settlements-saved': { ...settlements, touch: 'main [class*="keys"] button:nth-child(2)' },
    'settlements-none': {
      ...settlements,
      answers: { settlements: { settlements: [], openClosings: 0, open: null, cycle: 'day', strayWords: [], nextBeforeNumber: null } },
    },
    'settlements-none-monthly': {
      ...settlements,
      answers: {
        settlements: { settlements: [], openClosings: 3, open: openDays, cycle: 'month', strayWords: [], nextBeforeNumber: null },
      },
    },
    'settlements-prepare': { ...settlements, touch: 'main header button' },
  };
}

const now = Date.now();
const minuteMs = 60_000;

function uuid(n: number): string {
  return `01938f6e-0000-7000-8000-${String(n).padStart(12, '0')}`;
}

const heldCart: Snapshot['held'][number] = {
  heldId: uuid(401),
  at: now - 12 * minuteMs,
  lines: 3,
  totalFen: fen(12_340),
  requiredPoints: points(0),
  zh: '糌粑',
  bo: 'རྩམ་པ།',
  picture: 'tsampa',
};

const clear: ClosingStateView = {
  day: '2026-11-21',
  isForgotten: false,
  obstacles: [],
  openPrintJobs: 0,
  isBrokenOff: false,
  sales: 312,
  credits: 41,
};

const expectedFen = 3_284_550;

function countedBy(differenceFen: number): CountedView {
  return {
    countId: uuid(410),
    countedFen: fen(expectedFen + differenceFen),
    expectedFen: fen(expectedFen),
    differenceFen: fen(differenceFen),
  };
}

const drawerFigures: Figures = {
  'drawer.floatFen': 30_000,
  'drawer.saleFen': 3_214_550,
  'drawer.returnFen': -18_900,
  'drawer.inFen': 60_000,
  'drawer.outFen': -51_100,
  'drawer.overShortFen': -50,
};

const figures: Figures = {
  'sale.count': 312,
  'sale.fen': 4_286_550,
  'sale.points': 3_120_000,
  'sale.worthFen': 312_000,
  'sale.cashFen': 3_214_550,
  'sale.otherFen': 759_960,
  'sale.roundingFen': 40,
  'return.count': 5,
  'return.fen': 21_400,
  'return.points': 25_000,
  'return.worthFen': 2_500,
  'return.cashFen': 18_900,
  'return.otherFen': 1_000,
  'return.roundingFen': 10,
  'credit.count': 41,
  'credit.points': 412_350,
  'reversal.count': 2,
  'reversal.points': 6_200,
  'pointsGoods.points': 236_000,
  'pointsGoods.fen': 21_800,
  'pointsGoods.unpriced': 3,
  ...drawerFigures,
  'redeemed/10/points': 2_884_000,
  'redeemed/10/fen': 288_400,
  'redeemed/5/points': 211_000,
  'redeemed/5/fen': 10_550,
  'material/plastic-bottle/count': 30,
  'material/plastic-bottle/units': 128_450,
  'material/plastic-bottle/points': 256_900,
  'material/battery/count': 11,
  'material/battery/units': 240,
  'material/battery/points': 155_450,
  'operator/o1/saleCount': 201,
  'operator/o1/saleFen': 2_900_450,
  'operator/o1/salePoints': 2_000_000,
  'operator/o1/cashFen': 2_214_550,
  'operator/o1/creditCount': 41,
  'operator/o1/creditPoints': 412_350,
  'operator/o1/returnCount': 5,
  'operator/o1/returnFen': 21_400,
  'operator/o3/saleCount': 111,
  'operator/o3/saleFen': 1_386_100,
  'operator/o3/salePoints': 1_120_000,
  'operator/o3/cashFen': 1_000_000,
  ...Object.fromEntries(exceptionNames.map((name, i) => [`exception/${name}`, i + 1])),
  'kind/START': 1,
  'kind/OPERATOR_IN': 6,
  'kind/SALE': 312,
  'kind/RETURNED': 5,
  'kind/CREDIT': 41,
  'kind/CASH_MOVED': 4,
  'kind/DRAWER_COUNTED': 2,
  'account/cash/drawer/CNY': 3_234_500,
  'account/cash/sales/CNY': -4_265_150,
  'account/cash/county-receivable/CNY': 320_750,
  'account/red/PTS': 3_095_000,
  'account/esc/PTS': -2_688_850,
};

/** As one who is not the owner is told them. */
function withoutDrawer(all: Figures): Figures {
  return Object.fromEntries(Object.entries(all).filter(([name]) => !tellsDrawer(name)));
}

const accounts: AccountFigures = {
  'cash/drawer/CNY': { opening: 50_050, closing: expectedFen },
  'cash/sales/CNY': { opening: -98_765_430, closing: -103_030_580 },
  'cash/county-receivable/CNY': { opening: 8_812_340, closing: 9_133_090 },
  'cash/county-paid/CNY': { opening: -8_500_000, closing: -8_500_000 },
  'red/PTS': { opening: 88_123_400, closing: 91_218_400 },
  'esc/PTS': { opening: 512_000_000, closing: 509_311_150 },
};

const soFar: PeriodView = {
  closing: null,
  actId: null,
  day: businessDate(now),
  at: now,
  events: 812,
  isDrawerTold: true,
  figures,
  accounts,
  names: {
    language: 'zh',
    operatorName: 'བསྟན་འཛིན་བློ་གྲོས་རྒྱ་མཚོ།',
    shop: { zh: '白日社区惠民超市', bo: null, countyZh: '琼结县', countyBo: null },
    operators: [
      { id: 'o1', name: '德吉' },
      { id: 'o3', name: 'བསྟན་འཛིན་བློ་གྲོས་རྒྱ་མཚོ།' },
    ],
    materials: [
      { id: 'plastic-bottle', zh: '塑料瓶', bo: 'འགྱིག་དམ།', measuredBy: 'weight' },
      { id: 'battery', zh: '废电池', bo: 'གློག་རྫས་རྙིང་པ།', measuredBy: 'count' },
    ],
  },
};

function closedDay(number: number): PeriodView {
  return {
    ...soFar,
    actId: uuid(500 + number),
    closing: {
      number,
      closingNumber: closingNumberOf(number),
      isForgotten: number % 2 === 1,
      isByOwner: number % 2 === 0,
      approvalId: null,
      drawer: { ...countedBy(-50), counts: [3, 0, 0, 0, 0, 0, 0, 0], reason: 'wrong_change', recountsFen: [fen(-100), fen(0)] },
      perpetual: Object.fromEntries(perpetualFigures.map((name) => [name, (figures[name] ?? 0) * 41])),
      checkpoint: { size: 34_871, root: 'q0mXlJ5cD8vWm3rQv8Yp2oZs1nT6uF4hE7gK9aB0cLM' },
    },
  };
}

function closingNumberOf(number: number): string {
  return `琼结-03-Z${String(number).padStart(6, '0')}`;
}

const closingsTold: readonly ClosingSummary[] = Array.from({ length: 12 }, (_, i) => ({
  number: 42 - i,
  closingNumber: closingNumberOf(42 - i),
  actId: uuid(542 - i),
  day: `2026-11-${String(20 - i).padStart(2, '0')}`,
  at: now - (i + 1) * 1_440 * minuteMs,
  sales: 312 - i,
  totalFen: fen(4_286_550 - i * 12_340),
  points: points(3_120_000 - i * 5_000),
  differenceFen: fen([0, -3_550, 0, 1_000][i % 4]!),
  settlementNumber: 42 - i,
}));

const openDays: OpenSettlementView = { closings: 3, fromDay: '2026-11-19', toDay: '2026-11-21', owedFen: fen(911_835) };

const moneyGoods = { points: points(236_000), fen: fen(21_800), unpriced: 3 };

/** A provisional one of a day, then each further state, then one of a whole month. */
const settlementsTold: readonly SettlementView[] = (['prepared', 'sent', 'accepted', 'paid', 'paid'] as const).map((state, i) => {
  const days = i === 4 ? 31 : 1;
  const number = 42 - i;
  const words = (['sent', 'accepted', 'paid'] as const).slice(0, ['prepared', 'sent', 'accepted', 'paid'].indexOf(state));
  return {
    number,
    settlementNumber: `琼结-03-J${String(number).padStart(6, '0')}`,
    actId: uuid(700 + i),
    at: now - i * 1_440 * minuteMs,
    isPrinted: i > 0,
    closings: Array.from({ length: days }, (_, day) => ({
      number: day + 1,
      day: days === 1 ? `2026-11-${String(21 - i).padStart(2, '0')}` : `2026-10-${String(day + 1).padStart(2, '0')}`,
      points: points(3_095_000),
      fen: fen(320_750),
    })),
    redeemed: [
      { pointValueFen: 10, points: points(2_884_000), fen: fen(288_400) },
      ...(i === 1 ? [{ pointValueFen: 5, points: points(211_000), fen: fen(10_550) }] : []),
    ],
    pointsGoods: i === 3 ? { points: points(0), fen: fen(0), unpriced: 0 } : moneyGoods,
    grossFen: fen(i === 4 ? 99_999_999_50 : 310_200),
    shares:
      i === 4
        ? [
            { permille: 0, grossFen: fen(49_999_999_50), shareFen: fen(0) },
            { permille: 50, grossFen: fen(50_000_000_00), shareFen: fen(2_500_000_00) },
          ]
        : [{ permille: 25, grossFen: fen(310_200), shareFen: fen(7_755) }],
    shareFen: fen(i === 4 ? 2_500_000_00 : 7_755),
    adjustments: i === 2 ? [{ id: 'A1', zh: '十月少付的三件积分商品', fen: fen(1_500) }] : [],
    owedFen: fen(i === 4 ? 97_499_999_50 : 303_945),
    credited: { count: 39, points: points(406_150) },
    budget: i === 0 ? { zh: '2026 年文明积分兑换资金', yearFen: fen(150_000_00), usedFen: fen(88_123_40), asOf: now } : null,
    printed: soFar.names,
    state,
    doubts: i === 2 ? ['paid_other', 'went_back'] : [],
    states: [
      ...words.map((word, n) => ({
        state: word,
        day: `2026-11-${String(22 + n - i).padStart(2, '0')}`,
        reference: word === 'accepted' ? '琼财付〔2026〕118 号' : '',
        paidFen: word === 'paid' ? fen(303_945) : null,
      })),
      ...(i === 4 ? [{ state: 'paid' as const, day: '2026-11-20', reference: 'B0002', paidFen: fen(403_945) }] : []),
    ],
  };
});

const stray: readonly StraySettlementWord[] = [{ inc: 1, number: 77, state: 'sent', day: '2026-11-20', reference: '', paidFen: null }];

/** `n` events that come to the figure, the last taking the rest. */
function eventsOf(figure: string, n: number): readonly EventBehind[] {
  const amount = figures[figure] ?? 0;
  const share = Math.trunc(amount / 40);
  return Array.from({ length: n }, (_, i) => ({
    seq: 34_000 - i,
    id: uuid(34_000 - i),
    kind: i % 9 === 8 ? 'DRAWER_COUNTED' : i % 5 === 4 ? 'CREDIT' : 'SALE',
    at: now - i * 3 * minuteMs,
    operatorName: i % 3 === 0 ? 'བསྟན་འཛིན་བློ་གྲོས་རྒྱ་མཚོ།' : '德吉',
    number: i % 9 === 8 ? '' : i % 5 === 4 ? `琼结-03-R${String(45 - i).padStart(6, '0')}` : `琼结-03-${String(312 - i).padStart(6, '0')}`,
    amount: i === 39 ? amount - 39 * share : share,
    hasPaper: i % 9 !== 8,
  }));
}

const dayAnswers: { readonly [call: string]: unknown } = {
  closingState: clear,
  countDrawer: { ok: true, value: countedBy(0) },
  closeDay: { ok: true, value: { closingNumber: closingNumberOf(42), number: 42, settlementNumber: 42 } },
  closings: { closings: closingsTold, nextBeforeNumber: 30 },
  period: ({ number }: { readonly number: number | null }) => (number === null ? soFar : closedDay(number)),
  eventsBehind: ({ figure, beforeSeq }: { readonly figure: string; readonly beforeSeq: number | null }) => {
    const all = eventsOf(figure, 40);
    return beforeSeq === null
      ? { events: all.slice(0, 30), nextBeforeSeq: all[29]!.seq }
      : { events: all.filter(({ seq }) => seq < beforeSeq), nextBeforeSeq: null };
  },
  printReport: { ok: true, value: { jobId: uuid(9) } },
  settlements: { settlements: settlementsTold, openClosings: 3, open: openDays, cycle: 'month', strayWords: stray, nextBeforeNumber: 38 },
  prepareSettlement: { ok: true, value: { number: 42 } },
  exportSettlement: {
    ok: true,
    value: { folder: '/media/usb/积分结算/琼结-03', files: ['琼结-03-J000042.pdf', '琼结-03-J000042.xlsx', '琼结-03-J000042.csv'] },
  },
};
