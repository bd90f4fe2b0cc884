// A county's book is copied and put back: what lies beside it is taken up, kiosks resend the rest, and nobody is told what contradicts
// what they have.

import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { backup, putBack } from '../../county/backup-commands.ts';
import { proposeAwards, releaseAwards } from '../../county/book/awards.ts';
import { type CountyBook, openCounty } from '../../county/book/county-book.ts';
import { answerException, openExceptions } from '../../county/book/exceptions.ts';
import { takeIn } from '../../county/book/intake.ts';
import { checkBook } from '../../county/book/invariants.ts';
import { issueVoucher } from '../../county/book/vouchers.ts';
import { activeAlarm, takeAck } from '../../db/acks.ts';
import { ackText } from '../../db/model/ack.ts';
import { signNote } from '../../db/model/note.ts';
import { prepared } from '../../db/sqlite.ts';
import { cutUpFile, upFile, upFilePath } from '../../db/up-files.ts';
import { takeVoucher } from '../../db/vouchers.ts';
import { runRound } from '../../electron/engine/round.ts';
import { CountyShops, aCountyOfShops } from '../support/county-shops.ts';
import { temporary } from '../support/county.ts';
import { ackOf } from '../support/county-book.ts';
import { spendingOf, today } from '../support/sell.ts';

const [home, near] = ['qj-03', 'qj-04'] as const;
const both = [home, near] as const;

/** Two shops with points of a1 at home, a line near, and a book that was copied in the middle of it. */
async function copiedCounty(): Promise<{ readonly shops: CountyShops; readonly copy: string }> {
  const shops = await aCountyOfShops(onTestFinished, { kiosks: [...both], homes: { a1: home, a2: home }, roamAt: [near], roamCap: 5_000 });
  await release(shops, 'a1', 100);
  await everybody(shops);
  const place = temporary(onTestFinished);
  const said = heard();
  expect(await backup(shops.county, { to: place, words: [] }, said)).toBe(0);
  expect(readdirSync(place)).toEqual([expect.stringMatching(/^\d{6}-\d{4}-\d\d-\d\d-\d{9}\.countybook$/)]);
  return { shops, copy: join(place, readdirSync(place)[0]!) };
}

function heard(): { say(text: string): void; complain(text: string): void; readonly lines: string[] } {
  const lines: string[] = [];
  return { lines, say: (text) => void lines.push(text), complain: (text) => void lines.push(text) };
}

async function release({ county }: Pick<CountyShops, 'county'>, account: string, points: number): Promise<void> {
  const proposed = await proposeAwards(county, { text: `account,points,reason\n${account},${points},case ${Math.random()}\n`, by: 'wang' });
  if (!proposed.ok) throw new Error(proposed.code);
  expect(await releaseAwards(county, { batch: proposed.value.batch, by: 'li' })).toEqual({ ok: true, value: null });
}

/** Both shops send, the night runs, both hear. */
async function everybody(shops: CountyShops): Promise<void> {
  for (const kiosk of both) await send(shops, kiosk);
  await shops.night();
  for (const kiosk of both) await shops.hear(kiosk);
}

/** A night's life between the copy and the loss: a sale at each shop, an award by two people, files both ways. */
async function aDay(shops: CountyShops): Promise<void> {
  expect(shops.spend(home, 'a1', 1_000)).toEqual({ fromRights: 1_000, fromRoaming: 0 });
  expect(shops.spend(near, 'a1', 500)).toEqual({ fromRights: 0, fromRoaming: 500 });
  await release(shops, 'a2', 20);
  await everybody(shops);
}

/** The book is put back; `without`: folders beside it that were lost with it. */
async function lose(
  shops: CountyShops,
  copy: string,
  without: readonly string[],
): Promise<{ shops: CountyShops; lines: readonly string[] }> {
  const { directory } = shops.county.folder;
  await shops.county.close();
  for (const name of without) if (existsSync(join(directory, name))) renameSync(join(directory, name), join(directory, `lost-${name}`));
  const said = heard();
  let now = shops.county.wallMs();
  const clock = { wallMs: () => (now += 1_000) };
  expect([await putBack(directory, { from: copy, words: [] }, said, clock), said.lines]).toEqual([0, said.lines]);
  return { shops: over(shops, reopened(directory, clock)), lines: said.lines };
}

function reopened(directory: string, clock: { wallMs(): number }): CountyBook {
  const opened = openCounty(directory, clock);
  if (!opened.ok) throw new Error(opened.code);
  onTestFinished(() => opened.value.close());
  return opened.value;
}

function over(shops: CountyShops, county: CountyBook): CountyShops {
  return new CountyShops(county, new Map(both.map((kiosk) => [kiosk, shops.shop(kiosk)])));
}

/** A round of the kiosk's own code, without the network: it cuts what is new and sends. The county's verdicts, and how the round ended. */
async function send(shops: CountyShops, kiosk: string): Promise<readonly string[]> {
  const { county } = shops;
  const { home: place, book } = shops.shop(kiosk);
  const idle = (): Promise<void> => Promise.resolve();
  await cutUpFile(book, place, { software: 'test', idle });
  const verdicts: string[] = [];
  const end = await runRound({
    book,
    home: place,
    idle,
    line: {
      ackOf: ({ inc, fileSeq }) =>
        county.read(
          (db) =>
            prepared<[string, number, number], { note: string }>(
              db,
              'SELECT note FROM answer WHERE kiosk = ? AND inc = ? AND file_seq = ? ORDER BY number DESC LIMIT 1',
            ).get(kiosk, inc, fileSeq)?.note ?? null,
        ),
      async upload({ inc, fileSeq }, { dataPath, checkpoint, note }) {
        const taken = await takeIn(county, { kiosk, inc, fileSeq, data: dataPath, checkpoint, note });
        verdicts.push(`${fileSeq} ${taken.verdict}`);
        return taken.note;
      },
      downNote: () => Promise.resolve(null),
      downData: () => Promise.reject(new Error('not asked')),
      close() {},
    },
  });
  return end === null ? verdicts : [...verdicts, end.fault];
}

async function brokenRules(county: CountyBook): Promise<readonly string[]> {
  return (await checkBook(county, 'whole')).flatMap(({ rule, place }) => (place === null ? [] : [`${rule} ${place}`]));
}

async function codes(county: CountyBook): Promise<readonly string[]> {
  return (await county.read(openExceptions)).map(({ code, kiosk }) => `${code} ${kiosk}`.trim());
}

test.each([1, 3])('after %i nights everything that lies beside the book is in it again, and kiosks go on', async (nights) => {
  const { shops: before, copy } = await copiedCounty();
  for (let n = 0; n < nights; n += 1) await aDay(before);
  const was = [await before.at('a1'), await before.at('a2')];
  const { shops, lines } = await lose(before, copy, []);
  expect(lines.slice(1, -1)).toEqual([
    `taken up: ${2 * nights} files of kiosks, ${2 * nights} files to kiosks, ${nights} lists of awards\n`,
  ]);
  expect([await shops.at('a1'), await shops.at('a2')]).toEqual(was);
  expect(await brokenRules(shops.county)).toEqual([]);
  expect(shops.county.serverEpoch).toBe(2);
  expect(await shops.night()).toEqual(both.map((kiosk) => ({ kind: 'held', kiosk, why: 'put_back' })));
  for (const kiosk of both) expect(await send(shops, kiosk)).toEqual([`${2 + nights} ACCEPTED`]);
  await shops.night();
  for (const kiosk of both) expect(await shops.hear(kiosk)).toBe(1);
  await aDay(shops);
  expect(await codes(shops.county)).toEqual(['put_back']);
  expect(await brokenRules(shops.county)).toEqual([]);
  expect(spendingOf(shops.shop(home).book, 'a2').counters.granted).toBe(2_000 * (nights + 1));
});

test('files of kiosks that were lost are sent again from where the book ends, each posted once', async () => {
  const { shops: before, copy } = await copiedCounty();
  for (let n = 0; n < 3; n += 1) await aDay(before);
  const { shops } = await lose(before, copy, ['files']);
  for (const kiosk of both) expect(await send(shops, kiosk)).toEqual(['5 GAP', '2 ACCEPTED', '3 ACCEPTED', '4 ACCEPTED']);
  // 100 points, 30 spent at home, 15 near, which home has given back
  expect(await shops.at('a1')).toEqual({ main: 0, due: 0, overdraft: 0, rights: { [home]: 5_500 } });
  expect(await brokenRules(shops.county)).toEqual([]);
  await shops.night();
  for (const kiosk of both) expect(await shops.hear(kiosk)).toBe(1);
  await aDay(shops);
  expect(await brokenRules(shops.county)).toEqual([]);
});

test('where all is lost but the copy, kiosks are held, and what they and the committee kept makes the county whole', async () => {
  const { shops: before, copy } = await copiedCounty();
  for (let n = 0; n < 2; n += 1) await aDay(before);
  const { directory } = before.county.folder;
  const { shops } = await lose(before, copy, ['files', 'down', 'awards', 'log']);
  for (const kiosk of both) expect(await send(shops, kiosk)).toEqual(['4 GAP', '2 ACCEPTED', '3 GAP', 'not_posted']);
  expect(await codes(shops.county)).toEqual(expect.arrayContaining(['put_back', `unknown_down_file ${home}`, `unknown_down_file ${near}`]));
  expect(await shops.night()).toEqual(both.map((kiosk) => ({ kind: 'held', kiosk, why: 'put_back' })));
  expect(shops.spend(home, 'a1', 100)).toEqual({ fromRights: 100, fromRoaming: 0 });
  expect(shops.spend(near, 'a1', 100)).toEqual({ fromRights: 0, fromRoaming: 100 });
  for (const kiosk of both) {
    mkdirSync(join(directory, 'down', kiosk), { recursive: true });
    cpSync(shops.shop(kiosk).home.down, join(directory, 'down', kiosk), { recursive: true });
  }
  cpSync(join(directory, 'lost-log'), join(directory, 'log'), { recursive: true });
  const { shops: whole, lines } = await lose(shops, copy, []);
  expect(whole.county.serverEpoch).toBe(3);
  for (const kiosk of both) expect((await send(whole, kiosk)).at(-1)).toMatch(/ACCEPTED$/);
  expect(await brokenRules(whole.county)).toEqual([]);
  expect((await whole.night()).map(({ kind }) => kind)).toEqual(['written', 'written']);
  for (const kiosk of both) expect(await whole.hear(kiosk)).toBe(1);
  expect(lines.join('')).toContain('nothing in the book says why');
  await aDay(whole);
  expect(await brokenRules(whole.county)).toEqual([]);
});

test.each([
  ['with what lies beside it', []],
  ['with its files lost', ['files']],
] as const)('a voucher that the book forgot and a kiosk took in is given again, once, %s', async (_, without) => {
  const { shops: before, copy } = await copiedCounty();
  await release(before, 'a2', 20);
  const issued = await issueVoucher(before.county, { account: 'a2', kiosk: near, want: 700, by: 'li' });
  if (!issued.ok) throw new Error(issued.code);
  const scanned = takeVoucher(before.shop(near).book, { text: issued.value.text, by: 'scan', op: 'op1', day: today });
  expect(scanned).toMatchObject({ ok: true });
  expect(before.spend(near, 'a2', 300)).toEqual({ fromRights: 300, fromRoaming: 0 });
  await everybody(before);
  const { shops } = await lose(before, copy, without);
  expect(await issueVoucher(shops.county, { account: 'a2', kiosk: near, want: 1, by: 'li' })).toEqual({ ok: false, code: 'restored' });
  for (const kiosk of both) await send(shops, kiosk);
  expect(await shops.at('a2')).toEqual({ main: 0, due: 0, overdraft: 0, rights: { [home]: 1_300, [near]: 400 } });
  expect(await brokenRules(shops.county)).toEqual([]);
  await shops.night();
  for (const kiosk of both) expect(await shops.hear(kiosk)).toBe(1);
  expect(await codes(shops.county)).toEqual(['put_back']);
});

test('an answer of a later epoch about less than was posted is no alarm, one with another leaf is', async () => {
  const { shops: before, copy } = await copiedCounty();
  await aDay(before);
  const { home: place, book } = before.shop(home);
  const file = upFile(book.db, { inc: 1, fileSeq: 1 })!;
  const first = readFileSync(upFilePath(place, file, 'ack'), 'utf8');
  const { shops } = await lose(before, copy, ['files']);
  await send(shops, home);
  expect(takeAck(book, place, file, first)).toMatchObject({ kind: 'taken', ack: { fileSeq: 1 } });
  expect(activeAlarm(place)).toBeNull();
  const ack = ackOf(first);
  const other = ackText({ ...ack, posted: { toSeq: ack.posted!.toSeq, headLeaf: 'A'.repeat(43) } });
  const lie = signNote(other, { name: shops.county.name, privateKey: shops.county.signer });
  expect(takeAck(book, place, file, lie)).toEqual({ kind: 'alarm' });
  expect(activeAlarm(place)).toMatchObject({ fileSeq: 1 });
});

test('no root is signed over a shorter log, and no kiosk that holds a longer one is sent a file', async () => {
  const { shops: before, copy } = await copiedCounty();
  await aDay(before);
  const { shops } = await lose(before, copy, ['log', 'awards']);
  for (const kiosk of both) await send(shops, kiosk);
  expect(await codes(shops.county)).toContain('put_back');
  for (const { number } of await shops.county.read(openExceptions))
    await answerException(shops.county, { number, by: 'wang', text: 'seen' });
  expect(await shops.night()).toEqual(both.map((kiosk) => ({ kind: 'held', kiosk, why: 'log_contradicted' })));
});

test('a copy that is put back on a new disk has a later epoch than any file that lies there', async () => {
  const { shops: before, copy } = await copiedCounty();
  const { shops: second } = await lose(before, copy, []);
  for (const kiosk of both) await send(second, kiosk);
  await second.night();
  const { shops: third } = await lose(second, copy, ['book.db', 'log']);
  expect(third.county.serverEpoch).toBe(3);
});

test('a copy is not put back over another county, without keys, or under a server', async () => {
  const { shops, copy } = await copiedCounty();
  const said = heard();
  const clock = { wallMs: () => 0 };
  expect(await putBack(shops.county.folder.directory, { from: copy, words: [] }, said, clock)).toBe(1);
  expect(await putBack(temporary(onTestFinished), { from: copy, words: [] }, said, clock)).toBe(1);
  await shops.county.close();
  expect(await putBack(shops.county.folder.directory, { from: join(shops.county.folder.keys, 'file.pem'), words: [] }, said, clock)).toBe(
    1,
  );
  expect(said.lines).toEqual([
    'a server has this book open: end it first: nothing was changed\n',
    'the folder has no keys/file.pem: put the county’s keys there first: nothing was changed\n',
    'the file is damaged: nothing was changed\n',
  ]);
});
