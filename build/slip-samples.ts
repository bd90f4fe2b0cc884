// Slips of returns, of days and of settlements, for the gallery and the tests: a big day with every section, a small one, one
// that was forgotten, and the shapes that break a narrow paper.

import { fen, points } from '../db/model/amounts.ts';
import type { Language } from '../db/model/catalogue.ts';
import type { AccountFigures, Figures } from '../db/model/event.ts';
import { fixedFigures } from '../db/model/figures.ts';
import type { PeriodSlip, ReturnSlip, SettlementSlip } from '../db/model/receipt.ts';
import { samples } from './receipt-samples.ts';

export const returnSamples = {
  /** One of two pieces, half paid by points. */
  part: (language) => returnSlip(language),
  /** Everything, in points alone: nothing in money. */
  points: (language) => ({
    ...returnSlip(language),
    reason: 'changed_mind',
    lines: [{ ...towel, n: 0, quantity: 2, totalFen: fen(0), pointsFen: fen(0), settlementFen: fen(2_400), points: points(10_100) }],
    totalFen: fen(0),
    redemption: {
      ...back,
      discount: points(0),
      worthFen: fen(0),
      pointValueFen: null,
      toRights: points(10_100),
      usableAfter: points(22_600),
    },
    payments: [],
    roundingFen: fen(0),
    points: points(10_100),
  }),
  /** A passer-by's: no points, and a rounding that is undone. */
  cash: (language) => ({
    ...returnSlip(language),
    residentMasked: null,
    reason: 'faulty',
    lines: [{ ...detergent, n: 0, quantity: 1, totalFen: fen(990), pointsFen: fen(0), settlementFen: fen(0), points: points(0) }],
    totalFen: fen(990),
    redemption: null,
    payments: [{ kind: 'cash', fen: fen(980) }],
    roundingFen: fen(-10),
    points: points(0),
  }),
} satisfies { readonly [name: string]: (language: Language) => ReturnSlip };

export const periodSamples = {
  /** 300 sales, 40 credits, 5 returns, two operators, a drawer that is short: every section. */
  big: (language) => closing(language, {}),
  /** A quiet day of a village: three sales in cash, nothing else. */
  small: (language) => ({
    ...closing(language, {}),
    figures: figures({
      'sale.count': 3,
      'sale.fen': 4_560,
      'sale.cashFen': 4_560,
      'drawer.saleFen': 4_560,
      'operator/OP1/saleCount': 3,
      'operator/OP1/saleFen': 4_560,
      'operator/OP1/cashFen': 4_560,
    }),
    accounts: { 'cash/drawer/CNY': { opening: 20_000, closing: 24_560 } },
    closing: {
      ...closed,
      isByOwner: true,
      approvalId: null,
      drawer: {
        ...closed.drawer,
        counts: [2, 0, 2, 0, 1, 0, 1, 1],
        countedFen: fen(24_560),
        expectedFen: fen(24_560),
        differenceFen: fen(0),
        reason: null,
      },
      perpetual: figures({ 'sale.count': 3, 'sale.fen': 4_560, 'sale.cashFen': 4_560 }),
    },
  }),
  /** Closed the next morning, without leave; over. */
  forgotten: (language) =>
    closing(language, {
      isForgotten: true,
      approvalId: null,
      drawer: { ...closed.drawer, countedFen: fen(184_450), differenceFen: fen(1_250), reason: 'wrong_change' },
    }),
  /** X of the big day. */
  report: (language) => ({ ...closing(language, {}), closing: null, qr: samples.cash('zh').qr }),
  /** Sums as wide as the paper. */
  huge: (language) => {
    const slip = closing(language, {});
    const times = (amounts: Figures): Figures =>
      Object.fromEntries(Object.entries(amounts).map(([name, amount]) => [name, amount * 9_871]));
    return { ...slip, figures: times(slip.figures), closing: { ...slip.closing, perpetual: times(slip.closing.perpetual) } };
  },
} satisfies { readonly [name: string]: (language: Language) => PeriodSlip };

export const settlementSamples = {
  month: (language) => settlement(language),
  /** More came back than was sold: the shop owes the county. */
  negative: (language) => ({
    ...settlement(language),
    closings: [{ number: 13, day: '2026-11-22', points: points(-20_000), fen: fen(-2_000) }],
    redeemed: [{ pointValueFen: 10, points: points(-20_000), fen: fen(-2_000) }],
    pointsGoods: { points: points(0), fen: fen(0), unpriced: 0 },
    grossFen: fen(-2_000),
    shares: [{ permille: 0, grossFen: fen(-2_000), shareFen: fen(0) }],
    shareFen: fen(0),
    adjustments: [],
    owedFen: fen(-2_000),
    budget: null,
  }),
} satisfies { readonly [name: string]: (language: Language) => SettlementSlip };

const paper = samples.mixed('zh');
const { shop } = paper;
const checkpointQr =
  'civicpos/542225/qj-03-1/1\n18452\nT9z1l3v8xk5mQ2nB7cV0aHsJdFgKlPwErYuIoQpZxCM=\n\n— civicpos/542225/qj-03-1/1 q3f0kZ7xV2m9Tn4bHcLs8YpQwErTyUiOpAsDfGhJkLzXcVbNm1234567890QWERTYuiopASDFGHjklzxCVBNmQwErTyUiO1234567\n';

const detergent = { zh: '立白柠檬洗洁精', bo: 'སྡེར་མ་འཁྲུ་རྫས།', size: '500ml', pricedIn: 'yuan', unitPrice: 990 } as const;
const towel = { zh: '纯棉毛巾', bo: 'ཨ་ཅོར།', size: '34×74cm', pricedIn: 'points', unitPrice: 5_050 } as const;
const back = {
  discount: points(6_200),
  worthFen: fen(620),
  pointValueFen: 10,
  toRights: points(6_200),
  toRoaming: points(0),
  usableBefore: points(12_500),
  usableAfter: points(18_700),
  countyAfter: points(122_700),
  countyAsOf: Date.UTC(2026, 10, 19, 19, 30),
};

function returnSlip(language: Language): ReturnSlip {
  return {
    language,
    shop,
    returnNumber: 'qj-03-1-T000005',
    saleReceiptNumber: 'qj-03-1-000123',
    saleDay: '2026-11-20',
    reason: 'wrong_amount',
    day: '2026-11-21',
    at: Date.UTC(2026, 10, 21, 6, 5),
    operatorName: '次仁卓玛',
    approverName: '旦增',
    residentMasked: '格***',
    lines: [{ ...detergent, n: 0, quantity: 1, totalFen: fen(990), pointsFen: fen(620), settlementFen: fen(0), points: points(0) }],
    totalFen: fen(990),
    redemption: back,
    payments: [{ kind: 'cash', fen: fen(370) }],
    roundingFen: fen(0),
    points: points(6_200),
    qr: paper.qr,
  };
}

function figures(some: Figures): Figures {
  const all = { ...Object.fromEntries(fixedFigures.map((name) => [name, 0])), ...some };
  return Object.fromEntries(Object.entries(all).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

const bigDay = figures({
  'sale.count': 300,
  'sale.fen': 1_250_450,
  'sale.points': 5_250_500,
  'sale.worthFen': 485_050,
  'sale.cashFen': 165_200,
  'sale.otherFen': 600_180,
  'sale.roundingFen': -20,
  'return.count': 5,
  'return.fen': 8_920,
  'return.points': 62_000,
  'return.worthFen': 6_200,
  'return.cashFen': 2_720,
  'return.otherFen': 0,
  'credit.count': 40,
  'credit.points': 812_550,
  'reversal.count': 1,
  'reversal.points': 12_500,
  'pointsGoods.points': 400_000,
  'pointsGoods.fen': 38_000,
  'pointsGoods.unpriced': 2,
  'redeemed/10/points': 4_538_500,
  'redeemed/10/fen': 453_850,
  'redeemed/12.5/points': 200_000,
  'redeemed/12.5/fen': 25_000,
  'material/can/count': 11,
  'material/can/units': 8_731,
  'material/can/points': 112_550,
  'material/battery/count': 6,
  'material/battery/units': 74,
  'material/battery/points': 37_000,
  'material/plastic-bottle/count': 23,
  'material/plastic-bottle/units': 152_404,
  'material/plastic-bottle/points': 650_500,
  'operator/OP1/saleCount': 210,
  'operator/OP1/saleFen': 900_450,
  'operator/OP1/salePoints': 4_000_500,
  'operator/OP1/cashFen': 120_000,
  'operator/OP1/returnCount': 5,
  'operator/OP1/returnFen': 8_920,
  'operator/OP1/creditCount': 40,
  'operator/OP1/creditPoints': 812_550,
  'operator/OP2/saleCount': 90,
  'operator/OP2/saleFen': 350_000,
  'operator/OP2/salePoints': 1_250_000,
  'operator/OP2/cashFen': 42_480,
  'drawer.floatFen': 20_000,
  'drawer.saleFen': 165_200,
  'drawer.returnFen': -2_720,
  'drawer.inFen': 5_000,
  'drawer.outFen': -10_000,
  'drawer.overShortFen': -380,
  'exception/return': 5,
  'exception/reversal': 1,
  'exception/reprint': 3,
  'exception/noSale': 1,
  'exception/cashOut': 1,
  'exception/lineRemoved': 1,
  'exception/approval': 9,
  'exception/selfApproval': 2,
  'exception/restart': 1,
  'exception/clockStep': 1,
  'exception/recount': 2,
  'exception/idleLock': 4,
  'exception/pinRefused': 2,
});

const accounts: AccountFigures = {
  'cash/county-receivable/CNY': { opening: 210_550, closing: 727_400 },
  'cash/drawer/CNY': { opening: 6_220, closing: 183_150 },
  'red/PTS': { opening: 2_110_000, closing: 7_298_500 },
};

const closed: NonNullable<PeriodSlip['closing']> = {
  closingNumber: 'qj-03-1-Z000012',
  isForgotten: false,
  isByOwner: false,
  approvalId: 'approval',
  drawer: {
    countId: 'count',
    counts: [15, 5, 2, 3, 2, 1, 1, 0],
    countedFen: fen(183_150),
    expectedFen: fen(183_200),
    differenceFen: fen(-50),
    reason: 'miscount',
    recountsFen: [fen(-100), fen(0)],
  },
  perpetual: figures({ ...bigDay, 'sale.count': 3_412, 'sale.fen': 14_250_450, 'sale.cashFen': 6_900_200 }),
  checkpoint: { size: 18_452, root: 'T9z1l3v8xk5mQ2nB7cV0aHsJdFgKlPwErYuIoQpZxCM' },
};

function closing(
  language: Language,
  changed: Partial<NonNullable<PeriodSlip['closing']>>,
): PeriodSlip & { readonly closing: NonNullable<PeriodSlip['closing']> } {
  const isForgotten = changed.isForgotten === true;
  return {
    language,
    shop,
    day: '2026-11-21',
    at: isForgotten ? Date.UTC(2026, 10, 22, 0, 40) : Date.UTC(2026, 10, 21, 12, 5),
    operatorName: '次仁卓玛',
    operators: [
      { id: 'OP1', name: '次仁卓玛' },
      { id: 'OP2', name: '旦增' },
    ],
    materials: [
      { id: 'can', zh: '易拉罐', bo: 'ལྕགས་ཀྲིན།', measuredBy: 'weight' },
      { id: 'battery', zh: '废电池', bo: 'གློག་རྫས།', measuredBy: 'count' },
      { id: 'plastic-bottle', zh: '塑料瓶', bo: 'འགྱིག་དམ།', measuredBy: 'weight' },
    ],
    figures: bigDay,
    accounts,
    fromSeq: 17_891,
    throughSeq: 18_453,
    closing: { ...closed, ...changed },
    qr: checkpointQr,
  };
}

function settlement(language: Language): SettlementSlip {
  return {
    language,
    shop,
    day: '2026-11-30',
    at: Date.UTC(2026, 10, 30, 12, 30),
    operatorName: '旦增',
    settlementNumber: 'qj-03-1-J000002',
    closings: [
      { number: 9, day: '2026-11-01', points: points(1_000_000), fen: fen(100_000) },
      { number: 12, day: '2026-11-30', points: points(3_738_500), fen: fen(378_850) },
    ],
    redeemed: [
      { pointValueFen: 10, points: points(4_538_500), fen: fen(453_850) },
      { pointValueFen: 12.5, points: points(200_000), fen: fen(25_000) },
    ],
    pointsGoods: { points: points(400_000), fen: fen(38_000), unpriced: 2 },
    grossFen: fen(516_850),
    shares: [{ permille: 50, grossFen: fen(516_850), shareFen: fen(25_843) }],
    shareFen: fen(25_843),
    adjustments: [
      { id: 'a1', zh: '十月份多付更正', fen: fen(-1_200) },
      { id: 'a2', zh: '漏结补付', fen: fen(350) },
    ],
    owedFen: fen(490_157),
    credited: { count: 512, points: points(8_120_550) },
    budget: { zh: '琼结县2026年积分兑换专项资金', yearFen: fen(100_000_000), usedFen: fen(61_240_050), asOf: Date.UTC(2026, 10, 28) },
    qr: paper.qr,
  };
}
