import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { keptDownFile } from '../../../db/down.ts';
import { fen, points } from '../../../db/model/amounts.ts';
import type { DownLine } from '../../../db/model/down-file.ts';
import { privateKeyFromSeed, rawPublicKey } from '../../../db/model/keys.ts';
import { openReadable } from '../../../db/sqlite.ts';
import { card, deliver, fileKey, firstLines, goods, handClock, header, makeKiosk, temporary, writeDown } from '../../support/county.ts';
import { type Till, aTill, atWork, startTill } from '../../support/till.ts';
import { unreadable } from '../../support/unreadable.ts';

/** Hash of the newest file applied, read while the engine is stopped. */
function lastSha(directory: string): string {
  const db = openReadable(join(directory, 'book.db'));
  try {
    return db.prepare<[], { sha256: string }>('SELECT sha256 FROM down_file ORDER BY down_seq DESC LIMIT 1').get()!.sha256;
  } finally {
    db.close();
  }
}

/** A till at work whose looks at the inbox are made by hand, and the hash of the county's first file. */
async function aWatchedTill(): Promise<{ readonly till: Till; readonly sha256: string; readonly look: () => Promise<void> }> {
  const fresh = await aTill(onTestFinished);
  await fresh.stop();
  const sha256 = lastSha(fresh.directory);
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const till = await atWork(await startTill(onTestFinished, fresh.directory, fresh.clock));
  const look = async (): Promise<void> => {
    vi.advanceTimersByTime(5_000);
    await till.call.nextCustomer(); // waits until no file is being applied
  };
  return { till, sha256, look };
}

/** Writes file `downSeq` as the county would, and returns its path and hash. */
function written(
  till: Till,
  downSeq: number,
  before: string,
  lines: readonly DownLine[] = [],
  key = fileKey,
): ReturnType<typeof writeDown> {
  return writeDown(join(till.directory, 'from-county'), header(downSeq, before), lines, key);
}

/** What the log says of the county's files. */
function told(till: Till): readonly string[] {
  return till.log.filter((line) => line.startsWith('county file'));
}

test('a price change in the morning reaches the open cart, and the old price cannot be paid', async () => {
  const { till, sha256, look } = await aWatchedTill();
  await till.call.scan({ text: '2000000000001' });
  const { saleId, digest } = till.snapshot().cart;
  const { path } = await written(till, 2, sha256, [
    { t: 'GOODS', goods: goods('1', { priceFen: fen(1_300) }) },
    { t: 'GRANT', a: 'a1', g: points(30_000) },
  ]);
  deliver(till.home, path);
  await look();
  await till.until(({ exchange, cart }) => exchange.lastDownSeq === 2 && cart.quote.totalFen === 1_300);
  expect(
    await till.call.pay({
      saleId,
      shown: { totalFen: 1_250, points: 0, payFen: 1_250, digest },
      payment: { kind: 'cash', tenderedFen: 1_250 },
    }),
  ).toEqual({ ok: false, code: 'changed' });
  await till.call.scan({ text: card('1') });
  await till.until(({ cart }) => cart.resident?.allowance.rights === 30_000);
  expect(readdirSync(till.home.inbox)).toEqual([]);
  expect(existsSync(keptDownFile(till.home, 2))).toBe(true);
});

test('a file that is refused is shown with its reason, and the shop goes on selling', async () => {
  const till = await aTill(onTestFinished);
  await till.stop();
  const { path } = await writeDown(join(till.directory, 'from-county'), header(2, lastSha(till.directory)), []);
  writeFileSync(path, 'not gzip');
  deliver(till.home, path);
  const again = await startTill(onTestFinished, till.directory, till.clock);
  await again.until(({ exchange }) => exchange.refused?.code === 'truncated');
  await atWork(again);
  expect(await again.call.addGoods({ goodsId: '1' })).toMatchObject({ code: 'line_added' });
});

test.each(['00000002.jsonl.gz', '00000002.note'])(
  'a stick that fails to read %s refuses the file, and the shop goes on selling',
  async (name) => {
    const { till, sha256, look } = await aWatchedTill();
    deliver(till.home, (await written(till, 2, sha256)).path);
    unreadable(join(till.home.inbox, name));
    await look();
    expect((await till.until(({ exchange }) => exchange.refused !== null)).exchange.refused).toEqual({
      file: '00000002.jsonl.gz',
      code: 'truncated',
    });
    expect(await till.call.addGoods({ goodsId: '1' })).toMatchObject({ code: 'line_added' });
  },
);

test('a refused file is read once, and again when it was replaced', async () => {
  const { till, sha256, look } = await aWatchedTill();
  const good = await written(till, 2, sha256);
  deliver(till.home, good.path);
  writeFileSync(join(till.home.inbox, '00000002.jsonl.gz'), 'not gzip');
  for (let looks = 0; looks < 5; looks += 1) await look();
  expect(till.snapshot().exchange.refused).toEqual({ file: '00000002.jsonl.gz', code: 'truncated' });
  expect(told(till)).toEqual(['county file 00000002.jsonl.gz: refused truncated not a gzip file of ours']);
  deliver(till.home, good.path);
  await look();
  expect((await till.until(({ exchange }) => exchange.lastDownSeq === 2 && exchange.refused === null)).status).toEqual({ kind: 'selling' });
  expect(told(till).slice(1)).toEqual(['county file 00000002.jsonl.gz: applied']);
});

test('an old file signed by a key since withdrawn is refused once, stays told, and the due file is applied', async () => {
  const { till, sha256, look } = await aWatchedTill();
  const newKey = privateKeyFromSeed(Buffer.alloc(32, 9));
  const raw = (key: typeof fileKey): string => Buffer.from(rawPublicKey(key)).toString('base64url');
  const second = await written(till, 2, sha256, [
    { t: 'KEY', kid: 1, use: 'file', key: raw(fileKey), active: false },
    { t: 'KEY', kid: 2, use: 'file', key: raw(newKey), active: true },
  ]);
  deliver(till.home, second.path);
  await look();
  await till.until(({ exchange }) => exchange.lastDownSeq === 2);
  deliver(till.home, join(till.directory, 'from-county', '00000001.jsonl.gz'));
  deliver(till.home, (await written(till, 3, second.sha256, [], newKey)).path);
  await look();
  await till.until(({ exchange }) => exchange.lastDownSeq === 3 && exchange.refused !== null);
  await look();
  expect(till.snapshot().exchange.refused).toEqual({ file: '00000001.jsonl.gz', code: 'signature' });
  expect(told(till)).toEqual([
    'county file 00000002.jsonl.gz: applied',
    'county file 00000001.jsonl.gz: refused signature note: no_trusted_signature',
    'county file 00000003.jsonl.gz: applied',
  ]);
  expect(readdirSync(till.home.inbox).toSorted()).toEqual(['00000001.jsonl.gz', '00000001.note']);
  for (const name of readdirSync(till.home.inbox)) rmSync(join(till.home.inbox, name));
  await look();
  await till.until(({ exchange }) => exchange.refused === null);
});

test('a file of the same number with other content is passed over', async () => {
  const { till, sha256, look } = await aWatchedTill();
  deliver(till.home, (await written(till, 2, sha256)).path);
  deliver(till.home, (await writeDown(join(till.directory, 'other'), header(1, ''), [])).path);
  await look();
  const { exchange } = await till.until(({ exchange }) => exchange.lastDownSeq === 2 && exchange.refused !== null);
  expect(exchange.refused).toEqual({ file: '00000001.jsonl.gz', code: 'fork' });
});

test('a missing file is told while one beyond it lies there', async () => {
  const { till, sha256, look } = await aWatchedTill();
  const second = await written(till, 2, sha256);
  const third = await written(till, 3, second.sha256);
  const gap = { file: '00000003.jsonl.gz', code: 'gap' };
  deliver(till.home, third.path);
  await look();
  expect((await till.until(({ exchange }) => exchange.refused !== null)).exchange.refused).toEqual(gap);
  rmSync(join(till.home.inbox, '00000003.note'));
  await look();
  await till.until(({ exchange }) => exchange.refused === null);
  deliver(till.home, third.path);
  await look();
  await till.until(({ exchange }) => exchange.refused?.code === 'gap');
  deliver(till.home, second.path);
  await look();
  await till.until(({ exchange }) => exchange.lastDownSeq === 3 && exchange.refused === null);
});

test('an applied file that cannot leave the inbox is known from then on, without harm', async () => {
  const { till, look } = await aWatchedTill();
  deliver(till.home, join(till.directory, 'from-county', '00000001.jsonl.gz'));
  rmSync(keptDownFile(till.home, 1)); // then the copy of the inbox is the only one
  mkdirSync(join(till.home.inbox, '00000001.note.done'));
  for (let looks = 0; looks < 3; looks += 1) await look();
  expect(told(till)).toEqual([
    'county file 00000001.jsonl.gz: known',
    expect.stringMatching(/^county file 00000001\.jsonl\.gz stays in the inbox: .*ENOENT/),
  ]);
  expect(existsSync(join(till.home.inbox, '00000001.jsonl.gz'))).toBe(true);
  expect(till.snapshot()).toMatchObject({ status: { kind: 'selling' }, exchange: { refused: null } });
});

test('goods that the county withdrew leave the open cart with the file', async () => {
  const { till, sha256 } = await aWatchedTill();
  await till.call.addGoods({ goodsId: '1' });
  deliver(till.home, (await written(till, 2, sha256, [{ t: 'GOODS', goods: goods('1', { onSale: false }) }])).path);
  vi.advanceTimersByTime(5_000); // no call: the next customer's would take the notice away
  const { notice } = await till.until(({ exchange, cart }) => exchange.lastDownSeq === 2 && cart.quote.lines.length === 0);
  expect(notice).toMatchObject({ code: 'goods_withdrawn', subject: '洗洁精' });
});

test('the first start waits for the county’s first file, which is no fault, and sells once it is applied', async () => {
  const directory = temporary(onTestFinished);
  const clock = handClock();
  const { home, book } = makeKiosk(directory, clock);
  book.close();
  const { path } = await writeDown(join(directory, 'from-county'), header(1, ''), await firstLines());
  deliver(home, path);
  const till = await startTill(onTestFinished, directory, clock);
  await till.until(({ status }) => status.kind === 'selling');
  expect(till.log).toEqual(['waiting for the county’s first file', 'county file 00000001.jsonl.gz: applied']);
});
