import { randomUUID } from 'node:crypto';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { ActToApprove } from '../../../db/model/approval.ts';
import type { Operator } from '../../../db/model/catalogue.ts';
import type { DownLine } from '../../../db/model/down-file.ts';
import { cheapHash } from '../../support/cheap-pin.ts';
import { cashier, cashierPin } from '../../support/county.ts';
import { type Till, aTill, atWork } from '../../support/till.ts';
import { verdictOn } from '../../support/verify.ts';

const ownerPin = '864209';
const ownerHash = cheapHash(ownerPin);

/** An operator whose PIN is ownerPin. */
async function also(id: string, change: Partial<Operator> = {}): Promise<DownLine> {
  return { t: 'OPERATOR', operator: { id, name: '央金', role: 'owner', pinHash: ownerHash, active: true, ...change } };
}

/** The test county's cashier in another role. */
async function first(role: Operator['role']): Promise<DownLine> {
  return { t: 'OPERATOR', operator: { ...(await cashier()), role } };
}

async function atWorkWith(...more: readonly DownLine[]): Promise<Till> {
  return atWork(await aTill(onTestFinished, more));
}

/** A sale that has its first copy already: the next one needs leave. */
async function copiedSale(till: Till): Promise<string> {
  await till.call.addGoods({ goodsId: '1' });
  const { saleId, quote, digest } = till.snapshot().cart;
  const shown = { totalFen: quote.totalFen, points: quote.points, payFen: quote.dueCashFen, digest };
  expect(await till.call.pay({ saleId, shown, payment: { kind: 'cash', tenderedFen: 1_250 } })).toMatchObject({ ok: true });
  expect(await till.call.reprint({ actId: randomUUID(), saleId })).toMatchObject({ ok: true, value: { copy: 1 } });
  return saleId;
}

function approve(
  till: Till,
  act: ActToApprove,
  change: { readonly approvalId?: string; readonly operatorId?: string; readonly pin?: string } = {},
) {
  return till.call.approve({ approvalId: randomUUID(), act, operatorId: 'boss', pin: ownerPin, ...change });
}

const again = (till: Till, saleId: string, approvalId?: string) => till.call.reprint({ actId: randomUUID(), saleId, approvalId });
const isDone = { ok: true, value: null };
const isVoid = { ok: false, code: 'approval_void' };
const second = (saleId: string) => ({ kind: 'reprint', saleId, copy: 2 }) as const;

test('a second copy waits for the owner’s PIN, is then printed once, and the book says who allowed it', async () => {
  const till = await atWorkWith(await also('boss'));
  const saleId = await copiedSale(till);
  expect(await again(till, saleId)).toEqual({ ok: false, code: 'approval_needed', copy: 2 });
  const approvalId = randomUUID();
  expect(await approve(till, second(saleId), { approvalId })).toEqual(isDone);
  const act = { actId: randomUUID(), saleId, approvalId };
  const printed = await till.call.reprint(act);
  expect(printed).toMatchObject({ ok: true, value: { copy: 2 } });
  expect(await till.call.reprint(act)).toEqual(printed); // the first answer was lost
  expect(await again(till, saleId)).toEqual({ ok: false, code: 'approval_needed', copy: 3 });
  await till.stop();
  const written = till.events().filter(({ kind }) => kind === 'APPROVED' || kind === 'REPRINTED');
  expect(written.map(({ kind, id, op, body }) => ({ kind, id, op, body }))).toEqual([
    { kind: 'REPRINTED', id: expect.any(String), op: 'op1', body: { saleId, copy: 1 } },
    {
      kind: 'APPROVED',
      id: approvalId,
      op: 'op1',
      body: { act: 'reprint', digest: expect.stringMatching(/^[\w-]{43}$/), approver: 'boss', isSelf: false },
    },
    { kind: 'REPRINTED', id: act.actId, op: 'op1', body: { saleId, copy: 2, approvalId } },
  ]);
  expect(await verdictOn(till.directory)).toEqual({ kind: 'true' });
});

describe('an approval', () => {
  test('is used once: another act with it, and the same press again, are refused', async () => {
    const till = await atWorkWith(await also('boss'));
    const saleId = await copiedSale(till);
    const approvalId = randomUUID();
    expect(await approve(till, second(saleId), { approvalId })).toEqual(isDone);
    expect(await approve(till, second(saleId), { approvalId, pin: '000001' })).toEqual(isDone); // the same press: no other leave
    expect(await again(till, saleId, approvalId)).toMatchObject({ ok: true });
    expect(await again(till, saleId, approvalId)).toEqual(isVoid);
    expect(await approve(till, second(saleId), { approvalId })).toEqual(isVoid);
    await expect(approve(till, { ...second(saleId), copy: 3 }, { approvalId })).rejects.toMatchObject({ code: 'bad_call' });
  });

  test('is of one sale and one copy, and stays good for that one', async () => {
    const till = await atWorkWith(await also('boss'));
    const [saleId, otherId] = [await copiedSale(till), await copiedSale(till)];
    const [approvalId, ofThird] = [randomUUID(), randomUUID()];
    await approve(till, { ...second(saleId), copy: 3 }, { approvalId: ofThird });
    expect(await again(till, saleId, ofThird)).toEqual(isVoid);
    await approve(till, second(saleId), { approvalId });
    expect(await again(till, otherId, approvalId)).toEqual(isVoid);
    expect(await again(till, saleId, randomUUID())).toEqual(isVoid);
    expect(await again(till, saleId, approvalId)).toMatchObject({ ok: true, value: { copy: 2 } });
  });

  test('holds for 120 s of running, whatever the wall clock says', async () => {
    const till = await atWorkWith(await also('boss'));
    const saleId = await copiedSale(till);
    const [late, inTime] = [randomUUID(), randomUUID()];
    await approve(till, second(saleId), { approvalId: late });
    till.clock.turn(120_000);
    expect(await again(till, saleId, late)).toEqual(isVoid);
    await approve(till, second(saleId), { approvalId: inTime });
    till.clock.turn(119_000);
    till.clock.set(till.clock.wallMs() + 60 * 60_000);
    expect(await again(till, saleId, inTime)).toMatchObject({ ok: true });
  });

  test('is not handed on to the next operator, nor does it outlive the engine', async () => {
    const till = await atWorkWith(await also('boss'), await also('op3', { role: 'cashier' }));
    const saleId = await copiedSale(till);
    const approvalId = randomUUID();
    await approve(till, second(saleId), { approvalId });
    await till.call.signIn({ operatorId: 'op3', pin: ownerPin });
    expect(await again(till, saleId, approvalId)).toEqual(isVoid);
    await till.call.signIn({ operatorId: 'op1', pin: cashierPin });
    const after = await till.powerCut();
    expect(await again(after, saleId, approvalId)).toEqual(isVoid);
  });
});

describe('who approves', () => {
  test('an owner: nobody of another role, nobody unknown or gone, and no PIN of theirs is tried', async () => {
    const till = await atWorkWith(await also('boss'), await also('op3', { role: 'staff' }), await also('gone', { active: false }));
    const saleId = await copiedSale(till);
    for (const operatorId of ['op1', 'op3', 'gone', 'nobody'])
      expect(await approve(till, second(saleId), { operatorId })).toEqual({ ok: false, code: 'not_owner' });
    await till.stop();
    expect(till.events().filter(({ kind }) => kind === 'APPROVED' || kind === 'PIN_REFUSED')).toEqual([]);
  });

  test('a wrong PIN counts as one at sign-in does: five lock the owner for both', async () => {
    const till = await atWorkWith(await also('boss'));
    const saleId = await copiedSale(till);
    await till.call.signIn({ operatorId: 'boss', pin: '000001' });
    for (let i = 0; i < 3; i += 1)
      expect(await approve(till, second(saleId), { pin: '000001' })).toEqual({ ok: false, code: 'pin_wrong', waitMs: 0 });
    expect(await approve(till, second(saleId), { pin: '000001' })).toEqual({ ok: false, code: 'pin_locked', waitMs: 30_000 });
    expect(await approve(till, second(saleId))).toMatchObject({ ok: false, code: 'pin_locked' });
    expect(await till.call.signIn({ operatorId: 'boss', pin: ownerPin })).toMatchObject({ ok: false, code: 'pin_locked' });
    till.clock.turn(30_000);
    expect(await approve(till, second(saleId))).toEqual(isDone); // and the count begins anew
    expect(await approve(till, second(saleId), { pin: '000001' })).toEqual({ ok: false, code: 'pin_wrong', waitMs: 0 });
    await till.stop();
    expect(till.events().filter(({ kind }) => kind === 'PIN_REFUSED')).toMatchObject(
      [1, 2, 3, 4, 5, 1].map((failures) => ({ op: 'op1', body: { operator: 'boss', failures } })),
    );
  });

  test('an owner at the till needs another owner', async () => {
    const till = await atWorkWith(await first('owner'), await also('boss'));
    const saleId = await copiedSale(till);
    expect(await approve(till, second(saleId), { operatorId: 'op1' })).toEqual({ ok: false, code: 'self_approval' });
    expect(await approve(till, second(saleId))).toEqual(isDone);
  });

  test.each([
    ['the only owner, though there are cashiers', 'owner', { role: 'cashier' }],
    ['who works a shop quite alone', 'cashier', { active: false }],
  ] as const)('%s approves alone, and the book marks it', async (_, role, other) => {
    const till = await atWorkWith(await first(role), await also('boss', other), await also('old', { active: false }));
    const saleId = await copiedSale(till);
    const approvalId = randomUUID();
    expect(await approve(till, second(saleId))).toEqual({ ok: false, code: 'not_owner' });
    expect(await approve(till, second(saleId), { approvalId, operatorId: 'op1', pin: cashierPin })).toEqual(isDone);
    expect(await again(till, saleId, approvalId)).toMatchObject({ ok: true, value: { copy: 2 } });
    await till.stop();
    expect(till.events().find(({ kind }) => kind === 'APPROVED')).toMatchObject({ body: { approver: 'op1', isSelf: true } });
  });

  test('nobody, where several work and none is an owner: neither oneself nor a colleague', async () => {
    const till = await atWorkWith(await also('boss', { role: 'staff' }), await also('gone', { active: false }));
    const saleId = await copiedSale(till);
    expect(await approve(till, second(saleId), { operatorId: 'op1', pin: cashierPin })).toEqual({ ok: false, code: 'not_owner' });
    for (const operatorId of ['boss', 'gone'])
      expect(await approve(till, second(saleId), { operatorId })).toEqual({ ok: false, code: 'not_owner' });
    expect(await again(till, saleId)).toEqual({ ok: false, code: 'approval_needed', copy: 2 });
    await till.stop();
    expect(till.events().filter(({ kind }) => kind === 'APPROVED')).toEqual([]);
  });
});

test('three at once with one id are one approval', async () => {
  const till = await atWorkWith(await also('boss'));
  const saleId = await copiedSale(till);
  const approvalId = randomUUID();
  const answers = await Promise.all(Array.from({ length: 3 }, () => approve(till, second(saleId), { approvalId })));
  expect(answers).toEqual([isDone, isDone, isDone]);
  await till.stop();
  expect(till.events().filter(({ kind }) => kind === 'APPROVED')).toHaveLength(1);
});
