// What stands where on a receipt, from its shop's name to its signed code. Draws nothing.

import { create as createQr } from 'qrcode';
import { type Points, fen, points, sumPoints } from '../../db/model/amounts.ts';
import type { Language } from '../../db/model/catalogue.ts';
import type { Payment, Redemption, SaleLine } from '../../db/model/event.ts';
import { pointsText, yuanText } from '../../db/model/format.ts';
import type { PaperDots, Receipt } from '../../db/model/receipt.ts';
import { businessDate, localMinute } from '../../db/model/time.ts';
import type { TextStyle } from './fonts.ts';
import type { Block } from './layout.ts';
import { type ReceiptWords, receiptWords } from './receipt-text.ts';

export interface DrawOptions {
  readonly dots: PaperDots;
  /** 0 for the first print, n for the n-th reprint. */
  readonly copy: number;
}

/**
 * The rows of a receipt in its own language, a band above them on a copy. Money and points carry their units, and
 * nothing names the resident but the mask. Throws RangeError where the signed text does not fit the paper as a QR.
 */
export function receiptBlocks(receipt: Receipt, { dots, copy }: DrawOptions): readonly Block[] {
  const words = receiptWords[receipt.language];
  return [
    gap(8),
    ...(copy > 0 ? [{ kind: 'frame', dots: 4, blocks: [centred(words.copy(copy), heading)] } as const, gap(6)] : []),
    ...shopBlocks(receipt),
    thickRule,
    ...headBlocks(receipt, words),
    thinRule,
    ...receipt.lines.flatMap((line) => [...lineBlocks(line, receipt.language, words), gap(goodsGapDots)]),
    thickRule,
    ...paidBlocks(receipt, words),
    ...(receipt.redemption === null ? [] : balanceBlocks(receipt.redemption, points(receipt.points), words)),
    ...codeBlocks(receipt.qr, dots, words),
  ];
}

const heading: TextStyle = { px: 34, weight: 'bold' };
const strong: TextStyle = { px: 30, weight: 'bold' };
const body: TextStyle = { px: 26, weight: 'regular' };
const bodyStrong: TextStyle = { px: 26, weight: 'bold' };
const small: TextStyle = { px: 24, weight: 'regular' };

/** Between kinds of goods, so that a name belongs to the figures under it. */
const goodsGapDots = 12;

const thinRule: Block = { kind: 'rule', dots: 2, dashed: true };
const thickRule: Block = { kind: 'rule', dots: 3, dashed: false };

function shopBlocks({ shop }: Receipt): readonly Block[] {
  const county = shop.countyBo === null ? shop.countyZh : `${shop.countyZh} ${shop.countyBo}`;
  return [centred(shop.zh, heading), ...(shop.bo === null ? [] : [centred(shop.bo, bodyStrong)]), centred(county, small), gap(4)];
}

function headBlocks(receipt: Receipt, words: ReceiptWords): readonly Block[] {
  return [
    pair(words.receiptNumber, receipt.receiptNumber),
    pair(words.time, localMinute(receipt.at).replace(' ', '\u00a0')),
    ...(businessDate(receipt.at) === receipt.day ? [] : [pair(words.businessDate, receipt.day)]),
    pair(words.operator, receipt.operatorName),
    ...(receipt.residentMasked === null ? [] : [pair(words.resident, receipt.residentMasked, bodyStrong)]),
  ];
}

/** Name and size, the sum, and the points the line took where they paid for part of a price in yuan. */
function lineBlocks(line: SaleLine, language: Language, words: ReceiptWords): readonly Block[] {
  const isYuan = line.pricedIn === 'yuan';
  // beside goods in yuan a bare number is read as yuan: points say so each time
  const price = isYuan ? yuanText(fen(line.unitPrice)) : words.points(points(line.unitPrice));
  const sum = isYuan ? words.yuan(line.totalFen) : words.points(line.points);
  const took = isYuan && line.points > 0;
  return [
    ...nameBlocks(line, language),
    pair(`${line.quantity}\u00a0×\u00a0${price}`, sum),
    ...(took ? [pair(words.lineTook(words.points(line.points)), words.yuan(fen(-line.pointsFen)))] : []),
  ];
}

/** A Tibetan receipt names goods in Tibetan where the county does, with the Chinese of the shelf beneath. */
function nameBlocks(line: SaleLine, language: Language): readonly Block[] {
  const shelfName = `${line.zh} ${line.size}`;
  return language === 'bo' && line.bo !== null ? [text(line.bo, bodyStrong), text(shelfName, small)] : [text(shelfName, bodyStrong)];
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

/** The two numbers a resident is owed: usable in this shop, and county-wide with its age (design.md). */
function balanceBlocks(redemption: Redemption, used: Points, words: ReceiptWords): readonly Block[] {
  return [
    {
      kind: 'frame',
      dots: 2,
      blocks: [
        text(words.usableHere, bodyStrong), // says the unit of the rows under it
        pair(words.usableBefore, pointsText(redemption.usableBefore)),
        pair(words.usedNow, pointsText(points(-used))),
        pair(words.usableAfter, pointsText(redemption.usableAfter), strong),
        thinRule,
        pair(words.countyBalance, pointsText(redemption.countyAfter)),
        text(words.asOf(businessDate(redemption.countyAsOf)), small),
      ],
    },
    gap(6),
  ];
}

/** The signed text as QR, ECC M: its modules as large as the paper allows, since worn heads and old phones both blur. */
function codeBlocks(signed: string, dots: PaperDots, words: ReceiptWords): readonly Block[] {
  const { modules } = createQr(signed, { errorCorrectionLevel: 'M' });
  const moduleDots = Math.min(moduleDotsMax, Math.floor(dots / (modules.size + 2 * quietModules)));
  if (moduleDots < moduleDotsMin) throw new RangeError(`a signed text of ${signed.length} characters does not fit the paper`);
  const quiet = quietModules * moduleDots;
  return [
    gap(quiet),
    { kind: 'code', size: modules.size, isDark: (x, y) => modules.get(y, x) === 1, dots: moduleDots },
    gap(quiet),
    centred(words.scanToCheck, small),
  ];
}

/** White around a QR that the standard demands, in modules. */
const quietModules = 4;
/** 0.6 mm at 203 dpi: larger only costs paper. */
const moduleDotsMax = 5;
/** 0.4 mm: what a phone still reads off worn thermal paper. */
const moduleDotsMin = 3;

function gap(dots: number): Block {
  return { kind: 'gap', dots };
}

function text(value: string, style: TextStyle): Block {
  return { kind: 'text', text: value, style, align: 'start' };
}

function centred(value: string, style: TextStyle): Block {
  return { kind: 'text', text: value, style, align: 'centre' };
}

function pair(label: string, value: string, style: TextStyle = body): Block {
  return { kind: 'pair', label, value, style };
}
