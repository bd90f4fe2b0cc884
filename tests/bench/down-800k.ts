// A county's first file to a kiosk, of 800,000 residents with their balances and rights, from the inbox to the commit, against a bare bulk
// insert of the very rows that it left; and the most memory that the applying process had.

import { existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { applyDownFile } from '../../db/down.ts';
import { migrations } from '../../db/migrate.ts';
import { type Bench, type BenchOptions, figuresOf, timed, timedAsync } from './measure.ts';
import { makeKiosk } from '../support/county.ts';
import { apart } from './apart.ts';
import { clock, writeBenchFile } from './bench-till.ts';

export const down800k: Bench = {
  name: 'down-800k',
  async run(options) {
    const residents = options.quick ? 20_000 : 800_000;
    const file = await fileOf(residents, options);
    const ours: number[] = [];
    const theirs: number[] = [];
    const peaks: number[] = [];
    for (let i = 0; i < 3; i += 1) {
      const directory = join(options.scratch, String(i));
      const { value, peakMb } = await apart<number>(import.meta.filename, 'applyOnce', { directory, file });
      ours.push(value);
      peaks.push(peakMb);
      theirs.push(bareInserts(join(directory, 'book.db'), join(options.scratch, `bare-${i}.db`)));
      rmSync(directory, { recursive: true });
    }
    const what = `a file of ${residents.toLocaleString('en')} residents`;
    return [
      {
        kind: 'measured',
        name: 'down-800k',
        measures: `${what} applied by a kiosk ÷ a bare bulk insert of the rows it left`,
        unit: 'ms',
        figures: figuresOf(ours),
        against: figuresOf(theirs),
        goals: [{ of: 'p50', is: 'ratio', atMost: 3 }],
      },
      {
        kind: 'measured',
        name: 'down-800k-memory',
        measures: `peak of the process that applied ${what}`,
        unit: 'MB',
        figures: figuresOf(peaks),
        against: null,
        goals: [{ of: 'p99', is: 'figure', atMost: 300 }],
      },
    ];
  },
};

/** Written once: 2.4 million lines. */
async function fileOf(residents: number, { cache, say }: BenchOptions): Promise<string> {
  const directory = join(cache, `down-${residents}`);
  if (!existsSync(directory)) {
    say(`writing the file of ${residents.toLocaleString('en')} residents, once`);
    rmSync(`${directory}.part`, { recursive: true, force: true });
    await writeBenchFile(`${directory}.part`, { residents });
    renameSync(`${directory}.part`, directory);
  }
  return join(directory, '00000001.jsonl.gz');
}

/** In a process of its own: ms from the inbox to the commit. */
export async function applyOnce({ directory, file }: { readonly directory: string; readonly file: string }): Promise<number> {
  const { home, book } = makeKiosk(directory, clock);
  const took = await timedAsync(async () => {
    const outcome = await applyDownFile(book, home, file, '2026-11-21', () => {});
    if (outcome.kind !== 'applied') throw new Error(JSON.stringify(outcome));
  });
  book.close();
  return took;
}

/** Rows between two looks at the clock: they are read outside of the time that is told. */
const rowsPerPiece = 50_000;

/** Writes every row of a book into empty tables of the same form, in one transaction; returns how long the writing took, in ms. */
function bareInserts(from: string, to: string): number {
  const source = new Database(from, { readonly: true });
  const bare = new Database(to);
  bare.pragma('journal_mode = WAL');
  for (const step of migrations) bare.exec(step);
  for (const { name } of named(bare, 'trigger')) bare.exec(`DROP TRIGGER ${name}`);
  bare.pragma('synchronous = FULL'); // after the first write: the driver forgets it there (reconciliation.md D2, 1)
  bare.pragma('foreign_keys = OFF'); // tables come in the order of their names
  let spent = timed(() => bare.exec('BEGIN IMMEDIATE'));
  for (const { name } of named(source, 'table')) {
    const rows = source.prepare<[], unknown[]>(`SELECT * FROM ${name}`).raw().iterate();
    let insert: Database.Statement | null = null;
    for (let piece = taken(rows); piece.length > 0; piece = taken(rows)) {
      const prepared = (insert ??= bare.prepare(`INSERT OR IGNORE INTO ${name} VALUES (${piece[0]!.map(() => '?').join(', ')})`)); // migrations wrote some
      const values = piece;
      spent += timed(() => {
        for (const row of values) prepared.run(...row);
      });
    }
  }
  spent += timed(() => bare.exec('COMMIT'));
  bare.close();
  source.close();
  return spent;
}

function named(db: Database.Database, type: 'table' | 'trigger'): readonly { readonly name: string }[] {
  return db
    .prepare<[string], { name: string }>(`SELECT name FROM sqlite_schema WHERE type = ? AND name NOT LIKE 'sqlite_%' ORDER BY name`)
    .all(type);
}

function taken(rows: IterableIterator<unknown[]>): unknown[][] {
  const piece: unknown[][] = [];
  for (let row = rows.next(); row.done !== true; row = rows.next()) if (piece.push(row.value) === rowsPerPiece) break;
  return piece;
}
