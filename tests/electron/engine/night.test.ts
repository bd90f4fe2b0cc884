// The night of a whole till: a press and a closing send what the county has not got, a fault is told and tried again, and nobody who
// sells is kept waiting.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type FakeCounty, fakeCounty } from '../../support/fake-county.ts';
import { cashierPin, enrol, handClock, makeKiosk, temporary } from '../../support/county.ts';
import { type Till, aTill, startTill } from '../../support/till.ts';

/** A till whose kiosk.json names the county's server, with the cashier signed in. */
async function withServer(): Promise<{ readonly till: Till; readonly county: FakeCounty }> {
  const county = await fakeCounty(onTestFinished);
  const directory = temporary(onTestFinished);
  const clock = handClock();
  const { home, book } = makeKiosk(directory, clock);
  await enrol(home, book);
  book.close();
  const config = join(directory, 'kiosk.json');
  writeFileSync(config, JSON.stringify({ ...(JSON.parse(readFileSync(config, 'utf8')) as object), countyServer: county.server }));
  const till = await startTill(onTestFinished, directory, clock);
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
