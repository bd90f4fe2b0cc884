// Finds goods as a cashier does: by pinyin, its initials or spelled out, part of a name, or the start of a code. In memory, over
// 20,000 goods.

import type { Goods, GoodsCategory } from '../../db/model/catalogue.ts';

export interface GoodsIndex {
  /** Goods by any of their barcodes. */
  readonly byCode: ReadonlyMap<string, Goods>;
  /**
   * Best first: initials or names that begin so, pinyin that begins so, then what contains it, pinyin from the start of a
   * syllable. '' lists all.
   */
  search(query: string, category: GoodsCategory | null): readonly Goods[];
}

interface Row {
  readonly goods: Goods;
  /** Initials and names, each behind a line break: one look through one text finds both what contains and what begins. */
  readonly text: string;
  /** The pinyin without its spaces, once from each syllable on: xijiejing, jiejing, jing. */
  readonly spelled: readonly string[];
}

/** How the pinyin of a row is spelled as the query wants: not, from a later syllable, from the first. */
const [notSpelled, spelledWithin, spelledFirst] = [0, 1, 2];

export function indexGoods(goods: readonly Goods[], codes: ReadonlyMap<string, string>): GoodsIndex {
  const rows: readonly Row[] = goods
    .filter((each) => each.onSale)
    .map((each) => ({
      goods: each,
      text: `\n${each.initials}\n${each.zh} ${each.size} ${each.bo ?? ''}`.toLowerCase(),
      spelled: fromEachSyllable(each.pinyin ?? ''),
    }));
  const bySpelling = indexSpellings(rows);
  const byId = new Map(goods.map((each) => [each.id, each]));
  const byCode = new Map([...codes].flatMap(([code, id]) => (byId.has(id) ? [[code, byId.get(id)!] as const] : [])));
  return {
    byCode,
    search(query, category) {
      const wanted = query.normalize('NFC').trim().toLowerCase();
      const start = `\n${wanted}`;
      const mayBeCode = isCode(wanted);
      const spelling = spellingOf(wanted);
      const begins: Goods[] = [];
      const spelledSo: Goods[] = [];
      const contains: Goods[] = [];
      const spells: Goods[] = [];
      for (const [i, row] of rows.entries()) {
        if (category !== null && row.goods.category !== category) continue;
        const isIn = row.text.includes(wanted);
        if (isIn && row.text.includes(start)) begins.push(row.goods);
        else if (spelling[i] === spelledFirst) spelledSo.push(row.goods);
        else if (isIn) contains.push(row.goods);
        else if (spelling[i] === spelledWithin) spells.push(row.goods);
        else if (mayBeCode && row.goods.codes.some((code) => code.startsWith(wanted))) contains.push(row.goods);
      }
      return [...begins, ...spelledSo, ...contains, ...spells];
    },
  };

  /** For each row, how it is spelled so. Looks only at rows of which a syllable begins with the same two letters. */
  function spellingOf(wanted: string): Uint8Array {
    const found = new Uint8Array(rows.length).fill(notSpelled);
    const letters = wanted.replaceAll(/[ ']/g, '').replaceAll('ü', 'v');
    if (!/^[a-z]{2,}$/.test(letters)) return found;
    for (const i of bySpelling.get(letters.slice(0, 2)) ?? []) {
      const at = rows[i]!.spelled.findIndex((spelled) => spelled.startsWith(letters));
      if (at !== -1) found[i] = at === 0 ? spelledFirst : spelledWithin;
    }
    return found;
  }
}

/** Three digits are enough to mean a code; one or two are a size (5kg). */
function isCode(query: string): boolean {
  return /^\d{3,}$/.test(query);
}

/** xi jie jing → xijiejing, jiejing, jing. A search from within a syllable would find half the shop. */
function fromEachSyllable(pinyin: string): readonly string[] {
  const syllables = pinyin.split(' ');
  return syllables.map((_, i) => syllables.slice(i).join(''));
}

/** Numbers of the rows in which a syllable begins with two letters, by those. */
function indexSpellings(rows: readonly Row[]): ReadonlyMap<string, readonly number[]> {
  const found = new Map<string, number[]>();
  for (const [i, row] of rows.entries())
    for (const letters of new Set(row.spelled.map((spelled) => spelled.slice(0, 2)))) {
      const known = found.get(letters);
      if (known === undefined) found.set(letters, [i]);
      else known.push(i);
    }
  return found;
}
