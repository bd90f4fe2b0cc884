import { randomUUID } from 'node:crypto';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { DownLine } from '../../../db/model/down-file.ts';
import { hashPin } from '../../../db/model/pin.ts';
import { card } from '../../support/county.ts';
import { type Till, aTill, atWork } from '../../support/till.ts';

const second = 1_000;

/** A till at work whose looks for idleness are made by hand. */
async function aWatchedTill(more: readonly DownLine[] = []): Promise<Till> {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  return atWork(await aTill(onTestFinished, more));
}

/** Time passes, and the engine looks. The page is told within the turn. */
async function pass(till: Till, ms: number): Promise<void> {
  till.clock.turn(ms);
  vi.advanceTimersByTime(second);
  await new Promise((resolve) => setImmediate(resolve));
}

test('a till that nobody touches says so after two and a half minutes, and locks itself after three; the goods stay, the card does not', async () => {
  const till = await aWatchedTill();
  await till.call.scan({ text: card('1') });
  await till.call.addGoods({ goodsId: '1' });
  await pass(till, 149 * second);
  expect(till.snapshot().locksAt).toBeNull();
  await pass(till, second);
  expect(till.snapshot()).toMatchObject({ locksAt: till.clock.wallMs() + 30 * second, operator: { id: 'op1' } });
  await pass(till, 29 * second);
  expect(till.snapshot().operator).not.toBeNull();
  await pass(till, second);
  expect(till.snapshot()).toMatchObject({ operator: null, shift: null, locksAt: null, cart: { resident: null } });
  expect(till.snapshot().cart.quote.lines).toHaveLength(1);
  await till.call.signIn({ operatorId: 'op1', pin: '258036' });
  expect(till.snapshot()).toMatchObject({ shift: { businessDate: '2026-11-21' }, cart: { resident: null, isCardMissing: true } });
  await till.stop();
  expect(till.events().flatMap((event) => (event.kind === 'OPERATOR_OUT' ? [event.body] : []))).toEqual([
    { operator: 'op1', cause: 'idle' },
    { operator: 'op1' },
  ]);
});

test('a crash brings the operator back, and the time without a touch runs on over it', async () => {
  const till = await aWatchedTill();
  await till.call.addGoods({ goodsId: '1' });
  await pass(till, 100 * second);
  const again = await till.powerCut();
  expect(again.snapshot()).toMatchObject({ operator: { id: 'op1' }, locksAt: null });
  await pass(again, 50 * second);
  expect(again.snapshot()).toMatchObject({ operator: { id: 'op1' }, locksAt: again.clock.wallMs() + 30 * second });
  await pass(again, 30 * second);
  expect(again.snapshot()).toMatchObject({ operator: null, locksAt: null });
});

test('the page is told that the till locked itself, whose shift goes on, and after the sign-in who opened it', async () => {
  const operator = { id: 'op2', name: '次仁', role: 'cashier', pinHash: await hashPin('864209'), active: true } as const;
  const till = await aWatchedTill([{ t: 'OPERATOR', operator }]);
  await till.call.addGoods({ goodsId: '1' });
  const { shift } = till.snapshot();
  expect(shift).toMatchObject({ openedBy: 'op1' });
  expect(till.snapshot().left).toBeNull();
  await pass(till, 150 * second);
  await pass(till, 30 * second);
  expect(till.snapshot().left).toEqual({ shift, lockedAt: till.clock.wallMs() });
  const again = await till.powerCut();
  expect(again.snapshot().left).toEqual({ shift, lockedAt: till.clock.wallMs() }); // by the book
  await again.call.signIn({ operatorId: 'op2', pin: '864209' });
  expect(again.snapshot()).toMatchObject({ operator: { id: 'op2' }, shift: { openedBy: 'op1' }, left: null });
  await again.call.signOut();
  expect(again.snapshot().left).toEqual({ shift, lockedAt: null });
});

test.each([
  ['the key that says so', (till: Till) => till.call.stillHere()],
  ['any call that a person makes', (till: Till) => till.call.searchGoods({ query: '', category: null, offset: 0 })],
  ['a scan', (till: Till) => till.call.scan({ text: '2000000000001' })],
  ['the scanner on the counter', (till: Till) => till.call.simulateScan({ text: '2000000000001' })],
] as const)('%s takes the warning back and begins anew', async (_, touch) => {
  const till = await aWatchedTill();
  await pass(till, 150 * second);
  expect(till.snapshot().locksAt).not.toBeNull();
  await touch(till);
  await till.until(({ locksAt }) => locksAt === null);
  await pass(till, 149 * second);
  expect(till.snapshot()).toMatchObject({ locksAt: null, operator: { id: 'op1' } });
});

test('what a page asks by itself is no touch', async () => {
  const till = await aWatchedTill();
  await pass(till, 149 * second);
  await till.call.snapshot();
  await pass(till, second);
  expect(till.snapshot().locksAt).not.toBeNull();
});

test('a machine that slept for hours warns for half a minute before it locks', async () => {
  const till = await aWatchedTill();
  await pass(till, 8 * 60 * 60 * second);
  expect(till.snapshot()).toMatchObject({ operator: { id: 'op1' } });
  expect(till.snapshot().locksAt).not.toBeNull();
  await pass(till, 30 * second);
  expect(till.snapshot().operator).toBeNull();
});

test('a wall clock that is put forward locks nothing', async () => {
  const till = await aWatchedTill();
  till.clock.set(till.clock.wallMs() + 60 * 60 * second);
  vi.advanceTimersByTime(5 * second);
  await till.call.snapshot();
  expect(till.snapshot()).toMatchObject({ operator: { id: 'op1' }, locksAt: null });
});

test('a call that is not answered yet holds the lock off, and leaves half a minute when it ends', async () => {
  const owner = { id: 'op2', name: '次仁', role: 'owner', pinHash: await hashPin('864209'), active: true } as const;
  const till = await aWatchedTill([{ t: 'OPERATOR', operator: owner }]);
  const signing = till.call.approve({
    approvalId: randomUUID(),
    act: { kind: 'pay_out', fen: 100, reason: 'bank' },
    operatorId: 'op2',
    pin: '864209',
  }); // a PIN takes a fifth of a second to hash
  await new Promise((resolve) => setImmediate(resolve));
  for (let i = 0; i < 5; i += 1) await pass(till, 60 * second);
  expect(till.snapshot()).toMatchObject({ operator: { id: 'op1' }, locksAt: null });
  await signing;
  await pass(till, 149 * second);
  expect(till.snapshot().locksAt).toBeNull();
});
