// What a county's intake costs beyond writing: files of a night, with every signature, leaf, sum and posting made again, against bare
// inserts of the very rows it wrote, as durable.

import { join } from 'node:path';
import Database from 'better-sqlite3';
import { makeCounty, openCounty } from '../../county/book/county-book.ts';
import { countyTables } from '../../county/book/tables.ts';
import { takeIn } from '../../county/book/intake.ts';
import { cut, introduce, uploadOf } from '../support/county-book.ts';
import { countyName, enrol, fileKey, handClock, makeKiosk, morning, shop } from '../support/county.ts';
import { openDay } from '../support/closing.ts';
import { sell, today } from '../support/sell.ts';
import { type Bench, figuresOf } from './measure.ts';

/** Of a shop's day (issue: 172 kiosks of 300 sales): one file is taken in again and again, into a fresh book. */
const salesEach = 300;

export const countyIntake: Bench = {
  name: 'county-intake',
  async run({ quick, scratch }) {
    const { home, book } = makeKiosk(join(scratch, 'kiosk'), handClock());
    await enrol(home, book);
    openDay(book, today);
    for (let n = 0; n < salesEach; n += 1) sell(book, { resident: '1', goods: [['2', 1]], chosenPoints: 10 });
    const upload = uploadOf(home, await cut(home, book));
    book.close();
    const fileKeyPem = fileKey.export({ format: 'pem', type: 'pkcs8' }).toString();
    const ours: number[] = [];
    const theirs: number[] = [];
    for (let i = 0; i < (quick ? 5 : 40); i += 1) {
      const directory = join(scratch, `county-${i}`);
      makeCounty(directory, { code: shop.county, name: countyName, isDemo: true, fileKeyPem });
      const opened = openCounty(directory, { wallMs: () => morning });
      if (!opened.ok) throw new Error(opened.code);
      const county = opened.value;
      await introduce(county, home);
      const started = performance.now();
      const { verdict } = await takeIn(county, upload);
      ours.push(performance.now() - started);
      if (verdict !== 'ACCEPTED') throw new Error(verdict);
      theirs.push(await county.read((db) => bareInserts(db, join(scratch, `bare-${i}.db`))));
      await county.close();
    }
    return [
      {
        kind: 'measured',
        name: 'county-intake',
        measures: `a file of ${salesEach} sales taken in ÷ bare FULL inserts of the rows it wrote`,
        unit: 'ms',
        figures: figuresOf(ours),
        against: figuresOf(theirs),
        goals: [{ of: 'p50', is: 'ratio', atMost: 5 }],
      },
    ];
  },
};

/** Writes the events and postings of a book into an empty one, in one transaction; returns how long that took, in ms. */
function bareInserts(from: Database.Database, path: string): number {
  const tables = ['event', 'posting'].map((table) => ({ table, rows: from.prepare(`SELECT * FROM ${table}`).raw().all() as unknown[][] }));
  const bare = new Database(path);
  bare.pragma('journal_mode = WAL');
  bare.pragma('synchronous = FULL');
  bare.exec(countyTables);
  const statements = tables.map(({ table, rows }) => ({
    rows,
    insert: bare.prepare(`INSERT INTO ${table} VALUES (${(rows[0] ?? []).map(() => '?').join(', ')})`),
  }));
  const started = performance.now();
  bare.exec('BEGIN IMMEDIATE');
  for (const { insert, rows } of statements) for (const row of rows) insert.run(...row);
  bare.exec('COMMIT');
  const took = performance.now() - started;
  bare.close();
  return took;
}
