// A new key of the county takes the place of an old one: as an act of its book, a KEY line of the next files, and an entry of the log that
// the key before signed. Both are in force until somebody ends the old one; the last key of a use is never ended.

import { type KeyObject, generateKeyPairSync } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { syncDirectory, writeFileDurably } from '../../db/files.ts';
import { rawPublicKey } from '../../db/model/keys.ts';
import { type KeyWord, keyWordText } from '../../db/model/key-word.ts';
import { logOrigin } from '../../db/model/log-root.ts';
import { signNote } from '../../db/model/note.ts';
import { type Result, fail, ok } from '../../db/model/result.ts';
import { type ReadableDatabase, prepared } from '../../db/sqlite.ts';
import { appendEntry } from '../log/log.ts';
import type { CountyAct, CountyBook } from './county-book.ts';
import { type KeyUse, countyKeys, inForceMax, privateKeyOf, signersInForce } from './county-keys.ts';
import { deniedThrough } from './issued-cards.ts';
import { everyKiosk, putMaster } from './master.ts';

export interface NewKey {
  readonly kid: number;
  /** Raw, base64url. */
  readonly key: string;
}

/** A card says its key in one byte, and KEY lines have one row of numbers for each use. */
const kidMax = 255;

/**
 * Draws a key and tells every kiosk of it with its next file. The private half is on the disk before the book names it: a program that
 * dies in between leaves a file that nobody ever believes, and its number is passed over.
 */
export function rotateKey(
  book: CountyBook,
  { use, by }: { readonly use: KeyUse; readonly by: string },
): Promise<Result<NewKey, 'no_key' | 'no_more_numbers' | 'too_many'>> {
  return book.transact((act) => {
    const known = countyKeys(act.db, use);
    if (known.length === 0) return fail('no_key'); // nothing that a kiosk was told before could vouch for it
    const kid = 1 + Math.max(...known.map((each) => each.kid), ...numbersOnDisk(book, use));
    if (kid > kidMax) return fail('no_more_numbers');
    if (use === 'file' && known.filter(({ ended }) => ended === null).length >= inForceMax) return fail('too_many');
    const { privateKey } = generateKeyPairSync('ed25519');
    writeFileDurably(join(book.folder.keys, `${use}-${kid}.pem`), pemOf(privateKey), 0o600);
    syncDirectory(book.folder.keys);
    const key = Buffer.from(rawPublicKey(privateKey)).toString('base64url');
    const [signer] = signersInForce(book, act.db); // before the new one is: it vouches for nothing yet
    const entry = act.enter('keys', `${use} ${kid} begins, by ${by}`);
    putMaster(act, { t: 'KEY', kid, use, key, active: true }, { scope: everyKiosk, entry });
    if (use === 'file') log(book, act, { whose: 'file', kid, key, what: 'begins' }, signer);
    return ok({ kid, key });
  });
}

/** A file that is there was somebody's number once: its book may have been put back from before it was told. */
function numbersOnDisk({ folder }: CountyBook, use: KeyUse): readonly number[] {
  return readdirSync(folder.keys).flatMap((name) => {
    const number = new RegExp(`^${use}-(\\d{1,3})\\.pem$`).exec(name)?.[1];
    return number === undefined ? [] : [Number(number)];
  });
}

function pemOf(key: KeyObject): string {
  return key.export({ format: 'pem', type: 'pkcs8' }).toString();
}

export type RetireRefusal =
  | 'unknown_key'
  /** It was ended before. */
  | 'ended'
  /** No other key of that use, of which the private half is here, would be in force. */
  | 'last_key';

/** Cards in force that were sealed with a key: nobody can use them once it is ended. */
export function cardsUnder(db: ReadableDatabase, kid: number): number {
  const rows = prepared<[number], { resident: string; issue: number }>(
    db,
    `SELECT resident, max(issue) AS issue FROM card GROUP BY resident HAVING max(CASE WHEN kid = ? THEN issue ELSE 0 END) = max(issue)`,
  ).all(kid);
  return rows.filter(({ resident, issue }) => issue > deniedThrough(db, resident)).length;
}

/**
 * Ends a key: kiosks believe it no more from the next file on. Its private half stays in the folder, since a kiosk that is put back from
 * an old backup knows the county by no other.
 */
export function retireKey(
  book: CountyBook,
  { use, kid, by }: { readonly use: KeyUse; readonly kid: number; readonly by: string },
): Promise<Result<null, RetireRefusal>> {
  return book.transact((act) => {
    const known = countyKeys(act.db, use);
    const key = known.find((each) => each.kid === kid);
    if (key === undefined) return fail('unknown_key');
    if (key.ended !== null) return fail('ended');
    const others = known.filter((each) => each.kid !== kid && each.ended === null && privateKeyOf(book.folder, use, each.key) !== null);
    if (others.length === 0) return fail('last_key');
    const entry = act.enter('keys', `${use} ${kid} ends, by ${by}`);
    putMaster(act, { t: 'KEY', kid, use, key: key.key, active: false }, { scope: everyKiosk, entry });
    if (use === 'file') log(book, act, { whose: 'file', kid, key: key.key, what: 'ends' }, signersInForce(book, act.db)[0]);
    return ok(null);
  });
}

/** Writes the key's beginning or end into the log, for everybody who follows the county by its signatures. */
function log(book: CountyBook, { db }: CountyAct, word: Omit<KeyWord, 'county'>, privateKey: KeyObject): void {
  const note = signNote(keyWordText({ county: book.code, ...word }), { name: logOrigin(book.code), privateKey });
  appendEntry(db, { t: 'KEY', note });
}
