// Uploads to the clerk's pages that never end, that lie about their size, or that come from nobody: cut where the limit is, over a real
// socket, and the memory stays flat.

import { type AddressInfo, type Socket, connect } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { expect, onTestFinished, test } from 'vitest';
import { clerkPages } from '../../county/pages/app.ts';
import { addClerk, removeClerk } from '../../county/pages/clerks.ts';
import { newPresence } from '../../county/server/presence.ts';
import { type Waits, countyServer } from '../../county/server/server.ts';
import type { CountyBook } from '../../county/book/county-book.ts';
import { aCounty } from '../support/county-book.ts';

const megabyte = 1024 * 1024;
/** What is taken of an upload before it is cut: the pages' 32 MiB, and what lies in sockets. */
const takenMax = 64 * megabyte;
/** Coarse: an upload is held once. */
const growthMax = 300 * megabyte;

interface Served {
  readonly county: CountyBook;
  readonly app: FastifyInstance;
  readonly port: number;
  readonly cookie: string;
}

async function served(waits?: Waits): Promise<Served> {
  const county = aCounty(onTestFinished, false);
  const monoMs = (): number => performance.now();
  const presence = newPresence(monoMs);
  const complain = (line: string): never => {
    throw new Error(line);
  };
  const pages = clerkPages({ book: county, presence, demoNight: null, nextNight: () => 0, monoMs }, complain);
  const app = await countyServer(county, { identity: null, presence, pages, complain, ...(waits === undefined ? {} : { waits }) });
  onTestFinished(() => app.close());
  const added = await addClerk(county, { name: '次仁', role: 'clerk' });
  if (!added.ok) throw new Error(added.code);
  const payload = new URLSearchParams({ name: '次仁', password: added.value.password }).toString();
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const signedIn = await app.inject({ method: 'POST', url: '/clerk/sign-in', headers, payload });
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo; // it listens over TCP
  return { county, app, port, cookie: String(signedIn.headers['set-cookie']).split(';')[0]! };
}

interface Cut {
  readonly status: string;
  readonly sentBytes: number;
}

/** Sends a head, then pieces of a body until it is answered or cut, at most twice what may be taken. */
function pour(port: number, head: readonly string[], piece: Buffer): Promise<Cut> {
  return new Promise((resolve) => {
    const socket: Socket = connect(port, '127.0.0.1');
    let answer = '';
    let sentBytes = 0;
    const more = (): void => {
      while (sentBytes < 2 * takenMax && !socket.destroyed && socket.writable) {
        sentBytes += piece.length;
        if (!socket.write(piece)) return void socket.once('drain', more);
      }
    };
    socket.on('data', (data) => {
      answer += data.toString('latin1');
      if (answer.includes('\r\n\r\n')) socket.destroy(); // it is answered; who goes on sending is cut by the server later
    });
    socket.on('error', () => undefined); // it is cut: what close tells
    socket.on('close', () => resolve({ status: answer.split('\r\n')[0] ?? '', sentBytes }));
    socket.write(`${head.join('\r\n')}\r\n\r\n`);
    if (piece.length > 0) more();
  });
}

const uploadOf = (cookie: string, length: string): readonly string[] => [
  'POST /clerk/awards/upload HTTP/1.1',
  'host: 127.0.0.1',
  `cookie: ${cookie}`,
  'content-type: multipart/form-data; boundary=cut',
  length,
];

test('an upload that says ten gigabytes is refused by what it says; one without end is cut at the limit, and the memory stays flat', async () => {
  const { port, cookie } = await served();
  const piece = Buffer.alloc(megabyte, 'a');
  const chunk = Buffer.concat([Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n')]);
  const before = process.memoryUsage().rss;
  const said = await pour(port, uploadOf(cookie, `content-length: ${10 * 1024 * megabyte}`), piece);
  expect(said.status).toContain(' 413 ');
  for (let i = 0; i < 2; i += 1) {
    const endless = await pour(port, uploadOf(cookie, 'transfer-encoding: chunked'), chunk);
    expect(endless.sentBytes).toBeLessThan(takenMax);
    expect(endless.status === '' || endless.status.includes(' 413 ')).toBe(true); // a cut may come before its answer is read
  }
  expect(process.memoryUsage().rss - before).toBeLessThan(growthMax);
});

test('nobody’s upload is not read: it is sent to sign in', async () => {
  const { port } = await served();
  const { status, sentBytes } = await pour(
    port,
    uploadOf('__Host-clerk=wrong', 'transfer-encoding: chunked'),
    Buffer.from('1\r\na\r\n'.repeat(100_000)),
  );
  expect([status.includes(' 303 ') || status === '', sentBytes < takenMax]).toEqual([true, true]);
});

/** A byte now and then, until the connection is cut; what was answered before. */
function drip(port: number, head: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    let answer = '';
    const drop = setInterval(() => socket.write('1\r\na\r\n'), 20);
    socket.on('data', (data) => (answer += data.toString('latin1')));
    socket.on('error', () => undefined); // it is cut: what close tells
    socket.on('close', () => {
      clearInterval(drop);
      resolve(/^HTTP\/1.1 (\d+)/.exec(answer)?.[1] ?? '');
    });
    socket.write(`${head.join('\r\n')}\r\n\r\n`);
  });
}

test('whoever is not let in is answered before his body, none of which is kept, and cut off where he goes on sending', async () => {
  const { port } = await served({ smallBodyMs: 100, heldMs: 1_000 });
  const asked = (path: string, type: string): Promise<string> =>
    drip(port, [`POST ${path} HTTP/1.1`, 'host: 127.0.0.1', `content-type: ${type}`, 'transfer-encoding: chunked']);
  const form = 'multipart/form-data; boundary=cut';
  const all = ['/clerk/sign-in', '/clerk/nowhere', '/clerk/awards/upload', '/nowhere', '/v1/540525/qj-03/enrol'];
  expect(await Promise.all(all.map((path) => asked(path, form)))).toEqual(['415', '404', '303', '404', '415']);
  expect(await asked('/v1/540525/qj-03/enrol', 'application/gzip')).toBe('400');
});

test('who is removed while an upload is on its way does nothing by it', async () => {
  const { county, app, port, cookie } = await served();
  const token = /name="form" value="([\w-]{43})"/.exec((await app.inject({ url: '/clerk/awards', headers: { cookie } })).body)![1]!;
  const body = `--cut\r\nContent-Disposition: form-data; name="form"\r\n\r\n${token}\r\n--cut--\r\n`;
  const socket = connect(port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  const head = [...uploadOf(cookie, `content-length: ${body.length}`), 'expect: 100-continue'];
  const said = (): Promise<string> => new Promise((resolve) => socket.once('data', (data) => resolve(String(data))));
  socket.write(`${head.join('\r\n')}\r\n\r\n`);
  expect(await said()).toContain(' 100 ');
  await app.inject({ url: '/clerk/awards', headers: { cookie } }); // the upload asked who it is before this
  await removeClerk(county, '次仁');
  socket.write(body);
  expect(await said()).toMatch(/ 303 [^]*location: \/clerk\/sign-in\r\n/);
});
