// A county's book over TLS, as DATABASE_URL asks for it: with a server that the county's own authority vouches for, and with no other.

import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { connectPostgres } from '../../../county/store/postgres.ts';
import { StoreFault } from '../../../county/store/store.ts';
import { databaseUrl, giveToServer, startPostgres } from '../../support/postgres-server.ts';

test('a server is believed over TLS where the authority that the URL names vouches for its name, and nowhere else', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'jifen-tls-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  chmodSync(folder, 0o755); // the server goes through it
  const [ours, other] = [anAuthority(folder, 'ours'), anAuthority(folder, 'other')];
  const home = join(folder, 'server');
  mkdirSync(home);
  const certificate = certified(home, ours, 'localhost');
  const port = await freePort();
  const { stop } = await startPostgres(home, [
    'listen_addresses=127.0.0.1', `port=${port}`, 'ssl=on', `ssl_cert_file=${certificate}.crt`, `ssl_key_file=${certificate}.key`,
  ]); // prettier-ignore
  onTestFinished(stop);
  const url = (authority: string): string =>
    `postgres://postgres@localhost:${port}/postgres?sslmode=verify-full&sslrootcert=${authority}.crt`;

  expect(encryption(url(ours))).toEqual({ ssl: 1, version: 'TLSv1.3' });
  expect(faultOf(url(other))).toEqual(['store_refused', expect.stringMatching(/SIGNATURE|SELF_SIGNED/)]);
  expect(faultOf(`postgres://postgres@localhost:${port}/postgres?sslmode=verify-full`)).toEqual(['store_refused', expect.any(String)]);

  const elsewhere = certified(home, ours, 'elsewhere.example');
  for (const ending of ['crt', 'key']) copyFileSync(`${elsewhere}.${ending}`, `${certificate}.${ending}`);
  const onSocket = connectPostgres(`${databaseUrl(home, 'postgres', 'postgres')}&port=${port}`, 'on the socket');
  onTestFinished(() => void onSocket.close());
  onSocket.prepare('SELECT pg_reload_conf()').get();
  await expect.poll(() => faultOf(url(ours))).toEqual(['store_refused', expect.stringContaining('ERR_TLS_CERT_ALTNAME_INVALID')]);
});

function encryption(url: string): unknown {
  const store = connectPostgres(url, 'over TLS');
  try {
    return store.prepare('SELECT ssl, version FROM pg_stat_ssl WHERE pid = pg_backend_pid()').get();
  } finally {
    store.close();
  }
}

function faultOf(url: string): readonly [code: string, message: string] | null {
  try {
    encryption(url);
    return null;
  } catch (error) {
    if (!(error instanceof StoreFault)) throw error;
    return [error.code, error.message];
  }
}

/** A key and a certificate that it signed itself; their path without the ending. */
function anAuthority(folder: string, name: string): string {
  const path = join(folder, name);
  openssl(
    'req',
    '-x509',
    '-newkey',
    'ed25519',
    '-nodes',
    '-days',
    '2',
    '-subj',
    `/CN=${name}`,
    '-keyout',
    `${path}.key`,
    '-out',
    `${path}.crt`,
  );
  return path;
}

/** Of a server of that name. */
function certified(folder: string, authority: string, name: string): string {
  const path = join(folder, name);
  openssl(
    'req', '-x509', '-newkey', 'ed25519', '-nodes', '-days', '2', '-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`,
    '-addext', 'basicConstraints=critical,CA:FALSE', '-CA', `${authority}.crt`, '-CAkey', `${authority}.key`, '-keyout', `${path}.key`, '-out', `${path}.crt`,
  ); // prettier-ignore
  chmodSync(`${path}.key`, 0o600);
  giveToServer(`${path}.key`, `${path}.crt`);
  return path;
}

function openssl(...words: readonly string[]): void {
  execFileSync('openssl', words, { stdio: ['ignore', 'ignore', 'pipe'] });
}

/** One that nobody listens at now. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // it listens at one
  server.close();
  await once(server, 'close');
  return port;
}
