// Starts a process, kills it with SIGKILL at a random moment, looks at the book it left, and starts the next one on it.
// Knows no act: what the process does and what must then be true is the act's.

import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { type Random, randomFrom } from './random.ts';

/** Something done at the till again and again while it is killed. */
export interface Act {
  /** What one acknowledged act is called in the tally: "sales". */
  readonly things: string;
  /** The process to kill: prints `loaded`, takes its order as a line of JSON, prints marks. */
  readonly process: string;
  /** A new kiosk in an empty folder. */
  newKiosk(directory: string, random: Random, options: ActOptions): Promise<Kiosk>;
}

export interface ActOptions {
  /** The control: the process says "done" before it is so. */
  readonly acknowledgeEarly: boolean;
}

export interface Kiosk {
  readonly home: string;
  /** What the next process is told, and when it dies. Called while none runs. */
  nextLife(): Promise<Life>;
  /** Compares a copy of the book a killed process left with everything acknowledged so far. */
  judge(copyOfBook: string): { readonly acknowledged: number; readonly findings: readonly Finding[] };
}

export interface Life {
  readonly order: unknown;
  /** SIGKILL falls evenly within this time after a mark was seen so many times; `told` is when the order was given. */
  readonly kill: { readonly after: string; readonly times: number; readonly withinMs: number };
}

export interface Finding {
  readonly kind: 'lost' | 'doubled' | 'other';
  readonly text: string;
}

export interface Tally {
  readonly runs: number;
  readonly kills: number;
  readonly acknowledged: number;
  readonly findings: readonly Finding[];
  /** Full verifications that passed; a failed one is a finding. */
  readonly verified: number;
}

/** A book is left after so many kills: opening one takes longer as it grows, and a new one is opened first with its first county file. */
const runsPerBook = 100;
const runsPerVerify = 50;
/** A mark that does not come by then: the process hangs, which is a finding. */
const markDeadlineMs = 60_000;
const verifyProgram = new URL('../../electron/engine/verify-cli.ts', import.meta.url).pathname;

/** Runs the loop in `directory`, which must be empty. `report` hears each finding as it is made, and of progress. */
export async function crashLoop(
  act: Act,
  options: ActOptions & {
    readonly directory: string;
    readonly runs: number;
    readonly seed: number;
    readonly report: (line: string) => void;
    /** No more runs after such a finding: a control has seen what it was made for. */
    readonly isEnough?: (finding: Finding) => boolean;
  },
): Promise<Tally> {
  const { directory, runs, report, isEnough = () => false } = options;
  const random = randomFrom(options.seed);
  const findings: Finding[] = [];
  let kills = 0;
  let acknowledged = 0;
  let verified = 0;
  let kiosk: Kiosk | null = null;
  const found = (run: number, finding: Finding): void => {
    findings.push(finding);
    report(`run ${run}: ${finding.kind}: ${finding.text}`);
  };
  // The next process loads its modules while the one before it works and dies: a run then takes as long as its life.
  let spare = launch(act.process);
  try {
    for (let run = 1; run <= runs; run += 1) {
      kiosk = (run - 1) % runsPerBook === 0 || kiosk === null ? await newBook(act, directory, run, random, options) : kiosk;
      const life = await kiosk.nextLife();
      const runner = spare;
      if (!(await runner.loaded)) throw new Error(`${act.process} did not load\n${runner.errors()}`);
      spare = launch(act.process);
      const end = await runner.live(life, random.next());
      if (end.isKilled) kills += 1;
      else found(run, { kind: 'other', text: end.why });
      const judged = kiosk.judge(copyOfBook(kiosk.home, join(directory, 'copy')));
      acknowledged += judged.acknowledged;
      for (const finding of judged.findings) found(run, finding);
      if (judged.findings.some(isEnough)) break;
      if (run % runsPerVerify === 0 || run === runs) {
        const lie = verify(kiosk.home);
        if (lie === null) verified += 1;
        else found(run, { kind: 'other', text: `verify: ${lie}` });
        report(`${run} runs, ${acknowledged} ${act.things} acknowledged`);
      }
    }
  } finally {
    spare.end();
  }
  return { runs, kills, acknowledged, findings, verified };
}

function newBook(act: Act, directory: string, run: number, random: Random, options: ActOptions): Promise<Kiosk> {
  const home = join(directory, `from-run-${run}`);
  mkdirSync(home);
  return act.newKiosk(home, random, options);
}

interface Runner {
  /** Settles once the process waits for its order; false: it ended before, or hangs. */
  readonly loaded: Promise<boolean>;
  /** What it wrote to standard error so far. */
  errors(): string;
  /** Gives the order, kills, and tells how it ended. `fraction` of the kill's time passes before it. */
  live(life: Life, fraction: number): Promise<{ readonly isKilled: true } | { readonly isKilled: false; readonly why: string }>;
  /** Ends a process that was not needed. */
  end(): void;
}

function launch(program: string): Runner {
  const child: ChildProcessWithoutNullStreams = spawn(process.execPath, [program], {
    env: { ...process.env, NODE_COMPILE_CACHE: join(import.meta.dirname, '..', '..', 'node_modules', '.cache', 'crash') },
  });
  const errors: string[] = [];
  child.stderr.setEncoding('utf8').on('data', (text: string) => void errors.push(text));
  child.stdin.on('error', () => {}); // it died before it read its order; its exit says so
  const exited = new Promise<string>((resolve) => {
    child.on('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
    child.on('error', (error) => resolve(error.message));
  });
  const seen = new Map<string, number>();
  let look = (): void => {};
  createInterface({ input: child.stdout }).on('line', (line) => {
    seen.set(line, (seen.get(line) ?? 0) + 1);
    look();
  });
  const reached = (mark: string, times: number): Promise<boolean> =>
    new Promise((resolve) => {
      const settle = (isReached: boolean): void => {
        clearTimeout(timer);
        resolve(isReached);
      };
      const timer = setTimeout(() => settle(false), markDeadlineMs);
      look = () => {
        if ((seen.get(mark) ?? 0) >= times) settle(true);
      };
      look();
      void exited.then(() => settle(false));
    });
  return {
    loaded: reached('loaded', 1),
    errors: () => errors.join(''),
    async live({ order, kill }, fraction) {
      child.stdin.write(`${JSON.stringify(order)}\n`);
      const isReached = kill.after === 'told' || (await reached(kill.after, kill.times));
      await Promise.race([pause(kill.withinMs * fraction), exited]);
      child.kill('SIGKILL');
      const end = await exited;
      if (end !== 'SIGKILL') return { isKilled: false, why: `ended by itself: ${end}\n${errors.join('')}` };
      return isReached ? { isKilled: true } : { isKilled: false, why: `hung before ${kill.after}` };
    },
    end: () => void child.kill('SIGKILL'),
  };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** The book as the kill left it, log and all. Looked at apart: the next process must meet the very files of the kill. */
function copyOfBook(home: string, to: string): string {
  rmSync(to, { recursive: true, force: true });
  mkdirSync(to);
  for (const name of ['book.db', 'book.db-wal']) if (existsSync(join(home, name))) copyFileSync(join(home, name), join(to, name));
  return join(to, 'book.db');
}

/** What `npm run verify` finds wrong, or null. */
function verify(home: string): string | null {
  const { status, stdout, stderr } = spawnSync(process.execPath, [verifyProgram, '--home', home], { encoding: 'utf8' });
  return status === 0 ? null : `${stdout.split('\n').slice(-3).join(' ')} ${stderr}`.trim();
}
