// Puts a simulated scale behind a real file descriptor: a TCP port of this machine, or a pty whose other end the till opens.
// Knows no family.

import { createServer, type Socket } from 'node:net';
import { SerialPort } from 'serialport';
import type { ScaleSide, VirtualScale } from './scale.ts';

/** Serves it like a serial server (any free port unless one is named) until close(). While it is unplugged or held, callers are hung up on. */
export async function serveVirtualScale(
  scale: VirtualScale,
  { port = 0 }: { readonly port?: number } = {},
): Promise<{ readonly address: string; close(): Promise<void> }> {
  const clients = new Set<Socket>();
  const server = createServer((client) => {
    client.setNoDelay(true);
    client.on('error', () => {}); // a till that went away
    const side = scale.connect({ say: (bytes) => sayTo(client, bytes), drop: () => client.destroy() });
    if (side === null) {
      client.destroy();
      return;
    }
    clients.add(client);
    client.on('data', (bytes) => side.hear(bytes));
    client.on('close', () => {
      clients.delete(client);
      side.leave();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: '127.0.0.1', port }, resolve);
  });
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('a TCP server has a port');
  return {
    address: `tcp://127.0.0.1:${bound.port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const client of clients) client.destroy();
      }),
  };
}

/** Opens the device's end of a cable (socat makes pairs of ptys) and talks there until close(). */
export async function plugVirtualScale(scale: VirtualScale, path: string): Promise<{ close(): Promise<void> }> {
  const port = new SerialPort({ path, baudRate: 9_600, autoOpen: false });
  port.on('error', () => {}); // a cable that went away
  await new Promise<void>((resolve, reject) => {
    port.open((error) => (error ? reject(error) : resolve()));
  });
  const close = () =>
    new Promise<void>((resolve) => {
      if (port.isOpen) port.close(() => resolve());
      else resolve();
    });
  const side: ScaleSide | null = scale.connect({
    say(bytes) {
      if (port.isOpen && port.writableLength < heldBytesMax) port.write(bytes);
    },
    drop: () => void close(),
  });
  port.on('data', (bytes: Buffer) => side?.hear(bytes));
  port.on('close', () => side?.leave());
  return { close };
}

/** A scale does not wait for who does not read: what cannot be taken is lost. */
const heldBytesMax = 4_096;

function sayTo(client: Socket, bytes: Uint8Array): void {
  if (client.writable && client.writableLength < heldBytesMax) client.write(bytes);
}
