// The paper of a credit: printed once, archived, shown and printed again as receipts are; a person is asked where nobody knows.

import { randomUUID } from 'node:crypto';
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { containers } from '../../../county/schemes/materials.ts';
import type { Book } from '../../../db/book.ts';
import { type CreditEvent, type StoredCredit, findCredit } from '../../../db/credits.ts';
import { newestPrintJob, setPrintState } from '../../../db/print-jobs.ts';
import { openReadable } from '../../../db/sqlite.ts';
import type { BookEvent } from '../../../db/model/event.ts';
import { signedText } from '../../../db/model/event.ts';
import type { Raster } from '../../../db/model/receipt.ts';
import { startEngine } from '../../../electron/engine/engine.ts';
import type { Contract } from '../../../electron/ipc/contract.ts';
import { type Client, connect } from '../../../electron/ipc/rpc.ts';
import type { Events } from '../../../electron/ipc/snapshot.ts';
import { wirePair } from '../../../electron/ipc/wire.ts';
import { drawTicket } from '../../../hardware/printer/draw-receipt.ts';
import { printable } from '../../../hardware/printer/encode.ts';
import { pngToRaster } from '../../../hardware/printer/png.ts';
import { card, cashierPin, enrol, handClock, makeKiosk, scheme, shop, temporary } from '../../support/county.ts';
import { credited } from '../../support/credit.ts';
import { aDesk, count, creditArgs, deskRules } from '../../support/desk.ts';
import { openShiftToday } from '../../support/open-shift.ts';
import { today } from '../../support/sell.ts';
import { verdictOn } from '../../support/verify.ts';

interface Kiosk {
  readonly directory: string;
  readonly call: Client<Contract>;
  /** What its simulated printer gave so far. */
  readonly paper: readonly Raster[];
  stop(): Promise<void>;
}

/** Drawing and printing take a tenth of it on an idle machine. */
const patience = { timeout: 15_000 };

/** A kiosk whose book has one credit of 18 points; `before` changes the book before the engine starts. */
async function withCredit(
  before: (book: Book, credit: CreditEvent) => void = () => {},
): Promise<Kiosk & { readonly creditId: string; readonly stored: StoredCredit }> {
  const directory = temporary(onTestFinished);
  const { home, book } = makeKiosk(directory, handClock());
  await enrol(home, book, [{ t: 'SCHEME', scheme: { ...scheme, recycling: deskRules } }]);
  const credit = credited(book);
  if (typeof credit === 'string') throw new Error(credit);
  before(book, credit);
  const stored = findCredit(book.db, credit.id)!; // written just above
  book.close();
  return { ...(await started(directory)), creditId: credit.id, stored };
}

/** Starts the engine, signs in, and waits for the printer. */
async function started(directory: string): Promise<Kiosk> {
  const engine = await startEngine({ home: directory, clock: handClock(), log: () => {} });
  let isStopped = false;
  const stop = async (): Promise<void> => {
    if (isStopped) return;
    isStopped = true;
    await engine.close();
  };
  onTestFinished(stop);
  const [engineEnd, pageEnd] = wirePair();
  const page = connect<Contract, Events>(pageEnd);
  const paper: Raster[] = [];
  page.on('paper', ({ png }) => void paper.push(pngToRaster(Buffer.from(png, 'base64'))));
  engine.attach(engineEnd);
  await page.call.signIn({ operatorId: 'op1', pin: cashierPin });
  if ((await page.call.snapshot()).shift === null) await openShiftToday(page.call);
  await expect.poll(async () => (await page.call.snapshot()).printer.state, patience).toBe('ready');
  return { directory, call: page.call, paper, stop };
}

/** As an engine leaves the ticket that met a printer without paper. */
function withoutPaper(book: Book, { id }: CreditEvent): void {
  const job = newestPrintJob(book.db, id)!; // written with the credit
  book.transact(({ db }) => setPrintState(db, job.jobId, { kind: 'failed', cause: 'paper_out' }));
}

const isPrinted = (book: Book, { id }: CreditEvent): void => {
  const job = newestPrintJob(book.db, id)!; // written with the credit
  book.transact(({ db }) => setPrintState(db, job.jobId, { kind: 'printed' }));
};

/** Where the act's newest job stands in a book that no engine holds. */
function stateOf(directory: string, actId: string): string | undefined {
  const db = openReadable(join(directory, 'book.db'));
  try {
    return newestPrintJob(db, actId)?.state.kind;
  } finally {
    db.close();
  }
}

/** The home as a power cut leaves it the moment the act's paper is in that state; fails after five seconds. */
function cutWhen(kiosk: Kiosk, actId: string, state: string): Promise<string> {
  return vi.waitFor(() => {
    const image = temporary(onTestFinished);
    cpSync(kiosk.directory, image, { recursive: true });
    expect(stateOf(image, actId)).toBe(state);
    return image;
  }, patience);
}

/** The ticket as the credit's event says it, drawn without an engine. */
function ticketOf({ event, leaf, signature }: StoredCredit, change: { readonly copy: number; readonly isReversed?: boolean }): Raster {
  const { approvalId, printed, ...body } = event.body;
  return printable(
    drawTicket(
      {
        ...body,
        ...printed,
        day: event.day,
        at: event.at,
        containers,
        points: event.amt,
        isApproved: approvalId !== null,
        isReversed: change.isReversed ?? false,
        qr: `${signedText(event, leaf)}|${signature}`,
      },
      { dots: 384, copy: change.copy },
    ),
  );
}

/** The same dots, whatever white is above and below. */
function isSame(one: Raster, other: Raster): boolean {
  return one.width === other.width && inked(one).equals(inked(other));
}

/** The rows of a strip from its first to its last with ink. */
function inked({ width, bits }: Raster): Buffer {
  const rowBytes = width / 8;
  const rows = Array.from({ length: bits.length / rowBytes }, (_, y) => Buffer.from(bits.subarray(y * rowBytes, (y + 1) * rowBytes)));
  const isInked = (row: Buffer): boolean => row.some((byte) => byte !== 0);
  return Buffer.concat(rows.slice(rows.findIndex(isInked), rows.findLastIndex(isInked) + 1));
}

test('paper, archive and preview of a ticket are the same dots, those of its event', async () => {
  const kiosk = await withCredit(withoutPaper);
  const { call, paper, creditId, stored } = kiosk;
  const { printJobs } = await call.snapshot();
  expect(printJobs).toEqual([
    {
      jobId: expect.any(String),
      actId: creditId,
      number: `${shop.kiosk}-R000001`,
      copy: 0,
      state: { kind: 'failed', cause: 'paper_out' },
      progress: null,
    },
  ]);
  expect(await call.answerPrint({ jobId: printJobs[0]!.jobId, answer: 'print_again' })).toMatchObject({ ok: true });
  await expect.poll(() => paper.length, patience).toBe(1);
  const archived = readFileSync(join(kiosk.directory, 'receipts', today, `${shop.kiosk}-R000001.png`));
  const shown = Buffer.from((await call.receiptPicture({ saleId: creditId }))!, 'base64');
  const expected = ticketOf(stored, { copy: 0 });
  expect([shown.equals(archived), isSame(pngToRaster(shown), expected)]).toEqual([true, true]);
  expect(paper.map((strip) => isSame(strip, expected))).toEqual([true]);
  await cutWhen(kiosk, creditId, 'printed');
});

test('a ticket is printed again once for one press, marked, and a second copy needs leave', async () => {
  const kiosk = await withCredit(isPrinted);
  const { call, paper, creditId, stored } = kiosk;
  const press = { actId: randomUUID(), saleId: creditId };
  const first = await call.reprint(press);
  expect(first).toEqual({ ok: true, value: { jobId: expect.any(String), copy: 1 } });
  expect(await call.reprint(press)).toEqual(first); // the first answer was lost
  await expect.poll(() => paper.length, patience).toBe(1);
  expect(paper.map((strip) => isSame(strip, ticketOf(stored, { copy: 1 })))).toEqual([true]);

  const again = { actId: randomUUID(), saleId: creditId };
  expect(await call.reprint(again)).toEqual({ ok: false, code: 'approval_needed', copy: 2 });
  const approvalId = randomUUID();
  const act = { kind: 'reprint', saleId: creditId, copy: 2 } as const;
  expect(await call.approve({ approvalId, act, operatorId: 'op1', pin: cashierPin })).toMatchObject({ ok: true });
  expect(await call.reprint({ ...again, approvalId })).toMatchObject({ ok: true, value: { copy: 2 } });
  await expect.poll(() => paper.length, patience).toBe(2);
  await kiosk.stop();
  expect(reprints(kiosk)).toEqual([
    { saleId: creditId, copy: 1 },
    { saleId: creditId, copy: 2, approvalId },
  ]);
});

test('a copy of a credit that was taken back says so, and its first print stays what it was', async () => {
  const kiosk = await withCredit((book, credit) => {
    isPrinted(book, credit);
    const { accountId } = credit.body;
    book.transact(({ append }) =>
      append({
        kind: 'CREDIT_REVERSED',
        body: { creditId: credit.id, accountId, reason: 'wrong_resident', approvalId: 'leave' },
        id: 'reversal',
        day: today,
        op: 'op1',
        res: credit.res,
        amt: credit.amt,
        command: { reverse: credit.id },
      }),
    );
  });
  const { call, paper, creditId, stored } = kiosk;
  const shown = pngToRaster(Buffer.from((await call.receiptPicture({ saleId: creditId }))!, 'base64'));
  expect(isSame(shown, ticketOf(stored, { copy: 0 }))).toBe(true);
  await call.reprint({ actId: randomUUID(), saleId: creditId });
  await expect.poll(() => paper.length, patience).toBe(1);
  expect(isSame(paper[0]!, ticketOf(stored, { copy: 1, isReversed: true }))).toBe(true);
});

test('a power cut before the ticket was sent asks a person, and nothing prints by itself', async () => {
  const kiosk = await withCredit();
  const { call, paper, creditId, stored } = kiosk;
  const { printJobs } = await call.snapshot();
  expect(printJobs).toMatchObject([{ actId: creditId, copy: 0, state: { kind: 'unknown' } }]);
  expect(await call.answerPrint({ jobId: printJobs[0]!.jobId, answer: 'print_again' })).toMatchObject({ ok: true });
  await expect.poll(() => paper.length, patience).toBe(1);
  expect(paper.map((strip) => isSame(strip, ticketOf(stored, { copy: 1 })))).toEqual([true]); // the first may be in somebody's hand
});

test('a power cut between sending and printed asks a person, and nothing is sent again', async () => {
  const kiosk = await withCredit(withoutPaper);
  const { call, creditId } = kiosk;
  await call.simulatePrinter({ fault: 'slow' });
  const { printJobs } = await call.snapshot();
  await call.answerPrint({ jobId: printJobs[0]!.jobId, answer: 'print_again' });
  const image = await cutWhen(kiosk, creditId, 'sending');
  await kiosk.stop();
  const again = await started(image);
  expect((await again.call.snapshot()).printJobs).toEqual([{ ...printJobs[0], state: { kind: 'unknown' } }]);
  expect(await again.call.answerPrint({ jobId: printJobs[0]!.jobId, answer: 'it_printed' })).toMatchObject({ ok: true });
  expect([(await again.call.snapshot()).printJobs, again.paper]).toEqual([[], []]);
  await again.stop();
  expect([stateOf(image, creditId), reprints(again)]).toEqual(['printed', []]);
});

test('the ticket of the desk’s credit waits for paper, and the desk shows when it was printed', async () => {
  const till = await aDesk(onTestFinished);
  await till.until(({ printer }) => printer.state === 'ready');
  await till.call.simulatePrinter({ fault: 'paper_out' });
  await till.until(({ printer }) => printer.state === 'paper_out');
  await till.call.scan({ text: card('1') });
  await count(till, 'battery', 40);
  const args = creditArgs(till);
  expect(await till.call.credit(args)).toMatchObject({ ok: true, value: { print: { kind: 'queued' } } });
  const outOfPaper = { kind: 'failed', cause: 'paper_out' };
  const { printJobs } = await till.until(({ desk }) => desk?.lastCredit?.print.kind === 'failed');
  expect(printJobs).toMatchObject([{ actId: args.creditId, number: `${shop.kiosk}-R000001`, copy: 0, state: outOfPaper }]);
  await till.call.simulatePrinter({ fault: 'none' });
  await till.until(({ printer }) => printer.state === 'ready');
  const waiting = till.snapshot().printJobs; // the printer may have kept the job and printed it
  if (waiting.length > 0) await till.call.answerPrint({ jobId: waiting[0]!.jobId, answer: 'print_again' });
  await till.until(({ desk, printJobs: asked }) => desk?.lastCredit?.print.kind === 'printed' && asked.length === 0);
  expect(await till.call.reprint({ actId: randomUUID(), saleId: args.creditId })).toMatchObject({ ok: true, value: { copy: 1 } });
  await till.stop();
  expect(reprints(till)).toEqual([{ saleId: args.creditId, copy: 1 }]);
  expect(await verdictOn(till.directory)).toEqual({ kind: 'true' });
});

test('an act that has no paper is not shown and not printed', async () => {
  const { call } = await withCredit(isPrinted);
  const saleId = randomUUID();
  expect([await call.receiptPicture({ saleId }), await call.reprint({ actId: randomUUID(), saleId })]).toEqual([
    null,
    { ok: false, code: 'sale_unknown' },
  ]);
});

function reprints({ directory }: Pick<Kiosk, 'directory'>): readonly BookEvent['body'][] {
  const db = openReadable(join(directory, 'book.db'));
  try {
    return db
      .prepare<[], { line: string }>(`SELECT line FROM event WHERE kind = 'REPRINTED' ORDER BY seq`)
      .all()
      .map(({ line }) => (JSON.parse(line) as BookEvent).body);
  } finally {
    db.close();
  }
}
