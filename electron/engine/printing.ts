// What is owed on paper: draws receipts, tickets and slips, archives them, hands them to the printer one at a time, long ones in
// parts, and asks a person where nobody can know. Never prints twice by itself (hardware.md B.3, lessons.md 37–40).

import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { writeFileDurably } from '../../db/files.ts';
import {
  type PrintJob,
  type PrintProgress,
  addPrintJob,
  findPrintJob,
  holdPrintJob,
  jobOfCopy,
  newestPrintJob,
  setPrintProgress,
  setPrintState,
} from '../../db/print-jobs.ts';
import { freeCopies } from '../../db/model/approval.ts';
import type { Plain } from '../../db/model/canonical.ts';
import type { ReprintedBody } from '../../db/model/event.ts';
import type { PrintFailure, PrintState, Raster } from '../../db/model/receipt.ts';
import { type Result, assert, fail, ok } from '../../db/model/result.ts';
import type { WritableDatabase } from '../../db/sqlite.ts';
import { uuidv7 } from '../../db/uuid.ts';
import { drawBand } from '../../hardware/printer/draw-receipt.ts';
import { checkDrawing } from '../../hardware/printer/drawing-check.ts';
import { partsOf } from '../../hardware/printer/parts.ts';
import { rasterToPng } from '../../hardware/printer/png.ts';
import type { Printer, PrintJob as PrinterJob } from '../../hardware/printer/printer.ts';
import { useApproval } from './approval.ts';
import { numberOnPaper } from '../../db/model/paper-number.ts';
import { type PaperAct, drawPaper, findPaperAct, isPrintedInParts, languageOf } from './paper.ts';
import { type Engine, type PrintAnswer, currentDay, earlierEvent, selling, whenFree, writeWhenFree } from './till.ts';

/** Jobs waiting for the printer. More than this and it is the printer that is the problem: the rest wait in the book. */
const waitingMax = 20;

/** How a paper begins: as it is, or under a band, where a long sheet had broken off before. */
type Beginning = 'plain' | 'continued' | 'again';

/** Hands a queued job to the printer, after those before it. Returns at once: nobody waits for paper. */
export function printSoon(engine: Engine, jobId: string, beginning: Beginning = 'plain'): void {
  const { devices } = engine;
  if (devices === null) return;
  if (devices.printing.waiting >= waitingMax)
    return void settle(engine, jobId, { kind: 'failed', cause: 'busy' }).catch((error: unknown) => engine.log('a full print queue', error));
  devices.printing.waiting += 1;
  devices.printing.last = devices.printing.last
    .then(() => nextTurn()) // drawing takes 30 ms: "paid" reaches the page first
    .then(() => printNow(engine, jobId, beginning))
    .catch((error: unknown) => engine.log(`print job ${jobId}`, error))
    .finally(() => {
      devices.printing.waiting -= 1;
    });
}

/** The page has its first state and a person has not yet rung up anything: fonts take 0.3 s of the engine's time to load. */
const warmAfterMs = 2_000;

/** Loads the fonts soon after the start, so that the first customer of the day does not wait for them. */
export function warmDrawing(engine: Engine): { stop(): void } {
  const timer = setTimeout(() => {
    try {
      checkDrawing();
    } catch (error) {
      engine.log('drawing receipts', error); // every job will fail as `drawing` and say so
    }
  }, warmAfterMs);
  return { stop: () => clearTimeout(timer) };
}

/** Opens the drawer, as an act of its own (lessons.md 45). What the drawer did cannot be known; that it was told is recorded. */
export async function kickDrawer(engine: Engine, saleId: string): Promise<void> {
  try {
    const told = await engine.devices?.printer.kickDrawer();
    if (told?.ok !== true) return;
    await writeWhenFree(engine, (book) =>
      book.transact(({ append }) =>
        append({
          kind: 'DRAWER_OPENED',
          body: { saleId },
          id: uuidv7(engine.clock.wallMs()),
          day: currentDay(engine),
          op: engine.operator?.id ?? null,
          command: { drawer: saleId },
        }),
      ),
    );
    engine.changed();
  } catch (error) {
    engine.log('drawer', error);
  }
}

/**
 * Prints a marked copy of an earlier paper: 补打 n. The first copy is free; each further one needs an approval of exactly this
 * act (any that has a paper, `saleId`) and copy (experience.md U17), and `copy` tells which one to ask for. A paper that was never
 * printed, as a settlement's is not by itself, is printed for the first time: copy 0, unmarked, and no act of its own.
 */
export function reprint(
  engine: Engine,
  { actId, saleId, approvalId }: { readonly actId: string; readonly saleId: string; readonly approvalId?: string | undefined },
):
  | Result<{ readonly jobId: string; readonly copy: number }, 'sale_unknown' | 'approval_void'>
  | { readonly ok: false; readonly code: 'approval_needed'; readonly copy: number } {
  const { book } = selling(engine);
  const command = { reprint: saleId, approvalId };
  const earlier = earlierEvent(engine, actId, command);
  if (earlier?.kind === 'REPRINTED') return ok(jobOfCopy(book.db, earlier.body));
  if (findPaperAct(book.db, saleId) === null) return fail('sale_unknown');
  const first = findPrintJob(book.db, actId); // of the same press, whose answer was lost
  if (first?.actId === saleId) return ok({ jobId: first.jobId, copy: first.copy });
  const newest = newestPrintJob(book.db, saleId);
  if (newest === null) return ok(printFirst(engine, { jobId: actId, saleId }));
  const copy = newest.copy + 1;
  if (copy <= freeCopies) return ok(printCopy(engine, { actId, command, body: { saleId, copy } }));
  if (approvalId === undefined) return { ok: false, code: 'approval_needed', copy };
  const used = useApproval(engine, approvalId, { kind: 'reprint', saleId, copy });
  return used.ok ? ok(printCopy(engine, { actId, command, body: { saleId, copy, approvalId } })) : used;
}

/** The job has the id of the press that asked for it, so that the same press again asks for no copy. */
function printFirst(
  engine: Engine,
  { jobId, saleId }: { readonly jobId: string; readonly saleId: string },
): { readonly jobId: string; readonly copy: number } {
  selling(engine).book.transact(({ db }) => addPrintJob(db, { jobId, actId: saleId, copy: 0 }));
  printSoon(engine, jobId);
  engine.changed();
  return { jobId, copy: 0 };
}

function printCopy(
  engine: Engine,
  { actId, command, body }: { readonly actId: string; readonly command: Plain; readonly body: ReprintedBody },
  beginning: Beginning = 'plain',
): { readonly jobId: string; readonly copy: number } {
  const { saleId, copy } = body;
  const jobId = uuidv7(engine.clock.wallMs());
  selling(engine).book.transact(({ db, append }) => {
    append({ kind: 'REPRINTED', body, id: actId, day: currentDay(engine), op: engine.operator?.id ?? null, command });
    addPrintJob(db, { jobId, actId: saleId, copy });
  });
  printSoon(engine, jobId, beginning);
  engine.changed();
  return { jobId, copy };
}

/**
 * The cashier's word on a job. Printing again after a failure is the same receipt, since what the printer still held of it is
 * cleared; after an unknown end it is a marked copy, since the first may be in somebody's hand. A long sheet that was begun goes on
 * from the last rows known to be on paper (续打) or begins again (重打), each under a band that says so.
 */
export function answerPrint(
  engine: Engine,
  { jobId, answer }: { readonly jobId: string; readonly answer: PrintAnswer },
): Result<null, 'job_unknown' | 'not_asked'> {
  const { book } = selling(engine);
  const job = findPrintJob(book.db, jobId);
  if (job === null) return fail('job_unknown');
  if (job.state.kind !== 'unknown' && job.state.kind !== 'failed') return fail('not_asked');
  if (answer === 'continue' && !canContinue(job)) return fail('not_asked');
  const { devices } = engine;
  if (devices?.printing.current === jobId) {
    // The printer holds the rest of it until there is paper: that must not come out as well. printNow obeys the answer.
    devices.printing.answers.set(jobId, { job, answer });
    void devices.printer.cancel();
    return ok(null);
  }
  obey(engine, job, answer);
  return ok(null);
}

/** There is something to go on from. */
function canContinue({ progress }: PrintJob): boolean {
  return progress !== null && progress.rowsDone > 0;
}

function obey(engine: Engine, job: PrintJob, answer: PrintAnswer): void {
  const { book } = selling(engine);
  const isSameAgain = answer === 'continue' || (answer === 'print_again' && job.state.kind === 'failed');
  const again = job.progress === null ? 'plain' : 'again';
  const state: PrintState = { kind: answer === 'it_printed' ? 'printed' : isSameAgain ? 'queued' : 'given_up' };
  book.transact(({ db }) => setPrintState(db, job.jobId, state));
  if (isSameAgain) printSoon(engine, job.jobId, answer === 'continue' ? 'continued' : again);
  else if (answer === 'print_again') printInDoubt(engine, job.actId, again);
  refreshPrintState(engine, job.actId);
  engine.changed();
}

/** A copy because nobody knows whether the last one came out: a fault of the printer needs no approval. */
function printInDoubt(engine: Engine, saleId: string, beginning: Beginning): void {
  const newest = newestPrintJob(selling(engine).book.db, saleId);
  assert(newest !== null, 'the job in doubt is of an act');
  const body = { saleId, copy: newest.copy + 1 };
  printCopy(engine, { actId: uuidv7(engine.clock.wallMs()), command: { reprint: saleId }, body }, beginning);
}

/** The archived paper of an act as PNG in base64, drawn where the archive lacks it; null for an unknown act. */
export function receiptPicture(engine: Engine, { saleId }: { readonly saleId: string }): string | null {
  const { book } = selling(engine);
  const act = findPaperAct(book.db, saleId);
  if (act === null) return null;
  const path = archivePath(engine, act);
  if (existsSync(path)) return readFileSync(path).toString('base64');
  const raster = drawPaper(engine, act, 0);
  archive(engine, act, raster);
  return Buffer.from(rasterToPng(raster)).toString('base64');
}

async function printNow(engine: Engine, jobId: string, beginning: Beginning): Promise<void> {
  if (engine.book === null || engine.devices === null) return; // stopped meanwhile: the job stays in the book
  const job = findPrintJob(engine.book.db, jobId);
  if (job === null || job.state.kind !== 'queued') return;
  const act = findPaperAct(engine.book.db, job.actId);
  assert(act !== null, 'a job belongs to an act that has a paper');
  let raster: Raster;
  try {
    raster = drawPaper(engine, act, job.copy);
  } catch (error) {
    engine.log(`drawing ${job.number}`, error);
    return settle(engine, jobId, { kind: 'failed', cause: 'drawing' });
  }
  if (job.copy === 0) archive(engine, act, raster);
  await settle(engine, jobId, { kind: 'sending' }); // before the first byte: a power cut now leaves "unknown", never a resend
  const { printer, printing } = engine.devices;
  printing.current = jobId;
  const ending = isPrintedInParts(act, raster)
    ? printInParts(engine, printer, { job, act, raster, beginning })
    : printer.print({ id: jobId, raster, cut: hasCutter(raster) }, (state) => {
        // Only what print() resolves to is an end. A failure on the way is shown, and stored as what it is.
        if (state.kind === 'failed')
          void hold(engine, jobId, state.cause).catch((error: unknown) => engine.log(`print job ${jobId}`, error));
      });
  const end = await ending.finally(() => {
    printing.current = null;
  });
  const answered = printing.answers.get(jobId);
  printing.answers.delete(jobId);
  await whenFree(engine);
  if (answered !== undefined && end.kind !== 'printed' && engine.book !== null) return obey(engine, answered.job, answered.answer);
  await settle(engine, jobId, end);
}

/** Printers for 58 mm paper have none. */
function hasCutter({ width }: Raster): boolean {
  return width === 576;
}

/** 5 mm: what is on the paper twice when a sheet goes on, so that a person sees where the two pieces meet. */
const repeatedRows = 40;

/**
 * A long sheet, part by part, each known to be on paper before the next. It ends where a part does not come out; what of that part
 * the printer still held is cleared, so that nothing comes out before a person has chosen to go on or to begin again.
 */
async function printInParts(
  engine: Engine,
  printer: Printer,
  sheet: { readonly job: PrintJob; readonly act: PaperAct; readonly raster: Raster; readonly beginning: Beginning },
): Promise<PrintState> {
  const { job, act, raster, beginning } = sheet;
  const { jobId, number } = job;
  const rows = raster.height;
  // Paper of another width has another picture: there is nothing to go on from, and the band above it says what it is.
  const rowsDone = beginning === 'continued' && job.progress?.rows === rows ? job.progress.rowsDone : 0;
  const band = beginning === 'plain' ? null : drawBand(beginning, { language: languageOf(act), number, dots: raster.width });
  const parts = partsOf(raster, { fromRow: Math.min(Math.max(0, rowsDone - repeatedRows), rows - 1), band });
  await tellProgress(engine, jobId, { rows, rowsDone }); // before the first byte: what was begun is never sent again without a band
  for (const [n, part] of parts.entries()) {
    const isFirst = n === 0;
    const more = n < parts.length - 1;
    const { end, isBegun } = await printPart(printer, { id: `${jobId}/${part.toRow}`, raster: part.raster, cut: hasCutter(raster), more });
    if (end.kind === 'printed') await tellProgress(engine, jobId, { rows, rowsDone: Math.max(rowsDone, part.toRow) });
    else if (end.kind !== 'sent') {
      if (isFirst && !isBegun && end.kind === 'failed') await tellProgress(engine, jobId, job.progress);
      return end;
    } else if (!more) return end; // a link that cannot answer: nothing is known of any part
  }
  return { kind: 'printed' };
}

/** One part: a standstill on the way is its end, as failed. `isBegun`: some of it may be on paper. */
async function printPart(printer: Printer, part: PrinterJob): Promise<{ readonly end: PrintState; readonly isBegun: boolean }> {
  let isBegun = false;
  let cause: PrintFailure | null = null;
  let cleared: Promise<void> = Promise.resolve();
  const end = await printer.print(part, (state) => {
    if (state.kind === 'sending') isBegun = true;
    if (state.kind !== 'failed' || !isBegun || cause !== null) return;
    cause = state.cause;
    cleared = printer.cancel();
  });
  await cleared;
  return { end: cause !== null && end.kind === 'given_up' ? { kind: 'failed', cause } : end, isBegun };
}

async function tellProgress(engine: Engine, jobId: string, progress: PrintProgress | null): Promise<void> {
  await writeJob(engine, jobId, (db) => setPrintProgress(db, jobId, progress));
}

async function hold(engine: Engine, jobId: string, cause: PrintFailure): Promise<void> {
  if (engine.devices?.printing.current !== jobId) return; // it has come to its end meanwhile
  await writeJob(engine, jobId, (db) => holdPrintJob(db, jobId, cause));
}

async function settle(engine: Engine, jobId: string, state: PrintState): Promise<void> {
  await writeJob(engine, jobId, (db) => setPrintState(db, jobId, state));
}

async function writeJob(engine: Engine, jobId: string, write: (db: WritableDatabase) => void): Promise<void> {
  await writeWhenFree(engine, (book) => book.transact(({ db }) => write(db)));
  const job = engine.book === null ? null : findPrintJob(engine.book.db, jobId);
  if (job !== null) refreshPrintState(engine, job.actId, job);
  engine.changed();
}

/** The act just done, still on the screen, shows where its paper stands. */
function refreshPrintState(
  engine: Engine,
  actId: string,
  job: PrintJob | null = engine.book === null ? null : newestPrintJob(engine.book.db, actId),
): void {
  if (job === null) return;
  const print = job.state;
  if (engine.lastSale?.saleId === actId) engine.lastSale = { ...engine.lastSale, print };
  if (engine.lastCredit?.creditId === actId) engine.lastCredit = { ...engine.lastCredit, print };
}

function archivePath(engine: Engine, act: PaperAct): string {
  assert(engine.home !== null, 'an act was done in a home');
  return join(engine.home.receipts, act.event.day, `${numberOnPaper(act.event)}.png`);
}

/** Keeps the picture. A disk that has no room for it must not keep the paper from the customer: it can be drawn again. */
function archive(engine: Engine, act: PaperAct, raster: Raster): void {
  const path = archivePath(engine, act);
  if (existsSync(path)) return; // a retry must not change what was archived
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileDurably(path, rasterToPng(raster), 0o600);
  } catch (error) {
    engine.log(`archiving ${numberOnPaper(act.event)}`, error);
  }
}
