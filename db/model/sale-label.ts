// Labels that a counter scale prints on a bag: an EAN-13 of the shop's own in which the weight or the price stands
// (prefixes 20–29, GS1 General Specifications 2.1.11). Reads digits by the county's layouts; knows no goods.

import { eanCheckDigit } from './barcode.ts';
import { assert } from './result.ts';

/** What the twelve digits before the check digit are, for one prefix: prefix, goods, value. */
export interface LabelLayout {
  /** Two digits, 20–29. A prefix that no layout names is that of ordinary in-store barcodes. */
  readonly prefix: string;
  /** What the value is: net grams, or the price of the bag in fen. */
  readonly embeds: 'grams' | 'fen';
  readonly goodsDigits: number;
  readonly valueDigits: number;
}

export interface Label {
  readonly embeds: LabelLayout['embeds'];
  /** The number by which goods are known, with its prefix: one of the codes of its goods. */
  readonly goodsCode: string;
  /** Net grams, or fen: above 0. */
  readonly value: number;
}

/** Why a code that looks like a label is none. */
export type LabelProblem =
  | 'label_misread' // its check digit does not fit
  | 'label_zero';

/** What a code says by the county's layouts; null where it is no label at all, an ordinary code. */
export function readLabel(layouts: readonly LabelLayout[], code: string): Label | LabelProblem | null {
  if (!/^\d{13}$/.test(code)) return null;
  const layout = layouts.find(({ prefix }) => code.startsWith(prefix));
  if (layout === undefined) return null;
  if (eanCheckDigit(code.slice(0, -1)) !== code.at(-1)) return 'label_misread';
  const goodsEnd = layout.prefix.length + layout.goodsDigits;
  const value = Number(code.slice(goodsEnd, -1));
  return value === 0 ? 'label_zero' : { embeds: layout.embeds, goodsCode: code.slice(0, goodsEnd), value };
}

/** Throws where a label could be read in two ways or not at all; called by checkScheme. */
export function checkLabels(layouts: readonly LabelLayout[]): void {
  const prefixes = new Set(layouts.map(({ prefix }) => prefix));
  assert(prefixes.size === layouts.length, 'a prefix has one layout');
  for (const { prefix, goodsDigits, valueDigits } of layouts) {
    assert(/^2\d$/.test(prefix), `${prefix} is a prefix of the shop's own`);
    assert(goodsDigits > 0 && valueDigits > 0, `a label with prefix ${prefix} names goods and a value`);
    assert(prefix.length + goodsDigits + valueDigits === 12, `a label with prefix ${prefix} has twelve digits and a check digit`);
  }
}
