// The night of a whole till: a press and a closing send what the county has not got, a fault is told and tried again, and nobody who
// sells is kept waiting.

import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { dayMs } from '../../../db/model/time.ts';
import { backOff, hourOf } from '../../../electron/engine/night.ts';
import type { BackupPlaceView } from '../../../electron/ipc/day-views.ts';
import type { Snapshot } from '../../../electron/ipc/snapshot.ts';
import { type FakeCounty, fakeCounty } from '../../support/fake-county.ts';
import { cashierPin, enrol, goods, handClock, makeKiosk, temporary } from '../../support/county.ts';
import { closeTheDay, openShiftToday } from '../../support/open-shift.ts';
import { type Till, aTill, startTill } from '../../support/till.ts';

/** A till whose kiosk.json names the county's server, with the cashier signed in. */
async function withServer(options: Parameters<typeof startTill>[3] = {}): Promise<{ readonly till: Till; readonly county: FakeCounty }> {
  const county = await fakeCounty(onTestFinished);
  const directory = temporary(onTestFinished);
  const clock = handClock();
  const { home, book } = makeKiosk(directory, clock);
  await enrol(home, book);
  book.close();
  const config = join(directory, 'kiosk.json');
  writeFileSync(config, JSON.stringify({ ...(JSON.parse(readFileSync(config, 'utf8')) as object), countyServer: county.server }));
  const till = await startTill(onTestFinished, directory, clock, options);
  await till.call.signIn({ operatorId: 'op1', pin: cashierPin });
  return { till, county };
}

const sent = (till: Till) => till.until(({ exchange }) => exchange.up.running === null && exchange.up.lastAnswer !== null);

test('a press cuts and sends; the county’s answer is what the screen tells', async () => {
  const { till, county } = await withServer();
  expect(await till.call.sendUpNow()).toEqual({ ok: true, value: null });
  const { exchange } = await sent(till);
  expect(exchange).toMatchObject({
    unsentEvents: 0,
    oldestUnsentAt: null,
    up: {
      filesWaiting: 0,
      waitingSince: null,
      fault: null,
      alarmAt: null,
      hasServer: true,
      lastAnswer: { fileSeq: 1, verdict: 'ACCEPTED' },
    },
  });
  expect(county.requests.filter((request) => request.endsWith('note'))).toEqual(['PUT up/1/1/note', 'GET down/2/note']);
});

test('a fault is told with its code, the file waits, and the next press sends the very same bytes', async () => {
  const { till, county } = await withServer();
  county.fault = { kind: 'status', status: 503 };
  await till.call.sendUpNow();
  const { exchange } = await till.until((snapshot) => snapshot.exchange.up.running === null && snapshot.exchange.up.fault !== null);
  expect(exchange.up).toMatchObject({ fault: 'server_fault', filesWaiting: 1, waitingSince: till.clock.wallMs(), lastAnswer: null });
  const bytes = readFileSync(join(till.home.up, '1', '00000001.jsonl.gz'));
  county.fault = null;
  await till.call.sendUpNow();
  await sent(till);
  expect(county.stored.get('up/1/1/data')).toEqual(bytes);
});

test('an alarm is shown after a start, too, and the till sells', async () => {
  const { till, county } = await withServer();
  county.fault = {
    kind: 'answer',
    change: ({ posted }) => ({ posted: { toSeq: posted!.toSeq, headLeaf: Buffer.alloc(32, 9).toString('base64url') } }),
  };
  await till.call.sendUpNow();
  await till.until(({ exchange }) => exchange.up.alarmAt !== null);
  const again = await till.powerCut();
  expect(again.snapshot().exchange.up).toMatchObject({ alarmAt: till.clock.wallMs(), filesWaiting: 1, lastAnswer: null });
  expect(again.snapshot().status).toEqual({ kind: 'selling' });
});

test('while the line says nothing the till answers calls, a second press is told, and the engine ends at once', async () => {
  const { till, county } = await withServer();
  county.fault = { kind: 'silent' };
  await till.call.sendUpNow();
  await till.until(({ exchange }) => exchange.up.running === 'sending');
  expect(await till.call.sendUpNow()).toEqual({ ok: false, code: 'up_running' });
  expect(await till.call.searchGoods({ query: '', category: null, offset: 0 })).toMatchObject({ total: 3 });
  await openShiftToday(till.call);
  await till.call.scan({ text: goods('1').codes[0]! });
  const { saleId, quote, digest } = (await till.until(({ cart }) => cart.quote.lines.length === 1)).cart;
  const shown = { totalFen: quote.totalFen, points: quote.points, payFen: quote.dueCashFen, digest };
  const payment = { kind: 'cash', tenderedFen: quote.dueCashFen } as const;
  expect(await till.call.pay({ saleId, shown, payment })).toMatchObject({ ok: true });
  await till.stop();
  expect(till.events().at(-1)).toMatchObject({ kind: 'OPERATOR_OUT' });
});

test('a cashier carries only what is plugged in; an owner may name a folder, but never the kiosk’s own', async () => {
  const till = await aTill(onTestFinished);
  await till.call.signIn({ operatorId: 'op1', pin: cashierPin });
  const folder = temporary(onTestFinished, 'stick-');
  const refused = { ok: true, value: { files: 0, answers: 0, countyFiles: 0, fault: 'stick_missing' } };
  expect(await till.call.copyToStick({ folder })).toEqual(refused);
  expect(await till.call.copyToStick({ folder: till.home.directory })).toEqual(refused);
  expect(await till.call.sticks()).toEqual(expect.any(Array));
});

test('a kiosk of a demo asks every few seconds, and a county that asks it in turn gets at once what there is', async () => {
  const { till, county } = await withServer();
  await till.call.sendUpNow();
  await sent(till);
  await till.call.signOut();
  county.requests.length = 0;
  county.isAsking = true;
  till.clock.turn(5_000);
  await till.until(({ exchange }) => exchange.up.lastAnswer?.fileSeq === 2 && exchange.up.running === null);
  expect(county.requests).toEqual([
    'GET down/2/note',
    ...['GET ack', 'HEAD data', 'PUT data', 'PUT checkpoint', 'PUT note'].map((each) => each.replace(' ', ' up/1/2/')),
    'GET down/2/note',
  ]);
  expect(till.snapshot().exchange).toMatchObject({ unsentEvents: 0, up: { filesWaiting: 0, fault: null } });
});

test('a kiosk that the county calls exchanges at once, and waits to be called again', async () => {
  const { till, county } = await withServer();
  await till.call.sendUpNow();
  await sent(till);
  await till.call.signOut();
  for (const fileSeq of [2, 3]) {
    county.isAsking = true;
    await expect.poll(() => county.call()).toBe(true);
    await till.until(({ exchange }) => exchange.up.lastAnswer?.fileSeq === fileSeq && exchange.up.running === null);
    county.isAsking = false;
    await till.call.signIn({ operatorId: 'op1', pin: cashierPin });
  }
});

describe('by itself, as time goes by,', () => {
  /** The night looks this often; in this test it is the test that lets time pass. */
  const lookMs = 15_000;
  const midnight = Date.parse('2026-11-22T00:00:00+08:00');

  /** Lets time pass on the till’s clocks, and each of its timers ring that is due within a look. */
  async function pass(till: Till, ms: number): Promise<void> {
    till.clock.turn(ms);
    await vi.advanceTimersByTimeAsync(lookMs);
  }

  /** As it is now, after whatever the last ring of a timer began. */
  const now = (till: Till): Promise<Snapshot> => till.call.snapshot();
  const files = async (till: Till): Promise<number> => {
    const { exchange } = await now(till);
    return exchange.up.filesWaiting + (exchange.up.lastAnswer?.fileSeq ?? 0);
  };
  /** Until the county has answered and the exchange is over; the timers ring on, for one that rings while another exchange ends does nothing. */
  const posted = (till: Till, fileSeq: number) =>
    expect
      .poll(async () => {
        await pass(till, 0);
        const { up } = (await now(till)).exchange;
        return [up.lastAnswer?.fileSeq, up.running];
      })
      .toEqual([fileSeq, null]);

  /** Timers ring when the test says; those of the network are not among them. */
  function handTimers(): void {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
    onTestFinished(() => void vi.useRealTimers());
  }

  async function handTimed(options?: Parameters<typeof startTill>[3]) {
    handTimers();
    return withServer(options);
  }

  test('a closing is cut and sent within a quarter of a minute', async () => {
    const { till } = await handTimed();
    await openShiftToday(till.call);
    expect(await closeTheDay(till.call)).toMatchObject({ ok: true });
    expect(await files(till)).toBe(0);
    await pass(till, lookMs);
    await posted(till, 1);
  });

  test('so is one that a power cut kept from going', async () => {
    const { till } = await handTimed();
    await openShiftToday(till.call);
    await closeTheDay(till.call);
    const again = await till.powerCut();
    expect(await files(again)).toBe(0);
    await pass(again, lookMs);
    await posted(again, 1);
  });

  test('a kiosk cuts and sends at its own minute of the night, not before and once', async () => {
    const { till, county } = await handTimed();
    /** Asks for news and nothing else: what was cut before would go up first. */
    const onlyAsks = async (ms: number): Promise<void> => {
      county.requests.length = 0;
      await pass(till, ms);
      await expect.poll(() => county.requests).toEqual(['GET down/2/note']);
      await expect.poll(async () => (await now(till)).exchange.up.running).toBeNull();
    };
    till.clock.set(midnight + hourOf('qj-03') - 1);
    await onlyAsks(0);
    await pass(till, lookMs);
    await posted(till, 1);
    await onlyAsks(lookMs);
    await till.call.signOut(); // of a day without an event no file is cut
    await pass(till, dayMs);
    await posted(till, 2);
  });

  test('a night that was missed while the machine was off is made up for after its start', async () => {
    const { till } = await handTimed();
    await till.call.sendUpNow();
    await posted(till, 1);
    await till.stop();
    till.clock.turn(3 * dayMs);
    const again = await startTill(onTestFinished, till.directory, till.clock);
    expect(await files(again)).toBe(1);
    await pass(again, lookMs);
    await posted(again, 2);
  });

  test('what a fault kept back is tried again for ever: after a wait that doubles up to an hour, of which chance takes a part', async () => {
    const { till, county } = await handTimed();
    const random = vi.spyOn(Math, 'random');
    onTestFinished(() => random.mockRestore());
    county.fault = { kind: 'status', status: 503 };
    const chances = [0.9, 0.2];
    random.mockReturnValue(chances[0]!);
    await till.call.sendUpNow();
    const tried = async (times: number): Promise<void> => {
      await expect.poll(() => county.requests.length).toBe(times);
      await expect.poll(async () => (await now(till)).exchange.up.running).toBeNull();
    };
    await tried(1);
    for (let failures = 0; failures < 15; failures += 1) {
      const waitMs = backOff(failures, chances[failures % 2]!);
      expect(waitMs).toBeLessThanOrEqual(60 * 60 * 1000 + 2_000);
      random.mockReturnValue(chances[(failures + 1) % 2]!); // of the wait after the next try
      await pass(till, waitMs - 1_000);
      expect([(await now(till)).exchange.up.running, county.requests.length]).toEqual([null, failures + 1]);
      await pass(till, 1_000);
      await tried(failures + 2);
    }
    county.fault = null;
    await pass(till, 60 * 60 * 1000 + 2_000);
    await posted(till, 1);
  });

  const drive = (mount: string, change: Partial<BackupPlaceView> = {}): BackupPlaceView => ({
    folder: join(mount, 'jifen-backup'),
    name: 'KINGSTON',
    freeBytes: 1_000_000,
    isSameDisk: false,
    ...change,
  });

  test('a stick that is put in is offered, with our folder or without, also while a line says nothing; what was always in is not', async () => {
    const [always, bare, ours] = ['always-', 'bare-', 'ours-'].map((name) => temporary(onTestFinished, name)) as [string, string, string];
    mkdirSync(join(ours, 'civicpos'));
    let drives: readonly BackupPlaceView[] = [drive(always)];
    const { till, county } = await handTimed({ drives: () => Promise.resolve(drives) });
    county.fault = { kind: 'silent' };
    const offered = async (): Promise<string | undefined> => {
      await pass(till, lookMs);
      return (await now(till)).exchange.up.stick?.folder;
    };
    expect(await offered()).toBeUndefined();
    await expect.poll(() => county.requests.length).toBe(1); // from here on an exchange goes on
    drives = [drive(always), drive(bare)];
    expect(await offered()).toBe(bare);
    drives = [drive(always), drive(bare), drive(ours)];
    expect(await offered()).toBe(ours);
    drives = [drive(bare)];
    expect(await offered()).toBe(bare);
    drives = [drive(bare, { isSameDisk: true })];
    expect(await offered()).toBeUndefined();
    drives = [drive(bare, { freeBytes: 0 })]; // a disc, or a card that cannot be written
    expect(await offered()).toBeUndefined();
    drives = [drive(always)]; // pulled out in between, it was put in
    expect(await offered()).toBe(always);
  });

  test('a stick that was put in while the machine was off is offered after its start; a disk that was in before is not', async () => {
    const [always, put] = ['always-', 'put-'].map((name) => temporary(onTestFinished, name)) as [string, string];
    let drives: readonly BackupPlaceView[] = [drive(always)];
    const options = { drives: () => Promise.resolve(drives) };
    const { till } = await handTimed(options);
    await pass(till, lookMs);
    await till.stop();
    drives = [drive(always), drive(put)];
    const again = await startTill(onTestFinished, till.directory, till.clock, options);
    await pass(again, lookMs);
    expect((await now(again)).exchange.up.stick?.folder).toBe(put);
  });

  test('what is offered a shop’s first stick is what was not sent', async () => {
    const bare = temporary(onTestFinished, 'bare-');
    handTimers();
    let drives: readonly BackupPlaceView[] = [];
    const directory = temporary(onTestFinished);
    const { home, book } = makeKiosk(directory, handClock());
    await enrol(home, book);
    book.close();
    const till = await startTill(onTestFinished, directory, handClock(), { drives: () => Promise.resolve(drives) });
    await till.call.signIn({ operatorId: 'op1', pin: cashierPin });
    await openShiftToday(till.call);
    drives = [drive(bare)];
    await pass(till, lookMs);
    const { unsentEvents, up } = (await now(till)).exchange;
    expect([unsentEvents > 0, up.hasServer, up.stick]).toEqual([true, false, { folder: bare, name: 'KINGSTON' }]);
    const copied = { files: 1, answers: 0, countyFiles: 0, fault: null };
    expect(await till.call.copyToStick({ folder: bare })).toEqual({ ok: true, value: copied });
    expect(readdirSync(join(bare, 'civicpos', '540525', 'up', 'qj-03', '1'))).toHaveLength(3);
  });
});
