// Which tests run: `fast` in seconds with `npm run check`, all of them with `npm test`.

import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

// Tests start the project's own programs some hundred times: what Node made of their sources is kept, two thirds of each start.
process.env['NODE_COMPILE_CACHE'] ??= new URL('../node_modules/.cache/compiled', import.meta.url).pathname;

/** Tests on whole books, processes, sockets and ptys: each takes seconds, most of them waiting for the world. */
const whole = [
  'tests/county/{clerk,demo,doubt,draw-race,draws,drill,enrol,expiry,export,fetch,forgotten,hostile,hostile-server,invariants,keys,kiosk-keys,lapsed-vouchers,lists,lists-hostile,long-lists,main,pages,pages-hostile,planted,put-back,put-back-restored,reclaims,refusals,restored,restored-rotation,rights,roaming,serve,server,take-backs,three-way}.test.ts',
  'tests/db/{backup,book,down,kiosk-keys,migrate,model,opening,pin,verify,verify-closing,verify-up,acks,rights,verify-desk,verify-drawer,verify-returns,verify-rights,verify-session}.test.ts',
  'tests/electron/{engine,host,browser}/**/*.test.ts',
  'tests/hardware/printer/{job,odd-printers,printer,printer-links}.test.ts',
  'tests/crash/*.test.ts',
  'tests/outsider/*.test.ts',
  'tests/hardware/{serial-port,sheet,scanner/scanner,scale/decode-cli,scale/scale,scale/listen}.test.ts',
];

/** Vitest takes one worker fewer than there are cores; most of these tests wait for clocks, sockets and other processes. */
const workers = Math.max(3, availableParallelism());
/** Each of these has a browser or a loop of its own: two at once keep two cores busy. */
const slowWorkers = Math.max(2, Math.floor(availableParallelism() / 2));

/** It keeps every core busy by processes of its own: beside browsers both would only take longer. */
const simulator = ['tests/simulator/simulate.slow.test.ts'];

/** Of a county's book: they run over SQLite in the projects above, and over a real PostgreSQL in one of their own. */
const onBothStores = [
  'tests/county/store/held-rows.test.ts',
  'tests/county/{carried,clerk,committee,credit-caps,draws,echoes,expiring,expiry,export,fetch,forgotten,goods,hostile,intake,keys,kiosk-keys,lapsed-vouchers,limits,lists,log,master,moved,night,reclaims,refusals,restored,returned,rights,roaming,round-trip,server,settled,statement,take-backs,told-worth,vouchers}.test.ts',
];
const onPostgres = ['tests/county/store/postgres*.test.ts'];

export default defineConfig({
  root: new URL('..', import.meta.url).pathname,
  test: {
    // what is waited for comes, however busy the machine is: only what never comes takes this long
    expect: { poll: { timeout: 15_000 } },
    projects: [
      {
        extends: true,
        test: {
          name: 'fast',
          include: ['tests/{db,hardware,renderer,electron,county,build,simulator}/**/*.test.{ts,tsx}'],
          exclude: ['**/*.slow.test.*', ...whole, ...onPostgres],
          testTimeout: 60_000,
          maxWorkers: workers,
        },
      },
      {
        extends: true,
        test: { name: 'whole', include: whole, exclude: ['**/*.slow.test.*'], testTimeout: 90_000, maxWorkers: workers },
      },
      {
        extends: true,
        test: {
          name: 'postgres',
          include: [...onBothStores, ...onPostgres],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          globalSetup: './tests/support/postgres-server.ts',
          isolate: false, // files share the databases that they made
          maxWorkers: workers,
          env: { COUNTY_TEST_POSTGRES: join(tmpdir(), `jifen-postgres-${process.pid}`) }, // a short path: it holds a socket
        },
      },
      {
        extends: true,
        test: {
          name: 'slow',
          include: ['tests/**/*.slow.test.{ts,tsx}', 'tests/e2e/**/*.test.{ts,tsx}'],
          exclude: simulator,
          testTimeout: 180_000,
          hookTimeout: 300_000,
          maxWorkers: slowWorkers,
          sequence: { groupOrder: 1 },
          globalSetup: 'tests/renderer/build-gallery.ts',
        },
      },
      {
        extends: true,
        test: {
          name: 'simulator',
          include: simulator,
          maxWorkers: 1,
          maxConcurrency: 2,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
