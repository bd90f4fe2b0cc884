// What a county's intake costs beyond writing: the files of a county's night, with every signature, leaf, sum and posting made again,
// against bare inserts of the very rows that they wrote, as durable.
//
// Of a file of 308 events libsodium takes some 18 ms for the signatures, where OpenSSL took 36 (county/book/verify-signatures.ts), on
// threads of their own beside the posting of the file before; then come reading (JSON, its canonical form, leaf), folding and figures, and
// the rows themselves. With two cores that nobody else uses a file takes as long as the larger of both halves; where others work there, as
// long as their sum.

import { join } from 'node:path';
import Database from 'better-sqlite3';
import { type CountyBook, openCounty } from '../../county/book/county-book.ts';
import { type Upload, takeIn } from '../../county/book/intake.ts';
import { countyTables } from '../../county/book/tables.ts';
import { logTables } from '../../county/log/tables.ts';
import { countyUpgrades } from '../../county/store/upgrades.ts';
import type { ReadableDatabase } from '../../db/sqlite.ts';
import { morning } from '../support/county.ts';
import { apartAsServed } from './apart.ts';
import { type CountyFiles, type DayOfKiosks, filesOfADay } from './county-files.ts';
import { type Bench, type BenchOptions, type Row, figuresOf, timed, timedAsync } from './measure.ts';

const day = { kiosks: 172, salesEach: 300 };
const quickDay = { kiosks: 12, salesEach: 300 };
/** Uploads on their way at one time: while one has the book's turn the others are unpacked and kept. */
const atOnce = 4;

export const countyIntake: Bench = {
  name: 'county-intake',
  async run(options) {
    const of = options.quick ? quickDay : day;
    const { cache, scratch } = options;
    const files = await filesOfADay(of, options);
    const { value: times } = await apartAsServed<BesideBare>(import.meta.filename, 'takeBesideBare', { of, cache, scratch });
    const directory = join(scratch, 'memory');
    await (await files.open(directory)).close();
    return [
      {
        kind: 'measured',
        name: 'county-intake',
        measures: `each of ${of.kiosks} files of ${of.salesEach} sales taken in ÷ bare FULL inserts of the rows it wrote`,
        unit: 'ms',
        figures: figuresOf(times.ours),
        against: figuresOf(times.theirs),
        goals: [{ of: 'p50', is: 'ratio', atMost: 5 }],
      },
      await memoryOfIntake('county-intake-memory', { of, directory, cache, scratch }),
    ];
  },
};

/** Ms a file, turn by turn. */
export interface BesideBare {
  readonly ours: readonly number[];
  readonly theirs: readonly number[];
}

/** In a process of its own. */
export async function takeBesideBare({
  of,
  cache,
  scratch,
}: Pick<BenchOptions, 'cache' | 'scratch'> & { readonly of: DayOfKiosks }): Promise<BesideBare> {
  const files = await filesOfADay(of, { cache, scratch, say: () => {} });
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let i = 0; i < 3; i += 1) {
    const county = await files.open(join(scratch, `county-${i}`));
    ours.push((await timedAsync(() => takeAll(county, files.uploads))) / of.kiosks);
    theirs.push((await county.read((db) => bareInserts(db, join(scratch, `bare-${i}.db`)))) / of.kiosks);
    await county.close();
  }
  return { ours, theirs };
}

/** What such a process comes to and stays at: its readers' threads and the pages that they keep. A leak would go beyond it within a night. */
export const processMb = 500;

/** Files and a county's book that knows their kiosks and has none of them. */
interface Known extends Pick<BenchOptions, 'cache' | 'scratch'> {
  readonly of: DayOfKiosks;
  readonly directory: string;
  /** Where the book is in PostgreSQL. */
  readonly databaseUrl?: string;
}

/** The most memory of a process that takes those files in, and does nothing else. */
export async function memoryOfIntake(name: string, known: Known): Promise<Row> {
  const { kiosks, salesEach } = known.of;
  const { peakMb } = await apartAsServed<null>(import.meta.filename, 'takeKnown', known);
  return {
    kind: 'measured',
    name,
    measures: `peak of the county's process that took ${kiosks} files of ${salesEach} sales in${known.databaseUrl === undefined ? '' : ', without PostgreSQL’s own'}`,
    unit: 'MB',
    figures: figuresOf([peakMb]),
    against: null,
    goals: [{ of: 'p99', is: 'figure', atMost: processMb }],
  };
}

/** In a process of its own. */
export async function takeKnown({ of, directory, databaseUrl, cache, scratch }: Known): Promise<null> {
  const { uploads } = await filesOfADay(of, { cache, scratch, say: () => {} });
  const opened = openCounty(directory, { wallMs: () => morning }, databaseUrl === undefined ? {} : { databaseUrl });
  if (!opened.ok) throw new Error(opened.code);
  await takeAll(opened.value, uploads);
  await opened.value.close();
  return null;
}

/** Takes them in as a server does whose kiosks come at the same time, so many `together`. */
export async function takeAll(county: CountyBook, uploads: CountyFiles['uploads'], together = atOnce): Promise<void> {
  const waiting = [...uploads];
  const takeNext = async (): Promise<void> => {
    for (let upload: Upload | undefined = waiting.shift(); upload !== undefined; upload = waiting.shift()) {
      const { verdict } = await takeIn(county, upload);
      if (verdict !== 'ACCEPTED') throw new Error(`${upload.kiosk}: ${verdict}`);
    }
  };
  await Promise.all(Array.from({ length: together }, takeNext));
}

/** What intake writes of a kiosk, and where its rows are found; those that a later one refers to come first. */
export const rowsOfKiosk: Readonly<Record<string, string>> = {
  account: 'SELECT * FROM account WHERE home = ?', // each of them bought something
  event: 'SELECT * FROM event WHERE kiosk = ?',
  posting: 'SELECT posting.* FROM posting JOIN event USING (entry) WHERE event.kiosk = ?',
  balance: `SELECT * FROM balance WHERE kiosk = ?`,
  counter: 'SELECT * FROM counter WHERE kiosk = ?',
  closing: 'SELECT * FROM closing WHERE kiosk = ?',
  chain: 'SELECT * FROM chain WHERE kiosk = ?',
  up_file: 'SELECT * FROM up_file WHERE kiosk = ?',
  answer: 'SELECT * FROM answer WHERE kiosk = ?',
};

/** There before any file comes: accounts name them. */
export const knownKiosks = 'SELECT kiosk, store, state FROM kiosk';

/** Writes those rows into empty tables, a transaction for each kiosk; returns how long that took, in ms. */
function bareInserts(from: ReadableDatabase, path: string): number {
  const bare = new Database(path);
  bare.pragma('journal_mode = WAL');
  for (const step of [countyTables + logTables, ...countyUpgrades]) bare.exec(step);
  bare.pragma('synchronous = FULL'); // after the first write: the driver forgets it there (reconciliation.md D2, 1)
  for (const row of from.prepare<[], unknown[]>(knownKiosks).raw().all())
    bare.prepare('INSERT INTO kiosk (kiosk, store, state) VALUES (?, ?, ?)').run(...row);
  const kiosks = from.prepare<[], string>('SELECT kiosk FROM chain').pluck().all();
  const files = kiosks.map((kiosk) =>
    Object.entries(rowsOfKiosk).map(([table, sql]) => {
      const rows = from.prepare<[string], unknown[]>(sql).raw().all(kiosk);
      return { rows, insert: bare.prepare(`INSERT INTO ${table} VALUES (${(rows[0] ?? []).map(() => '?').join(', ')})`) };
    }),
  );
  const took = timed(() => {
    for (const tables of files) {
      bare.exec('BEGIN IMMEDIATE');
      for (const { insert, rows } of tables) for (const row of rows) insert.run(...row);
      bare.exec('COMMIT');
    }
  });
  bare.close();
  return took;
}
