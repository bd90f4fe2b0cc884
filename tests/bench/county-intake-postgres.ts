// The same files taken into a county's book in PostgreSQL, against COPY of the rows that they wrote into empty tables of the same form.
// The server is a fresh one of the bench's own.

import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectPostgres } from '../../county/store/postgres.ts';
import { databaseUrl, makeDatabase, setup } from '../support/postgres-server.ts';
import { filesOfADay } from './county-files.ts';
import { rowsOfKiosk, takeAll } from './county-intake.ts';
import { type Bench, figuresOf, timed, timedAsync } from './measure.ts';

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
      const ours: number[] = [];
      const theirs: number[] = [];
      for (let i = 0; i < 3; i += 1) {
        for (const database of [`ours${i}`, `copy${i}`]) makeDatabase(folder, database);
        const county = await files.open(join(options.scratch, `county-${i}`), { databaseUrl: databaseUrl(folder, `ours${i}`) });
        ours.push((await timedAsync(() => takeAll(county, files.uploads))) / of.kiosks);
        await county.close();
        theirs.push(copied(folder, { from: `ours${i}`, to: `copy${i}` }) / of.kiosks);
      }
      return [
        {
          kind: 'measured',
          name: 'county-intake-postgres',
          measures: `each of ${of.kiosks} files of ${of.salesEach} sales taken into PostgreSQL ÷ COPY of the rows it wrote`,
          unit: 'ms',
          figures: figuresOf(ours),
          against: figuresOf(theirs),
          goals: [{ of: 'p50', is: 'ratio', atMost: 5 }],
        },
      ];
    } finally {
      await stop();
    }
  },
};

/** COPY of each table's rows of all kiosks, from files that the server wrote beforehand; returns how long it took, in ms. */
function copied(folder: string, { from, to }: { readonly from: string; readonly to: string }): number {
  const path = (table: string): string => join(folder, `${to}.${table}`);
  run(folder, from, (exec) => {
    for (const [table, sql] of Object.entries(rowsOfKiosk))
      exec(`COPY (${sql.replace('= ?', 'IN (SELECT kiosk FROM chain)')}) TO '${path(table)}'`);
  });
  return run(folder, to, (exec) =>
    timed(() => {
      exec('BEGIN');
      for (const table of Object.keys(rowsOfKiosk)) exec(`COPY ${table} FROM '${path(table)}'`);
      exec('COMMIT');
    }),
  );
}

/** As the superuser, who may read and write the server's files, and sees every county. */
function run<Value>(folder: string, database: string, work: (exec: (statement: string) => void) => Value): Value {
  const session = connectPostgres(databaseUrl(folder, database, 'postgres'), `bench ${database}`);
  try {
    return work((statement) => void session.exec(statement));
  } finally {
    session.close();
  }
}
