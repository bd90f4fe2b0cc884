// Reads the lists that a county's office sends, CSV or XLSX: named columns in any order, every fault told by its row. Runs nothing, and
// takes no cell that a spreadsheet would run.

import { type Result, fail, never, ok } from '../../db/model/result.ts';
import { readOnThread } from './list-thread.ts';
import type { Tell } from './slices.ts';
import { type WorkbookRefusal, readWorkbook, unpackedBytes } from './workbook.ts';

/** A row that is not as it must be: `row` counts from 1, the header not among them; people are told rowTold. */
export interface RowFault {
  readonly row: number;
  readonly what: string;
}

/** The number that a spreadsheet shows beside a row of a list: its header is row 1. */
export function rowTold({ row }: Pick<RowFault, 'row'>): number {
  return row + 1;
}

/** A column by its name, and by the words that offices write over it. */
export interface Column<Name extends string> {
  readonly name: Name;
  readonly zh: readonly string[];
  /** Without it the file is another list. */
  readonly isNeeded: boolean;
}

export interface ListRow<Name extends string> {
  readonly row: number;
  /** '' where the column is not in the file or the cell is empty. */
  readonly cells: { readonly [Key in Name]: string };
}

export interface List<Name extends string> {
  readonly rows: readonly ListRow<Name>[];
  readonly faults: readonly RowFault[];
  /** How it was read. GB18030 is what Excel writes in China, and nothing in a file proves it: people look at the names. */
  readonly format: 'UTF-8' | 'GB18030' | 'XLSX';
}

export type ListRefusal =
  | WorkbookRefusal
  /** Its header has not the columns that are needed, or one twice, or one that is not known. */
  | 'not_a_list'
  /** Neither UTF-8 nor GB18030. */
  | 'encoding'
  /** A workbook of Excel 2003 or before. */
  | 'old_workbook'
  /** Other long lists are being read. */
  | 'busy';

/** Larger is no list of a county: 800,000 residents are 80 MiB. */
export const listBytesMax = 128 * 1024 * 1024;
/** A county's residents, with room. */
const residentsMax = 1_000_000;
/** Longest row: names in two languages and twenty barcodes. */
const rowCharactersMax = 2_000;

/** A list that is shorter is read where it is asked for: a tenth of a second at most. */
const shortBytes = 256 * 1024;

/**
 * The rows of a list below its header. A row without any text is left out, but counted. A long list is read on a thread of its own, and
 * handed over in slices. `rowsMax`: more are refused as too large.
 */
export function readList<Name extends string>(
  given: string | Uint8Array,
  columns: readonly Column<Name>[],
  { rowsMax = residentsMax, tell = () => {} }: { readonly rowsMax?: number; readonly tell?: Tell } = {},
): Promise<Result<List<Name>, ListRefusal>> {
  const bytes = typeof given === 'string' ? Buffer.from(given) : given;
  if (bytes.length > listBytesMax) return Promise.resolve(fail('too_large'));
  const isShort = (isWorkbook(bytes) ? unpackedBytes(bytes) : bytes.length) <= shortBytes;
  return isShort ? parseList(bytes, columns, rowsMax) : readOnThread({ bytes, columns, rowsMax }, tell);
}

/** The same on the thread that asks. */
export async function parseList<Name extends string>(
  bytes: Uint8Array,
  columns: readonly Column<Name>[],
  rowsMax: number,
): Promise<Result<List<Name>, ListRefusal>> {
  const table = await tableOf(bytes);
  if (!table.ok) return table;
  const [header = [], ...below] = table.value.lines;
  const places = placesOf(header, columns);
  if (places === null) return fail('not_a_list');
  if (below.length > rowsMax) return fail('too_large');
  const faults: RowFault[] = [];
  const rows: ListRow<Name>[] = [];
  for (const [i, line] of below.entries()) {
    const row = i + 1;
    const isLong = line !== null && lettersOf(line) > rowCharactersMax; // a workbook repeats one long text at no cost: it is not looked at
    const cells = isLong ? [] : (line ?? []).map(clean);
    if (line !== null && !isLong && cells.every((cell) => cell === '')) continue;
    if (line === null) faults.push({ row, what: 'a quote that does not end' });
    else if (isLong || line.length > header.length)
      faults.push({ row, what: `more than ${header.length} cells, or longer than ${rowCharactersMax} characters` });
    const run = cells.find((cell) => looksRun.test(cell));
    if (run !== undefined) faults.push({ row, what: `${run.slice(0, 40)} begins like a formula` });
    const named = columns.map(({ name }) => [name, cells[places[name] ?? cells.length] ?? '']);
    rows.push({ row, cells: Object.fromEntries(named) as ListRow<Name>['cells'] }); // each column has its name
  }
  return ok({ rows, faults, format: table.value.format });
}

/** What a spreadsheet runs when the text is shown in one; `-` alone is a dash, and `-5` a number, which the column itself takes or not. */
const looksRun = /^[=+@＝＋＠]|^[-－](?!\d{1,16}(\.\d{1,2})?$)./;

/** With the commas between its cells. */
function lettersOf(line: readonly string[]): number {
  return line.reduce((sum, cell) => sum + cell.length, line.length - 1);
}

function clean(cell: string): string {
  return cell.trim().normalize('NFC');
}

/** null: a line that cannot be told apart into cells. */
type Line = readonly string[] | null;

async function tableOf(
  bytes: Uint8Array,
): Promise<
  Result<{ readonly lines: readonly [readonly string[], ...Line[]] | readonly []; readonly format: List<string>['format'] }, ListRefusal>
> {
  const start = Buffer.from(bytes.subarray(0, 8)).toString('latin1');
  if (isWorkbook(bytes)) {
    const rows = await readWorkbook(bytes);
    return rows.ok ? ok({ lines: rows.value as readonly [readonly string[], ...Line[]], format: 'XLSX' }) : rows; // an empty one has no header
  }
  if (start === '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1') return fail('old_workbook');
  const read = textOf(bytes);
  if (read === null) return fail('encoding');
  const lines = read.text.split(/\r?\n/);
  while (lines.at(-1)?.trim() === '') lines.pop();
  const [header, ...below] = lines.map(cellsOf);
  return ok({ lines: header == null ? [] : [header, ...below], format: read.format });
}

/** A ZIP archive begins with the letters of who made the first. */
function isWorkbook(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && bytes[1] === 0x4b; // PK
}

function textOf(bytes: Uint8Array): { readonly text: string; readonly format: 'UTF-8' | 'GB18030' } | null {
  for (const format of ['UTF-8', 'GB18030'] as const)
    try {
      const text = new TextDecoder(format, { fatal: true }).decode(bytes); // takes the byte order mark away
      return text.includes('\0') ? null : { text, format };
    } catch {
      continue; // not this one
    }
  return null;
}

/** The cells of a line of CSV (RFC 4180); a quoted cell ends on its line. */
function cellsOf(line: string): Line {
  if (!line.includes('"')) return line.split(',');
  const cells: string[] = [];
  let rest = line;
  for (;;) {
    const quoted = /^\s*"((?:[^"]|"")*)"\s*(,|$)/.exec(rest);
    const plain = quoted === null ? /^([^",]*)(,|$)/.exec(rest) : null;
    const found = quoted ?? plain;
    if (found === null) return null;
    cells.push(quoted === null ? found[1]! : found[1]!.replaceAll('""', '"')); // both have the group
    if (found[2] === '') return cells;
    rest = rest.slice(found[0].length);
  }
}

/** Where each column stands; null where the header is another list's. */
function placesOf<Name extends string>(
  header: readonly string[],
  columns: readonly Column<Name>[],
): { readonly [Key in Name]?: number } | null {
  const places: { [Key in Name]?: number } = {};
  for (const [place, cell] of header.entries()) {
    const title = clean(cell).toLowerCase();
    const column = columns.find(({ name, zh }) => name.toLowerCase() === title || zh.includes(title));
    if (column === undefined || places[column.name] !== undefined) return null;
    places[column.name] = place;
  }
  return columns.every(({ name, isNeeded }) => !isNeeded || places[name] !== undefined) ? places : null;
}

/** What the form of a kiosk's file says against a row; each by the name of the member. */
export function faultsOfLine(
  row: number,
  { issues }: { readonly issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[] },
): readonly RowFault[] {
  return issues.map(({ path, message }) => ({ row, what: `${path.slice(1).map(String).join('.')}: ${message}` })); // the first is the line's kind
}

/** `12`, `12.5` or `12.50` as hundredths; null where it is none, or beyond 2^53. Also of yuan and fen. */
export function hundredths(text: string): number | null {
  const match = /^(\d{1,15})(?:\.(\d{1,2}))?$/.exec(text);
  if (match === null) return null;
  const value = Number(match[1]) * 100 + Number((match[2] ?? '').padEnd(2, '0') || 0);
  return Number.isSafeInteger(value) ? value : null;
}

/** What a person is told of a file that is not read at all. `columns` are those it should have. */
export function whyNoList(code: ListRefusal, columns: readonly Column<string>[]): string {
  switch (code) {
    case 'not_a_list':
      return `the first row must name these columns, in any order: ${columns.map(({ name, zh, isNeeded }) => `${name} ${zh[0] ?? ''}${isNeeded ? '' : '?'}`).join(', ')}`;
    case 'encoding':
      return 'the text is neither UTF-8 nor GB18030 (GBK): save it as XLSX, or as CSV UTF-8';
    case 'old_workbook':
      return 'a workbook of Excel 2003 or before (.xls): save it as .xlsx';
    case 'damaged':
      return 'no workbook, or a damaged one';
    case 'too_large':
      return 'too large for a list, or a cell lies far beyond it; a long list is read as CSV';
    case 'busy':
      return 'other long lists are being read: give it again in a minute';
    case 'formulas':
      return 'it has cells with formulas: paste their values, since what a formula says depends on who opens it';
    default:
      return never(code);
  }
}
