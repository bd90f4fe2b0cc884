// The keys that each kiosk signed with, one after the other: which one is due at which place of its chain, and how the next takes over by
// the kiosk's own event (docs/files.md E11). Never takes a key that anybody had before.

import { keyWordText } from '../../db/model/key-word.ts';
import type { BookEvent } from '../../db/model/event.ts';
import { logOrigin } from '../../db/model/log-root.ts';
import { signNote } from '../../db/model/note.ts';
import { type Result, assert, fail, ok } from '../../db/model/result.ts';
import { type ReadableDatabase, prepared } from '../../db/sqlite.ts';
import { appendEntry } from '../log/log.ts';
import { type Chain, findChain, newestChain } from './chains.ts';
import type { CountyAct, CountyBook } from './county-book.ts';
import { signersInForce } from './county-keys.ts';
import { isUnanswered } from './unanswered.ts';

/** Raw Ed25519 keys in base64url that a kiosk ever signed with, each once, the one in force first. */
export function kioskKeys(db: ReadableDatabase, { kiosk, key }: { readonly kiosk: string; readonly key: string }): readonly string[] {
  const rows = prepared<[string], { old_key: string; new_key: string }>(
    db,
    'SELECT old_key, new_key FROM kiosk_key WHERE kiosk = ? ORDER BY inc, seq',
  ).all(kiosk);
  return [...new Set([key, ...rows.flatMap(({ old_key, new_key }) => [new_key, old_key])])];
}

/**
 * The key that the event after `seq` of a chain is signed with: what the newest KEY_ROTATED up to there says, in the chain or in what it goes
 * on from. `inForce`: the kiosk's, where no event says otherwise.
 */
export function keyAfter(
  db: ReadableDatabase,
  { kiosk, chain, seq, inForce }: { readonly kiosk: string; readonly chain: Chain; readonly seq: number; readonly inForce: string },
): string {
  const newest = prepared<[string, number, number], { new_key: string }>(
    db,
    'SELECT new_key FROM kiosk_key WHERE kiosk = ? AND inc = ? AND seq <= ? ORDER BY seq DESC LIMIT 1',
  );
  let through = seq;
  for (let of: Chain | null = chain; of !== null; of = of.baseInc === null ? null : findChain(db, kiosk, of.baseInc)) {
    const row = newest.get(kiosk, of.inc, through);
    if (row !== undefined) return row.new_key;
    through = Math.min(through, of.baseSeq);
  }
  // every incarnation of a kiosk begins with the same events, and the lowest rotation of all gave up the key of those
  const first = prepared<[string], { old_key: string }>(db, 'SELECT old_key FROM kiosk_key WHERE kiosk = ? ORDER BY seq LIMIT 1').get(
    kiosk,
  );
  return first?.old_key ?? inForce;
}

/**
 * The key by which the next file of an incarnation is believed: that of the chain's end. An incarnation that is not begun goes on with the
 * key in force, and with no older one: whoever has that may have stolen it, so a person gives leave first (allowAgain).
 */
export function keyDue(
  db: ReadableDatabase,
  { kiosk, inc, inForce }: { readonly kiosk: string; readonly inc: number; readonly inForce: string },
): string {
  const chain = findChain(db, kiosk, inc);
  return chain === null ? inForce : keyAfter(db, { kiosk, chain, seq: chain.toSeq, inForce });
}

/**
 * Makes the new key of a KEY_ROTATED that was just posted the kiosk's, where it follows the one in force and its incarnation is the newest;
 * nothing where it was posted before. A machine that a person gave leave to go on without changes its key for itself alone. `known`:
 * somebody had that key; nothing is done.
 */
export function takeNewKey(book: CountyBook, act: CountyAct, event: BookEvent & { readonly kind: 'KEY_ROTATED' }): Result<null, 'known'> {
  const { db } = act;
  const { kiosk, inc, seq } = event;
  const { oldKey, newKey } = event.body;
  if (prepared(db, 'SELECT 1 FROM kiosk_key WHERE kiosk = ? AND inc = ? AND seq = ?').get(kiosk, inc, seq) !== undefined) return ok(null);
  if (isKnownKey(db, newKey)) return fail('known');
  prepared(db, 'INSERT INTO kiosk_key (kiosk, inc, seq, old_key, new_key) VALUES (?, ?, ?, ?, ?)').run(kiosk, inc, seq, oldKey, newKey);
  const isFromInForce = prepared(db, 'SELECT 1 FROM kiosk WHERE kiosk = ? AND key = ?').get(kiosk, oldKey) !== undefined;
  if (isFromInForce && newestChain(db, kiosk)?.inc === inc) putInForce(book, act, { kiosk, from: oldKey, to: newKey });
  return ok(null);
}

/** The kiosk is known by another key from here on; whoever follows the log hears of it. What a person asked for is done. */
export function putInForce(
  book: CountyBook,
  { db }: CountyAct,
  { kiosk, from, to }: { readonly kiosk: string; readonly from: string; readonly to: string },
): void {
  const { changes } = prepared(db, 'UPDATE kiosk SET key = ?, key_asked = NULL, key_number = key_number + 1 WHERE kiosk = ?').run(
    to,
    kiosk,
  );
  assert(changes === 1, 'a kiosk is never removed');
  const { kid } = prepared<[string], { kid: number }>(db, 'SELECT key_number AS kid FROM kiosk WHERE kiosk = ?').get(kiosk)!; // changed just now
  const [privateKey] = signersInForce(book, db);
  for (const [key, what] of [[to, 'begins'] as const, [from, 'ends'] as const]) {
    const text = keyWordText({ county: book.code, whose: kiosk, kid, key, what });
    appendEntry(db, { t: 'KEY', note: signNote(text, { name: logOrigin(book.code), privateKey }) });
  }
}

/** Whether a person said that this key of the kiosk was stolen. */
export function isStolen(db: ReadableDatabase, { kiosk, key }: { readonly kiosk: string; readonly key: string }): boolean {
  return prepared(db, 'SELECT 1 FROM stolen_key WHERE kiosk = ? AND key = ?').get(kiosk, key) !== undefined;
}

/** Whether the kiosk changed that key for another once; it has it all the same where a person gave leave to go back. */
export function wasGivenUp(db: ReadableDatabase, { kiosk, key }: { readonly kiosk: string; readonly key: string }): boolean {
  return prepared(db, 'SELECT 1 FROM kiosk_key WHERE kiosk = ? AND old_key = ?').get(kiosk, key) !== undefined;
}

/** Whether the kiosk ever signed with another key than it does now: somebody may have the other. */
export function hadOtherKey(db: ReadableDatabase, kiosk: string): boolean {
  return prepared(db, 'SELECT 1 FROM kiosk_key WHERE kiosk = ?').get(kiosk) !== undefined;
}

/**
 * A kiosk goes on with `key`, and whoever has its other machine stole it: its keys that `key` does not come from are believed no more,
 * however often that machine changed them.
 */
export function putStolen(act: CountyAct, { kiosk, key }: { readonly kiosk: string; readonly key: string }): void {
  const { db } = act;
  const rows = prepared<[string], { old_key: string; new_key: string }>(db, 'SELECT old_key, new_key FROM kiosk_key WHERE kiosk = ?').all(
    kiosk,
  );
  const before = new Map(rows.map(({ old_key, new_key }) => [new_key, old_key]));
  const ours = new Set<string>();
  for (let each: string | undefined = key; each !== undefined; each = before.get(each)) ours.add(each);
  const entry = act.enter('keys', `${kiosk} goes on with ${key}, its keys of another machine were stolen`);
  const insert = prepared(db, 'INSERT INTO stolen_key (kiosk, key, entry) VALUES (?, ?, ?) ON CONFLICT DO NOTHING');
  for (const each of kioskKeys(db, { kiosk, key })) if (!ours.has(each)) insert.run(kiosk, each, entry);
}

/** SQL, of a row of event: it came in a file of a key that was not in force, and no person has answered for that file. */
export const isInDoubt = `EXISTS (SELECT 1 FROM exception
  WHERE exception.kiosk = event.kiosk AND exception.inc = event.file_inc AND exception.file_seq = event.file_seq AND exception.code = 'ended_key'
    AND ${isUnanswered})`;

/** Whether any kiosk has, or ever had, that key. */
function isKnownKey(db: ReadableDatabase, key: string): boolean {
  return (
    prepared(db, 'SELECT 1 FROM kiosk WHERE key = ? UNION ALL SELECT 1 FROM kiosk_key WHERE ? IN (old_key, new_key)').get(key, key) !==
    undefined
  );
}

/** A person wants the kiosk to have another key: its next file says so, and every one after it until the kiosk has done so. */
export function askNewKey(
  book: CountyBook,
  { kiosk, by }: { readonly kiosk: string; readonly by: string },
): Promise<Result<{ readonly key: string }, 'unknown_kiosk' | 'revoked' | 'not_enrolled'>> {
  return book.transact((act) => {
    const row = prepared<[string], { key: string | null; state: string }>(act.db, 'SELECT key, state FROM kiosk WHERE kiosk = ?').get(
      kiosk,
    );
    if (row === undefined) return fail('unknown_kiosk');
    if (row.state === 'revoked') return fail('revoked');
    if (row.key === null) return fail('not_enrolled');
    act.enter('keys', `${kiosk} is asked for another key, by ${by}`);
    prepared(act.db, 'UPDATE kiosk SET key_asked = key WHERE kiosk = ?').run(kiosk);
    return ok({ key: row.key });
  });
}

/** A kiosk and the key that it is known by. */
export interface KioskByKey {
  readonly kiosk: string;
  /** Raw, base64url; null: it is not enrolled. */
  readonly key: string | null;
  /** The entry of its KEY_ROTATED; `first`: the key that it was enrolled with; `older`: it had a newer one, and went back. */
  readonly since: number | 'first' | 'older';
  /** A person asked it to replace this key, and it has not yet. */
  readonly isAsked: boolean;
  readonly isRevoked: boolean;
}

/** Every kiosk by name, with its key in force. */
export function kiosksByKey(db: ReadableDatabase): readonly KioskByKey[] {
  const newest = prepared<[string], { new_key: string; entry: number }>(
    db,
    `SELECT new_key, entry FROM kiosk_key JOIN event ON event.kiosk = kiosk_key.kiosk AND event.inc = kiosk_key.inc AND event.seq = kiosk_key.seq
      WHERE kiosk_key.kiosk = ? ORDER BY entry DESC LIMIT 1`,
  );
  return prepared<[], { kiosk: string; key: string | null; key_asked: string | null; state: string }>(
    db,
    'SELECT kiosk, key, key_asked, state FROM kiosk ORDER BY kiosk',
  )
    .all()
    .map(({ kiosk, key, key_asked, state }) => {
      const last = newest.get(kiosk);
      return {
        kiosk,
        key,
        since: last === undefined ? 'first' : last.new_key === key ? last.entry : 'older',
        isAsked: key_asked !== null,
        isRevoked: state === 'revoked',
      };
    });
}

/** The key that the kiosk is asked to replace, for the header of its next file; null: none. */
export function keyAsked(db: ReadableDatabase, kiosk: string): string | null {
  return prepared<[string], { key_asked: string | null }>(db, 'SELECT key_asked FROM kiosk WHERE kiosk = ?').get(kiosk)?.key_asked ?? null;
}
