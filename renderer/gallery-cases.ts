// Canned snapshots for the gallery: every screen in every state a shop can bring it to. Shows what is possible, not real data.

import { fen, points } from '../db/model/amounts.ts';
import { businessDate } from '../db/model/time.ts';
import type { Goods } from '../db/model/catalogue.ts';
import { type CartLine, quote } from '../db/model/checkout.ts';
import type { PrintFailure } from '../db/model/receipt.ts';
import type { Scheme } from '../db/model/scheme.ts';
import type {
  CartView,
  DownRefusal,
  GoodsTile,
  NoticeCode,
  PaidView,
  ResidentView,
  ScaleTrialView,
  Settings,
  Snapshot,
  StopCode,
  WeightView,
} from '../electron/ipc/snapshot.ts';
import type { Beginning } from './app.tsx';
import { closingCases } from './gallery-closing.ts';
import { ownerCases } from './gallery-owner.ts';
import { deskCases } from './gallery-desk.ts';
import { drawerCases } from './gallery-drawer.ts';
import { returnCases } from './gallery-return.ts';
import { scaleAnswers, scaleCases } from './gallery-scale.ts';
import { upkeepCases } from './gallery-upkeep.ts';
import { uploadCases } from './gallery-upload.ts';
import { weighCases } from './gallery-weigh.ts';
import { cardRefusals } from './parts/card-refusals.ts';

/** One page of the gallery. */
export interface GalleryCase {
  readonly snapshot: Snapshot | null;
  readonly beginning?: Beginning;
  /** `lost`: the engine goes away after the first snapshot. `silent`: calls are never answered. */
  readonly engine?: 'lost' | 'silent';
  /** Answers other than the usual ones, by call; a function is given the call's arguments. */
  readonly answers?: { readonly [call: string]: unknown };
  /** What is on the pan. */
  readonly weight?: WeightView;
  /** What a scale that is listened to says, and one that is tried. */
  readonly heard?: Omit<ScaleTrialView, 'trialId'>;
  readonly tried?: Omit<ScaleTrialView, 'trialId'>;
  /** Selector of a button that is touched once the page stands, before any key. */
  readonly touch?: string;
  /** Keys pressed once the page stands, for states that only a press brings about. */
  readonly presses?: readonly string[];
}

/** 2026-11-21 14:05 in Asia/Shanghai. Ages on photographs follow the real clock, so facts are told relative to it. */
const now = Date.now();
const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

const scheme: Scheme = {
  id: 'qiongjie',
  version: 1,
  zh: '琼结县文明积分',
  bo: 'འཕྱོང་རྒྱས་རྫོང་ཤེས་དཔལ་སྐར་གྲངས།',
  pointValueFen: 10,
  pointsStep: points(100),
  cashRounding: { unitFen: fen(10), mode: 'down' },
  saleCapPoints: null,
  dayCapPoints: null,
  accountKind: 'household',
  redemptionWindow: null,
  groups: [],
  roaming: { saleCapPoints: points(20_000), staleDays: 14, halfAfterDays: 7, kioskCapPoints: points(1_000_000) },
  recycling: null,
  labels: [],
};

function someGoods(
  id: string,
  zh: string,
  bo: string | null,
  size: string,
  picture: string,
  priceFen: number | null,
  pricePoints: number | null = null,
): Goods {
  return {
    id,
    zh,
    bo,
    size,
    picture,
    codes: [],
    initials: '',
    category: 'other',
    priceFen: priceFen === null ? null : fen(priceFen),
    pricePoints: pricePoints === null ? null : points(pricePoints),
    pointsAllowed: true,
    onSale: true,
  };
}

export const goods: readonly Goods[] = [
  someGoods('g1', '洗洁精', 'ཕོར་པ་འཁྲུད་རྫས།', '500ml', 'detergent', 890),
  someGoods('g2', '糌粑', 'རྩམ་པ།', '2.5kg', 'tsampa', 3_200, 30_000),
  someGoods('g3', '酥油', 'མར།', '500g', 'butter', 4_500),
  someGoods('g4', '砖茶', 'ཇ་སྒྲིལ།', '2kg', 'tea', 3_880),
  someGoods('g5', '东北大米', 'འབྲས།', '10kg', 'rice', 6_990),
  someGoods('g6', '菜籽油', 'སྣུམ།', '5L', 'oil', 7_250),
  someGoods('g7', '卫生纸', 'གཙང་ཤོག', '10卷', 'paper', 1_990),
  someGoods('g8', '保温瓶', 'ཚ་དམ།', '2L', 'thermos', 5_900, 59_000),
  someGoods('g9', '电饭煲', 'གློག་སླང་།', '4L', 'appliance', null, 240_000),
  someGoods('g10', '加碘食用盐', 'ཚྭ།', '400g', 'salt', 200),
  someGoods('g11', '毛巾', 'ཨ་ཅོར།', '34×74cm', 'towel', 990, 500),
  someGoods('g12', '理发代金券', null, '1张', 'paper', null, 1_500),
  someGoods('g13', '超浓缩天然皂粉薰衣草香型家庭装', 'ཤིན་ཏུ་གར་བའི་རང་བྱུང་གློག་རྫས་ཕྱེ་མ་ཁྱིམ་ཚང་ཐུམ་ཆེན།', '3.05kg', 'washing-powder', 4_990),
  someGoods('g14', '铅笔', 'ཞ་སྨྱུག', '12支', 'pen', 600),
  someGoods('g15', '复合肥', 'འདྲེས་ལུད།', '40kg', 'fertilizer', 12_800),
  someGoods('g16', '康师傅红烧牛肉面', 'ཐུག་པ།', '5包', 'noodles', 1_450),
  someGoods('g17', '青稞', 'ནས།', '25kg', 'barley', 11_500),
  someGoods('g18', '扫把', 'ཕྱགས་མ།', '1把', 'broom', 1_290),
  { ...someGoods('g19', '青稞', 'ནས།', '散装', 'barley', 680), soldBy: 'weight' },
];

function tileOf({ id, zh, bo, size, category, picture, soldBy = 'piece', priceFen, pricePoints }: Goods): GoodsTile {
  return { id, zh, bo, size, category, picture, soldBy, priceFen, pricePoints };
}

const homeResident: ResidentView = {
  masked: '格***',
  group: { zh: '村民', bo: 'གྲོང་མི།' },
  village: '加麻乡昌嘎村',
  language: 'bo',
  allowance: { rights: points(64_000), roaming: points(0), usable: points(64_000), limitedBy: 'balance', countyBalance: points(128_050) },
  countyAsOf: now - 15 * 60 * minuteMs,
  isCountyZero: false,
  isHome: true,
  mayDraw: false,
};

const roamingResident: ResidentView = {
  ...homeResident,
  masked: 'བསྟན***',
  group: { zh: '党员', bo: 'ཏང་ཡོན།' },
  village: 'རྒྱ་མ་ཤང་འཕྲང་ལམ་གྲོང་ཚོ།',
  allowance: {
    rights: points(0),
    roaming: points(20_000),
    usable: points(20_000),
    limitedBy: 'roaming',
    countyBalance: points(999_999_99),
  },
  isCountyZero: false,
  isHome: false,
  mayDraw: true,
};

/** Of whom a part was drawn here over the network. */
const drawnResident: ResidentView = {
  ...roamingResident,
  allowance: { ...roamingResident.allowance, rights: points(50_000), usable: points(70_000), countyBalance: points(90_000) },
};

function cartOf(
  lines: readonly (readonly [goodsId: string, quantity: number, pricedIn?: 'points'])[],
  resident: ResidentView | null,
  chosenPoints: number | null = null,
): CartView {
  const cartLines: CartLine[] = lines.map(([goodsId, quantity, pricedIn], i) => {
    const found = goods.find((each) => each.id === goodsId)!;
    return {
      lineId: `00000000-0000-7000-8000-${String(i).padStart(12, '0')}`,
      goods: found,
      quantity,
      pricedIn: pricedIn ?? (found.priceFen === null ? 'points' : 'yuan'),
    };
  });
  return {
    saleId: '01938f6e-0000-7000-8000-000000000001',
    resident,
    isCardMissing: false,
    offered: null,
    quote: quote({
      scheme,
      lines: cartLines,
      usable: resident?.allowance.usable ?? null,
      chosenPoints: chosenPoints === null ? null : points(chosenPoints),
    }),
    digest: JSON.stringify([lines, resident?.masked]),
    pictures: Object.fromEntries(cartLines.map((line) => [line.lineId, line.goods.picture])),
    switchable: cartLines.filter((line) => line.goods.priceFen !== null && line.goods.pricePoints !== null).map((line) => line.lineId),
    weighing: null,
  };
}

const someLines = [
  ['g1', 1],
  ['g2', 2],
  ['g13', 3],
] as const;

const pointsAndYuan = [
  ['g8', 1, 'points'],
  ['g11', 1],
] as const;

const selling: Snapshot = {
  revision: 1,
  software: '0.1.0',
  status: { kind: 'selling' },
  shop: {
    county: '542226',
    countyZh: '琼结县',
    countyBo: 'འཕྱོང་རྒྱས་རྫོང་།',
    store: 's1',
    zh: '白日社区惠民超市',
    bo: 'དཔལ་རི་སྡེ་ཁུལ་དམངས་ཕན་ཚོང་ཁང་།',
    kiosk: '琼结-03',
  },
  scheme: { zh: scheme.zh, bo: scheme.bo, pointValueFen: scheme.pointValueFen, pointsStep: scheme.pointsStep },
  settings: { language: 'zh', paperDots: 576, textPercent: 100, theme: 'normal' },
  operators: [
    { id: 'o1', name: '德吉', role: 'cashier' },
    { id: 'o2', name: '扎西顿珠', role: 'staff' },
    { id: 'o3', name: 'བསྟན་འཛིན་བློ་གྲོས་རྒྱ་མཚོ།', role: 'owner' },
    { id: 'o4', name: '王琦', role: 'cashier' },
  ],
  operator: { id: 'o1', name: '德吉', role: 'cashier' },
  shift: { businessDate: businessDate(now), openedAt: now - 300 * minuteMs, floatFen: fen(30_000), openedBy: 'o1' },
  left: null,
  place: 'till',
  cart: cartOf([], null),
  desk: null,
  scale: { address: '', simulated: false, isForbidden: false, state: 'none', setUpElsewhere: null, setUp: null, isCheckedToday: false },
  lastSale: null,
  notice: null,
  printer: { address: 'tcp://192.168.1.50:9100', state: 'ready', simulated: false },
  scanner: { address: 'serial:/dev/ttyACM0', state: 'ready', simulated: false },
  printJobs: [],
  held: [],
  locksAt: null,
  days: { forgotten: null, closedThrough: '2026-11-20', summingPercent: null, handedOver: null },
  upkeep: {
    running: null,
    place: '/media/usb/jifen',
    backedUpAt: now - 9 * 60 * minuteMs,
    backupFault: null,
    verifiedAt: null,
    freeBytes: 40_000_000_000,
    daysLeft: null,
    isCodeKept: true,
    isFrozen: false,
  },
  exchange: {
    lastDownSeq: 7,
    lastDownAsOf: now - 9 * 60 * minuteMs,
    roaming: 'whole',
    unsentEvents: 12,
    oldestUnsentAt: now - 5 * 60 * minuteMs,
    refused: null,
    notice: null,
    applyingPercent: null,
    up: {
      running: null,
      filesWaiting: 0,
      waitingSince: null,
      lastAnswer: { fileSeq: 9, verdict: 'ACCEPTED', at: now - 9 * 60 * minuteMs },
      fault: null,
      alarmAt: null,
      hasServer: true,
      stick: null,
    },
  },
};

const full: Snapshot = {
  ...selling,
  cart: cartOf(someLines, homeResident),
  notice: { id: 3, code: 'line_added', subject: '超浓缩天然皂粉薰衣草香型家庭装' },
};
const inSunlight: Snapshot = { ...full, settings: { ...full.settings, theme: 'sunlight' } };
const simulated: Snapshot = { ...full, printer: { ...full.printer, simulated: true }, scanner: { ...full.scanner, simulated: true } };

const paid: PaidView = {
  saleId: '01938f6e-0000-7000-8000-000000000002',
  receiptNumber: '琼结-03-000123',
  totalFen: fen(22_260),
  requiredPoints: points(0),
  points: points(64_000),
  worthFen: fen(6_400),
  payments: [{ kind: 'cash', fen: fen(15_860), tenderedFen: fen(20_000), changeFen: fen(4_140) }],
  usableAfter: points(0),
  print: { kind: 'sending' },
};
const paidSnapshot: Snapshot = { ...selling, lastSale: paid };

/** A second copy is asked for, and somebody types a PIN that is not right. */
function approvalCase(presses: readonly string[], change: Partial<Snapshot>): GalleryCase {
  return {
    snapshot: { ...paidSnapshot, ...change },
    answers: { reprint: { ok: false, code: 'approval_needed', copy: 2 }, approve: { ok: false, code: 'pin_wrong', waitMs: 0 } },
    touch: 'main [class*="buttons"] button',
    presses,
  };
}

function job(cause: PrintFailure | null): Snapshot['printJobs'][number] {
  return {
    jobId: '01938f6e-0000-7000-8000-000000000003',
    actId: paid.saleId,
    number: paid.receiptNumber,
    copy: 0,
    state: cause === null ? { kind: 'unknown' } : { kind: 'failed', cause },
    progress: null,
  };
}

/** Beside the county's figure of a resident who may use less here. */
const drawKey = 'main dl button';

const hundredLines = Array.from({ length: 100 }, (_, i) => [goods[i % 8]!.id, (i % 9) + 1] as const);

const stopCodes = [
  'book_missing',
  'book_newer',
  'book_foreign',
  'book_damaged',
  'book_rolled_back',
  'book_busy',
  'key_missing',
  'disk_full',
  'disk_read_only',
  'not_enrolled',
  'internal',
] as const satisfies readonly StopCode[];
const noticeCodes = [
  'card_replaced',
  'card_other',
  ...cardRefusals,
  'goods_unknown',
  'goods_withdrawn',
  'goods_to_weigh',
  'label_misread',
  'label_zero',
  'label_by_piece',
  'label_again',
  'voucher_malformed',
  'voucher_forged',
  'voucher_elsewhere',
  'voucher_used',
  'voucher_waits',
  'voucher_unknown_account',
  'scan_garbled',
  'cart_full',
  'cart_too_large',
] as const satisfies readonly NoticeCode[];
const refusals = [
  'signature',
  'other_kiosk',
  'gap',
  'fork',
  'log_forked',
  'truncated',
  'oversized',
  'malformed',
  'newer_format',
  'out_of_balance',
  'disk_full',
] as const satisfies readonly DownRefusal[];
const printFailures = [
  'offline',
  'paper_out',
  'cover_open',
  'cutter',
  'overheated',
  'error',
  'busy',
  'no_printer',
  'drawing',
] as const satisfies readonly PrintFailure[];

/** The pages, by the name in the address. */
export const galleryCases: { readonly [name: string]: GalleryCase } = {
  connecting: { snapshot: null },
  ...Object.fromEntries(
    stopCodes.map((code) => [
      `stopped-${code}`,
      { snapshot: { ...selling, status: { kind: 'stopped', code, detail: 'seq 4711' } } as const },
    ]),
  ),
  'sign-in': { snapshot: { ...selling, operator: null, shift: null }, beginning: { signIn: { operatorId: 'o3' } } },
  'sign-in-left': {
    snapshot: {
      ...selling,
      operator: null,
      shift: null,
      left: { shift: selling.shift, lockedAt: now - 12 * minuteMs },
      cart: cartOf(someLines, null),
    },
  },
  'till-shift-of-another': { snapshot: { ...full, operator: { id: 'o4', name: '王琦', role: 'cashier' } } },
  'sign-in-wrong': {
    snapshot: { ...selling, operator: null, shift: null },
    beginning: { signIn: { operatorId: 'o1', answer: { kind: 'wrong' } } },
  },
  'sign-in-locked': {
    snapshot: { ...selling, operator: null, shift: null },
    beginning: { signIn: { operatorId: 'o1', answer: { kind: 'locked', untilMs: now + 29_000 } } },
  },
  'sign-in-nobody': { snapshot: { ...selling, operators: [], operator: null, shift: null } },
  'open-shift': { snapshot: { ...selling, shift: null } },
  'till-empty': { snapshot: selling },
  'till-full': { snapshot: full },
  'till-no-card': { snapshot: { ...full, cart: cartOf(someLines, null), notice: { id: 4, code: 'line_added', subject: '洗洁精' } } },
  'till-roaming': {
    snapshot: { ...full, cart: cartOf(someLines, roamingResident), notice: { id: 5, code: 'card_accepted', subject: '' } },
  },
  'till-voucher': {
    snapshot: { ...full, cart: cartOf(someLines, homeResident), notice: { id: 8, code: 'voucher_taken', subject: '120.5' } },
  },
  'till-voucher-other': {
    snapshot: { ...full, cart: cartOf(someLines, null), notice: { id: 9, code: 'voucher_taken_other', subject: '120.5' } },
  },
  'till-drawing': {
    snapshot: { ...full, cart: cartOf(someLines, roamingResident) },
    engine: 'silent',
    touch: drawKey,
  },
  'till-draw-offline': {
    snapshot: { ...full, cart: cartOf(someLines, roamingResident) },
    answers: { drawPoints: { ok: false, code: 'draw_offline' } },
    touch: drawKey,
  },
  'till-draw-elsewhere': {
    snapshot: { ...full, cart: cartOf(someLines, roamingResident) },
    answers: { drawPoints: { ok: false, code: 'draw_elsewhere' } },
    touch: drawKey,
  },
  'till-far-away': {
    snapshot: {
      ...full,
      cart: cartOf(someLines, {
        ...roamingResident,
        allowance: { ...roamingResident.allowance, roaming: points(0), usable: points(0), limitedBy: 'balance' },
      }),
    },
  },
  'till-drawn': { snapshot: { ...full, cart: cartOf(someLines, drawnResident), notice: { id: 8, code: 'voucher_taken', subject: '700' } } },
  'till-draw-struck': {
    snapshot: { ...full, cart: cartOf(someLines, roamingResident) },
    answers: { drawPoints: { ok: false, code: 'draw_struck' } },
    touch: drawKey,
  },
  'till-zero-points': {
    snapshot: {
      ...full,
      cart: cartOf(someLines, {
        ...homeResident,
        countyAsOf: null,
        allowance: { ...homeResident.allowance, usable: points(0), countyBalance: points(0) },
      }),
      notice: { id: 6, code: 'card_accepted', subject: '' },
    },
  },
  'till-county-zero': {
    snapshot: {
      ...full,
      cart: cartOf(someLines, {
        ...homeResident,
        isCountyZero: true,
        allowance: { ...homeResident.allowance, rights: points(0), usable: points(0), countyBalance: points(0) },
      }),
    },
  },
  'till-points-price': {
    snapshot: {
      ...full,
      cart: cartOf(
        [
          ['g9', 1],
          ['g2', 1, 'points'],
        ],
        { ...homeResident, allowance: { ...homeResident.allowance, usable: points(900_000) } },
      ),
    },
  },
  'till-payer-question': {
    snapshot: {
      ...full,
      cart: { ...full.cart, offered: { ...roamingResident, offerId: '01938f6e-0000-7000-8000-000000000010' } },
      notice: { id: 7, code: 'card_other', subject: '' },
    },
  },
  'till-points-and-yuan': { snapshot: { ...full, cart: cartOf(pointsAndYuan, homeResident) } },
  'till-points-short': { snapshot: { ...full, cart: cartOf([['g9', 1]], homeResident) } },
  'till-card-needed': { snapshot: { ...full, cart: cartOf([['g9', 1]], null) } },
  'till-huge': {
    snapshot: {
      ...full,
      cart: cartOf([['g15', 7_500]], { ...homeResident, allowance: { ...homeResident.allowance, usable: points(99_999_900) } }),
    },
  },
  'till-100-lines': { snapshot: { ...full, cart: cartOf(hundredLines, homeResident) } },
  'till-card-missing': { snapshot: { ...full, cart: { ...cartOf(someLines, null), isCardMissing: true } } },
  'till-lost': { snapshot: full, engine: 'lost' },
  'till-printer-out': {
    snapshot: { ...full, printer: { ...full.printer, state: 'paper_out' }, scanner: { ...full.scanner, state: 'lost' } },
  },
  'till-sunlight': { snapshot: inSunlight },
  'till-late': {
    snapshot: {
      ...full,
      exchange: { ...full.exchange, lastDownAsOf: now - 2 * dayMs, oldestUnsentAt: now - 2 * dayMs, unsentEvents: 412 },
    },
  },
  'till-very-late': { snapshot: { ...full, exchange: { ...full.exchange, lastDownAsOf: now - 12 * dayMs, applyingPercent: 40 } } },
  ...Object.fromEntries(
    noticeCodes.map((code, i) => [`notice-${code}`, { snapshot: { ...full, notice: { id: 10 + i, code, subject: '6901234567892' } } }]),
  ),
  ...Object.fromEntries(
    refusals.map((code) => [
      `county-${code}`,
      { snapshot: { ...full, exchange: { ...full.exchange, refused: { file: 'down-000008', code } } } },
    ]),
  ),
  ...closingCases(selling),
  ...ownerCases(selling),
  ...upkeepCases(selling),
  ...uploadCases(selling),
  ...deskCases(selling, homeResident),
  ...scaleCases(selling, deskCases(selling, homeResident)['desk-scale-check-due']!.snapshot!), // the desk has one
  ...weighCases(full, scheme, deskCases(selling, homeResident)['till-beside-desk']!.snapshot!.scale), // the desk has one
  ...drawerCases(selling, full),
  search: { snapshot: full, beginning: { side: { kind: 'search' } } },
  'search-nothing': {
    snapshot: full,
    beginning: { side: { kind: 'search' } },
    answers: { searchGoods: { tiles: [], total: 0 } },
    presses: ['KeyX', 'KeyQ', 'KeyZ'],
  },
  code: { snapshot: full, beginning: { side: { kind: 'code' } } },
  quantity: { snapshot: full, beginning: { side: { kind: 'quantity', lineId: '00000000-0000-7000-8000-000000000002' } } },
  points: { snapshot: full, beginning: { side: { kind: 'points' } } },
  'points-too-many': { snapshot: full, beginning: { side: { kind: 'points' } }, presses: ['Digit9', 'Digit9', 'Digit9'] },
  pay: { snapshot: full, beginning: { side: { kind: 'pay' } } },
  'pay-points-and-yuan': { snapshot: { ...full, cart: cartOf(pointsAndYuan, homeResident) }, beginning: { side: { kind: 'pay' } } },
  'pay-typed': { snapshot: full, beginning: { side: { kind: 'pay' } }, presses: ['Digit2', 'Digit0', 'Digit0'] },
  'pay-short': { snapshot: full, beginning: { side: { kind: 'pay' } }, presses: ['Digit5'] },
  'pay-busy': { snapshot: full, beginning: { side: { kind: 'pay' } }, engine: 'silent', presses: ['Enter'] },
  'pay-changed': {
    snapshot: full,
    beginning: { side: { kind: 'pay' } },
    answers: { pay: { ok: false, code: 'changed' } },
    presses: ['Enter'],
  },
  'pay-points-only': {
    snapshot: {
      ...full,
      cart: cartOf([['g1', 1]], { ...homeResident, allowance: { ...homeResident.allowance, usable: points(90_000) } }),
      shop: selling.shop,
    },
    beginning: { side: { kind: 'pay' } },
  },
  paid: { snapshot: paidSnapshot },
  'paid-points-and-yuan': {
    snapshot: {
      ...selling,
      lastSale: { ...paid, totalFen: fen(990), requiredPoints: points(59_000), points: points(64_000), worthFen: fen(500) },
    },
  },
  'paid-no-change': {
    snapshot: {
      ...selling,
      lastSale: {
        ...paid,
        points: points(0),
        usableAfter: null,
        payments: [{ kind: 'other', fen: fen(22_260) }],
        print: { kind: 'printed' },
      },
    },
  },
  'paid-print-failed': {
    snapshot: { ...selling, lastSale: { ...paid, print: { kind: 'failed', cause: 'paper_out' } }, printJobs: [job('paper_out')] },
  },
  ...Object.fromEntries(printFailures.map((cause) => [`print-${cause}`, { snapshot: { ...full, printJobs: [job(cause), job(cause)] } }])),
  'print-unknown': { snapshot: { ...full, printJobs: [job(null)] } },
  'print-broken-off': { snapshot: { ...full, printJobs: [{ ...job('paper_out'), progress: { rows: 4_338, rowsDone: 1_770 } }] } },
  'print-broken-off-early': { snapshot: { ...full, printJobs: [{ ...job('cover_open'), progress: { rows: 4_338, rowsDone: 0 } }] } },
  'print-long-unknown': { snapshot: { ...full, printJobs: [{ ...job(null), progress: { rows: 4_338, rowsDone: 2_940 } }] } },
  recent: { snapshot: full, beginning: { view: 'recent' } },
  ...returnCases(full),
  'recent-none': { snapshot: full, beginning: { view: 'recent' }, answers: { recentSales: { sales: [], nextBeforeSeq: null } } },
  'recent-approval': {
    snapshot: full,
    beginning: { view: 'recent' },
    answers: { reprint: { ok: false, code: 'approval_needed', copy: 2 }, approve: { ok: true, value: null } },
  },
  approval: approvalCase(['Digit2', 'Digit5'], {}),
  'approval-wrong': approvalCase(['Digit1', 'Digit2', 'Digit3', 'Digit4', 'Digit5', 'Digit6'], {}),
  'approval-self': approvalCase(['Digit2'], { operators: selling.operators.slice(0, 1) }),
  'approval-nobody': approvalCase([], { operators: selling.operators.slice(0, 2) }),
  settings: { snapshot: full, beginning: { view: 'settings' } },
  'settings-sunlight': { snapshot: inSunlight, beginning: { view: 'settings' } },
  help: { snapshot: full, beginning: { view: 'help' } },
  simulated: { snapshot: simulated, beginning: { isSimulatedShown: true } },
  'simulated-office': { snapshot: simulated, beginning: { view: 'office', isSimulatedShown: true } },
  'simulated-settings': { snapshot: simulated, beginning: { view: 'settings', isSimulatedShown: true } },
  'simulated-open-shift': { snapshot: { ...simulated, shift: null, cart: cartOf([], null) }, beginning: { isSimulatedShown: true } },
  'simulated-paid': { snapshot: { ...simulated, cart: cartOf([], null), lastSale: paid }, beginning: { isSimulatedShown: true } },
};

/** What the gallery's engine answers where a case says nothing else. */
export const usualAnswers: { readonly [call: string]: unknown } = {
  searchGoods: {
    tiles: goods.map(tileOf),
    total: 90,
  },
  recentSales: {
    sales: Array.from({ length: 20 }, (_, i) => ({
      saleId: `01938f6e-0000-7000-8000-0000000001${String(i).padStart(2, '0')}`,
      receiptNumber: `琼结-03-${String(123 - i).padStart(6, '0')}`,
      at: now - i * 17 * minuteMs,
      totalFen: fen(22_260 - i * 870),
      points: points(i % 3 === 0 ? 0 : 12_050),
      cashFen: fen(i % 4 === 1 ? 0 : 21_050 - i * 870),
      otherFen: fen(i % 4 === 1 ? 21_050 - i * 870 : 0),
      copies: (i % 2) + 1,
      returned: (['none', 'part', 'all'] as const)[i % 3],
      returns: Array.from({ length: i % 3 }, (_none, n) => ({
        returnId: `01938f6e-0000-7000-8000-0000000003${String(i).padStart(2, '0')}`.replace(/.$/, String(n)),
        returnNumber: `琼结-03-T${String(40 - i - n).padStart(6, '0')}`,
        day: '2026-11-21',
        print: { kind: 'printed' },
      })),
    })),
    nextBeforeSeq: 99,
  },
  ...scaleAnswers,
  receiptPicture: null,
  reprint: { ok: true, value: { jobId: '01938f6e-0000-7000-8000-000000000009', copy: 1 } },
  simulatedThings: {
    cards: [
      { zh: '格桑（640 积分）', bo: 'སྐལ་བཟང་། སྐར་གྲངས་640', en: 'Kelsang (640 pts)', text: 'CARD1' },
      { zh: '过期的卡', bo: 'དུས་ཡོལ་བྱང་བུ།', en: 'Expired card', text: 'CARD2' },
      { zh: '假卡', bo: 'བྱང་བུ་རྫུན་མ།', en: 'Forged card', text: 'CARD3' },
    ],
    goods: goods.slice(0, 8).map(({ id, zh, bo }) => ({ zh, bo, en: id, text: id })),
  },
};

/** The case in a language, a text size and colours; without colours, in its own. */
export function caseFor(name: string, chosen: Pick<Settings, 'language' | 'textPercent'> & Partial<Settings>): GalleryCase | null {
  const found = galleryCases[name];
  if (found === undefined) return null;
  return { ...found, snapshot: found.snapshot && { ...found.snapshot, settings: { ...found.snapshot.settings, ...chosen } } };
}
