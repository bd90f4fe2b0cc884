// A till that was put back from a backup: its papers say so, what is older than the backup comes back only at the county, and words of
// the county for what was lost fall on nothing of it.

import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { makeBackup } from '../../../db/backup.ts';
import { leafOf } from '../../../db/book.ts';
import { fen } from '../../../db/model/amounts.ts';
import { canonical, type Plain } from '../../../db/model/canonical.ts';
import type { DownLine } from '../../../db/model/down-file.ts';
import { recoveryCodeOf } from '../../../db/recovery-code.ts';
import { incarnationLeaf, lastDown } from '../../../db/reference.ts';
import { restoreHome } from '../../../db/restore.ts';
import { readKeptFrames } from '../../../hardware/scale/kept-frames.ts';
import { reopened } from '../../support/book.ts';
import { piecesOf } from '../../support/closing.ts';
import { apply, cashier, cashierPin, header, scheme, temporary, writeDown } from '../../support/county.ts';
import { anOwner, broughtBack, codeOf, leaveFor, soldAt } from '../../support/returns.ts';
import { type Till, aTill, startTill } from '../../support/till.ts';
import { verdictOn } from '../../support/verify.ts';

async function aShop(): Promise<Till> {
  const rules: DownLine = {
    t: 'SCHEME',
    scheme: { ...scheme, version: 2, settlement: { cycle: 'day' }, groups: [...scheme.groups] },
  };
  const owner: DownLine = { t: 'OPERATOR', operator: { ...(await cashier()), id: 'op2', name: '次仁', role: 'owner' } };
  return atWork(await aTill(onTestFinished, [rules, owner, await anOwner()]));
}

/** The owner signs in and opens a day, whatever date it must be. */
async function atWork(till: Till): Promise<Till> {
  const signed = await till.call.signIn({ operatorId: 'op2', pin: cashierPin });
  if (!signed.ok) throw new Error(signed.code);
  const opened = (confirmedDate: string | null) => till.call.openShift({ actId: randomUUID(), floatFen: 10_000, confirmedDate });
  const first = await opened(null);
  const open = !first.ok && first.code === 'confirm_date' ? await opened(first.businessDate) : first;
  if (!open.ok) throw new Error(open.code);
  return till;
}

async function closeDay(till: Till): Promise<string> {
  const count = async (fenCounted: number) => {
    const counted = await till.call.countDrawer({ actId: randomUUID(), purpose: 'closing', counts: [...piecesOf(fenCounted)] });
    if (!counted.ok) throw new Error(counted.code);
    return counted.value;
  };
  const { countId } = await count((await count(10_000)).expectedFen);
  const closed = await till.call.closeDay({ actId: randomUUID(), countId, reason: null });
  if (!closed.ok) throw new Error(closed.code);
  return closed.value.closingNumber;
}

/** The book as it stands, in a backup: how to put it back, a new home each time. */
async function backedUp(till: Till): Promise<() => Promise<Till>> {
  await till.stop();
  const { home, clock } = till;
  const newest = till.events().at(-1)!;
  const place = join(temporary(onTestFinished), 'stick');
  mkdirSync(place);
  const { county, store, kiosk, inc, seq: throughSeq } = newest;
  const leaf = leafOf(canonical(newest as unknown as Plain)).toString('base64url'); // plain data: it came out of JSON.parse
  const code = recoveryCodeOf(home);
  const facts = { county, store, kiosk, inc, throughSeq, leaf, at: clock.wallMs(), software: 'test' };
  const made = await makeBackup({ home, bookCopy: home.book, place, code, facts });
  if (!made.ok) throw new Error(made.code);
  return async () => {
    const directory = join(temporary(onTestFinished), 'home');
    const from = join(place, made.value.file);
    const restored = await restoreHome({ from, directory, code, clock, decode: readKeptFrames, report: () => {} });
    if (!restored.ok) throw new Error(`${restored.code}: ${restored.detail}`);
    return startTill(onTestFinished, directory, clock);
  };
}

/** Between two starts the county's next file is applied. */
async function countySays(till: Till, lines: readonly DownLine[]): Promise<Till> {
  await till.stop();
  const book = reopened(till.home, till.clock);
  const last = lastDown(book.db)!; // the county's first file came with the till
  const { inc } = book.head();
  const head = header(last.downSeq + 1, last.sha256, { inc, incLeaf: incarnationLeaf(book.db)! });
  const { path } = await writeDown(join(till.directory, 'from-county'), head, lines);
  expect(await apply(till.home, book, path)).toMatchObject({ kind: 'applied' });
  book.close();
  return startTill(onTestFinished, till.directory, till.clock);
}

const word = (inc: number | null, number: number, reference: string): DownLine => ({
  t: 'SETTLEMENT',
  ...(inc === null ? {} : { inc }),
  number,
  state: 'accepted',
  day: '2026-11-23',
  paidFen: null,
  reference,
});

test('its papers carry the incarnation, each counter goes on, and all of it verifies', async () => {
  const first = await aShop();
  const sale = await soldAt(first, { goods: [['1', 3]] });
  expect(await broughtBack(first, sale, [{ n: 0, quantity: 1 }])).toMatchObject({ ok: true, value: { returnNumber: 'qj-03-T000001' } });
  expect(await closeDay(first)).toBe('qj-03-Z000001');
  const restore = await backedUp(first);
  const till = await atWork(await restore());
  const sold = await soldAt(till, { goods: [['1', 2]] });
  const found = { ok: true, value: { saleId: sold, receiptNumber: 'qj-03.2-000002', isBeforeRestore: false } };
  for (const text of [codeOf(till, sold), 'qj-03.2-000002', '2', '000002'])
    expect(await till.call.findReceipt({ text })).toMatchObject(found);
  expect(await till.call.findReceipt({ text: 'qj-03-000002' })).toEqual({ ok: false, code: 'receipt_unknown' }); // one of those lost
  expect(await till.call.findReceipt({ text: 'qj-03.2-000003' })).toEqual({ ok: false, code: 'receipt_unknown' });
  expect(await broughtBack(till, sold, [{ n: 0, quantity: 1 }])).toMatchObject({ ok: true, value: { returnNumber: 'qj-03.2-T000002' } });
  expect(await closeDay(till)).toBe('qj-03.2-Z000002');
  const { settlements } = await till.call.settlements({ beforeNumber: null });
  expect(settlements.map(({ settlementNumber }) => settlementNumber)).toEqual(['qj-03.2-J000002', 'qj-03-J000001']);
  await till.stop();
  expect(await verdictOn(till.directory)).toEqual({ kind: 'true' });
  const again = await (await backedUp(till))();
  await atWork(again);
  await soldAt(again, { goods: [['1', 1]] });
  expect(await again.call.findReceipt({ text: '3' })).toMatchObject({ ok: true, value: { receiptNumber: 'qj-03.3-000003' } });
  expect(await again.call.findReceipt({ text: '2' })).toMatchObject({ ok: true, value: { saleId: sold, isBeforeRestore: true } });
  await again.stop();
  expect(await verdictOn(again.directory)).toEqual({ kind: 'true' });
});

test('goods sold before it are shown and not returned: they may have come back in the time that was lost', async () => {
  const first = await aShop();
  const saleId = await soldAt(first, { resident: '1', goods: [['1', 2]], points: 10_000 });
  const code = codeOf(first, saleId);
  const restore = await backedUp(first);
  const till = await restore();
  await till.call.signIn({ operatorId: 'op2', pin: cashierPin }); // the shift of the backup goes on
  const shown = { ok: true, value: { saleId, receiptNumber: 'qj-03-000001', isBeforeRestore: true } };
  for (const text of [code, 'qj-03-000001', '1']) expect(await till.call.findReceipt({ text })).toMatchObject(shown);
  const lines = [{ n: 0, quantity: 2 }];
  const refused = { ok: false, code: 'receipt_before_restore' };
  expect(await till.call.quoteReturn({ saleId, lines })).toEqual(refused);
  const quote = { points: 10_000, cashFen: 1_500, otherFen: 0, digest: 'A'.repeat(43) };
  const { digest, points } = quote;
  const approvalId = await leaveFor(till, { kind: 'return', saleId, digest, points, moneyFen: 1_500 });
  const asked = { actId: randomUUID(), saleId, lines, reason: 'faulty', shown: quote, approvalId } as const;
  expect(await till.call.returnGoods(asked)).toEqual(refused);
  await till.stop();
  expect(till.events().filter(({ kind }) => kind === 'RETURNED')).toEqual([]);
  expect(await verdictOn(till.directory)).toEqual({ kind: 'true' });
});

test('a word of the county is of the settlement that was there when it came, by number and incarnation; else it is stray for ever', async () => {
  const first = await aShop();
  await soldAt(first, { resident: '1', goods: [['1', 1]], points: 5_000 });
  await closeDay(first);
  const restore = await backedUp(first);
  let till = await countySays(await restore(), [word(null, 1, 'of J1'), word(null, 2, 'of the lost J2'), word(2, 2, 'too early')]);
  await atWork(till);
  await soldAt(till, { goods: [['1', 1]] });
  await closeDay(till);
  const said = async () => {
    const { settlements, strayWords } = await till.call.settlements({ beforeNumber: null });
    return {
      here: settlements.map(({ settlementNumber, state, states }) => [settlementNumber, state, states.map(({ reference }) => reference)]),
      stray: strayWords.map(({ inc, number, reference }) => [inc, number, reference]),
    };
  };
  const stray = [
    [2, 2, 'too early'],
    [1, 2, 'of the lost J2'],
  ];
  expect(await said()).toEqual({
    here: [
      ['qj-03.2-J000002', 'prepared', []],
      ['qj-03-J000001', 'accepted', ['of J1']],
    ],
    stray,
  });
  till = await countySays(till, [word(null, 2, 'of the lost J2'), word(2, 2, 'of J2'), word(2, 1, 'of none')]);
  await till.call.signIn({ operatorId: 'op2', pin: cashierPin });
  expect(await said()).toEqual({
    here: [
      ['qj-03.2-J000002', 'accepted', ['of J2']],
      ['qj-03-J000001', 'accepted', ['of J1']],
    ],
    stray: [[2, 1, 'of none'], ...stray],
  });
  await till.stop();
  expect(await verdictOn(till.directory)).toEqual({ kind: 'true' });
});

test('a word that came before the settlement of its number pays nothing of it', async () => {
  const paid: DownLine = { t: 'SETTLEMENT', number: 1, state: 'paid', day: '2026-11-01', paidFen: fen(3_000), reference: 'OLD' };
  const till = await aTill(onTestFinished, [
    { t: 'SCHEME', scheme: { ...scheme, version: 2, settlement: { cycle: 'day' }, groups: [...scheme.groups] } },
    { t: 'OPERATOR', operator: { ...(await cashier()), id: 'op2', name: '次仁', role: 'owner' } },
    paid,
  ]);
  await atWork(till);
  await soldAt(till, { resident: '1', goods: [['1', 1]], points: 10_000 });
  await closeDay(till);
  const { settlements, strayWords } = await till.call.settlements({ beforeNumber: null });
  expect(settlements).toMatchObject([{ number: 1, state: 'prepared', doubts: [], states: [] }]);
  expect(strayWords).toEqual([{ inc: 1, number: 1, state: 'paid', day: '2026-11-01', paidFen: 3_000, reference: 'OLD' }]);
  await till.stop();
  expect(await verdictOn(till.directory)).toEqual({ kind: 'true' });
});
