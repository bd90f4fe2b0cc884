// The same files taken into a county's book in PostgreSQL, against COPY of the rows that they wrote into empty tables of the same form, a
// transaction for each file: as durable. The server is a fresh one of the bench's own.
//
// By the clocks of the threads a file of 308 events takes some 90 ms of two processors that others use, too: 25 of the server, where COPY
// takes 10 (rows that are looked up and changed, a plan and its checks for each of 90 statements), 30 of reading, folding and posting, 19
// of signatures, 11 of the thread that talks to the server. They overlap: the server writes while the act goes on and while other files
// are read; 31 questions are waited for.

import { cpSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CountyBook, openCounty } from '../../county/book/county-book.ts';
import { connectPostgres } from '../../county/store/postgres.ts';
import type { CountyStore } from '../../county/store/store.ts';
import { morning } from '../support/county.ts';
import { databaseUrl, makeDatabase, setup } from '../support/postgres-server.ts';
import { apartAsServed } from './apart.ts';
import { type DayOfKiosks, filesOfADay } from './county-files.ts';
import { type BesideBare, knownKiosks, memoryOfIntake, rowsOfKiosk, takeAll } from './county-intake.ts';
import { type Bench, type BenchOptions, figuresOf, timed, timedAsync } from './measure.ts';

const day = { kiosks: 172, salesEach: 300 };
const quickDay = { kiosks: 12, salesEach: 300 };

export const countyIntakePostgres: Bench = {
  name: 'county-intake-postgres',
  async run(options) {
    const of = options.quick ? quickDay : day;
    const files = await filesOfADay(of, options);
    const folder = join(tmpdir(), `jifen-bench-${process.pid}`); // a short path: it holds a socket
    const stop = await setup({ config: { env: { COUNTY_TEST_POSTGRES: folder } } });
    try {
      const { cache, scratch } = options;
      makeDatabase(folder, known);
      const county = await files.open(join(scratch, known), { databaseUrl: databaseUrl(folder, known) });
      await county.close();
      const { value: times } = await apartAsServed<BesideBare>(import.meta.filename, 'takeBesideCopy', { of, folder, cache, scratch });
      makeDatabase(folder, 'memory', known);
      const memory = await memoryOfIntake('county-intake-postgres-memory', {
        of,
        directory: folderCopy(scratch, 'memory'),
        databaseUrl: databaseUrl(folder, 'memory'),
        cache,
        scratch,
      });
      return [
        {
          kind: 'measured',
          name: 'county-intake-postgres',
          measures: `each of ${of.kiosks} files of ${of.salesEach} sales taken into PostgreSQL ÷ COPY of the rows it wrote, as durable`,
          unit: 'ms',
          figures: figuresOf(times.ours),
          against: figuresOf(times.theirs),
          goals: [{ of: 'p50', is: 'ratio', atMost: 5 }],
        },
        memory,
      ];
    } finally {
      await stop();
    }
  },
};

/** In a process of its own. `folder`: the server's. */
export async function takeBesideCopy({
  of,
  folder,
  cache,
  scratch,
}: Pick<BenchOptions, 'cache' | 'scratch'> & { readonly of: DayOfKiosks; readonly folder: string }): Promise<BesideBare> {
  const { uploads } = await filesOfADay(of, { cache, scratch, say: () => {} });
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let i = 0; i < 3; i += 1) {
    makeDatabase(folder, `ours${i}`, known);
    makeDatabase(folder, `copy${i}`);
    const county = openCopy(scratch, { folder, database: `ours${i}` });
    ours.push((await timedAsync(() => takeAll(county, uploads))) / of.kiosks);
    await county.close();
    theirs.push(copied(folder, { from: `ours${i}`, to: `copy${i}` }) / of.kiosks);
  }
  return { ours, theirs };
}

/** A county that knows its kiosks and has taken no file: to tell it of all of them takes a minute, so it is told once and copied. */
const known = 'known';

function openCopy(scratch: string, { folder, database }: { readonly folder: string; readonly database: string }): CountyBook {
  const opened = openCounty(folderCopy(scratch, database), { wallMs: () => morning }, { databaseUrl: databaseUrl(folder, database) });
  if (!opened.ok) throw new Error(opened.code);
  return opened.value;
}

/** What lies beside the database. */
function folderCopy(scratch: string, database: string): string {
  const directory = join(scratch, database);
  cpSync(join(scratch, known), directory, { recursive: true });
  return directory;
}

/**
 * COPY of the rows of each file, in a transaction as intake's own is, from files that the server wrote beforehand; returns how long it took,
 * in ms.
 */
function copied(folder: string, { from, to }: { readonly from: string; readonly to: string }): number {
  const path = (of: string): string => join(folder, `${to}.${of}`);
  const kiosks = run(folder, from, (session) => {
    session.exec(`COPY (${knownKiosks.replace('SELECT', 'SELECT county,')}) TO '${path('kiosks')}'`);
    const known = session.prepare('SELECT kiosk FROM chain').all() as readonly { readonly kiosk: string }[]; // just so
    for (const { kiosk } of known)
      for (const [table, sql] of Object.entries(rowsOfKiosk))
        session.exec(`COPY (${sql.replace('?', `'${kiosk}'`)}) TO '${path(`${kiosk}.${table}`)}'`);
    return known.map((row) => row.kiosk);
  });
  return run(folder, to, (session) => {
    session.exec(`COPY kiosk (county, kiosk, store, state) FROM '${path('kiosks')}'`);
    return timed(() => {
      for (const kiosk of kiosks) {
        session.exec('BEGIN');
        for (const table of Object.keys(rowsOfKiosk)) session.exec(`COPY ${table} FROM '${path(`${kiosk}.${table}`)}'`);
        session.exec('COMMIT');
      }
    });
  });
}

/** As the superuser, who may read and write the server's files, and sees every county. */
function run<Value>(folder: string, database: string, work: (session: CountyStore) => Value): Value {
  const session = connectPostgres(databaseUrl(folder, database, 'postgres'), `bench ${database}`);
  try {
    return work(session);
  } finally {
    session.close();
  }
}
