// Past sales of which goods came back: the list says how much, and has each return with its slip.

import { randomUUID } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import { anOwner, broughtBack, soldAt } from '../../support/returns.ts';
import { type Till, aTill, atWork } from '../../support/till.ts';

async function bringBack(till: Till, saleId: string, lines: { n: number; quantity: number }[]): Promise<string> {
  const returned = await broughtBack(till, saleId, lines);
  if (!returned.ok) throw new Error(returned.code);
  return returned.value.returnId;
}

test('a sale is marked by what came back of it, and each return is there with its number and its slip', async () => {
  const till = await atWork(await aTill(onTestFinished, [await anOwner()]));
  const saleId = await soldAt(till, { goods: [['1', 2]] });
  await till.call.nextCustomer();
  const listed = async () =>
    (await till.call.recentSales({ beforeSeq: null })).sales.map(({ returned, returns }) => ({ returned, returns }));
  expect(await listed()).toEqual([{ returned: 'none', returns: [] }]);
  const first = await bringBack(till, saleId, [{ n: 0, quantity: 1 }]);
  const day = '2026-11-21';
  const slip = (returnId: string, counter: number) => ({
    returnId,
    returnNumber: `qj-03-T00000${counter}`,
    day,
    print: { kind: expect.any(String) as string },
  });
  expect(await listed()).toMatchObject([{ returned: 'part', returns: [slip(first, 1)] }]);
  const second = await bringBack(till, saleId, [{ n: 0, quantity: 1 }]);
  expect(await listed()).toMatchObject([{ returned: 'all', returns: [slip(first, 1), slip(second, 2)] }]);
  const found = await till.call.findReceipt({ saleId });
  expect(found).toMatchObject({ ok: true, value: { returns: [slip(first, 1), slip(second, 2)] } });
  expect(await till.call.receiptPicture({ saleId: second })).toMatch(/^iVBOR/); // a PNG
  expect(await till.call.reprint({ actId: randomUUID(), saleId: second })).toMatchObject({ ok: true, value: { copy: 1 } });
});
