// A long sheet whose paper ends in the middle, over a real socket: at every part, whichever the person chooses and whether or not
// the engine was started anew. Every row is on paper, and none twice without a band above it.

import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { findClosing } from '../../../db/closings.ts';
import { checkpointOrigin, openNote } from '../../../db/model/note.ts';
import type { Raster } from '../../../db/model/receipt.ts';
import { openReadable } from '../../../db/sqlite.ts';
import { drawBand } from '../../../hardware/printer/draw-receipt.ts';
import { type SheetPart, partsOf } from '../../../hardware/printer/parts.ts';
import { pngToRaster } from '../../../hardware/printer/png.ts';
import { type VirtualPrinter, startVirtualPrinter } from '../../../hardware/virtual/printer.ts';
import { enrol, handClock, makeKiosk, temporary } from '../../support/county.ts';
import { scan } from '../../support/paper.ts';
import { type Till, atWork, startTill } from '../../support/till.ts';

/** A till at work whose printer the test holds in its own hands. */
async function aTillOn(virtual: VirtualPrinter): Promise<Till> {
  const directory = temporary(onTestFinished);
  const clock = handClock();
  const { home, book } = makeKiosk(directory, clock);
  await enrol(home, book);
  book.close();
  const path = join(directory, 'kiosk.json');
  writeFileSync(path, JSON.stringify({ ...(JSON.parse(readFileSync(path, 'utf8')) as object), printer: virtual.address }));
  const till = await atWork(await startTill(onTestFinished, directory, clock));
  await till.until(({ printer }) => printer.state === 'ready');
  return till;
}

async function aPrinter(): Promise<VirtualPrinter> {
  const virtual = await startVirtualPrinter({ dots: 384, slowBytesPerSecond: 60_000 });
  onTestFinished(() => virtual.close());
  return virtual;
}

/** Prints X and waits until a person is asked: the job, the sheet as it should be, and its parts. */
async function brokenOff(till: Till, isAsked: (kind: string) => boolean): Promise<Asked> {
  const actId = randomUUID();
  expect(await till.call.printReport({ actId })).toMatchObject({ ok: true });
  return asked(till, actId, isAsked);
}

interface Asked {
  readonly actId: string;
  readonly job: Awaited<ReturnType<Till['until']>>['printJobs'][number];
  readonly sheet: Raster;
  readonly parts: readonly SheetPart[];
}

async function asked(till: Till, actId: string, isAsked: (kind: string) => boolean): Promise<Asked> {
  const { printJobs } = await till.until((snapshot) => snapshot.printJobs.some(({ state }) => isAsked(state.kind)));
  const sheet = pngToRaster(Buffer.from((await till.call.receiptPicture({ saleId: actId }))!, 'base64'));
  return { actId, job: printJobs[0]!, sheet, parts: partsOf(sheet, { fromRow: 0, band: null }) };
}

/** The rows of some dots that have ink, from and to rows of them. */
function inked({ width, height, bits }: Raster, from = 0, to = height): readonly string[] {
  const rowBytes = width / 8;
  return Array.from({ length: to - from }, (_, i) => Buffer.from(bits.subarray((from + i) * rowBytes, (from + i + 1) * rowBytes)))
    .filter((row) => row.some((byte) => byte !== 0))
    .map((row) => row.toString('hex'));
}

/** As long as the first parts are, and some rows of the next. */
const rowsOfBrokenPart = 30;

/** Rows that are on the paper a second time, under the band. */
const repeatedRows = 40;

/** Where two papers first differ, for a message that can be read; null: nowhere. */
function firstDifference(paper: readonly string[], expected: readonly string[]): string | null {
  const n = Array.from({ length: Math.max(paper.length, expected.length) }, (_, i) => i).find((i) => paper[i] !== expected[i]);
  return n === undefined ? null : `at inked row ${n} of ${paper.length}, where ${expected.length} are expected`;
}

describe.each([0, 1, 2])('paper that ends in part %i', (broken) => {
  test.each([
    ['continue', false],
    ['print_again', false],
    ['continue', true],
    ['print_again', true],
  ] as const)('%s, engine started anew: %s', async (answer, isRestarted) => {
    const virtual = await aPrinter();
    const first = await aTillOn(virtual);
    const probe = await sheetOf(first, virtual); // another X is the same but for its record's number: its parts end in the same rows
    const startRow = broken === 0 ? 0 : probe.parts[broken - 1]!.toRow;
    const before = inked(virtual.paper()).length;
    await virtual.setFault(broken % 2 === 0 ? 'paper_out' : 'cover_open', { afterRows: startRow + rowsOfBrokenPart });
    const { actId, job, sheet, parts } = await brokenOff(first, (kind) => kind === 'failed');
    expect(parts.length).toBe(3);
    const rowsDone = broken === 0 ? 0 : parts[broken - 1]!.toRow;
    expect(job).toMatchObject({ actId, copy: 0, progress: { rows: sheet.height, rowsDone } });
    const till = isRestarted ? await atWork(await first.powerCut(), { isShiftOpen: true }) : first;
    await virtual.setFault('none');
    await till.until(({ printer }) => printer.state === 'ready');
    expect(firstDifference(inked(virtual.paper()).slice(before), inked(sheet, 0, startRow + rowsOfBrokenPart))).toBeNull(); // nothing by itself
    expect(till.snapshot().printJobs).toEqual([job]);

    const answered = await till.call.answerPrint({ jobId: job.jobId, answer });
    if (answer === 'continue' && broken === 0) return expect(answered).toEqual({ ok: false, code: 'not_asked' });
    expect(answered).toMatchObject({ ok: true });
    await untilEndOf(virtual, sheet);
    await till.until(({ printJobs }) => printJobs.length === 0);
    const from = answer === 'continue' ? rowsDone - repeatedRows : 0;
    const band = drawBand(answer === 'continue' ? 'continued' : 'again', { language: 'zh', number: job.number, dots: 384 });
    const expected = [...inked(sheet, 0, startRow + rowsOfBrokenPart), ...inked(band), ...inked(sheet, from)];
    expect(firstDifference(inked(virtual.paper()).slice(before), expected)).toBeNull();
    await till.stop();
    expect(till.events().filter(({ kind }) => kind === 'REPRINTED')).toEqual([]);
  });
});

/** What an X would look like: printed whole, and thrown away. */
async function sheetOf(till: Till, virtual: VirtualPrinter): Promise<{ readonly parts: readonly SheetPart[] }> {
  const actId = randomUUID();
  await till.call.printReport({ actId });
  const sheet = pngToRaster(Buffer.from((await till.call.receiptPicture({ saleId: actId }))!, 'base64'));
  await untilEndOf(virtual, sheet);
  return { parts: partsOf(sheet, { fromRow: 0, band: null }) };
}

/** Waits for the last rows of the sheet to be on the paper, and the feed behind them. */
async function untilEndOf(virtual: VirtualPrinter, sheet: Raster): Promise<void> {
  await expect.poll(() => isEndedBy(virtual.paper(), sheet), { timeout: 10_000 }).toBe(true);
}

function isEndedBy(paper: Raster, sheet: Raster): boolean {
  const [feedRows, ownRows] = [96, 110]; // the end of its code and what is under it: no two sheets have the same
  const rowBytes = sheet.width / 8;
  const last = paper.bits.subarray((paper.height - feedRows - ownRows) * rowBytes, (paper.height - feedRows) * rowBytes);
  return paper.height > sheet.height && Buffer.from(last).equals(sheet.bits.subarray(-ownRows * rowBytes));
}

describe('a power cut in the middle of a long sheet', () => {
  test.each(['continue', 'print_again'] as const)('%s: asks, and prints under a band', async (answer) => {
    const virtual = await aPrinter();
    const first = await aTillOn(virtual);
    const { parts } = await sheetOf(first, virtual);
    const before = inked(virtual.paper()).length;
    const rowsBefore = virtual.paper().height;
    await virtual.setFault('slow');
    const actId = randomUUID();
    await first.call.printReport({ actId });
    await expect.poll(() => virtual.paper().height - rowsBefore, { timeout: 10_000 }).toBeGreaterThan(parts[0]!.toRow + rowsOfBrokenPart);
    const till = await atWork(await first.powerCut(), { isShiftOpen: true });
    await virtual.setFault('none');
    await till.until(({ printer }) => printer.state === 'ready');
    const { job, sheet } = await asked(till, actId, (kind) => kind === 'unknown');
    const { rowsDone } = job.progress!;
    expect(rowsDone).toBeGreaterThanOrEqual(parts[0]!.toRow);
    const onPaper = inked(virtual.paper()).slice(before);
    expect(firstDifference(onPaper, inked(sheet).slice(0, onPaper.length))).toBeNull();

    expect(await till.call.answerPrint({ jobId: job.jobId, answer })).toMatchObject({ ok: true });
    await untilEndOf(virtual, sheet);
    await till.until(({ printJobs }) => printJobs.length === 0);
    await till.stop();
    const paper = inked(virtual.paper()).slice(before);
    const band = inked(drawBand(answer === 'continue' ? 'continued' : 'again', { language: 'zh', number: job.number, dots: 384 }));
    // What the printer still held when the power went comes out too, at any time before the band.
    const bandAt = paper.findIndex((_, i) => firstDifference(paper.slice(i, i + band.length), band) === null);
    expect(bandAt).toBeGreaterThanOrEqual(onPaper.length);
    expect(firstDifference(paper.slice(0, bandAt), inked(sheet).slice(0, bandAt))).toBeNull();
    const after = paper.slice(bandAt);
    const copies = till.events().flatMap((event) => (event.kind === 'REPRINTED' ? [event.body] : []));
    if (answer === 'continue') {
      expect(firstDifference(after.slice(band.length), inked(sheet, rowsDone - repeatedRows))).toBeNull();
      expect(copies).toEqual([]);
      return;
    }
    // Nobody knows whether the first came out: the second is a copy, in the book and on its face.
    expect(copies).toEqual([{ saleId: actId, copy: 1 }]);
    expect(firstDifference(after.slice(-inked(sheet).length), inked(sheet))).toBeNull();
    expect(after.length).toBeGreaterThan(band.length + inked(sheet).length);
  });
});

test('a long sheet that meets no paper at all is not begun: it prints later without a band', async () => {
  const virtual = await aPrinter();
  const till = await aTillOn(virtual);
  await virtual.setFault('paper_out');
  const { job, sheet } = await brokenOff(till, (kind) => kind === 'failed');
  expect(job.progress).toBeNull();
  expect(await till.call.answerPrint({ jobId: job.jobId, answer: 'continue' })).toEqual({ ok: false, code: 'not_asked' });
  await virtual.setFault('none');
  expect(await till.call.answerPrint({ jobId: job.jobId, answer: 'print_again' })).toMatchObject({ ok: true });
  await untilEndOf(virtual, sheet);
  expect(firstDifference(inked(virtual.paper()), inked(sheet))).toBeNull();
});

test('a sheet that broke off can break off again where it went on, and be finished', async () => {
  const virtual = await aPrinter();
  const till = await aTillOn(virtual);
  await virtual.setFault('paper_out', { afterRows: 900 });
  const { job, sheet } = await brokenOff(till, (kind) => kind === 'failed');
  const { rowsDone } = job.progress!;
  await virtual.setFault('none');
  await till.until(({ printer }) => printer.state === 'ready');
  const band = drawBand('continued', { language: 'zh', number: job.number, dots: 384 });
  const goingOn = partsOf(sheet, { fromRow: rowsDone - repeatedRows, band });
  expect(goingOn.length).toBeGreaterThan(1);
  await virtual.setFault('cover_open', { afterRows: goingOn[0]!.raster.height + rowsOfBrokenPart });
  expect(await till.call.answerPrint({ jobId: job.jobId, answer: 'continue' })).toMatchObject({ ok: true });
  const again = await till.until(({ printJobs }) =>
    printJobs.some(({ progress, state }) => state.kind === 'failed' && progress!.rowsDone > rowsDone),
  );
  expect(again.printJobs).toMatchObject([{ jobId: job.jobId, state: { cause: 'cover_open' }, progress: { rowsDone: goingOn[0]!.toRow } }]);
  await virtual.setFault('none');
  await till.until(({ printer }) => printer.state === 'ready');
  expect(await till.call.answerPrint({ jobId: job.jobId, answer: 'continue' })).toMatchObject({ ok: true });
  await untilEndOf(virtual, sheet);
  const paper = inked(virtual.paper());
  const last = inked(sheet, again.printJobs[0]!.progress!.rowsDone - repeatedRows);
  expect(firstDifference(paper.slice(-last.length), last)).toBeNull();
  expect(firstDifference(paper.slice(0, inked(sheet, 0, 900).length), inked(sheet, 0, 900))).toBeNull();
  expect(inked(sheet).filter((row) => !paper.includes(row))).toEqual([]);
});

test('a closing does not wait for its paper; the code of its slip is the checkpoint that the kiosk signed', async () => {
  const virtual = await aPrinter();
  const till = await aTillOn(virtual);
  await virtual.setFault('silent');
  const countId = randomUUID();
  await till.call.countDrawer({ actId: countId, purpose: 'closing', counts: [1, 0, 0, 0, 0, 0, 0, 0] });
  const actId = randomUUID();
  const approvalId = randomUUID();
  const act = { kind: 'close_day', day: '2026-11-21', countId } as const;
  await till.call.approve({ approvalId, act, operatorId: 'op1', pin: '258036' });
  expect(await till.call.closeDay({ actId, countId, reason: null, approvalId })).toMatchObject({ ok: true });
  const picture = await till.call.receiptPicture({ saleId: actId });
  expect(await till.call.receiptPicture({ saleId: actId })).toBe(picture);
  await virtual.setFault('none');
  await till.stop();
  const db = openReadable(till.home.book);
  onTestFinished(() => void db.close());
  const event = findClosing(db, null)!;
  const [start] = till.events();
  if (start?.kind !== 'START') throw new Error('a book begins with START');
  const sheet = pngToRaster(Buffer.from(picture!, 'base64'));
  const code = [0, 60, 120, 180].map((above) =>
    scan({ ...sheet, height: sheet.height - above, bits: sheet.bits.subarray(0, (sheet.height - above) * 48) }),
  );
  const note = code.find((each) => each !== undefined)!;
  const origin = checkpointOrigin(event);
  const opened = openNote(note, [{ name: origin, publicKey: Buffer.from(start.body.kioskKey, 'base64url') }]);
  const { size, root } = event.body.checkpoint;
  expect(opened).toEqual({
    ok: true,
    value: { text: `${origin}\n${size}\n${Buffer.from(root, 'base64url').toString('base64')}\n`, signers: [origin] },
  });
});
