// A closing that was counted for and never came: after the engine was started anew the page is told, until somebody counts again.

import { randomUUID } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import { denominations } from '../../../db/model/event.ts';
import { cashier, cashierPin } from '../../support/county.ts';
import { type Till, aTill } from '../../support/till.ts';

async function signIn(till: Till): Promise<void> {
  expect(await till.call.signIn({ operatorId: 'op2', pin: cashierPin })).toMatchObject({ ok: true });
}

async function count(till: Till): Promise<string> {
  const actId = randomUUID();
  expect(await till.call.countDrawer({ actId, purpose: 'closing', counts: denominations.map(() => 0) })).toMatchObject({ ok: true });
  return actId;
}

test('a count for a closing that the engine did not live to see is told after its start, and no more once it was counted anew', async () => {
  const till = await aTill(onTestFinished, [{ t: 'OPERATOR', operator: { ...(await cashier()), id: 'op2', name: '次仁', role: 'owner' } }]);
  await signIn(till);
  await till.call.openShift({ actId: randomUUID(), floatFen: 0, confirmedDate: null });
  expect((await till.call.closingState()).isBrokenOff).toBe(false);
  await count(till);
  expect((await till.call.closingState()).isBrokenOff).toBe(false); // the engine lives: the closing may still come
  const again = await till.powerCut();
  await signIn(again);
  expect(await again.call.closingState()).toMatchObject({ day: '2026-11-21', isBrokenOff: true });
  const countId = await count(again);
  expect((await again.call.closingState()).isBrokenOff).toBe(false);
  expect(await again.call.closeDay({ actId: randomUUID(), countId, reason: null })).toMatchObject({ ok: true });
  expect((await again.call.closingState()).isBrokenOff).toBe(false);
});
