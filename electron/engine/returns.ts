// Goods that come back: against a receipt of this kiosk, in the way they were paid for, with an owner's leave. All of a return is in
// the book when this returns, or none of it is. Points never leave as cash.

import { earlierAct } from '../../db/acts.ts';
import { drawerFen } from '../../db/operators.ts';
import { addFirstPrintJob, newestPrintJob } from '../../db/print-jobs.ts';
import { type ReturnEvent, lastReturnCounter, returnDigest, returnsOf, saleOfNumber } from '../../db/returns.ts';
import { type SaleEvent, findSale, lastReceiptCounter } from '../../db/sales.ts';
import { type Fen, type Points, fen, points, sumFen } from '../../db/model/amounts.ts';
import type { Plain } from '../../db/model/canonical.ts';
import type { Payment, ReturnBody, ReturnedPoints } from '../../db/model/event.ts';
import { paperNumber } from '../../db/model/paper-number.ts';
import type { PrintState } from '../../db/model/receipt.ts';
import type { ReturnReason } from '../../db/model/reasons.ts';
import { type Result, assert, fail, ok } from '../../db/model/result.ts';
import { type ChosenLine, type ReturnQuote, returnQuote, returnedQuantities } from '../../db/model/returns.ts';
import { allowance, unsettledRoaming } from '../../db/model/spending.ts';
import { restoredSeq } from '../../db/reference.ts';
import { prepared } from '../../db/sqlite.ts';
import { uuidv7 } from '../../db/uuid.ts';
import type { MadeReturnView, ReturnQuoteView, ReturnableSale, ReturnedView } from '../ipc/day-views.ts';
import { useApproval } from './approval.ts';
import { kickDrawer, printSoon } from './printing.ts';
import { spendingInput } from './quote.ts';
import { type ReceiptProblem, isReceiptCode, readReceipt } from './read-receipt.ts';
import { type Engine, currentDay, selling } from './till.ts';

/** Why nothing was returned. */
export type ReturnRefusal =
  | 'sale_unknown'
  | 'receipt_before_restore' // older than the newest restoration: it may have come back in the time that was lost, and the county is asked
  | 'nothing_chosen'
  | 'too_many' // more of a line than was bought and did not come back yet, or part of what was weighed
  | 'changed' // other goods came back since the operator looked, or another unit of cash is in force
  | 'drawer_short' // less cash in the drawer, by the book, than must go out
  | 'approval_needed'
  | 'approval_void'
  | 'other_content'; // this act was already done, with other content

/**
 * The sale of a receipt: its scanned QR, its whole number, or the last digits of it, which mean the newest receipt that ends so; or
 * a sale chosen from the list, by id.
 */
export function findReceipt(
  engine: Engine,
  by: { readonly text: string } | { readonly saleId: string },
): Result<ReturnableSale, ReceiptProblem> {
  const { db } = selling(engine).book;
  const found = 'saleId' in by ? ok(by.saleId) : isReceiptCode(by.text) ? readReceipt(engine, by.text) : byNumber(engine, by.text);
  if (!found.ok) return found;
  const sale = findSale(db, found.value);
  return sale === null ? fail('receipt_unknown') : ok(returnableSale(engine, sale.event));
}

/** What would go back for these pieces, and the digest that the confirm key brings. Changes nothing. */
export function quoteReturn(
  engine: Engine,
  { saleId, lines }: { readonly saleId: string; readonly lines: readonly ChosenLine[] },
): Result<ReturnQuoteView, ReturnRefusal> {
  const sale = findSale(selling(engine).book.db, saleId)?.event;
  if (sale === undefined) return fail('sale_unknown');
  const quoted = currentReturnQuote(engine, sale, lines);
  return quoted.ok ? ok(quoted.value.shown) : quoted;
}

/**
 * Returns pieces of a sale. The same act id again gives the first answer and returns nothing (R6, 6). What the page says it saw is
 * compared and never used.
 */
export function returnGoods(
  engine: Engine,
  args: {
    readonly actId: string;
    readonly saleId: string;
    readonly lines: readonly ChosenLine[];
    readonly reason: ReturnReason;
    readonly shown: { readonly points: number; readonly cashFen: number; readonly otherFen: number; readonly digest: string };
    readonly approvalId?: string | undefined;
  },
): Result<ReturnedView, ReturnRefusal> {
  const { book } = selling(engine);
  const { actId, saleId, lines, reason, shown, approvalId } = args;
  const command: Plain = { returnGoods: saleId, lines: lines.map(({ n, quantity }) => [n, quantity]), reason, shown, approvalId };
  const earlier = earlierAct(book.db, actId, command);
  if (!earlier.ok || actId === engine.draft.saleId || actId === engine.desk.creditId) return fail('other_content');
  if (earlier.value?.kind === 'RETURNED') return ok(returnedView(engine, earlier.value));

  const sale = findSale(book.db, saleId)?.event;
  if (sale === undefined) return fail('sale_unknown');
  const quoted = currentReturnQuote(engine, sale, lines);
  if (!quoted.ok) return quoted;
  const { quote, shown: now } = quoted.value;
  const isSame =
    shown.digest === now.digest && shown.points === now.points && shown.cashFen === now.cashFen && shown.otherFen === now.otherFen;
  if (!isSame) return fail('changed');
  if (now.cashFen > drawerFen(book.db)) return fail('drawer_short');
  if (approvalId === undefined) return fail('approval_needed');
  const act = { kind: 'return', saleId, digest: now.digest, points: now.points, moneyFen: now.cashFen + now.otherFen } as const;
  if (!useApproval(engine, approvalId, act).ok) return fail('approval_void');
  return ok(giveBack(engine, { actId, command, sale, quote, reason, approvalId }));
}

function giveBack(
  engine: Engine,
  of: {
    readonly actId: string;
    readonly command: Plain;
    readonly sale: SaleEvent;
    readonly quote: ReturnQuote;
    readonly reason: ReturnReason;
    readonly approvalId: string;
  },
): ReturnedView {
  const { book, reference } = selling(engine);
  const { actId, command, sale, quote, reason, approvalId } = of;
  const { zh, bo, countyZh, countyBo, kiosk } = reference.shop;
  const { accountId, receiptNumber, printed } = sale.body;
  const body: ReturnBody = {
    returnNumber: paperNumber({ kiosk, inc: book.head().inc }, 'T', lastReturnCounter(book.db) + 1),
    saleId: sale.id,
    saleReceiptNumber: receiptNumber,
    saleDay: sale.day,
    accountId,
    reason,
    approvalId,
    lines: quote.lines,
    totalFen: quote.totalFen,
    redemption: quote.redemption === null || accountId === null ? null : pointsBack(engine, { sale, accountId, quote: quote.redemption }),
    payments: quote.payments,
    roundingFen: quote.roundingFen,
    printed: {
      language: printed.language,
      residentMasked: printed.residentMasked,
      operatorName: engine.operator?.name ?? '',
      approverName: approverName(engine, approvalId),
      shop: { zh, bo, countyZh, countyBo },
    },
  };
  const jobId = uuidv7(engine.clock.wallMs());
  const event = book.transact(({ db, append }) => {
    const written = append({
      kind: 'RETURNED',
      body,
      id: actId,
      day: currentDay(engine),
      op: engine.operator?.id ?? null,
      res: sale.res,
      amt: quote.points,
      command,
    });
    addFirstPrintJob(db, { jobId, act: written });
    return written;
  });
  assert(event.kind === 'RETURNED', 'the return was written');
  engine.changed();
  printSoon(engine, jobId);
  if (moneyOf(body.payments, 'cash') > 0) void kickDrawer(engine, actId);
  return returnedView(engine, event);
}

/** Who gave the leave that was used just now. */
function approverName(engine: Engine, approvalId: string): string {
  const { book, reference } = selling(engine);
  const leave = prepared<[string], { approver: string }>(
    book.db,
    `SELECT line ->> '$.body.approver' AS approver FROM event WHERE id = ? AND kind = 'APPROVED'`,
  ).get(approvalId);
  return reference.operators.find(({ id }) => id === leave?.approver)?.name ?? '';
}

/** Where the points go, and what that makes of what can be spent. */
function pointsBack(
  engine: Engine,
  of: { readonly sale: SaleEvent; readonly accountId: string; readonly quote: NonNullable<ReturnQuote['redemption']> },
): ReturnedPoints {
  const { sale, accountId, quote } = of;
  const before = spendingInput(engine, accountId);
  const back = points(quote.toRights + quote.toRoaming);
  const after = allowance({
    ...before,
    counters: {
      ...before.counters,
      unspent: points(before.counters.unspent + quote.toRights),
      unroamed: points(before.counters.unroamed + quote.toRoaming),
    },
    county: { ...before.county, spentHereSince: points(before.county.spentHereSince - back) },
    kioskRoaming: points(before.kioskRoaming - quote.toRoaming),
    spentToday: points(before.spentToday - (sale.day === currentDay(engine) ? back : 0)),
  });
  return {
    ...quote,
    usableBefore: allowance(before).usable,
    usableAfter: after.usable,
    countyAfter: after.countyBalance,
    countyAsOf: before.county.asOf,
  };
}

function currentReturnQuote(
  engine: Engine,
  sale: SaleEvent,
  chosen: readonly ChosenLine[],
): Result<{ readonly quote: ReturnQuote; readonly shown: ReturnQuoteView }, 'receipt_before_restore' | 'nothing_chosen' | 'too_many'> {
  const { book, reference } = selling(engine);
  if (sale.seq < restoredSeq(book.db)) return fail('receipt_before_restore');
  const before = returnsOf(book.db, sale.id).map(({ body }) => body);
  const { accountId } = sale.body;
  const quoted = returnQuote({
    sale: sale.body,
    used: sale.amt,
    before,
    chosen,
    cashRounding: reference.scheme.cashRounding,
    unsettled: accountId === null ? points(0) : unsettledOf(engine, accountId),
  });
  if (!quoted.ok) return quoted;
  const { totalFen, points: back, payments, roundingFen } = quoted.value;
  return ok({
    quote: quoted.value,
    shown: {
      saleId: sale.id,
      totalFen,
      points: back,
      cashFen: moneyOf(payments, 'cash'),
      otherFen: moneyOf(payments, 'other'),
      roundingFen,
      digest: returnDigest(sale.id, chosen, before),
    },
  });
}

/** Roaming of an account that the county has not settled and no return gave back. */
function unsettledOf(engine: Engine, accountId: string): Points {
  return unsettledRoaming(spendingInput(engine, accountId).counters);
}

function moneyOf(payments: readonly Pick<Payment, 'kind' | 'fen'>[], kind: Payment['kind']): Fen {
  return sumFen(payments.map((payment) => (payment.kind === kind ? payment.fen : fen(0))));
}

/** A receipt number has digits at its end and the kiosk's name before them; other papers have a letter there. */
const wholeNumber = /^(?<kiosk>.+)-(?<letter>[A-Z]?)(?<counter>\d{6,12})$/u;
const lastDigits = /^\d{1,12}$/;

function byNumber(engine: Engine, text: string): Result<string, ReceiptProblem> {
  const { book, reference } = selling(engine);
  const typed = text.trim().normalize('NFC');
  const saleId = saleOfNumber(book.db, typed) ?? (lastDigits.test(typed) ? saleOfNumber(book.db, newestEndingIn(engine, typed)) : null);
  if (saleId !== null) return ok(saleId);
  const whole = wholeNumber.exec(typed)?.groups;
  if (whole === undefined) return fail(lastDigits.test(typed) ? 'receipt_unknown' : 'receipt_malformed');
  if (whole['kiosk']!.replace(/\.\d+$/, '') !== reference.shop.kiosk && whole['kiosk'] !== reference.shop.kiosk)
    return fail('receipt_other_shop');
  return fail(whole['letter'] === '' ? 'receipt_unknown' : 'receipt_not_sale');
}

/** Counters have no gap, so the newest that ends in these digits is known; which incarnation has it is asked. */
function newestEndingIn(engine: Engine, digits: string): string {
  const { book, reference } = selling(engine);
  const last = lastReceiptCounter(book.db);
  const cycle = 10 ** digits.length;
  const behind = (((last - Number(digits)) % cycle) + cycle) % cycle;
  const counter = Math.max(0, last - behind);
  for (let { inc } = book.head(); inc > 1; inc -= 1) {
    const number = paperNumber({ kiosk: reference.shop.kiosk, inc }, '', counter);
    if (saleOfNumber(book.db, number) !== null) return number;
  }
  return paperNumber({ kiosk: reference.shop.kiosk, inc: 1 }, '', counter);
}

function returnableSale(engine: Engine, { id, seq, day, at, amt, body }: SaleEvent): ReturnableSale {
  const { book, reference } = selling(engine);
  const returns = returnsOf(book.db, id);
  const returned = returnedQuantities(
    body,
    returns.map((each) => each.body),
  );
  return {
    saleId: id,
    receiptNumber: body.receiptNumber,
    day,
    at,
    operatorName: body.printed.operatorName,
    residentMasked: body.printed.residentMasked,
    totalFen: body.totalFen,
    points: amt,
    cashFen: moneyOf(body.payments, 'cash'),
    otherFen: moneyOf(body.payments, 'other'),
    lines: body.lines.map((line, n) => ({
      n,
      zh: line.zh,
      bo: line.bo,
      size: line.size,
      picture: reference.goods.get(line.goodsId)?.picture ?? 'box',
      pricedIn: line.pricedIn,
      unitPrice: line.unitPrice,
      totalFen: line.totalFen,
      points: line.points,
      quantity: line.quantity,
      returned: returned[n]!,
      netGrams: line.weighed === undefined || line.weighed.by === 'price-label' ? null : line.weighed.netGrams,
    })),
    isBeforeRestore: seq < restoredSeq(book.db),
    returns: madeReturns(engine, returns),
  };
}

/** Returns as a page lists them. */
export function madeReturns(engine: Engine, returns: readonly ReturnEvent[]): readonly MadeReturnView[] {
  return returns.map(({ id, day, body }) => ({ returnId: id, returnNumber: body.returnNumber, day, print: printStateOf(engine, id) }));
}

/** Where the slip of a return stands. */
function printStateOf(engine: Engine, returnId: string): PrintState {
  return newestPrintJob(selling(engine).book.db, returnId)?.state ?? { kind: 'queued' };
}

function returnedView(engine: Engine, { id, amt, body }: ReturnEvent): ReturnedView {
  return {
    returnId: id,
    returnNumber: body.returnNumber,
    points: amt,
    cashFen: moneyOf(body.payments, 'cash'),
    otherFen: moneyOf(body.payments, 'other'),
    usableAfter: body.redemption?.usableAfter ?? null,
    print: printStateOf(engine, id),
  };
}
