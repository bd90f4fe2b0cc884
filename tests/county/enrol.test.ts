// A kiosk becomes known to its county by a one-time code: the kiosk's own command, over real HTTPS to the county's server.

import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { CountyBook } from '../../county/book/county-book.ts';
import { enrolByCode, enrolByKey, expectByCode } from '../../county/book/enrol.ts';
import { findKiosk, takeIn } from '../../county/book/intake.ts';
import { parseVerifierKey, verifierKey } from '../../county/log/committee-key.ts';
import { serverIdentity } from '../../county/server/certificate.ts';
import { countyServer } from '../../county/server/server.ts';
import { type Home, makeHome, readHome, readSigner } from '../../db/home.ts';
import { dropOldKeys, passFor, rotateOwnKey } from '../../db/kiosk-keys.ts';
import { isNamedBy } from '../../db/model/committee.ts';
import { rawPublicKey } from '../../db/model/keys.ts';
import { rotationFault } from '../../db/model/kiosk-key.ts';
import { keyHash } from '../../db/model/note.ts';
import { createBook, openBook } from '../../db/open-book.ts';
import { enrolAtCounty } from '../../electron/engine/enrol.ts';
import { runRound } from '../../electron/engine/round.ts';
import { countyLine } from '../../electron/engine/send.ts';
import { aCounty, cut, uploadOf } from '../support/county-book.ts';
import { countyName, fileKey, handClock, shop, temporary } from '../support/county.ts';

interface Served {
  readonly county: CountyBook;
  readonly enrolment: Parameters<typeof makeHome>[1]['enrolment'];
}

async function served(): Promise<Served> {
  const county = aCounty(onTestFinished, false);
  const identity = serverIdentity(county.folder.keys, 'test');
  const app = await countyServer(county, { identity, complain: () => {} });
  onTestFinished(() => app.close());
  await app.listen({ port: 0, host: '127.0.0.1' });
  const url = `https://127.0.0.1:${(app.server.address() as AddressInfo).port}`; // a socket's
  const countyKey = Buffer.from(rawPublicKey(fileKey)).toString('base64url');
  const enrolment = { county: county.code, store: shop.store, kiosk: shop.kiosk, countyKey, countyKeyName: countyName };
  return { county, enrolment: { ...enrolment, countyServer: { url, pin: identity.pin } } };
}

function aHome(enrolment: Served['enrolment']): Home {
  const home = makeHome(join(temporary(onTestFinished), 'kiosk'), { enrolment, diskReserveBytes: 0 });
  createBook(home, handClock(), 'test').close();
  return home;
}

async function codeFor({ county }: Served): Promise<string> {
  const made = await expectByCode(county, { kiosk: shop.kiosk, store: shop.store });
  if (!made.ok) throw new Error(made.code);
  return made.value.code;
}

test('the command makes a kiosk and registers its key by the code, and the county takes its first file', async () => {
  const at = await served();
  const directory = temporary(onTestFinished);
  const enrolment = join(directory, 'enrolment.json');
  writeFileSync(enrolment, JSON.stringify(at.enrolment));
  const code = (await codeFor(at)).toLowerCase().replaceAll(/(.{4})(?=.)/g, '$1-'); // as somebody types it from paper
  const words = ['electron/engine/kiosk.ts', 'create', '--home', join(directory, 'kiosk'), '--enrolment', enrolment, '--code', code];
  const said = await new Promise((done) => execFile(process.execPath, words, (error, stdout, stderr) => done([error, stdout, stderr])));
  const name = `${at.county.code}/${shop.kiosk}`;
  expect(said).toEqual([null, `kiosk ${name} made in ${join(directory, 'kiosk')}\nthe county knows the key of ${name}\n`, '']);
  const found = readHome(join(directory, 'kiosk'));
  if (!found.ok) throw new Error(found.detail);
  const opened = openBook(found.home, handClock(), 'test');
  if (!opened.ok) throw new Error(opened.code);
  onTestFinished(() => opened.book.close());
  expect((await takeIn(at.county, uploadOf(found.home, await cut(found.home, opened.book)))).verdict).toBe('ACCEPTED');
});

test('a home that changed its key before the county knows it is known by the key of its first file: the change comes with that', async () => {
  // simulator, seed 3036 of 8 kiosks and 15 days: a restored shop that had changed its key before it was given leave was believed never again
  const at = await served();
  const home = aHome(at.enrolment);
  const first = readSigner(home)?.publicKey;
  const opened = openBook(home, handClock(), 'test');
  if (!opened.ok) throw new Error(opened.code);
  expect(rotateOwnKey(opened.book, home, 'hand').ok).toBe(true);
  opened.book.close(); // enrolment reads it
  expect(await enrolAtCounty(home, await codeFor(at))).toEqual({ ok: true, value: null });
  expect(await at.county.read((db) => findKiosk(db, shop.kiosk)?.key)).toBe(first);
  const again = openBook(home, handClock(), 'test');
  if (!again.ok) throw new Error(again.code);
  onTestFinished(() => again.book.close());
  expect((await takeIn(at.county, uploadOf(home, await cut(home, again.book)))).verdict).toBe('ACCEPTED');
  expect(await at.county.read((db) => findKiosk(db, shop.kiosk)?.key)).not.toBe(first);
});

test('a code is good once, for one kiosk, and only while it lasts; the same registration again is answered again', async () => {
  const at = await served();
  const home = aHome(at.enrolment);
  const keyKnown = (): Promise<unknown> => at.county.read((db) => findKiosk(db, shop.kiosk)?.key ?? null);
  const old = await codeFor(at);
  const code = await codeFor(at); // the newer one counts
  expect(await enrolAtCounty(home, old)).toEqual({ ok: false, code: 'refused' });
  await at.county.transact(({ db }) => db.exec('UPDATE kiosk SET code_until = 1'));
  expect(await enrolAtCounty(home, code)).toEqual({ ok: false, code: 'refused' });
  expect(await keyKnown()).toBeNull();
  const last = await codeFor(at);
  expect(await enrolByCode(at.county, { kiosk: 'qj-04', code: last, key: 'Q'.repeat(43) })).toEqual({ ok: false, code: 'refused' });
  expect(await enrolAtCounty(home, last)).toEqual({ ok: true, value: null });
  expect(await enrolAtCounty(home, last)).toEqual({ ok: true, value: null }); // the answer was lost
  const other = aHome(at.enrolment);
  expect(await enrolAtCounty(other, last)).toEqual({ ok: false, code: 'refused' });
  expect(await enrolAtCounty(other, last)).toEqual({ ok: false, code: 'too_often' }); // the sixth try in a minute
  expect(await enrolByCode(at.county, { kiosk: shop.kiosk, code: last, key: 'Q'.repeat(43) })).toEqual({ ok: false, code: 'refused' });
  expect(await keyKnown()).toBe(readSigner(home)?.publicKey);
});

test('a key under which anybody can sign is enrolled for nobody: kiosk, committee or county', async () => {
  const county = aCounty(onTestFinished, false);
  const neutral = Buffer.from(`01${'00'.repeat(31)}`, 'hex');
  const key = neutral.toString('base64url');
  const forged = Buffer.from(`58${'66'.repeat(31)}01${'00'.repeat(31)}`, 'hex'); // lenient programs believe it under that key, of any text
  const made = await expectByCode(county, { kiosk: shop.kiosk, store: shop.store });
  if (!made.ok) throw new Error(made.code);
  expect(await enrolByCode(county, { kiosk: shop.kiosk, code: made.value.code, key })).toEqual({ ok: false, code: 'refused' });
  expect(await enrolByKey(county, { kiosk: shop.kiosk, store: shop.store, key })).toEqual({ ok: false, code: 'no_key' });
  const oldKey = 'Q'.repeat(43);
  const body = { oldKey, newKey: key, proof: forged.toString('base64url'), by: 'hand' } as const;
  const event = { kind: 'KEY_ROTATED', county: county.code, kiosk: shop.kiosk, inc: 1, seq: 7, body } as Parameters<
    typeof rotationFault
  >[0]; // what is read of it
  expect(rotationFault(event, oldKey)).toBe('does not prove that the kiosk has its new key');
  expect(parseVerifierKey(verifierKey({ name: 'committee', publicKey: neutral }))).toBeNull();
  const [before, next] = [
    { name: 'committee', key },
    { name: 'next', key: oldKey },
  ];
  const word = `civicpos-committee-v1\n${county.code}\nnext\n${oldKey}\n\n— committee ${Buffer.concat([keyHash({ name: 'committee', publicKey: neutral }), forged]).toString('base64')}\n`;
  expect(isNamedBy(before, { county: county.code, next, word })).toBe(false);
  const enrolment = { county: county.code, store: shop.store, kiosk: shop.kiosk, countyKey: key, countyKeyName: countyName };
  expect(() => makeHome(join(temporary(onTestFinished), 'kiosk'), { enrolment })).toThrow('anybody can sign');
});

test('without a server, with another one behind the address, or with none there, nothing is told and the reason is', async () => {
  const { enrolment } = await served();
  const { countyServer: server, ...rest } = enrolment;
  expect(await enrolAtCounty(aHome(rest), 'CODE')).toEqual({ ok: false, code: 'no_server' });
  const elsewhere = { ...server!, pin: 'A'.repeat(43) }; // served says where it is
  expect(await enrolAtCounty(aHome({ ...rest, countyServer: elsewhere }), 'CODE')).toEqual({ ok: false, code: 'wrong_key' });
  const nobody = { ...server!, url: 'https://127.0.0.1:1' };
  expect(await enrolAtCounty(aHome({ ...rest, countyServer: nobody }), 'CODE')).toEqual({ ok: false, code: 'unreachable' });
});

test('a file of a kiosk whose key is not registered is refused before anything of it is unpacked', async () => {
  const at = await served();
  await codeFor(at);
  const data = join(temporary(onTestFinished), 'bomb.jsonl.gz');
  writeFileSync(data, 'no gzip at all');
  const { verdict, note } = await takeIn(at.county, { kiosk: shop.kiosk, inc: 1, fileSeq: 1, data, note: '', checkpoint: '' });
  expect([verdict, note]).toEqual(['REJECTED', expect.stringContaining('no key of this kiosk is enrolled')]);
});

test('a kiosk that changes its key is let in before the county knows of it, after it, and by a county that was put back from before', async () => {
  const at = await served();
  const home = aHome(at.enrolment);
  expect(await enrolAtCounty(home, await codeFor(at))).toEqual({ ok: true, value: null });
  const opened = openBook(home, handClock(), 'test');
  if (!opened.ok) throw new Error(opened.code);
  const { book } = opened;
  onTestFinished(() => book.close());
  const round = async (): Promise<unknown> => {
    const { url, pin } = at.enrolment.countyServer!;
    const { county, kiosk } = book.identity;
    const line = countyLine({ server: { url, pin }, county, kiosk, pass: passFor(book, home, pin), signal: AbortSignal.timeout(10_000) });
    return runRound({ book, home, line, idle: () => Promise.resolve() }).finally(() => line.close());
  };
  const first = readSigner(home)!.publicKey;
  const changed = rotateOwnKey(book, home, 'hand');
  if (!changed.ok) throw new Error(changed.code);
  await cut(home, book);
  expect(await round()).toBeNull();
  expect(await at.county.read((db) => findKiosk(db, shop.kiosk)?.key)).toBe(changed.value.newKey);
  dropOldKeys(book, home);
  expect(await round()).toBeNull();
  // as in a copy of the book from before the change
  await at.county.transact(({ db }) => void db.exec('DROP TRIGGER kiosk_key_no_delete; DELETE FROM kiosk_key'));
  await at.county.transact(({ db }) => db.prepare('UPDATE kiosk SET key = ?').run(first));
  expect(await round()).toBeNull();
  await at.county.transact(({ db }) => db.prepare('UPDATE kiosk SET key = ?').run(Buffer.alloc(32, 9).toString('base64url')));
  expect(await round()).toMatchObject({ fault: expect.any(String) as string });
});
