// The list of goods as the office keeps it: names, codes and prices of the whole county. Takes a list whole or not at all.

import { hash } from 'node:crypto';
import { isEan } from '../../db/model/barcode.ts';
import { type Goods, type GoodsCategory, goodsCategories } from '../../db/model/catalogue.ts';
import { type DownLine, downLine } from '../../db/model/down-file.ts';
import { type PictureKey, pictureKeys } from '../../db/model/picture-keys.ts';
import { type Result, ok } from '../../db/model/result.ts';
import { initialsOf, pinyinOf } from '../goods/make-goods.ts';
import type { CountyBook } from './county-book.ts';
import { type Column, type ListRefusal, type ListRow, type RowFault, faultsOfLine, hundredths, readList } from './list-file.ts';
import { everyKiosk, masterOfKind, putMaster } from './master.ts';
import type { ListOutcome } from './residents.ts';

type GoodsColumn =
  | 'id' | 'zh' | 'bo' | 'size' | 'codes' | 'category' | 'picture' | 'soldBy' | 'yuan' | 'points' | 'settlementYuan' | 'pointsAllowed' | 'onSale'; // prettier-ignore
export const goodsColumns: readonly Column<GoodsColumn>[] = [
  { name: 'id', zh: ['编号', '商品编号'], isNeeded: true },
  { name: 'zh', zh: ['名称', '商品名称'], isNeeded: false },
  { name: 'bo', zh: ['藏文名称'], isNeeded: false },
  { name: 'size', zh: ['规格'], isNeeded: false },
  { name: 'codes', zh: ['条码'], isNeeded: false },
  { name: 'category', zh: ['类别'], isNeeded: false },
  { name: 'picture', zh: ['图片'], isNeeded: false },
  { name: 'soldBy', zh: ['计价方式'], isNeeded: false },
  { name: 'yuan', zh: ['售价', '售价(元)', '售价（元）'], isNeeded: false },
  { name: 'points', zh: ['积分价'], isNeeded: false },
  { name: 'settlementYuan', zh: ['结算价', '结算价(元)', '结算价（元）'], isNeeded: false },
  { name: 'pointsAllowed', zh: ['可用积分'], isNeeded: false },
  { name: 'onSale', zh: ['在售'], isNeeded: false },
];

/** More than a county's shops sell; it is looked at and taken in one act, since a code is of one product only. */
const goodsMax = 10_000;

/**
 * Reads a list of goods and, where `by` says whose it is and no row is at fault, takes it. An empty cell leaves as it was, a dash takes
 * away: a price, a code, a name in Tibetan. What is withdrawn (否 under 在售) counts as left.
 */
export async function listGoods(
  book: CountyBook,
  { list, by }: { readonly list: Uint8Array | string; readonly by: string | null },
): Promise<Result<ListOutcome, ListRefusal>> {
  const read = await readList(list, goodsColumns, { rowsMax: goodsMax });
  if (!read.ok) return read;
  const { rows, format } = read.value;
  return book.transact((act) => {
    const known = new Map<string, Goods>();
    for (const { goods } of masterOfKind(act.db, { scope: everyKiosk, t: 'GOODS' })) known.set(goods.id, goods);
    const faults = [...read.value.faults];
    const plans = planAll(rows, known, faults);
    const count = (what: Plan['what']): number => plans.filter((plan) => plan.what === what).length;
    const outcome = { added: count('added'), changed: count('changed'), left: count('left'), unchanged: count('unchanged') };
    faults.sort((a, b) => a.row - b.row);
    if (by !== null && faults.length === 0 && plans.some(({ what }) => what !== 'unchanged')) {
      const entry = act.enter('goods', `${hash('sha256', list, 'base64url')} by ${by}`);
      for (const { what, line } of plans) if (what !== 'unchanged') putMaster(act, line, { scope: everyKiosk, entry });
    }
    return ok({ ...outcome, faults, taken: by === null || faults.length > 0 ? 0 : rows.length, format });
  });
}

interface Plan {
  readonly what: 'added' | 'changed' | 'left' | 'unchanged';
  readonly line: Extract<DownLine, { t: 'GOODS' }>;
}

function planAll(rows: readonly ListRow<GoodsColumn>[], known: ReadonlyMap<string, Goods>, faults: RowFault[]): readonly Plan[] {
  const owners = new Map<string, string>();
  const named = new Set(rows.map(({ cells }) => cells.id));
  for (const { id, codes } of known.values()) if (!named.has(id)) for (const code of codes) owners.set(code, id);
  const seen = new Set<string>();
  return rows.flatMap(({ row, cells }) => {
    const { id } = cells;
    const before = known.get(id) ?? null;
    const made = goodsOf(cells, before);
    const wrong = [...made.faults];
    if (seen.has(id)) wrong.push(`${id.slice(0, 40)} stands twice in this list`);
    seen.add(id);
    for (const code of made.goods.codes) {
      const owner = owners.get(code);
      if (owner !== undefined) wrong.push(`code ${code.slice(0, 40)} is of ${owner}`);
      owners.set(code, id);
      const isKnown = before?.codes.includes(code) === true;
      if (!isKnown && /^(\d{8}|\d{13})$/.test(code) && !isEan(code)) wrong.push(`code ${code} has a wrong check digit`);
    }
    const line = downLine.safeParse({ t: 'GOODS', goods: made.goods });
    faults.push(...wrong.map((what) => ({ row, what })), ...(line.success ? [] : faultsOfLine(row, line.error)));
    if (wrong.length > 0 || !line.success) return [];
    return [{ what: whatOf(before, made.goods), line: line.data as Plan['line'] }]; // a line of the kind that it says
  });
}

function whatOf(before: Goods | null, after: { readonly onSale: boolean | undefined }): Plan['what'] {
  if (before === null) return 'added';
  if (before.onSale && after.onSale === false) return 'left';
  const isSame = JSON.stringify(sorted(before)) === JSON.stringify(sorted(after));
  return isSame ? 'unchanged' : 'changed';
}

function sorted(value: object): readonly (readonly [string, unknown])[] {
  return Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
}

/** What a row says of goods, and of what it leaves out what was; what cannot be read is said. */
function goodsOf(cells: ListRow<GoodsColumn>['cells'], before: Goods | null) {
  const faults: string[] = [];
  const amount = (text: string, was: number | null, what: string): number | null => {
    if (text === '') return was;
    if (dashes.has(text)) return null;
    const value = hundredths(text);
    if (value === null || value === 0) faults.push(`${text.slice(0, 40)} is no ${what}`);
    return value;
  };
  const word = <Value>(text: string, words: { readonly [word: string]: Value | undefined }, was: Value, what: string): Value => {
    const value = text === '' ? was : words[text.toLowerCase()];
    if (value === undefined) faults.push(`${text.slice(0, 40)} is no ${what}`);
    return value ?? was;
  };
  const clearable = (text: string, was: string | null): string | null => (text === '' ? was : dashes.has(text) ? null : text);
  const category = word(cells.category, categories, before?.category ?? 'other', 'category');
  const zh = cells.zh === '' ? before?.zh : cells.zh;
  const soldBy = word(cells.soldBy, waysToSell, before?.soldBy ?? 'piece', 'way to sell (按件, 按重)');
  const settlementFen = amount(cells.settlementYuan, before?.settlementFen ?? null, 'price in yuan');
  const goods = {
    id: cells.id,
    zh,
    bo: clearable(cells.bo, before?.bo ?? null),
    size: clearable(cells.size, before?.size ?? null) ?? '',
    codes: cells.codes === '' ? [...(before?.codes ?? [])] : dashes.has(cells.codes) ? [] : cells.codes.split(/[\s;；,，、]+/),
    // Of a name that stays what was made of it stays, too: an older county's program may have spelled it otherwise.
    ...(zh === before?.zh ? spellingOf(before) : { initials: initialsOf(zh ?? ''), pinyin: pinyinOf(zh ?? '') }),
    category,
    picture: word(cells.picture, pictures, (before?.picture as PictureKey | undefined) ?? pictureFor[category], 'picture'), // the county's own word
    ...(soldBy === 'weight' ? { soldBy } : {}),
    priceFen: amount(cells.yuan, before?.priceFen ?? null, 'price in yuan'),
    pricePoints: amount(cells.points, before?.pricePoints ?? null, 'price in points'),
    ...(settlementFen === null ? {} : { settlementFen }),
    pointsAllowed: word(cells.pointsAllowed, yesOrNo, before?.pointsAllowed ?? true, 'answer (是, 否)'),
    onSale: word(cells.onSale, yesOrNo, before?.onSale ?? true, 'answer (是, 否)'),
  };
  return { goods, faults };
}

function spellingOf(before: Goods | null): { readonly initials?: string; readonly pinyin?: string } {
  if (before === null) return {};
  return { initials: before.initials, ...(before.pinyin === undefined ? {} : { pinyin: before.pinyin }) };
}

const dashes: ReadonlySet<string> = new Set(['-', '－', '—', '——', '无']);

const yesOrNo: { readonly [word: string]: boolean | undefined } = { 是: true, yes: true, true: true, 否: false, no: false, false: false };

const waysToSell: { readonly [word: string]: 'piece' | 'weight' | undefined } = {
  piece: 'piece',
  按件: 'piece',
  weight: 'weight',
  按重: 'weight',
  散装: 'weight',
};

/** The words of the till, and the kiosk's own. */
const categories: { readonly [word: string]: GoodsCategory | undefined } = {
  ...Object.fromEntries(goodsCategories.map((category) => [category, category])),
  米面: 'grain',
  油: 'oil',
  洗涤: 'cleaning',
  纸品: 'paper',
  厨房: 'kitchen',
  食品: 'food',
  饮料: 'drink',
  纺织: 'textile',
  文具: 'stationery',
  农用: 'farm',
  家电: 'appliance',
  其他: 'other',
};

const pictures: { readonly [word: string]: PictureKey | undefined } = Object.fromEntries(pictureKeys.map((key) => [key, key]));

const pictureFor: { readonly [category in GoodsCategory]: PictureKey } = {
  grain: 'rice',
  oil: 'oil',
  cleaning: 'detergent',
  paper: 'paper',
  kitchen: 'bowl',
  food: 'snack',
  drink: 'drink',
  textile: 'towel',
  stationery: 'notebook',
  farm: 'tool',
  appliance: 'appliance',
  other: 'box',
};
