// The server over real HTTPS on 127.0.0.1, known by its key; files of the real kiosk, sent by the real line.

import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { appendFileSync, existsSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { FastifyInstance, InjectOptions } from 'fastify';
import { expect, onTestFinished, test } from 'vitest';
import type { CountyBook } from '../../county/book/county-book.ts';
import { expectByCode } from '../../county/book/enrol.ts';
import { openExceptions } from '../../county/book/exceptions.ts';
import { moved } from '../../county/book/ledger.ts';
import { TooManyWaiting } from '../../county/book/turns.ts';
import { night } from '../../county/night.ts';
import { serverIdentity } from '../../county/server/certificate.ts';
import { type Presence, newPresence } from '../../county/server/presence.ts';
import { type Rates, countyServer } from '../../county/server/server.ts';
import { readSigner } from '../../db/home.ts';
import { drawText } from '../../db/model/draw.ts';
import { passHeader } from '../../db/model/kiosk-pass.ts';
import { rawPublicKey } from '../../db/model/keys.ts';
import { noteText, parseFileNote } from '../../db/model/note.ts';
import { prepared } from '../../db/sqlite.ts';
import { upFilePath, readUpText } from '../../db/up-files.ts';
import { type CountyLine, type SendError, countyLine } from '../../electron/engine/send.ts';
import { aPair, ackOf, cut } from '../support/county-book.ts';
import { passOf } from '../support/kiosk-pass.ts';
import { openDay } from '../support/closing.ts';
import { smallDisk } from '../support/small-disk.ts';
import { sell, today } from '../support/sell.ts';

interface Served {
  readonly url: string;
  readonly pin: string;
  readonly said: readonly string[];
}

async function served(county: CountyBook): Promise<Served> {
  const { url, pin, said } = await listening(
    county,
    newPresence(() => performance.now()),
  );
  return { url, pin, said };
}

async function listening(county: CountyBook, presence: Presence): Promise<Served & { readonly app: FastifyInstance }> {
  const identity = serverIdentity(county.folder.keys, 'test');
  const said: string[] = [];
  const app = await countyServer(county, { identity, presence, complain: (line) => void said.push(line) });
  onTestFinished(() => app.close());
  await app.listen({ port: 0, host: '127.0.0.1' });
  return { url: `https://127.0.0.1:${(app.server.address() as AddressInfo).port}`, pin: identity.pin, said, app };
}

function lineTo({ url, pin }: Served, pass: string | null): CountyLine {
  const line = countyLine({ server: { url, pin }, county: '540525', kiosk: 'qj-03', pass, signal: new AbortController().signal });
  onTestFinished(() => line.close());
  return line;
}

/** A day with one sale, as it goes up. */
async function aFileOf({ home, book }: Awaited<ReturnType<typeof aPair>>['kiosk']) {
  openDay(book, today);
  sell(book, { resident: '1', goods: [['1', 2]], chosenPoints: 10_000 });
  const file = await cut(home, book);
  const parts = {
    dataPath: upFilePath(home, file, 'jsonl.gz'),
    checkpoint: readUpText(home, file, 'checkpoint'),
    note: readUpText(home, file, 'note'),
  };
  return { file, parts };
}

test('a file goes up, its answer and the next file of the county come back', async () => {
  const { county, kiosk } = await aPair(onTestFinished);
  const { home, book } = kiosk;
  const { file, parts } = await aFileOf(kiosk);
  const server = await served(county);
  const line = lineTo(server, passOf(home, server.pin));
  expect(await line.ackOf(file)).toBeNull();
  const note = await line.upload(file, parts);
  expect(ackOf(note)).toMatchObject({ verdict: 'ACCEPTED', posted: { toSeq: book.head().seq, headLeaf: book.head().leaf } });
  expect(await line.upload(file, parts)).toBe(note);
  expect(await line.ackOf(file)).toBe(note);
  expect(await line.downNote(2)).toBeNull();
  await night(county);
  const fetched = join(home.directory, 'fetched');
  await line.downData(2, fetched);
  const made = join(county.folder.down, 'qj-03', '00000002');
  expect(readFileSync(fetched).equals(readFileSync(`${made}.jsonl.gz`))).toBe(true);
  const noteOfIt = await line.downNote(2);
  expect(noteOfIt).toBe(readFileSync(`${made}.note`, 'utf8'));
  const said = parseFileNote(noteText(noteOfIt ?? ''));
  if (!said.ok) throw new Error(said.code);
  const whole = readFileSync(fetched);
  rmSync(fetched);
  const begun = Buffer.alloc(7); // other bytes than the file’s: they show that only the rest was given
  writeFileSync(`${fetched}.${said.value.sha256}-${whole.length}`, begun);
  await line.downData(2, fetched);
  expect(readFileSync(fetched)).toEqual(Buffer.concat([begun, whole.subarray(begun.length)]));
  rmSync(fetched);
  writeFileSync(`${fetched}.${said.value.sha256}-${whole.length + 1}`, begun); // of another version
  await line.downData(2, fetched);
  expect(readFileSync(fetched)).toEqual(whole);
  expect(server.said).toEqual([]);
});

test('a county without room says so, tells a clerk, and takes the same file when there is room', async () => {
  const { county, kiosk } = await aPair(onTestFinished);
  const { home } = kiosk;
  const { file, parts } = await aFileOf(kiosk);
  const disk = smallDisk(1);
  rmSync(county.folder.incoming, { recursive: true });
  symlinkSync(disk, county.folder.incoming);
  const server = await served(county);
  const line = (): CountyLine => lineTo(server, passOf(home, server.pin));
  const large = join(home.directory, 'large');
  writeFileSync(large, randomBytes(8 * 1024 * 1024)); // the disk is full in the middle of it
  const upload = { ...parts, dataPath: large };
  const why = async (sent: Promise<unknown>): Promise<unknown> => sent.catch((error: unknown) => (error as SendError).code);
  expect(await why(line().upload({ inc: 1, fileSeq: 9 }, upload))).toBe('county_full');
  const fill = (): void => {
    for (;;) appendFileSync(join(disk, 'ballast'), 'x'.repeat(512));
  };
  expect(fill).toThrow('ENOSPC');
  expect(await why(line().upload(file, parts))).toBe('county_full');
  const raised = { code: 'disk_full', kiosk: '', owner: 'clerk', detail: 'files of kiosks found no room' };
  expect([await county.read(openExceptions), server.said.length]).toEqual([[expect.objectContaining(raised)], 1]);
  for (const left of readdirSync(disk)) rmSync(join(disk, left), { recursive: true });
  expect(ackOf(await line().upload(file, parts))).toMatchObject({ verdict: 'ACCEPTED' });
  expect((await county.read(openExceptions)).length).toBe(1);
});

test('a kiosk’s files are for that kiosk alone: whoever has no pass of its key puts none and fetches none', async () => {
  const { county, kiosk } = await aPair(onTestFinished);
  const { home, book } = kiosk;
  const server = await served(county);
  const own = passOf(home, server.pin);
  const mine = lineTo(server, own);
  const file = await cut(home, book);
  const parts = {
    dataPath: upFilePath(home, file, 'jsonl.gz'),
    checkpoint: readUpText(home, file, 'checkpoint'),
    note: readUpText(home, file, 'note'),
  };
  await mine.upload(file, parts); // a demo’s kiosk brings its key with its first file
  await night(county);
  expect(await mine.downNote(2)).toContain('civicpos-file-v1');
  const strangers = [null, 'A'.repeat(86), passOf(home, 'of another server'), own.slice(0, 40)];
  const to = join(home.directory, 'stolen');
  for (const pass of strangers) {
    const line = lineTo(server, pass);
    await expect(line.downNote(2)).rejects.toMatchObject({ code: 'refused' });
    await expect(line.downData(2, to)).rejects.toMatchObject({ code: 'refused' });
    await expect(line.ackOf(file)).rejects.toMatchObject({ code: 'refused' });
    await expect(line.upload({ inc: 1, fileSeq: 2 }, parts)).rejects.toMatchObject({ code: 'refused' });
  }
  expect(existsSync(to)).toBe(false);
});

test('a kiosk that somebody asks for its files is told so where its next file would be', async () => {
  const { county } = await aPair(onTestFinished);
  const presence = newPresence(() => 0);
  const app = await countyServer(county, { identity: null, presence, complain: () => {} });
  onTestFinished(() => app.close());
  const told = async (kiosk: string): Promise<unknown> => {
    const { statusCode, headers } = await app.inject({ method: 'GET', url: `/v1/540525/${kiosk}/down/9/note` });
    return [statusCode, headers['x-exchange']];
  };
  presence.ask(['qj-03', 'nobody']);
  expect([await told('qj-03'), await told('qj-04'), await told('nobody')]).toEqual([
    [404, 'now'],
    [404, undefined],
    [404, undefined],
  ]);
  presence.sent('qj-03');
  expect(await told('qj-03')).toEqual([404, undefined]);
});

test('a kiosk’s question is held until it is called, until another takes its place, or until the server ends', async () => {
  const { county, kiosk } = await aPair(onTestFinished);
  await county.transact(({ db }) => {
    const { publicKey } = readSigner(kiosk.home)!;
    prepared(db, `UPDATE kiosk SET key = ?, state = 'active' WHERE kiosk = 'qj-03'`).run(publicKey);
  });
  const presence = newPresence(() => performance.now());
  const { app, url, pin } = await listening(county, presence);
  const own = passOf(kiosk.home, pin);
  const ask = (pass: string | null, signal = new AbortController().signal) =>
    countyLine({ server: { url, pin }, county: '540525', kiosk: 'qj-03', pass, signal }).wait();
  const canBeCalled = (): Promise<void> => expect.poll(() => presence.canBeCalled('qj-03')).toBe(true);
  await expect(ask('A'.repeat(86))).rejects.toMatchObject({ code: 'refused' });
  expect(presence.canBeCalled('qj-03')).toBe(false);
  const first = ask(own);
  await canBeCalled();
  const gone = new AbortController();
  const second = ask(own, gone.signal);
  expect(await first).toBe(false);
  gone.abort(); // as where the line breaks
  await expect(second).rejects.toThrow();
  await expect.poll(() => presence.canBeCalled('qj-03')).toBe(false);
  const third = ask(own);
  await canBeCalled();
  presence.ask(['qj-03']);
  expect(await third).toBe(true);
  presence.sent('qj-03');
  const last = ask(own).catch(() => 'broken off');
  await new Promise((done) => setTimeout(done, 100)); // it is held by then
  await app.close();
  expect([false, 'broken off']).toContain(await last);
});

test('a server with another key is not spoken to', async () => {
  const { county } = await aPair(onTestFinished);
  const line = lineTo({ ...(await served(county)), pin: Buffer.alloc(32).toString('base64url') }, null);
  await expect(line.downNote(2)).rejects.toMatchObject({ code: 'wrong_key' });
});

test('what is asked wrongly is told by a code and nothing else', async () => {
  const { county } = await aPair(onTestFinished);
  const app = await countyServer(county, { identity: null, complain: () => {}, rates: { perMinute: 12, enrolmentsPerMinute: 2 } });
  onTestFinished(() => app.close());
  const asked = async (method: 'GET' | 'PUT' | 'POST', url: string, payload?: string | object, headers: Record<string, string> = {}) => {
    const { statusCode, body } = await app.inject({ method, url, headers, ...(payload === undefined ? {} : { payload }) });
    return [statusCode, body];
  };
  const kiosk = '/v1/540525/qj-03';
  expect(await asked('GET', '/nothing')).toEqual([404, '{"code":"not_found"}']);
  expect(await asked('GET', '/v1/999999/log/checkpoint')).toEqual([404, '{"code":"other_county"}']);
  expect(await asked('GET', `${kiosk}/up/0/1/ack`)).toEqual([400, '{"code":"bad_request"}']);
  expect(await asked('GET', `${kiosk}/up/..%2f..%2f/1/ack`)).toEqual([400, '{"code":"bad_request"}']);
  expect(await asked('PUT', `${kiosk}/up/1/1/note`, 'x'.repeat(20_000), { 'content-type': 'text/plain' })).toEqual([
    413,
    '{"code":"too_large"}',
  ]);
  expect(await asked('PUT', `${kiosk}/up/1/1/note`, 'x', { 'content-type': 'text/plain' })).toEqual([409, '{"code":"no_data"}']);
  const gzip = { 'content-type': 'application/gzip' };
  expect(await asked('PUT', `${kiosk}/up/1/1/data`, 'abc', { ...gzip, 'content-range': 'bytes 5-7/8' })).toEqual([
    409,
    '{"code":"other_offset"}',
  ]);
  expect(await asked('PUT', `${kiosk}/up/1/1/data`, 'abc', { ...gzip, 'content-range': `bytes 0-${10 ** 10 - 1}/${10 ** 10}` })).toEqual([
    413,
    '{"code":"too_large"}',
  ]);
  expect(await asked('PUT', `/v1/540525/nobody/up/1/1/data`, 'abc', gzip)).toEqual([404, '{"code":"unknown_kiosk"}']);
  const enrol = { code: 'WRONG', key: 'Q'.repeat(43) };
  expect(await asked('POST', `${kiosk}/enrol`, enrol)).toEqual([403, '{"code":"refused"}']);
  expect(await asked('POST', `${kiosk}/enrol`, enrol)).toEqual([403, '{"code":"refused"}']);
  expect(await asked('POST', `${kiosk}/enrol`, enrol)).toEqual([429, '{"code":"too_often"}']);
});

test('the interface that is checked in is the one that is served', async () => {
  const { county } = await aPair(onTestFinished);
  const app = await countyServer(county, { identity: null, complain: () => {} });
  onTestFinished(() => app.close());
  const { body } = await app.inject({ method: 'GET', url: '/openapi.json' });
  await expect(`${JSON.stringify(JSON.parse(body), null, 2)}\n`).toMatchFileSnapshot('../../county/server/openapi.json');
});

interface Documented {
  readonly content?: object;
  readonly headers?: object;
}
interface Interface {
  readonly paths: Readonly<
    Record<string, Readonly<Record<string, { readonly responses: Readonly<Record<string, Documented & { $ref?: string }>> }>>>
  >;
  readonly components: { readonly responses: Readonly<Record<string, Documented>> };
}
type Request = Omit<InjectOptions, 'method' | 'url'> & { readonly path?: string };

/** Said by HTTP itself, of every answer. */
const ofHttp = new Set(['content-type', 'content-length', 'transfer-encoding', 'connection', 'date', 'keep-alive']);

test('every route is in the document, and every answer that it can be made to give is as the document says', async () => {
  const { county, kiosk } = await aPair(onTestFinished);
  const { privateKey, publicKey } = readSigner(kiosk.home)!;
  await county.transact((act) => {
    prepared(act.db, `UPDATE kiosk SET key = ?, state = 'active' WHERE kiosk = 'qj-03'`).run(publicKey);
    act.enter('gift', 'a2');
    act.post(moved({ account: 'issuance' }, { account: 'main', holder: 'a2' }, 500));
  });
  const { parts } = await aFileOf(kiosk);
  const made = await expectByCode(county, { kiosk: 'qj-09', store: 'elsewhere' });
  if (!made.ok) throw new Error(made.code);
  const data = readFileSync(parts.dataPath);
  const presence = newPresence(() => performance.now());
  const broken = (error: Error): CountyBook => ({ ...county, read: () => Promise.reject(error), transact: () => Promise.reject(error) });
  const rates = { perMinute: 10_000, enrolmentsPerMinute: 10_000, drawsPerMinute: 10_000 };
  const serve = async (book = county, change: { readonly rates?: Rates } = {}): Promise<FastifyInstance> => {
    const waits = { smallBodyMs: 30_000, heldMs: 1 };
    const app = await countyServer(book, { identity: null, complain: () => {}, presence, rates, waits, ...change });
    onTestFinished(() => app.close());
    return app;
  };
  const app = await serve();
  const api = (await app.inject({ method: 'GET', url: '/openapi.json' })).json<Interface>();
  const operations = Object.entries(api.paths).flatMap(([path, of]) =>
    Object.entries(of).map(([method, { responses }]) => ({
      path,
      method,
      responses,
      name: `${method.toUpperCase()} ${path.split('/').slice(-2).join('/')}`,
    })),
  );
  const routed = [...app.printRoutes({ commonPrefix: false }).matchAll(/── (\S+) \(([A-Z, ]+)\)/g)].flatMap(([, path = '', methods = '']) =>
    methods.split(', ').map((method) => `${method.toLowerCase()} ${path.replaceAll(/:(\w+)/g, '{$1}')}`),
  );
  expect(routed.toSorted()).toEqual(operations.map(({ method, path }) => `${method} ${path}`).toSorted());

  const pass = { [passHeader]: passOf(kiosk.home, '') };
  const put = (payload: string | Buffer, type: string, headers: object = {}): Request => ({
    headers: { ...pass, 'content-type': type, ...headers },
    payload,
  });
  const text = (payload: string): Request => put(payload, 'text/plain');
  const gzip = (headers: object = {}): Request => put(data, 'application/gzip', headers);
  const question = { account: 'a2', want: 100, nonce: 'A'.repeat(22) };
  const drawn = (change: Partial<typeof question> = {}): Request => {
    const of = { ...question, ...change };
    const signature = sign(null, Buffer.from(drawText({ county: county.code, kiosk: 'qj-03', ...of })), privateKey);
    return { headers: { 'x-signature': signature.toString('base64url') }, payload: of };
  };
  const newKey = Buffer.from(rawPublicKey(generateKeyPairSync('ed25519').privateKey)).toString('base64url');
  const enrol = (code: string): Request => ({ payload: { code, key: newKey } });
  const file = '/v1/540525/qj-03/up/1/1';
  /** A good one of each route, and where one answer hangs on another in their order: what is its own beside what all give. */
  const good: Readonly<Record<string, Request>> = {
    'GET /openapi.json': {},
    'HEAD {fileSeq}/data': { headers: pass, path: `${file}/data` },
    'PUT {fileSeq}/data': { ...gzip(), path: `${file}/data` },
    'PUT {fileSeq}/checkpoint': { ...text(parts.checkpoint), path: `${file}/checkpoint` },
    'PUT {fileSeq}/note': { ...text(parts.note), path: `${file}/note` },
    'GET {fileSeq}/ack': { headers: pass, path: `${file}/ack` },
    'GET {downSeq}/data': { headers: pass, path: '/v1/540525/qj-03/down/1/data' },
    'GET {downSeq}/note': { headers: pass, path: '/v1/540525/qj-03/down/1/note' },
    'GET log/checkpoint': { path: '/v1/540525/log/checkpoint' },
    'GET log/leaves': { path: '/v1/540525/log/leaves?from=0&to=1' },
    'GET log/consistency': { path: '/v1/540525/log/consistency?from=1&to=1' },
    'GET log/inclusion': { path: '/v1/540525/log/inclusion?index=0&size=1' },
    'GET {kiosk}/wait': { headers: pass, path: '/v1/540525/qj-03/wait' },
    'POST {kiosk}/draw': { ...drawn(), path: '/v1/540525/qj-03/draw' },
    'POST {kiosk}/enrol': { ...enrol(made.value.code), path: '/v1/540525/qj-09/enrol' },
  };
  const wrong: unknown[] = [];
  const seen = new Set<string>();
  const ask = async (from: FastifyInstance, name: string, wanted: number, change: Request = {}): Promise<void> => {
    const { path: url = '/openapi.json', ...request } = { ...good[name], ...change };
    const { method, responses } = operations.find((each) => each.name === name)!;
    const { statusCode, headers } = await from.inject({ ...request, url, method: method.toUpperCase() as 'GET' });
    const found = responses[statusCode];
    const said = found?.$ref === undefined ? found : api.components.responses[found.$ref.split('/').at(-1)!];
    const types = Object.keys(said?.content ?? {});
    const type = (headers['content-type'] ?? '').split(';')[0]!;
    const isType = types.length === 0 || method === 'head' ? true : types.includes(type);
    const strange = Object.keys(headers).filter((header) => !ofHttp.has(header) && !Object.hasOwn(said?.headers ?? {}, header));
    seen.add(`${name} ${statusCode}`);
    if (statusCode !== wanted || said === undefined || !isType || strange.length > 0) wrong.push([name, wanted, statusCode, type, strange]);
  };

  presence.ask(['qj-03']);
  await ask(app, 'GET {kiosk}/wait', 200);
  await ask(app, 'GET {downSeq}/note', 404, { path: '/v1/540525/qj-03/down/9/note' });
  presence.sent('qj-03');
  await ask(app, 'GET {kiosk}/wait', 204);
  await ask(app, 'PUT {fileSeq}/checkpoint', 409);
  await ask(app, 'PUT {fileSeq}/note', 409);
  await ask(app, 'PUT {fileSeq}/data', 409, gzip({ 'content-range': 'bytes 5-7/8' }));
  await ask(app, 'PUT {fileSeq}/data', 413, gzip({ 'content-range': `bytes 0-${10 ** 10 - 1}/${10 ** 10}` }));
  await ask(app, 'PUT {fileSeq}/data', 400, gzip({ 'content-range': 'all' }));
  await ask(app, 'GET {fileSeq}/ack', 404);
  for (const name of ['HEAD {fileSeq}/data', 'PUT {fileSeq}/data', 'PUT {fileSeq}/checkpoint', 'PUT {fileSeq}/note', 'GET {fileSeq}/ack'])
    await ask(app, name, 200);
  await ask(app, 'POST {kiosk}/draw', 200); // the night gives these to the home
  await night(county);
  await ask(app, 'GET {downSeq}/data', 404, { path: '/v1/540525/qj-03/down/9/data' });
  await ask(app, 'GET {downSeq}/data', 206, { headers: { ...pass, range: 'bytes=5-' } });
  await ask(app, 'GET {downSeq}/data', 416, { headers: { ...pass, range: 'bytes=99999999-' } });
  await ask(app, 'POST {kiosk}/draw', 403, { ...drawn(), headers: { 'x-signature': 'A'.repeat(86) } });
  await ask(app, 'POST {kiosk}/draw', 409, drawn({ account: 'a1', nonce: 'B'.repeat(22) }));
  await ask(app, 'POST {kiosk}/enrol', 403, enrol('WRONG'));
  for (const name of Object.keys(good).filter((each) => !/fileSeq|wait|draw/.test(each))) await ask(app, name, 200);

  const ofCounty = Object.keys(good).filter((each) => each !== 'GET /openapi.json');
  for (const name of ofCounty) {
    const { path } = good[name]!;
    await ask(app, name, 400, { path: path!.replace('540525', 'nowhere') });
    await ask(app, name, 404, { path: path!.replace('540525', '999999') });
    if (/^(PUT|POST)/.test(name)) {
      await ask(app, name, 415, { headers: { ...good[name]!.headers, 'content-type': 'x/y' } });
      const isData = name.endsWith('/data');
      await ask(
        app,
        name,
        413,
        isData
          ? gzip({ 'content-length': String(2 ** 40) })
          : { payload: name.startsWith('POST') ? { code: 'x'.repeat(20_000) } : 'x'.repeat(20_000) },
      );
    }
    if (operations.some((each) => each.name === name && /\/(up|down|wait)/.test(each.path)))
      await ask(app, name, 403, { headers: { ...good[name]!.headers, [passHeader]: 'A'.repeat(86) } });
  }
  const faults: readonly (readonly [number, Error])[] = [
    [500, new Error('a fault')],
    [503, new TooManyWaiting('many')],
    [507, Object.assign(new Error('full'), { code: 'SQLITE_FULL' })],
  ];
  for (const [status, error] of faults) {
    const its = await serve(broken(error));
    for (const name of ofCounty) await ask(its, name, status);
  }
  const once = await serve(county, { rates: { perMinute: 1, enrolmentsPerMinute: 1, drawsPerMinute: 1 } });
  await once.inject({ method: 'GET', url: '/openapi.json' });
  for (const name of Object.keys(good)) {
    if (name.startsWith('POST')) await once.inject({ method: 'POST', url: good[name]!.path! }); // each has a count of its own
    await ask(once, name, 429);
  }
  expect(wrong).toEqual([]);
  const never = operations.flatMap(({ name, responses }) =>
    Object.keys(responses)
      .map((status) => `${name} ${status}`)
      .filter((each) => !seen.has(each)),
  );
  expect(never).toEqual([]);
});
