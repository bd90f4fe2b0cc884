// The paper of an act that prints none by itself: what is asked for first is the paper, and only then are there copies of it.

import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { denominations } from '../../../db/model/event.ts';
import { openReadable } from '../../../db/sqlite.ts';
import { cashier, cashierPin, scheme } from '../../support/county.ts';
import { type Till, aTill } from '../../support/till.ts';
import { verdictOn } from '../../support/verify.ts';

/** A settlement made with its closing, after which no shift is open. Its act's id. */
async function settled(till: Till): Promise<string> {
  await till.call.signIn({ operatorId: 'op2', pin: cashierPin });
  await till.call.openShift({ actId: randomUUID(), floatFen: 0, confirmedDate: null });
  const countId = randomUUID();
  await till.call.countDrawer({ actId: countId, purpose: 'closing', counts: denominations.map(() => 0) });
  expect(await till.call.closeDay({ actId: randomUUID(), countId, reason: null })).toMatchObject({ ok: true });
  const { settlements } = await till.call.settlements({ beforeNumber: null });
  expect(settlements.map(({ isPrinted }) => isPrinted)).toEqual([false]);
  return settlements[0]!.actId;
}

function copiesOf(till: Till, number: string): readonly number[] {
  const db = openReadable(till.home.book);
  try {
    return db
      .prepare<[string], { copy: number }>('SELECT copy FROM print_job WHERE number = ? ORDER BY copy')
      .all(number)
      .map(({ copy }) => copy);
  } finally {
    db.close();
  }
}

test('a settlement is printed for the first time without a mark, an act or leave; after that there are copies', async () => {
  const till = await aTill(onTestFinished, [
    { t: 'SCHEME', scheme: { ...scheme, version: 2, settlement: { cycle: 'day' } } },
    { t: 'OPERATOR', operator: { ...(await cashier()), id: 'op2', name: '次仁', role: 'owner' } },
  ]);
  const saleId = await settled(till);
  await till.until(({ printer }) => printer.state === 'ready');
  const first = { actId: randomUUID(), saleId };
  const printed = await till.call.reprint(first);
  expect(printed).toEqual({ ok: true, value: { jobId: first.actId, copy: 0 } });
  expect(await till.call.reprint(first)).toEqual(printed); // the answer was lost, and the press is the same
  expect((await till.call.settlements({ beforeNumber: null })).settlements[0]!.isPrinted).toBe(true);
  expect(await till.call.reprint({ actId: randomUUID(), saleId })).toMatchObject({ ok: true, value: { copy: 1 } });
  expect(await till.call.reprint(first)).toEqual(printed); // however late it comes
  expect(await till.call.reprint({ actId: randomUUID(), saleId })).toEqual({ ok: false, code: 'approval_needed', copy: 2 });
  expect(await till.call.reprint({ actId: randomUUID(), saleId: randomUUID() })).toEqual({ ok: false, code: 'sale_unknown' });
  const archived = join(till.home.receipts, '2026-11-21', 'qj-03-J000001.png'); // as the first one is printed
  await expect.poll(() => existsSync(archived), { timeout: 20_000 }).toBe(true);
  await till.stop();
  expect(copiesOf(till, 'qj-03-J000001')).toEqual([0, 1]);
  expect(till.events().flatMap((event) => (event.kind === 'REPRINTED' ? [event.body] : []))).toEqual([{ saleId, copy: 1 }]);
  expect(await verdictOn(till.directory)).toEqual({ kind: 'true' });
});
