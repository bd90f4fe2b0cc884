// What moves bytes to and from one device, and comes back by itself when it was lost. Knows no protocol.

import type { Result } from '../db/model/result.ts';

/** One open connection. A link that was lost stays lost: the next one is a new value. */
export interface Link {
  /** False where nothing can come back: a file opened for writing only. */
  readonly answers: boolean;
  /** True when the operating system took all bytes, which says nothing about the device; false when the link is gone. */
  write(bytes: Uint8Array): Promise<boolean>;
  /** Resolves when the device is free for others, or after a deadline. */
  close(): Promise<void>;
}

/** What a link tells its owner. */
export interface LinkEvents {
  readonly onBytes: (bytes: Uint8Array) => void;
  /** Called once, when an opened link is gone for whatever reason, close() included. */
  readonly onClosed: () => void;
}

/** Why there is no link. */
export type LinkFailure =
  | 'busy' // another program holds the device
  | 'missing' // no such device, or nobody listens there
  | 'denied' // this program may not open it
  | 'ambiguous' // two devices answer to its name: a person must say which
  | 'lost' // it was open, and went
  | 'failed'; // anything else

export type OpenLink = (events: LinkEvents) => Promise<Result<Link, LinkFailure>>;

export interface LinkListener {
  readonly onUp: (link: Link) => void;
  readonly onBytes: (bytes: Uint8Array) => void;
  /** Called after every failed attempt, and when an open link was lost. */
  readonly onDown: (code: LinkFailure) => void;
}

/** Waits between attempts; the last one repeats for ever (hardware.md D). */
export const backOffMs: readonly number[] = [500, 1_000, 2_000, 5_000];

/** A link that stood this long was good: the next loss starts again at the shortest wait. */
const steadyMs = 5_000;

/**
 * Keeps a link open for ever: opens it, and opens a new one whenever it is lost, after 0.5, 1, 2, 5, 5 … seconds. One
 * link at a time; nothing is told after close().
 */
export function keepLink(open: OpenLink, listener: LinkListener, waitsMs: readonly number[] = backOffMs): { close(): Promise<void> } {
  const closing = new AbortController();
  const { signal } = closing;
  let current: Link | null = null;

  const attempt = async (): Promise<{ readonly stoodMs: number }> => {
    let end = () => {};
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    const opened = await open({
      onBytes: (bytes) => {
        if (!signal.aborted) listener.onBytes(bytes);
      },
      onClosed: end,
    });
    if (!opened.ok) {
      if (!signal.aborted) listener.onDown(opened.code);
      return { stoodMs: 0 };
    }
    const since = performance.now();
    current = opened.value;
    if (signal.aborted) await current.close();
    else listener.onUp(current);
    await ended;
    current = null;
    if (!signal.aborted) listener.onDown('lost');
    return { stoodMs: performance.now() - since };
  };

  const keepTrying = async () => {
    let failures = 0;
    while (!signal.aborted) {
      const { stoodMs } = await attempt();
      if (stoodMs >= steadyMs) failures = 0;
      await pause(waitsMs[Math.min(failures, waitsMs.length - 1)]!, signal);
      failures += 1;
    }
  };
  const trying = keepTrying();

  return {
    async close() {
      closing.abort();
      await current?.close();
      await trying;
    },
  };
}

/** Resolves after the time, or at once when the signal says so. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    const finish = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', finish);
      resolve();
    };
    const timer = setTimeout(finish, ms);
    signal.addEventListener('abort', finish);
  });
}

/** Resolves with the promise's value, or with `late` after the deadline. The promise itself goes on. */
export async function within<Value, Late>(deadlineMs: number, promise: Promise<Value>, late: Late): Promise<Value | Late> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<Late>((resolve) => {
    timer = setTimeout(() => resolve(late), deadlineMs);
  });
  try {
    return await Promise.race([promise, deadline]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Resolves with the promise's value, or with `late` as soon as the link is gone. To be asked any number of times: a race
 * with a promise that stands as long as the link would keep something of every question until the link ends.
 */
export async function whileOpen<Value, Late>(gone: AbortSignal, promise: Promise<Value>, late: Late): Promise<Value | Late> {
  if (gone.aborted) return late;
  let giveUp = () => {};
  const lost = new Promise<Late>((resolve) => {
    giveUp = () => resolve(late);
  });
  gone.addEventListener('abort', giveUp);
  try {
    return await Promise.race([promise, lost]);
  } finally {
    gone.removeEventListener('abort', giveUp);
  }
}
