// What stands where on a receipt, from its shop's name to its signed code. Draws nothing.

import { type Points, fen, points, sumPoints } from '../../db/model/amounts.ts';
import type { Language } from '../../db/model/catalogue.ts';
import type { Payment, Redemption } from '../../db/model/event.ts';
import { pointsText, yuanText } from '../../db/model/format.ts';
import type { Receipt, ReceiptLine } from '../../db/model/receipt.ts';
import type { Block } from './layout.ts';
import {
  type DrawOptions,
  balanceBlocks,
  bodyStrong,
  codeBlocks,
  copyBlocks,
  gap,
  headBlocks,
  lineGapDots,
  nameBlocks,
  pair,
  shopBlocks,
  strong,
  text,
  thickRule,
  thinRule,
} from './paper-blocks.ts';
import { type ReceiptWords, receiptWords } from './receipt-text.ts';

/**
 * The rows of a receipt in its own language, a band above them on a copy. Money and points carry their units, and
 * nothing names the resident but the mask. Throws RangeError where the signed text does not fit the paper as a QR.
 */
export function receiptBlocks(receipt: Receipt, { dots, copy }: DrawOptions): readonly Block[] {
  const words = receiptWords[receipt.language];
  return [
    gap(8),
    ...copyBlocks(copy, words),
    ...shopBlocks(receipt),
    thickRule,
    ...headBlocks(receipt, { title: null, numberLabel: words.receiptNumber, number: receipt.receiptNumber }, words),
    thinRule,
    ...receipt.lines.flatMap((line) => [...lineBlocks(line, receipt.language, words), gap(lineGapDots)]),
    thickRule,
    ...paidBlocks(receipt, words),
    ...(receipt.redemption === null ? [] : redemptionBlocks(receipt.redemption, points(receipt.points), words)),
    ...codeBlocks(receipt.qr, dots, words.scanToCheck),
  ];
}

/** Name and size, the sum, and the points the line took where they paid for part of a price in yuan. */
function lineBlocks(line: ReceiptLine, language: Language, words: ReceiptWords): readonly Block[] {
  const isYuan = line.pricedIn === 'yuan';
  const sum = isYuan ? words.yuan(line.totalFen) : words.points(line.points);
  const took = isYuan && line.points > 0;
  return [
    ...nameBlocks({ zh: `${line.zh} ${line.size}`, bo: line.bo }, language),
    pair(measureText(line, words), sum),
    ...(took ? [pair(words.lineTook(words.points(line.points)), words.yuan(fen(-line.pointsFen)))] : []),
  ];
}

/** How much at what price; of a label that says only its price, that and what the goods cost a kilogram. */
export function measureText(
  { weighed, quantity, pricedIn, unitPrice }: Pick<ReceiptLine, 'weighed' | 'quantity' | 'pricedIn' | 'unitPrice'>,
  words: ReceiptWords,
): string {
  if (weighed?.by === 'price-label') return words.byLabel(fen(unitPrice));
  if (weighed !== undefined) return words.weighed(weighed.netGrams, fen(unitPrice));
  // beside goods in yuan a bare number is read as yuan: points say so each time
  return `${quantity}\u00a0×\u00a0${pricedIn === 'yuan' ? yuanText(fen(unitPrice)) : words.points(points(unitPrice))}`;
}

/** The total in yuan and in points, each what it is: only the points beyond the latter take anything off the former. */
function paidBlocks(receipt: Receipt, words: ReceiptWords): readonly Block[] {
  const { totalFen, redemption, roundingFen, lines } = receipt;
  const pieces = lines.reduce((sum, line) => sum + line.quantity, 0);
  const hasYuan = lines.some((line) => line.pricedIn === 'yuan');
  const worth = redemption?.worthFen ?? 0;
  const priced = sumPoints(lines.map((line) => (line.pricedIn === 'points' ? line.points : points(0))));
  const discount = points(receipt.points - priced);
  const due = fen(totalFen - worth + roundingFen);
  const count = pair(words.pieces, String(pieces));
  if (!hasYuan) return [count, pair(words.total, words.points(points(receipt.points)), strong), gap(6)];
  return [
    count,
    pair(words.total, words.yuan(totalFen), strong),
    ...(priced === 0 ? [] : [pair(words.totalInPoints, words.points(priced), strong)]),
    ...(discount === 0 ? [] : [pair(priced === 0 ? words.pointsUsed : words.pointsForDiscount, words.points(discount), strong)]),
    ...(worth === 0 ? [] : [pair(words.pointsWorth, words.yuan(fen(-worth)))]),
    ...(roundingFen === 0 ? [] : [pair(words.rounding, words.yuan(roundingFen))]),
    ...(due === totalFen ? [] : [pair(words.due, words.yuan(due), strong)]),
    ...receipt.payments.flatMap((payment) => paymentBlocks(payment, words)),
    gap(6),
  ];
}

function paymentBlocks(payment: Payment, words: ReceiptWords): readonly Block[] {
  if (payment.kind === 'other') return [pair(words.otherPayment, words.yuan(payment.fen))];
  return [pair(words.cashTendered, words.yuan(payment.tenderedFen)), pair(words.change, words.yuan(payment.changeFen), bodyStrong)];
}

function redemptionBlocks(redemption: Redemption, used: Points, words: ReceiptWords): readonly Block[] {
  const { usableBefore, usableAfter, countyAfter, countyAsOf } = redemption;
  const usable = [
    text(words.usableHere, bodyStrong), // says the unit of the rows under it
    pair(words.usableBefore, pointsText(usableBefore)),
    pair(words.usedNow, pointsText(points(-used))),
    pair(words.usableAfter, pointsText(usableAfter), strong),
  ];
  return balanceBlocks({ usable, countyAfter, countyAsOf }, words);
}
