// Canned answers for the gallery: goods of a sale that come back, from the number on the receipt to the money in the hand. Not real
// data.

import { fen, points } from '../db/model/amounts.ts';
import type { ReturnQuoteView, ReturnableLine, ReturnableSale, ReturnedView } from '../electron/ipc/day-views.ts';
import type { Snapshot } from '../electron/ipc/snapshot.ts';
import type { GalleryCase } from './gallery-cases.ts';

const saleId = '01938f6e-0000-7000-8000-000000000045';
const lineOf = (n: number, line: Partial<ReturnableLine>): ReturnableLine => ({
  n,
  zh: '洗洁精',
  bo: 'སྡེར་ཁྲུས་རྫས།',
  size: '500g',
  picture: 'detergent',
  pricedIn: 'yuan',
  unitPrice: 12_50,
  totalFen: fen(12_50),
  points: points(0),
  quantity: 1,
  returned: 0,
  netGrams: null,
  ...line,
});

const sale: ReturnableSale = {
  saleId,
  receiptNumber: '琼结-03-000045',
  day: '2026-11-20',
  at: Date.parse('2026-11-20T15:12:00+08:00'),
  operatorName: '卓玛',
  residentMasked: '格***',
  totalFen: fen(136_00),
  points: points(645_00),
  cashFen: fen(86_50),
  otherFen: fen(0),
  lines: [
    lineOf(0, { quantity: 3, returned: 1, totalFen: fen(37_50), points: points(145_00) }),
    lineOf(1, {
      zh: '菜籽油（非转基因，物理压榨，一级）',
      bo: 'པད་ཁའི་སྣུམ།',
      size: '5L',
      picture: 'oil',
      unitPrice: 68_00,
      totalFen: fen(68_00),
      points: points(350_00),
    }),
    lineOf(2, {
      zh: '水杯',
      bo: null,
      size: '',
      picture: 'cup',
      pricedIn: 'points',
      unitPrice: 15_00,
      quantity: 10,
      totalFen: fen(0),
      points: points(150_00),
    }),
    lineOf(3, { zh: '苹果', bo: 'ཀུ་ཤུ།', size: '散装', picture: 'fruit', unitPrice: 9_80, totalFen: fen(18_03), netGrams: 1_840 }),
    lineOf(4, { zh: '卫生纸', bo: 'གཙང་ཤོག', size: '10卷', picture: 'paper', quantity: 2, returned: 2, totalFen: fen(24_00) }),
  ],
  isBeforeRestore: false,
  returns: [
    { returnId: '01938f6e-0000-7000-8000-000000000046', returnNumber: '琼结-03-T000004', day: '2026-11-20', print: { kind: 'printed' } },
  ],
};

const quote: ReturnQuoteView = {
  saleId,
  totalFen: fen(111_03),
  points: points(596_70),
  cashFen: fen(66_40),
  otherFen: fen(0),
  roundingFen: fen(-3),
  digest: 'gallery',
};

const returned: ReturnedView = {
  returnId: '01938f6e-0000-7000-8000-000000000047',
  returnNumber: '琼结-03-T000005',
  points: points(596_70),
  cashFen: fen(66_40),
  otherFen: fen(0),
  usableAfter: points(1_296_70),
  print: { kind: 'queued' },
};

const number = ['Digit4', 'Digit5', 'Enter'] as const;
const pin = Array.from('864209', (digit) => `Digit${digit}`);

/** The way of a return, over a snapshot of the till; keys go it, as a finger would. */
export function returnCases(till: Snapshot): { readonly [name: string]: GalleryCase } {
  const begun: GalleryCase = {
    snapshot: till,
    beginning: { view: 'recent' },
    answers: {
      findReceipt: { ok: true, value: sale },
      quoteReturn: { ok: true, value: quote },
      approve: { ok: true, value: null },
      returnGoods: { ok: true, value: returned },
    },
    touch: 'main header > button:nth-last-of-type(2)',
  };
  const chosen: GalleryCase = { ...begun, presses: [...number, 'Enter'] };
  const done: GalleryCase = { ...begun, presses: [...number, 'Enter', 'Enter', 'Digit1', ...pin] };
  return {
    'return-number': { ...begun, presses: number.slice(0, 2) },
    'return-none': { ...begun, answers: { findReceipt: { ok: false, code: 'receipt_unknown' } }, presses: number },
    'return-empty': { ...begun, presses: number },
    'return-before-restore': {
      ...begun,
      answers: { ...begun.answers, findReceipt: { ok: true, value: { ...sale, isBeforeRestore: true } } },
      presses: number,
    },
    'return-all': chosen,
    'return-why': { ...begun, presses: [...number, 'Enter', 'Enter'] },
    'return-leave': { ...begun, presses: [...number, 'Enter', 'Enter', 'Digit1'] },
    'return-done': done,
    'return-by-phone': {
      ...done,
      answers: {
        ...done.answers,
        returnGoods: { ok: true, value: { ...returned, points: points(0), cashFen: fen(0), otherFen: fen(123_456_70), usableAfter: null } },
      },
    },
    'return-silent': { ...done, engine: 'silent' },
    'return-drawer-short': { ...done, answers: { ...done.answers, returnGoods: { ok: false, code: 'drawer_short' } } },
  };
}
