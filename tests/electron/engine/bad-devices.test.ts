// A till whose scanner and printer talk nonsense, over a real pty and a real socket: it says so, and sells what was scanned.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import { enrol, card, handClock, makeKiosk, temporary } from '../../support/county.ts';
import { type Till, atWork, startTill } from '../../support/till.ts';
import { verdictOn } from '../../support/verify.ts';

/** A till at work on the devices that its kiosk.json names. */
async function aTillWith(devices: { readonly scanner?: string; readonly printer?: string }): Promise<Till> {
  const directory = temporary(onTestFinished);
  const clock = handClock();
  const { home, book } = makeKiosk(directory, clock);
  await enrol(home, book);
  book.close();
  const config = join(directory, 'kiosk.json');
  writeFileSync(config, JSON.stringify({ ...(JSON.parse(readFileSync(config, 'utf8')) as object), ...devices }));
  return atWork(await startTill(onTestFinished, directory, clock));
}

/** Two ptys joined: the till's end of the cable, and the scanner's. */
async function cable(): Promise<{ readonly till: string; readonly gun: string }> {
  const folder = temporary(onTestFinished);
  const ends = { till: join(folder, 'till'), gun: join(folder, 'gun') };
  const socat: ChildProcess = spawn('socat', [`pty,raw,echo=0,link=${ends.till}`, `pty,raw,echo=0,link=${ends.gun}`]);
  onTestFinished(async () => {
    const gone = once(socat, 'exit');
    socat.kill();
    await gone;
  });
  await vi.waitFor(() => expect(existsSync(ends.till) && existsSync(ends.gun)).toBe(true), { timeout: 15_000 });
  return ends;
}

test('noise and half codes of a scanner are told and sell nothing; the whole code after them does', async () => {
  const { till: port, gun } = await cable();
  const till = await aTillWith({ scanner: `serial:${port}?baud=9600` });
  await till.until(({ scanner }) => scanner.state === 'ready');
  await pause(400); // what a starting device babbles is dropped
  const type = (bytes: Buffer | string): void => writeFileSync(gun, bytes, 'latin1');
  const noise = Buffer.from(Array.from({ length: 2_000 }, (_, i) => (i * 7_919) % 251));
  type(noise);
  await till.until(({ notice }) => notice?.code === 'scan_garbled');
  type(`${card('1').slice(0, 100)}\r`);
  await till.until(({ notice }) => notice?.code === 'card_malformed');
  type('20000000');
  await pause(300); // half a code, and silence
  type('\r');
  await pause(400);
  expect(till.snapshot().cart.quote.lines).toEqual([]);
  type('2000000000001\r\n');
  await till.until(({ cart }) => cart.quote.totalFen === 1_250);
  expect(till.snapshot().cart).toMatchObject({ resident: null, quote: { lines: [{ goodsId: '1', quantity: 1 }] } });
  await till.stop();
  expect(
    new Set(
      till
        .events()
        .slice(5)
        .map(({ kind }) => kind),
    ),
  ).toEqual(new Set(['REFUSED', 'OPERATOR_OUT']));
  expect(await verdictOn(till.directory)).toEqual({ kind: 'true' });
});

test('a printer that answers with noise gets no receipt; the sale is done, and its receipt waits for a person', async () => {
  const server = createServer((socket) => {
    const babble = setInterval(() => socket.write(Buffer.from(Array.from({ length: 64 }, (_, i) => (i * 151) % 256))), 20);
    socket.on('data', () => {});
    socket.on('error', () => {});
    socket.on('close', () => clearInterval(babble));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => void server.close());
  const till = await aTillWith({ printer: `tcp://127.0.0.1:${(server.address() as AddressInfo).port}` });
  await till.call.scan({ text: '2000000000001' });
  const { saleId, quote, digest } = till.snapshot().cart;
  const shown = { totalFen: quote.totalFen, points: quote.points, payFen: quote.dueCashFen, digest };
  expect(await till.call.pay({ saleId, shown, payment: { kind: 'cash', tenderedFen: 1_250 } })).toMatchObject({ ok: true });
  await vi.waitFor(
    () =>
      expect(till.snapshot().printJobs).toMatchObject([{ actId: saleId, state: { kind: expect.stringMatching(/^(failed|unknown)$/) } }]),
    {
      timeout: 25_000,
    },
  );
  await till.stop();
  expect(till.events().filter(({ kind }) => kind === 'SALE')).toHaveLength(1);
  expect(await verdictOn(till.directory)).toEqual({ kind: 'true' });
});
