import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { lastDown } from '../../../db/reference.ts';
import { openReadable } from '../../../db/sqlite.ts';
import type { DownLine } from '../../../db/model/down-file.ts';
import { deliver, header, shop, writeDown } from '../../support/county.ts';
import { type Till, aTill, atWork, startTill } from '../../support/till.ts';

async function sell(till: Till): Promise<string> {
  await till.call.addGoods({ goodsId: '1' });
  const { saleId, quote, digest } = till.snapshot().cart;
  const paid = await till.call.pay({
    saleId,
    shown: { totalFen: quote.totalFen, points: quote.points, payFen: quote.dueCashFen, digest },
    payment: { kind: 'cash', tenderedFen: 1_250 },
  });
  expect(paid).toMatchObject({ ok: true });
  return saleId;
}

test('without paper the sale is done, the job waits, and one touch prints it when there is paper', async () => {
  const till = await atWork(await aTill(onTestFinished));
  await till.until(({ printer }) => printer.state === 'ready');
  await till.call.simulatePrinter({ fault: 'paper_out' });
  await till.until(({ printer }) => printer.state === 'paper_out');
  const saleId = await sell(till);
  const { printJobs } = await till.until((snapshot) => snapshot.printJobs.length === 1);
  expect(printJobs).toMatchObject([{ actId: saleId, copy: 0, state: { kind: 'failed', cause: 'paper_out' } }]);
  await till.call.simulatePrinter({ fault: 'none' });
  await till.until(({ printer }) => printer.state === 'ready');
  expect(await till.call.answerPrint({ jobId: printJobs[0]!.jobId, answer: 'print_again' })).toMatchObject({ ok: true });
  await till.until(({ lastSale }) => lastSale?.print.kind === 'printed');
  await till.until((snapshot) => snapshot.printJobs.length === 0);
});

test('paper that ends in the middle: printing again is the whole receipt once, and nothing of the first half comes after', async () => {
  const till = await atWork(await aTill(onTestFinished));
  await till.until(({ printer }) => printer.state === 'ready');
  await till.call.simulatePrinter({ fault: 'slow' });
  await sell(till);
  await till.until(({ lastSale }) => lastSale?.print.kind === 'sending');
  await pause(300);
  await till.call.simulatePrinter({ fault: 'paper_out' });
  const { printJobs } = await till.until((snapshot) => snapshot.printJobs.some((job) => job.state.kind === 'failed'));
  expect(await till.call.answerPrint({ jobId: printJobs[0]!.jobId, answer: 'print_again' })).toMatchObject({ ok: true });
  await till.call.simulatePrinter({ fault: 'none' });
  await till.until(({ printer }) => printer.state === 'ready');
  const waiting = till.snapshot().printJobs;
  if (waiting.length > 0) await till.call.answerPrint({ jobId: waiting[0]!.jobId, answer: 'print_again' });
  await till.until(({ lastSale }) => lastSale?.print.kind === 'printed');
  await till.stop();
  expect(till.events().filter((event) => event.kind === 'REPRINTED')).toEqual([]);
});

test('a printer that died in the middle asks the cashier, and prints nothing by itself', async () => {
  const till = await atWork(await aTill(onTestFinished));
  await till.until(({ printer }) => printer.state === 'ready');
  await till.call.simulatePrinter({ fault: 'cut_off' });
  const saleId = await sell(till);
  const { printJobs } = await till.until((snapshot) => snapshot.printJobs.some((job) => job.state.kind === 'unknown'));
  await till.call.simulatePrinter({ fault: 'none' });
  await till.until(({ printer }) => printer.state === 'ready');
  expect(till.snapshot().printJobs).toEqual(printJobs);
  expect(await till.call.answerPrint({ jobId: printJobs[0]!.jobId, answer: 'print_again' })).toMatchObject({ ok: true });
  await till.until(({ lastSale }) => lastSale?.print.kind === 'printed');
  await till.stop();
  expect(till.events().filter((event) => event.kind === 'REPRINTED')).toMatchObject([{ body: { saleId, copy: 1 } }]);
});

test('preview, archive and reprint come from the same sale, and the copy is numbered', async () => {
  const till = await atWork(await aTill(onTestFinished));
  const saleId = await sell(till);
  await till.until(({ lastSale }) => lastSale?.print.kind === 'printed');
  const picture = await till.call.receiptPicture({ saleId });
  expect(Buffer.from(picture!, 'base64').subarray(1, 4).toString()).toBe('PNG');
  const act = { actId: randomUUID(), saleId };
  const first = await till.call.reprint(act);
  expect(first).toMatchObject({ ok: true, value: { copy: 1 } });
  expect(await till.call.reprint(act)).toEqual(first); // the first answer was lost: one copy all the same
  expect(await till.call.receiptPicture({ saleId })).toBe(picture);
  expect((await till.call.recentSales({ beforeSeq: null })).sales).toMatchObject([{ saleId, copies: 1 }]);
});

test('a job that the engine died on is in doubt at the next start, and is not sent again', async () => {
  const till = await atWork(await aTill(onTestFinished));
  await till.until(({ printer }) => printer.state === 'ready');
  await till.call.simulatePrinter({ fault: 'slow' });
  await sell(till);
  await till.until(({ lastSale }) => lastSale?.print.kind === 'sending');
  const again = await till.powerCut();
  expect(again.snapshot().printJobs).toMatchObject([{ copy: 0, state: { kind: 'unknown' } }]);
});

test('a receipt drawn again has the shop’s name of its day, whatever the county calls the shop by now', async () => {
  const till = await atWork(await aTill(onTestFinished));
  const saleId = await sell(till);
  const { lastSale } = await till.until((snapshot) => snapshot.lastSale?.print.kind === 'printed');
  const picture = await till.call.receiptPicture({ saleId });
  await till.stop();
  rmSync(join(till.home.receipts, '2026-11-21', `${lastSale!.receiptNumber}.png`));
  const db = openReadable(till.home.book);
  const { sha256 } = lastDown(db)!;
  db.close();
  const renamed: DownLine = { t: 'SHOP', shop: { ...shop, zh: '昌嘎村便民超市', countyZh: '琼结县积分办' } };
  const { path } = await writeDown(join(till.directory, 'from-county'), header(2, sha256), [renamed]);
  deliver(till.home, path);
  const again = await atWork(await startTill(onTestFinished, till.directory, till.clock), { isShiftOpen: true });
  await again.until((snapshot) => snapshot.shop?.zh === '昌嘎村便民超市');
  expect(await again.call.receiptPicture({ saleId })).toBe(picture);
});
