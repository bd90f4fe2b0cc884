// Finds goods as a cashier does: by pinyin initials, part of a name, or the start of a code. In memory, over 20,000 goods.

import type { Goods, GoodsCategory } from '../../db/model/catalogue.ts';

export interface GoodsIndex {
  /** Goods by any of their barcodes. */
  readonly byCode: ReadonlyMap<string, Goods>;
  /** Best first: initials that begin so, then names and initials that contain it. '' lists all. */
  search(query: string, category: GoodsCategory | null): readonly Goods[];
}

interface Row {
  readonly goods: Goods;
  /** Initials and names, each behind a line break: one look through one text finds both what contains and what begins. */
  readonly text: string;
}

export function indexGoods(goods: readonly Goods[], codes: ReadonlyMap<string, string>): GoodsIndex {
  const rows: readonly Row[] = goods
    .filter((each) => each.onSale)
    .map((each) => ({ goods: each, text: `\n${each.initials}\n${each.zh} ${each.size} ${each.bo ?? ''}`.toLowerCase() }));
  const byId = new Map(goods.map((each) => [each.id, each]));
  const byCode = new Map([...codes].flatMap(([code, id]) => (byId.has(id) ? [[code, byId.get(id)!] as const] : [])));
  return {
    byCode,
    search(query, category) {
      const wanted = query.normalize('NFC').trim().toLowerCase();
      const start = `\n${wanted}`;
      const mayBeCode = isCode(wanted);
      const begins: Goods[] = [];
      const contains: Goods[] = [];
      for (const row of rows) {
        if (category !== null && row.goods.category !== category) continue;
        if (row.text.includes(wanted)) (row.text.includes(start) ? begins : contains).push(row.goods);
        else if (mayBeCode && row.goods.codes.some((code) => code.startsWith(wanted))) contains.push(row.goods);
      }
      return [...begins, ...contains];
    },
  };
}

/** Three digits are enough to mean a code; one or two are a size (5kg). */
function isCode(query: string): boolean {
  return /^\d{3,}$/.test(query);
}
