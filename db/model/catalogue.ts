// What the county sends a kiosk to know: goods, residents, accounts, operators. Read-only at the till.

import type { Fen, Points } from './amounts.ts';

/** The three languages of the product; every text for people exists in each. */
export const languages = ['zh', 'bo', 'en'] as const;
export type Language = (typeof languages)[number];

/** Something the shop gives for points, money, or both. At least one price is set. */
export interface Goods {
  readonly id: string;
  readonly zh: string;
  readonly bo: string | null;
  /** Pack size as printed on the shelf: 500ml, 10kg; 散装 of what is weighed. */
  readonly size: string;
  /** Barcodes: EAN-13, in-store ones with prefix 20–29; of loose goods the number on their labels, with its prefix. */
  readonly codes: readonly string[];
  /** Pinyin initials of the Chinese name, lower case: 洗洁精 → xjj. Made where the goods are made. */
  readonly initials: string;
  /** The same name spelled out, a space between syllables: xi jie jing. Absent where the county's program does not make it. */
  readonly pinyin?: string | undefined;
  readonly category: GoodsCategory;
  /** Pictogram key; the page owns the pictures. */
  readonly picture: string;
  /**
   * By the piece where it is absent. By weight the price is of a kilogram and in yuan: a county that priced grams in points
   * would have to say where the fractions of a step go.
   */
  readonly soldBy?: 'piece' | 'weight' | undefined;
  readonly priceFen: Fen | null;
  readonly pricePoints: Points | null;
  /** What the county pays the shop for one piece that was priced in points; absent where it named no such price. */
  readonly settlementFen?: Fen | undefined;
  /** False where the county forbids points for it (tobacco, alcohol). */
  readonly pointsAllowed: boolean;
  /** Withdrawn goods stay known, for old receipts, but cannot be sold. */
  readonly onSale: boolean;
}

export const goodsCategories = [
  'grain',
  'oil',
  'cleaning',
  'paper',
  'kitchen',
  'food',
  'drink',
  'textile',
  'stationery',
  'farm',
  'appliance',
  'other',
] as const;
export type GoodsCategory = (typeof goodsCategories)[number];

/** A person who may use an account. */
export interface Resident {
  readonly id: string;
  readonly accountId: string;
  readonly name: string;
  readonly group: string;
  readonly village: string;
  /** The language of this person's receipts and of the display. */
  readonly language: Language;
  /** HMAC of the resident id under a key only the county has: names the person on paper without naming them. */
  readonly tag: string;
  readonly active: boolean;
}

/** Who works the kiosk. */
export interface Operator {
  readonly id: string;
  readonly name: string;
  readonly role: OperatorRole;
  /** scrypt$ln=15,r=8,p=3$salt$hash, base64url. */
  readonly pinHash: string;
  readonly active: boolean;
}
export const operatorRoles = ['cashier', 'staff', 'owner'] as const;
export type OperatorRole = (typeof operatorRoles)[number];

/** The shop this kiosk stands in. */
export interface Shop {
  readonly county: string;
  readonly countyZh: string;
  readonly countyBo: string | null;
  readonly store: string;
  readonly zh: string;
  readonly bo: string | null;
  readonly kiosk: string;
  /** For showing and teaching: only here may what was simulated be credited. False where the county's file does not say. */
  readonly isDemo?: boolean | undefined;
  /** What a partner shop leaves to the scheme of every settlement, in thousandths (schemes.md R28); absent: nothing. */
  readonly merchantSharePermille?: number | undefined;
}

/** What a receipt calls the shop and its county. */
export type ShopNames = Pick<Shop, 'zh' | 'bo' | 'countyZh' | 'countyBo'>;

/** A name as it may be shown or printed: the first character and stars. 张三 → 张*, 格桑卓玛 → 格***. */
export function maskName(name: string): string {
  const letters = onlyHanzi.test(name) ? name : [...graphemes.segment(name)].map((part) => part.segment);
  return letters.length === 0 ? '' : letters[0]! + '*'.repeat(Math.min(3, Math.max(1, letters.length - 1)));
}

/** Each is a letter of its own: most names are nothing else, and need no segmenter. */
const onlyHanzi = /^[\u4e00-\u9fff]*$/;
const graphemes = new Intl.Segmenter('zh', { granularity: 'grapheme' }); // making one takes longer than using it
