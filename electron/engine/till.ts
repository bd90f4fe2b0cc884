// The till's state and the few moves every call shares: whether it sells, what date acts are booked on, how it stops.
// Knows no call and no wire.

import { earlierAct } from '../../db/acts.ts';
import type { Book, Clock } from '../../db/book.ts';
import type { Home } from '../../db/home.ts';
import type { PrintJob } from '../../db/print-jobs.ts';
import { activeKeys, allGoods, allOperators, currentScheme, currentShop, goodsCodes } from '../../db/reference.ts';
import { diskFault } from '../../db/sqlite.ts';
import type { Plain } from '../../db/model/canonical.ts';
import type { Goods, Operator, Shop } from '../../db/model/catalogue.ts';
import type { BookEvent } from '../../db/model/event.ts';
import type { Scheme } from '../../db/model/scheme.ts';
import { businessDate } from '../../db/model/time.ts';
import type { Printer } from '../../hardware/printer/printer.ts';
import type { VirtualPrinter } from '../../hardware/virtual/printer.ts';
import type { VirtualScanner } from '../../hardware/virtual/scanner.ts';
import type { BackupPlaceView } from '../ipc/day-views.ts';
import { CallError } from '../ipc/rpc.ts';
import type {
  EngineStatus,
  Events,
  ExchangeView,
  Notice,
  NoticeCode,
  CreditedView,
  OperatorView,
  PaidView,
  Place,
  Settings,
  ScannerView,
  ShiftView,
  StopCode,
} from '../ipc/snapshot.ts';
import type { Approval } from './approval.ts';
import type { DeskDraft } from './desk-draft.ts';
import type { Draft } from './draft.ts';
import type { ScaleDevice } from './scale.ts';
import { type GoodsIndex, indexGoods } from './goods-index.ts';

/** What the county last sent, read once and again after every down-file. */
export interface Reference {
  readonly scheme: Scheme;
  readonly shop: Shop;
  readonly operators: readonly Operator[];
  readonly goods: ReadonlyMap<string, Goods>;
  readonly index: GoodsIndex;
  readonly cardKeys: ReadonlyMap<number, Uint8Array>;
}

/** What a cashier can say of a job that failed, or that nobody can know of; `continue` of a long sheet that broke off. */
export type PrintAnswer = 'it_printed' | 'print_again' | 'continue' | 'give_up';

export interface Devices {
  readonly printer: Printer;
  readonly virtualPrinter: VirtualPrinter | null;
  readonly virtualScanner: VirtualScanner | null;
  readonly scale: ScaleDevice;
  readonly scannerState: ScannerView['state'];
  /** Jobs go to the printer one after another. */
  readonly printing: {
    last: Promise<void>;
    waiting: number;
    /** The job the printer has now. */
    current: string | null;
    /** What the cashier said of a job while the printer still had it. */
    readonly answers: Map<string, { readonly job: PrintJob; readonly answer: PrintAnswer }>;
  };
  close(): Promise<void>;
}

/** The till's state. One mutable record, changed only inside calls and device events, shown by look.ts. */
export interface Engine {
  readonly directory: string;
  readonly clock: Clock;
  /** Made anew at every start: PIN waits are measured within it. */
  readonly bootId: string;
  readonly log: Log;
  /** Sticks and drives that are in the machine now. */
  readonly drives: () => Promise<readonly BackupPlaceView[]>;
  home: Home | null;
  book: Book | null;
  status: EngineStatus;
  reference: Reference | null;
  settings: Settings;
  operator: OperatorView | null;
  shift: ShiftView | null;
  place: Place;
  draft: Draft;
  desk: DeskDraft;
  lastCredit: CreditedView | null;
  lastSale: PaidView | null;
  /** A second person's leave for one act, not used yet. */
  approval: Approval | null;
  /** Wall time at which an idle till locks itself, within its last half minute; null before (idle-lock.ts). */
  locksAt: number | null;
  notice: Notice | null;
  devices: Devices | null;
  exchange: Pick<ExchangeView, 'refused' | 'notice' | 'applyingPercent'>;
  /** How far a long day is summed, for a closing or a report that takes longer than a moment; null: none is. */
  summingPercent: number | null;
  revision: number;
  /** Long work on the book, or nothing: calls that write wait for it. */
  busy: Promise<void>;
  emit<Name extends keyof Events>(name: Name, payload: Events[Name]): void;
  /** Tells every page the new state, once for all changes of this turn. */
  changed(): void;
}

export type Log = (line: string, error?: unknown) => void;

/** Reads again what the county sent; called at the opening and after every down-file. */
export function loadReference(engine: Engine, book: Book): void {
  const scheme = currentScheme(book.db);
  const shop = currentShop(book.db);
  if (scheme === null || shop === null) {
    engine.reference = null;
    return stop(engine, 'not_enrolled', 'waiting for the county’s first file');
  }
  const goods = allGoods(book.db);
  engine.reference = {
    scheme,
    shop,
    operators: allOperators(book.db),
    goods: new Map(goods.map((each) => [each.id, each])),
    index: indexGoods(goods, goodsCodes(book.db)),
    cardKeys: activeKeys(book.db, 'card'),
  };
  engine.status = { kind: 'selling' };
}

/** Stops the till with a reason a person can act on. The book, if it is open, is closed: what is committed is safe. */
export function stop(engine: Engine, code: StopCode, detail: string): void {
  engine.log(code === 'not_enrolled' ? detail : `stopped: ${code}: ${detail}`); // to wait is no fault
  engine.status = { kind: 'stopped', code, detail: detail.slice(0, 300) };
  engine.operator = null; // opening again gives the till back to whoever was at it a moment ago, and to nobody later
  engine.shift = null;
  engine.lastSale = null;
  engine.lastCredit = null;
  if (code !== 'not_enrolled') {
    try {
      engine.book?.close();
    } catch (error) {
      engine.log('closing the book', error); // it is given up anyway; the next opening checks it
    }
    engine.book = null;
  }
  engine.changed();
}

/** The open book and the county's data, for calls that can only be made while the till sells. */
export function selling(engine: Engine): { readonly book: Book; readonly reference: Reference } {
  if (engine.book === null || engine.reference === null || engine.status.kind !== 'selling')
    throw new CallError('not_allowed', 'the till is stopped');
  return { book: engine.book, reference: engine.reference };
}

/** The business date acts are booked on: the open shift's, else today's. */
export function currentDay(engine: Engine): string {
  return engine.shift?.businessDate ?? businessDate(engine.clock.wallMs());
}

/**
 * The event of an act that a page asks for a second time, or null where it was not done yet. No page of ours asks another
 * thing with an old act's id.
 */
export function earlierEvent(engine: Engine, actId: string, command: Plain): BookEvent | null {
  const { book } = selling(engine);
  if (actId === engine.draft.saleId || actId === engine.desk.creditId)
    throw new CallError('bad_call', 'the id of the sale or the credit that is being made');
  const earlier = earlierAct(book.db, actId, command);
  if (!earlier.ok) throw new CallError('bad_call', earlier.code);
  return earlier.value;
}

let nextNotice = 1;

/** Tells the cashier what came of a scan or touch. */
export function notify(engine: Engine, code: NoticeCode, subject = ''): Notice {
  engine.notice = { id: nextNotice++, code, subject: subject.slice(0, 60) };
  engine.changed();
  return engine.notice;
}

/** Waits until no long work holds the book. What follows in the same turn has the book to itself. */
export async function whenFree(engine: Engine): Promise<void> {
  let seen: Promise<void>;
  do {
    seen = engine.busy;
    await seen;
  } while (seen !== engine.busy); // another file of the county may have begun in between
}

/** Runs one transaction once no long work holds the book; the disk's faults stop the till, ours are rethrown. */
export async function writeWhenFree(engine: Engine, work: (book: Book) => void): Promise<void> {
  await whenFree(engine);
  if (engine.book === null) return;
  try {
    work(engine.book);
  } catch (error) {
    stopOnFault(engine, error);
    throw error;
  }
}

/** A fault of the disk, or a belief of ours that did not hold, ends selling until the book was opened and checked anew. */
export function stopOnFault(engine: Engine, error: unknown): void {
  const fault = diskFault(error);
  if (fault !== null) return stop(engine, fault, String(error));
  engine.log('a call failed', error);
  if (error instanceof Error && isBrokenBelief(error)) stop(engine, 'internal', error.message);
}

/** An assertion, or a CHECK or trigger of the tables: they state the same beliefs a second time. */
function isBrokenBelief(error: Error): boolean {
  return error.message.startsWith('assertion failed') || ('code' in error && String(error.code).startsWith('SQLITE_CONSTRAINT'));
}
