// Opens a device's network socket as a link: a printer's port 9100, a serial server with a scale behind it. Never opens a
// second one beside it: many devices serve one client and hold it for minutes (hardware.md B.5).

import { connect } from 'node:net';
import { fail, ok, type Result } from '../db/model/result.ts';
import type { TcpUrl } from './device-url.ts';
import { whileOpen, within, type Link, type LinkEvents, type LinkFailure } from './link.ts';

/** A device in the same room answers in milliseconds; one that does not is off or elsewhere. */
const connectMs = 5_000;

/** A device that does not read never lets its end of the socket go. */
const closeMs = 2_000;

/** Notices a device whose cable was pulled while nothing is sent. */
const keepAliveMs = 10_000;

/** Connects within 5 s. `missing`: nobody listens there, or the network does not reach it. */
export async function openTcp(url: TcpUrl, events: LinkEvents): Promise<Result<Link, LinkFailure>> {
  const socket = connect({ host: url.host, port: url.port, noDelay: true, keepAlive: true, keepAliveInitialDelay: keepAliveMs });
  let reason: LinkFailure = 'missing';
  socket.on('error', (error: NodeJS.ErrnoException) => {
    reason = error.code === 'EACCES' || error.code === 'EPERM' ? 'denied' : 'missing';
  });
  const gone = new Promise<false>((resolve) => {
    socket.once('close', () => resolve(false));
  });
  const connected = new Promise<true>((resolve) => {
    socket.once('connect', () => resolve(true));
  });
  if (!(await within(connectMs, Promise.race([connected, gone]), false))) {
    socket.destroy();
    return fail(reason);
  }

  // Always read: a socket that is let go with unread input resets the connection, and the device loses what was sent.
  socket.on('data', events.onBytes);
  const ending = new AbortController();
  void gone.then(() => {
    ending.abort();
    events.onClosed();
  });

  return ok({
    answers: url.answers,
    async write(bytes) {
      if (!socket.writable) return false;
      const written = new Promise<boolean>((resolve) => {
        socket.write(bytes, (error) => resolve(!error));
      });
      return whileOpen(ending.signal, written, false);
    },
    async close() {
      socket.end();
      await within(closeMs, gone, undefined);
      socket.destroy();
      await gone;
    },
  });
}
