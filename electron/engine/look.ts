// What a page sees: the snapshot, search and lists. Reads only.

import { postedThrough } from '../../db/acks.ts';
import { findResident, lastDown } from '../../db/reference.ts';
import { askedPrintJobs } from '../../db/print-jobs.ts';
import { type SaleEvent, salesBefore } from '../../db/sales.ts';
import { returnsOf } from '../../db/returns.ts';
import { prepared } from '../../db/sqlite.ts';
import { fen, points, sumFen } from '../../db/model/amounts.ts';
import type { GoodsCategory } from '../../db/model/catalogue.ts';
import { quoteOfNothing } from '../../db/model/checkout.ts';
import type { Book } from '../../db/book.ts';
import type { BookEvent, Payment } from '../../db/model/event.ts';
import { returnedQuantities } from '../../db/model/returns.ts';
import type {
  CartView,
  ExchangeView,
  GoodsTile,
  OfferedCardView,
  PrinterView,
  SaleSummary,
  ScannerView,
  Snapshot,
} from '../ipc/snapshot.ts';
import { daysView } from './days.ts';
import { deskView } from './desk.ts';
import { tileOf } from './goods-tile.ts';
import { heldViews } from './hold.ts';
import { upView } from './night.ts';
import { cartDigest, currentLines, currentQuote, roamingShare } from './quote.ts';
import { residentView, shownOf } from './resident-view.ts';
import { software } from './software.ts';
import { madeReturns } from './returns.ts';
import { scaleView } from './scale.ts';
import { leftView, operatorView } from './session.ts';
import { upkeepView } from './upkeep.ts';
import { weighingView } from './weigh-goods.ts';
import { type Engine, selling } from './till.ts';

/** Most tiles of one answer: what a screen can show. */
const tilesMax = 60;
const salesMax = 20;

/** What the page was last told, for the time a county's file is half applied: half a file is nobody's to see. */
const lastTold = new WeakMap<Engine, Snapshot>();

export function snapshot(engine: Engine): Snapshot {
  const before = lastTold.get(engine);
  if (before !== undefined && engine.book?.db.inTransaction === true)
    return { ...before, revision: engine.revision, exchange: { ...before.exchange, applyingPercent: engine.exchange.applyingPercent } };
  const now = look(engine);
  lastTold.set(engine, now);
  return now;
}

function look(engine: Engine): Snapshot {
  const { reference, settings, status } = engine;
  return {
    revision: engine.revision,
    software,
    status,
    shop: reference?.shop ?? null,
    scheme:
      reference === null
        ? null
        : {
            zh: reference.scheme.zh,
            bo: reference.scheme.bo,
            pointValueFen: reference.scheme.pointValueFen,
            pointsStep: reference.scheme.pointsStep,
          },
    settings,
    operators: reference?.operators.filter((operator) => operator.active).map(operatorView) ?? [],
    operator: engine.operator,
    shift: engine.shift,
    left: leftView(engine),
    place: engine.place,
    cart: cartView(engine),
    held: heldViews(engine),
    locksAt: engine.locksAt,
    days: daysView(engine),
    upkeep: upkeepView(engine),
    desk: deskView(engine),
    scale: scaleView(engine),
    lastSale: engine.lastSale,
    notice: engine.notice,
    printer: printerView(engine),
    scanner: scannerView(engine),
    printJobs: engine.book === null ? [] : askedPrintJobs(engine.book.db),
    exchange: exchangeView(engine),
  };
}

/** Goods by initials, name or code; '' lists a category. */
export function searchGoods(
  engine: Engine,
  { query, category, offset }: { readonly query: string; readonly category: GoodsCategory | null; readonly offset: number },
): { readonly tiles: readonly GoodsTile[]; readonly total: number } {
  const found = selling(engine).reference.index.search(query, category);
  return {
    tiles: found.slice(offset, offset + tilesMax).map(tileOf),
    total: found.length,
  };
}

/** The newest sales before an event number, newest first. */
export function recentSales(
  engine: Engine,
  { beforeSeq }: { readonly beforeSeq: number | null },
): { readonly sales: readonly SaleSummary[]; readonly nextBeforeSeq: number | null } {
  const { db } = selling(engine).book;
  const rows = salesBefore(db, beforeSeq ?? Number.MAX_SAFE_INTEGER, salesMax);
  const sales = rows.map((row): SaleSummary => {
    const { at, body } = JSON.parse(row.line) as SaleEvent; // the book's own line
    const paid = (kind: Payment['kind']) => sumFen(body.payments.map((payment) => (payment.kind === kind ? payment.fen : fen(0))));
    const returns = returnsOf(db, row.saleId);
    const back = returnedQuantities(
      body,
      returns.map((each) => each.body),
    );
    return {
      saleId: row.saleId,
      receiptNumber: row.receiptNumber,
      at,
      totalFen: fen(row.totalFen),
      points: points(row.points),
      cashFen: paid('cash'),
      otherFen: paid('other'),
      copies: row.copies,
      returned: returns.length === 0 ? 'none' : body.lines.every(({ quantity }, n) => back[n] === quantity) ? 'all' : 'part',
      returns: madeReturns(engine, returns),
    };
  });
  return { sales, nextBeforeSeq: rows.length === salesMax ? rows.at(-1)!.seq : null };
}

function cartView(engine: Engine): CartView {
  const isOpen = engine.book !== null && engine.reference !== null && engine.status.kind === 'selling';
  if (!isOpen)
    return {
      saleId: engine.draft.saleId,
      resident: null,
      isCardMissing: false,
      offered: null,
      quote: quoteOfNothing('empty'),
      digest: '',
      pictures: {},
      switchable: [],
      weighing: null,
    };
  const lines = currentLines(engine);
  const quote = currentQuote(engine);
  return {
    saleId: engine.draft.saleId,
    resident: residentView(engine, engine.draft.resident),
    isCardMissing: engine.draft.resident === null && engine.draft.hadCard && quote.lines.length > 0,
    offered: offeredView(engine),
    quote,
    digest: cartDigest(engine, quote),
    pictures: Object.fromEntries(lines.map((line) => [line.lineId, line.goods.picture])),
    switchable: lines.filter((line) => line.goods.priceFen !== null && line.goods.pricePoints !== null).map((line) => line.lineId),
    weighing: weighingView(engine),
  };
}

function offeredView(engine: Engine): OfferedCardView | null {
  const { offered } = engine.draft;
  const resident = offered === null ? null : findResident(selling(engine).book.db, offered.id);
  return offered === null || resident === null ? null : { offerId: offered.offerId, ...shownOf(engine, resident) };
}

function printerView(engine: Engine): PrinterView {
  const { devices } = engine;
  const address = engine.home?.config.printer ?? '';
  return { address, state: devices?.printer.condition() ?? 'no_printer', simulated: devices?.virtualPrinter != null };
}

function scannerView(engine: Engine): ScannerView {
  const { devices } = engine;
  return { address: engine.home?.config.scanner ?? '', state: devices?.scannerState ?? 'none', simulated: devices?.virtualScanner != null };
}

/**
 * What the till writes of itself after every exchange: that it started, who stands there, what it took from the county, that it looked
 * at its book; besides, that the drawer opened for a sale, and that a simulated scale set itself up. The shopkeeper is told of the rest.
 */
const ofItself = [
  'START',
  'OPERATOR_IN',
  'OPERATOR_OUT',
  'DOWN_APPLIED',
  'RIGHTS_RETURNED',
  'VERIFIED',
  'BACKED_UP',
  'KEY_ROTATED',
  'NOTICE_TAKEN',
  'DRAWER_OPENED',
]
  .map((kind) => `'${kind}'`)
  .join(', ');
const ofShop = `kind NOT IN (${ofItself}) AND NOT (kind = 'SCALE_SET' AND json_extract(line, '$.body.isSimulated'))`;

interface Unsent {
  readonly acknowledged: number;
  /** Events up to this one are counted. */
  readonly through: number;
  readonly acts: number;
  readonly oldestAt: number | null;
}

const counted = new WeakMap<Book, Unsent>();

/** The shop's acts after `acknowledged`. Counts only what came since it was last asked: a till that was off for a month has thousands. */
function unsentOf(book: Book, acknowledged: number): Unsent {
  const through = book.head().seq;
  const known = counted.get(book);
  const before = known?.acknowledged === acknowledged ? known : { acknowledged, through: acknowledged, acts: 0, oldestAt: null };
  if (before.through >= through) return before;
  const { acts, first } = prepared<[number], { acts: number; first: number | null }>(
    book.db,
    `SELECT count(*) AS acts, min(seq) AS first FROM event WHERE seq > ? AND ${ofShop}`,
  ).get(before.through)!; // an aggregate has a row
  const unsent = { acknowledged, through, acts: before.acts + acts, oldestAt: before.oldestAt ?? timeOf(book, first) };
  counted.set(book, unsent);
  return unsent;
}

function timeOf({ db }: Book, seq: number | null): number | null {
  if (seq === null) return null;
  const { line } = prepared<[number], { line: string }>(db, 'SELECT line FROM event WHERE seq = ?').get(seq)!; // just found
  return (JSON.parse(line) as BookEvent).at; // the book's own line
}

function exchangeView(engine: Engine): ExchangeView {
  const { book } = engine;
  if (book === null)
    return {
      lastDownSeq: 0,
      lastDownAsOf: null,
      roaming: 'whole',
      unsentEvents: 0,
      oldestUnsentAt: null,
      up: upView(engine),
      ...engine.exchange,
    };
  const last = lastDown(book.db);
  const acknowledged = Math.max(last?.ackSeq ?? 0, postedThrough(book.db));
  const { acts, oldestAt } = unsentOf(book, acknowledged);
  return {
    lastDownSeq: last?.downSeq ?? 0,
    lastDownAsOf: last?.asOf ?? null,
    roaming: engine.status.kind === 'selling' && engine.reference !== null ? roamingShare(engine) : 'whole',
    unsentEvents: acts,
    oldestUnsentAt: oldestAt,
    up: upView(engine),
    ...engine.exchange,
  };
}
