// A demo county whole: two shops' engines and the county's server over HTTPS. One resident buys away from home and at home, the county's
// night runs twice, and both shops and the county agree on what is left, what was funded and what the county owes.

import { cpSync, readdirSync, readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openCounty } from '../../county/book/county-book.ts';
import { runDataCommand } from '../../county/data-commands.ts';
import { runNight } from '../../county/serve/nightly.ts';
import { serverIdentity } from '../../county/server/certificate.ts';
import { newPresence } from '../../county/server/presence.ts';
import { countyServer } from '../../county/server/server.ts';
import { type CountyServer, enrolmentShape, makeHome } from '../../db/home.ts';
import { createBook } from '../../db/open-book.ts';
import { accountState } from '../../db/reference.ts';
import { openReadable } from '../../db/sqlite.ts';
import { aDemo, readSamples } from '../county/a-demo.ts';
import { handClock, temporary } from '../support/county.ts';
import { closeTheDay, openShiftToday } from '../support/open-shift.ts';
import { type Till, startTill } from '../support/till.ts';
import { verdictOn } from '../support/verify.ts';

const ownerPin = '864209';
const soldAway = 1_000;
const soldAtHome = 2_000;
/** What a demo's kiosk waits between two questions, and some work. */
const patient = { timeout: 20_000, interval: 50 };

/** A shop of the demo whose owner is at work. */
async function aShop(demo: string, kiosk: string, server: CountyServer): Promise<Till> {
  const directory = temporary(onTestFinished);
  const shop = join(demo, 'kiosks', kiosk);
  const enrolment = enrolmentShape.parse(JSON.parse(readFileSync(join(shop, 'enrolment.json'), 'utf8')));
  const home = makeHome(directory, { enrolment, countyServer: server, diskReserveBytes: 0 });
  for (const file of readdirSync(join(shop, 'down'))) cpSync(join(shop, 'down', file), join(home.inbox, file));
  const clock = handClock();
  createBook(home, clock, 'test').close();
  const till = await startTill(onTestFinished, directory, clock);
  await expect.poll(() => till.snapshot().exchange.lastDownSeq, patient).toBe(2);
  await atWork(till);
  return till;
}

async function atWork(till: Till): Promise<void> {
  const operatorId = till.snapshot().operators.find(({ role }) => role === 'owner')!.id;
  if (till.snapshot().operator === null) expect(await till.call.signIn({ operatorId, pin: ownerPin })).toMatchObject({ ok: true });
  expect(await openShiftToday(till.call)).toMatchObject({ ok: true });
}

/** Sells one thing for some of the resident's points and the rest in cash. */
async function sell(till: Till, card: string, points: number): Promise<void> {
  expect(await till.call.scan({ text: card })).toMatchObject({ code: 'card_accepted' });
  const { tiles } = await till.call.searchGoods({ query: '大米', category: null, offset: 0 });
  await till.call.addGoods({ goodsId: tiles[0]!.id });
  expect(await till.call.setPoints({ points })).toMatchObject({ ok: true });
  const { saleId, quote, digest } = (await till.until(({ cart }) => cart.quote.points === points)).cart;
  const { totalFen, dueCashFen } = quote;
  const shown = { totalFen, points, payFen: dueCashFen, digest };
  expect(await till.call.pay({ saleId, shown, payment: { kind: 'cash', tenderedFen: dueCashFen } })).toMatchObject({ ok: true });
}

/** What the resident may use here, and has in the county. */
async function allowanceIn(till: Till, card: string) {
  await till.call.scan({ text: card });
  const { rights, roaming, usable, countyBalance } = (await till.until(({ cart }) => cart.resident !== null)).cart.resident!.allowance;
  return { rights, roaming, usable, countyBalance };
}

test('what one resident spends at two shops is the same in both and in the county after the night, funded, and owed to each shop', async () => {
  const demo = await aDemo(onTestFinished);
  const data = join(temporary(onTestFinished, 'jifen-county-'), 'data');
  expect(await runDataCommand(['import-demo', demo, '--data', data], { say: () => {}, complain: () => {} })).toBe(0);
  const time = handClock();
  const opened = openCounty(data, time);
  if (!opened.ok) throw new Error(opened.code);
  const county = opened.value;
  onTestFinished(() => county.close());
  const identity = serverIdentity(county.folder.keys, 'test');
  const presence = newPresence(() => performance.now());
  const complaints: string[] = [];
  const app = await countyServer(county, { identity, presence, complain: (line) => complaints.push(line) });
  onTestFinished(() => app.close());
  await app.listen({ port: 0, host: '127.0.0.1' });
  const server = { url: `https://127.0.0.1:${(app.server.address() as AddressInfo).port}`, pin: identity.pin };

  const away = await aShop(demo, 'QJ-02', server);
  const home = await aShop(demo, 'QJ-03', server);
  const shops = [away, home];
  const visitor = readSamples(demo, 'QJ-02').find(({ key }) => key === 'visitor')!.text;
  const before = { away: await allowanceIn(away, visitor), home: await allowanceIn(home, visitor) };
  const balance = before.home.countyBalance;
  expect(before).toMatchObject({ away: { rights: 0, countyBalance: balance }, home: { rights: balance, roaming: 0 } });
  for (const till of shops) await till.call.dropResident();

  await sell(away, visitor, soldAway);
  await sell(home, visitor, soldAtHome);
  for (const till of shops) {
    expect(await closeTheDay(till.call)).toMatchObject({ ok: true });
    const actId = crypto.randomUUID();
    expect(await till.call.prepareSettlement({ actId })).toMatchObject({ ok: true });
  }

  /** The county asks both, they send what they have, it makes its files, and they apply them. */
  const night = async (downSeq: number): Promise<void> => {
    const asked = performance.now();
    presence.ask(['QJ-02', 'QJ-03']);
    for (const till of shops) till.clock.turn(5_000);
    await expect.poll(() => ['QJ-02', 'QJ-03'].every((kiosk) => (presence.of(kiosk)?.sentAtMs ?? 0) > asked), patient).toBe(true);
    await expect.poll(() => shops.map((till) => till.snapshot().exchange.up.filesWaiting), patient).toEqual([0, 0]);
    expect(shops.map((till) => till.snapshot().exchange.up.lastAnswer?.verdict)).toEqual(['ACCEPTED', 'ACCEPTED']);
    time.turn(60_000);
    await runNight(county);
    for (const till of shops) till.clock.turn(60_000);
    await expect.poll(() => shops.map((till) => till.snapshot().exchange.lastDownSeq), patient).toEqual([downSeq, downSeq]);
  };
  for (const till of shops) await till.call.sendUpNow(); // or the first question comes ten seconds after the start
  await night(3);
  for (const till of shops)
    expect((await till.call.settlements({ beforeNumber: null })).settlements).toMatchObject([{ state: 'accepted' }]);
  for (const till of shops) await atWork(till);
  const left = balance - soldAway - soldAtHome;
  expect(await allowanceIn(home, visitor)).toEqual({ rights: left, roaming: 0, usable: left, countyBalance: left });
  expect(await allowanceIn(away, visitor)).toMatchObject({ rights: 0, countyBalance: left });

  await night(4);
  expect(await allowanceIn(away, visitor)).toEqual({ ...before.away, countyBalance: left }); // funded: the line is whole again
  for (const till of shops) await till.stop();
  const returned = home.events().flatMap((event) => (event.kind === 'RIGHTS_RETURNED' ? [event] : []));
  expect(returned).toMatchObject([{ amt: soldAway }]);
  const counters = shops.map((till) => {
    const db = openReadable(join(till.directory, 'book.db'));
    const of = accountState(db, returned[0]!.body.accountId, '2026-11-22').counters;
    db.close();
    return of;
  });
  expect(counters).toMatchObject([
    { granted: 0, spent: 0, roamed: soldAway, roamedSettled: soldAway },
    { granted: balance, spent: soldAtHome, returned: soldAway, roamed: 0 },
  ]);
  expect([complaints, ...(await Promise.all(shops.map((till) => verdictOn(till.directory))))]).toEqual([
    [],
    { kind: 'true' },
    { kind: 'true' },
  ]);
});
