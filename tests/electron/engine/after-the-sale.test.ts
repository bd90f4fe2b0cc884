// What is left of a sale: on the screen until the next customer, on the paper, in the archive and in the preview.

import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startEngine } from '../../../electron/engine/engine.ts';
import type { Contract } from '../../../electron/ipc/contract.ts';
import { type Client, connect } from '../../../electron/ipc/rpc.ts';
import type { Events, PaidView, Snapshot } from '../../../electron/ipc/snapshot.ts';
import { wirePair } from '../../../electron/ipc/wire.ts';
import type { Raster } from '../../../db/model/receipt.ts';
import { pngToRaster } from '../../../hardware/printer/png.ts';
import { card, cashierPin, enrol, handClock, makeKiosk, temporary } from '../../support/county.ts';
import { openShiftToday } from '../../support/open-shift.ts';

type Call = Client<Contract>;

/** A till at work, and the paper its simulated printer gave so far. */
async function aTillWithPaper(): Promise<{ readonly call: Call; readonly receipts: string; readonly paper: readonly Raster[] }> {
  const directory = temporary(onTestFinished);
  const clock = handClock();
  const { home, book } = makeKiosk(directory, clock);
  await enrol(home, book);
  book.close();
  const engine = await startEngine({ home: directory, clock, log: () => {} });
  onTestFinished(() => engine.close());
  const [engineEnd, pageEnd] = wirePair();
  const page = connect<Contract, Events>(pageEnd);
  const paper: Raster[] = [];
  page.on('paper', ({ png }) => void paper.push(pngToRaster(Buffer.from(png, 'base64'))));
  engine.attach(engineEnd);
  await page.call.signIn({ operatorId: 'op1', pin: cashierPin });
  await openShiftToday(page.call);
  return { call: page.call, receipts: home.receipts, paper };
}

/** Detergent and barley for resident 1, as far as points go. */
async function sell(call: Call): Promise<PaidView> {
  for (const text of [card('1'), '2000000000001', '2000000000002']) await call.scan({ text });
  const { saleId, quote, digest } = (await call.snapshot()).cart;
  const shown = { totalFen: quote.totalFen, points: quote.points, payFen: quote.dueCashFen, digest };
  const paid = await call.pay({ saleId, shown, payment: { kind: 'cash', tenderedFen: quote.dueCashFen } });
  if (!paid.ok) throw new Error(paid.code);
  return paid.value;
}

/** The rows of a strip from its first to its last with ink. */
function inked({ width, bits }: Raster): Buffer {
  const rowBytes = width / 8;
  const rows = Array.from({ length: bits.length / rowBytes }, (_, y) => Buffer.from(bits.subarray(y * rowBytes, (y + 1) * rowBytes)));
  const isInked = (row: Buffer): boolean => row.some((byte) => byte !== 0);
  return Buffer.concat(rows.slice(rows.findIndex(isInked), rows.findLastIndex(isInked) + 1));
}

test('preview, archive and paper are the same dots, and a copy is the same under its band', async () => {
  const { call, receipts, paper } = await aTillWithPaper();
  await expect.poll(async () => (await call.snapshot()).printer.state).toBe('ready');
  const { saleId, receiptNumber } = await sell(call);
  await expect.poll(() => paper.length).toBe(1);
  const archived = readFileSync(join(receipts, '2026-11-21', `${receiptNumber}.png`));
  const preview = Buffer.from((await call.receiptPicture({ saleId }))!, 'base64');
  const dots = inked(pngToRaster(preview));
  expect([preview.equals(archived), inked(paper[0]!).equals(dots), dots.length > 10_000]).toEqual([true, true, true]);
  expect(await call.reprint({ actId: randomUUID(), saleId })).toMatchObject({ ok: true, value: { copy: 1 } });
  await expect.poll(() => paper.length).toBe(2);
  const copy = inked(paper[1]!);
  expect([copy.length > dots.length, copy.subarray(-dots.length).equals(dots)]).toEqual([true, true]);
  expect(Buffer.from((await call.receiptPicture({ saleId }))!, 'base64').equals(preview)).toBe(true);
});

test.each<readonly [string, (call: Call) => Promise<unknown>, boolean]>([
  ['nothing is done', () => Promise.resolve(), true],
  ['a code nobody knows is scanned', (call) => call.scan({ text: '6900000000000' }), true],
  ['a card is refused', (call) => call.scan({ text: card('99') }), true],
  ['earlier sales are looked at', (call) => call.recentSales({ beforeSeq: null }), true],
  ['goods are scanned', (call) => call.scan({ text: '2000000000001' }), false],
  ['goods are touched', (call) => call.addGoods({ goodsId: '1' }), false],
  ['a card is scanned', (call) => call.scan({ text: card('2') }), false],
  ['the cashier turns to the next customer', (call) => call.nextCustomer(), false],
])('a paid sale when %s', async (_what, act, isOnScreen) => {
  const { call } = await aTillWithPaper();
  const { saleId } = await sell(call);
  await act(call);
  const { lastSale, cart }: Snapshot = await call.snapshot();
  expect([lastSale?.saleId ?? null, cart.saleId === saleId]).toEqual([isOnScreen ? saleId : null, false]);
});
