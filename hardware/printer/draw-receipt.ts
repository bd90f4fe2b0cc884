// A receipt or a ticket as the picture that is printed, shown, archived and reprinted: the same dots each time. Knows no printer.

import type { Raster, Receipt, Ticket } from '../../db/model/receipt.ts';
import { checkDrawing } from './drawing-check.ts';
import { missingCharacters } from './fonts.ts';
import { type Block, drawBlocks } from './layout.ts';
import type { DrawOptions } from './paper-blocks.ts';
import { receiptBlocks } from './receipt-blocks.ts';
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
