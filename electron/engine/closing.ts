// Closing the day (Z), the figures so far (X), and the events behind a figure. Sums a long day in pieces between which the till goes
// on, and writes in the turn in which all is summed. Waits for no printer.

import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Book, Reading } from '../../db/book.ts';
import { type ClosingEvent, type OpenPeriod, behindSome, closingsBefore, findClosing, openPeriod, spanOf } from '../../db/closings.ts';
import { addFirstPrintJob, jobOfCopy } from '../../db/print-jobs.ts';
import { fen, points } from '../../db/model/amounts.ts';
import type { Shop, ShopNames } from '../../db/model/catalogue.ts';
import type { BookEvent, Figures, PeriodNames } from '../../db/model/event.ts';
import { tellsDrawer } from '../../db/model/figures.ts';
import { hasPaper, numberOnPaper, paperNumber } from '../../db/model/paper-number.ts';
import type { DifferenceReason } from '../../db/model/reasons.ts';
import { type Result, assert, fail, ok } from '../../db/model/result.ts';
import { type ReadableDatabase, prepared } from '../../db/sqlite.ts';
import { uuidv7 } from '../../db/uuid.ts';
import { CallError } from '../ipc/rpc.ts';
import type { ClosingObstacle, ClosingStateView, ClosingSummary, EventBehind, PeriodView } from '../ipc/day-views.ts';
import { useApproval } from './approval.ts';
import { dropResident } from './cart.ts';
import { openDay } from './days.ts';
import { dropDeskResident } from './desk.ts';
import { countedDrawer } from './drawer.ts';
import { printSoon } from './printing.ts';
import { openWork } from './session.ts';
import { appendSettlement } from './settlement.ts';
import { type Engine, currentDay, earlierEvent, selling, whenFree } from './till.ts';
import { nightSoon } from './night.ts';
import { upkeepSoon } from './upkeep.ts';

/** What would be closed now, and what stands in the way. */
export function closingState(engine: Engine): ClosingStateView {
  const { book } = selling(engine);
  const { db } = book;
  const day = openDay(book, book.reading());
  const { fromSeq } = spanOf(db, null)!; // the open period is always there
  const count = (table: 'sale' | 'credit'): number =>
    prepared<[number], { n: number }>(db, `SELECT count(*) AS n FROM ${table} WHERE seq >= ?`).get(fromSeq)!.n;
  return {
    day: day?.businessDate ?? null,
    isForgotten: day?.isForgotten ?? false,
    obstacles: obstaclesOf(engine),
    openPrintJobs: prepared<[], { n: number }>(
      db,
      `SELECT count(*) AS n FROM print_job WHERE state NOT IN ('printed', 'sent', 'given_up')`,
    ).get()!.n,
    isBrokenOff: wasBrokenOff(db, fromSeq),
    sales: count('sale'),
    credits: count('credit'),
  };
}

/** After the newest count for a closing, of which none came, the engine was started anew. */
function wasBrokenOff(db: ReadableDatabase, fromSeq: number): boolean {
  const counted = prepared<[number], { seq: number }>(
    db,
    `SELECT seq FROM event
      WHERE seq >= ? AND kind = 'DRAWER_COUNTED' AND line ->> '$.body.purpose' = 'closing' ORDER BY seq DESC LIMIT 1`,
  ).get(fromSeq);
  if (counted === undefined) return false;
  return prepared<[number], object>(db, `SELECT 1 FROM event WHERE seq > ? AND kind = 'START' LIMIT 1`).get(counted.seq) !== undefined;
}

/** Why a day was not closed. */
export type ClosingRefusal = ClosingObstacle | 'count_stale' | 'reason_needed' | 'approval_needed' | 'approval_void';

export interface Closed {
  readonly closingNumber: string;
  readonly number: number;
  /** Where the county settles daily. */
  readonly settlementNumber: number | null;
}

interface CloseArgs {
  readonly actId: string;
  readonly countId: string;
  readonly reason: DifferenceReason | null;
  readonly approvalId?: string | undefined;
}

/**
 * Closes the open business date by a count of its drawer: one event with the figures of everything since the closing before, and
 * where the county settles daily the settlement, in one transaction. The same act again is answered as the first time. An owner
 * closes alone, others with an owner's leave, which a forgotten date does without: it must not keep a shop shut. One that is past
 * because the clock was put forward is not forgotten: whoever closed it so would begin the caps of a day anew.
 */
export async function closeDay(engine: Engine, args: CloseArgs): Promise<Result<Closed, ClosingRefusal>> {
  const first = closedBefore(engine, args);
  if (first !== null) return ok(first);
  const { book: asked } = selling(engine);
  const refused = refusalOf(engine, args, asked.reading()); // before a long sum, and again after it
  if (refused !== null) return fail(refused);
  const isStillAtWork = atWork(engine);
  return whenSummed(engine, (book, period) => {
    const earlier = closedBefore(engine, args);
    if (earlier !== null) return ok(earlier);
    isStillAtWork();
    return closeNow(engine, args, book, period);
  });
}

function closeNow(engine: Engine, args: CloseArgs, book: Book, period: OpenPeriod): Result<Closed, ClosingRefusal> {
  const now = book.reading();
  const refused = refusalOf(engine, args, now);
  if (refused !== null) return fail(refused);
  const drawer = countedDrawer(engine, { ...args, purpose: 'closing' });
  if (!drawer.ok) return drawer;
  const day = openDay(book, now);
  const { operator } = engine;
  assert(day !== null && operator !== null, 'there is a day, and who closes it'); // refusalOf and atWork have asked
  const isByOwner = operator.role === 'owner';
  const approvalId = isByOwner ? null : (args.approvalId ?? null);
  if (approvalId !== null) {
    const used = useApproval(engine, approvalId, { kind: 'close_day', day: day.businessDate, countId: args.countId });
    if (!used.ok) return used;
  }
  const act = { id: args.actId, day: day.businessDate, op: operator.id };
  const number = (period.before?.body.number ?? 0) + 1;
  const closingNumber = paperNumber({ kiosk: book.identity.kiosk, inc: book.head().inc }, 'Z', number);
  const jobId = uuidv7(engine.clock.wallMs());
  const settlementNumber = book.transact((transaction) => {
    transaction.writeClockStep(act);
    period.sumRest();
    const sums = period.close(drawer.value);
    const event = transaction.append({
      ...act,
      kind: 'DAY_CLOSED',
      body: {
        number,
        closingNumber,
        fromSeq: period.fromSeq,
        isForgotten: day.isForgotten,
        approvalId,
        isByOwner,
        drawer: drawer.value,
        sharePermille: selling(engine).reference.shop.merchantSharePermille ?? 0,
        ...sums,
        printed: namesFor(engine, sums.figures),
      },
      command: commandOf(args),
    });
    assert(event.seq === period.throughSeq() + 1, 'a closing speaks of every event before it');
    period.writeRows(transaction.db, event.seq);
    addFirstPrintJob(transaction.db, { jobId, act: event });
    return appendSettlement(engine, transaction, day.businessDate);
  }, now);
  endShift(engine);
  printSoon(engine, jobId);
  upkeepSoon(engine);
  nightSoon(engine);
  engine.changed();
  return ok({ closingNumber, number, settlementNumber });
}

/**
 * A question to ask after a long sum, which throws where another is at the till by then, or nobody: who asked has signed out, or a
 * file of the county has taken them away. What they asked for is nobody else's act.
 */
function atWork(engine: Engine): () => void {
  const id = engine.operator?.id;
  return () => {
    if (id === undefined || engine.operator?.id !== id) throw new CallError('not_allowed', 'who asked is not at the till any more');
  };
}

function commandOf({ countId, reason, approvalId }: CloseArgs) {
  return { closeDay: countId, reason, approvalId };
}

/** What this very act closed before, or null. */
function closedBefore(engine: Engine, args: CloseArgs): Closed | null {
  const earlier = earlierEvent(engine, args.actId, commandOf(args));
  if (earlier?.kind !== 'DAY_CLOSED') return null;
  const { number, closingNumber } = earlier.body;
  const [found] = closingsBefore(selling(engine).book.db, number + 1, 1);
  return { number, closingNumber, settlementNumber: found?.settlementNumber ?? null };
}

function refusalOf(engine: Engine, { countId, reason, approvalId }: CloseArgs, now: Reading): ClosingRefusal | null {
  const [obstacle] = obstaclesOf(engine);
  if (obstacle !== undefined) return obstacle;
  const drawer = countedDrawer(engine, { countId, purpose: 'closing', reason });
  if (!drawer.ok) return drawer.code;
  if (engine.operator?.role === 'owner' || approvalId !== undefined) return null;
  const day = openDay(selling(engine).book, now);
  return day?.isForgotten === true && day.isCertain ? null : 'approval_needed';
}

/**
 * What lies in the cart or at the desk is finished or cleared first, by whoever is at work; what a day before left there, with
 * nobody at work, is not in the way: it touches no balance, and is there for the next shift.
 */
function obstaclesOf(engine: Engine): readonly ClosingObstacle[] {
  const { book } = selling(engine);
  if (openDay(book, book.reading()) === null) return ['nothing_open'];
  return engine.shift === null ? [] : openWork(engine);
}

/** The shift ended with its day; the operator stays, and may open the next. */
function endShift(engine: Engine): void {
  if (engine.draft.resident !== null) dropResident(engine);
  if (engine.desk.resident !== null) dropDeskResident(engine);
  engine.shift = null;
  engine.place = 'till';
  engine.lastSale = null;
  engine.lastCredit = null;
}

const closingsMax = 20;

/** The newest closings before a number (null: the newest of all), newest first. */
export function closings(
  engine: Engine,
  { beforeNumber }: { readonly beforeNumber: number | null },
): { readonly closings: readonly ClosingSummary[]; readonly nextBeforeNumber: number | null } {
  const found = closingsBefore(selling(engine).book.db, beforeNumber ?? Number.MAX_SAFE_INTEGER, closingsMax);
  return {
    closings: found.map(({ event: { id, day, at, body }, settlementNumber }) => ({
      number: body.number,
      closingNumber: body.closingNumber,
      actId: id,
      day,
      at,
      sales: body.figures['sale.count'] ?? 0,
      totalFen: fen(body.figures['sale.fen'] ?? 0),
      points: points(body.figures['sale.points'] ?? 0),
      differenceFen: body.drawer.differenceFen,
      settlementNumber,
    })),
    nextBeforeNumber: found.length === closingsMax ? found.at(-1)!.event.body.number : null,
  };
}

/** A closed period as it was closed, or the open one (null) as it stands; null where no closing has that number. */
export async function period(engine: Engine, { number }: { readonly number: number | null }): Promise<PeriodView | null> {
  if (number !== null) {
    const event = findClosing(selling(engine).book.db, number);
    return event === null ? null : closedView(event);
  }
  return whenSummed(engine, (book, open) => {
    const { figures, accounts } = open.report();
    const now = book.reading();
    const isDrawerTold = engine.operator?.role === 'owner';
    const told = <Value>(all: { readonly [name: string]: Value }, prefix = ''): { readonly [name: string]: Value } =>
      isDrawerTold ? all : Object.fromEntries(Object.entries(all).filter(([name]) => !tellsDrawer(prefix + name)));
    return {
      closing: null,
      actId: null,
      day: openDay(book, now)?.businessDate ?? currentDay(engine),
      at: now.at,
      events: open.throughSeq() - open.fromSeq + 1,
      isDrawerTold,
      figures: told(figures),
      accounts: told(accounts, 'account/'),
      names: namesFor(engine, figures),
    };
  });
}

function closedView({ id, seq, day, at, body }: ClosingEvent): PeriodView {
  const { number, closingNumber, isForgotten, isByOwner, approvalId, drawer, perpetual, checkpoint } = body;
  const { fromSeq, figures, accounts, printed } = body;
  return {
    closing: { number, closingNumber, isForgotten, isByOwner, approvalId, drawer, perpetual, checkpoint },
    actId: id,
    day,
    at,
    events: seq - fromSeq + 1,
    isDrawerTold: true,
    figures,
    accounts,
    names: printed,
  };
}

/** Prints X: the figures so far, marked as such. Changes nothing, and is in the book as asked for. */
export function printReport(engine: Engine, { actId }: { readonly actId: string }): Promise<Result<{ readonly jobId: string }, never>> {
  const isStillAtWork = atWork(engine);
  return whenSummed(engine, (book, open) => {
    isStillAtWork();
    const command = { printReport: 'open period' };
    if (earlierEvent(engine, actId, command) !== null) return ok({ jobId: jobOfCopy(book.db, { saleId: actId, copy: 0 }).jobId });
    const act = { id: actId, day: currentDay(engine), op: engine.operator?.id ?? null };
    const jobId = uuidv7(engine.clock.wallMs());
    book.transact((transaction) => {
      transaction.writeClockStep(act);
      open.sumRest();
      const sums = open.report();
      const body = { fromSeq: open.fromSeq, ...sums, printed: namesFor(engine, sums.figures) };
      const event = transaction.append({ ...act, kind: 'REPORT_PRINTED', body, command });
      assert(event.seq === open.throughSeq() + 1, 'a report speaks of every event before it');
      addFirstPrintJob(transaction.db, { jobId, act: event });
    });
    printSoon(engine, jobId);
    engine.changed();
    return ok({ jobId });
  });
}

/** Events on one page of those behind a figure. */
const behindMax = 30;
/** Read at once: some 20 ms. Between two pieces the till goes on. */
const pieceEvents = 1_000;

/**
 * The events that add to a figure of a period (null: the open one), newest first; none where no closing has that number, and none
 * of the drawer of an open day but to its owner.
 */
export async function eventsBehind(
  engine: Engine,
  { number, figure, beforeSeq }: { readonly number: number | null; readonly figure: string; readonly beforeSeq: number | null },
): Promise<{ readonly events: readonly EventBehind[]; readonly nextBeforeSeq: number | null }> {
  const span = spanOf(selling(engine).book.db, number);
  const events: EventBehind[] = [];
  const isTold = number !== null || engine.operator?.role === 'owner' || !tellsDrawer(figure);
  if (span === null || !isTold) return { events, nextBeforeSeq: null };
  const { fromSeq } = span;
  let toSeq: number | null = Math.min(span.toSeq, (beforeSeq ?? Number.MAX_SAFE_INTEGER) - 1);
  while (toSeq !== null) {
    const { found, nextToSeq } = behindSome(selling(engine).book.db, { figure, span: { fromSeq, toSeq }, eventsMax: pieceEvents });
    for (const { event, amount } of found) {
      if (events.length === behindMax) return { events, nextBeforeSeq: events.at(-1)!.seq };
      events.push(behindView(engine, event, amount));
    }
    toSeq = nextToSeq;
    await nextTurn();
    await whenFree(engine);
  }
  return { events, nextBeforeSeq: null };
}

function behindView(engine: Engine, event: BookEvent, amount: number): EventBehind {
  const { seq, id, kind, at, op } = event;
  return {
    seq,
    id,
    kind,
    at,
    operatorName: operatorName(engine, op ?? ''),
    number: hasPaper(event) ? numberOnPaper(event) : '',
    amount,
    hasPaper: hasPaper(event),
  };
}

/** A closing that takes longer is told how far it is. */
const tellAfterMs = 500;

/**
 * Sums the open period in pieces, between which others may write, and calls `then` in the turn in which nothing is left to sum.
 * What is written after that turn belongs to whatever comes next.
 */
async function whenSummed<Value>(engine: Engine, then: (book: Book, period: OpenPeriod) => Value): Promise<Value> {
  const { book } = selling(engine);
  const startedAt = engine.clock.monoMs();
  let open = openPeriod(book.db);
  try {
    for (;;) {
      await whenFree(engine); // half of a county's file is nobody's to sum
      if (engine.book !== book) throw new CallError('failed', 'the book was opened anew');
      if (book.db.inTransaction) {
        await nextTurn();
        continue;
      }
      if (!open.isCurrent()) open = openPeriod(book.db); // somebody else closed it
      if (open.sumSome(pieceEvents) < pieceEvents) return then(book, open);
      if (engine.clock.monoMs() - startedAt > tellAfterMs) tellProgress(engine, book, open);
      await nextTurn();
    }
  } finally {
    if (engine.summingPercent !== null) {
      engine.summingPercent = null;
      engine.changed();
    }
  }
}

function tellProgress(engine: Engine, book: Book, open: OpenPeriod): void {
  const before = open.fromSeq - 1;
  engine.summingPercent = Math.floor((100 * (open.throughSeq() - before)) / (book.head().seq - before));
  engine.changed();
}

/** What the paper calls whom and what the figures name. */
function namesFor(engine: Engine, figures: Figures): PeriodNames {
  const { shop, scheme } = selling(engine).reference;
  const materials = new Map(scheme.recycling?.materials.map((each) => [each.id, each]));
  return {
    language: engine.settings.language,
    operatorName: operatorName(engine, engine.operator?.id ?? ''),
    shop: namesOf(shop),
    operators: namedBy(figures, 'operator').map((id) => ({ id, name: operatorName(engine, id) })),
    materials: namedBy(figures, 'material').map((id) => {
      const known = materials.get(id);
      return { id, zh: known?.zh ?? id, bo: known?.bo ?? null, measuredBy: known?.measuredBy ?? 'weight' }; // one that a scheme of the county forgot
    }),
  };
}

/** Ids between the first and the last `/` of the figures of an open set, in code order. */
function namedBy(figures: Figures, family: 'operator' | 'material'): readonly string[] {
  const ids = Object.keys(figures).flatMap((name) =>
    name.startsWith(`${family}/`) ? [name.slice(family.length + 1, name.lastIndexOf('/'))] : [],
  );
  return [...new Set(ids)].toSorted();
}

/** As the county calls them now: who signed in before its newest file may have had another name. */
function operatorName(engine: Engine, id: string): string {
  return selling(engine).reference.operators.find((each) => each.id === id)?.name ?? id;
}

function namesOf({ zh, bo, countyZh, countyBo }: Shop): ShopNames {
  return { zh, bo, countyZh, countyBo };
}
