// What stands where on the slip of goods that came back, from its shop's name to its signed code. Draws nothing.

import type { Language } from '../../db/model/catalogue.ts';
import { points, sumPoints } from '../../db/model/amounts.ts';
import { pointsText } from '../../db/model/format.ts';
import type { ReturnSlip, ReturnSlipLine } from '../../db/model/receipt.ts';
import type { Block } from './layout.ts';
import {
  type DrawOptions,
  balanceBlocks,
  bodyStrong,
  codeBlocks,
  copyBlocks,
  gap,
  headBlocks,
  largeBlocks,
  lineGapDots,
  nameBlocks,
  pair,
  row,
  shopBlocks,
  small,
  strong,
  text,
  thickRule,
  thinRule,
} from './paper-blocks.ts';
import { measureText } from './receipt-blocks.ts';
import { type ReceiptWords, receiptWords } from './receipt-text.ts';
import { type ReturnWords, returnWords } from './return-text.ts';

interface Words {
  readonly receipt: ReceiptWords;
  readonly own: ReturnWords;
}

/**
 * The rows of a return slip in the language of its sale, a band above them on a copy: the old receipt and its day, what came
 * back, and large what the customer has of it. Throws RangeError where the signed text does not fit the paper as a QR.
 */
export function returnBlocks(slip: ReturnSlip, { dots, copy }: DrawOptions): readonly Block[] {
  const words: Words = { receipt: receiptWords[slip.language], own: returnWords[slip.language] };
  const { receipt, own } = words;
  return [
    gap(8),
    ...copyBlocks(copy, receipt),
    ...shopBlocks(slip),
    thickRule,
    ...headBlocks(slip, { title: own.title, numberLabel: own.returnNumber, number: slip.returnNumber }, receipt),
    thinRule,
    pair(own.oldReceipt, slip.saleReceiptNumber, bodyStrong),
    pair(own.oldDay, slip.saleDay, small),
    pair(own.reason, own.reasons[slip.reason], small),
    pair(own.approvedBy, slip.approverName, small),
    thinRule,
    ...slip.lines.flatMap((line) => [...lineBlocks(line, slip.language, words), gap(lineGapDots)]),
    thickRule,
    ...sumBlocks(slip, words),
    ...backBlocks(slip, words),
    ...usableBlocks(slip, words),
    ...codeBlocks(slip.qr, dots, own.scanToCheckReturn),
  ];
}

function lineBlocks(line: ReturnSlipLine, language: Language, { receipt, own }: Words): readonly Block[] {
  const isYuan = line.pricedIn === 'yuan';
  return [
    ...nameBlocks({ zh: `${line.zh} ${line.size}`, bo: line.bo }, language),
    pair(measureText(line, receipt), isYuan ? receipt.yuan(line.totalFen) : receipt.points(line.points)),
    ...(line.pointsFen === 0 ? [] : [pair(own.lineByPoints, receipt.yuan(line.pointsFen), small)]),
  ];
}

/** The price of what came back, and how much of it points had paid. */
function sumBlocks({ lines, totalFen, redemption, roundingFen }: ReturnSlip, { receipt, own }: Words): readonly Block[] {
  const worth = redemption?.worthFen ?? 0;
  const priced = sumPoints(lines.map((line) => line.points));
  return [
    pair(own.cameBack, String(lines.reduce((sum, { quantity }) => sum + quantity, 0))),
    ...(lines.some(({ pricedIn }) => pricedIn === 'yuan') ? [pair(own.total, receipt.yuan(totalFen), strong)] : []),
    ...(priced === 0 ? [] : [pair(receipt.totalInPoints, receipt.points(priced), strong)]),
    ...(redemption === null || worth === 0
      ? []
      : [
          row([{ text: own.paidByPoints, style: small }], {
            text: `${receipt.points(redemption.discount)} = ${receipt.yuan(redemption.worthFen)}`,
            style: small,
          }),
        ]),
    ...(roundingFen === 0 ? [] : [pair(own.roundingBack, receipt.yuan(roundingFen))]),
    gap(6),
  ];
}

/** Points as points and money as money, each as large as the paper allows: points never leave as cash. */
function backBlocks({ points: given, payments }: ReturnSlip, { receipt, own }: Words): readonly Block[] {
  return [
    ...(given === 0 ? [] : largeBlocks(own.pointsBack, receipt.points(given))),
    ...payments
      .filter(({ fen }) => fen !== 0)
      .flatMap(({ kind, fen }) => largeBlocks(kind === 'cash' ? own.cashBack : own.otherBack, receipt.yuan(fen))),
  ];
}

function usableBlocks({ redemption, points: given }: ReturnSlip, { receipt, own }: Words): readonly Block[] {
  if (redemption === null) return [];
  const usable = [
    text(receipt.usableHere, bodyStrong), // says the unit of the rows under it
    pair(own.before, pointsText(redemption.usableBefore)),
    pair(own.backNow, pointsText(points(given))),
    pair(receipt.usableAfter, pointsText(redemption.usableAfter), strong),
  ];
  return balanceBlocks({ ...redemption, usable }, receipt);
}
