// Reads the settlement sheet that a shop exported (hardware/sheet/write-table.ts), CSV or XLSX, as the merchant holds it in hand. Believes
// nothing in it and runs nothing: three-way.ts compares.

import { type Result, fail, ok } from '../../db/model/result.ts';
import { type Column, type ListRefusal, readList } from './list-file.ts';

/** What the merchant's paper says. */
export interface MerchantSheet {
  /** Printed number of the settlement: 琼结-03-J000001. */
  readonly settlementNumber: string;
  readonly kiosk: string;
  readonly owedFen: number;
  readonly days: readonly { readonly number: number; readonly day: string; readonly points: number; readonly fen: number }[];
  /** Head of the kiosk's book as it was printed: what the settlement's own event is. */
  readonly head: { readonly seq: number; readonly leaf: string };
  /** The newest word of the county with an amount: what it says was paid; null: none. */
  readonly paidFen: number | null;
}

type ColumnName = 'code' | 'item' | 'detail' | 'date' | 'count' | 'points' | 'yuan' | 'fen';

/** The headings of the sheet. */
const columns: readonly Column<ColumnName>[] = [
  { name: 'code', zh: ['代码'], isNeeded: true },
  { name: 'item', zh: ['项目'], isNeeded: true },
  { name: 'detail', zh: ['说明'], isNeeded: true },
  { name: 'date', zh: ['日期'], isNeeded: true },
  { name: 'count', zh: ['件数/笔数'], isNeeded: true },
  { name: 'points', zh: ['积分'], isNeeded: true },
  { name: 'yuan', zh: ['金额（元）'], isNeeded: true },
  { name: 'fen', zh: ['金额（人民币分）', '金额（分）'], isNeeded: true }, // the second: sheets of before
];

/** An amount of a sheet may be negative; anything else that begins like a formula is none of ours. */
const looksRun = /^[=+@＝＋＠]|^[-－](?!\d{1,16}(\.\d{1,2})?$)./;

/** The sheet, or why it is none. */
export async function readMerchantSheet(given: Uint8Array): Promise<Result<MerchantSheet, ListRefusal | 'formula' | 'not_a_sheet'>> {
  const list = await readList(given, columns);
  if (!list.ok) return list;
  const rows = list.value.rows.map(({ cells }) => cells);
  if (rows.some((cells) => Object.values(cells).some((cell) => looksRun.test(cell)))) return fail('formula');
  const one = (code: string): (typeof rows)[number] | undefined => rows.find((cells) => cells.code === code);
  const days = rows
    .filter(({ code }) => code === 'day')
    .map(({ detail, date, points, fen }) => ({
      number: whole(detail.replace(/^Z/, '')),
      day: date,
      points: hundredthsOf(points),
      fen: whole(fen),
    }));
  const [seq = '', leaf = ''] = (one('head')?.detail ?? '').split(' ');
  const settlementNumber = one('number')?.detail ?? '';
  const kiosk = (one('shop')?.detail ?? '').split(' ').at(-1) ?? '';
  const owedFen = whole(one('owed')?.fen ?? '');
  const paid = rows.filter(({ code, fen }) => code === 'word' && fen !== '').at(-1);
  const head = { seq: whole(seq), leaf };
  const amounts = [owedFen, head.seq, ...days.flatMap((each) => [each.number, each.points, each.fen])];
  const isWhole = settlementNumber !== '' && kiosk !== '' && days.length > 0 && amounts.every(Number.isSafeInteger);
  if (!isWhole) return fail('not_a_sheet');
  return ok({ settlementNumber, kiosk, owedFen, days, head, paidFen: paid === undefined ? null : whole(paid.fen) });
}

/** NaN: none, or beyond 2^53. */
function whole(text: string): number {
  const value = /^-?\d{1,16}$/.test(text) ? Number(text) : NaN;
  return Number.isSafeInteger(value) ? value : NaN;
}

/** `130.00`, or `130` and `130.5` of a workbook. By its digits: a product would round the largest. */
function hundredthsOf(text: string): number {
  const [, sign = '', units, parts = ''] = /^(-?)(\d{1,15})(?:\.(\d{1,2}))?$/.exec(text) ?? [];
  return units === undefined ? NaN : whole(`${sign}${units}${parts.padEnd(2, '0')}`.replace(/^(-?)0+(?=\d)/, '$1'));
}
