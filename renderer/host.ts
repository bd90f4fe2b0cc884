// How the page reaches the engine: the bridge of Electron's preload, or a WebSocket of the browser host on this machine.
// Knows no call and no reply; who carries the messages makes no difference to the page.

import type { Wire } from '../electron/ipc/wire.ts';

/** What preload puts on the window in Electron: a port to the engine, as plain functions. */
interface KioskBridge {
  connect(
    listener: (message: unknown) => void,
    onClose: () => void,
  ): { readonly send: (message: unknown) => void } | Promise<{ readonly send: (message: unknown) => void }>;
}

declare global {
  interface Window {
    readonly kiosk?: KioskBridge;
  }
}

/** Opens one connection to the engine; rejects when nobody answers. The caller decides when to try again. */
export function openWire(window: Window): Promise<Wire> {
  return window.kiosk ? openBridge(window.kiosk) : openSocket(window);
}

/** The browser host does not let this page in: its address was used before, by another window or one that was closed. */
export class NotInvited extends Error {}

/** A socket that has not opened by then will not: the host is on this machine. */
const openDeadlineMs = 5_000;

async function openBridge(bridge: KioskBridge): Promise<Wire> {
  const inbox = makeInbox();
  const port = await bridge.connect(inbox.receive, inbox.close);
  return { send: (message) => port.send(message), onMessage: inbox.onMessage, onClose: inbox.onClose, close: inbox.close };
}

function openSocket(window: Window): Promise<Wire> {
  const token = takeToken(window);
  const scheme = window.location.protocol === 'https:' ? 'wss' : 'ws';
  const socket = new WebSocket(`${scheme}://${window.location.host}/wire?token=${encodeURIComponent(token)}`);
  const inbox = makeInbox();
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => socket.close(), openDeadlineMs);
    socket.addEventListener('open', () => {
      clearTimeout(timer);
      resolve({
        send: (message) => socket.send(JSON.stringify(message)),
        onMessage: inbox.onMessage,
        onClose: inbox.onClose,
        close: () => socket.close(),
      });
    });
    socket.addEventListener('message', (event) => inbox.receive(JSON.parse(String(event.data))));
    socket.addEventListener('close', () => {
      clearTimeout(timer);
      inbox.close();
      // after `open` the promise is settled and this says nothing
      void isInvited(token).then((invited) => reject(invited ? new Error('the engine does not answer') : new NotInvited()));
    });
  });
}

/** Whether the host would let this page in; true as well where it does not answer, which says nothing about the address. */
async function isInvited(token: string): Promise<boolean> {
  try {
    const answer = await fetch(`/wire?token=${encodeURIComponent(token)}`, { signal: AbortSignal.timeout(openDeadlineMs) });
    return answer.status !== 403;
  } catch {
    return true;
  }
}

const tokenKey = 'kiosk-token';

/** The one-time token from #token=…, kept for this tab only and taken out of the address, so that no photograph shows it. */
function takeToken(window: Window): string {
  const token = new URLSearchParams(window.location.hash.slice(1)).get('token');
  if (token !== null) {
    window.sessionStorage.setItem(tokenKey, token);
    window.history.replaceState(null, '', window.location.pathname + window.location.search);
  }
  return window.sessionStorage.getItem(tokenKey) ?? '';
}

/** Holds what arrives before anyone listens: a port may speak as soon as it is open. */
function makeInbox(): {
  readonly receive: (message: unknown) => void;
  readonly close: () => void;
  readonly onMessage: (listener: (message: unknown) => void) => void;
  readonly onClose: (listener: () => void) => void;
} {
  const waiting: unknown[] = [];
  const closers: (() => void)[] = [];
  let listener: ((message: unknown) => void) | null = null;
  let isClosed = false;
  return {
    receive(message) {
      if (listener) listener(message);
      else waiting.push(message);
    },
    close() {
      if (isClosed) return;
      isClosed = true;
      for (const closer of closers) closer();
    },
    onMessage(next) {
      listener = next;
      for (const message of waiting.splice(0)) next(message);
    },
    onClose(closer) {
      if (isClosed) closer();
      else closers.push(closer);
    },
  };
}
