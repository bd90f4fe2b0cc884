// What a measurement is, and how figures are taken from samples. Measures nothing itself.

/** One of `npm run bench`: its name on the command line, and the rows it adds to the table. */
export interface Bench {
  readonly name: string;
  run(options: BenchOptions): Promise<readonly Row[]>;
}

export interface BenchOptions {
  /** Fewer samples: a look, not a figure. */
  readonly quick: boolean;
  /** A folder on the disk of the checkout, empty at the start and removed at the end. */
  readonly scratch: string;
  /** A folder that is kept for the next time: what takes minutes to make. */
  readonly cache: string;
  /** Says what takes long. */
  readonly say: (line: string) => void;
}

export type Row =
  | {
      readonly kind: 'measured';
      readonly name: string;
      readonly measures: string;
      readonly unit: 'ms' | 'MB';
      /** Of the product, not of what it is compared with. */
      readonly figures: Figures;
      /** Of what it is compared with, taken turn by turn with the product's. */
      readonly against: Figures | null;
      readonly goals: readonly Goal[];
    }
  /** Could not be measured here. */
  | { readonly kind: 'skipped'; readonly name: string; readonly why: string };

export interface Figures {
  readonly samples: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

/** A limit on a figure, or on its ratio to the same figure of what it is compared with. */
export interface Goal {
  readonly of: 'p50' | 'p95' | 'p99';
  readonly is: 'figure' | 'ratio';
  readonly atMost: number;
}

export function figuresOf(samples: readonly number[]): Figures {
  const sorted = samples.toSorted((a, b) => a - b);
  const at = (fraction: number): number => sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * fraction) - 1)] ?? Number.NaN;
  return { samples: sorted.length, p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}

/** How often the product's figure is that of what it is compared with; null where there is no such thing. */
export function ratio(row: Row & { readonly kind: 'measured' }, of: Goal['of']): number | null {
  return row.against === null ? null : row.figures[of] / row.against[of];
}

export function isMet(row: Row & { readonly kind: 'measured' }, goal: Goal): boolean {
  const value = goal.is === 'figure' ? row.figures[goal.of] : ratio(row, goal.of);
  return value !== null && value <= goal.atMost;
}

/** Milliseconds that `work` takes. */
export function timed(work: () => unknown): number {
  const started = performance.now();
  work();
  return performance.now() - started;
}

/** The same for work that is awaited. */
export async function timedAsync(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}
