// A kiosk takes another key: a stop at any step leaves one that opens and sells, and the chain alone says which key is in force.

import { execFile } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { makeBackup } from '../../db/backup.ts';
import { type Book, leafOf } from '../../db/book.ts';
import { readDraft, writeDraft } from '../../db/drafts.ts';
import { type Home, keyFilesIn, readHome, readSigner } from '../../db/home.ts';
import { dropOldKeys, neededKeys, ownKeyAt, ownKeyInForce, rotateOwnKey } from '../../db/kiosk-keys.ts';
import { canonical } from '../../db/model/canonical.ts';
import { type BookEvent, type KeyRotatedBody, signedText } from '../../db/model/event.ts';
import { rotationBody, rotationFault } from '../../db/model/kiosk-key.ts';
import { recoveryCodeOf } from '../../db/recovery-code.ts';
import { restoreHome } from '../../db/restore.ts';
import { mendUpFile, newestUpFile, upFilePath } from '../../db/up-files.ts';
import { cut } from '../support/county-book.ts';
import { aKiosk, reopened, tamper, tryOpening } from '../support/book.ts';
import { handClock, temporary } from '../support/county.ts';
import { verdictOn } from '../support/verify.ts';

function rotate(book: Book, home: Home): string {
  const done = rotateOwnKey(book, home, 'hand');
  if (!done.ok) throw new Error(done.code);
  return done.value.newKey;
}

const pem = (): string => generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
const second = (home: Home): string => join(home.directory, 'keys', 'kiosk-2.pem');

test('stopped after the key was drawn, it goes on with the old one, and the next change draws another', async () => {
  const { home, book, clock } = await aKiosk(onTestFinished);
  const first = ownKeyInForce(book.db);
  book.close();
  writeFileSync(second(home), pem());
  const again = reopened(home, clock);
  expect(ownKeyInForce(again.db)).toBe(first);
  const drawn = readFileSync(second(home), 'utf8');
  const next = rotate(again, home);
  expect(readFileSync(second(home), 'utf8')).not.toBe(drawn);
  expect(ownKeyInForce(again.db)).toBe(next);
  again.close();
  expect(await verdictOn(home.directory)).toEqual({ kind: 'true' });
});

test('stopped before its file was cut, or before that file’s note, the old key signs it to the byte', async () => {
  const { home, book, clock } = await aKiosk(onTestFinished);
  const first = ownKeyInForce(book.db);
  const next = rotate(book, home);
  book.close();
  const again = reopened(home, clock);
  const file = await cut(home, again);
  expect([ownKeyAt(again.db, file.toSeq), ownKeyAt(again.db, file.toSeq + 1)]).toEqual([first, next]);
  const note = readFileSync(upFilePath(home, file, 'note'), 'utf8');
  rmSync(upFilePath(home, file, 'note'));
  dropOldKeys(again, home); // the county has not answered: nothing goes
  mendUpFile(again, home);
  await cut(home, again); // the START of the new key
  expect(readFileSync(upFilePath(home, file, 'note'), 'utf8')).toBe(note);
  expect(neededKeys(again.db)).toEqual([first, next]);
  again.close();
  expect(await verdictOn(home.directory)).toEqual({ kind: 'true' });
});

test('an act that fails leaves the old key in force, and what is put aside stays believed under the new one', async () => {
  const { home, book } = await aKiosk(onTestFinished);
  const first = ownKeyInForce(book.db);
  writeDraft(book, { weighed: 1 });
  const failing: Book = {
    ...book,
    transact: (work) =>
      book.transact((transaction) => {
        work(transaction);
        throw new Error('the power went');
      }),
  };
  expect(() => rotateOwnKey(failing, home, 'hand')).toThrow('the power went');
  expect([ownKeyInForce(book.db), readDraft(book)?.isSealed]).toEqual([first, true]);
  rotate(book, home);
  expect(readDraft(book)).toEqual({ draft: { weighed: 1 }, isSealed: true });
  book.db.exec(`UPDATE draft SET body = replace(body, '"weighed":1', '"weighed":2')`);
  expect(readDraft(book)).toMatchObject({ isSealed: false });
});

test('the command changes the key of a kiosk that is stopped and cuts the file that says so; of one that runs it says so', async () => {
  const { home, book, directory, clock } = await aKiosk(onTestFinished);
  const rotateKey = (): Promise<readonly [code: unknown, said: string]> =>
    new Promise((done) => {
      const words = ['electron/engine/kiosk.ts', 'rotate-key', '--home', directory];
      execFile(process.execPath, words, (error, stdout, stderr) => done([error?.code ?? 0, stdout + stderr]));
    });
  expect(await rotateKey()).toEqual([1, 'the kiosk is running: stop it first\n']);
  book.close();
  const [code, said] = await rotateKey();
  const again = reopened(home, clock);
  expect([code, said]).toEqual([
    0,
    `the key of this kiosk is ${ownKeyInForce(again.db)}; the county hears of it with the file that waits to be sent\n`,
  ]);
  const { toSeq } = newestUpFile(again.db)!; // it was cut just now
  expect([ownKeyAt(again.db, toSeq), ownKeyAt(again.db, toSeq + 1)]).toEqual(neededKeys(again.db));
  again.close();
  expect(await rotateKey()).toEqual([1, 'not changed: the county has not answered to the change before this one\n']);
});

test('without the key in force it does not open, whatever others lie there', async () => {
  const { home, book, clock } = await aKiosk(onTestFinished);
  rotate(book, home);
  book.close();
  writeFileSync(second(home), pem());
  expect(tryOpening(home, clock)).toBe('key_missing');
  expect(await verdictOn(home.directory)).toEqual({
    kind: 'lie',
    check: 'identity',
    place: 'keys/kiosk.pem',
    what: 'is not the key of this book',
  });
});

test('a backup has every key that its book still needs', async () => {
  const { home, book, clock } = await aKiosk(onTestFinished);
  const next = rotate(book, home);
  const { inc, seq, leaf } = book.head();
  book.close();
  const place = temporary(onTestFinished);
  const { county, store, kiosk } = home.config.enrolment;
  const facts = { county, store, kiosk, inc, throughSeq: seq, leaf, at: clock.wallMs(), software: 'test' };
  const made = await makeBackup({ home, bookCopy: home.book, place, code: recoveryCodeOf(home), facts });
  if (!made.ok) throw new Error(made.code);
  const directory = join(temporary(onTestFinished), 'home');
  const from = join(place, made.value.file);
  const outcome = await restoreHome({ from, directory, code: recoveryCodeOf(home), clock, decode: null, report: () => {} });
  expect(outcome).toMatchObject({ ok: true, value: { inc: 2 } });
  const found = readHome(directory);
  if (!found.ok) throw new Error(found.detail);
  expect(keyFilesIn(found.home).map(({ name }) => name)).toEqual(['keys/kiosk-2.pem', 'keys/kiosk.pem']);
  const restored = reopened(found.home, clock);
  expect(ownKeyInForce(restored.db)).toBe(next);
  // the change stood in no file of the backup: it ends one of the incarnation that it was made in
  expect([await cut(found.home, restored), await cut(found.home, restored)].map((file) => [file.inc, file.fileSeq])).toEqual([
    [1, 1],
    [2, 1],
  ]);
  restored.close();
  expect(await verdictOn(directory)).toEqual({ kind: 'true' });
});

/** A kiosk whose newest event is a change to another body, signed as it must be; stopped. */
async function changedTo(change: (body: KeyRotatedBody, next: KeyObject) => Partial<KeyRotatedBody>): Promise<Home> {
  const { home, book } = await aKiosk(onTestFinished);
  const old = readSigner(home)!.privateKey;
  rotate(book, home);
  book.close();
  tamper(home, (db) => {
    const { line } = db.prepare<[], { line: string }>('SELECT line FROM event ORDER BY seq DESC LIMIT 1').get()!;
    const event = JSON.parse(line) as BookEvent & { readonly kind: 'KEY_ROTATED' };
    const body = { ...event.body, ...change(event.body, old) };
    const text = canonical({ ...event, body });
    const leaf = leafOf(text);
    const sig = sign(null, Buffer.from(signedText(event, leaf.toString('base64url'))), old);
    db.prepare('UPDATE event SET line = ?, leaf = ?, sig = ? WHERE seq = ?').run(text, leaf, sig, event.seq);
  });
  rmSync(home.anchor);
  return home;
}

test.each([
  [
    'without the new key’s own word',
    () => ({ proof: Buffer.alloc(64, 1).toString('base64url') }),
    'does not prove that the kiosk has its new key',
  ],
  ['of another old key', () => ({ oldKey: Buffer.alloc(32, 1).toString('base64url') }), 'gives up another key than the one in force'],
])('a change %s is refused when the book is opened, and is a lie', async (_what, change, what) => {
  const home = await changedTo(change);
  expect(tryOpening(home, handClock())).toBe('book_damaged');
  expect(await verdictOn(home.directory)).toMatchObject({ kind: 'lie', check: 'chain', what });
});

test('a change names a key that is new, and its word is of that place of that chain only', () => {
  const [old, next] = [generateKeyPairSync('ed25519').privateKey, generateKeyPairSync('ed25519').privateKey];
  const at = { county: '540525', kiosk: 'qj-03', inc: 1, seq: 7 };
  const oldKey = rotationBody(at, { oldKey: '', next: old, by: 'hand' }).newKey;
  const body = rotationBody(at, { oldKey, next, by: 'hand' });
  const event = (change: object) =>
    ({ kind: 'KEY_ROTATED', ...at, body, ...change }) as unknown as BookEvent & { readonly kind: 'KEY_ROTATED' };
  const unproven = 'does not prove that the kiosk has its new key';
  expect(rotationFault(event({}), oldKey)).toBe(null);
  for (const change of [{ seq: 8 }, { inc: 2 }, { kiosk: 'qj-04' }, { county: '540526' }])
    expect(rotationFault(event(change), oldKey)).toBe(unproven);
  expect(rotationFault(event({}), body.newKey)).toBe('gives up another key than the one in force');
  const same = rotationBody(at, { oldKey, next: old, by: 'hand' });
  for (const wrong of [same, { ...body, newKey: 'A' }, { ...body, proof: 'A' }, { ...body, newKey: `${body.newKey}=` }])
    expect(rotationFault(event({ body: wrong }), oldKey)).toBe('names no new key');
});
