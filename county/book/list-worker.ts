// The thread that reads one long list for the process that serves (list-thread.ts): hands its rows over a slice at a time, each when it is
// asked for. Knows what no row means.

import { parentPort, workerData } from 'node:worker_threads';
import { type Column, type List, type ListRefusal, type ListRow, type RowFault, parseList } from './list-file.ts';
import { sliceRows } from './slices.ts';

export interface ListWork {
  readonly bytes: Uint8Array;
  readonly columns: readonly Column<string>[];
  readonly rowsMax: number;
}

/** What the thread says: first what there is, then a slice for each message that it gets. */
export type ListSaid =
  | { readonly t: 'refused'; readonly code: ListRefusal }
  | { readonly t: 'read'; readonly format: List<string>['format']; readonly rows: number; readonly faults: number }
  | { readonly t: 'slice'; readonly rows: readonly ListRow<string>[]; readonly faults: readonly RowFault[] };

const port = parentPort!; // it is a thread
const { bytes, columns, rowsMax } = workerData as ListWork; // list-thread.ts made it
const read = await parseList(bytes, columns, rowsMax);
const say = (said: ListSaid): void => port.postMessage(said);
if (read.ok) {
  const { rows, faults, format } = read.value;
  let at = 0;
  port.on('message', () => {
    say({ t: 'slice', rows: rows.slice(at, at + sliceRows), faults: faults.slice(at, at + sliceRows) });
    at += sliceRows;
  });
  say({ t: 'read', format, rows: rows.length, faults: faults.length });
} else say({ t: 'refused', code: read.code });
