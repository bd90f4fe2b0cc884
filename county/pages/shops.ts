// The names of the county's shops, as its kiosks were told them. A kiosk whose shop has no name yet is called by its id.

import { z } from 'zod';
import { type ReadableDatabase, prepared } from '../../db/sqlite.ts';

const shopLine = z.object({ shop: z.object({ zh: z.string() }) });

/** By kiosk. */
export function shopNames(db: ReadableDatabase): ReadonlyMap<string, string> {
  const rows = prepared<[], { scope: string; line: string }>(db, `SELECT scope, line FROM master WHERE t = 'SHOP'`).all();
  return new Map(rows.map(({ scope, line }) => [scope, shopLine.parse(JSON.parse(line)).shop.zh]));
}

const countyLine = z.object({ shop: z.object({ countyZh: z.string() }) });

/** The county's name, or its code where no shop says it. */
export function countyName(db: ReadableDatabase, code: string): string {
  const row = prepared<[], { line: string }>(db, `SELECT line FROM master WHERE t = 'SHOP' ORDER BY scope LIMIT 1`).get();
  return row === undefined ? code : countyLine.parse(JSON.parse(row.line)).shop.countyZh;
}

/** The first of them by name, and how many there are; '没有' for none. */
export function shopsText(kiosks: readonly string[], names: ReadonlyMap<string, string>, shown: number): string {
  if (kiosks.length === 0) return '没有';
  const first = kiosks.slice(0, shown).map((kiosk) => names.get(kiosk) ?? kiosk);
  return `${first.join('、')}${kiosks.length > shown ? ` 等 ${kiosks.length} 家` : ''}`;
}
