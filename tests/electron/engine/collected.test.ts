import { randomUUID } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import type { Till } from '../../support/till.ts';
import { card } from '../../support/county.ts';
import { aDesk, count, deskOf } from '../../support/desk.ts';
import { verdictOn } from '../../support/verify.ts';

/** Credits so many batteries to resident 1. */
async function credited(till: Till, pieces: number): Promise<string> {
  await till.call.scan({ text: card('1') });
  expect(await count(till, 'battery', pieces)).toEqual({ ok: true, value: null });
  const { creditId, quote, digest } = deskOf(till);
  expect(await till.call.credit({ creditId, shown: { points: quote.points, digest } })).toMatchObject({ ok: true });
  return creditId;
}

async function batteries(till: Till, month: string | null = null) {
  const view = await till.call.collected({ month });
  const found = view.materials.find(({ materialId }) => materialId === 'battery')!;
  const { dayUnits, dayPoints, monthUnits, onHandUnits, lastHandOver } = found;
  return { dayUnits, dayPoints, monthUnits, onHandUnits, lastHandOver };
}

const day = 24 * 60 * 60 * 1000;
const line = (bookUnits: number, hauledUnits: number, leftUnits = 0) => ({ materialId: 'battery', bookUnits, hauledUnits, leftUnits });
const handOver = (till: Till, ...lines: ReturnType<typeof line>[]) => till.call.handOver({ actId: randomUUID(), hauler: 'C12345', lines });

test('what was credited is collected today and this month, and is on hand until the hauler took it; the difference stays written', async () => {
  const till = await aDesk(onTestFinished);
  await credited(till, 20);
  await credited(till, 11);
  expect(await batteries(till)).toEqual({ dayUnits: 31, dayPoints: 1_500, monthUnits: 31, onHandUnits: 31, lastHandOver: null });
  expect(await batteries(till, '2020-01')).toMatchObject({ dayUnits: 31, monthUnits: 0, onHandUnits: 31 });
  const act = { actId: randomUUID(), hauler: 'C12345', lines: [line(31, 25, 4)] };
  expect(await till.call.handOver(act)).toEqual({ ok: true, value: null });
  expect(await till.call.handOver(act)).toEqual({ ok: true, value: null }); // the answer was lost
  const lastHandOver = { day: till.snapshot().shift!.businessDate, hauler: 'C12345', hauledUnits: 25, missingUnits: 2 };
  expect(await batteries(till)).toEqual({ dayUnits: 31, dayPoints: 1_500, monthUnits: 31, onHandUnits: 4, lastHandOver });
  await credited(till, 6);
  expect(await batteries(till)).toMatchObject({ dayUnits: 37, onHandUnits: 10 });
  await till.stop();
  expect(till.events().filter(({ kind }) => kind === 'HANDED_OVER')).toHaveLength(1);
  expect(await verdictOn(till.directory)).toEqual({ kind: 'true' });
});

test('a hand-over of figures that the page no longer shows right, of nothing, or of a thing twice records nothing', async () => {
  const till = await aDesk(onTestFinished);
  await credited(till, 20);
  expect(await handOver(till, line(19, 19))).toEqual({ ok: false, code: 'on_hand_changed' });
  expect(await handOver(till, line(20, 0, 20))).toEqual({ ok: false, code: 'nothing_hauled' });
  expect(await handOver(till, line(20, 10), line(20, 10))).toEqual({ ok: false, code: 'material_twice' });
  expect(await handOver(till, { ...line(0, 1), materialId: 'gold' })).toEqual({ ok: false, code: 'material_unknown' });
  await expect(till.call.handOver({ actId: randomUUID(), hauler: '  ', lines: [line(20, 20)] })).rejects.toMatchObject({
    code: 'bad_call',
  });
  await expect(till.call.handOver({ actId: randomUUID(), hauler: 'C1', lines: [line(20, -1)] })).rejects.toMatchObject({
    code: 'bad_call',
  });
  expect(await batteries(till)).toMatchObject({ onHandUnits: 20, lastHandOver: null });
});

test('what was collected yesterday is not of today, and more than the book has may be hauled: the difference is below zero', async () => {
  const till = await aDesk(onTestFinished);
  await credited(till, 20);
  expect(await handOver(till, line(20, 23))).toEqual({ ok: true, value: null });
  expect(await batteries(till)).toMatchObject({ onHandUnits: 0, lastHandOver: { missingUnits: -3 } });
  till.clock.turn(day);
  await till.call.signOut();
  await till.call.signIn({ operatorId: 'op1', pin: '258036' });
  await till.call.openShift({ actId: randomUUID(), floatFen: 10_000, confirmedDate: null });
  expect(await batteries(till)).toMatchObject({ dayUnits: 0, monthUnits: 20 });
});
