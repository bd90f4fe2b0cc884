// Makes a county's catalogue of any size from the shelves: every product first, then its other sizes, then brands and kinds.
// The same number of goods is always the same goods; more goods only adds to them.

import { pinyin } from 'pinyin-pro';
import { type Fen, type Points, fen, onePoint, points } from '../../db/model/amounts.ts';
import { eanCheckDigit } from '../../db/model/barcode.ts';
import { type Goods, type GoodsCategory, goodsCategories } from '../../db/model/catalogue.ts';
import { assert, never } from '../../db/model/result.ts';
import type { CountyPlan } from '../schemes/county-plan.ts';
import { type Product, type Shelf, type SoldFor, brands, shelves } from './products.ts';

/** Most goods that the shelves can be combined to. */
export function goodsMax(): number {
  return products.reduce((total, product) => total + product.sizes.length * variantsOf(product), 0);
}

/** The first `count` goods, with the prices of one county. Throws RangeError above goodsMax. */
export function makeGoods(count: number, plan: CountyPlan): readonly Goods[] {
  if (count > goodsMax()) throw new RangeError(`the shelves make ${goodsMax()} goods, not ${count}`);
  const made: Goods[] = [];
  for (let round = 0; made.length < count; round += 1)
    for (const [place, product] of products.entries()) {
      if (made.length === count) break;
      if (round < product.sizes.length * variantsOf(product)) made.push(makeOne(product, place, round, made.length + 1, plan));
    }
  return made;
}

interface ShelvedProduct {
  readonly shelf: Shelf;
  readonly product: Product;
  readonly sizes: readonly { readonly size: string; readonly price: Fen }[];
}

const products: readonly ShelvedProduct[] = shelves.flatMap((shelf) =>
  shelf.products.map((product) => ({ shelf, product, sizes: sizesOf(product) })),
);

/** `500g:490 1kg:850` → sizes with their price. */
function sizesOf([zh, , , sizes]: Product): ShelvedProduct['sizes'] {
  return sizes.split(' ').map((text) => {
    const at = text.lastIndexOf(':');
    assert(at > 0, `${zh}: not size:fen: ${text}`);
    return { size: text.slice(0, at), price: fen(Number(text.slice(at + 1))) };
  });
}

/** Without a brand, or of each brand: plain and of each kind. What is loose has no brand. */
function variantsOf({ shelf, product }: ShelvedProduct): number {
  return product[4] === 'loose' ? 1 : 1 + brands.length * (1 + shelf.kinds.length);
}

function makeOne(from: ShelvedProduct, place: number, round: number, serial: number, plan: CountyPlan): Goods {
  const [plainName, plainBo, picture, , soldFor = 'plain'] = from.product;
  const { size, price } = from.sizes[round % from.sizes.length]!; // a remainder of its length
  const variant = Math.floor(round / from.sizes.length);
  const zh = variant === 0 ? plainName : branded(plainName, from.shelf, place, variant - 1);
  return {
    id: `G${String(serial).padStart(5, '0')}`,
    zh,
    bo: variant === 0 ? plainBo : null, // brands have no Tibetan spelling that we know
    size,
    codes: soldFor === 'loose' ? labelNumbersOf(plan, serial) : codesOf(from.shelf.category, serial),
    initials: initialsOf(zh),
    pinyin: pinyinOf(zh),
    category: from.shelf.category,
    picture,
    ...(soldFor === 'loose' ? { soldBy: 'weight' } : {}),
    ...pricesOf(dearer(price, variant), soldFor, plan),
    pointsAllowed: soldFor !== 'yuan',
    onSale: soldFor !== 'withdrawn',
  };
}

function branded(name: string, shelf: Shelf, place: number, variant: number): string {
  const brand = brands[(variant + place) % brands.length]!; // a remainder of its length
  const kind = shelf.kinds[Math.floor(variant / brands.length) - 1] ?? ''; // the first round of brands has no kind
  return brand + kind + name;
}

/** A brand costs up to a fifth more, in whole jiao. */
function dearer(price: Fen, variant: number): Fen {
  const jiao = 10;
  return fen(Math.round((price * (100 + ((variant * 7) % 21))) / 100 / jiao) * jiao);
}

/**
 * How a county that counts in yuan or in points prices a product (schemes.md R5, R6). The price in points of what can be
 * had for either is that of the scheme's rate, in whole steps and in the resident's favour. The county pays the shop the price in
 * yuan for what it gives for points.
 */
function pricesOf(price: Fen, soldFor: SoldFor, plan: CountyPlan): Pick<Goods, 'priceFen' | 'pricePoints' | 'settlementFen'> {
  const inPoints = { pricePoints: pointsPriceOf(price, plan), settlementFen: price };
  switch (soldFor) {
    case 'plain':
    case 'withdrawn':
      return plan.pricing.in === 'yuan' ? { priceFen: price, pricePoints: null } : { priceFen: null, ...inPoints };
    case 'both':
      return { priceFen: price, ...inPoints };
    case 'points':
      return { priceFen: null, ...inPoints };
    case 'yuan':
    case 'loose':
      return { priceFen: price, pricePoints: null };
    default:
      return never(soldFor);
  }
}

function pointsPriceOf(price: Fen, plan: CountyPlan): Points {
  const fenInYuan = 100;
  const { pointsStep } = plan.scheme;
  const exact = (price * plan.pricing.pointsPerYuan * onePoint) / fenInYuan;
  return points(Math.max(1, Math.floor(exact / pointsStep)) * pointsStep);
}

/** In-store EAN-13: 20 and the category, or 29 for the second code that some goods carry since their pack changed. */
function codesOf(category: GoodsCategory, serial: number): readonly string[] {
  const own = `20${String(goodsCategories.indexOf(category)).padStart(2, '0')}${String(serial).padStart(8, '0')}`;
  const changedPackEvery = 25;
  const second = `29${String(serial).padStart(10, '0')}`;
  return (serial % changedPackEvery === 0 ? [own, second] : [own]).map((digits) => digits + eanCheckDigit(digits));
}

/** The number by which the county's counter scales know loose goods, once for each layout of their labels. */
function labelNumbersOf({ scheme }: CountyPlan, serial: number): readonly string[] {
  return scheme.labels.map(({ prefix, goodsDigits }) => prefix + String(serial).padStart(goodsDigits, '0'));
}

/** 洗洁精 → xi jie jing, 绿茶 → lv cha: as it is typed. */
export function pinyinOf(zh: string): string {
  return pinyin(zh, { toneType: 'none', type: 'array', nonZh: 'removed', v: true }).join(' ').toLowerCase();
}

/** 洗洁精 → xjj. Tones and non-Chinese letters are left out. */
export function initialsOf(zh: string): string {
  return pinyin(zh, { pattern: 'first', toneType: 'none', type: 'array', nonZh: 'removed' }).join('').toLowerCase();
}
