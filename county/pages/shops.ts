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
