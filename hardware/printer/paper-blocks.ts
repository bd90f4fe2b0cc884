// What a receipt and a ticket have in common, row by row: letters, shop, head, names, balance, signed code. Draws nothing.

import { create as createQr } from 'qrcode';
import type { Points } from '../../db/model/amounts.ts';
import type { Language } from '../../db/model/catalogue.ts';
import { pointsText } from '../../db/model/format.ts';
import type { Paper, PaperDots } from '../../db/model/receipt.ts';
import { businessDate, localMinute } from '../../db/model/time.ts';
import type { TextStyle } from './fonts.ts';
import type { Block, Part } from './layout.ts';
import type { ReceiptWords } from './receipt-text.ts';

export interface DrawOptions {
  readonly dots: PaperDots;
  /** 0 for the first print, n for the n-th reprint. */
  readonly copy: number;
}

const heading: TextStyle = { px: 34, weight: 'bold' };
export const strong: TextStyle = { px: 30, weight: 'bold' };
const body: TextStyle = { px: 26, weight: 'regular' };
export const bodyStrong: TextStyle = { px: 26, weight: 'bold' };
export const small: TextStyle = { px: 24, weight: 'regular' };

/** Between kinds of goods or materials, so that a name belongs to the figures under it. */
export const lineGapDots = 8;

export const thinRule: Block = { kind: 'rule', dots: 2, dashed: true };
export const thickRule: Block = { kind: 'rule', dots: 3, dashed: false };

/** A band above a copy that says which it is; nothing above the first print. */
export function copyBlocks(copy: number, words: ReceiptWords): readonly Block[] {
  return copy > 0 ? [{ kind: 'frame', dots: 4, blocks: [centred(words.copy(copy), heading)] }, gap(6)] : [];
}

/** The shop under its county: in Chinese, and in Tibetan where either has a name in it. */
export function shopBlocks({ shop }: Paper): readonly Block[] {
  const inTibetan = [...partsOf(shop.countyBo, small), ...partsOf(shop.bo, bodyStrong)];
  return [
    row(
      [
        { text: shop.countyZh, style: small },
        { text: shop.zh, style: heading },
      ],
      null,
      'centre',
    ),
    ...(inTibetan.length === 0 ? [] : [row(inTibetan, null, 'centre')]),
    gap(4),
  ];
}

function partsOf(name: string | null, style: TextStyle): readonly Part[] {
  return name === null ? [] : [{ text: name, style }];
}

/** The paper's name if it has one, its time, which needs no label, and number; the business date where it is not the clock's; who. */
export function headBlocks(
  paper: Paper & { readonly residentMasked: string | null },
  { title, numberLabel, number }: { readonly title: string | null; readonly numberLabel: string; readonly number: string },
  words: ReceiptWords,
): readonly Block[] {
  const labelled = (label: string, value: string, style = small): Part => ({ text: `${label} ${value}`.replaceAll(' ', '\u00a0'), style });
  return [
    row([
      ...partsOf(title, heading),
      { text: localMinute(paper.at).replace(' ', '\u00a0'), style: small },
      ...(businessDate(paper.at) === paper.day ? [] : [labelled(words.businessDate, paper.day)]),
      labelled(numberLabel, number),
      labelled(words.operator, paper.operatorName),
      ...(paper.residentMasked === null ? [] : [labelled(words.resident, paper.residentMasked, { ...small, weight: 'bold' })]),
    ]),
  ];
}

/** Tibetan paper names things in Tibetan where the county does, with the Chinese of the shelf beneath. */
export function nameBlocks({ zh, bo }: { readonly zh: string; readonly bo: string | null }, language: Language): readonly Block[] {
  return language === 'bo' && bo !== null ? [text(bo, bodyStrong), text(zh, small)] : [text(zh, bodyStrong)];
}

/** The two numbers a resident is owed: usable in this shop, with how it came about, and county-wide with its age (design.md). */
export function balanceBlocks(
  { usable, countyAfter, countyAsOf }: { readonly usable: readonly Block[]; readonly countyAfter: Points; readonly countyAsOf: number },
  words: ReceiptWords,
): readonly Block[] {
  return [
    {
      kind: 'frame',
      dots: 2,
      blocks: [...usable, pair(words.countyBalance, pointsText(countyAfter)), text(words.asOf(businessDate(countyAsOf)), small)],
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
/** 0.5 mm at 203 dpi: larger only costs paper. */
const moduleDotsMax = 4;
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

export function row(parts: readonly Part[], end: Part | null = null, align: 'start' | 'centre' = 'start'): Block {
  return { kind: 'row', parts, end, align };
}
