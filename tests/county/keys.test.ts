// Keys that take the place of one another, and keys that are withdrawn: with real kiosks, which hear of it when they hear of it.

import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { CountyBook } from '../../county/book/county-book.ts';
import { countyKeys } from '../../county/book/county-keys.ts';
import { enrolByCode, enrolByKey, expectByCode } from '../../county/book/enrol.ts';
import { answerException, openExceptions } from '../../county/book/exceptions.ts';
import { exposureOf } from '../../county/book/exposure.ts';
import { takeIn } from '../../county/book/intake.ts';
import { checkBook, identityRule } from '../../county/book/invariants.ts';
import { cardKeyOf, issueCard, nextCard, sealOf } from '../../county/book/issued-cards.ts';
import { everyKiosk, putMaster } from '../../county/book/master.ts';
import { revokeKiosk } from '../../county/book/revoke.ts';
import { cardsUnder, retireKey, rotateKey } from '../../county/book/rotation.ts';
import { enterPutBack } from '../../county/book/put-back.ts';
import { issueVoucher } from '../../county/book/vouchers.ts';
import { keyCommands } from '../../county/key-commands.ts';
import { makeCommitteeKey } from '../../county/log/committee-key.ts';
import { cosign } from '../../county/log/cosign.ts';
import { logEntries } from '../../county/log/log.ts';
import type { CommandOptions } from '../../county/serve/command.ts';
import { takeAck } from '../../db/acks.ts';
import { openCard, sealCard } from '../../db/model/card.ts';
import { rawPublicKey } from '../../db/model/keys.ts';
import { openNote, signNote } from '../../db/model/note.ts';
import { openVoucher } from '../../db/model/voucher.ts';
import { activeKeys } from '../../db/reference.ts';
import { prepared } from '../../db/sqlite.ts';
import { newestUpFile } from '../../db/up-files.ts';
import { verifyHome } from '../../db/verify.ts';
import { takeVoucher } from '../../db/vouchers.ts';
import { sell, spendingOf, today } from '../support/sell.ts';
import { cut, uploadOf } from '../support/county-book.ts';
import { aCountyOfShops, type CountyShops } from '../support/county-shops.ts';
import { apply, cardKey, countyName, fileKey, header, temporary, writeDown } from '../support/county.ts';
import { verdictsOn } from '../outsider/both.ts';
import { textOf } from '../support/outsider-folder.ts';

const oldKey = rawPublicKey(fileKey);

function twoShops(): Promise<CountyShops> {
  return aCountyOfShops(onTestFinished, { kiosks: ['qj-03', 'qj-05'], homes: { a1: 'qj-03', a2: 'qj-05' }, roamAt: [], roamCap: 0 });
}

/** Makes a file key; its public half, raw. */
async function newFileKey(county: CountyBook): Promise<Uint8Array> {
  const made = await rotateKey(county, { use: 'file', by: 'zhang' });
  if (!made.ok) throw new Error(made.code);
  return new Uint8Array(Buffer.from(made.value.key, 'base64url'));
}

/** Which of two keys signed a note: `old`, `new`, `both`. */
function signersOf(note: string, next: Uint8Array): string {
  const by = (publicKey: Uint8Array): boolean => openNote(note, [{ name: countyName, publicKey }]).ok;
  return by(oldKey) ? (by(next) ? 'both' : 'old') : by(next) ? 'new' : 'none';
}

async function sent(shops: CountyShops, kiosk: string): Promise<string> {
  const { home, book } = shops.shop(kiosk);
  return (await takeIn(shops.county, uploadOf(home, await cut(home, book)))).note;
}

/** The kiosk hears the answer to its newest file. */
function hearAnswer(shops: CountyShops, kiosk: string, note: string): void {
  const { home, book } = shops.shop(kiosk);
  const outcome = takeAck(book, home, newestUpFile(book.db)!, note); // it was sent just now
  if (outcome.kind !== 'taken') throw new Error(JSON.stringify(outcome));
}

function noteOf(shops: CountyShops, kiosk: string, downSeq: number): string {
  return readFileSync(shops.downPath(kiosk, downSeq).replace('.jsonl.gz', '.note'), 'utf8');
}

async function aVoucher(shops: CountyShops, kiosk: string, account: string): Promise<string> {
  await shops.award(account, 500);
  const issued = await issueVoucher(shops.county, { account, kiosk, want: 500, by: 'zhang' });
  return issued.ok ? issued.value.text : issued.code;
}

/** Of a kiosk that would begin. */
const anyKey = textOf(generateKeyPairSync('ed25519').publicKey);

test('a kiosk hears of a new key under the old one, goes by it from the next file on, and believes the old one no more once it is ended', async () => {
  const shops = await twoShops();
  const { county } = shops;
  const { home, book } = shops.shop('qj-03');
  const take = (text: string): unknown => takeVoucher(book, { text, by: 'scan', op: 'op1', day: today });
  const first = await sent(shops, 'qj-03');
  hearAnswer(shops, 'qj-03', first);
  const next = await newFileKey(county);

  await shops.night();
  expect(signersOf(noteOf(shops, 'qj-03', 2), next)).toBe('old');
  const early = await aVoucher(shops, 'qj-03', 'a1'); // the file is out, and nobody knows whether it was taken in
  expect(openVoucher(early, [oldKey]).ok).toBe(true);
  await shops.hear('qj-03');
  expect(take(early)).toMatchObject({ ok: true });
  const second = await sent(shops, 'qj-03');
  expect(signersOf(second, next)).toBe('both');
  hearAnswer(shops, 'qj-03', second);
  const late = await aVoucher(shops, 'qj-03', 'a1'); // its own event said that it has the new key
  expect(openVoucher(late, [next]).ok).toBe(true);
  expect(take(late)).toMatchObject({ ok: true });

  expect(await retireKey(county, { use: 'file', kid: 1, by: 'zhang' })).toEqual({ ok: true, value: null });
  expect(await retireKey(county, { use: 'file', kid: 1, by: 'zhang' })).toEqual({ ok: false, code: 'ended' });
  expect(await retireKey(county, { use: 'file', kid: 2, by: 'zhang' })).toEqual({ ok: false, code: 'last_key' });
  await shops.night();
  expect(signersOf(noteOf(shops, 'qj-03', 3), next)).toBe('new');
  expect(await shops.hear('qj-03')).toBe(1);
  expect(signersOf(await sent(shops, 'qj-05'), next)).toBe('both'); // it slept through all of it
  expect(await shops.hear('qj-05')).toBe(2);
  expect([...activeKeys(book.db, 'file').values()].map((key) => [...key])).toEqual([[...next]]);
  const third = await sent(shops, 'qj-03');
  expect(signersOf(third, next)).toBe('new');
  hearAnswer(shops, 'qj-03', third);
  const again = await takeIn(county, uploadOf(home, { inc: 1, fileSeq: 1 })); // its answer was lost on the way, under the old key
  expect([again.verdict, signersOf(first, next), signersOf(again.note, next)]).toEqual(['DUPLICATE', 'old', 'both']);

  const { sha256 } = prepared<[], { sha256: string }>(book.db, 'SELECT sha256 FROM down_file ORDER BY down_seq DESC LIMIT 1').get()!; // it applied three
  const forged = await writeDown(join(home.directory, 'forged'), header(4, sha256), [], fileKey);
  expect(await apply(home, book, forged.path)).toMatchObject({ kind: 'refused', code: 'signature' });
  const untrue = (await checkBook(county, 'whole')).filter(({ place }) => place !== null);
  expect(untrue.map(({ rule }) => rule)).toEqual([identityRule]); // this test's awards are of no batch
  expect(await outsiders(shops, 'qj-03')).toEqual([{ ours: { kind: 'true', place: '' }, python: { kind: 'true', place: '' } }]);
  book.close();
  expect(await verifyHome(home.directory, () => {})).toEqual({ kind: 'true' });
});

/** What both outsiders say of a kiosk's files, who know the county's first key alone. */
async function outsiders(shops: CountyShops, kiosk: string): Promise<unknown> {
  const { county } = shops;
  const { home } = shops.shop(kiosk);
  const directory = temporary(onTestFinished);
  const place = (part: string): string => join(directory, 'civicpos', county.code, part, kiosk);
  cpSync(join(county.folder.down, kiosk), place('down'), { recursive: true });
  cpSync(join(home.up, '1'), join(place('up'), '1'), { recursive: true });
  mkdirSync(join(place('ack'), '1'), { recursive: true });
  const answers = await county.read((db) =>
    prepared<[string], { file_seq: number; note: string }>(db, 'SELECT file_seq, note FROM answer WHERE kiosk = ?').all(kiosk),
  );
  for (const { file_seq, note } of answers) writeFileSync(join(place('ack'), '1', `${String(file_seq).padStart(8, '0')}.ack`), note);
  const { key } = await county.read((db) => prepared<[string], { key: string }>(db, 'SELECT key FROM kiosk WHERE kiosk = ?').get(kiosk)!); // enrolled
  const keys = {
    county: county.code,
    countyKeyName: countyName,
    countyKeys: [Buffer.from(oldKey).toString('base64url')],
    kiosks: { [kiosk]: [key] },
  };
  writeFileSync(join(directory, 'keys.json'), JSON.stringify(keys));
  return verdictsOn([directory]);
}

test('a voucher under a key that ended before it was scanned is refused, and its rights are there by the file', async () => {
  const shops = await twoShops();
  await newFileKey(shops.county);
  const text = await aVoucher(shops, 'qj-05', 'a2');
  await retireKey(shops.county, { use: 'file', kid: 1, by: 'zhang' });
  await shops.night();
  await shops.hear('qj-05');
  const { book } = shops.shop('qj-05');
  expect(takeVoucher(book, { text, by: 'scan', op: 'op1', day: today })).toEqual({ ok: false, code: 'voucher_forged' });
  expect(spendingOf(book, 'a2').counters).toMatchObject({ granted: 500 });
});

test('both at once: the file that brings a new key and ends the old one is signed with the old, its root too', async () => {
  const shops = await twoShops();
  const next = await newFileKey(shops.county);
  await retireKey(shops.county, { use: 'file', kid: 1, by: 'zhang' });
  await shops.night();
  expect(signersOf(noteOf(shops, 'qj-03', 2), next)).toBe('old');
  expect(await shops.hear('qj-03')).toBe(1);
  await shops.night();
  expect(signersOf(noteOf(shops, 'qj-03', 3), next)).toBe('new');
  expect(await shops.hear('qj-03')).toBe(1);
  expect(await shops.hear('qj-05')).toBe(2);
});

test('a kiosk put back from an image of before knows the county by the old key, and is led to the new one', async () => {
  const shops = await twoShops();
  const { county } = shops;
  await sent(shops, 'qj-03');
  const image = shops.image('qj-03');
  await newFileKey(county);
  await shops.night();
  await retireKey(county, { use: 'file', kid: 1, by: 'zhang' });
  await shops.night();
  expect(await shops.hear('qj-03')).toBe(2);
  await sent(shops, 'qj-03');
  shops.restore('qj-03', image);
  await sent(shops, 'qj-03');
  for (const { number } of await county.read(openExceptions)) await answerException(county, { number, by: 'zhang', text: 'seen' });
  await shops.night();
  expect(await shops.hear('qj-03')).toBe(1);
  await shops.night();
  expect(await shops.hear('qj-03')).toBe(1);
});

test('a program that died between drawing a key and telling of it leaves a number that is passed over, and nothing is signed with it', async () => {
  const shops = await twoShops();
  const { county } = shops;
  const pem = readFileSync(join(county.folder.keys, 'file.pem'), 'utf8');
  writeFileSync(join(county.folder.keys, 'file-2.pem'), pem);
  expect(await rotateKey(county, { use: 'file', by: 'zhang' })).toMatchObject({ ok: true, value: { kid: 3 } });
  expect(readFileSync(join(county.folder.keys, 'file-2.pem'), 'utf8')).toBe(pem);
  expect((await county.read((db) => countyKeys(db, 'file'))).map(({ kid, ended }) => [kid, ended])).toEqual([
    [1, null],
    [3, null],
  ]);
});

test('a new card key seals cards once every shop was sent it; old cards are good until their key is ended', async () => {
  const shops = await twoShops();
  const { county } = shops;
  writeFileSync(join(county.folder.keys, 'card.pem'), cardKey.export({ format: 'pem', type: 'pkcs8' }));
  const kidNow = (): Promise<unknown> =>
    county.read((db) => {
      const key = cardKeyOf(county, db);
      return key.ok ? key.value.kid : key.code;
    });
  const give = (resident: string, replaces: boolean): Promise<number> =>
    county.transact((act) => {
      const [card, key] = [nextCard(act.db, { resident, replaces }), cardKeyOf(county, act.db)];
      if (!card.ok || !key.ok) throw new Error('no card');
      issueCard(act, card.value, { kid: key.value.kid, expiresOn: '2030-12-31', entry: act.enter('cards', 'test') });
      return card.value.issue;
    });
  expect(await give('1', false)).toBe(1);
  expect(await rotateKey(county, { use: 'card', by: 'zhang' })).toMatchObject({ ok: true, value: { kid: 2 } });
  expect(await kidNow()).toBe(1);
  await shops.night();
  expect(await kidNow()).toBe(2);
  expect(await give('2', false)).toBe(1);
  await shops.hear('qj-03');
  const card = (residentId: string, kid: number) => ({ kid, county: county.code, residentId, issue: 1, expiresOn: '2030-12-31' });
  const seal = await county.read((db) => sealOf(county, db));
  const opened = (residentId: string, kid: number): unknown =>
    openCard(sealCard(card(residentId, kid), seal(kid)!), (of) => activeKeys(shops.shop('qj-03').book.db, 'card').get(of) ?? null);
  expect([opened('1', 1), opened('2', 2)]).toMatchObject([{ ok: true }, { ok: true }]);

  expect(await county.read((db) => cardsUnder(db, 1))).toBe(1);
  expect(await retireKey(county, { use: 'card', kid: 1, by: 'zhang' })).toEqual({ ok: true, value: null });
  await shops.night();
  await shops.hear('qj-03');
  expect([opened('1', 1), opened('2', 2)]).toMatchObject([{ ok: false, code: 'card_key_unknown' }, { ok: true }]);
  expect(await give('1', false)).toBe(2); // the card ended with its key: a new one replaces nothing
});

test('the committee follows the county from key to key, and not one that nobody before it vouched for', async () => {
  const shops = await twoShops();
  const { county } = shops;
  const keyFile = join(temporary(onTestFinished), 'committee.key');
  writeFileSync(keyFile, `${makeCommitteeKey('committee').secret}\n`);
  await shops.night();
  expect(cosign(county.folder.log, keyFile)).toMatchObject({ ok: true });
  await newFileKey(county);
  await retireKey(county, { use: 'file', kid: 1, by: 'zhang' });
  await shops.night();
  expect(cosign(county.folder.log, keyFile)).toMatchObject({ ok: true, value: { isNew: true } });
  await shops.night();
  expect(cosign(county.folder.log, keyFile)).toMatchObject({ ok: true, value: { isNew: true } });
  const remembered = JSON.parse(readFileSync(`${keyFile}.signed`, 'utf8')) as Record<string, { keys: readonly string[] }>;
  expect(Object.values(remembered).map(({ keys }) => keys)).toEqual([
    (await county.read((db) => countyKeys(db, 'file'))).filter(({ ended }) => ended === null).map(({ key }) => key),
  ]);
  const { size, note } = await county.read(
    (db) => prepared<[], { size: number; note: string }>(db, 'SELECT size, note FROM log_root ORDER BY size DESC LIMIT 1').get()!, // three nights
  );
  const path = join(county.folder.log, `${String(size).padStart(15, '0')}.checkpoint`);
  const text = note.slice(0, note.indexOf('\n\n') + 1);
  const forged = signNote(text, { name: `civicpos/${county.code}/log`, privateKey: fileKey });
  writeFileSync(path, readFileSync(path, 'utf8').replace(note, forged));
  expect(cosign(county.folder.log, keyFile)).toEqual({ ok: false, code: 'signature' });
});

test('what comes under a revoked key is kept and not posted, the committee is asked, and the shop begins anew under another id', async () => {
  const shops = await twoShops();
  const { county } = shops;
  await shops.award('a1', 7_000);
  await shops.night();
  await shops.hear('qj-03');
  const { home, book } = shops.shop('qj-03');
  const before = await cut(home, book);
  expect((await takeIn(county, uploadOf(home, before))).verdict).toBe('ACCEPTED');
  const revoke = (kiosk: string) => revokeKiosk(county, { kiosk, by: 'zhang', reason: 'stolen' });
  expect(await revoke('nobody')).toEqual({ ok: false, code: 'unknown_kiosk' });
  expect(await revoke('qj-03')).toEqual({ ok: true, value: { rights: 7_000, accounts: 1 } });
  expect(await revoke('qj-03')).toEqual({ ok: false, code: 'revoked' });

  shops.spend('qj-03', 'a1', 1_000);
  const after = uploadOf(home, await cut(home, book));
  expect((await takeIn(county, after)).verdict).toBe('REJECTED');
  expect((await takeIn(county, after)).verdict).toBe('REJECTED'); // again, and one exception still
  expect((await takeIn(county, uploadOf(home, before))).verdict).toBe('DUPLICATE');
  expect(await county.read(openExceptions)).toMatchObject([{ kiosk: 'qj-03', fileSeq: 2, code: 'revoked', owner: 'committee' }]);
  for (const { number } of await county.read(openExceptions)) await answerException(county, { number, by: 'li', text: 'a thief’s' });
  expect((await takeIn(county, after)).verdict).toBe('REJECTED');

  await shops.award('a1', 300);
  expect((await shops.night()).filter(({ kiosk }) => kiosk === 'qj-03')).toEqual([{ kind: 'held', kiosk: 'qj-03', why: 'revoked' }]);
  expect(await shops.at('a1')).toMatchObject({ main: 300, rights: { 'qj-03': 7_000 } });
  expect((await county.read((db) => exposureOf(db, county.wallMs()))).strandedRights).toBe(7_000);
  expect(await issueVoucher(county, { account: 'a1', kiosk: 'qj-03', want: 100, by: 'zhang' })).toEqual({ ok: false, code: 'revoked' });
  expect(await expectByCode(county, { kiosk: 'qj-03', store: 'baire' })).toEqual({ ok: false, code: 'enrolled' });
  expect(await enrolByKey(county, { kiosk: 'qj-03', store: 'baire', key: anyKey })).toEqual({ ok: false, code: 'enrolled' });
  expect(
    (await county.read((db) => logEntries(db, { from: 0, to: 1_000 }))).filter((entry) => entry.includes('\\nqj-03\\n0\\n')),
  ).toHaveLength(1);
});

test('who is expected and revoked before it came cannot come any more', async () => {
  const { county } = await twoShops();
  const code = await expectByCode(county, { kiosk: 'qj-09', store: 'baire' });
  if (!code.ok) throw new Error(code.code);
  await revokeKiosk(county, { kiosk: 'qj-09', by: 'zhang', reason: 'the letter with the code was lost' });
  expect(await enrolByCode(county, { kiosk: 'qj-09', code: code.value.code, key: anyKey })).toEqual({ ok: false, code: 'refused' });
  expect(await expectByCode(county, { kiosk: 'qj-09', store: 'baire' })).toEqual({ ok: false, code: 'enrolled' });
  expect(await enrolByKey(county, { kiosk: 'qj-09', store: 'baire', key: anyKey })).toEqual({ ok: false, code: 'enrolled' });
});

test('what is typed says what it would do, and does it under a name', async () => {
  const { county } = await twoShops();
  const said: string[] = [];
  const say = (line: string): void => void said.push(line);
  const type = async (name: string, options: Partial<CommandOptions>): Promise<unknown> => {
    said.length = 0;
    const exit = await keyCommands[name]!(county, { words: [], ...options }, { say, complain: say }); // the names are those below
    return [exit, said.join('').split('\n')[0]];
  };
  const file = await county.read((db) => countyKeys(db, 'file')[0]!.key); // the first file told it
  expect(await type('keys', {})).toEqual([0, expect.stringMatching(`^file  1  ${file}  since entry \\d+$`)]);
  expect(await type('rotate-file-key', {})).toEqual([2, 'usage:']);
  expect(await type('end-key', { kind: 'file', number: '1', by: 'zhang' })).toEqual([
    1,
    'no other key would be in force: make a new one first',
  ]);
  expect(await type('rotate-file-key', { by: 'zhang' })).toEqual([0, expect.stringMatching(/^file key 2: [A-Za-z0-9_-]{43}$/)]);
  expect(await type('end-key', { kind: 'file', number: '1' })).toEqual([0, 'give your name with --by to do it']);
  expect(await type('end-key', { kind: 'file', number: '7', by: 'zhang' })).toEqual([1, 'no such key: look with keys']);
  expect(await type('end-key', { kind: 'file', number: '1', by: 'zhang' })).toEqual([0, 'file key 1 ends with the next files']);
  expect(await type('end-key', { kind: 'card', number: '1' })).toEqual([
    0,
    '0 cards in force were sealed with it: from the next files on no till takes them',
  ]);
  expect(await type('revoke', { kiosk: 'qj-03', by: 'zhang' })).toEqual([2, 'usage:']);
  expect(await type('revoke', { kiosk: 'qj-03', text: 'stolen' })).toEqual([
    0,
    'qj-03 holds 0 points of rights and is the home of 1 accounts',
  ]);
  expect(await type('revoke', { kiosk: 'qj-03', text: 'stolen', by: 'zhang' })).toEqual([
    0,
    'qj-03 is revoked, for ever: what it sends from now on is kept and not posted, and the committee is asked',
  ]);
  expect(await type('revoke', { kiosk: 'qj-03', text: 'stolen', by: 'zhang' })).toEqual([1, 'qj-03 was revoked before']);
});

test('however many keys there were, every note and root is one that a kiosk takes: of the county’s it bears those that are needed', async () => {
  const shops = await twoShops();
  const { county } = shops;
  // as if each had taken the place of the one before it, without the log of it
  const pem = (kid: number): string => join(county.folder.keys, kid === 1 ? 'file.pem' : `file-${kid}.pem`);
  await county.transact((act) => {
    for (let kid = 2; kid <= 75; kid += 1) {
      const { privateKey } = generateKeyPairSync('ed25519');
      writeFileSync(pem(kid), privateKey.export({ format: 'pem', type: 'pkcs8' }));
      for (const [of, active] of [
        [kid, true],
        [kid - 1, false],
      ] as const) {
        const key = Buffer.from(rawPublicKey(createPrivateKey(readFileSync(pem(of))))).toString('base64url');
        putMaster(act, { t: 'KEY', kid: of, use: 'file', key, active }, { scope: everyKiosk, entry: act.enter('keys', `${of}`) });
      }
    }
  });
  for (const kiosk of ['qj-03', 'qj-05']) hearAnswer(shops, kiosk, await sent(shops, kiosk)); // by the first key, which they still go by
  await shops.night();
  expect(await shops.hear('qj-03')).toBe(1);
  await county.transact((act) => enterPutBack(act, 'a copy'));
  // which key the kiosk has been told of by a book that is lost nobody knows
  for (const kiosk of ['qj-03', 'qj-05']) {
    sell(shops.shop(kiosk).book, { resident: '1', goods: [['1', 1]] });
    hearAnswer(shops, kiosk, await sent(shops, kiosk));
  }
  await shops.night();
  expect([await shops.hear('qj-03'), await shops.hear('qj-05')]).toEqual([1, 2]);
});

test('a county that has many keys in force ends one before it makes the next', async () => {
  const { county } = await twoShops();
  for (let n = 2; n <= 12; n += 1) await newFileKey(county);
  expect(await rotateKey(county, { use: 'file', by: 'zhang' })).toEqual({ ok: false, code: 'too_many' });
  expect(await retireKey(county, { use: 'file', kid: 1, by: 'zhang' })).toMatchObject({ ok: true });
  expect(await rotateKey(county, { use: 'file', by: 'zhang' })).toMatchObject({ ok: true });
});
