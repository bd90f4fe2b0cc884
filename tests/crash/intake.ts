// Taking in files while being killed: whatever the moment, a file is posted wholly or not at all, what was answered stays, and the book
// ends as that of a server nobody killed.

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { type CountyBook, makeCounty, openCounty } from '../../county/book/county-book.ts';
import { type Upload, takeIn } from '../../county/book/intake.ts';
import { cut, introduce, uploadOf } from '../support/county-book.ts';
import { countyName, enrol, fileKey, handClock, makeKiosk, morning, shop } from '../support/county.ts';
import { openDay } from '../support/closing.ts';
import { sell, today } from '../support/sell.ts';
import type { Finding, Tally } from './loop.ts';
import { randomFrom } from './random.ts';
import type { TakerOrder } from './taker.ts';

/** Files of one round, and sales of each. */
const files = 8;
const salesEach = 12;
/** Of the time that a file takes here, so that some kills fall after its commit. */
const killedWithin = 1.25;
const deadlineMs = 60_000;
const program = new URL('./taker.ts', import.meta.url).pathname;
const clock = { wallMs: () => morning };

/** Kills an intake `runs` times in `directory`, which must be empty. `report` hears each finding. */
export async function intakeLoop(options: {
  readonly directory: string;
  readonly runs: number;
  readonly seed: number;
  readonly acknowledgeEarly: boolean;
  readonly report: (line: string) => void;
}): Promise<Tally> {
  const { directory, runs, acknowledgeEarly, report } = options;
  const random = randomFrom(options.seed);
  const { empty, uploads, undisturbed, fileMs } = await prepare(directory);
  const county = join(directory, 'county');
  const findings: Finding[] = [];
  let kills = 0;
  let acknowledged = 0;
  let verified = 0;
  const found = (finding: Finding): void => {
    findings.push(finding);
    report(`${finding.kind}: ${finding.text}`);
  };
  let answered = 0;
  let posted = 0;
  const compare = (dump: string): void => {
    if (dump === undisturbed) verified += 1;
    else found({ kind: 'other', text: 'the book is another than that of a server nobody killed' });
  };
  cpSync(empty, county, { recursive: true });
  for (let run = 1; run <= runs; run += 1) {
    // never during a round's first file alone: however short of time the machine is, a file was answered before
    const during = Math.max(2, posted + 1 + random.below(files - posted));
    const kill = { during, afterMs: random.next() * fileMs * killedWithin };
    const taken = await killedRun({ county, uploads, wallMs: morning, acknowledgeEarly }, kill);
    kills += 1;
    acknowledged += Math.max(0, taken - answered);
    answered = Math.max(answered, taken);
    const state = await stateOf(county, found);
    ({ posted } = state);
    if (posted < answered) found({ kind: 'lost', text: `file ${answered} was answered, ${posted} are posted` });
    answered = Math.min(answered, posted); // what is lost is told once
    if (posted < files) continue;
    compare(state.dump);
    rmSync(county, { recursive: true });
    cpSync(empty, county, { recursive: true });
    answered = 0;
    posted = 0;
  }
  await takeAll(county, uploads); // the round that the last kill left
  compare((await stateOf(county, found)).dump);
  report(`${runs} runs, ${acknowledged} files acknowledged, ${verified} books compared with that of a server nobody killed`);
  return { runs, kills, acknowledged, findings, verified };
}

interface Prepared {
  /** A county that knows the kiosk, and no file of it. */
  readonly empty: string;
  readonly uploads: readonly Upload[];
  /** What a server that nobody kills makes of them, and how long a file took it. */
  readonly undisturbed: string;
  readonly fileMs: number;
}

async function prepare(directory: string): Promise<Prepared> {
  const kiosk = join(directory, 'kiosk');
  mkdirSync(kiosk, { recursive: true });
  const { home, book } = makeKiosk(kiosk, handClock());
  await enrol(home, book);
  openDay(book, today);
  const uploads: Upload[] = [];
  for (let file = 0; file < files; file += 1) {
    for (let n = 0; n < salesEach; n += 1) sell(book, { resident: '1', goods: [['2', 1]], chosenPoints: 100 });
    uploads.push(uploadOf(home, await cut(home, book)));
  }
  book.close();
  const empty = join(directory, 'empty');
  const fileKeyPem = fileKey.export({ format: 'pem', type: 'pkcs8' }).toString();
  makeCounty(empty, { code: shop.county, name: countyName, isDemo: true, fileKeyPem });
  const first = openedAt(empty);
  await introduce(first, home);
  await first.close();
  const whole = join(directory, 'undisturbed');
  cpSync(empty, whole, { recursive: true });
  const started = performance.now();
  await takeAll(whole, uploads);
  const fileMs = (performance.now() - started) / files;
  const county = openedAt(whole);
  const undisturbed = await county.read(dumpOf);
  await county.close();
  return { empty, uploads, undisturbed, fileMs };
}

/** Takes in what is not there yet. */
async function takeAll(directory: string, uploads: readonly Upload[]): Promise<void> {
  const county = openedAt(directory);
  for (const upload of uploads) await takeIn(county, upload);
  await county.close();
}

function openedAt(directory: string): CountyBook {
  const opened = openCounty(directory, clock);
  if (!opened.ok) throw new Error(opened.code);
  return opened.value;
}

/** Starts a server, kills it so long after it began a file, and returns the newest file that it said was taken. */
async function killedRun(order: TakerOrder, { during, afterMs }: { readonly during: number; readonly afterMs: number }): Promise<number> {
  const child: ChildProcessWithoutNullStreams = spawn(process.execPath, [program]);
  const errors: string[] = [];
  child.stderr.setEncoding('utf8').on('data', (text: string) => void errors.push(text));
  child.stdin.on('error', () => {}); // it died before it read its order; its exit says so
  const ended = new Promise<NodeJS.Signals | null>((resolve) => void child.on('close', (_code, signal) => resolve(signal)));
  let taken = 0;
  child.stdin.write(`${JSON.stringify(order)}\n`);
  await new Promise<void>((resolve, reject) => {
    const fail = (why: string): void => reject(new Error(`the taker ${why}\n${errors.join('')}`));
    const timer = setTimeout(() => fail(`never came to file ${during}`), deadlineMs);
    void ended.then(() => fail('ended by itself'));
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.startsWith('taken ')) taken = Number(line.slice('taken '.length));
      if (line !== `taking ${during}`) return;
      clearTimeout(timer);
      resolve();
    });
  });
  await Promise.race([new Promise((resolve) => setTimeout(resolve, afterMs)), ended]);
  child.kill('SIGKILL');
  if ((await ended) !== 'SIGKILL') throw new Error(`the taker ended by itself\n${errors.join('')}`);
  return taken;
}

/** How many files are posted, each whole; opening the book asks that all balances sum to zero. */
async function stateOf(directory: string, found: (finding: Finding) => void): Promise<{ readonly posted: number; readonly dump: string }> {
  const county = openedAt(directory);
  const state = await county.read((db) => {
    const posted = db.prepare<[], { n: number }>('SELECT coalesce(max(file_seq), 0) AS n FROM chain').get()!.n; // an aggregate has a row
    const claims: readonly (readonly [string, string])[] = [
      ['answers that are not of posted files', `SELECT count(*) AS n FROM answer WHERE verdict = 'ACCEPTED' HAVING count(*) <> ${posted}`],
      ['files whose events are not all there', 'SELECT count(*) AS n FROM chain WHERE to_seq <> (SELECT count(*) FROM event)'],
      ['events after the newest file', `SELECT count(*) AS n FROM event WHERE file_seq > ${posted} HAVING count(*) > 0`],
      [
        'entries of the log beside two a file and one a file of the county',
        `SELECT count(*) AS n FROM log_leaf HAVING count(*) <> ${2 * posted}`,
      ],
    ];
    for (const [text, sql] of claims) {
      const n = db.prepare<[], { n: number }>(sql).get()?.n ?? 0;
      if (n > 0) found({ kind: 'other', text: `${n} ${text}` });
    }
    return { posted, dump: dumpOf(db) };
  });
  await county.close();
  return state;
}

/** Every row of every table. */
function dumpOf(db: Parameters<Parameters<CountyBook['read']>[0]>[0]): string {
  const tables = db.prepare<[], { name: string }>(`SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name`).all();
  return tables
    .map(({ name }) => {
      const rows = db.prepare<[], object>(`SELECT * FROM ${name}`).all();
      return `${name}\n${rows.map((row) => JSON.stringify(row)).join('\n')}`;
    })
    .join('\n\n');
}
