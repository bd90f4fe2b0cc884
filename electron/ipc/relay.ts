// Carries several pages over the one channel between a host and its engine process. Reads no message that it carries.

import type { Wire } from './wire.ts';

/** What a host says to the engine process. With a utilityProcess, `open` brings a MessagePort and `message` is never used. */
export type HostFrame =
  | { readonly kind: 'open'; readonly page: number }
  | { readonly kind: 'message'; readonly page: number; readonly message: unknown }
  | { readonly kind: 'close'; readonly page: number }
  | { readonly kind: 'ping' }
  | { readonly kind: 'stop' };

/** What the engine process says to its host. `ready` is said once, when pages may be opened. */
export type EngineFrame =
  | { readonly kind: 'ready' }
  | { readonly kind: 'message'; readonly page: number; readonly message: unknown }
  | { readonly kind: 'close'; readonly page: number }
  | { readonly kind: 'pong' };

/** Pages of one till: the cashier's, the customer's, and those of a tab that is reloading. */
export const pagesMax = 8;

interface Pages {
  /** A frame from the other side; frames of unknown pages are dropped, they were on their way when the page closed. */
  receive(frame: HostFrame | EngineFrame): void;
  closeAll(): void;
}

/** The host's side: `open` gives a wire to the engine, or null when there are too many pages or the engine does not take one now. */
export function relayToEngine(send: (frame: HostFrame) => boolean): Pages & { open(): Wire | null } {
  const pages = new Map<number, PageEnd>();
  let nextPage = 1;
  return {
    ...carry(pages),
    open() {
      const page = nextPage++;
      if (pages.size >= pagesMax || !send({ kind: 'open', page })) return null;
      const end = pageEnd(page, send, () => pages.delete(page));
      pages.set(page, end);
      return end.wire;
    },
  };
}

/** The engine's side: `attach` gets a wire for every page that the host opens. */
export function relayToHost(send: (frame: EngineFrame) => boolean, attach: (wire: Wire) => void): Pages {
  const pages = new Map<number, PageEnd>();
  const carried = carry(pages);
  return {
    ...carried,
    receive(frame) {
      if (frame.kind !== 'open') return carried.receive(frame);
      const end = pageEnd(frame.page, send, () => pages.delete(frame.page));
      pages.set(frame.page, end);
      attach(end.wire);
    },
  };
}

/** Passes everything between two wires, and closes each when the other closes. */
export function join(one: Wire, other: Wire): void {
  one.onMessage((message) => other.send(message));
  other.onMessage((message) => one.send(message));
  one.onClose(() => other.close());
  other.onClose(() => one.close());
}

/** A MessagePort of Electron's main or utility process, as far as it is used here. */
export interface PortLike {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (event: { readonly data: unknown }) => void): unknown;
  on(event: 'close', listener: () => void): unknown;
  start(): void;
  close(): void;
}

/** A wire over a MessagePort; the port keeps what arrives until somebody listens. */
export function portWire(port: PortLike): Wire {
  const closed = once();
  port.on('close', () => closed.happen());
  return {
    send(message) {
      if (!closed.hasHappened()) port.postMessage(message);
    },
    onMessage(listener) {
      port.on('message', (event) => listener(event.data));
      port.start();
    },
    onClose: closed.listen,
    close() {
      port.close();
      closed.happen();
    },
  };
}

/** Something that happens once: each listener is told once, also one that comes late. */
export interface Once<Value> {
  readonly happen: (value: Value) => void;
  readonly listen: (listener: (value: Value) => void) => void;
  readonly hasHappened: () => boolean;
}

export function once<Value = void>(): Once<Value> {
  let outcome: { readonly value: Value } | null = null;
  const listeners: ((value: Value) => void)[] = [];
  return {
    happen(value) {
      if (outcome) return;
      outcome = { value };
      for (const listener of listeners.splice(0)) listener(value);
    },
    listen(listener) {
      if (outcome) listener(outcome.value);
      else listeners.push(listener);
    },
    hasHappened: () => outcome !== null,
  };
}

interface PageEnd {
  readonly wire: Wire;
  arrived(message: unknown): void;
  /** The other side closed the page: nothing more is sent. */
  gone(): void;
}

/** Messages kept for a page whose listener is not there yet. More is a fault of ours. */
const waitingMax = 64;

function pageEnd(page: number, send: (frame: HostFrame & EngineFrame) => boolean, forget: () => void): PageEnd {
  const closed = once();
  const waiting: unknown[] = [];
  let listener: ((message: unknown) => void) | null = null;
  const close = (): void => {
    if (closed.hasHappened()) return;
    forget();
    send({ kind: 'close', page });
    closed.happen();
  };
  return {
    wire: {
      send(message) {
        // A side that does not read is cut off: its page connects again and gets the whole state.
        if (!closed.hasHappened() && !send({ kind: 'message', page, message })) close();
      },
      onMessage(next) {
        listener = next;
        for (const message of waiting.splice(0)) next(message);
      },
      onClose: closed.listen,
      close,
    },
    arrived(message) {
      if (listener) listener(message);
      else if (waiting.length < waitingMax) waiting.push(message);
      else close();
    },
    gone() {
      forget();
      closed.happen();
    },
  };
}

function carry(pages: Map<number, PageEnd>): Pages {
  return {
    receive(frame) {
      if (frame.kind === 'message') pages.get(frame.page)?.arrived(frame.message);
      if (frame.kind === 'close') pages.get(frame.page)?.gone();
    },
    closeAll() {
      for (const end of pages.values()) end.gone();
    },
  };
}
