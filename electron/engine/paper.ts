// The paper of an act: what a sale's receipt or a credit's ticket says, and how it is drawn. All figures are the event's and the
// code is what the kiosk signed of it; decides nothing about when it prints.

import { type StoredCredit, findCredit, isReversed } from '../../db/credits.ts';
import { type StoredSale, findSale } from '../../db/sales.ts';
import type { ReadableDatabase } from '../../db/sqlite.ts';
import { signedText } from '../../db/model/event.ts';
import type { Raster, Receipt, Ticket } from '../../db/model/receipt.ts';
import { drawReceipt, drawTicket } from '../../hardware/printer/draw-receipt.ts';
import { printable } from '../../hardware/printer/encode.ts';
import { type Engine, selling } from './till.ts';

/** An act that has a paper of its own. */
export type PaperAct = StoredSale | StoredCredit;

/** The sale or the credit of that id, or null. */
export function findPaperAct(db: ReadableDatabase, actId: string): PaperAct | null {
  return findSale(db, actId) ?? findCredit(db, actId);
}

/** The number on the paper, which names its file in the archive. A ticket's has an R: the two never meet. */
export function numberOf({ event }: PaperAct): string {
  return event.kind === 'SALE' ? event.body.receiptNumber : event.body.ticketNumber;
}

/** Draws the paper for the width in the settings. Throws DrawingError where it cannot be drawn. */
export function drawPaper(engine: Engine, act: PaperAct, copy: number): Raster {
  const options = { dots: engine.settings.paperDots, copy };
  const drawn = isSale(act) ? drawReceipt(receiptOf(engine, act), options) : drawTicket(ticketOf(engine, act, copy), options);
  return printable(drawn); // the dots that a printer could take for commands move here: paper, preview and archive are the same
}

function isSale(act: PaperAct): act is StoredSale {
  return act.event.kind === 'SALE';
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

function signedCode({ event, leaf, signature }: PaperAct): string {
  return `${signedText(event, leaf)}|${signature}`;
}
