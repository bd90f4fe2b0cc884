// The county's log (RFC 6962): entries are appended and never changed; a root of all of them is signed each day; proofs are made from
// stored heads in O(log n). Runs inside the transaction of whoever calls it, and decides nothing of what is entered.

import type { KeyObject } from 'node:crypto';
import { type LogEntry, logEntryText } from '../../db/model/log-entry.ts';
import { type LogHead, type LogRoot, logOrigin } from '../../db/model/log-root.ts';
import { addSignature, checkpointText, signNote } from '../../db/model/note.ts';
import { type Result, assert, fail, ok } from '../../db/model/result.ts';
import { type ReadableDatabase, type WritableDatabase, prepared } from '../../db/sqlite.ts';
import { parent } from '../../db/tree.ts';
import { type HeadOf, consistencyProof, headAt, inclusionProof, leafHash } from '../../db/tree-proofs.ts';

/** A root that the county signed, with every signature under it. */
export interface SignedRoot extends LogHead {
  readonly note: string;
}

/** Why no proof is made: the log has not that many entries, or the question makes no sense. */
export type ProofRefusal = 'beyond_log' | 'malformed';

/** Appends an entry and returns its index; one that stands there already stays where it is. */
export function appendEntry(db: WritableDatabase, entry: LogEntry): number {
  return appendText(db, logEntryText(entry));
}

/** The same of an entry's bytes as they were once written. */
export function appendText(db: WritableDatabase, text: string): number {
  const hash = leafHash(Buffer.from(text));
  const { known, n } = prepared<[Buffer], { known: number | null; n: number }>(
    db, // one question, where each is waited for
    'SELECT (SELECT n FROM log_leaf WHERE hash = ?) AS known, (SELECT coalesce(max(n), -1) + 1 FROM log_leaf) AS n',
  ).get(hash)!; // it has a row
  if (known !== null) return known;
  assert(prepared(db, 'INSERT INTO log_leaf (n, entry, hash) VALUES (?, ?, ?)').run(n, text, hash).changes === 1, 'an entry is written');
  const headOf = storedHeads(db);
  const keep = prepared(db, 'INSERT INTO log_node (level, n, hash) VALUES (?, ?, ?)');
  let head: Uint8Array = hash;
  // each subtree that this entry completes on its right-hand side gets its head
  for (let level = 0, index = n; index % 2 === 1; level += 1) {
    head = parent(headOf(level, index - 1), head);
    index = (index - 1) / 2;
    assert(keep.run(level + 1, index, head).changes === 1, 'a head is kept');
  }
  return n;
}

/** Entries in the log. */
export function logSize(db: ReadableDatabase): number {
  return prepared<[], { size: number }>(db, 'SELECT coalesce(max(n), -1) + 1 AS size FROM log_leaf').get()!.size; // an aggregate has a row
}

/** The root of the first `size` entries, base64url. Throws RangeError where the log has not so many. */
export function logRootAt(db: ReadableDatabase, size: number): string {
  if (size > logSize(db)) throw new RangeError(`the log has no ${size} entries`);
  return headAt(storedHeads(db), size).toString('base64url');
}

/** That entry `index` is in the log of `size`, for anybody who asks. */
export function logInclusion(
  db: ReadableDatabase,
  { index, size }: { readonly index: number; readonly size: number },
): Result<readonly string[], ProofRefusal> {
  if (!Number.isSafeInteger(size) || !Number.isSafeInteger(index) || index < 0 || index >= size) return fail('malformed');
  if (size > logSize(db)) return fail('beyond_log');
  return ok(textsOf(inclusionProof(storedHeads(db), { index, size })));
}

/** That the log of `from` begins the log of `to`, for anybody who asks. */
export function logConsistency(
  db: ReadableDatabase,
  { from, to }: { readonly from: number; readonly to: number },
): Result<readonly string[], ProofRefusal> {
  if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to) || from < 1 || from > to) return fail('malformed');
  if (to > logSize(db)) return fail('beyond_log');
  return ok(textsOf(consistencyProof(storedHeads(db), { from, to })));
}

/** Entries `from` up to and without `to`, as their bytes are, no more than `logEntriesMax`. */
export function logEntries(db: ReadableDatabase, { from, to }: { readonly from: number; readonly to: number }): readonly string[] {
  return prepared<[number, number, number], { entry: string }>(db, 'SELECT entry FROM log_leaf WHERE n >= ? AND n < ? ORDER BY n LIMIT ?')
    .all(from, to, logEntriesMax)
    .map(({ entry }) => entry);
}

/** All entries of one kind, oldest first. Reads the whole log. */
export function entriesOf<Name extends LogEntry['t']>(db: ReadableDatabase, name: Name): readonly (LogEntry & { readonly t: Name })[] {
  return prepared<[string], { entry: string }>(db, 'SELECT entry FROM log_leaf WHERE entry LIKE ? ORDER BY n')
    .all(`%"t":"${name}"%`)
    .map(({ entry }) => JSON.parse(entry) as LogEntry & { readonly t: Name }); // appendEntry wrote it
}

/** Told at one time: with notes of a few hundred bytes below a megabyte. */
const logEntriesMax = 1_000;

/** Signs the root of everything in the log now. Null: it is empty. Where nothing came since the newest root, that one. */
export function sealLog(
  db: WritableDatabase,
  {
    county,
    fileKey,
    also = [],
    day,
  }: {
    readonly county: string;
    readonly fileKey: KeyObject;
    /** Other keys in force: some kiosks know only those yet. */
    readonly also?: readonly KeyObject[];
    readonly day: string;
  },
): SignedRoot | null {
  const size = logSize(db);
  const newest = newestRoot(db);
  if (newest !== null && newest.size === size) return newest;
  if (size === 0) return null;
  const root = logRootAt(db, size);
  const name = logOrigin(county);
  const note = also.reduce(
    (signed, privateKey) => addSignature(signed, { name, privateKey }),
    signNote(checkpointText(name, { size, root }), { name, privateKey: fileKey }),
  );
  keepRoot(db, { size, root, day, note });
  return { size, root, note };
}

/** Writes down a root that was signed. */
function keepRoot(db: WritableDatabase, { size, root, day, note }: SignedRoot & { readonly day: string }): void {
  const { changes } = prepared(db, 'INSERT INTO log_root (size, root, day, note) VALUES (?, ?, ?, ?)').run(size, root, day, note);
  assert(changes === 1, 'a root is kept');
}

/** Writes down a root of this log that was signed before the book was put back; one that the book knows stays as it is. */
export function keepRootAgain(db: WritableDatabase, root: SignedRoot): void {
  if (isRootKnown(db, root.size)) return;
  assert(logRootAt(db, root.size) === root.root, 'a root that is kept again is the log’s own');
  keepRoot(db, { ...root, day: dayOfRecovered });
}

/** The day of a root is in the book alone, and was lost with it. */
const dayOfRecovered = '';

/** Whether the book knows that the root of that size was signed. */
export function isRootKnown(db: ReadableDatabase, size: number): boolean {
  return prepared<[number], object>(db, 'SELECT 1 FROM log_root WHERE size = ?').get(size) !== undefined;
}

/** The newest root that the county signed. */
export function newestRoot(db: ReadableDatabase): SignedRoot | null {
  return rootWhere(db, 'SELECT size, root, note FROM log_root ORDER BY size DESC LIMIT 1');
}

/** The root of that size, which the county signed, with every signature under it. */
export function signedRoot(db: ReadableDatabase, size: number): SignedRoot {
  const row = prepared<[number], SignedRoot>(db, 'SELECT size, root, note FROM log_root WHERE size = ?').get(size);
  assert(row !== undefined, 'a root that somebody signed was signed by the county');
  return { size, root: row.root, note: row.note + cosignaturesOf(db, size) };
}

/** The newest that somebody signed with the county. */
function newestCosigned(db: ReadableDatabase): SignedRoot | null {
  return rootWhere(db, 'SELECT size, root, note FROM log_root WHERE size = (SELECT max(size) FROM log_cosignature)');
}

function rootWhere(db: ReadableDatabase, sql: string): SignedRoot | null {
  const row = prepared<[], SignedRoot>(db, sql).get();
  return row === undefined ? null : { size: row.size, root: row.root, note: row.note + cosignaturesOf(db, row.size) };
}

function cosignaturesOf(db: ReadableDatabase, size: number): string {
  return prepared<[number], { line: string }>(db, 'SELECT line FROM log_cosignature WHERE size = ? ORDER BY name')
    .all(size)
    .map(({ line }) => line)
    .join('');
}

/**
 * What file `downSeq` to a kiosk says of the log, written down so that the next proof starts there; asked again, the same. The
 * committee signs by day: the newest root that it has signed goes first, and where the kiosk has that, the newest of all. Null: no root
 * is signed yet.
 */
export function giveRoot(
  db: WritableDatabase,
  { kiosk, inc, downSeq }: { readonly kiosk: string; readonly inc: number; readonly downSeq: number },
): LogRoot | null {
  const given = prepared<[string, number, number], { note: string; proof: string }>(
    db,
    'SELECT note, proof FROM log_given WHERE kiosk = ? AND down_seq = ? AND inc = ?',
  ).get(kiosk, downSeq, inc);
  if (given !== undefined) return { note: given.note, proof: JSON.parse(given.proof) as readonly string[] }; // written below
  const before = heldBy(db, { kiosk, inc, downSeq });
  const newest = newestRoot(db);
  if (newest === null) return null;
  const cosigned = newestCosigned(db);
  const { size, note } = cosigned !== null && cosigned.size > before ? cosigned : newest;
  const proof = before === 0 ? [] : textsOf(consistencyProof(storedHeads(db), { from: before, to: size }));
  const { changes } = prepared(db, 'INSERT INTO log_given (kiosk, down_seq, inc, size, note, proof) VALUES (?, ?, ?, ?, ?, ?)').run(
    kiosk,
    downSeq,
    inc,
    size,
    note,
    JSON.stringify(proof),
  );
  assert(changes === 1, 'a root is given');
  return { note, proof };
}

/** Size of the root that the kiosk holds before this file: of the last one written to it, or what it echoed since, where that was lost. */
function heldBy(
  db: ReadableDatabase,
  { kiosk, inc, downSeq }: { readonly kiosk: string; readonly inc: number; readonly downSeq: number },
): number {
  const given = prepared<[string, number], { size: number }>(
    db,
    'SELECT size FROM log_given WHERE kiosk = ? AND down_seq < ? ORDER BY down_seq DESC, inc DESC LIMIT 1',
  ).get(kiosk, downSeq);
  const echoed = prepared<[string, number], LogHead>(
    db,
    'SELECT size, root FROM log_echo WHERE kiosk = ? AND inc = ? ORDER BY size DESC LIMIT 1',
  ).get(kiosk, inc);
  // not only roots that log_root has: one may be signed after the copy that was put back, over entries that the copy has
  const isOurs = echoed !== undefined && echoed.size <= logSize(db) && logRootAt(db, echoed.size) === echoed.root;
  return Math.max(given?.size ?? 0, isOurs ? echoed.size : 0);
}

/** Stored heads of whole subtrees. */
export function storedHeads(db: ReadableDatabase): HeadOf {
  const leaf = prepared<[number], { hash: Buffer }>(db, 'SELECT hash FROM log_leaf WHERE n = ?');
  const node = prepared<[number, number], { hash: Buffer }>(db, 'SELECT hash FROM log_node WHERE level = ? AND n = ?');
  return (level, index) => {
    const row = level === 0 ? leaf.get(index) : node.get(level, index);
    assert(row !== undefined, `the log has the head of ${2 ** level} entries from ${index * 2 ** level}`);
    return row.hash;
  };
}

function textsOf(proof: readonly Buffer[]): readonly string[] {
  return proof.map((each) => each.toString('base64url'));
}
