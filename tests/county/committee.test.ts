// The county tells its kiosks who watches it, and gives them what the committee signed as soon as it has it; the committee names its own
// next key.

import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { asKiosksTake, committeeTold, nameCommittee, rememberCommittee } from '../../county/book/committee.ts';
import { openExceptions } from '../../county/book/exceptions.ts';
import { keyCommands } from '../../county/key-commands.ts';
import { runLogCommand } from '../../county/log/commands.ts';
import { makeCommitteeKey, parseSecretKey, parseVerifierKey } from '../../county/log/committee-key.ts';
import { takeCosignatures } from '../../county/log/published.ts';
import { watched } from '../../db/county-roots.ts';
import { isTrulySigned } from '../../db/model/committee.ts';
import { logOrigin, openLogRoot, rootNoteMax } from '../../db/model/log-root.ts';
import { privateKeyFromSeed, rawPublicKey } from '../../db/model/keys.ts';
import { addSignature, checkpointText, noteSigners, signNote } from '../../db/model/note.ts';
import { noticeNumber, takeNotice } from '../../db/notices.ts';
import { lastDown } from '../../db/reference.ts';
import { aCounty } from '../support/county-book.ts';
import { aCountyOfShops, type CountyShops } from '../support/county-shops.ts';
import { fileKey, temporary } from '../support/county.ts';
import { verdictOn } from '../support/verify.ts';

interface Key {
  readonly file: string;
  readonly key: NonNullable<ReturnType<typeof parseVerifierKey>>;
}

/** A key of the committee on a stick of its own. */
function aKey(stick: string, name: string): Key {
  const { secret, verifier } = makeCommitteeKey(name);
  mkdirSync(stick, { recursive: true });
  writeFileSync(join(stick, name), `${secret}\n`);
  writeFileSync(join(stick, `${name}.pub`), `${verifier}\n`);
  return { file: join(stick, name), key: parseVerifierKey(verifier)! };
}

function said(...words: readonly string[]): readonly [code: number | null, text: string] {
  const texts: string[] = [];
  const terminal = { say: (text: string) => texts.push(text), complain: (text: string) => texts.push(text) };
  return [runLogCommand(words, terminal), texts.join('')];
}

/** A day and the night after it: something is sold and sent, the committee signs what was published, the shop hears. */
async function dayAndNight(shops: CountyShops, key?: Key): Promise<void> {
  if (key !== undefined) expect(said('cosign', '--data', shops.county.folder.directory, '--key', key.file)[0]).toBe(0);
  shops.spend('qj-03', 'a1', 100);
  await shops.send('qj-03');
  await shops.night();
  await shops.hear('qj-03');
}

const told = ({ key }: Key) => ({ name: key.name, key: Buffer.from(key.publicKey).toString('base64url') });

test('what the committee signs by day is at the kiosks the next night, beside a newer root; its next key comes from its own hand', async () => {
  const shops = await aCountyOfShops(onTestFinished, { kiosks: ['qj-03'], homes: { a1: 'qj-03' }, roamAt: [], roamCap: 0 });
  const { county } = shops;
  const stick = join(temporary(onTestFinished), 'stick');
  const [first, second] = [aKey(stick, 'committee'), aKey(stick, '县监督委员会')];
  const known = () => watched(shops.shop('qj-03').book.db);
  await shops.award('a1', 100_000);
  await dayAndNight(shops);
  expect(await nameCommittee(county, { key: first.key, word: '', by: '扎西' })).toEqual({ ok: true, value: null });
  expect(await nameCommittee(county, { key: first.key, word: '', by: '扎西' })).toEqual({ ok: false, code: 'known' });
  await dayAndNight(shops);
  expect(known()).toMatchObject({ members: [told(first)], cosigned: null });
  const published = known().held!;
  await dayAndNight(shops, first);
  expect(known().cosigned).toEqual(published);
  expect(known().held!.size).toBeGreaterThan(published.size);

  expect(await nameCommittee(county, { key: second.key, word: '', by: '扎西' })).toEqual({ ok: false, code: 'needs_word' });
  const out = join(stick, 'word');
  expect(said('committee-next', '--county', county.code, '--key', second.file, '--to', `${first.file}.pub`, '--out', out)[0]).toBe(0);
  expect(await nameCommittee(county, { key: second.key, word: readFileSync(out, 'utf8'), by: '扎西' })).toEqual({
    ok: false,
    code: 'needs_word',
  });
  expect(said('committee-next', '--county', county.code, '--key', first.file, '--to', `${second.file}.pub`, '--out', out)[0]).toBe(0);
  const word = readFileSync(out, 'utf8');
  expect(await nameCommittee(county, { key: second.key, word, by: '扎西' })).toEqual({ ok: true, value: null });
  await dayAndNight(shops, first); // what the old key signs now is nobody's any more
  expect(known()).toMatchObject({ members: [told(first), told(second)], cosigned: published });
  const later = known().held!;
  await dayAndNight(shops, second);
  expect(known().cosigned).toEqual(later);

  const { book, directory } = shops.shop('qj-03');
  book.close();
  expect(await verdictOn(directory)).toEqual({ kind: 'true' });
});

test('a committee that lost its key: shops hear on, and believe its new one once a person there typed the number of the county’s notice', async () => {
  const { shops, member } = await aWatchedCounty();
  const { county } = shops;
  const next = aKey(temporary(onTestFinished), 'committee-2');
  const shop = shops.shop('qj-03');
  const texts: string[] = [];
  const terminal = { say: (text: string) => texts.push(text), complain: (text: string) => texts.push(text) };
  const type = (more: object) =>
    keyCommands['committee']!(county, { words: [], key: readFileSync(`${next.file}.pub`, 'utf8'), lost: 'true', ...more }, terminal);
  await dayAndNight(shops, member);
  const signed = watched(shop.book.db).cosigned;
  expect(await type({})).toBe(0); // only looked at
  expect(await county.read(committeeTold)).toHaveLength(1);
  expect(await type({ by: '扎西' })).toBe(0);
  const number = /数字：((?:\d{5} ?){6})\n/.exec(texts.join(''))![1]!;
  await dayAndNight(shops);
  await dayAndNight(shops, next);
  expect(watched(shop.book.db)).toMatchObject({ members: [told(member), { ...told(next), isBelieved: false }], cosigned: signed });
  const listed = async (): Promise<string> => {
    texts.length = 0;
    await keyCommands['notices']!(county, { words: [] }, terminal);
    return texts.join('');
  };
  expect(await listed()).toMatch(
    /^no shop took a printed notice\nthe key committee-2 of the committee is by notice; not taken yet: .*\bqj-03\b/,
  );
  expect(await takeNotice(shop.book, shop.home, { number, by: '德吉' })).toMatchObject({ ok: true });
  const { seq } = shop.book.head();
  await dayAndNight(shops, next);
  const taken = await listed();
  expect(taken).toMatch(new RegExp(`^qj-03/1 event ${seq}  committee committee-2  number ${number}  compared by 德吉, \\S+ \\S+\\n`));
  expect(taken.split('not taken yet: ')[1] ?? '').not.toContain('qj-03');
  expect(watched(shop.book.db).members.map(({ isBelieved }) => isBelieved)).toEqual([true, true]);
  expect(watched(shop.book.db).cosigned!.size).toBeGreaterThan(signed!.size);
  // whoever puts the county's book back has it from a file: still by notice
  const again = aCounty(onTestFinished);
  const committee = (await county.read(committeeTold))!;
  await again.transact((act) => Promise.resolve(rememberCommittee(act, { committee })));
  expect(await again.read(committeeTold)).toEqual(committee);
  expect(committee[1]).toMatchObject({ word: '', notice: true });
  // what is printed for a shop that refuses a file is the number that its kiosk knows it by
  texts.length = 0;
  const downSeq = lastDown(shop.book.db)!.downSeq;
  expect(await keyCommands['file-notice']!(county, { words: [], kiosk: 'qj-03', number: String(downSeq) }, terminal)).toBe(0);
  const { sha256 } = lastDown(shop.book.db)!;
  expect(texts.join('')).toContain(noticeNumber({ county: county.code, kiosk: 'qj-03' }, { about: 'file', downSeq, sha256 }));
  expect(await keyCommands['file-notice']!(county, { words: [], kiosk: 'qj-03', number: '99' }, terminal)).toBe(1);
  shop.book.close();
  expect(await verdictOn(shop.directory)).toEqual({ kind: 'true' });
});

test('where no committee is set the command says so and what to type; a name that kiosks would refuse is not set', async () => {
  const county = aCounty(onTestFinished);
  const texts: string[] = [];
  const terminal = { say: (text: string) => texts.push(text), complain: (text: string) => texts.push(text) };
  expect(await keyCommands['committee']!(county, { words: [] }, terminal)).toBe(0);
  expect(texts.join('')).toMatch(/^no key of the committee is set: .*\n.* committee-key --out FILE\n.* --key TEXT --by NAME\n$/);
  texts.length = 0;
  const { verifier } = makeCommitteeKey('监督"委员会');
  expect(await keyCommands['committee']!(county, { words: [], key: verifier, by: '扎西' }, terminal)).toBe(1);
  expect(texts.join('')).toMatch(/^a name of a key is at most 100 letters/);
  expect(await county.read(committeeTold)).toBeNull();
});

test('a book that was put back learns its committee from its own files, and no other', async () => {
  const county = aCounty(onTestFinished);
  const stick = temporary(onTestFinished);
  const [first, second] = [aKey(stick, 'committee'), aKey(stick, 'committee-2')];
  const committee = [
    { ...told(first), word: '' },
    { ...told(second), word: 'as it was' },
  ];
  await county.transact((act) => Promise.resolve(rememberCommittee(act, { committee: committee.slice(0, 1) })));
  await county.transact((act) => Promise.resolve(rememberCommittee(act, { committee: [{ ...told(second), word: '' }] })));
  await county.transact((act) => Promise.resolve(rememberCommittee(act, { committee })));
  expect(await county.read(committeeTold)).toEqual(committee);
});

/** A county whose committee is known at its shop, and another key of that name on another stick. */
async function aWatchedCounty(): Promise<{ readonly shops: CountyShops; readonly member: Key; readonly stranger: Key }> {
  const shops = await aCountyOfShops(onTestFinished, { kiosks: ['qj-03'], homes: { a1: 'qj-03' }, roamAt: [], roamCap: 0 });
  const stick = temporary(onTestFinished);
  const [member, stranger] = [aKey(join(stick, 'one'), 'committee'), aKey(join(stick, 'another'), 'committee')];
  await shops.award('a1', 100_000);
  await dayAndNight(shops);
  expect(await nameCommittee(shops.county, { key: member.key, word: '', by: '扎西' })).toEqual({ ok: true, value: null });
  await dayAndNight(shops);
  return { shops, member, stranger };
}

const filesHeard = (shops: CountyShops) => lastDown(shops.shop('qj-03').book.db)!.downSeq;

test('a second key of the name that kiosks know, laid into the folder, is not believed: shops hear on, and the clerk is told whose it is not', async () => {
  const { shops, member, stranger } = await aWatchedCounty();
  const { county } = shops;
  copyFileSync(`${stranger.file}.pub`, join(county.folder.log, 'committee', 'zz.pub'));
  copyFileSync(`${stranger.file}.pub`, join(county.folder.log, 'committee', 'committee-1.pub')); // over the member's own
  const known = () => watched(shops.shop('qj-03').book.db);
  const before = filesHeard(shops);
  await dayAndNight(shops, stranger);
  expect(known().cosigned).toBeNull();
  const published = known().held!;
  await dayAndNight(shops, member);
  await dayAndNight(shops, stranger);
  expect([filesHeard(shops) - before, known().cosigned]).toEqual([3, published]);

  const texts: string[] = [];
  await keyCommands['committee']!(county, { words: [] }, { say: (text) => texts.push(text), complain: (text) => texts.push(text) });
  const what = (file: string) => `log/committee/${file} is another key than the committee's of the name committee`;
  expect(texts.map((text) => text.split(/[:\n]/)[0])).toEqual([`committee  ${told(member).key}`, what('committee-1.pub'), what('zz.pub')]);
  const raised = await county.read(openExceptions);
  expect(raised.map(({ code, owner, detail }) => ({ code, owner, detail }))).toEqual(
    ['committee-1.pub', 'zz.pub'].map((file) => ({ code: 'committee_key', owner: 'clerk', detail: what(file) })),
  );
});

test('a county whose book has such a signature from before sends its shops the root without it, and takes what the committee signs next', async () => {
  const { shops, member, stranger } = await aWatchedCounty();
  const { county } = shops;
  const before = filesHeard(shops);
  copyFileSync(`${stranger.file}.pub`, join(county.folder.log, 'committee', 'zz.pub'));
  expect(said('cosign', '--data', county.folder.directory, '--key', stranger.file)[0]).toBe(0);
  const taken = await county.transact(({ db }) => Promise.resolve(takeCosignatures(db, county.folder.log, []))); // as it was once taken
  expect(taken).toMatchObject({ taken: [{ name: 'committee' }] });
  const known = () => watched(shops.shop('qj-03').book.db);
  await dayAndNight(shops);
  expect(known().cosigned).toBeNull();
  await dayAndNight(shops);
  const published = known().held!;
  await dayAndNight(shops, member);
  expect([filesHeard(shops) - before, known().cosigned]).toEqual([3, published]);

  const { book, directory } = shops.shop('qj-03');
  book.close();
  expect(await verdictOn(directory)).toEqual({ kind: 'true' });
});

test('however many signed a root, a file carries as many signatures as it holds: the county’s, the newest member’s, then the others’', () => {
  const stick = temporary(onTestFinished);
  const origin = logOrigin('540525');
  const name = (n: number) => `${n}-`.padEnd(100, 'x');
  const keys = Array.from({ length: 60 }, (_, n) => aKey(stick, name(n)));
  const members = keys.slice(40).map(told);
  const sign = (note: string, { file }: Key) => addSignature(note, parseSecretKey(readFileSync(file, 'utf8').trimEnd())!);
  const bare = signNote(checkpointText(origin, { size: 5, root: Buffer.alloc(32, 7).toString('base64url') }), {
    name: origin,
    privateKey: fileKey,
  });
  const lineOf = ({ key }: Key, by: Key) => sign(bare, by).slice(bare.length).replace(by.key.name, key.name);
  const forged = lineOf(keys.at(-1)!, keys[0]!); // the newest member's name, another's hand
  const note = bare + forged + keys.map((key) => lineOf(key, key)).join('');
  expect(isTrulySigned(bare + forged, members)).toBe(false);

  const carried = asKiosksTake({ note, proof: [] }, { county: '540525', members, signers: 1 }).note;
  const signers = noteSigners(carried)!;
  const most = keys.length - (signers.length - 1);
  expect(signers).toEqual([origin, ...keys.slice(most).map(({ key }) => key.name)]);
  expect([isTrulySigned(carried, members), carried.includes(forged)]).toEqual([true, false]);
  expect(openLogRoot(carried, '540525', [rawPublicKey(fileKey)])).toMatchObject({ ok: true, value: { size: 5 } });
  const rotated = addSignature(carried, { name: origin, privateKey: privateKeyFromSeed(Buffer.alloc(32, 9)) });
  expect([rotated.length <= rootNoteMax, rotated.length > rootNoteMax - 250]).toEqual([true, true]);
});
