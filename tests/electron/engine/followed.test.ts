// Who is at the till when a file of the county comes: their new role holds from the next act on, and one who works here no more
// leaves the till as by signing out. And who leaves while what they asked for is still summed.

import { createHash, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { fen } from '../../../db/model/amounts.ts';
import type { Operator } from '../../../db/model/catalogue.ts';
import { openDay, piecesOf } from '../../support/closing.ts';
import { card, cashier, cashierPin, deliver, header, writeDown } from '../../support/county.ts';
import { anOwner, leaveFor } from '../../support/returns.ts';
import { reopened } from '../../support/book.ts';
import { type Till, aTill, atWork, startTill } from '../../support/till.ts';
import { verdictOn } from '../../support/verify.ts';

/** The county’s second file says this of an operator; waits until the till has it. */
async function told(till: Till, operator: Operator): Promise<void> {
  const folder = join(till.directory, 'from-county');
  const first = createHash('sha256')
    .update(gunzipSync(readFileSync(join(folder, '00000001.jsonl.gz'))))
    .digest('base64url');
  const { path } = await writeDown(folder, header(2, first), [{ t: 'OPERATOR', operator }]);
  deliver(till.home, path);
  await expect.poll(() => till.snapshot().exchange.lastDownSeq, { timeout: 20_000 }).toBe(2);
}

async function closeDay(till: Till) {
  const answer = await till.call.countDrawer({ actId: randomUUID(), purpose: 'closing', counts: [...piecesOf(10_000)] });
  if (!answer.ok) throw new Error(answer.code);
  const { countId } = answer.value;
  return { countId, closed: await till.call.closeDay({ actId: randomUUID(), countId, reason: null }) };
}

test.each([
  ['an owner becomes a cashier', 'owner', 'cashier'],
  ['a cashier becomes an owner', 'cashier', 'owner'],
] as const)('%s: by that role their next act is done, and found by verify', async (_, before, after) => {
  const op2: Operator = { ...(await cashier()), id: 'op2', name: '次仁', role: before };
  const till = await aTill(onTestFinished, [await anOwner(), { t: 'OPERATOR', operator: op2 }]);
  await till.call.signIn({ operatorId: 'op2', pin: cashierPin });
  expect(await till.call.openShift({ actId: randomUUID(), floatFen: 10_000, confirmedDate: null })).toMatchObject({ ok: true });
  await told(till, { ...op2, name: '次仁旺堆', role: after });
  expect(till.snapshot().operator).toEqual({ id: 'op2', name: '次仁旺堆', role: after });
  if (after === 'cashier')
    await expect(till.call.prepareSettlement({ actId: randomUUID() })).rejects.toMatchObject({ code: 'not_allowed' });
  const { countId, closed } = await closeDay(till);
  if (after === 'owner') expect(closed).toMatchObject({ ok: true });
  else {
    expect(closed).toEqual({ ok: false, code: 'approval_needed' });
    const approvalId = await leaveFor(till, { kind: 'close_day', day: '2026-11-21', countId });
    expect(await till.call.closeDay({ actId: randomUUID(), countId, reason: null, approvalId })).toMatchObject({ ok: true });
  }
  await till.stop();
  expect(await verdictOn(till.directory)).toEqual({ kind: 'true' });
});

test('one who works here no more is signed out with the card that lay there; the goods and the shift wait for the next', async () => {
  const op2: Operator = { ...(await cashier()), id: 'op2', name: '次仁', role: 'cashier' };
  const till = await atWork(await aTill(onTestFinished, [await anOwner(), { t: 'OPERATOR', operator: op2 }]));
  await till.call.scan({ text: card('1') });
  await till.call.addGoods({ goodsId: '1' });
  await told(till, { ...(await cashier()), active: false });
  expect(till.snapshot()).toMatchObject({ operator: null, shift: null, cart: { resident: null, quote: { lines: [{}] } } });
  await till.call.signIn({ operatorId: 'op2', pin: cashierPin });
  expect(till.snapshot()).toMatchObject({ shift: { businessDate: '2026-11-21' }, cart: { resident: null } });
  await till.stop();
  const outs = till.events().flatMap((event) => (event.kind === 'OPERATOR_OUT' ? [event.body] : []));
  expect(outs).toEqual([{ operator: 'op1', cause: 'removed' }, { operator: 'op2' }]);
  expect(await verdictOn(till.directory)).toEqual({ kind: 'true' });
});

test('who signs out while a long day is summed has closed nothing, and the till goes on', async () => {
  const off = await aTill(onTestFinished, [await anOwner()]);
  await off.stop();
  const book = reopened(off.home, off.clock);
  openDay(book, '2026-11-20', 'op1');
  const act = { day: '2026-11-20', op: 'op1' } as const;
  const body = { direction: 'in', fen: 10_000, reason: 'change', note: '', approvalId: null } as const;
  book.transact(({ append }) => {
    for (let i = 0; i < 6_000; i += 1) append({ kind: 'REFUSED', body: { code: 'empty' }, id: randomUUID(), ...act, command: i });
    append({ kind: 'CASH_MOVED', body: { ...body, fen: fen(10_000) }, id: randomUUID(), ...act, command: 'in' });
  });
  book.close();
  const till = await startTill(onTestFinished, off.directory, off.clock);
  await till.call.signIn({ operatorId: 'op1', pin: cashierPin });
  const answer = await till.call.countDrawer({ actId: randomUUID(), purpose: 'closing', counts: [...piecesOf(10_000)] });
  if (!answer.ok) throw new Error(answer.code);
  const closing = till.call.closeDay({ actId: randomUUID(), countId: answer.value.countId, reason: null });
  const refused = expect(closing).rejects.toMatchObject({ code: 'not_allowed' });
  await till.call.signOut();
  await refused;
  expect((await till.call.snapshot()).status).toEqual({ kind: 'selling' });
});
