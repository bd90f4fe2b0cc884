// A whole demo county, read back from its files: what is signed, what is the same twice, and what a till makes of it.

import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import jsQR from 'jsqr';
import { loadImage, createCanvas } from '@napi-rs/canvas';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { makeDemo } from '../../county/demo.ts';
import { silent } from '../../county/progress.ts';
import { goodsSamples } from '../../county/samples.ts';
import { latestGoods } from '../../county/nights.ts';
import { makeGoods } from '../../county/goods/make-goods.ts';
import { type PlanName, plans } from '../../county/schemes/by-name.ts';
import { makeHome } from '../../db/home.ts';
import { isWeakPin, verifyPin } from '../../db/model/pin.ts';
import type { DownLine } from '../../db/model/down-file.ts';
import { createBook } from '../../db/open-book.ts';
import { handClock } from '../support/county.ts';
import { openShiftToday } from '../support/open-shift.ts';
import { startTill } from '../support/till.ts';
import { aDemo, emptyFolder, readEnrolment, readSamples, readSimulated, removeShared, sharedDemo, smallChoices } from './a-demo.ts';
import { readDown } from './read-down.ts';

afterAll(removeShared);

describe.each(Object.keys(plans) as readonly PlanName[])('the county of %s', (scheme) => {
  test('sends every kiosk two files that are whole, signed, in order, and grant each point once', async () => {
    const out = await sharedDemo({ scheme });
    const kiosks = readdirSync(join(out, 'kiosks'));
    expect(kiosks).toHaveLength(smallChoices.stores);
    const granted = new Map<string, number>();
    let balances = new Map<string, number>();
    for (const kiosk of kiosks) {
      const enrolment = readEnrolment(out, kiosk);
      const down = join(out, 'kiosks', kiosk, 'down');
      const [first, second] = [readDown(down, enrolment, 1), readDown(down, enrolment, 2)];
      expect([first.header.prevDownSha, second.header.prevDownSha]).toEqual(['', first.sha256]);
      expect([first.header.snapshot, second.header.snapshot]).toEqual([true, false]);
      expect(second.header.asOf).toBe(Date.parse('2026-11-21T00:00:00+08:00'));
      expect(second.header.asOf - first.header.asOf).toBe(24 * 60 * 60 * 1000);
      const all = [...first.lines, ...second.lines];
      const here = lastOf(all, 'GRANT', (line) => [line.a, line.g]);
      for (const [account, amount] of here) granted.set(account, (granted.get(account) ?? 0) + amount);
      balances = lastOf(all, 'BAL', (line) => [line.a, line.balance]);
    }
    expect(granted).toEqual(balances); // the home kiosk holds 100 %, and no point twice (reconciliation.md R3)
  });
});

/** The last value each key was given, in order of key. */
function lastOf<T extends DownLine['t']>(
  lines: readonly DownLine[],
  kind: T,
  pair: (line: Extract<DownLine, { t: T }>) => [string, number],
): Map<string, number> {
  const found = lines.filter((line): line is Extract<DownLine, { t: T }> => line.t === kind).map(pair);
  return new Map([...new Map(found)].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

test('the second night changes what it says, so that order matters', async () => {
  const out = await sharedDemo({ scheme: 'qiongjie' });
  const enrolment = readEnrolment(out, 'QJ-02');
  const [first, second] = [1, 2].map((downSeq) => readDown(join(out, 'kiosks', 'QJ-02', 'down'), enrolment, downSeq).lines) as [
    readonly DownLine[],
    readonly DownLine[],
  ];
  const kinds = new Set(second.map((line) => line.t));
  expect([...kinds].toSorted()).toEqual(['BAL', 'DENY', 'GOODS', 'GRANT', 'RESIDENT', 'ROAM']);
  const priceOf = (lines: readonly DownLine[]) =>
    lines.flatMap((line) => (line.t === 'GOODS' && line.goods.zh === '洗洁精' ? [line.goods.priceFen] : []))[0];
  expect([priceOf(first), priceOf(second)]).toEqual([490, 540]);
  const before = lastOf(first, 'GRANT', (line) => [line.a, line.g]);
  for (const [account, amount] of lastOf(second, 'GRANT', (line) => [line.a, line.g])) expect(amount - before.get(account)!).toBe(30_00);
});

test('the same choices are the same bytes, and another seed is not', async () => {
  const [one, again, other] = [
    await sharedDemo({ scheme: 'qiongjie' }),
    await aDemo(onTestFinished),
    await aDemo(onTestFinished, { seed: 2 }),
  ];
  expect(hashesOf(again)).toEqual(hashesOf(one));
  expect(hashesOf(other)['kiosks/QJ-01/down/00000001.jsonl.gz']).not.toBe(hashesOf(one)['kiosks/QJ-01/down/00000001.jsonl.gz']);
});

function hashesOf(folder: string): { readonly [path: string]: string } {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => statSync(join(folder, path)).isFile());
  return Object.fromEntries(
    files.toSorted().map((path) => [
      path,
      createHash('sha256')
        .update(readFileSync(join(folder, path)))
        .digest('hex'),
    ]),
  );
}

/** Every other kiosk of a county: in the town, in a village beside it, and far from it. */
const visited: readonly (readonly [PlanName, string, number])[] = [
  ['qiongjie', 'QJ-01', 6],
  ['qiongjie', 'QJ-04', 6],
  ['tongyu', 'TY-02', 6],
  ['lanping', 'LP-06', 6],
  ['changyuan', 'CY-01', 1],
  ['zhenlai', 'ZL-02', 6],
];

describe.each(visited)('a till of %s, kiosk %s of %i shops', (scheme, kiosk, stores) => {
  test('applies both files and answers every sample as intended', async () => {
    const out = await sharedDemo(stores === smallChoices.stores ? { scheme } : { scheme, stores });
    const from = join(out, 'kiosks', kiosk);
    const directory = emptyFolder(onTestFinished);
    const clock = handClock();
    const home = makeHome(directory, { enrolment: readEnrolment(out, kiosk), diskReserveBytes: 0 });
    createBook(home, clock, 'test').close();
    cpSync(join(from, 'down'), home.inbox, { recursive: true });
    cpSync(join(from, 'simulated.json'), home.simulated);

    const till = await startTill(onTestFinished, directory, clock);
    const ready = await till.until((snapshot) => snapshot.exchange.lastDownSeq === 2);
    expect(ready.exchange.refused).toBeNull();
    expect(ready.operators.map(({ role }) => role)).toEqual(['cashier', 'cashier', 'staff', 'owner']);
    const { pins, cards, goods } = readSimulated(out, kiosk);
    expect(await till.call.signIn({ operatorId: pins[0]!.operator, pin: pins[0]!.pin })).toMatchObject({ ok: true });
    expect(await openShiftToday(till.call, 0)).toMatchObject({ ok: true });
    expect(await till.call.simulatedThings()).toEqual({ cards, goods });

    const samples = readSamples(out, kiosk);
    expect(samples.map(({ zh, bo, en, text }) => ({ zh, bo, en, text }))).toEqual(cards);
    for (const { key, text, expected, usable } of samples) {
      await till.call.dropResident(); // another's card in its place would be told as such
      const notice = await till.call.scan({ text });
      const resident = expected === 'card_accepted' ? (await till.call.snapshot()).cart.resident : null;
      expect([key, notice.code, resident?.allowance.usable ?? null]).toEqual([key, expected, usable]);
    }
    const shelf = goodsSamples(latestGoods(makeGoods(smallChoices.goods, plans[scheme])), plans[scheme].scheme.labels);
    expect(shelf.length).toBeGreaterThanOrEqual(14);
    expect(goods.map(({ text }) => text)).toEqual(shelf.map(({ text }) => text));
    for (const { zh, text, expected } of shelf) expect([zh, (await till.call.scan({ text })).code]).toEqual([zh, expected]);
    expect(till.log.filter((line) => /fail|error/i.test(line))).toEqual([]);
  });
});

test('the PINs of the demo open its operators, and none is weak', async () => {
  const out = await sharedDemo({ scheme: 'qiongjie' });
  const { lines } = readDown(join(out, 'kiosks', 'QJ-03', 'down'), readEnrolment(out, 'QJ-03'), 1);
  const hashes = new Map(lines.flatMap((line) => (line.t === 'OPERATOR' ? [[line.operator.id, line.operator.pinHash] as const] : [])));
  const { pins } = readSimulated(out, 'QJ-03');
  const readme = readFileSync(join(out, 'README.txt'), 'utf8');
  for (const { operator, pin } of pins) {
    expect(await verifyPin(pin, hashes.get(operator)!)).toEqual({ ok: true, rehash: false });
    expect(isWeakPin(pin)).toBe(false);
    expect(readme).toContain(pin);
  }
});

test('a card picture reads back as the card', async () => {
  const out = await sharedDemo({ scheme: 'qiongjie' });
  const elder = readSamples(out, 'QJ-01').find((card) => card.key === 'elder')!;
  const image = await loadImage(join(out, 'county', 'cards', 'QJ-01-elder.png'));
  const canvas = createCanvas(image.width, image.height);
  canvas.getContext('2d').drawImage(image, 0, 0);
  const pixels = canvas.getContext('2d').getImageData(0, 0, image.width, image.height);
  const read = (jsQR as unknown as (data: Uint8ClampedArray, width: number, height: number) => { data: string } | null)(
    pixels.data,
    image.width,
    image.height,
  ); // CommonJS: its types name a default that NodeNext does not see
  expect(read?.data).toBe(elder.text);
});

test('sheets of all cards show everyone once, and nobody by name', async () => {
  const out = await aDemo(onTestFinished, { stores: 2, residents: 60, cards: 'all' });
  const sheets = ['QJ-01', 'QJ-02'].map((kiosk) => readFileSync(join(out, 'county', 'cards', `${kiosk}.html`), 'utf8')).join('');
  const rows = readFileSync(join(out, 'county', 'roster.csv'), 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((row) => row.split(','));
  expect(rows).toHaveLength(61); // and the newcomer, who is not yet on a sheet
  for (const [id, , name] of rows.slice(0, 60))
    expect([sheets.split(`<br>${id} · `).length - 1, sheets.includes(name!)]).toEqual([1, false]);
});

test('private keys are for the owner of the folder alone, and said to be worthless', async () => {
  const out = await sharedDemo({ scheme: 'qiongjie' });
  const keys = join(out, 'county', 'keys');
  const modes = Object.fromEntries(readdirSync(keys).map((name) => [name, statSync(join(keys, name)).mode & 0o777]));
  expect(modes).toMatchObject({ 'card.pem': 0o600, 'cardRetired.pem': 0o600, 'file.pem': 0o600, 'tag.key': 0o600 });
  expect(readFileSync(join(keys, 'WORTHLESS.txt'), 'utf8')).toContain('PROTECT NOTHING');
});

test('a folder with other things in it is left alone', async () => {
  const out = emptyFolder(onTestFinished);
  writeFileSync(join(out, 'thesis.txt'), 'years of work');
  expect(await makeDemo(out, smallChoices, silent)).toEqual({ ok: false, code: 'not_empty' });
  expect(readdirSync(out)).toEqual(['thesis.txt']);
});

test('an earlier demo, even one cut short, is replaced, and what others put beside it stays', async () => {
  const out = emptyFolder(onTestFinished);
  mkdirSync(join(out, 'kiosks', 'QJ-09'), { recursive: true });
  writeFileSync(join(out, 'demo.json'), JSON.stringify({ format: 'civicpos-demo-v1', complete: false, choices: {} }));
  writeFileSync(join(out, 'mine.txt'), 'a note');
  expect((await makeDemo(out, { ...smallChoices, stores: 1, residents: 40 }, silent)).ok).toBe(true);
  expect(readdirSync(join(out, 'kiosks'))).toEqual(['QJ-01']);
  expect(readdirSync(out).toSorted()).toEqual(['README.txt', 'county', 'demo.json', 'kiosks', 'mine.txt']);
  expect(JSON.parse(readFileSync(join(out, 'demo.json'), 'utf8'))).toMatchObject({ complete: true });
});

test('a folder whose demo.json is of something else is left alone', async () => {
  const out = emptyFolder(onTestFinished);
  for (const text of ['not JSON', '{"format":"another"}', 'null']) {
    writeFileSync(join(out, 'demo.json'), text);
    expect(await makeDemo(out, smallChoices, silent)).toEqual({ ok: false, code: 'not_empty' });
    expect(readFileSync(join(out, 'demo.json'), 'utf8')).toBe(text);
  }
});
