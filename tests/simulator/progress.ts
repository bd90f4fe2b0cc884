// How far many lives are, and how long the rest will take: days lived, and the time of the days so far. Counts no seed as done.

/** A line for people now and then; `say` is given it without its end. */
export interface Progress {
  dayOver(): void;
  seedOver(): void;
}

/** Lines come at most this often: a run of a week is no book. */
const everyMs = 10_000;

/**
 * `days`: of all seeds together. A life that ends early, since it broke an invariant, has no more days left. `nowMs`: monotonic.
 */
export function progressOf(of: {
  readonly seeds: number;
  readonly daysOfOne: number;
  readonly nowMs: () => number;
  readonly say: (line: string) => void;
}): Progress {
  const { seeds, daysOfOne, nowMs, say } = of;
  const startedAt = nowMs();
  let [days, done, saidAt] = [0, 0, startedAt];
  const tell = (): void => {
    saidAt = nowMs();
    const sofar = saidAt - startedAt;
    // each seed ends with rounds to rest, which are no days: those that are done are counted whole
    const lived = Math.max(days, done * daysOfOne);
    const all = seeds * daysOfOne;
    const left = lived === 0 ? '' : `, about ${durationText((sofar / lived) * (all - lived))} left`;
    say(`${done} of ${seeds} seeds, ${lived} of ${all} days, ${durationText(sofar)}${left}`);
  };
  return {
    dayOver() {
      days += 1;
      if (nowMs() - saidAt >= everyMs) tell();
    },
    seedOver() {
      done += 1;
      if (done === seeds || nowMs() - saidAt >= everyMs) tell();
    },
  };
}

/** 45 s, 12 min, 3 h 5 min, 4 d 2 h. */
export function durationText(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const minutes = Math.round(seconds / 60);
  if (seconds < 100) return `${seconds} s`;
  if (minutes < 100) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}
