// An earlier closing printed again: the same dots as then, under a band that says copy, whatever the shop has changed since.

import { randomUUID } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import { denominations } from '../../../db/model/event.ts';
import type { Raster } from '../../../db/model/receipt.ts';
import { pngToRaster } from '../../../hardware/printer/png.ts';
import { cashier, cashierPin, scheme } from '../../support/county.ts';
import { aTill } from '../../support/till.ts';

/** Rows of dots that are not white, as text. */
function inkedRows({ width, height, bits }: Raster): readonly string[] {
  const bytes = width / 8;
  return Array.from({ length: height }, (_, y) => Buffer.from(bits.subarray(y * bytes, (y + 1) * bytes)).toString('hex')).filter(
    (row) => !/^0*$/.test(row),
  );
}

test('a closing that is printed again after the language and the day changed has the same dots under its band', async () => {
  const till = await aTill(onTestFinished, [
    { t: 'SCHEME', scheme: { ...scheme, version: 2, settlement: { cycle: 'month' } } },
    { t: 'OPERATOR', operator: { ...(await cashier()), id: 'op2', name: '次仁', role: 'owner' } },
  ]);
  const paper: Raster[] = [];
  till.on('paper', ({ png }) => void paper.push(pngToRaster(Buffer.from(png, 'base64'))));
  await till.call.signIn({ operatorId: 'op2', pin: cashierPin });
  await till.call.openShift({ actId: randomUUID(), floatFen: 0, confirmedDate: null });
  await till.until(({ printer }) => printer.state === 'ready');
  const countId = randomUUID();
  await till.call.countDrawer({ actId: countId, purpose: 'closing', counts: denominations.map(() => 0) });
  const closeId = randomUUID();
  expect(await till.call.closeDay({ actId: closeId, countId, reason: null })).toMatchObject({ ok: true });
  await expect.poll(() => paper.length).toBe(1);

  await till.call.setSettings({ language: 'bo', textPercent: 150 });
  till.clock.turn(24 * 60 * 60 * 1000);
  const { actId } = (await till.call.period({ number: 1 }))!;
  expect(await till.call.reprint({ actId: randomUUID(), saleId: actId! })).toMatchObject({ ok: true, value: { copy: 1 } });
  await expect.poll(() => paper.length).toBe(2);

  const [first, copy] = paper.map(inkedRows) as [readonly string[], readonly string[]];
  expect(copy.length).toBeGreaterThan(first.length); // the band
  expect(copy.slice(-first.length)).toEqual(first);
});
