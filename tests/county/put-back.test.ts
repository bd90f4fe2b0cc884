// A county's book is copied and put back: what lies beside it is taken up, kiosks resend the rest, and nobody is told what contradicts
// what they have.

import { generateKeyPairSync, hash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { backup, putBack } from '../../county/backup-commands.ts';
import { putAdjustment } from '../../county/book/adjustments.ts';
import { proposeAwards, releaseAwards } from '../../county/book/awards.ts';
import { type CountyBook, openCounty } from '../../county/book/county-book.ts';
import { answerException, openExceptions } from '../../county/book/exceptions.ts';
import { checkBook } from '../../county/book/invariants.ts';
import { type Upload, takeIn } from '../../county/book/intake.ts';
import { askForUse, grantUnallocated } from '../../county/book/rights.ts';
import { advance, openAdvances } from '../../county/book/advances.ts';
import { enterPutBack, unheardKiosks } from '../../county/book/put-back.ts';
import { proposeRepair, releaseRepair, waitingRepairs } from '../../county/book/repairs.ts';
import { retireKey, rotateKey } from '../../county/book/rotation.ts';
import { takePayments } from '../../county/book/payments.ts';
import { releaseReclaim } from '../../county/book/reclaims.ts';
import { type Wanted, proposeTakeBack, takingBack } from '../../county/book/take-backs.ts';
import { issueVoucher } from '../../county/book/vouchers.ts';
import { publishDownFile } from '../../county/down-writer.ts';
import { layOutForOutsiders } from '../../county/outsiders-folder.ts';
import { newestRoot } from '../../county/log/log.ts';
import { askingFile } from '../../county/night.ts';
import { activeAlarm, takeAck } from '../../db/acks.ts';
import { readHome } from '../../db/home.ts';
import { rotateOwnKey } from '../../db/kiosk-keys.ts';
import { ackText } from '../../db/model/ack.ts';
import type { DownHeader } from '../../db/model/down-file.ts';
import { fileNoteText, signNote } from '../../db/model/note.ts';
import { openBook } from '../../db/open-book.ts';
import { type ReadableDatabase, prepared } from '../../db/sqlite.ts';
import { newestUpFile, upFile, upFilePath } from '../../db/up-files.ts';
import { takeVoucher } from '../../db/vouchers.ts';
import { withSignIns } from '../support/at-work.ts';
import { closeDay, openDay } from '../support/closing.ts';
import { CountyShops, type TestShop, aCountyOfShops } from '../support/county-shops.ts';
import { temporary } from '../support/county.ts';
import { ackOf, cut, uploadOf } from '../support/county-book.ts';
import { sell, spendingOf, today } from '../support/sell.ts';
import { sendRound } from '../support/county-copies.ts';
import { awarded, everybody as bothShops, twoShops } from '../support/take-backs.ts';
import { settleDays } from '../support/used-county.ts';
import { verdictsOn } from '../outsider/both.ts';

const [home, near] = ['qj-03', 'qj-04'] as const;
const both = [home, near] as const;

/** Two shops with points of a1 at home, a line near, and a book that was copied in the middle of it. */
async function copiedCounty(): Promise<{ readonly shops: CountyShops; readonly copy: string }> {
  const shops = await aCountyOfShops(onTestFinished, { kiosks: [...both], homes: { a1: home, a2: home }, roamAt: [near], roamCap: 5_000 });
  await release(shops, 'a1', 100);
  await everybody(shops);
  return { shops, copy: await copyOf(shops) };
}

async function copyOf({ county }: CountyShops): Promise<string> {
  const place = temporary(onTestFinished);
  const said = heard();
  expect(await backup(county, { to: place, words: [] }, said)).toBe(0);
  const [copy = '', ...others] = readdirSync(place).toSorted();
  expect([copy, others]).toEqual([expect.stringMatching(/^\d{6}-\d{4}-\d\d-\d\d-\d{9}\.countybook$/), [`${copy}.note`]]);
  return join(place, copy);
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
  for (const kiosk of both) await sendRound(shops, kiosk);
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

/** The county's files are brought from a kiosk, and taken up. */
async function broughtDown(shops: CountyShops, kiosk: string): Promise<CountyShops> {
  const { directory } = shops.county.folder;
  mkdirSync(join(directory, 'down', kiosk), { recursive: true });
  cpSync(shops.shop(kiosk).home.down, join(directory, 'down', kiosk), { recursive: true });
  await shops.county.close();
  const clock = { wallMs: () => shops.county.wallMs() };
  expect(await putBack(directory, { words: [] }, heard(), clock)).toBe(0);
  return over(shops, reopened(directory, clock));
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
  for (const kiosk of both) expect(await sendRound(shops, kiosk)).toEqual([`${2 + nights} ACCEPTED`]);
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
  for (const kiosk of both) expect(await sendRound(shops, kiosk)).toEqual(['5 GAP', '2 ACCEPTED', '3 ACCEPTED', '4 ACCEPTED']);
  // 100 points, 30 spent at home, 15 near, which home has given back
  expect(await shops.at('a1')).toEqual({ main: 0, due: 0, overdraft: 0, rights: { [home]: 5_500 } });
  expect(await brokenRules(shops.county)).toEqual([]);
  await shops.night();
  for (const kiosk of both) expect(await shops.hear(kiosk)).toBe(1);
  await aDay(shops);
  expect(await brokenRules(shops.county)).toEqual([]);
});

test('a restored kiosk sends what the county lost of the incarnation before, and is asked for no file of the county that lies there', async () => {
  const { shops: before, copy } = await copiedCounty();
  for (let n = 0; n < 2; n += 1) await aDay(before);
  const image = before.image(home);
  const { shops } = await lose(before, copy, ['files']);
  shops.restore(home, image);
  expect(await sendRound(shops, home)).toEqual(['1 GAP', '3 GAP', '2 ACCEPTED']); // the others waited at the county
  expect(await codes(shops.county)).toEqual(['put_back', `restored ${home}`]);
  expect(await sendRound(shops, near)).toEqual(['4 GAP', '2 ACCEPTED', '3 ACCEPTED']);
  expect(await brokenRules(shops.county)).toEqual([]);
  for (const { number } of await shops.county.read(openExceptions)) await answerException(shops.county, { number, by: 'li', text: 'seen' });
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
  for (const kiosk of both) expect(await sendRound(shops, kiosk)).toEqual(['4 GAP', '2 ACCEPTED', '3 GAP', 'not_posted']);
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
  for (const kiosk of both) expect((await sendRound(whole, kiosk)).at(-1)).toMatch(/ACCEPTED$/);
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
  for (const kiosk of both) await sendRound(shops, kiosk);
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
  await sendRound(shops, home);
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
  for (const kiosk of both) await sendRound(shops, kiosk);
  expect(await codes(shops.county)).toContain('put_back');
  for (const { number } of await shops.county.read(openExceptions))
    await answerException(shops.county, { number, by: 'wang', text: 'seen' });
  expect(await shops.night()).toEqual(both.map((kiosk) => ({ kind: 'held', kiosk, why: 'log_contradicted' })));
});

test.each([[[]], [['log']]])(
  'a root that was signed over just what the copy has is known again, without %j: the next one continues it',
  async (without) => {
    const { shops: before } = await copiedCounty();
    for (const kiosk of both) await sendRound(before, kiosk);
    const copy = await copyOf(before);
    await before.night();
    const signed = await before.county.read(newestRoot);
    for (const kiosk of both) expect(await before.hear(kiosk)).toBe(1);
    const { shops } = await lose(before, copy, without);
    expect(await shops.county.read(newestRoot)).toEqual(signed);
    expect(await sendRound(shops, home)).toEqual(['3 ACCEPTED']);
    await shops.night(); // nothing is signed before the other shop is heard
    expect(await shops.hear(home)).toBe(1);
    expect(await sendRound(shops, near)).toEqual(['3 ACCEPTED']);
    await shops.night();
    for (const kiosk of both) expect(await shops.hear(kiosk)).toBe(1);
    expect(await brokenRules(shops.county)).toEqual([]);
  },
);

test('a copy that is put back on a new disk has a later epoch than any file that lies there', async () => {
  const { shops: before, copy } = await copiedCounty();
  const { shops: second } = await lose(before, copy, []);
  for (const kiosk of both) await sendRound(second, kiosk);
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

/** Asks the home shop for points of a1, between two nights. */
async function askHome({ county }: CountyShops, amount: number): Promise<void> {
  const downSeq = await county.transact(async (act) => {
    const entry = act.enter('fetch', home);
    const b = askForUse(act, { kiosk: home, account: 'a1' }, { amount, entry });
    return askingFile(county, act, { kiosk: home, account: 'a1', b, entry });
  });
  publishDownFile(join(county.folder.down, home), downSeq);
}

test('a file that only asked, and that the book forgot, is taken up as one that told nothing: what there was to say is still said', async () => {
  const { shops } = await copiedCounty();
  const adjust = { id: '2026-1', zh: '补', fen: 100 };
  await shops.county.transact((act) => void putAdjustment(act, { kiosk: home, ...adjust, entry: act.enter('adjust', home) }));
  const copy = await copyOf(shops);
  await askHome(shops, 3_000);
  expect(await shops.hear(home)).toBe(1);
  const after = (await lose(shops, copy, [])).shops;
  expect(await sendRound(after, home)).toContainEqual(expect.stringContaining('ACCEPTED'));
  expect((await after.at('a1')).main).toBe(3_000);
  await everybody(after);
  expect(await after.newest(home)).toContainEqual({ t: 'ADJUST', ...adjust });
  await everybody(after);
  expect((await checkBook(after.county, 'whole')).filter(({ place }) => place !== null)).toEqual([]);
});

/** What two people put right, told to the shop by the next file. */
async function putRight({ county }: CountyShops, zh: string, amount: number): Promise<void> {
  const proposed = await proposeRepair(county, { repair: { kind: 'adjust', kiosk: home, zh, fen: amount }, by: 'wang' });
  if (!proposed.ok) throw new Error(proposed.code);
  expect(await releaseRepair(county, { number: proposed.value, kind: 'adjust', by: 'li' })).toMatchObject({ ok: true });
}

/** The shops send all that they have of before the book was put back, and say that they took a file of after that. */
async function roundTrip(shops: CountyShops): Promise<void> {
  await everybody(shops);
  for (const kiosk of both) await sendRound(shops, kiosk);
}

test.each([
  ['taken up before', []],
  ['brought after', ['files', 'down']],
])('what people put right in a book that was put back has another id than what a file told that is %s', async (_, without) => {
  const { shops: before, copy } = await copiedCounty();
  await putRight(before, '补上次', 100);
  await everybody(before);
  const { shops: after } = await lose(before, copy, without);
  const shops = without.length === 0 ? after : await broughtDown(after, home);
  await roundTrip(shops);
  await putRight(shops, '补这次', 300);
  for (let nights = 0; nights < 2; nights += 1) await everybody(shops);
  const of = (db: ReadableDatabase): unknown => prepared(db, 'SELECT zh, fen FROM adjustment ORDER BY fen').all();
  const both = [
    { zh: '补上次', fen: 100 },
    { zh: '补这次', fen: 300 },
  ];
  expect([await shops.county.read(of), of(shops.shop(home).book.db)]).toEqual([both, both]);
  expect(await brokenRules(shops.county)).toEqual([]);
});

test('a book that is lost a second time, with all that it told, gives no id again that a shop had: it is told both', async () => {
  const { shops: before, copy } = await copiedCounty();
  const { shops: second } = await lose(before, copy, []);
  await roundTrip(second);
  await putRight(second, '补上次', 100);
  await everybody(second);
  const { shops: third } = await lose(second, copy, ['files', 'down', 'book.db']);
  const brought = await broughtDown(third, home); // until then the shop is told nothing
  await roundTrip(brought);
  await putRight(brought, '补这次', 300);
  for (let nights = 0; nights < 2; nights += 1) await everybody(brought);
  expect(prepared(brought.shop(home).book.db, 'SELECT zh, fen FROM adjustment ORDER BY fen').all()).toEqual([
    { zh: '补上次', fen: 100 },
    { zh: '补这次', fen: 300 },
  ]);
});

test('what was put right is not typed again in a book that lost what it told, before the shop says what it was told', async () => {
  const { shops: before, copy } = await copiedCounty();
  await putRight(before, '补上次', 100);
  await everybody(before);
  const { shops: after } = await lose(before, copy, ['files', 'down']);
  const repair = { kind: 'adjust', kiosk: home, zh: '补上次', fen: 100 } as const;
  const again = (county: CountyBook): ReturnType<typeof proposeRepair> => proposeRepair(county, { repair, by: 'wang' });
  const refused = { ok: false, code: 'may_be_told' };
  expect(await again(after.county)).toEqual(refused);
  await everybody(after); // what the shop sends waits for a file that the county lost
  expect(await again(after.county)).toEqual(refused);
  const brought = await broughtDown(after, home);
  expect(await again(brought.county)).toEqual(refused);
  await roundTrip(brought);
  const told = await brought.county.read((db) => prepared(db, 'SELECT zh, fen FROM adjustment').all());
  expect(told).toEqual([{ zh: '补上次', fen: 100 }]); // people see it in the book: typed now, it is another
  expect(await again(brought.county)).toMatchObject({ ok: true });
});

test('what waited for a second person when the copy was made waits no more: since then it may have been done, and told', async () => {
  const { shops: before } = await copiedCounty();
  const repair = { kind: 'adjust', kiosk: home, zh: '补上次', fen: 100 } as const;
  for (let n = 0; n < 2; n += 1) await proposeRepair(before.county, { repair, by: 'wang' });
  const copy = await copyOf(before);
  expect(await releaseRepair(before.county, { number: 1, kind: 'adjust', by: 'li' })).toMatchObject({ ok: true });
  await everybody(before);
  const { shops: after, lines } = await lose(before, copy, []);
  expect(lines.filter((line) => line.includes('waited'))).toEqual(
    [1, 2].map((number) => `lost: adjust ${number} of ${home} waited: propose it again\n`),
  );
  expect(await after.county.read(waitingRepairs)).toEqual([]);
  const brought = await broughtDown(after, near); // a second time nothing is taken away that was proposed since
  await roundTrip(brought);
  for (const number of [1, 2])
    expect(await releaseRepair(brought.county, { number, kind: 'adjust', by: 'li' })).toEqual({ ok: false, code: 'withdrawn' });
  expect(await brought.county.read((db) => prepared(db, 'SELECT fen FROM adjustment').all())).toEqual([{ fen: 100 }]);
});

test('what waited when the copy was made is told as taken away also where the putting back was cut short after that', async () => {
  const { shops: before } = await copiedCounty();
  await proposeRepair(before.county, { repair: { kind: 'adjust', kiosk: home, zh: '补上次', fen: 100 }, by: 'wang' });
  const copy = await copyOf(before);
  const { directory } = before.county.folder;
  await before.county.close();
  const clock = { wallMs: () => before.county.wallMs() };
  const unreadable = join(directory, 'files', home, '1', `00000099-${'A'.repeat(43)}`);
  for (const ending of ['jsonl.gz', 'note', 'checkpoint']) mkdirSync(`${unreadable}.${ending}`);
  await expect(putBack(directory, { from: copy, words: [] }, heard(), clock)).rejects.toThrow('EISDIR');
  for (const ending of ['jsonl.gz', 'note', 'checkpoint']) rmSync(`${unreadable}.${ending}`, { recursive: true });
  for (const told of [[`lost: adjust 1 of ${home} waited: propose it again\n`], []]) {
    const said = heard();
    expect(await putBack(directory, { words: [] }, said, clock)).toBe(0);
    expect(said.lines.filter((line) => line.includes('waited'))).toEqual(told);
  }
});

test('what was put right after the copy, and told, is in the book again', async () => {
  const { shops, copy } = await copiedCounty();
  const adjust = { id: '2026-1', zh: '补', fen: 100 };
  await shops.county.transact((act) => void putAdjustment(act, { kiosk: home, ...adjust, entry: act.enter('adjust', home) }));
  await everybody(shops);
  const after = (await lose(shops, copy, [])).shops;
  expect(await after.county.read((db) => prepared(db, 'SELECT kiosk, id, fen, zh FROM adjustment').all())).toEqual([
    { kiosk: home, ...adjust },
  ]);
});

test.each([
  ['beside', []],
  ['lost', ['log']],
] as const)(
  'what was granted before a due came is no loss of the county where the book takes both up again, its log %s',
  async (_, without) => {
    // simulator, seeds 1053 and 2006: the due was paid first, told to nobody, and the grant, which a kiosk knows of, written off
    const first = await aCountyOfShops(onTestFinished, { kiosks: [...both], homes: { a1: near }, roamAt: [home], roamCap: 5_000 });
    await release(first, 'a1', 100);
    await everybody(first);
    const { shops: before } = await lose(first, await copyOf(first), []); // so that one shop is told something before the other is heard
    await sendRound(before, near);
    const copy = await copyOf(before);
    await release(before, 'a1', 20);
    expect((await before.night()).map(({ kind }) => kind)).toEqual(['held', 'written']);
    expect(before.spend(home, 'a1', 3_000)).toEqual({ fromRights: 0, fromRoaming: 3_000 });
    await sendRound(before, home);
    expect((await before.night()).map(({ kind }) => kind)).toEqual(['written', 'written']);
    const was = await before.at('a1');
    const { shops, lines } = await lose(before, copy, without);
    expect(was).toEqual({ main: 0, due: -3_000, overdraft: 0, rights: { [near]: 12_000 } });
    expect(await shops.at('a1')).toEqual(was);
    expect(lines.join('')).not.toContain('nothing in the book says why');
    expect(await brokenRules(shops.county)).toEqual([]);
  },
);

test('what a shop was told to be funded is funded whole where the book that is put back had paid a part of it already', async () => {
  // simulator, seed 39 with restore and county: of what it had paid the county took as much back as it then took itself to have paid
  const first = await aCountyOfShops(onTestFinished, { kiosks: [...both], homes: { a1: near }, roamAt: [home], roamCap: 5_000 });
  await release(first, 'a1', 100);
  await everybody(first);
  const copy = await copyOf(first);
  expect(first.spend(home, 'a1', 3_000)).toEqual({ fromRights: 0, fromRoaming: 3_000 });
  for (let n = 0; n < 2; n += 1) await everybody(first); // it is asked for, given back, and told to be funded
  const { shops } = await lose(first, copy, ['files', 'down']);
  await sendRound(shops, home);
  await release(shops, 'a1', 10);
  await shops.night();
  const whole = await broughtDown(shops, home);
  const funded = await whole.county.read((db) =>
    prepared<[string], { funded: number }>(db, `SELECT funded FROM given WHERE kiosk = ? AND account = 'a1'`).get(home),
  );
  expect([spendingOf(whole.shop(home).book, 'a1').counters.roamedSettled, funded, (await whole.at('a1')).due]).toEqual([
    3_000,
    { funded: 3_000 },
    0,
  ]);
  expect(await brokenRules(whole.county)).toEqual([]);
});

/** A county whose home shop has a settlement of one day, and its copy of then. */
async function settledCounty() {
  const { shops: before } = await copiedCounty();
  expect(before.spend(home, 'a1', 1_000)).toEqual({ fromRights: 1_000, fromRoaming: 0 });
  closeDay(before.shop(home).book, { day: today });
  settleDays(before.shop(home), 1);
  await everybody(before);
  const copy = await copyOf(before);
  return { before, copy };
}

test('what the bank paid since the book was put back is none of what a file from before told a shop', async () => {
  // simulator, seed 3000 of 8 kiosks and 15 days: no file of the shop could be posted any more, since its figures had no such payment
  const { before, copy } = await settledCounty();
  await before.night();
  expect(await before.hear(home)).toBe(1); // it tells of no payment
  openDay(before.shop(home).book, '2026-11-22');
  closeDay(before.shop(home).book, { day: '2026-11-22' });
  const { shops } = await lose(before, copy, ['files', 'down']);
  const list = `kiosk,inc,settlement,yuan,day,reference\n${home},1,1,1,2026-11-21,b1\n`;
  expect(await takePayments(shops.county, list)).toMatchObject({ ok: true });
  const whole = await broughtDown(shops, home);
  for (const kiosk of both) expect((await sendRound(whole, kiosk)).at(-1)).toMatch(/ACCEPTED$/);
  expect(await brokenRules(whole.county)).toEqual([]);
  await whole.night();
  expect(await whole.hear(home)).toBe(1); // now it does
  expect(await whole.newest(home)).toContainEqual(
    expect.objectContaining({ t: 'SETTLEMENT', state: 'paid', paidFen: 100, reference: 'b1' }),
  );
  openDay(whole.shop(home).book, '2026-11-23');
  closeDay(whole.shop(home).book, { day: '2026-11-23' }); // its figures have the payment
  expect((await sendRound(whole, home)).at(-1)).toMatch(/ACCEPTED$/);
  expect(await brokenRules(whole.county)).toEqual([]);
});

test.each(['only asked', 'was taken up'])(
  'a shop that was restored twice is told of no payment again where its file since then %s and the first incarnation had one of that number',
  async (what) => {
    // simulator, seed 18046 of 5 kiosks and 9 days with county, restore and image: no file of the shop could be posted any more
    const { before } = await settledCounty();
    const image = before.image(home);
    for (let n = 0; n < 2; n += 1) await everybody(before); // two files of the first incarnation
    before.restore(home, image);
    await sendRound(before, home);
    await answerRestored(before);
    const list = `kiosk,inc,settlement,yuan,day,reference\n${home},1,1,1,2026-11-21,b1\n`;
    expect(await takePayments(before.county, list)).toMatchObject({ ok: true });
    await everybody(before);
    const copy = await copyOf(before);
    if (what === 'only asked') await askHome(before, 1_000);
    else await before.night();
    expect(await before.hear(home)).toBe(1);
    const later = before.image(home);
    const shops = what === 'only asked' ? before : (await lose(before, copy, [])).shops;
    shops.restore(home, later);
    await sendRound(shops, home);
    await answerRestored(shops);
    await shops.night();
    expect(await shops.hear(home)).toBe(1);
    openDay(shops.shop(home).book, '2026-11-23');
    closeDay(shops.shop(home).book, { day: '2026-11-23' }); // its figures have the payment once
    expect((await sendRound(shops, home)).at(-1)).toMatch(/ACCEPTED$/);
    expect(await brokenRules(shops.county)).toEqual([]);
  },
);

test('what a file of then told of a payment is told no second time, and what was put right before it was brought is told then', async () => {
  const { before, copy } = await settledCounty();
  const paid = (yuan: number, reference: string): string =>
    `kiosk,inc,settlement,yuan,day,reference\n${home},1,1,${yuan},2026-11-21,${reference}\n`;
  for (const reference of ['b1', 'b3']) expect(await takePayments(before.county, paid(0.5, reference))).toMatchObject({ ok: true });
  await before.night(); // its file says both: 50 fen, then 100
  expect(await before.hear(home)).toBe(1);
  const { shops } = await lose(before, copy, ['down']);
  expect(await takePayments(shops.county, paid(0.4, 'b2'))).toMatchObject({ ok: true });
  const adjust = { id: '2026-1', zh: '补', fen: 100 };
  await shops.county.transact((act) => void putAdjustment(act, { kiosk: home, ...adjust, entry: act.enter('adjust', home) }));
  const whole = await broughtDown(shops, home);
  for (const kiosk of both) await sendRound(whole, kiosk);
  await whole.night();
  expect(await whole.hear(home)).toBe(1);
  const told = await whole.newest(home);
  expect([told.filter(({ t }) => t === 'SETTLEMENT'), told.filter(({ t }) => t === 'ADJUST')]).toEqual([[], [{ t: 'ADJUST', ...adjust }]]);
  openDay(whole.shop(home).book, '2026-11-23');
  closeDay(whole.shop(home).book, { day: '2026-11-23' });
  expect((await sendRound(whole, home)).at(-1)).toMatch(/ACCEPTED$/);
  expect(await brokenRules(whole.county)).toEqual([]);
});

test('a book that is put back from one copy once more, on a new disk, goes on under an epoch that its shops take, once their files are brought', async () => {
  const { shops: before, copy } = await copiedCounty();
  const { shops: second } = await lose(before, copy, []);
  const { shops: third } = await lose(second, copy, []);
  await everybody(third);
  const { shops } = await lose(third, copy, ['files', 'down', 'book.db']);
  expect(shops.county.serverEpoch).toBe(2); // nothing there told of the third
  const whole = await broughtDown(shops, home);
  expect(whole.county.serverEpoch).toBe(4);
  for (let n = 0; n < 2; n += 1) await everybody(whole);
  expect(await whole.hear(home)).toBe(0);
  await whole.night();
  expect(await whole.hear(home)).toBe(1);
  expect(await brokenRules(whole.county)).toEqual([]);
});

test('a shop whose last file the county lost believes the next one, though the county changed its key meanwhile', async () => {
  // simulator, seed 3048 of 8 kiosks and 15 days: by then the old file counted as one that had told of the new key
  const { shops: before, copy } = await copiedCounty();
  await before.night();
  expect(await before.hear(home)).toBe(1);
  const { shops } = await lose(before, copy, ['files', 'down']);
  expect(await rotateKey(shops.county, { use: 'file', by: 'li' })).toMatchObject({ ok: true });
  expect(await retireKey(shops.county, { use: 'file', kid: 1, by: 'li' })).toEqual({ ok: true, value: null });
  const whole = await broughtDown(shops, home);
  for (const kiosk of both) expect((await sendRound(whole, kiosk)).at(-1)).toMatch(/ACCEPTED$/);
  await whole.night();
  expect(await whole.hear(home)).toBe(1);
  await everybody(whole);
  expect(await brokenRules(whole.county)).toEqual([]);
});

test('a kiosk whose key the county lost with the file that names it sends that file again: what it signs now was refused for ever', async () => {
  // simulator, seed 3008
  const { shops: before, copy } = await copiedCounty();
  const { book, home: place } = before.shop(home);
  expect(rotateOwnKey(book, place, 'hand').ok).toBe(true);
  for (let n = 0; n < 2; n += 1) await aDay(before);
  const { shops } = await lose(before, copy, ['files']);
  expect(await sendRound(shops, home)).toEqual(['4 REJECTED', '3 REJECTED', '2 ACCEPTED', '3 ACCEPTED', '4 ACCEPTED']);
  expect(await sendRound(shops, near)).toEqual(['4 GAP', '2 ACCEPTED', '3 ACCEPTED']);
  expect(await brokenRules(shops.county)).toEqual([]);
});

test('what a shop was told to get for a forgotten sale is not told twice where the county forgot that it said so', async () => {
  // simulator, seed 3014: nobody could answer for the restored kiosk again
  const { shops: before } = await copiedCounty();
  const image = before.image(home);
  expect(before.spend(home, 'a1', 1_000)).toEqual({ fromRights: 1_000, fromRoaming: 0 });
  await everybody(before);
  before.restore(home, image);
  await sendRound(before, home);
  const copy = await copyOf(before);
  const answerAll = async ({ county }: CountyShops): Promise<void> => {
    for (const { number } of await county.read(openExceptions)) await answerException(county, { number, by: 'li', text: 'seen' });
  };
  const told = (of: CountyShops): Promise<unknown> =>
    of.county.read((db) => prepared(db, 'SELECT kiosk, id, fen, zh FROM adjustment ORDER BY id').all());
  await answerAll(before);
  await everybody(before);
  const was = await told(before);
  const { shops } = await lose(before, copy, []);
  await answerAll(shops);
  expect(was).toEqual([{ kiosk: home, id: 'county-batch-1', fen: expect.any(Number) as number, zh: expect.any(String) as string }]);
  expect(await told(shops)).toEqual(was);
  expect(await brokenRules(shops.county)).toEqual([]);
});

/** People answer for the one shop that was restored. */
async function answerRestored({ county }: CountyShops): Promise<void> {
  const [restored] = (await county.read(openExceptions)).filter(({ code }) => code.startsWith('restored'));
  expect(await answerException(county, { number: restored!.number, by: 'li', text: 'seen' })).toEqual({ ok: true, value: null });
}

test('files that a restored shop took, or did not hear yet, are taken up where it had others of their numbers before', async () => {
  // simulator, seed 11014 of 4 kiosks and 8 days with county and restore: what the shop sent waited for a file that lay there
  const { shops: before } = await copiedCounty();
  const image = before.image(home);
  for (let n = 0; n < 3; n += 1) await everybody(before); // files 3 to 5 of the first incarnation
  const copy = await copyOf(before);
  before.restore(home, image);
  await sendRound(before, home);
  await answerRestored(before);
  for (let n = 0; n < 2; n += 1) await everybody(before); // 3 and 4 of the second
  await before.night(); // and one that it did not hear yet
  const { down } = before.county.folder;
  const unheard = readFileSync(join(down, home, '00000005.note'), 'utf8');
  const { shops: whole } = await lose(before, copy, ['files']); // the shop has not sent what its files answer
  for (const kiosk of both) await sendRound(whole, kiosk);
  expect(await whole.county.read(unheardKiosks)).not.toContain(home);
  await answerRestored(whole);
  await whole.night();
  expect(readFileSync(join(down, home, '00000005.note'), 'utf8')).toBe(unheard);
  expect(await whole.hear(home)).toBe(2);
  expect(await brokenRules(whole.county)).toEqual([]);
});

test('every file of a shop that waits for a lost one is known to the book that is put back, not the first alone', async () => {
  // simulator, seed 15060 of 5 kiosks and 9 days with county, restore and image
  const { shops: before, copy } = await copiedCounty();
  for (let n = 0; n < 3; n += 1) await aDay(before); // files 2 to 4
  const kept = join(before.county.folder.files, home, '1');
  for (const name of readdirSync(kept)) if (name.startsWith('00000002')) rmSync(join(kept, name));
  const { shops, lines } = await lose(before, copy, ['log']); // which would name them one by one
  expect(lines.filter((line) => line.includes('waits for a file'))).toHaveLength(2);
  const waiting = await shops.county.read((db) =>
    prepared(db, 'SELECT file_seq AS n FROM up_file WHERE kiosk = ? AND file_seq > 1 ORDER BY n').all(home),
  );
  expect(waiting).toEqual([{ n: 3 }, { n: 4 }]);
  expect(await sendRound(shops, home)).not.toContain('not_posted');
  expect(await brokenRules(shops.county)).toEqual([]);
});

test('a file to the incarnation before, which lies there still, is not taken up again after one to the next', async () => {
  // simulator, seeds 15003 and 15019 of 5 kiosks and 9 days with county, restore and image: no night had a file for the shop any more
  const { shops: before } = await copiedCounty();
  const image = before.image(home);
  for (let n = 0; n < 2; n += 1) await everybody(before); // files 3 and 4 of the first incarnation
  const copy = await copyOf(before);
  const { directory, down } = before.county.folder;
  const beside = join(temporary(onTestFinished), 'down');
  cpSync(down, beside, { recursive: true });
  before.restore(home, image);
  await sendRound(before, home);
  await answerRestored(before);
  await everybody(before); // 3 of the second
  for (const name of ['down', 'superseded']) rmSync(join(directory, name), { recursive: true });
  cpSync(beside, down, { recursive: true }); // the disk was lost
  const { shops } = await lose(before, copy, ['files']);
  const whole = await broughtDown(shops, home);
  for (const kiosk of both) await sendRound(whole, kiosk);
  await answerRestored(whole);
  expect(await whole.night()).toContainEqual(expect.objectContaining({ kind: 'written', kiosk: home, downSeq: 4 }));
  expect(await whole.hear(home)).toBe(1);
  expect(await brokenRules(whole.county)).toEqual([]);
});

test('a file to a shop that waits for one the shop never sends again, since it was put back to before that, is waited for no more', async () => {
  const { shops: before, copy } = await copiedCounty();
  const image = before.image(home);
  expect(before.spend(home, 'a1', 1_000)).toEqual({ fromRights: 1_000, fromRoaming: 0 });
  expect(await sendRound(before, home)).toEqual(['2 ACCEPTED']);
  const adjust = { id: '2026-1', zh: '补', fen: 100 };
  await before.county.transact((act) => void putAdjustment(act, { kiosk: home, ...adjust, entry: act.enter('adjust', home) }));
  await release(before, 'a2', 20);
  await before.night(); // the file acknowledges what the shop forgets
  const { down, superseded } = before.county.folder;
  const left = readFileSync(join(down, home, '00000003.note'), 'utf8');
  const { shops } = await lose(before, copy, ['files']);
  shops.restore(home, image);
  for (const kiosk of both) await sendRound(shops, kiosk);
  await answerRestored(shops);
  expect(await shops.night()).toContainEqual(expect.objectContaining({ kind: 'written', kiosk: home, downSeq: 3 }));
  expect(readFileSync(join(superseded, home, '1', '00000003.note'), 'utf8')).toBe(left);
  expect(await shops.hear(home)).toBe(1);
  expect(gunzipSync(readFileSync(join(down, home, '00000003.jsonl.gz'))).toString()).toContain('"id":"2026-1"'); // told again
  expect([await shops.at('a1'), await shops.at('a2')]).toEqual([
    { main: 0, due: 0, overdraft: 0, rights: { [home]: 10_000 } },
    { main: 0, due: 0, overdraft: 0, rights: { [home]: 2_000 } },
  ]);
  expect(spendingOf(shops.shop(home).book, 'a2').counters.granted).toBe(2_000);
  await aDay(shops);
  expect(await brokenRules(shops.county)).toEqual([]);
});

/** What a machine sends that begins where this image of the shop ends, as if nothing had been done since. */
async function secondHistory({ clock }: TestShop, image: string): Promise<Upload> {
  const found = readHome(image);
  const opened = found.ok ? openBook(found.home, clock, 'test') : found;
  if (!found.ok || !opened.ok) throw new Error('a copied machine starts');
  const twin = withSignIns(opened.book);
  sell(twin, { resident: '1', goods: [['2', 2]], chosenPoints: 2_000 });
  const sent = uploadOf(found.home, await cut(found.home, twin));
  twin.close();
  return sent;
}

test('of two histories that lie beside a copy the log says which was accepted, whatever the disk’s clock says of them', async () => {
  const { shops: before, copy } = await copiedCounty();
  const image = before.image(home);
  expect(before.spend(home, 'a1', 1_000)).toEqual({ fromRights: 1_000, fromRoaming: 0 });
  expect(await sendRound(before, home)).toEqual(['2 ACCEPTED']);
  const second = await secondHistory(before.shop(home), image);
  expect(await takeIn(before.county, second)).toMatchObject({ verdict: 'FORK' });
  await before.night();
  const folder = join(before.county.folder.files, home, '1');
  const sha256 = hash('sha256', gunzipSync(readFileSync(second.data)), 'base64url');
  for (const name of readdirSync(folder)) utimesSync(join(folder, name), 1_000, name.includes(sha256) ? 1_000 : 2_000);
  const { shops } = await lose(before, copy, []);
  expect(await shops.county.read((db) => prepared(db, `SELECT sum(amount) AS sold FROM balance WHERE account = 'red'`).get())).toEqual({
    sold: 1_000,
  });
  expect(await codes(shops.county)).toContain(`fork ${home}`);
});

test('what continues a shop’s history is taken up before a second one, which stops the shop, though that begins with a lower number', async () => {
  // simulator, seed 17031 of 5 kiosks and 9 days with county, restore and image: what the county had accepted before the second one came was
  // called a part of it, and no night had a file for the shop any more
  const { shops: before, copy } = await copiedCounty();
  const image = before.image(home);
  expect(before.spend(home, 'a1', 1_000)).toEqual({ fromRights: 1_000, fromRoaming: 0 });
  expect(await sendRound(before, home)).toEqual(['2 ACCEPTED']);
  await before.night(); // signs a root: the log names no more
  expect(before.spend(home, 'a1', 500)).toEqual({ fromRights: 500, fromRoaming: 0 });
  expect(await sendRound(before, home)).toEqual(['3 ACCEPTED']);
  expect(await takeIn(before.county, await secondHistory(before.shop(home), image))).toMatchObject({ verdict: 'FORK' });
  const { shops } = await lose(before, copy, []);
  expect(await shops.county.read((db) => prepared(db, `SELECT sum(amount) AS sold FROM balance WHERE account = 'red'`).get())).toEqual({
    sold: 1_500,
  });
  expect(await codes(shops.county)).toContain(`fork ${home}`);
  expect(await brokenRules(shops.county)).toEqual([]);
});

test('a second history that went on beyond the first keeps nothing of the shop’s next incarnation from being taken up, nor the files to that', async () => {
  const { shops: before, copy } = await copiedCounty();
  const image = before.image(home);
  expect(before.spend(home, 'a1', 1_000)).toEqual({ fromRights: 1_000, fromRoaming: 0 });
  expect(await sendRound(before, home)).toEqual(['2 ACCEPTED']);
  for (let n = 0; n < 3; n += 1) expect((await takeIn(before.county, await secondHistory(before.shop(home), image))).verdict).toBe('FORK');
  for (const { number } of await before.county.read(openExceptions))
    await answerException(before.county, { number, by: 'li', text: 'seen' });
  before.restore(home, before.image(home));
  expect(await sendRound(before, home)).toEqual(['1 ACCEPTED']);
  await answerRestored(before);
  await before.night();
  const { lines } = await lose(before, copy, ['log']); // which would name them one by one
  expect(lines.slice(1, 3)).toEqual([
    'taken up: 2 files of kiosks, 2 files to kiosks, 0 lists of awards\n',
    `lost: ${home}/1/4 waits for a file before it\n`, // of the second history
  ]);
});

test('a restored shop whose file was answered while it was quarantined sends what the county lacks before that, whatever alarm stands', async () => {
  // simulator, seed 40057 of 5 kiosks and 9 days with county, restore and image: no answer but that to the alarm's own file was heard
  const { shops: before, copy } = await copiedCounty();
  for (const sent of ['2 ACCEPTED', '3 ACCEPTED']) {
    expect(before.spend(home, 'a1', 1_000)).toEqual({ fromRights: 1_000, fromRoaming: 0 });
    expect(await sendRound(before, home)).toEqual([sent]);
  }
  const image = before.image(home);
  const twin = `${image}-twin`;
  cpSync(image, twin, { recursive: true });
  expect(before.spend(home, 'a1', 500)).toEqual({ fromRights: 500, fromRoaming: 0 });
  expect(await sendRound(before, home)).toEqual(['4 ACCEPTED']);
  const { home: place, book } = before.shop(home);
  const fourth = uploadOf(place, newestUpFile(book.db)!);
  const { shops } = await lose(before, copy, ['files']);
  expect(await takeIn(shops.county, fourth)).toMatchObject({ verdict: 'GAP' });
  expect(await takeIn(shops.county, await secondHistory(shops.shop(home), twin))).toMatchObject({ verdict: 'FORK' });
  shops.restore(home, image);
  const answered = async (): Promise<void> => {
    for (const { number, code } of await shops.county.read(openExceptions))
      if (code === 'fork') await answerException(shops.county, { number, by: 'li', text: 'seen' });
  };
  expect(await sendRound(shops, home)).toEqual(['1 FORK', 'not_posted']);
  await answered();
  const waiting = await sendRound(shops, home);
  expect(waiting).toEqual(['1 GAP', '3 GAP', '2 ACCEPTED', '3 DUPLICATE', '1 FORK', 'not_posted']); // of two fourth ones people are told again
  await answered();
  expect(await sendRound(shops, home)).toEqual(['1 ACCEPTED']);
  expect(activeAlarm(shops.shop(home).home)).toBeNull();
  expect(await brokenRules(shops.county)).toEqual([]);
});

test('a shop whose old disk was put back sends no second history over one that the log alone still knows', async () => {
  // simulator, seed 14031 of 5 kiosks and 9 days with county, restore and image: the county posted it, and its log named two files of one number
  const { shops: before, copy } = await copiedCounty();
  const image = before.image(home);
  expect(before.spend(home, 'a1', 1_000)).toEqual({ fromRights: 1_000, fromRoaming: 0 });
  expect(await sendRound(before, home)).toEqual(['2 ACCEPTED']);
  await before.night(); // signs a root, which the committee has
  const { shops } = await lose(before, copy, ['files', 'down', 'superseded', 'awards']);
  const second = await secondHistory(before.shop(home), image);
  expect(await takeIn(shops.county, second)).toMatchObject({ verdict: 'FORK' });
  expect(await codes(shops.county)).toContain(`fork ${home}`);
  for (const { number } of await shops.county.read(openExceptions)) await answerException(shops.county, { number, by: 'li', text: 'seen' });
  expect(shops.spend(home, 'a1', 500)).toEqual({ fromRights: 500, fromRoaming: 0 });
  expect(await sendRound(shops, home)).toEqual(['3 GAP', '2 ACCEPTED']); // the log names that: it is none of two for ever
  expect(await shops.at('a1')).toMatchObject({ rights: { [home]: 8_500 } });
  expect(await brokenRules(shops.county)).toEqual([]);
});

test('a shop that took a file which the book forgot, after it cut the one that is heard first, goes on once that is brought', async () => {
  // simulator, seed 3000 of 8 kiosks and 15 days: a night between two of its files made another of a number that it had, and it was stuck
  const { shops: before, copy } = await copiedCounty();
  const image = before.image(home);
  const adjust = { id: '2026-1', zh: '补', fen: 100 };
  await release(before, 'a1', 10);
  expect(before.spend(home, 'a1', 1_000)).toEqual({ fromRights: 1_000, fromRoaming: 0 });
  const { home: place, book } = before.shop(home);
  const first = await cut(place, book); // on a stick
  await before.night();
  expect([await before.hear(home), await before.hear(near)]).toEqual([1, 1]);
  expect(before.spend(home, 'a1', 500)).toEqual({ fromRights: 500, fromRoaming: 0 });
  const { shops } = await lose(before, copy, ['down', 'awards']);
  expect(await takeIn(shops.county, uploadOf(place, first))).toMatchObject({ verdict: 'ACCEPTED' });
  await shops.county.transact((act) => void putAdjustment(act, { kiosk: home, ...adjust, entry: act.enter('adjust', home) }));
  await release(shops, 'a2', 20);
  for (let n = 0; n < 2; n += 1) expect(await shops.night()).toContainEqual(expect.objectContaining({ kind: 'written', kiosk: home }));
  await expect(shops.hear(home)).rejects.toThrow('fork');
  expect((await sendRound(shops, home)).at(-1)).toBe('not_posted');
  const { down, superseded } = shops.county.folder;
  mkdirSync(join(superseded, home, '1'), { recursive: true }); // as the page says
  for (const ending of ['note', 'jsonl.gz'])
    renameSync(join(down, home, `00000003.${ending}`), join(superseded, home, '1', `00000003.${ending}`));
  const whole = await broughtDown(await broughtDown(shops, home), near);
  expect(await codes(whole.county)).toContain(`put_back ${home}`);
  expect([await sendRound(whole, home), (await sendRound(whole, near)).at(-1)]).toEqual([[], expect.stringMatching(/ACCEPTED$/)]);
  expect(await brokenRules(whole.county)).toEqual([]);
  await whole.night();
  for (const kiosk of both) expect(await whole.hear(kiosk)).toBe(1);
  expect(await whole.newest(home)).toContainEqual({ t: 'ADJUST', ...adjust }); // which a void file told
  expect(readdirSync(join(superseded, home, '1'))).toHaveLength(4);
  const early = temporary(onTestFinished); // the file in force is not entered yet, and the void one of its number is
  expect(await layOutForOutsiders(whole.county, early)).toMatchObject({ ok: true });
  expect(spendingOf(whole.shop(home).book, 'a2').counters.granted).toBe(2_000);
  await aDay(whole);
  expect(await brokenRules(whole.county)).toEqual([]);
  const outside = temporary(onTestFinished);
  expect(await layOutForOutsiders(whole.county, outside)).toMatchObject({ ok: true });
  const isTrue = { kind: 'true', place: '' };
  expect(await verdictsOn([early, outside])).toEqual([early, outside].map(() => ({ ours: isTrue, python: isTrue })));
  whole.restore(home, image); // what it had taken takes the place of the void ones, also where those were exported
  await sendRound(whole, home);
  await answerRestored(whole);
  await everybody(whole);
  expect(await layOutForOutsiders(whole.county, early)).toMatchObject({ ok: true });
  expect(await verdictsOn([early])).toEqual([{ ours: isTrue, python: isTrue }]);
  const again = await lose(whole, copy, []); // nobody took the void files, which lie there still
  expect([again.lines.filter((line) => line.includes('superseded')), await brokenRules(again.shops.county)]).toEqual([[], []]);
});

test('a home is asked for what is due together with what was advanced, which is repaid first: one round is enough', async () => {
  // simulator, seed 4 with keys and county, seed 40 with county and clock: each night asked for the due alone, which repaid an advance
  const { shops } = await copiedCounty();
  const advanced = { account: 'a1', kiosk: home, amount: 300 };
  await shops.county.transact((act) => {
    enterPutBack(act, 'test');
    advance(act, advanced);
    grantUnallocated(act, advanced, act.enter('allocate', 'a1'));
  });
  expect(shops.spend(near, 'a1', 500)).toEqual({ fromRights: 0, fromRoaming: 500 });
  await everybody(shops);
  expect(await shops.newest(home)).toContainEqual({ t: 'RETURN_REQ', a: 'a1', b: 800 });
  await sendRound(shops, home);
  expect([await shops.at('a1'), await shops.county.read(openAdvances)]).toEqual([
    { main: 0, due: 0, overdraft: 0, rights: { [home]: 9_500 } },
    [],
  ]);
  expect(await brokenRules(shops.county)).toEqual([]);
});

test.each([
  ['nobody', 7],
  ['a true file’s note', 7],
  ['another key', 7],
  ['the county itself', Number.MAX_SAFE_INTEGER],
] as const)(
  'a file laid there says nothing of epochs where the county did not sign it or it is past all sense: signed by %s, epoch %i',
  async (by, serverEpoch) => {
    // with 2^53 - 1 the book went on under 2^53, and every night after that failed
    const { shops: before, copy } = await copiedCounty();
    const { name, code, signer, folder } = before.county;
    const place = join(folder.down, home);
    const newest = join(place, '00000002.jsonl.gz');
    const [first = '', ...others] = gunzipSync(readFileSync(newest)).toString().split('\n');
    const header = JSON.parse(first) as DownHeader;
    const planted = [JSON.stringify({ ...header, serverEpoch }), ...others].join('\n');
    writeFileSync(join(place, '99999999.jsonl.gz'), gzipSync(planted));
    const note = join(place, '99999999.note');
    if (by === 'a true file’s note') cpSync(newest.replace('jsonl.gz', 'note'), note);
    const privateKey = {
      'another key': generateKeyPairSync('ed25519').privateKey,
      'the county itself': signer,
      nobody: undefined,
      'a true file’s note': undefined,
    }[by];
    const of = { direction: 'down', county: code, kiosk: home, inc: 1, fileSeq: header.downSeq, prevFileSha: header.prevDownSha } as const;
    if (privateKey !== undefined)
      writeFileSync(note, signNote(fileNoteText({ ...of, sha256: hash('sha256', planted, 'base64url') }), { name, privateKey }));
    const { shops: again, lines } = await lose(before, copy, []);
    expect(again.county.serverEpoch).toBe(2);
    expect(lines.join('')).toContain('99999999.jsonl.gz is ');
    const shops = await broughtDown(again, near); // nor where no copy is put back
    expect(shops.county.serverEpoch).toBe(2);
    for (const kiosk of both) expect((await sendRound(shops, kiosk)).at(-1)).toMatch(/ACCEPTED$/);
    expect((await shops.night()).map(({ kind }) => kind)).toEqual(['written', 'written']);
    for (const kiosk of both) expect(await shops.hear(kiosk)).toBe(1);
    expect(await brokenRules(shops.county)).toEqual([]);
  },
);

/** Two persons take points of a list back; without `isReleased` one wants to. */
async function takeBack({ county }: Pick<CountyShops, 'county'>, batch: number, wanted: Wanted, isReleased = true): Promise<number> {
  const proposed = await proposeTakeBack(county, { batch, wanted, reason: 'wrong', by: 'wang' });
  if (!proposed.ok) throw new Error(proposed.code);
  const { number } = proposed.value;
  if (isReleased) expect(await releaseReclaim(county, takingBack, { number, by: 'li' })).toEqual({ ok: true, value: null });
  return number;
}

test('awards that were taken back are taken back again where both names are proven, whatever was granted meanwhile; both verifiers follow', async () => {
  const { shops, copy } = await copiedCounty(); // a1 has 100 at home by list 1
  await release(shops, 'a2', 20);
  await everybody(shops);
  expect(shops.spend(home, 'a2', 500)).toEqual({ fromRights: 500, fromRoaming: 0 });
  await takeBack(shops, 1, { is: 'each', points: 6_000 });
  await everybody(shops);
  await takeBack(shops, 2, { is: 'all' });
  await takeBack(shops, 1, { is: 'all' }, false);
  await release(shops, 'a1', 5);
  await everybody(shops);
  const back = await lose(shops, copy, []);
  expect(back.lines.join('')).not.toContain('lost: awards');
  const { county } = back.shops;
  expect(await county.read((db) => prepared(db, 'SELECT number, account, points FROM taken_back ORDER BY number').all())).toEqual([
    { number: 1, account: 'a1', points: 6_000 },
    { number: 2, account: 'a2', points: 2_000 },
  ]);
  expect(await county.read(openAdvances)).toEqual([]);
  expect(await takeBack(back.shops, 1, { is: 'all' }, false)).toBe(4);
  for (const kiosk of both) expect(back.shops.spend(kiosk, 'a1', 0)).toEqual({ fromRights: 0, fromRoaming: 0 }); // each has news, and is heard
  for (let rounds = 0; rounds < 3; rounds += 1) await everybody(back.shops);
  expect([await back.shops.at('a1'), await back.shops.at('a2')]).toEqual([
    { main: 0, due: 0, overdraft: 0, rights: { [home]: 4_500 } },
    { main: 0, due: 0, overdraft: -500, rights: {} },
  ]);
  expect((await checkBook(county, 'whole')).filter(({ place }) => place !== null)).toEqual([]);
  const outside = temporary(onTestFinished);
  expect(await layOutForOutsiders(county, outside)).toMatchObject({ ok: true });
  const { ours, python } = (await verdictsOn([outside]))[0]!; // of one folder
  expect([ours, python]).toMatchObject([{ kind: 'true' }, { kind: 'true' }]);
});

test('what a file told that was made after awards were taken back, of points that were granted before, is due again and not the county’s', async () => {
  const { shops, copy } = await copiedCounty();
  await release(shops, 'a2', 20);
  await shops.county.transact((act) => grantUnallocated(act, { kiosk: home, account: 'a2' }, act.enter('allocate', 'a2'))); // and no file yet
  await takeBack(shops, 2, { is: 'all' });
  await everybody(shops);
  const back = await lose(shops, copy, []);
  expect(await back.shops.county.read(openAdvances)).toEqual([]);
  expect(await back.shops.at('a2')).toEqual({ main: 0, due: -2_000, overdraft: 0, rights: { [home]: 2_000 } });
  expect((await checkBook(back.shops.county, 'whole')).filter(({ place }) => place !== null)).toEqual([]);
});

test('what was taken back and is not proven any more is told to people, by the log, and its number is not given again', async () => {
  const { shops, copy } = await copiedCounty();
  await takeBack(shops, 1, { is: 'all' });
  await everybody(shops); // publishes the log
  for (const ending of ['', '.released']) rmSync(join(shops.county.folder.awards, `00000001.taken-back${ending}`));
  const back = await lose(shops, copy, []);
  expect(back.lines.join('')).toContain('lost: awards were taken back by 1 of the log, and who did so is not proven: propose it again');
  expect(await takeBack(back.shops, 1, { is: 'all' })).toBe(2);
});

test('what roams in a file that is taken up is funded by what the county told then, and else by the night after', async () => {
  const shops = await twoShops(onTestFinished);
  const { county } = shops;
  await awarded(county, { a1: 50 });
  await bothShops(shops);
  expect(shops.spend(near, 'a1', 2_000)).toEqual({ fromRights: 0, fromRoaming: 2_000 });
  await awarded(county, { a1: 30 });
  await county.transact((act) => enterPutBack(act, 'epoch 2 begun'));
  await sendRound(shops, near);
  expect(await shops.at('a1')).toMatchObject({ main: 3_000, due: -2_000 });
  await county.transact((act) => enterPutBack(act, 'epoch 2'));
  await sendRound(shops, home);
  await shops.night();
  expect(await shops.at('a1')).toMatchObject({ main: 0, due: 0, rights: { [home]: 6_000 } });
});
