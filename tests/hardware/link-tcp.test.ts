// Links over real sockets that stay open for months: what a write leaves behind, and what it says when the link is lost.

import { type Server, type Socket, createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { parseDeviceUrl } from '../../hardware/device-url.ts';
import type { Link } from '../../hardware/link.ts';
import { openTcp } from '../../hardware/link-tcp.ts';
import { promisesHeld } from './held.ts';

/** A device that takes a connection and does with it what it is told. */
async function linkTo(onClient: (client: Socket) => void): Promise<Link> {
  const clients: Socket[] = [];
  const server: Server = createServer((client) => {
    client.on('error', () => {});
    clients.push(client);
    onClient(client);
  });
  await new Promise<void>((resolve) => {
    server.listen({ host: '127.0.0.1', port: 0 }, resolve);
  });
  onTestFinished(() => {
    for (const client of clients) client.destroy();
    server.close();
  });
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('a TCP server has a port');
  const url = parseDeviceUrl(`tcp://127.0.0.1:${bound.port}`);
  if (!url.ok || url.value.kind !== 'tcp') throw new Error('not an address');
  const opened = await openTcp(url.value, { onBytes: () => {}, onClosed: () => {} });
  if (!opened.ok) throw new Error(opened.code);
  onTestFinished(() => opened.value.close());
  return opened.value;
}

test('a thousand writes leave nothing behind while the link stands', async () => {
  const link = await linkTo((client) => client.resume());
  const write = () => link.write(Buffer.from('ask'));
  expect(await promisesHeld(write, 1_000)).toBeLessThan(100);
});

test('a write that the device never takes ends when the link is lost', async () => {
  const link = await linkTo((client) => {
    client.pause();
    setTimeout(() => client.resetAndDestroy(), 50);
  });
  expect(await link.write(Buffer.alloc(64 * 2 ** 20))).toBe(false);
  expect(await link.write(Buffer.from('more'))).toBe(false);
});
