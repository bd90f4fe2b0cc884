// A draw that fetches, over HTTPS with two tills and a county, all real: what a resident has at home is usable at another shop within
// moments, signed and in order, and where home cannot be called nothing is lost.

import { readFileSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { checkBook } from '../../county/book/invariants.ts';
import { night } from '../../county/night.ts';
import { serverIdentity } from '../../county/server/certificate.ts';
import { type Presence, newPresence } from '../../county/server/presence.ts';
import { countyServer } from '../../county/server/server.ts';
import type { CountyServer } from '../../db/home.ts';
import { countyLine } from '../../electron/engine/send.ts';
import { passOf } from '../support/kiosk-pass.ts';
import { card } from '../support/county.ts';
import { type CountyShops, aCountyOfShops } from '../support/county-shops.ts';
import { type Till, atWork, startTill } from '../support/till.ts';
import { verdictOn } from '../support/verify.ts';

const [shop, home] = ['qj-03', 'qj-04'];

interface Served {
  readonly shops: CountyShops;
  readonly presence: Presence;
  readonly server: CountyServer;
  readonly stop: () => Promise<void>;
  /** Another server of the same county, at the same address. */
  readonly startAgain: () => Promise<void>;
  /** While on, the server fails at each file that comes, and counts. */
  readonly faults: { isOn: boolean; met: number };
  /** To the server so much time has passed. */
  readonly later: (ms: number) => void;
  readonly open: (kiosk: string) => Promise<Till>;
}

/** Resident 1 has 200 points at home, and two tills know the county's server. */
async function aCountyServed(): Promise<Served> {
  const shops = await aCountyOfShops(onTestFinished, { homes: { a1: home, a2: shop }, roamAt: [], roamCap: 0, kiosks: [shop, home] });
  await shops.award('a1', 20_000);
  await shops.night();
  for (const kiosk of [shop, home]) await shops.hear(kiosk);
  const identity = serverIdentity(shops.county.folder.keys, 'test');
  let laterMs = 0;
  const presence = newPresence(() => performance.now() + laterMs);
  const faults = { isOn: false, met: 0 };
  const serve = async (port: number, its: Presence) => {
    const app = await countyServer(shops.county, { identity, presence: its, complain: (line) => expect.fail(line) });
    app.addHook('preHandler', async ({ method }, reply) => {
      if (method !== 'PUT' || !faults.isOn) return;
      faults.met += 1;
      await reply.code(500).send({ code: 'fault' });
    });
    onTestFinished(() => app.close());
    await app.listen({ port, host: '127.0.0.1' });
    return app;
  };
  const app = await serve(0, presence);
  const { port } = app.server.address() as AddressInfo; // a socket's
  const server = { url: `https://127.0.0.1:${port}`, pin: identity.pin };
  return {
    shops,
    presence,
    server,
    stop: () => app.close(),
    startAgain: async () =>
      void (await serve(
        port,
        newPresence(() => performance.now()),
      )),
    faults,
    later(ms) {
      laterMs += ms;
    },
    async open(kiosk) {
      const { book, directory, clock } = shops.shop(kiosk);
      book.close();
      const config = join(directory, 'kiosk.json');
      writeFileSync(config, JSON.stringify({ ...(JSON.parse(readFileSync(config, 'utf8')) as object), countyServer: server }));
      return startTill(onTestFinished, directory, clock);
    },
  };
}

/** Presses as a cashier does: on a busy machine home may answer after the first press gave up. */
async function pressed(till: Till): ReturnType<Till['call']['drawPoints']> {
  for (let presses = 1; ; presses += 1) {
    const drawn = await till.call.drawPoints();
    const isLater = !drawn.ok && ['draw_late', 'draw_offline', 'draw_busy'].includes(drawn.code);
    if (!isLater || presses === 5) return drawn;
  }
}

const usable = (till: Till) => till.snapshot().cart.resident?.allowance.usable;

test('what the cart needs comes from home within the sale; the rest stays there, and every book is true', async () => {
  const { shops, presence, later, open } = await aCountyServed();
  const [atHome, away] = [await open(home), await atWork(await open(shop), { isShiftOpen: true })];
  await expect.poll(() => presence.canBeCalled(home)).toBe(true);
  await away.call.scan({ text: card('1') });
  await away.call.scan({ text: '2000000000001' });
  expect(away.snapshot().cart.resident).toMatchObject({ mayDraw: true, allowance: { usable: 0, countyBalance: 20_000 } });
  expect(await pressed(away)).toEqual({ ok: true, value: { points: 12_500 } });
  await away.until(({ cart }) => cart.resident?.allowance.usable === 12_500);
  expect(await shops.at('a1')).toEqual({ main: 0, due: 0, overdraft: 0, rights: { [shop]: 12_500, [home]: 7_500 } });
  await atHome.stop();
  expect(
    atHome
      .events()
      .filter(({ kind }) => kind === 'DOWN_APPLIED' || kind === 'RIGHTS_RETURNED')
      .slice(-2),
  ).toMatchObject([
    { kind: 'DOWN_APPLIED', body: { downSeq: 3, lines: 1 } },
    { kind: 'RIGHTS_RETURNED', amt: 12_500, body: { accountId: 'a1', asked: 12_500, downSeq: 3 } },
  ]);
  later(10_000);
  // home is off: what is missing cannot be had, and what is here is not touched
  await away.call.scan({ text: '2000000000002' });
  expect(await away.call.drawPoints()).toEqual({ ok: false, code: 'draw_elsewhere' });
  expect(usable(away)).toBe(12_500);
  await away.stop();
  // the awards of these tests are of no list
  expect((await checkBook(shops.county, 'whole')).filter(({ place, rule }) => place !== null && rule !== '26')).toEqual([]);
  for (const till of [atHome, away]) expect(await verdictOn(till.directory)).toEqual({ kind: 'true' });
  expect(await night(shops.county)).toMatchObject([
    { kiosk: shop, downSeq: 3 },
    { kiosk: home, downSeq: 4 },
  ]);
});

test('a cart of the same resident at home shows what is left, and the sum of before cannot be paid', async () => {
  const { presence, open } = await aCountyServed();
  const [atHome, away] = [await atWork(await open(home), { isShiftOpen: true }), await atWork(await open(shop), { isShiftOpen: true })];
  await expect.poll(() => presence.canBeCalled(home)).toBe(true);
  await atHome.call.scan({ text: card('1') });
  await atHome.call.scan({ text: '2000000000001' });
  await atHome.until(({ cart }) => cart.quote.points === 12_500);
  const { saleId, digest, quote } = atHome.snapshot().cart;
  await away.call.scan({ text: card('1') });
  expect(await pressed(away)).toEqual({ ok: true, value: { points: 20_000 } });
  const shown = { totalFen: quote.totalFen, points: quote.points, payFen: quote.dueCashFen, digest };
  expect(await atHome.call.pay({ saleId, shown, payment: { kind: 'cash', tenderedFen: 0 } })).toEqual({ ok: false, code: 'changed' });
  await atHome.until(({ cart }) => cart.quote.points === 0 && cart.resident?.mayDraw === true);
});

test('a server that stops while home is asked keeps nobody waiting, and the next one finds what came back', async () => {
  const { shops, server, stop, startAgain, presence, open } = await aCountyServed();
  const away = await atWork(await open(shop), { isShiftOpen: true });
  const { home: folder } = shops.shop(home);
  const pass = passOf(folder, server.pin);
  const line = countyLine({ server, county: '540525', kiosk: home, pass, signal: new AbortController().signal });
  const called = line.wait(); // it is called, and its exchange is slower than the server lives
  await expect.poll(() => presence.canBeCalled(home)).toBe(true);
  await away.call.scan({ text: card('1') });
  const drawn = away.call.drawPoints();
  expect(await called).toBe(true);
  line.close();
  await stop();
  expect(await drawn).toMatchObject({ ok: false, code: expect.stringMatching(/^draw_(late|offline)$/) as string });
  expect(await shops.hear(home)).toBe(1);
  await shops.send(home);
  await startAgain();
  expect(await pressed(away)).toEqual({ ok: true, value: { points: 20_000 } });
});

test('a kiosk that is called while the county fails at its files tries again after longer and longer, however often it is called', async () => {
  const { presence, open, faults } = await aCountyServed();
  const till = await open(shop);
  await expect.poll(() => presence.canBeCalled(shop)).toBe(true);
  faults.isOn = true;
  presence.ask([shop]); // once: nothing that a kiosk did without a fault takes it back
  await expect.poll(() => faults.met).toBeGreaterThan(0);
  await after(4_000);
  expect(faults.met).toBeLessThan(4); // two seconds at least between two
  expect(till.snapshot().exchange.up.fault).toBe('server_fault');
});
