// Drills of what goes wrong for good (reconciliation.md R7 T11, R8): after each the committee gets what the county keeps, reads nothing but
// those files and the public keys, and both verifiers find them true.

import { cpSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { backup, putBack } from '../../county/backup-commands.ts';
import { proposeAwards, releaseAwards } from '../../county/book/awards.ts';
import { type CountyBook, openCounty } from '../../county/book/county-book.ts';
import { answerException, openExceptions } from '../../county/book/exceptions.ts';
import { takeIn } from '../../county/book/intake.ts';
import { checkBook } from '../../county/book/invariants.ts';
import { enterPaper, judgePaper } from '../../county/book/lost-papers.ts';
import { revokeKiosk } from '../../county/book/revoke.ts';
import { releaseKiosk } from '../../county/book/rights.ts';
import { readHome } from '../../db/home.ts';
import { type BookEvent, signedText } from '../../db/model/event.ts';
import { dayMs } from '../../db/model/time.ts';
import { verdictsOn } from '../outsider/both.ts';
import { reopened } from '../support/book.ts';
import { CountyShops, aCountyOfShops } from '../support/county-shops.ts';
import { ackOf, cut, uploadOf } from '../support/county-book.ts';
import { temporary } from '../support/county.ts';
import { layOutCounty } from '../support/outsider-folder.ts';
import { sell } from '../support/sell.ts';

const [home, near] = ['qj-03', 'qj-04'] as const;
const both = [home, near] as const;

/** Two shops, 100 points of a1 at home and a line near, a day sold at both and sent. */
async function countyAtWork(): Promise<CountyShops> {
  const shops = await aCountyOfShops(onTestFinished, { kiosks: [...both], homes: { a1: home, a2: home }, roamAt: [near], roamCap: 5_000 });
  const proposed = await proposeAwards(shops.county, { text: 'account,points,reason\na1,100,劳动\na2,40,劳动\n', by: 'wang' });
  if (!proposed.ok) throw new Error(proposed.code);
  expect(await releaseAwards(shops.county, { batch: proposed.value.batch, by: 'li' })).toEqual({ ok: true, value: null });
  await everybody(shops);
  expect([shops.spend(home, 'a1', 1_000), shops.spend(near, 'a1', 500)]).toEqual([
    { fromRights: 1_000, fromRoaming: 0 },
    { fromRights: 0, fromRoaming: 500 },
  ]);
  await everybody(shops);
  return shops;
}

/** Both shops send, the night runs, both hear. */
async function everybody(shops: CountyShops): Promise<void> {
  for (const kiosk of both) expect((await shops.send(kiosk)).verdict).toBe('ACCEPTED');
  await shops.night();
  for (const kiosk of both) await shops.hear(kiosk);
}

/** What the county itself says of its book, and what two programs say of the files that it hands out. */
async function committee(county: CountyBook): Promise<unknown> {
  const directory = temporary(onTestFinished, 'jifen-committee-');
  await layOutCounty(directory, county);
  const [verdict] = await verdictsOn([directory]);
  const broken = (await checkBook(county, 'whole')).flatMap(({ rule, place }) => (place === null ? [] : [`${rule} ${place}`]));
  return { broken, ...verdict };
}

const allIsTrue = { broken: [], ours: { kind: 'true', place: '' }, python: { kind: 'true', place: '' } };

async function answerAll(county: CountyBook): Promise<readonly string[]> {
  const open = await county.read(openExceptions);
  for (const { number } of open) await answerException(county, { number, by: '监督委员会', text: '已核实' });
  return open.map(({ code }) => code);
}

test('a kiosk burns: its backup is put back, papers that people kept are entered, and the shop goes on', { timeout: 60_000 }, async () => {
  const shops = await countyAtWork();
  const { county } = shops;
  const image = shops.image(home);
  expect(shops.spend(home, 'a1', 2_000)).toEqual({ fromRights: 2_000, fromRoaming: 0 });
  const receipt = receiptOf(shops);
  shops.restore(home, image);
  expect((await shops.send(home)).verdict).toBe('ACCEPTED');
  const paper = await county.read((db) =>
    judgePaper(db, { county: county.code, kiosk: home }, { text: receipt, kind: 'sale', fen: 200, account: 'a1' }),
  );
  if (!paper.ok) throw new Error(paper.code);
  await county.transact((act) => enterPaper(act, paper.value));
  expect(await answerAll(county)).toEqual(['restored']);
  await shops.night();
  await shops.hear(home);
  expect((await shops.at('a1')).rights[home]).toBe(10_000 - 1_000 - 500 - 2_000);
  expect(shops.spend(home, 'a1', 300)).toEqual({ fromRights: 300, fromRoaming: 0 });
  await everybody(shops);
  expect(await committee(county)).toEqual(allIsTrue);
});

/** The code on the receipt of the shop's newest sale. */
function receiptOf(shops: CountyShops): string {
  const row = shops
    .shop(home)
    .book.db.prepare<[], { line: string; leaf: Buffer; sig: Buffer }>(
      `SELECT line, leaf, sig FROM event WHERE kind = 'SALE' ORDER BY seq DESC`,
    )
    .get()!; // it has sold
  return `${signedText(JSON.parse(row.line) as BookEvent, row.leaf.toString('base64url'))}|${row.sig.toString('base64url')}`;
}

test('the county’s disk is lost: its backup is put back, and kiosks send what came after it', { timeout: 60_000 }, async () => {
  const before = await countyAtWork();
  const place = temporary(onTestFinished);
  const lines: string[] = [];
  const terminal = { say: (text: string) => void lines.push(text), complain: (text: string) => void lines.push(text) };
  expect(await backup(before.county, { to: place, words: [] }, terminal)).toBe(0);
  expect(before.spend(home, 'a1', 700)).toEqual({ fromRights: 700, fromRoaming: 0 });
  await everybody(before);
  const was = await before.at('a1');
  const { directory } = before.county.folder;
  await before.county.close();
  let now = before.county.wallMs();
  const clock = { wallMs: () => (now += 1_000) };
  expect(await putBack(directory, { from: join(place, readdirSync(place)[0]!), words: [] }, terminal, clock)).toBe(0);
  const opened = openCounty(directory, clock);
  if (!opened.ok) throw new Error(opened.code);
  const county = opened.value;
  onTestFinished(() => county.close());
  const shops = new CountyShops(county, new Map(both.map((kiosk) => [kiosk, before.shop(kiosk)])));
  expect(await shops.at('a1')).toEqual(was);
  expect(await answerAll(county)).toEqual(['put_back']);
  await everybody(shops);
  expect(shops.spend(home, 'a1', 100)).toEqual({ fromRights: 100, fromRoaming: 0 });
  await everybody(shops);
});

test(
  'a key is stolen: it is revoked, what comes under it is not posted, and its residents are at home elsewhere',
  { timeout: 60_000 },
  async () => {
    const shops = await countyAtWork();
    const { county } = shops;
    const stolen = `${shops.shop(home).directory}-stolen`;
    shops.shop(home).book.db.pragma('wal_checkpoint(TRUNCATE)');
    cpSync(shops.shop(home).directory, stolen, { recursive: true });
    expect(await revokeKiosk(county, { kiosk: home, by: '监督委员会', reason: 'stolen' })).toEqual({
      ok: true,
      value: { rights: 10_000 - 1_000 + 4_000, accounts: 2 }, // what was roamed is asked back, and not given yet
    });
    const found = readHome(stolen);
    if (!found.ok) throw new Error(found.code);
    const thief = reopened(found.home, shops.shop(home).clock);
    sell(thief, { resident: '1', goods: [['2', 10]], chosenPoints: 5_000 });
    const answer = ackOf((await takeIn(county, uploadOf(found.home, await cut(found.home, thief)))).note);
    thief.close();
    expect(answer).toMatchObject({ verdict: 'REJECTED', posted: null, detail: 'the key of this kiosk is revoked' });
    expect(await releaseKiosk(county, { kiosk: home, to: near, by: '监督委员会' })).toMatchObject({ ok: true });
    expect(await answerAll(county)).toEqual(['revoked']);
    expect((await shops.send(near)).verdict).toBe('ACCEPTED');
    await shops.night();
    await shops.hear(near);
    expect(shops.spend(near, 'a1', 5_000)).toEqual({ fromRights: 5_000, fromRoaming: 0 });
    expect((await shops.send(near)).verdict).toBe('ACCEPTED');
    expect(await committee(county)).toEqual(allIsTrue);
  },
);

test('a file comes ten days late, in the midst of nights without it: posted, under its own days', { timeout: 60_000 }, async () => {
  const shops = await countyAtWork();
  const { county } = shops;
  expect(shops.spend(near, 'a1', 200)).toEqual({ fromRights: 0, fromRoaming: 200 });
  const { home: place, book } = shops.shop(near);
  const late = uploadOf(place, await cut(place, book));
  for (let n = 0; n < 10; n += 1) {
    shops.shop(home).clock.turn(dayMs);
    await shops.send(home);
    await shops.night();
    await shops.hear(home);
  }
  const answer = ackOf((await takeIn(county, late)).note);
  expect(answer).toMatchObject({ verdict: 'ACCEPTED', exceptions: 0 });
  await shops.hear(near); // all ten
  await everybody(shops);
  await everybody(shops); // what is due is asked back, and given
  expect(await shops.at('a1')).toEqual({ main: 0, due: 0, overdraft: 0, rights: { [home]: 10_000 - 1_000 - 500 - 200 } });
  expect(await committee(county)).toEqual(allIsTrue);
});
