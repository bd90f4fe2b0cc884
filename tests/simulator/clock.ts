// Virtual time: one true time, which the scheduler moves, and the clocks of the machines, which may be wrong about it.

import type { Clock } from '../../db/book.ts';

export interface VirtualTime {
  /** Epoch ms. */
  now(): number;
  move(ms: number): void;
}

/** 2026-11-21, nine in the morning in China: the day after the first files. */
export const beginning = Date.parse('2026-11-21T09:00:00+08:00');

export function virtualTime(): VirtualTime {
  let now = beginning;
  return {
    now: () => now,
    move(ms) {
      now += ms;
    },
  };
}

/** A machine's clock: off by so much, which a fault may change; its monotonic time begins anew with every start. */
export interface MachineClock extends Clock {
  skewMs: number;
  restart(): void;
}

export function machineClock(time: VirtualTime): MachineClock {
  let startedAt = time.now();
  const clock: MachineClock = {
    skewMs: 0,
    wallMs: () => time.now() + clock.skewMs,
    monoMs: () => time.now() - startedAt + 1_000,
    restart() {
      startedAt = time.now();
    },
  };
  return clock;
}
