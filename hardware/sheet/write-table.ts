// A settlement sheet as a table that programs read: CSV and XLSX. Amounts are numbers, in yuan and as fen; no name is ever a formula.

import { stringify } from 'csv-stringify/sync';
import writeWorkbook, { type SheetData } from 'write-excel-file/node';
import { never } from '../../db/model/result.ts';
import { type Sheet, type SheetRow, sheetRows } from './sheet.ts';
import { sheetTexts } from './sheet-text.ts';

const columns = ['code', 'item', 'detail', 'date', 'count', 'points', 'yuan', 'fen'] as const;
type Column = (typeof columns)[number];

const headings: { readonly [column in Column]: string } = {
  code: sheetTexts.code.zh,
  item: sheetTexts.item.zh,
  detail: sheetTexts.detail.zh,
  date: sheetTexts.date.zh,
  count: sheetTexts.pieces.zh,
  points: sheetTexts.points.zh,
  yuan: sheetTexts.yuan.zh,
  fen: sheetTexts.fen.zh,
};

/**
 * The sheet as CSV (RFC 4180): UTF-8 with BOM, which Excel wants, and CRLF. A text that a spreadsheet would take for a formula
 * begins with an apostrophe; amounts have both decimals and no thousands mark.
 */
export function sheetCsv(sheet: Sheet): string {
  return stringify(
    sheetRows(sheet).map((row) => columns.map((column) => cellOf(row, column))),
    {
      bom: true,
      header: true,
      columns: columns.map((column) => ({ key: column, header: headings[column] })),
      record_delimiter: 'windows',
      escape_formulas: true,
      cast: { number: (amount, { index }) => (hasDecimals(columns[index]) ? decimal(amount) : String(amount)) },
    },
  );
}

/** The same table as a workbook. Amounts are typed numbers, whose nearest double is exact to the fen below 2^53 fen. */
export async function sheetWorkbook(sheet: Sheet): Promise<Buffer> {
  const data: SheetData = [
    columns.map((column) => ({ value: headings[column], type: String, fontWeight: 'bold' as const })),
    ...sheetRows(sheet).map((row) => columns.map((column) => workbookCell(cellOf(row, column), column))),
  ];
  const widths: { readonly [column in Column]: number } = {
    code: 14,
    item: 26,
    detail: 44,
    date: 12,
    count: 10,
    points: 14,
    yuan: 16,
    fen: 14,
  };
  return writeWorkbook(data, { sheet: '结算单', columns: columns.map((column) => ({ width: widths[column] })) }).toBuffer();
}

/** Yuan and points are told from their hundredths. */
function hasDecimals(column: Column | undefined): boolean {
  return column === 'yuan' || column === 'points';
}

function cellOf(row: SheetRow, column: Column): string | number | null {
  switch (column) {
    case 'code':
      return row.code;
    case 'item':
      return row.label.zh;
    case 'detail':
      return row.detail;
    case 'date':
      return row.day;
    case 'count':
      return row.count;
    case 'points':
      return row.points;
    case 'yuan':
    case 'fen':
      return row.fen;
    default:
      return never(column);
  }
}

function workbookCell(cell: ReturnType<typeof cellOf>, column: Column): SheetData[number][number] {
  if (cell === null || cell === '') return null;
  if (typeof cell === 'string') return { value: cell, type: String };
  if (!hasDecimals(column)) return { value: cell, type: Number, format: '0' };
  return { value: Number(decimal(cell)), type: Number, format: column === 'points' ? '0.##' : '#,##0.00' };
}

/** By its digits: dividing would round the largest amounts. */
function decimal(hundredths: number): string {
  const text = String(Math.abs(hundredths)).padStart(3, '0');
  return `${hundredths < 0 ? '-' : ''}${text.slice(0, -2)}.${text.slice(-2)}`;
}
