// A receipt, a ticket or a slip as the picture that is printed, shown, archived and reprinted: the same dots each time. Knows no printer.

import type { Language } from '../../db/model/catalogue.ts';
import type { PaperDots, PeriodSlip, Raster, Receipt, ReturnSlip, SettlementSlip, Ticket } from '../../db/model/receipt.ts';
import { checkDrawing } from './drawing-check.ts';
import { missingCharacters } from './fonts.ts';
import { type Block, drawBlocks } from './layout.ts';
import { type DrawOptions, breakBlocks } from './paper-blocks.ts';
import { periodBlocks } from './period-blocks.ts';
import { receiptBlocks } from './receipt-blocks.ts';
import { returnBlocks } from './return-blocks.ts';
import { settlementBlocks } from './settlement-blocks.ts';
import { ticketBlocks } from './ticket-blocks.ts';

/** The paper could not be drawn: nothing may be printed, and the print job fails with the cause `drawing`. */
export class DrawingError extends Error {
  override readonly name = 'DrawingError';
}

/**
 * Draws a receipt in its own language. Holds no personal data beyond the masked name. Throws DrawingError where the
 * fonts or the shaping of this machine are not what they must be (hardware.md F), or the QR does not fit the paper.
 */
export function drawReceipt(receipt: Receipt, options: DrawOptions): Raster {
  return draw(`receipt ${receipt.receiptNumber}`, options, () => receiptBlocks(receipt, options));
}

/** The same of a ticket. */
export function drawTicket(ticket: Ticket, options: DrawOptions): Raster {
  return draw(`ticket ${ticket.ticketNumber}`, options, () => ticketBlocks(ticket, options));
}

/** The same of a return's slip. */
export function drawReturn(slip: ReturnSlip, options: DrawOptions): Raster {
  return draw(`return ${slip.returnNumber}`, options, () => returnBlocks(slip, options));
}

/** The same of a day's end, or of the open day. */
export function drawPeriod(slip: PeriodSlip, options: DrawOptions): Raster {
  return draw(`closing ${slip.closing?.closingNumber ?? 'X'}`, options, () => periodBlocks(slip, options));
}

/** The same of a settlement. */
export function drawSettlement(slip: SettlementSlip, options: DrawOptions): Raster {
  return draw(`settlement ${slip.settlementNumber}`, options, () => settlementBlocks(slip, options));
}

/** What stands above a paper that is printed anew after it broke off: that it goes on, or that it begins again; and its number. */
export function drawBand(
  kind: 'continued' | 'again',
  { language, number, dots }: { readonly language: Language; readonly number: string; readonly dots: PaperDots },
): Raster {
  return draw(`band of ${number}`, { dots, copy: 0 }, () => breakBlocks(kind, { language, number }));
}

/** Characters of a receipt that are printed as 〓 because no bundled font holds them; for the log of the county. */
export function missingOnReceipt(receipt: Receipt): string[] {
  const { shop, lines } = receipt;
  const names = [shop.zh, shop.bo, shop.countyZh, shop.countyBo, receipt.receiptNumber, receipt.operatorName, receipt.residentMasked];
  return missingCharacters([...names, ...lines.flatMap((line) => [line.zh, line.bo, line.size])].join(''));
}

function draw(what: string, { dots }: DrawOptions, blocks: () => readonly Block[]): Raster {
  try {
    checkDrawing();
    return drawBlocks(blocks(), dots);
  } catch (cause) {
    throw new DrawingError(`drawing ${what}`, { cause });
  }
}
