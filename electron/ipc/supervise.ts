// Keeps one engine process running: starts it, watches it, starts it again with a pause and a logged reason. Carries no message.

import type { Log } from './log.ts';

/** Pauses before the next start; the last one repeats. A crash loop costs one start in ten seconds. */
const pausesMs = [500, 1_000, 2_000, 5_000, 10_000] as const;
/** An engine that was ready this long is healthy: the next failure is a new one. */
const healthyAfterMs = 60_000;
/** Opening a book of a million sales with all its checks takes 20 s on a shop's PC. */
const startDeadlineMs = 120_000;
const pingEveryMs = 5_000;
/** The longest lawful silence: a first down-file of 800,000 residents is one transaction. */
const silenceDeadlineMs = 120_000;
/** A clean stop closes the book and the printer's link; printing on takes no longer than this. */
const stopDeadlineMs = 8_000;
/** After SIGKILL a process is gone at once, unless a disk hangs: the host does not wait for that. */
const killDeadlineMs = 2_000;

/** One engine process, as far as watching it goes. */
export interface EngineChild {
  /** Called once, when pages may be opened. */
  onReady(listener: () => void): void;
  /** Called once, with the reason in words: "exit code 1", "killed by SIGKILL". */
  onExit(listener: (reason: string) => void): void;
  onPong(listener: () => void): void;
  ping(): void;
  /** Asks for a clean close. */
  stop(): void;
  kill(): void;
}

/** How often the engine failed in a row, and how long to wait before the next start. */
export interface Restart {
  readonly failures: number;
  readonly pauseMs: number;
}

/** What to do after an engine ended that had been ready for `readyMs` (0: never was). */
export function nextRestart(failures: number, readyMs: number): Restart {
  const before = readyMs >= healthyAfterMs ? 0 : failures;
  return { failures: before + 1, pauseMs: pausesMs[Math.min(before, pausesMs.length - 1)]! };
}

/** Starts an engine and keeps it running until `stop`, which resolves when the process is gone or a deadline has passed. */
export function supervise<Child extends EngineChild>(options: {
  readonly start: () => Child;
  readonly log: Log;
  /** The engine takes pages from now on. */
  readonly onUp: (child: Child) => void;
  /** The engine is gone; it comes back by itself unless the supervisor was stopped. */
  readonly onDown: (reason: string) => void;
}): { stop(): Promise<void> } {
  const { start, log, onUp, onDown } = options;
  let state:
    | { readonly kind: 'running'; readonly child: Child; readonly ended: Promise<void> }
    | { readonly kind: 'pausing'; readonly timer: NodeJS.Timeout }
    | { readonly kind: 'stopped' };
  let stopping = false;
  let failures = 0;

  const run = (): void => {
    let child: Child;
    try {
      child = start();
    } catch (error) {
      return restart(`could not be started: ${String(error)}`, 0);
    }
    const ended = Promise.withResolvers<void>();
    state = { kind: 'running', child, ended: ended.promise };
    const watch = watchOne(child, log);
    child.onReady(() => onUp(child));
    child.onExit((exit) => {
      const { readyMs, verdict } = watch.end();
      ended.resolve();
      restart(verdict === null ? exit : `${verdict}, ${exit}`, readyMs);
    });
  };

  const restart = (reason: string, readyMs: number): void => {
    onDown(reason);
    if (stopping) {
      state = { kind: 'stopped' };
      return log(`engine stopped: ${reason}`);
    }
    const next = nextRestart(failures, readyMs);
    failures = next.failures;
    log(`engine ended: ${reason}; start ${failures + 1} in ${next.pauseMs} ms`);
    state = { kind: 'pausing', timer: setTimeout(run, next.pauseMs) };
  };

  state = { kind: 'stopped' };
  run();
  return {
    async stop() {
      stopping = true;
      if (state.kind === 'pausing') clearTimeout(state.timer);
      if (state.kind !== 'running') return;
      const { child, ended } = state;
      child.stop();
      if (await within(ended, stopDeadlineMs)) return;
      log(`engine did not stop in ${stopDeadlineMs} ms and is killed`);
      child.kill();
      await within(ended, killDeadlineMs);
    },
  };
}

/** Kills a child that is not ready in time, or ready and silent; `end` tells why, and how long it had been ready. */
function watchOne(child: EngineChild, log: Log): { end(): { readonly readyMs: number; readonly verdict: string | null } } {
  let readyAt: number | null = null;
  let verdict: string | null = null;
  let pinging: NodeJS.Timeout | undefined;
  const condemn = (reason: string) => (): void => {
    verdict = reason;
    log(`engine ${reason} and is killed`);
    child.kill();
  };
  let deadline = setTimeout(condemn(`was not ready in ${startDeadlineMs} ms`), startDeadlineMs);
  const expectPong = (): void => {
    clearTimeout(deadline);
    deadline = setTimeout(condemn(`was silent for ${silenceDeadlineMs} ms`), silenceDeadlineMs);
  };
  child.onReady(() => {
    readyAt = performance.now();
    pinging = setInterval(() => child.ping(), pingEveryMs);
    expectPong();
  });
  child.onPong(() => {
    if (verdict === null) expectPong();
  });
  return {
    end() {
      clearTimeout(deadline);
      clearInterval(pinging);
      return { readyMs: readyAt === null ? 0 : performance.now() - readyAt, verdict };
    },
  };
}

async function within(promise: Promise<void>, deadlineMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => (timer = setTimeout(() => resolve(false), deadlineMs)));
  const done = await Promise.race([promise.then(() => true), late]);
  clearTimeout(timer);
  return done;
}
