// What a receipt and a ticket have in common, row by row: letters, shop, head, names, balance, signed code. Draws nothing.

import { create as createQr } from 'qrcode';
import type { Points } from '../../db/model/amounts.ts';
import type { Language } from '../../db/model/catalogue.ts';
import { pointsText } from '../../db/model/format.ts';
import type { Paper, PaperDots } from '../../db/model/receipt.ts';
import { businessDate, localMinute } from '../../db/model/time.ts';
import type { TextStyle } from './fonts.ts';
import type { Block } from './layout.ts';
import type { ReceiptWords } from './receipt-text.ts';

export interface DrawOptions {
  readonly dots: PaperDots;
  /** 0 for the first print, n for the n-th reprint. */
  readonly copy: number;
}

export const heading: TextStyle = { px: 34, weight: 'bold' };
export const strong: TextStyle = { px: 30, weight: 'bold' };
export const body: TextStyle = { px: 26, weight: 'regular' };
export const bodyStrong: TextStyle = { px: 26, weight: 'bold' };
export const small: TextStyle = { px: 24, weight: 'regular' };

/** Between kinds of goods or materials, so that a name belongs to the figures under it. */
export const lineGapDots = 12;

export const thinRule: Block = { kind: 'rule', dots: 2, dashed: true };
export const thickRule: Block = { kind: 'rule', dots: 3, dashed: false };

/** A band above a copy that says which it is; nothing above the first print. */
export function copyBlocks(copy: number, words: ReceiptWords): readonly Block[] {
  return copy > 0 ? [{ kind: 'frame', dots: 4, blocks: [centred(words.copy(copy), heading)] }, gap(6)] : [];
}

export function shopBlocks({ shop }: Paper): readonly Block[] {
  const county = shop.countyBo === null ? shop.countyZh : `${shop.countyZh} ${shop.countyBo}`;
  return [centred(shop.zh, heading), ...(shop.bo === null ? [] : [centred(shop.bo, bodyStrong)]), centred(county, small), gap(4)];
}

/** Number, time, operator and resident; the business date where it is not the clock's. */
export function headBlocks(
  paper: Paper & { readonly residentMasked: string | null },
  number: { readonly label: string; readonly value: string },
  words: ReceiptWords,
): readonly Block[] {
  return [
    pair(number.label, number.value),
    pair(words.time, localMinute(paper.at).replace(' ', '\u00a0')),
    ...(businessDate(paper.at) === paper.day ? [] : [pair(words.businessDate, paper.day)]),
    pair(words.operator, paper.operatorName),
    ...(paper.residentMasked === null ? [] : [pair(words.resident, paper.residentMasked, bodyStrong)]),
  ];
}

/** Tibetan paper names things in Tibetan where the county does, with the Chinese of the shelf beneath. */
export function nameBlocks({ zh, bo }: { readonly zh: string; readonly bo: string | null }, language: Language): readonly Block[] {
  return language === 'bo' && bo !== null ? [text(bo, bodyStrong), text(zh, small)] : [text(zh, bodyStrong)];
}

/** The two numbers a resident is owed: usable in this shop, and county-wide with its age (design.md). */
export function balanceBlocks(
  {
    before,
    after,
    countyAfter,
    countyAsOf,
  }: {
    /** What was usable before the act, and what moved, each with its label. */
    readonly before: readonly (readonly [label: string, value: string])[];
    readonly after: Points;
    readonly countyAfter: Points;
    readonly countyAsOf: number;
  },
  words: ReceiptWords,
): readonly Block[] {
  return [
    {
      kind: 'frame',
      dots: 2,
      blocks: [
        text(words.usableHere, bodyStrong), // says the unit of the rows under it
        ...before.map(([label, value]) => pair(label, value)),
        pair(words.usableAfter, pointsText(after), strong),
        thinRule,
        pair(words.countyBalance, pointsText(countyAfter)),
        text(words.asOf(businessDate(countyAsOf)), small),
      ],
    },
    gap(6),
  ];
}

/** The signed text as QR, ECC M: its modules as large as the paper allows, since worn heads and old phones both blur. */
export function codeBlocks(signed: string, dots: PaperDots, caption: string): readonly Block[] {
  const { modules } = createQr(signed, { errorCorrectionLevel: 'M' });
  const moduleDots = Math.min(moduleDotsMax, Math.floor(dots / (modules.size + 2 * quietModules)));
  if (moduleDots < moduleDotsMin) throw new RangeError(`a signed text of ${signed.length} characters does not fit the paper`);
  const quiet = quietModules * moduleDots;
  return [
    gap(quiet),
    { kind: 'code', size: modules.size, isDark: (x, y) => modules.get(y, x) === 1, dots: moduleDots },
    gap(quiet),
    centred(caption, small),
  ];
}

/** White around a QR that the standard demands, in modules. */
const quietModules = 4;
/** 0.6 mm at 203 dpi: larger only costs paper. */
const moduleDotsMax = 5;
/** 0.4 mm: what a phone still reads off worn thermal paper. */
const moduleDotsMin = 3;

export function gap(dots: number): Block {
  return { kind: 'gap', dots };
}

export function text(value: string, style: TextStyle): Block {
  return { kind: 'text', text: value, style, align: 'start' };
}

export function centred(value: string, style: TextStyle): Block {
  return { kind: 'text', text: value, style, align: 'centre' };
}

export function pair(label: string, value: string, style: TextStyle = body): Block {
  return { kind: 'pair', label, value, style };
}
