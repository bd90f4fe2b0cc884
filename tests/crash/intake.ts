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

/** Files of one round, and sales of each: an intake takes some tens of milliseconds. */
const files = 8;
const salesEach = 12;
/** A round of all files takes about this long. */
const withinMs = 900;
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
  const { empty, uploads, undisturbed } = await prepare(directory);
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
  cpSync(empty, county, { recursive: true });
  for (let run = 1; run <= runs; run += 1) {
    const taken = await killedRun({ county, uploads, wallMs: morning, acknowledgeEarly }, random.next() * withinMs);
    kills += 1;
    answered = Math.max(answered, taken);
    acknowledged += taken;
    const state = await stateOf(county, found);
    if (state.posted < answered) found({ kind: 'lost', text: `file ${answered} was answered, ${state.posted} are posted` });
    if (state.posted < files) continue;
    verified += 1;
    if (state.dump !== undisturbed) found({ kind: 'other', text: 'the book is another than that of a server nobody killed' });
    rmSync(county, { recursive: true });
    cpSync(empty, county, { recursive: true });
    answered = 0;
  }
  return { runs, kills, acknowledged, findings, verified };
}

async function prepare(
  directory: string,
): Promise<{ readonly empty: string; readonly uploads: readonly Upload[]; readonly undisturbed: string }> {
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
  const county = openedAt(whole);
  for (const upload of uploads) await takeIn(county, upload);
  const undisturbed = await county.read(dumpOf);
  await county.close();
  return { empty, uploads, undisturbed };
}

function openedAt(directory: string): CountyBook {
  const opened = openCounty(directory, clock);
  if (!opened.ok) throw new Error(opened.code);
  return opened.value;
}

/** Starts a server, kills it after a while, and returns the newest file that it said was taken. */
async function killedRun(order: TakerOrder, afterMs: number): Promise<number> {
  const child: ChildProcessWithoutNullStreams = spawn(process.execPath, [program]);
  const errors: string[] = [];
  child.stderr.setEncoding('utf8').on('data', (text: string) => void errors.push(text));
  child.stdin.on('error', () => {}); // it died before it read its order; its exit says so
  const exited = new Promise<NodeJS.Signals | null>((resolve) => void child.on('exit', (_code, signal) => resolve(signal)));
  let taken = 0;
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`the taker did not load\n${errors.join('')}`)), deadlineMs);
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line === 'loaded') {
        clearTimeout(timer);
        resolve();
      } else if (line.startsWith('taken ')) taken = Number(line.slice('taken '.length));
    });
  });
  child.stdin.write(`${JSON.stringify(order)}\n`);
  await new Promise((resolve) => setTimeout(resolve, afterMs));
  child.kill('SIGKILL');
  if ((await exited) !== 'SIGKILL') throw new Error(`the taker ended by itself\n${errors.join('')}`);
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
