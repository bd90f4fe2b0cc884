// Uploads to the clerk's pages that never end, that lie about their size, or that come from nobody: cut where the limit is, over a real
// socket, and the memory stays flat.

import { type AddressInfo, type Socket, connect } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { expect, onTestFinished, test } from 'vitest';
import { clerkPages } from '../../county/pages/app.ts';
import { addClerk } from '../../county/pages/clerks.ts';
import { newPresence } from '../../county/server/presence.ts';
import { countyServer } from '../../county/server/server.ts';
import { aCounty } from '../support/county-book.ts';

const megabyte = 1024 * 1024;
/** What is taken of an upload before it is cut: the pages' 32 MiB, and what lies in sockets. */
const takenMax = 64 * megabyte;
/** Coarse: an upload is held once. */
const growthMax = 300 * megabyte;

async function served(): Promise<{ readonly app: FastifyInstance; readonly port: number; readonly cookie: string }> {
  const county = aCounty(onTestFinished, false);
  const monoMs = (): number => performance.now();
  const presence = newPresence(monoMs);
  const complain = (line: string): never => {
    throw new Error(line);
  };
  const pages = clerkPages({ book: county, presence, demoNight: null, nextNight: () => 0, monoMs }, complain);
  const app = await countyServer(county, { identity: null, presence, pages, complain });
  onTestFinished(() => app.close());
  const added = await addClerk(county, { name: '次仁', role: 'clerk' });
  if (!added.ok) throw new Error(added.code);
  const payload = new URLSearchParams({ name: '次仁', password: added.value.password }).toString();
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const signedIn = await app.inject({ method: 'POST', url: '/clerk/sign-in', headers, payload });
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo; // it listens over TCP
  return { app, port, cookie: String(signedIn.headers['set-cookie']).split(';')[0]! };
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
