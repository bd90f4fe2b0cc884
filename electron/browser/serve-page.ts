// Gives the page's files and its wire to a browser on this machine: 127.0.0.1 alone, a random port. Reads no message.

import { readFile } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { RawData, WebSocket } from 'ws';
import type { Log } from '../ipc/log.ts';
import { findAsset, pageHeaders } from '../ipc/page-assets.ts';
import type { Assets } from '../ipc/page-assets.ts';
import { join, once } from '../ipc/relay.ts';
import { messageBytesMax } from '../ipc/rpc.ts';
import type { Wire } from '../ipc/wire.ts';
import { isOurHost, openGate } from './gate.ts';

/** A page that does not read: a whole state is 50 KB, a receipt's picture 200 KB. */
const unsentBytesMax = 16 * 1024 * 1024;
/** One browser opens six for files and one for the wire. */
const connectionsMax = 64;

export interface PageServer {
  readonly port: number;
  /** A new address of the page: its token opens one wire, once. */
  invite(): string;
  close(): Promise<void>;
}

/** Serves until closed. `openWire` gives a wire to the engine, or null while there is none: the page then tries again. */
export async function servePage(options: {
  readonly assets: Assets;
  readonly openWire: () => Wire | null;
  readonly log: Log;
}): Promise<PageServer> {
  const { assets, openWire, log } = options;
  const server = createServer({ maxHeaderSize: 8 * 1024 });
  server.maxConnections = connectionsMax;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo; // A listening TCP server has one.
  const gate = openGate(port);
  const cookie = `kiosk-${port}`; // Cookies do not tell ports apart.
  const sockets = new WebSocketServer({ noServer: true, maxPayload: messageBytesMax, perMessageDeflate: false });

  let lastRefusal: string | null = null;

  server.on('request', (request, response) => {
    const url = URL.parse(request.url ?? '', `http://127.0.0.1:${port}`);
    if (url?.pathname !== '/wire' || request.method !== 'GET' || !isOurHost(port, request.headers.host))
      return giveFile(assets, port, request, response);
    // A browser does not tell a page why its wire was refused: here the page asks.
    const isInvited = gate.knows({ token: url.searchParams.get('token'), session: readCookie(request.headers.cookie, cookie) });
    response.writeHead(isInvited ? 204 : 403, { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' }).end();
  });
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy());
    const url = URL.parse(request.url ?? '', `http://127.0.0.1:${port}`); // null for a text that is no URL
    if (url?.pathname !== '/wire') return refuse(socket, '404 Not Found');
    const entry = gate.enter({
      host: request.headers.host,
      origin: request.headers.origin,
      token: url.searchParams.get('token'),
      session: readCookie(request.headers.cookie, cookie),
    });
    if (!entry.ok) {
      // A page with a used address asks again every few seconds.
      if (entry.code !== lastRefusal) log(`a page was refused: ${entry.code}`);
      lastRefusal = entry.code;
      return refuse(socket, '403 Forbidden');
    }
    const wire = openWire();
    if (wire === null) return refuse(socket, '503 Service Unavailable'); // The token stays good for the next try.
    lastRefusal = null;
    newSessions.set(request, entry.accept());
    sockets.handleUpgrade(request, socket, head, (page) => join(socketWire(page, log), wire));
  });
  const newSessions = new WeakMap<IncomingMessage, string | null>();
  sockets.on('headers', (headers, request) => {
    const session = newSessions.get(request);
    if (session) headers.push(`Set-Cookie: ${cookie}=${session}; Path=/wire; HttpOnly; SameSite=Strict`);
  });

  return {
    port,
    invite: () => `http://127.0.0.1:${port}/#token=${gate.invite()}`,
    close: () =>
      new Promise((resolve) => {
        for (const page of sockets.clients) page.terminate();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function giveFile(assets: Assets, port: number, request: IncomingMessage, response: ServerResponse): void {
  const end = (status: number): void => void response.writeHead(status, { 'x-content-type-options': 'nosniff' }).end();
  if (!isOurHost(port, request.headers.host)) return end(403);
  if (request.method !== 'GET') return end(405);
  const asset = findAsset(assets, (request.url ?? '').split('?')[0]!);
  if (asset === undefined) return end(404);
  readFile(asset.file, (error, body) => {
    if (error) return end(500);
    response.writeHead(200, pageHeaders(asset.contentType, [`ws://127.0.0.1:${port}`])).end(body);
  });
}

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

function readCookie(header: string | undefined, name: string): string | null {
  for (const pair of (header ?? '').split('; ')) if (pair.startsWith(`${name}=`)) return pair.slice(name.length + 1);
  return null;
}

/** One JSON text per message. A page that sends anything else, or does not read, is cut off. */
function socketWire(socket: WebSocket, log: Log): Wire {
  const closed = once();
  socket.on('close', () => closed.happen());
  socket.on('error', (error) => log('a page broke its wire', error.message));
  const cut = (why: string): void => {
    log(`a page was cut off: ${why}`);
    socket.terminate();
  };
  return {
    send(message) {
      if (socket.readyState !== socket.OPEN) return;
      socket.send(JSON.stringify(message));
      if (socket.bufferedAmount > unsentBytesMax) cut('it does not read');
    },
    onMessage(listener) {
      socket.on('message', (data: RawData, isBinary: boolean) => {
        const message = isBinary ? notJson : parse(data);
        if (message === notJson) cut('not JSON');
        else listener(message);
      });
    },
    onClose: closed.listen,
    close: () => socket.close(1012), // "Service restart": the engine is gone, the page may come again.
  };
}

const notJson = Symbol('not JSON');

function parse(data: RawData): unknown {
  try {
    return JSON.parse((data as Buffer).toString('utf8')); // ws gives a Buffer unless told otherwise
  } catch {
    return notJson;
  }
}
