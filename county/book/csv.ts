// Reads the small tables that a county's office sends: one header, commas, no quotes. Every fault is told by its row. Runs nothing.

/** A row that is not as it must be: `row` counts from 1, the header not among them. */
export interface RowFault {
  readonly row: number;
  readonly what: string;
}

export interface Table {
  readonly rows: readonly (readonly string[])[];
  readonly faults: readonly RowFault[];
}

/** Longest row: names and a reference. */
const rowCharactersMax = 1_000;
/** A county's residents, with room. */
const rowsMax = 1_000_000;

/** The rows below a header of exactly these columns; null where the header is another. */
export function readTable(text: string, columns: readonly string[]): Table | null {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  if (lines[0]?.toLowerCase() !== columns.join(',') || lines.length > rowsMax + 1) return null;
  const faults: RowFault[] = [];
  const rows = lines.slice(1).map((line, i) => {
    const cells = line.split(',').map((cell) => cell.trim());
    if (line.length > rowCharactersMax || cells.length !== columns.length || line.includes('"'))
      faults.push({ row: i + 1, what: `${columns.length} cells without quotes are expected` });
    return cells;
  });
  return { rows, faults };
}

/** `12`, `12.5` or `12.50` as hundredths; null where it is none, or beyond 2^53. Also of yuan and fen. */
export function hundredths(text: string): number | null {
  const match = /^(\d{1,15})(?:\.(\d{1,2}))?$/.exec(text);
  if (match === null) return null;
  const value = Number(match[1]) * 100 + Number((match[2] ?? '').padEnd(2, '0') || 0);
  return Number.isSafeInteger(value) ? value : null;
}
