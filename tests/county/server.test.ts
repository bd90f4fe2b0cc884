// The server over real HTTPS on 127.0.0.1, known by its key; files of the real kiosk, sent by the real line.

import { randomBytes } from 'node:crypto';
import { appendFileSync, existsSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { expect, onTestFinished, test } from 'vitest';
import type { CountyBook } from '../../county/book/county-book.ts';
import { openExceptions } from '../../county/book/exceptions.ts';
import { night } from '../../county/night.ts';
import { serverIdentity } from '../../county/server/certificate.ts';
import { type Presence, newPresence } from '../../county/server/presence.ts';
import { countyServer } from '../../county/server/server.ts';
import { readSigner } from '../../db/home.ts';
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
  expect(await line.downNote(2)).toBe(readFileSync(`${made}.note`, 'utf8'));
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
