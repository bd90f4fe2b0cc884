// The kiosk's own keys: which one signs at which place of its chain, as the chain itself says, and where their private halves lie. A new key
// takes over by an event; the old one is destroyed once nobody needs it.

import { type KeyObject, generateKeyPairSync } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Book } from './book.ts';
import { type StoredDraft, readDeskDraft, readDraft, writeDeskDraft, writeDraft } from './drafts.ts';
import { syncDirectory, writeFileDurably } from './files.ts';
import { deleteHeld, readHeld, writeHeld } from './held.ts';
import { type Home, countyServerOf, readSigners } from './home.ts';
import type { KeyRotatedBody } from './model/event.ts';
import { rotationBody } from './model/kiosk-key.ts';
import { kioskPass, passBefore } from './model/kiosk-pass.ts';
import { type Result, assert, fail, ok } from './model/result.ts';
import { businessDate } from './model/time.ts';
import { type ReadableDatabase, prepared } from './sqlite.ts';
import { uuidv7 } from './uuid.ts';

/** A key of this kiosk, and from which event on it signs. */
interface OwnKey {
  readonly fromSeq: number;
  /** Ed25519, raw in base64url. */
  readonly key: string;
}

/** Every key that this chain was ever signed with, the first one first. Damaged events name none: '' stands for it. */
export function ownKeys(db: ReadableDatabase): readonly OwnKey[] {
  const first = prepared<[], { value: string }>(db, `SELECT value FROM meta WHERE name = 'kioskKey'`).get()?.value ?? '';
  const rotated = prepared<[], OwnKey>(
    db,
    `SELECT seq + 1 AS fromSeq, CASE WHEN json_valid(line) THEN coalesce(line ->> '$.body.newKey', '') ELSE '' END AS key
       FROM event WHERE kind = 'KEY_ROTATED' ORDER BY seq`,
  ).all();
  return [{ fromSeq: 1, key: first }, ...rotated];
}

/** The key that signs event `seq`, and the notes of a file that ends with it. */
export function ownKeyAt(db: ReadableDatabase, seq: number): string {
  return ownKeys(db).findLast(({ fromSeq }) => fromSeq <= seq)!.key; // the first is of event 1
}

/** The key in force: what signs the next event. */
export function ownKeyInForce(db: ReadableDatabase): string {
  return ownKeys(db).at(-1)!.key; // one at least
}

/**
 * Keys that are still needed: by the first the county knows this kiosk, as far as it has answered; the last one is in force. They are two
 * between a rotation and the county's answer to the file that ends with it.
 */
export function neededKeys(db: ReadableDatabase): readonly [string, ...string[]] {
  const { posted } = prepared<[], { posted: number }>(
    db,
    `SELECT coalesce(max(up_file.to_seq), 0) AS posted FROM up_file JOIN ack USING (inc, file_seq) WHERE verdict IN ('ACCEPTED', 'DUPLICATE')`,
  ).get()!; // an aggregate has a row
  const keys = ownKeys(db);
  const from = keys.findLastIndex(({ fromSeq }) => fromSeq <= posted + 1);
  const [first, ...others] = keys.slice(from).map(({ key }) => key);
  return [first!, ...others]; // one at least
}

/**
 * Draws a new key and makes it the kiosk's: on the disk before the book names it, so that a stop in between leaves a file that nobody
 * believes, and the next try writes another over it. `key_waits`: the county has not answered to the rotation before this one.
 */
export function rotateOwnKey(
  book: Book,
  home: Home,
  by: KeyRotatedBody['by'],
  draw: () => KeyObject = () => generateKeyPairSync('ed25519').privateKey,
): Result<{ readonly newKey: string }, 'key_waits'> {
  const { db, identity } = book;
  const [oldKey, ...others] = neededKeys(db);
  if (others.length > 0) return fail('key_waits');
  const next = draw();
  const path = join(dirname(home.key), `kiosk-${ownKeys(db).length + 1}.pem`);
  writeFileDurably(path, next.export({ format: 'pem', type: 'pkcs8' }), 0o600);
  const now = book.clock.wallMs();
  const act = { id: uuidv7(now), day: businessDate(Math.max(now, book.lastAt())), op: null };
  const newKey = book.transact(({ append, writeClockStep }) => {
    writeClockStep(act);
    const { seq } = prepared<[], { seq: number }>(db, 'SELECT max(seq) + 1 AS seq FROM event').get()!; // it has its START
    const body = rotationBody({ ...identity, inc: book.head().inc, seq }, { oldKey, next, by });
    const sealAgain = draftsOf(book);
    append({ kind: 'KEY_ROTATED', body, ...act, command: { rotate: body.newKey } });
    sealAgain();
    return body.newKey;
  });
  return ok({ newKey });
}

/** Reads the drafts under the seal of the old key; what it returns puts them under the new one's. A seal that did not hold stays broken. */
function draftsOf(book: Book): () => void {
  const [cart, desk, held] = [readDraft(book), readDeskDraft(book), readHeld(book)];
  const isOurs = (stored: StoredDraft | null): stored is StoredDraft & { readonly draft: object } => stored?.isSealed === true; // it was sealed as one
  return () => {
    if (isOurs(cart)) writeDraft(book, cart.draft);
    if (isOurs(desk)) writeDeskDraft(book, desk.draft);
    for (const { heldId, at, ...stored } of held) {
      if (!isOurs(stored)) continue;
      deleteHeld(book, heldId);
      writeHeld(book, { heldId, at, draft: stored.draft });
    }
  };
}

/**
 * Destroys the private halves that nobody needs any more; never the one in force. Throws what the disk says. What stays of the newest is its
 * pass for the server: a county that is put back from before the change knows this kiosk by that key alone, until it has the change again.
 */
export function dropOldKeys(book: Book, home: Home): void {
  const needed: ReadonlySet<string> = new Set(neededKeys(book.db));
  const signers = readSigners(home);
  assert(signers.has(ownKeyInForce(book.db)), 'the key in force is here');
  const old = [...signers].filter(([key]) => !needed.has(key));
  const [before] = ownKeys(book.db).slice(-2);
  const given = old.find(([key]) => key === before?.key)?.[1].privateKey;
  const pin = countyServerOf(home)?.pin;
  if (given !== undefined && pin !== undefined)
    writeFileDurably(passPath(home), `${pin} ${passBefore({ ...book.identity, pin }, given)}\n`, 0o600);
  for (const [, { path }] of old) rmSync(path, { force: true });
  if (old.length > 0) syncDirectory(dirname(home.key));
}

/** What shows a server who this kiosk is: by every key that the county may go by, as far as it has answered, and by the one before. */
export function passFor(book: Book, home: Home, pin: string): string {
  const [first, ...others] = neededKeys(book.db).map((key) => signerOf(home, key));
  const pass = kioskPass({ ...book.identity, pin }, first!, ...others); // one at least
  const [keptPin, kept] = existsSync(passPath(home)) ? readFileSync(passPath(home), 'utf8').trimEnd().split(' ') : [];
  return keptPin === pin && kept !== undefined ? `${pass},${kept}` : pass;
}

function passPath(home: Home): string {
  return join(dirname(home.key), 'pass-before');
}

/** The private half of one of them. Throws where it is not in the home: a till without its key must not sell. */
export function signerOf(home: Home, key: string): KeyObject {
  const signer = readSigners(home).get(key);
  assert(signer !== undefined, 'the private half of a key in use is in the home');
  return signer.privateKey;
}
