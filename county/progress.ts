// Tells on stderr how far a long piece of work is: a bar on a terminal, one line a stage elsewhere. Never writes to stdout.

/** Where progress is shown. */
export interface Progress {
  /** Begins a stage; `total` is counted in whatever the stage counts. */
  readonly stage: (label: string, total: number) => void;
  /** One more, or `by` more, of the stage is done. */
  readonly step: (by?: number) => void;
  /** The stage is over, and all stages are when no other begins. */
  readonly end: () => void;
}

const barWidth = 24;

/** Progress on a stream that may be a terminal. */
export function progressOn(stream: NodeJS.WriteStream): Progress {
  let label = '';
  let total = 1;
  let done = 0;
  let shown = -1;
  const draw = (): void => {
    const percent = total === 0 ? 100 : Math.min(100, Math.floor((done / total) * 100));
    if (percent === shown) return;
    shown = percent;
    const filled = Math.round((percent / 100) * barWidth);
    stream.write(`\r[${'#'.repeat(filled)}${'.'.repeat(barWidth - filled)}] ${String(percent).padStart(3)}% ${label}\u001b[K`);
  };
  return {
    stage: (nextLabel, nextTotal) => {
      [label, total, done, shown] = [nextLabel, nextTotal, 0, -1];
      if (stream.isTTY) draw();
      else stream.write(`${label}\n`);
    },
    step: (by = 1) => {
      done += by;
      if (stream.isTTY) draw();
    },
    end: () => {
      if (stream.isTTY) stream.write('\r\u001b[K');
    },
  };
}

/** For callers that show nothing: tests, and scripts that make a county on the way to something else. */
export const silent: Progress = { stage: () => undefined, step: () => undefined, end: () => undefined };
