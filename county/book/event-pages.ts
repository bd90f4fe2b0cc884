// Where the next page of a kiosk's events ends, so that whoever reads them holds a bounded part of them: an event is some kilobytes, and a
// kiosk's key can sign one of a megabyte. Reads no event.

import { type ReadableDatabase, prepared } from '../../db/sqlite.ts';

interface Stretch {
  readonly kiosk: string;
  readonly inc: number;
  /** Events after this one, */
  readonly after: number;
  /** up to this one. */
  readonly through: number;
}

const pageRows = 1_000;
/** As they are stored. One event may be larger: it is a page of its own. */
const pageBytes = 8 * 1024 * 1024;

/** The number of the last event of the next page; null: there is none left. */
export function endOfPage(
  db: ReadableDatabase,
  { kiosk, inc, after, through }: Stretch,
  { rowsMax = pageRows, bytesMax = pageBytes }: { readonly rowsMax?: number; readonly bytesMax?: number } = {},
): number | null {
  const rows = prepared<[string, number, number, number, number], { seq: number; bytes: number }>(
    db,
    'SELECT seq, octet_length(line) AS bytes FROM event WHERE kiosk = ? AND inc = ? AND seq > ? AND seq <= ? ORDER BY seq LIMIT ?',
  ).all(kiosk, inc, after, through, rowsMax);
  let bytes = 0;
  const beyond = rows.findIndex((row) => (bytes += row.bytes) > bytesMax);
  const last = beyond === -1 ? rows.at(-1) : rows[Math.max(0, beyond - 1)];
  return last?.seq ?? null;
}
