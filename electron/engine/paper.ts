// The paper of an act: what a receipt, a ticket or a slip says, and how it is drawn. All figures are the event's and the
// code is what the kiosk signed of it; decides nothing about when it prints.

import { signedCheckpoint } from '../../db/closings.ts';
import { type StoredCredit, isReversed } from '../../db/credits.ts';
import { paperNumbers } from '../../db/print-jobs.ts';
import { type StoredSale, findSale } from '../../db/sales.ts';
import { type ReadableDatabase, prepared } from '../../db/sqlite.ts';
import type { Language } from '../../db/model/catalogue.ts';
import { type BookEvent, signedText } from '../../db/model/event.ts';
import type { PaperEvent, PaperKind } from '../../db/model/paper-number.ts';
import type { PeriodSlip, Raster, Receipt, ReturnSlip, SettlementSlip, Ticket } from '../../db/model/receipt.ts';
import { assert } from '../../db/model/result.ts';
import { drawPeriod, drawReceipt, drawReturn, drawSettlement, drawTicket } from '../../hardware/printer/draw-receipt.ts';
import { printable } from '../../hardware/printer/encode.ts';
import type { DrawOptions } from '../../hardware/printer/paper-blocks.ts';
import { partRowsMax } from '../../hardware/printer/parts.ts';
import { type Engine, selling } from './till.ts';

/** An act that has a paper of its own, as it was written: the event and what its code signs. */
export interface PaperAct {
  readonly event: PaperEvent;
  /** base64url. */
  readonly leaf: string;
  readonly signature: string;
}

/** The act of that id if it has a paper, or null. */
export function findPaperAct(db: ReadableDatabase, actId: string): PaperAct | null {
  const row = prepared<[string], { kind: string; line: string; leaf: Buffer; sig: Buffer }>(
    db,
    'SELECT kind, line, leaf, sig FROM event WHERE id = ?',
  ).get(actId);
  if (row === undefined || !Object.hasOwn(paperNumbers, row.kind)) return null;
  const event = JSON.parse(row.line) as PaperAct['event']; // the book's own line, of a kind that has a paper
  return { event, leaf: row.leaf.toString('base64url'), signature: row.sig.toString('base64url') };
}

/** Draws the paper for the width in the settings. Throws DrawingError where it cannot be drawn. */
export function drawPaper(engine: Engine, act: PaperAct, copy: number): Raster {
  const options = { dots: engine.settings.paperDots, copy };
  return printable(drawn(engine, act, options)); // the dots that a printer could take for commands move here: paper, preview and archive are the same
}

function drawn(engine: Engine, act: PaperAct, options: DrawOptions): Raster {
  if (isOf(act, 'SALE')) return drawReceipt(receiptOf(engine, act), options);
  if (isOf(act, 'CREDIT')) return drawTicket(ticketOf(engine, act, options.copy), options);
  if (isOf(act, 'RETURNED')) return drawReturn(returnOf(engine, act), options);
  if (isOf(act, 'SETTLED')) return drawSettlement(settlementOf(act), options);
  if (isOf(act, 'DAY_CLOSED')) return drawPeriod(closingOf(engine, act), options);
  if (isOf(act, 'REPORT_PRINTED')) return drawPeriod(reportOf(act), options);
  throw new Error(`no paper of ${act.event.kind}`);
}

/**
 * Whether the paper is printed in parts, each known to be out before the next. What the shop keeps is, if it is longer than one
 * part; what a customer waits for only if it is longer than usual carts make it: paper put in anew finishes it by itself.
 */
export function isPrintedInParts({ event }: PaperAct, { height }: Raster): boolean {
  const isKept = event.kind === 'DAY_CLOSED' || event.kind === 'REPORT_PRINTED' || event.kind === 'SETTLED';
  return height > (isKept ? partRowsMax : customerRowsMax);
}

/** 32 cm: some ten kinds of goods in Tibetan. */
const customerRowsMax = 2_560;

/** The language that the act's paper is in, for what stands above it. */
export function languageOf({ event }: PaperAct): Language {
  return event.body.printed.language;
}

/** An act of one kind that has a paper. */
type ActOf<Kind extends PaperKind> = PaperAct & { readonly event: BookEvent & { readonly kind: Kind } };

function isOf<Kind extends PaperKind>(act: PaperAct, kind: Kind): act is ActOf<Kind> {
  return act.event.kind === kind;
}

function receiptOf(engine: Engine, sale: StoredSale): Receipt {
  const { event } = sale;
  const { body } = event;
  return {
    language: body.printed.language,
    shop: body.printed.shop ?? selling(engine).reference.shop,
    receiptNumber: body.receiptNumber,
    day: event.day,
    at: event.at,
    operatorName: body.printed.operatorName,
    residentMasked: body.printed.residentMasked,
    lines: body.lines,
    totalFen: body.totalFen,
    redemption: body.redemption,
    points: event.amt,
    payments: body.payments,
    roundingFen: body.roundingFen,
    qr: signedCode(sale),
  };
}

function ticketOf(engine: Engine, credit: StoredCredit, copy: number): Ticket {
  const { event } = credit;
  const { body } = event;
  const { language, shop, operatorName, residentMasked, scale } = body.printed;
  return {
    language,
    shop,
    ticketNumber: body.ticketNumber,
    day: event.day,
    at: event.at,
    operatorName,
    residentMasked,
    lines: body.lines,
    containers: selling(engine).reference.scheme.recycling?.containers ?? [],
    points: event.amt,
    usableBefore: body.usableBefore,
    usableAfter: body.usableAfter,
    countyAfter: body.countyAfter,
    countyAsOf: body.countyAsOf,
    isApproved: body.approvalId !== null,
    isReversed: copy > 0 && isReversed(selling(engine).book.db, event.id), // the first print stays what it was
    scale,
    qr: signedCode(credit),
  };
}

/** The names of the goods are the sale's: a return has none of its own. */
function returnOf(engine: Engine, act: ActOf<'RETURNED'>): ReturnSlip {
  const { event } = act;
  const { body } = event;
  const { language, shop, operatorName, approverName, residentMasked } = body.printed;
  const sale = findSale(selling(engine).book.db, body.saleId);
  assert(sale !== null, 'a return is of a sale of this book');
  return {
    language,
    shop,
    returnNumber: body.returnNumber,
    saleReceiptNumber: body.saleReceiptNumber,
    saleDay: body.saleDay,
    reason: body.reason,
    day: event.day,
    at: event.at,
    operatorName,
    approverName,
    residentMasked,
    lines: body.lines.map((line) => {
      const sold = sale.event.body.lines[line.n];
      assert(sold !== undefined, 'what came back is of a line of the sale');
      return { ...sold, ...line };
    }),
    totalFen: body.totalFen,
    redemption: body.redemption,
    payments: body.payments,
    roundingFen: body.roundingFen,
    points: event.amt,
    qr: signedCode(act),
  };
}

function reportOf(act: ActOf<'REPORT_PRINTED'>): PeriodSlip {
  const { event } = act;
  const { figures, accounts, fromSeq, printed } = event.body;
  return {
    ...printed,
    day: event.day,
    at: event.at,
    figures,
    accounts,
    fromSeq,
    throughSeq: event.seq - 1,
    closing: null,
    qr: signedCode(act),
  };
}

function closingOf(engine: Engine, { event }: ActOf<'DAY_CLOSED'>): PeriodSlip {
  const { figures, accounts, fromSeq, printed } = event.body;
  return {
    ...printed,
    day: event.day,
    at: event.at,
    figures,
    accounts,
    fromSeq,
    throughSeq: event.seq, // a closing is of its own period: its difference belongs to its day
    closing: event.body,
    qr: signedCheckpoint(selling(engine).book, event),
  };
}

function settlementOf(act: ActOf<'SETTLED'>): SettlementSlip {
  const { event } = act;
  const { printed, ...body } = event.body;
  return { ...body, ...printed, day: event.day, at: event.at, qr: signedCode(act) };
}

function signedCode({ event, leaf, signature }: Pick<PaperAct, 'event' | 'leaf' | 'signature'>): string {
  return `${signedText(event, leaf)}|${signature}`;
}
