// The rows of what is reclaimed (reclaims.ts) as their file keeps them: a line for each below a header, read as they are asked for. Knows no kind
// and no book.

import { assert } from '../../db/model/result.ts';
import { hundredths } from './list-file.ts';
import { sliceRows } from './slices.ts';

/** What every row has: an account, and what is taken of it, hundredths. */
export interface ReclaimRow {
  readonly account: string;
  readonly points: number;
}

/** How rows of a kind are kept. */
export interface RowForm<Row extends ReclaimRow> {
  /** Of the file that keeps its rows. */
  readonly columns: readonly string[];
  /** A row as it is kept, in the order of the columns: no cell has a comma or a quote. */
  cellsOf(row: Row): readonly string[];
  rowOf(cells: Readonly<Record<string, string>>): Row;
  /** By what people know a row beside its account; '': by nothing. */
  nameOf(row: Row): string;
  /** Its rows are of most accounts, one of each, in the order of the book: these are looked at by ranges. */
  readonly isDense?: true;
}

export function sumOf(rows: readonly ReclaimRow[]): number {
  return rows.reduce((sum, { points }) => sum + points, 0);
}

/** Hundredths as a list says points. */
export function pointsCell(points: number): string {
  return `${Math.trunc(points / 100)}.${String(points % 100).padStart(2, '0')}`;
}

/** And back: the file is ours, and was hashed. */
export function pointsOfCell(cell: string): number {
  return hundredths(cell) ?? 0;
}

/** Rows as their file has them. They are read as they are asked for: a file may have those of all accounts of a county. */
export interface KeptRows<Row extends ReclaimRow> {
  readonly bytes: Uint8Array;
  readonly rows: number;
  /** Hundredths. */
  readonly points: number;
  /** A slice of those after the first n. */
  after(n: number): readonly Row[];
  slices(): Iterable<readonly Row[]>;
}

/** Rows on their way into a file. */
export interface RowsToKeep<Row extends ReclaimRow> {
  add(rows: readonly Row[]): void;
  end(): KeptRows<Row>;
}

export function rowsToKeep<Row extends ReclaimRow>(form: RowForm<Row>): RowsToKeep<Row> {
  const parts = [Buffer.from(`${form.columns.join(',')}\n`)];
  const sum = { rows: 0, points: 0 };
  return {
    add(rows) {
      parts.push(Buffer.from(rows.map((row) => `${form.cellsOf(row).join(',')}\n`).join('')));
      sum.rows += rows.length;
      sum.points += sumOf(rows);
    },
    end: () => rowsIn(form, Buffer.concat(parts), sum),
  };
}

export function keptOf<Row extends ReclaimRow>(form: RowForm<Row>, rows: readonly Row[]): KeptRows<Row> {
  const keeping = rowsToKeep(form);
  keeping.add(rows);
  return keeping.end();
}

/** The bytes are ours: a line for each row below a header, and no cell has a comma, a quote or an end of a line. */
export function rowsIn<Row extends ReclaimRow>(
  form: RowForm<Row>,
  bytes: Buffer,
  { rows, points }: { readonly rows: number; readonly points: number },
): KeptRows<Row> {
  /** Where each slice begins. */
  const starts: number[] = [];
  let lines = -1; // the header is none
  for (let end = bytes.indexOf(lineEnd); end !== -1; end = bytes.indexOf(lineEnd, end + 1)) {
    lines += 1;
    if (lines % sliceRows === 0) starts.push(end + 1);
  }
  assert(lines === rows, 'what was kept when it was proposed is read again');
  const after = (n: number): readonly Row[] => {
    const slice: Row[] = [];
    let at = Math.trunc(n / sliceRows) * sliceRows;
    for (let start = starts[at / sliceRows] ?? bytes.length; start < bytes.length && slice.length < sliceRows; at += 1) {
      const end = bytes.indexOf(lineEnd, start);
      if (at >= n) slice.push(rowOfLine(form, bytes.toString('utf8', start, end)));
      start = end + 1;
    }
    return slice;
  };
  const kept: Omit<KeptRows<Row>, 'slices'> = { bytes, rows, points, after };
  return { ...kept, slices: () => slicesAfter(kept, 0) };
}

const lineEnd = 10;

export function* slicesAfter<Row extends ReclaimRow>(
  kept: Pick<KeptRows<Row>, 'rows' | 'after'>,
  first: number,
): Generator<readonly Row[]> {
  for (let n = first; n < kept.rows; n += sliceRows) yield kept.after(n);
}

function rowOfLine<Row extends ReclaimRow>(form: RowForm<Row>, line: string): Row {
  const cells = line.split(',');
  return form.rowOf(Object.fromEntries(form.columns.map((name, i) => [name, cells[i] ?? ''])));
}
