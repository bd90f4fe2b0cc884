// The county's own keys: every one it ever had, since when and until when, and which of them a kiosk believes at a moment. Signs with
// them; makes none and ends none (rotation.ts).
//
// A kiosk believes the KEY lines of the files that it applied, and files apply in order. So a file is signed with a key that the files
// before it brought: from the next one on with the new key, without waiting for anybody's word. A voucher is scanned whenever it comes and
// has one signature: it waits for the kiosk's own DOWN_APPLIED. Answers and roots go out of order or to many: they bear a signature of
// every key that somebody may still go by.

import { type KeyObject, createPrivateKey } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { BookEvent } from '../../db/model/event.ts';
import { rawPublicKey } from '../../db/model/keys.ts';
import type { LogRoot } from '../../db/model/log-root.ts';
import { logOrigin } from '../../db/model/log-root.ts';
import { addSignature, signNote } from '../../db/model/note.ts';
import { assert } from '../../db/model/result.ts';
import { type ReadableDatabase, prepared } from '../../db/sqlite.ts';
import type { CountyBook, CountyFolder } from './county-book.ts';
import { newestIncarnation } from './rights.ts';
import { takenUpKind } from './taken-up.ts';

/** What a key is for: sealing cards, or signing files, answers, vouchers and roots. */
export type KeyUse = 'card' | 'file';

export interface CountyKey {
  readonly kid: number;
  /** Raw, base64url. */
  readonly key: string;
  /** Entry that first said it. */
  readonly began: number;
  /** Entry that ended it; null: it is in force. */
  readonly ended: number | null;
}

/** And its private half, where the folder has it. */
interface OwnKey extends CountyKey {
  readonly privateKey: KeyObject;
}

/** Every key of that use that the county ever told, by number. */
export function countyKeys(db: ReadableDatabase, use: KeyUse): readonly CountyKey[] {
  return prepared<[string], CountyKey>(db, 'SELECT kid, key, began, ended FROM county_key WHERE use = ? ORDER BY kid').all(use);
}

/**
 * Public halves (raw) of every file key that there ever was: what one of them signed was signed by this county. Those of the folder, too: a
 * book that was put back from an older copy may not know of the newest.
 */
export function everyFileKey(book: CountyBook, db: ReadableDatabase): readonly Uint8Array[] {
  const drawn = folderFileKeys(book.folder).map((key) => Buffer.from(key).toString('base64url'));
  const keys = new Set([textOf(book.signer), ...countyKeys(db, 'file').map(({ key }) => key), ...drawn]);
  return [...keys].map((key) => new Uint8Array(Buffer.from(key, 'base64url')));
}

/** Public halves (raw) of the file keys whose private halves the folder keeps, told to anybody or not. */
export function folderFileKeys(folder: CountyFolder): readonly Uint8Array[] {
  return [...readPrivateKeys(folder)].filter(([name]) => name.startsWith('file ')).map(([, key]) => rawPublicKey(key));
}

/** The private half of a key that the folder keeps, or null. */
export function privateKeyOf(folder: CountyFolder, use: KeyUse, key: string): KeyObject | null {
  const known = kept.get(folder)?.get(`${use} ${key}`);
  if (known !== undefined) return known;
  const read = readPrivateKeys(folder); // a new one since the last look
  kept.set(folder, read);
  return read.get(`${use} ${key}`) ?? null;
}

/** Read once for each open book: an answer is signed within the act that posts its file. */
const kept = new WeakMap<CountyFolder, ReadonlyMap<string, KeyObject>>();

/** `file.pem`, `card.pem` are the first; later ones have their number: `file-101.pem`. */
const keyFiles = /^(card|file)(-\d{1,3})?\.pem$/;

function readPrivateKeys({ keys }: CountyFolder): ReadonlyMap<string, KeyObject> {
  const found = new Map<string, KeyObject>();
  for (const name of readdirSync(keys).toSorted()) {
    const use = keyFiles.exec(name)?.[1];
    if (use === undefined) continue;
    const privateKey = createPrivateKey(readFileSync(join(keys, name), 'utf8'));
    found.set(`${use} ${textOf(privateKey)}`, privateKey);
  }
  return found;
}

/** Whether the folder has any key to seal cards with, told to kiosks or not. */
export function hasCardKey(folder: CountyFolder): boolean {
  return [...readPrivateKeys(folder).keys()].some((key) => key.startsWith('card '));
}

function textOf(key: KeyObject): string {
  return Buffer.from(rawPublicKey(key)).toString('base64url');
}

/** File keys of which the folder has the private half, by number. One that no line told yet was there from the beginning. */
function ownKeys(book: CountyBook, db: ReadableDatabase): readonly OwnKey[] {
  const own = countyKeys(db, 'file').flatMap((each) => {
    const privateKey = privateKeyOf(book.folder, 'file', each.key);
    return privateKey === null ? [] : [{ ...each, privateKey }];
  });
  return own.length > 0 ? own : [{ kid: 0, key: textOf(book.signer), began: 0, ended: null, privateKey: book.signer }];
}

/** Whoever heard everything up to that entry believes these. */
function believedAt(keys: readonly OwnKey[], entry: number): readonly OwnKey[] {
  return keys.filter(({ began, ended }) => began <= entry && (ended === null || ended > entry));
}

/**
 * Signatures of the county's under one text at most. A kiosk reads a root of 4,096 letters with one of the committee's under it as well
 * (committee.ts), answers and notes of 8 KB, and the log keeps notes of 4,096 letters.
 */
const signersMax = 24;

/** File keys in force at once (rotation.ts): each of them signs every root and answer. */
export const inForceMax = 12;

/**
 * Of `keys` as many as a text can bear, for somebody who heard everything up to `since`, and perhaps what was said later: first as few as are
 * enough whatever it was that they heard, then those in force, then those that ended last.
 */
function needed(keys: readonly OwnKey[], since: number): readonly OwnKey[] {
  const lastingFirst = keys.toSorted((a, b) => (b.ended ?? Infinity) - (a.ended ?? Infinity) || b.kid - a.kid);
  const enough: OwnKey[] = [];
  for (let at = Math.max(since, Math.min(...keys.map(({ began }) => began))); ;) {
    const [lasting] = believedAt(lastingFirst, at);
    if (lasting === undefined) break;
    enough.push(lasting);
    if (lasting.ended === null) break;
    at = lasting.ended; // who heard of that goes by another
  }
  const ends = enough.length <= signersMax ? enough : [...enough.slice(0, 1), ...enough.slice(1 - signersMax)]; // what it said to have, and the newest
  return [...new Set([...ends, ...lastingFirst])].slice(0, signersMax);
}

function inForce(keys: readonly OwnKey[]): readonly OwnKey[] {
  const active = keys.filter(({ ended }) => ended === null);
  assert(active.length > 0, 'the county has a file key: the last one is never ended');
  return active;
}

/** The private halves of the file keys in force, the newest first: what the day's root and the county's own papers are signed with. */
export function signersInForce(book: CountyBook, db: ReadableDatabase): readonly [KeyObject, ...KeyObject[]] {
  const [first, ...others] = inForce(ownKeys(book, db))
    .map(({ privateKey }) => privateKey)
    .toReversed();
  return [first!, ...others]; // one at least
}

/** A note of the county that every key in force signed. */
export function countyNote(book: CountyBook, db: ReadableDatabase, text: string): string {
  return noteBy(book, text, signersInForce(book, db));
}

/** An answer to a kiosk: signed with every key that it may still go by, whichever files of the county it has applied. */
export function answerNote(
  book: CountyBook,
  db: ReadableDatabase,
  { kiosk, text }: { readonly kiosk: string; readonly text: string },
): string {
  const keys = ownKeys(book, db);
  const hasEnded = keys.some(({ ended }) => ended !== null);
  const applied = hasEnded ? appliedEntry(db, kiosk) : 0;
  const may = keys.filter(({ ended }) => ended === null || ended > applied);
  return noteBy(
    book,
    text,
    needed(may, applied).map(({ privateKey }) => privateKey),
  );
}

/** An answer as it was given, and where no key in force signed it, with such a signature besides: a kiosk may ask for it again late. */
export function answerAgain(book: CountyBook, db: ReadableDatabase, note: string): string {
  const keys = ownKeys(book, db);
  if (keys.length === 1) return note;
  return addSignature(note, { name: book.name, privateKey: inForce(keys).at(-1)!.privateKey }); // one at least
}

function noteBy(book: CountyBook, text: string, keys: readonly KeyObject[]): string {
  const [first, ...others] = keys;
  assert(first !== undefined, 'a note has a signature');
  const note = signNote(text, { name: book.name, privateKey: first });
  return others.reduce((signed, privateKey) => addSignature(signed, { name: book.name, privateKey }), note);
}

/**
 * What signs the next file to a kiosk that was told everything up to `told`: the newest key that its files brought. Before its first file
 * a kiosk believes the key of its enrolment, which may be any that is in force. `isFirstAgain`: it is the first since the book was put back,
 * and what the kiosk has was told by a book that is lost, however late this one took it up: every key signs that it may have been told, as the file says them all.
 */
export function downSigners(
  book: CountyBook,
  db: ReadableDatabase,
  { told, isFirstAgain }: { readonly told: number; readonly isFirstAgain: boolean },
): readonly [KeyObject, ...KeyObject[]] {
  const keys = ownKeys(book, db);
  const newest = believedAt(keys, told).at(-1);
  if (newest === undefined) return signersInForce(book, db);
  const others = isFirstAgain ? needed(keys, told).filter((each) => each !== newest) : [];
  return [newest.privateKey, ...others.slice(0, signersMax - 1).map(({ privateKey }) => privateKey)];
}

/** A root for one kiosk: with the signatures, too, of the keys that its file is signed with. */
export function rootFor(book: CountyBook, root: LogRoot, signers: readonly KeyObject[]): LogRoot {
  const name = logOrigin(book.code);
  return { ...root, note: signers.reduce((note, privateKey) => addSignature(note, { name, privateKey }), root.note) };
}

/** What signs a voucher for a kiosk: the newest key that it said to have applied; before it said anything, the newest that it was sent. */
export function voucherSigner(book: CountyBook, db: ReadableDatabase, kiosk: string): KeyObject {
  const keys = ownKeys(book, db);
  if (keys.length === 1) return keys[0]!.privateKey;
  const told = prepared<[string], { told: number }>(db, 'SELECT told_entry AS told FROM kiosk WHERE kiosk = ?').get(kiosk)?.told ?? 0;
  const held = [appliedEntry(db, kiosk), told].map((entry) => believedAt(keys, entry).at(-1)).find((each) => each !== undefined);
  return (held ?? inForce(keys)[0]!).privateKey; // one at least
}

/**
 * The entry of the newest file that told the kiosk something and, by its posted events, took effect; 0: none of its incarnation. One that was
 * taken up knew nothing of what the book says by then: the one before it counts.
 */
function appliedEntry(db: ReadableDatabase, kiosk: string): number {
  const row = prepared<[string, number], { line: string }>(
    db,
    `SELECT line FROM event WHERE kiosk = ? AND inc = ? AND kind = 'DOWN_APPLIED' ORDER BY seq DESC LIMIT 1`,
  ).get(kiosk, newestIncarnation(db, kiosk));
  if (row === undefined) return 0;
  const { body } = JSON.parse(row.line) as BookEvent & { readonly kind: 'DOWN_APPLIED' }; // the kind was asked for
  return (
    prepared<[string, string, string, number, string], { entry: number | null }>(
      db,
      `SELECT max(told.entry) AS entry FROM down_file AS told JOIN act ON act.entry = told.entry WHERE told.kiosk = ? AND told.tells = 1
          AND act.kind <> ? AND told.entry <= (SELECT entry FROM down_file WHERE kiosk = ? AND down_seq = ? AND sha256 = ?)`,
    ).get(kiosk, takenUpKind, kiosk, body.downSeq, body.sha256)?.entry ?? 0
  );
}
