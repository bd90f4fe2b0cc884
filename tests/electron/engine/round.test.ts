// A kiosk and a server with every fault of a network, over real sockets: what is sent, what is believed, and where the next try goes on.

import { hash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, onTestFinished, test } from 'vitest';
import { activeAlarm } from '../../../db/acks.ts';
import { type UpFile, cutUpFile, unpostedUpFiles, upFilePath } from '../../../db/up-files.ts';
import { backOff, hourOf, isHourPast } from '../../../electron/engine/night.ts';
import { type RoundEnd, runRound } from '../../../electron/engine/round.ts';
import { countyLine } from '../../../electron/engine/send.ts';
import { type TestKiosk, aKiosk } from '../../support/book.ts';
import { openDay } from '../../support/closing.ts';
import { apply, asOf, firstLines, header, writeDown } from '../../support/county.ts';
import { type FakeCounty, fakeCounty } from '../../support/fake-county.ts';
import { sell, today } from '../../support/sell.ts';

const idle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const otherLeaf = Buffer.alloc(32, 7).toString('base64url');

interface Pair extends TestKiosk {
  readonly county: FakeCounty;
  cut(): Promise<UpFile>;
  round(change?: { readonly pin?: string; readonly url?: string }): Promise<RoundEnd>;
}

/** A kiosk whose first file is cut, and its county. */
async function aPair(): Promise<Pair> {
  const kiosk = await aKiosk(onTestFinished);
  const county = await fakeCounty(onTestFinished);
  const pair: Pair = {
    ...kiosk,
    county,
    async cut() {
      sell(kiosk.book);
      return (await cutUpFile(kiosk.book, kiosk.home, { software: 'test', idle }))!;
    },
    async round(change = {}) {
      const line = countyLine({
        server: { ...county.server, ...change },
        county: '540525',
        kiosk: 'qj-03',
        pass: null, // its county asks for none
        signal: new AbortController().signal,
        patience: { quietMs: 300, bytesPerSecond: 1_000_000 },
      });
      try {
        return await runRound({ book: kiosk.book, home: kiosk.home, line, idle });
      } finally {
        line.close();
      }
    },
  };
  openDay(kiosk.book, today);
  await pair.cut();
  return pair;
}

const bytesOf = ({ home }: Pair, file: Pick<UpFile, 'inc' | 'fileSeq'>): Buffer => readFileSync(upFilePath(home, file, 'jsonl.gz'));
const unposted = ({ book }: Pair): readonly number[] => unpostedUpFiles(book.db, 10).map(({ fileSeq }) => fileSeq);

test('files go up in order with their very bytes, the note last, and are not sent again', async () => {
  const pair = await aPair();
  await pair.cut();
  expect(await pair.round()).toBeNull();
  const sent = (fileSeq: number) =>
    ['GET ack', 'HEAD data', 'PUT data', 'PUT checkpoint', 'PUT note'].map((each) => each.replace(' ', ` up/1/${fileSeq}/`));
  expect(pair.county.requests).toEqual([...sent(1), ...sent(2), 'GET down/2/note']);
  expect([1, 2].map((fileSeq) => pair.county.stored.get(`up/1/${fileSeq}/data`))).toEqual(
    [1, 2].map((fileSeq) => bytesOf(pair, { inc: 1, fileSeq })),
  );
  pair.county.requests.length = 0;
  expect([await pair.round(), unposted(pair), pair.county.requests]).toEqual([null, [], ['GET down/2/note']]);
});

describe('a line that', () => {
  test('breaks off in the middle goes on from the very byte', async () => {
    const pair = await aPair();
    pair.county.fault = { kind: 'drop', afterBytes: 300 };
    expect(await pair.round()).toMatchObject({ fault: 'broken_off' });
    pair.county.fault = null;
    expect([pair.county.stored.get('up/1/1/data')?.length, await pair.round(), unposted(pair)]).toEqual([300, null, []]);
    expect(pair.county.stored.get('up/1/1/data')).toEqual(bytesOf(pair, { inc: 1, fileSeq: 1 }));
  });

  test('loses the answer gets it by asking, and the file is not sent twice', async () => {
    const pair = await aPair();
    pair.county.fault = { kind: 'lose_answer' };
    expect([await pair.round(), unposted(pair)]).toEqual([{ fault: 'broken_off', detail: expect.any(String) as string }, [1]]);
    pair.county.fault = null;
    pair.county.requests.length = 0;
    expect([await pair.round(), unposted(pair), pair.county.requests]).toEqual([null, [], ['GET up/1/1/ack', 'GET down/2/note']]);
  });

  test.each([
    ['says nothing', { kind: 'silent' }, 'timeout'],
    ['says 500', { kind: 'status', status: 500 }, 'server_fault'],
    ['says 429', { kind: 'status', status: 429 }, 'server_fault'],
    ['says 507', { kind: 'status', status: 507 }, 'county_full'],
    ['says 413', { kind: 'status', status: 413 }, 'refused'],
    ['answers as a hotel does', { kind: 'garbage' }, 'bad_answer'],
  ] as const)('%s ends the round with its reason, and the next goes well', async (_, fault, code) => {
    const pair = await aPair();
    pair.county.fault = fault;
    expect([(await pair.round())?.fault, unposted(pair)]).toEqual([code, [1]]);
    pair.county.fault = null;
    expect([await pair.round(), unposted(pair)]).toEqual([null, []]);
  });

  test('leads to another server sends nothing there', async () => {
    const pair = await aPair();
    expect(await pair.round({ pin: otherLeaf })).toMatchObject({ fault: 'wrong_key' });
    expect(pair.county.requests).toEqual([]);
  });

  test('leads nowhere says so', async () => {
    const pair = await aPair();
    expect(await pair.round({ url: 'https://127.0.0.1:1' })).toMatchObject({ fault: 'unreachable' });
  });
});

describe('a county that', () => {
  test('answers with another leaf raises an alarm: nothing more is sent until it answers rightly', async () => {
    const pair = await aPair();
    pair.county.fault = { kind: 'answer', change: ({ posted }) => ({ posted: { toSeq: posted!.toSeq, headLeaf: otherLeaf } }) };
    expect(await pair.round()).toMatchObject({ fault: 'not_posted' });
    expect(activeAlarm(pair.home)).toMatchObject({ fileSeq: 1, county: otherLeaf });
    pair.county.fault = null;
    await pair.cut();
    pair.county.requests.length = 0;
    expect(await pair.round()).toMatchObject({ fault: 'not_posted' });
    expect([pair.county.requests, unposted(pair)]).toEqual([
      ['GET up/1/1/ack', 'GET down/2/note'],
      [1, 2],
    ]);
  });

  test('finds a file wrong is told by its answer; later files wait behind it', async () => {
    const pair = await aPair();
    await pair.cut();
    pair.county.fault = { kind: 'answer', change: () => ({ verdict: 'OUT_OF_BALANCE', posted: null, detail: 'line 7' }) };
    expect([await pair.round(), unposted(pair)]).toEqual([{ fault: 'not_posted', detail: 'file 1/1' }, [1, 2]]);
    expect(pair.county.requests.filter((request) => request.startsWith('PUT up/1/2'))).toEqual([]);
  });

  test('was put back from an older copy gets again what it lost, byte for byte', async () => {
    const pair = await aPair();
    await pair.cut();
    await pair.cut();
    expect(await pair.round()).toBeNull();
    const before = pair.county.stored.get('up/1/2/data');
    pair.county.forget(1);
    await pair.cut();
    expect([await pair.round(), unposted(pair)]).toEqual([null, []]);
    expect(pair.county.stored.get('up/1/2/data')).toEqual(before);
    expect([...pair.county.stored.keys()].filter((path) => path.endsWith('/note'))).toEqual([1, 4, 2, 3].map((n) => `up/1/${n}/note`));
  });

  test('called a file a second history and now lacks those before it gets them: an alarm stood for ever (simulator, seed 3017)', async () => {
    const pair = await aPair();
    await pair.cut();
    expect(await pair.round()).toBeNull();
    await pair.cut();
    pair.county.fault = { kind: 'answer', change: () => ({ verdict: 'FORK', posted: null, detail: 'quarantined' }) };
    expect(await pair.round()).toMatchObject({ fault: 'not_posted' });
    expect(activeAlarm(pair.home)).toMatchObject({ fileSeq: 3, toSeq: null });
    pair.county.fault = null;
    pair.county.forget(0);
    expect([await pair.round(), unposted(pair)]).toEqual([null, []]);
    expect(activeAlarm(pair.home)).toBeNull();
  });

  test('wants what this kiosk never cut is not obeyed for ever', async () => {
    const pair = await aPair();
    pair.county.fault = { kind: 'answer', change: () => ({ verdict: 'GAP', posted: null, want: 1 }) };
    expect(await pair.round()).toMatchObject({ fault: 'not_posted' });
    expect(pair.county.requests.filter((request) => request === 'PUT up/1/1/note')).toHaveLength(1);
  });
});

test('a file that is gone from the machine is told, and nothing is made up in its place', async () => {
  const pair = await aPair();
  rmSync(upFilePath(pair.home, { inc: 1, fileSeq: 1 }, 'jsonl.gz'));
  expect([await pair.round(), existsSync(upFilePath(pair.home, { inc: 1, fileSeq: 1 }, 'jsonl.gz'))]).toEqual([
    { fault: 'file_missing', detail: 'file 1/1' },
    false,
  ]);
});

test('the county’s next files come into the inbox, whole and with their notes, and are not fetched twice', async () => {
  const pair = await aPair();
  const { path } = await writeDown(join(pair.directory, 'from-county'), header(2, pair.sha256), await firstLines());
  const [data, note] = [readFileSync(path), readFileSync(path.replace('.jsonl.gz', '.note'), 'utf8')];
  pair.county.down.set(2, { data, note });
  expect([await pair.round(), readdirSync(pair.home.inbox).toSorted()]).toEqual([null, ['00000002.jsonl.gz', '00000002.note']]);
  expect([readFileSync(join(pair.home.inbox, '00000002.jsonl.gz')), readFileSync(join(pair.home.inbox, '00000002.note'), 'utf8')]).toEqual([
    data,
    note,
  ]);
  await pair.round();
  expect(pair.county.requests.filter((request) => request === 'GET down/2/data')).toHaveLength(1);
});

describe('a file of the county that broke off', () => {
  /** A kiosk with a file to fetch, of which so many bytes came. */
  async function brokenOff(afterBytes = (data: Buffer) => Math.floor(Math.random() * (data.length - 1)) + 1) {
    const pair = await aPair();
    await pair.round();
    const offer = async (name: string): Promise<Buffer> => {
      const { path } = await writeDown(
        join(pair.directory, name),
        header(2, pair.sha256, { asOf: asOf + 2_000 + name.length }),
        await firstLines(),
      );
      const data = readFileSync(path);
      pair.county.down.set(2, { data, note: readFileSync(path.replace('.jsonl.gz', '.note'), 'utf8') });
      return data;
    };
    const data = await offer('from-county');
    const came = afterBytes(data);
    pair.county.fault = { kind: 'cut', afterBytes: came };
    expect(await pair.round()).toMatchObject({ fault: 'broken_off' });
    pair.county.fault = null;
    pair.county.requests.length = 0;
    const inbox = () => readdirSync(pair.home.inbox).toSorted();
    const [part] = inbox();
    if (part === undefined) throw new Error('nothing came');
    const fetched = async () => {
      expect([await pair.round(), inbox()]).toEqual([null, ['00000002.jsonl.gz', '00000002.note']]);
      return readFileSync(join(pair.home.inbox, '00000002.jsonl.gz'));
    };
    return { pair, data, came, offer, part: join(pair.home.inbox, part), inbox, fetched };
  }
  const asked = ({ county }: Pair) => county.requests.filter((each) => each.startsWith('GET down/2/data'));

  test('goes on from the very byte, however often it breaks off', async () => {
    const { pair, data, came, fetched, part } = await brokenOff((whole) => Math.floor((Math.random() * whole.length) / 2) + 1);
    expect(readFileSync(part)).toEqual(data.subarray(0, came));
    pair.county.fault = { kind: 'cut', afterBytes: 1 };
    expect(await pair.round()).toMatchObject({ fault: 'broken_off' });
    pair.county.fault = null;
    expect(await fetched()).toEqual(data);
    expect(asked(pair)).toEqual([`GET down/2/data bytes=${came}-`, `GET down/2/data bytes=${came + 1}-`]);
  });

  test.each([
    ['whose server has no ranges', ({ pair }: Broken) => void (pair.county.hasRanges = false)],
    ['that another took the place of', async ({ offer }: Broken) => void (await offer('another'))],
  ])('%s is fetched whole', async (_, change) => {
    const broken = await brokenOff();
    await change(broken);
    expect(await broken.fetched()).toEqual(broken.pair.county.down.get(2)!.data);
    expect(asked(broken.pair)).toEqual([`GET down/2/data bytes=${broken.came}-`]);
  });

  test.each([
    ['whose part the disk lost', ({ part, came }: Broken) => writeFileSync(part, Buffer.alloc(came))],
    ['whose part is longer than the file', ({ part, data }: Broken) => writeFileSync(part, Buffer.concat([data, data]))],
  ])('%s is fetched anew', async (_, change) => {
    const broken = await brokenOff();
    change(broken);
    expect(await broken.fetched()).toEqual(broken.data);
    expect(asked(broken.pair)).toEqual([expect.stringContaining('bytes='), 'GET down/2/data']);
  });

  test('with its last byte here already is not fetched again', async () => {
    const { pair, data, part, fetched } = await brokenOff();
    writeFileSync(part, data);
    expect(await fetched()).toEqual(data);
    expect(asked(pair)).toEqual([`GET down/2/data bytes=${data.length}-`]);
  });

  test('of a server that names no version is fetched from its beginning, and nothing of it lies about', async () => {
    const pair = await aPair();
    const { path } = await writeDown(join(pair.directory, 'from-county'), header(2, pair.sha256), await firstLines());
    pair.county.down.set(2, { data: readFileSync(path), note: readFileSync(path.replace('.jsonl.gz', '.note'), 'utf8') });
    pair.county.tag = null;
    pair.county.fault = { kind: 'cut', afterBytes: 100 };
    expect([(await pair.round())?.fault, readdirSync(pair.home.inbox)]).toEqual(['broken_off', []]);
    pair.county.fault = null;
    expect([await pair.round(), asked(pair)]).toEqual([null, ['GET down/2/data', 'GET down/2/data']]);
  });

  test('and that a stick brought leaves no part behind when it was applied', async () => {
    const { pair, data, inbox } = await brokenOff();
    const { path } = await writeDown(join(pair.directory, 'stick'), header(2, pair.sha256, { asOf: asOf + 2_011 }), await firstLines());
    expect(readFileSync(path)).toEqual(data);
    expect(await apply(pair.home, pair.book, path)).toEqual({ kind: 'applied', downSeq: 2 });
    await pair.round();
    expect(inbox()).toEqual([]);
  });

  type Broken = Awaited<ReturnType<typeof brokenOff>>;
});

test('a file in the inbox that unpacks to more than any of ours is given up before its end, and the county’s own is fetched', async () => {
  const pair = await aPair();
  const { path, sha256 } = await writeDown(join(pair.directory, 'from-server'), header(2, pair.sha256), []);
  const zeros = Buffer.alloc(1024 * 1024);
  const row = Array.from({ length: 65 }, () => zeros); // of so many megabytes the note speaks: read to its end it would be as noted
  const note = readFileSync(path.replace('.jsonl.gz', '.note'), 'utf8').replace(sha256, hash('sha256', Buffer.concat(row), 'base64url'));
  const data = readFileSync(path);
  pair.county.down.set(2, { data, note });
  const inInbox = join(pair.home.inbox, '00000002.jsonl.gz');
  const member = gzipSync(zeros);
  writeFileSync(inInbox, Buffer.concat(row.map(() => member)));
  writeFileSync(inInbox.replace('.jsonl.gz', '.note'), note);
  expect(await pair.round()).toBeNull();
  expect(readFileSync(inInbox)).toEqual(data);
});

describe('the hour', () => {
  const hour = 3_600_000;
  const midnight = Date.parse('2026-11-21T00:00:00+08:00');

  test('of every kiosk lies between one and four and is always its own', () => {
    const hours = Array.from({ length: 200 }, (_, n) => hourOf(`qj-${n}`) / hour);
    expect([Math.floor(Math.min(...hours)), Math.ceil(Math.max(...hours)), new Set(hours).size > 190]).toEqual([1, 4, true]);
    expect(hourOf('qj-7')).toBe(hours[7]! * hour);
  });

  test.each([
    ['before it, the same night', midnight + hour / 2, midnight - 3 * hour, null, false],
    ['past it', midnight + 5 * hour, midnight - 3 * hour, null, true],
    ['past it, and cut after it', midnight + 9 * hour, midnight + 5 * hour, null, false],
    ['missed for ten days by a power cut', midnight + 10 * 24 * hour, midnight, null, true],
    ['clock behind the last cut, just started', midnight - 24 * 365 * hour, midnight, null, true],
    ['clock behind the last cut, cut since the start', midnight - 24 * 365 * hour, midnight, hour, false],
    ['clock behind the last cut, a day by the other clock', midnight - 24 * 365 * hour, midnight, 24 * hour, true],
    ['clock that stands still, a day by the other clock', midnight + 9 * hour, midnight + 8 * hour, 24 * hour, true],
  ])('%s', (_, now, cutAt, sinceMs, isPast) => {
    expect(isHourPast('qj-03', { now, cutAt, sinceMs })).toBe(isPast);
  });

  test('the wait grows with every failure, up to an hour, and is never the same for all', () => {
    expect([backOff(0, 0), backOff(0, 0.5), backOff(3, 0.5), backOff(50, 0.999_999)]).toEqual([2_000, 17_000, 122_000, 3_601_996]);
  });
});

test.each([
  ['cut short', (whole: Buffer) => whole.subarray(0, whole.length - 10)],
  ['with another date in its gzip header, its lines whole', (whole: Buffer) => flipped(whole, 4)],
  ['with another length in its last byte', (whole: Buffer) => flipped(whole, whole.length - 1)],
])('a file that a stick brought %s is fetched anew: its note is right, and it would be refused for ever', async (_, damage) => {
  const pair = await aPair();
  const { path } = await writeDown(join(pair.directory, 'from-server'), header(2, pair.sha256), []);
  const [data, note] = [readFileSync(path), readFileSync(path.replace('.jsonl.gz', '.note'), 'utf8')];
  pair.county.down.set(2, { data, note });
  const inInbox = join(pair.home.inbox, '00000002.jsonl.gz');
  writeFileSync(inInbox, damage(data));
  writeFileSync(inInbox.replace('.jsonl.gz', '.note'), note);
  expect(await pair.round()).toBeNull();
  expect(readFileSync(inInbox)).toEqual(data);
  const asked = pair.county.requests.length;
  expect(await pair.round()).toBeNull();
  expect(pair.county.requests.slice(asked)).not.toContain('GET down/2/data');
});

function flipped(whole: Buffer, at: number): Buffer {
  const damaged = Buffer.from(whole);
  damaged[at]! ^= 1;
  return damaged;
}
