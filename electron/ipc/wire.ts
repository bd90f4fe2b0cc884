// What carries messages between a page and the engine. Neither knows whether it is a MessagePort or a WebSocket.

/** One end of a connection that moves structured-clonable plain data, in order. */
export interface Wire {
  send(message: unknown): void;
  /** Called for every message from the other end; set once, before the first message is due. */
  onMessage(listener: (message: unknown) => void): void;
  /** Called once when the other end is gone. */
  onClose(listener: () => void): void;
  close(): void;
}

/** Two ends in one process: for tests and the page gallery. Messages are cloned, as a real wire would. */
export function wirePair(): readonly [Wire, Wire] {
  const listeners: (((message: unknown) => void) | null)[] = [null, null];
  const waiting: unknown[][] = [[], []];
  const closers: (() => void)[] = [];
  let open = true;
  const end = (mine: 0 | 1): Wire => ({
    send(message) {
      if (!open) return;
      const copy: unknown = structuredClone(message);
      queueMicrotask(() => {
        const listener = listeners[1 - mine];
        if (listener) listener(copy);
        else waiting[1 - mine]!.push(copy);
      });
    },
    onMessage(listener) {
      listeners[mine] = listener;
      for (const message of waiting[mine]!.splice(0)) listener(message);
    },
    onClose(listener) {
      closers.push(listener);
    },
    close() {
      if (!open) return;
      open = false;
      for (const closer of closers) closer();
    },
  });
  return [end(0), end(1)];
}
