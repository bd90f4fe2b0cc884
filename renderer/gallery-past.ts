// Canned answers for the gallery: credits already given and taking them back, what was collected and handing it over. Not real data.

import { points } from '../db/model/amounts.ts';
import type { Material } from '../db/model/recycling.ts';
import type { CollectedView, CreditLineView, CreditSummary, MaterialTotals, Snapshot } from '../electron/ipc/snapshot.ts';
import type { GalleryCase } from './gallery-cases.ts';

/** The pages, over a snapshot of the desk and what its county takes in. */
export function pastCases(
  desk: Snapshot,
  materials: readonly Material[],
  lines: readonly CreditLineView[],
): { readonly [name: string]: GalleryCase } {
  const answers = {
    recentCredits: creditsOf(materials, lines),
    approve: { ok: true, value: null },
    reverseCredit: { ok: true, value: 'disputed' },
  };
  const credits: GalleryCase = { snapshot: desk, beginning: { view: 'credits' }, answers, touch: 'main li button' };
  const collected: GalleryCase = {
    snapshot: desk,
    beginning: { view: 'collected' },
    answers: { collected: collectedOf(materials), handOver: { ok: false, code: 'on_hand_changed' } },
  };
  const handOver: GalleryCase = { ...collected, touch: 'main header button[class*="main"]' };
  return {
    credits,
    'credits-none': { ...credits, answers: { recentCredits: { credits: [], pictures: {}, nextBeforeSeq: null } } },
    'credits-silent': { ...credits, engine: 'silent' },
    'credits-reversed': { ...credits, touch: 'main li:nth-child(3) button' },
    'credits-disputed': { ...credits, touch: 'main li:nth-child(6) button' },
    'recent-beside-desk': { snapshot: { ...desk, place: 'till' }, beginning: { view: 'recent' } },
    collected,
    'collected-month': { ...collected, answers: { collected: { ...collectedOf(materials), month: '2026-02' } } },
    'hand-over': { ...handOver, presses: ['KeyD', 'Digit6', 'Digit1', 'KeyK'] },
    'hand-over-none': { ...handOver, presses: ['KeyD', 'Digit6', 'Enter', 'Digit0', 'Enter', 'Digit4', 'Digit0'] },
    'hand-over-typed': {
      ...handOver,
      presses: ['KeyD', 'Digit6', 'Enter', 'Digit4', 'Digit0', 'Enter', 'Digit2', 'Enter', 'Digit9', 'Digit9', 'Enter', 'Enter', 'Digit2'],
    },
  };
}

const minuteMs = 60_000;

function creditsOf(materials: readonly Material[], lines: readonly CreditLineView[]) {
  return {
    credits: Array.from({ length: 8 }, (_, i): CreditSummary => ({
      creditId: `01938f6e-0000-7000-8000-0000000003${String(i).padStart(2, '0')}`,
      ticketNumber: `琼结-03-R0000${45 - i}`,
      at: Date.now() - i * 23 * minuteMs,
      residentMasked: i % 2 === 0 ? '格***' : 'བསྟན***',
      lines: lines.slice(0, (i % 3) + 1),
      points: points(i === 4 ? 12_700_00 : (i + 1) * 31_00),
      standing: i === 2 ? 'reversed' : i === 5 ? 'disputed' : 'given',
      copies: i % 2,
    })),
    pictures: Object.fromEntries(materials.map(({ id, picture }) => [id, picture])),
    nextBeforeSeq: 99,
  };
}

/** Much of one, nothing of another, less than nothing of a third, and each kind of difference. */
function collectedOf(materials: readonly Material[]): CollectedView {
  const totals = materials.map(({ id, zh, bo, picture, measuredBy, hazardous }, i): MaterialTotals => {
    const units = i === 2 ? 0 : (i + 1) * 41_370;
    return {
      materialId: id,
      zh,
      bo,
      picture,
      measuredBy,
      hazardous,
      dayUnits: Math.floor(units / 40),
      dayPoints: points(Math.floor(units / 40)),
      monthUnits: units,
      monthPoints: points(units * 2),
      onHandUnits: i === 2 ? 0 : i === 4 ? -350 : units,
      lastHandOver:
        i > 4 ? null : { day: '2026-10-28', hauler: 'D61K83', hauledUnits: 1_204_500, missingUnits: [1_500, -800, 0, 12_000, 0][i]! },
    };
  });
  return { day: '2026-11-21', month: '2026-11', materials: totals };
}
