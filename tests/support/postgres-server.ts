// A PostgreSQL server of the tests' own: a fresh cluster in a folder, reached over a socket in it, gone when the tests end. Durable as a
// real one is: the county's store refuses another. Vitest calls setup once before the tests of the project `postgres`, and what it gives back after them.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { makeCounty } from '../../county/book/county-book.ts';
import { connectPostgres } from '../../county/store/postgres.ts';
import { countyName, fileKey } from './county.ts';

/** The role that owns the tables: no superuser, as in a province. */
const owner = 'county';
/** Holds the tables, and a county that no test may ever see. */
const template = 'template_county';

const startMs = 30_000;

/** The database of that name on the server in `folder`, as the tables' owner. */
export function databaseUrl(folder: string, database: string, role = owner): string {
  return `postgres://${role}@localhost/${database}?host=${encodeURIComponent(folder)}`;
}

/** Makes a county database beside those that are there: an empty one, or a copy of one that nobody has open. */
export function makeDatabase(folder: string, database: string, from = template): void {
  asSuperuser(folder, 'postgres', [`CREATE DATABASE ${database} TEMPLATE ${from} OWNER ${owner}`]);
}

/** Statements that no county could make. */
export function asSuperuser(folder: string, database: string, statements: readonly string[]): void {
  const session = connectPostgres(databaseUrl(folder, database, 'postgres'), `superuser ${process.pid} ${(sessions += 1)}`);
  try {
    for (const statement of statements) session.exec(statement);
  } finally {
    session.close();
  }
}

let sessions = 0;

/** Given by build/vitest.config.ts to the tests of the project `postgres`, and to this. */
export async function setup(project: {
  readonly config: { readonly env: Partial<Record<string, unknown>> };
}): Promise<() => Promise<void>> {
  const folder = String(project.config.env['COUNTY_TEST_POSTGRES']);
  const server = await startPostgres(folder);
  try {
    asSuperuser(folder, 'postgres', [`CREATE ROLE ${owner} LOGIN`, `CREATE DATABASE ${template} OWNER ${owner}`]);
    const fileKeyPem = fileKey.export({ format: 'pem', type: 'pkcs8' }).toString();
    makeCounty(
      join(folder, 'another-county'),
      { code: '999999', name: countyName, isDemo: true, fileKeyPem },
      { databaseUrl: databaseUrl(folder, template) },
    );
  } catch (error) {
    await server.stop();
    throw error;
  }
  return () => server.stop();
}

/** Starts a server in a folder of its own, which is removed when it stops. `settings`: beyond the tests' usual ones, as name=value. */
export async function startPostgres(folder: string, settings: readonly string[] = []): Promise<{ readonly stop: () => Promise<void> }> {
  const binaries = postgresBinaries();
  const user = process.getuid?.() === 0 ? ['--reuid=postgres', '--regid=postgres', '--clear-groups'] : []; // PostgreSQL refuses to run as root
  const data = join(folder, 'data');
  mkdirSync(folder, { mode: 0o755, recursive: true });
  giveToServer(folder);
  execFileSync(
    'setpriv',
    [...user, '--', join(binaries, 'initdb'), '-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync'],
    { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] },
  );
  const server = spawn(
    'setpriv',
    // Ends with the tests, however they end.
    [
      ...user,
      '--pdeathsig=QUIT',
      '--',
      join(binaries, 'postgres'),
      '-D',
      data,
      '-k',
      folder,
      '-c',
      'listen_addresses=',
      '-c',
      'lc_messages=C',
      ...settings.flatMap((setting) => ['-c', setting]),
    ],
    { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  await untilReady(server);
  return {
    async stop() {
      if (server.exitCode === null) {
        server.kill('SIGQUIT'); // at once: nothing of it is needed
        await once(server, 'exit');
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Files that the server reads are its own where these tests run as root. */
export function giveToServer(...paths: readonly string[]): void {
  if (process.getuid?.() !== 0) return;
  const id = (of: '-u' | '-g'): number => Number(execFileSync('id', [of, 'postgres']));
  for (const path of paths) chownSync(path, id('-u'), id('-g'));
}

/** Where Debian lays them: the newest version. */
function postgresBinaries(): string {
  const versions = existsSync('/usr/lib/postgresql') ? readdirSync('/usr/lib/postgresql') : [];
  const found = versions.toSorted((a, b) => Number(b) - Number(a)).map((version) => `/usr/lib/postgresql/${version}/bin`);
  const newest = found.find((each) => existsSync(join(each, 'initdb')));
  if (newest === undefined)
    throw new Error('these tests need PostgreSQL. Type:\n  sudo apt-get install -y --no-install-recommends postgresql');
  return newest;
}

async function untilReady(server: ChildProcess): Promise<void> {
  const lines: string[] = [];
  const late = setTimeout(() => server.kill('SIGQUIT'), startMs);
  try {
    for await (const line of createInterface({ input: server.stderr! })) {
      lines.push(line);
      if (line.includes('ready to accept connections')) {
        server.stderr!.resume(); // its log goes on, and nobody reads it
        return;
      }
    }
  } finally {
    clearTimeout(late);
  }
  throw new Error(`PostgreSQL did not start:\n${lines.join('\n')}`);
}
