// What every process of the crash loop does before and around its act: waits for its order, opens the engine, signs in, answers
// for the papers that the one before left in doubt, says its marks, and writes down its own faults.

import { createInterface } from 'node:readline';
import type { Clock } from '../../db/book.ts';
import { startEngine } from '../../electron/engine/engine.ts';
import type { Snapshot } from '../../electron/ipc/snapshot.ts';
import { checkDrawing } from '../../hardware/printer/drawing-check.ts';
import { cashierPin } from '../support/county.ts';
import { openShiftToday } from '../support/open-shift.ts';
import { type Call, noLimit, openPage } from '../support/pages.ts';
import { openJournal } from './journal.ts';

/** What any process of the loop is told, as one line of JSON. */
export interface WorkOrder {
  readonly home: string;
  readonly journal: string;
  readonly seed: number;
  readonly isPrinterSlow: boolean;
  /** The control: writes "done" before it asks the engine to commit. The loop must notice. */
  readonly acknowledgeEarly: boolean;
}

/** The engine answered what it must not: the process stops. */
export interface FaultEntry {
  readonly kind: 'fault';
  readonly detail: string;
}

class Fault extends Error {}

/** Reads an order, and obeys it until killed. Everything that could be slow is loaded before the order is asked for. */
export async function obey(work: (order: WorkOrder, note: (entry: object) => void) => Promise<never>): Promise<void> {
  const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
  checkDrawing(); // loads the fonts
  mark('loaded');
  const { value, done } = await lines.next();
  if (done === true) process.exit(0); // the loop needs no more processes
  const order = JSON.parse(value) as WorkOrder; // written by the loop
  const note = openJournal(order.journal);
  try {
    await work(order, note);
  } catch (error) {
    const fault: FaultEntry = { kind: 'fault', detail: error instanceof Error ? (error.stack ?? error.message) : String(error) };
    note(fault);
    process.exit(1);
  }
}

/** The engine on this home, and what its first page is shown. Throws where it does not sell. */
export async function openTill(home: string, clock?: Clock): Promise<{ readonly page: Call; readonly first: Snapshot }> {
  const log: string[] = [];
  const engine = await startEngine({
    home,
    ...(clock !== undefined && { clock }),
    log: (line, error) => void log.push(error instanceof Error ? `${line}: ${error.message}` : line),
    callLimit: noLimit,
  });
  const page = openPage((wire) => engine.attach(wire));
  const first = await untilEnrolled(page);
  if (first.status.kind !== 'selling') throw new Fault(`${first.status.code}: ${first.status.detail}\n${log.join('\n')}`);
  return { page, first };
}

/** A book whose first county file was cut short is not enrolled until the engine has applied the file again. */
async function untilEnrolled(page: Call): Promise<Snapshot> {
  for (let tries = 0; ; tries += 1) {
    const seen = await page.snapshot();
    if (seen.status.kind === 'selling' || seen.status.code !== 'not_enrolled' || tries === 200) return seen;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Print jobs of the processes before that an operator answers for at the start. */
const answersMax = 3;

/** Signs in and opens the shift where no process before did, and answers for some of the jobs they left in doubt. */
export async function startWork(page: Call, { isPrinterSlow }: WorkOrder): Promise<void> {
  if (isPrinterSlow) await page.simulatePrinter({ fault: 'slow' });
  const { operator, operators, shift, printJobs } = await page.snapshot();
  if (operator === null) demand((await page.signIn({ operatorId: operators[0]!.id, pin: cashierPin })).ok, 'sign in');
  if (shift === null && (await page.snapshot()).shift === null) demand((await openShiftToday(page)).ok, 'open the shift');
  for (const { jobId } of printJobs.slice(0, answersMax)) {
    const answered = await page.answerPrint({ jobId, answer: 'it_printed' });
    demand(answered.ok, `answer for job ${jobId}`);
  }
}

/** Throws where what must be so is not. */
export function demand(isSo: boolean, what: string): asserts isSo {
  if (!isSo) throw new Fault(what);
}

/** Says a moment that a killer may wait for, as a line on standard output. */
export function mark(name: string): void {
  process.stdout.write(`${name}\n`);
}
