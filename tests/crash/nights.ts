// The county's night while it is killed: whatever the moment, every note beside a data file is of the book, with the bytes that it signed,
// and no number of a kiosk is ever seen with two contents, as a stick would carry them that was filled just then.

import { hash } from 'node:crypto';
import { spawn } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { type CountyBook, makeCounty, openCounty } from '../../county/book/county-book.ts';
import { enrolByKey } from '../../county/book/enrol.ts';
import { addAccount } from '../../county/book/import-files.ts';
import { everyKiosk, isMasterLine, putMaster } from '../../county/book/master.ts';
import { finishDownFiles } from '../../county/down-finish.ts';
import { night } from '../../county/night.ts';
import { parseFileNote, noteText } from '../../db/model/note.ts';
import { countyName, fileKey, firstLines, morning, shop } from '../support/county.ts';
import type { Finding, Tally } from './loop.ts';
import type { NighterOrder } from './nighter.ts';
import { randomFrom } from './random.ts';

const kiosks = ['qj-03', 'qj-04', 'qj-05'] as const;
/** So many at home at each kiosk that a file takes some time to write. */
const accountsEach = 40;
/** A kill falls within so many times what the start before took: the next one may find more to finish. */
const startTimes = 3;
/** Every so many kills fall into a start, which finishes what the one before left; the others into the second night. */
const startEvery = 4;
const deadlineMs = 60_000;
const program = new URL('./nighter.ts', import.meta.url).pathname;

/** Kills nights `runs` times in `directory`, which must be empty. `report` hears each finding. */
export async function nightLoop(options: {
  readonly directory: string;
  readonly runs: number;
  readonly seed: number;
  readonly acknowledgeEarly: boolean;
  readonly report: (line: string) => void;
}): Promise<Tally> {
  const { runs, acknowledgeEarly, report } = options;
  const random = randomFrom(options.seed);
  const county = join(options.directory, 'county');
  const accounts = await prepare(county);
  const findings: Finding[] = [];
  const seen = new Map<string, string>();
  let acknowledged = 0;
  let startMs = 0; // the first kill falls into a night, whose start is measured
  const found = (finding: Finding): void => {
    findings.push(finding);
    report(`${finding.kind}: ${finding.text}`);
  };
  for (const kiosk of kiosks) look(county, kiosk, seen, found);
  for (let run = 1; run <= runs; run += 1) {
    const wallMs = morning + run * 1_000_000;
    const during = run % startEvery === 0 ? 'start' : 'night';
    const within = { during, startMs, fraction: random.next() } as const;
    const { made, tookMs } = await killedRun({ county, accounts, wallMs, acknowledgeEarly }, within);
    startMs = tookMs ?? startMs;
    acknowledged += Math.max(0, made - newestOf(seen));
    for (const kiosk of kiosks) look(county, kiosk, seen, found);
    if (made > newestOf(seen)) found({ kind: 'lost', text: `the night of file ${made} had ended, the newest is ${newestOf(seen)}` });
    await compare(county, seen, found);
  }
  const verified = (await isFinished(county, seen, found)) ? runs : 0;
  return { runs, kills: runs, acknowledged, findings, verified };
}

async function prepare(directory: string): Promise<readonly string[]> {
  const fileKeyPem = fileKey.export({ format: 'pem', type: 'pkcs8' }).toString();
  makeCounty(directory, { code: shop.county, name: countyName, isDemo: true, fileKeyPem });
  const county = openedAt(directory);
  for (const [i, kiosk] of kiosks.entries())
    await enrolByKey(county, { kiosk, store: `store-${kiosk}`, key: Buffer.alloc(32, i + 1).toString('base64url') });
  const told = await firstLines();
  const accounts = kiosks.flatMap((kiosk) => Array.from({ length: accountsEach }, (_, n) => `${kiosk}-${n}`));
  await county.transact((act) => {
    const entry = act.enter('start', 'test');
    for (const line of told) if (isMasterLine(line) && line.t !== 'SHOP') putMaster(act, line, { scope: everyKiosk, entry });
    for (const kiosk of kiosks) putMaster(act, { t: 'SHOP', shop: { ...shop, kiosk, store: `store-${kiosk}` } }, { scope: kiosk, entry });
    for (const account of accounts) addAccount(act, { account, home: account.slice(0, shop.kiosk.length), isActive: true });
  });
  await night(county);
  await county.close();
  return accounts;
}

function openedAt(directory: string): CountyBook {
  const opened = openCounty(directory, { wallMs: () => morning });
  if (!opened.ok) throw new Error(opened.code);
  return opened.value;
}

/**
 * Starts a server, kills it after a while, and returns the newest file of the last night that it said had ended; and how long its start took,
 * null: it did not live to its end.
 */
async function killedRun(
  order: NighterOrder,
  { during, startMs, fraction }: { readonly during: 'start' | 'night'; readonly startMs: number; readonly fraction: number },
): Promise<{ readonly made: number; readonly tookMs: number | null }> {
  const child = spawn(process.execPath, [program]);
  const errors: string[] = [];
  child.stderr.setEncoding('utf8').on('data', (text: string) => void errors.push(text));
  child.stdin.on('error', () => {}); // it died before it read its order; its exit says so
  const exited = new Promise<NodeJS.Signals | null>((resolve) => void child.on('exit', (_code, signal) => resolve(signal)));
  let made = 0;
  let loadedAt = 0;
  let finishedAt = 0;
  child.stdin.write(`${JSON.stringify(order)}\n`);
  const afterMs = await new Promise<number>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`the nighter never came to its ${during}\n${errors.join('')}`)), deadlineMs);
    createInterface({ input: child.stdout }).on('line', (line) => {
      const begins = (within: number): void => {
        clearTimeout(timer);
        resolve(within * fraction);
      };
      if (line === 'loaded') loadedAt = performance.now();
      if (line === 'finished') finishedAt = performance.now();
      if (line.startsWith('made ')) made = Number(line.slice('made '.length));
      if (during === 'start' && line === 'loaded') begins(startMs * startTimes);
      if (during === 'night' && line.startsWith('made ')) begins(performance.now() - finishedAt); // as long as the first took
    });
  });
  await new Promise((resolve) => setTimeout(resolve, afterMs));
  child.kill('SIGKILL');
  if ((await exited) !== 'SIGKILL') throw new Error(`the nighter ended by itself\n${errors.join('')}`);
  return { made, tookMs: finishedAt === 0 ? null : finishedAt - loadedAt };
}

/** What lies there under names that anybody reads, kiosk and number → hash of the content. */
function look(county: string, kiosk: string, seen: Map<string, string>, found: (finding: Finding) => void): void {
  const directory = join(county, 'down', kiosk);
  for (const name of readdirSync(directory).filter((each) => each.endsWith('.note'))) {
    const note = readFileSync(join(directory, name), 'utf8');
    const said = parseFileNote(noteText(note));
    const file = `${kiosk} ${Number(name.slice(0, -'.note'.length))}`;
    const sha256 = said.ok ? said.value.sha256 : 'no note';
    const known = seen.get(file);
    if (known !== undefined && known !== sha256) found({ kind: 'doubled', text: `file ${file} has two contents` });
    if (known === undefined && contentOf(join(directory, name.replace(/note$/, 'jsonl.gz'))) !== sha256)
      found({ kind: 'other', text: `the note of file ${file} speaks of other bytes` });
    seen.set(file, sha256);
  }
}

function contentOf(path: string): string {
  try {
    return hash('sha256', gunzipSync(readFileSync(path)), 'base64url');
  } catch (error) {
    return String(error);
  }
}

function newestOf(seen: ReadonlyMap<string, string>): number {
  return Math.max(...[...seen.keys()].map((file) => Number(file.split(' ')[1])));
}

/** Every note is of a row of the book, as the kill left it. */
async function compare(directory: string, seen: ReadonlyMap<string, string>, found: (finding: Finding) => void): Promise<void> {
  const rows = await rowsOf(directory);
  for (const [file, sha256] of seen) if (rows.get(file) !== sha256) found({ kind: 'other', text: `file ${file} is not in the book` });
}

/** After a start every row of the book has its file. */
async function isFinished(directory: string, seen: Map<string, string>, found: (finding: Finding) => void): Promise<boolean> {
  const county = openedAt(directory);
  await finishDownFiles(county);
  await county.close();
  for (const kiosk of kiosks) {
    look(directory, kiosk, seen, found);
    if (readdirSync(join(directory, 'down', kiosk)).some((name) => name.endsWith('.part')))
      found({ kind: 'other', text: 'a part is left' });
  }
  const rows = await rowsOf(directory);
  for (const file of rows.keys()) if (!seen.has(file)) found({ kind: 'lost', text: `file ${file} is in the book and nowhere else` });
  return [...rows].every(([file, sha256]) => seen.get(file) === sha256);
}

async function rowsOf(directory: string): Promise<ReadonlyMap<string, string>> {
  const county = openedAt(directory);
  const rows = await county.read((db) =>
    db.prepare<[], { kiosk: string; n: number; sha256: string }>('SELECT kiosk, down_seq AS n, sha256 FROM down_file').all(),
  );
  await county.close();
  return new Map(rows.map(({ kiosk, n, sha256 }) => [`${kiosk} ${n}`, sha256]));
}
