// What stands where on the short paper of a settlement, which the full sheet of the export goes with. Every figure is one of the
// event's body. Draws nothing.

import { fen } from '../../db/model/amounts.ts';
import { countText, pointsText } from '../../db/model/format.ts';
import type { SettlementSlip } from '../../db/model/receipt.ts';
import { businessDate, localMinute } from '../../db/model/time.ts';
import type { Block } from './layout.ts';
import {
  type DrawOptions,
  bandBlocks,
  bodyStrong,
  codeBlocks,
  copyBlocks,
  gap,
  largeBlocks,
  pair,
  sectionBlocks,
  shopBlocks,
  signatureBlocks,
  slipHeadBlocks,
  small,
  strong,
  text,
  thickRule,
} from './paper-blocks.ts';
import { valueText } from './period-blocks.ts';
import { type ReceiptWords, receiptWords } from './receipt-text.ts';
import { type SettlementWords, settlementWords } from './settlement-text.ts';

interface Words {
  readonly receipt: ReceiptWords;
  readonly own: SettlementWords;
}

/**
 * The rows of a settlement's slip in its own language, a band above them on a copy. It is drawn from the event alone, so it always
 * says whose word counts: what the county made of it stands in the county's files, and a copy may be printed when it is long paid. Throws RangeError where the signed text
 * does not fit the paper as a QR.
 */
export function settlementBlocks(slip: SettlementSlip, { dots, copy }: DrawOptions): readonly Block[] {
  const words: Words = { receipt: receiptWords[slip.language], own: settlementWords[slip.language] };
  const { receipt, own } = words;
  return [
    gap(8),
    ...copyBlocks(copy, receipt),
    ...bandBlocks(...own.byAnswer),
    ...shopBlocks(slip),
    ...slipHeadBlocks(own.title, slip.settlementNumber, [
      [own.period, rangeText(slip.closings.map(({ day }) => day))],
      [own.closings, rangeText(slip.closings.map(({ number }) => String(number)))],
      [own.preparedAt, localMinute(slip.at)],
      [own.operator, slip.operatorName],
    ]),
    ...claimBlocks(slip, words),
    gap(4),
    ...largeBlocks(slip.owedFen < 0 ? own.owedToCounty : own.owed, receipt.yuan(fen(Math.abs(slip.owedFen)))),
    ...sectionBlocks(own.credited, [
      pair(own.creditedCount, countText(slip.credited.count), small),
      pair(own.creditedPoints, pointsText(slip.credited.points), small),
    ]),
    ...budgetBlocks(slip, words),
    ...codeBlocks(slip.qr, dots, own.scanToCheckSettlement),
    gap(8),
    ...signatureBlocks(own.signatures),
  ];
}

/** What makes up the amount, from the points to the county's corrections. */
function claimBlocks(slip: SettlementSlip, { receipt, own }: Words): readonly Block[] {
  const { redeemed, pointsGoods, grossFen, shares, adjustments } = slip;
  return [
    ...sectionBlocks(
      own.redeemed,
      redeemed.length === 0
        ? [text(own.none, small)]
        : redeemed.flatMap(({ pointValueFen, points, fen: amount }) => [
            text(own.onePoint(valueText(pointValueFen, receipt)), small),
            pair(receipt.points(points), receipt.yuan(amount), bodyStrong),
          ]),
    ),
    ...sectionBlocks(
      own.pointsGoods,
      pointsGoods.points === 0 && pointsGoods.fen === 0 && pointsGoods.unpriced === 0
        ? [text(own.none, small)]
        : [
            pair(receipt.points(pointsGoods.points), receipt.yuan(pointsGoods.fen), bodyStrong),
            ...(pointsGoods.unpriced === 0 ? [] : [pair(own.unpriced, countText(pointsGoods.unpriced), small)]),
          ],
    ),
    thickRule,
    pair(own.gross, receipt.yuan(grossFen), strong),
    ...shares
      .filter(({ permille }) => permille > 0)
      .flatMap((each) => [
        pair(own.share(`${each.permille / 10}%`), receipt.yuan(fen(-each.shareFen))),
        ...(shares.length === 1 ? [] : [text(own.shareOf(receipt.yuan(each.grossFen)), small)]),
      ]),
    gap(4),
    ...(adjustments.length === 0
      ? []
      : sectionBlocks(
          own.adjustments,
          adjustments.map(({ zh, fen: amount }) => pair(zh, receipt.yuan(amount))),
        )),
  ];
}

function budgetBlocks({ budget }: SettlementSlip, { receipt, own }: Words): readonly Block[] {
  if (budget === null) return [];
  return sectionBlocks(own.budget, [
    text(budget.zh, small),
    pair(own.budgetYear, receipt.yuan(budget.yearFen), small),
    pair(own.budgetUsed, receipt.yuan(budget.usedFen), small),
    pair(own.budgetAsOf, businessDate(budget.asOf), small),
  ]);
}

/** First to last, one alone where they are the same. */
function rangeText(values: readonly string[]): string {
  const [first, last] = [values.at(0) ?? '', values.at(-1) ?? ''];
  return first === last ? first : `${first} – ${last}`;
}
