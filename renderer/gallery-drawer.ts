// Canned answers for the gallery: the drawer opened, filled, emptied, counted and handed over; carts put aside; the till about to lock
// itself. Not real data.

import { fen, points } from '../db/model/amounts.ts';
import type { CountedView, HeldCartView } from '../electron/ipc/day-views.ts';
import type { Snapshot } from '../electron/ipc/snapshot.ts';
import type { GalleryCase } from './gallery-cases.ts';

/** The pages, over a snapshot of a till whose cart is empty and one whose cart is full. */
export function drawerCases(till: Snapshot, full: Snapshot): { readonly [name: string]: GalleryCase } {
  const empty: Snapshot = { ...till, operator: till.operators.find(({ role }) => role === 'owner') ?? null }; // who may count in between
  const at = (touched: number, differenceFen = 0): GalleryCase => ({
    snapshot: empty,
    beginning: { view: 'drawer' },
    answers: {
      countDrawer: { ok: true, value: countedBy(differenceFen) },
      noSale: { ok: true, value: null },
      moveCash: { ok: false, code: 'approval_needed' },
      closeShift: { ok: true, value: null },
    },
    ...(touched > 0 && { touch: `main li:nth-child(${touched}) button` }),
  });
  const typed = ['Digit1', 'Digit2', 'Period', 'Digit3'];
  const nobody: Snapshot = { ...till, shift: null };
  return {
    drawer: at(0),
    'drawer-no-sale': at(1),
    'drawer-in': { ...at(2), presses: ['Digit5', 'Digit0'] },
    'drawer-out': { ...at(3), presses: ['Digit9', 'Digit9', 'Digit9', 'Digit9', 'Digit9', 'Period', 'Digit5'] },
    'drawer-count': { ...at(4), presses: typed },
    'drawer-cashier': { ...at(0), snapshot: till },
    'drawer-exact': { ...at(4), presses: [...typed, 'Enter'] },
    'drawer-over': { ...at(4, 50), presses: [...typed, 'Enter'] },
    'drawer-hand-over': { ...at(5, -1_234_50), presses: [...typed, 'Enter'] },
    'drawer-hand-over-blocked': { ...at(5), snapshot: { ...full, held: heldCarts.slice(0, 1) } },
    'till-held': { snapshot: { ...full, held: heldCarts.slice(0, 3) } },
    'till-held-empty': { snapshot: { ...empty, held: heldCarts.slice(0, 3) } },
    'till-held-ten': { snapshot: { ...empty, held: heldCarts } },
    'till-locks': { snapshot: { ...full, locksAt: Date.now() + 24_000 } },
    'open-shift-differs': {
      snapshot: {
        ...nobody,
        days: { ...nobody.days, handedOver: { businessDate: '2026-11-21', at: Date.now() - 60_000, countedFen: fen(200_000) } },
      },
      answers: { openShift: { ok: false, code: 'reason_needed', bookFen: fen(200_000) } },
      presses: ['Digit1', 'Digit2', 'Enter'],
    },
    'open-shift-large': { snapshot: nobody, presses: ['Digit9', 'Digit9', 'Enter'] },
    'open-shift-taken': {
      snapshot: nobody,
      answers: { openShift: { ok: false, code: 'approval_needed', bookFen: fen(1_234_50) } },
      presses: ['Digit3', 'Enter'],
    },
    'open-shift-ahead': {
      snapshot: { ...nobody, days: { ...nobody.days, closedThrough: '2096-11-21' } },
      presses: ['Digit3'],
    },
    'open-shift-handed-over': {
      snapshot: {
        ...nobody,
        days: { ...nobody.days, handedOver: { businessDate: '2026-11-21', at: Date.now() - 60_000, countedFen: fen(1_112_50) } },
      },
    },
  };
}

function countedBy(differenceFen: number): CountedView {
  return {
    countId: '01938f6e-0000-7000-8000-000000000051',
    countedFen: fen(200_000 + differenceFen),
    expectedFen: fen(200_000),
    differenceFen: fen(differenceFen),
  };
}

const kinds = [
  { zh: '洗洁精', bo: 'སྡེར་ཁྲུས་རྫས།', picture: 'detergent', lines: 1, totalFen: fen(12_50), requiredPoints: points(0) },
  { zh: '超浓缩天然皂粉薰衣草香型家庭装', bo: null, picture: 'detergent', lines: 14, totalFen: fen(1_236_00), requiredPoints: points(0) },
  { zh: '大米', bo: 'འབྲས།', picture: 'rice', lines: 2, totalFen: null, requiredPoints: points(0) },
  { zh: '毛巾', bo: null, picture: 'towel', lines: 3, totalFen: fen(0), requiredPoints: points(120_00) },
] as const;

const heldCarts: readonly HeldCartView[] = Array.from({ length: 10 }, (_, i) => ({
  heldId: `01938f6e-0000-7000-8000-00000000006${i}`,
  at: Date.now() - (10 - i) * 7 * 60_000,
  ...kinds[i % kinds.length]!,
}));
