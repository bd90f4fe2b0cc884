// Which kiosks asked the server lately, and which of them somebody wants to exchange at once. Kept in memory: after a restart nobody is
// asked for anything. Believes no kiosk to be who it says: it opens nothing to it.

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
  /** From now on these are told to exchange. */
  ask(kiosks: readonly string[]): void;
  of(kiosk: string): Seen | null;
}

/** A kiosk that has nothing to send is told a few times and then left in peace. */
const tellingsMax = 3;

export function newPresence(monoMs: () => number): Presence {
  const kiosks = new Map<string, Omit<Seen, 'isAsked'>>();
  const tellings = new Map<string, number>();
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
    },
    ask(asked) {
      for (const kiosk of asked) {
        tellings.set(kiosk, tellingsMax);
        const before = kiosks.get(kiosk);
        if (before !== undefined) kiosks.set(kiosk, { ...before, toldAtMs: null });
      }
    },
    of(kiosk) {
      const seen = kiosks.get(kiosk);
      return seen === undefined ? null : { ...seen, isAsked: tellings.has(kiosk) };
    },
  };
}
