// Runs many seeds on every core: one process for each worker, which asks for the next seed when it has done one. Knows no run.

import { type ChildProcess, fork } from 'node:child_process';
import type { PlantName } from './plants.ts';
import type { RunReport } from './run.ts';

/** What a worker is started for. */
export interface Crew {
  readonly kiosks: number;
  readonly days: number;
  readonly faults: readonly string[] | null;
  readonly plant: PlantName | null;
}

export interface CrewWork extends Crew {
  readonly seeds: readonly number[];
  readonly workers: number;
  /** Hears each report as it comes; false: no more seeds are begun. */
  readonly heard: (report: RunReport) => boolean;
  /** Hears when a day of some seed is over. */
  readonly dayOver?: () => void;
  /** Ends the workers in the middle of their seeds, which report nothing then. */
  readonly stop?: AbortSignal;
}

/** Runs the seeds and settles when all have reported, or when it is stopped, with the reports that came by then. Rejects where a worker dies. */
export function runCrew({ seeds, workers, heard, dayOver, stop, ...crew }: CrewWork): Promise<readonly RunReport[]> {
  const waiting = [...seeds];
  const reports: RunReport[] = [];
  let isEnough = false;
  const one = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const worker: ChildProcess = fork(new URL('worker.ts', import.meta.url), [JSON.stringify(crew)], {
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
        execArgv: ['--max-semi-space-size=32', '--single-threaded-gc'], // every core has a worker: its helpers would only wait for each other
      });
      const next = (): void => {
        const seed = isEnough || stop?.aborted === true ? undefined : waiting.shift();
        worker.send(seed === undefined ? { end: true } : { seed });
      };
      worker.on('message', (message: { readonly ready?: true; readonly day?: true; readonly report?: RunReport }) => {
        if (message.day === true) return dayOver?.();
        if (message.report !== undefined) {
          reports.push(message.report);
          if (!heard(message.report)) isEnough = true;
        }
        next();
      });
      worker.on('error', reject);
      const end = (): void => void worker.kill('SIGTERM');
      stop?.addEventListener('abort', end);
      worker.on('exit', (code) => {
        stop?.removeEventListener('abort', end);
        if (code === 0 || stop?.aborted === true) resolve();
        else reject(new Error(`a worker of the simulator ended with ${code}`));
      });
    });
  const crewOf = Array.from({ length: Math.min(workers, seeds.length) }, one);
  return Promise.all(crewOf).then(() => reports.toSorted((a, b) => a.seed - b.seed));
}
