// Which kiosks asked the server lately, which of them wait to be called, and which somebody wants to exchange at once. Kept in memory:
// after a restart nobody is asked for anything. Believes no kiosk to be who it says: it opens nothing to it.

/** What is known of a kiosk since the server started. */
export interface Seen {
  /** Monotonic ms of its newest question. */
  readonly atMs: number;
  /** The file it asked for, which is not made yet: it has those before. Null: it has not asked. */
  readonly next: number | null;
  /** Monotonic ms at which its newest file was taken in. */
  readonly sentAtMs: number | null;
  /** Monotonic ms at which it was told first that somebody wants its files; null: it was not. */
  readonly toldAtMs: number | null;
  /** Somebody wants its files now, and none came since. */
  readonly isAsked: boolean;
}

export interface Presence {
  /** It asked for its next file, which is not made yet. Returns whether to answer that it should exchange now. */
  saw(kiosk: string, next: number): boolean;
  /** A file of it was taken in: what was asked for is here. */
  sent(kiosk: string): void;
  /** From now on these are told to exchange; those that wait, at once. */
  ask(kiosks: readonly string[]): void;
  of(kiosk: string): Seen | null;
  /**
   * It holds a question open. True: it is called, to exchange; false: nothing came within the time, it went, another question of it took
   * the place, or the server ends.
   */
  wait(kiosk: string, until: { readonly ms: number; readonly gone: AbortSignal }): Promise<boolean>;
  /** Whether it can be called now: it waits, or is at the exchange that it was called to and waits again soon. */
  canBeCalled(kiosk: string): boolean;
  /** True: a file of it was taken in; false: the time is over, or the server ends. */
  nextFile(kiosk: string, withinMs: number): Promise<boolean>;
  /** Nobody is kept waiting from here on. */
  end(): void;
}

/** A kiosk that has nothing to send is told a few times and then left in peace. */
const tellingsMax = 3;
/** An exchange that a kiosk was called to takes a few seconds over a village's line. */
const exchangeMs = 8_000;

export function newPresence(monoMs: () => number): Presence {
  const kiosks = new Map<string, Omit<Seen, 'isAsked'>>();
  const tellings = new Map<string, number>();
  const waiting = new Map<string, (isCalled: boolean) => void>(); // one of each kiosk
  const calledAt = new Map<string, number>(); // of those that were called while they waited
  const files = new Map<string, Set<(came: boolean) => void>>();
  let isEnded = false;
  return {
    saw(kiosk, next) {
      const left = tellings.get(kiosk) ?? 0;
      const before = kiosks.get(kiosk);
      const toldAtMs = left > 0 ? (before?.toldAtMs ?? monoMs()) : (before?.toldAtMs ?? null);
      kiosks.set(kiosk, { sentAtMs: null, ...before, atMs: monoMs(), next, toldAtMs });
      if (left > 1) tellings.set(kiosk, left - 1);
      else tellings.delete(kiosk);
      return left > 0;
    },
    sent(kiosk) {
      kiosks.set(kiosk, { next: null, toldAtMs: null, ...kiosks.get(kiosk), atMs: monoMs(), sentAtMs: monoMs() });
      tellings.delete(kiosk);
      for (const settle of files.get(kiosk) ?? []) settle(true);
    },
    ask(asked) {
      for (const kiosk of asked) {
        tellings.set(kiosk, tellingsMax);
        const before = kiosks.get(kiosk);
        if (before !== undefined) kiosks.set(kiosk, { ...before, toldAtMs: null });
        if (waiting.has(kiosk)) calledAt.set(kiosk, monoMs());
        waiting.get(kiosk)?.(true);
      }
    },
    of(kiosk) {
      const seen = kiosks.get(kiosk);
      return seen === undefined ? null : { ...seen, isAsked: tellings.has(kiosk) };
    },
    wait(kiosk, { ms, gone }) {
      waiting.get(kiosk)?.(false);
      const before = kiosks.get(kiosk);
      kiosks.set(kiosk, { sentAtMs: null, next: null, toldAtMs: null, ...before, atMs: monoMs() });
      if (isEnded || gone.aborted) return Promise.resolve(false);
      if (tellings.has(kiosk)) {
        calledAt.set(kiosk, monoMs());
        return Promise.resolve(true);
      }
      return new Promise((resolve) => {
        const settle = (isCalled: boolean): void => {
          clearTimeout(timer);
          gone.removeEventListener('abort', leave);
          if (waiting.get(kiosk) === settle) waiting.delete(kiosk);
          resolve(isCalled);
        };
        const leave = (): void => {
          if (waiting.get(kiosk) === settle) calledAt.delete(kiosk); // it went: no exchange brings it back soon
          settle(false);
        };
        const timer = setTimeout(() => settle(false), ms);
        gone.addEventListener('abort', leave, { once: true });
        waiting.set(kiosk, settle);
      });
    },
    canBeCalled: (kiosk) => waiting.has(kiosk) || monoMs() - (calledAt.get(kiosk) ?? -Infinity) < exchangeMs,
    nextFile(kiosk, withinMs) {
      if (isEnded) return Promise.resolve(false);
      return new Promise((resolve) => {
        const settles = files.get(kiosk) ?? new Set();
        files.set(kiosk, settles);
        const settle = (came: boolean): void => {
          clearTimeout(timer);
          settles.delete(settle);
          if (settles.size === 0 && files.get(kiosk) === settles) files.delete(kiosk);
          resolve(came);
        };
        const timer = setTimeout(() => settle(false), Math.max(0, withinMs));
        settles.add(settle);
      });
    },
    end() {
      isEnded = true;
      for (const settle of waiting.values()) settle(false);
      for (const settles of files.values()) for (const settle of settles) settle(false);
    },
  };
}
