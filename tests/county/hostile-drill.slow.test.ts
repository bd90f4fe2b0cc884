// Drills over real HTTPS: ten kiosks upload while the server is killed again and again (DRILL=1 in the environment: twenty times),
// and a county whose disk is full. Nothing is lost or doubled, the book's rules hold, and both verifiers find what is handed out true.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, cpSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, truncateSync } from 'node:fs';
import { Agent, request as httpsRequest } from 'node:https';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { proposeAwards, releaseAwards } from '../../county/book/awards.ts';
import { openCounty } from '../../county/book/county-book.ts';
import { checkBook } from '../../county/book/invariants.ts';
import { runDataCommand } from '../../county/data-commands.ts';
import { prepared } from '../../db/sqlite.ts';
import { readUpText, upFilePath } from '../../db/up-files.ts';
import { randomFrom } from '../crash/random.ts';
import { verdictsOn } from '../outsider/both.ts';
import { ackOf, cut } from '../support/county-book.ts';
import { type CountyShops, aCountyOfShops } from '../support/county-shops.ts';
import { temporary } from '../support/county.ts';
import { passOf } from '../support/kiosk-pass.ts';
import { layOutCounty } from '../support/outsider-folder.ts';
import { sell } from '../support/sell.ts';
import { smallDisk } from '../support/small-disk.ts';

const killsMax = process.env['DRILL'] === '1' ? 20 : 4;
const kiosks = ['qj-03', 'qj-04', 'qj-05', 'qj-06', 'qj-07', 'qj-08', 'qj-09', 'qj-10', 'qj-11', 'qj-12'];
const main = new URL('../../county/main.ts', import.meta.url).pathname;

interface Server {
  readonly child: ChildProcess;
  readonly port: number;
  readonly pin: string;
  readonly said: () => string;
}

async function start(data: string): Promise<Server> {
  const child = spawn(process.execPath, [main, 'serve', '--data', data, '--port', '0', '--host', '127.0.0.1'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => void (said += chunk.toString()));
  for (const until = performance.now() + 30_000; !said.includes(' serving, ');) {
    if (performance.now() > until || child.exitCode !== null) throw new Error(`it does not serve: ${said}`);
    await new Promise((go) => setTimeout(go, 20));
  }
  const [, port = '', pin = ''] = /https:\/\/127\.0\.0\.1:(\d+)"?, "pin": "([\w-]{43})"/.exec(said) ?? [];
  return { child, port: Number(port), pin, said: () => said };
}

async function kill({ child }: Server): Promise<void> {
  const closed = once(child, 'close');
  child.kill('SIGKILL');
  await closed;
}

const agent = new Agent({ keepAlive: false });

function put(
  server: Server,
  { path, pass, type, body }: { readonly path: string; readonly pass: string; readonly type: string; readonly body: Buffer | string },
): Promise<readonly [number, string]> {
  return new Promise((done, failed) => {
    const asking = httpsRequest(
      {
        host: '127.0.0.1',
        port: server.port,
        method: 'PUT',
        path,
        agent,
        rejectUnauthorized: false,
        headers: { 'content-type': type, 'x-kiosk-pass': pass, 'content-length': Buffer.byteLength(body) },
      },
      (answer) => {
        let text = '';
        answer.on('data', (chunk: Buffer) => void (text += chunk.toString()));
        answer.on('error', failed);
        answer.on('end', () => done([answer.statusCode ?? 0, text]));
      },
    );
    asking.setTimeout(20_000, () => asking.destroy(new Error('no answer')));
    asking.on('error', failed);
    asking.end(body);
  });
}

type File = Awaited<ReturnType<typeof cut>>;

/** Sends a file whole, once; the verdict, or what stood in the way. */
async function sendOnce(shops: CountyShops, server: Server, kiosk: string, file: File): Promise<string> {
  const { home } = shops.shop(kiosk);
  const pass = passOf(home, server.pin);
  const path = `/v1/540525/${kiosk}/up/${file.inc}/${file.fileSeq}`;
  try {
    const data = await put(server, {
      path: `${path}/data`,
      pass,
      type: 'application/gzip',
      body: readFileSync(upFilePath(home, file, 'jsonl.gz')),
    });
    if (data[0] !== 200) return data.join(' ');
    const checkpoint = await put(server, {
      path: `${path}/checkpoint`,
      pass,
      type: 'text/plain',
      body: readUpText(home, file, 'checkpoint'),
    });
    if (checkpoint[0] !== 200) return checkpoint.join(' ');
    const note = await put(server, { path: `${path}/note`, pass, type: 'text/plain', body: readUpText(home, file, 'note') });
    return note[0] === 200 ? ackOf(note[1]).verdict : note.join(' ');
  } catch (error) {
    return `cut ${error instanceof Error && 'code' in error ? String(error.code) : String(error)}`;
  }
}

async function typed(words: readonly string[]): Promise<readonly [number | null, string]> {
  let said = '';
  const hear = (text: string): void => void (said += text);
  return [await runDataCommand(words, { say: hear, complain: hear }), said];
}

/** Ten shops at work; their county is closed, for a server to open. */
async function tenShops(): Promise<{ readonly shops: CountyShops; readonly data: string }> {
  const shops = await aCountyOfShops(onTestFinished, {
    kiosks,
    homes: { a1: kiosks[0]!, a2: kiosks[1]!, a3: kiosks[2]! },
    roamAt: [kiosks[3]!, kiosks[4]!],
    roamCap: 50_000,
  });
  const proposed = await proposeAwards(shops.county, {
    text: 'account,points,reason\na1,5000,值日\na2,5000,值日\na3,5000,值日\n',
    by: '次仁',
  });
  if (!proposed.ok) throw new Error(proposed.code);
  expect(await releaseAwards(shops.county, { batch: proposed.value.batch, by: '央金' })).toMatchObject({ ok: true });
  await shops.night();
  for (const kiosk of kiosks) await shops.hear(kiosk);
  await shops.county.close();
  return { shops, data: shops.county.folder.directory };
}

async function sellAndCut(shops: CountyShops, kiosk: string, round: number): Promise<File> {
  const { home, book, clock } = shops.shop(kiosk);
  for (let n = 0; n < 3; n += 1) {
    clock.turn(1_000);
    const resident = ['1', '2', '3'][(n + round) % 3]!;
    const isRight = kiosk === kiosks[Number(resident) - 1] || kiosk === kiosks[3] || kiosk === kiosks[4];
    const sold = sell(book, isRight ? { resident, goods: [['2', 1]], chosenPoints: 100 } : { goods: [['1', 1]] });
    if (typeof sold === 'string') throw new Error(sold);
  }
  return cut(home, book);
}

interface Ended {
  readonly broken: readonly string[];
  readonly posted: number;
  readonly verdicts: unknown;
}

/** What the county's own check, and both verifiers, say at the end. */
async function endedAs(data: string): Promise<Ended> {
  const opened = openCounty(data, { wallMs: () => Date.now() });
  if (!opened.ok) throw new Error(opened.code);
  const county = opened.value;
  try {
    const directory = temporary(onTestFinished, 'jifen-drill-');
    await layOutCounty(directory, county);
    const [verdicts] = await verdictsOn([directory]);
    const broken = (await checkBook(county, 'whole')).flatMap(({ rule, place }) => (place === null ? [] : [`${rule} ${place}`]));
    const { n } = await county.read((db) => prepared<[], { n: number }>(db, `SELECT count(*) AS n FROM event WHERE kind = 'SALE'`).get()!);
    return { broken, posted: n, verdicts };
  } finally {
    await county.close();
  }
}

const allIsTrue = { ours: { kind: 'true', place: '' }, python: { kind: 'true', place: '' } };

test('a server is killed again and again while ten kiosks upload', { timeout: 900_000 }, async () => {
  const { shops, data } = await tenShops();
  const random = randomFrom(Number(process.env['SEED'] ?? 1));
  let server = await start(data);
  const killing = { isOver: false };
  const verdicts = new Set<string>();
  const work = kiosks.map(async (kiosk) => {
    for (let round = 0; !killing.isOver || round === 0; round += 1) {
      const file = await sellAndCut(shops, kiosk, round);
      for (let tries = 0; ; tries += 1) {
        if (tries > 600) throw new Error(`${kiosk} never came through: ${server.said()}`);
        const verdict = await sendOnce(shops, server, kiosk, file);
        verdicts.add(verdict);
        if (verdict === 'ACCEPTED' || verdict === 'DUPLICATE') break;
        if (!/^(cut|503|409|429)/.test(verdict)) throw new Error(`${kiosk} ${file.fileSeq}: ${verdict}\n${server.said()}`);
        await new Promise((go) => setTimeout(go, 100));
      }
    }
    return 0;
  });
  const over = Promise.all(work);
  for (let kills = 0; kills < killsMax; kills += 1) {
    await Promise.race([over, new Promise((go) => setTimeout(go, 300 + random.next() * 1_500))]);
    await kill(server);
    server = await start(data);
  }
  killing.isOver = true;
  await over;
  expect((await typed(['night', '--data', data]))[0]).toBe(0);
  const [code] = await typed(['check', '--data', data]);
  const complaints = server
    .said()
    .split('\n')
    .filter((line) => /Error|fault/.test(line));
  await kill(server);
  let sold = 0;
  for (const kiosk of kiosks)
    sold += prepared<[], { n: number }>(shops.shop(kiosk).book.db, `SELECT count(*) AS n FROM event WHERE kind = 'SALE'`).get()!.n;
  expect(verdicts).toContain('cut ECONNRESET'); // it was killed in the middle
  expect([code, complaints, await endedAs(data)]).toEqual([0, [], { broken: [], posted: sold, verdicts: allIsTrue }]);
});

/** Fills the disk but for so many bytes, with what only root may take, too: the server here is root. */
function fill(mount: string, leaving: number): void {
  const path = join(mount, 'ballast');
  for (const size of [1024 * 1024, 4096])
    try {
      for (const chunk = Buffer.alloc(size); ;) appendFileSync(path, chunk);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
    }
  truncateSync(path, Math.max(0, statSync(path).size - leaving));
}

test('a county whose disk is full refuses, loses nothing, and goes on when there is room', { timeout: 900_000 }, async () => {
  const { shops, data: made } = await tenShops();
  const mount = smallDisk(40);
  const data = join(mount, 'county');
  cpSync(made, data, { recursive: true });
  const server = await start(data);
  for (const leaving of [0, 8_192, 32_768, 100_000, 300_000]) {
    const files = [];
    for (const kiosk of kiosks) files.push({ kiosk, file: await sellAndCut(shops, kiosk, 0) });
    mkdirSync(join(mount, 'backups'), { recursive: true });
    fill(mount, leaving);
    const refused = await Promise.all(files.map(({ kiosk, file }) => sendOnce(shops, server, kiosk, file)));
    const night = await typed(['night', '--data', data]);
    const place = join(mount, 'backups');
    const backup = await typed(['backup', '--data', data, '--to', place]);
    const exported = await typed(['export', '--data', data, '--to', join(mount, 'export')]);
    const isFull = [1, expect.stringMatching(/^the disk is full, /)];
    if (leaving === 0)
      expect([new Set(refused), night, backup, exported[0], readdirSync(place)]).toEqual([
        new Set(['507 {"code":"no_room"}']),
        isFull,
        isFull,
        1,
        [],
      ]);
    rmSync(join(mount, 'ballast'), { force: true });
    rmSync(join(mount, 'export'), { recursive: true, force: true });
    rmSync(place, { recursive: true, force: true });
    expect(server.child.exitCode).toBe(null);
    const left = readdirSync(data, { recursive: true, encoding: 'utf8' }).filter((path) =>
      /^(files|incoming)\b.*\.(part|unpacked)$/.test(path),
    );
    expect([leaving, left]).toEqual([leaving, []]);
    for (const { kiosk, file } of files) expect(await sendOnce(shops, server, kiosk, file)).toBeOneOf(['ACCEPTED', 'DUPLICATE']);
  }
  const night = await typed(['night', '--data', data]);
  const checked = await typed(['check', '--data', data]);
  await kill(server);
  let sold = 0;
  for (const kiosk of kiosks)
    sold += prepared<[], { n: number }>(shops.shop(kiosk).book.db, `SELECT count(*) AS n FROM event WHERE kind = 'SALE'`).get()!.n;
  expect([night[0], checked[0], await endedAs(data)]).toEqual([0, 0, { broken: [], posted: sold, verdicts: allIsTrue }]);
});
