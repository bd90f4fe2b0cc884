// The server attacked over real HTTPS: by strangers, and by somebody who has a kiosk's key. Its answers are codes, its memory stays flat,
// and its book has at the end what it had before (security.md S28 and S29).

import { request as httpsRequest } from 'node:https';
import { readFileSync, readdirSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { connect } from 'node:tls';
import { createGzip, gunzipSync } from 'node:zlib';
import { type TestContext, expect, onTestFinished, test } from 'vitest';
import type { CountyBook } from '../../county/book/county-book.ts';
import { takeIn } from '../../county/book/intake.ts';
import { serverIdentity } from '../../county/server/certificate.ts';
import { type Waits, countyServer } from '../../county/server/server.ts';
import type { Home } from '../../db/home.ts';
import { passHeader } from '../../db/model/kiosk-pass.ts';
import { fileNoteText, signNote } from '../../db/model/note.ts';
import { readSigner } from '../../db/home.ts';
import { readUpText, upFilePath } from '../../db/up-files.ts';
import { aPair, ackOf, cut, dumpCounty, uploadOf } from '../support/county-book.ts';
import { openDay } from '../support/closing.ts';
import { passOf } from '../support/kiosk-pass.ts';
import { sell, today } from '../support/sell.ts';

interface Asked {
  readonly method: 'GET' | 'PUT' | 'POST' | 'HEAD';
  readonly path: string;
  readonly headers?: { readonly [name: string]: string | number };
  /** A stream is sent in chunks, until the server has had enough. */
  readonly body?: string | Buffer | Readable;
}

interface Served {
  readonly port: number;
  readonly pin: string;
  /** What it complained of: nothing that a stranger does is a fault of ours. */
  readonly said: readonly string[];
  ask(asked: Asked): Promise<readonly [status: number, body: string]>;
}

async function served(county: CountyBook, waits?: Waits): Promise<Served> {
  const identity = serverIdentity(county.folder.keys, 'test');
  const said: string[] = [];
  const rates = { perMinute: 1_000_000, enrolmentsPerMinute: 1_000_000 }; // how often is asked has a test of its own
  const app = await countyServer(county, {
    identity,
    rates,
    ...(waits === undefined ? {} : { waits }),
    complain: (line) => void said.push(line),
  });
  onTestFinished(() => app.close());
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo;
  return {
    port,
    pin: identity.pin,
    said,
    ask: ({ method, path, headers = {}, body }) =>
      new Promise((resolve, reject) => {
        const asking = httpsRequest(
          { host: '127.0.0.1', port, method, path, headers, rejectUnauthorized: false, agent: false },
          (answer) => {
            const chunks: Buffer[] = [];
            answer.on('data', (chunk: Buffer) => void chunks.push(chunk));
            answer.on('error', reject);
            answer.on('end', () => resolve([answer.statusCode ?? 0, Buffer.concat(chunks).toString('utf8')]));
          },
        );
        asking.on('error', reject);
        if (body instanceof Readable) {
          body.on('error', () => {}); // the server has had enough
          body.pipe(asking);
        } else asking.end(body);
      }),
  };
}

const base = '/v1/540525/qj-03';
const gzip = 'application/gzip';

/** A pair whose first file was taken in, with a second one ready to be sent. */
async function readied(): Promise<{
  readonly county: CountyBook;
  readonly home: Home;
  readonly server: Served;
  readonly file: { readonly inc: number; readonly fileSeq: number };
  readonly parts: { readonly data: Buffer; readonly checkpoint: string; readonly note: string };
  readonly pass: string;
}> {
  const { county, kiosk } = await aPair(onTestFinished);
  const { home, book } = kiosk;
  openDay(book, today);
  sell(book, { resident: '1', goods: [['1', 2]], chosenPoints: 10_000 });
  const server = await served(county);
  const pass = passOf(home, server.pin);
  const first = await cut(home, book);
  await send(server, pass, first, partsOf(home, first));
  sell(book, { resident: '1', goods: [['1', 1]], chosenPoints: 1_000 });
  const file = await cut(home, book);
  return { county, home, server, file, parts: partsOf(home, file), pass };
}

type Parts = Awaited<ReturnType<typeof readied>>['parts'];

function partsOf(home: Home, file: { readonly inc: number; readonly fileSeq: number }): Parts {
  return {
    data: readFileSync(upFilePath(home, file, 'jsonl.gz')),
    checkpoint: readUpText(home, file, 'checkpoint'),
    note: readUpText(home, file, 'note'),
  };
}

const pathOf = ({ inc, fileSeq }: { readonly inc: number; readonly fileSeq: number }): string => `${base}/up/${inc}/${fileSeq}`;

/** Sends a whole file; the answers to its three parts. */
async function send(
  server: Served,
  pass: string,
  file: { readonly inc: number; readonly fileSeq: number },
  { data, checkpoint, note }: Parts,
): Promise<readonly (readonly [number, string])[]> {
  const headers = { 'x-kiosk-pass': pass, 'content-type': 'text/plain' };
  const path = pathOf(file);
  return [
    await server.ask({ method: 'PUT', path: `${path}/data`, headers: { ...headers, 'content-type': gzip }, body: data }),
    await server.ask({ method: 'PUT', path: `${path}/checkpoint`, headers, body: checkpoint }),
    await server.ask({ method: 'PUT', path: `${path}/note`, headers, body: note }),
  ];
}

/** Zeros for as long as they are wanted. */
function endless(): Readable {
  const chunk = Buffer.alloc(64 * 1024);
  return new Readable({
    read() {
      this.push(chunk);
    },
  });
}

const tenGigabytes = 10 * 1024 ** 3;

test('ten gigabytes, said and unsaid: refused before or at the bound, and nothing of it stays', { timeout: 120_000 }, async () => {
  const { county, server, pass } = await readied();
  const before = await dumpCounty(county);
  const path = `${base}/up/1/3/data`;
  const put = (headers: Asked['headers'], body: Readable): Promise<unknown> =>
    server.ask({ method: 'PUT', path, headers: { 'content-type': gzip, 'x-kiosk-pass': pass, ...headers }, body }).catch(() => 'cut off');
  const range = (total: number): { readonly 'content-range': string } => ({ 'content-range': `bytes 0-${total - 1}/${total}` });
  expect(await put({ 'content-length': tenGigabytes }, endless())).toBeOneOf([[413, '{"code":"too_large"}'], 'cut off']);
  expect(await put(range(tenGigabytes), endless())).toBeOneOf([[413, '{"code":"too_large"}'], 'cut off']);
  expect(await put(range(1_000), endless())).toBeOneOf([[413, '{"code":"too_large"}'], 'cut off']); // more than it said
  expect(await put({}, endless())).toBeOneOf([[400, '{"code":"bad_request"}'], 'cut off']); // says nothing of its length
  expect(readdirSync(county.folder.incoming)).toEqual([]);
  expect(await dumpCounty(county)).toBe(before);
  expect(server.said).toEqual([]);
});

test('a stranger who is refused does not go on sending', async () => {
  const { county, server } = await readied();
  let sent = 0;
  const body = new Readable({
    read() {
      sent += 1;
      this.push(Buffer.alloc(64 * 1024));
    },
  });
  const answer = server
    .ask({ method: 'PUT', path: `${base}/up/1/3/data`, headers: { 'content-type': gzip, 'content-length': 1024 ** 3 }, body })
    .catch(() => 'cut off');
  expect(await answer).toBeOneOf([[403, '{"code":"not_this_kiosk"}'], 'cut off']);
  const then = sent;
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(sent - then).toBeLessThan(100); // what was under way; a gigabyte are 16,384
  expect(readdirSync(county.folder.incoming)).toEqual([]);
});

test('what packs a thousandfold is refused with little unpacked, signed or not', { timeout: 120_000 }, async () => {
  const { county, home, server, pass } = await readied();
  const chunk = Buffer.alloc(1024 * 1024);
  let left = 256; // of them
  const packer = Readable.from(
    (function* () {
      for (; left > 0; left -= 1) yield chunk;
    })(),
  ).pipe(createGzip());
  const packed: Buffer[] = [];
  for await (const each of packer as AsyncIterable<Buffer>) packed.push(each);
  const { kiosk, county: code } = home.config.enrolment;
  const name = `civicpos/${code}/${kiosk}/1`;
  const file = { inc: 1, fileSeq: 3 };
  const noteText = fileNoteText({
    direction: 'up', county: code, kiosk, ...file, sha256: 'A'.repeat(43), prevFileSha: Buffer.alloc(32, 1).toString('base64url'),
  }); // prettier-ignore
  const signer = { name, privateKey: readSigner(home)!.privateKey };
  const parts = { data: Buffer.concat(packed), checkpoint: signNote(`${name}\n1\n${Buffer.alloc(32).toString('base64')}\n`, signer) };
  const before = await dumpCounty(county);
  const heldBefore = process.memoryUsage().rss;
  const answers = await send(server, pass, file, { ...parts, note: signNote(noteText, signer) });
  expect(ackOf(answers[2]![1])).toMatchObject({ verdict: 'REJECTED', detail: 'oversized', posted: null });
  expect(process.memoryUsage().rss - heldBefore).toBeLessThan(300 * 1024 ** 2);
  expect(await dumpCounty(county)).toBe(before);
  expect(readdirSync(county.folder.incoming)).toEqual([]);
  expect(server.said).toEqual([]);
});

test('a hundred uploads of one file at once, and its note a hundred times: posted once, every answer the same or a refusal', async () => {
  const { county, server, file, parts, pass } = await readied();
  const headers = { 'x-kiosk-pass': pass, 'content-type': gzip };
  const path = pathOf(file);
  const hundred = Array.from({ length: 100 }, () => path);
  const data = await Promise.all(hundred.map((each) => server.ask({ method: 'PUT', path: `${each}/data`, headers, body: parts.data })));
  expect(new Set(data.map(([status, body]) => `${status} ${status === 409 ? body : ''}`))).toEqual(
    new Set(['200 ', ...(data.some(([status]) => status === 409) ? ['409 {"code":"busy"}'] : [])]),
  );
  expect((await server.ask({ method: 'PUT', path: `${path}/data`, headers, body: parts.data }))[0]).toBe(200);
  const text = { 'x-kiosk-pass': pass, 'content-type': 'text/plain' };
  await server.ask({ method: 'PUT', path: `${path}/checkpoint`, headers: text, body: parts.checkpoint });
  const notes = await Promise.all(
    hundred.map((each) => server.ask({ method: 'PUT', path: `${each}/note`, headers: text, body: parts.note })),
  );
  const taken = notes.filter(([status]) => status === 200);
  expect(taken).toHaveLength(1);
  expect(ackOf(taken[0]![1])).toMatchObject({ verdict: 'ACCEPTED', fileSeq: file.fileSeq });
  expect(new Set(notes.filter(([status]) => status !== 200).map(([status]) => status))).toEqual(new Set([409]));
  expect(server.said).toEqual([]);
  const kept = await county.read((db) => db.prepare<[], { n: number }>('SELECT count(*) AS n FROM up_file WHERE file_seq = 2').get());
  expect(kept).toEqual({ n: 1 });
});

test('bytes that change while the file is judged: what is kept is what was judged', { timeout: 60_000 }, async () => {
  const { county, server, file, parts, pass } = await readied();
  const path = pathOf(file);
  const headers = { 'x-kiosk-pass': pass, 'content-type': gzip };
  const text = { 'x-kiosk-pass': pass, 'content-type': 'text/plain' };
  await server.ask({ method: 'PUT', path: `${path}/data`, headers, body: parts.data });
  await server.ask({ method: 'PUT', path: `${path}/checkpoint`, headers: text, body: parts.checkpoint });
  const junk = (): Promise<unknown> => server.ask({ method: 'PUT', path: `${path}/data`, headers, body: Buffer.alloc(50, 7) });
  const [[status, answer]] = await Promise.all([
    server.ask({ method: 'PUT', path: `${path}/note`, headers: text, body: parts.note }),
    ...Array.from({ length: 30 }, junk),
  ]);
  // the junk came before the note, or while it was judged; then it was sent to a file that is busy
  if (status !== 200 || ackOf(answer).verdict !== 'ACCEPTED')
    expect((await send(server, pass, file, parts)).map(([each]) => each)).toEqual([200, 200, 200]);
  const row = await county.read((db) => db.prepare<[], { path: string }>('SELECT path FROM up_file WHERE file_seq = 2').get()!);
  expect(gunzipSync(readFileSync(join(county.folder.directory, row.path))).equals(gunzipSync(parts.data))).toBe(true);
  expect(server.said).toEqual([]);
});

test('whatever a parameter, a header or a body says: a code, no trace, the book as it was', { timeout: 120_000 }, async () => {
  const { county, server, pass } = await readied();
  const before = await dumpCounty(county);
  const odd = [
    '..', '.', '%2e%2e', '..%2f..%2fetc', '%00', '%', '%ff', '-1', '0', '1.5', '1e3', '0x1', '9007199254740993', '99999999999999999999', 'NaN',
    '__proto__', 'constructor', 'toString', ' ', '%20', "'", '"', '<script>', '%F0%9F%92%A9', 'a'.repeat(99), 'a'.repeat(101), 'null', '1;2', '~',
  ]; // prettier-ignore
  const routes: readonly [Asked['method'], (value: string) => string][] = [
    ['HEAD', (v) => `${base}/up/${v}/1/data`],
    ['GET', (v) => `${base}/up/1/${v}/ack`],
    ['GET', (v) => `/v1/540525/${v}/up/1/1/ack`],
    ['GET', (v) => `/v1/${v}/qj-03/up/1/1/ack`],
    ['PUT', (v) => `/v1/540525/${v}/up/1/1/note`],
    ['PUT', (v) => `${base}/up/${v}/1/checkpoint`],
    ['GET', (v) => `${base}/down/${v}/data`],
    ['GET', (v) => `/v1/540525/${v}/down/1/note`],
    ['GET', (v) => `/v1/540525/log/leaves?from=${v}&to=3`],
    ['GET', (v) => `/v1/540525/log/leaves?from=0&to=${v}`],
    ['GET', (v) => `/v1/540525/log/consistency?from=${v}&to=${v}`],
    ['GET', (v) => `/v1/540525/log/inclusion?index=${v}&size=${v}`],
    ['POST', (v) => `/v1/540525/${v}/enrol`],
    ['POST', (v) => `/v1/540525/${v}/draw`],
  ];
  const wrong: unknown[] = [];
  const see = (what: string, [status, body]: readonly [number, string]): void => {
    const isCode = body === '' || /^\{"code":"[a-z_]+"\}$/.test(body) || status === 200;
    if (!isCode || status >= 500 || /node_modules|\.ts:|Error|at /.test(body)) wrong.push([what, status, body]);
  };
  const headers = { 'x-kiosk-pass': pass, 'content-type': 'text/plain' };
  for (const [method, path] of routes)
    for (const value of odd) {
      const what = `${method} ${path(value)}`;
      try {
        see(
          what,
          await server.ask({ method, path: path(value), headers, ...(method === 'GET' || method === 'HEAD' ? {} : { body: 'x' }) }),
        );
      } catch (error) {
        if (!String(error).includes('unescaped characters')) throw error; // no client sends it
      }
    }
  const json = { 'content-type': 'application/json', 'x-signature': 'A'.repeat(86) };
  const deep = `${'['.repeat(7_000)}${']'.repeat(7_000)}`;
  const bodies = [
    '', 'null', '[]', '1', '"a"', '{', deep, `{"a":${deep}}`, '{"__proto__":{"code":"A","key":"A"}}', '{"constructor":{"prototype":{"code":"x"}}}',
    '{"code":"A","code":"B","key":"A"}', '{"code":["A"],"key":{}}', '{"account":"a1","want":"1","nonce":"AAAAAAAAAAAAAAAA"}',
    '{"account":"a1","want":9007199254740992,"nonce":"AAAAAAAAAAAAAAAA"}', '{"account":"a1","want":1e400,"nonce":"AAAAAAAAAAAAAAAA"}',
    '{"account":"a1","want":-1,"nonce":"AAAAAAAAAAAAAAAA"}', '{"account":"a1","want":0.5,"nonce":"AAAAAAAAAAAAAAAA"}',
    '{"account":"\\ud800","want":1,"nonce":"AAAAAAAAAAAAAAAA"}', '{"account":"__proto__","want":1,"nonce":"AAAAAAAAAAAAAAAA"}',
    '{"account":"a1","want":1,"nonce":"AAAAAAAAAAAAAAAA"}', '{"account":"a1","account":"a2","want":1,"nonce":"AAAAAAAAAAAAAAAA"}',
    'x'.repeat(15_000), 'x'.repeat(20_000),
  ]; // prettier-ignore
  for (const route of ['enrol', 'draw'])
    for (const kiosk of ['qj-03', 'qj-04', 'nobody', 'constructor'])
      for (const body of bodies)
        see(
          `${route} ${kiosk} ${body.slice(0, 60)}`,
          await server.ask({ method: 'POST', path: `/v1/540525/${kiosk}/${route}`, headers: json, body }),
        );
  for (const range of [
    'bytes 0-1/1',
    'bytes 1-0/2',
    'bytes 0-9007199254740993/9007199254740994',
    'bytes */*',
    'x'.repeat(79),
    'bytes 0-0/1',
  ])
    for (const type of [gzip, 'text/plain', 'application/json', 'multipart/form-data', 'x/y', 'application/gzip; a=b'])
      see(
        `${type} ${range}`,
        await server.ask({
          method: 'PUT',
          path: `${base}/up/1/7/data`,
          headers: { 'x-kiosk-pass': pass, 'content-type': type, 'content-range': range },
          body: '{}',
        }),
      );
  expect(wrong).toEqual([]);
  expect(server.said).toEqual([]);
  expect(await dumpCounty(county)).toBe(before);
});

/** What a server says to bytes that no client of ours sends, until it closes. */
function said(port: number, text: string, task: TestContext['task']): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false });
    let heard = '';
    socket.on('error', () => {}); // its close says it
    socket.on('data', (chunk) => (heard += String(chunk)));
    socket.on('close', () => resolve(heard));
    socket.write(text);
    socket.setTimeout(task.timeout, () => socket.destroy());
  });
}

test('a flood of headers, two lengths, a request in another: refused, and the connection is closed', async ({ task }) => {
  const { server } = await readied();
  const lines = (...all: string[]): string => `${all.join('\r\n')}\r\n\r\n`;
  const flood = Array.from({ length: 5_000 }, (_, i) => `x-${i}: ${'y'.repeat(20)}`);
  const [flooded, twoLengths, both] = await Promise.all([
    said(server.port, lines('GET /openapi.json HTTP/1.1', 'host: a', ...flood), task),
    said(server.port, lines('PUT /v1/540525/qj-03/up/1/1/note HTTP/1.1', 'host: a', 'content-length: 1', 'content-length: 2'), task),
    said(
      server.port,
      lines('PUT /v1/540525/qj-03/up/1/1/note HTTP/1.1', 'host: a', 'content-length: 5', 'transfer-encoding: chunked'),
      task,
    ),
  ]);
  expect([flooded, twoLengths, both].map((answer) => /^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1])).toEqual(['431', '400', '400']);
  for (const answer of [flooded, twoLengths, both]) expect(answer).not.toMatch(/\.ts|node_modules|\bat /);
});

test('a question that is held open lives longer than a slow body, which is cut off', async () => {
  const { county, kiosk } = await aPair(onTestFinished);
  const server = await served(county, { smallBodyMs: 100, heldMs: 1_000 });
  await takeIn(county, uploadOf(kiosk.home, await cut(kiosk.home, kiosk.book)));
  const headers = { [passHeader]: passOf(kiosk.home, server.pin) };
  expect(await server.ask({ method: 'GET', path: `${base}/wait`, headers })).toEqual([204, '']);
  const dripping = new Readable({ read: () => {} });
  dripping.push('{');
  await expect(
    server.ask({ method: 'POST', path: `${base}/enrol`, headers: { 'content-type': 'application/json' }, body: dripping }),
  ).rejects.toThrow();
});

test('a server holds as many lines as docs/server.md says, and no more: who comes then is closed at once', async () => {
  const { county } = await aPair(onTestFinished);
  const app = await countyServer(county, { identity: serverIdentity(county.folder.keys, 'test'), complain: () => {} });
  onTestFinished(() => app.close());
  expect(app.server.maxConnections).toBe(1_000); // node:net closes the others
});
